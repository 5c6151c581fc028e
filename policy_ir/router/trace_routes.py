"""The routes over traces: to list them, to look at one, and to compute its decision again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from policy_ir.diagnostics import Refused, codes, quoted
from policy_ir.router.answer import refused
from policy_ir.router.guard import Denied
from policy_ir.router.replies import json_response
from policy_ir.trace.moments import moment
from policy_ir.trace.replay import replay

if TYPE_CHECKING:
    from policy_ir.router.config import Key
    from policy_ir.router.service import Service
    from policy_ir.trace.record import Trace

__all__ = ["listed", "replayed", "sought", "trace", "traces"]

MOST: Final = 500
"""The most traces that are listed at once."""

USUAL: Final = 50


async def traces(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /traces`: the last ones, newest first, by `policy`, `flow`, `candidate`, `outcome`, `session`, `since`,
    `until`.
    """
    text = request.query.get("limit", str(USUAL))
    limit = min(MOST, int(text)) if text.isdecimal() and len(text) < 6 else USUAL
    found = await listed(service, request.query, key, limit=max(1, limit))
    return json_response({"object": "list", "data": [one.to_json() for one in found]})


async def trace(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /traces/{id}`."""
    return json_response((await sought(service, request, key)).to_json())


async def replayed(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`POST /traces/{id}/replay`: the decision computed again from what is stored; of a flow, that of each node."""
    found = await sought(service, request, key)
    again = await service.beside(partial(replay, service.store, found))
    return json_response(again.to_json())


async def listed(service: Service, query: Mapping[str, str], key: Key | None, *, limit: int) -> list[Trace]:
    """The traces that a query asks for; without the right to see all, a key's own. Raises `Refused` (`PIR0933`)."""
    names = ("policy", "flow", "candidate", "outcome", "session", "before")
    wanted: dict[str, Any] = {name: query[name] for name in names if query.get(name)}
    for name in ("since", "until"):
        if query.get(name):
            wanted[name] = moment(query[name], time())
    if not _sees_all(key):
        wanted["key"] = key.name  # type: ignore[union-attr]
    return await service.beside(partial(service.store.find, limit=limit, **wanted))


async def sought(service: Service, request: web.Request, key: Key | None) -> Trace:
    """The trace that a request names. Raises `Denied` (404): also for one that its key may not see."""
    id = request.match_info["id"]
    found = await service.beside(partial(service.store.get, id))
    if found is None or not (_sees_all(key) or found.key == key.name):  # type: ignore[union-attr]
        missing = Refused.because(codes.NO_TRACE, f"there is no trace {quoted(id)}", found=quoted(id))
        raise Denied(404, refused(missing, code="trace_not_found", status=404))
    return found


def _sees_all(key: Key | None) -> bool:
    return key is None or key.admin
