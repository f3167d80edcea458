"""Days' wages: how long the lowest-paid must work for a standard treatment.

The measure of the World Health Organization and Health Action International (Measuring medicine prices,
availability, affordability and price components, 2nd edition 2008). Its yardstick is the daily wage of the
lowest-paid unskilled government worker; a minimum wage stands in for it where that is not known, and the
result then says so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import in_interval, one_of
from costmodel.errors import CostModelError

PERIODS = ("hour", "day", "month", "year")
"""What a wage may be stated per."""

_MONTHS = 12


def daily_wage(
    amount: ArrayLike, per: str, *, hours_per_day: float = 8, days_per_month: float = 30
) -> NDArray[np.float64] | float:
    """Return the wage of a day.

    Parameters
    ----------
    amount : float or array
        Money per hour, day, month or year; above 0.
    per : {"hour", "day", "month", "year"}
    hours_per_day : float, default 8
    days_per_month : float, default 30
        Calendar days, as Brazil's minimum wage of a day counts them; 22 for working days.

    Raises
    ------
    CostModelError
        The period is unknown, or a number is not above 0.

    Examples
    --------
    >>> round(daily_wage(998, "month"), 2), daily_wage(7.25, "hour")
    (33.27, 58.0)
    """
    one_of(per, PERIODS, "the period of a wage")
    in_interval(hours_per_day, "hours_per_day", low=0, high=24, open_low=True)
    in_interval(days_per_month, "days_per_month", low=0, high=31, open_low=True)
    wage = _above_zero(amount, "a wage")
    factor = {
        "hour": hours_per_day,
        "day": 1.0,
        "month": 1.0 / days_per_month,
        "year": 1.0 / (_MONTHS * days_per_month),
    }
    return plain(wage * factor[per])


def treatment_cost(
    unit_price: ArrayLike, *, strength_mg: ArrayLike, mg_per_day: ArrayLike, days: float = 30
) -> NDArray[np.float64] | float:
    """Return what a treatment costs when the dose is bought as milligrams.

    Parameters
    ----------
    unit_price : float or array
        Money per tablet; at least 0.
    strength_mg, mg_per_day : float or array
        Milligrams in a tablet and in a day. The WHO's defined daily dose is a unit of measurement for the
        main indication, not a recommended dose: for clonazepam it is 8 mg, an epilepsy figure, which
        overstates a panic dose of 1 mg eightfold.
    days : float, default 30

    Examples
    --------
    >>> treatment_cost(13, strength_mg=2, mg_per_day=8), treatment_cost(13, strength_mg=2, mg_per_day=1)
    (1560.0, 195.0)
    """
    in_interval(days, "days", low=0, open_low=True)
    price = np.asarray(unit_price, dtype=float)
    if not (np.isfinite(price) & (price >= 0)).all():
        raise CostModelError(f"a unit price must be a finite number of at least 0; found {price.min():g}")
    strength, dose = _above_zero(strength_mg, "strength_mg"), _above_zero(mg_per_day, "mg_per_day")
    return plain(price * dose / strength * days)


def days_wages(cost: ArrayLike, wage_per_day: ArrayLike) -> NDArray[np.float64] | float:
    """Return how many days' wages a treatment costs.

    Parameters
    ----------
    cost : float or array
        What the patient pays for the treatment, in the currency of the wage and of the same year.
    wage_per_day : float or array

    Returns
    -------
    float or array
        Days; above 1 for a month's treatment is what WHO/HAI call unaffordable.

    Examples
    --------
    >>> round(days_wages(14.99, 33.27), 3)
    0.451
    """
    spent = np.asarray(cost, dtype=float)
    if not (np.isfinite(spent) & (spent >= 0)).all():
        raise CostModelError(f"a cost must be a finite number of at least 0; found {spent.min():g}")
    return plain(spent / _above_zero(wage_per_day, "a daily wage"))


def _above_zero(values: ArrayLike, what: str) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=float)
    if not (np.isfinite(array) & (array > 0)).all():
        raise CostModelError(f"{what} must be a finite number above 0; found {array.min():g}")
    return array


def plain(array: NDArray[np.float64]) -> NDArray[np.float64] | float:
    """Return one number as a float and several as they are."""
    return float(array) if np.ndim(array) == 0 else array
