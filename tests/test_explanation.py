"""Explanations: why this one, why not that one, where the score comes from."""

from __future__ import annotations

import json
import operator
from functools import reduce
from math import inf, isnan
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_worlds import HOUSE, candidate, decided, snapshot, world

from policy_ir import terms as t
from policy_ir.admission import admit
from policy_ir.decision import decide
from policy_ir.evidence import evidence_of
from policy_ir.explanation import Refusal, Remedy, explain
from policy_ir.facts import read_facts
from policy_ir.semantics import Reject, machine
from policy_ir.semantics.scores import plus
from policy_ir.snapshot import Candidate
from policy_ir.terms import Origin
from policy_ir.testing import strategies

# --- why not that one -----------------------------------------------------------------------------------------------


def refused(filter: Any, facts: dict[str, Any] | None = None, floor: Any = None, **said: Any) -> Refusal:
    """The only candidate of a world, which the filter refuses."""
    (found,) = explain(decided(candidate(**said), facts=facts, filter=filter, floor=floor)).refused
    return found


def texts(remedy: Remedy) -> list[str]:
    return [change.text for change in remedy.changes]


CHANGES = [
    (["cmp", "price_out", "le", 25], {"price_out": 30}, {},
     ["price_out of the candidate must be <= 25", "the bound on price_out in the policy must be >= 30"]),
    (["cmp", "price_out", "lt", 25], {"price_out": 30}, {},
     ["price_out of the candidate must be < 25", "the bound on price_out in the policy must be > 30"]),
    (["cmp", "context", "ge", 8], {"context": 7}, {},
     ["context of the candidate must be >= 8", "the bound on context in the policy must be <= 7"]),
    (["cmp", "context", "gt", 8], {"context": 8}, {},
     ["context of the candidate must be > 8", "the bound on context in the policy must be < 8"]),
    (["cmp", "context", "eq", 8], {"context": 7}, {},
     ["context of the candidate must be 8", "the bound on context in the policy must be 7"]),
    (["cmp", "context", "ne", 8], {"context": 8}, {},
     ["context of the candidate must not be 8", "the bound on context in the policy must not be 8"]),
    (["cmp", "price_out", "le", 25], {}, {}, ["price_out of the candidate must be <= 25"]),  # no bound is above +inf
    (["cmp", "context", "ge", 8], {}, {}, ["context of the candidate must be >= 8"]),  # 0 is only its default
    (["is", "no_log"], {}, {}, ["no_log of the candidate must be true"]),
    (["is", "vip"], {}, {}, ["vip of the request must be true"]),
    (["not", ["is", "disabled"]], {"disabled": True}, {}, ["disabled of the candidate must not be true"]),
    (["provider_eq", "q"], {}, {},
     ["provider of the candidate must be q", "the bound on provider in the policy must be p"]),
    (["not", ["provider_eq", "p"]], {}, {},
     ["provider of the candidate must not be p", "the bound on provider in the policy must not be p"]),
    (["tier_eq", "partner"], {"tier": "strange"}, {}, ["tier of the candidate must be partner"]),
    (["min_tier", "partner"], {"tier": "marketplace"}, {},
     ["tier of the candidate must be >= partner", "the bound on tier in the policy must be <= marketplace"]),
    (["not", ["min_tier", "fallback"]], {}, {},
     ["tier of the candidate must be < fallback", "the bound on tier in the policy must be > fallback"]),
    (["has_cap", "c"], {}, {}, ["capabilities of the candidate must have c"]),
    (["known", "price_in"], {}, {}, ["price_in of the candidate must be known"]),
    (["tag_in", "region", ["eu"]], {"region": "us"}, {},
     ["region of the candidate must be eu", "the bound on region in the policy must have us"]),
    (["tag_in", "labels", ["a"]], {"labels": ["b", "c"]}, {},
     ["labels of the candidate must be a", "the bound on labels in the policy must have b or c"]),
    (["tag_in", "region", ["eu"]], {}, {}, ["region of the candidate must be eu"]),
    (["tag_in", "labels", ["a"]], {"labels": []}, {}, ["labels of the candidate must be a"]),
    (["not", ["tag_in", "region", ["us"]]], {"region": "us"}, {},
     ["region of the candidate must not be us", "the bound on region in the policy must not have us"]),
    (["scope_matches"], {"scope": "a"}, {"scope": "b"},
     ["scope of the candidate must be b", "scope of the request must be a"]),
    (["not", ["scope_matches"]], {}, {}, ["scope of the candidate must not be none"]),
    (["test", ["field", "call_cost"], "le", 5], {"price_in": 8, "price_out": 0},
     {"fields": {"prompt_tokens": 1e6, "completion_tokens": 0}},
     ["call_cost of the candidate must be <= 5", "the bound on call_cost in the policy must be >= 8"]),
    (["test", ["field", "call_cost"], "le", 5], {}, {}, ["call_cost of the candidate must be <= 5"]),
    (["meets_req"], {}, {"needs": ["tools"]},
     ["capabilities of the candidate must have supports_tools", "needs of the request must not have tools"]),
    (["meets_req"], {"context": 7}, {"min_context": 8},
     ["context of the candidate must be >= 8", "min_context of the request must be <= 7"]),
    (["meets_req"], {}, {"model_family": "g"},
     ["family of the candidate must be g", "model_family of the request must be f"]),
    (["meets_req"], {}, {"tier": "partner"},
     ["tier of the candidate must be partner", "tier of the request must be fallback"]),
    (["meets_req"], {"tier": "strange"}, {"tier": "partner"}, ["tier of the candidate must be partner"]),
    (["meets_req"], {}, {"privacy": "tee_required"},
     ["has_tee of the candidate must be true", "privacy of the request must not be tee_required"]),
    (["meets_req"], {}, {"privacy": "no_log"},
     ["no_log of the candidate must be true", "has_tee of the candidate must be true",
      "privacy of the request must not be no_log"]),
    (["meets_req"], {"tok_s": 7}, {"min_tok_s": 8},
     ["tok_s of the candidate must be >= 8", "min_tok_s of the request must be <= 7"]),
    (["meets_req"], {}, {"min_tok_s": 8}, ["tok_s of the candidate must be >= 8"]),
    (["not", ["meets_req"]], {"context": 9}, {"min_context": 8}, ["context of the candidate must be < 8"]),
    (["not", ["meets_req"]], {"has_tee": True}, {"privacy": "no_log"}, ["has_tee of the candidate must not be true"]),
    (["not", ["meets_req"]], {"has_tee": True, "no_log": True}, {"privacy": "no_log"}, []),
    (["bot"], {}, {}, []),
    (["not", ["meets_req"]], {}, {}, []),
]  # fmt: skip


