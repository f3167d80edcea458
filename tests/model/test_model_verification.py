"""Verification finds what is wrong: a faulty engine, test by test, and models made to fail."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import costmodel as cm
from costmodel.formulas import constant, parse
from costmodel.inputs import Parameters, fixed_parameter
from costmodel.model import evaluate
from costmodel.model.cohort import Trace
from costmodel.model.definition import Payoff, States, Time, Transition
from costmodel.model.examples import two_prices, two_prices_parameters, well_or_dead
from costmodel.model.verification import registered, run_tests, subject_of, verify_model
from costmodel.model.verification import runner as runner_module

PLANTED = Path(__file__).parents[1] / "study" / "planted"
MODULE = "costmodel.model.verification"


@pytest.fixture(scope="module")
def sound():
    return cm.read_study(PLANTED / "sound")


def run(key, study, model=None, *, n=32):
    """Run one test on a study's model."""
    subject = subject_of(model or study.base_model, study.parameters, n=n, seed=1, method="sobol", prices=())
    (line,) = run_tests({key: registered()[key]}, subject)
    return line


def totals(found, change):
    """Return outcomes with every total changed; by year in proportion."""
    return replace(
        found,
        discounted=change(found.discounted),
        undiscounted=change(found.undiscounted),
    )


def along(axis, size=0.01):
    """Return a fault that depends on the position along an axis of the totals."""

    def change(array):
        shape = [1] * array.ndim
        shape[axis] = array.shape[axis]
        return array + size * np.arange(array.shape[axis]).reshape(shape)

    return change


def costs_more(found):
    kinds = np.array([kind == "cost" for kind in found.measures.values()], dtype=float)
    return totals(found, lambda array: array + kinds[:, np.newaxis, np.newaxis])


def comparator_dearer(found):
    def change(array):
        array = array.copy()
        array[found.strategies.index(found.comparator)] += 1
        return array

    return totals(found, change)


def when(condition):
    """Return a fault of one person-unit that appears under a condition on the model and the block."""
    return lambda found, model, block: totals(found, lambda a: a + 1.0) if condition(model, block) else found


def noise(found, _model, _block):
    return totals(found, lambda array: array + noise.generator.normal(size=array.shape))


noise.generator = np.random.default_rng(1)

FAULTY_EVALUATION = {
    "same_seed": noise,
    "no_transitions": when(lambda model, _: model.states is not None and not model.transitions),
    "split_state": when(lambda model, _: len(model.states.names) > 3),
    "order_of_states": when(lambda model, _: model.states.names[0] == "well"),
    "time_in_states": lambda found, _model, _block: totals(found, along(1)),
    "certain_death": when(lambda model, _: any(m.value == constant(1.0) for m in model.transitions)),
    "costs_at_zero": lambda found, _model, _block: costs_more(found),
    "costs_doubled": lambda found, _model, _block: costs_more(found),
    "order_of_payoffs": when(lambda model, _: model.payoffs[0].measure == "drug"),
    "discounting_at_zero": lambda found, _model, _block: replace(found, discounted=0.9 * found.discounted),
    "discounting_lowers": lambda found, model, _block: replace(
        found, discounted=found.discounted * (2 if "0.05" in model.discounting.costs.text else 1)
    ),
    "horizon_at_zero": when(lambda model, _: model.time.n_cycles == 0),
    "longer_horizon": lambda found, model, _block: totals(found, lambda a: a / model.time.n_cycles**2),
    "years_add_up": lambda found, _model, _block: replace(found, by_year=found.by_year + 1),
    "equal_strategies": lambda found, _model, _block: totals(found, along(0)),
    "order_of_strategies": lambda found, _model, _block: totals(found, along(0)),
    "other_comparator": lambda found, _model, _block: comparator_dearer(found),
    "order_of_segments": lambda found, _model, _block: totals(found, along(3)),
    "alone": lambda found, _model, _block: totals(found, along(3)),
    "doubled_size": lambda found, _model, _block: totals(found, lambda a: a + found.sizes[:, 0].mean()),
    "block_size": when(lambda _, block: block == 7),
    "one_by_one": lambda found, _model, _block: totals(found, along(2)),
    "order_of_draws": lambda found, _model, _block: totals(found, along(2)),
    "finite_results": lambda found, _model, _block: totals(found, lambda a: 1e12 * a),
}


