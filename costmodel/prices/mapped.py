# ruff: noqa: S608 (every name and text in the SQL is quoted)
"""The reader of any table, by a mapping file: the same engine as for publishers' own files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from costmodel.prices.mapping import DATES, SCHEMAS, TableMapping, read_mapping
from costmodel.prices.official.cells import name, text
from costmodel.prices.official.engine import scan
from costmodel.prices.official.layout import Cells, Check, Layout, PublishedColumn
from costmodel.prices.official.select import select_prices, select_spending
from costmodel.prices.official.tables import price_table, spending_table
from costmodel.prices.spending import SpendingTable
from costmodel.prices.table import PriceTable
from costmodel.tables import Column

_IDENTITY = ("strength_mg", "form", "unit", "pack_size", "currency", "country", "date", "as_of", "price_type")
_SPENT = (
    "payer",
    "country",
    "region",
    "period_start",
    "period_end",
    "labeler",
    "row_level",
    "strength_mg",
    "form",
)
_BOOLEANS = {"yes": "true", "no": "false"}
_CODES = {
    "currency": ("must be three capital letters, as ISO 4217 has them", "write for example USD"),
    "country": ("must be three capital letters, as ISO 3166-1 alpha-3 has them", "write for example USA"),
}
_NO_PRICE = "no price is printed"
_REPEATS = "repeats an earlier row in every cell"


def read_mapped(path: Path | str, mapping: Path | str | TableMapping) -> PriceTable | SpendingTable:
    r"""Read any table of prices or spending as a mapping file says.

    Parameters
    ----------
    path : path
        CSV or other delimited text, also ``.gz`` or a ``.zip`` of one file, or a workbook.
    mapping : path or TableMapping
        The mapping file, in TOML; docs/readers.md describes its keys.

    Returns
    -------
    PriceTable or SpendingTable
        As ``schema`` says. Rows whose price is one of the marks of ``missing``, and rows that repeat an
        earlier one in every cell that is read, are in ``unparsed`` with the ``reason``. Spending that is
        so marked is missing and ``suppressed``.

    Raises
    ------
    CostModelError
        A file is missing, or the mapping is no TOML.
    DataError
        With every fault of the mapping file, or else every fault of the table.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "list.csv").write_text("Brand;Strip price\nClonazepam 2 mg;1,50\n")
    >>> _ = (folder / "list.toml").write_text('''
    ... schema = "price"
    ... title = "a list"
    ... [file]
    ... delimiter = ";"
    ... decimal = ","
    ... [columns]
    ... product = "Brand"
    ... price = "Strip price"
    ... [constants]
    ... molecule = "clonazepam"
    ... class = "generic"
    ... strength_mg = 2
    ... form = "tablet"
    ... unit = "tablet"
    ... pack_size = 10
    ... currency = "INR"
    ... date = 2026-04-01
    ... price_type = "maximum_retail"
    ... country = "IND"
    ... ''')
    >>> read_mapped(folder / "list.csv", folder / "list.toml").per_unit()["unit_price"].tolist()
    [0.15]
    """
    known = mapping if isinstance(mapping, TableMapping) else read_mapping(mapping)
    with scan(path, mapped_layout(known)) as found:
        return price_table(found) if known.schema == "price" else spending_table(found)


def mapped_layout(mapping: TableMapping) -> Layout:
    """Return the layout that a mapping stands for, for :func:`costmodel.prices.official.scan`."""
    options = mapping.options
    known = {column.name: column for column in SCHEMAS[mapping.schema]}
    columns = [_column(mapping, known[target]) for target in mapping.columns]
    columns += [PublishedColumn(source, f"keep_{at}") for at, source in enumerate(mapping.keep)]
    columns += [PublishedColumn(source, f"left_out_{at}") for at, source in enumerate(mapping.leave_out)]
    return Layout(
        name=Path(mapping.file).stem,
        title=f"table as {mapping.file} says",
        publisher=mapping.title,
        kind=mapping.schema,
        columns=tuple(columns),
        query=_query(mapping),
        unparsed=_unparsed(mapping),
        checks=_checks(mapping),
        key=_key(mapping),
        key_rule="a product may have one price of one type at one date"
        if mapping.schema == "price"
        else "a product may have one row for each payer, place and period",
        encodings=(options.get("encoding", "utf-8"),),
        delimiter="\t" if options.get("delimiter") == "tab" else options.get("delimiter", ","),
        title_rows=options.get("header_row", 1) - 1,
        footer=f"^{re.escape(options['footer'])}" if options.get("footer") else "",
        thousands=options.get("thousands", ""),
        decimal=options.get("decimal", "."),
        signs=tuple(options.get("signs", ())),
        sheet=f"^{re.escape(options['sheet'])}$" if options.get("sheet") else "",
        exact=True,
        left_out={f"left_out_{at}": cells for at, cells in enumerate(mapping.leave_out.values())},
    )


def _column(mapping: TableMapping, column: Column) -> PublishedColumn:
    kind, words = _kind(mapping, column)
    figure = column.name == "price" or (mapping.schema == "spending" and column.kind == "number")
    given = mapping.options.get("dates", "YYYY-MM-DD")
    dates = [DATES[form] for form in ([given] if isinstance(given, str) else given)]
    return PublishedColumn(
        mapping.columns[column.name],
        column.name,
        kind,
        filled=column.required or column.name in ("spending", "suppressed"),
        low=None if column.low == -float("inf") else column.low,
        open_low=column.open_low,
        words=words,
        marks=tuple(mapping.options.get("missing", ())) if figure or not column.required else (),
        dates=tuple(dict.fromkeys((*dates, "%Y-%m-%d"))),
        remedy=column.remedy or "write it as the mapping file says",
    )


def _kind(mapping: TableMapping, column: Column) -> tuple[Any, Mapping[str, str]]:
    mapped = mapping.values.get(column.name, {})
    if column.kind == "boolean":
        return "word", {**_BOOLEANS, **{theirs: _BOOLEANS[ours] for theirs, ours in mapped.items()}}
    if mapped or column.choices:
        return "word", {**{choice: choice for choice in column.choices}, **mapped}
    return column.kind, {}


def _values(mapping: TableMapping) -> dict[str, str]:
    """Return SQL by column of the schema."""
    known = {column.name: column for column in SCHEMAS[mapping.schema]}
    values = {target: _scaled(mapping, known[target]) for target in mapping.columns}
    values |= {target: _literal(value) for target, value in mapping.constants.items()}
    values.setdefault("source", text(mapping.title))
    if mapping.schema == "spending":
        values.setdefault("suppressed", f"{values.get('spending', 'NULL')} IS NULL")
    elif mapping.price_per == "unit":
        values["price"] = f"({values['price']}) * ({values['pack_size']})"
    return values


def _scaled(mapping: TableMapping, column: Column) -> str:
    cell, factor = name(column.name), mapping.scale.get(column.name, 1)
    if factor == 1:
        return f"coalesce({cell}, '')" if column.kind == "text" and not column.required else cell
    whole = round(1 / factor)
    # dividing by 100 is exact to the last digit where multiplying by 0.01 is not
    return f"{cell} / {whole}" if whole > 1 and 1 / whole == factor else f"{cell} * {factor!r}"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value!r}::DOUBLE"
    return text(value) if isinstance(value, str) else f"DATE '{value:%Y-%m-%d}'"


def _query(mapping: TableMapping) -> Callable[[Cells], str]:
    def query(cells: Cells) -> str:
        kept = [f"keep_{at} AS {name(source)}" for at, source in enumerate(mapping.keep)]
        select = select_prices if mapping.schema == "price" else select_spending
        return select(_values(mapping), cells.table, also=kept, where=f"({_reason(mapping)}) = ''")

    return query


def _unparsed(mapping: TableMapping) -> Callable[[Cells], str]:
    def unparsed(cells: Cells) -> str:
        read = "".join(f", {name(target)}" for target in mapping.columns)
        reason = _reason(mapping)
        return f"SELECT line{read}, {reason} AS reason FROM {cells.table} WHERE ({reason}) <> ''"

    return unparsed


def _reason(mapping: TableMapping) -> str:
    price = mapping.schema == "price" and "price" in mapping.columns
    none = f"WHEN price IS NULL THEN '{_NO_PRICE}' " if price else ""
    return f"CASE {none}WHEN repeats THEN '{_REPEATS}' ELSE '' END"


def _key(mapping: TableMapping) -> tuple[str, ...]:
    first = "product_id" if "product_id" in mapping.columns else "product"
    rest = _IDENTITY if mapping.schema == "price" else _SPENT
    read = tuple(target for target in (first, *rest) if target in mapping.columns)
    return read if first in mapping.columns else ()


def _checks(mapping: TableMapping) -> tuple[Check, ...]:
    codes = [
        Check(
            target,
            rule,
            f"{name(target)} <> '' AND NOT regexp_full_match({name(target)}, '[A-Z]{{3}}')",
            remedy,
        )
        for target, (rule, remedy) in _CODES.items()
        if target in mapping.columns
    ]
    spelt = [
        Check(target, "one word must be spelt in one way", _other_spelling(target), _SPELL)
        for target in ("molecule", "form", "unit")
        if target in mapping.columns and target not in mapping.values
    ]
    return tuple(codes + spelt)


_SPELL = "write one of the spellings throughout, or map both under [values] of the mapping file"


def _other_spelling(target: str) -> Callable[[Cells], str]:
    def broken(cells: Cells) -> str:
        cell = name(target)
        same = f"lower(other.{cell}) = lower({cells.table}.{cell})"
        return f"{cell} <> (SELECT min_by(other.{cell}, other.line) FROM {cells.table} AS other WHERE {same})"

    return broken
