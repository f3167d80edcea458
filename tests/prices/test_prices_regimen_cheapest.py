"""The cheapest tablets for a dose: real prices by hand, brute force, directions, and the words of errors."""

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from regimens import cents, doses, enumerated, frame, pieces_of, products
from strategies_prices import few, patient

from costmodel.errors import CostModelError
from costmodel.prices import DoseError, PriceError, cheapest_regimen, regimen_frontier
from costmodel.prices.regimen.pieces import Piece, Product
from costmodel.prices.regimen.solving import least

ODT = "orally disintegrating tablet"
BOTH = ("tablet", ODT)


@pytest.fixture(scope="session")
def generic(nadac):
    return nadac.select(class_="generic", form="tablet")


@pytest.fixture(scope="session")
def generic_all(nadac):
    return nadac.select(class_="generic")


@pytest.fixture(scope="session")
def brand(nadac):
    return nadac.select(class_="brand")


def taken(regimen):
    return {line.piece.label: line.count for line in regimen.lines}


def least_or_none(dose, offer, **options):
    try:
        return cheapest_regimen(dose, offer, **options)
    except DoseError:
        return None


def test_two_milligrams_of_generic(generic):
    """One 2 mg at 0.03881; two 1 mg at 0.02488 are 0.04976; four 0.5 mg at 0.02003 are 0.08012."""
    found = cheapest_regimen(2, generic)
    assert taken(found) == {"2 mg tablet": 1}
    assert found.exact_cost == Fraction("0.03881")
    assert found.cost(30) == 1.1643
    assert found.cost(365) == pytest.approx(14.16565, abs=1e-12)
    assert found.units_a_day == 1


def test_two_milligrams_of_brand(brand):
    """One 2 mg at 4.26033; two 1 mg at 3.06372 are 6.12744."""
    found = cheapest_regimen(2, brand)
    assert taken(found) == {"2 mg tablet": 1}
    assert found.cost(365) == pytest.approx(4.26033 * 365)


def test_two_milligrams_in_halves_of_the_day(generic):
    """Twice 1 mg: two 1 mg tablets, 0.04976; a 2 mg tablet cut in two is 0.03881."""
    assert cheapest_regimen(2, generic, times_a_day=2).exact_cost == Fraction("0.04976")
    cut = cheapest_regimen(2, generic, times_a_day=2, splitting={2: 0.5})
    assert (cut.exact_cost, cut.units_a_day, cut.tablets_a_day) == (Fraction("0.03881"), 2, 1.0)


def test_one_and_a_half_milligrams(generic):
    """1 + 0.5 mg: 0.02488 + 0.02003 = 0.04491; three 0.5 mg are 0.06009."""
    found = cheapest_regimen(1.5, generic)
    assert taken(found) == {"0.5 mg tablet": 1, "1 mg tablet": 1}
    assert found.exact_cost == Fraction("0.04491")


def test_three_quarters_of_a_milligram_need_a_half_or_the_dispersing_form(generic, generic_all):
    """0.5 + half of 0.5 mg: 0.02003 x 1.5 = 0.030045. Whole: 0.5 mg + 0.25 mg ODT: 0.02003 + 0.46113."""
    with pytest.raises(DoseError, match=r"0\.75 mg at one intake cannot be made"):
        cheapest_regimen(0.75, generic)
    cut = cheapest_regimen(0.75, generic, splitting={0.5: [0.5]})
    assert taken(cut) == {"0.5 mg tablet": 1, "half of a 0.5 mg tablet": 1}
    assert cut.exact_cost == Fraction("0.030045")
    whole = cheapest_regimen(0.75, generic_all, forms=BOTH)
    assert taken(whole) == {f"0.25 mg {ODT}": 1, "0.5 mg tablet": 1}
    assert whole.exact_cost == Fraction("0.48116")


def test_halves_of_every_tablet_are_cheaper_still(generic):
    """Half of 1 mg + half of 0.5 mg: 0.01244 + 0.010015 = 0.022455; wasted: 0.02488 + 0.02003."""
    kept = cheapest_regimen(0.75, generic, splitting="halves")
    assert (kept.exact_cost, kept.tablets_a_day) == (Fraction("0.022455"), 1.0)
    wasted = cheapest_regimen(0.75, generic, splitting="halves", halves="wasted")
    assert wasted.exact_cost == Fraction("0.04006")
    assert taken(wasted) == {"0.5 mg tablet": 1, "half of a 0.5 mg tablet": 1}


