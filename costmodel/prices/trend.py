"""Prices over time: paths, the brand's ratio to its generic, and a slope that single dates cannot bend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from costmodel.checks import in_interval
from costmodel.prices.errors import PriceError
from costmodel.prices.matching import check_one_basis, match
from costmodel.prices.schema import SET, list_dates
from costmodel.prices.statistic import summarise
from costmodel.prices.table import PriceTable

Deflator = Mapping[Any, float]
"""A price index by month (``"2015-09"``, a date or a pandas period) or by year (an integer)."""

_TIED_DIGITS = 11
_FEWEST = 5
"""With fewer points the ranks of the slopes reach no 95 per cent interval (Sen 1968)."""
_YEAR = 365.25


def price_path(
    table: PriceTable,
    *,
    by: Sequence[str] = (*SET, "class"),
    statistic: str = "unique",
    deflator: Deflator | None = None,
    base: Any = None,
) -> pd.DataFrame:
    """Return the price of a unit at each date of a list, nominal and, with an index, real.

    Parameters
    ----------
    table : PriceTable
        Lists of several dates; of one price type, currency and country.
    by : sequence of str, default ("molecule", "strength_mg", "form", "unit", "class")
        What makes one series.
    statistic : {"unique", "median", "mean", "minimum", "maximum"}
        How several products of one date come down to one price.
    deflator : mapping or Series, optional
        A price index by month or by year.
    base : month or year of the index, optional
        In whose money real prices are; the latest date of the table by default.

    Returns
    -------
    pandas.DataFrame
        Per series and date: the columns of ``by``, ``as_of``, ``unit_price``, ``n`` rows, ``draft``
        (whether a row's flag calls its list a draft), ``years_before`` since the date before (missing at
        the first); with an index also ``index``, ``real_price`` and ``base``. Nothing is filled in
        between two dates.

    Raises
    ------
    PriceError
        Prices of a date disagree under ``unique``, bases are mixed, or the index lacks a month.

    Examples
    --------
    >>> from costmodel.prices import prices
    >>> half = prices("us/nadac_history").select(strength_mg=0.5, form="tablet", class_="brand")
    >>> price_path(half)[["unit_price", "draft"]].values.tolist()[:3]
    [[1.6877, True], [1.81882, True], [1.81882, False]]
    """
    if not len(table):
        raise PriceError(f"{table.origin} has no prices; the selection before it left none")
    keys = list(dict.fromkeys([*by, "as_of"]))
    frame = table.per_unit().assign(as_of=list_dates(table.frame))
    check_one_basis(frame, keys, table.origin)
    rows = [
        dict(zip(keys, key, strict=True))
        | {
            "unit_price": summarise(
                list(group["unit_price"]), statistic, what=f"{table.origin}, {key[-1]:%Y-%m-%d}"
            ),
            "n": len(group),
            "draft": bool(group["flag"].str.contains(r"\bdraft\b", case=False).any()),
        }
        for key, group in frame.groupby(keys, sort=True)
    ]
    path = pd.DataFrame(rows)
    series = [name for name in keys if name != "as_of"]
    path["years_before"] = path.groupby(series)["as_of"].diff().dt.days / _YEAR
    return path if deflator is None else _deflated(path, deflator, base)


def _deflated(path: pd.DataFrame, deflator: Deflator, base: Any) -> pd.DataFrame:
    index = {_period(key): float(value) for key, value in deflator.items()}
    if not index or not all(np.isfinite(value) and value > 0 for value in index.values()):
        raise PriceError("deflator must hold at least one index, every one a finite number above 0")
    if len({len(key) for key in index}) > 1:
        raise PriceError("deflator mixes years and months; give one of them")
    width = len(next(iter(index)))
    periods = path["as_of"].dt.strftime("%Y-%m").str[:width]
    reference = periods.max() if base is None else _period(base)
    missing = sorted({*periods, reference} - set(index))
    if missing:
        raise PriceError(
            f"deflator has no index for {', '.join(missing[:12])}; it runs from {min(index)} to "
            f"{max(index)}: add them, or select dates it covers"
        )
    values = periods.map(index)
    real = path["unit_price"] * index[reference] / values
    return path.assign(index=values, real_price=real, base=reference)


def _period(key: Any) -> str:
    if isinstance(key, (int, np.integer)):
        return f"{key:04d}"
    if isinstance(key, (pd.Period, pd.Timestamp, dt.date)):
        return key.strftime("%Y-%m")
    text = str(key)
    try:
        return text if len(text) == len("2015") and text.isdigit() else f"{pd.Timestamp(text):%Y-%m}"
    except ValueError:
        raise PriceError(f"deflator: '{text}' is no month; write 2015-09, or 2015 for a year") from None


def price_trend(
    table: PriceTable,
    *,
    by: Sequence[str] = (*SET, "class"),
    statistic: str = "unique",
    deflator: Deflator | None = None,
    base: Any = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return how fast each price moved: the median slope of its logarithm over all pairs of dates.

    Parameters
    ----------
    table, by, statistic, deflator, base
        As in :func:`price_path`.
    confidence : float, default 0.95
        Of the interval, in (0, 1).

    Returns
    -------
    pandas.DataFrame
        Per series and ``money`` (``nominal``, and ``real`` with an index): ``first_date, last_date,
        first_price, last_price, change`` (last over first less 1) and ``compound``, the same as a rate a
        year; ``per_year`` (exp(slope) - 1) with ``low, high`` (missing with fewer than five dates);
        ``n_dates, n_draft, longest_gap_years`` and the ``reason`` for what is missing or doubtful. The
        slope is that of the stretch with the most dates: after a long gap it may lie far from
        ``compound``.

    Raises
    ------
    PriceError
        As :func:`price_path`.

    Notes
    -----
    Theil 1950; Sen, "Estimates of the regression coefficient based on Kendall's tau", Journal of the
    American Statistical Association 1968;63:1379-1389, through :func:`scipy.stats.theilslopes`. The
    interval takes the dates as independent; a price that is carried from list to list is not.

    Examples
    --------
    >>> from costmodel.prices import prices
    >>> half = prices("us/nadac_history").select(strength_mg=0.5, form="tablet")
    >>> price_trend(half)[["class", "change", "n_draft"]].round(3).values.tolist()
    [['brand', 0.588, 2], ['generic', 0.223, 2]]
    """
    in_interval(confidence, "confidence", low=0, high=1, open_low=True, open_high=True)
    path = price_path(table, by=by, statistic=statistic, deflator=deflator, base=base)
    keys = [name for name in dict.fromkeys(by) if name != "as_of"]
    monies = {"nominal": "unit_price"} | ({} if deflator is None else {"real": "real_price"})
    rows = [
        dict(zip(keys, key, strict=True)) | {"money": money} | _slope(group, column, confidence)
        for key, group in path.groupby(keys, sort=True)
        for money, column in monies.items()
    ]
    return pd.DataFrame(rows)


