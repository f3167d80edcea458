"""Equivalence within a stated margin, and cost-minimisation, which needs it.

That a difference was not found is no proof that there is none. Effects count as equivalent only where their
difference lies within a margin that was stated before, with a certainty that was stated before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costmodel.analysis.incremental import unit_of
from costmodel.analysis.question import Question
from costmodel.analysis.summary import enough
from costmodel.checks import in_interval
from costmodel.errors import CostModelError
from costmodel.model import Outcomes

_HALF = 0.5


@dataclass(frozen=True)
class Equivalence:
    """Whether a difference lies within a margin.

    Attributes
    ----------
    difference : float
        Strategy minus comparator.
    low, high : float
        The interval that belongs to the test: of level ``2 certainty - 1`` (90 % at 0.95), so that each
        end is one of the two one-sided tests.
    margin : float
        In the unit of the difference.
    certainty : float
        What was asked: the least probability, or 1 minus the size of each one-sided test.
    probability : float or None
        That the difference lies within the margin, over draws; None for summary data.
    p_value : float or None
        The larger of the two one-sided p-values; None for draws.
    equivalent : bool
    verdict : str
        ``equivalent within ±…``, ``equivalent within ±… by assumption``, or ``equivalence not shown``.
    words : str
        The verdict with its numbers.
    """

    difference: float
    low: float
    high: float
    margin: float
    certainty: float
    probability: float | None
    p_value: float | None
    equivalent: bool
    verdict: str
    words: str


@dataclass(frozen=True)
class CostMinimisation:
    """Costs compared at effects that are equivalent.

    Attributes
    ----------
    equivalence : Equivalence
        Of the effects.
    cost : float
        Mean difference in cost, strategy minus comparator: negative is money saved.
    low, high : float
        Interval of the draws at the certainty asked.
    probability_saves : float
        Share of the draws in which the strategy costs less.
    words : str
        What may be said; where equivalence is not shown, that costs alone do not decide.
    """

    equivalence: Equivalence
    cost: float
    low: float
    high: float
    probability_saves: float
    words: str


def two_one_sided(
    difference: float,
    se: float,
    *,
    margin: float,
    certainty: float = 0.95,
    df: float | None = None,
    unit: str = "",
) -> Equivalence:
    """Test by two one-sided tests whether a difference lies within a margin, given its standard error.

    Parameters
    ----------
    difference : float
        Strategy minus comparator.
    se : float
        Its standard error, above 0.
    margin : float
        Above 0, in the unit of the difference; stated before the data are seen.
    certainty : float, default 0.95
        Each one-sided test has the size ``1 - certainty``.
    df : float, optional
        Degrees of freedom of Student's t; the normal distribution if left out.
    unit : str, optional
        For the words.

    Returns
    -------
    Equivalence

    References
    ----------
    .. [1] Schuirmann DJ. A comparison of the two one-sided tests procedure and the power approach for
       assessing the equivalence of average bioavailability. Journal of Pharmacokinetics and
       Biopharmaceutics 1987; 15:657-80.

    Examples
    --------
    >>> found = two_one_sided(0.0, 1.0, margin=2.0)
    >>> found.equivalent, round(found.p_value, 4), round(found.high, 3)
    (True, 0.0228, 1.645)
    """
    from scipy import stats

    _asked(margin, certainty)
    in_interval(se, "standard error", low=0, open_low=True)
    law = stats.norm() if df is None else stats.t(in_interval(df, "df", low=0, open_low=True))
    p_value = max(float(law.sf((difference + margin) / se)), float(law.cdf((difference - margin) / se)))
    half = float(law.ppf(certainty)) * se
    proof = f"two one-sided tests, p = {p_value:.3g}"
    ends = (difference - half, difference + half)
    return _judged(difference, ends, margin, certainty, (None, p_value), proof=proof, unit=unit)


def equivalence(
    outcomes: Outcomes,
    strategy: str,
    *,
    margin: float,
    effect: str = "qaly",
    certainty: float = 0.95,
    segment: str | None = None,
    comparator: str | None = None,
) -> Equivalence:
    """Return with what probability a strategy's effect differs from the comparator's by less than a margin.

    Parameters
    ----------
    outcomes : Outcomes
        With the draws of a probabilistic analysis.
    strategy : str
    margin : float
        Above 0, in units of the effect.
    effect : str, default "qaly"
    certainty : float, default 0.95
        The least probability that counts as equivalent.
    segment, comparator : str, optional

    Returns
    -------
    Equivalence
        Where the model gives both the same effect in every draw the verdict says that this is an
        assumption: nothing was tested.

    Examples
    --------
    >>> from costmodel import read_study
    >>> found = read_study("clonazepam-us-prices").run(n=100)
    >>> equivalence(found, "generic", effect="treatment_years", margin=0.01).verdict
    'equivalent within ±0.01 by assumption'
    """
    _asked(margin, certainty)
    enough(outcomes)
    gap = _effect_gap(outcomes, strategy, effect, segment, comparator)
    inside = float(np.mean(np.abs(gap) < margin))
    ends = np.quantile(gap, [1 - certainty, certainty])
    proof = f"probability {inside:.3f}"
    assumed = not gap.any()
    if assumed:
        proof = "the model gives both the same effect in every draw; nothing was tested"
    return _judged(
        float(gap.mean()),
        (float(ends[0]), float(ends[1])),
        margin,
        certainty,
        (inside, None),
        proof=proof,
        unit=unit_of(effect),
        assumed=assumed,
    )


def cost_minimisation(
    outcomes: Outcomes,
    strategy: str,
    *,
    perspective: str,
    margin: float,
    effect: str = "qaly",
    certainty: float = 0.95,
    segment: str | None = None,
    comparator: str | None = None,
) -> CostMinimisation:
    """Compare costs, having tested that effects are equivalent within a stated margin.

    Parameters
    ----------
    perspective : str
    outcomes, strategy, margin, effect, certainty, segment, comparator
        As :func:`equivalence`.

    Returns
    -------
    CostMinimisation
    """
    tested = equivalence(
        outcomes,
        strategy,
        margin=margin,
        effect=effect,
        certainty=certainty,
        segment=segment,
        comparator=comparator,
    )
    gap = Question(strategy, perspective, comparator=comparator, segment=segment).of(outcomes)
    low, high = (float(end) for end in np.quantile(gap, [(1 - certainty) / 2, (1 + certainty) / 2]))
    mean, saves = float(gap.mean()), float(np.mean(gap < 0))
    does = "saves" if mean < 0 else "costs"
    more = "" if mean < 0 else " more"
    ends = (-high, -low) if mean < 0 else (low, high)
    interval = f"{certainty:.0%} interval {ends[0]:,.2f} to {ends[1]:,.2f}"
    told = f"{does} {abs(mean):,.2f}{more} per person ({interval})"
    tail = "" if tested.equivalent else "; costs alone do not decide: weigh effects too"
    return CostMinimisation(tested, mean, low, high, saves, f"{strategy} {told}; {tested.words}{tail}")


def _effect_gap(
    outcomes: Outcomes, strategy: str, effect: str, segment: str | None, comparator: str | None
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    from costmodel.checks import one_of

    reference = comparator or outcomes.comparator
    for name in (strategy, reference):
        one_of(name, outcomes.strategies, "strategy")
    if strategy == reference:
        raise CostModelError(f"strategy '{reference}' cannot be compared with itself: name another")
    values = outcomes.total(effect, segment=segment)
    rows = [outcomes.strategies.index(name) for name in (strategy, reference)]
    return np.asarray(values[rows[0]] - values[rows[1]])


def _asked(margin: float, certainty: float) -> None:
    in_interval(margin, "equivalence margin", low=0, open_low=True)
    in_interval(certainty, "certainty", low=_HALF, high=0.9999, open_low=True)


def _judged(
    difference: float,
    ends: tuple[float, float],
    margin: float,
    certainty: float,
    evidence: tuple[float | None, float | None],
    *,
    proof: str,
    unit: str,
    assumed: bool = False,
) -> Equivalence:
    probability, p_value = evidence
    shown = probability >= certainty if probability is not None else (p_value or 0.0) <= 1 - certainty
    within = f"within ±{margin:g}"
    verdict = (
        f"equivalent {within}" + (" by assumption" if assumed else "") if shown else "equivalence not shown"
    )
    whole = f"{within} {unit}".strip()
    words = (
        f"effects equivalent {whole}{' by assumption' if assumed else ''} ({proof})"
        if shown
        else f"equivalence of effects {whole} not shown ({proof})"
    )
    return Equivalence(
        difference, *ends, margin, certainty, probability, p_value, bool(shown), verdict, words
    )
