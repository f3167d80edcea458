"""How time grows with draws, cycles, states and segments: models made from W1, and chains of any length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from costmodel.formulas import constant, parse
from costmodel.inputs import Draws
from costmodel.model import Discounting, Model, Payoff, Strategy, Time
from costmodel.model.definition import States, Transition
from costmodel.populations import Segment
from costmodel.study import Study
from costmodel.units import Money

Case = tuple[str, int, Model, Draws]
"""What grows, how far, the model and its draws."""

DRAWS = 10_000


def cases(study: Study, *, draws: int = DRAWS) -> Iterator[Case]:
    """Yield the cases of the table: one size grows at a time.

    Parameters
    ----------
    study : Study
        W1.
    draws : int
        Number of draws where it is not draws that grow.
    """
    model, drawn = study.model(), study.draws(draws)
    for n in (draws // 10, draws, 10 * draws):
        yield "draws", n, model, study.draws(n)
    for years in (5, 10, 20, 40):
        yield "cycles", 12 * years, replace(model, time=replace(model.time, horizon_years=years)), drawn
    for size in (4, 8, 16, 32):
        yield "states", size, chain(size), chain_draws(draws)
    for count in (1, 2, 4, 8):
        yield "segments", count, replace(model, segments=segments(count)), drawn


def segments(count: int) -> tuple[Segment, ...]:
    """Return segments that differ in mortality and in cost."""
    return tuple(
        Segment(
            f"s{index}",
            f"Segment {index}",
            constant(1),
            {
                "p_a_on_dead": parse(f"p_a_on_dead * {1 - 0.05 * index}"),
                "p_b_on_dead": parse(f"p_b_on_dead * {1 - 0.05 * index}"),
                "c_on": parse(f"c_on + {100 * index}"),
            },
        )
        for index in range(count)
    )


def transitions(size: int) -> int:
    """Return the number of transitions among the living of a chain, staying included.

    Examples
    --------
    >>> transitions(4)
    7
    """
    living = size - 1
    return living + 2 * (living - 1)


def chain(size: int) -> Model:
    """Return a model of ``size`` states in a row: forward, back or to death, over 120 monthly cycles."""
    names = [*(f"s{index}" for index in range(size - 1)), "dead"]
    moves = []
    for index, name in enumerate(names[:-1]):
        moves.append(Transition(name, "dead", parse("p_death")))
        if index + 2 < size:
            moves.append(Transition(name, names[index + 1], parse("p_forward")))
        if index:
            moves.append(Transition(name, names[index - 1], parse("p_back")))
    return Model(
        name="chain",
        money=Money("USD", 2024),
        parameters=dict.fromkeys(("p_death", "p_forward", "p_back"), None),
        strategies=(Strategy("a", "A", {}), Strategy("b", "B", {"p_forward": parse("0.7 * p_forward")})),
        comparator="a",
        time=Time(1, 10),
        discounting=Discounting(constant(0.03), constant(0.03)),
        states=States(tuple(names), {names[0]: constant(1)}),
        transitions=tuple(moves),
        payoffs=tuple(
            Payoff("qaly", "qaly", constant(1 - index / size), states=(name,))
            for index, name in enumerate(names[:-1])
        ),
        perspectives={},
    )


def chain_draws(n: int) -> Draws:
    """Return draws of the parameters of :func:`chain`."""
    rng = np.random.default_rng(1)
    values = {
        "p_death": rng.beta(10, 990, n),
        "p_forward": rng.beta(50, 950, n),
        "p_back": rng.beta(20, 980, n),
    }
    return Draws(values, n, 1, "monte_carlo")
