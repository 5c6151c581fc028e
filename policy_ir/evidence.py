"""Evidence: what a filter looked at, atom by atom, for any candidate, accepted or refused.

Nothing is left out for having come after the deciding atom. Every part points into the term of its author, the
caller's or the floor's. Evidence is no part of a decision's record. Specification: chapter "Decisions", section
"Evidence".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias, assert_never, cast

import attrs

from policy_ir.decision import Decision
from policy_ir.semantics import machine
from policy_ir.semantics.configuration import Reject
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.notation import show_term
from policy_ir.semantics.numbers import score_json
from policy_ir.semantics.predicates import Check, requirements
from policy_ir.signature import subterms_of
from policy_ir.terms import (
    And,
    AnyPred,
    Bot,
    Cmp,
    FamilyEq,
    FieldScore,
    HasCap,
    Is,
    Known,
    MeetsReq,
    MinTier,
    Not,
    Or,
    Origin,
    Pred,
    ProviderEq,
    Relation,
    ScopeMatches,
    ServedByEq,
    TagIn,
    Term,
    Test,
    TierEq,
    Top,
)
from policy_ir.vocabulary import FORMULAS, FieldValue

Asks: TypeAlias = Literal["<", "<=", "=", "!=", ">=", ">", "in", "not in", "has", "lacks", "known", "unknown"]
"""What a clause asks of its subject. `has` and `lacks` are about a set, `in` and `not in` about a list of names."""

SUBJECT_DEPTH = 5
"""How many levels of a tested scorer a clause shows."""

_SYMBOL: dict[Relation, Asks] = {"lt": "<", "le": "<=", "eq": "=", "ne": "!=", "ge": ">=", "gt": ">"}
_OPPOSITE: dict[Asks, Asks] = {
    "<": ">=",
    "<=": ">",
    "=": "!=",
    "!=": "=",
    ">=": "<",
    ">": "<=",
    "in": "not in",
    "not in": "in",
    "has": "lacks",
    "lacks": "has",
    "known": "unknown",
    "unknown": "known",
}


@attrs.frozen(slots=True)
class Observed:
    """What was seen under a name: a field, or one of a candidate's own keys.

    `known` is False where the value is the field's default, or undefined for want of an observation. Scores may be NaN.
    """

    name: str
    value: FieldValue | None
    known: bool = True
    unit: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As a JSON object; special numbers are words."""
        return {"name": self.name, "value": plain(self.value), "known": self.known, "unit": self.unit}


@attrs.frozen(slots=True)
class Clause:
    """What an atom asks: `subject asks bound`, as in `price_out <= 25`. The bound of `known` and `unknown` is None."""

    subject: str
    asks: Asks
    bound: FieldValue | None = None

    def negated(self) -> Clause:
        """What the negation of the atom asks."""
        return Clause(self.subject, _OPPOSITE[self.asks], self.bound)

    @property
    def demand(self) -> str:
        """What must be, to follow `must`: `be <= 25`, `be known`, `have supports_tools`."""
        bound = " or ".join(self.bound) if isinstance(self.bound, tuple) else shown(self.bound)
        match self.asks:
            case "<" | "<=" | ">=" | ">":
                return f"be {self.asks} {bound}"
            case "=" | "in":
                return f"be {bound}"
            case "!=" | "not in":
                return f"not be {bound}"
            case "has":
                return f"have {bound}"
            case "lacks":
                return f"not have {bound}"
            case "known":
                return "be known"
            case "unknown":
                return "not be known"
            case _:
                assert_never(self.asks)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"subject": self.subject, "asks": self.asks, "bound": plain(self.bound)}


