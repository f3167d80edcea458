"""Segments: population groups, their size, and the parameters in which they differ from the table.

A cell holds a number or a formula. A formula that names a parameter keeps that parameter's source and
uncertainty, so that what differs between segments can be traced like everything else.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from costmodel.checks import in_interval
from costmodel.errors import CostModelError, Faults
from costmodel.files import write_atomic
from costmodel.formulas import Expression, FormulaError, constant, parse
from costmodel.tables import Column, RawTable, parse_number, read_csv, typed

_OWN = (
    Column("name", kind="name", required=True, optional=False),
    Column("label"),
    Column("size", required=True, optional=False, remedy="give the number of people, or a formula"),
    Column("note"),
)


@dataclass(frozen=True)
class Segment:
    """A population group.

    Parameters
    ----------
    name, label : str
    size : Expression
        Number of people; the weight of the segment in every average.
    overrides : mapping of str to Expression
        Parameters or formulas whose value differs in this segment.
    note : str
        Where the size comes from and what is doubtful about it.
    line : int or None
        Line of segments.csv.
    """

    name: str
    label: str
    size: Expression
    overrides: Mapping[str, Expression] = field(default_factory=dict)
    note: str = ""
    line: int | None = None

    @classmethod
    def everyone(cls) -> Segment:
        """Return the one segment of a study that has no segments.csv: everyone, with weight one."""
        return cls(name="all", label="Everyone", size=constant(1.0))


def read_segments(path: Path | str) -> tuple[Segment, ...]:
    """Read segments.csv: ``name, label, size, note`` and one column per overridden parameter.

    An empty cell means that the segment does not differ in that parameter.

    Raises
    ------
    DataError
        Every fault of the file: names that repeat, sizes that are missing, numbers with two readings,
        formulas that cannot be parsed.
    """
    table = read_csv(path)
    faults = Faults(table.file)
    cells = typed(table, _OWN, faults, others=True)
    own = {column.name for column in _OWN}
    others = [name for name in table.columns if name not in own]
    segments = []
    seen: set[str] = set()
    for position, line in enumerate(table.lines):
        name = cells["name"][position]
        if name in seen:
            faults.add("a segment's name may stand only once", row=line, column="name", found=name)
        seen.add(name)
        size = _expression(table, cells["size"][position], line, "size", faults)
        overrides = {
            column: _expression(table, cells[column][position], line, column, faults)
            for column in others
            if cells[column][position]
        }
        segments.append(
            Segment(
                name=name or "",
                label=cells["label"][position] or name or "",
                size=size,
                overrides=overrides,
                note=cells["note"][position] or "",
                line=line,
            )
        )
    if not table.rows:
        faults.add("must hold at least one segment", remedy="add a row, or delete the file")
    faults.raise_if_any(f"{table.file} cannot be used")
    return tuple(segments)


def _expression(table: RawTable, text: str | None, line: int, column: str, faults: Faults) -> Expression:
    """Read a cell as a number if it can be one, else as a formula."""
    if not text:
        return constant(0.0)
    try:
        if any(letter.isalpha() for letter in text.lower().replace("e", "")):
            return parse(text, name=column)
        number = parse_number(text, delimiter=table.delimiter)
        return constant(in_interval(number, "people", low=0) if column == "size" else number)
    except FormulaError as problem:
        faults.add(f"must be a number or a formula: {problem}", row=line, column=column, found=text)
    except CostModelError as problem:
        faults.add(str(problem), row=line, column=column, found=repr(text))
    return constant(0.0)


def write_segments(segments: Iterable[Segment], path: Path | str) -> Path:
    """Write segments.csv so that reading it gives the same segments; whole or not at all."""
    rows = list(segments)
    columns = list(dict.fromkeys(name for segment in rows for name in segment.overrides))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "label", "size", *columns, "note"])
    for segment in rows:
        cells = [segment.overrides[name].text if name in segment.overrides else "" for name in columns]
        writer.writerow([segment.name, segment.label, segment.size.text, *cells, segment.note])
    return write_atomic(path, text.getvalue())
