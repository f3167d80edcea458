"""Queries of the store: only the rows that are wanted leave the disk."""

# ruff: noqa: S608 (every name and text in the SQL is quoted)
from __future__ import annotations

import datetime as dt
import math
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costmodel.errors import CostModelError
from costmodel.prices.errors import PriceError
from costmodel.prices.official.cells import name, text
from costmodel.prices.official.tables import frame_of
from costmodel.prices.query import selected
from costmodel.prices.spending import SpendingTable
from costmodel.prices.store.contents import manifest_of
from costmodel.prices.store.location import store_folder, table_folder
from costmodel.prices.store.manifest import Manifest, read_manifest
from costmodel.prices.store.overlap import once
from costmodel.prices.store.sql import connect, key_of, one_row, parquet
from costmodel.prices.table import PriceTable
from costmodel.tables import parse_date, parse_number

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_MOST = 5_000_000
_NEAR = 1e-9
_SHOWN = 3


def read_stored(
    dataset: str, *, store: Path | str | None = None, memory_limit: str = "3GB", **filters: Any
) -> PriceTable | SpendingTable | pd.DataFrame:
    """Return the rows of a table in the store that meet every filter.

    Parameters
    ----------
    dataset : str
        Such as ``us/nadac``; :func:`stored` lists them.
    store : path, optional
    memory_limit : str
        What DuckDB may use, as it writes it.
    **filters
        As :meth:`costmodel.prices.PriceTable.select` takes them.

    Returns
    -------
    PriceTable, SpendingTable or pandas.DataFrame
        What reading the files and selecting gives; the further column ``file`` says which file a row is
        from, and ``row`` its line there. ``unparsed`` holds the rows set aside that the filters do not
        rule out. A frame for files of reference.

    Raises
    ------
    CostModelError
        There is no such table.
    PriceError
        A column is unknown, a value is not of its type, or more than 5,000,000 rows meet the filters.
    """
    root = store_folder(store)
    manifest = manifest_of(root, dataset)
    with (
        tempfile.TemporaryDirectory(prefix="costmodel-") as folder,
        connect(Path(folder), memory_limit) as connection,
    ):
        rows = _rows(connection, root, manifest)
        bare = _table(manifest, frame_of(connection.sql(f"FROM ({rows}) LIMIT 0")), "")
        _select(bare, filters)
        frame = _frame(connection, manifest, rows, filters)
        unparsed = _unparsed(connection, root, manifest, filters)
    return _select(_table(manifest, frame, origin_of(manifest), unparsed), filters)


def in_store(dataset: str, store: Path | str | None = None) -> bool:
    """Tell whether the store has a table."""
    try:
        return read_manifest(store_folder(store), dataset) is not None
    except CostModelError:
        return False


def origin_of(manifest: Manifest) -> str:
    """Return where the rows of a table are from: the files, their checksums, and when they were added."""
    said = [f"{one.label}, added {one.added[:10]}" for one in manifest.files[:_SHOWN]]
    more = len(manifest.files) - _SHOWN
    rest = f"; and {more} more files" if more > 0 else ""
    return f"store {manifest.dataset} ({'; '.join(said)}{rest})"


def _rows(connection: duckdb.DuckDBPyConnection, root: Path, manifest: Manifest) -> str:
    """Return SQL of all rows, each once, with ``file``."""
    folder = table_folder(root, manifest.dataset)
    parts = [
        f"SELECT *, {text(one.label)} AS file FROM {parquet([folder / one.part])}" for one in manifest.files
    ]
    rows = _filled(connection, " UNION ALL BY NAME ".join(parts))
    if any(one.repeated for one in manifest.files):
        described = connection.sql(rows)
        texts = [
            column
            for column, kind in zip(described.columns, described.types, strict=True)
            if str(kind) == "VARCHAR"
        ]
        keys = key_of(manifest.kind, described.columns, texts)
        rows = once(rows, keys, [one.label for one in manifest.files])
    return rows


