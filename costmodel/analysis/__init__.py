"""Analyses: pure functions of draws and outcomes."""

from costmodel.analysis.acceptability import acceptability, evpi, net_benefit
from costmodel.analysis.budget_impact import budget_impact
from costmodel.analysis.budget_inputs import Course, Population, PricePath
from costmodel.analysis.budget_result import BudgetImpact
from costmodel.analysis.budget_sensitivity import budget_draws, budget_one_way, budget_scenarios
from costmodel.analysis.convergence import (
    Decision,
    Stopped,
    compare_methods,
    decision_certainty,
    draws_needed,
    replicated,
    run_until,
    running,
)
from costmodel.analysis.decomposition import (
    Change,
    Corners,
    Parts,
    decompose,
    decomposition,
    evaluate_corners,
    split_corners,
)
from costmodel.analysis.designs import Binary, NormalMean, StudyDesign, TimeToEvent, TwoArms
from costmodel.analysis.equivalence import (
    CostMinimisation,
    Equivalence,
    cost_minimisation,
    equivalence,
    two_one_sided,
)
from costmodel.analysis.event_rates import event_rates
from costmodel.analysis.frontier import frontier, frontier_table
from costmodel.analysis.global_sensitivity import sobol_indices
from costmodel.analysis.importance import importance
from costmodel.analysis.incremental import Increment, incremental, increments, judge
from costmodel.analysis.information import evppi, population_value, subgroup_value
from costmodel.analysis.one_way import grid, one_way, own_ranges, several
from costmodel.analysis.question import Question
from costmodel.analysis.ratio_interval import RatioInterval, icer_interval
from costmodel.analysis.risk_difference import risk_differences
from costmodel.analysis.saltelli import Saltelli, indices, indices_of
from costmodel.analysis.sample_information import SampleInformation, enbs, evsi, expected_given
from costmodel.analysis.savings_share import SavingsShare, savings_share
from costmodel.analysis.summary import summarise
from costmodel.analysis.thresholds import price_at, thresholds
from costmodel.analysis.uptake import Uptake

__all__ = [
    "Binary",
    "BudgetImpact",
    "Change",
    "Corners",
    "CostMinimisation",
    "Course",
    "Decision",
    "Equivalence",
    "Increment",
    "NormalMean",
    "Parts",
    "Population",
    "PricePath",
    "Question",
    "RatioInterval",
    "Saltelli",
    "SampleInformation",
    "SavingsShare",
    "Stopped",
    "StudyDesign",
    "TimeToEvent",
    "TwoArms",
    "Uptake",
    "acceptability",
    "budget_draws",
    "budget_impact",
    "budget_one_way",
    "budget_scenarios",
    "compare_methods",
    "cost_minimisation",
    "decision_certainty",
    "decompose",
    "decomposition",
    "draws_needed",
    "enbs",
    "equivalence",
    "evaluate_corners",
    "event_rates",
    "evpi",
    "evppi",
    "evsi",
    "expected_given",
    "frontier",
    "frontier_table",
    "grid",
    "icer_interval",
    "importance",
    "incremental",
    "increments",
    "indices",
    "indices_of",
    "judge",
    "net_benefit",
    "one_way",
    "own_ranges",
    "population_value",
    "price_at",
    "replicated",
    "risk_differences",
    "run_until",
    "running",
    "savings_share",
    "several",
    "sobol_indices",
    "split_corners",
    "subgroup_value",
    "summarise",
    "thresholds",
    "two_one_sided",
]
