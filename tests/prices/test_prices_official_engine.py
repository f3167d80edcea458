"""The engine: any packing, encoding and line structure; lines of rows; memory; what it leaves behind."""

import csv
import dataclasses
import gzip
import io
import tempfile
import zipfile
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import few
from test_prices_official_excerpts import EXCERPTS, NAMED, ORANGE_BOOK, PART_D, SDUD

from costmodel.errors import CostModelError, DataError
from costmodel.prices.official import (
    Cells,
    Check,
    Layout,
    Lookup,
    PublishedColumn,
    layout,
    read_official,
    read_part_d,
    recognise,
    scan,
)
from costmodel.prices.official import engine as engine_module
from costmodel.prices.official.layout import fold
from costmodel.prices.official.rows import by_line


def plain_layout(**changes):
    """A file of names, figures and days, as it is."""

    def query(cells: Cells) -> str:
        return f"SELECT line, name, figure, day FROM {cells.table} WHERE NOT repeats"

    base = Layout(
        name="plain",
        title="plain file",
        publisher="nobody",
        kind="reference",
        columns=(
            PublishedColumn("Name", "name", filled=True, remedy="name it"),
            PublishedColumn("Figure", "figure", "number", low=0, remedy="count it"),
            PublishedColumn("Day", "day", "date", dates=("%d/%m/%Y", "%Y-%m-%d"), remedy="date it"),
        ),
        query=query,
    )
    return dataclasses.replace(base, **changes)


@pytest.fixture
def read(tmp_path):
    """Read a text with the plain layout, changed; return its rows with their lines."""

    def read_text(text, *, encoding="utf-8", name="plain.csv", **changes):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        with scan(path, plain_layout(**changes)) as found:
            return found.relation.order("line").fetchall()

    return read_text


def faults_of(read, text, **changes):
    with pytest.raises(DataError) as caught:
        read(text, **changes)
    return caught.value.faults


def test_headers_are_compared_without_capitals_blanks_signs_and_accents():
    assert {fold(name) for name in ("NDC Description", "ndc_description", "\ufeffNDC  DESCRIPTION ")} == {
        "ndcdescription"
    }
    assert fold("PREÇO MÁXIMO") == "precomaximo"


def test_rows_keep_their_lines_whatever_stands_between(read):
    text = 'Name,Figure,Day\n"a\nb",1,\n\nc,2,01/02/2020\n,,\n"d ""x"", e",3,2020-02-01\n\n\n'
    rows = read(text)
    assert [row[:3] for row in rows] == [(2, "a\nb", 1.0), (5, "c", 2.0), (7, 'd "x", e', 3.0)]
    assert [str(row[3]) for row in rows] == ["None", "2020-02-01", "2020-02-01"]


names = st.text("ab\" ,;\n'|é", min_size=1, max_size=6).filter(lambda text: text.strip(" \t\n\r"))
lines = st.lists(st.one_of(st.none(), st.tuples(names, st.integers(0, 10**6))), min_size=1, max_size=12)


