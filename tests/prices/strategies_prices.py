"""Rows and tables of prices for the tests of costmodel.prices."""

from hypothesis import settings
from hypothesis import strategies as st

from costmodel.prices import PriceTable
from costmodel.prices.schema import NAMES, to_frame

patient = settings(deadline=None)
few = settings(deadline=None, max_examples=25)

PLAIN = {
    "product_id": "00093321301",
    "product": "Clonazepam 2 mg",
    "molecule": "clonazepam",
    "class": "generic",
    "strength_mg": "2",
    "form": "tablet",
    "unit": "tablet",
    "pack_size": "100",
    "price": "3.881",
    "currency": "USD",
    "date": "2026-04-22",
    "as_of": "2026-04-29",
    "price_type": "acquisition",
    "country": "USA",
    "source": "a list",
    "flag": "",
    "note": "",
}

HEADER = list(PLAIN)


def row(**changes):
    """Return a plain row with some values changed; ``class_`` stands for ``class``."""
    return PLAIN | {name.removesuffix("_"): value for name, value in changes.items()}


def table(rows):
    return PriceTable(to_frame({name: [one[name] for one in rows] for name in NAMES}), "drawn")


prices = st.floats(0.001, 10_000, allow_nan=False)
factors = st.floats(0.01, 100, allow_nan=False)


@st.composite
def tables(draw):
    """Draw tables of one price basis: some sets with both sides, some with one, and other classes."""
    sets = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["clonazepam", "lorazepam"]),
                st.sampled_from([0.5, 1.0, 2.0]),
                st.sampled_from(["tablet", "extended-release tablet", "orally disintegrating tablet"]),
            ),
            min_size=1,
            max_size=5,
            unique=True,
        )
    )
    rows = []
    for position, (molecule, strength, form) in enumerate(sets):
        sides = ["brand", "generic"] if position == 0 else []
        extra = st.sampled_from(["brand", "generic", "branded generic", "unknown"])
        sides += draw(st.lists(extra, min_size=0 if sides else 1, max_size=5))
        for side in sides:
            pack, price = draw(st.sampled_from([1, 10, 30, 100])), draw(prices)
            values = {"molecule": molecule, "strength_mg": strength, "form": form, "class": side}
            rows.append(row(**values, pack_size=pack, price=price, product_id=str(len(rows))))
    return table(draw(st.permutations(rows)))
