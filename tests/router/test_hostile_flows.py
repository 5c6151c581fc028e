"""Hostile flows at a running router: each is refused soon and in few words, and callers who mean well are answered.

What the largest flows that are allowed cost is in `test_flow_bounds.py`; what the language makes of hostile flows, in
`tests/hostile`.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import pytest
from flow_cases import CANDIDATES, STOP, fan, flow, llm, only, pair
from routers import QUESTION, Got, Router, a_router
from running import run
from test_bounds import PAUSE_S, Pulse, grown, policy
from test_keys import APP, bearer, floor, keys

from policy_ir.flow.bounds import SOURCE_BYTES
from policy_ir.router.body import MOST_DEPTH
from policy_ir.router.flow_course import MOST_TEXT
from policy_ir.router.world import FLOWS, FLOWS_BYTES

WITHIN_S: Final = 12.0 if "PYTEST_XDIST_WORKER" in os.environ else 3.0
"""Seconds in which each is refused: on an idle machine a third of that, at most."""

LONGEST: Final = 40_000
"""The most characters of a refusal: a hundred findings."""


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    """What is there before a test is no garbage to look through, as in a router that is served."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def body(given: object, **more: Any) -> bytes:
    return json.dumps({"model": "flow:*", "messages": QUESTION, "flow_ir": given, **more}).encode()


def raw(text: str) -> bytes:
    """A body whose flow is this text, whatever that is."""
    return b'{"model":"flow:*","messages":[{"role":"user","content":"x"}],"flow_ir":' + text.encode() + b"}"


def ring(length: int) -> list[Any]:
    return ["flow", {
        "ask": ["input"], **{f"n{at}": llm(f"n{(at + 1) % length}") for at in range(length)}, "out": ["output", "n0"],
    }]  # fmt: skip


def everyone(count: int, named: str = "n{:03}", reading: str = "n{:03}") -> list[Any]:
    """So many nodes, each of which reads the 32 after it, by names of two forms."""
    nodes = {named.format(at): llm(*(reading.format((at + step) % count) for step in range(32))) for at in range(count)}
    return ["flow", {"ask": ["input"], **nodes, "out": ["output", named.format(0)]}]


def fat(count: int, size: int) -> list[Any]:
    """So many nodes with one policy of so many nodes."""
    large = ["policy", ["and", *[["top"]] * (size - 8)], ["zero"], ["argmax"], ["id"], STOP]
    return flow("n0", **{f"n{at}": llm("ask", policy=large) for at in range(count)})


REFUSED: Final[Mapping[str, tuple[set[str], bytes]]] = {
    "100,000 nodes": ({"PIR1010"}, body(["flow", {f"n{at}": ["input"] for at in range(100_000)}])),
    "100,000 nodes that are calls": ({"PIR0924"}, body(["flow", {f"n{at}": ["llm", {}] for at in range(100_000)}])),
    **{f"a cycle of {n}": ({"PIR1025"}, body(ring(n))) for n in (2, 3, 16, 128, 254)},
    "a cycle of 256": ({"PIR1010"}, body(ring(256))),
    "nodes that all read each other": ({"PIR1025"}, body(everyone(254))),
    "names that are not there": ({"PIR1022"}, body(everyone(254, reading="n" * 55 + "{:03}"))),
    "254 policies of 4,096 nodes": ({"PIR0924"}, body(fat(254, 4096))),
    "17 policies of 4,096 nodes": ({"PIR1014"}, body(fat(17, 4096))),
    "policies that are refused themselves": (
        {"PIR0401"}, body(flow("n0", **{f"n{at}": llm("ask", policy=policy(300, field="no_such")) for at in range(99)}))
    ),
    "texts of nine megabytes": (
        {"PIR1013"}, body(flow("n0", **{f"n{at}": llm("ask", system="x" * 32768) for at in range(250)}))
    ),
    "a template of other numbers": (
        {"PIR1028"}, body(flow("n0", **{f"n{at}": llm(f"n{at + 1}" if at < 29 else "ask", template="$2" * 16384)
                                        for at in range(30)}))
    ),
    "a number of many digits": ({"PIR1028"}, body(flow("n0", n0=llm("ask", template="$" + "9" * 32767)))),
    "brackets to no end": ({"PIR0923"}, raw("[" * 200_000 + "]" * 200_000)),
    "brackets as deep as a body may have them": (
        {"PIR1001", "PIR0310"}, raw("[" * (MOST_DEPTH - 2) + "]" * (MOST_DEPTH - 2))
    ),
    "a node deep within": ({"PIR1002", "PIR0310"}, raw('["flow",{"a":' + "[" * 200 + "]" * 200 + "}]")),
    "names that are one without escapes": ({"PIR0114"}, raw(r'["flow",{"a":["input"],"\u0061":["input"]}]')),
    "keys that are one without escapes": (
        {"PIR0114"}, raw(r'["flow",{"a":["llm",{"system":"","syst\u0065m":"","policy":[],"inputs":[]}]}]')
    ),
    "a name that no text can have": ({"PIR0113"}, raw(r'["flow",{"\ud800":["input"]}]')),
    "a name of nine megabytes": ({"PIR1008"}, body(["flow", {"n" * 9_000_000: ["input"]}])),
    "names that only look alike": (
        {"PIR1008"}, raw(r'["flow",{"\u0435\u0301":["input"],"\u0451":["input"],"a\u0000":["input"],"a/~b":["input"]}]')
    ),
    "a hundred thousand keys of one node": (
        {"PIR1005", "PIR1006"}, body(["flow", {"a": ["llm", {f"k{at}": 1 for at in range(100_000)}]}])
    ),
    "a number of nine million digits": ({"PIR0923"}, raw('["flow",{"a":' + "9" * 9_000_000 + "}]")),
}  # fmt: skip


