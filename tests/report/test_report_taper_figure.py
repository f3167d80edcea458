"""The staircase of a taper: right steps, signs where a dose cannot be made, told apart in grey."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from costmodel.errors import CostModelError
from costmodel.prices import label_taper, prices, protocol_taper, taper
from costmodel.report import figure_of, taper_alt, taper_staircase
from costmodel.report.taper_figure import _heights

FORMS = ("tablet", "orally disintegrating tablet")


@pytest.fixture(scope="module")
def sides():
    table = prices("us/nadac")
    return {"Brand": table.select(class_="brand"), "Generic": table.select(class_="generic")}


@pytest.fixture(scope="module")
def label(sides):
    return {
        "Brand": taper(label_taper(2), sides["Brand"]),
        "Generic": taper(label_taper(2), sides["Generic"], forms=FORMS),
    }


def dose_on(line, day):
    x, y = line.get_xdata(), line.get_ydata()
    return y[np.flatnonzero(x <= day)[-1]]


def test_the_staircase_is_the_dose_taken_day_by_day(label):
    ax = taper_staircase(label)
    for line, item in zip(ax.lines, label.values(), strict=True):
        for row in item.frame().to_dict("records"):
            assert dose_on(line, row["start_day"] + 0.5) == row["used_mg"]
        assert (line.get_xdata()[-1], line.get_ydata()[-1]) == (24, 0)
    values, edges, _ = ax.patches[0].get_data()
    assert values.tolist() == label["Brand"].frame()["dose_mg"].tolist()
    assert edges.tolist() == list(range(0, 25, 3))


def test_a_sign_stands_on_each_step_that_cannot_be_made(label):
    ax = taper_staircase(label)
    (signs,) = ax.collections
    assert signs.get_offsets()[:, 1].tolist() == [2, 2, 1, 1, 1, 1]
    assert (signs.get_offsets()[:, 0] // 3).tolist() == [1, 2, 3, 5, 6, 7]
    assert signs.get_label() == "Brand: 6 of 8 doses cannot be made"


def test_costs_end_at_the_totals(label):
    below = figure_of(taper_staircase(label)).axes[1]
    assert [line.get_ydata()[-1] for line in below.lines] == pytest.approx([135.53646, 24.32976])
    assert [line.get_ydata()[0] for line in below.lines] == [0, 0]
    assert [text.get_text() for text in below.texts] == ["Brand\n135.54", "Generic\n24.33"]
    assert below.get_ylabel() == "Cost so far, USD"


def test_lines_and_signs_differ_without_colour(sides):
    found = {name: taper(protocol_taper(2.7), side, forms=("tablet",)) for name, side in sides.items()}
    ax = taper_staircase(found)
    assert len({str(line.get_linestyle()) + str(line._unscaled_dash_pattern) for line in ax.lines}) == 2
    shapes = [signs.get_paths()[0].vertices.tolist() for signs in ax.collections]
    assert shapes[0] != shapes[1]
    grey = [np.dot(to_rgb(line.get_color()), (0.299, 0.587, 0.114)) for line in ax.lines]
    assert abs(grey[0] - grey[1]) > 0.05
    places = [signs.get_offsets()[:, 0] for signs in ax.collections]
    assert not set(places[0].tolist()) & set(places[1].tolist())


def test_own_axes_get_the_totals_in_the_legend(label):
    ax = Figure().subplots()
    assert taper_staircase({"Brand": label["Brand"]}, ax=ax) is ax
    assert ax.get_xlabel().endswith("An economic calculation, not prescribing advice.")
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == [
        "Schedule: US label",
        "Brand, 135.54 USD",
        "Brand: 6 of 8 doses cannot be made",
    ]


def test_the_legend_covers_no_step_and_nothing_is_cut_off(label):
    ax = taper_staircase(label)
    figure = figure_of(ax)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    assert ax.get_legend().get_window_extent(renderer).y0 >= ax.bbox.y1 - 1
    width, height = figure.bbox.size
    for panel in figure.axes:
        for text in [*panel.texts, *(panel.get_legend().get_texts() if panel.get_legend() else [])]:
            box = text.get_window_extent(renderer)
            assert 0 <= box.x0 < box.x1 <= width + 1
            assert 0 <= box.y0 < box.y1 <= height + 1
    assert figure.get_supxlabel() == "An economic calculation, not prescribing advice."


def test_labels_of_costs_never_touch(label):
    pair = {"A": label["Brand"], "B": label["Brand"], "C": label["Generic"]}
    heights = sorted(_heights(pair, 135.53646))
    assert min(np.diff(heights)) >= 0.25 * 135.5


def test_alternative_text(label):
    assert taper_alt(label) == (
        "Staircase of the daily dose by the schedule US label, from 2 to 0.25 mg in 8 steps over 24 days, "
        "and cumulative cost. Brand: 6 doses cannot be made (1.75, 1.5, 1.25, 0.75, 0.5, 0.25 mg); cost "
        "135.54 USD. Generic: every dose can be made; cost 24.33 USD. "
        "An economic calculation, not prescribing advice."
    )


def test_what_one_staircase_cannot_show(sides, label):
    with pytest.raises(CostModelError, match="a staircase shows 1 to 3 tapers; found 0"):
        taper_staircase({})
    other = taper(protocol_taper(2), sides["Brand"])
    with pytest.raises(CostModelError, match="of one schedule; found US label, Clonazepam protocol"):
        taper_staircase({"A": label["Brand"], "B": other})
    euro = taper(label_taper(2), sides["Brand"].per_unit().assign(currency="EUR"))
    with pytest.raises(CostModelError, match="one currency"):
        taper_alt({"A": label["Brand"], "B": euro})
