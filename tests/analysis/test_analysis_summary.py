"""Means and intervals, ratios' intervals, equivalence: closed forms, hand-computed values, and words."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from psa import outcomes
from scipy.stats import norm

from costmodel import CostModelError, read_study
from costmodel.analysis import cost_minimisation, equivalence, icer_interval, summarise, two_one_sided
from costmodel.analysis.ratio_interval import fieller_region


def two(cost, effect):
    """Return outcomes of a comparator of zeros and a strategy with these differences."""
    return outcomes([np.zeros(len(cost)), cost], [np.zeros(len(cost)), effect])


def test_a_summary_by_hand():
    # costs 1, 3, 5 and effects 1, 1, 4: means 3 and 2, sd 2 and sqrt(3), each over sqrt(3).
    # net benefit at 10: 9, 7, 35: mean 17.
    table = summarise(two([1, 3, 5], [1, 1, 4]), wtp=10, level=0.5)
    rows = table[table["compared_with"] == "a"].set_index("quantity")
    assert rows["mean"].tolist() == pytest.approx([3, 2, 17])
    assert rows.loc[["cost", "effect"], "se"].tolist() == pytest.approx([2 / math.sqrt(3), 1.0])
    assert rows.loc["cost", ["low", "high"]].tolist() == [2, 4]
    assert len(table) == 3 * (2 + 1)


def test_a_summary_of_every_segment_and_perspective_weighs_up_to_the_whole():
    found = read_study("clonazepam-us-prices").run(n=200)
    table = summarise(found)
    assert set(table["segment"]) == {"all segments", *found.segments}
    rows = table.query(
        "quantity == 'cost' and name == 'payer' and strategy == 'generic' and compared_with == ''"
    )
    assert rows.iloc[0]["mean"] == pytest.approx(found.cost("payer").mean(axis=1)[2])
    for segment, row in rows.set_index("segment").iloc[1:].iterrows():
        assert row["mean"] == pytest.approx(found.cost("payer", segment=segment).mean(axis=1)[2])


def test_what_both_share_cancels_in_a_difference():
    shared = np.random.default_rng(1).normal(0, 100, 500)
    table = summarise(outcomes([shared, shared + 1], np.zeros((2, 500))))
    row = table.query("quantity == 'cost' and compared_with == 'a'").iloc[0]
    assert row["mean"] == pytest.approx(1)
    assert row["se"] < 1e-10


def test_draws_in_one_quadrant_have_a_percentile_interval():
    found = icer_interval(two([10, 20, 30], [1, 1, 1]), "b", perspective="total", level=0.5)
    assert (found.method, found.low, found.high, found.ratio) == ("percentile", 15, 25, 20)
    forgone = icer_interval(two([-10, -20, -30], [-1, -1, -1]), "b", perspective="total", level=0.5)
    assert (forgone.low, forgone.high) == (15, 25)
    assert forgone.words == "15 to 25 saved per QALY forgone"


@pytest.mark.parametrize(
    ("cost", "effect", "reason"),
    [
        ([-1, -2], [1, 2], "dominant in every draw"),
        ([1, 2], [-1, -2], "dominated in every draw"),
        ([1, -2], [0, 0], "cost-minimisation"),
    ],
)
def test_where_no_ratio_is_needed_the_reason_stands(cost, effect, reason):
    found = icer_interval(two(cost, effect), "b", perspective="total")
    assert (found.method, found.low, found.high, found.ratio) == ("none", None, None, None)
    assert reason in found.reason


def test_fieller_by_hand():
    # z^2 = 3.8415; effect 2, var 0.25: a = 3.040; cost 10, var 4: c = 84.634; no covariance: b = 20.
    z2 = norm.ppf(0.975) ** 2
    a, b, c = 4 - z2 * 0.25, 20.0, 100 - z2 * 4
    root = math.sqrt(b * b - a * c)
    assert fieller_region((10.0, 2.0), np.diag([4.0, 0.25]), 0.95) == (
        (pytest.approx((b - root) / a), pytest.approx((b + root) / a)),
    )


def test_fieller_without_bounds_is_told_in_words():
    x = np.random.default_rng(2).normal(size=(2, 4000))
    nothing = icer_interval(two(x[0], x[1]), "b", perspective="total")
    assert nothing.region == ((0.0, None),)
    assert nothing.words.startswith("the decision is open at every willingness to pay")
    some = icer_interval(two(1000 + 100 * x[0], 0.1 + 0.2 * x[1]), "b", perspective="total")
    assert some.method == "fieller"
    assert some.region[-1][1] is None
    assert "up per QALY" in some.words
    assert some.low is None


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.1, 3), st.floats(0.1, 3), st.floats(-0.9, 0.9))
def test_fiellers_region_is_where_net_benefit_may_be_nought(cost, effect, sc, se, rho):
    covariance = np.array([[sc**2, rho * sc * se], [rho * sc * se, se**2]])
    region = fieller_region((cost, effect), covariance, 0.95)
    for wtp in np.linspace(0.013, 40, 37):
        net = wtp * effect - cost
        sd = math.sqrt(covariance[0, 0] - 2 * wtp * covariance[0, 1] + wtp**2 * covariance[1, 1])
        score = abs(net) / sd
        if abs(score - 1.959964) > 1e-3:
            inside = any(low <= wtp and (high is None or wtp <= high) for low, high in region)
            assert inside == (score < 1.959964)


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(-2, 2)), min_size=2, max_size=20))
@example([(1.0, 1.0), (1.0, 2.225073858507203e-309)])
@example([(1.0, 0.0), (1.0, 2.225073858507203e-309)])
def test_limits_of_a_ratio_are_positive_and_finite_or_absent(pairs):
    found = icer_interval(two(*zip(*pairs, strict=True)), "b", perspective="total")
    for value in (found.low, found.high, found.ratio):
        assert value is None or (0 <= value < math.inf)
    assert found.reason
    assert not {"nan", "inf", "-inf"} & set(found.words.split())


def test_two_one_sided_tests_by_hand():
    # (0.5 + 2) / 1 = 2.5 and (0.5 - 2) / 1 = -1.5: the larger p is Phi(-1.5) = 0.0668.
    found = two_one_sided(0.5, 1.0, margin=2.0)
    assert found.p_value == pytest.approx(norm.cdf(-1.5))
    assert not found.equivalent
    assert found.verdict == "equivalence not shown"
    assert two_one_sided(0.5, 1.0, margin=2.2).equivalent  # Phi(-1.7) = 0.0446
    assert two_one_sided(0.5, 1.0, margin=2.2, df=5).p_value > 0.05  # t is wider


@given(st.floats(-3, 3), st.floats(0.1, 2), st.floats(0.1, 4))
def test_the_tests_and_their_interval_agree(difference, se, margin):
    found = two_one_sided(difference, se, margin=margin)
    inside = -margin < found.low and found.high < margin
    if abs((found.p_value or 0) - 0.05) > 1e-9:
        assert found.equivalent == inside
    assert "equal" not in found.words.replace("equivalen", "")


def test_equivalence_over_draws_is_the_share_within_the_margin():
    found = equivalence(two(np.zeros(100), np.linspace(-1, 1, 100)), "b", margin=0.5)
    assert found.probability == 0.5
    assert found.verdict == "equivalence not shown"
    wide = equivalence(two(np.zeros(100), np.linspace(-1, 1, 100)), "b", margin=1.1)
    assert wide.verdict == "equivalent within ±1.1"


def test_cost_minimisation_says_what_was_assumed_and_what_was_not_shown():
    found = read_study("clonazepam-us-prices").run(n=500)
    saved = cost_minimisation(found, "generic", perspective="payer", effect="treatment_years", margin=0.01)
    assert "by assumption" in saved.words
    assert "nothing was tested" in saved.words
    assert saved.cost < 0
    assert saved.probability_saves == 1
    doubtful = cost_minimisation(two([-5, -6], [-1, 1]), "b", perspective="total", margin=0.5)
    assert doubtful.words.endswith("costs alone do not decide: weigh effects too")
    assert doubtful.words.startswith("b saves 5.50 per person")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda _: summarise(outcomes([[1.0]], [[1.0]])), "have one draw"),
        (lambda one: summarise(one, level=1.0), "level"),
        (lambda one: icer_interval(one, "a", perspective="total"), "cannot be compared with itself"),
        (lambda one: icer_interval(one, "c", perspective="total"), "strategy"),
        (lambda one: equivalence(one, "b", margin=0), "equivalence margin"),
        (lambda one: equivalence(one, "a", margin=1), "cannot be compared with itself"),
        (lambda _: two_one_sided(0, 0, margin=1), "standard error"),
    ],
)
def test_bad_questions_are_refused(call, words):
    with pytest.raises(CostModelError, match=words):
        call(two([1.0, 2.0], [1.0, 2.0]))
