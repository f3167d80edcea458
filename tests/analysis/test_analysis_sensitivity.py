"""Sensitivity analysis: published ranges, hand-computed swings, thresholds, prices, and what is reported."""

import json
from pathlib import Path

import numpy as np
import pytest

from costmodel import CostModelError, read_study
from costmodel.analysis import Question, grid, one_way, own_ranges, price_at, several, thresholds
from costmodel.analysis.one_way import spread
from costmodel.model import evaluate
from costmodel.model.examples import two_prices, two_prices_draws

PUBLISHED = Path(__file__).parents[1] / "published"
SAVES = Question("generic", "payer")
CASE = json.loads((Path(__file__).parent / "hiv_heemod_dsa.json").read_text())
NAMES = {"rr": "rr_combination", "cost_zido": "c_zidovudine", "cost_lami": "c_lamivudine", "dr": "r_discount"}
HEEMOD = {
    (NAMES[key.split("=")[0]], float(key.split("=")[1])): tuple(
        one[name] for name in ("mono_cost", "comb_cost", "mono_ly", "comb_ly", "icer")
    )
    for key, one in CASE["expected_recomputed"].items()
    if "=" in key
}


@pytest.fixture(scope="module")
def hiv():
    return read_study(PUBLISHED / "hiv_heemod_dsa")


@pytest.mark.parametrize("changed", HEEMOD, ids=str)
def test_heemods_one_way_analysis_of_the_hiv_model(hiv, changed):
    mono_cost, comb_cost, mono_ly, comb_ly, ratio = HEEMOD[changed]
    outcomes = evaluate(hiv.model(), spread(hiv.draws(), [{changed[0]: changed[1]}]))
    cost, years = outcomes.cost("total")[:, 0] * 1000, outcomes.total("life_years")[:, 0] * 1000
    assert cost == pytest.approx([mono_cost, comb_cost], rel=1e-12)
    assert years == pytest.approx([mono_ly, comb_ly], rel=1e-12)
    assert (cost[1] - cost[0]) / (years[1] - years[0]) == pytest.approx(ratio, rel=1e-12)


def test_its_tornado_has_every_range_with_both_ends(hiv):
    question = Question("combination", "total", wtp=10_000, effect="life_years")
    table = one_way(hiv.model(), hiv.draws(), own_ranges(hiv.parameters), question).set_index("parameter")
    assert set(table.index) == {name for name, _ in HEEMOD}
    for (name, value), (mono_cost, comb_cost, mono_ly, comb_ly, _) in HEEMOD.items():
        end = "at_low" if value == table.loc[name, "low"] else "at_high"
        expected = 10_000 * (comb_ly - mono_ly) / 1000 - (comb_cost - mono_cost) / 1000
        assert table.loc[name, end] == pytest.approx(expected, rel=1e-10)
    assert table["swing"].is_monotonic_decreasing
    assert (table["remark"] == "").all()


def test_one_way_by_hand_and_in_its_direction():
    # 100 units a year: the generic at 1 against the brand at 4 saves 300.
    table = one_way(
        two_prices(), two_prices_draws(), {"price_brand": (2, 6), "price_generic": (0.5, 2)}, SAVES
    )
    assert table["parameter"].tolist() == ["price_brand", "price_generic"]
    assert table[["at_low", "at_high", "base"]].values.tolist() == [[-100, -500, -300], [-350, -200, -300]]
    assert table["swing"].tolist() == [400, 150]


def test_one_evaluation_gives_what_single_ones_give(hiv):
    ranges, question = (
        own_ranges(hiv.parameters),
        Question("combination", "total", wtp=5e3, effect="life_years"),
    )
    table = one_way(hiv.model(), hiv.draws(), ranges, question).set_index("parameter")
    for name, ends in ranges.items():
        single = [question.of(evaluate(hiv.model(), hiv.draws().replace(**{name: end})))[0] for end in ends]
        assert table.loc[name, ["at_low", "at_high"]].tolist() == pytest.approx(single, rel=1e-13)


def test_what_is_not_used_or_moves_nothing_is_reported():
    study = read_study("clonazepam-us-prices")
    question = Question("generic", "all_payers", segment="medicaid")
    ranges = {"price_generic": (0.02, 0.06), "n_employer": (1e5, 1e6), "fee_medicaid": (9.5, 13.0)}
    table = one_way(study.model(), study.draws(), ranges, question).set_index("parameter")["remark"]
    assert table["price_generic"] == ""
    assert table["n_employer"] == "used, but its range does not move the result"
    assert table["fee_medicaid"] == "used, but its range does not move the result"
    unused = {name for name, remark in one_way_all(study).items() if remark == "not used by the model"}
    assert "copay_employer_brand_2024" in unused


