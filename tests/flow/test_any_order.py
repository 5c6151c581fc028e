"""That the order of steps makes no difference, over random flows. Specification: "Semantics of flows", "Any order"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from small_flows import call, flow, user

from policy_ir.flow.admission import AdmittedFlow
from policy_ir.flow.configuration import (
    Answer,
    Answered,
    Configuration,
    Declined,
    Failed,
    FailedFlow,
    Ready,
    Returned,
    Running,
)
from policy_ir.flow.scheduler import (
    NO_ANSWER,
    Progress,
    Schedule,
    Step,
    is_final,
    let_fail,
    outcome_of,
    run_script,
    start,
    steps,
    take,
)
from policy_ir.testing.flow_strategies import admitted_flows, answers, messages, priorities

FLOWS = admitted_flows(plain=True)
Answers = Mapping[str, Answer]


def complete(flow: AdmittedFlow, script: Answers) -> dict[str, Answer]:
    """A script with an answer for every call."""
    return {name: script.get(name, NO_ANSWER) for name in flow.policies}


def taken(configuration: Configuration, step: Step, script: Answers) -> Configuration:
    return take(configuration, step, script.get(step.node))


def way(data: st.DataObject, flow: AdmittedFlow, script: Answers) -> Iterator[Configuration]:
    """The configurations of one way through a flow, any of the possible steps at each."""
    configuration = start(flow, data.draw(messages()))
    yield configuration
    while possible := steps(configuration, script):
        configuration = taken(configuration, data.draw(st.sampled_from(possible)), script)
        yield configuration


@given(FLOWS, st.data())
@settings(max_examples=60)
def test_two_steps_at_different_nodes_commute(flow: AdmittedFlow, data: st.DataObject) -> None:
    script = complete(flow, data.draw(answers(flow)))
    for configuration in way(data, flow, script):
        for one, other in combinations(steps(configuration, script), 2):
            first, second = taken(configuration, one, script), taken(configuration, other, script)
            assert other in steps(first, script)
            assert one in steps(second, script)
            assert taken(first, other, script) == taken(second, one, script)


@given(FLOWS, st.data())
@settings(max_examples=60)
def test_all_ways_lead_to_one_configuration(flow: AdmittedFlow, data: st.DataObject) -> None:
    script = data.draw(answers(flow))
    chat = data.draw(messages())
    configuration, known = start(flow, chat), complete(flow, script)
    walked = []
    while possible := steps(configuration, known):
        walked.append(data.draw(st.sampled_from(possible)))
        configuration = taken(configuration, walked[-1], known)
    assert is_final(configuration)
    schedule = run_script(flow, chat, script, data.draw(priorities(flow)))
    assert sorted(map(str, schedule.steps)) == sorted(map(str, walked))
    assert schedule.outcome == outcome_of(configuration)
    assert len(walked) <= 3 * len(flow.policies) + 1


def seen(schedule: Schedule) -> tuple[object, ...]:
    """What of a schedule must not depend on the priority."""
    return schedule.outcome, schedule.values, dict(schedule.requests), sorted(map(str, schedule.steps))


@given(FLOWS, st.data())
@settings(max_examples=60)
def test_the_priority_changes_neither_outcome_nor_values_nor_requests(flow: AdmittedFlow, data: st.DataObject) -> None:
    script, chat = data.draw(answers(flow)), data.draw(messages())
    schedule = run_script(flow, chat, script, data.draw(priorities(flow)))
    assert seen(schedule) == seen(run_script(flow, chat, script))


@given(FLOWS, st.data())
@settings(max_examples=60)
def test_the_next_step_is_the_possible_one_of_the_highest_priority(flow: AdmittedFlow, data: st.DataObject) -> None:
    script, chat, priority = data.draw(answers(flow)), data.draw(messages()), data.draw(priorities(flow))
    configuration, known = start(flow, chat), complete(flow, script)
    for step in run_script(flow, chat, script, priority).steps:
        possible = {step.node: step for step in steps(configuration, known)}
        first = next((name for name in priority if name in possible), min(possible))
        assert step == possible[first]
        configuration = taken(configuration, step, known)
    assert is_final(configuration)


@given(FLOWS, st.data())
@settings(max_examples=60)
def test_nodes_that_run_at_the_same_time_come_to_what_a_script_comes_to(
    flow: AdmittedFlow, data: st.DataObject
) -> None:
    script, chat = complete(flow, data.draw(answers(flow))), data.draw(messages())
    progress = Progress(flow, chat)
    requests, running = {}, []
    while progress.startable() or running:
        name = data.draw(st.sampled_from([*progress.startable(), *running]))
        if name not in running:
            running.append(name)
            requests[name] = progress.run(name).messages
            continue
        running.remove(name)
        match script[name]:
            case Answered(text):
                progress.answered(name, text)
            case Declined(reason):
                progress.declined(name, reason)
    schedule = run_script(flow, chat, script)
    assert progress.outcome == outcome_of(progress.configuration) == schedule.outcome
    assert requests == dict(schedule.requests)
    assert sorted(map(str, progress.steps)) == sorted(map(str, schedule.steps))


@given(FLOWS, st.data())
@settings(max_examples=60)
def test_a_failed_node_stays_failed_and_the_flow_fails_with_it(flow: AdmittedFlow, data: st.DataObject) -> None:
    script = complete(flow, data.draw(answers(flow)))
    failed: dict[str, str] = {}
    for configuration in way(data, flow, script):
        now = dict(configuration.failures)
        assert failed.items() <= now.items()
        failed = now
        if failed:
            assert not isinstance(outcome_of(configuration), Returned)
    outcome = outcome_of(configuration)
    assert outcome == FailedFlow(tuple(sorted(failed.items()))) if failed else isinstance(outcome, Returned)


@given(FLOWS, st.data())
@settings(max_examples=60)
def test_a_flow_whose_host_lets_a_node_fail_never_returns(flow: AdmittedFlow, data: st.DataObject) -> None:
    script = complete(flow, data.draw(answers(flow)))
    open_nodes = [
        (configuration, name)
        for configuration in way(data, flow, script)
        for name, state in configuration.states.items()
        if isinstance(state, Ready | Running)
    ]
    configuration, name = data.draw(st.sampled_from(open_nodes))
    configuration = let_fail(configuration, name, "cancelled")
    while possible := steps(configuration, script):
        configuration = taken(configuration, data.draw(st.sampled_from(possible)), script)
    outcome = outcome_of(configuration)
    assert isinstance(outcome, FailedFlow)
    assert (name, "cancelled") in outcome.nodes


@given(FLOWS, st.data())
@settings(max_examples=40)
def test_one_more_failure_changes_no_failed_flow_into_one_that_returns(flow: AdmittedFlow, data: st.DataObject) -> None:
    script, chat = complete(flow, data.draw(answers(flow))), data.draw(messages())
    before = run_script(flow, chat, script).outcome
    name = data.draw(st.sampled_from(sorted(flow.policies)))
    after = run_script(flow, chat, script | {name: Declined("timeout")}).outcome
    if flow.flow.calls[name].on_error == "fail":
        assert isinstance(after, FailedFlow)
    if isinstance(before, FailedFlow) and "context_overflow" not in dict(before.nodes).values():
        assert isinstance(after, FailedFlow)  # what was too long may be shorter where another text is passed on


@given(FLOWS, st.data())
@settings(max_examples=60)
def test_every_node_is_run_once_and_after_its_inputs(flow: AdmittedFlow, data: st.DataObject) -> None:
    script = {name: Answered(name) for name in flow.policies}
    ran = [name for name, _ in run_script(flow, data.draw(messages()), script, data.draw(priorities(flow))).requests]
    assert sorted(ran) == sorted(flow.policies)
    for name, node in flow.flow.calls.items():
        assert all(read == flow.input or ran.index(read) < ran.index(name) for read in node.inputs)


def test_a_step_that_fails_at_one_node_leaves_those_beside_it_possible() -> None:
    made = flow(a=call("q"), b=call("q"), c=call("a", "b"))
    script: dict[str, Answer] = {"a": Declined("timeout"), "b": Answered("B")}
    configuration = start(made, [user("hi")])
    for name in "ab":
        for _ in range(2):
            configuration = take(configuration, next(s for s in steps(configuration, script) if s.node == name))
    failed = take(configuration, Step("flow/failed", "a"), script["a"])
    assert failed.states["a"] == Failed("timeout")
    assert steps(failed, script) == (Step("flow/done", "b"),)
