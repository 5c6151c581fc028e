"""The rule ids of the specification, read off its tables.

A rule, equation or bound is a Markdown table row whose first cell is its id in backticks: `| \\`and/reject\\` | ... |`.
An id has a slash; a first cell without one (an operation, a field) is no rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROW = re.compile(r"^(\|\s*)`([a-z][a-z0-9_-]*(?:/[a-z0-9_-]+)+)`(\s*\|)", re.MULTILINE)
FENCE = re.compile(r"^(?P<fence>```+|~~~+).*?^(?P=fence)\s*$", re.MULTILINE | re.DOTALL)


def outside_fences(markdown: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is prose (True) or a fenced block."""
    position = 0
    for block in FENCE.finditer(markdown):
        yield markdown[position : block.start()], True
        yield block.group(), False
        position = block.end()
    yield markdown[position:], True


def rule_ids(markdown: str) -> list[str]:
    """The ids a chapter defines, in its order, repetitions kept."""
    return [row.group(2) for text, prose in outside_fences(markdown) if prose for row in ROW.finditer(text)]


def chapters(spec: Path) -> dict[str, list[str]]:
    """The ids of every chapter in a folder, by file name."""
    return {path.name: rule_ids(path.read_text("utf-8")) for path in sorted(spec.glob("*.md"))}


def with_anchors(markdown: str) -> str:
    """The chapter with each id made a place to link to, `chapter.md#and/reject`, at its first row."""
    seen: set[str] = set()

    def anchor(row: re.Match[str]) -> str:
        before, rule, after = row.groups()
        if rule in seen:
            return row.group()
        seen.add(rule)
        return f'{before}<a class="rule" id="{rule}" href="#{rule}"><code>{rule}</code></a>{after}'

    return "".join(ROW.sub(anchor, text) if prose else text for text, prose in outside_fences(markdown))
