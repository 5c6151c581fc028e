"""A flow on its way: its nodes are called as the core says, several at a time, within one deadline and one budget.

Nothing is decided here. Which node may be called, what it sends, by which facts and which seed, and what its answer
makes of the flow is the core's (`policy_ir.flow`); how one call goes along its order is `Course`'s. This module runs
the calls, cancels what runs when one has failed, and notes each for the trace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from policy_ir.diagnostics import Refused
from policy_ir.flow.calls import facts_of_node, request_of, seed_of_node
from policy_ir.flow.configuration import Returned
from policy_ir.flow.cost import cost_at
from policy_ir.flow.scheduler import Progress
from policy_ir.flow.values import text_of_message
from policy_ir.router.body import INLINE, ChatRequest
from policy_ir.router.call import SETTLE_S, Course, Exhausted, Interrupted, NoCandidate, deadline_of
from policy_ir.router.upstream import Failure, Reply
from policy_ir.router.withheld import findings_withheld
from policy_ir.trace.record import Cost, Outcome

if TYPE_CHECKING:
    from policy_ir.diagnostics import Diagnostic
    from policy_ir.facts import Facts
    from policy_ir.router.plan import FlowPlan
    from policy_ir.router.relay import Sink
    from policy_ir.router.upstream import Upstream
    from policy_ir.router.world import World
    from policy_ir.trace.parts import Part

__all__ = ["OVER_BUDGET", "FlowCourse", "FlowFailed", "NodeCall"]

OVER_BUDGET: Final = "budget_exceeded"

SLACK_S: Final = 0.002
"""Seconds before the deadline from which on a timeout is that of the flow."""

LARGE_REQUEST: Final = 256 * 1024
"""The facts of a request of more bytes than these are derived beside the event loop, which then has a turn between it
and the next one."""

MOST_TEXT: Final = 64 * 1024 * 1024
"""The most characters of answers, and of inputs that are under way or were passed on, that one flow keeps together."""


class FlowFailed(Exception):
    """A node has failed, and the flow with it. `failure` says why, None where the reason alone does."""

    def __init__(self, node: str, reason: str, failure: Failure | None, *, begun: bool = False) -> None:
        super().__init__(f"{node}: {reason}")
        self.node, self.reason, self.failure, self.begun = node, reason, failure, begun


class OverBudget(Exception):
    """A call would cost more than is left of the flow's budget, or nobody knows what."""


@attrs.define(eq=False)
class NodeCall:
    """The call of one node.

    `started` is a time of the event loop. `course` is None until it is decided, `ended_ms` until it is over; `outcome`
    is then what came of it, and `passed` whether its input was passed on for it. `text` is what it has answered, but
    for what was streamed. `response` is the answer, where the configuration says that answers are kept. `input` counts
    the characters that were put together for it, and `findings` are those of a request that has no facts.
    """

    name: str
    started: float
    course: Course | None = None
    outcome: Outcome = "cancelled"
    reason: str | None = None
    failure: Failure | None = None
    findings: tuple[Diagnostic, ...] = ()
    passed: bool = False
    ended_ms: float | None = None
    text: str = ""
    input: int = 0
    response: dict[str, Any] | None = None
    parts: tuple[Part, ...] | None = None

    @property
    def cost(self) -> Cost:
        """What its hops cost so far."""
        return Cost() if self.course is None else self.course.cost


