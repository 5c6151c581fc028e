"""What a flow can cost, before it is run: each node decided over the snapshot, with texts of their usual length.

Specification: chapter "Calls of a flow", section "Cost".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from policy_ir.chat import facts_of_chat
from policy_ir.decision import Decision
from policy_ir.decision import decide as decide_by_the_reference
from policy_ir.diagnostics import Refused
from policy_ir.facts import Facts, read_seed
from policy_ir.flow.assembly import messages_of, rule_of, size_of
from policy_ir.flow.calls import facts_of_node, request_of, seed_of_node
from policy_ir.flow.values import Messages, Text, Value
from policy_ir.semantics.environment import Environment, call_cost
from policy_ir.semantics.numbers import score_json
from policy_ir.semantics.scores import plus
from policy_ir.vocabulary import FORMULAS

if TYPE_CHECKING:
    from policy_ir.floor import Effective, Floor
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.flow.tree import Llm
    from policy_ir.snapshot import Snapshot

__all__ = [
    "USUAL_BYTES",
    "CallCosts",
    "Decide",
    "FlowEstimate",
    "NodeEstimate",
    "cost_at",
    "estimate",
    "estimated_facts",
]

USUAL_BYTES: Final = 3072
"""The bytes that the text of a call is taken to have (rule `flow-cost/text`)."""

COST: Final = "call_cost"
"""The field that estimates are read from."""

Decide: TypeAlias = "Callable[[Effective, Snapshot, Facts, int | None], Decision]"
"""Decides a policy as `policy_ir.decide` does."""

_UNKNOWN: Final = Text("x" * USUAL_BYTES)


@attrs.frozen(slots=True)
class NodeEstimate:
    """What one call is expected to cost, in USD; None where that cannot be said.

    `facts` are None where the input would be too long, or the request is one that `facts_of_chat` refuses. `candidate`
    is the first of the decision, None where nobody may be tried. `most_usd` is the greatest cost among all that may be
    tried.
    """

    node: str
    facts: Facts | None
    seed: int | None
    candidate: str | None = None
    usd: float | None = None
    most_usd: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The estimate as a JSON object, with the fingerprint of the facts."""
        return {
            "node": self.node,
            "facts": None if self.facts is None else self.facts.fingerprint,
            "seed": self.seed,
            "candidate": self.candidate,
            "usd": _json(self.usd),
            "most_usd": _json(self.most_usd),
        }


@attrs.frozen(slots=True)
class FlowEstimate:
    """What a flow is expected to cost: the estimates of its calls, in the order of their names, and their sums."""

    nodes: tuple[NodeEstimate, ...]

    @property
    def usd(self) -> float | None:
        """The sum of the estimates, in USD; None where a call has none."""
        return _sum([node.usd for node in self.nodes])

    @property
    def most_usd(self) -> float | None:
        """The sum of the greatest costs, in USD; None where a call has none. It is no bound."""
        return _sum([node.most_usd for node in self.nodes])

    def to_json(self) -> dict[str, Any]:
        """The estimate as a JSON object."""
        nodes = [node.to_json() for node in self.nodes]
        return {"nodes": nodes, "usd": _json(self.usd), "most_usd": _json(self.most_usd)}


def estimate(
    flow: AdmittedFlow,
    snapshot: Snapshot,
    body: Mapping[str, Any],
    *,
    floor: Floor | None = None,
    stated: Mapping[str, Any] = MappingProxyType({}),
    seed: int | None = None,
    decide: Decide | None = None,
) -> FlowEstimate:
    """What the calls of a flow would cost over a snapshot, for a body and what the host states of it.

    Nodes are decided by `decide`, which is `policy_ir.decide` where there is none.
    Raises `Refused`: what `facts_of_chat` finds in the body or in the stated facts; what keeps the floor from being
    admitted; `PIR0730` for what is no seed; what `decide` finds. Raises ValueError where the flow was admitted under
    another vocabulary than the snapshot's.
    """
    facts_of_chat(body, flow.vocabulary, base=stated)
    given, seed = Messages(body["messages"]), read_seed(seed)
    programs = flow.effective(floor)
    costs = CallCosts(snapshot)
    nodes = []
    for name in sorted(programs):
        facts = estimated_facts(flow, name, body, given, stated)
        own = seed_of_node(seed, name)
        if facts is None:
            nodes.append(NodeEstimate(name, facts, own))
            continue
        decision = (decide or decide_by_the_reference)(programs[name], snapshot, facts, own)
        usd, most = _expected(decision, costs.of(facts))
        candidate = decision.ordered[0].id if decision.ordered else None
        nodes.append(NodeEstimate(name, facts, own, candidate, usd, most))
    return FlowEstimate(tuple(nodes))


