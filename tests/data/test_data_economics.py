"""Economics: computed columns follow from printed ones, and series that must not be mixed are told apart."""

import itertools

import pytest

from costmodel.datasets import describe, read_dataset


def test_annual_index_is_the_mean_of_twelve_months():
    monthly = read_dataset("economics/us_cpi_monthly")
    monthly["year"] = monthly["month"].str[:4].astype("int64")
    means = monthly.groupby(["series", "year"])["index"].agg(["mean", "size"])
    full = means[means["size"] == 12]["mean"]
    annual = read_dataset("economics/us_cpi_annual_average_computed").set_index(["series", "year"])
    assert set(annual.index) == set(full.index)
    assert (annual["mean_of_12_monthly_indices"] - full).abs().max() <= 0.00051


@pytest.mark.parametrize(("year", "index"), [(2010, 218.056), (2019, 255.657), (2021, 270.970)])
def test_annual_index_reproduces_the_published_average(year, index):
    annual = read_dataset("economics/us_cpi_annual_average_computed").set_index(["series", "year"])
    found = annual.loc[("CPI-U all items (CUUR0000SA0)", year), "mean_of_12_monthly_indices"]
    assert found == pytest.approx(index, abs=0.0011)


def test_inflation_agrees_with_the_index():
    annual = read_dataset("economics/us_cpi_annual_average_computed").set_index(["series", "year"])
    index = annual.loc["CPI-U all items (CUUR0000SA0)", "mean_of_12_monthly_indices"]
    printed = read_dataset("economics/us_inflation_annual_pct").set_index("year")["annual_change_pct"]
    pairs = [year for year in index.index if year - 1 in index.index]
    assert len(pairs) == 17
    for year in pairs:
        assert printed[year] == pytest.approx(100 * (index[year] / index[year - 1] - 1), abs=0.06)


def test_pound_is_quoted_the_other_way_round():
    assert "pound" in describe("economics/exchange_rate_gbp_monthly").known_faults[0]
    assert "GBP" not in set(read_dataset("economics/exchange_rates_annual")["currency_iso"])
    assert read_dataset("economics/exchange_rate_gbp_monthly")["usd_per_gbp"].min() > 1


def test_a_country_has_one_ppp_vintage():
    table = read_dataset("economics/ppp_conversion_factors")
    assert (table.groupby("country_iso3")["vintage"].nunique() == 1).all()
    assert table["vintage"].nunique() == 2


def test_lower_limit_is_the_upper_limit_of_the_group_below():
    table = read_dataset("economics/us_household_income_quintiles")
    order = ["lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth"]
    wide = table.pivot_table(index="year", columns="group", values="upper_limit_current_usd")
    low = table.pivot_table(index="year", columns="group", values="lower_limit_current_usd")
    for below, above in itertools.pairwise(order):
        assert (low[above] == wide[below]).all()


def test_mean_income_lies_within_its_fifth():
    table = read_dataset("economics/us_household_income_quintiles")
    assert (table["mean_income_current_usd"] >= table["lower_limit_current_usd"].fillna(0)).all()
    bounded = table.dropna(subset=["upper_limit_current_usd"])
    assert (bounded["mean_income_current_usd"] <= bounded["upper_limit_current_usd"]).all()


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_poverty_guideline_grows_by_one_step_per_person(year):
    table = read_dataset("economics/us_poverty_guidelines")
    by_size = table[table["year"] == year].set_index("household_size")["annual_guideline_usd"]
    steps = {int(by_size[str(n + 1)] - by_size[str(n)]) for n in range(1, 8)}
    assert len(steps) == 1
    assert by_size.get("each further person", next(iter(steps))) in steps


def test_doubtful_poverty_and_wage_rows_are_flagged():
    poverty = read_dataset("economics/us_poverty_guidelines")
    assert ((poverty["verified"] == "partly") <= (poverty["flag"] != "")).all()
    assert poverty.loc[poverty["year"] == 2025, "flag"].str.contains("labels these values 2024").all()
    wages = read_dataset("economics/minimum_wages")
    unclear = wages["effective_date"].str.len() < 10
    assert unclear.sum() == 2
    assert (wages.loc[unclear, "flag"] != "").all()


def test_consumption_is_two_thirds_of_income_in_the_base_year():
    gdp = read_dataset("economics/gdp_per_capita").set_index(["country_iso3", "year"])
    spent = read_dataset("economics/household_consumption_per_capita").set_index(["country_iso3", "year"])
    share = (
        spent.loc[("USA", 2015), "household_final_consumption_per_capita_constant_2015_usd"]
        / gdp.loc[("USA", 2015), "gdp_per_capita_current_usd"]
    )
    assert share == pytest.approx(0.675, abs=0.0005)
