"""What is done with draws that give no probabilities: refused, clipped or drawn again, and always counted."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import costmodel as cm
from costmodel.model.resample import invalid_draws

RULES = Path(__file__).parent / "rules"
N = 512


def study(tmp_path, rule):
    shutil.copytree(RULES, tmp_path / "s")
    text = (tmp_path / "s" / "study.toml").read_text()
    (tmp_path / "s" / "study.toml").write_text(text.replace('"resample"', f'"{rule}"'))
    return cm.read_study(tmp_path / "s")


def test_drawn_again_are_the_next_valid_draws_and_the_count_is_reported():
    found = cm.read_study(RULES)
    outcomes = found.run(n=N)
    values = found.draws(2 * N)["excess"]
    valid = values[values >= 0][:N]
    expected = (1 + (1 - valid) ** 3) / 2 + (1 - valid) + (1 - valid) ** 2
    np.testing.assert_allclose(outcomes.total("life_years")[0], expected, rtol=1e-12)
    used = int(np.flatnonzero(values >= 0)[N - 1]) + 1
    assert outcomes.resampled == used - N > 0


def test_invalid_draws_are_those_below_zero():
    found = cm.read_study(RULES)
    drawn = found.draws(N)
    assert (invalid_draws(found.model(), drawn) == (drawn["excess"] < 0)).all()


def test_the_default_refuses_and_says_how_often(tmp_path):
    found = study(tmp_path, "error")
    wrong = int((found.draws(N)["excess"] < 0).sum())
    with pytest.raises(
        cm.CostModelError, match=rf"alive -> dead.*must lie in \[0, 1\].*in {wrong} of {N} draws"
    ):
        found.run(n=N)


def test_clipping_is_counted(tmp_path):
    found = study(tmp_path, "clip")
    outcomes = found.run(n=N)
    values = np.maximum(found.draws(N)["excess"], 0)
    expected = (1 + (1 - values) ** 3) / 2 + (1 - values) + (1 - values) ** 2
    np.testing.assert_allclose(outcomes.total("life_years")[0], expected, rtol=1e-12)
    assert sum(outcomes.clipped.values()) == int((found.draws(N)["excess"] < 0).sum())


def test_a_model_that_most_draws_do_not_fit_is_refused(tmp_path):
    shutil.copytree(RULES, tmp_path / "s")
    text = (tmp_path / "s" / "parameters.csv").read_text()
    (tmp_path / "s" / "parameters.csv").write_text(
        text.replace("0.15,,,normal,se=0.1", "0.15,,,normal,se=20")
    )
    with pytest.raises(cm.CostModelError, match="look at their standard errors"):
        cm.read_study(tmp_path / "s").run(n=N)
