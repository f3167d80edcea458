import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import few, row, table

from costmodel.datasets import read_dataset
from costmodel.errors import CostModelError
from costmodel.prices import prices
from costmodel.prices.errors import PriceError
from costmodel.prices.trend import price_path, price_trend, ratio_path


def listed(*pairs, **changes):
    return table([row(as_of=date, date=date, price=price, pack_size=1, **changes) for date, price in pairs])


@pytest.fixture(scope="module")
def tablets():
    return prices("us/nadac_history").select(form="tablet")


@pytest.fixture(scope="module")
def cpi():
    medical = read_dataset("economics/us_cpi_monthly").query("source_id == 'USA_CPI_MEDICAL'")
    return medical.set_index("month")["index"]


def test_the_brand_rose_and_the_generic_did_not_keep_up(tablets):
    """0.5 mg: 2.67965 / 1.68770 = 1.588 and 0.02003 / 0.01638 = 1.223 from October 2012 to April 2026."""
    found = price_trend(tablets.select(strength_mg=0.5)).set_index("class")
    assert found.loc["brand", "change"] == pytest.approx(2.67965 / 1.68770 - 1)
    assert found.loc["generic", "change"] == pytest.approx(0.02003 / 0.01638 - 1)
    # 2012-10-04 to 2026-04-29 is 4,955 days: 1.5878 ^ (365.25 / 4955) = 1.0347, 3.5 % a year.
    assert found.loc["brand", "compound"] == pytest.approx((2.67965 / 1.68770) ** (365.25 / 4955) - 1)
    assert found["n_dates"].tolist() == [6, 6]
    assert found["n_draft"].tolist() == [2, 2]
    assert "2 of 6 dates from lists marked as drafts" in found.loc["brand", "reason"]
    assert "no price for 10.6 years; nothing is filled in" in found.loc["brand", "reason"]
    assert found.loc["brand", "low"] < found.loc["brand", "per_year"] < found.loc["brand", "high"]
    assert found.loc["generic", "low"] < 0.02 < found.loc["brand", "per_year"]


def test_ratio_rose_from_103_to_134(tablets):
    path = ratio_path(tablets.select(strength_mg=0.5))
    assert path["ratio"].iloc[[0, -1]].tolist() == pytest.approx([1.68770 / 0.01638, 2.67965 / 0.02003])
    assert path["ratio"].iloc[[0, -1]].round().tolist() == [103, 134]
    assert path["draft"].tolist() == [True, True, False, False, False, False]
    assert len(ratio_path(tablets)) == 6 + 6 + 3


def test_inflation_adjusted_by_hand(tablets, cpi):
    """Medical care CPI 419.07 in 2012-10 and 447.648 in 2015-09: 1.68770 is 1.80279 in the later money."""
    early = tablets.select(strength_mg=0.5, class_="brand", as_of=["2012-10-04", "2015-09-30"])
    path = price_path(early, deflator=cpi)
    assert path["real_price"].tolist() == pytest.approx([1.68770 * 447.648 / 419.07, 2.15164])
    assert set(path["base"]) == {"2015-09"}
    trend = price_trend(early, deflator=cpi).set_index("money")
    assert trend.loc["real", "change"] == pytest.approx(2.15164 / (1.68770 * 447.648 / 419.07) - 1)
    assert trend.loc["real", "change"] < trend.loc["nominal", "change"]
    other = price_path(early, deflator=cpi, base="2012-10")
    assert other["real_price"].iloc[0] == pytest.approx(1.68770)


def test_an_index_that_stops_short_is_an_error_not_a_guess(tablets, cpi):
    with pytest.raises(PriceError, match=r"no index for 2026-04; it runs from .*select dates it covers"):
        price_trend(tablets.select(strength_mg=0.5), deflator=cpi)


def test_an_index_by_year_or_date(tablets):
    two = tablets.select(strength_mg=0.5, class_="brand", as_of=["2012-10-04", "2015-09-30"])
    for index in (
        {2012: 100, 2015: 110},
        {"2012": 100, "2015": 110},
        {pd.Period("2012-10"): 100, "2015-09": 110},
    ):
        assert price_path(two, deflator=index)["real_price"].tolist() == pytest.approx(
            [1.68770 * 1.1, 2.15164]
        )


