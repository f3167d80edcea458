"""htaBIM's Disease X: unrounded and rounded, three scenarios, and a one-way analysis that moves."""

import json
from pathlib import Path

import numpy as np
import pytest

from costmodel.analysis import (
    Course,
    Population,
    Uptake,
    budget_draws,
    budget_impact,
    budget_one_way,
    budget_scenarios,
)

CASE = json.loads((Path(__file__).parent / "bia_htabim_disease_x.json").read_text())
GIVEN = CASE["inputs"]
NEW, SECOND, FIRST = "Drug A (new)", "Drug B", "Drug C (SoC)"
SCENARIOS = list(GIVEN["shares_new"])
BASE = {
    "prevalence": GIVEN["prevalence"],
    "diagnosed": GIVEN["diagnosed"],
    "treated": GIVEN["treated"],
    "eligible": GIVEN["eligible"],
    "price_new": GIVEN["cost_per_patient_year"]["drug"][NEW],
    "price_factor": 1.0,
    "share_new": GIVEN["shares_new"]["base"][NEW],
    "share_second": GIVEN["shares_new"]["base"][SECOND],
    "unused": 1.0,
}


def disease_x(*, rounded=False, **inputs):
    """Return the budget impact of Disease X from named inputs, each a number or one per draw."""
    own = {**BASE, **inputs}
    steps = {name: own[name] for name in ("prevalence", "diagnosed", "treated", "eligible")}
    drug = dict(GIVEN["cost_per_patient_year"]["drug"])
    drug = {name: price * own["price_factor"] for name, price in {**drug, NEW: own["price_new"]}.items()}
    care = {name: by for name, by in GIVEN["cost_per_patient_year"].items() if name != "drug"}
    new, second = own["share_new"], own["share_second"]
    return budget_impact(
        Population.from_funnel(GIVEN["total_population"], steps, growth=GIVEN["population_growth"]),
        [
            Course(product=name, drug=drug[name], other_care={c: by[name] for c, by in care.items()})
            for name in GIVEN["treatments"]
        ],
        without=Uptake.constant(GIVEN["shares_current"], years=5),
        with_change=Uptake.linear(
            GIVEN["shares_current"], {FIRST: 1 - new - second, SECOND: second, NEW: new}, years=5, over=3
        ),
        years=5,
        rounded=rounded,
    )


def scenario(name, **options):
    shares = GIVEN["shares_new"][name]
    return disease_x(share_new=shares[NEW], share_second=shares[SECOND], **options)


