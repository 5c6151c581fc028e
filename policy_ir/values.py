"""A term as a plain value: the lists, maps, strings, booleans and numbers that its bytes and texts are made of.

The value of a node is the list `[op, argument, ...]`; that of a record is a map of the keys that are present. Numbers
are binary64. Every term has a value, in normal form or not. Specification: chapter "Encoding", section "Values".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from policy_ir.signature import arguments_of
from policy_ir.terms import ACTION_KEYS, CHAIN_KEYS, Action, Boolean, ChainEntry, Number, RecipeRecord, Term, Text

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
            return value_of(part)
        case tuple():
            return [part_value(entry) for entry in part]
        case Number() | Text() | Boolean():
            return part.value
        case Action():
            return _given(part, ACTION_KEYS) | dict(part.extra)
        case RecipeRecord():
            return dict(part.entries)
        case _:
            return _given(part, [key for spellings in CHAIN_KEYS for key in spellings])


def _given(record: Action | ChainEntry, keys: Iterable[str]) -> dict[str, Value]:
    """The entries of a record that are there, in the order of its keys."""
    entries = ((key, getattr(record, key)) for key in keys)
    return {key: part_value(entry) for key, entry in entries if entry is not None}