@pytest.mark.parametrize(("filter", "said", "facts", "expected"), CHANGES, ids=str)
def test_an_atom_names_the_least_changes_each_of_which_would_do(
    filter: Any, said: dict[str, Any], facts: dict[str, Any], expected: list[str]
) -> None:
    (remedy,) = refused(filter, facts, **said).remedies
    (atom,) = remedy.atoms()
    assert texts(atom) == expected
    assert atom.mode == ("any" if expected else "none")


SYMBOL = {"<": operator.lt, "<=": operator.le, "=": operator.eq, "!=": operator.ne, ">=": operator.ge, ">": operator.gt}


@settings(max_examples=100, deadline=None)
@given(
    rel=st.sampled_from(["lt", "le", "eq", "ne", "ge", "gt"]),
    seen=st.integers(-3, 3),
    bound=st.integers(-3, 3),
    turned=st.booleans(),
)
def test_a_change_of_the_observation_or_of_the_bound_flips_the_clause(
    rel: Any, seen: int, bound: int, turned: bool
) -> None:
    def clause(limit: float) -> t.Pred:
        inner = t.Cmp("credits", rel, limit)
        return t.Not(inner) if turned else inner

    def keeps(limit: float, credits: float) -> bool:
        verdict = machine.verdict(clause(limit), 0, world(candidate(credits=credits)))
        return not isinstance(verdict, Reject)

    if keeps(bound, seen):
        return
    written = ["not", ["cmp", "credits", rel, bound]] if turned else ["cmp", "credits", rel, bound]
    (remedy,) = refused(written, credits=seen).remedies
    (atom,) = remedy.atoms()
    of_candidate, of_policy = atom.changes
    for x in [half / 2 for half in range(-8, 9)]:
        assert keeps(bound, x) == SYMBOL[of_candidate.asks](x, bound)
        assert keeps(x, seen) == SYMBOL[of_policy.asks](x, seen)


