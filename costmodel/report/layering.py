"""Places the nodes of a graph in layers, so that arrows run one way and cross as little as may be.

Longest-path layering, ordering by barycentres, and heights that keep neighbours level (K. Sugiyama,
S. Tagawa, M. Toda, IEEE Transactions on Systems, Man and Cybernetics 1981;11:109-125).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

_SWEEPS = 12
_SLIM = 0.55


@dataclass(frozen=True)
class Layered(Generic[Key]):
    """Where nodes stand.

    Parameters
    ----------
    layer : mapping of node to int
        From 0; every arrow leads to a higher layer.
    height : mapping of node to float
        Neighbours in a layer are at least 1 apart.
    routes : mapping of (node, node) to tuple of float
        The heights at which an arrow passes the layers between its ends.
    """

    layer: Mapping[Key, int]
    height: Mapping[Key, float]
    routes: Mapping[tuple[Key, Key], tuple[float, ...]]


def layered(
    nodes: Sequence[Key], edges: Collection[tuple[Key, Key]], *, last: Iterable[Key] = ()
) -> Layered[Key]:
    """Place the nodes of a graph without circles.

    Parameters
    ----------
    nodes : sequence
        Their order decides between equals, so that equal graphs give equal pictures.
    edges : collection of (node, node)
    last : iterable of node
        Nodes that stand in the last layer, whatever the length of their paths; nothing leads out of them.

    Examples
    --------
    >>> placed = layered(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])
    >>> placed.layer, len(placed.routes["a", "c"])
    ({'a': 0, 'b': 1, 'c': 2}, 1)
    """
    position = {node: place for place, node in enumerate(nodes)}
    ordered = sorted(edges, key=lambda edge: (position[edge[0]], position[edge[1]]))
    layer = _layers(nodes, ordered, set(last))
    height: dict[Key, float] = {}
    routes: dict[tuple[Key, Key], tuple[float, ...]] = {}
    top = 0.0
    for part in _parts(nodes, ordered):
        own = [edge for edge in ordered if edge[0] in part]
        knots, chains = _placed([node for node in nodes if node in part], own, layer)
        height |= {node: knots[node] + top for node in part}
        routes |= {edge: tuple(knots[knot] + top for knot in chain[1:-1]) for edge, chain in chains.items()}
        top += max(knots.values()) + 1.0
    return Layered(layer, height, routes)


def _parts(nodes: Sequence[Key], edges: Sequence[tuple[Key, Key]]) -> list[set[Key]]:
    """Return the nodes that hang together, the largest part first."""
    part = {node: {node} for node in nodes}
    for source, target in edges:
        if part[source] is not part[target]:
            part[source] |= part[target]
            for node in part[target]:
                part[node] = part[source]
    found = {id(own): own for own in part.values()}
    return sorted(found.values(), key=len, reverse=True)


def _placed(
    nodes: Sequence[Key], edges: Sequence[tuple[Key, Key]], layer: Mapping[Key, int]
) -> tuple[dict[Hashable, float], dict[tuple[Key, Key], list[Hashable]]]:
    """Return the heights of nodes that hang together and of their arrows' knots, and those knots."""
    rows: list[list[Hashable]] = [[] for _ in range(max(layer.values()) + 1)]
    for node in nodes:
        rows[layer[node]].append(node)
    chains = {edge: _chain(edge, layer, rows) for edge in edges}
    before, after = _neighbours(pair for chain in chains.values() for pair in pairwise(chain))
    rows = _ordered(rows, before, after)
    return _heights(rows, before, after, set(nodes)), chains


def _layers(nodes: Sequence[Key], edges: Sequence[tuple[Key, Key]], last: set[Key]) -> dict[Key, int]:
    """Return the layer of each node: its longest path, but a beginning stands just before its first use."""
    layer = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for source, target in edges:
            layer[target] = max(layer[target], layer[source] + 1)
    end = max(layer.values(), default=0)
    layer.update(dict.fromkeys(last, end))
    started = {target for _, target in edges}
    for node in nodes:
        uses = [layer[target] for source, target in edges if source == node]
        if node not in started and uses:
            layer[node] = min(uses) - 1
    return layer


