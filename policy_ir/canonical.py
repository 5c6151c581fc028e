"""Canonical bytes of normal forms, their strict reader, and fingerprints.

A term's bytes are the deterministic CBOR of `["policy-ir/1", value]`, and its fingerprint is the BLAKE3-256 of those
bytes. Every other kind of record is fingerprinted in the same way under a leading tag of its own, so that no two
kinds can collide. Specification: chapter "Encoding".
"""

from __future__ import annotations

from typing import Final

from blake3 import blake3

from policy_ir.cbor import ARRAY, decode, encode, head
from policy_ir.diagnostics import Refused, codes, quoted
from policy_ir.normal_form import redexes
from policy_ir.syntax.bounds import DEPTH, EFFECTIVE_DEPTH
from policy_ir.terms import Term
from policy_ir.values import value_of

__all__ = [
    "TERM_PREFIX",
    "TERM_TAG",
    "canonical_bytes",
    "check_normal",
    "decode",
    "digest",
    "encode",
    "fingerprint",
    "fingerprint_of",
    "read_record",
    "read_term",
    "term_bytes",
    "value_of",
]

TERM_TAG: Final = "policy-ir/1"
"""The leading tag of terms."""

TERM_PREFIX: Final = head(ARRAY, 2) + encode(TERM_TAG)
"""What the bytes of a term start with; the rest is the encoding of its value."""

_AROUND: Final = 3
"""Levels of lists and maps that are not nodes: the outermost list, and a list parameter with its records."""


def canonical_bytes(tag: str, value: object, *, scores: bool = False) -> bytes:
    """The bytes of a record of the kind `tag`: those of `[tag, value]` (`record/other`). Raises like `encode`."""
    return encode([tag, value], scores=scores)


def fingerprint(tag: str, value: object, *, scores: bool = False) -> str:
    """The fingerprint of a record of the kind `tag`, `blake3:` and 64 hexadecimal digits (`record/fingerprint`).

    Raises like `encode`.
    """
    return digest(canonical_bytes(tag, value, scores=scores))


def term_bytes(normal: Term) -> bytes:
    """The canonical bytes of a term in normal form (`record/term`)."""
    return canonical_bytes(TERM_TAG, value_of(normal))


def fingerprint_of(normal: Term) -> str:
    """The fingerprint of a term in normal form."""
    return digest(term_bytes(normal))


def digest(data: bytes) -> str:
    """The fingerprint that canonical bytes have (`record/fingerprint`)."""
    return f"blake3:{blake3(data).hexdigest()}"


def read_term(data: bytes, *, effective: bool = False) -> Term:
    """The term in normal form whose canonical bytes are `data`; its nodes' origins point into its own wire form.

    `effective` allows what a policy with a floor around it may have: depth 66 and 8192 nodes. Raises `Refused` with
    what `decode` finds; `PIR0805` for bytes of another kind of record (`decode/tag`); the findings of well-sortedness
    and bounds, PIR02xx and PIR03xx (`decode/term`); `PIR0806` for a term that is not in normal form (`decode/normal`).
    """
    from policy_ir.syntax.loader import load

    nesting = (EFFECTIVE_DEPTH if effective else DEPTH) + _AROUND
    term = load(read_record(data, TERM_TAG, "a term", nesting=nesting), effective=effective)
    check_normal(term)
    return term


def check_normal(term: Term, pointer: str = "") -> None:
    """Check that a term at a pointer is in normal form (`decode/normal`). Raises `Refused` with `PIR0806`."""
    redex = next(redexes(term), None)
    if redex is not None:
        at = pointer + redex.pointer
        raise Refused.because(
            codes.CBOR_NOT_NORMAL,
            f"the term is not in normal form: {quoted(redex.equation.id)} applies at {quoted(at)}",
            pointer=at,
            expected=redex.equation.summary,
            help="encode its normal form",
        )


def read_record(data: bytes, tag: str, what: str, *, nesting: int) -> object:
    """The value of the record of the kind `tag` whose canonical bytes are `data`; `what` it is called in a message.

    Raises `Refused` with what `decode` finds, and with `PIR0805` for another kind of record (`decode/tag`).
    """
    match decode(data, nesting=nesting):
        case [found, value] if found == tag:
            return value
        case [str() as found, *_]:
            why = f"the leading tag is {quoted(found)}"
        case _:
            why = "there is no leading tag"
    raise Refused.because(
        codes.CBOR_TAG,
        f"these are not the bytes of {what}: {why}",
        expected=f"a list of the text {quoted(tag)} and {what}",
    )