def test_all_refusing_conjuncts_are_listed_and_the_first_is_the_one_in_the_record() -> None:
    found = refused(["and", ["is", "no_log"], ["known", "context"], ["cmp", "price_in", "le", 1], ["top"]], context=1)
    assert sorted(remedy.evidence.node.op for remedy in found.remedies) == ["cmp", "is"]
    assert found.remedies[0].evidence.reason == found.reason
    assert found.deciding.origin in (Origin("policy", "/1/1"), Origin("policy", "/1/3"))


def test_an_or_wants_any_part_and_a_nested_and_all_of_them() -> None:
    found = refused(["or", ["is", "has_tee"], ["and", ["is", "no_log"], ["known", "context"], ["known", "price_in"]]],
                    context=1)  # fmt: skip
    (remedy,) = found.remedies
    assert remedy.mode == "any"
    inner = {part.evidence.node.op: part for part in remedy.parts}
    assert set(inner) == {"is", "and"}
    assert inner["and"].mode == "all"
    assert sorted(part.evidence.node.op for part in inner["and"].parts) == ["is", "known"]


def test_under_not_it_is_the_other_way_round() -> None:
    both = refused(["not", ["and", ["is", "has_tee"], ["is", "no_log"]]], has_tee=True, no_log=True)
    (whole,) = both.remedies
    assert [part.mode for part in whole.parts] == ["any"]
    assert len(whole.parts[0].parts) == 2
    some = refused(["not", ["or", ["is", "has_tee"], ["is", "no_log"]]], has_tee=True, no_log=False)
    (whole,) = some.remedies
    assert [part.mode for part in whole.parts] == ["all"]
    assert len(whole.parts[0].parts) == 1


def test_where_the_floor_refuses_it_says_so_and_its_bound_is_the_floor_s() -> None:
    found = refused(["known", "price_in"], floor=["cmp", "price_in", "le", 2], price_in=3)
    assert found.deciding.by_floor
    assert [change.where for change in found.remedies[0].changes] == ["candidate", "floor"]
    assert found.to_json()["by_floor"]
    assert found.to_json()["origin"] == {"source": "floor", "pointer": ""}
    assert not refused(["bot"]).deciding.by_floor


@settings(max_examples=60, deadline=None)
@given(
    value=strategies.policies(max_nodes=24),
    listed=strategies.catalogues(min_size=1, max_size=4),
    facts=strategies.facts_values(),
)
def test_every_refused_candidate_has_the_conjunct_of_its_reason_first(
    value: t.Policy, listed: tuple[Candidate, ...], facts: dict[str, Any]
) -> None:
    explanation = explain(decide(admit(value, HOUSE), snapshot(*listed), read_facts(facts, HOUSE)))
    assert [(found.id, found.reason) for found in explanation.refused] == list(explanation.decision.rejected)
    for found in explanation.refused:
        assert found.remedies
        assert all(not atom.evidence.helps for remedy in found.remedies for atom in remedy.atoms())
        whole = evidence_of(explanation.decision.term.filter, found.index, explanation.decision.environment)
        assert whole.reason == found.reason
        first = found.remedies[0].evidence
        assert first.reason == found.reason


# --- where the score comes from ---------------------------------------------------------------------------------------


def test_the_summands_have_weight_base_and_observations() -> None:
    rank = ["add", ["scale", 0.75, ["neg", ["normalize", ["field", "price_out"]]]], ["field", "success_rate"]]
    explanation = explain(decided(candidate("a", price_out=1), candidate("b", price_out=5, success_rate=0.5),
                                  candidate("c", price_out=3), rank=rank))  # fmt: skip
    score = explanation.score(1)
    assert (score.entry.id, score.entry.score, score.by) == ("c", 1.375, "rank")
    parts = {part.label: part for part in score.parts}
    weighted, plain = parts['neg(normalize(field("price_out")))'], parts['field("success_rate")']
    assert (weighted.weight, weighted.base, weighted.value) == (0.75, 0.5, 0.375)
    assert (plain.weight, plain.base, plain.value) == (1.0, 1.0, 1.0)
    assert [(seen.name, seen.value, seen.known) for seen in weighted.observed] == [("price_out", 3.0, True)]
    assert [(seen.name, seen.value, seen.known) for seen in plain.observed] == [("success_rate", 1.0, False)]
    assert weighted.origin == Origin("policy", "/2/1")
    (inner,) = weighted.parts
    assert (inner.node.op, inner.value, inner.parts[0].value) == ("neg", 0.5, 0.5)


