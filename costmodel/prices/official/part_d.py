"""The readers of CMS's Medicare Part D and Medicaid Spending by Drug.

Each file holds five years side by side, a row for each labeler and a row "Overall" for all of them.
Spending is gross: what plans and patients, or the states, paid to pharmacies, before manufacturers'
rebates. Units are CMS's dosage units, which pool the strengths and forms of a product.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from costmodel.prices.official.engine import scan
from costmodel.prices.official.layout import YEAR, Cells, Check, Layout, Lookup, PublishedColumn
from costmodel.prices.official.names import CLASS_ANSWERS, class_answers
from costmodel.prices.official.select import select_spending
from costmodel.prices.official.tables import spending_table
from costmodel.prices.spending import SpendingTable

WITHHELD = "no figures printed: fewer than 11 claims, or not sold in the year"
_FIGURES = {"spending": "Tot_Spndng", "units": "Tot_Dsg_Unts", "claims": "Tot_Clms"}


def read_part_d(path: Path | str) -> SpendingTable:
    """Read CMS's Medicare Part D Spending by Drug, as published.

    Parameters
    ----------
    path : path
        The CSV file, also packed, or the workbook.

    Returns
    -------
    SpendingTable
        One row per product, labeler and year, and one per product and year of ``row_level`` ``all
        labelers``. ``class`` is told from the names: see
        :func:`costmodel.prices.official.names.class_by_name`; the note says so. Further columns:
        ``average_per_unit``, which CMS weights by the claims of each strength and which is therefore not
        spending over units, and ``outlier``, CMS's mark on it.

        A year without figures is ``suppressed``: CMS withholds years of fewer than 11 claims, and a
        product that was not sold looks the same. Beneficiaries are missing where fewer than 11.

    Raises
    ------
    CostModelError
        The file is missing.
    DataError
        With every fault: a column is missing, a cell is no number, a year has some figures but not
        others, or one product and labeler stand in two rows.
    """
    with scan(path, PART_D) as found:
        return spending_table(found)


def read_medicaid(path: Path | str) -> SpendingTable:
    """Read CMS's Medicaid Spending by Drug, as published; see :func:`read_part_d`.

    The file does not state beneficiaries.
    """
    with scan(path, MEDICAID) as found:
        return spending_table(found)


def _columns(*, people: bool) -> tuple[PublishedColumn, ...]:
    amount = "write the figure with a decimal point, or leave it blank where CMS withholds it"
    yearly = {**_FIGURES, **({"beneficiaries": "Tot_Benes"} if people else {})}
    return (
        PublishedColumn("Brnd_Name", "product", filled=True, remedy="give the brand name that CMS prints"),
        PublishedColumn("Gnrc_Name", "molecule", filled=True, remedy="give the generic name that CMS prints"),
        PublishedColumn("Tot_Mftr", "labelers", "number", low=0, remedy="give the number of labelers"),
        PublishedColumn("Mftr_Name", "labeler", filled=True, remedy="name the labeler, or write Overall"),
        *(
            PublishedColumn(f"{header}_{YEAR}", target, "number", low=0, remedy=amount)
            for target, header in yearly.items()
        ),
        PublishedColumn(
            f"Avg_Spnd_Per_Dsg_Unt_Wghtd_{YEAR}", "average_per_unit", "number", low=0, remedy=amount
        ),
        PublishedColumn(
            f"Outlier_Flag_{YEAR}",
            "outlier",
            "word",
            words={"0": "no", "1": "yes"},
            required=False,
            remedy="write 0 or 1",
        ),
    )


def _some_but_not_all(cells: Cells) -> str:
    broken = [f"({_any(year, 'IS NOT NULL')} AND {_any(year, 'IS NULL')})" for year in cells.years]
    return f"faulty = 0 AND ({' OR '.join(broken)})"


def _any(year: str, condition: str) -> str:
    return "(" + " OR ".join(f'"{target}_{year}" {condition}' for target in _FIGURES) + ")"


def _query(payer: str, title: str) -> Callable[[Cells], str]:
    def query(cells: Cells) -> str:
        release = f"{cells.years[0]}-{cells.years[-1]}"
        return " UNION ALL ".join(_of_year(cells, year, payer, title, release) for year in cells.years)

    return query


def _of_year(cells: Cells, year: str, payer: str, title: str, release: str) -> str:
    overall = "labeler = 'Overall'"
    withheld = f'"spending_{year}" IS NULL'
    return select_spending(
        {
            "payer": f"'{payer}'",
            "country": "'USA'",
            "period_start": f"DATE '{year}-01-01'",
            "period_end": f"DATE '{year}-12-31'",
            "product": "rtrim(product, '* ')",
            "molecule": "lower(rtrim(molecule, '* '))",
            "class": '"class"',
            "labeler": f"CASE WHEN {overall} THEN '' ELSE labeler END",
            "row_level": f"CASE WHEN {overall} THEN 'all labelers' ELSE 'labeler' END",
            "unit": "'dosage unit'",
            "units": f'"units_{year}"',
            "claims": f'"claims_{year}"',
            "beneficiaries": cells.get(f"beneficiaries_{year}"),
            "spending": f'"spending_{year}"',
            "currency": "'USD'",
            "basis": "'gross'",
            "suppressed": withheld,
            "release": f"'{release}'",
            "source": f"'CMS {title}, {release} release'",
            "flag": f"""CASE WHEN {withheld} THEN '{WITHHELD}'
                WHEN "spending_{year}" > 0 AND "units_{year}" = 0 THEN 'spending without units'
                WHEN "spending_{year}" = 0 AND "units_{year}" > 0 THEN 'units without spending'
                ELSE '' END""",
            "note": """concat_ws('; ', class_note,
                CASE WHEN ends_with(product, '*') THEN 'CMS marks the name with *' END)""",
        },
        cells.table,
        also=[
            f'"average_per_unit_{year}" AS average_per_unit',
            f"{cells.get(f'outlier_{year}')}::VARCHAR AS outlier",
        ],
        where="NOT repeats",
    )


def _layout(name: str, title: str, payer: str, *, people: bool) -> Layout:
    return Layout(
        name=name,
        title=f"file of {title}",
        publisher="CMS",
        address="https://data.cms.gov/summary-statistics-on-use-and-payments",
        kind="spending",
        columns=_columns(people=people),
        query=_query(payer, title),
        absent=() if people else ("Tot_Benes", "Avg_Spnd_Per_Bene"),
        lookups=(Lookup("classes", ("product", "molecule"), class_answers, CLASS_ANSWERS),),
        checks=(
            Check(
                "product",
                "a year must have spending, units and claims, or none of them",
                _some_but_not_all,
                "download the file again; CMS withholds all figures of a year or none",
                found="product || ', ' || labeler",
            ),
        ),
        key=("product", "molecule", "labeler"),
        key_rule="a product may have one row for each labeler",
        encodings=("utf-8", "cp1252"),
        thousands=",",
        signs=("$",),
    )


PART_D = _layout("part_d", "Medicare Part D Spending by Drug", "Medicare Part D", people=True)
MEDICAID = _layout("medicaid", "Medicaid Spending by Drug", "Medicaid", people=False)
