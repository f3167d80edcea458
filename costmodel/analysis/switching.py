"""Which strategy has the highest net benefit, at every willingness to pay at once.

Net benefit ``wtp * effect - cost`` is a straight line in the willingness to pay. In one draw a strategy is
therefore best on one interval of it, whose ends are where its line crosses those of others. A draw is sorted
into the grid once per strategy, instead of being evaluated at every point of the grid: the work grows with
draws times strategies squared, plus the grid, and not with their product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.errors import CostModelError

Floats = NDArray[np.float64]
_BLOCK = 65_536


@dataclass(frozen=True, eq=False)
class Best:
    """Sums over draws of the strategy with the highest net benefit, along a grid of willingness to pay.

    Attributes
    ----------
    grid : array, (k,)
        Willingness to pay, rising.
    counts : array, (strategies, k)
        In how many draws each strategy is best; of strategies that are equal, the first.
    cost, effect : array, (k,)
        Sums over draws of the cost and effect of the best strategy.
    mean_cost, mean_effect : array, (strategies,)
    n : int
        Draws.
    """

    grid: Floats
    counts: NDArray[np.int64]
    cost: Floats
    effect: Floats
    mean_cost: Floats
    mean_effect: Floats
    n: int

    @property
    def net_benefit(self) -> Floats:
        """Expected net benefit of each strategy, (strategies, k)."""
        return np.asarray(np.multiply.outer(self.mean_effect, self.grid) - self.mean_cost[:, None])

    @property
    def perfect(self) -> Floats:
        """Expected net benefit of choosing the best strategy in every draw, (k,)."""
        return np.asarray((self.grid * self.effect - self.cost) / self.n)


def best_over_grid(cost: Floats, effect: Floats, grid: ArrayLike) -> Best:
    """Return which strategy is best along a grid of willingness to pay.

    Parameters
    ----------
    cost, effect : array, (strategies, draws)
    grid : array, (k,)
        At least 0, rising.

    Raises
    ------
    CostModelError
        The grid is empty, falls or holds a negative number.
    """
    wtp = np.atleast_1d(np.asarray(grid, dtype=float))
    if (
        wtp.ndim != 1
        or not wtp.size
        or not np.isfinite(wtp).all()
        or (wtp < 0).any()
        or (np.diff(wtp) <= 0).any()
    ):
        raise CostModelError("willingness to pay must be at least 0, each value above the one before it")
    strategies, n = cost.shape
    counts = np.zeros((strategies, wtp.size + 1), dtype=np.int64)
    sums = np.zeros((2, wtp.size + 1))
    for start in range(0, n, _BLOCK):
        part = slice(start, start + _BLOCK)
        _add(cost[:, part], effect[:, part], wtp, counts, sums)
    totals = np.cumsum(sums[:, :-1], axis=1)
    mean = (cost.mean(axis=1), effect.mean(axis=1))
    return Best(wtp, np.cumsum(counts[:, :-1], axis=1), totals[0], totals[1], *mean, n)


def _add(cost: Floats, effect: Floats, grid: Floats, counts: NDArray[np.int64], sums: Floats) -> None:
    """Add where each strategy's interval starts, and take off where it ends."""
    places = grid.size + 1
    ends = [_interval(cost, effect, grid, row) for row in range(len(cost))]
    # Rounding may leave a point to nobody or to two where lines cross: those draws are compared there.
    torn = sum(np.maximum(last - first, 0) for first, last in ends) != grid.size
    for row, (first, last) in enumerate(ends):
        held = np.flatnonzero((first < last) & ~torn)
        for edge, sign in ((first[held], 1), (last[held], -1)):
            counts[row] += sign * np.bincount(edge, minlength=places)
            for place, values in enumerate((cost, effect)):
                sums[place] += sign * np.bincount(edge, weights=values[row, held], minlength=places)
    if torn.any():
        _add_directly(cost[:, torn], effect[:, torn], grid, counts, sums)


def _add_directly(
    cost: Floats, effect: Floats, grid: Floats, counts: NDArray[np.int64], sums: Floats
) -> None:
    """Add the best strategy of each draw, found at every point of the grid."""
    for place, wtp in enumerate(grid):
        best = (wtp * effect - cost).argmax(axis=0)
        found = np.bincount(best, minlength=len(cost))
        chosen = np.array([values[best, np.arange(best.size)].sum() for values in (cost, effect)])
        counts[:, place] += found
        counts[:, place + 1] -= found
        sums[:, place] += chosen
        sums[:, place + 1] -= chosen


def _interval(
    cost: Floats, effect: Floats, grid: Floats, row: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the grid points at which a strategy becomes best in each draw, and no longer is."""
    n = cost.shape[1]
    first, last = np.zeros(n, dtype=np.intp), np.full(n, grid.size, dtype=np.intp)
    for other in range(len(cost)):
        if other == row:
            continue
        more, dearer = effect[row] - effect[other], cost[row] - cost[other]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            cross = dearer / more
        earlier = other < row
        after = np.searchsorted(grid, cross, side="right" if earlier else "left")
        before = np.searchsorted(grid, cross, side="left" if earlier else "right")
        np.maximum(first, np.where(more > 0, after, 0), out=first)
        np.minimum(last, np.where(more < 0, before, grid.size), out=last)
        never = (more == 0) & ((dearer >= 0) if earlier else (dearer > 0))
        last[never] = 0
    return first, last
