"""Individuals against the cohort, against a slow loop over people, and common random numbers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel as cm
from costmodel.errors import CostModelError
from costmodel.formulas import constant, parse
from costmodel.inputs import Beta, Normal, Parameter, Parameters, Uniform, base_draws, draws
from costmodel.model import Discounting, Model, Payoff, Strategy, Time, evaluate, simulate, simulate_people
from costmodel.model.definition import Branch, Node, States, Transition
from costmodel.model.examples import two_prices, two_prices_draws
from costmodel.model.uniforms import draw_keys
from costmodel.populations import Segment
from costmodel.units import Money

PUBLISHED = Path(__file__).parents[1] / "published"
GOLDEN, WORD = 0x9E3779B97F4A7C15, (1 << 64) - 1


def table(**values):
    rows = [Parameter(name, value, unit="number", status="assumed") for name, value in values.items()]
    return Parameters.of(*rows)


def relapse(**changes):
    """Return well, ill (for a time that matters) and dead, with every kind of payoff."""
    base = Model(
        name="relapse",
        money=Money("USD", 2026),
        strategies=(
            Strategy("plain", "P", {"rr": parse("1")}),
            Strategy("drug", "D", {"rr": parse("0.6")}),
        ),
        comparator="plain",
        parameters={"p_ill": None, "p_death": None, "c_ill": None},
        formulas={"p_recover": parse("0.5 * 0.8 ** cycles_in_state")},
        payoffs=(
            Payoff("care", "cost", parse("c_ill * (1 + years_in_state)"), states=("ill",)),
            Payoff("care", "cost", parse("100"), per="once", states=("well",)),
            Payoff("care", "cost", parse("30"), per="once"),
            Payoff("qaly", "qaly", parse("0.9 - 0.01 * years"), states=("well", "ill")),
            Payoff("visits", "event", parse("2"), per="cycle", states=("ill",), within_cycle="start"),
            Payoff("relapses", "event", parse("1"), per="event", enter="ill"),
            Payoff("care", "cost", parse("7 + years_in_state"), per="event", transition=("ill", "dead")),
            Payoff("last", "effect", parse("1 + cycle"), per="event", enter="dead", within_cycle="trapezoid"),
        ),
        perspectives={"payer": ("care",)},
        time=Time(6, 4),
        discounting=Discounting(constant(0.05), constant(0.02)),
        states=States(("well", "ill", "dead"), {"well": parse("0.8"), "ill": None}, {"ill": 8}),
        transitions=(
            Transition("well", "ill", parse("p_ill * rr")),
            Transition("well", "dead", parse("p_death * (1 + years / 4)")),
            Transition("ill", "well", parse("p_recover")),
            Transition("ill", "dead", parse("2 * p_death")),
        ),
    )
    return replace(base, **changes)


def relapse_draws(n=1):
    rows = Parameters.of(
        Parameter("p_ill", 0.3, distribution="beta", basis="se=0.05", unit="probability", status="assumed"),
        Parameter(
            "p_death", 0.05, distribution="beta", basis="se=0.01", unit="probability", status="assumed"
        ),
        Parameter("c_ill", 1000, distribution="gamma", basis="se=200", unit="number", status="assumed"),
    )
    return base_draws(rows) if n == 1 else draws(rows, n=n, seed=5)


def agrees(people, exact):
    """Check that means over people lie within some standard errors of the cohort's totals."""
    error = people.totals.std(axis=-1) / np.sqrt(people.totals.shape[-1])
    assert (np.abs(people.outcomes.discounted - exact.discounted) <= 4 * error + 1e-9).all()
    assert (error > 0).any()
    assert people.outcomes.discounted == pytest.approx(people.totals.mean(axis=-1), rel=1e-9)
    assert people.outcomes.sizes == pytest.approx(exact.sizes)


# --- against the cohort ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "hiv_briggs_dmhee",
        "thr_briggs_dmhee",
        "composed_tunnels",
        "composed_life_table",
        "composed_entering",
        "composed_monthly_rates",
        "composed_segments",
        "composed_transition_payoffs",
    ],
)
def test_means_over_people_are_the_cohorts(name):
    study = cm.read_study(PUBLISHED / name)
    people = simulate_people(study.model(), study.draws(1), n_people=4000, seed=20)
    agrees(people, evaluate(study.model(), study.draws(1)))


