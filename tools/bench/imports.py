"""How long the package takes to import, and what a decision and an evaluator load beyond that.

Each program runs in an interpreter of its own, in turn with one that does nothing, so that a busy machine slows all
alike; the time of doing nothing is taken off. Usage: python -m bench.imports [RUNS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import Any, Final

_POLICY: Final = (
    '["policy", ["meets_req"], ["neg", ["normalize", ["field", "price_out"]]], ["argmax"], ["id"],'
    ' ["always", {"action": "next_candidate"}]]'
)
_ADMITTED: Final = f"""
import policy_ir
vocabulary = policy_ir.get_vocabulary("standard")
admitted = policy_ir.admit(policy_ir.load({_POLICY}), vocabulary)
"""

PROGRAMS: Final = {
    "import policy_ir": "import policy_ir",
    "import policy_ir.decision": "import policy_ir.decision",
    "import policy_ir.evaluator": "import policy_ir.evaluator",
    "import numpy": "import numpy",
    "import lark": "import lark",
    "a policy, admitted": _ADMITTED,
    "a first decision": f"{_ADMITTED}policy_ir.decide(admitted, policy_ir.shipped_snapshot()).fingerprint",
    "a first decision of the evaluator": f"""{_ADMITTED}
from policy_ir.evaluator import Evaluator
Evaluator().bind(admitted, policy_ir.shipped_snapshot()).decide().fingerprint""",
}
"""What is timed; the last three include the imports they need. Decisions are over the shipped catalogue."""

_WATCHED: Final = ("lark", "numpy")


def measure(runs: int = 11) -> list[dict[str, Any]]:
    """The median milliseconds that each of `PROGRAMS` adds to starting Python, and which large libraries it loads."""
    loads = {name: _loads(program) for name, program in PROGRAMS.items()}  # which fills the caches too
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(runs):
        nothing = _milliseconds("pass")
        for name, program in PROGRAMS.items():
            times[name].append(_milliseconds(program) - nothing)
    return [
        {"name": name, "milliseconds": statistics.median(times[name]), "loads": loads[name], "runs": runs}
        for name in PROGRAMS
    ]


def _milliseconds(program: str) -> float:
    """The wall-clock time of a whole interpreter."""
    start = time.perf_counter()
    _run(program)
    return (time.perf_counter() - start) * 1e3


def _loads(program: str) -> list[str]:
    return _run(f"{program}\nimport sys; print(*[name for name in {_WATCHED!r} if name in sys.modules])").split()


def _run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout


def main(runs: int) -> None:
    for row in measure(runs):
        print(f"{row['milliseconds']:7.1f} ms  {row['name']:36} {', '.join(row['loads'])}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11)
