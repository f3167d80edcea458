"""What rests on what, against formulas read by eye."""

from dataclasses import replace

import pytest

from costmodel.errors import CostModelError
from costmodel.formulas import parse
from costmodel.model import Payoff
from costmodel.model.definition import Branch, Discounting, Node
from costmodel.model.examples import two_prices, well_or_dead
from costmodel.model.influence import STATES, TREE, Factor, influence
from costmodel.populations import Segment


def links(graph):
    return {(source.name, target.name) for source, target in graph.edges}


def test_overrides_of_every_layer_count_and_what_is_unused_does_not():
    model = replace(
        two_prices(),
        parameters=dict.fromkeys(["price_brand", "price_generic", "n", "unused", "rebate"]),
        formulas={"quantity": parse("n * 2"), "idle": parse("unused + 1")},
        segments=(Segment("old", "Old", parse("10"), {"n": parse("n + years")}),),
        payoffs=(Payoff("drug", "cost", parse("quantity * price")),),
        scenario={"price_brand": parse("price_brand * (1 - rebate)")},
    )
    assert links(influence(model)) == {
        ("n", "quantity"),
        ("quantity", "drug"),
        ("price", "drug"),
        ("price_brand", "price"),
        ("price_generic", "price"),
        ("rebate", "price_brand"),
    }
    kinds = {node.name: node.kind for node in influence(model).nodes}
    assert kinds["price"] == "formula"
    assert kinds["price_brand"] == "parameter"
    assert kinds["drug"] == "measure"


def test_transitions_lead_through_time_in_states_to_what_accrues_there():
    model = replace(well_or_dead(), discounting=Discounting(effects=parse("r_discount")))
    model = replace(model, parameters={**model.parameters, "r_discount": None})
    whole = influence(model)
    assert links(whole) == {
        ("p_death", "well → dead"),
        ("well → dead", "time in states"),
        ("time in states", "life_years"),
        ("r_discount", "life_years"),
    }
    assert links(whole.folded()) == {
        ("p_death", "time in states"),
        ("time in states", "life_years"),
        ("r_discount", "life_years"),
    }
    assert links(whole.towards("time in states")) == {
        ("p_death", "well → dead"),
        ("well → dead", "time in states"),
    }


def test_a_tree_stands_before_the_states():
    model = replace(
        well_or_dead(),
        parameters={"p_death": None, "p_test": None},
        tree=(Node("test", (Branch("yes", parse("p_test"), "well"), Branch("no", None, "dead"))),),
        payoffs=(Payoff("tests", "event", parse("1"), per="once", branches=("test.yes",)),),
    )
    edges = influence(model).edges
    assert {
        (Factor("parameter", "p_test"), TREE),
        (TREE, STATES),
        (TREE, Factor("measure", "tests")),
    } <= edges


def test_a_constant_result_rests_on_nothing():
    model = replace(two_prices(), payoffs=(*two_prices().payoffs, Payoff("years", "life_years", parse("1"))))
    assert influence(model).towards("years").nodes == (Factor("measure", "years"),)


def test_an_unknown_target_names_the_nearest():
    with pytest.raises(CostModelError, match=r"nothing here is named 'prise'; did you mean 'price'\?"):
        influence(two_prices()).towards("prise")
