"""Observations beside clonazepam-us: each as its table or source has it, each prediction by hand."""

import pytest
from changed import changed

from costmodel.datasets import read_dataset
from costmodel.report.claim_tables import Argument, validation_table
from costmodel.study.claims import claims
from costmodel.study.validation import read_validation, validation


@pytest.fixture(scope="module")
def study(american):
    return american


@pytest.fixture(scope="module")
def observed(study):
    return {one.id: one for one in read_validation(study)}


def predictions(study, draws=64):
    return claims(study, draws=study.draws(draws)).quantities


@pytest.fixture(scope="module")
def predicted(study):
    return predictions(study)


def test_every_observation_has_a_source_and_an_explanation(observed):
    assert len(observed) >= 25
    assert all(one.source and one.explanation for one in observed.values())


def test_what_was_observed_is_what_the_tables_of_payers_say(observed):
    rows = read_dataset("us/utilisation").set_index(["payer", "year", "brand_name"])
    brand, generic = (rows.loc[("Medicare Part D", 2022, name)] for name in ("Klonopin", "Clonazepam"))
    medicaid = [rows.loc[("Medicaid", 2023, name)] for name in ("Klonopin", "Clonazepam")]
    spent = [row["total_spending_usd"] for row in (brand, generic, *medicaid)]
    per_unit = [row["total_spending_usd"] / row["dosage_units"] for row in (brand, generic, *medicaid)]
    expected = {
        "spend_share": spent[0] / (spent[0] + spent[1]),
        "part_d_tablet_brand": per_unit[0],
        "part_d_tablet_generic": per_unit[1],
        "part_d_saving": brand["dosage_units"] * (per_unit[0] - per_unit[1]),
        "medicaid_tablet_generic": per_unit[3],
        "spend_share_medicaid": spent[2] / (spent[2] + spent[3]),
        "tablets_a_year": (brand["dosage_units"] + generic["dosage_units"])
        / (brand["beneficiaries"] + generic["beneficiaries"]),
    }
    for name, value in expected.items():
        assert observed[name].observed == pytest.approx(value, rel=1e-3), name


def test_what_was_observed_is_what_the_evidence_says(observed):
    evidence = read_dataset("evidence/parameters").set_index("id")["value_number"]
    expected = {
        "generic_share": evidence["gdr_us"],
        "filled_brand": 1 - evidence["abandon_brand"],
        "persistence_part_d": evidence["q_gap_brand"] / evidence["q_gap_gen"],
        "persistence_employer": evidence["adh_pdc_nonpref"] / evidence["adh_pdc_generic"],
        "users": evidence["epi_pts_us"],
        "copay_generic_paid": evidence["copay_generic_2018"],
        "copay_brand_paid": evidence["copay_brand_2018"],
        "copay_part_d_paid": evidence["partd_walmart_oop"],
        "adherent": evidence["adh_epi_mpr80"],
        # CPI-U of 2018, 251.107, to 2026, 331.926: 1.3219.
        "epilepsy_cost": evidence["c_epi_excess_meps"] * 331.9264 / 251.107,
        "ed_visit_rate": evidence["epi_bzd_ed_visits"] / 30.6e6,
        "deprescribing": evidence["v_dprescribe_qaly"],
    }
    for name, value in expected.items():
        assert observed[name].observed == pytest.approx(value, rel=1e-3), name


