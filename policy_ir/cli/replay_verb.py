"""`policy-ir replay`: traces decided again, and another policy over them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.inputs import Inputs
from policy_ir.cli.options import Formatted
from policy_ir.cli.screen import Format, console, write_json
from policy_ir.cli.stores import PolicyName, Since, StoreUrl, Until, open_store, trace_of, window
from policy_ir.diagnostics import legible

if TYPE_CHECKING:
    from policy_ir.admission import Admitted
    from policy_ir.diagnostics import Diagnostic
    from policy_ir.trace.record import Trace
    from policy_ir.trace.store import Store, Wanted

_LOOKED_AT = 100
"""Traces, newest first, in which a vocabulary is looked for that the other policy is admitted under."""

_STEP = 64
"""Traces between two moves of the bar."""


@verb
def replay(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="These traces; the beginning of an id is enough.", show_default=False),
    ] = None,
    since: Since = None,
    until: Until = None,
    policy_name: PolicyName = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Most traces, oldest first.", show_default=False)
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy", metavar="FILE", help="Hold this policy against the calls instead.", show_default=False
        ),
    ] = None,
    svg: Annotated[
        str | None,
        typer.Option(
            "--svg", metavar="FILE", help="With --policy: draw the costs and the candidates.", show_default=False
        ),
    ] = None,
    store: StoreUrl = None,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Decide the calls of a history again, and compare.

    Each decision is computed from the stored policy, floor, vocabulary, catalogue, state, facts and seed, and has to
    have the fingerprint of its trace; of a flow, each node's, with the policy and the seed that the flow gives it.
    Exit code 3 if one has not, or cannot be computed.

    With --policy, what another policy would have chosen: by candidates, what it would have cost by the tokens of the
    answers that there were, and who would have been refused. Flows are left out.

    As JSON, an object with the counts `traces`, `same`, `different`, `damaged`, `undecided`, `flows` and `unreadable`,
    and `listed`, the traces with their `differences` and `diagnostics`, flows with their `nodes`. With --policy, an
    object with counts, `cost`, `pairs`, `refused` and `calls`.
    """  # fmt: skip
    by_window = since is not None or until is not None
    if bool(ids) == by_window:
        raise WrongUsage("name traces by their ids, or say `--since` or `--until`" + (", not both" if ids else ""))
    if ids and (limit is not None or policy_name is not None):
        raise WrongUsage("`--limit` and `--policy-name` go with `--since` or `--until`, not with ids")
    if svg is not None:
        if policy is None:
            raise WrongUsage("`--svg` draws what another policy comes to; name one with `--policy`")
        from policy_ir.cli.files import AS_JSON, check_picture

        check_picture(svg, AS_JSON if format is Format.JSON else None)
    start, stop = window(since, until)
    wanted: Wanted = {"since": start, "until": stop, "policy": policy_name}
    with open_store(store) as opened:
        chosen = _Chosen(opened, ids, wanted, limit)
        if policy is None:
            return _replayed(chosen, format)
        return _backtested(chosen, policy, svg, format)


class _Chosen:
    """The traces that a command is about, oldest first; `unreadable` counts those that are none any more."""

    def __init__(self, store: Store, ids: list[str] | None, wanted: Wanted, limit: int | None) -> None:
        self.store = store
        self.unreadable = 0
        self._wanted, self._limit = wanted, limit
        self.named = None if ids is None else _named(store, ids)

    def __iter__(self) -> Iterator[Trace]:
        if self.named is not None:
            return iter(self.named)
        return islice(self.store.iterate(on_damage=self._lost, **self._wanted), self._limit)

    def newest(self) -> Iterable[Trace]:
        """Some of them, newest first."""
        if self.named is not None:
            return reversed(self.named)
        return self.store.find(limit=_LOOKED_AT, on_damage=lambda _: None, **self._wanted)

    def _lost(self, _: object) -> None:
        self.unreadable += 1

    @contextmanager
    def progress(self, title: str) -> Iterator[Callable[[object], None]]:
        """A bar on a terminal, which its function moves by one trace."""
        from policy_ir.cli.conformance_progress import progress

        if self.named is not None or not sys.stderr.isatty():
            yield lambda _: None
            return
        total, done = self.store.count(**self._wanted), 0
        with progress(title, total if self._limit is None else min(total, self._limit)) as advance:

            def move(_: object) -> None:
                nonlocal done
                done += 1
                if done % _STEP == 0:
                    advance(_STEP)

            yield move


def _named(store: Store, ids: list[str]) -> list[Trace]:
    """The traces with these ids, each once, in the order of time; raises `Refused` with all that are none."""
    from policy_ir.diagnostics import Refused

    traces: dict[str, Trace] = {}
    found: list[Diagnostic] = []
    for id in ids:
        try:
            trace = trace_of(store, id)
            traces[trace.id] = trace
        except Refused as refused:
            found += refused.diagnostics
    if found:
        raise Refused(found)
    return [traces[id] for id in sorted(traces)]


# --- the same policy -----------------------------------------------------------------------------------------


def _replayed(chosen: _Chosen, format: Format) -> Exit:
    from policy_ir.trace.replay import Replayed, replay_all

    named: list[Replayed] = []
    with chosen.progress("replaying") as move:

        def each(replayed: Replayed) -> None:
            move(replayed)
            if chosen.named is not None:
                named.append(replayed)

        tally = replay_all(chosen.store, chosen, on_each=each)
    tally.unreadable = chosen.unreadable
    if format is Format.JSON:
        told = tally.to_json()
        write_json(told if chosen.named is None else told | {"listed": [one.to_json() for one in named]})
    else:
        from policy_ir.cli.replay_telling import tell_named, tell_tally

        if chosen.named is None:
            tell_tally(console(), tally)
        else:
            tell_named(console(), named)
    return Exit.FINE if tally.holds else Exit.DOES_NOT_HOLD


# --- another policy ------------------------------------------------------------------------------------------


def _backtested(chosen: _Chosen, path: str, svg: str | None, format: Format) -> Exit:
    from pathlib import PurePath

    from policy_ir.trace.backtest import backtest

    other = _admitted(chosen, path)
    name = "the other policy" if path == "-" else PurePath(path).name
    with chosen.progress("deciding") as move:
        found = backtest(chosen.store, chosen, other, on_each=move)
    found.unreadable = chosen.unreadable
    if svg is not None:
        from policy_ir.cli.files import save_text
        from policy_ir.trace.plot import plot

        save_text(svg, plot(found, name))
        if svg != "-":
            print(f"{legible(svg)}: written", file=sys.stderr)
    if svg != "-":
        if format is Format.JSON:
            write_json(found.to_json())
        else:
            from policy_ir.cli.replay_telling import tell_backtest

            tell_backtest(console(), found, name)
    return Exit.FINE if found.holds else Exit.DOES_NOT_HOLD


def _admitted(chosen: _Chosen, path: str) -> Admitted:
    """The other policy, under the vocabulary of the newest call that has one, or else the standard one."""
    from policy_ir.diagnostics import Refused
    from policy_ir.trace.parts import Rebuilder

    inputs, rebuilder = Inputs(), Rebuilder(chosen.store.part)
    for trace in chosen.newest():
        if trace.vocabulary is not None:
            try:
                vocabulary = rebuilder.vocabulary(trace)
            except Refused:
                continue
            return inputs.policy(path, vocabulary)
    return inputs.policy(path, inputs.vocabulary(None))
