import csv
import statistics

import pandas as pd
import pytest

from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError
from costmodel.money import (
    INDICES,
    RATES,
    ExchangeRates,
    Figure,
    PriceIndex,
    deflator,
    list_series,
    read_index,
    read_rates,
)
from costmodel.money.bundled import _annual
from costmodel.money.series import spans


def rows(table):
    with dataset_path(table).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_annual_levels_are_those_of_the_computed_table():
    """The table of annual means was made apart; to its three decimals the two agree, year by year."""
    for name, series in [
        ("us/cpi_all_items", "CPI-U all items (CUUR0000SA0)"),
        ("us/cpi_medical_care", "CPI-U medical care (CPIMEDSL)"),
    ]:
        table = {
            int(one["year"]): float(one["mean_of_12_monthly_indices"])
            for one in rows("economics/us_cpi_annual_average_computed")
            if one["series"] == series
        }
        found = {year: figure.value for year, figure in read_index(name).figures.items()}
        assert found == pytest.approx(table, abs=5.1e-4)


def test_annual_level_is_the_mean_of_twelve_months():
    months = [
        float(one["index"])
        for one in rows("economics/us_cpi_monthly")
        if one["month"].startswith("2019") and "MEDSL" in one["series"]
    ]
    assert len(months) == 12
    assert read_index("us/cpi_medical_care").figures[2019].value == pytest.approx(statistics.mean(months))


def test_years_that_were_not_read_whole_are_absent():
    assert spans(read_index("us/cpi_all_items").figures) == "2000–2012, 2016–2021"
    assert 2023 not in read_index("us/cpi_medical_care").figures
    assert ("GBP", 2025) not in read_rates("fed/annual_average").figures


def test_a_year_read_in_two_copies_has_no_mean():
    """Twelve months, the last six from another copy: no annual figure, because it would mix the two."""
    months = pd.DataFrame(
        {"source_id": ["A"] * 18 + ["B"] * 6, "index": range(100, 124), "flag": ""},
        index=[f"{year}-{month:02d}" for year in (2001, 2002) for month in range(1, 13)],
    )
    figures = _annual(months)
    assert list(figures) == [2001]
    assert (figures[2001].value, figures[2001].vintage) == (105.5, "A")


def test_flags_of_the_months_reach_the_year():
    figures = read_index("us/cpi_all_items").figures
    assert figures[2021].flag == "read in an excerpt of a later version of the file"
    assert figures[2020].flag == ""


def test_changes_are_chained():
    """NHS pay and prices: 100 in 2014/15; 0.40 % and 2.09 % on it."""
    figures = read_index("gb/nhs_cost_inflation").figures
    assert figures[2014].value == 100
    assert figures[2016].value == pytest.approx(100 * 1.0040 * 1.0209)
    assert "financial year" in figures[2016].flag
    assert "one decimal" in read_index("us/cpi_all_items_change").figures[2023].flag


def test_the_pound_is_turned_over():
    """The table gives dollars a pound; the mean of 2022's months is 1.2369 and a dollar buys 0.8085."""
    months = [
        float(one["usd_per_gbp"])
        for one in rows("economics/exchange_rate_gbp_monthly")
        if one["month"].startswith("2022")
    ]
    figure = read_rates("fed/annual_average").figures["GBP", 2022]
    assert figure.value == pytest.approx(1 / statistics.mean(months))
    assert figure.value == pytest.approx(0.8085, abs=2e-3)
    assert "twelve monthly" in figure.flag


def test_every_bundled_series_reads():
    table = list_series()
    assert table["id"].tolist() == [*INDICES, *RATES]
    assert set(table["kind"]) == {"index", "exchange", "ppp"}
    for name in INDICES:
        index = read_index(name)
        assert index.currency == ("USD" if name.startswith("us/") else "GBP")
        years = sorted(index.figures)
        grown = index.figures[years[-1]].value / index.figures[years[0]].value
        assert 1 < grown < 3  # prices rose, in no series more than threefold


