"""The one evaluation path: a model and draws in, outcomes out, for one draw or a million."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import Expression
from costmodel.inputs import Draws
from costmodel.model.accrual import FloatArray
from costmodel.model.cohort import Workspace
from costmodel.model.definition import Model
from costmodel.model.outcomes import Outcomes
from costmodel.model.payoffs import accruals
from costmodel.model.run import StrategyRun, run_strategy
from costmodel.model.values import Environment, Plan

_ELEMENTS = 5120
"""Most draws × segments evaluated together: arrays of this size stay in the processor's cache."""
_TRACE = 6_000_000
"""Most numbers in the trace of a strategy, for memory's sake: 48 megabytes."""


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
    shape = (len(model.strategies), len(model.measures), draws.n, len(model.segments))
    totals = np.empty((2, *shape))
    years = np.empty((*shape[:2], model.time.n_years, *shape[2:]))
    sizes = np.empty((draws.n, len(model.segments)))
    clipped: Counter[str] = Counter()
    plan, drawn = Plan.of(model, wanted_names(model)), draws.compact()
    size = block or _even(draws.n, block_size(model))
    with Workspace.borrowed() as workspace:
        for start in range(0, draws.n, size):
            chosen = slice(start, min(start + size, draws.n))
            part = _Block(plan, drawn, chosen, workspace)
            clipped += part.fill(totals[..., chosen, :], years[..., chosen, :], sizes[chosen])
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
        by_year=np.moveaxis(years, 2, -1),
        sizes=sizes,
        clipped=clipped,
    )


def _even(n_draws: int, most: int) -> int:
    """Return the size of blocks that are all about as large."""
    return -(-n_draws // -(-n_draws // most))


def block_size(model: Model) -> int:
    """Return how many draws are evaluated together at most."""
    slots = 1
    if model.states is not None:
        slots = sum(model.states.stages(name) for name in model.states.names)
    most = min(_ELEMENTS, _TRACE // (slots * (model.time.n_cycles + 1)))
    return max(1, most // len(model.segments))


@dataclass(frozen=True)
class _Block:
    """Some draws that are evaluated together."""

    plan: Plan
    drawn: Mapping[str, FloatArray]
    chosen: slice
    workspace: Workspace

    def environments(self) -> dict[str, Environment]:
        """Return all names by strategy; one number for all draws stays one."""
        return self.plan.environments(
            {name: values if len(values) == 1 else values[self.chosen] for name, values in self.drawn.items()}
        )

    def fill(self, totals: FloatArray, years: FloatArray, sizes: FloatArray) -> Counter[str]:
        """Write the block's results where they belong, and count the draws that were clipped."""
        model, found = self.plan.model, self.environments()
        first = found[model.strategies[0].name]
        _fill_sizes(model, first, sizes)
        sums, measures = accruals(model, first), list(model.measures)
        clipped: Counter[str] = Counter()
        for row, strategy in enumerate(found):
            run = self._run(strategy, found[strategy])
            begun: set[str] = set()
            for accrual in sums:
                measure = accrual.payoff.measure
                column = measures.index(measure)
                targets = (totals[0, row, column], totals[1, row, column], years[row, column])
                accrual.sums(run).put(targets, first=measure not in begun)
                begun.add(measure)
            clipped.update({f"{strategy}, {state}": count for state, count in run.clipped.items()})
        return clipped

    def _run(self, strategy: str, environment: Environment) -> StrategyRun:
        start, stop = self.chosen.start, self.chosen.stop
        return run_strategy(
            self.plan.model,
            environment,
            stop - start,
            strategy=strategy,
            first_draw=start,
            workspace=self.workspace,
        )


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
