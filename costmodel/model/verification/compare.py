"""Comparisons of arrays, and how their results are told."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from costmodel.model.accrual import FloatArray
from costmodel.model.outcomes import Outcomes
from costmodel.model.verification.result import Finding, verdict

TOLERANCE = 1e-9
_LARGE, _SMALL, _SHOWN = 1e5, 1e-6, 4


def gap(one: FloatArray | float, other: FloatArray | float) -> float:
    """Return the largest difference, in parts of the value where that is above 1.

    Examples
    --------
    >>> gap(1000.0, 1001.0), gap(0.25, 0.5)
    (0.000999000999000999, 0.25)
    """
    left, right = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    scale = np.maximum(1.0, np.maximum(np.abs(left), np.abs(right)))
    return float(np.max(np.abs(left - right) / scale, initial=0.0))


def within(deviation: float, found: str) -> Finding:
    """Return whether what should be equal is, with how far it is apart.

    Examples
    --------
    >>> within(2e-15, "3 of 3").passed, within(0.5, "2 of 3").deviation
    ('yes', 0.5)
    """
    return verdict(deviation <= TOLERANCE, found, deviation=deviation)


def same(before: FloatArray | float, after: FloatArray | float, what: str) -> Finding:
    """Return whether two arrays agree, with the largest difference."""
    largest = gap(before, after)
    return within(largest, f"largest relative difference of {what}: {number(largest)}")


def arrays(outcomes: Outcomes) -> FloatArray:
    """Return all totals of outcomes, shape (3, strategy, measure, draw, segment)."""
    return np.stack([outcomes.discounted, outcomes.undiscounted, outcomes.by_year.sum(axis=-1)])


def same_outcomes(before: Outcomes, after: Outcomes) -> Finding:
    """Return whether all totals and sizes agree; measures are paired by name."""
    order = [list(after.measures).index(name) for name in before.measures]
    largest = max(
        gap(arrays(before), arrays(after)[:, :, order]),
        gap(before.by_year, after.by_year[:, order]),
        gap(before.sizes, after.sizes),
    )
    count = arrays(before).size + before.by_year.size
    return within(largest, f"largest relative difference of {count:,} results: {number(largest)}")


def rows(outcomes: Outcomes, *kinds: str) -> list[int]:
    """Return the positions of the measures of some kinds."""
    return [row for row, kind in enumerate(outcomes.measures.values()) if kind in kinds]


def cost_rows(outcomes: Outcomes) -> list[int]:
    """Return the positions of the cost measures."""
    return rows(outcomes, "cost")


def effect_rows(outcomes: Outcomes) -> list[int]:
    """Return the positions of the measures that are no costs."""
    return rows(outcomes, "qaly", "life_years", "event", "effect")


def number(value: float) -> str:
    """Return a number as a reader wants it.

    Examples
    --------
    >>> number(0.1 + 0.2), number(1234567.0), number(1e-17)
    ('0.3', '1,234,567', '1e-17')
    """
    if abs(value) >= _LARGE:
        return f"{value:,.0f}"
    return f"{value:.6g}" if abs(value) >= _SMALL or not value else f"{value:.1g}"


def listed(items: Iterable[str], most: int = 4) -> str:
    """Return some names in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    found = list(items)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def all_hold(faults: list[str], found: str, *, deviation: float | None = None) -> Finding:
    """Return a failure that lists the faults, or a pass with what was found.

    Examples
    --------
    >>> all_hold([], "3 of 3").passed, all_hold(["a is 2"], "3 of 3").found
    ('yes', 'a is 2')
    """
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    told = "; ".join(faults[:_SHOWN]) + more if faults else found
    return verdict(not faults, told, deviation=deviation)
