"""What every distribution can do, and the rules that its settings keep."""

from __future__ import annotations

import math
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import in_interval
from costmodel.errors import CostModelError

FloatArray = NDArray[np.float64]

Z_95 = 1.959963984540054


class DistributionError(CostModelError):
    """A distribution cannot have these settings.

    Attributes
    ----------
    rule, at, found, remedy : str
        The rule that is broken, the setting that breaks it, what it was, and what to do.
    """

    def __init__(self, rule: str, at: str = "", found: str = "", remedy: str = "") -> None:
        super().__init__(rule, at, found, remedy)
        self.rule, self.at, self.found, self.remedy = rule, at, found, remedy

    def __str__(self) -> str:
        found = f"; found {self.found}" if self.found else ""
        remedy = f" -> {self.remedy}" if self.remedy else ""
        return f"{self.rule}{found}{remedy}"


@runtime_checkable
class Distribution(Protocol):
    """What a distribution of one parameter can do."""

    @property
    def mean(self) -> float:
        """Expected value, in the parameter's unit."""

    @property
    def sd(self) -> float:
        """Standard deviation, in the parameter's unit; a parameter's standard error."""

    def sample(self, rng: Generator, n: int) -> FloatArray:
        """Return ``n`` independent draws, shape ``(n,)``."""

    def quantile(self, u: ArrayLike) -> FloatArray:
        """Return the inverse of the distribution function at ``u``, all above 0 and below 1."""

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the interval that leaves ``(1 - level) / 2`` on either side."""


class EqualTailed:
    """Intervals from quantiles."""

    def interval(self: Distribution, level: float = 0.95) -> tuple[float, float]:
        """Return the equal-tailed interval that holds ``level`` of the probability."""
        in_interval(level, "level of an interval", low=0, high=1, open_low=True, open_high=True)
        low, high = self.quantile([(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


def standard_error(low: float, high: float) -> float:
    """Return the standard error of a 95 % interval, ``(high - low) / (2 * 1.959964)``.

    Examples
    --------
    >>> round(standard_error(0.19, 0.24), 4)
    0.0128
    """
    require_rising(low, high)
    return (high - low) / (2 * Z_95)


def standard_normal_quantile(u: ArrayLike) -> FloatArray:
    """Return the standard normal quantile at ``u``, all above 0 and below 1."""
    from scipy.special import ndtri

    return np.asarray(ndtri(open_unit(u)))


def standard_gamma_quantile(shape: float, u: ArrayLike) -> FloatArray:
    """Return the quantile of the gamma distribution of scale 1 at ``u``, all above 0 and below 1."""
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(shape, open_unit(u)), dtype=np.float64)


def open_unit(u: ArrayLike) -> FloatArray:
    """Return uniform numbers if all of them are above 0 and below 1.

    Raises
    ------
    CostModelError
    """
    uniform = np.asarray(u, dtype=np.float64)
    if uniform.size and not (uniform.min() > 0 and uniform.max() < 1):
        raise CostModelError("a quantile is defined above 0 and below 1 only; check the uniform numbers")
    return uniform


def require_finite(value: float, at: str) -> None:
    """Refuse a setting that is not a finite number."""
    if not math.isfinite(value):
        raise DistributionError(f"{at} must be a finite number", at, str(value))


def require_above_zero(value: float, at: str, what: str) -> None:
    """Refuse a setting that is not above 0 and finite."""
    if not 0 < value < math.inf:
        raise DistributionError(f"{what} must be above 0 and finite", at, f"{value:g}")


def require_rising(low: float, high: float) -> None:
    """Refuse bounds of which the upper is not above the lower."""
    require_finite(low, "low")
    require_finite(high, "high")
    if not low < high:
        raise DistributionError(
            "high must be above low", "high", f"{low:g} to {high:g}", "a value without uncertainty is 'fixed'"
        )
