"""A store in a PostgreSQL database, through psycopg 3; several routers may share it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.engine import URL

from policy_ir.trace.store_database import Database

__all__ = ["PostgreSQL"]

_LOCK: Final = 0x706F6C6963796972
"""The number of the advisory lock under which the tables are made."""

_CONNECTING: Final = {
    "connect_timeout": 5,
    "application_name": "policy-ir",
    # A server that has vanished without a word is noticed in seconds, and a lock is not waited for without end.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s",
}


class PostgreSQL(Database):
    """Traces in two tables of a database. What the URL says of the connection comes before what stands here."""

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        driven = url.set(drivername="postgresql+psycopg")
        settings = {key: value for key, value in _CONNECTING.items() if key not in url.query}
        self.reading = create_engine(driven, connect_args=settings, pool_pre_ping=True)
        self.writing = create_engine(driven, connect_args=settings, pool_size=1, paramstyle="format")

    def _alone(self, connection: Connection) -> None:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
