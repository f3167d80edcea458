"""What a taper costs: totals by hand at real prices, halves and packs, doses that cannot be made."""

import doctest
import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from regimens import doses, frame, products
from strategies_prices import few

from costmodel.errors import CostModelError
from costmodel.prices import (
    DoseError,
    PriceError,
    cheapest_regimen,
    compare_tapers,
    guideline_taper,
    label_taper,
    protocol_taper,
    taper,
    user_taper,
)

ODT = "orally disintegrating tablet"
BOTH = ("tablet", ODT)
SCORED = {0.5: 0.5}


@pytest.fixture(scope="session")
def brand(nadac):
    return nadac.select(class_="brand")


@pytest.fixture(scope="session")
def generic(nadac):
    return nadac.select(class_="generic", form="tablet")


@pytest.fixture(scope="session")
def generic_all(nadac):
    return nadac.select(class_="generic")


DOCUMENT = Path(__file__).parents[2] / "docs" / "regimens.md"
steps = st.lists(st.tuples(st.integers(1, 9), doses), min_size=1, max_size=4)


def test_protocol_of_brand_and_generic_by_hand(brand, generic):
    """From 2 mg, the 0.5 mg tablet halved (14 days at 2 and 1.5 mg, 7 days each at 1, 0.75, 0.5, 0.25):

    2 mg: 14 tablets; 1 mg: 14 + 7 = 21; 0.5 mg: 14 + 10.5 + 7 + 3.5 = 35.
    Brand: 14 x 4.26033 + 21 x 3.06372 + 35 x 2.67965 = 59.64462 + 64.33812 + 93.78775 = 217.77049.
    Generic: 14 x 0.03881 + 21 x 0.02488 + 35 x 0.02003 = 0.54334 + 0.52248 + 0.70105 = 1.76687.
    """
    found = {
        name: taper(protocol_taper(2), side, splitting=SCORED)
        for name, side in {"brand": brand, "generic": generic}.items()
    }
    for item, total in ((found["brand"], 217.77049), (found["generic"], 1.76687)):
        assert item.tablets().set_index("strength_mg")["used"].to_dict() == {2: 14, 1: 21, 0.5: 35}
        assert item.cost == item.cost_used == total
        assert item.frame()["makeable"].all()
    table = compare_tapers(found).set_index("taper")
    assert table.loc["brand", "times_cheapest"] == pytest.approx(217.77049 / 1.76687)
    assert table.loc["generic", "times_cheapest"] == 1
    assert table["days"].tolist() == [56, 56]
    assert table["mg_scheduled"].tolist() == table["mg_used"].tolist() == [66.5, 66.5]


def test_label_from_two_milligrams_of_brand(brand):
    """Intakes of 1, 0.875, 0.75 mg are made as 1 mg (0.75 is equally near 0.5: the higher); the rest as 0.5.

    3 steps x 3 days x 2 x 3.06372 + 5 x 3 x 2 x 2.67965 = 55.14696 + 80.3895 = 135.53646.
    """
    found = taper(label_taper(2), brand)
    table = found.frame()
    assert table["used_mg"].tolist() == [2, 2, 2, 1, 1, 1, 1, 1]
    assert table["deviation_mg"].tolist() == [0, 0.25, 0.5, -0.25, 0, 0.25, 0.5, 0.75]
    assert table["makeable"].tolist() == [True, False, False, False, True, False, False, False]
    assert table["below_mg"].fillna(0).tolist() == [0, 1, 1, 1, 0, 0, 0, 0]
    assert table["above_mg"].fillna(0).tolist() == [0, 2, 2, 2, 0, 1, 1, 1]
    assert found.cost == 135.53646
    assert compare_tapers({"brand": found})["largest_deviation_mg"].tolist() == [0.75]


