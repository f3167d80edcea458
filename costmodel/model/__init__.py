"""The model: its definition, its evaluation, and the outcomes that every analysis reads."""

from costmodel.model.definition import Discounting, Model, Payoff, Strategy, Time
from costmodel.model.evaluate import evaluate
from costmodel.model.outcomes import Outcomes

__all__ = ["Discounting", "Model", "Outcomes", "Payoff", "Strategy", "Time", "evaluate"]
