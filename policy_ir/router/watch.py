"""One limit of time for a wait, which moves as an answer comes in.

A timer for each wait would cost more than the wait of a busy stream. So the timer is set once; when it runs out and the
limit has moved on meanwhile, it is set again.
"""

from __future__ import annotations

import asyncio
import math
from types import TracebackType

__all__ = ["Expired", "Watch"]


class Expired(TimeoutError):
    """A limit has passed. Its text says what has not come by then."""


class Watch:
    """A limit for the waits of one task: `with watch:` around what may take too long raises `Expired`.

    `end` is the last limit of all, a time of the event loop in seconds; `why` says what it means to be there. `within`
    sets a nearer one. A limit that has passed ends the next wait as well. A cancellation from elsewhere goes through.
    Call `stop` when no wait is to come.
    """

    __slots__ = ("_armed", "_cancelling", "_end", "_end_why", "_fired", "_handle", "_limit", "_loop", "_task", "_why")

    def __init__(self, loop: asyncio.AbstractEventLoop, end: float, why: str) -> None:
        self._loop = loop
        self._end, self._end_why = end, why
        self._limit, self._why = end, why
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._fired = False
        self._arm()

    def within(self, seconds: float, why: str) -> None:
        """Wait no longer than that from now, and not beyond the end."""
        limit = self._loop.time() + seconds
        self._limit, self._why = (limit, why) if limit < self._end else (self._end, self._end_why)
        if self._limit < self._armed:
            self._handle.cancel()
            self._arm()

    def stop(self) -> None:
        """Watch nothing any more."""
        self._handle.cancel()

    def _arm(self) -> None:
        self._armed = self._limit
        self._handle = self._loop.call_at(self._limit, self._ring)

    def _ring(self) -> None:
        if self._loop.time() < self._limit:
            self._arm()
            return
        self._armed = math.inf
        if self._task is not None:
            self._fired = True
            self._task.cancel()

    def __enter__(self) -> None:
        if self._loop.time() >= self._limit:
            raise Expired(self._why)
        task = self._task = asyncio.current_task()
        assert task is not None
        self._cancelling = task.cancelling()

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        if self._fired and task is not None:
            self._fired = False
            if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
                raise Expired(self._why) from None
