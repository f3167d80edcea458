"""Rank correlations: draws reach the table, and each parameter keeps its own distribution."""

from __future__ import annotations

import itertools
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, Philox
from scipy import stats
from strategies_inputs import dirichlet_rows

from costmodel.errors import DataError
from costmodel.inputs import Parameter, Parameters, RankCorrelations, blocks, draws, fixed_parameter
from costmodel.inputs.copula import normal_correlations
from costmodel.inputs.randomness import stream_key

N = 2**14
COST = Parameter("c_stay", 1500.0, distribution="gamma", basis="se=300", unit="days", status="assumed")
STOP = Parameter(
    "p_stop", 0.3, distribution="beta", basis="counts=30/70", unit="probability", status="assumed"
)
RISK = Parameter("rr", 0.509, low=0.365, high=0.71, distribution="lognormal", unit="ratio", status="assumed")
DAYS = Parameter("days", 9.0, distribution="normal", basis="se=2", unit="days", status="assumed")
WAIT = Parameter("wait", 4.0, low=1.0, high=8.0, distribution="triangular", unit="days", status="assumed")
ROWS = (COST, STOP, RISK, DAYS, WAIT)
PAIRS = {("c_stay", "p_stop"): 0.7, ("p_stop", "rr"): -0.4, ("c_stay", "rr"): 0.1, ("days", "wait"): 0.9}
TABLE = RankCorrelations.of(PAIRS)
ALONE = Parameters.of(*ROWS)
TOGETHER = Parameters.of(*ROWS, rank_correlations=TABLE)
# the standard error of a Spearman correlation of n independent draws is at most about 1 / sqrt(n)
TOLERANCE = {"monte_carlo": 4 / math.sqrt(N), "sobol": 0.003}
each_method = pytest.mark.parametrize("method", list(TOLERANCE))


def same(left, right):
    return all(np.array_equal(left[name], right[name]) for name in left.values)


@each_method
def test_the_draws_reach_every_correlation_of_the_table(method):
    drawn = draws(TOGETHER, n=N, seed=2, method=method)
    for one, other in itertools.combinations(sorted(ALONE), 2):
        reached = stats.spearmanr(drawn[one], drawn[other]).statistic
        wanted = PAIRS.get((one, other), PAIRS.get((other, one), 0.0))
        assert reached == pytest.approx(wanted, abs=TOLERANCE[method]), (one, other)


@each_method
def test_every_parameter_keeps_its_distribution(method):
    drawn = draws(TOGETHER, n=N, seed=2, method=method)
    grid = (np.arange(N) + 0.5) / N
    # the Kolmogorov-Smirnov distance of independent draws passes 1.95 / sqrt(n) once in a thousand
    most = 1.95 / math.sqrt(N) if method == "monte_carlo" else 0.3 / math.sqrt(N)
    for name in ALONE:
        quantiles = ALONE.distribution(name).quantile(grid)
        assert np.abs(np.searchsorted(np.sort(drawn[name]), quantiles) / N - grid).max() < most, name


def test_monte_carlo_is_the_obvious_loop_over_blocks():
    pair = Parameters.of(DAYS, COST, rank_correlations=RankCorrelations.of({("days", "c_stay"): 0.5}))
    key = stream_key(7, "correlated:c_stay+days")
    rho = 2 * math.sin(math.pi * 0.5 / 6)
    costs, days = [], []
    for block in range(2):
        z = Generator(Philox(key=key, counter=[0, 0, 0, block])).standard_normal((2, 1024))
        costs.append(stats.gamma(25, scale=60).ppf(stats.norm.cdf(z[0])))
        days.append(9 + 2 * (rho * z[0] + math.sqrt(1 - rho**2) * z[1]))
    drawn = draws(pair, n=2048, seed=7)
    assert drawn["c_stay"] == pytest.approx(np.concatenate(costs), rel=1e-9)
    assert drawn["days"] == pytest.approx(np.concatenate(days), rel=1e-9)


