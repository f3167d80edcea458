"""The mapping file: a small TOML file that says how any table is read into the one schema.

docs/readers.md describes its keys. Every key is checked; all faults are raised at once.
"""

from __future__ import annotations

import codecs
import datetime as dt
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError, Faults
from costmodel.prices.schema import CODE
from costmodel.prices.schema import COLUMNS as PRICES
from costmodel.prices.spending import COLUMNS as SPENDING
from costmodel.tables import Column, parse_date

SCHEMAS: Mapping[str, tuple[Column, ...]] = {"price": PRICES, "spending": SPENDING}

DATES = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "YYYYMMDD": "%Y%m%d",
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD-MM-YYYY": "%d-%m-%Y",
    "DD Mon YYYY": "%d %b %Y",
    "DD Month YYYY": "%d %B %Y",
}
"""How a mapping file names the order of day, month and year, and the form it stands for."""

_TABLES = ("file", "columns", "constants", "values", "scale", "leave_out")
_KEYS = ("schema", "title", "price_per", "keep", *_TABLES)
_FILE = (
    *("header_row", "sheet", "encoding", "delimiter", "decimal", "thousands"),
    *("dates", "signs", "missing", "footer"),
)


@dataclass(frozen=True)
class TableMapping:
    """How a table is read; see docs/readers.md for the file it is written in.

    Parameters
    ----------
    file : str
        The name of the mapping file.
    schema : {"price", "spending"}
    title : str
        What the table is; the ``source`` of its rows unless another is given.
    columns : mapping of str to str
        The table's column, by column of the schema.
    constants : mapping of str to object
        One value for all rows, by column of the schema.
    values : mapping of str to mapping of str to str
        The table's words and the schema's, by column of the schema.
    scale : mapping of str to float
        What the numbers of a column are multiplied by.
    price_per : {"pack", "unit"}
        What a price is for.
    keep : tuple of str
        Further columns of the table to keep as text.
    leave_out : mapping of str to tuple of str
        Cells by which rows are left out, by column of the table.
    options : mapping of str to object
        The keys of ``[file]``.
    """

    file: str
    schema: Literal["price", "spending"]
    title: str
    columns: Mapping[str, str]
    constants: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    scale: Mapping[str, float] = field(default_factory=dict)
    price_per: Literal["pack", "unit"] = "pack"
    keep: tuple[str, ...] = ()
    leave_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


def read_mapping(path: Path | str) -> TableMapping:
    """Read and check a mapping file.

    Raises
    ------
    CostModelError
        The file is missing or is no TOML.
    DataError
        With every fault: a key is unknown, a value is none that the key allows, a required column of the
        schema has neither a column nor a constant, or one has both.
    """
    file = Path(path)
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CostModelError(f"{file} does not exist; check the path") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise CostModelError(f"{file.name} is no TOML file: {problem}") from None
    return checked_mapping(given, file.name)


def checked_mapping(given: Mapping[str, Any], file: str = "mapping") -> TableMapping:
    """Return what a mapping file says, once it is checked; see :func:`read_mapping`."""
    faults = Faults(file)
    _known(given, _KEYS, "", faults)
    kind = _schema(given, faults)
    tables = {name: _table(given, name, faults) for name in _TABLES}
    schema_columns = {column.name: column for column in SCHEMAS[kind]}
    for name in ("columns", "constants", "values", "scale"):
        _known(tables[name], schema_columns, name, faults)
    _check_texts(given, tables, faults)
    _check_words(tables["values"], tables["columns"], schema_columns, faults)
    _check_scale(tables["scale"], tables["columns"], schema_columns, faults)
    constants = _constants(tables["constants"], schema_columns, faults)
    _check_complete(tables, schema_columns, faults)
    _check_price_per(given, kind, faults)
    _check_file(tables["file"], faults)
    faults.raise_if_any(f"{file} is not a mapping file that can be used")
    return TableMapping(
        file,
        kind,
        given["title"],
        tables["columns"],
        constants,
        tables["values"],
        tables["scale"],
        given.get("price_per", "pack"),
        tuple(given.get("keep", ())),
        {name: _listed(cells) for name, cells in tables["leave_out"].items()},
        tables["file"],
    )


