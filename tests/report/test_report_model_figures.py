"""The figures of a model: the right shares and arrows, nothing covered, legible and told apart in grey."""

from dataclasses import replace
from itertools import combinations, pairwise
from string import ascii_lowercase

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from costmodel.errors import CostModelError
from costmodel.formulas import parse
from costmodel.model import Payoff, Strategy, Time, occupancy
from costmodel.model.definition import States, Transition
from costmodel.model.examples import two_prices, two_prices_draws, well_or_dead, well_or_dead_draws
from costmodel.report import (
    figure_of,
    influence_alt,
    influence_diagram,
    influence_target,
    state_alt,
    state_diagram,
    trace_alt,
    trace_figure,
)
from costmodel.report.diagram import size_of, wrapped
from costmodel.report.layering import layered, spread
from costmodel.report.occupancy_figure import _looks
from costmodel.report.state_layout import place_states, route

LEGIBLE = 5.0


def model(names, moves, **changes):
    given = {
        "states": States(tuple(names), {names[0]: parse("1")}),
        "transitions": tuple(
            Transition(one, other, None if text is None else parse(text)) for one, other, text in moves
        ),
        "payoffs": (replace(well_or_dead().payoffs[0], states=(names[0],)),),
    }
    return replace(well_or_dead(), **(given | changes))


def six():
    return model(
        ["on_treatment", "taper", "off", "relapse", "fracture", "dead"],
        [
            ("on_treatment", "taper", "0.1"),
            ("on_treatment", "fracture", "rate_to_prob(0.05 * p_death, cycle_years)"),
            ("on_treatment", "dead", "p_death"),
            ("taper", "off", "0.5"),
            ("taper", "on_treatment", "0.3"),
            ("taper", "dead", "p_death"),
            ("off", "relapse", "0.12"),
            ("off", "dead", "p_death"),
            ("relapse", "on_treatment", None),
            ("relapse", "dead", "p_death"),
            ("fracture", "on_treatment", "1 - p_death - 0.1"),
            ("fracture", "dead", "p_death"),
        ],
    )


def ring(count):
    names = [*ascii_lowercase[: count - 1], "dead"]
    moves = [(one, other, f"0.1 * p_{one}{other}") for one, other in pairwise(names[:-1])]
    moves += [(name, "dead", f"p_{name}_dead") for name in names[:-1]]
    return model(names, [*moves, (names[-2], names[0], "p_back")] if count > 3 else moves)


def drawn(ax):
    """Return a figure that has been laid out, with its renderer."""
    figure = figure_of(ax)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return figure, canvas.get_renderer()


# States


