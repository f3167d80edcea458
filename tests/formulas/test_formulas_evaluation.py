"""Every element is what Python computes for it alone; the oracle is Python's own ``eval``."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.formulas import FormulaError, LookupTable, constant, evaluate, parse


class NotRealError(ArithmeticError):
    """A power is complex."""


class Real(float):
    """A Python float whose results are floats: what is complex or of huge whole numbers is refused."""

    def __add__(self, other):
        return Real(float.__add__(self, other))

    def __sub__(self, other):
        return Real(float.__sub__(self, other))

    def __mul__(self, other):
        return Real(float.__mul__(self, other))

    def __truediv__(self, other):
        return Real(float.__truediv__(self, other))

    def __neg__(self):
        return Real(float.__neg__(self))

    def __pos__(self):
        return self

    def __pow__(self, other):
        value = float.__pow__(self, other)
        if isinstance(value, complex):
            raise NotRealError
        return same_to_the_last_digits(np.power, value, float(self), float(other))


def same_to_the_last_digits(function, value, *arguments):
    """Return NumPy's value, which may differ from the C library's in the last digit and no more."""
    with np.errstate(all="ignore"):
        ours = float(function(*arguments))
    assert math.isclose(ours, value, rel_tol=1e-14) or (math.isnan(ours) and math.isnan(value))
    return Real(ours)


def refuse_nan(function):
    def refusing(x):
        if math.isnan(x):
            raise ValueError("not a number")
        return Real(function(x))

    return refusing


def least(*values):
    return Real(math.nan) if any(map(math.isnan, values)) else min(values)


def greatest(*values):
    return Real(math.nan) if any(map(math.isnan, values)) else max(values)


PYTHON = {
    "__builtins__": {},
    "R": Real,
    "min": least,
    "max": greatest,
    "exp": lambda x: same_to_the_last_digits(np.exp, math.exp(x), float(x)),
    "log": refuse_nan(lambda x: same_to_the_last_digits(np.log, math.log(x), float(x))),
    "sqrt": refuse_nan(math.sqrt),
    "abs": lambda x: Real(abs(x)),
    "floor": lambda x: Real(math.floor(x)),
    "ceil": lambda x: Real(math.ceil(x)),
    "round": lambda x: Real(round(x)),
}


def python_value(code, values):
    """Return what Python computes, or None where it raises or gives no finite number."""
    try:
        value = eval(code, PYTHON, {name: Real(value) for name, value in values.items()})
    except (ArithmeticError, ValueError):
        return None
    return float(value) if math.isfinite(value) else None


LITERALS = ["0", "1", "2", "3", "0.5", "1e-3", "10", "710", "999", "True", "False"]
LEAVES = st.sampled_from(
    [(name, name) for name in "abc"] * 4 + [(literal, f"R({literal})") for literal in LITERALS]
)


def both(pattern, *parts):
    """Fill one pattern with our texts and with Python's."""
    return tuple(pattern.format(*(part[side] for part in parts)) for side in (0, 1))


SYMBOLS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
PATTERNS = {
    "binary": st.sampled_from(["+", "-", "*", "/", "**"]).map(lambda sign: f"{{}} {sign} {{}}"),
    "sign": st.sampled_from(["-{}", "+{}"]),
    "logic": st.sampled_from(
        ["{} and {}", "{} or {}", "{} or {} and {}", "{} and {} and {}", "{} or {} or {}"]
    ),
    "if": st.just("({}) if ({}) else {}"),
    "one": st.sampled_from(
        [f"{name}({{}})" for name in ("exp", "log", "sqrt", "abs", "floor", "ceil", "round")]
    ),
    "many": st.sampled_from(["min({}, {})", "max({}, {})", "max({}, {}, {})", "min({}, {}, {})"]),
    "compare": st.one_of(
        SYMBOLS.map(lambda symbol: f"{{}} {symbol} {{}}"),
        st.tuples(SYMBOLS, SYMBOLS).map(lambda pair: f"{{}} {pair[0]} {{}} {pair[1]} {{}}"),
    ),
    "not": st.just("not {}"),
}
KINDS = st.sampled_from(["binary"] * 4 + ["logic", "if", "compare"] * 2 + ["sign", "one", "many", "not"])


