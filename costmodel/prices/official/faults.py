"""All that breaks a rule in a staged file, as faults: cells, look-ups, whole rows, and repeats."""

# ruff: noqa: S608 (every name and text in the SQL is quoted)
from __future__ import annotations

from typing import Any

from costmodel.errors import Faults
from costmodel.prices.official.cells import explain, name, trimmed
from costmodel.prices.official.header import Header
from costmodel.prices.official.layout import Cells, Check, Layout, Lookup
from costmodel.prices.official.rows import Rows
from costmodel.prices.official.staging import Staging

_SHOWN = 100
"""How many faults of one rule and column are listed; the rest are counted."""


def note_cells(staging: Staging, rows: Rows, header: Header, layout: Layout, faults: Faults) -> None:
    """Note each cell that breaks the rule of its column."""
    bits = [
        (bit, target, at, column)
        for bit, (target, (at, column)) in enumerate(header.columns.items())
        if column.checked
    ]
    if not bits or not staging.value("SELECT count(*) FROM {}.cells WHERE faulty <> 0"):
        return
    wanted: dict[int, list[int]] = {}
    rest: dict[int, int] = {}
    for bit, _, _, _ in bits:
        where = f"FROM {{}}.cells WHERE faulty & {1 << bit} <> 0"
        count = staging.value(f"SELECT count(*) {where}")
        wanted[bit] = [row[0] for row in staging.rows(f"SELECT line {where} ORDER BY line LIMIT {_SHOWN}")]
        rest[bit] = count - len(wanted[bit])
    printed = _texts(staging, rows, sorted({line for lines in wanted.values() for line in lines}), header)
    for bit, _, at, column in bits:
        published = header.names[at]
        for line in wanted[bit]:
            found = printed[line][at]
            rule = explain(found, column, layout)
            faults.add(rule, row=line, column=published, found=repr(found), remedy=column.remedy)
        _note_rest(faults, rest[bit], published, column.remedy)


def _texts(staging: Staging, rows: Rows, lines: list[int], header: Header) -> dict[int, list[str]]:
    """Read again the text of some rows, which is wanted only for the words of a fault."""
    cells = ", ".join(trimmed(f"c{at}", odd=rows.odd) for at in range(len(header.names)))
    listed = ", ".join(map(str, lines))
    found = staging.rows(f"SELECT line, {cells} FROM ({rows.sql}) WHERE line IN ({listed})")
    return {row[0]: list(row[1:]) for row in found}


def _note_rest(faults: Faults, count: int, column: str, remedy: str) -> None:
    if count > 0:
        faults.add("breaks the same rules", column=column, found=f"{count:,} more rows", remedy=remedy)


def _published(header: Header, target: str) -> str:
    return header.names[header.columns[target][0]] if target in header.columns else target


def note_lookups(
    staging: Staging, header: Header, answered: list[Lookup], table: str, faults: Faults
) -> None:
    """Note each row whose text a look-up refused."""
    for lookup in answered:
        if "fault" not in lookup.answers:
            continue
        rule = f"{lookup.name}_fault"
        where = f"FROM {table} WHERE {rule} <> ''"
        shown = " || ' / ' || ".join(name(target) for target in lookup.of)
        found = staging.rows(f"SELECT line, {rule}, {shown} {where} ORDER BY line LIMIT {_SHOWN}")
        column = _published(header, lookup.of[0])
        for line, broken, given in found:
            faults.add(broken, row=line, column=column, found=repr(given), remedy=lookup.remedy)
        if len(found) == _SHOWN:
            _note_rest(faults, staging.value(f"SELECT count(*) {where}") - _SHOWN, column, lookup.remedy)


def note_checks(staging: Staging, cells: Cells, header: Header, layout: Layout, faults: Faults) -> None:
    """Note each row that breaks a rule about whole rows; one pass tells which rules are broken at all."""
    asked = [
        (check, check.broken(cells) if callable(check.broken) else check.broken) for check in layout.checks
    ]
    if not asked:
        return
    counted = ", ".join(f"count_if({broken})" for _, broken in asked)
    counts = staging.rows(f"SELECT {counted} FROM {cells.table}")[0]
    for (check, broken), count in zip(asked, counts, strict=True):
        if count:
            _note_check(staging, cells.table, check, broken, count=count, header=header, faults=faults)


