"""The page of the trace of a flow: its graph with what each node did, its nodes in time, and each by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from policy_ir.report import wording
from policy_ir.report.flow_picture import NodeLook, flow_svg
from policy_ir.report.markup import escape, section
from policy_ir.report.pieces import balance, name_of, why
from policy_ir.report.wording import duration
from policy_ir.router.pages.findings import findings, recorded
from policy_ir.router.pages.frame import Visit, document, figures, moment, page_path
from policy_ir.router.pages.one_trace import (
    actions,
    identity_section,
    refusal_section,
    replay_section,
    request_section,
    spent,
)
from policy_ir.router.pages.outcomes import badge, node_anchor, node_badge, node_outcome, policy_of
from policy_ir.router.pages.time_axis import hops, nodes

if TYPE_CHECKING:
    from policy_ir.diagnostics import Diagnostic
    from policy_ir.flow.tree import Flow
    from policy_ir.report.answer import Answer
    from policy_ir.trace.record import Trace
    from policy_ir.trace.replay import Replayed

TOLD: Final = 12
"""The most nodes whose decisions are told again on one page; the others have pages of their own."""


def flow_page(
    trace: Trace,
    *,
    flow: Flow | None = None,
    answers: Mapping[str, Answer] | None = None,
    missing: Sequence[Diagnostic] = (),
    replayed: Replayed | None = None,
    visit: Visit,
) -> str:
    """The page at `/ui/traces/{id}` of a flow. `flow` is its graph, None where that cannot be read any more.

    `answers` are the decisions of nodes, told again, by name; `missing` says why some could not be told.
    """
    sections = [
        _masthead(trace),
        "" if replayed is None else replay_section(replayed),
        "" if flow is None else _graph(flow, trace),
        section("The nodes in time", nodes(trace), name="time") if trace.nodes else "",
        refusal_section(trace),
        _untold(missing),
        *(_node(call, (answers or {}).get(call.node or "")) for call in trace.nodes),
        request_section(trace),
        identity_section(trace),
    ]
    name = trace.name_of_flow or "flow"
    return document(f"{name}, {trace.id}", sections, here="", visit=visit)


# --- what happened --------------------------------------------------------------------------------------------


def _masthead(trace: Trace) -> str:
    eyebrow = f'<p class="eyebrow">{moment(trace.at)} UTC <code>{escape(trace.id)}</code></p>'
    attempts = sum(len(call.hops) for call in trace.nodes)
    figure = [
        ("the caller got", str(trace.status), "a stream" if trace.stream else ""),
        ("took", duration(trace.ended_ms), f"{duration(sum(call.ended_ms for call in trace.nodes))} of calls"),
        ("calls", f"{len(trace.nodes):,}", wording.counted(attempts, "attempt")),
        *spent(trace),
        ("flow", policy_of(trace), f"key {trace.key}" if trace.key is not None else ""),
    ]
    replay = "Replay the decisions" if any(call.decision for call in trace.nodes) else ""
    return (
        f'<header id="content">{eyebrow}<p class="verdict">{badge(trace)}</p><h1>{_title(trace)}</h1>'
        f'<div class="why"><p>{" ".join(_happened(trace))}</p></div>{figures(figure)}{actions(trace, replay=replay)}'
        "</header>"
    )


def _title(trace: Trace) -> str:
    if trace.outcome == "ok" and trace.chosen is not None:
        return name_of(trace.chosen)
    if trace.failed_node is not None:
        return f"{name_of(trace.failed_node)} failed"
    return {
        "ok": "Its input was passed on",
        "refused": "The flow was refused",
        "cancelled": "Nobody waited for the answer",
    }.get(trace.outcome, "The flow failed")


def _happened(trace: Trace) -> Iterator[str]:
    """What became of the flow, in a sentence or two."""
    passed = [f"<code>{escape(call.node or '')}</code>" for call in trace.nodes if call.passed]
    match trace.outcome:
        case "ok":
            yield f"The last of {wording.counted(len(trace.nodes), 'call')} gave the answer."
        case "refused":
            yield "Nothing was decided and nobody was called; what was found says why."
        case "cancelled":
            yield f"The caller went away after {duration(trace.ended_ms)}; what was running was called off."
        case _ if trace.failed_node is not None:
            failed = next((call for call in trace.nodes if call.node == trace.failed_node), None)
            tries = 0 if failed is None else len(failed.hops)
            after = f" after {wording.counted(tries, 'attempt')}" if tries else ""
            yield f"The node <code>{escape(trace.failed_node)}</code> failed{after}, and the caller got an error."
            if any(call.outcome == "cancelled" for call in trace.nodes):
                yield "What was running beside it was called off."
        case _:
            yield "The caller got an error."
    if passed:
        yield f"The input of {', '.join(passed)} was passed on, for its call failed."


# --- the graph ------------------------------------------------------------------------------------------------


def _graph(flow: Flow, trace: Trace) -> str:
    looks = {name: NodeLook(outcome="unrun") for name in flow.calls} | {
        call.node: _look(call) for call in trace.nodes if call.node is not None and call.node in flow.nodes
    }
    wide, slim = flow_svg(flow, looks), flow_svg(flow, looks, down=True)
    drawn = f'<figure class="graph"><div class="wide">{wide}</div><div class="slim">{slim}</div></figure>'
    note = "Who reads whom, from what the caller sent to the answer."
    return section("The flow", drawn, note=note, name="flow")


def _look(call: Trace) -> NodeLook:
    return NodeLook(
        outcome=node_outcome(call),
        candidate=call.chosen,
        ms=call.ended_ms,
        usd=call.cost.usd if call.cost.basis != "none" or call.cost.usd else None,
        reason=call.reason,
        href=f"#{node_anchor(call)}",
    )


# --- each node ------------------------------------------------------------------------------------------------


def _node(call: Trace, answer: Answer | None) -> str:
    who = f'<p class="node-who">{node_badge(call)}{_by(call)}</p>'
    decided = "" if answer is None else f"{why(answer)}{balance(answer, first='')}"
    tried = hops(call) if call.hops else recorded(call.diagnostics) if call.diagnostics else ""
    more = f'<p class="more"><a href="{escape(page_path(call))}">The whole decision</a></p>' if call.decision else ""
    return section(call.node or "", f"{who}{tried}{decided}{more}", name=node_anchor(call))


def _by(call: Trace) -> str:
    """Who answered, and who was first in order if that was somebody else."""
    by = f" by <b>{name_of(call.chosen)}</b>" if call.chosen is not None else ""
    first = (
        f"; first in order was <b>{name_of(call.winner or '')}</b>" if call.winner not in (None, call.chosen) else ""
    )
    return by + first


def _untold(missing: Sequence[Diagnostic]) -> str:
    if not missing:
        return ""
    note = "The trace itself is whole; what it was decided over cannot be shown."
    return section("How it was decided", findings(missing), note=note, name="why")
