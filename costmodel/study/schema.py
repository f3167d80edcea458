"""The keys of study.toml: each typed, documented and checked; unknown keys are refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from costmodel.study.budget_schema import BudgetSection
from costmodel.study.report_schema import ReportSection

Formula = Annotated[str | float, Field(description="A number or a formula")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=100)]
Statistic = Literal["unique", "median", "mean", "minimum", "maximum", "volume_weighted"]
WithinCycle = Literal["trapezoid", "start", "end", "simpson", "life-table"] | list[float]
Timing = Literal["boundary", "start", "middle"]
Sector = Literal[
    "health outcomes",
    "medical costs",
    "informal health care",
    "productivity",
    "consumption",
    "social services",
    "legal or criminal justice",
    "education",
    "housing",
    "environment",
    "other",
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TimeSection(_Section):
    """Cycles and horizon."""

    cycle_months: float = Field(default=12, gt=0, le=1200, description="Length of a cycle in months")
    horizon_years: float = Field(
        default=1,
        ge=0,
        le=200,
        description="Horizon in years: a whole number of cycles; 0 leaves one-off payoffs",
    )
    within_cycle: WithinCycle = Field(
        default="trapezoid",
        description="How accruing payoffs are integrated over a cycle, or one weight per cycle boundary",
    )
    start_age: Formula | None = Field(
        default=None, description="Age in years at the start; makes `age` known to formulas"
    )


class DiscountingSection(_Section):
    """Yearly discount rates, and how they are applied."""

    costs: Formula = Field(default=0.0, description="Yearly rate for costs, as a proportion")
    effects: Formula = Field(default=0.0, description="Yearly rate for effects, as a proportion")
    method: Literal["annual", "annual-floor", "continuous"] = Field(
        default="annual", description="(1+r)^-t, (1+r)^-floor(t) or exp(-r t)"
    )
    timing: Timing = Field(
        default="boundary", description="At the boundary's own time, or at the start or middle of its cycle"
    )


class PriceBinding(BaseModel):
    """Binds a parameter to the unit price of rows of a price table; other keys are filters on its columns."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    table: str = Field(description="Price table: in the study's tables/, or bundled, such as us/nadac")
    statistic: Statistic = Field(
        default="unique", description="How several rows become one value; `unique` refuses rows that disagree"
    )
    weight: str | None = Field(default=None, description="Column of units sold, for `volume_weighted`")
    note: str = Field(default="", description="What the price is and is not")


class DataBinding(BaseModel):
    """Binds a parameter to a column of any table; other keys are filters on its columns."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    table: str = Field(description="Table: in the study's tables/, or bundled, such as us/utilisation")
    column: str = Field(description="The column that holds the value")
    statistic: Literal["unique", "sum", "mean", "median", "minimum", "maximum"] = Field(
        default="unique", description="How several rows become one value; `unique` refuses rows that disagree"
    )
    unit: str = Field(default="", description="What the value counts; the table's own unit when left out")
    money: str = Field(
        default="",
        description="Of an amount of money, its currency and price year, such as `BRL 2019`; its unit is "
        "then `BRL` or `BRL/pack`, and it is brought to the study's money as parameters are",
    )
    note: str = Field(default="", description="What the value is and is not")


class Conversion(_Section):
    """Brings amounts of another currency or price year to the study's."""

    factor: Formula = Field(
        description="Amount of study money per unit of the other money: number or formula"
    )
    reason: str = Field(min_length=1, description="Why this factor: the index or rate, its source and date")


class StrategySection(_Section):
    """One of the courses compared."""

    label: str = Field(default="", description="Name shown in reports")
    description: str = Field(default="", description="What is done")
    set: dict[Name, Formula] = Field(
        default_factory=dict, description="Parameters or formulas that this strategy sets"
    )


