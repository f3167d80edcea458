"""Tests of QALYs and other effects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costmodel.formulas import constant
from costmodel.model.accrual import FloatArray
from costmodel.model.definition import Payoff
from costmodel.model.run import StrategyRun
from costmodel.model.verification.compare import TOLERANCE, all_hold, gap, listed, number, within
from costmodel.model.verification.mortality import WHOLE_LIFE, against_time
from costmodel.model.verification.registry import check
from costmodel.model.verification.result import Finding, not_applicable
from costmodel.model.verification.rewrite import with_probe
from costmodel.model.verification.subject import Subject

GROUP = "Effects"
NO_QALYS = "no QALYs accrue over time"


def _qalys(subject: Subject) -> dict[str, list[Payoff]]:
    """Return the payoffs of each measure of QALYs that accrue."""
    found: dict[str, list[Payoff]] = {}
    for item in subject.living_payoffs:
        if item.kind == "qaly":
            found.setdefault(item.measure, []).append(item)
    return found


def _utility(run: StrategyRun, payoffs: list[Payoff], state: str | None) -> FloatArray:
    """Return QALYs per year in a state, all payoffs of a measure together."""
    total: FloatArray = np.zeros((1, 1, 1, 1))
    for item in payoffs:
        if state is None:
            value = run.value(item.value, item.measure)[:, np.newaxis]
        elif state in item.states:
            value = run.value_in(item.value, state, item.measure)
        else:
            continue
        per_year = 1.0 if item.per == "year" else 1.0 / run.model.time.cycle_years
        total = total + value * per_year
    return total


@check(
    GROUP,
    "utilities lie between −1 and 1",
    changed="nothing; QALYs per year in each state, all payoffs of a measure together, at every draw",
    expected="at most 1, full health, and at least −1",
)
def utilities_in_range(subject: Subject) -> Finding:
    """Find anyone who gains more than a QALY in a year."""
    measures = _qalys(subject)
    if not measures:
        return not_applicable(NO_QALYS)
    faults, low, high = [], np.inf, -np.inf
    for measure, payoffs in measures.items():
        for state in subject.alive or (None,):
            arrays = [_utility(run, payoffs, state) for run in subject.runs.values()]
            least, most = min(float(a.min()) for a in arrays), max(float(a.max()) for a in arrays)
            low, high = min(low, least), max(high, most)
            if most > 1 + TOLERANCE or least < -1 - TOLERANCE:
                where = f" in state '{state}'" if state else ""
                faults.append(f"{measure}{where}: {number(least)} to {number(most)} a year")
    return all_hold(faults, f"{number(low)} to {number(high)} a year")


@check(
    GROUP,
    "QALYs are no more than life-years",
    changed="nothing; undiscounted totals",
    expected="QALYs of at most the time spent alive",
)
def qalys_within_life_years(subject: Subject) -> Finding:
    """Find QALYs that nobody lives for: quality weights a life, it does not lengthen it."""
    measures = _qalys(subject)
    if not measures:
        return not_applicable(NO_QALYS)
    faults, told = [], ""
    for measure, payoffs in measures.items():
        rules = dict.fromkeys(item.within_cycle for item in payoffs)
        pairs = [
            against_time(subject, measure, next(item for item in payoffs if item.within_cycle == rule))
            for rule in rules
        ]
        gained, lived = pairs[0][0], np.max([time for _, time in pairs], axis=0)
        told = f"{measure}: at most {number(float(gained.max()))} in {number(float(lived.max()))} years alive"
        if np.any(gained > lived + TOLERANCE):
            where = np.unravel_index(int(np.argmax(gained - lived)), gained.shape)
            faults.append(f"{measure}: {number(gained[where])} in {number(lived[where])} years alive")
    return all_hold(faults, told)


@check(
    GROUP,
    "full health turns QALYs into life-years",
    changed="every utility (`u_`) one, every disutility (`du_`) zero, no discounting",
    expected="QALYs equal to the time spent alive",
)
def utilities_at_one(subject: Subject) -> Finding:
    """Find a living state without a utility, or one that is counted twice."""
    measures = _qalys(subject)
    measure = next((name for name in measures if name.lower() in ("qaly", "qalys")), None)
    if measure is None:
        return not_applicable("no measure of QALYs that accrue is called qaly")
    payoffs = measures[measure]
    wanted = set().union(*(item.value.names for item in payoffs))
    below = set().union(*(subject.names(name, wanted) for name in subject.rules))
    utilities = sorted(name for name in below if name.startswith(("u_", "du_")))
    if not utilities:
        return not_applicable("no utility (u_) is a parameter or formula of its own")
    healthy = {name: constant(0.0 if name.startswith("du_") else 1.0) for name in utilities}
    model = replace(
        subject.model, scenario={**subject.model.scenario, **healthy}, payoffs=tuple(payoffs), perspectives={}
    )
    found = subject.after(with_probe(model, subject.alive, like=payoffs[0]))
    gained, lived = found.undiscounted[:, 0], found.undiscounted[:, 1]
    told = f"{measure}: {number(float(gained.mean()))}, time alive {number(float(lived.mean()))} years"
    rest = _other_inputs(replace(subject, model=model), payoffs)
    if gap(gained, lived) > TOLERANCE and rest and not np.any(gained > lived + TOLERANCE):
        return not_applicable(f"QALYs rest on more than utilities: {listed(sorted(rest))}")
    return within(gap(gained, lived), told)


def _other_inputs(healthy: Subject, payoffs: list[Payoff]) -> set[str]:
    """Return what QALYs rest on once every utility is one."""
    found = set()
    for item in payoffs:
        for name in healthy.rules:
            found |= healthy.names(name, item.value.names)
            found |= item.value.tables
    return {name for name in found if not name.startswith(("u_", "du_"))}


@check(
    GROUP,
    "QALYs stay below the life-years that are reported beside them",
    changed="nothing; undiscounted totals of the two measures",
    expected="no more QALYs than life-years, in every strategy, draw and segment",
)
def qalys_against_measure(subject: Subject) -> Finding:
    """Find two measures of one study that contradict each other."""
    measures = subject.before.measures
    lives = [name for name, kind in measures.items() if kind == "life_years" and name.lower() in WHOLE_LIFE]
    gains = [name for name, kind in measures.items() if kind == "qaly"]
    if not lives or not gains:
        return not_applicable("the study does not report both life-years and QALYs")
    names = list(measures)
    lived = subject.before.undiscounted[:, names.index(lives[0])]
    faults, told = [], ""
    for name in gains:
        gained = subject.before.undiscounted[:, names.index(name)]
        told = f"{name} at most {number(float(gained.max()))}, {lives[0]} {number(float(lived.max()))}"
        if np.any(gained > lived + TOLERANCE):
            where = np.unravel_index(int(np.argmax(gained - lived)), gained.shape)
            faults.append(f"{name} {number(gained[where])} against {lives[0]} {number(lived[where])}")
    return all_hold(faults, told)
