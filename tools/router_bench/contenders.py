"""Who stands between callers and the simulated provider: nobody, a bare pass-through, the router, LiteLLM's proxy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs

from router_bench import setting
from router_bench.processes import ROOT, TOOLS, Child, NotReady, free_port

__all__ = ["CONTENDERS", "Contender", "LeftOut", "policy_ir"]

LITELLM: Final = ROOT / ".venv-litellm" / "bin" / "litellm"


class LeftOut(Exception):
    """A contender that cannot run here, and why."""


@attrs.define(eq=False)
class Contender:
    """Something that answers at a port; `child` is None where it is the provider itself."""

    name: str
    port: int
    model: str = "sim"
    path: str = "/v1/chat/completions"
    child: Child | None = None


def direct(folder: Path, upstream: int) -> Contender:
    """The provider itself."""
    return Contender("direct", upstream)


def bare(folder: Path, upstream: int) -> Contender:
    """The twenty lines of `bare.py`."""
    port = free_port()
    url = f"http://127.0.0.1:{upstream}/v1/chat/completions"
    command = [sys.executable, str(TOOLS / "router_bench" / "bare.py"), str(port), url]
    child = Child.start(command, folder / "bare.log")
    child.ready(f"http://127.0.0.1:{port}/")
    return Contender("bare", port, child=child)


def policy_ir(folder: Path, upstream: int) -> Contender:
    """The router, with its traces written."""
    config = setting.router(folder, upstream)
    command = [sys.executable, "-m", "policy_ir", "serve", str(config), "--port", "0"]
    child = Child.start(command, folder / "policy-ir.log")
    port = int(child.says(r"listening at http://127\.0\.0\.1:(\d+)"))
    return Contender("policy-ir", port, model="policy:bench", child=child)


def litellm(folder: Path, upstream: int) -> Contender:
    """LiteLLM's proxy, one worker, which takes some seconds to come up."""
    if not LITELLM.exists():
        raise LeftOut(f"there is no {LITELLM.relative_to(ROOT)}: `make .venv-litellm/.installed` makes it")
    port = free_port()
    config = setting.litellm(folder, upstream)
    command = [str(LITELLM), "--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    environ = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "LITELLM_LOG": "ERROR"}
    child = Child.start(command, folder / "litellm.log", environ=environ | {"PYTHONPATH": ""}, cwd=folder)
    try:
        child.ready(f"http://127.0.0.1:{port}/health/liveliness", patience=120.0)
    except NotReady:
        child.stop()
        raise
    return Contender("LiteLLM", port, child=child)


CONTENDERS: Final[dict[str, Callable[[Path, int], Contender]]] = {
    "direct": direct,
    "bare": bare,
    "policy-ir": policy_ir,
    "litellm": litellm,
}
"""By name; each starts one in a folder of its own, before a provider at a port. Raises `LeftOut`, `NotReady`."""
