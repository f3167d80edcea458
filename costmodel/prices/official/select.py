# ruff: noqa: S608 (every name and text in the SQL is quoted)
"""SQL that puts a layout's cells into the one schema of prices or of spending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from costmodel.errors import CostModelError
from costmodel.prices import schema, spending
from costmodel.prices.official.cells import name
from costmodel.tables import Column

_TYPES = {"number": "DOUBLE", "date": "DATE", "boolean": "BOOLEAN", "text": "VARCHAR"}
_UNSTATED = {"number": "NULL", "date": "NULL", "boolean": "false", "text": "''"}


def select_prices(values: Mapping[str, str], table: str, *, also: Sequence[str] = (), where: str = "") -> str:
    """Return SQL of ``line`` and the columns of a price table, in order.

    Parameters
    ----------
    values : mapping of str to str
        SQL by column of the schema; a column that is left out is not stated.
    table : str
        What to select from.
    also : sequence of str
        SQL of further columns.
    where : str
    """
    return _select(values, schema.COLUMNS, table, also, where)


def select_spending(
    values: Mapping[str, str], table: str, *, also: Sequence[str] = (), where: str = ""
) -> str:
    """Return SQL of ``line`` and the columns of a spending table, in order; see :func:`select_prices`."""
    return _select(values, spending.COLUMNS, table, also, where)


def _select(
    values: Mapping[str, str], columns: Sequence[Column], table: str, also: Sequence[str], where: str
) -> str:
    unknown = set(values) - {column.name for column in columns}
    if unknown:
        raise CostModelError(f"no columns of the schema: {', '.join(sorted(unknown))}")
    cells = [
        f"({values.get(column.name, _UNSTATED[column.kind])})::{_TYPES[column.kind]} AS {name(column.name)}"
        for column in columns
    ]
    condition = f" WHERE {where}" if where else ""
    return f"SELECT line, {', '.join([*cells, *also])} FROM {table}{condition}"
