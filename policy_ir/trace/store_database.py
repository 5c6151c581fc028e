"""The database of a store: rows in, rows out, one connection that writes and a pool of those that read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import Connection, Engine, Executable, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from policy_ir.diagnostics import Refused, codes, legible, quoted
from policy_ir.trace import store_tables as sql
from policy_ir.trace.store import Unwritable

if TYPE_CHECKING:
    from policy_ir.trace.store import Wanted

__all__ = ["Database", "open_database"]

Rows: TypeAlias = Sequence[tuple[Any, ...]]
AtOnce: TypeAlias = Callable[[Rows, Rows, Rows], bool]

PRUNED: Final = 1000
"""Rows that are removed in one transaction: whoever writes meanwhile waits for no more than that."""


def open_database(url: str, *, create: bool) -> Database:
    """The database at a URL or path. Raises `Refused` (`PIR0930`); ModuleNotFoundError without its driver."""
    parsed = _parsed(url)
    database: Database
    match parsed.get_backend_name():
        case "sqlite":
            from policy_ir.trace.store_sqlite import SQLite

            database = SQLite(parsed, create=create)
        case "postgresql":
            from policy_ir.trace.store_postgresql import PostgreSQL

            database = PostgreSQL(parsed)
        case other:
            raise unopenable(shown(parsed), f"{quoted(other)} is not a database for traces", expected=_FORMS)
    try:
        database.prepare(create=create)
    except BaseException:
        database.close()
        raise
    return database


NOT_YET: Final = "`policy-ir serve --sandbox` starts a router, which keeps traces; `--store` names another store"
"""What to do where there is no store."""

_FORMS: Final = "a path, `sqlite:///PATH` or `postgresql://HOST/DATABASE`"


def _parsed(url: str) -> URL:
    if "://" not in url:
        return URL.create("sqlite", database=url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text may hold a password.
        raise unopenable("the trace store", "its URL is not one", expected=_FORMS) from None
    if "@" in (parsed.host or ""):
        advice = "write `@` within a password as `%40`, `/` as `%2F`"
        raise unopenable("the trace store", "its URL has two `@` before the host", expected=_FORMS, help=advice)
    return parsed


def shown(url: URL) -> str:
    """A URL without its password, and without what else the driver is told: that may hold one too."""
    return url.set(query={}).render_as_string(hide_password=True)


def unopenable(name: str, why: str, **fields: Any) -> Refused:
    """The refusal of a store."""
    return Refused.because(codes.TRACE_STORE, f"{quoted(name)} cannot be opened: {why}", source=name, **fields)


class Database(ABC):
    """What both databases do alike. `reading` and `writing` are engines; only one connection writes."""

    reading: Engine
    writing: Engine
    write_at_once: AtOnce | None = None
    """As `write`, but without waiting: true where it has written. None where a database has no such way."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.name = shown(url)
        self._lock = Lock()
        self._connection: Connection | None = None
        self._texts: sql.Texts | None = None
        self._schema = sql.SCHEMA

    # --- what differs ---

    @abstractmethod
    def _alone(self, connection: Connection) -> None:
        """Keep others from making the tables at the same time, until the transaction ends."""

    def _before_writing(self) -> None:  # noqa: B027
        """Called before every transaction that writes."""

    def _after_writing(self) -> None:  # noqa: B027
        """Called after every transaction that has written."""

    # --- opening and closing ---

    def prepare(self, *, create: bool) -> None:
        """Look at the schema; with `create`, make it where there is none, and what an older one does not have.

        An older one is read as it is otherwise. Raises `Refused` (`PIR0930`).
        """
        try:
            with self.reading.connect() as connection:
                version = self._version(connection)
            if create and (version is None or version < sql.SCHEMA):
                with self.writing.begin() as connection:
                    self._alone(connection)
                    version = self._version(connection)
                    if version is None or version < sql.SCHEMA:
                        # Newer schemas have tables more, and nothing else.
                        sql.metadata.create_all(connection)
                        stated = sql.schema.insert() if version is None else sql.schema.update()
                        connection.execute(stated.values(version=sql.SCHEMA))
                        version = sql.SCHEMA
        except SQLAlchemyError as error:
            raise unopenable(self.name, self._said(error)) from None
        if version is None:
            raise unopenable(self.name, "it holds no traces", help=NOT_YET)
        if version > sql.SCHEMA:
            raise unopenable(
                self.name,
                "a newer release has made it",
                found=f"schema {version}",
                expected=f"schema {sql.SCHEMA}",
                help="update policy-ir",
            )
        self._schema = version

    def _renew(self) -> None:
        """Make tables that are not there. Raises `Unwritable`."""
        try:
            self.prepare(create=True)
        except Refused as refused:
            raise Unwritable(str(refused), passing=True) from None

    @property
    def _with_flows(self) -> bool:
        """Whether there is a table of flows."""
        return self._schema >= 2

    def _version(self, connection: Connection) -> int | None:
        if not inspect(connection).has_table(sql.schema.name):
            return None
        return connection.scalar(select(sql.schema.c.version))

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            self._drop()
        self.reading.dispose()
        self.writing.dispose()

    # --- writing ---

    def write(self, traces: Rows, parts: Rows, flows: Rows) -> None:
        """Write rows of the tables in one transaction. Raises `Unwritable`."""
        if flows and not self._with_flows:
            self._renew()

        def insert(connection: Connection) -> None:
            if self._texts is None:
                self._texts = sql.Texts(connection.dialect)
            # In one order for all writers, so that no two wait for each other.
            insert_rows(connection.exec_driver_sql, self._texts.parts, sorted(parts))
            insert_rows(connection.exec_driver_sql, self._texts.traces, traces)
            insert_rows(connection.exec_driver_sql, self._texts.flows, sorted(flows))

        self._write(insert)

    def prune(self, before: float, parts_before: float) -> int:
        """Remove old traces and parts, a few at a time; the number of traces. Raises `Unwritable`."""
        removed = 0
        of_flows = [sql.old_flows(before, PRUNED)] if self._with_flows else []
        for statement in (sql.old_traces(before, PRUNED), *of_flows, sql.unseen_parts(parts_before, PRUNED)):
            count = PRUNED
            while count >= PRUNED:
                count = self._write(lambda connection, one=statement: connection.execute(one).rowcount)  # type: ignore[misc]
                removed += count if statement.table is sql.traces else 0
        return removed

    def _write(self, action: Callable[[Connection], Any]) -> Any:
        with self._lock:
            try:
                self._before_writing()
                if self._connection is None:
                    self._connection = self.writing.connect()
                with self._connection.begin():
                    done = action(self._connection)
            except SQLAlchemyError as error:
                self._drop()
                raise Unwritable(self._said(error), passing=_passing(error)) from None
            except BaseException:
                self._drop()
                raise
            self._after_writing()
            return done

    def _drop(self) -> None:
        """Give up the connection that writes: the next one to write gets a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except SQLAlchemyError:
                pass  # it is of no more use in any case

    # --- reading ---

    def rows(self, statement: Executable) -> list[Any]:
        """All rows of a statement. Raises `Refused` (`PIR0930`)."""
        with self._asking() as connection:
            return list(connection.execute(statement))

    def bodies(self, wanted: Wanted, *, newest_first: bool, limit: int, beyond: str | None = None) -> list[Any]:
        """Id and text of the first traces that are wanted."""
        return self.rows(
            sql.wanted_traces(
                wanted, newest_first=newest_first, limit=limit, beyond=beyond, with_flows=self._with_flows
            )
        )

    def count(self, wanted: Wanted) -> int:
        """How many traces are wanted."""
        return int(self.rows(sql.number_of_traces(wanted, with_flows=self._with_flows))[0][0])

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        try:
            with self.reading.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            why = self._said(error)
            raise Refused.because(codes.TRACE_STORE, f"{quoted(self.name)} cannot be read: {why}") from None

    def _said(self, error: SQLAlchemyError) -> str:
        """What went wrong, in one line and without the password."""
        origin = error.orig if isinstance(error, DBAPIError) else error
        said = " ".join(str(origin).split())
        query = [value for name, value in self.url.query.items() if "pass" in name]
        for secret in (self.url.password, *query):
            if isinstance(secret, str) and secret:
                said = said.replace(secret, "***")
        return legible(said[:200]).removesuffix(".") or type(origin).__name__


def insert_rows(
    execute: Callable[[str, tuple[Any, ...]], object], text_for: Callable[[int], str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows in statements of a few fixed sizes, which the driver knows again."""
    done = 0
    while done < len(rows):
        count = min(sql.ROWS, 1 << (len(rows) - done).bit_length() - 1)
        some = rows[done : done + count]
        execute(text_for(count), some[0] if count == 1 else tuple(chain.from_iterable(some)))
        done += count


def _passing(error: SQLAlchemyError) -> bool:
    """Whether an error comes from the circumstances and not from what was written."""
    return isinstance(error, OperationalError | InterfaceError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
