"""Lints of flows: those of their policies, and inputs that a node waits for and drops.

Specification: chapter "Flows", section "Admission".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from policy_ir.admission import Admitted
from policy_ir.diagnostics import Diagnostic, codes, quoted
from policy_ir.flow.admission import AdmittedFlow
from policy_ir.flow.template import references
from policy_ir.flow.tree import Llm
from policy_ir.lints import lint

if TYPE_CHECKING:
    from policy_ir.snapshot import Snapshot

__all__ = ["lint_flow"]


def lint_flow(admitted: AdmittedFlow, snapshot: Snapshot | None = None) -> list[Diagnostic]:
    """The warnings about an admitted flow, in the order of its nodes (`PIR0501` to `PIR0508` of policies, `PIR1045`).

    With a snapshot of the same vocabulary policies are linted with it. Pointers are those of the flow's wire form, with
    places where it has a document; then what was to be said of its text comes first (`PIR1044`). Of a policy that an
    author has named the warnings come once.
    """
    found = list(_findings(admitted, snapshot))
    document = admitted.document
    return found if document is None else [*document.warnings, *(one.located(document) for one in found)]


def _findings(admitted: AdmittedFlow, snapshot: Snapshot | None) -> Iterator[Diagnostic]:
    names = {} if admitted.document is None else admitted.document.policies
    linted: dict[Admitted, list[Diagnostic]] = {}
    told: set[str] = set()
    for name, node in admitted.flow.calls.items():
        policy = admitted.policies[name]
        called = names.get(name)
        if policy not in linted:
            linted[policy] = [attrs.evolve(one, span=None, source=None) for one in lint(policy, snapshot)]
        if called is None or called not in told:
            yield from (attrs.evolve(one, pointer=f"/1/{name}/1/policy{one.pointer}") for one in linted[policy])
        if called is not None:
            told.add(called)
        yield from _unused_inputs(name, node)


def _unused_inputs(name: str, node: Llm) -> Iterator[Diagnostic]:
    """`flow-lint/unused-input`."""
    if node.template is None:
        return
    used = {one.digits for one in references(node.template)}
    for at, other in enumerate(node.inputs):
        if str(at + 1) not in used:
            yield Diagnostic(
                code=codes.UNUSED_INPUT,
                message=f"{quoted(name)} waits for {quoted(other)}, and its template does not refer to it",
                pointer=f"/1/{name}/1/inputs/{at}",
                found=f"no `${at + 1}` in the template",
                help=f"put `${at + 1}` where it is to stand, or leave the input out",
            )
