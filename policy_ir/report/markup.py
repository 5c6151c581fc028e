"""Pages of HTML: no request leaves them, they work without a script, in light and dark, on any width."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable
from importlib import resources
from typing import Final

import attrs

from policy_ir.diagnostics import legible

_ICON: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' "
    "height='32' rx='7' fill='%2316232e'/%3E{}%3C/svg%3E"
)


@attrs.frozen(slots=True)
class Look:
    """What pages of a kind share: their style, their script, and what the icon shows on its dark ground.

    `drawing` is SVG, escaped as in an address.
    """

    style: str
    script: str
    drawing: str

    @classmethod
    def of(cls, package: str, drawing: str, *, further: str | None = None) -> Look:
        """The look with the `page.css` and `page.js` of a package; `further` names one with another `page.css`."""
        styles = [_file(one, "page.css") for one in (package, further) if one is not None]
        return cls("\n" + "".join(styles), "\n" + _file(package, "page.js"), drawing)

    @property
    def security(self) -> str:
        """The content security policy of such a page: this style and this script run, and nothing is loaded."""
        return (
            f"default-src 'none'; style-src-elem '{_hashed(self.style)}'; style-src-attr 'unsafe-inline'; "
            f"script-src '{_hashed(self.script)}'; img-src data:; base-uri 'none'"
        )


def _file(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text("utf-8")


def _hashed(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def html_document(title: str, sections: Iterable[str], *, look: Look, banner: str = "") -> str:
    """A whole document, ending in a newline.

    `title` is plain text. `sections` are HTML, of which the empty ones are left out, and so is `banner`, which stands
    before them.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(look.security)}">'
        '<meta name="color-scheme" content="light dark">'
        f'<link rel="icon" href="{_ICON.format(look.drawing)}"><title>{escape(title)}</title>\n'
        f"<style>{look.style}</style></head>\n<body>{banner}<main>\n"
        + "\n".join(section for section in sections if section)
        + f"\n</main>\n<script>{look.script}</script></body></html>\n"
    )


def section(title: str, content: str, *, note: str = "", name: str) -> str:
    """A section with a heading; `content` and `note` are HTML, `name` is its id."""
    aside = f'<p class="lede">{note}</p>' if note else ""
    return f'<section id="{name}"><h2>{escape(title)}</h2>{aside}{content}</section>'


def escape(text: str) -> str:
    """A text that is one in HTML too, in which nothing but line ends is unseen or turns the direction of writing."""
    return html.escape("\n".join(map(legible, text.split("\n"))))


def coordinate(value: float) -> str:
    """A number in a picture: at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")