@st.composite
def texts(draw, depth=4):
    """Draw a text for us and for Python, with no more brackets than chance puts there."""
    if depth == 0 or draw(st.integers(0, 5)) == 5:
        return draw(LEAVES)
    kind = draw(KINDS)
    pattern = draw(PATTERNS[kind])
    parts = [draw(texts(depth - 1)) for _ in range(pattern.count("{}"))]
    ours, python = both(pattern, *parts)
    if kind in ("compare", "not"):
        return f"({ours})", f"R({python})"
    return (f"({ours})", f"({python})") if draw(st.booleans()) else (ours, python)


NUMBERS = st.sampled_from(
    [0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 7.25, 1e-3, -0.0, 100.0, 1e200, -1e200, 1.5e308]
) | st.floats(-10, 10)


@st.composite
def arrays(draw):
    """Draw a number, or an array along any of the three axes."""
    if draw(st.integers(0, 2)) == 0:
        return draw(NUMBERS)
    shape = tuple(draw(st.sampled_from([1, length])) for length in (3, 2, 2))
    size = math.prod(shape)
    return np.array(draw(st.lists(NUMBERS, min_size=size, max_size=size))).reshape(shape)


def by_element(python, values):
    """Return Python's value for every element, or None where one has none."""
    shape = np.broadcast_shapes((1, 1, 1), *(np.shape(value) for value in values.values()))
    spread = {name: np.broadcast_to(value, shape) for name, value in values.items()}
    code = compile(python, "oracle", "eval")
    found = [
        python_value(code, {name: array[index] for name, array in spread.items()})
        for index in np.ndindex(shape)
    ]
    return None if None in found else np.array(found).reshape(shape)


@settings(max_examples=200, deadline=None)
@given(pair=texts(), a=arrays(), b=arrays(), c=arrays())
def test_every_element_is_what_python_computes(pair, a, b, c):
    ours, python = pair
    expression = parse(ours)
    values = {name: value for name, value in zip("abc", (a, b, c), strict=True) if name in expression.names}
    before = {name: np.copy(value) for name, value in values.items()}
    expected = by_element(python, values)
    if expected is None:
        with pytest.raises(FormulaError):
            evaluate(expression, values)
    else:
        result = evaluate(expression, values)
        assert result.dtype == np.float64
        assert result.ndim == 3
        np.testing.assert_array_equal(np.broadcast_to(result, expected.shape), expected)
    for name, value in before.items():
        np.testing.assert_array_equal(values[name], value)


@settings(max_examples=80, deadline=None)
@given(pair=texts(), a=arrays(), b=arrays(), c=arrays())
def test_broadcasting_changes_nothing(pair, a, b, c):
    """Arrays written out in full give what short axes give, errors included."""
    expression = parse(pair[0])
    given_values = dict(zip("abc", (a, b, c), strict=True))
    shape = np.broadcast_shapes((1, 1, 1), *(np.shape(value) for value in given_values.values()))
    in_full = {name: np.broadcast_to(value, shape).copy() for name, value in given_values.items()}
    try:
        expected = evaluate(expression, in_full)
    except FormulaError:
        with pytest.raises(FormulaError):
            evaluate(expression, given_values)
    else:
        found = evaluate(expression, given_values)
        np.testing.assert_array_equal(np.broadcast_to(found, shape), np.broadcast_to(expected, shape))


def value(text, **values):
    return evaluate(parse(text), values)


def along(axis, *numbers):
    return np.array(numbers, dtype=float).reshape([-1 if position == axis else 1 for position in range(3)])


def message(text, **values):
    with pytest.raises(FormulaError) as caught:
        evaluate(parse(text, name="cost"), values, name="cost")
    assert caught.value.name == "cost"
    assert caught.value.text == text
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3 * 4 - 6 / 4", 12.5),
        ("-2 ** 2", -4.0),
        ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512.0),
        ("(-8) ** 3", -512.0),
        ("1 < 2 < 3", 1.0),
        ("1 < 3 < 2", 0.0),
        ("3 > 2 == 2 != 1", 1.0),
        ("(1 < 2) + (3 < 4)", 2.0),
        ("not 0", 1.0),
        ("not 0.5", 0.0),
        ("3 and 5", 5.0),
        ("0 and 1 / 0", 0.0),
        ("0 or 7 or 1 / 0", 7.0),
        ("4 if 2 > 1 else 1 / 0", 4.0),
        ("True + True", 2.0),
        ("round(0.5) + round(1.5) + round(2.5)", 4.0),
        ("floor(-1.5) * 10 + ceil(-1.5)", -21.0),
        ("min(3, 1, 2) + max(3, 1, 2)", 4.0),
        ("abs(-3) + sqrt(16) + exp(0) + log(1)", 8.0),
        ("1e308 * 10 > 5", 1.0),
    ],
)
def test_python_s_precedence_and_values(text, expected):
    result = value(text)
    assert result.shape == (1, 1, 1)
    assert result.item() == expected


