"""The small-step machine of flows, and its drivers: a script of answers, and a host that runs nodes at the same time.

Configurations are immutable, and a step changes the state of one node; which of several is taken first cannot change
the outcome. Both drivers take the machine's own steps: all they add is where to look for the next one. Specification:
chapter "Semantics of flows".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import attrs

from policy_ir.flow.assembly import assemble, rule_of
from policy_ir.flow.configuration import (
    Answer,
    Answered,
    Configuration,
    Declined,
    Done,
    Failed,
    FailedFlow,
    Outcome,
    Passed,
    Ready,
    Returned,
    Running,
    State,
    Waiting,
)
from policy_ir.flow.graph import readers, reads
from policy_ir.flow.tree import Llm, Output
from policy_ir.flow.values import Message, Messages, Text

if TYPE_CHECKING:
    from policy_ir.flow.admission import AdmittedFlow

__all__ = [
    "RULES",
    "FlowRule",
    "Progress",
    "Schedule",
    "Step",
    "is_final",
    "let_fail",
    "outcome_of",
    "run_script",
    "start",
    "steps",
    "take",
]

FlowRule: TypeAlias = Literal[
    "flow/ready", "flow/too-long", "flow/run", "flow/done", "flow/passed", "flow/failed", "flow/returned"
]

RULES: Final[tuple[FlowRule, ...]] = get_args(FlowRule)
"""The ids of the rules, in the order of the specification's table."""

TOO_LONG: Final = "context_overflow"
"""The reason for which a node fails whose text would be too long."""

NO_ANSWER: Final = Declined("unknown")
"""What a node is answered that a script has no answer for (rule `schedule/script`)."""


@attrs.frozen(slots=True)
class Step:
    """A rule at a node."""

    rule: FlowRule
    node: str


# --- the machine -------------------------------------------------------------------------------------------------


def start(flow: AdmittedFlow, messages: Sequence[Message]) -> Configuration:
    """The first configuration of a flow, for the messages of a caller, which are shared and not copied."""
    states: dict[str, State] = dict.fromkeys(flow.flow.nodes, Waiting())
    states[flow.input] = Done(Messages(messages))
    return Configuration(flow, MappingProxyType(states))


def steps(configuration: Configuration, answers: Mapping[str, Answer] = MappingProxyType({})) -> tuple[Step, ...]:
    """All possible steps, in the order of the names, with the answers that the world has given by now."""
    moves = ((_move(configuration, name, answers.get(name)), name) for name in sorted(configuration.states))
    return tuple(Step(move[0], name) for move, name in moves if move is not None)


def take(configuration: Configuration, step: Step, answer: Answer | None = None) -> Configuration:
    """The configuration after a step; `answer` is what the world says of a node that is running.

    Raises ValueError for a step that is not possible.
    """
    move = _move(configuration, step.node, answer)
    if move is None or move[0] != step.rule:
        raise ValueError(f"{step.rule} is not possible at the node {step.node}")
    return _after(configuration, step.node, move[1])


def let_fail(configuration: Configuration, name: str, reason: str) -> Configuration:
    """The configuration after the host itself has let a node fail that is `ready` or `running`.

    Such a failure is not passed on (section "Any order"). Raises ValueError for a node in any other state.
    """
    if not isinstance(configuration.states[name], Ready | Running):
        raise ValueError(f"the node {name} is neither ready nor running")
    return _after(configuration, name, Failed(reason))


def is_final(configuration: Configuration) -> bool:
    """Whether no step is left, and no node is running."""
    running = any(isinstance(state, Running) for state in configuration.states.values())
    return not running and not steps(configuration)


def outcome_of(configuration: Configuration) -> Outcome | None:
    """What a flow comes to: None as long as its configuration is not final."""
    if configuration.outcome is None and is_final(configuration):
        return FailedFlow(configuration.failures)
    return configuration.outcome


