"""CSV tables as people really save them: read as text, typed by declared columns, faults collected.

Spreadsheet programs add a byte-order mark, Windows line ends, trailing blanks, empty rows and columns,
thousands separators and decimal commas. What has one reading is read; what has two is refused with the
remedy, because a wrong guess moves a result by a factor of a thousand.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError, Faults

Kind = Literal["text", "number", "integer", "date", "name", "boolean"]

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_GROUP = r"[,'\u2019 \u00a0\u202f]"
_COMMA_GROUPS = re.compile(rf"[+-]?[1-9]\d{{0,2}}({_GROUP}\d{{3}})+(\.\d+)?\Z")
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}([. \u00a0\u202f]\d{3})+(,\d+)?\Z")
_COMMA_DECIMAL = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?\Z")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}\Z")
_AMBIGUOUS_DOT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@dataclass(frozen=True)
class RawTable:
    """A table as text: header, rows, and the line of the file on which each row starts."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    delimiter: str = ","

    def records(self) -> list[dict[str, str]]:
        """Return one dictionary per row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Column:
    """What a column must hold.

    Parameters
    ----------
    name : str
    kind : {"text", "number", "integer", "date", "name", "boolean"}
    required : bool
        Whether every row must have a value.
    optional : bool
        Whether the whole column may be absent.
    low, high : float
        Inclusive bounds for numbers.
    open_low : bool
        Whether ``low`` itself is excluded.
    choices : collection of str
        The only texts allowed.
    remedy : str
        Said when a rule is broken.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    optional: bool = True
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    choices: Sequence[str] = field(default=())
    remedy: str = ""


def read_csv(path: Path | str, *, name: str | None = None) -> RawTable:
    """Read a small CSV file as text, forgiving what spreadsheet programs add.

    Raises
    ------
    CostModelError
        The file is missing.
    DataError
        The file is not UTF-8 text, has no header, repeats a column, or has a row of the wrong width.
    """
    file = Path(path)
    label = name or file.name
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise CostModelError(f"{file} does not exist; check the path") from None
    except (IsADirectoryError, PermissionError) as problem:
        raise CostModelError(f"{file} cannot be read: {problem.strerror}") from None
    return parse_csv(data, name=label)


def parse_csv(data: bytes, *, name: str) -> RawTable:
    r"""Parse the bytes of a CSV file; see :func:`read_csv`.

    Examples
    --------
    >>> table = parse_csv(b"\xef\xbb\xbfname;size \r\nA;1,5\r\n;\r\n", name="segments.csv")
    >>> table.columns, table.rows, table.delimiter
    (('name', 'size'), (('A', '1,5'),), ';')
    """
    faults = Faults(name)
    text = _decode(data, faults)
    faults.raise_if_any(f"{name} cannot be read")
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: tuple[str, ...] | None = None
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    line = 1
    try:
        for cells in reader:
            clean = tuple(cell.strip(" \t\u00a0\ufeff") for cell in cells)
            if any(clean):
                if header is None:
                    header = _header(clean, faults)
                else:
                    rows.append(_fit(clean, header, line, faults))
                    lines.append(line)
            line = reader.line_num + 1
    except csv.Error as problem:
        faults.add(
            "must be a well-formed CSV file",
            row=line,
            found=problem,
            remedy="close every quotation mark; double a quotation mark inside a quoted cell",
        )
    if header is None and not len(faults):
        faults.add("must have a header row", remedy="name the columns in the first row")
    faults.raise_if_any(f"{name} cannot be read")
    assert header is not None
    return RawTable(name, header, tuple(rows), tuple(lines), delimiter)


def _decode(data: bytes, faults: Faults) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        faults.add(
            "must be UTF-8 text",
            row=data[: problem.start].count(b"\n") + 1,
            found=f"byte 0x{data[problem.start]:02x}",
            remedy="save the file as 'CSV UTF-8' in the spreadsheet program",
        )
        return ""
    if "\x00" in text:
        faults.add("must be text", found="a NUL byte", remedy="save the file as 'CSV UTF-8'")
    return text


def _delimiter(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip(" ,;\t")), "")
    unquoted = re.sub(r'"[^"]*"', "", header)
    return max(",;\t", key=unquoted.count) if any(c in unquoted for c in ",;\t") else ","


def _header(cells: tuple[str, ...], faults: Faults) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    for position, name in enumerate(cells, start=1):
        if not name:
            faults.add(
                "every column must have a name",
                row=1,
                column=f"column {position}",
                remedy="name the column or delete it",
            )
        elif name in cells[: position - 1]:
            faults.add("a column name may stand only once", row=1, column=name, found=name)
    return cells


def _fit(cells: tuple[str, ...], header: tuple[str, ...], line: int, faults: Faults) -> tuple[str, ...]:
    width = len(header)
    if any(cells[width:]):
        faults.add(
            f"must have {width} cells, as the header has",
            row=line,
            found=f"{len(cells)} cells",
            remedy="put text that holds the delimiter between quotation marks",
        )
    return cells[:width] + ("",) * (width - len(cells))


