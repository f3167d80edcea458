"""Regimens: the cheapest tablets for a dose, and what a taper costs. No prescribing advice."""

from costmodel.prices.regimen.cheapest import DoseError, Regimen, cheapest_regimen, regimen_frontier
from costmodel.prices.regimen.pieces import ADVICE
from costmodel.prices.regimen.schedules import (
    TaperSchedule,
    TaperStep,
    guideline_taper,
    label_taper,
    protocol_taper,
    user_taper,
)
from costmodel.prices.regimen.tapering import Taper, compare_tapers, taper

__all__ = [
    "ADVICE",
    "DoseError",
    "Regimen",
    "Taper",
    "TaperSchedule",
    "TaperStep",
    "cheapest_regimen",
    "compare_tapers",
    "guideline_taper",
    "label_taper",
    "protocol_taper",
    "regimen_frontier",
    "taper",
    "user_taper",
]
