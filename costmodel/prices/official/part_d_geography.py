"""The reader of CMS's Medicare Part D Prescribers by Geography and Drug.

A row is a drug in a state, or in the nation, in one year. Cost is gross: before manufacturers' rebates.
The file does not state its year; CMS names it in the name of the file.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from costmodel.errors import CostModelError
from costmodel.prices.official.engine import scan
from costmodel.prices.official.layout import Cells, Check, Layout, Lookup, PublishedColumn
from costmodel.prices.official.names import CLASS_ANSWERS, class_answers
from costmodel.prices.official.select import select_spending
from costmodel.prices.official.tables import spending_table
from costmodel.prices.spending import SpendingTable

_YEAR = re.compile(r"(?:D[Y]?)(\d{2})(?!\d)|(?<!\d)(20[0-4]\d)(?!\d)", re.IGNORECASE)


def read_part_d_geography(path: Path | str, *, year: int | None = None) -> SpendingTable:
    """Read CMS's Medicare Part D Prescribers by Geography and Drug, as published.

    Parameters
    ----------
    path : path
        The CSV file, also packed.
    year : int, optional
        The year of the file, where its name does not hold it as CMS's names do (``…_DY22_Geo.csv``).

    Returns
    -------
    SpendingTable
        One row per drug and place, ``row_level`` ``all labelers``; ``region`` is blank for the nation.
        The file has fills of 30 days but no units: ``units`` is missing, and ``fills_30_day``,
        ``prescribers`` and ``geography`` follow the columns of the schema. Rows of fewer than 11 claims
        are not in the file; beneficiaries are missing where fewer than 11.

    Raises
    ------
    CostModelError
        The file is missing, or its year is not known.
    DataError
        With every fault of the file.
    """
    with scan(path, part_d_geography_layout(year)) as found:
        found.raise_if_any()
        return spending_table(found)


def part_d_geography_layout(year: int | None = None) -> Layout:
    """Return the layout, for a year or for that in the file's name."""
    return replace(PART_D_GEOGRAPHY, query=lambda cells: _query(cells, year or year_in(cells.file)))


def year_in(file: str) -> int:
    """Return the year in the name of one of CMS's files.

    Examples
    --------
    >>> year_in("MUP_DPR_RY24_P04_V10_DY22_Geo.csv")
    2022
    """
    found = _YEAR.findall(file)
    years = {int(full) if full else 2000 + int(short) for short, full in found}
    if len(years) != 1:
        raise CostModelError(f"{file}: the file does not state its year, nor does its name: give year=…")
    return years.pop()


def _query(cells: Cells, year: int) -> str:
    return select_spending(
        {
            "payer": "'Medicare Part D'",
            "country": "'USA'",
            "region": "CASE WHEN level = 'National' THEN '' ELSE geography END",
            "period_start": f"DATE '{year}-01-01'",
            "period_end": f"DATE '{year}-12-31'",
            "product": "rtrim(product, '* ')",
            "molecule": "lower(rtrim(molecule, '* '))",
            "class": '"class"',
            "row_level": "'all labelers'",
            "unit": "'not stated'",
            "claims": "claims",
            "beneficiaries": "beneficiaries",
            "spending": "spending",
            "currency": "'USD'",
            "basis": "'gross'",
            "suppressed": "false",
            "source": f"'CMS Medicare Part D Prescribers by Geography and Drug, {year}'",
            "note": "class_note",
        },
        cells.table,
        also=["fills AS fills_30_day", "prescribers", "geography_code"],
        where="NOT repeats",
    )


def _figure(name: str, target: str, *, filled: bool = True) -> PublishedColumn:
    remedy = "write the figure with a decimal point"
    return PublishedColumn(name, target, "number", filled=filled, low=0, remedy=remedy)


PART_D_GEOGRAPHY = Layout(
    name="part_d_geography",
    title="file of Medicare Part D Prescribers by Geography and Drug",
    publisher="CMS",
    address="https://data.cms.gov/provider-summary-by-type-of-service/medicare-part-d-prescribers",
    kind="spending",
    columns=(
        PublishedColumn(
            "Prscrbr_Geo_Lvl",
            "level",
            "word",
            filled=True,
            words={"National": "National", "State": "State"},
            remedy="write National or State",
        ),
        PublishedColumn("Prscrbr_Geo_Cd", "geography_code"),
        PublishedColumn("Prscrbr_Geo_Desc", "geography", filled=True, remedy="name the state or National"),
        PublishedColumn("Brnd_Name", "product", filled=True, remedy="give the brand name that CMS prints"),
        PublishedColumn("Gnrc_Name", "molecule", filled=True, remedy="give the generic name that CMS prints"),
        _figure("Tot_Prscrbrs", "prescribers"),
        _figure("Tot_Clms", "claims"),
        _figure("Tot_30day_Fills", "fills"),
        _figure("Tot_Drug_Cst", "spending"),
        _figure("Tot_Benes", "beneficiaries", filled=False),
    ),
    query=lambda cells: _query(cells, year_in(cells.file)),
    lookups=(Lookup("classes", ("product", "molecule"), class_answers, CLASS_ANSWERS),),
    checks=(
        Check(
            "claims",
            "must be at least 11, as CMS leaves out smaller rows",
            "claims < 11",
            "download the file again",
        ),
    ),
    key=("geography", "product", "molecule", "level"),
    key_rule="a drug may have one row in each place",
    encodings=("utf-8", "cp1252"),
    thousands=",",
    signs=("$",),
)
