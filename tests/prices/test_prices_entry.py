import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import patient

from costmodel.datasets import read_dataset
from costmodel.errors import CostModelError
from costmodel.prices import (
    PriceError,
    beside_curves,
    competition_curves,
    entry_scenario,
    observed_point,
)
from costmodel.prices.entry import CURVES

every_curve = pytest.mark.parametrize("curve", CURVES)


def ratio(n, curve, **options):
    return float(entry_scenario(n, curve=curve, **options)["ratio"].iloc[0])


@every_curve
def test_a_curve_passes_through_its_points(curve):
    points = competition_curves().query("curve == @curve")
    found = entry_scenario(points["n_producers"], curve=curve)
    assert found["ratio"].tolist() == points["ratio"].tolist()
    assert set(found["method"]) == {"published"}
    assert found["status"].tolist() == points["status"].tolist()


@every_curve
def test_more_producers_are_never_dearer(curve):
    counts = competition_curves().query("curve == @curve")["n_producers"]
    numbers = np.arange(counts.min(), counts.max() + 1)
    found = entry_scenario(numbers, curve=curve)["ratio"].to_numpy()
    assert (np.diff(found) < 0).all()
    assert (found > 0).all()
    assert (found < 1).all()


def test_curves_stand_in_the_evidence():
    """No number of a curve is kept anywhere but in the evidence, with its status."""
    evidence = read_dataset("evidence/parameters").set_index("id")
    curves = competition_curves().set_index("parameter")
    assert curves["ratio"].to_dict() == pytest.approx(
        {name: float(evidence.loc[name, "value"]) for name in dict.fromkeys(curves.index)}
    )
    assert (curves["status"] == evidence.loc[curves.index, "status"]).all()
    assert curves.loc["price_fda_nsp_n2", ["status", "flag"]].tolist() == [
        "recalled",
        "value recalled, not read",
    ]
    assert curves["source"].str.contains("Conrad|Dave|Nguyen").all()


def test_interpolation_by_hand():
    """Three producers: log(3/2)/log(4/2) = 0.58496 of the way from 0.46 to 0.21, in logs."""
    row = entry_scenario(3, curve="fda_manufacturer").iloc[0]
    assert row["ratio"] == pytest.approx(0.46 * (0.21 / 0.46) ** 0.584963, rel=1e-6)
    assert row["method"] == "interpolated between 2 and 4, linear in log(price) over log(n)"
    assert row["status"] == "recalled"
    assert row["flag"] == "value recalled, not read"
    assert "average manufacturer price" in row["basis"]
    assert "Conrad" in row["source"]


def test_a_point_that_was_recalled_taints_what_is_made_of_it():
    points = pd.DataFrame(
        {"n_producers": [1, 4], "ratio": [0.8, 0.2], "status": ["read", "recalled"], "flag": ["", "doubtful"]}
    )
    result = entry_scenario([1, 2, 4], curve=points)
    assert result["status"].tolist() == ["read", "recalled", "recalled"]
    assert result["flag"].tolist() == ["", "doubtful", "doubtful"]
    assert result["ratio"].tolist() == pytest.approx([0.8, 0.4, 0.2])  # 2 is half way from 1 to 4 in logs


@patient
@given(st.floats(0.1, 2), st.floats(0.01, 1), st.integers(1, 40))
def test_a_power_of_n_is_interpolated_exactly(start, power, n):
    points = pd.DataFrame({"n_producers": [1, 6, 40], "ratio": [start * k**-power for k in (1, 6, 40)]})
    assert ratio(n, points) == pytest.approx(start * n**-power, rel=1e-9)
    assert ratio(100, points, beyond="extrapolate") == pytest.approx(start * 100**-power, rel=1e-9)


def test_six_or_more():
    row = entry_scenario(11, curve="fda_manufacturer").iloc[0]
    assert (row["ratio"], row["method"]) == (0.05, "published for 6 or more")
    with pytest.raises(PriceError, match="'fda_invoice' runs from 1 to 4 producers; 5 lies beyond it"):
        entry_scenario(5, curve="fda_invoice")


