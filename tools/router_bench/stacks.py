"""The bare pass-through by other servers and clients: what the choice of an HTTP stack rests on.

Those that cannot be imported are left out. `--stacks PYTHON` names an interpreter that has them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from router_bench.contenders import Contender, LeftOut
from router_bench.processes import TOOLS, Child, free_port

__all__ = ["STACKS", "stack"]

_APPS: Final = "router_bench.stack_apps"
_UVICORN: Final = ("-m", "uvicorn", "--host", "127.0.0.1", "--no-access-log", "--log-level", "error")
_GRANIAN: Final = ("-m", "granian", "--interface", "asgi", "--no-access-log", "--log-level", "error")
_BY_UVLOOP: Final = "import runpy, sys, uvloop; uvloop.install(); runpy.run_path(sys.argv.pop(1), run_name='__main__')"

STACKS: Final[dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]]] = {
    "aiohttp + aiohttp": ((), "aiohttp", ("aiohttp",)),
    "aiohttp + aiohttp, uvloop": (("-c", _BY_UVLOOP), "aiohttp", ("aiohttp", "uvloop")),
    "uvicorn + aiohttp": ((*_UVICORN, f"{_APPS}:raw"), "aiohttp", ("uvicorn", "aiohttp")),
    "Starlette + aiohttp": ((*_UVICORN, f"{_APPS}:starlette"), "aiohttp", ("uvicorn", "starlette", "aiohttp")),
    "Starlette + httpx": ((*_UVICORN, f"{_APPS}:starlette"), "httpx", ("uvicorn", "starlette", "httpx")),
    "granian + aiohttp": ((*_GRANIAN, f"{_APPS}:raw"), "aiohttp", ("granian", "aiohttp")),
    "uvicorn + pyreqwest": ((*_UVICORN, f"{_APPS}:raw"), "pyreqwest", ("uvicorn", "pyreqwest")),
}
"""By name, server and client: how it is run, the client, and what has to be importable."""


def stack(name: str, python: str) -> Callable[[Path, int], Contender]:
    """What starts a stack, as `CONTENDERS` has it. Raises `LeftOut` where something is missing."""
    arguments, client, needed = STACKS[name]

    def start(folder: Path, upstream: int) -> Contender:
        missing = [
            one
            for one in needed
            if subprocess.run([python, "-c", f"import {one}"], stderr=subprocess.DEVNULL).returncode
        ]
        if missing:
            raise LeftOut(f"{', '.join(missing)} cannot be imported")
        port, url = free_port(), f"http://127.0.0.1:{upstream}/v1/chat/completions"
        if name.startswith("aiohttp"):
            command = [python, *arguments, str(TOOLS / "router_bench" / "bare.py"), str(port), url]
        else:
            command = [python, *arguments, "--port", str(port)]
        log = folder / f"{name.replace(' ', '')}.log"
        child = Child.start(command, log, environ={"STACK_CLIENT": client, "STACK_URL": url})
        child.ready(f"http://127.0.0.1:{port}/")
        return Contender(name, port, child=child)

    return start
