"""Checks of a whole study: every name known, used and in place, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from costmodel.checks import did_you_mean
from costmodel.formulas import BUILT_IN, FUNCTIONS, Expression, check
from costmodel.model.definition import Model
from costmodel.model.evaluate import wanted_names
from costmodel.model.layers import Rule, closure, plain, resolve, uses
from costmodel.model.values import TIME_IN_STATE
from costmodel.study.build import Builder
from costmodel.study.toml import FILE, line_of


def check_model(builder: Builder, model: Model, *, scenario: str | None = None) -> set[str]:
    """Note every name that is unknown, circular or out of place; return the parameters that are used."""
    known = known_names(model) | builder.claimed
    _check_formulas(builder, model, known)
    used: set[str] = set()
    wanted = wanted_names(model)
    for strategy in model.strategies:
        rules = resolve(model, strategy)
        for name in sorted(closure(rules, [*wanted, *rules])):
            _check_rule(builder, name, rules, known=known, strategy=strategy.name, model=model)
        check_circle(builder, rules)
        used |= closure(rules, wanted)
    _check_orders(builder, model, known)
    for name in wanted - known:
        _unknown_in_place(builder, model, name, known)
    if not builder.unread:
        _check_overrides(builder, model, scenario)
    return {plain(name) for name in used}


def _built_in(model: Model) -> set[str]:
    names = set(BUILT_IN)
    if model.states is None or not model.states.tunnels:
        names -= set(TIME_IN_STATE)
    return names if model.time.start_age is not None else names - {"age"}


def known_names(model: Model) -> set[str]:
    """Return every name that a formula of the study may use."""
    overrides = [segment.overrides for segment in model.segments]
    overrides += [strategy.overrides for strategy in model.strategies]
    return set(model.parameters) | set(model.formulas) | set().union(*overrides) | _built_in(model)


def _check_formulas(builder: Builder, model: Model, known: set[str]) -> None:
    for problem in check(model.formulas, known=known, tables=model.tables):
        builder.note(problem.rule, ["formulas", problem.name], problem.found, problem.remedy)
    for name in model.formulas:
        if name in model.parameters:
            builder.note(
                "a name may be a parameter or a formula, not both",
                ["formulas", name],
                name,
                "rename one, or delete the row of parameters.csv",
            )
        if name in BUILT_IN or name in FUNCTIONS:
            builder.note("is a name of the formula language", ["formulas", name], name, "rename it")


def _check_rule(
    builder: Builder, name: str, rules: Mapping[str, Rule], *, known: set[str], strategy: str, model: Model
) -> None:
    built_in = _built_in(model)
    for other in sorted(uses(rules[name])):
        if other in rules or other in built_in or other in builder.claimed:
            continue
        if name == "age":
            continue
        if plain(other) in known:
            builder.note(
                f"'{plain(name)}' uses '{other}', which strategy '{strategy}' does not set",
                ["strategies", strategy, "set"],
                other,
                f"set {other} in every strategy, or give it a value in parameters.csv or [formulas]",
            )
        elif plain(name) not in model.formulas:
            _unknown_in_override(builder, plain(name), other, strategy=strategy, model=model, known=known)


def _unknown_in_override(
    builder: Builder, name: str, other: str, *, strategy: str, model: Model, known: set[str]
) -> None:
    rule, remedy = f"unknown name '{other}' in '{name}'", did_you_mean(other, sorted(known))
    if name in model.strategy(strategy).overrides:
        builder.note(rule, ["strategies", strategy, "set", name], other, remedy)
        return
    for segment in model.segments:
        cell = segment.overrides.get(name)
        if cell is not None and other in cell.names:
            builder.note_segment(rule, segment, name, cell.text, remedy)
            return
    builder.note(rule, ["scenarios"], other, remedy)


def check_circle(builder: Builder, rules: Mapping[str, Rule]) -> None:
    """Note the first circle of definitions."""
    graph = {name: uses(rule) & set(rules) for name, rule in rules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as problem:
        names = [plain(name) for name in problem.args[1]][::-1]
        if any(item.rule.startswith("circular") for item in builder.faults):
            return
        circle = " -> ".join(names)
        path = ["time", "start_age"] if names[0] == "age" else ["formulas", names[0]]
        builder.note("circular definition", path, circle, "define one of them without the others")


def _unknown_in_place(builder: Builder, model: Model, name: str, known: set[str]) -> None:
    remedy = did_you_mean(name, sorted(known))
    if name == "age":
        remedy = "give start_age in [time]"
    elif name in TIME_IN_STATE:
        remedy = "say in [states] tunnels for how many cycles time in a state is remembered"
    for segment in model.segments:
        if name in segment.size.names:
            builder.note_segment(f"unknown name '{name}'", segment, "size", segment.size.text, remedy)
            return
    for expression, path in _places(model):
        if name in expression.names:
            builder.note(f"unknown name '{name}'", path, expression.text, remedy)
            return


def _check_orders(builder: Builder, model: Model, known: set[str]) -> None:
    for index, order in enumerate(model.orders):
        for key, name in (("lower", order.lower), ("upper", order.upper)):
            if name not in known:
                remedy = did_you_mean(name, sorted(known))
                builder.note(f"unknown name '{name}'", ["orders", index, key], name, remedy)
        if order.lower == order.upper:
            rule, remedy = "a value cannot be ordered with itself", "name two parameters or formulas"
            builder.note(rule, ["orders", index, "upper"], order.upper, remedy)


def _places(model: Model) -> Iterator[tuple[Expression, list[str | int]]]:
    """Give every formula that stands in study.toml outside [formulas], with its place."""
    for index, payoff in enumerate(model.payoffs):
        yield payoff.value, ["payoffs", index, "value"]
        if payoff.discount is not None:
            yield payoff.discount, ["payoffs", index, "discount"]
    for index, item in enumerate(model.transitions):
        if item.value is not None:
            yield item.value, ["transitions", index, "rate" if item.is_rate else "probability"]
    yield from _places_at_the_start(model)
    yield model.discounting.costs, ["discounting", "costs"]
    yield model.discounting.effects, ["discounting", "effects"]


def _places_at_the_start(model: Model) -> Iterator[tuple[Expression, list[str | int]]]:
    start = model.states.start if model.states else {}
    inflow = model.states.inflow if model.states else {}
    found: list[tuple[Expression | None, list[str | int]]]
    found = [(share, ["states", "start", name]) for name, share in start.items()]
    found += [(joining, ["states", "inflow", name]) for name, joining in inflow.items()]
    found += [(model.time.start_age, ["time", "start_age"])]
    found += [
        (branch.probability, ["tree", index, "branches", position, "probability"])
        for index, node in enumerate(model.tree)
        for position, branch in enumerate(node.branches)
    ]
    yield from ((expression, path) for expression, path in found if expression is not None)


def _check_overrides(builder: Builder, model: Model, scenario: str | None) -> None:
    """Note overrides of a name that nothing defines or uses: they are misspellings."""
    defined = set(model.parameters) | set(model.formulas) | builder.claimed
    referred = set().union(*(expression.names for expression in model.formulas.values())) | wanted_names(
        model
    )
    for segment in model.segments:
        for name in segment.overrides:
            if name not in defined | referred and not any(
                item.file == "segments.csv" and item.column == name for item in builder.faults
            ):
                builder.faults.add(
                    "column overrides nothing: no parameter or formula has this name",
                    file="segments.csv",
                    row=1,
                    column=name,
                    found=name,
                    remedy=did_you_mean(name, sorted(defined | referred)),
                )
    for strategy in model.strategies:
        for name in strategy.overrides:
            if name not in defined | referred:
                builder.note(
                    "sets nothing: no parameter or formula has this name, and none uses it",
                    ["strategies", strategy.name, "set", name],
                    name,
                    did_you_mean(name, sorted(defined | referred)),
                )
    for name in model.scenario:
        if name not in known_names(model) | builder.claimed:
            builder.note(
                "sets nothing: no parameter or formula has this name",
                ["scenarios", scenario or "", "set", name],
                name,
                did_you_mean(name, sorted(defined)),
            )


def check_labels(builder: Builder, model: Model) -> None:
    """Note measures of two kinds, perspectives without costs, and a comparator that is no strategy."""
    kinds: dict[str, str] = {}
    for index, payoff in enumerate(model.payoffs):
        if kinds.setdefault(payoff.measure, payoff.kind) != payoff.kind:
            builder.note(
                f"measure '{payoff.measure}' is of two kinds",
                ["payoffs", index, "kind"],
                f"{kinds[payoff.measure]} and {payoff.kind}",
                "give payoffs of one measure one kind",
            )
    costs = [name for name, kind in kinds.items() if kind == "cost"]
    for name, members in model.perspectives.items():
        for measure in members:
            if measure not in costs:
                builder.note(
                    "a perspective is a set of cost measures",
                    ["perspectives", name],
                    measure,
                    did_you_mean(measure, costs),
                )
    names = [strategy.name for strategy in model.strategies]
    if model.comparator not in names:
        builder.note(
            "the comparator must be a strategy",
            ["comparator"],
            model.comparator,
            did_you_mean(model.comparator, names),
        )


def check_unused(builder: Builder, used: set[str]) -> None:
    """Note parameters that nothing uses: they look as if they mattered."""
    for name in builder.spec.unused:
        if name not in builder.parameters:
            builder.note("is no parameter", ["unused"], name, did_you_mean(name, list(builder.parameters)))
    for name, parameter in builder.parameters.items():
        if name not in used and name not in builder.spec.unused:
            builder.faults.add(
                "parameter is not used by any payoff, size or scenario",
                file="parameters.csv" if parameter.line else FILE,
                row=parameter.line or line_of(builder.text, ["prices", name]),
                column="name",
                found=name,
                remedy=f"use it, delete it, or add it to `unused` in {FILE}",
            )
