"""No secret that a router is given shows anywhere, whatever providers and callers do.

Distinctive ones are planted: the key and a secret header of a provider, the bearer keys of callers, the password of a
store. Providers echo what they are sent in every way they can; then everything that came out is searched.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from commands import command
from raw_http import opened
from raw_provider import STREAM, Exchange, Provider, chunk, completion, events, head, piece, whole
from routers import QUESTION
from running import run
from serving import serving

from policy_ir.router.auth import digest_of
from policy_ir.router.config import Breaker, Config, Endpoint, Key, Limits, Traces
from policy_ir.router.redactor import Redactor
from policy_ir.router.sandbox_world import sandbox_catalogue, sandbox_policies, sandbox_vocabulary
from policy_ir.router.secrets import Secret
from policy_ir.router.server import Running, running
from policy_ir.trace.store import Store

KEY = "sk-Kq7vXw2ZpL9mTd4Rb8Ys6Nf3GhJ5"
HEADER = "hdr-Wm3cQx8VtB6nLs1Pz9Yk4Df7"
CALLER = "pir_Zt5uHj8KfC2wNq6Xv1Bm9Rg4Ly7Se3Pd"
PASSWORD = "pw-Tg6yHn4UjM2kIo8Lp"
PLANTED = (KEY, HEADER, CALLER, PASSWORD)

PIECE = 15
"""Characters of a secret of which no row may show anywhere."""


def pieces_in(text: str) -> set[str]:
    """The pieces of planted secrets that a text has."""
    return {
        secret[at : at + PIECE]
        for secret in PLANTED
        for at in range(len(secret) - PIECE + 1)
        if secret[at : at + PIECE] in text
    }


# --- a provider that tells all it knows -------------------------------------------------------------------------


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": None, **more}}


def wholes(key: str) -> dict[str, bytes]:
    """Answers that are none, by name; each tells a key, or a part of one."""
    said = f"Incorrect API key provided: {key}. You can find yours elsewhere."
    return {
        "an error": whole(error(said), 401),
        "in a word": whole(error(f"key={key}&x=1 'Bearer{key}'"), 401),
        "in code, type, param": whole(error("no", code=key, type=key, param=key), 400),
        "as an array": whole([error(said)], 400),
        "flat": whole({"message": said, "detail": [{"msg": said}]}, 422),
        "as JSON within a text": whole(error(json.dumps(error(said))), 500),
        "as a text": head(500, type="text/plain", Content_Length=len(said)) + said.encode(),
        "as a page": whole(f"<html><title>{key}</title><body>{said}</body></html>".encode(), 502),
        "in three parts": whole(error(f"{key[:11]} {key[11:22]} {key[22:]} and {key[4:24]}"), 400),
        "with escapes": whole(json.dumps(error(said)).replace("-", "\\u002d").encode(), 401),
        "twice, on end": whole(error(key + key), 401),
        "at the cut": whole(error("x" * 285 + key), 400),
        "in headers": whole(
            error("no"),
            429,
            x_request_id=key,
            Retry_After=key,
            WWW_Authenticate=key,
            Set_Cookie=f"a={key}",
            openai_processing_ms=key,
        ),
        "in the type": head(200, type=f"text/{key}", Content_Length=2) + b"{}",
        "in the status line": f"HTTP/1.1 500 {key}\r\nContent-Length: 0\r\n\r\n".encode(),
        "in a broken status line": f"HTTP/1.1 {key}\r\n\r\n".encode(),
        "in a broken header": f"HTTP/1.1 200 OK\r\n{key}\r\n\r\n".encode(),
        "in a header with a NUL": f"HTTP/1.1 200 OK\r\nX: {key}\0\r\n\r\n".encode(),
        "in a redirect": head(307, Location=f"http://127.0.0.1:9/?key={key}", Content_Length=0),
        "in a broken redirect": head(302, Location=f"http://[{key}", Content_Length=0),
        "as no HTTP": f"{key}\r\n\r\n".encode(),
        "in an encoding": head(200, Content_Encoding="gzip", Content_Length=len(key)) + key.encode(),
        "in an unknown encoding": head(200, Content_Encoding=key, Content_Length=2) + b"{}",
        "in the framing": head(200, Transfer_Encoding="chunked") + f"{key}\r\n".encode(),
        "as the length": head(200, Content_Length=key),
        "as a text of 200": whole(said.encode()),
        "an error in 200": whole(error(said)),
        "an error in a choice": whole({"choices": [{"index": 0, "error": {"message": said, "code": key}}]}),
        "as an end": whole(completion(None, finish=f"content_filter: {key}")),
        "as a broken choice": whole({"choices": [key]}),
        "as usage": whole(completion(usage={"prompt_tokens": key, key: 1})),
        "in an answer": whole(completion(f"You sent {key}.", model=key, system_fingerprint=key), x_request_id=key),
    }


def streams(key: str) -> dict[str, bytes]:
    """Streams that break off, by name."""
    said = error(f"Invalid key {key}")
    begun = events(piece("Hel"))
    end = events(piece(finish="stop"), b"[DONE]")
    return {
        "an error at first": events(said),
        "an error event": f"event: error\ndata: {key}\n\n".encode(),
        "an error in the middle": begun + events(said),
        "a broken piece": begun + f"data: {{{key}\n\n".encode(),
        "a line of nothing": begun + f"{key}: {key}\n: {key}\nid: {key}\n\n".encode() + end,
        "an error in a choice": begun + events({"choices": [{"index": 0, "error": {"message": key}}]}),
        "an end": events(piece(finish=f"content_filter: {key}")),
        "a choice": begun + events({"choices": key}),
        "a model": events(piece("Hel", model=key)) + end,
        "an answer": events(piece(f"You sent {key}.")) + end,
    }


class Teller:
    """A provider that does in each call what the next row says, with the secrets that the call itself has brought."""

    def __init__(self) -> None:
        self.row = ""

    async def __call__(self, exchange: Exchange) -> None:
        secrets = exchange.headers["authorization"].removeprefix("Bearer "), exchange.headers["x-secret"]
        assert secrets == (KEY, HEADER)
        secret = secrets["header" in self.row]
        name = self.row.partition(" / ")[2]
        if self.row.startswith("whole"):
            await exchange.send(wholes(secret)[name])
        else:
            await exchange.send(STREAM + chunk(streams(secret)[name]) + b"0\r\n\r\n")
        exchange.close()


ROWS = [
    f"{way} / {name}"
    for way, names in (
        ("whole", wholes(KEY)),
        ("whole header", wholes(KEY)),
        ("stream", streams(KEY)),
        ("stream header", streams(KEY)),
    )
    for name in names
]


# --- everything that comes out ----------------------------------------------------------------------------------


class Heard(logging.Handler):
    """All that is logged anywhere, as a log would have it, and the arguments that it is made of."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = io.StringIO()
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.text.write(self.format(record) + f" {record.args!r}\n")


