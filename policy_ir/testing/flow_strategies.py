"""Flows: random graphs with policies, prompts and templates; what is wrong with flows; what a world answers them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from hypothesis import strategies as st

from policy_ir.diagnostics import Code, codes
from policy_ir.flow.bounds import INPUTS
from policy_ir.flow.canonical import flow_value
from policy_ir.flow.configuration import Answer, Answered, Declined
from policy_ir.flow.tree import ON_ERROR, Flow, Input, Llm, Node, Output
from policy_ir.signature import located
from policy_ir.syntax.loader import load
from policy_ir.terms import Policy
from policy_ir.testing.pools import REASONS, standard, texts
from policy_ir.testing.term_strategies import policies
from policy_ir.testing.world_strategies import chat_bodies
from policy_ir.testing.wrong_input import integral, mangled_values

if TYPE_CHECKING:
    from policy_ir.flow.admission import AdmittedFlow

__all__ = [
    "admitted_flows",
    "answers",
    "flow_values",
    "flows",
    "malformed_flows",
    "messages",
    "node_names",
    "priorities",
    "refused_flows",
    "templates",
]

NAMES: Final = ("a", "b", "A", "_", "_1", "a_b", "n10", "n9", "flow", "llm", "input", "output", "policy", "n" * 64)
"""Names where orders and readers go wrong: cases, digits, words of the authoring syntax, the longest."""

PLAIN: Final = ["policy", ["meets_req"], ["neg", ["field", "call_cost"]], ["argmax"], ["id"],
                ["always", {"action": "next_candidate"}]]  # fmt: skip
"""A policy as most are: what graphs are about is said faster with it."""


def node_names() -> st.SearchStrategy[str]:
    """Names of nodes."""
    return st.sampled_from(NAMES) | st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True)


def _prompts() -> st.SearchStrategy[str]:
    """Texts of prompts and templates without digits, so that no text makes a reference longer."""
    awkward = st.sampled_from(("", "$", "$$", "$x", " $ ", "line\n  indented\n", '"""', "\\", "$é", "tab\t\n\n"))
    return awkward | texts().map(lambda text: "".join(c for c in text if c not in "0123456789"))


def templates(inputs: int) -> st.SearchStrategy[str]:
    """Templates of a node with so many inputs; some refer to an input twice, some to none."""
    parts = _prompts()
    if inputs:
        parts |= st.integers(1, inputs).map(lambda number: f"${number}")
    return st.lists(parts, max_size=6).map("".join)


def _plain() -> Policy:
    return cast(Policy, load(PLAIN, sort="Policy", source="policy"))


@st.composite
def flows(draw: st.DrawFn, *, min_calls: int = 1, max_calls: int = 8, plain: bool = False) -> Flow:
    """Flows that the vocabulary `standard` admits, with so many calls; their nodes stand in any order.

    `plain` gives all calls one short policy; else some have random ones, and some share them.
    """
    size = draw(st.integers(min_calls, max_calls))
    names = draw(st.lists(node_names(), min_size=size + 2, max_size=size + 2, unique=True))
    given, *called, answer = names
    pool = [_plain()]
    if not plain:
        drawn = draw(st.lists(policies(max_nodes=14), max_size=2))
        pool += [cast(Policy, located(policy, "policy", "")) for policy in drawn]
    reads = _edges(draw, given, called)
    nodes: dict[str, Node] = {given: Input(), answer: Output(called[-1])}
    for name in called:
        inputs = tuple(draw(st.permutations(reads[name])))
        nodes[name] = Llm(
            system=draw(_prompts()),
            policy=draw(st.sampled_from(pool)),
            inputs=inputs,
            template=draw(st.none() | templates(len(inputs))),
            on_error=draw(st.sampled_from(ON_ERROR)),
        )
    return Flow({name: nodes[name] for name in draw(st.permutations(names))})


def _edges(draw: st.DrawFn, given: str, called: list[str]) -> dict[str, list[str]]:
    """Inputs for the calls: each reads the input node or calls before it, and all but the last are read after them."""
    reads: dict[str, list[str]] = {}
    for place, name in enumerate(called):
        before = [given, *called[:place]]
        near = st.sampled_from(before[-3:])
        reads[name] = draw(st.lists(near | st.sampled_from(before), min_size=1, max_size=min(4, INPUTS), unique=True))
    read = {other for others in reads.values() for other in others}
    for place, name in enumerate(called[:-1]):
        if name not in read:
            reads[draw(st.sampled_from(called[place + 1 :]))].append(name)
    return reads


