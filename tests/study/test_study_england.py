"""The study clonazepam-england: tariff prices by hand, and the brand's price only as a threshold."""

import doctest
from pathlib import Path

import pytest

import costmodel as cm
from costmodel.inputs.evidence import evidence_parameter

# Drug Tariff, pence for 100 tablets: September 2025 and April 2026
P2, P1, P05 = 8.49 / 100, 41.95 / 100, 7.16 / 100
P2_2026, P1_2026, P05_2026 = 2.08 / 100, 41.95 / 100, 2.44 / 100
ITEMS = 365 / 28
DOCUMENT = Path(__file__).parents[2] / "docs" / "studies.md"


@pytest.fixture(scope="module")
def study():
    return cm.read_study("clonazepam-england")


@pytest.fixture(scope="module")
def base(study):
    return study.run()


def cost(outcomes, perspective="nhs", segment="exempt"):
    return dict(zip(outcomes.strategies, outcomes.cost(perspective, segment=segment)[:, 0], strict=True))


def question(comparator):
    return cm.Question("brand", "nhs", comparator=comparator)


def test_a_year_for_the_nhs(base):
    # 6 mg a day: 3 tablets of 2 mg; 365 x 3 x 0.0849 = 92.97, and 365 / 28 x 1.46 = 19.03 to dispense
    year = cost(base)
    assert year["generic_2mg"] == pytest.approx(365 * 3 * P2 + ITEMS * 1.46)
    assert round(year["generic_2mg"], 2) == 112.0
    assert year["generic_1mg"] == pytest.approx(365 * 6 * P1 + ITEMS * 1.46)
    assert year["generic_05mg"] == pytest.approx(365 * 12 * P05 + ITEMS * 1.46)


def test_charges_fall_on_those_who_are_not_exempt(base):
    # 365 / 28 x 9.90 = 129.05 a year; 11 % of items are charged
    assert set(cost(base, "patient", "exempt").values()) == {0}
    assert cost(base, "patient", "charged")["brand"] == pytest.approx(ITEMS * 9.90)
    assert base.sizes[0] == pytest.approx([0.89, 0.11])
    mean = cost(base, "patient", None)
    assert mean["brand"] == pytest.approx(0.11 * ITEMS * 9.90)


@pytest.mark.parametrize(
    ("scenario", "comparator", "price", "tariff"),
    [
        # the brand's tablet replaces one 2 mg, two 1 mg or four 0.5 mg tablets
        (None, "generic_2mg", P2, P2),
        (None, "generic_1mg", 2 * P1, P2),
        (None, "generic_05mg", 4 * P05, P2),
        ("tariff_april_2026", "generic_2mg", P2_2026, P2_2026),
        ("tariff_april_2026", "generic_1mg", 2 * P1_2026, P2_2026),
        ("tariff_april_2026", "generic_05mg", 4 * P05_2026, P2_2026),
    ],
)
def test_at_which_brand_price_costs_are_equal(study, scenario, comparator, price, tariff):
    model, draws = study.model(scenario), study.draws()
    at = cm.price_at(model, draws, "multiple_brand", question(comparator))
    assert at * tariff == pytest.approx(price)
    found = cm.thresholds(model, draws, "multiple_brand", (0.5, 100), question(comparator))
    assert found["value"].item() * tariff == pytest.approx(price)
    assert found["direction"].item() == "rising"


def test_at_which_brand_price_a_year_costs_100_pounds_more(study):
    # 3 tablets on 365 days: 100 / 1095 = 9.13p above the generic's 8.49p
    found = cm.thresholds(
        study.model(), study.draws(), "multiple_brand", (0.5, 100), question("generic_2mg"), target=100
    )
    assert found["value"].item() * P2 == pytest.approx(P2 + 100 / 1095)


def test_no_price_of_the_brand_is_stated(study):
    assert not any("brand" in name for name in study.bound)
    multiple = study.parameters["multiple_brand"]
    assert multiple.status == "assumed"
    assert multiple.note.startswith("HYPOTHETICAL")
    assert "no estimate" in study.spec.strategies["brand"].description
    assert any("No price of Rivotril" in text for text in study.spec.report.cautions)
    doubts = [doubt for node in cm.trace(study, "price_brand").walk() for doubt in node.doubts]
    assert "value is assumed" in doubts


def test_the_tariff_of_2026_carries_its_doubt_and_stands_in_one_scenario(study):
    for name in ("price_2mg_2026", "price_1mg_2026", "price_05mg_2026"):
        assert any("to be confirmed against NHSBSA" in flag for flag in study.bound[name].flags)
    assert not study.bound["price_2mg"].flags
    doubts = [
        doubt
        for node in cm.trace(study, "drug", scenario="tariff_april_2026").walk()
        for doubt in node.doubts
    ]
    assert any("mock data" in doubt for doubt in doubts)
    year = cost(study.run("tariff_april_2026"))
    assert year["generic_2mg"] == pytest.approx(365 * 3 * P2_2026 + ITEMS * 1.46)


def test_evidence_keeps_its_value_unit_status_and_confidence(study):
    table = cm.read_dataset("evidence/parameters").set_index("id")
    taken = [one for one in study.parameters.values() if one.source == "table:evidence/parameters"]
    assert {one.locator for one in taken} == {"dose_uk_maint", "uk_charge", "uk_saf", "uk_free_share"}
    for one in taken:
        there = evidence_parameter(one.locator)
        assert (one.value, one.unit, one.status) == (there.value, there.unit, there.status)
        assert (one.currency, one.price_year) == (there.currency, there.price_year)
        assert f"confidence {table.loc[one.locator, 'confidence']}" in one.note
    assert "recalled" in table.loc["uk_charge", "flag"]
    assert "recalled" in study.parameters["uk_charge"].note
    dose = study.parameters["dose_mg_day"]
    assert (dose.low, dose.high) == tuple(table.loc["dose_uk_maint", ["low_95", "high_95"]].astype(float))


def test_scenarios_move_the_way_they_should(study, base):
    start, fee = cost(base), ITEMS * 1.46
    for scenario, share in (("dose_4mg", 4 / 6), ("dose_8mg", 8 / 6)):
        for name, value in cost(study.run(scenario)).items():
            assert value - fee == pytest.approx(share * (start[name] - fee))
    assert set(cost(study.run("all_exempt"), "patient", "charged").values()) == {0}
    assert cost(study.run("all_exempt")) == start
    equal = cost(study.run("brand_equal"))
    assert equal["brand"] == pytest.approx(equal["generic_2mg"])


def test_a_dearer_brand_costs_more_and_moves_nothing_else(study):
    draws = study.draws()
    low, high = (
        cost(cm.evaluate(study.model(), draws.replace(multiple_brand=[value]))) for value in (3.0, 4.0)
    )
    # one multiple more is 365 x 3 x 0.0849
    assert high["brand"] - low["brand"] == pytest.approx(365 * 3 * P2)
    assert {name: value for name, value in high.items() if name != "brand"} == {
        name: value for name, value in low.items() if name != "brand"
    }


def test_the_study_passes_its_verification(study):
    found = cm.verify(study, n=64)
    assert found.ok, str(found)


def test_the_document_shows_what_the_study_says():
    failed, tried = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert (failed, tried) == (0, 11)
