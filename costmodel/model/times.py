"""Times to an event: how long until it happens, by the inverse of the cumulative hazard.

An event happens when the hazard it has been exposed to adds up to a standard exponential number. Whoever has
already gone ``since`` years without it (clock forward) starts from the hazard of that moment; with a clock
that is reset, ``since`` is None and everybody starts from zero.

Parameters of a distribution are numbers, or arrays with one value per draw.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.errors import CostModelError
from costmodel.model.accrual import FloatArray

IntArray = NDArray[np.intp]


class TimeDistribution(Protocol):
    """What the distribution of a time can do."""

    @property
    def n_draws(self) -> int:
        """Number of values of its parameters; 1 where they are the same in every draw."""

    def waiting(
        self, exposure: FloatArray, *, since: FloatArray | None = None, draw: IntArray | int = 0
    ) -> FloatArray:
        """Return the years still to wait, infinite where the event never happens.

        Parameters
        ----------
        exposure : array, shape (n,)
            Standard exponential numbers: the hazard that is survived.
        since : array, shape (n,), optional
            Years already gone on the clock of the event; None where the clock starts now.
        draw : array of int, shape (n,), or int
            The draw that each element belongs to.
        """


class _Parametric:
    """Checks parameters and finds those of each element's draw."""

    _any_sign: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            array = np.asarray(getattr(self, field.name), dtype=np.float64)
            self._check(field.name, array)
            object.__setattr__(self, field.name, array.reshape(-1))
        _ = self.n_draws

    def _check(self, name: str, array: FloatArray) -> None:
        rule = "finite" if name in self._any_sign else "above 0 and finite"
        good = np.isfinite(array) & ((array > 0) | (name in self._any_sign))
        if array.ndim > 1 or not array.size or not good.all():
            found = f"shape {array.shape}" if good.all() else f"{array[~good].flat[0]:g}"
            raise CostModelError(
                f"{name} of {type(self).__name__} must be {rule}, a number or one value per draw; "
                f"found {found}"
            )

    @property
    def n_draws(self) -> int:
        """Number of values of the parameters; 1 where they are the same in every draw."""
        sizes = {getattr(self, field.name).size for field in fields(self)} - {1}  # type: ignore[arg-type]
        if len(sizes) > 1:
            raise CostModelError(
                f"the parameters of {type(self).__name__} must have equally many draws; found "
                + ", ".join(str(size) for size in sorted(sizes))
            )
        return sizes.pop() if sizes else 1


def _of(parameter: ArrayLike, draw: IntArray | int) -> FloatArray | np.float64:
    """Return a parameter for each element: one number where it is the same in every draw."""
    array = np.asarray(parameter)
    return array[0] if array.size == 1 else array.take(draw)


@dataclass(frozen=True, eq=False)
class Exponential(_Parametric):
    """A constant hazard.

    Parameters
    ----------
    rate : float or array, shape (draw,)
        Events per person-year.

    Examples
    --------
    >>> Exponential(0.5).waiting(np.array([1.0, 2.0])).tolist()
    [2.0, 4.0]
    """

    rate: ArrayLike

    def waiting(
        self,
        exposure: FloatArray,
        *,
        since: FloatArray | None = None,  # noqa: ARG002  a constant hazard has no memory
        draw: IntArray | int = 0,
    ) -> FloatArray:
        """Return the years still to wait; those already gone make no difference."""
        return np.asarray(exposure / _of(self.rate, draw))


@dataclass(frozen=True, eq=False)
class Weibull(_Parametric):
    """A hazard that rises or falls as a power of time: ``S(t) = exp(-(t / scale) ** shape)``.

    Parameters
    ----------
    shape : float or array, shape (draw,)
        Above 1 the hazard rises.
    scale : float or array, shape (draw,)
        Years by which 63 % have had the event.

    Examples
    --------
    >>> Weibull(2, 3).waiting(np.array([4.0])).tolist()
    [6.0]
    """

    shape: ArrayLike
    scale: ArrayLike

    def waiting(
        self, exposure: FloatArray, *, since: FloatArray | None = None, draw: IntArray | int = 0
    ) -> FloatArray:
        """Return the years still to wait."""
        shape, scale = _of(self.shape, draw), _of(self.scale, draw)
        if since is None:
            return np.asarray(scale * exposure ** (1.0 / shape))
        return np.asarray(scale * ((since / scale) ** shape + exposure) ** (1.0 / shape) - since)