def test_shape_is_that_of_the_variables_used():
    draws, cycles = along(0, 1, 2, 3), along(2, 1, 2)
    assert value("a + 1", a=draws, b=cycles).shape == (3, 1, 1)
    assert value("a * b", a=draws, b=cycles).shape == (3, 1, 2)
    assert value("a * b", a=2.0, b=3).shape == (1, 1, 1)
    assert value("a if a > 2 else 0 * b", a=draws, b=cycles).shape == (3, 1, 2)
    assert value("a if 1 > 2 else b", a=draws, b=cycles).shape == (1, 1, 2)


def test_result_cannot_be_written_to_and_inputs_stay():
    draws = along(0, 1, 2, 3)
    result = value("a", a=draws)
    with pytest.raises(ValueError, match="read-only"):
        result += 1
    draws += 1
    assert draws.ravel().tolist() == [2, 3, 4]
    assert not value("a + 1", a=draws).flags.writeable


def test_intermediate_arrays_are_used_again_without_mixing_them_up():
    a, b, c = (np.random.default_rng(seed).random((50, 2, 7)) for seed in range(3))
    found = value("(a + b) * (a - b) / (a * b + c) - (a + 1) + 2 * c * (b - (c - a))", a=a, b=b, c=c)
    expected = (a + b) * (a - b) / (a * b + c) - (a + 1) + 2 * c * (b - (c - a))
    np.testing.assert_array_equal(found, expected)
    found = value(
        "(1 - a) / along_draws - along_cycles * (2 - b)",
        a=a,
        b=b,
        along_draws=c[:, :1, :1] + 1,
        along_cycles=c[:1, :1],
    )
    np.testing.assert_array_equal(found, (1 - a) / (c[:, :1, :1] + 1) - c[:1, :1] * (2 - b))


@pytest.mark.parametrize(
    "text",
    [
        "1 / a if a != 0 else 9",
        "9 if a == 0 else 1 / a",
        "9 if not a else 1 / a",
        "a and 1 / a or 9",
        "(a == 0) * 9 or 1 / a",
        "1 / a if a and 1 / a > 0 else 9",
        "9 if a == 0 or 1 / a < 0 else 1 / a",
        "1 / a if 0 < a < 1 / a + 9 else 9",
        "1 / a if 0 != a != 1 / (a - 2) else 9",
        "a ** -1 if a > 0 else 9",
        "exp(log(1 / a)) if a else 9",
        "(sqrt(1 / a) if a else 9) ** (2 if a else 1)",
        "9 if a == 0 else (1 / a if b > 0 else 7)",
    ],
)
def test_a_branch_that_is_not_taken_cannot_fail(text):
    found = value(text, a=along(0, 0, 1, 4), b=along(2, 1, 1))
    np.testing.assert_allclose(found[:, 0, 0], [9, 1, 0.25], rtol=1e-15)


@pytest.mark.parametrize(
    "text",
    ["1 / a if a >= 0 else 9", "a or 1 / a", "1 / a if b > 0 else 9", "0 <= a < 1 / a", "a + 9 and 1 / a"],
)
def test_a_branch_that_is_taken_fails(text):
    assert "divisor must not be 0" in message(text, a=along(0, 0, 1, 4), b=along(2, 0, 1))


def test_error_counts_the_elements_and_shows_the_first():
    text = message("cost / (packs - 1)", cost=along(0, *range(5)), packs=along(2, 5, 4, 3, 1, 2, 1))
    assert "formula 'cost'" in text
    assert '"cost / (packs - 1)"' in text
    assert "packs - 1 = 0 in 2 of 6 elements, first at cycle 3 (counted from 0)" in text
    assert "a / b if b != 0 else 0" in text


