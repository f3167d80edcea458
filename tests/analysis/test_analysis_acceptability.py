"""Acceptability and expected loss: by hand, against the slow way, ties, and perfect information."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from costmodel import CostModelError
from costmodel.analysis import acceptability, evpi, net_benefit
from costmodel.analysis.switching import best_over_grid
from costmodel.model import outcomes_from_table

TEN_DRAWS = [
    (405726, 412252, 484698), (400762, 505159, 484223), (400002, 494164, 509141), (401576, 469362, 486300),
    (406327, 321313, 475207), (405765, 472386, 494958), (417981, 490431, 478320), (397519, 479065, 425354),
    (404348, 428433, 410789), (399232, 459246, 460238),
]  # fmt: skip


def psa(cost, effect, names="abcdefgh"):
    rows = [
        {"draw": draw, "strategy": names[row], "cost": cost[row][draw], "qaly": effect[row][draw]}
        for row in range(len(cost))
        for draw in range(len(cost[0]))
    ]
    return outcomes_from_table(pd.DataFrame(rows), currency="USD", price_year=2026, comparator=names[0])


def test_ten_printed_draws_of_hesims_vignette():
    value = np.array(TEN_DRAWS, dtype=float).T
    outcomes = psa(50_000 * value / 50_000 * 0, value / 50_000)
    table = acceptability(outcomes, 50_000, perspective="total").set_index("strategy")
    assert table["probability"].tolist() == [0, 0.4, 0.6]
    assert table["net_benefit"].tolist() == pytest.approx([403923.8, 453181.1, 470922.8])
    assert table["optimal"].tolist() == [False, False, True]
    assert evpi(outcomes, 50_000, perspective="total")[0] == pytest.approx(10440.2)
    assert table["expected_loss"].min() == pytest.approx(10440.2)


def test_net_benefit_by_hand():
    outcomes = psa([[100.0, 200.0], [50.0, 400.0]], [[1.0, 2.0], [0.5, 3.0]])
    money = net_benefit(outcomes, 150, perspective="total")
    assert money.tolist() == [[50, 100], [25, 50]]
    health = net_benefit(outcomes, 150, perspective="total", kind="health")
    assert health.ravel() == pytest.approx(money.ravel() / 150)


whole = st.integers(0, 6).map(float)


@given(st.integers(1, 4).flatmap(lambda s: st.tuples(*[arrays(float, (s, 7), elements=whole)] * 2)))
def test_the_sorted_draws_agree_with_evaluating_every_point(sides):
    cost, effect = sides
    grid = np.array([0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 7.0])
    found = best_over_grid(cost, effect, grid)
    for place, wtp in enumerate(grid):
        value = wtp * effect - cost
        assert (
            found.counts[:, place].tolist() == np.bincount(value.argmax(axis=0), minlength=len(cost)).tolist()
        )
        assert found.perfect[place] == pytest.approx(value.max(axis=0).mean(), abs=1e-9)
        assert found.net_benefit[:, place] == pytest.approx(value.mean(axis=1), abs=1e-9)


number = st.floats(-1e4, 1e4)


@given(arrays(float, (3, 20), elements=number), arrays(float, (3, 20), elements=number))
def test_probabilities_sum_to_one_and_losses_are_never_negative(cost, effect):
    outcomes = psa(cost, effect)
    grid = [0.0, 1.0, 10.0, 1e3]
    table = acceptability(outcomes, grid, perspective="total")
    assert table.groupby("wtp")["probability"].sum().to_numpy() == pytest.approx(1)
    scale = 1 + np.abs(table["net_benefit"]).max()
    assert (table["expected_loss"] >= -1e-9 * scale).all()
    least = table.groupby("wtp")["expected_loss"].min().to_numpy()
    assert evpi(outcomes, grid, perspective="total") == pytest.approx(np.maximum(least, 0), abs=1e-9 * scale)
    assert table.groupby("wtp")["optimal"].sum().tolist() == [1] * 4
    turned = acceptability(psa(cost[::-1], effect[::-1], "cba"), grid, perspective="total")
    assert turned.groupby("wtp")["expected_loss"].min().to_numpy() == pytest.approx(least, abs=1e-9 * scale)


def test_a_point_at_which_rounding_lets_each_lose_to_another_still_has_a_best_strategy():
    """At 1 a unit, 0 loses to 2 by its cost of 3e-227; 1 ties with both, one of which rounding hides."""
    table = acceptability(
        psa([[3.3e-227], [1.0], [0.0]], [[0.0], [1.0], [0.0]]), [0.0, 1.0, 2.0], perspective="total"
    )
    assert table.groupby("wtp")["probability"].sum().tolist() == [1, 1, 1]
    assert table[table["probability"] == 1]["strategy"].tolist() == ["c", "b", "b"]


def test_of_equal_strategies_the_first_counts():
    table = acceptability(psa([[1.0, 1.0]] * 2, [[1.0, 1.0]] * 2), [0, 5], perspective="total")
    assert table["probability"].tolist() == [1, 0, 1, 0]
    assert (evpi(psa([[1.0]] * 2, [[1.0]] * 2), [0, 5], perspective="total") == 0).all()


def test_a_higher_price_is_less_often_best():
    rng = np.random.default_rng(0)
    cost, effect = rng.gamma(4, 100, (2, 500)), rng.normal(1, 0.3, (2, 500))
    before, after = (
        acceptability(psa(cost + np.array([[0], [more]]), effect), 500, perspective="total")[
            "probability"
        ].iloc[1]
        for more in (0, 100)
    )
    assert after < before


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda o: acceptability(o, [10, 5], perspective="total"), "each value above the one before"),
        (lambda o: acceptability(o, [-1], perspective="total"), "at least 0"),
        (lambda o: acceptability(o, [], perspective="total"), "at least 0"),
        (lambda o: evpi(o, 10, perspective="totl"), "did you mean 'total'"),
        (lambda o: evpi(o, 10, perspective="total", effect="qualy"), "did you mean 'qaly'"),
        (lambda o: net_benefit(o, 0, perspective="total", kind="health"), "willingness to pay must lie in"),
        (lambda o: net_benefit(o, 0, perspective="total", kind="money"), "'money' is unknown"),
    ],
)
def test_bad_questions_are_refused(call, words):
    with pytest.raises(CostModelError, match=words):
        call(psa([[1.0, 2.0], [2.0, 1.0]], [[1.0, 1.0], [1.0, 2.0]]))
