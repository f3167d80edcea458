"""The schema of spending: what payers paid for which units of which product, in which period and place.

The rule of the house: no spending without payer, period, currency and basis. Spending before rebates is
``gross``; only what is known to be after all of them is ``net``. Rows of single labelers and rows that
already add them up never meet in one sum, nor do the parts of a country and the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from costmodel.checks import did_you_mean
from costmodel.prices.errors import PriceError
from costmodel.prices.query import rows_text, selected, several, show, tally
from costmodel.prices.schema import CLASSES
from costmodel.tables import Column

LEVELS = ("labeler", "all labelers", "product")
"""What a row adds up: one labeler's packs, those of all labelers, or one product code."""

BASES = ("gross", "net")
"""Before rebates and discounts paid later, or after all of them."""

COLUMNS: tuple[Column, ...] = (
    Column("payer", required=True, remedy="name who paid, for example Medicaid"),
    Column("country", required=True, remedy="write the ISO 3166-1 code, for example USA"),
    Column("region", remedy="the part of the country, or blank for the whole of it"),
    Column("period_start", "date", required=True, remedy="give the first day of the period"),
    Column("period_end", "date", required=True, remedy="give the last day of the period"),
    Column("product_id", remedy="the product's code as text, or blank"),
    Column("product", required=True, remedy="name the product as its list does"),
    Column("molecule", required=True, remedy="name the active substance in lower case"),
    Column("class", required=True, choices=CLASSES),
    Column("labeler", remedy="who sells it, or blank"),
    Column("row_level", required=True, choices=LEVELS),
    Column("strength_mg", "number", low=0, open_low=True, remedy="blank where strengths are pooled"),
    Column("form", remedy="blank where forms are pooled"),
    Column("unit", required=True, remedy="say what units counts: tablet, dosage unit, ml"),
    Column("units", "number", low=0, remedy="units paid for, blank where suppressed"),
    Column("claims", "number", low=0, remedy="fills or prescriptions, blank where suppressed"),
    Column("beneficiaries", "number", low=0, remedy="people, blank where not stated"),
    Column("spending", "number", low=0, remedy="money paid, blank where suppressed"),
    Column("currency", required=True, remedy="write the ISO 4217 code, for example USD"),
    Column("basis", required=True, choices=BASES),
    Column("suppressed", "boolean", required=True, remedy="whether small counts were withheld"),
    Column("release", remedy="the publisher's release, or blank"),
    Column("source", required=True, remedy="name the list the row was read from"),
    Column("flag", remedy="a stated fault or doubt of the row, or blank"),
    Column("note", remedy="free text, or blank"),
)
"""The columns of a spending table, in order. ``units`` counts ``unit``, never packs; a figure that its
publisher withheld is missing, never 0."""

NAMES = tuple(column.name for column in COLUMNS)
NUMBERS = tuple(column.name for column in COLUMNS if column.kind == "number")
DATES = tuple(column.name for column in COLUMNS if column.kind == "date")
FIGURES = ("units", "claims", "spending")
"""What is added up; people are not, because one may buy from two labelers."""


@dataclass(frozen=True, eq=False, repr=False)
class SpendingTable:
    """Spending in the columns of :data:`COLUMNS`, and where it comes from.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per payer, period, place and product; typed. Other columns may follow.
    origin : str
        The file or table the rows were read from; errors name it.
    unparsed : pandas.DataFrame
        Rows of an official file that could not be read as spending, with the ``reason``.

    Raises
    ------
    PriceError
        A column is missing, a value is missing, negative or unknown, or a period ends before it starts.

    Examples
    --------
    >>> from costmodel.prices import spending
    >>> table = spending("us/part_d_spending").select(row_level="all labelers", year=2022)
    >>> table
    SpendingTable(us/part_d_spending: 2 rows)
    >>> table.total(by=["class"])[["class", "claims"]].values.tolist()
    [['brand', 15231.0], ['generic', 9049224.0]]
    """

    frame: pd.DataFrame
    origin: str = "spending table"
    unparsed: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        missing = [name for name in NAMES if name not in self.frame.columns]
        if missing:
            raise PriceError(f"{self.origin}: a spending table needs the columns {', '.join(missing)}")
        _check(self.frame, self.origin)

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        unparsed = f", {len(self.unparsed):,} unparsed" if len(self.unparsed) else ""
        return f"SpendingTable({self.origin}: {rows_text(len(self))}{unparsed})"

    def select(self, **filters: Any) -> SpendingTable:
        """Return the rows that meet every filter, as :meth:`PriceTable.select` does.

        ``year`` stands for the year in which a period starts.

        Raises
        ------
        PriceError
            A column is unknown, or a value cannot be of its type.
        """
        frame = self.frame.assign(year=self.frame["period_start"].dt.year)
        return replace(self, frame=selected(frame, filters)[self.frame.columns])

    def per_unit(self) -> pd.DataFrame:
        """Return the rows with ``unit_spending`` (spending / units) and ``claim_spending``.

        Missing where either figure is withheld, or where nothing was counted.
        """
        units, claims = (self.frame[name].where(self.frame[name] > 0) for name in ("units", "claims"))
        spent = self.frame["spending"]
        return self.frame.assign(unit_spending=spent / units, claim_spending=spent / claims)

    def total(self, by: Sequence[str] = ()) -> pd.DataFrame:
        """Add up units, claims and spending, refusing to count anything twice.

        Parameters
        ----------
        by : sequence of str
            Columns that tell the sums apart; ``year`` is the year in which a period starts.

        Returns
        -------
        pandas.DataFrame
            One row per combination: the columns of ``by``; ``units, claims, spending``;
            ``unit_spending``, spending over units; ``n_rows``; ``n_suppressed``, rows whose figures
            were withheld and are not in the sums; ``currency, basis`` and the ``flags`` of the rows used.

        Raises
        ------
        PriceError
            The rows hold labelers beside sums of labelers, parts of a country beside the whole, several
            currencies, bases or units, overlapping periods, or gross beside net.

        Examples
        --------
        >>> from costmodel.prices import spending
        >>> part_d = spending("us/part_d_spending").select(year=2022)
        >>> part_d.total(by=["class"])
        Traceback (most recent call last):
            ...
        costmodel.prices.errors.PriceError: us/part_d_spending: row_level must be one in a sum; found \
'all labelers' (2 rows), 'labeler' (10 rows): select one, because a total holds what it adds up
        """
        frame = self.frame.assign(year=self.frame["period_start"].dt.year)
        for name in by:
            if name not in frame.columns:
                raise PriceError(f"by: '{name}' is not a column; {did_you_mean(name, list(frame.columns))}")
        _check_sum(frame, list(by), self.origin)
        groups = frame.groupby(list(by) or np.zeros(len(frame), dtype=int), sort=True, dropna=False)
        sums = groups[list(FIGURES)].sum(min_count=1)
        sums["unit_spending"] = sums["spending"] / sums["units"].where(sums["units"] > 0)
        sums["n_rows"], sums["n_suppressed"] = groups.size(), groups["suppressed"].sum()
        for name in ("currency", "basis"):
            if name not in by:
                sums[name] = frame[name].iloc[0]
        sums["flags"] = groups["flag"].agg(_flags)
        return sums.reset_index(drop=not by)


