"""Checks of a study's budget impact: who pays, who is counted, what changes, before anything is computed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.formulas import Expression, check, constant, parse
from costmodel.model import Model
from costmodel.model.layers import closure, plain, resolve
from costmodel.study.budget_schema import BudgetSection
from costmodel.study.build import Builder
from costmodel.study.check import check_circle, known_names

STEADY = "steady"
"""In place of a number of starters: as many as keep the number treated as it was in year 1."""

_STARTERS = "starters."


def budget_formulas(section: BudgetSection) -> Iterator[tuple[list[str], str | float]]:
    """Give every formula of a budget with its keys below ``[budget]``."""
    if section.incident != STEADY:
        yield ["incident"], section.incident
    yield ["growth"], section.growth
    yield from ((["starters", name], value) for name, value in section.starters.items())
    yield from ((["trend", name], value) for name, value in section.trend.items())


def as_formula(value: str | float, name: str) -> Expression:
    """Return a number or a text as a formula.

    Raises
    ------
    CostModelError
        The text is no formula.

    Examples
    --------
    >>> as_formula("1 - share", "incident").names
    frozenset({'share'})
    """
    return parse(value, name=name) if isinstance(value, str) else constant(float(value))


def check_budget(builder: Builder, model: Model) -> set[str]:
    """Note every fault of the budget; return the parameters that its formulas rest on."""
    section = builder.spec.budget
    if section is None:
        return set()
    for name in section.changes:
        _check_change(builder, model, section, name)
    _check_groups(builder, section, [one.name for one in model.segments])
    _check_measures(builder, section, model)
    _check_starters(builder, section, model)
    found = _parsed(builder, section)
    known = known_names(model) | builder.claimed
    for key, expression in found.items():
        for problem in check({key: expression}, known=known, tables=model.tables):
            builder.note(problem.rule, ["budget", *key.split(".")], problem.found, problem.remedy)
    names = set().union(*(expression.names for expression in found.values()))
    used: set[str] = set()
    starting = starting_later(model, found)
    for strategy in model.strategies:
        used |= closure(resolve(model, strategy), names)
        check_circle(builder, resolve(starting, strategy))
    return {plain(name) for name in used}


def starting_later(model: Model, formulas: Mapping[str, Expression]) -> Model:
    """Return the model of those who start in later years: ``starters.NAME`` wins over every layer."""
    own = {key.removeprefix(_STARTERS): one for key, one in formulas.items() if key.startswith(_STARTERS)}
    return replace(model, scenario={**model.scenario, **own}) if own else model


def parsed_formulas(section: BudgetSection) -> dict[str, Expression]:
    """Return every formula of a checked budget by its key, such as ``starters.NAME``."""
    return {".".join(path): as_formula(value, path[-1]) for path, value in budget_formulas(section)}


def _parsed(builder: Builder, section: BudgetSection) -> dict[str, Expression]:
    found = {}
    for path, value in budget_formulas(section):
        try:
            found[".".join(path)] = as_formula(value, path[-1])
        except CostModelError as problem:
            builder.note(str(problem), ["budget", *path])
    return found


def _check_change(builder: Builder, model: Model, section: BudgetSection, name: str) -> None:
    change, place = section.changes[name], ["budget", "changes", name]
    strategies = [one.name for one in model.strategies]
    for key, value in (("without", change.without), ("with", change.changed_to)):
        _one_of(builder, value, strategies, [*place, key], "must be a strategy")
    if change.without == change.changed_to:
        rule, remedy = "a change leads from one strategy to another", "name two strategies"
        builder.note(rule, [*place, "with"], change.changed_to, remedy)
    accounts = []
    for key in ("payer", "patient"):
        own, general = getattr(change, key), getattr(section, key)
        if own or general:
            path = [*place, key] if own else ["budget", key]
            _one_of(builder, own or general, list(model.perspectives), path, "must be a perspective")
            accounts.append(set(model.perspectives.get(own or general, ())))
    both = set.intersection(*accounts) if len(accounts) > 1 else set()
    if both:
        own_path = place if change.payer or change.patient else ["budget"]
        builder.note(
            "payer and patient cannot both bear a cost",
            [*own_path, "patient"],
            ", ".join(sorted(both)),
            "choose perspectives that share no measure",
        )


def _check_groups(builder: Builder, section: BudgetSection, segments: list[str]) -> None:
    place: dict[str, str] = {}
    for group, members in section.groups.items():
        path = ["budget", "groups", group]
        if not members:
            builder.note("a group needs segments", path, "", "list its segments, or delete it")
        for name in members:
            _one_of(builder, name, segments, path, "must be a segment")
            if name in place:
                rule = f"segment '{name}' may be counted once, but is in '{place[name]}' too"
                builder.note(rule, path, name, "delete it from one of them")
            place[name] = group
    left = [name for name in segments if name not in place]
    if section.groups and left:
        builder.note(
            "every segment must be in a group, or its people are lost",
            ["budget", "groups"],
            ", ".join(left),
            "add each to a group, or to one of its own",
        )


def _check_measures(builder: Builder, section: BudgetSection, model: Model) -> None:
    kinds = model.measures
    if section.treated:
        others = [name for name, kind in kinds.items() if kind != "cost"]
        rule = "must be a measure of years on treatment, not a cost"
        _one_of(builder, section.treated, others, ["budget", "treated"], rule)
    if section.today:
        names = [one.name for one in model.strategies]
        _one_of(builder, section.today, names, ["budget", "today"], "must be a strategy")
    costs = [name for name, kind in kinds.items() if kind == "cost"]
    for name in section.trend:
        _one_of(builder, name, costs, ["budget", "trend", name], "must be a cost measure")


def _check_starters(builder: Builder, section: BudgetSection, model: Model) -> None:
    if section.incident == STEADY and not section.treated:
        remedy = 'add treated = "…", a measure of years on treatment'
        builder.note("needs to know who is treated", ["budget", "incident"], STEADY, remedy)
    if section.incident != 0 and model.states is not None and model.states.inflow:
        rule, remedy = "people would join twice: [states] has an inflow", "keep one of the two"
        builder.note(rule, ["budget", "incident"], section.incident, remedy)
    known = known_names(model) | builder.claimed
    for name in section.starters:
        rule = "sets nothing: no parameter or formula has this name"
        _one_of(builder, name, sorted(known), ["budget", "starters", name], rule)


def _one_of(builder: Builder, value: str, choices: Collection[str], path: list[str], rule: str) -> None:
    if value not in choices:
        builder.note(rule, path, value, did_you_mean(value, choices))
