"""The fast load: decoded JSON, or its text, becomes an admitted flow with the bytes of its policies in one pass.

Each policy is read by the fast load of the evaluator, which admits, normalises and encodes on the way. As there,
whatever is not certainly right goes to the definition, which refuses with every finding or accepts after all.
Specification: chapter "Flows".
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, TypeAlias, cast

import attrs
from blake3 import blake3

from policy_ir.admission import Admitted
from policy_ir.evaluator.loading import load_counted
from policy_ir.evaluator.loading.doubt import DOUBTS, Doubtful
from policy_ir.evaluator.loading.text import value_of_text
from policy_ir.flow.admission import AdmittedFlow, admit_flow, unruly_graph, unruly_template
from policy_ir.flow.bounds import SOURCE_BYTES
from policy_ir.flow.loading import build_flow, load_flow
from policy_ir.flow.reading import read_flow_source
from policy_ir.flow.tree import Flow, Input, Llm
from policy_ir.terms import Policy
from policy_ir.vocabulary import Vocabulary

__all__ = ["FlowLoader", "load_admitted_flow"]


def load_admitted_flow(source: object, vocabulary: Vocabulary) -> AdmittedFlow:
    """The admitted flow that a decoded JSON value is, or a source in bytes: a text in either syntax, or canonical.

    `admit_flow(load_flow(value), vocabulary)`, and keeps no document. Raises `Refused` as both do, and as
    `read_flow_source` does; of a text with places in it.
    """
    try:
        if not isinstance(source, bytes):
            return _loaded(source, lambda value: load_counted(value, vocabulary), vocabulary)
        if len(source) <= SOURCE_BYTES:
            return _loaded(value_of_text(source), _knowing(vocabulary), vocabulary)
    except DOUBTS:
        pass
    if not isinstance(source, bytes):
        return admit_flow(load_flow(source), vocabulary)
    document = read_flow_source(source)
    assert document.flow is not None  # else it had raised
    return attrs.evolve(admit_flow(document.flow, vocabulary, document=document), document=None)


_Load: TypeAlias = Callable[[Any], tuple[Admitted, int]]
"""The admitted policy that a decoded JSON value is, and its number of nodes. Raises one of `DOUBTS`."""


def _loaded(value: Any, load: _Load, vocabulary: Vocabulary) -> AdmittedFlow:
    """What `load_admitted_flow` does with a value; raises one of `DOUBTS` where it would have to look closer."""
    admitted: list[Admitted] = []

    def read_policy(value: Any) -> tuple[Policy, int]:
        policy, nodes = load(value)
        admitted.append(policy)
        return cast(Policy, policy.term), nodes

    flow = build_flow(value, read_policy)
    if not _plainly_ruly(flow) and unruly_graph(flow):
        raise Doubtful
    return AdmittedFlow(flow, vocabulary, MappingProxyType(dict(zip(flow.calls, admitted, strict=True))))


def _knowing(vocabulary: Vocabulary) -> _Load:
    """A load that knows the policies of one text again.

    Only for values that were read from text: they are trees of JSON's own types, of which those that are shown alike
    are alike. What else can be in a value might show itself as something else, or take for ever to be shown.
    """
    known: dict[str, tuple[Admitted, int]] = {}

    def load(value: Any) -> tuple[Admitted, int]:
        shown = repr(value)
        found = known.get(shown)
        if found is None:
            found = known[shown] = load_counted(value, vocabulary)
        return found

    return load


def _plainly_ruly(flow: Flow) -> bool:
    """Whether there is nothing to refuse in a flow besides its policies, and one look at each node shows it.

    For that each node has to be written after those that it reads, so that there is no cycle. Then all are reached if
    all but one have inputs, since going back ends there, and all are used if all but one are read.
    """
    sources: list[str] = []
    answers: list[str] = []
    seen: set[str] = set()
    read: set[str] = set()
    for name, node in flow.nodes.items():
        if isinstance(node, Llm):
            inputs = frozenset(node.inputs)
            if not inputs or len(inputs) < len(node.inputs) or not inputs <= seen:
                return False
            if unruly_template(node) is not None:
                return False
            read |= inputs
            seen.add(name)
        elif isinstance(node, Input):
            sources.append(name)
            seen.add(name)
        else:
            answers.append(node.input)
    return len(sources) == len(answers) == 1 and seen - {*sources} >= {*answers} and read | {*answers} == seen


class FlowLoader:
    """Loads flows, and knows the last `most` sources again by their digest: an admitted flow never changes."""

    __slots__ = ("_admitted", "_most")

    def __init__(self, most: int = 1024) -> None:
        self._most = most
        self._admitted: OrderedDict[tuple[bytes, Vocabulary], AdmittedFlow] = OrderedDict()

    def load(self, source: object, vocabulary: Vocabulary) -> AdmittedFlow:
        """What `load_admitted_flow` gives; of decoded JSON nothing is kept."""
        if not isinstance(source, bytes) or len(source) > SOURCE_BYTES:
            return load_admitted_flow(source, vocabulary)
        key = blake3(source).digest(), vocabulary
        admitted = self._admitted.get(key)
        if admitted is None:
            admitted = self._admitted[key] = load_admitted_flow(source, vocabulary)
            if len(self._admitted) > self._most:
                self._admitted.popitem(last=False)
        return admitted
