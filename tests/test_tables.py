"""CSV tables: what has one reading is read, what has two is refused, and every fault is told at once."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import CostModelError, DataError, Faults
from costmodel.tables import Column, parse_csv, parse_date, parse_number, read_csv, typed


@pytest.mark.parametrize(
    ("text", "delimiter", "value"),
    [
        ("12", ",", 12),
        ("-1.5", ",", -1.5),
        (".5", ",", 0.5),
        ("1e-3", ",", 0.001),
        ("12,345.60", ",", 12345.6),
        ("1,234,567", ",", 1234567),
        ("1 234 567", ",", 1234567),
        ("1\u202f234,5", ";", 1234.5),
        ("1.234,5", ";", 1234.5),
        ("0,5", ";", 0.5),
        ("0,365", ";", 0.365),
        ("12,5", ";", 12.5),
        ("0.5", ";", 0.5),
        ("1'234'567.5", ",", 1234567.5),
    ],
)
def test_numbers_with_one_reading(text, delimiter, value):
    assert parse_number(text, delimiter=delimiter) == value


@pytest.mark.parametrize(
    ("text", "delimiter", "words"),
    [
        ("1,234", ",", "1234 or as 1.234"),
        ("1,234", ";", "1234 or as 1.234"),
        ("1.234", ";", "1234 or as 1.234"),
        ("0,5", ",", "write 0.5"),
        ("0,365", ",", "write 0.365"),
        ("5%", ",", "5% as 0.05"),
        ("USD 5", ",", "no unit or currency"),
        ("5 mg", ",", "no unit"),
        ("1e999", ",", "finite"),
        ("nan", ",", "must be a number"),
        ("inf", ",", "must be a number"),
        ("12,34,567", ",", "must be a number"),
        ("--5", ",", "must be a number"),
    ],
)
def test_numbers_with_two_readings_or_none(text, delimiter, words):
    with pytest.raises(CostModelError, match=words):
        parse_number(text, delimiter=delimiter)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_is_read_back_exactly(value):
    assert parse_number(repr(value)) == value


@given(st.integers(1000, 10**12), st.integers(0, 99))
def test_thousands_separators_change_nothing(whole, cents):
    assert parse_number(f"{whole:,}.{cents:02d}") == float(f"{whole}.{cents:02d}")


@pytest.mark.parametrize(
    "text", ["04/29/2026", "29.4.2026", "2026-13-01", "2026-02-30", "20260429", "2026-4-9"]
)
def test_dates_of_two_readings_are_refused(text):
    with pytest.raises(CostModelError, match="YYYY-MM-DD"):
        parse_date(text)


def test_dates():
    assert parse_date("2026-04-29") == dt.date(2026, 4, 29)


def test_rows_know_their_line_also_after_quoted_line_breaks_and_empty_rows():
    table = parse_csv(b'a,b\n1,"two\nlines"\n\n,,\n2,x\n', name="t.csv")
    assert table.rows == (("1", "two\nlines"), ("2", "x"))
    assert table.lines == (2, 6)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "header row"),
        (b"a,a\n1,2\n", "only once"),
        (b"a,,c\n1,2,3\n", "every column must have a name"),
        (b"a,b\n1,2,3\n", "must have 2 cells"),
        (b'a,b\n1,"open\n', "quotation mark"),
        ("a,b\nMünchen,1\n".encode("latin-1"), "CSV UTF-8"),
        (b"a,b\n1,\x00\n", "NUL"),
    ],
)
def test_broken_files_say_what_to_do(data, words):
    with pytest.raises(DataError, match=words):
        parse_csv(data, name="t.csv")


def test_utf_16_of_a_spreadsheet_is_read():
    assert parse_csv("a\tb\r\n1\t2\r\n".encode("utf-16"), name="t.csv").rows == (("1", "2"),)


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(CostModelError, match="does not exist"):
        read_csv(tmp_path / "none.csv")


def test_every_fault_is_noted_and_faulty_cells_are_empty():
    columns = (
        Column("name", kind="name", required=True),
        Column("share", kind="number", low=0, high=1),
        Column("kind", choices=("brand", "generic")),
        Column("when", kind="date"),
        Column("count", kind="integer", low=0, open_low=True),
        Column("must", optional=False),
    )
    table = parse_csv(
        b"name,share,kind,when,count,shar\n2x,1.5,brnd,today,0,\n,-1,brand,2026-01-01,1.5,\n", name="t.csv"
    )
    faults = Faults("t.csv")
    cells = typed(table, columns, faults)
    found = {(item.row, item.column) for item in faults}
    assert found == {
        (1, "shar"), (1, "must"), (2, "name"), (2, "share"), (2, "kind"), (2, "when"), (2, "count"),
        (3, "name"), (3, "share"), (3, "count"),
    }  # fmt: skip
    assert cells["share"] == [None, None]
    assert cells["when"] == [None, dt.date(2026, 1, 1)]
    text = str(DataError("t.csv", faults))
    assert "did you mean 'brand'" in text
    assert "did you mean 'share'" in text
    assert "must be at most 1" in text
    assert "must be above 0" in text


def test_the_faults_of_an_error_are_a_table():
    faults = Faults("t.csv")
    for row in range(40):
        faults.add("rule", row=row, column="c", found=row, remedy="do this")
    with pytest.raises(DataError) as caught:
        faults.raise_if_any("broken")
    assert caught.value.faults.shape == (40, 6)
    assert caught.value.faults["found"].tolist() == [str(row) for row in range(40)]
    assert "and 20 more" in str(caught.value)
