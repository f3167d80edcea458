"""The reader of price tables in the schema: every fault of a file is collected and raised once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from costmodel.errors import Faults
from costmodel.prices.schema import CODE, COLUMNS, FILLED, NAMES, to_frame
from costmodel.prices.table import PriceTable
from costmodel.tables import Column, RawTable, read_csv, typed

_WORDS = ("molecule", "form", "unit")
_CODES = {
    "currency": ("must be three capital letters, as ISO 4217 has them", "USD"),
    "country": ("must be three capital letters, as ISO 3166-1 alpha-3 has them", "USA"),
}
_PACK = ("strength_mg", "form", "unit", "pack_size", "currency", "country")
_LIST = ("date", "as_of", "price_type")

Cells = Mapping[str, Sequence[Any]]


def read_prices(path: Path | str) -> PriceTable:
    """Read a price table in the columns of :data:`costmodel.prices.schema.COLUMNS`.

    Columns may stand in any order, ``product_id``, ``flag`` and ``note`` may be absent, and other
    columns are kept as text.

    Parameters
    ----------
    path : path to a CSV file

    Returns
    -------
    PriceTable
        In the order of the file; the index ``row`` is the line of the file.

    Raises
    ------
    CostModelError
        The file is missing.
    DataError
        A column or a value is missing, mistyped, out of range or unknown; a currency or country is no
        ISO code; one word is spelt in two ways; or a product has two prices of one type at one date.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> table = read_prices(dataset_path("us/nadac"))
    >>> len(table), sorted(table.frame["class"].unique())
    (85, ['brand', 'generic'])
    """
    raw = read_csv(path)
    faults = Faults(raw.file)
    cells = typed(raw, _declared(raw), faults, others=True)
    _check_header(raw, faults)
    _check_codes(raw, cells, faults)
    _check_spellings(raw, cells, faults)
    _check_repeats(raw, cells, faults)
    if not raw.rows:
        faults.add("must have at least one price", remedy="add a row below the header")
    faults.raise_if_any(f"{raw.file} is not a price table")
    return PriceTable(to_frame(cells, index=raw.lines), raw.file)


def _declared(raw: RawTable) -> list[Column]:
    near = {_plain(name): name for name in raw.columns if name not in NAMES}
    columns = []
    for column in COLUMNS:
        found = near.get(_plain(column.name))
        absent = column.name not in raw.columns
        remedy = f"rename the column '{found}' to '{column.name}'" if absent and found else column.remedy
        columns.append(replace(column, remedy=remedy))
    return columns


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("s")


def _check_header(raw: RawTable, faults: Faults) -> None:
    near = {_plain(name): name for name in raw.columns if name not in NAMES}
    for column in COLUMNS:
        found = near.get(_plain(column.name))
        if column.optional and found and column.name not in raw.columns:
            remedy = f"rename the column to '{column.name}'"
            faults.add("is not a column of a price table", row=1, column=found, remedy=remedy)


def _check_codes(raw: RawTable, cells: Cells, faults: Faults) -> None:
    for name, (rule, example) in _CODES.items():
        for line, value in zip(raw.lines, cells[name], strict=True):
            if value is not None and not CODE.match(value):
                upper = value.upper()
                remedy = f"write {upper if CODE.match(upper) else f'for example {example}'}"
                faults.add(rule, row=line, column=name, found=repr(value), remedy=remedy)


def _check_spellings(raw: RawTable, cells: Cells, faults: Faults) -> None:
    for name in _WORDS:
        first: dict[str, tuple[str, int]] = {}
        for line, value in zip(raw.lines, cells[name], strict=True):
            if value is None:
                continue
            spelt, earlier = first.setdefault(" ".join(value.lower().split()), (value, line))
            if spelt != value:
                faults.add(
                    "one word must be spelt in one way",
                    row=line,
                    column=name,
                    found=repr(value),
                    remedy=f"write '{spelt}' as in row {earlier}, or change that one",
                )


def _check_repeats(raw: RawTable, cells: Cells, faults: Faults) -> None:
    first: dict[tuple[Any, ...], tuple[int, Any]] = {}
    for position, line in enumerate(raw.lines):
        row = {name: cells[name][position] for name in NAMES}
        key = _identity(row)
        if key is None:
            continue
        earlier, price = first.setdefault(key, (line, row["price"]))
        if earlier != line:
            same = "the same price" if price == row["price"] else f"{price} there, {row['price']} here"
            faults.add(
                "a product may have one price of one type at one date",
                row=line,
                column="product",
                found=f"'{row['product']}' again, as in row {earlier} ({same})",
                remedy="delete one of the rows, or tell the products apart in product_id or product",
            )


def _identity(row: Mapping[str, Any]) -> tuple[Any, ...] | None:
    product = ("product_id",) if row["product_id"] else ("product", "source")
    key = [row[name] for name in (*product, *_PACK, *_LIST)]
    return None if any(row[name] is None for name in FILLED) else tuple(key)
