"""Reading source texts: from files and standard input to text, bounded before anything is decoded.

Specification: chapter "Syntax", section "Source text".
"""

from __future__ import annotations

import errno
import os
import sys

from policy_ir.diagnostics import Refused, codes, quoted
from policy_ir.syntax.bounds import SOURCE_BYTES

_REASONS = {
    errno.ENOENT: "there is no such file",
    errno.ENOTDIR: "a part of its path is not a directory",
    errno.EISDIR: "it is a directory",
    errno.EACCES: "permission is denied",
    errno.EPERM: "permission is denied",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its links lead in a circle",
}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_source(path: str | os.PathLike[str], *, limit: int = SOURCE_BYTES) -> tuple[str, bytes]:
    """The name and the bytes of a file, or of standard input for `-`.

    Never reads more than `limit` + 1 bytes, so that endless files end; `decode` refuses what is over the limit.
    Raises Refused (PIR0001) for what cannot be read.
    """
    given = os.fspath(path)
    name = given.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        if given == "-":
            return name, sys.stdin.buffer.read(limit + 1)
        with open(given, "rb") as file:
            return name, file.read(limit + 1)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or f"the system reports {errno.errorcode.get(error.errno or 0)}"
    except ValueError:
        reason = "it is closed" if given == "-" else "its name holds a null character"
    except AttributeError:
        reason = "there is none"
    what = "standard input" if given == "-" else quoted(name)
    raise Refused.because(
        codes.UNREADABLE,
        f"{what} cannot be read: {reason}",
        source=name,
        expected="a file that can be read, or `-` for standard input",
        help="give one file" if reason == _REASONS[errno.EISDIR] else None,
    )


def read_text(path: str | os.PathLike[str], *, limit: int = SOURCE_BYTES) -> tuple[str, str]:
    """The name and the text of a file, or of standard input for `-`. Raises Refused (PIR0001 to PIR0005)."""
    name, data = read_source(path, limit=limit)
    return name, decode(data, name, limit=limit)


def decode(data: bytes, name: str = "policy", *, limit: int = SOURCE_BYTES) -> str:
    """The text of a source: at most `limit` bytes, UTF-8, no byte-order mark, not blank.

    Raises Refused (PIR0002 to PIR0005).
    """
    if len(data) > limit:
        raise _too_large(name, limit)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if data[:2] in _UTF16_MARKS or data[:4:2] == b"\0\0" or data[1:4:2] == b"\0\0":
            raise Refused.because(
                codes.NOT_UTF8, "the text is in UTF-16, not UTF-8", source=name, help="save the file as UTF-8"
            ) from None
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused.because(
            codes.NOT_UTF8,
            f"byte {error.start} (line {line}) is not UTF-8",
            source=name,
            found=f"byte 0x{data[error.start]:02x}",
            help="save the file as UTF-8",
        ) from None
    check_text(text, name, limit=limit)
    return text


def check_text(text: str, name: str = "policy", *, limit: int = SOURCE_BYTES) -> None:
    """Check what `decode` checks, for a text that is decoded already. Raises Refused (PIR0003 to PIR0005).

    A text with lone surrogates passes: they are refused where they stand.
    """
    if len(text) > limit or (len(text) * 4 > limit and len(text.encode("utf-8", "surrogatepass")) > limit):
        raise _too_large(name, limit)
    if text.startswith("\ufeff"):
        raise Refused.because(
            codes.BYTE_ORDER_MARK,
            "the text starts with a byte-order mark",
            source=name,
            help="save the file as UTF-8 without a byte-order mark",
        )
    if not text.strip(" \t\n\r"):
        raise Refused.because(codes.EMPTY_SOURCE, "the text is empty", source=name, expected="a term")


def _too_large(name: str, limit: int) -> Refused:
    return Refused.because(
        codes.SOURCE_TOO_LARGE,
        f"the source is larger than {limit} bytes",
        source=name,
        expected=f"at most {limit} bytes of UTF-8",
    )
