"""The least-cost set of tablets for a daily dose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from costmodel.checks import in_interval, one_of
from costmodel.errors import CostModelError
from costmodel.prices.errors import PriceError
from costmodel.prices.regimen.pieces import ADVICE, Piece, Shelf, Splitting, exact, shelf
from costmodel.prices.regimen.solving import OBJECTIVES, Counts, least, nearest_amounts
from costmodel.prices.table import PriceTable

Dose = float | Fraction | Sequence[float | Fraction]
"""Milligrams a day, or one amount for each intake."""


class DoseError(PriceError):
    """A dose that cannot be made from the strengths at hand.

    Attributes
    ----------
    dose_mg : Fraction
        What was asked for at one intake.
    below_mg, above_mg : Fraction or None
        The nearest amounts that can be made; nothing at all is no dose.
    """

    def __init__(
        self, message: str, *, dose_mg: Fraction, below_mg: Fraction | None, above_mg: Fraction | None
    ) -> None:
        super().__init__(message)
        self.dose_mg, self.below_mg, self.above_mg = dose_mg, below_mg, above_mg


@dataclass(frozen=True)
class Line:
    """One kind of piece in one intake, and how many of it are taken a day."""

    intake: int
    piece: Piece
    count: int

    @property
    def text(self) -> str:
        """Such as ``2 x 0.5 mg tablet``."""
        return f"{self.count} x {self.piece.label}"


@dataclass(frozen=True, repr=False)
class Regimen:
    """What is taken each day, and what it costs. An economic calculation, not prescribing advice.

    Attributes
    ----------
    lines : tuple of Line
    intakes_mg : tuple of Fraction
        The dose asked for at each intake; ``dose_mg`` is their sum.
    shelf : Shelf
        What could be taken, under which rule of splitting, at whose prices.
    """

    lines: tuple[Line, ...]
    intakes_mg: tuple[Fraction, ...]
    shelf: Shelf

    @property
    def dose_mg(self) -> float:
        """Milligrams a day asked for."""
        return float(sum(self.intakes_mg))

    @property
    def made_mg(self) -> float:
        """Milligrams a day in what is taken; differs from the dose within the tolerance only."""
        return float(sum((line.count * line.piece.amount for line in self.lines), Fraction(0)))

    @property
    def exact_cost(self) -> Fraction:
        """The cost of a day, exact."""
        return sum((line.count * line.piece.cost for line in self.lines), Fraction(0))

    @property
    def units_a_day(self) -> int:
        """How many tablets and parts of tablets are taken a day: the pill burden."""
        return sum(line.count for line in self.lines)

    @property
    def tablets_a_day(self) -> float:
        """How many tablets are used up a day."""
        return float(sum((line.count * line.piece.tablets for line in self.lines), Fraction(0)))

    @property
    def currency(self) -> str:
        """The currency of the prices; blank where a frame does not state it."""
        return self.shelf.basis["currency"]

    @property
    def note(self) -> str:
        """That this is no prescribing advice."""
        return ADVICE

    def cost(self, days: float = 1) -> float:
        """Return what so many days cost, in the currency of the prices; no fee, margin or whole packs."""
        in_interval(days, "days", low=0)
        return float(self.exact_cost * exact(days))

    def frame(self) -> pd.DataFrame:
        """Return one row per intake and kind of piece, with the basis of the prices in each.

        ``units_a_day`` counts what is taken, ``tablets_a_day`` what is used up; ``cost_day``,
        ``cost_30_days`` and ``cost_365_days`` are the row's share of the cost.
        """
        return pd.DataFrame([self._row(line) for line in self.lines])

    def _row(self, line: Line) -> dict[str, Any]:
        day = line.count * line.piece.cost
        item = line.piece.product
        return {
            "intake": line.intake,
            "product": item.product,
            "strength_mg": float(item.strength_mg),
            "form": item.form,
            "fraction": float(line.piece.fraction),
            "units_a_day": line.count,
            "tablets_a_day": float(line.count * line.piece.tablets),
            "mg_a_day": float(line.count * line.piece.amount),
            "unit_price": float(item.unit_price),
            "cost_day": float(day),
            "cost_30_days": float(day * 30),
            "cost_365_days": float(day * 365),
            **{name: self.shelf.basis[name] for name in ("currency", "price_type", "price_date", "source")},
            "note": ADVICE,
        }

    def __repr__(self) -> str:
        parts = "; ".join(line.text for line in self.lines)
        return f"{self.dose_mg:g} mg a day: {parts}; {self.cost():.6g} {self.currency} a day. {ADVICE}"


def cheapest_regimen(
    dose: Dose,
    products: PriceTable | pd.DataFrame,
    *,
    times_a_day: int = 1,
    splitting: Splitting = "none",
    halves: str = "kept",
    forms: Sequence[str] | None = None,
    objective: str = "cost",
    max_units: int | None = None,
    tolerance_mg: float = 0,
) -> Regimen:
    """Return the least-cost set of tablets for a daily dose. No prescribing advice.

    An unbounded knapsack problem with equality, solved as a mixed-integer programme in exact amounts
    (HiGHS through ``scipy.optimize.milp``); each intake is one of its own.

    Parameters
    ----------
    dose : float or sequence of float
        Milligrams a day, split evenly over ``times_a_day``; or the milligrams of each intake.
    products : PriceTable or DataFrame
        See :func:`costmodel.prices.regimen.pieces.shelf`, also for ``splitting``, ``halves`` and ``forms``.
    times_a_day : int, default 1
    splitting : {"none", "halves"} or mapping, default "none"
        Which tablets may be split is the caller's statement: scoring differs by maker.
    halves : {"kept", "wasted"}, default "kept"
        A half costs half a tablet when the other half is used later, a whole one when it is thrown away.
    forms : sequence of str, optional
        Forms that may be combined, needed when there are several.
    objective : {"cost", "units"}, default "cost"
        What is least; of equals, the one that is least by the other. Units are tablets and parts of
        tablets taken: the pill burden.
    max_units : int, optional
        Most units at one intake.
    tolerance_mg : float, default 0
        How far an intake may be from its dose.

    Returns
    -------
    Regimen

    Raises
    ------
    DoseError
        The dose cannot be made; names the nearest doses below and above that can, and from what.
    PriceError
        The products are mixed or the rule of splitting does not fit them.
    CostModelError
        An option is outside its range.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> from costmodel.prices import read_prices
    >>> generic = read_prices(dataset_path("us/nadac")).select(class_="generic", form="tablet")
    >>> cheapest_regimen(3, generic)  # doctest: +NORMALIZE_WHITESPACE
    3 mg a day: 1 x 1 mg tablet; 1 x 2 mg tablet; 0.06369 USD a day.
    An economic calculation, not prescribing advice.
    >>> round(cheapest_regimen(0.75, generic, splitting="halves").cost(365), 2)
    8.2
    """
    one_of(objective, OBJECTIVES, "objective")
    if max_units is not None:
        in_interval(max_units, "max_units", low=1)
    offer = shelf(products, splitting=splitting, halves=halves, forms=forms)
    intakes = intakes_of(dose, times_a_day)
    slack = exact(in_interval(tolerance_mg, "tolerance_mg", low=0))
    found = {
        amount: counts_for(offer, amount, slack, objective=objective, max_units=max_units)
        for amount in dict.fromkeys(intakes)
    }
    return build(offer, intakes, [found[amount] for amount in intakes])


def regimen_frontier(
    dose: Dose, products: PriceTable | pd.DataFrame, *, times_a_day: int = 1, **options: Any
) -> pd.DataFrame:
    """Return the trade between cost and pill burden: the least cost for each number of units at an intake.

    Parameters
    ----------
    dose, products, times_a_day
        As in :func:`cheapest_regimen`; the intakes must be equal.
    **options
        ``splitting``, ``halves``, ``forms`` and ``tolerance_mg`` of :func:`cheapest_regimen`.

    Returns
    -------
    DataFrame
        One row per regimen that no other beats in both ``units_a_day`` and ``cost_day``, fewest units
        first, with what is ``taken`` and the note that it is no prescribing advice.

    Examples
    --------
    >>> frame = pd.DataFrame({"strength_mg": [1.0, 2.0], "form": "tablet", "unit_price": [0.1, 0.5]})
    >>> regimen_frontier(2, frame)[["taken", "units_a_day", "cost_day"]].values.tolist()
    [['1 x 2 mg tablet', 1, 0.5], ['2 x 1 mg tablet', 2, 0.2]]
    """
    if len(set(intakes_of(dose, times_a_day))) > 1:
        raise CostModelError("a frontier needs equal intakes; give the dose of the day and times_a_day")
    same = {"times_a_day": times_a_day, **options}
    last = cheapest_regimen(dose, products, **same)
    fewest = cheapest_regimen(dose, products, objective="units", **same)
    rows = [fewest]
    per_intake = len(fewest.intakes_mg)
    for units in range(fewest.units_a_day // per_intake + 1, last.units_a_day // per_intake + 1):
        other = cheapest_regimen(dose, products, max_units=units, **same)
        if other.exact_cost < rows[-1].exact_cost:
            rows.append(other)
    return pd.DataFrame([_frontier_row(item) for item in rows])


def _frontier_row(item: Regimen) -> dict[str, Any]:
    return {
        "dose_mg": item.dose_mg,
        "taken": text_of(item),
        "units_a_day": item.units_a_day,
        "tablets_a_day": item.tablets_a_day,
        "cost_day": item.cost(),
        "cost_365_days": item.cost(365),
        "currency": item.currency,
        "note": ADVICE,
    }


def text_of(item: Regimen) -> str:
    """Return what is taken, intake by intake: ``1 x 1 mg tablet + 1 x 2 mg tablet / 1 x 1 mg tablet``."""
    parts: dict[int, list[str]] = {}
    for line in item.lines:
        parts.setdefault(line.intake, []).append(line.text)
    texts = [" + ".join(part) for part in parts.values()]
    if len(texts) > 1 and len(set(texts)) == 1:
        return f"{len(texts)} times a day: {texts[0]}"
    return " / ".join(texts)


def intakes_of(dose: Dose, times_a_day: int = 1) -> tuple[Fraction, ...]:
    """Return the exact milligrams of each intake.

    Examples
    --------
    >>> intakes_of(1, 4)[:1], intakes_of((0.5, 1))
    ((Fraction(1, 4),), (Fraction(1, 2), Fraction(1, 1)))
    """
    if times_a_day < 1 or times_a_day != int(times_a_day):
        raise CostModelError(f"times_a_day must be a whole number of at least 1; found {times_a_day}")
    if isinstance(dose, Sequence):
        if times_a_day != 1:
            raise CostModelError("a dose for each intake says how often: leave out times_a_day")
        if not dose:
            raise CostModelError("dose: there is no intake")
        amounts = tuple(dose)
    else:
        amounts = (dose,)
    for amount in amounts:
        in_interval(float(amount), "dose in mg", low=0, open_low=True)
    if isinstance(dose, Sequence):
        return tuple(exact(amount) for amount in amounts)
    return (exact(dose) / int(times_a_day),) * int(times_a_day)


def build(offer: Shelf, intakes: Sequence[Fraction], counts: Sequence[Counts]) -> Regimen:
    """Return the regimen of the counts found for each intake."""
    lines = [
        Line(place, piece, number)
        for place, numbers in enumerate(counts, start=1)
        for piece, number in zip(offer.pieces, numbers, strict=True)
        if number
    ]
    return Regimen(tuple(lines), tuple(intakes), offer)


def counts_for(
    offer: Shelf,
    amount: Fraction,
    slack: Fraction = Fraction(0),
    *,
    objective: str = "cost",
    max_units: int | None = None,
) -> Counts:
    """Return how many of each piece of the shelf make one intake.

    Raises
    ------
    DoseError
        None do; names the nearest amounts that can be made.
    """
    low = max(amount - slack, min(piece.amount for piece in offer.pieces))
    found = least(offer.pieces, low, amount + slack, objective=objective, max_units=max_units)
    if found is not None:
        return found
    below, above = nearest_amounts(offer.pieces, amount, max_units=max_units)
    limit = "" if max_units is None else f" with at most {max_units} at one intake"
    raise DoseError(
        f"{float(amount):g} mg at one intake cannot be made from {offer.text}{limit}; nearest below: "
        f"{_named(offer, below, max_units)}; nearest above: {_named(offer, above, max_units)}; "
        "take one of these, add strengths or forms, allow splitting where tablets are scored, or give "
        "tolerance_mg",
        dose_mg=amount,
        below_mg=below,
        above_mg=above,
    )


def _named(offer: Shelf, amount: Fraction | None, max_units: int | None) -> str:
    if amount is None:
        return "none"
    counts = least(offer.pieces, amount, amount, max_units=max_units)
    assert counts is not None
    return f"{float(amount):g} mg ({text_of(build(offer, [amount], [counts]))})"
