"""Random numbers of the continuous-time simulator, and a published model at full length."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.model import CompetingRisks, simulate_times
from costmodel.model.times import Exponential, Weibull
from costmodel.units import Money

USD = Money("USD", 2026)


def three_states(hazard_ratio=1.0, *, n_draws=1):
    rates = np.linspace(0.3, 0.6, n_draws)
    return CompetingRisks(
        ("on", "off", "dead"),
        {
            ("on", "off"): Weibull(1.2, 1.8 / hazard_ratio),
            ("on", "dead"): Exponential(rates / 3),
            ("off", "on"): Exponential(rates * hazard_ratio),
            ("off", "dead"): Exponential(0.2),
        },
        horizon_years=10.0,
        money=USD,
        costs={"on": 2000.0, "off": 500.0},
        utilities={"on": 0.8, "off": 0.6},
        discount_costs=0.03,
        discount_effects=0.03,
    )


def test_equal_strategies_have_equal_results():
    same = {"a": three_states(), "b": three_states()}
    found = simulate_times(same, n_people=500, seed=1)
    assert (found.discounted[0] == found.discounted[1]).all()


def test_common_numbers_make_differences_precise():
    pairs = [
        simulate_times({"a": three_states(), "b": three_states(0.8)}, n_people=200, seed=seed)
        .total("qaly")
        .ravel()
        for seed in range(60)
    ]
    first, second = np.array(pairs).T
    together = np.var(second - first)
    apart = np.var(second - np.roll(first, 1))
    assert together < 0.6 * apart


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 900), st.integers(0, 50))
def test_the_size_of_a_block_changes_nothing(block, seed):
    models = {"a": three_states(n_draws=4), "b": three_states(0.7, n_draws=4)}
    whole = simulate_times(models, n_people=101, n_draws=4, seed=seed)
    parts = simulate_times(models, n_people=101, n_draws=4, seed=seed, block=block)
    np.testing.assert_allclose(parts.discounted, whole.discounted, rtol=1e-12)
    np.testing.assert_allclose(parts.by_year, whole.by_year, rtol=1e-11, atol=1e-9)


def test_shares_of_the_work_change_nothing(monkeypatch):
    models = {"a": three_states(n_draws=5)}
    whole = simulate_times(models, n_people=70, n_draws=5, seed=3)
    monkeypatch.setattr("costmodel.model.sojourns._SHARE", 111)
    shared = simulate_times(models, n_people=70, n_draws=5, seed=3)
    np.testing.assert_allclose(shared.discounted, whole.discounted, rtol=1e-12)


def test_a_seed_gives_the_same_again_and_another_does_not():
    first, again, other = (
        simulate_times({"a": three_states()}, n_people=50, seed=seed).discounted for seed in (0, 0, 1)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_draws_of_a_longer_design_begin_with_the_shorter():
    model = three_states()
    short = simulate_times({"a": model}, n_people=30, n_draws=2, seed=2).discounted
    long = simulate_times({"a": model}, n_people=30, n_draws=5, seed=2).discounted
    np.testing.assert_allclose(long[:, :, :2], short, rtol=1e-13)


def test_order_of_strategies_changes_nothing():
    models = {"a": three_states(), "b": three_states(0.7)}
    forth = simulate_times(models, n_people=40, seed=2)
    back = simulate_times(dict(reversed(models.items())), n_people=40, seed=2, comparator="a")
    assert (forth.discounted == back.discounted[::-1]).all()


def test_doubling_costs_doubles_them_alone():
    plain = three_states()
    double = CompetingRisks(
        **{
            **{name: getattr(plain, name) for name in plain.__dataclass_fields__},
            "costs": {"on": 4000.0, "off": 1000.0},
        }
    )
    found = simulate_times({"a": plain, "b": double}, n_people=100, seed=1)
    assert found.total("cost")[1] == pytest.approx(2 * found.total("cost")[0])
    assert (found.total("qaly")[1] == found.total("qaly")[0]).all()


def test_two_treatments_over_ten_years_lie_where_other_simulators_put_them():
    """The expected values are hesim's and a compiled program's, two independent runs of 1,000,000 people."""
    rng = np.random.default_rng(12)
    n_draws, n_people = 400, 250
    rows = {
        ("on", "event"): (0.8, 0.7),
        ("on", "dead"): (0.12, 0.85),
        ("event", "on"): (5.0, 1.0),
        ("event", "off"): (2.5, 1.0),
        ("event", "dead"): (0.25, 1.0),
        ("off", "dead"): (0.18, 1.0),
    }
    drawn = {
        pair: mean * np.exp(0.05 * rng.standard_normal(n_draws) - 0.00125) for pair, (mean, _) in rows.items()
    }
    scale = 1.8 * np.exp(0.05 * rng.standard_normal(n_draws) - 0.00125)

    def treatment(cost, *, effective):
        laws = {
            pair: Exponential(drawn[pair] * (ratio if effective else 1.0))
            for pair, (_, ratio) in rows.items()
        }
        laws["on", "off"] = Weibull(1.2, scale * (1.2 if effective else 1.0))
        return CompetingRisks(
            ("on", "event", "off", "dead"),
            laws,
            horizon_years=10.0,
            money=USD,
            costs={"on": cost + 1500.0, "event": cost + 6000.0, "off": 3000.0},
            utilities={"on": 0.8, "event": 0.6, "off": 0.68},
            discount_costs=math.log(1.03),
            discount_effects=math.log(1.03),
        )

    models = {"a": treatment(12000.0, effective=False), "b": treatment(21000.0, effective=True)}
    found = simulate_times(models, n_people=n_people, n_draws=n_draws, seed=13)
    for measure, ranges in {
        "cost": ((26067, 26175), (41814, 41958)),
        "qaly": ((3.111, 3.120), (3.253, 3.255)),
    }.items():
        for values, (low, high) in zip(found.total(measure), ranges, strict=True):
            error = values.std() / math.sqrt(n_draws)
            assert low - 4 * error < values.mean() < high + 4 * error
