"""A store in a SQLite file.

The file is in WAL mode: readers never wait for the writer nor it for them, and a commit survives the death of the
process without waiting for the disk. What the log holds is brought into the file by a thread of its own and when the
store is closed, never by whoever commits.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Final

from sqlalchemy import Connection, QueuePool, create_engine, event
from sqlalchemy.engine import URL, Engine

from policy_ir.diagnostics import Refused
from policy_ir.trace import store_tables as sql
from policy_ir.trace.store import Unwritable
from policy_ir.trace.store_database import NOT_YET, Database, Rows, insert_rows, unopenable

__all__ = ["SQLite"]

BUSY_MS: Final = 5000
"""How long a writer waits for another process that writes."""
LOG_BYTES: Final = 16 * 1024 * 1024
"""The log is brought into the file when it is longer than this."""
LONG_LOG_BYTES: Final = 4 * LOG_BYTES
"""From this length on the log starts anew, for which writers have to wait a moment."""

LOOK_EVERY: Final = 16
"""Commits without waiting between two looks at the length of the log."""

PAUSE: Final = 0.05
"""Seconds between two looks at a log that is long because somebody reads from it."""

_KEEPING: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA wal_autocheckpoint = 0",
    f"PRAGMA journal_size_limit = {LOG_BYTES}",
)


class SQLite(Database):
    """Traces in a file, private to its user."""

    def __init__(self, url: URL, *, create: bool) -> None:
        super().__init__(url)
        self.path = url.database or ""
        if not self.path or self.path == ":memory:" or self.path.startswith("file:"):
            raise unopenable(self.name, "it names no file", expected="`sqlite:///PATH`")
        self._make_place(create=create)
        self.reading = self._engine("PRAGMA query_only = 1", to_write=False)
        self.writing = self._engine(*_KEEPING, to_write=True)
        event.listen(self.writing, "begin", _begin)
        self._identity: tuple[int, int] | None = None
        self._log = _Log(self.path)
        self._inserts = sql.Texts(self.writing.dialect)
        self._commits = 0
        self._at_once: sqlite3.Connection | None = None
        self._of_at_once: tuple[int, int] | None = None

    def _make_place(self, *, create: bool) -> None:
        path = Path(self.path)
        if path.exists():
            if not path.is_file():
                raise unopenable(self.name, "it is not a file")
            return
        if not create:
            raise unopenable(self.name, "there are no traces yet", help=NOT_YET)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise unopenable(self.name, (error.strerror or "it cannot be made").lower()) from None

    def _engine(self, *pragmas: str, to_write: bool) -> Engine:
        def connect() -> sqlite3.Connection:
            return self._connect(*pragmas, to_write=to_write, busy_ms=BUSY_MS)

        return create_engine("sqlite://", creator=connect, poolclass=QueuePool)

    def _connect(self, *pragmas: str, to_write: bool, busy_ms: int) -> sqlite3.Connection:
        """A connection. Raises `sqlite3.Error`."""
        where = f"{Path(self.path).absolute().as_uri()}?{'mode=rw' if to_write else self._readable()}"
        connection = sqlite3.connect(
            where, timeout=busy_ms / 1000, isolation_level=None, check_same_thread=False, uri=True
        )
        try:
            for pragma in pragmas:
                connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _readable(self) -> str:
        """How to open the file for reading. Who reads takes part in the locking, and has to write for that."""
        folder = os.path.dirname(self.path) or "."
        if os.access(folder, os.W_OK) and os.access(self.path, os.W_OK):
            return "mode=rw"
        return "mode=ro" if os.path.exists(f"{self.path}-wal") else "immutable=1"

    def _alone(self, connection: Connection) -> None:
        pass  # a transaction that writes is alone from its beginning

    def _before_writing(self) -> None:
        """Begin a new file where the old one is gone: what goes into a deleted file nobody can read."""
        try:
            here = os.stat(self.path)
        except FileNotFoundError:
            self._start_anew()
            here = os.stat(self.path)
        identity = (here.st_dev, here.st_ino)
        if self._identity not in (None, identity):
            self._start_anew()
        self._identity = identity

    def _start_anew(self) -> None:
        self._drop()
        self.reading.dispose()
        self.writing.dispose()
        try:
            self._make_place(create=True)
        except Refused as refused:
            raise Unwritable(str(refused), passing=True) from None
        self._renew()

    def _after_writing(self) -> None:
        self._log.look()

    # --- without waiting ---

    def write_at_once(self, traces: Rows, parts: Rows, flows: Rows) -> bool:
        """Write rows of the tables over a connection of its own, which does not wait for another one that writes.

        Twenty microseconds, where the way through a pool and a transaction object takes a hundred. Whatever is in its
        way ends it: the usual way waits, begins a new file or tells what is wrong.
        """
        try:
            here = os.stat(self.path)
            identity = (here.st_dev, here.st_ino)
            if self._at_once is None or self._of_at_once != identity:
                self._drop_at_once()
                self._at_once, self._of_at_once = self._connect(*_KEEPING, to_write=True, busy_ms=0), identity
            execute = self._at_once.execute
            if len(traces) == 1 and not parts and not flows:
                execute(self._inserts.traces(1), traces[0])  # one statement is a transaction by itself
            else:
                execute("BEGIN IMMEDIATE")
                insert_rows(execute, self._inserts.parts, parts)
                insert_rows(execute, self._inserts.traces, traces)
                insert_rows(execute, self._inserts.flows, flows)
                execute("COMMIT")
        except (sqlite3.Error, OSError) as wrong:
            busy = getattr(wrong, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
            if not busy or self._at_once is None or self._at_once.in_transaction:
                self._drop_at_once()
            return False
        self._commits += 1
        if self._commits % LOOK_EVERY == 0:
            self._log.look()
        return True

    def _drop_at_once(self) -> None:
        """Give up that connection, and with it what was not committed."""
        connection, self._at_once = self._at_once, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def close(self) -> None:
        """Close every connection, the log brought into the file as far as nobody reads from it."""
        self._log.close()
        self._drop_at_once()
        super().close()


def _begin(connection: Connection) -> None:
    # From the start with the right to write: a transaction that asks for it later can be refused.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class _Log:
    """The write-ahead log of a file, brought into the file now and then by a thread of its own."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._wal = f"{path}-wal"
        self._due = Event()
        self._closed = False
        self._thread: Thread | None = None

    def look(self) -> None:
        """Have the log brought in if it is long. Costs a look at the size of a file."""
        if not self._due.is_set() and self._size() > LOG_BYTES:
            self._due.set()
            if self._thread is None:
                self._thread = Thread(target=self._run, name="policy-ir trace log", daemon=True)
                self._thread.start()

    def _size(self) -> int:
        try:
            return os.stat(self._wal).st_size
        except OSError:
            return 0

    def _run(self) -> None:
        while self._due.wait():
            self._due.clear()
            if self._closed:
                return
            # Nothing is lost where this fails: the log stays as it is, and the next commit looks again.
            with suppress(sqlite3.Error):
                self._bring_in()
            time.sleep(PAUSE)

    def _bring_in(self) -> None:
        with closing(sqlite3.connect(self.path, timeout=BUSY_MS / 1000, isolation_level=None)) as connection:
            # The log starts anew by itself when all of it is in the file and nobody reads from it.
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            if self._size() > LONG_LOG_BYTES:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            # Whoever is the first to write into a new log waits for the disk. Better here than where a call has to end,
            # unless somebody writes already.
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("UPDATE policy_ir_schema SET version = version")

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._due.set()
        if self._thread is not None:
            self._thread.join(BUSY_MS / 1000)
