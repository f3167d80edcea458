# ruff: noqa: S608 (every name and text in the SQL is quoted)
"""The reader of South Africa's Database of Medicine Prices: the single exit price, SEP.

The single exit price is the one price at which a manufacturer may sell a pack to anyone: the manufacturer's
price, a logistics fee and VAT. A pharmacy pays it, hence price type ``acquisition``; the dispensing fee
comes on top. A product of several active ingredients stands in several rows, of which only the first has a
code and a price; the header may be repeated between them; thousands are set apart by a blank.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from costmodel.errors import Faults
from costmodel.prices.official.days import day_in, given_day
from costmodel.prices.official.engine import scan
from costmodel.prices.official.layout import Cells, Check, Layout, Lookup, PublishedColumn
from costmodel.prices.official.select import select_prices
from costmodel.prices.official.tables import price_table
from costmodel.prices.table import PriceTable

_PIECES = {
    "TAB": ("tablet", "tablet"),
    "TABLET": ("tablet", "tablet"),
    "CAP": ("capsule", "capsule"),
    "CAPSULE": ("capsule", "capsule"),
}
_LIQUIDS = {
    "DRP": "oral drops",
    "SOL": "oral solution",
    "SUS": "oral suspension",
    "SYR": "syrup",
    "INJ": "injection",
}
_MASS = {"mg": 1.0, "g": 1000.0, "mcg": 0.001, "µg": 0.001, "ug": 0.001}
_ROUNDING = 0.021
"""Three printed amounts, each rounded to a cent, and the cent of their sum."""


def read_sep(path: Path | str, *, as_of: str | dt.date | None = None) -> PriceTable:
    """Read South Africa's Database of Medicine Prices, as published.

    Parameters
    ----------
    path : path
        The workbook, or the list saved as CSV. A list that prints no active ingredients, as some copies
        do, is refused: it does not say what its prices are for.
    as_of : str or date, optional
        The day of the list; read from the file's name otherwise (``Database Of Medicine Prices 05th
        July 2016.xls``), and left missing where neither states it.

    Returns
    -------
    PriceTable
        Price of a pack in ZAR with VAT, price type ``acquisition``, country ``ZAF``; ``date`` is the
        effective date of the row, ``product_id`` the NAPPI code. Class by the list's own column:
        Originator ``brand``, Generic ``generic``, blank ``unknown``. ``pack_size`` is pack size times
        quantity. Further columns: ``registration_no, atc4, schedule, supplier, manufacturer_price,
        logistics_fee, vat, unit_price_printed``. A row whose build-up does not give its SEP, or whose
        printed unit price does not follow from it, is flagged. ``unparsed`` holds, with the ``reason``,
        every product of which the list does not print one ingredient, its strength in mg of a unit, and a
        form that is known here.

    Raises
    ------
    CostModelError
        The file is missing, or ``as_of`` is no date.
    DataError
        With every fault: a column is missing, a price, pack or date is none, the class is unknown, a
        product lacks its code, or one code has two prices at one date.
    """
    day = None if as_of is None else given_day(as_of, "as_of")
    with scan(path, sep_layout(day)) as found:
        return price_table(found)


def sep_layout(as_of: dt.date | None = None) -> Layout:
    """Return the layout of the list, of a day that is given or read from the file's name."""
    return replace(SEP, about=partial(_about, as_of=as_of))


def _about(file: str, titles: Sequence[str], _: Faults, as_of: dt.date | None = None) -> Mapping[str, str]:
    day = as_of or day_in(file) or next((found for title in titles if (found := day_in(title))), None)
    return {"day": f"DATE '{day:%Y-%m-%d}'" if day else "NULL"}


