"""The header of a publisher's file: where it stands, which columns it has, and which layout it fits."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from costmodel.checks import did_you_mean
from costmodel.errors import Faults
from costmodel.prices.official.layout import YEAR, Layout, PublishedColumn, fold
from costmodel.prices.official.plain import Plain

_SEARCHED = 120
_HALF = 0.5


@dataclass(frozen=True)
class Header:
    """Where the header of a file stands and where each column was found.

    Parameters
    ----------
    line : int
        The line of the file, from 1; 0 when there is none.
    names : tuple of str
        As printed.
    columns : mapping of str to (int, PublishedColumn)
        By target: the position from 0, and the column.
    years : tuple of str
    missing, repeated, foreign : tuple of str
        Published names of required columns that are not there, of columns that stand twice, and of
        columns that tell that it is another file.
    simple : bool
        Whether each row down to the header is one line that is not blank.
    titles : tuple of str
        The rows above it that are not blank, as text.
    """

    line: int
    names: tuple[str, ...]
    columns: dict[str, tuple[int, PublishedColumn]]
    years: tuple[str, ...]
    missing: tuple[str, ...]
    repeated: tuple[str, ...]
    foreign: tuple[str, ...]
    simple: bool
    titles: tuple[str, ...] = ()

    @property
    def found(self) -> int:
        """How many columns were found, required and not."""
        return len(self.columns)


def first_rows(path: Path, delimiter: str, quote: str) -> list[tuple[int, int, list[str]]]:
    """Return the first rows of a plain file, each with its first and last line."""
    rows = []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        style = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
        reader = csv.reader(stream, delimiter=delimiter, **style)
        start = 1
        try:
            for cells in reader:
                rows.append((start, reader.line_num, [cell.strip() for cell in cells]))
                start = reader.line_num + 1
                if len(rows) == _SEARCHED:
                    break
        except csv.Error:
            pass
    return rows


def find_header(plain: Plain, layout: Layout) -> Header:
    """Return the header of a file: of its first rows the one with most of the layout's columns."""
    rows = first_rows(plain.path, *style_of(plain, layout))[: layout.title_rows + 1]
    simple = True
    best = Header(0, (), {}, (), _required(layout), (), (), simple)
    for start, end, cells in rows:
        simple = simple and start == end and any(cells)
        header = _match(cells, layout, start, simple=simple)
        if best.line == 0 or (header.found, -len(header.missing)) > (best.found, -len(best.missing)):
            best = header
        # some publishers repeat the header further down; no row of notes has half of it
        if share(best, layout) > _HALF:
            break
    above = (" ".join(cell for cell in cells if cell) for start, _, cells in rows if start < best.line)
    return replace(best, titles=tuple(title for title in above if title))


def style_of(plain: Plain, layout: Layout) -> tuple[str, str]:
    """Return delimiter and quotation mark."""
    return (",", '"') if plain.workbook else (layout.delimiter, layout.quote)


def _required(layout: Layout) -> tuple[str, ...]:
    return tuple(column.name for column in layout.columns if column.required)


def _match(cells: Sequence[str], layout: Layout, line: int, *, simple: bool) -> Header:
    folded = [fold(cell) for cell in cells]
    years = _years(folded, layout.columns)
    columns: dict[str, tuple[int, PublishedColumn]] = {}
    missing, repeated = [], []
    for column in layout.columns:
        for wanted in [column.of_year(year) for year in years] if column.yearly else [column]:
            places = [at for at, name in enumerate(folded) if name in _names(wanted)]
            exact = [at for at in places if cells[at] == wanted.name]
            places = exact if layout.exact and len(exact) == 1 else places
            if places:
                columns[wanted.target] = (places[0], wanted)
            elif column.required:
                missing.append(wanted.name)
            if len(places) > 1 and folded[places[0]]:
                repeated.append(wanted.name)
        if column.yearly and not years and column.required:
            missing.append(column.name)
    foreign = tuple(name for name in cells if _without_year(name) in map(fold, layout.absent))
    return Header(line, tuple(cells), columns, years, tuple(missing), tuple(repeated), foreign, simple)


def _without_year(name: str) -> str:
    return re.sub(r"(19|20)\d\d", "", fold(name))


def _names(column: PublishedColumn) -> set[str]:
    return {fold(name) for name in (column.name, *column.aliases)}


def _years(folded: Iterable[str], columns: Iterable[PublishedColumn]) -> tuple[str, ...]:
    found: set[str] = set()
    for column in columns:
        if column.yearly and column.required:
            for name in (column.name, *column.aliases):
                before, after = (fold(part) for part in name.split(YEAR))
                pattern = re.compile(rf"{re.escape(before)}((?:19|20)\d\d){re.escape(after)}\Z")
                found |= {match[1] for text in folded if (match := pattern.match(text))}
    return tuple(sorted(found))


def note_missing(header: Header, layout: Layout, faults: Faults) -> None:
    """Note the columns that are missing, stand twice, or belong to another file."""
    names = [name for name in header.names if name]
    for name in header.missing:
        remedy = did_you_mean(name, names) if names else "download the file again"
        faults.add("column is missing", row=header.line or 1, column=name, remedy=remedy)
    for name in header.foreign:
        faults.add(
            f"no {layout.title} has such a column",
            row=header.line,
            column=name,
            remedy="it is another file, or one whose other columns were taken out: download the file again",
        )
    for name in header.repeated:
        faults.add("a column name may stand only once", row=header.line, column=name)


def share(header: Header, layout: Layout) -> float:
    """Return the share of the required columns that a header has; none where it is another file's."""
    if header.foreign:
        return 0.0
    required = len(_required(layout))
    missing = {re.sub(r"(19|20)\d\d", YEAR, name) for name in header.missing}
    return 1 - min(len(missing), required) / max(required, 1)
