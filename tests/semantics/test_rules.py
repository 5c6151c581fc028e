"""Each rule, in the smallest derivation that shows it."""

from __future__ import annotations

from typing import Any

import pytest
from small_worlds import NEXT, candidate, policy, snapshot, term, world

from policy_ir.semantics import RULES, Draft, Environment, Step, machine
from policy_ir.semantics.configuration import Contest
from policy_ir.terms import FailPlan, Pred, Scorer, Selector, Xform

INF = float("inf")


def rules_of(value: Any, env: Environment, focus: Any = 0) -> list[str]:
    """The rules of the derivation of a term: at candidate `focus`, over the population or contest `focus`."""
    steps: list[Step] = []
    node = term(value)
    match node:
        case Pred():
            machine.verdict(node, focus, env, steps.append)
        case Scorer():
            machine.scores(node, tuple(range(env.snapshot.size)), env, steps.append)
        case Selector():
            members = tuple(range(env.snapshot.size))
            scores = focus or tuple(float(i) for i in members)
            machine.ranking(node, Contest(members, scores), env, steps.append)
        case Xform():
            machine.transformed(node, 0, Draft(dict(focus or {})), env, steps.append)
        case FailPlan():
            machine.action(node, focus, env, steps.append)
        case _:
            machine.outcome(policy(*value[1:]).normal, env, steps.append)  # type: ignore[arg-type]
    return [step.rule for step in steps]


def one(*rules: str) -> list[str]:
    return list(rules)


PRED = [
    (["top"], {}, {}, "top/accept"),
    (["bot"], {}, {}, "bot/reject"),
    (["scope_matches"], {}, {}, "scope_matches/accept"),
    (["scope_matches"], {"scope": "a"}, {"scope": "a"}, "scope_matches/accept"),
    (["scope_matches"], {"scope": "a"}, {"scope": "b"}, "scope_matches/reject"),
    (["scope_matches"], {"scope": "a"}, {}, "scope_matches/reject"),
    (["is", "disabled"], {"disabled": True}, {}, "is/accept"),
    (["is", "disabled"], {}, {}, "is/reject"),
    (["is", "vip"], {}, {"fields": {"vip": True}}, "is/accept"),
    (["cmp", "price_out", "le", 25], {"price_out": 25}, {}, "cmp/accept"),
    (["cmp", "price_out", "le", 25], {}, {}, "cmp/reject"),
    (["tier_eq", "partner"], {"tier": "partner"}, {}, "tier_eq/accept"),
    (["tier_eq", "fallback"], {}, {}, "tier_eq/accept"),
    (["tier_eq", "partner"], {}, {}, "tier_eq/reject"),
    (["min_tier", "marketplace"], {"tier": "partner"}, {}, "min_tier/accept"),
    (["min_tier", "marketplace"], {}, {}, "min_tier/reject"),
    (["min_tier", "fallback"], {"tier": "nobody's"}, {}, "min_tier/reject"),
    (["family_eq", "f"], {}, {}, "family_eq/accept"),
    (["family_eq", "g"], {}, {}, "family_eq/reject"),
    (["provider_eq", "p"], {}, {}, "provider_eq/accept"),
    (["provider_eq", "q"], {}, {}, "provider_eq/reject"),
    (["served_by_eq", "peer"], {"served_by": "peer"}, {}, "served_by_eq/accept"),
    (["served_by_eq", "peer"], {}, {}, "served_by_eq/reject"),
    (["has_cap", "c"], {"capabilities": ["c"]}, {}, "has_cap/accept"),
    (["has_cap", "c"], {}, {}, "has_cap/reject"),
    (["tag_in", "region", ["eu", "uk"]], {"region": "uk"}, {}, "tag_in/accept"),
    (["tag_in", "region", ["eu"]], {}, {}, "tag_in/reject"),
    (["tag_in", "labels", ["a"]], {"labels": ["a", "b"]}, {}, "tag_in/accept"),
    (["tag_in", "labels", ["a"]], {"labels": ["b"]}, {}, "tag_in/reject"),
    (["tag_in", "teams", ["a"]], {}, {}, "tag_in/reject"),
    (["tag_in", "teams", ["a"]], {}, {"fields": {"teams": ["a"]}}, "tag_in/accept"),
    (["known", "price_in"], {"price_in": 1}, {}, "known/accept"),
    (["known", "price_in"], {}, {}, "known/reject"),
    (["known", "vip"], {}, {}, "known/reject"),
    (["meets_req"], {}, {}, "meets_req/accept"),
    (["meets_req"], {}, {"needs": ["tools"]}, "meets_req/missing_capability"),
    (["meets_req"], {"capabilities": ["supports_tools"]}, {"needs": ["tools"]}, "meets_req/accept"),
    (["meets_req"], {"context": 7}, {"min_context": 8}, "meets_req/min_context"),
    (["meets_req"], {"context": 8}, {"min_context": 8}, "meets_req/accept"),
    (["meets_req"], {}, {"model_family": "g"}, "meets_req/model_family"),
    (["meets_req"], {}, {"model_family": "f"}, "meets_req/accept"),
    (["meets_req"], {}, {"tier": "partner"}, "meets_req/tier"),
    (["meets_req"], {}, {"tier": "fallback"}, "meets_req/accept"),
    (["meets_req"], {"no_log": True}, {"privacy": "tee_required"}, "meets_req/tee_required"),
    (["meets_req"], {"has_tee": True}, {"privacy": "tee_required"}, "meets_req/accept"),
    (["meets_req"], {}, {"privacy": "no_log"}, "meets_req/no_log"),
    (["meets_req"], {"has_tee": True}, {"privacy": "no_log"}, "meets_req/accept"),
    (["meets_req"], {"no_log": True}, {"privacy": "no_log"}, "meets_req/accept"),
    (["meets_req"], {"tok_s": 9}, {"min_tok_s": 10}, "meets_req/min_tok_s"),
    (["meets_req"], {}, {"min_tok_s": 0}, "meets_req/min_tok_s"),
    (["meets_req"], {"tok_s": 10}, {"min_tok_s": 10}, "meets_req/accept"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "said", "facts", "rule"), PRED, ids=str)
