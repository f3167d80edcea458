"""The one evaluation path: a model and draws in, outcomes out, for one draw or a million."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from threading import Lock

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import Expression, FormulaError
from costmodel.inputs import Design, Draws
from costmodel.inputs.drawn import Part
from costmodel.inputs.randomness import BLOCK
from costmodel.model.accrual import FloatArray
from costmodel.model.cohort import Workspace
from costmodel.model.counting import ProbabilityError, counted, depends_on_draws, from_draw
from costmodel.model.definition import Model
from costmodel.model.ordering import crossings, refusing
from costmodel.model.outcomes import Outcomes
from costmodel.model.payoffs import accruals
from costmodel.model.run import run_strategy
from costmodel.model.timed import BoolArray
from costmodel.model.values import Environment, Plan
from costmodel.workers import processors, share

_ELEMENTS = 10240
"""Most draws × segments evaluated together: arrays of this size stay in the processor's cache."""
_BLOCKS = 4
"""Number of blocks from which on they are evaluated in several threads."""
_TRACE = 6_000_000
"""Most numbers in the trace of a strategy, for memory's sake: 48 megabytes."""


def evaluate(
    model: Model,
    draws: Draws | Design,
    *,
    block: int | None = None,
    workers: int | None = None,
    done: Callable[[int], object] | None = None,
) -> Outcomes:
    """Evaluate every strategy for every draw and segment.

    The base case is one draw, a probabilistic analysis many; there is no other path. Time grows in
    proportion to draws × segments × strategies × transitions × cycles, memory to the outcomes alone: draws
    are evaluated in blocks, and many of them in several threads. Neither changes any number.

    Parameters
    ----------
    model : Model
    draws : Draws or Design
        Values of the model's parameters, one per draw. Those of a design are made block by block.
    block : int, optional
        Draws evaluated together; chosen for the processor's cache if left out.
    workers : int, optional
        Threads; as many as there are processors if left out, and one where draws are few.
    done : callable, optional
        Is told the number of draws of each block that has been evaluated, by one thread at a time.

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
    size = block or _even(draws.n, block_size(model))
    results, turn = _Results.empty(model, draws.n), Lock()

    def work(parts: Iterator[Part]) -> None:
        with Workspace.borrowed() as workspace:
            for part in parts:
                results.fill(part, workspace)
                if done is not None:
                    with turn:
                        done(part.stop - part.start)

    try:
        share(draws.parts(size), work, workers=workers or _workers(draws.n, size))
    except (FormulaError, ProbabilityError) as problem:
        if draws.n > size and depends_on_draws(problem):
            raise counted(problem, draws.parts(size), partial(results.fill, workspace=Workspace())) from None
        raise
    return results.outcomes()


def _workers(n_draws: int, size: int) -> int:
    """Return how many threads pay: starting them, and taking turns, costs more than a few blocks."""
    blocks = -(-n_draws // size)
    return min(processors(), blocks) if blocks >= _BLOCKS else 1


def _even(n_draws: int, most: int) -> int:
    """Return the size of blocks that are all about as large: whole blocks of random numbers if it can be."""
    even = -(-n_draws // -(-n_draws // most))
    if n_draws <= most or most < BLOCK:
        return even
    return min(-(-even // BLOCK), most // BLOCK) * BLOCK


def block_size(model: Model) -> int:
    """Return how many draws are evaluated together at most."""
    slots = 1
    if model.states is not None:
        slots = sum(model.states.stages(name) for name in model.states.names)
    most = min(_ELEMENTS, _TRACE // (slots * (model.time.n_cycles + 1)))
    return max(1, most // len(model.segments))


@dataclass(frozen=True)
class _Results:
    """Room for the outcomes of all draws, filled block by block in any order.

    Parameters
    ----------
    plan : Plan
    totals : array, shape (2, strategy, measure, draw, segment)
        Discounted and undiscounted.
    years : array, shape (strategy, measure, year, draw, segment)
    sizes : array, shape (draw, segment)
    clipped : dict of int to Counter
        By the first draw of each block, the draws in which probabilities were clipped.
    """

    plan: Plan
    totals: FloatArray
    years: FloatArray
    sizes: FloatArray
    clipped: dict[int, Counter[str]]

    @classmethod
    def empty(cls, model: Model, n_draws: int) -> _Results:
        shape = (len(model.strategies), len(model.measures), n_draws, len(model.segments))
        totals = np.empty((2, *shape))
        years = np.empty((*shape[:2], model.time.n_years, *shape[2:]))
        return cls(Plan.of(model, wanted_names(model)), totals, years, np.empty(shape[2:]), {})

    def fill(self, part: Part, workspace: Workspace) -> None:
        """Evaluate some draws, and write the results where they belong."""
        try:
            self._fill(part, workspace)
        except FormulaError as problem:
            raise from_draw(problem, part.start) from None

    def _fill(self, part: Part, workspace: Workspace) -> None:
        model, chosen = self.plan.model, slice(part.start, part.stop)
        totals, years = self.totals[..., chosen, :], self.years[..., chosen, :]
        found = self.plan.environments(part.draws().compact())
        first = found[model.strategies[0].name]
        _fill_sizes(model, first, self.sizes[chosen])
        sums, measures = accruals(model, first), list(model.measures)
        clipped: Counter[str] = Counter()
        for row, strategy in enumerate(found):
            run = run_strategy(
                model,
                found[strategy],
                part.stop - part.start,
                strategy=strategy,
                first_draw=part.start,
                workspace=workspace,
            )
            crossed = crossings(refusing(model), found[strategy], strategy=strategy, first_draw=part.start)
            begun: set[str] = set()
            for accrual in sums:
                measure = accrual.payoff.measure
                column = measures.index(measure)
                targets = (totals[0, row, column], totals[1, row, column], years[row, column])
                accrual.sums(run).put(targets, first=measure not in begun)
                begun.add(measure)
            clipped.update({f"{strategy}, {state}": count for state, count in run.clipped.items()})
            clipped.update(_counted(crossed, part.stop - part.start))
        self.clipped[part.start] = clipped

    def outcomes(self) -> Outcomes:
        """Return the outcomes when all blocks are filled."""
        model = self.plan.model
        return Outcomes(
            study=model.name,
            money=model.money,
            strategies=tuple(strategy.name for strategy in model.strategies),
            comparator=model.comparator,
            measures=model.measures,
            segments=tuple(segment.name for segment in model.segments),
            perspectives=model.perspectives,
            discounted=self.totals[0],
            undiscounted=self.totals[1],
            by_year=np.moveaxis(self.years, 2, -1),
            sizes=self.sizes,
            clipped=sum((self.clipped[start] for start in sorted(self.clipped)), Counter()),
        )


def wanted_names(model: Model) -> set[str]:
    """Return every name that an evaluation of the model starts from."""
    ordered = {name for order in model.orders for name in (order.lower, order.upper)}
    return ordered.union(*(expression.names for expression in starting_points(model)))


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


def _counted(crossed: Mapping[str, BoolArray], n_draws: int) -> dict[str, int]:
    """Return in how many draws values crossed, where they did; one value stands for every draw."""
    counts = {name: int(np.broadcast_to(wrong, n_draws).sum()) for name, wrong in crossed.items()}
    return {name: count for name, count in counts.items() if count}


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
