"""W3: 10,000 people x 100 draws x 2 strategies in continuous time; competing risks, clock reset.

Checks its numbers, then prints seconds, peak memory and the ratio to hesim: python benchmarks/individuals.py
"""

from __future__ import annotations

import math
import time
import tracemalloc
from statistics import median

import numpy as np

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
SCALE, SCALE_RATIO, SHAPE, CV = 1.8, 1.2, 1.2, 0.05
EXPECTED = {"cost": ((26067, 26175), (41814, 41958)), "qaly": ((3.111, 3.120), (3.253, 3.255))}
N_PEOPLE, N_DRAWS = 10_000, 100
HESIM_SECONDS, TARGET_SECONDS = 4.46, 0.5


def models(n_draws: int, *, seed: int) -> dict[str, CompetingRisks]:
    """Return both strategies with rates and scales drawn from lognormal distributions."""
    rng = np.random.default_rng(seed)
    noise = {pair: np.exp(CV * rng.standard_normal(n_draws) - CV**2 / 2) for pair in [*RATES, ("on", "off")]}
    found = {}
    for name, drug, effective in (("A", 12_000.0, False), ("B", 21_000.0, True)):
        laws = {
            pair: Exponential(mean * noise[pair] * (ratio if effective else 1.0))
            for pair, (mean, ratio) in RATES.items()
        }
        scale = SCALE * noise["on", "off"] * (SCALE_RATIO if effective else 1.0)
        found[name] = CompetingRisks(
            STATES,
            laws | {("on", "off"): Weibull(SHAPE, scale)},
            horizon_years=10.0,
            money=cm.Money("USD", 2026),
            costs={"on": drug + 1500.0, "event": drug + 6000.0, "off": 3000.0},
            utilities={"on": 0.8, "event": 0.6, "off": 0.68},
            discount_costs=math.log(1.03),
            discount_effects=math.log(1.03),
        )
    return found


def check(outcomes: cm.Outcomes) -> None:
    """Stop unless means lie in the expected ranges, give or take three standard errors of the 100 draws."""
    for measure, ranges in EXPECTED.items():
        for strategy, values, (low, high) in zip(
            outcomes.strategies, outcomes.total(measure), ranges, strict=True
        ):
            slack = 3 * float(values.std()) / math.sqrt(len(values))
            mean = float(values.mean())
            if not low - slack <= mean <= high + slack:
                raise SystemExit(f"W3 {measure} of {strategy}: {mean:.6g} is not in {low} to {high}")
            print(f"W3 {measure} {strategy}: {mean:,.3f} (expected {low:,} to {high:,})")


def seconds(n_people: int, n_draws: int, *, times: int) -> float:
    """Return the median of several runs, after one that warms up."""
    built = models(n_draws, seed=3)
    cm.simulate_times(built, n_people=n_people, n_draws=n_draws, seed=1)
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        cm.simulate_times(built, n_people=n_people, n_draws=n_draws, seed=1)
        taken.append(time.perf_counter() - start)
    return median(taken)


def peak_megabytes() -> float:
    """Return the most memory that arrays take at once in a run."""
    built = models(N_DRAWS, seed=3)
    tracemalloc.start()
    cm.simulate_times(built, n_people=N_PEOPLE, n_draws=N_DRAWS, seed=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main() -> None:
    """Print the figures."""
    start = time.perf_counter()
    outcomes = cm.simulate_times(models(N_DRAWS, seed=3), n_people=N_PEOPLE, n_draws=N_DRAWS, seed=1)
    first = time.perf_counter() - start
    check(outcomes)
    taken = seconds(N_PEOPLE, N_DRAWS, times=7)
    print(f"W3: {taken:.3f} s (first call {first:.3f} s; target {TARGET_SECONDS} s)")
    print(f"W3: {HESIM_SECONDS / taken:.1f} times as fast as hesim ({HESIM_SECONDS} s, 1.4 GB)")
    print(f"W3: peak memory {peak_megabytes():.0f} MB")
    for n_people in (1_000, 10_000, 100_000):
        print(f"{n_people:>8,} people x 20 draws: {seconds(n_people, 20, times=3):.3f} s")
    for n_draws in (10, 100, 1000):
        print(f"   1,000 people x {n_draws} draws: {seconds(1000, n_draws, times=3):.3f} s")


if __name__ == "__main__":
    main()
