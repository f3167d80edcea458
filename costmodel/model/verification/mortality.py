"""Tests of death: who is dead stays so, earns nothing and costs nothing; without death everyone lives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costmodel.model.accrual import FloatArray
from costmodel.model.definition import Payoff
from costmodel.model.verification.cohort import NO_STATES
from costmodel.model.verification.compare import TOLERANCE, all_hold, gap, listed, number, within
from costmodel.model.verification.registry import check
from costmodel.model.verification.result import Finding, not_applicable, verdict
from costmodel.model.verification.rewrite import (
    PROBE,
    certain_moves_into,
    undiscounted,
    with_probe,
    without_moves_into,
)
from costmodel.model.verification.subject import Subject

GROUP = "Death"
WHOLE_LIFE = ("life_years", "life_year", "lys", "ly", "lifeyears", "survival")


def _applies(subject: Subject) -> Finding | None:
    if subject.model.states is None:
        return not_applicable(NO_STATES)
    if not subject.dead:
        return not_applicable("no state is called dead, and none is left out of the life-years for good")
    return None


@check(
    GROUP,
    "nobody returns from the dead",
    changed="nothing; every transition out of a state of the dead",
    expected="a probability of zero",
)
def dead_stay_dead(subject: Subject) -> Finding:
    """Find a way back to life: a slip in a transition's names."""
    missing = _applies(subject)
    if missing is not None:
        return missing
    faults = [
        f"{move.source} -> {move.target}: probability up to {number(float(move.probability.max()))} ({name})"
        for name, run in subject.runs.items()
        for state in subject.dead
        for move in run.rows[state].moves
        if move.target not in subject.dead and np.any(move.probability > 0)
    ]
    return all_hold(faults, f"{listed(subject.dead)}: no way out")


@check(
    GROUP,
    "nobody starts dead or joins as dead",
    changed="nothing; the start and the inflow of the states of the dead",
    expected="nobody",
)
def nobody_starts_dead(subject: Subject) -> Finding:
    """Find the dead in a cohort of the living; only a tree in front of it may send people there."""
    missing = _applies(subject)
    if missing is not None:
        return missing
    states = subject.model.states
    assert states is not None
    faults = []
    for name, run in subject.runs.items():
        assert run.trace is not None
        for state in subject.dead:
            share = float(run.trace.collapsed(state)[0].max())
            if share > TOLERANCE and not subject.model.tree:
                faults.append(f"{state}: {number(share)} at the start ({name})")
            if state in states.inflow:
                joining = float(run.value(states.inflow[state], f"inflow of {state}").max())
                faults += [f"{state}: {number(joining)} join per cycle ({name})"] if joining > 0 else []
    return all_hold(faults, f"{listed(subject.dead)}: nobody at the start, no inflow")


def _in_dead(subject: Subject, kinds: tuple[str, ...]) -> tuple[list[str], int]:
    """Return what accrues to the dead, and the number of payoffs looked at."""
    faults = []
    chosen = [item for item in subject.model.payoffs if item.kind in kinds and item.per in ("year", "cycle")]
    for item in chosen:
        for state in (state for state in item.states if state in subject.dead):
            values = [run.value_in(item.value, state, item.measure) for run in subject.runs.values()]
            most = max(float(np.abs(array).max()) for array in values)
            if most > 0:
                faults.append(f"{item.measure}: up to {number(most)} per {item.per} in state '{state}'")
    return faults, len(chosen)


@check(
    GROUP,
    "the dead earn no life-years and no QALYs",
    changed="nothing; every payoff of a kind that only the living earn",
    expected="nothing in the states of the dead",
)
def dead_earn_nothing(subject: Subject) -> Finding:
    """Find benefits that outlast life."""
    missing = _applies(subject)
    if missing is not None:
        return missing
    faults, count = _in_dead(subject, ("qaly", "life_years"))
    if not count:
        return not_applicable("no QALYs or life-years accrue")
    return all_hold(faults, f"{count} payoffs leave out {listed(subject.dead)}")


@check(
    GROUP,
    "the dead cost nothing further",
    changed="nothing; every cost that accrues per year or per cycle",
    expected="nothing in the states of the dead; a cost of dying stands on entering them",
)
def dead_cost_nothing(subject: Subject) -> Finding:
    """Find treatment that outlasts life."""
    missing = _applies(subject)
    if missing is not None:
        return missing
    faults, count = _in_dead(subject, ("cost",))
    if not count:
        return not_applicable("no cost accrues over time")
    return all_hold(faults, f"{count} payoffs leave out {listed(subject.dead)}")