def test_predictions_by_hand(predicted):
    # Fees of 2024 at 2.9 % for two years: Medicaid 10.50 x 1.058841 = 11.117831, plans 1.058841; 30 tablets.
    # Users: 1,338,745 in Part D; Medicaid 4,118,287 claims / (9,064,455 / 1,338,745) = 608,239; 1.1 million.
    # Employer plans: 59 for the brand over 30 x 0.03881 + 1.058841 = 2.223141: 26.54 to the power of -0.2.
    expected = {
        "part_d_saving": 1_248_046 * (4.26033 - 0.03881),
        "part_d_tablet_generic": 0.03881 + 1.058841 / 30,
        "part_d_tablet_brand": 4.26033 + 1.058841 / 30,
        "medicaid_tablet_generic": 0.03881 + 11.117831 / 30,
        "users": 1_338_745 + 608_239 + 1_100_000,
        "tablets_a_year": 365,
        "copay_generic_paid": 2.223141,
        "copay_brand_paid": 59,
        "copay_part_d_paid": 2.223141,
        "persistence_employer": (59 / 2.223141) ** -0.2,
        "filled_brand": 0.919 * (59 / 2.223141) ** -0.2,
        "adherent": 0.74,
        "generic_share": 506_811_518.93 / (506_811_518.93 + 1_248_046),
        "ed_visit_rate": 29041 / 30_600_000,
    }
    for name, value in expected.items():
        assert predicted[name].base == pytest.approx(value, rel=1e-6), name


def test_part_d_patients_pay_the_deductible_and_a_quarter_on_the_brand(predicted):
    # Brand: 365 x 4.26033 + 12.1667 x 1.058841 = 1,567.903; 615 + (1,567.903 - 615) / 4 = 853.226.
    # Generic: 365 x 0.03881 + 12.1667 x 1.058841 = 27.048, all within the deductible.
    brand, generic = (365 * price + 365 / 30 * 1.058841 for price in (4.26033, 0.03881))
    ratio = generic / (615 + (brand - 615) / 4)
    assert predicted["copay_ratio"].base == pytest.approx(ratio, rel=1e-6)
    # Epilepsy, three tablets a day: 615 + (4,677.9 - 615) / 4 = 1,630.7 over 55.4, 29.4 to the power of -0.2.
    brand, generic = (3 * 365 * price + 365 / 30 * 1.058841 for price in (4.26033, 0.03881))
    used = ((615 + (brand - 615) / 4) / generic) ** -0.2
    assert predicted["persistence_part_d"].base == pytest.approx(used, rel=1e-6)


def test_dearer_care_of_uncontrolled_epilepsy_moves_away_from_what_was_observed(study, predicted):
    after = predictions(changed(study, c_uncontrolled=20000.0))["epilepsy_cost"]
    assert after.base > predicted["epilepsy_cost"].base > 6054


def test_the_table_shows_both_intervals_and_by_how_much_the_two_differ(study):
    rows = validation(study, draws=study.draws(256))
    table = validation_table(Argument(claims(study, draws=study.draws(2)), rows, 256)).set_index(rows["id"])
    assert len(table) == len(rows)
    # 4.26033 + 1.058841 / 30 = 4.2956 over 2.9352 is 1.46; the price has no interval, its fee has one.
    assert table.loc["part_d_tablet_brand", "Model"].startswith("4.296 (4.2")
    assert table.loc["part_d_tablet_brand", "Observation"] == "2.935"
    assert table.loc["part_d_tablet_brand", "Verdict"] == "no interval is known; 1.46 times what was observed"
    # Nothing is drawn in a share of units: 0.9975 over 0.9.
    assert table.loc["generic_share", ["Model", "Observation"]].tolist() == ["0.9975", "0.9"]
    assert table.loc["filled_brand", "Observation"] == "0.787 (0.76 to 0.81)"
    assert table.loc["filled_brand", "Verdict"].startswith("outside the interval; 0.6")


def test_disagreement_is_shown(study):
    rows = validation(study, draws=study.draws(256)).set_index("id")
    outside = set(rows.index[rows["verdict"] == "outside the interval"])
    # Use falls more with the brand's price than was seen elsewhere, and epilepsy costs more than in MEPS.
    assert {"filled_brand", "epilepsy_cost", "users", "ed_visit_rate"} <= outside
    assert rows.loc["copay_part_d_paid", "verdict"] == "inside the interval"
    for name in ("persistence_part_d", "persistence_employer"):
        assert rows.loc[name, "prediction"] < rows.loc[name, "observed"] < rows.loc[name, "prediction_high"]
