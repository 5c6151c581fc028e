"""How a flow is written: from its statements and nodes to shapes, which the layout of policies prints.

Items are found in a text by keys of their own: statements and settings have no pointers, and a policy that nodes share
has several. Specification: chapter "Flows", section "Printing".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from policy_ir.flow.document import FlowDocument
from policy_ir.flow.tree import Flow, Llm, Node, Output
from policy_ir.syntax.authoring.notation import Block, Item, Listing, Shape, Wrapped, name, policy
from policy_ir.syntax.document import Span
from policy_ir.syntax.print_wire import ESCAPED, escape, print_string
from policy_ir.terms import Policy

_IN_BLOCK = re.compile('"(?=""|\\Z)|(?![\t\n])' + ESCAPED.pattern.replace('"', ""))
"""What must be escaped in a text of several lines."""
_ENDS = {" ": "\\u0020", "\t": "\\t"}


@attrs.frozen(slots=True, eq=False)
class Written:
    """The shape of a whole file, and the places in the text it was read from by the pointers and keys of its items."""

    root: Listing
    places: Mapping[str, Span]


def of_document(document: FlowDocument, flow: Flow) -> Written:
    """A flow as its author wrote it: statements in their order, policies where they are declared, by their names."""
    own = {"": document.spans[""]}
    items: list[Item] = []
    for at, statement in enumerate(document.statements):
        key = f"{statement.word} {at}"
        own[key] = statement.span
        if statement.body is not None:
            own[f"{key} body"] = statement.body
        own.update((f"{key} {word}", span) for word, span in statement.settings.items())
        start = key if statement.word == "policy" else f"{key} policy"
        own.update((start + pointer, span) for pointer, span in statement.spans.items())
        if statement.braces is not None:
            own[f"{start} braces"] = statement.braces
        if statement.policy is None:
            node = flow.nodes[statement.name]
            items.append(_node(statement.name, node, key, document.policies.get(statement.name)))
        else:
            items.append(_declared(statement.name, statement.policy, key))
    return Written(_file(items), own)


def of_flow(flow: Flow) -> Listing:
    """A flow without a text: policies that several nodes have are named, and every statement stands apart."""
    users: dict[Policy, list[str]] = {}
    for node_name, call in flow.calls.items():
        users.setdefault(call.policy, []).append(node_name)
    names: dict[str, str] = {}
    items: list[Item] = []
    for shared, nodes in users.items():
        if len(nodes) > 1:
            called = f"p{len(items) + 1}"
            items.append(_declared(called, shared, called))
            names |= dict.fromkeys(nodes, called)
    for node_name, node in flow.nodes.items():
        items.append(_node(node_name, node, f"node {node_name}", names.get(node_name)))
    for item in items:
        item.blank = True
    return _file(items)


def _file(statements: list[Item]) -> Listing:
    return Listing("file", [Item(Listing("flow", statements, "", "flow {", "}"), ("",))], "")


def _declared(called: str, term: Policy, key: str) -> Item:
    return Item(_policy(term, key, f"policy {name(called)} {{"), (key,))


def _policy(term: Policy, key: str, opening: str) -> Listing:
    """A policy whose braces have a place of their own: what stands before them is about the whole."""
    return attrs.evolve(policy(term, key, opening), pointer=f"{key} braces")


def _node(called: str, node: Node, key: str, policy_name: str | None) -> Item:
    match node:
        case Llm():
            inputs = ", ".join(map(name, node.inputs))
            settings = _settings(called, node, key, policy_name)
            return Item(Listing("node", settings, f"{key} body", f"llm {name(called)}({inputs}) {{", "}"), (key,))
        case Output(read):
            return Item(f"output {name(called)}({name(read)})", (key,))
        case _:
            return Item(f"input {name(called)}", (key,))


def _settings(called: str, node: Llm, key: str, policy_name: str | None) -> list[Item]:
    """The settings of a node in their order, their words filled up to the longest."""
    values: dict[str, Shape] = {}
    if policy_name is not None:
        values["policy"] = name(policy_name)
    if node.system:
        values["system"] = text(node.system)
    if node.template is not None:
        values["template"] = text(node.template)
    if node.on_error != "fail":
        values["on_error"] = node.on_error
    width = max(map(len, values), default=0) + 1
    items = [Item(Wrapped(word.ljust(width), value), (f"{key} {word}",)) for word, value in values.items()]
    if policy_name is None:
        inline = _policy(node.policy, f"{key} policy", "policy {")
        items.insert(0, Item(inline, (f"{key} policy",)))
    return items


def text(value: str) -> Shape:
    """A prompt or template: in double quotes, or in lines of its own if it has more than one."""
    if "\n" not in value:
        return print_string(value)
    return Block(tuple(map(_line, _IN_BLOCK.sub(escape, value).split("\n"))))


def _line(line: str) -> str:
    """A line of a text, so that no space is lost at its end, and none in a line that has nothing else."""
    if line[-1:] not in _ENDS:
        return line
    first = _ENDS[line[0]] + line[1:-1] if len(line) > 1 and not line.strip(" \t") else line[:-1]
    return first + _ENDS[line[-1]]
