"""The routes of the web page: traces, one of them, a form to try a policy, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from aiohttp import web

from policy_ir.diagnostics import Refused, quoted
from policy_ir.flow.printing import fmt_flow
from policy_ir.router.body import FLOW, POLICY
from policy_ir.router.directives import refuse_directives_of
from policy_ir.router.guard import Denied
from policy_ir.router.pages import (
    TOLD,
    Filters,
    Stated,
    Visit,
    answer_to,
    error_page,
    first_call,
    flow_page,
    models_page,
    read_form,
    standings,
    trace_page,
    traces_page,
    tried,
    try_page,
)
from policy_ir.router.pages.trial import MOST_MESSAGE
from policy_ir.router.replies import html_response
from policy_ir.router.trace_routes import USUAL, listed, sought
from policy_ir.trace.parts import Rebuilder
from policy_ir.trace.replay import Replayed, replay

if TYPE_CHECKING:
    from policy_ir.diagnostics import Diagnostic
    from policy_ir.flow.tree import Flow
    from policy_ir.report.answer import Answer
    from policy_ir.router.config import Key
    from policy_ir.router.service import Service
    from policy_ir.trace.record import Trace

__all__ = ["ROUTES", "denied"]

MOST_FORM: Final = 4 * MOST_MESSAGE + 512 * 1024
"""The most bytes of a form."""

MOST_FIELDS: Final = 64
"""The most fields of one."""


_FILTERS: Final = ("policy", "flow", "outcome", "candidate", "since", "before")


async def recent(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /`: the last traces."""
    query = request.query
    filters = Filters(**{name: query.get(name, "") for name in _FILTERS})
    found: tuple[Diagnostic, ...] = ()
    traces: list[Trace] = []
    try:
        traces = await listed(service, query, key, limit=USUAL + 1)
    except Refused as wrong:
        found = wrong.diagnostics
    older = traces[USUAL - 1].id if len(traces) > USUAL else None
    policies = _policies(service, key)
    here = request.headers.get("Host", f"{service.config.host}:{service.config.port}")
    first = first_call(f"{request.scheme}://{here}", POLICY + (policies or ["NAME"])[0], keyed=key is not None)
    page = traces_page(
        traces[:USUAL],
        filters=filters,
        older=older,
        policies=policies,
        flows=_flows(service, key),
        candidates=service.world.snapshot.ids,
        found=found,
        first=first,
        visit=_visit(service, key),
    )
    return html_response(page, 400 if found else 200)


