"""The typed cells of one file, beside a DuckDB connection: in memory, or in a temporary file."""

# ruff: noqa: S608 (every name and text in the SQL is quoted)
from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costmodel.prices.official.cells import any_filled, faulty, first, name, text, trimmed, typed
from costmodel.prices.official.header import Header
from costmodel.prices.official.layout import Layout, Lookup
from costmodel.prices.official.rows import Rows, footer_sql

if TYPE_CHECKING:
    import duckdb

_COUNTER = itertools.count(1)


@dataclass(eq=False)
class Staging:
    """A schema of its own beside a connection, with a temporary folder; both go when it is closed.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    folder : Path
    schema : str
    owned : bool
        Whether the connection ends with it.
    """

    connection: duckdb.DuckDBPyConnection
    folder: Path
    schema: str
    owned: bool
    attached: bool = False

    @classmethod
    def open(
        cls, connection: duckdb.DuckDBPyConnection | None, memory_limit: str, parent: Path | None = None
    ) -> Staging:
        """Make the folder, and a connection where there is none."""
        import duckdb

        folder = Path(tempfile.mkdtemp(prefix="costmodel-", dir=parent))
        config: dict[str, Any] = {"memory_limit": memory_limit, "temp_directory": str(folder / "spill")}
        own = duckdb.connect(config=config) if connection is None else connection
        return cls(own, folder, f"official_{next(_COUNTER)}", connection is None)

    def attach(self, *, large: bool) -> None:
        """Attach the database of the cells: a file where it may outgrow memory."""
        where = str(self.folder / "cells.duckdb") if large else ":memory:"
        self.connection.execute(f"ATTACH {text(where)} AS {self.schema}")
        self.attached = True

    def close(self) -> None:
        """Drop the cells and delete the folder."""
        if self.owned:
            self.connection.close()
        elif self.attached:
            self.connection.execute(f"DETACH DATABASE IF EXISTS {self.schema}")
        self.attached = False
        shutil.rmtree(self.folder, ignore_errors=True)

    def create(self, table: str, sql: str) -> None:
        """Keep the rows of a SELECT."""
        self.connection.execute(f"CREATE OR REPLACE TABLE {self.schema}.{table} AS {sql}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return rows; ``{}`` stands for the schema."""
        return self.connection.execute(sql.replace("{}", self.schema)).fetchall()

    def value(self, sql: str) -> Any:
        """Return the one value of a SELECT."""
        found = self.rows(sql)
        return found[0][0] if found else None

    def answers(self, lookup: Lookup, given: Sequence[tuple[str, ...]]) -> None:
        """Ask a look-up about each distinct text and keep what it answers."""
        import pyarrow as pa

        answered = lookup.rule(list(given))
        columns: dict[str, Any] = {
            target: pa.array([key[at] for key in given], pa.string()) for at, target in enumerate(lookup.of)
        }
        for answer in lookup.answers:
            columns[answer] = pa.array(list(answered[answer]), from_pandas=True)
        casts = [name(target) for target in lookup.of]
        casts += [f"{name(answer)}::{kind} AS {name(answer)}" for answer, kind in lookup.answers.items()]
        table = pa.table(columns)
        self.connection.register(f"{self.schema}_given", table)
        self.create(lookup.name, f"SELECT {', '.join(casts)} FROM {self.schema}_given")
        self.connection.unregister(f"{self.schema}_given")

    def keep(self, answered: Sequence[Lookup], only: tuple[str, Any]) -> None:
        """Keep the rows for which an answer has a value, and those where nothing could be asked."""
        answer, value = only
        lookup = next(lookup for lookup in answered if answer in lookup.answers)
        on = ", ".join(name(target) for target in lookup.of)
        blank = " AND ".join(f"{name(target)} = ''" for target in lookup.of)
        self.create(
            "kept",
            f"SELECT cells.* FROM {self.schema}.cells JOIN {self.schema}.{lookup.name} USING ({on}) "
            f"WHERE {name(answer)} = {text(value) if isinstance(value, str) else value} OR ({blank})",
        )
        self.connection.execute(f"DROP TABLE {self.schema}.cells")
        self.connection.execute(f"ALTER TABLE {self.schema}.kept RENAME TO cells")

    def joined(self, answered: Sequence[Lookup]) -> str:
        """Return a view of the cells with every answer beside them."""
        joins, answers = [], []
        for lookup in answered:
            table = f"{self.schema}.{lookup.name}"
            on = " AND ".join(f"cells.{name(t)} = {lookup.name}.{name(t)}" for t in lookup.of)
            joins.append(f"LEFT JOIN {table} AS {lookup.name} ON {on}")
            answers += [
                f"{lookup.name}.{name(answer)}" + (f" AS {lookup.name}_fault" if answer == "fault" else "")
                for answer in lookup.answers
            ]
        columns = ", ".join(["cells.*", *answers])
        self.connection.execute(
            f"CREATE OR REPLACE VIEW {self.schema}.answered AS "
            f"SELECT {columns} FROM {self.schema}.cells AS cells {' '.join(joins)}"
        )
        return f"{self.schema}.answered"


def typed_sql(rows: Rows, header: Header, layout: Layout) -> str:
    """Return SQL of ``line``, the typed values, and ``faulty``, a bit for each column at fault.

    Each level is computed once: the trimmed cells, what they may hold, their values, and the faults.
    """
    firsts, values, outer, bits = [], [], [], []
    for bit, (target, (at, column)) in enumerate(header.columns.items()):
        cell, found = f"c{at}", f"found_{bit}"
        firsts.append(f"{first(cell, column, layout)} AS {found}")
        values.append(f"{typed(found, cell, column)} AS {name(target)}")
        outer.append(name(target))
        if column.marks:
            marks = ", ".join(text(mark) for mark in column.marks)
            outer.append(f"{cell} IN ({marks}) AS {name(target + '_marked')}")
        if column.checked:
            bits.append(f"CASE WHEN {faulty(cell, name(target), column)} THEN {1 << bit}::BIGINT ELSE 0 END")
    used = {at for at, _ in header.columns.values()}
    width = range(len(header.names))
    bare = ", ".join(
        f"{trimmed(f'c{at}', odd=rows.odd)} AS c{at}" if at in used else f"c{at}" for at in width
    )
    kept = ", ".join(f"c{at}" for at in sorted(used))
    filtered = (
        f"SELECT * FROM (SELECT line, {bare} FROM ({rows.sql})) "
        f"WHERE ({any_filled(width)}) AND {footer_sql(layout)}{_unwanted(header, layout)}"
    )
    return (
        f"SELECT line, {', '.join(outer)}, ({' | '.join(bits) or '0'})::BIGINT AS faulty FROM ("
        f"SELECT line, {kept}, {', '.join(values)} FROM ("
        f"SELECT line, {kept}, {', '.join(firsts)} FROM ({filtered})))"
    )


def _unwanted(header: Header, layout: Layout) -> str:
    return "".join(
        f" AND c{header.columns[target][0]} NOT IN ({', '.join(text(cell) for cell in cells)})"
        for target, cells in layout.left_out.items()
        if target in header.columns
    )


def look_up(staging: Staging, header: Header, layout: Layout) -> list[Lookup]:
    """Ask every look-up whose columns the file has; return those asked."""
    asked = []
    for lookup in layout.lookups:
        if all(target in header.columns for target in lookup.of):
            columns = ", ".join(name(target) for target in lookup.of)
            given = staging.rows(f"SELECT DISTINCT {columns} FROM {{}}.cells ORDER BY ALL")
            staging.answers(lookup, given)
            asked.append(lookup)
    return asked
