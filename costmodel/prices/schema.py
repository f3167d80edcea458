"""The schema of a price table, defined once; every reader returns it and every analysis relies on it.

The rule of the house: no price without pack, unit, strength, form, currency, date and price type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from costmodel.tables import Column

CLASSES = ("brand", "generic", "branded generic", "unknown")
"""What a product is sold as; a branded generic is an off-patent product under a name of its own."""

PRICE_TYPES = (
    "acquisition",
    "reimbursement",
    "tariff",
    "ex_factory",
    "retail",
    "maximum_retail",
    "net",
    "international_reference",
)
"""Whose price it is; prices of two types are never compared or averaged."""

_SIZE = "give the units in one pack: 100 for a box of 100 tablets, 1 for a price of one tablet"

COLUMNS: tuple[Column, ...] = (
    Column("product_id", remedy="give the product's code as text, or leave the cell blank"),
    Column("product", required=True, optional=False, remedy="name the product as its list does"),
    Column("molecule", required=True, optional=False, remedy="name the active substance"),
    Column(
        "class",
        required=True,
        optional=False,
        choices=CLASSES,
        remedy="write brand, generic, branded generic or unknown",
    ),
    Column(
        "strength_mg",
        "number",
        required=True,
        optional=False,
        low=0,
        open_low=True,
        remedy="give the milligrams of active substance in one unit",
    ),
    Column("form", required=True, optional=False, remedy="name the form, for example tablet"),
    Column("unit", required=True, optional=False, remedy="say what pack_size counts: tablet, ml, g"),
    Column("pack_size", "number", required=True, optional=False, low=0, open_low=True, remedy=_SIZE),
    Column(
        "price",
        "number",
        required=True,
        optional=False,
        low=0,
        open_low=True,
        remedy="give the price of one pack",
    ),
    Column("currency", required=True, optional=False, remedy="write the ISO 4217 code, for example USD"),
    Column("date", "date", required=True, optional=False, remedy="give the day from which the price holds"),
    Column("as_of", "date", optional=False, remedy="give the day of the list, or leave the cell blank"),
    Column(
        "price_type",
        required=True,
        optional=False,
        choices=PRICE_TYPES,
        remedy="say whose price it is, for example acquisition, reimbursement or retail",
    ),
    Column("country", required=True, optional=False, remedy="write the ISO 3166-1 code, for example USA"),
    Column("source", required=True, optional=False, remedy="name the list the price was read from"),
    Column("flag", remedy="one or two words of warning, or blank"),
    Column("note", remedy="free text, or blank"),
)
"""The columns of a price table, in order.

``strength_mg`` is milligrams of active substance in one ``unit``: in one tablet, in one millilitre, in
one gram. ``pack_size`` counts units and ``price`` is the price of one pack, so that ``price / pack_size``
is the price of a unit and ``price / pack_size / strength_mg`` that of a milligram. ``date`` is the day from
which a price holds and ``as_of`` the day of the list, blank where the list states none. ``product_id``,
``flag`` and ``note`` may be blank too; nothing else may.
"""

NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
FILLED: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.required)
NUMBERS: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.kind == "number")
DATES: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.kind == "date")

BASIS: tuple[str, ...] = ("price_type", "currency", "country", "as_of")
"""Columns in which prices must agree before they may be compared or averaged."""

SET: tuple[str, ...] = ("molecule", "strength_mg", "form", "unit")
"""Columns in which a brand and its generic must agree: the same medicine, strength, form and unit."""

CODE = re.compile(r"[A-Z]{3}\Z")
"""ISO 4217 currencies and ISO 3166-1 alpha-3 countries: three capital letters."""


def to_frame(cells: Mapping[str, Sequence[Any]], *, index: Sequence[int] | None = None) -> pd.DataFrame:
    """Return a typed frame: numbers as float64, dates as datetime64, blank text as an empty string.

    Parameters
    ----------
    cells : mapping of str to sequence
        One sequence per column; the columns of the schema come first, in its order.
    index : sequence of int, optional
        The line of the file on which each row stands.

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> frame = to_frame({"price": [4.26], "note": [None], "as_of": ["2026-04-29"]}, index=[2])
    >>> frame["note"].tolist(), str(frame["as_of"].dtype)
    ([''], 'datetime64[s]')
    """
    order = [name for name in NAMES if name in cells] + [name for name in cells if name not in NAMES]
    frame = pd.DataFrame({name: _series(name, cells[name]) for name in order})
    if index is not None:
        frame.index = pd.Index(index, name="row")
    return frame


def _series(name: str, values: Sequence[Any]) -> pd.Series[Any]:
    if name in NUMBERS:
        return pd.Series(values, dtype="float64")
    if name in DATES:
        return pd.Series(values, dtype="datetime64[s]")
    return pd.Series(["" if value is None else str(value) for value in values], dtype="str")


def list_dates(frame: pd.DataFrame) -> pd.Series[Any]:
    """Return the day of each row's list, or the day from which the price holds where the list states none.

    Two undated lists are thus taken as one only when their prices hold from the same day.

    Examples
    --------
    >>> list_dates(to_frame({"date": ["2015-02-01"], "as_of": [None]})).astype(str).tolist()
    ['2015-02-01']
    """
    return frame["as_of"].fillna(frame["date"])
