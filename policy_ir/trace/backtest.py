"""Backtest: another policy over the calls of a history, each with the catalogue, state, facts and seed it had.

Flows are left out: each of their nodes has a policy of its own, whose place another one cannot take.

What a decision would have been is exact. What it would have cost is an account: the tokens of the answer that there
was, at the prices of the candidate that would have been first, as they were then; where there was no answer, the tokens
that the facts expected. A call whose first candidate stays the same is taken to go and to cost as it did. What the
other model would have answered, how fast, and whether it would have failed, nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from policy_ir.admission import admit_policy
from policy_ir.diagnostics import Diagnostic, Refused, to_json
from policy_ir.evaluator.keeping import put
from policy_ir.floor import effective
from policy_ir.trace.costs import priced, spent, tokens_of, weaker
from policy_ir.trace.parts import Rebuilt
from policy_ir.trace.record import BASES, Basis
from policy_ir.trace.replay import LISTED, Parts, Replayer
from policy_ir.trace.timeline import Timeline

if TYPE_CHECKING:
    from policy_ir.admission import Admitted
    from policy_ir.evaluator import Choice
    from policy_ir.floor import Effective, Floor
    from policy_ir.trace.record import Trace
    from policy_ir.vocabulary import Vocabulary

__all__ = ["NOT_KNOWN", "Backtest", "Compared", "Fate", "Sum", "backtest"]

Fate: TypeAlias = Literal["refused", "cut", "outranked"]
"""What becomes of the candidate that came first: the filter refuses it, the selector cuts it, others come before it."""

NOT_KNOWN: Final = "the latency, the failures and the answers of another model are not known"

MOST_PAIRS: Final = 4096
"""Pairs of candidates that are told apart; calls of further pairs are counted together."""

_PROGRAMS: Final = 64

_COUNTS: Final = (
    *("traces", "compared", "flows", "undecided", "damaged", "inadmissible", "unreadable"),
    *("changed", "emptied", "filled"),
)


@attrs.define
class Sum:
    """A number of calls, and what they cost in US dollars: as it was, and with the other policy."""

    calls: int = 0
    then: float = 0.0
    now: float = 0.0

    @property
    def difference(self) -> float:
        """How much more the other policy costs."""
        return self.now - self.then

    def add(self, then: float, now: float) -> None:
        """Count one more call."""
        self.calls += 1
        self.then += then
        self.now += now

    def to_json(self) -> dict[str, Any]:
        """The sum as a JSON object."""
        return {"calls": self.calls, "usd_then": self.then, "usd_now": self.now, "usd_difference": self.difference}


@attrs.define
class Pair:
    """The calls whose first candidate goes from one to another; `priced` are those whose costs are known."""

    calls: int = 0
    priced: Sum = attrs.field(factory=Sum)


@attrs.frozen(kw_only=True, slots=True)
class Compared:
    """One call under both policies.

    `then` and `now` are the candidates that come first, None where none is left. `fate` is what becomes of `then` now,
    None where it still comes first or there was none; `why` is the reason of a refusal, what cut it (`chain`, `top_k`),
    or who comes before it. Costs are in US dollars, None where they are not known; `basis` is the less sound one of the
    two, `none` where one is not known or nothing was spent.
    """

    id: str
    at: float
    then: str | None
    now: str | None
    fate: Fate | None = None
    why: str | None = None
    usd_then: float | None
    usd_now: float | None
    basis: Basis

    @property
    def changed(self) -> bool:
        """Whether another candidate comes first."""
        return self.then != self.now

    def to_json(self) -> dict[str, Any]:
        """The call as a JSON object."""
        return {
            "id": self.id,
            "from": self.then,
            "to": self.now,
            "fate": self.fate,
            "why": self.why,
            "usd_then": self.usd_then,
            "usd_now": self.usd_now,
            "basis": self.basis,
        }


@attrs.define(kw_only=True)
class Backtest:
    """What another policy comes to over the calls of a history, of bounded size however many these are.

    `policy` is its fingerprint. Of `traces`, `compared` came to a decision then and now; `flows` are left out,
    `undecided` had no decision then, `damaged` ones cannot be rebuilt, and for `inadmissible` ones the policy is
    refused under the vocabulary or the catalogue of that time; `unreadable` records are no traces any more, and not
    among `traces`. `changed` counts other first candidates; `emptied` those that have none any more, `filled` those
    that had none. `costs` are sums by basis over the calls whose costs are known, `unpriced` counts the others. `pairs`
    are by first candidate then and now, `refused` by candidate and reason; `others` are calls of pairs beyond the
    bound.
    """

    policy: str
    traces: int = 0
    compared: int = 0
    flows: int = 0
    undecided: int = 0
    damaged: int = 0
    inadmissible: int = 0
    unreadable: int = 0
    changed: int = 0
    emptied: int = 0
    filled: int = 0
    unpriced: int = 0
    first: float | None = None
    last: float | None = None
    costs: dict[Basis, Sum] = attrs.field(factory=dict)
    pairs: dict[tuple[str | None, str | None], Pair] = attrs.field(factory=dict)
    others: Pair = attrs.field(factory=Pair)
    refused: dict[tuple[str, str], int] = attrs.field(factory=dict)
    timeline: Timeline = attrs.field(factory=Timeline)
    listed: list[Compared] = attrs.field(factory=list)
    findings: list[tuple[str, tuple[Diagnostic, ...]]] = attrs.field(factory=list)

    @property
    def holds(self) -> bool:
        """Whether every call that came to a decision then could be decided with the other policy."""
        return not (self.damaged or self.inadmissible or self.unreadable)

    @property
    def cost(self) -> Sum:
        """The costs of all calls for which they are known."""
        whole = Sum()
        for one in self.costs.values():
            whole.calls, whole.then, whole.now = whole.calls + one.calls, whole.then + one.then, whole.now + one.now
        return whole

    def ranked_pairs(self) -> list[tuple[str | None, str | None, Pair]]:
        """The pairs of different candidates, most calls first."""
        changed = [(*key, pair) for key, pair in self.pairs.items() if key[0] != key[1]]
        return sorted(changed, key=lambda row: (-row[2].calls, row[0] or "", row[1] or ""))

    def ranked_refusals(self) -> list[tuple[str, str, int]]:
        """Who came first and is refused now, with the reason and the calls, most calls first."""
        return sorted(((*key, calls) for key, calls in self.refused.items()), key=lambda row: (-row[2], row[0], row[1]))

    def firsts(self) -> list[tuple[str | None, int, int]]:
        """The candidates that come first, with the calls then and now, most calls first; None for no candidate."""
        counted: dict[str | None, list[int]] = {}
        for (then, now), pair in self.pairs.items():
            counted.setdefault(then, [0, 0])[0] += pair.calls
            counted.setdefault(now, [0, 0])[1] += pair.calls
        rows = [(name, before, after) for name, (before, after) in counted.items()]
        return sorted(rows, key=lambda row: (-max(row[1:]), -sum(row[1:]), row[0] or ""))

    def add(self, one: Compared) -> None:
        """Count one more call."""
        self.compared += 1
        self.changed += one.changed
        self.emptied += one.then is not None and one.now is None
        self.filled += one.then is None and one.now is not None
        key = one.then, one.now
        pair = self.pairs.get(key)
        if pair is None:
            pair = self.others if len(self.pairs) >= MOST_PAIRS else self.pairs.setdefault(key, Pair())
        pair.calls += 1
        if one.usd_then is None or one.usd_now is None:
            self.unpriced += 1
        else:
            pair.priced.add(one.usd_then, one.usd_now)
            self.costs.setdefault(one.basis, Sum()).add(one.usd_then, one.usd_now)
            self.timeline.add(one.at, one.usd_then, one.usd_now)
        if one.fate == "refused" and one.then is not None and one.why is not None:
            refusal = one.then, one.why
            if refusal in self.refused or len(self.refused) < MOST_PAIRS:
                self.refused[refusal] = self.refused.get(refusal, 0) + 1
        if one.changed and len(self.listed) < LISTED:
            self.listed.append(one)

    def to_json(self) -> dict[str, Any]:
        """The backtest as a JSON object; up to `LISTED` calls that changed are named one by one."""
        return {
            "policy": self.policy,
            **{name: getattr(self, name) for name in _COUNTS},
            "first": self.first,
            "last": self.last,
            "cost": self.cost.to_json()
            | {"by_basis": {basis: self.costs[basis].to_json() for basis in BASES if basis in self.costs}}
            | {"unpriced": self.unpriced},
            "pairs": [
                {"from": then, "to": now, "calls": pair.calls, "priced": pair.priced.to_json()}
                for then, now, pair in self.ranked_pairs()
            ],
            "refused": [
                {"candidate": candidate, "reason": reason, "calls": calls}
                for candidate, reason, calls in self.ranked_refusals()
            ],
            "calls": [one.to_json() for one in self.listed],
            "findings": [{"id": id, "diagnostics": [to_json(one) for one in found]} for id, found in self.findings],
            "not_known": NOT_KNOWN,
        }


def backtest(
    store: Parts, traces: Iterable[Trace], other: Admitted, *, on_each: Callable[[Trace], None] | None = None
) -> Backtest:
    """Another policy over traces, which are taken one by one and not kept; each under the floor that it was under.

    `other` is admitted again under each vocabulary of the history. `on_each` is called after each trace. Raises nothing
    for a trace that is not what it should be, which is counted.
    """
    found, runner = Backtest(policy=other.fingerprint), _Runner(Replayer(store), other)
    for trace in traces:
        found.traces += 1
        found.first = trace.at if found.first is None else min(found.first, trace.at)
        found.last = trace.at if found.last is None else max(found.last, trace.at)
        _count(found, runner, trace)
        if on_each is not None:
            on_each(trace)
    return found


def _count(found: Backtest, runner: _Runner, trace: Trace) -> None:
    if trace.is_flow:
        found.flows += 1
        return
    if trace.decision is None:
        found.undecided += 1
        return
    rebuilt = runner.replayer.rebuilt(trace)
    if not isinstance(rebuilt, Rebuilt):
        found.damaged += 1
        wrong = rebuilt
    else:
        try:
            found.add(runner.compared(trace, rebuilt))
            return
        except Refused as refused:
            found.inadmissible += 1
            wrong = refused.diagnostics
    if len(found.findings) < LISTED:
        found.findings.append((trace.id, wrong))


class _Runner:
    """Decides traces with another policy."""

    def __init__(self, replayer: Replayer, other: Admitted) -> None:
        self.replayer = replayer
        self._other = other
        self._programs: dict[tuple[Vocabulary, Floor | None], Effective] = {}

    def compared(self, trace: Trace, rebuilt: Rebuilt) -> Compared:
        """A trace under both policies. Raises `Refused` where the other one is not admitted there."""
        program = self._program(rebuilt.snapshot.vocabulary, rebuilt.policy.floor)
        choice = self.replayer.decide(program, rebuilt)
        fate, why = (None, None) if choice.id == trace.winner else _fate(choice, trace.winner)
        usd_then, usd_now, basis = spent(trace), None, trace.cost.basis
        if choice.id == trace.winner:
            usd_now = usd_then
        elif choice.winner is None:
            usd_now = 0.0
        else:
            tokens = tokens_of(trace, rebuilt.facts)
            if tokens is not None:
                usd_now = priced(tokens, rebuilt.snapshot, choice.winner)
                # A call that has cost nothing has no basis, and needs none.
                basis = tokens.basis if basis == "none" else weaker(tokens.basis, basis)
        if usd_then is None or usd_now is None:
            basis = "none"
        return Compared(
            id=trace.id,
            at=trace.at,
            then=trace.winner,
            now=choice.id,
            fate=fate,
            why=why,
            usd_then=usd_then,
            usd_now=usd_now,
            basis=basis,
        )

    def _program(self, vocabulary: Vocabulary, floor: Floor | None) -> Effective:
        key = vocabulary, floor
        program = self._programs.get(key)
        if program is None:
            other = self._other
            if other.vocabulary is not vocabulary:
                other = admit_policy(other.term, vocabulary, document=other.document)
            program = effective(other, floor)
            put(self._programs, key, program, _PROGRAMS)
        return program


def _fate(choice: Choice, candidate: str | None) -> tuple[Fate | None, str | None]:
    """What became of a candidate that does not come first, and why."""
    i = None if candidate is None else choice.bound.snapshot.index.get(candidate)
    if i is None or candidate is None:
        return None, None
    reason = choice.reasons()[i]
    if reason is not None:
        return "refused", reason
    if candidate in choice.ids():
        return "outranked", choice.id
    return "cut", next((by for name, by in choice.cut if name == candidate), None)
