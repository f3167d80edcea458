"""What draws say of costs, effects and net benefit: means, their standard errors, and intervals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costmodel.checks import in_interval
from costmodel.errors import CostModelError
from costmodel.model import Outcomes

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
ALL = "all segments"
_LEAST = 2


def summarise(
    outcomes: Outcomes,
    *,
    wtp: float | None = None,
    effect: str = "qaly",
    level: float = 0.95,
    undiscounted: bool = False,
) -> pd.DataFrame:
    """Return the mean of every cost, effect and net benefit with its uncertainty, and of every increment.

    Parameters
    ----------
    outcomes : Outcomes
        With the draws of a probabilistic analysis.
    wtp : float, optional
        Willingness to pay for one unit of ``effect``; net benefit is left out without it.
    effect : str, default "qaly"
        Which effect the willingness to pay is for.
    level : float, default 0.95
        Of the intervals.
    undiscounted : bool, default False
        Effects without discounting; costs and net benefit are always discounted.

    Returns
    -------
    pandas.DataFrame
        One row per segment (``all segments`` first), quantity and strategy, then per difference from the
        comparator: ``segment``; ``quantity``: ``cost``, ``effect`` or ``net benefit``; ``name``: the
        perspective or measure; ``strategy``; ``compared_with``: empty, or the comparator; ``mean``;
        ``se``, the Monte Carlo standard error of the mean; ``low, high``, the interval of the draws: what
        is not known about the quantity, which more draws do not narrow.

    Raises
    ------
    CostModelError
        There is one draw, the level is not between 0 and 1, or a name is unknown.

    Notes
    -----
    The standard error is that of independent draws, ``sd / sqrt(n)``. Over a Sobol design it overstates the
    error; :func:`costmodel.analysis.convergence.replicated` measures that. The difference of a strategy is
    taken draw by draw, so that what both share cancels.

    Examples
    --------
    >>> import pandas as pd
    >>> from costmodel.model import outcomes_from_table
    >>> table = pd.DataFrame({"draw": [0, 1] * 2, "strategy": ["a", "a", "b", "b"], "cost": [1.0, 3, 2, 8]})
    >>> found = outcomes_from_table(table, currency="USD", price_year=2026, comparator="a")
    >>> rows = summarise(found)
    >>> rows[["strategy", "compared_with", "mean", "se"]].round(6).values.tolist()
    [['a', '', 2.0, 1.0], ['b', '', 5.0, 3.0], ['b', 'a', 3.0, 2.0]]
    """
    import pandas as pd

    enough(outcomes)
    in_interval(level, "level", low=0, high=1, open_low=True)
    if level == 1:
        raise CostModelError("level must be below 1: no interval holds everything")
    if wtp is not None:
        in_interval(wtp, "willingness to pay", low=0)
    rows = []
    for segment in (None, *(outcomes.segments if len(outcomes.segments) > 1 else ())):
        for quantity, name, values in _quantities(outcomes, segment, wtp, effect, undiscounted=undiscounted):
            for strategy, other, one in _rows(outcomes, values):
                row = {"segment": segment or ALL, "quantity": quantity, "name": name}
                rows.append({**row, "strategy": strategy, "compared_with": other, **_spread(one, level)})
    return pd.DataFrame(rows)


def enough(outcomes: Outcomes) -> None:
    """Refuse outcomes of one draw.

    Raises
    ------
    CostModelError
    """
    if outcomes.n_draws < _LEAST:
        raise CostModelError(
            f"outcomes of '{outcomes.study}' have one draw, which has no spread: run several, "
            "such as study.run(n=1000)"
        )


def _quantities(
    outcomes: Outcomes, segment: str | None, wtp: float | None, effect: str, *, undiscounted: bool
) -> Iterator[tuple[str, str, Floats]]:
    for perspective in outcomes.perspectives:
        yield "cost", perspective, outcomes.cost(perspective, segment=segment)
    for name in outcomes.effects:
        yield "effect", name, outcomes.total(name, segment=segment, discounted=not undiscounted)
    if wtp is not None:
        gained = outcomes.total(effect, segment=segment)
        for perspective in outcomes.perspectives:
            yield "net benefit", perspective, wtp * gained - outcomes.cost(perspective, segment=segment)


def _rows(outcomes: Outcomes, values: Floats) -> Iterator[tuple[str, str, Floats]]:
    reference = outcomes.strategies.index(outcomes.comparator)
    for strategy, own in zip(outcomes.strategies, values, strict=True):
        yield strategy, "", own
    for row, strategy in enumerate(outcomes.strategies):
        if row != reference:
            yield strategy, outcomes.comparator, values[row] - values[reference]


def _spread(values: Floats, level: float) -> dict[str, float]:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    error = values.std(ddof=1) / np.sqrt(len(values))
    return {"mean": float(values.mean()), "se": float(error), "low": float(low), "high": float(high)}
