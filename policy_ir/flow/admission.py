"""Admission of flows: each policy under the vocabulary, then names and templates, then the graph.

An admitted flow has one input and one output, no cycle, and every node of it lies on a way from the input to the
output. Specification: chapter "Flows", sections "Admission" and "Normal form"; rule ids stand beside the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast

import attrs

from policy_ir.admission import Admitted
from policy_ir.admission.rules import unruly
from policy_ir.canonical import digest
from policy_ir.diagnostics import Code, Diagnostic, Refused, codes, did_you_mean, quoted
from policy_ir.floor import Effective, Floor, effective
from policy_ir.flow.canonical import joined_bytes
from policy_ir.flow.document import FlowDocument, document_of_policy
from policy_ir.flow.graph import Edges, cycles, inputs_of, reached, readers, reads, topological
from policy_ir.flow.shape import misshapen_flow
from policy_ir.flow.template import Reference, references
from policy_ir.flow.tree import Flow, Input, Llm, Node, Output
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.syntax.findings import counted
from policy_ir.syntax.places import step
from policy_ir.terms import Policy
from policy_ir.vocabulary import Vocabulary

__all__ = ["AdmittedFlow", "admit_document", "admit_flow", "check_flow", "unruly_graph", "unruly_template"]

Found: TypeAlias = Iterator[Diagnostic]

_HARMLESS: Final = {codes.TEMPLATE_INDEX}
"""What does not keep the last two rules from being looked at."""


@attrs.frozen(eq=False, slots=False)
class AdmittedFlow:
    """A flow that a vocabulary admits; only admission and the fast load make one.

    `flow` is the tree as its author wrote it. `document` is the text it came from, where there is one. `policies` has
    the admitted policy of each `llm` node, in the order of the nodes; nodes with equal policies share one, whose
    origins and places are those of the first of them.
    """

    flow: Flow
    vocabulary: Vocabulary
    policies: Mapping[str, Admitted]
    document: FlowDocument | None = None

    @cached_property
    def input(self) -> str:
        """The name of the input node."""
        return next(name for name, node in self.flow.nodes.items() if isinstance(node, Input))

    @cached_property
    def output(self) -> str:
        """The name of the output node."""
        return next(name for name, node in self.flow.nodes.items() if isinstance(node, Output))

    @cached_property
    def last(self) -> str:
        """The name of the last node, whose answer is that of the flow."""
        return cast(Output, self.flow.nodes[self.output]).input

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All nodes, each after its inputs; of several that could come next the first by name."""
        return topological(reads(self.flow))

    @cached_property
    def normal(self) -> Flow:
        """The normal form: that of each policy. An absent `on_error` and `fail` are one in the tree already."""
        nodes: dict[str, Node] = dict(self.flow.nodes)
        for name, policy in self.policies.items():
            nodes[name] = attrs.evolve(self.flow.calls[name], policy=cast(Policy, policy.normal))
        return Flow(nodes)

    @cached_property
    def canonical_bytes(self) -> bytes:
        """The canonical bytes of the normal form."""
        return joined_bytes(self.flow, {name: policy.canonical_bytes for name, policy in self.policies.items()})

    @cached_property
    def fingerprint(self) -> str:
        """`blake3:` and 64 hexadecimal digits, of the canonical bytes."""
        return digest(self.canonical_bytes)

    def effective(self, floor: Floor | None = None) -> Mapping[str, Effective]:
        """What runs at each `llm` node: its policy under a floor (`flow-admit/floor`); nodes of one policy share one.

        Raises `Refused` with everything that keeps the floor from being admitted under the flow's vocabulary.
        """
        made: dict[Admitted, Effective] = {}
        for policy in self.policies.values():
            if policy not in made:
                made[policy] = effective(policy, floor)
                floor = made[policy].floor  # admitted now, if it was not
        return MappingProxyType({name: made[policy] for name, policy in self.policies.items()})


def check_flow(flow: Flow, vocabulary: Vocabulary, *, document: FlowDocument | None = None) -> list[Diagnostic]:
    """The reasons to refuse a flow under a vocabulary, at most 100; none for one that it admits.

    Pointers are those of the flow's wire form. What is no flow within the bounds (only trees built from classes can be
    that) is not asked what its names mean. `document` says which nodes share a policy by its name: that is looked at
    once.
    """
    return _checked(flow, vocabulary, document)[0]


