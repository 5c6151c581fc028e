"""When a reply is the one that is due. Specification: chapter "Conformance", section "Comparing"."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policy_ir.conformance.compare import difference


def result(text: str) -> dict[str, Any]:
    """A result that holds the value of a JSON text."""
    return {"result": {"value": json.loads(text)}}


def same(due: str, given: str) -> bool:
    return difference(result(due), result(given), "all") is None


# --- values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "given"),
    [
        ("5", "5.0"),
        ("5", "5e0"),
        ("5.0", "5"),
        ("0.1", "1e-1"),
        ("9007199254740993", "9007199254740992"),  # the one binary64 that both stand for
        ("1" + "0" * 400, "1e999"),
        ("5e-324", "4.9e-324"),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}'),
        ('"é"', '"\\u00e9"'),
        ('"\\ud83d\\ude00"', '"😀"'),
        ('"-0"', '"-0"'),
        ('"-0"', "-0.0"),
        ("null", "null"),
        ("[]", "[]"),
    ],
)
def test_equal_values_are_equal_however_they_are_written(due: str, given: str) -> None:
    assert same(due, given)


@pytest.mark.parametrize(
    ("due", "given", "said"),
    [
        ("0.3", "0.30000000000000004", "/result/value: expected 0.3, got 0.30000000000000004"),
        ("5", '"5"', '/result/value: expected 5, got "5"'),
        ('"inf"', "1e999", '/result/value: expected "inf", got Infinity'),
        ("1", "true", "/result/value: expected 1, got true"),
        ("0", "false", "/result/value: expected 0, got false"),
        ("0", "-0.0", "/result/value: expected 0, got -0.0"),
        ("-0.0", "0", "/result/value: expected -0.0, got 0"),
        ('"-0"', "0", '/result/value: expected "-0", got 0'),
        ("0", '"-0"', '/result/value: expected 0, got "-0"'),
        ("0", "null", "/result/value: expected 0, got null"),
        ("[]", "{}", "/result/value: expected [], got {}"),
        ("{}", "null", "/result/value: expected {}, got null"),
        ('"é"', '"e\\u0301"', '/result/value: expected "\\xe9", got "e\\u0301"'),
        ("[1, 2]", "[2, 1]", "/result/value/0: expected 1, got 2"),
        ("[1, 2]", "[1]", "/result/value: expected 2 entries, got 1; expected 2 at 1"),
        ("[1]", "[1, 2]", "/result/value: expected 1 entries, got 2; got 2 at 1"),
        ('{"a": null}', "{}", "/result/value/a: expected null, got nothing"),
        ("{}", '{"a": null}', "/result/value/a: expected nothing, got null"),
        ('{"a/b": {"~": 1}}', '{"a/b": {"~": 2}}', "/result/value/a~1b/~0: expected 1, got 2"),
        ('{"a": 1, "b": 2}', '{"b": 3, "a": 3}', "/result/value/a: expected 1, got 3"),
    ],
)
def test_the_first_difference_is_told_with_its_place_and_both_values(due: str, given: str, said: str) -> None:
    assert difference(result(due), result(given), "all") == said


def test_long_texts_are_shown_from_shortly_before_they_differ() -> None:
    long = "x" * 500
    end = "…" + "x" * 20
    assert difference(result(f'"{long}a"'), result(f'"{long}b"'), "all") == (
        f'/result/value: expected from character 500 on "{end}a", got "{end}b"'
    )
    assert difference(result(f'"{long}"'), result(f'"{long}b"'), "all") == (
        f'/result/value: expected from character 500 on "{end}", got "{end}b"'
    )


def test_a_difference_is_one_line_that_is_safe_to_show() -> None:
    given = json.dumps({"value": "\x1b[2J\n\u202e" + "y" * 10_000})
    said = difference(result("1"), {"result": json.loads(given)}, "all")
    assert said is not None
    assert said.isprintable()
    assert len(said) < 400


def test_a_huge_number_can_be_shown() -> None:
    assert difference(result("1"), {"result": {"value": 10**5000}}, "all") == "/result/value: expected 1, got Infinity"


# --- outcomes -----------------------------------------------------------------------------------------------

REFUSAL = {"refused": [{"code": "PIR0401", "pointer": "/1"}]}


def test_a_result_is_no_refusal_and_a_refusal_no_result() -> None:
    for level in ("verdict", "first", "all"):
        assert difference(REFUSAL, result("1"), level) == (
            'expected a refusal with PIR0401 at "/1", got the result {"value":1}'
        )
        assert difference(result("1"), REFUSAL, level) == (
            'expected the result {"value":1}, got a refusal with PIR0401 at "/1"'
        )


def refusal(*findings: str) -> dict[str, Any]:
    """A refusal by findings written `CODE POINTER`, or `CODE` for one without a pointer."""
    parted = (finding.partition(" ") for finding in findings)
    return {"refused": [{"code": code, "pointer": pointer if space else None} for code, space, pointer in parted]}


DUE = ("PIR0401 /1", "PIR0402 /2")


@pytest.mark.parametrize(
    ("given", "verdict", "first", "all_"),
    [
        (DUE, None, None, None),
        (("PIR0401 /1",), None, None, '/refused/1: expected PIR0402 at "/2", got no further finding'),
        ((*DUE, "PIR0403 "), None, None, '/refused/2: expected no further finding, got PIR0403 at ""'),
        (DUE[::-1], None, *['/refused/0: expected PIR0401 at "/1", got PIR0402 at "/2"'] * 2),
        (("PIR0401 /3", DUE[1]), None, *['/refused/0: expected PIR0401 at "/1", got PIR0401 at "/3"'] * 2),
        (("PIR0401", DUE[1]), None, *['/refused/0: expected PIR0401 at "/1", got PIR0401 without a place'] * 2),
        ((DUE[0], "PIR0402 /3"), None, None, '/refused/1: expected PIR0402 at "/2", got PIR0402 at "/3"'),
    ],
    ids=str,
)
def test_findings_are_compared_as_far_as_the_level_asks(
    given: tuple[str, ...], verdict: str | None, first: str | None, all_: str | None
) -> None:
    assert difference(refusal(*DUE), refusal(*given), "verdict") == verdict
    assert difference(refusal(*DUE), refusal(*given), "first") == first
    assert difference(refusal(*DUE), refusal(*given), "all") == all_


@pytest.mark.parametrize("due", [("PIR0105", "PIR0103"), ("PIR0301",)])
def test_of_a_refusal_of_a_text_the_first_code_counts_only(due: tuple[str, ...]) -> None:
    assert difference(refusal(*due), refusal(f"{due[0]} /5", "PIR0101"), "all") is None
    assert difference(refusal(*due), refusal("PIR0104"), "verdict") is None
    for level in ("first", "all"):
        assert difference(refusal(*due), refusal("PIR0104"), level) == (
            f"/refused/0/code: expected {due[0]}, got PIR0104 without a place"
        )


def test_further_members_of_a_finding_are_ignored_in_refusals_and_in_results() -> None:
    finding = {"code": "PIR0501", "pointer": "/1"}
    told = finding | {"message": "a warning", "help": None}
    assert difference({"refused": [finding]}, {"refused": [told]}, "all") is None
    assert difference({"result": {"warnings": [finding]}}, {"result": {"warnings": [told]}}, "all") is None
    assert difference({"result": {"warnings": [finding]}}, {"result": {"warnings": [{"code": "PIR0501"}]}}, "all") == (
        '/result/warnings/0/pointer: expected "/1", got nothing'
    )
