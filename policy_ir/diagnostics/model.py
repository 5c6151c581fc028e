"""The diagnostic record, the exceptions that carry it, and the pieces that messages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from policy_ir.diagnostics.codes import Code, Severity
from policy_ir.syntax.document import Document, Span

SHOWN = 64
"""How many characters of a user's text a message quotes."""


def legible(text: str) -> str:
    """A text with escapes for what would steer a terminal, turn the direction of writing, or not be seen at all."""
    if text.isprintable():
        return text
    return "".join(
        ch if ch.isprintable() else ch.encode("unicode_escape", "surrogatepass").decode("ascii") for ch in text
    )


def quoted(value: object) -> str:
    """A user's text or value in backticks, shortened, with control characters escaped: safe on any terminal."""
    shown = legible((value if isinstance(value, str) else _plain(value))[: SHOWN + 1])
    return f"`{shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + '…'}`"


def _plain(value: object) -> str:
    """A JSON value as its author wrote it, near enough for a message: containers show their kind only."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if abs(value) < 10**SHOWN:
            return str(value)
        case int():
            return "an integer of many digits"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
        case list() | tuple():
            return "[…]"
        case dict():
            return "{…}"
        case _:
            return "a value of another kind"


def suggestion(found: str, known: Iterable[str]) -> str | None:
    """The known name most like `found`, if one is like it: the `did you mean` of a help line."""
    import difflib

    if len(found) > SHOWN:
        return None
    names = sorted(known)
    folded = {name.lower(): name for name in reversed(names)}
    near = difflib.get_close_matches(found.lower(), list(folded), n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def did_you_mean(found: object, known: Iterable[str], otherwise: str | None = None) -> str | None:
    """The help line of an unknown name: the known one most like it, or `otherwise` where none is like it."""
    near = suggestion(found, known) if isinstance(found, str) else None
    return f"did you mean {quoted(near)}?" if near else otherwise


def one_of(names: Iterable[str]) -> str:
    """The names that may stand somewhere, as `expected` states them."""
    return "one of " + ", ".join(map(quoted, names))


@attrs.frozen(slots=True, kw_only=True)
class Diagnostic:
    """One finding.

    `pointer` is the JSON Pointer (RFC 6901) in the wire form of the term, or in the file's JSON; None where the
    input has none yet. `span` is the place in the text, None where there is no text. `found` and `expected` are
    phrases; `help` says what to do. `source` names the input (a file's name, `-`, `policy`, `floor`). `noticed` is the
    offset that it counts from in the order of the text, where that is not the start of its span.
    """

    code: Code
    message: str
    pointer: str | None = None
    span: Span | None = None
    found: str | None = None
    expected: str | None = None
    help: str | None = None
    source: str | None = None
    noticed: int | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def severity(self) -> Severity:
        """The severity of its code."""
        return self.code.severity

    def located(self, document: Document) -> Diagnostic:
        """This diagnostic with the span that the document has for its pointer, and the document's name."""
        span = self.span
        if span is None and self.pointer is not None:
            span = document.span_of(self.pointer)
        return attrs.evolve(self, span=span, source=self.source or document.name)


def in_source_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By position in the text; those without one keep their order, after those with one."""

    def key(item: tuple[int, Diagnostic]) -> tuple[bool, int, int]:
        index, diagnostic = item
        start = diagnostic.span.start if diagnostic.span else 0
        noticed = start if diagnostic.noticed is None else diagnostic.noticed
        return (diagnostic.span is None, noticed, index)

    return tuple(diagnostic for _, diagnostic in sorted(enumerate(diagnostics), key=key))


class PolicyError(Exception):
    """Base of the errors that this package raises on purpose."""


class Refused(PolicyError):
    """The input is refused: the user's to mend. Carries every diagnostic, in source order.

    `document` is the text that they are about, where there is one; of a refusal of several texts, `documents` has each
    by its name.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], document: Document | None = None) -> None:
        placed = [found.located(document) if document else found for found in diagnostics]
        self.diagnostics: tuple[Diagnostic, ...] = in_source_order(placed)
        self.document = document
        self.documents: Mapping[str, Document] = {}
        super().__init__(_summary(self.diagnostics))

    @classmethod
    def joined(cls, refusals: Sequence[Refused]) -> Refused:
        """One refusal of several texts: their diagnostics text by text, each in the order of its own."""
        made = cls(())
        made.diagnostics = tuple(found for refused in refusals for found in refused.diagnostics)
        made.documents = {refused.document.name: refused.document for refused in refusals if refused.document}
        made.args = (_summary(made.diagnostics),)
        return made

    @property
    def texts(self) -> Document | Mapping[str, Document] | None:
        """What to render the diagnostics with."""
        return self.documents or self.document

    @classmethod
    def because(cls, code: Code, message: str, **fields: Any) -> Refused:
        """A refusal with one diagnostic."""
        return cls([Diagnostic(code=code, message=message, **fields)])


def _summary(diagnostics: Sequence[Diagnostic]) -> str:
    return "; ".join(f"{found.code}: {found.message}" for found in diagnostics[:3])


class InternalError(PolicyError):
    """A bug of ours: a stuck machine or a broken invariant on admitted input. Never the user's fault."""
