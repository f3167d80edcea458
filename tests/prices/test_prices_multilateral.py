import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_indices import MANUAL_PRICES, MANUAL_QUANTITIES, few, markets, positive, slow_between

from costmodel.errors import CostModelError
from costmodel.prices import PriceError
from costmodel.prices.multilateral import geks_tornqvist, pairwise_tornqvist


def slow_geks(prices, sold):
    """Return the GEKS-Törnqvist index by its definition, a geometric mean of paths."""
    count = prices.shape[1]
    index = []
    for t in range(count):
        product = 1.0
        for way in range(count):
            there = slow_between("tornqvist", prices, sold, 0, way)
            product *= (there * slow_between("tornqvist", prices, sold, way, t)) ** (1 / count)
        index.append(product)
    return index


@few
@given(markets(periods=4, gaps=True))
def test_plain_products(market):
    np.testing.assert_allclose(geks_tornqvist(*market), slow_geks(*market), rtol=1e-9)


@few
@given(markets(periods=5, gaps=True))
def test_rolling_windows_by_definition(market):
    """A window of 3 over 5 periods: the first window, then one period at a time."""
    prices, sold = market
    for splice in ("movement", "window", "mean"):
        level = slow_geks(prices[:, :3], sold[:, :3])
        for last in (3, 4):
            inside = slow_geks(prices[:, last - 2 : last + 1], sold[:, last - 2 : last + 1])
            joined = [level[last - 2 + k] * inside[2] / inside[k] for k in (0, 1)]
            ends = {"window": joined[0], "movement": joined[1], "mean": math.sqrt(joined[0] * joined[1])}
            level.append(ends[splice])
        np.testing.assert_allclose(geks_tornqvist(prices, sold, window=3, splice=splice), level, rtol=1e-9)


@few
@given(markets(periods=2, gaps=True))
def test_two_periods_are_one_tornqvist(market):
    assert geks_tornqvist(*market)[1] == pytest.approx(slow_between("tornqvist", *market, 0, 1), rel=1e-9)


@few
@given(markets(periods=4, gaps=True), st.permutations(range(4)))
def test_transitive_and_free_of_the_base(market, order):
    """Any order of the periods, hence any base and any path, gives the same relative levels."""
    prices, sold = market
    level = geks_tornqvist(prices, sold)
    other = geks_tornqvist(prices[:, order], sold[:, order])
    np.testing.assert_allclose(other, level[order] / level[order[0]], rtol=1e-9)


@few
@given(markets(periods=3, gaps=True))
def test_periods_reversed(market):
    pairs = pairwise_tornqvist(*market)
    np.testing.assert_array_equal(pairs, -pairs.T)
    assert np.exp(pairs[0, 1]) == pytest.approx(slow_between("tornqvist", *market, 0, 1), rel=1e-9)


@few
@given(markets(periods=4), st.lists(positive, min_size=5, max_size=5), positive)
def test_units_and_levels(market, unit, factor):
    prices, sold = market
    units = np.array(unit[: len(prices)])[:, None]
    level = geks_tornqvist(prices, sold)
    np.testing.assert_allclose(geks_tornqvist(prices * units, sold / units), level, rtol=1e-9)
    higher = prices.copy()
    higher[:, 2] *= factor
    expected = level * np.array([1, 1, factor, 1])
    np.testing.assert_allclose(geks_tornqvist(higher, sold), expected, rtol=1e-9)


@few
@given(markets(periods=4))
def test_constant_prices_give_one(market):
    prices = np.repeat(market[0][:, :1], 4, axis=1)
    np.testing.assert_allclose(geks_tornqvist(prices, market[1]), 1, rtol=1e-12)


def test_where_identity_fails():
    """Prices back where they were, other quantities: the way by the second period is felt.

    Törnqvist 1→2 is 2^((1/2 + 18/19)/2) = 1.6512; 2→3 is 2^-((18/19 + 2/3)/2) = 0.5715. GEKS 3 over 1 is
    the cube root of 1 · 1 · 1.6512 · 0.5715 = 0.9437.
    """
    prices = np.array([[1.0, 2.0, 1.0], [1.0, 1.0, 1.0]])
    sold = np.array([[1.0, 9.0, 2.0], [1.0, 1.0, 1.0]])
    assert geks_tornqvist(prices, sold)[2] == pytest.approx((1.6512 * 0.5715) ** (1 / 3), abs=1e-4)


def test_between_the_direct_and_the_chained_index():
    """The chain of Törnqvist indices drifts; on the manual's data GEKS stays nearer to the direct one."""
    level = geks_tornqvist(MANUAL_PRICES, MANUAL_QUANTITIES)[-1]
    assert level == pytest.approx(slow_geks(MANUAL_PRICES, MANUAL_QUANTITIES)[-1], rel=1e-12)
    assert 1.2224 < level < 1.2477


def test_a_window_of_all_periods_needs_no_splice():
    whole = geks_tornqvist(MANUAL_PRICES, MANUAL_QUANTITIES)
    for window in (5, 50):
        np.testing.assert_array_equal(
            geks_tornqvist(MANUAL_PRICES, MANUAL_QUANTITIES, window=window, splice="movement"), whole
        )


def test_refusals():
    nan = np.nan
    apart = np.array([[1.0, 1.0, nan], [nan, 1.0, 1.0]])
    with pytest.raises(PriceError, match="1 of 3 pairs of periods share no product"):
        geks_tornqvist(apart, np.ones((2, 3)))
    with pytest.raises(PriceError, match="at least 2 periods; found 1"):
        geks_tornqvist(MANUAL_PRICES, MANUAL_QUANTITIES, window=1)
    with pytest.raises(CostModelError, match="did you mean 'movement'"):
        geks_tornqvist(MANUAL_PRICES, MANUAL_QUANTITIES, splice="movment")
