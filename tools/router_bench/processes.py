"""Processes that are measured, or measure: started, found ready, asked what they have used, and ended."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

__all__ = ["Child", "NotReady", "Talking", "free_port", "module", "post"]

TOOLS: Final = Path(__file__).resolve().parents[1]
ROOT: Final = TOOLS.parent
_PAGE_MB: Final = os.sysconf("SC_PAGE_SIZE") / 2**20


class NotReady(Exception):
    """A process that did not come up; the text says what it said."""


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def module(name: str, *more: str) -> list[str]:
    """The command that runs a module of this tool."""
    return [sys.executable, "-m", f"router_bench.{name}", *more]


def post(url: str, value: object, timeout: float = 30.0) -> bytes:
    """The body that comes for a POST of JSON. Raises `urllib.error.URLError`."""
    body = json.dumps(value).encode()
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=timeout) as answer:
        data: bytes = answer.read()
        return data


def _cpu_seconds(pid: int) -> float:
    """The processor time of another process, by the clock that Linux has for each."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0.0


@attrs.define(eq=False)
class Child:
    """A process of its own, in a process group of its own; what it says goes to a file."""

    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(
        cls, command: Sequence[str], log: Path, *, environ: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Child:
        """Start a command; modules of the tools can be imported there."""
        path = os.pathsep.join([str(TOOLS), str(ROOT)])
        with log.open("wb") as into:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=into,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, "PYTHONPATH": path, **(environ or {})},
                start_new_session=True,
            )
        return cls(process, log)

    def ready(self, url: str, *, patience: float = 60.0) -> None:
        """Wait until something answers at a URL, with any status. Raises `NotReady`."""
        until = time.monotonic() + patience
        while time.monotonic() < until and self.process.poll() is None:
            try:
                urllib.request.urlopen(url, timeout=2.0)
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise self.not_ready()

    def says(self, pattern: str, *, patience: float = 60.0) -> str:
        """Wait until the process has said something that matches, and give the first group. Raises `NotReady`."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            found = re.search(pattern, self.log.read_text("utf-8", "replace"))
            if found is not None:
                return found[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise self.not_ready()

    def not_ready(self) -> NotReady:
        """What to raise, with the end of what the process has said."""
        said = self.log.read_text("utf-8", "replace")[-2000:]
        return NotReady(f"{' '.join(self.process.args)} did not come up:\n{said}")  # type: ignore[arg-type]

    def cpu_seconds(self) -> float:
        """The processor time of the group so far; that of processes which have ended is lost."""
        return sum(_cpu_seconds(pid) for pid, _ in self._members())

    def resident_mb(self) -> float:
        """The resident memory of the group now, in megabytes."""
        return sum(float(stat[21]) for _, stat in self._members()) * _PAGE_MB

    def _members(self) -> list[tuple[int, list[str]]]:
        """The processes of the group, each with the fields of `/proc/PID/stat` from the third on."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if int(fields[2]) == self.process.pid:
                    found.append((int(entry.name), fields))
        return found

    def kill(self) -> None:
        """End it at once: it gets no chance to do anything."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, *, patience: float = 40.0) -> int:
        """Ask it to end, and end it if it does not; the exit status."""
        self._signal(signal.SIGTERM)
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.returncode

    def _signal(self, which: signal.Signals) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, which)


@attrs.define(eq=False)
class Talking:
    """A process of this tool that takes lines and gives lines, each a JSON value."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, name: str) -> Talking:
        """Start a module of this tool."""
        return cls(
            subprocess.Popen(
                module(name),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TOOLS), str(ROOT)])},
            )
        )

    def hear(self) -> Any:
        """The next value that it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise NotReady(f"{' '.join(self.process.args)} has ended")  # type: ignore[arg-type]
        return json.loads(line)

    def ask(self, value: object) -> Any:
        """Say a value, and hear the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(value) + "\n")
        self.process.stdin.flush()
        return self.hear()

    def stop(self) -> None:
        """End its input, and so the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