def _schema(given: Mapping[str, Any], faults: Faults) -> Literal["price", "spending"]:
    found = given.get("schema")
    if found not in SCHEMAS:
        remedy = "write schema = 'price' or schema = 'spending'"
        faults.add("must be price or spending", column="schema", found=repr(found), remedy=remedy)
    return "spending" if found == "spending" else "price"


def _listed(cells: Any) -> tuple[str, ...]:
    return (cells,) if isinstance(cells, str) else tuple(cells)


def _table(given: Mapping[str, Any], name: str, faults: Faults) -> Mapping[str, Any]:
    found = given.get(name, {})
    if isinstance(found, dict):
        return found
    faults.add("must be a table", column=name, found=repr(found), remedy=f"write [{name}] above its keys")
    return {}


def _known(
    found: Mapping[str, Any], known: Sequence[str] | Mapping[str, Any], where: str, faults: Faults
) -> None:
    what = "is not a column of the schema" if where else "is not a key of a mapping file"
    for key in found:
        if key not in known:
            place = f"{where}.{key}" if where else key
            faults.add(what, column=place, found=key, remedy=did_you_mean(key, list(known)))


def _check_texts(given: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]], faults: Faults) -> None:
    title = given.get("title")
    if not isinstance(title, str) or not title.strip():
        remedy = "say what the table is, for example title = 'MedEx Bangladesh, May 2026'"
        faults.add("must have a value", column="title", found=repr(title), remedy=remedy)
    for name, source in tables["columns"].items():
        if not isinstance(source, str) or not source.strip():
            remedy = "write the header of the column, between quotation marks"
            faults.add("must be text", column=f"columns.{name}", found=repr(source), remedy=remedy)
    keep = given.get("keep", [])
    if not _texts(keep):
        remedy = "list headers: keep = ['Company']"
        faults.add("must be a list of text", column="keep", found=repr(keep), remedy=remedy)
    elif clash := [name for name in keep if any(name == one.name for one in PRICES + SPENDING)]:
        remedy = "map it under [columns], or rename it in the table"
        faults.add("has the name of a column of the schema", column="keep", found=clash[0], remedy=remedy)
    for source, cells in tables["leave_out"].items():
        if not isinstance(cells, str) and not _texts(cells):
            remedy = f"list the cells: '{source}' = ['Total']"
            faults.add(
                "must be a list of text", column=f"leave_out.{source}", found=repr(cells), remedy=remedy
            )


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _check_words(
    values: Mapping[str, Any], columns: Mapping[str, Any], known: Mapping[str, Column], faults: Faults
) -> None:
    for name, words in values.items():
        place = f"values.{name}"
        if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
            remedy = "write the table's word = the schema's word, one to a line"
            faults.add("must be a table of words", column=place, found=repr(words), remedy=remedy)
        elif name in known and known[name].kind in ("number", "date"):
            remedy = "use [scale] for numbers and dates = for dates"
            faults.add("words can only be mapped where the schema has words", column=place, remedy=remedy)
        elif name in known and name not in columns:
            remedy = f"name the column under [columns]: {name} = '…'"
            faults.add("maps the words of a column that is not read", column=place, remedy=remedy)
        elif name in known:
            for ours in words.values():
                choices = known[name].choices or (("yes", "no") if known[name].kind == "boolean" else ())
                if choices and ours not in choices:
                    faults.add(
                        "is unknown", column=place, found=ours, remedy=did_you_mean(ours, list(choices))
                    )


def _check_scale(
    scale: Mapping[str, Any], columns: Mapping[str, Any], known: Mapping[str, Column], faults: Faults
) -> None:
    for name, factor in scale.items():
        if name in known and (known[name].kind != "number" or name not in columns):
            remedy = "scale a column of numbers that is named under [columns]"
            faults.add("only a column of numbers can be scaled", column=f"scale.{name}", remedy=remedy)
        if isinstance(factor, bool) or not isinstance(factor, (int, float)) or not 0 < factor < float("inf"):
            remedy = "write what to multiply by: 0.01 turns pence into pounds"
            faults.add("must be a number above 0", column=f"scale.{name}", found=repr(factor), remedy=remedy)