@dataclass(frozen=True, eq=False)
class Gompertz(_Parametric):
    """A hazard that grows exponentially, as mortality does with age: ``h(t) = rate * exp(shape * t)``.

    Parameters
    ----------
    shape : float or array, shape (draw,)
        Growth of the hazard's logarithm per year; below 0 some never have the event; 0 is exponential.
    rate : float or array, shape (draw,)
        Hazard at time zero, per year.

    Examples
    --------
    >>> round(float(Gompertz(0.1, 0.01).waiting(np.array([1.0]))[0]), 3)
    23.979
    """

    shape: ArrayLike
    rate: ArrayLike
    _any_sign = ("shape",)

    def waiting(
        self, exposure: FloatArray, *, since: FloatArray | None = None, draw: IntArray | int = 0
    ) -> FloatArray:
        """Return the years still to wait."""
        shape, rate = _of(self.shape, draw), _of(self.rate, draw)
        level = rate if since is None else rate * np.exp(shape * since)
        scaled = np.asarray(exposure / level)
        growth = np.broadcast_to(np.asarray(shape * scaled), scaled.shape)
        flat = np.broadcast_to(shape == 0, scaled.shape)
        years = np.log1p(growth, out=np.full_like(scaled, np.inf), where=growth > -1)
        return np.divide(years, shape, out=np.where(flat, scaled, np.inf), where=~flat & np.isfinite(years))


@dataclass(frozen=True, eq=False)
class Lognormal(_Parametric):
    """A time whose logarithm is normal.

    Parameters
    ----------
    meanlog, sdlog : float or array, shape (draw,)
        Mean and standard deviation of the logarithm of years.

    Examples
    --------
    >>> Lognormal(np.log(5), 0.7).waiting(np.array([np.log(2)])).round(12).tolist()
    [5.0]
    """

    meanlog: ArrayLike
    sdlog: ArrayLike
    _any_sign = ("meanlog",)

    def waiting(
        self, exposure: FloatArray, *, since: FloatArray | None = None, draw: IntArray | int = 0
    ) -> FloatArray:
        """Return the years still to wait."""
        from scipy.special import log_ndtr, ndtri_exp

        mean, sd = _of(self.meanlog, draw), _of(self.sdlog, draw)
        if since is None:
            return np.asarray(np.exp(mean - sd * ndtri_exp(-exposure)))
        begun = since > 0
        distance = (np.log(since, out=np.full_like(since, -np.inf), where=begun) - mean) / sd
        survival = log_ndtr(-distance) - exposure
        years = np.exp(mean - sd * ndtri_exp(survival))
        return np.asarray(np.maximum(years - since, 0.0))


@dataclass(frozen=True, eq=False)
class Gamma(_Parametric):
    """A gamma time: the sum of ``shape`` exponential phases, for whole shapes.

    Parameters
    ----------
    shape : float or array, shape (draw,)
    rate : float or array, shape (draw,)
        Per year; the mean is ``shape / rate``.

    Notes
    -----
    Where the survival so far is too small for a number (below 1e-300), the hazard is taken at its limit,
    ``rate``.

    Examples
    --------
    >>> Gamma(1, 0.5).waiting(np.array([1.0])).round(12).tolist()
    [2.0]
    """

    shape: ArrayLike
    rate: ArrayLike

    def waiting(
        self, exposure: FloatArray, *, since: FloatArray | None = None, draw: IntArray | int = 0
    ) -> FloatArray:
        """Return the years still to wait."""
        from scipy.special import gammaincc, gammainccinv

        shape, rate = _of(self.shape, draw), _of(self.rate, draw)
        survival = np.exp(-exposure)
        if since is None:
            return np.asarray(gammainccinv(shape, survival) / rate)
        survival *= gammaincc(shape, rate * since)
        years = gammainccinv(shape, survival) / rate - since
        return np.where(survival < _TINY, exposure / rate, np.maximum(years, 0.0))


_TINY = 1e-300
