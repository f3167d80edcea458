"""The cohort against individuals in a report: every total is counted, and the worst is the one shown."""

import pandas as pd
import pytest

from costmodel.report.cross_validation_tables import cross_validation_section, cross_validation_table
from costmodel.report.findings import Findings

COLUMNS = ["segment", "strategy", "measure", "cohort", "individuals", "standard_error", "z", "verdict"]
ROWS = [
    ("medicaid_panic", "brand", "qaly", 3.4, 3.42, 0.02, 1.0, "agree"),
    ("medicaid_panic", "generic", "qaly", 3.4, 3.34, 0.02, -3.0, "agree"),
    ("medicaid_panic", "brand", "overdoses", 0.002, 0.0, 0.0, None, "not met"),
    ("medicaid_panic", "generic", "overdoses", 0.002, 0.003, 0.0005, 2.0, "agree"),
    ("medicaid_panic", "brand", "visits", 300.0, 330.0, 5.0, 6.0, "disagree"),
    ("medicaid_panic", "generic", "visits", 300.0, 300.0, 0.0, None, "agree"),
]


@pytest.fixture(scope="module")
def rows():
    return pd.DataFrame(ROWS, columns=COLUMNS).astype({"z": "Float64"})


@pytest.fixture(scope="module")
def table(american, rows):
    return cross_validation_table(Findings.of(american), rows)


def test_a_row_per_measure_shows_the_total_furthest_apart(table):
    assert table["Measure"].tolist() == [
        "Quality-adjusted life-years",
        "Opioid overdoses",
        "Usual visits for the drug",
    ]
    assert table["Totals"].tolist() == [2, 2, 2]
    assert table["Furthest apart"].str.split("; ").str[1].tolist() == [
        "All generic",
        "All brand",
        "All brand",
    ]
    assert table["Standard errors"].tolist() == ["-3.0", "no spread", "+6.0"]
    assert table.loc[0, ["Cohort", "Individuals"]].tolist() == ["3.4", "3.34"]


def test_disagreement_is_shown_before_what_nobody_met_and_that_before_agreement(table):
    assert table["Verdict"].tolist() == ["agree", "not met", "disagree"]


def test_the_sentence_counts_every_total(rows):
    told = cross_validation_section(rows, people=2000)
    assert told.startswith("4 of 6 totals of the cohort agree with the mean over 2,000 people")
    assert "1 disagree and 1 concern an event that nobody met" in told
    assert "disagree" not in cross_validation_section(rows[rows["verdict"] == "agree"], people=2000)
