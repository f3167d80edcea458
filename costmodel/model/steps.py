"""One cycle of the cohort engine, laid out beforehand so that little is left to do in each. NumPy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.model.accrual import FloatArray
from costmodel.model.weighing import added

DENSE = 0.5
"""The share of pairs of states with a transition from which on all pairs are computed in one operation."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A probability of going from one state to another, or of staying.

    Parameters
    ----------
    source, target : str
    probability : array, shape (period or 1, stage, draw or 1, segment or 1)
    """

    source: str
    target: str
    probability: FloatArray

    @property
    def constant(self) -> float | None:
        """The one number that holds throughout, None if there are several."""
        return float(self.probability.item()) if self.probability.size == 1 else None

    def at(self, period: int) -> FloatArray:
        """Return the probability in one period, by stage, draw and segment."""
        return np.asarray(self.probability[period if len(self.probability) > 1 else 0])


@dataclass(frozen=True)
class Layout:
    """Where the stages of each state lie: states with one stage, then tunnels.

    Parameters
    ----------
    slots : mapping of str to slice
        States that nobody leaves have none: who is there follows from who came.
    single : int
        Number of states with one stage.
    size : int
        Number of stages of all states.
    """

    slots: Mapping[str, slice]
    single: int
    size: int

    @classmethod
    def of(cls, stages: Mapping[str, int], entries: Sequence[Entry]) -> Layout:
        """Return the layout of some states."""
        kept = {item.source for item in entries if item.source == item.target and item.constant == 1.0}
        single = [name for name, count in stages.items() if count == 1 and name not in kept]
        slots, position = {}, 0
        for name in [*single, *(name for name, count in stages.items() if count > 1)]:
            slots[name] = slice(position, position + stages[name])
            position += stages[name]
        return cls(slots, len(single), position)

    def place(self, item: Entry) -> tuple[int, int]:
        """Return where the first stages of a transition's states lie."""
        return self.slots[item.source].start, self.slots[item.target].start

    def among_single(self, item: Entry) -> bool:
        """Tell whether a transition goes from a state with one stage to another."""
        return max(self.place(item)) < self.single


class Steps:
    """The operations that bring a cohort from one boundary to the next.

    Parameters
    ----------
    layout : Layout
    entries : sequence of Entry
        Every transition, and the staying in every state.
    shape : tuple of int
        Number of draws and segments that differ.

    Attributes
    ----------
    changing : bool
        Whether any probability changes between periods.
    """

    def __init__(self, layout: Layout, entries: Sequence[Entry], shape: tuple[int, ...]) -> None:
        self._layout = layout
        present = [item for item in entries if item.constant != 0.0 and item.target in layout.slots]
        present = [item for item in present if item.source in layout.slots]
        first = {(item.source, item.target): item for item in reversed(present)}
        among = [item for item in first.values() if layout.among_single(item)]
        self._matrix: FloatArray | None = None
        self._bands: list[Band] = []
        if len(among) >= max(1.0, DENSE * layout.single**2):
            self._matrix = np.zeros((layout.single, layout.single, *shape))
            cells = [(self._matrix[layout.place(item)], item) for item in among]
        else:
            self._bands = bands([layout.place(item) for item in among], shape)
            place = {band.at(row): band.probability[row] for band in self._bands for row in range(band.size)}
            cells = [(place[layout.place(item)], item) for item in among]
        for cell, item in cells:
            cell[...] = item.at(0)[0]
        self._cells = [(cell, item) for cell, item in cells if len(item.probability) > 1]
        self._others = [item for item in present if item not in among]
        self._others.sort(key=lambda item: item.source != item.target)
        self.changing = any(len(item.probability) > 1 for item in present)
        longest = [band.size for band in self._bands]
        longest += [layout.slots[item.source].stop - layout.slots[item.source].start for item in self._others]
        self._buffer = np.empty((max(longest, default=0), *shape))

    def enter(self, period: int) -> None:
        """Take the probabilities of a period."""
        for cell, item in self._cells:
            cell[...] = item.at(period)[0]
        slots = self._layout.slots
        self._now = [(slots[item.source], slots[item.target], item.at(period)) for item in self._others]

    def run(self, now: FloatArray, then: FloatArray) -> None:
        """Fill the next boundary, arrays of shape (slot, draw, segment)."""
        single = self._layout.single
        if self._matrix is None:
            then[:] = 0.0
        elif single == self._layout.size:
            np.einsum("ids,ijds->jds", now, self._matrix, out=then)
        else:
            np.einsum("ids,ijds->jds", now[:single], self._matrix, out=then[:single])
            then[single:] = 0.0
        for band in self._bands:
            then[band.target] += np.multiply(
                now[band.source], band.probability, out=self._buffer[: band.size]
            )
        for source, target, probability in self._now:
            if source is target:
                _stay(now[source], then[source], probability)
                continue
            flow = np.multiply(now[source], probability, out=self._buffer[: source.stop - source.start])
            arrived = then[target.start]
            arrived += flow[0] if len(flow) == 1 else added(flow, 0)


@dataclass(frozen=True, eq=False)
class Band:
    """Transitions of states that lie side by side, each to the state as many places further on.

    Parameters
    ----------
    source, target : slice
    probability : array, shape (state, draw, segment)
    """

    source: slice
    target: slice
    probability: FloatArray

    @property
    def size(self) -> int:
        """Number of transitions."""
        return len(self.probability)

    def at(self, row: int) -> tuple[int, int]:
        """Return the places of the states of one of the transitions."""
        return int(self.source.start + row), int(self.target.start + row)


def bands(places: Sequence[tuple[int, int]], shape: tuple[int, ...]) -> list[Band]:
    """Put transitions between places into bands, with room for their probabilities.

    Examples
    --------
    >>> for band in bands([(0, 0), (0, 1), (1, 1), (1, 2), (3, 4)], (1, 1)):
    ...     print(band.source, band.target)
    slice(0, 2, None) slice(0, 2, None)
    slice(0, 2, None) slice(1, 3, None)
    slice(3, 4, None) slice(4, 5, None)
    """
    found: list[tuple[int, int, int]] = []
    for source, target in sorted(places, key=lambda place: (place[1] - place[0], place[0])):
        if found and found[-1][:2] == (source - found[-1][2], target - found[-1][2]):
            found[-1] = (*found[-1][:2], found[-1][2] + 1)
        else:
            found.append((source, target, 1))
    return [
        Band(slice(source, source + size), slice(target, target + size), np.empty((size, *shape)))
        for source, target, size in found
    ]


def _stay(now: FloatArray, then: FloatArray, probability: FloatArray) -> None:
    """Carry who stays over to the next boundary, one stage on; the last stage keeps its people."""
    if len(now) == 1:
        np.multiply(now, probability, out=then)
        return
    staying = now * probability
    then[1:] = staying[:-1]
    then[-1] += staying[-1]
