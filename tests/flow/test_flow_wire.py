"""The wire form of flows: what is one, what is refused, and where."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flow_values import POLICY, call, findings, flow, policy, read, refusal_of, refusal_of_text, wide
from hypothesis import given

from policy_ir.diagnostics import Diagnostic, InternalError, Refused
from policy_ir.flow import diagnose as diagnosing
from policy_ir.flow.canonical import flow_value
from policy_ir.flow.loading import Unloadable, build_flow, load_flow
from policy_ir.flow.reading import parse_flow
from policy_ir.flow.tree import Flow, Input, Llm, Output
from policy_ir.terms import MeetsReq
from policy_ir.testing.flow_strategies import flow_values, malformed_flows, refused_flows

DEEP: Any = ["top"]
for _ in range(63):
    DEEP = ["not", DEEP]


def test_a_flow_is_a_record_of_nodes_by_name() -> None:
    loaded = load_flow(flow(draft=call("ask", template="$1", on_error="input")))
    assert list(loaded.nodes) == ["ask", "draft", "answer"]
    assert loaded.nodes["ask"] == Input()
    assert loaded.nodes["answer"] == Output("draft")
    draft = loaded.nodes["draft"]
    assert isinstance(draft, Llm)
    assert (draft.system, draft.inputs, draft.template, draft.on_error) == ("Answer.", ("ask",), "$1", "input")
    assert draft.policy.filter == MeetsReq()
    assert loaded.calls == {"draft": draft}


def test_where_a_policy_stands_is_no_part_of_its_origins() -> None:
    draft = load_flow(flow()).calls["draft"]
    assert draft.policy.origin is not None
    assert draft.policy.origin.pointer == ""
    assert draft.policy.filter.origin is not None
    assert draft.policy.filter.origin.pointer == "/1"


def test_what_a_node_does_not_say_has_a_default() -> None:
    draft = load_flow(flow()).calls["draft"]
    assert (draft.template, draft.on_error) == (None, "fail")


def test_tuples_and_subclasses_stand_for_what_they_are() -> None:
    class Word(str):
        __slots__ = ()

    value = (Word("flow"), {Word("ask"): (Word("input"),), "a": ("llm", {"system": Word("s"), Word("policy"): POLICY,
             "inputs": (Word("ask"),)})})  # fmt: skip
    loaded = load_flow(value)
    assert {type(name) for name in loaded.nodes} == {str}
    assert type(loaded.calls["a"].system) is str


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({}, ("PIR1001", "")),
        ([], ("PIR1001", "")),
        (["flow"], ("PIR1001", "")),
        (["flow", []], ("PIR1001", "")),
        (["flow", None], ("PIR1001", "")),
        (["flow", {}, {}], ("PIR1001", "")),
        ([1, {}], ("PIR1001", "")),
        (POLICY, ("PIR1001", "")),
        (flow(ask=[]), ("PIR1002", "/1/ask")),
        (flow(ask="input"), ("PIR1002", "/1/ask")),
        (flow(ask=[[]]), ("PIR1002", "/1/ask")),
        (flow(ask=["inputs"]), ("PIR1002", "/1/ask/0")),
        (flow(draft=["call", {}]), ("PIR1002", "/1/draft/0")),
        (flow(ask=["input", 1]), ("PIR1003", "/1/ask")),
        (flow(draft=["llm"]), ("PIR1003", "/1/draft")),
        (flow(answer=["output", "draft", "ask"]), ("PIR1003", "/1/answer")),
        (flow(draft=["llm", []]), ("PIR1004", "/1/draft/1")),
        (flow(answer=["output", 1]), ("PIR1004", "/1/answer/1")),
        (flow(draft=call("ask", system=1)), ("PIR1004", "/1/draft/1/system")),
        (flow(draft=call("ask", template=[])), ("PIR1004", "/1/draft/1/template")),
        (flow(draft=call("ask", inputs="ask")), ("PIR1004", "/1/draft/1/inputs")),
        (flow(draft=call("ask", inputs=["ask", 1])), ("PIR1004", "/1/draft/1/inputs/1")),
        (flow(draft=call("ask", on_error=True)), ("PIR1004", "/1/draft/1/on_error")),
        (flow(draft=call("ask", sytem="")), ("PIR1005", "/1/draft/1/sytem")),
        (flow(draft=call("ask", on_error="skip")), ("PIR1007", "/1/draft/1/on_error")),
        (flow(**{"first-draft": call("ask")}), ("PIR1008", "/1/first-draft")),
        (flow(**{"": call("ask")}), ("PIR1008", "/1/")),
        (flow(**{"1a": call("ask")}), ("PIR1008", "/1/1a")),
        (flow(é=call("ask")), ("PIR1008", "/1/é")),
        (flow(**{"a\n": call("ask")}), ("PIR1008", "/1/a\n")),
        (flow(**{"n" * 65: call("ask")}), ("PIR1008", "/1/" + "n" * 65)),
        (flow(draft=call("ask", policy=["top"])), ("PIR0203", "/1/draft/1/policy")),
        (flow(draft=call("ask", policy=policy(DEEP))), ("PIR0301", "/1/draft/1/policy/1" + "/1" * 63)),
    ],
)
def test_what_is_no_flow_is_refused_where_it_is_wrong(value: Any, found: tuple[str, str]) -> None:
    assert refusal_of(value)[0] == found
    try:
        text = json.dumps(value)
    except ValueError:
        return
    if None not in value:
        assert refusal_of_text(text)[0] == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, ("PIR0115", "")),
        (flow(), None),
        (["flow", {1: ["input"]}], ("PIR0214", "/1")),
        (["flow", {"\ud800": ["input"]}], ("PIR0113", "/1")),
        (["flow", {"a": {1, 2}}], ("PIR0214", "/1/a")),
        (["flow", {"a": ["inp\udc00ut"]}], ("PIR0113", "/1/a/0")),
        (flow(answer=["output", "dr\ud800"]), ("PIR0113", "/1/answer/1")),
        (flow(draft=["llm", float("nan")]), ("PIR0112", "/1/draft/1")),
        (flow(draft=call("ask", system="\ud800")), ("PIR0113", "/1/draft/1/system")),
        (flow(draft=call("ask", inputs=["\ud800"])), ("PIR0113", "/1/draft/1/inputs/0")),
        (flow(draft=["llm", {"system": "", 1: 2}]), ("PIR0214", "/1/draft/1")),
    ],
)
def test_what_json_forbids_is_found_where_it_stands(value: Any, found: tuple[str, str] | None) -> None:
    assert refusal_of(value)[:1] == ([] if found is None else [found])


def test_what_a_node_lacks_is_found_for_each_key_in_the_order_of_the_table() -> None:
    with pytest.raises(Refused) as caught:
        read(flow(draft=["llm", {}]))
    found = caught.value.diagnostics
    assert [str(one.code) for one in found] == ["PIR1006"] * 3
    assert [one.expected and one.expected.partition(":")[0] for one in found] == ["`system`", "`policy`", "`inputs`"]
    text = json.dumps(flow(draft=["llm", {}]))
    assert {one.span and text[one.span.start : one.span.end] for one in found} == {"}"}


def test_a_finding_about_a_key_has_the_place_of_the_key() -> None:
    value = flow(draft=call("ask", extra="x"), **{"9": ["input"]})
    with pytest.raises(Refused) as caught:
        read(value)
    text = json.dumps(value)
    shown = [text[one.span.start : one.span.end] for one in caught.value.diagnostics if one.span]
    assert shown == ['"extra"', '"9"']


def test_all_that_is_wrong_is_found_in_the_order_of_the_text() -> None:
    wrong = flow(
        ask=["in"],
        draft=["llm", {"system": 1, "policy": policy(["tpo"]), "inputs": [2], "on_error": "x", "max": 1}],
        answer=["output"],
    )
    codes = ["PIR1002", "PIR1004", "PIR0202", "PIR1004", "PIR1007", "PIR1005", "PIR1003"]
    assert [code for code, _ in refusal_of(wrong)] == codes
    assert [code for code, _ in refusal_of_text(json.dumps(wrong))] == codes


def test_a_name_comes_before_its_node() -> None:
    assert refusal_of(["flow", {"1": ["x"]}]) == [("PIR1008", "/1/1"), ("PIR1002", "/1/1/0")]


def test_at_most_a_hundred_findings_are_reported() -> None:
    assert len(refusal_of(["flow", {f"n{at}": [] for at in range(200)}])) == 100
    assert len(refusal_of(wide([policy(["and", *[["x"]] * 60])] * 10))) == 100


def test_the_other_words_for_a_kind_are_understood() -> None:
    with pytest.raises(Refused) as caught:
        load_flow(flow(draft=["agent", {}], answer=["outputs", "draft"]))
    assert [one.help for one in caught.value.diagnostics] == ["did you mean `llm`?", "did you mean `output`?"]


# --- bounds -----------------------------------------------------------------------------------------------------

BIG = policy(["and", *[["top"]] * 4090])
"""4096 nodes: the policy, its `and`, the rest of it, and tops."""


def test_a_flow_has_256_nodes_at_most_and_of_more_nothing_is_looked_at() -> None:
    most = {f"n{at}": ["input"] for at in range(256)}
    assert len(load_flow(["flow", most]).nodes) == 256
    assert refusal_of(["flow", {**most, "one more": None}]) == [("PIR1010", "/1")]


def test_a_node_has_32_inputs_at_most_and_of_more_none_is_looked_at() -> None:
    assert len(load_flow(flow(draft=call(*["ask"] * 32))).calls["draft"].inputs) == 32
    assert refusal_of(flow(draft=call("ask", inputs=[None] * 33))) == [("PIR1011", "/1/draft/1/inputs")]


@pytest.mark.parametrize("key", ["system", "template"])
def test_a_prompt_has_32768_bytes_at_most(key: str) -> None:
    assert load_flow(flow(draft=call("ask", **{key: "é" * 16384})))
    assert load_flow(flow(draft=call("ask", **{key: "e" * 32768})))
    for text in ("é" * 16384 + "e", "e" * 32769):
        assert refusal_of(flow(draft=call("ask", **{key: text}))) == [("PIR1012", f"/1/draft/1/{key}")]


def test_prompts_have_a_mebibyte_together_at_most_and_nothing_after_that_is_looked_at() -> None:
    most = wide([POLICY] * 32, system="x" * 32768)
    assert len(load_flow(most).calls) == 32
    most[1] |= {"more": call("ask", system="x", nothing=1), "after": None}
    # JSON forbids the null wherever it stands, so it is found before.
    assert refusal_of(most) == [("PIR0115", "/1/after"), ("PIR1013", "/1/more/1/system")]
    del most[1]["after"]
    most[1]["more"] = call("ask", system="x" * 32769)
    assert refusal_of(most) == [("PIR1012", "/1/more/1/system"), ("PIR1013", "/1/more/1/system")]


def test_policies_have_65536_nodes_together_at_most_and_nothing_after_that_is_looked_at() -> None:
    assert len(load_flow(wide([BIG] * 16)).calls) == 16
    over = wide([BIG] * 17)
    over[1]["call_16"][1]["nothing"] = 1
    assert refusal_of(over) == [("PIR1014", "/1/call_16/1/policy")]


def test_a_refused_policy_counts_as_far_as_it_was_looked_at() -> None:
    larger = policy(["and", *[["top"]] * 4091])
    found = refusal_of(wide([larger] * 16))
    assert [code for code, _ in found] == ["PIR0302"] * 15 + ["PIR1014", "PIR0302"]


# --- agreement --------------------------------------------------------------------------------------------------


@given(flow_values())
def test_a_flow_that_is_loaded_has_its_value_again(value: list[Any]) -> None:
    loaded = load_flow(value)
    assert load_flow(flow_value(loaded)) == loaded
    document = read(value)
    assert document.flow == loaded
    assert list(document.flow.nodes if document.flow else ()) == list(loaded.nodes)


@given(malformed_flows())
def test_the_diagnosis_finds_something_in_exactly_the_values_that_the_loader_refuses(value: Any) -> None:
    try:
        made: Flow | None = build_flow(value)
    except Unloadable:
        made = None
    assert (made is None) == bool(diagnosing.diagnose_flow(value))


@given(malformed_flows(json_only=True))
def test_a_text_is_refused_for_what_its_value_is_refused_for(value: Any) -> None:
    if diagnosing.diagnose_flow(value):
        with pytest.raises(Refused) as caught:
            parse_flow(json.dumps(value), syntax="wire")
        assert all(one.span is not None for one in caught.value.diagnostics)
        if str(caught.value.diagnostics[0].code).startswith("PIR10"):
            found = findings(caught.value)
            assert len(found) == 100 or sorted(map(str, found)) == sorted(
                str((str(one.code), one.pointer)) for one in diagnosing.diagnose_flow(value)
            )


@given(refused_flows())
def test_what_is_wrong_is_among_the_findings(case: tuple[Any, list[Any]]) -> None:
    code, value = case
    assert str(code) in [found for found, _ in refusal_of(value)]


def test_a_loader_that_refuses_what_is_right_says_that_it_is_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> list[Diagnostic]:
        return []

    monkeypatch.setattr(diagnosing, "diagnose_flow", nothing)
    with pytest.raises(InternalError):
        load_flow([])
    with pytest.raises(InternalError):
        parse_flow("[]")
