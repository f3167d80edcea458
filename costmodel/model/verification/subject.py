"""What is verified: a model, its parameters, and the evaluations that several tests share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from costmodel.errors import CostModelError
from costmodel.formulas import Expression, Node, Number, walk
from costmodel.inputs import Draws, Parameters, base_draws, draws
from costmodel.model.accrual import FloatArray
from costmodel.model.definition import Model, Payoff
from costmodel.model.evaluate import evaluate, starting_points, wanted_names
from costmodel.model.layers import BySegment, Drawn, Rule, closure, plain, resolve
from costmodel.model.outcomes import Outcomes
from costmodel.model.resample import redraw, redraws
from costmodel.model.run import StrategyRun, run_strategy
from costmodel.model.values import Environment, environments

FEW = 16
"""Draws on which a rewritten model is compared with the model as it stands."""

_DEAD = frozenset({"dead", "death", "deaths", "died", "deceased"})
_DEAD_LABEL = re.compile(r"(dead|death|died|deceased)\b", re.IGNORECASE)


class NoDrawsError(CostModelError):
    """The draws of the model cannot be made or evaluated; one test says so, the others cannot be run."""


@dataclass(frozen=True)
class Moved:
    """The totals when one or more parameters have other values, or why there are none.

    Parameters
    ----------
    discounted, undiscounted : array, shape (strategy, measure, segment)
    sizes : array, shape (segment,)
    problem : str
    """

    discounted: FloatArray
    undiscounted: FloatArray
    sizes: FloatArray
    problem: str = ""


@dataclass(frozen=True)
class Subject:
    """A model under verification.

    Parameters
    ----------
    model : Model
    parameters : Parameters
    n, seed : int
    method : str
        Design of the draws.
    prices : frozenset of str
        The parameters that are prices.
    """

    model: Model
    parameters: Parameters
    n: int
    seed: int
    method: str
    prices: frozenset[str]

    @cached_property
    def base_draw(self) -> Draws:
        """The base case."""
        return base_draws(self.parameters)

    @cached_property
    def base(self) -> Outcomes:
        """Outcomes of the base case."""
        return evaluate(self.model, self.base_draw)

    def draw(self, *, seed: int) -> tuple[Draws, int]:
        """Return draws of the parameters with a seed, and how many were rejected where the model asks so."""

        def design(count: int) -> Draws:
            return draws(self.parameters, n=count, seed=seed, method=self.method)

        try:
            return redraw(self.model, design, self.n) if redraws(self.model) else (design(self.n), 0)
        except CostModelError as problem:
            raise NoDrawsError(str(problem)) from problem

    @cached_property
    def _drawn(self) -> tuple[Draws, int]:
        return self.draw(seed=self.seed)

    @property
    def draws(self) -> Draws:
        """The draws of the parameters."""
        return self._drawn[0]

    @property
    def rejected(self) -> int:
        """How many draws were replaced by later ones."""
        return self._drawn[1]

    @cached_property
    def sample(self) -> Outcomes:
        """Outcomes of the draws."""
        try:
            return evaluate(self.model, self.draws)
        except NoDrawsError:
            raise
        except CostModelError as problem:
            raise NoDrawsError(str(problem)) from problem

    @cached_property
    def drawn(self) -> Draws:
        """The draws, or the base case where the draws cannot be evaluated."""
        try:
            _ = self.sample
        except NoDrawsError:
            return self.base_draw
        return self.draws

    @cached_property
    def few(self) -> Draws:
        """The first of the draws."""
        return self.drawn.take(np.arange(min(FEW, self.drawn.n)))

    @cached_property
    def before(self) -> Outcomes:
        """Outcomes of the first draws, the model as it stands."""
        return evaluate(self.model, self.few)

    def after(self, model: Model) -> Outcomes:
        """Return the outcomes of a rewritten model for the first draws."""
        return evaluate(model, self.few)

    @cached_property
    def runs(self) -> dict[str, StrategyRun]:
        """The course of every strategy, for all draws."""
        found = self.environments(self.drawn)
        return {
            name: run_strategy(self.model, environment, self.drawn.n, strategy=name)
            for name, environment in found.items()
        }

    def environments(self, chosen: Draws) -> dict[str, Environment]:
        """Return every name's values under every strategy, for some draws."""
        names = wanted_names(self.model)
        names |= {name for strategy in self.model.strategies for name in strategy.overrides}
        return environments(self.model, chosen, names)

    @cached_property
    def rules(self) -> dict[str, dict[str, Rule]]:
        """The rule of every name under every strategy."""
        return {item.name: resolve(self.model, item) for item in self.model.strategies}

    def names(self, strategy: str, wanted: Iterable[str]) -> set[str]:
        """Return all names that some names rest on under a strategy, model time included."""
        rules = self.rules[strategy]
        found = set(wanted) | closure(rules, wanted)
        for name in list(found):
            for part in parts_of(rules.get(name)):
                found |= part.names
        return {plain(name) for name in found}

    def leaves(self, strategy: str, wanted: Iterable[str]) -> frozenset[str]:
        """Return the parameters that some names rest on under a strategy."""
        rules = self.rules[strategy]
        found = (rules[name] for name in closure(rules, wanted))
        return frozenset(rule.parameter for rule in found if isinstance(rule, Drawn))

    def all_leaves(self, wanted: Iterable[str]) -> frozenset[str]:
        """Return the parameters that some names rest on under any strategy."""
        names = list(wanted)
        return frozenset().union(*(self.leaves(item.name, names) for item in self.model.strategies))

    def only(self, expressions: Sequence[Expression]) -> set[str]:
        """Return the parameters on which some formulas of the model rest, and no other formula."""
        rest = [item for item in starting_points(self.model) if all(item is not own for own in expressions)]
        below = set().union(*(self.all_leaves(item.names) for item in expressions))
        return below - set().union(*(self.all_leaves(item.names) for item in rest))

    def nodes(self, strategy: str, expression: Expression) -> list[Node]:
        """Return every part of a formula and of all formulas below it."""
        rules = self.rules[strategy]
        formulas = [expression]
        for name in closure(rules, expression.names):
            formulas += parts_of(rules[name])
        return [node for formula in formulas for node in walk(formula.node)]

    def literals(self, strategy: str, expression: Expression) -> set[float]:
        """Return the numbers that stand in a formula and in all formulas below it."""
        return {node.value for node in self.nodes(strategy, expression) if isinstance(node, Number)}

    @cached_property
    def used(self) -> frozenset[str]:
        """The parameters on which results rest; those that scenarios alone use are not among them."""
        return self.all_leaves(wanted_names(self.model))

    @cached_property
    def dead(self) -> tuple[str, ...]:
        """The states of the dead.

        Those named or labelled so; if none is, those that are never left and earn no life-years or QALYs
        although other states do.
        """
        states = self.model.states
        if states is None:
            return ()
        named = tuple(name for name in states.names if _named_dead(name, states.labels.get(name, "")))
        if named:
            return named
        earning = {name for payoff in self.living_payoffs for name in payoff.states}
        left = {item.source for item in self.model.transitions if item.source != item.target}
        return tuple(name for name in states.names if earning and name not in earning | left)

    @cached_property
    def alive(self) -> tuple[str, ...]:
        """The states of the living."""
        states = self.model.states
        return () if states is None else tuple(name for name in states.names if name not in self.dead)

    @property
    def living_payoffs(self) -> list[Payoff]:
        """The payoffs that only the living can earn: QALYs and life-years that accrue."""
        kinds = ("qaly", "life_years")
        return [item for item in self.model.payoffs if item.kind in kinds and item.per in ("year", "cycle")]

    def moved(self, changes: Sequence[Mapping[str, float]]) -> list[Moved]:
        """Return the base case with some parameters changed, once per mapping.

        All are evaluated together; where that fails, one by one, so that a problem belongs to its change.
        """
        try:
            found = evaluate(self.model, self._changed(changes))
        except CostModelError as problem:
            if len(changes) == 1:
                empty = np.zeros(0)
                return [Moved(empty, empty, empty, str(problem))]
            return [self.moved([change])[0] for change in changes]
        return [
            Moved(found.discounted[:, :, row], found.undiscounted[:, :, row], found.sizes[row])
            for row in range(len(changes))
        ]

    def _changed(self, changes: Sequence[Mapping[str, float]]) -> Draws:
        values = {name: np.full(len(changes), array[0]) for name, array in self.base_draw.values.items()}
        for row, change in enumerate(changes):
            for name, value in change.items():
                values[name][row] = value
        return Draws(values, len(changes), None, "base")

    def base_value(self, name: str) -> float:
        """Return a parameter's base-case value."""
        return float(self.base_draw.values[name][0])

    def starting_with(self, *prefixes: str) -> list[str]:
        """Return the parameters in use whose name has one of some prefixes."""
        return [name for name in self.model.parameters if name.startswith(prefixes) and name in self.used]


def _named_dead(name: str, label: str) -> bool:
    tokens = set(re.split(r"[_\d]+", name.lower()))
    return bool(tokens & _DEAD) or _DEAD_LABEL.match(label) is not None


def parts_of(rule: Rule | None) -> list[Expression]:
    """Return the formulas of a rule."""
    match rule:
        case None | Drawn():
            return []
        case BySegment(_, cells):
            return list(cells.values())
        case _:
            return [rule]
