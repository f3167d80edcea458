"""Evidence: what was read and what was recalled are told apart, and intervals hold their values."""

import pytest

from costmodel.datasets import read_dataset


@pytest.fixture(scope="module")
def parameters():
    return read_dataset("evidence/parameters")


def test_counts_by_status(parameters):
    assert parameters.groupby("status").size().to_dict() == {"read": 291, "recalled": 67}
    assert ((parameters["verified"] == "memory") == (parameters["status"] == "recalled")).all()


def test_every_recalled_value_is_flagged(parameters):
    recalled = parameters[parameters["status"] == "recalled"]
    assert recalled["flag"].str.contains("recalled|analyst's assumption").all()
    assumed = parameters["source_citation"].str.startswith("Analyst assumption")
    assert (parameters["flag"].str.contains("analyst's assumption") == assumed).all()
    assert assumed.sum() == 18


def test_a_text_that_says_from_memory_is_flagged(parameters):
    told = (parameters["notes"] + parameters["dist_param_basis"]).str.contains("memory|interval=recalled")
    assert told.sum() >= 20
    assert parameters.loc[told, "flag"].str.contains("recalled").all()


def test_value_number_repeats_the_value(parameters):
    numbers = parameters.dropna(subset=["value_number"])
    assert len(numbers) == 341
    assert (numbers["value"].astype(float) == numbers["value_number"]).all()
    words = parameters[parameters["value_number"].isna()]
    assert {"dose_tab_strengths", "be_limits", "h_hip_zint"} <= set(words["id"])


def test_values_lie_in_their_intervals(parameters):
    bounded = parameters.dropna(subset=["low_95", "high_95", "value_number"])
    assert len(bounded) == 195
    assert bounded["value_number"].between(bounded["low_95"], bounded["high_95"]).all()
    assert (parameters["low_95"].isna() == parameters["high_95"].isna()).all()


def test_proportions_and_probabilities_are_between_zero_and_one(parameters):
    shares = parameters[parameters["unit"].isin(["proportion", "probability"])]
    assert len(shares) == 105
    assert shares["value_number"].between(0, 1).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [("dose_pd_target", 1), ("epi_pts_us", 1_968_091), ("disc_us", 0.03), ("wtp_nice_lo", 25_000)],
)
def test_known_values(parameters, name, value):
    assert parameters.set_index("id").loc[name, "value_number"] == value


def test_meps_rows_agree_with_the_survey_table(parameters):
    meps = read_dataset("us/meps").set_index(["year", "stat_var"])["value"]
    values = parameters.set_index("id")["value_number"]
    assert values["epi_pts_us"] == pytest.approx(1000 * meps[2022, "totPOP"], abs=1)
    assert values["epi_rx_us"] == pytest.approx(1000 * meps[2022, "totEVT"], abs=1)