def estimated_facts(
    flow: AdmittedFlow, name: str, body: Mapping[str, Any], given: Messages, stated: Mapping[str, Any]
) -> Facts | None:
    """The facts of a node with texts of their usual length, None where its input would be too long, or where its
    request has no facts; body and stated facts are ones that `facts_of_chat` accepts."""
    node = cast("Llm", flow.flow.nodes[name])
    values: list[Value] = [given if read == flow.input else _UNKNOWN for read in node.inputs]
    rule = rule_of(values, node.template)
    if rule == "assemble/limit":
        return None
    # Facts know a text by its length alone: one that is as long does as well as the text itself.
    text = "" if rule == "assemble/messages" else "x" * size_of(values, node.template)
    request = request_of(flow, name, body, messages_of(rule, node.system, values, text))
    try:
        return facts_of_node(flow, name, request, stated)
    except Refused:
        return None


class CallCosts:
    """What a call costs at each candidate of a snapshot, in USD: computed once for calls of the same amounts.

    The values are those of the field `call_cost`, where it is observed and finite, and None elsewhere.
    """

    __slots__ = ("_columns", "_known", "_snapshot")

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        declared = snapshot.vocabulary.fields
        self._columns: dict[str, list[Any]] = {}
        for field in FORMULAS[COST] if COST in declared else ():
            if declared[field].source != "request":
                self._columns[field] = snapshot.column(field).observations()
        self._known: dict[tuple[object, ...], Sequence[float | None]] = {}

    def of(self, facts: Facts) -> Sequence[float | None]:
        """The costs by the number of the candidate."""
        amounts = tuple([facts.fields.get(field) for field in FORMULAS[COST]])
        costs = self._known.get(amounts)
        if costs is None:
            costs = self._known[amounts] = self._computed(amounts)
        return costs

    def _computed(self, amounts: tuple[Any, ...]) -> Sequence[float | None]:
        nowhere = [None] * self._snapshot.size
        if not self._columns:  # the vocabulary has no such field
            return nowhere
        parts: list[Any] = []
        for field, amount in zip(FORMULAS[COST], amounts, strict=True):
            column = self._columns.get(field)
            if column is None and amount is None:
                return nowhere
            parts.append(repeat(amount) if column is None else column)
        return [
            cost if None not in part and isfinite(cost := call_cost(*part)) else None
            for part in zip(*parts, strict=False)
        ]


def cost_at(snapshot: Snapshot, facts: Facts, candidate: int) -> float | None:
    """What a call costs at one candidate, in USD: what `CallCosts` has of all, without a look at the others."""
    if COST not in snapshot.vocabulary.fields:
        return None
    seen = Environment(snapshot, facts).observe(candidate, COST)
    return seen.value if seen.known and isinstance(seen.value, float) and isfinite(seen.value) else None


def _expected(decision: Decision, costs: Sequence[float | None]) -> tuple[float | None, float | None]:
    """What the call costs at the first candidate, and at most; None where that cannot be said."""
    seen = [costs[entry.index] for entry in decision.ordered]
    if not seen:
        return None, None
    known = [cost for cost in seen if cost is not None]
    return seen[0], max(known) if len(known) == len(seen) else None


def _sum(amounts: list[float | None]) -> float | None:
    total = 0.0
    for amount in amounts:
        if amount is None:
            return None
        total = plus(total, amount)
    return total


def _json(amount: float | None) -> float | int | str | None:
    return None if amount is None else score_json(amount)