def _slope(group: pd.DataFrame, column: str, confidence: float) -> dict[str, Any]:
    price, dates = group[column].to_numpy(dtype=float), group["as_of"]
    change, years = float(price[-1] / price[0] - 1), (dates.iloc[-1] - dates.iloc[0]).days / _YEAR
    found = {
        "first_date": dates.iloc[0],
        "last_date": dates.iloc[-1],
        "first_price": float(price[0]),
        "last_price": float(price[-1]),
        "change": change,
        "compound": (1 + change) ** (1 / years) - 1 if years else float("nan"),
        **_theil_sen(price, dates, confidence),
        "n_dates": len(group),
        "n_draft": int(group["draft"].sum()),
        "longest_gap_years": float(group["years_before"].max()),
    }
    return found | {"reason": _reason(found)}


def _theil_sen(price: Any, dates: pd.Series[Any], confidence: float) -> dict[str, float]:
    from scipy.stats import theilslopes

    missing = float("nan")
    if len(price) == 1:
        return {"per_year": missing, "low": missing, "high": missing}
    years = (dates - dates.iloc[0]).dt.days.to_numpy(dtype=float) / _YEAR
    # Ties narrow the interval: equal prices must stay equal after they were deflated or converted.
    slope, _, low, high = theilslopes(np.log(price).round(_TIED_DIGITS), years, confidence)
    if len(price) < _FEWEST:
        low = high = missing
    return {name: float(np.expm1(one)) for name, one in (("per_year", slope), ("low", low), ("high", high))}


def _reason(found: Mapping[str, Any]) -> str:
    words = []
    if found["n_dates"] == 1:
        words.append("one date: no slope")
    elif found["n_dates"] < _FEWEST:
        words.append(f"{found['n_dates']} dates: too few for an interval")
    if found["n_draft"]:
        words.append(f"{found['n_draft']} of {found['n_dates']} dates from lists marked as drafts")
    if found["longest_gap_years"] > 1:
        words.append(f"no price for {found['longest_gap_years']:.1f} years; nothing is filled in")
    return "; ".join(words)


def ratio_path(table: PriceTable, *, statistic: str = "unique") -> pd.DataFrame:
    """Return the brand's price over its generic's at each date at which a list has both.

    A ratio has no currency, so inflation does not touch it.

    Returns
    -------
    pandas.DataFrame
        Per medicine, strength, form, unit and ``as_of``: ``brand_price, generic_price, ratio, draft``.

    Raises
    ------
    PriceError
        As :func:`costmodel.prices.match`.

    Examples
    --------
    >>> from costmodel.prices import prices
    >>> half = prices("us/nadac_history").select(strength_mg=0.5, form="tablet")
    >>> ratio_path(half)["ratio"].round(0).tolist()
    [103.0, 105.0, 115.0, 119.0, 131.0, 134.0]
    """
    keys = [*SET, "as_of"]
    pairs = match(table, by=keys, statistic=statistic)
    flags = table.frame.assign(as_of=list_dates(table.frame))
    flags["draft"] = flags["flag"].str.contains(r"\bdraft\b", case=False)
    draft = flags.groupby(keys)["draft"].any().reset_index()
    result = pairs[[*keys, "brand_price", "generic_price"]].merge(draft, on=keys, how="left")
    return result.assign(ratio=result["brand_price"] / result["generic_price"])[
        [*keys, "brand_price", "generic_price", "ratio", "draft"]
    ]
