import pandas as pd
import pytest

from costmodel.errors import DataError
from costmodel.prices.deductions import RULE_COLUMNS, deduction_rates
from costmodel.prices.errors import PriceError

FIRST = ("generic", 0.20, "2023-04-01", "2024-03-31", "made up", "2024-03-31")
SECOND = ("generic", 0.10, "2024-04-01", "", "made up", "2024-04-01")


def rules(*rows):
    return pd.DataFrame(list(rows), columns=list(RULE_COLUMNS))


@pytest.mark.parametrize(
    ("month", "rate"),
    [("2023-04-01", 0.20), ("2024-03-31", 0.20), ("2024-04-01", 0.10), ("2025-04-01", 0.10)],
)
def test_the_rule_of_the_month(month, rate):
    rates, warnings = deduction_rates(rules(SECOND, FIRST), month, ["generic", "generic"])
    assert rates == {"generic": rate}
    assert warnings == []


def test_a_month_that_no_rule_covers_is_a_warning():
    rates, warnings = deduction_rates(rules(FIRST), "2024-06-01", ["generic"])
    assert rates == {"generic": 0.20}
    assert warnings == [
        "no deduction of 'generic' covers 2024-06-01; that of 2023-04-01 to 2024-03-31 is used"
    ]


def test_a_rule_older_than_a_year_is_a_warning():
    _, warnings = deduction_rates(rules(SECOND), "2025-04-02", ["generic"])
    assert warnings == ["deduction of 'generic' last reviewed 2024-04-01, more than a year before 2025-04-02"]


def test_no_rule_is_an_error_not_a_rate_of_nothing():
    with pytest.raises(PriceError, match="no rule for 'genric'; did you mean 'generic'"):
        deduction_rates(rules(SECOND), "2024-06-01", ["genric"])
    with pytest.raises(PriceError, match="had begun by 2022-01-01; the first holds from 2023-04-01"):
        deduction_rates(rules(FIRST, SECOND), "2022-01-01", ["generic"])


def test_every_fault_is_listed():
    bad = rules(
        ("brand", 5, "2024-04-01", "", "made up", "2024-04-01"),
        ("brand", 0.05, "2024-05-01", "2024-01-01", "", "soon"),
        ("generic", 0.1, "2024-04-01", "2024-12-31", "made up", "2024-04-01"),
        ("generic", 0.1, "2024-12-31", "", "made up", "2024-04-01"),
    )
    with pytest.raises(DataError) as caught:
        deduction_rates(bad, "2024-06-01", ["brand"])
    found = caught.value.faults[["row", "column", "rule"]].to_numpy().tolist()
    assert found == [
        [1, "rate", "must lie in [0, 1)"],
        [2, "source", "must have a source"],
        [2, "reviewed", "must be a date"],
        [2, "valid_to", "must not end before it begins"],
        [2, "valid_from", "a category may have one rule at a time"],
        [4, "valid_from", "a category may have one rule at a time"],
    ]


def test_missing_columns_are_named():
    with pytest.raises(DataError, match="deductions, reviewed: column is missing"):
        deduction_rates(rules(FIRST).drop(columns="reviewed"), "2024-01-01", ["generic"])
