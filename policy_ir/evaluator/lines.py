"""Lines of Python, which are written one after another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

__all__ = ["Lines"]


@attrs.define(eq=False)
class Lines:
    """Lines of Python, indented as they are written."""

    lines: list[str] = attrs.field(factory=list)
    indent: str = ""

    def __call__(self, *lines: str) -> None:
        """Write these at the present depth."""
        self.lines += [self.indent + line for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write this, and what is written within one step deeper."""
        self(head)
        outer = self.indent
        self.indent += "    "
        yield
        self.indent = outer
