"""People who walk through a model one by one, cycle by cycle, for a block of draws. NumPy only.

Nothing is decided here that the cohort engine does not decide: the same formulas, rows of transitions and
weights of payoffs hold. A person is in one state at each boundary, and a random number of the person's own
says which transition of the state is made in each cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import Expression
from costmodel.model.accrual import FloatArray
from costmodel.model.counting import ProbabilityError
from costmodel.model.crowd import Crowd
from costmodel.model.definition import Model, Payoff, States, Transition
from costmodel.model.layers import closure, uses
from costmodel.model.payoffs import Accrual, accruals
from costmodel.model.run import run_strategy
from costmodel.model.timed import BoolArray, Timed
from costmodel.model.times import IntArray
from costmodel.model.transitions import Row, transition_rows
from costmodel.model.uniforms import step, uniforms
from costmodel.model.values import Environment
from costmodel.units import MONTHS_PER_YEAR

_START, _FIRST_CYCLE, _TREE = 1, 2, 1 << 32
"""Places of a person's random numbers: the state at the start, cycles, nodes of the tree."""

_NOWHERE = -1


@dataclass(frozen=True)
class Walked:
    """What the people of a block come to under one strategy.

    Parameters
    ----------
    discounted : array, shape (measure, draw, person, segment)
    by_year : array, shape (measure, draw, segment, year)
        Undiscounted sums over people.
    clipped : mapping of str to array of bool, shape (draw,)
        By state, the draws in which a probability was brought back into its range.
    """

    discounted: FloatArray
    by_year: FloatArray
    clipped: Mapping[str, BoolArray]


def walk(model: Model, environment: Environment, crowd: Crowd, *, strategy: str, exact: bool) -> Walked:
    """Let people walk through one strategy.

    Parameters
    ----------
    model : Model
    environment : Environment
        Values with a row per draw, or per person, as the crowd says.
    crowd : Crowd
    strategy : str
    exact : bool
        Whether time in a state is remembered for good, or as far as the tunnel of the state does.
    """
    return _Walk(model, environment, crowd, strategy, exact=exact).to_the_end()


class _Ledger:
    """What one payoff comes to, by person and, undiscounted, by boundary or cycle."""

    def __init__(self, accrual: Accrual, crowd: Crowd, discounted: FloatArray, by_year: FloatArray) -> None:
        self.accrual, self.payoff, self.crowd = accrual, accrual.payoff, crowd
        self.discounted, self.by_year = discounted, by_year
        self.rates = np.zeros((accrual.undiscounted.shape[1], crowd.n_draws, crowd.n_segments))

    def add(self, place: int, who: IntArray, amounts: FloatArray) -> None:
        weight = self.accrual.discounted[place]
        if weight.ndim:
            weight = self.crowd.pick(weight, who)
        self.discounted[who] += weight * amounts
        self.rates[place] += self.crowd.sums(who, amounts)

    def add_once(self, who: IntArray, amounts: FloatArray) -> None:
        self.discounted[who] += amounts
        self.by_year[..., 0] += self.crowd.sums(who, amounts)

    def close(self) -> None:
        self.by_year += np.moveaxis(np.tensordot(self.accrual.undiscounted[1:], self.rates, 1), 0, -1)