def _note_check(
    staging: Staging, table: str, check: Check, broken: str, *, count: int, header: Header, faults: Faults
) -> None:
    shown = check.found or name(check.column)
    found = staging.rows(
        f"SELECT line, ({shown})::VARCHAR FROM {table} WHERE {broken} ORDER BY line LIMIT {_SHOWN}"
    )
    column = _published(header, check.column)
    for line, given in found:
        faults.add(check.rule, row=line, column=column, found=given or "", remedy=check.remedy)
    _note_rest(faults, count - len(found), column, check.remedy)


def note_repeats(staging: Staging, cells: Cells, header: Header, layout: Layout, faults: Faults) -> str:
    """Return a view with ``repeats``, true of a row that repeats an earlier one in every cell.

    A row that repeats an earlier one only in the key is a fault.
    """
    twice = _twice(staging, cells, layout) if layout.key else False
    if not twice:
        return _view(staging, cells.table, "false AS repeats", "")
    again = "row_number() OVER (PARTITION BY {} ORDER BY line) > 1"
    key = ", ".join(name(target) for target in layout.key)
    whole = ", ".join(name(target) for target in cells.present)
    staging.create(
        "twice",
        f"SELECT line, {again.format(key)} AS again, {again.format(whole)} AS whole, "
        f"first_value(line) OVER (PARTITION BY {key} ORDER BY line) AS earlier, "
        f"{name(layout.key[0])}::VARCHAR AS shown "
        f"FROM {cells.table} SEMI JOIN {staging.schema}.hashes ON hash({key}) = hashes.h "
        f"WHERE {_filled(layout)}",
    )
    _note_differing(staging, header, layout, faults)
    join = f"LEFT JOIN (SELECT line, again AND whole AS repeated FROM {staging.schema}.twice) USING (line)"
    return _view(staging, cells.table, "coalesce(repeated, false) AS repeats", join)


def _twice(staging: Staging, cells: Cells, layout: Layout) -> bool:
    """Tell whether two rows may share a key: by a hash, which takes little memory."""
    key = ", ".join(name(target) for target in layout.key)
    hashed = f"SELECT hash({key}) AS h FROM {cells.table} WHERE {_filled(layout)}"
    staging.create("hashes", f"SELECT h FROM ({hashed}) GROUP BY h HAVING count(*) > 1")
    return bool(staging.value("SELECT count(*) FROM {}.hashes"))


def _filled(layout: Layout) -> str:
    return " AND ".join(f"{name(t)} IS NOT NULL AND {name(t)}::VARCHAR <> ''" for t in layout.key[:1]) + (
        "".join(f" AND {name(t)} IS NOT NULL" for t in layout.key[1:])
    )


def _note_differing(staging: Staging, header: Header, layout: Layout, faults: Faults) -> None:
    where = "FROM {}.twice WHERE again AND NOT whole"
    found = staging.rows(f"SELECT line, earlier, shown {where} ORDER BY line LIMIT {_SHOWN}")
    column = _key_column(header, layout)
    names = ", ".join(_published(header, target) for target in layout.key)
    for line, earlier, shown in found:
        rule = layout.key_rule or f"a file may have one row for each {names}"
        said = f"{shown} again, as in row {earlier}"
        faults.add(rule, row=line, column=column, found=said, remedy=_REPEATED)
    if len(found) == _SHOWN:
        _note_rest(faults, staging.value(f"SELECT count(*) {where}") - _SHOWN, column, _REPEATED)


_REPEATED = "keep the row that the publisher released"


def _key_column(header: Header, layout: Layout) -> str:
    of: dict[str, Any] = {answer: lookup.of[0] for lookup in layout.lookups for answer in lookup.answers}
    return _published(header, of.get(layout.key[0], layout.key[0]))


def _view(staging: Staging, table: str, column: str, join: str) -> str:
    view = f"{staging.schema}.found"
    staging.connection.execute(f"CREATE OR REPLACE VIEW {view} AS SELECT *, {column} FROM {table} {join}")
    return view
