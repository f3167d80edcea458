"""Rates and probabilities in closed form, and a registry that says what is true."""

import keyword
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.formulas import FUNCTIONS, RESERVED, Domain, FormulaError, evaluate, parse

PROBABILITY = st.floats(0, 0.999999)
YEARS = st.floats(0.01, 100)


def value(text, **values):
    return evaluate(parse(text), values).item()


@given(rate=st.floats(0, 10), years=YEARS)
def test_rate_to_prob_closed_form(rate, years):
    assert value("rate_to_prob(r, t)", r=rate, t=years) == pytest.approx(
        1 - math.exp(-rate * years), abs=1e-15
    )


@given(rate=st.floats(1e-300, 1e-12))
def test_small_rates_keep_their_digits(rate):
    assert value("rate_to_prob(r)", r=rate) == pytest.approx(rate, rel=1e-11, abs=0)
    assert value("prob_to_rate(p)", p=rate) == pytest.approx(rate, rel=1e-11, abs=0)


@given(p=PROBABILITY, years=YEARS)
def test_prob_to_rate_and_back(p, years):
    assert value("rate_to_prob(prob_to_rate(p, t), t)", p=p, t=years) == pytest.approx(
        p, rel=1e-12, abs=1e-300
    )


@given(rate=st.floats(0, 5), years=st.floats(0.01, 3))
def test_rate_to_prob_and_back(rate, years):
    found = value("prob_to_rate(rate_to_prob(r, t), t)", r=rate, t=years)
    assert found == pytest.approx(rate, rel=1e-8, abs=1e-12)


@given(rate=st.floats(0, 5), one=YEARS, two=YEARS)
def test_surviving_two_spans_is_surviving_their_sum(rate, one, two):
    found = value("(1 - rate_to_prob(r, s)) * (1 - rate_to_prob(r, t))", r=rate, s=one, t=two)
    assert found == pytest.approx(1 - value("rate_to_prob(r, s + t)", r=rate, s=one, t=two), abs=1e-14)


@given(p=PROBABILITY, start=YEARS, end=YEARS)
def test_rescale_prob_closed_form(p, start, end):
    expected = 1 - (1 - p) ** (end / start)
    assert value("rescale_prob(p, s, t)", p=p, s=start, t=end) == pytest.approx(expected, rel=1e-9, abs=1e-11)


@given(p=st.floats(0, 0.9), start=st.floats(0.5, 2), end=st.floats(0.5, 2))
def test_rescale_prob_there_and_back(p, start, end):
    found = value("rescale_prob(rescale_prob(p, s, t), t, s)", p=p, s=start, t=end)
    assert 1 - found == pytest.approx(1 - p, rel=1e-9, abs=1e-14)


def test_rescale_prob_by_hand():
    assert value("rescale_prob(0.19, 2, 1)") == pytest.approx(0.1, rel=1e-14)
    assert value("rescale_prob(0.1, 1, 2)") == pytest.approx(0.19, rel=1e-14)
    assert value("rescale_prob(1, 1, 1 / 12)") == 1
    assert value("rescale_prob(0, 1, 1 / 12)") == 0


def test_defaults_are_one_year():
    assert value("rate_to_prob(0.3)") == value("rate_to_prob(0.3, 1)")
    assert value("prob_to_rate(0.3)") == value("prob_to_rate(0.3, 1)")
    assert value("rate_to_prob(0.3)") != value("rate_to_prob(0.3, 2)")


@given(p=st.floats(1e-6, 1 - 1e-6), ratio=st.floats(1e-3, 1e3))
def test_odds_ratio_multiplies_the_odds(p, ratio):
    after = value("odds_ratio(p, r)", p=p, r=ratio)
    assert after / (1 - after) == pytest.approx(ratio * p / (1 - p), rel=1e-6)


def test_odds_ratio_at_the_ends():
    assert value("odds_ratio(0, 5)") == 0
    assert value("odds_ratio(1, 0.2)") == 1
    assert value("odds_ratio(0.5, 3)") == 0.75
    assert value("odds_ratio(0.3, 1)") == pytest.approx(0.3)


