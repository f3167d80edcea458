"""The influence diagram: which parameters and formulas each result rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costmodel.errors import CostModelError
from costmodel.model import Model
from costmodel.model.influence import Factor, Influence, influence
from costmodel.report.diagram import INK, Canvas, size_of, wrapped
from costmodel.report.findings import count
from costmodel.report.layering import Layered, layered
from costmodel.report.style import FIGURE_WIDTH, PALETTE, use_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 40
"""Nodes that a page still shows legibly."""

_SIZE = 7.5
_PAD = (8.0, 5.0)
_GAP = 28.0
_EDGE = 2.0
_STEP = 5.0
_LONGEST = 13
_KEY = 26.0
_MOVE, _STRAIGHT, _CURVE = 1, 2, 4

_LOOKS: dict[str, dict[str, Any]] = {
    "parameter": {"facecolor": "white", "edgecolor": "#777777", "rounding": 0},
    "formula": {"facecolor": "#e3eef6", "edgecolor": PALETTE[0], "rounding": 6},
    "transition": {"facecolor": "#f1f1f1", "edgecolor": "#777777", "rounding": 6, "linestyle": "--"},
    "tree": {"facecolor": "#f1f1f1", "edgecolor": INK, "rounding": 6},
    "states": {"facecolor": "#f1f1f1", "edgecolor": INK, "rounding": 6},
    "measure": {"facecolor": PALETTE[0], "edgecolor": PALETTE[0], "rounding": 6},
}
_WORDS = {
    "parameter": "parameter",
    "formula": "formula",
    "transition": "transition",
    "measure": "result",
}


def influence_diagram(model: Model, *, target: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw what each result rests on, from parameters on the left to results on the right.

    A diagram of more than 40 nodes leaves the transitions out: what they rest on leads to time in states.

    Parameters
    ----------
    model : Model
    target : str, optional
        A measure, formula or parameter: only what it rests on is drawn.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    CostModelError
        There are still more than 40 nodes (the message says which targets have fewer), or the target is
        unknown.
    """
    graph = _graph(model, target)
    last = [node for node in graph.nodes if node.kind == "measure"]
    placed = layered(graph.nodes, graph.edges, last=last)
    with use_style():
        return _drawn(graph, placed, ax)


def influence_alt(model: Model, *, target: str | None = None) -> str:
    """Return the alternative text of :func:`influence_diagram`: what each result rests on directly."""
    graph = _graph(model, target)
    inputs, formulas = (
        count(sum(node.kind == kind for node in graph.nodes), kind) for kind in ("parameter", "formula")
    )
    ends = [node for node in graph.nodes if not any(source == node for source, _ in graph.edges)]
    parts = []
    for end in ends:
        direct = [node.name for node in graph.nodes if (node, end) in graph.edges]
        parts.append(f"{end.name} rests on {', '.join(direct)}" if direct else f"{end.name} rests on nothing")
    return (
        f"Influence diagram from {inputs} through {formulas} to "
        f"{', '.join(end.name for end in ends)}. {'; '.join(parts)}."
    )


def influence_target(model: Model) -> str | None:
    """Return what to draw of a model on one page: all of it (None), or else the measure that shows most.

    Where no measure fits, it is the formula that rests on most and still fits.
    """
    whole = influence(model)
    if len(_simplified(whole).nodes) <= MOST:
        return None
    sizes = {node: len(_simplified(whole.towards(node.name)).nodes) for node in whole.nodes}
    fitting = [node for node in whole.nodes if sizes[node] <= MOST]
    best = max(fitting, key=lambda node: (node.kind == "measure", node.kind == "formula", sizes[node]))
    return best.name


def _simplified(graph: Influence) -> Influence:
    return graph if len(graph.nodes) <= MOST else graph.folded()


