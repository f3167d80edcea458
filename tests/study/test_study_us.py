"""The study clonazepam-us: the molecule brings effects and harms, the label brings the price."""

import math

import numpy as np
import pytest
from changed import changed

from costmodel.analysis.savings_share import savings_share

SAME_LABELLED = ("brand", "current_mix", "generic")


@pytest.fixture(scope="module")
def study(american):
    return american


@pytest.fixture(scope="module")
def base(study):
    return study.run()


@pytest.fixture(scope="module")
def fixed_use(study):
    return study.run(scenario="no_elasticity")


def by_strategy(outcomes, measure, segment=None):
    values = outcomes.total(measure, segment=segment)[:, 0]
    return dict(zip(outcomes.strategies, values.tolist(), strict=True))


def test_harms_and_benefits_belong_to_the_molecule_not_to_the_label(fixed_use):
    for measure, kind in fixed_use.measures.items():
        if kind == "cost" and measure.startswith("drug_"):
            continue
        values = by_strategy(fixed_use, measure)
        assert values["brand"] == values["current_mix"] == values["generic"], measure


def test_at_constant_use_the_label_still_changes_what_the_drug_costs(fixed_use):
    plan = by_strategy(fixed_use, "drug_plan")
    assert plan["brand"] > 50 * plan["generic"]
    assert plan["brand"] > plan["current_mix"] > plan["generic"]


def test_wider_use_brings_more_benefit_and_more_harm(base):
    for measure in (
        "qaly",
        "treatment_years",
        "hip_fractures",
        "crash_injuries",
        "overdoses",
        "use_disorder_years",
    ):
        values = by_strategy(base, measure)
        assert values["generic"] > values["current_mix"] > values["brand"], measure


def test_a_first_year_of_drug_agrees_with_the_sum_by_hand(study):
    # Nobody dies, stops or changes state: everyone takes one tablet a day. Medicaid, generic, per year:
    # 365 tablets x 0.03881 + 365/30 fills x 10.5 x 1.029**2 (the fee of 2024 at the assumed inflation)
    ingredient, fee = 365 * 0.03881, 365 / 30 * 10.5 * 1.029**2
    assert math.isclose(ingredient, 14.16565)
    everyone = changed(
        study,
        share_long_term_young=1.0,
        share_long_term_old=1.0,
        p_stop6_usual=0.0,
        p_use_disorder=0.0,
    )
    outcomes = everyone.run(scenario="one_year")
    cost = by_strategy(outcomes, "drug_plan", "medicaid_panic")["generic"]
    cost += by_strategy(outcomes, "drug_patient", "medicaid_panic")["generic"]
    years = by_strategy(outcomes, "treatment_years", "medicaid_panic")["generic"]
    # Costs and years are discounted alike, so their ratio is the yearly cost of a person on treatment.
    assert cost / years == pytest.approx(ingredient + fee, rel=1e-12)


def test_hip_fractures_happen_to_older_people_only(base):
    assert by_strategy(base, "hip_fractures", "employer_panic")["generic"] == 0
    assert by_strategy(base, "hip_fractures", "part_d_panic")["generic"] > 0.01


@pytest.mark.parametrize(
    ("parameter", "factor", "measure"),
    [
        ("rr_hip_long", 2, "hip_fractures"),
        ("rr_crash", 2, "crash_injuries"),
        ("p_seizure_abrupt", 3, "withdrawal_seizures"),
        ("p_opioid_couse", 2, "overdoses"),
        ("p_use_disorder", 2, "use_disorder_years"),
        ("r_seizure_ed", 2, "seizure_visits"),
        ("p_response", 1.2, "qaly"),
        ("u_controlled", 1.05, "qaly"),
        ("c_visit", 2, "visits"),
        ("c_education", 2, "careful_prescribing"),
    ],
)
def test_each_input_moves_what_it_should_the_right_way(study, base, parameter, factor, measure):
    value = study.parameters[parameter].value * factor
    after = changed(study, **{parameter: value}).run()
    assert by_strategy(after, measure)["careful"] > by_strategy(base, measure)["careful"]


def test_careful_prescribing_costs_money_and_lowers_every_harm_but_withdrawal(base):
    for measure in ("hip_fractures", "crash_injuries", "overdoses", "use_disorder_years", "treated_falls"):
        values = by_strategy(base, measure)
        assert values["careful"] < values["generic"], measure
    assert by_strategy(base, "careful_prescribing")["generic"] == 0
    assert by_strategy(base, "tapering")["careful"] > by_strategy(base, "tapering")["generic"]


def test_careful_prescribing_without_tapers_leaves_stopping_as_it_was(study):
    outcomes = study.run(scenario="careful_without_taper")
    years = by_strategy(outcomes, "treatment_years", "employer_epilepsy")
    assert years["careful"] == years["generic"]
    seizures = by_strategy(outcomes, "withdrawal_seizures")
    assert seizures["careful"] < seizures["generic"]


def test_savings_never_exceed_the_spend_they_replace(base):
    drug = {
        s: by_strategy(base, "drug_plan")[s] + by_strategy(base, "drug_patient")[s] for s in SAME_LABELLED
    }
    assert 0 < drug["brand"] - drug["generic"] < drug["brand"]


def test_recovery_off_the_drug_differs_by_agoraphobia(base):
    plain, with_agoraphobia = (
        by_strategy(base, "qaly", f"part_d_{indication}") for indication in ("panic", "agoraphobia")
    )
    loss = {
        name: value["generic"] - value["careful"]
        for name, value in (("plain", plain), ("agora", with_agoraphobia))
    }
    assert loss["agora"] > loss["plain"]


def test_a_worse_generic_is_worse_and_a_better_one_better(study, base):
    for scenario, sign in (("unfavourable", -1), ("favourable_cohort", 1)):
        after = by_strategy(study.run(scenario=scenario), "qaly")
        before = by_strategy(base, "qaly")
        assert np.sign(after["generic"] - before["generic"]) == sign
        assert after["brand"] == before["brand"]


def test_every_recalled_or_elicited_value_says_so(study):
    weak = [row for row in study.parameters.rows if row.status in {"recalled", "elicited"}]
    assert len(weak) > 40
    assert all(row.note for row in weak)


def test_careful_prescribing_is_paid_by_the_savings_made_but_not_by_those_still_to_be_made(base):
    pairs = {"spent": ("generic", "careful"), "saving": "drug", "spending": "care_programme"}
    made = savings_share(base, saved=("brand", "current_mix"), **pairs)
    remaining = savings_share(base, saved=("current_mix", "generic"), **pairs)
    programme = by_strategy(base, "careful_prescribing"), by_strategy(base, "tapering")
    assert made.spending == pytest.approx(sum(values["careful"] - values["generic"] for values in programme))
    assert 0 < made.share < 1 < remaining.share
