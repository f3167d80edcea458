"""Places the states of a diagram and bends its arrows so that labels stay readable."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Centre and half size: x, y, half width, half height."""
Edge = tuple[str, str]

FloatArray = NDArray[np.float64]

IN_A_ROW = 4
"""States that stand beside each other; more stand in a ring."""

_BENDS = (0.0, 0.12, -0.12, 0.22, -0.22, 0.34, -0.34, 0.5, -0.5)
_PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73)
_SAMPLES = 25
_ROUNDS = 4
_CLEAR = 5.0


@dataclass(frozen=True)
class Arc:
    """An arrow that has been placed.

    Parameters
    ----------
    points : three points
        A quadratic curve from the edge of one box to the edge of the other.
    label : point
        Where its label is centred.
    """

    points: tuple[Point, Point, Point]
    label: Point

    @property
    def middle(self) -> Point:
        """The point of the curve halfway along."""
        (a, b), (c, d), (e, f) = self.points
        return (a + 2 * c + e) / 4, (b + 2 * d + f) / 4


def place_states(
    moving: Sequence[str], absorbing: Sequence[str], sizes: Mapping[str, Point], *, gap: Point
) -> dict[str, Point]:
    """Return the centre of every state: up to four in a row, the absorbing ones below, or else a ring.

    Parameters
    ----------
    moving, absorbing : sequence of str
        States that are left again, and those that are not.
    sizes : mapping of str to (width, height)
    gap : (float, float)
        Room between boxes, across and upwards: for the labels of arrows.
    """
    width = max(size[0] for size in sizes.values())
    height = max(size[1] for size in sizes.values())
    if len(moving) <= IN_A_ROW:
        return _row(moving, 0.0, width + gap[0]) | _row(absorbing, -(height + gap[1]), width + gap[0])
    across = max(0.5 * (width + gap[0]) / math.sin(math.pi / len(moving)), 1.5 * width + gap[0])
    up = max(0.62 * across, 1.5 * height + gap[1])
    ring = {}
    for index, name in enumerate(moving):
        angle = math.pi / 2 + math.pi / len(moving) - 2 * math.pi * index / len(moving)
        ring[name] = (across * math.cos(angle), up * math.sin(angle))
    middle = height + 0.5 * gap[1]
    inner = {
        name: (0.0, middle * (0.5 * (len(absorbing) - 1) - index)) for index, name in enumerate(absorbing)
    }
    return ring | inner


def _row(names: Sequence[str], level: float, step: float) -> dict[str, Point]:
    return {name: (step * (index - 0.5 * (len(names) - 1)), level) for index, name in enumerate(names)}


def route(
    edges: Sequence[Edge], at: Mapping[str, Point], sizes: Mapping[str, Point], labels: Mapping[Edge, Point]
) -> dict[Edge, Arc]:
    """Bend every arrow, and place its label, where they cover least of everything else.

    Each arrow in turn takes the bend and the place of its label that cost least while the others stay;
    a few rounds settle it.

    Parameters
    ----------
    edges : sequence of (str, str)
    at, sizes : mapping of str to point
        Centre of each box, and its width and height.
    labels : mapping of edge to (width, height)
        Size of each label.
    """
    boxes = {name: (*at[name], sizes[name][0] / 2, sizes[name][1] / 2) for name in at}
    choices = [_Choices.of(edge, at, labels[edge]) for edge in edges]
    alone = [_alone(own, boxes) for own in choices]
    together = {
        (one, other): _together(choices[one], choices[other])
        for one in range(len(edges))
        for other in range(one)
    }
    taken = [int(np.argmin(cost)) for cost in alone]
    for _ in range(_ROUNDS):
        for one in range(len(edges)):
            cost = alone[one].copy()
            for other in range(len(edges)):
                if other < one:
                    cost += together[one, other][:, taken[other]]
                elif other > one:
                    cost += together[other, one][taken[other]]
            taken[one] = int(np.argmin(cost))
    return {edge: _arc(own, pick, boxes) for edge, own, pick in zip(edges, choices, taken, strict=True)}


