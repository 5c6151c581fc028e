"""The shapes of a vocabulary file's data: records, tables, lists, texts, numbers, and what is wrong with them.

Specification: chapter "Vocabulary", section "Files". Pointers are those of the file's data, JSON or TOML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from policy_ir.diagnostics import Diagnostic, codes, did_you_mean, one_of, quoted
from policy_ir.diagnostics.codes import Code
from policy_ir.syntax.places import step
from policy_ir.vocabulary.declarations import Vocabulary

MAX_ENTRIES: Final = 1024
"""The most entries of a table or list in a vocabulary, those of the extended one included."""

MAX_BYTES: Final = 256
"""The most UTF-8 bytes of a text in a vocabulary."""


@attrs.define
class Shapes:
    """One reading of one file: the vocabulary it extends, and what is wrong so far."""

    base: Vocabulary
    source: str
    found: list[Diagnostic] = attrs.field(factory=list)

    def refuse(self, code: Code, message: str, pointer: str, **fields: Any) -> None:
        """Note a diagnostic."""
        self.found.append(Diagnostic(code=code, message=message, pointer=pointer, source=self.source, **fields))

    def ill(self, value: object, pointer: str, expected: str, **fields: Any) -> None:
        """A value of another shape."""
        message = f"{quoted(value)} where {expected} is due"
        self.refuse(codes.VOCABULARY_FORMAT, message, pointer, found=quoted(value), expected=expected, **fields)

    def unfit(self, message: str, pointer: str, **fields: Any) -> None:
        """A declaration whose parts do not fit."""
        self.refuse(codes.BAD_DECLARATION, message, pointer, **fields)

    def record(self, value: object, pointer: str, keys: tuple[str, ...] | None = None) -> dict[str, object]:
        """A record without its nulls, known keys only; an empty one where there is something else."""
        if not isinstance(value, dict):
            self.ill(value, pointer, "a record")
            return {}
        entries: dict[str, object] = {}
        for key, entry in value.items():
            at = step(pointer, key) if isinstance(key, str) else pointer
            if not isinstance(key, str):
                self.ill(key, at, "a key that is a text")
            elif keys is not None and key not in keys:
                self.refuse(
                    codes.VOCABULARY_FORMAT,
                    f"unknown key {quoted(key)}",
                    at,
                    found=quoted(key),
                    expected=one_of(keys),
                    help=did_you_mean(key, keys),
                )
            elif entry is not None:
                entries[key] = entry
        return entries

    def table(self, value: object, pointer: str, declared: Mapping[str, object]) -> dict[str, object]:
        """A record from new names to declarations."""
        entries = self.record(value, pointer)
        self.count(len(entries) + len(declared), pointer)
        fresh: dict[str, object] = {}
        for name, entry in entries.items():
            at = step(pointer, name)
            if self.text(name, at, "a name") is None:
                continue
            if name in declared:
                self.redeclared(name, at)
            else:
                fresh[name] = entry
        return fresh

    def redeclared(self, name: str, pointer: str) -> None:
        """A name that the extended vocabulary has."""
        self.refuse(
            codes.REDECLARED,
            f"{quoted(name)} is declared already by {quoted(self.base.name)}",
            pointer,
            found=quoted(name),
            help="what is declared keeps its meaning: choose another name, or leave it out",
        )

    def count(self, entries: int, pointer: str) -> None:
        """The number of entries of a table or list."""
        if entries > MAX_ENTRIES:
            self.refuse(
                codes.VOCABULARY_FORMAT,
                f"{entries} entries, extended ones included",
                pointer,
                expected=f"at most {MAX_ENTRIES}",
            )

    def names(self, value: object, pointer: str) -> list[str]:
        """A list of different texts."""
        if not isinstance(value, list):
            self.ill(value, pointer, "a list of texts")
            return []
        self.count(len(value), pointer)
        texts: list[str] = []
        for index, entry in enumerate(value):
            text = self.text(entry, f"{pointer}/{index}", "a name")
            if text is not None and text in texts:
                self.unfit(f"{quoted(text)} occurs twice", f"{pointer}/{index}", found=quoted(text))
            elif text is not None:
                texts.append(text)
        return texts

    def text(self, value: object, pointer: str, expected: str, *, empty: bool = False) -> str | None:
        """A text within the bounds, or None with a diagnostic."""
        if not isinstance(value, str):
            self.ill(value, pointer, expected)
            return None
        try:
            size = len(value.encode("utf-8"))
        except UnicodeEncodeError:
            self.ill(value, pointer, f"{expected} without lone surrogates")
            return None
        if size > MAX_BYTES or (size == 0 and not empty):
            self.ill(value, pointer, f"{expected} of {'0' if empty else '1'} to {MAX_BYTES} UTF-8 bytes")
            return None
        return value

    def one_of(self, value: object, pointer: str, known: Iterable[str]) -> str | None:
        """A text that is one of the known ones."""
        choices = tuple(known)
        if isinstance(value, str) and value in choices:
            return value
        self.ill(value, pointer, one_of(choices), help=did_you_mean(value, choices))
        return None

    def number(self, value: object, pointer: str) -> float | None:
        """A finite binary64, -0 as 0, or None with a diagnostic."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                number = float(value) + 0.0
            except OverflowError:
                number = float("inf")
            if abs(number) < float("inf"):
                return number
        self.ill(value, pointer, "a finite number")
        return None
