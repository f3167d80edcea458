"""Figures of payments: amounts between parties, months of a plan year, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import FancyArrowPatch

from costmodel import CostModelError
from costmodel import report as cr


def flows():
    return pd.DataFrame(
        {
            "from": ["patient", "government", "pharmacy", "government"],
            "to": ["pharmacy", "pharmacy", "wholesaler", "pharmacy"],
            "amount": [8.0, 100.0, 127.81, 30.31],
        }
    )


def test_flows_between_two_parties_are_added_up():
    ax = cr.money_flow_figure(flows(), title="Brand", unit="USD")
    texts = [item.get_text() for item in ax.texts]
    assert {"8.00", "130.31", "127.81"} < set(texts)
    assert len([patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]) == 3
    assert "government to pharmacy 130.31" in cr.money_flow_alt(flows(), title="Brand", unit="USD")


def test_an_unknown_party_is_refused():
    with pytest.raises(CostModelError, match="found bank"):
        cr.money_flow_figure(flows().assign(to="bank"), title="Brand", unit="USD")


def test_a_year_has_twelve_months_and_says_what_it_comes_to():
    series = {"Brand": np.r_[[615.0], np.full(11, 25.0)], "Generic": np.full(12, 1.0)}
    ax = cr.plan_year_figure(series, unit="USD")
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["Brand: 890.00 in the year", "Generic: 12.00 in the year"]
    assert ax.lines[0].get_ydata()[0] == 615
    assert "25.00 in December, 890.00 in the year" in cr.plan_year_alt(series, unit="USD")
    with pytest.raises(CostModelError, match="twelve months"):
        cr.plan_year_figure({"Brand": [1.0]}, unit="USD")
