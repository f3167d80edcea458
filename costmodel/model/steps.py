"""One cycle of the cohort engine, laid out beforehand so that little is left to do in each. NumPy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.model.accrual import FloatArray

DENSE = 0.5
"""The share of pairs of states with a transition from which on all pairs are computed in one operation."""


@dataclass(frozen=True)
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

    def among_single(self, item: Entry) -> bool:
        """Tell whether a transition goes from a state with one stage to another."""
        source, target = self.slots[item.source].start, self.slots[item.target].start
        return bool(max(source, target) < self.single)


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
        among = [item for item in present if layout.among_single(item)]
        dense = len(among) >= max(1.0, DENSE * layout.single**2)
        self._matrix = np.zeros((layout.single, layout.single, *shape)) if dense else None
        self._inside = among if dense else []
        for item in self._inside:
            self._cell(item)[...] = item.at(0)[0]
        self._outside = [item for item in present if item not in self._inside]
        self._outside.sort(key=lambda item: item.source != item.target)
        self.changing = any(len(item.probability) > 1 for item in present)
        longest = max((slot.stop - slot.start for slot in layout.slots.values()), default=1)
        self._buffer = np.empty((longest, *shape))

    def _cell(self, item: Entry) -> FloatArray:
        assert self._matrix is not None
        slots = self._layout.slots
        cell: FloatArray = self._matrix[slots[item.source].start, slots[item.target].start]
        return cell

    def enter(self, period: int) -> None:
        """Take the probabilities of a period."""
        for item in self._inside:
            if len(item.probability) > 1:
                self._cell(item)[...] = item.at(period)[0]
        slots = self._layout.slots
        self._now = [(slots[item.source], slots[item.target], item.at(period)) for item in self._outside]

    def run(self, now: FloatArray, then: FloatArray) -> None:
        """Fill the next boundary, arrays of shape (slot, draw, segment)."""
        single = self._layout.single
        if self._matrix is not None:
            np.einsum("ids,ijds->jds", now[:single], self._matrix, out=then[:single])
            then[single:] = 0.0
        else:
            then[:] = 0.0
        for source, target, probability in self._now:
            if source is target:
                _stay(now[source], then[source], probability)
                continue
            flow = np.multiply(now[source], probability, out=self._buffer[: source.stop - source.start])
            arrived = then[target.start]
            arrived += flow[0] if len(flow) == 1 else flow.sum(axis=0)


def _stay(now: FloatArray, then: FloatArray, probability: FloatArray) -> None:
    """Carry who stays over to the next boundary, one stage on; the last stage keeps its people."""
    if len(now) == 1:
        np.multiply(now, probability, out=then)
        return
    staying = now * probability
    then[1:] = staying[:-1]
    then[-1] += staying[-1]
