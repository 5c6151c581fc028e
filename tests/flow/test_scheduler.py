"""The rules of the machine, one by one, and its drivers. Specification: chapter "Semantics of flows"."""

from __future__ import annotations

from time import process_time

import pytest
from small_flows import call, flow, user

from policy_ir.flow.bounds import ASSEMBLED_BYTES
from policy_ir.flow.configuration import (
    Answer,
    Answered,
    Configuration,
    Declined,
    Done,
    Failed,
    FailedFlow,
    Passed,
    Ready,
    Returned,
    Running,
    State,
    Waiting,
)
from policy_ir.flow.scheduler import (
    RULES,
    FlowRule,
    Progress,
    Step,
    is_final,
    let_fail,
    outcome_of,
    run_script,
    start,
    steps,
    take,
)
from policy_ir.flow.values import Messages, Text

CHAT = [user("hi")]
LONG = [user("x" * ASSEMBLED_BYTES)]
CHAIN = flow(a=call("q"), b=call("a", system="s", on_error="input"))
FORK = flow(a=call("q"), b=call("q", on_error="input"), c=call("a", "b"))


def after(configuration: Configuration, *taken: tuple[FlowRule, str], **answers: Answer) -> Configuration:
    for rule, name in taken:
        configuration = take(configuration, Step(rule, name), answers.get(name))
    return configuration


def test_at_first_the_input_has_the_messages_and_everything_else_waits() -> None:
    configuration = start(CHAIN, CHAT)
    assert configuration.states == {"q": Done(Messages(CHAT)), "a": Waiting(), "b": Waiting(), "out": Waiting()}
    assert configuration.outcome is None
    assert configuration.failures == ()


# --- the rules -----------------------------------------------------------------------------------------------


def test_a_node_is_ready_when_all_its_inputs_have_values() -> None:
    configuration = start(FORK, CHAT)
    assert steps(configuration) == (Step("flow/ready", "a"), Step("flow/ready", "b"))
    configuration = after(configuration, ("flow/ready", "a"), ("flow/run", "a"), ("flow/done", "a"), a=Answered("A"))
    assert steps(configuration) == (Step("flow/ready", "b"),)
    configuration = after(configuration, ("flow/ready", "b"), ("flow/run", "b"), ("flow/done", "b"), b=Answered("B"))
    configuration = after(configuration, ("flow/ready", "c"))
    text = "[input 1]\nA\n\n[input 2]\nB"
    assert configuration.states["c"] == Ready((user(text),), text)


def test_a_ready_node_has_the_messages_and_their_text() -> None:
    configuration = after(start(CHAIN, CHAT), ("flow/ready", "a"))
    assert configuration.states["a"] == Ready((user("hi"),), "hi")


def test_a_node_whose_text_would_be_too_long_fails_whatever_its_on_error() -> None:
    made = flow(a=call("q", template="$1.", on_error="input"))
    assert steps(start(made, LONG)) == (Step("flow/too-long", "a"),)
    configuration = after(start(made, LONG), ("flow/too-long", "a"))
    assert configuration.states["a"] == Failed("context_overflow")
    assert outcome_of(configuration) == FailedFlow((("a", "context_overflow"),))


def test_a_ready_node_is_run_with_what_was_assembled() -> None:
    configuration = after(start(CHAIN, CHAT), ("flow/ready", "a"), ("flow/run", "a"))
    assert configuration.states["a"] == Running((user("hi"),), "hi")


def test_a_running_node_takes_no_step_without_an_answer() -> None:
    configuration = after(start(CHAIN, CHAT), ("flow/ready", "a"), ("flow/run", "a"))
    assert steps(configuration) == ()
    assert not is_final(configuration)
    assert outcome_of(configuration) is None


@pytest.mark.parametrize(
    ("name", "answer", "rule", "state"),
    [
        ("a", Answered("A"), "flow/done", Done(Text("A"))),
        ("b", Answered(""), "flow/done", Done(Text(""))),
        ("a", Declined("timeout"), "flow/failed", Failed("timeout")),
        ("a", Declined("x-house"), "flow/failed", Failed("x-house")),
        ("b", Declined("timeout"), "flow/passed", Passed("hi")),
    ],
)
def test_a_running_node_goes_where_its_answer_leads(name: str, answer: Answer, rule: FlowRule, state: State) -> None:
    configuration = after(start(FORK, CHAT), ("flow/ready", name), ("flow/run", name))
    assert Step(rule, name) in steps(configuration, {name: answer})
    assert take(configuration, Step(rule, name), answer).states[name] == state


