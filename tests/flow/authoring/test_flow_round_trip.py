"""What is written is read again: every flow, every comment, every name of a policy; and written again the same."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.flow.authoring import parse_authoring_flow, print_authoring_flow
from policy_ir.flow.authoring.blocks import read_block
from policy_ir.flow.document import FlowDocument
from policy_ir.flow.tree import Flow, Llm
from policy_ir.syntax.authoring.grammar import grammar
from policy_ir.syntax.authoring.tokens import tokenize
from policy_ir.testing.flow_strategies import flows

WIDTHS = st.sampled_from((20, 60, 100))


@settings(max_examples=40)
@given(flows(max_calls=4), WIDTHS)
def test_every_flow_can_be_written_and_is_read_again_exactly(flow: Flow, width: int) -> None:
    text = print_authoring_flow(flow, width=width)
    document = parse_authoring_flow(text)
    assert document.flow == flow
    assert list(document.flow.nodes) == list(flow.nodes)
    assert not document.warnings
    assert print_authoring_flow(document, width=width) == text


@settings(max_examples=40)
@given(flows(max_calls=4))
def test_the_policies_that_nodes_share_are_named_and_declared_once(flow: Flow) -> None:
    document = parse_authoring_flow(print_authoring_flow(flow))
    shared = {policy for policy in policies_of(flow) if policies_of(flow).count(policy) > 1}
    named = {name: node.policy for name, node in flow.calls.items() if node.policy in shared}
    assert document.policies.keys() == named.keys()
    assert len(set(document.policies.values())) == len(shared)
    assert list(dict.fromkeys(document.policies.values())) == [f"p{at}" for at in range(1, len(shared) + 1)]


def policies_of(flow: Flow) -> list[object]:
    return [node.policy for node in flow.nodes.values() if isinstance(node, Llm)]


@settings(max_examples=40)
@given(flows(max_calls=4))
def test_every_part_of_the_wire_form_has_a_place(flow: Flow) -> None:
    document = parse_authoring_flow(print_authoring_flow(flow))
    assert len(document.spans) == len(list(document.spans)) == len(set(document.spans))
    due = {"", "/1"}
    for name, node in flow.nodes.items():
        due.add(f"/1/{name}")
        if isinstance(node, Llm):
            due |= {f"/1/{name}/1{rest}" for rest in ("", "/policy", "/policy/1", "/policy/5", "/inputs", "/inputs/0")}
            due |= {f"/1/{name}/1/system"} if node.system else set()
            due |= {f"/1/{name}/1/template"} if node.template is not None else set()
    assert due <= set(document.spans)
    assert all(0 <= span.start < span.end <= len(document.text) for span in document.spans.values())


def sprinkled(text: str, draw: random.Random) -> tuple[str, list[str]]:
    """A text with comments and line breaks between its tokens, and the comments."""
    pieces: list[str] = []
    comments: list[str] = []
    at = 0
    for lexeme in tokenize(text, grammar(), read_block).lexemes:
        pieces.append(text[at : lexeme.start])
        at = lexeme.start
        if draw.random() < 0.2:
            comments.append(f"c{len(comments)}")
            before, after = draw.choice(["", " ", "\n", "\n\n", "\n \n"]), draw.choice(["", "\n", "\n\n"])
            pieces.append(f"{before}{draw.choice(['#', '# ', '//'])}{comments[-1]}\n{after}")
    return "".join([*pieces, text[at:]]), comments


def sprinkle(flow: Flow, width: int, draw: random.Random) -> tuple[FlowDocument, list[str]]:
    text, comments = sprinkled(print_authoring_flow(flow, width=width), draw)
    return parse_authoring_flow(text), comments


@settings(max_examples=40)
@given(flows(max_calls=3), WIDTHS, st.randoms(use_true_random=False))
def test_formatting_keeps_each_comment_once_and_is_idempotent(flow: Flow, width: int, draw: random.Random) -> None:
    document, comments = sprinkle(flow, width, draw)
    assert document.flow == flow
    written = print_authoring_flow(document, width=width)
    again = parse_authoring_flow(written)
    assert again.flow == flow
    assert again.policies == document.policies
    assert sorted(comment.text.strip() for comment in again.comments) == sorted(comments)
    assert print_authoring_flow(again, width=width) == written


@settings(max_examples=40)
@given(flows(max_calls=3), st.randoms(use_true_random=False))
def test_a_formatted_text_has_no_space_at_line_ends_and_one_final_line_end(flow: Flow, draw: random.Random) -> None:
    written = print_authoring_flow(sprinkle(flow, 100, draw)[0])
    assert written.endswith("\n")
    assert not any(line.endswith((" ", "\t")) for line in written.split("\n"))
    assert not written.endswith("\n\n")
