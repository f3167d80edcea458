"""Rebates: the Medicaid formula by hand and by date, 340B, and net amounts that are unknown."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_populations import few

from costmodel.errors import CostModelError
from costmodel.populations.payments import (
    ceiling_price,
    commercial_rebate,
    margin_340b,
    medicaid_rebate,
    net_of_rebate,
)

BEFORE, AFTER = dt.date(2023, 12, 31), dt.date(2024, 1, 1)
GROWN = {"base_amp": 0.5, "base_cpi": 160.0, "cpi": 320.0}  # the updated base is 1.00


def test_brand_and_generic_by_hand():
    brand = medicaid_rebate(4.0, product="brand", day=AFTER)
    assert brand.total[0] == pytest.approx(0.924)  # 23.1 % of 4.00
    best = medicaid_rebate(4.0, product="brand", day=AFTER, best_price=2.5)
    assert best.basic[0] == 1.5  # 4.00 - 2.50 is more than 0.924
    dear = medicaid_rebate(4.0, product="brand", day=AFTER, best_price=3.5)
    assert dear.basic[0] == pytest.approx(0.924)
    generic = medicaid_rebate(0.04, product="generic", day=AFTER, base_amp=0.03, base_cpi=240, cpi=320)
    assert generic.basic[0] == pytest.approx(0.0052)  # 13 %
    assert generic.inflation[0] == 0  # 0.03 x 320 / 240 = 0.04: kept pace with prices


def test_inflation_part_and_the_end_of_the_cap():
    now = medicaid_rebate(4.0, product="brand", day=AFTER, **GROWN)
    assert (now.inflation[0], now.total[0], now.capped[0]) == (3.0, pytest.approx(3.924), False)
    steep = {**GROWN, "base_amp": 0.1}  # the updated base is 0.20: 0.924 + 3.80 = 4.724 is more than 4.00
    capped = medicaid_rebate(4.0, product="brand", day=BEFORE, **steep)
    assert (capped.total[0], capped.capped[0]) == (4.0, True)
    free = medicaid_rebate(4.0, product="brand", day=AFTER, **steep)
    assert (free.total[0], free.capped[0]) == (pytest.approx(4.724), False)


def test_inflation_part_of_generics_began_in_2017():
    old = medicaid_rebate(4.0, product="generic", day=dt.date(2016, 12, 31), **GROWN)
    new = medicaid_rebate(4.0, product="generic", day=dt.date(2017, 1, 1), **GROWN)
    assert (old.inflation[0], new.inflation[0]) == (0, 3)


@given(st.floats(0.01, 100), st.floats(0, 100), st.floats(100, 400), st.sampled_from(["brand", "generic"]))
@few
def test_rebates_are_bounded_and_rise_with_price(amp, base, cpi, product):
    given_ = {"product": product, "base_amp": base, "base_cpi": 100.0, "cpi": cpi}
    capped, free = (medicaid_rebate(amp, day=day, **given_) for day in (BEFORE, AFTER))
    assert capped.total[0] <= amp * (1 + 1e-12)
    assert 0 <= capped.total[0] <= free.total[0] == free.basic[0] + free.inflation[0]
    assert medicaid_rebate(amp * 1.1, day=AFTER, **given_).total[0] >= free.total[0]


def test_ceiling_price_is_amp_less_rebate_and_never_below_a_cent():
    owed = medicaid_rebate([4.0, 4.0], product="brand", day=AFTER, base_amp=[0.5, 0.1], base_cpi=160, cpi=320)
    assert ceiling_price(4.0, owed.total, day=AFTER).tolist() == [0.08, 0.01]  # 0.076, -0.724
    # HRSA's own example: AMP 0.874526, rebate 0.866926, raw 0.0076, published 0.01
    assert ceiling_price(0.874526, 0.866926, day=AFTER).tolist() == [0.01]


def test_margin_of_340b_names_who_keeps_it():
    kept = margin_340b(138.31, 0.08, 30, kept_by="covered entity")
    assert (kept.kept_by, kept.acquisition, round(kept.margin, 2)) == ("covered entity", 2.40, 135.91)
    with pytest.raises(CostModelError, match="who keeps the 340B margin: 'hospital' is unknown"):
        margin_340b(1.0, 0.1, 1, kept_by="hospital")


def test_klonopin_in_medicaid_ranges_from_gross_to_near_zero():
    ingredient, fee = 30 * 4.26033, 10.50
    unknown = net_of_rebate(ingredient + fee, rebate_high=ingredient)
    assert (unknown.low[0], unknown.high[0]) == (pytest.approx(fee), pytest.approx(138.3099))
    assert not unknown.known.any()
    assert "net is not known, between 10.50 and 138.31" in str(unknown)
    table = unknown.frame()
    assert table["net"].isna().all()
    assert list(table) == ["gross", "net", "net_low", "net_high", "net_known"]


def test_known_and_unknown_rebates_side_by_side():
    found = net_of_rebate([100.0, 100.0, 100.0], rebate=[30.0, np.nan, 120.0], rebate_low=20.0)
    assert found.known.tolist() == [True, False, True]
    assert found.low.tolist() == [70, 0, -20]  # since 2024 a rebate can exceed the price
    assert found.high.tolist() == [70, 80, -20]
    assert str(net_of_rebate(100.0, rebate=30.0)) == "gross 100.00, net 70.00"


def test_commercial_rebate():
    assert commercial_rebate([200.0, 80.0], share=0.25).tolist() == [50, 20]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: medicaid_rebate(1.0, product="tablet", day=AFTER), "product: 'tablet' is unknown"),
        (lambda: medicaid_rebate(-1.0, product="brand", day=AFTER), "AMP must be a finite number"),
        (
            lambda: medicaid_rebate(1.0, product="generic", day=AFTER, best_price=1.0),
            "best price plays no part",
        ),
        (lambda: medicaid_rebate(1.0, product="brand", day=AFTER, base_amp=1.0), "give all three or none"),
        (
            lambda: medicaid_rebate(1.0, product="brand", day=AFTER, base_amp=1.0, base_cpi=0.0, cpi=1.0),
            "CPI of the base quarter must be above 0",
        ),
        (lambda: medicaid_rebate(1.0, product="brand", day=dt.date(1985, 1, 1)), "0 rules 'basic_share'"),
        (lambda: commercial_rebate(1.0, share=1.2), r"must lie in \[0, 1\]; found 1.2"),
        (lambda: net_of_rebate(1.0, rebate=-1.0), "a surcharge is no rebate"),
        (lambda: net_of_rebate(1.0, rebate_low=2.0, rebate_high=1.0), "must not exceed its upper bound"),
    ],
)
def test_what_is_no_rebate_is_refused(make, words):
    with pytest.raises(CostModelError, match=words):
        make()
