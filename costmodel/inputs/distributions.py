"""Distributions of one parameter, and the field's conventions for setting them.

The standard error of a published 95 % interval is ``(high - low) / (2 * 1.959964)``; normal, beta and gamma
distributions take the published value as their mean (method of moments), and a ratio takes its value as the
median of a lognormal whose interval is that of its logarithm.

References
----------
Briggs A, Sculpher M, Claxton K. Decision Modelling for Health Economic Evaluation. Oxford: Oxford University
Press; 2006. Chapter 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from costmodel.inputs.protocol import (
    Z_95,
    DistributionError,
    EqualTailed,
    FloatArray,
    open_unit,
    require_above_zero,
    require_finite,
    require_rising,
    standard_error,
    standard_gamma_quantile,
    standard_normal_quantile,
)


@dataclass(frozen=True)
class Fixed(EqualTailed):
    """A value without uncertainty.

    Examples
    --------
    >>> Fixed(30).interval()
    (30.0, 30.0)
    """

    value: float

    def __post_init__(self) -> None:
        require_finite(self.value, "value")

    @property
    def mean(self) -> float:
        """The value."""
        return float(self.value)

    @property
    def sd(self) -> float:
        """Zero."""
        return 0.0

    def sample(self, rng: Generator, n: int) -> FloatArray:  # noqa: ARG002  the protocol names it
        """Return the value ``n`` times."""
        return np.full(n, float(self.value))

    def quantile(self, u: ArrayLike) -> FloatArray:
        """Return the value for every ``u``."""
        return np.full_like(open_unit(u), float(self.value))


@dataclass(frozen=True)
class Normal(EqualTailed):
    """A normal distribution.

    Examples
    --------
    >>> estimate = Normal.from_interval(4580, 3362, 5798)
    >>> round(estimate.sd, 1), estimate.interval()
    (621.4, (3362.0, 5798.0))
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        require_finite(self.mean, "mean")
        require_above_zero(self.sd, "se", "the standard error")

    @classmethod
    def from_mean_se(cls, mean: float, se: float) -> Normal:
        """Return the normal distribution of an estimate with a standard error."""
        return cls(float(mean), float(se))

    @classmethod
    def from_interval(cls, mean: float, low: float, high: float) -> Normal:
        """Return the normal distribution whose 95 % interval is as wide as ``low`` to ``high``."""
        return cls.from_mean_se(mean, standard_error(low, high))

    def sample(self, rng: Generator, n: int) -> FloatArray:
        """Return ``n`` independent draws, shape ``(n,)``."""
        return self.mean + self.sd * rng.standard_normal(n)

    def quantile(self, u: ArrayLike) -> FloatArray:
        """Return the inverse of the distribution function at ``u``."""
        return self.mean + self.sd * standard_normal_quantile(u)


@dataclass(frozen=True)
class Lognormal(EqualTailed):
    """A lognormal distribution, set by the mean and standard deviation of the logarithm.

    Examples
    --------
    The relative risk of Briggs and others (2006), 0.509 (95 % interval 0.365 to 0.710):

    >>> risk = Lognormal.from_interval(0.509, 0.365, 0.710)
    >>> round(risk.median, 3), round(risk.sdlog, 4), round(risk.mean, 4)
    (0.509, 0.1697, 0.5164)
    """

    meanlog: float
    sdlog: float

    def __post_init__(self) -> None:
        require_finite(self.meanlog, "meanlog")
        require_above_zero(self.sdlog, "sdlog", "the standard deviation of the logarithm")

    @classmethod
    def from_mean_se(cls, mean: float, se: float) -> Lognormal:
        """Return the lognormal distribution with this mean and standard deviation."""
        require_above_zero(mean, "mean", "the mean of a lognormal distribution")
        require_above_zero(se, "se", "the standard error")
        variance = math.log1p((se / mean) ** 2)
        return cls(math.log(mean) - variance / 2, math.sqrt(variance))

    @classmethod
    def from_interval(cls, median: float, low: float, high: float) -> Lognormal:
        """Return the distribution of a ratio published with a 95 % interval; the ratio is its median."""
        require_above_zero(median, "median", "the value of a lognormal distribution")
        require_above_zero(low, "low", "the interval of a lognormal distribution")
        require_above_zero(high, "high", "the interval of a lognormal distribution")
        require_rising(low, high)
        return cls(math.log(median), (math.log(high) - math.log(low)) / (2 * Z_95))

    @property
    def median(self) -> float:
        """The value that half of the probability lies below."""
        return math.exp(self.meanlog)

    @property
    def mean(self) -> float:
        """Expected value, above the median."""
        return math.exp(self.meanlog + self.sdlog**2 / 2)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.mean * math.sqrt(math.expm1(self.sdlog**2))

    def sample(self, rng: Generator, n: int) -> FloatArray:
        """Return ``n`` independent draws, shape ``(n,)``."""
        return np.asarray(np.exp(self.meanlog + self.sdlog * rng.standard_normal(n)))

    def quantile(self, u: ArrayLike) -> FloatArray:
        """Return the inverse of the distribution function at ``u``."""
        return np.asarray(np.exp(self.meanlog + self.sdlog * standard_normal_quantile(u)))


