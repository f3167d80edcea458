"""The share of a saving that would pay for something."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import costmodel as cm
from costmodel.analysis.savings_share import savings_share

PAIRS = {
    "saved": ("brand", "generic"),
    "spent": ("generic", "careful"),
    "saving": "total",
    "spending": "total",
}


def outcomes(brand, generic, careful):
    """Return outcomes with these costs by draw."""
    rows = [
        {"draw": draw, "strategy": name, "cost": value}
        for name, values in (("brand", brand), ("generic", generic), ("careful", careful))
        for draw, value in enumerate(values)
    ]
    return cm.outcomes_from_table(pd.DataFrame(rows), currency="USD", price_year=2026, comparator="brand")


def test_a_share_by_hand():
    # Saved 900 - 100 = 800 and 700 - 100 = 600, mean 700; spent 240 - 100 and 310 - 100, mean 175.
    found = savings_share(outcomes([900, 700], [100, 100], [240, 310]), **PAIRS)
    assert (found.saving, found.spending, found.share) == (700, 175, 0.25)
    # Shares of the draws: 140/800 = 0.175 and 210/600 = 0.35; the 95 % interval lies 2.5 % of the way inside.
    assert found.low == pytest.approx(0.175 + 0.025 * 0.175)
    assert found.high == pytest.approx(0.35 - 0.025 * 0.175)
    assert found.p_enough == 1
    assert "25%" in found.words


def test_a_dearer_brand_lowers_the_share():
    shares = [savings_share(outcomes([price], [100], [200]), **PAIRS).share for price in (300, 500, 900)]
    assert shares == [0.5, 0.25, 0.125]


def test_spending_above_the_saving_is_told_in_times_not_in_per_cent():
    found = savings_share(outcomes([110], [100], [150]), **PAIRS)
    assert found.share == 5
    assert found.p_enough == 0
    assert "5.0 times the 10.00 saved" in found.words


def test_where_nothing_is_saved_or_spent_there_is_no_share_but_a_reason():
    none_saved = savings_share(outcomes([100], [100], [150]), **PAIRS)
    assert none_saved.share is None
    assert "nothing is saved" in none_saved.words
    none_spent = savings_share(outcomes([200], [100], [100]), **PAIRS)
    assert none_spent.share is None
    assert "nothing more is spent" in none_spent.words


def test_no_interval_where_a_draw_saves_nothing():
    found = savings_share(outcomes([500, 90], [100, 100], [150, 150]), **PAIRS)
    assert found.share == pytest.approx(50 / 195)
    assert found.low is found.high is None
    assert "no interval" in found.reason


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"saved": ("brnd", "generic")}, "brand"), ({"saving": "totl"}, "total"), ({"level": 0}, "level")],
)
def test_what_is_unknown_is_refused(changes, words):
    with pytest.raises(cm.CostModelError, match=words):
        savings_share(outcomes([500], [100], [150]), **(PAIRS | changes))


@given(st.lists(st.tuples(st.floats(1, 1e6), st.floats(1, 1e6)), min_size=2, max_size=20))
def test_enough_is_counted_and_the_share_is_never_negative(draws):
    saved, spent = np.array(draws).T
    found = savings_share(outcomes(saved, np.zeros(len(saved)), spent), **PAIRS)
    assert found.share == pytest.approx(spent.mean() / saved.mean())
    assert found.p_enough == pytest.approx(np.mean([a >= b for a, b in draws]))
    assert found.low <= found.high
