"""Evaluation of models without states: by hand, in the right direction, and against a slow loop."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.errors import CostModelError
from costmodel.formulas import constant, parse
from costmodel.inputs import Parameter, Parameters, base_draws, draws
from costmodel.model import Discounting, Model, Payoff, Strategy, Time, evaluate
from costmodel.model.examples import two_prices, two_prices_draws
from costmodel.populations import Segment
from costmodel.units import Money


def parameters(**values):
    rows = [Parameter(name, value, unit="number", status="assumed") for name, value in values.items()]
    return Parameters.of(*rows)


def model(payoffs, *, strategies=None, **changes):
    given_strategies = strategies or (Strategy("a", "A", {}),)
    base = Model(
        name="test",
        money=Money("USD", 2026),
        strategies=given_strategies,
        payoffs=tuple(payoffs),
        comparator=given_strategies[0].name,
        perspectives={"all": tuple(dict.fromkeys(p.measure for p in payoffs if p.kind == "cost"))},
    )
    return replace(base, **changes)


def cost(text, **changes):
    return Payoff("drug", "cost", parse(text), **changes)


def test_two_prices_by_hand():
    assert evaluate(two_prices(), two_prices_draws()).cost("payer").tolist() == [[400.0], [100.0]]


def test_five_years_discounted_by_hand():
    outcomes = evaluate(
        model(
            [cost("100"), Payoff("qaly", "qaly", parse("0.8"))],
            time=Time(12, 3, "end"),
            discounting=Discounting(constant(0.03), constant(0.015)),
        ),
        base_draws(parameters()),
    )
    assert outcomes.cost("all")[0, 0] == pytest.approx(100 * (1.03**-1 + 1.03**-2 + 1.03**-3))
    assert outcomes.total("qaly")[0, 0] == pytest.approx(0.8 * (1.015**-1 + 1.015**-2 + 1.015**-3))
    assert outcomes.total("drug", discounted=False)[0, 0] == pytest.approx(300)
    assert outcomes.years("drug")[0, 0].tolist() == [100, 100, 100]


def test_one_off_costs_are_never_half_counted():
    for rule in ("trapezoid", "start", "end", "simpson", "life-table"):
        outcomes = evaluate(
            model(
                [cost("4000", per="once")], time=Time(12, 20, rule), discounting=Discounting(constant(0.05))
            ),
            base_draws(parameters()),
        )
        assert outcomes.cost("all")[0, 0] == 4000
        assert outcomes.years("drug")[0, 0].tolist() == [4000] + [0] * 19


def test_a_horizon_of_zero_gives_the_one_offs_only():
    payoffs = [cost("4", per="once"), cost("100"), cost("7", per="cycle")]
    outcomes = evaluate(model(payoffs, time=Time(12, 0)), base_draws(parameters()))
    assert outcomes.cost("all")[0, 0] == 4
    assert outcomes.years("drug")[0, 0].tolist() == [4]


def test_per_cycle_and_per_year_differ_by_the_length_of_a_cycle():
    monthly = Time(1, 2)
    by_cycle = evaluate(model([cost("5", per="cycle")], time=monthly), base_draws(parameters()))
    by_year = evaluate(model([cost("60")], time=monthly), base_draws(parameters()))
    assert by_cycle.cost("all")[0, 0] == pytest.approx(120)
    assert by_year.cost("all")[0, 0] == pytest.approx(120)


def test_a_price_that_falls_over_time_by_hand():
    outcomes = evaluate(
        model([cost("100 * 0.9 ** years")], time=Time(12, 2, "start")), base_draws(parameters())
    )
    assert outcomes.years("drug")[0, 0] == pytest.approx([100, 90])


def test_age_runs_from_the_start_age():
    time = Time(12, 3, "start", parse("age_start"))
    outcomes = evaluate(
        model([cost("age")], time=time, parameters={"age_start": None}), base_draws(parameters(age_start=40))
    )
    assert outcomes.years("drug")[0, 0].tolist() == [40, 41, 42]


def test_segments_weigh_by_size_and_override():
    segments = (
        Segment("small", "Small", constant(1), {"price": constant(10)}),
        Segment("large", "Large", parse("3 * n"), {}),
        Segment("dear", "Dear", constant(0), {"price": parse("price * 100")}),
    )
    outcomes = evaluate(
        model([cost("price")], segments=segments, parameters={"price": None, "n": None}),
        base_draws(parameters(price=2, n=1)),
    )
    assert outcomes.cost("all", segment="small")[0, 0] == 10
    assert outcomes.cost("all", segment="large")[0, 0] == 2
    assert outcomes.cost("all", segment="dear")[0, 0] == 200
    assert outcomes.cost("all")[0, 0] == pytest.approx((10 * 1 + 2 * 3) / 4)


def test_strategy_wins_over_segment_and_scenario_over_both():
    built = model(
        [cost("price")],
        strategies=(Strategy("plain", "P", {}), Strategy("own", "O", {"price": parse("7")})),
        segments=(Segment("s", "S", constant(1), {"price": constant(5)}),),
        parameters={"price": None},
    )
    start = base_draws(parameters(price=3))
    assert evaluate(built, start).cost("all")[:, 0].tolist() == [5, 7]
    scenario = replace(built, scenario={"price": parse("price + 1")})
    assert evaluate(scenario, start).cost("all")[:, 0].tolist() == [6, 8]


def test_money_of_another_year_is_converted_by_the_declared_factor():
    other = Money("USD", 2024)
    built = model([cost("fee")], parameters={"fee": other}, conversions={other: parse("1.05")})
    assert evaluate(built, base_draws(parameters(fee=10))).cost("all")[0, 0] == pytest.approx(10.5)


@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_raising_the_price_raises_the_cost(price, more):
    built = model([cost("price * 365")], parameters={"price": None})
    low = evaluate(built, base_draws(parameters(price=price))).cost("all")[0, 0]
    high = evaluate(built, base_draws(parameters(price=price + more))).cost("all")[0, 0]
    assert high > low


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(0, 5))
def test_many_draws_equal_one_by_one(n, seed):
    table = Parameters.of(
        Parameter("price", 3, distribution="gamma", basis="se=1", unit="number", status="assumed"),
        Parameter("share", 0.3, distribution="beta", basis="se=0.1", unit="number", status="assumed"),
    )
    built = model(
        [cost("price * share * (2 if years > 0.5 else 1)"), Payoff("qaly", "qaly", parse("share"))],
        strategies=(Strategy("a", "A", {}), Strategy("b", "B", {"price": parse("2 * price")})),
        parameters={"price": None, "share": None},
        segments=(
            Segment("x", "X", constant(2), {}),
            Segment("y", "Y", constant(1), {"share": parse("share / 2")}),
        ),
        time=Time(3, 2),
        discounting=Discounting(constant(0.03), constant(0.03)),
    )
    drawn = draws(table, n=n, seed=seed)
    together = evaluate(built, drawn)
    for i in range(n):
        one = evaluate(built, drawn.take([i]))
        np.testing.assert_allclose(one.discounted[:, :, 0], together.discounted[:, :, i], rtol=1e-13)
        np.testing.assert_allclose(one.by_year[:, :, 0], together.by_year[:, :, i], rtol=1e-13)


def test_order_of_strategies_changes_nothing():
    built = two_prices()
    turned = replace(built, strategies=built.strategies[::-1])
    assert evaluate(turned, two_prices_draws()).cost("payer")[::-1].tolist() == [[400.0], [100.0]]


def test_a_missing_parameter_is_named():
    built = model([cost("price")], parameters={"price": None})
    with pytest.raises(CostModelError, match="'price' has no draws"):
        evaluate(built, base_draws(parameters(other=1)))


def test_a_negative_size_is_named():
    built = model([cost("1")], segments=(Segment("odd", "Odd", parse("-1")),))
    with pytest.raises(CostModelError, match="size of segment odd must be at least 0"):
        evaluate(built, base_draws(parameters()))