def test_years_are_the_cohorts():
    for rule in ("trapezoid", "life-table"):
        model = relapse(time=Time(6, 4, rule))
        found = simulate(model, relapse_draws(), n_people=40_000, seed=19).by_year
        exact = evaluate(model, relapse_draws()).by_year
        scale = np.abs(exact).max(axis=(0, 2, 3, 4))[:, np.newaxis]
        assert (np.abs(found - exact).max(axis=(0, 2, 3)) < 0.04 * scale).all()


@pytest.mark.parametrize("rule", ["trapezoid", "start", "end", "simpson", "life-table", (0.2, *[1] * 7, 0.8)])
@pytest.mark.parametrize("timing", ["boundary", "middle"])
def test_conventions_are_the_cohorts(rule, timing):
    model = relapse(
        time=Time(6, 4, rule), discounting=Discounting(constant(0.05), constant(0.02), "annual-floor", timing)
    )
    agrees(simulate_people(model, relapse_draws(), n_people=8000, seed=21), evaluate(model, relapse_draws()))


def test_every_draw_has_people_of_its_own():
    drawn = relapse_draws(6)
    people = simulate_people(relapse(), drawn, n_people=3000, seed=22)
    agrees(people, evaluate(relapse(), drawn))


def test_a_short_tunnel_forgets_and_people_do_not():
    """The cohort with a long tunnel is right; individuals need none, and can be made to forget as well."""
    long = relapse()
    short = replace(long, states=replace(long.states, tunnels={"ill": 2}))
    none = replace(long, states=replace(long.states, tunnels={}))
    drawn = relapse_draws()
    own = [simulate(model, drawn, n_people=500, seed=1).discounted for model in (long, short, none)]
    assert (own[0] == own[1]).all()
    assert (own[0] == own[2]).all()
    forgetful = simulate_people(short, drawn, n_people=8000, seed=23, time_in_state="tunnels")
    agrees(forgetful, evaluate(short, drawn))
    exact = simulate_people(none, drawn, n_people=8000, seed=23)
    agrees(exact, evaluate(long, drawn))
    difference = np.abs(evaluate(short, drawn).total("care") - evaluate(long, drawn).total("care"))
    assert (difference > 4 * exact.cost("payer").std(axis=-1).mean() / np.sqrt(8000)).all()


def test_a_tree_leads_people_to_their_first_state():
    tree = (
        Node("test", (Branch("positive", parse("0.3"), "treat"), Branch("negative", None, "well"))),
        Node("treat", (Branch("cured", parse("0.6"), "well"), Branch("not", None, "ill"))),
    )
    payoffs = (
        *relapse().payoffs,
        Payoff("care", "cost", parse("50"), per="once", branches=("test.positive", "treat.not")),
    )
    model = relapse(tree=tree, payoffs=payoffs, states=replace(relapse().states, start={}))
    agrees(simulate_people(model, relapse_draws(), n_people=8000, seed=24), evaluate(model, relapse_draws()))


def test_a_model_without_states_has_no_chance_in_it():
    people = simulate_people(two_prices(), two_prices_draws(), n_people=7, seed=0)
    assert people.cost("payer")[:, 0, 0].tolist() == [[400.0] * 7, [100.0] * 7]
    assert simulate(two_prices(), two_prices_draws(), n_people=7, seed=0).discounted == pytest.approx(
        evaluate(two_prices(), two_prices_draws()).discounted
    )


def test_a_horizon_of_zero_gives_the_one_offs_only():
    model = relapse(time=Time(6, 0))
    people = simulate_people(model, relapse_draws(), n_people=50, seed=0)
    assert set(people.total("care").ravel().tolist()) == {30.0, 130.0}
    assert not people.total("qaly").any()


