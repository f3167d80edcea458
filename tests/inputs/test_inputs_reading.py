"""Parameter tables as files: what is read, every fault that is reported, and the way back."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given, settings
from strategies_inputs import tables

from costmodel.errors import CostModelError, DataError
from costmodel.inputs import (
    Beta,
    Lognormal,
    MultivariateNormal,
    Parameters,
    fixed_parameter,
    read_parameters,
    write_parameters,
)

HEADER = "name,value,low,high,distribution,basis,unit,price_year,currency,source,locator,status,note"


def read(folder, *lines, header=HEADER):
    file = folder / "parameters.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return read_parameters(file)


def faults_of(folder, *lines, header=HEADER):
    with pytest.raises(DataError) as problem:
        read(folder, *lines, header=header)
    return problem.value.faults


def covariance(folder, *lines, name="regression"):
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "tables" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


GOOD = [
    "dose,2,,,,,mg/day,,,label2023,section 2,read,",
    "rr_drug,0.509,0.365,0.710,lognormal,95%,ratio,,,briggs2006,table 2,read,",
    "p_stop,,,,beta,counts=30/70,probability,,,empower2014,,read,30 of 100",
    'c_visit,89,85,93,gamma,,USD/visit,2024,USD,cms2024,,computed,"two, then ""three"""',
    "p_aa,,,,dirichlet:from_a,counts=1251,probability,,,briggs2006,,read,",
    "p_ab,,,,dirichlet:from_a,counts=483,probability,,,briggs2006,,read,",
    "share,0.1,0.05,0.2,triangular,,proportion,,,,,assumed,",
]


def test_a_table_is_read(tmp_path):
    table = read(tmp_path, *GOOD)
    assert list(table) == ["dose", "rr_drug", "p_stop", "c_visit", "p_aa", "p_ab", "share"]
    assert table.distribution("rr_drug") == Lognormal.from_interval(0.509, 0.365, 0.710)
    assert (table["p_stop"].value, table.distribution("p_stop")) == (0.3, Beta(30, 70))
    assert table["p_aa"].value == 1251 / 1734
    assert table.distribution("p_ab") == Beta(483, 1251)
    assert table["c_visit"].note == 'two, then "three"'
    assert str(table["c_visit"].money) == "USD 2024"
    assert table["dose"].money is None
    assert [row.line for row in table.rows] == [2, 3, 4, 5, 6, 7, 8]


def test_five_columns_are_enough(tmp_path):
    table = read(tmp_path, "x,1.5,ratio,smith2020,read", header="name,value,unit,source,status")
    assert table["x"].distribution == "fixed"
    assert table.interval("x") is None


def test_a_spreadsheet_s_file_is_read(tmp_path):
    text = (
        "\ufeffname;value;low;high;distribution;unit;source;status;;\r\n"
        "rr_drug ;0,509;0,365;0,71;lognormal;ratio;briggs2006;read;;\r\n;;;;;;;;;\r\n"
        "dose;2;;;;mg/day;;assumed;;\r\n"
    )
    file = tmp_path / "parameters.csv"
    file.write_bytes(text.encode())
    table = read_parameters(file)
    assert (table["rr_drug"].value, table["rr_drug"].low) == (0.509, 0.365)
    assert table["dose"].line == 4


