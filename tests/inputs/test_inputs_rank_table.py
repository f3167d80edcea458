"""The file of rank correlations: read, written, and every fault with its line."""

from __future__ import annotations

import pytest

from costmodel.errors import DataError
from costmodel.inputs import RankCorrelations, read_parameters, write_parameters

HEADER = "name,value,low,high,distribution,basis,unit,source,status"
ROWS = (
    "u_stable,0.8,,,beta,se=0.05,utility,,assumed",
    "u_relapse,0.5,,,beta,se=0.08,utility,,assumed",
    "c_stay,1500,,,gamma,se=300,days,,assumed",
    "n_pills,60,,,fixed,,tablets,,assumed",
    "p_aa,,,,dirichlet:row,counts=10,probability,,assumed",
    "p_ab,,,,dirichlet:row,counts=30,probability,,assumed",
)


def read(folder, *lines, rows=ROWS, tables="tables"):
    (folder / tables).mkdir(exist_ok=True)
    (folder / tables / "rank_correlations.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    file = folder / "parameters.csv"
    file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return read_parameters(file, tables=folder / tables)


def test_a_table_is_read_whatever_its_order(tmp_path):
    found = read(tmp_path, "name,u_stable,c_stay", "c_stay,-0.3,1", "u_stable,1,-0.3", tables="other")
    assert found.rank_correlations == RankCorrelations.of({("c_stay", "u_stable"): -0.3})


def test_a_study_without_the_table_has_no_correlations(tmp_path):
    (tmp_path / "parameters.csv").write_text("\n".join([HEADER, *ROWS]) + "\n", encoding="utf-8")
    assert read_parameters(tmp_path / "parameters.csv").rank_correlations is None


def test_what_is_written_reads_back_the_same(tmp_path):
    first = read(
        tmp_path, "name,u_stable,u_relapse", "u_stable,1,0.1234567890123", "u_relapse,0.1234567890123,1"
    )
    again = read_parameters(write_parameters(first, tmp_path / "copy" / "parameters.csv"))
    assert again == first
    text = (tmp_path / "copy" / "tables" / "rank_correlations.csv").read_text()
    assert text == "name,u_relapse,u_stable\nu_relapse,1,0.1234567890123\nu_stable,0.1234567890123,1\n"


@pytest.mark.parametrize(
    ("lines", "places", "words"),
    [
        (
            ("name,u_stabel,c_stay", "u_stabel,1,0", "c_stay,0,1"),
            [(2, "name")],
            ["u_stabel is not a parameter", "did you mean 'u_stable'?"],
        ),
        (
            ("name,n_pills,c_stay", "n_pills,1,0", "c_stay,0,1"),
            [(2, "name")],
            ["n_pills is fixed", "leave it"],
        ),
        (
            ("name,c_stay,p_aa", "c_stay,1,0", "p_aa,0,1"),
            [(3, "name")],
            ["p_aa is drawn with group row", "dirichlet:row"],
        ),
        (("name,c_stay,u_stable", "c_stay,1,0"), [(1, "u_stable")], ["must be square", "no row u_stable"]),
        (
            ("name,c_stay", "c_stay,1", "u_stable,0"),
            [(3, "name")],
            ["must be square", "no column u_stable", "add it, or delete"],
        ),
        (
            ("name,c_stay,u_stable", "c_stay,1,0.2", "u_stable,0.3,1"),
            [(3, "c_stay")],
            ["symmetric: c_stay with u_stable", "0.2 and 0.3"],
        ),
        (
            ("name,c_stay,u_stable", "c_stay,1,0.2", "u_stable,0.2,0.9"),
            [(3, "u_stable")],
            ["u_stable with itself must be 1", "0.9"],
        ),
        (
            ("name,c_stay,u_stable", "c_stay,1,1.2", "u_stable,1.2,1"),
            [(2, "u_stable"), (3, "c_stay")],
            ["from -1 to 1", "1.2"],
        ),
        (("name,c_stay,u_stable", "c_stay,1,", "u_stable,0,1"), [(2, "u_stable")], ["must have a value"]),
        (("name,c_stay,u_stable", "c_stay,1,x", "u_stable,0,1"), [(2, "u_stable")], ["must be a number"]),
        (("name,c_stay", "c_stay,1", "c_stay,1"), [(3, "name")], ["only once"]),
        (("parameter,c_stay", "c_stay,1"), [(1, "name")], ["column is missing"]),
        (("name",), [(None, "")], ["must be square", "an empty table", "delete the file"]),
    ],
)
def test_one_impossible_table_names_its_line(tmp_path, lines, places, words):
    with pytest.raises(DataError) as problem:
        read(tmp_path, *lines)
    faults = [item for item in problem.value.items if item.file == "tables/rank_correlations.csv"]
    assert len(faults) == len(problem.value.items)
    assert {(item.row, item.column) for item in faults} >= set(places)
    for word in words:
        assert word in str(problem.value)


def test_all_faults_are_reported_at_once(tmp_path):
    lines = ("name,u_stabel,n_pills,c_stay", "u_stable,1,2,0", "n_pills,0,1,0", "c_stay,0.5,0,1")
    with pytest.raises(DataError) as problem:
        read(tmp_path, *lines)
    said = str(problem.value)
    for word in (
        "no row u_stabel; did",
        "no column u_stable",
        "u_stabel is not a parameter",
        "n_pills is fixed",
    ):
        assert word.replace("; did", " -> did") in said


def test_what_cannot_be_together_is_said_of_a_whole_table(tmp_path):
    names = ("c_stay", "u_relapse", "u_stable")
    lines = ("c_stay,1,0.9,-0.9", "u_relapse,0.9,1,0.9", "u_stable,-0.9,0.9,1")
    with pytest.raises(DataError) as problem:
        read(tmp_path, "name," + ",".join(names), *lines)
    (fault,) = problem.value.items
    assert fault.found == "-0.816 as their smallest eigenvalue"
    assert "all of them times 0.53 are possible" in fault.remedy


def test_no_group_may_take_the_name_of_the_table(tmp_path):
    rows = ("b0,1,,,mvnormal:rank_correlations,,log odds,,assumed",)
    with pytest.raises(DataError, match="a group may not be called rank_correlations"):
        read(tmp_path, "name,b0", "b0,0.04", rows=rows)
