"""The fast loader of flows: from decoded JSON values to the tree, without diagnostics on the way.

What it refuses is looked at again by `policy_ir.flow.diagnose`, which knows what to say. It finds something in exactly
the values that are refused here. Specification: chapter "Flows", section "Wire form".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, cast

from policy_ir.diagnostics import InternalError, Refused
from policy_ir.flow.bounds import INPUTS, NAME_LENGTH, NODES, POLICY_NODES, TEXT_BYTES, TEXTS_BYTES
from policy_ir.flow.tree import ON_ERROR, Flow, Input, Llm, Node, OnError, Output
from policy_ir.syntax.loader import Unloadable, build_counted
from policy_ir.terms import Policy

__all__ = ["NAME", "PolicyReader", "Unloadable", "build_flow", "load_flow"]

NAME: Final = re.compile(f"[A-Za-z_][A-Za-z0-9_]{{0,{NAME_LENGTH - 1}}}")
"""What the whole name of a node matches (`flow-sort/name`)."""

PolicyReader: TypeAlias = Callable[[Any], tuple[Policy, int]]
"""The policy that a decoded JSON value is, and the number of its nodes. Raises where it is none."""


def load_flow(value: object) -> Flow:
    """The flow that a decoded JSON value is: lists or tuples, dicts, str, bool, int and float, and their subclasses.

    Raises Refused with every finding, at most 100 (PIR1001 to PIR1014, and those of terms).
    """
    try:
        return build_flow(value)
    except Unloadable:
        from policy_ir.flow.diagnose import diagnose_flow

        findings = diagnose_flow(value)
        if not findings:
            raise InternalError("the loader refuses a flow that has nothing wrong with it") from None
        raise Refused(findings) from None


def build_flow(value: object, read_policy: PolicyReader | None = None) -> Flow:
    """What `load_flow` does, but raises Unloadable, or what `read_policy` raises, and does not say why."""
    if not isinstance(value, (list, tuple)) or len(value) != 2 or not _is(value[0], "flow"):
        raise Unloadable
    record = value[1]
    if not isinstance(record, dict) or len(record) > NODES:
        raise Unloadable
    loading = _Loading(read_policy or _policy)
    return Flow({_name(name): loading.node(node) for name, node in record.items()})


class _Loading:
    """One load: what reads the policies, and what is left of the bounds of the whole flow."""

    __slots__ = ("bytes_left", "nodes_left", "read_policy")

    def __init__(self, read_policy: PolicyReader) -> None:
        self.read_policy = read_policy
        self.bytes_left = TEXTS_BYTES
        self.nodes_left = POLICY_NODES

    def node(self, value: Any) -> Node:
        if not isinstance(value, (list, tuple)) or not value:
            raise Unloadable
        head = value[0]
        if len(value) == 2 and _is(head, "llm"):
            return self.llm(value[1])
        if len(value) == 2 and _is(head, "output"):
            return Output(_string(value[1]))
        if len(value) == 1 and _is(head, "input"):
            return Input()
        raise Unloadable

    def llm(self, record: Any) -> Llm:
        if not isinstance(record, dict):
            raise Unloadable
        parts: dict[str, Any] = {}
        for key, entry in record.items():
            reader = _READERS.get(key) if isinstance(key, str) else None
            if reader is None:
                raise Unloadable
            parts[str.__str__(key)] = reader(self, entry)
        if parts.keys() >= _REQUIRED:
            return Llm(**parts)
        raise Unloadable

    def text(self, value: object) -> str:
        text = _string(value)
        size = len(text) if text.isascii() else len(text.encode())
        self.bytes_left -= size
        if size > TEXT_BYTES or self.bytes_left < 0:
            raise Unloadable
        return text

    def policy(self, value: object) -> Policy:
        policy, nodes = self.read_policy(value)
        self.nodes_left -= nodes
        if self.nodes_left < 0:
            raise Unloadable
        return policy

    def inputs(self, value: object) -> tuple[str, ...]:
        if isinstance(value, (list, tuple)) and len(value) <= INPUTS:
            return tuple([_string(name) for name in value])
        raise Unloadable

    def on_error(self, value: object) -> OnError:
        for word in ON_ERROR:
            if _is(value, word):
                return word
        raise Unloadable


_READERS: Final[Mapping[str, Callable[[_Loading, Any], Any]]] = {
    "system": _Loading.text,
    "policy": _Loading.policy,
    "inputs": _Loading.inputs,
    "template": _Loading.text,
    "on_error": _Loading.on_error,
}
"""What reads a member of the record of an `llm` node, by its key."""

_REQUIRED: Final = {"system", "policy", "inputs"}


def _policy(value: Any) -> tuple[Policy, int]:
    term, nodes = build_counted(value, "Policy", "policy")
    return cast(Policy, term), nodes


def _is(value: object, word: str) -> bool:
    return isinstance(value, str) and value == word


def _name(value: object) -> str:
    if isinstance(value, str) and NAME.fullmatch(value):
        return str.__str__(value)
    raise Unloadable


def _string(value: object) -> str:
    if isinstance(value, str):
        text = str.__str__(value)
        if text.isascii() or not _SURROGATE.search(text):
            return text
    raise Unloadable


_SURROGATE: Final = re.compile("[\ud800-\udfff]")
