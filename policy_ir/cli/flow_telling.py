"""How flows are laid out on a terminal: the graph on rails, with what each call would do or did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policy_ir.cli import layout
from policy_ir.cli.screen import width
from policy_ir.flow.tree import Llm, Output
from policy_ir.flow.values import bytes_of
from policy_ir.report import wording
from policy_ir.report.flow_picture import OUTCOME_WORDS, NodeLook
from policy_ir.report.flow_rails import rails

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.cli.flow_deciding import Explained
    from policy_ir.cli.flow_running import Ran
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.flow.tree import Flow

TOLD = 12
"""The most calls whose decisions are told one by one."""
SHORT = 14
"""Characters of a fingerprint that tells policies apart."""

_STYLES = {"failed": layout.REFUSED, "passed": layout.CHOSEN, "cancelled": layout.SOFT, "unrun": layout.SOFT}


def tell_flow(console: Console, flow: AdmittedFlow) -> None:
    """The graph, with the policy of each call."""
    count = len(flow.policies)
    layout.say(console, (wording.counted(count, "call"), layout.HEAD), f", {_distinct(flow)}")
    console.print()
    narrow = layout.narrow()
    rows = {}
    for name, node in flow.flow.nodes.items():
        if not isinstance(node, Llm):
            rows[name] = [f"answer of {node.input}" if isinstance(node, Output) else "what the caller sends", "", ""]
            continue
        remarks = ["a template"] if node.template is not None else []
        remarks += ["passes its input on if it fails"] if node.on_error == "input" else []
        rows[name] = [f"reads {', '.join(node.inputs)}", _policy(flow, name), ", ".join(remarks)]
    columns: list[tuple[str, layout.Justify]] = [("", "left"), ("policy", "left"), ("", "left")]
    _graph(console, flow.flow, columns[:1] if narrow else columns, rows)
    console.print()
    layout.fingerprints(console, [("flow", flow.fingerprint), ("vocabulary", flow.vocabulary.fingerprint)])


def _distinct(flow: AdmittedFlow) -> str:
    policies = len({policy.fingerprint for policy in flow.policies.values()})
    return wording.counted(policies, "policy", "policies")


def _policy(flow: AdmittedFlow, name: str) -> str:
    """What a policy is called: by its author, or by the beginning of its fingerprint."""
    named = flow.document.policies.get(name) if flow.document is not None else None
    return named or f"{flow.policies[name].fingerprint[:SHORT]}…"


def _graph(
    console: Console,
    flow: Flow,
    columns: Sequence[tuple[str, layout.Justify]],
    rows: Mapping[str, Sequence[str]],
    styles: Mapping[str, str] | None = None,
) -> None:
    """A line for each node: its rails where there is room, its name, and cells as there are columns."""
    lines = rails(flow)
    railed = max(len(rail) for _, rail in lines) <= width() // 4
    ways: list[tuple[str, layout.Justify]] = [("", "left")] if railed else []
    made = layout.table(*ways, ("", "left"), *columns)
    if railed:
        made.columns[0].no_wrap = True
    cells = [[*([rail] if railed else []), name, *rows[name][: len(columns)]] for name, rail in lines]
    console.print(layout.rows(made, cells, styles=[(styles or {}).get(name, "") for name, _ in lines]))


def flow_json(flow: AdmittedFlow) -> dict[str, Any]:
    """The graph as a JSON object."""
    return {
        "fingerprint": flow.fingerprint,
        "vocabulary": flow.vocabulary.fingerprint,
        "input": flow.input,
        "output": flow.output,
        "last": flow.last,
        "order": list(flow.order),
        "nodes": {name: _node_json(flow, name) for name in flow.flow.nodes},
    }


def _node_json(flow: AdmittedFlow, name: str) -> dict[str, Any]:
    node = flow.flow.nodes[name]
    if not isinstance(node, Llm):
        return (
            {"kind": "output", "inputs": [node.input]} if isinstance(node, Output) else {"kind": "input", "inputs": []}
        )
    return {
        "kind": "llm",
        "inputs": list(node.inputs),
        "policy": flow.policies[name].fingerprint,
        "policy_name": None if flow.document is None else flow.document.policies.get(name),
        "on_error": node.on_error,
        "system_bytes": bytes_of(node.system),
        "template_bytes": None if node.template is None else bytes_of(node.template),
    }


# --- before it is run ----------------------------------------------------------------------------------------


def tell_estimate(console: Console, made: Explained) -> None:
    """Whom each call would go to and why, and what that may cost."""
    estimate = made.estimate
    calls = wording.counted(len(estimate.nodes), "call")
    dearest = f", {wording.cost(estimate.most_usd)} if each goes to the dearest that may be tried"
    layout.say(console, (calls, layout.HEAD), f", about {wording.cost(estimate.usd)}{dearest}")
    console.print()
    nodes = made.nodes
    rows = {name: ["", "", ""] for name in made.flow.flow.nodes}
    for name, node in nodes.items():
        rows[name] = [node.candidate or _nobody(made, name), wording.cost(node.usd), wording.cost(node.most_usd)]
    columns: list[tuple[str, layout.Justify]] = [("first", "left"), ("estimate", "left"), ("dearest", "left")]
    styles = {name: layout.REFUSED for name, node in nodes.items() if node.candidate is None}
    _graph(console, made.flow.flow, columns[:2] if layout.narrow() else columns, rows, styles)
    decided = [name for name in made.flow.order if name in made.decisions]
    for name in decided[:TOLD]:
        console.print()
        _decided(console, made, name)
    if len(decided) > TOLD:
        console.print()
        layout.say(console, (f"and {len(decided) - TOLD:,} more; --node NAME tells of one", layout.SOFT))
    console.print()
    pairs = [("flow", made.flow.fingerprint), ("snapshot", made.snapshot.fingerprint)]
    layout.fingerprints(console, pairs if made.seed is None else [*pairs, ("seed", str(made.seed))])


def _nobody(made: Explained, name: str) -> str:
    return "no candidate" if name in made.decisions else "its input would be too long"


def _decided(console: Console, made: Explained, name: str) -> None:
    from policy_ir.cli.telling import prose
    from policy_ir.explanation import explain
    from policy_ir.report.entries import by_clause
    from policy_ir.report.places import Places
    from policy_ir.report.reasons import why

    decision = made.decisions[name]
    layout.say(
        console, (name, layout.HEAD), ("" if made.nodes[name].candidate else "  no candidate is left", layout.REFUSED)
    )
    for sentence in why(explain(decision), Places(decision.program.documents)):
        prose(console, sentence, indent=2)
    counts = [f"{clause or reason} {count:,}" for reason, clause, count in by_clause(decision)]
    if counts:
        prose(
            console, f"refused {len(decision.rejected):,} of {decision.snapshot.size:,}: {', '.join(counts)}", indent=2
        )


def tell_node(console: Console, made: Explained, name: str) -> None:
    """The decision of one call, as that of a policy."""
    if name not in made.decisions:
        layout.say(console, (name, layout.HEAD), ": its input would be too long")
        return
    from policy_ir.cli.telling import tell
    from policy_ir.explanation import explain
    from policy_ir.report.gather import answer_of
    from policy_ir.report.places import Places

    decision = made.decisions[name]
    tell(console, answer_of(explain(decision)), Places(decision.program.documents))


# --- when it has run -----------------------------------------------------------------------------------------


def tell_account(console: Console, flow: AdmittedFlow, ran: Ran) -> None:
    """What became of each call, and what all of it took."""
    account = ran.account
    if not ran.ok:
        layout.say(console, ("failed", layout.REFUSED), f": {ran.answer['error']['message']}")
    looks = ran.looks
    if looks:
        console.print()
        _told(console, flow, looks, account["nodes"])
        console.print()
        took = max((node["ended_ms"] or 0 for node in account["nodes"].values()), default=0)
        layout.say(
            console, f"{wording.duration(took)}, {wording.cost(account['cost_usd'])}, "
            f"{wording.counted(account['attempts'], 'attempt')}, trace {account['trace']}"
        )  # fmt: skip


def _told(console: Console, flow: AdmittedFlow, looks: Mapping[str, NodeLook], nodes: Mapping[str, Any]) -> None:
    rows = {}
    styles = {}
    for name in flow.flow.nodes:
        look = looks.get(name, NodeLook(outcome="unrun" if name in flow.policies else None))
        styles[name] = _STYLES.get(look.outcome or "", "")
        said = "" if look.outcome in (None, "done") else OUTCOME_WORDS[look.outcome]
        rows[name] = [
            look.candidate or "",
            f"at {wording.duration(nodes[name]['started_ms'])}" if name in nodes else "",
            "" if look.ms is None else wording.duration(look.ms),
            "" if look.usd is None else wording.cost(look.usd),
            f"{said}: {look.reason}" if look.reason else said,
        ]
    columns: list[tuple[str, layout.Justify]] = [("model", "left"), ("begun", "right"), ("took", "right")]
    columns += [("cost", "left"), ("", "left")]
    if layout.narrow():
        del columns[1]
        rows = {name: [row[0], *row[2:]] for name, row in rows.items()}
    _graph(console, flow.flow, columns if any(row[-1] for row in rows.values()) else columns[:-1], rows, styles)
