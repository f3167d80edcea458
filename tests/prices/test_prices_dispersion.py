import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import few, row, table, tables

from costmodel.prices import PriceTable
from costmodel.prices.dispersion import dispersion, gini
from costmodel.prices.errors import PriceError

values = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=30)


def generics(*prices):
    return table([row(price=price, pack_size=1, product_id=str(n)) for n, price in enumerate(prices)])


def slow(x, w):
    """Every pair: sum of w_i w_j |x_i - x_j| over 2 W^2 times the weighted mean."""
    total = sum(w)
    mean = sum(a * b for a, b in zip(x, w, strict=True)) / total
    pairs = sum(p * q * abs(a - b) for a, p in zip(x, w, strict=True) for b, q in zip(x, w, strict=True))
    return pairs / (2 * total**2 * mean)


@pytest.mark.parametrize("n", [2, 3, 10, 100])
def test_gini_of_the_first_numbers(n):
    """Of 1, 2, …, n it is (n - 1) / (3 n): 1/6 for two, 2/9 for three."""
    assert gini(range(1, n + 1)) == pytest.approx((n - 1) / (3 * n), rel=1e-12)


def test_gini_by_hand():
    # 1 and 3: two unequal ordered pairs of 2, over 2 x 4 x 2 = 4/16.
    assert gini([1, 3]) == 0.25
    # One of n has all: 1 - 1/n.
    assert gini([0, 0, 0, 8]) == 0.75
    assert gini([5, 5, 5]) == 0


@few
@given(values, st.randoms(use_true_random=False))
def test_gini_against_every_pair(x, random):
    w = [random.uniform(0.1, 9) for _ in x]
    assert gini(x, w) == pytest.approx(slow(x, w), rel=1e-7, abs=1e-9)
    assert gini(x) == pytest.approx(slow(x, [1] * len(x)), rel=1e-7, abs=1e-9)


@few
@given(values, st.floats(0.01, 100), st.floats(0.01, 100))
def test_gini_has_no_scale(x, factor, weight):
    assert gini([one * factor for one in x], [weight] * len(x)) == pytest.approx(gini(x), rel=1e-9, abs=1e-12)
    assert 0 <= gini(x) < 1


@few
@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=10), st.floats(1.01, 5))
def test_a_dearer_dearest_raises_gini(x, factor):
    top = max(x)
    raised = [*(one for one in sorted(x)[:-1]), top * factor]
    assert gini(raised) > gini(x) - 1e-12
    assert gini([1, 2, 3 * factor]) > gini([1, 2, 3])


def test_weights_count_as_repetition():
    assert gini([1, 3], weights=[2, 5]) == pytest.approx(gini([1, 1, 3, 3, 3, 3, 3]), rel=1e-12)


def test_measures_by_hand():
    """Prices 1, 2, 3, 4, 10: mean 4, variance (9 + 4 + 1 + 0 + 36) / 4 = 12.5, quartiles 2 and 4.

    Gini: differences 1,2,3,9,1,2,8,1,7,6 sum to 40; 2 x 40 / (2 x 25 x 4) = 0.4.
    """
    found = dispersion(generics(4, 1, 10, 3, 2)).iloc[0]
    assert found[["n", "n_prices", "minimum", "maximum", "mean"]].tolist() == [5, 5, 1, 10, 4]
    assert found[["p25", "p50", "p75", "iqr", "max_over_min"]].tolist() == [2, 3, 4, 2, 10]
    assert found["p90"] == pytest.approx(4 + 0.6 * 6)
    assert found["cv"] == pytest.approx(12.5**0.5 / 4)
    assert found["gini"] == pytest.approx(0.4)
    assert found["reason"] == ""
    assert found["currency"] == "USD"


def test_volume_weighted():
    """Three units in four at 1, one at 3: mean 1.5, Gini 0.25."""
    made = generics(1, 3)
    sold = PriceTable(made.frame.assign(sold=["300", "100"]), "test")
    found = dispersion(sold, weight="sold").iloc[0]
    assert found[["units", "mean_by_volume", "gini_by_volume"]].tolist() == [400, 1.5, 0.25]


def test_one_product_and_one_price_are_said(nadac):
    found = dispersion(nadac).set_index(["strength_mg", "form", "class"])
    assert found.loc[(2.0, "tablet", "brand"), "reason"] == "one product: there is no spread to measure"
    assert np.isnan(found.loc[(2.0, "tablet", "brand"), "cv"])
    generic = found.loc[(2.0, "tablet", "generic")]
    assert generic["reason"].startswith("all 15 products have one price")
    assert (generic["gini"], generic["max_over_min"]) == (0, 1)


@few
@given(tables(), st.floats(0.01, 100))
def test_only_the_measures_in_money_follow_the_currency(drawn, rate):
    rows = drawn.frame.astype(object).to_dict("records")
    other = table([one | {"price": one["price"] * rate} for one in rows])
    before, after = dispersion(drawn), dispersion(other)
    for name in ("gini", "max_over_min", "cv"):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-6, atol=1e-9)
    for name in ("mean", "p50", "minimum"):
        np.testing.assert_allclose(after[name], before[name] * rate, rtol=1e-9)


@pytest.mark.parametrize("bad", [[], [0, 0], [-1, 2], [float("nan")], [float("inf"), 1]])
def test_values_without_a_spread_are_refused(bad):
    with pytest.raises(PriceError, match="values must be finite, not negative, and not all 0"):
        gini(bad)


def test_refusals(table_of):
    with pytest.raises(PriceError, match="2 values but 3 weights"):
        gini([1, 2], [1, 2, 3])
    with pytest.raises(PriceError, match="more than one currency"):
        dispersion(table_of({}, {"currency": "CAD"}))
    with pytest.raises(PriceError, match="'sold' is not a column"):
        dispersion(table_of({}), weight="sold")