def test_risk_ratio_is_the_product_up_to_one():
    assert value("risk_ratio(0.2, 1.5)") == pytest.approx(0.3)
    assert value("risk_ratio(0.5, 2)") == 1
    with pytest.raises(FormulaError, match="in \\[0, 1\\]"):
        value("risk_ratio(0.5, 2.000001)")


@pytest.mark.parametrize(
    ("call", "inside", "outside"),
    [
        ("rate_to_prob({})", [0, 3], [-0.001]),
        ("rate_to_prob(1, {})", [0, 3], [-0.001]),
        ("prob_to_rate({})", [0, 0.999], [-0.001, 1, 1.5]),
        ("prob_to_rate(0.5, {})", [0.1], [0, -1]),
        ("rescale_prob({}, 1, 2)", [0, 1], [-0.001, 1.001]),
        ("rescale_prob(0.5, {}, 2)", [0.1], [0, -1]),
        ("rescale_prob(0.5, 1, {})", [0.1], [0, -1]),
        ("odds_ratio({}, 2)", [0, 1], [-0.001, 1.001]),
        ("odds_ratio(0.5, {})", [0.001], [0, -1]),
        ("risk_ratio({}, 1)", [0, 1], [-0.001, 1.001]),
        ("risk_ratio(0.5, {})", [0, 2], [-0.001]),
        ("log({})", [1e-300], [0, -1]),
        ("sqrt({})", [0, 4], [-1e-300]),
        ("exp({})", [709, -1e300], [710]),
    ],
)
def test_arguments_are_held_to_their_bounds(call, inside, outside):
    for argument in inside:
        assert math.isfinite(value(call.format(argument)))
    for argument in outside:
        with pytest.raises(FormulaError, match=call.split("(")[0]):
            value(call.format(argument))
        mixed = np.array([inside[0], argument], dtype=float).reshape(2, 1, 1)
        with pytest.raises(FormulaError, match=r"1 of 2 elements, first at draw 1"):
            evaluate(parse(call.format("x")), {"x": mixed})
        guarded = evaluate(parse(f"{call.format('x')} if x == {inside[0]} else 7"), {"x": mixed})
        assert guarded[1].item() == 7


@pytest.mark.parametrize("name", FUNCTIONS)
def test_registry_says_how_each_function_is_called(name):
    function = FUNCTIONS[name]
    assert function.name == name
    assert function.signature.startswith(f"{name}(")
    assert function.summary.endswith(".")
    filled = ", ".join(["0.5"] * function.fewest)
    if function.implementation is None:
        assert parse(f"{name}(life, 0.5)").tables == {"life"}
    else:
        assert math.isfinite(value(f"{name}({filled})"))
    for wrong in {function.fewest - 1, (function.most or -2) + 1} - {-1}:
        with pytest.raises(FormulaError, match=f"must give {name} "):
            parse(f"{name}({', '.join(['a'] * wrong)})")


def test_registry_holds_the_functions_of_the_language():
    assert set(FUNCTIONS) == {
        *("min", "max", "exp", "log", "sqrt", "abs", "floor", "ceil", "round"),
        *("rate_to_prob", "prob_to_rate", "rescale_prob", "odds_ratio", "risk_ratio"),
        *("lookup", "step", "interpolate"),
    }


def test_reserved_names_cannot_be_variables():
    assert set(FUNCTIONS) | set(keyword.kwlist) == RESERVED
    for name in RESERVED - {"True", "False"}:
        with pytest.raises(FormulaError):
            parse(f"{name} * 2")


def test_domain_tells_what_lies_outside():
    values = np.array([-1.0, 0.0, 0.5, 1.0, np.nan])
    assert Domain(0, 1).outside(values).tolist() == [True, False, False, False, True]
    assert Domain(0, 1, open_low=True, open_high=True).outside(values).tolist() == [
        True,
        True,
        False,
        True,
        True,
    ]
    assert Domain(0, 1).outside(values[1:4]) is None
    assert Domain().outside(values) is None
