"""Writing rows as sorted Parquet, within bounded memory.

Rows are sorted by molecule, so that a query for one reads few row groups. Columns that hold one value
throughout are left out of the sort and put back behind it: what is sorted is a third as wide.
"""

# ruff: noqa: S608 (every name and text in the SQL is quoted)
from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from costmodel.prices.official.cells import name, text
from costmodel.prices.store.sql import one_row

if TYPE_CHECKING:
    import duckdb

ROW_GROUP = 122_880
_SAMPLE = 20_000
_ORDER = ("molecule", "ingredient", "product", "product_id")


@dataclass(frozen=True)
class Written:
    """A Parquet file that was written: its rows, and the range of its dates."""

    path: Path
    rows: int


def write_sorted(
    connection: duckdb.DuckDBPyConnection, sql: str, path: Path, about: dict[str, str]
) -> Written:
    """Write the rows of a SELECT to a Parquet file, sorted by molecule and line; return what was written.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    sql : str
        Has the column ``line``.
    path : Path
    about : dict of str
        Kept in the metadata of the file: its provenance.
    """
    described = connection.sql(sql)
    columns = list(described.columns)
    constants = _constants(connection, sql, columns)
    varying = [one for one in columns if one not in constants]
    order = next((one for one in _ORDER if one in varying), None)
    inner = ", ".join(name(one) for one in varying)
    ranked = f"SELECT {inner} FROM ({sql}) ORDER BY line"
    if order is not None:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE ranks AS SELECT {name(order)} AS of_rank, "
            f"row_number() OVER (ORDER BY {name(order)})::INTEGER AS rank FROM "
            f"(SELECT DISTINCT {name(order)} FROM ({sql}))"
        )
        joined = f"({sql}) AS given JOIN ranks ON given.{name(order)} IS NOT DISTINCT FROM of_rank"
        ranked = f"SELECT {inner} FROM (SELECT given.*, rank FROM {joined}) ORDER BY rank, line"
    kinds = dict(zip(columns, described.types, strict=True))
    outer = ", ".join(
        f"{constants[one]}::{kinds[one]} AS {name(one)}" if one in constants else name(one) for one in columns
    )
    noted = ", ".join(f"{key}: {text(value)}" for key, value in about.items())
    connection.execute(
        f"COPY (SELECT {outer} FROM ({ranked})) TO {text(str(path))} (FORMAT parquet, COMPRESSION zstd, "
        f"ROW_GROUP_SIZE {ROW_GROUP}, KV_METADATA {{{noted}}})"
    )
    keep(path)
    return Written(path, count(connection, f"FROM read_parquet({text(str(path))})"))


def _constants(connection: duckdb.DuckDBPyConnection, sql: str, columns: Sequence[str]) -> dict[str, str]:
    """Return the columns that hold one value throughout, and the value as SQL."""
    likely = _one_value(connection, f"SELECT * FROM ({sql}) LIMIT {_SAMPLE}", columns)
    if not likely:
        return {}
    tests = ", ".join(
        f"count(*) FILTER (WHERE {name(one)} IS DISTINCT FROM {value})" for one, value in likely.items()
    )
    others = one_row(connection, f"SELECT {tests} FROM ({sql})")
    return {one: likely[one] for one, count in zip(likely, others, strict=True) if not count}


def _one_value(connection: duckdb.DuckDBPyConnection, sql: str, columns: Sequence[str]) -> dict[str, str]:
    pairs = ", ".join(f"min({name(one)})::VARCHAR, max({name(one)})::VARCHAR" for one in columns)
    blanks = ", ".join(f"count({name(one)})" for one in columns)
    found = one_row(connection, f"SELECT count(*), {pairs}, {blanks} FROM ({sql})")
    rows, extremes, filled = found[0], found[1 : 1 + 2 * len(columns)], found[1 + 2 * len(columns) :]
    kinds = connection.sql(sql).types
    result = {}
    for at, one in enumerate(columns):
        low, high = extremes[2 * at], extremes[2 * at + 1]
        if rows and one != "line" and low == high and filled[at] in (0, rows):
            result[one] = "NULL" if low is None else f"{text(low)}::{kinds[at]}"
    return result


def count(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    """Return the number of rows of ``FROM …``."""
    return int(one_row(connection, f"SELECT count(*) {source}")[0])


def keep(path: Path) -> None:
    """Make sure that a file is on the disk, not only on its way there."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
