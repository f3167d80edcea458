"""Tests of costs, perspectives and prices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costmodel.model.verification.compare import (
    TOLERANCE,
    all_hold,
    cost_rows,
    effect_rows,
    gap,
    listed,
    number,
    same,
    same_outcomes,
)
from costmodel.model.verification.inputs import elasticities_at_zero
from costmodel.model.verification.registry import check
from costmodel.model.verification.result import Finding, not_applicable, verdict
from costmodel.model.verification.rewrite import scaled_costs
from costmodel.model.verification.subject import Moved, Subject

GROUP = "Costs and prices"
NO_COSTS = "no measure is a cost"
NO_PRICES = "no parameter is a price (price_, or bound to a price table)"


@check(
    GROUP,
    "zero costs total zero",
    changed="the value of every cost set to zero",
    expected="costs of zero, effects unchanged",
)
def costs_at_zero(subject: Subject) -> Finding:
    """Show that nothing is added from elsewhere."""
    return _scaled(subject, 0.0)


@check(
    GROUP,
    "doubled costs total double",
    changed="the value of every cost doubled",
    expected="costs doubled, effects unchanged",
)
def costs_doubled(subject: Subject) -> Finding:
    """Show that totals are linear in what is paid."""
    return _scaled(subject, 2.0)


def _scaled(subject: Subject, factor: float) -> Finding:
    before, after = subject.before, subject.after(scaled_costs(subject.model, factor))
    costs, effects = cost_rows(before), effect_rows(before)
    if not costs:
        return not_applicable(NO_COSTS)
    moved = gap(before.discounted[:, effects], after.discounted[:, effects])
    finding = same(factor * before.discounted[:, costs], after.discounted[:, costs], "costs")
    total = number(float(after.discounted[:, costs].sum(axis=1).mean()))
    return verdict(
        finding.passed == "yes" and moved <= TOLERANCE,
        f"mean cost {total}; {finding.found}; of effects: {number(moved)}",
        deviation=max(finding.deviation or 0.0, moved),
    )


@check(
    GROUP,
    "no perspective pays less than nothing",
    changed="nothing; total costs by perspective, strategy and segment in the base case",
    expected="no negative total: a cost is positive where money is spent",
)
def costs_are_spending(subject: Subject) -> Finding:
    """Find a cost of the wrong sign, if it is large."""
    if not cost_rows(subject.base):
        return not_applicable(NO_COSTS)
    faults, least = [], np.inf
    for name in subject.model.perspectives:
        for segment in subject.base.segments:
            totals = subject.base.cost(name, segment=segment)[:, 0]
            least = min(least, float(totals.min()))
            slack = TOLERANCE * max(1.0, float(np.abs(totals).max()))
            faults += [
                f"{name}, {subject.base.strategies[row]}, {segment}: {number(float(totals[row]))}"
                for row in np.flatnonzero(totals < -slack)
            ]
    return all_hold(faults, f"smallest total {number(least)}")


@check(
    GROUP,
    "perspectives add up to their measures",
    changed="nothing; each perspective beside the sum of the cost measures it names",
    expected="every measure counted once",
)
def perspectives_add_up(subject: Subject) -> Finding:
    """Find a measure that is named twice, and so paid twice."""
    if not cost_rows(subject.before):
        return not_applicable(NO_COSTS)
    faults, worst = [], 0.0
    for name, members in subject.model.perspectives.items():
        once = sum(subject.before.total(measure) for measure in dict.fromkeys(members))
        found = subject.before.cost(name)
        worst = max(worst, gap(found, np.asarray(once)))
        if gap(found, np.asarray(once)) > TOLERANCE:
            twice = sorted({measure for measure in members if members.count(measure) > 1})
            faults.append(
                f"{name}: {number(float(found.mean()))} against {number(float(np.mean(once)))}; "
                f"named twice: {listed(twice)}"
            )
    return all_hold(
        faults,
        f"{len(subject.model.perspectives)} perspectives, largest difference {number(worst)}",
        deviation=worst,
    )


@check(
    GROUP,
    "every cost is in a perspective",
    changed="nothing; the cost measures that no perspective names",
    expected="none",
)
def costs_are_counted(subject: Subject) -> Finding:
    """Find a cost that nobody pays."""
    costs = subject.base.costs
    if not costs:
        return not_applicable(NO_COSTS)
    named = {measure for members in subject.model.perspectives.values() for measure in members}
    left = [name for name in costs if name not in named]
    return all_hold(
        [f"{name} is in no perspective" for name in left], f"{len(costs)} of {len(costs)} cost measures"
    )


def _prices_at(subject: Subject) -> list[Moved]:
    """Return the base case at its prices, at zero prices and at doubled prices, without elasticities."""
    prices, still = sorted(subject.prices & subject.used), elasticities_at_zero(subject)
    return subject.moved(
        [
            still,
            {**still, **dict.fromkeys(prices, 0.0)},
            {**still, **{name: 2 * subject.base_value(name) for name in prices}},
        ]
    )


@check(
    GROUP,
    "zero prices give zero drug cost",
    changed="every price at zero; elasticities at zero",
    expected="no measure dearer, and those in proportion to prices at zero",
)
def prices_at_zero(subject: Subject) -> Finding:
    """Find a drug that is paid for although it costs nothing."""
    if not subject.prices & subject.used:
        return not_applicable(NO_PRICES)
    base, zero, double = _prices_at(subject)
    if base.problem or zero.problem or double.problem:
        return verdict(passed=False, found=base.problem or zero.problem or double.problem)
    faults, told = [], []
    for row, (measure, kind) in enumerate(subject.model.measures.items()):
        if kind != "cost":
            continue
        now, free, dear = (item.undiscounted[:, row] for item in (base, zero, double))
        if np.any(free > now + TOLERANCE * np.maximum(1, np.abs(now))):
            faults.append(
                f"{measure}: {number(float(now.max()))}, at zero prices {number(float(free.max()))}"
            )
        if np.any(now) and gap(2 * now, dear) <= TOLERANCE:
            told.append(f"{measure}: {number(float(np.abs(free).max()))} at zero prices")
            if gap(free, 0 * free) > TOLERANCE:
                faults.append(told[-1])
    return all_hold(faults, "; ".join(told) or "no measure dearer; none is in proportion to prices")


@check(
    GROUP,
    "at zero prices, strategies that differ only in price cost the same",
    changed="every price at zero; elasticities at zero",
    expected="no difference in costs or effects between strategies that set nothing but prices",
)
def price_differences_vanish(subject: Subject) -> Finding:
    """Find a price typed into one strategy instead of read from the table."""
    if not subject.prices & subject.used:
        return not_applicable(NO_PRICES)
    names = dict.fromkeys(name for item in subject.model.strategies for name in item.overrides)
    if len(subject.model.strategies) == 1:
        return not_applicable("there is one strategy")
    more = [name for name in names if not _is_price(subject, name)]
    if more:
        return not_applicable(f"strategies set more than prices: {listed(more)}")
    zero = _prices_at(subject)[1]
    if zero.problem:
        return verdict(passed=False, found=zero.problem)
    spread = float(np.max(zero.undiscounted.max(axis=0) - zero.undiscounted.min(axis=0)))
    scale = max(1.0, float(np.abs(zero.undiscounted).max()))
    return verdict(
        spread <= TOLERANCE * scale, f"largest difference between strategies at zero prices: {number(spread)}"
    )


def _is_price(subject: Subject, name: str) -> bool:
    """Tell whether strategies set a name to prices, or to plain numbers beside a price."""
    leaves = [subject.leaves(strategy, [name]) for strategy in subject.rules]
    return any(leaves) and all(found <= subject.prices for found in leaves)


@check(
    GROUP,
    "prices and costs move no effect",
    changed="each price and cost (`price_`, `c_`) raised by a tenth; elasticities at zero",
    expected="QALYs, life-years and other effects unchanged",
)
def money_moves_no_effect(subject: Subject) -> Finding:
    """Find money that reaches an effect other than through an elasticity (`e_`)."""
    names = sorted({*subject.starting_with("c_", "price_"), *(subject.prices & subject.used)})
    effects = effect_rows(subject.base)
    if not names or not effects:
        return not_applicable("the study has no effects, or no prices and costs (price_, c_)")
    still = elasticities_at_zero(subject)
    base, *others = subject.moved(
        [still, *({**still, name: _raised(subject.base_value(name))} for name in names)]
    )
    faults = []
    for name, item in zip(names, others, strict=True):
        if item.problem:
            faults.append(f"{name}: {item.problem}")
        elif gap(base.undiscounted[:, effects], item.undiscounted[:, effects]) > TOLERANCE:
            change = (item.undiscounted - base.undiscounted)[:, effects]
            faults.append(f"{name} moves effects by up to {number(float(np.abs(change).max()))}")
    return all_hold(faults, f"{len(names)} prices and costs, {len(effects)} effects: none moves")


def _raised(value: float) -> float:
    return 1.1 * value if value else 1.0


@check(
    GROUP,
    "the order of payoffs changes nothing",
    changed="payoffs in reverse order",
    expected="the same totals",
)
def order_of_payoffs(subject: Subject) -> Finding:
    """Show that tables may be sorted."""
    turned = replace(subject.model, payoffs=subject.model.payoffs[::-1])
    return same_outcomes(subject.before, subject.after(turned))
