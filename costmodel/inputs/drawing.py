"""Draws: the value of every parameter in each draw of a design.

A base case is one draw, a probabilistic analysis many; what evaluates a model takes draws and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.inputs.checking import PREFIX_BOUNDS, bounds_rule
from costmodel.inputs.parameters import Parameters
from costmodel.inputs.protocol import Distribution, FloatArray
from costmodel.inputs.randomness import (
    checked_count,
    checked_seed,
    regroup,
    sobol_points,
    stream,
)
from costmodel.inputs.unknown import unknown

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("monte_carlo", "sobol")


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


def monte_carlo(parameters: Parameters, *, n: int, seed: int) -> Draws:
    """Return independent random draws.

    The draws of a parameter depend on the seed and on its own row (with the rows of its group) alone; the
    first draws of a longer design are those of a shorter one.

    Parameters
    ----------
    parameters : Parameters
    n : int
        Number of draws.
    seed : int
        From 0 on.

    Raises
    ------
    CostModelError
        ``n`` or ``seed`` cannot be used, or a drawn probability or utility is out of its bounds.

    Examples
    --------
    >>> from costmodel.inputs import Parameter
    >>> table = Parameters.of(
    ...     Parameter(
    ...         "c_visit",
    ...         1500,
    ...         distribution="gamma",
    ...         basis="se=300",
    ...         unit="USD/visit",
    ...         currency="USD",
    ...         price_year=2024,
    ...         status="assumed",
    ...     )
    ... )
    >>> round(float(monte_carlo(table, n=10_000, seed=1)["c_visit"].mean()))
    1502
    """
    return draws(parameters, n=n, seed=seed, method="monte_carlo")


def sobol(parameters: Parameters, *, n: int, seed: int) -> Draws:
    """Return quasi-random draws: the inverse distribution functions of a scrambled Sobol sequence.

    Means over such draws converge faster than over independent ones. Their error is that of the scrambling:
    compare several seeds. The sequence is balanced where ``n`` is a power of 2; for any other ``n`` it is
    the first ``n`` points, still unbiased, with some of the gain lost.

    Parameters
    ----------
    parameters : Parameters
        Each uncertain parameter is one dimension, in the order of names, so that the order of the table does
        not matter; a further uncertain parameter changes the others' draws.
    n : int
        Number of draws.
    seed : int
        From 0 on.

    Raises
    ------
    CostModelError
        ``n`` or ``seed`` cannot be used, or a drawn probability or utility is out of its bounds.

    Examples
    --------
    >>> from costmodel.inputs import Parameter
    >>> table = Parameters.of(
    ...     Parameter(
    ...         "c_visit",
    ...         1500,
    ...         distribution="gamma",
    ...         basis="se=300",
    ...         unit="USD/visit",
    ...         currency="USD",
    ...         price_year=2024,
    ...         status="assumed",
    ...     )
    ... )
    >>> round(float(sobol(table, n=1024, seed=1)["c_visit"].mean()))
    1500
    """
    return draws(parameters, n=n, seed=seed, method="sobol")


def draws(parameters: Parameters, *, n: int, seed: int, method: str = "monte_carlo") -> Draws:
    """Return draws by a method's name.

    Parameters
    ----------
    parameters : Parameters
    n, seed : int
    method : {"monte_carlo", "sobol"}

    Raises
    ------
    CostModelError
        As :func:`monte_carlo` and :func:`sobol`.
    """
    return next(blocks(parameters, n=n, seed=seed, method=method, size=checked_count(n, "number of draws")))


def blocks(
    parameters: Parameters, *, n: int, seed: int, method: str = "monte_carlo", size: int = 8192
) -> Iterator[Draws]:
    """Yield the draws of a design in blocks of ``size``, the last one shorter, so that memory stays small.

    The numbers are the same for every ``size``.

    Parameters
    ----------
    parameters : Parameters
    n, seed : int
    method : {"monte_carlo", "sobol"}
    size : int
        Largest number of draws in a block.

    Raises
    ------
    CostModelError
        As :func:`monte_carlo` and :func:`sobol`, or ``size`` cannot be used.
    """
    design = _Design(
        parameters,
        checked_count(n, "number of draws"),
        checked_seed(seed),
        one_of(method, METHODS, "method of drawing"),
        checked_count(size, "size of a block"),
    )
    return _blocks(design)


class _Design(NamedTuple):
    parameters: Parameters
    n: int
    seed: int
    method: str
    size: int

    @property
    def sizes(self) -> list[int]:
        whole, rest = divmod(self.n, self.size)
        return [self.size] * whole + [rest] * bool(rest)


class _Unit(NamedTuple):
    """What is drawn together: a parameter or a group."""

    label: str
    names: tuple[str, ...]
    sample: Callable[[Generator, int], FloatArray]
    from_uniforms: Callable[[FloatArray], FloatArray]


def _units(parameters: Parameters) -> list[_Unit]:
    """Return the units in the order of their labels, which is not that of the table."""
    found = [
        _Unit(f"group:{group}", joint.names, joint.sample, joint.from_uniforms)
        for group, joint in parameters.joints.items()
    ]
    for name, row in parameters.items():
        if row.uncertain and not row.group:
            law = parameters.distribution(name)
            found.append(_Unit(f"parameter:{name}", (name,), law.sample, partial(_only_column, law)))
    return sorted(found, key=lambda unit: unit.label)


def _only_column(law: Distribution, uniforms: FloatArray) -> FloatArray:
    return law.quantile(uniforms[:, 0])


def _blocks(design: _Design) -> Iterator[Draws]:
    pieces = _monte_carlo_pieces if design.method == "monte_carlo" else _sobol_pieces
    fixed = {name: row.value for name, row in design.parameters.items() if not row.uncertain}
    start = 0
    for size, drawn in zip(design.sizes, pieces(design, _units(design.parameters)), strict=True):
        for name, values in drawn.items():
            _within_bounds(name, values, start)
        same = {name: np.broadcast_to(np.float64(value), (size,)) for name, value in fixed.items()}
        every = {name: same[name] if name in same else drawn[name] for name in design.parameters}
        yield Draws(every, size, design.seed, design.method)
        start += size


def _monte_carlo_pieces(design: _Design, units: list[_Unit]) -> Iterator[dict[str, FloatArray]]:
    streams = [regroup(stream(design.seed, unit.label, unit.sample), design.sizes) for unit in units]
    for _ in design.sizes:
        yield _named(units, [next(pieces) for pieces in streams])


def _sobol_pieces(design: _Design, units: list[_Unit]) -> Iterator[dict[str, FloatArray]]:
    dimensions = sum(len(unit.names) for unit in units)
    if not dimensions:
        yield from ({} for _ in design.sizes)
        return
    for points in sobol_points(design.seed, dimensions=dimensions, sizes=design.sizes):
        rows = np.ascontiguousarray(points.T)
        arrays, position = [], 0
        for unit in units:
            after = position + len(unit.names)
            arrays.append(unit.from_uniforms(rows[position:after].T))
            position = after
        yield _named(units, arrays)


def _named(units: list[_Unit], arrays: list[FloatArray]) -> dict[str, FloatArray]:
    """Return an array per name from arrays of shape ``(n,)`` or ``(n, k)``."""
    return {
        name: column
        for unit, array in zip(units, arrays, strict=True)
        for name, column in zip(unit.names, [array] if array.ndim == 1 else array.T, strict=True)
    }


def _within_bounds(name: str, values: FloatArray, start: int) -> None:
    for prefix, (low, high) in PREFIX_BOUNDS.items():
        if name.startswith(prefix) and not (values.min() >= low and values.max() <= high):
            worst = int(np.argmax((values < low) | (values > high)))
            raise CostModelError(
                f"{name}: {bounds_rule(prefix)}; draw {start + worst} is {values[worst]:.6g} -> choose a "
                "distribution that keeps within the bounds, such as beta, or check its standard error"
            )
