"""What a taper costs: tablets, money, length, and the doses that cannot be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import pandas as pd

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.prices.errors import PriceError
from costmodel.prices.regimen.cheapest import DoseError, Regimen, build, counts_for, text_of
from costmodel.prices.regimen.pace import pace_warnings
from costmodel.prices.regimen.pieces import ADVICE, Product, Shelf, Splitting, shelf
from costmodel.prices.regimen.schedules import TaperSchedule, TaperStep
from costmodel.prices.regimen.solving import Counts
from costmodel.prices.table import PriceTable

NOT_MAKEABLE = ("nearest", "error", "up", "down")
"""What to do with a dose that cannot be made."""


@dataclass(frozen=True)
class MadeIntake:
    """One intake as it can be made; ``below_mg`` and ``above_mg`` are set when it cannot be made exactly."""

    dose_mg: Fraction
    used_mg: Fraction
    counts: Counts
    below_mg: Fraction | None = None
    above_mg: Fraction | None = None

    @property
    def makeable(self) -> bool:
        """Whether the dose used is the dose of the schedule."""
        return self.used_mg == self.dose_mg


@dataclass(frozen=True)
class CostedStep:
    """A step of the schedule, how its intakes can be made, and what is taken."""

    step: TaperStep
    intakes: tuple[MadeIntake, ...]
    regimen: Regimen

    @property
    def used_mg(self) -> Fraction:
        """Milligrams a day that are taken."""
        return sum((intake.used_mg for intake in self.intakes), Fraction(0))

    @property
    def makeable(self) -> bool:
        """Whether every intake can be made exactly."""
        return all(intake.makeable for intake in self.intakes)

    @property
    def cost(self) -> Fraction:
        """What is used in the whole step costs."""
        return self.regimen.exact_cost * self.step.days


@dataclass(frozen=True, repr=False)
class Taper:
    """A schedule with the cheapest tablets for each step. An economic calculation, not prescribing advice.

    Attributes
    ----------
    schedule : TaperSchedule
    steps : tuple of CostedStep
    shelf : Shelf
        What could be taken, under which rule of splitting, at whose prices.
    packs : bool
        Whether whole packs are bought, or single tablets.
    """

    schedule: TaperSchedule
    steps: tuple[CostedStep, ...]
    shelf: Shelf
    packs: bool

    @property
    def days(self) -> int:
        """Length of the taper."""
        return self.schedule.days

    @property
    def currency(self) -> str:
        """The currency of the prices; blank where a frame does not state it."""
        return self.shelf.basis["currency"]

    @property
    def cost_used(self) -> float:
        """What is used costs: the sum over the steps."""
        return float(sum((step.cost for step in self.steps), Fraction(0)))

    @property
    def cost(self) -> float:
        """What is bought costs: whole tablets, or whole packs. Never below ``cost_used``.

        A half that is kept is used before another tablet is cut, so that over the whole taper at most
        one cut tablet of each product is left over.
        """
        return float(sum((self._paid(item, used) for item, used in self._used().items()), Fraction(0)))

    @property
    def warnings(self) -> tuple[str, ...]:
        """One text per step: where the doses *used* go faster than the guideline's bound; else blank."""
        return tuple(pace_warnings([(item.step.days, item.used_mg) for item in self.steps]))

    @property
    def note(self) -> str:
        """That this is no prescribing advice."""
        return ADVICE

    def tablets(self) -> pd.DataFrame:
        """Return one row per product: tablets ``used``, tablets ``bought``, ``unit_price`` and ``cost``.

        With whole packs, also ``packs``. ``cost`` is of what is bought; it sums to :attr:`cost`.
        """
        rows = []
        for item, used in self._used().items():
            row: dict[str, Any] = {
                "product": item.product,
                "strength_mg": float(item.strength_mg),
                "form": item.form,
                "used": float(used),
                "bought": float(self._bought(item, used)),
            }
            if self.packs:
                row["packs"] = int(self._bought(item, used) / _pack(item))
            paid = float(self._paid(item, used))
            rows.append(row | {"unit_price": float(item.unit_price), "cost": paid, "currency": self.currency})
        return pd.DataFrame(rows)

    def frame(self) -> pd.DataFrame:
        """Return one row per step of the schedule.

        ``dose_mg`` is the schedule's, ``used_mg`` what can be made, ``deviation_mg`` used minus scheduled.
        ``below_mg`` and ``above_mg`` are the nearest daily doses whose every intake can be made, missing
        where the dose itself can be made or where there is none. ``cost`` is of what the step uses,
        ``cumulative_cost`` up to its end. ``schedule_warning`` and ``warning`` hold the schedule's doses
        and the doses used against the guideline's bound.
        """
        rows, start, total = [], 0, Fraction(0)
        texts = zip(self.steps, self.schedule.warnings, self.warnings, strict=True)
        for place, (item, scheduled, used) in enumerate(texts, start=1):
            total += item.cost
            rows.append(
                {
                    "step": place,
                    "start_day": start,
                    "days": item.step.days,
                    "dose_mg": item.step.dose_mg,
                    "used_mg": float(item.used_mg),
                    "deviation_mg": float(item.used_mg - item.step.exact_mg),
                    "makeable": item.makeable,
                    "below_mg": _side(item, "below_mg"),
                    "above_mg": _side(item, "above_mg"),
                    "taken": text_of(item.regimen),
                    "units_a_day": item.regimen.units_a_day,
                    "tablets": item.regimen.tablets_a_day * item.step.days,
                    "cost": float(item.cost),
                    "cumulative_cost": float(total),
                    "currency": self.currency,
                    "schedule_warning": scheduled,
                    "warning": used,
                    "note": ADVICE,
                }
            )
            start += item.step.days
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        wrong = sum(not step.makeable for step in self.steps)
        steps = "1 step" if len(self.steps) == 1 else f"{len(self.steps)} steps"
        return (
            f"{self.schedule.name}: {self.days} days, {steps} ({wrong} cannot be made "
            f"exactly), {self.cost:.6g} {self.currency}. {ADVICE}"
        )

    def _used(self) -> dict[Product, Fraction]:
        used: dict[Product, Fraction] = {}
        for item in self.steps:
            for line in item.regimen.lines:
                amount = line.count * line.piece.tablets * item.step.days
                used[line.piece.product] = used.get(line.piece.product, Fraction(0)) + amount
        return used

    def _bought(self, item: Product, used: Fraction) -> Fraction:
        return ceil(used / _pack(item)) * _pack(item) if self.packs else Fraction(ceil(used))

    def _paid(self, item: Product, used: Fraction) -> Fraction:
        return self._bought(item, used) * item.unit_price


