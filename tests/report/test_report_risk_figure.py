"""Absolute risks beside one another: marks as computed, none shown as none, told apart in grey."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from costmodel import CostModelError
from costmodel.report import figure_of
from costmodel.report.risks_figure import risk_alt, risk_figure, risk_rest, risk_table

UNIT = "Events per 1,000 people in a year"
LABELS = {"hip": "Hip fracture", "ed": "Emergency visit"}


@pytest.fixture
def rows():
    frame = pd.DataFrame(
        {
            "event": ["hip", "ed", "crash_injuries"],
            "risk": [9.6, 0.95, 0.0],
            "risk_low": [8.1, 0.8, 0.0],
            "risk_high": [11.0, 1.1, 0.0],
            "comparator": [10.0, 0.0, 0.0],
            "comparator_low": [9.0, 0.0, 0.0],
            "comparator_high": [12.0, 0.0, 0.0],
            "difference": [-0.4, 0.95, 0.0],
            "difference_low": [-1.2, 0.8, 0.0],
            "difference_high": [0.3, 1.1, 0.0],
        }
    )
    frame.attrs["level"] = 0.9
    return frame


def test_marks_lines_and_words_are_those_of_the_table(rows):
    ax = risk_figure(rows, unit=UNIT, labels=LABELS)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["Emergency visit", "Hip fracture"]
    without, taken = ax.lines
    assert without.get_xdata().tolist() == [0.0, 10.0]
    assert taken.get_xdata().tolist() == [0.95, 9.6]
    ends = [np.array(part.get_segments())[:, :, 0].tolist() for part in ax.collections]
    assert ends == [[[0.0, 0.0], [9.0, 12.0]], [[0.8, 1.1], [8.1, 11.0]]]
    minus = "\N{MINUS SIGN}"
    words = [text.get_text() for text in ax.texts]
    assert words == ["+0.95 (+0.8 to +1.1)", f"{minus}0.4 ({minus}1.2 to +0.3)", "Difference"]
    assert ax.get_xlabel() == f"{UNIT}, log scale\nLines and brackets hold 90% of the draws"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Without", "With"]


def test_the_scale_reaches_none_and_everything_drawn(rows):
    ax = risk_figure(rows, unit=UNIT)
    # the smallest risk, 0.8, lies above the tenth at which the scale becomes straight
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "0.1", "1", "10", "100"]
    low, high = ax.get_xlim()
    assert low == 0
    assert high >= 12


def test_marks_differ_without_colour(rows):
    without, taken = risk_figure(rows, unit=UNIT).lines
    assert (without.get_marker(), taken.get_marker()) == ("o", "s")
    assert without.get_markerfacecolor() == "white"
    grey = [np.dot(to_rgb(line.get_color()), (0.299, 0.587, 0.114)) for line in (without, taken)]
    assert abs(grey[0] - grey[1]) > 0.05


def test_nothing_is_cut_off_and_the_heading_stands_below_the_legend(rows):
    ax = risk_figure(rows, unit=UNIT, names=("With clonazepam, brand or generic", "Without"), labels=LABELS)
    figure = figure_of(ax)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    width, height = figure.bbox.size
    boxes = [text.get_window_extent(renderer) for text in ax.texts]
    assert all(0 <= box.x0 < box.x1 <= width + 1 and 0 <= box.y0 < box.y1 <= height + 1 for box in boxes)
    legend = ax.get_legend().get_window_extent(renderer)
    assert not any(legend.overlaps(box) for box in boxes)


def test_given_axes_are_drawn_on(rows):
    ax = Figure().subplots()
    assert risk_figure(rows, unit=UNIT, ax=ax) is ax


def test_alternative_text_says_the_numbers_and_what_is_left_out(rows):
    minus = "\N{MINUS SIGN}"
    assert risk_alt(rows, unit=UNIT, names=("Taken", "Not taken"), labels=LABELS) == (
        f"{UNIT}, marks with lines. Hip fracture: taken 9.6, not taken 10, difference {minus}0.4 "
        f"({minus}1.2 to +0.3); Emergency visit: taken 0.95, not taken 0, difference +0.95 (+0.8 to +1.1). "
        "None under either course, or not counted for this person: Crash injuries."
    )
    assert risk_rest(rows.iloc[:2]) == ""


def test_the_table_has_every_event_and_a_dash_for_none(rows):
    table = risk_table(rows, labels=LABELS)
    assert list(table.columns) == ["Event", "Without", "With", "Difference"]
    assert table.iloc[0].tolist()[:3] == ["Hip fracture", "10 (9 to 12)", "9.6 (8.1 to 11)"]
    assert table.iloc[1]["Without"] == "0"
    assert table.iloc[2].tolist() == ["Crash injuries", *["\N{EN DASH}"] * 3]


def test_a_single_draw_has_no_interval(rows):
    for name in ("risk", "comparator", "difference"):
        rows[f"{name}_low"] = rows[f"{name}_high"] = rows[name]
    assert risk_table(rows).iloc[1].tolist() == ["Ed", "0", "0.95", "+0.95"]
    assert len(risk_figure(rows, unit=UNIT).lines) == 2


def test_no_event_at_all_is_refused(rows):
    with pytest.raises(CostModelError, match="no event happens under either course"):
        risk_figure(rows.iloc[2:], unit=UNIT)
