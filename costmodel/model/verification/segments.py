"""Tests of segments: sizes weigh averages and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costmodel.formulas import constant
from costmodel.model.verification.compare import TOLERANCE, all_hold, gap, listed, number, within
from costmodel.model.verification.registry import check
from costmodel.model.verification.result import Finding, not_applicable, verdict
from costmodel.model.verification.rewrite import times
from costmodel.model.verification.subject import Subject

GROUP = "Segments"
ONE = "there is one segment"
_NEUTRAL = {0.0, 1.0}


@check(
    GROUP,
    "the average lies between the segments",
    changed="nothing; every total of all segments beside those of each",
    expected="no average above the highest or below the lowest segment",
)
def average_between(subject: Subject) -> Finding:
    """Show that weights are shares."""
    before = subject.before
    if len(before.segments) == 1:
        return not_applicable(ONE)
    worst = 0.0
    for row, measure in enumerate(before.measures):
        average, parts = before.total(measure), before.discounted[:, row]
        slack = TOLERANCE * np.maximum(1.0, np.abs(average))
        worst = max(worst, float(np.max(average - parts.max(axis=-1) - slack)))
        worst = max(worst, float(np.max(parts.min(axis=-1) - average - slack)))
    return verdict(
        worst <= 0,
        f"{len(before.measures)} measures of {len(before.segments)} segments; beyond by {number(worst)}",
    )


@check(
    GROUP,
    "a segment's size leaves its own results",
    changed="the size of the first segment doubled",
    expected="results of every segment unchanged; averages moved by the new weights alone",
)
def doubled_size(subject: Subject) -> Finding:
    """Show that how many they are says nothing about each."""
    model, before = subject.model, subject.before
    if len(model.segments) == 1:
        return not_applicable(ONE)
    first, *rest = model.segments
    after = subject.after(replace(model, segments=(replace(first, size=times(first.size, 2.0)), *rest)))
    weights = np.array(before.sizes)
    weights[:, 0] *= 2
    weights /= weights.sum(axis=1, keepdims=True)
    worst = gap(before.discounted, after.discounted)
    for row, measure in enumerate(after.measures):
        worst = max(worst, gap(after.total(measure), (before.discounted[:, row] * weights).sum(axis=-1)))
    return within(worst, f"{first.name} doubled: largest relative difference {number(worst)}")


@check(
    GROUP,
    "a segment alone is the same as among others",
    changed="each segment evaluated without the others",
    expected="its totals unchanged",
)
def alone(subject: Subject) -> Finding:
    """Show that groups do not touch each other."""
    model, before = subject.model, subject.before
    if len(model.segments) == 1:
        return not_applicable(ONE)
    worst = 0.0
    for column, segment in enumerate(model.segments):
        found = subject.after(replace(model, segments=(replace(segment, size=constant(1.0)),)))
        worst = max(worst, gap(before.discounted[..., column], found.discounted[..., 0]))
    return within(worst, f"{len(model.segments)} segments; largest relative difference {number(worst)}")


@check(
    GROUP,
    "the order of segments changes nothing",
    changed="segments in reverse order",
    expected="the same totals of each",
)
def order_of_segments(subject: Subject) -> Finding:
    """Show that tables may be sorted."""
    model = subject.model
    if len(model.segments) == 1:
        return not_applicable(ONE)
    after = subject.after(replace(model, segments=model.segments[::-1]))
    worst = gap(subject.before.discounted, after.discounted[..., ::-1])
    return within(worst, f"largest relative difference {number(worst)}")


@check(
    GROUP,
    "what a segment overrides holds in every strategy",
    changed="nothing; names that both segments and some strategies set",
    expected="no strategy that hides a segment's own value behind a number of its own",
)
def overrides_hold(subject: Subject) -> Finding:
    """Find a value typed into a strategy, so that the segment differs in the other strategies alone."""
    model = subject.model
    differing = dict.fromkeys(name for segment in model.segments for name in segment.overrides)
    if not differing:
        return not_applicable("no segment overrides a parameter")
    faults = []
    for name in differing:
        hiding = [item for item in model.strategies if _hides(subject, item.name, name, set(differing))]
        if hiding and len(hiding) < len(model.strategies):
            faults.append(f"{name} of the segments is hidden by {listed(item.name for item in hiding)}")
    return all_hold(faults, f"{len(differing)} overrides: {listed(differing)}")


def _hides(subject: Subject, strategy: str, name: str, differing: set[str]) -> bool:
    own = subject.model.strategy(strategy).overrides.get(name)
    if own is None or subject.names(strategy, own.names) & differing:
        return False
    literal = not own.names and subject.literals(strategy, own) <= _NEUTRAL
    return not literal