def test_a_rank_that_is_no_sum_is_one_part() -> None:
    (part,) = explain(decided(candidate(tok_s=3), rank=["clamp", 0, 2, ["field", "tok_s"]])).score(0).parts
    assert (part.node.op, part.value, part.parts[0].value) == ("clamp", 2.0, 3.0)


def test_scorers_under_a_test_are_no_parts_of_the_score() -> None:
    gate = ["gate", ["test", ["scale", 2, ["field", "tok_s"]], "ge", 4], ["field", "tok_s"]]
    for listed in ([candidate("a", tok_s=3)], [candidate("a", tok_s=3), candidate("b", tok_s=1)]):
        (part,) = explain(decided(*listed, rank=gate)).score(0).parts
        assert (part.value, [inner.value for inner in part.parts]) == (3.0, [3.0])


def test_the_scores_of_a_chain_are_positions_and_have_no_parts() -> None:
    score = explain(decided(candidate(), select=["chain", [{"provider": "p", "model": "f"}]])).score(0)
    assert (score.by, score.entry.score, score.parts) == ("chain", -1.0, ())


def test_the_scores_of_a_rank_by_come_from_its_scorer_over_those_it_sorts() -> None:
    select = ["prefer", ["top"], ["rank_by", ["normalize", ["field", "price_in"]], ["top_k", 2, ["argmax"]]]]
    listed = [candidate("a", tok_s=3, price_in=1), candidate("b", tok_s=2, price_in=3), candidate("c", price_in=90)]
    explanation = explain(decided(*listed, rank=["field", "tok_s"], select=["top_k", 5, select]))
    assert [(score.by, score.entry.id, score.entry.score) for score in explanation.scores] == [
        ("rank_by", "b", 1.0),
        ("rank_by", "a", 0.0),
    ]
    assert explanation.score(0).parts[0].parts[0].value == 3.0
    (cut,) = explanation.cut
    assert (cut.id, cut.by, cut.score) == ("c", "top_k", 0.0)


@settings(max_examples=80, deadline=None)
@given(
    value=strategies.policies(max_nodes=30),
    listed=strategies.catalogues(min_size=1, max_size=5),
    seed=strategies.seeds(),
)
def test_the_parts_add_up_to_the_recorded_score_bit_for_bit(
    value: t.Policy, listed: tuple[Candidate, ...], seed: int | None
) -> None:
    open_to_all = attrs.evolve(value, filter=t.Top())
    explanation = explain(decide(admit(open_to_all, HOUSE), snapshot(*listed), seed=seed))
    for score in explanation.scores:
        recorded = score.entry.score
        total = reduce(plus, (part.value for part in score.parts), 0.0)
        assert score.by == "chain" or total == recorded or (isnan(total) and isnan(recorded))
    json.dumps(explanation.to_json(), allow_nan=False)
    if explanation.runner_up is not None:
        assert explanation.choice is not None


# --- why this one -----------------------------------------------------------------------------------------------------


def choice(*listed: Candidate, **slots: Any) -> tuple[str, str | None, list[tuple[float, float]]]:
    found = explain(decided(*listed, **slots)).choice
    assert found is not None
    gaps = [(gap.first, gap.second) for gap in found.gaps]
    return found.by, found.origin and found.origin.pointer, gaps


FAST, SLOW = candidate("fast", tok_s=9, price_in=5), candidate("slow", tok_s=1, price_in=2)


def test_a_greater_score_decides_with_the_greatest_difference_first() -> None:
    rank = ["add", ["field", "tok_s"], ["scale", -1, ["field", "price_in"]]]
    assert choice(FAST, SLOW, rank=rank) == ("score", "/2", [(9.0, 1.0), (-5.0, -2.0)])


def test_equal_scores_leave_it_to_the_catalogue() -> None:
    assert choice(FAST, SLOW) == ("catalogue", "/3", [])
    assert choice(SLOW, FAST, rank=["field", "tok_s"], select=["ordered"]) == ("catalogue", "/3", [])


def test_undefined_scores_are_equal_among_themselves_and_lose_to_numbers() -> None:
    undefined = ["add", ["field", "latency_ms"], ["scale", -1, ["field", "price_out"]]]
    assert choice(FAST, SLOW, rank=undefined)[0] == "catalogue"
    known = candidate("known", latency_ms=1, price_out=1)
    explanation = explain(decided(FAST, known, rank=undefined))
    assert explanation.winner is not None
    assert explanation.winner.id == "known"
    assert explanation.choice is not None
    assert explanation.choice.by == "score"


