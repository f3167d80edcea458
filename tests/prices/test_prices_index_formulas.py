import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_indices import (
    MANUAL_PRICES,
    MANUAL_QUANTITIES,
    few,
    markets,
    positive,
    slow_between,
)

from costmodel.errors import CostModelError
from costmodel.prices import PriceError
from costmodel.prices.index_formulas import FORMULAS, UNWEIGHTED, WEIGHTED, bilateral, fill, index_series

REVERSIBLE = ["fisher", "tornqvist", "walsh", "jevons", "dutot"]
MONOTONE = [name for name in FORMULAS if name != "tornqvist"]
every_formula = pytest.mark.parametrize("formula", list(FORMULAS))


def between(formula, prices, sold, i=0, j=1):
    return float(bilateral(formula, prices[:, i], prices[:, j], sold[:, i], sold[:, j]))


# Two products. Old: 2 and 10 a unit, 30 and 5 sold. New: 3 and 8 a unit, 20 and 10 sold.
PAIR = np.array([[2.0, 3.0], [10.0, 8.0]])
SOLD = np.array([[30.0, 20.0], [5.0, 10.0]])
BY_HAND = {
    "laspeyres": (3 * 30 + 8 * 5) / (2 * 30 + 10 * 5),  # 130 / 110
    "paasche": (3 * 20 + 8 * 10) / (2 * 20 + 10 * 10),  # 140 / 140: no change
    "fisher": math.sqrt(130 / 110),
    # Shares of spending: old 60/110 and 50/110, new 60/140 and 80/140.
    "tornqvist": 1.5 ** ((60 / 110 + 60 / 140) / 2) * 0.8 ** ((50 / 110 + 80 / 140) / 2),
    # √(30·20) = 24.495, √(5·10) = 7.071: 130.053 / 119.700
    "walsh": (3 * 24.49489743 + 8 * 7.07106781) / (2 * 24.49489743 + 10 * 7.07106781),
    "jevons": math.sqrt(1.5 * 0.8),
    "dutot": 11 / 12,
    "carli": (1.5 + 0.8) / 2,
    "harmonic": 2 / (1 / 1.5 + 1 / 0.8),
}


@every_formula
def test_by_hand(formula):
    assert between(formula, PAIR, SOLD) == pytest.approx(BY_HAND[formula], rel=1e-9)


# Tables of chapter 19 of the manual, to four decimals; recalled, and equal to the arithmetic here.
@pytest.mark.parametrize(
    ("formula", "chain", "published"),
    [
        ("laspeyres", False, [1.0, 1.4200, 1.3450, 1.3550, 1.4400]),
        ("paasche", False, [1.0, 1.3824, 1.2031, 1.0209, 0.7968]),
        ("fisher", False, [1.0, 1.4011, 1.2721, 1.1762, 1.0712]),
        ("walsh", False, [1.0, 1.4017, 1.2850, 1.2193, 1.1850]),
        ("carli", False, [1.0, 1.4000, 1.0500, 0.9167, 0.9833]),
        ("jevons", False, [1.0, 1.2419, 0.9563, 0.7256, 0.6325]),
        ("laspeyres", True, [1.0, 1.4200, 1.3646, 1.3351, 1.3306]),
        ("fisher", True, [1.0, 1.4011, 1.3185, 1.2689, 1.2226]),
    ],
)
def test_the_manual(formula, chain, published):
    found = index_series(formula, MANUAL_PRICES, MANUAL_QUANTITIES, chain=chain)
    assert found.round(4).tolist() == published


@every_formula
@few
@given(market=markets(periods=4, gaps=True))
def test_plain_sums(formula, market):
    """Every pair of periods, with products missing from either, against the definition."""
    prices, sold = market
    direct = index_series(formula, prices, sold)
    wanted = [slow_between(formula, prices, sold, 0, j) for j in range(4)]
    np.testing.assert_allclose(direct, wanted, rtol=1e-9)
    chained = index_series(formula, prices, sold, chain=True, base=1)
    links = [slow_between(formula, prices, sold, j, j + 1) for j in range(3)]
    np.testing.assert_allclose(chained, [1 / links[0], 1, links[1], links[1] * links[2]], rtol=1e-9)


@every_formula
@few
@given(market=markets(periods=2))
def test_identity(formula, market):
    """Equal prices give 1, whatever was sold."""
    prices, sold = market
    prices[:, 1] = prices[:, 0]
    assert between(formula, prices, sold) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("formula", REVERSIBLE)
