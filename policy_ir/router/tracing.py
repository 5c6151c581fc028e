"""The trace of a call, from its course or from its refusal; and that of a flow, with one in it for each node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from policy_ir.diagnostics import Refused
from policy_ir.router.answer import CLOSED_REQUEST, status_of, told
from policy_ir.router.body import FLOW, FLOW_INLINE, INLINE, POLICY
from policy_ir.router.withheld import findings_withheld, hops_withheld
from policy_ir.trace.record import OWN_FLOW, Outcome, Trace

if TYPE_CHECKING:
    from policy_ir.router.body import ChatRequest
    from policy_ir.router.call import Course
    from policy_ir.router.config import Key
    from policy_ir.router.flow_course import FlowCourse, NodeCall
    from policy_ir.trace.parts import Part

LONGEST_NAME: Final = 256
"""The most characters of a name that a trace repeats after a caller."""

__all__ = ["parts_of", "parts_of_flow", "trace_of", "trace_of_flow", "trace_of_refusal"]


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
        policy_name=None if request is None or request.is_flow else _asked_for(request.model, POLICY),
        flow_name=_asked_for(request.model, FLOW) if request is not None and request.is_flow else None,
        session=None if request is None else request.options.session,
        outcome="refused",
        status=status,
        stream=request is not None and request.stream,
        ended_ms=ended_ms,
        diagnostics=tuple(told(wrong.diagnostics if prompts else findings_withheld(wrong.diagnostics))),
    )


def _asked_for(model: str, prefix: str) -> str | None:
    """The policy, candidate or flow that a refused call has named, None for a policy of its own or what cannot be a
    name; a flow of its own is `OWN_FLOW`, without which nothing would say that it was one."""
    name = OWN_FLOW if model == FLOW_INLINE else model.removeprefix(prefix)
    return name if model != INLINE and len(name) <= LONGEST_NAME and name.isprintable() else None


def parts_of(course: Course) -> tuple[Part, ...]:
    """What the trace of a call names by fingerprint."""
    return (*course.plan.parts, *course.world.lasting_parts, *course.world.state_parts(course.overlay))


# --- flows -----------------------------------------------------------------------------------------------------


def trace_of_flow(
    flow: FlowCourse,
    key: Key | None,
    outcome: Outcome,
    status: int,
    reason: str | None = None,
    *,
    response: dict[str, Any] | None = None,
) -> Trace:
    """The trace of a flow that was run, with one for each node that was started."""
    world, prompts = flow.world, flow.world.config.traces.prompts
    nodes = (_trace_of_node(flow, call, key) for call in flow.calls.values())
    return Trace(
        id=flow.id,
        at=flow.at,
        key=None if key is None else key.name,
        session=flow.request.options.session,
        vocabulary=world.vocabulary.fingerprint,
        catalogue=world.snapshot.catalogue_fingerprint,
        seed=flow.seed,
        chosen=flow.chosen,
        outcome=outcome,
        status=status,
        reason=reason,
        stream=flow.request.stream,
        ended_ms=flow.elapsed_ms,
        cost=flow.cost,
        request=flow.request.body if prompts else None,
        response=response if prompts else None,
        flow=flow.plan.admitted.fingerprint,
        flow_part=flow.plan.part.digest,
        flow_name=flow.plan.name,
        failed_node=None if flow.failed is None else flow.failed.node,
        nodes=tuple(nodes),
    )


def _trace_of_node(flow: FlowCourse, call: NodeCall, key: Key | None) -> Trace:
    """The trace of a call, which names no policy and no decision where it has ended before it was decided."""
    status, prompts = _status_of_node(call), flow.world.config.traces.prompts
    begun_ms = (call.started - flow.started) * 1000
    ended_ms = flow.elapsed_ms - begun_ms if call.ended_ms is None else call.ended_ms
    if call.course is not None:
        made = trace_of(call.course, key, call.outcome, status, call.reason, response=call.response)
        return attrs.evolve(made, node=call.name, passed=call.passed, ended_ms=ended_ms)
    return Trace(
        id=flow.id,
        at=flow.at + begun_ms / 1000,
        key=None if key is None else key.name,
        session=flow.request.options.session,
        outcome=call.outcome,
        status=status,
        reason=call.reason,
        stream=flow.request.stream and call.name == flow.plan.admitted.last,
        ended_ms=ended_ms,
        diagnostics=tuple(told(call.findings if prompts else findings_withheld(call.findings))),
        node=call.name,
        passed=call.passed,
    )


def _status_of_node(call: NodeCall) -> int:
    """The status that a call with this outcome would have."""
    match call.outcome:
        case "ok" | "interrupted":
            return 200
        case "cancelled":
            return CLOSED_REQUEST
        case _:
            return status_of(call.reason or "unknown")


def parts_of_flow(flow: FlowCourse) -> tuple[Part, ...]:
    """What the trace of a flow and of its nodes name by fingerprint, each once."""
    made = [flow.plan.part, *flow.world.lasting_parts]
    for call in flow.calls.values():
        if call.course is not None:
            made += flow.settle(call)
    return tuple({(part.kind, part.digest): part for part in made}.values())
