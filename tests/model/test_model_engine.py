"""What makes the engine fast must change no number: runs of cycles, layouts, windows of weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_model import cohort, drawn, move, occupancy, run, time_in, total

from costmodel.errors import CostModelError
from costmodel.formulas import parse
from costmodel.model import Payoff, Time, evaluate, steps
from costmodel.model.accrual import year_weights
from costmodel.model.definition import WITHIN_CYCLE
from costmodel.model.timed import Timed, common
from costmodel.model.weighing import weighted_sums

MONTHLY = Time(1, 10)
DENSE = {
    ("a", "b"): "0.1",
    ("a", "c"): "0.05 * (1 + floor(years))",
    ("a", "dead"): "p_death",
    ("b", "a"): "0.2 if years < 3 else 0.1",
    ("b", "c"): "p_worse",
    ("b", "dead"): "p_death + 0.001 * cycle",
    ("c", "a"): "0.01",
    ("c", "dead"): "3 * p_death",
}
NAMES = ["a", "b", "c", "dead"]


def varied(n):
    rng = np.random.default_rng(2)
    return drawn(n, p_death=rng.uniform(0.001, 0.02, n), p_worse=rng.uniform(0, 0.2, n))


def dense(**changes):
    moves = [move(*pair, value) for pair, value in DENSE.items()]
    changes = {"time": MONTHLY, "parameters": {"p_death": None, "p_worse": None}, **changes}
    return cohort(NAMES, moves, [time_in("a"), time_in("dead", measure="death")], **changes)


def by_hand(draws, draw):
    """Return shares by boundary and state, cycle by cycle and person by person."""
    shares = [[1.0, 0.0, 0.0, 0.0]]
    for cycle in range(120):
        years, after = cycle / 12, [0.0] * 4
        value = {name: float(draws[name][draw]) for name in ("p_death", "p_worse")}
        values = {"cycle": cycle, "years": years, "floor": np.floor, **value}
        for index, share in enumerate(shares[-1]):
            for (source, target), text in DENSE.items():
                if source == NAMES[index]:
                    moving = share * eval(text, {}, values)
                    after[NAMES.index(target)] += moving
                    after[index] -= moving
            after[index] += share
        shares.append(after)
    return np.array(shares)


def test_probabilities_that_change_by_year_and_by_cycle_are_those_of_a_slow_loop():
    draws = varied(3)
    found = occupancy(dense(), draws)
    for draw in range(3):
        np.testing.assert_allclose(found[:, :, draw, 0], by_hand(draws, draw), rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("share", [0.0, 2.0])
def test_all_pairs_at_once_and_one_by_one_are_the_same(share, monkeypatch):
    expected = occupancy(dense(), varied(4))
    monkeypatch.setattr(steps, "DENSE", share)
    np.testing.assert_allclose(occupancy(dense(), varied(4)), expected, rtol=1e-13)


@pytest.mark.parametrize("share", [0.0, 2.0])
def test_two_transitions_between_the_same_states_add_up(share, monkeypatch):
    monkeypatch.setattr(steps, "DENSE", share)
    twice = [move("a", "b", 0.1), move("a", "b", "0.05 * (1 + floor(years))"), move("b", "a", 0.2)]
    once = [move("a", "b", "0.1 + 0.05 * (1 + floor(years))"), move("b", "a", 0.2)]
    found, expected = (occupancy(cohort(["a", "b"], moves, time=Time(6, 5))) for moves in (twice, once))
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_a_state_that_nobody_leaves_takes_arrivals_and_those_who_join():
    model = cohort(
        ["a", "b", "dead"],
        [move("a", "b", 0.1), move("b", "dead", 0.2), move("a", "dead", 0.05)],
        start={"a": 0.7, "dead": 0.3},
        tunnels={"b": 3},
        inflow={"a": 0.01, "dead": "0.001 * cycle"},
        time=Time(12, 6),
    )
    joined = 0.01 * np.arange(7) + np.cumsum(0.001 * np.arange(7))
    found = occupancy(model)[..., 0, 0]
    np.testing.assert_allclose(found.sum(axis=1), 1 + joined, rtol=1e-13)
    first = 0.3 + 0.7 * 0.05 + 0.001
    assert found[:3, 2] == pytest.approx([0.3, first, first + found[1, 0] * 0.05 + found[1, 1] * 0.2 + 0.002])


def test_where_people_are_is_one_course_when_no_draw_changes_it():
    model = cohort(
        ["a", "dead"],
        [move("a", "dead", 0.1)],
        [Payoff("cost", "cost", parse("c_care"), states=("a",))],
        parameters={"c_care": None},
        time=Time(12, 20),
    )
    draws = drawn(3, c_care=[1.0, 2.0, 5.0])
    assert run(model, draws).trace.occupancy["a"].shape == (21, 1, 3, 1)
    assert run(model, draws).trace.occupancy["a"].strides[2:] == (0, 0)
    assert total(model, "cost", draws)[0] == pytest.approx((1 - 0.9**20) / 0.1 + (0.9**20 - 1) / 2)
    found = evaluate(model, draws)
    np.testing.assert_allclose(
        found.total("cost")[0], found.total("cost")[0, 0] * np.array([1, 2, 5]), rtol=1e-14
    )


def test_a_fault_names_the_first_cycle_of_its_period():
    model = cohort(["a", "dead"], [move("a", "dead", "0.4 * (1 + floor(years))")], time=MONTHLY)
    with pytest.raises(CostModelError, match=r"found 1\.2 at cycle 24$"):
        evaluate(model, drawn())


def test_a_fault_in_a_formula_counts_draws_and_cycles_not_periods():
    payoff = Payoff("cost", "cost", parse("c_care / (2 - floor(years))"), states=("a",))
    model = cohort(
        ["a", "dead"], [move("a", "dead", 0.1)], [payoff], time=MONTHLY, parameters={"c_care": None}
    )
    with pytest.raises(
        CostModelError, match=r"found 2 - floor\(years\) = 0 in 12 of 121 elements, first at cycle 24"
    ):
        evaluate(model, drawn(2, c_care=[1.0, 2.0]))


@given(
    st.sampled_from(WITHIN_CYCLE),
    st.integers(1, 60),
    st.sampled_from([1 / 12, 0.25, 0.75, 1.0, 2.0]),
    st.integers(0, 2**32 - 1),
)
def test_sums_in_windows_are_a_matrix_product(rule, n_cycles, cycle_years, seed):
    n_years = max(1, int(np.ceil(n_cycles * cycle_years - 1e-9)))
    years = year_weights(rule=rule, n_cycles=n_cycles, cycle_years=cycle_years, n_years=n_years)
    rng = np.random.default_rng(seed)
    other = rng.random((3, n_cycles + 1)) * (rng.random((3, 1)) > 0.3)
    weights = np.concatenate([other[:1], years, other[1:]])
    rates = rng.random((n_cycles + 1, 2, 5))[:, 1]
    np.testing.assert_allclose(weighted_sums(weights, rates), weights @ rates, rtol=1e-12, atol=1e-14)


@given(
    st.lists(st.integers(0, 2), min_size=1, max_size=12), st.lists(st.integers(0, 2), min_size=1, max_size=12)
)
def test_runs_hold_what_every_boundary_holds(first, second):
    length = min(len(first), len(second))
    arrays = [np.array(values[:length], dtype=float).reshape(-1, 1, 1) for values in (first, second)]
    every = [Timed(array, np.ones(length, dtype=bool)) for array in arrays]
    joined = [value.joined() for value in every]
    for value, array in zip(joined, arrays, strict=True):
        assert (np.broadcast_to(value.at_boundaries(), array.shape) == array).all()
        assert len(value.array) == 1 + np.count_nonzero(np.diff(array[:, 0, 0]))
    begins = common(joined)
    together = Timed(joined[0].on(begins) + 10 * joined[1].on(begins), begins)
    whole = np.broadcast_to(together.at_boundaries(), arrays[0].shape)
    assert (whole == arrays[0] + 10 * arrays[1]).all()
