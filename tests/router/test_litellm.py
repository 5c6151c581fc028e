"""LiteLLM's own proxy as one provider of a configuration, beside a simulated one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import openai
import pytest
from litellm_proxy import MODELS, SAID, Proxy, a_proxy
from openai.types.chat import ChatCompletionMessageParam
from running import run

from policy_ir.router.config import load_config
from policy_ir.router.sandbox import Sandbox
from policy_ir.router.server import running
from policy_ir.trace.record import Cost, Trace
from policy_ir.trace.store import Store

MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Where is my order?"}]
PRICES = {"price_in": 3.0, "price_out": 7.0}
"""In USD per million tokens, at every candidate."""

CONFIG = """
catalogue = "catalogue.json"

[providers.litellm]
url = "{litellm}"
key_env = "LITELLM_PROXY_KEY"
stream_usage = true

[providers.north]
url = "{north}"

[policies.down_the_list]
policy = "policy {{ filter top rank bench_intelligence select argmax mutate id fallback next_candidate }}"

[traces]
url = "traces.db"
"""


@pytest.fixture(scope="session")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """One proxy for all tests: it takes seconds to come up."""
    with a_proxy(tmp_path_factory.mktemp("litellm")) as made:
        yield made


@asynccontextmanager
async def a_router(
    proxy: Proxy, folder: Path, *order: str, key: str | None = None
) -> AsyncIterator[tuple[openai.AsyncOpenAI, Store]]:
    """A client at a router whose candidates are LiteLLM's models and a simulated one; the policy prefers `order`."""
    candidates = [
        {
            "id": f"{provider}/{name}",
            "provider": provider,
            "family": name,
            "tier": "partner",
            "capabilities": ["supports_tools"],
            "fields": {
                **PRICES,
                "context": 32_000,
                "bench_intelligence": 1 / (2 + order.index(name)) if name in order else 0.0,
            },
        }
        for provider, names in (("litellm", MODELS), ("north", ("sim-small",)))
        for name in names
    ]
    catalogue = {"catalog": 1, "vocabulary": "standard", "date": "2026-01-01", "candidates": candidates}
    (folder / "catalogue.json").write_text(json.dumps(catalogue), "utf-8")
    async with Sandbox(pace=0.0) as sandbox:
        text = CONFIG.format(litellm=proxy.url, north=sandbox.endpoints["north"].url)
        (folder / "router.toml").write_text(f"port = 0\n{text}", "utf-8")
        config = load_config(folder / "router.toml", {"LITELLM_PROXY_KEY": key or proxy.key})
        async with (
            running(config, Store.open(config.traces.url)) as router,
            openai.AsyncOpenAI(base_url=f"{router.url}/v1", api_key="none", max_retries=0) as client,
        ):
            yield client, Store.open(config.traces.url)


def last(store: Store) -> Trace:
    """The last trace."""
    (found,) = store.find(limit=1)
    return found


@run
async def test_its_answer_comes_with_what_it_cost(proxy: Proxy, tmp_path: Path) -> None:
    async with a_router(proxy, tmp_path) as (client, store):
        got = await client.chat.completions.create(model="litellm/good", messages=MESSAGES)
        assert (got.choices[0].message.content, got.model) == (SAID, "good")
        assert got.usage is not None
        tokens = got.usage.prompt_tokens, got.usage.completion_tokens
        usd = (tokens[0] * PRICES["price_in"] + tokens[1] * PRICES["price_out"]) / 1e6
        assert last(store).cost == Cost(usd=usd, basis="usage", prompt_tokens=tokens[0], completion_tokens=tokens[1])


@run
async def test_its_stream_comes_as_it_is_and_is_asked_for_its_usage(proxy: Proxy, tmp_path: Path) -> None:
    async with a_router(proxy, tmp_path) as (client, store):
        stream = await client.chat.completions.create(model="litellm/good", messages=MESSAGES, stream=True)
        chunks = [chunk async for chunk in stream]
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == SAID
        assert chunks[-1].choices[0].finish_reason == "stop"
        assert all(chunk.usage is None for chunk in chunks)  # the caller did not ask for it
        trace = last(store)
        assert (trace.outcome, trace.hops[0].outcome, trace.cost.basis) == ("ok", "ok", "usage")
        assert trace.cost.completion_tokens > 0


