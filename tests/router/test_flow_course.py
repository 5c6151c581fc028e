"""A flow without sockets: what comes of a node whatever its provider does, and what is left when it is over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import attrs
import pytest
from flow_cases import fan, flow, llm, only, pair
from running import run
from worlds import ANSWER, Scripted, config, failure, piece

from policy_ir.catalogs import CatalogFile
from policy_ir.diagnostics import Refused, codes
from policy_ir.facts import Facts
from policy_ir.flow.admission import AdmittedFlow
from policy_ir.flow.calls import facts_of_node
from policy_ir.router.body import read_chat
from policy_ir.router.config import Limits, Traces
from policy_ir.router.flow_answer import failure as told
from policy_ir.router.flow_course import FlowCourse, FlowFailed
from policy_ir.router.sandbox_world import sandbox_catalogue
from policy_ir.router.tracing import parts_of_flow, trace_of_flow
from policy_ir.router.world import World
from policy_ir.testing.flow_traces import unsound
from policy_ir.trace.parts import names_of_parts
from policy_ir.trace.record import Cost, Outcome, Trace, new_id
from policy_ir.trace.replay import Replayer


class Flowing:
    """A flow over a world of its own, with a provider that says what a test tells it to."""

    def __init__(
        self, term: object, script: Sequence[Any], *, options: Any = None, size: int = 0, **changes: Any
    ) -> None:
        self.now = [100.0]
        self.beside = 0
        self.derived: asyncio.Event | None = None
        body: dict[str, Any] = {"model": "flow:*", "messages": [{"role": "user", "content": "Where is my order?"}]}
        body |= {"flow_ir": term, "policy_options": options or {}, "stream": changes.pop("stream", False)}
        request = read_chat(json.dumps(body).encode())
        self.world = World(config(**changes), clock=lambda: self.now[0])
        self.upstream = Scripted(list(script), self.now)
        self.course = FlowCourse(
            self.world,
            self.world.flow(request, None),
            request,
            {},
            7,
            size=size,
            id=new_id(5000, bytes(10)),
            at=5.0,
            started=self.now[0],
            now=lambda: self.now[0],
            beside=self._beside,
        )

    async def _beside(self, work: Callable[[], Facts]) -> Facts:
        self.beside += 1
        await (asyncio.sleep(0) if self.derived is None else self.derived.wait())
        return work()

    async def run(self, sink: Any = None) -> None:
        await self.course.run(self.upstream, sink)  # type: ignore[arg-type]

    async def failed(self) -> FlowFailed:
        """Runs it, which has to fail."""
        with pytest.raises(FlowFailed) as wrong:
            await self.run()
        return wrong.value

    def outcomes(self) -> dict[str, tuple[str, str | None]]:
        return {name: (call.outcome, call.reason) for name, call in self.course.calls.items()}


class Keeping:
    """What a replay needs of a store."""

    def __init__(self, parts: dict[tuple[str, str], bytes]) -> None:
        self._parts = parts

    def part(self, kind: str, digest: str) -> bytes | None:
        return self._parts.get((kind, digest))


def refuse_facts_of(node: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def derived(flow: AdmittedFlow, name: str, *rest: Any) -> Facts:
        if name == node:
            raise Refused.because(codes.CHAT_FORMAT, "`my secret` is no role", pointer="/messages/0/role")
        return facts_of_node(flow, name, *rest)

    monkeypatch.setattr("policy_ir.router.flow_course.facts_of_node", derived)


def answer(text: object) -> dict[str, Any]:
    return {**ANSWER, "choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]}


@run
async def test_a_flow_returns_the_text_of_its_last_node() -> None:
    one = Flowing(pair(), [answer("a draft"), answer("checked")])
    await one.run()
    assert one.course.text == "checked"
    assert one.upstream.sent[1][1]["messages"] == [{"role": "user", "content": "a draft"}]
    assert one.outcomes() == {"draft": ("ok", None), "verify": ("ok", None)}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}, ""),
        ({"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "a\nb"),
        ({"role": "assistant"}, ""),
        (None, ""),
        ("odd", ""),
    ],
)
def test_the_text_of_an_answer_is_that_of_its_first_message_whatever_stands_there(message: object, text: str) -> None:
    @run
    async def checked() -> None:
        given = {**ANSWER, "choices": [{"index": 0, "message": message}, {"index": 1, "message": {"content": "no"}}]}
        one = Flowing(pair(), [given, answer("checked")])
        await one.run()
        assert one.upstream.sent[1][1]["messages"][0]["content"] == text

    checked()


@run
async def test_the_parts_of_a_trace_are_all_that_it_names_and_each_is_there_once() -> None:
    one = Flowing(fan([only("north/large")] * 3), [answer("x")] * 4)
    await one.run()
    trace, parts = trace_of_flow(one.course, None, "ok", 200), parts_of_flow(one.course)
    named = [(part.kind, part.digest) for part in parts]
    assert sorted(named) == sorted(names_of_parts(trace))
    assert len(set(named)) == len(named)
    assert [node.at - trace.at for node in trace.nodes] == pytest.approx([0.0, 0.0, 0.0, 0.3])


@run
async def test_a_node_that_could_only_start_after_the_deadline_is_not_sent() -> None:
    one = Flowing(pair(), [answer("late")], limits=Limits(total_ms=100.0))
    wrong = await one.failed()
    assert (wrong.node, wrong.reason, len(one.upstream.sent)) == ("verify", "timeout", 1)
    status, made, _ = told(one.course, wrong)
    assert status == 504
    assert made["error"]["message"] == "the node `verify` has failed: `timeout`: no time was left for it"
    [_, node] = trace_of_flow(one.course, None, "failed", 504, "timeout").nodes
    assert (node.winner, node.hops, node.reason) == ("north/large", (), "timeout")


@run
async def test_what_is_no_failure_of_a_call_comes_through_and_nothing_runs_after_it() -> None:
    for wrong in (RuntimeError("a fault"), ConnectionResetError()):
        one = Flowing(fan([only("north/large"), only("north/small")]), [answer("x"), wrong])
        with pytest.raises(type(wrong)):
            await one.run()
        assert [name for name, call in one.course.calls.items() if call.ended_ms is None] == []
        of_ours = isinstance(wrong, RuntimeError)
        assert one.outcomes()["n1"] == (("failed", "unknown") if of_ours else ("cancelled", None))
        assert len(asyncio.all_tasks()) <= 2  # this test, and what bounds it


@run
async def test_a_request_that_has_no_facts_fails_its_node_as_a_bad_request(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_facts_of("draft", monkeypatch)
    one = Flowing(pair(), [])
    wrong = await one.failed()
    assert (wrong.node, wrong.reason) == ("draft", "bad_request")
    error = told(one.course, wrong)[1]["error"]
    assert error["policy_ir"]["nodes"]["draft"]["decision"] is None
    assert error["message"] == f"the node `draft` has failed: `bad_request`: {codes.CHAT_FORMAT.title}"
    again = Flowing(pair(on_error="input"), [answer("checked")])
    await again.run()
    assert again.outcomes() == {"draft": ("failed", "bad_request"), "verify": ("ok", None)}


@run
async def test_a_node_that_fails_undecided_is_in_the_trace_without_a_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_facts_of("draft", monkeypatch)
    ends: tuple[tuple[str, Outcome], ...] = (("fail", "failed"), ("input", "ok"))
    for on_error, outcome in ends:
        one = Flowing(pair(on_error=on_error), [answer("checked")])
        with suppress(FlowFailed):
            await one.run()
        trace, parts = trace_of_flow(one.course, None, outcome, 400), parts_of_flow(one.course)
        [draft, *others] = trace.nodes
        assert (draft.node, draft.outcome, draft.reason, draft.status) == ("draft", "failed", "bad_request", 400)
        assert (draft.decision, draft.policy, draft.facts, draft.hops, draft.cost) == (None, None, None, (), Cost())
        assert (draft.id, draft.at, draft.passed) == (trace.id, trace.at, on_error == "input")
        assert [node.node for node in others] == ["verify"] * (on_error == "input")
        assert [*unsound(trace, one.course.plan.admitted.flow)] == []
        assert Trace.from_json(trace.to_json()) == trace
        kept = {(part.kind, part.digest): part.content for part in parts}
        replayed = Replayer(Keeping(kept)).replay(trace)
        assert [node.verdict for node in replayed.nodes] == ["undecided", "same"][: len(trace.nodes)]
        assert replayed.verdict == ("same" if others else "undecided")


@pytest.mark.parametrize("prompts", [False, True])
def test_the_findings_of_a_request_without_facts_are_kept_and_quote_it_where_prompts_are(
    prompts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    @run
    async def checked() -> None:
        refuse_facts_of("draft", monkeypatch)
        one = Flowing(pair(), [], traces=Traces(prompts=prompts))
        wrong = await one.failed()
        [draft] = trace_of_flow(one.course, None, "failed", 400).nodes
        [found] = draft.diagnostics
        assert (found["code"], found["pointer"]) == (str(codes.CHAT_FORMAT), "/messages/0/role")
        assert ("my secret" in found["message"]) is prompts
        assert "my secret" not in json.dumps(told(one.course, wrong)[1])

    checked()


@run
async def test_a_node_that_is_called_off_undecided_is_in_the_trace_as_cancelled() -> None:
    given = flow("fuse", a=llm("ask", template="$1" * 16_000), b=llm("ask"), fuse=llm("a", "b"))
    one = Flowing(given, [failure("overloaded")])
    one.derived = asyncio.Event()
    assert (await one.failed()).node == "b"
    trace = trace_of_flow(one.course, None, "failed", 503, "overloaded")
    assert [(node.node, node.outcome, node.status, node.decision is None) for node in trace.nodes] == [
        ("a", "cancelled", 499, True),
        ("b", "failed", 503, False),
    ]


@run
async def test_half_a_character_in_an_answer_does_not_fail_the_node_that_reads_it() -> None:
    one = Flowing(pair(), [answer("caf\ud800é"), answer("checked")])
    await one.run()
    assert one.course.calls["draft"].text == "caf?é"
    assert one.course.text == "checked"


@run
async def test_the_facts_of_large_requests_are_derived_beside_the_event_loop() -> None:
    small, large = (Flowing(pair(), [answer("a"), answer("b")], size=size) for size in (1000, 300_000))
    await small.run()
    await large.run()
    assert (small.beside, large.beside) == (0, 2)
    assert small.course.calls["verify"].course is not None
    assert large.course.calls["verify"].course is not None
    assert small.course.calls["verify"].course.facts == large.course.calls["verify"].course.facts


@run
async def test_a_candidate_without_a_known_price_is_not_within_any_budget() -> None:
    listed = sandbox_catalogue().listed
    without = [attrs.evolve(one, fields={k: v for k, v in one.fields.items() if k != "price_in"}) for one in listed]
    catalogue: CatalogFile = attrs.evolve(sandbox_catalogue(), listed=without)
    one = Flowing(pair(), [], options={"flow_budget": 1000}, catalogue=catalogue, flows={})
    assert (await one.failed()).reason == "budget_exceeded"
    free = Flowing(pair(), [answer("a"), answer("b")], catalogue=catalogue, flows={})
    await free.run()


@run
async def test_a_node_that_nobody_is_left_for_has_its_own_reason_within_a_budget() -> None:
    nobody = ["policy", ["bot"], *only("x")[2:]]
    one = Flowing(pair(nobody), [], options={"flow_budget": 1})
    assert (await one.failed()).reason == "no_candidate"


@run
async def test_a_failure_while_others_end_by_themselves_keeps_what_they_came_to() -> None:
    given = flow("fuse", a=llm("ask"), b=llm("ask"), fuse=llm("a", "b"))
    one = Flowing(given, [failure("overloaded"), answer("b")])
    assert (await one.failed()).node == "a"
    assert one.outcomes() == {"a": ("failed", "overloaded"), "b": ("ok", None)}
    assert one.course.cost.usd > 0


@run
async def test_a_stream_that_breaks_before_its_first_content_is_passed_on() -> None:
    class Sink:
        sent = 0

        async def begin(self) -> None:
            self.sent += 1

        async def send(self, data: bytes) -> None:
            self.sent += 1

    given = flow("a", a=llm("ask", on_error="input"))
    sink, one = Sink(), Flowing(given, [[piece(), failure("stream_interrupted")]], stream=True)
    await one.run(sink)
    assert (one.course.text, one.course.chunk, sink.sent) == ("Where is my order?", None, 0)
    begun = Flowing(given, [[piece("a"), failure("stream_interrupted")]], stream=True)
    with pytest.raises(FlowFailed) as wrong:
        await begun.run(sink)
    assert wrong.value.begun


@run
async def test_the_texts_that_a_flow_keeps_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_ir.router.flow_course.MOST_TEXT", 100)
    nobody = ["policy", ["bot"], *only("x")[2:]]
    passing = {f"n{i}": llm("ask", policy=nobody, template="$1" * 2, on_error="input") for i in range(3)}
    one = Flowing(flow("fuse", **passing, fuse=llm(*passing)), [])
    wrong = await one.failed()
    assert (wrong.node, wrong.reason) == ("n2", "context_overflow")  # two texts of 38 characters, and a third
    assert told(one.course, wrong)[0] == 400
    shared = {f"n{i}": llm("ask") for i in range(6)}  # the caller's messages, of which there is one copy
    many = Flowing(flow("fuse", **shared, fuse=llm(*shared)), [answer("x")] * 7)
    await many.run()
    spoken = Flowing(pair(), [answer("x" * 101)])
    assert (await spoken.failed()).node == "verify"


@run
async def test_the_facts_of_a_long_input_are_derived_beside_the_event_loop() -> None:
    given = flow("a", a=llm("ask", template="$1" * 16_000))
    one = Flowing(given, [answer("x")])
    await one.run()
    assert one.beside == 1
