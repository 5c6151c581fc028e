"""The route that matters: a chat call, decided by its policy, answered by a provider, and traced.

A trace is kept before the caller gets the end of the answer, so that whoever has an answer can look up how it came.
"""

from __future__ import annotations

import asyncio
import os
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from policy_ir.diagnostics import Refused
from policy_ir.router import answer, flow_chat
from policy_ir.router.body import ChatRequest
from policy_ir.router.call import GRACE_S, SETTLE_S, Course, Exhausted, Interrupted, NoCandidate
from policy_ir.router.ending import broken_off, delivered, traced, with_kept
from policy_ir.router.events import Events
from policy_ir.router.flow_course import FlowCourse
from policy_ir.router.guard import Denied
from policy_ir.router.plan import PolicyRefused
from policy_ir.router.replies import json_response
from policy_ir.router.tracing import parts_of, trace_of_refusal
from policy_ir.trace.record import new_id

if TYPE_CHECKING:
    from policy_ir.router.config import Key
    from policy_ir.router.service import Service

__all__ = ["chat", "decide"]

TOO_LARGE: Final = frozenset({"PIR0924"})
NOT_FOUND: Final = frozenset({"PIR0921"})
FORBIDDEN: Final = frozenset({"PIR0926"})


async def chat(service: Service, request: web.Request, key: Key | None) -> web.StreamResponse:
    """`POST /v1/chat/completions`."""
    started = service.clock()
    service.guard.spend(key)
    data = await service.body(request)
    service.enter()
    try:
        return await _chat(service, request, key, data, started)
    finally:
        service.leave()


async def _chat(
    service: Service, request: web.Request, key: Key | None, data: bytes, started: float
) -> web.StreamResponse:
    at = time()
    id = new_id(int(at * 1000), os.urandom(10))
    called: ChatRequest | None = None
    course: Course | FlowCourse
    try:
        called = await service.read(data)
        course = await _decided(service, called, key, len(data), id=id, at=at, started=started)
    except Refused as wrong:
        status, made = _refusal(wrong, id)
        ended_ms = (service.clock() - started) * 1000
        prompts = service.config.traces.prompts
        trace = trace_of_refusal(wrong, key, called, status, id=id, at=at, ended_ms=ended_ms, prompts=prompts)
        await service.record(trace, ())
        service.metrics.call(trace)
        return json_response(made, status, answer.trace_headers(id))
    if isinstance(course, FlowCourse):
        return await flow_chat.answered(service, request, key, course)
    if called.options.dry_run:
        return json_response(_dry(course))
    settling = service.loop.call_later(SETTLE_S, _settle, course)
    span = service.telemetry.call(course, request.headers)
    try:
        async with asyncio.timeout_at(course.deadline + GRACE_S):
            if called.stream:
                return await _stream(service, request, key, course)
            return await _whole(service, request, key, course)
    except BaseException as wrong:
        broken_off(service, key, course, wrong)
        raise
    finally:
        settling.cancel()
        span.end(course)


async def _decided(
    service: Service, called: ChatRequest, key: Key | None, size: int, *, id: str, at: float, started: float
) -> Course | FlowCourse:
    """A call that is decided, or a flow that is about to be run. Raises `Refused`."""
    if called.is_flow:
        return await flow_chat.bound(service, called, key, size, id=id, at=at, started=started)
    try:
        plan = await service.plan(called, key, size)
    except Refused as wrong:
        raise PolicyRefused(wrong.diagnostics, wrong.document) from None
    facts = await service.facts(called, key, size)
    seed = service.seed(called, plan)
    # From here to the first attempt nothing waits: a probe of a breaker is taken by one call only.
    return Course(service.world, plan, called, facts, seed, id=id, at=at, started=started, now=service.clock)


def _settle(course: Course) -> None:
    """Work out what the trace and the headers say, which nobody has to wait for while a provider is busy."""
    _ = course.choice.fingerprint
    parts_of(course)


