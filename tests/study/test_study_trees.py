"""Decision trees: alone and in front of a cohort, by hand, draw by draw, and with every fault named."""

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

import costmodel as cm

TREES = Path(__file__).parent / "trees"


def test_a_tree_alone_by_hand():
    outcomes = cm.read_study(TREES / "alone").run()
    positive = 0.1 * 0.9 + 0.9 * 0.2
    assert outcomes.total("test")[:, 0].tolist() == [0, 50]
    assert outcomes.total("treatment")[:, 0] == pytest.approx([0, 1000 * positive])
    no_test = 0.9 * 10 + 0.1 * 6
    tested = 0.9 * 10 + 0.1 * 0.9 * 9 + 0.1 * 0.1 * 6
    assert outcomes.total("qaly")[:, 0] == pytest.approx([no_test, tested])
    found = cm.incremental(outcomes).iloc[0]
    assert found["ratio"] == pytest.approx((50 + 1000 * positive) / (tested - no_test))


def test_a_tree_gives_a_cohort_its_start_and_up_front_costs():
    outcomes = cm.read_study(TREES / "before_cohort").run()

    def life_years(hazard):
        alive = [math.exp(-hazard * t) for t in range(11)]
        return sum(alive) - (alive[0] + alive[-1]) / 2

    well, ill = life_years(0.03), life_years(0.075)
    assert outcomes.total("operation")[:, 0].tolist() == [0, 8000]
    assert outcomes.total("life_years")[:, 0] == pytest.approx([ill, 0.7 * well + 0.28 * ill])
    assert outcomes.total("care")[:, 0] == pytest.approx([1500 * ill, 0.28 * 1500 * ill])


@pytest.mark.parametrize("name", ["alone", "before_cohort"])
def test_uncertainty_passes_through_tree_and_cohort(name):
    study = cm.read_study(TREES / name)
    drawn = study.draws(40, seed=3)
    together = cm.evaluate(study.model(), drawn)
    assert together.discounted.std(axis=2).max() > 0
    for i in range(drawn.n):
        one = cm.evaluate(study.model(), drawn.take([i]))
        np.testing.assert_allclose(one.discounted[:, :, 0], together.discounted[:, :, i], rtol=1e-12)


def test_a_better_test_raises_qalys(tmp_path):
    shutil.copytree(TREES / "alone", tmp_path / "s")
    text = (tmp_path / "s" / "parameters.csv").read_text()
    (tmp_path / "s" / "parameters.csv").write_text(
        text.replace("sensitivity,0.9,,,beta,counts=90/10", "sensitivity,0.99,,,fixed,")
    )
    before, after = cm.read_study(TREES / "alone").run(), cm.read_study(tmp_path / "s").run()
    assert after.total("qaly")[1, 0] > before.total("qaly")[1, 0]
    assert after.total("qaly")[0, 0] == before.total("qaly")[0, 0]


def test_a_tree_is_written_and_read_again(tmp_path):
    study = cm.read_study(TREES / "before_cohort")
    again = cm.read_study(cm.write_study(study, tmp_path / "copy"))
    assert (again.run().discounted == study.run().discounted).all()


ALONE = [
    ('branches = ["test.positive"]', 'branches = ["test.postive"]', "did you mean 'test.positive'"),
    ('to = "disease" }', 'to = "diseas" }', "did you mean 'disease'"),
    ('probability = "p_disease" }', 'probability = "p_disease * 20" }', "must lie in [0, 1]; found 2"),
    ('to = "missed" }', 'to = "start" }', "leads back"),
    ('name = "untested"', 'name = "tested"', "two branches 'tested'"),
    ('node = "disease"', 'node = "missed"', "only once"),
    ('value = "c_test"', 'value = "c_test"\nper = "year"', "counts once"),
]
STATES = 'names = ["well", "ill", "dead"]'
LAST = '"complement", to = "ill" },\n]\n\n[states]'
BEFORE = [
    (STATES, STATES + "\nstart = { ill = 1 }", "leave out `start`"),
    ('to = "well" }', 'to = "wel" }', "did you mean 'well'"),
    ('probability = "p_cure"', 'probability = "p_cure * 1.41"', "sum to at most 1"),
    (LAST, LAST.replace('"complement"', "0.1"), "sum to 1"),
]
CASES = [("alone", *case) for case in ALONE] + [("before_cohort", *case) for case in BEFORE]


@pytest.mark.parametrize(("name", "old", "new", "words"), CASES)
def test_faults_of_a_tree_are_named(tmp_path, name, old, new, words):
    shutil.copytree(TREES / name, tmp_path / "s")
    text = (tmp_path / "s" / "study.toml").read_text()
    assert old in text
    (tmp_path / "s" / "study.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(cm.DataError) as caught:
        cm.read_study(tmp_path / "s")
    assert words in str(caught.value)
