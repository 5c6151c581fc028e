"""What a caller sends: what goes on to a provider, and what is refused before anything is decided."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policy_ir.diagnostics import Refused
from policy_ir.router.body import Options, read_chat, read_json

HELLO: dict[str, Any] = {"model": "policy:support", "messages": [{"role": "user", "content": "hello"}]}


def read(**more: Any) -> Any:
    return read_chat(json.dumps({**HELLO, **more}).encode())


def findings(data: bytes | dict[str, Any]) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as caught:
        read_chat(data if isinstance(data, bytes) else json.dumps(data).encode())
    return [(str(one.code), one.pointer) for one in caught.value.diagnostics]


def test_everything_but_what_is_the_routers_goes_on_as_it_came() -> None:
    more = {"temperature": 0.1, "x_unknown": {"a": [1, 2.5, None, "é"]}, "n": 2, "stream_options": {"x": True}}
    called = read(**more, policy_options={"session": "s"})
    assert called.body == {**HELLO, **more}
    assert called.options == Options(session="s")


def test_a_term_stands_with_its_own_model() -> None:
    called = read(model="policy:*", policy_ir=["policy"])
    assert called.term == ["policy"]
    assert "policy_ir" not in called.body


@pytest.mark.parametrize(
    ("more", "pointer"), [({"policy_ir": ["policy"]}, "/model"), ({"model": "policy:*"}, "/policy_ir")]
)
def test_a_term_without_its_model_and_the_model_without_a_term_are_refused(more: dict[str, Any], pointer: str) -> None:
    assert findings({**HELLO, **more}) == [("PIR0922", pointer)]


@pytest.mark.parametrize("model", [None, 7, ["policy:support"]])
def test_a_model_is_a_name(model: object) -> None:
    assert findings({**HELLO, "model": model}) == [("PIR0921", "/model")]


def test_options_say_all_that_is_wrong_with_them() -> None:
    options = {"sesion": "x", "budget": -1, "deadline_ms": 0, "dry_run": "yes", "requirements": [], "session": ""}
    found = findings({**HELLO, "policy_options": options, "stream": 1})
    assert found == [
        ("PIR0920", "/policy_options/sesion"),
        ("PIR0920", "/policy_options/budget"),
        ("PIR0920", "/policy_options/deadline_ms"),
        ("PIR0920", "/policy_options/dry_run"),
        ("PIR0920", "/policy_options/requirements"),
        ("PIR0920", "/policy_options/session"),
        ("PIR0920", "/stream"),
    ]


def test_a_misspelt_option_is_told_what_it_may_have_meant() -> None:
    with pytest.raises(Refused) as caught:
        read(policy_options={"sesion": "x"})
    assert caught.value.diagnostics[0].help == "did you mean `session`?"


@pytest.mark.parametrize("session", ["x" * 257, "é" * 129, "\ud800", "a\nb"])
def test_a_session_is_a_short_name_that_can_be_printed(session: str) -> None:
    assert findings({**HELLO, "policy_options": {"session": session}}) == [("PIR0920", "/policy_options/session")]


def test_an_absent_option_may_be_null() -> None:
    assert read(policy_options={"session": None, "seed": None}).options == Options()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"nope",
        b"\xff{}",
        b'{"model": NaN}',
        b"[" * 100_000,
        b'{"a": 1} x',
        b"\xef\xbb\xbf{}",
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_json_object_is_refused_as_such(data: bytes) -> None:
    assert [code for code, _ in findings(data)] == ["PIR0923"]


def test_a_body_with_a_term_may_say_nothing_twice() -> None:
    data = b'{"model": "policy:*", "policy_ir": ["always", {"action": "abort", "action": "retry_same"}]}'
    assert [code for code, _ in findings(data)] == ["PIR0114"]


@pytest.mark.parametrize(
    "data",
    [
        b'["flow", {"a": ["input"], "a": ["input"]}]',
        b'["always", {"action": "abort", "action": "retry_same"}]',
        b'{"model": "flow:*", "flow\\u005fir": ["flow", {"a": ["input"], "a": ["input"]}]}',
        b'{"policy\\u005foptions": {"seed": 1, "seed": 2}}',
    ],
)
def test_a_term_by_itself_or_under_an_escaped_key_may_say_nothing_twice_either(data: bytes) -> None:
    with pytest.raises(Refused, match="PIR0114"):
        read_json(data)


@pytest.mark.parametrize("depth", [256, 975])
def test_brackets_may_be_nested_so_deep_wherever_a_body_is_read_and_written(depth: int) -> None:
    def nested(depth: int) -> bytes:
        return b'{"model": "m", "x": ' + b"[" * depth + b"]" * depth + b"}"

    assert read_chat(nested(255)).model == "m"
    assert [code for code, _ in findings(nested(depth))] == ["PIR0923"]
