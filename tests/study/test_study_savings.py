"""What a study's savings could pay for, and the faults of [report]."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import costmodel as cm
from costmodel.study.sample import Sample
from costmodel.study.savings import savings

STUDY = Path(__file__).parent / "savings"


def edited(tmp_path, old, new):
    shutil.copytree(STUDY, tmp_path / "s")
    path = tmp_path / "s" / "study.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return tmp_path / "s"


def base(study):
    return Sample.of(study, draws=study.draws())


def test_shares_by_hand():
    study = cm.read_study(STUDY)
    found = savings(study, base(study))
    # generics save 1,000 - 200 = 800 and the cheaper one 200 - 190 = 10; two visits of 100 are spent
    assert (found.made.saving, found.made.spending, found.made.share) == (800, 200, 0.25)
    assert (found.left.saving, found.left.spending, found.left.share) == pytest.approx((10, 200, 20))


def test_purchases_by_hand():
    study = cm.read_study(STUDY)
    table = savings(study, base(study)).purchases.set_index(["saving", "label"])
    # a thousand people save 800,000: 8,000 visits of 100, or 160,000 booklets of 5
    assert table["bought"].to_dict() == pytest.approx(
        {
            ("made", "Visits"): 8000,
            ("made", "Booklets"): 160_000,
            ("left", "Visits"): 100,
            ("left", "Booklets"): 2000,
        }
    )
    assert table.loc[("made", "Booklets"), "note"] == "Printed"


def test_the_interval_is_that_of_the_draws():
    study = cm.read_study(STUDY)
    sample = Sample.of(study)
    row = savings(study, sample).purchases.iloc[0]
    expected = np.quantile(800_000 / sample.draws["c_visit"], [0.025, 0.975])
    assert [row["low"], row["high"]] == pytest.approx(expected.tolist())
    assert row["low"] < row["bought"] < row["high"]


def test_a_dearer_brand_buys_more_and_a_dearer_visit_buys_less(tmp_path):
    before = savings(study := cm.read_study(STUDY), base(study)).purchases["bought"].iloc[0]
    dearer = cm.read_study(edited(tmp_path, "drug = 1000", "drug = 1800"))
    assert savings(dearer, base(dearer)).purchases["bought"].iloc[0] == pytest.approx(2 * before)
    visit = cm.read_study(edited(tmp_path / "b", 'cost = "c_visit"', 'cost = "2 * c_visit"'))
    assert savings(visit, base(visit)).purchases["bought"].iloc[0] == pytest.approx(before / 2)


def test_a_study_that_asks_for_no_savings_has_none():
    study = cm.read_study("template-generic-vs-brand")
    assert savings(study, base(study)) is None


def test_a_cost_of_nothing_is_refused(tmp_path):
    study = cm.read_study(edited(tmp_path, "cost = 5", "cost = 0"))
    with pytest.raises(cm.CostModelError, match="cost of 'Booklets' must be above 0"):
        savings(study, base(study))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('headline_segment = "everyone"', 'headline_segment = "everybody"', "must be a segment"),
        ('headline_perspective = "all"', 'headline_perspective = "al"', "must be a perspective"),
        ('["careful", "cheaper"]]', '["carefull", "cheaper"]]', "did you mean 'careful'"),
        ('["careful", "cheaper"]]', '["careful", "careful"]]', "cannot be compared with itself"),
        ('["careful", "cheaper"]]', '["careful"]]', "at least 2 items"),
        ('saving = "medicine"', 'saving = "medicin"', "did you mean 'medicine'"),
        ('left = ["generic", "cheaper"]', 'left = ["generic", "cheap"]', "must be a strategy"),
        ('cost = "c_visit"', 'cost = "c_visits"', "did you mean 'c_visit'"),
        ('cost = "c_visit"', 'cost = "c_visit +"', "buys"),
        ("wtp = 50_000", "wtp = -1", "wtp"),
    ],
)
def test_faults_say_where_and_what_to_do(tmp_path, old, new, rule):
    with pytest.raises(cm.DataError) as caught:
        cm.read_study(edited(tmp_path, old, new))
    assert rule in str(caught.value)


def test_a_parameter_that_only_a_purchase_uses_is_used(tmp_path):
    study = cm.read_study(edited(tmp_path, "cost = 5", 'cost = "5 * c_read"'))
    assert savings(study, base(study)).purchases["bought"].iloc[1] == pytest.approx(160_000)
