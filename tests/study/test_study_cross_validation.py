"""The cohort against individuals: they agree, and a fault in one of them is found."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import costmodel as cm
from costmodel.model import simulate
from costmodel.study import against_individuals as module
from costmodel.study.against_individuals import cross_validation

PUBLISHED = Path(__file__).parents[1] / "published"
SEGMENTS = ["part_d_agoraphobia", "employer_epilepsy"]
STRATEGIES = ["brand", "careful"]


@pytest.fixture(scope="module")
def study(american):
    return american


@pytest.fixture(scope="module")
def compared(study):
    return cross_validation(study, people=4000, seed=7, segments=SEGMENTS, strategies=STRATEGIES)


def test_costs_qalys_and_events_of_the_us_study_agree_within_monte_carlo_error(study, compared):
    assert len(compared) == 2 * 2 * len(study.base_model.measures)
    assert (compared["verdict"] == "agree").all(), compared[compared["verdict"] != "agree"]
    # Totals of one strategy move together, but none is far out; and people do differ.
    assert compared["z"].abs().max() < 3
    assert compared["z"].notna().mean() > 0.6


def test_what_the_rows_hold_is_what_either_says_of_the_whole_model(study, compared):
    exact = study.run().total("qaly", segment="employer_epilepsy")
    row = compared.set_index(["segment", "strategy", "measure"]).loc[("employer_epilepsy", "careful", "qaly")]
    assert row["cohort"] == exact[list(study.run().strategies).index("careful"), 0]
    assert row["z"] == pytest.approx((row["individuals"] - row["cohort"]) / row["standard_error"])


def test_the_standard_error_falls_with_the_square_root_of_people(study):
    few, many = (
        cross_validation(
            study, people=people, segments=["medicaid_panic"], strategies=["generic"], scenario="one_year"
        )
        for people in (1000, 4000)
    )
    ratio = few["standard_error"].sum() / many["standard_error"].sum()
    assert ratio == pytest.approx(2, rel=0.1)


def test_the_tunnel_of_a_taper_remembers_as_long_as_people_do(study):
    """Six cycles are enough: time that is exact and time that stops where the tunnel ends give the same."""
    model = replace(study.model(), segments=study.base_model.segments[:1])
    own, cut = (
        simulate(model, study.draws(), n_people=500, seed=3, time_in_state=kind)
        for kind in ("exact", "tunnels")
    )
    assert (own.discounted == cut.discounted).all()


def test_a_tunnel_that_is_too_short_is_found(study):
    # A taper ends in the sixth month: people get there, a cohort that remembers three months never does.
    states = study.spec.states.model_copy(update={"tunnels": {"taper": 3, "ep_taper": 3}})
    planted = replace(study, spec=study.spec.model_copy(update={"states": states}))
    rows = cross_validation(planted, people=2000, segments=["part_d_panic"], strategies=["careful"])
    found = rows.set_index("measure")
    assert set(found.loc[["treatment_years", "drug_patient"], "verdict"]) == {"disagree"}
    assert found.loc["treatment_years", "cohort"] > 1.05 * found.loc["treatment_years", "individuals"]


def test_a_fault_in_the_cohort_is_found_where_it_is_and_nowhere_else(study, monkeypatch):
    # The cohort alone counts a tenth too few responders: panic disorder is touched, epilepsy is not.
    real = module.evaluate

    def wrong(model, draws):
        return real(model, draws.replace(p_response=0.9 * draws["p_response"]))

    monkeypatch.setattr(module, "evaluate", wrong)
    rows = cross_validation(study, people=4000, seed=7, segments=SEGMENTS, strategies=STRATEGIES)
    apart = rows[rows["verdict"] == "disagree"]
    assert set(apart["segment"]) == {"part_d_agoraphobia"}
    assert {"panic_care", "lost_production"} <= set(apart["measure"])
    # Fewer responders need more care: individuals, who are right, need less.
    assert (apart[apart["measure"] == "panic_care"]["z"] < 0).all()


def test_verdicts_by_hand():
    # Two rows vary: the limit is the normal quantile of 1 - 0.01 / 4, 2.807.
    rows = pd.DataFrame(
        [
            ("beyond", 10.0, 10.29, 0.1),
            ("within", 10.0, 9.73, 0.1),
            ("the same", 2.0, 2.0, 0.0),
            ("rounding", 2.0, 2.0 + 1e-12, 1e-16),
            ("all alike, but not the cohort's", 2.0, 2.1, 0.0),
            ("rare", 1e-5, 0.0, 0.0),
            ("nothing", 0.0, 0.0, 0.0),
        ],
        columns=["measure", "cohort", "individuals", "standard_error"],
    )
    found = module._judged(rows).set_index("measure")
    assert found["verdict"].to_dict() == {
        "beyond": "disagree",
        "within": "agree",
        "the same": "agree",
        "rounding": "agree",
        "all alike, but not the cohort's": "disagree",
        "rare": "not met",
        "nothing": "agree",
    }
    assert found.loc["beyond", "z"] == pytest.approx(2.9)
    assert found["z"].isna().sum() == 5


def test_prices_alone_agree_without_any_error():
    rows = cross_validation(cm.read_study("clonazepam-us-prices"), people=100)
    assert (rows["verdict"] == "agree").all()
    assert rows["z"].isna().all()


def test_a_published_model_of_another_hand_agrees():
    rows = cross_validation(cm.read_study(PUBLISHED / "composed_tunnels"), people=4000, seed=2)
    assert (rows["verdict"] == "agree").all()


def test_what_is_not_there_is_refused(study):
    with pytest.raises(cm.CostModelError, match="people must be 100 or more"):
        cross_validation(study, people=99)
    with pytest.raises(cm.CostModelError, match="did you mean 'part_d_panic'"):
        cross_validation(study, segments=["part_d_panics"])
    with pytest.raises(cm.CostModelError, match="did you mean 'careful'"):
        cross_validation(study, strategies=["carefull"])
