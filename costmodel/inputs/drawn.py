"""Draws: the value of every parameter in each draw of a design.

A base case is one draw, a probabilistic analysis many; what evaluates a model takes draws and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from costmodel.errors import CostModelError
from costmodel.inputs.parameters import Parameters
from costmodel.inputs.protocol import FloatArray
from costmodel.inputs.randomness import checked_count
from costmodel.inputs.unknown import unknown

if TYPE_CHECKING:
    import pandas as pd


class Part(NamedTuple):
    """Some consecutive draws, made when they are asked for.

    Parameters
    ----------
    start, stop : int
        Their place among all draws.
    draws : callable
    """

    start: int
    stop: int
    draws: Callable[[], Draws]


@dataclass(frozen=True, eq=False)
class Draws:
    """Values of parameters, one per draw.

    Parameters
    ----------
    values : mapping of str to array, shape ``(n,)``
        Finite, read-only. A parameter that is the same in every draw may be one number seen ``n`` times.
    n : int
        Number of draws.
    seed : int or None
        None where nothing is random.
    method : str
        ``base``, ``monte_carlo`` or ``sobol``.

    Raises
    ------
    CostModelError
        An array has another shape, or holds a value that is not finite.

    Examples
    --------
    >>> draws = Draws({"c_fill": np.array([10.0, 12.0])}, n=2, seed=None, method="base")
    >>> draws.replace(c_fill=11).values["c_fill"].tolist()
    [11.0, 11.0]
    >>> draws.take([1, 1, 0])["c_fill"].tolist()
    [12.0, 12.0, 10.0]
    """

    values: Mapping[str, FloatArray]
    n: int
    seed: int | None
    method: str

    def __post_init__(self) -> None:
        checked_count(self.n, "number of draws")
        checked = {name: _checked(name, values, self.n) for name, values in self.values.items()}
        object.__setattr__(self, "values", checked)

    def __getitem__(self, name: str) -> FloatArray:
        try:
            return self.values[name]
        except KeyError:
            raise unknown("drawn parameter", name, list(self.values)) from None

    def replace(self, /, **arrays: ArrayLike) -> Draws:
        """Return the draws with some parameters set to other values: a number, or one per draw.

        Raises
        ------
        CostModelError
            A name is not among the draws, or an array has another length.
        """
        for name in arrays:
            _ = self[name]
        return Draws({**self.values, **self._spread(arrays)}, self.n, self.seed, self.method)

    def _spread(self, arrays: Mapping[str, ArrayLike]) -> dict[str, FloatArray]:
        converted = {name: np.asarray(array, dtype=np.float64) for name, array in arrays.items()}
        return {
            name: np.broadcast_to(array, (self.n,)) if array.ndim == 0 else array
            for name, array in converted.items()
        }

    def take(self, indices: ArrayLike) -> Draws:
        """Return some of the draws, in the order of ``indices``, or those where a mask of length n is true.

        Raises
        ------
        CostModelError
            An index is not one of ``0 … n - 1``, or none is given.
        """
        chosen = np.asarray(indices)
        if chosen.dtype == np.bool_ and chosen.shape == (self.n,):
            chosen = np.flatnonzero(chosen)
        whole = chosen.ndim == 1 and chosen.size > 0 and np.issubdtype(chosen.dtype, np.integer)
        if not whole or chosen.min() < 0 or chosen.max() >= self.n:
            raise CostModelError(f"draws are numbered from 0 to {self.n - 1}; found indices {indices!r}")
        taken = {name: _take(values, chosen) for name, values in self.values.items()}
        return Draws(taken, len(chosen), self.seed, self.method)

    def compact(self) -> dict[str, FloatArray]:
        """Return the values with length 1 instead of ``n`` where one number stands for every draw.

        Such an array broadcasts against the others and costs nothing.
        """
        return {name: values[:1] if _constant(values) else values for name, values in self.values.items()}

    def parts(self, size: int) -> Iterator[Part]:
        """Yield the draws in parts of ``size``, the last one shorter."""
        for start in range(0, self.n, size):
            stop = min(start + size, self.n)
            yield Part(start, stop, partial(self._part, slice(start, stop)))

    def _part(self, chosen: slice) -> Draws:
        part = {name: values[chosen] for name, values in self.values.items()}
        return Draws(part, chosen.stop - chosen.start, self.seed, self.method)

    def frame(self) -> pd.DataFrame:
        """Return a column per parameter and a row per draw."""
        import pandas as pd

        return pd.DataFrame(dict(self.values), index=pd.RangeIndex(self.n, name="draw"))


def _constant(values: FloatArray) -> bool:
    return values.strides == (0,)


def _take(values: FloatArray, chosen: np.ndarray[tuple[int, ...], np.dtype[np.integer]]) -> FloatArray:
    return np.broadcast_to(values[0], chosen.shape) if _constant(values) else values[chosen]


def _checked(name: str, values: ArrayLike, n: int) -> FloatArray:
    array = np.asarray(values, dtype=np.float64).view()
    if array.shape != (n,):
        raise CostModelError(f"{name} must have one value per draw, shape ({n},); found shape {array.shape}")
    finite = np.isfinite(array[:1] if _constant(array) else array)
    if not finite.all():
        worst = int(np.argmin(finite))
        raise CostModelError(f"{name} must be finite; draw {worst} is {array[worst]}")
    array.setflags(write=False)
    return array


def base_draws(parameters: Parameters) -> Draws:
    """Return one draw in which every parameter has its base-case value.

    Examples
    --------
    >>> from costmodel.inputs import fixed_parameter
    >>> table = Parameters.of(fixed_parameter("n_pills", 60, unit="tablets", status="assumed"))
    >>> base_draws(table)["n_pills"].tolist()
    [60.0]
    """
    return Draws({name: np.array([row.value]) for name, row in parameters.items()}, 1, None, "base")
