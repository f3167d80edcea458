"""What may be taken: exact amounts, rules of splitting, and the products that may not be mixed."""

from fractions import Fraction

import pandas as pd
import pytest
from regimens import frame

from costmodel.errors import CostModelError
from costmodel.prices import PriceError
from costmodel.prices.regimen.pieces import exact, shelf

ODT = "orally disintegrating tablet"


def labels(offer, **options):
    return [piece.label for piece in shelf(offer, **options).pieces]


def test_decimals_are_exact():
    assert exact(0.1) == Fraction(1, 10)
    assert exact(1e-05) == Fraction(1, 100_000)
    assert exact(Fraction(1, 3)) == Fraction(1, 3)


def test_price_of_a_unit_is_exact_in_a_pack(table_of):
    """49 for a pack of 3 is 49/3 a unit, with no rounding."""
    (piece,) = shelf(table_of({"price": "49", "pack_size": "3"})).pieces
    assert piece.cost == Fraction(49, 3)
    assert piece.product.pack_size == 3


def test_of_one_amount_the_cheapest_is_kept():
    offer = pd.concat([frame({1: 0.2}, product="dear"), frame({1: 0.1}, product="cheap")])
    (piece,) = shelf(offer).pieces
    assert piece.product.product == "cheap"


def test_a_half_that_costs_less_stands_for_the_whole_of_its_amount():
    assert labels(frame({1: 0.3, 2: 0.4}), splitting="halves") == [
        "half of a 1 mg tablet",
        "half of a 2 mg tablet",
        "2 mg tablet",
    ]
    assert labels(frame({1: 0.2, 2: 0.4}), splitting="halves")[1] == "1 mg tablet"


def test_wasted_halves_cost_a_whole_tablet():
    half, whole = shelf(frame({1: 0.3}), splitting="halves", halves="wasted").pieces
    assert (half.amount, half.cost, half.tablets) == (Fraction(1, 2), Fraction("0.3"), 1)
    assert (whole.amount, whole.cost, whole.tablets) == (1, Fraction("0.3"), 1)


def test_only_scored_tablets_are_halved_where_the_column_stands():
    offer = frame({0.5: 0.1, 1: 0.1}, scored=["yes", "no"])
    assert labels(offer, splitting="halves") == ["half of a 0.5 mg tablet", "0.5 mg tablet", "1 mg tablet"]
    assert labels(offer.assign(scored=[False, True]), splitting="halves")[0] == "half of a 1 mg tablet"
    with pytest.raises(CostModelError, match="scored: 'maybe' is unknown"):
        shelf(offer.assign(scored="maybe"), splitting="halves")


@pytest.mark.parametrize(
    "form", [ODT, "extended-release tablet", "capsule", "film-coated tablet", "gastro-resistant tablet"]
)
def test_forms_that_stay_whole(form):
    offer = frame({1: 0.1}, form=form)
    assert labels(offer, splitting="halves") == [f"1 mg {form}"]
    with pytest.raises(PriceError, match=f"splitting: {form}: a unit of the form '{form}' must stay whole"):
        shelf(offer, splitting={form: 0.5})


def test_a_strength_in_the_rule_does_not_reach_the_dispersing_form():
    offer = pd.concat([frame({0.5: 0.1}), frame({0.5: 0.01, 1: 0.02}, form=ODT)])
    assert labels(offer, splitting={0.5: 0.5}, forms=("tablet", ODT)) == [
        "half of a 0.5 mg tablet",
        f"0.5 mg {ODT}",
        f"1 mg {ODT}",
    ]


def test_rule_by_product_form_and_strength():
    offer = frame({1: 0.1, 2: 0.3}, product=["A", "B"])
    assert "quarter of a 2 mg tablet" in labels(frame({2: 0.3}, product="B"), splitting={"B": [0.5, 0.25]})
    assert labels(offer, splitting={"B": [0.25]})[0] == "quarter of a 2 mg tablet"
    assert labels(offer, splitting={"tablet": 0.5})[0] == "half of a 1 mg tablet"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"tablets": 0.5}, "'tablets' is no product, form or strength; did you mean 'tablet'"),
        ({3: 0.5}, "'3' is no product, form or strength"),
        ({1: 0.3}, "a part must be 0.5 or 0.25; found 0.3"),
        ({1: 2}, "a part must be 0.5 or 0.25; found 2"),
    ],
)
def test_rules_that_do_not_fit(rule, words):
    with pytest.raises(PriceError, match=words):
        shelf(frame({1: 0.1, 2: 0.2}), splitting=rule)


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        (pd.DataFrame({"strength_mg": [1.0], "form": "tablet"}), "missing: unit_price"),
        (frame({1: 0.1}).iloc[:0], "there are no products"),
        (frame({1: 0.0}), r"products, row 0: unit_price must lie in \(0, inf\); found 0"),
        (frame({-1: 0.1}), "strength_mg must lie in"),
        (frame({1: float("nan")}), "unit_price must lie in"),
        (frame({1: 0.1, 2: 0.1}, molecule=["a", "b"]), "several values of molecule: a, b"),
        (frame({1: 0.1, 2: 0.1}, unit=["ml", "tablet"]), "several values of unit: ml, tablet"),
        (frame({1: 0.1}, unit="ml"), r"sold by the ml are not counted; select\(unit='tablet'\)"),
        (frame({1: 0.1, 2: 0.1}, price_type=["net", "retail"]), "several values of price_type: net, retail"),
    ],
)
def test_products_that_cannot_be_used(offer, words):
    with pytest.raises(CostModelError, match=words):
        shelf(offer)


def test_lists_of_several_days_are_refused(table_of):
    with pytest.raises(
        PriceError, match=r"several list dates: 2025-04-30, 2026-04-29; select one, select\(as_of"
    ):
        shelf(table_of({}, {"as_of": "2025-04-30", "strength_mg": "1"}))


def test_rule_in_words():
    offer = frame({1: 0.1})
    assert shelf(offer).splitting == "whole units only"
    assert shelf(offer, splitting="halves").splitting == "halves allowed, the rest of a cut unit kept"
    stated = shelf(offer, splitting={1: 0.5}, halves="wasted").splitting
    assert stated == "parts allowed as stated, the rest of a cut unit wasted"
