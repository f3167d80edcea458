"""How payoffs accrue: within-cycle rules, discount factors, years. NumPy only, no labels.

Boundaries t = 0 … T. A rule is a matrix with a row per cycle and a column per boundary; each row says how
much of every boundary's rate counts in that cycle. All rules but explicit weights give exactly T cycles
for a constant rate.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.model.definition import DiscountMethod, Timing, WithinCycle
from costmodel.model.weighing import added, weighted_sums

FloatArray = NDArray[np.float64]

_SIMPSON_PAIR = np.array([[5.0, 8.0, -1.0], [-1.0, 8.0, 5.0]]) / 12
_THREE_EIGHTHS = np.array([[9.0, 19.0, -5.0, 1.0], [-1.0, 13.0, 13.0, -1.0], [1.0, -5.0, 19.0, 9.0]]) / 24


@lru_cache(maxsize=64)
def cycle_matrix(rule: WithinCycle, n_cycles: int) -> FloatArray:
    """Return how each boundary's rate counts in each cycle, shape ``(n_cycles, n_cycles + 1)``.

    Parameters
    ----------
    rule : str or tuple of float
        ``life-table`` gives the weights of ``start``: the averaging is of occupancy, not of the rate.
        Simpson's 1/3 rule needs an even number of cycles; where it is odd, the last three cycles take
        the 3/8 rule (one cycle alone: the trapezoid). Within a pair the two cycles get the integral of
        the parabola over their own half, so that results by year add up to the whole.
    n_cycles : int

    Examples
    --------
    >>> cycle_matrix("simpson", 2).sum(axis=0) * 3
    array([1., 4., 1.])
    >>> float(cycle_matrix("simpson", 75).sum())
    75.0
    """
    weights = np.zeros((n_cycles, n_cycles + 1))
    rows = np.arange(n_cycles)
    if not isinstance(rule, str):
        columns = np.arange(n_cycles + 1)
        if n_cycles:
            weights[np.minimum(columns, n_cycles - 1), columns] = rule
    elif rule == "simpson":
        _fill_simpson(weights, n_cycles)
    elif rule == "trapezoid":
        weights[rows, rows] = weights[rows, rows + 1] = 0.5
    elif rule == "end":
        weights[rows, rows + 1] = 1.0
    else:
        weights[rows, rows] = 1.0
    weights.flags.writeable = False
    return weights


def _fill_simpson(weights: FloatArray, n_cycles: int) -> None:
    if n_cycles == 1:
        weights[0] = 0.5
        return
    tail = 3 if n_cycles % 2 else 0
    for start in range(0, n_cycles - tail, 2):
        weights[start : start + 2, start : start + 3] = _SIMPSON_PAIR
    if tail:
        weights[-3:, -4:] = _THREE_EIGHTHS


def discount_factors(rate: FloatArray | float, times: FloatArray, method: DiscountMethod) -> FloatArray:
    """Return the discount factor at each time.

    Parameters
    ----------
    rate : float or array, shape (draw or 1, segment or 1)
        Yearly rate.
    times : array, shape (n,)
        Years since the start.
    method : {"annual", "annual-floor", "continuous"}

    Returns
    -------
    array, shape (n,), or (n, draw or 1, segment or 1) where the rate differs between them
    """
    rates = np.asarray(rate, dtype=np.float64)
    if rates.size == 1:
        rates = rates.reshape(())
    times = times.reshape(-1, *(1,) * rates.ndim)
    if method == "continuous":
        return np.asarray(np.exp(-rates * times))
    whole = np.floor(times + 1e-9) if method == "annual-floor" else times
    return np.asarray((1.0 + rates) ** -whole)


def boundary_weights(
    *,
    rule: WithinCycle,
    n_cycles: int,
    cycle_years: float,
    rate: FloatArray | float,
    method: DiscountMethod,
    timing: Timing,
) -> FloatArray:
    """Return the discounted weight of each boundary in a total.

    A constant rate of one per cycle, undiscounted, totals to the number of cycles.

    Returns
    -------
    array, shape (n_cycles + 1,), or (n_cycles + 1, draw or 1, segment or 1) where the rate differs

    Examples
    --------
    >>> weights = boundary_weights(
    ...     rule="trapezoid", n_cycles=3, cycle_years=1, rate=0.0, method="annual", timing="boundary"
    ... )
    >>> weights.tolist()
    [0.5, 1.0, 1.0, 0.5]
    """
    rates = np.asarray(rate, dtype=np.float64)
    if rates.size == 1:
        return _constant_weights(
            rule=rule,
            n_cycles=n_cycles,
            cycle_years=cycle_years,
            rate=float(rates.item()),
            method=method,
            timing=timing,
        )
    return _weights(
        rule=rule, n_cycles=n_cycles, cycle_years=cycle_years, rate=rates, method=method, timing=timing
    )


def _weights(
    *,
    rule: WithinCycle,
    n_cycles: int,
    cycle_years: float,
    rate: FloatArray | float,
    method: DiscountMethod,
    timing: Timing,
) -> FloatArray:
    matrix = cycle_matrix(rule, n_cycles)
    if timing == "boundary":
        times = np.arange(n_cycles + 1, dtype=np.float64) * cycle_years
        factors = discount_factors(rate, times, method)
        return np.asarray(factors * matrix.sum(axis=0).reshape(-1, *(1,) * (factors.ndim - 1)))
    times = (np.arange(n_cycles, dtype=np.float64) + (0.5 if timing == "middle" else 0.0)) * cycle_years
    return np.asarray(np.tensordot(matrix.T, discount_factors(rate, times, method), 1))


@lru_cache(maxsize=64)
def _constant_weights(
    *,
    rule: WithinCycle,
    n_cycles: int,
    cycle_years: float,
    rate: float,
    method: DiscountMethod,
    timing: Timing,
) -> FloatArray:
    weights = _weights(
        rule=rule, n_cycles=n_cycles, cycle_years=cycle_years, rate=rate, method=method, timing=timing
    )
    weights.flags.writeable = False
    return weights


def year_of_cycle(*, n_cycles: int, cycle_years: float, n_years: int) -> NDArray[np.int64]:
    """Return the calendar year, from 0, in which each cycle begins."""
    starts = np.arange(n_cycles) * cycle_years
    return np.asarray(np.minimum(np.floor(starts + 1e-9).astype(np.int64), n_years - 1))


@lru_cache(maxsize=64)
def year_weights(*, rule: WithinCycle, n_cycles: int, cycle_years: float, n_years: int) -> FloatArray:
    """Return the undiscounted weight of each boundary in each year, shape (n_years, n_cycles + 1)."""
    by_year = np.zeros((n_years, n_cycles + 1))
    year = year_of_cycle(n_cycles=n_cycles, cycle_years=cycle_years, n_years=n_years)
    np.add.at(by_year, year, cycle_matrix(rule, n_cycles))
    by_year.flags.writeable = False
    return by_year


def weigh(weights: FloatArray, rates: FloatArray) -> FloatArray:
    """Return sums over boundaries.

    Parameters
    ----------
    weights : array, shape (boundary,), (boundary, draw or 1, segment or 1) or (sum, boundary)
        One weight per boundary; weights that differ between draws or segments; or several sums at once.
    rates : array, shape (boundary or 1, draw or 1, segment or 1)
        A leading axis of length one stands for a constant and costs nothing.

    Returns
    -------
    array, shape (draw, segment), or (sum, draw, segment)
    """
    if len(rates) == 1:
        whole = weights.sum(axis=-1) if weights.ndim == _MATRIX else added(weights, 0)
        return np.asarray(np.multiply.outer(whole, rates[0]) if weights.ndim == _MATRIX else whole * rates[0])
    if weights.ndim > _MATRIX:
        return added(weights * rates, 0)
    rows = weights if weights.ndim == _MATRIX else weights[np.newaxis]
    sums = weighted_sums(rows, rates.reshape(len(rates), prod(rates.shape[1:])))
    return sums.reshape(*weights.shape[:-1], *rates.shape[1:])


_MATRIX = 2


def compact(array: FloatArray) -> FloatArray:
    """Return the array with length 1 along the axes on which one number is seen many times."""
    return array[tuple(slice(1) if stride == 0 else slice(None) for stride in array.strides)]


def as_axes(values: Any) -> FloatArray:
    """Return values with the three fixed axes (draw, segment, cycle)."""
    array = np.asarray(values, dtype=np.float64)
    return array.reshape((1,) * (3 - array.ndim) + array.shape)


def cycle_first(values: FloatArray) -> FloatArray:
    """Return values over (draw, segment, cycle) with the cycle in front, laid out in that order."""
    return np.ascontiguousarray(np.moveaxis(values, 2, 0))
