"""The graph of a flow: which node reads which, in which order they can be run, and the cycles that forbid it.

All functions take time linear in nodes and inputs, but for the shortest cycle, of which there is one search for each
set of nodes that depend on one another. Nothing recurses. Specification: chapter "Flows", section "Admission".
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from typing import TypeAlias

from policy_ir.flow.tree import Flow, Input, Llm, Node

__all__ = ["Edges", "cycles", "inputs_of", "reached", "readers", "reads", "topological"]

Edges: TypeAlias = Mapping[str, tuple[str, ...]]
"""From each node, in the order in which they are written, to nodes of the same graph."""


def inputs_of(node: Node) -> tuple[str, ...]:
    """The names that a node reads: none, those of its inputs, or that of the answer."""
    if isinstance(node, Llm):
        return node.inputs
    return () if isinstance(node, Input) else (node.input,)


def reads(flow: Flow) -> dict[str, tuple[str, ...]]:
    """From each node to those that it reads, once each; names that are no nodes are left out."""
    return {
        name: tuple(dict.fromkeys(other for other in inputs_of(node) if other in flow.nodes))
        for name, node in flow.nodes.items()
    }


def readers(edges: Edges) -> dict[str, tuple[str, ...]]:
    """The edges the other way round."""
    turned: dict[str, list[str]] = {name: [] for name in edges}
    for name, others in edges.items():
        for other in others:
            turned[other].append(name)
    return {name: tuple(others) for name, others in turned.items()}


def reached(edges: Edges, start: str) -> set[str]:
    """The nodes to which edges lead from a node, and itself."""
    seen = {start}
    waiting = [start]
    while waiting:
        new = [name for name in edges[waiting.pop()] if name not in seen]
        seen.update(new)
        waiting += new
    return seen


def topological(edges: Edges) -> tuple[str, ...]:
    """The nodes of a graph without cycles, each after those that it reads; of several the first by name comes first."""
    missing = {name: len(others) for name, others in edges.items()}
    turned = readers(edges)
    ready = [name for name, count in missing.items() if not count]
    heapify(ready)
    order: list[str] = []
    while ready:
        name = heappop(ready)
        order.append(name)
        for reader in turned[name]:
            missing[reader] -= 1
            if not missing[reader]:
                heappush(ready, reader)
    return tuple(order)


def cycles(edges: Edges) -> list[tuple[str, ...]]:
    """One cycle for each set of nodes that depend on one another, in the order of the nodes.

    It starts at the node of the set that is written first, and is one of the shortest through that node; each name is
    that of a node that the one before reads, and the last one reads the first.
    """
    found: list[tuple[str, ...]] = []
    for members in _dependent_on_one_another(edges):
        first = next(name for name in edges if name in members)
        if len(members) > 1 or first in edges[first]:
            found.append(_shortest(edges, first))
    place = {name: at for at, name in enumerate(edges)}
    return sorted(found, key=lambda cycle: place[cycle[0]])


def _shortest(edges: Edges, start: str) -> tuple[str, ...]:
    """A shortest way along the edges from a node, which is on a cycle, back to it; without the return."""
    before: dict[str, str] = {}
    level = [start]
    while start not in before:
        following: list[str] = []
        for name in level:
            for other in edges[name]:
                if other not in before:
                    before[other] = name
                    following.append(other)
        level = following
    way = [before[start]]
    while way[-1] != start:
        way.append(before[way[-1]])
    return tuple(reversed(way))


def _dependent_on_one_another(edges: Edges) -> list[set[str]]:
    """The strongly connected components (Tarjan), with a stack of our own."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_nodes: dict[str, None] = {}
    components: list[set[str]] = []
    for root in edges:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        open_nodes[root] = None
        path = [(root, iter(edges[root]))]
        while path:
            name, rest = path[-1]
            other = next(rest, None)
            if other is None:
                path.pop()
                if path:
                    parent = path[-1][0]
                    low[parent] = min(low[parent], low[name])
                if low[name] == index[name]:
                    members: set[str] = set()
                    while name not in members:
                        members.add(open_nodes.popitem()[0])
                    components.append(members)
            elif other not in index:
                index[other] = low[other] = len(index)
                open_nodes[other] = None
                path.append((other, iter(edges[other])))
            elif other in open_nodes:
                low[name] = min(low[name], index[other])
    return components
