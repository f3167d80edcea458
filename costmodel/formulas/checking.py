"""A set of formulas as a whole: every name known, every table there, no circles, one order."""

from __future__ import annotations

import graphlib
from collections import deque
from collections.abc import Collection, Iterator, Mapping

from costmodel.checks import did_you_mean, is_name
from costmodel.formulas.errors import FormulaError, Problem
from costmodel.formulas.lookups import LookupTable, table_problem
from costmodel.formulas.nodes import BUILT_IN, Expression, TableRef, walk

_SHOWN = 10


def check(
    definitions: Mapping[str, Expression],
    *,
    known: Collection[str],
    tables: Mapping[str, LookupTable],
) -> list[Problem]:
    """Return all problems of a set of formulas, in the formulas' order, circles last.

    Parameters
    ----------
    definitions : mapping of str to Expression
        Each formula under its name.
    known : collection of str
        The other names that a formula may use here: parameters, and those of :data:`BUILT_IN` that
        have a value.
    tables : mapping of str to LookupTable

    Returns
    -------
    list of Problem
        Unknown names; look-ups of unknown tables or columns, or with the wrong number of keys; and
        circles, one for each set of formulas that all depend on each other.

    Examples
    --------
    >>> from costmodel.formulas import parse
    >>> formulas = {"gross": parse("packs * prise"), "net": parse("gross - net")}
    >>> for problem in check(formulas, known=["packs", "price"], tables={}):
    ...     print(problem.name, "|", problem.rule, "|", problem.found)
    gross | every name must be known | 'prise'
    net | circular definition: a formula must not depend on itself | net -> net
    """
    problems: list[Problem] = []
    choices = {*definitions, *known}
    for name, expression in definitions.items():
        problems += _unknown(name, expression, choices, tables)
        for part in walk(expression.node):
            if isinstance(part, TableRef):
                found = table_problem(part, tables, name)
                problems += [found] if found is not None else []
    problems += [_circle_problem(group, definitions) for group in _circular(definitions)]
    return problems


def _unknown(
    name: str,
    expression: Expression,
    choices: set[str],
    tables: Mapping[str, LookupTable],
) -> Iterator[Problem]:
    for variable in sorted(expression.names - choices):
        if variable in BUILT_IN:
            remedy = "this built-in variable has no value here"
        elif variable in tables:
            remedy = f"it is a table: read it with lookup({variable}, column, key)"
        else:
            remedy = did_you_mean(variable, [choice for choice in choices if is_name(choice)])
        yield Problem(name, "every name must be known", f"'{variable}'", remedy)


def _circle_problem(group: Collection[str], definitions: Mapping[str, Expression]) -> Problem:
    circle = _shortest_circle(group, definitions)
    others = sorted(set(group) - set(circle))
    more = f" (in circles with them: {', '.join(others[:_SHOWN])})" if others else ""
    rule = "circular definition: a formula must not depend on itself"
    return Problem(circle[0], rule, _arrows(circle) + more, "let one of them not use the next")


def _arrows(circle: list[str]) -> str:
    hidden = len(circle) - _SHOWN - 2
    middle = [f"… {hidden:,} more …"] if hidden > 0 else circle[_SHOWN:-2]
    return " -> ".join([*circle[:_SHOWN], *middle, *circle[_SHOWN:][-2:]])


def order(definitions: Mapping[str, Expression]) -> tuple[str, ...]:
    """Return the formulas' names so that each comes after those it depends on.

    The order depends on the formulas alone, not on chance: the same formulas in the same order give
    the same result.

    Raises
    ------
    FormulaError
        Formulas depend on each other in a circle, which is shown.

    Examples
    --------
    >>> from costmodel.formulas import parse
    >>> order({"net": parse("gross - rebate"), "gross": parse("packs * price")})
    ('gross', 'net')
    """
    try:
        return tuple(graphlib.TopologicalSorter(_graph(definitions)).static_order())
    except graphlib.CycleError:
        problem = _circle_problem(next(_circular(definitions)), definitions)
    text = definitions[problem.name].text
    raise FormulaError(problem.name, text, problem.rule, problem.found, problem.remedy)


def _graph(definitions: Mapping[str, Expression]) -> dict[str, list[str]]:
    """Return, for each formula, the formulas that it uses."""
    return {name: sorted(expression.names & definitions.keys()) for name, expression in definitions.items()}


def _circular(definitions: Mapping[str, Expression]) -> Iterator[list[str]]:
    """Yield each strongly connected set of formulas that holds a circle, its names sorted (Kosaraju)."""
    uses = _graph(definitions)
    used_by: dict[str, list[str]] = {name: [] for name in uses}
    for name, targets in uses.items():
        for target in targets:
            used_by[target].append(name)
    seen: set[str] = set()
    finished = [name for start in uses for name in _finishing_order(start, uses, seen)]
    seen = set()
    for start in reversed(finished):
        group = sorted(_finishing_order(start, used_by, seen))
        if len(group) > 1 or (group and group[0] in uses[group[0]]):
            yield group


def _finishing_order(start: str, graph: Mapping[str, list[str]], seen: set[str]) -> list[str]:
    """Return what can be reached from ``start`` and is not yet seen, each after what it leads to."""
    if start in seen:
        return []
    seen.add(start)
    finished, path = [], [(start, iter(graph[start]))]
    while path:
        name, targets = path[-1]
        target = next((target for target in targets if target not in seen), None)
        if target is None:
            finished.append(name)
            path.pop()
        else:
            seen.add(target)
            path.append((target, iter(graph[target])))
    return finished


def _shortest_circle(group: Collection[str], definitions: Mapping[str, Expression]) -> list[str]:
    """Return a shortest circle through the first name of a strongly connected set, both ends included."""
    start = min(group)
    inside = set(group)
    before: dict[str, str] = {}
    waiting = deque([start])
    while start not in before:
        name = waiting.popleft()
        for target in sorted(definitions[name].names & inside):
            if target not in before:
                before[target] = name
                waiting.append(target)
    circle = [start, before[start]]
    while circle[-1] != start:
        circle.append(before[circle[-1]])
    return circle[::-1]
