"""The model: its definition, its evaluation, and the outcomes that every analysis reads."""

from importlib import import_module
from typing import TYPE_CHECKING

from costmodel.model.definition import Discounting, Model, Payoff, Strategy, Time
from costmodel.model.evaluate import evaluate
from costmodel.model.occupancy import occupancy
from costmodel.model.outcomes import Outcomes

if TYPE_CHECKING:
    from costmodel.model.competing import CompetingRisks, simulate_times
    from costmodel.model.exchange import outcomes_from_function, outcomes_from_table
    from costmodel.model.individuals import People, simulate, simulate_people
    from costmodel.model.outcomes_file import read_outcomes, write_outcomes

__all__ = [
    "CompetingRisks",
    "Discounting",
    "Model",
    "Outcomes",
    "Payoff",
    "People",
    "Strategy",
    "Time",
    "evaluate",
    "occupancy",
    "outcomes_from_function",
    "outcomes_from_table",
    "read_outcomes",
    "simulate",
    "simulate_people",
    "simulate_times",
    "write_outcomes",
]

_LATER = {
    "competing": ("CompetingRisks", "simulate_times"),
    "exchange": ("outcomes_from_function", "outcomes_from_table"),
    "individuals": ("People", "simulate", "simulate_people"),
    "outcomes_file": ("read_outcomes", "write_outcomes"),
}
"""Modules that a cohort model does without: each is imported when one of its names is first used."""


def __getattr__(name: str) -> object:
    for module, names in _LATER.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
