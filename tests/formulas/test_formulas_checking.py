"""Sets of formulas: unknown names, circles, and an order that can be computed."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.formulas import FormulaError, LookupTable, check, order, parse

LIFE = {"life": LookupTable("life.csv", ("age", "q"), [[60, 0.01]])}


def formulas(**texts):
    return {name: parse(text, name=name) for name, text in texts.items()}


def found(*, known=(), tables=None, **texts):
    return check(formulas(**texts), known=known, tables=tables or {})


def test_formulas_without_fault():
    assert found(gross="packs * price", net="gross - rebate", known=["packs", "price", "rebate"]) == []
    assert found(q="lookup(life, q, age)", known=["age"], tables=LIFE) == []


def test_all_problems_are_found_at_once():
    problems = found(
        gross="packs * prise",
        net="gros - rebate",
        death="lookup(lif, q, age)",
        risk="step(life, p, 60)",
        one="two",
        two="one",
        known=["packs", "price", "age"],
        tables=LIFE,
    )
    assert [(item.name, item.found) for item in problems] == [
        ("gross", "'prise'"),
        ("net", "'gros'"),
        ("net", "'rebate'"),
        ("death", "'lif'"),
        ("risk", "'p'"),
        ("one", "one -> two -> one"),
    ]
    assert [item.remedy for item in problems[:2]] == ["did you mean 'price'?", "did you mean 'gross'?"]


def test_unknown_names_that_have_another_meaning():
    (built_in,) = found(a="age / 2")
    assert "built-in variable has no value here" in built_in.remedy
    (table,) = found(a="life * 2", tables=LIFE)
    assert "it is a table: read it with lookup(life" in table.remedy
    (marked,) = found(a="x", known=["x~table"])
    assert "~" not in marked.remedy


@pytest.mark.parametrize(
    ("texts", "circles"),
    [
        ({"a": "a + 1"}, ["a -> a"]),
        ({"a": "b", "b": "a"}, ["a -> b -> a"]),
        ({"c": "a", "a": "b", "b": "c"}, ["a -> b -> c -> a"]),
        ({"a": "b", "b": "a", "x": "y", "y": "x"}, ["a -> b -> a", "x -> y -> x"]),
        ({"start": "a", "a": "b", "b": "a", "end": "1"}, ["a -> b -> a"]),
        ({"a": "b + c", "b": "a", "c": "a"}, ["a -> b -> a (in circles with them: c)"]),
        ({"a": "b", "b": "c", "c": "b + d", "d": "a"}, ["a -> b -> c -> d -> a"]),
        ({"a": "lookup(life, q, a)"}, ["a -> a"]),
        ({"q": "lookup(life, q, 60)"}, []),
        ({"a": "b", "b": "c", "c": "1"}, []),
    ],
)
def test_circles_are_shown_once(texts, circles):
    problems = found(**texts, tables=LIFE)
    assert sorted(item.found for item in problems) == circles
    assert all("circular" in item.rule for item in problems)


def test_a_long_circle_needs_no_deep_stack():
    texts = {f"n{number}": f"n{number + 1}" for number in range(5000)}
    assert found(**texts, n5000="1") == []
    (problem,) = found(**texts, n5000="n0")
    assert problem.found == (
        "n0 -> n1 -> n2 -> n3 -> n4 -> n5 -> n6 -> n7 -> n8 -> n9 -> … 4,990 more … -> n5000 -> n0"
    )


def test_order_puts_each_after_what_it_uses():
    assert order(formulas(net="gross - rebate", gross="packs * price")) == ("gross", "net")
    assert order({}) == ()


def test_order_does_not_depend_on_chance():
    parts = dict.fromkeys("hgfedcba", "1")
    assert order(formulas(total=" + ".join(parts), **parts)) == (*"abcdefgh", "total")


def test_order_of_a_circle_is_an_error_that_shows_it():
    with pytest.raises(FormulaError, match="a -> b -> a") as caught:
        order(formulas(x="1", a="b", b="a"))
    assert caught.value.name == "a"
    assert caught.value.text == "b"


NAMES = [f"f{number}" for number in range(7)]


@st.composite
def graphs(draw):
    return {name: draw(st.lists(st.sampled_from(NAMES), max_size=2)) for name in draw(st.permutations(NAMES))}


def reachable(graph, start):
    """Return all that ``start`` leads to, by the slowest way that is plainly right."""
    reached = set(graph[start])
    for _ in graph:
        reached |= set(itertools.chain.from_iterable(graph[name] for name in reached))
    return reached


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_circles_and_order_of_any_graph(graph):
    definitions = {name: parse(" + ".join([*uses, "1"])) for name, uses in graph.items()}
    problems = check(definitions, known=[], tables={})
    groups = {
        frozenset(
            other for other in graph if other in reachable(graph, name) and name in reachable(graph, other)
        )
        for name in graph
        if name in reachable(graph, name)
    }
    assert {item.name for item in problems} == {min(group) for group in groups}
    assert len(problems) == len(groups)
    for problem in problems:
        circle = problem.found.split(" (")[0].split(" -> ")
        assert circle[0] == circle[-1]
        assert all(after in graph[before] for before, after in itertools.pairwise(circle))
    if problems:
        with pytest.raises(FormulaError, match="->"):
            order(definitions)
    else:
        done = order(definitions)
        assert sorted(done) == sorted(graph)
        assert all(done.index(use) < done.index(name) for name, uses in graph.items() for use in uses)
        assert done == order(dict(definitions))
