"""Joint distributions: closed forms, and draws against them."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, Philox
from scipy import stats

from costmodel.inputs import Dirichlet, DistributionError, Joint, MultivariateNormal, Normal
from costmodel.inputs.joint import cholesky

N = 200_000
ROW = Dirichlet.from_counts({"p_aa": 1251, "p_ab": 350, "p_ac": 116, "p_ad": 17})
COVARIANCE = ((0.04, 0.012, -0.01), (0.012, 0.09, 0.02), (-0.01, 0.02, 0.16))
TRIO = MultivariateNormal(("b0", "b1", "b2"), (1.0, -2.0, 0.5), COVARIANCE)


def uniforms(k, n=2**14):
    return stats.qmc.Sobol(k, rng=np.random.default_rng(5)).random(n) + 2.0**-31


def test_dirichlet_moments_are_those_of_scipy():
    oracle = stats.dirichlet(ROW.alphas)
    assert ROW.means == pytest.approx(oracle.mean(), rel=1e-12)
    assert ROW.covariance == pytest.approx(oracle.cov(), rel=1e-9)
    assert sum(ROW.means) == pytest.approx(1, abs=1e-15)


def test_dirichlet_draws_have_the_moments():
    drawn = ROW.sample(Generator(Philox(key=3)), N)
    sd = np.sqrt(np.diag(ROW.covariance))
    assert drawn.shape == (N, 4)
    assert drawn.sum(axis=1) == pytest.approx(np.ones(N), abs=1e-14)
    assert (np.abs(drawn.mean(axis=0) - ROW.means) < 4 * sd / math.sqrt(N)).all()
    assert np.cov(drawn.T) == pytest.approx(ROW.covariance, abs=4 * sd.max() ** 2 * math.sqrt(2 / N))


def test_dirichlet_from_uniforms_has_the_moments_and_adds_to_one():
    drawn = ROW.from_uniforms(uniforms(4))
    assert drawn.sum(axis=1) == pytest.approx(np.ones(len(drawn)), abs=1e-14)
    assert drawn.mean(axis=0) == pytest.approx(ROW.means, rel=2e-4)
    assert np.cov(drawn.T) == pytest.approx(ROW.covariance, rel=0.05, abs=1e-7)


def test_dirichlet_marginals_are_beta():
    law = ROW.marginal("p_ab")
    drawn = ROW.sample(Generator(Philox(key=4)), N)[:, 1]
    assert law.mean == pytest.approx(ROW.means[1], rel=1e-12)
    assert law.sd**2 == pytest.approx(ROW.covariance[1, 1], rel=1e-12)
    assert stats.kstest(drawn, stats.beta(law.alpha, law.beta).cdf).statistic * math.sqrt(N) < 1.95


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"p_a": 1.0}, ["two or more", "1 counts for 1 names"]),
        ({}, ["two or more"]),
        ({"p_a": 1.0, "p_b": 0.0}, ["count must be above 0", "prior"]),
        ({"p_a": 0.6, "p_b": 0.3}, ["at least 1", "0.9", "not shares"]),
    ],
)
def test_impossible_counts_are_refused(counts, words):
    with pytest.raises(DistributionError) as problem:
        Dirichlet.from_counts(counts)
    for word in words:
        assert word in str(problem.value)


def test_normal_draws_recover_means_and_covariance():
    drawn = TRIO.sample(Generator(Philox(key=6)), N)
    assert np.abs(drawn.mean(axis=0) - TRIO.means).max() < 4 * 0.4 / math.sqrt(N)
    assert np.cov(drawn.T) == pytest.approx(np.array(COVARIANCE), abs=4 * 0.16 * math.sqrt(2 / N))


def test_normal_from_uniforms_recovers_means_and_covariance():
    drawn = TRIO.from_uniforms(uniforms(3))
    assert drawn.mean(axis=0) == pytest.approx(TRIO.means, abs=1e-4)
    assert np.cov(drawn.T) == pytest.approx(np.array(COVARIANCE), abs=5e-4)


def test_normal_from_uniforms_is_the_quantile_when_uncorrelated():
    pair = MultivariateNormal(("a", "b"), (1.0, 2.0), ((4.0, 0.0), (0.0, 9.0)))
    u = uniforms(2, 64)
    expected = np.column_stack([Normal(1, 2).quantile(u[:, 0]), Normal(2, 3).quantile(u[:, 1])])
    assert pair.from_uniforms(u) == pytest.approx(expected, rel=1e-14)


def test_a_singular_covariance_keeps_its_direction():
    pair = MultivariateNormal(("a", "b"), (0.0, 1.0), ((1.0, 2.0), (2.0, 4.0)))
    drawn = pair.sample(Generator(Philox(key=7)), 100)
    assert drawn[:, 1] == pytest.approx(1 + 2 * drawn[:, 0], abs=1e-12)
    assert drawn[:, 0].std() > 0.5


def test_normal_marginals():
    assert TRIO.marginal("b2") == Normal(0.5, 0.4)


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1), st.booleans())
def test_cholesky_gives_the_covariance_back(size, seed, singular):
    roots = np.random.default_rng(seed).normal(size=(size, max(1, size - singular)))
    covariance = roots @ roots.T
    factor = cholesky(covariance)
    assert factor @ factor.T == pytest.approx(covariance, abs=1e-6 * np.abs(covariance).max())
    assert (np.triu(factor, 1) == 0).all()
    assert (factor[:, -1] == 0).all() == (singular and size > 1)


@pytest.mark.parametrize(
    ("covariance", "words"),
    [
        (((1.0, 0.5), (0.4, 1.0)), ["symmetric", "a with b", "0.5 and 0.4"]),
        (((1.0, 2.0), (2.0, 1.0)), ["positive semi-definite", "-1"]),
        (((0.0, 0.0), (0.0, 1.0)), ["variance of a", "above 0", "fixed"]),
        (((1.0, 0.0),), ["2 rows and columns"]),
        (((1.0, math.nan), (math.nan, 1.0)), ["finite"]),
    ],
)
def test_impossible_covariances_are_refused(covariance, words):
    with pytest.raises(DistributionError) as problem:
        MultivariateNormal(("a", "b"), (0.0, 0.0), covariance)
    for word in words:
        assert word in str(problem.value)


def test_a_mean_is_needed_for_every_name():
    with pytest.raises(DistributionError, match="finite mean"):
        MultivariateNormal(("a", "b"), (0.0,), ((1.0, 0.0), (0.0, 1.0)))


def test_joints_keep_the_protocol_and_travel_between_processes():
    for joint in (ROW, TRIO):
        assert isinstance(joint, Joint)
        assert pickle.loads(pickle.dumps(joint)) == joint


def test_errors_travel_between_processes():
    problem = pickle.loads(pickle.dumps(DistributionError("rule", "basis", "found", "remedy")))
    assert (str(problem), problem.at) == ("rule; found found -> remedy", "basis")
