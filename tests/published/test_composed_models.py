"""Models like the published ones, each against a slow loop over cycles and over people by time in state."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import costmodel as cm

HERE = Path(__file__).parent


def run(name):
    return cm.read_study(HERE / f"composed_{name}").run()


def walk(start, chances, cycles, *, joining=None):
    """Return people by (state, cycles in it) at every boundary, and the moves made in every cycle.

    ``chances(cycle, state, stay)`` gives the probability of each move to another state.
    """
    boundaries, moves = [Counter({(state, 0): share for state, share in start.items()})], []
    for cycle in range(cycles):
        then, moved = Counter(), Counter()
        for (state, stay), share in boundaries[-1].items():
            left = 1.0
            for target, chance in chances(cycle, state, stay).items():
                moved[state, stay, target] += share * chance
                then[target, 0] += share * chance
                left -= chance
            then[state, stay + 1] += share * left
        if joining is not None:
            for state, share in joining(cycle + 1).items():
                then[state, 0] += share
        boundaries.append(then)
        moves.append(moved)
    return boundaries, moves


def accrued(boundaries, value, weight):
    """Add up what people earn at each boundary by its weight: ``value(t, state, stay)``."""
    return sum(
        weight(t) * share * value(t, state, stay)
        for t, people in enumerate(boundaries)
        for (state, stay), share in people.items()
    )


def trapezoid(cycles, *, rate=0.0, years=1.0):
    return lambda t: (0.5 if t in (0, cycles) else 1.0) * (1 + rate) ** -(t * years) * years


def test_weibull_time_in_state_over_75_cycles():
    """Who has stayed for all 75 cycles is remembered as in the tunnel's last."""
    outcomes = run("tunnels")
    for row, hr in enumerate([1.0, 0.7]):

        def chances(_cycle, state, stay, hr=hr):
            worse = 1 - math.exp(hr * 0.08 * (stay**1.1 - (stay + 1) ** 1.1))
            return {
                "sick": {"worse": worse, "dead": 0.02},
                "worse": {"sick": 0.05, "dead": 0.1},
                "dead": {},
            }[state]

        people, moves = walk({"sick": 0.9, "worse": 0.1}, chances, 75)
        cost = accrued(
            people,
            lambda _t, state, stay: {"sick": 100 + 10 * min(stay, 74), "worse": 900, "dead": 0}[state],
            trapezoid(75, rate=0.03),
        )
        qaly = accrued(
            people,
            lambda _t, state, stay: 0.9 * 0.99 ** min(stay, 74) if state == "sick" else 0,
            trapezoid(75, rate=0.015),
        )
        flares = sum(
            amount * (1 + stay) * 1.015 ** -(cycle + 1)
            for cycle, moved in enumerate(moves)
            for (source, stay, target), amount in moved.items()
            if (source, target) == ("sick", "worse")
        )
        assert outcomes.total("care")[row, 0] == pytest.approx(cost, rel=1e-12)
        assert outcomes.total("qaly")[row, 0] == pytest.approx(qaly, rel=1e-12)
        assert outcomes.total("flare")[row, 0] == pytest.approx(flares, rel=1e-12)


def test_transition_costs_and_disutilities():
    outcomes = run("transition_payoffs")

    def chances(cycle, state, _stay):
        return {"well": {"sick": 0.1 + 0.01 * cycle, "dead": 0.02}, "sick": {"dead": 0.3}, "dead": {}}[state]

    people, moves = walk({"well": 1.0}, chances, 12)
    surgery = start = weighed = dying = disutility = 0.0
    for cycle, moved in enumerate(moves):
        falling = sum(n for (source, _, target), n in moved.items() if (source, target) == ("well", "sick"))
        dead = sum(n for (source, _, target), n in moved.items() if (source, target) == ("sick", "dead"))
        surgery += falling * 5000 * 1.02**cycle / 1.04 ** (cycle + 1)
        start += falling * 5000 / 1.04**cycle
        weighed += falling * 5000 / 1.04 ** (cycle + 1) * (0.5 if cycle == 11 else 1)
        dying += dead * 2000 / 1.1 ** (cycle + 1)
        disutility += falling * 0.05 / 1.02 ** (cycle + 1)
    qaly = accrued(people, lambda _t, state, _stay: 0.8 * (state != "dead"), trapezoid(12, rate=0.02))
    expected = {
        "surgery": surgery,
        "surgery_at_start": start,
        "surgery_weighed": weighed,
        "dying": dying,
        "qaly": qaly - disutility,
    }
    assert {name: outcomes.total(name)[0, 0] for name in expected} == pytest.approx(expected, rel=1e-12)


