"""Value of information: closed forms, exact values on the draws, properties, designs, and refusals."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psa import outcomes, shared_draws, shared_outcomes
from scipy.special import ndtri
from scipy.stats import norm

from costmodel import CostModelError
from costmodel.analysis import (
    Binary,
    NormalMean,
    TimeToEvent,
    TwoArms,
    enbs,
    evpi,
    evppi,
    evsi,
    expected_given,
    population_value,
    subgroup_value,
)
from costmodel.analysis.information import gain
from costmodel.analysis.smoothing import fit
from costmodel.inputs import Draws
from costmodel.model import Outcomes
from costmodel.units import Money

CASE = json.loads((Path(__file__).parent / "voi_normal_analytic.json").read_text())["expected_exact"]
TOTAL = {"perspective": "total"}


def normal_problem(k, n=2**15):
    """Return the two-parameter problem of the closed forms: 0 against k p1 - p2."""
    levels = (np.arange(n) + 0.5) / n
    rng = np.random.default_rng(5)
    values = {"p1": 1 + ndtri(levels), "p2": 2 * ndtri(rng.permutation(levels))}
    draws = Draws(values, n, 0, "monte_carlo")
    return draws, outcomes(np.zeros((2, n)), [np.zeros(n), k * values["p1"] - values["p2"]])


@pytest.mark.parametrize("k", ["1", "2", "3"])
def test_closed_forms_of_the_normal_problem(k):
    draws, found = normal_problem(int(k))
    assert evpi(found, 1, **TOTAL)[0] == pytest.approx(CASE["evpi"][k], rel=0.02)
    table = evppi(found, draws, {"p1": ["p1"], "p2": ["p2"], "both": ["p1", "p2"]}, 1, **TOTAL)
    value = table.set_index("group")["evppi"]
    error = table.set_index("group")["se"]
    for name in ("p1", "p2"):
        exact = CASE[f"evppi_{name}"][k]
        assert abs(value[name] - exact) < 4 * error[name]
        assert value[name] == pytest.approx(exact, rel=0.06)
    assert value["both"] == pytest.approx(evpi(found, 1, **TOTAL)[0], rel=1e-9)
    assert (table["se"] > 0).all()
    assert (table["doubt"] == "").all()


@pytest.mark.parametrize("k", ["1", "2", "3"])
@pytest.mark.parametrize("n", [1, 10, 100, 1000])
def test_a_normal_study_against_its_closed_form(k, n):
    draws, found = normal_problem(int(k), 2**13)
    study = evsi(found, draws, NormalMean("p1", n, 1.0), 1, **TOTAL, exact=False)
    expected = CASE["evsi_p1"][k][str(n)]
    assert abs(study.value - expected) < 4 * study.se + 0.02 * expected
    regression = evsi(found, draws, NormalMean("p1", n, 1.0), 1, **TOTAL, method="regression")
    assert abs(regression.value - expected) < 4 * regression.se + 0.03 * expected


def exact_value(draws, names):
    """Return EVPPI on the draws, where net benefit is linear in every other parameter."""
    others = {name: float(draws[name].mean()) for name in draws.values if name not in names}
    known = shared_outcomes(draws.replace(**others))
    return gain(30_000 * known.total("qaly") - known.cost("total"))[0]


def test_groups_of_the_shared_problem_within_half_a_per_cent():
    draws = shared_draws(10_000)
    found = shared_outcomes(draws)
    assert evpi(found, 30_000, **TOTAL)[0] == pytest.approx(6034.83465872809, rel=1e-9)
    groups = {"g1": ["rr3"], "g2": ["rr2", "rr3"], "g5": ["rr2", "rr3", "u", "p_ae2", "p_ae3"]}
    on_draws = {"g1": 4204.62, "g2": 5860.37, "g5": 5892.87}
    table = evppi(found, draws, groups, 30_000, **TOTAL).set_index("group")
    for name, names in groups.items():
        assert exact_value(draws, names) == pytest.approx(on_draws[name], rel=5e-3)
        assert table.loc[name, "evppi"] == pytest.approx(on_draws[name], rel=5e-3)
    assert table["method"].tolist() == ["spline", "tensor spline", "polynomial"]
    assert table["share"].is_monotonic_increasing
    grid = np.arange(0, 100_001, 1000.0)
    many = evppi(found, draws, {"g2": groups["g2"]}, grid, **TOTAL)
    assert many.loc[many["wtp"] == 30_000, "evppi"].item() == pytest.approx(table.loc["g2", "evppi"])
    assert (many["evppi"].to_numpy() <= evpi(found, grid, **TOTAL) + 4 * many["se"]).all()


def test_a_binary_study_of_the_shared_problem_within_two_per_cent():
    draws = shared_draws(10_000)
    known = expected_given(shared_outcomes, draws, ["p_r"])
    study = evsi(known, draws, Binary("p_r", 100), 30_000, **TOTAL, exact=True)
    assert study.value == pytest.approx(210.563176538177, rel=0.02)
    assert study.se == 0
    assert study.value < study.upper
    smooth = evsi(shared_outcomes(draws), draws, Binary("p_r", 100), 30_000, **TOTAL)
    assert smooth.value == pytest.approx(210.563176538177, rel=0.12)


def test_a_study_is_worth_more_the_larger_and_never_more_than_knowing():
    draws = shared_draws(4096)
    known = expected_given(shared_outcomes, draws, ["p_r"])
    values = [
        evsi(known, draws, Binary("p_r", n), 30_000, **TOTAL, exact=True) for n in (1, 10, 100, 1000, 20_000)
    ]
    assert np.all(np.diff([one.value for one in values]) >= -1e-9)
    assert values[-1].value == pytest.approx(values[-1].upper, rel=0.02)
    assert all(one.value <= one.upper for one in values)


def events_problem(n=4000):
    rng = np.random.default_rng(2)
    rate = rng.gamma(20, 0.01, n)
    draws = Draws({"r": rate, "p": rng.beta(20, 30, n)}, n, 0, "monte_carlo")
    return draws, outcomes(np.zeros((2, n)), [np.zeros(n), 0.2 - rate])


def test_survival_and_two_arms_approach_perfect_information():
    draws, found = events_problem()
    small, large = (evsi(found, draws, TimeToEvent("r", n, 2.0), 1, **TOTAL) for n in (20, 4000))
    assert 0 < small.value < large.value <= large.upper
    assert large.value == pytest.approx(large.upper, rel=0.05)
    regression = evsi(found, draws, TimeToEvent("r", 200, 2.0), 1, **TOTAL, method="regression")
    likelihood = evsi(found, draws, TimeToEvent("r", 200, 2.0), 1, **TOTAL)
    assert abs(regression.value - likelihood.value) < 4 * np.hypot(regression.se, likelihood.se)
    both = evsi(found, draws, TwoArms(TimeToEvent("r", 200, 2.0), Binary("p", 200)), 1, **TOTAL)
    assert abs(both.value - likelihood.value) < 4 * np.hypot(both.se, likelihood.se)


def test_a_parameter_that_does_not_matter_is_worth_nothing():
    rng = np.random.default_rng(1)
    n = 5000
    draws = Draws(
        {"x": rng.normal(size=n), "idle": rng.normal(size=n), "fixed": np.ones(n)}, n, 0, "monte_carlo"
    )
    found = outcomes(np.zeros((2, n)), [np.zeros(n), draws["x"] + 0.5])
    table = evppi(found, draws, {"idle": ["idle"], "fixed": ["fixed"]}, 1, **TOTAL).set_index("group")
    assert table.loc["idle", "evppi"] < 4 * table.loc["idle", "se"] + 1e-3
    assert table.loc["fixed", "evppi"] == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-1, 1), st.floats(0.2, 2))
def test_larger_groups_are_worth_no_less_and_never_more_than_perfect(seed, shift, slope):
    rng = np.random.default_rng(seed)
    n = 2000
    x = rng.normal(size=(3, n))
    draws = Draws(dict(zip("abc", x, strict=True)), n, 0, "monte_carlo")
    effect = [np.zeros(n), shift + slope * x[0] + x[1] * x[0] - x[2]]
    table = evppi(
        outcomes(np.zeros((2, n)), effect),
        draws,
        {"a": "a", "ab": "ab", "abc": "abc"} | {"a": ["a"], "ab": ["a", "b"], "abc": ["a", "b", "c"]},
        1,
        **TOTAL,
    ).set_index("group")
    perfect = evpi(outcomes(np.zeros((2, n)), effect), 1, **TOTAL)[0]
    value, error = table["evppi"], table["se"]
    assert (value >= 0).all()
    assert value["ab"] >= value["a"] - 4 * np.hypot(error["a"], error["ab"])
    assert value["abc"] >= value["ab"] - 4 * np.hypot(error["ab"], error["abc"])
    assert (value <= perfect + 4 * error).all()


def test_a_shape_that_the_regression_misses_is_doubted():
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 1, (20_000, 1))
    wild = np.sin(60 * x[:, 0])[None, :] + rng.normal(0, 0.1, 20_000)
    assert "missed a shape" in fit(wild, x).doubt
    assert fit(x.T**2, x).doubt == ""


def test_a_result_that_is_the_same_in_every_draw_gives_no_doubt():
    x = np.random.default_rng(5).uniform(0, 1, (2048, 1))
    assert fit(np.vstack([np.full(2048, -800.1), x.T]), x).doubt == ""


def test_the_doubt_names_the_parameter_along_which_the_shape_is_missed():
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(20_000), rng.uniform(0, 1, (20_000, 2))])
    wild = np.sin(60 * x[:, 2])[None, :] + rng.normal(0, 0.1, 20_000)
    named = fit(wild, x, names=["fixed", "calm", "wild"], method="polynomial").doubt
    assert "along wild:" in named
    assert "along parameter 3:" in fit(wild, x, method="polynomial").doubt


def test_many_parameters_get_as_high_a_degree_as_the_draws_bear():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(2000, 12))
    found = fit((x[:, 0] * x[:, 1])[None, :], x)
    assert found.columns == 1 + 12 + 12 * 13 // 2
    assert found.r_squared[0] == pytest.approx(1)
    wide = fit((x[:, 0] + x[:, 1] * x[:, 2])[None, :400], x[:400])
    assert wide.columns == 13


def test_population_value_by_hand():
    assert population_value(10, 1000, years=5, discount=0).item() == 50_000
    force = np.log(1.03)
    assert population_value(10, 1000, years=5).item() == pytest.approx(
        10_000 * (1 - np.exp(-5 * force)) / force
    )
    late = population_value(10, 1000, years=5, discount=0, delay=2).item()
    assert late == 30_000
    assert population_value(10, 1000, years=5, delay=9).item() == 0


def test_the_best_size_of_a_study_by_hand():
    table = enbs(
        [2, 5, 6],
        [10, 100, 1000],
        people_per_year=1000,
        years=10,
        cost_per_subject=40,
        fixed_cost=1000,
        discount=0,
    )
    assert table["enbs"].tolist() == [20_000 - 1400, 50_000 - 5000, 60_000 - 41_000]
    assert table["optimal"].tolist() == [False, True, False]
    assert not enbs([0.0], [10], people_per_year=1, years=1, cost_per_subject=5)["optimal"].any()


def test_deciding_by_subgroup_by_hand():
    both = np.array([[[[0.0, 0.0]], [[1.0, 1.0]]], [[[10.0, 10.0]], [[3.0, 1.0]]]])
    found = Outcomes(
        study="s", money=Money("USD", 2026), strategies=("none", "treat"), comparator="none",
        measures={"cost": "cost", "qaly": "qaly"}, segments=("ill", "well"),
        perspectives={"total": ("cost",)},
        discounted=both, undiscounted=both, by_year=both[..., None], sizes=np.array([[1.0, 3.0]]),
    )  # fmt: skip
    # At 10 a QALY: ill 10 v 20, well 10 v 0. One decision: 10 v 0.25*20 = 5; by segment 0.25*20 + 0.75*10.
    value = subgroup_value(found, 10, **TOTAL)
    assert (value["one_decision"], value["by_segment"], value["value"]) == (10, 12.5, 2.5)
    assert value["best"] == {"ill": "treat", "well": "none"}


def test_the_closed_form_itself():
    s, m = 5**0.5, 1.0
    assert m * norm.cdf(m / s) + s * norm.pdf(m / s) - m == pytest.approx(CASE["evpi"]["1"])


def capped(draws):
    effect = np.minimum(draws["x"] + draws["y"], 0)
    return outcomes(np.zeros((2, draws.n)), [np.zeros(draws.n), effect])


def two_normals(n=2000):
    rng = np.random.default_rng(6)
    return Draws({"x": rng.normal(size=n), "y": rng.normal(size=n)}, n, 0, "monte_carlo")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: expected_given(capped, two_normals(), ["x"]),
            "not linear in the parameters outside the group",
        ),
        (
            lambda: evppi(capped(two_normals()), two_normals(100), {"x": ["x"]}, 1, **TOTAL),
            "2000 outcomes and 100",
        ),
        (
            lambda: evppi(capped(two_normals()), two_normals(), {"x": []}, 1, **TOTAL),
            "at least one parameter",
        ),
        (lambda: evppi(capped(two_normals()), two_normals(), {"z": ["z"]}, 1, **TOTAL), "'z'"),
        (lambda: evppi(capped(two_normals()), two_normals(), {"x": ["x"]}, -1, **TOTAL), "at least 0"),
        (
            lambda: evppi(capped(two_normals(12)), two_normals(12), {"x": ["x"]}, 1, **TOTAL),
            "12 draws are too few",
        ),
        (
            lambda: evppi(capped(two_normals()), two_normals(), {"x": ["x"]}, 1, **TOTAL, method="gam"),
            "'gam' is unknown",
        ),
        (
            lambda: evsi(capped(two_normals()), two_normals(), Binary("x", 10), 1, **TOTAL),
            "must be a probability",
        ),
        (
            lambda: evsi(capped(two_normals()), two_normals(), TimeToEvent("x", 5, 1), 1, **TOTAL),
            "a rate above 0",
        ),
        (lambda: Binary("p", 0), "whole number of people"),
        (lambda: NormalMean("p", 5, 0), "sd must lie in"),
        (
            lambda: fit(np.zeros((1, 50)), np.random.default_rng(0).normal(size=(50, 2)), method="spline"),
            "not for 2",
        ),
        (lambda: enbs([1], [1, 2], people_per_year=1, years=1, cost_per_subject=1), "one value per size"),
    ],
)
def test_bad_questions_are_refused(call, words):
    with pytest.raises(CostModelError, match=words):
        call()
