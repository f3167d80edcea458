"""Taper schedules as data: by the label, by the guideline, by a published protocol, or the user's own.

They say what a schedule prescribes in order to cost it, never what anybody should take.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from costmodel.checks import in_interval
from costmodel.errors import CostModelError
from costmodel.prices.regimen.cheapest import intakes_of
from costmodel.prices.regimen.pace import pace_warnings
from costmodel.prices.regimen.pieces import ADVICE, exact

LABEL = (
    "Clonazepam tablets (Klonopin and generics), US prescribing information (FDA-approved labelling), 2023"
)
GUIDELINE = (
    "American Society of Addiction Medicine. Joint Clinical Practice Guideline on Benzodiazepine Tapering. "
    "J Gen Intern Med 2025. doi:10.1007/s11606-025-09499-2"
)
PROTOCOL = (
    "Nardi AE et al. Tapering clonazepam in patients with panic disorder after at least 3 years of "
    "treatment. J Clin Psychopharmacol 2010;30:290-3"
)

_LABEL_DROP, _LABEL_DAYS = Fraction(1, 8), 3
_FAST_DROP, _FAST_DAYS, _TURN = Fraction(1, 2), 14, Fraction(1)
_SLOW_DROP, _SLOW_DAYS = Fraction(1, 4), 7
_MICROGRAM = 1000
_MOST_STEPS = 1000


@dataclass(frozen=True)
class TaperStep:
    """So many days at one dose.

    Parameters
    ----------
    days : int
        At least 1.
    intakes : tuple of float or Fraction
        Milligrams at each intake of a day; kept as exact fractions.

    Examples
    --------
    >>> TaperStep(3, (0.875, 0.875)).dose_mg
    1.75
    """

    days: int
    intakes: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if self.days < 1 or self.days != int(self.days):
            raise CostModelError(f"a step lasts a whole number of days, at least 1; found {self.days}")
        object.__setattr__(self, "intakes", intakes_of(tuple(self.intakes)))

    @property
    def exact_mg(self) -> Fraction:
        """Milligrams a day, exact."""
        return sum(self.intakes, Fraction(0))

    @property
    def dose_mg(self) -> float:
        """Milligrams a day."""
        return float(self.exact_mg)


@dataclass(frozen=True)
class TaperSchedule:
    """The steps of a taper down to nothing, the rule they follow, and who published it.

    Attributes
    ----------
    name, rule, source : str
    status : str
        ``read`` or ``recalled``, as in the evidence table; ``user`` for a user's own steps.
    steps : tuple of TaperStep
        After the last one nothing is taken.
    evidence : tuple of str
        The rows of ``data/evidence/parameters.csv`` that the rule's numbers come from.
    """

    name: str
    steps: tuple[TaperStep, ...]
    rule: str
    source: str
    status: str
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.steps:
            raise CostModelError(f"taper '{self.name}' has no steps")

    @property
    def days(self) -> int:
        """Length of the taper: the first day without the medicine follows."""
        return sum(step.days for step in self.steps)

    @property
    def warnings(self) -> tuple[str, ...]:
        """One text per step: where it goes faster than the guideline's bound; else blank."""
        return tuple(pace_warnings([(step.days, step.exact_mg) for step in self.steps]))

    def frame(self) -> pd.DataFrame:
        """Return one row per step: ``step, start_day, days, dose_mg, intakes, reduction, warning``.

        ``start_day`` counts from 0; ``reduction`` is the share by which the dose is below that of the step
        before, 0 in the first. Source, status and the note on advice stand in every row.
        """
        rows, start, before = [], 0, self.steps[0].exact_mg
        for place, (step, warning) in enumerate(zip(self.steps, self.warnings, strict=True), start=1):
            rows.append(
                {
                    "step": place,
                    "start_day": start,
                    "days": step.days,
                    "dose_mg": step.dose_mg,
                    "intakes": " + ".join(f"{float(amount):g}" for amount in step.intakes),
                    "reduction": float(1 - step.exact_mg / before),
                    "warning": warning,
                    "source": self.source,
                    "status": self.status,
                    "note": ADVICE,
                }
            )
            start, before = start + step.days, step.exact_mg
        return pd.DataFrame(rows)


def label_taper(start_mg: float, *, hold_start: bool = True) -> TaperSchedule:
    """Return the taper of the US label for panic disorder: 0.125 mg twice daily less every 3 days.

    Parameters
    ----------
    start_mg : float
        Milligrams a day, taken in two equal intakes.
    hold_start : bool, default True
        Whether the starting dose is counted as the first three days (24 days from 2 mg a day, as the
        evidence table has it) or the taper begins with the first reduction (21 days).

    Examples
    --------
    >>> taper = label_taper(2)
    >>> taper.days, [step.dose_mg for step in taper.steps[:3]], taper.steps[-1].dose_mg
    (24, [2.0, 1.75, 1.5], 0.25)
    """
    (intake, _) = intakes_of(start_mg, 2)
    doses = []
    while intake > 0:
        doses.append(intake)
        intake -= _LABEL_DROP
    kept = doses if hold_start else doses[1:]
    return TaperSchedule(
        "US label",
        tuple(TaperStep(_LABEL_DAYS, (dose, dose)) for dose in kept),
        "0.125 mg less at each of two intakes every 3 days until nothing is left",
        LABEL,
        "read",
        ("taper_label_rate",),
    )


