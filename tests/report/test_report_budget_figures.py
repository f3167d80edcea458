"""The figure of a budget impact: bars, intervals, units and alternative text."""

import numpy as np
import pytest

from costmodel import report as cr
from costmodel.analysis import Course, Population, Uptake, budget_impact


def impact(price=3000.0):
    # 1,000 people move from 1,000 to `price` a year, half then all of them; each pays 200 of the new one
    return budget_impact(
        Population(segment="all", eligible=1000),
        [Course(product="old", drug=1000), Course(product="new", drug=price, copay=200)],
        without=Uptake.constant({"old": 1, "new": 0}, years=2),
        with_change=Uptake.linear({"old": 1, "new": 0}, {"old": 0, "new": 1}, years=2, over=2),
        years=2,
        currency="USD",
    )


def test_bars_are_the_impact_of_payer_and_patients_in_millions():
    ax = cr.budget_impact_by_year(impact(), first_year=2026)
    # payer: 500 x (2,800 - 1,000) = 0.9 million, then 1.8; patients 0.1 and 0.2
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([0.9, 1.8, 0.1, 0.2])
    assert ax.get_ylabel() == "Impact on the budget, million USD"
    assert [label.get_text() for label in ax.get_legend().get_texts()] == [
        "Payer, net of rebates",
        "Patients",
    ]
    assert ax.get_xticks().tolist() == [2026, 2027]
    assert not ax.collections


def test_draws_have_intervals_and_savings_hang_below_the_line():
    found = impact(np.linspace(300, 700, 101))
    ax = cr.budget_impact_by_year(found, level=0.5)
    # payer, year 1: 500 x (price - 1,200); the price is 500 on average and 400 to 600 in half of the draws
    assert ax.patches[0].get_height() == pytest.approx(-350)
    low, high = ax.collections[0].get_segments()[0][:, 1]
    assert (low, high) == pytest.approx((-400, -300))
    assert ax.get_ylabel().endswith("thousand USD")


def test_the_alternative_text_gives_every_number():
    text = cr.budget_impact_alt(impact(), first_year=2026)
    assert "in million USD" in text
    assert "Payer, net of rebates: 2026 0.9, 2027 1.8" in text
    assert "Patients: 2026 0.1, 2027 0.2" in text
    assert "(" in cr.budget_impact_alt(impact(np.array([2000.0, 4000.0])))


def test_it_draws_on_the_axes_it_is_given():
    ax = cr.budget_impact_by_year(impact())
    assert cr.budget_impact_by_year(impact(), ax=ax) is ax
