"""The figure of Sobol indices: marks and intervals as computed, nothing hidden."""

import numpy as np
import pandas as pd
import pytest

from costmodel import CostModelError
from costmodel import report as cr


def table():
    found = pd.DataFrame(
        {
            "parameter": ["small", "big", "idle"],
            "first_order": [-0.01, 0.7, 0.0],
            "first_low": [-0.05, 0.6, 0.0],
            "first_high": [0.03, 0.8, 0.0],
            "total": [0.1, 0.9, 0.0],
            "total_low": [0.05, 0.8, 0.0],
            "total_high": [0.15, 1.0, 0.0],
            "remark": ["", "", "not used by the model"],
        }
    )
    found.attrs["level"] = 0.9
    return found


def test_marks_and_intervals_are_those_of_the_table_below_0_too():
    ax = cr.indices_figure(table(), label="Difference in cost, USD")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["idle", "small", "big"]
    total, first = (line for line in ax.lines[:2])
    assert total.get_xdata().tolist() == [0.0, 0.1, 0.9]
    assert first.get_xdata().tolist() == [0.0, -0.01, 0.7]
    ends = [np.array(part.get_segments())[:, :, 0].tolist() for part in ax.collections]
    assert ends[1] == [[0.0, 0.0], [-0.05, 0.03], [0.6, 0.8]]
    assert ax.get_xlabel() == "Share of the variance; lines are 90% intervals\nDifference in cost, USD"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Total", "First order (alone)"]


def test_given_axes_are_drawn_on():
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert cr.indices_figure(table(), label="cost", ax=ax) is ax


def test_what_is_not_drawn_is_said():
    words = cr.indices_rest(table(), most=1)
    assert "Smaller, not drawn: small, idle." in words
    assert "Not used by the model: idle." in words
    # 0.70 - 0.01 + 0 = 0.69
    assert "Alone, parameters explain 69% of the variance; 31% is left" in words
    alt = cr.indices_alt(table(), label="cost")
    assert alt.startswith(
        "Sobol indices of cost. big 0.70 alone (0.60 to 0.80), 0.90 in total (0.80 to 1.00)"
    )
    assert alt.index("big") < alt.index("small \N{MINUS SIGN}0.01 alone")


def test_an_empty_table_is_refused():
    with pytest.raises(CostModelError, match="no index to draw"):
        cr.indices_figure(table().iloc[:0], label="cost")
