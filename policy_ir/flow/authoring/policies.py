"""The policies of a flow's text, each read once: by the parser, the recovery and the elaboration of policies."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from policy_ir.diagnostics import Diagnostic
from policy_ir.flow.authoring.findings import Findings
from policy_ir.flow.authoring.parts import Braced
from policy_ir.syntax.authoring.elaboration import elaborate
from policy_ir.syntax.authoring.grammar import Grammar
from policy_ir.syntax.authoring.reading import nesting, read_tree
from policy_ir.syntax.document import Span
from policy_ir.terms import Policy


@attrs.frozen(slots=True, eq=False)
class Read:
    """A policy as read, None if it is refused; how many nodes were looked at; the places, by its own pointers."""

    policy: Policy | None
    nodes: int
    spans: Mapping[str, Span]


def read_policy(
    text: str, braced: Braced, language: Grammar, findings: Findings, pointer: str | None, source: str
) -> Read:
    """The policy that some tokens of a text are; findings about it point into the flow, without `pointer` nowhere."""
    place = braced.place
    lexical = [one for one in findings.lexical if one.span and place.start <= one.span.start < place.end]
    found = nesting(braced.lexemes)
    policy, nodes, spans = None, 0, dict[str, Span]()
    if not found:
        tree, dropped, found = read_tree(text, braced.lexemes, language)
        closer = braced.lexemes[-2]
        if closer.repaired:  # that it is missing is reported, and what is due before it follows from that
            found = [one for one in found if one.span is None or one.span.start < closer.start]
        elaborated = elaborate(tree, source, [*lexical, *found], dropped)
        found = [*found, *elaborated.found]
        nodes, spans = elaborated.nodes, elaborated.spans
        if not found and not lexical and isinstance(elaborated.term, Policy):
            policy = elaborated.term
    for one in found:
        findings.add(_moved(one, pointer))
    return Read(policy, nodes, spans)


def _moved(found: Diagnostic, pointer: str | None) -> Diagnostic:
    """A finding about a policy, as one about the flow."""
    if found.pointer is None:
        return found
    return attrs.evolve(found, pointer=None if pointer is None else pointer + found.pointer)
