"""Text within HTML."""

from __future__ import annotations

import html

from policy_ir.diagnostics import legible


def escape(text: str) -> str:
    """A text that is one in HTML too, in which nothing but line ends is unseen or turns the direction of writing."""
    return html.escape("\n".join(map(legible, text.split("\n"))))
