"""A private PostgreSQL server for the tests that need one."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from programs import needed

ACCOUNTS = ("postgres", "nobody")
"""Accounts that a server can run as, which refuses to run as root."""


def _server_programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`: the newest of Debian's, or the one on the path."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    on_path = shutil.which("initdb")
    folders = [*reversed(installed), *([Path(on_path).parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


def _account() -> list[str]:
    """What a command begins with to run as somebody who is not root."""
    if os.geteuid() != 0:
        return []
    known = {entry.pw_name for entry in pwd.getpwall()}
    return ["runuser", "-u", next(name for name in ACCOUNTS if name in known), "--"]


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a server that runs until the end, on a socket in a folder of its own and on no port."""
    programs = _server_programs()
    needed(programs is not None, "PostgreSQL's `initdb` and `pg_ctl`")
    assert programs is not None
    account = _account()
    # The path of a socket is short, and the server's account has to get there: not in the folder of the test.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if account:
        shutil.chown(folder, account[2])

    def run(*command: object) -> None:
        arguments = [*account, *map(str, command)]
        ended = subprocess.run(arguments, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert ended.returncode == 0, f"{' '.join(arguments)}\n{ended.stdout}{ended.stderr}"

    data = folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c max_connections=50"
    control: Sequence[object] = (programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log")
    try:
        run(programs / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        # Its output goes to a file: a pipe would stay open as long as the server runs.
        with open(os.devnull, "w") as nowhere:
            started = [*account, *map(str, control), "-o", options, "start"]
            subprocess.run(started, cwd=folder, stdin=subprocess.DEVNULL, stdout=nowhere, stderr=nowhere, check=True)
        try:
            yield f"postgresql://tester@/postgres?host={folder}"
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
