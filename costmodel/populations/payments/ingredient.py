"""The gross amount of a fill: ingredient cost by its basis, the lower of several, and the dispensing fee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.populations.payments.amounts import amounts

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]

BASES: Mapping[str, str] = {
    "nadac": "National Average Drug Acquisition Cost, per unit",
    "wac": "wholesale acquisition cost, per unit, less a percentage",
    "awp": "average wholesale price, per unit, less a percentage",
    "mac": "maximum allowable cost that a payer sets, per unit",
    "tariff": "a national tariff's price, per unit",
    "usual_and_customary": "what the pharmacy asks of people without insurance, fee included, per fill",
}
"""What an ingredient cost can be based on. Only list prices (WAC, AWP) carry a percentage off."""

_LISTED = ("wac", "awp")


@dataclass(frozen=True)
class Basis:
    """One basis of payment.

    Parameters
    ----------
    kind : str
        One of :data:`BASES`.
    price : array_like
        Price per unit, or per fill for ``usual_and_customary``.
    less : float
        Share taken off a list price: AWP less 15 % is 0.15.

    Raises
    ------
    CostModelError
        The basis is unknown, the price negative, or a share is given off a basis that has none.

    Examples
    --------
    >>> Basis("adwac", 1.0)
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: basis of payment: 'adwac' is unknown; did you mean 'nadac'?
    """

    kind: str
    price: ArrayLike
    less: float = 0.0

    def __post_init__(self) -> None:
        one_of(self.kind, tuple(BASES), "basis of payment")
        amounts(self.price, f"price of basis '{self.kind}'")
        if not 0 <= self.less < 1:
            raise CostModelError(f"share off '{self.kind}' must lie in [0, 1); found {self.less}")
        if self.less and self.kind not in _LISTED:
            raise CostModelError(
                f"'{self.kind}' is what is paid: only {' and '.join(_LISTED)} carry a share off"
            )


@dataclass(frozen=True, eq=False)
class GrossAmount:
    """What a fill costs before anyone has paid, each (n,): ``gross = ingredient + dispensing``.

    ``basis`` names which basis decided. Under usual and customary the fee is in the price, so that
    ``dispensing`` is 0. Gross is before every rebate; it is never called net.
    """

    gross: FloatArray
    ingredient: FloatArray
    dispensing: FloatArray
    basis: NDArray[np.str_]

    def frame(self) -> pd.DataFrame:
        """Return one row per fill: ``gross, ingredient, dispensing, basis``."""
        import pandas as pd

        return pd.DataFrame(
            {name: getattr(self, name) for name in ("gross", "ingredient", "dispensing", "basis")}
        )


def gross_amount(
    units: ArrayLike, bases: Basis | Sequence[Basis], *, dispensing_fee: ArrayLike = 0.0
) -> GrossAmount:
    """Return the gross amount of fills: the lowest of the bases, each with its fee.

    Parameters
    ----------
    units : array_like, (n,)
        Units (tablets) in each fill, above 0.
    bases : Basis or sequence of Basis
        The lower-of rule: the basis that gives the lowest amount pays; of equal ones, the first.
    dispensing_fee : array_like
        Professional fee per fill, added to every basis but usual and customary.

    Raises
    ------
    CostModelError
        No basis, units that are not above 0, or a negative fee.

    Examples
    --------
    A Medicaid fill of 30 tablets at NADAC 0.03881 and a fee of 10.50, or the pharmacy's own 15.00:

    >>> bases = [Basis("nadac", 0.03881), Basis("usual_and_customary", 15.0)]
    >>> fill = gross_amount(30, bases, dispensing_fee=10.50)
    >>> fill.gross.round(4), fill.basis
    (array([11.6643]), array(['nadac'], dtype='<U19'))
    """
    rows = (bases,) if isinstance(bases, Basis) else tuple(bases)
    if not rows:
        raise CostModelError("at least one basis of payment must be given; one of: " + ", ".join(BASES))
    count, fee = amounts(units, "units per fill"), amounts(dispensing_fee, "dispensing fee")
    if (count <= 0).any():
        raise CostModelError("units per fill must be above 0; a fill of nothing costs nothing")
    shape = np.broadcast_shapes(count.shape, fee.shape, *(np.shape(row.price) for row in rows))
    ingredient = np.stack([np.broadcast_to(_cost(row, count), shape) for row in rows])
    extra = np.stack([np.broadcast_to(fee * (row.kind != "usual_and_customary"), shape) for row in rows])
    lowest = (ingredient + extra).argmin(axis=0)[None]
    cost, added = (np.take_along_axis(one, lowest, axis=0)[0] for one in (ingredient, extra))
    return GrossAmount(cost + added, cost, added, np.array([row.kind for row in rows])[lowest[0]])


def spread(billed: ArrayLike, paid: ArrayLike) -> FloatArray:
    """Return what a benefit manager keeps of each fill: billed to the plan less paid to the pharmacy.

    Negative where the manager pays more than it bills; a loss is shown, not hidden.

    Examples
    --------
    >>> spread(20.0, 13.8).round(2)
    array([6.2])
    """
    return amounts(billed, "amount billed to the plan") - amounts(paid, "amount paid to the pharmacy")


def _cost(basis: Basis, units: FloatArray) -> FloatArray:
    price = amounts(basis.price, "price") * (1 - basis.less)
    return price + 0.0 * units if basis.kind == "usual_and_customary" else price * units
