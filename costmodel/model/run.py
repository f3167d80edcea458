"""One strategy's course: where its people are and what they do, for a block of draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import Expression
from costmodel.model.accrual import FloatArray, cycle_first
from costmodel.model.cohort import Move, Trace, flow, run_cohort
from costmodel.model.definition import Model, States
from costmodel.model.transitions import Row, transition_rows
from costmodel.model.tree import leaves, reached
from costmodel.model.values import Environment

_ROUNDING = 1e-9


@dataclass(frozen=True)
class StrategyRun:
    """The course of one strategy.

    Parameters
    ----------
    environment : Environment
    trace : Trace or None
        None in a model without states: everyone is in the one state that there is.
    rows : mapping of str to Row
        Transitions by state.
    n_draws : int
    branches : mapping of str to array, shape (draw or 1, segment or 1)
        Probability of reaching each branch of the tree.
    """

    environment: Environment
    n_draws: int
    trace: Trace | None = None
    rows: Mapping[str, Row] = field(default_factory=dict)
    branches: Mapping[str, FloatArray] = field(default_factory=dict)
    cache: dict[object, FloatArray] = field(default_factory=dict, repr=False, compare=False)

    @property
    def model(self) -> Model:
        """The model that is run."""
        return self.environment.model

    def value(self, expression: Expression, name: str) -> FloatArray:
        """Return a formula's values, cycle first: (boundary or 1, draw or 1, segment or 1)."""
        return cycle_first(self.environment.evaluate(expression, name))

    def value_in(self, expression: Expression, state: str, name: str) -> FloatArray:
        """Return a formula's values in a state: (boundary or 1, stage, draw or 1, segment or 1)."""
        assert self.model.states is not None
        stages = self.model.states.stages(state)
        return self.environment.evaluate_in_state(expression, name, stages=stages)

    def moves(self, source: str, target: str) -> list[Move]:
        """Return the transitions between two states; any source when ``source`` is empty."""
        return [
            move
            for state, row in self.rows.items()
            for move in row.moves
            if move.target == target and source in ("", state)
        ]

    def flows(self, moves: list[Move]) -> FloatArray:
        """Return who makes any of some transitions in each cycle, (cycle, draw, segment)."""
        assert self.trace is not None
        return np.asarray(sum(flow(self.trace, move) for move in moves))


def run_strategy(
    model: Model, environment: Environment, n_draws: int, *, strategy: str, first_draw: int = 0
) -> StrategyRun:
    """Run one strategy for a block of draws.

    Raises
    ------
    CostModelError
        A probability is out of range, or the start does not sum to one; the message says where.
    """
    branches = reached(model.tree, environment, strategy=strategy) if model.tree else {}
    if model.states is None:
        return StrategyRun(environment, n_draws, branches=branches)
    states = model.states

    def value(expression: Expression, state: str, name: str) -> FloatArray:
        array = environment.evaluate_in_state(expression, f"transition {name}", stages=states.stages(state))
        return array[:-1] if len(array) > 1 else array

    rows = transition_rows(model, value, strategy=strategy, first_draw=first_draw)
    shape = (n_draws, len(model.segments))
    trace = run_cohort(
        _start(states, environment, shape, strategy, leaves(model.tree, branches) if model.tree else None),
        {name: row.stay for name, row in rows.items()},
        [move for row in rows.values() for move in row.moves],
        stages={name: states.stages(name) for name in states.names},
        n_cycles=model.time.n_cycles,
        inflow=_inflow(states, environment),
    )
    return StrategyRun(environment, n_draws, trace, rows, branches)


def _start(
    states: States,
    environment: Environment,
    shape: tuple[int, int],
    strategy: str,
    leaves: Mapping[str, FloatArray] | None = None,
) -> dict[str, FloatArray]:
    """Return the share that starts in each state: by formula, or as the leaves of a tree give it."""
    empty = np.zeros((1, 1))
    shares = dict(leaves) if leaves is not None else _shares(states, environment, strategy)
    return {name: np.broadcast_to(shares.get(name, empty), shape) for name in states.names}


def _shares(states: States, environment: Environment, strategy: str) -> dict[str, FloatArray]:
    shares: dict[str, FloatArray] = {}
    for name, expression in states.start.items():
        if expression is not None:
            shares[name] = environment.evaluate(expression, f"start of {name}")[..., 0]
            if np.any(shares[name] < 0):
                raise CostModelError(
                    f"strategy '{strategy}': the share that starts in '{name}' must be at least 0; "
                    f"found {shares[name].min():g} from '{expression.text}'"
                )
    whole = np.asarray(sum(shares.values()))
    rest = next((name for name, expression in states.start.items() if expression is None), None)
    if rest is not None:
        shares[rest] = 1.0 - whole
        if np.any(shares[rest] < -_ROUNDING):
            raise CostModelError(
                f"strategy '{strategy}': the shares that start in {', '.join(shares)} must sum to at most 1; "
                f"found {whole.max():g}"
            )
    elif np.any(np.abs(whole - 1.0) > _ROUNDING):
        worst = whole.flat[int(np.argmax(np.abs(whole - 1.0)))]
        raise CostModelError(
            f"strategy '{strategy}': the shares that start in the states must sum to 1; found {worst:g}; "
            'one of them may be "complement"'
        )
    return shares


def _inflow(states: States, environment: Environment) -> dict[str, FloatArray]:
    found = {}
    for name, expression in states.inflow.items():
        joining = cycle_first(environment.evaluate(expression, f"inflow of {name}"))
        if np.any(joining < 0):
            raise CostModelError(
                f"the inflow of state '{name}' must be at least 0; found {joining.min():g} from "
                f"'{expression.text}'"
            )
        found[name] = joining
    return found
