"""Index-number formulas on arrays: products down, pairs of periods or periods across.

A price that was not observed is NaN. Every comparison of two periods uses the products priced in both, the
matched model. Formulas and their names are those of the Consumer Price Index Manual: Concepts and Methods
(ILO, IMF, OECD, UNECE, Eurostat, World Bank, 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from costmodel.checks import one_of
from costmodel.prices.errors import PriceError

Array = NDArray[np.float64]
_Formula = Callable[[Array, Array, Array, Array], Array]
"""Prices of two periods and what each is weighted by in either; unmatched products weigh 0."""


def _laspeyres(p0: Array, p1: Array, w0: Array, _: Array) -> Array:
    return np.asarray((p1 * w0).sum(axis=0) / (p0 * w0).sum(axis=0))


def _paasche(p0: Array, p1: Array, _: Array, w1: Array) -> Array:
    return np.asarray((p1 * w1).sum(axis=0) / (p0 * w1).sum(axis=0))


def _fisher(p0: Array, p1: Array, w0: Array, w1: Array) -> Array:
    return np.asarray(np.sqrt(_laspeyres(p0, p1, w0, w1) * _paasche(p0, p1, w0, w1)))


def _tornqvist(p0: Array, p1: Array, w0: Array, w1: Array) -> Array:
    spent0, spent1 = p0 * w0, p1 * w1
    shares = spent0 / spent0.sum(axis=0) + spent1 / spent1.sum(axis=0)
    return np.asarray(np.exp(0.5 * (shares * np.log(p1 / p0)).sum(axis=0)))


def _walsh(p0: Array, p1: Array, w0: Array, w1: Array) -> Array:
    both = np.sqrt(w0 * w1)
    return _laspeyres(p0, p1, both, both)


def _jevons(p0: Array, p1: Array, w0: Array, _: Array) -> Array:
    return np.asarray(np.exp((w0 * np.log(p1 / p0)).sum(axis=0) / w0.sum(axis=0)))


def _dutot(p0: Array, p1: Array, w0: Array, w1: Array) -> Array:
    return _laspeyres(p0, p1, w0, w1)


def _carli(p0: Array, p1: Array, w0: Array, _: Array) -> Array:
    return np.asarray((w0 * p1 / p0).sum(axis=0) / w0.sum(axis=0))


def _harmonic(p0: Array, p1: Array, w0: Array, w1: Array) -> Array:
    return np.asarray(1.0 / _carli(p1, p0, w0, w1))


WEIGHTED: Mapping[str, _Formula] = {
    "laspeyres": _laspeyres,
    "paasche": _paasche,
    "fisher": _fisher,
    "tornqvist": _tornqvist,
    "walsh": _walsh,
}
"""Formulas that need quantities."""

UNWEIGHTED: Mapping[str, _Formula] = {
    "jevons": _jevons,
    "dutot": _dutot,
    "carli": _carli,
    "harmonic": _harmonic,
}
"""Formulas of prices alone, for products whose quantities are not known."""

FORMULAS: Mapping[str, _Formula] = {**WEIGHTED, **UNWEIGHTED}

OVERLAP: Mapping[str, str] = {
    "matched": "each comparison uses the products priced in both of its periods",
    "carry-forward": "a product that is no longer priced keeps its last price, with nothing sold",
    "overall-mean": "the last price of a product that is no longer priced moves as the geometric mean of the "
    "products priced in both periods, with nothing sold",
}
"""What is done with products that appear or vanish, by the name of the rule.

