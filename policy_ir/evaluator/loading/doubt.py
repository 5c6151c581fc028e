"""How the fast load says that it would have to look closer: by exceptions, of which Python raises most by itself.

A table that lacks a name raises KeyError; too few or too many arguments, and a string that has no UTF-8, raise
ValueError; an integer beyond binary64 raises OverflowError. None of them is an error: the definition looks closer.
"""

from __future__ import annotations

from typing import Final, NoReturn

from policy_ir.syntax.loader import Unloadable


class Doubtful(ValueError):
    """Not certainly right."""


def doubt() -> NoReturn:
    """Raise Doubtful, where there can be no statement."""
    raise Doubtful


DOUBTS: Final = (LookupError, ValueError, OverflowError, Unloadable)
"""What is raised where something is not certainly right."""