def _move(configuration: Configuration, name: str, answer: Answer | None) -> tuple[FlowRule, State] | None:
    """The one rule that is possible at a node, given the answer, and the state it leads to; None where none is."""
    match configuration.states[name], answer:
        case Waiting(), _:
            return _begin(configuration, name)
        case Ready(messages, text), _:
            return "flow/run", Running(messages, text)
        case Running(), Answered(text):
            return "flow/done", Done(Text(text))
        case Running(_, text), Declined() if _passes_on(configuration, name):
            return "flow/passed", Passed(text)
        case Running(), Declined(reason):
            return "flow/failed", Failed(reason)
        case _:
            return None


def _begin(configuration: Configuration, name: str) -> tuple[FlowRule, State] | None:
    """The move of a node that is waiting: an `llm` node or the output."""
    node = configuration.flow.flow.nodes[name]
    if isinstance(node, Output):
        value = configuration.value(node.input)
        return None if value is None else ("flow/returned", Done(value))
    assert isinstance(node, Llm)
    values = []
    for read in node.inputs:
        value = configuration.value(read)
        if value is None:
            return None
        values.append(value)
    assembled = assemble(node.system, values, node.template)
    if assembled.messages is None or assembled.text is None:
        return "flow/too-long", Failed(TOO_LONG)
    return "flow/ready", Ready(assembled.messages, assembled.text)


def _passes_on(configuration: Configuration, name: str) -> bool:
    node = configuration.flow.flow.nodes[name]
    return isinstance(node, Llm) and node.on_error == "input"


def _after(configuration: Configuration, name: str, state: State) -> Configuration:
    states = MappingProxyType(configuration.states | {name: state})
    outcome = configuration.outcome
    if name == configuration.flow.output:
        assert isinstance(state, Done)
        outcome = Returned(state.value.text)
    return Configuration(configuration.flow, states, outcome)


# --- drivers -----------------------------------------------------------------------------------------------------


class _Course:
    """A configuration on its way: the steps that led to it, and how many inputs without a value each node has.

    The counts only say when it is worth looking at a node; what is possible there, the machine says.
    """

    def __init__(self, flow: AdmittedFlow, messages: Sequence[Message]) -> None:
        edges = reads(flow.flow)
        self._readers = readers(edges)
        self._missing = {name: len(read) for name, read in edges.items()}
        self.configuration = start(flow, messages)
        self.steps: list[Step] = []
        self.first = self._read_by(flow.input)
        """The nodes to look at before anything has happened."""

    def step(self, name: str, answer: Answer | None = None) -> list[str]:
        """Take the step that is possible at a node. Gives the nodes to look at next."""
        move = _move(self.configuration, name, answer)
        assert move is not None
        rule, state = move
        self.configuration = _after(self.configuration, name, state)
        self.steps.append(Step(rule, name))
        if isinstance(state, Ready | Running):
            return [name]
        return [] if isinstance(state, Failed) else self._read_by(name)

    def fits(self, name: str) -> bool:
        """Whether a node whose inputs have values is an `llm` node to which `assemble/limit` does not apply."""
        node = self.configuration.flow.flow.nodes[name]
        if not isinstance(node, Llm):
            return False
        values = [value for read in node.inputs if (value := self.configuration.value(read)) is not None]
        return rule_of(values, node.template) != "assemble/limit"

    def let_fail(self, name: str, reason: str) -> None:
        """Let a node fail as the host asks. Raises ValueError like the machine's own."""
        self.configuration = let_fail(self.configuration, name, reason)
        self.steps.append(Step("flow/failed", name))

    def _read_by(self, name: str) -> list[str]:
        """Those readers of a node that has a value now which have been waiting for no other."""
        complete = []
        for reader in self._readers[name]:
            self._missing[reader] -= 1
            if not self._missing[reader]:
                complete.append(reader)
        return complete


@attrs.frozen(slots=True)
class Schedule:
    """One way through a flow: its steps, and what came of them.

    `requests` pairs each node that was run with its messages, in the order in which nodes were run; `values` each
    `llm` node that has a value with its text, in the order of the names.
    """

    steps: tuple[Step, ...]
    requests: tuple[tuple[str, tuple[Message, ...]], ...]
    values: tuple[tuple[str, str], ...]
    outcome: Outcome


