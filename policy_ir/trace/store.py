"""The store of traces: SQLite in a file by default, PostgreSQL by URL where several routers share one history.

Nothing here imports a database library before a store is opened.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from policy_ir.diagnostics import PolicyError
from policy_ir.trace.record import Trace

if TYPE_CHECKING:
    from policy_ir.trace.parts import Part
    from policy_ir.trace.store_database import Database

__all__ = ["VARIABLE", "Store", "Unwritable", "Wanted", "default_url"]

VARIABLE: Final = "POLICY_IR_TRACES"
"""The environment variable that names the default store, a URL or a path."""

BATCH: Final = 256
"""Traces that are read at once where all of them are wanted."""


class Unwritable(PolicyError):
    """The store did not take what it was given; none of it was written.

    `passing` says whether the same may succeed later: a busy store, a full disk, a lost connection.
    """

    def __init__(self, message: str, *, passing: bool) -> None:
        super().__init__(message)
        self.passing = passing


class Wanted(TypedDict, total=False):
    """Which traces are wanted; None, or no entry, wants all.

    `since` and `until` are Unix times in seconds, the latter excluded. `policy` is a policy's name or fingerprint,
    `candidate` the one that answered.
    """

    since: float | None
    until: float | None
    policy: str | None
    candidate: str | None
    outcome: str | None
    key: str | None
    session: str | None


class Store:
    """A history of traces and their parts. All methods may be called from any thread.

    Reading raises `Refused`: `PIR0930` where the store has become unreadable, `PIR0931` for a damaged record.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str | None = None, *, create: bool = True) -> Store:
        """The store at a URL (`sqlite:///path`, `postgresql://...`) or path, the default one for None.

        `create` makes it where there is none. Raises `Refused` (`PIR0930`) where it cannot be opened, is of a newer
        schema, or is not there; ModuleNotFoundError without the extra that it needs.
        """
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The store's URL without its password."""
        raise NotImplementedError

    def write(self, traces: Sequence[Trace], parts: Sequence[Part] = ()) -> None:
        """Write traces with their parts, all or nothing. What is there already is left as it is.

        A part that a trace names has to be given with it, or to have been written within the last hour: `prune` goes
        by that. Raises `Unwritable`.
        """
        raise NotImplementedError

    def get(self, id: str) -> Trace | None:
        """The trace with an id."""
        raise NotImplementedError

    def ids_with(self, prefix: str, limit: int = 2) -> list[str]:
        """The first ids that begin with a text, `tr_` or not before it."""
        raise NotImplementedError

    def find(self, *, limit: int = 50, before: str | None = None, **wanted: Unpack[Wanted]) -> list[Trace]:
        """The last `limit` traces that are wanted, newest first; `before` leaves out that id and later ones."""
        raise NotImplementedError

    def iterate(self, **wanted: Unpack[Wanted]) -> Iterator[Trace]:
        """All traces that are wanted, oldest first, a few at a time; what is written meanwhile may be among them."""
        raise NotImplementedError

    def count(self, **wanted: Unpack[Wanted]) -> int:
        """How many traces are wanted."""
        raise NotImplementedError

    def part(self, kind: str, digest: str) -> bytes | None:
        """The content of a part as it is stored (`parts.text_of`)."""
        raise NotImplementedError

    def spent(self, key: str | None, session: str) -> float:
        """What the calls of a key in a session have cost, in US dollars."""
        raise NotImplementedError

    def prune(self, before: float) -> int:
        """Remove the traces from before a moment, and the parts that only they can name; the number of traces."""
        raise NotImplementedError

    def close(self) -> None:
        """Close all connections. A store that is closed cannot be used."""
        raise NotImplementedError


def default_url() -> str:
    """The default store: what `POLICY_IR_TRACES` names, or `policy-ir/traces.db` in the user's data folder."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    return f"sqlite:///{data_folder() / 'policy-ir' / 'traces.db'}"


def data_folder() -> Path:
    """The folder of the user's data: of the platform, or `XDG_DATA_HOME`."""
    if os.environ.get("XDG_DATA_HOME"):
        return Path(os.environ["XDG_DATA_HOME"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path.home() / ".local" / "share"
