"""Many weighted sums over boundaries at once. NumPy only, and no linear algebra library.

So sums do not depend on how many draws are added up together, nor on that library's threads. The weights of
years are mostly zeros and alike: rows whose weights begin at regular distances are one operation on
overlapping windows of the rates.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Window(NamedTuple):
    """Consecutive rows of weights that are not zero in windows of equal width, at equal distances."""

    first_row: int
    weights: FloatArray
    first_boundary: int
    step: int


def weighted_sums(weights: FloatArray, rates: FloatArray) -> FloatArray:
    """Return ``weights @ rates``.

    Parameters
    ----------
    weights : array, shape (sum, boundary)
    rates : array, shape (boundary, number)

    Returns
    -------
    array, shape (sum, number)

    Examples
    --------
    >>> weighted_sums(np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]]), np.array([[8.0], [4.0], [2.0]])).tolist()
    [[6.0], [3.0]]
    """
    if rates.shape[1] == 1:
        # one number alone would be added up in another order than the same number among others
        return weighted_sums(weights, np.repeat(rates, 2, axis=1))[:, :1]
    sums = np.zeros((len(weights), rates.shape[1]))
    down, along = rates.strides
    for window in _windows(weights.tobytes(), weights.shape[1]):
        rows, width = window.weights.shape
        seen = as_strided(
            rates[window.first_boundary :],
            (rows, width, rates.shape[1]),
            (window.step * down, down, along),
            writeable=False,
        )
        out = sums[window.first_row : window.first_row + rows]
        np.einsum("rb,rbn->rn", window.weights, seen, out=out)
    return sums


@lru_cache(maxsize=256)
def _windows(content: bytes, n_boundaries: int) -> tuple[Window, ...]:
    """Split weights, given as the bytes of an array, into windows; rows of zeros are in none."""
    weights = np.frombuffer(content).reshape(-1, n_boundaries) if content else np.zeros((0, 1))
    used = weights != 0
    starts, ends = used.argmax(axis=1), n_boundaries - used[:, ::-1].argmax(axis=1)
    found, row = [], 0
    while row < len(weights):
        after, step, width = _regular(starts[row:], ends[row:], n_boundaries)
        own = [weights[at, starts[at] : starts[at] + width] for at in range(row, row + after)]
        if used[row].any():
            found.append(Window(row, np.stack(own), int(starts[row]), step))
        row += after
    return tuple(found)


def _regular(starts: NDArray[np.intp], ends: NDArray[np.intp], n_boundaries: int) -> tuple[int, int, int]:
    """Return how many of the first rows have windows at equal distances, the distance and the width."""
    step, width = int(starts[1] - starts[0]) if len(starts) > 1 else 0, int(ends[0] - starts[0])
    rows = 1
    while step > 0 and rows < len(starts) and starts[rows] - starts[rows - 1] == step:
        wider = max(width, int(ends[rows] - starts[rows]))
        if wider > 2 * step + 1 or starts[rows] + wider > n_boundaries:
            break
        rows, width = rows + 1, wider
    return rows, step, width


def added(terms: FloatArray, axis: int) -> FloatArray:
    """Return the sum along an axis, one term after another whatever the length of the other axes.

    So a draw alone gives what it gives among others, to the last bit; ``sum`` would add it up in pairs.
    """
    return np.asarray(reduce(np.add, np.moveaxis(terms, axis, 0)))
