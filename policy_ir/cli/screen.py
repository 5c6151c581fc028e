"""What the command line writes: results to standard output, diagnostics to standard error, both UTF-8.

Colour only on a terminal, and not where `NO_COLOR` is set or `TERM` is `dumb`. The width is `COLUMNS`, or the
terminal's, or 100. Rich is imported when a table is printed, never before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TextIO, cast

from policy_ir.diagnostics import Diagnostic, render_human, to_json

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.diagnostics.render import Texts

WIDTH = 100
"""Columns where nobody says how many there are."""
SHOWN = 20
"""Diagnostics that are rendered for people; JSON has all."""
NARROW = 80
"""Below this many columns, layouts leave out what can be looked up elsewhere."""


class Format(StrEnum):
    """How results and diagnostics are written."""

    HUMAN = "human"
    JSON = "json"


def prepare_streams() -> None:
    """UTF-8 and plain newlines on every platform; what cannot be encoded is escaped, never an error.

    A stream that was closed before the start is None; what is written to it goes nowhere.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def coloured(stream: TextIO) -> bool:
    """Whether colours are wanted on a stream."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and stream.isatty()


def width() -> int:
    """Columns to write into, at least 20."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and len(columns) < 6 and int(columns) > 0:
        return max(20, int(columns))
    try:
        said = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        said = 0
    return max(20, said) if said > 0 else WIDTH


def console(*, error: bool = False) -> Console:
    """Standard output, or standard error, for tables and styled text."""
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            raise  # rich would end the process with 1; `guarded` knows what to do

    stream = sys.stderr if error else sys.stdout
    colour = coloured(stream)
    return Quiet(
        file=stream if colour else cast(TextIO, _Trimmed(stream)),
        width=width(),
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


class _Trimmed:
    """A stream without the spaces that tables are padded with at the end of lines."""

    encoding = "utf-8"

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write whole lines; rich gives no others."""
        self._stream.write("\n".join(line.rstrip(" ") for line in text.split("\n")))
        return len(text)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()


def report(diagnostics: Sequence[Diagnostic], texts: Texts, format: Format) -> None:
    """Diagnostics on standard error: `{"diagnostics": [...]}` as JSON, excerpts with marks otherwise."""
    if format is Format.JSON:
        sys.stderr.write(as_json({"diagnostics": [to_json(found, texts) for found in diagnostics]}))
        return
    text = render_human(diagnostics[:SHOWN], texts, colour=coloured(sys.stderr))
    rest = len(diagnostics) - SHOWN
    omitted = f"\n... and {rest:,} more; --format json has all\n" if rest > 0 else ""
    sys.stderr.write(f"{text}\n{omitted}{_more(diagnostics)}")


def _more(diagnostics: Sequence[Diagnostic]) -> str:
    names = list(dict.fromkeys(str(found.code) for found in diagnostics))
    if not names:
        return ""
    shown = names[0] if len(names) == 1 else f"CODE  ({', '.join(names[:4])}{', …' if len(names) > 4 else ''})"
    return f"\nfor more: policy-ir help {shown}\n"


def as_json(value: Any) -> str:
    """A JSON value as text with a final newline: two spaces deep, keys as given, no NaN or infinity.

    It may be read on a terminal, so what cannot be seen is escaped, as in the wire syntax.
    """
    import json

    from policy_ir.syntax.print_wire import UNSEEN

    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return UNSEEN.sub(lambda seen: json.dumps(seen[0])[1:-1], text) + "\n"


def write_json(value: Any) -> None:
    """A JSON value on standard output."""
    sys.stdout.write(as_json(value))
