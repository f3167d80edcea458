"""Distributions of several parameters at once: shares of a whole, and correlated coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from costmodel.inputs.distributions import Beta, Normal
from costmodel.inputs.protocol import (
    Distribution,
    DistributionError,
    FloatArray,
    standard_gamma_quantile,
    standard_normal_quantile,
)

_TOLERANCE = 1e-9


@runtime_checkable
class Joint(Protocol):
    """What a distribution of several parameters can do; columns are in the order of ``names``."""

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that are drawn together."""

    @property
    def means(self) -> tuple[float, ...]:
        """Expected values."""

    def marginal(self, name: str) -> Distribution:
        """Return the distribution of one of the parameters on its own."""

    def sample(self, rng: Generator, n: int) -> FloatArray:
        """Return ``n`` independent draws, shape ``(n, k)``."""

    def from_uniforms(self, u: ArrayLike) -> FloatArray:
        """Return draws from uniform numbers of shape ``(n, k)``, shape ``(n, k)``."""


@dataclass(frozen=True)
class Dirichlet:
    """Shares that add to one, such as the transitions out of a state, observed as counts.

    Parameters
    ----------
    names : tuple of str
    alphas : tuple of float
        One count per name, each above 0, at least 1 in all.

    Examples
    --------
    The first row of the zidovudine model (Briggs and others 2006, chapter 2):

    >>> row = Dirichlet.from_counts({"p_aa": 1251, "p_ab": 350, "p_ac": 116, "p_ad": 17})
    >>> [round(mean, 4) for mean in row.means]
    [0.7215, 0.2018, 0.0669, 0.0098]
    >>> row.marginal("p_ad")
    Beta(alpha=17.0, beta=1717.0)
    """

    names: tuple[str, ...]
    alphas: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.names) == 1 or len(self.names) != len(self.alphas) or not self.names:
            raise DistributionError(
                "a Dirichlet distribution must have a count for each of two or more names",
                "distribution",
                f"{len(self.alphas)} counts for {len(self.names)} names",
                "give every share of the whole",
            )
        for alpha in self.alphas:
            if not 0 < alpha < np.inf:
                raise DistributionError(
                    "a count must be above 0",
                    "counts",
                    f"{alpha:g}",
                    "leave the cell out if it is impossible, or add a prior to every cell and say so",
                )
        if sum(self.alphas) < 1:
            raise DistributionError(
                "the counts must add to at least 1",
                "counts",
                f"{sum(self.alphas):g}",
                "give counts of observations, not shares",
            )

    @classmethod
    def from_counts(cls, counts: Mapping[str, float]) -> Dirichlet:
        """Return the distribution of shares that were observed as counts."""
        return cls(tuple(counts), tuple(float(count) for count in counts.values()))

    @property
    def means(self) -> tuple[float, ...]:
        """Expected shares."""
        total = sum(self.alphas)
        return tuple(alpha / total for alpha in self.alphas)

    @property
    def covariance(self) -> FloatArray:
        """Covariance of the shares, shape ``(k, k)``."""
        shares = np.array(self.means)
        spread = np.diag(shares) - np.outer(shares, shares)
        return np.asarray(spread / (sum(self.alphas) + 1))

    def marginal(self, name: str) -> Beta:
        """Return the distribution of one share."""
        position = self.names.index(name)
        others = sum(alpha for index, alpha in enumerate(self.alphas) if index != position)
        return Beta(self.alphas[position], others)

    def sample(self, rng: Generator, n: int) -> FloatArray:
        """Return ``n`` independent draws, shape ``(n, k)``; every row adds to one."""
        return _shares(np.stack([rng.standard_gamma(alpha, n) for alpha in self.alphas]))

    def from_uniforms(self, u: ArrayLike) -> FloatArray:
        """Return draws from uniform numbers, as gamma quantiles divided by their sum."""
        columns = np.ascontiguousarray(np.asarray(u, dtype=np.float64).T)
        quantiles = [
            standard_gamma_quantile(alpha, column) for alpha, column in zip(self.alphas, columns, strict=True)
        ]
        return _shares(np.stack(quantiles))


