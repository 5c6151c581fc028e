"""What the nodes of a flow send, and by which facts and with which seed their policies are decided.

Specification: chapter "Calls of a flow", sections "Requests" and "Facts and seeds".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from policy_ir.chat import facts_of_chat
from policy_ir.facts import Facts
from policy_ir.flow.values import Message
from policy_ir.semantics.draws import hashed

if TYPE_CHECKING:
    from policy_ir.flow.admission import AdmittedFlow

__all__ = ["SEED_TAG", "facts_of_node", "request_of", "seed_of_node", "stated_for"]

SEED_TAG: Final = "flow-seed/1"

_OF_THE_LAST: Final = ("needs", "min_context")
_AMOUNTS: Final = ("prompt_tokens", "completion_tokens")
"""The stated facts, and the stated fields, that are about the last node's call only."""


def request_of(
    flow: AdmittedFlow, name: str, body: Mapping[str, Any], assembled_messages: Sequence[Message]
) -> dict[str, Any]:
    """The request of a node, before the transform of its policy: a new object that shares its values.

    That of the last node is the caller's body, with its keys in their order and other messages.
    """
    messages = {"messages": list(assembled_messages)}
    return {**body, **messages} if name == flow.last else messages


def facts_of_node(flow: AdmittedFlow, name: str, request: object, stated: Mapping[str, Any]) -> Facts:
    """The facts of a node under the flow's vocabulary, from its request and from what the host states of the flow.

    Raises `Refused` as `facts_of_chat` does.
    """
    return facts_of_chat(request, flow.vocabulary, base=stated_for(flow, name, stated))


def stated_for(flow: AdmittedFlow, name: str, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the stated facts that are stated for a node (rule `flow-facts/stated`)."""
    if name == flow.last:
        return dict(stated)
    kept = {key: fact for key, fact in stated.items() if key not in _OF_THE_LAST}
    fields = kept.get("fields")
    if isinstance(fields, Mapping):
        kept["fields"] = {field: value for field, value in fields.items() if field not in _AMOUNTS}
    return kept


def seed_of_node(seed: int | None, name: str) -> int | None:
    """The seed of a node (rule `flow-seed/node`), for a seed of the flow from 0 to 2^53 - 1; None without one."""
    return None if seed is None else hashed(SEED_TAG, [seed, name])
