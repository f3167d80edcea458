import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t
from strategies_prices import row, table

from costmodel.errors import CostModelError
from costmodel.prices import PriceTable, compare_prices, prices
from costmodel.prices.errors import PriceError
from costmodel.prices.premium import METHODS, premium

quick = settings(deadline=None, max_examples=12)
GENERICS = [0.02, 0.025, 0.03, 0.04, 0.05, 0.08]


def market(brands, generics, *, rate=1.0, swap=False):
    sides = ("generic", "brand") if swap else ("brand", "generic")
    rows = [
        row(class_=name, price=price * rate, pack_size=1, product_id=f"{name}{n}")
        for name, values in zip(sides, (brands, generics), strict=True)
        for n, price in enumerate(values)
    ]
    return table(rows)


def by_unit(made, **options):
    return premium(made, **options).query("basis == 'unit'").set_index("method")


def labelled(brands, generics, labelers):
    made = market(brands, generics)
    return PriceTable(made.frame.assign(labeler=["H2", *labelers]), "test")


def test_ratio_premium_and_difference_by_hand():
    """Geometric means: brand 4, generic (1 x 2 x 4)^(1/3) = 2; ratio 2, premium 100 %, difference 2."""
    result = premium(market([4], [1, 2, 4]), methods="log_t", course_days=10, mg_per_day=3, ddd_mg=8)
    result = result.set_index("basis")
    assert result[["ratio", "premium"]].drop_duplicates().to_numpy().tolist() == [pytest.approx([2, 1])]
    assert result["difference"].to_dict() == pytest.approx(
        {
            "unit": 2,
            "mg": 1,
            "ddd": 8,
            "30 days, 1 a day": 60,
            "30 days, 3 mg a day": 90,
            "course of 10 days, 1 a day": 20,
            "course of 10 days, 3 mg a day": 30,
        }
    )
    assert (result["n_brand"].iloc[0], result["n_generic"].iloc[0]) == (1, 3)


def test_welch_by_hand():
    """Logs in powers of two: brand 3, 5 (mean 4, s^2 2), generic 0, 1, 2 (mean 1, s^2 1).

    SE^2 = 2/2 + 1/3 = 4/3; degrees of freedom (4/3)^2 / (1^2/1 + (1/3)^2/2) = (16/9) / (19/18) = 32/19.
    """
    found = by_unit(market([8, 32], [1, 2, 4]), methods="log_t").iloc[0]
    half = t.ppf(0.975, 32 / 19) * math.sqrt(4 / 3)
    assert math.log2(found["ratio"]) == pytest.approx(3)
    assert math.log2(found["ratio_low"]) == pytest.approx(3 - half)
    assert math.log2(found["ratio_high"]) == pytest.approx(3 + half)
    assert found["p_value"] == pytest.approx(2 * t.sf(3 / math.sqrt(4 / 3), 32 / 19))
    assert found["covers"] == "covers the variation between products on both sides"


def test_one_brand_is_taken_as_it_is():
    """Logs to base 2: brand 3 against generic 0, 1, 2: 3 - 1 +- t(2) / sqrt(3)."""
    found = by_unit(market([8], [1, 2, 4]), methods="log_t").iloc[0]
    half = t.ppf(0.975, 2) / math.sqrt(3)
    assert math.log2(found["ratio_low"]) == pytest.approx(2 - half)
    assert math.log2(found["ratio_high"]) == pytest.approx(2 + half)
    assert found["covers"] == (
        "one brand product: taken as it is; covers the variation between generic products only"
    )


def test_permutation_by_counting():
    """Brand 8, generic 1, 2, 4: of four exchanges one is as extreme on its side, so p = 2 x 1/4."""
    found = by_unit(market([8], [1, 2, 4]), methods="permutation").iloc[0]
    assert found["p_value"] == pytest.approx(0.5)
    assert found["covers"].endswith("with one product on a side it cannot fall below 0.5")
    # Two brands above three generics: one of C(5, 2) = 10 exchanges, doubled.
    assert by_unit(market([8, 32], [1, 2, 4]), methods="permutation")["p_value"].item() == pytest.approx(0.2)
    assert np.isnan(found["ratio_low"])