def _refusal(wrong: Refused, id: str | None) -> tuple[int, dict[str, Any]]:
    """Status and error of a refusal."""
    first = str(wrong.diagnostics[0].code)
    if first in TOO_LARGE:
        return 413, answer.refused(wrong, code="body_too_large", status=413, trace=id)
    if first in NOT_FOUND:
        return 404, answer.refused(wrong, code="model_not_found", status=404, trace=id)
    if first in FORBIDDEN:
        return 403, answer.refused(wrong, code="policy_not_allowed", status=403, trace=id)
    code = "policy_refused" if isinstance(wrong, PolicyRefused) else "invalid_request"
    return 400, answer.refused(wrong, code=code, trace=id)


# --- an answer as a whole ---------------------------------------------------------------------------------------


async def _whole(service: Service, request: web.Request, key: Key | None, course: Course) -> web.Response:
    try:
        reply = await course.answer(service.upstream)
    except (NoCandidate, Exhausted) as wrong:
        return await _failed(service, key, course, wrong)
    body = answer.with_account(reply, answer.account(course))
    kept = await traced(service, key, course, "ok", 200, response=reply.json)
    return await delivered(request, body, with_kept(answer.headers(course), kept))


async def _failed(service: Service, key: Key | None, course: Course, wrong: NoCandidate | Exhausted) -> web.Response:
    """The error of a call that has failed before the caller has seen anything."""
    if isinstance(wrong, NoCandidate):
        made = answer.no_candidate(course)
        service.metrics.no_candidate(made["error"]["refused"])
        kept = await traced(service, key, course, "no_candidate", 422)
        return json_response(made, 422, with_kept(answer.headers(course), kept))
    status, made, more = answer.exhausted(course, wrong.failure)
    kept = await traced(service, key, course, "failed", status, wrong.failure.reason)
    return json_response(made, status, with_kept(answer.headers(course), kept) | more)


# --- an answer in pieces ----------------------------------------------------------------------------------------


async def _stream(service: Service, request: web.Request, key: Key | None, course: Course) -> web.StreamResponse:
    sink = Events(request, partial(answer.headers, course, begun=True), keep=service.config.traces.prompts)
    try:
        last = await course.stream(service.upstream, sink)
    except (NoCandidate, Exhausted) as wrong:
        return await _failed(service, key, course, wrong)
    except Interrupted as wrong:
        _, made, _ = answer.exhausted(course, wrong.failure)  # the caller has got 200 already
        await traced(service, key, course, "interrupted", 200, wrong.failure.reason, response=sink.said)
        return await sink.break_off(answer.encode(made))
    end = answer.encode({**last, "policy_ir": answer.account(course)})
    await traced(service, key, course, "ok", 200, response=sink.said)
    return await sink.end(end)


# --- a decision alone -------------------------------------------------------------------------------------------


def _dry(course: Course) -> dict[str, Any]:
    """What would be done."""
    choice = course.choice
    made: dict[str, Any] = {
        "object": "policy_ir.decision",
        "dry_run": True,
        "candidate": choice.id,
        "policy_name": course.plan.name,
        "facts": course.facts.to_json(),
        "seed": course.seed,
        "decision": choice.to_json(),
    }
    if choice.winner is not None:
        attempt = choice.attempt(0, course.request.body).request
        changed = {name: value for name, value in attempt.items() if course.request.body.get(name, _ABSENT) != value}
        made["parameters"] = changed
        made["dropped"] = sorted(set(course.request.body) - set(attempt))
    return made


_ABSENT: Final = object()


async def decide(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`POST /policy/decide`: the decision that the same body gets at the chat endpoint, and nothing is sent."""
    data = await service.body(request)
    try:
        called = await service.read(data)
        course = await _decided(service, called, key, len(data), id="", at=0.0, started=service.clock())
    except Refused as wrong:
        status, made = _refusal(wrong, None)
        raise Denied(status, made) from None
    if isinstance(course, FlowCourse):
        return await flow_chat.estimated(service, course)
    return json_response(_dry(course))
