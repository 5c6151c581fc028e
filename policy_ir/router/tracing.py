"""The trace of a call, from its course or from its refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from policy_ir.diagnostics import Refused
from policy_ir.router.answer import told
from policy_ir.router.body import INLINE, POLICY
from policy_ir.router.withheld import findings_withheld, hops_withheld
from policy_ir.trace.record import Outcome, Trace

if TYPE_CHECKING:
    from policy_ir.router.body import ChatRequest
    from policy_ir.router.call import Course
    from policy_ir.router.config import Key
    from policy_ir.trace.parts import Part

LONGEST_NAME: Final = 256
"""The most characters of a name that a trace repeats after a caller."""

__all__ = ["parts_of", "trace_of", "trace_of_refusal"]


def trace_of(
    course: Course,
    key: Key | None,
    outcome: Outcome,
    status: int,
    reason: str | None = None,
    *,
    response: dict[str, Any] | None = None,
) -> Trace:
    """The trace of a call that was decided. Prompts and answers are in it only where the configuration says so."""
    choice, plan = course.choice, course.plan
    program, snapshot = choice.bound.effective, course.overlay.snapshot
    ordered, rejected, cut = choice.counts()
    prompts = course.world.config.traces.prompts
    return Trace(
        id=course.id,
        at=course.at,
        key=None if key is None else key.name,
        policy_name=plan.name,
        session=course.request.options.session,
        policy=program.policy_fingerprint,
        policy_part=plan.policy_part,
        effective=program.fingerprint,
        floor=plan.floor_part,
        vocabulary=program.vocabulary.fingerprint,
        catalogue=snapshot.catalogue_fingerprint,
        state=snapshot.state_fingerprint,
        snapshot=snapshot.fingerprint,
        facts=course.facts.to_json(),
        seed=course.seed,
        decision=choice.fingerprint,
        chosen=course.chosen,
        winner=choice.id,
        eligible=ordered,
        refused=rejected,
        cut=cut,
        hops=tuple(course.hops) if prompts else hops_withheld(course.hops, course.request.body),
        outcome=outcome,
        status=status,
        reason=reason,
        stream=course.request.stream,
        ended_ms=course.elapsed_ms,
        cost=course.cost,
        request=course.request.body if prompts else None,
        response=response if prompts else None,
    )


def trace_of_refusal(
    wrong: Refused,
    key: Key | None,
    request: ChatRequest | None,
    status: int,
    *,
    id: str,
    at: float,
    ended_ms: float,
    prompts: bool,
) -> Trace:
    """The trace of a call that was refused before it was decided; `prompts` says whether words of its body may show."""
    return Trace(
        id=id,
        at=at,
        key=None if key is None else key.name,
        policy_name=None if request is None else _asked_for(request.model),
        session=None if request is None else request.options.session,
        outcome="refused",
        status=status,
        stream=request is not None and request.stream,
        ended_ms=ended_ms,
        diagnostics=tuple(told(wrong.diagnostics if prompts else findings_withheld(wrong.diagnostics))),
    )


def _asked_for(model: str) -> str | None:
    """The policy or candidate that a refused call has named, None for a term of its own or what cannot be a name."""
    name = model.removeprefix(POLICY)
    return name if model != INLINE and len(name) <= LONGEST_NAME and name.isprintable() else None


def parts_of(course: Course) -> tuple[Part, ...]:
    """What the trace of a call names by fingerprint."""
    return (*course.plan.parts, *course.world.lasting_parts, *course.world.state_parts(course.overlay))
