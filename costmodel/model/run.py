"""One strategy's course: where its people are and what they do, for a block of draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import Expression
from costmodel.model.accrual import FloatArray
from costmodel.model.cohort import Move, Trace, Workspace, flow, run_cohort
from costmodel.model.definition import Model, States
from costmodel.model.timed import BoolArray, common, run_of
from costmodel.model.transitions import Row, StateValue, transition_rows
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

    @property
    def clipped(self) -> dict[str, int]:
        """Number of draws in which the probabilities of a state were brought back into their range."""
        counts = {
            state: int(np.broadcast_to(row.clipped, self.n_draws).sum()) for state, row in self.rows.items()
        }
        return {state: count for state, count in counts.items() if count}

    def value(self, expression: Expression, name: str) -> FloatArray:
        """Return a formula's values, cycle first: (boundary or 1, draw or 1, segment or 1)."""
        return self.environment.over_time(expression, name).at_boundaries()

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

    def flows(self, moves: list[Move], value: FloatArray | None = None) -> FloatArray:
        """Return who makes any of some transitions in each cycle, (cycle, draw, segment).

        With a ``value`` per person by stage of the source, what it comes to.
        """
        assert self.trace is not None
        nobody = np.zeros((self.model.time.n_cycles, 1, 1))
        return np.asarray(sum((flow(self.trace, move, value) for move in moves), nobody))


def run_rows(model: Model, environment: Environment, *, strategy: str, first_draw: int = 0) -> dict[str, Row]:
    """Return the transitions of every state under one strategy."""
    return _rows(model, environment, strategy, first_draw)[0]


def _rows(
    model: Model, environment: Environment, strategy: str, first_draw: int
) -> tuple[dict[str, Row], BoolArray | None]:
    """Return the transitions of every state, and the cycles at which a period begins."""
    value, begins = _values_of_transitions(model, environment)
    return transition_rows(model, value, strategy=strategy, first_draw=first_draw, begins=begins), begins


def run_strategy(
    model: Model,
    environment: Environment,
    n_draws: int,
    *,
    strategy: str,
    first_draw: int = 0,
    workspace: Workspace | None = None,
) -> StrategyRun:
    """Run one strategy for a block of draws.

    With a ``workspace`` the trace holds until the next run with the same one.

    Raises
    ------
    CostModelError
        A probability is out of range, or the start does not sum to one; the message says where.
    """
    branches = (
        reached(model.tree, environment, strategy=strategy, first_draw=first_draw) if model.tree else {}
    )
    if model.states is None:
        return StrategyRun(environment, n_draws, branches=branches)
    states = model.states
    rows, begins = _rows(model, environment, strategy, first_draw)
    shape = (n_draws, len(model.segments))
    trace = run_cohort(
        _start(states, environment, shape, strategy, leaves(model.tree, branches) if model.tree else None),
        {name: row.stay for name, row in rows.items()},
        [move for row in rows.values() for move in row.moves],
        stages={name: states.stages(name) for name in states.names},
        n_cycles=model.time.n_cycles,
        inflow=_inflow(states, environment),
        period=None if begins is None else run_of(begins),
        workspace=workspace,
    )
    return StrategyRun(environment, n_draws, trace, rows, branches)


def _values_of_transitions(model: Model, environment: Environment) -> tuple[StateValue, BoolArray | None]:
    """Return what gives the values of transitions by period, and the cycles at which a period begins."""
    assert model.states is not None
    found = {}
    for item in model.transitions:
        if item.value is not None:
            stages = model.states.stages(item.source)
            name = f"transition {item}"
            found[str(item), item.value.text] = environment.over_time_in_state(
                item.value, name, stages=stages
            )
    begins = common(found.values())
    if begins is None:
        return lambda expression, _, name: found[name, expression.text].array, None
    of_cycles = begins[:-1]
    count = np.count_nonzero(of_cycles)

    def value(expression: Expression, _: str, name: str) -> FloatArray:
        return found[name, expression.text].on(begins)[:count]

    return value, of_cycles


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
        joining = environment.over_time(expression, f"inflow of {name}").at_boundaries()
        if np.any(joining < 0):
            raise CostModelError(
                f"the inflow of state '{name}' must be at least 0; found {joining.min():g} from "
                f"'{expression.text}'"
            )
        found[name] = joining
    return found
