"""A study's own scenarios name what is price and what is use."""

from pathlib import Path

import pytest

import costmodel as cm
from costmodel.analysis import Change, decompose

STUDY = Path(__file__).parent / "claims"
COLUMNS = ["old", "new", "price_effect", "volume_effect", "interaction", "total"]


def test_two_scenarios_are_split_by_hand():
    # 12 packs at 10 become 15 packs at 4: 120 -> 60. Price -6 x 12 = -72, volume 10 x 3 = 30, both -6 x 3.
    # Falls, 0.01 a pack whatever the label: 0.12 -> 0.15.
    study = cm.read_study(STUDY)
    change = Change("brand", study.model("copy_price").scenario, study.model("more_packs").scenario)
    found = decompose(study.model(), study.draws(), change).set_index("measure")
    assert found.loc["payer", COLUMNS].tolist() == pytest.approx([120, 60, -72, 30, -18, -60])
    assert found.loc["falls", COLUMNS].tolist() == pytest.approx([0.12, 0.15, 0, 0.03, 0, 0.03])
    assert found.loc["falls", "price_effect"] == found.loc["falls", "interaction"] == 0


def test_the_intervals_are_those_of_the_price():
    # The copy costs 2 to 6, 95 % from 2.1 to 5.9: the price effect runs from -94.8 to -49.2; volume is sure.
    study = cm.read_study(STUDY)
    change = Change("brand", study.model("copy_price").scenario, study.model("more_packs").scenario)
    row = decompose(study.model(), study.draws(1024), change).set_index("measure").loc["payer"]
    assert row[["price_effect_low", "price_effect_high"]].tolist() == pytest.approx([-94.8, -49.2], rel=2e-3)
    assert row[["volume_effect_low", "volume_effect_high"]].tolist() == pytest.approx([30, 30])
