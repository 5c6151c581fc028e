"""The fast load: decoded JSON, or its text, becomes an admitted flow with the bytes of its policies in one pass.

Each policy is read by the fast load of the evaluator, which admits, normalises and encodes on the way. As there,
whatever is not certainly right goes to the definition, which refuses with every finding or accepts after all.
Specification: chapter "Flows".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from policy_ir.admission import Admitted
from policy_ir.cbor import TEXT, head
from policy_ir.evaluator.loading import counting_load
from policy_ir.evaluator.loading.doubt import DOUBTS, Doubtful
from policy_ir.evaluator.loading.parameters import NAMES
from policy_ir.evaluator.loading.text import value_of_text
from policy_ir.flow.admission import AdmittedFlow, admit_flow, unruly_graph, unruly_template
from policy_ir.flow.bounds import INPUTS, NAME_LENGTH, NODES, POLICY_NODES, SOURCE_BYTES, TEXT_BYTES, TEXTS_BYTES
from policy_ir.flow.canonical import INPUT_PIECES, Pieces, call_pieces, joined, output_pieces
from policy_ir.flow.loading import load_flow
from policy_ir.flow.reading import read_flow_source
from policy_ir.flow.tree import ON_ERROR, Flow, Input, Llm, Node, Output
from policy_ir.vocabulary import Vocabulary

__all__ = ["load_admitted_flow"]


def load_admitted_flow(source: object, vocabulary: Vocabulary) -> AdmittedFlow:
    """The admitted flow that a decoded JSON value is, or a source in bytes: a text in either syntax, or canonical.

    `admit_flow(load_flow(value), vocabulary)`, and keeps no document. Raises `Refused` as both do, and as
    `read_flow_source` does; of a text with places in it.
    """
    try:
        if not isinstance(source, bytes):
            return _loaded(source, counting_load(vocabulary), vocabulary)
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
    if type(value) is not list or type(value[0]) is not str or value[0] != "flow":
        raise Doubtful
    _, record = value
    if type(record) is not dict or len(record) > NODES:
        raise Doubtful
    return _read(record, load, vocabulary)


def _read(record: dict[Any, Any], load: _Load, vocabulary: Vocabulary) -> AdmittedFlow:
    """The admitted flow of these nodes: each is visited once, which reads it and encodes it.

    If each node is written after those that it reads, one look at each also shows whether there is anything to refuse:
    there is no cycle, all are reached if all but one have inputs, since going back ends there, and all are used if all
    but one are read.
    """
    nodes: dict[str, Node] = {}
    calls: dict[str, Admitted] = {}
    data: dict[bytes, Pieces] = {}
    seen: set[str] = set()  # the input and the calls, which can be read
    read: set[str] = set()
    left = _Left()
    plain = True
    for name, value in record.items():
        # What the pattern of names asks for, but quicker.
        if type(name) is not str or len(name) > NAME_LENGTH or not (name.isascii() and name.isidentifier()):
            raise Doubtful
        if type(value) is not list or type(value[0]) is not str:
            raise Doubtful
        key = NAMES[name]
        if value[0] == "llm":
            _, call = value
            if type(call) is not dict:
                raise Doubtful
            calls[name], node, data[key] = left.call(call, load)
            distinct = set(node.inputs)
            plain = plain and 0 < len(distinct) == len(node.inputs) and distinct <= seen
            plain = plain and (node.template is None or unruly_template(node) is None)
            nodes[name] = node
            seen.add(name)
            read |= distinct
        elif value == ["input"]:
            nodes[name], data[key] = Input(), INPUT_PIECES
            seen.add(name)
        else:
            op, answer = value
            if op != "output" or type(answer) is not str:
                raise Doubtful
            plain = plain and answer in calls
            nodes[name], data[key] = Output(answer), output_pieces(NAMES[answer])
            read.add(answer)
    flow = Flow(nodes)
    plain = plain and len(read) == len(seen) == len(calls) + 1 == len(nodes) - 1
    if not plain and unruly_graph(flow):
        raise Doubtful
    admitted = AdmittedFlow(flow, vocabulary, MappingProxyType(calls))
    vars(admitted)["canonical_bytes"] = joined(data)  # where the cached property keeps them
    return admitted


class _Left:
    """What is left of the bounds of a whole flow."""

    __slots__ = ("bytes", "nodes")

    def __init__(self) -> None:
        self.bytes, self.nodes = TEXTS_BYTES, POLICY_NODES

    def call(self, record: dict[Any, Any], load: _Load) -> tuple[Admitted, Llm, Pieces]:
        """The policy of a call, its node and the bytes of that."""
        inputs = record["inputs"]
        if type(inputs) is not list or len(inputs) > INPUTS:
            raise Doubtful
        for other in inputs:
            if type(other) is not str:
                raise Doubtful
        names = [NAMES[other] for other in inputs]
        system = record["system"]
        prompt = self.text(system)
        policy, count = load(record["policy"])
        self.nodes -= count
        term: Any = policy.term
        if len(record) == 3:
            node = Llm(system, term, tuple(inputs))
            data = call_pieces(prompt, policy.canonical_bytes, names)
        else:
            on_error = record.get("on_error", "fail")
            if record.keys() - _KEYS or type(on_error) is not str or on_error not in ON_ERROR:
                raise Doubtful
            template = self.text(record["template"]) if "template" in record else None
            node = Llm(system, term, tuple(inputs), record.get("template"), on_error)
            data = call_pieces(prompt, policy.canonical_bytes, names, template, on_error == "input")
        if self.nodes < 0 or self.bytes < 0:
            raise Doubtful
        return policy, node, data

    def text(self, text: Any) -> bytes:
        """The bytes of a text within the bound of one."""
        if type(text) is not str:
            raise Doubtful
        data = text.encode()
        size = len(data)
        self.bytes -= size
        if size > TEXT_BYTES:
            raise Doubtful
        return _head_of_text(size) + data


_KEYS: Final = {"system", "policy", "inputs", "template", "on_error"}


@lru_cache(4096)
def _head_of_text(size: int) -> bytes:
    return head(TEXT, size)


def _knowing(vocabulary: Vocabulary) -> _Load:
    """A load that knows the policies of one text again.

    Only for values that were read from text: they are trees of JSON's own types, of which those that are shown alike
    are alike. What else can be in a value might show itself as something else, or take for ever to be shown.
    """
    known: dict[str, tuple[Admitted, int]] = {}
    load_fresh = counting_load(vocabulary)

    def load(value: Any) -> tuple[Admitted, int]:
        shown = repr(value)
        found = known.get(shown)
        if found is None:
            found = known[shown] = load_fresh(value)
        return found

    return load
