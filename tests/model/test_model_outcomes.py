"""Outcomes check themselves and keep their labels."""

from dataclasses import replace

import numpy as np
import pytest

from costmodel.errors import CostModelError
from costmodel.model import Outcomes
from costmodel.units import Money


def outcomes(**changes):
    given = {
        "study": "test",
        "money": Money("USD", 2026),
        "strategies": ("brand", "generic"),
        "comparator": "brand",
        "measures": {"drug": "cost", "visit": "cost", "qaly": "qaly"},
        "segments": ("young", "old"),
        "perspectives": {"payer": ("drug", "visit"), "drug_only": ("drug",)},
        "discounted": np.arange(24.0).reshape(2, 3, 2, 2),
        "undiscounted": np.arange(24.0).reshape(2, 3, 2, 2) + 1,
        "by_year": np.arange(24.0).reshape(2, 3, 2, 2, 1) + 1,
        "sizes": np.array([[1.0, 3.0], [1.0, 1.0]]),
    }
    return Outcomes(**(given | changes))


def test_a_perspective_adds_its_measures_and_segments_weigh_by_size_in_every_draw():
    cost = outcomes().cost("payer")
    by_hand = [[0 + 4, 1 + 5], [2 + 6, 3 + 7]]
    assert cost[0].tolist() == [(by_hand[0][0] + 3 * by_hand[0][1]) / 4, (by_hand[1][0] + by_hand[1][1]) / 2]
    assert outcomes().cost("payer", segment="old")[0].tolist() == [6, 10]


def test_the_labelled_result_holds_the_same_numbers():
    data = outcomes().data
    assert float(data["discounted"].sel(strategy="generic", measure="qaly", draw=1, segment="old")) == 23
    assert data.attrs["currency"] == "USD"
    assert data.attrs["price_year"] == 2026
    assert data["kind"].sel(measure="qaly").item() == "qaly"
    assert data["by_year"].dims == ("strategy", "measure", "draw", "segment", "year")


def test_frame_gives_means_over_draws():
    frame = outcomes().frame().set_index(["segment", "strategy"])
    assert frame.loc[("young", "brand"), "payer"] == ((0 + 4) + (2 + 6)) / 2
    assert frame.loc[("old", "generic"), "qaly"] == (21 + 23) / 2


def test_a_number_that_is_not_finite_is_placed():
    broken = np.arange(24.0).reshape(2, 3, 2, 2)
    broken[1, 2, 0, 1] = np.nan
    with pytest.raises(CostModelError, match=r"'generic', measure 'qaly', draw 0, segment 'old'"):
        outcomes(discounted=broken)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"comparator": "brnad"}, "did you mean 'brand'"),
        ({"perspectives": {"payer": ("qaly",)}}, "no cost measure"),
        ({"perspectives": {"payer": ("durg",)}}, "did you mean 'drug'"),
        ({"strategies": ("brand",)}, "must have"),
        ({"strategies": ("brand", "brand")}, "each once"),
        ({"sizes": np.zeros((2, 2))}, "not all 0"),
        ({"sizes": np.array([[1.0, -1.0], [1.0, 1.0]])}, "at least 0"),
        ({"sizes": np.ones((1, 2))}, "one number per draw"),
        ({"segments": ("young",)}, "must have"),
    ],
)
def test_what_does_not_fit_is_refused(changes, words):
    with pytest.raises(CostModelError, match=words):
        outcomes(**changes)


def test_unknown_names_are_refused_with_the_nearest():
    built = outcomes()
    for call, words in [
        (lambda: built.cost("payr"), "did you mean 'payer'"),
        (lambda: built.total("qualy"), "did you mean 'qaly'"),
        (lambda: built.cost("payer", segment="yung"), "did you mean 'young'"),
    ]:
        with pytest.raises(CostModelError, match=words):
            call()


def test_scaling_costs_scales_costs_and_nothing_else():
    built = outcomes()
    scaled = replace(built, discounted=built.discounted * np.array([2, 2, 1])[None, :, None, None])
    assert scaled.cost("payer") == pytest.approx(2 * built.cost("payer"))
    assert scaled.total("qaly").tolist() == built.total("qaly").tolist()
