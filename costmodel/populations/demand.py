"""How use answers to what a patient pays: starting, staying, adhering, and leaving the counter without it.

An elasticity of 0 changes nothing, to the last bit. Every elasticity is the caller's, with its source: none
has been measured for benzodiazepines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import one_of
from costmodel.errors import CostModelError

Floats = NDArray[np.float64]

FORMS = ("constant", "arc")
"""Constant elasticity ``(after / before) ** e``; or the arc elasticity of the RAND experiment."""


def quantity_ratio(
    before: ArrayLike, after: ArrayLike, elasticity: ArrayLike, *, form: str = "constant"
) -> Floats:
    """Return use after a change of price over use before it.

    Parameters
    ----------
    before, after : float or array
        What the patient pays, in one currency and per one unit of use; at least 0.
    elasticity : float or array
        At most 0: a dearer medicine is never used more.
    form : {"constant", "arc"}
        ``constant``: use goes with ``price ** elasticity``; it has no answer where a price is 0.
        ``arc``: ``elasticity`` is the change of use over its mean per change of price over its mean; it
        must lie above -1, and a price may be 0.

    Returns
    -------
    array
        Broadcast over the arguments; 1 exactly where the elasticity is 0 or the price stays.

    Raises
    ------
    CostModelError
        A price is negative, an elasticity above 0, or the form has no answer.

    References
    ----------
    .. [1] Keeler EB, Rolph JE. The demand for episodes of treatment in the Health Insurance Experiment.
       Journal of Health Economics 1988; 7:337-67 (arc elasticities).

    Examples
    --------
    >>> quantity_ratio(20, 10, -0.2).round(4).item()
    1.1487
    >>> quantity_ratio(10, 0, -0.2, form="arc").round(4).item()
    1.5
    """
    one_of(form, FORMS, "form of the demand response")
    start, end, e = (np.asarray(x, dtype=float) for x in (before, after, elasticity))
    _check(start, end, e)
    if form == "constant":
        if ((start == 0) | (end == 0)).any():
            raise CostModelError(
                "a constant elasticity has no answer where the patient pays 0: use form='arc', or the "
                "smallest price that people notice"
            )
        return np.asarray((end / start) ** e, dtype=float)
    if (e <= -1).any():
        raise CostModelError(f"an arc elasticity must lie above -1; found {e.min():g}")
    total = start + end
    step = np.divide(end - start, total, out=np.zeros(np.broadcast(start, end).shape), where=total > 0)
    return np.asarray((1 + e * step) / (1 - e * step), dtype=float)


def respond(
    share: ArrayLike, before: ArrayLike, after: ArrayLike, elasticity: ArrayLike, *, form: str = "constant"
) -> Floats:
    """Return a share of people after a change of price: it stays between 0 and 1.

    The odds are multiplied so that the elasticity holds for small changes at the share before: by the
    ratio of :func:`quantity_ratio` raised to ``1 / (1 - share)``.

    Parameters
    ----------
    share : float or array
        In [0, 1]: who starts, or who takes it as prescribed.
    before, after, elasticity, form
        As for :func:`quantity_ratio`.

    Examples
    --------
    >>> respond(0.5, 20, 10, -0.2).round(4).item(), respond(0.5, 20, 10, 0).item()
    (0.5689, 0.5)
    """
    p = np.asarray(share, dtype=float)
    if not ((p >= 0) & (p <= 1)).all():
        raise CostModelError(f"a share must lie in [0, 1]; found {p.min():g} to {p.max():g}")
    ratio = quantity_ratio(before, after, elasticity, form=form)
    inner = (p > 0) & (p < 1)
    safe = np.where(inner, p, 0.5)
    log_odds = np.log(safe / (1 - safe)) + np.log(ratio) / (1 - safe)
    moved = (1 + np.tanh(log_odds / 2)) / 2
    moved = np.where(ratio < 1, np.minimum(moved, p), np.maximum(moved, p))
    return np.where(inner & (ratio != 1), moved, p)


@dataclass(frozen=True)
class Abandonment:
    """The share of fills left at the counter, by what the patient is asked to pay.

    Parameters
    ----------
    prices : sequence of float
        Rising, from 0.
    shares : sequence of float
        In [0, 1], never falling; between two prices the share is interpolated, above the last it stays.
    source : str
        Where the shares come from.

    Examples
    --------
    >>> at_counter = Abandonment((0, 50, 250), (0.05, 0.10, 0.45), source="elicited")
    >>> at_counter.share([0, 25, 400]).round(3).tolist()
    [0.05, 0.075, 0.45]
    """

    prices: tuple[float, ...]
    shares: tuple[float, ...]
    source: str

    def __post_init__(self) -> None:
        prices, shares = np.asarray(self.prices, dtype=float), np.asarray(self.shares, dtype=float)
        if len(prices) != len(shares) or len(prices) == 0:
            raise CostModelError(
                f"abandonment needs a share per price; found {len(shares)} and {len(prices)}"
            )
        if prices[0] != 0 or (np.diff(prices) <= 0).any():
            raise CostModelError("the prices of abandonment must start at 0 and rise")
        if not ((shares >= 0) & (shares <= 1)).all() or (np.diff(shares) < 0).any():
            raise CostModelError("the shares of abandonment must lie in [0, 1] and never fall with the price")
        if not self.source.strip():
            raise CostModelError(
                "abandonment must name the source of its shares, or say that they are elicited"
            )

    def share(self, price: ArrayLike) -> Floats:
        """Return the share of fills left at the counter at a price."""
        paid = np.asarray(price, dtype=float)
        if (paid < 0).any():
            raise CostModelError(f"what a patient pays must be at least 0; found {paid.min():g}")
        return np.asarray(np.interp(paid, self.prices, self.shares), dtype=float)


def _check(before: Floats, after: Floats, elasticity: Floats) -> None:
    for name, values in (("before", before), ("after", after)):
        if not (np.isfinite(values) & (values >= 0)).all():
            raise CostModelError(
                f"the price {name} must be a finite number of at least 0; found {values.min():g}"
            )
    if not (np.isfinite(elasticity) & (elasticity <= 0)).all():
        raise CostModelError(f"an elasticity of use to price must be at most 0; found {elasticity.max():g}")
