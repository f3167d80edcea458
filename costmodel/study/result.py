"""The machine-readable result of a run: plain numbers under stable keys, never NaN or Infinity."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from costmodel.model import Outcomes


def result(outcomes: Outcomes) -> dict[str, Any]:
    """Return a run's result: means over draws, per person, averaged over segments by size.

    Parameters
    ----------
    outcomes : Outcomes

    Returns
    -------
    dict
        ``study, currency, price_year, draws, strategies, segments, incremental``. A strategy has ``costs``
        by perspective and ``effects`` by measure (discounted), and ``payoffs`` by measure with
        ``discounted``, ``undiscounted`` and ``by_year`` (undiscounted; it sums to ``undiscounted``).
    """
    from costmodel.analysis.incremental import increments

    return {
        "study": outcomes.study,
        "currency": outcomes.money.currency,
        "price_year": outcomes.money.price_year,
        "draws": outcomes.n_draws,
        "strategies": _strategies(outcomes, None),
        "segments": {
            name: {
                "size": float(outcomes.sizes[:, position].mean()),
                "strategies": _strategies(outcomes, name),
            }
            for position, name in enumerate(outcomes.segments)
        },
        "incremental": [asdict(item) for item in increments(outcomes)],
    }


def to_json(outcomes: Outcomes) -> str:
    """Return :func:`result` as JSON in full double precision.

    Raises
    ------
    ValueError
        A number is not finite; outcomes check themselves, so this cannot happen to theirs.
    """
    return json.dumps(result(outcomes), indent=2, allow_nan=False, ensure_ascii=False)


def _strategies(outcomes: Outcomes, segment: str | None) -> dict[str, Any]:
    costs = {name: outcomes.cost(name, segment=segment).mean(axis=1) for name in outcomes.perspectives}
    discounted = {name: outcomes.total(name, segment=segment).mean(axis=1) for name in outcomes.measures}
    undiscounted = {
        name: outcomes.total(name, segment=segment, discounted=False).mean(axis=1)
        for name in outcomes.measures
    }
    years = {name: outcomes.years(name, segment=segment).mean(axis=1) for name in outcomes.measures}
    return {
        strategy: {
            "costs": {name: float(values[row]) for name, values in costs.items()},
            "effects": {name: float(discounted[name][row]) for name in outcomes.effects},
            "payoffs": {
                name: {
                    "discounted": float(discounted[name][row]),
                    "undiscounted": float(undiscounted[name][row]),
                    "by_year": [float(value) for value in years[name][row]],
                }
                for name in outcomes.measures
            },
        }
        for row, strategy in enumerate(outcomes.strategies)
    }
