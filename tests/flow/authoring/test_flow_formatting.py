"""The formatter writes a flow in one way, and keeps what an author has said about it."""

from __future__ import annotations

import attrs
import pytest

from policy_ir.flow.authoring import parse_authoring_flow, print_authoring_flow
from policy_ir.flow.document import FlowDocument

TAIL = """      rank     zero
      select   argmax
      mutate   id
      fallback next_candidate
"""


def formatted(text: str) -> str:
    document = parse_authoring_flow(text)
    written = print_authoring_flow(document)
    again = parse_authoring_flow(written)
    assert again.flow == document.flow
    assert again.policies == document.policies
    assert print_authoring_flow(again) == written
    return written


def test_statements_stand_two_columns_deep_and_settings_four() -> None:
    assert "`flow-print/statement`, `flow-print/setting`, `flow-print/policy`"
    text = 'flow{input q;llm a(q,q,){on_error input;template "t";system "s";policy{filter x}}output o(a)}'
    assert formatted(text) == (
        "flow {\n  input q\n  llm a(q, q) {\n    policy {\n      filter   x\n" + TAIL + "    }\n"
        '    system   "s"\n    template "t"\n    on_error input\n  }\n  output o(a)\n}\n'
    )


def test_words_are_filled_up_to_the_longest_that_no_brace_follows() -> None:
    text = 'flow { policy p { } llm a(q) { policy p system "s" } llm b(q) { policy p on_error input } }'
    written = formatted(text)
    assert '    policy p\n    system "s"\n' in written
    assert "    policy   p\n    on_error input\n" in written


def test_what_says_nothing_is_not_written() -> None:
    written = formatted('flow { llm a(q) { policy { } system "" on_error fail } }')
    assert "system" not in written
    assert "on_error" not in written


def test_names_are_in_backticks_where_they_must_be() -> None:
    written = formatted("flow { policy `a b` { } input `rank` llm x(`rank`, `u v`) { policy `a b` } output y(`not`) }")
    assert "  policy `a b` {\n" in written
    assert "  input `rank`\n  llm x(`rank`, `u v`) {\n    policy `a b`\n  }\n  output y(`not`)\n" in written


def test_policies_with_a_name_are_written_where_they_are_declared_also_if_no_node_uses_them() -> None:
    text = "flow { llm a(q) { policy late } policy late { } policy never { filter x } }"
    written = formatted(text)
    assert written.index("policy late\n") < written.index("policy late {") < written.index("policy never {")


def test_an_author_who_repeats_a_policy_keeps_it() -> None:
    assert formatted("flow { llm a(q) { policy { } } llm b(q) { policy { } } }").count("policy {") == 2


def test_between_statements_one_empty_line_stands_where_the_author_left_some() -> None:
    assert "`flow-print/empty-line`"
    text = "flow {\n\n  input q\n\n\n  # about o\n\n  output o(q)\n  input r\n"
    text += "  llm a(q) {\n\n  policy p\n\n  # end\n\n  }\n"
    text += "  policy p {\n\n filter x\n\n rank y\n\n }\n  input s\n\n}\n\n# end\n"
    assert formatted(text) == (
        "flow {\n  input q\n\n  # about o\n\n  output o(q)\n  input r\n  llm a(q) {\n    policy p\n    # end\n  }\n"
        "  policy p {\n    filter   x\n\n    rank     y\n    select   argmax\n    mutate   id\n"
        "    fallback next_candidate\n  }\n  input s\n}\n\n# end\n"
    )


def test_a_flow_without_a_text_has_an_empty_line_between_every_two_statements() -> None:
    document = parse_authoring_flow("flow { input q llm a(q) { policy { } } llm b(a) { policy { } } output o(b) }")
    assert document.flow is not None
    expected = (
        "flow {\n  policy p1 {\n    filter   top\n    rank     zero\n    select   argmax\n    mutate   id\n"
        "    fallback next_candidate\n  }\n\n  input q\n\n  llm a(q) {\n    policy p1\n  }\n\n"
        "  llm b(a) {\n    policy p1\n  }\n\n  output o(b)\n}\n"
    )
    assert print_authoring_flow(document.flow) == expected
    assert print_authoring_flow(FlowDocument(name="x", flow=document.flow)) == expected


def test_comments_stay_with_the_statement_or_setting_they_are_about() -> None:
    assert "`flow-print/comment`"
    text = """# the file
flow { # opens
  # the question
  input q  // behind
  llm a( # inputs
    q) {
    # last
    on_error input # on
    # the prompt
    system # between
      "s"; # s
    policy { # clauses
      rank y # y
      # x
      filter x
    } # p
    # over
  } # a
  # over too
}
# the end
"""
    assert (
        formatted(text)
        == """# the file
flow {
  # opens
  # the question
  input q  # behind
  # inputs
  llm a(q) {
    policy {
      # x
      filter   x
      # clauses
      rank     y  # y
      select   argmax
      mutate   id
      fallback next_candidate
    }  # p
    # the prompt
    # between
    system   "s"  # s
    # last
    on_error input  # on
    # over
  }  # a
  # over too
}
# the end
"""
    )


def test_the_empty_line_before_a_statement_stays_before_the_comments_of_its_head() -> None:
    written = formatted(
        "flow { input q\n\n  # above\n\n  llm a( # one\n q, # two\n ) { policy { } }\n\n output # o\n x(a) }"
    )
    assert "  input q\n\n  # above\n\n  # one\n  # two\n  llm a(q) {\n" in written
    assert "  }\n\n  # o\n  output x(a)\n" in written


def test_a_comment_about_a_setting_that_is_not_written_is_kept() -> None:
    written = formatted('flow { llm a(q) { policy p\n # none\n system "" # at all\n } policy p { } }')
    assert "    policy p\n    # none\n    # at all\n" in written


def test_an_empty_flow_can_be_written() -> None:
    assert formatted("flow{}") == "flow {\n}\n"
    assert formatted("flow{\n#x\n}") == "flow {\n  # x\n}\n"


def test_a_document_without_a_flow_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="the document holds no flow"):
        print_authoring_flow(attrs.evolve(parse_authoring_flow("flow {}"), flow=None))
