"""Tests of direction: what a parameter's prefix declares must be how it moves results."""

from __future__ import annotations

import numpy as np

from costmodel.model.accrual import FloatArray
from costmodel.model.verification.compare import TOLERANCE, all_hold, cost_rows, number, rows
from costmodel.model.verification.inputs import elasticities_at_zero
from costmodel.model.verification.registry import check
from costmodel.model.verification.result import Finding, not_applicable
from costmodel.model.verification.subject import Subject

GROUP = "Directions"


def _falls(before: FloatArray, after: FloatArray) -> float:
    """Return by how much a total falls at most, beyond rounding."""
    slack = TOLERANCE * np.maximum(1.0, np.abs(before))
    return float(np.max(before - after - slack, initial=0.0))


def _direction(
    subject: Subject, moves: dict[str, float], measures: list[int], sign: float, what: str
) -> Finding:
    """Move parameters one by one; the sum of some measures may not go against the sign."""
    still = elasticities_at_zero(subject)
    base, *others = subject.moved([still, *({**still, name: value} for name, value in moves.items())])
    faults, largest = [], 0.0
    for (name, value), item in zip(moves.items(), others, strict=True):
        if item.problem:
            faults.append(f"{name} = {number(value)}: {item.problem}")
            continue
        before = base.undiscounted[:, measures].sum(axis=1)
        after = item.undiscounted[:, measures].sum(axis=1)
        wrong = _falls(sign * before, sign * after)
        largest = max(largest, float(np.abs(after - before).max()))
        if wrong > 0:
            where = int(np.argmin((sign * (after - before)).min(axis=1)))
            strategy = subject.model.strategies[where].name
            verb = "falls" if sign > 0 else "rises"
            faults.append(f"{name} to {number(value)}: {what} of {strategy} {verb} by up to {number(wrong)}")
    return all_hold(faults, f"{len(moves)} parameters; {what} moves by up to {number(largest)}")


@check(
    GROUP,
    "a higher price or cost never lowers spending",
    changed="each price and cost (`price_`, `c_`) raised by a tenth; elasticities at zero",
    expected="the sum of all cost measures no lower, in any strategy and segment",
)
def costs_raise_spending(subject: Subject) -> Finding:
    """Find a wrong sign; the sum of all measures tells it from a transfer between payers."""
    names = sorted({*subject.starting_with("c_", "price_"), *(subject.prices & subject.used)})
    costs = cost_rows(subject.base)
    if not names or not costs:
        return not_applicable("the study has no costs, or no prices and costs (price_, c_)")
    moves = {name: subject.base_value(name) + 0.1 * (abs(subject.base_value(name)) or 10.0) for name in names}
    return _direction(subject, moves, costs, 1.0, "spending")


@check(
    GROUP,
    "a higher utility never lowers QALYs",
    changed="each utility (`u_`) a tenth of the way up to full health",
    expected="the sum of all QALYs no lower, in any strategy and segment",
)
def utilities_raise_qalys(subject: Subject) -> Finding:
    """Find a utility that is subtracted, or a 1 − u too many."""
    names, qalys = subject.starting_with("u_"), rows(subject.base, "qaly")
    moves = {name: subject.base_value(name) + 0.1 * (1 - subject.base_value(name)) for name in names}
    moves = {name: value for name, value in moves.items() if value != subject.base_value(name)}
    if not moves or not qalys:
        return not_applicable("the study has no QALYs, or no utilities (u_) below 1")
    return _direction(subject, moves, qalys, 1.0, "QALYs")


@check(
    GROUP,
    "a larger disutility never raises QALYs",
    changed="each disutility (`du_`) a tenth further from zero",
    expected="the sum of all QALYs no higher, in any strategy and segment",
)
def disutilities_lower_qalys(subject: Subject) -> Finding:
    """Find a disutility that is added, whichever sign it is written with."""
    names, qalys = subject.starting_with("du_"), rows(subject.base, "qaly")
    moves = {name: 1.1 * subject.base_value(name) for name in names if subject.base_value(name)}
    if not moves or not qalys:
        return not_applicable("the study has no QALYs, or no disutilities (du_) other than 0")
    return _direction(subject, moves, qalys, -1.0, "QALYs")


@check(
    GROUP,
    "utilities move no cost",
    changed="each utility and disutility (`u_`, `du_`) moved by a tenth",
    expected="costs unchanged",
)
def utilities_move_no_cost(subject: Subject) -> Finding:
    """Find a utility that stands where a cost should."""
    names, costs = subject.starting_with("u_", "du_"), cost_rows(subject.base)
    if not names or not costs:
        return not_applicable("the study has no costs, or no utilities (u_, du_)")
    base, *others = subject.moved([{}, *({name: 0.9 * subject.base_value(name)} for name in names)])
    faults = []
    for name, item in zip(names, others, strict=True):
        if item.problem:
            faults.append(f"{name}: {item.problem}")
            continue
        change = float(np.abs((item.undiscounted - base.undiscounted)[:, costs]).max())
        if change > TOLERANCE:
            faults.append(f"{name} moves costs by up to {number(change)}")
    return all_hold(faults, f"{len(names)} utilities, {len(costs)} cost measures: none moves")


@check(
    GROUP,
    "deadlier rates never lengthen life",
    changed="each rate or probability that only transitions into the dead rest on, raised by a tenth",
    expected="life-years no higher, in any strategy and segment",
)
def mortality_shortens_life(subject: Subject) -> Finding:
    """Find mortality that falls when its rate goes up, whatever the rate is called."""
    names = _mortality_only(subject)
    effects = rows(subject.base, "life_years")
    if not names or not effects:
        return not_applicable("no life-years, or no parameter (p_, r_, hr_, rr_, or_) feeds mortality alone")
    moves = {name: min(1.1 * subject.base_value(name), _most(name)) for name in names}
    return _direction(subject, moves, effects, -1.0, "life-years")


def _most(name: str) -> float:
    return 1.0 if name.startswith("p_") else np.inf


def _mortality_only(subject: Subject) -> list[str]:
    """Return the parameters on which transitions into the dead rest, and nothing else of the model."""
    deadly = [
        item.value
        for item in subject.model.transitions
        if item.value is not None and item.target in subject.dead and item.source not in subject.dead
    ]
    chosen = subject.only(deadly)
    return [name for name in subject.starting_with("p_", "r_", "hr_", "rr_", "or_") if name in chosen]
