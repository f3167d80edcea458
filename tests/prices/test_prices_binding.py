import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import factors, few, row, table

from costmodel.prices import PriceError, bind_price

GENERIC = {"molecule": "clonazepam", "class": "generic", "strength_mg": 2, "form": "tablet"}


@pytest.mark.parametrize(
    ("query", "value", "rows"),
    [
        ({"class": "brand", "strength_mg": 2}, 4.26033, 1),
        ({"class": "brand", "strength_mg": 1}, 3.06372, 1),
        ({"class": "brand", "strength_mg": 0.5}, 2.67965, 1),
        (GENERIC | {"as_of": "2026-04-29"}, 0.03881, 15),
        (GENERIC | {"strength_mg": "1"}, 0.02488, 22),
        (GENERIC | {"strength_mg": 0.5, "as_of": dt.date(2026, 4, 29)}, 0.02003, 20),
        (GENERIC | {"form": "orally disintegrating tablet"}, 0.88152, 5),
    ],
    ids=str,
)
def test_real_prices(nadac, query, value, rows):
    bound = bind_price(nadac, query)
    assert (bound.value, len(bound.rows)) == (value, rows)
    assert (bound.currency, bound.unit, bound.country) == ("USD", "tablet", "USA")
    assert (bound.price_type, bound.as_of) == ("acquisition", dt.date(2026, 4, 29))
    assert bound.flags == ()
    assert "CMS NADAC" in bound.source


def test_text_says_what_kind_of_price_it_is(nadac):
    text = str(bind_price(nadac, {"class": "brand", "strength_mg": 2}))
    for part in (
        "4.26033 USD per tablet",
        "acquisition",
        "list of 2026-04-29",
        "effective 2026-04-01",
        "1 row",
    ):
        assert part in text


def test_rows_used_keep_their_line_in_the_file(nadac):
    bound = bind_price(nadac, {"product_id": "61269062010"})
    assert bound.rows["unit_price"].tolist() == [4.26033]
    assert nadac.frame.loc[bound.rows.index, "product"].tolist() == ["KLONOPIN 2 MG TABLET"]


def test_nothing_found_says_which_condition_empties_the_query(nadac):
    with pytest.raises(PriceError) as caught:
        bind_price(nadac, GENERIC | {"strength_mg": 3})
    text = str(caught.value)
    assert "no price in nadac.csv" in text
    assert "(0 of 85 rows)" in text
    assert "without strength_mg=3: 57 rows; strength_mg is 0.5 (20 rows), 1 (22 rows), 2 (15 rows)" in text
    assert "without form='tablet': 0 rows\n" in text + "\n"
    emptied = caught.value.candidates.set_index("column")["rows"].to_dict()
    assert emptied == {"molecule": 0, "class": 0, "strength_mg": 57, "form": 0}


def test_nothing_found_names_the_nearest_spelling(nadac):
    with pytest.raises(PriceError, match="did you mean 'clonazepam'"):
        bind_price(nadac, GENERIC | {"molecule": "clonazepan"})


def test_nothing_found_for_two_reasons_looks_at_each_alone(nadac):
    with pytest.raises(PriceError) as caught:
        bind_price(nadac, {"strength_mg": 3, "as_of": "2026-05-06", "class": "brand"})
    text = str(caught.value)
    assert "strength_mg=3 alone: 0 rows; strength_mg is 0.125" in text
    assert "as_of='2026-05-06' alone: 0 rows; as_of is 2026-04-29 (85 rows)" in text
    assert "class='brand' alone: 3 rows" in text


def test_unknown_column(nadac):
    with pytest.raises(PriceError, match="'strenght_mg' is not a column; did you mean 'strength_mg'"):
        bind_price(nadac, {"strenght_mg": 2})


BASES = {
    "price_type": "retail",
    "currency": "CAD",
    "country": "CAN",
    "as_of": "2026-05-06",
    "unit": "ml",
    "form": "orally disintegrating tablet",
    "strength_mg": 1,
    "molecule": "lorazepam",
}


@pytest.mark.parametrize(("column", "other"), BASES.items(), ids=BASES)
@pytest.mark.parametrize("statistic", ["unique", "mean"])
def test_two_bases_are_listed_even_at_one_price(table_of, column, other, statistic):
    two = table_of({}, {column: other})
    with pytest.raises(PriceError) as caught:
        bind_price(two, {"class": "generic"}, statistic=statistic)
    text = str(caught.value)
    assert "2 price bases match" in text
    assert f"a value of {column}. " in text
    assert str(other) in text
    assert len(caught.value.candidates) == 2
    assert bind_price(two, {column: other}).value == 0.03881


def test_undated_lists_are_one_when_their_prices_hold_from_the_same_day(table_of):
    same = table_of({"as_of": None}, {"as_of": None, "product_id": "2"})
    bound = bind_price(same, {})
    assert bound.as_of == dt.date(2026, 4, 22)
    assert "the list states no date" in bound.flags[0]
    with pytest.raises(PriceError, match="as_of is 2015-01-01"):
        bind_price(table_of({"as_of": None}, {"as_of": None, "date": "2015-01-01"}), {})


def test_several_prices_need_a_statistic(table_of):
    three = table_of(
        {"price": 3, "units": "10"},
        {"price": 4, "units": "30"},
        {"price": 8, "units": "10", "date": "2026-04-01"},
    )
    with pytest.raises(PriceError) as caught:
        bind_price(three, {"strength_mg": 2})
    for part in ("3 distinct prices", "0.03 (1 row)", "0.08 (1 row)", "volume_weighted"):
        assert part in str(caught.value)
    values = {
        name: bind_price(three, {}, statistic=name).value for name in ("median", "mean", "minimum", "maximum")
    }
    assert values == pytest.approx({"median": 0.04, "mean": 0.05, "minimum": 0.03, "maximum": 0.08})
    weighted = bind_price(three, {}, statistic="volume_weighted", weight="units")
    assert weighted.value == pytest.approx((3 * 10 + 4 * 30 + 8 * 10) / 50 / 100)
    assert weighted.dates == (dt.date(2026, 4, 1), dt.date(2026, 4, 22))
    with pytest.raises(PriceError, match="needs a column of weights"):
        bind_price(three, {}, statistic="volume_weighted")


def test_flags_of_the_rows_and_of_pooled_classes(table_of):
    two = table_of({"flag": "to be confirmed"}, {"class_": "brand", "flag": "to be confirmed"})
    assert bind_price(two, {}).flags == ("to be confirmed", "pools classes: brand, generic")


def test_sources_are_all_named(table_of):
    assert bind_price(table_of({"source": "b"}, {"source": "a"}, {"source": "b"}), {}).source == "a; b"


@few
@given(
    st.sampled_from([2, 2.0, "2", "2.0", "2.00", "+2"]), st.sampled_from(["2026-04-29", dt.date(2026, 4, 29)])
)
def test_values_are_compared_after_typing(strength, as_of):
    drawn = table([row(), row(strength_mg=1, price=9)])
    assert bind_price(drawn, {"strength_mg": strength, "as_of": as_of}).value == 0.03881


@few
@given(factors)
def test_pack_and_price_scaled_together_change_nothing(factor):
    scaled = table([row(price=3.881 * factor, pack_size=100 * factor), row(product_id="2")])
    assert bind_price(scaled, {}).value == pytest.approx(0.03881, rel=1e-12)