@pytest.mark.parametrize(
    "studied", [six(), *(ring(count) for count in range(3, 10))], ids=lambda m: len(m.states.names)
)
def test_no_label_covers_another_or_a_state(studied):
    ax = state_diagram(studied)
    _, renderer = drawn(ax)
    words = [text for text in ax.texts if not text.get_text().startswith("Bold frame")]
    assert len(words) == len(studied.states.names) + len(studied.transitions)
    boxes = [text.get_window_extent(renderer) for text in words]
    frames = [patch.get_window_extent(renderer) for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    labels = [box for text, box in zip(words, boxes, strict=True) if text.get_zorder() == 2]
    assert len(labels) == len(studied.transitions)
    assert not any(one.overlaps(other) for one, other in combinations(labels, 2))
    assert not any(label.overlaps(frame) for label in labels for frame in frames)
    assert min(text.get_fontsize() for text in words) >= LEGIBLE


def test_arrows_run_from_state_to_state_and_absorbing_states_have_a_double_frame():
    ax = state_diagram(well_or_dead())
    frames = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    (arrow,) = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    assert len(frames) == 1 + 2
    heights = sorted({round(frame.get_y() + frame.get_height() / 2, 6) for frame in frames})
    start, *_, end = (
        arrow.get_path().vertices if arrow._path_original is None else arrow._path_original.vertices
    )
    assert start[1] > (heights[0] + heights[1]) / 2 > end[1]
    assert [text.get_text() for text in ax.texts][:3] == ["p_death", "Well", "Dead"]


def test_staying_is_not_drawn_and_start_is_bold():
    staying = replace(
        well_or_dead(),
        transitions=(*well_or_dead().transitions, Transition("well", "well", None)),
    )
    ax = state_diagram(staying)
    assert sum(isinstance(patch, FancyArrowPatch) for patch in ax.patches) == 1
    widths = [patch.get_linewidth() for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    assert widths[0] > 2 * max(widths[1:])


@given(bend=st.floats(-0.4, 0.4), far=st.floats(150, 400), up=st.floats(-300, 300))
@settings(max_examples=40, deadline=None)
def test_arrows_end_at_the_edges_of_their_states(bend, far, up):
    at = {"a": (0.0, 0.0), "b": (far, up), "c": (far / 2, up / 2 + 400 * bend)}
    sizes = dict.fromkeys(at, (60.0, 30.0))
    (arc,) = route([("a", "b")], at, sizes, {("a", "b"): (30.0, 9.0)}).values()
    for name, point in (("a", arc.points[0]), ("b", arc.points[2])):
        away = np.abs(np.array(point) - np.array(at[name])) - np.array([30.0, 15.0])
        assert 0 <= max(away) <= 8


def test_places_of_states_do_not_overlap():
    for count in range(1, 10):
        moving = [f"s{number}" for number in range(count)]
        sizes = dict.fromkeys([*moving, "x", "y"], (80.0, 30.0))
        at = place_states(moving, ["x", "y"], sizes, gap=(40.0, 40.0))
        for one, other in combinations(at.values(), 2):
            assert abs(one[0] - other[0]) >= 80 or abs(one[1] - other[1]) >= 30


def test_the_words_say_every_transition_in_full():
    words = state_alt(six())
    assert "6 states: On treatment, Taper, Off, Relapse, Fracture, Dead." in words
    assert "People start in On treatment. Never left: Dead." in words
    assert "On treatment to Fracture (rate_to_prob(0.05 * p_death, cycle_years))" in words
    assert "Relapse to On treatment (the rest)" in words


# Trace


def test_the_areas_are_the_shares():
    care = replace(well_or_dead(), time=Time(horizon_years=3))
    ax = trace_figure(care, well_or_dead_draws())
    tops = {
        area.get_label(): {round(float(x), 6): float(y) for x, y in area.get_paths()[0].vertices}
        for area in ax.collections
    }
    assert list(tops) == ["Well", "Dead"]
    vertices = ax.collections[0].get_paths()[0].vertices
    assert sorted({round(float(y), 6) for _, y in vertices} - {0.0}) == [0.729, 0.81, 0.9, 1.0]
    assert ax.get_ylim() == (0, 1)


def several():
    strategies = (Strategy("care", "Care"), Strategy("no_care", "no_care", {"p_death": parse("0.5")}))
    return replace(well_or_dead(), strategies=strategies)


def test_each_strategy_has_a_panel_or_the_axes_that_it_is_given():
    panels = figure_of(trace_figure(several(), well_or_dead_draws())).axes
    assert [panel.get_title(loc="left") for panel in panels] == ["Care", "No care"]
    own = Figure().subplots()
    assert trace_figure(several(), well_or_dead_draws(), strategy="no_care", ax=own) is own
    assert {round(float(y), 3) for _, y in own.collections[0].get_paths()[0].vertices} >= {0.125, 0.25, 0.5}
    with pytest.raises(CostModelError, match="name it, strategy="):
        trace_figure(several(), well_or_dead_draws(), ax=own)
    with pytest.raises(CostModelError, match=r"strategy: 'car' is unknown; did you mean 'care'\?"):
        trace_figure(several(), well_or_dead_draws(), strategy="car")
    with pytest.raises(CostModelError, match="a model needs draws"):
        trace_figure(several())


def test_states_are_told_apart_without_colour():
    assert_told_apart(9)


def test_no_two_of_sixteen_states_look_the_same():
    assert_told_apart(16)


def assert_told_apart(number):
    looks = _looks(ring(number))
    seen = [
        (round(float(np.dot(to_rgb(look["facecolor"]), (0.3, 0.59, 0.11))), 1), look["hatch"])
        for look in looks.values()
    ]
    assert len(seen) == number
    assert all(one[0] != other[0] or one[1] != other[1] for one, other in pairwise(seen))
    pairs = [(tuple(to_rgb(look["facecolor"])), look["hatch"]) for look in looks.values()]
    assert len(set(pairs)) == number


def test_the_words_of_the_trace_are_its_shares():
    words = trace_alt(several(), well_or_dead_draws())
    assert "Care: after 0 years Well 100%, Dead 0%; after 2 years Well 81%, Dead 19%;" in words
    assert "No care: " in words
    assert "after 3 years Well 12%, Dead 88%" in words
    found = occupancy(several(), well_or_dead_draws())
    assert found["share"].max() == 1


# Influence


def wide(count):
    """Return a model whose one cost rests on many parameters, of which each feeds its own formula."""
    names = [f"n_{number}" for number in range(count)]
    return replace(
        two_prices(),
        parameters=dict.fromkeys([*names, "price_brand", "price_generic"]),
        formulas={f"f_{number}": parse(f"n_{number} + 1") for number in range(count)},
        payoffs=(
            Payoff("drug", "cost", parse("price")),
            Payoff("visits", "cost", parse(" + ".join(f"f_{number}" for number in range(count)))),
        ),
    )


@pytest.mark.parametrize("studied", [two_prices(), six(), wide(17)], ids=["small", "states", "wide"])
def test_boxes_stand_apart_hold_their_text_and_arrows_run_right(studied):
    ax = influence_diagram(studied)
    _, renderer = drawn(ax)
    boxes = [patch.get_window_extent(renderer) for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    texts = [text.get_window_extent(renderer) for text in ax.texts]
    assert len(texts) == len(boxes)
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    for text, box in zip(texts, boxes, strict=True):
        assert box.x0 <= text.x0 <= text.x1 <= box.x1
        assert box.y0 <= text.y0 <= text.y1 <= box.y1
    assert min(text.get_fontsize() for text in ax.texts) >= LEGIBLE


def test_a_large_study_needs_a_target_and_is_told_which():
    with pytest.raises(CostModelError, match=r"has 63 nodes, and a page shows 40; .* drug \(4\)"):
        influence_diagram(wide(29))
    ax = influence_diagram(wide(29), target="drug")
    assert [text.get_text() for text in ax.texts[:4]] == ["price_brand", "price_generic", "price", "drug"]
    assert influence_target(wide(29)) == "drug"
    assert influence_target(wide(10)) is None


def test_the_words_say_what_each_result_rests_on():
    assert influence_alt(two_prices()) == (
        "Influence diagram from 2 parameters through 1 formula to drug. drug rests on price."
    )
    assert influence_alt(two_prices(), target="price").endswith("price rests on price_brand, price_generic.")


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=7), st.data())
@settings(deadline=None)
def test_heights_keep_order_and_distance_and_are_the_nearest_that_do(wanted, data):
    gaps = data.draw(st.lists(st.floats(0.5, 2), min_size=len(wanted) - 1, max_size=len(wanted) - 1))
    found = np.array(spread(wanted, gaps))
    assert (np.diff(found) >= np.array(gaps) - 1e-9).all()
    steps = data.draw(st.lists(st.floats(0, 3), min_size=len(wanted), max_size=len(wanted)))
    other = steps[0] * 10 + np.concatenate([[wanted[0]], wanted[0] + np.cumsum(np.array(gaps) + steps[1:])])
    assert ((found - wanted) ** 2).sum() <= ((other - wanted) ** 2).sum() + 1e-6


def test_arrows_that_need_not_cross_do_not():
    nodes = ["a", "b", "c", "x", "y", "z"]
    placed = layered(nodes, [("a", "z"), ("b", "y"), ("c", "x")])
    for one, other in combinations([("a", "z"), ("b", "y"), ("c", "x")], 2):
        assert (placed.height[one[0]] - placed.height[other[0]]) * (
            placed.height[one[1]] - placed.height[other[1]]
        ) > 0


@given(st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=16))
@settings(max_examples=40, deadline=None)
def test_every_arrow_leads_on_and_neighbours_keep_their_distance(pairs):
    edges = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    placed = layered(list(range(9)), set(edges))
    assert all(placed.layer[one] < placed.layer[other] for one, other in edges)
    for one, other in combinations(range(9), 2):
        if placed.layer[one] == placed.layer[other]:
            assert abs(placed.height[one] - placed.height[other]) >= 1 - 1e-9
    for (one, other), route_ in placed.routes.items():
        assert len(route_) == placed.layer[other] - placed.layer[one] - 1


