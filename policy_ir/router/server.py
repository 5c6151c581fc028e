"""The sockets of a router: its routes, its start, its reload on SIGHUP, and its end.

An end waits for the calls that are on their way, and keeps all of their traces.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from policy_ir.diagnostics import Refused, one_of, quoted
from policy_ir.router import chat, page_routes, policy_routes, trace_routes
from policy_ir.router.answer import error, refused
from policy_ir.router.guard import Denied
from policy_ir.router.replies import html_response, json_response
from policy_ir.router.service import Service

if TYPE_CHECKING:
    from policy_ir.router.config import Config, Key
    from policy_ir.trace.store import Store

__all__ = ["Running", "application", "running", "serve"]

LOG: Final = logging.getLogger("policy_ir.router")


def _of_ours(record: logging.LogRecord) -> bool:
    """Whether a record is not about what is no HTTP: that quotes it, with the key of the caller if need be."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


REQUESTS: Final = logging.getLogger("policy_ir.router.requests")
REQUESTS.addFilter(_of_ours)

COLLECT_S: Final = 20.0
"""Seconds between two looks for all cyclic garbage; one takes some milliseconds."""

PATIENCE_S: Final = 30.0
"""Seconds that the calls on their way have, once the router is asked to end."""

LINGER_S: Final = 2.0
"""Seconds for which the rest of a body is read that is not wanted."""

YOUNG: Final = 20_000
"""New objects after which cyclic garbage is looked for among them."""

Handler: TypeAlias = Callable[[Service, web.Request, "Key | None"], Awaitable[web.StreamResponse]]
Served: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(service: Service) -> web.Application:
    """All routes, over a service."""
    made = web.Application(client_max_size=service.config.limits.body_bytes)
    known: dict[str, list[str]] = {}

    def route(method: str, path: str, served: Served) -> None:
        methods = [method, "HEAD"] if method == "GET" else [method]
        known.setdefault(path, []).extend(methods)
        for one in methods:
            made.router.add_route(one, path, served)

    for method, path, handler in (
        ("POST", "/v1/chat/completions", chat.chat),
        ("GET", "/v1/models", policy_routes.models),
        ("GET", "/v1/models/{id:.+}", policy_routes.model),
        ("POST", "/policy/validate", policy_routes.validate),
        ("POST", "/policy/decide", chat.decide),
        ("GET", "/policy/fields", policy_routes.fields),
        ("GET", "/traces", trace_routes.traces),
        ("GET", "/traces/{id}", trace_routes.trace),
        ("POST", "/traces/{id}/replay", trace_routes.replayed),
        ("GET", "/metrics", _metrics),
    ):
        route(method, path, _served(service, handler))
    for method, path, handler in page_routes.ROUTES:
        route(method, path, _served(service, handler, pages=True))
    route("GET", "/healthz", _healthy)
    route("GET", "/readyz", _ready(service))
    for path, methods in known.items():
        made.router.add_route("*", path, _served(service, partial(_not_so, sorted(methods))))
    made.router.add_route("*", "/{rest:.*}", _served(service, _nowhere))
    return made


def _served(service: Service, handler: Handler, *, pages: bool = False) -> Served:
    """A handler behind the guard, and whatever it raises as a response."""

    async def served(request: web.Request) -> web.StreamResponse:
        try:
            key = service.guard.admit(request)
            return await handler(service, request, key)
        except Denied as wrong:
            if pages:
                return html_response(page_routes.denied(wrong), wrong.status, wrong.headers)
            return json_response(wrong.error, wrong.status, wrong.headers)
        except Refused as wrong:
            return json_response(refused(wrong, code="invalid_request"), 400)
        except (ConnectionError, TimeoutError):
            # Whoever asked does not read. What is still to be sent would wait for ever, so it is given up.
            if request.transport is not None:
                request.transport.abort()
            return web.Response()  # which nobody gets
        except web.HTTPException:
            raise
        except Exception:
            LOG.exception("%s %s: a fault of policy-ir", request.method, request.path)
            return json_response(error(500, "internal_error", "a fault of policy-ir; the log has its traceback"), 500)

    return served


