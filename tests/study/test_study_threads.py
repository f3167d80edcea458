"""A study in several threads, its draws made part by part: to the bit what one thread and one part give."""

from importlib import import_module
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from costmodel.inputs import Design, Draws
from costmodel.model import evaluate
from costmodel.study import read_study

STUDIES = Path(__file__).parent.parent.parent / "benchmarks" / "studies"
N = 2500
METHODS = ("monte_carlo", "sobol")


@pytest.fixture(scope="module", params=["w2", "python_case"])
def study(request):
    return read_study(STUDIES / request.param)


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("discounted", "undiscounted", "by_year", "sizes")
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("block", [97, 1000, 1024, None])
def test_blocks_threads_and_designs_change_no_bit(study, workers, block, method):
    model, design = study.model(), Design(study.parameters, N, seed=5, method=method)
    whole = evaluate(model, design.draws(), block=N, workers=1)
    assert same(evaluate(model, design, block=block, workers=workers), whole)
    assert same(evaluate(model, design.draws(), block=block, workers=workers), whole)


def test_many_draws_take_several_threads_and_give_the_same(study, monkeypatch):
    """The sizes that are chosen by default: 50,000 draws are enough for threads to be started."""
    model, design = study.model(), Design(study.parameters, 50_000, seed=5)
    alone = evaluate(model, design, workers=1)
    started = []
    monkeypatch.setattr(import_module("costmodel.model.evaluate"), "processors", lambda: 3)
    monkeypatch.setattr(Thread, "start", _counting(started))
    assert same(evaluate(model, design), alone)
    assert len(started) == 2


def _counting(started):
    start = Thread.start

    def counted(thread):
        started.append(thread)
        start(thread)

    return counted


def test_draws_made_in_threads_are_those_of_one(study, monkeypatch):
    design = Design(study.parameters, 20_000, seed=5)
    alone = design.draws()
    monkeypatch.setattr("costmodel.inputs.drawing._MANY", 1)
    monkeypatch.setattr("costmodel.inputs.drawing.processors", lambda: 3)
    threads = design.draws()
    assert isinstance(threads, Draws)
    assert all(np.array_equal(threads[name], alone[name]) for name in alone.values)


def test_a_run_never_holds_all_draws(study, monkeypatch):
    """What is evaluated is a design: its parts are made when they are evaluated."""
    seen = []

    def watched(model, draws, **options):
        seen.append(type(draws))
        return evaluate(model, draws, **options)

    monkeypatch.setattr("costmodel.study.read.evaluate", watched)
    study.run(n=20)
    assert seen == [Design]
