"""Where the cohort is: shares by hand, and what holds for any of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.errors import CostModelError
from costmodel.formulas import parse
from costmodel.inputs import Draws
from costmodel.model import Strategy, Time, occupancy
from costmodel.model.definition import States, Transition
from costmodel.model.examples import two_prices, two_prices_draws, well_or_dead, well_or_dead_draws
from costmodel.populations import Segment

PROBABILITY = st.floats(0.0, 1.0)


def draws(*values):
    return Draws({"p_death": np.array(values)}, len(values), None, "base")


def shares(model, drawn, state, strategy="care"):
    found = occupancy(model, drawn)
    return found[(found["strategy"] == strategy) & (found["state"] == state)]["share"].tolist()


def test_two_states_by_hand():
    assert shares(well_or_dead(), well_or_dead_draws(), "well") == pytest.approx([1, 0.9, 0.81, 0.729])


def test_the_mean_over_draws_is_of_shares_and_not_of_probabilities():
    expected = [1, (0.9 + 0.5) / 2, (0.81 + 0.25) / 2, (0.729 + 0.125) / 2]
    assert shares(well_or_dead(), draws(0.1, 0.5), "well") == pytest.approx(expected)


def test_segments_weigh_by_size_and_strategies_stand_apart():
    model = replace(
        well_or_dead(),
        strategies=(Strategy("care", "Care"), Strategy("none", "None", {"p_death": parse("2 * p_death")})),
        segments=(
            Segment("young", "Young", parse("300")),
            Segment("old", "Old", parse("100"), {"p_death": parse("0.4")}),
        ),
        time=Time(cycle_months=6, horizon_years=1),
    )
    assert shares(model, draws(0.1), "well")[2] == pytest.approx((300 * 0.81 + 100 * 0.36) / 400)
    assert shares(model, draws(0.1), "well", "none")[2] == pytest.approx((300 * 0.64 + 100 * 0.04) / 400)
    found = occupancy(model, draws(0.1))
    assert found["years"].unique().tolist() == [0, 0.5, 1]


def test_time_in_a_state_is_added_up():
    model = well_or_dead()
    remembered = replace(
        model,
        states=replace(model.states, tunnels={"well": 3}),
        transitions=(Transition("well", "dead", parse("p_death * (1 + cycles_in_state)")),),
    )
    assert shares(remembered, draws(0.1), "well") == pytest.approx([1, 0.9, 0.9 * 0.8, 0.9 * 0.8 * 0.7])


def test_who_joins_later_counts_beyond_one():
    model = well_or_dead()
    growing = replace(model, states=replace(model.states, inflow={"well": parse("0.5")}))
    assert shares(growing, draws(0.0), "well") == pytest.approx([1, 1.5, 2, 2.5])


def test_many_draws_are_evaluated_in_blocks_that_change_nothing():
    values = np.linspace(0, 1, 2500)
    expected = [float(np.mean((1 - values) ** cycle)) for cycle in range(4)]
    assert shares(well_or_dead(), draws(*values), "well") == pytest.approx(expected)


@given(
    rows=st.lists(st.lists(PROBABILITY, min_size=3, max_size=3), min_size=3, max_size=3),
    start=st.floats(0, 1),
)
@settings(max_examples=30, deadline=None)
def test_shares_sum_to_one_and_follow_the_matrix(rows, start):
    names = ("a", "b", "c")
    matrix = np.array(rows) + 1e-3
    matrix /= matrix.sum(axis=1, keepdims=True)
    model = replace(
        well_or_dead(),
        states=States(names, {"a": parse(repr(start)), "b": None}),
        payoffs=(replace(well_or_dead().payoffs[0], states=("a",)),),
        transitions=tuple(
            Transition(one, other, parse(repr(float(matrix[row, column]))))
            for row, one in enumerate(names)
            for column, other in enumerate(names)
            if one != other
        ),
    )
    found = occupancy(model, draws(0.1)).pivot_table(index="boundary", columns="state", values="share")
    assert np.allclose(found.sum(axis=1), 1.0)
    state = np.array([start, 1 - start, 0.0])
    for row in found.to_numpy():
        assert np.allclose(row, state)
        state = state @ matrix


def test_a_study_without_states_has_no_trace():
    with pytest.raises(CostModelError, match="study 'two-prices' has no states"):
        occupancy(two_prices(), two_prices_draws())