def test_label_from_two_milligrams_of_generic_with_the_dispersing_form(generic_all):
    """Every dose can be made. Two intakes a day, three days a step, at

    1: 0.02488; 0.875: 0.5 tablet + 0.25 + 0.125 ODT 1.00752; 0.75: 0.48116; 0.625: 0.02003 + 0.52636;
    0.5: 0.02003; 0.375: 0.25 + 0.125 ODT 0.98749; 0.25: 0.46113; 0.125: 0.52636. Sum 4.05496, times 6.
    """
    found = taper(label_taper(2), generic_all, forms=BOTH)
    assert found.frame()["makeable"].all()
    assert found.cost == pytest.approx(6 * 4.05496)
    used = found.tablets().set_index(["form", "strength_mg"])["used"]
    assert used[(ODT, 0.125)] == 24
    assert used[(ODT, 0.25)] == 24
    assert used[("tablet", 0.5)] == 24


def test_the_doses_used_are_held_against_the_bound(brand):
    """The guideline's own taper warns of nothing; made of whole brand tablets, it falls by 25% or more."""
    schedule = guideline_taper(2, percent=10, every_weeks=2, stop_at_mg=0.5)
    assert not any(schedule.warnings)
    table = taper(schedule, brand).frame()
    assert set(table["schedule_warning"]) == {""}
    dropped = table[table["used_mg"].diff() < 0]
    assert dropped["used_mg"].tolist() == [1.5, 1.0, 0.5]
    assert dropped["warning"].tolist() == [
        "first reduction of 25.0%: above the guideline's initial 5 to 10%",
        "33.3% less than two weeks before: above 25%",
        "50.0% less than two weeks before: above 25%",
    ]


def test_a_half_that_is_kept_is_paid_once():
    """Three days of half a tablet use 1.5 and need 2; five more use 4 in all and need 4, not 2 + 3."""
    offer = frame({1: 0.1})
    short = taper(user_taper([(3, 0.5)]), offer, splitting="halves")
    assert (short.cost_used, short.cost) == (0.15, 0.2)
    both = taper(user_taper([(3, 0.5), (5, 0.5)]), offer, splitting="halves")
    assert (both.cost_used, both.cost) == (0.4, 0.4)
    assert both.tablets()[["used", "bought"]].to_numpy().tolist() == [[4, 4]]


def test_a_half_that_is_wasted_costs_a_tablet():
    found = taper(user_taper([(3, 0.5), (5, 0.5)]), frame({1: 0.1}), splitting="halves", halves="wasted")
    assert (found.cost_used, found.cost) == (0.8, 0.8)
    assert found.tablets()["used"].tolist() == [8]


def test_whole_packs_by_hand():
    """35 tablets of packs of 30 at 3 are two packs, 6; 10 tablets of packs of 100 at 5 are one, 5."""
    offer = frame({1: 0.1, 0.5: 0.05}, pack_size=[30, 100])
    schedule = user_taper([(35, 1), (10, 0.5)])
    single, packed = (taper(schedule, offer.copy(), packs=packs) for packs in (False, True))
    assert single.cost == pytest.approx(4)
    assert packed.cost == 11
    assert packed.cost_used == single.cost_used == 4
    table = packed.tablets().set_index("strength_mg")
    assert table["packs"].to_dict() == {1: 2, 0.5: 1}
    assert table["bought"].to_dict() == {1: 60, 0.5: 100}


def test_packs_need_their_size():
    with pytest.raises(PriceError, match="whole packs need the column pack_size"):
        taper(user_taper([(1, 1)]), frame({1: 0.1}), packs=True)


@pytest.mark.parametrize(
    ("rule", "used"),
    [("nearest", [1.5, 0.5]), ("up", [1.5, 0.5]), ("down", [1.0, None]), ("error", [None, None])],
)
def test_what_is_taken_instead(rule, used):
    offer = frame({0.5: 0.1})
    for dose, expected in zip((1.3, 0.2), used, strict=True):
        schedule = user_taper([(7, dose)])
        if expected is None:
            with pytest.raises(DoseError, match=f"{dose:g} mg at one intake cannot be made"):
                taper(schedule, offer, when_not_makeable=rule)
        else:
            assert taper(schedule, offer, when_not_makeable=rule).frame()["used_mg"].tolist() == [expected]


