"""The formula of a study and the month-by-month engine are one rule."""

import tomllib

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from strategies_populations import benefits, few, standard

from costmodel.datasets import data_root
from costmodel.errors import CostModelError
from costmodel.formulas import evaluate, parse
from costmodel.populations.payments import Spending, benefit, closed_form, plan_year
from costmodel.populations.payments.closed_form import segments

SUM_2024 = (
    "min(gross_year, 545.0) + 0.25 * max(0, min(gross_year, 5030.0) - 545.0)"
    " + 0.25 * max(0, min(gross_year, 30365.0) - 5030.0)"
)
GROSS = np.concatenate([np.linspace(0, 60_000, 601), [615, 6555, 10_824.47, 28_085]])


@pytest.mark.parametrize("when", [2023, 2024, 2025, 2026])
@pytest.mark.parametrize("product", ["brand", "generic"])
def test_part_d_formula_is_the_engine_to_the_cent(when, product):
    own = benefit("part_d", when)
    if when == 2023:
        # above the threshold a copay may exceed the 5 %: compared where it cannot, at more than 207 a month
        own = own.with_value("copay", 0, phase=4, product=product)
    form = closed_form(own, product)
    for pattern in (np.full(12, 1 / 12), np.array([0.5, 0, 0.3] + [0.2 / 9] * 9)):
        year = plan_year(own, Spending(GROSS[:, None] * pattern, product), whole_cents=False)
        assert np.abs(year.of("patient") - form(GROSS)).max() < 0.0005
    whole = plan_year(own, Spending(GROSS[:, None] / 12, product)).of("patient")
    assert np.abs(whole - form(GROSS)).max() <= 0.12  # half a cent of gross and of share, twelve times


@given(benefits(), st.lists(st.floats(0, 20_000), min_size=1, max_size=20))
@few
def test_any_benefit_of_shares_has_a_formula_that_is_the_engine(own, gross):
    form = closed_form(own, "brand")
    year = plan_year(own, Spending(np.array(gross)[:, None] / 12, "brand"), whole_cents=False)
    assert year.of("patient") == pytest.approx(form(gross), abs=1e-3)


@pytest.mark.parametrize(
    ("name", "when", "product", "text"),
    [
        (
            "part_d",
            2026,
            "brand",
            "min(oop_cap, min(deductible, gross_year) + coinsurance * max(0, gross_year - deductible))",
        ),
        ("uninsured", 2026, "generic", "gross_year"),
        ("employer_tiers", 2017, "tier_3", "fills_year * min(copay, gross_year / fills_year)"),
        ("england_charge", 2026, "generic", "fills_year * charge"),
        ("part_d_lis_institution", 2026, "brand", "0 * gross_year"),
        (
            "part_d",
            2024,
            "generic",
            SUM_2024,
        ),
    ],
)
def test_formulas_read_as_a_person_would_write_them(name, when, product, text):
    assert closed_form(benefit(name, when), product).text == text


def test_benefits_by_the_fill_are_the_engine_too():
    gross = np.array([60.0, 240.0, 1659.72])
    for name, when, product in (
        ("employer_tiers", 2017, "tier_3"),
        ("employer_coupon", 2024, "tier_2"),
        ("england_charge", 2026, "generic"),
        ("medicaid_ffs", 2026, "brand"),
        ("cash_list", 2019, "generic"),
    ):
        own = benefit(name, when)
        year = plan_year(own, Spending(gross[:, None] / 12, product))
        assert year.of("patient") == pytest.approx(closed_form(own, product)(gross, 12), abs=1e-9), name


def test_the_bundled_study_uses_the_same_rule():
    folder = data_root() / "studies" / "clonazepam-us-prices"
    formulas = tomllib.loads((folder / "study.toml").read_text("utf-8"))["formulas"]
    own = benefit("part_d", 2026)
    gross = np.array([11.66 * 12, 138.31 * 12, 900.0, 9000.0])
    values = {
        "gross_year_brand": gross.reshape(-1, 1, 1),
        "copays_year_brand": 0.0,
        "oop_cap": own.value("until_out_of_pocket", phase=2),
        "deductible": own.value("until_gross"),
        "coinsurance": own.value("coinsurance", phase=2),
    }
    values["shared_year_brand"] = evaluate(parse(formulas["shared_year_brand"]), values)
    paid = evaluate(parse(formulas["oop_year_brand"]), values).ravel()
    year = plan_year(own, Spending(gross[:, None] / 12, "brand"), whole_cents=False).of("patient")
    assert paid == pytest.approx(year, abs=1e-4)
    assert paid == pytest.approx(closed_form(own, "brand")(gross))


def test_the_studys_copay_formula_is_the_same_rule():
    folder = data_root() / "studies" / "clonazepam-us-prices"
    formulas = tomllib.loads((folder / "study.toml").read_text("utf-8"))["formulas"]
    for price, copay_key in ((0.03881, "generic"), (4.26033, "brand")):
        own = benefit("medicaid_ffs", 2026)
        copay = own.value("copay", product=copay_key)
        fill = 30 * price + 10.5
        values = {
            "fills_year": 12.0, "copay_brand": copay, "tablets_fill": 30.0, "price_brand": price,
            "dispensing_fee": 10.5,
        }  # fmt: skip
        paid = float(evaluate(parse(formulas["copays_year_brand"]), values).ravel()[0])
        assert plan_year(own, Spending(fill, copay_key)).of("patient")[0] == pytest.approx(paid)


def test_brand_segments_of_2023_end_where_the_discount_carries_them():
    ends = [piece.end for piece in segments(benefit("part_d", 2024), "brand")]
    assert ends[:2] == [545, 5030]
    assert ends[2] == pytest.approx(5030 + 6333.75 / 0.95)


def test_copays_beside_phases_have_no_formula():
    with pytest.raises(
        CostModelError, match="no closed form for 'tier_4': a copay per fill makes the year depend"
    ):
        closed_form(benefit("marketplace_silver", 2025), "tier_4")


def test_a_deductible_at_the_cap_needs_no_coinsurance():
    own = standard(deductible=2000, cap=2000)
    assert closed_form(own, "brand")([500.0, 2500.0]).tolist() == [500, 2000]
