"""One-way and several-way sensitivity analysis: what moves the result, how far, and what does not.

Each is one call of the same vectorised evaluation: 2 k + 1 draws for k parameters, m x n for a grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.question import Question
from costmodel.errors import CostModelError
from costmodel.formulas import Expression
from costmodel.inputs import Draws, Parameters
from costmodel.model import Model, evaluate
from costmodel.model.evaluate import wanted_names

if TYPE_CHECKING:
    import pandas as pd

Ranges = Mapping[str, tuple[float, float]]
_STILL = 1e-12


def own_ranges(parameters: Parameters, *, level: float = 0.95) -> dict[str, tuple[float, float]]:
    """Return the range of every parameter that has one: its low and high, or its distribution's interval.

    Examples
    --------
    >>> from costmodel.inputs import fixed_parameter
    >>> own_ranges(
    ...     Parameters.of(
    ...         fixed_parameter("r_d", 0.03, unit="per year", status="assumed", low=0.0, high=0.05),
    ...         fixed_parameter("n", 60, unit="tablets", status="assumed"),
    ...     )
    ... )
    {'r_d': (0.0, 0.05)}
    """
    found = {name: parameters.interval(name, level) for name in parameters}
    return {name: ends for name, ends in found.items() if ends is not None}


def one_way(model: Model, base: Draws, ranges: Ranges, question: Question) -> pd.DataFrame:
    """Vary each parameter alone from the low to the high end of its range.

    Parameters
    ----------
    model : Model
    base : Draws
        One draw, the base case.
    ranges : mapping of parameter to (low, high)
        Such as :func:`own_ranges`.
    question : Question

    Returns
    -------
    pandas.DataFrame
        One row per parameter, the widest first: ``parameter, low, high``, the ends of its range;
        ``base_value``; ``at_low, at_high``, the result there; ``base``, the result at the base case;
        ``swing``, the distance between the two; ``remark``: empty, ``not used by the model``, or
        ``used, but its range does not move the result``. Nothing is left out.

    Raises
    ------
    CostModelError
        A parameter is unknown (the nearest is named), a range is no range, the base has several draws, or
        the model cannot be evaluated at an end of a range.

    Examples
    --------
    >>> from costmodel.model.examples import two_prices, two_prices_draws
    >>> found = one_way(
    ...     two_prices(), two_prices_draws(), {"price_brand": (2, 6)}, Question("generic", "payer")
    ... )
    >>> found[["at_low", "at_high", "swing"]].values.tolist()
    [[-100.0, -500.0, 400.0]]
    """
    import pandas as pd

    _check(base, ranges)
    sets: list[Mapping[str, float]] = [{}]
    sets += [{name: end} for name, ends in ranges.items() for end in ends]
    result = question.of(evaluate(model, spread(base, sets)))
    low, high = result[1::2], result[2::2]
    swing = np.abs(high - low)
    used = used_parameters(model)
    scale = max(float(np.abs(result).max()), _STILL)
    remarks = [
        "not used by the model" if name not in used else _unmoved(result[[0, 2 * n + 1, 2 * n + 2]], scale)
        for n, name in enumerate(ranges)
    ]
    table = pd.DataFrame(
        {
            "parameter": list(ranges),
            "low": [ends[0] for ends in ranges.values()],
            "high": [ends[1] for ends in ranges.values()],
            "base_value": [float(base[name][0]) for name in ranges],
            "at_low": low,
            "at_high": high,
            "base": float(result[0]),
            "swing": swing,
            "remark": remarks,
        }
    )
    return table.sort_values("swing", ascending=False, kind="stable", ignore_index=True)


def _unmoved(results: NDArray[np.float64], scale: float) -> str:
    still = np.ptp(results) <= _STILL * scale
    return "used, but its range does not move the result" if still else ""


def grid(
    model: Model,
    base: Draws,
    first: tuple[str, Sequence[float]],
    second: tuple[str, Sequence[float]],
    question: Question,
) -> pd.DataFrame:
    """Vary two parameters together over every pair of their values.

    Parameters
    ----------
    first, second : (parameter, values)
        Rows and columns of the result.

    Returns
    -------
    pandas.DataFrame
        The result at every pair: ``first`` down the index, ``second`` across the columns, both named.

    Examples
    --------
    >>> from costmodel.model.examples import two_prices, two_prices_draws
    >>> table = grid(
    ...     two_prices(),
    ...     two_prices_draws(),
    ...     ("price_brand", [2, 4]),
    ...     ("price_generic", [1, 3]),
    ...     Question("generic", "payer"),
    ... )
    >>> table.values.tolist()
    [[-100.0, 100.0], [-300.0, -100.0]]
    """
    import pandas as pd

    if first[0] == second[0]:
        raise CostModelError(f"a two-way analysis needs two parameters; found '{first[0]}' twice")
    pairs = [{first[0]: a, second[0]: b} for a in first[1] for b in second[1]]
    result = question.of(evaluate(model, spread(base, pairs)))
    return pd.DataFrame(
        result.reshape(len(first[1]), len(second[1])),
        index=pd.Index(first[1], name=first[0]),
        columns=pd.Index(second[1], name=second[0]),
    )


def several(
    model: Model, base: Draws, sets: Mapping[str, Mapping[str, float]], question: Question
) -> pd.DataFrame:
    """Change several parameters at once, set by set.

    Parameters
    ----------
    sets : mapping of label to mapping of parameter to value

    Returns
    -------
    pandas.DataFrame
        ``label, result, difference`` (from the base case), the base case first.
    """
    import pandas as pd

    values = [{}, *sets.values()]
    result = question.of(evaluate(model, spread(base, values)))
    return pd.DataFrame({"label": ["Base case", *sets], "result": result, "difference": result - result[0]})


def spread(base: Draws, sets: Sequence[Mapping[str, float]]) -> Draws:
    """Return one draw per set: the base case with the parameters of the set changed.

    Raises
    ------
    CostModelError
        A parameter is unknown, there is no set, or the base has several draws.
    """
    if base.n != 1 or not sets:
        raise CostModelError(f"a base case is one draw and at least one set is needed; found {base.n} draws")
    repeated = base.take(np.zeros(len(sets), dtype=int))
    changed = dict.fromkeys(name for one in sets for name in one)
    own = {name: float(base[name][0]) for name in changed}
    return repeated.replace(**{name: [one.get(name, own[name]) for one in sets] for name in changed})


def used_parameters(model: Model) -> set[str]:
    """Return the names that a result can depend on, followed through every formula and override."""
    reached: set[str] = set()
    left = list(wanted_names(model))
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += [other for formula in _definitions(model, name) for other in formula.names]
    return reached


def _definitions(model: Model, name: str) -> Iterator[Expression]:
    overrides = [one.overrides for one in model.strategies] + [one.overrides for one in model.segments]
    places = [model.formulas, model.scenario, *overrides]
    yield from (place[name] for place in places if name in place)


def _check(base: Draws, ranges: Ranges) -> None:
    if not ranges:
        raise CostModelError("a one-way analysis needs at least one range: no parameter has one of its own")
    for name, (low, high) in ranges.items():
        _ = base[name]
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise CostModelError(
                f"the range of '{name}' must rise from low to high; found {low:g} to {high:g}"
            )
