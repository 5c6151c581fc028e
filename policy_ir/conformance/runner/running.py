"""Asking: requests are written ahead, replies are judged one by one, and a subject that fails is started again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, Final, Literal, TypeAlias, get_args

import attrs

from policy_ir.conformance.compare import difference
from policy_ir.conformance.runner.messages import Hello, Malformed, hello_line, read_hello, read_reply, request_line
from policy_ir.conformance.runner.process import End, Event, Line, Process, interrupts_held_back, last_line
from policy_ir.conformance.runner.subject_error import SubjectError
from policy_ir.conformance.suite import Vector
from policy_ir.diagnostics import legible

TIME_LIMIT: Final = 10.0
"""Seconds that a subject has for a request (`protocol/time`)."""

START_LIMIT: Final = 30.0
"""Seconds that a subject has to start and to say hello."""

WINDOW: Final = 32
"""How many requests are written ahead of their replies."""

PATIENCE: Final = 300.0
"""Seconds that a subject may keep the runner waiting in vain, all in all, before it is given up (`protocol/time`)."""

LIMITS: Final = 10
"""How many time limits the patience has at the least."""

STARTS: Final = 3
"""How often in a row a subject that has failed is started again before it is given up."""

SHOWN: Final = 400
"""How many characters of what a subject says a message has."""

Status: TypeAlias = Literal["pass", "fail", "unexpected-pass", "known", "skip"]
"""What can become of a vector, in the order in which reports count it."""
STATUSES: Final[tuple[Status, ...]] = get_args(Status)


@attrs.frozen
class Outcome:
    """What became of one vector.

    `message` is one line, empty for a pass. `seconds` is from when the subject could have begun to its reply. `stderr`
    is the end of what the subject wrote to its standard error where it had to be started again.
    """

    vector: Vector
    status: Status
    message: str
    seconds: float
    stderr: str = ""


@attrs.frozen
class Run:
    """What became of all vectors, in their order.

    `hello` is the message of the subject. `ending` says what the subject did instead of ending with the exit status 0
    when its input ended (`protocol/end`); None where it did that.
    """

    hello: Mapping[str, Any]
    command: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    seconds: float
    ending: str | None = None

    @property
    def passed(self) -> bool:
        """Whether not all was skipped, nothing failed or passed unexpectedly, and the subject ended as it should."""
        became = {one.status for one in self.outcomes}
        return self.ending is None and became != {"skip"} and became <= {"pass", "skip", "known"}


def run(
    vectors: Iterable[Vector],
    command: Sequence[str],
    *,
    time_limit: float = TIME_LIMIT,
    start_limit: float = START_LIMIT,
    patience: float | None = None,
    known: Mapping[str, str] | None = None,
    on_outcome: Callable[[Outcome], None] | None = None,
) -> Run:
    """Ask a subject about vectors.

    `command` is the program with its arguments. `time_limit` and `start_limit` are in seconds, and `patience`, after
    which a subject is given up: the time that passes at requests which it does not answer, but for known failures, and
    in starting it again. `known` maps ids of vectors to a part of the message that each is known to fail with.
    `on_outcome` is called with each outcome as soon as there is one. Raises `SubjectError` where the command cannot be
    started or does not say hello. The program is ended whatever happens.
    """
    patience = max(PATIENCE, LIMITS * time_limit) if patience is None else patience
    asked = _Asking(tuple(vectors), tuple(command), time_limit, start_limit, patience, known or {}, on_outcome)
    begun = monotonic()
    try:
        hello = asked.start()
        asked.ask(hello)
        ending = asked.finish()
    finally:
        asked.stop()
    outcomes = tuple(asked.outcomes[at] for at in range(len(asked.vectors)))
    return Run(hello.said, asked.command, outcomes, monotonic() - begun, ending)


@attrs.define
class _Asking:
    """One run under way.

    `waiting` are the places of vectors that no request was written for, `owed` of those that were, with the time when
    each was written; `since` is the time of the last reply. `lost` are the seconds that were waited in vain.
    """

    vectors: tuple[Vector, ...]
    command: tuple[str, ...]
    time_limit: float
    start_limit: float
    patience: float
    known: Mapping[str, str]
    on_outcome: Callable[[Outcome], None] | None
    outcomes: dict[int, Outcome] = attrs.field(factory=dict)
    waiting: deque[int] = attrs.field(factory=deque)
    owed: deque[tuple[int, float]] = attrs.field(factory=deque)
    since: float = 0.0
    lost: float = 0.0
    process: Process | None = None

    # --- the program ---

    def start(self) -> Hello:
        """Start the program and hear its hello. Raises `SubjectError`."""
        with interrupts_held_back():
            process = self.process = Process(self.command)
        process.send(hello_line())
        event = process.receive(monotonic() + self.start_limit)
        try:
            match event:
                case Line(data):
                    return read_hello(data)
                case End():
                    raise Malformed(f"the subject {_instead(event, process)} before its hello")
                case _:
                    said = f"the subject says no hello within {self.start_limit:g} s"
                    raise Malformed(f"{said}; does it write each line as soon as it has it?")
        except Malformed as wrong:
            self.stop()
            raise SubjectError(_with_last_words(str(wrong), process.stderr), process.stderr) from None

    def finish(self) -> str | None:
        """End the input of the program, and the program."""
        process, self.process = self.process, None
        return None if process is None else process.finish()

    def stop(self) -> None:
        """End the program at once."""
        process, self.process = self.process, None
        if process is not None:
            process.stop()

    # --- asking ---

    def ask(self, hello: Hello) -> None:
        """Ask about every vector that the subject does not lack something for."""
        for at, vector in enumerate(self.vectors):
            lacks = hello.lacks(vector)
            if lacks is None:
                self.waiting.append(at)
            else:
                self.note(Outcome(vector, "skip", lacks, 0.0), at)
        while self.waiting or self.owed:
            assert self.process is not None
            while self.waiting and len(self.owed) < WINDOW:
                at = self.waiting.popleft()
                self.owed.append((at, monotonic()))
                self.process.send(request_line(self.vectors[at]))
            at, written = self.owed[0]
            begun = max(written, self.since)
            until = begun + self.time_limit
            event = self.process.receive(until)
            if isinstance(event, Line) and event.at <= until:
                try:
                    reply = read_reply(event.data, self.vectors[at].id)
                except Malformed as wrong:
                    self.failed(f"the subject wrote {wrong}", event.at - begun)
                    continue
                self.owed.popleft()
                self.since = event.at
                self.judge(at, reply, hello, event.at - begun)
            else:
                self.failed(self.missed(event), monotonic() - begun)

    def missed(self, event: Event | None) -> str:
        """Why there is no reply."""
        if isinstance(event, End) and self.process is not None:
            return f"the subject {_instead(event, self.process)}"
        return f"no reply within {self.time_limit:g} s"

    def failed(self, message: str, seconds: float) -> None:
        """The subject has failed at the request that it owes an answer to; the others are asked again."""
        assert self.process is not None
        process = self.process
        self.stop()
        stderr = process.stderr
        at, _ = self.owed.popleft()
        self.conclude(at, "fail", _with_last_words(message, stderr), seconds, stderr)
        self.lost += seconds if self.outcomes[at].status == "fail" else 0.0
        self.waiting.extendleft(place for place, _ in reversed(self.owed))
        self.owed.clear()
        if self.waiting and self.lost >= self.patience:
            self.give_up(f"not asked: the subject is given up, {self.lost:.3g} s were waited for it in vain")
        elif self.waiting:
            begun = monotonic()
            self.start_again()
            self.lost += monotonic() - begun

    def start_again(self) -> None:
        for attempt in range(1, STARTS + 1):
            try:
                self.start()
                break
            except SubjectError as wrong:
                if attempt == STARTS:
                    self.give_up(f"the subject could not be started again: {wrong}", wrong.stderr)
        self.since = monotonic()

    def give_up(self, message: str, stderr: str = "") -> None:
        """Nothing more is asked; what was to be has failed."""
        while self.waiting:
            self.conclude(self.waiting.popleft(), "fail", message, 0.0, stderr)

    # --- judging ---

    def judge(self, at: int, reply: Mapping[str, Any], hello: Hello, seconds: float) -> None:
        """What a reply says of its vector."""
        match reply:
            case {"skipped": reason}:
                self.note(Outcome(self.vectors[at], "skip", _line(reason), seconds), at)
            case {"error": message}:
                self.conclude(at, "fail", f"the subject reports an error: {_line(message)}", seconds)
            case _:
                try:
                    differs = difference(self.vectors[at].expect, reply, hello.findings)
                except RecursionError:
                    differs = "the reply is nested deeper than any outcome"
                self.conclude(at, "pass" if differs is None else "fail", differs or "", seconds)

    def conclude(
        self, at: int, status: Literal["pass", "fail"], message: str, seconds: float, stderr: str = ""
    ) -> None:
        """The outcome of a vector that was asked about, in the light of what is known to fail."""
        vector = self.vectors[at]
        made: Status = status
        expected = self.known.get(vector.id)
        if expected is not None:
            if status == "pass":
                made, message = "unexpected-pass", f"it passes, and is known to fail with: {_line(expected)}"
            elif expected in message:
                made = "known"
            else:
                message = f"{message}; it is known to fail with: {_line(expected)}"
        self.note(Outcome(vector, made, message, seconds, stderr), at)

    def note(self, outcome: Outcome, at: int) -> None:
        self.outcomes[at] = outcome
        if self.on_outcome is not None:
            self.on_outcome(outcome)


def _with_last_words(message: str, stderr: str) -> str:
    """A message, with what the subject wrote to its standard error at last."""
    last = last_line(stderr)
    return f"{message} ({last})" if last else message


def _line(text: str) -> str:
    """A text that is not ours, on one line."""
    return legible(text[:SHOWN]) + ("…" if len(text) > SHOWN else "")


def _instead(end: End, process: Process) -> str:
    match end.why:
        case "long":
            return "wrote a line that is too long"
        case "broken":
            return f"{process.how_it_ended()} in the middle of a line"
        case _:
            return process.how_it_ended()
