"""How long people stay in each state, in continuous time. NumPy only.

People wait in queues, one per state. The longest queue is taken whole: everyone in it gets a time for every
possible move, makes the earliest one, and joins the queue of the next state; when all queues are short, new
people come in. The order does not matter, as every random number belongs to a person and a move. What is
kept is not people's histories but, for every move, sums by draw and year: how many make it, their times, and
the discounted years until then. Time in a state is exits less entries.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costmodel.model.accrual import FloatArray
from costmodel.model.times import IntArray, TimeDistribution
from costmodel.model.uniforms import KeyArray, Space, keys_of, step, uniforms

if TYPE_CHECKING:
    from costmodel.model.competing import CompetingRisks

_BATCH = 1 << 16
"""People moved together: arrays of this size stay in the processor's cache."""

_SHARE = 1 << 18
"""People of one task; a fixed number, so that results do not depend on the number of processors."""

_KEPT = 3 << 20

_NEXT = 1 << 16
"""Random numbers reserved between one move of a person and the next."""


@dataclass(frozen=True)
class Course:
    """Mean time of a person in each state.

    Parameters
    ----------
    discounted : array, shape (2, state, draw)
        At the discount rate of costs, then of effects.
    years : array, shape (state, draw, year)
        Undiscounted, by year; the last year may be cut by the horizon.
    """

    discounted: FloatArray
    years: FloatArray


@dataclass(frozen=True)
class _Move:
    """One way out of a state, with places instead of names."""

    source: int
    target: int
    law: TimeDistribution

    @property
    def counter(self) -> int:
        """Which of a person's random numbers decides its time."""
        return 1 + (self.source << 8 | self.target)


@dataclass(frozen=True)
class _Plan:
    """A model, with places instead of names.

    Parameters
    ----------
    moves : tuple of _Move
    ways : tuple of tuple of int
        Places of the moves out of each state.
    again : tuple of bool
        Whether a state can be entered again after it was left.
    """

    moves: tuple[_Move, ...]
    ways: tuple[tuple[int, ...], ...]
    steps: tuple[KeyArray, ...]
    again: tuple[bool, ...]
    start: int
    forward: bool
    horizon: float
    rates: tuple[float, ...]

    @property
    def n_years(self) -> int:
        return max(1, int(np.ceil(self.horizon)))


