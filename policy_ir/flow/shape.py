"""The shape of flows that were built from classes: what reading has checked already for all others.

A frozen class accepts any value in any slot. So before admission asks what a name means, a flow is held to the rules
and bounds of the wire form, and each of its policies to the shape of a term. Specification: chapter "Flows".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from policy_ir.admission import not_a_policy
from policy_ir.admission.shape import misshapen
from policy_ir.diagnostics import Diagnostic, codes
from policy_ir.flow.bounds import POLICY_NODES
from policy_ir.flow.loading import Unloadable, build_flow
from policy_ir.flow.tree import Flow, Input, Llm, Output
from policy_ir.signature import size_of
from policy_ir.terms import Policy

__all__ = ["misshapen_flow"]

_SOUND: Final = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]
"""Stands for a policy where everything else is looked at."""


def misshapen_flow(flow: object) -> list[Diagnostic]:
    """Everything that keeps a tree from being a flow within the bounds: of its own parts, or else of its policies."""
    nodes: object = flow.nodes if isinstance(flow, Flow) else None
    outline = ["flow", {name: _outline(node) for name, node in nodes.items()} if isinstance(nodes, Mapping) else nodes]
    try:
        return _misshapen_policies(build_flow(outline, lambda policy: (policy, 0)))
    except Unloadable:
        from policy_ir.flow.diagnose import diagnose_flow

        return diagnose_flow(_without_policies(outline))


def _outline(node: object) -> list[Any]:
    """The wire form of a node, with its policy as it is; of what is no node a list that is none either."""
    match node:
        case Input():
            return ["input"]
        case Output():
            return ["output", node.input]
        case Llm():
            record = attrs.asdict(node, recurse=False)
            return ["llm", {key: part for key, part in record.items() if key != "template" or part is not None}]
        case _:
            return []


def _without_policies(outline: list[Any]) -> list[Any]:
    """An outline with a sound policy at each node."""
    nodes = outline[1]
    if isinstance(nodes, dict):
        nodes = {
            name: [*node[:1], node[1] | {"policy": _SOUND}] if node[:1] == ["llm"] else node
            for name, node in nodes.items()
        }
    return [outline[0], nodes]


def _misshapen_policies(flow: Flow) -> list[Diagnostic]:
    """What is wrong with the shape of the policies, and whether they are too large together (`flow-bound/policies`)."""
    found: list[Diagnostic] = []
    sizes: dict[int, int] = {}
    nodes = 0
    for name, node in flow.calls.items():
        policy: object = node.policy
        at = f"/1/{name}/1/policy"
        if id(policy) not in sizes:
            wrong = misshapen(policy)
            if not wrong and not isinstance(policy, Policy):
                wrong = [not_a_policy(node.policy)]
            found += [attrs.evolve(one, pointer=f"{at}{one.pointer}") for one in wrong]
            sizes[id(policy)] = 0 if wrong else size_of(node.policy)
        nodes += sizes[id(policy)]
        if nodes > POLICY_NODES:
            found.append(
                Diagnostic(
                    code=codes.POLICIES_TOO_LARGE,
                    message=f"the policies of the flow have more than {POLICY_NODES} nodes",
                    pointer=at,
                    expected=f"at most {POLICY_NODES} nodes together",
                )
            )
            break
    return found