@pytest.fixture
def heard() -> Any:
    handler, root = Heard(), logging.getLogger()
    ours = ("policy_ir", "policy_ir.router", "policy_ir.router.requests")
    others = ("aiohttp", "aiohttp.client", "aiohttp.server", "aiohttp.web", "aiohttp.access", "aiohttp.internal")
    names = ("", "asyncio", "sqlalchemy", *ours, *others)
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield handler.text
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@asynccontextmanager
async def a_world(
    folder: Path, script: Callable[[Exchange], Awaitable[None]], **changes: Any
) -> AsyncIterator[tuple[Running, aiohttp.ClientSession, Config]]:
    async with Provider(script) as provider:
        catalogue = sandbox_catalogue()
        made = Endpoint(
            name="north",
            url=provider.url,
            key=Secret(KEY),
            headers={"X-Secret": Secret(HEADER)},
            serves=frozenset(one.served_by for one in catalogue.listed),
        )
        config = Config(
            **{
                "vocabulary": sandbox_vocabulary(),
                "catalogue": catalogue,
                "policies": sandbox_policies(),
                "providers": {"north": made},
                "keys": {"me": Key(name="me", digest=digest_of(CALLER), admin=True)},
                "port": 0,
                "limits": Limits(attempts=2),
                "breaker": Breaker(failures=10_000, disable_ms=1, open_ms=1),
                **changes,
            }
        )
        store = Store.open(f"sqlite:///{folder / 'traces.db'}")
        async with running(config, store) as router, aiohttp.ClientSession() as session:
            yield router, session, config


def stored(folder: Path) -> str:
    """Every byte that a store has left on the disk, and what of it is packed."""
    import sqlite3
    import zlib

    text = "".join(path.read_bytes().decode("latin-1") for path in folder.iterdir() if path.is_file())
    with sqlite3.connect(folder / "traces.db") as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            for row in database.execute(f"select * from {table}"):
                for value in row:
                    data = value if isinstance(value, bytes) else str(value).encode()
                    with suppress(zlib.error):
                        data = zlib.decompress(data)
                    text += data.decode("latin-1")
    return text


