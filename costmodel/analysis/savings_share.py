"""What share of a saving would pay for something: careful prescribing out of what generics save."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costmodel.checks import in_interval, one_of

if TYPE_CHECKING:
    from costmodel.model import Outcomes

Floats = NDArray[np.float64]
_LEAST = 2


@dataclass(frozen=True)
class SavingsShare:
    """A saving, a spending, and the share of the one that pays for the other.

    Parameters
    ----------
    saving, spending : float
        Means over draws, money per person; both positive when money is saved and spent.
    share : float or None
        ``spending / saving`` of the means; None where nothing is saved or nothing is spent.
    low, high : float or None
        Interval of the share over draws; None for one draw, or where a draw saves or spends nothing.
    p_enough : float
        Share of draws in which the saving is at least the spending.
    reason : str
        Why a share or an interval is missing; empty where none is.
    money : str
        Currency and price year.
    """

    saving: float
    spending: float
    share: float | None
    low: float | None
    high: float | None
    p_enough: float
    reason: str
    money: str

    @property
    def words(self) -> str:
        """The result as a sentence."""
        if self.share is None:
            return (
                f"spends {self.spending:,.2f} where {self.saving:,.2f} is saved ({self.money}): {self.reason}"
            )
        span = (
            f" ({self.low:.0%} to {self.high:.0%})" if self.low is not None and self.high is not None else ""
        )
        amount = f"{self.share:.0%}{span} of" if self.share <= 1 else f"{self.share:,.1f} times"
        return f"spends {self.spending:,.2f}, {amount} the {self.saving:,.2f} saved ({self.money})"


def savings_share(
    outcomes: Outcomes,
    *,
    saved: tuple[str, str],
    spent: tuple[str, str],
    saving: str,
    spending: str,
    segment: str | None = None,
    level: float = 0.95,
) -> SavingsShare:
    """Return what share of a saving would pay for what another strategy spends.

    Parameters
    ----------
    outcomes : Outcomes
        One draw or many.
    saved : tuple of str
        The dear and the cheap strategy, as ``("brand", "generic")``.
    spent : tuple of str
        The strategy without and the one with the spending, as ``("generic", "careful")``.
    saving, spending : str
        Perspectives: the costs in which money is saved, and those in which it is spent.
    segment : str, optional
        All segments, weighed by size, if left out.
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    SavingsShare
        A share is never negative: where nothing is saved or spent, it is missing with the reason.

    Raises
    ------
    CostModelError
        A strategy, perspective or segment is unknown, or the level is not between 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from costmodel.model import outcomes_from_table
    >>> costs = pd.DataFrame(
    ...     {"strategy": ["brand", "generic", "careful"], "cost": [1000.0, 200, 360], "draw": 0}
    ... )
    >>> found = outcomes_from_table(costs, currency="USD", price_year=2026, comparator="brand")
    >>> share = savings_share(
    ...     found, saved=("brand", "generic"), spent=("generic", "careful"), saving="total", spending="total"
    ... )
    >>> print(share.words)
    spends 160.00, 20% of the 800.00 saved (USD 2026)
    """
    in_interval(level, "level", low=0, high=1, open_low=True)
    gained = -_difference(outcomes, saved, saving, segment)
    used = _difference(outcomes, spent, spending, segment)
    mean_gained, mean_used = float(gained.mean()), float(used.mean())
    reason = _missing(mean_gained, mean_used)
    low, high, doubt = _interval(gained, used, level) if not reason else (None, None, "")
    return SavingsShare(
        saving=mean_gained,
        spending=mean_used,
        share=None if reason else mean_used / mean_gained,
        low=low,
        high=high,
        p_enough=float((gained >= used).mean()),
        reason=reason or doubt,
        money=f"{outcomes.money.currency} {outcomes.money.price_year}",
    )


def _difference(outcomes: Outcomes, pair: tuple[str, str], perspective: str, segment: str | None) -> Floats:
    names = list(outcomes.strategies)
    first, second = (names.index(one_of(name, names, "strategy")) for name in pair)
    cost = outcomes.cost(perspective, segment=segment)
    difference: Floats = cost[second] - cost[first]
    return difference


def _missing(gained: float, used: float) -> str:
    if gained <= 0:
        return "nothing is saved that could pay for it"
    return "" if used > 0 else "nothing more is spent"


def _interval(gained: Floats, used: Floats, level: float) -> tuple[float | None, float | None, str]:
    if gained.size < _LEAST:
        return None, None, ""
    if (gained <= 0).any() or (used < 0).any():
        return None, None, "in some draws nothing is saved or spent, so the share has no interval"
    low, high = np.quantile(used / gained, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high), ""
