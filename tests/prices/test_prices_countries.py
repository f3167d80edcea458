"""Brand against generic within each country: ratios where a list allows one, reasons where it does not."""

import pytest

from costmodel.prices import PriceError
from costmodel.prices.countries import compare_within_countries, for_reading


def one(country, strength, market="retail", form="tablet"):
    found = compare_within_countries("clonazepam", country=country)
    wanted = {"strength_mg": strength, "market": market, "form": form}
    return found[(found[list(wanted)] == list(wanted.values())).all(axis=1)].iloc[0]


def test_united_states_by_hand():
    row = one("USA", 2)
    assert row["ratio"] == pytest.approx(4.26033 / 0.03881)
    assert row["saving"] == pytest.approx(1 - 0.03881 / 4.26033)
    assert (row["n_brand"], row["n_generic"], row["price_type"], row["currency"]) == (
        1,
        15,
        "acquisition",
        "USD",
    )


def test_brazil_stands_against_products_that_the_list_does_not_tell_apart():
    row = one("BRA", 2)
    assert row["brand"] == pytest.approx((9.93 / 20 + 14.99 / 30) / 2)
    assert 1.5 < row["ratio"] < 1.6
    assert row["against"] == "generic or branded generic, not told apart"
    assert "date not stated" in row["doubt"]
    assert row.isna()["date"]


def test_bangladesh_stands_against_branded_generics():
    row = one("BGD", 2)
    assert (row["brand"], row["generic"], row["against"]) == (13.0, 10.0, "branded generic")
    assert row["ratio"] == pytest.approx(1.3)


def test_taiwan_compares_prices_in_force_on_the_brands_last_day():
    row = one("TWN", 2, market="insurance_list")
    assert str(row["date"])[:10] == "2021-05-01"
    assert row["ratio"] == pytest.approx(1.0)
    half = one("TWN", 0.5, market="insurance_list")
    assert str(half["date"])[:10] == "2016-12-01"
    assert half["n_brand"] == 2
    assert "minimum price" in half["doubt"]


@pytest.mark.parametrize(
    ("country", "reason"),
    [("GBR", "no brand row in this list"), ("ZAF", "no generic row in this list"), ("ISR", "does not print")],
)
def test_where_there_is_no_ratio_the_reason_stands(country, reason):
    found = compare_within_countries("clonazepam", country=country)
    assert found["ratio"].isna().all()
    assert found["reason"].str.contains(reason).any()
    assert (found["reason"] != "").all()


def test_a_reason_or_a_ratio_in_every_row():
    for molecule in ("clonazepam", "alprazolam", "levetiracetam", "lamotrigine", "lorazepam", "diazepam"):
        found = compare_within_countries(molecule)
        assert (found["ratio"].isna() == found["reason"].ne("")).all()
        assert (found["ratio"].dropna() > 0).all()


def test_only_one_month_of_a_tariff_is_used():
    found = compare_within_countries("clonazepam", country="GBR")
    assert found["date"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2026-04-01"]


def test_errors_name_the_nearest():
    with pytest.raises(PriceError, match="did you mean 'clonazepam'"):
        compare_within_countries("clonazepm")
    with pytest.raises(PriceError, match="no bundled price of clonazepam in 'DEU'; one of: BGD, BRA"):
        compare_within_countries("clonazepam", country="DEU")


def test_a_missing_figure_reads_as_a_dash():
    text = for_reading(compare_within_countries("clonazepam", country="ZAF"))
    assert set(text["Ratio"]) == {"–"}
    assert "not printed" in set(text["Strength"])
