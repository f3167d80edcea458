"""Sensitivity of a budget impact: one-way, scenarios and draws, all through one and the same evaluation.

Nothing is patched into a finished result: every input is given anew to the function that made the base case,
so that a change of prevalence reaches the people, their shares, and what they cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from costmodel.analysis.budget_result import BudgetImpact
from costmodel.analysis.overdraws import Floats, n_draws, over_draws
from costmodel.checks import one_of
from costmodel.errors import CostModelError

if TYPE_CHECKING:
    import pandas as pd

Evaluate = Callable[..., BudgetImpact]
INERT = "inert: its range does not move the result"
_STILL = 1e-12


def budget_one_way(
    evaluate: Evaluate,
    base: Mapping[str, float],
    ranges: Mapping[str, tuple[float, float]],
    *,
    year: int | None = None,
    paid_by: str = "payer",
) -> pd.DataFrame:
    """Vary each input alone from the low to the high end of its range.

    Parameters
    ----------
    evaluate : callable
        Takes every input of ``base`` by name, each as an array over draws, and returns a
        :class:`BudgetImpact`. It is called once.
    base : mapping of input to value
    ranges : mapping of input to (low, high)
    year : int, optional
        The year whose impact is looked at; the sum over years if left out.
    paid_by : {"payer", "patient"}

    Returns
    -------
    pandas.DataFrame
        The widest first: ``parameter, low, high, base_value, at_low, at_high, base, swing, remark``. An input
        whose range moves nothing stays, with the remark ``inert: its range does not move the result``.

    Raises
    ------
    CostModelError
        An input is unknown (the nearest is named), a range does not rise, or ``evaluate`` returns another
        number of draws than it was given.

    Examples
    --------
    >>> from costmodel.analysis import Course, Population, Uptake, budget_impact
    >>> def evaluate(price, unused):
    ...     return budget_impact(
    ...         Population(segment="all", eligible=10),
    ...         [Course(product="new", drug=price), Course(product="old", drug=1)],
    ...         without=Uptake.constant({"old": 1}, years=1),
    ...         with_change=Uptake.constant({"old": 0.5, "new": 0.5}, years=1),
    ...         years=1,
    ...     )
    >>> table = budget_one_way(evaluate, {"price": 3, "unused": 1}, {"price": (2, 5), "unused": (0, 2)})
    >>> table[["parameter", "at_low", "at_high", "remark"]].values.tolist()
    [['price', 5.0, 20.0, ''], ['unused', 10.0, 10.0, 'inert: its range does not move the result']]
    """
    import pandas as pd

    for name, (low, high) in ranges.items():
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise CostModelError(
                f"the range of '{name}' must rise from low to high; found {low:g} to {high:g}"
            )
    if not ranges:
        raise CostModelError("a one-way analysis needs at least one range")
    ends = [{name: end} for name, pair in ranges.items() for end in pair]
    result = _evaluated(evaluate, base, [{}, *ends])
    found = np.broadcast_to(result.impact(paid_by=paid_by, year=year), (1 + len(ends),))
    at_low, at_high = found[1::2], found[2::2]
    still = _STILL * max(float(np.abs(found).max()), _STILL)
    moves = [bool(np.ptp([found[0], a, b]) > still) for a, b in zip(at_low, at_high, strict=True)]
    table = pd.DataFrame(
        {
            "parameter": list(ranges),
            "low": [pair[0] for pair in ranges.values()],
            "high": [pair[1] for pair in ranges.values()],
            "base_value": [float(base[name]) for name in ranges],
            "at_low": at_low,
            "at_high": at_high,
            "base": float(found[0]),
            "swing": np.abs(at_high - at_low),
            "remark": ["" if moved else INERT for moved in moves],
        }
    )
    return table.sort_values("swing", ascending=False, kind="stable", ignore_index=True)


def budget_scenarios(
    evaluate: Evaluate,
    base: Mapping[str, float],
    scenarios: Mapping[str, Mapping[str, float]],
    *,
    paid_by: str = "payer",
) -> pd.DataFrame:
    """Change several inputs at once, scenario by scenario.

    Returns
    -------
    pandas.DataFrame
        ``scenario`` (``Base case`` first), ``year, without, with, impact, cumulative``, the last being the
        impact up to and with the year; ``remark``: empty, or that the scenario moves nothing.

    Raises
    ------
    CostModelError
        As :func:`budget_one_way`; or a scenario is named ``Base case``.
    """
    import pandas as pd

    if "Base case" in scenarios:
        raise CostModelError("'Base case' is the result of the base values: name the scenario otherwise")
    result = _evaluated(evaluate, base, [{}, *scenarios.values()])
    shape = (1 + len(scenarios), result.years)
    paid = {
        world: np.broadcast_to(result.amounts(world, paid_by=paid_by), shape)
        for world in ("without", "with", "impact")
    }
    rows = []
    for row, label in enumerate(["Base case", *scenarios]):
        remark = INERT if row and _same([one[[0, row]] for one in paid.values()]) else ""
        total = paid["impact"][row].cumsum()
        for year in range(result.years):
            amounts = {world: float(one[row, year]) for world, one in paid.items()}
            cumulative = float(total[year])
            rows.append(
                {"scenario": label, "year": year + 1, **amounts, "cumulative": cumulative, "remark": remark}
            )
    return pd.DataFrame(rows)


def budget_draws(evaluate: Evaluate, draws: Mapping[str, ArrayLike]) -> BudgetImpact:
    """Evaluate draws of the inputs together; the result's tables then have intervals.

    Parameters
    ----------
    evaluate : callable
        As for :func:`budget_one_way`.
    draws : mapping of input to values
        One value per draw, or one for all.

    Raises
    ------
    CostModelError
        Inputs differ in their number of draws, or the result has another number than they have.
    """
    found = {name: over_draws(values, name) for name, values in draws.items()}
    n = n_draws(found.values(), "the draws")
    return _checked(evaluate(**found), n)


def _evaluated(
    evaluate: Evaluate, base: Mapping[str, float], sets: list[Mapping[str, float]]
) -> BudgetImpact:
    for name in dict.fromkeys(name for one in sets for name in one):
        one_of(name, list(base), "input")
    values = {name: np.array([one.get(name, own) for one in sets], float) for name, own in base.items()}
    return _checked(evaluate(**values), len(sets))


def _checked(result: BudgetImpact, n: int) -> BudgetImpact:
    if result.n_draws not in (1, n):
        raise CostModelError(
            f"the evaluation was given {n} draws and returned {result.n_draws}: "
            "it must pass every input on as it is"
        )
    return result


def _same(pairs: list[Floats]) -> bool:
    return all(float(np.abs(a - b).max()) <= _STILL * max(float(np.abs(a).max()), _STILL) for a, b in pairs)
