"""The cohort engine: how people move between states, for all draws and segments at once. NumPy only.

Arrays are ordered (boundary, stage, draw, segment). A state without a tunnel has one stage. Each step costs a
few operations per transition on arrays of draws × segments, so that cost grows in proportion to draws ×
segments × transitions × cycles, and to the stages of tunnels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.model.accrual import FloatArray


@dataclass(frozen=True)
class Move:
    """The probability of one transition.

    Parameters
    ----------
    source, target : str
    probability : array, shape (cycle or 1, stage, draw or 1, segment or 1)
        Per cycle. A leading axis of length one holds for every cycle.
    """

    source: str
    target: str
    probability: FloatArray

    def at(self, cycle: int) -> FloatArray:
        """Return the probability in one cycle, by stage, draw and segment."""
        return np.asarray(self.probability[cycle if len(self.probability) > 1 else 0])


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
        return array[:, 0] if array.shape[1] == 1 else np.asarray(array.sum(axis=1))


def run_cohort(
    start: Mapping[str, FloatArray],
    stay: Mapping[str, FloatArray],
    moves: Sequence[Move],
    *,
    stages: Mapping[str, int],
    n_cycles: int,
    inflow: Mapping[str, FloatArray],
) -> Trace:
    """Return the trace of a cohort.

    Parameters
    ----------
    start : mapping of str to array, shape (draw, segment)
        Share of the cohort in each state at the start, all in the first stage.
    stay : mapping of str to array, shape (cycle or 1, stage, draw or 1, segment or 1)
        Probability of staying, which moves a tunnel's people to its next stage.
    moves : sequence of Move
        Transitions to other states.
    stages : mapping of str to int
    n_cycles : int
    inflow : mapping of str to array, shape (boundary or 1, draw, segment)
        People who join at each boundary after the start.

    Returns
    -------
    Trace
    """
    shape = next(iter(start.values())).shape
    occupancy = {name: np.zeros((n_cycles + 1, stages[name], *shape)) for name in start}
    for name, share in start.items():
        occupancy[name][0, 0] = share
    buffers = {count: np.empty((count, *shape)) for count in set(stages.values())}
    for cycle in range(n_cycles):
        for name, people in occupancy.items():
            _stay(people, stay[name][cycle if len(stay[name]) > 1 else 0], cycle)
        for move in moves:
            flow = np.multiply(
                occupancy[move.source][cycle], move.at(cycle), out=buffers[stages[move.source]]
            )
            arrived = occupancy[move.target][cycle + 1, 0]
            arrived += flow[0] if len(flow) == 1 else flow.sum(axis=0)
        for name, joining in inflow.items():
            occupancy[name][cycle + 1, 0] += joining[cycle + 1 if len(joining) > 1 else 0]
    return Trace(occupancy)


def _stay(people: FloatArray, probability: FloatArray, cycle: int) -> None:
    """Carry who stays over to the next boundary, one stage on; the last stage keeps its people."""
    now, then = people[cycle], people[cycle + 1]
    if len(now) == 1:
        np.multiply(now, probability, out=then)
        return
    staying = now * probability
    then[1:] = staying[:-1]
    then[-1] += staying[-1]


def flow(trace: Trace, move: Move) -> FloatArray:
    """Return who makes a transition in each cycle, shape (n_cycles, draw, segment)."""
    leaving = trace.occupancy[move.source][:-1] * move.probability
    return leaving[:, 0] if leaving.shape[1] == 1 else np.asarray(leaving.sum(axis=1))
