"""Draws: what they depend on, what they do not, and how near their means come."""

from __future__ import annotations

import dataclasses
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, Philox
from strategies_inputs import dirichlet_rows, tables

from costmodel.errors import CostModelError
from costmodel.inputs import (
    Draws,
    MultivariateNormal,
    Parameter,
    Parameters,
    base_draws,
    blocks,
    draws,
    fixed_parameter,
    monte_carlo,
    sobol,
)
from costmodel.inputs.randomness import stream_key

COST = Parameter("c_stay", 1500.0, distribution="gamma", basis="se=300", unit="days", status="assumed")
SHARE = Parameter(
    "p_stop", 0.3, distribution="beta", basis="counts=30/70", unit="probability", status="assumed"
)
RISK = Parameter("rr", 0.509, low=0.365, high=0.71, distribution="lognormal", unit="ratio", status="assumed")
PILLS = fixed_parameter("n_pills", 60, unit="tablets", status="assumed")
ROW = dirichlet_rows({"p_aa": 1251, "p_ab": 350, "p_ac": 116, "p_ad": 17})
PAIR = MultivariateNormal(("b0", "b1"), (1.0, 2.0), ((0.04, 0.03), (0.03, 0.09)))
COEFFICIENTS = [
    Parameter(name, mean, distribution="mvnormal", group="fit", unit="log odds", status="assumed")
    for name, mean in zip(PAIR.names, PAIR.means, strict=True)
]
ALL = Parameters.of(COST, PILLS, SHARE, *ROW, RISK, *COEFFICIENTS, covariances={"fit": PAIR})
METHODS = ("monte_carlo", "sobol")
each_method = pytest.mark.parametrize("method", METHODS)


def same(left, right):
    return all(np.array_equal(left[name], right[name]) for name in left) and list(left) == list(right)


def test_the_base_case_is_one_draw_of_the_values():
    base = base_draws(ALL)
    assert (base.n, base.seed, base.method) == (1, None, "base")
    assert {name: values.tolist() for name, values in base.values.items()} == {
        name: [row.value] for name, row in ALL.items()
    }


