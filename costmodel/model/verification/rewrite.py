"""Changes of a model as a whole: each returns a new model that is like the old one but for one thing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from costmodel.formulas import Binary, Expression, Number, constant
from costmodel.model.definition import Model, Payoff, Per, States, Transition

PROBE = "~time"
"""A measure that no user can name."""


def times(expression: Expression, factor: float) -> Expression:
    """Return a formula multiplied by a number."""
    return Expression(f"{factor:g} * ({expression.text})", Binary("*", Number(factor), expression.node))


def plus(expression: Expression, addend: float) -> Expression:
    """Return a formula with a number added."""
    return Expression(f"({expression.text}) + {addend:g}", Binary("+", expression.node, Number(addend)))


def with_payoffs(model: Model, change: Callable[[Payoff], Payoff]) -> Model:
    """Return the model with every payoff changed."""
    return replace(model, payoffs=tuple(change(payoff) for payoff in model.payoffs))


def scaled_costs(model: Model, factor: float) -> Model:
    """Return the model with every cost multiplied."""
    return with_payoffs(
        model, lambda item: replace(item, value=times(item.value, factor)) if item.kind == "cost" else item
    )


def discounted_at(model: Model, change: Callable[[Expression], Expression]) -> Model:
    """Return the model with every discount rate changed, those of single payoffs as well."""
    rates = replace(
        model.discounting,
        costs=change(model.discounting.costs),
        effects=change(model.discounting.effects),
    )
    changed = with_payoffs(
        model,
        lambda item: item if item.discount is None else replace(item, discount=change(item.discount)),
    )
    return replace(changed, discounting=rates)


def undiscounted(model: Model) -> Model:
    """Return the model with every discount rate at zero."""
    return discounted_at(model, lambda _: constant(0.0))


def with_cycles(model: Model, n_cycles: int) -> Model:
    """Return the model with another horizon; explicit weights give way to the trapezoid."""
    time = replace(model.time, horizon_years=n_cycles * model.time.cycle_months / 12)
    if not isinstance(time.within_cycle, str):
        time = replace(time, within_cycle="trapezoid")
    named = with_payoffs(
        model,
        lambda item: (
            replace(item, within_cycle="trapezoid") if isinstance(item.within_cycle, tuple) else item
        ),
    )
    return replace(named, time=time)


def with_probe(model: Model, states: Collection[str], *, like: Payoff | None = None) -> Model:
    """Return the model with one more payoff: 1 per year in some states, by the rule of another payoff."""
    rule = None if like is None else like.within_cycle
    timing = None if like is None else like.timing
    probe = Payoff(PROBE, "effect", constant(1.0), states=tuple(states), within_cycle=rule, timing=timing)
    return replace(model, payoffs=(*model.payoffs, probe))


def state_probes(model: Model, *, per: Per = "year") -> Model:
    """Return the model with payoffs of 1 in each state alone, and in all of them, as its only payoffs."""
    assert model.states is not None
    groups = {PROBE: model.states.names} | {f"{PROBE}{name}": (name,) for name in model.states.names}
    probes = (Payoff(name, "effect", constant(1.0), per, states) for name, states in groups.items())
    return replace(model, payoffs=tuple(probes), perspectives={})


def without_moves_into(model: Model, states: Collection[str]) -> Model:
    """Return the model without the transitions into some states; who would have gone stays.

    A probability of staying that is written out makes way for what is left over.
    """
    kept = [item for item in model.transitions if item.target not in states or item.source in states]
    result = []
    for item in kept:
        row = [other for other in model.transitions if other.source == item.source]
        lost = any(other.target in states for other in row) and item.source not in states
        implied = any(other.value is None and other.target not in states for other in row)
        if not (lost and item.source == item.target and not implied):
            result.append(item)
    return replace(model, transitions=tuple(result))


def certain_moves_into(model: Model, states: Collection[str]) -> Model:
    """Return the model in which whoever can go to some states at once goes there in the first cycle."""
    first: dict[str, Transition] = {}
    for item in model.transitions:
        if item.target in states and item.source not in states:
            first.setdefault(item.source, Transition(item.source, item.target, constant(1.0)))
    rest = [item for item in model.transitions if item.source not in first]
    return replace(model, transitions=(*rest, *first.values()))


def split(model: Model, state: str) -> Model:
    """Return the model with a state split in two that are alike.

    Who starts in it, joins it or moves into it goes half and half; a complement, which no formula
    holds, goes to the first half alone.
    """
    assert model.states is not None
    twin = f"{state}{PROBE}"
    states = model.states
    start = _halved(states.start, state, twin)
    tunnels = {**states.tunnels, **({twin: states.tunnels[state]} if state in states.tunnels else {})}
    inflow = {name: value for name, value in _halved(states.inflow, state, twin).items() if value is not None}
    names = tuple(part for name in states.names for part in ((name, twin) if name == state else (name,)))
    moves = tuple(part for item in model.transitions for part in _split_move(item, state, twin))
    pairs = {(item.source, item.target) for item in moves}
    payoffs = tuple(part for item in model.payoffs for part in _split_payoff(item, state, twin, pairs))
    return replace(
        model,
        states=States(names, start, tunnels, inflow, states.labels),
        transitions=moves,
        payoffs=payoffs,
    )


def _halved(
    shares: Collection[str] | dict[str, Expression | None], state: str, twin: str
) -> dict[str, Expression | None]:
    assert isinstance(shares, dict)
    result: dict[str, Expression | None] = dict(shares)
    value = result.get(state)
    if value is not None:
        result[state] = result[twin] = times(value, 0.5)
    return result


def _split_move(item: Transition, state: str, twin: str) -> list[Transition]:
    if item.source == item.target == state:
        return [item, replace(item, source=twin, target=twin)]
    if item.source == state:
        return [item, replace(item, source=twin)]
    if item.target == state and item.value is not None:
        half = times(item.value, 0.5)
        return [replace(item, value=half), replace(item, target=twin, value=half)]
    return [item]


def _split_payoff(item: Payoff, state: str, twin: str, pairs: set[tuple[str, str]]) -> list[Payoff]:
    if state in item.states:
        return [replace(item, states=(*item.states, twin))]
    if item.enter == state and any(target == twin for source, target in pairs if source != twin):
        return [item, replace(item, enter=twin)]
    if item.transition is not None and state in item.transition:
        source, target = item.transition
        other = (twin if source == state else source, twin if target == state else target)
        return [item, replace(item, transition=other)] if other in pairs else [item]
    return [item]
