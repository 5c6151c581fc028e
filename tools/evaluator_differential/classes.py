"""What a policy is about, by name, for the counts of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evaluator_differential.pools import HOUSE

_OF_REQUEST = frozenset({"meets_req", "scope_matches"})


def about(term: list[Any], floor: Any) -> tuple[str, ...]:
    """What a policy reads besides the catalogue, in its filter and beyond, and its outermost selector."""
    _, filter, rank, select, *_ = term
    filters = [filter] if floor is None else [filter, floor["filter"]]
    names = [f"filter: {_sources(filters)}", f"rank: {_sources([rank])}", f"select: {select[0]}"]
    return (*names, "under a floor") if floor is not None else tuple(names)


def _sources(parts: list[Any]) -> str:
    found = {source for part in parts for source in _read(part)}
    return " and ".join(sorted(found)) or "static"


def _read(part: Any) -> Iterator[str]:
    """The sources that a wire term names; `state` and `request` only."""
    pending = [part]
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending += one
        elif one in _OF_REQUEST or one == "call_cost":
            yield "request"
        elif isinstance(one, str) and one in HOUSE.fields and HOUSE.fields[one].source in ("state", "request"):
            yield HOUSE.fields[one].source
