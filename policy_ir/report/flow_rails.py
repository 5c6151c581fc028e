"""The graph of a flow for a terminal: a line for each node, with the ways of what is still to be read on rails.

    ○        question
    ├─●      draft
    ●─╯      verify
    ○        answer

A node stands after all that it reads, and takes over the rail of one that nobody reads any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from policy_ir.flow.graph import readers, reads, topological
from policy_ir.flow.tree import Flow, Llm

__all__ = ["rails"]

CALL: Final = "●"
END: Final = "○"
"""The input and the output."""


def rails(flow: Flow) -> tuple[tuple[str, str], ...]:
    """The nodes of an admitted flow in an order in which they can be run, each with its piece of the rails."""
    edges = reads(flow)
    unread = {name: len(some) for name, some in readers(edges).items()}
    held: list[str | None] = []
    """Whose value each rail carries."""
    lines = []
    for name in topological(edges):
        joined = {held.index(one) for one in edges[name]}
        for one in edges[name]:
            unread[one] -= 1
        ending = {at for at in joined if not unread[held[at] or ""]}
        free = [at for at, carried in enumerate(held) if carried is None]
        own = min(ending, default=free[0] if free else len(held))
        if own == len(held):
            held.append(None)
        mark = CALL if isinstance(flow.nodes[name], Llm) else END
        lines.append((name, _line(mark, own, joined, ending, held)))
        for at in ending:
            held[at] = None
        held[own] = name
    return tuple(lines)


def _line(mark: str, own: int, joined: set[int], ending: set[int], held: Sequence[str | None]) -> str:
    """A line: the node on its own rail, tied to those that it reads; the others go on."""
    first, last = min(joined | {own}), max(joined | {own})
    out = []
    for at, carried in enumerate(held):
        if at == own:
            piece = mark
        elif at in joined:
            piece = _turn(at == first, at == last, at in ending)
        else:
            piece = "│" if carried is not None else "─" if first < at < last else " "
        out.append(piece + ("─" if first <= at < last else " "))
    return "".join(out).rstrip()


def _turn(first: bool, last: bool, ends: bool) -> str:
    """Where a rail is left: at one side, or in passing."""
    if first:
        return "╰" if ends else "├"
    if last:
        return "╯" if ends else "┤"
    return "┴" if ends else "┼"
