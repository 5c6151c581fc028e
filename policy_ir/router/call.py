"""One call on its way: decided once, then tried along the order as the failure plan says, within bounds.

Nothing is decided here. Who comes first and who comes next is the core's (`Choice`), what an attempt came to is the
upstream's (`Failure`); this module holds them to the deadline and to the most attempts, waits what the plan or the
provider says, tells the state what was seen, and notes each hop for the trace.
"""

from __future__ import annotations

import json
from asyncio import sleep
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from policy_ir.diagnostics import InternalError
from policy_ir.router.accounts import cost_of, estimated_tokens, tokens_of
from policy_ir.router.completion import content_bytes, model_of
from policy_ir.router.relay import Relay, Sink
from policy_ir.router.state import REQUEST_FAULTS, Dispatch
from policy_ir.router.upstream import Chunk, Failed, Failure, Reply, Upstream
from policy_ir.trace.record import Cost, Hop, HopOutcome, Outcome

if TYPE_CHECKING:
    from policy_ir.evaluator import Choice, Overlay
    from policy_ir.facts import Facts
    from policy_ir.failover import Next
    from policy_ir.router.body import ChatRequest, Options
    from policy_ir.router.config import Endpoint, Limits, Timeouts
    from policy_ir.router.plan import Plan
    from policy_ir.router.world import World

__all__ = ["GRACE_S", "SETTLE_S", "Course", "Exhausted", "Interrupted", "NoCandidate", "deadline_of"]

T = TypeVar("T")

CHAT: Final = "/chat/completions"
"""Where an endpoint takes chat calls, under its URL."""

SETTLE_S: Final = 0.001
"""Seconds after which the rest of a decision is worked out, while a provider is busy with the call."""

GRACE_S: Final = 5.0
"""Seconds beyond its deadline that a call has to hand over what it has."""

SPENT: Final = 1_000_000
"""More retries than any plan allows: what comes after the last of them."""

_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

NO_COST: Final = Cost()


class NoCandidate(Exception):
    """Nobody may be tried."""


class Exhausted(Exception):
    """Nobody is left to try, or no time: the call has failed, and the caller has seen nothing of an answer."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class Interrupted(Exception):
    """A provider has failed in the middle of an answer that the caller has seen a part of."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


def deadline_of(limits: Limits, options: Options, started: float) -> float:
    """When a call has to have ended, as a time of the event loop."""
    total = limits.total_ms
    if options.deadline_ms is not None:
        total = min(total, options.deadline_ms)
    return started + total / 1000


@attrs.define(eq=False)
class _Attempt:
    """A hop under way."""

    number: int
    position: int
    retries: int
    index: int
    started: float
    timeouts: Timeouts
    body: bytes
    sent: Dispatch
    own_usage: bool
    choices: int
    first_byte_ms: float | None = None
    first_token_ms: float | None = None
    content_bytes: int = 0
    usage: dict[str, Any] | None = None


