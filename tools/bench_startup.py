"""How long `policy-ir hash` takes on a small file, against importing the libraries it stands on.

Runs both commands in turn, so that a busy machine slows both, and prints the medians and their ratio. The promise is
a ratio of at most 2.5. Usage: bench_startup.py [RUNS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

POLICY = """\
["policy",
  ["and", ["meets_req"], ["not", ["is", "disabled"]], ["has_cap", "supports_tools"], ["cmp", "price_out", "le", 25]],
  ["neg", ["normalize", ["field", "price_out"]]],
  ["argmax"],
  ["id"],
  ["always", {"action": "next_candidate"}]]
"""
BASE = [sys.executable, "-c", "import lark, cbor2, blake3, attrs"]
BOUND = 2.5


def seconds(command: list[str]) -> float:
    """Wall-clock time of one run."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(runs: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "small.json")
        file.write_text(POLICY, "utf-8")
        installed = Path(sys.executable).with_name("policy-ir")
        entry = [str(installed)] if os.access(installed, os.X_OK) else [sys.executable, "-m", "policy_ir"]
        ours = [*entry, "hash", str(file)]
        seconds(BASE), seconds(ours)  # fill the caches
        pairs = [(seconds(BASE), seconds(ours)) for _ in range(runs)]
    base, own = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = own / base
    print(f"import lark, cbor2, blake3, attrs   {base * 1000:6.1f} ms   median of {runs}")
    print(f"policy-ir hash small.json           {own * 1000:6.1f} ms")
    print(f"ratio                               {ratio:6.2f}      bound {BOUND}")
    return 0 if ratio <= BOUND else 3


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 21))