@dataclass(frozen=True)
class _Choices:
    """All ways of drawing an arrow: bends, and on each the places of its label.

    ``curves`` has shape (bend, sample, 2); ``labels`` (bend × place, 4) holds boxes.
    """

    edge: Edge
    controls: FloatArray
    curves: FloatArray
    labels: FloatArray

    @classmethod
    def of(cls, edge: Edge, at: Mapping[str, Point], size: Point) -> _Choices:
        start, end = np.array(at[edge[0]]), np.array(at[edge[1]])
        side = np.array([start[1] - end[1], end[0] - start[0]])
        controls = np.array([[start, (start + end) / 2 + 2 * bend * side, end] for bend in _BENDS])
        curves = np.array([_along(own, np.linspace(0, 1, _SAMPLES)) for own in controls])
        centres = np.concatenate([_along(own, np.array(_PLACES)) for own in controls])
        halves = np.broadcast_to(np.array(size) / 2, centres.shape)
        return cls(edge, controls, curves, np.concatenate([centres, halves], axis=1))


def _along(controls: FloatArray, t: FloatArray) -> FloatArray:
    first, middle, last = controls
    t = t[:, np.newaxis]
    return np.asarray((1 - t) ** 2 * first + 2 * t * (1 - t) * middle + t**2 * last)


def _by_choice(by_bend: FloatArray, axis: int = 0) -> FloatArray:
    """Repeat what holds for a bend for each place of the label on it."""
    return np.repeat(by_bend, len(_PLACES), axis=axis)


def _alone(own: _Choices, boxes: Mapping[str, Box]) -> FloatArray:
    """Say how bad each choice is by itself: covering a state weighs most, then how far it bends."""
    places = np.tile(np.abs(np.array(_PLACES) - 0.5), len(_BENDS))
    cost = 25 * _by_choice(np.abs(np.array(_BENDS))) + 10 * places
    for name, box in boxes.items():
        cost += 60 * _overlap(own.labels, np.array([box]))[:, 0]
        if name not in own.edge:
            cost += 40 * _by_choice(_inside(own.curves, np.array([box]))[:, 0])
    return np.asarray(cost)


def _together(one: _Choices, other: _Choices) -> FloatArray:
    """Say how bad each pair of choices is: labels that cover labels or curves, curves that run together."""
    cost = 60 * _overlap(one.labels, other.labels)
    cost += 12 * _by_choice(_inside(one.curves, other.labels))
    cost += 12 * _by_choice(_inside(other.curves, one.labels)).T
    return np.asarray(cost + _by_choice(_by_choice(_near(one.curves, other.curves)), axis=1))


def _overlap(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return how much boxes overlap, as a share of the smaller, with some clearance."""
    a, b = one[:, np.newaxis], other[np.newaxis]
    room = a[..., 2:] + b[..., 2:] + _CLEAR - np.abs(a[..., :2] - b[..., :2])
    smaller = np.minimum(a[..., 2:].prod(axis=-1), b[..., 2:].prod(axis=-1))
    covered = 0.2 + room.prod(axis=-1) / (4 * smaller + 1e-9)
    return np.where((room > 0).all(axis=-1), covered, 0.0)


def _inside(curves: FloatArray, boxes: FloatArray) -> FloatArray:
    """Return the number of each curve's points inside each box, with some clearance."""
    away = np.abs(curves[:, np.newaxis] - boxes[np.newaxis, :, np.newaxis, :2])
    near = away < boxes[np.newaxis, :, np.newaxis, 2:] + _CLEAR
    return np.asarray(near.all(axis=-1).sum(axis=-1), dtype=np.float64)


def _near(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the cost of curves that meet away from their ends; one plain crossing costs little."""
    a, b = one[:, np.newaxis, 4:-4, np.newaxis], other[np.newaxis, :, np.newaxis, 4:-4]
    meeting = (np.abs(a - b).sum(axis=-1).min(axis=-1) < 2 * _CLEAR).sum(axis=-1)
    return np.asarray(3.0 * (meeting > 0) + 6.0 * np.maximum(0, meeting - 2))


def _arc(choices: _Choices, pick: int, boxes: Mapping[str, Box]) -> Arc:
    """Cut a curve at the boxes of its states."""
    controls = choices.controls[pick // len(_PLACES)]
    t = np.linspace(0, 1, 401)
    points = _along(controls, t)
    outside = np.ones(len(t), dtype=bool)
    for name in choices.edge:
        x, y, half_width, half_height = boxes[name]
        inside = np.abs(points - np.array([x, y])) < np.array([half_width + 2, half_height + 2])
        outside &= ~inside.all(axis=1)
    kept = t[outside]
    low, high = float(kept[0]), float(kept[-1])
    first, last = _along(controls, np.array([low, high]))
    start, middle, end = controls
    bend = (1 - low) * (1 - high) * start + (low + high - 2 * low * high) * middle + low * high * end
    return Arc((_point(first), _point(bend), _point(last)), _point(choices.labels[pick]))


def _point(values: FloatArray) -> Point:
    return float(values[0]), float(values[1])
