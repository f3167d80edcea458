"""What is wrong in one block is counted in all draws, and its draw is numbered from the first."""

import numpy as np
import pytest
from strategies_model import cohort, drawn, move

from costmodel.errors import CostModelError
from costmodel.formulas import FormulaError, constant, parse
from costmodel.model import Payoff, evaluate
from costmodel.model.counting import ProbabilityError
from costmodel.model.definition import Branch, Node

N = 100
each_way = pytest.mark.parametrize(("block", "workers"), [(None, 1), (7, 1), (7, 3), (1, 1), (33, 2)])


def values(*, wrong, right=0.2, bad=1.5):
    return np.where(np.isin(np.arange(N), wrong), bad, right)


def message(model, block, workers, **parameters):
    with pytest.raises(CostModelError) as caught:
        evaluate(model, drawn(N, **parameters), block=block, workers=workers)
    return str(caught.value)


@pytest.mark.parametrize(("block", "workers"), [(None, 1), (7, 1), (7, 3), (33, 2)])
def test_a_probability_is_counted_in_all_draws(block, workers):
    model = cohort(["a", "b"], [move("a", "b", "p")], parameters={"p": None})
    found = message(model, block, workers, p=values(wrong=[12, 13, 50, 98]))
    assert found.endswith("found 1.5 at draw 12; it happens in 4 of 100 draws")


@pytest.mark.parametrize(("block", "workers"), [(None, 1), (7, 1), (33, 2)])
def test_a_row_is_counted_in_all_draws(block, workers):
    moves = [move("a", "b", "p"), move("a", "c", 0.5)]
    model = cohort(["a", "b", "c"], moves, parameters={"p": None})
    found = message(model, block, workers, p=values(wrong=[3, 97], bad=0.7))
    assert "must sum to at most 1; found 1.2 at draw 3; it happens in 2 of 100 draws" in found


@pytest.mark.parametrize(("block", "workers"), [(None, 1), (7, 1), (33, 2)])
def test_a_branch_is_counted_in_all_draws(block, workers):
    tree = (Node("test", (Branch("yes", parse("p")), Branch("no", None))),)
    payoff = Payoff("time", "life_years", constant(1), per="once", branches=("test.yes",))
    model = cohort(["a"], [], [payoff], parameters={"p": None}, tree=tree, states=None)
    found = message(model, block, workers, p=values(wrong=[40, 41, 99]))
    assert "branch test.yes (p): a probability must lie in [0, 1]" in found
    assert found.endswith("found 1.5 at draw 40; it happens in 3 of 100 draws")


@pytest.mark.parametrize(("block", "workers"), [(None, 1), (7, 1), (7, 3), (33, 2)])
def test_a_formula_is_counted_in_all_draws(block, workers):
    payoff = Payoff("time", "life_years", parse("1 / p"), states=("a",))
    model = cohort(["a", "b"], [move("a", "b", 0.1)], [payoff], parameters={"p": None})
    found = message(model, block, workers, p=values(wrong=[20, 77], bad=0.0))
    assert "found p = 0 in 2 of 100 elements, first at draw 20 (counted from 0) -> say what holds" in found


def test_elements_are_those_of_all_cycles():
    payoff = Payoff("time", "life_years", parse("1 / (p + cycle)"), states=("a",))
    model = cohort(["a", "b"], [move("a", "b", 0.1)], [payoff], parameters={"p": None})
    whole = message(model, None, 1, p=values(wrong=[20, 77], bad=0.0))
    assert "in 2 of 200 elements, first at draw 20, cycle 0" in whole
    assert message(model, 30, 2, p=values(wrong=[20, 77], bad=0.0)) == whole


@each_way
def test_what_is_wrong_in_every_draw_alike_is_not_counted(block, workers):
    model = cohort(["a", "b"], [move("a", "b", "p"), move("a", "a", 1.5)], parameters={"p": None})
    assert message(model, block, workers, p=values(wrong=[])).endswith("found 1.5")


def test_draws_in_which_another_error_comes_first_are_not_among_those_counted():
    """Draw 3 breaks the second rule, draw 15 (the second block of 10) the first: 90 draws are counted."""
    moves = [move("a", "b", "p"), move("b", "a", "q")]
    model = cohort(["a", "b"], moves, parameters={"p": None, "q": None})
    found = message(model, 10, 1, p=values(wrong=[15]), q=values(wrong=[3, 15, 64]))
    assert "transition b -> a" in found
    assert found.endswith("found 1.5 at draw 3; it happens in 2 of 90 draws")


def test_errors_keep_their_parts():
    model = cohort(["a", "b"], [move("a", "b", "p")], parameters={"p": None})
    with pytest.raises(ProbabilityError) as caught:
        evaluate(model, drawn(N, p=values(wrong=[1, 60])), block=10)
    assert (caught.value.wrong, caught.value.of, caught.value.found) == (2, 100, "found 1.5 at draw 1")
    model = cohort(["a", "b"], [move("a", "b", "0.1 / p")], parameters={"p": None})
    with pytest.raises(FormulaError) as formula:
        evaluate(model, drawn(N, p=values(wrong=[1, 60], bad=0.0)), block=10)
    assert formula.value.places == (2, 100, {"draw": 1})
