"""The one evaluation path: a model and draws in, outcomes out, for one draw or a million."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import Expression
from costmodel.inputs import Draws
from costmodel.model.accrual import FloatArray
from costmodel.model.definition import Model
from costmodel.model.outcomes import Outcomes
from costmodel.model.payoffs import Accrual, accruals
from costmodel.model.run import StrategyRun, run_strategy
from costmodel.model.values import Environment, environments

_ELEMENTS = 4096
"""Draws × segments evaluated together: arrays of this size stay in the processor's cache."""


def evaluate(model: Model, draws: Draws, *, block: int | None = None) -> Outcomes:
    """Evaluate every strategy for every draw and segment.

    The base case is one draw, a probabilistic analysis many; there is no other path. Time grows in
    proportion to draws × segments × strategies × transitions × cycles, memory to the outcomes alone: draws
    are evaluated in blocks, which change no number.

    Parameters
    ----------
    model : Model
    draws : Draws
        Values of the model's parameters, one per draw.
    block : int, optional
        Draws evaluated together; chosen for the processor's cache if left out.

    Returns
    -------
    Outcomes

    Raises
    ------
    CostModelError
        A parameter has no draws, a probability or a size is out of range, or a result is not finite.

    Examples
    --------
    >>> from costmodel.model.examples import two_prices, two_prices_draws
    >>> outcomes = evaluate(two_prices(), two_prices_draws())
    >>> outcomes.cost("payer").tolist()
    [[400.0], [100.0]]
    """
    size = block or max(1, _ELEMENTS // len(model.segments))
    shape = (len(model.strategies), len(model.measures), draws.n, len(model.segments))
    totals = np.zeros((2, *shape))
    years = np.zeros((*shape, model.time.n_years))
    sizes = np.empty((draws.n, len(model.segments)))
    for start, part in _blocks(draws, size):
        chosen = slice(start, start + part.n)
        _fill(model, part, totals[..., chosen, :], years[..., chosen, :, :], sizes[chosen], first_draw=start)
    return Outcomes(
        study=model.name,
        money=model.money,
        strategies=tuple(strategy.name for strategy in model.strategies),
        comparator=model.comparator,
        measures=model.measures,
        segments=tuple(segment.name for segment in model.segments),
        perspectives=model.perspectives,
        discounted=totals[0],
        undiscounted=totals[1],
        by_year=years,
        sizes=sizes,
    )


def _blocks(draws: Draws, size: int) -> Iterator[tuple[int, Draws]]:
    if draws.n <= size:
        yield 0, draws
        return
    for start in range(0, draws.n, size):
        yield start, draws.take(np.arange(start, min(start + size, draws.n)))


def _fill(
    model: Model, draws: Draws, totals: FloatArray, years: FloatArray, sizes: FloatArray, *, first_draw: int
) -> None:
    """Evaluate one block and write its results where they belong."""
    found = environments(model, draws, wanted_names(model))
    first = found[model.strategies[0].name]
    _fill_sizes(model, first, sizes)
    sums = accruals(model, first)
    measures = list(model.measures)
    for row, strategy in enumerate(model.strategies):
        run = run_strategy(
            model, found[strategy.name], draws.n, strategy=strategy.name, first_draw=first_draw
        )
        for payoff, accrual in zip(model.payoffs, sums, strict=True):
            column = measures.index(payoff.measure)
            _add(run, accrual, totals[:, row, column], years[row, column])


def _add(run: StrategyRun, accrual: Accrual, totals: FloatArray, years: FloatArray) -> None:
    discounted, undiscounted, by_year = accrual.sums(run)
    totals[0] += discounted
    totals[1] += undiscounted
    years += np.moveaxis(by_year, 0, -1)


def wanted_names(model: Model) -> set[str]:
    """Return every name that an evaluation of the model starts from."""
    return set().union(*(expression.names for expression in starting_points(model)))


def starting_points(model: Model) -> list[Expression]:
    """Return every formula that an evaluation of the model starts from."""
    found = [payoff.value for payoff in model.payoffs]
    found += [payoff.discount for payoff in model.payoffs if payoff.discount is not None]
    found += [segment.size for segment in model.segments]
    found += [model.discounting.costs, model.discounting.effects]
    found += [item.value for item in model.transitions if item.value is not None]
    found += [
        branch.probability
        for node in model.tree
        for branch in node.branches
        if branch.probability is not None
    ]
    if model.time.start_age is not None:
        found.append(model.time.start_age)
    if model.states is not None:
        found += [share for share in model.states.start.values() if share is not None]
        found += model.states.inflow.values()
    return found


def _fill_sizes(model: Model, environment: Environment, sizes: FloatArray) -> None:
    for column, segment in enumerate(model.segments):
        name = f"size of segment {segment.name}"
        size = environment.evaluate(segment.size, name)
        if size.shape[-1] > 1:
            raise CostModelError(
                f"{name} changes over cycles: '{segment.size.text}'; give the size at the start"
            )
        own = size[:, column if size.shape[1] > 1 else 0, 0]
        if np.any(own < 0):
            raise CostModelError(f"{name} must be at least 0; found {own.min():g} from '{segment.size.text}'")
        sizes[:, column] = own
