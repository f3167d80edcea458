"""What of a notebook reaches the report, and what a report refuses."""

import nbformat.v4 as nbf
import pytest

from costmodel.errors import CostModelError
from costmodel.report.markdown import gather, read_notebook
from costmodel.report.metadata import ReportMetadata
from costmodel.report.records import MIME, FigureRecord, TableRecord, to_payload

FIGURE = FigureRecord(id="fig-a", caption="A", alt="A line", svg="<svg/>", width=6, height=3)
TABLE = TableRecord(id="tbl-a", caption="B", columns=("x",), align=("left",), widths=(None,), rows=(("1",),))


def shown(record):
    data = {MIME: to_payload(record), "image/png": "QUJD\n", "text/html": "<p>no</p>", "text/plain": "no"}
    return nbf.new_output("display_data", data=data)


def notebook(*outputs, text="## Methods"):
    code = nbf.new_code_cell("secret = 1", outputs=list(outputs), execution_count=1)
    return nbf.new_notebook(cells=[nbf.new_markdown_cell(text), code])


def test_text_and_records_keep_their_order():
    markdown = nbf.new_output("display_data", data={"text/markdown": "said", "text/plain": "no"})
    manuscript = gather(notebook(shown(TABLE), markdown, shown(FIGURE)))
    assert manuscript.parts == ("## Methods", TABLE, "said", FIGURE)
    assert manuscript.labels == {"tbl-a": "Table 1", "fig-a": "Figure 1"}
    assert manuscript.pictures == {"fig-a": "QUJD"}


def test_code_prints_and_other_outputs_stay_in_the_notebook():
    stream = nbf.new_output("stream", text="noise")
    frame = nbf.new_output(
        "execute_result", data={"text/html": "<table>", "text/plain": "x"}, execution_count=1
    )
    assert gather(notebook(stream, frame)).parts == ("## Methods",)


def test_a_cell_for_the_notebook_only_stays_there():
    own = nbf.new_markdown_cell("Run all cells.", metadata={"tags": ["notebook-only"]})
    assert gather({"cells": [own, *notebook()["cells"]]}).parts == ("## Methods",)


def test_the_readable_text_holds_no_second_title():
    assert gather(notebook(text="# Title\n\nText")).readable() == "Text\n"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (notebook(shown(TABLE), shown(TABLE)), "'tbl-a' names two"),
        (
            notebook(nbf.new_output("error", ename="ValueError", evalue="no price")),
            "cell 2 failed.*ValueError: no price",
        ),
        (nbf.new_notebook(cells=[nbf.new_code_cell("x = 1")]), "has not been run"),
        (nbf.new_notebook(cells=[]), "no text, figure or table"),
        (
            notebook(nbf.new_output("display_data", data={MIME: to_payload(FIGURE)})),
            "fig-a: the notebook holds no PNG",
        ),
        (
            notebook(nbf.new_output("display_data", data={MIME: {"version": 99}})),
            "another version of costmodel",
        ),
    ],
)
def test_what_a_report_refuses(cells, words):
    with pytest.raises(CostModelError, match=words):
        gather(cells)


def test_a_missing_or_foreign_file_is_refused(tmp_path):
    with pytest.raises(CostModelError, match=r"there is no notebook .*none\.ipynb"):
        read_notebook(tmp_path / "none.ipynb")
    (tmp_path / "text.ipynb").write_text("not JSON")
    with pytest.raises(CostModelError, match=r"text\.ipynb is not a Jupyter notebook"):
        read_notebook(tmp_path / "text.ipynb")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": " "}, "needs a title"),
        ({"date": "29 April 2026"}, "date: '29 April 2026' is not a date such as"),
        ({"date": "2026-02-30"}, "is not a date"),
        ({"language": "English"}, "language: 'English'"),
        ({"authors": "A. Analyst"}, "authors: give a list"),
        ({"summary": "One sentence."}, "summary: give a list"),
    ],
)
def test_what_metadata_refuse(changes, words):
    with pytest.raises(CostModelError, match=words):
        ReportMetadata(**{"title": "T", "date": "2026-04-29", **changes})


def test_the_time_of_a_report_is_midnight_of_its_date():
    assert ReportMetadata(title="T", date="1970-01-03").timestamp == 2 * 86400
