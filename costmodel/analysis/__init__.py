"""Analyses: pure functions of draws and outcomes."""

from costmodel.analysis.acceptability import acceptability, evpi, net_benefit
from costmodel.analysis.frontier import frontier, frontier_table
from costmodel.analysis.incremental import Increment, incremental, increments, judge

__all__ = [
    "Increment",
    "acceptability",
    "evpi",
    "frontier",
    "frontier_table",
    "incremental",
    "increments",
    "judge",
    "net_benefit",
]