def test_a_difference_that_is_undefined_comes_last() -> None:
    rank = ["add", ["field", "latency_ms"], ["scale", -1, ["field", "price_out"]]]
    explanation = explain(decided(candidate("nothing"), candidate("priced", price_out=1), rank=rank))
    assert explanation.choice is not None
    assert [(gap.first, gap.second) for gap in explanation.choice.gaps] == [(-1.0, -inf), (inf, inf)]
    assert explanation.choice.gaps[0].difference == inf
    assert isnan(explanation.choice.gaps[1].difference)


def test_a_preference_decides_where_only_one_matches() -> None:
    prefer = ["top_k", 2, ["prefer", ["cmp", "price_in", "le", 3], ["argmax"]]]
    assert choice(FAST, SLOW, rank=["field", "tok_s"], select=prefer) == ("preference", "/3/2/1", [])
    nobody = ["prefer", ["cmp", "price_in", "le", 1], ["argmax"]]
    assert choice(FAST, SLOW, rank=["field", "tok_s"], select=nobody)[0] == "score"


def test_a_rank_by_decides_by_its_own_scorer_and_else_leaves_it_to_the_inner_order() -> None:
    again = ["rank_by", ["neg", ["field", "price_in"]], ["argmax"]]
    assert choice(FAST, SLOW, rank=["field", "tok_s"], select=again) == ("score", "/3/1", [(-1.0, -4.0)])
    same = ["rank_by", ["field", "success_rate"], ["argmax"]]
    assert choice(FAST, SLOW, rank=["field", "tok_s"], select=same) == ("score", "/2", [(9.0, 1.0)])


def test_an_earlier_entry_of_a_chain_decides() -> None:
    listed = [{"provider": "q", "model": "f"}, {"provider": "p", "model": "f"}]
    other = candidate("other", provider="q")
    assert choice(FAST, other, select=["chain", listed]) == ("position", "/3", [])
    assert choice(FAST, SLOW, select=["chain", listed]) == ("catalogue", "/3", [])


def test_a_draw_decides_a_sample() -> None:
    assert choice(FAST, SLOW, select=["sample", 1], seed=1) == ("draw", "/3", [])


def test_one_candidate_or_none_needs_no_choice() -> None:
    alone, nobody = explain(decided(FAST)), explain(decided(FAST, filter=["bot"]))
    assert (alone.winner, alone.runner_up, alone.choice) == (alone.decision.ordered[0], None, None)
    assert (nobody.winner, nobody.runner_up, nobody.choice, nobody.scores, nobody.cut) == (None, None, None, (), ())


def test_an_explanation_in_json() -> None:
    explanation = explain(decided(FAST, SLOW, candidate("off", disabled=True), candidate("other", tok_s=0.5),
                                  filter=["not", ["is", "disabled"]], rank=["scale", 2, ["field", "tok_s"]],
                                  select=["top_k", 2, ["argmax"]]))  # fmt: skip
    shown = explanation.to_json()
    assert shown["decision"] == explanation.decision.to_json()
    assert (shown["winner"], shown["runner_up"]) == ("fast", "slow")
    rank = {"source": "policy", "pointer": "/2"}
    label = 'field("tok_s")'
    assert shown["choice"] == {
        "by": "score",
        "origin": rank,
        "gaps": [{"label": label, "origin": rank, "first": 18, "second": 2, "difference": 16}],
    }
    seen = {"name": "tok_s", "value": 9, "known": True, "unit": "tokens/s"}
    part = {"op": "scale", "label": label, "origin": rank, "weight": 2, "base": 9, "value": 18, "observed": [seen]}
    assert shown["scores"][0] == {"id": "fast", "score": 18, "by": "rank", "parts": [part]}
    assert shown["cut"] == [{"id": "other", "by": "top_k", "score": 1}]
    (refused,) = shown["refused"]
    assert (refused["id"], refused["reason"], refused["by_floor"]) == ("off", "not", False)
    assert refused["text"] == "disabled is true, must not be true"
    assert refused["remedies"][0]["parts"][0]["changes"] == [
        {
            "where": "candidate",
            "subject": "disabled",
            "asks": "!=",
            "bound": True,
            "text": "disabled of the candidate must not be true",
        }
    ]
    json.dumps(shown, allow_nan=False)
