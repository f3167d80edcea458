"""What a model is: strategies, segments, formulas, payoffs and conventions, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from costmodel.formulas import Expression, LookupTable, constant
from costmodel.populations import Segment
from costmodel.units import MONTHS_PER_YEAR, Money, cycles_in

Kind = Literal["cost", "qaly", "life_years", "event", "effect"]
Per = Literal["year", "cycle", "once", "event"]
Invalid = Literal["error", "clip", "resample"]
Timing = Literal["boundary", "start", "middle"]
DiscountMethod = Literal["annual", "annual-floor", "continuous"]
WithinCycle = str | tuple[float, ...]

KINDS: tuple[Kind, ...] = ("cost", "qaly", "life_years", "event", "effect")
WITHIN_CYCLE = ("trapezoid", "start", "end", "simpson", "life-table")


@dataclass(frozen=True)
class Time:
    """Cycles and horizon.

    Parameters
    ----------
    cycle_months, horizon_years : float
        The horizon must be a whole number of cycles; a horizon of zero leaves the one-off payoffs.
    within_cycle : str or tuple of float
        How a payoff that accrues is integrated over a cycle: ``trapezoid``, ``start``, ``end``,
        ``simpson``, ``life-table``, or one weight per cycle boundary.
    start_age : Expression or None
        Age in years at the start; formulas may use ``age`` only when it is given.
    """

    cycle_months: float = 12.0
    horizon_years: float = 1.0
    within_cycle: WithinCycle = "trapezoid"
    start_age: Expression | None = None

    @property
    def cycle_years(self) -> float:
        """Length of a cycle in years."""
        return self.cycle_months / MONTHS_PER_YEAR

    @property
    def n_cycles(self) -> int:
        """Number of cycles in the horizon."""
        return cycles_in(self.horizon_years, self.cycle_months)

    @property
    def n_years(self) -> int:
        """Number of calendar years that results by year have: at least one, for the one-offs."""
        return max(1, -(-self.n_cycles * round(self.cycle_months * 1e6) // round(MONTHS_PER_YEAR * 1e6)))


@dataclass(frozen=True)
class Discounting:
    """Yearly discount rates of costs and of effects, and how they are applied.

    Parameters
    ----------
    costs, effects : Expression
        Yearly rates; formulas, so that sensitivity analyses may vary them.
    method : {"annual", "annual-floor", "continuous"}
        ``(1+r)^-t``, ``(1+r)^-floor(t)`` or ``exp(-r t)``.
    timing : {"boundary", "start", "middle"}
        Whether an accruing payoff is discounted at each boundary's own time, or at the start or the
        middle of its cycle.
    """

    costs: Expression = field(default_factory=lambda: constant(0.0))
    effects: Expression = field(default_factory=lambda: constant(0.0))
    method: DiscountMethod = "annual"
    timing: Timing = "boundary"


@dataclass(frozen=True)
class Strategy:
    """One of the courses compared, and the parameters or formulas that it sets."""

    name: str
    label: str
    overrides: Mapping[str, Expression] = field(default_factory=dict)


@dataclass(frozen=True)
class States:
    """The states of a cohort.

    Parameters
    ----------
    names : tuple of str
    start : mapping of str to Expression or None
        Share of the cohort that starts in each state; None is the complement. States left out start empty.
    tunnels : mapping of str to int
        Number of cycles for which time in a state is remembered; who stays longer remains in the last.
    inflow : mapping of str to Expression
        People who join a state at each later boundary, per person of the starting cohort.
    labels : mapping of str to str
    """

    names: tuple[str, ...]
    start: Mapping[str, Expression | None]
    tunnels: Mapping[str, int] = field(default_factory=dict)
    inflow: Mapping[str, Expression] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def stages(self, name: str) -> int:
        """Return for how many cycles time in a state is remembered; 1 without a tunnel."""
        return self.tunnels.get(name, 1)


@dataclass(frozen=True)
class Transition:
    """A move from one state to another within a cycle.

    Parameters
    ----------
    source, target : str
    value : Expression or None
        Probability per cycle, or rate per year; None is the complement of the state's other transitions.
    is_rate : bool
        Whether ``value`` is a rate. The rates of a state compete: together they decide how many leave,
        and their proportions decide where to.
    on_invalid : {"error", "clip", "resample"}
        What is done with draws in which the row is no probability distribution.
    """

    source: str
    target: str
    value: Expression | None
    is_rate: bool = False
    on_invalid: Invalid = "error"

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


@dataclass(frozen=True)
class Order:
    """Two values of which one may not be above the other, such as the survival curves of one strategy.

    Parameters
    ----------
    lower, upper : str
        Names of parameters or formulas.
    on_crossed : {"error", "clip", "resample"}
        What is done with draws in which ``lower`` is above ``upper``: ``clip`` lowers it to ``upper`` where
        it is, everywhere it is used.
    """

    lower: str
    upper: str
    on_crossed: Invalid = "error"


@dataclass(frozen=True)
class Branch:
    """One way on from a chance node of a decision tree.

    Parameters
    ----------
    name : str
    probability : Expression or None
        None is the complement of the node's other branches.
    target : str
        The node or state that it leads to; empty at a leaf.
    """

    name: str
    probability: Expression | None
    target: str = ""


@dataclass(frozen=True)
class Node:
    """A chance node and its branches. The first node of a tree is its root."""

    name: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Payoff:
    """A cost or an effect that accrues.

    Parameters
    ----------
    measure : str
        Name under which it is reported; payoffs with one name are added up.
    kind : {"cost", "qaly", "life_years", "event", "effect"}
    value : Expression
        Amount per person: money of the study for a cost, positive where money is spent.
    per : {"year", "cycle", "once", "event"}
    states : tuple of str
        The states in which it accrues; empty in a model without states.
    enter : str
        The state whose entry from another state it counts; ``per`` is then ``event``.
    transition : (str, str) or None
        The transition that it counts; ``per`` is then ``event``.
    branches : tuple of str
        The branches of the tree, as ``node.branch``, whose reaching it counts; ``per`` is then ``once``.
    within_cycle, timing, discount
        The study's conventions unless the payoff names its own.
    """

    measure: str
    kind: Kind
    value: Expression
    per: Per = "year"
    states: tuple[str, ...] = ()
    enter: str = ""
    transition: tuple[str, str] | None = None
    branches: tuple[str, ...] = ()
    within_cycle: WithinCycle | None = None
    timing: Timing | None = None
    discount: Expression | None = None


@dataclass(frozen=True)
class Model:
    """Everything that an evaluation needs besides the draws.

    Parameters
    ----------
    parameters : mapping of str to Money or None
        The drawn parameters, each with the money it is measured in if it is an amount of money.
    formulas : mapping of str to Expression
    conversions : mapping of Money to Expression
        Factors that bring a parameter's money to the study's.
    scenario : mapping of str to Expression
        Overrides that win over strategies, segments and tables.
    perspectives : mapping of str to tuple of str
        Each a set of cost measures.
    """

    name: str
    money: Money
    strategies: tuple[Strategy, ...]
    payoffs: tuple[Payoff, ...]
    comparator: str
    parameters: Mapping[str, Money | None] = field(default_factory=dict)
    formulas: Mapping[str, Expression] = field(default_factory=dict)
    conversions: Mapping[Money, Expression] = field(default_factory=dict)
    segments: tuple[Segment, ...] = (Segment.everyone(),)
    perspectives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scenario: Mapping[str, Expression] = field(default_factory=dict)
    time: Time = field(default_factory=Time)
    discounting: Discounting = field(default_factory=Discounting)
    tables: Mapping[str, LookupTable] = field(default_factory=dict)
    states: States | None = None
    transitions: tuple[Transition, ...] = ()
    tree: tuple[Node, ...] = ()
    orders: tuple[Order, ...] = ()

    @property
    def measures(self) -> dict[str, Kind]:
        """Each measure and its kind, in the order of the payoffs."""
        return {payoff.measure: payoff.kind for payoff in self.payoffs}

    def strategy(self, name: str) -> Strategy:
        """Return a strategy by name."""
        return next(strategy for strategy in self.strategies if strategy.name == name)
