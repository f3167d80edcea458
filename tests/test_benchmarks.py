"""The numbers that every benchmark checks before it measures; no time is judged here."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from costmodel.model import evaluate

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def module(name):
    """Import a benchmark's module; they are scripts that find each other in their own folder."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


module("floor")
workloads = module("workloads")
scaling = module("scaling")
module("timing")
individuals = module("individuals")


@pytest.mark.parametrize("workload", workloads.WORKLOADS, ids=lambda item: item.name)
def test_a_workload_gives_its_numbers(workload):
    checks = {"w1": 4, "w2": 4, "python_case": 1}
    assert len(workloads.check(workload, 400)) == checks[workload.name]


def test_a_wrong_number_is_noticed():
    workload = workloads.WORKLOADS[0]
    wrong = replace(workload, qalys=workloads.Pair(workload.qalys[0], workload.qalys[1] / (1 + 1e-8)))
    with pytest.raises(AssertionError, match="base case against the expected numbers: off by 1e-08"):
        workloads.check(wrong, 10)


def test_the_segments_of_the_growth_table_are_models_of_their_own():
    study = workloads.WORKLOADS[0].study()
    drawn = study.draws(20)
    cases = {(what, size): model for what, size, model, _ in scaling.cases(study, draws=20)}
    one, eight = (evaluate(cases["segments", count], drawn) for count in (1, 8))
    assert eight.total("cost", segment="s0") == pytest.approx(one.total("cost"), rel=1e-12)
    assert (eight.total("qaly", segment="s7") > one.total("qaly")).all()


@pytest.mark.parametrize("size", [2, 3, 8])
def test_the_chain_of_the_growth_table_by_powers_of_its_matrix(size):
    drawn = scaling.chain_draws(3)
    found = evaluate(scaling.chain(size), drawn).total("qaly")
    weights = module("floor").weights(120, 1 / 12)
    utilities = np.append(1 - np.arange(size - 1) / size, 0)
    for strategy, ratio in enumerate((1.0, 0.7)):
        for draw in range(3):
            matrix = np.zeros((size, size))
            for state in range(size - 1):
                matrix[state, -1] = drawn["p_death"][draw]
                if state + 2 < size:
                    matrix[state, state + 1] = ratio * drawn["p_forward"][draw]
                if state:
                    matrix[state, state - 1] += drawn["p_back"][draw]
            np.fill_diagonal(matrix, 1 - matrix.sum(axis=1))
            total = sum(
                weight * (np.linalg.matrix_power(matrix, cycle)[0] @ utilities)
                for cycle, weight in enumerate(weights)
            )
            assert found[strategy, draw] == pytest.approx(total, rel=1e-11)


@pytest.mark.parametrize("size", [2, 4, 9])
def test_the_transitions_of_the_chain_are_those_of_its_model(size):
    model = scaling.chain(size)
    among_the_living = [item for item in model.transitions if item.target != "dead"]
    assert scaling.transitions(size) == len(among_the_living) + size - 1


def test_individuals_agree_with_numpy_by_hand():
    drawn, people = 60, 500
    outcomes = individuals.cm.simulate_times(
        individuals.models(drawn, seed=3), n_people=people, n_draws=drawn, seed=1
    )
    hand = individuals.by_hand(individuals.inputs(drawn, seed=3), n_people=people, n_draws=drawn, seed=2)
    assert len(individuals.check(outcomes, hand)) == 4
    with pytest.raises(SystemExit, match=r"W3 cost of A: .* standard errors from NumPy by hand"):
        individuals.check(outcomes, hand * 1.05)


def test_years_by_hand_are_those_of_one_exponential_life():
    """With one way out, rate 0.5: discounted years within ten are (1 - exp(-(0.5 + r) 10)) / (0.5 + r)."""
    rates = {("on", "dead"): 0.5, ("event", "dead"): 1.0, ("off", "dead"): 1.0}
    years = module("floor").lives(
        np.random.default_rng(1), rates, (1.0, 1e9), n_people=200_000, horizon=10, discount=0.03
    )
    expected = (1 - np.exp(-0.53 * 10)) / 0.53
    assert years["on"] / 200_000 == pytest.approx(expected, rel=0.01)
    assert years["event"] == years["off"] == 0
