"""The origins of nodes, made once for all policies: most have a node at `/1/2`.

A place is a list like the wire form of a node: the node's origin where its operation has its name, then the places of
its arguments, as far as any policy had that many. So the place of the argument `wire[at]` is `place[at]`, and no
pointer is put together a second time. Places end at the greatest depth of a term, which is how that bound is kept.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from policy_ir.evaluator.loading.doubt import Doubtful
from policy_ir.syntax.bounds import DEPTH
from policy_ir.terms import Origin

Place: TypeAlias = "list[Any]"
"""An `Origin`, then places."""


class Places:
    """The places that policies had so far. With more than `most` of them it starts anew; who has one keeps it."""

    __slots__ = ("_count", "_most", "_source", "root")

    def __init__(self, source: str, most: int) -> None:
        self._source, self._most, self._count = source, most, 0
        self.root: Place = [Origin(source, "")]

    def grow(self, place: Place, size: int) -> None:
        """Give a place those of its first arguments, so that its length is at least `size`. Raises Doubtful."""
        pointer = place[0].pointer
        if pointer.count("/") + 1 == DEPTH:
            raise Doubtful
        start = len(place)
        # One assignment, of what would be there in any case: loads in several threads can grow a place together.
        place[start:size] = [[Origin(self._source, f"{pointer}/{at}")] for at in range(start, size)]
        self._count += size - start
        if self._count > self._most:
            self.root, self._count = [Origin(self._source, "")], 0


PLACES: Final = Places("policy", most=32_768)
"""The places of callers' policies."""
