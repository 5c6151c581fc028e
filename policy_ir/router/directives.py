"""Policies that ask the host for what this one does not do: to filter what a message says, or to run a custom step."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import attrs

from policy_ir.admission import Admitted
from policy_ir.diagnostics import Diagnostic, Refused, codes, quoted
from policy_ir.lints.walk import nodes_of
from policy_ir.syntax.places import step
from policy_ir.terms import Custom, FilterImage, FilterText, Policy

if TYPE_CHECKING:
    from policy_ir.flow.admission import AdmittedFlow

__all__ = ["at_node", "refuse_directives", "refuse_directives_of"]


def refuse_directives(policy: Policy) -> None:
    """Refuse a policy that asks the host to change a message: this one does not, and sends nothing instead.

    Raises `Refused` (`PIR0925`), a finding for each.
    """
    found = [
        Diagnostic(
            code=codes.NOT_CARRIED_OUT,
            message=f"this router does not carry out {quoted(_directive(node))}",
            pointer=node.origin.pointer if node.origin is not None else None,
            source=node.origin.source if node.origin is not None else None,
            found=quoted(_directive(node)),
            help="take it out of the policy, or do it before the call is sent",
        )
        for node, _ in nodes_of(policy)
        if isinstance(node, FilterText | FilterImage | Custom)
    ]
    if found:
        raise Refused(found)


def refuse_directives_of(admitted: Admitted | AdmittedFlow) -> None:
    """Refuse a policy that asks for that, or a flow with one that does.

    Raises `Refused` (`PIR0925`), a finding for each, of a flow at each node.
    """
    if isinstance(admitted, Admitted):
        refuse_directives(cast(Policy, admitted.normal))
        return
    found: list[Diagnostic] = []
    for node, policy in admitted.policies.items():
        try:
            refuse_directives(cast(Policy, policy.normal))
        except Refused as refused:
            found += (at_node(one, node) for one in refused.diagnostics)
    if found:
        raise Refused(found)


def at_node(one: Diagnostic, node: str) -> Diagnostic:
    """A finding about the policy of a node, with its place in the flow."""
    if one.pointer is None or one.source not in (None, "policy"):
        return one  # it is about the floor
    return attrs.evolve(one, pointer=f"{step('/1', node)}/1/policy{one.pointer}")


def _directive(node: object) -> str:
    match node:
        case FilterText():
            return "filter_text"
        case FilterImage():
            return "filter_image"
        case _:
            return cast(Custom, node).symbol