def test_an_atom_is_one_step(value: Any, said: dict[str, Any], facts: dict[str, Any], rule: str) -> None:
    assert rules_of(value, world(candidate(**said), facts=facts)) == [rule]


COMPOUND = [
    (["and", ["top"], ["top"]], one("top/accept", "and/next", "top/accept", "and/accept")),
    (["and", ["bot"], ["top"]], one("bot/reject", "and/reject")),
    (["or", ["bot"], ["bot"]], one("bot/reject", "or/next", "bot/reject", "or/reject")),
    (["or", ["top"], ["bot"]], one("top/accept", "or/accept")),
    (["not", ["bot"]], one("bot/reject", "not/accept")),
    (["not", ["top"]], one("top/accept", "not/reject")),
    (["test", ["lit", 2], "gt", 1], one("lit/score", "test/accept")),
    (["test", ["lit", 2], "lt", 1], one("lit/score", "test/reject")),
]  # fmt: skip


@pytest.mark.parametrize(("value", "rules"), COMPOUND, ids=str)
def test_a_compound_predicate_evaluates_its_parts_from_left_to_right(value: Any, rules: list[str]) -> None:
    assert rules_of(value, world()) == rules


SCORERS = [
    (["zero"], one("zero/score")),
    (["lit", 3], one("lit/score")),
    (["field", "price_in"], one("field/score")),
    (["add", ["zero"], ["lit", 1]], one("zero/score", "add/next", "lit/score", "add/score")),
    (["scale", 2, ["zero"]], one("zero/score", "scale/score")),
    (["neg", ["zero"]], one("zero/score", "neg/score")),
    (["clamp", 0, 1, ["zero"]], one("zero/score", "clamp/score")),
    (["gate", ["cmp", "price_in", "le", 1], ["lit", 1]],
     one("lit/score", "cmp/accept", "gate/open", "cmp/reject", "gate/shut", "cmp/reject", "gate/shut", "gate/score")),
    (["normalize", ["field", "context"]], one("field/score", "normalize/degenerate")),
    (["normalize", ["field", "price_in"]], one("field/score", "normalize/scale")),
    (["normalize", ["field", "latency_ms"]], one("field/score", "normalize/single")),
    (["normalize", ["scale", 1e308, ["add", ["field", "credits"], ["scale", -1, ["lit", 1]]]]],
     one("field/score", "add/next", "lit/score", "scale/score", "add/score", "scale/score", "normalize/halve")),
    (["normalize", ["add", ["scale", -1, ["field", "latency_ms"]], ["scale", 1, ["field", "price_out"]]]],
     one("field/score", "scale/score", "add/next", "field/score", "scale/score", "add/score", "normalize/infinite")),
]  # fmt: skip


@pytest.mark.parametrize(("value", "rules"), SCORERS, ids=str)
def test_a_scorer_works_on_its_population_at_once(value: Any, rules: list[str]) -> None:
    env = world(
        candidate("a", price_in=1, price_out=0, credits=0),
        candidate("b", price_in=2, latency_ms=5, credits=2),
        candidate("c", credits=1),
    )
    assert rules_of(value, env) == rules


SELECTORS = [
    (["argmax"], one("select/argmax")),
    (["ordered"], one("select/ordered")),
    (["sample", 1], one("select/sample")),
    (["chain", []], one("select/chain")),
    (["top_k", 1, ["ordered"]], one("select/ordered", "select/top_k")),
    (["prefer", ["is", "disabled"], ["ordered"]],
     one("select/ordered", "is/accept", "prefer/match", "is/reject", "prefer/other", "select/prefer")),
    (["rank_by", ["zero"], ["ordered"]], one("select/ordered", "zero/score", "select/rank_by")),
    (["prefer", ["top"], ["chain", []]], one("select/chain", "select/prefer")),
    (["rank_by", ["gate", ["top"], ["zero"]], ["chain", []]],
     one("select/chain", "zero/score", "gate/score", "select/rank_by")),
]  # fmt: skip