def test_draws_that_were_clipped_are_counted():
    rising = Transition("well", "ill", parse("3 * p_ill * rr"), on_invalid="clip")
    model = relapse(transitions=(rising, *relapse().transitions[2:]))
    found = simulate(model, relapse_draws(40), n_people=3, seed=0)
    assert found.clipped == evaluate(model, relapse_draws(40)).clipped
    assert found.clipped


# --- against a slow loop over people --------------------------------------------------------------------


def mixed(word):
    word = ((word ^ word >> 30) * 0xBF58476D1CE4E5B9) & WORD
    word = ((word ^ word >> 27) * 0x94D049BB133111EB) & WORD
    return word ^ word >> 31


def number(key, counter):
    bits = mixed((key + counter * GOLDEN) & WORD)
    return ((bits >> 12) + 0.5) / 2**52


def choose(chances, u):
    """Return the first key at which the sum of chances exceeds u; the last if none does."""
    below = 0.0
    for key, chance in chances.items():
        below += chance
        if u < below:
            return key
    return key


def slowly(n_people, seed, rr):
    """Follow people one by one through the relapse model, with payoffs as they are defined in words."""
    key_of_draw = int(draw_keys(seed, "people: all", 1)[0])
    p_ill, p_death, c_ill = (float(relapse_draws()[name][0]) for name in ("p_ill", "p_death", "c_ill"))
    n, half = 8, 0.5
    results = []
    for person in range(n_people):
        key = mixed((key_of_draw + (person + 1) * GOLDEN) & WORD)
        state, stay = choose({"well": 0.8, "ill": 0.2, "dead": 0.0}, number(key, 1)), 0
        care, qaly, visits, relapses, last = 130.0 if state == "well" else 30.0, 0.0, 0.0, 0.0, 0.0
        for t in range(n + 1):
            cost_now, effect_now = 1.05 ** (-half * t), 1.02 ** (-half * t)
            weight = half * (0.5 if t in (0, n) else 1.0)
            if state == "ill":
                care += weight * c_ill * (1 + stay * half) * cost_now
                visits += 2 * effect_now if t < n else 0.0
            if state != "dead":
                qaly += weight * (0.9 - 0.01 * t * half) * effect_now
            if t == n:
                break
            death = p_death * (1 + t * half / 4)
            recover = 0.5 * 0.8**stay
            chances = {
                "well": {"well": 1 - p_ill * rr - death, "ill": p_ill * rr, "dead": death},
                "ill": {"well": recover, "ill": 1 - recover - 2 * p_death, "dead": 2 * p_death},
                "dead": {"dead": 1.0},
            }[state]
            then = choose(chances, number(key, 2 + t))
            cost_end, effect_end = 1.05 ** (-half * (t + 1)), 1.02 ** (-half * (t + 1))
            if then != state:
                relapses += effect_end if then == "ill" else 0.0
                care += (7 + stay * half) * cost_end if (state, then) == ("ill", "dead") else 0.0
                last += (1 + t) * effect_end * (0.5 if t + 1 == n else 1.0) if then == "dead" else 0.0
            state, stay = then, stay + 1 if then == state else 0
        results.append((care, qaly, visits, relapses, last))
    return np.array(results).T


def test_a_slow_loop_gives_every_person_the_same():
    people = simulate_people(relapse(), relapse_draws(), n_people=300, seed=30)
    for strategy, rr in enumerate((1.0, 0.6)):
        np.testing.assert_allclose(
            people.totals[strategy, :, 0, 0], slowly(300, 30, rr), rtol=1e-12, atol=1e-12
        )


# --- random numbers -------------------------------------------------------------------------------------


def test_equal_strategies_give_every_person_no_increment():
    same = relapse(
        strategies=(Strategy("a", "A", {"rr": parse("1")}), Strategy("b", "B", {"rr": parse("1")}))
    )
    people = simulate_people(replace(same, comparator="a"), relapse_draws(3), n_people=200, seed=1)
    assert (people.totals[0] == people.totals[1]).all()


