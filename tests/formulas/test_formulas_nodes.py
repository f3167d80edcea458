"""The tree: its parts, and new names for its variables."""

from collections import Counter

import pytest

from costmodel.formulas import BUILT_IN, Name, children, evaluate, parse, rename, walk

EVERYTHING = (
    "-a + b * 2 if a < b <= c and not d else max(e, lookup(life, q, f, g)) "
    "** step(tariff, q, a) or interpolate(t, x, h)"
)


def test_walk_meets_every_part_once():
    kinds = Counter(type(part).__name__ for part in walk(parse(EVERYTHING).node))
    assert kinds == {
        "Name": 11,
        "Binary": 3,
        "Logic": 3,
        "Number": 1,
        "TableRef": 3,
        "IfElse": 1,
        "Unary": 1,
        "Compare": 1,
        "Call": 1,
    }


def test_walk_keeps_the_order_of_the_text():
    names = [part.name for part in walk(parse(EVERYTHING).node) if isinstance(part, Name)]
    assert "".join(names) == "ababcdefgah"


def test_leaves_have_no_children():
    assert children(parse("a").node) == ()


def test_rename_reaches_every_part_and_no_table_or_column():
    renamed = rename(parse(EVERYTHING), {"a": "a~1", "g": "gg", "q": "never", "life": "never", "x": "never"})
    assert renamed.names == {"a~1", "b", "c", "d", "e", "f", "gg", "h"}
    assert renamed.tables == {"life", "tariff", "t"}
    assert renamed != parse(EVERYTHING)
    assert renamed.text == EVERYTHING


def test_rename_is_simultaneous():
    swapped = rename(parse("a - b"), {"a": "b", "b": "a"})
    assert evaluate(swapped, {"a": 1.0, "b": 10.0}).item() == 9


def test_rename_of_nothing_is_the_same_formula():
    assert rename(parse(EVERYTHING), {"zzz": "y"}) == parse(EVERYTHING)


def test_renamed_formula_is_computed_from_the_new_name():
    layered = rename(parse("price * 1.1"), {"price": "price~table"})
    assert evaluate(layered, {"price~table": 10.0}).item() == pytest.approx(11)


def test_trees_are_values():
    assert parse("a + 1") == parse("a + 1")
    assert parse("a  +  1") == parse("a + 1")
    assert hash(parse("a + 1")) == hash(parse("a + 1"))
    with pytest.raises(AttributeError):
        parse("a").node.name = "b"


def test_built_in_variables():
    assert BUILT_IN == ("cycle", "years", "cycle_years", "age", "years_in_state", "cycles_in_state")
    assert parse(" + ".join(BUILT_IN)).names == set(BUILT_IN)
