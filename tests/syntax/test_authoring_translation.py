"""The authoring syntax is read as the specification says: its own tables, run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from policy_ir.diagnostics import Refused
from policy_ir.signature import SIGNATURE
from policy_ir.syntax.authoring import parse_authoring, print_authoring
from policy_ir.syntax.wire import parse_wire, to_wire
from policy_ir.terms import (
    Action,
    Always,
    And,
    Argmax,
    FieldScore,
    FilterText,
    Id,
    Is,
    Lit,
    Override,
    Policy,
    RecipeRecord,
    SetParam,
    TagIn,
    Term,
    Text,
    Top,
    Zero,
)

SPEC = Path(__file__, "../../../docs/spec/authoring.md").resolve().read_text("utf-8")
ROW = re.compile(r"^\| `(authoring/[a-z-]+)` \| (`+)(.+?)\2 \| `(\[.*\])` \|$", re.MULTILINE)
FORMS = {
    rule: (text, json.loads(wire))
    for rule, _, text, wire in ROW.findall(SPEC.split("## Translation")[1].split("###")[0])
}


def read(text: str) -> Term:
    term = parse_authoring(text).term
    assert term is not None
    return term


@pytest.mark.parametrize(
    "rule",
    ["authoring/is", "authoring/cmp", "authoring/and", "authoring/or", "authoring/nested", "authoring/single",
     "authoring/not", "authoring/equal", "authoring/unequal", "authoring/one-of", "authoring/one-of-one",
     "authoring/none-of", "authoring/tier", "authoring/min-tier", "authoring/tag-in", "authoring/tag-not-in",
     "authoring/test", "authoring/function", "authoring/quoted-field", "authoring/field", "authoring/lit",
     "authoring/scale", "authoring/add", "authoring/chain", "authoring/seq", "authoring/when", "authoring/recipe",
     "authoring/always", "authoring/override"],
)  # fmt: skip
def test_a_form_is_the_wire_term_beside_it_in_the_specification(rule: str) -> None:
    text, wire = FORMS[rule]
    assert to_wire(read(text)) == wire
    assert parse_wire(json.dumps(wire)).term == read(text)


def test_the_formatter_writes_the_forms_of_the_table() -> None:
    other = {"authoring/function": "filter context >= 32_000\n"}
    for rule, (text, _) in FORMS.items():
        clause, _, rest = text.partition(" ")
        printed = print_authoring(parse_authoring(text))
        if rule == "authoring/override":
            assert (
                printed
                == "fallback abort\n         on timeout:    retry_same\n         on overloaded: next_candidate\n"
            )
        elif rule == "authoring/or":
            assert printed == "filter a or (b and c)\n"
        else:
            assert printed == other.get(rule, f"{clause} {rest}\n")


def test_the_example_of_the_specification_is_formatted_already() -> None:
    example = SPEC.split("```policy\n")[1].split("```")[0]
    assert print_authoring(parse_authoring(example)) == example


@pytest.mark.parametrize(
    ("rule", "slot", "default"),
    [
        ("authoring/filter", "filter", Top()),
        ("authoring/rank", "rank", Zero()),
        ("authoring/select", "select", Argmax()),
        ("authoring/mutate", "mutate", Id()),
        ("authoring/fallback", "fallback", Always(Action("next_candidate"))),
    ],
)
def test_a_clause_that_is_left_out_has_its_default(rule: str, slot: str, default: Term) -> None:
    assert f"| `{rule}` | `{slot}` |" in SPEC
    assert getattr(read("policy { }"), slot) == default


def test_clauses_stand_in_any_order_and_are_written_in_one() -> None:
    backwards = 'policy { fallback abort; mutate drop_param("seed"); select ordered; rank a; filter b; }'
    forwards = 'policy { filter b rank a select ordered mutate drop_param("seed") fallback abort }'
    assert read(backwards) == read(forwards)
    assert print_authoring(parse_authoring(backwards)) == (
        'policy {\n  filter   b\n  rank     a\n  select   ordered\n  mutate   drop_param("seed")\n  fallback abort\n}\n'
    )


def test_a_clause_alone_is_a_term_of_its_sort() -> None:
    assert read("filter a") == Is("a")
    assert read("rank a") == FieldScore("a")
    assert read("select argmax") == Argmax()
    assert read("mutate id") == Id()
    assert read("fallback abort") == Always(Action("abort"))


def test_parentheses_make_nodes_of_their_own_only_where_they_nest() -> None:
    assert read("filter ((a))") == Is("a")
    assert read("filter (a and b)") == read("filter a and b")
    assert read("filter (a and b) and c") != read("filter a and b and c")
    assert read("rank (a + b) + c") != read("rank a + b + c")
    assert read("mutate (id; id); id") != read("mutate id; id; id")
    assert read("mutate (id)") == Id()
    assert read("select (argmax)") == Argmax()
    assert read("fallback (abort)") == Always(Action("abort"))


def test_every_operation_with_arguments_has_a_function_form() -> None:
    written = {
        "Pred": "top", "Scorer": "zero", "Selector": "argmax", "Xform": "id", "FailPlan": "abort", "Num": "2",
        "Count": "3", "Rel": "le", "NumField": "a", "BoolField": "a", "TagField": "a", "Field": "a", "Tier": "a",
        "Name": '"a"', "Names": '{"a"}', "ParamName": '"a"', "Scalar": "true", "Sym": '"a"', "Reason": "a",
        "Recipe": "", "Chain": "", "Action": "abort",
    }  # fmt: skip
    clause = {"Pred": "filter", "Scorer": "rank", "Selector": "select", "Xform": "mutate", "FailPlan": "fallback"}
    for row in SIGNATURE.values():
        if row.arguments and row.op != "policy":
            arguments = ", ".join(written[argument.sort] for argument in row.arguments)
            assert read(f"{clause[row.sort]} {row.op}({arguments})").op == row.op
            if arguments and row.op != "not":  # `not` is an operator, whatever stands after it
                assert read(f"{clause[row.sort]} {row.op}({arguments},)").op == row.op


def test_an_operations_word_is_a_name_where_no_parenthesis_follows() -> None:
    for word in ("neg", "id", "argmax", "has_cap", "abort", "ge", "override"):
        assert read(f"filter {word}") == Is(word)
        assert read(f"rank {word}") == FieldScore(word)
    assert read('filter id in {"openai/gpt-5.2"}') == TagIn("id", ("openai/gpt-5.2",))


@pytest.mark.parametrize("name", ["and", "bench-x", "", "`", "a b", "é", "\n", "\\", "policy", 'a"b', "\u202e"])
def test_any_name_can_be_written_in_backticks(name: str) -> None:
    term = Is(name)
    printed = print_authoring(term)
    assert printed.startswith("filter `")
    assert read(printed) == term


def test_a_string_has_the_escapes_of_json() -> None:
    text = r'mutate set_param("a", "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\`")'
    assert read(text) == SetParam("a", Text('"\\/\b\f\n\r\té😀`'))


def test_a_string_keeps_what_a_comment_would_start_with() -> None:
    assert read('filter has_cap("# no // comment")') == read('filter has_cap("\\u0023 no // comment")')


@pytest.mark.parametrize(
    ("written", "value", "formatted"),
    [
        ("32_000", 32000.0, "32_000"),
        ("9999", 9999.0, "9999"),
        ("-12345.5", -12345.5, "-12_345.5"),
        ("1e3", 1000.0, "1000"),
        ("25.0", 25.0, "25"),
        ("-0", 0.0, "0"),
        ("0.000_1", 0.0001, "0.0001"),
        ("2.5E-7", 2.5e-7, "2.5e-7"),
        ("1e+16", 1e16, "1e16"),
        ("9007199254740993", 9007199254740992.0, "9_007_199_254_740_992"),
    ],
)
def test_a_number_is_the_nearest_binary64_and_written_shortest(written: str, value: float, formatted: str) -> None:
    assert "`authoring/format-number`" in SPEC
    assert read(f"rank {written}") == Lit(value)
    assert print_authoring(Lit(value)) == f"rank {formatted}\n"


def test_white_space_and_comments_stand_between_any_two_tokens() -> None:
    assert read("filter\t#a\r\nneg //b\n>=\r3") == read("filter neg>=3")
    assert read("rank neg # of a\n( a )") == read("rank neg(a)")


def test_lists_keep_order_and_duplicates() -> None:
    assert read('filter a in {"b", "a", "b",}') == TagIn("a", ("b", "a", "b"))
    assert read("filter a and a") == And((Is("a"), Is("a")))
    assert read('mutate filter_text("a", "a", {}, {b: 1})') == FilterText(
        ("a", "a", RecipeRecord(()), RecipeRecord((("b", 1.0),)))
    )


def test_the_last_on_line_is_the_outermost_override() -> None:
    term = read("fallback abort on a: next_candidate on b: disable_provider")
    assert isinstance(term, Override)
    assert (term.reason, term.action.action) == ("b", "disable_provider")
    assert read('fallback abort on "x y": abort') == read("fallback abort on `x y`: abort")


def test_nodes_have_the_pointers_of_the_wire_form_as_origins() -> None:
    term = parse_authoring('policy { rank 2 * a filter provider != "x" }', source="floor").term
    assert isinstance(term, Policy)
    assert term.rank.origin is not None
    assert (term.rank.origin.source, term.rank.origin.pointer) == ("floor", "/2")
    assert term.filter.origin is not None
    assert term.filter.origin.pointer == "/1"
    assert term.mutate.origin is not None
    assert term.mutate.origin.pointer == "/4"


def test_a_text_of_another_sort_than_the_one_that_is_due_is_refused() -> None:
    assert parse_authoring("filter a", sort="Pred").term == Is("a")
    with pytest.raises(Refused, match="a predicate where a policy is due") as refused:
        parse_authoring("filter a", sort="Policy")
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0203"]
    with pytest.raises(KeyError):
        parse_authoring("filter a", sort="Nothing")
