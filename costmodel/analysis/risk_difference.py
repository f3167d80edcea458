"""Absolute risks of two strategies beside one another, and their difference draw by draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from costmodel.checks import in_interval, one_of
from costmodel.errors import CostModelError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from costmodel.model import Outcomes


def risk_differences(
    outcomes: Outcomes,
    strategy: str,
    comparator: str,
    *,
    events: Sequence[str] | None = None,
    segment: str | None = None,
    per: float = 1000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return how many events so many people have under two strategies, and how many more under the first.

    Undiscounted, over the whole horizon, per person at its start: whoever dies stays among the people, while
    :func:`event_rates` divides by the time lived. Differences are taken draw by draw, so that what both
    strategies share cancels: their interval is not that of two independent numbers.

    Parameters
    ----------
    outcomes : Outcomes
        One draw or many.
    strategy, comparator : str
        Such as ``generic`` and ``without``.
    events : sequence of str, optional
        Measures, in the order wanted; every measure of kind ``event`` if left out.
    segment : str, optional
        All segments, weighed by size, if left out.
    per : float, default 1000
        People.
    level : float, default 0.95
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        One row per event: ``event``; ``risk, risk_low, risk_high`` of the strategy; ``comparator,
        comparator_low, comparator_high``; ``difference, difference_low, difference_high``, above 0 where the
        strategy has more. Means over draws and quantiles; with one draw all three are the same. The level
        stands in ``attrs``.

    Raises
    ------
    CostModelError
        A strategy, event or segment is unknown (with the nearest spelling), or there is no event.

    Examples
    --------
    >>> import costmodel as cm
    >>> found = cm.read_study("clonazepam-one-person").run()
    >>> rows = risk_differences(found, "generic", "without", events=["somnolence"], segment="part_d")
    >>> rows[["risk", "comparator", "difference"]].round(6).values.tolist()
    [[181.0, 100.0, 81.0]]
    """
    import pandas as pd

    in_interval(level, "level", low=0, high=1, open_low=True)
    in_interval(per, "per (people)", low=0, open_low=True)
    known = [name for name, kind in outcomes.measures.items() if kind == "event"]
    if not known:
        raise CostModelError("the outcomes hold no event; give a payoff kind = 'event'")
    places = [
        outcomes.strategies.index(one_of(name, outcomes.strategies, "strategy"))
        for name in (strategy, comparator)
    ]
    tails = ((1 - level) / 2, (1 + level) / 2)
    rows = []
    for event in known if events is None else events:
        one_of(event, list(outcomes.measures), "event")
        amounts = per * outcomes.total(event, segment=segment, discounted=False)
        own, other = amounts[places[0]], amounts[places[1]]
        columns = {"risk": own, "comparator": other, "difference": own - other}
        row: dict[str, object] = {"event": event}
        for name, values in columns.items():
            row |= _spread(name, values, tails)
        rows.append(row)
    frame = pd.DataFrame(rows)
    frame.attrs["level"] = level
    return frame


def _spread(name: str, values: NDArray[np.float64], tails: tuple[float, float]) -> dict[str, float]:
    low, high = np.quantile(values, tails)
    return {name: float(values.mean()), f"{name}_low": float(low), f"{name}_high": float(high)}