@few
@given(market=markets(periods=2))
def test_time_reversal(formula, market):
    there, back = between(formula, *market), between(formula, *market, 1, 0)
    assert there * back == pytest.approx(1, rel=1e-9)


@few
@given(markets(periods=2))
def test_time_reversal_fails_upwards_for_carli_and_downwards_for_harmonic(market):
    assert between("carli", *market) * between("carli", *market, 1, 0) >= 1 - 1e-12
    assert between("harmonic", *market) * between("harmonic", *market, 1, 0) <= 1 + 1e-12


@pytest.mark.parametrize(
    ("formula", "product"),
    [
        ("carli", 1.15 * (1 / 1.5 + 1 / 0.8) / 2),  # 1.1021
        ("harmonic", 1 / (1.15 * (1 / 1.5 + 1 / 0.8) / 2)),
        ("laspeyres", 130 / 110),  # back: (2·20 + 10·10) / (3·20 + 8·10) = 1
        ("paasche", 110 / 130),
    ],
)
def test_where_time_reversal_fails(formula, product):
    assert between(formula, PAIR, SOLD) * between(formula, PAIR, SOLD, 1, 0) == pytest.approx(product)


@pytest.mark.parametrize("formula", [name for name in FORMULAS if name != "dutot"])
@few
@given(market=markets(periods=2), unit=st.lists(positive, min_size=5, max_size=5))
def test_commensurability(formula, market, unit):
    """A product priced per 100 tablets instead of per tablet changes nothing."""
    prices, sold = market
    units = np.array(unit[: len(prices)])[:, None]
    assert between(formula, prices * units, sold / units) == pytest.approx(
        between(formula, prices, sold), rel=1e-9
    )


def test_where_commensurability_fails():
    """Dutot: the dearer unit decides. 11/12 per unit; with the first product per 100: 308/210."""
    per_hundred = PAIR * np.array([[100.0], [1.0]])
    assert between("dutot", PAIR, SOLD) == pytest.approx(11 / 12)
    assert between("dutot", per_hundred, SOLD) == pytest.approx(308 / 210)


@pytest.mark.parametrize("formula", MONOTONE)
@few
@given(market=markets(periods=2), rise=st.floats(1.01, 10))
def test_monotonicity(formula, market, rise):
    """A dearer product raises the index when it is dearer now, and lowers it when it was dearer then."""
    prices, sold = market
    now, then = prices.copy(), prices.copy()
    now[0, 1] *= rise
    then[0, 0] *= rise
    assert between(formula, now, sold) > between(formula, prices, sold) > between(formula, then, sold)


def test_where_monotonicity_fails():
    """Törnqvist: a price far below the mean, weighed more as it rises."""
    sold = np.array([[0.001, math.exp(5)], [1.0, 1.0]])
    low, higher = (between("tornqvist", np.array([[1, math.exp(p)], [1, 1]]), sold) for p in (-5, -4.9))
    assert higher < low


@pytest.mark.parametrize("formula", ["jevons", "dutot"])
@few
@given(market=markets(periods=4))
def test_circularity(formula, market):
    """A chain leads to the direct index when the same products are priced throughout."""
    np.testing.assert_allclose(
        index_series(formula, *market, chain=True), index_series(formula, *market), rtol=1e-9
    )


@pytest.mark.parametrize("formula", [name for name in FORMULAS if name not in ("jevons", "dutot")])
def test_where_circularity_fails(formula):
    direct = index_series(formula, MANUAL_PRICES, MANUAL_QUANTITIES)[-1]
    chained = index_series(formula, MANUAL_PRICES, MANUAL_QUANTITIES, chain=True)[-1]
    assert abs(chained / direct - 1) > 0.02


@every_formula
@few
@given(market=markets(periods=2), factor=positive)
def test_proportionality(formula, market, factor):
    """New prices times k, index times k; equal changes are the index."""
    prices, sold = market
    scaled = prices * np.array([[1.0, factor]])
    assert between(formula, scaled, sold) == pytest.approx(factor * between(formula, prices, sold), rel=1e-9)
    same = np.column_stack([prices[:, 0], factor * prices[:, 0]])
    assert between(formula, same, sold) == pytest.approx(factor, rel=1e-9)