def test_an_eighth_of_a_milligram_is_an_odt_or_nothing(brand, generic, generic_all):
    found = cheapest_regimen(0.125, generic_all, forms=BOTH)
    assert taken(found) == {f"0.125 mg {ODT}": 1}
    assert found.exact_cost == Fraction("0.52636")
    for offer in (brand, generic):
        with pytest.raises(DoseError) as caught:
            cheapest_regimen(0.125, offer)
        assert caught.value.below_mg is None
        assert caught.value.above_mg == Fraction(1, 2)


def test_the_error_names_the_nearest_doses_and_their_tablets(brand):
    with pytest.raises(DoseError) as caught:
        cheapest_regimen(1.75, brand)
    assert str(caught.value) == (
        "1.75 mg at one intake cannot be made from 0.5 mg tablet, 1 mg tablet, 2 mg tablet "
        "(whole units only); nearest below: 1.5 mg (1 x 0.5 mg tablet + 1 x 1 mg tablet); "
        "nearest above: 2 mg (1 x 2 mg tablet); "
        "take one of these, add strengths or forms, allow splitting where tablets are scored, "
        "or give tolerance_mg"
    )


def test_the_cheapest_of_a_dose_is_not_always_the_fewest(generic_all):
    """1.25 mg: 1 + 0.25 ODT = 0.48601 is least; with tablets of 0.5 mg halved it is 0.034895 in two."""
    found = cheapest_regimen(1.25, generic_all, forms=BOTH)
    assert found.exact_cost == Fraction("0.48601")
    trade = regimen_frontier(3, frame({0.5: 0.02, 1: 0.1, 2: 0.5}))
    assert trade[["units_a_day", "cost_day"]].to_numpy().tolist() == [
        [2, 0.6],
        [3, 0.3],
        [4, 0.24],
        [5, 0.18],
        [6, 0.12],
    ]


def test_frontier_counts_units_of_the_day():
    trade = regimen_frontier(4, frame({1: 0.1, 2: 0.5}), times_a_day=2)
    assert trade[["taken", "units_a_day", "cost_day"]].to_numpy().tolist() == [
        ["2 times a day: 1 x 2 mg tablet", 2, 1.0],
        ["2 times a day: 2 x 1 mg tablet", 4, 0.4],
    ]


def test_exact_sums_of_decimals():
    """0.1 + 0.2 is 0.3 here, although not in floating point."""
    found = cheapest_regimen(0.3, frame({0.1: 0.01, 0.2: 0.01}))
    assert taken(found) == {"0.1 mg tablet": 1, "0.2 mg tablet": 1}
    assert found.exact_cost == Fraction("0.02")


def test_prices_that_differ_in_the_last_decimal_are_told_apart():
    """1e-5 in 4.26: HiGHS's own gaps would call them equal."""
    offer = frame({1: 2.130165, 2: 4.26034})
    assert taken(cheapest_regimen(2, offer)) == {"1 mg tablet": 2}
    assert taken(cheapest_regimen(2, frame({1: 2.13017, 2: 4.26033}))) == {"2 mg tablet": 1}


def test_equal_costs_take_the_fewest_units_and_equal_units_the_least_cost():
    assert taken(cheapest_regimen(2, frame({0.5: 0.05, 1: 0.1, 2: 0.2}))) == {"2 mg tablet": 1}
    offer = frame({0.5: 0.3, 1: 0.3, 1.5: 0.3, 2: 0.9})
    assert taken(cheapest_regimen(3, offer, objective="units")) == {"1.5 mg tablet": 2}


def test_intakes_of_their_own():
    found = cheapest_regimen((0.5, 1.5), frame({0.5: 0.02, 1: 0.03}))
    assert [(line.intake, line.text) for line in found.lines] == [
        (1, "1 x 0.5 mg tablet"),
        (2, "1 x 0.5 mg tablet"),
        (2, "1 x 1 mg tablet"),
    ]
    assert found.exact_cost == Fraction("0.07")
    assert found.dose_mg == found.made_mg == 2


def test_tolerance_finds_the_least_cost_within_it():
    offer = frame({0.5: 0.02, 1: 0.03})
    found = cheapest_regimen(0.75, offer, tolerance_mg=0.25)
    assert (found.made_mg, found.exact_cost) == (0.5, Fraction("0.02"))
    with pytest.raises(DoseError):
        cheapest_regimen(0.75, offer, tolerance_mg=0.24)


def test_nothing_is_never_a_dose_within_the_tolerance():
    assert cheapest_regimen(0.25, frame({0.5: 0.02}), tolerance_mg=1).made_mg == 0.5


