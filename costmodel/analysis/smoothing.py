"""Regressions of a model's results on some of its parameters: what is expected given them.

One parameter: cubic splines. Two: products of such splines. More: polynomials of a total degree of up to
four, or as many as the draws can bear. How fine a basis is, is chosen by generalised cross-validation. All
are linear smoothers with a bounded number of columns: one fit serves every willingness to pay, and time and
memory grow in proportion to draws.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.checks import one_of
from costmodel.errors import CostModelError

Floats = NDArray[np.float64]

METHODS = ("spline", "tensor spline", "polynomial")
"""For one, two, and more parameters that vary."""

_KNOTS = (0, 2, 4, 8, 12)
_TENSOR_KNOTS = (0, 1, 2, 4)
_DEGREES = (1, 2, 3, 4)
_PER_COLUMN = 10
_BINS = 20
_DOUBT = 4.5
_RANK = 1e-10


@dataclass(frozen=True, eq=False)
class Fit:
    """What is expected of some results given some parameters.

    Attributes
    ----------
    method : str
    columns : int
        Columns of the basis.
    fitted : array, (outputs, draws)
    residual : array, (outputs, draws)
    basis : array, (draws, columns)
        Orthonormal; ``fitted`` is its projection.
    r_squared : array, (outputs,)
    doubt : str
        Why the fit should not be believed; empty where nothing speaks against it.
    """

    method: str
    columns: int
    fitted: Floats
    residual: Floats
    basis: Floats
    r_squared: Floats
    doubt: str

    @property
    def covariance(self) -> Floats:
        """Covariance of the residuals, (outputs, outputs); that of the coefficients of one column."""
        free = max(self.residual.shape[1] - self.columns, 1)
        return np.asarray(self.residual @ self.residual.T / free)


def fit(results: Floats, parameters: Floats, *, names: Sequence[str] = (), method: str | None = None) -> Fit:
    """Regress results on parameters.

    Parameters
    ----------
    results : array, (outputs, draws)
    parameters : array, (draws, p)
    names : sequence of str, optional
        Of the parameters, for what is said of them.
    method : {"spline", "tensor spline", "polynomial"}, optional
        By the number of parameters if left out.

    Raises
    ------
    CostModelError
        Draws differ in number, there are too few of them, or the method does not suit the parameters.

    References
    ----------
    .. [1] Strong M, Oakley JE, Brennan A. Estimating multiparameter partial expected value of perfect
       information from a probabilistic sensitivity analysis sample. Medical Decision Making 2014; 34:311-26.
    """
    if parameters.ndim != 2 or results.shape[1] != len(parameters):  # noqa: PLR2004 - a table has two axes
        raise CostModelError(
            f"results and parameters must hold the same draws; found {results.shape[1]} and {len(parameters)}"
        )
    moves = np.ptp(parameters, axis=0) > 0
    moving = parameters[:, moves]
    called = list(names) or [f"parameter {place + 1}" for place in range(len(moves))]
    labels = [name for name, one in zip(called, moves, strict=True) if one]
    if moving.shape[1] == 0:
        constant = np.full((len(parameters), 1), len(parameters) ** -0.5)
        return _result("constant", results, constant, moving, labels)
    chosen = method or _by_size(moving.shape[1])
    one_of(chosen, METHODS, "method of regression")
    if len(parameters) < _PER_COLUMN * (moving.shape[1] + 1):
        raise CostModelError(
            f"{len(parameters)} draws are too few to regress on {moving.shape[1]} parameters: "
            f"make at least {_PER_COLUMN * (moving.shape[1] + 1)}"
        )
    bases = _bases(moving, chosen)
    basis = min(bases, key=lambda one: _score(results, one))
    return _result(chosen, results, basis, moving, labels)


def _by_size(p: int) -> str:
    if p == 1:
        return METHODS[0]
    if p == 2:  # noqa: PLR2004
        return METHODS[1]
    return METHODS[2]


def _bases(parameters: Floats, method: str) -> list[Floats]:
    """Return orthonormal bases, each finer than the one before, that the draws can bear."""
    draws, p = parameters.shape
    if (method == "spline" and p != 1) or (method == "tensor spline" and p != 2):  # noqa: PLR2004
        raise CostModelError(f"the method '{method}' is not for {p} parameters that vary")
    most = draws // _PER_COLUMN
    if method == "polynomial":
        return _polynomials((parameters - parameters.mean(axis=0)) / parameters.std(axis=0), most)
    sizes = _KNOTS if method == "spline" else _TENSOR_KNOTS
    fitting = [knots for knots in sizes if (knots + 4) ** p <= most]
    return [_orthonormal(_splines(parameters, knots)) for knots in fitting or sizes[:1]]


def _splines(parameters: Floats, knots: int) -> Floats:
    each = [_spline(column, knots) for column in parameters.T]
    product = each[0]
    for other in each[1:]:
        product = (product[:, :, None] * other[:, None, :]).reshape(len(product), -1)
    return product


def _spline(values: Floats, knots: int) -> Floats:
    """Return a cubic B-spline basis with knots at quantiles."""
    from scipy.interpolate import BSpline

    low, high = float(values.min()), float(values.max())
    inner = np.unique(np.quantile(values, np.arange(1, knots + 1) / (knots + 1))) if knots else np.empty(0)
    inner = inner[(inner > low) & (inner < high)]
    places = np.concatenate([[low] * 4, inner, [high] * 4])
    return np.asarray(BSpline.design_matrix(values, places, 3).toarray(), dtype=float)


def _polynomials(scaled: Floats, most: int) -> list[Floats]:
    """Return one basis per total degree; each is the beginning of the next."""
    draws, p = scaled.shape
    columns, ends = [np.ones(draws)], list[int]()
    for degree in _DEGREES:
        added = itertools.combinations_with_replacement(range(p), degree)
        columns += [np.prod(scaled[:, chosen], axis=1) for chosen in added]
        if len(columns) > most and ends:
            break
        ends.append(len(columns))
    whole, _ = np.linalg.qr(np.stack(columns[: ends[-1]], axis=1))
    return [whole[:, :end] for end in ends]


def _orthonormal(columns: Floats) -> Floats:
    left, right = np.linalg.qr(columns)
    size = np.abs(np.diag(right))
    return np.asarray(left[:, size > _RANK * size.max()])


def _score(results: Floats, basis: Floats) -> float:
    """Return generalised cross-validation, each output by its own variance."""
    draws, columns = basis.shape
    explained = ((results @ basis) ** 2).sum(axis=1)
    left = np.maximum((results**2).sum(axis=1) - explained, 0.0)
    spread = results.var(axis=1) * draws
    use = spread > 0
    return float((left[use] / spread[use]).sum() / (1 - columns / draws) ** 2) if use.any() else 0.0


def _result(method: str, results: Floats, basis: Floats, parameters: Floats, labels: Sequence[str]) -> Fit:
    fitted = (results @ basis) @ basis.T
    residual = results - fitted
    total = results.var(axis=1)
    r_squared = 1 - np.divide(residual.var(axis=1), total, out=np.zeros(len(total)), where=total > 0)
    varies = total > _RANK**2 * (results**2).mean(axis=1)
    heard = residual[varies & (residual.var(axis=1) > _RANK * total)]
    doubt = _doubt(heard, parameters, labels)
    return Fit(method, basis.shape[1], fitted, residual, basis, r_squared, doubt)


def _doubt(residual: Floats, parameters: Floats, labels: Sequence[str]) -> str:
    """Say where residuals do not average to nothing: there the regression has missed a shape."""
    worst, where = 0.0, -1
    for place in range(parameters.shape[1] if len(residual) else 0):
        order = np.argsort(parameters[:, place], kind="stable")
        for part in np.array_split(order, _BINS):
            error = residual[:, part].std(axis=1) / np.sqrt(len(part))
            mean = np.abs(residual[:, part].mean(axis=1))
            score = float(np.divide(mean, error, out=np.zeros(len(mean)), where=error > 0).max(initial=0.0))
            if score > worst:
                worst, where = score, place
    if worst < _DOUBT:
        return ""
    return (
        f"residuals are off by {worst:.1f} standard errors in a twentieth of the draws along "
        f"{labels[where]}: the regression has missed a shape"
    )
