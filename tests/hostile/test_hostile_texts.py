"""Whatever a source is, it is a policy or it is refused: with a code and a place, soon, and without a traceback."""

from __future__ import annotations

from typing import Any

import pytest
from hostile_texts import BYTES, FUZZED, NESTING, NUMBERS, STRINGS, TEXTS
from outcomes import codes_of, refusal

from policy_ir.admission import admit
from policy_ir.syntax import parse
from policy_ir.syntax.source import decode
from policy_ir.vocabulary import vocabulary


def read(data: bytes, syntax: Any = "auto") -> Any:
    document = parse(decode(data, "hostile"), syntax=syntax)
    assert document.term is not None
    return admit(document.term, vocabulary("standard"), document=document)


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_source_is_refused_in_either_syntax_and_in_few_words(name: str) -> None:
    for syntax in ("wire", "authoring"):
        assert len(refusal(lambda syntax=syntax: read(TEXTS[name], syntax))) <= 101


@pytest.mark.parametrize("name", TEXTS)
def test_it_is_refused_when_its_syntax_has_to_be_guessed(name: str) -> None:
    assert refusal(lambda: read(TEXTS[name]))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nothing", "PIR0005"),
        ("blanks", "PIR0005"),
        ("256 KiB of blanks", "PIR0005"),
        ("one byte over 256 KiB", "PIR0004"),
        ("ten megabytes", "PIR0004"),
        ("a byte-order mark", "PIR0003"),
        ("Latin-1", "PIR0002"),
        ("truncated UTF-8", "PIR0002"),
        ("a surrogate in UTF-8", "PIR0002"),
        ("an overlong slash", "PIR0002"),
    ],
)
def test_bytes_that_are_no_source_say_why(name: str, code: str) -> None:
    assert codes_of(lambda: read(BYTES[name])) == {code}


@pytest.mark.parametrize("name", ["as many opening brackets as fit", "a well-sorted term as deep as fits"])
def test_brackets_deeper_than_any_term_are_refused_once(name: str) -> None:
    assert [one.code.code for one in refusal(lambda: read(NESTING[name]))] == ["PIR0310"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("an integer of 100,000 digits", "PIR0110"),
        ("an exponent of 100,000 digits", "PIR0110"),
        ("a number over the greatest", "PIR0110"),
        ("a fraction that underflows after 100,000 zeros", "PIR0111"),
        ("a negative exponent of 100,000 digits", "PIR0111"),
        ("a number under the least", "PIR0111"),
        ("NaN", "PIR0112"),
        ("Infinity", "PIR0112"),
        ("minus Infinity", "PIR0112"),
        ("a leading zero", "PIR0109"),
    ],
)
def test_numbers_that_binary64_does_not_have_say_why(name: str, code: str) -> None:
    assert codes_of(lambda: read(NUMBERS[name])) == {code}


def test_a_number_of_100_000_digits_that_binary64_has_is_read() -> None:
    one = b'["lit",1' + b"0" * 100_000 + b"e-100000]"
    assert read(one).term == read(b'["lit",1]').term


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a lone high surrogate", "PIR0113"),
        ("a lone low surrogate", "PIR0113"),
        ("surrogates the wrong way round", "PIR0113"),
        ("an unterminated string", "PIR0108"),
        ("an unknown escape", "PIR0108"),
        ("a string of 200 KB", "PIR0303"),
        ("a field of 257 bytes", "PIR0303"),
        ("single quotes", "PIR0117"),
    ],
)
def test_strings_that_the_language_does_not_have_say_why(name: str, code: str) -> None:
    assert codes_of(lambda: read(STRINGS[name], "wire")) == {code}


@pytest.mark.parametrize("name", FUZZED)
def test_a_short_text_with_a_few_slips_has_a_few_findings(name: str) -> None:
    assert len(refusal(lambda: read(FUZZED[name]))) <= 6


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_a_policy_that_ends_early_is_refused_wherever_it_ends(cut: int) -> None:
    whole = (
        b'["policy",["and",["meets_req"],["not",["is","disabled"]],["cmp","price_out","le",2.5e1]],'
        b'["neg",["normalize",["field","price_out"]]],["top_k",3,["argmax"]],["seq",["set_param","temperature",0.5],'
        b'["filter_text",[]]],["override",["always",{"action":"next_candidate"}],"timeout",{"action":"abort"}]]'
    )
    assert read(whole)
    if cut < len(whole):
        assert refusal(lambda: read(whole[:cut]))
