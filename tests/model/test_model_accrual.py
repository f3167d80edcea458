"""Within-cycle rules, discounting and years, against closed forms and a slow obvious sum."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.model.accrual import boundary_weights, cycle_matrix, discount_factors, weigh, year_weights
from costmodel.model.definition import WITHIN_CYCLE

rules = st.sampled_from(WITHIN_CYCLE)
cycles = st.integers(0, 130)


def weights(rule, n, *, rate=0.0, length=1.0, method="annual", timing="boundary"):
    return boundary_weights(
        rule=rule, n_cycles=n, cycle_years=length, rate=rate, method=method, timing=timing
    )


@given(rules, cycles)
def test_a_constant_accrues_exactly_the_horizon(rule, n):
    assert weights(rule, n).sum() == pytest.approx(n, rel=1e-13)
    assert cycle_matrix(rule, n).sum(axis=1) == pytest.approx(np.ones(n))


@given(st.integers(2, 90))
def test_simpson_is_exact_for_parabolas(n):
    t = np.arange(n + 1.0)
    assert weights("simpson", n) @ (3 * t**2 - t + 2) == pytest.approx(n**3 - n**2 / 2 + 2 * n, rel=1e-12)


def test_simpson_weights_are_the_integral_not_the_swapped_ones():
    assert weights("simpson", 4) * 3 == pytest.approx([1, 4, 2, 4, 1])
    assert weights("simpson", 5)[2:] * 8 == pytest.approx([8 / 3 + 3 - 8 / 3 + 8 / 3, 9, 9, 3])


def test_weights_of_each_rule_by_hand():
    assert weights("trapezoid", 3).tolist() == [0.5, 1, 1, 0.5]
    assert weights("start", 3).tolist() == [1, 1, 1, 0]
    assert weights("end", 3).tolist() == [0, 1, 1, 1]
    assert weights((0.25, 1, 2, 0.75), 3).tolist() == [0.25, 1, 2, 0.75]


def test_discounting_by_hand():
    assert discount_factors(0.06, np.array([0.0, 1, 2.5]), "annual") == pytest.approx(
        [1, 1 / 1.06, 1.06**-2.5]
    )
    assert discount_factors(0.06, np.array([0.5, 1, 2.5]), "annual-floor") == pytest.approx(
        [1, 1 / 1.06, 1.06**-2]
    )
    assert discount_factors(0.06, np.array([2.0]), "continuous") == pytest.approx([np.exp(-0.12)])


def test_floor_is_not_fooled_by_twelfths():
    months = np.arange(25) * (1 / 12)
    expected = [1.1 ** -(k // 12) for k in range(25)]
    assert discount_factors(0.1, months, "annual-floor") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        ("boundary", 0.5 + 1 / 1.1 + 0.5 / 1.21),
        ("start", 1 + 1 / 1.1),
        ("middle", 1.1**-0.5 + 1.1**-1.5),
    ],
)
def test_timing_by_hand(timing, expected):
    assert weights("trapezoid", 2, rate=0.1, timing=timing).sum() == pytest.approx(expected)


def test_continuous_discounting_tends_to_the_integral():
    n = 1200
    value = weights("simpson", n, rate=0.03, length=0.01, method="continuous").sum() * 0.01
    assert value == pytest.approx((1 - np.exp(-0.03 * 12)) / 0.03, rel=1e-10)


@given(rules, st.integers(1, 40), st.sampled_from([1 / 12, 0.25, 1.0]), st.integers(0, 2**31))
def test_years_add_up_to_the_whole(rule, n, length, seed):
    rates = np.random.default_rng(seed).normal(size=(n + 1, 3, 2))
    years = int(np.ceil(n * length - 1e-9))
    split = weigh(year_weights(rule=rule, n_cycles=n, cycle_years=length, n_years=years), rates)
    assert split.shape == (years, 3, 2)
    assert split.sum(axis=0) == pytest.approx(weigh(weights(rule, n), rates), abs=1e-9)


@given(st.floats(0, 0.2), st.floats(0.001, 0.2), rules)
def test_a_higher_rate_lowers_a_total(rate, more, rule):
    assert weights(rule, 10, rate=rate + more).sum() < weights(rule, 10, rate=rate).sum()


@pytest.mark.parametrize("timing", ["boundary", "start", "middle"])
def test_rates_per_draw_equal_rates_one_by_one(timing):
    rates = np.array([0.0, 0.03, 0.05]).reshape(3, 1)
    flows = np.arange(18.0).reshape(6, 3, 1)
    together = weigh(weights("trapezoid", 5, rate=rates, timing=timing), flows)[:, 0]
    apart = [
        weigh(weights("trapezoid", 5, rate=float(rates[i, 0]), timing=timing), flows[:, i : i + 1])[0, 0]
        for i in range(3)
    ]
    assert together == pytest.approx(apart)


def test_a_constant_takes_the_short_way_and_gives_the_same():
    constant = np.full((1, 2, 3), 7.0)
    w = weights("trapezoid", 12, rate=0.03)
    assert weigh(w, constant) == pytest.approx(weigh(w, np.broadcast_to(constant, (13, 2, 3))))
    years = year_weights(rule="trapezoid", n_cycles=12, cycle_years=0.25, n_years=3)
    assert weigh(years, constant) == pytest.approx(weigh(years, np.broadcast_to(constant, (13, 2, 3))))
