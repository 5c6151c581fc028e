"""What a flow would be decided to and would cost, with the decisions behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from policy_ir.flow.cost import FlowEstimate, NodeEstimate, estimate
from policy_ir.report.flow_picture import NodeLook

if TYPE_CHECKING:
    from policy_ir.decision import Decision
    from policy_ir.facts import Facts
    from policy_ir.floor import Effective, Floor
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.snapshot import Snapshot

__all__ = ["Explained", "explained"]


@attrs.frozen(slots=True, kw_only=True)
class Explained:
    """The estimate of a flow. A call whose input would be too long has no decision."""

    flow: AdmittedFlow
    snapshot: Snapshot
    seed: int | None
    estimate: FlowEstimate
    decisions: Mapping[str, Decision]

    @property
    def nodes(self) -> Mapping[str, NodeEstimate]:
        """The estimates of the calls by name."""
        return {one.node: one for one in self.estimate.nodes}

    @property
    def looks(self) -> Mapping[str, NodeLook]:
        """Each call with whom it would go to."""
        return {name: NodeLook(candidate=one.candidate, usd=one.usd) for name, one in self.nodes.items()}

    def to_json(self) -> dict[str, Any]:
        """The estimate as a JSON object, with the decisions."""
        made = self.estimate.to_json()
        for node in made["nodes"]:
            decision = self.decisions.get(node["node"])
            node["decision"] = None if decision is None else decision.to_json()
        head = {"flow": self.flow.fingerprint, "snapshot": self.snapshot.fingerprint, "seed": self.seed}
        return {**head, **made}


def explained(
    flow: AdmittedFlow,
    snapshot: Snapshot,
    body: Mapping[str, Any],
    *,
    floor: Floor | None,
    stated: Mapping[str, Any],
    seed: int | None,
) -> Explained:
    """The estimate of a flow for a body. Raises `Refused` as `estimate` does."""
    from policy_ir.decision import decide

    made: list[Decision] = []

    def kept(program: Effective, snapshot: Snapshot, facts: Facts, seed: int | None) -> Decision:
        made.append(decide(program, snapshot, facts, seed))
        return made[-1]

    told = estimate(flow, snapshot, body, floor=floor, stated=stated, seed=seed, decide=kept)
    decided = [node.node for node in told.nodes if node.facts is not None]
    decisions = dict(zip(decided, made, strict=True))
    return Explained(flow=flow, snapshot=snapshot, seed=seed, estimate=told, decisions=decisions)