def _constants(given: Mapping[str, Any], known: Mapping[str, Column], faults: Faults) -> dict[str, Any]:
    """Return each constant as its column holds it."""
    result = {}
    for name, value in given.items():
        if name not in known:
            continue
        column = known[name]
        try:
            result[name] = _constant(value, column)
        except CostModelError as problem:
            faults.add(str(problem), column=f"constants.{name}", found=repr(value), remedy=column.remedy)
    return result


def _constant(value: Any, column: Column) -> Any:
    if column.kind == "number":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise CostModelError("must be a number, without quotation marks")
        if not (value > column.low if column.open_low else value >= column.low) or value == float("inf"):
            raise CostModelError(f"must be {'above' if column.open_low else 'at least'} {column.low:g}")
        return float(value)
    if column.kind == "date":
        return value if isinstance(value, dt.date) else parse_date(str(value))
    if column.kind == "boolean":
        if not isinstance(value, bool):
            raise CostModelError("must be true or false")
        return value
    if not isinstance(value, str) or (column.required and not value.strip()):
        raise CostModelError("must be text")
    if column.choices and value not in column.choices:
        raise CostModelError(f"is unknown: {did_you_mean(value, list(column.choices))}")
    if column.name in ("currency", "country") and not CODE.match(value):
        raise CostModelError("must be three capital letters")
    return value


def _check_complete(
    tables: Mapping[str, Mapping[str, Any]], known: Mapping[str, Column], faults: Faults
) -> None:
    columns, constants = tables["columns"], tables["constants"]
    for name, column in known.items():
        if name in columns and name in constants:
            remedy = "keep one of the two"
            faults.add("has both a column and a constant", column=name, remedy=remedy)
        stated = name in columns or name in constants or name in ("source", "suppressed")
        if column.required and not stated:
            remedy = f"name its column under [columns], or one value under [constants]; {column.remedy}"
            faults.add("must have a column or a constant", column=name, remedy=remedy.rstrip("; "))


def _check_price_per(given: Mapping[str, Any], kind: str, faults: Faults) -> None:
    per = given.get("price_per", "pack")
    if per not in ("pack", "unit"):
        remedy = "write price_per = 'pack' or price_per = 'unit'"
        faults.add("must be pack or unit", column="price_per", found=repr(per), remedy=remedy)
    elif "price_per" in given and kind != "price":
        faults.add("stands only in the mapping of prices", column="price_per", remedy="leave it out")


def _check_file(options: Mapping[str, Any], faults: Faults) -> None:
    for key in options:
        if key not in _FILE:
            remedy = did_you_mean(key, _FILE)
            faults.add("is not a key of [file]", column=f"file.{key}", found=key, remedy=remedy)
    for key, (rule, allowed) in _RULES.items():
        if key in options and not allowed(options[key]):
            faults.add(rule, column=f"file.{key}", found=repr(options[key]), remedy="see docs/readers.md")
    if options.get("thousands", "") == options.get("decimal", ".") != "":
        faults.add(
            "must be one sign other than the decimal mark", column="file.thousands", remedy="change one"
        )


def _is_row(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100  # noqa: PLR2004


def _is_sign(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1 and not value.isalnum() and value not in '"\r\n'


def _is_sign_or_none(value: Any) -> bool:
    return value == "" or _is_sign(value)


def _is_encoding(value: Any) -> bool:
    try:
        codecs.lookup(value)
    except (LookupError, TypeError):
        return False
    return True


def _are_dates(value: Any) -> bool:
    listed = [value] if isinstance(value, str) else value
    return isinstance(listed, list) and bool(listed) and all(item in DATES for item in listed)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_RULES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "header_row": ("must be a whole number from 1 to 100", _is_row),
    "sheet": ("must be the name of a sheet", _is_text),
    "encoding": ("must be an encoding, for example utf-8 or cp1252", _is_encoding),
    "delimiter": ("must be one sign, or tab", lambda value: value == "tab" or _is_sign(value)),
    "decimal": ("must be . or ,", lambda value: value in (".", ",")),
    "thousands": ("must be one sign other than the decimal mark", _is_sign_or_none),
    "dates": (f"must be one or a list of: {', '.join(DATES)}", _are_dates),
    "signs": ("must be a list of text", _texts),
    "missing": ("must be a list of text", _texts),
    "footer": ("must be the text with which the rows after the table begin", _is_text),
}
