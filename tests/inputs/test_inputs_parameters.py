"""Tables of parameters made in code."""

from __future__ import annotations

import dataclasses
import math
import pickle

import pandas as pd
import pytest
from strategies_inputs import dirichlet_rows

from costmodel.errors import CostModelError, DataError
from costmodel.inputs import Beta, MultivariateNormal, Parameter, Parameters, fixed_parameter

RATE = fixed_parameter("rate", 0.03, unit="per year", status="assumed", low=0.0, high=0.05)
RISK = Parameter(
    "rr_drug",
    0.509,
    low=0.365,
    high=0.71,
    distribution="lognormal",
    unit="ratio",
    source="briggs2006",
    status="read",
)
FEE = fixed_parameter(
    "c_fee", 10, unit="USD/fill", currency="USD", price_year=2026, source="table:us/fees", status="read"
)


def test_a_table_is_a_mapping_in_its_own_order():
    table = Parameters.of(RISK, RATE)
    assert (list(table), len(table), "rate" in table, "x" in table) == (["rr_drug", "rate"], 2, True, False)
    assert table["rate"] is RATE
    assert table.get("nothing") is None
    assert table != Parameters.of(RATE, RISK)


def test_an_unknown_name_gives_the_nearest():
    table = Parameters.of(RISK, RATE)
    with pytest.raises(KeyError, match="there is no parameter 'rr_drugg'; did you mean 'rr_drug'"):
        table["rr_drugg"]
    with pytest.raises(CostModelError):
        table.distribution("nothing")


def test_more_parameters_can_be_included_once():
    table = Parameters.of(RATE).including(FEE, RISK)
    assert list(table) == ["rate", "c_fee", "rr_drug"]
    with pytest.raises(DataError, match=r"rate\.name: a parameter's name may stand only once"):
        table.including(RATE)


def test_faults_name_the_parameter_where_there_is_no_file():
    with pytest.raises(DataError, match=r"p_a\.value: a probability.*1\.5") as problem:
        Parameters.of(Parameter("p_a", 1.5, unit="probability", status="assumed"), Parameter("x", 1.0))
    assert set(problem.value.faults["column"]) == {"p_a.value", "x.unit", "x.status"}


@pytest.mark.parametrize(("column", "number"), [("value", math.nan), ("value", math.inf), ("low", math.nan)])
def test_numbers_are_finite(column, number):
    row = dataclasses.replace(RATE, **{column: number})
    with pytest.raises(DataError, match=rf"rate\.{column}"):
        Parameters.of(row)


def test_text_keeps_no_blanks_that_a_file_would_lose():
    with pytest.raises(DataError, match=r"rate\.note: must not begin or end with a blank"):
        Parameters.of(dataclasses.replace(RATE, note=" so"))


def test_a_fixed_parameter_is_checked_at_once():
    with pytest.raises(DataError, match="price year"):
        fixed_parameter("c_fee", 10, unit="USD", currency="USD", status="assumed")
    with pytest.raises(DataError, match="source"):
        fixed_parameter("n", 10, unit="people", status="read")


@pytest.mark.parametrize("unit", ["DDD", "DDD/1000 people/day", "RVU", "mg/day", "ICU days"])
def test_capitals_that_are_no_money(unit):
    assert fixed_parameter("n", 10, unit=unit, status="assumed").money is None


def test_ranges_for_one_way_analysis():
    beta = Parameter(
        "p_a", 0.3, distribution="beta", basis="counts=30/70", unit="probability", status="assumed"
    )
    table = Parameters.of(RATE, RISK, FEE, beta, *dirichlet_rows({"p_x": 17, "p_y": 1717}))
    assert table.interval("rate") == (0.0, 0.05)
    assert table.interval("rr_drug") == (0.365, 0.71)
    assert table.interval("c_fee") is None
    assert table.interval("p_a") == Beta(30, 70).interval()
    assert table.interval("p_a", 0.5) == Beta(30, 70).interval(0.5)
    assert table.interval("p_x") == Beta(17, 1717).interval()


def test_a_covariance_belongs_to_the_members_of_its_group():
    joint = MultivariateNormal(("b0", "b1"), (1.0, 2.0), ((0.04, 0.01), (0.01, 0.09)))
    rows = [
        Parameter(name, mean, distribution="mvnormal", group="g", unit="log odds", status="assumed")
        for name, mean in (("b1", 2.0), ("b0", 1.0))
    ]
    table = Parameters.of(*rows, covariances={"g": joint})
    assert table.joints["g"] is joint
    for bad in ({}, {"g": dataclasses.replace(joint, means=(1.0, 2.5))}, {"g": joint, "h": joint}):
        with pytest.raises(DataError, match="covariance"):
            Parameters.of(*rows, covariances=bad)


def test_a_dirichlet_value_is_its_share():
    rows = dirichlet_rows({"p_x": 30, "p_y": 70})
    with pytest.raises(DataError, match=r"p_x\.value.*share of the counts of group from_a, 0\.3"):
        Parameters.of(dataclasses.replace(rows[0], value=0.31), rows[1])
    with pytest.raises(DataError, match=r"p_x\.value"):
        Parameters.of(dataclasses.replace(rows[0], value=math.nan), rows[1])


def test_the_frame_is_the_file():
    frame = Parameters.of(RISK, FEE, *dirichlet_rows({"p_x": 30, "p_y": 70})).frame()
    assert frame["name"].tolist() == ["rr_drug", "c_fee", "p_x", "p_y"]
    assert frame.loc[0, ["value", "low", "high", "distribution"]].tolist() == [
        0.509,
        0.365,
        0.71,
        "lognormal",
    ]
    assert frame.loc[1, "price_year"] == 2026
    assert pd.isna(frame.loc[1, "low"])
    assert frame.loc[2, "distribution"] == "dirichlet:from_a"


def test_a_table_travels_between_processes():
    table = Parameters.of(RISK, *dirichlet_rows({"p_x": 30, "p_y": 70}))
    assert pickle.loads(pickle.dumps(table)) == table


def test_sources_are_separated_by_semicolons():
    row = dataclasses.replace(RISK, source="briggs2006; table:us/nadac;")
    assert Parameters.of(row).rows[0].sources == ("briggs2006", "table:us/nadac")
