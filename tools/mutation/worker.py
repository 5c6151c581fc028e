"""Runs vectors against mutants, each in a fork of this process: `python -m mutation.worker PHASE TASKS RESULTS`.

The phase says what is there before the fork: nothing of the package (`cold`), its modules (`imported`), and its filled
caches too (`warm`). A mutant is killed by the first vector whose reply differs, that ends in an exception, or that
takes much longer than it should; cheap vectors are asked first, and before them those that have killed in the same
function.
"""

from __future__ import annotations

import importlib
import json
import mmap
import os
import resource
import signal
import struct
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from mutation import reach
from mutation.places import read_lines
from mutation.swap import replace_on_import, swap

MEMORY = 3 << 30
LATE = 5.0
"""Seconds of processor time that a vector may take at least, before a mutant is said to hang."""


def limit(seconds: float) -> None:
    """End this process by a signal when it has used that many seconds of the processor from now."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def run(mutant: dict[str, Any], vectors: list[dict[str, Any]], order: list[int], phase: str, at: mmap.mmap) -> int:
    """Ask the vectors in this order; the number of the one that killed, -1 if the mutant survived all."""
    if phase == "cold":
        replace_on_import(mutant)
    else:
        swap(mutant)
    from policy_ir.conformance.compare import difference
    from policy_ir.conformance.subject import answer

    for number in order:
        vector = vectors[number]
        at[:4] = struct.pack("i", number)
        limit(LATE + 20 * vector["seconds"])
        try:
            if difference(vector["expect"], answer(vector["kind"], vector["request"]), "all") is not None:
                return number
        except BaseException:
            return number
    return -1


def killed(mutant: dict[str, Any], vectors: list[dict[str, Any]], order: list[int], phase: str) -> int | None:
    """The number of the vector that killed a mutant; -2 if none could be asked; None if it survived."""
    at = mmap.mmap(-1, 4)
    at[:4] = struct.pack("i", -2)
    child = os.fork()
    if not child:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        status = 1
        try:
            limit(30.0)
            status = 0 if run(mutant, vectors, order, phase, at) == -1 else 1
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return None if status == 0 else int(struct.unpack("i", at[:4])[0])


def main(phase: str, tasks: Path, results: Path) -> None:
    vectors = list(read_lines(reach.VECTORS))
    if phase != "cold":
        reach.import_all()
    else:
        for name in ("attrs", "blake3", "cbor2", "lark"):
            importlib.import_module(name)
    if phase == "warm":
        reach.warm_up()
    killers: dict[str, list[int]] = defaultdict(list)
    with results.open("a", encoding="utf-8") as out:
        for mutant in read_lines(tasks):
            place = f"{mutant['module']}:{mutant['function']}"
            may = set(mutant["vectors"])
            first = [number for number in killers[place] if number in may]
            rest = sorted(may.difference(first), key=lambda number: (vectors[number]["seconds"], number))
            by = killed(mutant, vectors, first + rest, phase)
            if by is not None and by >= 0:
                killers[place] = [by, *(number for number in killers[place] if number != by)][:20]
            print(_result(mutant, by, vectors), file=out, flush=True)


def _result(mutant: dict[str, Any], by: int | None, vectors: list[dict[str, Any]]) -> str:
    name = None if by is None else vectors[by]["id"] if by >= 0 else "import"
    return json.dumps({"key": mutant["key"], "killed": by is not None, "by": name})


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
