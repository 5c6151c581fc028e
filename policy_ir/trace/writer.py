"""Writing traces from an event loop, in it or in a thread of its own.

Whoever writes waits until the trace is committed, and so tells nobody of it before. A store that commits in less time
than it takes to wake a thread is written in the event loop, as long as nothing of it would have to be waited for. All
else goes to the thread. While one commit is under way there the next traces gather, so the more there are the less each
costs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import chain, islice
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import attrs

from policy_ir.trace.store import Unwritable

if TYPE_CHECKING:
    from policy_ir.trace.parts import Part
    from policy_ir.trace.record import Trace

__all__ = ["AtOnce", "Writable", "Writer"]

MOST_TOGETHER: Final = 256
"""Traces of one transaction."""
SEEN_AGAIN_S: Final = 1800.0
"""A part is written again after this long: `Store.prune` takes it for unused after a day."""
KNOWN_PARTS: Final = 4096
"""Parts that are remembered as written."""
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0
"""Pauses between attempts while the store takes nothing; each is twice the one before."""
SLOW_S: Final = 0.02
"""A commit of this length is too long for an event loop."""
RESPITE_S: Final = 10.0
"""Seconds for which the thread does the writing after such a commit."""

AtOnce: TypeAlias = Callable[["Sequence[Trace]", "Iterable[Part]"], bool]
"""Writes traces with their parts, all or nothing, if that needs no waiting; false where it does."""


class Writable(Protocol):
    """What a writer needs of a store."""

    def write(self, traces: Sequence[Trace], parts: Iterable[Part] = ()) -> None:
        """Write traces with their parts, all or nothing. Raises `Unwritable`."""


@attrs.frozen(slots=True, eq=False)
class _Entry:
    """A trace on its way; `told` is done as soon as its caller knows what became of it."""

    trace: Trace
    parts: Sequence[Part]
    told: asyncio.Future[None]


class Writer:
    """Writes traces for the coroutines of one event loop.

    `at_once` writes the store within the loop, None where only the thread can. `capacity` bounds the traces that wait
    to be committed, and those that a failing store has not taken; `patience` is how long a caller waits for one, in
    seconds. `queued`, `written` and `failed` count traces: that wait, that are committed, whose caller was told of an
    error. `healthy` is false while the store takes nothing.

    Traces that a store cannot take for reasons that may pass (`Unwritable.passing`) are kept and tried again after
    their callers were told, and may be committed yet.
    """

    def __init__(
        self,
        store: Writable,
        *,
        loop: asyncio.AbstractEventLoop,
        at_once: AtOnce | None = None,
        capacity: int = 1024,
        patience: float = 10.0,
    ) -> None:
        self.written = 0
        self.failed = 0
        self.healthy = True
        self._store = store
        self._at_once = at_once
        self._not_before = 0.0
        self._gathered: list[_Entry] = []
        self._loop = loop
        self._capacity = capacity
        self._patience = patience
        self._waiting = 0
        self._closed = False
        self._incoming: SimpleQueue[_Entry | None] = SimpleQueue()
        self._held: deque[_Entry] = deque()
        self._asked: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self._known: dict[tuple[str, str], float] = {}
        self._ended = loop.create_future()
        self._thread = Thread(target=self._run, name="policy-ir trace writer", daemon=True)
        self._thread.start()

    @property
    def queued(self) -> int:
        """Traces that wait to be committed, or to be tried again."""
        return self._waiting + len(self._held)

    async def write(self, trace: Trace, parts: Sequence[Part] = ()) -> None:
        """Write a trace with the parts that it names, and return when it is committed. Raises `Unwritable`.

        A caller that is cancelled takes nothing back.
        """
        if self._closed or self._waiting >= self._capacity:
            self.failed += 1
            raise Unwritable("the writer is closed" if self._closed else "too many traces wait", passing=True)
        entry = _Entry(trace, parts, self._loop.create_future())
        self._waiting += 1
        if self._at_once is None or self._loop.time() < self._not_before:
            self._hand_over(entry)
        else:
            if not self._gathered:
                self._loop.call_soon(self._commit_gathered)
            self._gathered.append(entry)
        await entry.told

    async def close(self) -> None:
        """Commit what is on its way and end the thread; what the store does not take now is lost."""
        if not self._closed:
            self._closed = True
            self._commit_gathered()
            self._incoming.put(None)
        await asyncio.wait([self._ended], timeout=2 * self._patience)
        if self._watch is not None:
            self._watch.cancel()

    # --- in the event loop ---

    def _hand_over(self, entry: _Entry) -> None:
        """Have the thread write a trace."""
        self._incoming.put(entry)
        self._asked.append((self._loop.time() + self._patience, entry.told))
        if self._watch is None:
            self._watch = self._loop.call_later(self._patience, self._give_up)

    def _commit_gathered(self) -> None:
        """Write what has come in this turn of the event loop here and now, or have the thread do it."""
        batch, self._gathered = self._gathered, []
        # While the thread has nothing to do, nothing else is touched by it either.
        idle = self._waiting == len(batch) and not self._held
        if batch and not (idle and self._committed_at_once(batch)):
            for entry in batch:
                self._hand_over(entry)

    def _committed_at_once(self, batch: Sequence[_Entry]) -> bool:
        assert self._at_once is not None
        began = monotonic()
        parts = self._new(chain.from_iterable(entry.parts for entry in batch), began)
        try:
            if not self._at_once([entry.trace for entry in batch], parts.values()):
                return False
        except Exception:  # a trace that no store can take: the thread tells its caller, and writes the others
            return False
        self._remember(parts, began)
        self.written += len(batch)
        if monotonic() - began > SLOW_S:
            self._not_before = self._loop.time() + RESPITE_S
        self._tell(batch, None)
        return True

    def _give_up(self) -> None:
        """Tell those who have waited too long, and look again when the next one will have."""
        now = self._loop.time()
        while self._asked and (self._asked[0][1].done() or self._asked[0][0] <= now):
            told = self._asked.popleft()[1]
            if not told.done():
                self.failed += 1
                told.set_exception(Unwritable("the store does not answer", passing=True))
        self._watch = self._loop.call_at(self._asked[0][0], self._give_up) if self._asked else None

    def _tell(self, entries: Sequence[_Entry], error: Unwritable | None) -> None:
        self._waiting -= len(entries)
        for entry in entries:
            if entry.told.done():
                continue
            if error is None:
                entry.told.set_result(None)
            else:
                self.failed += 1
                entry.told.set_exception(error)
        while self._asked and self._asked[0][1].done():
            self._asked.popleft()

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    # --- in the thread ---

    def _run(self) -> None:
        pause, retry_at, running = FIRST_PAUSE_S, 0.0, True
        while running:
            batch, running = self._next(max(0.0, retry_at - monotonic()) if self._held else None)
            if self._held and (not running or monotonic() >= retry_at):
                again = self._try_again()
                self.healthy = again is None
                pause = FIRST_PAUSE_S if again is None else min(2 * pause, LONGEST_PAUSE_S)
                retry_at = monotonic() + pause
            if not batch:
                continue
            if self._held:
                self._hold(batch, Unwritable("the store takes nothing at the moment", passing=True))
                continue
            done, wrong = self._commit(batch, told=False)
            if wrong is not None:
                self.healthy = False
                pause, retry_at = FIRST_PAUSE_S, monotonic() + FIRST_PAUSE_S
                self._hold(batch[done:], wrong)
        self._in_loop(self._end)

    def _next(self, timeout: float | None) -> tuple[list[_Entry], bool]:
        """What has come in, after waiting for it so many seconds; false where nothing more will come."""
        batch: list[_Entry] = []
        try:
            entry = self._incoming.get(timeout=timeout)
            while entry is not None:
                batch.append(entry)
                if len(batch) == MOST_TOGETHER:
                    return batch, True
                entry = self._incoming.get_nowait()
        except Empty:
            return batch, True
        return batch, False

    def _commit(self, batch: Sequence[_Entry], *, told: bool) -> tuple[int, Unwritable | None]:
        """Write a batch; how many of its first traces are settled, and what keeps the store from taking the others.

        Settled is what is committed, and what the store will never take. Callers hear of it unless they were told.
        """
        wrong = self._write(batch)
        if wrong is not None and wrong.passing:
            return 0, wrong
        if wrong is not None and len(batch) > 1:
            # One of them is at fault, and the others are not to suffer for it.
            for place, entry in enumerate(batch):
                _, passing = self._commit([entry], told=told)
                if passing is not None:
                    return place, passing
            return len(batch), None
        if wrong is None:
            self.written += len(batch)
        if not told:
            self._in_loop(self._tell, batch, wrong)
        return len(batch), None

    def _write(self, batch: Sequence[_Entry]) -> Unwritable | None:
        now = monotonic()
        parts = self._new(chain.from_iterable(entry.parts for entry in batch), now)
        try:
            self._store.write([entry.trace for entry in batch], parts.values())
        except Unwritable as wrong:
            return wrong
        except Exception as fault:  # whatever is wrong with one trace, the next ones are to be written
            return Unwritable(f"{type(fault).__name__}: {fault}", passing=False)
        self._remember(parts, now)
        return None

    def _new(self, parts: Iterable[Part], now: float) -> dict[tuple[str, str], Part]:
        """Those of some parts that are not known as written, or not lately."""
        due, known = now - SEEN_AGAIN_S, self._known
        return {key: part for part in parts if known.get(key := (part.kind, part.digest), due) <= due}

    def _remember(self, parts: Iterable[tuple[str, str]], now: float) -> None:
        """Know parts as written."""
        known = self._known
        for key in parts:
            known.pop(key, None)
            known[key] = now
        while len(known) > KNOWN_PARTS:
            del known[next(iter(known))]

    def _hold(self, batch: Sequence[_Entry], wrong: Unwritable) -> None:
        """Keep traces to try them again, as many as there is room for, and tell their callers why."""
        self._held.extend(batch[: max(0, self._capacity - len(self._held))])
        self._in_loop(self._tell, batch, wrong)

    def _try_again(self) -> Unwritable | None:
        """Write what is held, oldest first, until the store refuses."""
        while self._held:
            done, wrong = self._commit(list(islice(self._held, MOST_TOGETHER)), told=True)
            for _ in range(done):
                self._held.popleft()
            if wrong is not None:
                return wrong
        return None

    def _in_loop(self, action: Callable[..., None], *arguments: object) -> None:
        # Where the loop is closed, nobody waits any more.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(action, *arguments)