@pytest.mark.parametrize("key", FAULTY_EVALUATION)
def test_a_faulty_evaluation_is_found(key, sound, monkeypatch):
    assert run(key, sound).passed == "yes"
    change = FAULTY_EVALUATION[key]

    def faulty(model, draws, *, block=None):
        return change(evaluate(model, draws, block=block), model, block)

    for module in ("subject", "inputs", "computing"):
        monkeypatch.setattr(f"{MODULE}.{module}.evaluate", faulty)
    line = run(key, sound)
    assert line.passed == "no", line


def with_occupancy(change):
    """Return a cohort engine whose occupancy is changed."""
    from costmodel.model.cohort import run_cohort

    def faulty(*arguments, **options):
        trace = run_cohort(*arguments, **options)
        return Trace({name: change(name, array) for name, array in trace.occupancy.items()})

    return faulty


FAULTY_COHORT = {
    "occupancy_sums": lambda _name, array: 1.01 * array,
    "occupancy_is_not_negative": lambda _name, array: array - 0.01,
    "absorbing_never_falls": lambda name, array: array[::-1] if name == "dead" else array,
}


@pytest.mark.parametrize("key", FAULTY_COHORT)
def test_a_faulty_cohort_engine_is_found(key, sound, monkeypatch):
    assert run(key, sound).passed == "yes"
    monkeypatch.setattr("costmodel.model.run.run_cohort", with_occupancy(FAULTY_COHORT[key]))
    assert run(key, sound).passed == "no"


def test_averages_beyond_the_segments_are_found(sound, monkeypatch):
    assert run("average_between", sound).passed == "yes"
    monkeypatch.setattr(cm.Outcomes, "total", lambda self, _: 1e9 + 0 * self.discounted[:, 0, :, 0])
    assert run("average_between", sound).passed == "no"


def test_draws_that_ignore_the_seed_are_found(sound, monkeypatch):
    assert run("other_seed", sound).passed == "yes"
    from costmodel.inputs import draws

    monkeypatch.setattr(
        f"{MODULE}.subject.draws",
        lambda parameters, *, n, seed, method: draws(parameters, n=n, seed=5),  # noqa: ARG005
    )
    assert run("other_seed", sound).passed == "no"


def test_a_base_case_outside_its_draws_is_found(sound, monkeypatch):
    assert run("base_values_within_draws", sound).passed == "yes"
    from costmodel.inputs import draws

    def shifted(*arguments, **options):
        found = draws(*arguments, **options)
        return found.replace(c_care=found["c_care"] * 12)

    monkeypatch.setattr(f"{MODULE}.subject.draws", shifted)
    line = run("base_values_within_draws", sound)
    assert line.passed == "no"
    assert "c_care is 5000" in line.found


def test_a_tree_that_loses_people_is_found(monkeypatch):
    study = cm.read_study(PLANTED.parent / "trees" / "alone")
    assert run("tree_conserves", study).passed == "yes"
    from costmodel.model.tree import reached

    def leaking(*arguments, **options):
        found = reached(*arguments, **options)
        return {name: 0.99 * share for name, share in found.items()}

    monkeypatch.setattr("costmodel.model.run.reached", leaking)
    assert run("tree_conserves", study).passed == "no"


@pytest.mark.parametrize(("width", "passed"), [(0.1, "yes"), (0.6, "no")])
def test_clipping_is_counted_and_refused_beyond_a_bound(width, passed):
    row = cm.Parameter(
        "p_death",
        0.8,
        low=0.8 - width,
        high=0.8 + min(width, 0.19),
        distribution="beta",
        basis="95%",
        unit="proportion",
        status="assumed",
    )
    model = replace(
        well_or_dead(), transitions=(Transition("well", "dead", parse("1.1 * p_death"), on_invalid="clip"),)
    )
    found = verify_model(model, Parameters.of(row), n=64).frame().loc["probabilities_in_range"]
    assert found["passed"] == passed
    assert (": clipped in" in found["found"]) == (passed == "no")