@run
async def test_who_asks_for_the_usage_of_its_stream_gets_it(proxy: Proxy, tmp_path: Path) -> None:
    async with a_router(proxy, tmp_path) as (client, store):
        async with client.chat.completions.stream(
            model="litellm/good", messages=MESSAGES, stream_options={"include_usage": True}
        ) as stream:
            final = await stream.get_final_completion()
        assert final.choices[0].message.content == SAID
        assert final.usage is not None
        assert final.usage.completion_tokens == last(store).cost.completion_tokens


@run
async def test_what_is_asked_and_answered_goes_through_whole(proxy: Proxy, tmp_path: Path) -> None:
    async with a_router(proxy, tmp_path) as (client, _):
        twice = await client.chat.completions.create(model="litellm/good", messages=MESSAGES, n=2)
        assert [choice.message.content for choice in twice.choices] == [SAID, SAID]
        called = await client.chat.completions.create(
            model="litellm/calling",
            messages=MESSAGES,
            tools=[{"type": "function", "function": {"name": "order_status", "parameters": {"type": "object"}}}],
        )
        call = (called.choices[0].message.tool_calls or [])[0]
        assert call.type == "function"
        assert (call.id, call.function.name, call.function.arguments) == ("call_1", "order_status", '{"order": "A-1"}')


@run
async def test_its_errors_are_understood(proxy: Proxy, tmp_path: Path) -> None:
    async with a_router(proxy, tmp_path) as (client, store):
        for model, reason, kind, status in (
            ("limited", "rate_limit", openai.RateLimitError, 429),
            ("short", "context_overflow", openai.BadRequestError, 400),
            ("broken", "server_error", openai.InternalServerError, 502),
            ("crowded", "overloaded", openai.InternalServerError, 503),
        ):
            for stream in (False, True):
                with pytest.raises(openai.APIStatusError) as raised:
                    await client.chat.completions.create(model=f"litellm/{model}", messages=MESSAGES, stream=stream)
                assert (type(raised.value), raised.value.status_code) == (kind, status), model
                trace = last(store)
                assert (trace.reason, trace.hops[0].reason, trace.cost.usd) == (reason, reason, 0.0), model


@run
async def test_a_call_goes_on_from_its_failing_models_to_a_good_one(proxy: Proxy, tmp_path: Path) -> None:
    async with a_router(proxy, tmp_path, "limited", "broken", "good") as (client, store):
        whole = await client.chat.completions.create(model="policy:down_the_list", messages=MESSAGES)
        assert whole.choices[0].message.content == SAID
        said = ""
        async for chunk in await client.chat.completions.create(
            model="policy:down_the_list", messages=MESSAGES, stream=True
        ):
            said += chunk.choices[0].delta.content or ""
        assert said == SAID
        for trace in store.find():
            assert [hop.reason for hop in trace.hops] == ["rate_limit", "server_error", None]
            assert (trace.chosen, trace.outcome) == ("litellm/good", "ok")
            assert trace.cost.usd == trace.hops[-1].cost.usd > 0  # an attempt without an answer costs nothing


@run
async def test_a_call_goes_on_from_it_to_another_provider(proxy: Proxy, tmp_path: Path) -> None:
    async with a_router(proxy, tmp_path, "crowded", "sim-small") as (client, store):
        got = await client.chat.completions.create(model="policy:down_the_list", messages=MESSAGES)
        assert "Where is my order?" in (got.choices[0].message.content or "")
        assert [hop.provider for hop in last(store).hops] == ["litellm", "north"]


@run
async def test_the_key_for_it_shows_nowhere(proxy: Proxy, tmp_path: Path) -> None:
    for key in (proxy.key, "sk-" + "0123456789abcdef" * 2):
        async with a_router(proxy, tmp_path, key=key) as (client, store):
            right = key == proxy.key
            try:
                said = (await client.chat.completions.create(model="litellm/good", messages=MESSAGES)).to_json()
            except openai.APIStatusError as wrong:
                said = f"{wrong}{wrong.response.text}{dict(wrong.response.headers)}"
            assert last(store).outcome == ("ok" if right else "failed")
            assert key not in said + json.dumps(last(store).to_json())
        assert all(key.encode() not in path.read_bytes() for path in tmp_path.iterdir())
