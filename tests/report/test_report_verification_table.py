"""Verification as a report shows it: every test counted once, every failure in full."""

from collections import Counter
from pathlib import Path

import pytest

import costmodel as cm
from costmodel.report.frames import table_record
from costmodel.report.verification_tables import (
    verification_list,
    verification_note,
    verification_section,
    verification_table,
)
from costmodel.study.verification import all_tests

STUDIES = Path(__file__).parents[1] / "study"
COUNTS = ["Passed", "Failed", "Not applicable"]


@pytest.fixture(scope="module")
def sound():
    return cm.verify(cm.read_study(STUDIES / "planted" / "sound"), n=16)


@pytest.fixture(scope="module")
def faulty():
    return cm.verify(cm.read_study(STUDIES / "planted" / "price_with_a_floor"), n=16)


def test_every_test_is_counted_once_in_its_group(sound):
    found = verification_table(sound).set_index("Group")
    groups = Counter(test.group for test in all_tests().values())
    assert found["Tests"].to_dict() == dict(groups)
    assert (found[COUNTS].sum(axis=1) == found["Tests"]).all()
    assert found["Failed"].sum() == 0
    assert found["Passed"].sum() == sum(line.passed == "yes" for line in sound.lines)


def test_what_passed_is_said_and_what_was_not_run_is_not(sound):
    said = " ".join(verification_table(sound)["What was shown"])
    for line in sound.lines:
        assert (line.test in said) == (line.passed == "yes"), line


def test_a_failure_stands_in_full_before_what_passed(faulty):
    (failed,) = [line for line in faulty.lines if line.passed == "no"]
    row = verification_table(faulty).set_index("Group").loc["Costs and prices"]
    assert row["Failed"] == 1
    assert row["What was shown"].startswith(f"FAILED: {failed.test}. Changed: {failed.changed}.")
    assert f"Expected: {failed.expected}. Found: {failed.found}" in row["What was shown"]
    assert failed.test in verification_section(faulty)


def test_the_largest_deviation_of_a_group_is_that_of_its_worst_comparison(sound):
    groups = {key: test.group for key, test in all_tests().items()}
    apart = [
        line.deviation for line in sound.lines if groups[line.key] == "Cohort" and line.deviation is not None
    ]
    assert len(apart) >= 5
    assert max(apart) > 0
    row = verification_table(sound).set_index("Group").loc["Cohort"]
    assert float(row["Largest deviation"]) == pytest.approx(max(apart), rel=0.5)


def test_a_deviation_is_the_number_that_the_finding_tells(sound):
    line = next(line for line in sound.lines if line.key == "occupancy_sums")
    assert f"largest error {line.deviation:.1g}" in line.found


def test_every_comparison_that_passes_stays_within_the_tolerance(sound):
    apart = {line.key: line.deviation for line in sound.lines if line.deviation is not None}
    assert len(apart) >= 20
    assert max(apart.values()) <= 1e-9
    assert "1,000,000,000" in verification_note()


def test_the_list_has_a_row_per_test_and_can_be_shown_by_group(sound):
    found = verification_list(sound)
    assert found["Test"].tolist() == [line.test for line in sound.lines]
    assert not found["Changed"].str.contains("`").any()
    record = table_record(found, id="tbl-v", caption="V", group="Group")
    assert len(record.groups) == len(verification_table(sound))


def test_the_words_count_verdicts_and_name_no_failure_where_there_is_none(sound):
    assert sound.words in verification_section(sound)
    assert "Failed" not in verification_section(sound)
