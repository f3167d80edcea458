"""The floor: the same workloads by hand in NumPy, one array per state and transition, nothing checked.

It is what the engine is compared with in the same run, and an oracle: it shares no code with the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from costmodel.study import Study

FloatArray = NDArray[np.float64]
Values = Mapping[str, FloatArray]
Totals = tuple[FloatArray, FloatArray]
"""Discounted costs and QALYs, each (strategy, draw)."""

RATE = 0.03


def sample(study: Study, n: int, seed: int) -> dict[str, FloatArray]:
    """Return ``n`` draws of every uncertain parameter from one generator of NumPy's own."""
    rng = default_rng(seed)
    found: dict[str, FloatArray] = {}
    for joint in study.parameters.joints.values():
        found.update(zip(joint.names, joint.sample(rng, n).T, strict=True))
    for name, row in study.parameters.items():
        if row.uncertain and not row.group:
            found[name] = study.parameters.distribution(name).sample(rng, n)
    return found


def weights(n_cycles: int, cycle_years: float) -> FloatArray:
    """Return the discounted weight in years of each boundary, by the trapezoidal rule."""
    years = np.arange(n_cycles + 1) * cycle_years
    found = np.asarray(cycle_years * (1 + RATE) ** -years, dtype=np.float64)
    found[[0, -1]] /= 2
    return found


def time_in_states(
    moves: list[list[FloatArray]], factors: FloatArray, alive: FloatArray | None = None
) -> list[FloatArray]:
    """Return the discounted years in each living state, everyone in the first one at the start.

    Parameters
    ----------
    moves : list of list of array, (draw,)
        Probability of going from each living state to each living state.
    factors : array, (boundary,)
    alive : array, (cycle,), optional
        Survival of all other causes of death.
    """
    n, states = len(moves[0][0]), range(len(moves))
    now = [np.full(n, float(state == 0)) for state in states]
    then, product = [np.empty(n) for _ in states], np.empty(n)
    sums = [factors[0] * share for share in now]
    for cycle, factor in enumerate(factors[1:]):
        for target in states:
            np.multiply(now[0], moves[0][target], out=then[target])
            for source in states[1:]:
                np.multiply(now[source], moves[source][target], out=product)
                then[target] += product
            if alive is not None:
                then[target] *= alive[cycle]
            np.multiply(then[target], factor, out=product)
            sums[target] += product
        now, then = then, now
    return sums


def w1(values: Values, alive: FloatArray | None = None) -> Totals:
    """Return the totals of W1: four states, 120 monthly cycles."""
    costs, qalys = [], []
    living = ("on", "ae", "off")
    for strategy in "ab":
        moves = [
            [np.ascontiguousarray(values[f"p_{strategy}_{source}_{target}"]) for target in living]
            for source in living
        ]
        on, event, off = time_in_states(moves, weights(120, 1 / 12), alive)
        drug = values[f"c_drug_{strategy}"]
        costs.append(on * (drug + values["c_on"]) + event * (drug + values["c_ae"]) + off * values["c_off"])
        qalys.append(on * values["u_on"] + event * values["u_ae"] + off * values["u_off"])
    return np.array(costs), np.array(qalys)


def w2(values: Values) -> Totals:
    """Return the totals of W2: W1 with mortality by whole year of age."""
    age = 60 + np.arange(120) // 12
    return w1(values, np.exp(-0.0001 * np.exp(0.085 * age) / 12))


def python_case(values: Values) -> Totals:
    """Return the totals of the Python case: four states, 40 yearly cycles, mortality from hazard ratios."""
    hazards = (1.0, values["hr_death_sick"], values["hr_death_sicker"])
    well, sick, sicker = (np.exp(-values["r_death"] * hazard) for hazard in hazards)
    nobody = np.zeros_like(well)
    costs, qalys = [], []
    for ratio, drug in ((1.0, 0.0), (values["rr_treatment"], values["c_treatment"])):
        falling, healing = sick * values["p_sick_sicker"] * ratio, sick * values["p_sick_healthy"]
        moves = [
            [well * (1 - values["p_healthy_sick"]), well * values["p_healthy_sick"], nobody],
            [healing, sick - healing - falling, falling],
            [nobody, nobody, sicker],
        ]
        years = time_in_states(moves, weights(40, 1.0))
        costs.append(
            years[0] * values["c_healthy"]
            + years[1] * (values["c_sick"] + drug)
            + years[2] * (values["c_sicker"] + drug)
        )
        qalys.append(years[0] + years[1] * values["u_sick"] + years[2] * values["u_sicker"])
    return np.array(costs), np.array(qalys)


FLOORS: dict[str, Callable[[Values], Totals]] = {"w1": w1, "w2": w2, "python_case": python_case}


def lives(
    rng: Generator,
    rates: Mapping[tuple[str, str], float],
    stopping: tuple[float, float],
    *,
    n_people: int,
    horizon: float,
    discount: float,
) -> dict[str, float]:
    """Return the discounted years that people spend in each state, from competing times to the next event.

    Parameters
    ----------
    rates : mapping of pair of str to float
        Constant yearly rate of each transition.
    stopping : pair of float
        Shape and scale of the Weibull time from ``on`` to ``off``, counted from entering ``on``.
    n_people : int
        All start in ``on``.
    horizon, discount : float
        Years, and the continuous yearly rate.
    """
    shape, scale = stopping
    years = dict.fromkeys(("on", "event", "off"), 0.0)
    waiting = {"on": np.zeros(n_people), "event": np.zeros(0), "off": np.zeros(0)}
    while any(len(since) for since in waiting.values()):
        arriving: dict[str, list[FloatArray]] = {state: [] for state in waiting}
        for state, since in waiting.items():
            times = {
                target: rng.exponential(1 / rate, len(since))
                for (own, target), rate in rates.items()
                if own == state
            }
            if state == "on":
                times["off"] = scale * rng.weibull(shape, len(since))
            until = since + np.minimum.reduce(list(times.values()))
            stop = np.minimum(until, horizon)
            years[state] += float((np.exp(-discount * since) - np.exp(-discount * stop)).sum()) / discount
            for target, own in times.items():
                if target != "dead":
                    arriving[target].append(until[(since + own == until) & (until < horizon)])
        waiting = {
            state: np.concatenate(parts) if parts else np.zeros(0) for state, parts in arriving.items()
        }
    return years