def test_beyond_the_curve_by_name_only():
    with pytest.raises(
        PriceError, match=r"'dave_2017' runs from 1 to 3 .* beyond='hold' or beyond='extrapolate'"
    ):
        entry_scenario(4, curve="dave_2017")
    held = entry_scenario(4, curve="dave_2017", beyond="hold").iloc[0]
    assert (held["ratio"], held["method"]) == (0.6, "held at 3: 4 lies beyond the curve")
    further = entry_scenario(4, curve="dave_2017", beyond="extrapolate").iloc[0]
    slope = math.log(0.60 / 0.77) / math.log(3 / 2)
    assert further["ratio"] == pytest.approx(0.60 * (4 / 3) ** slope)
    assert further["method"].startswith("extrapolated from 2 and 3")
    below = entry_scenario(1, curve="part_d_24_months", beyond="extrapolate").iloc[0]
    assert below["ratio"] == pytest.approx(0.8 * (1 / 3) ** (math.log(0.3 / 0.8) / math.log(10 / 3)))
    assert ratio(1, "part_d_24_months", beyond="hold") == 0.8


def test_price_of_a_unit():
    """0.60 of a brand at 4.26033 a tablet."""
    result = entry_scenario([1, 3], curve="dave_2017", brand_price=4.26033)
    assert result["generic_price"].tolist() == pytest.approx([0.87 * 4.26033, 0.60 * 4.26033])
    assert "generic_price" not in entry_scenario(3, curve="dave_2017")


def test_observed_point(nadac):
    point = observed_point(nadac, strength_mg=2, form="tablet")
    assert point["n_producers"] == 8
    assert point["ratio"] == pytest.approx(0.03881 / 4.26033)
    assert (point["generic"], point["brand"]) == (0.03881, 4.26033)
    assert (point["currency"], point["price_type"]) == ("USD", "acquisition")


def test_beside_the_curves(nadac):
    """Clonazepam 2 mg: 8 labelers, 0.9 % of the brand; a fifth of the lowest published curve."""
    point = observed_point(nadac, strength_mg=2, form="tablet")
    table = beside_curves(point["n_producers"], point["ratio"]).set_index("curve")
    assert table["observed_over_curve"].to_dict() == pytest.approx(
        {
            "fda_manufacturer": 0.0091096 / 0.05,
            "fda_invoice": 0.0091096 / 0.27,
            "dave_2017": 0.0091096 / 0.60,
            "part_d_24_months": 0.0091096 / (0.8 * (0.3 / 0.8) ** (math.log(8 / 3) / math.log(10 / 3))),
            "part_d_36_months": 0.0091096 / (0.8 * (0.2 / 0.8) ** (math.log(8 / 3) / math.log(10 / 3))),
        },
        rel=1e-4,
    )
    assert table.loc["dave_2017", "method"] == "held at 3: 8 lies beyond the curve"
    assert table.loc["fda_manufacturer", "method"] == "published for 6 or more"
    assert table.loc["part_d_24_months", "method"].startswith("interpolated between 3 and 10")
    assert np.isfinite(table["observed_over_curve"]).all()
    assert beside_curves(2, 0.5, curves=["dave_2017"])["ratio"].tolist() == [0.77]


def test_one_market_at_a_time(nadac):
    with pytest.raises(PriceError, match="3 matched sets under form='tablet': narrow them to one molecule"):
        observed_point(nadac, form="tablet")


@pytest.mark.parametrize("n", [0, -1, 1.5, float("nan"), [1, 0]])
def test_numbers_of_producers(n):
    with pytest.raises(PriceError, match="n_producers must be whole numbers of at least 1"):
        entry_scenario(n, curve="dave_2017")


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ({"n": [1]}, "n_producers, ratio is missing"),
        ({"n_producers": [1, 1], "ratio": [0.5, 0.4]}, "at different numbers of producers"),
        ({"n_producers": [1, 2], "ratio": [0.5, 0]}, "ratios above 0"),
        ({"n_producers": [], "ratio": []}, "ratios above 0"),
    ],
)
def test_curves_that_cannot_be_used(points, words):
    with pytest.raises(PriceError, match=words):
        entry_scenario(1, curve=pd.DataFrame(points))


def test_other_refusals():
    with pytest.raises(CostModelError, match="did you mean 'dave_2017'"):
        entry_scenario(1, curve="dave2017")
    with pytest.raises(CostModelError, match="did you mean 'extrapolate'"):
        entry_scenario(9, curve="dave_2017", beyond="extrapolated")
    with pytest.raises(CostModelError, match=r"brand_price must lie in \(0"):
        entry_scenario(1, curve="dave_2017", brand_price=0)
    with pytest.raises(CostModelError, match=r"ratio must lie in \(0"):
        beside_curves(1, 0)
    one = pd.DataFrame({"n_producers": [2], "ratio": [0.5]})
    with pytest.raises(PriceError, match="one point has no slope"):
        entry_scenario(3, curve=one, beyond="extrapolate")
