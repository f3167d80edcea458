"""The state-transition diagram: which states there are, and how people move between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from costmodel.model import Model
from costmodel.model.definition import Transition
from costmodel.report.diagram import INK, Canvas, size_of, width_of, wrapped
from costmodel.report.formula_label import formula_label
from costmodel.report.state_layout import Arc, Point, place_states, route
from costmodel.report.states import absorbing, starting, state_labels, states_of
from costmodel.report.style import PALETTE, use_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STATE_SIZE = 9.0
_LABEL_SIZE = 7.0
_NOTE_SIZE = 7.0
_LONGEST = 14
_LEAST = (66.0, 30.0)
_GAP = (28.0, 44.0)
_MARGIN = 8.0
_NOTE = 13.0
_MOVE, _CURVE = 1, 3
_TINT = "#e3eef6"
_GREY = "#e6e6e6"

Edge = tuple[str, str]


def state_diagram(model: Model, *, ax: Axes | None = None) -> Axes:
    """Draw the states of a model and the transitions between them.

    Arrows carry the formula of their probability, or the names in it where it is long. Staying in a state
    is not drawn. A bold frame marks where people start, a double frame a state that is never left.

    Parameters
    ----------
    model : Model
        With states.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    CostModelError
        The model has no states.
    """
    names = states_of(model).names
    texts = {name: _state_text(model, name) for name in names}
    sizes = {name: _box_size(text) for name, text in texts.items()}
    words = {(item.source, item.target): formula_label(item) for item in _moves(model)}
    with use_style():
        labels = {edge: size_of(lines, _LABEL_SIZE) for edge, lines in words.items()}
        widest = max((size[0] for size in labels.values()), default=0.0)
        tallest = max((size[1] for size in labels.values()), default=0.0)
        last = absorbing(model)
        gap = (widest + _GAP[0], tallest + _GAP[1])
        at = place_states([name for name in names if name not in last], last, sizes, gap=gap)
        arcs = route(list(words), at, sizes, labels)
        boxes = [(at[name], sizes[name]) for name in names] + [
            (arcs[edge].label, labels[edge]) for edge in arcs
        ]
        boxes += [(arc.middle, (2.0, 2.0)) for arc in arcs.values()]
        note = _note(model)
        canvas, shift = _canvas(boxes, note, ax)
        _arrows(canvas, arcs, words, shift)
        for name in names:
            centre = _moved(at[name], shift)
            _state(canvas, centre, sizes[name], start=name in starting(model), last=name in last)
            canvas.text(texts[name], centre, size=_STATE_SIZE, zorder=4)
        canvas.text([note], (_MARGIN, _NOTE / 2), size=_NOTE_SIZE, ha="left", color="#555555")
        return canvas.ax


def state_alt(model: Model) -> str:
    """Return the alternative text of :func:`state_diagram`: the states and every transition in full."""
    labels = state_labels(model)
    moves = [
        f"{labels[item.source]} to {labels[item.target]} ({item.value.text if item.value else 'the rest'})"
        for item in _moves(model)
    ]
    starts = " and ".join(labels[name] for name in starting(model))
    last = [labels[name] for name in absorbing(model)]
    never = f" Never left: {', '.join(last)}." if last else ""
    return (
        f"State-transition diagram of {len(labels)} states: {', '.join(labels.values())}. "
        f"People start in {starts}.{never} Transitions: {'; '.join(moves)}."
    )


def _moves(model: Model) -> list[Transition]:
    return [item for item in model.transitions if item.source != item.target]


def _state_text(model: Model, name: str) -> list[str]:
    stages = states_of(model).stages(name)
    lines = wrapped(state_labels(model)[name], _LONGEST)
    return [*lines, f"({stages} cycles)"] if stages > 1 else lines


def _box_size(lines: list[str]) -> Point:
    width, height = size_of(lines, _STATE_SIZE)
    return max(width + 16.0, _LEAST[0]), max(height + 10.0, _LEAST[1])


def _canvas(boxes: list[tuple[Point, Point]], note: str, ax: Axes | None) -> tuple[Canvas, Point]:
    """Return a canvas that holds all boxes above a note, and how far the boxes move to stand on it."""
    left = min(x - width / 2 for (x, _), (width, _) in boxes) - _MARGIN
    right = max(x + width / 2 for (x, _), (width, _) in boxes) + _MARGIN
    low = min(y - height / 2 for (_, y), (_, height) in boxes) - _MARGIN - _NOTE
    high = max(y + height / 2 for (_, y), (_, height) in boxes) + _MARGIN
    width = max(right - left, width_of(note, _NOTE_SIZE) + 2 * _MARGIN)
    return Canvas.of(ax, width=width, height=high - low), ((width - left - right) / 2, -low)


def _moved(point: Point, shift: Point) -> Point:
    return point[0] + shift[0], point[1] + shift[1]


def _arrows(canvas: Canvas, arcs: Mapping[Edge, Arc], words: Mapping[Edge, list[str]], shift: Point) -> None:
    """Draw all arrows, then all labels over them."""
    for arc in arcs.values():
        canvas.arrow([_moved(point, shift) for point in arc.points], [_MOVE, _CURVE, _CURVE], zorder=1)
    for edge, arc in arcs.items():
        back = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        canvas.text(words[edge], _moved(arc.label, shift), size=_LABEL_SIZE, bbox=back, zorder=2)


def _state(canvas: Canvas, at: Point, size: Point, *, start: bool, last: bool) -> None:
    face, edge = (_GREY, INK) if last else (_TINT, PALETTE[0])
    canvas.box(
        at, size, facecolor=face, edgecolor=edge, linewidth=2.2 if start else 1.0, rounding=7, zorder=3
    )
    if last:
        inner = (size[0] - 5.0, size[1] - 5.0)
        canvas.box(at, inner, facecolor=face, edgecolor=edge, linewidth=0.8, rounding=5, zorder=3)


def _note(model: Model) -> str:
    parts = ["Bold frame: start"]
    if absorbing(model):
        parts.append("double frame: never left")
    if states_of(model).tunnels:
        parts.append("(cycles): time in the state is remembered")
    return "; ".join([*parts, "who does not move stays"]) + "."