class WellBehaved:
    """A caller who calls all the time: how often it was answered, and how long it has waited at most, in seconds."""

    answered = 0
    longest = 0.0

    async def call(self, router: Router) -> None:
        while True:
            begun = perf_counter()
            got = await router.chat("policy:resilient")
            assert got.status == 200, got.text
            self.answered += 1
            self.longest = max(self.longest, perf_counter() - begun)


@asynccontextmanager
async def besides(router: Router) -> AsyncIterator[tuple[Pulse, WellBehaved]]:
    """Something hostile, and somebody else who calls meanwhile, who has to be answered to its end."""
    caller = WellBehaved()
    calling = asyncio.ensure_future(caller.call(router))
    while not caller.answered:
        await asyncio.sleep(0.001)
    async with Pulse() as pulse:
        yield pulse, caller
        before = caller.answered
        async with asyncio.timeout(5):
            while caller.answered == before:
                assert not calling.done(), calling.exception()
                await asyncio.sleep(0.001)
    calling.cancel()


async def refused(router: Router, path: str, data: bytes) -> Got:
    """The refusal of a hostile body, which is there soon, and for which nobody else has waited long.

    A machine that is busy with other things may be late: what is late three times is late.
    """
    for attempt in range(3):
        begun = perf_counter()
        async with besides(router) as (pulse, caller):
            got = await router.ask("POST", path, data=data)
            took = perf_counter() - begun
        if attempt == 2 or (took < WITHIN_S and pulse.longest < PAUSE_S and caller.longest < WITHIN_S):
            break
    assert took < WITHIN_S, path
    assert pulse.longest < PAUSE_S, path
    assert caller.longest < WITHIN_S, path
    return got


def told(text: str, path: str) -> tuple[str | None, list[dict[str, Any]]]:
    """The code of a refusal, and its findings."""
    said = json.loads(text)
    if path == "/policy/validate":
        assert said["valid"] is False
        return None, said["diagnostics"]
    return said["error"]["code"], said["error"].get("diagnostics", [])


@pytest.mark.parametrize("kind", REFUSED)
def test_a_hostile_flow_is_refused_soon_in_few_words_while_others_are_answered(tmp_path: Path, kind: str) -> None:
    codes, data = REFUSED[kind]
    if len(data) > SOURCE_BYTES:
        codes = codes | {"PIR0004"}

    @run
    async def checked() -> None:
        async with a_router(tmp_path) as router:
            for path in ("/v1/chat/completions", "/policy/decide", "/policy/validate"):
                sent = b"{" + data[data.index(b'"flow_ir"') :] if path == "/policy/validate" else data
                got = await refused(router, path, sent)
                code, found = told(got.text, path)
                assert got.status in ((200,) if code is None else (400, 413)), path
                assert code in (None, "policy_refused", "invalid_request", "body_too_large")
                assert found, path
                assert {one["code"] for one in found} <= codes, path
                assert all(one["message"] for one in found)
                assert len(found) <= 100
                # Of what a caller has only validated it is told the place, however long a name it has there.
                assert len(got.text) < (LONGEST if code else max(LONGEST, len(sent) + 1000)), path
            assert {seen.body["messages"] == QUESTION for seen in router.sandbox.seen("north/large")} <= {True}
            kept = [trace for trace in router.store.iterate() if trace.outcome == "refused"]
            assert max(len(json.dumps(trace.to_json())) for trace in kept) < LONGEST

    checked()


# --- what is refused on its way ------------------------------------------------------------------------------------


def answer_all(router: Router, text: str) -> None:
    """Have every answer of a provider be this text."""
    upstream = router.running.service.upstream
    whole = upstream.answer

    async def answer(*args: Any, **more: Any) -> Any:
        reply = await whole(*args, **more)
        reply.json["choices"][0]["message"]["content"] = text
        return reply

    upstream.answer = answer  # type: ignore[method-assign]


@run
async def test_a_megabyte_that_a_template_would_repeat_is_refused_before_it_is_repeated(tmp_path: Path) -> None:
    nodes = {f"n{at}": llm("draft", policy=only("north/small"), template="$1" * 16384) for at in range(31)}
    given = flow("fuse", draft=llm("ask", policy=only("north/large")), **nodes, fuse=llm(*nodes))
    async with a_router(tmp_path) as router:
        answer_all(router, "é" * 500_000)
        got = await refused(router, "/v1/chat/completions", body(given))
        assert (got.status, got.error["code"]) == (400, "context_length_exceeded")
        assert got.error["message"].startswith("the node `n0` has failed")
        assert router.sandbox.calls("north/small") == 0


