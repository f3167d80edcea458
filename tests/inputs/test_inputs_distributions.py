"""Distributions of one parameter: closed forms, scipy as oracle, draws, and impossible settings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, Philox
from scipy import stats

from costmodel.errors import CostModelError
from costmodel.inputs import (
    Beta,
    Distribution,
    DistributionError,
    Fixed,
    Gamma,
    Lognormal,
    Normal,
    Triangular,
    Uniform,
)

N = 200_000
U = np.array([2.0**-31, 1e-6, 0.025, 0.2, 0.5, 0.7, 0.975, 1 - 1e-6, 1 - 2.0**-31])

CASES = [
    (Normal(4580.0, 621.4), stats.norm(4580.0, 621.4)),
    (Lognormal(math.log(0.509), 0.17), stats.lognorm(s=0.17, scale=0.509)),
    (Lognormal(-1.0, 0.9), stats.lognorm(s=0.9, scale=math.exp(-1.0))),
    (Beta(30.0, 70.0), stats.beta(30.0, 70.0)),
    (Beta(0.4, 1.7), stats.beta(0.4, 1.7)),
    (Gamma(25.0, 60.0), stats.gamma(25.0, scale=60.0)),
    (Gamma(0.5, 3.0), stats.gamma(0.5, scale=3.0)),
    (Uniform(-2.0, 4.0), stats.uniform(-2.0, 6.0)),
    (Triangular(2.0, 3.0, 7.0), stats.triang(0.2, loc=2.0, scale=5.0)),
    (Triangular(2.0, 2.0, 7.0), stats.triang(0.0, loc=2.0, scale=5.0)),
    (Triangular(2.0, 7.0, 7.0), stats.triang(1.0, loc=2.0, scale=5.0)),
]
each = pytest.mark.parametrize(("law", "oracle"), CASES, ids=lambda case: type(case).__name__)


@each
def test_moments_are_those_of_scipy(law, oracle):
    assert law.mean == pytest.approx(oracle.mean(), rel=1e-12)
    assert law.sd == pytest.approx(oracle.std(), rel=1e-12)


@each
def test_quantile_inverts_the_distribution_function(law, oracle):
    assert oracle.cdf(law.quantile(U)) == pytest.approx(U, rel=1e-8)
    assert law.quantile(U) == pytest.approx(oracle.ppf(U), rel=1e-8)


@each
def test_draws_have_the_moments_and_the_shape(law, oracle):
    drawn = law.sample(Generator(Philox(key=11)), N)
    excess = float(oracle.stats(moments="k"))
    assert drawn.shape == (N,)
    assert abs(drawn.mean() - law.mean) < 4 * law.sd / math.sqrt(N)
    assert abs(drawn.var() - law.sd**2) < 4 * law.sd**2 * math.sqrt((excess + 2) / N)
    assert stats.kstest(drawn, oracle.cdf).statistic * math.sqrt(N) < 1.95


@each
def test_interval_leaves_equal_tails(law, oracle):
    low, high = law.interval(0.9)
    assert oracle.cdf(low) == pytest.approx(0.05, rel=1e-9)
    assert oracle.sf(high) == pytest.approx(0.05, rel=1e-9)


@each
def test_every_distribution_keeps_the_protocol(law, oracle):
    assert oracle is not None
    assert isinstance(law, Distribution)
    assert law == type(law)(**vars(law))


def test_fixed_never_varies():
    law = Fixed(3)
    assert (law.mean, law.sd, law.interval()) == (3.0, 0.0, (3.0, 3.0))
    assert law.sample(Generator(Philox(key=1)), 3).tolist() == [3.0, 3.0, 3.0]
    assert law.quantile([0.1, 0.9]).tolist() == [3.0, 3.0]


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_normal_gives_its_interval_back(mean, half):
    low, high = mean - half, mean + half
    assert Normal.from_interval(mean, low, high).interval() == pytest.approx((low, high), rel=1e-9, abs=1e-8)


@settings(deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(1.001, 50))
def test_lognormal_gives_its_interval_back(median, factor):
    low, high = median / factor, median * factor
    law = Lognormal.from_interval(median, low, high)
    assert law.interval() == pytest.approx((low, high), rel=1e-9)
    assert law.median == pytest.approx(median, rel=1e-12)


def test_the_relative_risk_of_briggs():
    law = Lognormal.from_interval(0.509, 0.365, 0.710)
    assert law.meanlog == pytest.approx(-0.675, abs=5e-4)
    assert law.sdlog == pytest.approx(0.1697, abs=5e-5)
    assert law.interval() == pytest.approx((0.365, 0.710), abs=5e-4)


@settings(deadline=None)
@given(st.floats(0.01, 0.99), st.floats(0.01, 0.9))
def test_beta_takes_mean_and_se(mean, share):
    se = share * math.sqrt(mean * (1 - mean))
    law = Beta.from_mean_se(mean, se)
    assert (law.mean, law.sd) == pytest.approx((mean, se), rel=1e-9)


@settings(deadline=None)
@given(st.floats(1e-3, 1e6), st.floats(1e-3, 3))
def test_gamma_and_lognormal_take_mean_and_se(mean, variation):
    for law in (Gamma.from_mean_se(mean, variation * mean), Lognormal.from_mean_se(mean, variation * mean)):
        assert (law.mean, law.sd) == pytest.approx((mean, variation * mean), rel=1e-9)


def test_beta_and_gamma_take_the_standard_error_of_the_interval():
    se = (0.24 - 0.19) / (2 * 1.959964)
    assert Beta.from_interval(0.213, 0.19, 0.24).sd == pytest.approx(se, rel=1e-6)
    assert Gamma.from_interval(1500, 1000, 2200).sd == pytest.approx(1200 / (2 * 1.959964), rel=1e-6)
    assert Gamma.from_interval(1500, 1000, 2200).shape == pytest.approx(24.01, abs=0.005)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Beta.from_mean_se(0.9, 0.3), ["too large", "mean 0.9", "below 0.3"]),
        (lambda: Beta.from_mean_se(1.0, 0.1), ["above 0 and below 1", "found 1", "fixed"]),
        (lambda: Beta.from_mean_se(0.0, 0.1), ["above 0 and below 1"]),
        (lambda: Beta.from_mean_se(0.5, 0.0), ["standard error", "above 0"]),
        (lambda: Beta.from_interval(0.5, -0.1, 0.9), ["[0, 1]", "-0.1"]),
        (lambda: Beta.from_interval(0.5, 0.1, 1.2), ["[0, 1]", "1.2"]),
        (lambda: Beta.from_counts(0, 10), ["counts", "above 0", "0/10", "prior"]),
        (lambda: Beta(-1, 2), ["alpha", "above 0"]),
        (lambda: Beta(1, math.inf), ["beta", "finite"]),
        (lambda: Gamma.from_mean_se(0, 1), ["mean of a gamma", "above 0"]),
        (lambda: Gamma.from_mean_se(1, -1), ["standard error", "-1"]),
        (lambda: Gamma.from_interval(1, -1, 3), ["below 0", "normal"]),
        (lambda: Lognormal.from_mean_se(-1, 1), ["mean of a lognormal", "above 0"]),
        (lambda: Lognormal.from_interval(1, 0, 2), ["interval of a lognormal", "above 0"]),
        (lambda: Lognormal.from_interval(0, 1, 2), ["value of a lognormal", "above 0"]),
        (lambda: Lognormal(math.nan, 1), ["meanlog", "finite"]),
        (lambda: Normal(math.inf, 1), ["mean", "finite"]),
        (lambda: Normal(0, 0), ["standard error", "above 0"]),
        (lambda: Normal.from_interval(1, 1, 1), ["high must be above low", "1 to 1"]),
        (lambda: Uniform(2, 1), ["high must be above low"]),
        (lambda: Uniform(0, math.inf), ["high", "finite"]),
        (lambda: Triangular(1, 5, 2), ["mode", "[1, 2]", "found 5"]),
        (lambda: Fixed(math.nan), ["value", "finite"]),
    ],
)
def test_impossible_settings_say_what_to_do(build, words):
    with pytest.raises(DistributionError) as problem:
        build()
    for word in words:
        assert word in str(problem.value)


@pytest.mark.parametrize("u", [[0.0], [1.0], [0.5, math.nan], [-0.1]])
@pytest.mark.parametrize("law", [case[0] for case in CASES[::3]] + [Fixed(1.0)])
def test_quantiles_are_refused_outside_the_open_interval(law, u):
    with pytest.raises(CostModelError, match="above 0 and below 1"):
        law.quantile(u)


def test_a_level_lies_between_0_and_1():
    with pytest.raises(CostModelError, match=r"level of an interval must lie in \(0, 1\)"):
        Normal(0, 1).interval(95)