@few
@given(lines.filter(any), st.sampled_from(["\n", "\r\n"]))
def test_any_csv_file_is_read_as_the_csv_module_reads_it(rows, end):
    """The oracle is Python's csv module: its cells and its line numbers. None is a blank line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(["Name", "Figure", "Day"])
    for row in rows:
        if row is None:
            text.write(end)
        else:
            writer.writerow([*row, ""])
    reader = csv.reader(io.StringIO(text.getvalue(), newline=""))
    expected, start = [], 1
    for cells in reader:
        if cells and start > 1:
            expected.append((start, cells[0].strip(" "), float(cells[1])))
        start = reader.line_num + 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(text.getvalue().encode())
        with scan(path, plain_layout()) as found:
            mine = [row[:3] for row in found.relation.order("line").fetchall()]
    assert mine == expected


def test_a_file_of_one_row_to_a_line_is_not_copied(read, monkeypatch):
    monkeypatch.setattr(engine_module, "one_by_one", lambda *_: pytest.fail("copied"))
    assert len(read("Name,Figure,Day\na,1,\nb,2,\n\n")) == 2
    assert by_line is engine_module.by_line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(read, encoding):
    rows = read("Name,Figure,Day\ncafé,1,\n", encoding=encoding, encodings=("utf-8", "cp1252"))
    assert rows == [(2, "café", 1.0, None)]


def test_encoding_that_is_not_the_publishers(read):
    faults = faults_of(read, "Name,Figure,Day\ncafé,1,\n", encoding="cp1252")
    assert faults["rule"].tolist() == ["must be UTF-8 text"]
    assert "0xe9" in faults["found"][0]


@pytest.mark.parametrize("pack", ["gz", "zip"])
def test_packed_files_give_what_is_in_them(tmp_path, pack):
    data, path = PART_D.read_bytes(), tmp_path / f"x.csv.{pack}"
    if pack == "gz":
        path.write_bytes(gzip.compress(data))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x.csv", data)
    pd.testing.assert_frame_equal(read_official(path).frame, read_part_d(PART_D).frame)


def test_packed_files_that_cannot_be_unpacked(tmp_path):
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "a")
        archive.writestr("b.csv", "b")
    with pytest.raises(CostModelError, match=r"must hold one file, not 2 \(a.csv, b.csv\)"):
        read_official(path)
    for name in ("broken.zip", "broken.csv.gz"):
        (tmp_path / name).write_bytes(b"not packed at all")
        with pytest.raises(CostModelError, match="cannot be read"):
            read_official(tmp_path / name)
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(PART_D.read_bytes())[:-200])
    with pytest.raises(CostModelError, match="cannot be read"):
        read_official(tmp_path / "cut.csv.gz")


def workbook(path, **sheets):
    """Write a workbook of text and numbers, which is a zip of XML."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    listed = enumerate(sheets, start=1)
    names = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, name in listed)
    targets = "".join(
        f'<Relationship Id="r{at}" Type="{kind}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at, _ in enumerate(sheets, start=1)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    book = f'<Relationship Id="b" Type="{kind}/officeDocument" Target="xl/workbook.xml"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
        archive.writestr(
            "_rels/.rels", f'<Relationships xmlns="{package}/relationships">{book}</Relationships>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{targets}</Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{kind}"><sheets>{names}</sheets></workbook>',
        )
        for at, rows in enumerate(sheets.values(), start=1):
            cells = "".join(f"<row>{''.join(map(cell_of, row))}</row>" for row in rows)
            sheet = f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
            archive.writestr(f"xl/worksheets/sheet{at}.xml", sheet)


def cell_of(value):
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def test_a_workbook_is_read_by_the_sheet_that_fits(tmp_path):
    """A spreadsheet keeps a code as a number: 00781... as 781..., which the other codes show."""
    rows = [list(row) for row in csv.reader(EXCERPTS["nadac"].read_text().splitlines())]
    rows = [rows[0], *(row for row in rows[1:] if not row[1].startswith("000"))]
    for row in rows[1:]:
        row[1], row[2] = int(row[1]), float(row[2])
    path = tmp_path / "nadac.xlsx"
    workbook(path, About=[["NADAC"], ["of", "CMS"]], Prices=rows)
    assert recognise(path).name == "nadac"
    frame = read_official(path).frame
    plain = read_official(EXCERPTS["nadac"]).frame.loc[
        lambda table: ~table["product_id"].str.startswith("000")
    ]
    pd.testing.assert_frame_equal(
        frame.drop(columns="note").reset_index(drop=True), plain.drop(columns="note").reset_index(drop=True)
    )
    assert frame["note"].eq("leading zeros of the NDC restored").any()


def test_a_workbook_that_is_none(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(b"PK")
    with pytest.raises(CostModelError, match="is no workbook that can be read"):
        read_official(tmp_path / "x.xlsx")
    with pytest.raises(CostModelError, match="does not exist"):
        read_official(tmp_path / "none.xlsx")


def test_titles_above_and_notes_below(read):
    text = "A title\n,,\nPublished 2020,,\nName,Figure,Day\na,1,\nTotal,1,\nNote: see, the, page, below\n"
    assert read(text, title_rows=5, footer=r"^(Total|Note)") == [(5, "a", 1.0, None)]
    faults = faults_of(read, text, title_rows=5)
    assert faults[["row", "rule"]].to_numpy().tolist() == [[7, "must have 3 cells, as the header has"]]
    assert "column is missing" in faults_of(read, text)["rule"].tolist()


@pytest.mark.parametrize(
    ("how", "text", "number"),
    [
        ({}, "1234.5", 1234.5),
        ({}, '"1,234.50"', 1234.5),
        ({}, "1e3", 1000.0),
        ({"thousands": ","}, '"1,234"', 1234.0),
        ({"thousands": ",", "signs": ("$",)}, '"$1,234.50"', 1234.5),
        ({"thousands": ".", "decimal": ","}, '"1.234,50"', 1234.5),
        ({"thousands": ".", "decimal": ","}, '"0,5"', 0.5),
        ({"thousands": " ", "decimal": ","}, '"1 234,5"', 1234.5),
    ],
)
def test_numbers_as_the_publisher_writes_them(read, how, text, number):
    assert read(f"Name,Figure,Day\na,{text},\n", **how)[0][2] == number


@pytest.mark.parametrize(
    ("how", "text", "rule"),
    [
        ({}, '"1,234"', "can be read as 1234 or as 1.234"),
        ({}, "$5", "no unit or currency sign"),
        ({}, "inf", "must be a number"),
        ({}, "nan", "must be a number"),
        ({}, "1e999", "must be a finite number"),
        ({}, "1_000", "must be a number"),
        ({}, "-1", "must be at least 0"),
        ({"thousands": ","}, '"1,23"', "has a decimal comma"),
        ({"thousands": ".", "decimal": ","}, "0.5", "as its publisher writes it"),
    ],
)
def test_numbers_that_have_no_reading_or_two(read, how, text, rule):
    faults = faults_of(read, f"Name,Figure,Day\na,{text},\n", **how)
    assert len(faults) == 1
    assert rule in faults["rule"][0]
    assert faults[["row", "column", "found"]].to_numpy().tolist() == [[2, "Figure", repr(text.strip('"'))]]


@pytest.mark.parametrize("day", ["29/02/2021", "2021-2-1", "01/02/21", "44000", "1/13/2020", "0021-01-01"])
def test_days_that_have_no_reading(read, day):
    rule = faults_of(read, f"Name,Figure,Day\na,1,{day}\n")["rule"][0]
    assert "written DD/MM/YYYY or YYYY-MM-DD" in rule


def test_marks_of_suppression_are_missing_never_zero(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Name,Figure,Day\na,*,\nb,0,\nc,,\nd,**,\n")
    columns = tuple(
        dataclasses.replace(column, marks=("*",)) if column.target == "figure" else column
        for column in plain_layout().columns
    )
    known = plain_layout(
        columns=columns, query=lambda cells: f"SELECT line, figure, figure_marked FROM {cells.table}"
    )
    with scan(path, known) as found:
        assert [fault.row for fault in found.faults] == [5]
    path.write_text("Name,Figure,Day\na,*,\nb,0,\nc,,\n")
    with scan(path, known) as found:
        assert found.relation.fetchall() == [(2, None, True), (3, 0.0, False), (4, None, False)]


def test_a_thousand_faults_of_one_kind_are_counted_and_a_hundred_shown(read):
    text = "Name,Figure,Day\n" + "a,x,\n" * 1000
    faults = faults_of(read, text)
    assert len(faults) == 101
    assert faults["row"].iloc[:100].tolist() == list(range(2, 102))
    assert faults["found"].iloc[100] == "900 more rows"


def test_all_kinds_of_faults_are_raised_at_once(read):
    lookup = Lookup(
        "answers",
        ("name",),
        lambda given: {"fault": ["must not be bad" if key[0] == "bad" else "" for key in given]},
        {"fault": "VARCHAR"},
        "call it good",
    )
    check = Check("figure", "must be under 10", "figure >= 10", "make it less")
    text = "Name,Figure,Day\nbad,1,\na,99,\nb,2,x\nc,3,\nc,4,\nd,5,,6\n,1,\n"
    faults = faults_of(
        read, text, lookups=(lookup,), checks=(check,), key=("name",), key_rule="a name may stand once"
    )
    assert faults.set_index("row")["rule"].to_dict() == {
        2: "must not be bad",
        3: "must be under 10",
        4: "must be a date, written DD/MM/YYYY or YYYY-MM-DD",
        6: "a name may stand once",
        7: "must have 3 cells, as the header has",
        8: "must have a value",
    }
    assert faults["remedy"].ne("").all()


def test_rows_are_refused_as_long_as_there_are_faults(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Name,Figure,Day\na,x,\n")
    with scan(path, plain_layout()) as found:
        assert len(found.faults) == 1
        for wanted in ("relation", "unparsed"):
            with pytest.raises(DataError, match=r"x\.csv is not a plain file"):
                getattr(found, wanted)


def test_a_rule_of_python_runs_once_for_each_distinct_text(tmp_path):
    path, asked = tmp_path / "x.csv", []

    def rule(given):
        asked.extend(given)
        return {"size": [len(key[0]) for key in given]}

    path.write_text("Name,Figure,Day\n" + "a,1,\nbb,2,\n" * 500)
    known = plain_layout(
        lookups=(Lookup("sizes", ("name",), rule, {"size": "BIGINT"}),),
        query=lambda cells: f"SELECT line, size FROM {cells.table}",
    )
    with scan(path, known) as found:
        assert found.relation.aggregate("sum(size)").fetchall() == [(1500,)]
    assert asked == [("a",), ("bb",)]


def test_rows_stream_into_a_connection_of_ones_own(tmp_path):
    with duckdb.connect(str(tmp_path / "store.duckdb")) as store:
        with scan(SDUD, connection=store) as found:
            store.execute(f"CREATE TABLE spending AS {found.sql}")
        assert store.execute("SELECT count(*), sum(spending) FROM spending").fetchall()[0][0] == 8
        attached = store.execute("SELECT database_name FROM duckdb_databases()").fetchall()
        assert not [name for (name,) in attached if name.startswith("official")]


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for path in EXCERPTS.values():
        read_official(path, layout=None)
    path = tmp_path / "x.csv"
    path.write_text("Name,Figure,Day\na,x,\n")
    with scan(path, plain_layout()), pytest.raises(CostModelError):
        read_official(path)
    assert [item.name for item in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.parametrize("name", EXCERPTS)
def test_a_large_file_is_staged_on_disk_with_the_same_result(name, monkeypatch):
    small = read_official(EXCERPTS[name])
    monkeypatch.setattr(engine_module, "_LARGE", 0)
    large = read_official(EXCERPTS[name])
    frames = [getattr(item, "frame", item) for item in (small, large)]
    pd.testing.assert_frame_equal(*frames)


def test_only_the_rows_of_some_molecules_are_checked(tmp_path):
    path = tmp_path / "sdud.csv"
    path.write_text(SDUD.read_text() + "FFSU,AK,bad,bad,1,1,2022,9,false,OTHER,x,,,,\n")
    assert len(read_official(path, molecules=NAMED)) == 8
    with pytest.raises(DataError):
        read_official(path)


def test_paths_are_quoted(tmp_path):
    path = tmp_path / 'it\'s; DROP "x".txt'
    path.write_bytes(ORANGE_BOOK.read_bytes())
    assert len(read_official(path)) == 66


def test_layout_by_name():
    assert layout("sdud").publisher == "CMS"
    with pytest.raises(CostModelError, match="did you mean 'part_d'"):
        layout("partd")
