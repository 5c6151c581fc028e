"""Simulated providers in this process, over real sockets: OpenAI-compatible, without keys, with scripted faults.

Every provider of the catalogue has its endpoint at a path of one port of the loopback address. A request may bring a
fault of its own, for tests: in the header `x-sandbox-fault`, or in the member `x_sandbox_fault` of its body, which a
router passes on; a text or a list of texts, `FAULT` or `CANDIDATE=FAULT`.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

import attrs
from aiohttp import web

from policy_ir.catalogs import CatalogFile
from policy_ir.diagnostics import Refused
from policy_ir.router.config import Config, Endpoint
from policy_ir.router.sandbox_answers import CREATED, Model, answer
from policy_ir.router.sandbox_faults import Fault, Script, faults_of
from policy_ir.router.sandbox_problems import BadRequest
from policy_ir.router.sandbox_wire import Closed, Exchange, json_response, refused
from policy_ir.router.sandbox_world import (
    DIALECTS,
    read_faults,
    sandbox_catalogue,
    sandbox_flows,
    sandbox_policies,
    sandbox_vocabulary,
)

__all__ = ["Sandbox", "Seen", "read_faults", "sandbox_catalogue", "sandbox_policies"]

HEADER: Final = "x-sandbox-fault"
MEMBER: Final = "x_sandbox_fault"

MOST_BODY: Final = 64 * 1024 * 1024
"""The most bytes of a request."""
KEPT: Final = 512
"""How many of the last requests to a candidate are kept to be looked at."""
MOST_SCRIPTS: Final = 4096
"""How many faults that came with requests are counted; the count of the oldest is lost."""

MOST_BROUGHT: Final = 16
"""How many faults one request may bring."""
PATIENCE_S: Final = 0.01
"""How long answers that are under way may go on when the sandbox ends; 0 would be for ever."""

_SECRETS: Final = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie"})


@attrs.define(kw_only=True)
class Seen:
    """A request that a simulated candidate has got, and what became of it.

    `at` is in seconds since the sandbox began. `headers` are in lower case, with `***` for those that hold secrets.
    `fault` is the text of the fault that it met. `status` is None until headers were sent, and where none were.
    `pieces` are those of the content that were written. `closed_ms` is when the client hung up, in milliseconds from
    the request, None where it did not; `ended_ms` when it was over for the provider, however it ended.
    """

    candidate: str
    at: float
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    fault: str | None = None
    status: int | None = None
    pieces: int = 0
    closed_ms: float | None = None
    ended_ms: float | None = None

    @property
    def closed_by_client(self) -> bool:
        """Whether the client hung up before the answer was complete."""
        return self.closed_ms is not None


class Sandbox:
    """Simulated providers that listen for as long as the context lasts.

    `faults` are by candidate, the first that is at a call happens; `seed` fixes answers and draws; `pace` scales the
    time that answers take, 0 for at once (the times of faults are as they are). `endpoints` are by provider.
    """

    def __init__(
        self,
        catalogue: CatalogFile | None = None,
        *,
        faults: Mapping[str, Sequence[Fault]] | None = None,
        seed: int = 0,
        pace: float = 1.0,
    ) -> None:
        self.catalogue = sandbox_catalogue() if catalogue is None else catalogue
        self.seed = seed
        self.pace = pace
        self.models: dict[tuple[str, str], Model] = {}
        for candidate in self.catalogue.listed:
            model = Model.of(candidate, DIALECTS.get(candidate.served_by, "coded"))
            self.models[candidate.served_by, candidate.served_model] = model
        self.candidates = tuple(candidate.id for candidate in self.catalogue.listed)
        self.endpoints: Mapping[str, Endpoint] = {}
        self._scripts = {name: Script(name, tuple((faults or {}).get(name, ())), seed) for name in self.candidates}
        self._brought: OrderedDict[tuple[str, str], Script] = OrderedDict()
        self._seen: dict[str, deque[Seen]] = {name: deque(maxlen=KEPT) for name in self.candidates}
        self._calls = dict.fromkeys(self.candidates, 0)
        self._runner: web.AppRunner | None = None
        self._closing = False
        self._began = 0.0

    # --- its life ---------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_post("/{provider}/v1/chat/completions", self._chat)
        app.router.add_get("/{provider}/v1/models", self._list_models)
        app.router.add_get("/{provider}/v1/models/{model:.+}", self._one_model)
        app.router.add_route("*", "/{provider}/{rest:.*}", self._elsewhere)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=PATIENCE_S)
        await self._runner.setup()
        self._began = asyncio.get_running_loop().time()
        listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
        await web.SockSite(self._runner, listening).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        providers = dict.fromkeys(candidate.served_by for candidate in self.catalogue.listed)
        self.endpoints = {name: Endpoint(name=name, url=f"{url}/{name}/v1") for name in providers}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closing = True
        if self._runner is not None:
            await self._runner.cleanup()

    def config(self, **changes: Any) -> Config:
        """A router's configuration for these providers, with the policies and flows of the sandbox; without keys.

        `changes` are members of `Config` that are otherwise.
        """
        made = {
            "vocabulary": sandbox_vocabulary(),
            "catalogue": self.catalogue,
            "providers": self.endpoints,
            "policies": sandbox_policies(),
            "flows": sandbox_flows(),
        }
        return Config(**{**made, **changes})

    # --- what a test says and sees ----------------------------------------------------------------------------

    def script(self, candidate: str, *faults: str) -> None:
        """Gives a candidate these faults in place of those it had, and counts its calls anew; none: it is well.

        Raises `Refused` (`PIR0940` to `PIR0942`).
        """
        named = faults_of([f"{candidate}={fault}" for fault in faults], self.candidates)
        self._scripts[candidate] = Script(candidate, named.get(candidate, ()), self.seed)

    def seen(self, candidate: str) -> list[Seen]:
        """The last requests that a candidate has got, oldest first."""
        return list(self._seen[candidate])

    def calls(self, candidate: str | None = None) -> int:
        """How many requests a candidate, or all of them, has got."""
        return sum(self._calls.values()) if candidate is None else self._calls[candidate]

    def forget(self) -> None:
        """Empties what `seen` and `calls` tell."""
        for kept in self._seen.values():
            kept.clear()
        self._calls = dict.fromkeys(self.candidates, 0)

    # --- routes -----------------------------------------------------------------------------------------------

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        model = self._any_model(request.match_info["provider"])
        if model is None:
            raise web.HTTPNotFound
        try:
            body = _body(await request.read())
            named = body.get("model")
            found = self.models.get((request.match_info["provider"], named)) if isinstance(named, str) else None
            if found is None:
                unknown = attrs.evolve(model, name=str(named))
                return refused(unknown, BadRequest("model_not_found", "", "model"))
            brought = self._brought_by(request, body, found.candidate)
        except BadRequest as bad:
            return refused(model, bad)
        return await self._answered(request, found, body, brought)

    async def _answered(
        self, request: web.Request, model: Model, body: Mapping[str, Any], brought: list[Script]
    ) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        began = loop.time()
        # Each script counts the call, also where the fault of another happens.
        happening = [script.next(began) for script in (*brought, self._scripts[model.candidate])]
        fault = next(filter(None, happening), None)
        seen = Seen(
            candidate=model.candidate,
            at=began - self._began,
            headers=_without_secrets(request.headers),
            body=body,
            fault=fault.text if fault else None,
        )
        self._seen[model.candidate].append(seen)
        self._calls[model.candidate] += 1
        exchange = Exchange(request=request, model=model, body=body, fault=fault, pace=self.pace)
        try:
            return await exchange.run(lambda: answer(model, body, self.seed))
        except Closed:
            return web.Response()  # which nobody gets: the connection is closed
        except ConnectionError:
            seen.closed_ms = (loop.time() - began) * 1000.0
            return web.Response()
        except asyncio.CancelledError:
            if not self._closing:
                seen.closed_ms = (loop.time() - began) * 1000.0
            raise
        finally:
            seen.status, seen.pieces = exchange.status, exchange.pieces
            seen.ended_ms = (loop.time() - began) * 1000.0

    def _brought_by(self, request: web.Request, body: Mapping[str, Any], candidate: str) -> list[Script]:
        """The scripts of the faults that a request brings for a candidate. Raises `BadRequest`."""
        texts = [*request.headers.getall(HEADER, ()), *_texts(body.get(MEMBER, []))]
        scripts = []
        for text in texts:
            assigned = text if "=" in text.partition(":")[0] else f"{candidate}={text}"
            try:
                faults = faults_of([assigned], self.candidates).get(candidate)
            except Refused as wrong:
                raise BadRequest("bad_request", str(wrong), MEMBER) from wrong
            if faults is not None:
                key = (candidate, text)
                scripts.append(self._brought.setdefault(key, Script(candidate, faults, self.seed)))
                self._brought.move_to_end(key)
        while len(self._brought) > MOST_SCRIPTS:
            self._brought.popitem(last=False)
        return scripts

    def _any_model(self, provider: str) -> Model | None:
        """A model of a provider, for what does not depend on which."""
        return next((model for (at, _), model in self.models.items() if at == provider), None)

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        models = [_shown(model) for (at, _), model in self.models.items() if at == request.match_info["provider"]]
        if not models:
            raise web.HTTPNotFound
        return json_response(200, json.dumps({"object": "list", "data": models}).encode())

    async def _one_model(self, request: web.Request) -> web.StreamResponse:
        provider, name = request.match_info["provider"], request.match_info["model"]
        model = self.models.get((provider, name))
        if model is not None:
            return json_response(200, json.dumps(_shown(model)).encode())
        other = self._any_model(provider)
        if other is None:
            raise web.HTTPNotFound
        return refused(attrs.evolve(other, name=name), BadRequest("model_not_found", "", "model"))

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        model = self._any_model(request.match_info["provider"])
        if model is None:
            raise web.HTTPNotFound
        return refused(model, BadRequest("not_found", f"{request.method} {request.path}"))


def _shown(model: Model) -> dict[str, object]:
    return {"id": model.name, "object": "model", "created": CREATED, "owned_by": model.provider}


def _body(raw: bytes) -> dict[str, Any]:
    """The decoded body of a request. Raises `BadRequest`."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadRequest("bad_request", "the body is not JSON.") from None
    if not isinstance(body, dict):
        raise BadRequest("bad_request", "the body is not an object.")
    return body


def _texts(brought: object) -> list[str]:
    """The faults that a body brings. Raises `BadRequest`."""
    listed = [brought] if isinstance(brought, str) else brought
    texts = [text for text in listed if isinstance(text, str)] if isinstance(listed, list) else None
    if texts is None or texts != listed or len(texts) > MOST_BROUGHT:
        raise BadRequest("bad_request", f"`{MEMBER}` must be a text or a list of {MOST_BROUGHT} at most.", MEMBER)
    return texts


def _without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): "***" if name.lower() in _SECRETS else value for name, value in headers.items()}
