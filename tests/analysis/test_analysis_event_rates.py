"""Events per 1,000 person-years."""

import pytest

import costmodel as cm
from costmodel.analysis.event_rates import event_rates

STUDY = """title = "Falls"
currency = "USD"
price_year = 2026
time = { horizon_years = 2 }
strategies = { copy = { set = { r_fall = 0.1 } }, brand = { set = { r_fall = 0.3 } } }
states = { names = ["well", "dead"], start = { well = 0.5, dead = 0.5 } }
transitions = [{ from = "well", to = "well", probability = 1 }]
payoffs = [
    { measure = "life_years", kind = "life_years", states = ["well"], value = 1 },
    { measure = "drug", kind = "cost", states = ["well"], value = 1 },
    { measure = "falls", kind = "event", states = ["well"], value = "r_fall" } ]
"""


@pytest.fixture
def outcomes(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    return cm.read_study(tmp_path).run()


def test_the_rate_is_the_hazard_of_those_alive(outcomes):
    # Half are alive for two years: 1 person-year, in which 0.1 falls a year make 0.1 falls.
    rates = event_rates(outcomes).set_index("strategy")["rate"]
    assert rates.to_dict() == pytest.approx({"copy": 100, "brand": 300})


def test_per_scales_the_rate(outcomes):
    assert event_rates(outcomes, per=1)["rate"].tolist() == pytest.approx([0.1, 0.3])


def test_no_event_and_no_time_are_refused(outcomes):
    with pytest.raises(cm.CostModelError, match="life_years"):
        event_rates(outcomes, person_years="life_year")
    with pytest.raises(cm.CostModelError, match="no event"):
        event_rates(cm.read_study("clonazepam-us-prices").run())


def test_draws_give_an_interval_around_the_mean(american):
    rates = event_rates(american.run(n=32))
    assert (rates["low"] <= rates["rate"]).all()
    assert (rates["rate"] <= rates["high"]).all()
    wide = rates[rates["event"] == "hip_fractures"]
    assert (wide["low"] < wide["high"]).all()
