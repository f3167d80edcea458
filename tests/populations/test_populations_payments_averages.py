"""Averages: the mean payment at the cap is not the cap at the mean; closed form against simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_populations import few, standard

from costmodel.errors import CostModelError
from costmodel.populations.payments import (
    Spending,
    average_gap,
    benefit,
    expected_out_of_pocket,
    lognormal_spending,
    plan_year,
)


def test_two_people_show_it():
    # 0 and 20,000: at the mean of 10,000 the cap of 2,100 is reached; in truth half pay it and half nothing
    gap = average_gap(benefit("part_d", 2026), "brand", [0.0, 20_000.0])
    assert (gap.mean_of_rule, gap.rule_of_mean, gap.overstated) == (1050, 2100, 1050)


def test_below_the_cap_a_deductible_bends_the_rule_the_same_way():
    gap = average_gap(benefit("part_d", 2026), "brand", [315.0, 915.0])
    # 315 and 615 + 75 = 690: mean 502.50; at the mean of 615 the patient pays 615
    assert (gap.mean_of_rule, gap.rule_of_mean) == (502.5, 615)


@pytest.mark.parametrize("when", [2024, 2025, 2026])
@pytest.mark.parametrize("product", ["brand", "generic"])
def test_closed_form_of_lognormal_spending_against_the_engine(when, product):
    own, n = benefit("part_d", when), 200_000
    spent = lognormal_spending(n, mean=6600, cv=1.5, seed=7)
    paid = plan_year(own, Spending(spent[:, None] / 12, product), by="year", whole_cents=False).of("patient")
    exact = expected_out_of_pocket(own, product, mean=6600, cv=1.5)
    error = paid.std(ddof=1) / np.sqrt(n)
    assert abs(paid.mean() - exact) < 4 * error
    gap = average_gap(own, product, spent)
    assert gap.mean_of_rule == pytest.approx(paid.mean(), abs=1e-4)
    assert gap.overstated > 100  # some 680 of 2,100 in 2026


@given(st.floats(100, 20_000), st.floats(0.1, 3), st.integers(0, 1500), st.integers(0, 3000))
@few
def test_jensen_holds_where_shares_fall(mean, cv, deductible, more):
    own = standard(deductible=deductible, coinsurance=0.25, cap=deductible + more)
    expected = expected_out_of_pocket(own, "brand", mean=mean, cv=cv)
    at_mean = average_gap(own, "brand", [mean]).rule_of_mean
    assert 0 <= expected <= at_mean + 1e-6
    assert expected <= deductible + more + 1e-6


def test_little_spread_brings_both_together():
    own = benefit("part_d", 2026)
    assert expected_out_of_pocket(own, "brand", mean=3000, cv=1e-4) == pytest.approx(
        615 + 0.25 * 2385, abs=0.01
    )


def test_draws_have_the_mean_and_spread_asked_for_and_repeat():
    spent = lognormal_spending(400_000, mean=1200, cv=1.0, nobody=0.25, seed=3)
    assert (spent == 0).mean() == pytest.approx(0.25, abs=0.004)
    some = spent[spent > 0]
    assert some.mean() == pytest.approx(1200, rel=0.01)
    assert some.std() / some.mean() == pytest.approx(1.0, rel=0.03)
    assert (lognormal_spending(9, mean=1, cv=1, seed=3) == lognormal_spending(9, mean=1, cv=1, seed=3)).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mean": 0}, r"mean spending must lie in \(0"),
        ({"cv": -1}, "coefficient of variation"),
        ({"nobody": 2}, "share who buy"),
    ],
)
def test_bad_spending_is_refused(change, words):
    with pytest.raises(CostModelError, match=words):
        lognormal_spending(3, **{"mean": 1, "cv": 1, "seed": 1, **change})