def one_way_all(study):
    ranges = own_ranges(study.parameters)
    found = one_way(study.model(), study.draws(), ranges, Question("generic", "all_payers"))
    assert set(found["parameter"]) == set(ranges)
    return found.set_index("parameter")["remark"].to_dict()


def test_a_grid_holds_every_pair():
    table = grid(
        two_prices(), two_prices_draws(), ("price_brand", [2, 4, 6]), ("price_generic", [1, 5]), SAVES
    )
    assert table.index.name == "price_brand"
    assert table.values.tolist() == [[100 * (g - b) for g in (1, 5)] for b in (2, 4, 6)]


def test_several_parameters_at_once():
    table = several(two_prices(), two_prices_draws(), {"both": {"price_brand": 2, "price_generic": 2}}, SAVES)
    assert table["result"].tolist() == [-300, 0]
    assert table["difference"].tolist() == [0, 300]


def test_a_threshold_is_found_and_its_absence_explained():
    found = thresholds(two_prices(), two_prices_draws(), "price_generic", (0.3, 9.7), SAVES)
    assert found["value"].tolist() == pytest.approx([4])
    assert found["direction"].tolist() == ["rising"]
    none = thresholds(two_prices(), two_prices_draws(), "price_generic", (0, 3), SAVES)
    assert none.empty
    assert (
        none.attrs["reason"]
        == "the result stays between -400 and -100 for price_generic from 0 to 3: no threshold"
    )


def test_a_threshold_turns_the_decision(hiv):
    question = Question("combination", "total", wtp=6000, effect="life_years")
    value = thresholds(hiv.model(), hiv.draws(), "c_lamivudine", (500, 5000), question)["value"].item()
    sides = [
        question.of(evaluate(hiv.model(), hiv.draws().replace(c_lamivudine=value + step)))[0]
        for step in (-1, 1)
    ]
    assert sides[0] > 0 > sides[1]
    assert value == pytest.approx(price_at(hiv.model(), hiv.draws(), "c_lamivudine", question)[0])


def test_the_value_based_price_in_every_draw(hiv):
    question = Question("combination", "total", wtp=6000, effect="life_years")
    draws = spread(hiv.draws(), [{}, {"rr_combination": 0.4}, {"rr_combination": 0.6}])
    prices = price_at(hiv.model(), draws, "c_lamivudine", question)
    again = question.of(evaluate(hiv.model(), draws.replace(c_lamivudine=prices)))
    assert np.abs(again) == pytest.approx(0, abs=1e-6)
    dearer = Question("combination", "total", wtp=12000, effect="life_years")
    assert (price_at(hiv.model(), draws, "c_lamivudine", dearer) > prices).all()


def test_a_price_behind_a_cap_is_not_linear():
    study = read_study("clonazepam-us-prices")
    question = Question("generic", "patient", segment="part_d")
    with pytest.raises(CostModelError, match="not linear in 'price_brand'"):
        price_at(study.model(), study.draws(), "price_brand", question)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m, d: one_way(m, d, {"price_bland": (1, 2)}, SAVES), "did you mean 'price_brand'"),
        (
            lambda m, d: one_way(m, d, {"price_brand": (2, 1)}, SAVES),
            "must rise from low to high; found 2 to 1",
        ),
        (lambda m, d: one_way(m, d, {}, SAVES), "at least one range"),
        (
            lambda m, d: grid(m, d, ("price_brand", [1]), ("price_brand", [1]), SAVES),
            "found 'price_brand' twice",
        ),
        (lambda m, d: thresholds(m, d, "price_brand", (2, 1), SAVES), "must rise; found 2 to 1"),
        (lambda _m, d: spread(d, [{"x": 1}]), "'x'"),
        (lambda m, d: price_at(m, d, "price", SAVES), "'price'"),
        (lambda m, d: Question("brand", "payer").of(evaluate(m, d)), "compared with itself"),
        (lambda m, d: Question("generik", "payer").of(evaluate(m, d)), "did you mean 'generic'"),
        (lambda _m, _d: Question("generic", "payer", wtp=-1), "willingness to pay must lie in"),
    ],
)
def test_bad_questions_are_refused(call, words):
    with pytest.raises(CostModelError, match=words):
        call(two_prices(), two_prices_draws())


def test_the_base_case_of_the_hiv_model(hiv):
    outcomes = hiv.run()
    cost, years = outcomes.cost("total")[:, 0], outcomes.total("life_years")[:, 0]
    assert (cost[1] - cost[0]) / (years[1] - years[0]) == pytest.approx(6404.418942614228, rel=1e-12)
