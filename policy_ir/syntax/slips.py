"""What an author probably meant: the help lines of findings about terms that are not well-sorted.

Nothing here decides anything; a missing entry costs a help line and no more.
"""

from __future__ import annotations

import re
from typing import Any

from policy_ir.diagnostics import did_you_mean, quoted
from policy_ir.signature import SIGNATURE, Operation, operations_of
from policy_ir.terms import RELATIONS, VERBS

_RELATIONS = {
    "<": "lt", "<=": "le", "≤": "le", "=<": "le", "lte": "le", "=": "eq", "==": "eq", "===": "eq", "is": "eq",
    "!=": "ne", "<>": "ne", "≠": "ne", "neq": "ne", ">=": "ge", "≥": "ge", "=>": "ge", "gte": "ge", ">": "gt",
}  # fmt: skip
_OPERATIONS = {
    "all": "and", "&&": "and", "any": "or", "||": "or", "!": "not", "none": "bot", "true": "top", "false": "bot",
    "always_true": "top", "always_false": "bot", "accept": "top", "refuse": "bot", "compare": "cmp", "has": "has_cap",
    "has_capability": "has_cap", "capability": "has_cap", "requires": "meets_req", "tier": "tier_eq",
    "model_eq": "family_eq", "provider": "provider_eq", "served_by": "served_by_eq", "in": "tag_in", "one_of": "tag_in",
    "exists": "known", "present": "known", "const": "lit", "constant": "lit", "number": "lit", "literal": "lit",
    "get": "field", "sum": "add", "+": "add", "plus": "add", "*": "scale", "mul": "scale", "multiply": "scale",
    "weight": "scale", "negate": "neg", "minus": "neg", "invert": "neg", "minmax": "normalize", "norm": "normalize",
    "max": "argmax", "best": "argmax", "first": "ordered", "random": "sample", "limit": "top_k", "take": "top_k",
    "sort_by": "rank_by", "order_by": "rank_by", "identity": "id", "noop": "id", "pass": "id", "do": "seq",
    "pipe": "seq", "set": "set_param", "remove_param": "drop_param", "unset": "drop_param", "seed": "inject_seed",
    "clamp_to": "clamp", "filter": "filter_text", "default": "always", "fallback": "always", "on": "override",
}  # fmt: skip
_SEVERAL = {"if": ("gate", "when")} | dict.fromkeys((*RELATIONS, *_RELATIONS), ("cmp", "test"))
_VERBS = {
    "retry": "retry_same", "next": "next_candidate", "fallback": "next_candidate", "skip": "next_candidate",
    "next_model": "next_candidate", "next_provider": "next_provider_same_model", "disable": "disable_provider",
    "fail": "abort", "stop": "abort", "error": "abort", "raise": "abort", "give_up": "abort",
}  # fmt: skip
_OTHER_SORT = {
    ("Scorer", "Pred"): '`test` compares a score: `["test", Scorer, "ge", 0.5]`',
    ("Pred", "Scorer"): '`gate` scores 0 where a predicate refuses: `["gate", Pred, Scorer]`',
    ("Policy", "Pred"): "give its filter alone",
    ("Scorer", "Selector"): "the rank is the second argument of `policy`; `rank_by` sorts again inside a selector",
    ("Pred", "Xform"): '`when` transforms where a predicate accepts: `["when", Pred, Xform]`',
}  # fmt: skip


def written(row: Operation) -> str:
    """An operation with the sorts of its arguments: `["cmp", NumField, Rel, Num]`, in backticks."""
    sorts = [argument.subsort.name if argument.subsort else argument.sort for argument in row.arguments]
    more = ["…"] if row.variadic else []
    return "`[" + ", ".join([f'"{row.op}"', *sorts, *more]) + "]`"


def operation(name: str, sort: str | None) -> str | None:
    """The help for an unknown operation where a sort is due: one that makes that sort, if one is like it."""
    due = [row.op for row in SIGNATURE.values()] if sort is None else [row.op for row in operations_of(sort)]
    meant = _OPERATIONS.get(name.lower())
    if meant is not None and meant in due:
        return f"did you mean `{meant}`?"
    several = [op for op in _SEVERAL.get(name.lower(), ()) if op in due]
    if several:
        return "did you mean " + " or ".join(written(SIGNATURE[op]) for op in several) + "?"
    return did_you_mean(name, due) or did_you_mean(name, SIGNATURE)


def other_sort(found: str, due: str) -> str | None:
    """The help for a term of one sort where another is due."""
    return _OTHER_SORT.get((found, due))


def no_term(value: Any, sort: str | None) -> str:
    """The help for a value that is no array with an operation at its head."""
    if isinstance(value, str) and value in SIGNATURE:
        return f"an operation is written as a list: {written(SIGNATURE[value])}"
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], (list, tuple)):
        return "write the terms one after another as arguments, without a list around them"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and sort in (None, "Scorer"):
        return f"a constant score is written {written(SIGNATURE['lit'])}"
    return 'a term is a list with its operation first: `["meets_req"]`'


def number(value: object) -> str | None:
    """The help for another value where a number is due."""
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9][0-9_,]*(\.[0-9]+)?\s*", value):
        return "numbers are written without quotes"
    return None


def string(value: object) -> str | None:
    """The help for another value where a string is due."""
    if isinstance(value, (int, float)):
        return "strings are written in double quotes"
    if isinstance(value, (list, tuple)) and len(value) == 1 and isinstance(value[0], str):
        return "write it without a list around it"
    return None


def listed(value: object) -> str | None:
    """The help for another value where a list is due."""
    if isinstance(value, str):
        return "write a list: " + quoted(f'["{value}"]')
    return "write a list with this record in it" if isinstance(value, dict) else None


def action(value: object) -> str | None:
    """The help for another value where an action record is due."""
    if isinstance(value, str) and value in VERBS:
        return f'write `{{"action": "{value}"}}`'
    return None


def relation(name: str) -> str | None:
    """The help for an unknown relation."""
    folded = name.lower().strip()
    meant = folded if folded in RELATIONS else _RELATIONS.get(folded)
    return f"did you mean `{meant}`?" if meant else None


def verb(name: str) -> str | None:
    """The help for an unknown action."""
    meant = _VERBS.get(name.lower())
    return f"did you mean `{meant}`?" if meant else did_you_mean(name, VERBS)
