"""The budget impact of a study, from its own outcomes: who starts when, and what that costs whom by year.

The method is that of ISPOR's principles of good practice (Sullivan et al. 2014, Value in Health 17:5-14): an
open population, two worlds, calendar years, no discounting. Amounts by year since the start are those of the
study's cohort, with stopping and death in them; cohorts that start in different years are stacked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.budget_cohorts import stacked, starters, steady_starters
from costmodel.analysis.budget_result import BudgetImpact
from costmodel.analysis.uptake import Uptake
from costmodel.checks import one_of
from costmodel.errors import CostModelError
from costmodel.formulas import Expression
from costmodel.inputs import Draws
from costmodel.model import Model, Outcomes, evaluate
from costmodel.model.values import Environment, environments
from costmodel.study.budget_schema import BudgetSection, ChangeSection
from costmodel.study.check_budget import STEADY, parsed_formulas, starting_later
from costmodel.study.read import Study
from costmodel.study.sample import Sample

Floats = NDArray[np.float64]


def study_budget(
    study: Study,
    *,
    draws: Draws | None = None,
    scenario: str | None = None,
    payer: str = "",
    patient: str = "",
    sample: Sample | None = None,
) -> dict[str, BudgetImpact]:
    """Evaluate the changes of a study's ``[budget]``: what payers and patients pay with and without each.

    Parameters
    ----------
    study : Study
    draws : Draws, optional
        Such as ``study.draws(1000)``, for intervals; the base case if left out.
    scenario : str, optional
    payer, patient : str, optional
        Perspectives in place of those that the study names, to look further: all care beside the drug.
    sample : Sample, optional
        The study evaluated before under ``scenario``: its draws are used, and where its horizon is that of
        the budget, those of year 1 are not evaluated again.

    Returns
    -------
    dict of str to BudgetImpact
        By the changes' names. Segments are the study's groups, products the two strategies, components the
        cost measures of the accounts; undiscounted money of the study. ``eligible`` counts all who have
        started; ``people_by_product`` years on treatment where the study says what counts as ``treated``,
        else all who have started, whether or not they go on.

    Raises
    ------
    CostModelError
        The study declares no budget; a perspective or the scenario is unknown; a number of starters, a growth
        or a trend is out of range or changes over cycles; cycles do not divide the years.

    Notes
    -----
    With n(e) people who start in year e, w the share of strategy s, and c its cost per person by year since
    the start: ``cost(t) = trend(t) × sum over e ≤ t and s of n(e) × w(s) × c(s, t − e)``, w being that of
    year t (``shares_of = "treated"``) or of year e (``"starting"``). n(1) is the size of the segment. Whoever
    starts in a year is counted for the whole of it. Who changes after year 1 costs from then on what those
    cost who had the new strategy from their start: what falls due once, at the start, is not paid again.

    Examples
    --------
    >>> import costmodel as cm
    >>> impact = study_budget(cm.read_study("clonazepam-us"))["all_generic"]
    >>> impact.segments
    ('Medicaid', 'Medicare Part D', 'Employer insurance', 'No insurance')
    >>> bool((impact.impact() < 0).all())
    True
    """
    section = study.spec.budget
    if section is None:
        raise CostModelError(f"study '{study.name}' declares no budget: add [budget] to its study.toml")
    model = study.model(scenario)
    changes = {
        name: change.model_copy(
            update={
                "payer": payer or change.payer or section.payer,
                "patient": patient or change.patient or section.patient,
            }
        )
        for name, change in section.changes.items()
    }
    for change in changes.values():
        _check_apart(model, change)
    if sample is not None:
        draws = sample.draws
    known = None
    if sample is not None and sample.model.time.horizon_years == section.years:
        known = sample.outcomes
    run = _Run.of(_reduced(model, section, changes), section, draws or study.draws(), known)
    return {name: run.impact(name, change) for name, change in changes.items()}


def _check_apart(model: Model, change: ChangeSection) -> None:
    """Refuse perspectives that the study does not have, or of which both bear a cost."""
    accounts = [name for name in (change.payer, change.patient) if name]
    members = [
        set(model.perspectives[one_of(name, list(model.perspectives), "perspective")]) for name in accounts
    ]
    both = set.intersection(*members) if len(members) > 1 else set()
    if both:
        raise CostModelError(
            f"perspectives '{accounts[0]}' and '{accounts[1]}' both bear {', '.join(sorted(both))}: "
            "payer and patient need perspectives that share no measure"
        )


def _reduced(model: Model, section: BudgetSection, changes: Mapping[str, ChangeSection]) -> Model:
    """Return the model over the years of the budget, with no strategy and no payoff that it does not need."""
    pairs = [(change.without, change.changed_to) for change in changes.values()]
    strategies = {section.today}.union(*pairs)
    accounts = {name for change in changes.values() for name in (change.payer, change.patient) if name}
    wanted = {section.treated}.union(*(model.perspectives[name] for name in accounts))
    kept = tuple(one for one in model.strategies if one.name in strategies)
    time = replace(model.time, horizon_years=float(section.years))
    payoffs = tuple(one for one in model.payoffs if one.measure in wanted)
    for rule in (time.within_cycle, *(one.within_cycle for one in payoffs)):
        if isinstance(rule, tuple) and len(rule) != time.n_cycles + 1:
            raise CostModelError(
                f"budget of '{model.name}': explicit within-cycle weights cover another number of cycles "
                f"than {section.years} years have; set budget.years to the horizon, or name a rule"
            )
    return replace(
        model,
        strategies=kept,
        comparator=kept[0].name,
        payoffs=payoffs,
        perspectives={name: model.perspectives[name] for name in sorted(accounts)},
        time=time,
    )


@dataclass(frozen=True)
class _Run:
    """A budget's model evaluated for those of year 1 and for those who start later."""

    section: BudgetSection
    formulas: Mapping[str, Expression]
    known: Mapping[str, Environment]
    first: Outcomes
    later: Outcomes

    @classmethod
    def of(cls, model: Model, section: BudgetSection, draws: Draws, known: Outcomes | None) -> _Run:
        formulas = parsed_formulas(section)
        names = set().union(*(one.names for one in formulas.values()))
        starting = starting_later(model, formulas)
        first = evaluate(model, draws) if known is None else known
        later = first if starting is model else evaluate(starting, draws)
        return cls(section, formulas, environments(model, draws, names), first, later)

    def impact(self, name: str, change: ChangeSection) -> BudgetImpact:
        """Return the impact of one change."""
        today = self.section.today or change.without
        starting = self.starting(today)
        accounts = [self.first.perspectives[one] if one else () for one in (change.payer, change.patient)]
        components = tuple(dict.fromkeys(measure for account in accounts for measure in account))
        people = self.in_worlds(change, starting, self.section.treated)
        cost = np.zeros((*people.shape, len(components), len(accounts)))
        for who, account in enumerate(accounts):
            for measure in account:
                paid = self.in_worlds(change, starting, measure, factor=self.trend(measure, today))
                cost[..., components.index(measure), who] = paid
        years = self.section.years
        started = stacked(starting, *self.by_year("", change.without), np.ones((years, years)))
        return BudgetImpact(
            segments=tuple(self.groups()),
            products=(change.without, change.changed_to),
            components=components,
            currency=self.first.money.currency,
            cost=cost,
            people_by_product=people,
            eligible=self.grouped(started),
            members=None,
            notes=(*self.section.notes, *_idle(starting, self.section), *_own_note(name, change)),
            basis=self.section.basis,
        )

    def in_worlds(
        self, change: ChangeSection, starting: Floats, measure: str, *, factor: Floats | float = 1.0
    ) -> Floats:
        """Return a measure by calendar year, (draw, world, group, year, strategy)."""
        found = []
        for weights in _weights(change, self.section.years):
            amounts = [
                stacked(starting, *self.by_year(measure, strategy), weight) * factor
                for strategy, weight in zip((change.without, change.changed_to), weights, strict=True)
            ]
            found.append(np.stack([self.grouped(one) for one in amounts], axis=-1))
        return np.stack(found, axis=1)

    def by_year(self, measure: str, strategy: str) -> tuple[Floats, Floats]:
        """Return a measure per person by year since the start, of those of year 1 and of later ones.

        Without a measure, one for everybody who has started.
        """
        if not measure:
            ones = np.ones((1, 1, self.section.years))
            return ones, ones
        return _by_year(self.first, measure, strategy), _by_year(self.later, measure, strategy)

    def starting(self, today: str) -> Floats:
        """Return people who start in each year, (draw, segment, year)."""
        growth = self.values("growth", today, low=-1.0, high=1.0)
        if self.section.incident == STEADY:
            return steady_starters(self.first.sizes, *self.by_year(self.section.treated, today), growth)
        incident = self.values("incident", today, low=0.0, high=np.inf)
        return starters(self.first.sizes, incident, growth, self.section.years)

    def trend(self, measure: str, strategy: str) -> Floats:
        """Return what a measure costs in each calendar year, as a factor on year 1, (draw, segment, year)."""
        if measure not in self.section.trend:
            return np.ones(1)
        change = self.values(f"trend.{measure}", strategy, low=-1.0, high=np.inf)
        return np.asarray((1 + change)[..., None] ** np.arange(self.section.years))

    def values(self, key: str, strategy: str, *, low: float, high: float) -> Floats:
        """Return a formula of the budget as one number per draw and segment."""
        expression = self.formulas[key]
        array = self.known[strategy].evaluate(expression, f"budget.{key}")
        if not (array == array[..., :1]).all():
            raise CostModelError(f"budget.{key} changes over cycles: '{expression.text}'; give one number")
        wrong = ~((array >= low) & (array <= high))
        if wrong.any():
            raise CostModelError(
                f"budget.{key} must lie in [{low:g}, {high:g}]; found {array[wrong][0]:g} from "
                f"'{expression.text}'"
            )
        return np.broadcast_to(array[..., 0], self.first.sizes.shape)

    def grouped(self, amounts: Floats) -> Floats:
        """Return amounts added up from segments to groups, (draw, group, year)."""
        members = [[self.first.segments.index(one) for one in group] for group in self.groups().values()]
        return np.stack([amounts[:, chosen].sum(axis=1) for chosen in members], axis=1)

    def groups(self) -> Mapping[str, list[str]]:
        """Return the payers, each with its segments."""
        return self.section.groups or {name: [name] for name in self.first.segments}


