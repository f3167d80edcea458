"""Why averages mislead: what people pay on average is not what the average person pays.

A cap is a bend in the rule. Spending beyond it costs the patient nothing, so the mean of the rule over people
who spend differently lies below the rule at their mean spending (Jensen's inequality).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, Philox
from numpy.typing import ArrayLike

from costmodel.checks import in_interval
from costmodel.inputs.randomness import stream_key
from costmodel.populations.payments.benefits import Benefit
from costmodel.populations.payments.claims import FloatArray
from costmodel.populations.payments.closed_form import closed_form, segments


@dataclass(frozen=True)
class AverageGap:
    """The mean out-of-pocket payment, and the payment at mean spending; currency per year."""

    mean_of_rule: float
    rule_of_mean: float

    @property
    def overstated(self) -> float:
        """What the payment at mean spending overstates the mean payment by; negative below a deductible."""
        return self.rule_of_mean - self.mean_of_rule


def average_gap(benefit: Benefit, product: str, gross_year: ArrayLike) -> AverageGap:
    """Compare the mean of the out-of-pocket rule with the rule at the mean.

    Parameters
    ----------
    benefit : Benefit
    product : str
    gross_year : array_like, (n,)
        Gross spending of each person in the year.

    Examples
    --------
    Half spend nothing and half 20,000 under the 2026 cap of 2,100; the average person is above the cap:

    >>> from costmodel.populations.payments import benefit
    >>> average_gap(benefit("part_d", 2026), "brand", [0.0, 20_000.0])
    AverageGap(mean_of_rule=1050.0, rule_of_mean=2100.0)
    """
    spent = np.atleast_1d(np.asarray(gross_year, dtype=np.float64))
    rule = closed_form(benefit, product)
    return AverageGap(float(rule(spent).mean()), float(rule(spent.mean())))


def expected_out_of_pocket(benefit: Benefit, product: str, *, mean: float, cv: float) -> float:
    """Return the mean out-of-pocket payment where the year's spending is lognormal.

    Parameters
    ----------
    benefit : Benefit
        One that has a share of spending in every phase.
    product : str
    mean : float
        Mean spending per year, above 0.
    cv : float
        Coefficient of variation, above 0.

    Notes
    -----
    Each phase contributes its share times the difference of two limited expected values,
    ``E[min(X, k)] = m Φ((ln k − μ − σ²)/σ) + k (1 − Φ((ln k − μ)/σ))`` (Klugman, Panjer and Willmot,
    Loss Models).

    Examples
    --------
    >>> from costmodel.populations.payments import benefit
    >>> round(expected_out_of_pocket(benefit("part_d", 2026), "brand", mean=6600, cv=1.5), 2)
    1419.48
    """
    mu, sigma = _lognormal(mean, cv)
    return sum(
        piece.share * (_limited(piece.end, mean, mu, sigma) - _limited(piece.start, mean, mu, sigma))
        for piece in segments(benefit, product)
    )


def lognormal_spending(n: int, *, mean: float, cv: float, nobody: float = 0.0, seed: int) -> FloatArray:
    """Return draws of a year's spending on other drugs, (n,), in currency.

    Parameters
    ----------
    n : int
    mean, cv : float
        Of those who spend anything.
    nobody : float
        Share of people who buy no other drug, in [0, 1].
    seed : int

    Examples
    --------
    >>> spent = lognormal_spending(4, mean=1200, cv=1.0, nobody=0.25, seed=1)
    >>> spent.shape, bool((spent >= 0).all())
    ((4,), True)
    """
    in_interval(nobody, "share who buy no other drug", low=0, high=1)
    mu, sigma = _lognormal(mean, cv)
    rng = Generator(Philox(key=stream_key(seed, "other drug spending")))
    drawn = np.exp(mu + sigma * rng.standard_normal(n))
    return np.asarray(drawn * (rng.random(n) >= nobody), dtype=np.float64)


def _lognormal(mean: float, cv: float) -> tuple[float, float]:
    in_interval(mean, "mean spending", low=0, open_low=True)
    in_interval(cv, "coefficient of variation", low=0, open_low=True)
    variance = math.log1p(cv * cv)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def _limited(limit: float, mean: float, mu: float, sigma: float) -> float:
    """Return the mean of the lesser of spending and a limit."""
    from scipy.special import ndtr

    if math.isinf(limit):
        return mean
    if limit == 0:
        return 0.0
    z = (math.log(limit) - mu) / sigma
    return float(mean * ndtr(z - sigma) + limit * (1 - ndtr(z)))
