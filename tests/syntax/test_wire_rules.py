"""The rules of the chapter "Syntax", each by an example that it refuses or decides."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from policy_ir.diagnostics import CODES, Refused
from policy_ir.signature import SIGNATURE
from policy_ir.syntax.loader import load
from policy_ir.syntax.print_wire import print_wire
from policy_ir.syntax.source import decode, read_source
from policy_ir.syntax.wire import parse_wire, read_wire_fast

CHAPTER = Path(__file__).parents[2].joinpath("docs", "spec", "syntax.md").read_text("utf-8")
ROWS = re.findall(r"^\| `([a-z]+/[a-z0-9-]+)` \|(.*)\|$", CHAPTER, re.MULTILINE)
CODE_OF = {rule: re.findall(r"PIR\d{4}", rest)[0] for rule, rest in ROWS if "PIR" in rest}


def nested(depth: int) -> str:
    return '["not", ' * (depth - 1) + '["top"]' + "]" * (depth - 1)


REFUSED: dict[str, str] = {
    "json/character": "[top]",
    "json/token": '["and",, ["top"]]',
    "json/unclosed": '["not", ["top"]',
    "json/closer": '["top"]]',
    "json/separator": '["not" ["top"]]',
    "json/trailing-comma": '["not", ["top"],]',
    "json/one-value": '["top"] top',
    "json/string": '["is", "a\tb"]',
    "json/number": '["lit", 01]',
    "json/overflow": '["lit", 1.7976931348623159e308]',
    "json/underflow": '["lit", 2.4703282292062327e-324]',
    "json/not-finite": '["lit", -Infinity]',
    "json/surrogate": '["is", "\\udc00"]',
    "json/key": '["always", {"action": "abort", "\\u0061ction": "abort"}]',
    "json/null": '["not", null]',
    "json/comment": '["top"] # all',
    "json/single-quotes": "['top']",
    "json/nesting": "[" * 67,
    "sort/term": '["not", "top"]',
    "sort/operation": '["all", ["top"]]',
    "sort/sort": '["not", ["zero"]]',
    "sort/arity": '["not"]',
    "sort/parameter": '["is", 1]',
    "sort/relation": '["cmp", "price_in", "<", 1]',
    "sort/action": '["always", {"action": "abort", "then_action": "retry"}]',
    "sort/key": '["chain", [{"provider": "a", "model": "b", "region": "eu"}]]',
    "sort/required-key": '["always", {"attempts": 1}]',
    "sort/empty-list": '["tag_in", "region", []]',
    "bound/depth": nested(65),
    "bound/nodes": json.dumps(["or", *[["bot"]] * 4096]),
    "bound/string": json.dumps(["is", "x" * 257]),
    "bound/entries": json.dumps(["tag_in", "region", ["eu"] * 65]),
}
SOURCES: dict[str, bytes] = {
    "source/size": b" " * 262145,
    "source/utf-8": b'["is", "\xff"]',
    "source/mark": b'\xef\xbb\xbf["top"]',
    "source/empty": b"\t\r\n ",
}
CYCLE: Any = ["and"]
CYCLE.append(CYCLE)
VALUES: dict[str, Any] = {"value/foreign": ["is", b"disabled"], "value/cycle": CYCLE}


def codes(read: Any, *arguments: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        read(*arguments)
    return [found.code.code for found in refused.value.diagnostics]


@pytest.mark.parametrize("rule", REFUSED)
def test_what_a_rule_refuses_is_refused_with_its_code(rule: str) -> None:
    assert codes(parse_wire, REFUSED[rule]) == codes(read_wire_fast, REFUSED[rule]) == [CODE_OF[rule]]


@pytest.mark.parametrize("rule", SOURCES)
def test_a_source_that_a_rule_refuses_is_refused_with_its_code(rule: str) -> None:
    assert codes(decode, SOURCES[rule]) == [CODE_OF[rule]]


@pytest.mark.parametrize("rule", VALUES)
def test_a_value_that_a_rule_refuses_is_refused_with_its_code(rule: str) -> None:
    assert codes(load, VALUES[rule]) == [CODE_OF[rule]]


def test_source_unreadable(tmp_path: Path) -> None:
    assert codes(read_source, tmp_path) == [CODE_OF["source/unreadable"]]


FINDINGS: dict[str, list[tuple[str, list[str]]]] = {
    "finding/stage": [('["not", [01, null]]', ["PIR0109", "PIR0115"]), ('\ufeff["not", 01]', ["PIR0003"])],
    "finding/order": [('["and", 1, ["nto"], ["is", 1]]', ["PIR0201", "PIR0202", "PIR0205"])],
    "finding/place": [
        ('["always", {"house": true}]', ["PIR0205", "PIR0209"]),
        ('["not", ["top"', ["PIR0103"]),
        ('[["top"], // two\n]', ["PIR0106", "PIR0116"]),
        ('["top"] 01', ["PIR0107"]),
    ],
    "finding/together": [
        ('["not" null]', ["PIR0105", "PIR0115"]),
        ("[\"not\" 'top']", ["PIR0117", "PIR0105"]),
        ('["not", ["neg"]]', ["PIR0203", "PIR0204"]),
        (json.dumps(["chain", [{"x" * 257: 1, "provider": "a", "model": "b"}]]), ["PIR0303", "PIR0208"]),
    ],
    "finding/consequence": [
        ('["cmp", "price_in", 25]', ["PIR0204"]),
        ('["adn", "top", ["is", 1]]', ["PIR0202", "PIR0205"]),
    ],
}


@pytest.mark.parametrize(("text", "found"), [case for cases in FINDINGS.values() for case in cases])
def test_findings_come_in_the_order_of_the_chapter(text: str, found: list[str]) -> None:
    assert codes(parse_wire, text) == codes(read_wire_fast, text) == found


LONG = ["filter_text", ["RedactPII", {"a": 1, "b": 1e-5}]]
PRINTED: dict[str, list[tuple[Any, int, str]]] = {
    "print/number": [
        (["clamp", -0.0, 1e15, ["lit", 1e16]], 100, '["clamp", 0, 1000000000000000, ["lit", 1e+16]]'),
        (["clamp", 0.0001, 0.00001, ["lit", 2.0**53]], 100, '["clamp", 0.0001, 1e-05, ["lit", 9007199254740992.0]]'),
    ],
    "print/string": [(["is", 'é"\\/\t\x01\u200b'], 100, r'["is", "é\"\\/\t\u0001\u200b"]')],
    "print/record": [
        (["always", {"b": 1, "attempts": 1, "a": 1, "action": "abort"}], 100,
         '["always", {"action": "abort", "attempts": 1, "a": 1, "b": 1}]'),
        (["chain", [{"model_family": "a", "model": "b", "provider_id": "c", "provider": "d"}]], 100,
         '["chain", [{"provider": "d", "provider_id": "c", "model": "b", "model_family": "a"}]]'),
        (["filter_text", [{"b": 1, "a": 2}]], 100, '["filter_text", [{"a": 2, "b": 1}]]'),
    ],
    "print/line": [(["not", ["top"]], 17, '["not", ["top"]]'), (["not", ["top"]], 16, '["not",\n  ["top"]\n]')],
    "print/break": [
        (LONG, 40, '["filter_text",\n  ["RedactPII", {"a": 1, "b": 1e-05}]\n]'),
        (LONG, 36, '["filter_text",\n  [\n    "RedactPII",\n    {"a": 1, "b": 1e-05}\n  ]\n]'),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("value", "width", "text"), [case for cases in PRINTED.values() for case in cases])
def test_terms_are_printed_by_the_rules_of_the_chapter(value: Any, width: int, text: str) -> None:
    assert print_wire(load(value), width=width) == text


def test_every_rule_of_the_chapter_has_an_example() -> None:
    shown = {"source/unreadable", *REFUSED, *SOURCES, *VALUES, *FINDINGS, *PRINTED}
    assert sorted(shown) == sorted(rule for rule, _ in ROWS)


def test_every_code_of_reading_belongs_to_a_rule_of_the_chapter() -> None:
    by_admission = {"PIR0211", "PIR0212", "PIR0213", "PIR0305", "PIR0306", "PIR0307", "PIR0308", "PIR0309"}
    reading = {code for code in CODES if "PIR0000" < code <= "PIR0117" or "PIR02" < code < "PIR04"}
    assert set(CODE_OF.values()) == reading - by_admission


def test_the_table_of_operations_is_the_signature() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) ?\| ([\w-]+) \|$", CHAPTER, re.MULTILINE)
    assert rows == [
        (
            row.op,
            row.sort,
            " ".join(
                (argument.subsort.name if argument.subsort else argument.sort) + ("+" if argument.variadic else "")
                for argument in row.arguments
            ),
            row.feature,
        )
        for row in SIGNATURE.values()
    ]
