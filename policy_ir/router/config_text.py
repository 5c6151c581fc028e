"""The text of a configuration file: its values, their places, and what of it must not be shown.

A file should hold no secret, and may hold one by mistake. Findings quote lines of the file, so what looks like a secret
is made illegible in the text that they quote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import attrs

from policy_ir.diagnostics import Diagnostic, Refused, codes
from policy_ir.syntax.document import Document, Span
from policy_ir.syntax.places import Places, key_of
from policy_ir.syntax.toml_places import error_span, toml_places
from policy_ir.syntax.toml_reader import read_toml

__all__ = ["ConfigText", "is_secret_name", "veiled"]

_TOKEN: Final = re.compile(r"\b(?:sk|pk|rk|pir|gsk|xai|key)[-_][A-Za-z0-9_-]{12,}|\bAIza[A-Za-z0-9_-]{16,}")
"""How keys of providers, and the router's own, begin."""

_SECRET_NAME: Final = re.compile(
    r"(?:api|access|auth|secret|private|bearer)[-_]?(?:key|token)|(?:^|[-_])(?:key|token)$"
    r"|secret|passw(?:or)?d|authorization|credential|cookie",
    re.IGNORECASE,
)

_PAIR: Final = re.compile(
    r"""
    (?<![\w-]) (?P<name> [\w-]++ ) ["']? [ \t]* = [ \t]*
    (?P<value> "{3} (?: [^"\\] | \\. | "(?!"") )*+ (?:"{3})? | '{3} (?: [^'] | '(?!'') )*+ (?:'{3})?
             | " (?:[^"\\\n]|\\.)*+ "? | '[^'\n]*+'? | [^\s,}\]\#"'{\[]++ )
    """,
    re.VERBOSE | re.DOTALL,
)
_QUERY: Final = re.compile(r"(?<=[?&])[\w-]*(?:pass|secret|token|key)[\w-]*=[^&\s\"']++", re.IGNORECASE)
_USER: Final = re.compile(r"(?<=://)[^\s\"']{1,512}(?=@)")


def is_secret_name(name: str) -> bool:
    """Whether what stands under a name is most likely a secret: `api_key`, `token`, `Authorization`."""
    return _SECRET_NAME.search(name) is not None and not name.endswith("_env")


def veiled(text: str, spans: Sequence[Span] = ()) -> str:
    """A text of the same length and lines, with what looks like a secret, and these places, made illegible."""
    hidden = [(found.start(), found.end()) for pattern in (_TOKEN, _QUERY, _USER) for found in pattern.finditer(text)]
    hidden += [found.span("value") for found in _PAIR.finditer(text) if is_secret_name(found["name"])]
    hidden += [(span.start, span.end) for span in spans]
    pieces, at = [], 0
    for start, end in sorted(hidden):
        start = max(start, at)
        if start < end:
            pieces += [text[at:start], re.sub(r"[^\s\"']", "*", text[start:end])]
            at = end
    return "".join([*pieces, text[at:]])


@attrs.define
class ConfigText:
    """A file as it was read. Line ends are single characters, as in the values."""

    name: str
    text: str
    value: dict[str, Any]
    places: Places
    _hidden: list[Span] = attrs.field(factory=list)

    @classmethod
    def read(cls, text: str, name: str) -> ConfigText:
        """The values of a text. Raises `Refused` (`PIR0901`, `PIR0310`), without a word of what may be a secret."""
        text = text.replace("\r\n", "\n")
        try:
            value: Any = read_toml(text, name, codes.CONFIG_FORMAT)
        except Refused as refused:
            (found,) = refused.diagnostics
            span = error_span(text, found.message) if found.code is codes.CONFIG_FORMAT else None
            message = found.message if span is None else found.message.partition(" (at ")[0]
            placed = attrs.evolve(found, message=message, span=span)
            raise Refused([placed], Document(name=name, text=veiled(text))) from None
        return cls(name, text, value, toml_places(text))

    def hide(self, pointer: str) -> None:
        """Keep a value, and all that is in it, from being shown."""
        self._hidden += [self.places[at] for at in self.places if at == pointer or at.startswith(pointer + "/")]

    def document(self) -> Document:
        """The text for findings to quote."""
        return Document(name=self.name, text=veiled(self.text, self._hidden), spans=self.places)

    def key_span(self, pointer: str) -> Span | None:
        """The place of a key."""
        return self.places.of_key(pointer)

    def relocated(self, found: Sequence[Diagnostic], pointer: str) -> list[Diagnostic]:
        """Findings about a text that is a value of this file, with their places in this file.

        Where the file writes the value with escapes, that is the place of the whole value.
        """
        whole = self.places[pointer]
        value = self._value(pointer)
        opening = 3 if self.text.startswith(('"""', "'''"), whole.start) else 1
        begin = whole.start + opening
        begin += opening == 3 and self.text.startswith("\n", begin)
        verbatim = self.text.startswith(value, begin)

        def placed(span: Span | None) -> Span:
            return whole if span is None or not verbatim else Span(begin + span.start, begin + span.end)

        return [
            attrs.evolve(one, span=placed(one.span), pointer=pointer, source=self.name, noticed=None) for one in found
        ]

    def _value(self, pointer: str) -> str:
        value: Any = self.value
        for segment in pointer.split("/")[1:]:
            value = value[key_of(segment)]
        assert isinstance(value, str)
        return value
