"""`verify` passes what is right and finds each planted fault by name."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import costmodel as cm
from costmodel.analysis.incremental import increments
from costmodel.study import to_json
from costmodel.study.verification import STUDY_TESTS, all_tests, verify

HERE = Path(__file__).parent
PLANTED = HERE / "planted"
MODULE = sys.modules[verify.__module__]
FAULTY = sorted(path for path in PLANTED.iterdir() if path.name != "sound")
PUBLISHED = HERE.parent / "published" / "hiv_briggs_dmhee"

SHOWN_ELSEWHERE = {
    *("same_seed", "other_seed", "base_values_within_draws", "probabilities_in_range", "occupancy_sums"),
    *("occupancy_is_not_negative", "absorbing_never_falls", "no_transitions", "split_state"),
    *("order_of_states", "time_in_states", "tree_conserves", "certain_death", "costs_at_zero"),
    *("costs_doubled", "order_of_payoffs", "discounting_at_zero", "discounting_lowers", "horizon_at_zero"),
    *("longer_horizon", "years_add_up", "equal_strategies", "order_of_strategies", "other_comparator"),
    *("order_of_segments", "alone", "doubled_size", "average_between", "block_size", "one_by_one"),
    *("order_of_draws", "finite_results", *STUDY_TESTS),
}
"""Tests that only a faulty engine fails: tests/model/test_model_verification.py and below make them fail."""


def keys(folder):
    """Return the tests that a faulty study fails."""
    return (folder / "expected.txt").read_text().split()


@pytest.mark.parametrize(
    "study", ["clonazepam-us", HERE / "valid", PLANTED / "sound", PUBLISHED], ids=lambda path: Path(path).name
)
def test_a_correct_study_passes(study):
    found = cm.verify(cm.read_study(study))
    assert found.ok, found.frame().loc[list(found.failed), "found"].to_dict()
    assert len(found.lines) >= 60


@pytest.mark.parametrize("folder", FAULTY, ids=lambda path: path.name)
def test_a_planted_fault_is_found_and_nothing_else_is_blamed(folder):
    found = cm.verify(cm.read_study(folder))
    assert list(found.failed) == keys(folder), found.frame().loc[list(found.failed), "found"].to_dict()


def test_there_are_enough_planted_faults_and_every_test_can_fail():
    assert len(FAULTY) >= 15
    shown = {key for folder in FAULTY for key in keys(folder)}
    assert shown | SHOWN_ELSEWHERE == set(all_tests())


@pytest.mark.parametrize(
    ("folder", "key", "words"),
    [
        ("linear_rate", "rates_saturate", "sick -> dead: 30 when r_death is 1000 times as large"),
        ("dead_join", "nobody_starts_dead", "dead: 0.01 join per cycle"),
        ("cost_half_counted", "constant_integrates", "explicit weights: 3 of 6 years"),
        ("cost_typed_into_a_formula", "money_scales", "care: expected"),
        ("price_with_a_floor", "prices_at_zero", "drug: 182.5 at zero prices"),
        ("measure_named_twice", "perspectives_add_up", "named twice: drug"),
        ("untreated_with_benefit", "relative_effects_at_one", "hr of untreated is 0.9"),
        ("probability_escapes", "draws_are_valid", "a probability must lie in [0, 1]; found 1.5"),
    ],
)
def test_a_failure_gives_numbers(folder, key, words):
    assert words in cm.verify(cm.read_study(PLANTED / folder), n=64).frame().loc[key, "found"]


def test_tests_that_need_draws_do_not_blame_the_study_twice():
    found = cm.verify(cm.read_study(PLANTED / "probability_escapes"), n=64).frame()
    assert found.loc["mean_of_draws", "passed"] == "not applicable"
    assert "the draws cannot be evaluated" in found.loc["mean_of_draws", "found"]


def test_a_scenario_that_fails_in_some_draws_is_found(tmp_path):
    folder = shutil.copytree(PLANTED / "sound", tmp_path / "s")
    text = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(
        text.replace('probability = "rate_to_prob', 'probability = "p_factor * rate_to_prob')
        .replace(
            'set = { price_generic = "0.5 * price_generic" }',
            'set = { p_factor = "(hr_death_sick / 3.6) ** 30" }',
        )
        .replace("[formulas]\n", "[formulas]\np_factor = 1\n")
    )
    found = cm.verify(cm.read_study(folder), n=64)
    assert found.failed == ("scenarios_are_valid",), found.failed


@pytest.mark.parametrize(
    ("key", "broken"),
    [
        ("no_increments", lambda item: replace(item, cost=1.0)),
        ("mirrored_increments", lambda item: replace(item, cost=abs(item.cost))),
    ],
)
def test_faulty_increments_are_found(key, broken, monkeypatch):
    study = cm.read_study(PLANTED / "sound")
    monkeypatch.setattr(
        MODULE, "increments", lambda outcomes: [broken(item) for item in increments(outcomes)]
    )
    assert key in verify(study, n=2).failed


@pytest.mark.parametrize("key", ["written_and_read", "results_as_json"])
def test_faulty_files_are_found(key, monkeypatch):
    other = cm.read_study(PLANTED / "cap_always_binds")
    text = to_json(other.run())
    monkeypatch.setattr(MODULE, "read_study", lambda _: other)
    monkeypatch.setattr(MODULE, "to_json", lambda _: text)
    assert key in verify(cm.read_study(PLANTED / "sound"), n=2).failed


def test_a_study_with_correlated_parameters_is_written_whole():
    study = cm.read_study(HERE.parent / "published" / "thr_briggs_dmhee")
    assert study.parameters.covariances
    assert cm.verify(study, n=8).frame().loc["written_and_read", "passed"] == "yes"


def costmodel(*arguments):
    command = [sys.executable, "-c", "from costmodel.cli import main; main()", "verify", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_prints_a_table_and_counts():
    done = costmodel(HERE / "valid", "--draws", "16")
    assert done.returncode == 0, done.stderr
    assert "0 failed" in done.stdout
    for word in ("changed", "expected", "found", "passed"):
        assert word in done.stdout


def test_the_command_fails_where_a_test_fails():
    done = costmodel(PLANTED / "price_with_a_floor", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert not found["ok"]
    (line,) = [item for item in found["tests"] if item["passed"] == "no"]
    assert line["key"] == "prices_at_zero"
    assert set(line) == {"key", "test", "changed", "expected", "found", "passed", "deviation"}
