"""What vectors cover: measured where it can be, believed where it cannot. Specification: "Conformance", "Coverage"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_suite import PRICES, write_suite
from small_suite import vector as made

from policy_ir.conformance.coverage import Exemption, measure, read_exemptions, witness
from policy_ir.conformance.coverage.witness import Witness, operation_of
from policy_ir.conformance.rules import spec_rules
from policy_ir.conformance.suite import Vector, load_suite
from policy_ir.diagnostics.codes import LANGUAGE_CODES
from policy_ir.equations import EQUATIONS
from policy_ir.failover import FAILOVER_RULES
from policy_ir.semantics.rules import RULES
from policy_ir.signature import SIGNATURE

POLICY: list[Any] = ["policy", ["is", "has_tee"], ["lit", 1], ["argmax"], ["set_param", "temperature", 1],
                     ["always", {"action": "abort"}]]  # fmt: skip


def shown(kind: str, input: dict[str, Any], **about: Any) -> Witness:
    given = made("a/b/c", kind, input, **about)
    lists = {name: tuple(given[name]) for name in ("rules", "denies", "near", "features", "flags")}
    return witness(Vector("a/b/c", "a/b.json", kind, given["comment"], input, given["expect"], **lists))


# --- rules ---------------------------------------------------------------------------------------------------


def test_the_rules_of_a_derivation_are_measured() -> None:
    found = shown("predicate", {"term": ["cmp", "price_in", "le", 2], "candidates": PRICES})
    assert found.used == {"cmp/accept", "cmp/reject"}
    assert found.avoided == set()


def test_a_rule_that_its_derivation_could_have_used_is_denied() -> None:
    found = shown("predicate", {"term": ["cmp", "price_in", "le", 2], "candidates": PRICES[:1]})
    assert (found.used, found.avoided) == ({"cmp/accept"}, {"cmp/reject"})


def test_an_operation_that_is_not_reached_denies_its_rules() -> None:
    term = ["or", ["known", "price_in"], ["cmp", "price_in", "le", 2]]
    found = shown("predicate", {"term": term, "candidates": PRICES[:1]})
    assert {"cmp/accept", "cmp/reject", "or/reject", "or/next"} <= found.avoided


def test_a_refused_operation_denies_its_rules() -> None:
    found = shown("admission", {"term": ["is", "no_such_field"]})
    assert {"is/accept", "is/reject"} <= found.avoided
    assert found.used == set()


def test_a_decision_has_a_derivation_of_filter_rank_and_selector_only() -> None:
    found = shown("policy", {"policy": POLICY, "candidates": PRICES})
    assert found.used == {"filter/drop", "is/reject", "decision/empty"}
    assert {"lit/score", "select/argmax", "filter/keep", "decision/done"} <= found.avoided
    assert not {"set_param/set", "always/answer"} & (found.used | found.avoided)


def test_the_derivation_of_a_decision_is_that_of_the_effective_policy() -> None:
    policy = ["policy", ["top"], *POLICY[2:]]
    found = shown("policy", {"policy": policy, "floor": ["known", "price_in"], "candidates": PRICES})
    assert {"known/accept", "known/reject"} <= found.used
    assert "top/accept" not in found.used | found.avoided


def test_failover_uses_the_rules_of_the_plan_and_its_own() -> None:
    plan = ["override", ["always", {"action": "abort"}], "x", {"action": "retry_same", "attempts": 1}]
    found = shown("failover", {"term": plan, "reason": "x", "ordered": [["a", "m"]], "position": 0, "retries": 0})
    assert found.used == {"override/answer", "retry_same/again"}
    assert {"retry_same/then", "abort/stop", "next_candidate/advance", "next_candidate/stop"} <= found.avoided
    assert "disable_provider/stop" not in found.avoided


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"rules": ["cmp/reject"]}, "names cmp/reject, which its derivation does not use"),
        ({"denies": ["cmp/accept"]}, "denies cmp/accept, which its derivation uses"),
    ],
)
def test_what_an_author_says_of_a_derivation_is_not_believed(about: dict[str, Any], said: str) -> None:
    found = shown("predicate", {"term": ["cmp", "price_in", "le", 2], "candidates": PRICES[:1]}, **about)
    assert found.untrue == (said,)
    assert (found.used, found.avoided) == ({"cmp/accept"}, {"cmp/reject"})


def test_a_rule_of_evaluation_needs_a_derivation() -> None:
    assert shown("work", {"term": ["top"], "count": 1}, rules=["top/accept"]).untrue == (
        "names top/accept, and has no derivation",
    )


def scheduled(answers: dict[str, Any], **about: Any) -> Witness:
    call = ["llm", {"system": "", "policy": POLICY, "inputs": ["ask"]}]
    given = {"flow": ["flow", {"ask": ["input"], "draft": call, "out": ["output", "draft"]}], "answers": answers}
    return shown("schedule", {**given, "messages": [{"role": "user", "content": "hello"}], "priority": []}, **about)


def test_the_rules_of_scheduling_are_measured_by_the_steps_of_a_flow() -> None:
    found = scheduled({"draft": {"text": "x"}}, denies=["flow/passed", "flow-value/passed"])
    assert found.used == {"flow/ready", "flow/run", "flow/done", "flow/returned"}
    assert found.avoided == {"flow/passed", "flow-value/passed"}
    assert found.untrue == ()


def test_what_an_author_says_of_the_steps_of_a_flow_is_not_believed() -> None:
    found = scheduled({"draft": {"failed": "x"}}, rules=["flow/done"], denies=["flow/failed"])
    assert set(found.untrue) == {
        "names flow/done, which is none of its steps",
        "denies flow/failed, which is one of its steps",
    }
    assert "flow/done" not in found.used
    assert "flow/failed" not in found.avoided


def test_any_other_rule_is_shown_by_the_vectors_that_name_it() -> None:
    found = shown("syntax", {"text": "[null]"}, rules=["json/null"], denies=["json/key"])
    assert (found.used, found.avoided, found.untrue) == ({"json/null"}, {"json/key"}, ())


# --- equations -----------------------------------------------------------------------------------------------


def test_the_equations_of_a_normal_form_are_measured() -> None:
    term = ["and", ["and", ["is", "no_log"]], ["not", ["bot"]]]
    found = shown("normal-form", {"term": term})
    assert found.used == {"and/single", "not/bot", "and/unit"}


def test_an_equation_is_denied_where_its_operation_occurs_and_nothing_is_its_redex() -> None:
    term = ["and", ["is", "no_log"], ["is", "has_tee"]]
    turned = ["and", ["is", "has_tee"], ["is", "no_log"]]
    assert shown("normal-form", {"term": term}, denies=["and/dedupe"]).avoided == {"and/dedupe"}
    assert shown("normal-form", {"term": term}).avoided == set()
    assert shown("normal-form", {"term": turned}, denies=["and/sort"]).untrue == (
        "denies and/sort, which applies in it",
    )
    assert shown("normal-form", {"term": term}, denies=["or/sort"]).untrue == (
        "denies or/sort, whose operation does not occur",
    )
    assert shown("normal-form", {"term": term}, rules=["and/unit"]).untrue == (
        "names and/unit, which its normal form does not use",
    )


def test_a_redex_that_another_equation_takes_away_is_neither_used_nor_denied() -> None:
    found = shown("normal-form", {"term": ["and", ["bot"], ["and", ["top"]]]}, denies=["and/unit"])
    assert "and/absorb" in found.used
    assert "and/unit" not in found.avoided


def test_a_kind_that_does_not_show_the_normal_form_shows_no_equation() -> None:
    assert shown("predicate", {"term": ["and", ["top"]], "candidates": []}).used == set()
    assert shown("encoding", {"term": ["and", ["top"]]}).used == {"and/unit"}
    peer = shown("identity", {"term": ["and", ["is", "no_log"], ["is", "no_log"]]}, denies=["and/dedupe"])
    assert (peer.used, peer.avoided, peer.untrue) == (set(), set(), ())


def test_the_equations_of_an_effective_policy_count() -> None:
    found = shown("floor", {"policy": POLICY, "floor": {"filter": ["is", "has_tee"], "mutate": ["id"]}})
    assert {"and/dedupe", "seq/unit"} <= found.used


# --- codes and operations ------------------------------------------------------------------------------------


def test_a_code_is_given_by_a_refusal_or_a_warning() -> None:
    assert shown("syntax", {"value": ["tpo"]}).given == {"PIR0202"}
    assert shown("lint", {"term": ["clamp", 1, 0, ["field", "price_in"]]}).given == {"PIR0504"}


def test_a_code_is_passed_where_a_vector_is_near_it() -> None:
    found = shown("syntax", {"value": ["top"]}, near=["PIR0202"])
    assert (found.near, found.given) == ({"PIR0202"}, set())
    wrong = shown("syntax", {"value": ["tpo"]}, near=["PIR0202"])
    assert (wrong.near, wrong.untrue) == (set(), ("comes near to PIR0202, and gives it",))


@pytest.mark.parametrize(
    ("kind", "input", "refused"),
    [
        ("admission", {"term": ["and", ["top"], ["is", "x"]]}, {"is"}),
        ("syntax", {"value": ["not"]}, {"not"}),
        ("syntax", {"value": ["not", ["lit", 1]]}, {"lit"}),
        ("syntax", {"text": '["not", ["cmp", "price_in", "like", 1]]'}, {"cmp"}),
        ("admission", {"term": ["always", {"action": "abort", "attempts": 99}]}, {"always"}),
        ("policy", {"policy": POLICY, "floor": {"filter": ["known", "x"]}, "candidates": []}, {"known"}),
        ("policy", {"policy": POLICY, "candidates": [{"id": 1}]}, set()),
        ("syntax", {"value": ["tpo"]}, set()),
        ("syntax", {"text": "[["}, set()),
        ("identity", {"term": ["and", ["known", "price_in"], ["top"]]}, {"known"}),
    ],
)  # fmt: skip
def test_an_operation_is_refused_at_the_innermost_node_of_a_pointer(
    kind: str, input: dict[str, Any], refused: set[str]
) -> None:
    found = shown(kind, input)
    assert found.refused == refused
    assert found.ran == set()


@pytest.mark.parametrize(
    ("kind", "input", "ran"),
    [
        ("admission", {"term": ["not", ["provider_eq", "top"]]}, {"not", "provider_eq"}),
        ("syntax", {"text": '["chain", [{"provider": "and", "model": "or"}]]'}, {"chain"}),
        ("syntax", {"value": ["filter_text", ["id", "seq"]]}, {"filter_text"}),
        ("policy", {"policy": ["policy", ["top"], ["zero"], ["ordered"], ["id"], ["always", {"action": "abort"}]],
                    "floor": {"filter": ["bot"]}, "candidates": []},
         {"policy", "top", "zero", "ordered", "id", "always", "bot"}),
    ],
)  # fmt: skip
def test_an_operation_occurs_where_it_heads_a_term(kind: str, input: dict[str, Any], ran: set[str]) -> None:
    assert shown(kind, input).ran == ran


def test_every_rule_of_evaluation_belongs_to_an_operation() -> None:
    assert {operation_of(rule) for rule in RULES} == set(SIGNATURE)


# --- the whole -----------------------------------------------------------------------------------------------


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return write_suite(tmp_path)


def test_everything_of_the_language_is_asked_for(suite: Path) -> None:
    found = measure(load_suite(suite))
    asked = {one.id for one in found.subjects}
    assert asked == {*spec_rules(), *LANGUAGE_CODES, *SIGNATURE}
    assert {*RULES, *FAILOVER_RULES, *(one.id for one in EQUATIONS)} <= asked
    assert not found.holds


def test_what_is_exempt_is_not_missing_unless_it_is_covered(suite: Path) -> None:
    def of(id: str, *exemptions: Exemption) -> Any:
        return next(one for one in measure(load_suite(suite), exemptions).subjects if one.id == id)

    assert of("and/accept").missing == ("passed", "denied")
    assert of("and/accept", Exemption("and/accept", "Why.")).missing == ()
    assert of("and/accept", Exemption("and/accept", "Why.", "passed")).missing == ("denied",)
    covered = of("known/accept", Exemption("known/accept", "Why."))
    assert covered.needless == ("passed",)
    assert measure(load_suite(suite), [Exemption("no/rule", "Why.")]).unknown == ("no/rule",)


def test_an_untrue_claim_is_reported_with_its_vector(suite: Path) -> None:
    about = {"syntax/json/null": {"near": ["PIR0115"]}}
    found = measure(load_suite(write_suite(suite / "wrong", about=about)))
    assert found.untrue == (("syntax/json/null", "comes near to PIR0115, and gives it"),)


def test_the_suite_shows_every_rule_equation_code_and_operation_both_ways() -> None:
    found = measure(load_suite())
    assert {one.id: one.missing for one in found.missing} == {}
    assert {one.id: one.needless for one in found.needless} == {}
    assert found.untrue == ()
    assert found.unknown == ()
    assert found.holds


def test_every_exemption_says_why_in_a_sentence() -> None:
    exemptions = read_exemptions(load_suite().root)
    assert exemptions
    assert [one.id for one in exemptions if not (one.why.endswith(".") and one.why[0].isupper())] == []
