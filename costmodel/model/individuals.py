"""Individuals: the same study, simulated person by person in discrete time.

Formulas, transitions, payoffs and conventions are those of the cohort, so that means over people converge to
the cohort's results. What the cohort cannot do is added: the exact time in a state, characteristics that
differ between people, and the spread of costs and effects over people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from costmodel.checks import did_you_mean, one_of
from costmodel.errors import CostModelError
from costmodel.inputs import Distribution, Draws
from costmodel.inputs.randomness import checked_count, checked_seed
from costmodel.model.accrual import FloatArray
from costmodel.model.counting import ProbabilityError
from costmodel.model.crowd import Crowd
from costmodel.model.definition import Model
from costmodel.model.evaluate import evaluate, wanted_names
from costmodel.model.ordering import crossings, refusing
from costmodel.model.outcomes import Outcomes
from costmodel.model.timed import BoolArray
from costmodel.model.uniforms import KeyArray, draw_keys, keys_of, step, uniforms
from costmodel.model.values import Environment, environments
from costmodel.model.walk import walk

if TYPE_CHECKING:
    import pandas as pd

TimeInState = Literal["exact", "tunnels"]
Attributes = Mapping[str, Distribution]

_TOGETHER = 1 << 16
"""People of a block."""

_VALUES = 1 << 20
"""Values of one name in a block: rows of the draw axis times boundaries."""

_PERCENTILES = (2.5, 25.0, 50.0, 75.0, 97.5)


@dataclass(frozen=True)
class People:
    """What each person comes to.

    Parameters
    ----------
    outcomes : Outcomes
        Means over people.
    totals : array, shape (strategy, measure, draw, segment, person)
        Discounted totals over the horizon. A cost is positive where money is spent.
    """

    outcomes: Outcomes
    totals: FloatArray

    def total(self, measure: str) -> FloatArray:
        """Return one measure, discounted, shape (strategy, draw, segment, person)."""
        one_of(measure, list(self.outcomes.measures), "measure")
        return self.totals[:, list(self.outcomes.measures).index(measure)]

    def cost(self, perspective: str) -> FloatArray:
        """Return discounted costs, shape (strategy, draw, segment, person)."""
        one_of(perspective, list(self.outcomes.perspectives), "perspective")
        members = self.outcomes.perspectives[perspective]
        shape = (*self.totals.shape[:1], *self.totals.shape[2:])
        return np.asarray(sum((self.total(measure) for measure in members), np.zeros(shape)))

    def summary(self, percentiles: Sequence[float] = _PERCENTILES) -> pd.DataFrame:
        """Return mean, standard deviation and percentiles over people.

        Parameters
        ----------
        percentiles : sequence of float
            From 0 to 100.

        Returns
        -------
        DataFrame
            A row per segment, strategy and quantity: the perspectives' costs, then the effects. People of all
            draws are taken together, so that the spread is that of people and of parameters.
        """
        import pandas as pd

        ranks = [float(rank) for rank in percentiles]
        if not all(0 <= rank <= 100 for rank in ranks):  # noqa: PLR2004 per cent
            raise CostModelError(f"percentiles must lie in [0, 100]; found {list(percentiles)}")
        quantities = {name: self.cost(name) for name in self.outcomes.perspectives}
        quantities |= {name: self.total(name) for name in self.outcomes.effects}
        rows = []
        for place, segment in enumerate(self.outcomes.segments):
            for number, strategy in enumerate(self.outcomes.strategies):
                for name, values in quantities.items():
                    own = values[number, :, place].ravel()
                    row: dict[str, object] = {"segment": segment, "strategy": strategy, "quantity": name}
                    row |= {"mean": float(own.mean()), "sd": float(own.std())}
                    found = np.percentile(own, ranks).tolist()
                    rows.append(row | {f"p{rank:g}": value for rank, value in zip(ranks, found, strict=True)})
        return pd.DataFrame(rows)

    def frame(self) -> pd.DataFrame:
        """Return a row per strategy, draw, segment and person, and a column per measure."""
        import pandas as pd

        shape = self.total(next(iter(self.outcomes.measures))).shape
        strategy, draw, segment, person = (axis.ravel() for axis in np.indices(shape))
        columns: dict[str, object] = {
            "strategy": np.array(self.outcomes.strategies, dtype=object)[strategy],
            "draw": draw,
            "segment": np.array(self.outcomes.segments, dtype=object)[segment],
            "person": person,
        }
        return pd.DataFrame(columns | {name: self.total(name).ravel() for name in self.outcomes.measures})


def simulate(
    model: Model,
    draws: Draws,
    *,
    n_people: int,
    seed: int,
    attributes: Attributes | None = None,
    time_in_state: TimeInState = "exact",
    block: int | None = None,
) -> Outcomes:
    """Simulate a model person by person and return means over people.

    A person meets the same random numbers under every strategy (common random numbers): strategies that are
    equal give equal results, and differences between others are more precise than results themselves.

    Parameters
    ----------
    model : Model
        Without inflow: the people are those who start.
    draws : Draws
    n_people : int
        People per draw and segment.
    seed : int
    attributes : mapping of str to Distribution, optional
        Parameters whose values differ between people, each with its distribution; they win over the draws. A
        person has the same under every strategy, and the same in every segment.
    time_in_state : {"exact", "tunnels"}
        Whether ``years_in_state`` is the person's own, however long, or stops where the state's tunnel ends,
        as in the cohort.
    block : int, optional
        People simulated together; changes no number but its last digits.

    Returns
    -------
    Outcomes
        Their Monte Carlo error falls with the square root of ``n_people``.

    Raises
    ------
    CostModelError
        A state has an inflow, an attribute is no parameter, or as :func:`~costmodel.evaluate`.

    Notes
    -----
    The number that decides a transition belongs to the seed, the draw, the segment, the person and the cycle;
    states are tried in their order. With attributes, formulas are computed for every person.

    Examples
    --------
    >>> from costmodel.model.examples import well_or_dead, well_or_dead_draws
    >>> outcomes = simulate(well_or_dead(), well_or_dead_draws(), n_people=20_000, seed=1)
    >>> exact = evaluate(well_or_dead(), well_or_dead_draws())
    >>> round(outcomes.total("life_years").item(), 1), round(exact.total("life_years").item(), 1)
    (2.6, 2.6)
    """
    return _Simulation(model, draws, n_people, seed, attributes or {}, time_in_state, block).run(keep=False)[
        0
    ]


def simulate_people(
    model: Model,
    draws: Draws,
    *,
    n_people: int,
    seed: int,
    attributes: Attributes | None = None,
    time_in_state: TimeInState = "exact",
    block: int | None = None,
) -> People:
    """Simulate a model person by person and keep each person's discounted totals.

    The same people as those of :func:`simulate`, whose parameters and errors it has. Memory grows with
    strategies x measures x draws x segments x people.

    Returns
    -------
    People

    Examples
    --------
    Most of those who are well live to the end of the three years:

    >>> from costmodel.model.examples import well_or_dead, well_or_dead_draws
    >>> people = simulate_people(well_or_dead(), well_or_dead_draws(), n_people=1000, seed=1)
    >>> people.summary([5, 50])[["quantity", "p5", "p50"]].values.tolist()
    [['life_years', 0.5, 3.0]]
    """
    simulation = _Simulation(model, draws, n_people, seed, attributes or {}, time_in_state, block)
    outcomes, totals = simulation.run(keep=True)
    return People(outcomes, totals)


@dataclass(frozen=True)
class _Part:
    """A block: some draws, and some people of each."""

    draws: range
    people: range

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.draws), len(self.people)


@dataclass(frozen=True)
class _Simulation:
    """What is asked for."""

    model: Model
    draws: Draws
    n_people: int
    seed: int
    attributes: Attributes
    time_in_state: TimeInState
    block: int | None

    def __post_init__(self) -> None:
        checked_count(self.n_people, "number of people")
        checked_seed(self.seed)
        one_of(self.time_in_state, ("exact", "tunnels"), "time_in_state")
        if self.block is not None:
            checked_count(self.block, "size of a block")
        for name in self.attributes:
            if name not in self.model.parameters:
                remedy = did_you_mean(name, list(self.model.parameters))
                raise CostModelError(f"attribute '{name}' is no parameter of '{self.model.name}'; {remedy}")
        if self.model.states is not None and self.model.states.inflow:
            names = ", ".join(self.model.states.inflow)
            raise CostModelError(
                f"study '{self.model.name}': people join {names} later on, but individuals are simulated "
                "from the start; use evaluate, or leave the inflow out"
            )

    def run(self, *, keep: bool) -> tuple[Outcomes, FloatArray]:
        """Return means over people and, where they are kept, each person's discounted totals."""
        model = self.model
        shape = (len(model.strategies), len(model.measures), self.draws.n, len(model.segments))
        discounted, by_year = np.zeros(shape), np.zeros((*shape, model.time.n_years))
        totals = np.empty((*shape, self.n_people if keep else 0))
        clipped: dict[str, BoolArray] = {}
        for part in self._parts():
            chosen = slice(part.draws.start, part.draws.stop)
            crowd, found = self._crowd(part), environments(model, self._values(part), wanted_names(model))
            for row, strategy in enumerate(model.strategies):
                walked = walk(
                    model,
                    found[strategy.name],
                    crowd,
                    strategy=strategy.name,
                    exact=self.time_in_state == "exact",
                )
                discounted[row][:, chosen] += walked.discounted.sum(axis=2) / self.n_people
                by_year[row][:, chosen] += walked.by_year / self.n_people
                if keep:
                    people = slice(part.people.start, part.people.stop)
                    totals[row][:, chosen, :, people] = np.moveaxis(walked.discounted, 2, 3)
                crossed = self._crossed(part, found[strategy.name], strategy.name)
                for state, wrong in [*walked.clipped.items(), *crossed.items()]:
                    counts = clipped.setdefault(f"{strategy.name}, {state}", np.zeros(self.draws.n, np.bool_))
                    counts[chosen] |= wrong
        outcomes = Outcomes(
            study=model.name,
            money=model.money,
            strategies=tuple(strategy.name for strategy in model.strategies),
            comparator=model.comparator,
            measures=model.measures,
            segments=tuple(segment.name for segment in model.segments),
            perspectives=model.perspectives,
            discounted=discounted,
            undiscounted=by_year.sum(axis=-1),
            by_year=by_year,
            sizes=self._sizes(),
            clipped={name: int(counts.sum()) for name, counts in clipped.items()},
        )
        return outcomes, totals

    def _crossed(self, part: _Part, environment: Environment, strategy: str) -> dict[str, BoolArray]:
        """Return the draws of a block in which an order is crossed for any person, shape (draw,)."""
        try:
            found = crossings(
                refusing(self.model), environment, strategy=strategy, first_draw=part.draws.start
            )
        except ProbabilityError as error:
            if not self.attributes:
                raise
            raise CostModelError(f"{error} (simulating individuals: a draw is one person here)") from None
        draws, people = part.shape
        rows = draws * people if self.attributes else draws
        every = {name: np.broadcast_to(wrong, rows).reshape(draws, -1) for name, wrong in found.items()}
        return {
            name.split(", ", 1)[1]: np.asarray(wrong.any(axis=1))
            for name, wrong in every.items()
            if wrong.any()
        }

    def _parts(self) -> Iterator[_Part]:
        """Yield blocks small enough for memory: whole draws where they are small, parts of one otherwise."""
        rows = max(1, _VALUES // (self.model.time.n_cycles + 1))
        together = self.block or max(1, _TOGETHER // len(self.model.segments))
        people = min(self.n_people, together, rows) if self.attributes else min(self.n_people, together)
        draws = max(1, min(together // people, rows // people if self.attributes else rows))
        for draw in range(0, self.draws.n, draws):
            for first in range(0, self.n_people, people):
                yield _Part(
                    range(draw, min(draw + draws, self.draws.n)),
                    range(first, min(first + people, self.n_people)),
                )

    def _keys(self, label: str, part: _Part) -> KeyArray:
        """Return people's keys, shape (draw, person)."""
        own = draw_keys(self.seed, label, self.draws.n)[part.draws.start : part.draws.stop]
        return keys_of(own[:, np.newaxis], np.arange(part.people.start, part.people.stop))

    def _crowd(self, part: _Part) -> Crowd:
        segments = self.model.segments
        keys = np.stack([self._keys(f"people: {segment.name}", part) for segment in segments], axis=2)
        return Crowd(
            n_draws=len(part.draws),
            n_people=len(part.people),
            n_segments=len(segments),
            keys=keys,
            individual=bool(self.attributes),
            first_draw=part.draws.start,
        )

    def _values(self, part: _Part) -> Draws:
        """Return the draws of a block; with attributes, one for every person."""
        if not self.attributes:
            return self.draws.take(np.arange(part.draws.start, part.draws.stop))
        rows = self.draws.take(np.repeat(np.arange(part.draws.start, part.draws.stop), len(part.people)))
        drawn = {
            name: law.quantile(uniforms(self._keys(f"attribute: {name}", part), step(0)).ravel())
            for name, law in self.attributes.items()
        }
        return rows.replace(**drawn)

    def _sizes(self) -> FloatArray:
        clips = tuple(order for order in self.model.orders if order.on_crossed == "clip")
        bare = replace(
            self.model, payoffs=(), perspectives={}, states=None, transitions=(), tree=(), orders=clips
        )
        return evaluate(bare, self.draws).sizes
