"""The brand's premium over its generic, with intervals that say what they cover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from costmodel.checks import did_you_mean, in_interval, one_of
from costmodel.prices.comparison import price_bases
from costmodel.prices.errors import PriceError
from costmodel.prices.intervals import (
    SUMMARIES,
    Interval,
    Side,
    bootstrap_interval,
    log_t_interval,
    permutation_p,
)
from costmodel.prices.matching import match
from costmodel.prices.schema import BASIS, SET, list_dates
from costmodel.prices.table import PerMolecule, PriceTable

METHODS = ("bca", "log_t", "permutation")
"""Bootstrap (bias-corrected and accelerated), Welch's t on logarithms, and a permutation test."""


def premium(
    table: PriceTable,
    *,
    methods: str | Sequence[str] = METHODS,
    summary: str = "geometric_mean",
    by: Sequence[str] = SET,
    labeler: str | None = None,
    confidence: float = 0.95,
    resamples: int = 9999,
    seed: int = 1,
    ddd_mg: PerMolecule | None = None,
    mg_per_day: PerMolecule | None = None,
    days: float = 30,
    course_days: float | None = None,
) -> pd.DataFrame:
    """Return how much dearer a brand is than its generic, with an interval by each method.

    Parameters
    ----------
    table : PriceTable
        Of one price type, currency, country and list date, unless ``by`` names that column. Each row is
        a product.
    methods : {"bca", "log_t", "permutation"} or several of them
    summary : {"geometric_mean", "mean", "median"}
        How the products of one class come down to one price; ``log_t`` is of the geometric mean.
    by : sequence of str
        What a brand and its generic must share; see :func:`costmodel.prices.match`.
    labeler : str, optional
        A column that names who sells a product; the bootstrap then resamples labelers with all their
        products, and the other methods, which take products as independent, are refused.
    confidence : float, default 0.95
    resamples : int, default 9999
    seed : int, default 1
        Each set is resampled with the same seed, so that results do not depend on the other sets.
    ddd_mg, mg_per_day, days, course_days
        Further bases; see :func:`costmodel.prices.compare_prices`.

    Returns
    -------
    pandas.DataFrame
        One row per set, ``basis`` and ``method``: ``brand`` and ``generic`` (money for the basis),
        ``ratio`` (above 1 when the brand is dearer) with ``ratio_low, ratio_high``; ``premium``
        (ratio - 1, as a proportion) with ``premium_low, premium_high``; ``difference`` (brand less
        generic); ``p_value`` of a ratio of 1; ``n_brand, n_generic`` products and ``n_brand_prices,
        n_generic_prices``; ``covers``, which variation the interval covers or why there is none;
        ``summary, confidence``; price type, currency, country and list date. Ratios are the same on
        every basis.

    Raises
    ------
    PriceError
        As :func:`costmodel.prices.match`; the labeler column is unknown or blank somewhere.
    CostModelError
        A method or summary is unknown, or a number is out of its range.

    Examples
    --------
    >>> from costmodel.prices import prices
    >>> found = premium(prices("us/nadac"), methods="bca").query("basis == 'unit' and strength_mg == 2")
    >>> found[["ratio", "ratio_low", "n_generic"]].round(2).values.tolist()
    [[109.77, nan, 15.0]]
    >>> found["covers"].item()[:66]
    'one brand product and all 15 generic products have one price, as a'
    """
    named = [methods] if isinstance(methods, str) else list(methods)
    _check_methods(named, summary, labeler)
    in_interval(confidence, "confidence", low=0, high=1, open_low=True, open_high=True)
    in_interval(resamples, "resamples", low=100)
    if labeler is not None:
        _check_labelers(table.frame, labeler)
    pairs = match(table, by=by, statistic="median")
    keys = list(dict.fromkeys(by))
    options = {"summary": summary, "confidence": confidence, "resamples": resamples, "seed": seed}
    sets = pd.DataFrame(
        [
            dict(zip(keys, key, strict=True)) | row
            for key, brand, generic in _sides(table, pairs, keys, labeler)
            for row in _rows(brand, generic, named, **options)
        ]
    )
    bases = price_bases(sets, ddd_mg=ddd_mg, mg_per_day=mg_per_day, days=days, course_days=course_days)
    parts = [sets.assign(basis=label, units=units, _basis=n) for n, (label, units) in enumerate(bases)]
    long = pd.concat(parts).assign(_method=lambda one: one["method"].map(named.index))
    long = long.sort_values([*keys, "_basis", "_method"], ignore_index=True)
    for side in ("brand", "generic"):
        long[side] = long[side] * long["units"]
    long["difference"] = long["brand"] - long["generic"]
    about = [name for name in BASIS if name not in keys]
    long = long.assign(
        summary=summary, confidence=confidence, **{name: pairs[name].iloc[0] for name in about}
    )
    return long[[*keys, "basis", "method", *_RESULT, "summary", "confidence", *about]]


