"""A year of Klonopin in Medicaid, panic disorder, against a spreadsheet: one_year_drug_cost.csv.

The sheet has a line per step: its formula, which a spreadsheet program shows live, and its value, worked out
with awk. It repeats the rules of study.toml month by month and shares no code with the package. Where an
input of the study changes on purpose, change it in the sheet and save the values that it then shows.
"""

import csv
import math
import re
from pathlib import Path

import pytest
from changed import changed

SHEET = Path(__file__).parent / "one_year_drug_cost.csv"
FUNCTIONS = {"EXP": math.exp, "LN": math.log, "MIN": min, "__builtins__": {}}


def lines():
    with SHEET.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def worked_out(**inputs):
    """Return the sheet's values as a spreadsheet program computes them, for other inputs if given."""
    cells, found = {}, {}
    for number, line in enumerate(lines(), start=2):
        formula = line["formula"].removeprefix("=")
        assert re.fullmatch(r"(?:[-+*/(),.\dB]|EXP|LN|MIN)+", formula), formula
        value = inputs.get(line["name"], eval(formula, FUNCTIONS | cells))
        cells[f"B{number}"] = found[line["name"]] = value
    return found


@pytest.fixture(scope="module")
def study(american):
    return american


def paid(study):
    """Return what plan and patient pay for the brand in a year, by the cohort."""
    outcomes = study.run(scenario="one_year")
    brand = outcomes.strategies.index("brand")
    return [
        outcomes.total(measure, segment="medicaid_panic")[brand, 0]
        for measure in ("drug_plan", "drug_patient")
    ]


def test_the_cohort_pays_what_the_sheet_says(study):
    values = {line["name"]: float(line["value"]) for line in lines()}
    assert paid(study) == pytest.approx([values["drug_plan"], values["drug_patient"]], rel=1e-9)


def test_every_line_of_the_sheet_has_the_value_that_its_formula_gives():
    recomputed = worked_out()
    for line in lines():
        name, value = line["name"], float(line["value"])
        assert recomputed[name] == pytest.approx(value, rel=1e-10, abs=1e-15), name


def test_the_inputs_of_the_sheet_are_those_of_the_study(study):
    values = {line["name"]: float(line["value"]) for line in lines()}
    shared = set(values) & {row.name for row in study.parameters.rows}
    assert len(shared) == 27
    for name in shared:
        assert values[name] == study.parameters[name].value, name


def test_nobody_is_lost_in_the_sheet():
    found = worked_out()
    states = ("untreated", "starting", "on", "tapering", "abrupt", "remitted", "relapsed", "disorder")
    for month in range(13):
        alive = math.exp(-0.0038015551 * month / 12)
        assert sum(found[f"{state}_{month}"] for state in states) == pytest.approx(alive, rel=1e-12)


@pytest.mark.parametrize(
    "inputs",
    [
        {"price_brand": 9.5},
        {"e_demand": 0.0},
        {"e_demand": -0.4, "copay_medicaid_brand": 20.0},
        {"p_stop6_usual": 0.3, "p_abrupt_usual": 0.1, "p_taper_success": 0.2},
        {"r_restart": 2.0, "r_relapse": 1.5, "p_response": 0.3},
        {"p_use_disorder": 0.9, "r_recover_disorder": 3.0, "p_withdrawal": 0.9, "p_return": 0.8},
    ],
)
def test_sheet_and_cohort_agree_for_other_inputs_too(study, inputs):
    found = worked_out(**inputs)
    assert paid(changed(study, **inputs)) == pytest.approx(
        [found["drug_plan"], found["drug_patient"]], rel=1e-9
    )