def test_of_two_equally_near_the_higher_is_taken():
    assert taper(user_taper([(7, 1.25)]), frame({0.5: 0.1})).frame()["used_mg"].tolist() == [1.5]
    assert taper(user_taper([(7, 1.2)]), frame({0.5: 0.1})).frame()["used_mg"].tolist() == [1.0]


def test_an_intake_that_can_be_made_stays_in_the_nearest_doses_of_the_day():
    table = taper(user_taper([(7, (1, 0.7))]), frame({0.5: 0.1})).frame()
    assert table[["below_mg", "above_mg", "used_mg"]].to_numpy().tolist() == [[1.5, 2.0, 1.5]]


def test_words(brand):
    found = taper(user_taper([(7, 0.25)]), brand)
    assert found.frame()["below_mg"].isna().all()
    assert set(found.frame()["note"]) == {found.note} == {"An economic calculation, not prescribing advice."}
    assert "7 days, 1 step (1 cannot be made exactly)" in repr(found)
    with pytest.raises(
        CostModelError, match="when_not_makeable: 'nearst' is unknown; did you mean 'nearest'"
    ):
        taper(user_taper([(7, 1)]), brand, when_not_makeable="nearst")


def test_tapers_of_two_currencies_are_not_compared():
    schedule = user_taper([(7, 1)])
    pair = {code: taper(schedule, frame({1: 0.1}, currency=code)) for code in ("EUR", "USD")}
    with pytest.raises(PriceError, match="tapers in several currencies: EUR, USD"):
        compare_tapers(pair)
    with pytest.raises(CostModelError, match="there is no taper"):
        compare_tapers({})


@few
@given(steps, products())
def test_totals_are_the_sums_of_their_steps(drawn, offer):
    """Oracle: day by day, the cheapest regimen of the dose that is used."""
    found = taper(user_taper(drawn), offer)
    table = found.frame()
    by_day = [
        cheapest_regimen(used, offer).exact_cost
        for used, (days, _) in zip(table["used_mg"], drawn, strict=True)
        for _ in range(days)
    ]
    assert found.cost_used == found.cost == float(sum(by_day, Fraction(0)))
    assert table["cost"].sum() == pytest.approx(found.cost)
    assert table["cumulative_cost"].iloc[-1] == found.cost
    assert found.tablets()["cost"].sum() == pytest.approx(found.cost)
    mg = found.tablets()["used"] * found.tablets()["strength_mg"]
    assert mg.sum() == pytest.approx((table["used_mg"] * table["days"]).sum())


@few
@given(steps, products())
def test_what_is_bought_covers_what_is_used_and_little_more(drawn, offer):
    found = taper(user_taper(drawn), offer, splitting="halves")
    table = found.tablets()
    assert (table["bought"] >= table["used"]).all()
    assert (table["bought"] - table["used"] <= 0.5).all()
    assert found.cost_used <= found.cost <= found.cost_used + table["unit_price"].sum() / 2 + 1e-9


@few
@given(steps, products(), st.integers(1, 40))
def test_packs_never_cost_less_and_rise_by_less_than_a_pack_of_each(drawn, offer, size):
    offer = offer.assign(pack_size=size)
    single, packed = (taper(user_taper(drawn), offer, packs=packs) for packs in (False, True))
    table = packed.tablets()
    assert single.cost <= packed.cost < single.cost + size * table["unit_price"].sum() + 1e-9
    assert table["packs"].tolist() == [math.ceil(used / size) for used in table["used"]]


@few
@given(steps, products())
def test_rules_order_the_doses(drawn, offer):
    schedule = user_taper(drawn)
    up = taper(schedule, offer, when_not_makeable="up").frame()
    near = taper(schedule, offer).frame()
    assert (up["deviation_mg"] >= 0).all()
    assert (near["used_mg"] <= up["used_mg"]).all()
    assert (near["deviation_mg"].abs() <= up["deviation_mg"].abs()).all()
    assert ((near["deviation_mg"] == 0) == near["makeable"]).all()


def test_the_document_says_what_the_code_does(capsys):
    done = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert done.attempted > 10
    assert not done.failed, capsys.readouterr().out
