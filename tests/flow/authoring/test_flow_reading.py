"""What an authoring text means: its nodes, its policies, their places, within the bounds of flows."""

from __future__ import annotations

import pytest

from policy_ir.diagnostics import Refused
from policy_ir.flow.admission import admit_flow
from policy_ir.flow.authoring import parse_authoring_flow
from policy_ir.flow.document import FlowDocument
from policy_ir.flow.tree import Flow, Input, Llm, Output
from policy_ir.lints.flows import lint_flow
from policy_ir.vocabulary import vocabulary

EXAMPLE = """flow {
  policy cheap { filter a; rank b }
  input ask
  llm draft(ask, `and`,) { policy cheap; system "s"; template "t"; on_error input };
  llm `more`() { policy { } on_error fail }
  llm rest(draft) { policy cheap }
  output answer(draft);
}
"""


def read(text: str) -> Flow:
    flow = parse_authoring_flow(text).flow
    assert flow is not None
    return flow


def shown(document: FlowDocument, pointer: str) -> str:
    span = document.spans[pointer]
    return document.text[span.start : span.end]


def refused(text: str) -> list[tuple[str, str | None, str]]:
    with pytest.raises(Refused) as caught:
        parse_authoring_flow(text)
    return [
        (one.code.code, one.pointer, text[one.span.start : one.span.end] if one.span else "")
        for one in caught.value.diagnostics
    ]


def test_statements_are_nodes_in_their_order() -> None:
    assert "`flow-authoring/input`, `flow-authoring/llm`, `flow-authoring/output`, `flow-authoring/order`"
    flow = read(EXAMPLE)
    assert list(flow.nodes) == ["ask", "draft", "more", "rest", "answer"]
    draft = flow.nodes["draft"]
    assert isinstance(draft, Llm)
    assert flow.nodes["ask"] == Input()
    assert flow.nodes["answer"] == Output("draft")
    assert (draft.system, draft.inputs, draft.template, draft.on_error) == ("s", ("ask", "and"), "t", "input")


def test_settings_that_are_left_out_have_defaults() -> None:
    assert "`flow-authoring/system`"
    more = read(EXAMPLE).calls["more"]
    assert (more.system, more.inputs, more.template, more.on_error) == ("", (), None, "fail")


def test_a_policy_with_a_name_is_that_of_every_node_that_uses_it_wherever_it_stands() -> None:
    assert "`flow-authoring/policy`"
    flow = read("flow { llm a(q) { policy late } llm b(q) { policy late } policy late { filter x } }")
    assert flow.calls["a"].policy is flow.calls["b"].policy
    assert flow.calls["a"].policy == read("flow { llm a(q) { policy { filter x } } }").calls["a"].policy


def test_names_of_policies_and_of_nodes_are_apart() -> None:
    document = parse_authoring_flow("flow { policy a { } llm a(a) { policy a } }")
    assert document.policies == {"a": "a"}


def test_the_words_of_statements_and_settings_are_names_too() -> None:
    words = ["flow", "llm", "input", "output", "system", "template", "on_error", "fail", "cmp", "chain"]
    calls = [f"llm {word}({', '.join(words)}) {{ policy {word} }} policy {word} {{ }}" for word in words]
    flow = read(f"flow {{ input input2 output output2(input) {' '.join(calls)} }}")
    assert [name for name in flow.nodes if name in words] == words
    assert flow.calls["llm"].inputs == tuple(words)


def test_fields_called_like_statements_are_read_in_policies() -> None:
    text = "flow { llm a(q) { policy {\n filter input\n and llm >= 3 and output\n rank template\n } } }"
    assert read(text).calls["a"].policy.op == "policy"


def test_origins_are_places_in_the_policy_and_spans_places_in_the_flow() -> None:
    document = parse_authoring_flow(EXAMPLE, source="x")
    assert document.flow is not None
    origin = document.flow.calls["rest"].policy.rank.origin
    assert origin is not None
    assert (origin.source, origin.pointer) == ("x", "/2")
    assert shown(document, "/1/rest/1/policy/2") == "b"
    assert shown(document, "/1/rest/1/policy") == "policy cheap { filter a; rank b }"
    assert shown(document, "") == document.text.strip()
    assert shown(document, "/1/draft") == EXAMPLE.splitlines()[3].strip().rstrip(";")
    assert shown(document, "/1/draft/1/inputs") == "(ask, `and`,)"
    assert shown(document, "/1/draft/1/on_error") == "input"
    assert shown(document, "/1/answer/1") == "draft"
    assert document.spans["/1/rest/1/policy/2"] == document.spans["/1/draft/1/policy/2"]


