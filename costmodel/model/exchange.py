"""Models from elsewhere: a table or a Python function enters at outcomes, and can use every analysis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError, Faults
from costmodel.inputs import Draws
from costmodel.model.accrual import FloatArray
from costmodel.model.definition import KINDS, Kind
from costmodel.model.grid import Grid, LongTable, to_grid
from costmodel.model.outcomes import Outcomes
from costmodel.tables import Column
from costmodel.units import Money

if TYPE_CHECKING:
    import pandas as pd

RECOGNISED: Mapping[str, Kind] = {
    "cost": "cost",
    "costs": "cost",
    "qaly": "qaly",
    "qalys": "qaly",
    "life_years": "life_years",
    "effect": "effect",
    "effects": "effect",
    "event": "event",
    "events": "event",
}
"""Columns whose kind is plain from their name, whatever the case of its letters."""

UNDISCOUNTED = "_undiscounted"
_KEYS = ("draw", "strategy", "segment", "size", "currency", "price_year")


def outcomes_from_table(
    table: pd.DataFrame | Path | str,
    *,
    currency: str,
    price_year: int,
    comparator: str,
    study: str = "external",
    kinds: Mapping[str, Kind] | None = None,
    perspectives: Mapping[str, Sequence[str]] | None = None,
) -> Outcomes:
    """Return the outcomes that a table of draws holds, from R, Excel or any other model.

    Parameters
    ----------
    table : DataFrame or path of a CSV file
        A row per draw and strategy (and segment). Columns: ``strategy``; ``draw``, a whole number, unless
        there is one draw; ``segment`` and its ``size``, people, where there are segments; and a column per
        measure, the discounted total per person. A cost is positive where money is spent. A column
        ``NAME_undiscounted`` gives the undiscounted total of NAME. Columns ``currency`` and ``price_year``
        may repeat what the call says, and must agree with it.
    currency : str
        Three capitals.
    price_year : int
    comparator : str
        The strategy against which increments are taken. It is named, never taken from the order of rows:
        software that guesses it from the order reverses the decision when the order changes.
    study : str
    kinds : mapping of column to kind, optional
        What the columns measure: ``cost``, ``qaly``, ``life_years``, ``event`` or ``effect``. Columns
        named so are recognised; any other must be given here.
    perspectives : mapping of str to columns of costs, optional
        By default one, ``total``, of all costs.

    Returns
    -------
    Outcomes
        Strategies and segments in the order in which they first appear, draws in ascending order. The
        table does not say when a total fell: it all stands in the first year. A measure without an
        undiscounted total stands in the undiscounted results as it is given.

    Raises
    ------
    DataError
        All faults at once: columns that are missing or of no known kind, empty cells, numbers that are
        not finite, draws that repeat or that some strategies lack, a comparator that is no strategy,
        money of two kinds, sizes that differ between strategies.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {
    ...         "draw": [1, 2, 1, 2],
    ...         "strategy": ["brand", "brand", "generic", "generic"],
    ...         "cost": [1500.0, 1600.0, 20.0, 18.0],
    ...         "qaly": [0.7, 0.8, 0.7, 0.8],
    ...     }
    ... )
    >>> outcomes = outcomes_from_table(table, currency="USD", price_year=2026, comparator="brand")
    >>> outcomes.cost("total").tolist()
    [[1500.0, 1600.0], [20.0, 18.0]]
    """
    source = LongTable.of(table)
    faults = Faults(source.file)
    measures = _measures(source, kinds or {}, faults)
    money = _money(currency, price_year, faults)
    cells = source.read(_columns(source, measures), faults)
    _check_money(source, cells, currency, price_year, faults)
    chosen = _perspectives(perspectives, measures, faults)
    faults.raise_if_any(f"{source.file} cannot be used as outcomes")
    grid = _grid(source, cells, comparator, faults)
    sizes = _sizes(source, cells, grid, faults)
    faults.raise_if_any(f"{source.file} cannot be used as outcomes")
    discounted = _stacked(grid, [cells[name] for name in measures])
    undiscounted = _stacked(grid, [cells.get(name + UNDISCOUNTED, cells[name]) for name in measures])
    assert money is not None
    return Outcomes(
        study=study,
        money=money,
        strategies=grid.axes["strategy"],
        comparator=comparator,
        measures=measures,
        segments=grid.axes["segment"],
        perspectives=chosen,
        discounted=discounted,
        undiscounted=undiscounted,
        by_year=undiscounted[..., np.newaxis],
        sizes=sizes,
    )


def _measures(source: LongTable, kinds: Mapping[str, Kind], faults: Faults) -> dict[str, Kind]:
    """Return the columns that are measures, and their kinds."""
    for name, kind in kinds.items():
        if name not in source.columns:
            remedy = did_you_mean(name, source.columns)
            faults.add("kinds names a column that is not there", column=name, found=name, remedy=remedy)
        if kind not in KINDS:
            faults.add("is no kind of measure", column=name, found=kind, remedy=did_you_mean(kind, KINDS))
    found: dict[str, Kind] = {}
    for name in source.columns:
        own = kinds[name] if name in kinds else RECOGNISED.get(name.lower())
        if own is not None and name not in _KEYS:
            found[name] = own
    for name in source.columns:
        if name not in (*_KEYS, *found) and name.removesuffix(UNDISCOUNTED) not in found:
            faults.add(
                "it is not known what this column measures",
                row=1,
                column=name,
                found=name,
                remedy=f'say so, kinds={{"{name}": "cost"}}, or drop the column',
            )
    if "cost" not in found.values():
        faults.add(
            "must have a column of costs",
            row=1,
            found="columns " + ", ".join(source.columns),
            remedy="name it cost, or name it in `kinds`",
        )
    return found


def _columns(source: LongTable, measures: Mapping[str, Kind]) -> list[Column]:
    """Return what the columns of the table must hold."""
    keys = [
        Column("strategy", required=True, optional=False),
        Column("draw", "integer", required=True, remedy="number the draws of each strategy alike"),
        Column("segment", required=True),
        Column("size", "number", required=True, remedy="give the number of people in the segment"),
        Column("currency", required=True),
        Column("price_year", "integer", required=True),
    ]
    names = [name for name in source.columns if name.removesuffix(UNDISCOUNTED) in measures]
    return keys + [Column(name, "number", required=True) for name in names]


def _money(currency: str, price_year: int, faults: Faults) -> Money | None:
    try:
        return Money.parse(f"{currency} {price_year}")
    except CostModelError as problem:
        faults.add(str(problem), column="currency", found=f"{currency} {price_year}")
        return None


def _check_money(
    source: LongTable, cells: Mapping[str, Any], currency: str, price_year: int, faults: Faults
) -> None:
    """Note every currency and price year in the table that is not the one of the call."""
    for name, wanted in (("currency", currency), ("price_year", price_year)):
        seen = {wanted, "", None}
        for line, value in zip(source.lines, cells.get(name, ()), strict=False):
            if value not in seen and value == value:  # noqa: PLR0124 (a cell at fault is NaN)
                seen.add(value)
                faults.add(
                    f"must be {wanted} throughout: money of two kinds cannot be compared",
                    row=line,
                    column=name,
                    found=value if isinstance(value, str) else f"{value:g}",
                    remedy="convert the costs first",
                )


def _perspectives(
    given: Mapping[str, Sequence[str]] | None, measures: Mapping[str, Kind], faults: Faults
) -> dict[str, tuple[str, ...]]:
    costs = tuple(name for name, kind in measures.items() if kind == "cost")
    if given is None:
        return {"total": costs}
    for name, members in given.items():
        for member in members:
            if member not in costs:
                faults.add(
                    f"perspective '{name}' names a column that is no cost",
                    column=member,
                    found=member,
                    remedy=did_you_mean(member, costs),
                )
    return {name: tuple(members) for name, members in given.items()}


def _grid(source: LongTable, cells: Mapping[str, Any], comparator: str, faults: Faults) -> Grid:
    """Place the rows by strategy, draw and segment."""
    strategies = cells["strategy"]
    if not strategies:
        faults.add("must have rows", remedy="give a row per draw and strategy")
        faults.raise_if_any(f"{source.file} cannot be used as outcomes")
    if comparator not in strategies:
        remedy = did_you_mean(comparator, list(dict.fromkeys(strategies)))
        faults.add("the comparator is no strategy", column="strategy", found=comparator, remedy=remedy)
    keys = {
        "strategy": strategies,
        "draw": cells.get("draw", np.zeros(len(strategies))),
        "segment": cells.get("segment", ["all"] * len(strategies)),
    }
    return to_grid(keys, source, faults)


def _sizes(source: LongTable, cells: Mapping[str, Any], grid: Grid, faults: Faults) -> FloatArray:
    """Return people by draw and segment; one segment needs no size."""
    _, n_draws, n_segments = grid.shape
    if "size" in cells and not len(faults):
        return grid.constant(cells["size"], "strategy", name="size", table=source, faults=faults)
    if n_segments > 1 and "size" not in cells:
        faults.add(
            "segments need sizes, because averages weigh them by people",
            row=1,
            column="size",
            found=f"{n_segments} segments",
            remedy="add a column size: the number of people in the segment",
        )
    return np.ones((n_draws, n_segments))


def _stacked(grid: Grid, columns: Sequence[FloatArray]) -> FloatArray:
    """Return columns of measures as an array over (strategy, measure, draw, segment)."""
    return np.stack([grid.fill(column) for column in columns], axis=1)


def outcomes_from_function(function: Callable[[Draws], Outcomes], draws: Draws) -> Outcomes:
    """Call a model that is a Python function of the draws, and check what it returns.

    Parameters
    ----------
    function : callable
        Takes draws and returns outcomes: what it finds for a draw must rest on that draw alone.
    draws : Draws

    Returns
    -------
    Outcomes

    Raises
    ------
    CostModelError
        The function returns something else, or other than one result per draw, or its result for a draw
        changes when the draw is evaluated without the others: then it adds randomness of its own, or
        mixes draws up, and no analysis of it would mean anything.

    Examples
    --------
    >>> from costmodel.model import evaluate
    >>> from costmodel.model.examples import two_prices, two_prices_draws
    >>> outcomes = outcomes_from_function(lambda draws: evaluate(two_prices(), draws), two_prices_draws())
    >>> outcomes.n_draws
    1
    """
    outcomes = _called(function, draws)
    chosen = np.unique([0, draws.n - 1])
    alone = _called(function, draws.take(chosen))
    for name in ("strategies", "measures", "segments", "money", "comparator", "perspectives"):
        if getattr(alone, name) != getattr(outcomes, name):
            raise CostModelError(f"the function must return the same {name} for any draws; they changed")
    for position, draw in enumerate(chosen):
        one, other = outcomes.discounted[:, :, draw], alone.discounted[:, :, position]
        if not np.allclose(one, other, rtol=1e-9, atol=1e-12 * max(1.0, float(np.abs(one).max()))):
            strategy, measure, _ = (int(at[0]) for at in np.nonzero(one != other))
            raise CostModelError(
                f"the function must give each draw its own result; draw {draw} of {draws.n} changed when it "
                f"was evaluated without the others: strategy '{outcomes.strategies[strategy]}', "
                f"measure '{list(outcomes.measures)[measure]}'; take every random number from the draws"
            )
    return outcomes


def _called(function: Callable[[Draws], Outcomes], draws: Draws) -> Outcomes:
    outcomes: object = function(draws)
    if not isinstance(outcomes, Outcomes):
        raise CostModelError(
            f"the function must return Outcomes; found {type(outcomes).__name__}; "
            "build them from a table with outcomes_from_table"
        )
    if outcomes.n_draws != draws.n:
        raise CostModelError(
            f"the function must return one result per draw, {draws.n} in all; found {outcomes.n_draws}"
        )
    return outcomes
