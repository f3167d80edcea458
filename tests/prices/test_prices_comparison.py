import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import factors, few, prices, row, table, tables

from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError
from costmodel.prices import PriceError, annual_cost, compare_prices, read_prices

NUMBERS = ["units", "brand", "generic", "ratio", "difference", "saving"]


def pair(brand, generic, *, pack=1, strength=2):
    return table(
        [
            row(class_="brand", price=brand, pack_size=pack, strength_mg=strength),
            row(price=generic, pack_size=pack, strength_mg=strength),
        ]
    )


def compared(drawn):
    return compare_prices(drawn, statistic="median", ddd_mg={"clonazepam": 8, "lorazepam": 2.5})


def test_real_numbers(nadac):
    result = compare_prices(nadac).query("basis == 'unit'").set_index("strength_mg")
    assert result["brand"].to_dict() == {0.5: 2.67965, 1.0: 3.06372, 2.0: 4.26033}
    assert result["generic"].to_dict() == {0.5: 0.02003, 1.0: 0.02488, 2.0: 0.03881}
    assert result["ratio"].round(2).to_dict() == {0.5: 133.78, 1.0: 123.14, 2.0: 109.77}
    assert result["saving"].round(4).to_dict() == {0.5: 0.9925, 1.0: 0.9919, 2.0: 0.9909}
    assert result.loc[2.0, "difference"] == pytest.approx(4.22152)
    about = ["currency", "price_type", "country", "statistic"]
    assert result.loc[2.0, about].tolist() == ["USD", "acquisition", "USA", "unique"]


def test_real_numbers_for_a_year():
    assert f"{annual_cost(4.26033, 1):,.2f}" == "1,555.02"
    assert f"{annual_cost(0.03881, 1):,.2f}" == "14.17"


def test_publisher_links_the_same_pairs():
    """CMS prints on each brand row the price of its generic; the pairs made here must agree."""
    whole = read_prices(dataset_path("us/nadac_other_molecules"))
    result = compare_prices(whole).query("basis == 'unit'")
    brands = whole.select(class_="brand").frame
    linked = {
        (one["molecule"], one["strength_mg"], one["form"]): float(one["corresponding_generic_price"])
        for one in brands.to_dict("records")
    }
    found = {
        (one["molecule"], one["strength_mg"], one["form"]): one["generic"]
        for one in result.to_dict("records")
    }
    assert found == linked


def test_bases_of_two_milligrams_a_day():
    result = compare_prices(pair(8.0, 2.0), ddd_mg=8, mg_per_day=3, days=10).set_index("basis")
    assert result["units"].to_dict() == pytest.approx(
        {"unit": 1, "mg": 0.5, "ddd": 4, "10 days, 1 a day": 10, "10 days, 3 mg a day": 15}
    )
    assert result["brand"].tolist() == pytest.approx([8, 4, 32, 80, 120])
    assert result["generic"].tolist() == pytest.approx([2, 1, 8, 20, 30])
    assert result["difference"].tolist() == pytest.approx([6, 3, 24, 60, 90])
    assert set(result["ratio"]) == {4.0}
    assert set(result["saving"]) == {0.75}


def test_a_course_is_a_length_of_its_own():
    result = compare_prices(pair(8.0, 2.0), mg_per_day=3, course_days=84).set_index("basis")
    courses = {"course of 84 days, 1 a day": 84, "course of 84 days, 3 mg a day": 84 * 3 / 2}
    assert result["units"].loc[list(courses)].to_dict() == courses
    assert result.loc["course of 84 days, 3 mg a day", ["brand", "generic", "difference"]].tolist() == [
        1008,
        252,
        756,
    ]
    with pytest.raises(CostModelError, match=r"course_days must lie in \(0, inf\)"):
        compare_prices(pair(8.0, 2.0), course_days=0)


def test_bases_that_need_a_dose_are_left_out_without_one():
    assert compare_prices(pair(8, 2))["basis"].tolist() == ["unit", "mg", "30 days, 1 a day"]


