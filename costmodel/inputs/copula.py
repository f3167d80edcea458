"""Rank correlations between parameters: a Gaussian copula, under which each keeps its own distribution.

Correlated standard normal numbers are turned into uniform ones, and these into values by the inverse of each
parameter's own distribution function. A rank (Spearman) correlation ``r`` is that of normal numbers with the
correlation ``2 sin(pi r / 6)``, and no increasing function changes ranks.

References
----------
Clemen RT, Reilly T. Correlations and copulas for decision and risk analysis. Management Science
1999;45:208-224.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from costmodel.checks import did_you_mean
from costmodel.errors import Faults
from costmodel.inputs.joint import cholesky
from costmodel.inputs.parameter import Parameter
from costmodel.inputs.protocol import Distribution, FloatArray, standard_normal_quantile

RANK_TABLE = "rank_correlations"
"""Name of the table in a study's ``tables`` folder."""
_TOLERANCE = 1e-9
_NEAREST_ONE = 2.0**-53


@dataclass(frozen=True)
class RankCorrelations:
    """Spearman correlations between parameters that each have a distribution of their own.

    Parameters
    ----------
    names : tuple of str
    matrix : tuple of tuple of float
        Symmetric, 1 on the diagonal, from -1 to 1 elsewhere, in the order of ``names``. Both are kept in the
        order of names, so that draws do not depend on how the table is written.

    Raises
    ------
    DataError
        Every rule that the matrix breaks.

    Examples
    --------
    >>> pair = RankCorrelations.of({("u_stable", "u_relapse"): 0.6})
    >>> pair.names, pair.matrix
    (('u_relapse', 'u_stable'), ((1.0, 0.6), (0.6, 1.0)))
    >>> normal_correlations(pair.matrix).round(4).tolist()
    [[1.0, 0.618], [0.618, 1.0]]
    """

    names: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        faults = Faults("rank correlations")
        for finding in _shape(self.names, self.matrix) or matrix_findings(self.names, self.matrix):
            faults.add(finding.rule, found=finding.found, remedy=finding.remedy)
        faults.raise_if_any("the rank correlations cannot be used")
        order = sorted(range(len(self.names)), key=self.names.__getitem__)
        rows = tuple(tuple(float(self.matrix[row][column]) for column in order) for row in order)
        object.__setattr__(self, "names", tuple(self.names[position] for position in order))
        object.__setattr__(self, "matrix", rows)

    @classmethod
    def of(cls, pairs: Mapping[tuple[str, str], float]) -> RankCorrelations:
        """Return the correlations of some pairs of parameters; all other pairs have none."""
        names = tuple(sorted({name for pair in pairs for name in pair}))
        matrix = np.eye(len(names))
        for (one, other), value in pairs.items():
            row, column = names.index(one), names.index(other)
            matrix[row, column] = matrix[column, row] = value
        return cls(names, tuple(tuple(row) for row in matrix.tolist()))

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The sets of two or more names that correlations connect; any other parameter is on its own.

        Examples
        --------
        >>> RankCorrelations.of({("a", "b"): 0.5, ("b", "d"): 0.1, ("c", "e"): 0.0}).groups
        (('a', 'b', 'd'),)
        """
        left = list(range(len(self.names)))
        found = []
        while left:
            group = [left.pop(0)]
            for member in group:
                near = [other for other in left if self.matrix[member][other] != 0]
                group += near
                left = [other for other in left if other not in near]
            if len(group) > 1:
                found.append(tuple(self.names[position] for position in sorted(group)))
        return tuple(found)

    def between(self, name: str) -> dict[str, float]:
        """Return the correlations of a parameter that are not 0, by the other's name."""
        if name not in self.names:
            return {}
        row = self.matrix[self.names.index(name)]
        return {other: value for other, value in zip(self.names, row, strict=True) if other != name and value}

    def copula(self, names: Sequence[str], laws: Sequence[Distribution]) -> Copula:
        """Return what draws some of the parameters together."""
        positions = [self.names.index(name) for name in names]
        matrix = np.array(self.matrix)[np.ix_(positions, positions)]
        return Copula(tuple(laws), cholesky(normal_correlations(matrix)))


@dataclass(frozen=True, eq=False)
class Copula:
    """Draws distributions together; ``factor`` is the Cholesky factor of their normal correlations."""

    laws: tuple[Distribution, ...]
    factor: FloatArray

    def sample(self, rng: Generator, n: int) -> FloatArray:
        """Return ``n`` independent draws, shape ``(n, k)``."""
        return self._place(rng.standard_normal((len(self.laws), n)))

    def from_uniforms(self, u: ArrayLike) -> FloatArray:
        """Return draws from uniform numbers of shape ``(n, k)``, shape ``(n, k)``."""
        return self._place(standard_normal_quantile(np.ascontiguousarray(np.asarray(u, dtype=np.float64).T)))

    def _place(self, normals: FloatArray) -> FloatArray:
        # row by row: the order in which BLAS adds depends on the number of draws
        from scipy.special import ndtr

        columns = []
        for index, (law, row) in enumerate(zip(self.laws, self.factor, strict=True)):
            mixed = reduce(np.add, [row[other] * normals[other] for other in range(index + 1)])
            columns.append(law.quantile(np.clip(ndtr(mixed), np.finfo(float).tiny, 1 - _NEAREST_ONE)))
        return np.stack(columns).T


