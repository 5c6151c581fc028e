"""How the page names and marks what became of vectors: by words first, by colour besides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from policy_ir.report.markup import escape

WORDS: Final[Mapping[str, str]] = {
    "pass": "passed",
    "fail": "failed",
    "unexpected-pass": "passed, and known to fail",
    "known": "known to fail",
    "skip": "skipped",
}

_STATES: Final[Mapping[str, str]] = {
    "pass": "kept", "fail": "no", "unexpected-pass": "no", "known": "known", "skip": "cut",
}  # fmt: skip


def state(status: str) -> str:
    """The class that a status has on the page."""
    return _STATES[status]


def cell(counts: Mapping[str, int]) -> str:
    """Counts as marked words; a dash where nothing was asked."""
    parts = [
        f'<span class="mark {state(status)}">{counts[status]:,} {WORDS[status]}</span>'
        for status in WORDS
        if counts[status]
    ]
    return "".join(parts) or '<span class="mark none">–</span>'


def anchor(kind: str, name: str) -> str:
    """The id of the place on the page that is about a name: no two names of a kind have one."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9/_-]', '.', name)}"


def linked(names: tuple[str, ...]) -> str:
    """Rules and codes as links to their rows."""
    return ", ".join(f'<a href="#{anchor("rule", name)}"><code>{escape(name)}</code></a>' for name in names)
