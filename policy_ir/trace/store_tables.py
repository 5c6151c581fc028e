"""The tables of a store and the statements over them, for SQLite and PostgreSQL alike.

A trace is one row: its JSON text, and beside it what traces are looked for by. What a flow is looked for by more than
once, the candidates and the policies of its nodes, are rows of a table of their own. Texts in those columns are written
in a form that every database can hold (`storable`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Column,
    Delete,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    Text,
    and_,
    delete,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from policy_ir.trace.record import id_of_moment
from policy_ir.trace.store import Wanted

if TYPE_CHECKING:
    from policy_ir.trace.record import Trace

SCHEMA: Final = 2
"""The version of these tables. A store of a newer one is not touched; one of the first has no table of flows."""

metadata = MetaData()

_NAME = Text()
_ID = String(29).with_variant(String(29, collation="C"), "postgresql")
"""Ids are compared by code point everywhere."""

schema = Table("policy_ir_schema", metadata, Column("version", Integer, nullable=False))

traces = Table(
    "policy_ir_traces",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("policy_name", _NAME),
    Column("policy", _NAME),
    Column("candidate", _NAME),
    Column("outcome", _NAME, nullable=False),
    Column("key", _NAME),
    Column("session", _NAME),
    Column("usd", Float(53), nullable=False),
    Column("body", Text, nullable=False),
)

parts = Table(
    "policy_ir_parts",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("digest", String(80), primary_key=True),
    Column("seen", Float(53), nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""`seen` is the Unix time in seconds at which a writer last had the part in hand."""

flows = Table(
    "policy_ir_flows",
    metadata,
    Column("what", String(16), primary_key=True),
    Column("value", _NAME, primary_key=True),
    Column("id", _ID, primary_key=True),
)
"""What the trace of a flow is looked for by: `flow` is its name or its fingerprint, `candidate` one that answered at a
node, `policy` the name or the fingerprint of one at a node."""

# What traces are looked for by stands in an index of its own: a search does not read the texts of all traces.
Index("policy_ir_traces_found", *(column for column in traces.c if column.name not in ("usd", "body")))
_in_session = traces.c.session.is_not(None)
Index(
    "policy_ir_traces_spent",
    *(traces.c.session, traces.c.key, traces.c.usd),
    sqlite_where=_in_session,
    postgresql_where=_in_session,
)
Index("policy_ir_parts_seen", parts.c.seen)
Index("policy_ir_flows_of", flows.c.id)


def storable(text: str | None) -> str | None:
    """A text as a database can hold it: NUL and lone surrogates are escaped, and different texts stay different."""
    if text is None or (text.isprintable() and "\\" not in text):
        return text
    return text.encode("unicode_escape").decode("ascii")


# --- writing --------------------------------------------------------------------------------------------------


def flow_rows(trace: Trace) -> Iterator[tuple[str, str, str]]:
    """The rows of the table of flows for a trace, each once; none for a call."""
    if not trace.is_flow:
        return
    named = {("flow", trace.flow), ("flow", trace.flow_name)}
    for node in trace.nodes:
        named |= {("candidate", node.chosen), ("policy", node.policy), ("policy", node.policy_name)}
    for what, value in sorted((what, value) for what, value in named if value is not None):
        yield what, storable(value) or "", trace.id


ROWS: Final = 64
"""The most rows of one statement."""


def _new_traces(dialect: Dialect, rows: int) -> Any:
    insert = _insert_for(dialect)
    return insert(traces).values(_blank(traces, rows)).on_conflict_do_nothing(index_elements=["id"])


def _new_flows(dialect: Dialect, rows: int) -> Any:
    return _insert_for(dialect)(flows).values(_blank(flows, rows)).on_conflict_do_nothing()


def _seen_parts(dialect: Dialect, rows: int) -> Any:
    statement = _insert_for(dialect)(parts).values(_blank(parts, rows))
    return statement.on_conflict_do_update(index_elements=["kind", "digest"], set_={"seen": statement.excluded.seen})


def _insert_for(dialect: Dialect) -> Callable[[Table], Any]:
    return postgresql.insert if dialect.name == "postgresql" else sqlite.insert


def _blank(table: Table, rows: int) -> list[dict[str, Any]]:
    return [dict.fromkeys(table.c.keys(), "") for _ in range(rows)]


