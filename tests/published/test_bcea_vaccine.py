"""BCEA's vaccine example: a thousand draws from another program, and every number printed from them.

The draws are data/vaccine_results.csv of github.com/giabaio/BCEA (commit 38a70b5), the output of the
influenza model of Baio and Dawid, Stat Methods Med Res 2015;24:615-34. The value of partial information that
BCEA keeps belongs to other draws (`e.pts`, `c.pts`), so it is not compared here.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import costmodel as cm

HERE = Path(__file__).parent
CASE = json.loads((HERE / "bcea_vaccine.json").read_text())
PRINTED, RECOMPUTED = CASE["expected_printed"], CASE["expected_recomputed"]["by_k"]
NAMES = ("Status.Quo", "Vaccination")
OPTIONS = {"perspective": "total", "effect": "qaly"}


@pytest.fixture(scope="module")
def outcomes():
    wide = pd.read_csv(HERE / "bcea_vaccine_draws.csv").rename_axis("draw").reset_index()
    long = pd.wide_to_long(wide, ["e", "c"], i="draw", j="strategy", sep=".", suffix=r"\D+").reset_index()
    table = long.rename(columns={"e": "qaly", "c": "cost"})
    return cm.outcomes_from_table(table, currency="GBP", price_year=2013, comparator="Status.Quo")


def test_the_draws_are_those_published(outcomes):
    means = CASE["inputs"]["means"]
    assert outcomes.strategies == NAMES
    assert outcomes.n_draws == 1000
    assert outcomes.total("qaly").mean(axis=1) == pytest.approx(means["eff"], rel=1e-14)
    assert outcomes.cost("total").mean(axis=1) == pytest.approx(means["cost"], rel=1e-14)
    first = CASE["inputs"]["first_row"]
    assert outcomes.cost("total")[:, 0] == pytest.approx(
        [first["c_status_quo"], first["c_vaccination"]], rel=1e-14
    )


def test_the_increment_as_printed(outcomes):
    (item,) = (one for one in cm.analysis.increments(outcomes) if one.strategy == "Vaccination")
    assert item.cost == pytest.approx(PRINTED["delta_c"], abs=5e-7)
    assert item.effect_difference == pytest.approx(PRINTED["delta_e"], abs=5e-11)
    assert item.ratio == pytest.approx(PRINTED["icer_ce_table"], abs=5e-3)
    assert item.label == "cost per unit gained"


@pytest.mark.parametrize("expected", RECOMPUTED, ids=lambda one: str(one["k"]))
def test_utility_evpi_and_acceptability_at_each_willingness_to_pay(outcomes, expected):
    table = cm.acceptability(outcomes, [expected["k"]], **OPTIONS).set_index("strategy").loc[list(NAMES)]
    assert table["net_benefit"].to_list() == pytest.approx(expected["expected_utility"], rel=1e-12)
    assert table["probability"].to_list() == pytest.approx(expected["p_best"], abs=1e-12)
    assert table["optimal"].to_list().index(True) == expected["optimal_index_1_based"] - 1
    assert cm.evpi(outcomes, expected["k"], **OPTIONS) == pytest.approx(expected["evpi"], rel=1e-11)
    increment = table["net_benefit"].diff().iloc[-1]
    assert increment == pytest.approx(expected["pairwise"][0]["eib"], rel=1e-9)


def test_the_printed_digits_at_25000(outcomes):
    k = PRINTED["k"]
    table = cm.acceptability(outcomes, [k], **OPTIONS).set_index("strategy").loc[list(NAMES)]
    assert table["net_benefit"].round(3).to_list() == list(PRINTED["expected_net_benefit"].values())
    assert round(table["net_benefit"].diff().iloc[-1], 4) == PRINTED["eib"]
    assert round(float(np.squeeze(cm.evpi(outcomes, k, **OPTIONS))), 4) == PRINTED["evpi"]


def test_the_decision_changes_at_the_printed_break_even(outcomes):
    grid = np.arange(0, 50_001, 100)
    table = cm.acceptability(outcomes, grid, **OPTIONS).query("strategy == 'Vaccination'")
    assert table.loc[table["optimal"], "wtp"].min() == PRINTED["break_even_k"]


def test_giving_half_of_them_each_loses_half_of_what_the_worse_loses(outcomes):
    table = cm.acceptability(outcomes, [PRINTED["k"]], **OPTIONS)
    benefit = table["net_benefit"]
    loss = benefit.max() - benefit.mean()
    assert loss == pytest.approx(CASE["expected_recomputed"]["mixed_strategy_loss_50_50"], rel=1e-12)
    assert round(loss, 2) == PRINTED["mixed_50_50_loss_in_evi"]


def test_the_comparator_turns_every_sign(outcomes):
    other = cm.analysis.increments(replace(outcomes, comparator="Vaccination"))
    (item,) = (one for one in other if one.strategy == "Status.Quo")
    assert item.cost == pytest.approx(-PRINTED["delta_c"], abs=5e-7)
    assert item.label == "saved per unit forgone"
    assert item.ratio == pytest.approx(PRINTED["icer_ce_table"], abs=5e-3)
