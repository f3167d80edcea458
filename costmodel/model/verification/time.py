"""Tests of time: discounting, horizon, cycles, years."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import constant
from costmodel.model.accrual import FloatArray
from costmodel.model.definition import Model, Payoff, WithinCycle
from costmodel.model.outcomes import Outcomes
from costmodel.model.verification.compare import TOLERANCE, all_hold, gap, listed, number, same
from costmodel.model.verification.registry import check
from costmodel.model.verification.result import Finding, not_applicable
from costmodel.model.verification.rewrite import (
    PROBE,
    discounted_at,
    plus,
    undiscounted,
    with_cycles,
    with_probe,
)
from costmodel.model.verification.subject import Subject

GROUP = "Time and discounting"
HIGHEST = 0.2
CYCLE_ERROR = 0.1


@check(
    GROUP,
    "without discounting, totals are the undiscounted ones",
    changed="every discount rate at zero",
    expected="discounted totals equal to the undiscounted totals of the study",
)
def discounting_at_zero(subject: Subject) -> Finding:
    """Show that discounting is all that stands between the two."""
    after = subject.after(undiscounted(subject.model))
    return same(subject.before.undiscounted, after.discounted, "totals")


@check(
    GROUP,
    "a higher discount rate lowers totals",
    changed="every discount rate raised by 5 percentage points",
    expected="totals of payoffs of one sign no larger",
)
def discounting_lowers(subject: Subject) -> Finding:
    """Show that what comes later weighs less."""
    after = subject.after(discounted_at(subject.model, lambda rate: plus(rate, 0.05)))
    return _shrinks(subject, subject.before, after)


def _shrinks(subject: Subject, before: Outcomes, after: Outcomes) -> Finding:
    faults, chosen, largest = [], _one_signed(subject), 0.0
    if not chosen:
        return not_applicable("no measure has payoffs of one sign")
    for row in chosen:
        one, two = np.abs(before.discounted[:, row]), np.abs(after.discounted[:, row])
        largest = max(largest, float(np.max(one - two)))
        if np.any(two > one + TOLERANCE * np.maximum(1, one)):
            where = np.unravel_index(int(np.argmax(two - one)), one.shape)
            name = list(before.measures)[row]
            faults.append(f"{name}: {number(one[where])} becomes {number(two[where])}")
    return all_hold(faults, f"{len(chosen)} measures; largest fall {number(largest)}")


def _one_signed(subject: Subject) -> list[int]:
    """Return the measures whose payoffs never change sign, as their values are."""
    chosen = []
    for row, measure in enumerate(subject.model.measures):
        signs: set[float] = set()
        for payoff in (item for item in subject.model.payoffs if item.measure == measure):
            for array in _values(subject, payoff):
                signs |= set(np.unique(np.sign(array)).tolist())
        if not {-1.0, 1.0} <= signs:
            chosen.append(row)
    return chosen


def _values(subject: Subject, payoff: Payoff) -> list[FloatArray]:
    states = payoff.states or ((payoff.transition[0],) if payoff.transition else ())
    if subject.model.states is None or not states:
        return [run.value(payoff.value, payoff.measure) for run in subject.runs.values()]
    return [
        run.value_in(payoff.value, state, payoff.measure) for run in subject.runs.values() for state in states
    ]


@check(
    GROUP,
    "discount rates are plausible",
    changed="nothing; every discount rate at every draw and segment",
    expected="rates between 0 and 20 % a year",
)
def discount_rates(subject: Subject) -> Finding:
    """Find per cent instead of a proportion, or a negative rate."""
    conventions = subject.model.discounting
    given = {"costs": conventions.costs, "effects": conventions.effects}
    given |= {item.measure: item.discount for item in subject.model.payoffs if item.discount is not None}
    faults, seen = [], []
    for name, rate in given.items():
        arrays = [run.environment.evaluate(rate, f"discount rate of {name}") for run in subject.runs.values()]
        low, high = min(float(a.min()) for a in arrays), max(float(a.max()) for a in arrays)
        seen += [low, high]
        if low < 0 or high > HIGHEST:
            faults.append(f"{name}: {number(low)} to {number(high)} a year")
    return all_hold(faults, f"{number(min(seen))} to {number(max(seen))} a year")


@check(
    GROUP,
    "discount parameters work the right way round",
    changed="each parameter that only discount rates rest on, raised by 1 percentage point",
    expected="totals of payoffs of one sign no larger",
)
def discount_parameters(subject: Subject) -> Finding:
    """Find a rate that a formula turns round."""
    names = sorted(_discount_only(subject))
    chosen = _one_signed(subject)
    if not names or not chosen:
        return not_applicable("no parameter feeds discount rates alone")
    base, *others = subject.moved([{}, *({name: subject.base_value(name) + 0.01} for name in names)])
    faults = []
    for name, item in zip(names, others, strict=True):
        if item.problem:
            faults.append(f"{name}: {item.problem}")
            continue
        one, two = np.abs(base.discounted[:, chosen]), np.abs(item.discounted[:, chosen])
        if np.any(two > one + TOLERANCE * np.maximum(1, one)):
            where = np.unravel_index(int(np.argmax(two - one)), one.shape)
            faults.append(f"{name} up: a total rises from {number(one[where])} to {number(two[where])}")
    return all_hold(faults, f"{listed(names)}: no total rises")


def _discount_only(subject: Subject) -> set[str]:
    model = subject.model
    rates = [model.discounting.costs, model.discounting.effects]
    rates += [item.discount for item in model.payoffs if item.discount is not None]
    return subject.only(rates)


@check(
    GROUP,
    "a horizon of zero leaves the one-offs",
    changed="the horizon at zero",
    expected="what is paid once at the start, and nothing else",
)
def horizon_at_zero(subject: Subject) -> Finding:
    """Show that nothing has accrued before any time has passed."""
    after = subject.after(with_cycles(subject.model, 0))
    once = subject.after(
        replace(subject.model, payoffs=tuple(_only_once(item) for item in subject.model.payoffs))
    )
    finding = same(once.discounted, after.discounted, "totals")
    largest = float(np.abs(after.discounted).max())
    return replace(finding, found=f"one-offs of up to {number(largest)}; {finding.found}")


def _only_once(item: Payoff) -> Payoff:
    return item if item.per == "once" else replace(item, value=constant(0.0))


@check(
    GROUP,
    "a longer horizon never lowers totals",
    changed="the horizon, cut to about half",
    expected="totals of payoffs of one sign no larger than over the whole horizon",
)
def longer_horizon(subject: Subject) -> Finding:
    """Show that time adds and does not take away."""
    cycles = subject.model.time.n_cycles
    half = 2 * (cycles // 4) if "simpson" in _rules(subject.model) else cycles // 2
    if not half:
        return not_applicable("the horizon is too short to be halved")
    if any(isinstance(rule, tuple) for rule in _rules(subject.model)):
        return not_applicable("the cycles have explicit weights")
    return _shrinks(subject, subject.before, subject.after(with_cycles(subject.model, half)))


def _rules(model: Model) -> set[WithinCycle]:
    own = {item.within_cycle for item in model.payoffs if item.within_cycle is not None}
    return {model.time.within_cycle, *own}


@check(
    GROUP,
    "results by year add up",
    changed="nothing; undiscounted results by year",
    expected="their sum equal to the undiscounted total",
)
def years_add_up(subject: Subject) -> Finding:
    """Show that nothing falls between two years."""
    before = subject.before
    finding = same(before.by_year.sum(axis=-1), before.undiscounted, "the sum over years")
    return replace(finding, found=f"{before.by_year.shape[-1]} years; {finding.found}")


@check(
    GROUP,
    "one a year integrates to the horizon",
    changed="a payoff of 1 per year for everyone added, by each within-cycle rule that the study uses",
    expected="the horizon in years, undiscounted",
)
def constant_integrates(subject: Subject) -> Finding:
    """Find weights that count a cycle half, or one time too many."""
    states = subject.model.states
    model = subject.model if states is None else replace(subject.model, states=replace(states, inflow={}))
    names = () if states is None else states.names
    horizon, faults, told = subject.model.time.horizon_years, [], []
    for rule in _rules(subject.model):
        like = replace(subject.model.payoffs[0], within_cycle=rule)
        found = subject.after(with_probe(model, names, like=like)).total(PROBE, discounted=False)
        label = rule if isinstance(rule, str) else "explicit weights"
        told.append(f"{label}: {number(float(found.max()))} of {number(horizon)} years")
        if gap(found, np.full_like(found, horizon)) > TOLERANCE:
            faults.append(told[-1])
    return all_hold(faults, "; ".join(told))


@check(
    GROUP,
    "shorter cycles tell the same story",
    changed="cycles half as long, trapezoid rule, where every probability is made from a rate or the cycle",
    expected="undiscounted totals within 10 % of the measure's largest",
)
def finer_cycles(subject: Subject) -> Finding:
    """Find a cost that is scaled to the cycle twice, or not at all."""
    reason = _cycle_bound(subject)
    if reason:
        return not_applicable(reason)
    coarse = with_cycles(subject.model, subject.model.time.n_cycles)
    coarse = replace(coarse, time=replace(coarse.time, within_cycle="trapezoid"))
    fine = replace(coarse, time=replace(coarse.time, cycle_months=coarse.time.cycle_months / 2))
    try:
        one, two = subject.after(coarse), subject.after(fine)
    except CostModelError as problem:
        return not_applicable(f"cannot be evaluated in cycles half as long: {problem}")
    faults, worst = [], 0.0
    for row, measure in enumerate(one.measures):
        scale = max(float(np.abs(one.undiscounted[:, row]).max()), TOLERANCE)
        change = float(np.abs(two.undiscounted[:, row] - one.undiscounted[:, row]).max()) / scale
        worst = max(worst, change)
        if change > CYCLE_ERROR:
            faults.append(f"{measure} changes by {100 * change:.3g} %")
    return all_hold(faults, f"largest change {100 * worst:.2g} %")


def _cycle_bound(subject: Subject) -> str:
    """Say why the length of a cycle cannot be changed, if it cannot."""
    model = subject.model
    if not model.time.n_cycles:
        return "the horizon is zero"
    if any(isinstance(rule, tuple) for rule in _rules(model)):
        return "the cycles have explicit weights"
    if model.states is not None and (model.states.tunnels or model.states.inflow):
        return "tunnels and inflow are counted in cycles"
    if any(item.per == "cycle" for item in model.payoffs):
        return "a payoff is given per cycle"
    given = [item.value for item in model.payoffs] + [
        item.value for item in model.transitions if item.value is not None
    ]
    below = [subject.names(name, value.names) for value in given for name in subject.rules]
    if any({"cycle", "cycles_in_state"} & names for names in below):
        return "a formula counts cycles"
    for item in model.transitions:
        if item.value is not None and not item.is_rate:
            names = [subject.names(name, item.value.names) for name in subject.rules]
            if any("cycle_years" not in found for found in names):
                return f"the probability of {item} is given for the cycle as it is"
    return ""
