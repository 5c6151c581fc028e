"""The record of a call and its JSON form."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from some_traces import BEGIN, costs, ordinary, traces

from policy_ir.trace.record import Cost, Hop, Trace, id_of_moment, is_id, new_id

RANDOM = bytes(range(10))


@given(traces())
def test_a_trace_comes_back_from_its_json_text_as_it_was(trace: Trace) -> None:
    assert Trace.from_json(json.loads(json.dumps(trace.to_json(), allow_nan=False))) == trace


@given(traces())
def test_the_json_of_a_trace_has_every_field_in_the_order_of_the_record(trace: Trace) -> None:
    assert list(trace.to_json()) == [field.name for field in attrs.fields(Trace)]
    for hop in trace.hops:
        assert list(hop.to_json()) == [field.name for field in attrs.fields(Hop)]
    assert list(trace.cost.to_json()) == [field.name for field in attrs.fields(Cost)]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "tr_short"},
        {"id": 1},
        {"at": "now"},
        {"at": float("nan")},
        {"at": True},
        {"outcome": "fine"},
        {"status": 200.0},
        {"status": None},
        {"seed": 1.5},
        {"stream": 0},
        {"hops": {}},
        {"hops": [{}]},
        {"cost": None},
        {"cost": {"usd": 1}},
        {"facts": []},
        {"diagnostics": ["wrong"]},
        {"surplus": 1},
        {"flow": 1},
        {"passed": None},
        {"nodes": {}},
        {"nodes": [{}]},
        {"nodes": [None]},
    ],
    ids=str,
)
def test_json_that_no_trace_has_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"trace|hop|cost"):
        Trace.from_json(ordinary().to_json() | change)


def test_a_node_has_a_name_and_no_nodes_of_its_own() -> None:
    for node in (ordinary(), ordinary(node="a", nodes=(ordinary(node="b"),))):
        with pytest.raises(ValueError, match="of a node"):
            Trace.from_json(ordinary(flow="blake3:f", nodes=(node,)).to_json())


OF_FLOWS = ("flow", "flow_part", "flow_name", "failed_node", "node", "passed", "nodes")


@pytest.mark.parametrize("key", [field.name for field in attrs.fields(Trace) if field.name not in OF_FLOWS])
def test_json_without_one_of_its_keys_is_refused(key: str) -> None:
    value = ordinary().to_json()
    del value[key]
    with pytest.raises(ValueError, match=key):
        Trace.from_json(value)


def test_json_from_before_there_were_flows_is_a_trace_of_a_call() -> None:
    trace = ordinary()
    before = {key: value for key, value in trace.to_json().items() if key not in OF_FLOWS}
    assert Trace.from_json(before) == trace
    assert not trace.is_flow
    assert trace.calls == (trace,)


def test_a_flow_is_about_the_calls_of_its_nodes() -> None:
    node = ordinary(node="draft")
    for flow in (ordinary(nodes=(node,), flow="blake3:f"), ordinary(nodes=(node,), flow_name="drafts")):
        assert flow.is_flow
        assert flow.calls == (node,)


@pytest.mark.parametrize("value", [None, [], "tr_", 1])
def test_what_is_no_object_is_no_trace(value: object) -> None:
    with pytest.raises(ValueError, match="a trace is a JSON object"):
        Trace.from_json(value)


# --- costs ---


def test_a_sum_of_costs_is_as_sound_as_the_least_sound_of_them() -> None:
    used = Cost(usd=0.5, basis="usage", prompt_tokens=10, completion_tokens=5)
    guessed = Cost(usd=0.25, basis="estimate", prompt_tokens=1)
    assert Cost.total([used, guessed]) == Cost(usd=0.75, basis="estimate", prompt_tokens=11, completion_tokens=5)
    assert Cost.total([used, Cost(prompt_tokens=3)]).basis == "none"


@given(st.lists(costs(), max_size=4))
def test_attempts_that_spent_nothing_do_not_count_in_a_sum(some: list[Cost]) -> None:
    assert Cost.total([Cost(), *some, Cost()]) == Cost.total(some)


def test_the_sum_of_nothing_is_nothing() -> None:
    assert Cost.total([]) == Cost()


# --- ids ---


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_an_id_is_26_characters_of_base_32_after_its_prefix(at_ms: int, random: bytes) -> None:
    id = new_id(at_ms, random)
    assert is_id(id)
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    number = 0
    for character in id.removeprefix("tr_"):
        number = 32 * number + digits.index(character)
    assert number.to_bytes(16) == at_ms.to_bytes(6) + random


@given(st.tuples(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10)),
       st.tuples(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10)))  # fmt: skip
def test_ids_are_in_the_order_of_time(one: tuple[int, bytes], other: tuple[int, bytes]) -> None:
    assert (new_id(*one) < new_id(*other)) == (one < other)


def test_the_least_id_of_a_moment_parts_what_was_before_from_what_comes_then() -> None:
    at = id_of_moment(BEGIN)
    assert new_id(int(BEGIN * 1000) - 1, b"\xff" * 10) < at <= new_id(int(BEGIN * 1000), bytes(10))
    assert id_of_moment(-5.0) == id_of_moment(float("-inf")) == new_id(0, bytes(10))
    assert id_of_moment(float("inf")) == id_of_moment(1e300) == new_id(2**48 - 1, bytes(10))


@pytest.mark.parametrize(("at_ms", "random"), [(-1, RANDOM), (2**48, RANDOM), (0, b""), (0, bytes(11))])
def test_an_id_is_not_made_of_anything_else(at_ms: int, random: bytes) -> None:
    with pytest.raises(ValueError, match="48 bits"):
        new_id(at_ms, random)


@pytest.mark.parametrize("text", ["", "tr_", "tr_" + "u" * 26, "tr_" + "0" * 25, "tr_" + "0" * 27, "TR_" + "0" * 26])
def test_a_text_of_another_form_is_no_id(text: str) -> None:
    assert not is_id(text)
