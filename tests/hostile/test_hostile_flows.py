"""Hostile flows are refused in bounded time, whatever they are made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time
from typing import Any

import pytest
from flow_values import POLICY, STANDARD, call, findings, flow, policy, refusal_of, refusal_of_text, wide

from policy_ir.cbor import encode
from policy_ir.diagnostics import Refused
from policy_ir.flow.canonical import read_flow
from policy_ir.flow.loaded import load_admitted_flow
from policy_ir.flow.reading import is_flow_text


@contextmanager
def within(seconds: float) -> Iterator[None]:
    start = process_time()
    yield
    assert process_time() - start < seconds


def codes_of(found: list[tuple[str, str | None]]) -> list[str]:
    return [code for code, _ in found]


@pytest.mark.parametrize("length", [1, 2, 17, 200, 254])
def test_a_cycle_of_any_length_is_reported_once(length: int) -> None:
    nodes = {f"n{at}": call(f"n{(at + 1) % length}") for at in range(length)}
    with within(2):
        assert refusal_of(["flow", {"ask": ["input"], **nodes, "end": ["output", "n0"]}]) == [("PIR1025", "/1/n0")]


def test_nodes_that_all_read_each_other_are_one_cycle() -> None:
    names = [f"n{at}" for at in range(254)]
    nodes = {name: call(*[names[(at + step) % 254] for step in range(32)]) for at, name in enumerate(names)}
    with within(2):
        assert refusal_of(["flow", {"ask": ["input"], **nodes, "end": ["output", "n0"]}]) == [("PIR1025", "/1/n0")]


def test_a_hundred_thousand_nodes_are_refused_as_text_and_as_values() -> None:
    many = ["flow", {f"n{at}": ["input"] for at in range(100_000)}]
    with within(1):
        assert refusal_of(many) == [("PIR1010", "/1")]
    with within(2):
        assert refusal_of_text(json.dumps(many)) == [("PIR0004", None)]
    packed = "[" + json.dumps("flow") + ',{"z":[]' + "".join([f',"{at:x}":[]' for at in range(90_000)]) + "}]"
    with within(10):
        assert refusal_of_text(packed) == [("PIR1010", "/1")]


def test_a_template_full_of_references_is_read_once() -> None:
    references = "$1" * 16384
    value = flow(draft=call("ask", template=references))
    with within(1):
        assert refusal_of(value) == []
    with within(1):
        assert refusal_of(flow(draft=call("ask", template=references[:-1] + "2"))) == [
            ("PIR1028", "/1/draft/1/template")
        ]
    with within(2):
        assert refusal_of(wide([POLICY] * 32, template="$" + "9" * 32767, system=""))[0][0] == "PIR1028"


def test_a_policy_of_4096_nodes_in_each_of_256_nodes_is_refused() -> None:
    big = policy(["and", *[["top"]] * 4090])
    shared = wide([big] * 256)
    with within(2):
        assert refusal_of(shared) == [("PIR1014", "/1/call_16/1/policy")]
    with within(2):
        assert codes_of(refusal_of_text(json.dumps(shared, separators=(",", ":")))) == ["PIR0004"]
    with within(10):
        text = json.dumps(wide([big] * 30), separators=(",", ":"))
        assert len(text) < 1_048_576
        assert refusal_of_text(text) == [("PIR1014", "/1/call_16/1/policy")]
    with within(10), pytest.raises(Refused) as caught:
        load_admitted_flow(text.encode(), STANDARD)
    assert findings(caught.value) == [("PIR1014", "/1/call_16/1/policy")]
    with within(10), pytest.raises(Refused) as caught:
        read_flow(encode(["flow-ir/1", wide([big] * 32)]))
    assert findings(caught.value) == [("PIR1014", "/1/call_16/1/policy")]


def test_policies_that_are_refused_together_are_bounded_too() -> None:
    with within(10):
        found = refusal_of(wide([policy(["and", *[["top"]] * 5000])] * 256))
    assert codes_of(found)[-2:] == ["PIR1014", "PIR0302"]
    with within(10):
        assert len(refusal_of(wide([policy(["and", *[["is", "nonesuch"]] * 200])] * 200))) == 100


def test_names_that_are_the_same_after_escapes_are_undone_are_one_name_twice() -> None:
    assert codes_of(refusal_of_text('["flow", {"a": ["input"], "\\u0061": ["input"]}]')) == ["PIR0114"]
    assert codes_of(refusal_of_text('["flow", {"a": ["llm", {"system": "", "syste\\u006d": ""}]}]')) == ["PIR0114"]
    text = '["\\u0066low", {"ask": ["input"], "d\\u0072aft": CALL, "answer": ["output", "draft"]}]'
    assert refusal_of_text(text.replace("CALL", json.dumps(call("ask")))) == []


def test_deeply_nested_values_are_refused() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    for value in (
        deep,
        ["flow", deep],
        ["flow", {"a": deep}],
        flow(draft=["llm", deep]),
        flow(draft=call("ask", policy=deep)),
        flow(draft=call("ask", inputs=deep)),
        flow(draft=call("ask", inputs=[deep])),
        flow(answer=["output", deep]),
    ):
        with within(1):
            assert refusal_of(value)
        with within(1), pytest.raises(Refused):
            load_admitted_flow(value, STANDARD)
    with within(2):
        assert refusal_of_text('["flow",' * 100_000)[-1][0] == "PIR0310"
    with within(1), pytest.raises(Refused, match="PIR0310"):
        read_flow(b"\x81" * 1_000_000)


def test_values_that_contain_themselves_are_refused() -> None:
    around: list[Any] = ["flow"]
    around.append({"a": around})
    record: dict[str, Any] = {}
    record["a"] = ["llm", record]
    policy_within: list[Any] = ["policy"]
    policy_within += [["not", policy_within]] * 5
    loop: list[Any] = ["not"]
    loop.append(loop)
    for value in (around, ["flow", record], flow(draft=call("ask", policy=policy_within)),
                  flow(draft=call("ask", policy=policy(loop)))):  # fmt: skip
        with within(1):
            assert refusal_of(value)
        with within(1), pytest.raises(Refused):
            load_admitted_flow(value, STANDARD)


def test_a_value_that_doubles_at_each_level_is_refused() -> None:
    twice: Any = ["top"]
    for _ in range(60):
        twice = ["and", twice, twice]
    with within(2):
        assert codes_of(refusal_of(flow(draft=call("ask", policy=policy(twice))))) == ["PIR0302"]
    with within(2), pytest.raises(Refused):
        load_admitted_flow(flow(draft=call("ask", policy=policy(twice))), STANDARD)


def test_foreign_values_are_refused() -> None:
    class Odd(str):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = str.__hash__

    for odd in (None, object(), b"flow", {1, 2}, lambda: None, 1j, float("inf"), 10**400, "\ud800", Odd("odd")):
        for value in (
            odd,
            [odd, {}],
            ["flow", odd],
            ["flow", {"a": odd}],
            ["flow", {"a": [odd]}],
            flow(draft=["llm", odd]),
            flow(draft=call("ask", policy=odd)),
            flow(draft=call("ask", inputs=odd)),
            flow(draft=call("ask", inputs=[odd])),
            flow(answer=["output", odd]),
        ):
            assert refusal_of(value), value
            with pytest.raises(Refused):
                load_admitted_flow(value, STANDARD)


def test_unknown_names_are_reported_in_bounded_time() -> None:
    names = [f"{'n' * 50}{at:03}" for at in range(254)]
    nodes = {name: call(*[f"{'n' * 55}{step:03}" for step in range(32)]) for name in names}
    with within(10):
        found = refusal_of(["flow", {"ask": ["input"], **nodes, "end": ["output", names[0]]}])
    assert codes_of(found) == ["PIR1022"] * 100


def test_telling_a_flow_from_a_term_takes_linear_time() -> None:
    with within(1):
        assert not is_flow_text("# flow\n" * 150_000)
        assert not is_flow_text("flow" + " # \n" * 250_000)
        assert not is_flow_text(" \t\n" * 350_000)
        assert not is_flow_text("[" * 1_000_000)
