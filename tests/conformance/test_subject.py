"""This implementation as a subject. What it answers rightly the vectors say; here is the rest."""

from __future__ import annotations

import copy
import io
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_ir.conformance.subject import FEATURES, KINDS, NotARequest, answer, hello, serve
from policy_ir.flow.admission import admit_flow
from policy_ir.flow.loading import load_flow
from policy_ir.vocabulary import vocabulary

A = {"id": "a", "provider": "p", "family": "m", "fields": {"price_in": 1}}
B = {"id": "b", "provider": "q", "family": "m"}
POLICY = ["policy", ["top"], ["field", "price_in"], ["argmax"], ["id"], ["always", {"action": "abort"}]]
FLOW = ["flow", {"ask": ["input"], "draft": ["llm", {"system": "", "policy": POLICY, "inputs": ["ask"]}],
                 "out": ["output", "draft"]}]  # fmt: skip
MESSAGES = [{"role": "user", "content": "hello"}]
INPUTS: dict[str, dict[str, Any]] = {
    "syntax": {"text": '["top"]'},
    "admission": {"term": ["top"]},
    "normal-form": {"term": ["not", ["not", ["meets_req"]]]},
    "encoding": {"term": ["top"]},
    "decoding": {"bytes": "826b706f6c6963792d69722f318163746f70"},
    "identity": {"term": ["top"]},
    "vocabulary": {"vocabulary": "core"},
    "floor": {"floor": ["top"], "policy": POLICY},
    "snapshot": {"candidates": [A, B]},
    "facts": {"facts": {"needs": ["tools"]}},
    "predicate": {"term": ["cmp", "price_in", "lt", 2], "candidates": [A, B]},
    "score": {"term": ["field", "price_in"], "candidates": [A, B]},
    "order": {"term": ["argmax"], "candidates": [A, B]},
    "transform": {"term": ["id"], "candidates": [A], "request": {}},
    "failure": {"term": ["always", {"action": "abort"}], "reason": "timeout"},
    "failover": {"term": ["always", {"action": "abort"}], "reason": "timeout", "ordered": [["p", "m"]],
                 "position": 0, "retries": 0},
    "policy": {"policy": POLICY, "candidates": [A, B]},
    "step": {"term": POLICY, "candidates": [A, B]},
    "work": {"term": POLICY, "count": 2},
    "lint": {"term": POLICY},
    "print": {"text": '["top"]', "to": "authoring"},
    "import": {"format": "openrouter", "document": {"data": []}},
    "compare": {"old": [A], "new": [A, B]},
    "flow-syntax": {"text": json.dumps(FLOW)},
    "flow-admission": {"flow": FLOW},
    "flow-lint": {"flow": FLOW},
    "flow-encoding": {"flow": FLOW},
    "flow-decoding": {"bytes": admit_flow(load_flow(FLOW), vocabulary("standard")).canonical_bytes.hex()},
    "flow-print": {"text": json.dumps(FLOW), "to": "authoring"},
    "assembly": {"system": "", "inputs": ["a", MESSAGES]},
    "flow-calls": {"flow": FLOW, "candidates": [A, B], "body": {"messages": MESSAGES}},
    "schedule": {"flow": FLOW, "messages": MESSAGES, "answers": {"draft": {"text": "x"}}, "priority": []},
}  # fmt: skip


def codes(reply: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(found["code"], found["pointer"]) for found in reply["refused"]]


# --- requests -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_answered(kind: str) -> None:
    assert list(answer(kind, INPUTS[kind])) == ["result"]