def admit_flow(flow: Flow, vocabulary: Vocabulary, *, document: FlowDocument | None = None) -> AdmittedFlow:
    """Admit a flow. Raises `Refused` with the diagnostics, at most 100 (those of policies, and `PIR1020` to `PIR1029`).

    `document` is where the flow was read from; diagnostics then have places in its text.
    """
    found, policies = _checked(flow, vocabulary, document)
    if found:
        raise Refused(found, document)
    return AdmittedFlow(flow, vocabulary, MappingProxyType(policies), document)


def admit_document(document: FlowDocument, vocabulary: Vocabulary) -> AdmittedFlow:
    """Admit the flow that was read from a text or from bytes. Raises `Refused` as `admit_flow` does."""
    assert document.flow is not None  # else reading had raised
    return admit_flow(document.flow, vocabulary, document=document)


def _checked(
    flow: Flow, vocabulary: Vocabulary, document: FlowDocument | None
) -> tuple[list[Diagnostic], dict[str, Admitted]]:
    found = misshapen_flow(flow)
    policies: dict[str, Admitted] = {}
    if not found:
        judging = _Policies(vocabulary, document, policies)
        found = list(islice(_findings(flow, judging), DIAGNOSTICS))
    return found, policies


class _Policies:
    """The policies of one flow, each distinct one judged once."""

    def __init__(self, vocabulary: Vocabulary, document: FlowDocument | None, admitted: dict[str, Admitted]) -> None:
        self.vocabulary, self.document = vocabulary, document
        self.admitted = admitted
        self.judged: dict[Policy, tuple[list[Diagnostic], Admitted]] = {}
        self.named: set[str] = set()

    def found(self, name: str, policy: Policy) -> Found:
        """`flow-admit/policy`: the findings about a node's policy, which is admitted where there are none."""
        at = f"/1/{name}/1/policy"
        if policy not in self.judged:
            document = None if self.document is None else document_of_policy(self.document, policy, at)
            self.judged[policy] = (
                unruly(policy, self.vocabulary),
                Admitted(policy, self.vocabulary, document),
            )
        found, self.admitted[name] = self.judged[policy]
        called = None if self.document is None else self.document.policies.get(name)
        if called not in self.named:
            yield from (attrs.evolve(one, pointer=f"{at}{one.pointer}") for one in found)
        if called is not None:
            self.named.add(called)


def _findings(flow: Flow, policies: _Policies) -> Found:
    harmful = False
    meant: dict[str, str | None] = {}
    for name, node in flow.nodes.items():
        if isinstance(node, Llm):
            yield from policies.found(name, node.policy)
        for found in _unruly_node(name, node, flow, meant):
            harmful = harmful or found.code not in _HARMLESS
            yield found
    yield from _unruly_whole(flow, harmful)


def unruly_graph(flow: Flow) -> bool:
    """Whether there is anything in a well-formed flow to refuse, besides its policies."""
    meant: dict[str, str | None] = {}
    found = (one for name, node in flow.nodes.items() for one in _unruly_node(name, node, flow, meant))
    return any(found) or any(_unruly_whole(flow, False))


_MOST_MEANT: Final = 4
"""So many unknown names are compared with the names of all nodes, which is slow."""


# --- rules for one node -----------------------------------------------------------------------------------------


def _unruly_node(name: str, node: Node, flow: Flow, meant: dict[str, str | None]) -> Found:
    """What is wrong with one node; `meant` keeps what unknown names may have been meant for."""
    at = f"/1/{name}/1"
    names = inputs_of(node)
    places = [f"{at}/inputs/{index}" for index in range(len(names))] if isinstance(node, Llm) else [at]
    for other, place in zip(names, places, strict=False):
        if other not in flow.nodes:  # `flow-admit/reference`
            message = f"the flow has no node {quoted(other)}"
            if other not in meant and len(meant) < _MOST_MEANT:
                meant[other] = did_you_mean(other, flow.nodes)
            yield _wrong(codes.UNKNOWN_NODE, message, place, "a node of the flow", other, meant.get(other))
    if isinstance(node, Llm):
        yield from _unruly_call(node, at, places, flow)
    elif isinstance(node, Output) and isinstance(flow.nodes.get(node.input), Input | Output):  # `flow-admit/answer`
        kind = "an input" if isinstance(flow.nodes[node.input], Input) else "an output"
        message = f"{quoted(node.input)} is {kind}, and has no answer"
        yield _wrong(codes.OUTPUT_OF_INPUT, message, at, "an `llm` node", node.input)


