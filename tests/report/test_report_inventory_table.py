"""The impact inventory: its answers follow the perspectives, and nothing is hidden."""

import shutil
from pathlib import Path

import pytest

import costmodel as cm
from costmodel.report.findings import Findings
from costmodel.report.frames import table_record
from costmodel.report.inventory_tables import inventory_note, inventory_section, inventory_table

OWN = Path(__file__).parents[1] / "study" / "disclosure"
ANSWERS = ["Health sector", "Societal"]


def edited(tmp_path, old, new):
    folder = shutil.copytree(OWN, tmp_path / "s")
    text = (folder / "study.toml").read_text()
    assert old in text
    (folder / "study.toml").write_text(text.replace(old, new))
    return folder


def table(study):
    return inventory_table(Findings.of(cm.read_study(study))).set_index("Impact")


def test_answers_follow_the_perspectives():
    found = table(OWN)[ANSWERS]
    assert found.loc["Paid by all payers"].tolist() == ["yes", "yes"]
    assert found.loc["Earnings lost"].tolist() == ["no", "yes"]
    assert found.loc["Cost of illness as a whole"].tolist() == ["in part", "yes"]
    assert found.loc["Quality of life"].tolist() == ["yes", "yes"]
    assert found.loc["Falls"].tolist() == ["as events", "as events"]
    assert found.loc["Patients' time"].tolist() == ["no", "no"]


def test_a_cost_moved_into_a_perspective_moves_its_answer(tmp_path):
    folder = edited(tmp_path, 'health_sector = ["drug"]', 'health_sector = ["drug", "lost_work"]')
    assert table(folder).loc["Earnings lost", "Health sector"] == "yes"


def test_other_perspectives_are_all_shown_where_the_two_are_not_there(tmp_path):
    folder = edited(tmp_path, "societal = [", "state = [")
    found = table(folder)
    assert {"Health sector", "State"} <= set(found.columns)
    assert "Societal" not in found.columns


def test_sectors_stand_in_the_order_of_the_second_panel_and_together():
    found = table(OWN)
    # The study's first line is of the last sector.
    assert found["Sector"].iloc[0] == "Formal health care: health outcomes"
    assert found["Sector"].iloc[-1] == "Other"
    record = table_record(found.reset_index(), id="tbl-i", caption="I", group="Sector")
    assert len(record.groups) == 11


def test_what_counts_an_impact_is_named_by_its_label_and_what_is_not_says_why():
    found = table(OWN)
    assert found.loc["Paid by all payers", "Counted as"] == "Tablets"
    assert found.loc["Patients' time", ["Counted as", "Note"]].tolist() == [
        "not counted",
        "No estimate was read",
    ]


def test_the_words_around_the_table_count_its_answers():
    # Of 13 lines: 1 in both as a cost, 1 as an effect, 1 in part; society adds earnings; 8 hold nothing.
    said = inventory_section(Findings.of(cm.read_study(OWN)))
    assert "Of 13 impacts" in said
    assert "health sector holds 3, societal holds 4. Counted as events" in said
    assert "of their own: 1; not counted: 8" in said
    assert "health sector, societal" in inventory_note(Findings.of(cm.read_study(OWN)))


@pytest.mark.parametrize("name", ["clonazepam-us"])
def test_society_alone_counts_lost_production(name):
    found = table(name)
    differing = found[found["Health sector"] != found["Societal"]]
    assert differing.index.tolist() == ["Earnings lost"]
    assert (found.loc[found["Counted as"] == "not counted", "Note"] != "").all()
    assert set(found.loc[found["Counted as"] == "not counted", ANSWERS].to_numpy().ravel()) == {"no"}


def test_a_study_without_an_inventory_has_no_rows():
    assert table(OWN.parent / "valid").empty
