"""Index numbers over many periods at once: transitive, so that no chain can drift."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from costmodel.checks import one_of
from costmodel.prices.errors import PriceError

Array = NDArray[np.float64]

SPLICES: Mapping[str, str] = {
    "movement": "by the new window's change on the period before",
    "window": "by the new window's change on its first period",
    "mean": "by the geometric mean of the new window's changes on each of its earlier periods",
}
"""How a period beyond the first window is joined to the index already published."""


def pairwise_tornqvist(prices: Array, quantities: Array) -> Array:
    """Return the logarithm of the matched Törnqvist index of every period over every other.

    Parameters
    ----------
    prices : array, (n_products, n_periods)
        Above 0; NaN where not observed.
    quantities : array, (n_products, n_periods)
        At least 0; ignored where the price is NaN.

    Returns
    -------
    array, (n_periods, n_periods)
        In row i and column j, log of the index of j over i; antisymmetric, with zeros on the diagonal.

    Raises
    ------
    PriceError
        Two periods share no product that was bought in both; the message counts such pairs.

    Notes
    -----
    Written as three matrix products: time grows with products × periods², memory with products × periods.

    Examples
    --------
    >>> prices = np.array([[1.0, 2.0], [1.0, 2.0]])
    >>> bool(np.isclose(np.exp(pairwise_tornqvist(prices, np.ones((2, 2)))[0, 1]), 2))
    True
    """
    pairs, apart = _pairs(prices, quantities)
    _require_shared(apart)
    return pairs


def geks_tornqvist(
    prices: Array, quantities: Array, *, window: int | None = None, splice: str = "mean"
) -> Array:
    """Return the GEKS-Törnqvist (CCDI) index of every period over the first.

    Each index is the geometric mean, over all periods of the window, of the Törnqvist indices that go by way
    of that period; within a window it is therefore transitive. A period beyond the first window is computed
    in the window that ends with it and joined to the published index.

    Parameters
    ----------
    prices : array, (n_products, n_periods)
        Above 0; NaN where not observed. Every pair of periods of a window is compared by the products
        priced in both.
    quantities : array, (n_products, n_periods)
    window : int, optional
        Number of periods compared at once, at least 2; all of them by default. Months are commonly given
        13 or 25, so that a window spans the seasons.
    splice : {"mean", "movement", "window"}
        See :data:`SPLICES`; it makes no difference while the window holds every period.

    Returns
    -------
    array, (n_periods,)
        1 in the first period.

    Raises
    ------
    PriceError
        The window is shorter than 2, or two of its periods share no product.

    References
    ----------
    Caves, Christensen and Diewert, Econ J 1982;92:73-86. Ivancic, Diewert and Fox, J Econometrics
    2011;161:24-35. Diewert and Fox, J Bus Econ Stat 2022;40:355-69 (mean splice). CPI Manual 2020, chapter
    10. Here every splice joins the published index, not the window before, so that nothing is revised.

    Examples
    --------
    >>> prices = np.array([[1.0, 2.0, 1.0], [1.0, 1.0, 1.0]])
    >>> geks_tornqvist(prices, np.array([[1.0, 3.0, 1.0], [1.0, 1.0, 1.0]])).round(4).tolist()
    [1.0, 1.6006, 1.0]
    """
    one_of(splice, SPLICES, "splice")
    count = prices.shape[1]
    size = count if window is None else min(window, count)
    if size < min(2, count):
        raise PriceError(f"window must be at least 2 periods; found {window}")
    pairs, apart = _pairs(prices, quantities)
    level = np.empty(count)
    level[:size] = _levels(pairs, apart, slice(0, size))
    for last in range(size, count):
        inside = _levels(pairs, apart, slice(last - size + 1, last + 1))
        level[last] = _SPLICE[splice](level[last - size + 1 : last] + inside[-1] - inside[:-1])
    return np.asarray(np.exp(level - level[0]))


def _pairs(prices: Array, quantities: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return all pairwise logarithms, and which pairs share nothing; theirs mean nothing."""
    seen = np.isfinite(prices)
    logs = np.log(np.where(seen, prices, 1.0))
    spent = np.where(seen, prices * np.where(seen, quantities, 0.0), 0.0)
    mask = seen.astype(float)
    shared = spent.T @ mask
    moved = (spent.T @ logs - (spent * logs).T @ mask) / np.where(shared > 0, shared, 1.0)
    return np.asarray(0.5 * (moved - moved.T)), (shared <= 0) | (shared.T <= 0)


def _levels(pairs: Array, apart: NDArray[np.bool_], window: slice) -> Array:
    """Return the log levels of a window; their differences are its GEKS indices."""
    _require_shared(apart[window, window])
    return np.asarray(pairs[window, window].mean(axis=0))


def _require_shared(apart: NDArray[np.bool_]) -> None:
    if apart.any():
        lonely, count = int(np.triu(apart).sum()), len(apart)
        raise PriceError(
            f"{lonely} of {count * (count - 1) // 2} pairs of periods share no product that was bought in "
            "both; shorten the window or compare successive periods by a chained index"
        )


_SPLICE: Mapping[str, Callable[[Array], float]] = {
    "movement": lambda joined: float(joined[-1]),
    "window": lambda joined: float(joined[0]),
    "mean": lambda joined: float(joined.mean()),
}
