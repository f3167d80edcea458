"""What rests on what: the graph of a model from its parameters through its formulas to what it measures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.formulas import Expression
from costmodel.model.definition import Model, Payoff
from costmodel.model.evaluate import wanted_names
from costmodel.model.layers import closure, plain, resolve, uses

Kind = Literal["parameter", "formula", "transition", "tree", "states", "measure"]


@dataclass(frozen=True, order=True)
class Factor:
    """A parameter, a formula, a transition, the decision tree, time in states, or a measure."""

    kind: Kind
    name: str


Edge = tuple[Factor, Factor]
STATES = Factor("states", "time in states")
TREE = Factor("tree", "decision tree")


@dataclass(frozen=True)
class Influence:
    """A graph without circles.

    Parameters
    ----------
    nodes : tuple of Factor
        In the order of the model: parameters, formulas, transitions, measures.
    edges : frozenset of (Factor, Factor)
        From what is used to what uses it.
    """

    nodes: tuple[Factor, ...]
    edges: frozenset[Edge]

    def towards(self, target: str) -> Influence:
        """Return the part that a measure, formula or parameter rests on; a measure where names are equal.

        Raises
        ------
        CostModelError
            There is no such name in the graph; the message names the nearest.
        """
        named = {node.name: node for node in sorted(self.nodes, key=lambda node: node.kind == "measure")}
        if target not in named:
            raise CostModelError(f"nothing here is named '{target}'; {did_you_mean(target, list(named))}")
        found, waiting = set(), [named[target]]
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting += [source for source, end in self.edges if end == node]
        return Influence(
            tuple(node for node in self.nodes if node in found),
            frozenset(edge for edge in self.edges if edge[1] in found),
        )

    def folded(self) -> Influence:
        """Return the graph without its transitions: what they rest on leads to time in states at once."""
        return Influence(
            tuple(node for node in self.nodes if node.kind != "transition"),
            frozenset(
                (source, STATES if target.kind == "transition" else target)
                for source, target in self.edges
                if source.kind != "transition"
            ),
        )


def influence(model: Model) -> Influence:
    """Return the graph of a model under all its strategies together.

    A parameter or formula that nothing measured rests on is left out. Where strategies or segments define
    a name in different ways, the name rests on all that any of them uses.

    Examples
    --------
    >>> from costmodel.model.examples import two_prices
    >>> graph = influence(two_prices())
    >>> sorted((source.name, target.name) for source, target in graph.edges)
    [('price', 'drug'), ('price_brand', 'price'), ('price_generic', 'price')]
    """
    ends = _joined(_ends(model))
    known = _used(model)
    edges = set(_between_names(model)) | set(_between_ends(model))
    edges |= {(_named(model, name), end) for end, names in ends.items() for name in names & known}
    linked = {node for edge in edges for node in edge}
    own = [_named(model, name) for name in (*model.parameters, *model.formulas)]
    order = dict.fromkeys([*own, *sorted(linked - set(own) - set(ends), key=_rank), *ends])
    return Influence(tuple(node for node in order if node in linked or node in ends), frozenset(edges))


def _joined(pairs: Iterable[tuple[Factor, set[str]]]) -> dict[Factor, set[str]]:
    found: dict[Factor, set[str]] = {}
    for end, names in pairs:
        found[end] = found.get(end, set()) | names
    return found


def _rank(node: Factor) -> tuple[int, str]:
    kinds: tuple[Kind, ...] = ("parameter", "formula", "transition", "tree", "states", "measure")
    return kinds.index(node.kind), node.name


def _named(model: Model, name: str) -> Factor:
    return Factor("parameter" if plain(name) in model.parameters else "formula", plain(name))


def _used(model: Model) -> set[str]:
    """Return every name that an evaluation uses, under any strategy."""
    found = set()
    for strategy in model.strategies:
        found |= closure(resolve(model, strategy), wanted_names(model))
    return {plain(name) for name in found}


def _between_names(model: Model) -> Iterator[Edge]:
    """Yield the edges between parameters and formulas."""
    for strategy in model.strategies:
        rules = resolve(model, strategy)
        for name in closure(rules, wanted_names(model)):
            for other in uses(rules[name]):
                if other in rules and plain(other) != plain(name):
                    yield _named(model, other), _named(model, name)


def _ends(model: Model) -> Iterator[tuple[Factor, set[str]]]:
    """Yield what formulas lead to, with the names that it uses itself."""
    for item in model.transitions:
        if item.value is not None:
            yield Factor("transition", f"{item.source} → {item.target}"), set(item.value.names)
    if model.tree:
        yield TREE, _names(branch.probability for node in model.tree for branch in node.branches)
    if model.states is not None:
        yield STATES, _names([*model.states.start.values(), *model.states.inflow.values()])
    for payoff in model.payoffs:
        yield Factor("measure", payoff.measure), _names([payoff.value, _rate(model, payoff)])


def _names(expressions: Iterable[Expression | None]) -> set[str]:
    return set().union(*(item.names for item in expressions if item is not None))


def _rate(model: Model, payoff: Payoff) -> Expression:
    if payoff.discount is not None:
        return payoff.discount
    return model.discounting.costs if payoff.kind == "cost" else model.discounting.effects


def _between_ends(model: Model) -> Iterator[Edge]:
    """Yield the edges among transitions, tree, states and measures."""
    for item in model.transitions:
        if item.value is not None:
            yield Factor("transition", f"{item.source} → {item.target}"), STATES
    if model.tree and model.states is not None:
        yield TREE, STATES
    for payoff in model.payoffs:
        if payoff.states or payoff.enter or payoff.transition:
            yield STATES, Factor("measure", payoff.measure)
        if payoff.branches:
            yield TREE, Factor("measure", payoff.measure)
