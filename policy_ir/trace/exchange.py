"""Traces and parts as JSON lines, to take a history from one machine to another.

A line is a trace, as `Trace.to_json` has it, or a part: an object with `part` (its kind), `digest` and `text`. Parts
stand before the first trace that names them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import attrs

from policy_ir.diagnostics import Refused, codes, quoted
from policy_ir.trace.parts import MAX_TEXT, Part, Rebuilder, names_of_parts, text_of, vocabulary_of
from policy_ir.trace.record import Trace

if TYPE_CHECKING:
    from policy_ir.trace.store import Store

__all__ = ["Taken", "exported", "take_in"]

MAX_LINE: Final = 2 * MAX_TEXT
"""The most bytes of a line: a part's text with its quotes escaped."""
TOGETHER: Final = 256
"""Traces that are written in one transaction."""


def exported(store: Store, traces: Iterable[Trace], *, parts: bool) -> Iterator[str]:
    """The lines of traces, with the parts that they name or without. Raises `Refused` (`PIR0931`)."""
    told: set[tuple[str, str]] = set()
    for trace in traces:
        for kind, digest in names_of_parts(trace) if parts else ():
            if (kind, digest) in told:
                continue
            told.add((kind, digest))
            content = store.part(kind, digest)
            if content is None:
                raise _unusable(f"the {kind} {quoted(digest)} of the trace {quoted(trace.id)} is missing")
            try:
                text = text_of(content).decode()
            except ValueError as error:
                raise _unusable(f"the {kind} {quoted(digest)} is damaged: {error}") from None
            yield _line({"part": kind, "digest": digest, "text": text})
        yield _line(trace.to_json())


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n"


@attrs.frozen
class Taken:
    """What was taken in: traces, and among them those with decisions whose parts are neither in the text nor there."""

    traces: int
    without_parts: int


def take_in(store: Store, text: BinaryIO, name: str) -> Taken:
    """Write the exported lines of a file of this name to a store.

    A decision with all its parts is rebuilt first, and only such parts are written: none gets in under a wrong name.
    Raises `Refused` (`PIR0931`) for a line that is neither, and for parts that are not what the trace names; what stood
    in lines well before is written. Raises `Unwritable`.
    """
    brought: dict[tuple[str, str], Part] = {}
    rebuilder = Rebuilder(lambda kind, digest: _content(store, brought, kind, digest))
    waiting: list[Trace] = []
    due: dict[tuple[str, str], Part] = {}
    traces = without = 0
    for number, line in enumerate(iter(lambda: text.readline(MAX_LINE + 1), b""), 1):
        if line.isspace():
            continue
        read = _read(line, name, number)
        if isinstance(read, Part):
            brought[read.kind, read.digest] = read
            continue
        if vocabulary_of(read) is not None:
            named = names_of_parts(read)
            if all(_content(store, brought, *one) is not None for one in named):
                for call in read.calls:
                    if call.decision is not None:
                        rebuilder.rebuild(call)
                if read.is_flow:
                    rebuilder.flow(read)
                due |= {one: brought[one] for one in named if one in brought}
            else:
                without += 1
        traces += 1
        waiting.append(read)
        if len(waiting) == TOGETHER:
            store.write(waiting, due.values())
            for one in due:
                del brought[one]
            waiting, due = [], {}
    store.write(waiting, due.values())
    return Taken(traces, without)


def _content(store: Store, brought: dict[tuple[str, str], Part], kind: str, digest: str) -> bytes | None:
    part = brought.get((kind, digest))
    return store.part(kind, digest) if part is None else part.content


def _read(line: bytes, name: str, number: int) -> Trace | Part:
    try:
        if len(line) > MAX_LINE:
            raise ValueError(f"it has more than {MAX_LINE} bytes")
        value = json.loads(line)
        if isinstance(value, dict) and "part" in value:
            kind, digest, text = value["part"], value["digest"], value["text"]
            if len(value) != 3 or not all(isinstance(one, str) for one in (kind, digest, text)):
                raise ValueError("a part has three texts")
            return Part.packed(kind, digest, text.encode())
        return Trace.from_json(value)
    except (ValueError, KeyError, RecursionError) as error:
        raise _unusable(f"line {number} is neither a trace nor a part: {error}", source=name) from None


def _unusable(message: str, **fields: Any) -> Refused:
    return Refused.because(codes.TRACE_PART, message, **fields)
