"""Pages of HTML: no request leaves them, they work without a script, in light and dark, on any width."""

from __future__ import annotations

import html
from collections.abc import Iterable
from importlib import resources
from typing import Final

from policy_ir.diagnostics import legible

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
_ICON: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' "
    "height='32' rx='7' fill='%2316232e'/%3E{}%3C/svg%3E"
)


def html_document(title: str, sections: Iterable[str], *, package: str, drawing: str) -> str:
    """A whole document, ending in a newline.

    `title` is plain text, `sections` are HTML, of which the empty ones are left out. `package` has `page.css` and
    `page.js`. `drawing` is SVG, escaped as in an address: what the icon shows on its dark ground.
    """
    files = resources.files(package)
    style = files.joinpath("page.css").read_text("utf-8")
    script = files.joinpath("page.js").read_text("utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        '<meta name="color-scheme" content="light dark">'
        f'<link rel="icon" href="{_ICON.format(drawing)}"><title>{escape(title)}</title>\n'
        f"<style>\n{style}</style></head>\n<body><main>\n"
        + "\n".join(section for section in sections if section)
        + f"\n</main>\n<script>\n{script}</script></body></html>\n"
    )


def section(title: str, content: str, *, note: str = "", name: str) -> str:
    """A section with a heading; `content` and `note` are HTML, `name` is its id."""
    aside = f'<p class="lede">{note}</p>' if note else ""
    return f'<section id="{name}"><h2>{escape(title)}</h2>{aside}{content}</section>'


def escape(text: str) -> str:
    """A text that is one in HTML too, in which nothing but line ends is unseen or turns the direction of writing."""
    return html.escape("\n".join(map(legible, text.split("\n"))))
