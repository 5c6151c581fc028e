"""One command for what the router costs: measures, prints tables, writes build/router-bench/result.json.

    PYTHONPATH=tools python -m router_bench [--only core,router,stacks] [--rounds 5] [--seconds 1.5]
        [--contenders direct,bare,policy-ir,litellm] [--callers 1,16,64] [--think 0,100] [--no-streams]
        [--stacks PYTHON] [--check]

`core` times what a call asks of the core, step by step. `router` puts contenders between callers and a simulated
provider. `stacks` does that with the bare pass-through by several servers and clients; `--stacks` is an interpreter
that has them. With `--check` a promise that is not held ends the run with 3.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs

from router_bench import core, telling
from router_bench.contenders import CONTENDERS, Contender, LeftOut
from router_bench.processes import ROOT, NotReady, Talking
from router_bench.rounds import CALLERS, Case, Figures, measure
from router_bench.stacks import STACKS, stack

PARTS = ("core", "router", "stacks")
BUILD = ROOT / "build" / "router-bench"


def options(words: list[str] | None) -> argparse.Namespace:
    """What the command is asked."""
    read = argparse.ArgumentParser(
        prog="router_bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    read.add_argument("--only", type=_names(PARTS), default=("core", "router"), metavar="PART,...")
    read.add_argument("--rounds", type=int, default=5)
    read.add_argument("--seconds", type=float, default=1.5, help="how long each is asked each time")
    read.add_argument("--contenders", type=_names(tuple(CONTENDERS)), default=tuple(CONTENDERS), metavar="NAME,...")
    read.add_argument("--callers", type=_numbers, default=CALLERS, metavar="N,...")
    read.add_argument("--think", type=_numbers, default=(0, 100), metavar="MS,...", help="how long the provider thinks")
    read.add_argument("--no-streams", action="store_true", help="whole answers only")
    read.add_argument("--stacks", default=sys.executable, metavar="PYTHON", help="who has the HTTP stacks")
    read.add_argument("--check", action="store_true", help="end with 3 where a promise is not held")
    read.add_argument("--into", type=Path, default=BUILD, metavar="FOLDER")
    return read.parse_args(words)


def _names(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        given = tuple(text.split(","))
        if unknown := set(given) - set(known):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not among {', '.join(known)}")
        return given

    return read


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def compared(
    starts: Sequence[Callable[[Path, int], Contender]], cases: Sequence[Case], asked: argparse.Namespace
) -> list[Figures]:
    """The contenders that these start, in these cases. Whoever cannot run here is left out, and the run says so."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        upstream, load = Talking.start("upstream"), Talking.start("load")
        ends.callback(load.stop)
        ends.callback(upstream.stop)
        port = upstream.hear()["port"]
        contenders = []
        for start in starts:
            try:
                one = start(folder, port)
            except (LeftOut, NotReady) as wrong:
                say(f"left out: {wrong}")
                continue
            if one.child is not None:
                ends.callback(one.child.stop)
            contenders.append(one)
        return measure(contenders, cases, port, load, rounds=asked.rounds, seconds=asked.seconds, tell=say)


def say(line: str) -> None:
    """Tell how far it has come."""
    print(line, file=sys.stderr, flush=True)


def main(words: list[str] | None = None) -> int:
    """Measure, tell, keep."""
    asked = options(words)
    result: dict[str, Any] = {
        "at": time.strftime("%Y-%m-%d %H:%M:%S"),
        "machine": f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}",
        "rounds": asked.rounds,
        "seconds": asked.seconds,
    }
    held = True
    if "core" in asked.only:
        steps = core.steps(max(asked.rounds, 3))
        print("\n".join(telling.shown_steps(steps)))
        result["core"] = [attrs.asdict(step) for step in steps]
    if "router" in asked.only:
        cases = _cases(asked.think, (False,) if asked.no_streams else (False, True), asked.callers)
        figures = compared([CONTENDERS[name] for name in asked.contenders], cases, asked)
        print("\n".join(telling.table(figures)))
        promised = telling.promises(figures)
        for one in promised:
            print(f"{'held    ' if one.holds else 'NOT HELD'}  {one.case}: {one.what} {one.ratio:.2f}, {one.bound}")
        held = all(one.holds for one in promised) and not any(one.errors for one in figures)
        result["router"] = [attrs.asdict(one) for one in figures]
        result["promises"] = [attrs.asdict(one) | {"holds": one.holds} for one in promised]
    if "stacks" in asked.only:
        found = compared([stack(name, asked.stacks) for name in STACKS], _cases((0,), (False,), asked.callers), asked)
        print("\n".join(telling.table(found)))
        result["stacks"] = [attrs.asdict(one) for one in found]
    asked.into.mkdir(parents=True, exist_ok=True)
    (asked.into / "result.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return 0 if held or not asked.check else 3


def _cases(thinks: Sequence[int], streams: Sequence[bool], callers: Sequence[int]) -> list[Case]:
    return [Case(think, stream, many) for stream in streams for think in thinks for many in callers]


if __name__ == "__main__":
    sys.exit(main())
