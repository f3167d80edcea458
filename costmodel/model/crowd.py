"""The people of a block, and where each finds the values that hold for her or him. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from costmodel.model.accrual import FloatArray
from costmodel.model.times import IntArray
from costmodel.model.uniforms import KeyArray


@dataclass(frozen=True)
class Crowd:
    """The people of a block: some draws, some people of each, in every segment.

    Parameters
    ----------
    n_draws, n_people, n_segments : int
    keys : array of uint64, shape (draw, person, segment)
    individual : bool
        Whether values have a row per person on their draw axis instead of a row per draw.
    first_draw : int
    """

    n_draws: int
    n_people: int
    n_segments: int
    keys: KeyArray
    individual: bool
    first_draw: int = 0
    key: KeyArray = field(init=False)
    draw: IntArray = field(init=False)
    person: IntArray = field(init=False)
    segment: IntArray = field(init=False)

    def __post_init__(self) -> None:
        draw, person, segment = np.indices((self.n_draws, self.n_people, self.n_segments)).reshape(3, -1)
        object.__setattr__(self, "key", self.keys.ravel())
        object.__setattr__(self, "draw", draw)
        object.__setattr__(self, "person", draw * self.n_people + person)
        object.__setattr__(self, "segment", segment)

    @property
    def everyone(self) -> int:
        """Number of people in each segment, over all draws of the block."""
        return self.n_draws * self.n_people

    @property
    def rows(self) -> int:
        """Length of the draw axis of values."""
        return self.everyone if self.individual else self.n_draws

    def pick(self, values: FloatArray, who: IntArray) -> FloatArray:
        """Return the values of some people, from an array (draw, person of all draws or 1, segment or 1)."""
        if values.size == 1:
            return values.reshape(())
        rows = self.person if len(values) == self.everyone else self.draw
        row = rows[who] if len(values) > 1 else 0
        return np.asarray(values[row, self.segment[who] if values.shape[1] > 1 else 0])

    def spread(self, values: FloatArray) -> FloatArray:
        """Return values with a row per person, from an array (row or 1, segment or 1, …)."""
        if self.individual or len(values) == 1:
            return values
        return np.repeat(values, self.n_people, axis=0)

    def sums(self, who: IntArray, amounts: FloatArray) -> FloatArray:
        """Return sums over people, shape (draw, segment)."""
        cells = self.draw[who] * self.n_segments + self.segment[who]
        size = self.n_draws * self.n_segments
        amounts = np.broadcast_to(amounts, cells.shape)
        found: FloatArray = np.bincount(cells, amounts, minlength=size).astype(np.float64, copy=False)
        return found.reshape(self.n_draws, self.n_segments)
