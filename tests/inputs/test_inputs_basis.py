"""From the cells of a row to its distribution."""

from __future__ import annotations

import pytest

from costmodel.inputs import Beta, DistributionError, Fixed, Gamma, Lognormal, Normal, Triangular, Uniform
from costmodel.inputs.basis import (
    cell_count,
    implied_value,
    parse_basis,
    rounding,
    single_distribution,
    split_distribution,
)


@pytest.mark.parametrize(
    ("kind", "cells", "basis", "expected"),
    [
        ("fixed", (20, None, None), "", Fixed(20)),
        ("fixed", (20, 10, 30), "range", Fixed(20)),
        ("fixed", (20, 10, 30), "95%", Fixed(20)),
        ("normal", (5, 4, 6), "", Normal.from_interval(5, 4, 6)),
        ("normal", (5, 4, 6), "95 %", Normal.from_interval(5, 4, 6)),
        ("normal", (2.7, 2, 3), "se=0.1429", Normal(2.7, 0.1429)),
        ("normal", (2.7, None, None), "sd = 0.1429", Normal(2.7, 0.1429)),
        ("lognormal", (0.509, 0.365, 0.71), "", Lognormal.from_interval(0.509, 0.365, 0.71)),
        ("lognormal", (100, None, None), "se=20", Lognormal.from_mean_se(100, 20)),
        ("lognormal", (1, None, None), "meanlog=0;sdlog=0.2", Lognormal(0, 0.2)),
        ("lognormal", (1.02, None, None), "meanlog=0;sdlog=0.2", Lognormal(0, 0.2)),
        ("beta", (0.3, 0.2, 0.4), "", Beta.from_interval(0.3, 0.2, 0.4)),
        ("beta", (0.3, None, None), "se=0.04", Beta.from_mean_se(0.3, 0.04)),
        ("beta", (0.926, None, None), "counts=18306/1454", Beta(18306, 1454)),
        ("beta", (0.2, None, None), "alpha=12.09;beta=48.37", Beta(12.09, 48.37)),
        ("gamma", (1500, 1000, 2200), "", Gamma.from_interval(1500, 1000, 2200)),
        ("gamma", (1500, None, None), "se=300", Gamma.from_mean_se(1500, 300)),
        ("gamma", (6, None, None), "shape=2; scale=3", Gamma(2, 3)),
        ("uniform", (2.5, 2, 4), "", Uniform(2, 4)),
        ("triangular", (2.5, 2, 4), "range", Triangular(2, 2.5, 4)),
    ],
)
def test_cells_set_the_distribution(kind, cells, basis, expected):
    value, low, high = cells
    assert single_distribution(kind, value=value, low=low, high=high, basis=basis) == expected


@pytest.mark.parametrize(
    ("kind", "basis", "words"),
    [
        ("normal", "range", ["normal", "range", "one of: 95%, se"]),
        ("uniform", "95%", ["uniform", "one of: range"]),
        ("triangular", "se=1", ["triangular", "one of: range"]),
        ("gamma", "counts=30/70", ["gamma", "scale;shape"]),
        ("beta", "shape=1;scale=2", ["beta", "counts"]),
        ("beta", "counts=30", ["events/non-events", "30/70"]),
        ("beta", "counts=1/2/3", ["too many numbers"]),
        ("normal", "se=1/2", ["too many numbers"]),
        ("normal", "standard error 3", ["is not a basis", "se=0.04"]),
        ("normal", "se=1;se=2", ["is not a basis"]),
        ("normal", "se=a", ["must be a number"]),
        ("normal", "se=0,04", ["decimal comma", "0.04"]),
        ("gamma", "shape=2", ["gamma", "scale;shape"]),
        ("beta", "counts=300/700", ["value must be the mean", "0.5", "0.3"]),
        ("gamma", "shape=25;scale=60", ["value must be the mean", "1500"]),
        ("lognormal", "meanlog=0;sdlog=0.2", ["value must be the mean", "0.5"]),
    ],
)
def test_a_basis_that_does_not_fit_is_refused(kind, basis, words):
    with pytest.raises(DistributionError) as problem:
        single_distribution(kind, value=0.5, low=0.2, high=0.8, basis=basis)
    for word in words:
        assert word in str(problem.value)


@pytest.mark.parametrize(
    ("low", "high", "at"), [(None, 1.0, "low"), (0.1, None, "high"), (None, None, "low")]
)
def test_an_interval_that_is_missing_is_asked_for(low, high, at):
    with pytest.raises(DistributionError, match=r"low and high must be given.*se=0.04") as problem:
        single_distribution("normal", value=0.5, low=low, high=high, basis="")
    assert problem.value.at == at


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.926, 0.0005),
        (20.0, 0.5),
        (123.0, 0.5),
        (1e-05, 5e-7),
        (1.5e-05, 5e-7),
        (1e22, 5e20),
        (-0.04, 0.002),
    ],
)
def test_rounding_is_half_of_the_last_digit_within_reason(value, expected):
    assert rounding(value) == pytest.approx(expected, rel=1e-6)


def test_rounding_is_never_below_a_millionth():
    assert rounding(0.12345678901) == pytest.approx(0.12345678901e-6)


def test_a_rounded_mean_agrees_and_the_next_digit_does_not():
    assert single_distribution("beta", value=0.926, low=None, high=None, basis="counts=18306/1454")
    with pytest.raises(DistributionError, match="value must be the mean"):
        single_distribution("beta", value=0.927, low=None, high=None, basis="counts=18306/1454")


def test_counts_give_a_blank_value():
    assert implied_value("beta", "counts=30/70") == 0.3
    assert implied_value("beta", "counts=0/70") is None
    assert implied_value("beta", "95%") is None
    assert implied_value("gamma", "counts=30/70") is None


@pytest.mark.parametrize("basis", ["", "95%", "se=3", "counts=30/70", "counts=0", "counts=-1"])
def test_a_dirichlet_cell_has_one_count_above_0(basis):
    with pytest.raises(DistributionError, match="count"):
        cell_count(basis)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("betta", ["unknown", "'beta'"]),
        ("log-normal", ["unknown", "'lognormal'"]),
        ("dirichlet", ["name its group", "dirichlet:GROUP"]),
        ("mvnormal:", ["name its group"]),
        ("beta:from_a", ["no groups", "write beta"]),
    ],
)
def test_a_distribution_that_does_not_exist_is_refused(text, words):
    with pytest.raises(DistributionError) as problem:
        split_distribution(text)
    for word in words:
        assert word in str(problem.value)


def test_basis_is_read_whatever_its_blanks_and_order():
    assert parse_basis(" beta = 70 ; alpha=30 ") == parse_basis("beta=70;alpha=30")
    assert parse_basis(" beta = 70 ; alpha=30 ").kind == "alpha;beta"
