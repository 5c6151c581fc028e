"""Small worlds for tests: a few candidates, a request and a seed, said in one line."""

from __future__ import annotations

from typing import Any

from policy_ir.admission import Admitted, admit
from policy_ir.decision import Decision, decide
from policy_ir.facts import read_facts
from policy_ir.floor import effective, floor_of
from policy_ir.normal_form import normal_form
from policy_ir.semantics.environment import Environment
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.syntax.loader import load
from policy_ir.terms import Term
from policy_ir.vocabulary import Vocabulary, extend, vocabulary

HOUSE: Vocabulary = extend(vocabulary("standard"), {
    "vocabulary": 1, "name": "house", "extends": "standard",
    "fields": {
        "vip": {"sort": "bool", "default": False, "source": "request", "about": "the caller is somebody"},
        "teams": {"sort": "tags", "source": "request", "about": "the caller's teams"},
    },
    "customs": {"Stamp": "2", "Sign": "1"},
}, "house")  # fmt: skip
"""`standard`, with request fields of more sorts, and customs."""

NEXT = ["always", {"action": "next_candidate"}]


def candidate(id: str = "m", **said: Any) -> Candidate:
    """A candidate; what is none of its own keys is a field."""
    own = ("provider", "family", "served_model", "served_by", "tier", "scope", "capabilities")
    keys = {"provider": "p", "family": "f"} | {key: said.pop(key) for key in own if key in said}
    return Candidate(id=id, **keys, fields=said)


def snapshot(*candidates: Candidate) -> Snapshot:
    """A snapshot under the vocabulary `house`."""
    return Snapshot.take(CandidateList(candidates), HOUSE)


def world(*candidates: Candidate, facts: dict[str, Any] | None = None, seed: int | None = None) -> Environment:
    """An environment of these candidates, or of one that says nothing."""
    return Environment(snapshot(*(candidates or (candidate(),))), read_facts(facts or {}, HOUSE), seed)


def term(value: Any, sort: str | None = None) -> Term:
    """A term as written, admitted."""
    return admit(load(value, sort=sort), HOUSE).term


def normal(value: Any) -> Any:
    """The normal form of a term."""
    return normal_form(term(value))


def policy(
    filter: Any = ("top",),
    rank: Any = ("zero",),
    select: Any = ("argmax",),
    mutate: Any = ("id",),
    fallback: Any = NEXT,
) -> Admitted:
    """An admitted policy, with slots that do nothing where none are given."""
    return admit(load(["policy", filter, rank, select, mutate, fallback], source="policy"), HOUSE)


def decided(
    *candidates: Candidate,
    facts: dict[str, Any] | None = None,
    seed: int | None = None,
    floor: Any = None,
    **slots: Any,
) -> Decision:
    """The decision of a policy with these slots, under a floor that is a predicate, if there is one."""
    admitted = policy(**slots)
    held = None if floor is None else floor_of(load(floor, source="floor"), HOUSE)  # type: ignore[arg-type]
    return decide(effective(admitted, held), snapshot(*candidates), read_facts(facts or {}, HOUSE), seed)
