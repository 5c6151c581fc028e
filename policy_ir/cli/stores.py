"""The trace store of a command: the options that name it and a part of it, and the traces that a command is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from policy_ir.cli.exits import WrongUsage
from policy_ir.diagnostics import Refused, codes, quoted

if TYPE_CHECKING:
    from policy_ir.diagnostics import Diagnostic
    from policy_ir.trace.record import Trace
    from policy_ir.trace.store import Store

__all__ = [
    "PolicyName",
    "Since",
    "StoreUrl",
    "TraceId",
    "Until",
    "open_store",
    "trace_of",
    "window",
    "writing",
]

StoreUrl: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL|PATH",
        help="A file, or postgresql://HOST/DATABASE; POLICY_IR_TRACES, or the user's own store, if not given.",
        show_default=False,
    ),
]
Since: TypeAlias = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="From then on: 2h, 7d or 2026-11-01.", show_default=False),
]
Until: TypeAlias = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Before then, likewise.", show_default=False)
]
PolicyName: TypeAlias = Annotated[
    str | None,
    typer.Option("--policy-name", metavar="NAME", help="Of this policy: its name or fingerprint.", show_default=False),
]
TraceId: TypeAlias = Annotated[
    str, typer.Argument(metavar="ID", help="The trace, or the beginning of its id.", show_default=False)
]

_EXTRAS = {"sqlalchemy": "router", "psycopg": "postgres"}
"""The extra of the package that brings a library."""


def open_store(url: str | None, *, create: bool = False) -> Store:
    """The store at a URL or path, or the default one. Raises `Refused` (`PIR0930`), and `WrongUsage` without the extra
    that it needs.
    """
    from policy_ir.trace.store import Store

    try:
        return Store.open(url, create=create)
    except ModuleNotFoundError as missing:
        extra = _EXTRAS.get((missing.name or "").partition(".")[0])
        if extra is None:
            raise
        raise WrongUsage(f'a trace store needs more: pip install "policy-ir[{extra}]"') from None


def window(since: str | None, until: str | None) -> tuple[float | None, float | None]:
    """The moments between which traces are wanted, in Unix time; raises `Refused` with everything that is no time."""
    import time

    from policy_ir.trace.moments import moment

    now = time.time()
    found: list[Diagnostic] = []
    at: list[float | None] = []
    for text in (since, until):
        try:
            at.append(None if text is None else moment(text, now))
        except Refused as refused:
            found += refused.diagnostics
    if found:
        raise Refused(found)
    return at[0], at[1]


@contextmanager
def writing() -> Iterator[None]:
    """A store that takes nothing is wrong usage of the command that writes to it."""
    from policy_ir.trace.store import Unwritable

    try:
        yield
    except Unwritable as unwritable:
        raise WrongUsage(f"the store cannot be written: {unwritable}") from None


def trace_of(store: Store, id: str) -> Trace:
    """The trace with an id, or with the only id that begins so. Raises `Refused` (`PIR0932`, `PIR0931`)."""
    found = store.ids_with(id, limit=3) if id else []
    if len(found) == 1:
        trace = store.get(found[0])
        if trace is not None:
            return trace
    if found:
        raise Refused.because(
            codes.NO_TRACE,
            f"several traces have an id that begins with {quoted(id)}",
            found=quoted(id),
            help=f"write more of it: {', '.join(map(quoted, found[:2]))}{', …' if found[2:] else ''}",
        )
    raise Refused.because(
        codes.NO_TRACE,
        f"the store has no trace {quoted(id)}",
        found=quoted(id),
        help="`policy-ir trace list` shows the ids",
    )
