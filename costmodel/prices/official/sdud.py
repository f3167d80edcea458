"""The reader of CMS's State Drug Utilization Data: what Medicaid reimbursed, by state, quarter and NDC.

Amounts are before rebates, with dispensing fees and what others paid. Rows of fewer than 11
prescriptions are withheld. State ``XX`` is the national total, which is never added to its states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.prices.official.engine import scan
from costmodel.prices.official.layout import Cells, Check, Layout, Lookup, PublishedColumn
from costmodel.prices.official.ndc import NDC_ANSWERS, NDC_REMEDY, ndc_answers
from costmodel.prices.official.select import select_spending
from costmodel.prices.official.tables import spending_table
from costmodel.prices.spending import SpendingTable

NAME_LENGTH = 10
"""Product names are cut to ten characters in the file."""

_SHORTEST = 6
_STATES = """
AK AL AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MP MS MT NC ND NE NH NJ
NM NV NY OH OK OR PA PR RI SC SD TN TX UT VA VI VT WA WI WV WY XX
"""
_PROGRAMS = {"FFSU": "fee for service", "MCOU": "managed care"}
_TRUTH = {
    **dict.fromkeys(("true", "TRUE", "True", "T", "t"), "yes"),
    **dict.fromkeys(("false", "FALSE", "False", "F", "f"), "no"),
}
_UNNAMED = "molecule not stated: the product name stands for it"


def read_sdud(path: Path | str, *, molecules: Mapping[str, Sequence[str]] | None = None) -> SpendingTable:
    """Read CMS's State Drug Utilization Data, as published.

    Parameters
    ----------
    path : path
        The CSV file of a year, also packed.
    molecules : mapping of str to sequence of str, optional
        The names each molecule goes by, generic and brand. A row belongs to the molecule whose name, cut
        to the ten characters of the file, its product name is or begins with, in whole words. Only its
        rows are returned and checked.

    Returns
    -------
    SpendingTable
        One row per NDC, state, quarter and programme, ``row_level`` ``product``. ``region`` is the state,
        blank for the national total. ``class`` is unknown: the file does not say. ``unit`` is what is
        billed: a tablet, a millilitre or a gram. Further columns: ``programme`` and ``medicaid_spending``.
        A withheld row has no figures.

    Raises
    ------
    CostModelError
        The file is missing, or no product has any name of a molecule.
    DataError
        A column is missing, an NDC does not agree with its parts, a withheld row has figures, a row that
        is not withheld has none, or two rows are one product in one state, quarter and programme.
    """
    layout = SDUD if molecules is None else sdud_layout(molecules, Path(path).name)
    with scan(path, layout, only=None if molecules is None else ("wanted", True)) as found:
        return spending_table(found)


def sdud_layout(molecules: Mapping[str, Sequence[str]], file: str = "SDUD") -> Layout:
    """Return the layout for some molecules."""

    def named(given: list[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
        names = [key[0] for key in given]
        owners = [_owner(text, molecules) for text in names]
        for molecule, known in molecules.items():
            if molecule not in owners:
                near = "; ".join(
                    did_you_mean(name[:NAME_LENGTH].upper(), sorted(set(names))) for name in known
                )
                raise CostModelError(f"{file}: no product has a name of '{molecule}' ({near})")
        return {
            "molecule": [owner or "" for owner in owners],
            "wanted": [owner is not None for owner in owners],
        }

    return replace(SDUD, lookups=(replace(_NAMES, rule=named), _NDC))


def _owner(product: str, molecules: Mapping[str, Sequence[str]]) -> str | None:
    line = " ".join(product.upper().split())
    for molecule, known in molecules.items():
        for name in known:
            cut = " ".join(name.upper().split())[:NAME_LENGTH].strip()
            if line == cut or line.startswith(cut + " "):
                return molecule
    return None


def _every(given: list[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
    return {"molecule": [key[0].lower() for key in given], "wanted": [True] * len(given)}


_NAMES = Lookup("names", ("product",), _every, {"molecule": "VARCHAR", "wanted": "BOOLEAN"})
_NDC = Lookup(
    "codes",
    ("product_id",),
    lambda given: ndc_answers(given, shortest=_SHORTEST),
    NDC_ANSWERS,
    NDC_REMEDY,
)


def _query(cells: Cells) -> str:
    withheld = "withheld = 'yes'"
    figures = {
        target: f"CASE WHEN {withheld} THEN NULL ELSE {target} END"
        for target in ("units", "claims", "spending", "medicaid_spending")
    }
    start = 'make_date("year"::BIGINT, 3 * quarter::BIGINT - 2, 1)'
    return select_spending(
        {
            "payer": "'Medicaid'",
            "country": "'USA'",
            "region": "CASE WHEN state = 'XX' THEN '' ELSE state END",
            "period_start": start,
            "period_end": f"({start} + INTERVAL 3 MONTH - INTERVAL 1 DAY)",
            "product_id": "ndc",
            "product": "CASE WHEN product = '' THEN '(not named)' ELSE product END",
            "molecule": "CASE WHEN molecule = '' THEN '(not named)' ELSE molecule END",
            "class": "'unknown'",
            "labeler": "ndc[1:5]",
            "row_level": "'product'",
            "unit": "'billing unit'",
            "units": figures["units"],
            "claims": figures["claims"],
            "spending": figures["spending"],
            "currency": "'USD'",
            "basis": "'gross'",
            "suppressed": withheld,
            "release": "''",
            "source": """'CMS State Drug Utilization Data, ' || "year"::BIGINT""",
            "flag": f"""CASE WHEN {withheld} THEN 'withheld: fewer than 11 prescriptions'
                WHEN spending > 0 AND units = 0 THEN 'spending without units'
                WHEN spending = 0 AND units > 0 THEN 'units without spending' ELSE '' END""",
            "note": f"""concat_ws('; ', CASE WHEN molecule = lower(product) THEN '{_UNNAMED}' END,
                CASE WHEN restored THEN 'leading zeros of the NDC restored' END)""",
        },
        cells.table,
        also=["programme", f"{figures['medicaid_spending']} AS medicaid_spending"],
        where="NOT repeats",
    )


def _amount(name: str, target: str) -> PublishedColumn:
    return PublishedColumn(
        name, target, "number", low=0, remedy="write the figure with a decimal point, or blank where withheld"
    )


_PARTS = "lpad(labeler_code, 5, '0') || lpad(product_code, 4, '0') || lpad(package_size, 2, '0')"

SDUD = Layout(
    name="sdud",
    title="file of State Drug Utilization Data",
    publisher="CMS",
    address="https://data.medicaid.gov/datasets?theme[0]=State%20Drug%20Utilization",
    kind="spending",
    columns=(
        PublishedColumn(
            "Utilization Type",
            "programme",
            "word",
            filled=True,
            words=_PROGRAMS,
            remedy="write FFSU (fee for service) or MCOU (managed care)",
        ),
        PublishedColumn(
            "State",
            "state",
            "word",
            aliases=("State Code",),
            filled=True,
            words={state: state for state in _STATES.split()},
            remedy="write the postal code of the state, or XX for the national total",
        ),
        PublishedColumn("NDC", "product_id", remedy=NDC_REMEDY),
        PublishedColumn("Labeler Code", "labeler_code"),
        PublishedColumn("Product Code", "product_code"),
        PublishedColumn("Package Size", "package_size"),
        PublishedColumn(
            "Year", "year", "number", filled=True, low=1991, remedy="write the year in four digits"
        ),
        PublishedColumn(
            "Quarter",
            "quarter",
            "word",
            filled=True,
            words={"1": "1", "2": "2", "3": "3", "4": "4"},
            remedy="write 1, 2, 3 or 4",
        ),
        PublishedColumn(
            "Suppression Used",
            "withheld",
            "word",
            filled=True,
            words=_TRUTH,
            remedy="write true or false",
        ),
        PublishedColumn("Product Name", "product", aliases=("Product FDA List Name",)),
        _amount("Units Reimbursed", "units"),
        _amount("Number of Prescriptions", "claims"),
        _amount("Total Amount Reimbursed", "spending"),
        _amount("Medicaid Amount Reimbursed", "medicaid_spending"),
        PublishedColumn(
            "Non Medicaid Amount Reimbursed", "other_spending", "number", required=False, remedy="in dollars"
        ),
    ),
    query=_query,
    lookups=(_NAMES, _NDC),
    checks=(
        Check(
            "withheld",
            "a row that is withheld must not have figures",
            "withheld = 'yes' AND greatest(0, units, claims, spending) > 0",
            "download the file again; a withheld figure is blank",
            found="concat_ws(', ', 'units ' || units, 'prescriptions ' || claims, 'amount ' || spending)",
        ),
        Check(
            "spending",
            "a row that is not withheld must have units, prescriptions and an amount",
            "withheld = 'no' AND faulty = 0 AND (units IS NULL OR claims IS NULL OR spending IS NULL)",
            "download the file again; only withheld rows are blank",
        ),
        Check(
            "product_id",
            "must be labeler code, product code and package size in one",
            f"ndc <> '' AND ndc <> {_PARTS}",
            "import all four columns as text, or download the file again",
            found="product_id || ' beside ' || concat_ws('-', labeler_code, product_code, package_size)",
        ),
        Check(
            "year",
            "must be a year in four digits",
            '"year" <> floor("year") OR "year" > 2200',
            "write the year in four digits",
        ),
    ),
    key=("ndc", "state", "year", "quarter", "programme"),
    key_rule="a product may have one row in each state, quarter and programme",
    encodings=("utf-8", "cp1252"),
)
