"""The engine: any official file, of any size, to typed rows in the one schema, with all its faults.

The file is read once. Its cells are typed as they stream by, and the typed cells are kept beside the
connection: in memory for a small file, in a temporary file for a large one. Rules that need Python run
once for each distinct text. All that breaks a rule is collected and raised once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from costmodel.errors import CostModelError, Faults
from costmodel.prices.official.faults import note_cells, note_checks, note_lookups, note_repeats
from costmodel.prices.official.header import Header, find_header, note_missing
from costmodel.prices.official.layout import Cells, Layout
from costmodel.prices.official.plain import Plain, is_workbook, plain_text, sheet_text, sheets
from costmodel.prices.official.rows import Rows, by_line, one_by_one
from costmodel.prices.official.staging import Staging, look_up, typed_sql

if TYPE_CHECKING:
    import duckdb

_LARGE = 300_000_000


@dataclass(frozen=True, eq=False)
class Scan:
    """A file that has been read: typed rows in DuckDB, and every fault.

    Use it in a ``with`` statement; the rows are gone at its end.

    Parameters
    ----------
    layout : Layout
    file : str
        The name of the file.
    connection : duckdb.DuckDBPyConnection
    sql : str
        SELECT of the rows in the schema, after ``line``, the line of the file.
    unparsed_sql : str
        SELECT of the rows that were set aside, with ``line`` and ``reason``.
    faults : Faults
    """

    layout: Layout
    file: str
    connection: duckdb.DuckDBPyConnection
    sql: str
    unparsed_sql: str
    faults: Faults
    _staging: Staging = field(repr=False)
    cells: Cells | None = field(default=None, repr=False)

    @property
    def schema(self) -> str:
        """Where the typed cells lie beside the connection."""
        return self._staging.schema

    def raise_if_any(self) -> None:
        """Raise :class:`DataError` with all faults where the file has any."""
        self.faults.raise_if_any(f"{self.file} is not a {self.layout.title}")

    @property
    def relation(self) -> duckdb.DuckDBPyRelation:
        """The rows in the schema, after ``line``.

        Raises
        ------
        DataError
            The file has faults.
        """
        self.raise_if_any()
        return self.connection.sql(self.sql)

    @property
    def unparsed(self) -> duckdb.DuckDBPyRelation:
        """The rows that were set aside, with ``line`` and ``reason``."""
        self.raise_if_any()
        return self.connection.sql(self.unparsed_sql)

    def close(self) -> None:
        """Forget the rows and delete every temporary file."""
        self._staging.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def scan(
    path: Path | str,
    layout: Layout | None = None,
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
    memory_limit: str = "2GB",
    only: tuple[str, Any] | None = None,
    folder: Path | None = None,
) -> Scan:
    """Read a publisher's file into typed rows.

    Parameters
    ----------
    path : path
        CSV or other delimited text, also ``.gz`` or a ``.zip`` of one file, or a workbook.
    layout : Layout, optional
        Recognised by the header when it is left out.
    connection : duckdb.DuckDBPyConnection, optional
        Where the rows are wanted; a new one in memory otherwise.
    memory_limit : str
        Of the new connection, as DuckDB writes it.
    only : (str, value), optional
        Keep and check only rows for which this answer of a look-up has this value, or is missing.

    folder : Path, optional
        Where temporary files lie; the system's folder otherwise.

    Returns
    -------
    Scan
        Its ``faults`` holds every fault; asking it for rows raises them.

    Raises
    ------
    CostModelError
        The file is missing, cannot be opened, or fits no layout.
    DataError
        It is no text of a known encoding, no table, a column is missing, or it has no rows.
    """
    file = Path(path)
    staging = Staging.open(connection, memory_limit, folder)
    try:
        return _scan(file, layout, staging, only)
    except BaseException:
        staging.close()
        raise


def _scan(file: Path, layout: Layout | None, staging: Staging, only: tuple[str, Any] | None) -> Scan:
    faults = Faults(file.name)
    if layout is None:
        from costmodel.prices.official.recognition import recognise

        layout = recognise(file)
    plain = _plain(file, layout, staging.folder, faults)
    header = find_header(plain, layout)
    note_missing(header, layout, faults)
    faults.raise_if_any(f"{file.name} is not a {layout.title}")
    facts = layout.about(file.name, header.titles, faults) if layout.about else {}
    staging.attach(large=plain.path.stat().st_size > _LARGE)
    rows = _stage(staging, plain, header, layout, faults)
    answered = look_up(staging, header, layout)
    if only is not None:
        staging.keep(answered, only)
    found = Cells(staging.joined(answered), frozenset(header.columns), header.years, file.name, facts)
    note_cells(staging, rows, header, layout, faults)
    note_lookups(staging, header, answered, found.table, faults)
    note_checks(staging, found, header, layout, faults)
    found = replace(found, table=note_repeats(staging, found, header, layout, faults))
    unparsed = layout.unparsed(found) if layout.unparsed else "SELECT 0 AS line, '' AS reason LIMIT 0"
    return Scan(layout, file.name, staging.connection, layout.query(found), unparsed, faults, staging, found)


def _plain(file: Path, layout: Layout, folder: Path, faults: Faults) -> Plain:
    if is_workbook(file):
        return _sheet(file, layout, folder)
    plain = plain_text(file, layout.encodings, folder, faults)
    faults.raise_if_any(f"{file.name} cannot be read")
    assert plain is not None
    return plain


def _sheet(file: Path, layout: Layout, folder: Path) -> Plain:
    """Return the sheet with most of the layout's columns among those whose name may be meant."""
    named = [sheet for sheet in sheets(file) if re.search(layout.sheet, sheet, re.IGNORECASE)]
    if not named:
        raise CostModelError(f"{file.name} has no sheet like '{layout.sheet}': {', '.join(sheets(file))}")
    if len(named) > 1:
        found = {sheet: find_header(sheet_text(file, sheet, folder), layout).found for sheet in named}
        named = [max(named, key=found.__getitem__)]
    return sheet_text(file, named[0], folder, decimal=layout.decimal)


def _stage(staging: Staging, plain: Plain, header: Header, layout: Layout, faults: Faults) -> Rows:
    """Type every cell into the table ``cells``; return the rows as text, for the words of the faults."""
    import duckdb

    rows = by_line(plain, header, layout)
    if rows is not None:
        try:
            staging.create("cells", typed_sql(rows, header, layout))
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            rows = None
        else:
            last = staging.value("SELECT max(line) FROM {}.cells")
            rows = rows if last == plain.lines else None
    if rows is None:
        rows = one_by_one(plain, header, layout, staging.folder, faults)
        staging.create("cells", typed_sql(rows, header, layout))
    if not staging.value("SELECT count(*) FROM {}.cells") and not len(faults):
        faults.add(f"must have at least one {layout.noun}", remedy="download the file again")
        faults.raise_if_any(f"{faults.file} cannot be read")
    return rows