def test_sobol_keeps_the_first_parameter_of_a_group_and_turns_the_second():
    pair = Parameters.of(DAYS, COST, rank_correlations=RankCorrelations.of({("days", "c_stay"): 0.5}))
    turned, plain = (
        draws(table, n=256, seed=3, method="sobol") for table in (pair, Parameters.of(DAYS, COST))
    )
    rho = 2 * math.sin(math.pi / 12)
    z = [stats.norm.ppf(stats.gamma(25, scale=60).cdf(plain["c_stay"])), (plain["days"] - 9) / 2]
    assert turned["c_stay"] == pytest.approx(plain["c_stay"], rel=1e-9)
    assert turned["days"] == pytest.approx(9 + 2 * (rho * z[0] + math.sqrt(1 - rho**2) * z[1]), rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 3000),
    size=st.integers(1, 4000),
    seed=st.integers(0, 2**70),
    method=st.sampled_from(list(TOLERANCE)),
)
def test_draws_do_not_depend_on_the_size_of_blocks(n, size, seed, method):
    pieces = list(blocks(TOGETHER, n=n, seed=seed, method=method, size=max(size, n // 40)))
    whole = draws(TOGETHER, n=n, seed=seed, method=method)
    for name in TOGETHER:
        assert np.array_equal(np.concatenate([piece[name] for piece in pieces]), whole[name])


@each_method
def test_draws_do_not_depend_on_blocks_of_one_nor_on_threads(method):
    pieces = list(blocks(TOGETHER, n=40, seed=9, method=method, size=1))
    whole = draws(TOGETHER, n=120_000, seed=9, method=method)
    for name in TOGETHER:
        assert np.array_equal(np.concatenate([piece[name] for piece in pieces]), whole[name][:40])


@each_method
def test_without_correlations_draws_are_independent_to_the_bit(method):
    size = len(ROWS)
    identity = RankCorrelations(tuple(ALONE), tuple(tuple(row) for row in np.eye(size).tolist()))
    single = RankCorrelations(("rr",), ((1.0,),))
    expected = draws(ALONE, n=3000, seed=4, method=method)
    for table in (identity, single):
        assert table.groups == ()
        drawn = draws(Parameters.of(*ROWS, rank_correlations=table), n=3000, seed=4, method=method)
        assert same(expected, drawn)


def test_correlations_leave_other_parameters_unchanged():
    few = Parameters.of(*ROWS, rank_correlations=RankCorrelations.of({("days", "wait"): 0.9}))
    drawn, alone, together = (draws(table, n=3000, seed=4) for table in (few, ALONE, TOGETHER))
    for name in ("c_stay", "p_stop", "rr"):
        assert np.array_equal(drawn[name], alone[name])
        assert not np.array_equal(drawn[name], together[name])
    for name in ("days", "wait"):
        assert np.array_equal(drawn[name], together[name])


@each_method
def test_draws_do_not_depend_on_the_order_of_rows_nor_of_the_table(method):
    backwards = tuple(reversed(TABLE.names))
    matrix = tuple(tuple(reversed(row)) for row in reversed(TABLE.matrix))
    table = RankCorrelations(backwards, matrix)
    assert table == TABLE
    turned = Parameters.of(*reversed(ROWS), rank_correlations=table)
    assert same(*(draws(item, n=500, seed=1, method=method) for item in (TOGETHER, turned)))


@each_method
@pytest.mark.parametrize("sign", [1, -1])
def test_a_perfect_correlation_gives_equal_or_opposite_ranks(method, sign):
    table = RankCorrelations.of({("days", "rr"): float(sign)})
    drawn = draws(Parameters.of(DAYS, RISK, rank_correlations=table), n=1000, seed=1, method=method)
    assert np.array_equal(np.argsort(drawn["days"])[::sign], np.argsort(drawn["rr"]))


def test_the_correlation_of_scores_is_pearsons_of_the_rank_correlation():
    # 2 sin(pi/6 * 1/2) = 2 sin 15 degrees = (sqrt 6 - sqrt 2) / 2; 2 sin 30 degrees = 1
    assert normal_correlations([[1, 0.5], [0.5, 1]])[0, 1] == pytest.approx((6**0.5 - 2**0.5) / 2, rel=1e-14)
    assert normal_correlations([[1, -1], [-1, 1]]).tolist() == [
        [1.0, pytest.approx(-1.0)],
        [pytest.approx(-1.0), 1.0],
    ]


def test_uncorrelated_members_do_not_join_groups():
    chain = {("a", "c"): 0.1, ("c", "e"): 0.1, ("b", "d"): -0.2, ("a", "f"): 0.0}
    table = RankCorrelations.of(chain)
    assert table.groups == (("a", "c", "e"), ("b", "d"))
    assert (table.between("c"), table.between("f"), table.between("z")) == ({"a": 0.1, "e": 0.1}, {}, {})


def test_correlations_travel_between_processes_and_with_more_rows():
    more = pickle.loads(pickle.dumps(TOGETHER)).including(
        fixed_parameter("n_pills", 60, unit="tablets", status="assumed")
    )
    assert more.rank_correlations == TABLE
    assert same(draws(TOGETHER, n=50, seed=1), draws(more, n=50, seed=1))


@pytest.mark.parametrize(
    ("names", "matrix", "words"),
    [
        (("a", "b"), ((1.0, 0.2),), ["must be square", "2 names", "rows of [2]"]),
        (("a", "b"), ((1.0, 0.2, 0.1), (0.2, 1.0)), ["must be square", "rows of [3, 2]"]),
        ((), (), ["must be square", "0 names"]),
        (("a", "a"), ((1.0, 0.2), (0.2, 1.0)), ["only once", "found a"]),
        (("a", "b"), ((1.0, math.nan), (0.2, 1.0)), ["finite"]),
        (("a", "b"), ((1.0, 0.2), (0.3, 1.0)), ["symmetric: a with b", "0.2 and 0.3", "both sides"]),
        (("a", "b"), ((4.0, 0.2), (0.2, 1.0)), ["a with itself must be 1", "found 4", "not covariances"]),
        (("a", "b"), ((1.0, 60.0), (60.0, 1.0)), ["from -1 to 1: a with b", "found 60", "0.6"]),
    ],
)
def test_impossible_tables_are_refused(names, matrix, words):
    with pytest.raises(DataError) as problem:
        RankCorrelations(names, matrix)
    for word in words:
        assert word in str(problem.value)


def test_correlations_that_cannot_be_together_say_how_far_they_must_be_weakened():
    # with r = 2 sin(pi 0.9 / 6) = 0.90798, signs + + -, the eigenvalues are 1 + r, 1 + r, 1 - 2 r
    r = 2 * math.sin(math.pi * 0.9 / 6)
    with pytest.raises(DataError) as problem:
        RankCorrelations.of({("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9})
    said = str(problem.value)
    assert f"{1 - 2 * r:.3g} as their smallest eigenvalue" in said
    assert "check the signs first" in said
    # 1 - 2 r >= 0 up to 2 sin(pi s / 6) = 1/2, s = 6 asin(1/4) / pi = 0.48257 = 0.9 times 0.536
    assert "times 0.53 are possible" in said
    RankCorrelations.of({("a", "b"): 0.9 * 0.53, ("b", "c"): 0.9 * 0.53, ("a", "c"): -0.9 * 0.53})


def test_every_name_that_cannot_be_correlated_is_reported_at_once():
    table = RankCorrelations.of({("c_sta", "n_pills"): 0.1, ("p_aa", "rr"): 0.1})
    rows = [*ROWS, fixed_parameter("n_pills", 60, unit="tablets", status="assumed")]
    with pytest.raises(DataError) as problem:
        Parameters.of(*rows, *dirichlet_rows({"p_aa": 5, "p_ab": 7}), rank_correlations=table)
    faults = problem.value.faults
    assert faults["column"].tolist() == ["c_sta", "n_pills", "p_aa"]
    said = str(problem.value)
    for word in ("did you mean 'c_stay'?", "n_pills is fixed", "is drawn with group", "leave it out"):
        assert word in said