@pytest.mark.parametrize(("value", "rules"), SELECTORS, ids=str)
def test_a_selector_orders_from_the_inside_out(value: Any, rules: list[str]) -> None:
    assert rules_of(value, world(candidate("a", disabled=True), candidate("b"))) == rules


def test_a_policy_filters_then_ranks_then_selects() -> None:
    rules = rules_of(["policy", ["is", "disabled"], ["zero"], ["argmax"], ["id"], NEXT],
                     world(candidate("a", disabled=True), candidate("b")))  # fmt: skip
    assert rules == [
        *("is/accept", "filter/keep", "is/reject", "filter/drop"),
        *("zero/score", "select/argmax", "decision/done"),
    ]


def test_a_policy_that_keeps_nobody_is_decided_at_once() -> None:
    everyone = ["policy", ["bot"], ["zero"], ["argmax"], ["id"], NEXT]
    assert rules_of(everyone, world()) == ["bot/reject", "filter/drop", "decision/empty"]
    nobody = Environment(snapshot(), world().facts)
    assert rules_of(everyone, nobody) == ["decision/empty"]


XFORMS = [
    (["id"], {}, 1, one("id/done")),
    (["seq", ["id"], ["id"]], {}, 1, one("id/done", "seq/next", "id/done", "seq/done")),
    (["set_param", "top_p", 0.5], {}, 1, one("set_param/set")),
    (["inject_seed", "seed"], {}, 1, one("inject_seed/set")),
    (["inject_seed", "seed"], {}, None, one("inject_seed/unseeded")),
    (["drop_param", "top_p"], {"top_p": 1}, 1, one("drop_param/drop")),
    (["drop_param", "top_p"], {}, 1, one("drop_param/absent")),
    (["clamp_param", "temperature", 0.5, 1], {"temperature": 0.25}, 1, one("clamp_param/low")),
    (["clamp_param", "temperature", 0.5, 1], {"temperature": 2}, 1, one("clamp_param/high")),
    (["clamp_param", "temperature", 0.5, 1], {"temperature": 1}, 1, one("clamp_param/keep")),
    (["clamp_param", "temperature", 0.5, 1], {}, 1, one("clamp_param/skip")),
    (["clamp_param", "temperature", 0.5, 1], {"temperature": True}, 1, one("clamp_param/skip")),
    (["clamp_param", "temperature", 0.5, 1], {"temperature": "0.1"}, 1, one("clamp_param/skip")),
    (["jitter", "temperature", 0.5], {"temperature": 1}, None, one("jitter/unseeded")),
    (["jitter", "temperature", 0.5], {"temperature": 1}, 1, one("jitter/shift")),
    (["jitter", "temperature", 0.5], {}, 1, one("jitter/set")),
    (["jitter", "temperature", 0.5], {"temperature": False}, 1, one("jitter/set")),
    (["jitter", "temperature", 0.5], {"temperature": 10**400}, 1, one("jitter/overflow")),
    (["jitter", "temperature", 0.5], {"temperature": -(10**400)}, 1, one("jitter/overflow")),
    (["filter_text", ["RedactPII"]], {}, 1, one("filter_text/hold")),
    (["filter_image", ["BlurFaces"]], {}, 1, one("filter_image/hold")),
    (["custom", "Stamp"], {}, 1, one("custom/attach")),
    (["when", ["top"], ["id"]], {}, 1, one("top/accept", "when/take", "id/done")),
    (["when", ["bot"], ["id"]], {}, 1, one("bot/reject", "when/skip")),
]  # fmt: skip


@pytest.mark.parametrize(("value", "request_", "seed", "rules"), XFORMS, ids=str)
def test_a_transform_changes_the_request_step_by_step(
    value: Any, request_: dict[str, Any], seed: int | None, rules: list[str]
) -> None:
    assert rules_of(value, world(seed=seed), request_) == rules


PLANS = [
    (NEXT, "timeout", one("always/answer")),
    (["override", NEXT, "timeout", {"action": "abort"}], "timeout", one("override/answer")),
    (["override", NEXT, "timeout", {"action": "abort"}], "unknown", one("override/pass", "always/answer")),
    (["override", NEXT, "unknown", {"action": "abort"}], "timeout", one("override/pass", "always/answer")),
]  # fmt: skip


@pytest.mark.parametrize(("value", "reason", "rules"), PLANS, ids=str)
def test_a_plan_passes_a_reason_inwards_until_somebody_answers(value: Any, reason: str, rules: list[str]) -> None:
    assert rules_of(value, world(), reason) == rules


def test_the_derivations_above_show_every_rule() -> None:
    shown = {rule for *_, rule in PRED}
    for table in (COMPOUND, SCORERS, SELECTORS, XFORMS, PLANS):
        shown |= {rule for *_, rules in table for rule in rules}
    shown |= {"filter/keep", "filter/drop", "decision/empty", "decision/done"}
    assert sorted(shown) == sorted(RULES)


def test_an_id_names_one_rule() -> None:
    assert len(set(RULES)) == len(RULES)
