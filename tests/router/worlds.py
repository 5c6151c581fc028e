"""A router's world without sockets: the candidates of the sandbox, and a provider that says what a test tells it to."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import attrs

from policy_ir.chat import facts_of_chat
from policy_ir.router.body import ChatRequest, read_chat
from policy_ir.router.call import Course
from policy_ir.router.config import Config, Endpoint, Limits
from policy_ir.router.sandbox_world import sandbox_catalogue, sandbox_policies, sandbox_vocabulary
from policy_ir.router.upstream import Chunk, Failed, Failure, Reply
from policy_ir.router.world import World

ANSWER: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
}


def config(**changes: Any) -> Config:
    """A configuration over the sandbox's candidates, whose endpoints nobody listens at."""
    catalogue = sandbox_catalogue()
    names = dict.fromkeys(candidate.served_by for candidate in catalogue.listed)
    return Config(
        **{
            "vocabulary": sandbox_vocabulary(),
            "catalogue": catalogue,
            "providers": {name: Endpoint(name=name, url=f"http://127.0.0.1:9/{name}") for name in names},
            "policies": sandbox_policies(),
            **changes,
        }
    )


def failure(reason: str, *, retry_after_ms: float | None = None, status: int | None = 500) -> Failure:
    return Failure(reason, status, f"it was {reason}", retry_after_ms)


def piece(text: str | None = None, *, end: bool = False, usage: Mapping[str, int] | None = None) -> Chunk:
    """A piece of a streamed answer."""
    delta = {"role": "assistant"} if text is None and not end else {} if text is None else {"content": text}
    choices = [] if usage is not None else [{"index": 0, "delta": delta, "finish_reason": "stop" if end else None}]
    value = {"id": "c", "choices": choices, **({} if usage is None else {"usage": dict(usage)})}
    return Chunk(json.dumps(value).encode(), value, text is not None, None if usage is None else dict(usage), end)


@attrs.define
class Scripted:
    """An upstream that gives, attempt by attempt, an answer, pieces of one, or a failure. `sent` is what it got."""

    script: list[Any]
    now: list[float]
    takes_s: float = 0.1
    sent: list[tuple[str, dict[str, Any]]] = attrs.field(factory=list)
    timeouts: list[Any] = attrs.field(factory=list)

    def _next(self, endpoint: Endpoint, body: bytes, timeouts: Any) -> Any:
        self.sent.append((endpoint.name, json.loads(body)))
        self.timeouts.append(timeouts)
        self.now[0] += self.takes_s
        return self.script.pop(0)

    async def answer(self, endpoint: Endpoint, path: str, body: bytes, *, timeouts: Any, **_: Any) -> Reply:
        said = self._next(endpoint, body, timeouts)
        if isinstance(said, Failure):
            raise Failed(said)
        if isinstance(said, BaseException):
            raise said
        return Reply(json.dumps(said).encode(), said, said.get("usage"), 50.0)

    async def stream(
        self, endpoint: Endpoint, path: str, body: bytes, *, timeouts: Any, **_: Any
    ) -> AsyncGenerator[Chunk, None]:
        for one in self._next(endpoint, body, timeouts):
            if isinstance(one, Failure):
                raise Failed(one)
            if isinstance(one, BaseException):
                raise one
            yield one


def request(model: str = "policy:resilient", **more: Any) -> ChatRequest:
    """A call with one message."""
    body = {"model": model, "messages": [{"role": "user", "content": "Where is my order?"}], **more}
    return read_chat(json.dumps(body).encode())


class Called:
    """A call over a world of its own, and all that can be seen of it. Waits take no time, and are remembered."""

    def __init__(self, script: Sequence[Any], called: ChatRequest | None = None, **changes: Any) -> None:
        limits = {name: changes.pop(name) for name in ("attempts", "total_ms") if name in changes}
        self.now = [100.0]
        self.world = World(config(limits=Limits(**limits), **changes), clock=self.clock)
        self.upstream = Scripted(list(script), self.now)
        self.request = request() if called is None else called
        plan = self.world.plan(self.request, None)
        facts = facts_of_chat(self.request.body, self.world.vocabulary)
        self.course = Course(
            self.world, plan, self.request, facts, None, id="tr_1", at=0.0, started=self.now[0], now=self.clock
        )
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now[0]

    def told(self) -> list[tuple[str, str | None, str | None]]:
        """Candidate, reason and action of each hop."""
        return [(hop.candidate, hop.reason, hop.action) for hop in self.course.hops]