def test_an_answer_changes_nothing_before_the_node_is_running() -> None:
    answers: dict[str, Answer] = {"a": Declined("timeout"), "b": Answered("B"), "q": Answered("?")}
    configuration = start(FORK, CHAT)
    assert steps(configuration, answers) == steps(configuration)
    configuration = after(configuration, ("flow/ready", "a"))
    assert steps(configuration, answers) == (Step("flow/run", "a"), Step("flow/ready", "b"))


def test_what_is_passed_on_is_the_text_without_the_system_prompt() -> None:
    schedule = run_script(CHAIN, CHAT, {"a": Answered("A"), "b": Declined("timeout")})
    assert schedule.outcome == Returned("A")
    assert schedule.values == (("a", "A"), ("b", "A"))


def test_the_output_returns_the_text_of_the_last_node() -> None:
    schedule = run_script(FORK, CHAT, {name: Answered(name.upper()) for name in "abc"})
    assert schedule.outcome == Returned("C")
    assert schedule.steps[-1] == Step("flow/returned", "out")


def test_after_the_output_nothing_is_left() -> None:
    answers: dict[str, Answer] = {"a": Answered("A")}
    configuration = start(flow(a=call("q")), CHAT)
    while possible := steps(configuration, answers):
        configuration = take(configuration, possible[0], answers.get(possible[0].node))
    assert is_final(configuration)
    assert configuration.outcome == outcome_of(configuration) == Returned("A")
    assert configuration.states["out"] == Done(Text("A"))


def test_a_flow_with_a_failed_node_fails_with_all_of_them_by_name() -> None:
    made = flow(b=call("q"), a=call("q"), c=call("q"), d=call("a", "b", "c"))
    answers = {"a": Declined("timeout"), "b": Declined("auth_error"), "c": Answered("C")}
    schedule = run_script(made, CHAT, answers)
    assert schedule.outcome == FailedFlow((("a", "timeout"), ("b", "auth_error")))
    assert schedule.values == (("c", "C"),)
    assert "d" not in dict(schedule.requests)


@pytest.mark.parametrize(
    ("rule", "name"), [("flow/run", "a"), ("flow/ready", "c"), ("flow/done", "q"), ("flow/returned", "out")]
)
def test_a_step_that_is_not_possible_is_not_taken(rule: FlowRule, name: str) -> None:
    with pytest.raises(ValueError, match=f"{rule} is not possible at the node {name}"):
        take(start(FORK, CHAT), Step(rule, name))


def test_a_configuration_is_not_changed_by_a_step() -> None:
    configuration = start(FORK, CHAT)
    take(configuration, Step("flow/ready", "a"))
    assert configuration == start(FORK, CHAT)
    with pytest.raises(TypeError):
        configuration.states["a"] = Failed("x")  # type: ignore[index]


# --- hosts that let nodes fail -------------------------------------------------------------------------------


def test_a_host_may_let_a_node_fail_that_is_ready_or_running_and_it_is_not_passed_on() -> None:
    ready = after(start(FORK, CHAT), ("flow/ready", "b"))
    assert let_fail(ready, "b", "budget").states["b"] == Failed("budget")
    running = after(ready, ("flow/run", "b"))
    assert let_fail(running, "b", "timeout").states["b"] == Failed("timeout")


def test_a_host_cannot_let_a_node_fail_that_waits_or_has_ended() -> None:
    ended = after(start(CHAIN, CHAT), ("flow/ready", "a"), ("flow/run", "a"), ("flow/done", "a"), a=Answered("A"))
    for name in ("q", "a", "b", "out"):
        with pytest.raises(ValueError, match=f"the node {name} is neither ready nor running"):
            let_fail(ended, name, "timeout")


# --- scripts -------------------------------------------------------------------------------------------------


def test_of_all_possible_steps_the_next_is_at_the_node_of_the_highest_priority() -> None:
    answers = {name: Answered(name) for name in "abc"}
    by_name = run_script(FORK, CHAT, answers)
    assert [step.node for step in by_name.steps] == [*"aaabbbccc", "out"]
    other = run_script(FORK, CHAT, answers, ["nobody", "b", "b", "q"])
    assert [step.node for step in other.steps] == [*"bbbaaaccc", "out"]
    assert [name for name, _ in other.requests] == ["b", "a", "c"]


def test_names_are_ordered_by_code_points() -> None:
    made = flow(
        last="z", **{name: call("q") for name in ("n10", "n9", "_", "B", "a")}, z=call(*("n10", "n9", "_", "B", "a"))
    )
    answers = {name: Answered("") for name in made.policies}
    assert [name for name, _ in run_script(made, CHAT, answers).requests] == ["B", "_", "a", "n10", "n9", "z"]


