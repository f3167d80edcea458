"""The bundled series of money: which table each comes from, and what is known against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from costmodel.checks import one_of
from costmodel.datasets import data_root, read_dataset
from costmodel.errors import CostModelError
from costmodel.money.series import ExchangeRates, Figure, PriceIndex, spans
from costmodel.units import MONTHS_PER_YEAR

if TYPE_CHECKING:
    import pandas as pd

_CPI = "economics/us_cpi_monthly"
_BLS = "US Bureau of Labor Statistics"


@dataclass(frozen=True)
class _Monthly:
    """A row of ``us_cpi_monthly`` by its series."""

    series: str
    currency: str
    source: str


@dataclass(frozen=True)
class _Changes:
    """A table of annual changes in per cent, chained to levels; the year before the first is 100."""

    table: str
    column: str
    currency: str
    source: str
    doubt: str


_MONTHLY: Mapping[str, _Monthly] = {
    "us/cpi_all_items": _Monthly(
        "CPI-U all items (CUUR0000SA0)", "USD", f"{_BLS}, CPI-U all items, not seasonally adjusted"
    ),
    "us/cpi_medical_care": _Monthly(
        "CPI-U medical care (CPIMEDSL)", "USD", f"{_BLS}, CPI-U medical care, seasonally adjusted"
    ),
}
_NHS = "NHS cost inflation index (PSSRU, Unit Costs of Health and Social Care)"
_FINANCIAL_YEAR = "a year is taken as the financial year that starts in it, to be confirmed"
_CHANGES: Mapping[str, _Changes] = {
    "us/cpi_all_items_change": _Changes(
        "economics/us_inflation_annual_pct",
        "annual_change_pct",
        "USD",
        f"{_BLS}, annual change of CPI-U all items",
        "chained from changes printed to one decimal",
    ),
    "gb/nhs_cost_inflation": _Changes(
        "economics/uk_nhs_cost_inflation",
        "pay_and_prices_pct",
        "GBP",
        f"{_NHS}, pay and prices",
        _FINANCIAL_YEAR,
    ),
    "gb/nhs_cost_inflation_prices": _Changes(
        "economics/uk_nhs_cost_inflation", "prices_pct", "GBP", f"{_NHS}, prices", _FINANCIAL_YEAR
    ),
    "gb/nhs_cost_inflation_pay": _Changes(
        "economics/uk_nhs_cost_inflation", "pay_pct", "GBP", f"{_NHS}, pay", _FINANCIAL_YEAR
    ),
}
INDICES: tuple[str, ...] = (*_MONTHLY, *_CHANGES)
"""Ids of the bundled price indices."""

RATES: tuple[str, ...] = ("fed/annual_average", "wb/ppp_gdp")
"""Ids of the bundled exchange rates and purchasing power parities."""


def read_index(index: str | PriceIndex) -> PriceIndex:
    """Return a price index by its id; one of your own is returned as it is.

    The annual level of a monthly index is the mean of its twelve months, where all stand in one vintage.

    Raises
    ------
    CostModelError
        The id is unknown; the nearest is named.

    Examples
    --------
    >>> read_index("us/cpi_medical_care")
    PriceIndex(us/cpi_medical_care: USD, 2000–2022)
    >>> round(read_index("us/cpi_all_items").figures[2010].value, 3)
    218.056
    """
    if isinstance(index, PriceIndex):
        return index
    one_of(index, INDICES, "index")
    return _index(index, data_root())


def read_rates(rate: str | ExchangeRates) -> ExchangeRates:
    """Return exchange rates or purchasing power parities by their id.

    Raises
    ------
    CostModelError
        The id is unknown.

    Examples
    --------
    >>> read_rates("fed/annual_average").places()[:4]
    ['AUD', 'BRL', 'CAD', 'CHF']
    """
    if isinstance(rate, ExchangeRates):
        return rate
    one_of(rate, RATES, "rate")
    return _READERS[rate](data_root())


def deflator(index_id: str, *, base: str | int, source: str | None = None) -> pd.Series[float]:
    """Return by month how prices stand to those of the base: divide a nominal price by it to get a real one.

    Parameters
    ----------
    index_id : {"us/cpi_all_items", "us/cpi_medical_care"}
        A monthly index.
    base : str or int
        A month, ``2012-10``, or a year, whose mean is 1.
    source : str, optional
        The copy that is read (a ``source_id`` of the table); needed where the series stands in two, because
        they are never mixed.

    Returns
    -------
    pandas.Series
        Indexed by month (``YYYY-MM``), named by the index. Months that were not read are absent.

    Raises
    ------
    CostModelError
        The index is not monthly, the base was not read, or the series has several sources.

    Examples
    --------
    >>> medical = deflator("us/cpi_medical_care", base="2012-10")
    >>> round(float(medical["2023-11"]), 4)
    1.3198
    """
    one_of(index_id, tuple(_MONTHLY), "a monthly index")
    months = _months(index_id)
    held = [str(one) for one in months["source_id"].drop_duplicates()]
    if source is None and len(held) > 1:
        read = {one: months.index[months["source_id"] == one] for one in held}
        listed = "; ".join(f"{one} {when[0]} to {when[-1]}" for one, when in read.items())
        raise CostModelError(f"{index_id} stands in {len(held)} copies, never mixed; name a source: {listed}")
    chosen = months["source_id"] == (held[0] if source is None else one_of(source, held, "source"))
    level = months.loc[chosen, "index"].astype(float)
    wanted = f"{base}-" if len(str(base)) == len("2012") else str(base)
    at_base = level[level.index.str.startswith(wanted)]
    if len(at_base) != (MONTHS_PER_YEAR if wanted.endswith("-") else 1):
        raise CostModelError(
            f"{index_id}: the base {base} was not read whole; there is {level.index[0]} to {level.index[-1]}"
        )
    return (level / float(at_base.mean())).rename(index_id)


def _months(index_id: str) -> pd.DataFrame:
    table = read_dataset(_CPI)
    return table[table["series"] == _MONTHLY[index_id].series].set_index("month").sort_index()


@cache
def _index(index_id: str, _root: Path) -> PriceIndex:
    if index_id in _MONTHLY:
        monthly = _MONTHLY[index_id]
        return PriceIndex(index_id, monthly.currency, monthly.source, _annual(_months(index_id)))
    changes = _CHANGES[index_id]
    rows = read_dataset(changes.table).sort_values("year")
    vintage = str(rows["source_id"].iloc[0])
    level, figures = 100.0, {int(rows["year"].iloc[0]) - 1: Figure(100.0, vintage, changes.doubt)}
    for year, change in zip(rows["year"], rows[changes.column], strict=True):
        level *= 1 + float(change) / 100
        figures[int(year)] = Figure(level, vintage, changes.doubt)
    return PriceIndex(index_id, changes.currency, changes.source, figures)


def _annual(months: pd.DataFrame) -> dict[int, Figure]:
    figures = {}
    for year, rows in months.groupby(months.index.str[:4]):
        if len(rows) == MONTHS_PER_YEAR and len(set(rows["source_id"])) == 1:
            flag = "; ".join(sorted({one for one in rows["flag"] if one}))
            figures[int(str(year))] = Figure(
                float(rows["index"].mean()), str(rows["source_id"].iloc[0]), flag
            )
    return figures


@cache
def _exchange(_root: Path) -> ExchangeRates:
    annual = read_dataset("economics/exchange_rates_annual")
    figures = {
        (str(one["currency_iso"]), int(one["year"])): Figure(
            float(one["local_currency_per_usd"]), str(one["source_id"])
        )
        for one in annual.to_dict("records")
    }
    pound = read_dataset("economics/exchange_rate_gbp_monthly")
    doubt = "the pound: mean of twelve monthly averages"
    for year, rows in pound.groupby(pound["month"].str[:4]):
        if len(rows) == MONTHS_PER_YEAR:
            value, vintage = 1 / float(rows["usd_per_gbp"].mean()), str(rows["source_id"].iloc[0])
            figures["GBP", int(str(year))] = Figure(value, vintage, doubt)
    source = "Federal Reserve, annual averages (G.5A); the pound from monthly averages (EXUSUK)"
    return ExchangeRates("fed/annual_average", "exchange", source, figures, {})


@cache
def _ppp(_root: Path) -> ExchangeRates:
    figures, countries = {}, {"USA": "USD"}
    for one in read_dataset("economics/ppp_conversion_factors").to_dict("records"):
        country, value = str(one["country_iso3"]), float(one["ppp_local_currency_per_international_dollar"])
        figures[country, int(one["year"])] = Figure(value, str(one["vintage"]))
        countries[country] = str(one["currency_iso"])
    source = "World Bank, PPP conversion factor, GDP (PA.NUS.PPP); United States 1 by definition"
    return ExchangeRates("wb/ppp_gdp", "ppp", source, figures, countries)


_READERS: Mapping[str, Callable[[Path], ExchangeRates]] = {
    "fed/annual_average": _exchange,
    "wb/ppp_gdp": _ppp,
}


def list_series() -> pd.DataFrame:
    """Return one row per bundled index and rate: ``id, kind, money, years, source``.

    Examples
    --------
    >>> list_series().set_index("id").loc["us/cpi_all_items", "years"]
    '2000–2012, 2016–2021'
    """
    import pandas as pd

    rows = []
    for name in INDICES:
        index = read_index(name)
        rows.append((name, "index", index.currency, spans(index.figures), index.source))
    for name in RATES:
        rates = read_rates(name)
        years = spans(year for _, year in rates.figures)
        rows.append((name, rates.kind, ", ".join(rates.places()), years, rates.source))
    return pd.DataFrame(rows, columns=["id", "kind", "money", "years", "source"])
