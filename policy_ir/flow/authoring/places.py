"""Where the parts of a flow stand in its authoring text, by the pointers of its wire form.

A policy that many nodes share has its places once, so that a small text never makes a large table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policy_ir.syntax.document import Span

_STEPS = 5
"""The parts of the pointer of a node's policy: `""`, `1`, its name, `1` and `policy`."""


class FlowPlaces(Mapping[str, Span]):
    """The spans of a flow's parts by JSON Pointer; `policies` has those of each node's policy, from its own root on."""

    __slots__ = ("_own", "_policies")

    def __init__(self, own: Mapping[str, Span], policies: Mapping[str, Mapping[str, Span]]) -> None:
        self._own, self._policies = own, policies

    def __getitem__(self, pointer: str) -> Span:
        span = self._own.get(pointer)
        if span is not None:
            return span
        steps = pointer.split("/", _STEPS)
        inner = self._policies[steps[2]] if steps[3:_STEPS] == ["1", "policy"] and steps[:2] == ["", "1"] else {}
        return inner["/" + steps[_STEPS] if len(steps) > _STEPS else ""]

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        for name, spans in self._policies.items():
            yield from (f"/1/{name}/1/policy{pointer}" for pointer in spans)

    def __len__(self) -> int:
        return len(self._own) + sum(map(len, self._policies.values()))