def _answers(given: list[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
    found = [_described(*key) for key in given]
    names = ("strength_mg", "form", "unit", "reason")
    return {name: [item[at] for item in found] for at, name in enumerate(names)}


def _described(strength: str, measure: str, form: str) -> tuple[float | None, str, str, str]:
    """Return the milligrams in one unit, the form, the unit, and why they are not known."""
    nothing = (None, "", "")
    code, number = form.strip().upper(), _number(strength)
    if not strength:
        return (*nothing, "the list does not print the strength")
    if number is None:
        return (*nothing, f"the strength is no number above 0: {strength}")
    mass, _, per = measure.lower().replace(" ", "").partition("/")
    if mass not in _MASS:
        return (*nothing, f"the strength is in {measure or 'no unit'}, not in mg")
    milligrams = number * _MASS[mass]
    if code in _PIECES:
        shape, unit = _PIECES[code]
        if per in ("", unit, code.lower()):
            return (milligrams, shape, unit, "")
        return (*nothing, f"the strength is per {per}, the form a {shape}")
    if code not in _LIQUIDS:
        return (*nothing, f"'{form}' is no dosage form that is known here")
    volume = _number(per.removesuffix("ml") or "1") if per.endswith("ml") else None
    if volume is None:
        return (*nothing, "the strength is not stated per ml")
    return (milligrams / volume, _LIQUIDS[code], "ml", "")


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(" ", ""))
    except ValueError:
        return None
    return number if 0 < number < math.inf else None


_DESCRIBED = Lookup(
    "described",
    ("strength", "measure", "form_code"),
    _answers,
    {"strength_mg": "DOUBLE", "form": "VARCHAR", "unit": "VARCHAR", "reason": "VARCHAR"},
)


def _products(cells: Cells) -> str:
    """Return SQL of one row per product; the rows that follow it name its other ingredients."""
    return f"""(SELECT * REPLACE (CASE WHEN repeats THEN 'repeats an earlier row in every cell'
            WHEN ingredients > 1 THEN 'more than one active ingredient'
            WHEN sep IS NULL THEN 'no single exit price is printed'
            WHEN ingredient = '' THEN 'the list does not print the active ingredient'
            ELSE reason END AS reason)
        FROM (SELECT *, count(*) FILTER (ingredient <> '') OVER (PARTITION BY nth) AS ingredients
            FROM (SELECT *, count(*) FILTER (product_id <> '') OVER (ORDER BY line) AS nth
                FROM {cells.table}))
        WHERE product_id <> '')"""


_UNITS = "(pack_size * coalesce(quantity, 1))"
_BUILT = f"abs(manufacturer_price + logistics_fee + vat - sep) > {_ROUNDING}"
_PER_UNIT = f"abs(sep / {_UNITS} - unit_price) > 0.0051 + 0.01 / {_UNITS}"
_FLAG = f"""concat_ws('; ',
    CASE WHEN {_BUILT} THEN 'manufacturer price, logistics fee and VAT do not add up to the SEP' END,
    CASE WHEN {_PER_UNIT} THEN 'the printed unit price is not the SEP over the units of the pack' END)"""


def _query(cells: Cells) -> str:
    return select_prices(
        {
            "product_id": "product_id",
            "product": "product",
            "molecule": "lower(ingredient)",
            "class": "coalesce(class, 'unknown')",
            "strength_mg": "strength_mg",
            "form": "form",
            "unit": "unit",
            "pack_size": _UNITS,
            "price": "sep",
            "currency": "'ZAR'",
            "date": '"date"',
            "as_of": cells.facts["day"],
            "price_type": "'acquisition'",
            "country": "'ZAF'",
            "source": "'Database of Medicine Prices (SEP), South Africa'",
            "flag": _FLAG,
        },
        _products(cells),
        also=[
            "registration_no",
            f"{cells.get('atc4', _BLANK)} AS atc4",
            f"{cells.get('schedule', _BLANK)} AS schedule",
            f"{cells.get('supplier', _BLANK)} AS supplier",
            "manufacturer_price, logistics_fee, vat",
            "unit_price AS unit_price_printed",
        ],
        where="reason = ''",
    )


def _unparsed(cells: Cells) -> str:
    return f"""SELECT line, product_id, product, ingredient, strength, measure AS strength_unit, form_code,
        {_UNITS} AS pack_size, sep, "date", reason FROM {_products(cells)} WHERE reason <> ''"""


_BLANK = "''"
_RAND = "write rand with a decimal point"


def _amount(name: str, target: str, *aliases: str) -> PublishedColumn:
    return PublishedColumn(name, target, "number", aliases=aliases, low=0, remedy=_RAND)


_OWN = "product_id <> '' AND faulty = 0"

SEP = Layout(
    name="sep",
    title="South African Database of Medicine Prices",
    publisher="National Department of Health, South Africa",
    address="https://www.mpr.gov.za",
    kind="price",
    columns=(
        PublishedColumn(
            "MCC Medicine Reg. No.",
            "registration_no",
            aliases=("Medicine Reg. No.", "SAHPRA Medicine Reg. No.", "Regno"),
        ),
        PublishedColumn("Nappi Code", "product_id"),
        PublishedColumn("ATC 4", "atc4", aliases=("ATC4",), required=False),
        PublishedColumn("Medicine Schedule", "schedule", aliases=("Schedule",), required=False),
        PublishedColumn("Applicant Name", "supplier", required=False),
        PublishedColumn("Medicine Proprietary Name", "product", aliases=("Proprietary Name",)),
        PublishedColumn("Active Ingredients", "ingredient", aliases=("Active Ingredient", "API")),
        PublishedColumn("Strength", "strength"),
        PublishedColumn("Unit", "measure"),
        PublishedColumn("Dosage Form", "form_code"),
        PublishedColumn(
            "Pack Size", "pack_size", "number", low=0, open_low=True, remedy="give the units in one pack"
        ),
        PublishedColumn(
            "Quantity",
            "quantity",
            "number",
            low=0,
            open_low=True,
            remedy="give the packs in a box, or leave the cell blank for one",
        ),
        _amount("Manufacturer Price", "manufacturer_price"),
        _amount("Logistics Fee", "logistics_fee"),
        _amount("VAT", "vat"),
        PublishedColumn("SEP", "sep", "number", low=0, open_low=True, remedy=_RAND),
        _amount("Unit Price", "unit_price"),
        PublishedColumn(
            "Effective Date",
            "date",
            "date",
            dates=("%d %B %Y", "%d %b %Y", "%Y-%m-%d", "%d/%m/%Y"),
            remedy="write the day as 26 January 2015",
        ),
        PublishedColumn(
            "Originator or Generic",
            "class",
            "word",
            words={
                spelt: ours
                for word, ours in (("Originator", "brand"), ("Generic", "generic"))
                for spelt in (word, word.lower(), word.upper())
            },
            remedy="write Originator or Generic",
        ),
    ),
    query=_query,
    unparsed=_unparsed,
    lookups=(_DESCRIBED,),
    checks=(
        Check(
            "product_id",
            "must have a NAPPI code where there is a price",
            "product_id = '' AND sep IS NOT NULL",
            "give the code of the product; only rows of further ingredients have none",
            found="product",
        ),
        Check(
            "product_id",
            "must be a NAPPI code: 6 to 9 digits",
            "product_id <> '' AND NOT regexp_full_match(product_id, '[0-9]{6,9}')",
            "write the digits without blanks",
        ),
        *(
            Check(target, "must have a value", f"{_OWN} AND {broken}", remedy, found="product_id")
            for target, broken, remedy in (
                ("product", "product = ''", "name the product"),
                ("pack_size", "pack_size IS NULL", "give the units in one pack"),
                ("date", '"date" IS NULL AND sep IS NOT NULL', "give the day from which the price holds"),
            )
        ),
    ),
    key=("product_id", "date"),
    key_rule="a product may have one price at one date",
    encodings=("utf-8", "cp1252"),
    thousands=" ",
    signs=("R",),
    title_rows=10,
    footer="(?i)^applicants? .*licen[cs]e no",
    about=_about,
)
