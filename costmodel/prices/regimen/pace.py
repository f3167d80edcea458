"""How fast a taper goes, held against the bound of the 2025 guideline."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

CEILING = Fraction(1, 4)
"""Never more than a quarter of the dose in any two weeks (the guideline's bound)."""

FIRST = Fraction(1, 10)
"""The first reduction is of 5 to 10% of the dose."""

WINDOW_DAYS = 14

_ROUNDING_MG = Fraction(1, 1000)


def pace_warnings(steps: Sequence[tuple[int, Fraction]]) -> list[str]:
    """Return, for each step, what goes beyond the guideline's pace; an empty text where nothing does.

    A step's dose is compared with the dose on the day two weeks before the step begins, or with the first
    dose where the taper is younger; a microgram is forgiven, since doses are rounded to it. The stop
    itself is not judged: from any dose it is a reduction of 100%.

    Parameters
    ----------
    steps : sequence of (int, Fraction)
        Days and milligrams a day of each step.

    Examples
    --------
    >>> pace_warnings([(7, Fraction(2)), (7, Fraction(19, 10)), (7, Fraction(1))])
    ['', '', '50.0% less than two weeks before: above 25%']
    """
    starts = [sum(days for days, _ in steps[:place]) for place in range(len(steps))]
    first = next((place for place in range(1, len(steps)) if steps[place][1] < steps[place - 1][1]), 0)
    texts = []
    for place, (_, dose) in enumerate(steps):
        found = []
        earlier = _dose_on(steps, starts, starts[place] - WINDOW_DAYS)
        if _beyond(earlier, dose, CEILING):
            found.append(f"{_percent(1 - dose / earlier)} less than two weeks before: above 25%")
        if place and dose > steps[place - 1][1]:
            found.append("the dose rises")
        if place and place == first and _beyond(steps[place - 1][1], dose, FIRST):
            drop = 1 - dose / steps[place - 1][1]
            found.append(f"first reduction of {_percent(drop)}: above the guideline's initial 5 to 10%")
        texts.append("; ".join(found))
    return texts


def _beyond(before: Fraction, after: Fraction, share: Fraction) -> bool:
    return after + _ROUNDING_MG < before * (1 - share)


def _dose_on(steps: Sequence[tuple[int, Fraction]], starts: Sequence[int], day: int) -> Fraction:
    before = [dose for (_, dose), start in zip(steps, starts, strict=True) if start <= max(day, 0)]
    return before[-1]


def _percent(share: Fraction) -> str:
    return f"{float(share):.1%}"
