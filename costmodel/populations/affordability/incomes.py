"""Lognormal incomes, and in closed form what one flat expense does to them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.checks import in_interval
from costmodel.errors import CostModelError


@dataclass(frozen=True)
class LognormalIncome:
    """Incomes (or consumption) whose logarithm is normal.

    Parameters
    ----------
    mean : float
        Mean income, above 0.
    sigma : float
        Standard deviation of log income, above 0.

    Examples
    --------
    >>> incomes = LognormalIncome.from_gini(mean=100, gini=0.5)
    >>> round(incomes.gini, 6), round(incomes.median, 2)
    (0.5, 63.45)
    """

    mean: float
    sigma: float

    def __post_init__(self) -> None:
        in_interval(self.mean, "mean income", low=0, open_low=True)
        in_interval(self.sigma, "sigma", low=0, open_low=True)

    @classmethod
    def from_gini(cls, *, mean: float, gini: float) -> LognormalIncome:
        """Return the distribution of a mean and a Gini index: ``gini = 2 Phi(sigma / sqrt(2)) - 1``.

        References
        ----------
        .. [1] Aitchison J, Brown JAC. The Lognormal Distribution. Cambridge University Press, 1957.
        """
        from scipy.special import ndtri

        in_interval(gini, "gini", low=0, high=1, open_low=True, open_high=True)
        return cls(mean, math.sqrt(2) * float(ndtri((1 + gini) / 2)))

    @classmethod
    def from_groups(cls, means: Sequence[float]) -> LognormalIncome:
        """Return the distribution nearest to the mean incomes of equal groups, poorest first.

        The Lorenz curve ``L(p) = Phi(Phi^-1(p) - sigma)`` is fitted to the cumulated shares by least
        squares; the mean is that of the groups. :meth:`lorenz` shows how well it fits.

        Raises
        ------
        CostModelError
            There are fewer than two groups, or means are not above 0 and rising.

        Examples
        --------
        >>> incomes = LognormalIncome.from_groups([15286, 40652, 68938, 111112, 254449])
        >>> round(incomes.mean), round(incomes.gini, 2)
        (98087, 0.48)
        """
        from scipy.optimize import minimize_scalar

        array = np.asarray(means, dtype=float)
        if array.ndim != 1 or len(array) < 2 or not (array > 0).all() or not (np.diff(array) > 0).all():  # noqa: PLR2004
            raise CostModelError(
                "give the mean incomes of at least two equal groups, poorest first, each above the one before"
            )
        shares = np.cumsum(array)[:-1] / array.sum()
        levels = np.arange(1, len(array)) / len(array)

        def misfit(sigma: float) -> float:
            return float(((cls(1.0, sigma).lorenz(levels) - shares) ** 2).sum())

        fitted = minimize_scalar(misfit, bounds=(1e-3, 5.0), method="bounded", options={"xatol": 1e-10})
        return cls(float(array.mean()), float(fitted.x))

    @property
    def mu(self) -> float:
        """Mean of log income."""
        return math.log(self.mean) - self.sigma**2 / 2

    @property
    def median(self) -> float:
        """Median income."""
        return math.exp(self.mu)

    @property
    def gini(self) -> float:
        """Gini index, 0 to 1."""
        return math.erf(self.sigma / 2)

    def share_below(self, income: ArrayLike) -> NDArray[np.float64]:
        """Return the share of people with less than an income."""
        from scipy.special import ndtr

        return np.asarray(ndtr(self._score(income)), dtype=float)

    def quantile(self, level: ArrayLike) -> NDArray[np.float64]:
        """Return the income below which a share of people lies."""
        from scipy.special import ndtri

        return np.exp(self.mu + self.sigma * ndtri(np.asarray(level, dtype=float)))

    def lorenz(self, level: ArrayLike) -> NDArray[np.float64]:
        """Return the share of all income that the poorest share of people has."""
        from scipy.special import ndtr, ndtri

        return np.asarray(ndtr(ndtri(np.asarray(level, dtype=float)) - self.sigma), dtype=float)

    def sample(self, n: int, *, seed: int = 0) -> NDArray[np.float64]:
        """Return ``n`` incomes at equally spaced levels, shuffled: their mean errs less than random ones."""
        levels = (np.arange(n) + 0.5) / n
        return np.random.default_rng(seed).permutation(self.quantile(levels))

    def shortfall(self, line: float) -> float:
        """Return the mean of what people lack to a line, over all people: ``E[max(line - income, 0)]``."""
        from scipy.special import ndtr

        if line <= 0:
            return 0.0
        score = float(self._score(line))
        return line * float(ndtr(score)) - self.mean * float(ndtr(score - self.sigma))

    def catastrophic(self, expense: float, *, threshold: float) -> tuple[float, float]:
        """Return headcount and overshoot when everyone pays the same expense.

        Parameters
        ----------
        expense : float
            Per person and period; at least 0.
        threshold : float
            Share of income in (0, 1).

        Returns
        -------
        headcount : float
            Share of people for whom ``expense / income > threshold``.
        overshoot : float
            Mean of ``max(expense / income - threshold, 0)`` over all people, from the partial mean of
            ``1 / income``, which is lognormal too.

        Examples
        --------
        >>> incomes = LognormalIncome.from_gini(mean=1000, gini=0.4)
        >>> [round(x, 4) for x in incomes.catastrophic(50, threshold=0.10)]
        [0.2864, 0.0208]
        """
        from scipy.special import ndtr

        in_interval(expense, "expense", low=0)
        in_interval(threshold, "threshold", low=0, high=1, open_low=True, open_high=True)
        if expense == 0:
            return 0.0, 0.0
        score = float(self._score(expense / threshold))
        headcount = float(ndtr(score))
        inverse = math.exp(-self.mu + self.sigma**2 / 2) * float(ndtr(score + self.sigma))
        return headcount, expense * inverse - threshold * headcount

    def hardship(
        self, expense: float, *, poverty_line: float, threshold: float = 0.40
    ) -> tuple[float, float]:
        """Return the shares for whom an expense exceeds part of, and all of, income beyond a poverty line.

        The closed form of :func:`costmodel.populations.affordability.financial_hardship` when everyone
        pays the same: headcount (large and impoverishing together) and impoverishing alone.

        Examples
        --------
        >>> incomes = LognormalIncome.from_gini(mean=20, gini=0.4)
        >>> [round(x, 4) for x in incomes.hardship(1, poverty_line=6)]
        [0.2168, 0.1481]
        """
        in_interval(expense, "expense", low=0)
        in_interval(threshold, "threshold", low=0, high=1, open_low=True, open_high=True)
        if expense == 0:
            return 0.0, 0.0
        both = self.share_below([poverty_line + expense / threshold, poverty_line + expense])
        return float(both[0]), float(both[1])

    def _score(self, income: ArrayLike) -> NDArray[np.float64]:
        array = np.asarray(income, dtype=float)
        if not (array > 0).all():
            raise CostModelError(f"an income must be above 0; found {array.min():g}")
        return np.asarray((np.log(array) - self.mu) / self.sigma, dtype=float)