@dataclass(frozen=True)
class Beta(EqualTailed):
    """A beta distribution, for a probability, a proportion or a utility between 0 and 1.

    Examples
    --------
    >>> Beta.from_counts(30, 70)
    Beta(alpha=30.0, beta=70.0)
    >>> Beta.from_mean_se(0.9, 0.4)
    Traceback (most recent call last):
        ...
    costmodel.inputs.protocol.DistributionError: the standard error of a beta distribution is too large \
for its mean; found 0.4 -> with the mean 0.9 it must be below 0.3
    """

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        require_above_zero(self.alpha, "alpha", "alpha")
        require_above_zero(self.beta, "beta", "beta")

    @classmethod
    def from_mean_se(cls, mean: float, se: float) -> Beta:
        """Return the beta distribution with this mean and standard deviation (method of moments)."""
        if not 0 < mean < 1:
            raise DistributionError(
                "the mean of a beta distribution must be above 0 and below 1",
                "mean",
                f"{mean:g}",
                "a value that is 0 or 1 for certain is 'fixed'",
            )
        require_above_zero(se, "se", "the standard error")
        largest = math.sqrt(mean * (1 - mean))
        size = (largest / se) ** 2 - 1
        if size <= 0:
            raise DistributionError(
                "the standard error of a beta distribution is too large for its mean",
                "se",
                f"{se:g}",
                f"with the mean {mean:g} it must be below {largest:.4g}",
            )
        return cls(mean * size, (1 - mean) * size)

    @classmethod
    def from_interval(cls, mean: float, low: float, high: float) -> Beta:
        """Return the beta distribution whose standard error is that of the 95 % interval.

        The interval of the result is not exactly ``low`` to ``high``, because a beta distribution is skewed.
        """
        for at, bound in (("low", low), ("high", high)):
            if not 0 <= bound <= 1:
                raise DistributionError(
                    "the interval of a beta distribution must lie in [0, 1]",
                    at,
                    f"{bound:g}",
                    "give the bounds as proportions, or choose another distribution",
                )
        return cls.from_mean_se(mean, standard_error(low, high))

    @classmethod
    def from_counts(cls, events: float, non_events: float) -> Beta:
        """Return the beta distribution of a proportion observed as counts."""
        for count in (events, non_events):
            if not count > 0:
                raise DistributionError(
                    "the counts of events and of non-events must be above 0",
                    "counts",
                    f"{events:g}/{non_events:g}",
                    "add a prior to both, such as 0.5, and say so in the note",
                )
        return cls(float(events), float(non_events))

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.mean * (1 - self.mean) / (self.alpha + self.beta + 1))

    def sample(self, rng: Generator, n: int) -> FloatArray:
        """Return ``n`` independent draws, shape ``(n,)``."""
        return rng.beta(self.alpha, self.beta, n)

    def quantile(self, u: ArrayLike) -> FloatArray:
        """Return the inverse of the distribution function at ``u``."""
        from scipy.special import betaincinv

        return np.asarray(betaincinv(self.alpha, self.beta, open_unit(u)))


