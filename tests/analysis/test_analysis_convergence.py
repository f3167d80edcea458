"""Convergence: hand-computed errors, the normal's closed forms, prefixes of designs, and Sobol's gain."""

import math

import numpy as np
import pytest
from psa import outcomes
from scipy.stats import norm

from costmodel import CostModelError, read_study
from costmodel.analysis import (
    Question,
    compare_methods,
    decision_certainty,
    draws_needed,
    replicated,
    run_until,
    running,
)
from costmodel.model import evaluate


def noise(n, seed):
    return np.random.default_rng(seed).normal(5, 2, n)


def test_running_means_are_those_of_the_first_draws():
    x = noise(1000, 0)
    for row in running(x).itertuples():
        first = x[: row.n]
        assert row.mean == pytest.approx(first.mean())
        assert row.se == pytest.approx(first.std(ddof=1) / math.sqrt(row.n))
        assert row.high - row.mean == pytest.approx(1.959964 * row.se, rel=1e-6)
    assert running(x)["n"].iloc[-1] == 1000


def test_the_error_of_a_large_mean_is_not_lost():
    x = 1e9 + noise(1000, 0)
    assert running(x)["se"].iloc[-1] == pytest.approx(x.std(ddof=1) / math.sqrt(1000), rel=1e-6)


def test_half_the_width_needs_four_times_the_draws():
    x = noise(5000, 1)
    assert draws_needed(x, 0.01) / draws_needed(x, 0.02) == pytest.approx(4, rel=1e-3)


def test_replicates_of_independent_draws_spread_as_their_standard_error():
    found = replicated(noise, 400, replicates=2000, seed=0)
    assert found.std(ddof=1) == pytest.approx(2 / 20, rel=0.06)


def test_a_run_stops_at_the_first_power_of_two_that_is_exact_enough():
    found = run_until(noise, tolerance=0.1)
    assert found.reached
    # 1.96 x 2 / sqrt(n) <= 0.1 from n = 1,537 on: the next power of two is 2,048.
    assert found.n == 2048
    assert found.history["n"].tolist() == [64, 128, 256, 512, 1024, 2048]
    assert found.half_width <= 0.1 < found.history["half_width"].iloc[-2]
    short = run_until(noise, tolerance=0.1, most=256)
    assert not short.reached
    assert "not reached" in short.words


def test_a_longer_design_must_begin_with_the_shorter():
    with pytest.raises(CostModelError, match="does not begin with the draws"):
        run_until(lambda n, seed: noise(n, seed + n), tolerance=0.1)


def test_certainty_of_a_decision_between_two_is_the_normals():
    x = np.random.default_rng(3).normal(1, 10, 400)
    found = decision_certainty(outcomes([np.zeros(400), -x], np.zeros((2, 400))), 0, perspective="total")
    score = x.mean() / (x.std(ddof=1) / 20)
    assert (found.best, found.runner_up) == (("b", "a") if score > 0 else ("a", "b"))
    assert found.probability == pytest.approx(norm.cdf(abs(score)))


def test_equal_strategies_are_a_toss_up_and_clear_ones_are_certain():
    assert (
        decision_certainty(outcomes(np.ones((2, 9)), np.ones((2, 9))), 1, perspective="total").probability
        == 0.5
    )
    clear = decision_certainty(outcomes([[1, 1], [2, 2], [3, 3]], np.ones((3, 2))), 1, perspective="total")
    assert (clear.best, clear.runner_up, clear.gap, clear.probability) == ("a", "b", 1, 1)


@pytest.fixture(scope="module")
def study():
    return read_study("clonazepam-us-prices")


def ways(study):
    """Return both ways of drawing one segment, on which the sizes of segments have no bearing: these stay."""
    model, question = study.model(), Question("generic", "payer", segment="employer")
    sizes = {name: study.parameters[name].value for name in ("n_employer", "n_uninsured")}

    def drawing(method):
        def run(n, seed):
            drawn = study.draws(n, seed=seed, method=method).replace(**sizes)
            return question.of(evaluate(model, drawn))

        return run

    return {method: drawing(method) for method in ("monte_carlo", "sobol")}


def test_sobol_draws_reach_the_same_error_with_far_fewer_draws_on_clonazepam(study):
    table = compare_methods(ways(study), [64, 512], replicates=8).set_index(["method", "n"])
    assert table.loc[("sobol", 512), "ratio"] > 50
    assert 0.2 < table.loc[("monte_carlo", 512), "ratio"] < 5
    assert table.loc[("sobol", 512), "rmse"] < table.loc[("sobol", 64), "rmse"] / 4


@pytest.mark.parametrize(("method", "replicates"), [("monte_carlo", 1), ("sobol", 8)])
def test_the_stop_rule_runs_on_a_study_with_seed_nought(study, method, replicates):
    found = run_until(ways(study)[method], tolerance=1.0, replicates=replicates, seed=0)
    assert found.reached
    assert found.mean == pytest.approx(ways(study)["sobol"](4096, 5).mean(), abs=2.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: running([1.0]), "two or more finite numbers"),
        (lambda: draws_needed([1.0, 2.0], 0), "within"),
        (lambda: run_until(noise, tolerance=0.1, first=100), "power of two"),
        (lambda: replicated(noise, 10, replicates=1), "replicates"),
        (lambda: compare_methods({"sobol": noise}, [8]), "monte_carlo"),
        (lambda: decision_certainty(outcomes([[1, 2]], [[1, 2]]), 1, perspective="total"), "two strategies"),
    ],
)
def test_bad_questions_are_refused(call, words):
    with pytest.raises(CostModelError, match=words):
        call()