_RESULT = (
    *("brand", "generic", "ratio", "ratio_low", "ratio_high", "premium", "premium_low", "premium_high"),
    *("difference", "p_value", "n_brand", "n_generic", "n_brand_prices", "n_generic_prices", "covers"),
)


def _check_methods(methods: list[str], summary: str, labeler: str | None) -> None:
    for method in methods:
        one_of(method, METHODS, "method")
    one_of(summary, SUMMARIES, "summary")
    if not methods:
        raise PriceError(f"name at least one method: {', '.join(METHODS)}")
    if "log_t" in methods and summary != "geometric_mean":
        raise PriceError(f"log_t is an interval of the geometric mean, not of the {summary}; leave it out")
    if labeler is not None and methods != ["bca"]:
        raise PriceError(
            "products of one labeler are not independent, as log_t and permutation take them to be; with a "
            "labeler write methods='bca'"
        )


def _check_labelers(frame: pd.DataFrame, labeler: str) -> None:
    if labeler not in frame.columns:
        raise PriceError(
            f"labeler: '{labeler}' is not a column; {did_you_mean(labeler, list(frame.columns))}"
        )
    if frame[labeler].fillna("").astype(str).eq("").any():
        raise PriceError(f"labeler: '{labeler}' is blank in some rows; every product needs its labeler")


def _sides(
    table: PriceTable, pairs: pd.DataFrame, keys: list[str], labeler: str | None
) -> list[tuple[tuple[Any, ...], Side, Side]]:
    frame = table.per_unit().assign(as_of=list_dates(table.frame))
    groups = dict(list(frame.groupby([*keys, "class"])))
    found = []
    for key in pairs[keys].itertuples(index=False, name=None):
        brand, generic = (_side(groups[(*key, name)], name, labeler) for name in ("brand", "generic"))
        found.append((key, brand, generic))
    return found


def _side(group: pd.DataFrame, name: str, labeler: str | None) -> Side:
    ordered = group.sort_values(["unit_price", *([labeler] if labeler else [])], kind="stable")
    names = tuple(ordered[labeler].astype(str)) if labeler else ()
    return Side(name, ordered["unit_price"].to_numpy(dtype=np.float64), names)


def _rows(brand: Side, generic: Side, methods: list[str], **options: Any) -> list[dict[str, Any]]:
    values = {side.name: SUMMARIES[options["summary"]](side.prices) for side in (brand, generic)}
    ratio = values["brand"] / values["generic"]
    return [
        {
            **values,
            "method": method,
            "ratio": ratio,
            "ratio_low": one.low,
            "ratio_high": one.high,
            "premium": ratio - 1,
            "premium_low": one.low - 1,
            "premium_high": one.high - 1,
            "p_value": one.p_value,
            **{f"n_{side.name}": len(side.prices) for side in (brand, generic)},
            **{f"n_{side.name}_prices": len(np.unique(side.prices)) for side in (brand, generic)},
            "covers": one.reason,
        }
        for method in methods
        for one in [_interval(method, brand, generic, **options)]
    ]


def _interval(
    method: str, brand: Side, generic: Side, *, summary: str, confidence: float, resamples: int, seed: int
) -> Interval:
    if method == "bca":
        return bootstrap_interval(
            brand, generic, summary, confidence=confidence, resamples=resamples, seed=seed
        )
    if method == "log_t":
        return log_t_interval(brand, generic, confidence=confidence)
    return permutation_p(brand, generic, summary, resamples=resamples, seed=seed)
