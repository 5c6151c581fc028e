"""Vocabularies by name and by file. Specification: chapter "Vocabulary", section "Files"."""

from __future__ import annotations

import os
from functools import cache
from importlib import resources
from typing import Final

from policy_ir.diagnostics import Refused, codes, did_you_mean, quoted
from policy_ir.vocabulary.declarations import Vocabulary
from policy_ir.vocabulary.reading import EMPTY, SHIPPED, extend, extended_name

MAX_BYTES: Final = 256 * 1024
"""The most bytes of a vocabulary file."""


def vocabulary(name_or_path: str | os.PathLike[str]) -> Vocabulary:
    """A shipped vocabulary by name (`core`, `standard`), or one from a `.json` or `.toml` file.

    Raises `Refused` with every diagnostic: `PIR00xx` and `PIR01xx` for a file that is no text or no JSON, `PIR07xx`
    for what it declares.
    """
    given = os.fspath(name_or_path)
    if given in SHIPPED:
        return _shipped(given)
    if not given.endswith((".json", ".toml")):
        raise Refused.because(
            codes.UNKNOWN_VOCABULARY,
            f"no vocabulary {quoted(given)} is known",
            found=quoted(given),
            expected="`core`, `standard`, or a file whose name ends in `.json` or `.toml`",
            help=did_you_mean(given, SHIPPED),
        )
    from policy_ir.syntax.source import read_text

    name, text = read_text(given, limit=MAX_BYTES)
    return read_vocabulary(text, name, syntax="toml" if given.endswith(".toml") else "json")


def read_vocabulary(text: str, name: str, *, syntax: str = "json") -> Vocabulary:
    """The vocabulary in the text of a file of this name; `syntax` is `json` or `toml`. Raises `Refused`."""
    if syntax == "toml":
        from policy_ir.syntax.toml_reader import read_toml

        return declared_vocabulary(read_toml(text, name, codes.VOCABULARY_FORMAT), name)
    from policy_ir.syntax.json_reader import read_json

    read = read_json(text, name, limit=MAX_BYTES, null=True)
    try:
        return declared_vocabulary(read.value, name)
    except Refused as refused:
        raise Refused(refused.diagnostics, read.document) from None


def declared_vocabulary(data: object, name: str) -> Vocabulary:
    """The vocabulary that the decoded content of a file of this name declares. Raises `Refused` (`PIR07xx`)."""
    return extend(_shipped(extended_name(data)), data, name)


@cache
def _shipped(name: str) -> Vocabulary:
    import tomllib

    text = resources.files("policy_ir").joinpath("data", "vocabularies", f"{name}.toml").read_text("utf-8")
    base = EMPTY if name == "core" else _shipped("core")
    return extend(base, tomllib.loads(text), name, shipped=True)
