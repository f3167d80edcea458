"""The price tables: one column order, complete rows, flagged faults, and agreement between tables."""

import json

import pandas as pd
import pytest

from costmodel.datasets import data_root, dataset_path, describe, read_dataset

ORDER = [
    *("product_id", "product", "molecule", "class", "strength_mg", "form", "unit", "pack_size", "price"),
    *("currency", "date", "as_of", "price_type", "country", "source", "flag", "note"),
]
STRICT = [
    *("us/nadac", "us/nadac_history", "us/nadac_other_molecules"),
    *("intl/prices", "gb/drug_tariff", "za/sep", "tw/nhi_history"),
]
LOOSE = ["intl/prices_incomplete", "za/sep_incomplete", "tw/nhi_history_incomplete"]
NEEDED = ["strength_mg", "form", "unit", "pack_size", "price", "currency", "date", "price_type", "country"]
SAID = {
    "strength_mg": "strength not",
    "pack_size": "pack size not stated",
    "unit": "unit and pack size not stated",
    "price": "price not stated",
    "date": "date not stated",
    "price_type": "price type not stated",
    "country": "country not meant",
}


def blank(column):
    return column.isna() | (column.astype(str) == "")


@pytest.mark.parametrize("table_id", [*STRICT, *LOOSE])
def test_price_tables_share_one_column_order(table_id):
    assert list(read_dataset(table_id).columns)[: len(ORDER)] == ORDER


@pytest.mark.parametrize("table_id", STRICT)
def test_no_price_without_what_a_price_needs(table_id):
    table = read_dataset(table_id)
    for name in NEEDED:
        assert not blank(table[name]).any(), name
    assert (table["price"] > 0).all()
    assert (table["pack_size"] > 0).all()


@pytest.mark.parametrize("table_id", LOOSE)
def test_an_incomplete_row_says_what_it_lacks(table_id):
    table = read_dataset(table_id)
    lacks = pd.concat([blank(table[name]) for name in NEEDED], axis=1).any(axis=1)
    ampoules = (table["unit"] == "ampoule") & table["flag"].str.contains("strength per ampoule not stated")
    assert (lacks | ampoules).all()
    assert table["flag"].str.contains("not stated").all()
    for name, said in SAID.items():
        assert table.loc[blank(table[name]), "flag"].str.contains(said).all(), name


