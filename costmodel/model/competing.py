"""Competing risks: people who move between states at any moment, one at a time in continuous time.

In each state every possible move has a time of its own; the earliest happens. Costs and utilities accrue per
year in a state and are discounted continuously, so that nothing depends on the length of a cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from costmodel.checks import did_you_mean, in_interval, one_of
from costmodel.errors import CostModelError
from costmodel.inputs.randomness import checked_count, checked_seed
from costmodel.model.accrual import FloatArray
from costmodel.model.definition import Kind
from costmodel.model.outcomes import Outcomes
from costmodel.model.sojourns import Course, follow
from costmodel.model.times import TimeDistribution
from costmodel.model.uniforms import draw_keys
from costmodel.units import Money

Clock = Literal["reset", "forward"]

_MEASURES: dict[str, Kind] = {"cost": "cost", "qaly": "qaly", "life_years": "life_years"}
_MOST_STATES = 256


@dataclass(frozen=True, eq=False)
class CompetingRisks:
    """People in states, with a time to every move: the course of one strategy.

    Parameters
    ----------
    states : tuple of str
        Strategies that are compared should name their states in the same order: the random numbers of a move
        are those of its places in this order.
    transitions : mapping of (str, str) to TimeDistribution
        From and to. Times are in years.
    costs, utilities : mapping of str to float or array, shape (draw,)
        Money and QALYs per year in a state; a state left out has none.
    horizon_years : float
    start : str
        Where everybody begins; the first state if left out.
    dead : str
        The state that is no life: it has no life-years, costs or utilities, and nobody leaves it.
    clock : {"reset", "forward"}
        Whether a time counts from entry to the state, or from the start of the model: then whoever enters a
        state has gone so long without the event already.
    discount_costs, discount_effects : float
        Continuous yearly rates: an amount at ``t`` counts ``exp(-rate * t)``. An annual rate of 3 % is
        ``log(1.03)``.
    money : Money
        What costs are in.

    Raises
    ------
    CostModelError
        A state is unknown or named twice, arrays have different numbers of draws, or a number is out of
        range.

    Examples
    --------
    >>> from costmodel.model.times import Exponential
    >>> CompetingRisks(
    ...     states=("ill", "dead"),
    ...     transitions={("ill", "died"): Exponential(0.1)},
    ...     horizon_years=10,
    ...     money=Money("USD", 2026),
    ... )
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: competing risks: transition ill -> died names an unknown state 'died'; \
did you mean 'dead'?
    """

    states: tuple[str, ...]
    transitions: Mapping[tuple[str, str], TimeDistribution]
    horizon_years: float
    money: Money
    costs: Mapping[str, ArrayLike] = field(default_factory=dict)
    utilities: Mapping[str, ArrayLike] = field(default_factory=dict)
    start: str = ""
    dead: str = "dead"
    clock: Clock = "reset"
    discount_costs: float = 0.0
    discount_effects: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", self.start or next(iter(self.states), ""))
        one_of(self.clock, ("reset", "forward"), "clock")
        in_interval(self.horizon_years, "horizon in years", low=0)
        in_interval(self.discount_costs, "discount rate of costs", low=0)
        in_interval(self.discount_effects, "discount rate of effects", low=0)
        self._check_states()
        for what in ("costs", "utilities"):
            values = {state: self._yearly(what, state, value) for state, value in getattr(self, what).items()}
            object.__setattr__(self, what, values)
        _ = self.n_draws

    def _check_states(self) -> None:
        if not 1 <= len(self.states) <= _MOST_STATES or len(set(self.states)) != len(self.states):
            raise CostModelError(
                f"competing risks: 1 to {_MOST_STATES} states must be named, each once; found {self.states}"
            )
        self._known(self.start, "start")
        self._known(self.dead, "dead")
        for source, target in self.transitions:
            what = f"transition {source} -> {target}"
            self._known(source, what)
            self._known(target, what)
            if source in (target, self.dead):
                raise CostModelError(
                    f"competing risks: {what} must lead from a living state to another state"
                )

    def _known(self, state: str, what: str) -> None:
        if state not in self.states:
            remedy = did_you_mean(state, self.states)
            raise CostModelError(f"competing risks: {what} names an unknown state '{state}'; {remedy}")

    def _yearly(self, what: str, state: str, value: ArrayLike) -> FloatArray:
        self._known(state, what)
        array = np.asarray(value, dtype=np.float64)
        if array.ndim > 1 or not array.size or not np.isfinite(array).all():
            raise CostModelError(
                f"competing risks: {what} of '{state}' must be a finite number, or one per draw; "
                f"found {value!r}"
            )
        if state == self.dead and np.any(array != 0):
            raise CostModelError(f"competing risks: the state '{state}' is death and can have no {what}")
        return array.reshape(-1)

    @cached_property
    def n_draws(self) -> int:
        """Number of draws that the parameters have; 1 where they are the same in every draw."""
        found = {f"{a} -> {b}": law.n_draws for (a, b), law in self.transitions.items()}
        for what in ("costs", "utilities"):
            found |= {f"{what} of {state}": len(array) for state, array in getattr(self, what).items()}
        several = {name: n for name, n in found.items() if n > 1}
        if len(set(several.values())) > 1:
            shown = ", ".join(f"{name} {n}" for name, n in several.items())
            raise CostModelError(f"competing risks: parameters must have equally many draws; found {shown}")
        return next(iter(several.values()), 1)


def simulate_times(
    models_by_strategy: Mapping[str, CompetingRisks],
    *,
    n_people: int,
    n_draws: int = 1,
    seed: int,
    comparator: str | None = None,
    name: str = "competing risks",
    block: int | None = None,
) -> Outcomes:
    """Simulate people under each strategy in continuous time.

    A person meets the same random numbers under every strategy (common random numbers): those of a move
    belong to the draw, the person, the move, and to how many moves the person has made if the state can
    be entered again. So strategies that are equal give equal results, and differences between others
    are more precise than results themselves.

    Parameters
    ----------
    models_by_strategy : mapping of str to CompetingRisks
    n_people : int
        People per draw.
    n_draws : int
        Draws; parameters that are arrays must have as many values.
    seed : int
    comparator : str, optional
        The first strategy if left out.
    name : str
        Name of the study.
    block : int, optional
        People who are followed together; changes no number but its last digits.

    Returns
    -------
    Outcomes
        Measures ``cost``, ``qaly`` and ``life_years``: means over people, by strategy and draw. Their Monte
        Carlo error falls with the square root of ``n_people``.

    Raises
    ------
    CostModelError
        No strategy is given; horizons, currencies or numbers of draws do not agree.

    Notes
    -----
    Times are the inverse of the cumulative hazard at a standard exponential number. Cost is proportional to
    moves; memory does not grow with the number of people.

    Examples
    --------
    People with a constant risk of death live ``1 / (rate + discount)`` discounted years; the horizon takes
    off those after it.

    >>> from costmodel.model.times import Exponential
    >>> outcomes = simulate_times(
    ...     {
    ...         name: CompetingRisks(
    ...             states=("ill", "dead"),
    ...             transitions={("ill", "dead"): Exponential(rate)},
    ...             costs={"ill": 1000.0},
    ...             horizon_years=200,
    ...             discount_costs=0.05,
    ...             money=Money("USD", 2026),
    ...         )
    ...         for name, rate in {"old": 0.20, "new": 0.15}.items()
    ...     },
    ...     n_people=20_000,
    ...     seed=1,
    ... )
    >>> outcomes.total("cost").round(-2).ravel().tolist()
    [4000.0, 5000.0]
    """
    checked_count(n_people, "number of people")
    checked_count(n_draws, "number of draws")
    models = dict(models_by_strategy)
    first = _agreed(models, n_draws)
    keys = draw_keys(checked_seed(seed), "competing risks", n_draws)
    courses = follow(list(models.values()), keys, n_people=n_people, block=block)
    discounted, by_year = (
        np.stack(parts)
        for parts in zip(
            *(_totals(models[name], course, n_draws) for name, course in zip(models, courses, strict=True)),
            strict=True,
        )
    )
    return Outcomes(
        study=name,
        money=first.money,
        strategies=tuple(models),
        comparator=comparator if comparator is not None else next(iter(models)),
        measures=_MEASURES,
        segments=("all",),
        perspectives={"total": ("cost",)},
        discounted=discounted,
        undiscounted=by_year.sum(axis=-1),
        by_year=by_year,
        sizes=np.ones((n_draws, 1)),
    )


def _agreed(models: Mapping[str, CompetingRisks], n_draws: int) -> CompetingRisks:
    """Return the first strategy's model if all of them can stand side by side."""
    if not models:
        raise CostModelError("simulate_times needs at least one strategy and its model; found none")
    first_name, first = next(iter(models.items()))
    for name, model in models.items():
        for what in ("money", "horizon_years", "discount_costs", "discount_effects"):
            one, other = getattr(first, what), getattr(model, what)
            if one != other:
                raise CostModelError(
                    f"strategies must have the same {what}; found {one} under '{first_name}' and {other} "
                    f"under '{name}'"
                )
        if model.n_draws not in (1, n_draws):
            raise CostModelError(
                f"strategy '{name}' has {model.n_draws} draws of its parameters, but n_draws is {n_draws}"
            )
    return first


def _totals(model: CompetingRisks, course: Course, n_draws: int) -> tuple[FloatArray, FloatArray]:
    """Return totals: discounted, (measure, draw, 1), and undiscounted by year, (measure, draw, 1, year)."""
    discounted = np.zeros((len(_MEASURES), n_draws, 1))
    by_year = np.zeros((*discounted.shape, course.years.shape[-1]))
    none = np.zeros(1)
    for place, state in enumerate(model.states):
        life = none if state == model.dead else np.ones(1)
        rates = (model.costs.get(state, none), model.utilities.get(state, none), life)
        for row, (rate, which) in enumerate(zip(rates, (0, 1, 1), strict=True)):
            yearly = np.asarray(rate)
            discounted[row, :, 0] += yearly * course.discounted[which, place]
            by_year[row, :, 0] += yearly[:, np.newaxis] * course.years[place]
    return discounted, by_year