def payer(table):
    return table[table["paid_by"] == "payer"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_unrounded_budgets_are_htabims(name):
    found = payer(scenario(name).by_year())[["year", "without", "with", "impact"]].to_numpy()
    assert found == pytest.approx(np.array(CASE["expected_unrounded"][name]), rel=1e-12)


@pytest.mark.parametrize("name", SCENARIOS)
def test_rounded_budgets_are_the_printed_integers(name):
    impact = scenario(name, rounded=True)
    found = payer(impact.by_year())[["year", "without", "with", "impact"]].to_numpy()
    assert np.rint(found).astype(int).tolist() == CASE["expected_printed"]["scenarios"][name]
    assert found == pytest.approx(np.rint(found), abs=1e-6)
    assert impact.eligible[0, 0].tolist() == CASE["expected_printed"]["eligible"]
    total = payer(impact.cumulative())["impact"].iloc[-1]
    assert total == pytest.approx(CASE["expected_printed"]["cumulative"][name], abs=1e-6)


def test_relative_impact_is_the_printed_per_cent():
    found = payer(disease_x(rounded=True).by_year())["relative"].to_numpy(float) * 100
    assert found == pytest.approx(CASE["expected_printed"]["pct_impact_base"], rel=1e-10)


def test_rounded_products_need_not_sum_to_those_eligible():
    # 10,412 x 0.6, 0.2, 0.2 = 6247.2, 2082.4, 2082.4 -> 6247 + 2082 + 2082 = 10,411
    people = disease_x(rounded=True).people().query("year == 5 and world == 'with'")
    assert people["people"].tolist() == [6247, 2082, 2082]
    assert people["eligible"].unique().tolist() == [10412]


def test_one_way_moves_where_htabims_stays():
    expected = CASE["expected_correct_dsa_year5_unrounded"]
    ranges = {"prevalence": (0.0015, 0.005), "eligible": (0.2, 0.45), "unused": (0, 2)}
    table = budget_one_way(disease_x, BASE, ranges, year=5).set_index("parameter")
    for name, key in (("prevalence", "prevalence_0015_005"), ("eligible", "eligible_rate_20_45")):
        assert table.loc[name, ["at_low", "at_high"]].tolist() == pytest.approx(expected[key], rel=1e-12)
        assert table.loc[name, "remark"] == ""
    assert table.loc["prevalence", "base"] == pytest.approx(expected["base"], rel=1e-12)
    assert table.loc["unused", "swing"] == 0
    assert table.loc["unused", "remark"] == "inert: its range does not move the result"


def test_fifteen_per_cent_on_every_drug_price_by_hand():
    # Per person: 15 % of -0.15 x 220 - 0.05 x 22,400 + 0.2 x 28,800 = 4,607, which is 691.05.
    table = budget_one_way(disease_x, BASE, {"price_factor": (0.85, 1.15)}, year=5).iloc[0]
    half = 10206 * 1.005**4 * 691.05
    assert table["at_low"] == pytest.approx(51020237.94275867 - half, rel=1e-12)
    assert table["at_high"] == pytest.approx(51020237.94275867 + half, rel=1e-12)


def test_fifteen_per_cent_on_the_new_drugs_price_by_hand():
    # Year 5: 10,206 x 1.005^4 = 10,411.6560 people, a fifth of them on the new drug = 2,082.3312;
    # 15 % of 28,800 = 4,320 a patient-year; so 2,082.3312 x 4,320 = 8,995,670.79 either way.
    table = budget_one_way(disease_x, BASE, {"price_new": (0.85 * 28800, 1.15 * 28800)}, year=5).iloc[0]
    half = 10206 * 1.005**4 * 0.2 * 4320
    assert half == pytest.approx(8_995_670.79, abs=0.01)
    assert table["at_low"] == pytest.approx(51020237.94275867 - half, rel=1e-12)
    assert table["at_high"] == pytest.approx(51020237.94275867 + half, rel=1e-12)
    expected = CASE["expected_correct_dsa_year5_unrounded"]["drug_cost_x"]
    assert table[["at_low", "at_high"]].tolist() == pytest.approx(expected, rel=1e-12)


def test_scenarios_in_one_call_are_the_scenarios_one_by_one():
    changes = {
        name: {"share_new": by[NEW], "share_second": by[SECOND]} for name, by in GIVEN["shares_new"].items()
    }
    table = budget_scenarios(disease_x, BASE, changes)
    for name in SCENARIOS:
        rows = table[table["scenario"] == name]
        expected = np.array(CASE["expected_unrounded"][name])
        assert rows[["year", "without", "with", "impact"]].to_numpy() == pytest.approx(expected, rel=1e-12)
        assert rows["cumulative"].to_numpy() == pytest.approx(expected[:, 3].cumsum(), rel=1e-12)
    assert (table[table["scenario"] == "base"]["remark"] == "inert: its range does not move the result").all()
    assert (table[table["scenario"] == "optimistic"]["remark"] == "").all()


def test_draws_of_everything_are_one_evaluation_of_each():
    rng = np.random.default_rng(7)
    draws = {name: value * rng.uniform(0.8, 1.2, 40) for name, value in BASE.items()}
    together = budget_draws(disease_x, draws)
    alone = [disease_x(**{name: each[n] for name, each in draws.items()}).impact()[0] for n in range(40)]
    assert together.impact() == pytest.approx(np.array(alone), rel=1e-12)
    table = payer(together.by_year())
    assert (table["impact_low"] < table["impact"]).all()
    assert (table["impact"] < table["impact_high"]).all()


def test_a_member_pays_a_twelfth_of_a_year_each_month():
    # 16,670,820.6 / (12 x 42,000,000) = 0.033077; both people and members grow by 0.5 % a year
    found = payer(disease_x().pmpm())["impact"].tolist()
    assert found[0] == pytest.approx(16_670_820.6 / (12 * 42e6), rel=1e-12)
    assert found[2] == pytest.approx(found[4], rel=1e-12)
