"""The cohort engine: closed forms, and what must hold whatever the model."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies_model import cohort, drawn, move, occupancy, time_in, total

from costmodel.formulas import constant, parse
from costmodel.model import Discounting, Payoff, Strategy, Time, evaluate
from costmodel.model.definition import WITHIN_CYCLE
from costmodel.populations import Segment

# Closed forms


@pytest.mark.parametrize(
    ("rule", "at_start", "at_end"), [("start", 1, 0), ("end", 0, 1), ("trapezoid", 0.5, 0.5)]
)
def test_a_constant_probability_of_death_gives_a_geometric_sum(rule, at_start, at_end):
    p, r, n = 0.13, 0.035, 30
    model = cohort(
        ["alive", "dead"],
        [move("alive", "dead", p)],
        [time_in("alive")],
        time=Time(12, n, rule),
        discounting=Discounting(effects=constant(r)),
    )
    q = (1 - p) / (1 + r)
    inner = q * (1 - q ** (n - 1)) / (1 - q)
    assert total(model)[0] == pytest.approx(inner + at_start + at_end * q**n, rel=1e-13)


@given(st.floats(0.01, 3), st.floats(0, 0.2), st.sampled_from([1, 3, 6, 12]))
def test_a_constant_rate_gives_exponential_survival_whatever_the_cycle(rate, discount, months):
    n = 24 // months
    model = cohort(
        ["alive", "dead"],
        [move("alive", "dead", rate, is_rate=True)],
        [time_in("alive")],
        time=Time(months, 2, "start"),
        discounting=Discounting(effects=constant(discount), method="continuous"),
    )
    times = np.arange(n + 1) * months / 12
    assert occupancy(model)[:, 0, 0, 0] == pytest.approx(np.exp(-rate * times), rel=1e-12)
    step = np.exp(-(rate + discount) * months / 12)
    assert total(model)[0] == pytest.approx((1 - step**n) / (1 - step) * months / 12, rel=1e-12)


@given(st.floats(0, 5), st.floats(0.001, 5), st.sampled_from([1, 12]))
def test_competing_rates_by_closed_form(one, other, months):
    model = cohort(
        ["start", "one", "other"],
        [move("start", "one", one, is_rate=True), move("start", "other", other, is_rate=True)],
        time=Time(months, 3),
    )
    left = 1 - np.exp(-3 * (one + other))
    expected = [1 - left, left * one / (one + other), left * other / (one + other)]
    assert occupancy(model)[-1, :, 0, 0] == pytest.approx(expected, abs=1e-12)


def test_rates_of_zero_leave_everybody_where_they_are():
    model = cohort(["a", "b"], [move("a", "b", 0, is_rate=True)], time=Time(12, 5))
    assert occupancy(model)[-1, :, 0, 0].tolist() == [1, 0]


def test_a_tunnel_of_fixed_length_is_left_on_time():
    leave = move("taper", "off", "1 if cycles_in_state >= 3 else 0")
    model = cohort(
        ["taper", "off"],
        [leave],
        [
            time_in("taper"),
            Payoff("late", "event", parse("years_in_state"), transition=("taper", "off"), per="event"),
        ],
        tunnels={"taper": 6},
        time=Time(1, 1, "start"),
    )
    assert occupancy(model)[:, 0, 0, 0].tolist() == [1, 1, 1, 1] + [0] * 9
    assert total(model)[0] == pytest.approx(4 / 12)
    assert total(model, "late")[0] == pytest.approx(3 / 12)


def test_inflow_against_death_reaches_its_balance():
    model = cohort(
        ["alive", "dead"], [move("alive", "dead", 0.2)], inflow={"alive": 0.05}, time=Time(12, 100)
    )
    t = np.arange(101)
    assert occupancy(model)[:, 0, 0, 0] == pytest.approx(0.25 + 0.75 * 0.8**t, rel=1e-12)


def test_the_life_table_rule_averages_people_not_money():
    """Occupancy is the mean of both ends of a cycle; price and discount are those of its start."""
    payoffs = [
        time_in("alive"),
        Payoff("drug", "cost", parse("100 * 0.9 ** years"), states=("alive",)),
    ]
    model = cohort(
        ["alive", "dead"],
        [move("alive", "dead", 0.2)],
        payoffs,
        time=Time(12, 3, "life-table"),
        discounting=Discounting(constant(0.06), constant(0)),
    )
    people = [(1 + 0.8) / 2, (0.8 + 0.64) / 2, (0.64 + 0.512) / 2]
    drug = sum(share * 100 * 0.9**t / 1.06**t for t, share in enumerate(people))
    assert total(model)[0] == pytest.approx(sum(people))
    assert total(model, "drug")[0] == pytest.approx(drug)
    assert total(replace(model, time=Time(12, 3, "trapezoid")))[0] == pytest.approx(sum(people))


def test_a_horizon_of_zero_counts_the_start_only():
    payoffs = [
        Payoff("kit", "cost", constant(7), per="once", states=("b",)),
        Payoff("drug", "cost", constant(100), states=("a", "b")),
        Payoff("falls", "event", constant(1), per="event", enter="b"),
    ]
    model = cohort(["a", "b"], [move("a", "b", 0.5)], payoffs, start={"a": None, "b": 0.25}, time=Time(12, 0))
    assert [total(model, name)[0] for name in ("kit", "drug", "falls")] == [1.75, 0, 0]


# What holds whatever the model


@st.composite
def chains(draw):
    """A random chain: names, start, a row-stochastic matrix whose last state is absorbing, and cycles."""
    size = draw(st.integers(2, 5))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    matrix = generator.dirichlet(np.ones(size), size)
    matrix[-1] = np.eye(size)[-1]
    start = generator.dirichlet(np.ones(size))
    return [f"s{i}" for i in range(size)], start, matrix, draw(st.integers(1, 25))


def built(chain, *, complement=0, order=None, **changes):
    """Return a chain as a model whose complement stands in column ``complement`` of every row."""
    names, start, matrix, cycles = chain
    moves = [
        move(source, target, None if j == (i + complement) % len(names) else repr(float(matrix[i, j])))
        for i, source in enumerate(names[:-1])
        for j, target in enumerate(names)
    ]
    payoffs = [
        Payoff("cost", "cost", constant(10.0 * (i + 1)), states=(name,)) for i, name in enumerate(names)
    ]
    payoffs += [time_in(name) for name in names[:-1]]
    payoffs.append(Payoff("moves", "event", constant(1), per="event", transition=(names[0], names[1])))
    options = {"time": Time(12, cycles), "discounting": Discounting(constant(0.03), constant(0.01))} | changes
    shown = [names[i] for i in order] if order is not None else names
    moves = sorted(moves, key=lambda item: shown.index(item.target)) if order is not None else moves
    shares = dict(zip(names[:-1], map(float, start[:-1]), strict=True)) | {names[-1]: None}
    return cohort(shown, moves, payoffs, start=shares, **options)


def totals(model, draws=None):
    outcomes = evaluate(model, draws or drawn())
    return np.array([outcomes.total(name)[0, 0] for name in ("cost", "time", "moves")])


@given(chains())
def test_occupancy_is_that_of_the_powers_of_the_matrix_and_sums_to_one(chain):
    _, start, matrix, cycles = chain
    shares = occupancy(built(chain))[:, :, 0, 0]
    for t in range(cycles + 1):
        assert shares[t] == pytest.approx(start @ np.linalg.matrix_power(matrix, t), abs=1e-12)
    assert shares.sum(axis=1) == pytest.approx(np.ones(cycles + 1), abs=1e-12)


@given(chains())
def test_the_dead_never_become_fewer(chain):
    dead = occupancy(built(chain))[:, -1, 0, 0]
    assert (np.diff(dead) >= 0).all()


@given(chains(), st.integers(1, 4))
def test_the_complement_may_stand_on_any_one_transition(chain, column):
    assert totals(built(chain, complement=column)) == pytest.approx(totals(built(chain)), rel=1e-11)
    shares = occupancy(built(chain, complement=column))
    assert shares == pytest.approx(occupancy(built(chain)), abs=1e-13)


@given(chains(), st.randoms(use_true_random=False))
def test_the_order_of_states_and_transitions_changes_nothing(chain, random):
    order = list(range(len(chain[0])))
    random.shuffle(order)
    assert totals(built(chain, order=order)) == pytest.approx(totals(built(chain)), rel=1e-12)


@given(chains())
def test_the_order_of_strategies_changes_nothing(chain):
    arms = tuple(Strategy(name, name, {"fee": constant(fee)}) for name, fee in [("x", 1), ("y", 2), ("z", 3)])
    model = built(chain)
    priced = replace(model.payoffs[0], value=parse("10 * fee"))
    model = replace(model, strategies=arms, comparator="y", payoffs=(priced, *model.payoffs[1:]))
    forth = evaluate(model, drawn())
    back = evaluate(replace(model, strategies=arms[::-1]), drawn())
    assert (forth.discounted[::-1] == back.discounted).all()
    assert (forth.by_year[::-1] == back.by_year).all()
    assert forth.cost("all")[0, 0] < forth.cost("all")[2, 0]


@given(chains())
def test_splitting_a_state_in_two_halves_changes_nothing(chain):
    """Everybody who comes to s0 goes to one of two states that are like it, half to each."""
    names, start, matrix, cycles = chain
    halves = np.zeros((len(names) + 1, len(names) + 1))
    halves[1:, 1:] = matrix
    halves[1:, 0] = halves[1:, 1] = matrix[:, 0] / 2
    halves[0] = halves[1]
    shares = np.concatenate([[start[0] / 2, start[0] / 2], start[1:]])
    split = built((["s0b", *names], shares, halves, cycles))
    payoffs = [
        replace(item, states=("s0b", *item.states)) if item.states == ("s0",) else item
        for item in built(chain).payoffs
        if item.measure != "moves"
    ]
    events = [
        Payoff("moves", "event", constant(1), per="event", transition=(half, names[1]))
        for half in ("s0b", "s0")
    ]
    split = replace(split, payoffs=(*payoffs, *events))
    assert totals(split) == pytest.approx(totals(built(chain)), rel=1e-11)


@given(chains(), st.integers(2, 40))
def test_a_tunnel_changes_nothing_where_time_in_the_state_does_not_matter(chain, length):
    plain = built(chain)
    tunnel = replace(plain, states=replace(plain.states, tunnels={"s0": length}))
    assert totals(tunnel) == pytest.approx(totals(plain), rel=1e-12)
    assert occupancy(tunnel) == pytest.approx(occupancy(plain), abs=1e-13)


@given(st.sampled_from(WITHIN_CYCLE), st.integers(1, 60), st.sampled_from([1, 3, 12]))
def test_nobody_dies_and_a_year_is_a_year_under_every_rule(rule, cycles, months):
    model = cohort(
        ["alive", "dead"],
        [move("alive", "dead", 0)],
        [time_in("alive")],
        time=Time(months, cycles * months / 12, rule),
    )
    assert total(model)[0] == pytest.approx(cycles * months / 12, rel=1e-12)


def varied(n, *, seed=1):
    """Return a model whose start, probabilities, rates, prices and segments all differ by draw, and draws."""
    generator = np.random.default_rng(seed)
    model = cohort(
        ["well", "sick", "dead"],
        [
            move("well", "sick", "p_sick * 0.98 ** cycle"),
            move("well", "dead", "p_dead"),
            move("sick", "dead", "0.3 + 0.1 * years_in_state"),
        ],
        [
            Payoff("cost", "cost", parse("price * (1 + years_in_state)"), states=("sick",)),
            Payoff("cost", "cost", parse("3 * price"), enter="dead", per="event"),
            Payoff("time", "life_years", constant(1), states=("well", "sick")),
            Payoff("moves", "event", parse("price"), transition=("well", "sick"), per="event"),
        ],
        start={"well": "share", "sick": None},
        tunnels={"sick": 4},
        inflow={"well": "0.1 * share"},
        time=Time(12, 9, "simpson"),
        discounting=Discounting(parse("r"), constant(0.02)),
        parameters=dict.fromkeys(("p_sick", "p_dead", "price", "share", "r")),
        segments=(
            Segment("x", "X", constant(2)),
            Segment("y", "Y", parse("share"), {"price": parse("2 * price")}),
        ),
    )
    values = {name: generator.uniform(0.01, 0.3, n) for name in model.parameters}
    return model, drawn(n, **values)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 70), st.integers(1, 3), st.integers(0, 99))
def test_neither_the_size_of_blocks_nor_the_number_of_threads_changes_a_bit(n, block, workers, seed):
    model, draws = varied(n, seed=seed)
    whole, parts = evaluate(model, draws), evaluate(model, draws, block=block, workers=workers)
    assert (parts.discounted == whole.discounted).all()
    assert (parts.undiscounted == whole.undiscounted).all()
    assert (parts.by_year == whole.by_year).all()
    assert (parts.sizes == whole.sizes).all()


def test_where_people_are_is_the_same_to_the_bit_for_one_draw_and_for_many():
    model, draws = varied(37)
    together = occupancy(model, draws)
    for i in range(37):
        assert (occupancy(model, draws.take([i]))[:, :, 0] == together[:, :, i]).all()


def test_each_draw_and_segment_is_a_model_of_its_own():
    """A loop over draws and segments, in plain Python, gives what all at once give."""
    model, draws = varied(5)
    outcomes = evaluate(model, draws)
    for i in range(5):
        value = {name: float(draws[name][i]) for name in draws.values}
        for segment, factor in (("x", 1), ("y", 2)):
            well, sick, cost, moved = value["share"], [1 - value["share"], 0, 0, 0], 0.0, 0.0
            weights = simpson_of_nine() * (1 + value["r"]) ** -np.arange(10.0)
            price = value["price"] * factor
            for t in range(10):
                cost += weights[t] * price * sum(share * (1 + k) for k, share in enumerate(sick))
                if t == 9:
                    break
                falling = well * value["p_sick"] * 0.98**t
                dying = [share * (0.3 + 0.1 * k) for k, share in enumerate(sick)]
                cost += 3 * price * (well * value["p_dead"] + sum(dying)) * (1 + value["r"]) ** -(t + 1)
                moved += price * falling * 1.02 ** -(t + 1)
                stay = [share - gone for share, gone in zip(sick, dying, strict=True)]
                sick = [falling, stay[0], stay[1], stay[2] + stay[3]]
                well = well * (1 - value["p_dead"]) - falling + 0.1 * value["share"]
            assert outcomes.total("cost", segment=segment)[0, i] == pytest.approx(cost, rel=1e-12)
            assert outcomes.total("moves", segment=segment)[0, i] == pytest.approx(moved, rel=1e-12)


def simpson_of_nine():
    weights = np.zeros(10)
    for pair in range(0, 6, 2):
        weights[pair : pair + 3] += np.array([1, 4, 1]) / 3
    weights[6:] += np.array([3, 9, 9, 3]) / 8
    return weights