def admitted_flows(*, min_calls: int = 1, max_calls: int = 8, plain: bool = False) -> st.SearchStrategy[AdmittedFlow]:
    """The same, admitted."""
    from policy_ir.flow.admission import admit_flow

    made = flows(min_calls=min_calls, max_calls=max_calls, plain=plain)
    return made.map(lambda flow: admit_flow(flow, standard()))


@st.composite
def flow_values(draw: st.DrawFn, *, min_calls: int = 1, max_calls: int = 5, plain: bool = False) -> list[Any]:
    """Flows as decoded JSON values, with `on_error` sometimes written where it could be left out."""
    value: Any = flow_value(draw(flows(min_calls=min_calls, max_calls=max_calls, plain=plain)))
    for node in value[1].values():
        if node[0] == "llm" and draw(st.booleans()):
            node[1].setdefault("on_error", "fail")
    spelled: list[Any] = integral(value) if draw(st.booleans()) else value
    return spelled


# --- what is wrong with flows --------------------------------------------------------------------------------


def malformed_flows(*, json_only: bool = False) -> st.SearchStrategy[Any]:
    """Values of flows with a few parts mangled, anywhere; some are still flows."""
    return mangled_values(json_only=json_only, values=flow_values(max_calls=3, plain=True))


Nodes: TypeAlias = dict[str, Any]
Break: TypeAlias = Callable[[st.DrawFn, Nodes], None]


def _call(draw: st.DrawFn, nodes: Nodes) -> tuple[str, dict[str, Any]]:
    """Any call of a flow."""
    name = draw(st.sampled_from([name for name, node in nodes.items() if node[0] == "llm"]))
    return name, nodes[name][1]


def _sole(nodes: Nodes, kind: str) -> str:
    return next(name for name, node in nodes.items() if node[0] == kind)


def _fresh(nodes: Nodes) -> str:
    """A name that no node has."""
    return next(name for name in (f"new{i}" for i in range(len(nodes) + 1)) if name not in nodes)


def _added(nodes: Nodes, inputs: list[str]) -> str:
    """The name of a new call."""
    name = _fresh(nodes)
    nodes[name] = ["llm", {"system": "", "policy": PLAIN, "inputs": inputs}]
    return name


def _unknown_kind(draw: st.DrawFn, nodes: Nodes) -> None:
    nodes[draw(st.sampled_from(list(nodes)))] = draw(st.sampled_from([[], ["tool"], ["Llm", {}], "input", {}, [1]]))


def _arity(draw: st.DrawFn, nodes: Nodes) -> None:
    node = nodes[draw(st.sampled_from(list(nodes)))]
    node.append({}) if node[0] == "input" or draw(st.booleans()) else node.pop()


def _value(draw: st.DrawFn, nodes: Nodes) -> None:
    key = draw(st.sampled_from(["system", "inputs", "template", "on_error"]))
    _call(draw, nodes)[1][key] = draw(st.sampled_from([1.0, True, {}, [1.0]]))


def _key(draw: st.DrawFn, nodes: Nodes) -> None:
    _call(draw, nodes)[1][draw(st.sampled_from(["", "System", "model", "~/"]))] = ""


def _missing_key(draw: st.DrawFn, nodes: Nodes) -> None:
    del _call(draw, nodes)[1][draw(st.sampled_from(["system", "policy", "inputs"]))]


def _on_error(draw: st.DrawFn, nodes: Nodes) -> None:
    _call(draw, nodes)[1]["on_error"] = draw(st.sampled_from(["", "Fail", "retry", "output"]))


def _name(draw: st.DrawFn, nodes: Nodes) -> None:
    bad = draw(st.sampled_from(["", "1a", "a-b", "a b", "é", "a\n", "n" * 65, "~0/~1", "$1"]))
    nodes[bad] = ["input"]


def _another(kind: str) -> Break:
    def add(draw: st.DrawFn, nodes: Nodes) -> None:
        nodes[_fresh(nodes)] = copy.deepcopy(nodes[_sole(nodes, kind)])

    return add


def _without(kind: str) -> Break:
    def drop(draw: st.DrawFn, nodes: Nodes) -> None:
        del nodes[_sole(nodes, kind)]

    return drop


def _unknown_input(draw: st.DrawFn, nodes: Nodes) -> None:
    inputs = _call(draw, nodes)[1]["inputs"]
    inputs[draw(st.integers(0, len(inputs) - 1))] = _fresh(nodes)


