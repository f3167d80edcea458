"""The value of learning some parameters perfectly, for one decision and for a population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.analysis.smoothing import Fit, fit
from costmodel.checks import in_interval
from costmodel.errors import CostModelError
from costmodel.inputs import Draws
from costmodel.model import Outcomes

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
_OF = 2
_ERRORS = 21


def evppi(
    outcomes: Outcomes,
    draws: Draws,
    groups: Mapping[str, Sequence[str]],
    wtp: ArrayLike,
    *,
    perspective: str,
    effect: str = "qaly",
    segment: str | None = None,
    method: str | None = None,
) -> pd.DataFrame:
    """Return the expected value of perfect information on groups of parameters, by regression.

    Costs and effects are each regressed on the group once; every willingness to pay uses the same fits.

    Parameters
    ----------
    outcomes : Outcomes
        Of the same draws, in the same order.
    draws : Draws
    groups : mapping of label to parameters
        Parameters that would be learnt together.
    wtp : float or array, (k,)
        Willingness to pay; at least 0.
    perspective, effect : str
    segment : str, optional
    method : str, optional
        One of :data:`costmodel.analysis.smoothing.METHODS`; by the size of each group if left out.

    Returns
    -------
    pandas.DataFrame
        One row per group and willingness to pay: ``group, parameters, wtp, evppi`` (money per person, at
        least 0), ``se``, its standard error (of the draws and of the regression), ``share`` of the EVPI
        on the same draws, ``method``, ``r_squared`` (of the cost or
        effect that the group explains best) and ``doubt``: empty, or why not to believe the regression.

    Raises
    ------
    CostModelError
        Draws and outcomes differ in number, a group is empty or names an unknown parameter, or there are
        too few draws for it.

    References
    ----------
    .. [1] Strong M, Oakley JE, Brennan A. Estimating multiparameter partial expected value of perfect
       information from a probabilistic sensitivity analysis sample. Medical Decision Making 2014; 34:311-26.
    """
    import pandas as pd

    grid = _grid(wtp)
    cost, gained = differences(outcomes, draws.n, perspective, effect, segment)
    perfect = [gain(w * gained - cost)[0] for w in grid]
    parts = []
    for label, names in groups.items():
        fitted = conditional((cost, gained), draws, names, label=label, method=method)
        values, errors = _values(fitted, grid)
        parts.append(
            pd.DataFrame(
                {
                    "group": label,
                    "parameters": ", ".join(names),
                    "wtp": grid,
                    "evppi": values,
                    "se": errors,
                    "share": [v / p if p > 0 else None for v, p in zip(values, perfect, strict=True)],
                    "method": fitted.fit.method,
                    "r_squared": float(fitted.fit.r_squared.max()),
                    "doubt": fitted.doubt,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _grid(wtp: ArrayLike) -> Floats:
    grid = np.atleast_1d(np.asarray(wtp, dtype=float))
    if grid.ndim != 1 or not grid.size or not (np.isfinite(grid) & (grid >= 0)).all():
        raise CostModelError("willingness to pay must be finite numbers of at least 0")
    return grid


def differences(
    outcomes: Outcomes, n: int, perspective: str, effect: str, segment: str | None
) -> tuple[Floats, Floats]:
    """Return costs and effects less those of the first strategy: what all share decides nothing."""
    if outcomes.n_draws != n:
        raise CostModelError(
            f"outcomes and draws must be of the same draws; found {outcomes.n_draws} outcomes and {n} draws"
        )
    sides = outcomes.cost(perspective, segment=segment), outcomes.total(effect, segment=segment)
    return sides[0] - sides[0][0], sides[1] - sides[1][0]


@dataclass(frozen=True, eq=False)
class Conditional:
    """Costs and effects expected given some parameters, less those of the first strategy."""

    sides: tuple[Floats, Floats]
    fit: Fit

    @property
    def doubt(self) -> str:
        """Why the regression should not be believed."""
        return self.fit.doubt


def conditional(
    sides: tuple[Floats, Floats],
    draws: Draws,
    names: Sequence[str],
    *,
    label: str,
    method: str | None = None,
) -> Conditional:
    """Regress costs and effects, each (strategies, draws) and 0 for the first, on some parameters."""
    if not names or isinstance(names, str):
        raise CostModelError(f"group '{label}' must list at least one parameter")
    columns = np.stack([draws[name] for name in names], axis=1)
    fitted = fit(np.concatenate([side[1:] for side in sides]), columns, names=names, method=method)
    cost, gained = (np.vstack([np.zeros_like(part[:1]), part]) for part in np.split(fitted.fitted, _OF))
    return Conditional((cost, gained), fitted)


def _values(fitted: Conditional, grid: Floats) -> tuple[Floats, Floats]:
    """Return EVPPI and its standard error at every willingness to pay.

    The error of the coefficients is carried through by their derivatives: the value moves with the
    fit of a strategy where it is best. It is computed at 21 points at most, and interpolated.
    """
    cost, gained = fitted.sides
    values, spread = np.array([gain(w * gained - cost) for w in grid]).T
    places = np.unique(np.linspace(0, grid.size - 1, _ERRORS).astype(int))
    errors = [_coefficient_error(fitted.fit, w * gained - cost, w) for w in grid[places]]
    return values, np.hypot(spread, np.interp(np.arange(grid.size), places, errors))


def _coefficient_error(fitted: Fit, net: Floats, wtp: float) -> float:
    best = net.argmax(axis=0)
    sums = np.stack([fitted.basis[best == row].sum(axis=0) for row in range(len(net))])
    sums[int(net.mean(axis=1).argmax())] -= fitted.basis.sum(axis=0)
    slopes = sums[1:] / net.shape[1]
    weights = np.concatenate([-slopes, wtp * slopes])
    return float(np.sqrt(np.einsum("ik,ij,jk->", weights, fitted.covariance, weights)))


def gain(net: Floats) -> tuple[float, float]:
    """Return the mean gain of choosing draw by draw, and its standard error over draws."""
    means = net.mean(axis=1)
    best = int(means.argmax())
    gain = net.max(axis=0) - net[best]
    return float(gain.mean()), float(gain.std() / np.sqrt(gain.size))


def population_value(
    per_person: ArrayLike, people_per_year: float, *, years: float, discount: float = 0.03, delay: float = 0.0
) -> Floats:
    """Return the value of information to everyone whose treatment it can still change.

    Parameters
    ----------
    per_person : float or array
        EVPI, EVPPI or EVSI per person.
    people_per_year : float
        Who face the decision each year.
    years : float
        How long the decision stays open, from now.
    discount : float, default 0.03
        A year.
    delay : float, default 0
        Years until the information is there; those treated before gain nothing.

    Returns
    -------
    array
        ``per_person`` times the discounted number of people, who come evenly over time.

    Examples
    --------
    >>> population_value(10, 1000, years=5, discount=0).item()
    50000.0
    """
    in_interval(people_per_year, "people_per_year", low=0)
    in_interval(years, "years", low=0)
    in_interval(discount, "discount", low=0)
    in_interval(delay, "delay", low=0)
    force = np.log1p(discount)
    start, end = min(delay, years), years
    open_years = end - start if force == 0 else (np.exp(-force * start) - np.exp(-force * end)) / force
    return np.asarray(np.asarray(per_person, dtype=float) * people_per_year * open_years)


def subgroup_value(
    outcomes: Outcomes, wtp: float, *, perspective: str, effect: str = "qaly"
) -> dict[str, float | dict[str, str]]:
    """Return what it is worth to decide segment by segment instead of once for all.

    Returns
    -------
    dict
        ``one_decision`` and ``by_segment``, expected net benefit per person; ``value``, the difference, at
        least 0; ``best``, the strategy of each segment.

    References
    ----------
    .. [1] Espinoza MA et al. The value of heterogeneity for cost-effectiveness subgroup analysis. Medical
       Decision Making 2014; 34:951-64.
    """
    in_interval(wtp, "willingness to pay", low=0)
    expected = np.stack(
        [
            (
                (wtp * outcomes.total(effect, segment=name) - outcomes.cost(perspective, segment=name))
                * outcomes.weights[:, place]
            ).mean(axis=1)
            for place, name in enumerate(outcomes.segments)
        ],
        axis=1,
    )
    best = expected.argmax(axis=0)
    together, apart = float(expected.sum(axis=1).max()), float(expected.max(axis=0).sum())
    names = {segment: outcomes.strategies[row] for segment, row in zip(outcomes.segments, best, strict=True)}
    return {"one_decision": together, "by_segment": apart, "value": max(apart - together, 0.0), "best": names}