@dataclass(frozen=True)
class MultivariateNormal:
    """Correlated normal parameters, such as the coefficients of a regression.

    Parameters
    ----------
    names : tuple of str
    means : tuple of float
    covariance : tuple of tuple of float
        Symmetric and positive semi-definite, in the order of ``names``.

    Examples
    --------
    >>> pair = MultivariateNormal(("b0", "b1"), (1.0, 2.0), ((0.04, 0.01), (0.01, 0.09)))
    >>> pair.marginal("b1")
    Normal(mean=2.0, sd=0.3)
    """

    names: tuple[str, ...]
    means: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if len(self.means) != len(self.names) or not np.isfinite(self.means).all():
            raise DistributionError("every name must have a finite mean", "value", str(self.means))
        faults = covariance_faults(self.names, self.covariance)
        if faults:
            raise faults[0]

    def marginal(self, name: str) -> Normal:
        """Return the distribution of one parameter."""
        position = self.names.index(name)
        return Normal(self.means[position], float(np.sqrt(self.covariance[position][position])))

    def sample(self, rng: Generator, n: int) -> FloatArray:
        """Return ``n`` independent draws, shape ``(n, k)``."""
        return self._place(rng.standard_normal((len(self.names), n)))

    def from_uniforms(self, u: ArrayLike) -> FloatArray:
        """Return draws from uniform numbers, as normal quantiles times the Cholesky factor."""
        return self._place(standard_normal_quantile(np.ascontiguousarray(np.asarray(u, dtype=np.float64).T)))

    def _place(self, normals: FloatArray) -> FloatArray:
        factor = cholesky(np.array(self.covariance))
        placed = [
            mean + reduce(np.add, [row[other] * normals[other] for other in range(index + 1)])
            for index, (mean, row) in enumerate(zip(self.means, factor, strict=True))
        ]
        return np.stack(placed).T


def covariance_faults(names: Sequence[str], covariance: Sequence[Sequence[float]]) -> list[DistributionError]:
    """Return what keeps a matrix from being a covariance of these names; none if it is one."""
    shape = [len(row) for row in covariance]
    if shape != [len(names)] * len(names):
        return [
            DistributionError(
                f"a covariance must have {len(names)} rows and columns", "covariance", f"rows of {shape}"
            )
        ]
    matrix = np.array(covariance, dtype=np.float64)
    if not np.isfinite(matrix).all():
        return [DistributionError("a covariance must be finite", "covariance")]
    faults = [
        DistributionError(
            f"the variance of {name} must be above 0",
            "covariance",
            f"{matrix[index, index]:g}",
            "a parameter without uncertainty is 'fixed'",
        )
        for index, name in enumerate(names)
        if matrix[index, index] <= 0
    ]
    faults += _asymmetries(names, matrix)
    return faults or _negative_directions(matrix)


def _asymmetries(names: Sequence[str], matrix: FloatArray) -> list[DistributionError]:
    scale = _TOLERANCE * float(np.abs(matrix).max())
    return [
        DistributionError(
            f"a covariance must be symmetric: {names[row]} with {names[column]}",
            "covariance",
            f"{matrix[row, column]:g} and {matrix[column, row]:g}",
            "write the same number on both sides of the diagonal",
        )
        for row, column in combinations(range(len(names)), 2)
        if abs(matrix[row, column] - matrix[column, row]) > scale
    ]


def _negative_directions(matrix: FloatArray) -> list[DistributionError]:
    deviations = np.sqrt(np.diag(matrix))
    smallest = float(np.linalg.eigvalsh(matrix / np.outer(deviations, deviations)).min())
    if smallest >= -_TOLERANCE * len(matrix):
        return []
    return [
        DistributionError(
            "a covariance must be positive semi-definite",
            "covariance",
            f"{smallest:.3g} as the smallest eigenvalue of the correlations",
            "check signs and rounding: some combination of the parameters has a negative variance",
        )
    ]


def cholesky(covariance: FloatArray) -> FloatArray:
    """Return the lower triangular ``L`` with ``L @ L.T`` the covariance, also where it is singular.

    Unlike the eigenvectors, it is unique, so that draws do not depend on the linear algebra library.

    Examples
    --------
    >>> cholesky(np.array([[4.0, 2.0], [2.0, 1.0]])).tolist()
    [[2.0, 0.0], [1.0, 0.0]]
    """
    size = len(covariance)
    factor = np.zeros((size, size))
    for column in range(size):
        rest = covariance[column:, column] - factor[column:, :column] @ factor[column, :column]
        if rest[0] > _TOLERANCE * size * covariance[column, column]:
            factor[column:, column] = rest / np.sqrt(rest[0])
    return factor


def _shares(amounts: FloatArray) -> FloatArray:
    """Divide amounts of shape ``(k, n)`` by their sums; the result ``(n, k)`` has contiguous columns.

    Rows are added one by one: the order in which NumPy and BLAS add depends on ``n``, and with it the last
    digit of the result.
    """
    return np.asarray(amounts / reduce(np.add, amounts)).T
