"""A router as a process of its own, as an operator runs it."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

PATIENCE = 20.0
"""Seconds after which a process is taken to hang."""

QUESTION = [{"role": "user", "content": "Where is my order?"}]


def environment(store: Path, **more: str) -> dict[str, str]:
    """That of a process whose default store is a file of the test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_IR")}
    return {**kept, "POLICY_IR_TRACES": str(store), "COLUMNS": "100", "NO_COLOR": "1", **more}


def policy_ir(*arguments: object, store: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A command in another process, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "policy_ir", *map(str, arguments)],
        env=environment(store, **more),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


@attrs.define
class Serving:
    """A running `policy-ir serve`. `said` is what it has said so far on standard error."""

    process: subprocess.Popen[str]
    store: Path
    said: str = ""
    url: str = ""
    _lines: queue.Queue[str] = attrs.field(factory=queue.Queue)

    def until(self, text: str) -> str:
        """The next line with a text, waited for."""
        while True:
            line = self._lines.get(timeout=PATIENCE)
            self.said += line
            if text in line:
                return line
            assert line, f"it has ended, and said: {self.said}"

    def read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(line)
        self._lines.put("")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        """The exit code, waited for."""
        code = self.process.wait(PATIENCE)
        while line := self._lines.get(timeout=PATIENCE):
            self.said += line
        return code

    def asked(self, **body: Any) -> HTTPConnection:
        """A connection on which a chat call is on its way."""
        where = urlsplit(self.url)
        connection = HTTPConnection(where.hostname or "", where.port, timeout=PATIENCE)
        sent = json.dumps({"model": "policy:resilient", "messages": QUESTION, **body})
        connection.request("POST", "/v1/chat/completions", sent, {"Content-Type": "application/json"})
        return connection

    def call(self, **body: Any) -> tuple[int, dict[str, Any]]:
        """Status and answer of a chat call."""
        connection = self.asked(**body)
        try:
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


@contextmanager
def serving(*arguments: object, store: Path, **more: str) -> Iterator[Serving]:
    """A router that runs for as long as the context lasts, at any free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "policy_ir", "serve", *map(str, arguments)],
        env=environment(store, **more),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        encoding="utf-8",
    )
    made = Serving(process, store)
    reader = threading.Thread(target=made.read, daemon=True)
    reader.start()
    try:
        made.url = made.until("listening at ").split()[2].rstrip(",")
        yield made
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
        reader.join(PATIENCE)
        assert process.stderr is not None
        process.stderr.close()
