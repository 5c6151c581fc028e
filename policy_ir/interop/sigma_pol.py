"""The identity that a sigma-pol/v2 router gives a policy: its canonical string, SHA-256 and short fingerprint.

That language has its own normal form, with fewer equations than ours, and sorts siblings by its own strings; it is
computed from the source tree, because ours would drop equal siblings and respell chain keys. Specification: chapter
"Interoperation".
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from policy_ir.diagnostics import Diagnostic, Refused, codes, quoted
from policy_ir.normal_form import EQUATIONS, Rewriting
from policy_ir.signature import SIGNATURE, arguments_of
from policy_ir.terms import Term
from policy_ir.values import Value, part_value

PREFIX: Final = "sigma-pol/v2:"

PEER_EQUATIONS: Final = (
    *(f"{op}/{law}" for op in ("and", "or") for law in ("flatten", "absorb", "unit", "single", "sort")),
    *(f"add/{law}" for law in ("flatten", "unit", "single", "sort")),
    *(f"seq/{law}" for law in ("flatten", "unit", "single")),
    *("not/involution", "not/top", "not/bot"),
    *("scale/one", "scale/zero-factor", "scale/zero"),
    *("gate/top", "gate/bot", "gate/zero"),
    "normalize/idempotent",
    "failplan/collapse",
)
"""The equations that the peer's normal form has too (`peer/equations`). Later ones of ours do not count."""

_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def sigma_string(term: Term) -> str:
    """The peer's canonical string of a source tree.

    Raises `Refused` with a `PIR0810` for every operation that the peer does not have, in source order (`peer/core`).
    """
    unknown = list(_unknown_to_the_peer(term, ""))
    if unknown:
        raise Refused(unknown)
    return PREFIX + _Strings().text(_REWRITING.normal_form(term))


def sigma_sha256(term: Term) -> str:
    """The peer's identity (`peer/identity`), the SHA-256 of its canonical string, in hexadecimal. Raises likewise."""
    return sha256(sigma_string(term).encode("utf-8")).hexdigest()


def sigma_short(term: Term) -> str:
    """The peer's short fingerprint (`peer/short`), two decimal numbers joined by `-`. Raises likewise."""
    first, second = 5381, 52711
    for byte in sigma_string(term).encode("utf-8"):
        first = (first * 31 + byte) % 2147483647
        second = (second * 37 + byte) % 2147483629
    return f"{first}-{second}"


def _unknown_to_the_peer(term: Term, pointer: str) -> Iterator[Diagnostic]:
    feature = SIGNATURE[term.op].feature
    if feature != "core":
        yield Diagnostic(
            code=codes.NOT_IN_PEER,
            message=f"sigma-pol/v2 has no operation {quoted(term.op)}",
            pointer=pointer,
            source=None if term.origin is None else term.origin.source,
            found=f"an operation of the feature {quoted(feature)}",
            expected="operations of the feature `core` only",
        )
    for place, part in enumerate(arguments_of(term), start=1):
        if isinstance(part, Term):
            yield from _unknown_to_the_peer(part, f"{pointer}/{place}")


class _Strings:
    """The peer's strings of nodes, each computed once; as UTF-8 bytes, what it sorts siblings by (`peer/siblings`)."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Term, str]] = {}

    def __call__(self, term: Term) -> bytes:
        return self.text(term).encode("utf-8")

    def text(self, term: Term) -> str:
        """`(op arg ...)` (`peer/node`)."""
        known = self._known.get(id(term))
        if known is None:
            parts = (
                self.text(part) if isinstance(part, Term) else _text_of(part_value(part)) for part in arguments_of(term)
            )
            known = self._known[id(term)] = (term, f"({' '.join((term.op, *parts))})")
        return known[1]


def _text_of(value: Value) -> str:
    """A parameter as the peer writes it (`peer/boolean`, `peer/text`, `peer/list`)."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return _number(value)
        case str():
            return f'"{value.translate(_ESCAPES)}"'
        case list():
            return f"[{','.join(map(_text_of, value))}]"
        case _:
            return _record(value)


def _record(record: dict[str, Value]) -> str:
    """`peer/record`, `peer/empty-record`."""
    if not record:
        return "[]"  # the peer cannot tell an empty record from an empty list
    entries = (f"{_text_of(key)}:{_text_of(record[key])}" for key in sorted(record))
    return f"{{{','.join(entries)}}}"


def _number(number: float) -> str:
    """`peer/integer`, `peer/number`."""
    if number.is_integer() and abs(number) <= 2**53:
        return str(int(number))
    return f"{number:.17g}"


_REWRITING: Final = Rewriting((row for row in EQUATIONS if row.id in PEER_EQUATIONS), _Strings)