def gompertz(age, *, male):
    return min(1.0, 0.00003 * math.exp(0.095 * age) * (1.5 if male else 1.0))


@pytest.mark.parametrize("name", ["life_table", "sick_sicker_time_dependent"])
def test_the_life_tables_are_of_a_gompertz_law(name):
    table = cm.read_study(HERE / f"composed_{name}").tables["life_table"]
    expected = [[male, age, gompertz(age, male=male)] for male in (0, 1) for age in range(20, 111)]
    assert table.numbers == pytest.approx(np.array(expected), rel=1e-14)


def test_life_table_by_age_and_sex_with_the_life_table_rule():
    outcomes = run("life_table")
    found = {}
    for name, age, male in [("w", 60, False), ("m", 65, True)]:
        alive, years, cost = 1.0, 0.0, 0.0
        for t in range(40):
            after = alive * (1 - gompertz(age + t, male=male))
            years += (alive + after) / 2 / 1.03**t
            cost += (alive + after) / 2 * 10 * (age + t)
            alive = after
        found[name] = years, cost
        assert outcomes.total("life_years", segment=name)[0, 0] == pytest.approx(years, rel=1e-12)
        assert outcomes.total("care", segment=name)[0, 0] == pytest.approx(cost, rel=1e-12)
    average = (3 * found["w"][0] + found["m"][0]) / 4
    assert outcomes.total("life_years")[0, 0] == pytest.approx(average, rel=1e-12)


def test_monthly_cycles_with_competing_rates():
    outcomes = run("monthly_rates")

    def chances(cycle, state, _stay):
        if state == "dead":
            return {}
        rates = {"dead": 0.1} if state == "off" else {"off": 0.4 * math.exp(-cycle / 24), "dead": 0.05}
        whole = sum(rates.values())
        return {target: rate / whole * (1 - math.exp(-whole / 12)) for target, rate in rates.items()}

    people, _ = walk({"on": 1.0}, chances, 120)

    def simpson(t):
        third = 1 if t in (0, 120) else 4 if t % 2 else 2
        return third / 3 * math.exp(-0.03 * t / 12)

    drug = accrued(people, lambda t, state, _stay: 30 * 0.9 ** (t / 12) * (state == "on"), simpson)
    qaly = accrued(people, lambda _t, state, _stay: 0.7 / 12 * (state != "dead"), simpson)
    assert outcomes.total("drug")[0, 0] == pytest.approx(drug, rel=1e-12)
    assert outcomes.total("qaly")[0, 0] == pytest.approx(qaly, rel=1e-12)


def test_inflow_of_new_patients_every_quarter():
    outcomes = run("inflow")

    def chances(_cycle, state, stay):
        return {"new": {"treated": 0.2 if stay < 1 else 0.6}, "treated": {"dead": 0.03}, "dead": {}}[state]

    def joining(boundary):
        return {"new": 0.1 * 0.9**boundary, "treated": 0.02}

    people, moves = walk({"new": 0.75, "treated": 0.25}, chances, 20, joining=joining)

    def value(_t, state, stay):
        remembered = stay if state == "new" else 0
        return 0 if state == "dead" else (100 if remembered < 1 else 60) / 4

    cost = accrued(people[:-1], value, lambda _t: 1.0)
    starts = sum(n for moved in moves for (_, _, target), n in moved.items() if target == "treated")
    assert outcomes.total("care")[0, 0] == pytest.approx(cost, rel=1e-12)
    assert outcomes.total("starts")[0, 0] == pytest.approx(starts, rel=1e-12)


def test_segments_that_differ_by_age_and_sex():
    outcomes = run("segments")
    groups = {
        "w40": (5, 40, 0, 0.8),
        "m40": (4, 40, 1, 0.6),
        "w70": (2, 70, 0, 0.4),
        "m70": (1, 70, 1, 0.8),
    }
    for row, (price, factor) in enumerate([(400, 1.0), (100, 0.9)]):
        drugs = lives = people = 0.0
        for name, (size, age, male, adherence) in groups.items():
            on, off = adherence * factor, 1 - adherence * factor
            drug = life = 0.0
            for t in range(16):
                weight = (0.5 if t in (0, 15) else 1) / 1.05**t
                drug += weight * on * price * (1.2 if male else 1)
                life += weight * (on + off)
                rate = 0.0002 * math.exp(0.09 * (age + 0.5 + t)) * (1.4 if male else 1)
                on, off = on * math.exp(-rate), off * math.exp(-1.3 * rate)
            assert outcomes.total("drug", segment=name)[row, 0] == pytest.approx(drug, rel=1e-12)
            assert outcomes.total("life_years", segment=name)[row, 0] == pytest.approx(life, rel=1e-12)
            drugs, lives, people = drugs + size * drug, lives + size * life, people + size
        assert outcomes.total("drug")[row, 0] == pytest.approx(drugs / people, rel=1e-12)
        assert outcomes.total("life_years")[row, 0] == pytest.approx(lives / people, rel=1e-12)