def normal_correlations(matrix: ArrayLike) -> FloatArray:
    """Return the correlations of normal numbers whose rank correlations are given, ``2 sin(pi r / 6)``.

    Examples
    --------
    >>> normal_correlations([[1.0, 0.5], [0.5, 1.0]]).round(6).tolist()
    [[1.0, 0.517638], [0.517638, 1.0]]
    """
    normal = 2 * np.sin(np.pi * np.asarray(matrix, dtype=np.float64) / 6)
    np.fill_diagonal(normal, 1.0)
    return np.asarray(normal)


class CellFinding(NamedTuple):
    """A broken rule of a table of correlations, with the names of its row and column where it is in one."""

    row: str
    column: str
    rule: str
    found: str = ""
    remedy: str = ""


def matrix_findings(names: Sequence[str], matrix: Sequence[Sequence[float]]) -> list[CellFinding]:
    """Return what keeps a square matrix from being rank correlations; a cell that is NaN is passed over."""
    values = np.array(matrix, dtype=np.float64).reshape(len(names), len(names))
    found = [*_cells(names, values), *_asymmetries(names, values)]
    return found or ([] if np.isnan(values).any() else _impossible(values))


def _shape(names: Sequence[str], matrix: Sequence[Sequence[float]]) -> list[CellFinding]:
    found = []
    rows = [len(row) for row in matrix]
    if rows != [len(names)] * len(names) or not names:
        rule = f"rank correlations must be square: {len(names)} names need as many rows and columns"
        found.append(CellFinding("", "", rule, f"rows of {rows}"))
    elif not np.isfinite(np.array(matrix, dtype=np.float64)).all():
        found.append(CellFinding("", "", "a rank correlation must be a finite number"))
    twice = sorted({name for name in names if list(names).count(name) > 1})
    return found + [
        CellFinding(name, "", "a parameter may stand only once among the rank correlations", name)
        for name in twice
    ]


def _cells(names: Sequence[str], values: FloatArray) -> Iterator[CellFinding]:
    for row, one in enumerate(names):
        for column, other in enumerate(names):
            value = values[row, column]
            if row == column and not (np.isnan(value) or value == 1):
                rule = f"the correlation of {one} with itself must be 1"
                yield CellFinding(one, one, rule, f"{value:g}", "give correlations, not covariances")
            elif abs(value) > 1:
                rule = f"a rank correlation must lie from -1 to 1: {one} with {other}"
                yield CellFinding(one, other, rule, f"{value:g}", "write 60 % as 0.6")


def _asymmetries(names: Sequence[str], values: FloatArray) -> Iterator[CellFinding]:
    for row, column in combinations(range(len(names)), 2):
        one, other = values[row, column], values[column, row]
        if abs(one - other) > _TOLERANCE:
            rule = f"rank correlations must be symmetric: {names[row]} with {names[column]}"
            remedy = "write the same number on both sides of the diagonal"
            yield CellFinding(names[column], names[row], rule, f"{one:g} and {other:g}", remedy)


def _impossible(values: FloatArray) -> list[CellFinding]:
    smallest = _smallest(values)
    if smallest >= -_TOLERANCE * len(values):
        return []
    share = next(part for part in range(99, -1, -1) if _smallest(_weakened(values, part / 100)) >= 0)
    rule = "rank correlations must be possible together: those of the normal numbers, 2 sin(pi r / 6), must "
    return [
        CellFinding(
            "",
            "",
            f"{rule}be positive semi-definite",
            f"{smallest:.3g} as their smallest eigenvalue",
            f"check the signs first; else weaken them: all of them times {share / 100:g} are possible",
        )
    ]


def _smallest(values: FloatArray) -> float:
    return float(np.linalg.eigvalsh(normal_correlations(values)).min())


def _weakened(values: FloatArray, share: float) -> FloatArray:
    return np.asarray(share * values + (1 - share) * np.eye(len(values)))


def member_findings(names: Collection[str], rows: Sequence[Parameter]) -> Iterator[CellFinding]:
    """Yield what keeps names from being parameters that can be correlated."""
    known = {row.name: row for row in rows}
    for name in names:
        row = known.get(name)
        if row is None:
            rule, remedy = f"{name} is not a parameter of the table", did_you_mean(name, list(known))
            yield CellFinding(name, name, rule, name, remedy)
        elif row.group:
            rule = f"{name} is drawn with group {row.group}, which sets its correlations"
            found = f"{row.distribution}:{row.group}"
            yield CellFinding(name, name, rule, found, "leave it out of the rank correlations")
        elif not row.uncertain:
            rule = f"{name} is fixed: what does not vary cannot be correlated"
            yield CellFinding(name, name, rule, "fixed", "give it a distribution, or leave it out")
