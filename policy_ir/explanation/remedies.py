"""Refusals: every conjunct that refuses a candidate, and the least that would have to change for it.

Specification: chapter "Decisions", section "Explanations".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, Literal, TypeAlias

import attrs

from policy_ir.decision import Decision
from policy_ir.evidence import Asks, Clause, Evidence, Observed, evidence, origin_json, plain
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.predicates import Check
from policy_ir.terms import And, ScopeMatches
from policy_ir.vocabulary import FieldValue

Where: TypeAlias = Literal["candidate", "request", "policy", "floor"]


@attrs.frozen(slots=True)
class Change:
    """A change that would do: `subject asks bound`, of the candidate or the request, or of the bound in a term."""

    where: Where
    subject: str
    asks: Asks
    bound: FieldValue | None = None

    @property
    def text(self) -> str:
        """As in `price_out of the candidate must be <= 25`, `the bound on price_out in the policy must be >= 30`."""
        demand = Clause(self.subject, self.asks, self.bound).demand
        if self.where in ("policy", "floor"):
            return f"the bound on {self.subject} in the {self.where} must {demand}"
        return f"{self.subject} of the {self.where} must {demand}"

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "where": self.where,
            "subject": self.subject,
            "asks": self.asks,
            "bound": plain(self.bound),
            "text": self.text,
        }


@attrs.frozen(slots=True)
class Remedy:
    """What would keep a candidate that a predicate refuses.

    With `parts`: `all` of them are needed, or `any` one is enough. Without: any one of `changes` is enough (`any`), and
    where there is none, only another term would do (`none`). `evidence` is what is to be changed.
    """

    mode: Literal["all", "any", "none"]
    evidence: Evidence
    changes: tuple[Change, ...] = ()
    parts: tuple[Remedy, ...] = ()

    def atoms(self) -> Iterator[Remedy]:
        """The remedies of single atoms, in order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.atoms()

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "mode": self.mode,
            "text": self.evidence.text,
            "origin": origin_json(self.evidence.origin),
            "changes": [change.to_json() for change in self.changes],
            "parts": [part.to_json() for part in self.parts],
        }


@attrs.frozen(slots=True)
class Refusal:
    """A rejected candidate: the reason in the record, and the remedy for every conjunct that refuses it, in order.

    The first remedy is that of the conjunct whose reason is in the record; all of them are needed.
    """

    index: int
    id: str
    reason: str
    remedies: tuple[Remedy, ...]

    @property
    def deciding(self) -> Evidence:
        """The first atom that refuses the candidate in the conjunct that decided."""
        return next(self.remedies[0].atoms()).evidence

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "id": self.id,
            "reason": self.reason,
            "text": self.deciding.text,
            "origin": origin_json(self.deciding.origin),
            "by_floor": self.deciding.by_floor,
            "remedies": [remedy.to_json() for remedy in self.remedies],
        }


def refusal(decision: Decision, i: int, reason: str) -> Refusal:
    """Why candidate number `i`, which the filter rejects for `reason`, is not kept."""
    whole = evidence(decision, i)
    conjuncts = whole.parts if isinstance(whole.node, And) else (whole,)
    environment = decision.environment
    remedies = tuple(_remedy(part, i, environment) for part in conjuncts if not part.helps)
    return Refusal(i, decision.snapshot.ids[i], reason, remedies)


def _remedy(found: Evidence, i: int, env: Environment) -> Remedy:
    """The remedy for a predicate that does not say what keeps the candidate."""
    if not found.parts:
        changes = tuple(_changes(found, i, env))
        return Remedy("any" if changes else "none", found, changes)
    parts = tuple(_remedy(part, i, env) for part in found.parts if not part.helps)
    return Remedy("all" if found.every_part else "any", found, parts=parts)


def _changes(atom: Evidence, i: int, env: Environment) -> Iterator[Change]:
    """Changes of what was observed, and of the bound, each of which alone would make the atom keep the candidate."""
    clause, check = atom.clause, atom.check
    if clause is None:
        return
    seen = atom.observed[0]
    if check is not None and not atom.wanted:
        # What `not(meets_req)` asks: the check is to fail, and without its fact there would be no check.
        if check.reason != "no_log" or not all(flag.value for flag in atom.observed):
            yield Change("candidate", clause.subject, clause.asks, clause.bound)
        return
    declared = env.vocabulary.fields.get(seen.name)
    of_request = declared is not None and declared.source == "request"
    yield Change("request" if of_request else "candidate", clause.subject, clause.asks, clause.bound)
    if check is not None:
        yield from _changes_of_request(check, clause, seen, env)
        return
    bound = _other_bound(clause, seen, env)
    if bound is None:
        return
    if isinstance(atom.node, ScopeMatches):
        yield Change("request", clause.subject, *bound)
    else:
        yield Change("floor" if atom.by_floor else "policy", clause.subject, *bound)


def _changes_of_request(check: Check, clause: Clause, seen: Observed, env: Environment) -> Iterator[Change]:
    """Changes of the request under which a check of `meets_req` would hold, or would not be asked for."""
    match check.reason:
        case "tee_required":
            yield Change("request", "privacy", "!=", "tee_required")
        case "no_log":
            yield Change("candidate", "has_tee", "=", True)
            yield Change("request", "privacy", "!=", "no_log")
        case "min_context" | "model_family" | "tier" | "min_tok_s":
            bound = _other_bound(clause, seen, env)
            if bound is not None:
                yield Change("request", check.reason, *bound)
        case _:
            yield Change("request", "needs", "lacks", check.need)


_MIRROR: Mapping[Asks, Asks] = {"<": ">", "<=": ">=", ">=": "<=", ">": "<", "=": "=", "!=": "!="}


def _other_bound(clause: Clause, seen: Observed, env: Environment) -> tuple[Asks, FieldValue] | None:
    """What a clause's bound would have to be for this observation, if there is such a bound."""
    value = seen.value
    if not seen.known:
        return None  # a bound that a default meets says nothing about the candidate
    if clause.subject == "tier" and value not in env.vocabulary.tiers:
        return None  # a tier that nobody declared equals none and ranks below all
    match clause.asks, value:
        case "in", (str() | (_, *_)):
            return "has", value
        case "not in", _ if value is not None:
            return "lacks", value
        case (("<" | "<=" | "=" | "!=" | ">=" | ">"), str()):
            return _MIRROR[clause.asks], value
        case (("<" | "<=" | "=" | "!=" | ">=" | ">"), float()) if isfinite(value):
            return _MIRROR[clause.asks], value
        case _:
            return None