class FlowCourse:
    """A flow that was admitted and bound: `calls` has what came of each node so far, in the order of their starts.

    `stated` are the facts that caller and host state for the whole flow. `size` is that of the caller's body in bytes.
    `started` and `deadline` are times of the event loop, in seconds; `at` is when it began, in Unix time. `beside` has
    work done in a thread.
    """

    def __init__(
        self,
        world: World,
        plan: FlowPlan,
        request: ChatRequest,
        stated: Mapping[str, Any],
        seed: int | None,
        *,
        size: int,
        id: str,
        at: float,
        started: float,
        now: Callable[[], float],
        beside: Callable[[Callable[[], Facts]], Awaitable[Facts]],
    ) -> None:
        self.world, self.plan, self.request, self.stated, self.seed = world, plan, request, stated, seed
        self.size, self.id, self.at, self.started, self._now, self._beside = size, id, at, started, now, beside
        self.deadline = deadline_of(world.config.limits, request.options, started)
        self.calls: dict[str, NodeCall] = {}
        self.text: str | None = None
        """What the flow returned."""
        self.reply: Reply | None = None
        """The answer of the last node, where it came as a whole."""
        self.chunk: dict[str, Any] | None = None
        """The last piece of the answer of the last node, where it was streamed; it is not sent yet."""
        self.ended: tuple[Outcome, str | None] | None = None
        """What came of it, and why it has failed; None until that is known, and on its way to the store."""
        self.failed: FlowFailed | None = None
        self._progress = Progress(plan.admitted, request.body["messages"])
        self._reserved: dict[str, float] = {}
        self._kept = 0

    # --- what others read -------------------------------------------------------------------------------------

    @property
    def last(self) -> Course | None:
        """The call of the last node, None until it is decided."""
        call = self.calls.get(self.plan.admitted.last)
        return None if call is None else call.course

    @property
    def chosen(self) -> str | None:
        """The id of the candidate whose answer the caller gets or has got a part of."""
        last = self.last
        return None if last is None else last.chosen

    @property
    def cost(self) -> Cost:
        """What all hops of all nodes cost so far."""
        return Cost.total(call.cost for call in self.calls.values())

    @property
    def attempts(self) -> int:
        """How many hops there have been."""
        return sum(len(call.course.hops) for call in self.calls.values() if call.course is not None)

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since the call came."""
        return (self._now() - self.started) * 1000

    def settle(self, call: NodeCall) -> tuple[Part, ...]:
        """What a trace names of a call that was decided, by fingerprint. Nobody has to wait for it while a provider is
        busy."""
        course = call.course
        assert course is not None
        if call.parts is None:
            _ = course.choice.fingerprint
            call.parts = *course.plan.parts, *self.world.state_parts(course.overlay)
        return call.parts

    # --- its run ----------------------------------------------------------------------------------------------

    async def run(self, upstream: Upstream, sink: Sink | None = None) -> None:
        """Call all nodes, and the last with a sink for the pieces of its answer if there is one.

        Afterwards there is `text`, and `reply` or `chunk` unless the last node was passed. Raises `FlowFailed`; nothing
        runs any more then, as after every other exception.
        """
        running: dict[asyncio.Task[None], NodeCall] = {}
        try:
            while True:
                await self._start(upstream, sink, running)
                if not running:
                    break
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in [one for one in running if one in done]:
                    self._settle(running.pop(task), task)
                self._stop_at_failure()
        finally:
            await self._cancel(running)
        outcome = self._progress.outcome
        assert isinstance(outcome, Returned)
        self.text = outcome.text

    async def _start(self, upstream: Upstream, sink: Sink | None, running: dict[asyncio.Task[None], NodeCall]) -> None:
        """Start what can be, in the order of the names, up to the most that may run."""
        names = self._progress.startable()
        self._stop_at_failure()
        for name in names[: self.world.config.limits.flow_nodes - len(running)]:
            given = self._progress.run(name)
            made = 0 if self._shared(name) else len(given.text)
            if self._kept + made > MOST_TEXT:
                self._progress.declined(name, "context_overflow", pass_on=False)
                self._stop_at_failure()
            self._kept += made
            call = self.calls[name] = NodeCall(name, self._now(), input=made)
            running[asyncio.create_task(self._call(call, given.messages, upstream, sink))] = call
            if made > LARGE_REQUEST:
                await asyncio.sleep(0)

    def _shared(self, name: str) -> bool:
        """Whether a node is sent the caller's messages as they are, of which there is one copy."""
        node = self.plan.admitted.flow.calls[name]
        return node.template is None and node.inputs == (self.plan.admitted.input,)

    def _stop_at_failure(self) -> None:
        """Raise `FlowFailed` if a node has failed: of several the first by name."""
        failures = self._progress.configuration.failures
        if failures:
            node, reason = failures[0]
            call = self.calls.get(node)
            begun = call is not None and call.outcome == "interrupted"
            self.failed = FlowFailed(node, reason, None if call is None else call.failure, begun=begun)
            raise self.failed

    def _settle(self, call: NodeCall, task: asyncio.Task[None]) -> None:
        """Tell the core what came of a call. Raises what is no failure of a call."""
        wrong = self._noted(call, task)
        if wrong is not None:
            raise wrong
        if call.outcome == "ok":
            self._kept += len(call.text) - call.input
            self._progress.answered(call.name, call.text)
            return
        assert call.reason is not None
        # What is the router's own, and what the caller has seen a part of, is not passed on.
        own = call.reason == OVER_BUDGET or (call.reason == "timeout" and self._late())
        self._progress.declined(call.name, call.reason, pass_on=not own and call.outcome != "interrupted")
        call.passed = call.name not in dict(self._progress.configuration.failures)

    def _noted(self, call: NodeCall, task: asyncio.Task[None]) -> BaseException | None:
        """Note what came of a call that has ended; what is no failure of a call is given back."""
        self._reserved.pop(call.name, None)
        call.ended_ms = (self._now() - call.started) * 1000
        if task.cancelled():
            return asyncio.CancelledError()
        wrong = task.exception()
        match wrong:
            case None:
                call.outcome = "ok"
            case NoCandidate():
                call.outcome = call.reason = "no_candidate"
            case Exhausted(failure=failure):
                call.outcome, call.reason, call.failure = "failed", failure.reason, failure
            case Interrupted(failure=failure):  # the caller has a part of it
                call.outcome, call.reason, call.failure = "interrupted", failure.reason, failure
            case OverBudget():
                call.outcome, call.reason = "failed", OVER_BUDGET
            case Refused(diagnostics=found):  # of what was put together no facts are derived
                call.outcome, call.reason, call.findings = "failed", "bad_request", found
                call.failure = Failure("bad_request", None, findings_withheld(found[:1])[0].message)
            case ConnectionError():  # the caller does not read any more
                return wrong
            case _:
                call.outcome, call.reason = "failed", "unknown"
                return wrong
        return None

    async def _cancel(self, running: Mapping[asyncio.Task[None], NodeCall]) -> None:
        """Cancel what runs, and wait until each has noted what was spent."""
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        for task, call in running.items():
            self._noted(call, task)

    def _late(self) -> bool:
        return self._now() + SLACK_S >= self.deadline

    # --- one node ---------------------------------------------------------------------------------------------

    async def _call(
        self, call: NodeCall, messages: Sequence[Mapping[str, Any]], upstream: Upstream, sink: Sink | None
    ) -> None:
        """Decide a node, and send it. Raises `NoCandidate`, `Exhausted`, `Interrupted`, `OverBudget`, `Refused`."""
        request = self._request(call.name, messages)
        facts = await self._facts(call, request)
        # From here to the first attempt nothing waits: a probe of a breaker is taken by one call only.
        course = call.course = Course(
            self.world,
            self.plan.nodes[call.name],
            request,
            facts,
            seed_of_node(self.seed, call.name),
            id=self.id,
            at=self.at + call.started - self.started,
            started=call.started,
            now=self._now,
            deadline=self.deadline,
        )
        if self._late():
            raise Exhausted(Failure("timeout", None, "no time was left for it", None))
        self._reserve(call.name, course)
        asyncio.get_running_loop().call_later(SETTLE_S, self.settle, call)
        if request.stream and sink is not None:
            self.chunk = await course.stream(upstream, sink)
        else:
            reply = await course.answer(upstream)
            call.text = _said(reply.json)
            if call.name == self.plan.admitted.last:
                self.reply = reply
            if self.world.config.traces.prompts:
                call.response = reply.json

    def _request(self, name: str, messages: Sequence[Mapping[str, Any]]) -> ChatRequest:
        """What a node asks: the caller's body is for the last one, and so is the time to its first content."""
        flow, options = self.plan.admitted, self.request.options
        last = name == flow.last
        body = request_of(flow, name, self.request.body, messages)
        options = options if last else attrs.evolve(options, first_token_ms=None)
        return ChatRequest(body=body, model=INLINE, term=None, options=options, stream=last and self.request.stream)

    async def _facts(self, call: NodeCall, request: ChatRequest) -> Facts:
        derived = partial(facts_of_node, self.plan.admitted, call.name, request.body, self.stated)
        return await self._beside(derived) if max(self.size, call.input) > LARGE_REQUEST else derived()

    def _reserve(self, name: str, course: Course) -> None:
        """Set aside what a call may cost, as far as that is known. Raises `OverBudget`."""
        budget, winner = self.request.options.flow_budget, course.choice.winner
        if budget is None or winner is None:
            return
        cost = cost_at(course.overlay.snapshot, course.facts, winner)
        # Of a call that runs, what it may cost counts until more has been spent for it.
        spent = sum(max(call.cost.usd, self._reserved.get(call.name, 0.0)) for call in self.calls.values())
        if cost is None or spent + cost > budget:
            raise OverBudget
        self._reserved[name] = cost


def _said(answer: Mapping[str, Any]) -> str:
    """The text of an answer: that of the message of its first choice.

    Half a character, which is no text and which no request can have, is written as it is where answers are encoded.
    """
    message = answer["choices"][0].get("message")
    text = text_of_message(message) if isinstance(message, dict) else ""
    return text.encode("utf-8", "replace").decode("utf-8")
