"""The cohort engine: how people move between states, for all draws and segments at once. NumPy only.

Arrays are ordered (boundary, stage, draw, segment). A state without a tunnel has one stage. The stages of all
states lie side by side, those of states without tunnels first, so that one sum of products per cycle moves
everyone between them where most pairs of states have a transition. Cost grows in proportion to draws ×
segments × transitions × cycles, and to the stages of tunnels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from costmodel.model.accrual import FloatArray, compact
from costmodel.model.steps import Entry, Layout, Steps
from costmodel.model.weighing import added

IntArray = NDArray[np.intp]

Settled = Callable[[str], FloatArray]
"""A state that nobody leaves to the share in it, shape (boundary, 1, draw, segment)."""


@dataclass(frozen=True)
class Move:
    """The probability of one transition.

    Parameters
    ----------
    source, target : str
    probability : array, shape (period or 1, stage, draw or 1, segment or 1)
        A leading axis of length one holds for every cycle.
    period : array of int, shape (cycle,), or None
        Which period each cycle belongs to; None where every cycle is a period of its own.
    """

    source: str
    target: str
    probability: FloatArray
    period: IntArray | None = None

    def at(self, cycle: int) -> FloatArray:
        """Return the probability in one cycle, by stage, draw and segment."""
        return np.asarray(self.probability[_position(self.probability, cycle, self.period)])

    def by_cycle(self) -> FloatArray:
        """Return the probability by cycle, shape (cycle or 1, stage, draw or 1, segment or 1)."""
        constant = self.period is None or len(self.probability) == 1
        return self.probability if constant else self.probability[self.period]


def _position(array: FloatArray, cycle: int, period: IntArray | None) -> int:
    if len(array) == 1:
        return 0
    return cycle if period is None else int(period[cycle])


@dataclass(frozen=True)
class Trace:
    """Where the cohort is.

    Parameters
    ----------
    occupancy : mapping of str to array, shape (n_cycles + 1, stage, draw, segment)
        Share of the starting cohort in each state at each boundary.
    """

    occupancy: Mapping[str, FloatArray]

    def collapsed(self, state: str) -> FloatArray:
        """Return the share in a state whatever the time in it, shape (boundary, draw, segment)."""
        array = self.occupancy[state]
        return array[:, 0] if array.shape[1] == 1 else added(array, 1)


class _Occupancy(Mapping[str, FloatArray]):
    """The share in each state; of a state that nobody leaves it is added up when it is asked for."""

    def __init__(self, names: Iterable[str], known: dict[str, FloatArray], settled: Settled) -> None:
        self._names = tuple(names)
        self._known = known
        self._settled = settled

    def __getitem__(self, state: str) -> FloatArray:
        if state not in self._known and state in self._names:
            self._known[state] = self._settled(state)
        return self._known[state]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Workspace:
    """Memory that is used again: taking it anew from the system costs as much as filling it."""

    def __init__(self) -> None:
        self.memory = np.empty(0)

    def array(self, shape: tuple[int, ...]) -> FloatArray:
        """Return an array with arbitrary content; the one given before is lost."""
        size = prod(shape)
        if self.memory.size < size:
            self.memory = np.empty(size)
        return self.memory[:size].reshape(shape)

    @classmethod
    @contextmanager
    def borrowed(cls) -> Iterator[Workspace]:
        """Lend a workspace for some time, and keep its memory for the next who asks unless it is large."""
        try:
            own = _SPARE.pop()
        except IndexError:
            own = cls()
        yield own
        if not _SPARE and own.memory.size <= _KEPT:
            _SPARE.append(own)


_SPARE: list[Workspace] = []
_KEPT = 4_000_000
"""Most numbers in memory that is kept for another evaluation."""


def run_cohort(
    start: Mapping[str, FloatArray],
    stay: Mapping[str, FloatArray],
    moves: Sequence[Move],
    *,
    stages: Mapping[str, int],
    n_cycles: int,
    inflow: Mapping[str, FloatArray],
    period: IntArray | None = None,
    workspace: Workspace | None = None,
) -> Trace:
    """Return the trace of a cohort.

    Parameters
    ----------
    start : mapping of str to array, shape (draw, segment)
        Share of the cohort in each state at the start, all in the first stage.
    stay : mapping of str to array, shape (period or 1, stage, draw or 1, segment or 1)
        Probability of staying, which moves a tunnel's people to its next stage.
    moves : sequence of Move
        Transitions to other states.
    stages : mapping of str to int
    n_cycles : int
    inflow : mapping of str to array, shape (boundary or 1, draw, segment)
        People who join at each boundary after the start.
    period : array of int, shape (cycle,), or None
        Which period each cycle belongs to; None where every cycle is a period of its own.
    workspace : Workspace, optional
        Holds the trace until it is used for another.

    Returns
    -------
    Trace
    """
    shape = next(iter(start.values())).shape
    entries = [Entry(name, name, array) for name, array in stay.items()]
    entries += [Entry(move.source, move.target, move.probability) for move in moves]
    own = np.broadcast_shapes(
        *(compact(share).shape for share in start.values()),
        *(entry.probability.shape[2:] for entry in entries),
        *(array.shape[1:] for array in inflow.values()),
    )
    layout = Layout.of(stages, entries)
    course = (workspace or Workspace()).array((n_cycles + 1, layout.size, *own))
    course[0] = 0.0
    for name, slot in layout.slots.items():
        course[0, slot.start] = compact(start[name])
    joining = [(slot.start, inflow[name]) for name, slot in layout.slots.items() if name in inflow]
    _fill(course, Steps(layout, entries, own), joining, period)
    known = {
        name: np.broadcast_to(course[:, slot], (n_cycles + 1, stages[name], *shape))
        for name, slot in layout.slots.items()
    }

    def settled(state: str) -> FloatArray:
        share = np.zeros((n_cycles + 1, 1, *shape))
        share[0, 0] = start[state]
        for move in moves:
            if move.target == state and move.source in known:
                share[1:, 0] += flow(trace, move)
        if state in inflow:
            share[1:, 0] += inflow[state][1:] if len(inflow[state]) > 1 else inflow[state]
        return np.cumsum(share, axis=0, out=share)

    trace = Trace(_Occupancy(start, known, settled))
    return trace


def _fill(
    course: FloatArray, steps: Steps, joining: Sequence[tuple[int, FloatArray]], period: IntArray | None
) -> None:
    """Bring the cohort from boundary to boundary."""
    n_cycles = len(course) - 1
    entered = -1
    for cycle in range(n_cycles):
        row = cycle if period is None else int(period[cycle])
        if row != entered and (steps.changing or entered < 0):
            steps.enter(row)
            entered = row
        steps.run(course[cycle], course[cycle + 1])
        for slot, people in joining:
            course[cycle + 1, slot] += people[cycle + 1 if len(people) > 1 else 0]


def flow(trace: Trace, move: Move, value: FloatArray | None = None) -> FloatArray:
    """Return who makes a transition in each cycle, shape (n_cycles, draw, segment).

    With a ``value`` per person, shape (cycle or 1, stage, draw or 1, segment or 1), what it comes to.
    """
    leaving = trace.occupancy[move.source][:-1] * move.by_cycle()
    if value is not None:
        leaving = leaving * value
    return leaving[:, 0] if leaving.shape[1] == 1 else added(leaving, 1)
