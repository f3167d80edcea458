"""Rebates paid after the sale: the Medicaid rebate with its inflation part, commercial ones, and net amounts.

Gross and net never share a column. Where the rebate is not known, net is missing and a range stands for it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.populations.payments.amounts import amounts
from costmodel.populations.payments.dated_rules import rule_in_force
from costmodel.populations.payments.rules import CLASSES

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MedicaidRebate:
    """The unit rebate amount, per unit, each (n,).

    ``basic`` and ``inflation`` are the two parts before the cap, ``total`` is what is owed, ``capped`` where
    the cap of 100 % of AMP held it back. From 2024 on there is no cap and ``total`` may exceed AMP.
    """

    basic: FloatArray
    inflation: FloatArray
    total: FloatArray
    capped: NDArray[np.bool_]


def medicaid_rebate(
    amp: ArrayLike,
    *,
    product: str,
    day: dt.date,
    best_price: ArrayLike | None = None,
    base_amp: ArrayLike | None = None,
    base_cpi: ArrayLike | None = None,
    cpi: ArrayLike | None = None,
) -> MedicaidRebate:
    """Return the rebate that a manufacturer owes Medicaid for each unit.

    Parameters
    ----------
    amp : array_like
        Average manufacturer price of the quarter, per unit.
    product : {"brand", "generic"}
    day : date
        A day of the quarter; the rules in force on it hold.
    best_price : array_like, optional
        Lowest price to any other buyer. Brand only: the basic rebate is the greater of the share of AMP and
        AMP less best price.
    base_amp, base_cpi, cpi : array_like, optional
        AMP of the base quarter, and CPI-U then and now; all three or none. The inflation part is what AMP
        exceeds the base AMP updated by CPI-U by. Without them it is taken as 0, which understates it.

    Notes
    -----
    Social Security Act, section 1927(c); American Rescue Plan Act, section 9816 (end of the cap).

    Examples
    --------
    AMP 4.00, base AMP 0.50 when CPI-U was 160; now it is 320, so that the updated base is 1.00:

    >>> day = dt.date(2026, 1, 1)
    >>> owed = medicaid_rebate(4.0, product="brand", day=day, base_amp=0.5, base_cpi=160, cpi=320)
    >>> owed.basic.round(3), owed.inflation, owed.total.round(3)  # 0.231 x 4.00 + (4.00 - 1.00)
    (array([0.924]), array([3.]), array([3.924]))
    """
    one_of(product, CLASSES, "product")
    price = amounts(amp, "AMP")
    basic = rule_in_force("basic_share", product, day) * price
    if best_price is not None:
        if product == "generic":
            raise CostModelError("best price plays no part in the basic rebate of a generic; leave it out")
        basic = np.maximum(basic, price - amounts(best_price, "best price"))
    inflation = _inflation(price, product, day, (base_amp, base_cpi, cpi))
    whole = basic + inflation
    cap = rule_in_force("total_cap", product, day, missing=np.inf)
    total = np.minimum(whole, cap * price) if np.isfinite(cap) else whole
    return MedicaidRebate(basic, inflation, total, total < whole)


def _inflation(
    price: FloatArray, product: str, day: dt.date, base: tuple[ArrayLike | None, ...]
) -> FloatArray:
    given = [value is not None for value in base]
    if not any(given) or not rule_in_force("inflation_applies", product, day, missing=0.0):
        return np.zeros(price.shape)
    if not all(given):
        raise CostModelError("the inflation rebate needs base_amp, base_cpi and cpi; give all three or none")
    amp, then, now = (amounts(value, "base AMP or CPI") for value in base if value is not None)
    if (then <= 0).any():
        raise CostModelError("the CPI of the base quarter must be above 0")
    return np.maximum(price - amp * now / then, 0.0)


@dataclass(frozen=True, eq=False)
class NetAmount:
    """Gross and net apart, each (n,). ``net`` is missing (nan) where the rebate is not known.

    ``low`` and ``high`` bound it always; where it is known both equal it. ``low`` may fall below zero only
    where a known rebate exceeds what was paid, as in Medicaid since 2024.
    """

    gross: FloatArray
    net: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where the net amount is known."""
        return np.isfinite(self.net)

    def frame(self) -> pd.DataFrame:
        """Return ``gross, net, net_low, net_high, net_known``: net is missing where it is not known."""
        import pandas as pd

        columns = {"gross": self.gross, "net": self.net, "net_low": self.low, "net_high": self.high}
        return pd.DataFrame({**columns, "net_known": self.known})

    def __str__(self) -> str:
        if self.known.all():
            return f"gross {self.gross.sum():,.2f}, net {self.net.sum():,.2f}"
        low, high = self.low.sum(), self.high.sum()
        return f"gross {self.gross.sum():,.2f}; net is not known, between {low:,.2f} and {high:,.2f}"


def net_of_rebate(
    gross: ArrayLike,
    *,
    rebate: ArrayLike | None = None,
    rebate_low: ArrayLike = 0.0,
    rebate_high: ArrayLike | None = None,
) -> NetAmount:
    """Return net of rebate where it is known, and else the range it lies in.

    Parameters
    ----------
    gross : array_like
        What was paid before rebates.
    rebate : array_like, optional
        The rebate where it is known; nan where not. None: nowhere.
    rebate_low, rebate_high : array_like
        Bounds of an unknown rebate; by default from nothing to all of gross.

    Examples
    --------
    30 tablets of a brand at 4.26033 and a fee of 10.50; the rebate is confidential and can take back the
    whole ingredient cost, but not the fee:

    >>> print(net_of_rebate(138.31, rebate_high=127.81))
    gross 138.31; net is not known, between 10.50 and 138.31
    """
    paid = amounts(gross, "gross amount")
    known = np.full(paid.shape, np.nan) if rebate is None else np.atleast_1d(np.asarray(rebate, np.float64))
    if (known < 0).any() or np.isinf(known).any():
        raise CostModelError("a rebate must be a finite number of at least 0; a surcharge is no rebate")
    most = paid if rebate_high is None else amounts(rebate_high, "upper bound of the rebate")
    least = amounts(rebate_low, "lower bound of the rebate")
    if (least > most).any():
        raise CostModelError("the lower bound of the rebate must not exceed its upper bound")
    paid, known, least, most = np.broadcast_arrays(paid, known, least, most)
    net = paid - known
    unknown = np.isnan(known)
    return NetAmount(paid, net, np.where(unknown, paid - most, net), np.where(unknown, paid - least, net))


def commercial_rebate(gross: ArrayLike, *, share: float) -> FloatArray:
    """Return a rebate that is a share of the gross amount.

    Examples
    --------
    >>> commercial_rebate(200.0, share=0.25)
    array([50.])
    """
    if not 0 <= share <= 1:
        raise CostModelError(f"share of a commercial rebate must lie in [0, 1]; found {share}")
    return amounts(gross, "gross amount") * share