IMPOSSIBLE = [
    ("p_a,1.2,,,,,probability,,,s,,read,", "value", ["[0, 1]", "1.2", "0.05"]),
    ("p_a,0.5,-0.1,0.6,,range,probability,,,s,,read,", "low", ["[0, 1]", "-0.1"]),
    ("u_a,1.1,,,,,utility,,,s,,read,", "value", ["at most 1", "1.1", "du_"]),
    ("x,0.9,,,beta,se=0.3,ratio,,,s,,read,", "basis", ["too large", "0.3", "below 0.3"]),
    ("x,0.95,0,1,beta,,ratio,,,s,,read,", "low", ["too large", "0.255", "below 0.2179"]),
    ("x,1.5,,,beta,se=0.1,ratio,,,s,,read,", "value", ["mean of a beta", "1.5"]),
    ("x,0.5,-1,1,beta,,ratio,,,s,,read,", "low", ["[0, 1]", "-1"]),
    ("x,0.3,,,beta,counts=0/70,ratio,,,s,,read,", "basis", ["above 0", "prior"]),
    ("x,0.4,,,beta,counts=30/70,ratio,,,s,,read,", "value", ["mean that the basis implies", "0.3"]),
    ("x,0,,,gamma,se=1,ratio,,,s,,read,", "value", ["mean of a gamma", "above 0"]),
    ("x,-2,,,lognormal,se=1,ratio,,,s,,read,", "value", ["mean of a lognormal", "above 0"]),
    ("x,1,0,2,lognormal,,ratio,,,s,,read,", "low", ["interval of a lognormal", "above 0"]),
    ("x,1,3,2,normal,,ratio,,,s,,read,", "low", ["must not be above high", "3 and 2", "exchange"]),
    ("x,5,1,2,normal,,ratio,,,s,,read,", "value", ["[1, 2]", "5", "interval"]),
    ("x,1,1,1,normal,,ratio,,,s,,read,", "high", ["high must be above low", "fixed"]),
    ("x,1,,,normal,se=0,ratio,,,s,,read,", "basis", ["standard error", "above 0"]),
    ("x,1,,,normal,,ratio,,,s,,read,", "low", ["low and high must be given", "95 %", "se=0.04"]),
    ("x,1,0.5,,normal,se=1,ratio,,,s,,read,", "high", ["together", "empty cell"]),
    ("x,1,,,uniform,,ratio,,,s,,read,", "low", ["low and high must be given"]),
    ("x,1,0,2,uniform,95%,ratio,,,s,,read,", "basis", ["does not set a uniform", "range"]),
    ("x,1,0,2,betta,,ratio,,,s,,read,", "distribution", ["unknown", "betta", "'beta'"]),
    ("x,1,0,2,dirichlet,counts=3,ratio,,,s,,read,", "distribution", ["name its group"]),
    ("x,1,0,2,normal:g,,ratio,,,s,,read,", "distribution", ["no groups"]),
    ("x,1,,,normal,about 3,ratio,,,s,,read,", "basis", ["is not a basis", "se=0.04"]),
    ("x,1,,,,,USD/fill,,USD,s,,read,", "price_year", ["price year", "USD/fill"]),
    ("x,1,,,,,USD/fill,2024,,s,,read,", "currency", ["must have a currency", "write USD"]),
    ("x,1,,,,,USD,2024,EUR,s,,read,", "currency", ["currency of the unit", "EUR with USD", "convert"]),
    ("x,1,,,,,USD/fill,2024,usd,s,,read,", "currency", ["three capitals", "usd"]),
    ("x,1,,,,,USD per fill,2024,USD,s,,read,", "unit", ["currency per something", "USD/fill"]),
    ("x,1,,,,,$/fill,,,s,,read,", "unit", ["currency code", "$/fill"]),
    ("x,1,,,,,ratio,2024,USD,s,,read,", "currency", ["counts no money", "USD/…"]),
    ("x,1,,,,,USD,1850,USD,s,,read,", "price_year", ["[1900, 2100]", "1850"]),
    ("x,1,,,,,USD,2024.5,USD,s,,read,", "price_year", ["whole number"]),
    ("2x,1,,,,,ratio,,,s,,read,", "name", ["must be a name", "2x"]),
    (",1,,,,,ratio,,,s,,read,", "name", ["must have a value"]),
    ("cycle,1,,,,,ratio,,,s,,read,", "name", ["formulas", "cycle_value"]),
    ("max,1,,,,,ratio,,,s,,read,", "name", ["formulas", "max"]),
    ("lambda,1,,,,,ratio,,,s,,read,", "name", ["formulas", "lambda"]),
    ("x,,,,,,ratio,,,s,,read,", "value", ["must have a value", "base-case"]),
    ("x,12 mg,,,,,mg,,,s,,read,", "value", ["must be a number", "12 mg"]),
    ('x,"1,234",,,,,mg,,,s,,read,', "value", ["1234 or as 1.234"]),
    ("x,1,,,,,,,,s,,read,", "unit", ["must have a value", "proportion"]),
    ("x,1,,,,,ratio,,,,,read,", "source", ["must have a source", "assumed"]),
    ("x,1,,,,,ratio,,,,,recalled,", "source", ["recalled must have a source"]),
    ("x,1,,,,,ratio,,,Smith et al. 2020,,read,", "source", ["key of references.bib", "Smith"]),
    ("x,1,,,,,ratio,,,s,,,", "status", ["must have a value", "read in the source", "assumed"]),
    ("x,1,,,,,ratio,,,s,,assume,", "status", ["unknown", "'assumed'", "recalled from memory"]),
]