@attrs.frozen(slots=True)
class Evidence:
    """A predicate at a candidate: what it said, what it should have said, and what it looked at.

    `wanted` is False under an odd number of `not`: there the candidate is kept where this predicate refuses. `origin`
    is that of the nearest enclosing node that has one. `clause` is what an atom asks for the candidate to be kept, None
    for `top`, `bot` and compound predicates; `observed` starts with the clause's subject. The parts of `meets_req` are
    the checks that the request asks for, each with `check`.
    """

    node: Pred
    origin: Origin | None
    accepted: bool
    wanted: bool
    reason: str | None
    clause: Clause | None = None
    observed: tuple[Observed, ...] = ()
    parts: tuple[Evidence, ...] = ()
    check: Check | None = None

    @property
    def helps(self) -> bool:
        """Whether it said what keeps the candidate."""
        return self.accepted == self.wanted

    @property
    def by_floor(self) -> bool:
        """Whether it is the host's floor that asks."""
        return self.origin is not None and self.origin.source == "floor"

    @property
    def every_part(self) -> bool:
        """Whether it keeps the candidate only if every part does; else one part is enough."""
        return isinstance(self.node, And | MeetsReq) == self.wanted

    @property
    def text(self) -> str:
        """What was seen and what must be: `price_out is 30, must be <= 25`; the term where there is no clause."""
        if self.clause is None:
            return show_term(self.node)
        seen = self.observed[0]
        value = shown(seen.value)
        if not seen.known:
            value = "not known" if seen.value is None else f"not known (taken as {value})"
        verb = "are" if isinstance(seen.value, tuple) else "is"
        return f"{seen.name} {verb} {value}, must {self.clause.demand}"

    def atoms(self) -> Iterator[Evidence]:
        """The parts that have no parts, in order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.atoms()

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, parts and all."""
        return {
            "op": self.node.op,
            "origin": origin_json(self.origin),
            "accepted": self.accepted,
            "wanted": self.wanted,
            "reason": self.reason,
            "text": self.text,
            "clause": None if self.clause is None else self.clause.to_json(),
            "observed": [seen.to_json() for seen in self.observed],
            "parts": [part.to_json() for part in self.parts],
        }


def evidence(decision: Decision, i: int) -> Evidence:
    """The evidence of the effective filter for candidate number `i` of the snapshot, whatever became of it."""
    if not 0 <= i < decision.snapshot.size:
        raise IndexError(f"candidate {i} of {decision.snapshot.size}")
    return evidence_of(decision.term.filter, i, decision.environment)


def evidence_of(pred: Pred, i: int, env: Environment) -> Evidence:
    """The evidence of any predicate in normal form. Recurses to the depth of the term."""
    return _evidence(pred, i, env, wanted=True, origin=None)


def _evidence(pred: Pred, i: int, env: Environment, wanted: bool, origin: Origin | None) -> Evidence:
    node = cast(AnyPred, pred)
    origin = node.origin or origin
    match node:
        case And(preds) | Or(preds):
            parts = tuple(_evidence(part, i, env, wanted, origin) for part in preds)
            return _compound(node, parts, wanted, origin)
        case Not(inner):
            parts = (_evidence(inner, i, env, not wanted, origin),)
            return _compound(node, parts, wanted, origin)
        case MeetsReq():
            checks = tuple(_check(node, check, i, env, wanted, origin) for check in requirements(i, env))
            return _compound(node, checks, wanted, origin)
        case _:
            verdict = machine.verdict(node, i, env)
            reason = verdict.reason if isinstance(verdict, Reject) else None
            clause, observed = _atom(node, i, env)
            if clause is not None and not wanted:
                clause = clause.negated()
            return Evidence(node, origin, reason is None, wanted, reason, clause, observed)


def _compound(
    node: And | Or | Not | MeetsReq, parts: tuple[Evidence, ...], wanted: bool, origin: Origin | None
) -> Evidence:
    first = next((part.reason for part in parts if not part.accepted), None)
    reason: str | None
    match node:
        case And() | MeetsReq():
            reason = first
        case Or():
            reason = None if any(part.accepted for part in parts) else "or"
        case Not():
            reason = None if first is not None else "not"
        case _:
            assert_never(node)
    return Evidence(node, origin, reason is None, wanted, reason, parts=parts)


_Atom: TypeAlias = (
    Top
    | Bot
    | ScopeMatches
    | Is
    | Cmp
    | TierEq
    | MinTier
    | FamilyEq
    | ProviderEq
    | ServedByEq
    | HasCap
    | TagIn
    | Test
    | Known
)


