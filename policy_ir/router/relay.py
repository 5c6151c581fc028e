"""What of a streamed answer the caller gets, and when.

Nothing goes out before the first content: until then another provider can take over unseen. From the first end of a
choice on, one piece is held back, because the last of them carries the account of the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from policy_ir.router.upstream import Chunk

__all__ = ["Relay", "Sink"]

HELD_CHUNKS: Final = 64
"""The most pieces without content that are held back."""


class Sink(Protocol):
    """Where a streamed answer goes."""

    async def begin(self) -> None:
        """The first content is about to come."""

    async def send(self, data: bytes) -> None:
        """The data of one event."""


class Relay:
    """The pieces of one attempt on their way to a sink.

    `own_usage`: it was the router that asked for the usage, so the caller does not get the piece that is nothing else.
    `begun` is whether the sink has got anything, `last` the piece that is held back at the end.
    """

    def __init__(self, sink: Sink, *, own_usage: bool) -> None:
        self._sink, self._own_usage = sink, own_usage
        self._held: list[Chunk] = []
        self.begun = False
        self.last: Chunk | None = None

    async def take(self, chunk: Chunk) -> None:
        """Take the next piece."""
        if self._own_usage and chunk.usage is not None and _says_nothing(chunk):
            return
        if self.begun:
            await self._pass_on(chunk)
            return
        self._held.append(chunk)
        if chunk.content or chunk.finish or len(self._held) == HELD_CHUNKS:
            self.begun = True
            await self._sink.begin()
            for one in self._held:
                await self._pass_on(one)
            self._held.clear()

    async def _pass_on(self, chunk: Chunk) -> None:
        before, self.last = self.last, None
        if before is not None:
            await self._sink.send(before.raw)
        if chunk.finish or before is not None:
            self.last = chunk
        else:
            await self._sink.send(chunk.raw)


def _says_nothing(chunk: Chunk) -> bool:
    """Whether a piece has no choice, or only empty ones, as some write beside the usage."""
    choices = chunk.value.get("choices") or ()
    return not (chunk.content or chunk.finish) and not any(choice.get("delta") for choice in choices)
