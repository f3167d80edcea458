"""How far the prices of one medicine lie apart: percentiles, ratios, coefficient of variation, Gini."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import in_interval
from costmodel.prices.errors import PriceError
from costmodel.prices.matching import check_one_basis
from costmodel.prices.schema import BASIS, SET, list_dates
from costmodel.prices.statistic import distinct, weights_of
from costmodel.prices.table import PriceTable

PERCENTILES = (10, 25, 50, 75, 90)


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the Gini coefficient: half the mean absolute difference between two draws, over the mean.

    Parameters
    ----------
    values : array, (n,)
        Not negative, not all 0.
    weights : array, (n,), optional
        How often each value stands, for example units sold; 1 by default.

    Returns
    -------
    float
        0 when all values are one, below 1 always.

    Raises
    ------
    PriceError
        There is no value or weight above 0, or one is negative or no finite number.

    Notes
    -----
    G = sum_ij w_i w_j abs(x_i - x_j) / (2 W^2 mean), the population's coefficient without the factor
    n / (n - 1) of a sample (Gini 1912; Sen 1973, On Economic Inequality).

    Examples
    --------
    >>> gini([1, 3]), gini([1, 3], weights=[3, 1])
    (0.25, 0.25)
    """
    x = _amounts(values, "values")
    w = np.ones_like(x) if weights is None else _amounts(weights, "weights")
    if x.shape != w.shape:
        raise PriceError(f"gini: {x.size} values but {w.size} weights")
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    below = np.cumsum(w)[:-1]
    spread = np.sum(below * (w.sum() - below) * np.diff(x))
    return float(spread / (w.sum() * np.sum(w * x)))


def _amounts(values: ArrayLike, what: str) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=float).ravel()
    if not (np.isfinite(array) & (array >= 0)).all() or not (array > 0).any():
        raise PriceError(f"gini: {what} must be finite, not negative, and not all 0")
    return array


def dispersion(
    table: PriceTable,
    *,
    by: Sequence[str] = (*SET, "class"),
    percentiles: Sequence[float] = PERCENTILES,
    weight: str | None = None,
) -> pd.DataFrame:
    """Describe how the prices of a unit are spread within each medicine and class.

    Parameters
    ----------
    table : PriceTable
        Of one price type, currency, country and list date, unless ``by`` names that column.
    by : sequence of str, default ("molecule", "strength_mg", "form", "unit", "class")
        What the prices of one group share.
    percentiles : sequence of float, default (10, 25, 50, 75, 90)
        In [0, 100], of the products' prices, interpolated linearly.
    weight : str, optional
        A column of units sold; adds the mean and the Gini coefficient over units.

    Returns
    -------
    pandas.DataFrame
        Per group: ``n`` products, ``n_prices`` distinct, ``minimum``, ``p10`` …, ``maximum``, ``mean``,
        ``iqr`` (75th less 25th percentile), ``max_over_min``, ``cv`` (sample standard deviation over
        mean; missing for one product), ``gini``; with ``weight`` also ``units``, ``mean_by_volume``,
        ``gini_by_volume``; the ``reason`` where a measure says little; price type, currency, country
        and list date.

    Raises
    ------
    PriceError
        The table is empty, mixes bases, ``by`` names an unknown column, or weights are no numbers.

    Examples
    --------
    >>> from costmodel.prices import prices
    >>> odt = prices("us/nadac").select(form="orally disintegrating tablet", strength_mg=2)
    >>> dispersion(odt)[["n", "n_prices", "gini"]].values.tolist()
    [[5.0, 1.0, 0.0]]
    """
    if not len(table):
        raise PriceError(f"{table.origin} has no prices; the selection before it left none")
    for one in percentiles:
        in_interval(one, "percentile", low=0, high=100)
    keys = list(dict.fromkeys(by))
    frame = table.per_unit().assign(as_of=list_dates(table.frame))
    check_one_basis(frame, keys, table.origin)
    if weight is not None:
        frame = frame.assign(_weight=weights_of(frame, weight, table.origin))
    rows = [
        dict(zip(keys, key, strict=True)) | _describe(group, percentiles, weighted=weight is not None)
        for key, group in frame.groupby(keys, sort=True)
    ]
    basis = {name: frame[name].iloc[0] for name in BASIS if name not in keys}
    return pd.DataFrame(rows).assign(**basis)


def _describe(group: pd.DataFrame, percentiles: Sequence[float], *, weighted: bool) -> dict[str, Any]:
    x = np.sort(group["unit_price"].to_numpy(dtype=float))
    quarter, three = np.percentile(x, [25, 75])
    found: dict[str, Any] = {
        "n": len(x),
        "n_prices": len(distinct(x)),
        "minimum": x[0],
        **{f"p{one:g}": float(np.percentile(x, one)) for one in percentiles},
        "maximum": x[-1],
        "mean": float(x.mean()),
        "iqr": float(three - quarter),
        "max_over_min": float(x[-1] / x[0]),
        "cv": float(x.std(ddof=1) / x.mean()) if len(x) > 1 else float("nan"),
        "gini": gini(x),
    }
    if weighted:
        weights = group["_weight"].to_numpy(dtype=float)
        found["units"] = float(weights.sum())
        found["mean_by_volume"] = float(np.average(group["unit_price"], weights=weights))
        found["gini_by_volume"] = gini(group["unit_price"], weights)
    return found | {"reason": _reason(found["n"], found["n_prices"])}


def _reason(products: int, prices: int) -> str:
    if products == 1:
        return "one product: there is no spread to measure"
    return (
        f"all {products} products have one price, as where a list prices a group once" if prices == 1 else ""
    )
