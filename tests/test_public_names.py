"""The public surface is small and does not change by accident."""

import subprocess
import sys

import pytest

import costmodel as cm
import costmodel.report

NAMES = [
    "CostModelError",
    "DataError",
    "Discounting",
    "Draws",
    "Expression",
    "FormulaError",
    "Increment",
    "Model",
    "Money",
    "Outcomes",
    "Parameter",
    "Parameters",
    "Payoff",
    "PriceTable",
    "Segment",
    "Strategy",
    "Study",
    "Time",
    "Trace",
    "__version__",
    "annual_cost",
    "build_report",
    "check_datasets",
    "compare_prices",
    "describe",
    "evaluate",
    "incremental",
    "judge",
    "list_datasets",
    "occupancy",
    "outcomes_from_function",
    "outcomes_from_table",
    "parse",
    "prices",
    "read_bibliography",
    "read_dataset",
    "read_nadac",
    "read_outcomes",
    "read_parameters",
    "read_prices",
    "read_segments",
    "read_study",
    "result",
    "show_figure",
    "show_table",
    "show_text",
    "simulate",
    "simulate_times",
    "trace",
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
