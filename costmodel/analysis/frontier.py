"""The efficiency frontier: incremental ratios between the strategies that are worth having.

A strategy is dominated when another costs no more and does no less (and better in one of the two); it is
extendedly dominated when two others, mixed, do better than it: the ratio of getting to it is above that of
going on from it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.analysis.incremental import TOLERANCE
from costmodel.errors import CostModelError
from costmodel.model import Outcomes

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

ON, DOMINATED, EXTENDEDLY = "on the frontier", "dominated", "extendedly dominated"


def frontier_table(cost: ArrayLike, effect: ArrayLike, names: Sequence[str]) -> pd.DataFrame:
    """Return the strategies with their place on or below the efficiency frontier.

    Parameters
    ----------
    cost, effect : array, (n,)
        Expected cost and effect of each strategy, per person.
    names : sequence of str

    Returns
    -------
    pandas.DataFrame
        Those on the frontier by rising cost, then the extendedly dominated, then the dominated, each by
        rising cost: ``strategy, cost, effect, incremental_cost, incremental_effect, icer, status,
        compared_with``. The increments and the ratio are against the next cheaper strategy on the
        frontier, and missing for the first of it and for all others. Strategies that are equal in both are
        all on the frontier; only the first has a ratio, and each later one is compared with it.

    Raises
    ------
    CostModelError
        Lengths differ, a name repeats, or a number is not finite.

    Notes
    -----
    The frontier is the lower convex hull from the cheapest strategy of its cost to the most effective one.
    Differences below 1e-9 of the larger magnitude count as none.

    Examples
    --------
    >>> table = frontier_table([0, 10, 30, 20], [0, 2, 4, 2.5], ["none", "a", "b", "c"])
    >>> table[["strategy", "icer", "status"]].values.tolist()[1:]
    [['a', 5.0, 'on the frontier'], ['b', 10.0, 'on the frontier'], ['c', nan, 'extendedly dominated']]
    """
    import pandas as pd

    costs, effects = _checked(cost, effect, names)
    hull, twins, dominated = _hull(costs, effects)
    status = np.full(len(costs), EXTENDEDLY, dtype=object)
    status[list(dominated)] = DOMINATED
    status[[*hull, *twins]] = ON
    step = {place: before for before, place in itertools.pairwise(hull)}
    table = pd.DataFrame(
        {
            "strategy": list(names),
            "cost": costs,
            "effect": effects,
            "incremental_cost": [_step(costs, place, step) for place in range(len(costs))],
            "incremental_effect": [_step(effects, place, step) for place in range(len(costs))],
            "status": status,
            "compared_with": [
                names[found] if (found := (step | twins).get(n)) is not None else ""
                for n in range(len(costs))
            ],
        }
    )
    table.insert(5, "icer", table["incremental_cost"] / table["incremental_effect"])
    rank = table["status"].map({ON: 0, EXTENDEDLY: 1, DOMINATED: 2})
    order = np.lexsort((table.index, table["effect"], table["cost"], rank))
    return table.loc[order].reset_index(drop=True)


def _step(values: Floats, place: int, step: Mapping[int, int]) -> float:
    return float(values[place] - values[step[place]]) if place in step else math.nan


def frontier(
    outcomes: Outcomes, *, perspective: str, effect: str = "qaly", segment: str | None = None
) -> pd.DataFrame:
    """Return :func:`frontier_table` of outcomes' means over draws.

    Parameters
    ----------
    outcomes : Outcomes
    perspective, effect : str
        Whose costs, and which measure of effect.
    segment : str, optional
        One segment; the average over segments by size when not given.

    Examples
    --------
    >>> from costmodel.model import outcomes_from_table
    >>> import pandas as pd
    >>> table = pd.DataFrame({"draw": [0, 0], "strategy": ["a", "b"], "cost": [1.0, 3.0], "qaly": [1.0, 2.0]})
    >>> found = outcomes_from_table(table, currency="USD", price_year=2026, comparator="a")
    >>> frontier(found, perspective="total")["icer"].tolist()[1]
    2.0
    """
    cost = outcomes.cost(perspective, segment=segment).mean(axis=1)
    gained = outcomes.total(effect, segment=segment).mean(axis=1)
    return frontier_table(cost, gained, outcomes.strategies)


def _checked(cost: ArrayLike, effect: ArrayLike, names: Sequence[str]) -> tuple[Floats, Floats]:
    costs, effects = np.asarray(cost, dtype=float), np.asarray(effect, dtype=float)
    if costs.shape != (len(names),) or effects.shape != (len(names),) or not len(names):
        raise CostModelError(
            f"a frontier needs one cost and one effect per strategy; found {costs.shape} costs, "
            f"{effects.shape} effects and {len(names)} names"
        )
    if len(set(names)) != len(names):
        raise CostModelError(f"strategies must be named, each once; found {', '.join(names)}")
    if not (np.isfinite(costs).all() and np.isfinite(effects).all()):
        raise CostModelError("costs and effects must be finite numbers")
    return costs, effects


def _hull(costs: Floats, effects: Floats) -> tuple[list[int], dict[int, int], set[int]]:
    """Return the hull by rising cost, the twins of its members, and what is strongly dominated."""
    left: list[int] = []
    twins: dict[int, int] = {}
    dominated: set[int] = set()
    for place in sorted(range(len(costs)), key=lambda i: (costs[i], -effects[i], i)):
        best = left[-1] if left else None
        if best is None or _above(effects[place], effects[best]):
            if best is not None and not _above(costs[place], costs[best]):
                dominated.add(left.pop())
            left.append(place)
        elif not _above(costs[place], costs[best]) and not _above(effects[best], effects[place]):
            twins[place] = best
        else:
            dominated.add(place)
    hull: list[int] = []
    for place in left:
        while len(hull) > 1 and _mixed_better(costs, effects, hull[-2], hull[-1], place):
            hull.pop()
        hull.append(place)
    kept = {twin: first for twin, first in twins.items() if first in hull}
    dominated |= {twin for twin, first in twins.items() if first in dominated}
    return hull, kept, dominated


def _above(value: float, other: float) -> bool:
    return bool(value - other > TOLERANCE * max(abs(value), abs(other)))


def _mixed_better(costs: Floats, effects: Floats, first: int, middle: int, last: int) -> bool:
    """Tell whether a mix of the first and the last does better than the middle."""
    to_middle = (costs[middle] - costs[first]) * (effects[last] - effects[middle])
    to_last = (costs[last] - costs[middle]) * (effects[middle] - effects[first])
    return _above(to_middle, to_last)
