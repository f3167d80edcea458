import pandas as pd
import pytest
from hypothesis import given
from strategies_prices import few, row, table, tables

from costmodel.datasets import read_dataset
from costmodel.prices import PriceTable, SpendingTable, compare_prices, match, prices, spending
from costmodel.prices.equivalence import equivalents, substitution_sets
from costmodel.prices.errors import PriceError
from costmodel.prices.exceptions import EXCEPTION_COLUMNS

SET = ["molecule", "strength_mg", "form", "unit"]


def rated(*entries):
    names = ["trade_name", "strength_mg", "form", "te_code", "marketing_status", "appl_no"]
    return pd.DataFrame([(*one, "") if len(one) == 5 else one for one in entries], columns=names)


def joined(form_a, form_b):
    one = ("clonazepam", "", form_a, form_b, "same", "made up", "made up", "", "2026-01-01")
    return pd.DataFrame([one], columns=list(EXCEPTION_COLUMNS))


def tablets(*names, **changes):
    return table([row(product=name, product_id=str(n), **changes) for n, name in enumerate(names)])


@pytest.fixture(scope="module")
def orange_book():
    return read_dataset("us/orange_book")


def test_every_current_price_of_clonazepam_is_rated_within_its_form(nadac, orange_book):
    found = substitution_sets(nadac, orange_book=orange_book)
    assert found["equivalent"].all()
    assert set(found["te_code"]) == {"AB"}
    sizes = found.groupby("set").size().to_dict()
    assert len(sizes) == 3 + 5
    assert sizes["clonazepam 2 mg tablet, AB"] == 1 + 15
    assert sizes["clonazepam 0.125 mg orally disintegrating tablet, AB"] == 5
    assert found["rule"].str.startswith("apart from ").all()
    assert (found["warning"] == "").all()


def test_sets_without_ratings_are_those_of_matching(nadac):
    found = substitution_sets(nadac)
    assert (found["te_code"] == "").all()
    assert found.groupby("set").ngroups == nadac.frame.groupby(SET).ngroups
    assert compare_prices(equivalents(nadac)).equals(compare_prices(nadac))


def test_codes_are_kept_apart():
    """AB1 and AB2 are two sets: each is equivalent within itself only."""
    made = tablets("Alpha tablet", "Beta tablet", "Gamma tablet")
    book = rated(
        ("ALPHA", 2, "tablet", "AB1", "prescription"),
        ("BETA", 2, "tablet", "AB2", "prescription"),
        ("GAMMA", 2, "tablet", "AB1", "prescription"),
    )
    found = substitution_sets(made, orange_book=book)
    assert found["set"].tolist() == [f"clonazepam 2 mg tablet, AB{n}" for n in (1, 2, 1)]


def test_what_is_not_equivalent_says_why():
    made = tablets("Bad", "Old", "Bare", "Mixed", "Stranger")
    book = rated(
        ("BAD", 2, "tablet", "BX", "prescription"),
        ("OLD", 2, "tablet", "", "discontinued"),
        ("BARE", 2, "tablet", "", "prescription"),
        ("MIXED", 2, "tablet", "AB1", "prescription"),
        ("MIXED", 2, "tablet", "AB2", "prescription"),
        ("STRANGER", 1, "tablet", "AB", "prescription"),
    )
    found = substitution_sets(made, orange_book=book)
    assert found["reason"].tolist() == [
        "BX: not therapeutically equivalent",
        "discontinued: rated with nothing",
        "no therapeutic equivalence code: rated with nothing",
        "several codes under this name (AB1, AB2): which is this product's needs its appl_no",
        "not among the ratings given under this name, strength and form",
    ]
    assert not found["equivalent"].any()
    assert (found["set"] == "").all()
    with pytest.raises(PriceError, match=r"no row has a substitution set: .*BX: not therapeutically"):
        equivalents(made, orange_book=book)


def test_discontinued_products_of_a_name_do_not_blur_those_sold():
    book = rated(("ALPHA", 2, "tablet", "AB", "prescription"), ("ALPHA", 2, "tablet", "", "discontinued"))
    assert substitution_sets(tablets("Alpha"), orange_book=book)["te_code"].tolist() == ["AB"]


