"""The router under full load for minutes: memory must stay flat, and the history must be whole; ends with 3 if not.

    PYTHONPATH=tools python tools/router_soak.py [--seconds 600] [--callers 64] [--flows 17] [--kill]
                                                 [--folder build/router-soak]

Callers in a closed loop send calls of many kinds to `policy-ir serve`, which has a simulated provider: answers as a
whole and as streams, the policy by name and with the call, requests of many sizes, flows, and some that are refused.
One call of so many (`--flows`) is a flow; with 1 every call is one, with 0 none. Every trace id that a caller has been
told is noted. With `--kill` the router is killed in the middle (SIGKILL) and started again. At the end the store must
have every trace that a caller was told of, and none twice; calls that were cut off by the kill may have left one. Every
flow among them must be whole: each node once, and all in order. Then the catalogue's file is changed, and another
process replays the whole history.
The figures go to `build/router-soak.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import attrs
from router_bench import setting
from router_bench.processes import ROOT, Child, Talking, free_port
from router_bench.wire import Response, request

from policy_ir.flow.loading import load_flow
from policy_ir.testing.flow_traces import unsound
from policy_ir.trace.store import Store

LIMIT_MB: Final = 16.0
"""How much the resident memory may grow from the second tenth of the run to the last."""

SAMPLE_S: Final = 2.0
TOLD: Final = re.compile(rb"\r\nx-policy-ir-trace: (tr_[0-9a-z]{26})\r\n", re.IGNORECASE)
REPORT: Final = ROOT / "build" / "router-soak.json"

INLINE: Final = ["policy",
    ["and", ["meets_req"], ["not", ["is", "disabled"]], ["cmp", "price_out", "le", 15]],
    ["add", ["neg", ["normalize", ["field", "price_out"]]], ["neg", ["normalize", ["field", "latency_ms"]]]],
    ["top_k", 3, ["sample", 0.5]], ["clamp_param", "max_tokens", 1, 256], ["always", {"action": "next_candidate"}],
]  # fmt: skip
WRONG: Final = ["policy", ["is", "no_such_field"], *INLINE[2:]]


FLOW: Final = ["flow", {
    "question": ["input"],
    "draft": ["llm", {"system": "Answer in one sentence.", "policy": INLINE, "inputs": ["question"]}],
    "doubts": ["llm", {"system": "What is wrong with it?", "policy": INLINE, "inputs": ["draft"], "on_error": "input"}],
    "rivals": ["llm", {"system": "Say it otherwise.", "policy": INLINE, "inputs": ["question", "draft"]}],
    "verify": ["llm", {"system": "", "policy": ["policy", ["meets_req"], *INLINE[2:]], "inputs": ["doubts", "rivals"],
                       "template": "Doubts: $1\n\nAnother answer: $2"}],
    "answer": ["output", "verify"],
}]  # fmt: skip


def bodies(flows: int) -> Iterator[dict[str, Any]]:
    """Calls of many kinds, in turn, without an end; the kinds are of coprime periods. One of so many is a flow."""
    number = 0
    while True:
        number += 1
        body = setting.BODY | {"model": "policy:bench", "max_tokens": 50 + number % 700}
        words = "word " * (number * 37 % 900)
        body["messages"] = [*setting.BODY["messages"], {"role": "user", "content": words}]
        if number % 8 == 0:
            body["stream"] = True
        if number % 5 == 0:
            body |= {"model": "policy:*", "policy_ir": INLINE, "policy_options": {"seed": number}}
        if flows and number % flows == 0:
            body.pop("policy_ir", None)
            body |= {"model": "flow:*", "flow_ir": FLOW, "policy_options": {"seed": number}}
        elif number % 63 == 0:
            body |= {"model": "policy:*", "policy_ir": WRONG, "stream": False}
        if number % 11 == 0:
            body["tools"] = [{"type": "function", "function": {"name": f"f{number % 3}", "parameters": {}}}]
        if number % 13 == 0:
            body.setdefault("policy_options", {})
            body["policy_options"] = body["policy_options"] | {"session": f"s{number % 101}", "budget": 5.0}
        yield body


@attrs.define
class Soak:
    """What has been heard so far."""

    until: float
    told: list[str] = attrs.field(factory=list)
    statuses: dict[int, int] = attrs.field(factory=dict)
    took: list[float] = attrs.field(factory=list)
    cut: int = 0
    untold: int = 0
    said: str = ""
    memory: list[tuple[float, float]] = attrs.field(factory=list)

    def hear(self, response: Response, took: float) -> None:
        """A whole answer."""
        found = TOLD.search(response.head)
        self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
        self.took.append(took)
        streamed = b"text/event-stream" in response.head.lower()
        if found is None or (streamed and b"data: [DONE]" not in response.body):
            self.untold += 1
            self.said = self.said or response.data[:600].decode("utf-8", "replace")
        else:
            self.told.append(found[1].decode())
        if response.status not in (200, 400):
            self.said = self.said or response.data[:600].decode("utf-8", "replace")


class Caller(asyncio.Protocol):
    """One connection; it ends when the time is over, or when it is cut."""

    def __init__(self, soak: Soak, calls: Iterator[dict[str, Any]], host: str, ended: asyncio.Future[None]) -> None:
        self._soak, self._calls, self._host, self._ended = soak, calls, host, ended
        self._waits = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first call."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._response, self._started, self._waits = Response(), time.perf_counter(), True
        message = request(self._host, "/v1/chat/completions", json.dumps(next(self._calls)).encode())
        self._transport.write(message)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived; the next call follows a whole answer."""
        if not self._response.take(data):
            return
        self._waits = False
        self._soak.hear(self._response, time.perf_counter() - self._started)
        if time.monotonic() < self._soak.until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, or a cut."""
        self._soak.cut += self._waits
        if not self._ended.done():
            self._ended.set_result(None)


async def call_on(soak: Soak, calls: Iterator[dict[str, Any]], port: int) -> None:
    """One caller, who connects again whenever it is cut."""
    loop = asyncio.get_running_loop()
    while time.monotonic() < soak.until:
        ended: asyncio.Future[None] = loop.create_future()
        try:
            made = partial(Caller, soak, calls, f"127.0.0.1:{port}", ended)
            await loop.create_connection(made, "127.0.0.1", port)
            await ended
        except OSError:
            await asyncio.sleep(0.05)


@attrs.define(eq=False)
class Router:
    """The router that is soaked, which may be killed and started again."""

    folder: Path
    config: Path
    port: int
    starts: int = 0
    child: Child | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.starts += 1
        command = [sys.executable, "-m", "policy_ir", "serve", str(self.config), "--port", str(self.port)]
        self.child = Child.start(command, self.folder / f"router-{self.starts}.log")
        self.child.ready(f"http://127.0.0.1:{self.port}/readyz")


async def soaked(soak: Soak, router: Router, callers: int, flows: int, kill_at: float | None) -> None:
    """Calls until the time is over, memory sampled all along."""
    calls = bodies(flows)
    running = [asyncio.ensure_future(call_on(soak, calls, router.port)) for _ in range(callers)]
    started, next_tell = time.monotonic(), 0.0
    while time.monotonic() < soak.until:
        await asyncio.sleep(SAMPLE_S)
        assert router.child is not None
        if kill_at is not None and time.monotonic() >= kill_at:
            kill_at = None
            router.child.kill()
            soak.memory.clear()
            await asyncio.get_running_loop().run_in_executor(None, router.start)
            print("killed, and started again", flush=True)
        passed = time.monotonic() - started
        soak.memory.append((passed, router.child.resident_mb()))
        if passed >= next_tell:
            next_tell = passed + 30.0
            print(f"{passed:5.0f} s  {len(soak.told):>9,} traces  {soak.memory[-1][1]:7.1f} MB", flush=True)
    await asyncio.gather(*running)


def growth(memory: list[tuple[float, float]]) -> float:
    """From the second tenth of the samples to the last."""
    tenth = max(1, len(memory) // 10)
    parts = memory[tenth : 2 * tenth] or memory[:1], memory[-tenth:]
    early, late = (median(resident for _, resident in part) for part in parts)
    return late - early


def replayed(store: Path) -> dict[str, Any]:
    """What `policy-ir replay` says of the whole history, in a process of its own."""
    command = [sys.executable, "-m", "policy_ir", "replay", "--since", "2000-01-01", "--store", str(store)]
    done = subprocess.run([*command, "--format", "json"], stdout=subprocess.PIPE, check=False)
    found: dict[str, Any] = json.loads(done.stdout)
    return {"exit": done.returncode} | {key: value for key, value in found.items() if isinstance(value, int | float)}


def main() -> int:
    """Soak, check, tell."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--seconds", type=float, default=600.0)
    read.add_argument("--callers", type=int, default=64)
    read.add_argument("--flows", type=int, default=17, metavar="N", help="one call of N is a flow; 0 for none")
    read.add_argument("--kill", action="store_true", help="kill the router in the middle")
    read.add_argument("--folder", type=Path, default=ROOT / "build" / "router-soak")
    asked = read.parse_args()
    shutil.rmtree(asked.folder, ignore_errors=True)
    asked.folder.mkdir(parents=True)
    upstream = Talking.start("upstream")
    router = Router(asked.folder, setting.router(asked.folder, upstream.hear()["port"]), free_port())
    router.start()
    begun = time.monotonic()
    soak = Soak(begun + asked.seconds)
    try:
        kill_at = begun + asked.seconds / 2 if asked.kill else None
        asyncio.run(soaked(soak, router, asked.callers, asked.flows, kill_at))
    finally:
        assert router.child is not None
        stopped = router.child.stop()
        upstream.stop()
    found = checked(soak, asked)
    found["stopped"] = stopped
    # What was decided stays what was decided, whatever the file says now.
    setting.write_catalogue(asked.folder / "catalogue.json", setting.candidates(37)[::-1])
    found["replay"] = replayed(asked.folder / "traces.db")
    wrong = list(faults(found, soak, kill=asked.kill))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(found | {"wrong": wrong, "memory": soak.memory}, indent=1) + "\n", "utf-8")
    print(json.dumps(found, indent=1))
    print("\n".join(f"WRONG: {one}" for one in wrong) or "all is there")
    return 3 if wrong else 0


