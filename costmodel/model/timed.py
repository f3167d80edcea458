"""Values over time, kept once for every run of cycles in which they are the same. NumPy only.

What depends on a whole year of age changes every twelfth monthly cycle; computing it in every cycle would
cost twelve times as much and give the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from costmodel.model.accrual import FloatArray

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Timed:
    """A value at every cycle boundary, by runs of boundaries.

    Parameters
    ----------
    array : array, shape (run, …)
        One entry per run; the other axes are draw and segment, or stage, draw and segment. One run holds
        at every boundary.
    begins : array of bool, shape (boundary,), or None
        The boundaries at which a run begins, the first always; None where there is but one run.

    Examples
    --------
    >>> price = Timed(np.array([4.0, 1.0]), np.array([True, False, False, True]))
    >>> price.at_boundaries().tolist()
    [4.0, 4.0, 4.0, 1.0]
    """

    array: FloatArray
    begins: BoolArray | None = None

    def on(self, begins: BoolArray | None) -> FloatArray:
        """Return the values by runs that are as short or shorter; one run stays one."""
        if self.begins is None or begins is None or len(self.array) == np.count_nonzero(begins):
            return self.array
        return self.array[run_of(self.begins)[begins]]

    def at_boundaries(self) -> FloatArray:
        """Return the values by boundary, (boundary or 1, …)."""
        if self.begins is None or len(self.array) == len(self.begins):
            return self.array
        return self.array[run_of(self.begins)]

    def by_draw(self) -> FloatArray:
        """Return the values in the axes of formulas, (draw, segment, boundary)."""
        return np.moveaxis(self.at_boundaries(), 0, -1)

    def joined(self) -> Timed:
        """Return the same values in the fewest runs, where looking for them costs little."""
        if self.begins is None or self.array.shape[1] > 1:
            return self
        changes = (self.array[1:] != self.array[:-1]).any(axis=tuple(range(1, self.array.ndim)))
        kept = np.concatenate([[True], changes])
        if kept.all():
            return self
        begins = np.zeros_like(self.begins)
        begins[np.flatnonzero(self.begins)[kept]] = True
        return Timed(self.array[kept], begins if kept.sum() > 1 else None)


def run_of(begins: BoolArray) -> NDArray[np.intp]:
    """Return the position of the run to which each boundary belongs."""
    return np.asarray(np.cumsum(begins) - 1)


def common(values: Iterable[Timed]) -> BoolArray | None:
    """Return where any of the values begins a run; None where none of them changes."""
    found = [value.begins for value in values if value.begins is not None]
    return reduce(np.logical_or, found) if found else None
