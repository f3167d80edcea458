"""Increments against the comparator, with a label in words instead of a ratio that misleads.

A ratio is given only where it means something: more cost for more effect (cost per unit gained) or less cost
for less effect (saved per unit forgone). Everything else carries a label: dominant, dominated, or equal
effects, which makes the comparison a cost-minimisation.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from costmodel.model import Outcomes

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 1e-9
_TINY = 1e-290


@dataclass(frozen=True)
class Increment:
    """One strategy against the comparator, from one perspective and on one effect.

    Parameters
    ----------
    strategy, comparator, perspective : str
    effect : str or None
        Measure of effect; None where the study has none.
    cost, effect_difference : float
        Strategy minus comparator, per person, discounted. Negative cost: money saved.
    label : str
        ``dominant``, ``dominated``, ``cost per unit gained``, ``saved per unit forgone``,
        ``equal effects: cost-minimisation`` or ``equal``.
    ratio : float or None
        Cost difference over effect difference, always positive; None where the label says it all.
    words : str
        The same as a sentence's end, with numbers.
    """

    strategy: str
    comparator: str
    perspective: str
    effect: str | None
    cost: float
    effect_difference: float
    label: str
    ratio: float | None
    words: str


def judge(
    cost: tuple[float, float], effect: tuple[float, float], *, unit: str = "unit"
) -> tuple[str, float | None, str]:
    """Label one comparison.

    Parameters
    ----------
    cost, effect : (float, float)
        Strategy and comparator. Differences below 1e-9 of the larger magnitude, or below 1e-290, count as
        none.
    unit : str
        Name of one unit of effect.

    Returns
    -------
    label : str
    ratio : float or None
    words : str

    Examples
    --------
    >>> judge((5000, 10000), (9.75, 10), unit="QALY")[2]
    'saves 5,000 and forgoes 0.25 QALY: 20,000 saved per QALY forgone'
    >>> judge((14, 1555), (1, 1))[:2]
    ('equal effects: cost-minimisation', None)
    """
    d_cost = _difference(*cost)
    d_effect = _difference(*effect)
    if d_effect == 0:
        if d_cost == 0:
            return "equal", None, "costs and effects are equal"
        verb = "saves" if d_cost < 0 else "costs"
        more = "" if d_cost < 0 else " more"
        return (
            "equal effects: cost-minimisation",
            None,
            f"{verb} {abs(d_cost):,.2f}{more} at equal effects (cost-minimisation)",
        )
    gained = f"{_plain(abs(d_effect))} {unit}"
    if d_cost == 0:
        better = d_effect > 0
        return (
            "dominant" if better else "dominated",
            None,
            f"{'gains' if better else 'forgoes'} {gained} at equal cost",
        )
    if d_cost < 0 < d_effect:
        return "dominant", None, f"saves {-d_cost:,.0f} and gains {gained}: dominant"
    if d_effect < 0 < d_cost:
        return "dominated", None, f"costs {d_cost:,.0f} more and forgoes {gained}: dominated"
    ratio = d_cost / d_effect
    if d_cost > 0:
        words = f"costs {d_cost:,.0f} more and gains {gained}: {ratio:,.0f} per {unit} gained"
        return "cost per unit gained", ratio, words
    words = f"saves {-d_cost:,.0f} and forgoes {gained}: {ratio:,.0f} saved per {unit} forgone"
    return "saved per unit forgone", ratio, words


def _plain(amount: float) -> str:
    """Write an amount with four significant digits, never with an exponent."""
    short = f"{amount:,.4g}"
    if "e" not in short:
        return short
    return f"{amount:,.0f}" if amount >= 1 else np.format_float_positional(float(short), trim="-")


def _difference(strategy: float, comparator: float) -> float:
    difference = strategy - comparator
    scale = max(abs(strategy), abs(comparator))
    return 0.0 if abs(difference) <= max(TOLERANCE * scale, _TINY) else difference


def increments(outcomes: Outcomes, *, segment: str | None = None) -> list[Increment]:
    """Return every strategy against the comparator, by perspective and effect; means over draws."""
    reference = outcomes.strategies.index(outcomes.comparator)
    effects: list[str | None] = [name for name in outcomes.effects if outcomes.measures[name] != "event"]
    found = []
    for perspective in outcomes.perspectives:
        cost = outcomes.cost(perspective, segment=segment).mean(axis=1)
        for effect in effects or [None]:
            amount = None if effect is None else outcomes.total(effect, segment=segment).mean(axis=1)
            for row, strategy in enumerate(outcomes.strategies):
                if row == reference:
                    continue
                pair = (0.0, 0.0) if amount is None else (float(amount[row]), float(amount[reference]))
                costs = (float(cost[row]), float(cost[reference]))
                label, ratio, words = judge(costs, pair, unit=unit_of(effect))
                found.append(
                    Increment(
                        strategy=strategy,
                        comparator=outcomes.comparator,
                        perspective=perspective,
                        effect=effect,
                        cost=costs[0] - costs[1],
                        effect_difference=pair[0] - pair[1],
                        label=label,
                        ratio=ratio,
                        words=words,
                    )
                )
    return found


def unit_of(effect: str | None) -> str:
    """Return what one unit of an effect is called."""
    known = {None: "unit", "qaly": "QALY", "life_years": "life-year"}
    return known.get(effect, str(effect).replace("_", " "))


def incremental(outcomes: Outcomes, *, segment: str | None = None) -> pd.DataFrame:
    """Return :func:`increments` as a table.

    Parameters
    ----------
    outcomes : Outcomes
    segment : str, optional
        One segment; the average over segments by size when not given.

    Examples
    --------
    >>> from costmodel.model import evaluate
    >>> from costmodel.model.examples import two_prices, two_prices_draws
    >>> table = incremental(evaluate(two_prices(), two_prices_draws()))
    >>> table.loc[0, "cost"].item(), table.loc[0, "words"]
    (-300.0, 'saves 300.00 at equal effects (cost-minimisation)')
    """
    import pandas as pd

    return pd.DataFrame([asdict(item) for item in increments(outcomes, segment=segment)])