def _atom(node: _Atom, i: int, env: Environment) -> tuple[Clause | None, tuple[Observed, ...]]:
    """What an atom asks and what it looks at."""
    snapshot = env.snapshot
    match node:
        case Top() | Bot():
            return None, ()
        case ScopeMatches():
            return Clause("scope", "=", env.facts.scope), (Observed("scope", snapshot.scope(i)),)
        case Is(field):
            return Clause(field, "=", True), (observed(env, i, field),)
        case Cmp(field, rel, bound):
            return Clause(field, _SYMBOL[rel], bound), (observed(env, i, field),)
        case TierEq(tier):
            return Clause("tier", "=", tier), (Observed("tier", snapshot.tier(i)),)
        case MinTier(tier):
            return Clause("tier", ">=", tier), (Observed("tier", snapshot.tier(i)),)
        case FamilyEq(name):
            return Clause("family", "=", name), (Observed("family", snapshot.family(i)),)
        case ProviderEq(name):
            return Clause("provider", "=", name), (Observed("provider", snapshot.provider(i)),)
        case ServedByEq(name):
            return Clause("served_by", "=", name), (Observed("served_by", snapshot.served_by(i)),)
        case HasCap(name):
            return Clause("capabilities", "has", name), (Observed("capabilities", snapshot.capabilities(i)),)
        case TagIn(field, values):
            return Clause(field, "in", values), (observed(env, i, field),)
        case Known(field):
            return Clause(field, "known"), (observed(env, i, field),)
        case Test(scorer, rel, bound):
            subject = scorer.field if isinstance(scorer, FieldScore) else show_term(scorer, SUBJECT_DEPTH)
            (score,) = machine.scores(scorer, (i,), env)
            fields = tuple(observed(env, i, field) for field in fields_of(scorer))
            whole = Observed(subject, score, all(seen.known for seen in fields))
            return Clause(subject, _SYMBOL[rel], bound), (whole, *fields)
        case _:
            assert_never(node)


def _check(node: MeetsReq, check: Check, i: int, env: Environment, wanted: bool, origin: Origin | None) -> Evidence:
    """A check of `meets_req` as an atom."""
    snapshot, facts = env.snapshot, env.facts
    seen: tuple[Observed, ...]
    match check.reason:
        case "min_context":
            clause, seen = Clause("context", ">=", facts.min_context), (observed(env, i, "context"),)
        case "model_family":
            clause, seen = Clause("family", "=", facts.model_family), (Observed("family", snapshot.family(i)),)
        case "tier":
            clause, seen = Clause("tier", "=", facts.tier), (Observed("tier", snapshot.tier(i)),)
        case "tee_required":
            clause, seen = Clause("has_tee", "=", True), (observed(env, i, "has_tee"),)
        case "no_log":
            flags = (observed(env, i, "no_log"), observed(env, i, "has_tee"))
            # Either is enough: the clause is about the one that is set.
            seen = flags[::-1] if flags[1].value and not flags[0].value else flags
            clause = Clause(seen[0].name, "=", True)
        case "min_tok_s":
            clause, seen = Clause("tok_s", ">=", facts.min_tok_s), (observed(env, i, "tok_s"),)
        case _:
            capability = env.vocabulary.needs[cast(str, check.need)]
            clause, seen = (
                Clause("capabilities", "has", capability),
                (Observed("capabilities", snapshot.capabilities(i)),),
            )
    if not wanted:
        clause = clause.negated()
    reason = None if check.holds else check.reason
    return Evidence(node, origin, check.holds, wanted, reason, clause, seen, check=check)


# --- pieces --------------------------------------------------------------------------------------------------


def observed(env: Environment, i: int, field: str) -> Observed:
    """What candidate `i` shows for a declared field."""
    seen = env.observe(i, field)
    return Observed(field, seen.value, seen.known, env.vocabulary.fields[field].unit)


def fields_of(term: Term) -> tuple[str, ...]:
    """The numeric fields that a scorer reads, in order, each once; for a derived field those of its formula, too."""
    found: dict[str, None] = {}
    pending = [term]
    while pending:
        node = pending.pop()
        if isinstance(node, FieldScore):
            found |= dict.fromkeys((node.field, *FORMULAS.get(node.field, ())))
        pending.extend(reversed([part for part in subterms_of(node) if not isinstance(part, Pred)]))
    return tuple(found)


def plain(value: FieldValue | None) -> Any:
    """An observed value as JSON has it."""
    match value:
        case bool() | str() | None:
            return value
        case float():
            return score_json(value)
        case _:
            return list(value)


def shown(value: FieldValue | None) -> str:
    """An observed value, or a bound, in a sentence."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case float():
            return str(score_json(value))
        case str():
            return value
        case _:
            return ", ".join(value) or "none"


def origin_json(origin: Origin | None) -> dict[str, str] | None:
    """An origin as a JSON object."""
    return None if origin is None else {"source": origin.source, "pointer": origin.pointer}
