"""What is wrong with the text of a flow is said where it is wrong, with what was probably meant, and nothing twice."""

from __future__ import annotations

import pytest

from policy_ir.diagnostics import Diagnostic, Refused
from policy_ir.diagnostics.model import in_source_order
from policy_ir.flow.authoring import parse_authoring_flow

REFUSALS: dict[str, list[tuple[str, str | None, str | None, str | None]]] = {
    # --- the whole text
    "policy { }": [("PIR1001", "policy", "", None)],
    "[1]": [("PIR1001", "[", "", None)],
    "flwo { input q }": [("PIR1001", "flwo", "", "did you mean `flow`?")],
    "flow } input q": [("PIR0104", "}", None, None)],
    "flow input q }": [("PIR0102", "input", None, None)],
    "flow": [("PIR0102", "", None, None)],
    "flow { input q": [("PIR0103", "{", None, "the text ends where `}` is due")],
    "flow { input q } more words": [("PIR0107", "more words", None, None)],
    "# nothing": [("PIR0005", None, None, None)],
    # --- words
    "flow { inptu q }": [("PIR1040", "inptu", None, "did you mean `input`?")],
    "flow { node a(q) { policy { } } }": [("PIR1040", "node", None, "did you mean `llm`?")],
    "flow { input q widget foo { bar(} ) input q }": [("PIR1040", "widget", None, None)],
    "flow { widget; input q, input q }": [
        ("PIR1040", "widget", None, None),
        ("PIR0128", ",", None, "leave it out, or write `;`"),
        ("PIR1041", "q", "/1/q", "give one of them another name"),
    ],
    "flow { ; }": [("PIR0102", ";", None, None)],
    "flow { (input q) input r }": [("PIR0102", "(", None, None)],
    'flow { llm a(q) { policy { } sytem "x" } }': [("PIR1040", "sytem", None, "did you mean `system`?")],
    'flow { llm a(q) { policy { } model "x"; on_error fail } }': [
        ("PIR1040", "model", None, "the model is chosen by the `policy` of the node")
    ],
    "flow { llm a(q) { widget { a } } }": [("PIR1040", "widget", None, None)],
    "flow { llm a(q) { filter a\n rank zero\n on_error fail } }": [
        ("PIR1040", "filter", None, "the clauses of a policy stand in `policy { … }`")
    ],
    'flow { llm a(q) { policy { } 3 (system) , system "" } }': [("PIR0102", "3", None, None)],
    'flow { llm a(q) { policy { } } } system "x" }': [("PIR0107", 'system "x" }', None, None)],
    'flow { llm a(q) { policy { } } system "x" template "y" } input q }': [
        ("PIR1040", "system", None, "it is a setting of a node, and stands in the braces of its `llm` statement")
    ],
    "flow { filter a\ninput q }": [
        ("PIR1040", "filter", None, "it is a clause of a policy, and stands in `policy { … }`")
    ],
    # --- names
    "flow { input\n llm a(q) { policy { } } }": [("PIR0102", "llm", None, None)],
    "flow { input }": [("PIR0102", "}", None, None)],
    "flow { input rank }": [("PIR0127", "rank", None, "as a name it is written in backticks")],
    "flow { input policy }": [("PIR0127", "policy", None, "as a name it is written in backticks")],
    "flow { input policy p { } }": [("PIR0102", "policy", None, None)],
    'flow { input "q" policy "x" { } }': [
        ("PIR0126", '"q"', None, "names stand without quotes"),
        ("PIR0126", '"x"', None, "names stand without quotes"),
    ],
    "flow { input `a b` }": [
        ("PIR1008", "`a b`", "/1/a b", "a letter or `_`, then letters, digits and `_`, 64 characters at most")
    ],
    f"flow {{ input {'n' * 65} }}": [
        ("PIR1008", "n" * 65, f"/1/{'n' * 65}", "a letter or `_`, then letters, digits and `_`, 64 characters at most")
    ],
    "flow { input `\\ud800` }": [
        ("PIR0113", "\\ud800", None, "write the character itself, or both halves of its surrogate pair"),
    ],
    "flow { policy x { } policy x { } llm a(q) { policy x } }": [
        ("PIR1041", "x", None, "give one of them another name")
    ],
    "flow { policy x filter a }": [("PIR0102", "filter", None, None)],
    # --- inputs
    'flow { llm a(b; c,,d "e" rank 3) { policy { } } }': [
        ("PIR0128", ";", None, None),
        ("PIR0102", ",", None, None),
        ("PIR0102", '"e"', None, None),
        ("PIR0102", "rank", None, None),
        ("PIR0102", "3", None, None),
    ],
    'flow { llm a("b", rank) { policy { } } }': [
        ("PIR0126", '"b"', None, "names stand without quotes"),
        ("PIR0127", "rank", None, "as a name it is written in backticks"),
    ],
    "flow { llm a(3, )) { policy { } } }": [("PIR0205", "3", None, None), ("PIR0104", ")", None, None)],
    "flow { llm a(q)) { policy { } } }": [("PIR0104", ")", None, None)],
    "flow { output a(b c; 5) }": [("PIR0102", "c", None, None)],
    "flow { llm a(q { policy { } } }": [("PIR0103", "(", None, "`)` is due before `{`")],
    "flow { llm a(q] { policy { } } }": [("PIR0104", "]", None, None)],
    "flow { llm a q, r) { policy { } } }": [("PIR0102", "q", None, None)],
    "flow { llm a { policy { } } }": [("PIR0102", "{", None, None)],
    "flow { llm a(q)\n policy { } } }": [("PIR0102", "policy", None, None)],
    "flow { llm a(q)\n input q }": [("PIR0102", "input", None, None)],
    "flow { llm a(q) ( ) }": [("PIR0102", "(", None, None)],
    "flow { output a() }": [("PIR0102", ")", None, None)],
    "flow { output a(b, c, d) }": [("PIR0102", ",", None, None)],
    "flow { output a }": [("PIR0102", "}", None, None)],
    # --- settings
    "flow { llm a(q) { } }": [("PIR1006", "}", "/1/a/1", "add `policy { … }`, or `policy` and the name of one")],
    'flow { llm a(q) { policy { } policy { } system "" system "" } }': [
        ("PIR1043", "policy", "/1/a/1/policy", "leave one of them out"),
        ("PIR1043", "system", "/1/a/1/system", "leave one of them out"),
    ],
    'flow { llm a(q) { policy: { }, system: "x" "y" } }': [
        ("PIR0102", ":", None, "leave it out"),
        ("PIR0128", ",", None, "leave it out, or write `;`"),
        ("PIR0102", ":", None, "leave it out"),
        ("PIR0102", '"y"', None, 'one text; a text of several lines stands in `"""`'),
    ],
    "flow { llm a(q) { policy {} system Don't worry.\n template 3\n on_error } }": [
        ("PIR0125", "Don", None, "a text stands in double quotes"),
        ("PIR0205", "3", None, None),
        ("PIR0102", "}", None, None),
    ],
    "flow { llm a(q) { policy {} system be happy }\n input q }": [
        ("PIR0125", "be", None, "a text stands in double quotes")
    ],
    "flow { llm a(q) { policy {} system\n policy {} } }": [
        ("PIR0125", "policy", None, "a text stands in double quotes"),
        ("PIR1043", "policy", "/1/a/1/policy", "leave one of them out"),
    ],
    "flow { llm a(q) { policy {} system ({a}) on_error ( ) } }": [
        ("PIR0205", "(", None, None),
        ("PIR0205", "(", None, None),
    ],
    'flow { llm a(q) { policy {} on_error inputs } llm b(q) { policy {} on_error "fail" } }': [
        ("PIR1007", "inputs", "/1/a/1/on_error", "did you mean `input`?"),
        ("PIR0126", '"fail"', None, "it stands without quotes"),
    ],
    'flow { policy cheap { } llm a(q) { policy cheep } llm b(q) { policy "cheap" } llm c(q) { policy 3 } }': [
        ("PIR1042", "cheep", "/1/a/1/policy", "did you mean `cheap`?"),
        ("PIR0126", '"cheap"', None, "names stand without quotes"),
        ("PIR0102", "3", None, None),
    ],
    'flow { llm a(q) { policy filter a and b\n system "x" } }': [
        ("PIR0127", "filter", None, "the clauses of a policy stand in braces")
    ],
    "flow {\n  llm a(q) {\n    policy c { }\n  }\n}": [
        (
            "PIR0102",
            "c",
            None,
            "in a node a policy has no name; with one it stands among the statements of the flow",
        )
    ],
    'flow { llm a(q) { policy {} on_error\n system "x" } }': [("PIR1007", "system", "/1/a/1/on_error", None)],
    "flow { llm a(q) { policy\n policy p } policy p { } }": [
        ("PIR0127", "policy", None, "the clauses of a policy stand in braces"),
        ("PIR1043", "policy", "/1/a/1/policy", "leave one of them out"),
    ],
    "flow { llm a(q) { policy { } system \u00e9 and more } }": [
        ("PIR0101", "\u00e9", None, "write it in backticks if it is one name")
    ],
    "flow { llm a(q) { policy { } system ) on_error ] } }": [
        ("PIR0104", ")", None, None),
        ("PIR0104", "]", None, None),
    ],
    "flow { input ) }": [("PIR0104", ")", None, None)],
    "flow { not q }": [("PIR1040", "not", None, None)],
    "flow { `input` q }": [("PIR0102", "`input`", None, None)],
    # --- brackets
    "flow { llm a(q) { policy {} input }": [
        ("PIR0103", "{", None, "`}` is due before `input`"),
        ("PIR0102", "}", None, None),
    ],
    'flow {\n llm a(q) {\n  policy { filter a\n  system "x"\n }\n}': [
        ("PIR0103", "{", None, "`}` is due before `system`")
    ],
    'flow {\n llm a(q) {\n  policy { filter a in {"b" }\n  system "x"\n }\n}': [
        ("PIR0103", "{", None, "`}` is due before `system`")
    ],
    'flow {\n llm a(q) {\n  policy { filter a in {"b"] rank (b }\n }\n}': [
        ("PIR0104", "]", None, None),
        ("PIR0103", "(", None, "`)` is due before the end of the clause"),
    ],
    'flow {\n llm a(q) {\n  policy { filter a in {"b" rank (b] }\n }\n}': [
        ("PIR0103", "{", None, "`}` is due before the end of the clause"),
        ("PIR0104", "]", None, None),
    ],
    "flow {\n llm a(q) {\n  policy { }\n\n output b(a)\n}": [("PIR0103", "{", None, "`}` is due before `output`")],
    "flow {\n llm a(q) {\n  policy { }\n\n policy b { }\n}": [("PIR0103", "{", None, "`}` is due before `policy`")],
    "flow {\n llm a(q) {\n  policy { }\n }\n": [("PIR0103", "{", None, "the text ends where `}` is due")],
    "flow { widget (": [("PIR1040", "widget", None, None), ("PIR0103", "{", None, "the text ends where `}` is due")],
    "flow { llm a(q) { policy { } (system) } }": [("PIR0102", "(", None, None)],
    "flow { llm a(q) {\n policy { }\n system (\n input q }": [
        ("PIR0205", "(", None, None),
        ("PIR0103", "{", None, "`}` is due before `input`"),
    ],
    "flow { llm a q { policy { } } }": [("PIR0102", "q", None, None)],
    "flow {\nllm a(q)\npolicy { }": [
        ("PIR0102", "policy", None, None),
        ("PIR0103", "{", None, "the text ends where `}` is due"),
    ],
    'flow { policy p { filter (a in {"b") } input q }': [("PIR0103", "{", None, "`}` is due before `)`")],
    "flow { input q ) input r ] }": [("PIR0104", ")", None, None), ("PIR0104", "]", None, None)],
    "flow { llm a(q) { ) policy { } ] } }": [("PIR0104", ")", None, None), ("PIR0104", "]", None, None)],
    'flow {\n llm a(q) {\n  policy { filter a and\n  system "x"\n }\n}': [
        ("PIR0103", "{", None, "`}` is due before `system`")
    ],
    # --- policies
    "flow { policy x { filter a && b\n rank top } llm a(q) { policy x } llm b(q) { policy x } }": [
        ("PIR0119", "&&", None, "write `and`"),
        ("PIR0203", "top", None, "`gate(p, s)` scores 0 where a predicate refuses"),
    ],
    "flow { policy x { rank 1e999 } policy y { rank 1e999 } llm a(q) { policy x } llm b(q) { policy x } }": [
        ("PIR0110", "1e999", "/1/a/1/policy/2/1", None),
        ("PIR0110", "1e999", None, None),
    ],
    'flow { llm a(q) { policy { filter provider == """\nx\n""" } } }': [("PIR0205", '"""\nx\n"""', None, None)],
}