def test_bootstrap_against_an_obvious_one():
    """The percentile interval of resampled log ratios; BCa differs from it by its correction only."""
    found = by_unit(market([3], GENERICS), methods="bca", resamples=4000).iloc[0]
    rng = np.random.default_rng(7)
    logs = np.log(GENERICS)
    drawn = [np.log(3) - rng.choice(logs, logs.size).mean() for _ in range(4000)]
    low, high = np.exp(np.percentile(drawn, [2.5, 97.5]))
    assert found["ratio_low"] < found["ratio"] < found["ratio_high"]
    assert math.log(found["ratio_low"]) == pytest.approx(math.log(low), abs=0.15)
    assert math.log(found["ratio_high"]) == pytest.approx(math.log(high), abs=0.15)


def test_one_group_price_gives_no_interval(nadac):
    result = premium(nadac, resamples=200).query("basis == 'unit'")
    assert result[["ratio_low", "ratio_high", "p_value"]].isna().all().all()
    two = result.query("strength_mg == 2").set_index("method")["covers"]
    for method in ("bca", "log_t"):
        assert two[method] == (
            "one brand product and all 15 generic products have one price, as a list prices a group: nothing "
            "varies, so there is no interval"
        )
    assert "one observation, not several" in two["permutation"]
    expected = compare_prices(nadac).query("basis == 'unit'")
    assert result["ratio"].unique() == pytest.approx(expected["ratio"].to_numpy())


def test_labelers_are_resampled_with_all_their_products():
    """Six labelers, each with one product or with twenty: more products must not narrow the interval."""
    values, names = [1, 1.9, 3.1, 4.3, 6.7, 7.9], list("abcdef")
    few, many = labelled([8], values, names), labelled([8], values * 20, names * 20)
    options = {"methods": "bca", "resamples": 2000}
    narrow = by_unit(many, **options).iloc[0]
    first, second = (by_unit(one, labeler="labeler", **options).iloc[0] for one in (few, many))
    assert second["ratio_low"] == pytest.approx(first["ratio_low"], rel=0.02)
    assert second["ratio_high"] == pytest.approx(first["ratio_high"], rel=0.02)
    assert narrow["ratio_high"] / narrow["ratio_low"] < 0.6 * first["ratio_high"] / first["ratio_low"]
    assert second["covers"].endswith("covers the variation between generic labelers only")
    three = by_unit(labelled([8], [1, 2, 4], ["a", "b", "c"]), labeler="labeler", **options).iloc[0]
    assert three["covers"].endswith("only; only 3 labelers: too few to trust its coverage")


def test_one_labeler_shows_no_variation_between_labelers():
    found = by_unit(labelled([8], [1, 2], ["a", "a"]), methods="bca", labeler="labeler").iloc[0]
    assert np.isnan(found["ratio_low"])
    assert found["covers"] == "one generic labeler: the variation between labelers is not seen"


def test_resamples_that_cannot_vary_are_said():
    """Two labelers of the same geometric mean: every resample gives the same ratio."""
    made = labelled([8], [1, 4, 1, 4], ["a", "a", "b", "b"])
    found = by_unit(made, methods="bca", labeler="labeler", resamples=200).iloc[0]
    assert np.isnan(found["ratio_low"])
    assert "stays the same whichever labeler is left out" in found["covers"]


positive = st.floats(0.01, 100)