@pytest.mark.parametrize("pointer", ["/2", "/1/ask/1/policy", "/1/rest/1/policy/9", "/1/rest/2/policy", "x", "/1/z/1"])
def test_what_has_no_place_is_not_among_the_places(pointer: str) -> None:
    assert pointer not in parse_authoring_flow(EXAMPLE).spans


def test_a_policy_that_no_node_uses_is_a_warning() -> None:
    document = parse_authoring_flow("flow { policy a { } policy b { } llm c(q) { policy b } }")
    (found,) = document.warnings
    assert (found.code.code, found.pointer, found.source) == ("PIR1044", None, "flow")
    assert found.span is not None
    assert document.text[found.span.start : found.span.end] == "a"


def test_what_is_said_of_the_text_comes_before_what_is_said_of_the_flow() -> None:
    text = 'flow { policy never { } input q llm a(q) { policy { } template "x" } output o(a) }'
    document = parse_authoring_flow(text)
    assert document.flow is not None
    admitted = admit_flow(document.flow, vocabulary("standard"), document=document)
    assert [found.code.code for found in lint_flow(admitted)] == ["PIR1044", "PIR1045"]


# --- bounds --------------------------------------------------------------------------------------------------


def test_a_flow_has_256_nodes_at_most() -> None:
    inputs = "".join(f"input n{at} " for at in range(256))
    assert len(read(f"flow {{ {inputs} }}").nodes) == 256
    assert refused(f"flow {{ {inputs} input more input more output x(y z) }}") == [("PIR1010", "/1", "input more")]


def test_a_node_has_32_inputs_at_most_and_of_more_none_is_looked_at() -> None:
    assert len(read(f"flow {{ llm a({'q, ' * 32}) {{ policy {{ }} }} }}").calls["a"].inputs) == 32
    inputs = "(" + "q, " * 32 + 'q "q" 3)'
    assert refused(f"flow {{ llm a{inputs} {{ policy {{ }} }} }}") == [("PIR1011", "/1/a/1/inputs", "(")]


@pytest.mark.parametrize("word", ["system", "template"])
def test_a_text_has_32_kib_at_most(word: str) -> None:
    most = '"' + "é" * 16384 + '"'
    read(f"flow {{ llm a(q) {{ policy {{ }} {word} {most} }} }}")
    more = most[:-1] + 'x"'
    found = refused(f"flow {{ llm a(q) {{ policy {{ }} {word} {more} }} }}")
    assert found == [("PIR1012", f"/1/a/1/{word}", more)]


def test_all_policies_have_65536_nodes_at_most_each_counted_where_it_is_used() -> None:
    big = f"policy big {{ filter or({', '.join(['a'] * 4090)}) }}"  # and five nodes more
    nodes = [f"llm n{at}(q) {{ policy big }} " for at in range(17)]
    assert len(read(f"flow {{ {big} {''.join(nodes[:16])} }}").nodes) == 16
    assert refused(f"flow {{ {big} {''.join(nodes)} output x(3) }}") == [("PIR1014", "/1/n16/1/policy", "big")]
    inline = nodes[16].replace("policy big", big.replace(" big", ""))
    ((code, pointer, place),) = refused(f"flow {{ {big} {''.join(nodes[:16])} {inline} }}")
    assert (code, pointer, place[:8]) == ("PIR1014", "/1/n16/1/policy", "policy {")


def test_the_characters_of_all_policies_are_bounded_each_counted_where_it_is_used() -> None:
    assert "`flow-bound/sharing`"
    clauses = "{" + " " * ((1 << 16) - 2) + "}"
    nodes = [f"llm n{at}(q) {{ policy long }} " for at in range(65)]
    assert len(read(f"flow {{ policy long {clauses} {''.join(nodes[:64])} }}").nodes) == 64
    text = f"flow {{ policy long {clauses} {''.join(nodes)} }}"
    assert refused(text) == [("PIR1014", "/1/n64/1/policy", "long")]
    assert refused(text + "x") == [("PIR0107", None, "x")]


def test_a_policy_is_within_the_bounds_of_policies() -> None:
    deep = "(" * 128
    text = f"flow {{ policy x {{ filter {deep} }} policy y {{ rank top }} }}"
    assert [code for code, _, _ in refused(text)][:1] == ["PIR0310"]
    assert ("PIR0302", "/1/a/1/policy/1/4095", "a") in refused(
        f"flow {{ policy x {{ filter {'a and ' * 4096} a }} llm a(q) {{ policy x }} }}"
    )


def test_a_source_has_1_mib_at_most() -> None:
    with pytest.raises(Refused, match="PIR0004"):
        parse_authoring_flow("flow {}" + " " * (1 << 20))
    assert read("flow {}" + " " * ((1 << 20) - 7)).nodes == {}
