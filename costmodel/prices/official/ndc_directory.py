# ruff: noqa: S608 (every name and text in the SQL is quoted)
"""The readers of the FDA's NDC Directory: ``product.txt`` and ``package.txt``. They hold no prices."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costmodel.errors import CostModelError
from costmodel.prices.official.engine import scan
from costmodel.prices.official.fda import house_form
from costmodel.prices.official.layout import Cells, Layout, Lookup, PublishedColumn
from costmodel.prices.official.ndc import NdcColumn, product_ndc
from costmodel.prices.official.tables import frame_of

if TYPE_CHECKING:
    import pandas as pd

_CLASSES = {
    "NDA": "brand",
    "BLA": "brand",
    "NDA AUTHORIZED GENERIC": "generic",
}
_PART = re.compile(
    r"(\d+(?:\.\d+)?)\s+([A-Z][A-Z ,\-/]*?)\s+in\s+1\s+([A-Z][A-Z ,\-/]*?)\s*(?:\(\d+-\d+-\d+\))?\Z"
)
_STRENGTH = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\Z")
_IN_MG = {"mg/1": 1.0, "g/1": 1000.0, "ug/1": 0.001}
_DAY = ("%Y%m%d",)


def read_ndc_products(path: Path | str) -> pd.DataFrame:
    """Read ``product.txt`` of the FDA's NDC Directory, as published.

    Returns
    -------
    pandas.DataFrame
        One row per listed product, indexed by ``row``: ``product_ndc`` (labeler and product, 9 digits),
        ``product_ndc_printed, product, molecule, form, route, strength_mg, strength, labeler, class,
        marketing_category, application_no, marketing_start, marketing_end, schedule, excluded``.
        ``class`` comes from the marketing category: NDA and BLA are ``brand``, an authorised generic is
        ``generic``, and an ANDA is ``generic`` when it is sold under its substance's name, else ``branded
        generic``. ``strength_mg`` is nan for several substances and for concentrations.

    Raises
    ------
    CostModelError
        The file is missing.
    DataError
        With every fault of the file.
    """
    with scan(path, NDC_PRODUCTS) as found:
        return frame_of(found.relation)


def read_ndc_packages(path: Path | str) -> pd.DataFrame:
    """Read ``package.txt`` of the FDA's NDC Directory, as published.

    Returns
    -------
    pandas.DataFrame
        One row per package, indexed by ``row``: ``ndc`` (11 digits), ``product_ndc`` (9 digits),
        ``ndc_printed, description, pack_size, unit, marketing_start, marketing_end, sample``.
        ``pack_size`` is the units in one whole package, as the description multiplies out, and nan where
        it does not.

    Raises
    ------
    CostModelError
        The file is missing.
    DataError
        With every fault of the file.
    """
    with scan(path, NDC_PACKAGES) as found:
        return frame_of(found.relation)


def pack_size(description: str) -> tuple[float, str] | None:
    """Return the units in a package and what they are, as its description multiplies out.

    Examples
    --------
    >>> pack_size("100 TABLET in 1 BOTTLE (72603-308-01)")
    (100.0, 'tablet')
    >>> pack_size("5 BLISTER PACK in 1 CARTON (50268-174-15)  > 10 TABLET in 1 BLISTER PACK")
    (50.0, 'tablet')
    """
    size, holds = 1.0, ""
    for part in re.split(r"\s+[>/]\s+", description.strip()):
        found = _PART.match(part.strip())
        if not found or (holds and not found[3].startswith(holds)):
            return None
        size, holds = size * float(found[1]), found[2]
    return size, holds.lower()


def _packs(given: list[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
    found = [pack_size(key[0]) for key in given]
    return {
        "pack_size": [item[0] if item else None for item in found],
        "unit": [item[1] if item else "" for item in found],
    }


def _codes(answer: str, read: Callable[[str], str]) -> Callable[[list[tuple[str, ...]]], Mapping[str, Any]]:
    def rule(given: list[tuple[str, ...]]) -> Mapping[str, Any]:
        values, faults = [], []
        for key in given:
            try:
                values.append(read(key[0]))
                faults.append("")
            except CostModelError as problem:
                values.append("")
                faults.append(str(problem))
        return {answer: values, "fault": faults}

    return rule


def _strengths(given: list[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
    amounts = [_STRENGTH.match(amount) for amount, _ in given]
    return {
        "strength_mg": [
            float(amount[1]) * _IN_MG[unit] if amount and unit in _IN_MG else None
            for amount, (_, unit) in zip(amounts, given, strict=True)
        ]
    }


def _forms(given: list[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
    return {"house_form": [house_form(key[0]) for key in given]}


def _classes(given: list[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
    return {"class": [_class(*key) for key in given]}


def _class(category: str, product: str, molecule: str) -> str:
    if category == "ANDA":
        words = set(re.findall(r"[a-z]+", molecule.lower()))
        return "generic" if words & set(re.findall(r"[a-z]+", product.lower())) else "branded generic"
    return _CLASSES.get(category, "unknown")


def _products(cells: Cells) -> str:
    return f"""SELECT line, nine AS product_ndc, product_code AS product_ndc_printed, product,
        lower(molecule) AS molecule, house_form AS form, lower(route) AS route, strength_mg,
        trim(concat_ws(' ', amount, amount_unit)) AS strength, labeler, "class",
        category AS marketing_category, application_no, marketing_start, marketing_end, schedule,
        {cells.get("excluded", "''")} = 'E' AS excluded
        FROM {cells.table} WHERE NOT repeats"""


def _packages(cells: Cells) -> str:
    return f"""SELECT line, eleven AS ndc, eleven[1:9] AS product_ndc, package_code AS ndc_printed,
        description, pack_size, unit, {cells.get("marketing_start", "NULL::DATE")} AS marketing_start,
        {cells.get("marketing_end", "NULL::DATE")} AS marketing_end,
        {cells.get("sample", "''")} = 'Y' AS sample
        FROM {cells.table} WHERE NOT repeats"""


def _day(name: str, target: str, *, filled: bool = False, required: bool = True) -> PublishedColumn:
    return PublishedColumn(
        name,
        target,
        "date",
        required=required,
        filled=filled,
        dates=_DAY,
        remedy="write YYYYMMDD, as the FDA does",
    )


_PUBLISHED: dict[str, Any] = {
    "publisher": "FDA",
    "address": "https://www.fda.gov/drugs/drug-approvals-and-databases/national-drug-code-directory",
    "kind": "reference",
    "encodings": ("utf-8", "cp1252"),
    "delimiter": "\t",
    "quote": "",
}
_HYPHENS = "give the code with its hyphens, as the FDA prints it"

NDC_PRODUCTS = Layout(
    name="ndc_products",
    title="file of NDC Directory products",
    columns=(
        PublishedColumn("PRODUCTID", "product_key", filled=True, remedy="give the FDA's key of the row"),
        PublishedColumn("PRODUCTNDC", "product_code"),
        PublishedColumn("PROPRIETARYNAME", "product"),
        PublishedColumn("NONPROPRIETARYNAME", "molecule"),
        PublishedColumn("DOSAGEFORMNAME", "form"),
        PublishedColumn("ROUTENAME", "route"),
        _day("STARTMARKETINGDATE", "marketing_start", filled=True),
        _day("ENDMARKETINGDATE", "marketing_end"),
        PublishedColumn("MARKETINGCATEGORYNAME", "category"),
        PublishedColumn("APPLICATIONNUMBER", "application_no"),
        PublishedColumn("LABELERNAME", "labeler"),
        PublishedColumn("ACTIVE_NUMERATOR_STRENGTH", "amount"),
        PublishedColumn("ACTIVE_INGRED_UNIT", "amount_unit"),
        PublishedColumn("DEASCHEDULE", "schedule"),
        PublishedColumn("NDC_EXCLUDE_FLAG", "excluded", required=False),
    ),
    query=_products,
    lookups=(
        Lookup(
            "codes",
            ("product_code",),
            _codes("nine", product_ndc),
            {"nine": "VARCHAR", "fault": "VARCHAR"},
            _HYPHENS,
        ),
        Lookup("forms", ("form",), _forms, {"house_form": "VARCHAR"}),
        Lookup("strengths", ("amount", "amount_unit"), _strengths, {"strength_mg": "DOUBLE"}),
        Lookup("classes", ("category", "product", "molecule"), _classes, {"class": "VARCHAR"}),
    ),
    key=("product_key",),
    key_rule="a PRODUCTID may stand once",
    **_PUBLISHED,
)

NDC_PACKAGES = Layout(
    name="ndc_packages",
    title="file of NDC Directory packages",
    columns=(
        PublishedColumn("PRODUCTID", "product_key", required=False),
        PublishedColumn("PRODUCTNDC", "product_code"),
        PublishedColumn("NDCPACKAGECODE", "package_code"),
        PublishedColumn("PACKAGEDESCRIPTION", "description", filled=True, remedy="describe the package"),
        _day("STARTMARKETINGDATE", "marketing_start", required=False),
        _day("ENDMARKETINGDATE", "marketing_end", required=False),
        PublishedColumn("SAMPLE_PACKAGE", "sample", required=False),
    ),
    query=_packages,
    lookups=(
        Lookup(
            "codes",
            ("package_code",),
            _codes("eleven", NdcColumn(stripped=False, hyphens=True, shortest=11).read),
            {"eleven": "VARCHAR", "fault": "VARCHAR"},
            _HYPHENS,
        ),
        Lookup("packs", ("description",), _packs, {"pack_size": "DOUBLE", "unit": "VARCHAR"}),
    ),
    key=("eleven", "product_key"),
    key_rule="a package may stand once for each product",
    **_PUBLISHED,
)
