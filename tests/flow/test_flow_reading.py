"""Reading flows in any form: what is told for a flow, the stages of a source, and printing it again."""

from __future__ import annotations

import json

import pytest
from flow_values import POLICY, STANDARD, admitted, call, findings, flow, policy, refusal_of_text
from hypothesis import given

from policy_ir.canonical import encode
from policy_ir.diagnostics import Refused
from policy_ir.flow.admission import admit_document
from policy_ir.flow.document import FlowDocument
from policy_ir.flow.loading import load_flow
from policy_ir.flow.printing import fmt_flow
from policy_ir.flow.reading import is_flow_bytes, is_flow_text, parse_flow, read_flow_source
from policy_ir.flow.tree import Flow
from policy_ir.flow.wire_printing import print_wire_flow, to_wire_flow
from policy_ir.testing.flow_strategies import flows

TEXT = json.dumps(flow())
AUTHORED = """\
flow {
  input ask
  llm draft(ask) {
    policy { filter meets_req  fallback next_candidate }
    system "Answer."
  }
  output answer(draft)
}
"""


@pytest.mark.parametrize(
    "text",
    [
        '["flow"',
        ' \t\r\n[ "flow", {}]',
        '["\\u0066\\u006C\\u006f\\u0077"]',
        "flow{",
        "# a comment\n// another\n flow # { \n {",
        "#\r\nflow\t{}",
    ],
)
def test_a_text_is_a_flow_by_its_first_two_tokens(text: str) -> None:
    assert is_flow_text(text)


@pytest.mark.parametrize(
    "text",
    ["", "[]", '["flows", {}]', '["\\u0067low"]', "[flow", "flow", "flow filter", "# flow {", "flows {", "Flow {",
     "\u00a0flow {", '"flow" {', '{"flow": {}}', json.dumps(POLICY), "filter flow", "\ufeffflow {"],
)  # fmt: skip
def test_any_other_text_is_a_term(text: str) -> None:
    assert not is_flow_text(text)


def test_bytes_are_those_of_a_flow_by_how_they_start() -> None:
    assert is_flow_bytes(admitted(flow()).canonical_bytes)
    assert not is_flow_bytes(TEXT.encode())
    assert not is_flow_bytes(encode(["policy-ir/1", POLICY]))


def test_either_syntax_is_read_as_the_same_flow() -> None:
    wire, authored = parse_flow(TEXT), parse_flow(AUTHORED)
    assert wire.flow is not None
    assert authored.flow is not None
    assert (wire.syntax, authored.syntax) == ("wire", "authoring")
    assert parse_flow(AUTHORED, syntax="authoring").flow == authored.flow
    assert parse_flow(TEXT, syntax="wire").flow == wire.flow
    assert wire.flow.calls["draft"].system == authored.flow.calls["draft"].system


def test_a_flow_is_read_from_bytes_of_any_form() -> None:
    made = admitted(flow())
    assert read_flow_source(TEXT.encode()).flow == made.flow
    assert read_flow_source(AUTHORED.encode()).syntax == "authoring"
    of_bytes = read_flow_source(made.canonical_bytes, "name")
    assert (of_bytes.name, of_bytes.syntax, of_bytes.flow) == ("name", "cbor", made.normal)


def test_a_document_is_admitted_with_its_places() -> None:
    document = parse_flow(AUTHORED)
    made = admit_document(document, STANDARD)
    assert (made.flow, made.document) == (document.flow, document)


def test_a_place_is_found_by_its_pointer_in_the_wire_form() -> None:
    document = parse_flow(TEXT)
    span = document.spans["/1/draft/1/inputs/0"]
    assert TEXT[span.start : span.end] == '"ask"'


def test_a_source_has_a_mebibyte_at_most() -> None:
    assert parse_flow(TEXT + " " * (1_048_576 - len(TEXT)))
    for read in (lambda: parse_flow(TEXT.ljust(1_048_577)), lambda: read_flow_source(TEXT.ljust(1_048_577).encode())):
        with pytest.raises(Refused) as caught:
            read()
        assert findings(caught.value) == [("PIR0004", None)]


def test_a_text_has_70_open_brackets_at_most() -> None:
    assert refusal_of_text('["flow", ' * 70)[-1][0] == "PIR0103"
    assert refusal_of_text('["flow", ' * 71)[-1][0] == "PIR0310"


def test_what_json_refuses_is_refused() -> None:
    assert [code for code, _ in refusal_of_text('["flow", {"a": null, "\\u0061": 2}]')] == ["PIR0115", "PIR0114"]


# --- printing -----------------------------------------------------------------------------------------------------


@given(flows(max_calls=3))
def test_a_printed_flow_is_read_again_and_printed_alike(tree: Flow) -> None:
    for width in (20, 100):
        text = fmt_flow(tree, width=width)
        assert parse_flow(text).flow == tree
        assert fmt_flow(parse_flow(text), width=width) == text
    assert load_flow(to_wire_flow(tree)) == tree


def test_a_flow_is_broken_as_the_nodes_of_terms_are() -> None:
    tree = load_flow(flow(draft=call("ask", on_error="fail", template="$1"), answer=["output", "draft"]))
    assert (
        print_wire_flow(tree, width=90)
        == """\
["flow",
  {
    "ask": ["input"],
    "draft": ["llm",
      {
        "system": "Answer.",
        "policy": ["policy",
          ["meets_req"],
          ["zero"],
          ["argmax"],
          ["id"],
          ["always", {"action": "next_candidate"}]
        ],
        "inputs": ["ask"],
        "template": "$1"
      }
    ],
    "answer": ["output", "draft"]
  }
]"""
    )


def test_a_flow_that_fits_stands_on_one_line() -> None:
    tree = load_flow(flow(draft=None, answer=["output", "ask"]))
    assert fmt_flow(tree) == '["flow", {"ask": ["input"], "answer": ["output", "ask"]}]\n'


def test_what_passes_its_input_on_is_printed_with_it() -> None:
    assert '"on_error": "input"' in fmt_flow(load_flow(flow(draft=call("ask", on_error="input"))))


def test_either_syntax_can_be_printed() -> None:
    tree = load_flow(flow(draft=call("ask", policy=policy(["top"]))))
    text = fmt_flow(tree, "authoring")
    assert text.endswith("}\n")
    assert parse_flow(text).flow == tree
    assert fmt_flow(parse_flow(text), "authoring") == text


def test_a_document_without_a_flow_is_not_printed() -> None:
    with pytest.raises(ValueError, match="no flow"):
        fmt_flow(FlowDocument(name="empty"))