def checked(soak: Soak, asked: argparse.Namespace) -> dict[str, Any]:
    """The history beside what callers were told."""
    sent = load_flow(FLOW)
    store = Store.open(str(asked.folder / "traces.db"), create=False)
    try:
        kept, flows, broken = [], 0, list[str]()
        for trace in store.iterate():
            kept.append(trace.id)
            if trace.is_flow:
                flows += 1
                broken += [f"{trace.id}: {wrong}" for wrong in unsound(trace, sent)]
    finally:
        store.close()
    told, took = set(soak.told), sorted(soak.took)
    size = sum(path.stat().st_size for path in asked.folder.glob("traces.db*"))
    return {
        "seconds": asked.seconds,
        "callers": asked.callers,
        "killed": asked.kill,
        "answers": len(took),
        "statuses": soak.statuses,
        "per_second": round(len(took) / asked.seconds, 1),
        "median_ms": round(took[len(took) // 2] * 1e3, 2),
        "p99_ms": round(took[len(took) * 99 // 100] * 1e3, 2),
        "told": len(soak.told),
        "told_twice": len(soak.told) - len(told),
        "kept": len(kept),
        "kept_twice": len(kept) - len(set(kept)),
        "flows": flows,
        "broken_flows": len(broken),
        "lost": len(told - set(kept)),
        "untold": soak.untold,
        "cut": soak.cut,
        "store_mb": round(size / 2**20, 1),
        "memory_mb": round(soak.memory[-1][1], 1),
        "growth_mb": round(growth(soak.memory), 1),
        "said": soak.said or " ".join(broken[:3]),
    }


def faults(found: dict[str, Any], soak: Soak, *, kill: bool) -> Iterator[str]:
    """Everything that is not as it has to be."""
    for name in ("told_twice", "kept_twice", "lost", "untold", "broken_flows"):
        if found[name]:
            yield f"{name}: {found[name]}"
    more = found["kept"] - found["told"]
    if more > found["cut"] or (found["cut"] and not kill):
        yield f"{more} traces more than answers, with {found['cut']} calls cut off"
    if set(soak.statuses) - {200, 400}:
        yield f"statuses {soak.statuses}"
    if found["growth_mb"] > LIMIT_MB:
        yield f"the resident memory has grown by {found['growth_mb']} MB"
    if found["stopped"]:
        yield f"the router ended with {found['stopped']}"
    replay = found["replay"]
    undecided = found["statuses"].get(400, 0)
    if replay["exit"] or replay.get("same", 0) + undecided < found["told"]:
        yield f"replay: {replay}"


if __name__ == "__main__":
    sys.exit(main())
