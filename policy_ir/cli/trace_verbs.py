"""The verbs over traces: list, show, export, import, prune."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.options import Formatted
from policy_ir.cli.screen import Format, console, report, write_json
from policy_ir.cli.stores import PolicyName, Since, StoreUrl, TraceId, Until, open_store, trace_of, window, writing

if TYPE_CHECKING:
    from policy_ir.diagnostics import Refused
    from policy_ir.trace.replay import Replayed
    from policy_ir.trace.store import Wanted

app = typer.Typer(
    help="Look at the calls that a router recorded.", no_args_is_help=True, rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip

OUTCOMES = "ok, refused, no_candidate, failed, interrupted or cancelled"

Candidate: TypeAlias = Annotated[
    str | None,
    typer.Option("--candidate", metavar="ID", help="Answered by this candidate, or a node.", show_default=False),
]
OfOutcome: TypeAlias = Annotated[
    str | None, typer.Option("--outcome", metavar="OUTCOME", help=f"That ended so: {OUTCOMES}.", show_default=False)
]
OfFlow: TypeAlias = Annotated[
    str | None,
    typer.Option("--flow", metavar="NAME", help="Of this flow: its name or fingerprint.", show_default=False),
]
OfKey: TypeAlias = Annotated[
    str | None, typer.Option("--key", metavar="NAME", help="Of the bearer key of this name.", show_default=False)
]
OfSession: TypeAlias = Annotated[
    str | None, typer.Option("--session", metavar="TEXT", help="Of this session.", show_default=False)
]


def _wanted(
    since: str | None,
    until: str | None,
    policy: str | None,
    flow: str | None,
    candidate: str | None,
    outcome: str | None,
    key: str | None,
    session: str | None,
) -> Wanted:
    from policy_ir.diagnostics import quoted, suggestion
    from policy_ir.trace import record

    if outcome is not None and outcome not in record.OUTCOMES:
        near = suggestion(outcome, record.OUTCOMES)
        hint = f"; did you mean {quoted(near)}?" if near else f"; there are {OUTCOMES}"
        raise WrongUsage(f"no call has the outcome {quoted(outcome)}{hint}")
    start, stop = window(since, until)
    return {
        "since": start,
        "until": stop,
        "policy": policy,
        "flow": flow,
        "candidate": candidate,
        "outcome": outcome,
        "key": key,
        "session": session,
    }


class _Damaged:
    """Counts records that cannot be read, and says so at the end: they do not hide the others."""

    def __init__(self) -> None:
        self.found: list[Refused] = []

    def __call__(self, refused: Refused) -> None:
        self.found.append(refused)

    def code(self, format: Format) -> Exit:
        """Report what was found."""
        if not self.found:
            return Exit.FINE
        report([one for refused in self.found for one in refused.diagnostics], None, format)
        return Exit.REFUSED


# --- list ----------------------------------------------------------------------------------------------------


@app.command("list")
@verb
def list_(
    since: Since = None,
    until: Until = None,
    policy_name: PolicyName = None,
    flow: OfFlow = None,
    candidate: Candidate = None,
    outcome: OfOutcome = None,
    key: OfKey = None,
    session: OfSession = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="So many at most.", min=1, max=100_000)] = 20,
    before: Annotated[
        str | None, typer.Option("--before", metavar="ID", help="Older than this trace.", show_default=False)
    ] = None,
    store: StoreUrl = None,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """List calls, the latest first.

    As JSON, an object with `store` and `traces`, each as `trace show` has it.
    """
    wanted = _wanted(since, until, policy_name, flow, candidate, outcome, key, session)
    damaged = _Damaged()
    with open_store(store) as opened:
        last = None if before is None else trace_of(opened, before).id
        found = opened.find(limit=limit, before=last, on_damage=damaged, **wanted)
        name = opened.name
    if format is Format.JSON:
        write_json({"store": name, "traces": [trace.to_json() for trace in found]})
    else:
        from policy_ir.cli.trace_telling import tell_traces

        tell_traces(console(), found, more=len(found) == limit)
    return damaged.code(format)


# --- show ----------------------------------------------------------------------------------------------------


@app.command("show")
@verb
def show(
    id: TraceId,
    node: Annotated[
        str | None, typer.Option("--node", metavar="NAME", help="Of a flow: this node's call.", show_default=False)
    ] = None,
    store: StoreUrl = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """Show one call: what was decided, who was refused, and each attempt. Of a flow, the calls of its nodes.

    Who was refused is decided again from the stored parts. As JSON, an object with `trace`, `refused` (how many
    candidates by reason) and `replayed`: `same`, `different`, `damaged` or `undecided`. Of a flow, an object with
    `trace`, `replayed`, `nodes` (`refused` and `replayed` of each) and `never_run`, null where the flow cannot be read.
    """
    from policy_ir.trace.replay import Replayer

    with open_store(store) as opened:
        trace = trace_of(opened, id)
        replayed = Replayer(opened).replay(trace)
    if node is not None:
        replayed = _node(replayed, node)
        trace = replayed.trace
    if format is Format.JSON:
        write_json(_shown(replayed))
    elif trace.is_flow:
        from policy_ir.cli.trace_flow_telling import tell_flow

        tell_flow(console(), trace, replayed)
    else:
        from policy_ir.cli.trace_telling import tell_trace

        tell_trace(console(), trace, replayed)


def _node(flow: Replayed, name: str) -> Replayed:
    """The call of a node. Raises `WrongUsage` where there is none."""
    from policy_ir.diagnostics import quoted, suggestion

    known = {str(node.trace.node): node for node in flow.nodes}
    if name in known:
        return known[name]
    if not flow.trace.is_flow:
        raise WrongUsage(f"{quoted(flow.trace.id)} is the trace of a call and has no nodes")
    near = suggestion(name, known)
    hint = f"; did you mean {quoted(near)}?" if near else ""
    raise WrongUsage(f"the flow has run no node {quoted(name)}{hint}")


def _shown(replayed: Replayed) -> dict[str, Any]:
    """What `trace show` says as JSON."""
    said: dict[str, Any] = {"trace": replayed.trace.to_json(), "replayed": replayed.verdict}
    if not replayed.trace.is_flow:
        return said | {"refused": _refused(replayed)}
    from policy_ir.cli.trace_flow_telling import never_run

    nodes = {str(node.trace.node): {"refused": _refused(node), "replayed": node.verdict} for node in replayed.nodes}
    return said | {"nodes": nodes, "never_run": never_run(replayed)}


def _refused(replayed: Replayed) -> dict[str, int]:
    """How many candidates were refused, by reason."""
    from collections import Counter

    rejected = () if replayed.decision is None else replayed.decision.rejected
    return dict(Counter(reason for _, reason in rejected).most_common())


# --- export and import ---------------------------------------------------------------------------------------


@app.command("export")
@verb
def export(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="These; all that are wanted if none.")
    ] = None,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="Write here; - is standard output.")
    ] = "-",
    parts: Annotated[
        bool, typer.Option("--parts", help="With policies, catalogues and states: another machine can replay.")
    ] = False,
    since: Since = None,
    until: Until = None,
    policy_name: PolicyName = None,
    flow: OfFlow = None,
    candidate: Candidate = None,
    outcome: OfOutcome = None,
    key: OfKey = None,
    session: OfSession = None,
    store: StoreUrl = None,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Write traces as JSON lines, the oldest first.

    A line is a trace, or with --parts an object with `part`, `digest` and `text`, before the first trace that names it.
    """
    from policy_ir.cli.files import check_place, save_lines
    from policy_ir.trace.exchange import exported

    wanted = _wanted(since, until, policy_name, flow, candidate, outcome, key, session)
    if ids and any(value is not None for value in wanted.values()):
        raise WrongUsage("ids say which traces are wanted; leave out the other options that do")
    check_place(output)
    damaged = _Damaged()
    with open_store(store) as opened:
        found = [trace_of(opened, id) for id in ids] if ids else opened.iterate(on_damage=damaged, **wanted)
        save_lines(output, exported(opened, found, parts=parts))
    return damaged.code(format)


