"""Canonical bytes of flows, and the reader that accepts nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from flow_values import POLICY, admitted, call, findings, flow, policy
from hypothesis import given

from policy_ir.canonical import TERM_PREFIX, term_bytes
from policy_ir.cbor import encode
from policy_ir.diagnostics import Refused
from policy_ir.flow.admission import AdmittedFlow
from policy_ir.flow.canonical import FLOW_PREFIX, flow_bytes, flow_value, read_flow
from policy_ir.testing.flow_strategies import admitted_flows


def test_the_bytes_of_a_flow_start_with_its_tag() -> None:
    assert FLOW_PREFIX.hex() == "8269" + b"flow-ir/1".hex()
    assert admitted(flow()).canonical_bytes.startswith(FLOW_PREFIX)


@given(admitted_flows(max_calls=4))
def test_a_flow_is_read_from_its_bytes_and_has_them_again(made: AdmittedFlow) -> None:
    normal = read_flow(made.canonical_bytes)
    assert normal == made.normal
    assert flow_bytes(normal) == made.canonical_bytes
    assert made.canonical_bytes == encode(["flow-ir/1", flow_value(made.normal)])


def test_a_policy_stands_in_a_flow_as_in_its_own_bytes() -> None:
    made = admitted(flow())
    assert term_bytes(made.normal.calls["draft"].policy)[len(TERM_PREFIX) :] in made.canonical_bytes


def test_what_means_the_same_has_the_same_fingerprint() -> None:
    plain = admitted(flow())
    value = flow(draft=call("ask", on_error="fail", policy=policy(["and", ["meets_req"], ["top"]])))
    value[1] = dict(reversed(value[1].items()))
    assert admitted(value).fingerprint == plain.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        flow(draft=call("ask", system="Answer")),
        flow(draft=call("ask", template="$1")),
        flow(draft=call("ask", template="")),
        flow(draft=call("ask", on_error="input")),
        flow(draft=call("ask", policy=policy(["top"]))),
        flow(draft=None, other=call("ask"), answer=["output", "other"]),
        flow(answer=None, end=["output", "draft"]),
    ],
)
def test_what_means_something_else_has_another_fingerprint(other: Any) -> None:
    assert admitted(other).fingerprint != admitted(flow()).fingerprint


def test_names_are_part_of_the_identity_of_a_flow() -> None:
    def twins(one: str, other: str) -> Any:
        return flow(a=call("ask"), b=call("ask"), c=call(one), draft=call("c", other))

    assert admitted(twins("a", "b")).fingerprint != admitted(twins("b", "a")).fingerprint


def bytes_of(value: Any, tag: str = "flow-ir/1") -> bytes:
    return encode([tag, value])


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", ("PIR0801", None)),
        (bytes_of(flow()) + b"\0", ("PIR0804", None)),
        (bytes_of(flow(), "policy-ir/1"), ("PIR0805", None)),
        (encode([1, flow()]), ("PIR0805", None)),
        (encode(flow()), ("PIR0805", None)),
        (encode("flow-ir/1"), ("PIR0805", None)),
        (bytes_of(POLICY), ("PIR1001", "")),
        (bytes_of(flow(ask=["in"])), ("PIR1002", "/1/ask/0")),
        (bytes_of(flow(draft=call("ask", on_error="fail"))), ("PIR0806", "/1/draft/1/on_error")),
        (bytes_of(flow(draft=call("ask", policy=policy(["not", ["top"]])))), ("PIR0806", "/1/draft/1/policy/1")),
    ],
)
def test_other_bytes_are_refused(data: bytes, found: tuple[str, str | None]) -> None:
    with pytest.raises(Refused) as caught:
        read_flow(data)
    assert findings(caught.value) == [found]


def test_71_levels_are_enough_for_every_flow_and_72_are_refused() -> None:
    recipe: Any = ["filter_text", [{"words": 1}]]
    for _ in range(62):
        recipe = ["when", ["meets_req"], recipe]
    deepest = flow(draft=call("ask", policy=[*POLICY[:4], recipe, POLICY[5]]))
    assert read_flow(bytes_of(deepest))
    deepest[1]["draft"][1]["policy"][4] = ["when", ["meets_req"], recipe]
    with pytest.raises(Refused) as caught:
        read_flow(bytes_of(deepest))
    assert findings(caught.value) == [("PIR0310", None)]
