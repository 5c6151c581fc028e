"""Runs a flow once by a router of its own, on a port of the loopback address that nobody else is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import attrs

from policy_ir.cli.exits import Exit
from policy_ir.cli.screen import Format, report
from policy_ir.cli.stores import open_store
from policy_ir.flow.values import text_of_message
from policy_ir.report.flow_picture import NodeLook, NodeOutcome
from policy_ir.router.body import FLOW
from policy_ir.router.config import Config, NamedFlow, load_config
from policy_ir.router.config_findings import NAME
from policy_ir.router.sandbox import Sandbox, read_faults
from policy_ir.router.sandbox_world import sandbox_vocabulary
from policy_ir.router.server import running

if TYPE_CHECKING:
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.router.sandbox_faults import Fault
    from policy_ir.trace.store import Store
    from policy_ir.vocabulary import Vocabulary

__all__ = ["Ran", "Where", "asked", "configured", "run_flow", "simulated"]

OUTCOMES: Final[Mapping[str, NodeOutcome]] = {"ok": "done", "passed": "passed", "cancelled": "cancelled"}
"""What the account of a node calls what a picture shows; everything else has failed."""


@attrs.frozen(slots=True, kw_only=True)
class Where:
    """The providers that a flow runs over: those of a configuration, or simulated ones, with faults, at a pace."""

    vocabulary: Vocabulary
    config: Config | None = None
    faults: Mapping[str, tuple[Fault, ...]] = attrs.field(factory=dict)
    pace: float = 1.0


@attrs.frozen(slots=True, kw_only=True)
class Ran:
    """What came of it: the status, the answer or the error as JSON, and the text, None where there is none."""

    status: int
    answer: Mapping[str, Any]
    text: str | None

    @property
    def code(self) -> Exit:
        """The exit code: a flow that fails is a check that does not hold."""
        return Exit.FINE if self.ok else Exit.REFUSED if self.status == 400 else Exit.DOES_NOT_HOLD

    @property
    def ok(self) -> bool:
        """Whether the flow has returned."""
        return "error" not in self.answer

    @property
    def account(self) -> Mapping[str, Any]:
        """What the router says of the flow; empty where it was never run."""
        held = self.answer if self.ok else self.answer["error"]
        account: Mapping[str, Any] = held.get("policy_ir") or {}
        return account

    @property
    def looks(self) -> Mapping[str, NodeLook]:
        """What became of the calls that were started."""
        return {name: _look(node) for name, node in self.account.get("nodes", {}).items()}


def _look(node: Mapping[str, Any]) -> NodeLook:
    ended = node.get("ended_ms")
    return NodeLook(
        outcome=OUTCOMES.get(node["outcome"], "failed"),
        candidate=node.get("candidate"),
        ms=None if ended is None else ended - node["started_ms"],
        usd=node.get("cost_usd") if node.get("cost_basis") != "none" else None,
        reason=node.get("reason"),
    )


def simulated(faults: list[str], pace: float) -> Where:
    """The sandbox. Raises `Refused` for what is no fault."""
    return Where(vocabulary=sandbox_vocabulary(), faults=read_faults(faults), pace=pace)


def configured(path: str) -> Where:
    """The providers of a configuration, without its keys and its address. Raises `Refused`."""
    config = load_config(path)
    if config.warnings:
        report(config.warnings, config.document, Format.HUMAN)
    return Where(vocabulary=config.vocabulary, config=config)


def asked(body: object, *, stream: bool, seed: int | None, budget: float | None) -> object:
    """The body as it is sent, with what the command says of it; its model is put in later."""
    if not isinstance(body, dict):
        return body
    said = {"seed": seed, "flow_budget": budget}
    options = {name: value for name, value in said.items() if value is not None}
    given = body.get("policy_options")
    options = {**given, **options} if isinstance(given, dict) else options
    return {**body, "stream": stream, **({"policy_options": options} if options else {})}


def run_flow(
    where: Where,
    flow: AdmittedFlow,
    name: str,
    body: object,
    *,
    store: str | None,
    write: Callable[[str], None] | None,
) -> Ran:
    """The answer of a flow to a body; its trace is kept in a store.

    `name` is what traces call it. Pieces of a stream go to `write`. Raises `Refused` for a flow that these providers
    cannot run.
    """
    called = name if NAME.fullmatch(name) else "flow"
    kept = open_store(where.config.traces.url if store is None and where.config is not None else store, create=True)
    sent = {**body, "model": FLOW + called} if isinstance(body, dict) else body
    return asyncio.run(_ran(where, NamedFlow(name=called, admitted=flow), kept, sent, write))


async def _ran(where: Where, named: NamedFlow, store: Store, body: object, write: Callable[[str], None] | None) -> Ran:
    async with AsyncExitStack() as stack:
        config = where.config
        if config is None:
            config = (await stack.enter_async_context(Sandbox(faults=where.faults, pace=where.pace))).config()
        own = attrs.evolve(config, host="127.0.0.1", port=0, keys={}, flows={named.name: named})
        router = await stack.enter_async_context(running(own, store, sandbox=where.config is None))
        client = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)))
        url = f"{router.url}/v1/chat/completions"
        async with client.post(url, json=body) as response:
            if write is not None and response.status == 200:
                return await _streamed(response, write)
            answer = json.loads(await response.read())
            return Ran(status=response.status, answer=answer, text=_text(answer))


def _text(answer: Mapping[str, Any]) -> str | None:
    """The text of an answer; calls of tools as JSON."""
    if "error" in answer:
        return None
    message = answer["choices"][0]["message"]
    calls = message.get("tool_calls")
    return json.dumps(calls, ensure_ascii=False, indent=2) if calls else text_of_message(message)


async def _streamed(response: aiohttp.ClientResponse, write: Callable[[str], None]) -> Ran:
    """The last event of a stream, the pieces of the text written on the way."""
    last: dict[str, Any] = {}
    pieces = []
    async for line in response.content:
        data = line.strip().removeprefix(b"data: ")
        if not data or data == b"[DONE]":
            continue
        last = json.loads(data)
        for choice in last.get("choices", ()):
            if piece := choice["delta"].get("content"):
                pieces.append(piece)
                write(piece)
    return Ran(status=response.status, answer=last, text="".join(pieces))
