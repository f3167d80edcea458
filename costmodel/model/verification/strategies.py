"""Tests of the comparison: strategies, their names, their order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costmodel.model.evaluate import starting_points
from costmodel.model.verification.compare import (
    TOLERANCE,
    all_hold,
    effect_rows,
    gap,
    listed,
    number,
    within,
)
from costmodel.model.verification.registry import check
from costmodel.model.verification.result import Finding, not_applicable, verdict
from costmodel.model.verification.subject import Subject

GROUP = "Strategies"
ONE = "there is one strategy"


@check(
    GROUP,
    "equal strategies have equal results",
    changed="every strategy set as the comparator is",
    expected="no difference in any cost or effect",
)
def equal_strategies(subject: Subject) -> Finding:
    """Show that only what a strategy sets makes a difference."""
    model = subject.model
    if len(model.strategies) == 1:
        return not_applicable(ONE)
    own = model.strategy(model.comparator).overrides
    alike = replace(model, strategies=tuple(replace(item, overrides=own) for item in model.strategies))
    found = subject.after(alike).discounted
    largest = float(np.abs(found - found[:1]).max())
    return verdict(largest == 0, f"largest difference {number(largest)}", deviation=largest)


@check(
    GROUP,
    "another comparator changes the sign and nothing else",
    changed="the comparator: the last of the other strategies",
    expected="totals unchanged; the difference between the two with the sign reversed",
)
def other_comparator(subject: Subject) -> Finding:
    """Show that a comparison has no preferred side."""
    model = subject.model
    others = [item.name for item in model.strategies if item.name != model.comparator]
    if not others:
        return not_applicable(ONE)
    after = subject.after(replace(model, comparator=others[-1]))
    names = list(after.strategies)
    one, two = names.index(model.comparator), names.index(others[-1])
    forward = subject.before.discounted[two] - subject.before.discounted[one]
    back = after.discounted[one] - after.discounted[two]
    worst = max(gap(forward, -back), gap(subject.before.discounted, after.discounted))
    return within(
        worst,
        f"mean differences of {others[-1]} {number(float(forward.mean()))}, reversed "
        f"{number(float(back.mean()))}; error {number(worst)}",
    )


@check(
    GROUP,
    "the order of strategies changes nothing",
    changed="strategies in reverse order",
    expected="the same totals of each",
)
def order_of_strategies(subject: Subject) -> Finding:
    """Show that tables may be sorted."""
    model = subject.model
    if len(model.strategies) == 1:
        return not_applicable(ONE)
    after = subject.after(replace(model, strategies=model.strategies[::-1]))
    worst = max(
        gap(subject.before.discounted, after.discounted[::-1]), gap(subject.before.sizes, after.sizes)
    )
    return within(worst, f"largest relative difference {number(worst)}")


@check(
    GROUP,
    "strategies that are set differently differ",
    changed="nothing; each pair of strategies that set something differently",
    expected="some total that differs in some draw or segment",
)
def strategies_differ(subject: Subject) -> Finding:
    """Find what a strategy sets and nothing answers to."""
    strategies = subject.model.strategies
    pairs = [
        (row, column)
        for row in range(len(strategies))
        for column in range(row)
        if strategies[row].overrides != strategies[column].overrides
    ]
    if not pairs:
        return not_applicable("no two strategies are set differently")
    totals = subject.before.undiscounted
    faults = [
        f"{strategies[column].name} and {strategies[row].name} have the same {totals[row].size:,} totals"
        for row, column in pairs
        if gap(totals[row], totals[column]) == 0
    ]
    return all_hold(faults, f"{len(pairs)} of {len(pairs)} pairs")


@check(
    GROUP,
    "strategies have names of their own",
    changed="nothing; labels of the strategies",
    expected="each label once",
)
def labels_differ(subject: Subject) -> Finding:
    """Find two rows of a table with one name."""
    labels = [item.label.strip().lower() for item in subject.model.strategies]
    twice = sorted({item.label for item in subject.model.strategies if labels.count(item.label.lower()) > 1})
    return all_hold([f"label '{label}' stands more than once" for label in twice], f"{len(labels)} labels")


@check(
    GROUP,
    "without relative effects, effects are equal",
    changed="every relative effect (`hr_`, `rr_`, `or_`) at one",
    expected="multipliers of one in each strategy; equal effects where nothing else reaches them",
)
def relative_effects_at_one(subject: Subject) -> Finding:
    """Find a comparator that keeps a benefit of its own."""
    relative = subject.starting_with("hr_", "rr_", "or_")
    names = dict.fromkeys(name for item in subject.model.strategies for name in item.overrides)
    neutral = subject.base_draw.replace(**dict.fromkeys(relative, 1.0))
    judged, faults, others = [], [], []
    values = {key: item.values for key, item in subject.environments(neutral).items()}
    for name in names:
        rests = {key: subject.leaves(key, [name]) & set(relative) for key in subject.rules}
        found = {key: values[key][name] for key in subject.rules if name in values[key]}
        multipliers = [key for key in found if rests[key] and np.all(found[key] == 1)]
        if not multipliers:
            others += [name] * (len({str(item.overrides.get(name)) for item in subject.model.strategies}) > 1)
            continue
        judged.append(name)
        plain = [key for key in found if not subject.leaves(key, [name])]
        faults += [
            f"{name} of {key} is {number(float(found[key].flat[0]))}"
            for key in plain
            if np.any(found[key] != 1)
        ]
    if not judged:
        return not_applicable("no strategy multiplies by a relative effect (hr_, rr_, or_)")
    return _equal_effects(subject, relative, judged, faults, others)


def _equal_effects(
    subject: Subject, relative: list[str], judged: list[str], faults: list[str], others: list[str]
) -> Finding:
    """Compare effects where nothing that reaches them differs but relative effects."""
    after = subject.moved([dict.fromkeys(relative, 1.0)])[0]
    if after.problem:
        return all_hold([*faults, after.problem], "")
    paid = [item.value for item in subject.model.payoffs if item.kind == "cost"]
    wanted: set[str] = set()
    for item in starting_points(subject.model):
        if all(item is not value for value in paid):
            wanted |= item.names
    reached = set().union(*(subject.names(name, wanted) for name in subject.rules))
    effects = effect_rows(subject.base)
    if effects and not set(others) & reached:
        spread = after.undiscounted[:, effects]
        largest = float((spread.max(axis=0) - spread.min(axis=0)).max())
        if largest > TOLERANCE:
            faults.append(f"effects differ by up to {number(largest)}")
        return all_hold(faults, f"{listed(judged)} at one; effects differ by {number(largest)}")
    return all_hold(faults, f"{listed(judged)} at one in every strategy")
