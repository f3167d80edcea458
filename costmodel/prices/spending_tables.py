"""Spending tables by name: bundled, or of a study's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from costmodel.datasets import dataset_path, read_dataset
from costmodel.errors import Faults
from costmodel.prices.bundled import Source, from_store
from costmodel.prices.errors import PriceError
from costmodel.prices.spending import COLUMNS, DATES, NAMES, NUMBERS, SpendingTable
from costmodel.tables import read_csv, typed

_CLASSES = {"B": "brand", "G": "generic"}
_PAYERS = {"us/part_d_spending": "Medicare Part D", "us/medicaid_spending": "Medicaid"}
_SUMMED = "summed over labelers by the copy the figures were read from"


def spending(
    table_id: str,
    *,
    study: Path | None = None,
    source: Source = "any",
    store: Path | str | None = None,
    **filters: Any,
) -> SpendingTable:
    """Return a spending table by its id, or those of its rows that meet every filter.

    Parameters
    ----------
    table_id : str
        ``us/part_d_spending``, ``us/medicaid_spending``, or a table in the columns of
        :data:`costmodel.prices.spending.COLUMNS`.
    study : Path, optional
        A study folder, whose own ``tables/`` come first.
    source : {"any", "bundled", "store"}
    store : path, optional
    **filters
        See :func:`costmodel.prices.prices`.

    Returns
    -------
    SpendingTable
        Spending is gross: before rebates. In the two bundled tables units are CMS's dosage units, which
        pool the strengths and forms of a product.

    Raises
    ------
    CostModelError
        There is no such table; the message names the nearest.
    DataError
        The table is no spending table; the error holds every fault.

    Examples
    --------
    >>> klonopin = spending("us/part_d_spending").select(class_="brand", row_level="all labelers", year=2022)
    >>> klonopin.per_unit()["unit_spending"].round(4).tolist()
    [2.9352]
    """
    known = table_id.removeprefix("prices/")
    if from_store(table_id, study, source, store):
        from costmodel.prices.store.reading import read_stored

        table = read_stored(known, store=store, **filters)
        if not isinstance(table, SpendingTable):
            raise PriceError(
                f"'{table_id}' in the store holds no spending; read it with prices or read_stored"
            )
        return table
    found = _bundled(table_id, known, study)
    return found.select(**filters) if filters else found


def _bundled(table_id: str, known: str, study: Path | None) -> SpendingTable:
    path = dataset_path(table_id, study=study)
    if known in _PAYERS and path == dataset_path(known):
        return SpendingTable(_from_cms(read_dataset(known), _PAYERS[known]), known)
    return read_spending(path)


def read_spending(path: Path | str) -> SpendingTable:
    """Read a spending table in the columns of :data:`costmodel.prices.spending.COLUMNS`.

    Raises
    ------
    CostModelError
        The file is missing.
    DataError
        A column or a value is missing, mistyped, out of range or unknown; every fault is listed.
    """
    raw = read_csv(path)
    faults = Faults(raw.file)
    cells = typed(raw, COLUMNS, faults, others=True)
    for name in NAMES:
        if name not in raw.columns:
            faults.add("column is missing", row=1, column=name, remedy=f"add the column '{name}'")
    faults.raise_if_any(f"{raw.file} is not a spending table")
    frame = pd.DataFrame({name: _series(name, values) for name, values in cells.items()})
    frame.index = pd.Index(raw.lines, name="row")
    try:
        return SpendingTable(frame, raw.file)
    except PriceError as problem:
        faults.add(str(problem).removeprefix(f"{raw.file}: "))
        faults.raise_if_any(f"{raw.file} is not a spending table")
        raise


def _series(name: str, values: list[Any]) -> pd.Series[Any]:
    if name in NUMBERS:
        return pd.Series(values, dtype="float64")
    if name in DATES:
        return pd.Series(values, dtype="datetime64[s]")
    if name == "suppressed":
        return pd.Series(values, dtype="bool")
    return pd.Series(["" if value is None else str(value) for value in values], dtype="str")


def _from_cms(table: pd.DataFrame, payer: str) -> pd.DataFrame:
    year = table["year"].astype(str)
    summed = table["row_level"].eq("sum of labelers")
    frame = pd.DataFrame(
        {
            "payer": payer,
            "country": "USA",
            "region": "",
            "period_start": pd.to_datetime(year + "-01-01"),
            "period_end": pd.to_datetime(year + "-12-31"),
            "product_id": "",
            "product": table["brand_name"],
            "molecule": table["generic_name"].str.lower(),
            "class": table["classification"].map(_CLASSES),
            "labeler": table["labeler"].where(table["row_level"].eq("labeler"), ""),
            "row_level": table["row_level"].where(~summed, "all labelers"),
            "strength_mg": float("nan"),
            "form": "",
            "unit": "dosage unit",
            "units": table["dosage_units"],
            "claims": table["claims"].astype("float64"),
            "beneficiaries": table.get("beneficiaries", pd.Series(index=table.index)).astype("float64"),
            "spending": table["total_spending_usd"],
            "currency": "USD",
            "basis": "gross",
            "suppressed": False,
            "release": table["release"],
            "source": table["source"],
            "flag": table["flag"],
            "note": summed.map({True: _SUMMED, False: ""}),
        }
    )
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    return frame
