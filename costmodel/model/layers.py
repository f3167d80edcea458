"""Which definition of a name holds: scenario over strategy over segment over table.

An override may use the name that it replaces: ``price_brand = "0.8 * price_brand"`` refers to the value
one layer below. The lower definition is kept under a name that no user can type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from costmodel.formulas import Expression, parse, rename
from costmodel.model.definition import Model, Strategy

MARK = "~"


@dataclass(frozen=True)
class Drawn:
    """A parameter: its value comes from the draws."""

    parameter: str


@dataclass(frozen=True)
class BySegment:
    """A name that differs between segments.

    Parameters
    ----------
    below : str or None
        The definition of segments that do not override it.
    cells : mapping of int to Expression
        Position of a segment to its own formula.
    """

    below: str | None
    cells: Mapping[int, Expression]


Rule = Drawn | Expression | BySegment


def resolve(model: Model, strategy: Strategy) -> dict[str, Rule]:
    """Return the rule of every name under one strategy, lower layers under marked names.

    Examples
    --------
    >>> from costmodel.model.examples import two_prices
    >>> model = two_prices()
    >>> rules = resolve(model, model.strategy("brand"))
    >>> rules["price"].text, rules["price_brand"]
    ('price_brand', Drawn(parameter='price_brand'))
    """
    rules: dict[str, Rule] = {}
    for name, money in model.parameters.items():
        rules[name] = Drawn(name)
        if money is not None and money != model.money:
            _override(rules, name, _converted(name, model.conversions[money]), "nominal")
    rules.update(model.formulas)
    if model.time.start_age is not None:
        rules["age"] = parse(f"({model.time.start_age.text}) + years", name="age")
    for name in dict.fromkeys(key for segment in model.segments for key in segment.overrides):
        _by_segment(rules, name, model)
    for name, expression in strategy.overrides.items():
        _override(rules, name, expression, "segment")
    for name, expression in model.scenario.items():
        _override(rules, name, expression, "strategy")
    for position, order in enumerate(model.orders):
        if order.on_crossed == "clip" and {order.lower, order.upper} <= set(rules):
            least = parse(f"min({order.lower}, {order.upper})", name=order.lower)
            _override(rules, order.lower, least, f"order{position}")
    return rules


def before_order(name: str, position: int) -> str:
    """Return the name under which a value is kept as it was before one of a model's orders lowered it."""
    return f"{name}{MARK}order{position}"


def _converted(name: str, factor: Expression) -> Expression:
    return parse(f"{name} * ({factor.text})", name=name)


def _override(rules: dict[str, Rule], name: str, expression: Expression, layer: str) -> None:
    lower = f"{name}{MARK}{layer}"
    if name in expression.names and name in rules:
        rules[lower] = rules[name]
        expression = rename(expression, {name: lower})
    rules[name] = expression


def _by_segment(rules: dict[str, Rule], name: str, model: Model) -> None:
    lower = f"{name}{MARK}table"
    cells = {
        position: rename(segment.overrides[name], {name: lower})
        for position, segment in enumerate(model.segments)
        if name in segment.overrides
    }
    if name in rules:
        rules[lower] = rules[name]
    rules[name] = BySegment(lower if name in rules else None, cells)


def uses(rule: Rule) -> frozenset[str]:
    """Return the names that a rule refers to."""
    match rule:
        case Drawn():
            return frozenset()
        case BySegment(below, cells):
            own = frozenset({below}) if below else frozenset()
            return own.union(*(cell.names for cell in cells.values()))
        case _:
            return rule.names


def closure(rules: Mapping[str, Rule], wanted: Iterable[str]) -> set[str]:
    """Return all names of ``rules`` that the wanted names rest on, themselves included."""
    found: set[str] = set()
    waiting = [name for name in wanted if name in rules]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in uses(rules[name]) if other in rules]
    return found


def evaluation_order(rules: Mapping[str, Rule], wanted: Iterable[str]) -> list[str]:
    """Return the names that the wanted ones rest on, each after what it uses."""
    needed = closure(rules, wanted)
    graph = {name: sorted(uses(rules[name]) & needed) for name in sorted(needed)}
    return list(TopologicalSorter(graph).static_order())


def resting_on(rules: Mapping[str, Rule], basis: Iterable[str]) -> set[str]:
    """Return the names of ``rules`` that use one of the given names, themselves or by way of others."""
    users: dict[str, list[str]] = {}
    for name, rule in rules.items():
        for other in uses(rule):
            users.setdefault(other, []).append(name)
    found: set[str] = set()
    waiting = list(basis)
    while waiting:
        new = [name for name in users.get(waiting.pop(), ()) if name not in found]
        found.update(new)
        waiting += new
    return found


def shared(by_strategy: Mapping[str, Mapping[str, Rule]]) -> set[str]:
    """Return the names whose value is the same under every strategy: they are computed once."""
    first, *others = by_strategy.values()
    different = {
        name
        for name in set().union(*by_strategy.values())
        if any(rules.get(name) != first.get(name) for rules in others) or name not in first
    }
    return set(first) - different - resting_on(first, different)


def plain(name: str) -> str:
    """Return a name as the user wrote it, without the mark of its layer."""
    return name.split(MARK, 1)[0]
