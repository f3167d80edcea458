"""Thresholds: where a parameter turns the decision, and the price at which a strategy is worth having."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.one_way import spread
from costmodel.analysis.question import Question
from costmodel.errors import CostModelError
from costmodel.inputs import Draws
from costmodel.model import Model, evaluate

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
_POINTS = 129
_LINEAR = 1e-9


def thresholds(
    model: Model,
    base: Draws,
    parameter: str,
    interval: tuple[float, float],
    question: Question,
    *,
    target: float = 0.0,
) -> pd.DataFrame:
    """Find every value of a parameter at which the result passes a target.

    The interval is scanned at 129 points in one evaluation; each change of sign is then refined by
    Brent's method to the last digits.

    Parameters
    ----------
    model : Model
    base : Draws
        One draw, the base case.
    parameter : str
    interval : (float, float)
    question : Question
    target : float, default 0
        The value of the result at which the decision turns.

    Returns
    -------
    pandas.DataFrame
        One row per threshold: ``parameter, value, result, direction`` (``rising`` or ``falling`` through
        the target). Without rows, ``attrs["reason"]`` says that the result stays on one side of it, and
        between which values.

    Notes
    -----
    Two thresholds closer than one part in 128 of the interval may be missed together.

    Examples
    --------
    >>> from costmodel.model.examples import two_prices, two_prices_draws
    >>> found = thresholds(
    ...     two_prices(), two_prices_draws(), "price_generic", (0, 10), Question("generic", "payer")
    ... )
    >>> found[["value", "direction"]].values.tolist()
    [[4.0, 'rising']]
    """
    import pandas as pd

    low, high = interval
    if not low < high:
        raise CostModelError(f"the interval of '{parameter}' must rise; found {low:g} to {high:g}")

    def gap(values: Floats) -> Floats:
        return question.of(evaluate(model, spread(base, [{parameter: float(x)} for x in values]))) - target

    points = np.linspace(low, high, _POINTS)
    gaps = gap(points)
    rows = []
    for place in range(_POINTS):
        if gaps[place] == 0 and not _flat(gaps, place):
            rows.append((parameter, points[place], target, _direction(gaps, place)))
        elif place and gaps[place - 1] * gaps[place] < 0:
            root = _refined(gap, points[place - 1], points[place])
            result = float(gap(np.array([root]))[0]) + target
            rows.append((parameter, root, result, "rising" if gaps[place] > 0 else "falling"))
    table = pd.DataFrame(rows, columns=["parameter", "value", "result", "direction"])
    if table.empty:
        ends = f"between {gaps.min() + target:,.6g} and {gaps.max() + target:,.6g}"
        table.attrs["reason"] = (
            f"the result stays {ends} for {parameter} from {low:g} to {high:g}: no threshold"
        )
    return table


def _refined(gap: Callable[[Floats], Floats], low: float, high: float) -> float:
    from scipy.optimize import brentq

    exact = 1e-14 * max(1.0, abs(low), abs(high))
    return float(brentq(lambda x: float(gap(np.array([x]))[0]), low, high, xtol=exact))


def _flat(gaps: Floats, place: int) -> bool:
    around = gaps[max(place - 1, 0) : place + 2]
    return bool((around == 0).all())


def _direction(gaps: Floats, place: int) -> str:
    before, after = gaps[max(place - 1, 0)], gaps[min(place + 1, len(gaps) - 1)]
    return "rising" if after > before else "falling"


def price_at(model: Model, draws: Draws, price: str, question: Question) -> Floats:
    """Return the price at which a strategy has the net benefit of its comparator, in every draw.

    Net benefit is linear in a price, so that the price follows in closed form from two evaluations; a
    third, at that price, checks that it is linear that far. At the base case it is the value-based
    price; over the draws of a one-way, scenario or probabilistic analysis it is the price in each.

    Parameters
    ----------
    model : Model
    draws : Draws
        Any number of draws.
    price : str
        The parameter that holds the price.
    question : Question
        With a willingness to pay for the value-based price; without, the price at which costs are equal.

    Returns
    -------
    array, (draws,)
        In the unit of the parameter. A price below 0 says that the strategy is not worth having even for
        nothing.

    Raises
    ------
    CostModelError
        The price is unknown, does not move the result, or moves it along a curve (a cap or a tier): then
        :func:`thresholds` finds it.

    Examples
    --------
    >>> from costmodel.model.examples import two_prices, two_prices_draws
    >>> price_at(two_prices(), two_prices_draws(), "price_generic", Question("generic", "payer")).tolist()
    [4.0]
    """
    now = np.asarray(draws[price], dtype=float)
    step = np.maximum(np.abs(now), 1.0)

    def at(prices: Floats) -> Floats:
        return question.of(evaluate(model, draws.replace(**{price: prices})))

    here, there = at(now), at(now + step)
    slope = (there - here) / step
    scale = np.maximum(np.abs(here), np.abs(there))
    if (np.abs(there - here) <= _LINEAR * scale).any():
        raise CostModelError(
            f"'{price}' does not move the difference between the two strategies: no price follows"
        )
    found = now - here / slope
    tried = np.maximum(found, 0.0)
    bent = np.abs(at(tried) - (here + slope * (tried - now)))
    if (bent > _LINEAR * np.maximum(scale, np.abs(slope * (tried - now)))).any():
        raise CostModelError(
            f"the result is not linear in '{price}' (a cap, a tier or a rule bends it): use thresholds, "
            "which searches an interval"
        )
    return np.asarray(found)
