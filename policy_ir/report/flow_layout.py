"""Where the nodes of a flow stand in a picture: in layers, with few crossings, each near what it is tied to.

A layer is the length of the longest way from the input. An edge that passes over layers takes a *track* through them,
which all readers of a node share, so a picture of 256 nodes has at most 256 tracks in a layer. Orders within layers are
by barycentre; places within a layer are those nearest to the neighbours' that keep the order and the distances.

Coordinates: `along` counts layers; `across` is in the caller's unit, from 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

import attrs

from policy_ir.flow.graph import reads, topological
from policy_ir.flow.tree import Flow

__all__ = ["Layout", "layout"]

SWEEPS: Final = 8
"""Passes over the layers that look for a better order, and for better places."""
LARGE: Final = 6_000
"""Stations from which on there are two passes only."""

Station: TypeAlias = tuple[str, int]
"""The box of a node, or a piece of its track: the node's name and the layer."""


@attrs.frozen(slots=True, kw_only=True)
class Layout:
    """`across` has the middle of each station; `layers` says where boxes are, `ends` where their tracks do.

    The track of a node goes from its own layer to `ends`, the last layer with one of its readers; its stations are
    those between the two.
    """

    layers: Mapping[str, int]
    ends: Mapping[str, int]
    across: Mapping[Station, float]
    breadth: float

    @property
    def length(self) -> int:
        """The number of layers."""
        return 1 + max(self.layers.values(), default=0)


def layout(flow: Flow, *, box: float, track: float) -> Layout:
    """The layout of an admitted flow, with boxes and tracks of these breadths, distances included."""
    edges = reads(flow)
    layers: dict[str, int] = {}
    for name in topological(edges):
        layers[name] = max((layers[one] + 1 for one in edges[name]), default=0)
    ends = dict(layers)
    for name, inputs in edges.items():
        for one in inputs:
            ends[one] = max(ends[one], layers[name])
    rows: list[list[Station]] = [[] for _ in range(1 + max(layers.values(), default=0))]
    for name in edges:
        for at in range(layers[name], max(ends[name], layers[name] + 1)):
            rows[at].append((name, at))
    before = {(name, layers[name]): [(one, layers[name] - 1) for one in inputs] for name, inputs in edges.items()}
    before |= {(name, at): [(name, at - 1)] for name in edges for at in range(layers[name] + 1, ends[name])}
    after: dict[Station, list[Station]] = {station: [] for station in before}
    for station, sources in before.items():
        for source in sources:
            after[source].append(station)
    sweeps = SWEEPS if len(before) < LARGE else 2
    rows = _least_crossed(rows, before, after, sweeps)
    widths = {station: box if layers[station[0]] == station[1] else track for station in before}
    across = _placed(rows, before, after, widths, sweeps)
    least = min((across[one] - widths[one] / 2 for one in across), default=0.0)
    most = max((across[one] + widths[one] / 2 for one in across), default=0.0)
    across = {station: place - least for station, place in across.items()}
    return Layout(layers=layers, ends=ends, across=across, breadth=most - least)


# --- orders --------------------------------------------------------------------------------------------------

_Links: TypeAlias = Mapping[Station, Sequence[Station]]


def _least_crossed(rows: list[list[Station]], before: _Links, after: _Links, sweeps: int) -> list[list[Station]]:
    """The best of the orders that sweeps to and fro come by; the first of those that are equally good."""
    best, least = [list(row) for row in rows], _crossings(rows, after)
    for sweep in range(sweeps):
        if not least:
            break
        forth = sweep % 2 == 0
        for at in range(1, len(rows)) if forth else range(len(rows) - 2, -1, -1):
            links, beside = (before, rows[at - 1]) if forth else (after, rows[at + 1])
            places = {station: place for place, station in enumerate(beside)}
            rows[at] = _by_barycentre(rows[at], links, places)
        count = _crossings(rows, after)
        if count < least:
            best, least = [list(row) for row in rows], count
    return best


def _by_barycentre(row: Sequence[Station], links: _Links, places: Mapping[Station, int]) -> list[Station]:
    """A row by the mean place of what its stations are tied to; one that is tied to nothing keeps its place."""
    means = {}
    for place, station in enumerate(row):
        tied = links[station]
        means[station] = sum(places[one] for one in tied) / len(tied) if tied else float(place)
    return sorted(row, key=means.__getitem__)


def _crossings(rows: Sequence[Sequence[Station]], after: _Links) -> int:
    """How often edges cross between neighbouring layers."""
    count = 0
    for row, following in pairwise(rows):
        places = {station: place for place, station in enumerate(following)}
        count += _inversions(
            [place for one in row for place in sorted(places[to] for to in after[one])], len(following)
        )
    return count


def _inversions(places: Sequence[int], size: int) -> int:
    """The pairs in which the greater place comes first, by a tree of counts."""
    tree = [0] * (size + 1)
    count = 0
    for seen, place in enumerate(places):
        at = place + 1
        smaller = 0
        while at > 0:
            smaller += tree[at]
            at &= at - 1
        count += seen - smaller
        at = place + 1
        while at <= size:
            tree[at] += 1
            at += at & -at
    return count


# --- places --------------------------------------------------------------------------------------------------


def _placed(
    rows: Sequence[Sequence[Station]], before: _Links, after: _Links, widths: Mapping[Station, float], sweeps: int
) -> dict[Station, float]:
    """The middle of each station: as near to its neighbours as its row allows, tracks nearer than boxes."""
    across: dict[Station, float] = {}
    for row in rows:
        at = -sum(widths[station] for station in row) / 2
        for station in row:
            across[station] = at + widths[station] / 2
            at += widths[station]

    def settle(row: Sequence[Station], links: Sequence[_Links]) -> None:
        wanted = [_wish(station, across, links, before) for station in row]
        across.update(zip(row, _apart(wanted, [widths[station] for station in row]), strict=True))

    for sweep in range(sweeps):
        forth = sweep % 2 == 0
        for row in rows if forth else reversed(rows):
            settle(row, [before] if forth else [after])
    for row in rows:
        settle(row, [before, after])
    for row in (rows[0], rows[-1]):
        settle(row, [before, after])
    return across


def _wish(
    station: Station, across: Mapping[Station, float], links: Sequence[_Links], before: _Links
) -> tuple[float, float]:
    """Where a station would be best, and how much that matters."""
    tied = [one for some in links for one in some[station]]
    if not tied:
        return across[station], 1.0
    # A track that stays straight is easier to follow than a box is to find.
    straight = len(before[station]) == 1 and before[station][0][0] == station[0]
    return sum(across[one] for one in tied) / len(tied), 8.0 if straight else 1.0


def _apart(wanted: Sequence[tuple[float, float]], widths: Sequence[float]) -> Iterable[float]:
    """Places in this order, as far apart as the widths say, with the least sum of weighted squares from the wanted.

    Without the widths that is a rising sequence, which is found by pooling neighbours that are out of order.
    """
    offsets = []
    offset = 0.0
    for at, width in enumerate(widths):
        offset += (widths[at - 1] + width) / 2 if at else 0.0
        offsets.append(offset)
    pools: list[tuple[float, float, int]] = []
    for (place, weight), moved in zip(wanted, offsets, strict=True):
        pool = (place - moved, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, heavy, size = pools.pop()
            whole = heavy + pool[1]
            pool = ((mean * heavy + pool[0] * pool[1]) / whole, whole, size + pool[2])
        pools.append(pool)
    levels = [mean for mean, _, size in pools for _ in range(size)]
    return [level + moved for level, moved in zip(levels, offsets, strict=True)]