def guideline_taper(
    start_mg: float, *, percent: float, every_weeks: float, stop_at_mg: float, times_a_day: int = 1
) -> TaperSchedule:
    """Return a taper within the 2025 guideline: a share of the *current* dose off every few weeks.

    The guideline begins with 5 to 10% every 2 to 4 weeks and never goes above 25% in 2 weeks. A share of
    the current dose never reaches nothing, so the taper needs a dose at which to stop. One pace is kept
    throughout, while a clinician would adapt it. Intakes are kept to the microgram.

    Parameters
    ----------
    start_mg : float
        Milligrams a day.
    percent : float
        In (0, 25]; above 10, the first reduction is warned of.
    every_weeks : float
        In [2, 4]; half weeks are 3.5 days and not allowed.
    stop_at_mg : float
        The last dose is the last one that is not below this; must not be above ``start_mg``.
    times_a_day : int, default 1

    Raises
    ------
    CostModelError
        A number is outside its range.

    Examples
    --------
    >>> taper = guideline_taper(2, percent=10, every_weeks=2, stop_at_mg=0.25)
    >>> len(taper.steps), taper.days, [step.dose_mg for step in taper.steps[:3]]
    (20, 280, [2.0, 1.8, 1.62])
    """
    in_interval(percent, "percent", low=0, high=25, open_low=True)
    in_interval(every_weeks, "every_weeks", low=2, high=4)
    if every_weeks != int(every_weeks):
        raise CostModelError(f"every_weeks must be a whole number of weeks; found {every_weeks}")
    in_interval(stop_at_mg, "stop_at_mg", low=0, high=start_mg, open_low=True)
    dose = sum(intakes_of(start_mg, times_a_day), Fraction(0))
    steps: list[TaperStep] = []
    while dose >= exact(stop_at_mg):
        if len(steps) == _MOST_STEPS:
            raise CostModelError(f"a taper of more than {_MOST_STEPS} steps; raise percent or stop_at_mg")
        intake = Fraction(round(dose / times_a_day * _MICROGRAM), _MICROGRAM)
        steps.append(TaperStep(int(every_weeks) * 7, (intake,) * times_a_day))
        dose *= 1 - exact(percent) / 100
    return TaperSchedule(
        "2025 guideline",
        tuple(steps),
        f"{percent:g}% of the current dose less every {every_weeks:g} weeks, stopped after the last dose "
        f"that is not below {stop_at_mg:g} mg",
        GUIDELINE,
        "read",
        ("taper_asam_step", "taper_asam_interval", "taper_asam_ceiling"),
    )


def protocol_taper(start_mg: float, *, times_a_day: int = 1) -> TaperSchedule:
    """Return the protocol of a clonazepam trial: 0.5 mg off every 2 weeks down to 1 mg, then 0.25 mg a week.

    No step passes 1 mg a day: from 1.2 mg the next dose is 1 mg. Doses above 1 mg last two weeks, doses
    of 1 mg and below one week.

    Parameters
    ----------
    start_mg : float
        Milligrams a day; 2.7 on average in the trial.
    times_a_day : int, default 1

    Examples
    --------
    >>> taper = protocol_taper(2)
    >>> [(step.days, step.dose_mg) for step in taper.steps]
    [(14, 2.0), (14, 1.5), (7, 1.0), (7, 0.75), (7, 0.5), (7, 0.25)]
    """
    dose = sum(intakes_of(start_mg, times_a_day), Fraction(0))
    steps = []
    while dose > 0:
        fast = dose > _TURN
        steps.append(TaperStep(_FAST_DAYS if fast else _SLOW_DAYS, intakes_of(dose, times_a_day)))
        dose = max(dose - _FAST_DROP, _TURN) if fast else dose - _SLOW_DROP
    return TaperSchedule(
        "Clonazepam protocol",
        tuple(steps),
        "0.5 mg less every 2 weeks down to 1 mg a day, then 0.25 mg less every week",
        PROTOCOL,
        "read",
        ("taper_nardi_rate_high",),
    )


def user_taper(
    steps: Iterable[TaperStep | tuple[int, float | Sequence[float]]],
    *,
    name: str = "User's taper",
    source: str = "stated by the user",
) -> TaperSchedule:
    """Return a taper of the user's own steps: days and milligrams a day, or milligrams at each intake.

    Examples
    --------
    >>> taper = user_taper([(14, 1), (14, (0.25, 0.5)), (14, 0.5)])
    >>> taper.days, taper.frame()["dose_mg"].tolist()
    (42, [1.0, 0.75, 0.5])
    """
    return TaperSchedule(name, tuple(_step(item) for item in steps), "steps as given", source, "user")


def _step(item: TaperStep | tuple[int, float | Sequence[float]]) -> TaperStep:
    if isinstance(item, TaperStep):
        return item
    days, dose = item
    return TaperStep(days, intakes_of(tuple(dose) if isinstance(dose, Sequence) else dose))