Carrying a price forward says that it did not change; the manual advises against it. Both rules fill only
after a first price: no price is invented before a product appeared.
"""


def bilateral(
    formula: str,
    prices_0: Array,
    prices_1: Array,
    quantities_0: Array | None = None,
    quantities_1: Array | None = None,
) -> Array:
    r"""Return the price index of period 1 over period 0.

    With price ratios :math:`r = p_1 / p_0`, spending shares :math:`s_0, s_1` and :math:`n` matched products:
    Laspeyres :math:`\sum p_1 q_0 / \sum p_0 q_0`, Paasche :math:`\sum p_1 q_1 / \sum p_0 q_1`, Fisher their
    geometric mean, Törnqvist :math:`\prod r^{(s_0 + s_1)/2}`, Walsh
    :math:`\sum p_1 \sqrt{q_0 q_1} / \sum p_0 \sqrt{q_0 q_1}`, Jevons :math:`\prod r^{1/n}`, Dutot
    :math:`\sum p_1 / \sum p_0`, Carli :math:`\sum r / n`, harmonic :math:`n / \sum r^{-1}`.

    Parameters
    ----------
    formula : str
        A key of :data:`FORMULAS`.
    prices_0, prices_1 : array, (n_products,) or (n_products, n_pairs)
        Above 0; NaN where not observed.
    quantities_0, quantities_1 : array, of the same shape, optional
        At least 0, needed by :data:`WEIGHTED` formulas; ignored where a product is not matched.

    Returns
    -------
    array, () or (n_pairs,)
        1 means no change.

    Raises
    ------
    PriceError
        No product is priced in both periods, or what is matched was not bought.

    References
    ----------
    CPI Manual 2020, chapters 1 and 8; CPI Manual: Theory and Practice (ILO and others, 2004), chapters
    15 to 20.

    Examples
    --------
    >>> old, new = np.array([1.0, 2.0]), np.array([2.0, 2.0])
    >>> sold = np.array([3.0, 1.0]), np.array([1.0, 2.0])
    >>> round(float(bilateral("laspeyres", old, new, *sold)), 4)  # (2·3 + 2·1) / (1·3 + 2·1)
    1.6
    >>> round(float(bilateral("paasche", old, new, *sold)), 4)  # (2·1 + 2·2) / (1·1 + 2·2)
    1.2
    >>> round(float(bilateral("jevons", old, new)), 4)  # √(2 · 1)
    1.4142
    """
    one_of(formula, FORMULAS, "formula")
    matched = np.isfinite(prices_0) & np.isfinite(prices_1)
    if not matched.any(axis=0).all():
        raise PriceError("no product is priced in both periods; a matched index needs at least one")
    p0, p1 = np.where(matched, prices_0, 1.0), np.where(matched, prices_1, 1.0)
    if formula in UNWEIGHTED:
        ones = matched.astype(float)
        return UNWEIGHTED[formula](p0, p1, ones, ones)
    if quantities_0 is None or quantities_1 is None:
        raise PriceError(f"the formula '{formula}' needs quantities; without them: {', '.join(UNWEIGHTED)}")
    w0, w1 = np.where(matched, quantities_0, 0.0), np.where(matched, quantities_1, 0.0)
    _require_sales(formula, w0, w1)
    return WEIGHTED[formula](p0, p1, w0, w1)


def _require_sales(formula: str, w0: Array, w1: Array) -> None:
    needed = {"laspeyres": [w0], "paasche": [w1], "walsh": [w0 * w1]}.get(formula, [w0, w1])
    if not all((weights.sum(axis=0) > 0).all() for weights in needed):
        raise PriceError(
            f"'{formula}': the products priced in both periods have no quantity to weigh them by"
        )


def index_series(
    formula: str,
    prices: Array,
    quantities: Array | None = None,
    *,
    chain: bool = False,
    base: int = 0,
) -> Array:
    """Return the index of every period over the base period.

    Parameters
    ----------
    formula : str
        A key of :data:`FORMULAS`.
    prices : array, (n_products, n_periods)
        Above 0; NaN where not observed.
    quantities : array, (n_products, n_periods), optional
    chain : bool
        Whether the index is the product of period-to-period indices, instead of one comparison of each
        period with the base.
    base : int
        Position of the period whose index is 1.

    Returns
    -------
    array, (n_periods,)

    Notes
    -----
    Time and memory grow with products × periods.

    Examples
    --------
    >>> prices = np.array([[1.0, 2.0, 1.0], [1.0, 1.0, 1.0]])
    >>> index_series("carli", prices).tolist()
    [1.0, 1.5, 1.0]
    >>> index_series("carli", prices, chain=True).tolist()  # 1.5 × (1/2 + 1)/2: drifts
    [1.0, 1.5, 1.125]
    """
    sold = (None, None) if quantities is None else (quantities[:, :-1], quantities[:, 1:])
    if chain:
        level = np.ones(prices.shape[1])
        if len(level) > 1:
            level[1:] = np.cumprod(bilateral(formula, prices[:, :-1], prices[:, 1:], *sold))
        return np.asarray(level / level[base])
    start = np.broadcast_to(prices[:, [base]], prices.shape)
    if quantities is None:
        return bilateral(formula, start, prices)
    return bilateral(formula, start, prices, np.broadcast_to(quantities[:, [base]], prices.shape), quantities)


def fill(prices: Array, quantities: Array | None, overlap: str) -> tuple[Array, Array | None]:
    """Return prices and quantities after the named rule for products that are no longer priced.

    Parameters
    ----------
    prices : array, (n_products, n_periods)
        NaN where not observed.
    quantities : array, (n_products, n_periods), or None
        Set to 0 where a price is filled in.
    overlap : {"matched", "carry-forward", "overall-mean"}
        See :data:`OVERLAP`.

    Raises
    ------
    PriceError
        ``overall-mean``, and no product is priced in two successive periods.

    Examples
    --------
    >>> prices = np.array([[1.0, np.nan], [1.0, 4.0]])
    >>> fill(prices, None, "carry-forward")[0].tolist()
    [[1.0, 1.0], [1.0, 4.0]]
    >>> fill(prices, None, "overall-mean")[0].tolist()
    [[1.0, 4.0], [1.0, 4.0]]
    """
    one_of(overlap, OVERLAP, "overlap")
    if overlap == "matched":
        return prices, quantities
    filled = prices.copy()
    for period in range(1, prices.shape[1]):
        gone = np.isnan(prices[:, period]) & np.isfinite(filled[:, period - 1])
        if gone.any():
            move = 1.0
            if overlap == "overall-mean":
                move = float(bilateral("jevons", prices[:, period - 1], prices[:, period]))
            filled[gone, period] = filled[gone, period - 1] * move
    if quantities is not None:
        quantities = np.where(np.isfinite(filled) & np.isnan(prices), 0.0, quantities)
    return filled, quantities
