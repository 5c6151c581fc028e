"""Runs the fuzz targets one after the other: python fuzz/run.py --seconds 60 [--target wire].

Corpora and findings are kept in build/fuzz/, so that a later run goes on where this one stopped. Ends with 3 if
there was a finding.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import seeds

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "fuzz"
TARGETS = ("wire", "authoring", "tokens", "decoder")


def run(target: str, seconds: int) -> tuple[int, bool]:
    """Executions of one target, and whether it had a finding."""
    corpus, dictionary = BUILD / target, BUILD / f"{target}.dict"
    seeds.plant(corpus, target)
    seeds.words(dictionary, target)
    findings = BUILD / "findings" / f"{target}-"
    findings.parent.mkdir(exist_ok=True)
    command = [sys.executable, str(HERE / "target.py"), target, str(corpus), f"-max_total_time={seconds}"]
    command += [
        f"-dict={dictionary}",
        f"-artifact_prefix={findings}",
        "-max_len=4096",
        "-timeout=20",
        "-rss_limit_mb=2048",
    ]
    log = BUILD / f"{target}.log"
    with log.open("w") as file:
        ended = subprocess.run([*command, "-print_final_stats=1"], stdout=file, stderr=subprocess.STDOUT, check=False)
    text = log.read_text("utf-8", "replace")
    done = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    if ended.returncode:
        print(text[-4000:], file=sys.stderr)
    return int(done.group(1)) if done else 0, ended.returncode != 0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--target", choices=TARGETS, action="append")
    given = options.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    found = False
    for target in given.target or TARGETS:
        executions, finding = run(target, given.seconds)
        found |= finding
        print(
            json.dumps({"target": target, "seconds": given.seconds, "executions": executions, "finding": finding}),
            flush=True,
        )
    return 3 if found else 0


if __name__ == "__main__":
    sys.exit(main())