def _chain(edge: tuple[Key, Key], layer: Mapping[Key, int], rows: list[list[Hashable]]) -> list[Hashable]:
    """Return an arrow's knots, one in each layer that it passes, and add them to the layers."""
    source, target = edge
    knots: list[Hashable] = [("knot", edge, place) for place in range(layer[source] + 1, layer[target])]
    for place, knot in enumerate(knots, start=layer[source] + 1):
        rows[place].append(knot)
    return [source, *knots, target]


def _neighbours(
    links: Iterable[tuple[Hashable, Hashable]],
) -> tuple[dict[Hashable, list[Hashable]], dict[Hashable, list[Hashable]]]:
    before: dict[Hashable, list[Hashable]] = {}
    after: dict[Hashable, list[Hashable]] = {}
    for source, target in links:
        after.setdefault(source, []).append(target)
        before.setdefault(target, []).append(source)
    return before, after


Neighbours = Mapping[Hashable, Sequence[Hashable]]


def _ordered(rows: list[list[Hashable]], before: Neighbours, after: Neighbours) -> list[list[Hashable]]:
    """Return the layers in the order with the fewest crossings that sweeping to and fro has found."""
    best, fewest = rows, _crossings(rows, after)
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        rows = list(rows)
        places = range(1, len(rows)) if forth else range(len(rows) - 2, -1, -1)
        for place in places:
            beside = rows[place - 1 if forth else place + 1]
            spot = {node: index for index, node in enumerate(beside)}
            rows[place] = _by_barycentre(rows[place], before if forth else after, spot)
        found = _crossings(rows, after)
        if found < fewest:
            best, fewest = rows, found
    return best


def _by_barycentre(
    row: Sequence[Hashable], neighbours: Neighbours, spot: Mapping[Hashable, int]
) -> list[Hashable]:
    def centre(item: tuple[int, Hashable]) -> float:
        own = [spot[other] for other in neighbours.get(item[1], ())]
        return sum(own) / len(own) if own else item[0] * len(spot) / max(1, len(row))

    return [node for _, node in sorted(enumerate(row), key=centre)]


def _crossings(rows: Sequence[Sequence[Hashable]], after: Neighbours) -> int:
    count = 0
    for row, beyond in pairwise(rows):
        spot = {node: index for index, node in enumerate(beyond)}
        ends = [sorted(spot[other] for other in after.get(node, ())) for node in row]
        for place, own in enumerate(ends):
            count += sum(one > other for one in own for later in ends[place + 1 :] for other in later)
    return count


def _heights(
    rows: Sequence[Sequence[Hashable]], before: Neighbours, after: Neighbours, real: set[Key]
) -> dict[Hashable, float]:
    """Return heights that keep the order, the distances, and neighbours as level as may be."""
    height = {node: float(place) for row in rows for place, node in enumerate(row)}
    for sweep in range(2 * _SWEEPS):
        forth = sweep % 2 == 0
        for row in rows if forth else rows[::-1]:
            wanted = []
            for node in row:
                near = [*before.get(node, ()), *after.get(node, ())]
                wanted.append(sum(height[other] for other in near) / len(near) if near else height[node])
            gaps = [1.0 if one in real and other in real else _SLIM for one, other in pairwise(row)]
            height.update(zip(row, spread(wanted, gaps), strict=True))
    lowest = min(height.values(), default=0.0)
    return {node: value - lowest for node, value in height.items()}


def spread(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return the values nearest to the wanted ones (least squares) that keep their order and distances.

    Parameters
    ----------
    wanted : sequence of float
    gaps : sequence of float
        Least distance between each value and the next: one fewer than values.

    Examples
    --------
    >>> spread([0.0, 0.0, 5.0], [1.0, 1.0])
    [-0.5, 0.5, 5.0]
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    blocks: list[tuple[float, int]] = []
    for value, offset in zip(wanted, offsets, strict=False):
        mean, count = value - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, size = blocks.pop()
            mean, count = (mean * count + other * size) / (count + size), count + size
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]
