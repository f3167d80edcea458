"""Competing risks in continuous time: closed forms, a slow loop over people, common random numbers."""

import heapq
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import CostModelError
from costmodel.model import CompetingRisks, simulate_times
from costmodel.model.times import Exponential, Gamma, Gompertz, Lognormal, Weibull
from costmodel.model.uniforms import draw_keys
from costmodel.units import Money

USD = Money("USD", 2026)
GOLDEN, WORD = 0x9E3779B97F4A7C15, (1 << 64) - 1
LAWS = [
    Exponential(0.3),
    Weibull(1.4, 3.0),
    Weibull(0.6, 3.0),
    Gompertz(0.2, 0.05),
    Gompertz(-0.2, 0.4),
    Gompertz(0.0, 0.3),
    Lognormal(0.8, 0.6),
    Gamma(2.5, 0.7),
    Gamma(0.5, 0.7),
]


def survival(law, t):
    """The textbook's survival function, written apart from the package."""
    from scipy import stats

    match law:
        case Exponential():
            return math.exp(-law.rate[0] * t)
        case Weibull():
            return math.exp(-((t / law.scale[0]) ** law.shape[0]))
        case Gompertz():
            growth = t if law.shape[0] == 0 else math.expm1(law.shape[0] * t) / law.shape[0]
            return math.exp(-law.rate[0] * growth)
        case Lognormal():
            return float(stats.lognorm(law.sdlog[0], scale=math.exp(law.meanlog[0])).sf(t))
        case Gamma():
            return float(stats.gamma(law.shape[0], scale=1 / law.rate[0]).sf(t))


def dying(law, **changes):
    settings_ = {"horizon_years": 50.0, "money": USD, "costs": {"ill": 1000.0}, "utilities": {"ill": 0.7}}
    return CompetingRisks(("ill", "dead"), {("ill", "dead"): law}, **(settings_ | changes))


def mixed(word):
    word = ((word ^ word >> 30) * 0xBF58476D1CE4E5B9) & WORD
    word = ((word ^ word >> 27) * 0x94D049BB133111EB) & WORD
    return word ^ word >> 31


def number(key, counter):
    """The uniform number of a person's sequence, in whole-number arithmetic."""
    bits = mixed((key + counter * GOLDEN) & WORD)
    return ((bits >> 12) + 0.5) / 2**52


# --- times ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", LAWS, ids=repr)
@pytest.mark.parametrize("since", [None, 0.0, 0.7, 6.0])
def test_the_survival_at_a_time_is_the_number_it_was_drawn_with(law, since):
    exposure = np.array([1e-3, 0.1, 0.5, 1.0, 2.0, 5.0])
    gone = None if since is None else np.full(6, since)
    years = law.waiting(exposure, since=gone)
    begun = survival(law, since or 0.0)
    for wait, expected in zip(years, np.exp(-exposure), strict=True):
        if math.isinf(wait):
            assert survival(law, 1e9) / begun >= expected * (1 - 1e-12)
        else:
            assert survival(law, (since or 0.0) + wait) / begun == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_a_clock_that_starts_now_and_one_at_zero_agree(law):
    exposure = np.linspace(0.01, 4, 50)
    assert law.waiting(exposure, since=np.zeros(50)) == pytest.approx(law.waiting(exposure), rel=1e-12)


@given(st.sampled_from(LAWS), st.floats(0.001, 5), st.floats(0.001, 3), st.floats(0, 10))
def test_more_exposure_takes_longer(law, exposure, more, since):
    first, later = law.waiting(np.array([exposure, exposure + more]), since=np.full(2, since))
    assert later > first or math.isinf(first)


def test_some_never_have_an_event_whose_hazard_dies_out():
    never = math.exp(-0.4 / 0.2)
    exposure = -np.log([never * 1.01, never * 0.99])
    assert np.isfinite(Gompertz(-0.2, 0.4).waiting(exposure)).tolist() == [True, False]