@app.command("import")
@verb
def import_(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Exported lines; - is standard input.", show_default=False)
    ],
    store: StoreUrl = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """Take in exported traces.

    The store is made if there is none; what it has already stays as it is. As JSON, an object with `traces` and
    `without_parts`: how many, and how many of them cannot be replayed.
    """
    from policy_ir.cli.files import opened as opened_file
    from policy_ir.trace.exchange import take_in

    with opened_file(file) as text, open_store(store, create=True) as opened:
        with writing():
            taken = take_in(opened, text, file)
        if format is Format.JSON:
            write_json({"store": opened.name, "traces": taken.traces, "without_parts": taken.without_parts})
            return
        from policy_ir.report.wording import counted

        print(f"{counted(taken.traces, 'trace')} taken in", file=sys.stdout)
        if taken.without_parts:
            print(f"{taken.without_parts:,} of them without their parts: they cannot be replayed", file=sys.stdout)


# --- prune ---------------------------------------------------------------------------------------------------


@app.command("prune")
@verb
def prune(
    before: Annotated[
        str,
        typer.Option("--before", metavar="TIME", help="Older than this: 30d or 2026-11-01.", show_default=False),
    ],
    store: StoreUrl = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """Remove old traces, and the parts that only they name.

    Routers may go on writing meanwhile. As JSON, an object with `removed`, the number of traces.
    """
    from policy_ir.report.wording import counted
    from policy_ir.trace.moments import moment

    at = moment(before, time.time())
    with open_store(store) as opened:
        with writing():
            removed = opened.prune(at)
        if format is Format.JSON:
            write_json({"store": opened.name, "removed": removed})
        else:
            print(f"{counted(removed, 'trace')} removed", file=sys.stdout)
