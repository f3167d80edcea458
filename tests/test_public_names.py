"""The public surface is small and does not change by accident."""

import subprocess
import sys

import pytest

import costmodel as cm
import costmodel.report

NAMES = [
    "Basis",
    "BudgetImpact",
    "Change",
    "CostModelError",
    "Course",
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
    "Population",
    "PricePath",
    "PriceTable",
    "Question",
    "Sample",
    "Segment",
    "Spending",
    "SpendingTable",
    "Strategy",
    "Study",
    "Time",
    "Trace",
    "Uptake",
    "__version__",
    "acceptability",
    "access",
    "add_file",
    "annual_cost",
    "benefit",
    "budget_impact",
    "build_report",
    "catastrophic",
    "cheapest_regimen",
    "check_datasets",
    "claims",
    "closed_form",
    "compare_prices",
    "compare_tapers",
    "compare_within_countries",
    "concentration",
    "concentration_index",
    "convert",
    "cross_validation",
    "daily_wage",
    "days_wages",
    "decompose",
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
    "importance",
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
    "savings",
    "savings_share",
    "settle",
    "show_figure",
    "show_table",
    "show_text",
    "simulate",
    "simulate_times",
    "sobol_indices",
    "spending",
    "stored",
    "study_budget",
    "substitution_sets",
    "taper",
    "thresholds",
    "trace",
    "treatment_cost",
    "user_taper",
    "validation",
    "verify",
    "write_outcomes",
    "write_parameters",
    "write_study",
]

HEAVY = [
    "scipy",
    "duckdb",
    "requests",
    "matplotlib",
    "xarray",
    "pyarrow",
    "pydantic",
    "frictionless",
    "papermill",
    "typer",
    "rich",
    "pypandoc",
    "typst",
]


def test_the_public_names_are_pinned():
    assert sorted(cm.__all__) == sorted(NAMES)


def test_every_public_name_is_there_and_documented():
    for name in cm.__all__:
        value = getattr(cm, name)
        if callable(value) and name != "prices":
            assert value.__doc__, name


def test_every_name_of_the_report_package_is_there():
    for name in costmodel.report.__all__:
        assert getattr(costmodel.report, name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="readstudy"):
        _ = cm.readstudy


def test_importing_costmodel_imports_nothing_heavy():
    code = f"import sys, costmodel; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("room", ["analysis", "inputs", "model", "report", "study"])
def test_the_rooms_are_reached_without_an_import_of_their_own(room):
    code = f"import costmodel as cm; print(cm.{room}.__name__, '{room}' in dir(cm))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == [f"costmodel.{room}", "True"]
