"""W3: 10,000 people x 100 draws x 2 strategies in continuous time; competing risks, clock reset.

Numbers first, then seconds, memory and the ratio to NumPy by hand: ``python benchmarks/individuals.py``
"""

from __future__ import annotations

import math
import tracemalloc
from functools import partial
from typing import NamedTuple

import numpy as np
from floor import lives
from timing import Seconds, in_turn

import costmodel as cm
from costmodel.model import CompetingRisks
from costmodel.model.times import Exponential, Weibull

STATES = ("on", "event", "off", "dead")
RATES = {
    ("on", "event"): (0.8, 0.7),
    ("on", "dead"): (0.12, 0.85),
    ("event", "on"): (5.0, 1.0),
    ("event", "off"): (2.5, 1.0),
    ("event", "dead"): (0.25, 1.0),
    ("off", "dead"): (0.18, 1.0),
}
"""Events per person-year, and the ratio under the strategy that is more effective."""
SCALE, SCALE_RATIO, SHAPE, CV = 1.8, 1.2, 1.2, 0.05
HORIZON, RATE = 10.0, math.log(1.03)
DRUGS = {"A": 12_000.0, "B": 21_000.0}
COSTS, UTILITIES = {"on": 1500.0, "event": 6000.0, "off": 3000.0}, {"on": 0.8, "event": 0.6, "off": 0.68}
EXPECTED = {"cost": ((26067, 26175), (41814, 41958)), "qaly": ((3.111, 3.120), (3.253, 3.255))}
N_PEOPLE, N_DRAWS = 10_000, 100
PEER, TARGET = 4.46, 0.5
ERRORS = 4.0
"""Standard errors by which two simulations of the same draws may differ."""


class Inputs(NamedTuple):
    """One strategy: yearly rates by transition and the scale of stopping, by draw; yearly costs by state."""

    rates: dict[tuple[str, str], np.ndarray]
    scale: np.ndarray
    costs: dict[str, float]


def inputs(n_draws: int, *, seed: int) -> dict[str, Inputs]:
    """Return both strategies, rates and scales drawn from lognormal distributions."""
    rng = np.random.default_rng(seed)
    noise = {pair: np.exp(CV * rng.standard_normal(n_draws) - CV**2 / 2) for pair in [*RATES, ("on", "off")]}
    found = {}
    for name, drug in DRUGS.items():
        effective = name == "B"
        rates = {
            pair: mean * noise[pair] * (ratio if effective else 1.0) for pair, (mean, ratio) in RATES.items()
        }
        scale = SCALE * noise["on", "off"] * (SCALE_RATIO if effective else 1.0)
        costs = {state: cost + (0.0 if state == "off" else drug) for state, cost in COSTS.items()}
        found[name] = Inputs(rates, scale, costs)
    return found


def models(n_draws: int, *, seed: int) -> dict[str, CompetingRisks]:
    """Return both strategies as models."""
    return {
        name: CompetingRisks(
            STATES,
            {pair: Exponential(rate) for pair, rate in own.rates.items()}
            | {("on", "off"): Weibull(SHAPE, own.scale)},
            horizon_years=HORIZON,
            money=cm.Money("USD", 2026),
            costs=own.costs,
            utilities=UTILITIES,
            discount_costs=RATE,
            discount_effects=RATE,
        )
        for name, own in inputs(n_draws, seed=seed).items()
    }


def by_hand(given: dict[str, Inputs], *, n_people: int, n_draws: int, seed: int) -> np.ndarray:
    """Return discounted cost and QALYs by NumPy by hand, shape (strategy, measure, draw)."""
    rng = np.random.default_rng(seed)
    shared = {"n_people": n_people, "horizon": HORIZON, "discount": RATE}
    found = np.empty((len(given), 2, n_draws))
    for row, own in enumerate(given.values()):
        for draw in range(n_draws):
            rates = {pair: float(values[draw]) for pair, values in own.rates.items()}
            years = lives(rng, rates, (SHAPE, float(own.scale[draw])), **shared)
            for column, values in enumerate((own.costs, UTILITIES)):
                found[row, column, draw] = sum(years[state] * values[state] for state in values) / n_people
    return found


