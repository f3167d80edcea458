"""Tests of a cohort: probabilities, conservation, states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from costmodel.errors import CostModelError
from costmodel.inputs import Draws
from costmodel.model.accrual import FloatArray
from costmodel.model.definition import Transition
from costmodel.model.run import StrategyRun
from costmodel.model.verification.compare import (
    TOLERANCE,
    all_hold,
    gap,
    listed,
    number,
    same,
    same_outcomes,
    within,
)
from costmodel.model.verification.registry import check
from costmodel.model.verification.result import Finding, not_applicable, verdict
from costmodel.model.verification.rewrite import split, state_probes
from costmodel.model.verification.subject import Subject

GROUP = "Cohort"
CLIPPED = 0.1
RAISED = 1000.0
NO_STATES = "the study has no states"


@check(
    GROUP,
    "probabilities lie in [0, 1] and rows sum to one",
    changed="nothing; every draw, segment, strategy, state and cycle",
    expected="no probability out of range; where the study says what to do, in at most 10 % of draws",
)
def probabilities_in_range(subject: Subject) -> Finding:
    """Tell what the engine refuses, and count what it clips."""
    if subject.model.states is None:
        return not_applicable(NO_STATES)
    _ = subject.sample
    faults: list[str] = []
    count, worst = 0, 0.0
    for name, run in subject.runs.items():
        for state, row in run.rows.items():
            parts = [row.stay, *(move.probability for move in row.moves)]
            count += sum(part.size for part in parts)
            worst = max(worst, gap(np.asarray(sum(parts)), 1.0))
            if any(np.any((part < -TOLERANCE) | (part > 1 + TOLERANCE)) for part in parts):
                faults.append(f"{name}, {state}: a probability is out of range")
            clipped = run.clipped.get(state, 0)
            if clipped > CLIPPED * run.n_draws:
                faults.append(f"{name}, {state}: clipped in {clipped} of {run.n_draws} draws")
    if subject.rejected > CLIPPED * subject.n:
        faults.append(f"{subject.rejected} draws were rejected for {subject.n}")
    if worst > TOLERANCE:
        faults.append(f"a row sums to one with an error of {number(worst)}")
    return all_hold(
        faults,
        f"{count:,} probabilities, {subject.rejected} draws rejected; error of sums {number(worst)}",
        deviation=worst,
    )


@check(
    GROUP,
    "no rate is used as if it were a probability",
    changed="each rate (`r_`) a thousand times as large",
    expected="every transition probability that rests on it still in [0, 1]",
)
def rates_saturate(subject: Subject) -> Finding:
    """Find the linear shortcut r·t: 1 − exp(−r·t) stays below one however large r is."""
    rates, judged = subject.starting_with("r_"), 0
    moves = [item for item in subject.model.transitions if item.value is not None and not item.is_rate]
    faults: list[str] = []
    for rate in rates:
        for strategy, item, _, after in _raw(subject, rate, RAISED, moves):
            judged += 1
            most = float(after.max())
            fault = f"{item}: {number(most)} when {rate} is {RAISED:g} times as large ({strategy})"
            if most > 1 + TOLERANCE and not any(str(item) in other for other in faults):
                faults.append(fault)
    if not judged:
        return not_applicable("no transition probability rests on a rate (r_)")
    return all_hold(faults, f"{judged} probabilities stay in [0, 1]")


@check(
    GROUP,
    "a higher relative effect raises what it multiplies",
    changed="each relative effect (`hr_`, `rr_`, `or_`) raised by a tenth",
    expected="of the transitions that change, at least one goes up",
)
def relative_effects_raise(subject: Subject) -> Finding:
    """Find a ratio that divides, or multiplies the wrong way round: it lowers all that it touches."""
    moves = [
        item for item in subject.model.transitions if item.value is not None and item.source != item.target
    ]
    effects, judged, faults = subject.starting_with("hr_", "rr_", "or_"), 0, []
    for name in effects:
        found = list(_raw(subject, name, 1.1, moves))
        changed = [(item, after - before) for _, item, before, after in found if gap(before, after) > 0]
        judged += len(changed)
        if changed and all(np.all(difference <= 0) for _, difference in changed):
            items = dict.fromkeys(str(item) for item, _ in changed)
            faults.append(f"{name} up lowers {listed(items)}")
    if not judged:
        return not_applicable("no transition rests on a relative effect (hr_, rr_, or_)")
    return all_hold(faults, f"{judged} transitions of {len(effects)} relative effects")


def _raw(
    subject: Subject, name: str, factor: float, moves: list[Transition]
) -> Iterator[tuple[str, Transition, FloatArray, FloatArray]]:
    """Give each transition's formula before and after a parameter is multiplied, where both are defined."""
    value = subject.base_value(name)
    values = {key: np.repeat(array, 2) for key, array in subject.base_draw.values.items()}
    values[name] = np.array([value, factor * value])
    states = subject.model.states
    try:
        found = subject.environments(Draws(values, 2, None, "base"))
    except CostModelError:
        return
    for strategy, environment in found.items():
        for item in moves:
            assert states is not None
            assert item.value is not None
            if name not in subject.leaves(strategy, item.value.names):
                continue
            try:
                array = environment.evaluate_in_state(
                    item.value, str(item), stages=states.stages(item.source)
                )
            except CostModelError:
                continue
            if array.shape[2] > 1:
                yield strategy, item, array[:, :, 0], array[:, :, 1]


