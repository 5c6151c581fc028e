"""Random requests of the protocol: what two implementations are asked, to see whether they say the same.

Drawn from the strategies of `policy_ir.testing`, so this needs the extra `testing`. Every input is plain JSON,
well-formed or not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from policy_ir.canonical import term_bytes
from policy_ir.conformance.differential.case import (
    Case,
    Input,
    candidate_lists,
    mangled_bytes,
    request,
    seeded,
    wire_term,
)
from policy_ir.conformance.differential.flows import FLOW_CASES
from policy_ir.conformance.differential.price_lists import imports
from policy_ir.failover import ROUTER_REASONS
from policy_ir.normal_form import normal_form
from policy_ir.signature import SIGNATURE
from policy_ir.syntax.authoring import print_authoring
from policy_ir.terms import Term
from policy_ir.testing.strategies import (
    chat_bodies,
    facts_values,
    ill_sorted_values,
    mangled_text,
    mangled_values,
    names,
    numbers,
    policies,
    terms,
    texts,
)
from policy_ir.values import value_of

SCORES = st.one_of(st.sampled_from(["inf", "-inf", "undefined", 0, 1]), numbers())
REASONS = st.sampled_from(ROUTER_REASONS) | names()
SORTS = sorted({row.sort for row in SIGNATURE.values()})


def _written(max_depth: int, max_nodes: int) -> st.SearchStrategy[str]:
    """Terms in the authoring syntax."""
    return terms(max_depth=max_depth, max_nodes=max_nodes).map(print_authoring)


@st.composite
def _orders(draw: st.DrawFn, least: int = 0) -> Input:
    world = draw(candidate_lists(least))
    scores = draw(st.lists(SCORES, min_size=len(world), max_size=len(world)))
    return {"term": draw(wire_term("Selector")), "candidates": world, "scores": scores, "facts": draw(facts_values())}


@st.composite
def _bytes(draw: st.DrawFn) -> bytes:
    """Canonical bytes, or those that a term would have if it were in normal form."""
    term: Term = draw(terms(max_depth=4, max_nodes=12))
    return term_bytes(normal_form(term) if draw(st.booleans()) else term)


def _requests() -> st.SearchStrategy[Input]:
    values = st.one_of(numbers(), texts(), st.booleans(), st.none(), st.just([1, "a"]), st.just({"a": 1}))
    known = ("temperature", "top_p", "max_tokens", "seed", "model", "presence_penalty")
    return st.dictionaries(st.sampled_from(known) | names(), values, max_size=4)


@st.composite
def _policies(draw: st.DrawFn) -> Input:
    floor: dict[str, Any] = {}
    if draw(st.booleans()):
        floor = {"floor": {"filter": draw(wire_term("Pred"))}}
        if draw(st.booleans()):
            floor["floor"]["mutate"] = draw(wire_term("Xform"))
    body = {"body": draw(chat_bodies())} if draw(st.integers(0, 4)) == 0 else {}
    policy = value_of(draw(policies(max_depth=6, max_nodes=40)))
    return {"policy": policy, "candidates": draw(candidate_lists(0, 12)), "facts": draw(facts_values())} | floor | body


def _mangled(inputs: st.SearchStrategy[Input], *members: str) -> st.SearchStrategy[Input]:
    """The inputs with one part of one member replaced by something else."""

    @st.composite
    def mangled(draw: st.DrawFn) -> Input:
        given: Input = json.loads(json.dumps(draw(inputs)))
        holder: Any = given
        key: Any = draw(st.sampled_from([name for name in members if name in given] or sorted(given)))
        while isinstance(inner := holder[key], list | dict) and inner and (holder is given or draw(st.integers(0, 3))):
            holder, key = inner, draw(st.sampled_from(range(len(inner)) if isinstance(inner, list) else sorted(inner)))
        if holder is given:  # the member is empty; whether it is there at all is a matter of the protocol
            return {**given}
        match draw(st.sampled_from(["replace", "replace", "drop", "extra"])):
            case "drop" if isinstance(holder, dict):
                del holder[key]
            case "extra" if isinstance(holder[key], dict):
                holder[key][draw(names())] = draw(st.sampled_from([1, "x", None, True]))
            case _:
                junk = st.sampled_from(
                    [None, True, 0, -1, 1.5, -0.0, 2**53, 1e300, "", "x", "a" * 257, [], {}, [1], {"a": 1}]
                )
                holder[key] = draw(junk)
        return given

    return mangled()


_FAILOVERS = request(
    term=wire_term("FailPlan"),
    reason=REASONS,
    ordered=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("mn")).map(list), min_size=1, max_size=5),
    position=st.integers(0, 4),
    retries=st.integers(0, 11),
).map(lambda given: given | {"position": min(given["position"], len(given["ordered"]) - 1)})

_PREDICATES = request(term=wire_term("Pred"), candidates=candidate_lists(), facts=facts_values())
_SCORES = request(term=wire_term("Scorer"), candidates=candidate_lists(), facts=facts_values())
_TRANSFORMS = seeded(
    request(term=wire_term("Xform"), candidates=candidate_lists(1, 1), facts=facts_values(), request=_requests()),
)
_HOUSE: dict[str, Any] = {
    "vocabulary": 1,
    "name": "house",
    "extends": "standard",
    "customs": {"add_footer": "3", "é": "1.0"},
}
_CUSTOM = st.sampled_from(sorted(_HOUSE["customs"])).map(lambda symbol: ["custom", symbol])
_CUSTOMS = seeded(
    request(
        vocabulary=st.just(_HOUSE),
        term=st.lists(_CUSTOM | wire_term("Xform"), min_size=1, max_size=5).map(lambda steps: ["seq", *steps]),
        candidates=candidate_lists(1, 1),
        request=_requests(),
    )
)
_FACTS = request(facts=facts_values())
_CHATS = request(body=chat_bodies(), facts=facts_values())
_STATES = request(candidates=candidate_lists(1, 4))

_MANGLED_AUTHORING = request(text=mangled_text(_written(3, 8)), syntax=st.just("authoring"))

_ALL = (
    Case("policies", "policy", seeded(_policies()), 6),
    Case("predicates", "predicate", _PREDICATES, 2),
    Case("scores", "score", _SCORES, 3),
    Case("orders", "order", seeded(_orders()), 3),
    Case("transforms", "transform", _TRANSFORMS, 2),
    Case("customs", "transform", _CUSTOMS),
    Case("failures", "failure", request(term=wire_term("FailPlan"), reason=REASONS)),
    Case("failovers", "failover", _FAILOVERS),
    Case(
        "predicate-steps",
        "step",
        request(term=wire_term("Pred"), candidates=candidate_lists(1, 1), facts=facts_values()),
    ),
    Case("score-steps", "step", _SCORES),
    Case("order-steps", "step", seeded(_orders())),
    Case("policy-steps", "step", seeded(_policies().map(lambda it: it | {"term": it["policy"]}))),
    Case("normal-forms", "normal-form", request(term=wire_term()), 3),
    Case("encodings", "encoding", request(term=wire_term()), 2),
    Case(
        "decodings",
        "decoding",
        request(bytes=mangled_bytes(_bytes()), **{"as": st.sampled_from(["term", "term", "effective", "record"])}),
        3,
    ),
    Case("identities", "identity", request(term=wire_term()), features=("peer",)),
    Case("work", "work", request(term=wire_term(), count=st.integers(0, 100000))),
    Case("admissions", "admission", request(term=wire_term(admitted=False)), 3),
    Case("ill-sorted", "admission", request(term=ill_sorted_values()), 2),
    Case("mangled-terms", "admission", request(term=mangled_values(json_only=True)), 2),
    Case("mangled-values", "syntax", request(value=mangled_values(json_only=True))),
    Case(
        "wire-texts",
        "syntax",
        request(text=mangled_text(), sort=st.sampled_from(SORTS)) | request(text=mangled_text()),
        3,
    ),
    Case(
        "authoring-texts", "syntax", request(text=_written(5, 24), syntax=st.just("authoring")), features=("authoring",)
    ),
    # A text with several slips can be read on in more than one way after the first, and what is found then may stand
    # before it. So the codes are a family of their own, for those who look at readers.
    Case("mangled-authoring", "syntax", _MANGLED_AUTHORING, features=("authoring",), verdict=True),
    Case("authoring-codes", "syntax", _MANGLED_AUTHORING, share=0, features=("authoring",)),
    Case("facts", "facts", _FACTS),
    Case("mangled-facts", "facts", _mangled(_FACTS, "facts")),
    Case("chats", "facts", _CHATS),
    Case("mangled-chats", "facts", _mangled(_CHATS, "body")),
    Case("snapshots", "snapshot", _STATES),
    Case("mangled-snapshots", "snapshot", _mangled(_STATES, "candidates")),
    Case("imports", "import", imports(), features=("imports",)),
    Case(
        "lints",
        "lint",
        request(term=wire_term(), candidates=candidate_lists()) | request(term=wire_term()),
        features=("lints",),
    ),
    *FLOW_CASES,
)
CASES: Mapping[str, Case] = MappingProxyType({case.name: case for case in _ALL})
"""All families by name."""
