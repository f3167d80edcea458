"""Tests of the computing: however draws are cut up, the numbers stay."""

from __future__ import annotations

import numpy as np

from costmodel.model.evaluate import evaluate
from costmodel.model.verification.compare import gap, number, same_outcomes, within
from costmodel.model.verification.inputs import reversed_draws
from costmodel.model.verification.registry import check
from costmodel.model.verification.result import Finding, verdict
from costmodel.model.verification.subject import Subject

GROUP = "Computing"
LARGEST = 1e12
BLOCK = 7
_ALONE = 4


@check(
    GROUP,
    "the size of blocks changes nothing",
    changed="draws evaluated seven at a time",
    expected="the same totals",
)
def block_size(subject: Subject) -> Finding:
    """Show that blocks are for speed alone."""
    return same_outcomes(subject.before, evaluate(subject.model, subject.few, block=BLOCK))


@check(
    GROUP,
    "draws one by one equal all at once",
    changed="the first draws evaluated alone",
    expected="the same totals",
)
def one_by_one(subject: Subject) -> Finding:
    """Show that draws do not touch each other."""
    worst = 0.0
    alone = range(min(_ALONE, subject.few.n))
    for row in alone:
        found = evaluate(subject.model, subject.few.take([row]))
        worst = max(worst, gap(subject.before.discounted[:, :, row], found.discounted[:, :, 0]))
    return within(worst, f"{len(alone)} draws; largest relative difference {number(worst)}")


@check(
    GROUP,
    "the order of draws changes nothing",
    changed="draws in reverse order",
    expected="the same totals of each",
)
def order_of_draws(subject: Subject) -> Finding:
    """Show that a draw is a world of its own."""
    found = evaluate(subject.model, reversed_draws(subject.few))
    worst = gap(subject.before.discounted, found.discounted[:, :, ::-1])
    return within(worst, f"{subject.few.n} draws; largest relative difference {number(worst)}")


@check(
    GROUP,
    "results are finite and of a possible size",
    changed="nothing; every total of every draw",
    expected="no total above 10¹² in magnitude",
)
def finite_results(subject: Subject) -> Finding:
    """Find a slip of units by many powers of ten."""
    largest = max(float(np.abs(found.discounted).max()) for found in (subject.base, subject.sample))
    return verdict(largest < LARGEST, f"largest magnitude {number(largest)}")
