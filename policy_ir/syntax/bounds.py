"""The syntactic bounds: part of the language, checked before any recursion.

Specification: chapter "Syntax", section "Bounds".
"""

from __future__ import annotations

SOURCE_BYTES = 256 * 1024
"""Bytes of a source text in UTF-8."""

DEPTH = 64
"""Depth of a term; the root is 1."""

NODES = 4096
"""Nodes of a term; parameters are not nodes."""

EFFECTIVE_DEPTH = DEPTH + 2
"""Depth of an effective term: a host's floor goes around the caller's term, and both are bounded on their own."""

EFFECTIVE_NODES = 2 * NODES
"""Nodes of an effective term."""

STRING_BYTES = 256
"""Bytes of a string in UTF-8, keys of records included."""

ENTRIES = 64
"""Entries of a list or record parameter."""

NESTING = DEPTH + 2
"""Open brackets of a JSON text: a node at the greatest depth, a list in it, a record in that."""

DIAGNOSTICS = 100
"""Findings after which reading stops: nobody reads more, and hostile input could make millions."""


def string_fits(text: str) -> bool:
    """Whether a string without surrogates is within its bound."""
    if len(text) * 4 <= STRING_BYTES:
        return True
    return len(text) <= STRING_BYTES and len(text.encode()) <= STRING_BYTES
