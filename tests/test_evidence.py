"""Evidence: every atom with what it saw, for accepted and refused candidates, pointing into the author's term."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_worlds import HOUSE, candidate, decided, normal, snapshot, term, world

from policy_ir.admission import admit
from policy_ir.decision import decide
from policy_ir.evidence import Clause, Evidence, Observed, evidence, evidence_of, fields_of
from policy_ir.facts import read_facts
from policy_ir.semantics import Environment, Reject, machine
from policy_ir.snapshot import Candidate
from policy_ir.terms import Origin, Pred
from policy_ir.testing import strategies


def of(value: Any, facts: dict[str, Any] | None = None, **said: Any) -> Evidence:
    return evidence_of(normal(value), 0, world(candidate(**said), facts=facts))


def nodes(found: Evidence) -> list[Evidence]:
    return [found, *(node for part in found.parts for node in nodes(part))]


ATOMS = [
    (["cmp", "price_out", "le", 25], {"price_out": 30}, {}, "price_out is 30, must be <= 25"),
    (["cmp", "price_out", "le", 25], {}, {}, "price_out is not known (taken as inf), must be <= 25"),
    (["not", ["cmp", "price_out", "le", 25]], {"price_out": 3}, {}, "price_out is 3, must be > 25"),
    (["cmp", "context", "eq", 8], {"context": 9}, {}, "context is 9, must be 8"),
    (["cmp", "context", "ne", 8], {"context": 8}, {}, "context is 8, must not be 8"),
    (["is", "no_log"], {}, {}, "no_log is not known (taken as false), must be true"),
    (["not", ["is", "disabled"]], {"disabled": True}, {}, "disabled is true, must not be true"),
    (["tier_eq", "partner"], {}, {}, "tier is fallback, must be partner"),
    (["min_tier", "partner"], {"tier": "marketplace"}, {}, "tier is marketplace, must be >= partner"),
    (["not", ["min_tier", "partner"]], {"tier": "partner"}, {}, "tier is partner, must be < partner"),
    (["family_eq", "g"], {}, {}, "family is f, must be g"),
    (["provider_eq", "q"], {}, {}, "provider is p, must be q"),
    (["not", ["provider_eq", "p"]], {}, {}, "provider is p, must not be p"),
    (["served_by_eq", "peer"], {}, {}, "served_by is p, must be peer"),
    (["has_cap", "c"], {"capabilities": ["a", "b"]}, {}, "capabilities are a, b, must have c"),
    (["not", ["has_cap", "c"]], {"capabilities": ["c"]}, {}, "capabilities are c, must not have c"),
    (["has_cap", "c"], {}, {}, "capabilities are none, must have c"),
    (["tag_in", "region", ["eu", "uk"]], {"region": "us"}, {}, "region is us, must be eu or uk"),
    (["tag_in", "region", ["eu"]], {}, {}, "region is not known, must be eu"),
    (["not", ["tag_in", "region", ["us"]]], {"region": "us"}, {}, "region is us, must not be us"),
    (["tag_in", "labels", ["a"]], {"labels": ["b", "c"]}, {}, "labels are b, c, must be a"),
    (["known", "price_in"], {}, {}, "price_in is not known (taken as inf), must be known"),
    (["not", ["known", "price_in"]], {"price_in": 2}, {}, "price_in is 2, must not be known"),
    (["scope_matches"], {"scope": "a"}, {"scope": "b"}, "scope is a, must be b"),
    (["scope_matches"], {"scope": "a"}, {}, "scope is a, must be none"),
    (["test", ["field", "call_cost"], "le", 5],
     {"price_in": 8, "price_out": 0}, {"fields": {"prompt_tokens": 1e6, "completion_tokens": 0}},
     "call_cost is 8, must be <= 5"),
    (["test", ["field", "call_cost"], "le", 5], {}, {},
     "call_cost is not known (taken as undefined), must be <= 5"),
    (["test", ["scale", 2, ["field", "price_in"]], "lt", 5], {"price_in": 3}, {},
     'scale(2, field("price_in")) is 6, must be < 5'),
]  # fmt: skip


@pytest.mark.parametrize(("value", "said", "facts", "text"), ATOMS, ids=str)
def test_an_atom_says_what_it_saw_and_what_must_be(
    value: Any, said: dict[str, Any], facts: dict[str, Any], text: str
) -> None:
    (atom,) = of(value, facts, **said).atoms()
    assert atom.text == text
    assert not atom.helps


CHECKS = [
    ({"needs": ["tools"]}, {}, "capabilities are none, must have supports_tools", "missing_capability:tools"),
    ({"min_context": 8}, {"context": 7}, "context is 7, must be >= 8", "min_context"),
    ({"model_family": "g"}, {}, "family is f, must be g", "model_family"),
    ({"tier": "partner"}, {}, "tier is fallback, must be partner", "tier"),
    ({"privacy": "tee_required"}, {"has_tee": False}, "has_tee is false, must be true", "tee_required"),
    ({"privacy": "no_log"}, {"no_log": False}, "no_log is false, must be true", "no_log"),
    ({"min_tok_s": 8}, {}, "tok_s is not known (taken as 0), must be >= 8", "min_tok_s"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "said", "text", "reason"), CHECKS, ids=str)
def test_a_check_of_the_request_is_an_atom_of_meets_req(
    facts: dict[str, Any], said: dict[str, Any], text: str, reason: str
) -> None:
    whole = of(["meets_req"], facts, **said)
    (check,) = whole.parts
    assert (check.text, check.reason, whole.reason) == (text, reason, reason)
    assert (check.accepted, whole.accepted) == (False, False)


def test_meets_req_shows_every_check_in_order_with_the_first_failing_one_as_its_reason() -> None:
    whole = of(["meets_req"], {"needs": ["vision", "tools"], "min_context": 1, "privacy": "no_log"},
               context=5, has_tee=True)  # fmt: skip
    assert [check.reason for check in whole.parts] == [
        *("missing_capability:tools", "missing_capability:vision", None, None),
    ]
    assert whole.reason == "missing_capability:tools"
    assert whole.parts[3].text == "has_tee is true, must be true"  # either is enough, and this one is set
    assert of(["meets_req"]).accepted
    assert list(of(["meets_req"]).atoms()) == [of(["meets_req"])]


def test_a_request_that_a_candidate_must_not_meet_asks_the_opposite() -> None:
    whole = of(["not", ["meets_req"]], {"min_context": 8}, context=9)
    assert [atom.text for atom in whole.atoms()] == ["context is 9, must be < 8"]


def test_atoms_after_the_deciding_one_are_there_too() -> None:
    whole = of(["and", ["cmp", "price_in", "le", 1], ["is", "no_log"], ["known", "context"]], context=7)
    assert whole.reason is not None
    assert sorted((atom.node.op, atom.accepted) for atom in whole.atoms()) == [
        *(("cmp", False), ("is", False), ("known", True)),
    ]


def test_a_default_is_marked_as_not_known() -> None:
    (atom,) = of(["cmp", "price_in", "le", 1]).atoms()
    assert atom.observed == (Observed("price_in", inf, known=False, unit="USD/Mtok"),)
    assert atom.clause == Clause("price_in", "<=", 1.0)


def test_a_test_shows_the_fields_of_its_scorer() -> None:
    whole = of(["test", ["add", ["field", "call_cost"], ["gate", ["is", "no_log"], ["field", "tok_s"]]], "lt", 0])
    names = [seen.name for seen in whole.observed[1:]]
    assert sorted(names) == ["call_cost", "completion_tokens", "price_in", "price_out", "prompt_tokens", "tok_s"]
    assert not whole.observed[0].known
    assert fields_of(term(["add", ["field", "tok_s"], ["field", "context"], ["field", "tok_s"]])) == (
        "tok_s",
        "context",
    )


def test_top_and_bot_look_at_nothing() -> None:
    assert (of(["top"]).text, of(["top"]).observed, of(["top"]).clause) == ("top", (), None)
    assert (of(["bot"]).text, of(["bot"]).reason) == ("bot", "bot")
    assert not of(["not", ["or", ["top"], ["is", "no_log"]]]).helps


def test_evidence_points_into_the_author_s_own_term_and_says_where_it_is_the_floor_s() -> None:
    decision = decided(candidate("m", price_in=3), filter=["and", ["known", "price_in"], ["cmp", "price_in", "le", 2]],
                       floor=["is", "no_log"])  # fmt: skip
    atoms = {atom.node.op: atom for atom in evidence(decision, 0).atoms()}
    assert atoms["cmp"].origin == Origin("policy", "/1/2")
    assert atoms["known"].origin == Origin("policy", "/1/1")
    assert atoms["is"].origin == Origin("floor", "")
    assert [atoms[op].by_floor for op in ("cmp", "known", "is")] == [False, False, True]


def test_a_node_without_an_origin_stands_for_the_nearest_around_it_that_has_one() -> None:
    bare = normal(["and", ["is", "no_log"], ["is", "has_tee"]])
    found = evidence_of(bare, 0, world())
    assert found.origin is not None
    assert all(atom.origin is not None for atom in found.atoms())


def test_there_is_no_evidence_of_a_candidate_that_is_not_there() -> None:
    with pytest.raises(IndexError):
        evidence(decided(candidate()), 1)
    with pytest.raises(IndexError):
        evidence(decided(candidate()), -1)


def test_evidence_in_json() -> None:
    decision = decided(candidate("m"), filter=["or", ["cmp", "price_in", "le", 2], ["tag_in", "region", ["eu"]]])
    shown = evidence(decision, 0).to_json()
    assert (shown["op"], shown["reason"], shown["accepted"], shown["wanted"]) == ("or", "or", False, True)
    by_op = {part["op"]: part for part in shown["parts"]}
    assert by_op["cmp"] == {
        "op": "cmp",
        "origin": {"source": "policy", "pointer": "/1/1"},
        "accepted": False,
        "wanted": True,
        "reason": "cmp:price_in:le",
        "text": "price_in is not known (taken as inf), must be <= 2",
        "clause": {"subject": "price_in", "asks": "<=", "bound": 2},
        "observed": [{"name": "price_in", "value": "inf", "known": False, "unit": "USD/Mtok"}],
        "parts": [],
    }
    assert by_op["tag_in"]["clause"] == {"subject": "region", "asks": "in", "bound": ["eu"]}
    assert shown["clause"] is None


@settings(max_examples=80, deadline=None)
@given(
    value=strategies.terms("Pred", max_depth=5, max_nodes=20),
    listed=strategies.catalogues(min_size=1, max_size=3),
    facts=strategies.facts_values(),
)
def test_evidence_agrees_with_the_machine_at_every_node(
    value: Pred, listed: tuple[Candidate, ...], facts: dict[str, Any]
) -> None:
    env = Environment(snapshot(*listed), read_facts(facts, HOUSE))
    for i in range(len(listed)):
        for node in nodes(evidence_of(value, i, env)):
            if node.check is None:
                verdict = machine.verdict(node.node, i, env)
                assert node.reason == (verdict.reason if isinstance(verdict, Reject) else None)
                assert node.accepted == (node.reason is None)


@settings(max_examples=40, deadline=None)
@given(
    value=strategies.terms("Pred", max_depth=4, max_nodes=12),
    listed=strategies.catalogues(min_size=1, max_size=2),
    data=st.data(),
)
def test_a_candidate_is_kept_exactly_where_the_evidence_helps(
    value: Pred, listed: tuple[Candidate, ...], data: st.DataObject
) -> None:
    import attrs
    from small_worlds import policy

    admitted = admit(attrs.evolve(policy().term, filter=value), HOUSE)  # type: ignore[misc]
    decision = decide(admitted, snapshot(*listed))
    i = data.draw(st.integers(0, len(listed) - 1))
    rejected = {name for name, _ in decision.rejected}
    assert evidence(decision, i).helps == (listed[i].id not in rejected)
