"""What a sensitivity analysis looks at: one number per draw, a strategy against a comparator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.incremental import unit_of
from costmodel.checks import in_interval, one_of
from costmodel.errors import CostModelError
from costmodel.model import Outcomes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """A difference between two strategies, in one perspective.

    Parameters
    ----------
    strategy : str
    perspective : str
    wtp : float, optional
        Willingness to pay for one unit of effect: the difference is then in net monetary benefit
        (positive: worth it). Without it, the difference is in cost (negative: money saved). A ratio is
        never varied: it jumps where its denominator passes 0.
    effect : str, default "qaly"
        Which effect the willingness to pay is for.
    comparator : str, optional
        The study's own if left out.
    segment : str, optional
        One segment; the average over segments by size if left out.

    Examples
    --------
    >>> from costmodel.model import evaluate
    >>> from costmodel.model.examples import two_prices, two_prices_draws
    >>> Question("generic", "payer").of(evaluate(two_prices(), two_prices_draws())).tolist()
    [-300.0]
    """

    strategy: str
    perspective: str
    wtp: float | None = None
    effect: str = "qaly"
    comparator: str | None = None
    segment: str | None = None

    def __post_init__(self) -> None:
        if self.wtp is not None:
            in_interval(self.wtp, "willingness to pay", low=0)

    @property
    def label(self) -> str:
        """What is differenced, for the axis of a figure."""
        if self.wtp is None:
            return "Difference in cost"
        return f"Difference in net monetary benefit at {self.wtp:,.0f} per {unit_of(self.effect)}"

    def of(self, outcomes: Outcomes) -> Floats:
        """Return the difference in every draw, (draws,).

        Raises
        ------
        CostModelError
            A name is unknown, or a strategy is compared with itself.
        """
        reference = self.comparator or outcomes.comparator
        for name in (self.strategy, reference):
            one_of(name, outcomes.strategies, "strategy")
        if self.strategy == reference:
            raise CostModelError(f"strategy '{reference}' cannot be compared with itself: name another")
        rows = [outcomes.strategies.index(name) for name in (self.strategy, reference)]
        cost = outcomes.cost(self.perspective, segment=self.segment)[rows]
        if self.wtp is None:
            return np.asarray(cost[0] - cost[1])
        gained = outcomes.total(self.effect, segment=self.segment)[rows]
        return np.asarray(self.wtp * (gained[0] - gained[1]) - (cost[0] - cost[1]))