def test_at_most_so_many_units():
    offer = frame({0.5: 0.01, 2: 1})
    assert cheapest_regimen(2, offer).units_a_day == 4
    assert cheapest_regimen(2, offer, max_units=3).units_a_day == 1
    with pytest.raises(DoseError, match=r"with at most 3 at one intake; nearest below: 1.5 mg .*above: 2 mg"):
        cheapest_regimen(1.75, offer, max_units=3)
    with pytest.raises(DoseError, match=r"nearest below: 1 mg .*nearest above: 2 mg"):
        cheapest_regimen(1.75, frame({0.5: 0.01, 2: 1}), max_units=2)


def test_above_all_that_so_many_units_reach():
    with pytest.raises(DoseError, match=r"nearest below: 4 mg \(2 x 2 mg tablet\); nearest above: none"):
        cheapest_regimen(5, frame({2: 1}), max_units=2)


def test_frame_states_the_basis_and_the_advice(brand):
    found = cheapest_regimen(3, brand)
    table = found.frame()
    assert table["cost_day"].sum() == pytest.approx(3.06372 + 4.26033)
    assert table["cost_30_days"].tolist() == pytest.approx([91.9116, 127.8099])
    assert table["cost_365_days"].sum() == pytest.approx(found.cost(365))
    assert set(table["note"]) == {"An economic calculation, not prescribing advice."}
    first = table.iloc[0]
    assert (first["currency"], first["price_type"], first["price_date"]) == (
        "USD",
        "acquisition",
        "2026-04-29",
    )
    assert first["source"].startswith("CMS NADAC weekly file as of 2026-04-29")
    assert repr(found).endswith("7.32405 USD a day. An economic calculation, not prescribing advice.")


@patient
@given(products(), doses, st.sampled_from([None, "kept", "wasted"]), st.sampled_from([None, 2, 3]))
def test_agrees_with_brute_force(offer, dose, halves, most):
    options = {"splitting": "halves", "halves": halves} if halves else {}
    sets = list(enumerated(pieces_of(offer, halves=halves), str(dose), str(dose), most=most))
    found = least_or_none(dose, offer, max_units=most, **options)
    assert (found is None) == (not sets)
    if found is None:
        return
    assert (found.exact_cost, found.units_a_day) == min(sets)
    fewest = cheapest_regimen(dose, offer, max_units=most, objective="units", **options)
    assert (fewest.units_a_day, fewest.exact_cost) == min((units, cost) for cost, units in sets)
    assert found.made_mg == fewest.made_mg == dose


@few
@given(products(), doses, st.integers(1, 4).map(lambda number: number / 10))
def test_tolerance_agrees_with_brute_force(offer, dose, slack):
    low, high = Fraction(str(dose)) - Fraction(str(slack)), Fraction(str(dose)) + Fraction(str(slack))
    sets = list(enumerated(pieces_of(offer), max(low, Fraction(0)), high))
    found = least_or_none(dose, offer, tolerance_mg=slack)
    assert (found is None) == (not sets)
    assert found is None or (found.exact_cost, found.units_a_day) == min(sets)


@few
@given(products(), doses)
def test_nearest_doses_agree_with_brute_force(offer, dose):
    amounts = sorted(_reachable(offer, Fraction(str(dose)) * 2 + 4))
    if Fraction(str(dose)) in amounts:
        assert cheapest_regimen(dose, offer).made_mg == dose
        return
    with pytest.raises(DoseError) as caught:
        cheapest_regimen(dose, offer)
    below = [amount for amount in amounts if amount < dose]
    assert caught.value.below_mg == (below[-1] if below else None)
    assert caught.value.above_mg == next(amount for amount in amounts if amount > dose)


def _reachable(offer, high):
    strengths = [Fraction(str(value)) for value in offer["strength_mg"]]
    found, edge = set(), {Fraction(0)}
    while edge:
        edge = {made + one for made in edge for one in strengths if made + one <= high} - found
        found |= edge
    return found


@few
@given(products(), doses, st.integers(0, 3), cents)
def test_a_dearer_strength_never_lowers_the_least_cost(offer, dose, place, rise):
    dearer = offer.copy()
    dearer.loc[place % len(offer), "unit_price"] += rise
    before, after = least_or_none(dose, offer), least_or_none(dose, dearer)
    assert (before is None) == (after is None)
    assert before is None or after.cost() >= before.cost() - 1e-12


@few
@given(products(), doses)
def test_allowing_halves_never_raises_the_least_cost(offer, dose):
    whole = least_or_none(dose, offer)
    wasted = least_or_none(dose, offer, splitting="halves", halves="wasted")
    kept = least_or_none(dose, offer, splitting="halves")
    assert (wasted is None) == (kept is None)
    if whole is not None:
        assert kept.exact_cost <= wasted.exact_cost <= whole.exact_cost


