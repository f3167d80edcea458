"""The rows of a plain file, each with its line: by DuckDB where every row is a line, else by csv.

Nearly every file has one row to a line, and then a row's number gives its line. In a file with blank
lines, cells of several lines, notes or rows of a wrong width the rows are read one by one, and a copy
that holds each row's line is read in its place.
"""

# ruff: noqa: S608 (every name and text in the SQL is quoted)
from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from costmodel.errors import Faults
from costmodel.prices.official.cells import read_csv_sql, text
from costmodel.prices.official.header import Header, style_of
from costmodel.prices.official.layout import Layout
from costmodel.prices.official.plain import Plain

_WIDTHS_SHOWN = 100


@dataclass(frozen=True)
class Rows:
    """SQL whose rows have ``line`` and the text cells, ``c0`` and on; ``odd`` as in :class:`Plain`."""

    sql: str
    odd: bool


def by_line(plain: Plain, header: Header, layout: Layout) -> Rows | None:
    """Return the rows of a file in which each row should be one line; None where the header is not."""
    if not header.simple:
        return None
    delimiter, quote = style_of(plain, layout)
    source = read_csv_sql(
        str(plain.path), len(header.names), skip=header.line, delimiter=delimiter, quote=quote
    )
    numbered = f"SELECT (row_number() OVER () + {header.line})::BIGINT AS line, * FROM {source}"
    return Rows(numbered, plain.odd)


def one_by_one(plain: Plain, header: Header, layout: Layout, folder: Path, faults: Faults) -> Rows:
    """Write a copy in which each row begins with its line; note rows of a wrong width."""
    target = folder / "rows.csv"
    delimiter, quote = style_of(plain, layout)
    style = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    wrong = _Widths(len(header.names), delimiter, re.compile(layout.footer) if layout.footer else None)
    with (
        plain.path.open(encoding="utf-8-sig", newline="") as stream,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        reader = csv.reader(stream, delimiter=delimiter, strict=bool(quote), **style)
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        start = 1
        try:
            for cells in reader:
                if start > header.line and any(cells) and (fitted := wrong.fit(cells, start, faults)):
                    writer.writerow([start, *fitted])
                start = reader.line_num + 1
        except csv.Error as problem:
            remedy = "close every quotation mark, or download the file again"
            faults.add("must be a well-formed CSV file", row=start, found=problem, remedy=remedy)
    wrong.note_rest(faults)
    width = len(header.names) + 1
    source = read_csv_sql(str(target), width, skip=0, delimiter=",", quote='"')
    shifted = ", ".join(f"c{at + 1} AS c{at}" for at in range(width - 1))
    return Rows(f"SELECT c0::BIGINT AS line, {shifted} FROM {source}", plain.odd)


@dataclass
class _Widths:
    width: int
    delimiter: str
    footer: re.Pattern[str] | None
    unshown: int = 0
    shown: int = 0

    def fit(self, cells: list[str], line: int, faults: Faults) -> list[str] | None:
        """Return a row of the right width; blank cells beyond it are cut."""
        if len(cells) == self.width:
            return cells
        if self.footer and self.footer.search(next(cell.strip() for cell in cells if cell.strip() or cell)):
            return None
        if len(cells) > self.width and not any(cell.strip() for cell in cells[self.width :]):
            return cells[: self.width]
        if not any(cell.strip() for cell in cells):
            return None
        self.shown += 1
        if self.shown > _WIDTHS_SHOWN:
            self.unshown += 1
            return None
        faults.add(
            f"must have {self.width} cells, as the header has",
            row=line,
            found=f"{len(cells)} cell{'s' if len(cells) != 1 else ''}",
            remedy=_REMEDIES.get(self.delimiter, "download the file again"),
        )
        return None

    def note_rest(self, faults: Faults) -> None:
        if self.unshown:
            rule = f"must have {self.width} cells, as the header has"
            faults.add(rule, found=f"{self.unshown:,} more rows", remedy="download the file again")


_REMEDIES = {
    ",": "put text that holds a comma between quotation marks",
    ";": "put text that holds a semicolon between quotation marks",
}


def footer_sql(layout: Layout) -> str:
    """Return SQL that is true of trimmed rows that are no footer."""
    if not layout.footer:
        return "true"
    return f"NOT regexp_matches(c0, {text(layout.footer)})"
