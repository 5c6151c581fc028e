"""How calls and flows end: whatever ended them, they are traced before their caller gets the end of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from policy_ir.router.answer import CLOSED_REQUEST
from policy_ir.router.flow_course import FlowCourse
from policy_ir.router.tracing import parts_of, parts_of_flow, trace_of, trace_of_flow

if TYPE_CHECKING:
    from policy_ir.router.call import Course
    from policy_ir.router.config import Key
    from policy_ir.router.service import Service
    from policy_ir.trace.record import Outcome

__all__ = ["broken_off", "delivered", "traced", "with_kept"]


async def traced(
    service: Service,
    key: Key | None,
    course: Course | FlowCourse,
    outcome: Outcome,
    status: int,
    reason: str | None = None,
    *,
    response: dict[str, Any] | None = None,
) -> bool:
    """Trace a call or a flow that has ended, and wait until the trace is kept; whether it is."""
    course.ended = outcome, reason
    if isinstance(course, FlowCourse):
        trace = trace_of_flow(course, key, outcome, status, reason, response=response)
        parts = parts_of_flow(course)
    else:
        trace = trace_of(course, key, outcome, status, reason, response=response)
        parts = parts_of(course)
    service.loop.call_soon(service.settled, trace)  # when the answer is on its way
    return await service.record(trace, parts)


def broken_off(service: Service, key: Key | None, course: Course | FlowCourse, wrong: BaseException) -> None:
    """Trace a call or a flow that was still running: nobody reads any more, or there is a fault of ours."""
    if course.ended is not None:
        return
    gone = isinstance(wrong, ConnectionError | TimeoutError | asyncio.CancelledError)
    outcome: Outcome = "cancelled" if gone else "failed"
    reason = None if gone else "unknown"
    course.ended = outcome, reason
    service.behind(traced(service, key, course, outcome, CLOSED_REQUEST if gone else 500, reason))


def with_kept(headers: dict[str, str], kept: bool) -> dict[str, str]:
    """The headers of an answer whose trace is kept, or could not be."""
    return headers if kept else headers | {"x-policy-ir-trace-kept": "no"}


async def delivered(request: web.Request, body: bytes, headers: Mapping[str, str]) -> web.Response:
    """Give a caller the whole of an answer."""
    response = web.Response(body=body, content_type="application/json", headers=headers)
    # Here and not by the server, which would wait for ever for a caller that does not read.
    await response.prepare(request)
    await response.write_eof()
    return response
