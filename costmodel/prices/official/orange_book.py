# ruff: noqa: S608 (every name and text in the SQL is quoted)
"""The reader of the FDA's Orange Book: which products are approved, and which are equivalent to which.

The file is ``products.txt`` of the data files at
https://www.fda.gov/drugs/drug-approvals-and-databases/orange-book-data-files. It holds no prices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costmodel.prices.official.engine import scan
from costmodel.prices.official.fda import house_form
from costmodel.prices.official.layout import Cells, Layout, Lookup, PublishedColumn
from costmodel.prices.official.tables import frame_of

if TYPE_CHECKING:
    import pandas as pd

BEFORE = "Approved Prior to Jan 1, 1982"
"""Printed in place of the date of an old approval."""

_STRENGTH = re.compile(r"(\d[\d,]*(?:\.\d+)?|\.\d+)\s*(MG|GM|G|MCG)\Z")
_IN_MG = {"MG": 1.0, "GM": 1000.0, "G": 1000.0, "MCG": 0.001}
_NOTICE = re.compile(r"\*\*.*\Z")
_YES = {"Yes": "yes", "No": "no", "YES": "yes", "NO": "no"}


def read_orange_book(path: Path | str) -> pd.DataFrame:
    """Read the FDA's Orange Book products, as published.

    Parameters
    ----------
    path : path
        ``products.txt``, separated by tildes; also packed alone.

    Returns
    -------
    pandas.DataFrame
        One row per product, indexed by ``row``: ``molecule, form, route, trade_name, applicant, strength,
        strength_mg, appl_type, appl_no, product_no, te_code, approval_date, approved_before,
        reference_listed_drug, reference_standard, marketing_status, not_withdrawn_notice,
        applicant_full_name``. ``strength_mg`` is nan where a product has several substances or a
        concentration. ``approved_before`` is 1982-01-01 where the date is not stated for that reason.
        ``not_withdrawn_notice`` tells of a notice that it was not withdrawn for safety or efficacy.

    Raises
    ------
    CostModelError
        The file is missing.
    DataError
        With every fault of the file.
    """
    with scan(path, ORANGE_BOOK) as found:
        return frame_of(found.relation)


def _strengths(given: list[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
    bare = [_NOTICE.sub("", key[0]).strip() for key in given]
    found = [_STRENGTH.match(text.upper()) for text in bare]
    return {
        "strength": bare,
        "strength_mg": [
            float(match[1].replace(",", "")) * _IN_MG[match[2]] if match else None for match in found
        ],
        "notice": ["**" in key[0] for key in given],
    }


def _forms(given: list[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
    parts = [key[0].split(";", 1) for key in given]
    wrong = "must be a form and a route with a semicolon between"
    return {
        "form": [house_form(pair[0]) for pair in parts],
        "route": [pair[1].strip().lower() if len(pair) > 1 else "" for pair in parts],
        "fault": ["" if len(pair) > 1 else wrong for pair in parts],
    }


def _query(cells: Cells) -> str:
    return f"""SELECT line, lower(ingredient) AS molecule, form, route, trade_name, applicant, strength,
        strength_mg, appl_type, appl_no, product_no, te_code, approval_date,
        CASE WHEN approval_date_marked THEN DATE '1982-01-01' END AS approved_before,
        reference_listed = 'yes' AS reference_listed_drug,
        {cells.get("reference_standard", "''")} = 'yes' AS reference_standard, marketing_status,
        notice AS not_withdrawn_notice, applicant_full_name
        FROM {cells.table} WHERE NOT repeats"""


def _digits(count: int) -> Any:
    def rule(given: list[tuple[str, ...]]) -> Mapping[str, Sequence[Any]]:
        pattern = re.compile(rf"[0-9]{{{count}}}\Z")
        return {"fault": ["" if pattern.match(key[0]) else f"must be {count} digits" for key in given]}

    return rule


ORANGE_BOOK = Layout(
    name="orange_book",
    title="file of Orange Book products",
    publisher="FDA",
    address="https://www.fda.gov/drugs/drug-approvals-and-databases/orange-book-data-files",
    kind="reference",
    columns=(
        PublishedColumn("Ingredient", "ingredient", filled=True, remedy="name the active ingredient"),
        PublishedColumn("DF;Route", "form_route"),
        PublishedColumn("Trade_Name", "trade_name", filled=True, remedy="give the trade name"),
        PublishedColumn("Applicant", "applicant"),
        PublishedColumn("Strength", "printed_strength", filled=True, remedy="give the strength"),
        PublishedColumn(
            "Appl_Type",
            "appl_type",
            "word",
            filled=True,
            words={"N": "NDA", "A": "ANDA"},
            remedy="write N for a new drug or A for an abbreviated application",
        ),
        PublishedColumn("Appl_No", "appl_no"),
        PublishedColumn("Product_No", "product_no"),
        PublishedColumn("TE_Code", "te_code"),
        PublishedColumn(
            "Approval_Date",
            "approval_date",
            "date",
            filled=True,
            dates=("%b %d, %Y",),
            marks=(BEFORE,),
            remedy=f"write Jan 31, 1999, or {BEFORE}",
        ),
        PublishedColumn("RLD", "reference_listed", "word", filled=True, words=_YES, remedy="write Yes or No"),
        PublishedColumn(
            "RS", "reference_standard", "word", required=False, words=_YES, remedy="write Yes or No"
        ),
        PublishedColumn(
            "Type",
            "marketing_status",
            "word",
            filled=True,
            words={"RX": "prescription", "OTC": "over the counter", "DISCN": "discontinued"},
            remedy="write RX, OTC or DISCN",
        ),
        PublishedColumn("Applicant_Full_Name", "applicant_full_name"),
    ),
    query=_query,
    lookups=(
        Lookup(
            "strengths",
            ("printed_strength",),
            _strengths,
            {"strength": "VARCHAR", "strength_mg": "DOUBLE", "notice": "BOOLEAN"},
        ),
        Lookup(
            "forms",
            ("form_route",),
            _forms,
            {"form": "VARCHAR", "route": "VARCHAR", "fault": "VARCHAR"},
            "write for example TABLET;ORAL",
        ),
        Lookup("applications", ("appl_no",), _digits(6), {"fault": "VARCHAR"}, "give the zeros in front too"),
        Lookup("products", ("product_no",), _digits(3), {"fault": "VARCHAR"}, "give the zeros in front too"),
    ),
    key=("appl_no", "appl_type", "product_no", "form_route", "trade_name", "printed_strength"),
    key_rule="a product of an application may stand in one row",
    encodings=("utf-8", "cp1252"),
    delimiter="~",
    quote="",
)