def test_the_longest_name_decides_and_words_count():
    book = rated(
        ("ALPHA", 2, "tablet", "AB1", "prescription"),
        ("ALPHA XR", 2, "tablet", "AB2", "prescription"),
    )
    made = tablets("Alpha XR 2 mg", "Alpha 2 mg", "Alphabet 2 mg")
    found = substitution_sets(made, orange_book=book)
    assert found["te_code"].tolist() == ["AB2", "AB1", ""]


def test_the_application_number_decides_where_both_have_it():
    made = tablets("Mixed", "Mixed")
    numbered = PriceTable(made.frame.assign(appl_no=["1", "2"]), "test")
    book = rated(
        ("MIXED", 2, "tablet", "AB1", "prescription", "1"), ("MIXED", 2, "tablet", "AB2", "prescription", "2")
    )
    assert substitution_sets(numbered, orange_book=book)["te_code"].tolist() == ["AB1", "AB2"]


def test_joined_forms_can_be_compared_and_keep_what_was_read():
    """Brand capsule 4, generic tablet 1: no pair until an exception joins the forms."""
    made = table(
        [
            row(class_="brand", form="capsule", price=4, pack_size=1, product_id="b"),
            row(form="tablet", price=1, pack_size=1, product_id="g"),
        ]
    )
    with pytest.raises(PriceError, match="no brand shares"):
        match(made)
    together = equivalents(made, exceptions=joined("tablet", "capsule"))
    pair = compare_prices(together).query("basis == 'unit'")
    assert pair[["form", "ratio"]].to_numpy().tolist() == [["capsule / tablet", 4.0]]
    assert together.frame["form_as_read"].tolist() == ["capsule", "tablet"]


def test_a_rule_is_taken_at_the_date_of_each_price():
    rules = joined("tablet", "capsule").assign(valid_from="2026-01-01", reviewed="2024-12-31")
    made = table([row(as_of="2025-06-01"), row(as_of="2026-06-01")])
    found = substitution_sets(made, exceptions=rules)
    assert found["set_form"].tolist() == ["tablet", "capsule / tablet"]
    assert found["warning"].tolist() == [
        "",
        "the rule 'same as capsule' was last reviewed 2024-12-31, more than a year before the price",
    ]


@few
@given(tables())
def test_a_set_has_one_medicine_strength_form_and_unit(drawn):
    found = substitution_sets(drawn)
    assert len(found[["set", *SET]].drop_duplicates()) == found["set"].nunique()
    assert found.groupby(SET)["set"].nunique().eq(1).all()
    assert found[drawn.frame.columns].equals(drawn.frame)


def test_other_molecules_keep_release_forms_apart():
    found = substitution_sets(prices("us/nadac_other_molecules"))
    assert found.groupby("set")["form"].nunique().max() == 1
    xanax = found[found["product"].str.startswith("XANAX")]
    assert xanax["rule"].str.contains("apart from extended-release tablet").all()


def test_pooled_spending_has_no_set():
    found = substitution_sets(spending("us/part_d_spending"))
    assert not found["equivalent"].any()
    assert set(found["reason"]) == {"strengths or forms are pooled: no one product"}
    with pytest.raises(PriceError, match=r"strengths or forms are pooled: no one product \(63\)"):
        equivalents(spending("us/part_d_spending"))


def test_spending_of_one_product_has_one():
    whole = spending("us/part_d_spending").select(year=2022, row_level="all labelers")
    frame = whole.frame.assign(strength_mg=2.0, form="tablet", unit="tablet")
    kept = equivalents(SpendingTable(frame, "made"))
    assert kept.frame["set"].tolist() == ["clonazepam 2 mg tablet"] * 2


def test_ratings_without_a_column_are_refused(nadac, orange_book):
    with pytest.raises(PriceError, match="orange_book needs the columns te_code"):
        substitution_sets(nadac, orange_book=orange_book.drop(columns="te_code"))
