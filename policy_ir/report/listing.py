"""A source text as lines of HTML, with the parts that decided something marked and counted beside their line."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from itertools import pairwise

import attrs

from policy_ir.report.markup import escape

_TOKENS = re.compile(
    r"(?P<comment>(?:#|//|--)[^\n]*)"
    r'|(?P<string>"(?:[^"\\\n]|\\.)*")'
    r"|(?P<number>(?<![\w.])[-+]?\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?)"
)


@attrs.frozen(slots=True)
class Mark:
    """A part of the text, `start` to `end` in code points: its class in the style, and what to say beside its line."""

    start: int
    end: int
    kind: str
    note: str = ""
    title: str = ""


def listing(text: str, marks: Sequence[Mark], *, anchor: str = "L") -> str:
    """The lines of a text: number, code, notes. Marks may nest and overlap; each note stands where its mark starts.

    `anchor` is what the ids of the lines begin with.
    """
    spans = [(mark.start, mark.end, mark.kind, mark.title) for mark in marks]
    for token in _TOKENS.finditer(text):
        spans.append((token.start(), token.end(), f"t-{token.lastgroup}", ""))
    out = []
    start = 0
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        end = start + len(line)
        notes = sorted(
            (mark for mark in marks if mark.note and start <= mark.start <= end), key=lambda mark: mark.start
        )
        out.append(
            f'<li id="{anchor}{number}"><span class="ln">{number}</span><code>{_line(text, start, end, spans)}</code>'
            f'<span class="notes">{"".join(map(_note, notes))}</span></li>'
        )
        start = end + 1
    return f'<ol class="listing">{"".join(out)}</ol>'


def _note(mark: Mark) -> str:
    return f'<span class="note {mark.kind}" title="{escape(mark.title)}">{escape(mark.note)}</span>'


def _line(text: str, start: int, end: int, spans: Sequence[tuple[int, int, str, str]]) -> str:
    """One line; the space before its code is never marked."""
    code = start + len(text[start:end]) - len(text[start:end].lstrip())
    here = [(max(code, left), right, kind, said) for left, right, kind, said in spans if left < end and right > code]
    cuts = sorted({start, end, *(max(start, s[0]) for s in here), *(min(end, s[1]) for s in here)})
    out = []
    for left, right in pairwise(cuts):
        over = [span for span in here if span[0] <= left and span[1] >= right]
        piece = html.escape("".join(ch if ch.isprintable() or ch == "\t" else "�" for ch in text[left:right]))
        if not over:
            out.append(piece)
            continue
        classes = " ".join(dict.fromkeys(kind for _, _, kind, _ in over))
        title = next((f' title="{escape(words)}"' for *_, words in reversed(over) if words), "")
        out.append(f'<span class="{classes}"{title}>{piece}</span>')
    return "".join(out)