class Course:
    """A call that was decided: `choice` says for whom, `hops` what has come of it so far.

    `started` and `deadline` are times of the event loop, in seconds; `at` is when it began, in Unix time. Without a
    deadline it has that of its options and of the configuration.
    """

    def __init__(
        self,
        world: World,
        plan: Plan,
        request: ChatRequest,
        facts: Facts,
        seed: int | None,
        *,
        id: str,
        at: float,
        started: float,
        now: Callable[[], float],
        deadline: float | None = None,
    ) -> None:
        self.world, self.plan, self.request, self.facts, self.seed = world, plan, request, facts, seed
        self.id, self.at, self.started, self._now = id, at, started, now
        self.overlay: Overlay = world.state.overlay()
        self.choice: Choice = plan.bound.decide(facts, self.overlay, seed)
        self.hops: list[Hop] = []
        self._relay: Relay | None = None
        self.deadline = deadline_of(world.config.limits, request.options, started) if deadline is None else deadline
        self.trying: str | None = None
        """The id of the candidate that is being tried."""
        self.model: str | None = None
        """The model that the answer says it is of."""
        self.ended: tuple[Outcome, str | None] | None = None
        """What came of it, and why it has failed; None until that is known, and on its way to the store."""
        self._disabled: set[str] = set()

    # --- what others read -------------------------------------------------------------------------------------

    @property
    def begun(self) -> bool:
        """Whether the caller has seen a part of an answer."""
        return self._relay is not None and self._relay.begun

    @property
    def chosen(self) -> str | None:
        """The id of the candidate whose answer the caller gets or has got a part of."""
        last = self.hops[-1] if self.hops else None
        return last.candidate if last is not None and (last.outcome == "ok" or self.begun) else None

    @property
    def cost(self) -> Cost:
        """What all hops together cost; the basis is the weakest of those that cost anything."""
        return self.hops[0].cost if len(self.hops) == 1 else Cost.total(hop.cost for hop in self.hops)

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since the call came."""
        return (self._now() - self.started) * 1000

    # --- the two ways to an answer ----------------------------------------------------------------------------

    async def answer(self, upstream: Upstream) -> Reply:
        """The answer as a whole. Raises `NoCandidate`, `Exhausted`."""

        async def tried(attempt: _Attempt, endpoint: Endpoint) -> Reply:
            reply = await upstream.answer(
                endpoint,
                CHAT,
                attempt.body,
                timeouts=attempt.timeouts,
                deadline=self.deadline,
                request_id=self.id,
            )
            attempt.first_byte_ms = attempt.first_token_ms = reply.first_byte_ms
            attempt.usage = reply.usage
            attempt.content_bytes = content_bytes(reply.json)
            self.model = model_of(reply.json)
            return reply

        return await self._along(tried)

    async def stream(self, upstream: Upstream, sink: Sink) -> dict[str, Any]:
        """The answer in pieces, each to the sink; the value of the last one, which is not sent yet.

        Raises `NoCandidate`, `Exhausted` before the sink has begun, and `Interrupted` after.
        """

        async def tried(attempt: _Attempt, endpoint: Endpoint) -> dict[str, Any]:
            relay = self._relay = Relay(sink, own_usage=attempt.own_usage)
            pieces = upstream.stream(
                endpoint,
                CHAT,
                attempt.body,
                timeouts=attempt.timeouts,
                deadline=self.deadline,
                request_id=self.id,
                choices=attempt.choices,
            )
            async with aclosing(pieces):
                async for chunk in pieces:
                    self._note(attempt, chunk)
                    await relay.take(chunk)
            if relay.last is None:
                raise InternalError("a stream was complete without the end of a choice")
            self.model = model_of(relay.last.value)
            return relay.last.value

        return await self._along(tried)

    def _note(self, attempt: _Attempt, chunk: Chunk) -> None:
        """What a chunk says of time and tokens."""
        elapsed = (self._now() - attempt.started) * 1000
        if attempt.first_byte_ms is None:
            attempt.first_byte_ms = elapsed
        if chunk.content:
            if attempt.first_token_ms is None:
                attempt.first_token_ms = elapsed
            attempt.content_bytes += content_bytes(chunk.value)
        if chunk.usage is not None:
            attempt.usage = chunk.usage

    # --- along the order --------------------------------------------------------------------------------------

    async def _along(self, tried: Callable[[_Attempt, Endpoint], Awaitable[T]]) -> T:
        """Try positions of the order until one answers, as the failure plan says."""
        if self.choice.winner is None:
            raise NoCandidate
        position = retries = 0
        while True:
            attempt = self._attempt(position, retries)
            try:
                result = await tried(attempt, self.world.endpoints[attempt.index])
            except Failed as failed:
                if failed.usage is not None:
                    attempt.usage = failed.usage
                following = self._failed(attempt, failed.failure)
                if following is None:
                    raise (Interrupted if self.begun else Exhausted)(failed.failure) from None
                position, retries, wait = following
                if wait > 0:
                    await sleep(wait / 1000)
            except BaseException:  # the caller has hung up, or there is a fault of ours
                self.world.state.cancelled(attempt.sent)
                self._end(attempt, "cancelled")
                raise
            else:
                self._succeeded(attempt)
                return result

    def _attempt(self, position: int, retries: int) -> _Attempt:
        """Begin a hop: what is sent, and how long it may take."""
        made = self.choice.attempt(position, self.request.body)
        index = self.choice.winner if position == 0 else self.choice.ordered[position].index
        assert index is not None
        endpoint = self.world.endpoints[index]
        request = made.request
        timeouts = endpoint.timeouts
        total = request.pop("timeout_ms", None)
        first = request.pop("first_token_timeout_ms", None)
        if total is not None or first is not None or self.request.options.first_token_ms is not None:
            timeouts = _shortened(timeouts, total, first, self.request.options.first_token_ms)
        request["model"] = self.world.served_models[index]
        own_usage = self.request.stream and endpoint.stream_usage and "stream_options" not in request
        if own_usage:
            request["stream_options"] = {"include_usage": True}
        body = _ENCODE(request).encode("utf-8", "surrogatepass")
        number = len(self.hops)
        choices = request.get("n")
        self.trying = self.world.snapshot.ids[index]
        started = self._now()
        sent = self.world.state.chosen(index)  # last of all, so that its outcome is sure to be told
        return _Attempt(
            number=number,
            position=position,
            retries=retries,
            index=index,
            started=started,
            timeouts=timeouts,
            body=body,
            sent=sent,
            own_usage=own_usage,
            choices=choices if type(choices) is int else 1,
        )

    def _succeeded(self, attempt: _Attempt) -> None:
        hop = self._end(attempt, "ok")
        first = attempt.first_token_ms if self.request.stream else hop.ended_ms
        seconds = max(hop.ended_ms - (attempt.first_token_ms or 0.0 if self.request.stream else 0.0), 1.0) / 1000
        self.world.state.succeeded(
            attempt.sent, first_token_ms=first, tok_s=hop.cost.completion_tokens / seconds or None
        )

    def _failed(self, attempt: _Attempt, failure: Failure) -> tuple[int, int, float] | None:
        """Note a failed hop; the position to go on with, its retries, and the milliseconds to wait. None to stop."""
        reason = failure.reason
        following = self.choice.next(attempt.position, attempt.retries, reason)
        wait = following.wait_ms
        if following.index == attempt.position:
            wait = max(wait, failure.retry_after_ms or 0.0)
            if self._now() + wait / 1000 >= self.deadline:  # it would come back when nobody waits any more
                following, wait = self.choice.next(attempt.position, SPENT, reason), 0.0
        if following.disabled_provider is not None:
            self._disabled.add(following.disabled_provider)
        open_ms = following.open_breaker_ms if self.plan.own and reason not in REQUEST_FAULTS else None
        self.world.state.failed(attempt.sent, reason, retry_after_ms=failure.retry_after_ms, open_ms=open_ms)
        index, action = self._allowed(attempt, following)
        if index is None:
            wait = 0.0
        self._end(attempt, "failed", failure, action, wait)
        return None if index is None else (index, following.retries, wait)

    def _allowed(self, attempt: _Attempt, following: Next) -> tuple[int | None, str]:
        """Where the plan goes on, held to the bounds of this call; and the rules that led there."""
        action = ", ".join(following.rules)
        if following.index is None:
            return None, action
        if self.begun:
            return None, f"{action}; stop: the answer had begun"
        if len(self.hops) + 1 >= self.world.config.limits.attempts:
            return None, f"{action}; stop: no attempt is left"
        if self._now() >= self.deadline:
            return None, f"{action}; stop: no time is left"
        if following.index == attempt.position or not self._disabled:
            return following.index, action
        snapshot, ordered = self.world.snapshot, self.choice.ordered
        same = "next_provider_same_model/advance" in following.rules
        here = attempt.index
        for position in range(following.index, len(ordered)):
            there = ordered[position].index
            provider = snapshot.provider(there)
            if provider in self._disabled:
                continue
            if same and (snapshot.family(there) != snapshot.family(here) or provider == snapshot.provider(here)):
                continue
            return position, action
        return None, f"{action}; stop: the rest is of disabled providers"

    def _end(
        self,
        attempt: _Attempt,
        outcome: HopOutcome,
        failure: Failure | None = None,
        action: str | None = None,
        wait: float = 0.0,
    ) -> Hop:
        """Note a hop that has ended."""
        hop = Hop(
            number=attempt.number,
            position=attempt.position,
            retries=attempt.retries,
            candidate=self.world.snapshot.ids[attempt.index],
            provider=self.world.endpoints[attempt.index].name,
            started_ms=(attempt.started - self.started) * 1000,
            first_byte_ms=attempt.first_byte_ms,
            first_token_ms=attempt.first_token_ms,
            ended_ms=(self._now() - attempt.started) * 1000,
            outcome=outcome,
            status=200 if outcome == "ok" else None if failure is None else failure.status,
            reason=None if failure is None else failure.reason,
            message=None if failure is None else failure.message,
            action=action,
            waited_ms=wait,
            cost=self._cost(attempt, outcome),
        )
        self.hops.append(hop)
        return hop

    def _cost(self, attempt: _Attempt, outcome: str) -> Cost:
        """What a hop cost: by the provider's account if it gave a sound one, else by what was seen of the answer."""
        prices = self.world.prices[attempt.index]
        tokens = tokens_of(attempt.usage)
        if tokens is not None:
            return cost_of(tokens, "usage", prices)
        if outcome != "ok" and not attempt.content_bytes:
            return NO_COST
        return cost_of(estimated_tokens(self.facts, attempt.content_bytes), "estimate", prices)


def _shortened(timeouts: Timeouts, total: Any, *first: Any) -> Timeouts:
    """Timeouts that are at most those of a request, in milliseconds; None sets none."""
    firsts = [timeouts.first_token_ms, *(one for one in first if _is_time(one))]
    totals = [timeouts.total_ms, *([total] if _is_time(total) else [])]
    return attrs.evolve(timeouts, first_token_ms=min(firsts), total_ms=min(totals))


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
