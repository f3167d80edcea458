"""Epilepsy in clonazepam-us: response is lost early and late; the published share stays controlled."""

from dataclasses import replace

import pytest
from changed import changed

import costmodel as cm

SEGMENT = "employer_epilepsy"


@pytest.fixture(scope="module")
def study(american):
    return american


def shares(study, *states, scenario=None):
    """Return the share of people with epilepsy in each state at each boundary, all on the generic."""
    model = study.model(scenario)
    one = replace(model, segments=tuple(item for item in model.segments if item.name == SEGMENT))
    frame = cm.occupancy(one, study.draws())
    frame = frame[frame["strategy"] == "generic"].pivot_table(
        index="boundary", columns="state", values="share"
    )
    return frame[list(states)]


def only_long_term(study, **values):
    """Return the study with nobody who starts, so that only those in long use are seen."""
    return changed(study, share_long_term_young=1.0, share_long_term_old=1.0, r_restart=0.0, **values)


@pytest.mark.parametrize("late", [0.01, 0.07])
@pytest.mark.parametrize("lost", [0.05, 0.4])
def test_in_long_use_the_published_share_stays_controlled_however_fast_response_is_lost(study, late, lost):
    found = shares(
        only_long_term(study, r_tolerance_late=late, share_lost_response=lost),
        "ep_controlled",
        "ep_uncontrolled",
        "ep_lost",
    )
    controlled = found["ep_controlled"] / found.sum(axis=1)
    # Not exactly: a monthly probability is not quite proportional to its rate.
    assert controlled.to_numpy() == pytest.approx(0.44, abs=0.001)
    assert (found["ep_lost"] / (found["ep_lost"] + found["ep_uncontrolled"])).iloc[0] == pytest.approx(lost)


def test_of_those_who_start_a_fifth_of_responders_have_lost_their_response_after_a_month(study):
    # 1 - 0.17 stay; 0.44 of them respond; 0.2 of those lose it: lost over controlled is 0.2 / 0.8.
    started = changed(study, share_long_term_young=0.0, share_long_term_old=0.0)
    after = shares(started, "ep_controlled", "ep_lost", "ep_uncontrolled").loc[1]
    assert after["ep_lost"] / after["ep_controlled"] == pytest.approx(0.25)
    assert (after["ep_lost"] + after["ep_controlled"]) / after.sum() == pytest.approx(0.44)


def test_response_is_lost_beyond_the_first_months_by_as_much_as_the_rate_says(study):
    # No way back, and nobody dies, stops, skips tablets or loses control otherwise: of those controlled
    # exp(-0.027 x 5) = 87.37 % are left after five years, so that 1 - 0.8 x 0.8737 = 30 % of responders have
    # lost it. Those who would have died that month lose no response in it, hence a little less.
    quiet = only_long_term(study, p_stop6_epilepsy=0.0, r_lose_control=0.0, p_nonadherent=0.0)
    model = study.model()
    one = replace(
        model,
        transitions=tuple(
            move for move in model.transitions if move.target != "dead" and move.source != "ep_lost"
        ),
        segments=tuple(item for item in model.segments if item.name == SEGMENT),
    )
    frame = cm.occupancy(one, quiet.draws())
    rows = frame[(frame["strategy"] == "generic") & (frame["state"] == "ep_controlled")].set_index("boundary")
    left = rows["share"].loc[60] / rows["share"].loc[0]
    assert left == pytest.approx(0.8737, abs=2e-4)
    assert 1 - (1 - 0.2) * left == pytest.approx(0.30, abs=0.002)


def test_more_tolerance_costs_control_quality_of_life_and_emergency_visits(study):
    before, after = study.run(), changed(study, p_tolerance=0.3).run()
    for measure, sign in (("seizure_visits", 1), ("epilepsy_care", 1), ("qaly", -1)):
        change = after.total(measure, segment=SEGMENT) - before.total(measure, segment=SEGMENT)
        assert (sign * change > 0).all(), measure


def test_stopping_for_sedation_lies_within_stopping_for_adverse_events(study):
    # The label: 17 % stopped for adverse events, 7 % for somnolence. The second is not added to the first.
    stopped = study.parameters["p_ae_stop"]
    assert stopped.value == 0.17
    assert "somnolence" in stopped.note
    ratio = changed(study, p_somnolence=0.6).run().total("treatment_years") / study.run().total(
        "treatment_years"
    )
    assert (ratio == 1).all()


def test_epilepsy_stops_at_its_own_rate_under_every_strategy(study):
    # Nobody dies or skips tablets: of 0.05 in six months, 0.95 are still on the drug at the end of them.
    quiet = only_long_term(study, e_demand=0.0, p_nonadherent=0.0, smr_epilepsy=0.0)
    model = quiet.model()
    one = replace(model, segments=tuple(item for item in model.segments if item.name == SEGMENT))
    frame = cm.occupancy(one, quiet.draws())
    on = frame["state"].isin(["ep_controlled", "ep_uncontrolled", "ep_lost"])
    left = frame[on & (frame["boundary"] == 6)].groupby("strategy")["share"].sum()
    assert left.to_dict() == pytest.approx(dict.fromkeys(study.spec.strategies, 0.95), rel=1e-12)


def test_trials_of_stopping_in_anxiety_and_insomnia_leave_epilepsy_alone(study):
    before = study.run()
    after = changed(study, p_stop6_usual=0.3, p_stop6_education=0.6, or_stop_minimal=5.0).run()
    assert (after.total("tapering", segment=SEGMENT) == before.total("tapering", segment=SEGMENT)).all()
    assert (
        after.total("tapering", segment="part_d_panic") > before.total("tapering", segment="part_d_panic")
    ).all()


def test_more_tablets_in_tapers_and_in_nonadherence_cost_more(study):
    def drug(outcomes):
        return sum(outcomes.total(measure, segment=SEGMENT) for measure in ("drug_plan", "drug_patient"))

    before = study.run()
    for share in ("share_dose_taper", "share_dose_nonadherent"):
        after = changed(study, **{share: 1.0}).run()
        assert (drug(after) > drug(before)).all()
        assert (after.total("qaly", segment=SEGMENT) == before.total("qaly", segment=SEGMENT)).all()
