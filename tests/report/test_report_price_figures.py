"""Figures of prices: what is drawn where, what the alternative text says, what is refused."""

import numpy as np
import pandas as pd
import pytest

from costmodel import CostModelError
from costmodel import report as cr
from costmodel.report.axes import figure_of


def products():
    return pd.DataFrame(
        {
            "label": ["Brand", "Maker A", "Maker A", "Maker B"],
            "class": ["brand", "generic", "generic", "generic"],
            "unit_price": [4.0, 0.04, 0.04, 0.05],
        }
    )


def texts(ax):
    return {item.get_text() for item in ax.texts}


def test_a_ladder_has_a_rung_per_product_and_price_cheapest_first():
    ax = cr.price_ladder(products(), unit="USD per tablet")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Maker A (2)", "Maker B", "Brand"]
    assert ax.get_xscale() == "log"
    points = [item for item in ax.collections if hasattr(item, "get_sizes")]
    drawn = np.concatenate([item.get_offsets()[:, 0] for item in points])
    assert sorted(drawn) == pytest.approx([0.04, 0.05, 4.0])
    assert "Cheapest: Maker A (2) at 0.04" in cr.ladder_alt(products(), unit="USD per tablet")


def test_a_ladder_is_drawn_on_the_axes_it_is_given():
    with cr.use_style():
        ax = figure_of(cr.price_ladder(products(), unit="USD")).add_axes((0, 0, 1, 1))
    assert cr.price_ladder(products(), unit="USD", ax=ax) is ax


@pytest.mark.parametrize("change", [{"unit_price": [4.0, 0.0, 0.04, 0.05]}, None])
def test_a_ladder_without_prices_is_refused(change):
    frame = products().assign(**change) if change else products().iloc[:0]
    with pytest.raises(CostModelError, match="a price ladder needs"):
        cr.price_ladder(frame, unit="USD")


def test_ratios_stand_with_their_intervals_and_doubts():
    frame = pd.DataFrame(
        {
            "label": ["A", "B", "C"],
            "ratio": [110.0, 1.5, None],
            "low": [90.0, None, None],
            "high": [140.0, None, None],
            "hollow": [False, True, True],
        }
    )
    ax = cr.ratio_figure(frame)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["B", "A"]
    assert texts(ax) == {"110", "1.50"}
    lines = ax.collections[0].get_segments()
    assert len(lines) == 1
    assert lines[0][:, 0].tolist() == [90.0, 140.0]
    assert "A 110 (interval 90 to 140); B 1.5." in cr.ratio_alt(frame)
    with pytest.raises(CostModelError, match="at least one ratio"):
        cr.ratio_figure(frame.iloc[2:])


def test_no_line_bridges_a_gap_and_drafts_are_hollow():
    dates = pd.to_datetime(["2014-01-01", "2015-01-01", "2026-01-01"])
    frame = pd.DataFrame(
        {"series": "Brand", "date": dates, "price": [1.0, 2.0, 4.0], "draft": [True, False, False]}
    )
    ax = cr.price_path_figure(frame, unit="USD per tablet")
    joined = [len(line.get_xdata()) for line in ax.lines if len(line.get_xdata())]
    assert joined == [2, 1]
    faces = ax.collections[0].get_facecolors()
    assert faces[0, :3].tolist() == [1, 1, 1]
    assert faces[1, :3].tolist() != [1, 1, 1]
    assert "Brand: from 1 in 2014 to 4 in 2026" in cr.price_path_alt(frame, unit="USD per tablet")


def waterfall(last=10.5):
    return pd.DataFrame(
        {
            "label": ["2018", "Price", "Quantity", "Mix", "2022"],
            "amount": [10.0, -3.0, 2.0, 1.5, last],
            "total": [True, False, False, False, True],
        }
    )


def test_a_waterfall_steps_from_total_to_total():
    ax = cr.waterfall_figure(waterfall(), unit="million USD")
    spans = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in ax.patches]
    assert np.array(spans) == pytest.approx(np.array([(0, 10), (7, 10), (7, 9), (9, 10.5), (0, 10.5)]))
    assert "\N{MINUS SIGN}3.0" in texts(ax)
    assert "Quantity +2.0" in cr.waterfall_alt(waterfall(), unit="million USD")


def test_a_waterfall_that_does_not_add_up_is_refused():
    with pytest.raises(CostModelError, match=r"lead to 10\.5, but it is 11"):
        cr.waterfall_figure(waterfall(last=11.0), unit="million USD")


def test_competition_curves_and_the_observed_point():
    curves = pd.DataFrame({"curve": "FDA", "producers": [1, 2, 4], "relative_price": [0.61, 0.46, 0.21]})
    ax = cr.competition_figure(curves, {"clonazepam 2 mg": (11, 0.0091)})
    assert ax.lines[0].get_ydata().tolist() == [0.61, 0.46, 0.21]
    assert ax.get_xlim()[1] == 12
    assert texts(ax) == {"clonazepam 2 mg: 0.9%"}
    assert "0.0091 at 11 makers" in cr.competition_alt(curves, {"clonazepam 2 mg": (11, 0.0091)})
    with pytest.raises(CostModelError, match="above 0"):
        cr.competition_figure(curves.assign(relative_price=0.0), {})
