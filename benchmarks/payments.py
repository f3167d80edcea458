"""Payments benchmarks: numbers first, then seconds for plan years of a million patients, and how cost grows.

``python benchmarks/payments.py`` checks and measures; it prints and writes nothing.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable

import numpy as np

from costmodel.populations.payments import (
    Benefit,
    Rule,
    Spending,
    benefit,
    closed_form,
    expected_out_of_pocket,
    lognormal_spending,
    plan_year,
)

PATIENTS = 1_000_000
REPEATS = 5
CLOSE = 0.0005
"""Currency: the engine's fine grain against the formula."""


def check() -> None:
    """Refuse to measure what is wrong: formula, conservation, and the mean in closed form."""
    spent = lognormal_spending(200_000, mean=6600, cv=1.5, seed=7)
    for when in (2024, 2025, 2026):
        own = benefit("part_d", when)
        year = plan_year(own, Spending(spent[:, None] / 12, "brand"), whole_cents=False)
        paid = year.of("patient")
        assert np.abs(paid - closed_form(own, "brand")(spent)).max() < CLOSE
        assert year.imbalance == 0
        expected = expected_out_of_pocket(own, "brand", mean=6600, cv=1.5)
        assert abs(paid.mean() - expected) < 4 * paid.std() / np.sqrt(len(paid))
        print(f"Part D {when}: mean out of pocket {paid.mean():,.2f}, in closed form {expected:,.2f}")


def fastest(run: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the seconds of the fastest of several runs."""
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return min(found)


def phases(count: int) -> Benefit:
    """Return a benefit of so many phases, each half as dear to the patient as the one before."""
    rules = [Rule(0, "rest", 1.0, party="plan", status="definition")]
    for phase in range(1, count + 1):
        if phase < count:
            rules.append(Rule(phase, "until_gross", 500.0 * phase, status="definition"))
        rules.append(Rule(phase, "coinsurance", 0.5 ** (phase - 1), party="patient", status="definition"))
    return Benefit(f"phases_{count}", 2026, "USD", tuple(rules))


def measure() -> None:
    """Print seconds of a million patients x 12 months, and how they grow with patients and phases."""
    own = Spending(lognormal_spending(PATIENTS, mean=900, cv=1.0, seed=1)[:, None] / 12, "brand")
    other = Spending(lognormal_spending(PATIENTS, mean=5000, cv=1.5, seed=2)[:, None] / 12, "generic")
    print(f"\n{PATIENTS:,} patients x 12 months, 2 threads, fastest of {REPEATS}, seconds")
    for when in (2023, 2026):
        for label, products in (("one product", [own]), ("and other drugs", [own, other])):
            for by in ("month", "year"):
                seconds = fastest(lambda p=products, b=by, w=when: plan_year(benefit("part_d", w), p, by=b))
                print(f"  part_d {when}, {label:16s} by {by:5s} {seconds:6.2f}")
    print("\ngrowth with patients (part_d 2026, two products, by year)")
    for n in (125_000, 250_000, 500_000, 1_000_000):
        part = [Spending(np.asarray(one.gross)[:n], one.product) for one in (own, other)]
        print(f"  {n:>9,} {fastest(lambda p=part: plan_year(benefit('part_d', 2026), p, by='year')):6.3f}")
    print("\ngrowth with phases (one product, by year)")
    for count in (1, 2, 3, 4, 6, 8):
        seconds = fastest(lambda c=count: plan_year(phases(c), own, by="year"))
        print(f"  {count:>9} {seconds:6.3f}")


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, NumPy {np.__version__}")
    check()
    measure()
