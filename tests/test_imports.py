"""What a new process loads: a path does without the libraries that it does not use."""

import subprocess
import sys

import pytest

HEAVY = {
    "duckdb",
    "matplotlib",
    "numba",
    "pandas",
    "pyarrow",
    "pybtex",
    "requests",
    "scipy",
    "tqdm",
    "typer",
    "xarray",
}
"""Libraries of which the cohort path uses none; `frame()` takes pandas, which takes pyarrow."""

STUDY = """
title = "Two prices"
currency = "USD"
price_year = 2024
[strategies.brand]
set = { price = 4 }
[strategies.generic]
set = { price = 1 }
[[payoffs]]
measure = "drug"
kind = "cost"
value = "price * n_units"
[analysis]
sampling = "monte_carlo"
"""
PARAMETERS = """name,value,low,high,distribution,basis,unit,price_year,currency,source,locator,status,note
price,1,,,fixed,,USD/tablet,2024,USD,,,assumed,one price
n_units,100,,,gamma,se=10,tablets/year,,,,,assumed,one a day or less
"""
COHORT = "study = cm.read_study(folder); outcomes = study.run(n=20000); outcomes.cost('total')"


def loaded(code, folder):
    """Return the modules of a new process that runs ``code``."""
    program = f"import sys\nimport costmodel as cm\nfolder = {str(folder)!r}\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "parameters.csv").write_text(PARAMETERS)
    return tmp_path


def test_the_package_itself_loads_no_library(folder):
    assert not loaded("", folder) & (HEAVY | {"numpy", "pydantic"})


def test_reading_and_running_a_study_loads_numpy_and_pydantic_alone(folder):
    modules = loaded(COHORT, folder)
    assert {"numpy", "pydantic", "costmodel.model.evaluate"} <= modules
    assert not modules & HEAVY


def test_reading_and_running_a_study_loads_no_other_part_of_the_package(folder):
    others = {"prices", "report", "cli", "model.competing", "model.individuals", "model.verification"}
    assert not loaded(COHORT, folder) & {f"costmodel.{name}" for name in others}


def test_a_table_of_outcomes_takes_pandas_and_no_more(folder):
    modules = loaded(COHORT + ".mean(); outcomes.frame()", folder)
    assert modules & HEAVY == {"pandas", "pyarrow"}


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("verify", "costmodel.study.verification"),
        ("simulate_times", "costmodel.model.competing"),
        ("simulate", "costmodel.model.individuals"),
        ("read_outcomes", "costmodel.model.outcomes_file"),
        ("prices", "costmodel.prices"),
    ],
)
def test_a_name_loads_its_module_when_it_is_used(name, module, folder):
    assert module not in loaded("", folder)
    assert module in loaded(f"cm.{name}", folder)