@pytest.mark.parametrize("prompts", [False, True])
@run
async def test_nothing_of_a_secret_comes_out_whatever_providers_echo(
    tmp_path: Path, heard: io.StringIO, prompts: bool
) -> None:
    asyncio.get_running_loop().set_debug(True)
    teller = Teller()
    shown: dict[str, str] = {}
    own = {"Authorization": f"Bearer {CALLER}"}
    async with a_world(tmp_path, teller, traces=Traces(prompts=prompts)) as (router, session, config):

        async def ask(name: str, method: str, path: str, **more: Any) -> str:
            async with session.request(method, router.url + path, headers=own, **more) as response:
                shown[name] = f"{response.raw_headers!r} {response.reason} {await response.text()}"
                return shown[name]

        ids = []
        for row in ROWS:
            teller.row = row
            body = {"model": "policy:resilient", "messages": QUESTION, "stream": row.startswith("stream")}
            async with session.post(router.url + "/v1/chat/completions", json=body, headers=own) as response:
                shown[row] = f"{response.raw_headers!r} {response.reason} "
                try:
                    shown[row] += await response.text()
                except aiohttp.ClientError as wrong:
                    shown[row] += repr(wrong)
                ids.append(response.headers["x-policy-ir-trace"])
        for path in (
            "/traces?limit=500",
            "/metrics",
            "/v1/models",
            "/readyz",
            "/",
            "/ui/models",
            "/ui/try",
            "/nowhere",
        ):
            await ask(path, "GET", path)
        for id in ids:
            await ask(f"trace {id}", "GET", f"/traces/{id}")
            await ask(f"page {id}", "GET", f"/ui/traces/{id}")
        service = router.service
        things = (
            config,
            service,
            service.world,
            service.upstream,
            service.guard,
            service.writer,
            service.store,
            router,
        )
        shown["representations"] = " ".join(map(repr, things)) + repr(vars(service)) + repr(config.providers)
        assert service.store.count() == len(ROWS)
    # What is told of a failure is still told.
    assert "Incorrect API key provided: ***." in shown["whole / an error"]
    assert "You sent ***." in shown["whole / in an answer"]
    assert "You sent ***." in shown["stream / an answer"]
    shown["log"] = heard.getvalue()
    shown["store"] = stored(tmp_path)
    for verb in (["list", "--limit", "500"], ["export", "--parts"], *(["show", id] for id in ids[::7])):
        ended = command("trace", *verb, "--store", str(tmp_path / "traces.db"))
        assert ended.code == 0, ended.err
        shown[" ".join(verb)] = ended.out + ended.err
    assert {where: pieces_in(text) for where, text in shown.items() if pieces_in(text)} == {}


@run
async def test_a_malformed_request_does_not_bring_its_key_into_the_log(tmp_path: Path, heard: io.StringIO) -> None:
    async def well(exchange: Exchange) -> None:
        await exchange.send(whole(completion()))

    async with a_world(tmp_path, well) as (router, _, _config):
        for lines in (
            f"Authorization: Bearer {CALLER}\n",
            f"Authorization: Bearer {CALLER}\0",
            f"Authorization : Bearer {CALLER}",
            f"Authorization: Bearer {CALLER}\r\n folded",
            f"Authorization: Bearer {CALLER}\r\nContent-Length: x",
            f"Authorization: Bearer {CALLER}{'x' * 9000}",
            f"Bearer {CALLER}",
            f"Authorization: Bearer {CALLER}é\u2028",
            f"Authorization: Basic {CALLER}",
        ):
            request = f"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n\r\n".encode()
            reader, writer = await opened(router.url, request)
            with suppress(ConnectionResetError):
                await asyncio.wait_for(reader.read(), 5)
            writer.close()
        target = f"GET /v1/models?key={CALLER} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        reader, writer = await opened(router.url, target)
        await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert pieces_in(heard.getvalue()) == set()
    assert "Traceback" not in heard.getvalue()


