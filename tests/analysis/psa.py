"""Outcomes from arrays, and the decision problem that the value-of-information benchmarks share."""

import numpy as np
from scipy.special import betaincinv, gammaincinv, ndtri

from costmodel.inputs import Draws
from costmodel.model import Outcomes
from costmodel.units import Money

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29)


def outcomes(cost, effect, names="abcdefgh"):
    """Return outcomes of one segment, (strategies, draws) each."""
    cost, effect = np.asarray(cost, dtype=float), np.asarray(effect, dtype=float)
    both = np.stack([cost, effect], axis=1)[..., None]
    return Outcomes(
        study="psa",
        money=Money("USD", 2026),
        strategies=tuple(names[: len(cost)]),
        comparator=names[0],
        measures={"cost": "cost", "qaly": "qaly"},
        segments=("all",),
        perspectives={"total": ("cost",)},
        discounted=both,
        undiscounted=both,
        by_year=both[..., None],
        sizes=np.ones((cost.shape[1], 1)),
    )


def shared_draws(n):
    """Return the draws of the shared problem: the fractional parts of multiples of roots of primes."""
    multiples = np.arange(1, n + 1)[:, None] * np.sqrt(np.array(PRIMES, dtype=float))
    u = (multiples - np.floor(multiples)).T
    normal = ndtri(u)
    values = {
        "p_r": betaincinv(30, 70, u[0]),
        "rr2": 1.25 * np.exp(0.2 * normal[1]),
        "rr3": 1.45 * np.exp(0.3 * normal[2]),
        "le": 4 + 0.6 * normal[3],
        "u": betaincinv(35, 15, u[4]),
        "p_ae2": betaincinv(10, 40, u[5]),
        "p_ae3": betaincinv(12, 28, u[6]),
        "c_ae": gammaincinv(16, u[7]) * 375,
        "c2": gammaincinv(100, u[8]) * 50,
        "c3": gammaincinv(64, u[9]) * 150,
    }
    return Draws(values, n, None, "monte_carlo")


def shared_outcomes(draws):
    """Return costs and effects of the shared problem's three strategies."""
    d = draws
    gained = d["p_r"] * d["le"] * d["u"]
    effect = [gained, gained * d["rr2"] - 0.08 * d["p_ae2"], gained * d["rr3"] - 0.08 * d["p_ae3"]]
    cost = [
        np.full(d.n, 2000.0),
        2000 + d["c2"] + d["p_ae2"] * d["c_ae"],
        2000 + d["c3"] + d["p_ae3"] * d["c_ae"],
    ]
    return outcomes(cost, effect)