@few
@given(markets(periods=2))
def test_bounds(market):
    lowest = np.min(market[0][:, 1] / market[0][:, 0]) * (1 - 1e-12)
    highest = np.max(market[0][:, 1] / market[0][:, 0]) * (1 + 1e-12)
    found = {name: between(name, *market) for name in FORMULAS}
    assert all(lowest <= value <= highest for value in found.values())
    low, high = sorted([found["laspeyres"], found["paasche"]])
    assert low * (1 - 1e-12) <= found["fisher"] <= high * (1 + 1e-12)
    assert found["carli"] * (1 + 1e-12) >= found["jevons"] >= found["harmonic"] * (1 - 1e-12)


@few
@given(markets(periods=2))
def test_fisher_reverses_factors(market):
    """Price index times quantity index is the change of spending (the roles of the two exchanged)."""
    prices, sold = market
    spent = (prices * sold).sum(axis=0)
    both = between("fisher", prices, sold) * between("fisher", sold, prices)
    assert both == pytest.approx(spent[1] / spent[0], rel=1e-9)


@every_formula
@few
@given(market=markets(periods=3, gaps=True))
def test_products_priced_once_change_nothing(formula, market):
    prices, sold = market
    more = np.vstack([prices, [[np.nan, 7.0, np.nan]]])
    np.testing.assert_allclose(
        index_series(formula, more, np.vstack([sold, [[np.nan, 3.0, np.nan]]]), chain=True),
        index_series(formula, prices, sold, chain=True),
        rtol=1e-12,
    )


def test_carry_forward_by_hand():
    """Product 2 vanishes after 4. Carli 2: (2 + 1)/2; 3: (3 + 1)/2. The new product 3 is not back-filled."""
    prices = np.array([[1.0, 2.0, 3.0], [4.0, np.nan, np.nan], [np.nan, 5.0, 6.0]])
    filled, sold = fill(prices, np.ones((3, 3)), "carry-forward")
    np.testing.assert_array_equal(filled, [[1, 2, 3], [4, 4, 4], [np.nan, 5, 6]])
    np.testing.assert_array_equal(sold, [[1, 1, 1], [1, 0, 0], [1, 1, 1]])
    assert index_series("carli", filled).tolist() == [1.0, 1.5, 2.0]


def test_overall_mean_by_hand():
    """Then 4·2 = 8; then moved by √(3/2 · 6/5), the products priced in both periods."""
    prices = np.array([[1.0, 2.0, 3.0], [4.0, np.nan, np.nan], [np.nan, 5.0, 6.0]])
    filled, _ = fill(prices, None, "overall-mean")
    assert filled[1].tolist() == pytest.approx([4, 8, 8 * math.sqrt(1.8)])


@few
@given(markets(periods=4, gaps=True))
def test_overall_mean_leaves_the_chained_jevons_as_it_is(market):
    """A price moved by the mean of the others does not move the mean, as long as it never comes back."""
    prices, _ = market
    prices = np.where(np.cumsum(np.isnan(prices), axis=1) > 0, np.nan, prices)
    filled, _ = fill(prices, None, "overall-mean")
    np.testing.assert_allclose(
        index_series("jevons", filled, chain=True), index_series("jevons", prices, chain=True), rtol=1e-9
    )


def test_refusals():
    nan = np.nan
    with pytest.raises(PriceError, match="no product is priced in both periods"):
        bilateral("jevons", np.array([1.0, nan]), np.array([nan, 1.0]))
    with pytest.raises(PriceError, match=r"'fisher' needs quantities; without them: jevons, dutot"):
        bilateral("fisher", np.array([1.0]), np.array([2.0]))
    with pytest.raises(CostModelError, match="did you mean 'laspeyres'"):
        bilateral("laspeyre", np.array([1.0]), np.array([2.0]))
    with pytest.raises(CostModelError, match="carry-forward"):
        fill(PAIR, None, "carry_forwards")


@pytest.mark.parametrize("formula", list(WEIGHTED))
def test_matched_products_must_have_been_bought(formula):
    """The products that were bought then and now are different ones."""
    old, new = np.array([1.0, nan := np.nan]), np.array([2.0, 3.0])
    nothing = np.array([0.0, 5.0])
    with pytest.raises(PriceError, match="no quantity to weigh them by"):
        bilateral(formula, old, new, nothing, nothing)
    assert float(bilateral("jevons", old, np.array([2.0, nan]))) == 2.0


def test_formulas_without_quantities_are_those():
    assert set(UNWEIGHTED) == {"jevons", "dutot", "carli", "harmonic"}
