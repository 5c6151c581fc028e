"""One command for mutation testing of the core: makes the mutants, asks the vectors, then the tests, and reports.

    PYTHONPATH=tools python -m mutation [--workers 2] [--only ROOM[,ROOM...]] [--stage mutants,vectors,tests] [--fresh]

Everything is kept in `build/mutation/`, so that a run that was stopped goes on where it stopped: what is known of a
mutant holds as long as its function and the vector that killed it stay the same; survivors are asked by the vectors
that were added or changed. What other changes of the sources do to a mutant shows with `--fresh` only. Ends with 3 if
the score by the vectors is below `--at-least`.
"""

from __future__ import annotations

import argparse
import sys

from mutation import score, stages
from mutation.places import CORE, UNSEEN


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--only", type=lambda text: tuple(text.split(",")), default=(*CORE, *UNSEEN))
    options.add_argument("--stage", type=lambda text: text.split(","), default=["mutants", "vectors", "tests"])
    options.add_argument("--fresh", action="store_true", help="forget what earlier runs found")
    options.add_argument("--at-least", type=float, default=0.0, metavar="PERCENT")
    given = options.parse_args()
    if given.fresh:
        stages.forget()
    mutants = stages.make(given.only)
    if "vectors" in given.stage:
        stages.ask_vectors(mutants, given.workers)
    if "tests" in given.stage:
        stages.ask_tests(mutants, given.workers)
    found = score.collect(mutants)
    score.write(found)
    print(score.table(found))
    return 0 if score.by_vectors(found) >= given.at_least else 3


if __name__ == "__main__":
    sys.exit(main())
