import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import few

from costmodel.errors import CostModelError
from costmodel.prices import spending
from costmodel.prices.errors import PriceError
from costmodel.prices.price_volume import METHODS, decompose_spending


def at(**products):
    rows = [(name, units, money) for name, (units, money) in products.items()]
    return pd.DataFrame(rows, columns=["product", "units", "spending"])


def parts(before, after, **options):
    return decompose_spending(before, after, **options).set_index("part")["change"].to_dict()


BEFORE = at(brand=(10, 30.0), generic=(90, 9.0))
AFTER = at(brand=(5, 20.0), generic=(115, 11.5))


def test_bennet_by_hand():
    """Brand 10 at 3 then 5 at 4; generic 90 at 0.1 then 115 at 0.1. Means 0.39 and 0.2625.

    Price 7.5 x 1; quantity 0.32625 x 20 = 6.525; mix (3.5 - 0.32625)(-5) + (0.1 - 0.32625)(25) = -21.525.
    """
    found = parts(BEFORE, AFTER)
    assert found["price"] == pytest.approx(7.5)
    assert found["quantity"] == pytest.approx(6.525)
    assert found["mix"] == pytest.approx(-21.525)
    assert sum(found.values()) == pytest.approx(31.5 - 39)


def test_laspeyres_by_hand():
    """Price 5 x 1 at later units; quantity 0.39 x 20 = 7.8; mix (3 - 0.39)(-5) + (0.1 - 0.39)(25) = -20.3."""
    found = parts(BEFORE, AFTER, method="laspeyres")
    assert [found["price"], found["quantity"], found["mix"]] == pytest.approx([5, 7.8, -20.3])


def test_detail_by_product():
    detail = decompose_spending(BEFORE, AFTER, detail=True).set_index(["product", "part"])["change"]
    assert detail[("generic", "price")] == pytest.approx(0, abs=1e-12)
    assert detail[("brand", "price")] == pytest.approx(7.5)
    # All that the brand's row changed by, 20 - 30, is in its own parts.
    assert detail["brand"].sum() == pytest.approx(-10)
    assert detail["generic"].sum() == pytest.approx(2.5)


def test_new_and_vanished_stand_apart():
    before, after = at(a=(10, 10.0), old=(3, 6.0)), at(a=(10, 15.0), new=(4, 2.0))
    result = decompose_spending(before, after).set_index("part")
    assert result["change"].to_dict() == {
        "price": 5,
        "quantity": 0,
        "mix": 0,
        "new product": 2,
        "vanished product": -6,
    }
    assert result["products"].to_dict() == {
        "price": 1,
        "quantity": 1,
        "mix": 1,
        "new product": 1,
        "vanished product": 1,
    }


def test_no_units_at_one_date_is_new_not_free():
    found = parts(at(a=(10, 10.0), b=(0, 0.0)), at(a=(10, 10.0), b=(1, 3.0)))
    assert (found["new product"], found["price"]) == (3, 0)


def test_nothing_in_common_is_all_new_and_vanished():
    found = parts(at(a=(1, 1.0)), at(b=(1, 2.0)))
    assert (found["new product"], found["vanished product"]) == (2, -1)
    assert found["price"] == found["quantity"] == found["mix"] == 0


def test_part_d_2018_to_2022():
    """Klonopin and generic clonazepam of one release; the three parts add up to the printed change."""
    table = spending("us/part_d_spending").select(row_level="all labelers", release="2018-2022")
    first, last = table.select(year=2018).frame, table.select(year=2022).frame
    found = parts(first, last)
    change = 77_260_147.76 + 3_663_255.51 - 64_371_811.83 - 3_684_197.00
    assert math.fsum(found.values()) == pytest.approx(change, abs=1e-6)
    assert min(found["price"], found["quantity"]) > 0 > found["mix"]
    assert found["new product"] == found["vanished product"] == 0


figures = st.tuples(st.floats(0.01, 1e6), st.floats(0.01, 1e8))
dates = st.dictionaries(st.sampled_from("abcdefgh"), figures, min_size=1, max_size=8).map(
    lambda one: at(**one)
)


@few
@given(dates, dates, st.sampled_from(METHODS))
def test_the_parts_are_the_whole(before, after, method):
    found = parts(before, after, method=method)
    change = after["spending"].sum() - before["spending"].sum()
    size = before["spending"].sum() + after["spending"].sum() + sum(abs(one) for one in found.values())
    assert math.fsum(found.values()) == pytest.approx(change, abs=1e-12 * size)


@few
@given(dates, dates)
def test_time_reversed_is_the_other_sign(before, after):
    forward, back = parts(before, after), parts(after, before)
    for name in ("price", "quantity", "mix"):
        scale = sum(abs(one) for one in forward.values()) + 1
        assert back[name] == pytest.approx(-forward[name], abs=1e-9 * scale)
    assert back["new product"] == pytest.approx(-forward["vanished product"])


@few
@given(dates, st.floats(1.001, 10), st.sampled_from(METHODS))
def test_one_cause_alone_is_one_part(before, factor, method):
    total = before["spending"].sum()
    dearer = parts(before, before.assign(spending=before["spending"] * factor), method=method)
    assert dearer["price"] == pytest.approx(total * (factor - 1))
    more = before.assign(spending=before["spending"] * factor, units=before["units"] * factor)
    grown = parts(before, more, method=method)
    assert grown["quantity"] == pytest.approx(total * (factor - 1))
    for name, found in (("quantity", dearer), ("mix", dearer), ("price", grown), ("mix", grown)):
        assert found[name] == pytest.approx(0, abs=1e-9 * total * factor)


@few
@given(dates, dates, st.floats(0.01, 100))
def test_currency_scales_every_part(before, after, rate):
    plain = parts(before, after)
    other = parts(
        before.assign(spending=before["spending"] * rate), after.assign(spending=after["spending"] * rate)
    )
    scale = sum(abs(one) for one in plain.values()) * rate + 1e-9
    for name, value in plain.items():
        assert other[name] == pytest.approx(value * rate, abs=1e-9 * scale)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (at(a=(1, 1.0)).drop(columns="units"), AFTER, "before: 'units' is not a column"),
        (BEFORE, pd.concat([AFTER, AFTER]), "after: 'brand' stands twice; add up its rows"),
        (BEFORE, at(a=(0, 5.0)), "'a' cannot pay for 0 units"),
        (BEFORE, at(a=(-1, 5.0)), "'a' must be finite and at least 0"),
        (BEFORE, at(a=(1, float("nan"))), "'a' must be finite and at least 0"),
        (BEFORE.assign(currency="USD"), AFTER.assign(currency="CAD"), "currency must be one at both dates"),
        (BEFORE.assign(basis="gross"), AFTER.assign(basis="net"), "basis must be one at both dates"),
        (
            BEFORE.assign(row_level="labeler"),
            AFTER.assign(row_level="all labelers"),
            "row_level must be one at both dates",
        ),
    ],
)
def test_refusals(before, after, says):
    with pytest.raises(PriceError, match=says):
        decompose_spending(before, after)


def test_unknown_method():
    with pytest.raises(CostModelError, match="method: 'benet' is unknown; did you mean 'bennet'"):
        decompose_spending(BEFORE, AFTER, method="benet")