def _graph(model: Model, target: str | None) -> Influence:
    whole = influence(model)
    graph = _simplified(whole if target is None else whole.towards(target))
    if len(graph.nodes) > MOST:
        sizes = {node.name: len(_simplified(whole.towards(node.name)).nodes) for node in whole.nodes}
        fitting = sorted(
            (name for name, size in sizes.items() if size <= MOST), key=lambda name: -sizes[name]
        )
        shown = ", ".join(f"{name} ({sizes[name]})" for name in fitting[:6])
        raise CostModelError(
            f"the diagram has {len(graph.nodes)} nodes, and a page shows {MOST}; "
            f"name a target with fewer: {shown}"
        )
    return graph


def _drawn(graph: Influence, placed: Layered[Factor], ax: Axes | None) -> Axes:
    texts = {node: wrapped(node.name, _LONGEST) for node in graph.nodes}
    sizes = {node: _box_size(lines) for node, lines in texts.items()}
    step = max(size[1] for size in sizes.values()) + _STEP
    columns = _columns(placed, sizes)
    width, height = columns[-1][1], step * (max(placed.height.values()) + 1) + _KEY
    canvas = Canvas.of(ax, width=width, height=height)

    def level(place: float) -> float:
        return height - step * (place + 0.5)

    at = {node: (sum(columns[placed.layer[node]]) / 2, level(placed.height[node])) for node in graph.nodes}
    for source, target in sorted(graph.edges):
        start = (at[source][0] + sizes[source][0] / 2, at[source][1])
        end = (at[target][0] - sizes[target][0] / 2, at[target][1])
        between = columns[placed.layer[source] + 1 : placed.layer[target]]
        passes = [
            (left, right, level(place))
            for (left, right), place in zip(between, placed.routes[source, target], strict=True)
        ]
        canvas.arrow(*_route(start, end, passes), alpha=0.75)
    for node in graph.nodes:
        _box(canvas, node.kind, texts[node], at[node], sizes[node])
    _key(canvas, graph)
    return canvas.ax


def _box_size(lines: list[str]) -> tuple[float, float]:
    width, height = size_of(lines, _SIZE)
    return width + _PAD[0], height + _PAD[1]


def _columns(
    placed: Layered[Factor], sizes: Mapping[Factor, tuple[float, float]]
) -> list[tuple[float, float]]:
    """Return where each layer begins and ends, as wide as the page or wider where boxes need it."""
    layers = range(max(placed.layer.values()) + 1)
    widths = [max(sizes[node][0] for node, own in placed.layer.items() if own == layer) for layer in layers]
    room = FIGURE_WIDTH * 72 - sum(widths) - 2 * _EDGE
    gap = max(_GAP, room / (len(layers) - 1)) if len(layers) > 1 else 0.0
    columns, left = [], _EDGE
    for width in widths:
        columns.append((left, left + width))
        left += width + gap
    return columns


def _route(
    start: tuple[float, float], end: tuple[float, float], passes: Sequence[tuple[float, float, float]]
) -> tuple[list[tuple[float, float]], list[int]]:
    """Return points and codes of a smooth path that passes the layers between level."""
    points, codes = [start], [_MOVE]
    for left, right, height in passes:
        points += [*_bend(points[-1], (left, height)), (right, height)]
        codes += [_CURVE] * 3 + [_STRAIGHT]
    points += _bend(points[-1], end)
    codes += [_CURVE] * 3
    return points, codes


def _bend(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    """Return the points of a curve that leaves and arrives level."""
    middle = (start[0] + end[0]) / 2
    return [(middle, start[1]), (middle, end[1]), end]


def _box(
    canvas: Canvas, kind: str, lines: list[str], at: tuple[float, float], size: tuple[float, float]
) -> None:
    canvas.box(at, size, **_LOOKS[kind])
    canvas.text(lines, at, size=_SIZE, color="white" if kind == "measure" else INK)


def _key(canvas: Canvas, graph: Influence) -> None:
    """Draw one box of each kind below the diagram."""
    left = _EDGE
    for kind, word in _WORDS.items():
        if any(node.kind == kind for node in graph.nodes):
            size = _box_size([word])
            _box(canvas, kind, [word], (left + size[0] / 2, size[1] / 2 + 1), size)
            left += size[0] + 10
