"""The efficiency frontier: published cases, a slow oracle by willingness to pay, ties, twins and refusals."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import CostModelError
from costmodel.analysis import frontier_table
from costmodel.analysis.frontier import DOMINATED, EXTENDEDLY, ON

CASES = json.loads((Path(__file__).parent / "frontier_cases.json").read_text())["cases"]
STATUS = {"ND": ON, "ED": EXTENDEDLY, "D": DOMINATED}


def solved(case):
    names = case.get("strategies") or [str(n) for n in range(1, len(case["cost"]) + 1)]
    return frontier_table(case["cost"], case["effect"], names)


def on(table):
    return table.loc[table["status"] == ON, "strategy"].tolist()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_published_cases(case):
    table, expected = solved(case), case["expected"]
    if "frontier_index_1_based" in expected:
        assert sorted(map(int, on(table))) == expected["frontier_index_1_based"]
    if "frontier" in expected:
        assert on(table) == expected["frontier"]
        assert table.loc[table["status"] == EXTENDEDLY, "strategy"].tolist() == expected["extended_dominated"]
        assert table["icer"].dropna().round(2).tolist() == list(expected["icer"].values())
    if "order" in expected:
        assert table["strategy"].tolist() == expected["order"]
    if isinstance(expected.get("status"), list):
        assert table["status"].tolist() == [STATUS[name] for name in expected["status"]]
        wanted = [math.nan if x is None else x for x in expected["icer"]]
        assert table["icer"].tolist() == pytest.approx(wanted, rel=1e-6, nan_ok=True)
        for name in ("inc_cost", "inc_effect"):
            wanted = [math.nan if x is None else x for x in expected[name]]
            found = table[name.replace("inc_", "incremental_")].tolist()
            assert found == pytest.approx(wanted, abs=1e-4, rel=1e-6, nan_ok=True)
    if isinstance(expected.get("status"), dict):
        status = dict(zip(table["strategy"], table["status"], strict=True))
        assert status == {name: STATUS[short] for name, short in expected["status"].items()}
        assert table["strategy"].iloc[0] == expected["first"]


whole = st.tuples(st.integers(0, 30), st.integers(0, 30))


@given(st.lists(whole, min_size=1, max_size=9))
def test_the_frontier_is_what_is_best_at_some_willingness_to_pay(points):
    cost, effect = (np.array(one, dtype=float) for one in zip(*points, strict=True))
    names = [str(n) for n in range(len(cost))]
    table = frontier_table(cost, effect, names).set_index("strategy").loc[names]
    steps = {
        (c2 - c1) / (e2 - e1) for c1, e1 in points for c2, e2 in points if e2 > e1 and c2 >= c1
    }  # the willingness to pay at which two strategies change places
    grid = sorted({0.0, *steps, *(x + 1e-7 for x in steps), 1e6})
    best = np.zeros(len(cost), dtype=bool)
    for wtp in grid:
        value = wtp * effect - cost
        best |= value >= value.max() - 1e-12 * (1 + wtp)
    at_zero = cost == cost.min()
    best &= ~(at_zero & (effect < effect[at_zero].max()))
    assert (table["status"].eq(ON).to_numpy() == best).all()
    for row in range(len(cost)):
        strongly = (
            (cost <= cost[row]) & (effect >= effect[row]) & ((cost < cost[row]) | (effect > effect[row]))
        ).any()
        assert (table["status"].iloc[row] == DOMINATED) == strongly


@given(st.lists(whole, min_size=2, max_size=9), st.floats(0.1, 1000))
def test_ratios_rise_along_the_frontier_and_scale_with_costs(points, factor):
    cost, effect = (np.array(one, dtype=float) for one in zip(*points, strict=True))
    names = [str(n) for n in range(len(cost))]
    table = frontier_table(cost, effect, names)
    ratios = table["icer"].dropna()
    assert (ratios > 0).all()
    assert ratios.is_monotonic_increasing or np.allclose(np.diff(ratios).clip(max=0), 0, atol=1e-9)
    scaled = frontier_table(cost * factor, effect, names)
    assert scaled["status"].tolist() == table["status"].tolist()
    assert scaled["icer"].dropna().to_numpy() == pytest.approx(ratios.to_numpy() * factor)


def test_equal_strategies_are_all_on_the_frontier_and_have_one_ratio():
    table = frontier_table([0, 5, 5], [0, 1, 1], ["none", "a", "b"])
    assert on(table) == ["none", "a", "b"]
    assert table["icer"].tolist() == pytest.approx([math.nan, 5, math.nan], nan_ok=True)
    assert table["compared_with"].tolist() == ["", "none", "a"]


def test_differences_of_rounding_are_no_dominance():
    table = frontier_table([10, 10 * (1 + 1e-15)], [1, 1 - 1e-16], ["a", "b"])
    assert on(table) == ["a", "b"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1], [1, 2], ["a", "b"]), "one cost and one effect per strategy"),
        (([1, 2], [1, 2], ["a", "a"]), "each once"),
        (([1, math.inf], [1, 2], ["a", "b"]), "finite"),
        (([], [], []), "0 names"),
    ],
)
def test_bad_input_is_refused(arguments, words):
    with pytest.raises(CostModelError, match=words):
        frontier_table(*arguments)
