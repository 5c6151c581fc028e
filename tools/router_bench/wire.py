"""Just enough HTTP/1.1 for the two ends of a measurement: no reader of the network should trust it.

Bodies of requests have a length; those of responses have one, or come in chunks whose last one ends the response.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["MARK", "Response", "body_length", "marked", "request"]

_LENGTH: Final = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)

MARK: Final = re.compile(rb"t(\d{10}) ")
"""How the upstream says in its content how long it has thought, in microseconds: proxies pass content on."""


def marked(microseconds: int) -> bytes:
    """The mark for so long."""
    return b"t%010d " % microseconds


def body_length(head: bytes) -> int | None:
    """The length that the head of a message states, None where it states none."""
    found = _LENGTH.search(head)
    return None if found is None else int(found[1])


def request(host: str, path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """A POST of JSON."""
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{more}"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Response:
    """One response, as it arrives; nothing may follow it."""

    def __init__(self) -> None:
        self.data = b""
        self._body_at = 0
        self._length: int | None = None

    def take(self, data: bytes) -> bool:
        """Take what has arrived; whether the response is whole."""
        self.data += data
        if not self._body_at:
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return False
            self._body_at = end + 4
            self._length = body_length(self.data[:end])
        if self._length is None:
            return self.data.endswith(b"\r\n0\r\n\r\n")
        return len(self.data) >= self._body_at + self._length

    @property
    def status(self) -> int:
        """The status, once the head is there."""
        return int(self.data[9:12])

    @property
    def head(self) -> bytes:
        """The head, once it is there."""
        return self.data[: self._body_at]

    @property
    def body(self) -> bytes:
        """What follows the head: as it is, or in chunks."""
        return self.data[self._body_at :]

    @property
    def thought(self) -> int | None:
        """How long the upstream has thought, in microseconds, once that has arrived."""
        found = MARK.search(self.data, self._body_at) if self._body_at else None
        return None if found is None else int(found[1])
