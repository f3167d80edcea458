"""The interval of a cost-effectiveness ratio, given only where a ratio means one thing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.incremental import TOLERANCE, judge, unit_of
from costmodel.analysis.summary import enough
from costmodel.checks import in_interval, one_of
from costmodel.errors import CostModelError
from costmodel.model import Outcomes

Floats = NDArray[np.float64]
_SMALLEST = 1e-100
"""Differences below it are none: ratios to them, and their squares, would overflow."""
Region = tuple[tuple[float, float | None], ...]
"""Stretches of willingness to pay, each from a value of at least 0 to another; None: without end."""


@dataclass(frozen=True)
class RatioInterval:
    """A ratio of means and how uncertain it is.

    Attributes
    ----------
    ratio : float or None
        Cost difference over effect difference at the means, always positive; None where ``label`` says it.
    label : str
        As :func:`costmodel.analysis.incremental.judge` labels the means.
    low, high : float or None
        The interval of a ratio, both given or neither; positive.
    method : str
        ``percentile``, ``fieller`` or ``none``.
    region : tuple of (low, high or None)
        Fieller's: every willingness to pay, from 0 on, at which net benefit could be 0 at this level.
        The percentile interval otherwise; empty where there is no interval.
    words : str
        The interval as a sentence's end.
    reason : str
        Why this method, or why there is no interval.
    """

    ratio: float | None
    label: str
    low: float | None
    high: float | None
    method: str
    region: Region
    words: str
    reason: str


def icer_interval(
    outcomes: Outcomes,
    strategy: str,
    *,
    perspective: str,
    effect: str = "qaly",
    segment: str | None = None,
    comparator: str | None = None,
    level: float = 0.95,
) -> RatioInterval:
    """Return the interval of an incremental cost-effectiveness ratio.

    Where every draw costs more and does more (or every one costs less and does less), ratios can be put in
    order and their percentiles are the interval. Otherwise a ratio means different things in different
    draws, and Fieller's method gives the willingness to pay at which the decision is not settled.

    Parameters
    ----------
    outcomes : Outcomes
    strategy, perspective, effect : str
    segment, comparator : str, optional
    level : float, default 0.95

    Returns
    -------
    RatioInterval

    Raises
    ------
    CostModelError
        A name is unknown, there is one draw, or the level is not between 0 and 1.

    Notes
    -----
    Fieller's limits solve ``(dC - R dE)^2 = z^2 (Var dC - 2 R Cov + R^2 Var dE)`` with the means, variances
    and covariance of the draws. They have no bounds where the difference in effect may be 0 at this level;
    only the part from 0 on is kept, since no one pays a negative amount.

    References
    ----------
    .. [1] Willan AR, O'Brien BJ. Confidence intervals for cost-effectiveness ratios: an application of
       Fieller's theorem. Health Economics 1996; 5:297-305.
    .. [2] Briggs AH, O'Brien BJ, Blackhouse G. Thinking outside the box. Annual Review of Public Health
       2002; 23:377-401.

    Examples
    --------
    >>> import pandas as pd
    >>> from costmodel.model import outcomes_from_table
    >>> table = pd.DataFrame(
    ...     {
    ...         "draw": [0, 1, 2] * 2,
    ...         "strategy": ["a"] * 3 + ["b"] * 3,
    ...         "cost": [0.0, 0, 0, 10, 20, 30],
    ...         "qaly": [0.0, 0, 0, 1, 1, 1],
    ...     }
    ... )
    >>> found = outcomes_from_table(table, currency="USD", price_year=2026, comparator="a")
    >>> icer_interval(found, "b", perspective="total", level=0.5).words
    '15 to 25 per QALY gained'
    """
    enough(outcomes)
    in_interval(level, "level", low=0.01, high=0.9999)
    reference = comparator or outcomes.comparator
    for name in (strategy, reference):
        one_of(name, outcomes.strategies, "strategy")
    if strategy == reference:
        raise CostModelError(f"strategy '{reference}' cannot be compared with itself: name another")
    rows = [outcomes.strategies.index(name) for name in (strategy, reference)]
    costs = outcomes.cost(perspective, segment=segment)[rows]
    effects = outcomes.total(effect, segment=segment)[rows]
    unit = unit_of(effect)
    label, ratio, words = judge(_pair(costs), _pair(effects), unit=unit)
    return _Case(_gap(costs), _gap(effects), level, unit, label, ratio, words).answer()


def _pair(values: Floats) -> tuple[float, float]:
    return float(values[0].mean()), float(values[1].mean())


def _gap(values: Floats) -> Floats:
    gap = values[0] - values[1]
    negligible = np.maximum(TOLERANCE * np.abs(values).max(axis=0), _SMALLEST)
    return np.where(np.abs(gap) <= negligible, 0.0, gap)


@dataclass(frozen=True)
class _Case:
    cost: Floats
    effect: Floats
    level: float
    unit: str
    label: str
    ratio: float | None
    means: str

    def answer(self) -> RatioInterval:
        if not self.effect.any():
            reason = "effects are the same in every draw: compare costs (cost-minimisation); no ratio exists"
            return self._none(reason)
        if bool(((self.cost <= 0) & (self.effect >= 0)).all()):
            return self._none(
                "no draw costs more or does less: dominant in every draw, and no ratio is needed"
            )
        if bool(((self.cost >= 0) & (self.effect <= 0)).all()):
            return self._none(
                "no draw costs less or does more: dominated in every draw, and no ratio is needed"
            )
        if bool(((self.cost > 0) & (self.effect > 0)).all() | ((self.cost < 0) & (self.effect < 0)).all()):
            return self._percentile()
        return self._fieller()

    def _none(self, reason: str) -> RatioInterval:
        return RatioInterval(self.ratio, self.label, None, None, "none", (), self.means, reason)

    def _percentile(self) -> RatioInterval:
        ends = [(1 - self.level) / 2, (1 + self.level) / 2]
        low, high = (float(one) for one in np.quantile(self.cost / self.effect, ends))
        gains = self.effect[0] > 0
        kind = f"per {self.unit} gained" if gains else f"saved per {self.unit} forgone"
        reason = "every draw lies in one quadrant, so that ratios can be put in order"
        words = f"{low:,.0f} to {high:,.0f} {kind}"
        return RatioInterval(self.ratio, self.label, low, high, "percentile", ((low, high),), words, reason)

    def _fieller(self) -> RatioInterval:
        region = fieller_region(
            (float(self.cost.mean()), float(self.effect.mean())), np.cov(self.cost, self.effect), self.level
        )
        single = len(region) == 1 and region[0][0] > 0 and region[0][1] is not None
        low, high = region[0] if single and self.ratio is not None else (None, None)
        share = np.mean((self.cost > 0) & (self.effect > 0)), np.mean((self.cost < 0) & (self.effect < 0))
        reason = (
            f"draws lie in several quadrants ({share[0]:.0%} cost more and do more, {share[1]:.0%} cost less "
            "and do less), where ratios mean different things: Fieller's method"
        )
        words = _told(region, self.unit, self.level)
        return RatioInterval(self.ratio, self.label, low, high, "fieller", region, words, reason)


def fieller_region(means: tuple[float, float], covariance: Floats, level: float) -> Region:
    """Return every willingness to pay, from 0 on, at which mean net benefit could be 0.

    Parameters
    ----------
    means : (float, float)
        Difference in cost and in effect.
    covariance : array, (2, 2)
        Of the two estimates, in the same order.
    level : float

    Examples
    --------
    >>> import numpy as np
    >>> fieller_region((10.0, 1.0), np.array([[0.0, 0.0], [0.0, 0.0]]), 0.95)
    ((10.0, 10.0),)
    """
    from scipy.special import ndtri

    square = float(ndtri((1 + level) / 2)) ** 2
    cost, effect = means
    a = effect**2 - square * float(covariance[1, 1])
    b = cost * effect - square * float(covariance[0, 1])
    c = cost**2 - square * float(covariance[0, 0])
    inside = b * b - a * c
    if abs(a) <= TOLERANCE * effect**2:
        return _from_zero([(c / (2 * b), math.inf)] if b > 0 else [(-math.inf, c / (2 * b))] if b else [])
    if inside <= 0 and a < 0:
        return ((0.0, None),)
    root = math.sqrt(max(inside, 0.0))
    ends = sorted(((b - root) / a, (b + root) / a))
    bounded = [(ends[0], ends[1])]
    return _from_zero(bounded if a > 0 else [(-math.inf, ends[0]), (ends[1], math.inf)])


def _from_zero(pieces: list[tuple[float, float]]) -> Region:
    kept = [(max(low, 0.0), high) for low, high in pieces if high > 0]
    return tuple((low, None if math.isinf(high) else high) for low, high in kept)


def _told(region: Region, unit: str, level: float) -> str:
    if not region:
        return f"no willingness to pay per {unit} leaves the decision open at the {level:.0%} level"
    if region == ((0.0, None),):
        return f"the decision is open at every willingness to pay per {unit}, at the {level:.0%} level"
    parts = [f"from {low:,.0f} up" if high is None else f"{low:,.0f} to {high:,.0f}" for low, high in region]
    return f"the decision is open at {' and '.join(parts)} per {unit}, at the {level:.0%} level"
