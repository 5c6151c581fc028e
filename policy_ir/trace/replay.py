"""Replay: a decision computed again from what its trace names, and compared with what the trace says.

A flow is replayed node by node, and each node's policy and seed have to be those that the flow gives it; no node may be
missing that must have been run.

Nothing is taken from elsewhere: not the catalogue of today, not the clock. What is stored and not what it should be is
a finding of that trace, so one damaged part does not end a replay of a hundred thousand. Specification: chapter
"Decisions", section "Record".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias, TypeVar

import attrs

from policy_ir.diagnostics import Diagnostic, Refused, to_json
from policy_ir.evaluator import Evaluator, Overlay
from policy_ir.evaluator.keeping import put
from policy_ir.trace.parts import Rebuilder, Rebuilt, vocabulary_of

if TYPE_CHECKING:
    from policy_ir.decision import Decision
    from policy_ir.evaluator import Bound, Choice
    from policy_ir.floor import Effective
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.snapshot import CataloguePart
    from policy_ir.trace.record import Trace

__all__ = ["LISTED", "Difference", "Parts", "Replayed", "Replayer", "Tally", "Verdict", "replay", "replay_all"]

Verdict: TypeAlias = Literal["same", "different", "damaged", "undecided"]

LISTED: Final = 1000
"""Traces that are named one by one in what is said of many; the others are counted."""

_KEPT: Final = 512
"""Parts of a kind that stay rebuilt: the policies and the states of the last hundreds of calls or more."""

T = TypeVar("T")


class Parts(Protocol):
    """What a replay needs of a store."""

    def part(self, kind: str, digest: str) -> bytes | None:
        """The stored content of a part, None where there is none."""


@attrs.frozen(slots=True)
class Difference:
    """What the trace says of a part of its decision, and what comes out now.

    Of a flow, `flow` is its fingerprint, and `node` the name of a node that has no call in the trace and must have had
    one. Of a node, `node` is its name where the flow has no such call, or no second one, `policy` also the policy that
    the flow has for it, and `seed` the seed that the flow's gives it.
    """

    part: Literal["flow", "node", "policy", "seed", "effective", "snapshot", "decision", "winner"]
    then: str | None
    now: str | None

    def to_json(self) -> dict[str, str | None]:
        """The difference as a JSON object."""
        return {"part": self.part, "then": self.then, "now": self.now}


@attrs.frozen(kw_only=True, slots=True)
class Replayed:
    """What became of a trace.

    `decision` is what comes out now, None where nothing could be decided. `differences` say in what it is not what the
    trace says, first what it was made over. `findings` (`PIR0931`) say which parts are missing or damaged. Of a flow,
    `nodes` say what became of the calls of its nodes, in their order, and `flow` is what was sent, None where its part
    cannot be read.
    """

    trace: Trace
    decision: Decision | None = None
    differences: tuple[Difference, ...] = ()
    findings: tuple[Diagnostic, ...] = ()
    nodes: tuple[Replayed, ...] = ()
    flow: AdmittedFlow | None = None

    @property
    def verdict(self) -> Verdict:
        """`undecided` where no call came to a decision, so that there is nothing to compare.

        A flow is `damaged` if anything of it is, else `different` if anything is; else the calls that came to a
        decision are all the same.
        """
        of_nodes = {node.verdict for node in self.nodes}
        if self.findings or "damaged" in of_nodes:
            return "damaged"
        if self.differences or "different" in of_nodes:
            return "different"
        decided = "same" in of_nodes if self.trace.is_flow else self.trace.decision is not None
        return "same" if decided else "undecided"

    @property
    def same(self) -> bool:
        """Whether the decision came out as the trace has it, in everything."""
        return self.verdict == "same"

    def told(self) -> Replayed:
        """What there is to tell of it: without the decisions, which hold on to their snapshots, and the flow."""
        return attrs.evolve(self, decision=None, flow=None, nodes=tuple(node.told() for node in self.nodes))

    def to_json(self) -> dict[str, Any]:
        """What became of it as a JSON object, without the decision; with `nodes` if it is a flow."""
        said = {
            "id": self.trace.id,
            "verdict": self.verdict,
            "winner": self.trace.winner,
            "decision": self.trace.decision,
            "differences": [one.to_json() for one in self.differences],
            "diagnostics": [to_json(one) for one in self.findings],
        }
        if self.trace.node is not None:
            said = {"node": self.trace.node, **said}
        if self.trace.is_flow:
            said |= {"flow": self.trace.flow, "nodes": [node.to_json() for node in self.nodes]}
        return said


class Replayer:
    """Replays traces of one store, and keeps what they share, within bounds. For one thread at a time."""

    def __init__(self, store: Parts) -> None:
        self._rebuilder = Rebuilder(store.part, most=_KEPT, checked=False)
        self._evaluator = Evaluator(bindings=_KEPT)
        self._bound: dict[tuple[Effective, CataloguePart], Bound] = {}

    def replay(self, trace: Trace) -> Replayed:
        """The trace, decided again. Raises nothing for a trace or a part that is not what it should be."""
        if trace.is_flow:
            return self._flow(trace)
        if trace.decision is None:
            return Replayed(trace=trace)
        rebuilt = self.rebuilt(trace)
        if not isinstance(rebuilt, Rebuilt):
            return Replayed(trace=trace, findings=rebuilt)
        try:
            decided = self.decide(rebuilt.policy, rebuilt)
        except Refused as refused:
            return Replayed(trace=trace, findings=refused.diagnostics)
        decision = decided.decision
        said = (
            ("policy", trace.policy, decision.policy),
            ("effective", trace.effective, decision.effective),
            ("snapshot", trace.snapshot, decision.snapshot_fingerprint),
            ("decision", trace.decision, decision.fingerprint),
            ("winner", trace.winner, decided.id),
        )
        differences = tuple(Difference(part, then, now) for part, then, now in said if then != now)  # type: ignore[arg-type]
        return Replayed(trace=trace, decision=decision, differences=differences)

    def _flow(self, trace: Trace) -> Replayed:
        """A flow, each of its nodes decided again and held against what was sent."""
        nodes = tuple(map(self.replay, trace.nodes))
        if vocabulary_of(trace) is None and trace.outcome != "ok":
            return Replayed(trace=trace, nodes=nodes)  # nothing was run, and nobody can say what it would have meant
        try:
            flow = self._rebuilder.flow(trace)
        except Refused as refused:
            return Replayed(trace=trace, nodes=nodes, findings=refused.diagnostics)
        other = () if flow.fingerprint == trace.flow else (Difference("flow", trace.flow, flow.fingerprint),)
        seen: set[str | None] = set()
        held = []
        for one in nodes:
            differences = _of_flow(one, flow, trace.seed, again=one.trace.node in seen)
            held.append(attrs.evolve(one, differences=differences))
            seen.add(one.trace.node)
        missing = tuple(Difference("node", None, name) for name in _missing(trace, flow))
        return Replayed(trace=trace, nodes=tuple(held), differences=(*other, *missing), flow=flow)

    def decide(self, policy: Effective, over: Rebuilt) -> Choice:
        """What a policy decides over the catalogue, state, facts and seed of a call. Raises as `Evaluator.decide`."""
        snapshot = over.snapshot
        key = policy, snapshot.catalogue
        bound = self._bound.get(key)
        if bound is None:
            bound = self._evaluator.bind(policy, snapshot)
            put(self._bound, key, bound, _KEPT)
        return bound.decide(over.facts, Overlay.of(snapshot), over.seed)

    def rebuilt(self, trace: Trace) -> Rebuilt | tuple[Diagnostic, ...]:
        """What the trace was decided over, or everything that keeps it from being rebuilt."""
        rebuilder, found = self._rebuilder, dict[Diagnostic, None]()

        def attempt(make: Callable[[], T]) -> T | None:
            try:
                return make()
            except Refused as refused:
                found.update(dict.fromkeys(refused.diagnostics))
                return None

        vocabulary = attempt(lambda: rebuilder.vocabulary(trace))
        if vocabulary is None:
            return tuple(found)
        policy = attempt(lambda: rebuilder.policy(trace, vocabulary))
        snapshot = attempt(lambda: rebuilder.snapshot(trace, vocabulary))
        facts = attempt(lambda: rebuilder.facts(trace, vocabulary))
        if policy is None or snapshot is None or facts is None:
            return tuple(found)
        return Rebuilt(policy, snapshot, facts, trace.seed)


def _missing(trace: Trace, flow: AdmittedFlow) -> Iterator[str]:
    """The nodes that have no call in a trace and must have had one, in the order of the graph.

    A flow that was answered has run all its nodes, and a node is not started before those that it reads have a value.
    """
    calls = flow.flow.calls
    run = {node.node for node in trace.nodes}
    due = set[str | None](calls) if trace.outcome == "ok" else set(run)
    for name in reversed(flow.order):
        if name in due and name in calls:
            due.update(calls[name].inputs)
    return (name for name in flow.order if name in calls and name in due and name not in run)


def _of_flow(replayed: Replayed, flow: AdmittedFlow, seed: int | None, *, again: bool) -> tuple[Difference, ...]:
    """What is not as a trace has it, with what the flow says of its node; `again` says that it had this node before."""
    node, name = replayed.trace, str(replayed.trace.node)
    policy = None if again else flow.policies.get(name)  # nothing is called twice
    if policy is None:
        return (Difference("node", name, None), *replayed.differences)
    if node.decision is None:
        return replayed.differences
    known = {one.part for one in replayed.differences}
    said = (
        ("policy", node.policy, policy.fingerprint),
        ("seed", _text(node.seed), _text(_seed_of(seed, name))),
    )
    own = tuple(Difference(part, then, now) for part, then, now in said if then != now and part not in known)  # type: ignore[arg-type]
    return (*own, *replayed.differences)


def _seed_of(seed: int | None, name: str) -> int | None:
    """The seed of a node; None also for a number that is the seed of no flow, and that only a damaged trace has."""
    from policy_ir.flow.calls import seed_of_node

    try:
        return seed_of_node(seed, name)
    except ValueError:
        return None


def _text(seed: int | None) -> str | None:
    return None if seed is None else str(seed)


def replay(store: Parts, trace: Trace) -> Replayed:
    """A trace decided again from the parts in the store. For many traces, a `Replayer` is faster."""
    return Replayer(store).replay(trace)


@attrs.define(kw_only=True)
class Tally:
    """What became of many traces: how many by verdict, and up to `LISTED` of those that are not the same.

    `first` and `last` are the moments of the first and the last one, in Unix time; None where there is none.
    `flows` are the flows among `traces`. `unreadable` counts records that are no traces any more, and are not among
    them.
    """

    traces: int = 0
    flows: int = 0
    unreadable: int = 0
    counts: dict[Verdict, int] = attrs.field(
        factory=lambda: dict.fromkeys(("same", "different", "damaged", "undecided"), 0)
    )
    first: float | None = None
    last: float | None = None
    listed: list[Replayed] = attrs.field(factory=list)

    @property
    def holds(self) -> bool:
        """Whether every decision came out as its trace has it."""
        return not (self.counts["different"] or self.counts["damaged"] or self.unreadable)

    def add(self, replayed: Replayed) -> None:
        """Count one more."""
        verdict, at = replayed.verdict, replayed.trace.at
        self.traces += 1
        self.flows += replayed.trace.is_flow
        self.counts[verdict] += 1
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)
        if verdict in ("different", "damaged") and len(self.listed) < LISTED:
            self.listed.append(replayed.told())

    def to_json(self) -> dict[str, Any]:
        """The tally as a JSON object."""
        return {
            "traces": self.traces,
            "same": self.counts["same"],
            "different": self.counts["different"],
            "damaged": self.counts["damaged"],
            "undecided": self.counts["undecided"],
            "flows": self.flows,
            "unreadable": self.unreadable,
            "first": self.first,
            "last": self.last,
            "listed": [one.to_json() for one in self.listed],
        }


def replay_all(store: Parts, traces: Iterable[Trace], *, on_each: Callable[[Replayed], None] | None = None) -> Tally:
    """The tally of many traces, which are taken one by one and not kept. `on_each` is called with each of them."""
    replayer, tally = Replayer(store), Tally()
    for trace in traces:
        replayed = replayer.replay(trace)
        tally.add(replayed)
        if on_each is not None:
            on_each(replayed)
    return tally
