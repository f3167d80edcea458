"""The model: its definition, its evaluation, and the outcomes that every analysis reads."""

from costmodel.model.competing import CompetingRisks, simulate_times
from costmodel.model.definition import Discounting, Model, Payoff, Strategy, Time
from costmodel.model.evaluate import evaluate
from costmodel.model.exchange import outcomes_from_function, outcomes_from_table
from costmodel.model.individuals import People, simulate, simulate_people
from costmodel.model.occupancy import occupancy
from costmodel.model.outcomes import Outcomes
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
