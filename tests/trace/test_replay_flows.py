"""Replay of flows: every node decided again, with the policy and the seed that the flow gives it."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from flow_histories import DRAWN, diamond, flowed
from histories import BEST, CHEAP, NOON, STANDARD, Kept, admitted, called, snapshot
from hypothesis import given
from some_traces import traces

from policy_ir.floor import read_floor
from policy_ir.flow.admission import AdmittedFlow
from policy_ir.trace.backtest import backtest
from policy_ir.trace.costs import spent
from policy_ir.trace.parts import Rebuilder, names_of_parts
from policy_ir.trace.record import Cost, Trace
from policy_ir.trace.replay import Replayed, Replayer, replay, replay_all
from policy_ir.vocabulary import extend

OTHER = DRAWN.replace("100", "99")
FLOOR = read_floor({"filter": ["cmp", "price_out", "le", 4]}, STANDARD)


@pytest.fixture(scope="module")
def flow() -> AdmittedFlow:
    return diamond()


def with_node(trace: Trace, name: str, **fields: Any) -> Trace:
    """The trace with one of its nodes otherwise."""
    nodes = tuple(attrs.evolve(node, **fields) if node.node == name else node for node in trace.nodes)
    return attrs.evolve(trace, nodes=nodes)


def differing(replayed: Replayed) -> dict[str | None, list[str]]:
    """The parts that differ, by node, None for those of the flow."""
    found = {one.trace.node: [difference.part for difference in one.differences] for one in (replayed, *replayed.nodes)}
    return {name: parts for name, parts in found.items() if parts}


def named(replayed: Replayed) -> list[str | None]:
    """The nodes that the trace of a flow lacks."""
    return [one.now for one in replayed.differences if one.part == "node" and one.then is None]


# --- the same again ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("floor", [None, FLOOR])
@pytest.mark.parametrize("seed", [None, 0, 2**53 - 1])
def test_every_node_of_a_flow_is_decided_the_same_again(flow: AdmittedFlow, floor: Any, seed: int | None) -> None:
    kept = Kept()
    over = snapshot().with_state({"c/fig": {"breaker_open": True}})
    trace = flowed(kept, flow, over, seed=seed, floor=floor)
    replayed = replay(kept, trace)
    assert (replayed.verdict, replayed.same, differing(replayed)) == ("same", True, {})
    assert [one.trace.node for one in replayed.nodes] == ["draft", "left", "right", "verify"]
    for one in replayed.nodes:
        assert one.decision is not None
        assert one.decision.fingerprint == one.trace.decision
    assert replayed.flow is not None
    assert replayed.flow.fingerprint == trace.flow


def test_a_flow_that_failed_on_its_way_is_replayed_as_far_as_it_came(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = flowed(kept, flow, snapshot(), run={"draft", "left"}, outcome="failed", status=502, failed_node="left")
    assert replay(kept, trace).same


def test_a_flow_that_never_came_to_a_decision_is_undecided(flow: AdmittedFlow) -> None:
    kept = Kept()
    before = flowed(kept, flow, snapshot(), run=(), outcome="failed", status=504)
    unknown = attrs.evolve(before, vocabulary=None, flow_part=None)
    for trace in (before, unknown):
        assert replay(kept, trace).verdict == "undecided"
    assert replay_all(kept, [before, unknown]).holds


def test_a_flow_is_not_the_same_for_a_decision_of_its_own(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = flowed(kept, flow, snapshot(), run=(), outcome="failed", status=504, decision="blake3:d")
    assert replay(kept, trace).verdict == "undecided"


def test_a_node_without_a_decision_does_not_keep_the_others_from_being_the_same(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = with_node(flowed(kept, flow, snapshot()), "verify", decision=None)
    assert [one.verdict for one in replay(kept, trace).nodes][-1] == "undecided"
    assert replay(kept, trace).same


def test_flows_of_several_vocabularies_and_calls_do_not_disturb_each_other(flow: AdmittedFlow) -> None:
    kept, own = Kept(), extend(STANDARD, {"vocabulary": 1, "name": "own", "customs": {"own": "1"}}, "own")
    elsewhere = diamond(own)
    for turn in range(3):
        flowed(kept, flow, snapshot(), at=NOON + turn, seed=turn)
        flowed(kept, elsewhere, snapshot(2.0, own), at=NOON + turn)
        called(kept, admitted(CHEAP), snapshot(), at=NOON + turn)
    tally = replay_all(kept, kept.traces)
    assert tally.counts == {"same": 9, "different": 0, "damaged": 0, "undecided": 0}
    assert (tally.traces, tally.flows, tally.to_json()["flows"]) == (9, 6, 6)


def test_a_flow_is_read_once_for_many_traces(flow: AdmittedFlow) -> None:
    kept = Kept()
    for turn in range(20):
        flowed(kept, flow, snapshot(), at=NOON + turn)
    replay_all(kept, kept.traces)
    assert kept.asked == 1 + 3 + 3  # the flow, its three policies, and what they were decided over


# --- what is otherwise ---------------------------------------------------------------------------------------


def test_a_trace_that_names_another_flow_than_its_part_makes_differs_in_that(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = attrs.evolve(flowed(kept, flow, snapshot()), flow="blake3:" + "0" * 64)
    replayed = replay(kept, trace)
    assert (replayed.verdict, differing(replayed)) == ("different", {None: ["flow"]})
    (found,) = replayed.differences
    assert (found.then, found.now) == ("blake3:" + "0" * 64, flow.fingerprint)


def test_a_node_that_ran_another_policy_than_the_flow_has_for_it_differs_in_that(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = flowed(kept, diamond(drawn=OTHER), snapshot())
    ours = flowed(kept, flow, snapshot())
    mixed = attrs.evolve(trace, flow=ours.flow, flow_part=ours.flow_part)
    replayed = replay(kept, mixed)
    assert differing(replayed) == {"left": ["policy"], "right": ["policy"]}
    assert replayed.nodes[1].differences[0].now == flow.policies["left"].fingerprint


def test_a_node_with_another_seed_than_the_flows_gives_it_differs_in_that(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = flowed(kept, flow, snapshot(), seed=3)
    assert differing(replay(kept, with_node(trace, "draft", seed=3))) == {"draft": ["seed", "decision"]}
    found = differing(replay(kept, attrs.evolve(trace, seed=4)))
    assert found == {name: ["seed"] for name in ("draft", "left", "right", "verify")}


@pytest.mark.parametrize("seed", [-1, 2**53, 2**80])
def test_a_flow_with_a_seed_that_is_none_differs_at_every_node(flow: AdmittedFlow, seed: int) -> None:
    kept = Kept()
    trace = flowed(kept, flow, snapshot(), seed=3)
    found = differing(replay(kept, attrs.evolve(trace, seed=seed)))
    assert found == {name: ["seed"] for name in ("draft", "left", "right", "verify")}


def test_a_node_that_the_flow_does_not_have_differs_in_that(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = flowed(kept, flow, snapshot())
    for other in ("middle", "question"):
        replayed = replay(kept, with_node(trace, "left", node=other))
        assert differing(replayed) == {other: ["node"], None: ["node"]}
        assert named(replayed) == ["left"]


def test_a_node_that_a_trace_has_twice_differs_in_that(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = flowed(kept, flow, snapshot())
    replayed = replay(kept, attrs.evolve(trace, nodes=(*trace.nodes, trace.nodes[0])))
    assert [one.verdict for one in replayed.nodes] == ["same"] * 4 + ["different"]
    (found,) = replayed.nodes[-1].differences
    assert (found.part, found.then, found.now) == ("node", "draft", None)


@pytest.mark.parametrize(
    ("outcome", "kept_nodes", "missing"),
    [
        ("ok", ["draft", "left", "right"], ["verify"]),
        ("ok", ["left", "verify"], ["draft", "right"]),
        ("ok", [], ["draft", "left", "right", "verify"]),
        ("failed", ["draft", "left"], []),
        ("failed", [], []),
        ("failed", ["left"], ["draft"]),
        ("cancelled", ["verify"], ["draft", "left", "right"]),
        ("interrupted", ["draft", "right", "verify"], ["left"]),
        ("failed", ["draft", "elsewhere"], []),
    ],
)
def test_a_node_that_must_have_been_run_and_has_no_call_is_a_difference_that_names_it(
    flow: AdmittedFlow, outcome: Any, kept_nodes: list[str], missing: list[str]
) -> None:
    kept = Kept()
    trace = with_node(flowed(kept, flow, snapshot(), outcome=outcome), "right", decision=None)
    if "elsewhere" in kept_nodes:
        trace = with_node(trace, "right", node="elsewhere")
    left = tuple(node for node in trace.nodes if node.node in kept_nodes)
    replayed = replay(kept, attrs.evolve(trace, nodes=left))
    assert named(replayed) == missing
    if missing:
        assert replayed.verdict == "different"
        assert replayed.to_json()["differences"][0] == {"part": "node", "then": None, "now": missing[0]}


def test_an_answered_flow_that_names_no_vocabulary_is_damaged(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = attrs.evolve(flowed(kept, flow, snapshot()), nodes=(), vocabulary=None)
    assert replay(kept, trace).verdict == "damaged"


@pytest.mark.parametrize("part", ["policy", "effective", "snapshot", "decision", "winner"])
def test_what_differs_at_one_node_differs_in_the_flow(flow: AdmittedFlow, part: str) -> None:
    kept = Kept()
    trace = with_node(flowed(kept, flow, snapshot()), "right", **{part: "blake3:" + "1" * 64})
    replayed = replay(kept, trace)
    assert (replayed.verdict, differing(replayed)) == ("different", {"right": [part]})
    assert not replay_all(kept, [trace]).holds


# --- what is missing or damaged ------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other", "no flow"])
def test_a_missing_or_damaged_flow_is_a_finding_of_its_trace_and_ends_nothing(flow: AdmittedFlow, damage: str) -> None:
    kept = Kept()
    trace = flowed(kept, flow, snapshot())
    flowed(kept, diamond(drawn=OTHER), snapshot())
    key = "flow", str(trace.flow_part)
    if damage == "missing":
        del kept.parts[key]
    else:
        content = kept.parts[key]
        kept.parts[key] = {"empty": b"", "cut": content[:-3], "other": b"[]", "no flow": b'["flow",{}]'}[damage]
    tally = replay_all(kept, kept.traces)
    assert tally.counts == {"same": 1, "different": 0, "damaged": 1, "undecided": 0}
    (listed,) = tally.listed
    assert {one.code.code for one in listed.findings} == {"PIR0931"}
    assert "flow" in listed.findings[0].message
    assert [one.verdict for one in listed.nodes] == ["same"] * 4
    assert (listed.flow, [one.decision for one in listed.nodes]) == (None, [None] * 4)


def test_a_damaged_part_of_one_node_leaves_the_others_as_they_are(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = flowed(kept, flow, snapshot())
    del kept.parts["policy", str(trace.nodes[0].policy_part)]
    replayed = replay(kept, trace)
    assert replayed.verdict == "damaged"
    assert [one.verdict for one in replayed.nodes] == ["damaged", "same", "same", "same"]


def test_a_flow_that_does_not_name_its_part_is_damaged(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = attrs.evolve(flowed(kept, flow, snapshot()), flow_part=None)
    assert replay(kept, trace).verdict == "damaged"


def test_the_vocabulary_of_a_flow_may_be_named_by_its_nodes_only(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = attrs.evolve(flowed(kept, flow, snapshot()), vocabulary=None)
    assert replay(kept, trace).same


# --- what else goes over flows -------------------------------------------------------------------------------


def test_every_part_that_a_node_names_is_named_by_its_flow_once(flow: AdmittedFlow) -> None:
    kept = Kept()
    trace = flowed(kept, flow, snapshot(), floor=FLOOR)
    assert sorted(names_of_parts(trace)) == sorted(kept.parts)


def test_flows_that_are_kept_rebuilt_are_few(flow: AdmittedFlow) -> None:
    kept = Kept()
    made = [flowed(kept, diamond(system=f"{turn}"), snapshot()) for turn in range(20)]
    rebuilder = Rebuilder(kept.part)
    first = rebuilder.flow(made[0])
    assert rebuilder.flow(made[0]) is first
    for trace in made:
        rebuilder.flow(trace)
    assert rebuilder.flow(made[0]) is not first
    assert Replayer(kept).replay(made[0]).same


def test_another_policy_leaves_flows_out_and_says_how_many(flow: AdmittedFlow) -> None:
    kept = Kept()
    flowed(kept, flow, snapshot())
    called(kept, admitted(CHEAP), snapshot())
    found = backtest(kept, kept.traces, admitted(BEST))
    assert (found.traces, found.flows, found.compared, found.undecided, found.holds) == (2, 1, 1, 0, True)
    assert found.to_json()["flows"] == 1


def test_what_a_flow_has_cost_is_not_known_where_that_of_a_node_is_not(flow: AdmittedFlow) -> None:
    trace = flowed(Kept(), flow, snapshot(), of_nodes={"draft": {"hops": ()}})
    assert spent(trace) == trace.cost.usd > 0
    hop = attrs.evolve(trace.nodes[-1].hops[0], cost=Cost(prompt_tokens=5))
    assert spent(with_node(trace, "verify", hops=(hop,))) is None


def test_a_replayed_flow_as_json_has_its_nodes_with_their_names(flow: AdmittedFlow) -> None:
    kept = Kept()
    told = replay(kept, with_node(flowed(kept, flow, snapshot()), "left", winner="x")).to_json()
    assert (told["verdict"], told["flow"], told["decision"]) == ("different", flow.fingerprint, None)
    assert [(one["node"], one["verdict"]) for one in told["nodes"]] == [
        ("draft", "same"), ("left", "different"), ("right", "same"), ("verify", "same"),
    ]  # fmt: skip
    assert told["nodes"][1]["differences"][0]["part"] == "winner"
    assert "nodes" not in told["nodes"][0]


@given(traces())
def test_no_trace_is_beyond_a_replay(trace: Trace) -> None:
    replayed = replay(Kept(), trace)
    assert replayed.verdict in ("damaged", "undecided")
    json.dumps(replayed.to_json())
