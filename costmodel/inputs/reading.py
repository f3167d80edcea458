"""Parameter tables as files: ``parameters.csv``, the covariance tables of groups, and rank correlations."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from costmodel.checks import did_you_mean, is_name
from costmodel.errors import CostModelError, DataError, Faults
from costmodel.files import write_atomic
from costmodel.inputs.basis import implied_value
from costmodel.inputs.checking import check_rows
from costmodel.inputs.copula import RANK_TABLE
from costmodel.inputs.groups import fill_shares, members_of
from costmodel.inputs.joint import MultivariateNormal, covariance_faults
from costmodel.inputs.parameter import Parameter
from costmodel.inputs.parameters import COLUMNS, Parameters, distribution_cell
from costmodel.inputs.rank_table import read_rank_correlations
from costmodel.tables import Column, Kind, RawTable, read_csv, typed

_REQUIRED = ("name", "value", "unit", "source", "status")
_NUMBERS = ("value", "low", "high")


def _column(name: str) -> Column:
    kind: Kind = "number" if name in _NUMBERS else "integer" if name == "price_year" else "text"
    return Column(name, kind=kind, optional=name not in _REQUIRED)


def read_parameters(path: Path | str, *, tables: Path | None = None) -> Parameters:
    r"""Read a parameter table.

    Parameters
    ----------
    path : path
        A CSV file with the columns ``name, value, unit, source, status`` and, where wanted,
        ``low, high, distribution, basis, price_year, currency, locator, note``.
    tables : path, optional
        The folder of the covariance tables and of ``rank_correlations.csv``, which correlates parameters that
        are in no group; ``tables`` beside the file if not given.

    Raises
    ------
    CostModelError
        The file does not exist.
    DataError
        Every fault of the table, its covariances and rank correlations, with the file's line and the remedy.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = write_atomic(
    ...         Path(folder) / "parameters.csv",
    ...         "name,value,low,high,distribution,unit,source,status\n"
    ...         "rr_treatment,0.509,0.365,0.710,lognormal,ratio,briggs2006,read\n",
    ...     )
    ...     table = read_parameters(file)
    >>> table.distribution("rr_treatment").median
    0.509
    """
    file = Path(path)
    table = read_csv(file)
    faults = Faults(table.file)
    rows = fill_shares(_rows(table, faults))
    known = {(fault.row, fault.column) for fault in faults}
    folder = file.parent / "tables" if tables is None else tables
    covariances, unusable = _covariances(rows, folder, faults)
    correlations = read_rank_correlations(folder, rows, faults)

    def skip(row: Parameter, columns: Collection[str]) -> bool:
        faulty = any((line, column) in known for line in (row.line, 1) for column in columns)
        return faulty or ("group" in columns and row.group in unusable)

    check_rows(rows, covariances, faults, skip=skip)
    _in_order(faults).raise_if_any(f"{table.file} cannot be used")
    return Parameters(tuple(rows), covariances, correlations)


def _in_order(faults: Faults) -> Faults:
    """Return the faults by row, those of the covariance tables last."""
    ordered = Faults(faults.file)
    ordered.extend(sorted(faults, key=lambda fault: (fault.file != faults.file, fault.row or 0)))
    return ordered


def _rows(table: RawTable, faults: Faults) -> list[Parameter]:
    cells = typed(table, [_column(name) for name in COLUMNS], faults)
    return [
        _row({name: column[index] for name, column in cells.items()}, line)
        for index, line in enumerate(table.lines)
    ]


def _row(cells: Mapping[str, Any], line: int) -> Parameter:
    texts = {name: cells[name] or "" for name in COLUMNS if name not in (*_NUMBERS, "price_year")}
    kind, _, group = (part.strip() for part in (texts.pop("distribution") or "fixed").partition(":"))
    value = cells["value"]
    if value is None:
        value = implied_value(kind, texts["basis"])
    return Parameter(
        value=math.nan if value is None else float(value),
        low=cells["low"],
        high=cells["high"],
        distribution=kind,
        group=group,
        price_year=cells["price_year"],
        line=line,
        **texts,
    )


def _covariances(
    rows: Sequence[Parameter], folder: Path, faults: Faults
) -> tuple[dict[str, MultivariateNormal], set[str]]:
    """Return the covariance of each group that needs one, and the groups whose table cannot be used."""
    found: dict[str, MultivariateNormal] = {}
    unusable: set[str] = set()
    for group, members in members_of(rows).items():
        if {member.distribution for member in members} != {"mvnormal"} or not is_name(group):
            continue
        before = len(faults)
        matrix = _read_covariance(group, members, folder, faults)
        means = tuple(member.value for member in members)
        if len(faults) > before:
            unusable.add(group)
        elif all(math.isfinite(mean) for mean in means):
            found[group] = MultivariateNormal(tuple(member.name for member in members), means, matrix)
        else:
            unusable.add(group)
    return found, unusable


def _read_covariance(
    group: str, members: Sequence[Parameter], folder: Path, faults: Faults
) -> tuple[tuple[float, ...], ...]:
    names = [member.name for member in members]
    remedy = f"write tables/{group}.csv with the header name,{','.join(names)} and one row per parameter"
    try:
        table = read_csv(folder / f"{group}.csv", name=f"tables/{group}.csv")
    except DataError as problem:
        faults.extend(problem.items)
        return ()
    except CostModelError:
        rule = f"group {group} has no covariance table"
        faults.add(rule, row=members[0].line, column="distribution", found="no such file", remedy=remedy)
        return ()
    return _covariance(table, names, faults)


def _covariance(table: RawTable, names: Sequence[str], faults: Faults) -> tuple[tuple[float, ...], ...]:
    own = Faults(table.file)
    columns = [Column(name, kind="number", required=True, optional=False) for name in names]
    cells = typed(table, [Column("name", required=True, optional=False), *columns], own)
    seen: dict[str, int] = {}
    for index, name in enumerate(cells["name"]):
        if name in seen:
            own.add("a row's name may stand only once", row=table.lines[index], column="name", found=name)
        elif name is not None and name not in names:
            rule = "is not a parameter of the group"
            own.add(rule, row=table.lines[index], column="name", found=name, remedy=did_you_mean(name, names))
        seen.setdefault(name, index)
    for name in names:
        if name not in seen:
            own.add(
                "must have a row for every parameter of the group", found=f"no row {name}", remedy="add it"
            )
    if not len(own):
        matrix = tuple(tuple(cells[column][seen[row]] for column in names) for row in names)
        for problem in covariance_faults(names, matrix):
            own.add(problem.rule, found=problem.found, remedy=problem.remedy)
    faults.extend(own)
    return () if len(own) else matrix


def write_parameters(parameters: Parameters, path: Path | str, *, tables: Path | None = None) -> Path:
    """Write a parameter table so that reading it gives the same parameters; whole or not at all.

    Parameters
    ----------
    parameters : Parameters
    path : path
        The file to write.
    tables : path, optional
        The folder for covariances and rank correlations; ``tables`` beside the file if not given.

    Returns
    -------
    Path
    """
    file = Path(path)
    folder = file.parent / "tables" if tables is None else tables
    matrices = {group: (joint.names, joint.covariance) for group, joint in parameters.covariances.items()}
    if parameters.rank_correlations is not None:
        correlations = parameters.rank_correlations
        matrices[RANK_TABLE] = (correlations.names, correlations.matrix)
    for table, (names, matrix) in matrices.items():
        lines = [["name", *names]]
        lines += [[name, *map(_number, row)] for name, row in zip(names, matrix, strict=True)]
        write_atomic(folder / f"{table}.csv", _csv(lines))
    return write_atomic(file, _csv([list(COLUMNS), *map(_line, parameters.rows)]))


def _line(row: Parameter) -> list[str]:
    cells = {column: getattr(row, column) for column in COLUMNS} | {"distribution": distribution_cell(row)}
    return [_text(cells[column]) for column in COLUMNS]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return _number(cell) if isinstance(cell, float) else str(cell)


def _number(number: float) -> str:
    """Return the shortest text that reads back as the same number."""
    return repr(float(number)).removesuffix(".0")


def _csv(lines: Sequence[Sequence[str]]) -> str:
    return "".join(",".join(map(_quoted, line)) + "\n" for line in lines)


def _quoted(text: str) -> str:
    """Quote where a reader needs it; the standard writer leaves a lone carriage return bare.

    Examples
    --------
    >>> _quoted("two, or three")
    '"two, or three"'
    """
    return '"' + text.replace('"', '""') + '"' if any(letter in text for letter in ',"\r\n') else text
