import statistics
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import few, tables

from costmodel.errors import CostModelError
from costmodel.prices import PriceError, PriceTable, match, unmatched
from costmodel.prices.schema import SET

ORACLE = {"median": statistics.median, "mean": statistics.fmean, "minimum": min, "maximum": max}


def slow_pairs(table, name):
    """Pair by hand: one dictionary of unit prices per set and class."""
    sets = defaultdict(lambda: defaultdict(list))
    for one in table.frame.to_dict("records"):
        sets[tuple(one[column] for column in SET)][one["class"]].append(one["price"] / one["pack_size"])
    return {
        key: (
            ORACLE[name](sides["brand"]),
            ORACLE[name](sides["generic"]),
            len(sides["brand"]),
            len(sides["generic"]),
        )
        for key, sides in sets.items()
        if sides["brand"] and sides["generic"]
    }


@few
@given(tables(), st.sampled_from(sorted(ORACLE)))
def test_against_pairs_made_by_hand(table, name):
    found = match(table, statistic=name)
    expected = slow_pairs(table, name)
    assert len(found) == len(expected)
    for one in found.to_dict("records"):
        brand, generic, n_brand, n_generic = expected[tuple(one[column] for column in SET)]
        assert (one["n_brand"], one["n_generic"]) == (n_brand, n_generic)
        assert one["brand_price"] == pytest.approx(brand, rel=1e-12)
        assert one["generic_price"] == pytest.approx(generic, rel=1e-12)


@few
@given(tables())
def test_every_row_is_matched_or_unmatched(table):
    counts = ["n_brand", "n_generic", "n_other"]
    total = (
        match(table, statistic="median")[counts].to_numpy().sum() + unmatched(table)[counts].to_numpy().sum()
    )
    assert total == len(table)


def test_real_pairs(nadac):
    pairs = match(nadac)
    assert pairs[
        ["strength_mg", "form", "brand_price", "generic_price", "n_generic"]
    ].to_numpy().tolist() == [
        [0.5, "tablet", 2.67965, 0.02003, 20],
        [1.0, "tablet", 3.06372, 0.02488, 22],
        [2.0, "tablet", 4.26033, 0.03881, 15],
    ]
    assert set(pairs["price_type"]) == {"acquisition"}
    assert set(unmatched(nadac)["form"]) == {"orally disintegrating tablet"}


@pytest.mark.parametrize("form", ["orally disintegrating tablet", "extended-release tablet"])
def test_forms_are_never_pooled(table_of, form):
    with pytest.raises(PriceError, match="no brand shares its molecule, strength_mg, form, unit"):
        match(table_of({"class_": "brand", "form": form}, {}))


@pytest.mark.parametrize("name", SET)
def test_by_must_keep_every_column_of_a_set(nadac, name):
    with pytest.raises(PriceError, match=f"by must keep {name}"):
        match(nadac, by=[column for column in SET if column != name])


def test_by_names_columns_of_the_table(nadac):
    with pytest.raises(PriceError, match="did you mean 'country'"):
        match(nadac, by=[*SET, "contry"])
    with pytest.raises(PriceError, match="list of columns"):
        match(nadac, by="molecule")


def test_by_takes_no_blank(nadac):
    wholesaler = nadac.frame.assign(wholesaler=[None, *["A"] * 84])
    with pytest.raises(PriceError, match="by: wholesaler must have a value in every row"):
        match(PriceTable(wholesaler), by=[*SET, "wholesaler"])


@pytest.mark.parametrize(
    ("name", "other"),
    [("currency", "CAD"), ("country", "CAN"), ("price_type", "retail"), ("as_of", "2026-05-06")],
)
def test_mixed_bases_are_listed(table_of, name, other):
    mixed = table_of({"class_": "brand"}, {}, {"class_": "brand", name: other}, {name: other})
    with pytest.raises(PriceError) as caught:
        match(mixed)
    assert f"more than one {name}" in str(caught.value)
    assert str(caught.value).count("(2 rows)") == 2
    assert other in str(caught.value)
    assert len(match(mixed, by=[*SET, name])) == 2


def test_undated_lists_are_told_apart_by_their_effective_date(table_of):
    history = table_of(
        {"class_": "brand", "as_of": None, "date": "2017-04-01", "price": 9},
        {"as_of": None, "date": "2017-04-01", "price": 3},
        {"class_": "brand", "as_of": None, "date": "2018-05-01", "price": 8},
        {"as_of": None, "date": "2018-05-01", "price": 2},
    )
    with pytest.raises(PriceError, match="as_of is 2017-04-01"):
        match(history)
    pairs = match(history, by=[*SET, "as_of"])
    assert (pairs["brand_price"] / pairs["generic_price"]).tolist() == pytest.approx([3, 4])


def test_disagreement_lists_every_set_and_its_prices(table_of):
    apart = table_of(
        {"class_": "brand"},
        {"price": 3},
        {"price": 4},
        {"class_": "brand", "strength_mg": 1, "price": 5},
        {"class_": "brand", "strength_mg": 1, "price": 6},
        {"strength_mg": 1, "price": 1},
    )
    with pytest.raises(PriceError) as caught:
        match(apart)
    text = str(caught.value)
    assert "strength_mg=2, form='tablet', unit='tablet', class='generic': 0.03 (1 row), 0.04 (1 row)" in text
    assert "strength_mg=1, form='tablet', unit='tablet', class='brand': 0.05 (1 row), 0.06 (1 row)" in text
    assert "median, mean, minimum, maximum" in text
    assert len(caught.value.candidates) == 4


def test_sets_without_a_partner_may_disagree(table_of):
    table = table_of({"class_": "brand"}, {}, {"strength_mg": 1, "price": 1}, {"strength_mg": 1, "price": 2})
    assert len(match(table)) == 1


def test_branded_and_unknown_are_counted_on_neither_side(table_of):
    table = table_of(
        {"class_": "brand"}, {}, {"class_": "branded generic", "price": 99}, {"class_": "unknown", "price": 1}
    )
    pair = match(table).iloc[0]
    assert (pair["n_brand"], pair["n_generic"], pair["n_other"]) == (1, 1, 2)
    assert (pair["brand_price"], pair["generic_price"]) == (0.03881, 0.03881)


def test_no_pair_lists_both_sides(table_of):
    with pytest.raises(PriceError) as caught:
        match(table_of({"class_": "brand", "strength_mg": 1}, {}))
    assert "brand: molecule='clonazepam', strength_mg=1" in str(caught.value)
    assert "generic: molecule='clonazepam', strength_mg=2" in str(caught.value)


def test_nothing_to_match(nadac):
    with pytest.raises(PriceError, match="has no prices"):
        match(nadac.select(strength_mg=3))


def test_statistics_that_need_weights_are_refused(nadac):
    with pytest.raises(CostModelError, match="statistic: 'volume_weighted' is unknown"):
        match(nadac, statistic="volume_weighted")
