"""Verification of a study: the tests of its model, and those of its scenarios, increments and files."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from costmodel.analysis.incremental import increments
from costmodel.errors import CostModelError
from costmodel.model import Outcomes, evaluate
from costmodel.model.verification import (
    Finding,
    Subject,
    Test,
    Verification,
    check,
    registered,
    run_tests,
    subject_of,
)
from costmodel.model.verification.compare import TOLERANCE, all_hold, gap, number
from costmodel.model.verification.result import not_applicable, verdict
from costmodel.study.read import Study, read_study
from costmodel.study.result import to_json
from costmodel.study.write import write_study

GROUP = "The study as a whole"
STUDY_TESTS: dict[str, Test] = {}
"""The tests that need a study: its scenarios and files."""


@dataclass(frozen=True)
class _Whole:
    """A study and the subject that its model is."""

    study: Study
    subject: Subject


def verify(study: Study, *, n: int = 256) -> Verification:
    """Run the field's model-verification tests on a study.

    Parameters
    ----------
    study : Study
    n : int
        Draws of the uncertain parameters, with the study's own seed and design; at least 2.

    Returns
    -------
    Verification
        A line per test; ``frame()`` shows what was changed, expected and found.

    Raises
    ------
    CostModelError
        ``n`` is below 2.

    Examples
    --------
    >>> import costmodel as cm
    >>> result = verify(cm.read_study("clonazepam-us-prices"), n=16)
    >>> result.ok, list(result.frame().columns)
    (True, ['test', 'changed', 'expected', 'found', 'passed'])
    """
    settings = study.spec.analysis
    subject = subject_of(
        study.base_model,
        study.parameters,
        n=n,
        seed=settings.seed,
        method=settings.sampling,
        prices=study.spec.prices,
    )
    lines = run_tests(registered(), subject) + run_tests(STUDY_TESTS, _Whole(study, subject))
    return Verification(study.name, lines)


def all_tests() -> dict[str, Test]:
    """Return every test of a study, in the order in which they are run."""
    return registered() | STUDY_TESTS


@check(
    GROUP,
    "equal strategies have no increments",
    changed="every strategy given the comparator's results",
    expected="increments of zero, called equal, without a ratio",
    into=STUDY_TESTS,
)
def no_increments(whole: _Whole) -> Finding:
    """Show that nothing to nothing has no ratio."""
    base = whole.subject.base
    row = base.strategies.index(base.comparator)
    alike = _with_rows(base, [row] * len(base.strategies))
    found = increments(alike)
    if not found:
        return not_applicable("there is one strategy")
    faults = [
        f"{item.strategy}, {item.perspective}: {item.label}, cost {number(item.cost)}"
        for item in found
        if item.cost or item.effect_difference or item.ratio is not None or item.label != "equal"
    ]
    return all_hold(faults, f"{len(found)} increments, all equal")


def _with_rows(outcomes: Outcomes, rows: list[int], *, comparator: str = "") -> Outcomes:
    return Outcomes(
        study=outcomes.study,
        money=outcomes.money,
        strategies=outcomes.strategies,
        comparator=comparator or outcomes.comparator,
        measures=outcomes.measures,
        segments=outcomes.segments,
        perspectives=outcomes.perspectives,
        discounted=outcomes.discounted[rows],
        undiscounted=outcomes.undiscounted[rows],
        by_year=outcomes.by_year[rows],
        sizes=outcomes.sizes,
    )


@check(
    GROUP,
    "reversed comparisons mirror each other",
    changed="each other strategy as the comparator in turn",
    expected="the same cost and effect differences with the sign reversed, the same ratio",
    into=STUDY_TESTS,
)
def mirrored_increments(whole: _Whole) -> Finding:
    """Show that paid per unit gained one way is saved per unit forgone the other."""
    base = whole.subject.base
    forward = {(item.strategy, item.perspective, item.effect): item for item in increments(base)}
    faults, worst = [], 0.0
    rows = list(range(len(base.strategies)))
    for name in (name for name in base.strategies if name != base.comparator):
        for back in increments(_with_rows(base, rows, comparator=name)):
            if back.strategy != base.comparator:
                continue
            ahead = forward[name, back.perspective, back.effect]
            ratios = gap(ahead.ratio or 0.0, back.ratio or 0.0)
            error = max(
                gap(ahead.cost, -back.cost), gap(ahead.effect_difference, -back.effect_difference), ratios
            )
            worst = max(worst, error)
            if error > TOLERANCE:
                faults.append(f"{name}, {back.perspective}: {ahead.words}; reversed: {back.words}")
    if not forward:
        return not_applicable("there is one strategy")
    return all_hold(faults, f"{len(forward)} increments; largest error {number(worst)}", deviation=worst)


@check(
    GROUP,
    "every scenario can be evaluated",
    changed="each scenario at every draw",
    expected="a valid model and finite results",
    into=STUDY_TESTS,
)
def scenarios_are_valid(whole: _Whole) -> Finding:
    """Find a what-if that does not hold for the draws."""
    scenarios = whole.study.spec.scenarios
    if not scenarios:
        return not_applicable("the study has no scenarios")
    faults = []
    for name in scenarios:
        try:
            evaluate(whole.study.model(name), whole.subject.drawn)
        except CostModelError as problem:
            faults.append(f"{name}: {problem}")
    return all_hold(faults, f"{len(scenarios)} scenarios at {whole.subject.drawn.n} draws")


@check(
    GROUP,
    "every scenario changes something",
    changed="each scenario, in the base case",
    expected="some total or size that differs from the study without it",
    into=STUDY_TESTS,
)
def scenarios_matter(whole: _Whole) -> Finding:
    """Find a what-if that is not connected."""
    scenarios = whole.study.spec.scenarios
    if not scenarios:
        return not_applicable("the study has no scenarios")
    base = whole.subject.base
    idle = []
    for name in scenarios:
        found = evaluate(whole.study.model(name), whole.subject.base_draw)
        unmoved = gap(base.discounted, found.discounted) == gap(base.sizes, found.sizes) == 0
        if unmoved and gap(base.undiscounted, found.undiscounted) == 0:
            idle.append(f"{name} changes no total and no size")
    return all_hold(idle, f"{len(scenarios)} of {len(scenarios)} scenarios")


@check(
    GROUP,
    "a study written and read again is the same",
    changed="the study written to a new folder and read from there",
    expected="the same parameters and segments, and the same totals to the last bit",
    into=STUDY_TESTS,
)
def written_and_read(whole: _Whole) -> Finding:
    """Show that the folder is the study."""
    with tempfile.TemporaryDirectory() as folder:
        again = read_study(write_study(whole.study, Path(folder) / whole.study.name))
        found = again.run()
    base = whole.subject.base
    differing = int((found.discounted != base.discounted).sum() + (found.by_year != base.by_year).sum())
    alike = again.parameters == whole.study.parameters and again.segments == whole.study.segments
    return verdict(
        alike and not differing,
        f"{len(again.parameters)} parameters, {len(again.segments)} segments; {differing} of "
        f"{base.discounted.size + base.by_year.size:,} results differ",
    )


@check(
    GROUP,
    "results written as JSON are the same",
    changed="the base case written as JSON and read again",
    expected="every total equal to the last bit",
    into=STUDY_TESTS,
)
def results_as_json(whole: _Whole) -> Finding:
    """Show that no digit is lost on the way out."""
    base = whole.subject.base
    read = json.loads(to_json(base))["strategies"]
    totals = {name: base.total(name)[:, 0] for name in base.measures}
    found = [
        read[strategy]["payoffs"][name]["discounted"] != float(values[row])
        for name, values in totals.items()
        for row, strategy in enumerate(base.strategies)
    ]
    return verdict(not any(found), f"{int(np.sum(found))} of {len(found)} totals differ")