class _Walk:
    """The people of one block on their way."""

    def __init__(
        self, model: Model, environment: Environment, crowd: Crowd, strategy: str, *, exact: bool
    ) -> None:
        self.model, self.environment, self.crowd, self.strategy = model, environment, crowd, strategy
        self.states = model.states or States(("",), {})
        self.place = {name: number for number, name in enumerate(self.states.names)}
        self.memory = {
            name: model.time.n_cycles + 1 if exact else self.states.stages(name) for name in self.place
        }
        self.timed = {name: self._timed_formulas(name) for name in self.place}
        self.boundary = 0
        self.clipped: dict[str, BoolArray] = {}
        self.static = self._rows([name for name in self.place if not self._moves_by_time(name)])
        self.values: dict[tuple[str, str], FloatArray] = {}
        self.now: dict[tuple[int, str], Environment] = {}
        self._open_ledgers()
        self.where, branches = self._start()
        self.since = np.zeros(len(self.where), dtype=np.intp)
        self._once(branches)

    def _open_ledgers(self) -> None:
        measures, crowd = list(self.model.measures), self.crowd
        self.discounted = np.zeros((len(measures), len(crowd.key)))
        self.by_year = np.zeros((len(measures), crowd.n_draws, crowd.n_segments, self.model.time.n_years))
        self.ledgers = [
            _Ledger(accrual, crowd, self.discounted[column], self.by_year[column])
            for accrual in accruals(self.model, self.environment)
            for column in [measures.index(accrual.payoff.measure)]
        ]

    def to_the_end(self) -> Walked:
        n_cycles = self.model.time.n_cycles
        for self.boundary in range(n_cycles + 1):
            boundary = self.boundary
            self.now.clear()
            here = {name: np.flatnonzero(self.where == number) for name, number in self.place.items()}
            for ledger in self.ledgers:
                if ledger.payoff.per in ("year", "cycle"):
                    self._accrue(ledger, boundary, here)
            if boundary < n_cycles:
                self._move(boundary, here)
        for ledger in self.ledgers:
            if ledger.payoff.per != "once":
                ledger.close()
        crowd = self.crowd
        shape = (-1, crowd.n_draws, crowd.n_people, crowd.n_segments)
        return Walked(self.discounted.reshape(shape), self.by_year, self.clipped)

    def _accrue(self, ledger: _Ledger, boundary: int, here: Mapping[str, IntArray]) -> None:
        """Add what a payoff in states comes to at a boundary; the life-table rule averages two cycles."""
        payoff, time = ledger.payoff, self.model.time
        factor = time.cycle_years if payoff.per == "year" else 1.0
        places = {boundary: factor}
        if ledger.accrual.averaged and self.model.states is not None:
            ends = {boundary: factor / 2, boundary - 1: factor / 2}
            places = {place: half for place, half in ends.items() if 0 <= place < time.n_cycles}
        for state in payoff.states if self.model.states is not None else ("",):
            who = here[state]
            if len(who):
                for place, share in places.items():
                    value = self._value(payoff.value, payoff.measure, state, place, who)
                    ledger.add(place, who, np.asarray(value * share))

    def _once(self, branches: Mapping[str, IntArray]) -> None:
        everyone = np.arange(len(self.where))
        for ledger in self.ledgers:
            payoff = ledger.payoff
            if payoff.per != "once":
                continue
            if payoff.branches:
                groups = [("", branches[name]) for name in payoff.branches]
            elif self.model.states is not None and payoff.states:
                groups = [(name, np.flatnonzero(self.where == self.place[name])) for name in payoff.states]
            else:
                groups = [("", everyone)]
            for state, who in groups:
                ledger.add_once(who, self._value(payoff.value, payoff.measure, state, 0, who))

    def _move(self, cycle: int, here: Mapping[str, IntArray]) -> None:
        """Let everyone make a transition, and count what depends on which."""
        where, since = self.where.copy(), self.since.copy()
        for state, who in here.items():
            if not len(who):
                continue
            row = self.static.get(state) or self._rows([state], cycle)[state]
            if not row.moves:
                continue
            arriving = self._arrivals(state, row, cycle, who)
            for ledger in self.ledgers:
                if ledger.payoff.per == "event":
                    self._count(ledger, state, cycle, who, arriving)
            moved = arriving != self.place[state]
            where[who] = arriving
            since[who[moved]] = cycle + 1
        self.where, self.since = where, since

    def _arrivals(self, state: str, row: Row, cycle: int, who: IntArray) -> IntArray:
        """Return people's next state: the first, in order, at which the sum of chances exceeds a number."""
        chances = {self.place[move.target]: move.probability for move in row.moves}
        chances[self.place[state]] = row.stay
        first, *others = sorted(chances)
        number = uniforms(self.crowd.key[who], step(_FIRST_CYCLE + cycle))
        arriving = np.full(len(who), first, dtype=np.intp)
        below = np.zeros((1, 1))
        for before, target in zip([first, *others], others, strict=False):
            chance = chances[before]
            below = below + chance[cycle if len(chance) > 1 else 0, 0]
            arriving[number >= self.crowd.pick(below, who)] = target
        return arriving

    def _count(self, ledger: _Ledger, state: str, cycle: int, who: IntArray, arriving: IntArray) -> None:
        payoff = ledger.payoff
        source, target = payoff.transition or ("", payoff.enter)
        if source not in ("", state) or target == state:
            return
        hit = who[arriving == self.place[target]]
        if len(hit):
            amounts = self._value(payoff.value, payoff.measure, source, cycle, hit)
            ledger.add(cycle + 1 if ledger.accrual.at_boundaries else cycle, hit, amounts)

    def _value(self, expression: Expression, name: str, state: str, cycle: int, who: IntArray) -> FloatArray:
        """Return a formula's value for people in a state; any state where it is empty."""
        if expression in self.timed.get(state, ()):
            array = self._environment(state, cycle).evaluate_in_state(expression, name, stages=1)[0, 0]
            return self.crowd.pick(array, who)
        key = (expression.text, name)
        if key not in self.values:
            array = (
                self.environment.evaluate_in_state(expression, name, stages=1)[:, 0]
                if state
                else (self.environment.over_time(expression, name).at_boundaries())
            )
            self.values[key] = array
        array = self.values[key]
        return self.crowd.pick(array[cycle if len(array) > 1 else 0], who)

    def _leaving(self, state: str) -> list[Transition]:
        return [item for item in self.model.transitions if item.source == state]

    def _timed_formulas(self, state: str) -> dict[Expression, None]:
        """Return the formulas of a state that depend on time in it, where that is remembered."""
        if self.memory[state] == 1:
            return {}
        formulas = [item.value for item in self._leaving(state) if item.value is not None]
        formulas += [payoff.value for payoff in self.model.payoffs if _applies(payoff, state)]
        return {item: None for item in formulas if self.environment.depends_on_time_in_state(item)}

    def _moves_by_time(self, state: str) -> bool:
        return any(item.value in self.timed[state] for item in self._leaving(state))

    def _rows(self, names: list[str], cycle: int | None = None) -> dict[str, Row]:
        """Return the rows of some states: of all cycles, or of everyone's time in state in one cycle."""
        if self.model.states is None:
            return {"": Row(np.ones((1, 1, 1, 1)), (), np.zeros(1, dtype=np.bool_))}
        model = replace(self.model, states=replace(self.model.states, names=tuple(names), tunnels={}))

        def value(expression: Expression, state: str, name: str) -> FloatArray:
            environment = self.environment if cycle is None else self._environment(state, cycle)
            array = environment.evaluate_in_state(expression, f"transition {name}", stages=1)
            return array[:-1] if len(array) > 1 else array

        try:
            rows = transition_rows(model, value, strategy=self.strategy, first_draw=self.crowd.first_draw)
        except ProbabilityError as error:
            if cycle is None and not self.crowd.individual:
                raise
            when = "" if cycle is None else f" in cycle {cycle}"
            raise CostModelError(
                f"{error} (simulating individuals{when}: a draw is one person here)"
            ) from None
        for name, row in rows.items():
            self._note_clipped(name, row.clipped)
        return rows

    def _note_clipped(self, state: str, clipped: BoolArray) -> None:
        if clipped.any():
            own = np.broadcast_to(clipped, self.crowd.rows) if len(clipped) == 1 else clipped
            by_draw = own.reshape(self.crowd.n_draws, -1).any(axis=1)
            self.clipped[state] = self.clipped.get(state, np.zeros(1, dtype=np.bool_)) | by_draw

    def _environment(self, state: str, cycle: int) -> Environment:
        """Return values in one cycle with a row per person, and each person's own time in a state."""
        key = (cycle, state)
        if key not in self.now:
            everything = self.environment
            formulas = [*self.timed[state], *(item.value for item in self._leaving(state) if item.value)]
            names = closure(everything.rules, set().union(*(item.names for item in formulas)))
            names |= set().union(*(item.names for item in formulas)) | _names_used(everything, names)
            timed = {
                name: Timed(self.crowd.spread(_in_cycle(values, cycle))[np.newaxis])
                for name, values in everything.timed.items()
                if name in names
            }
            self.now[key] = replace(everything, timed=timed, _stages={0: {**timed, **self._times_in(state)}})
        return self.now[key]

    def _times_in(self, state: str) -> dict[str, Timed]:
        """Return the time in a state of those who are in it, none for others, (1, person, segment)."""
        boundary = self.boundary
        cycles = np.where(self.where == self.place[state], boundary - self.since, 0)
        cycles = np.minimum(cycles, self.memory[state] - 1).astype(np.float64)
        cycles = cycles.reshape(1, self.crowd.everyone, -1)
        years = cycles * self.model.time.cycle_months / MONTHS_PER_YEAR
        return {"years_in_state": Timed(years), "cycles_in_state": Timed(cycles)}

    def _start(self) -> tuple[IntArray, dict[str, IntArray]]:
        """Return everyone's state at the start, and who reached each branch of the tree."""
        if self.model.states is None and not self.model.tree:
            return np.zeros(len(self.crowd.key), dtype=np.intp), {}
        model = replace(self.model, time=replace(self.model.time, horizon_years=0.0), transitions=())
        run = run_strategy(model, self.environment, self.crowd.rows, strategy=self.strategy)
        if self.model.tree:
            return self._through_tree(run.branches)
        assert run.trace is not None
        shares = [run.trace.occupancy[name][0, 0] for name in self.place]
        everyone = np.arange(len(self.crowd.key))
        return self._chosen(shares, uniforms(self.crowd.key, step(_START)), everyone), {}

    def _chosen(self, shares: list[FloatArray], number: FloatArray, who: IntArray) -> IntArray:
        """Return which of several shares a number falls into; the last takes what is left."""
        chosen = np.zeros(len(who), dtype=np.intp)
        below = np.zeros((1, 1))
        for position, share in enumerate(shares[:-1]):
            below = below + share
            chosen[number >= self.crowd.pick(below, who)] = position + 1
        return chosen

    def _through_tree(self, reach: Mapping[str, FloatArray]) -> tuple[IntArray, dict[str, IntArray]]:
        """Let people go through the decision tree, with a number of their own at each node."""
        tree = self.model.tree
        where = np.full(len(self.crowd.key), _NOWHERE if self.model.states else 0, dtype=np.intp)
        at: dict[str, list[IntArray]] = {node.name: [] for node in tree}
        at[tree[0].name] = [np.arange(len(where))]
        reached: dict[str, IntArray] = {}
        for number, node in enumerate(tree):
            who = np.concatenate([np.zeros(0, dtype=np.intp), *at[node.name]])
            shares = [reach[f"{node.name}.{branch.name}"] for branch in node.branches]
            whole = self.crowd.pick(np.asarray(sum(shares)), who)
            draw = uniforms(self.crowd.key[who], step(_TREE + number)) * whole
            taken = self._chosen(shares, draw, who)
            for position, branch in enumerate(node.branches):
                onward = who[taken == position]
                reached[f"{node.name}.{branch.name}"] = onward
                if branch.target in at:
                    at[branch.target].append(onward)
                elif branch.target and self.model.states:
                    where[onward] = self.place[branch.target]
        return where, reached


def _applies(payoff: Payoff, state: str) -> bool:
    """Tell whether a payoff's value is looked up in a state."""
    return state in payoff.states or (payoff.transition is not None and payoff.transition[0] == state)


def _in_cycle(values: Timed, cycle: int) -> FloatArray:
    """Return values in one cycle, (draw or 1, segment or 1)."""
    run = 0 if values.begins is None else int(np.count_nonzero(values.begins[: cycle + 1])) - 1
    return np.asarray(values.array[run])


def _names_used(environment: Environment, names: set[str]) -> set[str]:
    """Return what the rules of some names refer to, built-in names included."""
    return set().union(*(uses(environment.rules[name]) for name in names if name in environment.rules))
