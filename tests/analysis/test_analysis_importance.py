"""Regression-based importance: closed forms, SciPy's regression, doubts, and the words of every refusal."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import linregress, pearsonr, spearmanr

from costmodel import CostModelError, read_study
from costmodel.analysis import Question, importance, one_way, own_ranges, sobol_indices
from costmodel.model import evaluate

RNG = np.random.default_rng(20)
X = pd.DataFrame(RNG.normal(size=(400, 3)) * [1, 5, 0.1], columns=["a", "b", "c"])
NOISE = RNG.normal(size=400)


def by_name(table):
    return table.set_index("parameter")


def factorial():
    """Every combination of -1 and 1, twice: exactly uncorrelated, standard deviations 1."""
    grid = np.array(np.meshgrid(*[[-1.0, 1.0]] * 3)).reshape(3, -1).T
    return pd.DataFrame(np.vstack([grid, grid]), columns=["a", "b", "c"])


def test_a_linear_model_in_closed_form():
    # 6 a + 3 b - 2 c: variance 36 + 9 + 4 = 49, coefficients 6/7, 3/7, -2/7, shares 36/49, 9/49, 4/49.
    x = factorial()
    table = importance(x, 6 * x["a"] + 3 * x["b"] - 2 * x["c"])
    assert table["parameter"].tolist() == ["a", "b", "c"]
    assert table["src"].tolist() == pytest.approx([6 / 7, 3 / 7, -2 / 7])
    assert table["share"].tolist() == pytest.approx([36 / 49, 9 / 49, 4 / 49])
    assert table["pcc"].tolist() == pytest.approx([1, 1, -1])
    assert table["vif"].tolist() == pytest.approx([1, 1, 1])
    assert table["r_squared"].tolist() == pytest.approx([1, 1, 1])
    assert (table["doubt"] == "").all()


def test_one_column_is_scipys_regression():
    y = 2 * X["a"] + NOISE
    row = importance(X[["a"]], y).iloc[0]
    slope = linregress(X["a"], y)
    scale = X["a"].std() / y.std()
    assert row["src"] == pytest.approx(slope.slope * scale, rel=1e-12)
    assert row["pcc"] == pytest.approx(slope.rvalue, rel=1e-12)
    assert row["r_squared"] == pytest.approx(slope.rvalue**2, rel=1e-12)
    # t with 398 degrees of freedom: 1.96594
    assert row["src_high"] - row["src"] == pytest.approx(1.965942 * slope.stderr * scale, rel=1e-5)
    ends = pearsonr(X["a"], y).confidence_interval(0.95)
    assert [row["pcc_low"], row["pcc_high"]] == pytest.approx(list(ends), rel=1e-12)
    assert row["prcc"] == pytest.approx(spearmanr(X["a"], y).statistic, rel=1e-12)
    assert row["srrc"] == pytest.approx(row["prcc"], rel=1e-12)


def test_a_partial_correlation_is_that_of_what_the_others_leave():
    x = X.assign(b=X["b"] + 3 * X["a"])
    y = x["a"] - 0.3 * x["b"] + NOISE
    others = np.column_stack([np.ones(400), x["b"], x["c"]])

    def left(v):
        return v - others @ np.linalg.lstsq(others, v, rcond=None)[0]

    found = by_name(importance(x, y))
    assert found.loc["a", "pcc"] == pytest.approx(pearsonr(left(x["a"]), left(y)).statistic, rel=1e-10)
    # the inflation is 1 / (1 - R squared) of the parameter on the others
    assert found.loc["a", "vif"] == pytest.approx(x["a"].var() / left(x["a"]).var(), rel=1e-10)
    assert found["share"].sum() == pytest.approx(found["r_squared"].iloc[0], rel=1e-12)


def test_a_rising_curve_counts_in_full_on_ranks_and_the_doubt_says_so():
    y = np.exp(4 * X["a"])
    row = importance(X[["a"]], y).iloc[0]
    assert row["r_squared"] < 0.7
    assert row["srrc"] == pytest.approx(1)
    assert row["rank_r_squared"] == pytest.approx(1)
    assert "curves or interactions; on ranks 100%, trust srrc and prcc" in row["doubt"]


def test_a_parabola_deceives_both_and_is_doubted():
    row = importance(X[["a"]], X["a"] ** 2).iloc[0]
    assert abs(row["src"]) < 0.2
    assert row["doubt"].startswith("the regression explains")
    assert "trust" not in row["doubt"]


def test_intervals_hold_the_truth_as_often_as_they_say():
    # y = x1 + x2 + noise, each of variance 1: coefficient 1 / sqrt 3, on its way to it with every sample
    rng, inside = np.random.default_rng(4), []
    for _ in range(200):
        x = pd.DataFrame(rng.normal(size=(100, 2)), columns=["a", "b"])
        x = (x - x.mean()) / x.std(ddof=0)
        y = x.sum(axis=1) + rng.normal(size=100)
        row = by_name(importance(x, y)).loc["a"]
        inside.append(row["src_low"] <= 1 / y.std(ddof=0) <= row["src_high"])
    assert 0.9 < np.mean(inside) < 0.99


def test_collinear_parameters_are_doubted_and_exact_ones_refused():
    near = X.assign(b=X["a"] + 0.1 * RNG.normal(size=400))
    table = by_name(importance(near, near["a"] + X["c"] + 0.1 * NOISE))
    assert (table.loc[["a", "b"], "vif"] > 10).all()
    assert table.loc["a", "doubt"].startswith("it moves with other parameters (variance inflation")
    assert table.loc["c", "doubt"] == ""
    shares = X.assign(a=X["a"], b=1 - X["a"])
    with pytest.raises(CostModelError, match="a, b determine each other exactly"):
        importance(shares, NOISE)


def test_a_constant_parameter_is_reported_not_hidden():
    table = importance(X.assign(fixed=3.0), X["a"] + NOISE)
    assert table["parameter"].iloc[-1] == "fixed"
    assert table["remark"].iloc[-1] == "the same in every draw: nothing can be said"
    assert table.iloc[-1].drop(["parameter", "remark", "doubt"]).isna().all()
    pd.testing.assert_frame_equal(table.iloc[:-1], importance(X, X["a"] + NOISE))


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(["a", "b", "c", "d"]), flip=st.booleans())
def test_permuting_columns_permutes_the_result(order, flip):
    x = X.assign(d=X["a"] + NOISE)
    y = x["a"] * 2 - x["b"] + x["c"] * x["d"]
    plain, turned = importance(x, y), importance(x[order], -y if flip else y)
    sign = -1 if flip else 1
    assert turned["parameter"].tolist() == plain["parameter"].tolist()
    for column in ("src", "pcc", "srrc", "prcc"):
        assert (sign * turned[column]).tolist() == pytest.approx(plain[column].tolist(), rel=1e-8)
    assert turned["share"].tolist() == pytest.approx(plain["share"].tolist(), rel=1e-8)


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(1e-3, 1e6), shift=st.floats(-1e3, 1e3))
def test_units_do_not_matter(scale, shift):
    y = X["a"] + X["b"] + NOISE
    plain, other = importance(X, y), importance(X.assign(a=scale * X["a"]), scale * y + shift * scale)
    assert other["src"].tolist() == pytest.approx(plain["src"].tolist(), rel=1e-6)


def test_a_study_agrees_with_its_sobol_indices():
    study = read_study("clonazepam-us-prices")
    model, question = study.model(), Question("generic", "payer")
    draws = study.draws(4096)
    names = [name for name, row in study.parameters.items() if row.uncertain]
    found = by_name(importance(draws.frame()[names], question.of(evaluate(model, draws))))
    exact = by_name(sobol_indices(model, study.parameters, question))
    assert (found["r_squared"] > 0.98).all()
    assert (found["share"] - exact["first_order"]).abs().max() < 0.03
    ranges = own_ranges(study.parameters)
    alone = by_name(one_way(model, study.draws(), {name: ranges[name] for name in names}, question))
    moved = [name for name in names if alone.loc[name, "swing"] > 1]
    assert len(moved) == 3
    direction = np.sign(alone["at_high"] - alone["at_low"])
    assert (np.sign(found["src"])[moved] == direction[moved]).all()


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (X, NOISE[:-1], r"same draws; found 400 rows and an outcome of shape \(399,\)"),
        (X, X["a"].iloc[::-1], "their indexes differ: align them first"),
        (X, np.where(np.arange(400) == 7, np.nan, NOISE), "the outcome must be finite; row 7 is not"),
        (X, np.full(400, 5.0), "the outcome is 5 in every draw"),
        (X.assign(a=np.nan), NOISE, "'a' must be finite in every draw"),
        (X.assign(a="x"), NOISE, "'a' must be numbers"),
        (X.assign(a=1, b=1, c=1), NOISE, "no parameter varies"),
        (X.iloc[:6], NOISE[:6], "6 draws are too few to regress on 3 parameters: make at least 40"),
        (X.iloc[:0], NOISE[:0], "found none"),
        (pd.concat([X, X[["b"]]], axis=1), NOISE, "one column; found 'b' twice"),
    ],
)
def test_words_of_refusal(x, y, words):
    with pytest.raises(CostModelError, match=words):
        importance(x, y)