async def _metrics(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /metrics`."""
    service.metrics.in_flight(service.in_flight)
    service.metrics.observe(service.world.state, service.writer)
    text, content_type = service.metrics.text()
    return web.Response(body=text, headers={"Content-Type": content_type})


async def _nowhere(service: Service, request: web.Request, key: Key | None) -> web.Response:
    return json_response(error(404, "not_found", f"there is nothing at {quoted(request.path)}"), 404)


async def _not_so(methods: list[str], service: Service, request: web.Request, key: Key | None) -> web.Response:
    """What is asked for in a way in which it is not there."""
    said = f"{request.path} is not for {quoted(request.method)}; it takes {one_of(methods)}"
    return json_response(error(405, "method_not_allowed", said), 405, {"Allow": ", ".join(methods)})


async def _healthy(request: web.Request) -> web.Response:
    """`GET /healthz`: the process answers."""
    return json_response({"status": "ok"})


def _ready(service: Service) -> Served:
    """`GET /readyz`: calls are taken, and their traces are kept."""

    async def ready(request: web.Request) -> web.Response:
        wrong = "closing" if service.closing else None if service.writer.healthy else "the trace store takes nothing"
        return json_response({"status": wrong or "ok"}, 503 if wrong else 200)

    return ready


# --- a running router -------------------------------------------------------------------------------------------


class Running:
    """A router that listens at `url`."""

    def __init__(self, service: Service, url: str, runner: web.AppRunner) -> None:
        self.service, self.url, self._runner = service, url, runner

    @property
    def connections(self) -> int:
        """How many connections of callers are open."""
        return 0 if self._runner.server is None else len(self._runner.server.connections)


@asynccontextmanager
async def running(config: Config, store: Store, *, sandbox: bool = False) -> AsyncIterator[Running]:
    """A router that listens as the configuration says, for as long as the context lasts. Raises `Refused`, OSError."""
    service = Service(config, store, sandbox=sandbox)
    runner = web.AppRunner(
        application(service),
        handler_cancellation=True,  # a caller that hangs up ends the call at the provider
        access_log=None,
        logger=REQUESTS,
        keepalive_timeout=config.limits.header_ms / 1000,
        lingering_time=LINGER_S,
        shutdown_timeout=PATIENCE_S,
    )
    try:
        await runner.setup()
        site = web.TCPSite(runner, config.host, config.port, backlog=1024)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield Running(service, f"http://{f'[{host}]' if ':' in host else host}:{port}", runner)
    finally:
        service.closing = True
        await runner.cleanup()
        await service.close()


async def serve(
    config: Config,
    store: Store,
    *,
    reload: Callable[[], Config] | None,
    on_start: Callable[[Running], None],
    on_refused: Callable[[Refused], None],
    sandbox: bool = False,
) -> None:
    """Run until SIGTERM or SIGINT. `reload` gives the configuration anew on SIGHUP; what it refuses changes nothing."""
    ended = asyncio.Event()
    async with running(config, store, sandbox=sandbox) as router:
        loop = asyncio.get_running_loop()

        reading = asyncio.Lock()

        async def again() -> None:
            assert reload is not None
            async with reading:  # the last one asked for counts
                try:
                    stays = router.service.reload(await router.service.beside(reload))
                except Refused as wrong:
                    on_refused(wrong)
                except Exception:
                    LOG.exception("the configuration could not be read anew: a fault of policy-ir")
                else:
                    LOG.warning("the configuration was read anew")
                    if stays:
                        LOG.warning("changed, and in force after a restart only: %s", ", ".join(stays))

        if sys.platform != "win32":
            for ending in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(ending, ended.set)
            if reload is not None:
                loop.add_signal_handler(signal.SIGHUP, lambda: router.service.behind(again()))
        on_start(router)
        collecting = asyncio.ensure_future(_collect())
        await ended.wait()
        collecting.cancel()


async def _collect() -> None:
    """Look for cyclic garbage less often than usual, and not among what is there from the start.

    A call leaves hardly any; but each state that candidates have had is some, which is old by then, and the collector
    looks among what is old by the number of objects only.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
    while True:
        await asyncio.sleep(COLLECT_S)
        gc.collect()
