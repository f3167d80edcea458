"""Affordability: hand-computed measures, closed forms against simulation, invariants, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from costmodel import CostModelError
from costmodel.datasets import read_dataset
from costmodel.populations.affordability import (
    Households,
    LognormalIncome,
    capacity_to_pay,
    catastrophic,
    concentration_index,
    daily_wage,
    days_wages,
    financial_hardship,
    fractional_rank,
    impoverishment,
    societal_poverty_line,
    treatment_cost,
)

money = st.floats(1, 1e6)


def test_brazils_days_wages_by_hand():
    wages = read_dataset("economics/minimum_wages").query(
        "country_iso3 == 'BRA' and effective_date == '2019-01-01'"
    )
    month, day = (wages.loc[wages["per"] == per, "amount_local"].item() for per in ("month", "day"))
    assert round(daily_wage(month, "month"), 2) == day == 33.27
    # 30 tablets of 2 mg at 14.99 BRL: one a day for a month.
    assert days_wages(14.99, day) == pytest.approx(14.99 / 33.27)
    # 8 mg, the defined daily dose, is four tablets a day; 1 mg is half a tablet: eight times less.
    price = 14.99 / 30
    ddd, panic = (treatment_cost(price, strength_mg=2, mg_per_day=dose) for dose in (8, 1))
    assert ddd == pytest.approx(price * 4 * 30)
    assert ddd / panic == pytest.approx(8)


def test_a_wage_of_an_hour_a_day_a_month_and_a_year_agree():
    assert daily_wage(10, "hour") == daily_wage(80, "day") == daily_wage(2400, "month")
    assert daily_wage(12 * 2400, "year") == pytest.approx(80)
    assert daily_wage([10, 20], "hour", hours_per_day=7.5).tolist() == [75, 150]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: daily_wage(10, "week"), "'week' is unknown"),
        (lambda: daily_wage(0, "day"), "a wage must be a finite number above 0; found 0"),
        (lambda: days_wages(-1, 10), "a cost must be a finite number of at least 0"),
        (lambda: treatment_cost(1, strength_mg=0, mg_per_day=1), "strength_mg must be"),
        (lambda: treatment_cost(-1, strength_mg=2, mg_per_day=1), "a unit price must be"),
        (lambda: daily_wage(1, "hour", hours_per_day=25), "hours_per_day must lie in"),
    ],
)
def test_bad_wages_and_prices_are_refused(call, words):
    with pytest.raises(CostModelError, match=words):
        call()


def test_catastrophic_by_hand():
    # Shares paid: 5 %, 15 %, 30 %, 0 %. People: 1, 3, 2, 4 of 10.
    homes = Households([1000] * 4, [50, 150, 300, 0], size=[1, 3, 2, 2], weight=[1, 1, 1, 2])
    ten, quarter = (catastrophic(homes, threshold=z) for z in (0.10, 0.25))
    assert ten.headcount == pytest.approx(5 / 10)
    assert ten.overshoot == pytest.approx((3 * 0.05 + 2 * 0.20) / 10)
    assert ten.mean_positive_overshoot == pytest.approx((3 * 0.05 + 2 * 0.20) / 5)
    assert (quarter.headcount, quarter.overshoot) == pytest.approx((2 / 10, 2 * 0.05 / 10))


def test_nobody_above_the_threshold_has_no_mean_overshoot():
    found = catastrophic(Households([100, 100], [5, 0]), threshold=0.10)
    assert (found.headcount, found.overshoot, found.mean_positive_overshoot) == (0, 0, None)


def test_capacity_to_pay_by_hand():
    homes = Households([1000] * 5, [0, 0, 250, 0, 0], size=[1, 1, 1, 4, 1], food=[200, 400, 500, 600, 900])
    # Food shares 0.2, 0.4, 0.5, 0.6 and 0.9 of 1, 1, 1, 4 and 1 people: the 45th and the 55th percentile of
    # eight people lie in the home of four, so the line of an equivalent adult is 600 / 4^0.56 = 276.
    line = 600 / 4**0.56
    expected = [1000 - 200, 1000 - min(line, 400), 1000 - line, 1000 - 600, 1000 - line]
    assert capacity_to_pay(homes) == pytest.approx(expected)
    found = catastrophic(homes, threshold=0.40, of="capacity_to_pay")
    assert found.headcount == (1 / 8 if 250 / (1000 - line) >= 0.4 else 0)


def test_hardship_under_the_definition_of_2025_by_hand():
    # Budgets beyond a line of 500 a head: 500, 500, 500, -50 and 0 (two people on 1000).
    homes = Households([1000, 1000, 1000, 450, 1000], [150, 250, 550, 10, 0], size=[1, 1, 1, 1, 2])
    found = financial_hardship(homes, 500)
    assert found.headcount == pytest.approx(3 / 6)
    assert found.large == pytest.approx(1 / 6)
    assert found.impoverishing == pytest.approx(2 / 6)


def test_the_poor_who_pay_nothing_are_not_in_hardship_by_health():
    assert financial_hardship(Households([100], [0]), 500).headcount == 0


def test_the_societal_poverty_line_rises_with_the_median_above_its_floor():
    assert societal_poverty_line(2.0) == 2.15
    assert societal_poverty_line(20.0) == pytest.approx(1.15 + 10)


def test_impoverishment_by_hand():
    # Per head before 400, 600, 1000; after 350, 450, 900; line 500.
    found = impoverishment(Households([400, 600, 1000], [50, 150, 100]), 500)
    assert (found.headcount_before, found.headcount_after) == pytest.approx((1 / 3, 2 / 3))
    assert found.headcount == pytest.approx(1 / 3)
    assert (found.gap_before, found.gap_after) == pytest.approx((100 / 3, (150 + 50) / 3))
    assert found.normalised_gap == pytest.approx((100 / 3) / 500)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: Households([0, 1], [0, 0]),
            "consumption must be a finite number above 0; found 0 in household 0",
        ),
        (lambda: Households([1, 1], [0, -1]), "out_of_pocket must be .* found -1 in household 1"),
        (lambda: Households([1, 1], [0]), "out_of_pocket must hold one number per household, 2"),
        (lambda: Households([1], [0], weight=[0]), "weights sum to 0"),
        (lambda: capacity_to_pay(Households([1], [0])), "give food="),
        (lambda: catastrophic(Households([1], [0]), threshold=1.5), "threshold must lie in"),
        (lambda: catastrophic(Households([1], [0]), threshold=0.1, of="incomes"), "'incomes' is unknown"),
        (lambda: LognormalIncome.from_gini(mean=1, gini=1), "gini must lie in"),
        (lambda: LognormalIncome.from_groups([3, 2]), "poorest first"),
        (lambda: concentration_index([0, 0], [1, 2]), "mean is above 0"),
        (lambda: concentration_index([1], [1, 2]), "one length"),
        (lambda: concentration_index([1, np.nan], [1, 2]), "finite numbers"),
    ],
)
def test_bad_input_is_refused(make, words):
    with pytest.raises(CostModelError, match=words):
        make()


@pytest.mark.parametrize("gini", [0.25, 0.45, 0.65])
def test_closed_forms_agree_with_simulated_households(gini):
    incomes = LognormalIncome.from_gini(mean=20.0, gini=gini)
    people = incomes.sample(400_000, seed=3)
    expense = 1.0
    homes = Households(people, np.full(len(people), expense))
    for z in (0.05, 0.10, 0.25):
        simulated = catastrophic(homes, threshold=z)
        headcount, overshoot = incomes.catastrophic(expense, threshold=z)
        assert simulated.headcount == pytest.approx(headcount, abs=5e-6)
        assert simulated.overshoot == pytest.approx(overshoot, rel=2e-3, abs=1e-6)
    hard = financial_hardship(homes, 6.0)
    assert (hard.headcount, hard.impoverishing) == pytest.approx(
        incomes.hardship(expense, poverty_line=6.0), abs=5e-6
    )
    poor = impoverishment(homes, 6.0)
    assert poor.headcount_before == pytest.approx(float(incomes.share_below(6.0)), abs=5e-6)
    assert poor.gap_before == pytest.approx(incomes.shortfall(6.0), abs=1e-4)
    assert poor.gap_after == pytest.approx(incomes.shortfall(6.0 + expense), abs=1e-4)
    assert concentration_index(people, people) == pytest.approx(gini, abs=2e-3)


def test_the_lognormal_fits_united_states_quintiles():
    table = read_dataset("economics/us_household_income_quintiles").query("year == 2019")
    means = table.loc[table["group"].str.contains("fifth"), "mean_income_current_usd"].to_numpy(dtype=float)
    incomes = LognormalIncome.from_groups(np.sort(means))
    shares = np.cumsum(np.sort(means))[:4] / means.sum()
    assert np.abs(incomes.lorenz([0.2, 0.4, 0.6, 0.8]) - shares).max() < 0.02
    assert incomes.mean == pytest.approx(means.mean())


@given(st.floats(0.05, 0.9), st.floats(1, 1e6))
def test_the_gini_comes_back(gini, mean):
    incomes = LognormalIncome.from_gini(mean=mean, gini=gini)
    assert incomes.gini == pytest.approx(gini)
    assert float(incomes.lorenz(1.0)) == pytest.approx(1)
    assert float(incomes.share_below(incomes.quantile(0.3))) == pytest.approx(0.3)


@given(
    arrays(float, 12, elements=money),
    arrays(float, 12, elements=st.floats(0, 1)),
    st.floats(0.05, 0.9),
)
def test_hardship_is_free_of_the_currency_and_rises_with_payments(consumption, share, z):
    homes = Households(consumption, consumption * share * 0.9)
    other = Households(consumption * 2, consumption * 2 * share * 0.9)
    more = Households(consumption, consumption * share)
    assert catastrophic(homes, threshold=z).overshoot == pytest.approx(
        catastrophic(other, threshold=z).overshoot, abs=1e-9
    )
    assert catastrophic(more, threshold=z).overshoot >= catastrophic(homes, threshold=z).overshoot - 1e-12
    line = float(np.median(consumption)) / 2
    assert financial_hardship(more, line).headcount >= financial_hardship(homes, line).headcount
    assert impoverishment(more, line).gap >= impoverishment(homes, line).gap - 1e-9 * line
    found = financial_hardship(homes, line)
    assert 0 <= found.impoverishing <= found.headcount <= 1


@given(arrays(float, 9, elements=money), arrays(float, 9, elements=money), st.floats(0.1, 100))
def test_the_concentration_index_is_bounded_scale_free_and_turns_with_the_order(paid, standard, factor):
    index = concentration_index(paid, standard)
    assert -1 < index < 1
    assert concentration_index(paid * factor, standard) == pytest.approx(index, abs=1e-9)
    assert concentration_index(paid, -standard) == pytest.approx(-index, abs=1e-9)
    order = np.argsort(standard)
    assert concentration_index(paid[order], standard[order]) == pytest.approx(index, abs=1e-9)


@given(
    arrays(float, 8, elements=st.integers(1, 4).map(float)),
    arrays(float, 8, elements=st.integers(1, 3).map(float)),
)
def test_a_weight_is_as_many_rows(standard, weight):
    paid = np.arange(1.0, 9.0)
    times = weight.astype(int)
    repeated = concentration_index(np.repeat(paid, times), np.repeat(standard, times))
    assert concentration_index(paid, standard, weight=weight) == pytest.approx(repeated, abs=1e-9)
    ranks = fractional_rank(standard, weight)
    slow = [(weight[standard < s].sum() + weight[standard == s].sum() / 2) / weight.sum() for s in standard]
    assert ranks == pytest.approx(slow)
