"""Raking: a joint table of people where only its margins are known.

Iterative proportional fitting scales a seed table to each margin in turn until all hold. What it assumes is
the seed: with a seed of ones, that the margins are independent. That is an assumption, and a result says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from costmodel.errors import CostModelError

_INDEPENDENT = "people are spread as if {} were independent of one another: only their margins are known"
_SEEDED = "the association of {} is that of the seed table; only their margins are known here"


@dataclass(frozen=True, eq=False)
class Raked:
    """A raked table.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per cell: a column per margin, and ``people``.
    assumption : str
        What the cells rest on, to be printed with them.
    sweeps : int
        Rounds of scaling until every margin held.
    error : float
        Largest relative misfit of a margin left.
    """

    table: pd.DataFrame
    assumption: str
    sweeps: int
    error: float


def rake(
    margins: Mapping[str, Mapping[Any, float]],
    *,
    seed: pd.DataFrame | None = None,
    tolerance: float = 1e-10,
    most_sweeps: int = 10_000,
) -> Raked:
    """Fit a joint table of people to its margins.

    Parameters
    ----------
    margins : mapping of name to mapping of category to people
        People in every category of every margin; all margins must add up to the same people.
    seed : DataFrame, optional
        A column per margin and ``people``: an earlier joint table whose association is kept. A cell that
        is left out is 0 and stays 0. Ones everywhere if left out.
    tolerance : float, default 1e-10
        Largest relative misfit allowed.
    most_sweeps : int, default 10,000

    Raises
    ------
    CostModelError
        Margins differ in total (each total is shown), a number is negative, the seed does not have the
        margins' categories, or no table with the seed's zeros has these margins.

    References
    ----------
    .. [1] Deming WE, Stephan FF. On a least squares adjustment of a sampled frequency table when the
       expected marginal totals are known. Annals of Mathematical Statistics 1940; 11:427-44.

    Examples
    --------
    >>> found = rake({"sex": {"f": 60, "m": 40}, "payer": {"public": 30, "private": 70}})
    >>> found.table.values.tolist()
    [['f', 'public', 18.0], ['f', 'private', 42.0], ['m', 'public', 12.0], ['m', 'private', 28.0]]
    """
    _check_margins(margins)
    names, cells = list(margins), _seed(margins, seed)
    wanted = [np.array(list(one.values()), dtype=float) for one in margins.values()]
    error, sweeps = _misfit(cells, wanted), 0
    while error > tolerance and sweeps < most_sweeps:
        for axis, people in enumerate(wanted):
            cells = _scaled(cells, axis, people)
        error, sweeps = _misfit(cells, wanted), sweeps + 1
    if not error <= tolerance:
        raise CostModelError(
            f"raking did not fit the margins in {most_sweeps:,} sweeps (misfit {error:.2g}): the zeros of "
            "the seed leave no table with these margins"
        )
    index = pd.MultiIndex.from_product([list(one) for one in margins.values()], names=names)
    table = pd.DataFrame({"people": cells.ravel()}, index=index).reset_index()
    said = (_INDEPENDENT if seed is None else _SEEDED).format(" and ".join(names))
    return Raked(table, said, sweeps, error)


def _check_margins(margins: Mapping[str, Mapping[Any, float]]) -> None:
    if not margins:
        raise CostModelError("raking needs at least one margin")
    totals = {name: float(sum(one.values())) for name, one in margins.items()}
    for name, one in margins.items():
        if not all(np.isfinite(value) and value >= 0 for value in one.values()):
            raise CostModelError(f"margin '{name}' must hold finite numbers of at least 0")
    low, high = min(totals.values()), max(totals.values())
    if not low > 0 or high - low > 1e-9 * high:
        shown = ", ".join(f"{name} {total:,.6g}" for name, total in totals.items())
        raise CostModelError(f"margins must add up to the same people, above 0; found {shown}")


def _seed(margins: Mapping[str, Mapping[Any, float]], seed: pd.DataFrame | None) -> Any:
    shape = [len(one) for one in margins.values()]
    if seed is None:
        return np.ones(shape)
    names = list(margins)
    missing = [name for name in (*names, "people") if name not in seed.columns]
    if missing:
        raise CostModelError(f"the seed table lacks the columns {', '.join(missing)}")
    if seed.duplicated(names).any() or not (seed["people"] >= 0).all():
        raise CostModelError("the seed table must hold each cell once, with people of at least 0")
    cells, places = np.zeros(shape), []
    for name in names:
        known = {category: place for place, category in enumerate(margins[name])}
        strange = sorted({str(value) for value in seed[name] if value not in known})
        if strange:
            raise CostModelError(
                f"the seed's {name} has {', '.join(strange)}, which its margin does not have"
            )
        places.append([known[value] for value in seed[name]])
    cells[tuple(places)] = seed["people"].to_numpy(dtype=float)
    return cells


def _sums(cells: Any, axis: int) -> Any:
    return cells.sum(axis=tuple(other for other in range(cells.ndim) if other != axis))


def _scaled(cells: Any, axis: int, people: Any) -> Any:
    sums = _sums(cells, axis)
    factor = np.divide(people, sums, out=np.zeros_like(people), where=sums > 0)
    shape = [1] * cells.ndim
    shape[axis] = -1
    return cells * factor.reshape(shape)


def _misfit(cells: Any, wanted: list[Any]) -> float:
    largest = max(float(people.max()) for people in wanted)
    gaps = [float(np.abs(_sums(cells, axis) - people).max()) for axis, people in enumerate(wanted)]
    return max(gaps) / largest
