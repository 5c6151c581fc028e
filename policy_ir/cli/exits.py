"""The exit codes of the command line, and the wrapper that turns what a verb raises into one of them."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from typing import ParamSpec

from policy_ir.cli.screen import Format, report
from policy_ir.diagnostics import Refused, legible

P = ParamSpec("P")

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What the system says where there is no room for more output."""

TRACEBACK = "POLICY_IR_TRACEBACK"
"""Set in the environment, a fault of ours is raised as it is, so that its traceback shows."""


class Exit(IntEnum):
    """What the exit code of a command says."""

    FINE = 0
    REFUSED = 1
    USAGE = 2
    DOES_NOT_HOLD = 3
    OURS = 4
    INTERRUPTED = 130
    PIPE_CLOSED = 141


class WrongUsage(Exception):
    """The command cannot be carried out as it was given: options that contradict, a place that cannot be written."""


def verb(function: Callable[P, Exit | None]) -> Callable[P, None]:
    """A verb as typer calls it: its exit code raised, refusals reported, and never a traceback."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        import typer

        format = Format.JSON if kwargs.get("format") == Format.JSON.value else Format.HUMAN
        raise typer.Exit(guarded(lambda: function(*args, **kwargs), format))

    return run


def guarded(action: Callable[[], int | None], format: Format) -> int:
    """The exit code of an action; what it raises is reported on standard error, in words for a person to act on."""
    try:
        code = action() or int(Exit.FINE)
        sys.stdout.flush()
    except Refused as refused:
        report(refused.diagnostics, refused.texts, format)
        return Exit.REFUSED
    except WrongUsage as wrong:
        print(f"error: {legible(str(wrong))}", file=sys.stderr)
        return Exit.USAGE
    except BrokenPipeError:
        _silence_stdout()
        return Exit.PIPE_CLOSED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as fault:
        if isinstance(fault, OSError) and fault.errno in _FULL:
            print(f"error: the output cannot be written: {os.strerror(fault.errno).lower()}", file=sys.stderr)
            _silence_stdout()
            return Exit.USAGE
        if os.environ.get(TRACEBACK):
            raise
        print(_apology(fault), file=sys.stderr)
        return Exit.OURS
    return code


def _apology(fault: Exception) -> str:
    said = legible(" ".join(str(fault).split())[:200])
    return (
        f"internal error: {type(fault).__name__}{': ' if said else ''}{said}\n"
        "This is a fault of policy-ir, not of your input. Please report it with the command and the input;\n"
        f"with {TRACEBACK}=1 in the environment the same command shows where it happened."
    )


def _silence_stdout() -> None:
    """Nobody reads on: what is still buffered goes nowhere, and the interpreter does not complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