def check(outcomes: cm.Outcomes, hand: np.ndarray) -> list[str]:
    """Check mean costs and QALYs, and return what was found.

    Against the expected range, the standard error is that of this run's draws. By hand, draws are the same
    and people are others: the error is that of the differences between the two, draw by draw.

    Raises
    ------
    SystemExit
        A number is wrong.
    """
    lines = []
    for column, (measure, ranges) in enumerate(EXPECTED.items()):
        for row, (strategy, (low, high)) in enumerate(zip(outcomes.strategies, ranges, strict=True)):
            values = outcomes.total(measure)[row]
            mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
            if not low - 3 * error <= mean <= high + 3 * error:
                raise SystemExit(f"W3 {measure} of {strategy}: {mean:.6g} is not in {low} to {high}")
            apart = values - hand[row, column]
            off = abs(float(apart.mean())) * math.sqrt(len(apart)) / float(apart.std(ddof=1))
            if off > ERRORS:
                raise SystemExit(f"W3 {measure} of {strategy}: {off:.1f} standard errors from NumPy by hand")
            lines.append(
                f"- {measure} {strategy}: {mean:,.3f}, standard error {error:.2g} (expected {low:,} to "
                f"{high:,}); from NumPy by hand, the same draws and other people, {off:.1f} standard errors"
            )
    return lines


def peak_megabytes() -> float:
    """Return the most memory that arrays take at once in a run."""
    built = models(N_DRAWS, seed=3)
    tracemalloc.start()
    cm.simulate_times(built, n_people=N_PEOPLE, n_draws=N_DRAWS, seed=1)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def growth() -> list[str]:
    """Measure how time grows with people and draws."""
    lines = ["| people | draws | seconds | per person and draw, relative to the first |", "|---|---|---|---|"]
    first = 0.0
    for n_people, n_draws in ((1_000, 100), (10_000, 100), (100_000, 100), (1_000, 1_000), (1_000, 10_000)):
        built = models(n_draws, seed=3)
        run = partial(cm.simulate_times, built, n_people=n_people, n_draws=n_draws, seed=1)
        seconds = in_turn([run], repeats=3)[0].median
        each = seconds / n_people / n_draws
        first = first or each
        lines.append(f"| {n_people:,} | {n_draws:,} | {seconds:.3f} | {each / first:.2f} |")
    return [*lines, ""]


def rows(*, quick: bool = False) -> list[str]:
    """Check and measure W3."""
    size = {"n_people": N_PEOPLE, "n_draws": N_DRAWS}
    given, built = inputs(N_DRAWS, seed=3), models(N_DRAWS, seed=3)
    outcomes = cm.simulate_times(built, **size, seed=1)
    lines = ["### W3: 10,000 people, 100 draws, 2 strategies, competing risks in continuous time", ""]
    lines += check(outcomes, by_hand(given, **size, seed=2))
    ours, hand = in_turn(
        [
            lambda: cm.simulate_times(built, **size, seed=1),
            lambda: by_hand(given, **size, seed=2),
        ],
        repeats=5,
    )
    lines += ["", *_figures(ours, hand)]
    return lines if quick else lines + growth()


def _figures(ours: Seconds, hand: Seconds) -> list[str]:
    met = "met" if ours.median <= TARGET else "not met in this run"
    return [
        "| seconds | fastest | processor | NumPy by hand | ratio |",
        "|---|---|---|---|---|",
        (
            f"| {ours.median:.3f} | {ours.fastest:.3f} | {ours.processor:.3f} | {hand.median:.3f} | "
            f"{ours.median / hand.median:.2f} |"
        ),
        "",
        f"- target {TARGET} s: {met}; processors worked {ours.processor:.3f} s, in several threads",
        f"- memory of arrays at the peak: {peak_megabytes():.0f} MB",
        f"- published seconds of another: hesim {PEER} s, {PEER / ours.median:.0f} times ours",
        "",
    ]


if __name__ == "__main__":
    print("\n".join(rows()))
