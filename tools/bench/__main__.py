"""One command for the benchmark: measures, prints tables, and writes build/bench/result.json and plots beside it.

    PYTHONPATH=tools python -m bench [--prices FILE] [--rounds 40] [--only decide,costs,load,memory,imports]
                                     [--sizes 10,100] [--tasks A] [--days good] [--quick] [--check]

`--prices` is a copy of LiteLLM's `model_prices_and_context_window.json`; without it the shipped catalogue is repeated
with other numbers. With `--check` a promise that is not held ends the run with 3.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

from rich.console import Console

from bench import claims, contest, costs, elsewhere, plot, table
from bench.calls import DAYS
from bench.contenders import LeftOut
from bench.places import BUILD
from bench.results import Results
from bench.tasks import TASKS
from bench.worlds import SIZES, rows, world

PARTS = ("decide", "costs", "load", "memory", "imports")
QUICK = 3
"""Rounds of a quick run."""


def _names(known: tuple[str, ...]) -> object:
    def read(text: str) -> tuple[str, ...]:
        given = tuple(text.split(","))
        if unknown := set(given) - set(known):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not among {', '.join(known)}")
        return given

    return read


def options(words: list[str] | None) -> argparse.Namespace:
    read = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    read.add_argument("--prices", type=Path, metavar="FILE", help="LiteLLM's price file")
    read.add_argument("--rounds", type=int, default=40, help="blocks of 16 calls, of 8 where worlds are large")
    read.add_argument("--only", type=_names(PARTS), default=PARTS, metavar="PART,...", help=", ".join(PARTS))
    read.add_argument("--sizes", type=lambda text: tuple(map(int, text.split(","))), default=SIZES, metavar="N,...")
    read.add_argument("--tasks", type=_names(TASKS), default=TASKS, metavar="TASK,...", help=", ".join(TASKS))
    read.add_argument("--days", type=_names(DAYS), default=DAYS, metavar="DAY,...", help=", ".join(DAYS))
    read.add_argument("--quick", action="store_true", help=f"{QUICK} rounds: whether it runs, not how fast")
    read.add_argument("--check", action="store_true", help="end with 3 where a promise is not held")
    read.add_argument("--into", type=Path, default=BUILD, metavar="FOLDER", help="where the results go")
    return read.parse_args(words)


def run(given: argparse.Namespace, tell: Console) -> Results:
    """Measures what is asked for."""
    results = Results()
    rounds = QUICK if given.quick else given.rounds
    listed = rows(given.prices)
    results.about = {
        "prices": listed[0],
        "rows": len(listed[1]),
        "rounds": rounds,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "survivors": {},
    }
    # First, while there is nothing else in memory for a garbage collector to look through.
    if "load" in given.only:
        results.costs += elsewhere.loading(rounds * 100)
    if "memory" in given.only:
        results.costs += elsewhere.memory()
    if "imports" in given.only:
        results.costs += elsewhere.imports()
    start = time.monotonic()
    for size in given.sizes if {"decide", "costs"} & set(given.only) else ():
        place = world(size, listed)
        for task in given.tasks if "decide" in given.only else ():
            for day in given.days:
                tell.print(
                    f"{time.monotonic() - start:5.0f} s  {task} over {size:,} candidates, {day} day", style="dim"
                )
                survive = contest.share(place, task, day)
                results.about["survivors"][f"{task}, N={size:,}, {day} day"] = round(survive, 4)
                results.rows += contest.measure(place, task, day, rounds, results.leave_out)
        if "costs" in given.only:
            tell.print(f"{time.monotonic() - start:5.0f} s  costs over {size:,} candidates", style="dim")
            results.costs += costs.around(place, rounds)
            if size == max(given.sizes):
                results.costs += costs.sampling(place, rounds)
    results.rows.sort(key=lambda row: (row.task, given.days.index(row.day), row.size))
    results.claims = list(claims.claims(results))
    return results


def main(words: list[str] | None = None) -> int:
    given = options(words)
    tell, screen = Console(stderr=True), Console()
    results = run(given, tell)
    given.into.mkdir(parents=True, exist_ok=True)
    file = given.into / "result.json"
    file.write_text(json.dumps(results.to_json(), indent=1) + "\n", "utf-8")
    written = [file]
    try:
        written += plot.draw(results, given.into)
    except LeftOut as reason:
        results.leave_out(f"{reason}")
    for one in table.tables(results):
        screen.print(one)
    about = results.about
    screen.print(
        f"{about['rows']} rows of {about['prices']}; Python {about['python']}, {about['processors']} processors"
    )
    for name, survive in about["survivors"].items():
        screen.print(f"survivors of {name}: {survive:.1%}")
    for reason in results.left_out:
        screen.print(f"left out: {reason}")
    screen.print("written: " + ", ".join(os.path.relpath(path) for path in written))
    missed = [claim for claim in results.claims if claim.binding and not claim.holds]
    screen.print(f"{len(results.claims)} promises, {len(missed)} of the binding ones not held")
    return 3 if given.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