def taper(
    schedule: TaperSchedule,
    products: PriceTable | pd.DataFrame,
    *,
    splitting: Splitting = "none",
    halves: str = "kept",
    forms: Sequence[str] | None = None,
    when_not_makeable: str = "nearest",
    packs: bool = False,
) -> Taper:
    """Return what a taper costs when each intake is made of the cheapest tablets. No prescribing advice.

    Each intake of each step is a problem of :func:`costmodel.prices.cheapest_regimen`. Whole packs are
    not assumed, and the choice of tablets does not look ahead to packs.

    Parameters
    ----------
    schedule : TaperSchedule
    products, splitting, halves, forms
        As in :func:`costmodel.prices.cheapest_regimen`.
    when_not_makeable : {"nearest", "error", "up", "down"}, default "nearest"
        What is taken in place of an intake that cannot be made: the nearest that can (of two equally
        near the higher, the slower reduction), an error, the next above, or the next below. Nothing at
        all is no dose: where none is below, ``nearest`` takes the one above and ``down`` is an error.
    packs : bool, default False
        Buy whole packs of ``pack_size`` and round up.

    Raises
    ------
    DoseError
        An intake cannot be made and ``when_not_makeable`` leaves no choice.
    PriceError
        The products are mixed, or packs are asked for and no pack size is known.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> from costmodel.prices import label_taper, read_prices
    >>> brand = read_prices(dataset_path("us/nadac")).select(class_="brand")
    >>> found = taper(label_taper(2), brand)
    >>> found  # doctest: +NORMALIZE_WHITESPACE
    US label: 24 days, 8 steps (6 cannot be made exactly), 135.536 USD.
    An economic calculation, not prescribing advice.
    >>> found.frame()[["dose_mg", "used_mg", "makeable"]].iloc[:3].values.tolist()
    [[2.0, 2.0, True], [1.75, 2.0, False], [1.5, 2.0, False]]
    """
    one_of(when_not_makeable, NOT_MAKEABLE, "when_not_makeable")
    offer = shelf(products, splitting=splitting, halves=halves, forms=forms)
    if packs and any(piece.product.pack_size is None for piece in offer.pieces):
        raise PriceError("whole packs need the column pack_size; give it, or leave packs=False")
    known: dict[Fraction, MadeIntake] = {}
    steps = []
    for step in schedule.steps:
        for amount in step.intakes:
            if amount not in known:
                known[amount] = _made(offer, amount, when_not_makeable)
        made = tuple(known[amount] for amount in step.intakes)
        regimen = build(offer, step.intakes, [intake.counts for intake in made])
        steps.append(CostedStep(step, made, regimen))
    return Taper(schedule, tuple(steps), offer, packs)


