"""Whatever a caller says, its call goes to the endpoint of the candidate, with the operator's key, and nowhere else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest
from aiohttp import web
from raw_http import opened
from routers import QUESTION, Got
from running import run

from policy_ir.candidate import Candidate
from policy_ir.catalogs import read_catalog
from policy_ir.router.config import Config, Endpoint, NamedPolicy
from policy_ir.router.sandbox_world import sandbox_policies, sandbox_vocabulary
from policy_ir.router.secrets import Secret
from policy_ir.router.server import Running, running
from policy_ir.trace.store import Store

KEY = "sk-operators-own-key-0123456789"
ANSWER = {
    "id": "c1",
    "object": "chat.completion",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
}
EVERYBODY: list[Any] = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "next_candidate"}]]

IDS = (
    "plain/one",
    "../../admin",
    "a/../../b",
    "http://elsewhere.example/v1",
    "line\r\nX-Injected: yes",
    "spaces and % signs?query#part",
    "ünïcode/☃",
    "policy:shadow",
    "a" * 200,
)
"""Ids of candidates as a catalogue may have them, and no router should trust them."""


@attrs.define
class Wanted:
    """A request as a provider has got it."""

    where: str
    target: str
    headers: Mapping[str, str]
    raw_headers: tuple[tuple[bytes, bytes], ...]
    body: dict[str, Any]


@attrs.define
class World:
    """A router, the provider that it is for, and another one that nobody should call."""

    router: Running
    session: aiohttp.ClientSession
    seen: list[Wanted]
    elsewhere: str

    async def chat(self, body: Mapping[str, Any] | bytes, headers: Any = None) -> Got:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        made = {"Content-Type": "application/json", **(headers or {})}
        url = f"{self.router.url}/v1/chat/completions"
        async with self.session.post(url, data=data, headers=made) as response:
            return Got(response.status, dict(response.headers), await response.text())


@asynccontextmanager
async def a_world(folder: Path, **changes: Any) -> AsyncIterator[World]:
    seen: list[Wanted] = []
    servers: list[web.AppRunner] = []
    urls: dict[str, str] = {}
    for where in ("own", "elsewhere"):

        async def answer(request: web.Request, where: str = where) -> web.Response:
            seen.append(Wanted(where, request.raw_path, request.headers, request.raw_headers, await request.json()))
            return web.json_response(ANSWER)

        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        servers.append(runner)
        urls[where] = f"http://127.0.0.1:{runner.addresses[0][1]}"
    config = _config(urls["own"], **changes)
    try:
        async with (
            running(config, Store.open(f"sqlite:///{folder / 'traces.db'}")) as router,
            aiohttp.ClientSession() as session,
        ):
            yield World(router, session, seen, urls["elsewhere"])
    finally:
        for runner in servers:
            await runner.cleanup()


def _config(url: str, **changes: Any) -> Config:
    listed = [
        {"id": id, "provider": "p", "served_by": "p", "family": "f", "served_model": "served-name", "fields": {}}
        for id in changes.pop("ids", IDS)
    ]
    catalogue = {"catalog": 1, "vocabulary": "standard", "candidates": listed}
    vocabulary = sandbox_vocabulary()
    return Config(
        vocabulary=vocabulary,
        catalogue=read_catalog(json.dumps(catalogue), "catalogue", vocabulary),
        providers={"p": Endpoint(name="p", url=f"{url}/v1", key=Secret(KEY), headers={"X-Own": "operator"})},
        port=0,
        **changes,
    )


def the_call(world: World) -> Wanted:
    (seen,) = world.seen
    assert (seen.where, seen.target) == ("own", "/v1/chat/completions")
    assert seen.headers.getall("Authorization") == [f"Bearer {KEY}"]  # type: ignore[attr-defined]
    assert seen.headers["X-Own"] == "operator"
    return seen


@run
async def test_no_key_of_a_body_moves_a_call(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        names = ("base_url", "api_base", "url", "endpoint", "proxy", "custom_llm_provider", "redirect", "host")
        odd: dict[str, Any] = dict.fromkeys(names, world.elsewhere)
        odd |= {"api_key": "sk-callers-own", "organization": "o", "api_version": "1"}
        odd |= {"headers": {"Authorization": "Bearer no"}, "extra_headers": {"X-Own": "no", "Host": "elsewhere"}}
        odd |= {"extra_body": {"model": "no"}, "extra_query": {"a": "b"}, "models": ["no"], "route": "fallback"}
        odd |= {"provider": {"order": ["no"]}, "MODEL": "no", "Model": "no", "model ": "no"}
        got = await world.chat({"model": "plain/one", "messages": QUESTION, **odd})
        assert got.status == 200
        # They go on as they came, as all that a router does not know: in the body, where they mean nothing to it.
        assert the_call(world).body == {"model": "served-name", "messages": QUESTION, **odd}


@run
async def test_no_header_or_query_of_a_caller_goes_on(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        headers = {
            "X-Own": "caller",
            "Cookie": "a=b",
            "X-Forwarded-Host": "elsewhere.example",
            "X-Forwarded-For": "10.0.0.1",
            "Forwarded": "host=elsewhere.example",
            "X-Original-URL": "/admin",
            "X-HTTP-Method-Override": "DELETE",
            "OpenAI-Organization": "org-caller",
            "api-key": "caller",
            "x-api-key": "caller",
            "Proxy-Authorization": "Basic eDp5",
            "X-Client-Request-Id": "caller",
            "User-Agent": "caller",
            "Authorization": "Bearer pir_caller",
        }
        got = await world.chat({"model": "plain/one", "messages": QUESTION}, headers)
        assert got.status == 200
        seen = the_call(world)
        assert b"caller" not in b"".join(value for _, value in seen.raw_headers)
        assert {name.lower() for name in seen.headers} == {
            *("host", "user-agent", "content-type", "content-length", "accept", "accept-encoding", "authorization"),
            *("x-own", "x-client-request-id"),
        }


@run
async def test_a_call_whose_target_has_tricks_in_it_is_nowhere(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        body = json.dumps({"model": "plain/one", "messages": QUESTION}).encode()
        for target in (
            "/v1/chat/completions/../../../admin",
            "/v1/chat/completions/",
            "//v1/chat/completions",
            "/v1%2fchat%2fcompletions",
            "/v1/./chat/completions",
            "/v1/chat/completions;a=b",
            "/v1/chat/completions%00",
            "/v1/chat/completions%0d%0aX-Injected:%20yes",
        ):
            head = (
                f"POST {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            assert await status_of(world, head.encode() + body) in (400, 404, 405), target
        assert world.seen == []
        query = f"POST /v1/chat/completions?api-version=1&base_url={world.elsewhere} HTTP/1.1\r\nHost: localhost\r\n"
        query += f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        assert await status_of(world, query.encode() + body) == 200
        the_call(world)


async def status_of(world: World, request: bytes) -> int:
    """The status of the one answer to a request of these bytes; 0 without one."""
    reader, writer = await opened(world.router.url, request)
    try:
        data = await asyncio.wait_for(reader.read(), 5)
    except ConnectionResetError:
        data = b""
    finally:
        writer.close()
    assert b"x-injected" not in data.lower().partition(b"\r\n\r\n")[0]
    assert data.count(b"HTTP/1.1 ") <= 1
    return int(data.split()[1]) if data else 0


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("stream", [False, True])
@run
async def test_the_id_of_a_candidate_is_a_name_and_no_part_of_an_address_or_a_header(
    tmp_path: Path, id: str, stream: bool
) -> None:
    async with a_world(tmp_path) as world:
        named = not id.startswith("policy:")
        only = ["policy", ["tag_in", "id", [id]], *EVERYBODY[2:]]
        body = {"model": id} if named else {"model": "policy:*", "policy_ir": only}
        got = await world.chat({**body, "messages": QUESTION})
        assert got.status == 200
        assert got.account["candidate"] == id
        assert "X-Injected" not in got.headers
        assert the_call(world).body["model"] == "served-name"


@pytest.mark.parametrize(
    "model",
    ["", " ", "\n", "plain/one\n", "plain/one\r\nX-Injected: yes", " plain/one", "PLAIN/ONE", "plain%2Fone",
     "plain/one/", "./plain/one", "policy:", "policy:\r\nX-Injected: yes", "policy:*/../x", "served-name", "\0",
     "\ud800", "x" * 100_000],
)  # fmt: skip
@run
async def test_a_model_that_is_not_known_by_this_very_name_is_not_called(tmp_path: Path, model: str) -> None:
    async with a_world(tmp_path) as world:
        got = await world.chat({"model": model, "messages": QUESTION})
        assert (got.status, got.error["code"]) == (404, "model_not_found")
        assert len(got.text) < 4000
        assert "X-Injected" not in got.headers
        assert world.seen == []


@run
async def test_of_two_models_in_one_body_none_is_sent_that_was_not_decided_for(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        body = b'{"model": "nobody", "messages": [{"role": "user", "content": "x"}], "model": "plain/one"}'
        got = await world.chat(body)
        assert got.status == 200
        assert the_call(world).body == {"model": "served-name", "messages": [{"role": "user", "content": "x"}]}


@pytest.mark.parametrize(
    "transform",
    [
        ["set_param", "model", "other-model"],
        ["default_param", "model", "other-model"],
        ["set_param", "base_url", "http://elsewhere.example"],
        ["set_param", "messages", []],
        ["set_header", "Authorization", "Bearer no"],
        ["set_param", "api_key", "no"],
        ["drop_param", "model"],
    ],
)
@run
async def test_no_transform_of_a_policy_moves_a_call(tmp_path: Path, transform: list[Any]) -> None:
    """What the language has no operation for is refused; what it lets pass changes neither place nor model."""
    async with a_world(tmp_path) as world:
        term = [*EVERYBODY[:4], transform, EVERYBODY[5]]
        got = await world.chat({"model": "policy:*", "policy_ir": term, "messages": QUESTION})
        if got.status == 400:
            assert got.error["code"] == "policy_refused"
            assert world.seen == []
        else:
            seen = the_call(world).body
            assert (seen["model"], seen["messages"]) == ("served-name", QUESTION)


@run
async def test_the_name_of_a_policy_does_not_get_out_of_its_header_or_line(tmp_path: Path) -> None:
    made = sandbox_policies()["cheapest"]
    names = ("a\r\nX-Injected: yes", "ü", "../x", "<b>bold</b>")
    named = {name: NamedPolicy(name=name, admitted=made.admitted) for name in names}
    async with a_world(tmp_path, policies=named) as world:
        for name in names:
            got = await world.chat({"model": f"policy:{name}", "messages": QUESTION})
            assert got.status in (200, 422)
            assert "X-Injected" not in got.headers
        async with world.session.get(f"{world.router.url}/metrics") as response:
            lines = (await response.text()).splitlines()
        assert not [line for line in lines if line.startswith("X-Injected")]
        async with world.session.get(f"{world.router.url}/") as response:
            assert "<b>bold" not in await response.text()


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: 5\r\nContent-Length: 90",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Content-Length: +90",
        "Content-Length: 5, 5",
        "X: a\rX-Injected: yes",
        "X: a\nX-Injected: yes",
        "X: a\0b",
        " folded: yes",
        "X: a\r\n folded",
        "X" + "a" * 9000 + ": b",
        "X: " + "b" * 9000,
        "\r\n".join(f"X{i}: a" for i in range(300)) + "\r\nX: " + "a" * 80_000,
    ],
    ids=range(14),
)
@run
async def test_a_request_that_two_servers_could_read_in_two_ways_is_read_in_none(tmp_path: Path, lines: str) -> None:
    """Nothing of it is taken for a second request, and no provider gets more than one call."""
    async with a_world(tmp_path) as world:
        body = b'{"model": "plain/one", "messages": [{"role": "user", "content": "x"}]}'
        inner = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n\r\n".encode()
        reader, writer = await opened(world.router.url, head + body + inner)
        try:
            data = await asyncio.wait_for(reader.read(65536), 5)
        except ConnectionResetError:
            data = b""
        finally:
            writer.close()
        assert not data or int(data.split()[1]) in (400, 413, 431), data[:200]
        assert b"x-injected" not in data.lower().partition(b"\r\n\r\n")[0]
        assert world.seen == []


@run
async def test_a_redirect_takes_no_call_and_no_key_with_it(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        went: list[str] = []

        async def away(request: web.Request) -> web.Response:
            went.append(request.path)
            raise web.HTTPTemporaryRedirect(f"{world.elsewhere}/v1/chat/completions")

        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", away)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        service = world.router.service
        moved = _config(f"http://127.0.0.1:{runner.addresses[0][1]}")
        service.reload(attrs.evolve(moved, port=service.config.port))
        got = await world.chat({"model": "plain/one", "messages": QUESTION})
        await runner.cleanup()
        assert (got.status, got.error["code"]) == (502, "bad_response")
        assert went == ["/v1/chat/completions"]
        assert world.seen == []


def test_a_candidate_says_nothing_of_an_address() -> None:
    assert not {"url", "base_url", "endpoint", "headers", "key"} & {one.name for one in attrs.fields(Candidate)}