def test_schemas_of_strict_tables_require_what_a_price_needs():
    package = json.loads((data_root() / "prices" / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        if resource["name"] in STRICT:
            required = {
                one["name"]
                for one in resource["schema"]["fields"]
                if one.get("constraints", {}).get("required")
            }
            assert set(NEEDED) <= required, resource["name"]


def test_nadac_two_milligram_tablets():
    table = read_dataset("us/nadac")
    tablets = table[(table["strength_mg"] == 2) & (table["form"] == "tablet")]
    assert tablets.groupby("class")["price"].unique().map(list).to_dict() == {
        "brand": [4.26033],
        "generic": [0.03881],
    }
    assert tablets.groupby("class").size().to_dict() == {"brand": 1, "generic": 15}
    assert (table["as_of"] == pd.Timestamp("2026-04-29")).all()
    assert (table["product_id"].str.len() == 11).all()


def test_nadac_counts_by_class_and_form():
    table = read_dataset("us/nadac")
    assert table.groupby(["class", "form"]).size().to_dict() == {
        ("brand", "tablet"): 3,
        ("generic", "tablet"): 57,
        ("generic", "orally disintegrating tablet"): 25,
    }


@pytest.mark.parametrize("table_id", ["us/nadac", "us/nadac_other_molecules"])
def test_the_brand_rows_link_is_the_generic_price(table_id):
    table = read_dataset(table_id)
    key = ["molecule", "strength_mg", "form"]
    generic = table[table["class"] == "generic"].groupby(key)["price"].agg(["min", "max"])
    brands = table[table["class"] == "brand"].join(generic, on=key)
    assert len(brands) >= 3
    assert (brands["min"] == brands["max"]).all()
    assert (brands["corresponding_generic_price"] == brands["min"]).all()


def test_history_ends_in_the_weekly_file():
    history = read_dataset("us/nadac_history")
    last = history[history["as_of"] == "2026-04-29"]
    now = (
        read_dataset("us/nadac")
        .groupby(["class", "form", "strength_mg"])["price"]
        .agg(["min", "max", "size"])
    )
    joined = last.join(now, on=["class", "form", "strength_mg"])
    assert len(joined) == len(now) == 11
    assert (joined["price"] == joined["min"]).all()
    assert (joined["n_ndc_seen"] == joined["size"]).all()


def test_history_flags_the_draft_files_and_the_prices_read_elsewhere():
    history = read_dataset("us/nadac_history")
    draft = history["flag"].str.contains("draft NADAC")
    assert set(history.loc[draft, "as_of"].dt.year) == {2012, 2013}
    assert draft.sum() == 20
    assert history["flag"].str.contains("corresponding generic price").sum() == 6
    assert (history.loc[history["as_of"].dt.year == 2012, "flag"].str.contains("unit and class")).all()


def test_excerpt_is_in_the_publishers_own_format():
    first = dataset_path("us/nadac_official_excerpt").read_bytes().splitlines()[0]
    assert first.startswith(b'"NDC Description",NDC,"NADAC Per Unit","Effective Date"')
    table = read_dataset("us/nadac_official_excerpt")
    assert table["NDC Description"].str.startswith("KLONOPIN").sum() == 3
    assert table["NDC Description"].str.startswith("CLONAZEPAM").sum() == 18
    both = table.merge(read_dataset("us/nadac"), left_on="NDC", right_on="product_id")
    assert len(both) == 21
    assert (both["NADAC Per Unit"] == both["price"]).all()


def test_part_d_2022():
    table = read_dataset("us/part_d_spending").set_index(["year", "brand_name", "labeler"])
    generic, brand = table.loc[(2022, "Clonazepam", "Overall")], table.loc[(2022, "Klonopin", "Overall")]
    assert (generic["total_spending_usd"], generic["claims"]) == (77_260_147.76, 9_049_224)
    assert (brand["total_spending_usd"], brand["claims"]) == (3_663_255.51, 15_231)


@pytest.mark.parametrize("column", ["total_spending_usd", "dosage_units", "claims"])
def test_part_d_labelers_add_up_to_overall(column):
    table = read_dataset("us/part_d_spending")
    table = table[table["release"] == "2018-2022"]
    overall = table[table["labeler"] == "Overall"].set_index(["year", "brand_name"])[column]
    added = table[table["labeler"] != "Overall"].groupby(["year", "brand_name"])[column].sum()
    assert len(overall) == 10
    assert (added - overall).abs().max() < 0.05


def test_part_d_flags_early_years_and_double_counted_beneficiaries():
    table = read_dataset("us/part_d_spending")
    low = table[table["flag"].str.contains("probably too low")]
    assert set(low["brand_name"]) == {"Clonazepam"}
    assert set(low["year"]) == {2013, 2014, 2015, 2016, 2018, 2019, 2020, 2021}
    assert table["flag"].str.contains("count people twice").sum() == 5


def test_medicaid_flags_are_the_published_and_our_own():
    table = read_dataset("us/medicaid_spending")
    implausible = table["implausible_unit_price"] == "yes"
    assert implausible.sum() == 19
    assert (table["flag"].str.contains("implausible unit price") == implausible).all()
    assert (table["flag"].str.contains("CMS outlier flag") == (table["outlier_flag"] == "1")).all()
    assert (table["outlier_flag"] == "1").sum() == 34
    unit_price = table["total_spending_usd"] / table["dosage_units"]
    generic = table["classification"] == "G"
    assert (unit_price[generic & ~implausible] <= 1.5).all()
    assert 2018 not in set(table["year"])


def test_utilisation_is_the_sum_of_its_tables():
    made = read_dataset("us/utilisation").set_index(["payer", "year", "brand_name"])
    sums = {
        "Medicaid": read_dataset("us/medicaid_spending"),
        "Medicare Part D": read_dataset("us/part_d_spending").query("row_level != 'labeler'"),
    }
    for payer, table in sums.items():
        added = table.groupby(["year", "brand_name"])[["claims", "dosage_units", "total_spending_usd"]].sum()
        mine = made.loc[payer].loc[added.index, added.columns]
        assert len(mine) == 20
        assert (mine - added).abs().max().max() < 0.05
    ratio = made["total_spending_usd"] / made["dosage_units"]
    assert (made["spending_per_unit_usd"] - ratio).abs().max() < 6e-5


def test_exceptions_name_forms_that_the_price_tables_have():
    table = read_dataset("equivalence_exceptions")
    lists = [read_dataset(one) for one in ("us/nadac", "us/nadac_other_molecules")]
    known = {pair for one in lists for pair in zip(one["molecule"], one["form"], strict=True)}
    for one in table.to_dict("records"):
        assert {(one["molecule"], one["form_a"]), (one["molecule"], one["form_b"])} <= known
        assert one["form_a"] != one["form_b"]
    recalled = table["flag"].str.contains("recalled")
    assert (recalled == (table["verified"] == "partly")).all()
    assert recalled.sum() == 5


def test_meps_flags_the_small_sample():
    flags = read_dataset("us/meps").groupby("year")["flag"].unique().map(list).to_dict()
    assert "149 sampled persons" in flags[2022][0]
    assert "249 sampled persons" in flags[2018][0]


def test_sdud_computed_columns():
    table = read_dataset("us/sdud_sample")
    per_unit = table["total_amount_reimbursed_usd"] / table["units_reimbursed"]
    assert (table["total_per_unit_usd"] - per_unit).abs().max() < 6e-5
    assert (table["ndc"] == table["labeler_code"] + table["product_code"] + table["package_size"]).all()


def test_tariff_in_pounds_and_pence_and_in_the_joint_table():
    tariff = read_dataset("gb/drug_tariff")
    assert ((tariff["price"] * 100 - tariff["basic_price_pence"]).abs() < 1e-9).all()
    joint = read_dataset("intl/prices").query("country == 'GBR'")
    both = tariff.merge(joint, on=["product_id", "date"], suffixes=("", "_joint"))
    assert len(both) == len(tariff) == len(joint) == 20
    for name in ("price", "strength_mg", "form", "pack_size", "flag"):
        assert (both[name] == both[f"{name}_joint"]).all(), name


def test_april_2026_tariff_is_in_doubt():
    tariff = read_dataset("gb/drug_tariff")
    april = tariff["date"] == "2026-04-01"
    assert (tariff["flag"].str.contains("confirmed against NHSBSA") == april).all()
    assert tariff["flag"].str.contains("the fall since September 2025").sum() == 2
    assert any("mock data" in fault for fault in describe("gb/drug_tariff").known_faults)


def test_single_exit_price_is_the_sum_of_its_parts():
    table = pd.concat([read_dataset("za/sep"), read_dataset("za/sep_incomplete")])
    parts = table["manufacturer_price"] + table["logistics_fee"] + table["vat"]
    assert (parts - table["price"]).abs().max() < 0.006
    assert read_dataset("za/sep")["flag"].str.contains("strength inferred").all()


def test_taiwan_in_both_tables():
    history = read_dataset("tw/nhi_history")
    joint = read_dataset("intl/prices").query("country == 'TWN'")
    both = history.merge(joint, on=["product_id", "date"], suffixes=("", "_joint"))
    assert len(both) == len(history) == len(joint) == 25
    assert (both["price"] == both["price_joint"]).all()
    assert (both["class"] == both["class_joint"]).all()
    ended = read_dataset("tw/nhi_history_incomplete").iloc[0]
    assert (ended["event"], ended["class"], pd.isna(ended["price"])) == ("terminated", "brand", True)


def test_israel_ratio_of_consumer_to_retailer_price():
    table = read_dataset("il/maximum_prices")
    ratio = table["max_consumer_price_excl_vat_ils"] - 1.37 * table["max_retailer_price_ils"]
    assert ratio.abs().max() < 0.011
    vat = table["max_consumer_price_incl_vat_ils"] / table["max_consumer_price_excl_vat_ils"] - 1
    assert vat.groupby(table["list_year"]).median().round(2).to_dict() == {2012: 0.16, 2021: 0.17}


def test_price_per_unit_is_price_over_pack():
    for table_id in ("intl/prices", "intl/prices_incomplete"):
        table = read_dataset(table_id).dropna(subset=["price_per_unit"])
        error = (table["price_per_unit"] - table["price"] / table["pack_size"]).abs()
        assert (error <= 5.1e-7 + 1e-6 * table["price_per_unit"]).all()


def test_incomplete_prices_by_country():
    table = read_dataset("intl/prices_incomplete")
    assert table.groupby("country").size().to_dict() == {
        "": 3,
        "BGD": 37,
        "BRA": 98,
        "FRA": 2,
        "ISR": 6,
        "ZAF": 2,
    }
    brazil = table[table["country"] == "BRA"]
    assert brazil["flag"].str.contains("date not stated").all()
    assert brazil.groupby("class").size().to_dict() == {"brand": 6, "unknown": 92}
    assert (table.loc[table["country"] == "BGD", "price_type"] == "").all()


def test_orange_book_counts():
    table = read_dataset("us/orange_book")
    assert table.groupby(["form", "trade_name"]).size().to_dict() == {
        ("tablet", "CLONAZEPAM"): 36,
        ("tablet", "KLONOPIN"): 5,
        ("orally disintegrating tablet", "CLONAZEPAM"): 20,
        ("orally disintegrating tablet", "KLONOPIN RAPIDLY DISINTEGRATING"): 5,
    }
    assert table["approval_date"].isna().sum() == 3
    assert (table["appl_no"].str.len() == 6).all()


def test_what_was_looked_for_and_not_found_is_said():
    for folder in ("prices", "populations", "economics", "evidence"):
        package = json.loads((data_root() / folder / "datapackage.json").read_text("utf-8"))
        assert package["notFound"]
        text = (data_root() / folder / "SOURCES.md").read_text("utf-8")
        assert "# Looked for and not found" in text
