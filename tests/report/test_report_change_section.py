"""The split of a study's change in its report: the same as by hand, and left out where it makes no sense."""

import pytest

import costmodel as cm
from costmodel.report import Findings
from costmodel.report.change_section import change_parts, change_table


@pytest.fixture(scope="module")
def study(american):
    return american


def test_the_split_is_that_of_the_scenarios_which_the_study_names(study):
    parts = change_parts(Findings.of(study), study.draws()).set_index("measure")
    drug = parts.loc["drug"]
    run = {name: study.run(name).cost("drug")[0, 0] for name in (None, "generic_price", "generic_use")}
    assert drug["old"] == pytest.approx(run[None], rel=1e-12)
    assert drug["price_effect"] == pytest.approx(run["generic_price"] - run[None], rel=1e-12)
    assert drug["volume_effect"] == pytest.approx(run["generic_use"] - run[None], rel=1e-12)
    assert drug["price_effect"] < 0 < drug["volume_effect"]


def test_the_table_shows_benefit_and_harm_and_no_money(study):
    found = Findings.of(study)
    table = change_table(found, change_parts(found, study.draws())).set_index("Measure")
    assert (table[["Price effect", "Interaction"]] == 0).all(axis=None)
    assert table.loc["Hip fractures", "Total"] == table.loc["Hip fractures", "Volume effect"] > 0
    assert "Clonazepam, paid by the patient" not in table.index


def test_a_scenario_that_sets_the_same_names_has_no_split(study):
    assert change_parts(Findings.of(study, "generic_price"), study.draws()) is None


def test_a_study_without_a_change_has_no_split():
    other = cm.read_study("clonazepam-us-prices")
    assert change_parts(Findings.of(other), other.draws()) is None
