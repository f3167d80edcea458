"""One record, three languages, the same words."""

import json
import xml.etree.ElementTree as ET

import html5lib
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.report.emit import figure_html, figure_typst, table_html, table_markdown, table_typst
from costmodel.report.preview import table_for_notebook, table_plain
from costmodel.report.records import FigureRecord, TableRecord
from costmodel.report.text import clean

texts = st.text(max_size=20)
tables = (
    st.integers(1, 4)
    .flatmap(
        lambda width: st.builds(
            TableRecord,
            id=st.just("tbl-x"),
            caption=texts.filter(clean),
            note=texts,
            columns=st.lists(texts.filter(clean), min_size=width, max_size=width).map(tuple),
            align=st.lists(st.sampled_from(["left", "right", "center"]), min_size=width, max_size=width).map(
                tuple
            ),
            widths=st.lists(st.none() | st.floats(0.1, 9), min_size=width, max_size=width).map(tuple),
            rows=st.lists(st.lists(texts, min_size=width, max_size=width).map(tuple), max_size=4).map(tuple),
            groups=st.lists(texts.filter(clean), max_size=1).map(lambda names: tuple(enumerate(names))),
            total=st.booleans(),
        )
    )
    .filter(lambda table: table.rows or not table.groups)
)

HEAD = "<!DOCTYPE html><html lang='en'><head><title>t</title></head><body>"


def _parsed(fragment):
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(f"{HEAD}{fragment}</body></html>")


def _texts(row):
    return [clean("".join(cell.itertext())) for cell in row]


@settings(max_examples=40, deadline=None)
@given(tables)
def test_html_is_valid_and_says_what_the_record_says(table):
    tree = _parsed(table_html(table, "Table 7"))
    body = [row for row in tree.iterfind(".//tbody/tr") if "group" not in row.get("class", "")]
    assert _texts(tree.find(".//thead/tr")) == [clean(name) for name in table.columns]
    assert [_texts(row) for row in body] == [[clean(cell) for cell in row] for row in table.rows]
    assert "".join(tree.find(".//caption").itertext()) == f"Table 7. {clean(table.caption)}"
    assert all(head.get("scope") in {"col", "row", "rowgroup"} for head in tree.iter("th"))


@settings(max_examples=12, deadline=None)
@given(st.lists(tables, min_size=1, max_size=5))
def test_typst_reads_back_what_the_record_says(listed):
    reader = (
        "#let report-table(label: none, caption: none, note: none, columns: none, align: none, widths: none, "
        "groups: none, total: none, rows: none) = "
        "[#metadata((caption: caption, note: note, columns: columns, "
        "align: align.map(repr), widths: widths, groups: groups, total: total, rows: rows))<got>]\n"
    )
    calls = "\n".join(table_typst(table, "Table 1").removesuffix(" <tbl-x>") for table in listed)
    read = json.loads(typst.query((reader + calls).encode(), "<got>", field="value"))
    for got, table in zip(read, listed, strict=True):
        assert got["rows"] == [[clean(cell) for cell in row] for row in table.rows]
        assert got["columns"] == [clean(name) for name in table.columns]
        assert (got["caption"], got["note"]) == (clean(table.caption), clean(table.note))
        assert got["align"] == list(table.align)
        assert got["widths"] == list(table.widths)
        assert got["groups"] == [[at, clean(name)] for at, name in table.groups]
        assert got["total"] == table.total


def _figure(**changes):
    fields = {
        "id": "fig-x",
        "caption": "Price & share",
        "alt": 'Bars "a" <b>',
        "svg": "<svg/>",
        "width": 6.3,
        "height": 3.15,
    }
    return FigureRecord(**{**fields, **changes})


def test_a_figure_in_html_has_size_number_and_description():
    image = _parsed(figure_html(_figure(), "Figure 2", "QUJD")).find(".//figure/img")
    assert dict(image.attrib) == {
        "src": "data:image/png;base64,QUJD",
        "width": "605",
        "height": "302",
        "alt": 'Bars "a" <b>',
    }


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [(6.3, 3, "6.300in"), (3.0, 2, "3.000in"), (12.9, 6, "6.450in"), (6.0, 16.8, "3.000in")],
)
def test_a_figure_never_leaves_the_page_of_the_pdf(width, height, shown):
    assert f"width: {shown}" in figure_typst(_figure(width=width, height=height), "Figure 1", "fig-x.svg")


TABLE = TableRecord(
    id="tbl-cost",
    caption="Cost | group",
    note="Per year.",
    columns=("Group", "Cost", "Ref"),
    align=("left", "right", "left"),
    widths=(None, None, None),
    rows=(("A | B", "1,234", "nadac"), ("All", "9", "\N{EN DASH}")),
    groups=((0, "Adults"),),
    total=True,
    cited=(2,),
)


def test_markdown_is_a_pipe_table():
    assert table_markdown(TABLE, "Table 1").splitlines() == [
        r"**Table 1.** Cost \| group",
        "",
        "| Group | Cost | Ref |",
        "| :--- | ---: | :--- |",
        "| **Adults** |  |  |",
        r"| A \| B | 1,234 | nadac |",
        "| All | 9 | \N{EN DASH} |",
        "",
        r"Per year\.",
    ]


def test_the_notebook_shows_keys_where_the_report_shows_numbers():
    tree = ET.fromstring(table_for_notebook(TABLE))
    cells = [_texts(row) for row in tree.iterfind(".//tbody/tr")]
    assert cells == [["Adults"], ["A | B", "1,234", "[nadac]"], ["All", "9", "\N{EN DASH}"]]
    assert "".join(tree.find(".//caption").itertext()) == "@tbl-cost. Cost | group"


def test_a_total_and_its_group_are_marked():
    rows = _parsed(table_html(TABLE, "Table 1")).findall(".//tbody/tr")
    assert [row.get("class") for row in rows] == ["group", None, "total"]
    assert rows[0][0].get("colspan") == "3"


def test_plain_text_is_aligned():
    assert table_plain(TABLE).splitlines()[1:3] == ["Group |  Cost | Ref", "A | B | 1,234 | nadac"]