def follow(
    models: Sequence[CompetingRisks], keys: KeyArray, *, n_people: int, block: int | None
) -> list[Course]:
    """Follow the same people under each model.

    Parameters
    ----------
    models : sequence of CompetingRisks
    keys : array of uint64, shape (draw,)
    n_people : int
        Per draw.
    block : int or None
        People moved together.

    Returns
    -------
    list of Course
    """
    plans = [_plan(model) for model in models]
    everyone = len(keys) * n_people
    shares = [range(first, min(first + _SHARE, everyone)) for first in range(0, everyone, _SHARE)]
    tasks = [(position, share) for share in shares for position in range(len(plans))]

    def run(task: tuple[int, range]) -> _Sums:
        return _Run(plans[task[0]], keys, n_people, task[1], block or _BATCH).to_the_horizon()

    sums = [_Sums.none(plan, len(keys)) for plan in plans]
    _keep_freed_memory()
    with ThreadPoolExecutor(min(len(tasks), os.cpu_count() or 1)) as pool:
        for (position, share), found in zip(tasks, pool.map(run, tasks), strict=True):
            sums[position].add(found, share.start // n_people)
    return [_course(plan, found, n_people) for plan, found in zip(plans, sums, strict=True)]


def _keep_freed_memory() -> None:
    """Free a large array once: the C library then keeps what is freed later instead of returning it.

    Arrays of a batch are made and freed thousands of times; fresh pages would cost a fifth of the run.
    """
    np.empty(_KEPT)


def _plan(model: CompetingRisks) -> _Plan:
    place = {state: position for position, state in enumerate(model.states)}
    moves = [_Move(place[source], place[target], law) for (source, target), law in model.transitions.items()]
    moves.sort(key=lambda move: move.counter)
    ways = [tuple(i for i, move in enumerate(moves) if move.source == state) for state in place.values()]
    rates = (float(model.discount_costs), float(model.discount_effects))
    return _Plan(
        moves=tuple(moves),
        ways=tuple(ways),
        steps=tuple(np.array([[step(moves[place].counter)] for place in own]) for own in ways),
        again=tuple(_can_return(moves, state) for state in place.values()),
        start=place[model.start],
        forward=model.clock == "forward",
        horizon=float(model.horizon_years),
        rates=rates[:1] if rates[0] == rates[1] else rates,
    )


def _can_return(moves: Sequence[_Move], state: int) -> bool:
    seen: set[int] = set()
    waiting = [state]
    while waiting:
        here = waiting.pop()
        reached = {move.target for move in moves if move.source == here} - seen
        seen |= reached
        waiting += reached
    return state in seen


@dataclass(frozen=True)
class _Sums:
    """What is kept of all moves.

    Parameters
    ----------
    count : array of int, shape (move, draw, year)
    time : array, shape (move, draw, year)
        Sum of the times of the moves, in years since the start.
    worth : array, shape (rate, move, draw)
        Sum of the discounted years until the moves.
    """

    count: IntArray
    time: FloatArray
    worth: FloatArray

    @classmethod
    def none(cls, plan: _Plan, n_draws: int) -> _Sums:
        shape = (len(plan.moves), n_draws, plan.n_years)
        return cls(np.zeros(shape, dtype=np.intp), np.zeros(shape), np.zeros((len(plan.rates), *shape[:2])))

    def add(self, other: _Sums, first: int = 0) -> None:
        """Add sums over some draws, from the draw ``first`` on."""
        draws = slice(first, first + other.count.shape[1])
        self.count[:, draws] += other.count
        self.time[:, draws] += other.time
        self.worth[:, :, draws] += other.worth


@dataclass(frozen=True)
class _People:
    """People who have just entered a state.

    Parameters
    ----------
    draw : array of int, shape (n,)
    time : array, shape (n,)
        Years since the start.
    key : array of uint64, shape (n,)
    moved : array of uint64, shape (n,)
        What the moves so far add to the key.
    """

    draw: IntArray
    time: FloatArray
    key: KeyArray
    moved: KeyArray

    @classmethod
    def joined(cls, parts: Sequence[_People]) -> _People:
        if len(parts) == 1:
            return parts[0]
        return cls(
            np.concatenate([part.draw for part in parts]),
            np.concatenate([part.time for part in parts]),
            np.concatenate([part.key for part in parts]),
            np.concatenate([part.moved for part in parts]),
        )


@dataclass
class _Queue:
    """People who wait in a state."""

    parts: list[_People] = field(default_factory=list)
    n: int = 0

    def join(self, people: _People) -> None:
        self.parts.append(people)
        self.n += len(people.time)

    def empty(self) -> _People:
        people = _People.joined(self.parts)
        self.parts, self.n = [], 0
        return people


class _Run:
    """People on their way under one model."""

    def __init__(self, plan: _Plan, keys: KeyArray, n_people: int, share: range, batch: int) -> None:
        self.plan, self.keys, self.n_people, self.share, self.batch = plan, keys, n_people, share, batch
        self.first_draw = share.start // n_people
        self.n_draws = (share.stop - 1) // n_people + 1 - self.first_draw
        self.queues = [_Queue() for _ in plan.ways]
        self.sums = _Sums.none(plan, self.n_draws)
        self.log: list[tuple[IntArray, FloatArray]] = []
        self.logged = 0
        self.space = Space()

    def to_the_horizon(self) -> _Sums:
        """Return the sums of a share of the people, who are numbered over all draws."""
        arriving = self._arriving() if self.plan.ways[self.plan.start] else iter(())
        with np.errstate(over="ignore", divide="ignore"):
            while True:
                state = max(range(len(self.queues)), key=lambda place: self.queues[place].n)
                if self.queues[state].n < self.batch and (people := next(arriving, None)) is not None:
                    self.queues[self.plan.start].join(people)
                elif self.queues[state].n:
                    self._leave(state, self.queues[state].empty())
                else:
                    break
        self._sum_log()
        return self.sums

    def _arriving(self) -> Iterator[_People]:
        for first in range(self.share.start, self.share.stop, self.batch):
            people = np.arange(first, min(first + self.batch, self.share.stop))
            draw, person = np.divmod(people, self.n_people)
            n = len(people)
            yield _People(draw, np.zeros(n), keys_of(self.keys.take(draw), person), np.zeros(n, np.uint64))

    def _leave(self, state: int, people: _People) -> None:
        """Let everyone make the earliest move that comes before the horizon."""
        time, chosen = self._earliest(state, people)
        time += people.time
        inside = time < self.plan.horizon
        for way, place in enumerate(self.plan.ways[state]):
            here = np.flatnonzero(inside & (chosen == way))
            if not len(here):
                continue
            draw, then = people.draw.take(here), time.take(here)
            self._note(place, draw, then)
            target = self.plan.moves[place].target
            if self.plan.ways[target]:
                moved = people.moved.take(here)
                moved += step(_NEXT)
                self.queues[target].join(_People(draw, then, people.key.take(here), moved))

    def _earliest(self, state: int, people: _People) -> tuple[FloatArray, NDArray[np.uint8]]:
        """Return the years until the first move, and which of the state's it is."""
        key = people.key + people.moved if self.plan.again[state] else people.key
        since = people.time if self.plan.forward else None
        exposures = uniforms(key, self.plan.steps[state], space=self.space)
        np.log(exposures, out=exposures)
        np.negative(exposures, out=exposures)
        soonest = np.full(len(key), np.inf)
        chosen = np.zeros(len(key), dtype=np.uint8)
        for way, (place, exposure) in enumerate(zip(self.plan.ways[state], exposures, strict=True)):
            years = self.plan.moves[place].law.waiting(exposure, since=since, draw=people.draw)
            if way:
                np.putmask(chosen, years < soonest, np.uint8(way))
            np.minimum(soonest, years, out=soonest)
        return soonest, chosen

    def _note(self, place: int, draw: IntArray, time: FloatArray) -> None:
        cells = draw + (place * self.n_draws - self.first_draw)
        cells *= self.plan.n_years
        cells += time.astype(np.intp)
        self.log.append((cells, time))
        self.logged += len(cells)
        if self.logged > max(self.batch, self.sums.count.size):
            self._sum_log()

    def _sum_log(self) -> None:
        if not self.log:
            return
        cells = np.concatenate([cells for cells, _ in self.log])
        time = np.concatenate([time for _, time in self.log])
        shape, size = self.sums.count.shape, self.sums.count.size
        worths = [_years_worth(time, rate) for rate in self.plan.rates]
        worth = [np.bincount(cells, own, minlength=size).reshape(shape).sum(axis=2) for own in worths]
        count = np.bincount(cells, minlength=size)
        times: FloatArray = np.bincount(cells, time, minlength=size).astype(np.float64, copy=False)
        self.sums.add(_Sums(count.reshape(shape), times.reshape(shape), np.stack(worth)))
        self.log, self.logged = [], 0


def _years_worth(time: FloatArray, rate: float) -> FloatArray:
    """Return the present value of one a year until some time: ``(1 - exp(-rate * time)) / rate``."""
    if rate == 0:
        return time
    worth = time * -rate
    np.expm1(worth, out=worth)
    worth /= -rate
    return worth


def _course(plan: _Plan, sums: _Sums, n_people: int) -> Course:
    """Return time in each state: exits less entries, and the horizon for those who stay to the end."""
    n_draws = sums.count.shape[1]
    ends = np.minimum(np.arange(1, plan.n_years + 1), plan.horizon)
    whole = np.array([_years_worth(np.full(1, plan.horizon), rate) for rate in plan.rates])
    later = sums.count.sum(axis=2, keepdims=True) - sums.count.cumsum(axis=2)
    until = sums.time.cumsum(axis=2) + later * ends
    discounted, years = [], []
    for state in range(len(plan.ways)):
        sign = np.array([(move.source == state) - float(move.target == state) for move in plan.moves])
        staying = (state == plan.start) * n_people - np.tensordot(sign, sums.count.sum(axis=2), 1)
        staying = np.broadcast_to(staying, (n_draws,))
        worth = np.tensordot(sums.worth, sign, (1, 0)) + whole * staying
        present = np.tensordot(sign, until, 1) + staying[:, np.newaxis] * ends
        discounted.append(worth / n_people)
        years.append(np.diff(present, axis=1, prepend=0.0) / n_people)
    both = np.stack(discounted, axis=1)
    return Course(np.broadcast_to(both, (2, *both.shape[1:])), np.stack(years))
