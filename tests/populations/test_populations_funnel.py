"""The funnel from population to treated, raking, and reconciliation with what others counted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import CostModelError
from costmodel.datasets import read_dataset
from costmodel.inputs import Parameter, Parameters
from costmodel.populations import Step, funnel, rake, reconcile


def table(p_treated=0.5):
    return Parameters.of(
        Parameter("n_adults", 250e6, unit="people", source="census", status="read"),
        Parameter(
            "p_panic",
            0.027,
            low=0.023,
            high=0.031,
            distribution="beta",
            basis="95%",
            unit="proportion",
            source="ncsr",
            status="read",
        ),
        Parameter("p_treated", p_treated, unit="proportion", status="elicited"),
    )


STEPS = (
    Step("n_adults", "Adults", measured_by="census"),
    Step("p_panic", "Panic disorder in the year", "without panic disorder"),
    Step("p_treated", "Treated", "not treated", measured_by="elicited"),
)


def test_the_funnel_by_hand():
    found = funnel(table(), STEPS)
    assert found.table["people"].tolist() == pytest.approx([250e6, 6.75e6, 3.375e6])
    assert found.table["lost"].tolist() == pytest.approx([0, 243.25e6, 3.375e6])
    assert found.people == pytest.approx(3.375e6)
    low, high = found.table[["low", "high"]].iloc[-1]
    assert (low, high) == pytest.approx((250e6 * 0.023 / 2, 250e6 * 0.031 / 2), rel=0.02)
    assert found.table["status"].tolist() == ["read", "read", "elicited"]


def test_more_treated_means_more_people():
    assert funnel(table(0.6), STEPS).people > funnel(table(0.5), STEPS).people


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((), "at least one step"),
        ((STEPS[0], Step("p_panic", "Panic")), "'Panic' must name whom it loses"),
        (
            (STEPS[0], STEPS[1], Step("p_treated", "Claims", "none", measured_by="claims")),
            "survey and claims",
        ),
        ((STEPS[0], Step("n_adults", "Again", "x")), "n_adults, a share of those before it, must lie in"),
        ((Step("n_adults", "Adults", measured_by="guess"),), "'guess' is unknown"),
        ((Step("n_adult", "Adults"),), "n_adults"),
    ],
)
def test_a_funnel_that_cannot_be_is_refused(steps, words):
    with pytest.raises(CostModelError, match=words):
        funnel(table(), steps)


def meps():
    frame = read_dataset("us/meps").query("year == 2022 and stat_var == 'totPOP'")
    value, se = (frame[name].item() * 1000 for name in ("value", "standard_error"))
    return pd.DataFrame(
        {"label": ["MEPS 2022"], "value": [value], "low": [value - 1.96 * se], "high": [value + 1.96 * se]}
    )


def test_reconciliation_with_the_survey_shows_the_difference():
    assert meps()["value"].item() == pytest.approx(1.968e6, rel=1e-3)
    near, far = reconcile(2.2e6, meps()).iloc[0], reconcile(5e6, meps()).iloc[0]
    assert near["verdict"] == "within its interval"
    assert near["difference"] == pytest.approx(2.2e6 - meps()["value"].item())
    assert far["verdict"] == "apart"
    assert far["ratio"] == pytest.approx(5e6 / meps()["value"].item())
    assert reconcile(2.6e6, meps(), low=2e6, high=3e6).iloc[0]["verdict"] == "intervals overlap"
    bare = pd.DataFrame({"label": ["Part D"], "value": [1.3e6]})
    assert reconcile(2e6, bare).iloc[0]["verdict"] == "no interval to judge by"
    with pytest.raises(CostModelError, match="above 0"):
        reconcile(1, pd.DataFrame({"label": ["x"], "value": [0.0]}))


people = st.lists(st.floats(1, 1e6), min_size=2, max_size=5)


@given(people, people, people)
def test_a_raked_table_has_its_margins_and_without_a_seed_is_independent(a, b, c):
    b, c = (np.array(one) * sum(a) / sum(one) for one in (b, c))
    margins = {name: dict(enumerate(one)) for name, one in zip("abc", (a, b, c), strict=True)}
    found = rake(margins)
    for name, one in margins.items():
        got = found.table.groupby(name)["people"].sum()
        assert got.to_numpy() == pytest.approx(np.array(list(one.values())), rel=1e-6)
    product = [a[i] * b[j] * c[k] / sum(a) ** 2 for i, j, k in found.table[["a", "b", "c"]].to_numpy()]
    assert found.table["people"].to_numpy() == pytest.approx(np.array(product), rel=1e-6)
    assert "independent" in found.assumption


def test_a_seed_keeps_its_odds_ratio():
    seed = pd.DataFrame({"a": ["x", "x", "y", "y"], "b": ["u", "v", "u", "v"], "people": [40, 10, 20, 30]})
    found = rake({"a": {"x": 70, "y": 30}, "b": {"u": 60, "v": 40}}, seed=seed)
    p = found.table["people"].to_numpy()
    assert p[0] * p[3] / (p[1] * p[2]) == pytest.approx(40 * 30 / (10 * 20))
    assert (p[0] + p[1], p[0] + p[2]) == pytest.approx((70, 60))
    assert "seed" in found.assumption


def test_a_zero_of_the_seed_stays_zero():
    seed = pd.DataFrame({"a": ["x", "x", "y"], "b": ["u", "v", "v"], "people": [1, 1, 1]})
    found = rake({"a": {"x": 70, "y": 30}, "b": {"u": 20, "v": 80}}, seed=seed)
    assert found.table.query("a == 'y' and b == 'u'")["people"].item() == 0


@pytest.mark.parametrize(
    ("margins", "seed", "words"),
    [
        ({}, None, "at least one margin"),
        ({"a": {"x": 1}, "b": {"u": 2}}, None, "found a 1, b 2"),
        ({"a": {"x": -1, "y": 2}}, None, "margin 'a' must hold finite numbers"),
        ({"a": {"x": 1}}, pd.DataFrame({"a": ["z"], "people": [1]}), "the seed's a has z"),
        ({"a": {"x": 1}}, pd.DataFrame({"a": ["x"]}), "lacks the columns people"),
        ({"a": {"x": 1}}, pd.DataFrame({"a": ["x", "x"], "people": [1, 1]}), "each cell once"),
        (
            {"a": {"x": 70, "y": 30}, "b": {"u": 60, "v": 40}},
            pd.DataFrame({"a": ["x", "y"], "b": ["u", "v"], "people": [1, 1]}),
            "the zeros of the seed leave no table",
        ),
    ],
)
def test_margins_that_cannot_be_met_are_refused(margins, seed, words):
    with pytest.raises(CostModelError, match=words):
        rake(margins, seed=seed, most_sweeps=200)
