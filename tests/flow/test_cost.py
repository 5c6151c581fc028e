"""Estimates against numbers worked out by hand. Specification: chapter "Calls of a flow", "Cost"."""

from __future__ import annotations

import tracemalloc
from math import isfinite
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_flows import POLICY, call, flow, user
from small_worlds import HOUSE, candidate, snapshot

import policy_ir
from policy_ir.diagnostics import Refused
from policy_ir.evaluator import Evaluator
from policy_ir.facts import Facts
from policy_ir.floor import Effective, floor_of
from policy_ir.flow.admission import AdmittedFlow
from policy_ir.flow.assembly import assemble
from policy_ir.flow.calls import facts_of_node, request_of, seed_of_node
from policy_ir.flow.cost import CallCosts, FlowEstimate, NodeEstimate, cost_at, estimate, estimated_facts
from policy_ir.flow.values import Messages, Text
from policy_ir.semantics.environment import Environment
from policy_ir.snapshot import CandidateList, Snapshot
from policy_ir.syntax.loader import load
from policy_ir.terms import Pred
from policy_ir.testing.flow_strategies import admitted_flows
from policy_ir.testing.pools import standard
from policy_ir.testing.world_strategies import catalogues, chat_bodies, seeds
from policy_ir.vocabulary import vocabulary

CHEAP = candidate("cheap", price_in=3, price_out=15)
DEAR = candidate("dear", price_in=30, price_out=150)
WORLD = snapshot(DEAR, CHEAP)
BODY: dict[str, Any] = {"messages": [user("abcdef")], "max_tokens": 100}


def of(made: AdmittedFlow, world: Snapshot = WORLD, body: dict[str, Any] = BODY, **more: Any) -> FlowEstimate:
    return estimate(made, world, body, **more)


def tokens(made: AdmittedFlow, name: str, body: dict[str, Any] = BODY) -> tuple[object, object]:
    facts = estimated_facts(made, name, body, Messages(body["messages"]), {})
    assert facts is not None
    return facts.fields["prompt_tokens"], facts.fields["completion_tokens"]


# --- by hand -------------------------------------------------------------------------------------------------


def test_one_call_costs_what_its_tokens_cost() -> None:
    # 6 bytes are 2 tokens, a message 8, and the caller limits the answer to 100.
    (node,) = of(flow(only=call("q"))).nodes
    assert (node.candidate, node.usd, node.most_usd) == (
        "cheap",
        (10 * 3 + 100 * 15) / 1e6,
        (10 * 30 + 100 * 150) / 1e6,
    )


