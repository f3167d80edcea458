"""Where the cohort is: the share of people in each state over time, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costmodel.errors import CostModelError
from costmodel.inputs import Draws
from costmodel.model.accrual import FloatArray
from costmodel.model.definition import Model
from costmodel.model.evaluate import evaluate, wanted_names
from costmodel.model.run import run_strategy
from costmodel.model.values import environments

if TYPE_CHECKING:
    import pandas as pd

_BLOCK = 1024


def occupancy(model: Model, draws: Draws) -> pd.DataFrame:
    """Return the share of the cohort in each state at each boundary, under every strategy.

    Parameters
    ----------
    model : Model
        With states. Time in a state, where it is remembered, is added up.
    draws : Draws

    Returns
    -------
    DataFrame
        ``strategy, state, boundary, years, share``: the mean over draws of the average over segments by
        size, per person of the starting cohort. Shares sum to one at each boundary, or to more where
        people join later.

    Raises
    ------
    CostModelError
        The model has no states, or a probability is out of range.

    Examples
    --------
    >>> from costmodel.model.examples import well_or_dead, well_or_dead_draws
    >>> shares = occupancy(well_or_dead(), well_or_dead_draws())
    >>> shares[shares["state"] == "dead"]["share"].round(4).tolist()
    [0.0, 0.1, 0.19, 0.271]
    """
    import pandas as pd

    if model.states is None:
        raise CostModelError(f"study '{model.name}' has no states: nobody moves")
    weights = evaluate(model, draws).weights
    shape = (len(model.strategies), len(model.states.names), model.time.n_cycles + 1)
    shares = np.zeros(shape)
    for start in range(0, draws.n, _BLOCK):
        chosen = np.arange(start, min(start + _BLOCK, draws.n))
        shares += _block(model, draws.take(chosen), weights[chosen], first_draw=start) / draws.n
    strategy, state, boundary = (axis.ravel() for axis in np.indices(shape))
    return pd.DataFrame(
        {
            "strategy": np.array([item.name for item in model.strategies], dtype=object)[strategy],
            "state": np.array(model.states.names, dtype=object)[state],
            "boundary": boundary,
            "years": boundary * model.time.cycle_years,
            "share": shares.ravel(),
        }
    )


def _block(model: Model, draws: Draws, weights: FloatArray, *, first_draw: int) -> FloatArray:
    """Return the shares added up over some draws, shape (strategy, state, boundary)."""
    assert model.states is not None
    found = environments(model, draws, wanted_names(model))
    sums = []
    for strategy in model.strategies:
        own = found[strategy.name]
        run = run_strategy(model, own, draws.n, strategy=strategy.name, first_draw=first_draw)
        assert run.trace is not None
        sums.append([(run.trace.collapsed(name) * weights).sum(axis=(1, 2)) for name in model.states.names])
    return np.array(sums)
