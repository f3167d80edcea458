"""Analyses: pure functions of draws and outcomes."""

from costmodel.analysis.acceptability import acceptability, evpi, net_benefit
from costmodel.analysis.frontier import frontier, frontier_table
from costmodel.analysis.incremental import Increment, incremental, increments, judge
from costmodel.analysis.one_way import grid, one_way, own_ranges, several
from costmodel.analysis.question import Question
from costmodel.analysis.thresholds import price_at, thresholds

__all__ = [
    "Increment",
    "Question",
    "acceptability",
    "evpi",
    "frontier",
    "frontier_table",
    "grid",
    "incremental",
    "increments",
    "judge",
    "net_benefit",
    "one_way",
    "own_ranges",
    "price_at",
    "several",
    "thresholds",
]