def test_a_gamma_time_far_in_its_tail_takes_the_limit_of_the_hazard():
    waited = Gamma(2.0, 3.0).waiting(np.array([1.5]), since=np.array([1e4]))
    assert waited == pytest.approx([0.5])


def test_parameters_by_draw_go_to_their_draws():
    law = Weibull(1.0, [2.0, 5.0])
    assert law.waiting(np.ones(3), draw=np.array([1, 0, 1])).tolist() == [5.0, 2.0, 5.0]
    assert law.n_draws == 2


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Exponential(0.0), "rate of Exponential must be above 0 and finite.*found 0"),
        (lambda: Weibull(1.0, -2.0), "scale of Weibull"),
        (lambda: Lognormal(float("nan"), 1.0), "meanlog of Lognormal must be finite.*found nan"),
        (lambda: Gompertz([0.1, 0.2], [1.0, 2.0, 3.0]), "equally many draws; found 2, 3"),
        (lambda: Gamma([[1.0]], 1.0), "one value per draw; found shape"),
    ],
)
def test_a_time_that_cannot_be_is_refused(make, words):
    with pytest.raises(CostModelError, match=words):
        make()


# --- closed forms ---------------------------------------------------------------------------------------


def test_splitmix_gives_its_published_numbers():
    assert [mixed((1234567 + k * GOLDEN) & WORD) for k in (1, 2, 3)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_an_exponential_stay_has_its_discounted_cost():
    model = dying(Exponential(0.2), horizon_years=1000.0, discount_costs=0.05, discount_effects=0.02)
    found = simulate_times({"a": model}, n_people=200_000, seed=4)
    assert found.total("cost").item() == pytest.approx(1000 / 0.25, rel=0.01)
    assert found.total("qaly").item() == pytest.approx(0.7 / 0.22, rel=0.01)
    assert found.total("life_years").item() == pytest.approx(1 / 0.22, rel=0.01)
    assert found.total("life_years", discounted=False).item() == pytest.approx(5, rel=0.01)


def test_the_horizon_cuts_what_comes_after():
    rate, end, discount = 0.2, 3.5, 0.05
    model = dying(Exponential(rate), horizon_years=end, discount_costs=discount)
    found = simulate_times({"a": model}, n_people=200_000, seed=5)
    expected = 1000 * -math.expm1(-(rate + discount) * end) / (rate + discount)
    assert found.total("cost").item() == pytest.approx(expected, rel=0.005)
    years = [-(math.exp(-rate * min(t + 1, end)) - math.exp(-rate * t)) / rate for t in range(4)]
    assert found.years("life_years")[0, 0] == pytest.approx(years, abs=0.006)


def test_nobody_dies_without_a_transition_and_the_horizon_is_exact():
    model = CompetingRisks(
        ("well", "dead"), {}, horizon_years=2.5, money=USD, costs={"well": 10.0}, discount_costs=0.1
    )
    found = simulate_times({"a": model}, n_people=3, seed=0)
    assert found.total("life_years").item() == 2.5
    assert found.years("life_years")[0, 0].tolist() == [1.0, 1.0, 0.5]
    assert found.total("cost").item() == pytest.approx(10 * -math.expm1(-0.25) / 0.1, rel=1e-14)


def test_a_horizon_of_zero_gives_nothing():
    found = simulate_times({"a": dying(Weibull(2.0, 1.0), horizon_years=0.0)}, n_people=10, seed=0)
    assert not found.discounted.any()


@pytest.mark.parametrize(
    "law", [law for law in LAWS if law.n_draws == 1 and law.waiting(np.array([9.0])) < 1e3]
)
def test_mean_time_is_the_area_under_the_survival_curve(law):
    from scipy.integrate import quad

    found = simulate_times({"a": dying(law)}, n_people=100_000, seed=6)
    area, _ = quad(lambda t: survival(law, t), 0, 50, limit=200)
    second, _ = quad(lambda t: 2 * t * survival(law, t), 0, 50, limit=200)
    error = math.sqrt((second - area**2) / 100_000)
    assert abs(found.total("life_years").item() - area) < 4 * error


def test_a_weibull_time_has_its_mean():
    found = simulate_times({"a": dying(Weibull(1.7, 4.0), horizon_years=200.0)}, n_people=100_000, seed=7)
    assert found.total("life_years").item() == pytest.approx(4 * math.gamma(1 + 1 / 1.7), rel=0.01)


def test_destinations_are_in_proportion_to_their_rates():
    rates = {"b": 0.5, "c": 0.3, "dead": 0.2}
    model = CompetingRisks(
        ("a", "b", "c", "dead"),
        {("a", target): Exponential(rate) for target, rate in rates.items()},
        horizon_years=400.0,
        money=USD,
        costs={"b": 1.0},
        utilities={"c": 1.0},
    )
    found = simulate_times({"a": model}, n_people=100_000, seed=8)
    after = 400 - 1 / sum(rates.values())
    assert found.total("cost").item() / after == pytest.approx(0.5, abs=0.006)
    assert found.total("qaly").item() / after == pytest.approx(0.3, abs=0.006)
    in_a = found.total("life_years") - found.total("cost") - found.total("qaly")
    assert in_a.item() == pytest.approx(1.0, rel=0.015)


@pytest.mark.parametrize(("clock", "own"), [("reset", 0.0), ("forward", None)])
def test_a_gompertz_clock_runs_on_or_starts_anew(clock, own):
    """From b, entered at time T, people live as from age 0 (reset), or as from age T (forward)."""
    from scipy.integrate import quad

    shape, rate, leave = 0.15, 0.03, 0.5
    model = CompetingRisks(
        ("a", "b", "dead"),
        {("a", "b"): Exponential(leave), ("b", "dead"): Gompertz(shape, rate)},
        horizon_years=100.0,
        money=USD,
        utilities={"b": 1.0},
        clock=clock,
    )
    found = simulate_times({"a": model}, n_people=200_000, seed=9)

    def left(age):
        level = rate * math.exp(shape * age)
        return quad(lambda t: math.exp(-level * math.expm1(shape * t) / shape), 0, 60)[0]

    expected = (
        left(own) if own is not None else quad(lambda t: leave * math.exp(-leave * t) * left(t), 0, 40)[0]
    )
    assert found.total("qaly").item() == pytest.approx(expected, rel=0.006)


# --- a slow loop over people ----------------------------------------------------------------------------


def slowly(model, *, n_people, n_draws, seed, rates):
    """Follow people one by one with the same numbers; return discounted and plain years by state and draw."""
    place = {state: position for position, state in enumerate(model.states)}
    keys = draw_keys(seed, "competing risks", n_draws).tolist()
    plain = np.zeros((n_draws, len(place)))
    worth = np.zeros((len(rates), n_draws, len(place)))
    ways = {state: [pair for pair in model.transitions if pair[0] == state] for state in model.states}

    def returns(state):
        seen, waiting = set(), [target for _, target in ways[state]]
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting += [target for _, target in ways[here]]
        return state in seen

    for draw in range(n_draws):
        for person in range(n_people):
            key = mixed((keys[draw] + (person + 1) * GOLDEN) & WORD)
            state, time, moves = model.start, 0.0, 0
            while time < model.horizon_years:
                queue = []
                for source, target in ways[state]:
                    counter = 1 + (place[source] << 8 | place[target])
                    counter += (moves << 16) if returns(state) else 0
                    exposure = -math.log(number(key, counter))
                    since = np.array([time]) if model.clock == "forward" else None
                    law = model.transitions[source, target]
                    wait = law.waiting(np.array([exposure]), since=since, draw=np.array([draw]))[0]
                    heapq.heappush(queue, (time + wait, place[target], target))
                end, target = (queue[0][0], queue[0][2]) if queue else (math.inf, state)
                stop = min(end, model.horizon_years)
                plain[draw, place[state]] += stop - time
                for row, rate in enumerate(rates):
                    gain = (math.exp(-rate * time) - math.exp(-rate * stop)) / rate
                    worth[row, draw, place[state]] += gain
                state, time, moves = target, end, moves + 1
    return worth / n_people, plain / n_people


@pytest.mark.parametrize("clock", ["reset", "forward"])
def test_a_slow_loop_gives_the_same(clock):
    costs, utilities = np.array([100.0, 900.0, 40.0]), np.array([0.9, 0.5, 0.7])
    states = ("on", "event", "off", "dead")
    model = CompetingRisks(
        states,
        {
            ("on", "off"): Weibull(1.3, [2.0, 2.5, 3.0]),
            ("on", "event"): Lognormal(0.2, 0.8),
            ("on", "dead"): Gompertz(0.1, [0.02, 0.03, 0.04]),
            ("event", "on"): Gamma(2.0, 6.0),
            ("event", "dead"): Exponential(0.2),
            ("off", "dead"): Weibull(0.8, 5.0),
        },
        horizon_years=6.5,
        money=USD,
        costs=dict(zip(states, costs, strict=False)),
        utilities=dict(zip(states, utilities, strict=False)),
        clock=clock,
        discount_costs=0.04,
        discount_effects=0.015,
    )
    found = simulate_times({"a": model}, n_people=60, n_draws=3, seed=11, block=37)
    worth, plain = slowly(model, n_people=60, n_draws=3, seed=11, rates=(0.04, 0.015))
    assert found.total("cost")[0] == pytest.approx(worth[0, :, :3] @ costs, rel=1e-11)
    assert found.total("qaly")[0] == pytest.approx(worth[1, :, :3] @ utilities, rel=1e-11)
    assert found.total("life_years")[0] == pytest.approx(worth[1, :, :3].sum(axis=1), rel=1e-11)
    assert found.total("cost", discounted=False)[0] == pytest.approx(plain[:, :3] @ costs, rel=1e-11)


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"states": ("ill", "ill", "dead")}, "each once"),
        ({"start": "il"}, "start names an unknown state 'il'; did you mean 'ill'"),
        ({"dead": "gone"}, "dead names an unknown state"),
        ({"costs": {"dead": 5.0}}, "is death and can have no costs"),
        ({"costs": {"sick": 5.0}}, "unknown state 'sick'"),
        ({"utilities": {"ill": float("inf")}}, "utilities of 'ill' must be a finite number"),
        ({"clock": "backward"}, "clock: 'backward' is unknown"),
        ({"horizon_years": -1.0}, "horizon in years must lie in"),
        ({"discount_costs": -0.1}, "discount rate of costs"),
        ({"costs": {"ill": [1.0, 2.0]}, "utilities": {"ill": [1.0, 2.0, 3.0]}}, "equally many draws"),
        ({"transitions": {("dead", "ill"): Exponential(1.0)}}, "from a living state"),
        ({"transitions": {("ill", "ill"): Exponential(1.0)}}, "to another state"),
    ],
)
def test_a_model_that_cannot_be_is_refused(changes, words):
    given_ = {
        "states": ("ill", "dead"),
        "transitions": {("ill", "dead"): Exponential(0.1)},
        "horizon_years": 10.0,
        "money": USD,
    }
    with pytest.raises(CostModelError, match=words):
        CompetingRisks(**(given_ | changes))


@pytest.mark.parametrize(
    ("models", "words"),
    [
        ({}, "at least one strategy"),
        (
            {"a": dying(Exponential(1.0)), "b": dying(Exponential(1.0), horizon_years=3.0)},
            "same horizon_years",
        ),
        (
            {"a": dying(Exponential(1.0)), "b": dying(Exponential(1.0), discount_costs=0.1)},
            "same discount_costs",
        ),
        ({"a": dying(Exponential([0.1, 0.2]))}, "2 draws of its parameters, but n_draws is 1"),
    ],
)
def test_strategies_that_do_not_fit_are_refused(models, words):
    with pytest.raises(CostModelError, match=words):
        simulate_times(models, n_people=5, seed=0)