def test_payoffs_on_entering_a_state():
    outcomes = run("entering")

    def chances(_cycle, state, _stay):
        return {
            "home": {"ward": 0.2, "dead": 0.05},
            "ward": {"ward_again": 0.1, "home": 0.75, "dead": 0.15},
            "ward_again": {"ward": 0.5, "dead": 0.5},
            "dead": {},
        }[state]

    people, moves = walk({"home": 0.8, "ward": 0.2}, chances, 8)
    entering = [sum(n for (_, _, target), n in moved.items() if target == "ward") for moved in moves]
    cost = sum(n * (700 + 20 * t) / 1.035 ** (t + 1) for t, n in enumerate(entering))
    days = accrued(people, lambda t, state, _: 50 * (t > 0 and "ward" in state), lambda t: 1.035**-t)
    assert outcomes.total("admission")[0, 0] == pytest.approx(cost, rel=1e-12)
    assert outcomes.total("admissions")[0, 0] == pytest.approx(sum(entering), rel=1e-12)
    assert outcomes.years("admissions")[0, 0] == pytest.approx(entering, rel=1e-12)
    assert outcomes.total("days")[0, 0] == pytest.approx(days, rel=1e-12)
    assert outcomes.total("first_kit")[0, 0] == pytest.approx(0.2 * 33, rel=1e-12)


def simpson_of_75_cycles():
    """Return the weights as the rule is stated: 1/3 on pairs, and 3/8 on the last three cycles."""
    weights = np.zeros(76)
    for pair in range(0, 72, 2):
        weights[pair : pair + 3] += np.array([1, 4, 1]) / 3
    weights[72:] += np.array([3, 9, 9, 3]) / 8
    return weights


def test_the_structure_of_darths_time_dependent_tutorial():
    """State-residence tunnels, and rewards of transitions weighed with the boundary of arrival."""
    outcomes = run("sick_sicker_time_dependent")
    weights = simpson_of_75_cycles() * 1.03 ** -np.arange(76.0)
    assert simpson_of_75_cycles().sum() == pytest.approx(75)
    for row, (hr, drug) in enumerate([(1.0, 0), (0.6, 13000)]):

        def chances(cycle, state, stay, hr=hr):
            death = gompertz(25 + cycle, male=False)
            h, s1, s2 = (1 - math.exp(-death * ratio) for ratio in (1, 3, 10))
            worse = 1 - math.exp(hr * 0.08 * (stay**1.1 - (stay + 1) ** 1.1))
            return {
                "h": {"dead": h, "s1": (1 - h) * (1 - math.exp(-0.15))},
                "s1": {"dead": s1, "h": (1 - s1) * (1 - math.exp(-0.5)), "s2": (1 - s1) * worse},
                "s2": {"dead": s2},
                "dead": {},
            }[state]

        people, moves = walk({"h": 1.0}, chances, 75)
        costs = {"h": 2000, "s1": 4000 + drug, "s2": 15000 + drug, "dead": 0}
        cost = accrued(people, lambda _t, state, _s, costs=costs: costs[state], lambda t: weights[t])
        utilities = {"h": 1, "s1": 0.75, "s2": 0.5, "dead": 0}
        qaly = accrued(
            people, lambda _t, state, _s, utilities=utilities: utilities[state], lambda t: weights[t]
        )
        for cycle, moved in enumerate(moves):
            for (source, _, target), amount in moved.items():
                falling_ill = (source, target) == ("h", "s1")
                cost += weights[cycle + 1] * amount * (1000 * falling_ill + 2000 * (target == "dead"))
                qaly -= weights[cycle + 1] * amount * 0.01 * falling_ill
        assert outcomes.total("care")[row, 0] == pytest.approx(cost, rel=1e-11)
        assert outcomes.total("qaly")[row, 0] == pytest.approx(qaly, rel=1e-11)