def parse_number(text: str, *, delimiter: str = ",") -> float:
    """Return the number that ``text`` can only mean, or say why it has none or two.

    Parameters
    ----------
    text : str
    delimiter : str
        The delimiter of the file. A file delimited by semicolons comes from a place that writes
        decimal commas.

    Raises
    ------
    CostModelError
        ``text`` is no number, or can be read in two ways.

    Examples
    --------
    >>> parse_number("12,345.60"), parse_number("0,5", delimiter=";")
    (12345.6, 0.5)
    >>> parse_number("1,234")
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: can be read as 1234 or as 1.234: write it without a separator
    """
    if _PLAIN.match(text) and not (delimiter == ";" and _AMBIGUOUS_DOT.match(text)):
        number = float(text)
    elif _AMBIGUOUS.match(text) or _AMBIGUOUS_DOT.match(text):
        whole, decimal = re.sub("[.,]", "", text), text.replace(",", ".")
        raise CostModelError(f"can be read as {whole} or as {decimal}: write it without a separator")
    elif _COMMA_GROUPS.match(text):
        number = float(re.sub(_GROUP, "", text))
    elif _COMMA_DECIMAL.match(text):
        if delimiter != ";":
            raise CostModelError(f"has a decimal comma: write {text.replace(',', '.')}")
        number = float(text.replace(",", "."))
    elif _DOT_GROUPS.match(text):
        number = float(re.sub("[. \u00a0\u202f]", "", text).replace(",", "."))
    elif text.endswith("%"):
        raise CostModelError("has a percent sign: write it as a proportion, 5% as 0.05")
    else:
        raise CostModelError("must be a number: digits with a decimal point, no unit or currency sign")
    if not math.isfinite(number):
        raise CostModelError("must be a finite number")
    return number


def parse_date(text: str) -> dt.date:
    """Return an ISO date; any other order of day and month is refused because it has two readings."""
    if _DATE.match(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise CostModelError("must be a day that exists: write YYYY-MM-DD") from None
    raise CostModelError("must be a date: write YYYY-MM-DD")


def _parse_boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered in ("yes", "true", "y", "1"):
        return True
    if lowered in ("no", "false", "n", "0"):
        return False
    raise CostModelError("must be yes or no")


def typed(
    table: RawTable,
    columns: Iterable[Column],
    faults: Faults,
    *,
    others: bool = False,
) -> dict[str, list[Any]]:
    """Type the columns of a table, noting every fault; a faulty or empty cell becomes None.

    Parameters
    ----------
    table : RawTable
    columns : iterable of Column
    faults : Faults
        Receives the faults; raise them when all parts of the input have been read.
    others : bool
        Whether columns that are not declared are allowed; they come back as text.

    Returns
    -------
    dict of list
        One list per declared column, in declared order, then other columns.
    """
    declared = {column.name: column for column in columns}
    known = dict.fromkeys(declared)
    for name in table.columns:
        if name not in declared and not others:
            faults.add(
                "is not a column of this table",
                row=1,
                column=name,
                found=name,
                remedy=did_you_mean(name, list(declared)),
            )
    result: dict[str, list[Any]] = {}
    for column in declared.values():
        if column.name not in table.columns:
            if not column.optional:
                faults.add(
                    "column is missing",
                    row=1,
                    column=column.name,
                    found="columns " + ", ".join(table.columns[:20]),
                    remedy=column.remedy or f"add the column '{column.name}'",
                )
            result[column.name] = [None] * len(table.rows)
            continue
        position = table.columns.index(column.name)
        result[column.name] = [
            _cell(row[position], column, table, line, faults)
            for row, line in zip(table.rows, table.lines, strict=True)
        ]
    for position, name in enumerate(table.columns):
        if name not in known and others:
            result[name] = [row[position] for row in table.rows]
    return result


def _cell(text: str, column: Column, table: RawTable, line: int, faults: Faults) -> Any:
    if not text:
        if column.required:
            faults.add(
                "must have a value",
                row=line,
                column=column.name,
                found="an empty cell",
                remedy=column.remedy,
            )
        return None
    try:
        value = _PARSERS[column.kind](text, table.delimiter)
        _bounds(value, column)
    except CostModelError as problem:
        faults.add(str(problem), row=line, column=column.name, found=repr(text), remedy=column.remedy)
        return None
    return value


_PARSERS: Mapping[Kind, Callable[[str, str], Any]] = {
    "text": lambda text, _: text,
    "number": lambda text, delimiter: parse_number(text, delimiter=delimiter),
    "integer": lambda text, delimiter: _whole(parse_number(text, delimiter=delimiter)),
    "date": lambda text, _: parse_date(text),
    "name": lambda text, _: _identifier(text),
    "boolean": lambda text, _: _parse_boolean(text),
}


def _whole(number: float) -> int:
    if number != int(number):
        raise CostModelError("must be a whole number")
    return int(number)


def _identifier(text: str) -> str:
    from costmodel.checks import is_name

    if not is_name(text):
        raise CostModelError("must be a name: a letter, then letters, digits and underscores")
    return text


def _bounds(value: Any, column: Column) -> None:
    if column.choices and value not in column.choices:
        raise CostModelError(f"is unknown: {did_you_mean(str(value), list(column.choices))}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        too_low = value <= column.low if column.open_low else value < column.low
        if too_low:
            raise CostModelError(f"must be {'above' if column.open_low else 'at least'} {column.low:g}")
        if value > column.high:
            raise CostModelError(f"must be at most {column.high:g}")
