"""The grammar file says what the signature says, and can be read as the definition of the wire syntax."""

from __future__ import annotations

import re
import sys
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.diagnostics import Refused
from policy_ir.signature import SIGNATURE, Argument
from policy_ir.syntax.json_reader import read_json
from policy_ir.syntax.wire import parse_wire
from policy_ir.syntax.wire_grammar import START, parser

GRAMMAR = resources.files("policy_ir").joinpath("grammar", "wire.lark").read_text("utf-8")
NONTERMINALS = {
    "Pred": "pred", "Scorer": "scorer", "Selector": "selector", "Xform": "xform", "FailPlan": "fail_plan",
    "Pointwise": "pointwise", "Num": "num", "Count": "count", "Rel": "rel", "NumField": "num_field",
    "BoolField": "bool_field", "TagField": "tag_field", "Field": "any_field", "Tier": "tier", "Name": "name",
    "Names": "names", "ParamName": "param_name", "Scalar": "scalar", "Sym": "sym", "Reason": "reason",
    "Action": "action", "Recipe": "recipe", "Chain": "chain_entries",
}  # fmt: skip


def nonterminal(argument: Argument) -> str:
    return NONTERMINALS[argument.subsort.name if argument.subsort else argument.sort]


def productions() -> dict[str, tuple[str, list[str]]]:
    """By label: the nonterminal, and the symbols between the brackets without commas."""
    found = {}
    origin = ""
    for line in GRAMMAR.splitlines():
        if heading := re.match(r"(\w+) *:", line):
            origin = heading[1]
        if node := re.match(r'[\w ]*[:|] "\[" "(\w+)"(.*?) "\]" *(?:-> (\w+))?$', line):
            head, symbols, label = node.groups()
            assert label == (head if origin != "policy" else None)
            found[head] = origin, re.findall(r"[\w+]+", symbols.replace(")+", "+"))
    return found


def test_the_grammar_has_the_operations_of_the_signature_with_their_sorts_and_arguments() -> None:
    assert productions() == {
        row.op: (
            START[row.sort],
            [nonterminal(argument) + ("+" if argument.variadic else "") for argument in row.arguments],
        )
        for row in SIGNATURE.values()
    }


def test_the_rules_that_lark_reads_are_those() -> None:
    made = {rule.alias or rule.origin.name for rule in parser().rules}
    assert set(SIGNATURE) <= made


def test_every_start_symbol_is_a_sort() -> None:
    assert set(parser().options.start) == set(START.values())


@given(st.text(alphabet=st.sampled_from('"\\/bu0aFd8\n\x00é'), max_size=10).map(lambda text: f'"{text}"'))
def test_the_terminal_of_strings_is_what_the_reader_takes_but_for_surrogates(text: str) -> None:
    terminal = next(one for one in parser().terminals if one.name == "STRING")
    try:
        accepted = isinstance(read_json(text).value, str)
    except Refused as refused:
        accepted = {found.code.code for found in refused.diagnostics} == {"PIR0113"}
    assert bool(re.fullmatch(terminal.pattern.to_regexp(), text)) == accepted


@given(st.text(alphabet=st.sampled_from("-+0123.eE"), min_size=1, max_size=8))
def test_the_terminal_of_numbers_is_what_the_reader_takes_but_for_its_range(text: str) -> None:
    terminal = next(one for one in parser().terminals if one.name == "NUMBER")
    try:
        accepted = isinstance(read_json(text).value, float)
    except Refused as refused:
        accepted = {found.code.code for found in refused.diagnostics} <= {"PIR0110", "PIR0111"}
    assert bool(re.fullmatch(terminal.pattern.to_regexp(), text)) == accepted


def test_a_wide_term_takes_time_linear_in_its_text() -> None:
    import time

    start = time.process_time()
    with pytest.raises(Refused) as refused:
        parse_wire('["and"' + ',["top"]' * 8_000 + "]")
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0302"]
    assert time.process_time() - start < 5


def test_the_fast_reader_needs_no_lark() -> None:
    import subprocess

    code = (
        "import sys; from policy_ir.syntax import parse, fmt\n"
        "fmt(parse('[\"top\"]'))\n"
        "print([name for name in ('lark', 'difflib', 'rich', 'typer') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