@pytest.mark.parametrize(
    ("draft", "bytes", "messages"),
    [
        (call("first"), 3072, 1),
        (call("first", system="ssss"), 3072 + 4, 2),
        (call("q", "first"), 10 + 6 + 2 + 10 + 3072, 1),
        (call("first", template="é $1 $1"), 2 + 1 + 3072 + 1 + 3072, 1),
        (call("q", "first", template="$1"), 6, 1),
        (call("q", "first", template=""), 0, 1),
        (call("q", template="$1$1"), 12, 1),
    ],
)
def test_the_text_of_a_call_counts_3072_bytes_and_a_text_of_the_input_its_own(
    draft: list[Any], bytes: int, messages: int
) -> None:
    made = flow(first=call("q"), draft=draft, end=call("first", "draft"))
    assert tokens(made, "draft") == (-(-bytes // 3) + 8 * messages, 1024)


def test_the_messages_of_the_caller_are_counted_as_they_are() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}
    body = {"messages": [user("abc"), user([{"type": "text", "text": "abc"}, image])], "max_tokens": 100}
    made = flow(first=call("q", system="abc"), end=call("q", "first"))
    assert tokens(made, "first", body) == (3 + 3 * 8 + 1024, 1024)
    assert tokens(made, "end", body) == (-(-(10 + 3 + 2 + 10 + 3072) // 3) + 8, 100)


def test_a_flow_costs_what_its_calls_cost_together() -> None:
    made = of(flow(b=call("q"), a=call("q"), c=call("a", "b", template="$1"), last="c"))
    first, last = (10 * 3 + 1024 * 15) / 1e6, (1032 * 3 + 100 * 15) / 1e6
    assert [node.node for node in made.nodes] == ["a", "b", "c"]
    assert [node.usd for node in made.nodes] == [first, first, last]
    assert made.usd == 0.0 + first + first + last
    assert made.most_usd == pytest.approx(10 * made.usd)


def test_the_most_is_that_of_all_candidates_of_the_order() -> None:
    only_cheap = [*POLICY[:3], ["top_k", 1, ["argmax"]], *POLICY[4:]]
    (node,) = of(flow(only=call("q", policy=only_cheap))).nodes
    assert node.most_usd == node.usd
    none_dear = [POLICY[0], ["cmp", "price_in", "le", 10], *POLICY[2:]]
    (node,) = of(flow(only=call("q", policy=none_dear))).nodes
    assert node.most_usd == node.usd


# --- where there is none -------------------------------------------------------------------------------------


def test_where_nobody_may_be_tried_there_is_no_estimate() -> None:
    nobody = [POLICY[0], ["bot"], *POLICY[2:]]
    made = of(flow(a=call("q"), b=call("a", policy=nobody)))
    facts = estimated_facts(flow(a=call("q"), b=call("a")), "b", BODY, Messages(BODY["messages"]), {})
    assert made.nodes[1] == NodeEstimate("b", facts, None)
    assert made.nodes[0].usd is not None
    assert (made.usd, made.most_usd) == (None, None)


def test_where_a_price_is_not_observed_there_is_no_estimate() -> None:
    unknown = candidate("unknown", price_in=1)
    (node,) = of(flow(only=call("q")), snapshot(unknown)).nodes
    assert (node.candidate, node.usd, node.most_usd) == ("unknown", None, None)
    (node,) = of(flow(only=call("q")), snapshot(CHEAP, unknown)).nodes
    assert (node.candidate, node.usd is None, node.most_usd) == ("cheap", False, None)


def test_where_a_cost_is_not_finite_there_is_no_estimate() -> None:
    (node,) = of(flow(only=call("q")), snapshot(candidate("m", price_in=1e308, price_out=1))).nodes
    assert (node.candidate, node.usd, node.most_usd) == ("m", None, None)


def test_where_the_vocabulary_has_no_call_cost_there_is_no_estimate() -> None:
    core = vocabulary("core")
    policy = ["policy", ["top"], ["zero"], ["argmax"], ["id"], POLICY[5]]
    world = Snapshot.take(CandidateList((candidate("m"),)), core)
    (node,) = of(flow(only=call("q", policy=policy), vocabulary=core), world).nodes
    assert cost_at(world, Facts(), 0) is None
    assert (node.candidate, node.usd, node.most_usd) == ("m", None, None)


def test_where_the_input_would_be_too_long_there_are_no_facts() -> None:
    made = flow(a=call("q"), b=call("a", template="$1" * 1366), c=call("b"))
    estimated = of(made, seed=3)
    assert estimated.nodes[1] == NodeEstimate("b", None, seed_of_node(3, "b"))
    assert estimated.nodes[2].facts is not None
    assert estimated.usd is None
    assert estimated_facts(made, "c", BODY, Messages(BODY["messages"]), {}) is not None


def test_the_limit_is_that_of_assembly() -> None:
    full = "$1" * 1365 + "x" * 1024
    for template, has_facts in ((full, True), (full + "x", False)):
        made = flow(a=call("q"), b=call("a", template=template))
        assert (of(made).nodes[1].facts is not None) == has_facts


def test_where_the_request_of_a_node_is_refused_there_are_no_facts() -> None:
    made = flow(a=call("q", system="s" * 1001), b=call("a"))
    estimated = of(made, body={"messages": [user("x" * (2**26 - 1000))]})
    assert estimated.nodes[0] == NodeEstimate("a", None, None)
    assert estimated.nodes[1].facts is not None
    assert (estimated.usd, estimated.most_usd) == (None, None)


def test_no_text_is_made_that_would_be_too_long() -> None:
    made = flow(a=call("q", template="$1" * 2**14))
    body = {"messages": [user("x" * 2**20)]}
    tracemalloc.start()
    try:
        assert of(made, body=body).nodes[0].facts is None
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()


# --- what goes into it ---------------------------------------------------------------------------------------


def test_facts_seed_and_floor_go_into_every_decision() -> None:
    asked: list[tuple[Effective, Snapshot, Facts, int | None]] = []

    def watched(*given: Any) -> policy_ir.Decision:
        asked.append(given)
        return policy_ir.decide(*given)

    made = flow(a=call("q"), b=call("a"))
    pred = load(["cmp", "price_in", "le", 10], sort="Pred")
    assert isinstance(pred, Pred)
    stated = {"privacy": "no_log", "needs": ["tools"]}
    estimated = of(made, floor=floor_of(pred, HOUSE), stated=stated, seed=5, decide=watched)
    assert [given[3] for given in asked] == [seed_of_node(5, "a"), seed_of_node(5, "b")]
    assert [given[2].privacy for given in asked] == ["no_log", "no_log"]
    assert [given[2].needs for given in asked] == [(), ("tools",)]
    assert [node.facts for node in estimated.nodes] == [given[2] for given in asked]
    assert {given[1] for given in asked} == {WORLD}
    assert estimated.nodes[0].most_usd == estimated.nodes[0].usd  # the floor lets nobody dear pass


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ({"messages": [user("x"), 1]}, {}),
        ({}, {}),
        ([], {}),
        (BODY | {"tools": 1}, {}),
        (BODY, {"stated": {"privacy": "secret"}}),
        (BODY, {"stated": {"needs": ["magic"]}}),
        (BODY, {"seed": -1}),
        (BODY, {"seed": 0.5}),
    ],
)
def test_what_facts_or_decisions_refuse_is_refused(body: Any, more: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        of(flow(a=call("q", template="a"), b=call("a")), body=body, **more)


def test_a_snapshot_of_another_vocabulary_is_an_error_of_the_host() -> None:
    with pytest.raises(ValueError, match="another vocabulary"):
        of(flow(only=call("q"), vocabulary=standard()))


def test_an_estimate_as_json() -> None:
    made = of(flow(a=call("q"), b=call("a", template="$1" * 16384)))
    facts = made.nodes[0].facts
    assert facts is not None
    assert made.to_json() == {
        "nodes": [
            {
                "node": "a",
                "facts": facts.fingerprint,
                "seed": None,
                "candidate": "cheap",
                "usd": 0.01539,
                "most_usd": 0.1539,
            },
            {"node": "b", "facts": None, "seed": None, "candidate": None, "usd": None, "most_usd": None},
        ],
        "usd": None,
        "most_usd": None,
    }


def test_an_integral_cost_has_no_fraction_in_json() -> None:
    made = of(flow(only=call("q")), snapshot(candidate("free", price_in=0, price_out=0)))
    assert str(made.to_json()["usd"]) == "0"


# --- over random flows ---------------------------------------------------------------------------------------


AMOUNTS = st.none() | st.sampled_from([0.0, 1.0, 3.0, 0.1, 2.0**53, 1e308]) | st.floats(0, 1e12)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=6), st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=3))
def test_the_costs_of_a_call_are_what_each_candidate_shows_in_the_field(
    prices: list[tuple[float | None, ...]], calls: list[tuple[float | None, ...]]
) -> None:
    def observed(**fields: float | None) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if value is not None}

    priced = [candidate(f"m{at}", **observed(price_in=in_, price_out=out)) for at, (in_, out) in enumerate(prices)]
    world = snapshot(*priced)
    costs = CallCosts(world)
    for tokens in (*calls, *calls):
        facts = Facts(fields=observed(prompt_tokens=tokens[0], completion_tokens=tokens[1]))
        seen = [Environment(world, facts).observe(i, "call_cost") for i in range(world.size)]
        assert costs.of(facts) == [
            one.value if one.known and isinstance(one.value, float) and isfinite(one.value) else None for one in seen
        ]
        assert costs.of(facts) == [cost_at(world, facts, i) for i in range(world.size)]


