"""What flows do: the kinds `assembly`, `flow-calls` and `schedule`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from policy_ir.conformance.subject.flows import admitted_flow
from policy_ir.conformance.subject.parts import (
    Input,
    NotARequest,
    given,
    member,
    optional,
    seed_of,
    snapshot_of,
    vocabulary_of,
)
from policy_ir.diagnostics import Diagnostic, Refused

if TYPE_CHECKING:
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.flow.configuration import Answer
    from policy_ir.flow.cost import Decide
    from policy_ir.flow.scheduler import Schedule
    from policy_ir.flow.values import Value
    from policy_ir.vocabulary import Vocabulary

_ANY: Final = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]
"""The policy of a call that is asked about without one."""


def assembly(input: Input) -> dict[str, Any]:
    """What a node sends: the rule that made it, the messages, and their text."""
    from policy_ir.flow.assembly import assemble

    system, template = member(input, "system", str), optional(input, "template", str)
    count = len(member(input, "inputs", list))
    if count == 0:
        raise NotARequest("a node has one input or more")
    _refuse(_about_call("system", count, system=system))
    values = _values(input)
    if template is not None:
        _refuse(_about_call("template", count, template=template))
    made = assemble(system, values, template)
    if made.messages is None:
        return {"rule": made.rule}
    return {"rule": made.rule, "messages": list(made.messages), "text": made.text}


def _about_call(key: str, count: int, **parts: str) -> list[Diagnostic]:
    """What is wrong with one text of a call that has so many inputs."""
    from policy_ir.flow.admission import check_flow
    from policy_ir.flow.loading import load_flow
    from policy_ir.vocabulary import vocabulary

    names = [f"input{at}" for at in range(count)]
    record = {"system": "", "policy": _ANY, "inputs": names, **parts}
    nodes = {"call": ["llm", record], **{name: ["input"] for name in names}}
    try:
        found = check_flow(load_flow(["flow", nodes]), vocabulary("standard"))
    except Refused as refused:
        found = list(refused.diagnostics)
    return [attrs.evolve(one, pointer=f"/{key}") for one in found if one.pointer == f"/1/call/1/{key}"]


def _values(input: Input) -> list[Value]:
    """The values of the inputs: texts, and the caller's messages."""
    from policy_ir.flow.values import Messages, Text

    given = member(input, "inputs", list)
    if not all(isinstance(value, str | list) for value in given):
        raise NotARequest("a value is a text or a list of messages")
    listed = [(at, value) for at, value in enumerate(given) if isinstance(value, list)]
    _refuse([one for at, value in listed for one in _about_messages(value, pointer=f"/inputs/{at}")])
    return [Messages(value) if isinstance(value, list) else Text(value) for value in given]


def _about_messages(
    messages: Any, vocabulary: Vocabulary | None = None, pointer: str = "/messages"
) -> list[Diagnostic]:
    """What is wrong with the messages of a body that has nothing else, pointing to where they stand."""
    from policy_ir import vocabulary as shipped
    from policy_ir.chat import facts_of_chat

    try:
        facts_of_chat({"messages": messages}, vocabulary or shipped.vocabulary("standard"))
    except Refused as refused:
        return [attrs.evolve(one, pointer=_moved(one.pointer, pointer)) for one in refused.diagnostics]
    return []


def _moved(pointer: str | None, to: str) -> str | None:
    return None if pointer is None else to + pointer.removeprefix("/messages")


def _refuse(found: list[Diagnostic]) -> None:
    if found:
        raise Refused(found)


def calls(input: Input, *, decide: Decide | None = None) -> dict[str, Any]:
    """The facts, the seed and the estimate of each call of a flow. `decide` is the machine's where it is None."""
    return calls_of(input, admitted_flow(input, vocabulary_of(input)), decide)


def calls_of(input: Input, made: AdmittedFlow, decide: Decide | None) -> dict[str, Any]:
    """The calls of an admitted flow, over the parts of an input that come after it."""
    from policy_ir.chat import facts_of_chat
    from policy_ir.facts import read_facts
    from policy_ir.floor import floor_of_value
    from policy_ir.flow.cost import estimate

    vocabulary = made.vocabulary
    floor = floor_of_value(input["floor"], vocabulary) if "floor" in input else None
    snapshot = snapshot_of(input, vocabulary)
    stated, body = input.get("facts", {}), given(input, "body")
    read_facts(stated, vocabulary)
    facts_of_chat(body, vocabulary, base=stated)
    seed = seed_of(input)
    return estimate(made, snapshot, body, floor=floor, stated=stated, seed=seed, decide=decide).to_json()


def schedule(input: Input) -> dict[str, Any]:
    """The steps of a flow whose answers are a script's, in the order of a priority."""
    from policy_ir.flow.scheduler import run_script

    made = admitted_flow(input, vocabulary_of(input))
    messages = given(input, "messages")
    _refuse(_about_messages(messages, made.vocabulary))
    priority = member(input, "priority", list)
    if not all(isinstance(name, str) for name in priority):
        raise NotARequest("the member 'priority' is no list of names")
    return _shown(run_script(made, messages, _answers(input), priority))


def _answers(input: Input) -> dict[str, Answer]:
    from policy_ir.flow.configuration import Answered, Declined

    answers: dict[str, Answer] = {}
    for name, answer in member(input, "answers", dict).items():
        match answer:
            case {"text": str() as text, **rest} if not rest:
                answers[name] = Answered(text)
            case {"failed": str() as reason, **rest} if not rest:
                answers[name] = Declined(reason)
            case _:
                raise NotARequest("an answer is a text or a failure")
    return answers


def _shown(run: Schedule) -> dict[str, Any]:
    """A schedule as a reply holds it."""
    from policy_ir.flow.configuration import Returned

    ended = run.outcome
    outcome: dict[str, Any]
    if isinstance(ended, Returned):
        outcome = {"returned": ended.text}
    else:
        outcome = {"failed": [[name, reason] for name, reason in ended.nodes]}
    return {
        "steps": [[step.rule, step.node] for step in run.steps],
        "requests": [[name, list(messages)] for name, messages in run.requests],
        "values": [[name, text] for name, text in run.values],
        "outcome": outcome,
    }