@each_method
def test_draws_are_in_the_order_of_the_table_and_fixed_values_stay(method):
    drawn = draws(ALL, n=3000, seed=3, method=method)
    assert list(drawn.values) == list(ALL)
    assert (drawn.n, drawn.seed, drawn.method) == (3000, 3, method)
    assert (drawn["n_pills"] == 60).all()
    assert all(len(np.unique(drawn[name])) == 3000 for name, row in ALL.items() if row.uncertain)
    assert all(not values.flags.writeable for values in drawn.values.values())
    assert all(drawn[name].flags.c_contiguous for name, row in ALL.items() if row.uncertain)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 3000),
    size=st.integers(1, 4000),
    seed=st.integers(0, 2**70),
    method=st.sampled_from(METHODS),
)
def test_draws_do_not_depend_on_the_size_of_blocks(n, size, seed, method):
    size = max(size, n // 40)
    pieces = list(blocks(ALL, n=n, seed=seed, method=method, size=size))
    assert [piece.n for piece in pieces[:-1]] == [size] * (len(pieces) - 1)
    joined = {name: np.concatenate([piece[name] for piece in pieces]) for name in ALL}
    assert same(joined, draws(ALL, n=n, seed=seed, method=method).values)


@each_method
def test_draws_do_not_depend_on_blocks_of_one(method):
    pieces = list(blocks(ALL, n=40, seed=9, method=method, size=1))
    joined = {name: np.concatenate([piece[name] for piece in pieces]) for name in ALL}
    assert same(joined, draws(ALL, n=40, seed=9, method=method).values)


@settings(max_examples=40, deadline=None)
@given(table=tables(), random=st.randoms(use_true_random=False), method=st.sampled_from(METHODS))
def test_draws_do_not_depend_on_the_order_of_the_table(table, random, method):
    shuffled = list(table.rows)
    random.shuffle(shuffled)
    first = draws(table, n=20, seed=1, method=method)
    second = draws(Parameters(tuple(shuffled), table.covariances), n=20, seed=1, method=method)
    assert all(np.array_equal(first[name], second[name]) for name in table)


def test_another_parameter_leaves_monte_carlo_draws_unchanged():
    few = monte_carlo(Parameters.of(COST, *ROW), n=3000, seed=5)
    many = monte_carlo(ALL, n=3000, seed=5)
    assert all(np.array_equal(few[name], many[name]) for name in few.values)


@each_method
def test_the_first_draws_of_a_longer_design_are_those_of_a_shorter(method):
    short, long = (draws(ALL, n=n, seed=5, method=method) for n in (700, 2500))
    assert same(short.values, long.take(range(700)).values)


@each_method
def test_every_seed_is_a_seed_of_its_own(method):
    designs = [draws(ALL, n=10, seed=seed, method=method)["c_stay"] for seed in (0, 1, 2**64, 2**64 + 1)]
    again = draws(ALL, n=10, seed=0, method=method)["c_stay"]
    assert np.array_equal(designs[0], again)
    assert len({values.tobytes() for values in designs}) == 4


def test_parameters_with_one_distribution_have_streams_of_their_own():
    twins = Parameters.of(COST, dataclasses.replace(COST, name="c_twin"))
    for method in METHODS:
        drawn = draws(twins, n=4096, seed=1, method=method)
        assert abs(np.corrcoef(drawn["c_stay"], drawn["c_twin"])[0, 1]) < 4 / math.sqrt(4096)


def test_monte_carlo_is_the_obvious_loop_over_blocks():
    key = stream_key(7, "parameter:c_stay")
    expected = np.concatenate(
        [
            60 * Generator(Philox(key=key, counter=block << 192)).standard_gamma(25.0, 1024)
            for block in range(3)
        ]
    )
    assert monte_carlo(ALL, n=2500, seed=7)["c_stay"] == pytest.approx(expected[:2500], rel=1e-14)


def test_keys_are_the_same_in_every_process():
    assert stream_key(0, "parameter:c_stay") == 227179453161059688252653309282583926947
    code = "from costmodel.inputs.randomness import stream_key; print(stream_key(0, 'parameter:c_stay'))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(told.stdout) == stream_key(0, "parameter:c_stay")


@pytest.mark.parametrize(("method", "n", "factor"), [("monte_carlo", 100_000, 1.0), ("sobol", 2**14, 0.05)])
def test_means_and_spreads_are_those_of_the_distributions(method, n, factor):
    drawn = draws(ALL, n=n, seed=2, method=method)
    for name, row in ALL.items():
        if row.uncertain:
            law = ALL.distribution(name)
            assert abs(drawn[name].mean() - law.mean) < 4 * factor * law.sd / math.sqrt(n)
            assert drawn[name].std() == pytest.approx(law.sd, rel=0.02)


@each_method
def test_groups_are_drawn_together(method):
    drawn = draws(ALL, n=2**13, seed=2, method=method)
    total = sum(drawn[row.name] for row in ROW)
    assert total == pytest.approx(np.ones(2**13), abs=1e-14)
    assert np.cov(drawn["b0"], drawn["b1"]) == pytest.approx(np.array(PAIR.covariance), rel=0.08)


def test_sobol_errs_less_than_monte_carlo_for_a_smooth_mean():
    table = Parameters.of(COST, SHARE, RISK)
    truth = 1500 * 0.3 * table.distribution("rr").mean

    def error(method):
        means = []
        for seed in range(20):
            drawn = draws(table, n=1024, seed=seed, method=method)
            means.append((drawn["c_stay"] * drawn["p_stop"] * drawn["rr"]).mean())
        return math.sqrt(np.mean((np.array(means) - truth) ** 2))

    assert error("sobol") < error("monte_carlo") / 10


def test_sobol_is_the_scrambled_sequence_without_its_edges():
    from scipy.stats import qmc

    table = Parameters.of(
        *(
            Parameter(name, 0.5, low=0, high=1, distribution="uniform", unit="ratio", status="assumed")
            for name in "ba"
        )
    )
    engine = qmc.Sobol(2, rng=np.random.default_rng(stream_key(4, "sobol")))
    points = engine.random_base2(6) + 2.0**-31
    drawn = sobol(table, n=64, seed=4)
    assert np.array_equal(np.column_stack([drawn["a"], drawn["b"]]), points)
    counts = np.histogram2d(drawn["a"], drawn["b"], bins=8, range=[[0, 1], [0, 1]])[0]
    assert (counts == 1).all()


@each_method
def test_a_table_without_uncertainty_can_be_drawn(method):
    assert draws(Parameters.of(PILLS), n=3, seed=0, method=method)["n_pills"].tolist() == [60.0] * 3
    assert draws(Parameters.of(), n=3, seed=0, method=method).values == {}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 0, "seed": 1}, "number of draws must be a whole number, 1 or more; found 0"),
        ({"n": 2.0, "seed": 1}, "number of draws"),
        ({"n": True, "seed": 1}, "number of draws"),
        ({"n": 2, "seed": -1}, "seed must be a whole number, 0 or more; found -1"),
        ({"n": 2, "seed": None}, "seed"),
        ({"n": 2, "seed": 1.5}, "seed"),
        ({"n": 2, "seed": False}, "seed"),
        ({"n": 2, "seed": 1, "size": 0}, "size of a block"),
        ({"n": 2, "seed": 1, "method": "sobool"}, "'sobool' is unknown; did you mean 'sobol'"),
    ],
)
def test_impossible_designs_are_refused_before_anything_is_drawn(options, words):
    with pytest.raises(CostModelError, match=words):
        blocks(ALL, **options)


def test_numpy_integers_are_whole_numbers():
    assert monte_carlo(ALL, n=np.int64(3), seed=np.uint8(0)).n == 3


