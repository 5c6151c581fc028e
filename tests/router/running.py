"""Tests of what is asynchronous, as plain functions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec

P = ParamSpec("P")

LONGEST = 30.0
"""Seconds after which a test is taken to hang."""


def run(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test that is run to its end in an event loop of its own."""

    @wraps(test)
    def runs(*args: P.args, **kwargs: P.kwargs) -> None:
        async def bounded() -> None:
            await asyncio.wait_for(test(*args, **kwargs), LONGEST)

        asyncio.run(bounded())

    return runs