class Texts:
    """Statements as texts of one dialect with places for so many rows, made when they are first used.

    Writing is on every call's way. One statement of many rows lets go of the interpreter once, not once a row.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.traces = cache(lambda rows: _text(_new_traces(dialect, rows), dialect))
        self.parts = cache(lambda rows: _text(_seen_parts(dialect, rows), dialect))
        self.flows = cache(lambda rows: _text(_new_flows(dialect, rows), dialect))


def _text(statement: Any, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect))


# --- reading --------------------------------------------------------------------------------------------------


def wanted_traces(
    wanted: Wanted, *, newest_first: bool, limit: int, beyond: str | None = None, with_flows: bool = True
) -> Select[Any]:
    """Id and text of the first traces that are wanted; `beyond` leaves out that id and all before it in this order.

    `with_flows` says whether the store has the table of flows.
    """
    chosen = select(traces.c.id).where(*_conditions(wanted, with_flows))
    if beyond is not None:
        chosen = chosen.where(traces.c.id < beyond if newest_first else traces.c.id > beyond)
    order = traces.c.id.desc() if newest_first else traces.c.id
    chosen = chosen.order_by(order).limit(limit)
    return select(traces.c.id, traces.c.body).where(traces.c.id.in_(chosen)).order_by(order)


def number_of_traces(wanted: Wanted, *, with_flows: bool = True) -> Select[Any]:
    """How many traces are wanted."""
    return select(func.count(traces.c.id)).where(*_conditions(wanted, with_flows))


def one_trace(id: str) -> Select[Any]:
    """The text of one trace."""
    return select(traces.c.body).where(traces.c.id == id)


def ids_from(prefix: str, limit: int) -> Select[Any]:
    """The first ids that begin with a text."""
    begin = and_(traces.c.id >= prefix, traces.c.id < prefix + "~")
    return select(traces.c.id).where(begin).order_by(traces.c.id).limit(limit)


def one_part(kind: str, digest: str) -> Select[Any]:
    """The content of one part."""
    return select(parts.c.content).where(parts.c.kind == kind, parts.c.digest == digest)


def cost_of_session(key: str | None, session: str) -> Select[Any]:
    """What the calls of a key in a session have cost."""
    of_key = traces.c.key.is_(None) if key is None else traces.c.key == storable(key)
    return select(func.coalesce(func.sum(traces.c.usd), 0.0)).where(traces.c.session == storable(session), of_key)


def _conditions(wanted: Wanted, with_flows: bool) -> list[Any]:
    asked: Mapping[str, Any] = {key: value for key, value in wanted.items() if value is not None}
    found: list[Any] = [
        traces.c[name] == storable(asked[name]) for name in ("outcome", "key", "session") if name in asked
    ]
    for name, columns in (("candidate", (traces.c.candidate,)), ("policy", (traces.c.policy_name, traces.c.policy))):
        if name in asked:
            own = or_(*(column == storable(asked[name]) for column in columns))
            # A flow has no policy of its own: for calls the table of flows is not looked into.
            of_flow = and_(
                traces.c.policy.is_(None), _named(name, asked[name]).where(flows.c.id == traces.c.id).exists()
            )
            found.append(or_(own, of_flow) if with_flows else own)
    if "flow" in asked:
        found.append(traces.c.id.in_(_named("flow", asked["flow"].removeprefix("flow:"))) if with_flows else false())
    if "since" in asked:
        found.append(traces.c.id >= id_of_moment(asked["since"]))
    if "until" in asked:
        found.append(traces.c.id < id_of_moment(asked["until"]))
    return found


def _named(what: str, value: str) -> Select[Any]:
    """The ids of the flows that are looked for by a value."""
    return select(flows.c.id).where(flows.c.what == what, flows.c.value == storable(value))


# --- removing -------------------------------------------------------------------------------------------------


def old_traces(before: float, limit: int) -> Delete:
    """Removes the first traces from before a moment."""
    first = select(traces.c.id).where(traces.c.id < id_of_moment(before)).order_by(traces.c.id).limit(limit)
    return delete(traces).where(traces.c.id.in_(first.scalar_subquery()))


def old_flows(before: float, limit: int) -> Delete:
    """Removes rows of flows from before a moment."""
    first = select(flows.c.id).where(flows.c.id < id_of_moment(before)).order_by(flows.c.id).limit(limit)
    return delete(flows).where(flows.c.id.in_(first.scalar_subquery()))


def unseen_parts(before: float, limit: int) -> Delete:
    """Removes parts that no writer has had in hand since a moment."""
    first = select(parts.c.digest).where(parts.c.seen < before).order_by(parts.c.seen).limit(limit)
    return delete(parts).where(parts.c.seen < before, parts.c.digest.in_(first.scalar_subquery()))
