"""Tables of every shape stay on the page of the PDF, whole and readable."""

import nbformat.v4 as nbf
import pandas as pd
import pypdf
import pytest

from costmodel.errors import CostModelError
from costmodel.report import ReportMetadata, render
from costmodel.report.frames import table_record
from costmodel.report.records import MIME, to_payload

METADATA = ReportMetadata(title="Pages", date="2026-04-29")
WIDTH, HEIGHT = 595.3, 841.9


def pages(folder, frame, **options):
    record = table_record(frame, id="tbl-x", caption="A table", **options)
    output = nbf.new_output("display_data", data={MIME: to_payload(record)})
    cells = [nbf.new_markdown_cell("## Results"), nbf.new_code_cell("x", outputs=[output], execution_count=1)]
    made = render(nbf.new_notebook(cells=cells), out_dir=folder, metadata=METADATA, formats=("pdf",))
    return [_Page(page) for page in pypdf.PdfReader(made.paths["pdf"]).pages[2:]]


class _Page:
    """Text of a page, where its lines begin, and the sizes of its type."""

    def __init__(self, page):
        self.places, self.sizes = [], set()
        self.text = page.extract_text(visitor_text=self._see).replace("\u200b", "")

    def _see(self, text, current, matrix, _font, size):
        if text.strip():
            self.places.append((current[0] * matrix[4] + current[4], current[3] * matrix[5] + current[5]))
            self.sizes.add(round(abs(size * matrix[3] * current[3]), 1))

    def inside(self):
        return all(30 < across < WIDTH - 30 and 30 < up < HEIGHT - 30 for across, up in self.places)


def squeezed(listed):
    return "".join("".join(page.text for page in listed).split())


def test_forty_rows_stand_on_one_page(tmp_path):
    frame = pd.DataFrame(
        {"Row": [f"row-{n}" for n in range(40)], "Source": ["a source of many words " * 4] * 40}
    )
    (page,) = [page for page in pages(tmp_path, frame) if "row-" in page.text]
    assert page.inside()
    assert all(f"row-{n}" in page.text for n in range(40))


def test_a_longer_table_repeats_its_header(tmp_path):
    frame = pd.DataFrame({"Kind": ["Prices"] * 60 + ["Use"] * 60, "Row": [f"row-{n}" for n in range(120)]})
    listed = pages(tmp_path, frame, group="Kind")
    assert len(listed) >= 2
    assert all(page.inside() and "Row" in page.text for page in listed)
    assert "Prices" in listed[1].text
    assert [f"row-{n}" in squeezed(listed) for n in range(120)] == [True] * 120


def test_a_wide_table_is_set_smaller(tmp_path):
    narrow = pd.DataFrame({f"c{n}": [1000 + n] for n in range(4)})
    wide = pd.DataFrame({f"column {n}": [100_000 + n] for n in range(14)})
    (small,), (large,) = pages(tmp_path, wide), pages(tmp_path, narrow)
    assert 5.5 <= min(small.sizes) < min(large.sizes)
    assert small.inside()


def test_a_table_too_wide_for_any_page_is_refused(tmp_path):
    frame = pd.DataFrame({f"column {n}": [1_000_000 + n] for n in range(30)})
    with pytest.raises(
        CostModelError, match=r"Table 1 \(A table\) is too wide for a page; show fewer columns"
    ):
        pages(tmp_path, frame)


def test_words_too_long_for_a_column_are_broken_and_kept(tmp_path):
    address = "https://download.example.org/files/" + "abcdefghij" * 15 + "?key=1&value=2_3"
    frame = pd.DataFrame({"Name": ["x"], "Address": [address], "Code": ["part_" * 30]})
    listed = pages(tmp_path, frame)
    assert all(page.inside() for page in listed)
    assert address in squeezed(listed)
    assert "part_" * 30 in squeezed(listed)


def test_a_cell_longer_than_a_page_goes_on(tmp_path):
    listed = pages(tmp_path, pd.DataFrame({"Text": ["word " * 2300], "Value": [1]}))
    assert len(listed) >= 2
    assert all(page.inside() for page in listed)
    assert squeezed(listed).count("word") == 2300
