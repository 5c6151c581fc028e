"""Who may call, from outside: keys, what each of them may do and see, and what other sites may not."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from raw_http import opened
from routers import QUESTION, Router, a_router
from running import run

from policy_ir.diagnostics import Refused
from policy_ir.floor import Floor, floor_of
from policy_ir.router.auth import digest_of
from policy_ir.router.config import Key
from policy_ir.router.sandbox import Sandbox
from policy_ir.router.sandbox_world import sandbox_vocabulary
from policy_ir.syntax.loader import load

APP, OPS, OTHER = (f"pir_{name}_{'0123456789' * 4}" for name in ("app", "ops", "other"))
EVERYBODY: list[Any] = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "next_candidate"}]]


def floor(term: list[Any]) -> Floor:
    return floor_of((load(term), None), sandbox_vocabulary())  # type: ignore[arg-type]


def keys(**of_app: Any) -> dict[str, Key]:
    return {
        "app": Key(name="app", digest=digest_of(APP), **of_app),
        "other": Key(name="other", digest=digest_of(OTHER)),
        "ops": Key(name="ops", digest=digest_of(OPS), admin=True),
    }


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def basic(key: str, name: str = "me") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{key}".encode()).decode()}


# --- keys -------------------------------------------------------------------------------------------------------

ROUTES = [
    ("POST", "/v1/chat/completions"),
    ("GET", "/v1/models"),
    ("POST", "/policy/validate"),
    ("POST", "/policy/decide"),
    ("GET", "/policy/fields"),
    ("GET", "/traces"),
    ("GET", "/traces/tr_1"),
    ("POST", "/traces/tr_1/replay"),
    ("GET", "/metrics"),
    ("GET", "/"),
    ("GET", "/ui/try"),
    ("POST", "/ui/try"),
    ("GET", "/ui/models"),
    ("GET", "/ui/traces/tr_1"),
    ("POST", "/ui/traces/tr_1"),
    ("GET", "/nowhere"),
    ("DELETE", "/traces"),
]


@run
async def test_every_route_but_those_about_health_wants_a_key(tmp_path: Path) -> None:
    async with a_router(tmp_path, keys=keys()) as router:
        for method, path in ROUTES:
            for headers in ({}, bearer("pir_wrong"), bearer(APP[:-1]), bearer(APP + "x"), {"Authorization": APP}):
                got = await router.ask(method, path, headers=headers)
                assert got.status == 401, (method, path, headers)
                assert APP not in got.text
        for path in ("/healthz", "/readyz"):
            assert (await router.get(path)).status == 200
        assert router.store.find() == []
        assert router.sandbox.calls() == 0


@run
async def test_a_key_is_known_by_its_digest_and_its_calls_bear_its_name(tmp_path: Path) -> None:
    async with a_router(tmp_path, keys=keys()) as router:
        got = await router.chat(headers=bearer(APP))
        assert got.status == 200
        assert router.trace(got).key == "app"
        config = router.running.service.config
        assert APP not in repr(config.keys)
        assert config.keys["app"].digest == digest_of(APP)
        refused = await router.chat(headers=bearer("pir_wrong"))
        assert (refused.error["code"], refused.headers["WWW-Authenticate"]) == ("invalid_api_key", "Bearer")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic é",
        "Basic " + "A" * 4000,
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Basic " + base64.b64encode(b"nocolon").decode(),
        "Digest username=x",
        "Bearer " + "x" * 8000,
        "Bearer é\x80",
        f"Bearer {digest_of(APP)}",
    ],
)
@run
async def test_no_header_that_is_no_key_is_more_than_unauthorized(tmp_path: Path, header: str) -> None:
    async with a_router(tmp_path, keys=keys()) as router:
        status, _ = await raw(router, f"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: {header}\r\n\r\n")
        assert status == 401


async def raw(router: Router, text: str, body: bytes = b"") -> tuple[int, str]:
    """Status and all of what a request of these very bytes gets; 0 where the connection is closed without an answer."""
    request = text.replace("HTTP/1.1\r\n", "HTTP/1.1\r\nConnection: close\r\n").encode("utf-8") + body
    reader, writer = await opened(router.url, request)
    try:
        data = await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()
    return int(data.split()[1]) if data else 0, data.decode("utf-8", "replace")


@run
async def test_the_floor_of_a_key_narrows_that_of_the_host_whatever_policy_is_sent(tmp_path: Path) -> None:
    host, own = (
        ["tag_in", "id", ["north/large", "north/small", "south/mini"]],
        ["tag_in", "id", ["north/small", "east/small"]],
    )
    async with a_router(tmp_path, keys=keys(floor=floor(own)), floor=floor(host)) as router:
        ways: list[dict[str, Any]] = [
            {"model": "policy:*", "policy_ir": EVERYBODY},
            {"model": "policy:cheapest"},
            {"model": "policy:best"},
        ]
        for way in ways:
            got = await router.chat(**way, headers=bearer(APP))
            assert got.account["candidate"] == "north/small", way
            dry = await router.ask("POST", "/policy/decide", json={**way, "messages": QUESTION}, headers=bearer(APP))
            assert [one["id"] for one in dry.json["decision"]["ordered"]] == ["north/small"]
        assert (await router.chat("north/small", headers=bearer(APP))).status == 200
        for beyond in ("north/large", "east/small", "west/tiny"):
            got = await router.chat(beyond, headers=bearer(APP))
            assert (got.status, got.error["code"]) == (422, "no_candidate")
        # Another key is held to the host's floor alone, and the answer says under what each has run.
        mine = (await router.chat("policy:*", policy_ir=EVERYBODY, headers=bearer(APP))).account
        theirs = (await router.chat("policy:*", policy_ir=EVERYBODY, headers=bearer(OTHER))).account
        assert theirs["candidate"] == "north/large"
        assert mine["policy"] == theirs["policy"]
        assert mine["effective"] != theirs["effective"]
        trace = router.store.get(mine["trace"])
        assert trace is not None
        assert trace.floor is not None
        replayed = await router.ask("POST", f"/traces/{mine['trace']}/replay", headers=bearer(APP))
        assert replayed.json["verdict"] == "same"


@run
async def test_a_key_has_its_burst_and_then_its_rate(tmp_path: Path) -> None:
    async with a_router(tmp_path, keys=keys(rate=30.0, burst=2)) as router:
        assert [(await router.chat(headers=bearer(APP))).status for _ in range(2)] == [200, 200]
        over = await router.chat(headers=bearer(APP))
        assert (over.status, over.error["code"]) == (429, "rate_limit_exceeded")
        assert 1 <= int(over.headers["Retry-After"]) <= 3
        assert router.sandbox.calls() == 2
        assert (await router.chat(headers=bearer(OTHER))).status == 200
        router.running.service.reload(router.running.service.config)
        assert (await router.chat(headers=bearer(APP))).status == 429
        now = router.running.service.clock()
        router.running.service.guard._rates._clock = lambda: now + 2.0
        assert (await router.chat(headers=bearer(APP))).status == 200


@run
async def test_a_key_uses_the_policies_that_it_is_given(tmp_path: Path) -> None:
    async with a_router(tmp_path, keys=keys(policies=frozenset({"cheapest"}), inline=False)) as router:
        assert (await router.chat("policy:cheapest", headers=bearer(APP))).status == 200
        for body in (
            {"model": "policy:best"},
            {"model": "north/large"},
            {"model": "policy:*", "policy_ir": EVERYBODY},
        ):
            for path in ("/v1/chat/completions", "/policy/decide"):
                made = {**body, "messages": QUESTION}
                got = await router.ask("POST", path, json=made, headers=bearer(APP))
                assert (got.status, got.error["code"]) == (403, "policy_not_allowed"), body
        listed = (await router.ask("GET", "/v1/models", headers=bearer(APP))).json["data"]
        assert [one["id"] for one in listed] == ["policy:cheapest"]
        page = await router.ask("GET", "/ui/models", headers=basic(APP))
        assert "fastest" not in page.text


@run
async def test_without_inline_a_key_may_not_get_round_it_by_naming_a_candidate(tmp_path: Path) -> None:
    async with a_router(tmp_path, keys=keys(inline=False)) as router:
        assert (await router.chat("policy:best", headers=bearer(APP))).status == 200
        assert (await router.chat("north/large", headers=bearer(APP))).status == 403


@run
async def test_a_key_sees_its_own_traces_and_an_admin_those_of_all(tmp_path: Path) -> None:
    async with a_router(tmp_path, keys=keys()) as router:
        mine = (await router.chat(headers=bearer(APP))).account["trace"]
        theirs = (await router.chat(headers=bearer(OTHER))).account["trace"]

        async def seen(key: str, path: str = "/traces") -> list[str]:
            return [one["id"] for one in (await router.ask("GET", path, headers=bearer(key))).json["data"]]

        assert await seen(APP) == await seen(APP, "/traces?key=other") == await seen(APP, "/traces?key=") == [mine]
        assert await seen(OTHER) == [theirs]
        assert await seen(OPS) == [theirs, mine]
        for method, path in (
            ("GET", "/traces/{}"),
            ("POST", "/traces/{}/replay"),
            ("GET", "/ui/traces/{}"),
            ("POST", "/ui/traces/{}"),
        ):
            got = [(await router.ask(method, path.format(id), headers=bearer(APP))).status for id in (mine, theirs)]
            assert got == [200, 404], path
            assert (await router.ask(method, path.format(theirs), headers=bearer(OPS))).status == 200
        hidden = await router.ask("GET", f"/traces/{theirs}", headers=bearer(APP))
        never = await router.ask("GET", f"/traces/{theirs[:-1]}0", headers=bearer(APP))
        assert hidden.text.replace(theirs, "") == never.text.replace(f"{theirs[:-1]}0", "")
        page = (await router.ask("GET", "/", headers=basic(APP))).text
        assert mine in page
        assert theirs not in page


# --- pages ------------------------------------------------------------------------------------------------------


@run
async def test_a_browser_is_asked_for_the_key_and_gives_it_as_a_password(tmp_path: Path) -> None:
    async with a_router(tmp_path, keys=keys()) as router:
        asked = await router.ask("GET", "/", headers={"Accept": "text/html"})
        assert (asked.status, asked.headers["WWW-Authenticate"]) == (401, 'Basic realm="policy-ir"')
        assert asked.headers["Content-Type"].startswith("text/html")
        for name in ("", "me", "ops:x"):
            got = await router.ask("GET", "/", headers=basic(APP, name))
            assert got.status == (401 if ":" in name else 200), name
            assert APP not in got.text


CROSS: list[dict[str, str]] = [
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
]


@pytest.mark.parametrize("keyed", [False, True])
@run
async def test_what_another_site_asks_for_is_not_carried_out(tmp_path: Path, keyed: bool) -> None:
    """A browser adds the password of a page by itself, and sends text to other sites without asking anybody."""
    async with a_router(tmp_path, keys=keys() if keyed else {}) as router:
        own = basic(APP) if keyed else {}
        body = '{"model": "policy:cheapest", "messages": [{"role": "user", "content": "x"}]}'
        plain = {"Content-Type": "text/plain"}
        for foreign in CROSS:
            got = await router.ask("POST", "/v1/chat/completions", data=body, headers={**own, **plain, **foreign})
            assert (got.status, got.error["code"]) == (403, "forbidden"), foreign
            assert not [name for name in got.headers if name.lower().startswith("access-control")]
            assert (
                await router.ask("POST", "/ui/try", data={"policy": "top"}, headers={**own, **foreign})
            ).status == 403
            assert (await router.ask("GET", "/", headers={**own, **foreign})).status == 403
        assert router.sandbox.calls() == 0
        # The page's own forms, a link from elsewhere, and a program that is no browser.
        here = f"http://{urlsplit(router.url).netloc}"
        form = {"data": {"policy": "top"}, "headers": {**own, "Origin": here, "Sec-Fetch-Site": "same-origin"}}
        assert (await router.ask("POST", "/ui/try", **form)).status == 200
        assert (
            await router.ask("POST", "/ui/try", data={"policy": "top"}, headers={**own, "Origin": here})
        ).status == 200
        link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        assert (await router.ask("GET", "/", headers={**own, **link})).status == 200
        assert (await router.ask("POST", "/ui/try", data={"policy": "top"}, headers={**own, **link})).status == 403
        assert (await router.ask("POST", "/v1/chat/completions", data=body, headers={**own, **plain})).status == 200


@run
async def test_a_bearer_key_is_never_sent_by_a_browser_of_itself_and_counts_from_everywhere(tmp_path: Path) -> None:
    async with a_router(tmp_path, keys=keys()) as router:
        got = await router.chat(
            headers={**bearer(APP), "Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}
        )
        assert got.status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("127.0.0.1", 200),
        ("localhost:{port}", 200),
        ("LOCALHOST:{port}", 200),
        ("localhost", 200),
        ("[::1]:{port}", 200),
        ("[::1]", 200),
        ("127.8.9.10:{port}", 200),
        ("rebound.example:{port}", 403),
        ("rebound.example", 403),
        ("localhost.rebound.example:{port}", 403),
        ("127.0.0.1.rebound.example", 403),
        ("[::2]:{port}", 403),
        ("[::1", 403),
        ("[127.0.0.1].rebound.example", 403),
        ("[::1].rebound.example", 403),
        ("10.0.0.1:{port}", 403),
        ("0.0.0.0:{port}", 403),
        ("localhost@rebound.example", 403),
        ("localhost:{port}:80", 403),
        (":{port}", 403),
        ("", 403),
    ],
)
@run
async def test_without_keys_a_router_answers_to_loopback_names_alone(tmp_path: Path, host: str, status: int) -> None:
    async with a_router(tmp_path) as router:
        named = host.format(port=urlsplit(router.url).port)
        for path in ("/", "/traces", "/v1/models"):
            got, text = await raw(router, f"GET {path} HTTP/1.1\r\nHost: {named}\r\n\r\n")
            assert got == status, (path, text[:300])


@run
async def test_a_request_that_names_no_host_comes_from_no_browser(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        for path in ("/", "/v1/models", "/healthz"):
            assert (await raw(router, f"GET {path} HTTP/1.0\r\n\r\n"))[0] == 200
        twice, _ = await raw(router, "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nHost: rebound.example\r\n\r\n")
        assert twice in (400, 403)
        whole, _ = await raw(router, "GET http://rebound.example/v1/models HTTP/1.1\r\nHost: rebound.example\r\n\r\n")
        assert whole == 403


@run
async def test_without_keys_nothing_but_loopback_is_listened_on(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        for host in ("0.0.0.0", "::", "192.168.0.1", "example.org"):
            with pytest.raises(Refused, match="PIR0913"):
                sandbox.config().listening(host, 0)
        assert sandbox.config(keys=keys()).listening("0.0.0.0", 0).host == "0.0.0.0"


# --- other methods ----------------------------------------------------------------------------------------------


@run
async def test_head_is_get_without_a_body(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        for path in ("/", "/healthz", "/readyz", "/v1/models", "/traces", "/metrics", "/ui/try", "/ui/models"):
            got, had = await router.ask("HEAD", path), await router.get(path)
            assert (got.status, got.text) == (200, ""), path
            assert got.headers["Content-Type"] == had.headers["Content-Type"]


@run
async def test_a_method_that_a_route_is_not_for_is_told_which_ones_it_is_for(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        for method, path, allowed in (
            ("GET", "/v1/chat/completions", "POST"),
            ("OPTIONS", "/v1/chat/completions", "POST"),
            ("PUT", "/", "GET, HEAD"),
            ("OPTIONS", "/ui/try", "GET, HEAD, POST"),
            ("DELETE", "/traces/tr_1", "GET, HEAD"),
            ("POST", "/healthz", "GET, HEAD"),
        ):
            got = await router.ask(method, path)
            assert (got.status, got.headers["Allow"]) == (405, allowed)
            assert got.error["code"] == "method_not_allowed"
            assert not [name for name in got.headers if name.lower().startswith("access-control")]