def findings(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(Refused) as refused:
        parse_authoring_flow(text)
    return refused.value.diagnostics


@pytest.mark.parametrize("text", REFUSALS)
def test_a_text_is_refused_with_what_is_wrong_and_nothing_else(text: str) -> None:
    found = [
        (one.code.code, one.span and text[one.span.start : one.span.end], one.pointer, one.help)
        for one in findings(text)
    ]
    assert found == REFUSALS[text]


@pytest.mark.parametrize("text", REFUSALS)
def test_findings_come_in_the_order_of_the_text_and_each_once(text: str) -> None:
    found = findings(text)
    assert found == in_source_order(found)
    assert len(set(found)) == len(found)


def test_a_setting_of_another_language_is_still_read_for_what_else_is_wrong() -> None:
    text = 'flow { lllm a(q) { policy { rank top } sytem "\\x" } }'
    assert [one.code.code for one in findings(text)] == ["PIR1040", "PIR0203", "PIR1040", "PIR0108"]


def test_a_policy_that_a_passed_over_statement_may_declare_is_not_missed() -> None:
    assert [one.code.code for one in findings("flow { strategy x { } llm a(q) { policy x } }")] == ["PIR1040"]


def test_the_policies_of_a_node_whose_name_is_taken_are_read() -> None:
    text = "flow { llm a(q) { policy { } } llm a(q) { policy { rank top } } }"
    assert [(one.code.code, one.pointer) for one in findings(text)] == [("PIR1041", "/1/a"), ("PIR0203", None)]


def test_nothing_follows_from_a_token_that_is_reported() -> None:
    assert [one.code.code for one in findings("flow { input a.b output 'x'(y) 3x input ! }")] == [
        "PIR0101",
        "PIR0117",
        "PIR0109",
        "PIR0119",
    ]


def test_at_most_a_hundred_findings_are_made() -> None:
    assert len(findings("flow {" + "input q " * 200 + "}")) == 100
    assert len(findings("flow { llm a(" + ",," * 200 + ") { policy {} } }")) == 100
    assert len(findings("flow { llm a(q) {" + 'system "" ' * 200 + "} }")) == 100
    assert len(findings("flow { llm a(q) { policy { filter " + "a & " * 200 + "} } }")) == 100