@pytest.mark.parametrize(("line", "column", "words"), IMPOSSIBLE, ids=lambda item: str(item)[:40])
def test_one_impossible_setting_is_one_fault_with_its_line(tmp_path, line, column, words):
    faults = faults_of(tmp_path, "ok,1,,,,,ratio,,,s,,read,", line)
    assert faults[["row", "column"]].to_numpy().tolist() == [[3, column]]
    said = " ".join(faults.loc[0, ["rule", "found", "remedy"]])
    for word in words:
        assert word in said


def test_all_faults_are_collected_at_once(tmp_path):
    renamed = [
        re.sub(r"^(x|p_a),", rf"\g<1>{number},", line) for number, (line, _, _) in enumerate(IMPOSSIBLE)
    ]
    faults = faults_of(tmp_path, *renamed)
    assert faults["row"].tolist() == list(range(2, len(IMPOSSIBLE) + 2))
    assert faults["column"].tolist() == [column for _, column, _ in IMPOSSIBLE]
    assert set(faults["file"]) == {"parameters.csv"}


def test_several_faults_of_one_row_are_all_reported(tmp_path):
    faults = faults_of(tmp_path, "2x,1.2.3,5,1,betta,,USD,,,,,red,")
    assert set(faults["column"]) >= {"name", "value", "currency", "price_year", "status"}
    assert set(faults["row"]) == {2}


def test_a_missing_column_is_one_fault_not_one_per_row(tmp_path):
    faults = faults_of(tmp_path, "x,1,ratio,read", "y,1,ratio,read", header="name,value,unit,status")
    assert faults[["row", "column", "rule"]].to_numpy().tolist() == [[1, "source", "column is missing"]]


def test_an_unknown_column_gives_the_nearest(tmp_path):
    faults = faults_of(tmp_path, "x,1,ratio,s,read,beta", header="name,value,unit,source,status,distibution")
    assert "'distribution'" in faults.loc[0, "remedy"]


def test_a_name_may_stand_only_once(tmp_path):
    faults = faults_of(tmp_path, "x,1,,,,,ratio,,,s,,read,", "x,2,,,,,ratio,,,s,,read,")
    assert faults[["row", "column"]].to_numpy().tolist() == [[3, "name"]]
    assert "row 2 has it too" in faults.loc[0, "remedy"]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CostModelError, match=r"nowhere\.csv does not exist"):
        read_parameters(tmp_path / "nowhere.csv")


def dirichlet(name, value, count, group="g"):
    return f"{name},{value},,,dirichlet:{group},{count},probability,,,s,,read,"


@pytest.mark.parametrize(
    ("lines", "row", "column", "words"),
    [
        ([dirichlet("a", 0.31, "counts=30"), dirichlet("b", "", "counts=70")], 2, "value", ["0.3", "blank"]),
        ([dirichlet("a", "", "counts=30")], 2, "distribution", ["group g", "two or more"]),
        ([dirichlet("a", "", "counts=0"), dirichlet("b", "", "counts=7")], 2, "basis", ["above 0", "prior"]),
        ([dirichlet("a", "", ""), dirichlet("b", "", "counts=7")], 2, "basis", ["count", "counts=1251"]),
        (
            [dirichlet("a", "", "counts=1", "2g"), dirichlet("b", "", "counts=7", "g")],
            None,
            None,
            ["must have a name"],
        ),
        (
            [dirichlet("a", "", "counts=0.3"), dirichlet("b", "", "counts=0.2")],
            3,
            "distribution",
            ["at least 1"],
        ),
    ],
)
def test_an_impossible_dirichlet_group(tmp_path, lines, row, column, words):
    faults = faults_of(tmp_path, *lines)
    if row is not None:
        assert faults[["row", "column"]].to_numpy().tolist() == [[row, column]]
    said = " ".join(faults[["rule", "found", "remedy"]].to_numpy().ravel())
    for word in words:
        assert word in said


def test_a_share_within_a_millionth_is_accepted(tmp_path):
    table = read(tmp_path, dirichlet("a", 0.3333334, "counts=1"), dirichlet("b", "", "counts=2"))
    assert (table["a"].value, table["b"].value) == (0.3333334, 2 / 3)


def test_a_group_has_one_distribution(tmp_path):
    lines = [dirichlet("a", "", "counts=3"), "b,1,,,mvnormal:g,,log odds,,,s,,read,"]
    rules = " ".join(faults_of(tmp_path, *lines)["rule"])
    assert "one distribution" in rules


def normal(name, value="1", basis=""):
    return f"{name},{value},,,mvnormal:regression,{basis},log odds,,,s,,read,"


