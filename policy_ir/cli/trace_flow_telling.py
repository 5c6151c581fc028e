"""How the trace of a flow is laid out on a terminal: the call of each node, and those that were never run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from policy_ir.cli import layout
from policy_ir.cli.screen import width
from policy_ir.cli.telling import prose
from policy_ir.cli.trace_telling import head, refusal, remarks, spent, took, usd
from policy_ir.report import wording

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.trace.record import Hop, Trace
    from policy_ir.trace.replay import Replayed

__all__ = ["never_run", "tell_flow"]

LONGEST_NAME: Final = 24
"""Characters of a node's name beside a fingerprint."""


def tell_flow(console: Console, trace: Trace, replayed: Replayed) -> None:
    """The whole account of one flow."""
    head(console, trace)
    console.print()
    made = layout.table(("", "left"), ("", "left"), header=False)
    console.print(layout.rows(made, _circumstances(trace, replayed)))
    refusal(console, trace)
    if trace.nodes or never_run(replayed):
        console.print()
        _tell_nodes(console, trace, replayed)
    if trace.flow is not None:
        console.print()
        _tell_fingerprints(console, trace)
        _tell_replayed(console, replayed)


def never_run(replayed: Replayed) -> list[str] | None:
    """The calls of a flow that were never made, in the order of its graph; None where its part cannot be read."""
    if replayed.flow is None:
        return None
    run = {node.node for node in replayed.trace.nodes}
    return [name for name in replayed.flow.order if name in replayed.flow.policies and name not in run]


def _circumstances(trace: Trace, replayed: Replayed) -> list[tuple[str, str]]:
    never = never_run(replayed)
    calls = f"{len(trace.nodes):,} run" + (f", {len(never):,} never run" if never else "")
    failed = trace.failed_node and f"{trace.failed_node}, for {trace.reason}" if trace.reason else trace.failed_node
    rows = [
        ("flow", trace.name_of_flow or "inline"),
        ("key", trace.key),
        ("session", trace.session),
        ("seed", None if trace.seed is None else str(trace.seed)),
        ("nodes", calls),
        ("answered by", trace.chosen),
        ("failed", failed),
        ("reason", None if failed else trace.reason),
        ("cost", spent(trace.cost)),
    ]
    return [(name, value) for name, value in rows if value is not None]


# --- the nodes -----------------------------------------------------------------------------------------------


def _tell_nodes(console: Console, trace: Trace, replayed: Replayed) -> None:
    narrow = layout.narrow()
    reads = _reads(replayed)
    columns: list[tuple[str, layout.Justify]] = [("node", "left")]
    columns += [("reads", "left")] if reads and not narrow else []
    columns += [("answered by", "left")]
    columns += [] if narrow else [("began", "right")]
    columns += [("took", "right")]
    columns += [] if narrow else [("hops", "right"), ("USD", "right")]
    columns += [("outcome", "left")]
    lines, styles = [], []
    for name, node in _in_order(trace, replayed):
        cells = [name, *([", ".join(reads.get(name, ()))] if reads and not narrow else [])]
        if node is None:
            cells += ["", *([] if narrow else [""]), "", *([] if narrow else ["", ""]), "never run"]
        else:
            cells += [node.chosen or ""]
            cells += [] if narrow else [took(max(0.0, (node.at - trace.at) * 1000))]
            cells += [took(node.ended_ms)]
            cells += [] if narrow else [str(len(node.hops)), usd(node.cost)]
            cells += [_outcome(node)]
        lines.append(cells)
        styles.append(_style(node))
    console.print(layout.rows(layout.table(*columns), lines, styles=styles))
    for name, node in _in_order(trace, replayed):
        if node is not None:
            _tell_failures(console, name, node.hops)
            for found in node.diagnostics:
                layout.say(console, (f"{name}  {found.get('code', '')}: {found.get('message', '')}", layout.SOFT))


def _tell_failures(console: Console, name: str, hops: Sequence[Hop]) -> None:
    said = dict(remarks(hops))
    for hop in hops:
        if hop.outcome == "failed":
            what = " ".join(filter(None, (str(hop.status or ""), hop.reason)))
            pieces = [f"{hop.candidate} {what}".rstrip(), *filter(None, [said.get(hop.number + 1)])]
            layout.say(console, (f"{name}  {'; '.join(pieces)}", layout.SOFT))


def _in_order(trace: Trace, replayed: Replayed) -> Iterator[tuple[str, Trace | None]]:
    """The calls of a flow in the order of its graph, None for those that were never made; else as they were started."""
    order = () if replayed.flow is None else [name for name in replayed.flow.order if name in replayed.flow.policies]
    known = {str(node.node): node for node in trace.nodes}
    for name in order:
        yield name, known.get(name)
    for node in trace.nodes:
        if node.node not in order:
            yield str(node.node), node


def _reads(replayed: Replayed) -> dict[str, tuple[str, ...]]:
    flow = replayed.flow
    return {} if flow is None else {name: node.inputs for name, node in flow.flow.calls.items()}


def _outcome(node: Trace) -> str:
    said = " ".join(filter(None, (node.outcome, node.reason if node.reason != node.outcome else None)))
    return f"{said}, passed on" if node.passed else said


def _style(node: Trace | None) -> str:
    if node is None or node.outcome == "cancelled":
        return layout.SOFT
    return "" if node.outcome == "ok" or node.passed else layout.REFUSED


# --- fingerprints --------------------------------------------------------------------------------------------


def _tell_fingerprints(console: Console, trace: Trace) -> None:
    pairs = [("flow", trace.flow), *((f"  {_brief(node)}", node.decision) for node in trace.nodes)]
    shown = [(name, digest) for name, digest in pairs if digest is not None]
    layout.fingerprints(console, shown, label=max(12, *(len(name) + 2 for name, _ in shown)))
    if len(shown) > 1:
        layout.say(console, ("below the flow, the decision of each node", layout.SOFT))


def _brief(node: Trace) -> str:
    most = max(4, min(LONGEST_NAME, width() // 3))
    return wording.shortened(str(node.node), most)


def _tell_replayed(console: Console, replayed: Replayed) -> None:
    if replayed.same:
        layout.say(console, ("decided again from the stored parts, each node has the same decision", layout.KEPT))
        return
    for name, one in (("", replayed), *((f"`{node.trace.node}`: ", node) for node in replayed.nodes)):
        for difference in one.differences:
            prose(console, f"decided again, it differs: {name}{difference.part} {difference.now or 'none'}")
        for found in one.findings:
            prose(console, f"it cannot be decided again: {name}{found.message}")
