"""Acceptability: the probability of being best, expected loss, and the value of perfect information."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.analysis.switching import Best, best_over_grid
from costmodel.checks import one_of
from costmodel.model import Outcomes

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


def net_benefit(
    outcomes: Outcomes,
    wtp: float,
    *,
    perspective: str,
    effect: str = "qaly",
    segment: str | None = None,
    kind: str = "monetary",
) -> Floats:
    """Return net benefit per person in every draw.

    Parameters
    ----------
    outcomes : Outcomes
    wtp : float
        Willingness to pay for one unit of effect, in the outcomes' money; at least 0, above 0 for health.
    perspective, effect : str
    segment : str, optional
        One segment; the average over segments by size when not given.
    kind : {"monetary", "health"}
        ``wtp * effect - cost`` in money, or ``effect - cost / wtp`` in units of effect.

    Returns
    -------
    array, (strategies, draws)

    Raises
    ------
    CostModelError
        A name is unknown, or the willingness to pay is out of its range.
    """
    from costmodel.checks import in_interval

    one_of(kind, ("monetary", "health"), "kind of net benefit")
    in_interval(wtp, "willingness to pay", low=0, open_low=kind == "health")
    cost, gained = _sides(outcomes, perspective, effect, segment)
    money = wtp * gained - cost
    return np.asarray(money if kind == "monetary" else money / wtp)


def acceptability(
    outcomes: Outcomes,
    wtp: ArrayLike,
    *,
    perspective: str,
    effect: str = "qaly",
    segment: str | None = None,
) -> pd.DataFrame:
    """Return, for every strategy along willingness to pay, how likely and how costly it is to choose it.

    Parameters
    ----------
    outcomes : Outcomes
        With the draws of a probabilistic analysis.
    wtp : float or array
        At least 0, rising.
    perspective, effect : str
    segment : str, optional

    Returns
    -------
    pandas.DataFrame
        One row per willingness to pay and strategy: ``wtp, strategy``; ``probability``, the share of
        draws in which it has the highest net benefit (the acceptability curve; of strategies that are
        equal, the first counts), and ``probability_se``, its Monte Carlo standard error;
        ``net_benefit``, expected; ``optimal``, whether it has the highest expected net benefit (its
        probability is then on the acceptability frontier); ``expected_loss``, what is forgone by choosing
        it for want of knowledge. The least expected loss is the value of perfect information.

    Raises
    ------
    CostModelError
        A name is unknown, or willingness to pay falls or is negative.

    References
    ----------
    .. [1] Fenwick E, Claxton K, Sculpher M. Representing uncertainty: the role of cost-effectiveness
       acceptability curves. Health Economics 2001; 10:779-87.
    .. [2] Alarid-Escudero F et al. A need for change! A coding framework for improving transparency in
       decision modeling (expected loss curves). Value in Health 2019; 22:611-8.
    """
    import pandas as pd

    best = _best(outcomes, wtp, perspective, effect, segment)
    strategies, k = best.counts.shape
    expected = best.net_benefit
    probability = best.counts / best.n
    optimal = np.arange(strategies)[:, None] == expected.argmax(axis=0)
    return pd.DataFrame(
        {
            "wtp": np.repeat(best.grid, strategies),
            "strategy": np.tile(np.array(outcomes.strategies, dtype=object), k),
            "probability": probability.T.ravel(),
            "probability_se": np.sqrt(probability * (1 - probability) / best.n).T.ravel(),
            "net_benefit": expected.T.ravel(),
            "optimal": optimal.T.ravel(),
            "expected_loss": (best.perfect - expected).T.ravel(),
        }
    )


def evpi(
    outcomes: Outcomes,
    wtp: ArrayLike,
    *,
    perspective: str,
    effect: str = "qaly",
    segment: str | None = None,
) -> Floats:
    """Return the expected value of perfect information per person along willingness to pay.

    The mean over draws of the highest net benefit, less the highest mean net benefit; at least 0.

    Returns
    -------
    array, (k,)
        In the outcomes' money.
    """
    best = _best(outcomes, wtp, perspective, effect, segment)
    return np.asarray(np.maximum(best.perfect - best.net_benefit.max(axis=0), 0.0))


def _best(outcomes: Outcomes, wtp: ArrayLike, perspective: str, effect: str, segment: str | None) -> Best:
    cost, gained = _sides(outcomes, perspective, effect, segment)
    return best_over_grid(cost, gained, wtp)


def _sides(outcomes: Outcomes, perspective: str, effect: str, segment: str | None) -> tuple[Floats, Floats]:
    return outcomes.cost(perspective, segment=segment), outcomes.total(effect, segment=segment)
