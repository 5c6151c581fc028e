"""Server-sent events, read as they come in.

The reader takes bytes however the network cut them, and gives each event as soon as its empty line is there. Lines end
in LF, CR or CRLF; a byte order mark at the start is left out; comments and the fields `id` and `retry` are passed over;
an event without data is none, and neither is one that the stream's end cuts off. So the HTML standard has it. Here,
data stays bytes, since what reads it decodes it, and no more than a stated number of them is held.
"""

from __future__ import annotations

from typing import NamedTuple

MOST: int = 4 * 1024 * 1024
"""Bytes of one event, its line ends included, unless a reader is told otherwise."""

_MARK = b"\xef\xbb\xbf"


class EventTooLong(ValueError):
    """An event, or a line that is none yet, has more bytes than the reader may hold."""


class Event(NamedTuple):
    """An event: its type (empty where the stream names none), and its data, the lines of it joined by LF."""

    name: bytes
    data: bytes


class EventReader:
    """The events of one stream. It holds what has come in of the next one, at most `most` bytes and the last piece."""

    __slots__ = ("_after_cr", "_data", "_first", "_held", "_most", "_name", "_rest")

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._rest = bytearray()
        """What has come in of the next line."""
        self._data: list[bytes] = []
        """The lines of data of the next event."""
        self._name = b""
        self._held = 0
        """Bytes in `_rest` and `_data`, each line of data counted with its end."""
        self._first = True
        """Whether no line has ended yet."""
        self._after_cr = False
        """Whether the last byte was a CR that ended a line: an LF that follows belongs to it."""

    def feed(self, piece: bytes) -> list[Event]:
        """The events that a further piece completes, in order.

        Raises EventTooLong; nothing can be read after that.
        """
        if self._after_cr and piece:
            self._after_cr = False
            if piece[0] == 0x0A:
                piece = piece[1:]
        if b"\r" in piece:
            self._after_cr = piece.endswith(b"\r")
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = piece.split(b"\n")
        rest = lines.pop()
        events: list[Event] = []
        if lines:
            if self._rest:
                self._held -= len(self._rest)
                lines[0] = bytes(self._rest) + lines[0]
                self._rest.clear()
            if self._first:
                self._first = False
                lines[0] = lines[0].removeprefix(_MARK)
            for line in lines:
                self._take(line, events)
        if rest:
            self._rest += rest
            self._hold(len(rest))
        return events

    def _take(self, line: bytes, events: list[Event]) -> None:
        """Take a line, without its end."""
        if not line:
            if self._data:
                events.append(Event(self._name, self._data[0] if len(self._data) == 1 else b"\n".join(self._data)))
                self._data = []
                self._held = 0
            self._name = b""
            return
        field, _, value = line.partition(b":")
        if value[:1] == b" ":
            value = value[1:]
        if field == b"data":
            self._data.append(value)
            self._hold(len(value) + 1)
        elif field == b"event":
            self._name = value

    def _hold(self, size: int) -> None:
        self._held += size
        if self._held > self._most:
            raise EventTooLong(f"an event of more than {self._most} bytes")
