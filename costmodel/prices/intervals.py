"""Intervals for the ratio of two sets of prices: bootstrap, log-t, and a permutation test.

Prices are positive and skewed, so the ratio is that of geometric means unless another statistic is named.
Every function says in words which variation its interval covers; where prices do not vary there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.prices.statistic import distinct

Array = NDArray[np.float64]

SUMMARIES: dict[str, Callable[[Array], float]] = {
    "geometric_mean": lambda x: float(np.exp(np.mean(np.log(x)))),
    "mean": lambda x: float(np.mean(x)),
    "median": lambda x: float(np.median(x)),
}
"""How several prices come down to one."""


@dataclass(frozen=True)
class Side:
    """The prices of one class in one set, and the labelers they are of (empty texts where not named)."""

    name: str
    prices: Array
    labelers: tuple[str, ...] = ()

    @property
    def varies(self) -> bool:
        """Whether there is more than one price."""
        return len(distinct(self.prices)) > 1

    @property
    def clusters(self) -> list[Array]:
        """The prices by labeler; each product by itself where no labeler is named."""
        if not self.labelers:
            return [np.array([price]) for price in self.prices]
        names = np.array(self.labelers)
        return [self.prices[names == name] for name in dict.fromkeys(self.labelers)]

    @property
    def fixed(self) -> str:
        """Why this side does not vary; empty when it does."""
        n = len(self.prices)
        if n == 1:
            return f"one {self.name} product"
        return "" if self.varies else f"all {n} {self.name} products have one price, as a list prices a group"


@dataclass(frozen=True)
class Interval:
    """A ratio's interval and p-value, missing (nan) where the reason says so."""

    low: float = float("nan")
    high: float = float("nan")
    p_value: float = float("nan")
    reason: str = ""


def covers(brand: Side, generic: Side, *, by: str = "product") -> str:
    """Return in words which variation an interval covers, or why there is none.

    Examples
    --------
    >>> covers(Side("brand", np.array([3.0])), Side("generic", np.array([1.0, 2.0])))
    'one brand product: taken as it is; covers the variation between generic products only'
    """
    fixed = [side.fixed for side in (brand, generic) if side.fixed]
    if len(fixed) == len((brand, generic)):
        return f"{fixed[0]} and {fixed[1]}: nothing varies, so there is no interval"
    if not fixed:
        return f"covers the variation between {by}s on both sides"
    other = generic if brand.fixed else brand
    return f"{fixed[0]}: taken as it is; covers the variation between {other.name} {by}s only"