@given(admitted_flows(max_calls=4), chat_bodies())
@settings(max_examples=40)
def test_the_estimated_facts_are_those_of_the_request_with_texts_of_that_length(
    made: AdmittedFlow, body: dict[str, Any]
) -> None:
    given = Messages(body["messages"])
    for name, node in made.flow.calls.items():
        values = [given if read == made.input else Text("y" * 3072) for read in node.inputs]
        assembled = assemble(node.system, values, node.template)
        facts = estimated_facts(made, name, body, given, {})
        assert assembled.messages is not None
        assert facts == facts_of_node(made, name, request_of(made, name, body, assembled.messages), {})


@given(admitted_flows(max_calls=3), catalogues(min_size=1), chat_bodies(), seeds())
@settings(max_examples=25)
def test_an_evaluator_gives_the_same_estimate(
    made: AdmittedFlow, listed: Any, body: dict[str, Any], seed: int | None
) -> None:
    world = Snapshot.take(CandidateList(listed), standard())
    evaluator = Evaluator()

    def compiled(program: Effective, world: Snapshot, facts: Facts, seed: int | None) -> policy_ir.Decision:
        return evaluator.bind(program, world).decide(facts, None, seed).decision

    given, expected = (of(made, world, body, seed=seed, **more) for more in ({"decide": compiled}, {}))
    assert given.to_json() == expected.to_json()
