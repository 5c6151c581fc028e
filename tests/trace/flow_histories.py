"""Flows that were really decided, node by node, and recorded as a router records them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from histories import BEST, CHEAP, FACTS, NOON, STANDARD, Kept, admitted, answered, called

from policy_ir.admission import Admitted
from policy_ir.floor import Floor
from policy_ir.flow.admission import AdmittedFlow, admit_flow
from policy_ir.flow.calls import seed_of_node
from policy_ir.flow.tree import Flow, Input, Llm, Node, Output
from policy_ir.snapshot import Snapshot
from policy_ir.terms import Policy
from policy_ir.trace.parts import flow_part, vocabulary_part
from policy_ir.trace.record import Cost, Hop, Trace, new_id
from policy_ir.vocabulary import Vocabulary

DRAWN = "policy { filter price_out <= 100 rank neg(price_out) select sample(5) }"


def diamond(declared: Vocabulary = STANDARD, *, drawn: str = DRAWN, system: str = "Answer briefly.") -> AdmittedFlow:
    """A draft, two opinions of it, of which one may fail, and an answer that is made of them."""

    def llm(policy: str, *inputs: str, **more: Any) -> Llm:
        term = admitted(policy, declared).term
        assert isinstance(term, Policy)
        return Llm(more.pop("system", ""), term, inputs, **more)

    nodes: dict[str, Node] = {
        "question": Input(),
        "draft": llm(CHEAP, "question", system=system),
        "left": llm(drawn, "draft"),
        "right": llm(drawn, "draft", on_error="input"),
        "verify": llm(BEST, "left", "right"),
        "answer": Output("verify"),
    }
    return admit_flow(Flow(nodes), declared)


def flowed(
    kept: Kept,
    flow: AdmittedFlow,
    over: Snapshot,
    *,
    at: float = NOON,
    seed: int | None = None,
    floor: Floor | None = None,
    run: Collection[str] | None = None,
    of_nodes: Mapping[str, Mapping[str, Any]] | None = None,
    **more: Any,
) -> Trace:
    """A flow of which the nodes in `run` are called, a second apart; what is told of some nodes is added to theirs."""
    named = [name for name in flow.order if name in flow.policies and (run is None or name in run)]
    id = new_id(int(at * 1000), len(kept.traces).to_bytes(10))
    nodes: list[Trace] = []
    for turn, name in enumerate(named):
        beside = Kept()
        told: dict[str, Any] = {"at": at + turn, "id": id, "node": name, "ended_ms": 900.0, "facts": FACTS}
        told |= dict(of_nodes or {}).get(name, {})
        nodes.append(_call(beside, flow.policies[name], over, seed=seed_of_node(seed, name), floor=floor, **told))
        kept.parts |= beside.parts
    part = flow_part(flow)
    whole: dict[str, Any] = {
        "id": id,
        "at": at,
        "vocabulary": over.vocabulary.fingerprint,
        "seed": seed,
        "flow": flow.fingerprint,
        "flow_part": part.digest,
        "nodes": tuple(nodes),
        "chosen": nodes[-1].chosen if nodes and nodes[-1].node == flow.last else None,
        "outcome": "ok",
        "status": 200,
        "ended_ms": 1000.0 * len(nodes),
        "cost": Cost.total(node.cost for node in nodes),
    }
    return kept.keep(Trace(**(whole | more)), [part, vocabulary_part(over.vocabulary)])


def _call(beside: Kept, policy: Admitted, over: Snapshot, **told: Any) -> Trace:
    return called(beside, policy, over, **told)


def failed_over(first: str, then: str) -> Sequence[Hop]:
    """Two attempts, of which the second succeeded."""
    lost: dict[str, Any] = {"outcome": "failed", "status": 429, "reason": "rate_limit", "message": "slow down"}
    return (
        answered(first, **lost, action="next_candidate", ended_ms=30.0),
        answered(then, number=1, position=1, usd=0.002, tokens=(900, 120), started_ms=30.0, ended_ms=800.0),
    )
