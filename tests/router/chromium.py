"""A headless Chromium that tests look at pages with, over its own protocol, and a server of pages to look at."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

PATIENCE = 20.0
"""Seconds that the browser has for anything."""


class Chromium:
    """One tab of a browser. `events` has what it told since the last visit."""

    def __init__(self, command: str, folder: Path) -> None:
        self._process = subprocess.Popen(
            [command, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
             "--disable-dev-shm-usage", "--disable-background-networking", "--remote-debugging-port=0",
             f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._loop = asyncio.new_event_loop()
        self._number = 0
        self._tab: str | None = None
        self.events: list[dict[str, Any]] = []
        try:
            self._session, self._socket = self._run(self._connected(self._address()))
            target = self.ask("Target.createTarget", url="about:blank")["targetId"]
            self._tab = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.ask(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if hasattr(self, "_session"):
            self._run(self._session.close())
        self._loop.close()
        self._process.terminate()
        self._process.wait(PATIENCE)
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _address(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if line.startswith("DevTools listening on "):
                # What else it says is of no interest, and must not fill the pipe.
                threading.Thread(target=self._process.stderr.read, daemon=True).start()
                return line.removeprefix("DevTools listening on ").strip()
        raise RuntimeError("the browser ended before it listened")

    async def _connected(self, address: str) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
        session = aiohttp.ClientSession()
        return session, await session.ws_connect(address, max_msg_size=0)

    def _run(self, work: Any) -> Any:
        return self._loop.run_until_complete(asyncio.wait_for(work, PATIENCE))

    def ask(self, method: str, /, **params: Any) -> dict[str, Any]:
        """Have the browser do something; its answer."""
        return self._run(self._ask(method, params))

    async def _ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self._number += 1
        number = self._number
        tab = {} if self._tab is None else {"sessionId": self._tab}
        await self._socket.send_json({"id": number, "method": method, "params": params, **tab})
        while True:
            message = await self._socket.receive_json()
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            if "method" in message:
                self.events.append(message)

    def wait_for(self, method: str) -> dict[str, Any]:
        """The first event of a name since the last visit."""

        async def come() -> dict[str, Any]:
            while True:
                for event in self.events:
                    if event["method"] == method:
                        return event["params"]
                self.events.append(await self._socket.receive_json())

        return self._run(come())

    def look(self, width: int, *, dark: bool = False) -> None:
        """Take another width, in pixels, and scheme of colours."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def visit(self, url: str) -> None:
        """Load a page, and forget what was told of the one before."""
        self.events.clear()
        self.ask("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")

    def leave(self, script: str) -> None:
        """Do what leads to another page, and wait for that."""
        self.events.clear()
        self.value(script)
        self.wait_for("Page.loadEventFired")

    def value(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    @property
    def complaints(self) -> list[str]:
        """What the console was told, and exceptions, and dialogs."""
        names = {
            "Log.entryAdded",
            "Runtime.consoleAPICalled",
            "Runtime.exceptionThrown",
            "Page.javascriptDialogOpening",
        }
        return [json.dumps(event["params"])[:500] for event in self.events if event["method"] in names]

    @property
    def requests(self) -> list[str]:
        """The addresses that were asked for."""
        sent = [event for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]


class Pages:
    """A server of texts by path, with the header that the router gives them. `posted` are the forms that came."""

    def __init__(self, texts: Mapping[str, str], security: str) -> None:
        self.posted: list[tuple[str, dict[str, list[str]]]] = []
        self.asked: list[str] = []
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pages.asked.append(self.path)
                self._answer()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                pages.posted.append((self.path, parse_qs(body, keep_blank_values=True)))
                self._answer()

            def _answer(self) -> None:
                text = texts.get(urlsplit(self.path).path, "")
                data = text.encode("utf-8")
                self.send_response(200 if text else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Content-Security-Policy", security)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def served(self) -> Iterator[Pages]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
