"""The reader of NADAC, the US National Average Drug Acquisition Cost, as CMS publishes it.

NADAC is what retail community pharmacies pay to buy a drug, by invoice and per unit. It holds no
dispensing fee, no pharmacy margin and no rebate: it is neither a retail price nor a payer's net cost.
The layout is that of the weekly and yearly CSV files at https://data.medicaid.gov/nadac.
"""

# ruff: noqa: S608 (every name and text in the SQL is quoted)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.prices.descriptions import read_description
from costmodel.prices.official.engine import scan
from costmodel.prices.official.layout import Cells, Layout, Lookup, PublishedColumn
from costmodel.prices.official.ndc import NDC_ANSWERS, NDC_REMEDY, ndc_answers
from costmodel.prices.official.tables import price_table
from costmodel.prices.table import PriceTable

CLASSES = {"G": "generic", "B": "brand", "B-ANDA": "branded generic", "B-BIO": "brand"}
"""CMS's classification for rate setting, and the class it stands for."""

UNITS = ("EA", "ML", "GM")
DATES = ("%m/%d/%Y", "%Y-%m-%d")

_DESCRIBED = {
    "molecule": "VARCHAR",
    "strength_mg": "DOUBLE",
    "form": "VARCHAR",
    "unit": "VARCHAR",
    "reason": "VARCHAR",
    "wanted": "BOOLEAN",
}


def read_nadac(path: Path | str, *, molecules: Mapping[str, Sequence[str]] | None = None) -> PriceTable:
    """Read CMS's official NADAC file, weekly or yearly, as published.

    Strength and form come from the description, which names them for tablets and capsules. Extended
    release, orally disintegrating and plain tablets are forms of their own.

    Parameters
    ----------
    path : path to a CSV file
        Headers with blanks or underscores, in capitals or not; dates MM/DD/YYYY or YYYY-MM-DD. The
        file may be packed (``.gz``, ``.zip``) or a workbook.
    molecules : mapping of str to sequence of str, optional
        The names each molecule goes by, generic and brand: ``{"clonazepam": ["clonazepam",
        "klonopin"]}``. A row belongs to the molecule whose name its description begins with, in whole
        words. Only the rows of these molecules are returned, and only they are checked. Without it a
        row's molecule is the name in its description, in lower case.

    Returns
    -------
    PriceTable
        Price per unit in USD (``pack_size`` is 1), price type ``acquisition``, country ``USA``. Class
        G is ``generic``, B ``brand``, B-ANDA ``branded generic`` and B-BIO ``brand``, with a note. The
        columns ``otc`` and ``explanation_code`` are kept. ``unparsed`` holds, with the ``reason``,
        every row whose description gives no single strength in mg or no form of a tablet or capsule,
        and every row that repeats an earlier one.

    Raises
    ------
    CostModelError
        The file is missing, or no description begins with any name of a molecule.
    DataError
        A column is missing, a code has not 9 to 11 digits, a price, date, class or unit is not what
        CMS defines, or one NDC has two prices at one date.

    Notes
    -----
    A shorter NDC gets its leading zeros back only where other codes of the file have all 11 digits and
    no short one begins with 0: zeros were then lost on the way. A note on the row says so. A file in
    which no code has 11 digits may hold 10-digit codes, whose zero can belong in three places.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> table = read_nadac(dataset_path("us/nadac_official_excerpt"), molecules={"clonazepam": ["klonopin"]})
    >>> table.frame["price"].tolist()
    [2.67965, 3.06372, 4.26033]
    """
    layout = nadac_layout(molecules, Path(path).name)
    with scan(path, layout, only=None if molecules is None else ("wanted", True)) as found:
        return price_table(found)


