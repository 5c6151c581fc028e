"""The contenders: each decides the same calls, in a form that suits it."""

from __future__ import annotations


class LeftOut(Exception):
    """A contender cannot run here, and why."""
