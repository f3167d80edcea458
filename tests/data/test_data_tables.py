"""Every carried figure is still here: rows and exact sums of the text as printed."""

import csv
import re
from decimal import Decimal

import pytest

from costmodel.datasets import data_root, dataset_path, describe, list_datasets

SUMS = {
    "catalogue": (12, "sha256", "0"),
    "us/nadac": (85, "price", "26.06596"),
    "us/nadac_history": (53, "price", "52.29066"),
    "us/nadac_other_molecules": (65, "price", "431.84052"),
    "us/nadac_official_excerpt": (96, "NADAC Per Unit", "31169.51721"),
    "us/nadac_2025_summary": (7, "value", "4524.34576"),
    "us/part_d_spending": (63, "total_spending_usd", "1104697086.51"),
    "us/medicaid_spending": (91, "total_spending_usd", "345977526.04"),
    "us/utilisation": (40, "claims", "126364866"),
    "us/orange_book": (66, "strength_mg", "65.250"),
    "us/ndc_and_shortage": (10, "strength_mg", "4.50"),
    "us/meps": (6, "value", "33983.53359327982494"),
    "us/sdud_sample": (6, "total_amount_reimbursed_usd", "12272.77"),
    "gb/drug_tariff": (20, "basic_price_pence", "68780"),
    "il/maximum_prices": (6, "max_consumer_price_incl_vat_ils", "81.170679242646655"),
    "who/atc_ddd": (2, "ddd_value", "16"),
    "equivalence_exceptions": (6, "strength_mg", "0"),
    "intl/prices+intl/prices_incomplete": (195, "price", "9572.424779242646655"),
    "za/sep+za/sep_incomplete": (4, "price", "787.29"),
    "tw/nhi_history+tw/nhi_history_incomplete": (26, "price", "53.10"),
    "populations/us_ssa_period_life_table_2021": (120, "male_lx_of_100000", "7404258"),
    "populations/us_nchs_life_table_2021_total": (101, "lx_of_100000", "7684919"),
    "populations/us_population_by_age_sex_2019": (102, "total_persons", "656479046"),
    "populations/population_totals": (11, "total_persons", "3260758499"),
    "populations/us_health_insurance_coverage_2023": (12, "share_of_population_pct", "323.7"),
    "populations/us_uninsured_by_income": (12, "share_pct", "189.9"),
    "populations/prevalence_and_use": (30, "value", "432.98"),
    "populations/benefits": (356, "value", "168992.30"),
    "populations/medicaid_rebate_rules": (6, "value", "3.371"),
    "economics/us_cpi_monthly": (517, "index", "166562.902"),
    "economics/us_cpi_annual_average_computed": (42, "mean_of_12_monthly_indices", "13330.427"),
    "economics/us_inflation_annual_pct": (34, "annual_change_pct", "91.4"),
    "economics/uk_nhs_cost_inflation": (9, "pay_and_prices_pct", "24.17"),
    "economics/exchange_rates_annual": (252, "local_currency_per_usd", "4750.4838"),
    "economics/exchange_rate_gbp_monthly": (244, "usd_per_gbp", "367.9102"),
    "economics/ppp_conversion_factors": (
        124,
        "ppp_local_currency_per_international_dollar",
        "20300.560199303642247",
    ),
    "economics/us_household_income_quintiles": (60, "mean_income_current_usd", "7542448"),
    "economics/us_poverty_guidelines": (26, "annual_guideline_usd", "821760"),
    "economics/minimum_wages": (26, "amount_local", "8338.98"),
    "economics/gdp_per_capita": (207, "gdp_per_capita_current_usd", "4766765.94496"),
    "economics/household_consumption_per_capita": (
        207,
        "household_final_consumption_per_capita_constant_2015_usd",
        "2942940.58041",
    ),
    "evidence/parameters": (358, "high_95", "19284264.7528502"),
}


def records(table_id):
    with dataset_path(table_id).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("ids", SUMS)
def test_no_row_and_no_figure_is_lost(ids):
    rows, column, total = SUMS[ids]
    cells = [record[column] for one in ids.split("+") for record in records(one)]
    assert len(cells) == rows
    assert sum((Decimal(cell) for cell in cells if cell), Decimal(0)) == Decimal(total)


def test_every_bundled_table_is_counted_here():
    assert set(list_datasets()["id"]) == {one for ids in SUMS for one in ids.split("+")}


def test_figures_stand_as_printed():
    prices = {record["price"] for record in records("us/nadac")}
    assert {"0.02003", "4.26033"} <= prices
    trailing = {record["price"] for record in records("us/nadac_other_molecules")}
    assert {"7.03540", "0.02280"} <= trailing
    assert records("economics/gdp_per_capita")[0]["gdp_per_capita_current_usd"].count(".") == 1


@pytest.mark.parametrize("table_id", sorted(list_datasets()["id"]))
def test_a_table_states_source_licence_date_and_what_is_wrong_with_it(table_id):
    info = describe(table_id)
    assert info.source
    assert info.licence
    assert info.as_of
    assert info.known_faults
    assert len(info.description) > 30
    assert all(info.columns.values())


@pytest.mark.parametrize("table_id", sorted(list_datasets()["id"]))
def test_files_are_plain(table_id):
    data = dataset_path(table_id).read_bytes()
    assert data.endswith(b"\n")
    assert b"\r" not in data
    for record in records(table_id):
        assert None not in record
        assert all(cell == cell.strip() for cell in record.values())


@pytest.mark.parametrize("folder", ["prices", "populations", "economics"])
def test_every_source_key_is_explained(folder):
    text = (data_root() / folder / "SOURCES.md").read_text("utf-8")
    found = set()
    for path in (data_root() / folder).rglob("*.csv"):
        with path.open(newline="", encoding="utf-8") as stream:
            for record in csv.DictReader(stream):
                found.add(record.get("source_id") or record.get("source") or "")
    keys = {key for key in found if re.fullmatch(r"[A-Z0-9_]+", key)}
    assert len(keys) >= 9
    assert {key for key in keys if key not in text} == set()


def test_every_table_is_named_in_sources():
    for table_id in list_datasets()["id"]:
        top, _, rest = table_id.partition("/")
        own = (data_root() / top / "SOURCES.md").is_file()
        text = (data_root() / (top if own else "prices") / "SOURCES.md").read_text("utf-8")
        assert (rest if own else table_id) in text, table_id