@check(
    GROUP,
    "nobody is lost and nobody appears",
    changed="nothing; every draw, segment, strategy and boundary",
    expected="occupancy that sums to one and to those who joined",
)
def occupancy_sums(subject: Subject) -> Finding:
    """Show that the cohort is conserved."""
    if subject.model.states is None:
        return not_applicable(NO_STATES)
    worst, most = 0.0, 0.0
    for run in subject.runs.values():
        whole = _people(run)
        expected = 1.0 + _joined(run)
        worst, most = max(worst, gap(whole, expected)), max(most, float(whole.max()))
    boundaries = subject.model.time.n_cycles + 1
    return within(worst, f"{boundaries} boundaries, largest error {number(worst)}, at most {number(most)}")


def _people(run: StrategyRun) -> FloatArray:
    assert run.trace is not None
    return np.asarray(sum(run.trace.collapsed(name) for name in run.trace.occupancy))


def _joined(run: StrategyRun) -> FloatArray:
    """Return who has joined by each boundary, (boundary, draw or 1, segment or 1)."""
    states, boundaries = run.model.states, run.model.time.n_cycles + 1
    assert states is not None
    total = np.zeros((boundaries, 1, 1))
    for name, expression in states.inflow.items():
        joining = run.value(expression, f"inflow of {name}")
        total = total + np.broadcast_to(joining, (boundaries, *joining.shape[1:]))
    return np.cumsum(total, axis=0) - total[:1]


@check(
    GROUP,
    "no state holds less than nobody",
    changed="nothing; every draw, segment, strategy and boundary",
    expected="no negative occupancy",
)
def occupancy_is_not_negative(subject: Subject) -> Finding:
    """Show that a share of people is never negative."""
    if subject.model.states is None:
        return not_applicable(NO_STATES)
    least = min(
        float(array.min())
        for run in subject.runs.values()
        if run.trace is not None
        for array in run.trace.occupancy.values()
    )
    return verdict(least >= -TOLERANCE, f"smallest share {number(least)}")


@check(
    GROUP,
    "a state that is never left never empties",
    changed="nothing; every draw, segment and strategy",
    expected="occupancy of absorbing states and of the dead that never falls",
)
def absorbing_never_falls(subject: Subject) -> Finding:
    """Show that the dead stay dead, and so does everyone in a state without a way out."""
    states = subject.model.states
    if states is None:
        return not_applicable(NO_STATES)
    left = {item.source for item in subject.model.transitions if item.source != item.target}
    kept = [name for name in states.names if name not in left or name in subject.dead]
    if not kept:
        return not_applicable("every state can be left")
    faults, falls = [], 0.0
    for strategy, run in subject.runs.items():
        assert run.trace is not None
        for name in kept:
            fall = float((-np.diff(run.trace.collapsed(name), axis=0)).max(initial=0.0))
            falls = max(falls, fall)
            if fall > TOLERANCE:
                faults.append(f"{name} falls by {number(fall)} in a cycle ({strategy})")
    return all_hold(faults, f"{listed(kept)}: largest fall {number(max(falls, 0.0))}")


