"""The program that is asked: started with pipes, read and written by threads, ended with all that it started.

A thread of its own writes, so that a program which stops reading blocks nobody; one reads whole lines of a bounded
length; one drains the standard error and keeps its end.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import IO, Final, Literal, TypeAlias

import attrs

from policy_ir.conformance.runner.subject_error import SubjectError
from policy_ir.diagnostics import legible, quoted

LINE_BYTES: Final = 8 * 1024 * 1024
"""The most bytes of a line (`protocol/line`)."""

STDERR_BYTES: Final = 8 * 1024
"""How much is kept of the end of the standard error."""

GRACE: Final = 5.0
"""Seconds that a program may take to end when its input has ended."""

LONGEST: Final = 1e6
"""The most seconds that are waited at a time: no system waits for as many as a float can say."""

JOIN: Final = 2.0
"""Seconds that a thread may take to see that its pipe is closed."""


@attrs.frozen(slots=True)
class Line:
    """A line that was read, without its end, and when (`monotonic`)."""

    data: bytes
    at: float


@attrs.frozen(slots=True)
class End:
    """No further line comes: the output has ended, in the middle of a line perhaps, or a line is too long."""

    why: Literal["ended", "broken", "long"]
    at: float


Event: TypeAlias = Line | End


class Process:
    """A running program. Raises `SubjectError` where it cannot be started."""

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._popen = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # a group of its own, so that whatever it starts ends with it
            )
        except (OSError, ValueError, IndexError) as wrong:
            raise SubjectError(f"{quoted(' '.join(command))} cannot be started: {_why(wrong)}") from None
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        self._errors: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._stopped = False
        self._finishing = False
        self._further = False
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        assert self._popen.stderr is not None
        self._threads = [
            threading.Thread(target=work, args=(pipe,), daemon=True)
            for work, pipe in (
                (self._write, self._popen.stdin),
                (self._read, self._popen.stdout),
                (self._drain, self._popen.stderr),
            )
        ]
        for thread in self._threads:
            thread.start()

    # --- the threads ---

    def _write(self, pipe: IO[bytes]) -> None:
        with suppress(OSError, ValueError):  # it has stopped reading; what it writes, or not, says the rest
            while (line := self._outgoing.get()) is not None:
                pipe.write(line)
                pipe.flush()
        with suppress(OSError):
            pipe.close()

    def _read(self, pipe: IO[bytes]) -> None:
        while True:
            try:
                line = pipe.readline(LINE_BYTES + 2)
            except (OSError, ValueError):
                line = b""
            if self._finishing and line:  # nobody takes it; it is not kept, however much comes
                self._further = True
                continue
            if line.endswith(b"\n") and len(line) <= LINE_BYTES + 1:
                self._events.put(Line(line[:-1], monotonic()))
                continue
            self._events.put(End("ended" if not line else "long" if len(line) > LINE_BYTES else "broken", monotonic()))
            break

    def _drain(self, pipe: IO[bytes]) -> None:
        kept = 0
        with suppress(OSError, ValueError):
            while data := os.read(pipe.fileno(), 65536):
                with self._lock:
                    self._errors.append(data)
                    kept += len(data)
                    while kept - len(self._errors[0]) >= STDERR_BYTES:
                        kept -= len(self._errors.popleft())

    # --- what others ask of it ---

    def send(self, line: bytes) -> None:
        """Have a line written, in the order of the calls; returns at once."""
        self._outgoing.put(line)

    def receive(self, until: float) -> Event | None:
        """The next event; None if there is none until a time (`monotonic`)."""
        try:
            return self._events.get(timeout=min(LONGEST, max(0.0, until - monotonic())))
        except Empty:
            return None

    def finish(self) -> str | None:
        """End the input and wait for the program to end; what it did instead, None where all is well."""
        self._finishing = True
        self._outgoing.put(None)
        try:
            status = self._popen.wait(GRACE)
            said = None if status == 0 else f"it {_ended(status)} at the end of its input"
        except subprocess.TimeoutExpired:
            said = f"it did not end within {GRACE:g} s of the end of its input"
        self.stop()
        if said is None and (self._further or self._left_over()):
            said = "it wrote more than one line for each request"
        return said

    def _left_over(self) -> bool:
        """Whether something was written that nobody has taken."""
        with suppress(Empty):
            while True:
                event = self._events.get_nowait()
                if isinstance(event, Line) or event.why != "ended":
                    return True
        return False

    def stop(self) -> None:
        """End the program, and everything of its group, and wait for that. May be called again."""
        if self._stopped:
            return
        self._stopped = True
        self._outgoing.put(None)
        _kill(self._popen)
        self._popen.wait()
        for thread in self._threads:
            thread.join(JOIN)  # something that left the group may hold a pipe open; the thread is left to it
        for pipe, thread in ((self._popen.stdout, self._threads[1]), (self._popen.stderr, self._threads[2])):
            if pipe is not None and not thread.is_alive():
                pipe.close()

    def how_it_ended(self) -> str:
        """How the program ended, as a phrase, once its output has."""
        try:
            return _ended(self._popen.wait(JOIN / 4))
        except subprocess.TimeoutExpired:
            return "closed its standard output"

    @property
    def stderr(self) -> str:
        """The end of what it wrote to its standard error; complete after `stop`."""
        with self._lock:
            data = b"".join(self._errors)[-STDERR_BYTES:]
        return data.decode("utf-8", "replace")


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """An interrupt waits as long as this lasts: what is being started cannot be ended yet."""
    if threading.current_thread() is not threading.main_thread():  # nobody else is interrupted
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


def _why(wrong: Exception) -> str:
    return (wrong.strerror or "it fails").lower() if isinstance(wrong, OSError) else str(wrong)


def _ended(status: int) -> str:
    if status >= 0:
        return f"ended with the exit status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by the signal {-status}"


def _kill(popen: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        popen.kill()
        return
    try:
        os.killpg(popen.pid, signal.SIGKILL)
    except ProcessLookupError:  # the group is gone
        pass
    except PermissionError:  # some systems say so of a group of processes that have ended
        popen.kill()


_FAULT: Final = re.compile(
    r"(Uncaught )?[\w.]*(Error|Exception)\b.*: |Exception in thread |panic: |fatal error: |thread '"
)
"""How a line begins by which a language names a fault, before or after the trace of it."""


def last_line(text: str) -> str:
    """The last line of a text that names a fault, or else that is not blank; safe to show, empty if there is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    named = [line for line in lines if _FAULT.match(line)]
    return legible((named or lines)[-1].strip()[:200]) if lines else ""
