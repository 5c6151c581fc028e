"""The C loop, compiled on the spot and called through ctypes: the physical limit of doing the work anew each time.

`Winner` returns the winner only; `Order` keeps the whole order with its scores, and a reason for each candidate that is
refused, in buffers of its own. Pointers are made before a call, so that what ctypes adds is as little as it can be.
"""

from __future__ import annotations

import ctypes
import hashlib
import shutil
import subprocess
from ctypes import POINTER, Structure, byref, c_double, c_int32, c_int64, c_uint8, c_uint16, c_uint32, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.calls import Call
from bench.contenders import Contender, LeftOut
from bench.places import BUILD
from bench.tasks import BENCH, CONTEXT, LATENCY, PRICE, PROVIDERS, REASONS, TIER
from bench.worlds import World

SOURCE = Path(__file__).with_name("loops.c")
FLAGS = (
    "-O3",
    "-march=native",
    "-ffp-contract=off",
    "-fno-trapping-math",
    "-fno-math-errno",
    "-fopenmp-simd",
    "-shared",
    "-fPIC",
)


class _World(Structure):
    _fields_ = (
        ("size", c_int64),
        *((name, c_void_p) for name in ("needs", "provider", "partner")),
        *((name, c_void_p) for name in ("price_in", "price_out", "context", "bench")),
        ("set", c_uint8 * 4),
        *((name, c_double) for name in ("bench_floor", "price_ceiling", "context_floor", "latency_ceiling")),
        *((name, c_void_p) for name in ("refused", "rows", "first", "second", "third", "scores")),
        *((name, c_void_p) for name in ("keys", "places")),
        ("kept", c_int64),
        *((name, c_void_p) for name in ("reasons", "ordered", "ordered_scores")),
    )


class _Request(Structure):
    _fields_ = (
        ("world", POINTER(_World)),
        *((name, c_double) for name in ("min_context", "prompt_tokens", "completion_tokens")),
        ("needs", c_uint8),
    )


class _State(Structure):
    _fields_ = tuple((name, c_void_p) for name in ("disabled", "breaker_open", "latency_ms"))


@cache
def library() -> ctypes.CDLL:
    """The compiled loops. Raises `LeftOut` without a C compiler."""
    compiler = next((path for name in ("cc", "gcc", "clang") if (path := shutil.which(name))), None)
    if compiler is None:
        raise LeftOut("there is no C compiler")
    digest = hashlib.blake2b(SOURCE.read_bytes() + repr((compiler, FLAGS)).encode(), digest_size=8).hexdigest()
    made = BUILD / f"loops-{digest}.so"
    if not made.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        ran = subprocess.run([compiler, *FLAGS, "-o", str(made), str(SOURCE)], capture_output=True, text=True)
        if ran.returncode:
            raise LeftOut(f"the C compiler refuses: {ran.stderr.strip().splitlines()[-1:]}")
    return ctypes.CDLL(str(made))


class Winner(Contender):
    """The winner only."""

    name = "C, winner"
    _function = "winner"

    def __init__(self, world: World, task: str) -> None:
        self._kept: list[Any] = []
        names = sorted({*world.provider, *PROVIDERS})
        record = _World()
        record.size = world.size
        record.set = (c_uint8 * 4)(*(names.index(name) for name in PROVIDERS))
        record.bench_floor, record.price_ceiling, record.context_floor, record.latency_ceiling = (
            BENCH,
            PRICE,
            CONTEXT,
            LATENCY,
        )
        if len(names) > 256:
            raise LeftOut("there are more than 256 providers")
        codes = np.array([names.index(name) for name in world.provider], dtype=np.uint8)
        partner = np.array([tier == TIER for tier in world.tier], dtype=np.uint8)
        columns = {"needs": world.needs, "provider": codes, "partner": partner}
        columns |= {name: getattr(world, name) for name in ("price_in", "price_out", "context", "bench")}
        for name, column in columns.items():
            setattr(record, name, self._address(np.ascontiguousarray(column)))
        self.reasons = np.empty(world.size, dtype=np.uint8)
        self.ordered = np.empty(world.size, dtype=np.int32)
        self.ordered_scores = np.empty(world.size)
        room = {"refused": c_uint16, "rows": c_int32, "keys": c_uint32, "places": c_uint32}
        room |= dict.fromkeys(("first", "second", "third", "scores"), c_double)
        for name, sort in room.items():
            setattr(record, name, self._address(np.empty(world.size + 1, dtype=sort)))
        for name in ("reasons", "ordered", "ordered_scores"):
            setattr(record, name, self._address(getattr(self, name)))
        self._record = record
        function = getattr(library(), f"{self._function}_{task}")
        function.argtypes, function.restype = (c_void_p, c_void_p), c_int64
        self.decide = function

    def request(self, call: Call) -> Any:
        record = _Request(
            ctypes.pointer(self._record), call.min_context, call.prompt_tokens, call.completion_tokens, call.needs
        )
        return byref(record)

    def state(self, call: Call) -> Any:
        columns = [column.copy() for column in (call.disabled, call.breaker_open, call.latency_ms)]
        state = _State(*(column.ctypes.data for column in columns))
        state.columns = columns
        return byref(state)

    def _address(self, array: Any) -> int:
        self._kept.append(array)
        return int(array.ctypes.data)


class Order(Winner):
    """The whole order with its scores, and the reasons."""

    name = "C, order and reasons"
    _function = "order"

    def __init__(self, world: World, task: str) -> None:
        super().__init__(world, task)
        self._ids = world.snapshot.ids

    def answer(self) -> tuple[list[str], list[float], list[str | None]]:
        """What the last call has left: the ids in order, their scores, and each candidate's reason or None."""
        kept = self._record.kept
        ids = [self._ids[i] for i in self.ordered[:kept].tolist()]
        reasons = [None if code >= len(REASONS) else REASONS[code] for code in self.reasons.tolist()]
        return ids, self.ordered_scores[:kept].tolist(), reasons
