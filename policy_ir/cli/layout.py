"""Tables and paragraphs for the terminal, over rich: no boxes, colours only where they say something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from policy_ir.cli.screen import NARROW, width
from policy_ir.diagnostics import legible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

Justify = Literal["left", "right"]

CHOSEN = "bold yellow"
KEPT = "green"
REFUSED = "red"
SOFT = "dim"
HEAD = "bold"


def narrow() -> bool:
    """Whether there is room for the essential only."""
    return width() < NARROW


def table(*columns: tuple[str, Justify], header: bool = True, indent: int = 0) -> Table:
    """An empty table; a column is its heading and its side. Text folds within its column, nothing is cut off."""
    from rich.table import Table

    made = Table(
        box=None,
        show_header=header and any(name for name, _ in columns),
        header_style=SOFT,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        collapse_padding=True,
    )
    if indent:
        made.add_column(" " * (indent - 2), width=indent - 2)
    for name, side in columns:
        made.add_column(name, justify=side, overflow="fold")
    return made


def rows(made: Table, lines: Iterable[Sequence[str]], *, indent: int = 0, styles: Sequence[str] = ()) -> Table:
    """The table with rows of plain texts, each in the style of its place where there is one."""
    from rich.text import Text

    for at, cells in enumerate(lines):
        style = styles[at] if at < len(styles) else ""
        made.add_row(*([Text()] if indent else []), *(Text(legible(cell)) for cell in cells), style=style or None)
    return made


def assembled(*pieces: str | tuple[str, str]) -> Text:
    """One text of pieces, plain or (text, style); what an author or a catalogue put into them steers no terminal."""
    from rich.text import Text

    return Text.assemble(*(legible(one) if isinstance(one, str) else (legible(one[0]), one[1]) for one in pieces))


def say(console: Console, *pieces: str | tuple[str, str]) -> None:
    """A paragraph of pieces, plain or (text, style), folded at words."""
    console.print(assembled(*pieces), soft_wrap=False)


def fingerprints(console: Console, pairs: Iterable[tuple[str, str]], *, label: int = 12) -> None:
    """Names with fingerprints; on narrow terminals the digest is shortened, as `--format json` has it whole."""
    from rich.text import Text

    room = width() - label
    for name, value in pairs:
        digest = legible(value)
        shown = digest if len(digest) <= room else f"{digest[: max(14, room - 1)]}…"
        console.print(Text.assemble((name.ljust(label), SOFT), shown), no_wrap=True, overflow="crop", crop=True)
