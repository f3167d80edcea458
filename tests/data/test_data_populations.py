"""Populations: the printed tables agree with themselves."""

import pytest

from costmodel.datasets import read_dataset


@pytest.mark.parametrize("sex", ["male", "female"])
def test_survivors_follow_from_the_probabilities(sex):
    table = read_dataset("populations/us_ssa_period_life_table_2021")
    lx, qx = table[f"{sex}_lx_of_100000"], table[f"{sex}_qx"]
    following = (lx * (1 - qx)).shift(1)
    error = (lx - following).abs()[1:106]
    assert list(table["age_years"]) == list(range(120))
    assert error.max() <= 2
    assert lx[0] == 100_000


def test_the_two_life_tables_agree_on_the_whole():
    both = read_dataset("populations/us_ssa_period_life_table_2021")
    total = read_dataset("populations/us_nchs_life_table_2021_total")
    low = both[["male_lx_of_100000", "female_lx_of_100000"]].min(axis=1)[:91]
    high = both[["male_lx_of_100000", "female_lx_of_100000"]].max(axis=1)[:91]
    lx = total["lx_of_100000"][:91]
    assert (lx >= low * 0.98).all()
    assert (lx <= high * 1.02).all()
    assert (total["lx_of_100000"].diff().dropna() < 0).all()


def test_population_by_sex_and_age_adds_up():
    table = read_dataset("populations/us_population_by_age_sex_2019")
    assert (table["male_persons"] + table["female_persons"] == table["total_persons"]).all()
    total = table[table["age_years"].isna()]
    assert len(total) == 1
    assert table["total_persons"].sum() == 2 * total["total_persons"].item()


def test_population_total_of_2019_stands_in_both_tables():
    totals = read_dataset("populations/population_totals")
    assert totals.loc[totals["reference_date"] == "2019-07-01", "total_persons"].item() == 328_239_523
    ages = read_dataset("populations/us_population_by_age_sex_2019")
    assert ages["total_persons"].max() == 328_239_523
    usa = totals[totals["country_iso3"] == "USA"]
    assert (usa["male_persons"] + usa["female_persons"] == usa["total_persons"]).all()


def test_insured_and_uninsured_are_everybody():
    table = read_dataset("populations/us_health_insurance_coverage_2023")
    shares = table[table["age_group"] == "all ages"].set_index("coverage_type")["share_of_population_pct"]
    assert shares["any health insurance"] + shares["uninsured"] == pytest.approx(100)


def test_secondary_pages_are_flagged():
    uninsured = read_dataset("populations/us_uninsured_by_income")
    assert (uninsured["flag"] != "").all()
    assert (uninsured["verified"] == "partly").all()
    use = read_dataset("populations/prevalence_and_use")
    recalled = use[use["verified"] == "partly"]
    assert recalled["flag"].str.contains("recalled, not read").all()
    assert len(recalled) == 1


def test_estimates_lie_in_their_intervals():
    use = read_dataset("populations/prevalence_and_use").dropna(subset=["ci95_low"])
    assert len(use) == 6
    assert use["value"].between(use["ci95_low"], use["ci95_high"]).all()


def test_clonazepam_share_is_its_own_quotient():
    use = read_dataset("populations/prevalence_and_use").set_index("source_id")
    row = use.loc["GBR_GPRD_2014"]
    assert row["value"] == pytest.approx(100 * row["persons"] / 34_727, abs=0.005)
