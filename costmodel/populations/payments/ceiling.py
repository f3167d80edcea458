"""340B: what a covered entity buys at, and who keeps the difference to what payers paid."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import one_of
from costmodel.populations.payments.amounts import amounts
from costmodel.populations.payments.dated_rules import rule_in_force

FloatArray = NDArray[np.float64]


def ceiling_price(amp: ArrayLike, rebate: ArrayLike, *, day: dt.date) -> FloatArray:
    """Return the 340B ceiling price per unit: AMP less the Medicaid rebate, never below one cent.

    Rounded to whole cents as it is published (82 FR 1210, 42 CFR 10.10).

    Examples
    --------
    >>> ceiling_price([4.00, 4.00], [3.924, 4.5], day=dt.date(2026, 1, 1))
    array([0.08, 0.01])
    """
    least = rule_in_force("penny_price", "any", day, missing=0.0)
    left = amounts(amp, "AMP") - amounts(rebate, "Medicaid rebate")
    return np.asarray(np.maximum(np.round(left, 2), least), dtype=np.float64)


@dataclass(frozen=True)
class Margin340B:
    """What is kept between what payers paid and the 340B ceiling price, and by whom; currency per fill."""

    kept_by: str
    paid: float
    acquisition: float

    @property
    def margin(self) -> float:
        """Paid less acquisition; negative where the fill loses money."""
        return self.paid - self.acquisition


def margin_340b(paid: float, ceiling: float, units: float, *, kept_by: str) -> Margin340B:
    """Return the margin of a 340B fill and name who keeps it.

    Parameters
    ----------
    paid : float
        Gross amount that the fill was paid with.
    ceiling : float
        Ceiling price per unit.
    units : float
    kept_by : {"covered entity", "contract pharmacy", "payer"}

    Examples
    --------
    >>> margin_340b(130.0, 0.08, 30, kept_by="covered entity").margin
    127.6
    """
    one_of(kept_by, ("covered entity", "contract pharmacy", "payer"), "who keeps the 340B margin")
    price, count = amounts(ceiling, "ceiling price").item(), amounts(units, "units").item()
    return Margin340B(kept_by, amounts(paid, "amount paid").item(), round(price * count, 2))
