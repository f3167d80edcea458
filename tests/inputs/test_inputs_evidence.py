"""Parameters from the evidence table keep their interval, status and doubts."""

import pytest

from costmodel import CostModelError
from costmodel.inputs import Parameters, evidence_parameter, monte_carlo


def test_a_recalled_value_stays_recalled():
    share = evidence_parameter("epi_dose_share_2mg")
    assert (share.value, share.low, share.high, share.status) == (0.1, 0.05, 0.2, "recalled")


def test_its_interval_is_that_of_its_draws():
    table = Parameters.of(evidence_parameter("epi_pd_12m", "p_panic"))
    low, high = table.interval("p_panic")
    drawn = monte_carlo(table, n=20_000, seed=0)["p_panic"]
    assert ((drawn >= low) & (drawn <= high)).mean() == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize(
    ("name", "words"),
    [("epi_pd_12", "did you mean 'epi_pd_12m'"), ("crn_income_2021", "holds no number: see source")],
)
def test_what_is_no_number_is_refused(name, words):
    with pytest.raises(CostModelError, match=words):
        evidence_parameter(name)
