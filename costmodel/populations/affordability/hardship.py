"""Financial hardship from paying for health: catastrophic, large and impoverishing spending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from costmodel.checks import in_interval, one_of
from costmodel.errors import CostModelError
from costmodel.populations.affordability.households import Households, capacity_to_pay

DENOMINATORS = ("consumption", "capacity_to_pay")

THRESHOLDS: Mapping[str, tuple[float, ...]] = {"consumption": (0.10, 0.25), "capacity_to_pay": (0.40,)}
"""The thresholds in use: SDG 3.8.2 until 2025, and WHO's capacity to pay."""


@dataclass(frozen=True)
class Catastrophic:
    """Catastrophic spending at one threshold; shares of people.

    Attributes
    ----------
    of : str
        What payments are a share of.
    threshold : float
    headcount : float
        Share of people in households that pay more than the threshold.
    overshoot : float
        Mean excess of the share over the threshold, over all people.
    mean_positive_overshoot : float or None
        The same over those above it, ``overshoot / headcount``; None when there are none.
    """

    of: str
    threshold: float
    headcount: float
    overshoot: float
    mean_positive_overshoot: float | None


def catastrophic(households: Households, *, threshold: float, of: str = "consumption") -> Catastrophic:
    """Measure catastrophic spending: payments above a share of consumption or of capacity to pay.

    Parameters
    ----------
    households : Households
    threshold : float
        In (0, 1); 0.10 and 0.25 of consumption and 0.40 of capacity to pay are in use.
    of : {"consumption", "capacity_to_pay"}

    Raises
    ------
    CostModelError
        The threshold is out of range, ``of`` is unknown, or there is no food consumption for capacity
        to pay, or a household that pays has no capacity to.

    References
    ----------
    .. [1] Wagstaff A, van Doorslaer E. Catastrophe and impoverishment in paying for health care. Health
       Economics 2003; 12:921-34.

    Examples
    --------
    >>> homes = Households([1000, 1000, 1000, 1000], [50, 150, 300, 0])
    >>> found = catastrophic(homes, threshold=0.10)
    >>> found.headcount, round(found.overshoot, 4), round(found.mean_positive_overshoot, 4)
    (0.5, 0.0625, 0.125)
    """
    in_interval(threshold, "threshold", low=0, high=1, open_low=True, open_high=True)
    one_of(of, DENOMINATORS, "of")
    paid = np.asarray(households.out_of_pocket, dtype=float)
    base = (
        np.asarray(households.consumption, dtype=float)
        if of == "consumption"
        else capacity_to_pay(households)
    )
    if ((base <= 0) & (paid > 0)).any():
        first = int(np.argmax((base <= 0) & (paid > 0)))
        raise CostModelError(f"household {first} pays {paid[first]:g} but has no {of.replace('_', ' ')}")
    share = np.divide(paid, base, out=np.zeros_like(paid), where=paid > 0)
    above = share > threshold if of == "consumption" else (share >= threshold)
    excess = np.where(above, share - threshold, 0.0)
    headcount, overshoot = households.share_of_people(above), households.mean_over_people(excess)
    mean = overshoot / headcount if headcount > 0 else None
    return Catastrophic(of, threshold, headcount, overshoot, mean)


@dataclass(frozen=True)
class FinancialHardship:
    """SDG indicator 3.8.2 as defined in 2025; shares of people.

    Attributes
    ----------
    threshold : float
        Share of the discretionary budget, 0.40.
    headcount : float
        Share of people who pay more than that: ``large`` and ``impoverishing`` together.
    large : float
        Above the threshold but within the discretionary budget.
    impoverishing : float
        More than the whole discretionary budget, or anything at all by people who have none.
    """

    threshold: float
    headcount: float
    large: float
    impoverishing: float