class StatesSection(_Section):
    """The states of a cohort; a study without them is a cost-minimisation in one state."""

    names: list[Name] = Field(min_length=1, description="The states, in the order in which they are shown")
    start: dict[Name, Formula] = Field(
        default_factory=dict,
        description='Share of the cohort that starts in each state; one may be "complement"',
    )
    tunnels: dict[Name, int] = Field(
        default_factory=dict,
        description="Cycles for which time in a state is remembered (`years_in_state`, `cycles_in_state`)",
    )
    inflow: dict[Name, Formula] = Field(
        default_factory=dict,
        description="People who join a state at each later boundary, per person of the starting cohort",
    )
    labels: dict[Name, str] = Field(default_factory=dict, description="Names shown in reports")
    groups: dict[Name, list[Name]] = Field(
        default_factory=dict,
        description="Names for sets of states, which payoffs may name in `states`",
    )


class TransitionSection(BaseModel):
    """A move between two states; what a state's transitions leave over stays where it is."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)

    source: Name = Field(alias="from", description="The state that is left")
    target: Name = Field(alias="to", description="The state that is entered")
    probability: Formula | None = Field(
        default=None, description='Probability per cycle, or "complement" on one transition of a state'
    )
    rate: Formula | None = Field(
        default=None, description="Rate per year instead; the rates of a state compete"
    )
    on_invalid: Literal["error", "clip", "resample"] = Field(
        default="error",
        description="What is done with draws in which it is no probability; what is done is counted",
    )


class OrderSection(_Section):
    """Two values of which one may not be above the other, such as progression-free and overall survival."""

    lower: Name = Field(description="Parameter or formula that may not be above the other")
    upper: Name = Field(description="Parameter or formula that it is compared with, in every cycle")
    on_crossed: Literal["error", "clip", "resample"] = Field(
        default="error",
        description="What is done with draws in which they cross; `clip` lowers `lower` to `upper`; counted",
    )


class BranchSection(_Section):
    """One way on from a node of the tree."""

    name: Name = Field(description="Name of the branch; payoffs refer to it as node.branch")
    probability: Formula = Field(description='Probability, or "complement" on one branch of a node')
    to: str = Field(default="", description="The node or state that it leads to; left out at a leaf")


class NodeSection(_Section):
    """A chance node of a decision tree; the first one is the root."""

    node: Name = Field(description="Name of the node")
    branches: list[BranchSection] = Field(min_length=1, description="The ways on from it")


class PayoffSection(_Section):
    """A cost or an effect that accrues; payoffs of one measure are added up."""

    measure: Name = Field(description="Name under which it is reported: qaly, life_years, drug_plan, …")
    kind: Literal["cost", "qaly", "life_years", "event", "effect"] = Field(description="What it measures")
    value: Formula = Field(description="Amount per person; for a cost, money of the study")
    per: Literal["year", "cycle", "once"] | None = Field(
        default=None, description="When it accrues: per year if left out; events have none"
    )
    states: list[Name] = Field(
        default_factory=list, description="The states in which it accrues, or names of `[states] groups`"
    )
    enter: str = Field(default="", description="The state whose entry from another state it counts")
    transition: list[Name] = Field(
        default_factory=list, max_length=2, description='The transition it counts: ["from", "to"]'
    )
    label: str = Field(default="", description="Name shown in reports")
    branches: list[str] = Field(
        default_factory=list, description="The branches of the tree whose reaching it counts, as node.branch"
    )
    within_cycle: WithinCycle | None = Field(default=None, description="Its own within-cycle rule")
    timing: Timing | None = Field(default=None, description="Its own timing of discounting")
    discount: Formula | None = Field(default=None, description="Its own yearly discount rate")


class ScenarioSection(_Section):
    """A named what-if: overrides that win over strategies, segments and tables."""

    label: str = Field(default="", description="Name shown in reports")
    note: str = Field(default="", description="Why the scenario is of interest, and its weakness")
    set: dict[Name, Formula] = Field(default_factory=dict, description="Parameters or formulas that it sets")
    time: dict[str, Any] = Field(default_factory=dict, description="Keys of [time] that it changes")
    discounting: dict[str, Any] = Field(
        default_factory=dict, description="Keys of [discounting] that it changes"
    )


class AssumptionSection(_Section):
    """Something taken to be so that the result rests on, and what shows how much it matters."""

    text: str = Field(min_length=1, description="What is assumed, as one sentence")
    reason: str = Field(min_length=1, description="Why: the evidence, or that there is none")
    scenarios: list[str] = Field(
        default_factory=list, description="Scenarios in which something else is assumed"
    )
    parameters: list[str] = Field(
        default_factory=list, description="Uncertain parameters whose range shows how far it may be wrong"
    )
    untested: str = Field(
        default="", description="Where neither scenario nor parameter tests it: why, and which way it may err"
    )


class ImpactSection(_Section):
    """A line of the impact inventory of the Second Panel on Cost-Effectiveness (JAMA 2016;316:1093-103)."""

    sector: Sector = Field(description="Where the impact falls; an inventory has a line for every sector")
    impact: str = Field(min_length=1, description="What is gained, lost or spent")
    measures: list[str] = Field(
        default_factory=list, description="The payoffs' measures that count it; none where it is not counted"
    )
    note: str = Field(default="", description="What is and is not in it; required where nothing counts it")


class AnalysisSection(_Section):
    """Settings of analyses."""

    draws: int = Field(default=1000, ge=1, description="Draws of the probabilistic analysis")
    seed: int = Field(default=1, ge=0, description="Seed of its random numbers; 0 is a seed like any other")
    sampling: Literal["sobol", "monte_carlo"] = Field(default="sobol", description="How draws are made")
    wtp: float | None = Field(
        default=None,
        ge=0,
        description="Willingness to pay per QALY at which the report says what is best and how sure that is",
    )


class StudySpec(_Section):
    """A study: the root of study.toml."""

    title: str = Field(min_length=1, description="Title of the study")
    question: str = Field(default="", description="The question it answers")
    jurisdiction: str = Field(
        default="", description="Country or area whose decision it informs, ISO 3166 code"
    )
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code of every cost")
    price_year: int = Field(ge=1900, le=2100, description="Year of the price level of every cost")
    comparator: str = Field(
        default="", description="Strategy that the others are compared with; the first if left out"
    )
    unused: list[Name] = Field(
        default_factory=list, description="Parameters kept in the table although nothing uses them"
    )
    time: TimeSection = Field(default_factory=TimeSection)
    discounting: DiscountingSection = Field(default_factory=DiscountingSection)
    prices: dict[Name, PriceBinding] = Field(
        default_factory=dict, description="Parameters bound to price tables"
    )
    data: dict[Name, DataBinding] = Field(
        default_factory=dict, description="Parameters bound to other tables"
    )
    conversions: dict[str, Conversion] = Field(
        default_factory=dict,
        description='Other money, such as "USD 2024", and the factor that brings it to the study\'s',
    )
    strategies: dict[Name, StrategySection] = Field(min_length=1, description="The courses compared")
    formulas: dict[Name, Formula] = Field(default_factory=dict, description="Names and their formulas")
    states: StatesSection | None = Field(default=None, description="The states of a cohort")
    transitions: list[TransitionSection] = Field(default_factory=list, description="Moves between states")
    orders: list[OrderSection] = Field(
        default_factory=list, description="Values of which one may not be above the other in any draw"
    )
    tree: list[NodeSection] = Field(
        default_factory=list,
        description="A decision tree: alone, or in front of a cohort, whose start its leaves give",
    )
    payoffs: list[PayoffSection] = Field(min_length=1, description="What accrues")
    perspectives: dict[Name, list[str]] = Field(
        default_factory=dict, description="Sets of cost measures; one named `total` of all costs if left out"
    )
    scenarios: dict[Name, ScenarioSection] = Field(default_factory=dict, description="Named what-ifs")
    budget: BudgetSection | None = Field(default=None, description="The study's budget impact")
    assumptions: list[AssumptionSection] = Field(
        default_factory=list, description="What the result rests on without being shown"
    )
    inventory: list[ImpactSection] = Field(
        default_factory=list, description="What is counted, and what is not: all measures, all sectors"
    )
    analysis: AnalysisSection = Field(default_factory=AnalysisSection)
    report: ReportSection = Field(default_factory=ReportSection)

    def states_of(self, payoff: PayoffSection) -> list[str]:
        """Return the states in which a payoff accrues, its groups written out."""
        groups = self.states.groups if self.states is not None else {}
        return [name for one in payoff.states for name in groups.get(one, [one])]
