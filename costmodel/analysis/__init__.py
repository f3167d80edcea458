"""Analyses: pure functions of draws and outcomes."""

from costmodel.analysis.acceptability import acceptability, evpi, net_benefit
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
from costmodel.analysis.designs import Binary, NormalMean, StudyDesign, TimeToEvent, TwoArms
from costmodel.analysis.equivalence import (
    CostMinimisation,
    Equivalence,
    cost_minimisation,
    equivalence,
    two_one_sided,
)
from costmodel.analysis.frontier import frontier, frontier_table
from costmodel.analysis.global_sensitivity import sobol_indices
from costmodel.analysis.importance import importance
from costmodel.analysis.incremental import Increment, incremental, increments, judge
from costmodel.analysis.information import evppi, population_value, subgroup_value
from costmodel.analysis.one_way import grid, one_way, own_ranges, several
from costmodel.analysis.question import Question
from costmodel.analysis.ratio_interval import RatioInterval, icer_interval
from costmodel.analysis.saltelli import Saltelli, indices, indices_of
from costmodel.analysis.sample_information import SampleInformation, enbs, evsi, expected_given
from costmodel.analysis.summary import summarise
from costmodel.analysis.thresholds import price_at, thresholds

__all__ = [
    "Binary",
    "CostMinimisation",
    "Decision",
    "Equivalence",
    "Increment",
    "NormalMean",
    "Question",
    "RatioInterval",
    "Saltelli",
    "SampleInformation",
    "Stopped",
    "StudyDesign",
    "TimeToEvent",
    "TwoArms",
    "acceptability",
    "compare_methods",
    "cost_minimisation",
    "decision_certainty",
    "draws_needed",
    "enbs",
    "equivalence",
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
    "run_until",
    "running",
    "several",
    "sobol_indices",
    "subgroup_value",
    "summarise",
    "thresholds",
    "two_one_sided",
]