def bootstrap_interval(
    brand: Side, generic: Side, summary: str, *, confidence: float, resamples: int, seed: int
) -> Interval:
    """Return the bias-corrected and accelerated bootstrap interval of the ratio.

    Products are resampled on each side; where labelers are named, labelers with all their products,
    because the products of one labeler are not independent (Davison and Hinkley 1997, section 3.8).

    Notes
    -----
    Efron, "Better bootstrap confidence intervals", Journal of the American Statistical Association
    1987;82:171-185, through :func:`scipy.stats.bootstrap`.
    """
    from scipy.stats import bootstrap

    by = "labeler" if brand.labelers or generic.labelers else "product"
    moving = [side for side in (brand, generic) if side.varies]
    words = covers(brand, generic, by=by)
    if not moving:
        return Interval(reason=words)
    groups = [side.clusters for side in moving]
    for side, clusters in zip(moving, groups, strict=True):
        if len(clusters) == 1:
            return Interval(reason=f"one {side.name} labeler: the variation between labelers is not seen")
    ratio = _ratio(brand, generic, SUMMARIES[summary])

    def statistic(*picked: NDArray[np.int64]) -> float:
        drawn = [
            np.concatenate([clusters[int(one)] for one in numbers])
            for clusters, numbers in zip(groups, picked, strict=True)
        ]
        return ratio({side.name: prices for side, prices in zip(moving, drawn, strict=True)})

    numbers = [np.arange(len(clusters)) for clusters in groups]
    if _same_without_any_one(statistic, numbers):
        return Interval(reason=f"the {summary} stays the same whichever {by} is left out: no interval")
    found = bootstrap(
        numbers,
        statistic,
        vectorized=False,
        n_resamples=resamples,
        confidence_level=confidence,
        method="BCa",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    few = min(len(clusters) for clusters in groups)
    small = f"; only {few} {by}s: too few to trust its coverage" if few < _FEW else ""
    return Interval(float(found.low), float(found.high), reason=words + small)


_FEW = 5


def _same_without_any_one(statistic: Callable[..., float], numbers: Sequence[NDArray[np.int64]]) -> bool:
    """Tell whether the jackknife, from which BCa takes its acceleration, has no variation."""
    found = [
        statistic(*numbers[:side], np.delete(numbers[side], n), *numbers[side + 1 :])
        for side in range(len(numbers))
        for n in range(len(numbers[side]))
    ]
    return len(distinct(found)) == 1


def _ratio(
    brand: Side, generic: Side, summary: Callable[[Array], float]
) -> Callable[[dict[str, Array]], float]:
    def ratio(drawn: dict[str, Array]) -> float:
        sides = [summary(drawn.get(side.name, side.prices)) for side in (brand, generic)]
        return sides[0] / sides[1]

    return ratio


def log_t_interval(brand: Side, generic: Side, *, confidence: float) -> Interval:
    """Return Welch's interval of the difference of mean logarithms, as a ratio of geometric means.

    A side that does not vary is taken as known: the interval is then the one-sample t interval of the other.

    Notes
    -----
    Welch, "The generalization of Student's problem when several different population variances are
    involved", Biometrika 1947;34:28-35; :func:`scipy.stats.ttest_ind` and :func:`scipy.stats.ttest_1samp`.
    """
    from scipy.stats import ttest_1samp, ttest_ind

    words = covers(brand, generic)
    logs = [np.log(side.prices) for side in (brand, generic)]
    if brand.varies and generic.varies:
        found = ttest_ind(logs[0], logs[1], equal_var=False)
    elif generic.varies or brand.varies:
        moving, fixed = (1, 0) if generic.varies else (0, 1)
        sign = 1.0 if moving == 0 else -1.0
        found = ttest_1samp(sign * (logs[moving] - np.mean(logs[fixed])), 0.0)
    else:
        return Interval(reason=words)
    ends = found.confidence_interval(confidence)
    return Interval(float(np.exp(ends.low)), float(np.exp(ends.high)), float(found.pvalue), words)


def permutation_p(brand: Side, generic: Side, summary: str, *, resamples: int, seed: int) -> Interval:
    """Return the two-sided p-value of a ratio of 1 when the names brand and generic are exchanged at random.

    Exact where all exchanges are few enough to be counted, else from ``resamples`` of them.

    Notes
    -----
    Phipson and Smyth, "Permutation p-values should never be zero", Statistical Applications in Genetics
    and Molecular Biology 2010;9:39; :func:`scipy.stats.permutation_test`.
    """
    from scipy.stats import permutation_test

    repeated = [side.fixed for side in (brand, generic) if len(side.prices) > 1 and side.fixed]
    if repeated:
        return Interval(
            reason=f"{repeated[0]}: its rows are one observation, not several, so there is no test"
        )
    total = len(brand.prices) + len(generic.prices)
    if total < _FEWEST_EXCHANGED:
        return Interval(reason="one product on each side: nothing to exchange")
    value = SUMMARIES[summary]

    def statistic(first: Array, second: Array) -> float:
        return float(np.log(value(first) / value(second)))

    words = f"two-sided, {total} products exchanged"
    if min(len(brand.prices), len(generic.prices)) == 1:
        p_value = _one_exchanged(brand.prices, generic.prices, statistic)
        note = f"{words}; with one product on a side it cannot fall below {2 / total:.3g}"
        return Interval(p_value=p_value, reason=note)
    found = permutation_test(
        (brand.prices, generic.prices),
        statistic,
        vectorized=False,
        n_resamples=resamples,
        rng=np.random.default_rng(seed),
    )
    return Interval(p_value=float(found.pvalue), reason=words)


def _one_exchanged(first: Array, second: Array, statistic: Callable[[Array, Array], float]) -> float:
    """Count the exchanges of a lone product with each other one; scipy wants two on each side."""
    pooled = np.concatenate([first, second])
    many_first = len(first) > 1
    found = []
    for n in range(len(pooled)):
        alone, others = pooled[n : n + 1], np.delete(pooled, n)
        found.append(statistic(others, alone) if many_first else statistic(alone, others))
    seen = statistic(first, second)
    near = 1e-12 * max(1.0, abs(seen))
    tails = [sum(one >= seen - near for one in found), sum(one <= seen + near for one in found)]
    return min(1.0, 2 * min(tails) / len(found))


_FEWEST_EXCHANGED = 3
