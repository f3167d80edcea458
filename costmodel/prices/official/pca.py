"""The readers of NHSBSA's Prescription Cost Analysis: what was dispensed in the community in England.

Its cost is the net ingredient cost (NIC): basic price times quantity. Despite its name it is ``gross``: it is
before the discount deduction that dispensing contractors pay and before price concessions, and without
fees. Quantities count the unit of measure (tablets, ml), never packs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from costmodel.prices.official.british import BRITISH_ANSWERS, british_answers
from costmodel.prices.official.engine import scan
from costmodel.prices.official.layout import Cells, Check, Layout, Lookup, PublishedColumn
from costmodel.prices.official.select import select_spending
from costmodel.prices.official.tables import spending_table
from costmodel.prices.spending import SpendingTable

CLASSES = {"1": "generic", "2": "brand", "3": "unknown", "4": "unknown", "5": "generic"}
"""NHSBSA's preparation classes, and the class each stands for.

1 is prescribed and available generically, 2 prescribed generically but only available as a proprietary
product, 3 prescribed and dispensed by a proprietary name, 4 appliances, 5 prescribed generically with a named
supplier.
"""

_PROPRIETARY = "dispensed by a proprietary name: the list does not tell an originator from a branded generic"
_FOUND = "Prescription Cost Analysis"


def read_pca(path: Path | str) -> SpendingTable:
    """Read a monthly file of NHSBSA's Prescription Cost Analysis, as published.

    Parameters
    ----------
    path : path
        The CSV file of the open data portal, by month and integrated care board, also packed.

    Returns
    -------
    SpendingTable
        One row per row of the file: product, month, integrated care board (``region``) and kind of
        dispenser. ``spending`` is the net ingredient cost in GBP, ``basis`` ``gross``; ``claims`` are
        items. Class by preparation class, see :data:`CLASSES`; what is sold under a proprietary name is
        ``unknown``, with a flag. Strength and form are read from the name where it gives one of each, and
        left blank otherwise, with the reason in ``note``. Further columns: ``snomed_code,
        preparation_class, generic_product_id, generic_product``, which tell brand and generic pairs.

    Raises
    ------
    CostModelError
        The file is missing.
    DataError
        With every fault: a column is missing, a figure is no number, a month or preparation class is
        none.
    """
    with scan(path, PCA) as found:
        return spending_table(found)


def read_pca_annual(path: Path | str) -> SpendingTable:
    """Read the yearly summary tables of Prescription Cost Analysis, as published.

    Parameters
    ----------
    path : path
        The workbook ``pca_summary_tables_…``; its sheet ``SNOMED_Codes`` is read.

    Returns
    -------
    SpendingTable
        As :func:`read_pca`, by year, for England as a whole (``region`` is ``England``). A financial
        year runs from 1 April to 31 March.

    Raises
    ------
    CostModelError, DataError
        As :func:`read_pca`.
    """
    with scan(path, PCA_ANNUAL) as found:
        return spending_table(found)


_MONTH_START = "try_strptime(replace(period, '-', ''), '%Y%m')::DATE"
_YEAR = "left(period, 4)"
_FINANCIAL = "period LIKE '%/%'"
_YEAR_START = (
    f"try_strptime({_YEAR} || CASE WHEN {_FINANCIAL} THEN '-04-01' ELSE '-01-01' END, '%Y-%m-%d')::DATE"
)


def _spending(cells: Cells, start: str, months: int, region: str, source: str) -> str:
    classes = " ".join(f"WHEN '{code}' THEN '{ours}'" for code, ours in CLASSES.items())
    return select_spending(
        {
            "payer": "'NHS (England)'",
            "country": "'GBR'",
            "region": region,
            "period_start": start,
            "period_end": f"({start} + INTERVAL {months} MONTH - INTERVAL 1 DAY)",
            "product_id": "product_id",
            "product": "product",
            "molecule": "lower(molecule_printed)",
            "class": f"CASE preparation_class {classes} END",
            "labeler": "supplier",
            "row_level": "'product'",
            "strength_mg": "strength_mg",
            "form": "form",
            "unit": "unit",
            "units": "quantity",
            "claims": "items",
            "spending": "cost",
            "currency": "'GBP'",
            "basis": "'gross'",
            "suppressed": "cost IS NULL",
            "release": "period",
            "source": f"'{source}'",
            "flag": f"""CASE WHEN cost IS NULL THEN 'figures withheld by the publisher'
                WHEN preparation_class = '3' THEN '{_PROPRIETARY}' ELSE '' END""",
            "note": "reason",
        },
        cells.table,
        also=["snomed_code", "preparation_class", "generic_product_id", "generic_product"],
    )


def _monthly(cells: Cells) -> str:
    return _spending(cells, _MONTH_START, 1, "region", f"NHSBSA {_FOUND}, monthly")


def _annual(cells: Cells) -> str:
    return _spending(cells, _YEAR_START, 12, "'England'", f"NHSBSA {_FOUND}, summary tables")


def _columns(names: Mapping[str, tuple[str, ...]]) -> tuple[PublishedColumn, ...]:
    """Return the columns of either file, whose names differ."""
    figure = "write the figure with a decimal point, or * where it is withheld"
    texts = ("period", "region", "product_id", "product", "unit", "molecule_printed")
    return tuple(
        PublishedColumn(
            published[0],
            target,
            "word" if target == "preparation_class" else "number" if target in _FIGURES else "text",
            aliases=published[1:],
            filled=target in (*texts, "preparation_class", *_FIGURES),
            low=0 if target in _FIGURES else None,
            marks=("*",) if target in _FIGURES else (),
            words=_PREPARATIONS if target == "preparation_class" else {},
            remedy=_REMEDIES.get(target, figure if target in _FIGURES else "give what NHSBSA prints"),
        )
        for target, published in names.items()
    )


_FIGURES = ("items", "quantity", "cost")
_PREPARATIONS = {spelt: code for code in CLASSES for spelt in (code, f"0{code}")}
_REMEDIES = {
    "period": "write the month as 202604, the year as 2025 or 2024/2025",
    "preparation_class": "write 1 to 5, or 01 to 05",
}


def _period_check(pattern: str, rule: str) -> Check:
    broken = f"period <> '' AND NOT regexp_full_match(period, '{pattern}')"
    return Check("period", rule, broken, _REMEDIES["period"])


def _some_withheld() -> Check:
    return Check(
        "cost",
        "items, quantity and cost must all be withheld or none",
        "faulty = 0 AND (items IS NULL OR quantity IS NULL OR cost IS NULL)"
        " AND NOT (items IS NULL AND quantity IS NULL AND cost IS NULL)",
        "download the file again",
        found="product",
    )


_NAMES = Lookup("named", ("product", "unit"), british_answers, {**BRITISH_ANSWERS})

PCA = Layout(
    name="pca",
    title="file of Prescription Cost Analysis",
    publisher="NHSBSA",
    address="https://opendata.nhsbsa.net/dataset/prescription-cost-analysis-pca-monthly-data",
    kind="spending",
    columns=_columns(
        {
            "period": ("YEAR_MONTH",),
            "region": ("ICB_NAME", "STP_NAME"),
            "product_id": ("BNF_PRESENTATION_CODE",),
            "product": ("BNF_PRESENTATION_NAME",),
            "snomed_code": ("SNOMED_CODE",),
            "supplier": ("SUPPLIER_NAME",),
            "unit": ("UNIT_OF_MEASURE",),
            "generic_product_id": ("GENERIC_BNF_EQUIVALENT_CODE",),
            "generic_product": ("GENERIC_BNF_EQUIVALENT_NAME",),
            "molecule_printed": ("BNF_CHEMICAL_SUBSTANCE",),
            "preparation_class": ("PREP_CLASS",),
            "items": ("ITEMS",),
            "quantity": ("TOTAL_QUANTITY",),
            "cost": ("NIC",),
        }
    ),
    query=_monthly,
    lookups=(_NAMES,),
    checks=(
        _period_check("20[0-9]{2}-?(0[1-9]|1[0-2])", "must be a month, written YYYYMM"),
        _some_withheld(),
    ),
    encodings=("utf-8", "cp1252"),
)

PCA_ANNUAL = Layout(
    name="pca_annual",
    title="set of summary tables of Prescription Cost Analysis",
    publisher="NHSBSA",
    address="https://www.nhsbsa.nhs.uk/statistical-collections/prescription-cost-analysis-england",
    kind="spending",
    columns=_columns(
        {
            "period": ("Financial Year", "Calendar Year"),
            "product_id": ("BNF Presentation Code",),
            "product": ("BNF Presentation Name",),
            "snomed_code": ("SNOMED Code",),
            "supplier": ("Supplier Name",),
            "unit": ("Unit of Measure",),
            "generic_product_id": ("Generic BNF Presentation Code",),
            "generic_product": ("Generic BNF Presentation Name",),
            "molecule_printed": ("BNF Chemical Substance Name",),
            "preparation_class": ("Preparation Class",),
            "items": ("Total Items",),
            "quantity": ("Total Quantity",),
            "cost": ("Total Cost (GBP)", "Total Net Ingredient Cost (GBP)"),
        }
    ),
    query=_annual,
    lookups=(_NAMES,),
    checks=(
        _period_check(r"20[0-9]{2}(/(20)?[0-9]{2})?", "must be a year: 2025, or 2024/2025 from April"),
        _some_withheld(),
    ),
    title_rows=10,
    sheet="^SNOMED",
)