def run_script(
    flow: AdmittedFlow, messages: Sequence[Message], answers: Mapping[str, Answer], priority: Iterable[str] = ()
) -> Schedule:
    """The way through a flow whose answers are known beforehand, in an order (section "Schedules").

    Names that are no nodes are ignored. A node without an answer is answered with the failure `unknown`.
    """
    ranks: dict[str, int] = {}
    for name in priority:
        ranks.setdefault(name, len(ranks))
    course = _Course(flow, messages)
    requests: list[tuple[str, tuple[Message, ...]]] = []
    # At each of these nodes a step is possible, by the highest priority first.
    possible = [(ranks.get(name, len(ranks)), name) for name in course.first]
    heapify(possible)
    while possible:
        _, name = heappop(possible)
        for woken in course.step(name, answers.get(name, NO_ANSWER)):
            heappush(possible, (ranks.get(woken, len(ranks)), woken))
        state = course.configuration.states[name]
        if isinstance(state, Running):
            requests.append((name, state.messages))
    final = course.configuration
    texts = ((name, final.value(name)) for name in sorted(flow.flow.calls))
    values = tuple((name, value.text) for name, value in texts if value is not None)
    return Schedule(tuple(course.steps), tuple(requests), values, final.outcome or FailedFlow(final.failures))


class Progress:
    """A flow as a host runs it whose nodes are at work at the same time.

    Steps that need no host are taken as soon as they are possible, but for `flow/ready`: an input is put together when
    its node is run, so that no more texts are kept than there are calls. What the host does is to `run` nodes that are
    `startable`, and to tell what came of them, each once, in any order.
    """

    def __init__(self, flow: AdmittedFlow, messages: Sequence[Message]) -> None:
        self._course = _Course(flow, messages)
        self._startable: set[str] = set()
        self._settle(self._course.first)

    @property
    def configuration(self) -> Configuration:
        """Where the flow stands."""
        return self._course.configuration

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps so far."""
        return tuple(self._course.steps)

    @property
    def outcome(self) -> Outcome | None:
        """What comes of the flow, None as long as that is open.

        It is known to fail as soon as one node has failed; those that have failed by now are then in it. A host may
        stop there, and cancel what is running.
        """
        failures = self.configuration.failures
        return FailedFlow(failures) if failures else self.configuration.outcome

    def startable(self) -> tuple[str, ...]:
        """The nodes whose inputs have values and that were not run yet, in the order of their names."""
        return tuple(sorted(self._startable))

    def run(self, name: str) -> Running:
        """Note that a node is run; its messages, and their text. Raises ValueError where it is not startable."""
        if name not in self._startable:
            raise ValueError(f"the node {name} is not ready")
        self._make_ready(name)
        self._course.step(name)
        state = self.configuration.states[name]
        assert isinstance(state, Running)
        return state

    def answered(self, name: str, text: str) -> None:
        """Note the text that a running node has answered. Raises ValueError where it is not running."""
        self._tell(name, Answered(text))

    def declined(self, name: str, reason: str, *, pass_on: bool = True) -> None:
        """Note that the call of a running node has failed.

        Without `pass_on` it is the host that lets the node fail, whatever its `on_error`, and it need only be
        startable. Raises ValueError where it is not running, or not even that.
        """
        if pass_on:
            self._tell(name, Declined(reason))
        else:
            if name in self._startable:
                self._make_ready(name)
            self._course.let_fail(name, reason)

    def _make_ready(self, name: str) -> None:
        self._startable.remove(name)
        self._course.step(name)

    def _tell(self, name: str, answer: Answer) -> None:
        if not isinstance(self.configuration.states[name], Running):
            raise ValueError(f"the node {name} is not running")
        self._settle(self._course.step(name, answer))

    def _settle(self, names: list[str]) -> None:
        """Take the steps that became possible and need no host, in the order of the names; note which nodes can run."""
        for name in sorted(names):
            if self._course.fits(name):
                self._startable.add(name)
            else:
                self._course.step(name)
