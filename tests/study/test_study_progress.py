"""The progress bar: where it is shown, what it counts, and that it changes no number."""

import io

import numpy as np
import pytest

from costmodel.model import evaluate
from costmodel.study import progress as module
from costmodel.study import read_study
from costmodel.study.progress import progress_of


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def study():
    return read_study("clonazepam-us-prices")


def run(study, monkeypatch, stream, **options):
    """Return the outcomes of a run, and what it wrote on standard error."""
    monkeypatch.setattr("sys.stderr", stream)
    return study.run(**options), stream.getvalue()


def test_many_draws_show_a_bar_in_a_terminal(study, monkeypatch):
    monkeypatch.setattr(module, "MANY", 50)
    _, shown = run(study, monkeypatch, Terminal(), n=64)
    assert "clonazepam-us-prices" in shown
    assert "/64.0 " in shown


@pytest.mark.parametrize(
    ("stream", "options"),
    [
        (io.StringIO(), {"n": 64}),
        (Terminal(), {"n": 64, "progress": False}),
        (Terminal(), {"n": 40}),
        (Terminal(), {}),
    ],
    ids=["no terminal", "quiet", "few draws", "base case"],
)
def test_otherwise_nothing_is_written(study, stream, options, monkeypatch):
    monkeypatch.setattr(module, "MANY", 50)
    assert run(study, monkeypatch, stream, **options)[1] == ""


def test_a_bar_can_be_asked_for_anywhere(study, monkeypatch):
    _, shown = run(study, monkeypatch, io.StringIO(), n=8, progress=True)
    assert "/8.00 " in shown


@pytest.mark.parametrize("workers", [1, 3])
def test_every_draw_is_reported_once(study, workers):
    told = []
    evaluate(study.model(), study.draws(100), block=9, workers=workers, done=told.append)
    assert sorted(told) == [1] + [9] * 11


def test_a_bar_changes_no_number(study, monkeypatch):
    with_bar, _ = run(study, monkeypatch, io.StringIO(), n=300, progress=True)
    assert np.array_equal(with_bar.discounted, study.run(n=300).discounted)


def test_a_bar_goes_away_with_an_error(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with pytest.raises(ZeroDivisionError), progress_of(10, "something", shown=True) as done:
        done(1 // 0)
    assert stream.getvalue().endswith("\r")
