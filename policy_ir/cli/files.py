"""Writing results to files that the user names, and reading long ones a piece at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from policy_ir.cli.exits import WrongUsage

AS_JSON: Final = "--format json"
"""What `check_picture` calls a result as JSON."""


def check_place(path: str) -> None:
    """Raises `WrongUsage` where no file can be written, before the work is done that it is to hold."""
    if path == "-":
        return
    if os.path.isdir(path):
        raise WrongUsage(f"`{path}` cannot be written: is a directory")
    if not path or not os.path.isdir(os.path.dirname(path) or "."):
        raise WrongUsage(f"`{path}` cannot be written: no such file or directory")


def check_picture(path: str | None, beside: str | None) -> None:
    """Raises `WrongUsage` as `check_place` does, and where a picture would go to standard output with something else,
    which `beside` names; None where it has that for itself.
    """
    if path == "-" and beside is not None:
        raise WrongUsage(f"--svg - and {beside} both go to standard output; give the picture a file")
    if path is not None:
        check_place(path)


def save(path: str, data: bytes) -> None:
    """Write a file, whole or not at all: a new one takes the place of the old one."""
    save_pieces(path, (data,))


def save_pieces(path: str, pieces: Iterable[bytes]) -> None:
    """Write a file as `save` does, a piece at a time. What making the pieces raises leaves the old file as it was."""
    beside = f"{path}.{os.getpid()}.new"
    try:
        if os.path.lexists(path) and not (os.path.isfile(path) and not os.path.islink(path)):
            with open(path, "wb") as file:  # a link or a device stays what it is
                file.writelines(pieces)
            return
        with open(beside, "wb") as file:
            file.writelines(pieces)
        if os.path.exists(path):
            os.chmod(beside, os.stat(path).st_mode & 0o7777)
        os.replace(beside, path)
    except OSError as error:
        raise WrongUsage(f"`{path}` cannot be written: {(error.strerror or 'it fails').lower()}") from None
    finally:
        if os.path.lexists(beside):
            os.unlink(beside)


def save_text(path: str, text: str) -> None:
    """Write a text in UTF-8 to a file, or to standard output for `-`."""
    if path == "-":
        sys.stdout.write(text)
    else:
        save(path, text.encode("utf-8", "backslashreplace"))


def save_lines(path: str, lines: Iterable[str]) -> None:
    """Write lines as they are made to a file, whole or not at all, or to standard output for `-`."""
    if path == "-":
        for line in lines:
            sys.stdout.write(line)
    else:
        save_pieces(path, (line.encode() for line in lines))


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """A file to read piece by piece, or standard input for `-`. Raises `WrongUsage` where it cannot be opened."""
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        file = open(path, "rb")  # noqa: SIM115
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name is not one"
        raise WrongUsage(f"`{path}` cannot be read: {why.lower()}") from None
    with file:
        yield file