def test_slope_is_the_median_of_all_pairs():
    """Prices e^0, e^1, e^0.1, e^4, e^0.2 a year apart: ten slopes; their median is the middle two's mean."""
    logs = [0, 1, 0.1, 4, 0.2]
    days = [pd.Timestamp("2020-01-01") + pd.Timedelta(days=round(365.25 * n * 4)) for n in range(5)]
    made = listed(*((f"{day:%Y-%m-%d}", math.exp(log)) for day, log in zip(days, logs, strict=True)))
    pairs = sorted((logs[j] - logs[i]) / (4 * (j - i)) for i in range(5) for j in range(i + 1, 5))
    found = price_trend(made).iloc[0]
    assert found["per_year"] == pytest.approx(math.expm1((pairs[4] + pairs[5]) / 2))


def test_few_dates_have_no_interval():
    two = price_trend(listed(("2020-01-01", 1.0), ("2021-01-01", 2.0))).iloc[0]
    assert two["per_year"] == pytest.approx(math.expm1(math.log(2) * 365.25 / 366))
    assert np.isnan(two["low"])
    assert two["reason"].startswith("2 dates: too few for an interval")
    one = price_trend(listed(("2020-01-01", 1.0))).iloc[0]
    assert np.isnan(one["per_year"])
    assert np.isnan(one["compound"])
    assert one["reason"] == "one date: no slope"


def test_equal_prices_stay_tied_after_inflation_is_taken_out():
    """Ties enter the interval's variance; rounding errors of the deflator must not break them."""
    values, rate = [1.0, 1.0, 1.5339319925090251, 1.5339319925090251, 1.0], 1.171875
    dates = [f"{2010 + n}-06-30" for n in range(5)]
    plain = price_trend(listed(*zip(dates, values, strict=True))).iloc[0]
    inflated = listed(*zip(dates, [v * rate**n for n, v in enumerate(values)], strict=True))
    index = {2010 + n: rate**n for n in range(5)}
    real = price_trend(inflated, deflator=index, base=2010).query("money == 'real'").iloc[0]
    assert real["low"] == pytest.approx(plain["low"], rel=1e-6)
    assert real["high"] == pytest.approx(plain["high"], rel=1e-6)


@few
@given(st.lists(st.floats(0.01, 100), min_size=5, max_size=9), st.floats(0.01, 100), st.floats(-0.2, 0.5))
def test_currency_changes_nothing_and_steady_inflation_is_taken_out(values, rate, inflation):
    dates = [f"{2010 + n}-06-30" for n in range(len(values))]
    plain = price_trend(listed(*zip(dates, values, strict=True))).iloc[0]
    other = price_trend(listed(*zip(dates, [one * rate for one in values], strict=True))).iloc[0]
    names = ["change", "compound", "per_year", "low", "high"]
    np.testing.assert_allclose(other[names].astype(float), plain[names].astype(float), rtol=1e-6, atol=1e-9)
    assert plain["low"] <= plain["per_year"] + 1e-12
    assert plain["per_year"] <= plain["high"] + 1e-12
    index = {2010 + n: (1 + inflation) ** n for n in range(len(values))}
    inflated = listed(*zip(dates, [v * (1 + inflation) ** n for n, v in enumerate(values)], strict=True))
    real = price_trend(inflated, deflator=index, base=2010).query("money == 'real'").iloc[0]
    np.testing.assert_allclose(real[names].astype(float), plain[names].astype(float), rtol=1e-6, atol=1e-9)


def test_one_wild_date_does_not_bend_the_slope():
    steady = [(f"{2010 + n}-06-30", 1.05**n) for n in range(9)]
    wild = [*steady[:4], ("2014-06-30", 50.0), *steady[5:]]
    assert price_trend(listed(*wild)).iloc[0]["per_year"] == pytest.approx(0.05, abs=0.005)


@pytest.mark.parametrize(
    ("deflator", "says"),
    [
        ({}, "at least one index"),
        ({"2020-01": 0.0}, "finite number above 0"),
        ({2020: 1.0, "2020-01": 1.0}, "mixes years and months"),
        ({"soon": 1.0}, "'soon' is no month"),
    ],
)
def test_indices_that_are_none(deflator, says):
    with pytest.raises(PriceError, match=says):
        price_path(listed(("2020-01-01", 1.0)), deflator=deflator)


def test_refusals():
    with pytest.raises(PriceError, match="2020-01-01: 2 distinct prices"):
        price_path(table([row(as_of="2020-01-01", price=p, product_id=str(p)) for p in (1, 2)]))
    with pytest.raises(PriceError, match="more than one currency"):
        price_path(table([row(), row(currency="CAD", as_of="2020-01-01")]))
    with pytest.raises(CostModelError, match=r"confidence must lie in \(0, 1\)"):
        price_trend(listed(("2020-01-01", 1.0)), confidence=1)
