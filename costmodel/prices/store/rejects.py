"""The rows of a file with faults, where the user asked to set them aside rather than refuse the file."""

# ruff: noqa: S608 (every name and text in the SQL is quoted)
from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel.prices.official.cells import name
from costmodel.prices.official.engine import Scan
from costmodel.prices.store.sql import one_row

if TYPE_CHECKING:
    import duckdb

_CELL = "a cell breaks the rule of its column"
_REPEAT = "another row has the same key and other figures"


def set_aside(found: Scan) -> str:
    """Keep the rows with faults in a table; return SQL of it: ``line``, ``reason`` and the cells read.

    Both of two rows that contradict each other are set aside: neither is more right than the other.
    """
    connection, schema = found.connection, found.schema
    connection.execute("CREATE OR REPLACE TEMP TABLE faulty (line BIGINT, reason VARCHAR)")
    for reason, lines in _broken(found):
        connection.execute(f"INSERT INTO faulty SELECT line, ? FROM ({lines})", [reason])
    _say_what_was_found(connection, found)
    return (
        f"SELECT faulty.line, faulty.reason, cells.* EXCLUDE (line, faulty) FROM "
        f"(SELECT line, string_agg(DISTINCT reason, '; ') AS reason FROM faulty GROUP BY line) AS faulty "
        f"LEFT JOIN {schema}.cells AS cells USING (line)"
    )


def without(sql: str) -> str:
    """Return SQL of the rows without those set aside."""
    return f"SELECT * FROM ({sql}) WHERE line NOT IN (SELECT line FROM faulty)"


def _broken(found: Scan) -> list[tuple[str, str]]:
    cells, schema, layout = found.cells, found.schema, found.layout
    assert cells is not None
    result = [(_CELL, f"SELECT line FROM {schema}.cells WHERE faulty <> 0")]
    columns = found.connection.sql(f"SELECT * FROM {cells.table} LIMIT 0").columns
    for lookup in layout.lookups:
        if f"{lookup.name}_fault" in columns:
            rule = name(f"{lookup.name}_fault")
            result.append((_CELL, f"SELECT line FROM {cells.table} WHERE {rule} <> ''"))
    for check in layout.checks:
        broken = check.broken(cells) if callable(check.broken) else check.broken
        if broken:
            result.append((check.rule, f"SELECT line FROM {cells.table} WHERE {broken}"))
    tables = "SELECT count(*) FROM duckdb_tables() WHERE database_name = ? AND table_name = 'twice'"
    if one_row(found.connection, tables, [schema]) != (0,):
        twice = f"{schema}.twice"
        groups = f"SELECT earlier FROM {twice} WHERE again AND NOT whole"
        result.append((_REPEAT, f"SELECT line FROM {twice} WHERE earlier IN ({groups})"))
    return result


def _say_what_was_found(connection: duckdb.DuckDBPyConnection, found: Scan) -> None:
    """Add the words of the faults, of which the reader lists the first hundred of each kind."""
    for fault in found.faults:
        if fault.row is not None:
            said = f"{fault.column}: {fault.rule}; found {fault.found}"
            connection.execute(
                "UPDATE faulty SET reason = ? WHERE line = ? AND reason = ?", [said, fault.row, _CELL]
            )
