"""A price index from a table of prices, period by period, with what each figure rests on."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from costmodel.checks import did_you_mean, one_of
from costmodel.prices.errors import PriceError
from costmodel.prices.index_formulas import FORMULAS, OVERLAP, UNWEIGHTED, fill, index_series
from costmodel.prices.multilateral import SPLICES, geks_tornqvist
from costmodel.prices.query import SHOWN, rows_text, several, show, tally

Array = NDArray[np.float64]

GEKS = "geks-tornqvist"
INDEX_FORMULAS: tuple[str, ...] = (*FORMULAS, GEKS)
"""The formulas of :func:`price_index`."""


def price_index(
    frame: pd.DataFrame,
    *,
    product: str | Sequence[str],
    period: str,
    price: str,
    quantity: str | None = None,
    formula: str = "fisher",
    chain: bool = False,
    base: Hashable | None = None,
    overlap: str = "matched",
    window: int | None = None,
    splice: str = "mean",
) -> pd.DataFrame:
    """Return a price index by period, with the products and the spending on which each figure rests.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per product and period; of a :class:`PriceTable`, its ``per_unit()``. Where it has the
        columns ``currency``, ``price_type`` and ``country``, they must hold one value, or (but for the
        currency) be among those that name a product.
    product : str or sequence of str
        The columns that name a product. What differs in strength, form or class is another product.
    period : str
        A column that sorts in time: years, ISO dates.
    price : str
        Price of one unit, above 0, in one currency.
    quantity : str, optional
        Units sold at that price, at least 0. Needed by all formulas but ``jevons``, ``dutot``, ``carli``
        and ``harmonic``; where it is given, the shares of spending are stated for every formula.
    formula : {"fisher", "laspeyres", "paasche", "tornqvist", "walsh", "jevons", "dutot", "carli", \
"harmonic", "geks-tornqvist"}
        See :func:`costmodel.prices.index_formulas.bilateral`.
    chain : bool, default False
        Whether to multiply period-to-period indices instead of comparing each period with the base.
    base : optional
        The period whose index is 1; the first by default.
    overlap : {"matched", "carry-forward", "overall-mean"}
        What is done with products that appear or vanish, see
        :data:`costmodel.prices.index_formulas.OVERLAP`.
    window : int, optional
        For ``geks-tornqvist``: periods compared at once; all by default.
    splice : {"mean", "movement", "window"}
        For ``geks-tornqvist``: how later periods join.

    Returns
    -------
    pandas.DataFrame
        One row per period, in order: ``period``, ``index`` (1 in the base period; 1.25 means 25 % dearer),
        ``formula``, ``method`` (direct, chained or multilateral), ``overlap``, ``compared_with`` (the base
        period, or the period before), ``n_matched`` products priced in both, ``n_new`` priced now only,
        ``n_vanished`` priced then only, ``n_imputed`` of now filled in by the rule. With quantities also
        ``matched_share_then`` and ``matched_share_now``: the share of each period's spending that falls on
        matched products.

    Raises
    ------
    PriceError
        A column is missing; currencies, price types or countries are mixed; prices that are not above 0,
        quantities missing or below 0, or a product that stands twice in a period (all such rows are in
        ``candidates``); a period that shares no product with the one it is compared with; a formula without
        the quantities it needs.

    References
    ----------
    Consumer Price Index Manual: Concepts and Methods (ILO and others, 2020).

    Examples
    --------
    >>> from costmodel.datasets import read_dataset
    >>> history = read_dataset("us/nadac_history").query("form == 'tablet' and `class` == 'generic'")
    >>> index = price_index(
    ...     history, product="strength_mg", period="as_of", price="price", formula="jevons"
    ... )
    >>> index["index"].round(4).tolist()
    [1.0, 1.0195, 0.9671, 0.9889, 0.9608, 1.0488]
    """
    names = [product] if isinstance(product, str) else list(product)
    _require_columns(frame, [*names, period, price, *([quantity] if quantity else [])])
    one_of(formula, INDEX_FORMULAS, "formula")
    one_of(overlap, OVERLAP, "overlap")
    one_of(splice, SPLICES, "splice")
    if quantity is None and formula not in UNWEIGHTED:
        raise PriceError(
            f"the formula '{formula}' needs quantities: name their column as quantity, or choose one of "
            f"{', '.join(UNWEIGHTED)}, which weigh all products alike"
        )
    if formula == GEKS and chain:
        raise PriceError(f"'{GEKS}' compares all periods at once: leave chain out")
    if formula != GEKS and window is not None:
        raise PriceError(f"window belongs to '{GEKS}'; '{formula}' compares two periods at a time")
    _require_one_basis(frame, names)
    grid = _grid(frame, names, period, price, quantity)
    start = _position(grid.periods, base)
    filled, sold = fill(grid.prices, grid.quantities, overlap)
    against = _against(len(grid.periods), start, stepwise=chain or formula == GEKS)
    result = _support(grid, filled, against)
    if formula == GEKS:
        assert sold is not None
        level = geks_tornqvist(filled, np.nan_to_num(sold), window=window, splice=splice)
        level /= level[start]
    else:
        _require_matches(result)
        level = index_series(formula, filled, sold, chain=chain, base=start)
    method = "multilateral" if formula == GEKS else "chained" if chain else "direct"
    result.insert(1, "index", level)
    for place, (name, value) in enumerate([("formula", formula), ("method", method), ("overlap", overlap)]):
        result.insert(2 + place, name, value)
    return result


@dataclass(frozen=True, eq=False)
class _Grid:
    periods: list[Any]
    prices: Array
    quantities: Array | None


def _require_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if name not in frame.columns:
            raise PriceError(f"'{name}' is not a column; {did_you_mean(name, list(map(str, frame.columns)))}")
    if frame.empty:
        raise PriceError("there is no price: the table has no row")


def _require_one_basis(frame: pd.DataFrame, names: list[str]) -> None:
    for name in ("currency", "price_type", "country"):
        if name in frame and several(frame[name]) and (name == "currency" or name not in names):
            remedy = "" if name == "currency" else f", or add '{name}' to what names a product"
            raise PriceError(f"{name} is {tally(frame[name])}; select one{remedy}")


def _grid(frame: pd.DataFrame, names: list[str], period: str, price: str, quantity: str | None) -> _Grid:
    prices = _numbers(frame, price)
    sold = None if quantity is None else _numbers(frame, quantity)
    _require_sound(frame, names, period, prices, sold)
    periods = _in_order(frame[period])
    row = frame.groupby(names, sort=False).ngroup().to_numpy()
    column = frame[period].map({one: at for at, one in enumerate(periods)}).to_numpy()
    shape = (int(row.max()) + 1, len(periods))

    def spread(values: Array) -> Array:
        grid = np.full(shape, np.nan)
        grid[row, column] = values
        return grid

    return _Grid(periods, spread(prices), None if sold is None else spread(sold))


def _in_order(column: pd.Series[Any]) -> list[Any]:
    try:
        return sorted(column.drop_duplicates().tolist())
    except TypeError as problem:
        raise PriceError(f"{column.name} must hold periods of one kind, years or dates: {problem}") from None


def _numbers(frame: pd.DataFrame, name: str) -> Array:
    return np.asarray(pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan))


def _require_sound(
    frame: pd.DataFrame, names: list[str], period: str, prices: Array, sold: Array | None
) -> None:
    keys = [*names, period]
    rules = {
        "has no product or period": frame[keys].isna().any(axis=1).to_numpy(),
        "has a price that is not above 0": ~(np.isfinite(prices) & (prices > 0)),
        "stands twice in its period": frame.duplicated(keys, keep=False).to_numpy(),
    }
    if sold is not None:
        rules["has a quantity that is missing or below 0"] = ~(np.isfinite(sold) & (sold >= 0))
    bad = np.any(list(rules.values()), axis=0)
    if not bad.any():
        return
    reasons = ["; ".join(rule for rule, hit in rules.items() if hit[at]) for at in np.flatnonzero(bad)]
    faulty = frame.loc[bad].assign(reason=reasons)
    lines = [
        f"  {', '.join(show(one[key]) for key in keys)} {one['reason']}"
        for one in faulty.head(SHOWN).to_dict("records")
    ]
    more = ["  …"] if len(faulty) > SHOWN else []
    head = f"{rows_text(len(faulty))} of {len(frame):,} cannot enter an index; correct or leave them out:"
    raise PriceError("\n".join([head, *lines, *more]), faulty)


def _position(periods: list[Any], base: Hashable | None) -> int:
    if base is None:
        return 0
    dated = isinstance(periods[0], pd.Timestamp)
    wanted: Any = pd.to_datetime(str(base), errors="coerce") if dated else base
    if wanted in periods:
        return periods.index(wanted)
    shown = ", ".join(show(one) for one in periods[:SHOWN])
    raise PriceError(f"base: {show(base)} is not a period; there are {shown}")


def _against(count: int, start: int, *, stepwise: bool) -> NDArray[np.intp]:
    """Return with which period each is compared."""
    return np.maximum(np.arange(count) - 1, 0) if stepwise else np.full(count, start)


def _support(grid: _Grid, filled: Array, against: NDArray[np.intp]) -> pd.DataFrame:
    seen, usable = np.isfinite(grid.prices), np.isfinite(filled)
    then, matched = seen[:, against], usable & usable[:, against]
    result = pd.DataFrame(
        {
            "period": grid.periods,
            "compared_with": [grid.periods[at] for at in against],
            "n_matched": matched.sum(axis=0),
            "n_new": (seen & ~then).sum(axis=0),
            "n_vanished": (then & ~seen).sum(axis=0),
            "n_imputed": (usable & ~seen).sum(axis=0),
        }
    )
    if grid.quantities is not None:
        spent = np.where(seen, grid.prices * grid.quantities, 0.0)
        total = spent.sum(axis=0)
        if not (total > 0).all():
            empty = ", ".join(show(grid.periods[at]) for at in np.flatnonzero(total <= 0)[:SHOWN])
            raise PriceError(f"nothing was bought in {empty}: every quantity there is 0")
        result["matched_share_then"] = (spent[:, against] * matched).sum(axis=0) / total[against]
        result["matched_share_now"] = (spent * matched).sum(axis=0) / total
    return result


def _require_matches(result: pd.DataFrame) -> None:
    lonely = result[result["n_matched"] == 0]
    if len(lonely):
        pairs = [
            f"{show(one['period'])} and {show(one['compared_with'])}" for one in lonely.to_dict("records")
        ]
        raise PriceError(
            f"no product is priced in both {'; '.join(pairs[:SHOWN])}: choose another base, chain the index, "
            f"or name a rule for products that vanish (overlap: {', '.join(OVERLAP)})",
            lonely,
        )
