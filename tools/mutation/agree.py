"""Asks the runner about a sample of mutants, and says whether it comes to what the forks came to.

    PYTHONPATH=tools python -m mutation.agree [--sample 40] [--seed 1]

The forks ask the vectors that take a changed line, in a process that had imported the package before; the runner asks
all of them, of a program that was started with the mutant in it. Ends with 3 if they differ about one.
"""

from __future__ import annotations

import argparse
import os
import random
import sys

from mutation.places import ROOT, read_lines
from mutation.reach import VECTORS
from mutation.stages import BY_VECTORS
from policy_ir.conformance.runner import SubjectError, run
from policy_ir.conformance.suite import load_suite


def killed_by_the_runner(key: str) -> bool:
    """Whether a vector fails, or the subject does not even start."""
    command = [sys.executable, "-m", "mutation.subject", key]
    asked = {vector["id"] for vector in read_lines(VECTORS)}
    try:
        made = run([vector for vector in load_suite().vectors if vector.id in asked], command, time_limit=20.0)
    except SubjectError:
        return True
    return any(outcome.status == "fail" for outcome in made.outcomes)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sample", type=int, default=40)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT / "tools")
    results = sorted(read_lines(BY_VECTORS), key=lambda result: str(result["key"]))
    differ = 0
    draw = random.Random(given.seed)
    for killed in (True, False):
        for result in draw.sample([result for result in results if result["killed"] is killed], given.sample // 2):
            same = killed_by_the_runner(result["key"]) is killed
            differ += not same
            print("agree " if same else "DIFFER", "killed" if killed else "lives ", result["key"], flush=True)
    print(f"{given.sample - differ} of {given.sample} agree")
    return 3 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