@pytest.mark.parametrize(
    ("kind", "without"),
    [(kind, name) for kind, input in INPUTS.items() for name in input if (kind, name) not in
     {("vocabulary", "vocabulary"), ("facts", "facts"), ("print", "to"), ("flow-print", "to")}],
)  # fmt: skip
def test_an_input_without_a_member_that_its_kind_needs_is_no_request(kind: str, without: str) -> None:
    with pytest.raises(NotARequest, match=r"missing|due|no list"):
        answer(kind, {name: value for name, value in INPUTS[kind].items() if name != without})


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("no-such-kind", {}),
        ("syntax", {"value": ["top"]}),
        ("syntax", {"text": 5}),
        ("syntax", {"sort": "Predicate"}),
        ("syntax", {"syntax": "json"}),
        ("admission", {"as": "predicate"}),
        ("admission", {"vocabulary": "mine.json"}),
        ("decoding", {"bytes": "xyz"}),
        ("decoding", {"as": "value"}),
        ("snapshot", {"state": {"a": 5}}),
        ("order", {"scores": [1]}),
        ("order", {"scores": [1, "infinite"]}),
        ("order", {"scores": [1, True]}),
        ("transform", {"candidates": [A, B]}),
        ("step", {"term": ["top"]}),
        ("failover", {"position": 1}),
        ("failover", {"retries": -1}),
        ("failover", {"retries": 0.5}),
        ("failover", {"ordered": [["p"]]}),
        ("work", {"count": True}),
        ("import", {"format": "csv"}),
        ("flow-syntax", {"value": FLOW}),
        ("flow-syntax", {"syntax": "json"}),
        ("flow-decoding", {"bytes": "xyz"}),
        ("assembly", {"system": None}),
        ("assembly", {"inputs": [5]}),
        ("assembly", {"template": 5}),
        ("schedule", {"priority": [1]}),
        ("schedule", {"answers": {"draft": "x"}}),
        ("schedule", {"answers": {"draft": {"text": "x", "failed": "y"}}}),
    ],
    ids=str,
)
def test_what_is_no_request_of_its_kind_is_not_answered(kind: str, changed: dict[str, Any]) -> None:
    with pytest.raises(NotARequest):
        answer(kind, INPUTS.get(kind, {}) | changed)


def test_a_record_that_the_language_has_no_bytes_for_is_no_request() -> None:
    for value in (None, [None], 10**400, "\ud800"):
        with pytest.raises(NotARequest, match="is no value of the language"):
            answer("encoding", {"tag": "facts/1", "value": value})


# --- the order of parts -------------------------------------------------------------------------------------


def test_the_parts_of_an_input_are_looked_at_in_the_order_of_the_table() -> None:
    wrong: dict[str, Any] = {
        "vocabulary": {},
        "policy": ["top"],
        "floor": {"filter": ["zero"]},
        "candidates": [A, A],
        "facts": {"needs": ["nothing"]},
        "body": 5,
        "seed": -1,
        "work_limit": 0,
    }
    mended: dict[str, Any] = {
        "vocabulary": "standard",
        "policy": POLICY,
        "floor": ["top"],
        "candidates": [A],
        "facts": {},
        "body": {"messages": []},
        "seed": 1,
    }
    seen = []
    for name in mended:
        seen += codes(answer("policy", wrong))
        wrong[name] = mended[name]
    seen += codes(answer("policy", wrong))
    assert [code for code, _ in seen] == [
        *("PIR0701", "PIR0701", "PIR0213", "PIR0203", "PIR0603", "PIR0712", "PIR0720", "PIR0730", "PIR0309")
    ]


def test_a_term_of_another_sort_than_its_kind_asks_for_is_refused() -> None:
    for kind in ("predicate", "order", "transform", "failure", "failover"):
        assert codes(answer(kind, INPUTS[kind] | {"term": ["zero"]})) == [("PIR0203", "")]
    assert codes(answer("score", INPUTS["score"] | {"term": ["top"]})) == [("PIR0203", "")]
    for kind in ("floor", "policy"):
        assert codes(answer(kind, INPUTS[kind] | {"policy": ["top"]})) == [("PIR0213", "")]
    assert codes(answer("admission", {"term": ["top"], "as": "policy"})) == [("PIR0213", "")]


def test_findings_about_candidates_point_as_into_a_file_of_them() -> None:
    assert codes(answer("predicate", {"term": ["top"], "candidates": [A, B | {"id": "a"}]})) == [
        ("PIR0603", "/candidates/1/id")
    ]
    assert codes(answer("compare", {"old": [A], "new": [{}]}))[0] == ("PIR0606", "/candidates/0")


def test_a_catalogue_text_is_read_under_its_own_vocabulary_where_no_other_is_given() -> None:
    text = json.dumps({"catalog": 1, "vocabulary": "core", "candidates": [A | {"fields": {"bench_coding": 1}}]})
    assert codes(answer("snapshot", {"text": text})) == [("PIR0604", "/candidates/0/fields/bench_coding")]
    assert "result" in answer("snapshot", {"text": text, "vocabulary": "standard"})


