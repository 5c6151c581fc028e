"""What is wrong with a command as a whole."""

from __future__ import annotations


class SubjectError(Exception):
    """The command is no subject: it cannot be started, or does not say hello as the protocol has it.

    `stderr` is the end of what it wrote to its standard error.
    """

    def __init__(self, message: str, stderr: str = "") -> None:
        super().__init__(message)
        self.stderr = stderr
