"""Random cases through the evaluator and the small-step machine; ends with 3 at the first difference.

    PYTHONPATH=tools python -m evaluator_differential [--count 1000000] [--seed 1] [--workers 2] [--seconds N]
    PYTHONPATH=tools python -m evaluator_differential --replay build/evaluator-difference.json

A case is a policy, a snapshot with its state, the facts of a request and a seed; all are different. The same seed asks
the same, whatever the number of workers; `--seconds` ends a run before its count. The figures go to
`build/evaluator-differential.json`; a difference, made small, to `build/evaluator-difference.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from evaluator_differential.asking import Subject
from evaluator_differential.reducing import last_difference, small
from evaluator_differential.running import Run, run
from evaluator_differential.subjects import SUBJECTS, subject


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--seconds", type=float, default=None, help="end after so many at the latest")
    options.add_argument(
        "--replay", type=Path, default=None, metavar="FILE", help="ask what a difference was found with"
    )
    options.add_argument("--subject", choices=SUBJECTS, default=SUBJECTS[0], help="who is held to the machine")
    options.add_argument("--build", type=Path, default=Path("build"), metavar="DIR")
    given = options.parse_args()
    asked = subject(given.subject)
    if given.replay is not None:
        found = last_difference(json.loads(given.replay.read_text())["sessions"], asked)
        print("no difference" if found is None else _told(found.to_json()))
        return 0 if found is None else 3
    started = perf_counter()

    def tell(cases: int) -> None:
        spent = perf_counter() - started
        print(f"{cases:>9,} cases, {cases / spent:,.0f} a second", file=sys.stderr)

    ended = run(asked, given.count, given.seed, given.workers, given.seconds, tell)
    given.build.mkdir(parents=True, exist_ok=True)
    figures = _figures(ended, given, perf_counter() - started)
    (given.build / "evaluator-differential.json").write_text(json.dumps(figures, indent=2) + "\n")
    if ended.difference is not None:
        return _report(ended, asked, given)
    print(", ".join(f"{name}: {count:,}" for name, count in figures["counts"].items()))
    print(f"{ended.cases:,} cases of seed {given.seed}: no difference in {figures['seconds']:,.0f} s")
    return 0


def _figures(ended: Run, given: argparse.Namespace, seconds: float) -> dict[str, Any]:
    return {
        "cases": ended.cases,
        "subject": given.subject,
        "seed": given.seed,
        "workers": given.workers,
        "seconds": round(seconds, 1),
        "per_second": round(ended.cases / seconds),
        "complete": ended.cases >= given.count,
        "differences": int(ended.difference is not None),
        "counts": dict(sorted(ended.counts.items())),
    }


def _report(ended: Run, who: Subject, given: argparse.Namespace) -> int:
    assert ended.difference is not None
    print(f"session {ended.session} of seed {given.seed} differs\n{_told(ended.difference)}", file=sys.stderr)
    print("making it small", file=sys.stderr)
    sessions, found = ended.history, ended.difference
    if last_difference(sessions, who) is not None:
        sessions = small(sessions, who)
        again = last_difference(sessions, who)
        assert again is not None
        found = again.to_json()
    else:
        print("asked again, it does not differ", file=sys.stderr)
    case = {"seed": given.seed, "session": ended.session, "difference": found, "sessions": sessions}
    path = given.build / "evaluator-difference.json"
    path.write_text(json.dumps(case, indent=1) + "\n")
    print(json.dumps(case))
    print(_told(found), file=sys.stderr)
    print(f"replay it: PYTHONPATH=tools python -m evaluator_differential --replay {path}", file=sys.stderr)
    return 3


def _told(found: dict[str, Any]) -> str:
    return (
        f"ask {found['ask']}, {found['read']}:\n"
        f"  the machine says   {found['expected']}\n  the evaluator says {found['got']}"
    )


if __name__ == "__main__":
    sys.exit(main())
