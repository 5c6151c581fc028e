"""Decisions: the record, its fingerprint, its JSON, and what to send."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from math import copysign, inf, isnan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from small_worlds import HOUSE, candidate, decided, policy, snapshot

from policy_ir import terms as t
from policy_ir.admission import admit
from policy_ir.canonical import fingerprint
from policy_ir.decision import Custom, Directives, Entry, Filter, decide
from policy_ir.diagnostics import Refused, codes
from policy_ir.facts import Facts, read_facts
from policy_ir.floor import effective
from policy_ir.snapshot import Candidate, Snapshot
from policy_ir.syntax.loader import load
from policy_ir.testing import strategies
from policy_ir.vocabulary import Vocabulary, vocabulary

A, B, C = candidate("a", price_in=1), candidate("b", price_in=2), candidate("c", price_in=3, disabled=True)
CHEAP = ["neg", ["field", "price_in"]]


# --- the record -----------------------------------------------------------------------------------------------


def test_the_record_says_who_and_why_and_from_what() -> None:
    decision = decided(A, B, C, filter=["not", ["is", "disabled"]], rank=CHEAP, select=["top_k", 1, ["argmax"]], seed=7)
    assert decision.record() == {
        "policy": decision.program.policy.fingerprint,
        "effective": decision.program.fingerprint,
        "vocabulary": HOUSE.fingerprint,
        "snapshot": snapshot(A, B, C).fingerprint,
        "facts": Facts().fingerprint,
        "seed": 7,
        "ordered": [["a", 0.0]],
        "rejected": [["c", "not"]],
        "cut": [["b", "top_k"]],
    }
    assert decision.fingerprint == fingerprint("decision/1", decision.record(), scores=True)


def test_without_a_seed_the_record_has_none() -> None:
    decision = decided(A)
    assert "seed" not in decision.record()
    assert decision.to_json()["seed"] is None
    assert decision.fingerprint != decided(A, seed=0).fingerprint


def test_rejected_and_cut_are_in_catalogue_order_and_ordered_is_not() -> None:
    everybody = [candidate(f"m{i}", price_in=-i % 5, disabled=i % 3 == 0, family="fg"[i % 2]) for i in range(9)]
    listed = {"provider": "p", "model": "f"}
    select = ["top_k", 2, ["rank_by", ["field", "price_in"], ["chain", [listed]]]]
    decision = decided(*everybody, filter=["not", ["is", "disabled"]], select=select)
    assert [entry.id for entry in decision.ordered] == ["m2", "m8"]
    assert [name for name, _ in decision.rejected] == ["m0", "m3", "m6"]
    assert decision.cut == (("m1", "chain"), ("m4", "top_k"), ("m5", "chain"), ("m7", "chain"))


@settings(max_examples=60, deadline=None)
@given(
    value=strategies.policies(),
    candidates=strategies.catalogues(),
    facts=strategies.facts_values(),
    seed=strategies.seeds(),
)
def test_every_candidate_is_ordered_rejected_or_cut_and_replay_gives_the_same(
    value: t.Policy, candidates: tuple[Candidate, ...], facts: dict[str, Any], seed: int | None
) -> None:
    admitted, world, read = admit(value, HOUSE), snapshot(*candidates), read_facts(facts, HOUSE)
    decision = decide(admitted, world, read, seed)
    named = [entry.id for entry in decision.ordered]
    named += [name for name, _ in (*decision.rejected, *decision.cut)]
    assert sorted(named) == sorted(world.ids)
    assert all(copysign(1, entry.score) > 0 for entry in decision.ordered if entry.score == 0)
    assert decide(admit(value, HOUSE), snapshot(*candidates), read, seed).fingerprint == decision.fingerprint


def test_minus_zero_is_recorded_as_zero() -> None:
    (entry,) = decided(candidate(tok_s=0), rank=["scale", -1, ["field", "tok_s"]]).ordered
    assert repr(entry.score) == "0.0"


def test_special_scores_are_words_in_json_and_numbers_have_no_needless_fraction() -> None:
    rank = ["add", ["field", "latency_ms"], ["scale", -1, ["field", "price_out"]]]
    decision = decided(
        candidate("half", latency_ms=0.5, price_out=0),
        candidate("seven", latency_ms=7, price_out=0),
        candidate("slow", price_out=0),
        candidate("dear", latency_ms=0),
        candidate("nothing"),
        candidate("huge", latency_ms=2.0**60, price_out=0),
        rank=rank,
    )
    assert decision.to_json()["ordered"] == [
        {"id": "slow", "score": "inf"},
        {"id": "huge", "score": 2.0**60},
        {"id": "seven", "score": 7},
        {"id": "half", "score": 0.5},
        {"id": "dear", "score": "-inf"},
        {"id": "nothing", "score": "undefined"},
    ]
    scores = [entry["score"] for entry in decision.to_json()["ordered"]]
    assert [type(score) for score in scores] == [str, float, int, float, str, str]
    assert decision.ordered[0].score == inf
    assert isnan(decision.ordered[-1].score)


def test_json_has_the_fingerprints_and_the_lists() -> None:
    decision = decided(A, C, filter=["not", ["is", "disabled"]], select=["chain", []], floor=["top"], seed=3)
    shown = decision.to_json()
    assert list(shown) == [
        *("policy", "effective", "vocabulary", "snapshot", "facts", "fingerprint"),
        *("seed", "ordered", "rejected", "cut"),
    ]
    assert all(shown[key].startswith("blake3:") for key in list(shown)[:6])
    assert shown["fingerprint"] == decision.fingerprint
    assert shown["rejected"] == [{"id": "c", "reason": "not"}]
    assert shown["cut"] == [{"id": "a", "by": "chain"}]
    assert shown["seed"] == 3


# --- the floor ----------------------------------------------------------------------------------------------------


def test_where_the_floor_refuses_its_reason_stands() -> None:
    decision = decided(A, C, floor=["not", ["is", "disabled"]])
    assert decision.rejected == (("c", "not"),)
    assert decision.policy == policy().fingerprint
    assert decision.effective != decision.policy


def test_without_a_floor_what_was_sent_is_what_ran() -> None:
    decision = decided(A)
    assert decision.effective == decision.policy
    assert decide(effective(policy()), snapshot(A)).fingerprint == decide(policy(), snapshot(A)).fingerprint


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [-1, 2**53, 0.5, True, "1", float("nan")])
def test_a_seed_is_an_integer_from_0_to_2_to_the_53_minus_1(seed: Any) -> None:
    with pytest.raises(Refused) as refused:
        decide(policy(), snapshot(A), Facts(), seed)
    assert [found.code for found in refused.value.diagnostics] == [codes.BAD_SEED]
    assert decide(policy(), snapshot(A), Facts(), 2**53 - 1).seed == 2**53 - 1


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Facts(privacy="tee"), codes.UNKNOWN_PRIVACY),
        (Facts(needs=("telepathy",)), codes.UNKNOWN_NEED),
        (Facts(tier="golden"), codes.UNKNOWN_TIER),
        (Facts(fields={"price_in": 1.0}), codes.FACT_FIELD),
    ],
    ids=str,
)
def test_facts_that_nobody_has_checked_are_checked(facts: Facts, code: Any) -> None:
    with pytest.raises(Refused) as refused:
        decide(policy(), snapshot(A), facts)
    assert [found.code for found in refused.value.diagnostics] == [code]


def test_checked_facts_stay_as_they_are() -> None:
    fields = {"bucket": 0.25, "prompt_tokens": 7, "vip": True, "teams": ["b", "a"]}
    value = {"needs": ["tools"], "min_context": 8, "privacy": "no_log", "scope": "a", "fields": fields}
    facts = read_facts(value, HOUSE)
    assert decide(policy(), snapshot(A), facts).environment.facts == facts


def test_only_policies_are_decided() -> None:
    with pytest.raises(Refused) as refused:
        decide(admit(load(["top"]), HOUSE), snapshot(A))
    assert [found.code for found in refused.value.diagnostics] == [codes.NOT_A_POLICY]


def test_policy_and_snapshot_are_of_one_vocabulary() -> None:
    other = admit(policy().term, vocabulary("core"))
    with pytest.raises(ValueError, match="vocabulary"):
        decide(other, snapshot(A))


# --- attempts --------------------------------------------------------------------------------------------------------


def test_an_attempt_transforms_the_request_and_leaves_the_given_one_alone() -> None:
    mutate = ["seq", ["clamp_param", "temperature", 0, 1], ["inject_seed", "seed"], ["drop_param", "top_p"]]
    decision = decided(A, B, rank=CHEAP, mutate=mutate, seed=2**40)
    request = {"model": "x", "temperature": 2, "top_p": 1, "messages": [{"role": "user"}]}
    attempt = decision.attempt(1, request)
    assert attempt.request == {"model": "x", "temperature": 1, "messages": [{"role": "user"}], "seed": 2**40}
    assert request == {"model": "x", "temperature": 2, "top_p": 1, "messages": [{"role": "user"}]}
    assert (attempt.index, attempt.candidate) == (1, snapshot(A, B).candidate(1))
    assert attempt.directives == Directives()
    assert decision.ordered[1] == Entry(1, "b", -1.0)


def test_directives_are_attached_as_data() -> None:
    mutate = ["seq", ["filter_text", ["RedactPII"]], ["custom", "Stamp"], ["filter_text", ["TruncateText"]],
              ["filter_image", ["BlurFaces"]], ["custom", "Sign"], ["custom", "Stamp"]]  # fmt: skip
    attempt = decided(A, mutate=mutate, seed=2**31 + 4).attempt(0, {})
    assert attempt.request == {}
    assert attempt.directives == Directives(
        filter_text=Filter(("TruncateText",), 5),
        filter_image=Filter(("BlurFaces",), 5),
        customs=(Custom("Stamp", "2"), Custom("Sign", "1"), Custom("Stamp", "2")),
    )
    unseeded = decided(A, mutate=mutate).attempt(0, {}).directives
    assert unseeded.filter_text == Filter(("TruncateText",), None)


def test_a_conditional_transform_asks_the_candidate_of_the_attempt() -> None:
    decision = decided(A, B, rank=CHEAP, mutate=["when", ["cmp", "price_in", "ge", 2], ["set_param", "top_p", 0.5]])
    assert [decision.attempt(i, {}).request for i in (0, 1, 0)] == [{}, {"top_p": 0.5}, {}]


def test_the_text_from_ctx_is_a_text() -> None:
    mutate = ["set_param", "reasoning_effort", "high"]
    assert decided(A, mutate=mutate).attempt(0, {"seed": "from_ctx"}).request["seed"] == "from_ctx"


@pytest.mark.parametrize("i", [-1, 1])
def test_there_is_no_attempt_outside_the_order(i: int) -> None:
    with pytest.raises(IndexError):
        decided(A).attempt(i, {})
    with pytest.raises(IndexError):
        decided(A).next(i, 0, "timeout")


def test_a_failure_is_answered_by_the_fallback_plan_of_the_effective_policy() -> None:
    plan = ["override", ["always", {"action": "next_candidate"}], "auth_error", {"action": "disable_provider"}]
    other = candidate("z", provider="q")
    decision = decided(A, B, other, select=["ordered"], fallback=plan)
    assert decision.next(0, 0, "timeout").index == 1
    assert decision.next(0, 0, "auth_error").index == 2
    assert decision.next(0, 0, "auth_error").disabled_provider == "p"
    steps: list[Any] = []
    decision.next(0, 0, "timeout", on_step=steps.append)
    decision.attempt(0, {}, on_step=steps.append)
    assert [step.rule for step in steps] == ["override/pass", "always/answer", "id/done"]


# --- the same decision everywhere -------------------------------------------------------------------------------------


class Counted:
    """Another catalogue: a generator that makes its candidates one after the other, from numbers."""

    def candidates(self, vocabulary: Vocabulary) -> Iterable[Candidate]:
        for i in range(40):
            yield candidate(f"m{i}", price_in=(i * 7) % 11, provider="pqr"[i % 3], capabilities=["x", "supports_tools"])


BUSY = policy(
    filter=["and", ["has_cap", "supports_tools"], ["or", ["provider_eq", "p"], ["known", "price_in"]]],
    rank=["add", ["scale", 0.3, ["neg", ["normalize", ["field", "price_in"]]]], ["scale", 0.1, ["field", "tok_s"]]],
    select=["top_k", 9, ["sample", 2.5]],
)


def fingerprint_of_a_busy_decision() -> str:
    facts = read_facts({"needs": ["tools"], "fields": {"prompt_tokens": 10}}, HOUSE)
    return decide(BUSY, Snapshot.take(Counted(), HOUSE), facts, 11).fingerprint


@pytest.mark.parametrize(("hash_seed", "locale"), [("0", "C"), ("1", "C.UTF-8"), ("4711", "tr_TR.UTF-8")])
def test_another_process_hash_seed_locale_and_catalogue_class_give_the_same_decision(
    hash_seed: str, locale: str
) -> None:
    here = Path(__file__).parent
    code = "import test_decision; print(test_decision.fingerprint_of_a_busy_decision())"
    environment = os.environ | {
        "PYTHONHASHSEED": hash_seed,
        "LC_ALL": locale,
        "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)]),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    listed = snapshot(*Counted().candidates(HOUSE))
    facts = Facts(needs=("tools",), fields={"prompt_tokens": 10.0})
    assert done.stdout.strip() == decide(BUSY, listed, facts, 11).fingerprint