def _flags(texts: pd.Series[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _check(frame: pd.DataFrame, origin: str) -> None:
    for column in COLUMNS:
        values = frame[column.name]
        if column.kind == "number":
            _check_numbers(values, origin)
        elif column.kind == "date" and not pd.api.types.is_datetime64_any_dtype(values):
            raise PriceError(f"{origin}: {column.name} must hold dates, not {values.dtype}")
        if column.required and column.kind == "text":
            _raise_at(values.fillna("").eq(""), origin, f"{column.name} must have a value", values)
        if column.choices:
            rule = f"{column.name} must be one of {', '.join(column.choices)}"
            _raise_at(~values.isin(column.choices), origin, rule, values)
    start, end = frame["period_start"], frame["period_end"]
    _raise_at(start.isna() | end.isna(), origin, "a period must have its first and last day", start)
    _raise_at(end < start, origin, "a period must not end before it starts", end)
    missing = frame["spending"].isna() & ~frame["suppressed"].astype(bool)
    _raise_at(missing, origin, "spending must have a value where nothing is suppressed", frame["spending"])


def _check_numbers(values: pd.Series[Any], origin: str) -> None:
    if not pd.api.types.is_numeric_dtype(values):
        raise PriceError(f"{origin}: {values.name} must hold numbers, not {values.dtype}")
    bad = values.lt(0) | np.isinf(values.to_numpy(dtype=float))
    _raise_at(bad, origin, f"{values.name} must be a finite number of at least 0", values)


def _raise_at(bad: pd.Series[bool], origin: str, rule: str, values: pd.Series[Any]) -> None:
    if bad.any():
        at = int(np.argmax(bad.to_numpy()))
        more = f", and {rows_text(int(bad.sum()) - 1)} more" if bad.sum() > 1 else ""
        raise PriceError(f"{origin}: {rule}; found {show(values.iloc[at])} in row {bad.index[at]}{more}")


_ONE_EACH = {
    "row_level": "select one, because a total holds what it adds up",
    "currency": "convert or select one",
    "basis": "gross and net never meet in one sum; select one",
    "unit": "select one, because different units cannot be added",
}


def _check_sum(frame: pd.DataFrame, by: list[str], origin: str) -> None:
    if frame.empty:
        raise PriceError(f"{origin} has no rows; the selection before it left none")
    for name, remedy in _ONE_EACH.items():
        if name not in by and several(frame[name]):
            raise PriceError(f"{origin}: {name} must be one in a sum; found {tally(frame[name])}: {remedy}")
    whole = frame["region"].eq("")
    if "region" not in by and whole.any() and not whole.all():
        raise PriceError(
            f"{origin}: {rows_text(int(whole.sum()))} of the whole country stand beside "
            f"{rows_text(int((~whole).sum()))} of its parts: select region='' or the parts"
        )
    _check_periods(frame, by, origin)


def _check_periods(frame: pd.DataFrame, by: list[str], origin: str) -> None:
    keys = [name for name in ("payer", "country", "region") if name not in by]
    periods = frame[[*keys, "period_start", "period_end"]].drop_duplicates()
    ordered = periods.sort_values([*keys, "period_start", "period_end"])
    before = ordered.groupby(keys)["period_end"].shift() if keys else ordered["period_end"].shift()
    overlap = ordered["period_start"] <= before
    if overlap.any():
        row = ordered[overlap].iloc[0]
        days = " to ".join(f"{row[name]:%Y-%m-%d}" for name in ("period_start", "period_end"))
        raise PriceError(
            f"{origin}: the period {days} overlaps the one before it, so that something would be counted "
            "twice: select periods that do not overlap"
        )
