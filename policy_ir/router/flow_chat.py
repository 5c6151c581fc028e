"""A chat call that is a flow: bound, run, answered and traced; and what it would cost, without running it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from policy_ir.diagnostics import Refused
from policy_ir.flow.cost import estimate
from policy_ir.router import answer
from policy_ir.router.call import GRACE_S
from policy_ir.router.ending import broken_off, delivered, traced, with_kept
from policy_ir.router.events import Events
from policy_ir.router.flow_answer import failure, flow_account, flow_headers, passed_chunks, passed_completion
from policy_ir.router.flow_course import FlowCourse, FlowFailed
from policy_ir.router.plan import PolicyRefused
from policy_ir.router.replies import json_response
from policy_ir.trace.record import Outcome

if TYPE_CHECKING:
    from policy_ir.router.body import ChatRequest
    from policy_ir.router.config import Key
    from policy_ir.router.service import Service

__all__ = ["answered", "bound", "estimated"]


async def bound(
    service: Service, called: ChatRequest, key: Key | None, size: int, *, id: str, at: float, started: float
) -> FlowCourse:
    """The flow that a call asks for, ready to run. Raises `Refused`: the flow, or anything that is wrong with the body.

    The facts of the body as a whole are derived and dropped: what they are refused for is known before the first node
    costs anything.
    """
    try:
        plan = await service.flow(called, key, size)
    except Refused as wrong:
        raise PolicyRefused(wrong.diagnostics, wrong.document) from None
    stated = await service.stated(called.options, key)
    await service.facts_of(called.body, stated, size)
    seed = service.seed(called, plan)
    return FlowCourse(
        service.world,
        plan,
        called,
        stated or {},
        seed,
        size=size,
        id=id,
        at=at,
        started=started,
        now=service.clock,
        beside=service.beside,
    )


async def answered(service: Service, request: web.Request, key: Key | None, flow: FlowCourse) -> web.StreamResponse:
    """Run a flow, and give its caller the answer of its last node, or the error of the node that failed."""
    if flow.request.options.dry_run:
        return await estimated(service, flow)
    span = service.telemetry.flow(flow, request.headers)
    try:
        async with asyncio.timeout_at(flow.deadline + GRACE_S):
            return await (_stream if flow.request.stream else _whole)(service, request, key, flow)
    except BaseException as wrong:
        broken_off(service, key, flow, wrong)
        raise
    finally:
        span.end(flow)


async def _whole(service: Service, request: web.Request, key: Key | None, flow: FlowCourse) -> web.Response:
    try:
        await flow.run(service.upstream)
    except FlowFailed as wrong:
        return await _failed(service, key, flow, wrong)
    if flow.reply is not None:
        said, body = flow.reply.json, answer.with_account(flow.reply, flow_account(flow))
    else:
        assert flow.text is not None
        said = passed_completion(flow, flow.text)
        body = answer.encode(said)
    kept = await traced(service, key, flow, "ok", 200, response=said)
    return await delivered(request, body, with_kept(flow_headers(flow), kept))


async def _stream(service: Service, request: web.Request, key: Key | None, flow: FlowCourse) -> web.StreamResponse:
    sink = Events(request, partial(flow_headers, flow, begun=True), keep=service.config.traces.prompts)
    try:
        await flow.run(service.upstream, sink)
    except FlowFailed as wrong:
        if not wrong.begun:
            return await _failed(service, key, flow, wrong)
        _, made, _ = failure(flow, wrong)  # the caller has got 200 already
        await traced(service, key, flow, "interrupted", 200, wrong.reason, response=sink.said)
        return await sink.break_off(answer.encode(made))
    if flow.chunk is not None:
        end = answer.encode({**flow.chunk, "policy_ir": flow_account(flow)})
    else:
        assert flow.text is not None
        first, end = passed_chunks(flow, flow.text)
        await sink.begin()
        await sink.send(first)
    await traced(service, key, flow, "ok", 200, response=sink.said)
    return await sink.end(end)


async def _failed(service: Service, key: Key | None, flow: FlowCourse, wrong: FlowFailed) -> web.Response:
    """The error of a flow that has failed before the caller has seen anything."""
    status, made, more = failure(flow, wrong)
    outcome: Outcome = "failed"
    if "refused" in made["error"]:
        outcome = "no_candidate"
        service.metrics.no_candidate(made["error"]["refused"])
    kept = await traced(service, key, flow, outcome, status, wrong.reason)
    return json_response(made, status, with_kept(flow_headers(flow), kept) | more)


# --- what it would cost ------------------------------------------------------------------------------------------


async def estimated(service: Service, flow: FlowCourse) -> web.Response:
    """What the nodes of a flow would be decided to, and what that may cost; nothing is sent."""
    world, plan = flow.world, flow.plan
    made = await service.beside(
        partial(
            estimate,
            plan.admitted,
            world.state.overlay().snapshot,
            flow.request.body,
            floor=plan.floor,
            stated=flow.stated,
            seed=flow.seed,
            decide=world.decider(),
        )
    )
    told = {
        "object": "policy_ir.flow_estimate",
        "dry_run": True,
        "flow": plan.admitted.fingerprint,
        "flow_name": plan.name,
        "seed": flow.seed,
        **made.to_json(),
    }
    return json_response(told)