def _by_year(outcomes: Outcomes, measure: str, strategy: str) -> Floats:
    row = outcomes.strategies.index(strategy), list(outcomes.measures).index(measure)
    return np.asarray(outcomes.by_year[row])


def _weights(change: ChangeSection, years: int) -> list[list[Floats]]:
    """Return, by world and strategy, the share that counts by year of start and calendar year."""
    old, new = change.without, change.changed_to
    before, after = {old: 1.0, new: 0.0}, {old: 0.0, new: 1.0}
    worlds = (
        Uptake.constant(before, years=years),
        Uptake.linear(before, after, years=years, over=change.over),
    )
    axis = 0 if change.shares_of == "treated" else 1
    found = []
    for uptake in worlds:
        shares = [np.expand_dims(share, axis) for share in uptake.shares[0].T]
        found.append([np.repeat(share, years, axis=axis) for share in shares])
    return found


def _own_note(name: str, change: ChangeSection) -> tuple[str, ...]:
    return (f"{change.label or name}: {change.note}",) if change.note else ()


def _idle(starting: Floats, section: BudgetSection) -> tuple[str, ...]:
    """Say how often more stay on treatment than were treated in year 1, so that nobody starts."""
    if section.incident != STEADY:
        return ()
    share = float((starting[..., 1:] == 0).any(axis=(1, 2)).mean())
    if share == 0:
        return ()
    when = f"in {share:.1%} of draws in some segment and year"
    return (f"Where more stay on treatment than were treated in year 1, nobody starts: {when}",)