def _reads_output(draw: st.DrawFn, nodes: Nodes) -> None:
    _call(draw, nodes)[1]["inputs"].append(_sole(nodes, "output"))


def _reads_twice(draw: st.DrawFn, nodes: Nodes) -> None:
    inputs = _call(draw, nodes)[1]["inputs"]
    inputs.append(draw(st.sampled_from(inputs)))


def _cycle(draw: st.DrawFn, nodes: Nodes) -> None:
    name, call = _call(draw, nodes)
    last = nodes[_sole(nodes, "output")][1]
    call["inputs"].append(draw(st.sampled_from(sorted({name, last}))))  # all calls lead to the last


def _not_reached(draw: st.DrawFn, nodes: Nodes) -> None:
    _, call = _call(draw, nodes)
    call["inputs"].append(_added(nodes, []))


def _not_used(draw: st.DrawFn, nodes: Nodes) -> None:
    name, _ = _call(draw, nodes)
    _added(nodes, [name])


def _template(draw: st.DrawFn, nodes: Nodes) -> None:
    _, call = _call(draw, nodes)
    bad = ["$0", "$01", f"${len(call['inputs']) + 1}", "$" + "9" * 5000, "$00"]
    call["template"] = draw(_prompts()) + draw(st.sampled_from(bad))


def _answer(draw: st.DrawFn, nodes: Nodes) -> None:
    nodes[_sole(nodes, "output")][1] = _sole(nodes, "input")


_BREAKS: Final[tuple[tuple[Code, Break], ...]] = (
    (codes.UNKNOWN_NODE_KIND, _unknown_kind),
    (codes.NODE_ARITY, _arity),
    (codes.NODE_VALUE, _value),
    (codes.NODE_KEY, _key),
    (codes.NODE_REQUIRED_KEY, _missing_key),
    (codes.UNKNOWN_ON_ERROR, _on_error),
    (codes.NODE_NAME, _name),
    (codes.NOT_ONE_INPUT, _another("input")),
    (codes.NOT_ONE_INPUT, _without("input")),
    (codes.NOT_ONE_OUTPUT, _another("output")),
    (codes.NOT_ONE_OUTPUT, _without("output")),
    (codes.UNKNOWN_NODE, _unknown_input),
    (codes.OUTPUT_READ, _reads_output),
    (codes.INPUT_TWICE, _reads_twice),
    (codes.FLOW_CYCLE, _cycle),
    (codes.NODE_NOT_REACHED, _not_reached),
    (codes.NODE_NOT_USED, _not_used),
    (codes.TEMPLATE_INDEX, _template),
    (codes.OUTPUT_OF_INPUT, _answer),
)


@st.composite
def refused_flows(draw: st.DrawFn, *, max_calls: int = 5) -> tuple[Code, list[Any]]:
    """Values of flows with one thing wrong, and the code of it, which is among the findings."""
    value = copy.deepcopy(draw(flow_values(max_calls=max_calls, plain=True)))
    code, broken = draw(st.sampled_from(_BREAKS))
    broken(draw, value[1])
    return code, value


# --- what runs are made of -----------------------------------------------------------------------------------


def messages() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Conversations of callers."""
    return chat_bodies().map(lambda body: list(body["messages"]))


@st.composite
def answers(draw: st.DrawFn, flow: Flow | AdmittedFlow, *, complete: bool = False) -> dict[str, Answer]:
    """What a world answers the calls of a flow: texts, failures, and unless `complete` nothing to some."""
    calls = (flow if isinstance(flow, Flow) else flow.flow).calls
    texts_of_answers = texts() | st.sampled_from(("$1", "[input 1]\n", "answer"))
    answer: st.SearchStrategy[Answer] = texts_of_answers.map(Answered) | st.sampled_from(REASONS).map(Declined)
    chosen = calls if complete else [name for name in calls if draw(st.integers(0, 5))]
    return {name: draw(answer) for name in chosen}


@st.composite
def priorities(draw: st.DrawFn, flow: Flow | AdmittedFlow) -> list[str]:
    """Orders to take steps in: some of the nodes, any way round, and sometimes a name of no node."""
    nodes = (flow if isinstance(flow, Flow) else flow.flow).nodes
    order = draw(st.permutations(list(nodes)))[: draw(st.integers(0, len(nodes)))]
    return [*order, "nobody"] if draw(st.booleans()) else list(order)
