"""A price bound to a parameter: a query that comes down to one value, or an error that says why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from costmodel.prices.errors import PriceError
from costmodel.prices.query import (
    SHOWN,
    all_of,
    conditions,
    nothing_found,
    rows_text,
    several,
    show_all,
    tally,
)
from costmodel.prices.schema import BASIS, SET, list_dates
from costmodel.prices.statistic import summarise, weights_of
from costmodel.prices.table import PriceTable


@dataclass(frozen=True, eq=False)
class BoundPrice:
    """One price per unit, what kind of price it is, and the rows it was read from.

    Parameters
    ----------
    value : float
        Price of one ``unit``, in ``currency``.
    unit, currency, price_type, country : str
    as_of : datetime.date
        The date of the list; where the list states none, the date from which its prices hold.
    dates : tuple of datetime.date
        The dates from which the prices used hold, oldest first.
    statistic : str
        How the rows came down to one value.
    rows : pandas.DataFrame
        The rows used, with ``unit_price``; the index is the line of the file.
    source : str
        The sources of those rows.
    flags : tuple of str
        What a reader should know: the flags of the rows, classes pooled, a list without a date.
    """

    value: float
    unit: str
    currency: str
    price_type: str
    country: str
    as_of: dt.date
    dates: tuple[dt.date, ...]
    statistic: str
    rows: pd.DataFrame
    source: str
    flags: tuple[str, ...]

    def __str__(self) -> str:
        dates = " and ".join(str(date) for date in self.dates)
        return (
            f"{self.value:.10g} {self.currency} per {self.unit} ({self.price_type}, {self.country}, "
            f"list of {self.as_of}, effective {dates}; {self.statistic} of {rows_text(len(self.rows))})"
        )


def bind_price(
    table: PriceTable, query: Mapping[str, Any], *, statistic: str = "unique", weight: str | None = None
) -> BoundPrice:
    """Return the one price per unit that a query of a price table means.

    Parameters
    ----------
    table : PriceTable
    query : mapping of str to value
        Column and the value it must have, or a list of values any of which will do. Values are compared
        after typing: 2, 2.0 and "2" are one strength, and dates may be ISO text.
    statistic : {"unique", "median", "mean", "minimum", "maximum", "volume_weighted"}
        ``unique`` accepts one price only.
    weight : str, optional
        The column of units sold (not packs) that ``volume_weighted`` needs.

    Returns
    -------
    BoundPrice

    Raises
    ------
    PriceError
        No row matches (the message drops one condition at a time to say which one empties the query);
        rows of several molecules, strengths, forms, units, price types, currencies, countries or list
        dates match; prices disagree under ``unique``; or a column is unknown. ``candidates`` holds
        what the message lists.

    Examples
    --------
    >>> from costmodel.datasets import dataset_path
    >>> from costmodel.prices import read_prices
    >>> table = read_prices(dataset_path("us/nadac"))
    >>> query = {"molecule": "clonazepam", "class": "generic", "strength_mg": 2, "form": "tablet"}
    >>> print(bind_price(table, query))  # doctest: +NORMALIZE_WHITESPACE
    0.03881 USD per tablet (acquisition, USA, list of 2026-04-29, effective 2026-04-22;
    unique of 15 rows)
    """
    masks = conditions(table.frame, query)
    frame = table.per_unit()
    rows = frame.loc[all_of(masks.values(), len(frame))]
    if rows.empty:
        raise nothing_found(table.frame, query, table.origin)
    what = f"{table.origin} ({show_all(query)})"
    dated = rows.assign(as_of=list_dates(rows))
    _check_one_basis(dated, what)
    weights = None if weight is None else weights_of(rows, weight, what)
    value = summarise(rows["unit_price"].to_numpy(), statistic, weights=weights, what=what)
    return _bound(value, statistic, rows, dated["as_of"].iloc[0].date())


def _bound(value: float, statistic: str, rows: pd.DataFrame, as_of: dt.date) -> BoundPrice:
    first = rows.iloc[0]
    return BoundPrice(
        value=value,
        unit=first["unit"],
        currency=first["currency"],
        price_type=first["price_type"],
        country=first["country"],
        as_of=as_of,
        dates=tuple(sorted({stamp.date() for stamp in rows["date"]})),
        statistic=statistic,
        rows=rows,
        source="; ".join(sorted(set(rows["source"]))),
        flags=_flags(rows),
    )


def _flags(rows: pd.DataFrame) -> tuple[str, ...]:
    flags = sorted(set(rows["flag"]) - {""})
    classes = sorted(set(rows["class"]))
    pooled = [f"pools classes: {', '.join(classes)}"] if len(classes) > 1 else []
    undated = (
        ["the list states no date: the effective date stands for it"] if rows["as_of"].isna().any() else []
    )
    return (*flags, *pooled, *undated)


def _check_one_basis(rows: pd.DataFrame, what: str) -> None:
    columns = [*SET, *BASIS]
    mixed = [name for name in columns if several(rows[name])]
    if not mixed:
        return
    grouped = rows.groupby(columns)["unit_price"]
    candidates = grouped.agg(rows="size", lowest="min", highest="max").reset_index()
    shown = [_candidate(row, mixed) for row in candidates.head(SHOWN).to_dict("records")]
    more = [f"  … ({len(candidates)} in all)"] if len(candidates) > SHOWN else []
    head = f"{what}: {rows_text(len(rows))} of {len(candidates)} price bases match; one must be left"
    lines = [f"  {name} is {tally(rows[name])}" for name in mixed]
    remedy = f"add to the query a value of {', '.join(mixed)}. The candidates:"
    raise PriceError("\n".join([head, *lines, remedy, *shown, *more]), candidates)


def _candidate(row: Mapping[Any, Any], mixed: list[str]) -> str:
    low, high = f"{row['lowest']:.10g}", f"{row['highest']:.10g}"
    prices = low if low == high else f"{low} to {high}"
    chosen = show_all({name: row[name] for name in mixed})
    return f"  {chosen}: {rows_text(row['rows'])}, {prices} {row['currency']} per {row['unit']}"