def financial_hardship(
    households: Households, poverty_line: float, *, threshold: float = 0.40
) -> FinancialHardship:
    """Measure spending above 40 % of the discretionary budget: consumption beyond the poverty line.

    Parameters
    ----------
    households : Households
    poverty_line : float
        Of one person, in the currency and for the period of the households: the societal poverty line of
        :func:`societal_poverty_line` for the SDG indicator.
    threshold : float, default 0.40

    References
    ----------
    .. [1] United Nations Statistics Division, metadata of SDG indicator 3.8.2, definition adopted in March
       2025; WHO Global Health Observatory, indicator 376.

    Examples
    --------
    >>> homes = Households([1000, 1000, 1000, 450], [150, 250, 550, 10])
    >>> financial_hardship(homes, 500)
    FinancialHardship(threshold=0.4, headcount=0.75, large=0.25, impoverishing=0.5)
    """
    in_interval(threshold, "threshold", low=0, high=1, open_low=True, open_high=True)
    in_interval(poverty_line, "poverty_line", low=0)
    paid = np.asarray(households.out_of_pocket, dtype=float)
    budget = np.asarray(households.consumption, dtype=float) - poverty_line * np.asarray(
        households.size, dtype=float
    )
    above, all_of_it = ((paid > 0) & (paid > share * budget) for share in (threshold, 1.0))
    headcount, impoverishing = households.share_of_people(above), households.share_of_people(all_of_it)
    return FinancialHardship(threshold, headcount, headcount - impoverishing, impoverishing)


def societal_poverty_line(
    median_consumption: float, *, floor: float = 2.15, constant: float = 1.15, share: float = 0.5
) -> float:
    """Return the World Bank's societal poverty line, ``max(floor, constant + share * median)``.

    Parameters
    ----------
    median_consumption : float
        Median daily consumption of one person, in purchasing power of the same year as the other two.
    floor, constant : float
        2.15 and 1.15 dollars a day are those of 2017 purchasing power, which the indicator uses.
    share : float, default 0.5

    Examples
    --------
    >>> societal_poverty_line(1.0), societal_poverty_line(10.0)
    (2.15, 6.15)
    """
    in_interval(median_consumption, "median_consumption", low=0, open_low=True)
    return max(floor, constant + share * median_consumption)


@dataclass(frozen=True)
class Impoverishment:
    """Poverty before and after paying for health; heads are shares of people, gaps money per person.

    Attributes
    ----------
    headcount_before, headcount_after, headcount : float
        Poor gross and net of payments, and those whom payments make poor.
    gap_before, gap_after, gap : float
        Mean shortfall from the poverty line over all people, before, after, and the difference.
    normalised_gap : float
        ``gap`` as a share of the poverty line.
    """

    headcount_before: float
    headcount_after: float
    headcount: float
    gap_before: float
    gap_after: float
    gap: float
    normalised_gap: float


def impoverishment(households: Households, poverty_line: float) -> Impoverishment:
    """Count whom payments for health push below a poverty line, and how far people fall below it.

    Parameters
    ----------
    households : Households
    poverty_line : float
        Of one person, in the currency and for the period of the households; above 0.

    References
    ----------
    .. [1] O'Donnell O et al. Analyzing Health Equity Using Household Survey Data. World Bank, 2008,
       chapter 19.

    Examples
    --------
    >>> found = impoverishment(Households([600, 1000], [150, 100]), 500)
    >>> found.headcount, found.gap
    (0.5, 25.0)
    """
    in_interval(poverty_line, "poverty_line", low=0, open_low=True)
    size = np.asarray(households.size, dtype=float)
    before = np.asarray(households.consumption, dtype=float) / size
    after = before - np.asarray(households.out_of_pocket, dtype=float) / size
    poor = [households.share_of_people(x < poverty_line) for x in (before, after)]
    gaps = [households.mean_over_people(np.maximum(poverty_line - x, 0.0)) for x in (before, after)]
    gap = gaps[1] - gaps[0]
    return Impoverishment(
        headcount_before=poor[0],
        headcount_after=poor[1],
        headcount=poor[1] - poor[0],
        gap_before=gaps[0],
        gap_after=gaps[1],
        gap=gap,
        normalised_gap=gap / poverty_line,
    )
