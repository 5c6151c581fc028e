"""A term as a plain value: the lists, maps, strings, booleans and numbers that its bytes and texts are made of.

The value of a node is the list `[op, argument, ...]`; that of a record is a map of the keys that are present. Numbers
are binary64. Every term has a value, in normal form or not. Specification: chapter "Encoding", section "Values".
"""

from __future__ import annotations

from typing import TypeAlias

from policy_ir.signature import arguments_of
from policy_ir.terms import Action, Boolean, ChainEntry, Number, RecipeRecord, Term, Text

Value: TypeAlias = "str | bool | float | list[Value] | dict[str, Value]"
"""A plain value; its numbers are binary64, its containers fresh."""

Part: TypeAlias = "Term | str | float | Number | Text | Boolean | Action | RecipeRecord | ChainEntry | tuple[Part, ...]"
"""Whatever can be an argument of an operation, or an entry of one."""


def value_of(term: Term) -> list[Value]:
    """The value of a term, `[op, argument, ...]` (`value/node`). Recurses to the depth of the term."""
    return [term.op, *map(part_value, arguments_of(term))]


def part_value(part: Part) -> Value:
    """The value of an argument: a subterm, or a parameter of any sort.

    `value/number`, `value/text`, `value/boolean`, `value/list`, `value/settings`, `value/chain-entry`, `value/action`.
    """
    match part:
        case str() | float():
            return part
        case Term():
            return [part.op, *map(part_value, arguments_of(part))]
        case tuple():
            return [part_value(entry) for entry in part]
        case Number() | Text() | Boolean():
            return part.value
        case Action():
            return _action_value(part)
        case RecipeRecord():
            return dict(part.entries)
        case _:
            spelled = {
                "provider": part.provider,
                "provider_id": part.provider_id,
                "model": part.model,
                "model_family": part.model_family,
            }
            return {key: name for key, name in spelled.items() if name is not None}


def _action_value(action: Action) -> dict[str, Value]:
    value: dict[str, Value] = {"action": action.action}
    if action.attempts is not None:
        value["attempts"] = action.attempts
    if action.backoff_ms is not None:
        value["backoff_ms"] = part_value(action.backoff_ms)
    if action.then_action is not None:
        value["then_action"] = action.then_action
    if action.open_breaker_ms is not None:
        value["open_breaker_ms"] = action.open_breaker_ms
    return value | dict(action.extra)
