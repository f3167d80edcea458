"""Connections with a memory limit, and the pieces of SQL that the store is made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costmodel.prices.official.cells import name, text

if TYPE_CHECKING:
    import duckdb

FIGURES = ("units", "claims", "beneficiaries", "spending")
_SPENDING_LOOSE = ("line", "suppressed", "source", "flag", "note", "class", "file")
_PRICE_KEY = (
    "product_id",
    "strength_mg",
    "form",
    "unit",
    "pack_size",
    "currency",
    "country",
    "price_type",
    "date",
    "as_of",
)


def connect(folder: Path, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """Return a connection that spills to ``folder`` rather than exceed its memory."""
    import duckdb

    config: dict[str, Any] = {"memory_limit": memory_limit, "temp_directory": str(folder / "spill")}
    connection = duckdb.connect(config=config)
    connection.execute("SET enable_progress_bar = false")
    return connection


def one_row(connection: duckdb.DuckDBPyConnection, sql: str, given: Sequence[Any] = ()) -> tuple[Any, ...]:
    """Return the one row of a SELECT, with nothing of the result left open."""
    (row,) = connection.execute(sql, list(given)).fetchall()
    return tuple(row)


def parquet(paths: Sequence[Path]) -> str:
    """Return SQL that reads Parquet files as one table; a column that a file lacks is missing."""
    listed = ", ".join(text(str(path)) for path in paths)
    return f"read_parquet([{listed}], union_by_name=true)"


def key_of(kind: str, columns: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Return the columns that say what a price or a sum is of.

    Parameters
    ----------
    kind : {"price", "spending", "reference"}
    columns, texts : sequence of str
        All columns of the table, and those that hold text.
    """
    if kind == "price":
        return [name(one) for one in _PRICE_KEY] + ["CASE WHEN product_id = '' THEN product ELSE '' END"]
    if kind == "spending":
        dates = ("period_start", "period_end", "strength_mg")
        return [name(one) for one in columns if one in dates or (one in texts and one not in _SPENDING_LOOSE)]
    return [name(one) for one in columns if one not in ("line", "file")]


def figures_of(kind: str) -> list[str]:
    """Return the columns in which two rows of one key must agree."""
    return {"price": ["price"], "spending": list(FIGURES), "reference": []}[kind]


def range_of(kind: str) -> tuple[str, str] | None:
    """Return SQL of the first and the last date of a row, where it has one."""
    if kind == "price":
        return "coalesce(as_of, date)", "coalesce(as_of, date)"
    return ("period_start", "period_end") if kind == "spending" else None
