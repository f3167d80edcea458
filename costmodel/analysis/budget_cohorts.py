"""Cohorts by year of start, stacked: each has a clock of its own, while the calendar runs for all."""

from __future__ import annotations

import numpy as np

from costmodel.analysis.overdraws import Floats
from costmodel.errors import CostModelError


def stacked(starting: Floats, first: Floats, later: Floats, weight: Floats) -> Floats:
    """Return what the cohorts of all years of start amount to in each calendar year.

    Parameters
    ----------
    starting : array, shape (..., years)
        People who start in each calendar year.
    first, later : array, shape (..., years)
        Amount per person who started, by year since the start: of those of year 1, and of later ones.
    weight : array, shape (years, years)
        Share that counts, by year of start and calendar year.

    Returns
    -------
    array, shape (..., years)
        ``sum over e ≤ t of starting(e) × amount(t − e) × weight(e, t)``.

    Examples
    --------
    >>> hundred = np.array([100.0, 10.0])
    >>> stacked(hundred, np.array([5.0, 3.0]), np.array([8.0, 2.0]), np.ones((2, 2))).tolist()
    [500.0, 380.0]
    """
    years = starting.shape[-1]
    total = np.zeros(np.broadcast_shapes(starting.shape, first.shape, later.shape))
    for start in range(years):
        amount = later if start else first
        total[..., start:] += (
            starting[..., start, None] * amount[..., : years - start] * weight[start, start:]
        )
    return total


def starters(size: Floats, incident: Floats, growth: Floats, years: int) -> Floats:
    """Return people who start in each year t: ``size`` in year 1, a share of it in later ones.

    Parameters
    ----------
    size, incident, growth : array, shape (draw, segment)
    years : int

    Returns
    -------
    array, shape (draw, segment, year)
        After year 1 ``size × incident × (1 + growth)^(t − 2)``.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> starters(100 * one, 0.1 * one, 0.5 * one, 3)[0, 0].tolist()
    [100.0, 10.0, 15.0]
    """
    found = (size * incident)[..., None] * (1 + growth)[..., None] ** np.arange(-1, years - 1)
    found[..., 0] = size
    return np.asarray(found)


def steady_starters(size: Floats, first: Floats, later: Floats, growth: Floats) -> Floats:
    """Return the people who start in each year so that as many are treated as in year 1.

    Parameters
    ----------
    size, growth : array, shape (draw, segment)
        People in year 1, and growth per year of those treated.
    first, later : array, shape (draw, segment, year)
        Years on treatment per person by year since the start: of those of year 1, and of later ones.

    Returns
    -------
    array, shape (draw, segment, year)
        Never below 0: where more stay than are to be treated, nobody starts.

    Raises
    ------
    CostModelError
        Nobody who starts later is treated, so that no number of them would do.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> first, later = np.array([[[0.5, 0.4]]]), np.array([[[0.25, 0.2]]])
    >>> steady_starters(100 * one, first, later, 0 * one)[0, 0].round(9).tolist()
    [100.0, 40.0]
    """
    if (later[..., 0] <= 0).any():
        raise CostModelError(
            "those who start in later years spend no time on treatment in their first: no number of them "
            "keeps the number treated; give `incident` as a number, or look at `treated` and `starters`"
        )
    years = first.shape[-1]
    found = np.zeros((*size.shape, years))
    found[..., 0] = size
    everybody = np.ones((years, years))
    for year in range(1, years):
        wanted = size * first[..., 0] * (1 + growth) ** year
        kept = stacked(found, first, later, everybody)[..., year]
        found[..., year] = np.maximum(wanted - kept, 0) / later[..., 0]
    return found
