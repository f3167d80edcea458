"""Numbers that may differ by draw: one number, or an array with one value per draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.errors import CostModelError

Floats = NDArray[np.float64]
Amount = ArrayLike | Sequence[ArrayLike]
"""A number, an array with one value per draw, or a tuple or list of these: one per year."""


def over_draws(value: ArrayLike, what: str, *, low: float = -np.inf, high: float = np.inf) -> Floats:
    """Return a number as an array over draws, of length 1 where it is the same in every draw.

    Raises
    ------
    CostModelError
        It is no number, has more than one axis, is not finite, or lies outside the interval.

    Examples
    --------
    >>> over_draws(2, "price").tolist(), over_draws([1, 3], "price", low=0).tolist()
    ([2.0], [1.0, 3.0])
    """
    try:
        found = np.atleast_1d(np.asarray(value, dtype=float))
    except (TypeError, ValueError) as error:
        raise CostModelError(f"{what} must be a number or one number per draw; found {value!r}") from error
    if found.ndim != 1 or found.size == 0:
        raise CostModelError(f"{what} must be a number or one number per draw; found shape {found.shape}")
    wrong = ~(np.isfinite(found) & (found >= low) & (found <= high))
    if wrong.any():
        raise CostModelError(f"{what} must lie in [{low:g}, {high:g}]; found {found[wrong][0]:g}")
    return found


def by_year(
    value: Amount,
    what: str,
    years: int,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    last_holds: bool = True,
) -> Floats:
    """Return an amount by year, shape (draws, years).

    A tuple or list has one item per year, and its last holds in the years after; anything else is the
    same in every year.

    Raises
    ------
    CostModelError
        As :func:`over_draws`; or, unless ``last_holds``, there are not as many items as years.

    Examples
    --------
    >>> by_year((5, 3), "price", 4).tolist()
    [[5.0, 3.0, 3.0, 3.0]]
    """
    items: list[Any] = list(value) if isinstance(value, (tuple, list)) else [value]
    listed = isinstance(value, (tuple, list))
    if not items or (listed and not last_holds and len(items) != years):
        raise CostModelError(f"{what} needs one value for each of {years} years; found {len(items)}")
    columns = [over_draws(item, f"{what}, year {n}", low=low, high=high) for n, item in enumerate(items, 1)]
    columns = (columns + [columns[-1]] * years)[:years]
    return np.stack(np.broadcast_arrays(*matched(columns, what)), axis=1)


def matched(arrays: Iterable[Floats], what: str) -> list[Floats]:
    """Return arrays whose first axes are 1 or one common number of draws.

    Raises
    ------
    CostModelError
        Two numbers of draws were found.
    """
    found = list(arrays)
    n_draws(found, what)
    return found


def n_draws(arrays: Iterable[Floats], what: str) -> int:
    """Return the common number of draws of arrays whose first axis is 1 or that number.

    Raises
    ------
    CostModelError
        Two numbers of draws were found.

    Examples
    --------
    >>> n_draws([np.ones(1), np.ones(5)], "the inputs")
    5
    """
    sizes = sorted({len(one) for one in arrays} - {1})
    if len(sizes) > 1:
        text = " and ".join(map(str, sizes))
        raise CostModelError(f"{what}: every input has one value or one per draw; found {text} draws")
    return sizes[0] if sizes else 1
