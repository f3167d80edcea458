"""Tests of the inputs: their draws, their limits and their units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import Binary, Expression
from costmodel.inputs import Draws
from costmodel.model.definition import Model
from costmodel.model.evaluate import evaluate
from costmodel.model.verification.compare import TOLERANCE, all_hold, arrays, gap, listed, number
from costmodel.model.verification.registry import check
from costmodel.model.verification.result import Finding, not_applicable, verdict
from costmodel.model.verification.rewrite import times
from costmodel.model.verification.subject import Moved, NoDrawsError, Subject
from costmodel.units import MONTHS_PER_YEAR

GROUP = "Inputs and draws"
STANDARD_ERRORS = 1.0
NONLINEARITY = 0.25
_ROUGHLY = 0.03
_CERTAIN = "no parameter is uncertain"
_PERIOD = re.compile(r"(?:/|per )\s*(year|month|week|cycle)s?\Z")
_COUNTED = re.compile(r"(year|month|week|cycle)s?\b")


def uncertain(subject: Subject) -> list[str]:
    """Return the uncertain parameters on which results rest."""
    return [name for name, row in subject.parameters.items() if row.uncertain and name in subject.used]


@check(
    GROUP,
    "all draws can be made and evaluated",
    changed="every uncertain parameter at every draw",
    expected="probabilities, starts, sizes and results that are valid and finite at every draw and cycle",
)
def draws_are_valid(subject: Subject) -> Finding:
    """Find draws that are no model."""
    if not uncertain(subject):
        return not_applicable(_CERTAIN)
    try:
        count = subject.sample.discounted.size
    except NoDrawsError as problem:
        return verdict(passed=False, found=str(problem))
    return verdict(passed=True, found=f"{subject.n:,} draws, {count:,} totals, all finite")


@check(
    GROUP,
    "base-case values lie within their draws",
    changed="every uncertain parameter at every draw",
    expected="each base-case value between the 1st and the 99th percentile of the parameter's draws",
)
def base_values_within_draws(subject: Subject) -> Finding:
    """Find a slip of unit or of interval: a base case outside its own distribution."""
    names = uncertain(subject)
    if not names:
        return not_applicable(_CERTAIN)
    faults = []
    for name in names:
        value = subject.base_value(name)
        low, high = np.quantile(subject.draws[name], (0.01, 0.99))
        if not low - TOLERANCE <= value <= high + TOLERANCE:
            faults.append(f"{name} is {number(value)}, its draws {number(low)} to {number(high)}")
    return all_hold(faults, f"{len(names)} of {len(names)} parameters")


@check(
    GROUP,
    "the mean of the draws stands by the base case",
    changed="all uncertain parameters at once, at every draw",
    expected="mean of every total within 25 % of its base case and one standard error",
)
def mean_of_draws(subject: Subject) -> Finding:
    """Find uncertainty that moves the mean by more than models that are not linear can explain."""
    if not uncertain(subject):
        return not_applicable(_CERTAIN)
    faults, worst = [], 0.0
    for measure in subject.sample.measures:
        drawn, base = subject.sample.total(measure), subject.base.total(measure)[:, 0]
        error = drawn.std(axis=1, ddof=1) / np.sqrt(drawn.shape[1])
        difference = np.abs(drawn.mean(axis=1) - base)
        scale = max(float(np.abs(base).max()), TOLERANCE)
        worst = max(worst, float(difference.max()) / scale)
        faults += [
            f"{measure} of {subject.model.strategies[row].name}: base case {number(base[row])}, "
            f"mean of {subject.n} draws {number(drawn[row].mean())} ± {number(error[row])}"
            for row in np.flatnonzero(difference > STANDARD_ERRORS * error + NONLINEARITY * scale)
        ]
    return all_hold(faults, f"largest difference {100 * worst:.2g} % of the measure's base case")


@check(
    GROUP,
    "every uncertain parameter moves something",
    changed="each uncertain parameter alone: to its limits, then to its draws in reverse order",
    expected="some total or size that changes",
)
def parameters_move_results(subject: Subject) -> Finding:
    """Find a parameter that is disconnected, or hidden by a limit that always binds."""
    names = uncertain(subject)
    if not names:
        return not_applicable(_CERTAIN)
    free = [name for name in names if not subject.parameters[name].group]
    moves = [(name, value) for name in free for value in _limits(subject, name)]
    base, *others = subject.moved([{}, *({name: value} for name, value in moves)])
    moved = {
        name
        for (name, _), item in zip(moves, others, strict=True)
        if base.problem or item.problem or _differs(base, item)
    }
    idle = [name for name in names if name not in moved and not _moves_draws(subject, name)]
    return all_hold(
        [f"{name} moves no total and no size" for name in idle], f"{len(names)} of {len(names)} parameters do"
    )


def _moves_draws(subject: Subject, name: str) -> bool:
    values = np.array(subject.draws[name])[::-1]
    try:
        turned = evaluate(subject.model, subject.draws.replace(**{name: values}))
    except CostModelError:
        return True
    before = subject.sample
    return gap(arrays(before), arrays(turned)) > 0 or gap(before.sizes, turned.sizes) > 0


def _differs(one: Moved, other: Moved) -> bool:
    return gap(one.undiscounted, other.undiscounted) > 0 or gap(one.sizes, other.sizes) > 0


def _limits(subject: Subject, name: str) -> tuple[float, ...]:
    return subject.parameters.interval(name) or ()


@check(
    GROUP,
    "the model holds at every parameter's limits",
    changed="each parameter alone to the ends of its 95 % interval or stated range",
    expected="a valid model and finite results",
)
def limits_are_valid(subject: Subject) -> Finding:
    """Find limits at which a one-way analysis would fail."""
    alone = [name for name in subject.parameters if name in subject.used]
    alone = [name for name in alone if not subject.parameters[name].group]
    moves = [(name, value) for name in alone for value in _limits(subject, name)]
    if not moves:
        return not_applicable("no parameter has an interval of its own")
    results = subject.moved([{name: value} for name, value in moves])
    faults = [
        f"{name} = {number(value)}: {item.problem}"
        for (name, value), item in zip(moves, results, strict=True)
        if item.problem
    ]
    return all_hold(faults, f"{len(moves)} of {len(moves)} limits")


@check(
    GROUP,
    "one seed gives one result",
    changed="nothing; drawn and evaluated anew with the same seed",
    expected="the same numbers to the last bit",
)
def same_seed(subject: Subject) -> Finding:
    """Show that results are reproducible."""
    if not uncertain(subject):
        return not_applicable(_CERTAIN)
    once = subject.sample
    again = evaluate(subject.model, subject.draw(seed=subject.seed)[0])
    differing = int((again.discounted != once.discounted).sum())
    return verdict(
        not differing, f"seed {subject.seed}: {differing} of {again.discounted.size:,} totals differ"
    )


@check(
    GROUP,
    "another seed gives other draws",
    changed="the seed, by one",
    expected="other draws of every uncertain parameter",
)
def other_seed(subject: Subject) -> Finding:
    """Find a seed that is not used."""
    names = uncertain(subject)
    if not names:
        return not_applicable(_CERTAIN)
    other, _ = subject.draw(seed=subject.seed + 1)
    same = [name for name in names if np.array_equal(other[name], subject.draws[name])]
    return all_hold([f"{name} is drawn the same" for name in same], f"{len(names)} parameters differ")


@check(
    GROUP,
    "money counted in half units doubles every cost",
    changed="every parameter that is an amount of money doubled; elasticities at zero",
    expected="costs that rest on them doubled, effects unchanged",
)
def money_scales(subject: Subject) -> Finding:
    """Find an amount typed into a formula, and money that reaches an effect."""
    money = {name for name, unit in subject.model.parameters.items() if unit is not None} & subject.used
    if not money:
        return not_applicable("no parameter is an amount of money")
    still = elasticities_at_zero(subject)
    before = subject.moved([still])[0]
    doubled = replace(subject, model=_typed_doubled(subject.model))
    after = doubled.moved([{**still, **{name: 2 * subject.base_value(name) for name in money}}])[0]
    if before.problem or after.problem:
        return verdict(passed=False, found=before.problem or after.problem)
    faults, judged = [], 0
    for row, (measure, kind) in enumerate(subject.model.measures.items()):
        if kind == "cost" and any(
            not subject.all_leaves(item.value.names) & money
            for item in subject.model.payoffs
            if item.measure == measure
        ):
            continue
        judged += 1
        factor = 2 if kind == "cost" else 1
        one, two = factor * before.undiscounted[:, row], after.undiscounted[:, row]
        if gap(one, two) > TOLERANCE:
            where = np.unravel_index(int(np.argmax(np.abs(one - two))), one.shape)
            faults.append(f"{measure}: expected {number(one[where])}, found {number(two[where])}")
    return all_hold(faults, f"{judged} measures, {len(money)} amounts: {listed(sorted(money))}")


def _typed_doubled(model: Model) -> Model:
    """Return the model with amounts of money that strategies or segments set as plain numbers doubled."""

    def doubled(given: Mapping[str, Expression]) -> dict[str, Expression]:
        return {name: times(item, 2.0) if _is_amount(name, item) else item for name, item in given.items()}

    def _is_amount(name: str, item: Expression) -> bool:
        amount = model.parameters.get(name) is not None or name.startswith(("c_", "price_"))
        return amount and not item.names and not item.tables

    return replace(
        model,
        formulas=doubled(model.formulas),
        scenario=doubled(model.scenario),
        strategies=tuple(replace(item, overrides=doubled(item.overrides)) for item in model.strategies),
        segments=tuple(replace(item, overrides=doubled(item.overrides)) for item in model.segments),
    )


def elasticities_at_zero(subject: Subject) -> dict[str, float]:
    """Return the change that keeps quantities and effects from answering to prices."""
    return dict.fromkeys(subject.starting_with("e_"), 0.0)


@check(
    GROUP,
    "amounts accrue in the unit of time they are given in",
    changed="nothing; the units of the parameters below each payoff and transition are read",
    expected="no yearly amount counted each cycle, no amount per month or cycle counted each year",
)
def units_of_time(subject: Subject) -> Finding:
    """Find a cost per cycle taken for one per year, the commonest slip of a monthly model."""
    faults, judged = [], 0
    for what, expression, per in _accruing(subject):
        for strategy in subject.rules:
            periods = _periods(subject, strategy, expression)
            if len(periods) != 1:
                continue
            judged += 1
            period, names = next(iter(periods.items()))
            fault = f"{what}: {listed(names)} is per {period}, but counted per {per}"
            if not _agree(period, per, subject.model.time.cycle_months) and fault not in faults:
                faults.append(fault)
    if not judged:
        return not_applicable("no payoff or transition rests on amounts of one period alone")
    return all_hold(faults, f"{judged} formulas agree with their units")


def _accruing(subject: Subject) -> Iterator[tuple[str, Expression, str]]:
    for payoff in subject.model.payoffs:
        if payoff.per in ("year", "cycle"):
            yield f"payoff {payoff.measure}", payoff.value, payoff.per
    for item in subject.model.transitions:
        if item.value is not None:
            yield f"transition {item}", item.value, "year" if item.is_rate else "cycle"


def _periods(subject: Subject, strategy: str, expression: Expression) -> dict[str, list[str]]:
    """Return the periods of the parameters below a formula that converts none of them."""
    time = {"cycle_years", "years", "cycle", "age", "years_in_state", "cycles_in_state"}
    if subject.names(strategy, expression.names) & time:
        return {}
    nodes = subject.nodes(strategy, expression)
    divides = any(isinstance(node, Binary) and node.operator in ("/", "**") for node in nodes)
    if divides or subject.literals(strategy, expression) - {0.0, 1.0}:
        return {}
    found: dict[str, list[str]] = {}
    for name in sorted(subject.leaves(strategy, expression.names)):
        unit = subject.parameters[name].unit.lower()
        if _COUNTED.match(unit):
            return {}
        period = _PERIOD.search(unit)
        if period is not None:
            found.setdefault(period[1], []).append(name)
    return found


def _agree(period: str, per: str, cycle_months: float) -> bool:
    months = {"year": float(MONTHS_PER_YEAR), "month": 1.0, "week": 12 * 7 / 365.25, "cycle": cycle_months}
    return abs(months[period] / months[per] - 1) <= _ROUGHLY


def reversed_draws(chosen: Draws) -> Draws:
    """Return draws in reverse order."""
    return chosen.take(np.arange(chosen.n)[::-1])
