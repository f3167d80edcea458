"""Rows that are no probability distributions: refused with place and number, or clipped and counted."""

import numpy as np
import pytest
from strategies_model import cohort, drawn, move, occupancy

from costmodel.errors import CostModelError
from costmodel.formulas import constant, parse
from costmodel.model import Payoff, Time, evaluate
from costmodel.populations import Segment


def test_a_probability_above_one_names_transition_draw_cycle_value_and_how_often():
    model = cohort(["a", "b"], [move("a", "b", "p * (1 + cycle)")], time=Time(12, 4), parameters={"p": None})
    with pytest.raises(CostModelError) as caught:
        evaluate(model, drawn(5, p=[0.1, 0.2, 0.3, 0.1, 0.6]))
    message = str(caught.value)
    for words in (
        "strategy 'only'", "transition a -> b (p * (1 + cycle))", "must lie in [0, 1]",
        "found 1.2 at draw 4, cycle 1", "it happens in 2 of 5 draws",
    ):  # fmt: skip
        assert words in message


def test_a_probability_below_zero_names_segment_and_time_in_state():
    segments = (Segment("x", "X", constant(1)), Segment("y", "Y", constant(1), {"p": constant(0.2)}))
    model = cohort(
        ["a", "b"],
        [move("a", "b", "p - 0.15 * cycles_in_state")],
        tunnels={"a": 4},
        time=Time(12, 4),
        parameters={"p": None},
        segments=segments,
    )
    with pytest.raises(CostModelError, match=r"found -0\.1 at segment 'y', cycle 2 in the state"):
        evaluate(model, drawn(p=[0.9]))


@pytest.mark.parametrize("block", [None, 2])
def test_the_draw_of_a_fault_is_counted_from_the_first_whatever_the_block(block):
    model = cohort(["a", "b"], [move("a", "b", "p")], parameters={"p": None})
    with pytest.raises(CostModelError, match=r"found 1\.5 at draw 7"):
        evaluate(model, drawn(8, p=[0.1] * 7 + [1.5]), block=block)


def test_a_row_above_one_names_its_transitions():
    moves = [move("a", "b", "p"), move("a", "c", 0.5)]
    model = cohort(["a", "b", "c"], moves, parameters={"p": None})
    with pytest.raises(
        CostModelError,
        match=r"state 'a': the probabilities of a -> b, a -> c must sum to at most 1; found 1\.2 at draw 1",
    ):
        evaluate(model, drawn(3, p=[0.1, 0.7, 0.2]))


def test_a_row_that_says_who_stays_must_sum_to_one():
    moves = [move("a", "a", 0.5), move("a", "b", 0.3)]
    with pytest.raises(CostModelError, match="a -> a, a -> b must sum to 1, or one of them be"):
        evaluate(cohort(["a", "b"], moves), drawn())
    complete = [move("a", "a", 0.7), move("a", "b", 0.3)]
    assert occupancy(cohort(["a", "b"], complete))[-1, :, 0, 0] == pytest.approx([0.7, 0.3])


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ({"a": 0.5, "b": 0.6}, r"must sum to 1; found 1\.1"),
        ({"a": 0.5}, r"must sum to 1; found 0\.5"),
        ({"a": 0.7, "b": 0.6, "c": None}, r"must sum to at most 1; found 1\.3"),
        ({"a": -0.1, "b": None}, r"starts in 'a' must be at least 0; found -0\.1"),
    ],
)
def test_a_start_that_is_no_distribution(start, words):
    model = cohort(["a", "b", "c"], [move("a", "b", 0.1)], start=start)
    with pytest.raises(CostModelError, match=words):
        evaluate(model, drawn())


def test_a_negative_rate_names_transition_draw_and_value():
    moves = [move("a", "b", "r - 0.1", is_rate=True), move("a", "c", 2, is_rate=True)]
    model = cohort(["a", "b", "c"], moves, parameters={"r": None})
    with pytest.raises(
        CostModelError, match=r"a -> b .*rate must be at least 0; found -0\.05 at draw 1.* 1 of 2"
    ):
        evaluate(model, drawn(2, r=[0.3, 0.05]))


def test_a_negative_inflow_is_named():
    model = cohort(["a", "b"], [move("a", "b", 0.1)], inflow={"a": "0.1 - cycle"})
    with pytest.raises(CostModelError, match="inflow of state 'a' must be at least 0"):
        evaluate(model, drawn())


def clipping(**draws):
    moves = [
        move("a", "b", "p", on_invalid="clip"),
        move("a", "c", "q", on_invalid="clip"),
        move("a", "d", 0.2),
    ]
    model = cohort(["a", "b", "c", "d"], moves, parameters={"p": None, "q": None}, time=Time(12, 1))
    return model, drawn(len(draws["p"]), **draws)


def test_clip_brings_a_row_back_into_its_range_and_counts_the_draws():
    """Whoever may be clipped shares, in proportion, what the other transitions leave over."""
    model, draws = clipping(p=[0.1, -0.3, 0.6, 1.4], q=[0.2, 0.3, 0.6, 0.0])
    shares = occupancy(model, draws)[1, :, :, 0].T
    expected = [[0.5, 0.1, 0.2, 0.2], [0.5, 0, 0.3, 0.2], [0, 0.4, 0.4, 0.2], [0, 0.8, 0, 0.2]]
    assert shares == pytest.approx(np.array(expected), abs=1e-15)
    for block in (None, 1, 3):
        assert evaluate(model, draws, block=block).clipped == {"only, a": 3}


def test_nothing_is_counted_where_nothing_is_clipped():
    model, draws = clipping(p=[0.1, 0.2], q=[0.2, 0.3])
    assert evaluate(model, draws).clipped == {}


def test_a_fixed_value_that_is_clipped_is_clipped_in_every_draw():
    drug = Payoff("drug", "cost", parse("price"), states=("a",))
    moves = [move("a", "b", 1.5, on_invalid="clip")]
    model = cohort(["a", "b"], moves, [drug], parameters={"price": None})
    assert evaluate(model, drawn(6, price=np.arange(6.0))).clipped == {"only, a": 6}


def test_clip_does_not_excuse_the_other_transitions_of_a_row():
    moves = [move("a", "b", 0.1, on_invalid="clip"), move("a", "c", 0.7), move("a", "d", 0.7)]
    with pytest.raises(CostModelError, match=r"must sum to at most 1; found 1\.4"):
        evaluate(cohort(["a", "b", "c", "d"], moves), drawn())
