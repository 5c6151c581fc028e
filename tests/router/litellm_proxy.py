"""LiteLLM's proxy as a provider: a real one, whose models answer what its configuration says."""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from programs import needed

from policy_ir import __file__ as package

PROGRAM: Final = Path(package).parents[1] / ".venv-litellm" / "bin" / "litellm"
PATIENCE_S: Final = 120.0
"""Seconds that the proxy may take to come up; on an idle machine it is five."""

SAID: Final = "Your order left the harbour this morning."

MODELS: Final[Mapping[str, Mapping[str, Any]]] = {
    "good": {"mock_response": SAID},
    "calling": {
        "mock_response": "",
        "mock_tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "order_status", "arguments": '{"order": "A-1"}'}}
        ],
    },
    "limited": {"mock_response": "litellm.RateLimitError"},
    "short": {"mock_response": "litellm.ContextWindowExceededError"},
    "broken": {"mock_response": "litellm.InternalServerError"},
    "crowded": {"mock_response": "Exception: mock_streaming_error"},
}
"""What its models answer. The last one's error has status 529."""


@attrs.frozen
class Proxy:
    """A proxy that listens: the base of its address, and the key that it asks for."""

    url: str
    key: str = attrs.field(repr=False)


@contextmanager
def a_proxy(folder: Path) -> Iterator[Proxy]:
    """LiteLLM's proxy with `MODELS`, for as long as the context lasts; it neither asks nor tells anybody outside."""
    needed(PROGRAM.exists(), "LiteLLM's proxy (`make .venv-litellm/.installed`)")
    key = f"sk-{secrets.token_hex(16)}"
    served = [
        {"model_name": name, "litellm_params": {"model": f"openai/{name}", "api_key": "none", **mocked}}
        for name, mocked in MODELS.items()
    ]
    config = {
        "model_list": served,
        "litellm_settings": {"num_retries": 0, "telemetry": False},
        # Otherwise it leaves a model alone that has failed, and answers in its stead.
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
        "general_settings": {"master_key": key},
    }
    (folder / "litellm.yaml").write_text(json.dumps(config), "utf-8")  # every JSON text is YAML
    port, log = free_port(), folder / "litellm.log"
    with log.open("wb") as into:
        process = subprocess.Popen(
            [str(PROGRAM), "--config", "litellm.yaml", "--host", "127.0.0.1", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=into,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={
                # Nothing of the environment: what a machine has for another proxy, a database say, is not for this one.
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(folder),
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                "LITELLM_TELEMETRY": "False",
                "LITELLM_LOG": "ERROR",
            },
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(process, f"{url}/health/liveliness", log)
        yield Proxy(f"{url}/v1", key)
    finally:
        for ending in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                os.killpg(process.pid, ending)
                try:
                    process.wait(10.0)
                except subprocess.TimeoutExpired:
                    continue


def wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until a process answers at a URL."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2.0):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"LiteLLM's proxy did not come up:\n{log.read_text('utf-8', 'replace')[-2000:]}")


def free_port() -> int:
    """A port that is free, and stays it for a while: below those that systems give to whoever asks for any."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
