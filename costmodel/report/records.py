"""What a figure or a table hands to the report: a frozen record, beside what Jupyter shows of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.report.text import clean

MIME = "application/vnd.costmodel+json"
"""The type of the output in an executed notebook that carries a record."""

HEADLINES_MIME = "application/vnd.costmodel.headlines+json"
"""The type of the output that carries the headline results: a list of sentences for the title page."""

VERSION = 1

Align = Literal["left", "right", "center"]
ALIGNMENTS: tuple[Align, ...] = ("left", "right", "center")

_ID = re.compile(r"(fig|tbl)-[a-z0-9]+(-[a-z0-9]+)*\Z")
_KEY = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_]|[:.#$%&+?<>~/-](?=[A-Za-z0-9_]))*\Z")


@dataclass(frozen=True, kw_only=True)
class FigureRecord:
    """A figure: what the report needs beside its PNG.

    Attributes
    ----------
    id : str
        ``fig-`` and a name; the text refers to the figure as ``@fig-name``.
    caption, alt : str
        What the figure shows, in plain text; and what a reader who cannot see it needs to be told.
    svg : str
        The figure as SVG with text as text: what the PDF shows.
    width, height : float
        Size in inches.
    """

    id: str
    caption: str
    alt: str
    svg: str
    width: float
    height: float

    def __post_init__(self) -> None:
        _check_id(self.id, "fig")
        _check_said(self.caption, f"{self.id}: caption")
        _check_said(self.alt, f"{self.id}: alternative text")


@dataclass(frozen=True, kw_only=True)
class TableRecord:
    """A table as text, ready to be laid out.

    Attributes
    ----------
    id : str
        ``tbl-`` and a name; the text refers to the table as ``@tbl-name``.
    caption, note : str
        Plain text above and below the table; the note may be empty.
    columns : tuple of str
        Headers, one for each column.
    align : tuple of {"left", "right", "center"}
        One for each column.
    widths : tuple of (float or None)
        Relative widths of the columns; None where the content decides.
    rows : tuple of tuple of str
        Cells as shown, one tuple for each row.
    groups : tuple of (int, str)
        Headings of groups of rows: the row before which each stands, and its text.
    total : bool
        Whether the last row is a sum of the others.
    cited : tuple of int
        Columns whose cells hold keys of the bibliography, separated by semicolons.
    """

    id: str
    caption: str
    columns: tuple[str, ...]
    align: tuple[Align, ...]
    widths: tuple[float | None, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    groups: tuple[tuple[int, str], ...] = ()
    total: bool = False
    cited: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _check_id(self.id, "tbl")
        _check_said(self.caption, f"{self.id}: caption")
        count = len(self.columns)
        if not count or {len(self.align), len(self.widths), *map(len, self.rows)} != {count}:
            raise CostModelError(f"{self.id}: every row needs one cell for each of the {count} columns")
        for name in self.columns:
            _check_said(name, f"{self.id}: the header of every column")
        for choice in self.align:
            one_of(choice, ALIGNMENTS, f"{self.id}: alignment")
        for key in (key for row in self.rows for at in self.cited for key in citation_keys(row[at])):
            _check_key(key, self.id)


Record = FigureRecord | TableRecord


def citation_keys(cell: str) -> tuple[str, ...]:
    """Return the keys of the bibliography that a cell holds; a dash or an empty cell holds none.

    Examples
    --------
    >>> citation_keys("nadac2026; bnf-87"), citation_keys("")
    (('nadac2026', 'bnf-87'), ())
    """
    keys = (key.strip().removeprefix("@") for key in cell.split(";"))
    return tuple(key for key in keys if key and key != "\N{EN DASH}")


def to_payload(record: Record) -> dict[str, Any]:
    """Return the record as the JSON of its MIME type.

    Examples
    --------
    >>> figure = FigureRecord(id="fig-a", caption="A", alt="A line", svg="<svg/>", width=6, height=3)
    >>> payload = to_payload(figure)
    >>> payload["kind"], payload["version"], from_payload(payload) == figure
    ('figure', 1, True)
    """
    kind = "figure" if isinstance(record, FigureRecord) else "table"
    return {"kind": kind, "version": VERSION, **asdict(record)}


def from_payload(payload: Any) -> Record:
    """Return the record that an executed notebook carries.

    Raises
    ------
    CostModelError
        When the payload is not a record of this version.
    """
    if not isinstance(payload, Mapping) or payload.get("version") != VERSION:
        raise CostModelError(
            "an output was made by another version of costmodel; run the notebook again with this one"
        )
    fields = {name: _frozen(value) for name, value in payload.items() if name not in {"kind", "version"}}
    try:
        return _CLASSES[str(payload.get("kind"))](**fields)
    except (KeyError, TypeError, ValueError) as error:
        raise CostModelError(f"an output in the notebook is not a figure or a table: {error}") from error


_CLASSES: dict[str, type[FigureRecord | TableRecord]] = {"figure": FigureRecord, "table": TableRecord}


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


def _check_id(name: str, kind: str) -> None:
    if not (_ID.match(name) and name.startswith(f"{kind}-")):
        what = "figure" if kind == "fig" else "table"
        raise CostModelError(
            f"'{name}' cannot name a {what}; write '{kind}-' and small letters, digits or hyphens, "
            f"such as '{kind}-price-ratio'"
        )


def _check_said(text: str, what: str) -> None:
    if not clean(text):
        raise CostModelError(f"{what} is empty; a reader who cannot see the {_seen(what)} relies on it")


def _seen(what: str) -> str:
    return "figure" if what.startswith("fig") else "table"


def _check_key(key: str, table: str) -> None:
    if not _KEY.match(key):
        raise CostModelError(
            f"{table}: '{key}' cannot be a key of the bibliography; put keys, separated by semicolons, "
            "in a column named by `cite`, and other text in another column"
        )
