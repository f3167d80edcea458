"""A plan year month by month: hand-computed years of every benefit, a slow oracle, what must always hold."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from strategies_populations import benefits, cent_by_cent, few, made, rest, rule, standard

from costmodel.errors import CostModelError
from costmodel.populations.payments import PAYERS, Spending, benefit, plan_year, switch_of_product


def months(year, payer):
    return [round(amount, 2) for amount in year.by_month(payer)[0].tolist()]


def totals(year):
    return {payer: round(year.of(payer)[0], 2) for payer in PAYERS}


# --- Medicare Part D, 1,200 a month of a brand: 14,400 in the year -------------------------------------


def test_part_d_2023_month_by_month():
    year = plan_year(benefit("part_d", 2023), Spending(1200.0, "brand"))
    # Out of pocket at the initial coverage limit: 505 + 0.25 x (4,660 - 505) = 1,543.75. In the gap 25 %
    # of the patient and 70 % of the manufacturer count: 7,400 is reached after
    # (7,400 - 1,543.75) / 0.95 = 6,164.47 more, at 10,824.47, when October has spent 24.47.
    october = 6.12 + 58.78  # 25 % of 24.47, 5 % of 1,175.53 (more than 10.35)
    assert months(year, "patient") == [505 + 173.75] + [300] * 8 + [october] + [60] * 2
    # April: 4,660 is reached after 1,060; 70 % of the other 140 = 98. October: 70 % of 24.47 = 17.13.
    assert months(year, "manufacturer") == [0, 0, 0, 98] + [840] * 5 + [17.13, 0, 0]
    assert months(year, "government") == [0] * 9 + [940.42, 960, 960]  # 80 % of 1,175.53 and of 1,200
    # The plan: 75 % of 695; 75 %; 75 % of 1,060 + 5 % of 140; 5 %;
    # October 1,200 - 64.90 - 17.13 - 940.42; 15 %
    assert months(year, "plan") == [521.25, 900, 900, 802] + [60] * 5 + [177.55, 180, 180]


def test_part_d_2023_generic_is_not_discounted():
    year = plan_year(benefit("part_d", 2023), Spending(1200.0, "generic"))
    # 505 + 0.25 x 13,895 = 3,978.75: the threshold of 7,400 is far away
    assert totals(year) == {"patient": 3978.75, "plan": 10421.25, "government": 0, "manufacturer": 0}


def test_part_d_2023_catastrophic_is_the_greater_of_share_and_copay():
    dear, cheap = Spending([25_000.0] + [0.0] * 11, "generic"), [0.0] + [10.0] * 11
    generic = plan_year(benefit("part_d", 2023), [dear, Spending(cheap, "generic")])
    assert months(generic, "patient")[:1] == [505 + 0.25 * 24_495]  # 6,628.75: still below 7,400
    beyond = Spending([40_000.0] + [0.0] * 11, "generic")
    year = plan_year(benefit("part_d", 2023), [beyond, Spending(cheap, "generic")])
    # 4,660 + (7,400 - 1,543.75) / 0.25 = 28,085 to the threshold; 5 % of 11,915 = 595.75 after it
    assert months(year, "patient") == [7400 + 595.75] + [4.15] * 11
    assert months(year, "government")[1] == 5.85  # 80 % would be 8, but 10 - 4.15 is all that is left
    brand = plan_year(benefit("part_d", 2023), [beyond, Spending(cheap, "brand")])
    assert months(brand, "patient")[1] == 10.00  # 10.35, but never more than the drug costs


def test_part_d_2024_month_by_month():
    year = plan_year(benefit("part_d", 2024), Spending(1200.0, "brand"))
    # 545 + 0.25 x (5,030 - 545) = 1,666.25; (8,000 - 1,666.25) / 0.95 = 6,667.11: at 11,697.11, in October,
    # after 897.11 of it. The last patient's share is 25 % of 897.11 = 224.28; then nothing.
    assert months(year, "patient") == [545 + 163.75] + [300] * 8 + [224.28, 0, 0]
    assert year.of("patient")[0] == pytest.approx(3333.03)  # the "about 3,300" that KFF gives for brands only
    # May: 5,030 is reached after 230: 70 % of 970 = 679. October: 70 % of 897.11 = 627.97, to the cent 627.97
    assert months(year, "manufacturer") == [0, 0, 0, 0, 679] + [840] * 4 + [627.97, 0, 0]
    assert months(year, "government") == [0] * 9 + [242.32, 960, 960]  # 80 % of 302.89
    assert months(year, "plan")[:5] == [491.25, 900, 900, 900, 0.75 * 230 + 0.05 * 970]
    assert months(year, "plan")[9:] == [105.43, 240, 240]  # 1,200 - 224.28 - 627.97 - 242.32; 20 %


@pytest.mark.parametrize(
    ("when", "deductible", "cap", "plan", "government", "manufacturer"),
    [
        # cap reached at 590 + (2,000 - 590) / 0.25 = 6,230: initial 5,640, above 8,170
        (2025, 590, 2000, 8568.0, 1634.0, 2198.0),
        # 615 + (2,100 - 615) / 0.25 = 6,555: initial 5,940, above 7,845
        (2026, 615, 2100, 8568.0, 1569.0, 2163.0),
    ],
)
def test_part_d_2025_and_2026_month_by_month(when, deductible, cap, plan, government, manufacturer):  # noqa: PLR0917
    year = plan_year(benefit("part_d", when), Spending(1200.0, "brand"))
    january = deductible + 0.25 * (1200 - deductible)
    assert months(year, "patient") == [january, *[300] * 4, cap - january - 1200, *[0] * 6]
    initial, above = (cap - deductible) / 0.25, 14_400 - deductible - (cap - deductible) / 0.25
    assert plan == pytest.approx(0.65 * initial + 0.60 * above)
    assert government == pytest.approx(0.20 * above)
    assert manufacturer == pytest.approx(0.10 * initial + 0.20 * above)
    found = {"patient": cap, "plan": plan, "government": government, "manufacturer": manufacturer}
    assert totals(year) == found
    generic = totals(plan_year(benefit("part_d", when), Spending(1200.0, "generic")))
    assert generic["government"] == pytest.approx(0.40 * above)
    assert generic["plan"] == pytest.approx(0.75 * initial + 0.60 * above)
    assert (generic["patient"], generic["manufacturer"]) == (cap, 0)


def test_published_spending_at_the_threshold_of_2023():
    # CMS: 10,516.25 for people with the low-income subsidy, 6,230 for all in 2025
    full = benefit("part_d_lis_full", 2023)
    below = plan_year(full, Spending([10_516.25] + [0.0] * 11, "brand"))
    assert below.of("government")[0] == pytest.approx(7400 - 10.35)
    more = plan_year(full, Spending([10_516.25] + [100.0] + [0.0] * 10, "brand"))
    assert months(more, "patient")[1] == 0
    reached = plan_year(benefit("part_d", 2025), Spending([6230.0, 100.0] + [0.0] * 10, "generic"))
    assert months(reached, "patient")[:2] == [2000, 0]


# --- Low-income subsidy --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "when", "brand", "generic"),
    [
        ("part_d_lis_full", 2023, 10.35, 4.15),
        ("part_d_lis_full", 2024, 11.20, 4.50),
        ("part_d_lis_full", 2025, 12.15, 4.90),
        ("part_d_lis_full", 2026, 12.65, 5.10),
        ("part_d_lis_dual", 2023, 4.30, 1.45),
        ("part_d_lis_dual", 2024, 4.60, 1.55),
        ("part_d_lis_dual", 2025, 4.80, 1.60),
        ("part_d_lis_dual", 2026, 4.90, 1.60),
        ("part_d_lis_institution", 2024, 0, 0),
    ],
)
def test_subsidised_copays(name, when, brand, generic):
    # 100 a month stays below every threshold: a copay a month; the government pays the rest of the sharing
    deductible = benefit("part_d", when).value("until_gross")
    shared = deductible + 0.25 * (1200 - deductible)
    for product, copay in (("brand", brand), ("generic", generic)):
        year = plan_year(benefit(name, when), Spending(100.0, product))
        assert months(year, "patient") == [copay] * 12
        assert year.of("government")[0] == pytest.approx(shared - 12 * copay)
    cheap = plan_year(benefit(name, when), Spending(1.0, "generic"))
    assert cheap.of("patient")[0] == pytest.approx(12 * min(1.0, generic))


def test_partial_subsidy_of_2023():
    year = plan_year(benefit("part_d_lis_partial", 2023), Spending(100.0, "generic"))
    # 100; 4 + 15 % of 96 = 18.40; then 15 % of 100
    assert months(year, "patient") == [100, 18.40] + [15] * 10
    # Standard cost sharing 505 + 25 % of 695 = 678.75, of which the patient pays 268.40
    assert year.of("government")[0] == pytest.approx(678.75 - 268.40)


# --- Other benefits ------------------------------------------------------------------------------------


def test_medicaid_takes_a_copay_and_the_programme_the_rest():
    year = plan_year(benefit("medicaid_ffs", 2026), Spending(138.31, "brand"))
    assert months(year, "patient") == [8] * 12
    assert months(year, "government") == [130.31] * 12
    cheap = plan_year(benefit("medicaid_ffs", 2026), Spending(3.50, "generic"))
    assert totals(cheap) == {"patient": 42, "plan": 0, "government": 0, "manufacturer": 0}  # 3.50 < 4


def test_employer_tiers_pay_a_copay_per_fill():
    tiers = benefit("employer_tiers", 2017)
    for tier, copay in (("tier_1", 11), ("tier_2", 33), ("tier_3", 59), ("tier_4", 110)):
        assert plan_year(tiers, Spending(200.0, tier)).of("patient")[0] == 12 * copay
    quarterly = Spending([600.0, 0, 0] * 4, "tier_3", fills=3.0)
    assert plan_year(tiers, quarterly).of("patient")[0] == 12 * 59
    once = Spending([600.0, 0, 0] * 4, "tier_3")
    assert plan_year(tiers, once).of("patient")[0] == 4 * 59


def test_coupon_pays_part_of_the_copay():
    year = plan_year(benefit("employer_coupon", 2024), Spending(300.0, "tier_3"))
    # copay 66, coupon 50: patient 16, manufacturer 50, plan 234
    assert totals(year) == {"patient": 192, "plan": 2808, "government": 0, "manufacturer": 600}
    small = plan_year(benefit("employer_coupon", 2024), Spending(300.0, "tier_2"))
    assert totals(small)["manufacturer"] == 12 * 36  # never more than the copay
    assert totals(small)["patient"] == 0


def test_marketplace_deductible_copay_and_cap():
    silver = benefit("marketplace_silver", 2025)
    # tier 3: 1,000 a month fills the deductible of 5,000 by May; then 80 a fill
    assert months(plan_year(silver, Spending(1000.0, "tier_3")), "patient") == [1000] * 5 + [80] * 7
    # tier 4, two fills of 350: 5,000 + 4 x 700 = 7,800, and 200 are left to the cap of 8,000
    four = plan_year(silver, Spending(1000.0, "tier_4", fills=2.0))
    assert months(four, "patient") == [1000] * 5 + [700] * 4 + [200, 0, 0]
    # a generic's copay stands before the deductible and does not fill it
    both = plan_year(silver, [Spending(90.0, "tier_1"), Spending(1000.0, "tier_3")])
    assert months(both, "patient") == [1020] * 5 + [100] * 7


def test_a_product_exempt_from_the_deductible_ends_with_it():
    own = made(
        rule(1, "until_gross", 100, party=""), rule(1, "copay", 20, product="tier_1"),
        rule(1, "counts_to_gross", 0, product="tier_1"), rule(1, "coinsurance", 1, product="tier_2"),
        rule(2, "copay", 5), rest(),
    )  # fmt: skip
    cheap = Spending([60.0] * 3 + [0.0] * 9, "tier_1")
    dear = Spending([90.0, 10.0] + [0.0] * 10, "tier_2")
    # tier 1: 20 while 10 of the deductible are still open, 5 once it is met; its own 60 do not fill it
    assert months(plan_year(own, [dear, cheap]), "patient")[:3] == [90 + 20, 10 + 5, 5]


def test_a_fill_across_two_phases_is_shared_part_by_part():
    # 28,085 of generics reach the threshold of 2023 (see above); 8.00 of the second fill lie before it
    year = plan_year(benefit("part_d", 2023), Spending([28_077.0, 10.0] + [0.0] * 10, "generic"))
    # before: 25 % of 8 = 2, the plan 6; after: the copay of 4.15 takes all 2.00, and leaves Medicare nothing
    assert [months(year, payer)[1] for payer in PAYERS] == [4, 6, 0, 0]


def test_a_cent_too_much_from_rounding_is_taken_from_the_last_in_line():
    own = made(rule(1, "coinsurance", 0.5), rule(1, "share", 0.5, party="manufacturer"), rest())
    year = plan_year(own, Spending([0.03] + [0.0] * 11, "brand"))
    # 1.5 cents each, both rounded to 2: the patient comes first, the manufacturer pays what is left
    assert (year.paid[:, 0, 0]).tolist() == [2, 0, 0, 1]


def test_uninsured_cash_list_and_card():
    assert totals(plan_year(benefit("uninsured", 2026), Spending(25.0, "generic")))["patient"] == 300
    listed = plan_year(benefit("cash_list", 2019), Spending(25.0, "generic"))
    assert listed.of("patient")[0] == 48  # 4 a fill, whatever the pharmacy would ask
    assert (listed.gross.sum(), listed.imbalance) == (4800, 0)
    none = plan_year(benefit("cash_list", 2019), Spending([25.0] + [0.0] * 11, "generic"))
    assert none.of("patient")[0] == 4
    brand = plan_year(benefit("discount_card", 2026), Spending(138.31, "brand"))
    assert brand.of("patient")[0] == pytest.approx(12 * 138.31)


def test_england_charge_exemption_and_prepayment():
    item = Spending(1.54, "generic")  # a medicine that costs less than the charge
    charged = plan_year(benefit("england_charge", 2026), item)
    assert months(charged, "patient") == [9.90] * 12
    assert months(charged, "government") == [-8.36] * 12  # the NHS keeps 9.90 - 1.54
    exempt = plan_year(benefit("england_exempt", 2026), item)
    assert totals(exempt) == {"patient": 0, "plan": 0, "government": 18.48, "manufacturer": 0}
    whole = plan_year(benefit("england_prepayment_12", 2026), item)
    assert months(whole, "patient") == [114.50] + [0] * 11
    quarter = plan_year(benefit("england_prepayment_3", 2026), item)
    assert months(quarter, "patient") == [32.05, 0, 0] * 4
    late = np.arange(12) >= 5
    assert months(plan_year(benefit("england_prepayment_3", 2026), item, enrolled=late), "patient") == (
        [0] * 5 + [32.05, 0, 0, 32.05, 0, 0, 32.05]
    )
    for year in (charged, exempt, whole, quarter):
        assert year.imbalance == 0


# --- A year's course -----------------------------------------------------------------------------------


def test_switch_to_the_generic_in_july():
    brand, generic = Spending(127.81, "brand"), Spending(11.66, "generic")
    pair = switch_of_product(brand, generic, 7)
    year = plan_year(benefit("part_d", 2026), pair)
    # 615 / 127.81 = 4.8: four months in full, 103.76 + 25 % of 24.05 in May, 31.95 in June, then 2.915
    assert months(year, "patient") == [127.81] * 4 + [109.77, 31.95] + [2.92] * 6
    assert months(year, "manufacturer") == [0] * 4 + [2.40, 12.78] + [0] * 6


def test_a_switch_per_patient_lies_between_never_and_always():
    brand, generic = Spending(127.81, "brand"), Spending(11.66, "generic")
    year = plan_year(benefit("part_d", 2026), switch_of_product(brand, generic, np.arange(1, 14)))
    paid = year.of("patient")
    assert (np.diff(paid) > 0).all()
    assert paid[0] == plan_year(benefit("part_d", 2026), generic).of("patient")[0]
    assert paid[-1] == plan_year(benefit("part_d", 2026), brand).of("patient")[0]


def test_deductible_is_not_prorated_when_enrolment_is_partial():
    late = np.arange(12) >= 6
    year = plan_year(benefit("part_d", 2026), Spending(300.0, "brand"), enrolled=late)
    assert months(year, "patient") == [0] * 6 + [300, 300, 86.25, 75, 75, 75]
    assert year.gross.sum() == 6 * 30_000


def test_other_drugs_fill_the_deductible_first():
    own, other = Spending(50.0, "generic"), Spending(400.0, "brand")
    both = plan_year(benefit("part_d", 2026), [own, other])
    alone, without = (plan_year(benefit("part_d", 2026), one).of("patient")[0] for one in (own, other))
    # 450 a month: 615 + 0.25 x 4,785 = 1,811.25; the other drugs alone 615 + 0.25 x 4,185 = 1,661.25
    assert both.of("patient")[0] == 1811.25
    assert without == 1661.25
    assert (
        both.of("patient")[0] - without == 0.25 * 600
    )  # the drug adds a quarter, not the 600 it costs alone
    assert alone == 600


def test_the_order_of_products_moves_nothing_over_the_year():
    first, second = Spending(90.0, "generic"), Spending(700.0, "generic")
    for when in (2023, 2026):
        there, back = (
            plan_year(benefit("part_d", when), pair) for pair in ((first, second), (second, first))
        )
        assert totals(there)["patient"] == pytest.approx(totals(back)["patient"], abs=0.12)


# --- What must always hold -----------------------------------------------------------------------------

amounts = st.lists(st.integers(0, 300_000), min_size=12, max_size=12)


@given(
    benefits(copays=True), amounts, amounts, st.booleans(), st.lists(st.booleans(), min_size=12, max_size=12)
)
@few
def test_money_is_conserved_exactly(own, one, two, whole_cents, enrolled):
    products = [Spending(np.array(one) / 100, "brand"), Spending(np.array(two) / 300, "generic")]
    year = plan_year(own, products, enrolled=enrolled, whole_cents=whole_cents)
    assert year.imbalance == 0
    assert (year.paid.sum(axis=0) == year.gross).all()
    assert year.paid.sum() == year.gross.sum()
    assert (year.paid >= 0).all()


@given(benefits(largest=60), st.integers(1, 150), st.integers(1, 12))
@few
def test_a_year_is_what_counting_cent_by_cent_gives(own, dollars, parts):
    monthly = np.zeros(12)
    monthly[:parts] = np.diff(np.linspace(0, dollars, parts + 1).round(2))
    year = plan_year(own, Spending(monthly, "brand"), whole_cents=False)
    slow = cent_by_cent(own, round(100 * monthly.sum()))
    for payer in PAYERS:
        # a limit inside a cent is met a cent late by the slow count: at most one cent per phase
        assert 100 * year.of(payer)[0] == pytest.approx(slow[payer], abs=len(own.phases) + 1e-3)


@given(benefits(), st.floats(0, 3000), st.floats(0, 3000))
@few
def test_a_higher_price_lowers_no_payment(own, price, more):
    low, high = (
        plan_year(own, Spending(gross, "brand"), whole_cents=False) for gross in (price, price + more)
    )
    assert high.gross.sum() >= low.gross.sum()
    for payer in ("patient", "manufacturer"):
        assert high.of(payer)[0] >= low.of(payer)[0] - 1e-6


@given(st.integers(0, 1000), st.sampled_from([0.05, 0.25, 0.5]), st.integers(0, 3000), st.integers(0, 3000))
@few
def test_a_lower_cap_raises_nothing_out_of_pocket(deductible, share, cap, less):
    spent = Spending(np.linspace(0, 2500, 40)[:, None], "brand")
    high = standard(deductible=deductible, coinsurance=share, cap=deductible + cap + less)
    low = standard(deductible=deductible, coinsurance=share, cap=deductible + cap)
    there, here = (plan_year(one, spent, whole_cents=False).of("patient") for one in (high, low))
    assert (here <= there + 1e-9).all()
    assert (here <= deductible + cap + 1e-9).all()


@given(benefits(falling=True), st.floats(1, 3000), st.floats(0, 1))
@few
def test_lower_coinsurance_costs_the_patient_no_more(own, price, factor):
    last = len(own.phases)
    less = own.with_value("coinsurance", own.value("coinsurance", phase=last) * factor, phase=last)
    there, here = (
        plan_year(one, Spending(price, "brand"), whole_cents=False).of("patient") for one in (own, less)
    )
    assert here[0] <= there[0] + 1e-6


@given(st.floats(0, 400), st.floats(0, 400), st.floats(0, 500), st.integers(1, 3))
@few
def test_copays_with_a_cap_never_pass_it_and_rise_with_price(copay, price, cap, fills):
    own = made(
        rule(1, "until_out_of_pocket", cap, party=""),
        rule(1, "copay", copay),
        rule(2, "coinsurance", 0),
        rest(),
    )
    prices = np.array([[price], [price + 10.0]])
    paid = plan_year(own, Spending(prices, "brand", fills=fills)).of("patient")
    per_month = np.minimum(fills * copay, prices[:, 0])
    assert paid == pytest.approx(np.minimum(12 * per_month, cap), abs=0.2)
    assert paid[1] >= paid[0] - 0.2


def test_blocks_threads_and_totals_change_no_figure():
    rng = np.random.default_rng(20260429)
    n = 70_001  # two blocks and one patient
    spent = Spending(rng.lognormal(4, 1.5, (n, 12)), "brand")
    one, two = (plan_year(benefit("part_d", 2026), spent, workers=w) for w in (1, 2))
    assert (one.paid == two.paid).all()
    short = plan_year(benefit("part_d", 2026), spent, by="year")
    assert (short.paid == one.paid.sum(axis=1)).all()
    some = plan_year(benefit("part_d", 2026), Spending(np.asarray(spent.gross)[-3:], "brand"))
    assert (some.paid == one.paid[:, :, -3:]).all()
    assert one.frame().sum()["patient"] == pytest.approx(one.of("patient").mean())
    with pytest.raises(CostModelError, match="only totals of the year were kept"):
        short.by_month("patient")


@pytest.mark.parametrize(
    ("spending", "words"),
    [
        (Spending(-1.0, "brand"), r"gross amounts of 'brand' must lie in \[0, 5e\+06\]"),
        (Spending(float("nan"), "brand"), "gross amounts"),
        (Spending(1.0, "brand", fills=-1), "fills of 'brand'"),
        (Spending(np.ones(7), "brand"), r"must fit \(n, 12\)"),
        (Spending(np.ones((2, 2, 12)), "brand"), "at most 2 axes"),
        (Spending(1.0, "tier_1"), "goes by a class, 'tier_1' is none: give one of brand, generic"),
        (Spending(1.0, "brandd"), "did you mean 'brand'"),
        ((), "at least one product"),
    ],
)
def test_what_cannot_be_settled_is_refused(spending, words):
    with pytest.raises(CostModelError, match=words):
        plan_year(benefit("part_d", 2026), spending)


def test_enrolment_payer_and_switch_are_checked():
    own, spent = benefit("part_d", 2026), Spending(1.0, "brand")
    with pytest.raises(CostModelError, match="enrolled must be true or false for 12 months"):
        plan_year(own, spent, enrolled=[1.0] * 12)
    with pytest.raises(CostModelError, match="payer: 'pharmacy' is unknown"):
        plan_year(own, spent).of("pharmacy")
    with pytest.raises(CostModelError, match="whole number from 1 to 13"):
        switch_of_product(spent, spent, 14)
    with pytest.raises(CostModelError, match="'day' is unknown"):
        plan_year(own, spent, by="day")
