"""Who pays whom for a fill, under any benefit; gross and net apart, and no money lost or made on the way."""

from costmodel.populations.payments.averages import (
    AverageGap,
    average_gap,
    expected_out_of_pocket,
    lognormal_spending,
)
from costmodel.populations.payments.benefits import Benefit, benefit, list_benefits, read_benefits
from costmodel.populations.payments.ceiling import Margin340B, ceiling_price, margin_340b
from costmodel.populations.payments.closed_form import ClosedForm, closed_form
from costmodel.populations.payments.flows import FLOWS, Flow, Settlement
from costmodel.populations.payments.ingredient import BASES, Basis, GrossAmount, gross_amount, spread
from costmodel.populations.payments.plan_year import PAYERS, PlanYear, Spending, plan_year, switch_of_product
from costmodel.populations.payments.rebates import (
    MedicaidRebate,
    NetAmount,
    commercial_rebate,
    medicaid_rebate,
    net_of_rebate,
)
from costmodel.populations.payments.rules import PARTIES, Rule
from costmodel.populations.payments.settle import settle

__all__ = [
    "BASES",
    "FLOWS",
    "PARTIES",
    "PAYERS",
    "AverageGap",
    "Basis",
    "Benefit",
    "ClosedForm",
    "Flow",
    "GrossAmount",
    "Margin340B",
    "MedicaidRebate",
    "NetAmount",
    "PlanYear",
    "Rule",
    "Settlement",
    "Spending",
    "average_gap",
    "benefit",
    "ceiling_price",
    "closed_form",
    "commercial_rebate",
    "expected_out_of_pocket",
    "gross_amount",
    "list_benefits",
    "lognormal_spending",
    "margin_340b",
    "medicaid_rebate",
    "net_of_rebate",
    "plan_year",
    "read_benefits",
    "settle",
    "spread",
    "switch_of_product",
]
