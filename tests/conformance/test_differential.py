"""Random requests, answered by the reference and by another implementation."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from time import monotonic
from typing import Any

import pytest
from commands import command
from programs import javascript_subject

from policy_ir.conformance.differential import CASES, search
from policy_ir.conformance.differential.reduce import reduced
from policy_ir.conformance.differential.search import drawn
from policy_ir.conformance.subject import FEATURES, KINDS
from policy_ir.signature import SIGNATURE

SUBJECT = """
import json, sys
from policy_ir.conformance.subject import answer, hello
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "hello":
        reply = hello()
    else:
        reply = {"id": message["id"], **answer(message["kind"], message["input"])}
        %s
    print(json.dumps(reply), flush=True)
"""


def subject(change: str = "pass") -> list[str]:
    return [sys.executable, "-c", SUBJECT % change]


def with_a_three(inputs: Sequence[Any]) -> Any | None:
    return next((value for value in inputs if "3" in json.dumps(value)), None)


def test_a_value_is_reduced_to_what_still_holds() -> None:
    value = {"a": [["x", 1, ["y", 3]], "long" * 40], "b": {"c": 0.5, "d": [3]}}
    assert reduced(value, with_a_three) in ({"a": 3}, {"b": {"d": [3]}}, {"a": [3]})


def test_reducing_ends_when_so_many_values_were_asked_about() -> None:
    asked: list[Any] = []

    def never(inputs: Sequence[Any]) -> None:
        asked.extend(inputs)

    value = [[n] for n in range(300)]
    assert reduced(value, never, batch=10, tries=40) is value
    assert len(asked) == 40


def test_every_kind_that_needs_no_feature_but_those_of_operations_is_drawn() -> None:
    rest = {"vocabulary", "floor", "print", "compare"}  # what random input says little about
    assert {case.kind for case in CASES.values()} == set(KINDS) - rest
    assert {name for case in CASES.values() for name in case.features} <= set(FEATURES)


def test_the_requests_are_a_function_of_the_seed() -> None:
    case = CASES["policies"]
    once, again, other = (drawn(case, seed) for seed in ("7", "7", "8"))
    assert once == again != other


def test_every_operation_is_drawn() -> None:
    written = json.dumps([drawn(CASES[name], "1") for name in ("normal-forms", "policies", "customs")])
    assert [name for name in SIGNATURE if f'["{name}"' not in written] == []


def test_an_implementation_does_not_disagree_with_itself() -> None:
    found = search(subject(), count=500, seed=1, cases=["failovers", "chats"])
    assert not found.disagreements
    assert found.asked == {"failovers": 250, "chats": 250}
    assert sum(found.skipped.values()) == 0


def test_a_disagreement_is_found_and_made_small() -> None:
    slip = """if message["kind"] == "work" and "sample" in line and "result" in reply: reply["result"]["work"] += 1"""
    found = search(subject(slip), count=1000, seed=1, cases=["work", "failovers"])
    (one,) = found.disagreements
    assert (one.case, one.kind) == ("work", "work")
    assert one.input == {"term": ["sample", 0], "count": 0}
    assert one.expect == {"result": {"work": 0}}
    assert one.message == "/result/work: expected 0, got 1"
    assert found.asked["failovers"] >= 250


def test_a_fault_of_the_subject_is_reduced_to_a_fault_and_not_to_something_else() -> None:
    slip = """if "known" in line: reply = {"id": message["id"], "error": "known is not known"}"""
    (one,) = search(subject(slip), count=500, seed=1, cases=["predicates"]).disagreements
    assert one.message == "the subject reports an error: known is not known"
    assert one.input["term"] == "known" or one.input["term"][0] == "known"


def test_a_difference_is_not_reduced_to_a_crash() -> None:
    slip = """if message["kind"] == "work": reply["result"] = {"work": -1 - message["input"]["count"]}"""
    (one,) = search(subject(slip), count=250, seed=1, cases=["work"]).disagreements
    assert "count" in one.input  # without it the subject ends with a traceback
    assert one.message.startswith("/result/work: ")


def test_a_subject_that_hangs_is_not_waited_for_time_and_again() -> None:
    begun = monotonic()
    hangs = subject("import time; time.sleep(60)")
    found = search(hangs, count=1000, seed=1, cases=["work", "failures"], time_limit=0.5)
    assert [one.message for one in found.disagreements] == ["no reply within 0.5 s"] * 2
    assert monotonic() - begun < 60


def test_a_subject_without_a_feature_is_not_asked_about_it() -> None:
    without = [sys.executable, "-c", SUBJECT.replace("hello()", 'hello() | {"features": []}') % "pass"]
    found = search(without, count=100, seed=1, cases=["lints", "work"])
    assert (found.asked["lints"], found.asked["work"]) == (0, 250)
    assert found.skipped["lints"] == 250


def test_a_search_ends_where_the_subject_answers_none_of_the_cases() -> None:
    without = [sys.executable, "-c", SUBJECT.replace("hello()", 'hello() | {"kinds": ["vocabulary"]}') % "pass"]
    assert sum(search(without, count=100, seed=1, cases=["work"]).asked.values()) == 0


def test_the_families_that_need_a_feature_can_be_asked_alone() -> None:
    fuzz = ("conformance", "fuzz", "--count", 1, "--format", "json")
    ended = command(*fuzz, "--feature", "peer", "--", *subject())
    assert (ended.code, ended.json["seed"], ended.json["asked"]) == (0, 1, {"identities": 250})
    both = command(*fuzz, "--feature", "lints", "--case", "lints", "--case", "work", "--", *subject())
    assert both.json["asked"] == {"lints": 250}
    none = command(*fuzz, "--feature", "flow", "--", *subject())
    assert (none.code, none.out) == (2, "")
    assert "no family of requests needs the feature `flow`" in none.err


def test_of_mangled_authoring_texts_the_verdict_is_compared_and_by_name_the_codes_are() -> None:
    slip = """if "refused" in reply: reply["refused"][0]["code"] = "PIR0102" """
    assert not search(subject(slip), count=1, seed=1, cases=["mangled-authoring"], batch=60).disagreements
    (one,) = search(subject(slip), count=1, seed=1, cases=["authoring-codes"], batch=60).disagreements
    assert one.message.startswith("/refused/0/code: expected PIR")
    accepts = """if "refused" in reply: reply = {"id": message["id"], "result": {}}"""
    (one,) = search(subject(accepts), count=1, seed=1, cases=["mangled-authoring"], batch=60).disagreements
    assert one.message.startswith("expected a refusal")


@pytest.mark.parametrize("case", [name for name, case in CASES.items() if case.share])
def test_python_and_javascript_do_not_disagree(case: str) -> None:
    found = search(javascript_subject(), count=1, seed=20, cases=[case], batch=60)
    assert [one.to_json() for one in found.disagreements] == []
