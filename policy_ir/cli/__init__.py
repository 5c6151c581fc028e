"""The command line. `main` is its entry point, and imports as little as the verb needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main", "run"]


def main() -> NoReturn:
    """Run the command that the process was started with, and end the process with its exit code."""
    os.environ.setdefault("POLICY_IR_CACHE", _cache_folder())
    sys.exit(run(sys.argv[1:]))


def _cache_folder() -> str:
    """The user's own folder for what can be made again; empty, for none, where there is no home."""
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME")
    if not home:
        user = os.path.expanduser("~")
        home = os.path.join(user, ".cache") if os.path.isabs(user) else ""
    return os.path.join(home, "policy-ir") if home else ""


def run(arguments: Sequence[str]) -> int:
    """Run a command; the result is its exit code (`policy_ir.cli.exits.Exit`)."""
    from policy_ir.cli.screen import prepare_streams

    prepare_streams()
    if _only_hashes(arguments):
        # The one command whose start-up is promised: without options there is nothing for typer to parse.
        from policy_ir.cli.exits import guarded
        from policy_ir.cli.hashing import hash_files
        from policy_ir.cli.screen import Format

        return guarded(lambda: hash_files(arguments[1:]), Format.HUMAN)
    from policy_ir.cli.app import run_verb
    from policy_ir.cli.exits import guarded
    from policy_ir.cli.screen import Format

    return guarded(lambda: run_verb(arguments), Format.HUMAN)


def _only_hashes(arguments: Sequence[str]) -> bool:
    files = arguments[1:]
    return arguments[:1] == ["hash"] and bool(files) and all(path == "-" or path[:1] not in ("-", "") for path in files)
