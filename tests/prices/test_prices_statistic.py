import statistics

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import factors, patient, prices

from costmodel.errors import CostModelError
from costmodel.prices import PriceError
from costmodel.prices.statistic import distinct, summarise, weights_of

ORACLE = {"median": statistics.median, "mean": statistics.fmean, "minimum": min, "maximum": max}
some = st.lists(prices, min_size=1, max_size=20)


@patient
@given(some, st.sampled_from(sorted(ORACLE)))
def test_against_the_standard_library(values, name):
    assert summarise(values, name) == pytest.approx(ORACLE[name](values), rel=1e-12)


@patient
@given(some, st.randoms(use_true_random=False), st.sampled_from(sorted(ORACLE)))
def test_order_makes_no_difference_to_the_last_bit(values, random, name):
    shuffled = random.sample(values, len(values))
    assert summarise(shuffled, name) == summarise(values, name)


@patient
@given(some, st.data())
def test_weighted_mean_is_the_mean_of_the_units_spelt_out(values, data):
    units = data.draw(st.lists(st.integers(0, 5), min_size=len(values), max_size=len(values)))
    if not sum(units):
        units[0] = 1
    spelt = [price for price, count in zip(values, units, strict=True) for _ in range(count)]
    assert summarise(values, "volume_weighted", weights=units) == pytest.approx(statistics.fmean(spelt))


@patient
@given(some, factors)
def test_equal_weights_are_the_mean(values, weight):
    weighted = summarise(values, "volume_weighted", weights=[weight] * len(values))
    assert weighted == pytest.approx(summarise(values, "mean"))


def test_unit_prices_of_two_packs_are_one_price():
    found = distinct([8.49 / 100, 4.245 / 50, 0.0849, 0.0850])
    assert [count for _, count in found] == [3, 1]
    assert summarise([8.49 / 100, 4.245 / 50]) == pytest.approx(0.0849, rel=1e-12)


@patient
@given(some)
def test_distinct_prices_against_a_set(values):
    rounded = [round(value, 3) for value in values]
    found = distinct(rounded)
    assert [price for price, _ in found] == sorted(set(rounded))
    assert all(count == rounded.count(price) for price, count in found)


def test_unique_lists_what_disagrees():
    with pytest.raises(PriceError, match="2 distinct prices") as caught:
        summarise([0.03, 0.02, 0.03], what="clonazepam")
    for part in (
        "clonazepam",
        "0.02 (1 row)",
        "0.03 (2 rows)",
        "median, mean, minimum, maximum, volume_weighted",
    ):
        assert part in str(caught.value)
    assert caught.value.candidates.to_numpy().tolist() == [[0.02, 1], [0.03, 2]]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([1.0], "volume_weighted", None), "needs a column of weights"),
        (([1.0], "mean", [1.0]), "takes no weights"),
        (([1.0], "volume_weighted", [0.0]), "sum to 0"),
        (([1.0, 2.0], "volume_weighted", [-1.0, 2.0]), "at least 0"),
        (([1.0], "volume_weighted", [float("nan")]), "finite"),
        (([1.0, 2.0], "volume_weighted", [1.0]), "2 prices but 1 weights"),
        (([], "mean", None), "no price"),
    ],
)
def test_refuses(arguments, says):
    values, name, weights = arguments
    with pytest.raises(PriceError, match=says):
        summarise(values, name, weights=weights)


def test_unknown_statistic():
    with pytest.raises(CostModelError, match="did you mean 'median'"):
        summarise([1.0], "medain")


def test_weights_are_read_from_text():
    frame = pd.DataFrame({"units_sold": ["1200", "30"]}, index=[4, 9])
    assert weights_of(frame, "units_sold", "x") == [1200.0, 30.0]
    with pytest.raises(PriceError, match="did you mean 'units_sold'"):
        weights_of(frame, "unit_sold", "x")
    frame.loc[9, "units_sold"] = "many"
    with pytest.raises(PriceError, match="units_sold, row 9 must be a number"):
        weights_of(frame, "units_sold", "x")
