"""The loader of texts: as strict as the reader of JSON, and it knows again what it has admitted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.admission import Admitted, admit_policy
from policy_ir.diagnostics import Diagnostic, Refused
from policy_ir.evaluator.loading import Loader
from policy_ir.evaluator.loading.doubt import DOUBTS
from policy_ir.evaluator.loading.text import value_of_text
from policy_ir.syntax import parse
from policy_ir.syntax.bounds import SOURCE_BYTES
from policy_ir.syntax.source import decode
from policy_ir.testing.strategies import mangled_text, wire_values
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
CORE = vocabulary("core")
PLAIN: list[Any] = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]


def text_of(rank: str, action: str = '{"action": "abort"}') -> str:
    return f'["policy", ["top"], {rank}, ["argmax"], ["id"], ["always", {action}]]'


def ranked(by: int) -> bytes:
    return text_of(f'["lit", {by}]').encode()


def told(found: tuple[Diagnostic, ...] | list[Diagnostic]) -> list[Any]:
    return [(one.code.code, one.pointer, one.span, str(one)) for one in found]


def by_the_definition(source: bytes) -> Any:
    try:
        document = parse(decode(source), syntax="wire")
        assert document.term is not None
        admitted = admit_policy(document.term, STANDARD, document=document)
    except Refused as refused:
        return told(refused.diagnostics)
    return admitted.term, admitted.canonical_bytes, admitted.fingerprint


def by_the_loader(source: bytes) -> Any:
    try:
        admitted = Loader().load(source, STANDARD)
    except Refused as refused:
        return told(refused.diagnostics)
    assert admitted.document is None
    return admitted.term, admitted.canonical_bytes, admitted.fingerprint


def is_fast(source: bytes) -> bool:
    try:
        value_of_text(source)
    except DOUBTS:
        return False
    return True


# --- strictness ----------------------------------------------------------------------------------------------------


@given(wire_values("Policy"), st.booleans())
def test_a_text_loads_as_its_value_does(value: list[Any], ascii_only: bool) -> None:
    source = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert by_the_loader(source) == by_the_definition(source)


@given(mangled_text(wire_values("Policy", max_nodes=8).map(json.dumps)))
def test_a_mangled_text_has_the_same_outcome(text: str) -> None:
    source = text.encode("utf-8", "surrogatepass")
    assert by_the_loader(source) == by_the_definition(source)


@pytest.mark.parametrize(
    "text",
    [
        text_of('["zero"]', '{"action": "abort", "action": "abort"}'),
        text_of('["zero"]', '{"action": "abort", "x": {"y": 1, "y": 1}}'),
        text_of('["zero"]', '{"action": "abort", "\\u0061ction": "abort"}'),
        text_of('["zero"]', '{"action": "abort", "attempts": null}'),
        text_of('["lit", NaN]'),
        text_of('["lit", Infinity]'),
        text_of('["lit", -Infinity]'),
        text_of('["lit", 1e999]'),
        text_of('["lit", 1e-999]'),
        text_of('["lit", 1E-999]'),
        text_of('["lit", 0e-999]'),
        text_of('["lit", 5e-324]'),
        text_of('["lit", 2e-324]'),
        text_of(f'["lit", 0.{"0" * 400}1]'),
        text_of(f'["lit", 0.{"0" * 400}1e+80]'),
        text_of(f'["lit", 0.{"0" * 400}]'),
        text_of(f'["lit", 1{"0" * 308}]'),
        text_of(f'["lit", 1{"0" * 309}]'),
        text_of(f'["lit", {"9" * 5000}]'),
        text_of('["lit", -0]'),
        text_of('["lit", -0.0]'),
        text_of('["lit", 9007199254740993]'),
        text_of('["lit", 01]'),
        text_of('["lit", 1.]'),
        text_of('["lit", .5]'),
        text_of('["lit", +1]'),
        text_of('["lit", 1_0]'),
        text_of('["lit", 1 2]'),
        text_of('["lit", 1,]'),
        text_of("['zero']"),
        text_of('["zero"] // no'),
        text_of('["gate", ["provider_eq", "a\tb"], ["zero"]]'),
        text_of('["gate", ["provider_eq", "a\\u0009b"], ["zero"]]'),
        text_of('["gate", ["provider_eq", "\\ud83d\\ude00"], ["zero"]]'),
        text_of('["gate", ["provider_eq", "\\ud83d"], ["zero"]]'),
        text_of('["gate", ["provider_eq", "\\x41"], ["zero"]]'),
        text_of('["gate", ["provider_eq", "code-x1e-9"], ["zero"]]'),
        text_of('["zero"]') + " \t\r\n",
        text_of('["zero"]') + " []",
        text_of('["zero"]') + "\f",
        text_of('["zero"]')[:-1],
        "\ufeff" + text_of('["zero"]'),
        "",
        " \n",
        '"policy"',
        "policy(top)",
        "[" * 100_000,
        '{"a":' * 10_000,
        "[" * 66 + "]" * 66,
        text_of('["zero"]') + " " * SOURCE_BYTES,
        "\ud800",
    ],
    ids=lambda text: text[:70],
)
def test_a_text_is_read_as_strictly_as_by_the_definition(text: str) -> None:
    source = text.encode("utf-8", "surrogatepass")
    assert by_the_loader(source) == by_the_definition(source)


@pytest.mark.parametrize("source", [b"\xff\xfe[\0", b"\xc3\x28", b"[\0\0\0", json.dumps(PLAIN).encode("utf-16")])
def test_what_is_no_utf_8_is_refused(source: bytes) -> None:
    assert by_the_loader(source) == by_the_definition(source)


def test_a_hyphen_in_a_name_is_no_exponent() -> None:
    assert is_fast(text_of('["gate", ["provider_eq", "code-x"], ["zero"]]').encode())
    assert is_fast(text_of('["lit", 1e+20]').encode())
    assert not is_fast(text_of('["lit", 1e-20]').encode())


def test_a_number_with_a_negative_exponent_is_admitted_all_the_same() -> None:
    admitted = Loader().load(text_of('["lit", 1e-20]').encode(), STANDARD)
    assert admitted.term.rank.value == 1e-20  # type: ignore[attr-defined]


# --- what is known -------------------------------------------------------------------------------------------------


def test_a_policy_seen_before_is_the_same_object() -> None:
    loader = Loader()
    assert loader.load(ranked(2), STANDARD) is loader.load(bytes(bytearray(ranked(2))), STANDARD)


def test_the_vocabulary_is_part_of_what_is_known() -> None:
    loader = Loader()
    standard, core = loader.load(ranked(2), STANDARD), loader.load(ranked(2), CORE)
    assert (standard.vocabulary, core.vocabulary) == (STANDARD, CORE)


def test_the_oldest_are_forgotten_first() -> None:
    loader = Loader(most=2)
    first, second = loader.load(ranked(1), STANDARD), loader.load(ranked(2), STANDARD)
    assert loader.load(ranked(1), STANDARD) is first
    loader.load(ranked(3), STANDARD)
    assert loader.size == (2, 2)
    assert loader.load(ranked(2), STANDARD) is second
    assert loader.load(ranked(1), STANDARD) is not first
    assert loader.load(ranked(3), STANDARD) is loader.load(ranked(3), STANDARD)


def test_what_is_refused_is_refused_again() -> None:
    loader = Loader()
    for _ in range(2):
        with pytest.raises(Refused):
            loader.load(text_of('["lit", 1e999]').encode(), STANDARD)


def test_a_value_is_loaded_without_being_remembered() -> None:
    loader = Loader()
    first = loader.load(PLAIN, STANDARD)
    assert isinstance(first, Admitted)
    assert loader.load(PLAIN, STANDARD) is not first
