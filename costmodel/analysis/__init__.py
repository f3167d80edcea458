"""Analyses: pure functions of draws and outcomes."""

from costmodel.analysis.acceptability import acceptability, evpi, net_benefit
from costmodel.analysis.designs import Binary, Design, NormalMean, TimeToEvent, TwoArms
from costmodel.analysis.frontier import frontier, frontier_table
from costmodel.analysis.incremental import Increment, incremental, increments, judge
from costmodel.analysis.information import evppi, population_value, subgroup_value
from costmodel.analysis.one_way import grid, one_way, own_ranges, several
from costmodel.analysis.question import Question
from costmodel.analysis.sample_information import SampleInformation, enbs, evsi, expected_given
from costmodel.analysis.thresholds import price_at, thresholds

__all__ = [
    "Binary",
    "Design",
    "Increment",
    "NormalMean",
    "Question",
    "SampleInformation",
    "TimeToEvent",
    "TwoArms",
    "acceptability",
    "enbs",
    "evpi",
    "evppi",
    "evsi",
    "expected_given",
    "frontier",
    "frontier_table",
    "grid",
    "incremental",
    "increments",
    "judge",
    "net_benefit",
    "one_way",
    "own_ranges",
    "population_value",
    "price_at",
    "several",
    "subgroup_value",
    "thresholds",
]
