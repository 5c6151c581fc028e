"""The store of traces: SQLite in a file by default, PostgreSQL by URL where several routers share one history.

Nothing here imports a database library before a store is opened.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Final, TypeAlias, TypedDict, Unpack

from policy_ir.diagnostics import PolicyError, Refused, codes, quoted
from policy_ir.trace.record import Trace

if TYPE_CHECKING:
    from policy_ir.trace.parts import Part
    from policy_ir.trace.store_database import Database

__all__ = ["VARIABLE", "Store", "Unwritable", "Wanted", "default_url"]

VARIABLE: Final = "POLICY_IR_TRACES"
"""The environment variable that names the default store, a URL or a path."""

GRACE: Final = 86_400.0
"""Seconds that a part is kept beyond the last trace that may name it: far more than the hour after which a writer
writes it again."""

BATCH: Final = 256
"""Traces that are read at once where all of them are wanted."""


OnDamage: TypeAlias = Callable[[Refused], None]
"""What is told of a record that cannot be read."""


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
    `candidate` the one that answered; of a flow, both may be those of any node. `flow` is a flow's name, with
    or without the `flow:` before it, or its fingerprint.
    """

    since: float | None
    until: float | None
    policy: str | None
    flow: str | None
    candidate: str | None
    outcome: str | None
    key: str | None
    session: str | None


class Store:
    """A history of traces and their parts; `open` makes one. All methods may be called from any thread.

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
        from policy_ir.trace.store_database import open_database

        return cls(open_database(default_url() if url is None else url, create=create))

    @property
    def name(self) -> str:
        """The store's URL without its password."""
        return self._database.name

    def write(self, traces: Sequence[Trace], parts: Iterable[Part] = ()) -> None:
        """Write traces with their parts, all or nothing. What is there already is left as it is.

        A part that a trace names has to be given with it, or to have been written within the last hour: `prune` goes
        by that. Raises `Unwritable`.
        """
        self._database.write([_row(trace) for trace in traces], _part_rows(parts), _flow_rows(traces))

    @property
    def at_once(self) -> Callable[[Sequence[Trace], Iterable[Part]], bool] | None:
        """`write` without waiting for anybody, where the database can do that; None where it cannot.

        It tells whether it has written; where it has not, `write` tells why. For one thread.
        """
        write = self._database.write_at_once
        if write is None:
            return None
        return lambda traces, parts: write([_row(one) for one in traces], _part_rows(parts), _flow_rows(traces))

    def get(self, id: str) -> Trace | None:
        """The trace with an id."""
        from policy_ir.trace.store_tables import one_trace

        rows = self._database.rows(one_trace(id))
        return _trace(id, rows[0][0]) if rows else None

    def ids_with(self, prefix: str, limit: int = 2) -> list[str]:
        """The first ids that begin with a text, with or without the `tr_` that all have in common."""
        from policy_ir.trace.store_tables import ids_from

        asked = prefix.lower()
        asked = asked if "tr_".startswith(asked[:3]) else f"tr_{asked}"
        return [row[0] for row in self._database.rows(ids_from(asked, limit))] if asked.isprintable() else []

    def find(
        self,
        *,
        limit: int = 50,
        before: str | None = None,
        on_damage: OnDamage | None = None,
        **wanted: Unpack[Wanted],
    ) -> list[Trace]:
        """The last `limit` traces that are wanted, newest first; `before` leaves out that id and later ones.

        Damaged records are left out and given to `on_damage`; without it, they are raised.
        """
        rows = self._database.bodies(wanted, newest_first=True, limit=limit, beyond=before)
        return list(_sound(rows, on_damage))

    def iterate(self, *, on_damage: OnDamage | None = None, **wanted: Unpack[Wanted]) -> Iterator[Trace]:
        """All traces that are wanted, oldest first, a few at a time; what is written meanwhile may be among them.

        Damaged records as in `find`.
        """
        last: str | None = None
        while rows := self._database.bodies(wanted, newest_first=False, limit=BATCH, beyond=last):
            yield from _sound(rows, on_damage)
            last = rows[-1][0]

    def count(self, **wanted: Unpack[Wanted]) -> int:
        """How many traces are wanted."""
        return self._database.count(wanted)

    def part(self, kind: str, digest: str) -> bytes | None:
        """The content of a part as it is stored (`parts.text_of`)."""
        from policy_ir.trace.store_tables import one_part

        rows = self._database.rows(one_part(kind, digest))
        return bytes(rows[0][0]) if rows else None

    def spent(self, key: str | None, session: str) -> float:
        """What the calls and flows of a key in a session have cost, in US dollars."""
        from policy_ir.trace.store_tables import cost_of_session

        return float(self._database.rows(cost_of_session(key, session))[0][0])

    def prune(self, before: float) -> int:
        """Remove the traces from before a moment, and the parts that only they can name; the number of traces.

        Raises `Unwritable`.
        """
        return self._database.prune(before, before - GRACE)

    def close(self) -> None:
        """Close all connections. A store that is closed cannot be used."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _row(trace: Trace) -> tuple[object, ...]:
    """A trace as the row of its table, in the order of the columns."""
    from policy_ir.trace.store_tables import storable

    return (
        trace.id,
        storable(trace.policy_name),
        storable(trace.policy),
        storable(trace.chosen),
        trace.outcome,
        storable(trace.key),
        storable(trace.session),
        trace.cost.usd,
        _encode(trace.to_json()),
    )


def _flow_rows(traces: Iterable[Trace]) -> list[tuple[str, str, str]]:
    """What the flows among some traces are looked for by."""
    from policy_ir.trace.store_tables import flow_rows

    return [row for trace in traces if trace.is_flow for row in flow_rows(trace)]


def _part_rows(parts: Iterable[Part]) -> list[tuple[str, str, float, bytes]]:
    """Parts as rows of their table, each once."""
    now = time()
    return list({(part.kind, part.digest): (part.kind, part.digest, now, part.content) for part in parts}.values())


_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def _trace(id: str, body: str) -> Trace:
    """A trace as it was stored. Raises `Refused` (`PIR0931`)."""
    try:
        return Trace.from_json(json.loads(body))
    except ValueError as error:
        raise Refused.because(codes.TRACE_PART, f"the record {quoted(id)} cannot be read: {error}") from None


def _sound(rows: Iterable[tuple[str, str]], on_damage: OnDamage | None) -> Iterator[Trace]:
    for id, body in rows:
        try:
            yield _trace(id, body)
        except Refused as refused:
            if on_damage is None:
                raise
            on_damage(refused)


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