@quick
@given(st.lists(positive, min_size=2, max_size=5), st.lists(positive, min_size=2, max_size=6), positive)
def test_swapped_sides_turn_the_ratio_over_and_currency_changes_nothing(brands, generics, rate):
    one = by_unit(market(brands, generics), resamples=200)
    other = by_unit(market(brands, generics, swap=True), resamples=200)
    np.testing.assert_allclose(other["ratio"], 1 / one["ratio"], rtol=1e-9)
    log_t = other.loc["log_t"]
    if np.isfinite(log_t["ratio_low"]):
        assert log_t["ratio_low"] == pytest.approx(1 / one.loc["log_t", "ratio_high"], rel=1e-6)
        assert log_t["p_value"] == pytest.approx(one.loc["log_t", "p_value"], rel=1e-6, abs=1e-12)
    assert ((one["premium"] > 1e-9) == (other["premium"] < -1e-9)).all()
    scaled = by_unit(market(brands, generics, rate=rate), resamples=200)
    names = ["ratio", "premium", "ratio_low", "ratio_high"]
    np.testing.assert_allclose(
        scaled.loc["log_t", names].astype(float), one.loc["log_t", names].astype(float), rtol=1e-6, atol=1e-9
    )
    np.testing.assert_allclose(scaled["difference"], one["difference"] * rate, rtol=1e-6, atol=1e-9)


def test_results_depend_on_the_seed_only():
    made = market([3, 4], GENERICS)
    again = market([4, 3], GENERICS[::-1])
    first, second = (premium(one, resamples=300) for one in (made, again))
    pd.testing.assert_frame_equal(first, second)
    other = premium(made, resamples=300, seed=2)
    assert other.loc[other["method"] == "bca", "ratio_low"].iloc[0] != first["ratio_low"].iloc[0]


def test_a_dearer_brand_moves_ratio_and_interval_up():
    low, high = (by_unit(market([brand], GENERICS), methods="bca", resamples=300).iloc[0] for brand in (3, 6))
    for name in ("ratio", "ratio_low", "ratio_high", "premium_low", "difference"):
        assert high[name] > low[name]
    assert high["ratio_low"] == pytest.approx(2 * low["ratio_low"])


@pytest.mark.parametrize("method", ["bca", "log_t"])
def test_wider_confidence_is_a_wider_interval(method):
    narrow, wide = (by_unit(market([3], GENERICS), methods=method, confidence=c).iloc[0] for c in (0.8, 0.99))
    assert wide["ratio_low"] < narrow["ratio_low"] < narrow["ratio_high"] < wide["ratio_high"]


def test_premiums_of_a_class_of_medicines():
    """Clonazepam's 2012-2026 ratio of 110 to 134 beside Xanax, Keppra and Lamictal in the same week."""
    found = premium(prices("us/nadac_other_molecules"), methods="log_t").query("basis == 'unit'")
    assert sorted(found["molecule"].unique()) == ["alprazolam", "lamotrigine", "levetiracetam"]
    assert len(found) == 4 + 6 + 4 + 4 + 2 + 4
    xanax = found[(found["molecule"] == "alprazolam") & (found["strength_mg"] == 0.25)]
    assert xanax["ratio"].item() == pytest.approx(5.64783 / 0.02435)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"methods": "bootstrap"}, "method: 'bootstrap' is unknown"),
        ({"methods": []}, "name at least one method: bca, log_t, permutation"),
        ({"summary": "mode"}, "summary: 'mode' is unknown"),
        ({"summary": "median"}, "log_t is an interval of the geometric mean, not of the median"),
        ({"labeler": "labeller"}, "write methods='bca'"),
        ({"labeler": "labeller", "methods": "bca"}, "'labeller' is not a column"),
        ({"labeler": "note", "methods": "bca"}, "'note' is blank in some rows"),
        ({"confidence": 1}, "confidence must lie in"),
        ({"resamples": 9}, "resamples must lie in"),
    ],
)
def test_refusals(options, says):
    with pytest.raises(CostModelError, match=says):
        premium(market([3], GENERICS), **options)


def test_mixed_bases_are_refused(table_of):
    with pytest.raises(PriceError, match="more than one currency"):
        premium(table_of({"class_": "brand"}, {"currency": "CAD"}))


def test_every_method_is_a_row():
    assert by_unit(market([3], GENERICS), resamples=200).index.tolist() == list(METHODS)