async def one(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /ui/traces/{id}`, and `POST` to compute its decision again; with `node=NAME` of one call of a flow."""
    trace = await sought(service, request, key)
    node = request.query.get("node")
    if node is not None:
        trace = next((call for call in trace.nodes if call.node == node), trace)
    replayed: Replayed | None = None
    if request.method == "POST":
        replayed = await service.beside(partial(replay, service.store, trace))
    if trace.is_flow:
        shown = await service.beside(partial(_flow_page, service, trace, replayed, _visit(service, key)))
        return html_response(shown)
    answer, missing = await service.beside(partial(_retold, service, trace))
    page = trace_page(trace, answer=answer, missing=missing, replayed=replayed, visit=_visit(service, key))
    return html_response(page)


def _flow_page(service: Service, trace: Trace, replayed: Replayed | None, visit: Visit) -> str:
    """The page of a flow, with as much of its decisions as can be told again."""
    rebuilder = Rebuilder(service.store.part)
    flow: Flow | None = None
    answers: dict[str, Answer] = {}
    missing: dict[Diagnostic, None] = {}
    try:
        flow = rebuilder.flow(trace).flow if trace.nodes else None
    except Refused as wrong:
        missing |= dict.fromkeys(wrong.diagnostics)
    for call in [call for call in trace.nodes if call.decision is not None][:TOLD]:
        try:
            answers[call.node or ""] = answer_to(rebuilder.rebuild(call), call.node)
        except Refused as wrong:
            missing |= dict.fromkeys(wrong.diagnostics)
    return flow_page(trace, flow=flow, answers=answers, missing=tuple(missing), replayed=replayed, visit=visit)


def _retold(service: Service, trace: Trace) -> tuple[Answer | None, tuple[Diagnostic, ...]]:
    """The decision of a trace, told again from what is stored; or what keeps it from being told."""
    if trace.decision is None:
        return None, ()
    try:
        return answer_to(Rebuilder(service.store.part).rebuild(trace), trace.policy_name), ()
    except Refused as wrong:
        return None, wrong.diagnostics


async def trial(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /ui/try`, with `policy=NAME` or `flow=NAME` one of the configuration to begin with; and `POST` to decide
    what was typed."""
    visit, policies, flows = _visit(service, key), _policies(service, key), _flows(service, key)
    if request.method == "POST":
        form = read_form(await _form(service, request))
        world = service.world
        made = await service.beside(
            partial(
                tried,
                form,
                vocabulary=world.vocabulary,
                snapshot=world.state.overlay().snapshot,
                floor=world.floor(key),
                check=refuse_directives_of,
                decided=world.decider(),
            )
        )
        return html_response(try_page(form, made, policies=policies, flows=flows, visit=visit))
    name, flow = request.query.get("policy", ""), request.query.get("flow", "")
    text = _stated(service, name).text if name in policies else _flow_text(service, flow) if flow in flows else ""
    return html_response(try_page(read_form({"policy": text}), None, policies=policies, flows=flows, visit=visit))


def _flow_text(service: Service, name: str) -> str:
    """A named flow as people write it."""
    admitted = service.config.flows[name].admitted
    return fmt_flow(admitted.flow if admitted.document is None else admitted.document, "authoring")


async def _form(service: Service, request: web.Request) -> Mapping[str, object]:
    """The fields of a form. Raises `Denied` (400, 413, 415)."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Denied(415, {"error": {"message": f"{quoted(request.content_type)} is not what a form sends"}})
    if (request.content_length or 0) > MOST_FORM:
        raise Denied(413, {"error": {"message": f"the form is larger than {MOST_FORM} bytes"}})
    data = await service.body(request)
    try:
        return dict(parse_qsl(data.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Denied(400, {"error": {"message": "this is not what a form sends"}}) from None


async def choice(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /ui/models`: candidates with what was observed of them, and the named policies."""
    world = service.world
    endpoints = [endpoint.name for endpoint in world.endpoints]
    standing = standings(world.snapshot, endpoints, world.served_models, world.state.rows())
    stated = [_stated(service, name) for name in _policies(service, key)]
    return html_response(models_page(standing, stated, find=request.query.get("find", ""), visit=_visit(service, key)))


def _stated(service: Service, name: str) -> Stated:
    named = service.config.policies[name]
    return Stated.of(name, named.admitted, named.about)


def _policies(service: Service, key: Key | None) -> list[str]:
    """The named policies that a key may use."""
    return [name for name in service.config.policies if key is None or key.may_use(name)]


def _flows(service: Service, key: Key | None) -> list[str]:
    """The named flows that a key may use."""
    return [name for name in service.config.flows if key is None or key.may_use(FLOW + name)]


def _visit(service: Service, key: Key | None) -> Visit:
    return Visit(key=None if key is None else key.name, sandbox=service.sandbox)


def denied(wrong: Denied) -> str:
    """The page of a request that is not carried out."""
    return error_page(wrong.status, wrong.error["error"]["message"])


ROUTES: Final = (
    ("GET", "/", recent),
    ("GET", "/ui/traces/{id}", one),
    ("POST", "/ui/traces/{id}", one),
    ("GET", "/ui/try", trial),
    ("POST", "/ui/try", trial),
    ("GET", "/ui/models", choice),
)
