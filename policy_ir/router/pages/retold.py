"""The decision of a trace, told again: by the policy as people write it, so that clauses have places in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from policy_ir.admission import Admitted, admit_policy
from policy_ir.decision import decide
from policy_ir.diagnostics import Refused
from policy_ir.explanation import explain
from policy_ir.report.gather import answer_of
from policy_ir.syntax import fmt, parse

if TYPE_CHECKING:
    from policy_ir.decision import Decision
    from policy_ir.floor import Effective
    from policy_ir.report.answer import Answer
    from policy_ir.trace.parts import Rebuilt


def answer_to(rebuilt: Rebuilt, name: str | None = None) -> Answer:
    """What there is to tell about a decision, from its input. Takes time in proportion to the candidates.

    `name` is what the policy is called. Raises `Refused` as `decide` does.
    """
    policy = attrs.evolve(rebuilt.policy, policy=legible_policy(rebuilt.policy.policy, name or "policy"))
    return _told(policy, rebuilt)


def _told(policy: Effective, rebuilt: Rebuilt) -> Answer:
    decision: Decision = decide(policy, rebuilt.snapshot, rebuilt.facts, rebuilt.seed)
    return answer_of(explain(decision))


def legible_policy(policy: Admitted, name: str) -> Admitted:
    """The policy with a text in the authoring syntax.

    One that an author wrote so already is left as it is, and so is one that is too large for a text of that syntax.
    """
    if policy.document is not None and policy.document.syntax == "authoring" and policy.document.text:
        return policy
    try:
        document = parse(fmt(policy.term, "authoring"), name=name, syntax="authoring")
    except Refused:
        return policy
    assert document.term is not None
    return admit_policy(document.term, policy.vocabulary, document=document)
