"""A bar that shows how far something has come: on a terminal, on standard error, and gone when it is done."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from policy_ir.cli.screen import coloured


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Within it, tell the function how many more of `total` things are done. Shows nothing without a terminal."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    screen = Console(file=sys.stderr, no_color=not coloured(sys.stderr), highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=None), MofNCompleteColumn(),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda further: bar.advance(task, further)
