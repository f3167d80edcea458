"""What payoffs add up to: in states, once, on entering a state, on a transition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costmodel.errors import CostModelError
from costmodel.model.accrual import (
    FloatArray,
    boundary_weights,
    discount_factors,
    weigh,
    year_of_cycle,
    year_weights,
)
from costmodel.model.definition import Model, Payoff, Timing, WithinCycle
from costmodel.model.run import StrategyRun
from costmodel.model.values import Environment

Sums = tuple[FloatArray, FloatArray, FloatArray]
"""Discounted and undiscounted totals, (draw, segment), and undiscounted by year, (year, draw, segment)."""


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
    """

    payoff: Payoff
    discounted: FloatArray
    undiscounted: FloatArray
    at_boundaries: bool
    averaged: bool
    key: tuple[object, ...]

    def sums(self, run: StrategyRun) -> Sums:
        """Return what the payoff adds up to in one strategy."""
        payoff = self.payoff
        if payoff.per == "once":
            return self._once(run)
        if payoff.per == "event":
            return self._weighed(self._event_rates(run))
        if run.trace is None:
            return self._weighed(run.value(payoff.value, payoff.measure) * self._per_cycle(run.model))
        parts = [self._in_state(run, state) for state in payoff.states]
        discounted, undiscounted, years = (sum(items) for items in zip(*parts, strict=True))
        return np.asarray(discounted), np.asarray(undiscounted), np.asarray(years)

    def _per_cycle(self, model: Model) -> float:
        return model.time.cycle_years if self.payoff.per == "year" else 1.0

    def _weighed(self, rates: FloatArray) -> Sums:
        both = weigh(self.undiscounted, rates)
        return weigh(self.discounted, rates), both[0], both[1:]

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
        return amount, amount, years

    def _in_state(self, run: StrategyRun, state: str) -> Sums:
        payoff = self.payoff
        value = run.value_in(payoff.value, state, payoff.measure) * self._per_cycle(run.model)
        if value.shape[:2] == (1, 1):
            whole, both = self._occupancy_sums(run, state)
            constant = value[0, 0]
            return whole * constant, both[0] * constant, both[1:] * constant
        assert run.trace is not None
        people = run.trace.occupancy[state]
        people = _averaged(people) if self.averaged else people
        if value.shape[1] == 1:
            return self._weighed(people.sum(axis=1) * value[:, 0])
        return self._weighed(np.asarray((people * value).sum(axis=1)))

    def _occupancy_sums(self, run: StrategyRun, state: str) -> tuple[FloatArray, FloatArray]:
        """Return the weighed time in a state, shared by all payoffs with the same weights."""
        assert run.trace is not None
        whole, both = (self.key, state, "discounted"), (self.key[:1], state, "undiscounted")
        if whole not in run.cache or both not in run.cache:
            people = run.trace.collapsed(state)
            people = _averaged(people) if self.averaged else people
            if whole not in run.cache:
                run.cache[whole] = weigh(self.discounted, people)
            if both not in run.cache:
                run.cache[both] = weigh(self.undiscounted, people)
        return run.cache[whole], run.cache[both]

    def _event_rates(self, run: StrategyRun) -> FloatArray:
        payoff = self.payoff
        moves = run.moves(*payoff.transition) if payoff.transition else run.moves("", payoff.enter)
        value = run.value(payoff.value, payoff.measure)
        rates = run.flows(moves) * (value[:-1] if len(value) > 1 else value)
        if not self.at_boundaries:
            return rates
        return np.concatenate([np.zeros((1, *rates.shape[1:])), rates])


def accruals(model: Model, environment: Environment) -> list[Accrual]:
    """Return how each payoff of a model is summed."""
    return [_accrual(model, payoff, environment) for payoff in model.payoffs]


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
