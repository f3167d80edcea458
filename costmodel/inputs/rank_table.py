"""The table of rank correlations as a file, ``tables/rank_correlations.csv``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from costmodel.checks import did_you_mean
from costmodel.errors import DataError, Faults
from costmodel.inputs.copula import RANK_TABLE, RankCorrelations, matrix_findings, member_findings
from costmodel.inputs.groups import members_of
from costmodel.inputs.parameter import Parameter
from costmodel.tables import Column, RawTable, read_csv, typed

_FILE = f"tables/{RANK_TABLE}.csv"


def read_rank_correlations(
    folder: Path, rows: Sequence[Parameter], faults: Faults
) -> RankCorrelations | None:
    """Return the rank correlations of a study's parameters; None if it has no table, or one with faults.

    Parameters
    ----------
    folder : Path
        The folder of the study's tables.
    rows : sequence of Parameter
        The rows of the parameter table.
    faults : Faults
        Receives every fault of the table.
    """
    path = folder / f"{RANK_TABLE}.csv"
    if RANK_TABLE in members_of(rows):
        rule = f"a group may not be called {RANK_TABLE}: {_FILE} holds rank correlations"
        line = members_of(rows)[RANK_TABLE][0].line
        faults.add(rule, row=line, column="distribution", found=RANK_TABLE, remedy="rename the group")
        return None
    if not path.is_file():
        return None
    try:
        table = read_csv(path, name=_FILE)
    except DataError as problem:
        faults.extend(problem.items)
        return None
    own = Faults(_FILE)
    found = _correlations(table, rows, own)
    faults.extend(own)
    return found


def _correlations(table: RawTable, rows: Sequence[Parameter], own: Faults) -> RankCorrelations | None:
    names = [name for name in table.columns if name != "name"]
    columns = [Column(name, kind="number", required=True, optional=False) for name in names]
    cells = typed(table, [Column("name", required=True, optional=False), *columns], own)
    lines = _lines(table, cells["name"], own)
    _square(names, lines, own)
    both = [name for name in names if name in lines]
    for finding in member_findings([*names, *(name for name in lines if name not in names)], rows):
        column = "name" if finding.row in lines else finding.row
        line = lines.get(finding.row, 1)
        own.add(finding.rule, row=line, column=column, found=finding.found, remedy=finding.remedy)
    at = {line: index for index, line in enumerate(table.lines)}
    matrix = tuple(
        tuple(math.nan if (cell := cells[column][at[lines[row]]]) is None else cell for column in both)
        for row in both
    )
    for finding in matrix_findings(both, matrix) if both else []:
        # what only the whole shows is said of a whole table alone
        if finding.row or not len(own):
            own.add(
                finding.rule,
                row=lines.get(finding.row),
                column=finding.column,
                found=finding.found,
                remedy=finding.remedy,
            )
    return None if len(own) else RankCorrelations(tuple(both), matrix)


def _lines(table: RawTable, given: Sequence[str | None], own: Faults) -> dict[str, int]:
    """Return the line of each row by its name."""
    lines: dict[str, int] = {}
    for name, line in zip(given, table.lines, strict=True):
        if name in lines:
            own.add("a row's name may stand only once", row=line, column="name", found=name)
        elif name is not None:
            lines[name] = line
    return lines


def _square(names: Sequence[str], lines: dict[str, int], own: Faults) -> None:
    """Note what has a row and no column, or a column and no row."""
    rule = "rank correlations must be square: a row and a column for every parameter"
    if not names and not lines:
        own.add(rule, found="an empty table", remedy="delete the file if nothing is correlated")
    for name in names:
        if name not in lines:
            own.add(rule, row=1, column=name, found=f"no row {name}", remedy=_near(name, lines, names))
    for name, line in lines.items():
        if name not in names:
            found, remedy = f"no column {name}", _near(name, names, lines)
            own.add(rule, row=line, column="name", found=found, remedy=remedy)


def _near(name: str, there: Sequence[str] | dict[str, int], here: Sequence[str] | dict[str, int]) -> str:
    """Return the spelling that stands on the other side alone, if one comes near."""
    guess = did_you_mean(name, [other for other in there if other not in here])
    return guess if guess.startswith("did") else "add it, or delete the other"