@run
async def test_a_question_of_a_megabyte_that_templates_would_repeat_is_refused_at_once(tmp_path: Path) -> None:
    nodes = {f"n{at}": llm("ask", template="$1" * 16384, on_error="input") for at in range(31)}
    asked = [{"role": "user", "content": "x" * 1_000_000}]
    async with a_router(tmp_path) as router:
        given = body(flow("fuse", **nodes, fuse=llm(*nodes)), messages=asked)
        got = await refused(router, "/v1/chat/completions", given)
        assert (got.status, got.error["code"]) == (400, "context_length_exceeded")
        assert router.trace(got).nodes == ()


@run
async def test_inputs_of_four_megabytes_at_every_node_are_put_together_for_some_only(tmp_path: Path) -> None:
    names = [f"n{at:03}" for at in range(224)]
    nodes = {name: llm("ask", policy=only("no/body"), template="$1" * 1000, on_error="input") for name in names}
    readers = {f"r{at}": llm(*names[at::8], template="$1") for at in range(8)}  # so none is ready before the end
    given = flow("fuse", **nodes, **readers, fuse=llm(*readers))
    async with a_router(tmp_path) as router:
        asked = [{"role": "user", "content": "q" * 4000}]
        got = await refused(router, "/v1/chat/completions", body(given, messages=asked))
        assert (got.status, got.error["code"]) == (400, "context_length_exceeded")
        assert len(router.trace(got).nodes) * 4_000_000 <= MOST_TEXT


@run
async def test_a_floor_that_refuses_everybody_at_one_node_fails_the_flow_there(tmp_path: Path) -> None:
    dear = floor(["not", ["tag_in", "id", ["west/tiny"]]])
    async with a_router(tmp_path, keys=keys(floor=dear)) as router:
        given = pair(only("north/small"), only("west/tiny"))
        got = await router.chat("flow:*", flow_ir=given, headers=bearer(APP))
        assert (got.status, got.error["code"], got.error["policy_ir"]["node"]) == (422, "no_candidate", "verify")
        assert sum(got.error["refused"].values()) == 9
        assert (router.sandbox.calls("north/small"), router.sandbox.calls("west/tiny")) == (1, 0)
        assert router.trace(got).failed_node == "verify"


@run
async def test_a_key_that_may_send_no_flows_is_refused_before_the_flow_is_looked_at(tmp_path: Path) -> None:
    async with a_router(tmp_path, keys=keys(inline=False)) as router:
        for kind in ("a cycle of 254", "17 policies of 4,096 nodes", "100,000 nodes"):
            for path in ("/v1/chat/completions", "/policy/decide"):
                got = await router.ask("POST", path, data=REFUSED[kind][1], headers=bearer(APP))
                assert (got.status, got.error["code"]) == (403, "policy_not_allowed")
                assert [one["code"] for one in got.error["diagnostics"]] == ["PIR0926"]
        assert len(router.running.service.world._flows) == len(router.running.service.world.config.flows)


# --- what is allowed -----------------------------------------------------------------------------------------------


@run
async def test_names_that_mean_something_elsewhere_are_names_like_any_other(tmp_path: Path) -> None:
    names = ("__proto__", "constructor", "nodes", "policy_ir", "trace", "None", "toString")
    nodes = {name: llm("ask", policy=only(CANDIDATES[at])) for at, name in enumerate(names)}
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=flow("_", **nodes, _=llm(*names)))
        assert got.status == 200, got.text
        assert set(got.account["nodes"]) == {*names, "_"}
        trace = got.headers["x-policy-ir-trace"]
        assert (await router.ask("POST", f"/traces/{trace}/replay")).json["verdict"] == "same"
        assert (await router.get(f"/ui/traces/{trace}")).status == 200


@run
async def test_flows_without_end_take_no_more_memory_than_some_dozens(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        world = router.running.service.world

        def each(number: int) -> None:
            plan = world.flow_term(fan([policy(2, shift=(2 * number + at) / 16384) for at in range(2)]), None)
            for one in plan.nodes.values():
                one.bound.decide(None, world.state.overlay(), None).fingerprint  # noqa: B018

        assert grown(router, each, 2 * FLOWS, 2 * FLOWS) < 2_000_000
        assert len(world._flows) <= FLOWS


@run
async def test_large_flows_without_end_are_kept_by_their_size(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        world = router.running.service.world

        def each(number: int) -> None:
            world.flow_term(flow("b", a=llm("ask", system=f"{number:030000}"), b=llm("a", system="x" * 30000)), None)

        assert grown(router, each, 2 * FLOWS, 2 * FLOWS) < 2_000_000
        kept = [plan for plan in world._flows._plans.values() if not plan.own]
        assert sum(plan.size for plan in kept) <= FLOWS_BYTES
