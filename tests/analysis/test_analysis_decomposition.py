"""Price, volume and interaction: by hand, to the last bit, in the right direction; the words of errors."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import CostModelError
from costmodel.analysis.decomposition import (
    PARTS,
    Change,
    decompose,
    decomposition,
    evaluate_corners,
    split_corners,
)
from costmodel.formulas import parse
from costmodel.inputs import Draws
from costmodel.model import Discounting, Model, Payoff, Strategy, Time
from costmodel.populations import Segment
from costmodel.units import Money

BASE = {"price_brand": 10.0, "price_generic": 4.0, "elasticity": -0.5, "utility": 0.1, "p_harm": 0.02}
CHANGE = Change("brand", price={"price": "price_generic"}, use={"price_seen": "price_generic"})
amounts = st.floats(-1e9, 1e9)
prices = st.floats(0.01, 1000)


def tiny():
    """Return one strategy: people respond to the price they see; harms and benefits belong to use."""
    return Model(
        name="tiny",
        money=Money("USD", 2026),
        parameters=dict.fromkeys(BASE),
        formulas={
            "price": parse("price_brand"),
            "price_seen": parse("price_brand"),
            "use": parse("100 * (price_seen / price_brand) ** elasticity"),
        },
        strategies=(Strategy("brand", "Brand"),),
        payoffs=(
            Payoff("drug", "cost", parse("price * use")),
            Payoff("visits", "cost", parse("3 * use")),
            Payoff("qaly", "qaly", parse("utility * use")),
            Payoff("falls", "event", parse("p_harm * use"), per="once"),
        ),
        perspectives={"payer": ("drug",), "society": ("drug", "visits")},
        comparator="brand",
        time=Time(horizon_years=1),
        discounting=Discounting(parse("0.03"), parse("0.03")),
    )


def draws(**changed):
    values = {**BASE, **changed}
    n = max(np.size(value) for value in values.values())
    return Draws({k: np.broadcast_to(float(v) if np.size(v) == 1 else v, (n,)) for k, v in values.items()},
                 n=n, seed=None, method="base")  # fmt: skip


def table(model=None, drawn=None, change=CHANGE, **options):
    return decompose(model or tiny(), drawn or draws(), change, **options).set_index("measure")


def test_three_numbers_by_hand():
    # 100 units at 10 become 120 units at 4: 1000 -> 480, a change of -520.
    # price: (4 - 10) x 100 = -600; volume: 10 x (120 - 100) = 200; both: (4 - 10) x (120 - 100) = -120.
    parts = split_corners(1000, 400, 1200, 480)
    assert [getattr(parts, name).item() for name in PARTS] == [-600, 200, -120, -520]


def test_a_study_by_hand():
    # Use falls with the price to the power -1/2: at 2.5 instead of 10 it doubles, 100 -> 200.
    # Drug: 10 x 100 = 1000 -> 2.5 x 200 = 500. Price (2.5 - 10) x 100 = -750; volume 10 x 100 = 1000;
    # interaction -7.5 x 100 = -750; total -500. Visits, 3 each: 300 -> 600, all of it volume.
    # QALYs 0.1 each: 10 -> 20; falls 0.02 each: 2 -> 4.
    model = replace(tiny(), discounting=Discounting())
    found = table(model, draws(price_generic=2.5))
    expected = {
        "payer": [1000, 500, -750, 1000, -750, -500],
        "society": [1300, 1100, -750, 1300, -750, -200],
        "visits": [300, 600, 0, 300, 0, 300],
        "qaly": [10, 20, 0, 10, 0, 10],
        "falls": [2, 4, 0, 2, 0, 2],
    }
    for name, numbers in expected.items():
        assert found.loc[name, ["old", "new", *PARTS]].tolist() == pytest.approx(numbers, abs=1e-9)
    assert found["kind"].tolist() == ["perspective", "perspective", "cost", "cost", "qaly", "event"]


@given(st.tuples(amounts, amounts, amounts, amounts))
def test_parts_sum_to_the_whole(corners):
    parts = split_corners(*corners)
    summed = math.fsum(float(getattr(parts, name)) for name in PARTS[:3])
    scale = max(map(abs, corners))
    assert abs(summed - (corners[3] - corners[0])) <= 4 * np.finfo(float).eps * scale
    crossed = math.fsum([corners[3], -corners[2], -corners[1], corners[0]])
    assert abs(float(parts.interaction) - crossed) <= 8 * np.finfo(float).eps * scale


@given(prices, prices, st.floats(-2, 2))
def test_the_label_alone_does_no_harm_to_the_last_bit(brand, generic, elasticity):
    drawn = draws(price_brand=brand, price_generic=generic, elasticity=elasticity)
    corners = evaluate_corners(tiny(), drawn, CHANGE)
    for name in ("visits", "qaly", "falls"):
        assert (corners.new_old.total(name) == corners.old_old.total(name)).all()
        assert (corners.new_new.total(name) == corners.old_new.total(name)).all()
    found = decomposition(corners).set_index("measure")
    still = found.loc[["visits", "qaly", "falls"], ["price_effect", "interaction"]]
    assert (still == 0).all(axis=None)
    for _, row in found.iterrows():
        summed = math.fsum(row[list(PARTS[:3])])
        largest = max(abs(row[list(PARTS)]).max(), row["old"])
        assert abs(summed - row["total"]) <= 4 * np.finfo(float).eps * largest


@given(prices, prices)
def test_without_elasticity_everything_is_price(brand, generic):
    found = table(drawn=draws(price_brand=brand, price_generic=generic, elasticity=0.0))
    assert (found[["volume_effect", "interaction"]] == 0).all(axis=None)
    assert (found.loc[["qaly", "falls"], list(PARTS)] == 0).all(axis=None)
    assert found.loc["payer", "price_effect"] == found.loc["payer", "total"]


@given(st.floats(4.01, 500), st.floats(0.1, 500))
def test_a_dearer_brand_makes_the_price_effect_more_negative(brand, more):
    low = table(drawn=draws(price_brand=brand)).loc["payer", "price_effect"]
    high = table(drawn=draws(price_brand=brand + more)).loc["payer", "price_effect"]
    assert high < low < 0


def test_stronger_response_means_more_volume_with_its_harms():
    weak, strong = (table(drawn=draws(elasticity=value)) for value in (-0.2, -0.4))
    for name in ("payer", "qaly", "falls"):
        assert strong.loc[name, "volume_effect"] > weak.loc[name, "volume_effect"] > 0
    assert strong.loc["payer", "interaction"] < weak.loc["payer", "interaction"] < 0


def test_intervals_are_those_of_the_draws_and_means_still_sum():
    brand = np.array([6.0, 10.0, 14.0, 18.0])
    model = replace(tiny(), discounting=Discounting())
    row = table(model, draws(price_brand=brand, elasticity=0.0), level=0.5).loc["payer"]
    # (4 - brand) x 100: -200, -600, -1000, -1400; quartiles of four numbers by linear interpolation.
    assert row["price_effect"] == pytest.approx(-800)
    assert row[["price_effect_low", "price_effect_high"]].tolist() == pytest.approx([-1100, -500])
    assert math.fsum(row[list(PARTS[:3])]) == pytest.approx(row["total"], rel=1e-15)


def test_each_draw_is_split_as_if_it_were_alone():
    brand, elasticity = np.array([6.0, 11.0, 20.0]), np.array([-0.1, -0.6, -1.1])
    together = table(drawn=draws(price_brand=brand, elasticity=elasticity))
    alone = [table(drawn=draws(price_brand=b, elasticity=e)) for b, e in zip(brand, elasticity, strict=True)]
    for name in PARTS:
        mean = sum(one[name] for one in alone) / 3
        np.testing.assert_allclose(together[name], mean, rtol=1e-12, atol=1e-9)


def test_more_people_need_the_population():
    few, many = Segment("few", "Few", size=parse("use")), Segment("many", "Many", size=parse("300"))
    model = replace(tiny(), segments=(few, many), discounting=Discounting())
    with pytest.raises(CostModelError, match=r"how many people there are.*per='population'"):
        table(model, draws(price_generic=2.5))
    found = table(model, draws(price_generic=2.5), per="population", segment="few")
    # 100 people at 1000 each become 200 people at 500 each: 100 000 -> 100 000.
    # Price: 100 x (250 - 1000) = -75 000. Volume: 200 x 2000 - 100 000 = 300 000.
    assert found.loc["payer", ["old", "new", *PARTS]].tolist() == pytest.approx(
        [1e5, 1e5, -75e3, 3e5, -225e3, 0], abs=1e-6
    )
    whole = table(model, draws(price_generic=2.5), per="population")
    rest = table(model, draws(price_generic=2.5), per="population", segment="many")
    np.testing.assert_allclose(whole[list(PARTS)], found[list(PARTS)] + rest[list(PARTS)], atol=1e-6)


def test_use_that_moves_with_the_price_is_refused():
    follows = Change("brand", price={"price_seen": "price_generic"}, use={"use": "1.2 * use"})
    with pytest.raises(CostModelError, match=r"use 'use' rests on the price 'price_seen'.*cannot be held"):
        decompose(tiny(), draws(), follows)
    fixed = Change("brand", price={"price_seen": "price_generic"}, use={"use": 120})
    with pytest.raises(CostModelError, match="use 'use' rests on the price 'price_seen'"):
        decompose(tiny(), draws(), fixed)
    tiered = Change("brand", price={"price": "price_brand - use / 100"}, use={"use": 120})
    with pytest.raises(CostModelError, match="price 'price' rests on the use 'use'"):
        decompose(tiny(), draws(), tiered)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: Change("brand"), "at least one name"),
        (lambda: Change("brand", {"use": 1}, {"use": 2}), "not to both; found 'use' in both"),
        (lambda: decompose(tiny(), draws(), Change("brnd", {"price": 1})), "did you mean 'brand'"),
        (lambda: decompose(tiny(), draws(), Change("brand", {"prise": 1})), "did you mean 'price'"),
        (lambda: table(level=1), r"level must lie in \(0, 1\)"),
        (lambda: table(per="persn"), "did you mean 'person'"),
        (lambda: table(segment="nobody"), "segment 'nobody' is unknown"),
        (lambda: table(replace(tiny(), scenario={"price": parse("3")})), "scenario sets 'price' already"),
        (lambda: split_corners(1, math.nan, 1, 1), "finite"),
    ],
)
def test_words_of_errors(change, words):
    with pytest.raises(CostModelError, match=words):
        change()
