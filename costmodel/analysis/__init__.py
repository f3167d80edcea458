"""Analyses: pure functions of outcomes, results as tidy frames."""

from costmodel.analysis.incremental import Increment, incremental, judge

__all__ = ["Increment", "incremental", "judge"]