def test_own_series():
    mine = PriceIndex.from_levels("mine", "USD", {2024: 100, 2026: 105}, source="invented")
    assert read_index(mine) is mine
    assert [one.value for one in mine.pair(2024, 2026)] == [100.0, 105.0]
    rates = ExchangeRates.from_rates("mine", {("GBP", 2026): 0.8}, source="invented")
    assert read_rates(rates) is rates


@pytest.mark.parametrize("level", [0, -1, float("nan"), float("inf")])
def test_levels_are_above_0(level):
    with pytest.raises(CostModelError, match=r"mine: every figure must be above 0; found .* at 2024"):
        PriceIndex.from_levels("mine", "USD", {2024: level}, source="invented")
    with pytest.raises(CostModelError, match=r"at \('GBP', 2024\)"):
        ExchangeRates.from_rates("mine", {("GBP", 2024): level}, source="invented")


def test_an_index_without_figures():
    with pytest.raises(CostModelError, match="mine has no figure"):
        PriceIndex("mine", "USD", "invented", {})


def test_vintages_within_an_index_are_kept_apart():
    two = PriceIndex("two", "USD", "invented", {1: Figure(1, "A"), 2: Figure(2, "B"), 3: Figure(3, "B")})
    assert two.pair(2, 3)[1].value == 3
    with pytest.raises(CostModelError, match="two: 1 is of vintage A, 2 is of vintage B"):
        two.pair(1, 2)


def test_deflator_by_hand():
    """CPI medical care: 553.095 in 2023-11 over 419.070 in 2012-10."""
    series = deflator("us/cpi_medical_care", base="2012-10")
    assert series["2023-11"] == pytest.approx(553.095 / 419.070)
    assert series["2012-10"] == 1.0
    assert len(series) == 287
    yearly = deflator("us/cpi_medical_care", base=2012)
    assert yearly[[f"2012-{month:02d}" for month in range(1, 13)]].mean() == pytest.approx(1)
    assert (yearly / series).std() == pytest.approx(0, abs=1e-12)


def test_deflator_keeps_to_one_copy():
    with pytest.raises(
        CostModelError, match=r"USA_CPI_ALL 2000-01 to 2012-12; USA_CPI_ALL_B 2016-01 to 2022-02"
    ):
        deflator("us/cpi_all_items", base="2012-10")
    first = deflator("us/cpi_all_items", base="2012-10", source="USA_CPI_ALL")
    assert (first.index[0], first.index[-1], first.name) == ("2000-01", "2012-12", "us/cpi_all_items")
    with pytest.raises(CostModelError, match="the base 2016 was not read whole; there is 2000-01 to 2012-12"):
        deflator("us/cpi_all_items", base=2016, source="USA_CPI_ALL")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"index_id": "gb/nhs_cost_inflation", "base": 2020}, "a monthly index: 'gb/nhs_cost_inflation'"),
        ({"index_id": "us/cpi_medical", "base": 2020}, "did you mean 'us/cpi_medical_care'"),
        ({"index_id": "us/cpi_medical_care", "base": 2023}, "the base 2023 was not read whole"),
        ({"index_id": "us/cpi_medical_care", "base": "2024-01"}, "was not read whole"),
        ({"index_id": "us/cpi_medical_care", "base": 2020, "source": "FRED"}, "source: 'FRED' is unknown"),
    ],
)
def test_deflators_that_do_not_exist(options, words):
    with pytest.raises(CostModelError, match=words):
        deflator(options.pop("index_id"), **options)


def test_unknown_ids():
    with pytest.raises(CostModelError, match="did you mean 'us/cpi_all_items'"):
        read_index("us/cpi_all_item")
    with pytest.raises(CostModelError, match="did you mean 'wb/ppp_gdp'"):
        read_rates("wb/ppp")


def test_runs_of_years():
    assert spans([]) == "no year"
    assert spans([2001, 2000, 2000]) == "2000–2001"
    assert spans([1999, 2001, 2003]) == "1999, 2001, 2003"