def test_a_sobol_sequence_ends():
    with pytest.raises(CostModelError, match=r"at most 2\*\*30 points"):
        list(blocks(Parameters.of(COST), n=2**30 + 1, seed=0, method="sobol", size=2**30 + 1))


@pytest.mark.parametrize(("name", "value"), [("p_a", 0.95), ("u_a", 0.95), ("p_b", 0.05)])
@each_method
def test_a_probability_or_utility_out_of_bounds_is_an_error(name, value, method):
    row = Parameter(name, value, distribution="normal", basis="se=0.05", unit="ratio", status="assumed")
    with pytest.raises(CostModelError, match=rf"{name}: a (probability|utility).*draw \d+ is .*beta"):
        draws(Parameters.of(row), n=2000, seed=1, method=method)


def test_the_draw_that_is_out_of_bounds_is_numbered_from_the_start_of_the_design():
    row = Parameter("p_a", 0.9, distribution="normal", basis="se=0.04", unit="ratio", status="assumed")
    with pytest.raises(CostModelError) as whole:
        monte_carlo(Parameters.of(row), n=2000, seed=1)
    with pytest.raises(CostModelError) as pieces:
        list(blocks(Parameters.of(row), n=2000, seed=1, size=7))
    assert str(whole.value) == str(pieces.value)


def test_replace_and_take():
    drawn = monte_carlo(ALL, n=4, seed=1)
    other = drawn.replace(c_stay=[1, 2, 3, 4], n_pills=30)
    assert other["c_stay"].tolist() == [1, 2, 3, 4]
    assert other["n_pills"].tolist() == [30] * 4
    assert np.array_equal(other["rr"], drawn["rr"])
    assert drawn["n_pills"].tolist() == [60] * 4
    taken = other.take([3, 3, 0])
    assert (taken.n, taken["c_stay"].tolist(), taken["n_pills"].tolist()) == (3, [4, 4, 1], [30] * 3)
    assert other.take(np.array([False, True, False, True]))["c_stay"].tolist() == [2, 4]


def test_a_base_case_can_be_spread_over_a_design():
    grid = base_draws(ALL).take([0] * 5).replace(rr=np.linspace(0.3, 0.7, 5))
    assert grid["rr"].tolist() == pytest.approx([0.3, 0.4, 0.5, 0.6, 0.7])
    assert grid["c_stay"].tolist() == [1500.0] * 5


@pytest.mark.parametrize("indices", [[-1], [4], [], [0.5], [[0]], [True, False], "0"])
def test_indices_must_be_draws(indices):
    with pytest.raises(CostModelError, match="numbered from 0 to 3"):
        monte_carlo(ALL, n=4, seed=1).take(indices)


def test_draws_refuse_what_cannot_be_evaluated():
    with pytest.raises(
        CostModelError, match=r"x must have one value per draw, shape \(2,\); found shape \(3,\)"
    ):
        Draws({"x": np.zeros(3)}, n=2, seed=0, method="base")
    with pytest.raises(CostModelError, match="x must be finite; draw 1 is nan"):
        Draws({"x": np.array([1, math.nan])}, n=2, seed=0, method="base")
    with pytest.raises(CostModelError, match="x must be finite; draw 0 is inf"):
        Draws({"x": np.broadcast_to(math.inf, (2,))}, n=2, seed=0, method="base")
    drawn = monte_carlo(ALL, n=4, seed=1)
    with pytest.raises(CostModelError, match="there is no drawn parameter 'c_sty'; did you mean 'c_stay'"):
        drawn.replace(c_sty=1)
    with pytest.raises(CostModelError, match="one value per draw"):
        drawn.replace(c_stay=[1, 2])
    with pytest.raises(ValueError, match="read-only"):
        drawn["c_stay"][0] = 1


def test_what_never_varies_is_compact():
    compact = monte_carlo(ALL, n=5, seed=1).compact()
    assert compact["n_pills"].tolist() == [60.0]
    assert compact["c_stay"].shape == (5,)


def test_the_frame_has_a_row_per_draw():
    drawn = monte_carlo(ALL, n=3, seed=1)
    frame = drawn.frame()
    assert frame.columns.tolist() == list(ALL)
    assert frame["rr"].tolist() == drawn["rr"].tolist()
    assert frame.index.name == "draw"


def test_draws_travel_between_processes():
    drawn = monte_carlo(ALL, n=3, seed=1)
    assert same(pickle.loads(pickle.dumps(drawn)).values, drawn.values)


def test_independent_draws_need_no_scipy():
    code = (
        "import sys; from costmodel.inputs import *;"
        "x = Parameter('x', 1.0, distribution='gamma', basis='se=0.1', unit='d', status='assumed');"
        "monte_carlo(Parameters.of(x), n=10, seed=0);"
        "print([name for name in ('scipy', 'pandas', 'pybtex') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
