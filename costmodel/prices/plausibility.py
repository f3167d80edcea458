"""Prices that cannot be what they say: a pack's price in a column of units, and other slips.

A row is judged against its peers, the rows of the same medicine and class: far from their median by a
robust distance is implausible. Being dear is not: the bound is wide, and what it catches is a wrong unit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from costmodel.checks import did_you_mean, in_interval
from costmodel.prices.errors import PriceError
from costmodel.prices.schema import BASIS, SET, list_dates
from costmodel.prices.spending import SpendingTable
from costmodel.prices.table import PriceTable

PEERS_OF_PRICES = (*SET, "class", *BASIS)
PEERS_OF_SPENDING = (
    *("payer", "country", "region", "period_start", "row_level", "molecule", "class"),
    *("strength_mg", "form", "unit", "currency", "basis"),
)
"""What the peers of a row share, by default."""

PACKS = (10, 14, 20, 28, 30, 50, 56, 60, 84, 90, 100, 120, 180, 250, 300, 500, 1000)
"""Common numbers of tablets in a pack."""

_TO_SIGMA = 1.4826
_NEAR_PACK = math.log(1.2)
_OWN_PACK_AT_LEAST = 3
_WHOLE_FROM = 100

Array = NDArray[np.float64]


def implausible(
    table: PriceTable | SpendingTable,
    *,
    by: Sequence[str] | None = None,
    factor: float = 10,
    deviations: float = 3.5,
    least: int = 4,
) -> pd.DataFrame:
    """Flag rows whose price of a unit is implausible against their peers, with the reason.

    Parameters
    ----------
    table : PriceTable or SpendingTable
        Of a spending table the price is spending over units, and peers count by their units, so that a
        labeler of a few hundred units with a wrong unit does not move the median.
    by : sequence of str, optional
        What peers share: :data:`PEERS_OF_PRICES` or :data:`PEERS_OF_SPENDING` by default.
    factor : float, default 10
        A price is never implausible within this factor of its peers' median, however close together they lie.
    deviations : float, default 3.5
        Nor within so many robust standard deviations of their logarithms (1.4826 x the median absolute
        deviation).
    least : int, default 4
        With fewer rows nothing is judged, and the reason says so.

    Returns
    -------
    pandas.DataFrame
        The rows with ``unit_price``; ``peers``, the rows of its group, itself among them;
        ``peer_median``; ``times_peers``, price over that median; ``implausible``; and the ``reason``,
        blank where a row was judged and found plausible.

    Raises
    ------
    PriceError
        The table is empty, or ``by`` names an unknown column.
    CostModelError
        A number is out of its range.

    Notes
    -----
    Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993: 3.5 robust deviations. A price of at
    least three units that lies near its own pack size times the median is flagged below ``factor`` too.

    Examples
    --------
    >>> from costmodel.prices import spending
    >>> medicaid = spending("us/medicaid_spending").select(row_level="labeler", year=2022)
    >>> found = implausible(medicaid).query("implausible")
    >>> found[["labeler", "times_peers"]].round(1).values.tolist()[-1]
    ['Mylan Instituti', 92.7]
    >>> found["reason"].iloc[0]
    "803 times the peers' median of 0.13835 a unit: a wrong unit or a wrong price"
    """
    in_interval(factor, "factor", low=1, open_low=True)
    in_interval(deviations, "deviations", low=0, open_low=True)
    in_interval(least, "least", low=3)
    if not len(table):
        raise PriceError(f"{table.origin} has no rows; the selection before it left none")
    frame, keys = _priced(table, by)
    for name in keys:
        if name not in frame.columns:
            raise PriceError(f"by: '{name}' is not a column; {did_you_mean(name, list(frame.columns))}")
    parts = [
        _judged(group, math.log(factor), deviations, least)
        for _, group in frame.groupby(keys, dropna=False, sort=False)
    ]
    return pd.concat(parts).loc[frame.index].drop(columns=["_weight", "_pack"])


def _priced(table: PriceTable | SpendingTable, by: Sequence[str] | None) -> tuple[pd.DataFrame, list[str]]:
    if isinstance(table, PriceTable):
        frame = table.per_unit().assign(as_of=list_dates(table.frame), _weight=1.0)
        return frame.assign(_pack=frame["pack_size"]), list(PEERS_OF_PRICES if by is None else by)
    frame = table.per_unit().rename(columns={"unit_spending": "unit_price"}).drop(columns="claim_spending")
    weight = frame["units"].where(frame["unit_price"] > 0)
    return frame.assign(_weight=weight, _pack=1.0), list(PEERS_OF_SPENDING if by is None else by)


def _judged(group: pd.DataFrame, bound: float, deviations: float, least: int) -> pd.DataFrame:
    price = group["unit_price"].to_numpy(dtype=float)
    known = np.isfinite(price) & (price > 0)
    count = int(known.sum())
    found = group.assign(peers=count, peer_median=np.nan, times_peers=np.nan, implausible=False)
    if count < least:
        return found.assign(reason=f"{count} of at least {least} peers: not judged")
    logs, weights = np.log(price[known]), group["_weight"].to_numpy(dtype=float)[known]
    middle = weighted_median(logs, weights)
    spread = deviations * _TO_SIGMA * weighted_median(np.abs(logs - middle), weights)
    words = [
        _reason(one, middle, pack, spread, bound) if seen else "no price of a unit: not judged"
        for one, pack, seen in zip(price, group["_pack"], known, strict=True)
    ]
    return found.assign(
        peer_median=math.exp(middle),
        times_peers=price / math.exp(middle),
        implausible=[bool(word) and bool(seen) for word, seen in zip(words, known, strict=True)],
        reason=words,
    )


def weighted_median(values: Array, weights: Array) -> float:
    """Return the value at half the weight: the mean of two where half lies exactly between them.

    Examples
    --------
    >>> weighted_median(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0]))
    2.0
    >>> weighted_median(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    1.5
    """
    order = np.argsort(values, kind="stable")
    ordered, reached = values[order], np.cumsum(weights[order])
    half = reached[-1] / 2
    at = int(np.searchsorted(reached, half * (1 - 1e-12)))
    if abs(reached[at] - half) <= half * 1e-12 and at + 1 < len(ordered):
        return float((ordered[at] + ordered[at + 1]) / 2)
    return float(ordered[at])


def _reason(price: float, middle: float, pack: float, spread: float, bound: float) -> str:
    log_times = math.log(price) - middle
    own = pack >= _OWN_PACK_AT_LEAST and log_times > spread and abs(log_times - math.log(pack)) < _NEAR_PACK
    if abs(log_times) <= max(spread, bound) and not own:
        return ""
    times, median = math.exp(log_times), f"the peers' median of {math.exp(middle):.5g} a unit"
    if own:
        return f"{_short(times)} times {median}: about its pack size of {pack:g}, as if not divided by it"
    if log_times < 0:
        return f"1/{_short(1 / times)} of {median}{_near(1 / times, 'units were counted as packs')}"
    return f"{_short(times)} times {median}{_near(times, 'packs were counted as units')}"


def _short(times: float) -> str:
    return f"{times:,.0f}" if times >= _WHOLE_FROM else f"{times:.3g}"


def _near(times: float, what: str) -> str:
    packs = [f"{pack}" for pack in PACKS if abs(math.log(times / pack)) < _NEAR_PACK]
    if not packs:
        return ": a wrong unit or a wrong price"
    return f": near a pack of {' or '.join(packs[:3])}, as if {what}"


def implausible_reasons(found: pd.DataFrame) -> dict[Any, str]:
    """Return the reasons of the implausible rows by row, as :func:`remaining_savings` takes them.

    Examples
    --------
    >>> from costmodel.prices import spending
    >>> medicaid = spending("us/medicaid_spending").select(row_level="labeler")
    >>> len(implausible_reasons(implausible(medicaid)))
    19
    """
    bad = found[found["implausible"]]
    return dict(zip(bad.index, "implausible unit price: " + bad["reason"], strict=True))