def _made(offer: Shelf, amount: Fraction, rule: str) -> MadeIntake:
    try:
        return MadeIntake(amount, amount, counts_for(offer, amount))
    except DoseError as problem:
        used = _instead(amount, problem, rule)
        if used is None:
            raise
        return MadeIntake(amount, used, counts_for(offer, used), problem.below_mg, problem.above_mg)


def _instead(amount: Fraction, problem: DoseError, rule: str) -> Fraction | None:
    below, above = problem.below_mg, problem.above_mg
    if rule == "nearest" and below is not None and above is not None:
        return above if above - amount <= amount - below else below
    return {"nearest": above if below is None else below, "up": above, "down": below, "error": None}[rule]


def _side(item: CostedStep, side: str) -> float | None:
    """Return the nearest daily dose below or above: intakes that can be made stay as they are."""
    if item.makeable:
        return None
    amounts = [intake.dose_mg if intake.makeable else getattr(intake, side) for intake in item.intakes]
    return None if None in amounts else float(sum(amounts))


def _pack(item: Product) -> Fraction:
    assert item.pack_size is not None
    return item.pack_size


def compare_tapers(tapers: Mapping[str, Taper]) -> pd.DataFrame:
    """Return tapers side by side, such as brand and generic of one schedule.

    Parameters
    ----------
    tapers : mapping of str to Taper
        In one currency.

    Returns
    -------
    DataFrame
        One row per taper: ``days, steps``; ``not_made``, the steps whose dose cannot be made, and
        ``days_not_made``; ``largest_deviation_mg``, signed; ``mg_scheduled`` and ``mg_used`` over the whole
        taper; ``tablets`` bought; ``cost_used`` and ``cost`` (of what is bought); ``times_cheapest``, the
        cost over the lowest; ``warnings``, the steps whose doses used go beyond the guideline's bound.
        Tapers that use different amounts are not the same treatment: compare ``mg_used`` first.

    Raises
    ------
    PriceError
        Currencies differ.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> from costmodel.prices import protocol_taper, read_prices
    >>> table = read_prices(dataset_path("us/nadac")).select(form="tablet")
    >>> sides = {name: table.select(class_=name) for name in ("brand", "generic")}
    >>> scored = {0.5: 0.5}
    >>> found = {name: taper(protocol_taper(2), side, splitting=scored) for name, side in sides.items()}
    >>> compare_tapers(found)[["taper", "days", "not_made", "tablets", "cost"]].round(2).values.tolist()
    [['brand', 56, 0, 70.0, 217.77], ['generic', 56, 0, 70.0, 1.77]]
    """
    if not tapers:
        raise CostModelError("compare_tapers: there is no taper")
    currencies = sorted({item.currency for item in tapers.values()})
    if len(currencies) > 1:
        raise PriceError(f"tapers in several currencies: {', '.join(currencies)}; convert them to one")
    lowest = min(item.cost for item in tapers.values())
    return pd.DataFrame([_summary(name, item, lowest) for name, item in tapers.items()])


def _summary(name: str, item: Taper, lowest: float) -> dict[str, Any]:
    frame = item.frame()
    wrong = frame[~frame["makeable"]]
    return {
        "taper": name,
        "schedule": item.schedule.name,
        "days": item.days,
        "steps": len(frame),
        "not_made": len(wrong),
        "days_not_made": int(wrong["days"].sum()),
        "largest_deviation_mg": float(max(frame["deviation_mg"], key=abs)),
        "mg_scheduled": float((frame["dose_mg"] * frame["days"]).sum()),
        "mg_used": float((frame["used_mg"] * frame["days"]).sum()),
        "tablets": float(item.tablets()["bought"].sum()),
        "cost_used": item.cost_used,
        "cost": item.cost,
        "times_cheapest": item.cost / lowest,
        "currency": item.currency,
        "warnings": int((frame["warning"] != "").sum()),
        "status": item.schedule.status,
        "source": item.schedule.source,
        "note": ADVICE,
    }
