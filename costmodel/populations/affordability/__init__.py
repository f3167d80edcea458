"""Affordability: days' wages, financial hardship, impoverishment, and who bears it."""

from costmodel.populations.affordability.concentration import concentration_index, fractional_rank
from costmodel.populations.affordability.hardship import (
    Catastrophic,
    FinancialHardship,
    Impoverishment,
    catastrophic,
    financial_hardship,
    impoverishment,
    societal_poverty_line,
)
from costmodel.populations.affordability.households import Households, capacity_to_pay
from costmodel.populations.affordability.incomes import LognormalIncome
from costmodel.populations.affordability.wages import daily_wage, days_wages, treatment_cost

__all__ = [
    "Catastrophic",
    "FinancialHardship",
    "Households",
    "Impoverishment",
    "LognormalIncome",
    "capacity_to_pay",
    "catastrophic",
    "concentration_index",
    "daily_wage",
    "days_wages",
    "financial_hardship",
    "fractional_rank",
    "impoverishment",
    "societal_poverty_line",
    "treatment_cost",
]