def nadac_layout(molecules: Mapping[str, Sequence[str]] | None = None, file: str = "NADAC") -> Layout:
    """Return the layout of NADAC, for some molecules or for all."""
    names = _names(molecules)

    def described(given: list[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
        return _describe([key[0] for key in given], names, molecules, file)

    return replace(NADAC, lookups=(replace(_PRODUCTS, rule=described), _NDC))


def _names(molecules: Mapping[str, Sequence[str]] | None) -> dict[str, str]:
    if molecules is not None and not molecules:
        raise CostModelError("molecules names none; leave it out to read every row")
    names: dict[str, str] = {}
    for molecule, known in (molecules or {}).items():
        if isinstance(known, str) or not all(name.strip() for name in known) or not known:
            raise CostModelError(f"molecules: give '{molecule}' a list of names, as ['{molecule}']")
        for name in known:
            owner = names.setdefault(" ".join(name.upper().split()), molecule)
            if owner != molecule:
                raise CostModelError(f"molecules: '{name}' is a name of both '{owner}' and '{molecule}'")
    return dict(sorted(names.items(), key=lambda item: -len(item[0])))


def _molecule(description: str, names: Mapping[str, str]) -> str | None:
    line = " ".join(description.upper().split()) + " "
    return next((molecule for name, molecule in names.items() if line.startswith(name + " ")), None)


def _describe(
    texts: list[str],
    names: Mapping[str, str],
    molecules: Mapping[str, Sequence[str]] | None,
    file: str,
) -> dict[str, list[Any]]:
    owners = [_molecule(text, names) for text in texts]
    for molecule, known in (molecules or {}).items():
        if molecule not in owners:
            words = sorted({text.split()[0].lower() for text in texts if text})
            near = "; ".join(f"{name}: {did_you_mean(name.split()[0], words)}" for name in known)
            raise CostModelError(f"{file}: no description begins with a name of '{molecule}' ({near})")
    found = [
        read_description(text) if molecules is None or owner is not None or not text else None
        for text, owner in zip(texts, owners, strict=True)
    ]
    return {
        "molecule": [owner or (item.name if item else "") for owner, item in zip(owners, found, strict=True)],
        "strength_mg": [item.strength_mg if item else None for item in found],
        "form": [item.form if item else "" for item in found],
        "unit": [item.unit if item else "" for item in found],
        "reason": [item.reason if item else "" for item in found],
        "wanted": [item is not None for item in found],
    }


_PRODUCTS = Lookup(
    "described",
    ("product",),
    lambda given: _describe([key[0] for key in given], {}, None, ""),
    _DESCRIBED,
)
_NDC = Lookup("codes", ("product_id",), ndc_answers, NDC_ANSWERS, NDC_REMEDY)

_REASON = """CASE WHEN repeats THEN 'repeats an earlier row in every cell'
  WHEN reason <> '' THEN reason
  WHEN pricing_unit <> 'EA' THEN 'a tablet or capsule priced per ' || pricing_unit
  ELSE '' END"""


def _query(cells: Cells) -> str:
    kept = "".join(f", {name}" for name in ("otc", "explanation_code") if name in cells.present)
    return f"""SELECT line, ndc AS product_id, product, molecule, "class", strength_mg, form, unit,
        1.0::DOUBLE AS pack_size, price, 'USD' AS currency, "date", as_of, 'acquisition' AS price_type,
        'USA' AS country, 'CMS NADAC, file as of ' || as_of AS source, '' AS flag,
        concat_ws('; ', CASE WHEN biological THEN 'biological product (B-BIO)' END,
            CASE WHEN restored THEN 'leading zeros of the NDC restored' END) AS note{kept}
        FROM ({_classed(cells)}) WHERE reason = ''"""


def _unparsed(cells: Cells) -> str:
    return f"""SELECT line, ndc AS product_id, product, molecule, "class", pricing_unit, price, "date",
        as_of, reason FROM ({_classed(cells)}) WHERE reason <> ''"""


def _classed(cells: Cells) -> str:
    whens = " ".join(f"WHEN '{code}' THEN '{word}'" for code, word in CLASSES.items())
    return f"""SELECT * REPLACE ({_REASON} AS reason, CASE classification {whens} END AS "class"),
        classification = 'B-BIO' AS biological
        FROM (SELECT *, classification AS "class" FROM {cells.table})"""


NADAC = Layout(
    name="nadac",
    title="NADAC file",
    publisher="CMS",
    address="https://data.medicaid.gov/nadac",
    kind="price",
    columns=(
        PublishedColumn(
            "NDC Description", "product", filled=True, remedy="give the description that CMS prints"
        ),
        PublishedColumn("NDC", "product_id", remedy=NDC_REMEDY),
        PublishedColumn(
            "NADAC Per Unit",
            "price",
            "number",
            filled=True,
            low=0,
            open_low=True,
            remedy="give the price of one unit in dollars",
        ),
        PublishedColumn(
            "Effective Date",
            "date",
            "date",
            filled=True,
            dates=DATES,
            remedy="write MM/DD/YYYY, as CMS does",
        ),
        PublishedColumn(
            "Pricing Unit",
            "pricing_unit",
            "word",
            filled=True,
            words={unit: unit for unit in UNITS},
            remedy="write EA, ML or GM",
        ),
        PublishedColumn("OTC", "otc", required=False),
        PublishedColumn("Explanation Code", "explanation_code", required=False),
        PublishedColumn(
            "Classification for Rate Setting",
            "classification",
            "word",
            filled=True,
            words={code: code for code in CLASSES},
            remedy="write G, B, B-ANDA or B-BIO",
        ),
        PublishedColumn(
            "As of Date",
            "as_of",
            "date",
            filled=True,
            dates=DATES,
            remedy="write the day of the file as MM/DD/YYYY",
        ),
    ),
    query=_query,
    unparsed=_unparsed,
    lookups=(_PRODUCTS, _NDC),
    key=("ndc", "date", "as_of"),
    key_rule="an NDC may have one price at one date",
)
