"""Look-ups by hand, and every way in which a table or a key can be wrong."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import CostModelError, DataError
from costmodel.formulas import FormulaError, LookupTable, check, evaluate, parse
from costmodel.tables import parse_csv


def table(name, text):
    return LookupTable.from_raw(parse_csv(text.encode(), name=f"{name}.csv"))


TABLES = {
    "life": table("life", "age,q_male,q_female\n60,0.010,0.006\n70,0.030,0.016\n65,0.020,0.010\n"),
    "tariff": table("tariff", "packs,price\n1,9.5\n10,8\n100,6.5\n"),
    "bands": table("bands", "sex,age,q\n0,60,0.1\n0,61,0.2\n1,60,0.3\n1,61,0.4\n1,62,0.5\n"),
    "deep": table("deep", "a,b,c,value\n1,1,1,111\n1,1,2,112\n1,2,1,121\n2,1,1,211\n-1,0.5,0,7\n"),
}


def value(text, **values):
    return evaluate(parse(text), values, tables=TABLES)


def along(axis, *numbers):
    return np.array(numbers, dtype=float).reshape([-1 if position == axis else 1 for position in range(3)])


def message(text, **values):
    with pytest.raises(FormulaError) as caught:
        value(text, **values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lookup(tariff, 10)", 8),
        ("lookup(tariff, price, 10)", 8),
        ("lookup(life, q_male, 65)", 0.020),
        ("lookup(life, q_female, 70)", 0.016),
        ("lookup(bands, q, 1, 61)", 0.4),
        ("lookup(bands, 1, 61)", 0.4),
        ("lookup(deep, value, 1, 2, 1)", 121),
        ("lookup(deep, value, -1, 0.5, 0)", 7),
        ("step(tariff, 1)", 9.5),
        ("step(tariff, 9.999)", 9.5),
        ("step(tariff, 10)", 8),
        ("step(tariff, price, 99)", 8),
        ("step(tariff, 100)", 6.5),
        ("step(life, q_male, 69)", 0.020),
        ("interpolate(tariff, 1)", 9.5),
        ("interpolate(tariff, 5.5)", 8.75),
        ("interpolate(tariff, price, 100)", 6.5),
        ("interpolate(life, q_female, 62.5)", 0.008),
        ("step(tariff, min(250, 100)) * 2", 13),
    ],
)
def test_by_hand(text, expected):
    assert value(text).item() == pytest.approx(expected, rel=1e-14)


def test_arrays_broadcast_over_keys():
    found = value("lookup(bands, q, sex, age)", sex=along(1, 0, 1), age=along(2, 61, 60))
    np.testing.assert_array_equal(found, [[[0.2, 0.1], [0.4, 0.3]]])
    found = value("step(tariff, x) - interpolate(tariff, x)", x=along(0, 1, 5.5, 10))
    np.testing.assert_allclose(found.ravel(), [0, 0.75, 0], atol=1e-15)


@given(st.data())
def test_exact_look_up_finds_what_a_dictionary_finds(data):
    keys = data.draw(
        st.lists(st.tuples(*[st.integers(-3, 3)] * 3), min_size=1, max_size=15, unique=True), label="keys"
    )
    rows = {key: float(number) for number, key in enumerate(keys)}
    made = LookupTable(
        "made.csv", ("a", "b", "c", "value"), np.array([[*key, rows[key]] for key in keys], float)
    )
    asked = data.draw(st.tuples(*[st.integers(-4, 4)] * 3), label="asked")
    values = dict(zip("xyz", map(float, asked), strict=True))
    formula = parse("lookup(made, value, x, y, z)")
    if asked in rows:
        assert evaluate(formula, values, tables={"made": made}).item() == rows[asked]
    else:
        with pytest.raises(FormulaError, match="must stand in table 'made'"):
            evaluate(formula, values, tables={"made": made})


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=12, unique=True), st.floats(-120, 120))
def test_step_and_interpolate_against_a_slow_search(keys, x):
    made = LookupTable("made.csv", ("x", "y"), np.array([[key, key**2] for key in keys]))
    ordered = sorted(keys)
    step, line = parse("step(made, x)"), parse("interpolate(made, x)")
    if not ordered[0] <= x <= ordered[-1]:
        for formula in (step, line):
            with pytest.raises(FormulaError, match="must lie within table 'made'"):
                evaluate(formula, {"x": x}, tables={"made": made})
        return
    below = max(key for key in keys if key <= x)
    above = min(key for key in keys if key >= x)
    assert evaluate(step, {"x": x}, tables={"made": made}).item() == below**2
    share = (x - below) / (above - below) if above > below else 0
    expected = below**2 + share * (above**2 - below**2)
    assert evaluate(line, {"x": x}, tables={"made": made}).item() == pytest.approx(
        expected, rel=1e-9, abs=1e-9
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lookup(life, q_male, 61)", ["stand in table 'life'", "age from 60 to 70", "found 61", "step"]),
        ("lookup(bands, q, 0, 62)", ["sex from 0 to 1, age from 60 to 62", "add the row"]),
        ("step(tariff, x)", ["lie within table 'tariff'", "packs from 1 to 100", "found x = 0.5", "min(x"]),
        ("step(tariff, x + 100)", ["packs from 1 to 100", "found x + 100 = 100.5"]),
        ("interpolate(tariff, 100.1)", ["packs from 1 to 100", "100.1"]),
        ("interpolate(tariff, 0.9)", ["packs from 1 to 100", "0.9"]),
    ],
)
def test_keys_outside_the_table_name_table_range_and_value(text, words):
    found = message(text, x=0.5)
    for word in words:
        assert word in found


def test_missing_keys_are_counted():
    found = message("lookup(tariff, x)", x=along(0, 1, 2, 10, 3))
    assert "x = 2 in 2 of 4 elements, first at draw 1" in found


def test_a_key_that_is_not_used_may_lie_outside():
    x = along(0, 0, 1, 50, 500)
    for method in ("step", "interpolate"):
        found = value(f"{method}(tariff, x) if 1 <= x <= 100 else -1", x=x).ravel()
        assert found[[0, 1, 3]].tolist() == [-1, 9.5, -1]
    assert value("lookup(tariff, x) if x == 1 else -1", x=x).ravel().tolist() == [-1, 9.5, -1, -1]


STATIC = [
    ("lookup(tarif, 1)", "must name a table of the study", "'tarif'", "did you mean 'tariff'?"),
    ("step(life, 60)", "must say which column", "2 columns", "q_female, q_male"),
    ("step(life, q_mal, 60)", "must read a column", "'q_mal'", "did you mean 'q_male'?"),
    ("step(life, age, 60)", "must read a column", "'age'", "'age' is a key here"),
    ("lookup(bands, q, 1)", "one row only", "sex = 0 in several rows", "more keys"),
    ("lookup(tariff, 1, 2)", "must leave a column", "2 keys for 2 columns", "fewer keys"),
    ("lookup(bands, sex, 60)", "must read a column", "'sex'", "'sex' is a key here"),
]


@pytest.mark.parametrize(("text", "rule", "found", "remedy"), STATIC)
def test_a_look_up_that_cannot_work_is_found_before_and_while_computing(text, rule, found, remedy):
    (problem,) = check({"p": parse(text)}, known=[], tables=TABLES)
    assert problem.name == "p"
    assert rule in problem.rule
    assert found in problem.found
    assert remedy in problem.remedy
    assert rule in message(text)


def test_repeated_keys_are_refused_for_steps_too():
    twice = {"twice": table("twice", "x,y\n1,1\n2,3\n2,4\n")}
    for method in ("lookup", "step", "interpolate"):
        with pytest.raises(FormulaError, match="x = 2 in several rows"):
            evaluate(parse(f"{method}(twice, 1)"), {}, tables=twice)


def test_faults_of_a_table_are_collected():
    with pytest.raises(DataError) as caught:
        table("bad", "age,rate per year\nsixty,0.1\n61,\n")
    faults = caught.value.faults
    assert faults["row"].tolist() == [1, 2, 3]
    assert faults["column"].tolist() == ["rate per year", "age", "rate per year"]
    with pytest.raises(DataError, match="two columns or more"):
        table("narrow", "age\n60\n")
    with pytest.raises(DataError, match="one row or more"):
        table("empty", "age,q\n")


@pytest.mark.parametrize(
    ("columns", "numbers"),
    [
        (("a",), [[1.0]]),
        (("a", "b"), [[1.0, 2.0, 3.0]]),
        (("a", "b"), np.empty((0, 2))),
        (("a", "b"), [1.0, 2.0]),
    ],
)
def test_a_table_s_numbers_fit_its_columns(columns, numbers):
    with pytest.raises(CostModelError, match="must have two columns or more and one row or more"):
        LookupTable("t.csv", columns, np.array(numbers))


def test_a_table_is_finite_and_keeps_a_copy():
    with pytest.raises(CostModelError, match="finite"):
        LookupTable("t.csv", ("a", "b"), np.array([[1.0, math.nan]]))
    numbers = np.array([[1.0, 2.0]])
    made = LookupTable("t.csv", ("a", "b"), numbers)
    numbers[0, 1] = 99
    assert evaluate(parse("lookup(t, 1)"), {}, tables={"t": made}).item() == 2
    with pytest.raises(ValueError, match="read-only"):
        made.numbers[0, 0] = 1
