"""What a generic and a brand-name medicine cost, for whom, and with what consequences.

A study is a folder of tables; everything else is derived from it::

    import costmodel as cm

    study = cm.read_study("clonazepam-us-prices")
    outcomes = study.run()
    cm.incremental(outcomes)

The public names are listed in ``__all__``; each is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from costmodel.public import HOMES

if TYPE_CHECKING:
    from costmodel.analysis import (
        Increment,
        Question,
        acceptability,
        enbs,
        evpi,
        evppi,
        evsi,
        expected_given,
        frontier,
        incremental,
        judge,
        net_benefit,
        one_way,
        own_ranges,
        price_at,
        thresholds,
    )
    from costmodel.datasets import check_datasets, describe, list_datasets, read_dataset
    from costmodel.errors import CostModelError, DataError
    from costmodel.formulas import Expression, FormulaError, parse
    from costmodel.inputs import (
        Draws,
        Parameter,
        Parameters,
        read_bibliography,
        read_parameters,
        write_parameters,
    )
    from costmodel.model import (
        Discounting,
        Model,
        Outcomes,
        Payoff,
        Strategy,
        Time,
        evaluate,
        occupancy,
        outcomes_from_function,
        outcomes_from_table,
        read_outcomes,
        simulate,
        simulate_times,
        write_outcomes,
    )
    from costmodel.money import convert, deflator, exchange, inflate, list_series, ppp
    from costmodel.populations import Segment, access, funnel, rake, read_segments, reconcile
    from costmodel.populations.affordability import (
        Households,
        LognormalIncome,
        catastrophic,
        concentration_index,
        daily_wage,
        days_wages,
        financial_hardship,
        impoverishment,
        treatment_cost,
    )
    from costmodel.populations.payments import (
        Basis,
        Spending,
        benefit,
        closed_form,
        gross_amount,
        list_benefits,
        medicaid_rebate,
        net_of_rebate,
        plan_year,
        settle,
    )
    from costmodel.prices import (
        PriceTable,
        SpendingTable,
        add_file,
        annual_cost,
        cheapest_regimen,
        compare_prices,
        compare_tapers,
        compare_within_countries,
        concentration,
        decompose_spending,
        dispersion,
        entry_scenario,
        equivalents,
        fetch,
        guideline_taper,
        implausible,
        label_taper,
        observed_point,
        premium,
        price_index,
        price_path,
        price_per_unit_savings,
        price_trend,
        prices,
        protocol_taper,
        ratio_path,
        read_mapped,
        read_molecules,
        read_nadac,
        read_official,
        read_prices,
        read_spending,
        realised_savings,
        regimen_frontier,
        remaining_savings,
        spending,
        stored,
        substitution_sets,
        taper,
        user_taper,
    )
    from costmodel.report import build_report, show_figure, show_table, show_text
    from costmodel.study import Study, Trace, read_study, result, trace, verify, write_study
    from costmodel.units import Money

_WHERE = {name: module for module, names in HOMES.items() for name in names}

__version__ = "0.1.0"
__all__ = [
    "Basis",
    "CostModelError",
    "DataError",
    "Discounting",
    "Draws",
    "Expression",
    "FormulaError",
    "Households",
    "Increment",
    "LognormalIncome",
    "Model",
    "Money",
    "Outcomes",
    "Parameter",
    "Parameters",
    "Payoff",
    "PriceTable",
    "Question",
    "Segment",
    "Spending",
    "SpendingTable",
    "Strategy",
    "Study",
    "Time",
    "Trace",
    "__version__",
    "acceptability",
    "access",
    "add_file",
    "annual_cost",
    "benefit",
    "build_report",
    "catastrophic",
    "cheapest_regimen",
    "check_datasets",
    "closed_form",
    "compare_prices",
    "compare_tapers",
    "compare_within_countries",
    "concentration",
    "concentration_index",
    "convert",
    "daily_wage",
    "days_wages",
    "decompose_spending",
    "deflator",
    "describe",
    "dispersion",
    "enbs",
    "entry_scenario",
    "equivalents",
    "evaluate",
    "evpi",
    "evppi",
    "evsi",
    "exchange",
    "expected_given",
    "fetch",
    "financial_hardship",
    "frontier",
    "funnel",
    "gross_amount",
    "guideline_taper",
    "implausible",
    "impoverishment",
    "incremental",
    "inflate",
    "judge",
    "label_taper",
    "list_benefits",
    "list_datasets",
    "list_series",
    "medicaid_rebate",
    "net_benefit",
    "net_of_rebate",
    "observed_point",
    "occupancy",
    "one_way",
    "outcomes_from_function",
    "outcomes_from_table",
    "own_ranges",
    "parse",
    "plan_year",
    "ppp",
    "premium",
    "price_at",
    "price_index",
    "price_path",
    "price_per_unit_savings",
    "price_trend",
    "prices",
    "protocol_taper",
    "rake",
    "ratio_path",
    "read_bibliography",
    "read_dataset",
    "read_mapped",
    "read_molecules",
    "read_nadac",
    "read_official",
    "read_outcomes",
    "read_parameters",
    "read_prices",
    "read_segments",
    "read_spending",
    "read_study",
    "realised_savings",
    "reconcile",
    "regimen_frontier",
    "remaining_savings",
    "result",
    "settle",
    "show_figure",
    "show_table",
    "show_text",
    "simulate",
    "simulate_times",
    "spending",
    "stored",
    "substitution_sets",
    "taper",
    "thresholds",
    "trace",
    "treatment_cost",
    "user_taper",
    "verify",
    "write_outcomes",
    "write_parameters",
    "write_study",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module 'costmodel' has no attribute '{name}'")
    value = getattr(import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