def test_error_counts_active_elements_only():
    values = {"a": along(0, 0, 0, 1), "b": along(1, 1, 2, 3, 4)}
    assert "in 4 of 12 elements, first at draw 0, segment 2" in message("1 / a if b > 2 else 0", **values)
    assert "first at draw 1, segment 0" in message("log(a * b - 2)", a=along(0, 3, 1), b=along(1, 1, 2))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a / 0", "a divisor must not be 0"),
        ("a ** -1", "0 must not be raised to a negative power"),
        ("(a - 1) ** 0.5", "a negative number must be raised to a whole power only; found a - 1 = -1"),
        ("(a + 10) ** 309", "a power must not be too large for a number; found a + 10 = 10"),
        ("(a - 10) ** 309", "a power must not be too large for a number; found a - 10 = -10"),
        ("9 ** 9 ** 9 ** 9", "a power must not be too large"),
        ("exp(a + 710)", "exp(x) must not be too large for a number; found a + 710 = 710"),
        ("log(a)", "'x' of log(x) must be above 0; found a = 0"),
        ("sqrt(a - 2)", "'x' of sqrt(x) must be at least 0; found a - 2 = -2"),
        ("floor(1e308 * 10)", "must be finite; found 1e308 * 10 = inf"),
        ("1e308 * 10 + a", "the result must be finite; found the result = inf"),
        ("1e308 * 10 - 1e308 * 10", "the result must be finite; found the result = nan"),
        ("rate_to_prob(a - 1)", "'rate' of rate_to_prob(rate, years=1) must be at least 0"),
        ("prob_to_rate(a + 1)", "'p' of prob_to_rate(p, years=1) must be in [0, 1); found a + 1 = 1"),
        ("rescale_prob(0.5, a, 1)", "'from_years' of rescale_prob(p, from_years, to_years) must be above 0"),
        ("odds_ratio(2 + a, 1)", "'p' of odds_ratio(p, or) must be in [0, 1]; found 2 + a = 2"),
        ("risk_ratio(0.6, a + 2)", "risk_ratio(p, rr) must be in [0, 1]; found risk_ratio(0.6, a + 2) = 1.2"),
    ],
)
def test_what_python_refuses_is_an_error_with_the_rule(text, words):
    assert words in message(text, a=0.0)


def test_missing_variable_names_the_nearest():
    assert "did you mean 'price_brand'?" in message("price_bland * 2", price_brand=1.0)
    assert "~" not in message("x", **{"price~table": 1.0})


def test_shapes_that_do_not_fit_are_named():
    assert "a (2, 1, 1), b (3, 1, 1)" in message("a + b", a=along(0, 1, 2), b=along(0, 1, 2, 3))
    assert "'a' of shape (4,)" in message("a + 1", a=np.ones(4))
    assert "'a' of shape (0, 1, 1)" in message("a + 1", a=np.ones((0, 1, 1)))


def test_a_variable_of_an_unused_branch_must_still_have_a_value():
    assert "none for 'b'" in message("1 if 2 > 1 else b")


def test_a_nan_among_the_values_never_comes_out():
    assert "the result = nan in 1 of 2 elements, first at draw 1" in message(
        "min(a, 1)", a=along(0, 1, np.nan)
    )
    assert "'x' of log(x)" in message("1 if log(a) > 0 else 2", a=np.nan)


def test_error_can_cross_processes():
    with pytest.raises(FormulaError) as caught:
        value("1 / a", a=0)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert (again.rule, again.found, again.remedy) == (
        "a divisor must not be 0",
        "a = 0",
        caught.value.remedy,
    )


def test_large_arrays_fail_for_one_bad_element():
    a = np.ones((1000, 3, 40))
    a[700, 2, 30] = 0
    assert "in 1 of 120,000 elements, first at draw 700, segment 2, cycle 30" in message("1 / a", a=a)
    assert value("1 / a if a else 5", a=a)[700, 2, 30] == 5


def test_constant_has_its_value():
    assert evaluate(constant(-0.25), {}).item() == -0.25


def test_missing_table_is_an_error():
    table = LookupTable("life.csv", ("age", "q"), np.array([[0.0, 0.1]]))
    with pytest.raises(FormulaError, match="did you mean 'life'"):
        evaluate(parse("lookup(lifes, 0)"), {}, tables={"life": table})
