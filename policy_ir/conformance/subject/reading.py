"""Texts and values to terms, and what a vocabulary admits: the kinds `syntax` and `admission`."""

from __future__ import annotations

from typing import Any, cast

from policy_ir.conformance.subject.parts import (
    Input,
    NotARequest,
    admitted,
    admitted_policy,
    data_of,
    given,
    member,
    one_of,
    optional,
    vocabulary_of,
    wire,
)
from policy_ir.signature import TERM_SORTS
from policy_ir.terms import Term


def syntax(input: Input) -> dict[str, Any]:
    """The term of a text, of bytes or of a decoded value."""
    sort = optional(input, "sort", str)
    if sort is not None and sort not in TERM_SORTS:
        raise NotARequest(f"no sort is named {sort!r}")
    return {"term": wire(_term(input, one_of(input, "syntax", ("wire", "authoring", "auto")), sort))}


def _term(input: Input, written_in: str, sort: str | None) -> Term:
    from policy_ir.syntax import parse
    from policy_ir.syntax.loader import load
    from policy_ir.syntax.source import decode

    match [name for name in ("text", "bytes", "value") if name in input]:
        case ["text"]:
            text = member(input, "text", str)
        case ["bytes"]:
            text = decode(data_of(input, "bytes"))
        case ["value"]:
            return load(given(input, "value"), sort=sort)
        case _:
            raise NotARequest("one of the members 'text', 'bytes' and 'value' is due")
    document = parse(text, syntax=cast(Any, written_in), sort=sort)
    assert document.term is not None
    return document.term


def admission(input: Input) -> dict[str, Any]:
    """The sort of an admitted term."""
    vocabulary = vocabulary_of(input)
    policy = one_of(input, "as", ("term", "policy")) == "policy"
    made = admitted_policy(input, vocabulary, name="term") if policy else admitted(input, vocabulary)
    return {"sort": made.sort}