def _unruly_call(node: Llm, at: str, places: list[str], flow: Flow) -> Found:
    for other, place in zip(node.inputs, places, strict=True):
        if isinstance(flow.nodes.get(other), Output):  # `flow-admit/output-unread`
            message = f"{quoted(other)} is the output, which no node reads"
            expected = "an input or `llm` node"
            yield _wrong(codes.OUTPUT_READ, message, place, expected, other, "read the node whose answer it is")
    seen: set[str] = set()
    for other, place in zip(node.inputs, places, strict=True):
        if other in seen:  # `flow-admit/inputs-once`
            message = f"{quoted(other)} is an input already"
            help_ = "a template can refer to an input several times"
            yield _wrong(codes.INPUT_TWICE, message, place, "each input once", other, help_)
        seen.add(other)
    wrong = unruly_template(node)  # `flow-admit/template`
    if wrong is not None:
        given = len(node.inputs)
        plain = wrong.digits.lstrip("0")
        written = plain.isdecimal() and len(plain) < 3 and int(plain) <= given
        yield _wrong(
            codes.TEMPLATE_INDEX,
            f"the template refers to {quoted(str(wrong))}, and the node has {counted(given, 'input')}",
            step(at, "template"),
            f"an index from 1 to {given}" if given else "no reference, as there are no inputs",
            str(wrong),
            "indices are written without leading zeros" if written else None,
        )


def unruly_template(node: Llm) -> Reference | None:
    """The first reference of a node's template that is to none of its inputs (`flow-admit/template`)."""
    if node.template is None:
        return None
    given = len(node.inputs)
    return next((one for one in references(node.template) if not 1 <= (one.index or 0) <= given), None)


def _wrong(
    code: Code, message: str, pointer: str, expected: str, found: str | None = None, help_: str | None = None
) -> Diagnostic:
    shown = None if found is None else quoted(found)
    return Diagnostic(code=code, message=message, pointer=pointer, found=shown, expected=expected, help=help_)


# --- rules for the whole ----------------------------------------------------------------------------------------

_ONE: Final[tuple[tuple[type[Any], Code, str], ...]] = (
    (Input, codes.NOT_ONE_INPUT, "input"),
    (Output, codes.NOT_ONE_OUTPUT, "output"),
)


def _unruly_whole(flow: Flow, harmful: bool) -> Found:
    """`flow-admit/one-input`, `flow-admit/one-output`, `flow-admit/acyclic`, and where nothing is harmful the rest."""
    for kind, code, word in _ONE:
        names = [name for name, node in flow.nodes.items() if isinstance(node, kind)]
        expected = f"exactly one node of the kind `{word}`"
        if not names:
            yield _wrong(code, f"the flow has no {word}", "/1", expected)
        for name in names[1:]:
            message = f"{quoted(name)} is another {word}, besides {quoted(names[0])}"
            yield _wrong(code, message, f"/1/{name}", expected)
        harmful = harmful or len(names) != 1
    edges = reads(flow)
    for cycle in cycles(edges):
        harmful = True
        yield _wrong(
            codes.FLOW_CYCLE,
            f"{quoted(cycle[0])} depends on itself: {_shown(cycle)}",
            f"/1/{cycle[0]}",
            "no node that depends on itself",
            help_="leave one of these inputs out",
        )
    if not harmful:
        yield from _off_the_way(flow, edges)


def _shown(cycle: tuple[str, ...]) -> str:
    """The way round a cycle; of a long one its ends, and how many nodes it has."""
    names = [quoted(name) for name in cycle]
    if len(cycle) > _LONG:
        names = [*names[: _LONG - 2], "…", names[-1]]
    count = f", {len(cycle)} nodes" if len(cycle) > _LONG else ""
    return " reads ".join([*names, names[0]]) + count


_LONG: Final = 8


def _off_the_way(flow: Flow, edges: Edges) -> Found:
    """`flow-admit/reached` and `flow-admit/used`, of a flow with one input and one output."""
    source = next(name for name, node in flow.nodes.items() if isinstance(node, Input))
    sink = next(name for name, node in flow.nodes.items() if isinstance(node, Output))
    after, before = reached(readers(edges), source), reached(edges, sink)
    for name in flow.nodes:
        if name not in after:
            message = f"{quoted(name)} does not depend on the input"
            expected = f"a way from {quoted(source)} to it"
            yield _wrong(codes.NODE_NOT_REACHED, message, f"/1/{name}", expected)
    for name in flow.nodes:
        if name not in before:
            message = f"the output does not depend on {quoted(name)}"
            expected = f"a way from it to {quoted(sink)}"
            yield _wrong(
                codes.NODE_NOT_USED, message, f"/1/{name}", expected, help_="leave it out, or let a node read it"
            )
