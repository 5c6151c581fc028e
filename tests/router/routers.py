"""A whole router over the sandbox, with sockets, and clients that call it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import attrs

from policy_ir.router.sandbox import Sandbox, read_faults
from policy_ir.router.server import Running, running
from policy_ir.trace.record import Trace
from policy_ir.trace.store import Store

QUESTION: list[dict[str, Any]] = [{"role": "user", "content": "Where is my order?"}]


@attrs.frozen
class Got:
    """A response: its status, headers and text."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> dict[str, Any]:
        made: dict[str, Any] = self.json["error"]
        return made

    @property
    def account(self) -> dict[str, Any]:
        made: dict[str, Any] = self.json["policy_ir"]
        return made

    @property
    def events(self) -> list[str]:
        """The data of the events of a stream."""
        return [line.removeprefix("data: ") for line in self.text.split("\n") if line.startswith("data: ")]

    @property
    def chunks(self) -> list[dict[str, Any]]:
        """The events of a stream but for its end."""
        return [json.loads(event) for event in self.events if event != "[DONE]"]

    @property
    def said(self) -> str:
        """What a stream says."""
        choices = [choice for chunk in self.chunks for choice in chunk.get("choices", ())]
        return "".join(choice["delta"].get("content") or "" for choice in choices)


@attrs.frozen
class Router:
    """A router under test."""

    running: Running
    sandbox: Sandbox
    store: Store
    session: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return self.running.url

    async def get(self, path: str, **headers: str) -> Got:
        return await self.ask("GET", path, headers=headers)

    async def ask(self, method: str, path: str, **more: Any) -> Got:
        async with self.session.request(method, self.url + path, allow_redirects=False, **more) as response:
            return Got(response.status, dict(response.headers), await response.text())

    async def chat(self, model: str = "policy:resilient", headers: Any = None, **body: Any) -> Got:
        made = {"model": model, "messages": QUESTION, **body}
        return await self.ask("POST", "/v1/chat/completions", json=made, headers=headers)

    def trace(self, of: Got) -> Trace:
        """The trace of a call, from the store."""
        found = self.store.get(of.headers["x-policy-ir-trace"])
        assert found is not None
        return found


@asynccontextmanager
async def a_router(folder: Path, *faults: str, pace: float = 0.0, **changes: Any) -> AsyncIterator[Router]:
    """A router over simulated providers that answer at once; `changes` are of its configuration."""
    store = Store.open(f"sqlite:///{folder / 'traces.db'}")
    async with (
        Sandbox(faults=read_faults(faults), pace=pace) as sandbox,
        running(sandbox.config(**{"port": 0, **changes}), store) as router,
        aiohttp.ClientSession(auto_decompress=False) as session,
    ):
        yield Router(router, sandbox, Store.open(f"sqlite:///{folder / 'traces.db'}"), session)
