"""The cells of a publisher's file, typed by SQL as the file is streamed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.prices.official.layout import Layout, PublishedColumn
from costmodel.tables import parse_number

_HUMAN = {
    "%Y": "YYYY",
    "%m": "MM",
    "%d": "DD",
    "%b": "Jan",
    "%B": "January",
    "%y": "YY",
    "T%H:%M:%S.%f": "Thh:mm:ss",
}
_SHAPES = {"%Y": r"\d{4}", "%m": r"\d{1,2}", "%d": r"\d{1,2}", "%y": r"\d{2}", "%b": r"[A-Za-z]{3,}"}
_PLAIN = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"


def text(value: str) -> str:
    """Return a literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """Return an identifier of SQL."""
    return '"' + value.replace('"', '""') + '"'


def trimmed(cell: str, *, odd: bool) -> str:
    """Return SQL for a cell without the blanks around it; ``odd`` where tabs or no-break spaces occur."""
    return f"trim({cell}, ' ' || chr(9) || chr(160))" if odd else f"trim({cell})"


def first(bare: str, column: PublishedColumn, layout: Layout) -> str:
    """Return SQL for what a trimmed cell may hold, before :func:`typed` refuses some of it."""
    if column.kind == "number":
        return _number(bare, layout)
    if column.kind == "date":
        return _date(bare, column)
    return bare if column.kind == "text" else _word(bare, column)


def typed(found: str, bare: str, column: PublishedColumn) -> str:
    """Return SQL for the value of a cell: NULL where it is blank, a mark, or none of its kind.

    ``found`` names what :func:`first` gives; a level of its own keeps it from being computed again.
    """
    value = found
    if column.kind == "number":
        sign = ">" if column.open_low else ">="
        low = "" if column.low is None else f" AND {found} {sign} {column.low!r}"
        value = f"CASE WHEN isfinite({found}){low} AND NOT contains({bare}, '_') THEN {found} END"
    elif column.kind == "date":
        value = f"CASE WHEN year({found}) BETWEEN 1900 AND 2200 THEN {found}::DATE END"
    if column.marks:
        return f"CASE WHEN {bare} IN ({_listed(column.marks)}) THEN NULL ELSE {value} END"
    return value


def _listed(values: Iterable[str]) -> str:
    return ", ".join(text(value) for value in values)


def faulty(bare: str, value: str, column: PublishedColumn) -> str:
    """Return SQL that is true where a trimmed cell breaks the rule of its column, given its typed value."""
    if column.kind == "text":
        return f"{bare} = ''"
    allowed = [*column.marks] + ([] if column.filled else [""])
    marks = f" AND {bare} NOT IN ({_listed(allowed)})" if allowed else ""
    return f"{value} IS NULL{marks}"


def _number(bare: str, layout: Layout) -> str:
    number = bare
    for sign in layout.signs:
        number = f"replace({number}, {text(sign)}, '')"
    if layout.decimal == ",":
        number = f"replace({_without_groups(number, layout.thousands, ',')}, ',', '.')"
    elif layout.thousands:
        number = _without_groups(number, layout.thousands, ".")
    else:
        # two groups, or a group and a decimal point, have one reading only
        groups = r"[+-]?[1-9]\d{0,2}(,\d{3}){2,}(\.\d+)?|[+-]?[1-9]\d{0,2},\d{3}\.\d+"
        grouped = f"contains({number}, ',') AND regexp_full_match({number}, {text(groups)})"
        number = f"CASE WHEN {grouped} THEN replace({number}, ',', '') ELSE {number} END"
    return f"try_cast({number} AS DOUBLE)"


def _without_groups(number: str, thousands: str, decimal: str) -> str:
    if not thousands:
        return number
    group, point = (rf"\{sign}" if sign in ".," else sign for sign in (thousands, decimal))
    pattern = rf"[+-]?\d{{1,3}}({group}\d{{3}})+({point}\d*)?"
    grouped = f"contains({number}, {text(thousands)}) AND regexp_full_match({number}, {text(pattern)})"
    other = number if decimal == "." else f"CASE WHEN contains({number}, '.') THEN 'x' ELSE {number} END"
    return f"CASE WHEN {grouped} THEN replace({number}, {text(thousands)}, '') ELSE {other} END"


def _date(bare: str, column: PublishedColumn) -> str:
    tries = []
    for form in column.dates:
        if form == "%Y-%m-%d":
            tries.append(f"CASE WHEN length({bare}) = 10 THEN try_strptime({bare}, '%Y-%m-%d') END")
        else:
            tries.append(f"try_strptime({bare}, {text(form)})")
    return f"coalesce({', '.join(tries)})"


def _word(bare: str, column: PublishedColumn) -> str:
    whens = " ".join(f"WHEN {text(theirs)} THEN {text(ours)}" for theirs, ours in column.words.items())
    return f"CASE {bare} {whens} END"


def explain(found: str, column: PublishedColumn, layout: Layout) -> str:
    """Return the rule that the text of a cell breaks."""
    if column.kind == "text":
        return "must have a value"
    if column.kind == "word":
        return f"is unknown: {did_you_mean(found, list(column.words))}"
    return _explain_date(found, column) if column.kind == "date" else _explain_number(found, column, layout)


def _explain_number(found: str, column: PublishedColumn, layout: Layout) -> str:
    for sign in layout.signs:
        found = found.replace(sign, "").strip()
    try:
        number = parse_number(found, delimiter=";" if layout.decimal == "," else ",")
    except CostModelError as problem:
        return str(problem)
    if column.low is not None and (number <= column.low if column.open_low else number < column.low):
        return f"must be {'above' if column.open_low else 'at least'} {column.low:g}"
    return "must be a number, written as its publisher writes it"


def _explain_date(found: str, column: PublishedColumn) -> str:
    spelt = " or ".join(dict.fromkeys(human(form) for form in column.dates))
    if any(re.match(_shape(form), found) for form in column.dates):
        return f"must be a day that exists, written {spelt}"
    return f"must be a date, written {spelt}"


def human(form: str) -> str:
    """Return a date's form as people write it.

    Examples
    --------
    >>> human("%m/%d/%Y")
    'MM/DD/YYYY'
    """
    for code, word in _HUMAN.items():
        form = form.replace(code, word)
    return form


def _shape(form: str) -> str:
    pattern = re.escape(form)
    for code, shape in _SHAPES.items():
        pattern = pattern.replace(re.escape(code), shape)
    return pattern + r"\Z"


def read_csv_sql(path: str, width: int, *, skip: int, delimiter: str, quote: str) -> str:
    """Return SQL that reads the rows of a plain file as text cells, ``c0`` and on."""
    columns = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(width))
    return (
        f"read_csv({text(path)}, auto_detect=false, header=false, skip={skip}, delim={text(delimiter)}, "
        f"quote={text(quote)}, escape={text(quote)}, columns={{{columns}}}, nullstr='\x01', "
        "strict_mode=true, compression='none', max_line_size=4000000)"
    )


def any_filled(width: Iterable[int]) -> str:
    """Return SQL that is true of a row with a cell that is not blank."""
    return " OR ".join(f"c{at} <> ''" for at in width)