def test_doses_by_molecule(table_of):
    both = table_of(
        {"class_": "brand"}, {}, {"class_": "brand", "molecule": "lorazepam"}, {"molecule": "lorazepam"}
    )
    result = compare_prices(both, mg_per_day={"clonazepam": 4, "lorazepam": 6})
    assert result.loc[result["basis"] == "30 days, 6 mg a day", "units"].tolist() == [90.0]
    with pytest.raises(PriceError, match="mg_per_day is one amount, but the table holds 2 molecules"):
        compare_prices(both, mg_per_day=4)


@few
@given(tables(), st.lists(factors, min_size=40, max_size=40))
def test_packs_and_prices_scaled_together_change_nothing(drawn, scale):
    rows = drawn.frame.astype(object).to_dict("records")
    for one, factor in zip(rows, scale, strict=False):
        one.update(pack_size=one["pack_size"] * factor, price=one["price"] * factor)
    before, after = compared(drawn), compared(table(rows))
    np.testing.assert_allclose(
        after[NUMBERS].to_numpy(float), before[NUMBERS].to_numpy(float), rtol=1e-9, atol=1e-9
    )


@few
@given(tables(), factors)
def test_ratio_and_saving_do_not_depend_on_the_currency_unit(drawn, rate):
    rows = drawn.frame.astype(object).to_dict("records")
    converted = table([one | {"price": one["price"] * rate, "currency": "XTS"} for one in rows])
    before, after = compared(drawn), compared(converted)
    np.testing.assert_allclose(after["ratio"], before["ratio"], rtol=1e-9)
    np.testing.assert_allclose(after["saving"], before["saving"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(after["brand"], before["brand"] * rate, rtol=1e-9)
    assert set(after["currency"]) == {"XTS"}


@few
@given(tables(), st.randoms(use_true_random=False))
def test_order_of_rows_is_irrelevant(drawn, random):
    rows = drawn.frame.astype(object).to_dict("records")
    shuffled = table(random.sample(rows, len(rows)))
    assert compared(shuffled).equals(compared(drawn))


@few
@given(prices, prices)
def test_saving_is_a_share_only_when_the_generic_is_not_dearer(brand, generic):
    result = compare_prices(pair(brand, generic))
    for one in result.to_dict("records"):
        assert (0 <= one["saving"] < 1) == (generic <= brand)
        assert (one["saving"] < 0) == (generic > brand)
        assert (one["ratio"] < 1) == (generic > brand)
        assert (one["difference"] < 0) == (generic > brand)
        assert one["saving"] == pytest.approx(1 - 1 / one["ratio"], abs=1e-9)


@few
@given(prices, prices, st.floats(1.001, 10))
def test_a_dearer_brand_raises_ratio_difference_and_saving(brand, generic, factor):
    before, after = (compare_prices(pair(price, generic)) for price in (brand, brand * factor))
    for name in ("brand", "ratio", "difference", "saving"):
        assert (after[name] > before[name]).all()
    assert after["generic"].tolist() == before["generic"].tolist()


@few
@given(tables())
def test_ratio_and_saving_are_the_same_on_every_basis(drawn):
    result = compared(drawn)
    np.testing.assert_allclose(result["brand"] / result["generic"], result["ratio"], rtol=1e-12)
    np.testing.assert_allclose(
        result["difference"] / result["brand"], result["saving"], rtol=1e-9, atol=1e-12
    )
    assert np.isfinite(result[NUMBERS].to_numpy(float)).all()


@pytest.mark.parametrize(
    ("name", "other"),
    [("currency", "CAD"), ("country", "CAN"), ("price_type", "retail"), ("as_of", "2026-05-06")],
)
def test_mixed_bases_are_refused(table_of, name, other):
    mixed = table_of({"class_": "brand"}, {name: other})
    with pytest.raises(PriceError, match=f"more than one {name}"):
        compare_prices(mixed, statistic="mean")


@few
@given(prices, st.floats(0, 20), st.floats(0.5, 366))
def test_annual_cost_is_linear(price, units, days):
    assert annual_cost(price, units, days) == pytest.approx(price * units * days)
    assert annual_cost(2 * price, units, days) == pytest.approx(2 * annual_cost(price, units, days))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [((-1, 1), "price_per_unit"), ((1, -1), "units_per_day"), ((1, 1, 0), "days"), ((1, 1, 367), "days")],
)
def test_annual_cost_refuses(arguments, says):
    with pytest.raises(CostModelError, match=f"{says} must lie in"):
        annual_cost(*arguments)