def _filled(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Return SQL in which text that a file has no column for is blank, as it is in any frame."""
    described = connection.sql(sql)
    blanks = ", ".join(
        f"coalesce({name(column)}, '') AS {name(column)}"
        for column, kind in zip(described.columns, described.types, strict=True)
        if str(kind) == "VARCHAR" and column != "file"
    )
    return f"SELECT * REPLACE ({blanks}) FROM ({sql})" if blanks else sql


def _frame(
    connection: duckdb.DuckDBPyConnection, manifest: Manifest, rows: str, filters: Mapping[str, Any]
) -> pd.DataFrame:
    wanted = f"SELECT * FROM ({rows}) WHERE {where(connection, rows, filters)}"
    (found,) = one_row(connection, f"SELECT count(*) FROM ({wanted})")
    if found > _MOST:
        raise PriceError(
            f"{found:,} rows of {manifest.dataset} meet the filters, more than the {_MOST:,} that are "
            "read into memory; name a molecule, a product or a date"
        )
    return _in_order(frame_of(connection.sql(wanted)), manifest)


def _in_order(frame: pd.DataFrame, manifest: Manifest) -> pd.DataFrame:
    """Put the rows in the order of their files, and in each in that of its lines."""
    places = {one.label: at for at, one in enumerate(manifest.files)}
    return frame.iloc[frame["file"].map(places).to_numpy().argsort(kind="stable")]


def _unparsed(
    connection: duckdb.DuckDBPyConnection, root: Path, manifest: Manifest, filters: Mapping[str, Any]
) -> pd.DataFrame:
    import pandas as pd

    folder = table_folder(root, manifest.dataset)
    parts = [
        f"SELECT *, {text(one.label)} AS file FROM {parquet([folder / one.unparsed_part])}"
        for one in manifest.files
        if one.unparsed_part
    ]
    if not parts:
        return pd.DataFrame()
    rows = _filled(connection, " UNION ALL BY NAME ".join(parts))
    columns = connection.sql(rows).columns
    known = {
        key: value for key, value in filters.items() if key.removesuffix("_") in columns or key in columns
    }
    return _frame(connection, manifest, rows, known)


def _table(
    manifest: Manifest, frame: pd.DataFrame, origin: str, unparsed: pd.DataFrame | None = None
) -> PriceTable | SpendingTable | pd.DataFrame:
    if manifest.kind == "reference":
        return frame
    table = PriceTable(frame, origin) if manifest.kind == "price" else SpendingTable(frame, origin)
    return table if unparsed is None or unparsed.empty else replace(table, unparsed=unparsed)


def _select(
    table: PriceTable | SpendingTable | pd.DataFrame, filters: Mapping[str, Any]
) -> PriceTable | SpendingTable | pd.DataFrame:
    """Select once more in memory, where the rules of selecting are written down."""
    if not isinstance(table, (PriceTable, SpendingTable)):
        return selected(table, filters)
    return table.select(**filters) if filters else table


def where(connection: duckdb.DuckDBPyConnection, rows: str, filters: Mapping[str, Any]) -> str:
    """Return SQL that is true of every row that meets the filters, and of few others."""
    described = connection.sql(f"FROM ({rows}) LIMIT 0")
    kinds = dict(zip(described.columns, map(str, described.types), strict=True))
    tests = ["true"]
    for key, value in filters.items():
        column = key if key in kinds else key.removesuffix("_")
        values = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
        if column == "year" and "period_start" in kinds and "year" not in kinds:
            either = [_near("year(period_start)", _number(one)) for one in values]
        else:
            either = [_test(column, kinds[column], one) for one in values]
        tests.append(f"({' OR '.join(either)})")
    return " AND ".join(tests)


def _test(column: str, kind: str, value: Any) -> str:
    cell = name(column)
    if kind == "VARCHAR":
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _near(f"try_cast({cell} AS DOUBLE)", float(value))
        return f"{cell} = {text(str(value).strip())}"
    if kind == "DATE":
        day = value if isinstance(value, dt.date) else parse_date(str(value).strip())
        day = day.date() if isinstance(day, dt.datetime) else day
        return f"{cell} = DATE {text(day.isoformat())}"
    return "true" if kind == "BOOLEAN" else _near(cell, _number(value))


def _number(value: Any) -> float:
    return parse_number(value.strip()) if isinstance(value, str) else float(value)


def _near(cell: str, number: float) -> str:
    """Return SQL for a number as near as selecting in memory wants it, or a little less near."""
    slack = 2 * _NEAR * abs(number)
    low, high = math.nextafter(number - slack, -math.inf), math.nextafter(number + slack, math.inf)
    return f"{cell} BETWEEN {low!r} AND {high!r}"
