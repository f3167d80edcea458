"""A study whose parameters' ranks are correlated: read, run, written and reported."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import costmodel as cm
from costmodel.inputs import RankCorrelations
from costmodel.report.study_tables import input_table

TREE = Path(__file__).parent / "trees" / "alone"
TABLE = "name,specificity,sensitivity\nsensitivity,-0.6,1\nspecificity,1,-0.6\n"


def study(folder, table=TABLE):
    shutil.copytree(TREE, folder)
    (folder / "tables").mkdir()
    (folder / "tables" / "rank_correlations.csv").write_text(table)
    return cm.read_study(folder)


def test_a_study_is_drawn_with_its_table_and_run(tmp_path):
    found = study(tmp_path / "s")
    drawn = found.draws(2**12)
    reached = stats.spearmanr(drawn["sensitivity"], drawn["specificity"]).statistic
    assert reached == pytest.approx(-0.6, abs=0.01)
    outcomes = found.run(n=2**12)
    # positive tests per person: p se + (1 - p)(1 - sp), each at the treatment's cost, with the same draws
    p, se, sp = (drawn[name] for name in ("p_disease", "sensitivity", "specificity"))
    expected = drawn["c_treatment"] * (p * se + (1 - p) * (1 - sp))
    np.testing.assert_allclose(outcomes.total("treatment")[1], expected, rtol=1e-12)


def test_the_base_case_and_means_stay_and_the_spread_follows_the_sign(tmp_path):
    apart, together = cm.read_study(TREE), study(tmp_path / "s")
    assert (together.run().discounted == apart.run().discounted).all()
    # positives rise with sensitivity and fall with specificity: a negative correlation adds to their spread
    costs = [item.run(n=2**12).total("treatment")[1] for item in (apart, together)]
    assert costs[1].mean() == pytest.approx(costs[0].mean(), rel=0.01)
    assert costs[1].std() > 1.005 * costs[0].std()


def test_a_study_is_written_with_its_table(tmp_path):
    first = study(tmp_path / "s")
    again = cm.read_study(cm.write_study(first, tmp_path / "copy"))
    table = RankCorrelations.of({("sensitivity", "specificity"): -0.6})
    assert again.parameters.rank_correlations == first.parameters.rank_correlations == table
    assert (again.run(n=64).discounted == first.run(n=64).discounted).all()


def test_faults_of_the_table_are_faults_of_the_study(tmp_path):
    table = "name,sensitivity,specifity\nsensitivity,1,0.5\nspecifity,0.4,1\n"
    with pytest.raises(cm.DataError) as problem:
        study(tmp_path / "s", table)
    said = str(problem.value)
    for words in (
        "tables/rank_correlations.csv, row 3, name: specifity is not a parameter of the table",
        "did you mean 'specificity'?",
        "must be symmetric: sensitivity with specifity",
    ):
        assert words in said


def test_the_report_says_what_is_correlated(tmp_path):
    class Found:
        study = globals()["study"](tmp_path / "s")

    notes = input_table(Found).set_index("Input")["Note"]
    assert notes["sensitivity"] == "rank correlation with specificity -0.6"
    assert notes["specificity"] == "rank correlation with sensitivity -0.6"
    assert not notes["p_disease"]
