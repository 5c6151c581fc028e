"""Reading what is written gives the same term; writing what is read changes nothing but the layout."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.diagnostics import Diagnostic, Refused
from policy_ir.signature import subterms_of
from policy_ir.syntax.authoring import parse_authoring, print_authoring
from policy_ir.syntax.authoring.grammar import grammar
from policy_ir.syntax.authoring.tokens import tokenize
from policy_ir.syntax.document import Document
from policy_ir.syntax.wire import parse_wire, print_wire
from policy_ir.terms import Term
from policy_ir.testing.strategies import located, terms

WIDTHS = st.sampled_from([100, 100, 60, 20, 1])


def origins(term: Term) -> list[object]:
    return [term.origin, *(origin for part in subterms_of(term) for origin in origins(part))]


@settings(max_examples=150, deadline=None)
@given(terms(admitted=False), WIDTHS)
def test_every_term_of_every_sort_can_be_written_and_is_read_again_exactly(term: Term, width: int) -> None:
    text = print_authoring(term, width=width)
    document = parse_authoring(text)
    assert document.term == term
    assert origins(document.term) == origins(located(term))
    assert print_authoring(document, width=width) == text


@settings(max_examples=60, deadline=None)
@given(terms(admitted=False))
def test_both_syntaxes_give_one_tree(term: Term) -> None:
    wire, authoring = parse_wire(print_wire(term)), parse_authoring(print_authoring(term))
    assert wire.term == authoring.term
    assert print_authoring(wire) == print_authoring(authoring)


@settings(max_examples=60, deadline=None)
@given(terms(admitted=False))
def test_every_node_and_parameter_of_the_wire_form_has_a_place(term: Term) -> None:
    document = parse_authoring(print_authoring(term))
    wire = parse_wire(print_wire(term))
    heads = {pointer for pointer in wire.spans if pointer.endswith("/0")}
    assert set(document.spans) >= set(wire.spans) - heads
    for pointer, span in document.spans.items():
        parent = document.spans[pointer.rpartition("/")[0]]
        assert 0 <= span.start < span.end <= len(document.text)
        assert parent.start <= span.start
        assert span.end <= parent.end


def sprinkled(text: str, draw: random.Random) -> tuple[str, list[str]]:
    """The text with comments and line breaks between its tokens, and the comments."""
    pieces: list[str] = []
    comments: list[str] = []
    at = 0
    for lexeme in tokenize(text, grammar()).lexemes:
        pieces.append(text[at : lexeme.start])
        at = lexeme.start
        choice = draw.random()
        if choice < 0.2:
            comments.append(f"c{len(comments)}")
            mark = draw.choice(["#", "# ", "//", "// "]) + comments[-1]
            pieces.append(draw.choice([f" {mark}\n", f"\n{mark}\n", f"\n\n{mark}\n\n", f"\n  {mark}\n \n"]))
        elif choice < 0.3:
            pieces.append(draw.choice(["\n", "\n\n", "\r\n", "  "]))
    return "".join([*pieces, text[at:]]), comments


@settings(max_examples=200, deadline=None)
@given(terms(admitted=False), WIDTHS, st.randoms(use_true_random=False))
def test_formatting_keeps_the_term_and_each_comment_once_and_is_idempotent(
    term: Term, width: int, draw: random.Random
) -> None:
    text, comments = sprinkled(print_authoring(term, width=width), draw)
    document = parse_authoring(text)
    assert [comment.text.strip() for comment in document.comments] == comments
    formatted = print_authoring(document, width=width)
    again = parse_authoring(formatted)
    assert again.term == document.term == term
    assert sorted(comment.text.strip() for comment in again.comments) == sorted(comments)
    assert print_authoring(again, width=width) == formatted


@settings(max_examples=60, deadline=None)
@given(terms(admitted=False), WIDTHS)
def test_formatted_text_has_no_space_at_line_ends_and_one_final_line_end(term: Term, width: int) -> None:
    text = print_authoring(term, width=width)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert all(line == line.rstrip(" ") for line in text.split("\n"))


WORDS = st.sampled_from(
    [
        *sorted(grammar().words),
        *"(){}[],;:+*<>=&|!-/$'`é?",
        "==",
        ">=",
        "0.5",
        "3",
        "-2",
        "a",
        "`x y`",
        '"s"',
        "# c\n",
        "\n",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["", "policy {", "policy { filter ", "filter ", "rank ", "select ", "mutate ", "fallback "]),
    st.lists(WORDS, max_size=25),
)
def test_any_text_is_read_or_refused_with_places_in_it_and_never_fails(start: str, words: list[str]) -> None:
    text = start + " ".join(words)
    found, document = read(text)
    if document is None:
        assert found
        assert all(0 <= each.span.start <= each.span.end <= len(text) for each in found if each.span)
    else:
        assert parse_authoring(print_authoring(document)).term == document.term


def read(text: str) -> tuple[tuple[Diagnostic, ...], Document | None]:
    try:
        return (), parse_authoring(text)
    except Refused as refused:
        return refused.diagnostics, None
