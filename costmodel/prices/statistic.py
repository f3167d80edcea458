"""One price from several rows: a named statistic, or the refusal to choose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from costmodel.checks import did_you_mean, one_of
from costmodel.errors import CostModelError
from costmodel.prices.errors import PriceError
from costmodel.prices.query import SHOWN, rows_text
from costmodel.tables import parse_number

PLAIN = ("unique", "median", "mean", "minimum", "maximum")
"""Statistics that need nothing but the prices; ``unique`` accepts one price only."""

STATISTICS = (*PLAIN, "volume_weighted")
"""All statistics; the last weights each price by a column of units sold."""

_SAME = 1e-9


def distinct(prices: Sequence[float] | NDArray[np.float64]) -> list[tuple[float, int]]:
    """Return the distinct prices, lowest first, with the number of times each stands.

    Prices that differ by less than one part in a thousand million are one price: a pack of 100 at 8.49
    and a pack of 50 at 4.245 have the same unit price whatever the last bit says.

    Examples
    --------
    >>> distinct([0.03881, 4.26033, 0.03881])
    [(0.03881, 2), (4.26033, 1)]
    """
    ordered = np.sort(np.asarray(prices, dtype=float))
    if not ordered.size:
        return []
    starts = np.flatnonzero(np.diff(ordered) > _SAME * ordered[1:]) + 1
    return [(float(part[0]), len(part)) for part in np.split(ordered, starts)]


def summarise(
    prices: Sequence[float] | NDArray[np.float64],
    statistic: str = "unique",
    *,
    weights: Sequence[float] | NDArray[np.float64] | None = None,
    what: str = "these rows",
) -> float:
    """Return the named statistic of some prices; the order of the prices makes no difference.

    Parameters
    ----------
    prices : array, (n,)
        Prices of one unit, in one currency.
    statistic : {"unique", "median", "mean", "minimum", "maximum", "volume_weighted"}
    weights : array, (n,), optional
        Units sold at each price, needed by ``volume_weighted`` and by nothing else.
    what : str
        What the prices are of; errors name it.

    Raises
    ------
    PriceError
        There is no price; the prices disagree under ``unique``; or weights are missing, unwanted, or
        sum to 0.
    CostModelError
        The statistic is unknown.

    Examples
    --------
    >>> summarise([0.02, 0.03, 0.1], "median")
    0.03
    >>> summarise([0.02, 0.1], "volume_weighted", weights=[3, 1])
    0.04
    """
    one_of(statistic, STATISTICS, "statistic")
    if not len(prices):
        raise PriceError(f"{what}: there is no price")
    if (statistic == "volume_weighted") != (weights is not None):
        need = "needs a column of weights" if weights is None else "takes no weights"
        raise PriceError(f"{what}: the statistic '{statistic}' {need}")
    if statistic == "volume_weighted" and weights is not None:
        return _weighted(prices, weights, what)
    found = distinct(prices)
    if statistic == "unique":
        return _only(found, what)
    ordered = sorted(float(price) for price in prices)
    values = {
        "median": float(np.median(ordered)),
        "mean": math.fsum(ordered) / len(ordered),
        "minimum": ordered[0],
        "maximum": ordered[-1],
    }
    return values[statistic]


def _only(found: Sequence[tuple[float, int]], what: str) -> float:
    if len(found) == 1:
        return found[0][0]
    raise PriceError(
        f"{what}: {len(found)} distinct prices under the statistic 'unique': {price_list(found)}; "
        f"narrow the rows, or name a statistic: {', '.join(STATISTICS[1:])}",
        pd.DataFrame(found, columns=["unit_price", "rows"]),
    )


def price_list(found: Sequence[tuple[float, int]]) -> str:
    """Return distinct prices and their numbers of rows as text, at most twelve.

    Examples
    --------
    >>> price_list([(0.03881, 2), (4.26033, 1)])
    '0.03881 (2 rows), 4.26033 (1 row)'
    """
    parts = [f"{price:.10g} ({rows_text(count)})" for price, count in found]
    return ", ".join(parts[:SHOWN]) + (" …" if len(parts) > SHOWN else "")


def _weighted(
    prices: Sequence[float] | NDArray[np.float64],
    weights: Sequence[float] | NDArray[np.float64],
    what: str,
) -> float:
    volumes = [float(weight) for weight in weights]
    if len(volumes) != len(prices):
        raise PriceError(f"{what}: {len(prices)} prices but {len(volumes)} weights")
    if not all(math.isfinite(volume) and volume >= 0 for volume in volumes):
        raise PriceError(f"{what}: every weight must be a finite number of at least 0")
    total = math.fsum(volumes)
    if total == 0:
        raise PriceError(f"{what}: the weights sum to 0; use rows with units sold")
    return math.fsum(float(p) * w for p, w in zip(prices, volumes, strict=True)) / total


def weights_of(frame: pd.DataFrame, weight: str, what: str) -> list[float]:
    """Return a column of units sold, which a tidy table keeps as text, as numbers.

    Units are what ``unit`` says: tablets, never packs.

    Raises
    ------
    PriceError
        The column is unknown, or a cell is no number; the message names its row.
    """
    if weight not in frame.columns:
        raise PriceError(f"'{weight}' is not a column; {did_you_mean(weight, list(frame.columns))}")
    return [_weight(cell, f"{what}: {weight}, row {row}") for row, cell in frame[weight].items()]


def _weight(cell: Any, where: str) -> float:
    try:
        return parse_number(str(cell))
    except CostModelError as problem:
        raise PriceError(f"{where} {problem}; found '{cell}'") from None