# Text, axes


def test_labels_are_wrapped_evenly_and_only_too_long_ones_are_cut():
    assert wrapped("Dead", 14) == ["Dead"]
    assert wrapped("units_generic_part_d", 13) == ["units_", "generic_", "part_d"]
    assert wrapped("a b c d e f g h", 1)[-1] == "c…"
    assert size_of(["wide", "er"], 8)[0] == size_of(["wide"], 8)[0]


@pytest.mark.parametrize("draw", [state_diagram, influence_diagram])
def test_a_diagram_fits_the_axes_it_is_given(draw):
    figure = Figure(figsize=(4, 6))
    ax = figure.add_subplot(2, 1, 2)
    assert draw(six(), ax=ax) is ax
    _, renderer = drawn(ax)
    room = ax.get_position().transformed(figure.transFigure)
    for text in ax.texts:
        box = text.get_window_extent(renderer)
        assert room.x0 - 3 <= box.x0 <= box.x1 <= room.x1 + 3


def test_a_model_without_states_has_nothing_to_draw():
    with pytest.raises(CostModelError, match="study 'two-prices' has no states to draw"):
        state_diagram(two_prices())
    with pytest.raises(CostModelError, match="study 'two-prices' has no states"):
        trace_figure(two_prices(), two_prices_draws())