def test_draws_that_are_drawn_again_are_counted():
    study = cm.read_study(PLANTED.parent / "rules")
    line = run("probabilities_in_range", study, n=256)
    subject = subject_of(study.base_model, study.parameters, n=256, seed=1, method="sobol", prices=())
    assert subject.rejected > 0
    assert f"{subject.rejected} draws rejected" in line.found


def test_life_years_of_the_dead_are_found_by_certain_death():
    model = well_or_dead()
    life = Payoff("life_years", "life_years", constant(1.0), states=("well", "dead"))
    parameters = Parameters.of(fixed_parameter("p_death", 0.1, unit="proportion", status="assumed"))
    found = verify_model(replace(model, payoffs=(life,)), parameters, n=2)
    assert {"certain_death", "dead_earn_nothing"} <= set(found.failed)
    assert found.frame().loc["certain_death", "found"] == "life_years: 3 years; a cycle has 1"


def test_the_dead_are_known_by_name_by_label_or_by_what_they_earn():
    model = replace(well_or_dead(), parameters={})
    moves = (Transition("well", "d", constant(0.1)),)
    for names, labels in [(("well", "cvd_death"), {}), (("well", "d"), {"d": "Dead"}), (("well", "d"), {})]:
        own = replace(
            model,
            states=States(names, {"well": constant(1.0)}, labels=labels),
            transitions=tuple(replace(item, target=names[1]) for item in moves),
        )
        subject = subject_of(own, Parameters.of(), n=2, seed=1, method="sobol", prices=())
        assert subject.dead == (names[1],)
        assert subject.alive == ("well",)


def test_a_state_that_is_never_left_but_lived_in_is_not_death():
    states = States(("well", "cured"), {"well": constant(1.0)}, labels={"cured": "No risk of death"})
    life = Payoff("life_years", "life_years", constant(1.0), states=("well", "cured"))
    model = replace(
        well_or_dead(),
        parameters={},
        states=states,
        payoffs=(life,),
        transitions=(Transition("well", "cured", constant(0.1)),),
    )
    subject = subject_of(model, Parameters.of(), n=2, seed=1, method="sobol", prices=())
    assert subject.dead == ()


def test_the_smallest_model_passes_and_says_why_tests_do_not_apply():
    found = verify_model(two_prices(), two_prices_parameters(), n=2)
    assert found.ok
    reasons = found.frame().query("passed == 'not applicable'")["found"]
    assert "the study has no states" in set(reasons)
    assert reasons.str.len().min() > 10


def test_a_model_of_no_horizon_passes():
    model = replace(two_prices(), time=Time(horizon_years=0))
    once = tuple(replace(item, per="once") for item in model.payoffs)
    found = verify_model(replace(model, payoffs=once), two_prices_parameters(), n=2)
    assert found.ok, found.failed


def test_prices_need_a_prefix_or_to_be_named():
    model = replace(
        two_prices(),
        parameters={"cost_a": two_prices().money, "cost_b": two_prices().money},
        strategies=tuple(
            replace(item, overrides={"price": parse(name)})
            for item, name in zip(two_prices().strategies, ("cost_a", "cost_b"), strict=True)
        ),
    )
    rows = [
        replace(row, name=name)
        for row, name in zip(two_prices_parameters().rows, ("cost_a", "cost_b"), strict=True)
    ]
    for prices, verdict in [((), "not applicable"), (("cost_a", "cost_b"), "yes")]:
        found = verify_model(model, Parameters.of(*rows), n=2, prices=prices)
        assert found.frame().loc["prices_at_zero", "passed"] == verdict


def test_too_few_draws_are_refused():
    with pytest.raises(cm.CostModelError, match="at least 2 draws"):
        verify_model(two_prices(), two_prices_parameters(), n=1)


def test_every_test_says_what_it_changes_and_expects():
    tests = runner_module.registered()
    assert len(tests) >= 60
    assert len({test.title for test in tests.values()}) == len(tests)
    for test in tests.values():
        assert test.changed, test.key
        assert test.expected, test.key
        assert test.body.__doc__, test.key