def test_a_covariance_is_read_whatever_its_order(tmp_path):
    covariance(tmp_path, "name,b1,b0", "b0,0.01,0.04", "b1,0.09,0.01")
    table = read(tmp_path, normal("b1", "2"), normal("b0", "1"))
    expected = MultivariateNormal(("b0", "b1"), (1.0, 2.0), ((0.04, 0.01), (0.01, 0.09)))
    assert table.joints == {"regression": expected}
    assert table.distribution("b1").sd == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("name,b0,b1", "b0,0.04,0.01", "b1,0.02,0.09"), ["symmetric", "b0 with b1"]),
        (("name,b0,b1", "b0,0.01,0.1", "b1,0.1,0.01"), ["positive semi-definite"]),
        (("name,b0,b1", "b0,0,0", "b1,0,0.01"), ["variance of b0", "fixed"]),
        (("name,b0,b1", "b0,0.04,x", "b1,0.01,0.09"), ["must be a number", "'x'"]),
        (("name,b0,b1", "b0,0.04,", "b1,0.01,0.09"), ["must have a value"]),
        (("name,b0,b1", "b0,0.04,0.01"), ["row for every parameter", "no row b1"]),
        (("name,b0", "b0,0.04", "b1,0.01"), ["column is missing", "b1"]),
        (("name,b0,b1,b2", "b0,1,0,0", "b1,0,1,0"), ["not a column", "b2"]),
        (("name,b0,b1", "b0,1,0", "b1,0,1", "bb1,0,1"), ["not a parameter of the group", "bb1", "'b1'"]),
        (("name,b0,b1", "b0,1,0", "b1,0,1", "b1,0,1"), ["only once"]),
    ],
)
def test_an_impossible_covariance_names_its_table(tmp_path, lines, words):
    covariance(tmp_path, *lines)
    faults = faults_of(tmp_path, normal("b0"), normal("b1"))
    assert set(faults["file"]) == {"tables/regression.csv"}
    said = " ".join(faults[["column", "rule", "found", "remedy"]].to_numpy().ravel())
    for word in words:
        assert word in said


def test_a_covariance_that_is_missing_says_what_to_write(tmp_path):
    faults = faults_of(tmp_path, normal("b1"), normal("b0"))
    assert faults[["row", "column"]].to_numpy().tolist() == [[3, "distribution"]]
    assert "tables/regression.csv with the header name,b0,b1" in faults.loc[0, "remedy"]


def test_a_mvnormal_parameter_needs_a_value_and_no_basis(tmp_path):
    covariance(tmp_path, "name,b0,b1", "b0,0.04,0.01", "b1,0.01,0.09")
    faults = faults_of(tmp_path, normal("b0", ""), normal("b1", "1", "se=2"))
    assert faults[["row", "column"]].to_numpy().tolist() == [[2, "value"], [3, "basis"]]


def test_the_folder_of_covariances_can_be_named(tmp_path):
    covariance(tmp_path, "name,b0", "b0,0.04")
    file = tmp_path / "elsewhere" / "parameters.csv"
    file.parent.mkdir()
    file.write_text(f"{HEADER}\n{normal('b0')}\n", encoding="utf-8")
    assert read_parameters(file, tables=tmp_path / "tables").joints["regression"].marginal("b0").sd == 0.2


@settings(max_examples=60, deadline=None)
@given(table=tables())
def test_what_is_written_reads_back_the_same(tmp_path_factory, table):
    file = tmp_path_factory.mktemp("study") / "parameters.csv"
    again = read_parameters(write_parameters(table, file))
    assert again == table
    assert list(again) == list(table)
    assert again.joints == table.joints


@pytest.mark.parametrize("note", ["a\rb", "a\r\nb", 'say "no"; or\t"yes"', "=1+1", ",", "…"])
def test_any_note_reads_back_the_same(tmp_path, note):
    table = Parameters.of(fixed_parameter("x", 1e-300, unit="ratio", status="assumed", note=note))
    assert read_parameters(write_parameters(table, tmp_path / "parameters.csv")) == table


def test_writing_is_stable(tmp_path):
    first = write_parameters(read(tmp_path, *GOOD), tmp_path / "a.csv")
    second = write_parameters(read_parameters(first), tmp_path / "b.csv")
    assert first.read_bytes() == second.read_bytes()
    assert first.read_text(encoding="utf-8").splitlines()[0] == HEADER


def test_the_line_is_no_part_of_a_parameter(tmp_path):
    table = read(tmp_path, *GOOD)
    assert Parameters(tuple(dataclasses.replace(row, line=None) for row in table.rows)) == table