@dataclass(frozen=True)
class Gamma(EqualTailed):
    """A gamma distribution, for a cost or another amount above 0.

    Examples
    --------
    >>> cost = Gamma.from_mean_se(1500, 300)
    >>> round(cost.shape, 6), round(cost.scale, 6)
    (25.0, 60.0)
    """

    shape: float
    scale: float

    def __post_init__(self) -> None:
        require_above_zero(self.shape, "shape", "shape")
        require_above_zero(self.scale, "scale", "scale")

    @classmethod
    def from_mean_se(cls, mean: float, se: float) -> Gamma:
        """Return the gamma distribution with this mean and standard deviation (method of moments)."""
        require_above_zero(mean, "mean", "the mean of a gamma distribution")
        require_above_zero(se, "se", "the standard error")
        return cls((mean / se) ** 2, se * (se / mean))

    @classmethod
    def from_interval(cls, mean: float, low: float, high: float) -> Gamma:
        """Return the gamma distribution whose standard error is that of the 95 % interval."""
        if low < 0:
            raise DistributionError(
                "the interval of a gamma distribution must not reach below 0",
                "low",
                f"{low:g}",
                "correct it, or choose the normal distribution",
            )
        return cls.from_mean_se(mean, standard_error(low, high))

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.shape * self.scale

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.shape) * self.scale

    def sample(self, rng: Generator, n: int) -> FloatArray:
        """Return ``n`` independent draws, shape ``(n,)``."""
        return self.scale * rng.standard_gamma(self.shape, n)

    def quantile(self, u: ArrayLike) -> FloatArray:
        """Return the inverse of the distribution function at ``u``."""
        return self.scale * standard_gamma_quantile(self.shape, u)


@dataclass(frozen=True)
class Uniform(EqualTailed):
    """A uniform distribution between two bounds.

    Examples
    --------
    >>> Uniform(2, 4).mean
    3.0
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        require_rising(self.low, self.high)

    @property
    def mean(self) -> float:
        """Expected value: the middle."""
        return self.low + (self.high - self.low) / 2

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return (self.high - self.low) / math.sqrt(12)

    def sample(self, rng: Generator, n: int) -> FloatArray:
        """Return ``n`` independent draws, shape ``(n,)``."""
        return self.low + (self.high - self.low) * rng.random(n)

    def quantile(self, u: ArrayLike) -> FloatArray:
        """Return the inverse of the distribution function at ``u``."""
        return self.low + (self.high - self.low) * open_unit(u)


@dataclass(frozen=True)
class Triangular(EqualTailed):
    """A triangular distribution between two bounds, highest at the mode.

    Examples
    --------
    >>> Triangular(2, 3, 7).mean
    4.0
    """

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        require_rising(self.low, self.high)
        if not self.low <= self.mode <= self.high:
            raise DistributionError(
                f"the mode of a triangular distribution must lie in [{self.low:g}, {self.high:g}]",
                "value",
                f"{self.mode:g}",
                "correct the value or the bounds",
            )

    @property
    def mean(self) -> float:
        """Expected value."""
        return (self.low + self.mode + self.high) / 3

    @property
    def sd(self) -> float:
        """Standard deviation."""
        left, right = self.mode - self.low, self.high - self.mode
        return math.sqrt((left * left + left * right + right * right) / 18)

    def sample(self, rng: Generator, n: int) -> FloatArray:
        """Return ``n`` independent draws, shape ``(n,)``."""
        return rng.triangular(self.low, self.mode, self.high, n)

    def quantile(self, u: ArrayLike) -> FloatArray:
        """Return the inverse of the distribution function at ``u``."""
        uniform = open_unit(u)
        width = self.high - self.low
        left, right = self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(uniform * width * left)
        falling = self.high - np.sqrt((1 - uniform) * width * right)
        return np.where(uniform * width < left, rising, falling)