def test_common_numbers_make_differences_precise():
    people = simulate_people(relapse(), relapse_draws(), n_people=4000, seed=2)
    plain, drug = people.total("qaly")[:, 0, 0]
    assert np.var(drug - plain) < 0.6 * np.var(drug - np.roll(plain, 1))


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 400), st.integers(0, 99), st.booleans())
def test_the_size_of_a_block_changes_nothing(block, seed, individual):
    attributes = {"c_ill": Normal(1000, 50)} if individual else None
    options = {"n_people": 37, "seed": seed, "attributes": attributes}
    whole = simulate_people(relapse(), relapse_draws(5), **options)
    parts = simulate_people(relapse(), relapse_draws(5), **options, block=block)
    np.testing.assert_allclose(parts.totals, whole.totals, rtol=1e-13)
    np.testing.assert_allclose(parts.outcomes.by_year, whole.outcomes.by_year, rtol=1e-11, atol=1e-11)


def test_more_people_begin_with_the_same_people():
    few = simulate_people(relapse(), relapse_draws(2), n_people=10, seed=3).totals
    many = simulate_people(relapse(), relapse_draws(2), n_people=25, seed=3).totals
    assert (many[..., :10] == few).all()


def test_a_seed_gives_the_same_again_and_another_does_not():
    first, again, other = (
        simulate(relapse(), relapse_draws(), n_people=40, seed=seed).discounted for seed in (0, 0, 1)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_people_of_different_segments_and_draws_are_different_people():
    segments = (Segment("x", "X", constant(1)), Segment("y", "Y", constant(3)))
    same = relapse_draws().take([0, 0])
    totals = simulate_people(relapse(segments=segments), same, n_people=200, seed=4).total("qaly")
    assert np.abs(np.corrcoef(totals[0].reshape(4, -1)) - np.eye(4)).max() < 0.3


def test_order_of_strategies_changes_nothing():
    turned = relapse(strategies=relapse().strategies[::-1])
    found = [simulate_people(m, relapse_draws(), n_people=60, seed=5).totals for m in (relapse(), turned)]
    assert (found[0] == found[1][::-1]).all()


# --- attributes -----------------------------------------------------------------------------------------


def test_people_who_differ_have_the_mean_of_their_chances():
    """Deaths in one cycle are the mean of p; in two, 2 E[p] - E[p²], which is not that of the mean p."""
    model = Model(
        name="frailty",
        money=Money("USD", 2026),
        strategies=(Strategy("care", "C"),),
        comparator="care",
        parameters={"p_death": None},
        payoffs=(Payoff("deaths", "event", parse("1"), per="event", enter="dead"),),
        time=Time(12, 2),
        states=States(("well", "dead"), {"well": parse("1")}),
        transitions=(Transition("well", "dead", parse("p_death")),),
    )
    drawn, law = base_draws(table(p_death=0.5)), Beta(0.5, 0.5)
    people = simulate_people(model, drawn, n_people=40_000, seed=6, attributes={"p_death": law})
    square = law.sd**2 + law.mean**2
    expected = 2 * law.mean - square
    assert people.outcomes.total("deaths").item() == pytest.approx(expected, abs=4 * 0.5 / 200)
    assert people.outcomes.years("deaths")[0, 0, 0] == pytest.approx(law.mean, abs=4 * 0.5 / 200)
    assert evaluate(model, drawn).total("deaths").item() == pytest.approx(0.75)


def test_an_attribute_is_a_persons_own_under_every_strategy_and_wins_over_the_draws():
    model = replace(two_prices(), payoffs=(Payoff("drug", "cost", parse("dose * price")),))
    model = replace(model, parameters={**model.parameters, "dose": None}, formulas={})
    drawn = base_draws(table(price_brand=4, price_generic=1, dose=99))
    people = simulate_people(model, drawn, n_people=5000, seed=7, attributes={"dose": Uniform(1, 3)})
    brand, generic = people.cost("payer")[:, 0, 0]
    assert brand == pytest.approx(4 * generic, rel=1e-14)
    assert generic.mean() == pytest.approx(2, abs=4 * 0.58 / np.sqrt(5000))
    assert generic.min() >= 1
    assert generic.max() <= 3


def test_the_age_of_each_person_may_be_an_attribute():
    model = relapse(
        time=Time(12, 3, "start", parse("age_start")),
        parameters={**relapse().parameters, "age_start": None},
        payoffs=(Payoff("age", "effect", parse("age"), per="once", discount=constant(0)),),
        perspectives={},
    )
    drawn = base_draws(table(p_ill=0.1, p_death=0.1, c_ill=1, age_start=50))
    people = simulate_people(model, drawn, n_people=4000, seed=8, attributes={"age_start": Normal(60, 5)})
    ages = people.total("age")[0, 0, 0]
    assert (ages.mean(), ages.std()) == pytest.approx((60, 5), abs=0.4)


def test_attributes_without_spread_change_nothing():
    narrow = Normal(1000, 1e-9)
    drawn = relapse_draws().replace(c_ill=1000)
    plain = simulate_people(relapse(), drawn, n_people=80, seed=9).totals
    with_it = simulate_people(relapse(), drawn, n_people=80, seed=9, attributes={"c_ill": narrow}).totals
    assert with_it == pytest.approx(plain, rel=1e-9)


# --- what people tell -----------------------------------------------------------------------------------


def test_percentiles_and_spread_are_of_people():
    people = simulate_people(relapse(), relapse_draws(), n_people=999, seed=10)
    summary = people.summary([0, 50, 100]).set_index(["strategy", "quantity"])
    own = people.cost("payer")[1, 0, 0]
    row = summary.loc["drug", "payer"]
    assert row[["p0", "p50", "p100"]].tolist() == [own.min(), np.median(own), own.max()]
    assert (row["mean"], row["sd"]) == pytest.approx((own.mean(), own.std()))
    assert set(summary.index.get_level_values("quantity")) == {"payer", "qaly", "visits", "relapses", "last"}


def test_the_frame_has_a_row_per_person():
    people = simulate_people(relapse(), relapse_draws(2), n_people=5, seed=11)
    frame = people.frame()
    one = frame.query("strategy == 'drug' and draw == 1 and person == 3")
    assert len(frame) == 2 * 2 * 5
    assert one["care"].item() == people.total("care")[1, 1, 0, 3]


# --- what is refused ------------------------------------------------------------------------------------


def test_an_inflow_is_refused_with_the_remedy():
    study = cm.read_study(PUBLISHED / "composed_inflow")
    with pytest.raises(CostModelError, match=r"people join new, treated later on.*use evaluate"):
        simulate(study.model(), study.draws(1), n_people=5, seed=0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_people": 0}, "number of people must be a whole number, 1 or more"),
        ({"seed": -1}, "seed must be a whole number, 0 or more"),
        ({"attributes": {"c_il": Normal(1, 1)}}, "attribute 'c_il' is no parameter.*did you mean 'c_ill'"),
        ({"time_in_state": "tunnel"}, "time_in_state: 'tunnel' is unknown; did you mean 'tunnels'"),
        ({"block": 0}, "size of a block"),
    ],
)
def test_what_cannot_be_is_refused(options, words):
    with pytest.raises(CostModelError, match=words):
        simulate(relapse(), relapse_draws(), **({"n_people": 5, "seed": 0} | options))


def test_a_persons_chance_out_of_range_is_told_with_the_cycle():
    grows = Transition("ill", "well", parse("0.3 + 0.4 * cycles_in_state"))
    model = relapse(transitions=(*relapse().transitions[:2], grows))
    with pytest.raises(CostModelError, match=r"ill -> well .* must lie in \[0, 1\].*in cycle 2"):
        simulate(model, relapse_draws(), n_people=500, seed=0)


def test_an_attribute_out_of_range_is_told():
    with pytest.raises(CostModelError, match=r"well -> ill .* must lie in \[0, 1\].*a draw is one person"):
        simulate(relapse(), relapse_draws(), n_people=50, seed=0, attributes={"p_ill": Normal(0.9, 0.3)})


def test_percentiles_outside_a_hundred_are_refused():
    people = simulate_people(two_prices(), two_prices_draws(), n_people=3, seed=0)
    with pytest.raises(CostModelError, match=r"\[0, 100\]; found \[101\]"):
        people.summary([101])
    with pytest.raises(CostModelError, match="perspective: 'player' is unknown; did you mean 'payer'"):
        people.cost("player")
