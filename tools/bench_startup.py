"""How long `policy-ir hash` takes to start: its median time against that of importing its four libraries.

    make bench-startup

Starting is most of what a command line does for a small file. The yardstick is the interpreter importing lark, cbor2,
blake3 and attrs, on the same machine in the same minutes, so that the ratio means something elsewhere; it must stay
within 2.5. Ends with exit code 3 if it does not.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

YARDSTICK = [sys.executable, "-c", "import lark, cbor2, blake3, attrs"]
COMMAND = str(Path(sysconfig.get_path("scripts"), "policy-ir"))
LIMIT = 2.5
POLICY = (
    '["policy",["and",["meets_req"],["cmp","price_out","le",25]],["neg",["normalize",["field","price_out"]]],'
    '["argmax"],["id"],["always",{"action":"next_candidate"}]]\n'
)


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=25)
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "small.json")
        file.write_text(POLICY, "utf-8")
        commands = {"import": YARDSTICK, "hash": [COMMAND, "hash", str(file)]}
        for command in commands.values():
            seconds(command)
        # Taken in turn, so that whatever else the machine does hits both.
        times = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(seconds(command))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    ratio = medians["hash"] / medians["import"]
    print(f"import lark, cbor2, blake3, attrs   {medians['import'] * 1000:6.1f} ms   median of {runs}")
    print(f"policy-ir hash small.json           {medians['hash'] * 1000:6.1f} ms")
    print(f"ratio {ratio:.2f}, limit {LIMIT}")
    return 0 if ratio <= LIMIT else 3


if __name__ == "__main__":
    sys.exit(main())
