"""Terms and flows as decoded JSON, well-formed or not: which operations occur in them, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy_ir.signature import SIGNATURE


def operation(value: Any) -> str | None:
    """The operation of a node; None for what is no node."""
    match value:
        case [str() as op, *_] if op in SIGNATURE:
            return op
        case _:
            return None


def operations(value: Any) -> Iterator[str]:
    """The operations at the nodes of a term, or of the terms of a floor; what is no node is passed over."""
    waiting = list(value.values()) if isinstance(value, dict) else [value]
    while waiting:
        node = waiting.pop()
        if (op := operation(node)) is not None:
            yield op
            waiting += [part for at, part in enumerate(node) if takes_term(op, at)]


def flow_policies(value: Any) -> Iterator[Any]:
    """The policies of a flow, in the order of its nodes; what is no node with a policy is passed over."""
    match value:
        case [_, dict() as nodes]:
            for node in nodes.values():
                match node:
                    case ["llm", {"policy": policy}]:
                        yield policy


def takes_term(op: str, at: int) -> bool:
    """Whether the place `at` of a node, 0 being that of its operation, is one of a subterm."""
    row = SIGNATURE[op]
    return at > 0 and (row.variadic or (at <= len(row.arguments) and row.arguments[at - 1].is_term))
