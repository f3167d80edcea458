"""Events per 1,000 person-years, by strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costmodel.checks import in_interval
from costmodel.errors import CostModelError

if TYPE_CHECKING:
    import pandas as pd

    from costmodel.model import Outcomes


def event_rates(
    outcomes: Outcomes,
    *,
    person_years: str = "life_years",
    per: float = 1000,
    segment: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return every event per so many person-years, by strategy, undiscounted.

    Parameters
    ----------
    outcomes : Outcomes
        One draw or many, with measures of kind ``event``.
    person_years : str, default "life_years"
        The measure of the time at risk.
    per : float, default 1000
    segment : str, optional
        All segments, weighed by size, if left out.
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    pandas.DataFrame
        One row per event and strategy, in the study's order: ``event, strategy, rate``, the mean over draws,
        and ``low, high``, their interval, equal to the rate where there is one draw.

    Raises
    ------
    CostModelError
        There is no event, a measure or segment is unknown, or nobody lives for any time.

    Examples
    --------
    >>> import costmodel as cm
    >>> found = event_rates(cm.read_study("clonazepam-us").run(scenario="no_elasticity"))
    >>> falls = found[found["event"] == "hip_fractures"].set_index("strategy")["rate"].round(3)
    >>> bool(falls["brand"] == falls["generic"])
    True
    """
    import pandas as pd

    in_interval(level, "level", low=0, high=1, open_low=True)
    events = [name for name, kind in outcomes.measures.items() if kind == "event"]
    if not events:
        raise CostModelError("the outcomes hold no event; give a payoff kind = 'event'")
    time = outcomes.total(person_years, segment=segment, discounted=False)
    if (time <= 0).any():
        raise CostModelError(f"person-years must be above 0 in every draw; '{person_years}' is not")
    tails = [(1 - level) / 2, (1 + level) / 2]
    rows = []
    for event in events:
        rates = per * outcomes.total(event, segment=segment, discounted=False) / time
        for strategy, draws in zip(outcomes.strategies, rates, strict=True):
            low, high = np.quantile(draws, tails)
            rows.append((event, strategy, float(draws.mean()), float(low), float(high)))
    return pd.DataFrame(rows, columns=["event", "strategy", "rate", "low", "high"])
