"""Figures of people: what is drawn where, what the alternative text says, what is refused."""

import pandas as pd
import pytest

from costmodel import CostModelError
from costmodel import report as cr
from costmodel.populations.affordability import LognormalIncome


def funnel_table():
    return pd.DataFrame(
        {
            "label": ["Adults", "With it", "Treated"],
            "people": [1e6, 3e4, 1.5e4],
            "lost": [0.0, 9.7e5, 1.5e4],
            "loss": ["", "without it", "not treated"],
            "share": [float("nan"), 0.03, 0.5],
            "low": [1e6, 2e4, 9e3],
            "high": [1e6, 4e4, 2e4],
            "status": ["read", "read", "elicited"],
        }
    )


def texts(ax):
    return [item.get_text() for item in ax.texts]


def test_a_funnel_shows_who_remains_and_who_is_lost():
    ax = cr.funnel_figure(funnel_table())
    ends = [bar.get_x() + bar.get_width() for bar in ax.patches]
    assert ends == pytest.approx([1e6, 3e4, 1.5e4])
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [False, False, True]
    assert "lost: without it, 970,000" in texts(ax)
    assert "15,000 (0.5 of those above)" in texts(ax)
    assert "Treated 15,000" in cr.funnel_alt(funnel_table())
    with pytest.raises(CostModelError, match="each hold people"):
        cr.funnel_figure(funnel_table().assign(people=0.0))


def test_the_parade_marks_the_poor_before_and_after_paying():
    incomes = LognormalIncome.from_gini(mean=20, gini=0.5)
    ax = cr.parade_figure(incomes, 2, poverty_line=8, unit="USD a day")
    before, after = ax.lines[0].get_ydata(), ax.lines[1].get_ydata()
    assert (before - after) == pytest.approx(2)
    poor = [float(incomes.share_below(x)) for x in (8, 10)]
    assert any(f"poor without: {poor[0]:.1%}; after paying: {poor[1]:.1%}" in text for text in texts(ax))
    assert f"{poor[1]:.1%} after paying" in cr.parade_alt(incomes, 2, poverty_line=8, unit="USD a day")


def test_days_wages_stand_by_place_and_product():
    frame = pd.DataFrame(
        {"place": ["A", "A", "B"], "product": ["Brand", "Generic", "Brand"], "days": [2.0, 0.5, 1.5]}
    )
    ax = cr.wages_figure(frame)
    assert [bar.get_width() for bar in ax.patches[:3]] == [1.5, 0.5, 2.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["B", "A", "A"]
    assert "A, Generic: 0.5" in cr.wages_alt(frame)
    with pytest.raises(CostModelError, match="at least 0"):
        cr.wages_figure(frame.assign(days=-1.0))


def test_thresholds_are_the_ticks():
    frame = pd.DataFrame({"group": ["Brand"] * 2, "threshold": [0.25, 0.1], "share": [0.02, 0.2]})
    ax = cr.threshold_figure(frame, threshold_label="Share of income")
    assert ax.get_xticks().tolist() == [0.1, 0.25]
    assert ax.lines[0].get_ydata().tolist() == [0.2, 0.02]
    assert "Brand above 10%: 20.0%" in cr.threshold_alt(frame, threshold_label="Share of income")
