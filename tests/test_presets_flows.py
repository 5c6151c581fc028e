"""Each ready flow keeps what its comment promises, on the shipped catalogue and on that of the sandbox."""

from __future__ import annotations

from functools import cache

import pytest

from policy_ir.catalogs import shipped_snapshot
from policy_ir.decision import Decision, decide
from policy_ir.diagnostics.codes import LINT_NO_CONTEXT, LINT_NO_PRICE
from policy_ir.facts import Facts
from policy_ir.floor import Effective
from policy_ir.flow.admission import AdmittedFlow, admit_flow
from policy_ir.flow.cost import estimate
from policy_ir.flow.printing import fmt_flow
from policy_ir.flow.reading import parse_flow
from policy_ir.flow.tree import Llm
from policy_ir.lints.flows import lint_flow
from policy_ir.presets import FLOWS, SEED, flow_preset, flow_presets
from policy_ir.router.sandbox_world import sandbox_catalogue
from policy_ir.snapshot import Snapshot

pytestmark = pytest.mark.parametrize("name", FLOWS)


@cache
def admitted(name: str) -> AdmittedFlow:
    document = parse_flow(flow_preset(name).text, name=f"{name}.policy")
    assert document.flow is not None
    return admit_flow(document.flow, shipped_snapshot().vocabulary, document=document)


@cache
def sandbox() -> Snapshot:
    return Snapshot.take(sandbox_catalogue(), shipped_snapshot().vocabulary)


@cache
def decisions(name: str, *, simulated: bool = False) -> dict[str, Decision]:
    """The decision of each call for the flow's own request."""
    made: list[Decision] = []

    def kept(program: Effective, snapshot: Snapshot, facts: Facts, seed: int | None) -> Decision:
        made.append(decide(program, snapshot, facts, seed))
        return made[-1]

    over = sandbox() if simulated else shipped_snapshot()
    told = estimate(admitted(name), over, flow_preset(name).chat, seed=SEED, decide=kept)
    return dict(zip([node.node for node in told.nodes], made, strict=True))


def test_a_flow_says_in_a_comment_what_it_promises(name: str) -> None:
    first, *rest = flow_preset(name).text.splitlines()
    assert first.startswith(f"# {name.replace('-', ' ').capitalize().replace(' then ', ', then ')}: ")
    assert flow_preset(name).title in first
    assert "# It promises" in rest


def test_a_flow_has_five_nodes_at_most(name: str) -> None:
    assert len(admitted(name).flow.nodes) <= 5


def test_a_flow_is_written_as_the_formatter_writes_it(name: str) -> None:
    assert fmt_flow(parse_flow(flow_preset(name).text), "authoring") == flow_preset(name).text


def test_a_flow_has_no_warning_but_of_what_the_catalogue_does_not_say(name: str) -> None:
    assert lint_flow(admitted(name)) == []
    assert {one.code for one in lint_flow(admitted(name), shipped_snapshot())} <= {LINT_NO_CONTEXT, LINT_NO_PRICE}


def test_every_call_has_somebody_else_to_try(name: str) -> None:
    for decision in decisions(name).values():
        assert len(decision.ordered) >= 2


def test_every_call_has_somebody_in_the_sandbox(name: str) -> None:
    for decision in decisions(name, simulated=True).values():
        assert decision.ordered


def test_no_call_goes_to_a_model_that_is_about_to_be_retired(name: str) -> None:
    for decision in decisions(name).values():
        for entry in decision.ordered:
            assert decision.environment.observe(entry.index, "deprecated").value is not True


def test_every_call_is_within_the_price_that_is_promised(name: str) -> None:
    promised = {
        "draft-and-verify": {"draft": 0.002, "verify": 0.1},
        "fan-out-and-fuse": {"quick": 0.05, "thinker": 0.05, "fuse": 0.05},
        "plan-then-act": {"plan": 0.05, "act": 0.01},
        "classify-then-route": {"class": 0.001, "reply": 0.01},
        "extract-in-batch": {"extract": 0.002, "check": 0.002},
    }
    for call, decision in decisions(name).items():
        for entry in decision.ordered:
            cost = decision.environment.observe(entry.index, "call_cost").value
            assert isinstance(cost, float)
            assert cost <= promised[name][call]


def test_a_call_may_fail_where_the_comment_says_so(name: str) -> None:
    nodes = admitted(name).flow.nodes
    passing = {call for call, node in nodes.items() if isinstance(node, Llm) and node.on_error == "input"}
    assert (
        passing
        == {
            "draft-and-verify": {"draft"},
            "fan-out-and-fuse": {"thinker", "quick"},
            "plan-then-act": set(),
            "classify-then-route": {"class"},
            "extract-in-batch": set(),
        }[name]
    )


def test_what_the_caller_needs_is_asked_of_the_last_call_only(name: str) -> None:
    needs = {call: decision.environment.facts.needs for call, decision in decisions(name).items()}
    last = needs.pop(admitted(name).last)
    assert set(last) == {"plan-then-act": {"tools"}, "extract-in-batch": {"structured_outputs"}}.get(name, set())
    assert not any(needs.values())


def test_two_ways_of_working_are_two_models(name: str) -> None:
    if name != "fan-out-and-fuse":
        pytest.skip("one answer at a time")
    for simulated in (False, True):
        made = decisions(name, simulated=simulated)
        for entry in made["thinker"].ordered:
            assert made["thinker"].environment.observe(entry.index, "supports_reasoning").value is True
        for entry in made["quick"].ordered:
            assert made["quick"].environment.observe(entry.index, "supports_reasoning").value is not True


def test_a_flow_is_found_by_its_name(name: str) -> None:
    assert name in [one.name for one in flow_presets()]
    with pytest.raises(KeyError):
        flow_preset(name + "s")