def _life_years(subject: Subject) -> list[Payoff]:
    """Return the payoffs of the measure that counts all life-years, if there is one."""
    chosen = [
        item
        for item in subject.living_payoffs
        if item.kind == "life_years" and item.measure.lower() in WHOLE_LIFE
    ]
    return [item for item in chosen if item.measure == chosen[0].measure]


@check(
    GROUP,
    "zero mortality gives the horizon",
    changed="every transition into the states of the dead removed",
    expected="life-years, undiscounted, equal to the horizon of everyone",
)
def zero_mortality(subject: Subject) -> Finding:
    """Find a living state that is left out, or a year that is counted twice."""
    missing = _applies(subject)
    if missing is not None:
        return missing
    payoffs = _life_years(subject)
    if not payoffs:
        return not_applicable(f"no measure is called {listed(WHOLE_LIFE)}")
    living = replace(subject.model, payoffs=tuple(payoffs), perspectives={})
    immortal = without_moves_into(living, subject.dead)
    found = subject.after(with_probe(immortal, subject.alive, like=payoffs[0]))
    lived, time = found.undiscounted[:, 0], found.undiscounted[:, 1]
    worst = gap(lived, time)
    return within(
        worst,
        f"{payoffs[0].measure}: {_range(lived)} in {_range(time)} years, without death",
    )


@check(
    GROUP,
    "certain death leaves one cycle at most",
    changed="every transition into the states of the dead made certain",
    expected="life-years, undiscounted, of at most one cycle",
)
def certain_death(subject: Subject) -> Finding:
    """Find whoever dies in the first cycle and lives longer than it lasts."""
    missing = _applies(subject)
    if missing is not None:
        return missing
    states, payoffs = subject.model.states, _life_years(subject)
    assert states is not None
    mortal = {item.source for item in subject.model.transitions if item.target in subject.dead}
    if states.inflow or not set(subject.alive) <= mortal:
        return not_applicable("people join later, or a state does not lead to death at once")
    if not payoffs:
        return not_applicable(f"no measure is called {listed(WHOLE_LIFE)}")
    if isinstance(payoffs[0].within_cycle or subject.model.time.within_cycle, tuple):
        return not_applicable("the cycles have explicit weights")
    only = replace(subject.model, payoffs=tuple(payoffs), perspectives={})
    lived = subject.after(certain_moves_into(only, subject.dead)).undiscounted[:, 0]
    cycle = subject.model.time.cycle_years
    return verdict(
        float(lived.max()) <= cycle + TOLERANCE,
        f"{payoffs[0].measure}: {_range(lived)} years; a cycle has {number(cycle)}",
    )


@check(
    GROUP,
    "nobody lives longer than time passes",
    changed="nothing; undiscounted totals beside the time spent alive",
    expected="life-years of at most the time alive, and not negative",
)
def life_years_in_time(subject: Subject) -> Finding:
    """Find a life-year per cycle instead of per year."""
    measures = {item.measure: item for item in subject.living_payoffs if item.kind == "life_years"}
    if not measures:
        return not_applicable("no life-years accrue")
    faults, told = [], ""
    for measure, payoff in measures.items():
        lived, time = against_time(subject, measure, payoff)
        told = f"{measure}: at most {number(float(lived.max()))} in {number(float(time.max()))} years"
        if np.any(lived > time + TOLERANCE) or np.any(lived < -TOLERANCE):
            faults.append(f"{measure}: {_range(lived)} life-years in {_range(time)} years alive")
    return all_hold(faults, told)


def against_time(subject: Subject, measure: str, payoff: Payoff) -> tuple[FloatArray, FloatArray]:
    """Return a measure and the time alive by the same rule, undiscounted, (strategy, draw, segment)."""
    found = subject.after(with_probe(undiscounted(subject.model), subject.alive, like=payoff))
    names = list(found.measures)
    return found.undiscounted[:, names.index(measure)], found.undiscounted[:, names.index(PROBE)]


def _range(values: FloatArray) -> str:
    low, high = number(float(values.min())), number(float(values.max()))
    return low if low == high else f"{low} to {high}"
