"""Absolute risks of two strategies, and their difference draw by draw."""

import numpy as np
import pytest

import costmodel as cm
from costmodel.analysis.risk_difference import risk_differences

STUDY = """title = "Falls"
currency = "USD"
price_year = 2026
time = { horizon_years = 2 }
strategies = { off = { set = { r_fall = 0.1 } }, on = { set = { r_fall = "0.1 * rr_fall" } } }
states = { names = ["well", "dead"], start = { well = 0.5, dead = 0.5 } }
transitions = [{ from = "well", to = "well", probability = 1 }]
payoffs = [
    { measure = "drug", kind = "cost", states = ["well"], value = 1 },
    { measure = "days_off", kind = "effect", states = ["well"], value = 7 },
    { measure = "falls", kind = "event", states = ["well"], value = "r_fall" } ]
"""
PARAMETERS = """name,value,low,high,distribution,basis,unit,price_year,currency,source,locator,status,note
rr_fall,3,2,4,uniform,range,ratio,,,,,assumed,
"""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "parameters.csv").write_text(PARAMETERS)
    return cm.read_study(tmp_path)


def test_people_at_the_start_are_the_denominator(study):
    # of 1,000 people half are alive for two years, with 0.1 or 0.3 falls a year: 100 and 300
    (row,) = risk_differences(study.run(), "on", "off").to_dict("records")
    assert row["event"] == "falls"
    assert (row["comparator"], row["risk"], row["difference"]) == pytest.approx((100, 300, 200))
    assert row["difference_low"] == row["difference_high"] == row["difference"]


def test_the_difference_is_taken_draw_by_draw(study):
    # the ratio lies evenly between 2 and 4: risks from 200 to 400, differences from 100 to 300
    found = risk_differences(study.run(n=1024), "on", "off", level=0.9)
    (row,) = found.to_dict("records")
    assert (row["risk_low"], row["risk_high"]) == pytest.approx((210, 390), abs=1)
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((110, 290), abs=1)
    assert (row["comparator_low"], row["comparator_high"]) == pytest.approx((100, 100))
    assert found.attrs["level"] == 0.9


def test_what_both_share_cancels():
    outcomes = cm.read_study("clonazepam-one-person").run(n=128)
    rows = risk_differences(outcomes, "generic", "brand", segment="woman_82_opioid")
    assert (rows[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)
    forth = risk_differences(outcomes, "generic", "without")
    back = risk_differences(outcomes, "without", "generic")
    assert np.allclose(forth["difference"], -back["difference"])
    assert np.allclose(forth["difference_low"], -back["difference_high"])
    assert forth["event"].tolist() == [name for name in outcomes.effects if name != "responder"]


def test_events_and_their_order_may_be_chosen(study):
    rows = risk_differences(study.run(), "on", "off", events=["falls", "days_off"], per=1)
    assert rows["event"].tolist() == ["falls", "days_off"]
    assert rows["risk"].tolist() == pytest.approx([0.3, 7])


def test_unknown_names_and_levels_are_refused(study):
    outcomes = study.run()
    with pytest.raises(cm.CostModelError, match=r"strategy: 'onn' is unknown; did you mean 'on'\?"):
        risk_differences(outcomes, "onn", "off")
    with pytest.raises(cm.CostModelError, match=r"event: 'fall' is unknown; did you mean 'falls'\?"):
        risk_differences(outcomes, "on", "off", events=["fall"])
    with pytest.raises(cm.CostModelError, match="level must lie in"):
        risk_differences(outcomes, "on", "off", level=0)
    with pytest.raises(cm.CostModelError, match="no event"):
        risk_differences(cm.read_study("clonazepam-us-prices").run(), "brand", "generic")
