# ruff: noqa: S608 (every name and text in the SQL is quoted)
"""The reader of the NHS Drug Tariff, Part VIIIA: basic prices of drugs, as NHSBSA publishes them.

The basic price is what a dispensing contractor in England and Wales is reimbursed for a prescription
written by the generic name, before the discount deduction and without fees or VAT. It is no list price of
a brand, even where a Category C price is taken from one. NHSBSA prints pence, leaves the unit's column
without a name, and states the month only in the title (without its year) and in the file's name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from costmodel.errors import Faults
from costmodel.prices.official.british import BRITISH_ANSWERS, british_answers
from costmodel.prices.official.days import given_day, month_in, month_name_in
from costmodel.prices.official.engine import scan
from costmodel.prices.official.layout import Cells, Check, Layout, Lookup, PublishedColumn
from costmodel.prices.official.select import select_prices
from costmodel.prices.official.tables import price_table
from costmodel.prices.table import PriceTable

_CATEGORIES = ("A", "C", "H", "M")


def read_drug_tariff(path: Path | str, *, month: str | dt.date | None = None) -> PriceTable:
    """Read Part VIIIA of the NHS Drug Tariff, as published.

    Parameters
    ----------
    path : path
        The monthly CSV file or workbook, also packed.
    month : str or date, optional
        The first day of the tariff's month, as ``"2026-04-01"``. Read from the file's name otherwise
        (``Part VIIIA April 2026.csv``, ``…202604.csv``).

    Returns
    -------
    PriceTable
        Price of a pack in GBP, price type ``tariff``, country ``GBR``, class ``generic``; ``product_id``
        is the SNOMED code of the pack (VMPP). Further columns: ``basic_price_pence``, as printed,
        ``drug_tariff_category`` and ``vmp_snomed_code``. ``unparsed`` holds, with the ``reason``, every
        row whose name does not give one strength in mg of the unit that its pack is counted by.

    Raises
    ------
    CostModelError
        The file is missing, or ``month`` is no date.
    DataError
        With every fault: a column is missing, a price or pack is no number above 0, a category or a
        SNOMED code is none, a pack has two prices, or the month is not stated or is stated in two ways.
    """
    day = None if month is None else given_day(month, "month")
    with scan(path, drug_tariff_layout(day)) as found:
        return price_table(found)


def drug_tariff_layout(month: dt.date | None = None) -> Layout:
    """Return the layout of Part VIIIA, of a month that is given or read from the file's name."""
    return replace(DRUG_TARIFF, about=partial(_about, month=month))


def _about(
    file: str, titles: Sequence[str], faults: Faults, month: dt.date | None = None
) -> Mapping[str, str]:
    found = month or month_in(file)
    if found is None:
        remedy = "give it: month='2026-04-01'"
        faults.add("the month must stand in the file's name", found=file, remedy=remedy)
        return {"month": "2000-01-01"}
    title = next((title for title in titles if "tariff" in title.lower()), "")
    named = month_name_in(title)
    if found.day != 1 or (named and named != found.month):
        shown = f"{title!r} above the header, and {found:%Y-%m-%d}" if named else f"{found:%Y-%m-%d}"
        remedy = "give the first day of the tariff's month: month='2026-04-01'"
        faults.add("the month must be one, given by its first day", found=shown, remedy=remedy)
    return {"month": f"{found:%Y-%m-%d}", "said": f"{found:%B %Y}"}


def _reasoned(cells: Cells) -> str:
    return f"""SELECT * REPLACE (CASE WHEN repeats THEN 'repeats an earlier row in every cell'
        ELSE reason END AS reason) FROM {cells.table}"""


def _query(cells: Cells) -> str:
    day = f"DATE '{cells.facts['month']}'"
    return select_prices(
        {
            "product_id": "product_id",
            "product": "product",
            "molecule": "molecule",
            "class": "'generic'",
            "strength_mg": "strength_mg",
            "form": "form",
            "unit": "unit",
            "pack_size": "pack_size",
            "price": "pence / 100",
            "currency": "'GBP'",
            "date": day,
            "as_of": day,
            "price_type": "'tariff'",
            "country": "'GBR'",
            "source": f"'NHS Drug Tariff Part VIIIA, {cells.facts.get('said', '')}'",
        },
        f"({_reasoned(cells)})",
        also=["pence AS basic_price_pence", "category AS drug_tariff_category", "vmp AS vmp_snomed_code"],
        where="reason = ''",
    )


def _unparsed(cells: Cells) -> str:
    return f"""SELECT line, product_id, product, unit, pack_size, pence AS basic_price_pence,
        category AS drug_tariff_category, reason FROM ({_reasoned(cells)}) WHERE reason <> ''"""


_SNOMED = "NOT regexp_full_match({}, '[1-9][0-9]{{5,17}}')"
_CODE_REMEDY = "give the whole code as text; spreadsheet programs round it (4.0682911E+16)"

DRUG_TARIFF = Layout(
    name="drug_tariff",
    title="file of NHS Drug Tariff Part VIIIA",
    publisher="NHSBSA",
    address="https://www.nhsbsa.nhs.uk/pharmacies-gp-practices-and-appliance-contractors/drug-tariff/drug-tariff-part-viii",
    kind="price",
    columns=(
        PublishedColumn("Medicine", "product", filled=True, remedy="give the name that NHSBSA prints"),
        PublishedColumn(
            "Pack size",
            "pack_size",
            "number",
            filled=True,
            low=0,
            open_low=True,
            remedy="give the units in one pack",
        ),
        PublishedColumn(
            "Unit of measure",
            "unit",
            aliases=("", "Unit"),
            filled=True,
            remedy="say what the pack size counts: tablet, ml, gram",
        ),
        PublishedColumn("VMP Snomed Code", "vmp", filled=True, remedy=_CODE_REMEDY),
        PublishedColumn("VMPP Snomed Code", "product_id", filled=True, remedy=_CODE_REMEDY),
        PublishedColumn(
            "Drug Tariff Category",
            "category",
            "word",
            filled=True,
            words={
                f"Part VIIIA Category {letter}": f"Part VIIIA Category {letter}" for letter in _CATEGORIES
            },
            remedy="write Part VIIIA Category A, C, H or M; other parts of the tariff are other files",
        ),
        PublishedColumn(
            "Basic Price",
            "pence",
            "number",
            filled=True,
            low=0,
            open_low=True,
            remedy="give the price of a pack in pence, as NHSBSA prints it",
        ),
    ),
    query=_query,
    unparsed=_unparsed,
    lookups=(Lookup("named", ("product", "unit"), british_answers, BRITISH_ANSWERS),),
    checks=tuple(
        Check(
            target,
            "must be a SNOMED code: 6 to 18 digits",
            f"{target} <> '' AND {_SNOMED.format(target)}",
            _CODE_REMEDY,
        )
        for target in ("product_id", "vmp")
    ),
    key=("product_id",),
    key_rule="a pack may have one price in a month",
    encodings=("utf-8", "cp1252"),
    title_rows=10,
    about=_about,
)
