"""Increments: every quadrant in words, the probes that other tools get wrong, signs and ties."""

import math
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from costmodel.analysis import incremental, judge
from costmodel.model import evaluate
from costmodel.model.examples import two_prices, two_prices_draws

amounts = st.floats(-1e9, 1e9, allow_nan=False)


@pytest.mark.parametrize(
    ("cost", "effect", "label", "ratio", "words"),
    [
        ((5000, 10000), (9.75, 10), "saved per unit forgone", 20000, "20,000 saved per QALY forgone"),
        ((12000, 10000), (10.1, 10), "cost per unit gained", 20000, "20,000 per QALY gained"),
        ((14, 1555), (1, 1), "equal effects: cost-minimisation", None, "saves 1,541.00 at equal effects"),
        (
            (1555, 14),
            (1, 1),
            "equal effects: cost-minimisation",
            None,
            "costs 1,541.00 more at equal effects",
        ),
        ((14, 1555), (1 + 1e-17, 1), "equal effects: cost-minimisation", None, "cost-minimisation"),
        ((14, 1555), (0.1 + 0.2, 0.3), "equal effects: cost-minimisation", None, "cost-minimisation"),
        ((5, 10), (2, 1), "dominant", None, "dominant"),
        ((10, 5), (1, 2), "dominated", None, "dominated"),
        ((10, 10), (2, 1), "dominant", None, "equal cost"),
        ((10, 10), (1, 2), "dominated", None, "equal cost"),
        ((10, 10), (1, 1), "equal", None, "equal"),
        ((0, 0), (0, 0), "equal", None, "equal"),
    ],
)
def test_each_case_by_hand(cost, effect, label, ratio, words):
    found = judge(cost, effect, unit="QALY")
    assert found[0] == label
    assert found[1] == (None if ratio is None else pytest.approx(ratio))
    assert words in found[2]


@given(amounts, amounts, amounts, amounts)
def test_a_ratio_is_never_negative_nan_or_infinite(a, b, c, d):
    _, ratio, words = judge((a, b), (c, d))
    assert ratio is None or (ratio > 0 and math.isfinite(ratio))
    assert not re.search(r"\b(nan|inf)\b", words)


@given(amounts, amounts, amounts, amounts)
def test_swapping_the_two_turns_the_label(a, b, c, d):
    turned = {
        "dominant": "dominated",
        "dominated": "dominant",
        "cost per unit gained": "saved per unit forgone",
        "saved per unit forgone": "cost per unit gained",
    }
    label, ratio, _ = judge((a, b), (c, d))
    swapped, same, _ = judge((b, a), (d, c))
    assert swapped == turned.get(label, label)
    assert same == (None if ratio is None else pytest.approx(ratio))


@given(amounts, amounts, amounts, amounts, st.floats(0.01, 100))
def test_the_label_does_not_depend_on_the_unit_of_money(a, b, c, d, factor):
    # 1e-290 counts as none in any unit, so that no ratio overflows: no money comes near it
    assume(abs(a - b) > max(1e-6 * max(abs(a), abs(b)), 1e-287) or a == b)
    assert judge((a * factor, b * factor), (c, d))[0] == judge((a, b), (c, d))[0]


def test_the_table_names_comparator_and_perspective():
    table = incremental(evaluate(two_prices(), two_prices_draws()))
    assert table[["strategy", "comparator", "perspective"]].to_numpy().tolist() == [
        ["generic", "brand", "payer"]
    ]
    assert table["cost"].tolist() == [-300]


def test_a_tiny_gain_is_written_without_an_exponent():
    assert judge((10, 16), (3.6000214, 3.6), unit="QALY")[2] == "saves 6 and gains 0.0000214 QALY: dominant"
    assert judge((10, 16), (1e9, 3.6e9), unit="visit")[2].startswith(
        "saves 6 and forgoes 2,600,000,000 visit"
    )
