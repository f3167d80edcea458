"""The table of assumptions: what each test changes is the difference of two runs, never typed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import costmodel as cm
from costmodel.report.assumption_tables import assumption_note, assumption_section, assumption_table
from costmodel.report.findings import Findings
from costmodel.report.frames import table_record
from costmodel.report.study_tables import scenario_table
from costmodel.report.style import MINUS

OWN = Path(__file__).parents[1] / "study" / "disclosure"
TEST, CHANGE = "What tests it", "What it changes"


def table(study):
    return assumption_table(Findings.of(cm.read_study(study))).set_index("Assumption")


def edited(tmp_path, *pairs):
    """Return a copy of the hand-made study with texts of study.toml replaced."""
    folder = shutil.copytree(OWN, tmp_path / "s")
    text = (folder / "study.toml").read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    (folder / "study.toml").write_text(text)
    return folder


def test_changes_are_those_computed_by_hand():
    # In the base case the generic saves 365 x (4 - 1) = 1,095. With the brand at 2 it saves 365, 730 less;
    # with the generic at 0.5 it saves 1,277.50, 182.50 more, and at 2 it saves 730, 365 less.
    found = table(OWN)
    row = found.loc["Prices are what payers bear"]
    assert row[TEST] == "(a) Brand at half its price; (b) price_generic from 0.5 to 2"
    assert row[CHANGE] == f"(a) +730.00 USD; (b) {MINUS}182.50 to +365.00 USD"
    # A loss of 0.01 a year over one year, without discounting; costs do not move and are not mentioned.
    assert found.loc["Brand and generic work equally well", CHANGE] == f"{MINUS}0.0100 QALYs"


def test_what_the_headline_does_not_see_is_said_and_another_perspective_sees_it(tmp_path):
    assumption = "Work is lost on the brand alone"
    assert table(OWN).loc[assumption, CHANGE] == "nothing in the headline comparison"
    societal = edited(
        tmp_path, ("[scenarios.worse]", "[report]\nheadline_perspective = 'societal'\n\n[scenarios.worse]")
    )
    # The generic saves the brand's lost work: 50 less than in the base case at 50, 50 more at 150.
    assert table(societal).loc[assumption, CHANGE] == f"+50.00 to {MINUS}50.00 USD"


def test_nothing_tests_what_is_untested():
    row = table(OWN).loc["Nobody falls more often"]
    assert row[TEST] == "Nothing. Falls have no cost here"
    assert row[CHANGE] == "not known"


@pytest.mark.parametrize(("price", "change"), [("1", "+1,095.00"), ("3", "+365.00"), ("5", f"{MINUS}365.00")])
def test_the_further_a_scenario_goes_the_more_it_changes(tmp_path, price, change):
    # 365 x (4 - price): a brand cheaper than in the base case leaves less to save, a dearer one more.
    folder = edited(tmp_path, ("price_brand = 2", f"price_brand = {price}"))
    assert table(folder).loc["Prices are what payers bear", CHANGE].startswith(f"(a) {change} USD")


def test_a_change_too_small_to_write_is_not_called_nothing(tmp_path):
    folder = edited(tmp_path, ("loss_generic = 0.01", "loss_generic = 0.00001"))
    assert table(folder).loc["Brand and generic work equally well", CHANGE] == "less than 0.0001 QALYs"


@pytest.mark.parametrize("study", ["clonazepam-us", "clonazepam-brazil"])
def test_each_scenario_changes_what_the_table_of_scenarios_says(study):
    found = Findings.of(cm.read_study(study))
    differences = scenario_table(found).set_index("Scenario")["Difference"]
    rows = assumption_table(found)
    seen = 0
    for item, words in zip(found.study.spec.assumptions, rows[CHANGE], strict=True):
        for name in item.scenarios:
            change = differences[found.scenario_label(name)] - differences["Base case"]
            assert abs(change) < 0.005 or f"{change:+,.2f}".replace("-", MINUS) in words
            seen += 1
    assert seen >= 5


def test_a_parameter_that_lost_its_range_is_refused_not_shown_as_no_change():
    study = cm.read_study(OWN)
    rows = tuple(
        replace(row, low=None, high=None, distribution="fixed", basis="") for row in study.parameters.rows
    )
    certain = replace(study, parameters=replace(study.parameters, rows=rows))
    with pytest.raises(cm.CostModelError, match="'price_generic' tests an assumption and has no range"):
        assumption_table(Findings.of(certain))


def test_a_report_of_a_scenario_changes_the_base_case_all_the_same():
    study = cm.read_study(OWN)
    base, under = Findings.of(study), Findings.of(study, "cheap_brand")
    assert assumption_table(under).equals(assumption_table(base))
    assert assumption_note(under) == assumption_note(base)


def test_the_words_around_the_table_count_and_name_the_comparison():
    found = Findings.of(cm.read_study(OWN))
    said = assumption_section(found)
    assert "4 assumptions" in said
    assert "test 3 of them, nothing tests 1" in said
    note = assumption_note(found)
    assert f"difference between Generic and Brand, in the base case {MINUS}1,095.00 USD" in note


def test_a_study_that_states_none_has_no_rows():
    assert table(OWN.parent / "valid").empty


def test_the_table_can_be_shown():
    record = table_record(assumption_table(Findings.of(cm.read_study(OWN))), id="tbl-a", caption="A")
    assert len(record.rows) == 4