@run
async def test_a_fault_of_our_own_is_logged_without_what_it_quotes(
    tmp_path: Path, heard: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def well(exchange: Exchange) -> None:
        raise AssertionError

    async with a_world(tmp_path, well) as (router, session, _):

        def broken(*_: Any, **__: Any) -> None:
            raise ValueError(f"cannot send Bearer {KEY}")

        monkeypatch.setattr(router.service.upstream, "answer", broken)
        own = {"Authorization": f"Bearer {CALLER}"}
        body = {"model": "policy:resilient", "messages": QUESTION}
        async with session.post(router.url + "/v1/chat/completions", json=body, headers=own) as response:
            assert response.status == 500
            text = await response.text()
            assert pieces_in(text) == set()
        monkeypatch.undo()
    assert "cannot send Bearer ***" in heard.getvalue()
    assert "Traceback" in heard.getvalue()
    assert pieces_in(heard.getvalue()) == set()


@run
async def test_a_key_of_two_configurations_ago_is_still_a_secret(tmp_path: Path) -> None:
    import attrs

    async def told(exchange: Exchange) -> None:
        await exchange.send(whole(error(f"no {KEY}"), 400))

    async with a_world(tmp_path, told) as (router, session, config):
        for number in range(3):
            other = {
                "north": attrs.evolve(
                    config.providers["north"], key=Secret(f"sk-another-{number}-0123456789"), headers={}
                )
            }
            router.service.reload(attrs.evolve(config, providers=other))
        own = {"Authorization": f"Bearer {CALLER}"}
        body = {"model": "policy:resilient", "messages": QUESTION}
        async with session.post(router.url + "/v1/chat/completions", json=body, headers=own) as response:
            text = await response.text()
    assert "no ***" in text
    assert pieces_in(text) == set()


# --- the process ------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_the_process_says_nothing_of_a_secret_on_its_standard_error(tmp_path: Path) -> None:
    file = tmp_path / "router.toml"
    catalogue = {
        "catalog": 1,
        "vocabulary": "standard",
        "candidates": [
            {"id": "p/m", "provider": "p", "served_by": "p", "family": "m", "served_model": "m", "fields": {}}
        ],
    }
    (tmp_path / "catalogue.json").write_text(json.dumps(catalogue), "utf-8")
    lines = ['catalogue = "catalogue.json"', "[providers.p]", 'url = "http://127.0.0.1:9/v1"', 'key_env = "P_KEY"']
    lines += [
        "[providers.p.headers]",
        'X-Secret = { env = "P_HEADER" }',
        "[keys.me]",
        f'digest = "{digest_of(CALLER)}"',
    ]
    file.write_text("\n".join(lines), "utf-8")
    secrets = {"P_KEY": KEY, "P_HEADER": HEADER, "PYTHONASYNCIODEBUG": "1", "PYTHONDEVMODE": "1"}
    with serving(file, "--port", 0, store=tmp_path / "traces.db", **secrets) as router:
        assert router.call(model="p/m")[0] == 401
        file.write_text("\n".join([*lines, "wrong = 1"]).replace("P_KEY", KEY), "utf-8")
        router.signal(signal.SIGHUP)
        router.until("the router goes on")
        router.signal(signal.SIGTERM)
        assert router.ended() == 0
    assert pieces_in(router.said) == set()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://user:{PASSWORD}@127.0.0.1:9/traces",
        f"postgresql://127.0.0.1:9/traces?user=u&password={PASSWORD}",
        f"postgresql://user:{PASSWORD}@[::1/traces",
        f"mysql://user:{PASSWORD}@127.0.0.1/traces",
        f"nonsense://user:{PASSWORD}@127.0.0.1/traces",
        f"postgresql://user:{PASSWORD}@127.0.0.1:port/traces",
        f"postgresql://user:x/{PASSWORD}@127.0.0.1:9/traces",
        f"postgresql://user:x@{PASSWORD}@127.0.0.1:9/traces",
    ],
)
def test_the_password_of_a_store_that_cannot_be_opened_is_not_told(tmp_path: Path, url: str) -> None:
    file = tmp_path / "router.toml"
    provider = '[providers.openai]\nkind = "openai"\nkey_env = "P_KEY"\n'
    asked = [("serve", "--sandbox", "--store", url), ("trace", "list", "--store", url)]
    file.write_text(f'{provider}[traces]\nurl = "{url}"\n', "utf-8")
    for arguments in (*asked, ("serve", file)):
        ended = command(*arguments, environment={"P_KEY": KEY})
        assert ended.code in (1, 2), ended.err
        assert pieces_in(ended.out + ended.err) == set(), ended.err
    for wrong in (
        f'url = ["{url}"]',
        f'url = "{url}"\nkeep_days = "x"',
        f'url = "{url}" wrong',
        f'ur = "{url}"',
        f'url = "{url}',
    ):
        file.write_text(f"{provider}[traces]\n{wrong}\n", "utf-8")
        ended = command("serve", file, "--check", environment={"P_KEY": KEY})
        assert ended.code == 1
        assert pieces_in(ended.out + ended.err) == set(), ended.err


def test_a_redactor_finds_every_piece_of_some_length_wherever_it_stands() -> None:
    redact = Redactor([Secret(KEY), Secret("short"), Secret("")])
    for start in range(len(KEY)):
        for stop in range(start + PIECE, len(KEY) + 1):
            for text in (KEY[start:stop], f"a {KEY[start:stop]}b", f"{KEY[start:stop]}{KEY[start:stop]}"):
                assert pieces_in(redact(text)) == set(), text
    assert redact("a short b") == "a *** b"
    assert redact("nothing of it: sk-Kq7v") == "nothing of it: sk-Kq7v"
    assert redact.of_answer(b"sk-Kq7vX") == b"sk-Kq7vX"