@few
@given(products(least=2), doses)
def test_more_products_never_raise_the_least_cost(offer, dose):
    fewer = least_or_none(dose, offer.iloc[:-1])
    assert fewer is None or cheapest_regimen(dose, offer).exact_cost <= fewer.exact_cost


@few
@given(products(), doses, st.floats(1e-4, 1e4))
def test_prices_of_any_scale_scale_the_cost(offer, dose, rate):
    before = least_or_none(dose, offer)
    after = least_or_none(dose, offer.assign(unit_price=offer["unit_price"] * rate))
    assert before is None or after.cost() == pytest.approx(before.cost() * rate, rel=1e-8)


@few
@given(products(), doses)
def test_the_frontier_falls_in_cost_and_ends_at_the_cheapest(offer, dose):
    cheapest = least_or_none(dose, offer)
    if cheapest is None:
        return
    trade = regimen_frontier(dose, offer)
    assert trade["units_a_day"].is_monotonic_increasing
    assert trade["cost_day"].is_monotonic_decreasing
    assert trade["cost_day"].iloc[-1] == cheapest.cost()
    assert trade["units_a_day"].iloc[-1] == cheapest.units_a_day


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"times_a_day": 0}, "times_a_day must be a whole number of at least 1; found 0"),
        ({"times_a_day": 1.5}, "times_a_day must be a whole number"),
        ({"max_units": 0}, r"max_units must lie in \[1, inf\)"),
        ({"tolerance_mg": -1}, r"tolerance_mg must lie in \[0, inf\)"),
        ({"objective": "price"}, "objective: 'price' is unknown"),
        ({"halves": "lost"}, "halves: 'lost' is unknown"),
        ({"splitting": "half"}, "splitting: 'half' is unknown; did you mean 'halves'"),
        ({"forms": ["tablets"]}, "forms: 'tablets' is not among the products; did you mean 'tablet'"),
    ],
)
def test_options_outside_their_range(change, words):
    with pytest.raises(CostModelError, match=words):
        cheapest_regimen(1, frame({1: 0.1}), **change)


@pytest.mark.parametrize("dose", [0, -1, float("nan"), float("inf"), (), (1, 0)])
def test_a_dose_is_above_nothing(dose):
    with pytest.raises(CostModelError, match="dose"):
        cheapest_regimen(dose, frame({1: 0.1}))


def test_a_dose_by_intake_says_how_often():
    with pytest.raises(CostModelError, match="leave out times_a_day"):
        cheapest_regimen((1, 1), frame({1: 0.1}), times_a_day=2)
    with pytest.raises(CostModelError, match="a frontier needs equal intakes"):
        regimen_frontier((1, 2), frame({1: 0.1}))


def test_order_of_products_is_irrelevant(generic_all):
    shuffled = generic_all.frame.assign(unit_price=generic_all.per_unit()["unit_price"])
    found = cheapest_regimen(1.375, shuffled.sample(frac=1, random_state=1), forms=BOTH)
    assert found.exact_cost == cheapest_regimen(1.375, generic_all, forms=BOTH).exact_cost


def test_mixed_products_are_refused(nadac):
    with pytest.raises(
        PriceError, match=r"several values of class: brand, generic; select one, select\(class_=…\)"
    ):
        cheapest_regimen(1, nadac)
    with pytest.raises(
        PriceError, match="products of 2 forms: orally disintegrating tablet, tablet; name those"
    ):
        cheapest_regimen(1, nadac.select(class_="generic"))
    two = pd.concat([frame({1: 0.1}, currency="USD"), frame({2: 0.1}, currency="EUR")])
    with pytest.raises(PriceError, match="several values of currency: EUR, USD"):
        cheapest_regimen(1, two)


@pytest.mark.parametrize(
    ("tablets", "dose"),
    [
        ([("0.7", "3.4385"), ("1", "5.3433"), ("0.7", "0.03881"), ("0.125", "0.00002")], "1.1"),
        ([("0.125", "4.26033"), ("0.7", "4.26033"), ("2", "1"), ("1", "1")], "1.6"),
        ([("0.25", "4.26033"), ("0.7", "0.03881"), ("0.25", "0.03881")], "0.6"),
    ],
)
def test_a_dose_that_cannot_be_made_is_no_fault_of_the_solver(tablets, dose):
    pieces = [
        Piece(Product("x", Fraction(mg), "tablet", Fraction(price)), Fraction(1), Fraction(1))
        for mg, price in tablets
    ]
    assert least(pieces, Fraction(dose), Fraction(dose)) is None