def test_a_node_that_is_ready_gives_way_to_one_of_a_higher_priority() -> None:
    made = flow(a=call("q"), b=call("a"), c=call("q"), d=call("b", "c"))
    schedule = run_script(made, CHAT, {name: Answered(name) for name in "abcd"}, ["b", "c", "a"])
    assert [step.node for step in schedule.steps] == [*"cccaaabbbddd", "out"]


def test_a_node_without_an_answer_is_answered_with_a_failure() -> None:
    assert run_script(FORK, CHAT, {"a": Answered("A"), "nobody": Answered("N")}).outcome == FailedFlow(
        (("c", "unknown"),)
    )
    assert dict(run_script(FORK, CHAT, {}).values) == {"b": "hi"}


def test_the_requests_are_what_was_assembled() -> None:
    assert run_script(CHAIN, CHAT, {"a": Answered("A"), "b": Answered("B")}).requests == (
        ("a", (user("hi"),)),
        ("b", ({"role": "system", "content": "s"}, user("A"))),
    )


def test_a_wide_flow_is_run_in_milliseconds() -> None:
    names: list[str] = []
    calls = {}
    for place in range(254):
        calls[f"n{place}"] = call(*(names[-32:] or ["q"]))
        names.append(f"n{place}")
    made = flow(last=names[-1], **calls)
    answers = {name: Answered("x") for name in names}
    began = process_time()
    schedule = run_script(made, CHAT, answers)
    assert process_time() - began < 0.5  # ten milliseconds, and a machine that is busy
    assert schedule.outcome == Returned("x")
    assert len(schedule.steps) == 3 * 254 + 1


# --- hosts ---------------------------------------------------------------------------------------------------


def test_a_host_is_told_what_it_can_start() -> None:
    progress = Progress(FORK, CHAT)
    assert progress.startable() == ("a", "b")
    assert progress.run("b").messages == (user("hi"),)
    assert progress.run("a").text == "hi"
    assert progress.startable() == ()
    progress.answered("b", "B")
    assert progress.outcome is None
    progress.answered("a", "A")
    assert progress.startable() == ("c",)
    assert progress.run("c").text == "[input 1]\nA\n\n[input 2]\nB"
    progress.answered("c", "C")
    assert progress.outcome == outcome_of(progress.configuration) == Returned("C")
    assert {step.rule for step in progress.steps} == set(RULES) - {"flow/too-long", "flow/passed", "flow/failed"}


def test_a_failed_call_is_passed_on_where_its_node_says_so() -> None:
    progress = Progress(FORK, CHAT)
    progress.run("b")
    progress.declined("b", "timeout")
    assert progress.configuration.states["b"] == Passed("hi")
    assert progress.outcome is None


def test_a_host_knows_that_a_flow_fails_as_soon_as_one_node_has() -> None:
    progress = Progress(FORK, CHAT)
    for name in "ab":
        progress.run(name)
    progress.declined("a", "timeout")
    assert progress.outcome == FailedFlow((("a", "timeout"),))
    assert outcome_of(progress.configuration) is None
    progress.answered("b", "B")
    assert progress.outcome == outcome_of(progress.configuration)


def test_a_failure_of_the_host_is_not_passed_on_and_may_come_before_the_call() -> None:
    progress = Progress(FORK, CHAT)
    progress.declined("b", "budget_exceeded", pass_on=False)
    assert progress.outcome == FailedFlow((("b", "budget_exceeded"),))
    assert progress.steps[-1] == Step("flow/failed", "b")
    assert progress.startable() == ("a",)


def test_a_node_that_is_too_long_has_failed_before_anything_is_started() -> None:
    progress = Progress(flow(a=call("q", template="$1.")), LONG)
    assert progress.startable() == ()
    assert progress.steps == (Step("flow/too-long", "a"),)
    assert progress.outcome == FailedFlow((("a", "context_overflow"),))


def test_a_host_tells_each_thing_once() -> None:
    progress = Progress(FORK, CHAT)
    for name in ("c", "q", "out"):
        with pytest.raises(ValueError, match=f"the node {name} is not ready"):
            progress.run(name)
    with pytest.raises(ValueError, match="the node a is not running"):
        progress.answered("a", "A")
    with pytest.raises(ValueError, match="the node b is not running"):
        progress.declined("b", "timeout")
    progress.run("a")
    with pytest.raises(ValueError, match="the node a is not ready"):
        progress.run("a")
    progress.answered("a", "A")
    with pytest.raises(ValueError, match="the node a is not running"):
        progress.answered("a", "A")
    with pytest.raises(ValueError, match="the node a is neither ready nor running"):
        progress.declined("a", "timeout", pass_on=False)
    assert [step.node for step in progress.steps] == ["a", "a", "a"]