@check(
    GROUP,
    "without transitions everyone stays",
    changed="every transition removed",
    expected="the occupancy of the start, times the horizon, in every state",
)
def no_transitions(subject: Subject) -> Finding:
    """Show that time in the states is then the start's shares times the horizon."""
    states = subject.model.states
    if states is None:
        return not_applicable(NO_STATES)
    if states.inflow:
        return not_applicable("people join later")
    time = replace(subject.model.time, within_cycle="trapezoid")
    still = replace(subject.model, transitions=(), time=time)
    found = subject.after(state_probes(still)).undiscounted
    shares = subject.after(state_probes(still, per="once")).undiscounted
    worst, horizon = gap(found, time.horizon_years * shares), time.horizon_years
    return within(worst, f"{len(states.names)} states, {number(horizon)} years, error {number(worst)}")


@check(
    GROUP,
    "a state split in two halves changes nothing",
    changed="one state, divided into two that are alike",
    expected="the same totals",
)
def split_state(subject: Subject) -> Finding:
    """Show that the names of states carry no meaning of their own."""
    states = subject.model.states
    if states is None:
        return not_applicable(NO_STATES)
    moves = subject.model.transitions
    able = [name for name in states.names if not any(_clips(item, name) for item in moves)]
    able = [name for name in able if any(item.source == name for item in moves)] or able
    if not able:
        return not_applicable("probabilities that are clipped lead into every state")
    entered = [name for name in able if any(_halves(item, name) for item in moves)] or able
    finding = same_outcomes(subject.before, subject.after(split(subject.model, entered[0])))
    return replace(finding, found=f"{entered[0]} split: {finding.found}")


def _clips(item: Transition, name: str) -> bool:
    return item.target == name and item.on_invalid != "error"


def _halves(item: Transition, name: str) -> bool:
    return item.target == name and item.source != name and item.value is not None


@check(
    GROUP,
    "the order of states and transitions changes nothing",
    changed="states and transitions in reverse order",
    expected="the same totals",
)
def order_of_states(subject: Subject) -> Finding:
    """Show that tables may be sorted."""
    states = subject.model.states
    if states is None:
        return not_applicable(NO_STATES)
    turned = replace(
        subject.model,
        states=replace(states, names=states.names[::-1]),
        transitions=subject.model.transitions[::-1],
    )
    return same_outcomes(subject.before, subject.after(turned))


@check(
    GROUP,
    "time in all states adds up to the horizon",
    changed="a payoff of 1 per year added, in each state and in all of them",
    expected="the horizon, and the sum over the states",
)
def time_in_states(subject: Subject) -> Finding:
    """Show that who is followed is followed all the time."""
    states = subject.model.states
    if states is None:
        return not_applicable(NO_STATES)
    found = subject.after(state_probes(subject.model)).undiscounted
    whole = found[:, 0]
    finding = same(found[:, 1:].sum(axis=1), whole, "the sum over states")
    return replace(finding, found=f"{number(float(whole.mean()))} years; {finding.found}")


@check(
    GROUP,
    "everyone who enters the tree leaves it",
    changed="nothing; the probability of reaching each branch, at every draw",
    expected="ends of the tree whose probabilities sum to one",
)
def tree_conserves(subject: Subject) -> Finding:
    """Show that the tree loses nobody, and that nobody comes out twice."""
    tree = subject.model.tree
    if not tree:
        return not_applicable("the study has no tree")
    nodes = {node.name for node in tree}
    ends = [
        f"{node.name}.{branch.name}"
        for node in tree
        for branch in node.branches
        if branch.target not in nodes
    ]
    worst = max(
        gap(np.asarray(sum(run.branches[name] for name in ends)), 1.0) for run in subject.runs.values()
    )
    return within(worst, f"{len(ends)} ends; their sum is one within {number(worst)}")
