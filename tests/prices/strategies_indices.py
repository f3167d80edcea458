"""Prices and quantities of several products over several periods, and index numbers by plain sums."""

import math

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

few = settings(deadline=None, max_examples=60)

positive = st.floats(0.05, 50, allow_nan=False)

# The artificial data set of the CPI Manual (ILO and others, 2004), chapter 19: six products, five periods.
MANUAL_PRICES = np.array(
    [
        [1.0, 1.2, 1.0, 0.8, 1.0],
        [1.0, 3.0, 1.0, 0.5, 1.0],
        [1.0, 1.3, 1.5, 1.6, 1.6],
        [1.0, 0.7, 0.5, 0.3, 0.1],
        [1.0, 1.4, 1.7, 1.9, 2.0],
        [1.0, 0.8, 0.6, 0.4, 0.2],
    ]
)
MANUAL_QUANTITIES = np.array(
    [
        [1.0, 0.8, 1.0, 1.2, 0.9],
        [1.0, 0.9, 1.1, 1.2, 1.2],
        [2.0, 1.9, 1.8, 1.9, 2.0],
        [1.0, 1.3, 3.0, 6.0, 12.0],
        [4.5, 4.7, 5.0, 5.6, 6.5],
        [0.5, 0.6, 0.8, 1.3, 2.5],
    ]
)


@st.composite
def markets(draw, *, periods=3, gaps=False):
    """Draw prices and quantities; with ``gaps`` the first product alone is priced in every period."""
    products = draw(st.integers(2, 5))
    shape = (products, periods)
    prices, sold = (
        draw(arrays(float, shape, elements=positive)),
        draw(arrays(float, shape, elements=positive)),
    )
    if gaps:
        seen = draw(arrays(bool, shape))
        seen[0] = True
        seen[np.arange(products), draw(arrays(int, products, elements=st.integers(0, periods - 1)))] = True
        prices = np.where(seen, prices, np.nan)
        sold = np.where(seen, sold, np.nan)
    return prices, sold


def slow(formula, p0, p1, q0, q1):
    """Return a price index of two periods by its definition; a missing price is NaN."""
    rows = [row for row in zip(p0, p1, q0, q1, strict=True) if not (math.isnan(row[0]) or math.isnan(row[1]))]
    spent0, spent1 = sum(a * c for a, _, c, _ in rows), sum(b * d for _, b, _, d in rows)
    laspeyres = sum(b * c for _, b, c, _ in rows) / spent0
    paasche = spent1 / sum(a * d for a, _, _, d in rows)
    shares = [(a * c / spent0 + b * d / spent1) / 2 for a, b, c, d in rows]
    found = {
        "laspeyres": laspeyres,
        "paasche": paasche,
        "fisher": math.sqrt(laspeyres * paasche),
        "tornqvist": math.prod((row[1] / row[0]) ** share for row, share in zip(rows, shares, strict=True)),
        "walsh": sum(b * math.sqrt(c * d) for _, b, c, d in rows)
        / sum(a * math.sqrt(c * d) for a, _, c, d in rows),
        "jevons": math.prod((b / a) ** (1 / len(rows)) for a, b, _, _ in rows),
        "dutot": sum(b for _, b, _, _ in rows) / sum(a for a, _, _, _ in rows),
        "carli": sum(b / a for a, b, _, _ in rows) / len(rows),
        "harmonic": len(rows) / sum(a / b for a, b, _, _ in rows),
    }
    return found[formula]


def slow_between(formula, prices, sold, i, j):
    return slow(formula, prices[:, i], prices[:, j], sold[:, i], sold[:, j])