def test_steps_name_the_candidate_that_they_are_about() -> None:
    term = ["gate", ["test", ["field", "price_in"], "lt", 2], ["lit", 1]]
    result = answer("step", {"term": term, "candidates": [A, B]})["result"]
    assert [(step["rule"], step["candidate"]) for step in result["steps"]] == [
        ("lit/score", None),
        ("field/score", None),  # a population of one, which the `test` makes
        ("test/accept", "a"),
        ("gate/open", "a"),
        ("field/score", None),
        ("test/reject", "b"),
        ("gate/shut", "b"),
        ("gate/score", None),
    ]
    assert result["charge"] == 2 + (1 + 1 + 1) * 2 + 2
    assert result["value"] == {"scores": [1, 0]}


# --- robustness ---------------------------------------------------------------------------------------------

JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from(
        [0, -0.0, -1, 0.5, 1e308, 2**53, 10**400, float("inf"), "", "top", "standard", "\ud800", "é" * 200]
    )
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


def places(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to every value inside a value."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for key, part in parts for way in [(*before, key), *places(part, (*before, key))]]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(kind=st.sampled_from(sorted(INPUTS)), data=st.data())
def test_whatever_a_part_is_the_answer_is_one_and_the_input_stays_as_it_was(kind: str, data: st.DataObject) -> None:
    input = copy.deepcopy(INPUTS[kind])
    *way, last = data.draw(st.sampled_from(places(input)))
    target: Any = input
    for key in way:
        target = target[key]
    target[last] = data.draw(JUNK)
    before = repr(input)
    try:
        reply = answer(kind, input)
    except NotARequest:
        return
    assert repr(input) == before
    assert reply.keys() in ({"result"}, {"refused"})
    assert reply.get("refused") != []
    again = answer(kind, input)
    assert repr(again) == repr(reply)


# --- the protocol -------------------------------------------------------------------------------------------


def exchange(*lines: bytes) -> list[dict[str, Any]]:
    output = io.BytesIO()
    serve(io.BytesIO(b"".join(line + b"\n" for line in lines)), output)
    return [json.loads(line) for line in output.getvalue().splitlines()]


def request(id: object, kind: object, input: object) -> bytes:
    return json.dumps({"type": "request", "id": id, "kind": kind, "input": input}).encode()


def test_each_line_is_answered_by_one_in_their_order() -> None:
    said = exchange(
        b'{"type": "hello", "protocol": 1, "runner": "a test"}',
        request("1", "admission", {"term": ["top"]}),
        request("2", "admission", {"term": ["nothing"]}),
    )
    assert said[0] == hello()
    assert said[1] == {"id": "1", "result": {"sort": "Pred"}}
    assert said[2]["id"] == "2"
    assert codes(said[2]) == [("PIR0202", "/0")]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"garbage",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 100_000,
        request("1", "no-such-kind", {}),
        request("1", "admission", {}),
        request("1", "admission", []),
        request("1", 5, {}),
        b'{"id": "1", "kind": "transform", "input": {"term": ["id"], "candidates": [{"id": "a", "provider": "p", '
        b'"family": "m"}], "request": {"x": 1e999}}}',
    ],
)
def test_a_line_that_is_no_request_is_answered_with_an_error_and_the_next_one_as_ever(line: bytes) -> None:
    first, second = exchange(line, request("2", "admission", {"term": ["top"]}))
    assert first["error"]
    assert "result" not in first
    assert second == {"id": "2", "result": {"sort": "Pred"}}


def test_the_hello_names_every_kind_and_feature_and_wants_all_findings_compared() -> None:
    said = hello()
    assert said["kinds"] == list(KINDS)
    assert said["features"] == list(FEATURES)
    assert said["findings"] == "all"
    assert said["language"] == ["policy-ir/1"]


def test_a_reply_is_there_before_the_next_request_is_written() -> None:
    command = "import sys; from policy_ir.conformance.subject import serve; serve(sys.stdin.buffer, sys.stdout.buffer)"
    with subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for id in ("1", "2"):
            program.stdin.write(request(id, "admission", {"term": ["top"]}) + b"\n")
            program.stdin.flush()
            assert json.loads(program.stdout.readline())["id"] == id
        program.stdin.close()
        assert program.wait(10) == 0
