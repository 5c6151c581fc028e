"""What callers can make a router hold, and for how long they can keep it from others."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import tracemalloc
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlsplit

import pytest
from routers import QUESTION, Router, a_router
from running import run

from policy_ir.chat import MOST_VALUES
from policy_ir.diagnostics import Refused
from policy_ir.router.body import read_json
from policy_ir.router.config import Limits
from policy_ir.router.facts import Ledger
from policy_ir.router.world import LARGE_PLANS, PLANS

PAUSE_S = 1.0 if "PYTEST_XDIST_WORKER" in os.environ else 0.25
"""Seconds for which nothing else may run: on an idle machine a tenth of that, and many times it without the bounds.
Where tests run side by side, and each line is counted, everything takes some times longer."""


class Pulse:
    """The longest pause of the event loop for as long as the context lasts, in seconds of this process's work.

    What else the machine does in the meantime is no pause of ours.
    """

    longest = 0.0

    async def __aenter__(self) -> Pulse:
        self._task = asyncio.ensure_future(self._beat())
        await asyncio.sleep(0.02)
        self.longest = 0.0
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0.01)  # a pause is seen at its end
        self._task.cancel()

    async def _beat(self) -> None:
        last = perf_counter(), process_time()
        while True:
            await asyncio.sleep(0.001)
            now = perf_counter(), process_time()
            self.longest, last = max(self.longest, min(now[0] - last[0], now[1] - last[1])), now


def tree(leaves: list[Any]) -> Any:
    while len(leaves) > 1:
        leaves = [["or", *leaves[at : at + 16]] for at in range(0, len(leaves), 16)]
    return leaves[0]


def policy(leaves: int, *, shift: float = 0.5, field: str = "price_out") -> list[Any]:
    """A policy of about so many nodes, no two of them alike."""
    pred = tree([["cmp", field, "le", at + shift] for at in range(leaves)])
    return ["policy", pred, ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]


def dry(**body: Any) -> bytes:
    made = {"model": "policy:resilient", "messages": QUESTION, "policy_options": {"dry_run": True}, **body}
    return json.dumps(made, separators=(",", ":")).encode()


async def send(router: Router, data: bytes, path: str = "/v1/chat/completions") -> tuple[int, str]:
    async with router.session.post(router.url + path, data=data, headers={"Content-Type": "application/json"}) as got:
        return got.status, await got.text()


BODY = Limits().body_bytes - 300
VALUES = {
    "lists": '["@"]'.replace('"@"', ",".join(["[]"] * (BODY // 3))),
    "objects": "[" + '{"a":1},' * (BODY // 8 - 1) + "1]",
    "numbers": "[" + "1," * (BODY // 2 - 1) + "1]",
    "texts": "[" + '"",' * (BODY // 3 - 1) + "1]",
    "deep": "[" + ",".join(["[" * 900 + "]" * 900] * (BODY // 1801 - 1)) + "]",
    "deeper": "[" * (BODY // 2) + "]" * (BODY // 2),
    "quotes": '"' * BODY,
    "escapes": '"' + "\\" * BODY,
    "keys": "{" + ",".join(f'"{n}":1' for n in range(BODY // 11)) + "}",
}


@pytest.mark.parametrize("kind", VALUES)
@run
async def test_ten_megabytes_of_json_values_are_refused_before_they_are_read(tmp_path: Path, kind: str) -> None:
    async with a_router(tmp_path) as router:
        data = dry(x="@").replace(b'"@"', VALUES[kind].encode())
        async with Pulse() as pulse:
            status, text = await send(router, data)
        assert status in (400, 413)
        assert "PIR0924" in text or "PIR0923" in text
        assert len(text) < 2000
        assert pulse.longest < PAUSE_S


@pytest.mark.parametrize("text", ["a" * BODY, '[{"a": 1}, ' * (BODY // 14), "é, " * (BODY // 9)])
@run
async def test_ten_megabytes_of_text_are_a_call_like_any_other(tmp_path: Path, text: str) -> None:
    async with a_router(tmp_path) as router:
        data = json.dumps(
            {
                "model": "policy:resilient",
                "messages": [{"role": "user", "content": text}],
                "policy_options": {"dry_run": True},
            },
            ensure_ascii=False,
        ).encode()
        assert len(data) <= Limits().body_bytes
        async with Pulse() as pulse:
            status, said = await send(router, data)
        assert status == 200, said[:500]
        assert pulse.longest < PAUSE_S


def test_as_many_values_as_are_allowed_are_read_and_one_more_is_not() -> None:
    fits = b"[" + b"1," * (MOST_VALUES - 1) + b"1]"
    assert len(read_json(fits)) == MOST_VALUES
    with pytest.raises(Refused, match="PIR0924"):
        read_json(b"[" + b"1," * MOST_VALUES + b"1]")
    in_text = b'["' + b"1,[{" * MOST_VALUES + b'\\"' + b"," * MOST_VALUES + b'"]'
    assert len(read_json(in_text)) == 1


@pytest.mark.parametrize("field", ["price_out", "no_such_field"])
@run
async def test_the_largest_policy_keeps_nobody_waiting(tmp_path: Path, field: str) -> None:
    async with a_router(tmp_path) as router:
        term = policy(3800, field=field)
        for path, data in (
            ("/v1/chat/completions", dry(model="policy:*", policy_ir=term)),
            ("/policy/decide", dry(model="policy:*", policy_ir=term)),
            ("/policy/validate", json.dumps(term).encode()),
        ):
            async with Pulse() as pulse:
                status, text = await send(router, data, path)
            assert status in (200, 400)
            assert pulse.longest < PAUSE_S, path
            assert text.count('"code":"PIR0401"') <= 100
        assert all(len(trace.diagnostics) <= 100 for trace in router.store.find())


def grown(router: Router, each: Any, first: int, more: int) -> int:
    """By how many bytes memory grows with `more` further uses, after the first ones."""
    tracemalloc.start()  # before anything that is dropped later
    for number in range(first):
        each(number)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(first, first + more):
        each(number)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return after - before


@run
async def test_many_policies_of_callers_take_no_more_memory_than_a_few_hundred(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        world = router.running.service.world

        def each(number: int) -> None:
            plan = world.term(policy(2, shift=number / 16384), None)
            plan.bound.decide(None, world.state.overlay(), None).fingerprint  # noqa: B018

        assert grown(router, each, 2 * PLANS, 2 * PLANS) < 2_000_000
        assert len(world._plans) <= PLANS
        assert all(size <= most for size, most in world.evaluator.sizes().values())


@run
async def test_large_policies_of_callers_are_kept_by_the_handful(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        world = router.running.service.world

        def each(number: int) -> None:
            plan = world.term(policy(400, shift=number / 16384), None)
            plan.bound.decide(None, world.state.overlay(), None).fingerprint  # noqa: B018

        assert grown(router, each, LARGE_PLANS + 4, 24) < 2_500_000
        assert len(world._large_plans) == LARGE_PLANS
        assert len(world._plans) == len(world.config.policies)


def test_many_sessions_leave_the_ledger_as_large_as_its_bound() -> None:
    async def ask(key: str | None, session: str) -> float:
        return 0.0

    async def sessions() -> None:
        ledger = Ledger(most=1000)
        for number in range(20_000):
            await ledger.spent(None, f"s{number}", ask)
            ledger.add(None, f"t{number}", 1.0)
        assert len(ledger) == 1000
        assert await ledger.spent(None, "s19999", ask) == 0.0

    asyncio.run(sessions())


@run
async def test_a_thousand_idle_connections_cost_nobody_anything_and_go_with_time(tmp_path: Path) -> None:
    async with a_router(tmp_path, limits=Limits(header_ms=600.0)) as router:
        where = urlsplit(router.url)
        made = [await asyncio.open_connection(where.hostname, where.port) for _ in range(1000)]
        async with Pulse() as pulse:
            assert (await router.chat()).status == 200
        assert pulse.longest < PAUSE_S
        assert router.running.connections >= 1000
        for reader, _ in made:
            assert await asyncio.wait_for(reader.read(1), 10) == b""
        for _, writer in made:
            writer.close()


@run
async def test_requests_on_end_on_one_connection_are_answered_in_their_order(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        where = urlsplit(router.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        bodies = [dry(policy_options={"dry_run": True, "seed": number}) for number in range(50)]
        for number, body in enumerate(bodies):
            last = "Connection: close\r\n" if number == len(bodies) - 1 else ""
            head = f"POST /policy/decide HTTP/1.1\r\nHost: localhost\r\n{last}Content-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
        text = (await asyncio.wait_for(reader.read(), 10)).decode()
        writer.close()
        found = [int(part.partition(",")[0].partition("}")[0]) for part in text.split('"seed":')[1:]]
        seeds = list(dict.fromkeys(found))
        assert seeds == list(range(50))


@run
async def test_above_the_calls_at_once_a_caller_is_told_to_come_again(tmp_path: Path) -> None:
    async with a_router(tmp_path, "north/large=silence", limits=Limits(concurrent=2, total_ms=300.0)) as router:
        waiting = [asyncio.ensure_future(router.chat("north/large")) for _ in range(2)]
        while router.sandbox.calls() < 2:
            await asyncio.sleep(0.005)
        got = await router.chat()
        assert (got.status, got.error["code"]) == (503, "overloaded")
        assert int(got.headers["Retry-After"]) >= 1
        assert [one.status for one in await asyncio.gather(*waiting)] == [504, 504]
        assert (await router.chat("north/small")).status == 200


# --- what is not stored -----------------------------------------------------------------------------------------

WORDS = "the very private words of somebody"


def refusals() -> dict[str, bytes]:
    """Bodies that are refused, each with the words where a finding could quote them."""
    chat = {"model": "policy:resilient", "messages": QUESTION}

    def body(**more: Any) -> bytes:
        return json.dumps({**chat, **more}).encode()

    return {
        "a text for a body": json.dumps(WORDS).encode(),
        "no JSON": b'{"messages": ' + WORDS.encode(),
        "messages": body(messages=WORDS),
        "a message": body(messages=[WORDS]),
        "a role": body(messages=[{"role": [WORDS], "content": "x"}]),
        "a role by name": body(messages=[{"role": WORDS, "content": "x"}]),
        "content": body(messages=[{"role": "user", "content": {WORDS: WORDS}}]),
        "a part": body(messages=[{"role": "user", "content": [WORDS]}]),
        "the kind of a part": body(messages=[{"role": "user", "content": [{"type": WORDS, WORDS: 1}]}]),
        "a text part": body(messages=[{"role": "user", "content": [{"type": "text", "text": [WORDS]}]}]),
        "tools": body(tools=WORDS),
        "a tool": body(tools=[WORDS]),
        "a format": body(response_format=WORDS),
        "the kind of a format": body(response_format={"type": WORDS}),
        "a limit": body(max_tokens=WORDS),
        "a key twice": b'{"model": "policy:resilient", "messages": [{"'
        + WORDS.encode() * 1
        + b'": 1, "'
        + WORDS.encode()
        + b'": 2}], "policy_options": {}}',
        "an option": body(policy_options={WORDS: 1}),
        "the value of an option": body(policy_options={"session": [WORDS], "budget": WORDS, "dry_run": WORDS}),
        "options": body(policy_options=WORDS),
        "stream": body(stream=WORDS),
        "a lone surrogate": body(messages=[{"role": "user", "content": WORDS + "\ud800"}]),
    }


@pytest.mark.parametrize("kind", refusals())
@run
async def test_a_trace_of_a_refused_body_has_none_of_its_words(tmp_path: Path, kind: str) -> None:
    async with a_router(tmp_path) as router:
        status, _ = await send(router, refusals()[kind])
        if status == 400:
            (trace,) = router.store.find()
            assert trace.diagnostics or trace.outcome == "failed"  # by the provider
        told = json.dumps([one.to_json() for one in router.store.find()], ensure_ascii=False)
        assert not quoted_in(told)
    for path in tmp_path.iterdir():
        assert not quoted_in(path.read_bytes().decode("latin-1")), path


def quoted_in(text: str) -> bool:
    return any(WORDS[at : at + 12] in text for at in range(len(WORDS) - 11))


@run
async def test_a_provider_that_quotes_the_prompt_does_not_bring_it_into_the_store(tmp_path: Path) -> None:
    from policy_ir.router.config import Traces
    from policy_ir.router.upstream import Failed, Failure

    asked = [{"role": "user", "content": [{"type": "text", "text": f"Say {WORDS}, please"}]}]
    for prompts in (False, True):
        folder = tmp_path / str(prompts)
        folder.mkdir()
        async with a_router(folder, traces=Traces(prompts=prompts)) as router:

            async def refuses(*_: Any, **__: Any) -> Any:
                raise Failed(Failure("bad_request", 400, f"Invalid 'content': Say {WORDS}", None))

            router.running.service.upstream.answer = refuses  # type: ignore[method-assign]
            got = await router.chat("north/large", messages=asked)
            assert quoted_in(got.error["message"])  # it is the caller's own
            hop = router.trace(got).hops[-1]
            assert quoted_in(str(hop.message)) == prompts
            assert hop.reason == "bad_request"
            ordinary = await router.chat("north/large", messages=QUESTION)
            assert router.trace(ordinary).hops[-1].message == f"Invalid 'content': Say {WORDS}"
