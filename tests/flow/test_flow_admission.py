"""Admission of flows: names, templates, the graph, and the policies under a vocabulary and a floor."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from flow_values import POLICY, STANDARD, admitted, call, findings, flow, policy, read, refusal_of, refusal_of_text
from hypothesis import given

from policy_ir.admission import admit_policy
from policy_ir.diagnostics import Refused
from policy_ir.floor import effective, read_floor
from policy_ir.flow.admission import AdmittedFlow, admit_flow, check_flow
from policy_ir.flow.canonical import flow_bytes
from policy_ir.flow.document import FlowDocument
from policy_ir.flow.loading import load_flow
from policy_ir.flow.tree import Flow, Llm
from policy_ir.syntax.loader import load
from policy_ir.terms import MeetsReq, Policy
from policy_ir.testing.flow_strategies import admitted_flows

PLAIN = load(POLICY)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (flow(draft=call("ask", policy=policy(["is", "nonesuch"]))), [("PIR0401", "/1/draft/1/policy/1/1")]),
        (flow(draft=call("ask", "nobody")), [("PIR1022", "/1/draft/1/inputs/1")]),
        (flow(answer=["output", "nobody"]), [("PIR1022", "/1/answer/1")]),
        (flow(more=call("answer")), [("PIR1023", "/1/more/1/inputs/0")]),
        (
            flow(draft=call("ask", "ask", "ask")),
            [("PIR1024", "/1/draft/1/inputs/1"), ("PIR1024", "/1/draft/1/inputs/2")],
        ),
        (flow(answer=["output", "ask"], draft=None), [("PIR1029", "/1/answer/1")]),
        (flow(answer=["output", "answer"]), [("PIR1029", "/1/answer/1"), ("PIR1025", "/1/answer")]),
        (flow(ask=None), [("PIR1022", "/1/draft/1/inputs/0"), ("PIR1020", "/1")]),
        (flow(b=["input"], c=["input"]), [("PIR1020", "/1/b"), ("PIR1020", "/1/c")]),
        (flow(answer=None), [("PIR1021", "/1")]),
        (flow(b=["output", "draft"], c=["output", "draft"]), [("PIR1021", "/1/b"), ("PIR1021", "/1/c")]),
        (["flow", {}], [("PIR1020", "/1"), ("PIR1021", "/1")]),
        (flow(draft=call("ask", "draft")), [("PIR1025", "/1/draft")]),
        (flow(draft=call("ask", "b"), b=call("c"), c=call("b", "draft")), [("PIR1025", "/1/draft")]),
        (flow(rules=call(), draft=call("ask", "rules")), [("PIR1026", "/1/rules")]),
        (flow(more=call("draft")), [("PIR1027", "/1/more")]),
        (flow(more=call()), [("PIR1026", "/1/more"), ("PIR1027", "/1/more")]),
        (flow(draft=call()), [("PIR1026", "/1/draft"), ("PIR1026", "/1/answer"), ("PIR1027", "/1/ask")]),
    ],
)
def test_each_rule_refuses_what_breaks_it(value: Any, found: list[tuple[str, str]]) -> None:
    assert refusal_of(value) == found
    assert sorted(refusal_of_text(json.dumps(value))) == sorted(found)


@pytest.mark.parametrize("template", ["$0", "$3", "$01", "$00", "$1 $2 $10", "$" + "1" * 5000, "$" + "0" * 5000 + "1"])
def test_an_index_that_no_input_has_is_refused_once(template: str) -> None:
    value = flow(b=call("ask"), draft=call("ask", "b", template=template + template))
    assert refusal_of(value) == [("PIR1028", "/1/draft/1/template")]


@pytest.mark.parametrize("template", ["", "$1", "$2$1", "$", "$$", "$x", "a$", "$-1", "$ 9", "$\u0661", "$1.5 $1e9"])
def test_other_dollars_are_text(template: str) -> None:
    assert admitted(flow(b=call("ask"), draft=call("ask", "b", template=template)))


@pytest.mark.parametrize(
    ("inputs", "template", "help_"),
    [
        (["ask"], "$01", "indices are written without leading zeros"),
        (["ask"], "$02", None),
        (["ask"], "$0", None),
        ([], "$1", None),
    ],
)
def test_a_message_about_a_template_says_what_there_is(inputs: list[str], template: str, help_: str | None) -> None:
    found = next(
        one
        for one in check_flow(load_flow(flow(draft=call(*inputs, template=template))), STANDARD)
        if str(one.code) == "PIR1028"
    )
    assert found.help == help_
    assert found.expected == ("an index from 1 to 1" if inputs else "no reference, as there are no inputs")


def test_a_broken_template_or_policy_does_not_hide_that_a_node_is_not_used() -> None:
    broken = flow(draft=call("ask", template="$2", policy=policy(["is", "nonesuch"])), more=call("draft"))
    assert [code for code, _ in refusal_of(broken)] == ["PIR0401", "PIR1028", "PIR1027"]


def test_a_message_shows_the_cycle_and_of_a_long_one_its_ends() -> None:
    def message(length: int) -> str:
        nodes = {f"n{at}": call(f"n{(at + 1) % length}") for at in range(length)}
        (found,) = [
            one for one in check_flow(load_flow(flow(draft=call("ask", "n0"), **nodes)), STANDARD)
            if str(one.code) == "PIR1025"
        ]  # fmt: skip
        return found.message

    assert message(1) == "`n0` depends on itself: `n0` reads `n0`"
    assert message(2) == "`n0` depends on itself: `n0` reads `n1` reads `n0`"
    assert message(200).endswith("`n5` reads … reads `n199` reads `n0`, 200 nodes")


def test_findings_about_equal_policies_are_reported_at_each_node() -> None:
    wrong = policy(["is", "nonesuch"])
    value = flow(draft=call("ask", policy=wrong), b=call("draft", policy=wrong), answer=["output", "b"])
    assert refusal_of(value) == [("PIR0401", f"/1/{name}/1/policy/1/1") for name in ("draft", "b")]


def test_findings_about_a_policy_that_an_author_has_named_are_reported_once() -> None:
    wrong = policy(["is", "nonesuch"])
    value = flow(draft=call("ask", policy=wrong), b=call("draft", policy=wrong), answer=["output", "b"])
    tree = load_flow(value)
    document = FlowDocument(name="example", flow=tree, policies={"draft": "cheap", "b": "cheap"})
    with pytest.raises(Refused) as caught:
        admit_flow(tree, STANDARD, document=document)
    assert findings(caught.value) == [("PIR0401", "/1/draft/1/policy/1/1")]


def test_findings_about_a_text_have_their_places() -> None:
    value = flow(draft=call("ask", policy=policy(["is", "nonesuch"])))
    document = read(value)
    assert document.flow is not None
    with pytest.raises(Refused) as caught:
        admit_flow(document.flow, STANDARD, document=document)
    (found,) = caught.value.diagnostics
    assert found.span is not None
    assert document.text[found.span.start : found.span.end] == '"nonesuch"'


# --- what is admitted -------------------------------------------------------------------------------------------


def test_an_admitted_flow_knows_its_ends_and_its_policies() -> None:
    made = admitted(flow(b=call("draft", policy=policy(["top"])), answer=["output", "b"]))
    assert (made.input, made.output, made.last) == ("ask", "answer", "b")
    assert made.order == ("ask", "draft", "b", "answer")
    assert {name: one.fingerprint for name, one in made.policies.items()} == {
        name: admit_policy(load(value), STANDARD).fingerprint
        for name, value in {"draft": POLICY, "b": policy(["top"])}.items()
    }


def test_equal_policies_are_admitted_once() -> None:
    made = admitted(flow(b=call("draft"), c=call("b", policy=policy(["top"])), answer=["output", "c"]))
    assert made.policies["draft"] is made.policies["b"]
    assert made.policies["draft"] is not made.policies["c"]


def test_the_document_of_a_policy_is_its_part_of_the_text() -> None:
    document = read(flow(b=call("draft", policy=policy(["top"])), answer=["output", "b"]))
    assert document.flow is not None
    part = admit_flow(document.flow, STANDARD, document=document).policies["b"].document
    assert part is not None
    span = part.span_of("/1/0")
    assert span is not None
    assert part.text[span.start : span.end] == '"top"'
    alone = {pointer: document.spans["/1/b/1/policy" + pointer] for pointer in part.spans}
    assert len(part.spans) == len(alone) == 14
    assert dict(part.spans) == alone
    assert "/9" not in part.spans


def test_the_normal_form_has_the_policies_in_normal_form_and_changes_nothing_else() -> None:
    made = admitted(flow(draft=call("ask", policy=policy(["and", ["meets_req"]]), template=" $1 ", on_error="input")))
    draft = made.normal.calls["draft"]
    assert draft.policy.filter == MeetsReq()
    assert (draft.template, draft.on_error, draft.system) == (" $1 ", "input", "Answer.")
    assert list(made.normal.nodes) == list(made.flow.nodes)


@given(admitted_flows(max_calls=4))
def test_bytes_that_are_joined_are_those_of_the_normal_form(made: AdmittedFlow) -> None:
    assert made.canonical_bytes == flow_bytes(made.normal)


def test_a_floor_goes_around_each_policy_and_leaves_the_flow_what_it_is() -> None:
    made = admitted(flow(b=call("draft"), c=call("b", policy=policy(["top"])), answer=["output", "c"]))
    before = made.fingerprint
    floor = read_floor(["cmp", "price_out", "le", 3])
    under = made.effective(floor)
    assert {name: one.fingerprint for name, one in under.items()} == {
        name: effective(one, floor).fingerprint for name, one in made.policies.items()
    }
    assert under["draft"] is under["b"]
    assert made.fingerprint == before
    assert made.effective()["c"].fingerprint == made.policies["c"].fingerprint


def test_a_floor_that_the_vocabulary_refuses_is_refused() -> None:
    with pytest.raises(Refused, match="PIR0401"):
        admitted(flow()).effective(read_floor(["is", "nonesuch"]))


# --- trees that were built from classes ---------------------------------------------------------------------------


def built(**changes: Any) -> Flow:
    tree = load_flow(flow())
    return Flow({**tree.nodes, "draft": attrs.evolve(tree.calls["draft"], **changes)})


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        (None, [("PIR1001", "")]),
        (Flow(None), [("PIR1001", "")]),  # type: ignore[arg-type]
        (Flow({"a": None}), [("PIR1002", "/1/a")]),  # type: ignore[dict-item]
        (Flow({"1": load_flow(flow()).nodes["ask"]}), [("PIR1008", "/1/1")]),
        (built(system=1), [("PIR1004", "/1/draft/1/system")]),
        (built(template="x" * 32769), [("PIR1012", "/1/draft/1/template")]),
        (built(on_error=None), [("PIR0115", "/1/draft/1/on_error")]),
        (built(inputs="ask"), [("PIR1004", "/1/draft/1/inputs")]),
        (built(policy=None), [("PIR0201", "/1/draft/1/policy")]),
        (built(policy=MeetsReq()), [("PIR0213", "/1/draft/1/policy")]),
        (built(policy=attrs.evolve(PLAIN, filter=PLAIN)), [("PIR0203", "/1/draft/1/policy/1")]),  # type: ignore[misc]
    ],
)
def test_a_tree_of_another_shape_is_refused(tree: Any, found: list[tuple[str, str]]) -> None:
    assert [(str(one.code), one.pointer) for one in check_flow(tree, STANDARD)] == found


def test_a_tree_with_too_many_nodes_in_its_policies_is_refused() -> None:
    big = load(policy(["and", *[["top"]] * 4090]))
    assert isinstance(big, Policy)
    nodes = {f"n{at}": Llm("", big, ()) for at in range(20)}
    assert [(str(one.code), one.pointer) for one in check_flow(Flow(nodes), STANDARD)] == [
        ("PIR1014", "/1/n16/1/policy")
    ]


def test_a_tree_of_classes_is_admitted_as_one_that_was_read() -> None:
    assert admit_flow(built(template="$1"), STANDARD).fingerprint == admitted(
        flow(draft=call("ask", template="$1"))
    ).fingerprint  # fmt: skip
