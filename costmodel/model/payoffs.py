"""What payoffs add up to: in states, once, on entering a state, on a transition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import NamedTuple

import numpy as np

from costmodel.errors import CostModelError
from costmodel.model.accrual import (
    FloatArray,
    boundary_weights,
    compact,
    discount_factors,
    weigh,
    year_of_cycle,
    year_weights,
)
from costmodel.model.definition import Model, Payoff, Timing, WithinCycle
from costmodel.model.run import StrategyRun
from costmodel.model.values import Environment
from costmodel.model.weighing import added


class Sums(NamedTuple):
    """What a payoff adds up to.

    Parameters
    ----------
    discounted, undiscounted : array, shape (draw or 1, segment or 1)
    years : array, shape (year, draw or 1, segment or 1)
        Undiscounted.
    value : array, shape (draw or 1, segment or 1), or None
        What all of them are still to be multiplied by.
    """

    discounted: FloatArray
    undiscounted: FloatArray
    years: FloatArray
    value: FloatArray | None = None

    def put(self, targets: Sequence[FloatArray], *, first: bool) -> None:
        """Write the sums into arrays of the same kinds, or add to them unless they are the first."""
        for target, own in zip(targets, self[:3], strict=True):
            if first and self.value is not None:
                np.multiply(own, self.value, out=target)
            elif first:
                target[...] = own
            else:
                np.add(target, own if self.value is None else own * self.value, out=target)


@dataclass(frozen=True)
class Batch:
    """The weights of all payoffs in states with one within-cycle rule: one product gives all of their sums.

    Parameters
    ----------
    discounted : array, shape (way, boundary)
        A row for each way of discounting.
    years : array, shape (year, boundary)
        Undiscounted.
    rows : mapping of tuple to int
        Row of each way of discounting.
    """

    discounted: FloatArray
    years: FloatArray
    rows: Mapping[tuple[object, ...], int]

    def sums(self, run: StrategyRun, states: tuple[str, ...]) -> FloatArray:
        """Return the weighed time in some states together, shape (sum, draw or 1, segment or 1).

        The sums are discounted in each way, undiscounted, and by year.
        """
        return np.asarray(reduce(np.add, [self._sums(run, state) for state in states]))

    def _sums(self, run: StrategyRun, state: str) -> FloatArray:
        assert run.trace is not None
        key = (id(self), state)
        if key not in run.cache:
            people = compact(run.trace.collapsed(state))
            years = weigh(self.years, people)
            whole = added(years, 0)[np.newaxis]
            run.cache[key] = np.concatenate([weigh(self.discounted, people), whole, years])
        return run.cache[key]


@dataclass(frozen=True)
class Accrual:
    """How one payoff is summed over the horizon.

    Parameters
    ----------
    payoff : Payoff
    discounted : array
        Weight of each boundary, or of each cycle for an event.
    undiscounted : array, shape (1 + year, boundary or cycle)
        Weights of the whole, then of each year.
    at_boundaries : bool
        Whether weights are of boundaries; those of uncorrected events are of cycles.
    averaged : bool
        Whether occupancy is averaged over each cycle before it is weighed (the life-table rule).
    key : tuple
        What the weights depend on, so that payoffs with equal weights share sums.
    batch : Batch or None
        The payoffs in states with the same within-cycle rule.
    """

    payoff: Payoff
    discounted: FloatArray
    undiscounted: FloatArray
    at_boundaries: bool
    averaged: bool
    key: tuple[object, ...]
    batch: Batch | None = None

    @property
    def in_states(self) -> bool:
        """Whether the payoff accrues to those who are in some states."""
        return self.payoff.per in ("year", "cycle") and bool(self.payoff.states)

    def sums(self, run: StrategyRun) -> Sums:
        """Return what the payoff adds up to in one strategy."""
        payoff = self.payoff
        if payoff.per == "once":
            return self._once(run)
        if payoff.per == "event":
            return self._weighed(self._event_rates(run))
        if run.trace is None:
            return self._weighed(run.value(payoff.value, payoff.measure) * self._per_cycle(run.model))
        if not run.environment.depends_on_time_in_state(payoff.value):
            return self._in_states(run)
        parts = [self._by_time_in_state(run, state) for state in payoff.states]
        return Sums(*(reduce(np.add, items) for items in zip(*(part[:3] for part in parts), strict=True)))

    def _per_cycle(self, model: Model) -> float:
        return model.time.cycle_years if self.payoff.per == "year" else 1.0

    def _weighed(self, rates: FloatArray) -> Sums:
        if self.discounted.ndim == 1:
            every = weigh(np.concatenate([self.discounted[np.newaxis], self.undiscounted]), rates)
            return Sums(every[0], every[1], every[2:])
        both = weigh(self.undiscounted, rates)
        return Sums(weigh(self.discounted, rates), both[0], both[1:])

    def _once(self, run: StrategyRun) -> Sums:
        payoff = self.payoff
        if payoff.branches:
            value = run.value(payoff.value, payoff.measure)[0]
            amount = np.asarray(sum(run.branches[name] for name in payoff.branches)) * value
        elif run.trace is None or not payoff.states:
            amount = run.value(payoff.value, payoff.measure)[0]
        else:
            amount = np.asarray(
                sum(
                    run.trace.occupancy[state][0, 0] * run.value_in(payoff.value, state, payoff.measure)[0, 0]
                    for state in payoff.states
                )
            )
        years = np.zeros((len(self.undiscounted) - 1, *amount.shape))
        years[0] = amount
        return Sums(amount, amount, years)

    def _in_states(self, run: StrategyRun) -> Sums:
        """Weigh a value that is the same in all states and at any time in them."""
        payoff, trace, batch = self.payoff, run.trace, self.batch
        assert trace is not None
        assert batch is not None
        value = run.value(payoff.value, payoff.measure) * self._per_cycle(run.model)
        if len(value) > 1 or self.key not in batch.rows:
            people = reduce(np.add, [trace.collapsed(state) for state in payoff.states])
            return self._weighed((_averaged(people) if self.averaged else people) * value)
        sums = batch.sums(run, payoff.states)
        ways = len(batch.rows)
        return Sums(sums[batch.rows[self.key]], sums[ways], sums[ways + 1 :], value[0])

    def _by_time_in_state(self, run: StrategyRun, state: str) -> Sums:
        assert run.trace is not None
        value = run.value_in(self.payoff.value, state, self.payoff.measure) * self._per_cycle(run.model)
        people = run.trace.occupancy[state]
        people = _averaged(people) if self.averaged else people
        return self._weighed(added(people * value, 1))

    def _event_rates(self, run: StrategyRun) -> FloatArray:
        payoff = self.payoff
        if payoff.transition:
            moves = run.moves(*payoff.transition)
            value = run.value_in(payoff.value, payoff.transition[0], payoff.measure)
        else:
            moves = run.moves("", payoff.enter)
            value = run.value(payoff.value, payoff.measure)[:, np.newaxis]
        value = value[:-1] if len(value) > 1 else value
        rates = run.flows(moves) * value[:, 0] if value.shape[1] == 1 else run.flows(moves, value)
        if not self.at_boundaries:
            return rates
        return np.concatenate([np.zeros((1, *rates.shape[1:])), rates])


def accruals(model: Model, environment: Environment) -> list[Accrual]:
    """Return how each payoff of a model is summed."""
    found = [_accrual(model, payoff, environment) for payoff in model.payoffs]
    batches = {
        rule: _batch([item for item in found if item.key[0] == rule])
        for rule in {item.key[0] for item in found if item.in_states}
    }
    return [replace(item, batch=batches[item.key[0]]) if item.in_states else item for item in found]


def _batch(items: Sequence[Accrual]) -> Batch:
    """Put the weights of payoffs with one within-cycle rule together."""
    items = [item for item in items if item.in_states]
    own = {item.key: item.discounted for item in items if item.discounted.ndim == 1}
    years = items[0].undiscounted[1:]
    discounted = np.array(list(own.values())).reshape(len(own), years.shape[1])
    rows = {key: row for row, key in enumerate(own)}
    if items[0].averaged:
        return Batch(_spread(discounted), _spread(years), rows)
    return Batch(discounted, years, rows)


def _spread(weights: FloatArray) -> FloatArray:
    """Return the weights of boundaries from those of the averages between them."""
    result = np.zeros_like(weights)
    result[:, :-1] = weights[:, :-1] / 2
    result[:, 1:] += weights[:, :-1] / 2
    return result


def _accrual(model: Model, payoff: Payoff, environment: Environment) -> Accrual:
    conventions, time = model.discounting, model.time
    own = conventions.costs if payoff.kind == "cost" else conventions.effects
    expression = payoff.discount if payoff.discount is not None else own
    name = f"discount rate of {payoff.measure}"
    rate = environment.evaluate(expression, name)
    if rate.shape[-1] > 1:
        raise CostModelError(f"{name} changes over cycles: '{expression.text}'; give one yearly rate")
    rule: WithinCycle = payoff.within_cycle if payoff.within_cycle is not None else time.within_cycle
    timing: Timing = payoff.timing or conventions.timing
    if payoff.per == "event" and payoff.within_cycle is None:
        return _event_accrual(model, payoff, rate[..., 0], timing)
    discounted = boundary_weights(
        rule=rule,
        n_cycles=time.n_cycles,
        cycle_years=time.cycle_years,
        rate=rate[..., 0],
        method=conventions.method,
        timing=timing,
    )
    years = year_weights(
        rule=rule, n_cycles=time.n_cycles, cycle_years=time.cycle_years, n_years=time.n_years
    )
    return Accrual(
        payoff=payoff,
        discounted=discounted,
        undiscounted=np.concatenate([years.sum(axis=0, keepdims=True), years]),
        at_boundaries=True,
        averaged=rule == "life-table",
        key=(rule, expression.text, timing),
    )


def _event_accrual(model: Model, payoff: Payoff, rate: FloatArray, timing: Timing) -> Accrual:
    """Weigh events by cycle: at its end unless the payoff says start or middle, never corrected."""
    time = model.time
    offset = {"start": 0.0, "middle": 0.5, "boundary": 1.0}[timing]
    times = (np.arange(time.n_cycles, dtype=np.float64) + offset) * time.cycle_years
    years = np.zeros((1 + time.n_years, time.n_cycles))
    years[0] = 1.0
    year = year_of_cycle(n_cycles=time.n_cycles, cycle_years=time.cycle_years, n_years=time.n_years)
    years[1 + year, np.arange(time.n_cycles)] = 1.0
    return Accrual(
        payoff=payoff,
        discounted=discount_factors(rate, times, model.discounting.method),
        undiscounted=years,
        at_boundaries=False,
        averaged=False,
        key=("event", timing),
    )


def _averaged(people: FloatArray) -> FloatArray:
    """Return the mean of occupancy at both ends of each cycle, on the boundary at its start."""
    result = np.zeros_like(people)
    result[:-1] = (people[:-1] + people[1:]) / 2
    return result
