"""A slow, obvious search for the cheapest tablets, and draws of products, for the tests of regimens."""

from fractions import Fraction

import pandas as pd
from hypothesis import strategies as st

STRENGTHS = [0.125, 0.25, 0.3, 0.5, 1.0, 2.0]


def frame(prices, *, form="tablet", **columns):
    """Return products from a mapping of strength to unit price."""
    return pd.DataFrame(
        {"strength_mg": list(prices), "form": form, "unit_price": list(prices.values()), **columns}
    )


def enumerated(items, low, high, *, most=None):
    """Yield cost and units of every set of pieces whose milligrams lie in the interval.

    ``items`` are triples of strings or fractions: milligrams taken, cost, and nothing is left out: equal
    and dearer pieces are tried too.
    """
    items = [(Fraction(amount), Fraction(cost)) for amount, cost in items]
    low, high = Fraction(low), Fraction(high)

    def walk(place, left, cost, units):
        made = high - left
        if place == len(items):
            if made >= low and units:
                yield cost, units
            return
        amount, price = items[place]
        count = 0
        while count * amount <= left and (most is None or units + count <= most):
            yield from walk(place + 1, left - count * amount, cost + count * price, units + count)
            count += 1

    yield from walk(0, high, Fraction(0), 0)


def pieces_of(products, *, halves=None):
    """Return milligrams and cost of each unit of a frame, and of each half: kept, wasted, or none."""
    found = []
    for one in products.to_dict("records"):
        strength, price = Fraction(str(one["strength_mg"])), Fraction(str(one["unit_price"]))
        found.append((strength, price))
        if halves and "disintegrating" not in one["form"]:
            found.append((strength / 2, price / 2 if halves == "kept" else price))
    return found


cents = st.integers(1, 500_000).map(lambda number: number / 100_000)
doses = st.integers(1, 24).map(lambda number: number / 8)


@st.composite
def products(draw, *, least=1):
    """Draw up to four products; strengths may repeat at other prices."""
    strengths = draw(st.lists(st.sampled_from(STRENGTHS), min_size=least, max_size=4))
    return pd.DataFrame(
        {
            "strength_mg": strengths,
            "form": "tablet",
            "unit_price": [draw(cents) for _ in strengths],
        }
    )
