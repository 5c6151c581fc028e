"""Writing results to files that the user names."""

from __future__ import annotations

import os
import sys

from policy_ir.cli.exits import WrongUsage


def check_place(path: str) -> None:
    """Raises `WrongUsage` where no file can be written, before the work is done that it is to hold."""
    if path == "-":
        return
    if os.path.isdir(path):
        raise WrongUsage(f"`{path}` cannot be written: is a directory")
    if not path or not os.path.isdir(os.path.dirname(path) or "."):
        raise WrongUsage(f"`{path}` cannot be written: no such file or directory")


def save(path: str, data: bytes) -> None:
    """Write a file, whole or not at all: a new one takes the place of the old one."""
    beside = f"{path}.{os.getpid()}.new"
    try:
        if os.path.lexists(path) and not (os.path.isfile(path) and not os.path.islink(path)):
            with open(path, "wb") as file:  # a link or a device stays what it is
                file.write(data)
            return
        with open(beside, "wb") as file:
            file.write(data)
        if os.path.exists(path):
            os.chmod(beside, os.stat(path).st_mode & 0o7777)
        os.replace(beside, path)
    except OSError as error:
        if os.path.lexists(beside):
            os.unlink(beside)
        raise WrongUsage(f"`{path}` cannot be written: {(error.strerror or 'it fails').lower()}") from None


def save_text(path: str, text: str) -> None:
    """Write a text in UTF-8 to a file, or to standard output for `-`."""
    if path == "-":
        sys.stdout.write(text)
    else:
        save(path, text.encode("utf-8", "backslashreplace"))
