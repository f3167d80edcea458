"""How draws are made: independent or quasi-random ones; all at once, or in parts when they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.inputs.checking import PREFIX_BOUNDS, bounds_rule
from costmodel.inputs.drawn import Draws, Part
from costmodel.inputs.parameters import Parameters
from costmodel.inputs.protocol import Distribution, FloatArray
from costmodel.inputs.randomness import checked_count, checked_seed, sample_rows, sobol_points
from costmodel.workers import processors, share

METHODS = ("monte_carlo", "sobol")
_SIZE = 8192
"""Draws in a part: a whole number of blocks of random numbers."""
_MANY = 100_000
"""Draws from which on they are made in several threads."""


def monte_carlo(parameters: Parameters, *, n: int, seed: int) -> Draws:
    """Return independent random draws.

    The draws of a parameter depend on the seed and on its own row (with the rows of its group, and of what
    rank correlations connect it with) alone; the first draws of a longer design are those of a shorter one.

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
    return Design(parameters, n, seed, method).draws()


def blocks(
    parameters: Parameters, *, n: int, seed: int, method: str = "monte_carlo", size: int = _SIZE
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
    parts = Design(parameters, n, seed, method).parts(size)
    return (part.draws() for part in parts)


@dataclass(frozen=True)
class Design:
    """Draws that are still to be made: what is evaluated in parts need never be in memory as a whole.

    Parameters
    ----------
    parameters : Parameters
    n : int
        Number of draws.
    seed : int
        From 0 on.
    method : {"monte_carlo", "sobol"}

    Raises
    ------
    CostModelError
        ``n``, ``seed`` or ``method`` cannot be used.

    Examples
    --------
    >>> from costmodel.inputs import fixed_parameter
    >>> table = Parameters.of(fixed_parameter("n_pills", 60, unit="tablets", status="assumed"))
    >>> design = Design(table, n=5, seed=1)
    >>> [(part.start, part.stop, part.draws()["n_pills"].tolist()) for part in design.parts(3)]
    [(0, 3, [60.0, 60.0, 60.0]), (3, 5, [60.0, 60.0])]
    """

    parameters: Parameters
    n: int
    seed: int
    method: str = "monte_carlo"

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", checked_count(self.n, "number of draws"))
        object.__setattr__(self, "seed", checked_seed(self.seed))
        one_of(self.method, METHODS, "method of drawing")

    def draws(self) -> Draws:
        """Return all draws."""
        if self.n <= _SIZE:
            return next(self.parts(self.n)).draws()
        drawn = {name: np.empty(self.n) for name, row in self.parameters.items() if row.uncertain}

        def fill(parts: Iterator[Part]) -> None:
            for part in parts:
                own = part.draws()
                for name, values in drawn.items():
                    values[part.start : part.stop] = own[name]

        share(self.parts(_SIZE), fill, workers=processors() if self.n >= _MANY else 1)
        return self._with_fixed(drawn, self.n)

    def parts(self, size: int) -> Iterator[Part]:
        """Yield the draws in parts of ``size``, the last one shorter.

        Raises
        ------
        CostModelError
            ``size`` cannot be used; when a part is made, a probability or utility is out of its bounds.
        """
        checked_count(size, "size of a block")
        pieces = _monte_carlo if self.method == "monte_carlo" else _sobol
        return (
            Part(start, stop, partial(self._part, make, start, stop))
            for start, stop, make in pieces(self, _units(self.parameters), self._spans(size))
        )

    def _spans(self, size: int) -> list[Span]:
        return [(start, min(start + size, self.n)) for start in range(0, self.n, size)]

    def _part(self, make: Make, start: int, stop: int) -> Draws:
        drawn, size = make(), stop - start
        for name, values in drawn.items():
            _within_bounds(name, values, start)
        return self._with_fixed(drawn, size)

    def _with_fixed(self, drawn: Mapping[str, FloatArray], n: int) -> Draws:
        every = {
            name: drawn[name] if row.uncertain else np.broadcast_to(np.float64(row.value), (n,))
            for name, row in self.parameters.items()
        }
        return Draws(every, n, self.seed, self.method)


def factors(parameters: Parameters) -> dict[str, tuple[str, ...]]:
    """Return what is drawn on its own, a parameter or a group, sorted by label.

    Returns
    -------
    dict of label to parameters
        The label is the name of the parameter or of the group.

    Examples
    --------
    >>> from costmodel.inputs import Parameter
    >>> row = Parameter(
    ...     "p_cure", 0.3, distribution="beta", basis="counts=30/70", unit="proportion", status="assumed"
    ... )
    >>> factors(Parameters.of(row))
    {'p_cure': ('p_cure',)}
    """
    return {_short(unit): unit.names for unit in _units(parameters)}


def placed(
    parameters: Parameters, points: Mapping[str, FloatArray], *, seed: int | None, method: str
) -> Draws:
    """Return the draws at points of the unit cube, by inverse distribution functions.

    Parameters
    ----------
    parameters : Parameters
    points : mapping of label to array, (n, k)
        By label as in :func:`factors`, a column for each of its parameters; above 0 and below 1. A parameter
        without points keeps its base-case value.
    seed, method
        What the points were made by.

    Raises
    ------
    CostModelError
        A label is unknown, or a drawn probability or utility is out of its bounds.
    """
    units = {_short(unit): unit for unit in _units(parameters)}
    for label in points:
        one_of(label, units, "uncertain parameter or group")
    chosen = [units[label] for label in points]
    drawn = _named(chosen, [unit.from_uniforms(points[_short(unit)]) for unit in chosen])
    for name, values in drawn.items():
        _within_bounds(name, values, 0)
    n = len(next(iter(points.values())))
    base = {name: np.broadcast_to(np.float64(row.value), (n,)) for name, row in parameters.items()}
    return Draws(base | drawn, n, seed, method)


def _short(unit: _Unit) -> str:
    return unit.label.partition(":")[2]


Span = tuple[int, int]
Make = Callable[[], dict[str, FloatArray]]
"""Makes the values of every uncertain parameter in some draws."""


class _Unit(NamedTuple):
    """What is drawn together: a parameter, a group, or parameters whose ranks are correlated."""

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
    correlated = list(_correlated(parameters))
    found += correlated
    alone = set(parameters).difference(*(unit.names for unit in correlated))
    for name, row in parameters.items():
        if row.uncertain and not row.group and name in alone:
            law = parameters.distribution(name)
            found.append(_Unit(f"parameter:{name}", (name,), law.sample, partial(_only_column, law)))
    return sorted(found, key=lambda unit: unit.label)


def _correlated(parameters: Parameters) -> Iterator[_Unit]:
    correlations = parameters.rank_correlations
    if correlations is None:
        return
    for names in correlations.groups:
        copula = correlations.copula(names, [parameters.distribution(name) for name in names])
        yield _Unit(f"correlated:{'+'.join(names)}", names, copula.sample, copula.from_uniforms)


def _only_column(law: Distribution, uniforms: FloatArray) -> FloatArray:
    return law.quantile(uniforms[:, 0])


def _monte_carlo(design: Design, units: list[_Unit], spans: list[Span]) -> Iterator[tuple[int, int, Make]]:
    def make(start: int, stop: int) -> dict[str, FloatArray]:
        rows = [sample_rows(design.seed, unit.label, unit.sample, start, stop) for unit in units]
        return _named(units, rows)

    for start, stop in spans:
        yield start, stop, partial(make, start, stop)


def _sobol(design: Design, units: list[_Unit], spans: list[Span]) -> Iterator[tuple[int, int, Make]]:
    """Yield what makes the draws of each part from its points, which follow one another."""
    dimensions = sum(len(unit.names) for unit in units)
    if not dimensions:
        yield from ((start, stop, dict) for start, stop in spans)
        return
    sizes = [stop - start for start, stop in spans]
    points = sobol_points(design.seed, dimensions=dimensions, sizes=sizes)
    for (start, stop), own in zip(spans, points, strict=True):
        yield start, stop, partial(_from_points, units, own)


def _from_points(units: list[_Unit], points: FloatArray) -> dict[str, FloatArray]:
    rows = np.ascontiguousarray(points.T)
    arrays, position = [], 0
    for unit in units:
        after = position + len(unit.names)
        arrays.append(unit.from_uniforms(rows[position:after].T))
        position = after
    return _named(units, arrays)


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
