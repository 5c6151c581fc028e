"""What the caller of a flow gets: the answer of its last node with the account of all nodes, or an error."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from policy_ir.router.answer import CODE, account, encode, error, header_text, hops, nobody, status_of, trace_headers
from policy_ir.router.flow_course import OVER_BUDGET

if TYPE_CHECKING:
    from policy_ir.router.call import Course
    from policy_ir.router.flow_course import FlowCourse, FlowFailed, NodeCall

__all__ = ["failure", "flow_account", "flow_headers", "passed_chunks", "passed_completion"]


def flow_account(flow: FlowCourse) -> dict[str, Any]:
    """What an answer says of its flow, under the key `policy_ir`: as for a call that the last node were, and of each
    node in the order in which they were started."""
    cost, last = flow.cost, flow.last
    made: dict[str, Any] = {
        "trace": flow.id,
        "candidate": flow.chosen,
        "flow": flow.plan.admitted.fingerprint,
        "flow_name": flow.plan.name,
    }
    if last is not None:
        made |= {name: value for name, value in account(last).items() if name not in made and name != "policy_name"}
    return made | {
        "seed": flow.seed,
        "attempts": flow.attempts,
        "cost_usd": cost.usd,
        "cost_basis": cost.basis,
        "nodes": {call.name: _node(flow, call) for call in flow.calls.values()},
    }


def _node(flow: FlowCourse, call: NodeCall) -> dict[str, Any]:
    course, begun = call.course, (call.started - flow.started) * 1000
    made: dict[str, Any] = {"candidate": None, "policy": None, "decision": None, "attempts": 0}
    if course is not None:
        made = {
            "candidate": course.chosen,
            "policy": course.choice.bound.effective.policy_fingerprint,
            "decision": course.choice.fingerprint,
            "attempts": len(course.hops),
        }
    made |= {
        "outcome": "passed" if call.passed else call.outcome,
        "cost_usd": call.cost.usd,
        "cost_basis": call.cost.basis,
        "started_ms": round(begun, 3),
        "ended_ms": None if call.ended_ms is None else round(begun + call.ended_ms, 3),
    }
    return made if call.reason is None else made | {"reason": call.reason}


def flow_headers(flow: FlowCourse, *, begun: bool = False) -> dict[str, str]:
    """The headers of an answer. Those of a stream are due when it has `begun`, before its cost is known; one that the
    router makes itself begins when the flow has ended."""
    last = flow.last
    begun = begun and flow.text is None
    made = trace_headers(flow.id) | {
        "x-policy-ir-flow": flow.plan.admitted.fingerprint,
        "x-policy-ir-attempts": str(flow.attempts + begun),
    }
    if last is not None:
        made["x-policy-ir-decision"] = last.choice.fingerprint
    candidate = last.trying if begun and last is not None else flow.chosen
    if candidate is not None:
        made["x-policy-ir-candidate"] = header_text(candidate)
    if not begun:
        made["x-policy-ir-cost-usd"] = f"{flow.cost.usd:.9g}"
    return made


def failure(flow: FlowCourse, wrong: FlowFailed) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, error and further headers of a flow that has failed."""
    reason, status = wrong.reason, status_of(wrong.reason)
    call = flow.calls.get(wrong.node)
    course = None if call is None else call.course
    told = flow_account(flow) | {"node": wrong.node, "reason": reason}
    more: dict[str, Any] = {}
    if course is not None and reason == "no_candidate":
        why, more["refused"] = nobody(course)
    else:
        why = _why(wrong, course, called=call is not None)
    if course is not None:
        told["hops"] = hops(course)
    message = f"the node `{wrong.node}` has failed: {why}"
    made = error(status, CODE.get(reason, reason), message, policy_ir=told, **more)
    if wrong.failure is not None and wrong.failure.retry_after_ms is not None:
        return status, made, {"Retry-After": str(max(1, ceil(wrong.failure.retry_after_ms / 1000)))}
    return status, made, {"x-should-retry": "false"}


def _why(wrong: FlowFailed, course: Course | None, *, called: bool) -> str:
    """Why a node has failed, in words."""
    if not called:
        return "the text of its input would be too long"
    if wrong.reason == OVER_BUDGET:
        return "its call could cost more than is left of the flow's budget"
    tried = [] if course is None else course.hops
    said = f": {wrong.failure.message}" if wrong.failure is not None and wrong.failure.message else ""
    if not tried:
        return f"`{wrong.reason}`{said}"
    tries = f" after {len(tried)} attempts" if len(tried) > 1 else ""
    return f"{tried[-1].candidate} failed{tries} for `{wrong.reason}`{said}"


# --- an answer that no provider has given ------------------------------------------------------------------------


def passed_completion(flow: FlowCourse, text: str) -> dict[str, Any]:
    """The completion of a flow whose last node has passed its input on."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return _completion(flow, "chat.completion") | {"choices": [choice], "policy_ir": flow_account(flow)}


def passed_chunks(flow: FlowCourse, text: str) -> tuple[bytes, bytes]:
    """The same as a stream of two events."""
    head = _completion(flow, "chat.completion.chunk")
    said = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return encode(head | {"choices": [said]}), encode(head | {"choices": [end], "policy_ir": flow_account(flow)})


def _completion(flow: FlowCourse, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{flow.id}", "object": kind, "created": int(flow.at), "model": flow.request.model}
