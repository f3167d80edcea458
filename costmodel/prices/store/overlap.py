"""Files that overlap: what both say is counted once, and what they contradict each other in is a fault."""

# ruff: noqa: S608 (every name and text in the SQL is quoted)
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from costmodel.errors import Faults
from costmodel.prices.official.cells import name, text
from costmodel.prices.store.manifest import Kind, StoredFile
from costmodel.prices.store.sql import figures_of, key_of, one_row, parquet, range_of

if TYPE_CHECKING:
    import duckdb

_SHOWN = 100


def date_range(connection: duckdb.DuckDBPyConnection, kind: Kind, path: Path) -> tuple[str, str]:
    """Return the first and the last date of a part, ISO; blank where its rows have none."""
    dates = range_of(kind)
    if dates is None:
        return "", ""
    sql = f"SELECT min({dates[0]})::DATE::VARCHAR, max({dates[1]})::DATE::VARCHAR FROM {parquet([path])}"
    first, last = one_row(connection, sql)
    return first or "", last or ""


def note_contradictions(
    connection: duckdb.DuckDBPyConnection,
    kind: Kind,
    fresh: Path,
    earlier: Sequence[tuple[StoredFile, Path]],
    name_: str,
) -> Faults:
    """Return a fault for each row that an earlier file contradicts; both files are named."""
    faults, figures = Faults(name_), figures_of(kind)
    if not figures:
        return faults
    differ = " OR ".join(f"fresh.{name(one)} IS DISTINCT FROM old.{name(one)}" for one in figures)
    for one, path in earlier:
        join = _joined(connection, kind, fresh, path)
        shown = ", ".join(f"fresh.{name(each)}, old.{name(each)}" for each in figures)
        found = connection.execute(
            f"SELECT fresh.line, old.line, {shown} {join} WHERE {differ} ORDER BY 1 LIMIT {_SHOWN}"
        ).fetchall()
        for line, old, *values in found:
            at = next(i for i in range(len(figures)) if values[2 * i] != values[2 * i + 1])
            ours, theirs = (_shown(value) for value in values[2 * at : 2 * at + 2])
            faults.add(
                f"must be what {one.name} says of the same product and date",
                row=line,
                column=figures[at],
                found=f"{ours}, where {one.name} has {theirs} in row {old}",
                remedy=f"keep one of the two files: costmodel data remove TABLE --file {one.sha256[:12]}",
            )
        if len(found) == _SHOWN:
            (total,) = one_row(connection, f"SELECT count(*) {join} WHERE {differ}")
            faults.add(f"must agree with {one.name}", found=f"{total:,} rows in all")
    return faults


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{value}"


def count_repeated(
    connection: duckdb.DuckDBPyConnection, kind: Kind, fresh: Path, earlier: list[Path]
) -> int:
    """Return how many rows of a part an earlier one has too."""
    if not earlier:
        return 0
    keys = _keys(connection, kind, [fresh], earlier)
    listed = ", ".join(f"{key} AS k{at}" for at, key in enumerate(keys))
    on = " AND ".join(f"fresh.k{at} IS NOT DISTINCT FROM old.k{at}" for at in range(len(keys)))
    (found,) = one_row(
        connection,
        f"SELECT count(*) FROM (SELECT {listed} FROM {parquet([fresh])}) AS fresh "
        f"SEMI JOIN (SELECT {listed} FROM {parquet(earlier)}) AS old ON {on}",
    )
    return int(found)


def _keys(connection: duckdb.DuckDBPyConnection, kind: Kind, *parts: list[Path]) -> list[str]:
    """Return the key in the columns that all parts have."""
    described = [connection.sql(f"FROM {parquet(paths)}") for paths in parts]
    columns = [one for one in described[0].columns if all(one in other.columns for other in described)]
    kinds = dict(zip(described[0].columns, map(str, described[0].types), strict=True))
    return key_of(kind, columns, [one for one in columns if kinds[one] == "VARCHAR"])


def _joined(connection: duckdb.DuckDBPyConnection, kind: Kind, fresh: Path, old: Path) -> str:
    keys = _keys(connection, kind, [fresh], [old])
    listed = ", ".join(f"{key} AS k{at}" for at, key in enumerate(keys))
    wanted = ", ".join(["line", *(name(one) for one in figures_of(kind))])
    on = " AND ".join(f"fresh.k{at} IS NOT DISTINCT FROM old.k{at}" for at in range(len(keys)))
    return (
        f"FROM (SELECT {wanted}, {listed} FROM {parquet([fresh])}) AS fresh "
        f"JOIN (SELECT {wanted}, {listed} FROM {parquet([old])}) AS old ON {on}"
    )


def once(sql: str, keys: list[str], order: list[str]) -> str:
    """Return SQL of rows of several files, of which the earliest added is kept where they repeat.

    Parameters
    ----------
    sql : str
        Has ``file``.
    keys, order : list of str
        The columns of the key, and the files in the order in which they were added.
    """
    place = f"list_position([{', '.join(text(one) for one in order)}], file)"
    return (
        f"SELECT * FROM ({sql}) QUALIFY file = first_value(file) OVER "
        f"(PARTITION BY {', '.join(keys)} ORDER BY {place})"
    )
