"""Small cohorts, written in a line, and what to look at in them."""

from dataclasses import replace

import numpy as np

from costmodel.formulas import constant, parse
from costmodel.inputs import Draws
from costmodel.model import Model, Payoff, Strategy, evaluate
from costmodel.model.definition import States, Transition
from costmodel.model.evaluate import wanted_names
from costmodel.model.run import run_strategy
from costmodel.model.values import environments
from costmodel.units import Money

ONE = (Strategy("only", "Only", {}),)


def move(source, target, value, **options):
    """Return a transition; ``value`` is a formula, or None for the complement."""
    return Transition(source, target, None if value is None else parse(str(value)), **options)


def cohort(names, transitions, payoffs=(), *, start=None, tunnels=None, inflow=None, **changes):
    shares = start or {names[0]: 1}
    built = Model(
        name="test",
        money=Money("USD", 2026),
        strategies=ONE,
        comparator="only",
        payoffs=tuple(payoffs) or (Payoff("time", "life_years", constant(1), states=tuple(names)),),
        perspectives={"all": tuple(dict.fromkeys(item.measure for item in payoffs if item.kind == "cost"))},
        states=States(
            tuple(names),
            {name: None if share is None else parse(str(share)) for name, share in shares.items()},
            tunnels or {},
            {name: parse(str(joining)) for name, joining in (inflow or {}).items()},
        ),
        transitions=tuple(transitions),
    )
    return replace(built, **changes)


def drawn(n=1, **values):
    arrays = {name: np.asarray(value, dtype=float) for name, value in values.items()}
    return Draws(arrays, n=n, seed=None, method="base")


def time_in(state, **options):
    return Payoff(options.pop("measure", "time"), "life_years", constant(1), states=(state,), **options)


def total(model, measure="time", draws=None):
    return evaluate(model, draws or drawn()).total(measure)[:, 0]


def run(model, draws=None, strategy="only"):
    draws = draws or drawn()
    environment = environments(model, draws, wanted_names(model))[strategy]
    return run_strategy(model, environment, draws.n, strategy=strategy)


def occupancy(model, draws=None):
    """Return shares by boundary, state, draw and segment."""
    trace = run(model, draws).trace
    return np.stack([trace.collapsed(name) for name in model.states.names], axis=1)
