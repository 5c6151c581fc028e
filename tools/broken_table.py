"""Write the table of mistakes that the vectors catch into docs/reference/broken.md.

    python tools/broken_table.py [--check]

With `--check` nothing is written, and the exit code is 3 if the page would change.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "conformance"))

from broken import Flaw, broken  # noqa: E402
from broken.flaws import FLAWS  # noqa: E402

from policy_ir.conformance.compare import difference  # noqa: E402
from policy_ir.conformance.subject import answer  # noqa: E402
from policy_ir.conformance.suite import Vector, load_suite  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "broken.md"
BEGIN = "<!-- made by tools/broken_table.py -->\n"


def fails(vector: Vector) -> bool:
    """Whether the reference, as it is now, fails a vector."""
    try:
        return difference(vector.expect, answer(vector.kind, vector.request()), "all") is not None
    except Exception:
        return True


def failing(flaw: Flaw, vectors: Iterable[Vector]) -> list[Vector]:
    """Those of these vectors that an implementation with this mistake fails."""
    with broken(flaw):
        return [vector for vector in vectors if fails(vector)]


def telling(flaw: Flaw, vectors: Iterable[Vector]) -> list[Vector]:
    """Those of these vectors that name what is wrong, among their rules, flags or codes."""
    return [vector for vector in vectors if not _names(vector).isdisjoint(flaw.reasons)]


def _names(vector: Vector) -> set[str]:
    codes = [finding["code"] for finding in vector.expect.get("refused", ())]
    return {*vector.rules, *vector.denies, *vector.near, *vector.flags, *codes}


def table() -> str:
    """The table, one row for each mistake."""
    rows = [
        "| implementation | chapter | what it does | vectors that fail | one that says why |",
        "|---|---|---|---|---|",
    ]
    suite = load_suite().vectors
    for flaw in FLAWS.values():
        vectors = failing(flaw, suite)
        example = next((vector.id for vector in telling(flaw, vectors)), "none")
        rows.append(f"| `{flaw.name}` | {flaw.chapter} | {flaw.does} | {len(vectors)} | `{example}` |")
    return "\n".join(rows) + "\n"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true")
    check = options.parse_args().check
    before, _, old = PAGE.read_text("utf-8").partition(BEGIN)
    made = table()
    if check:
        return 0 if old == made else 3
    PAGE.write_text(before + BEGIN + made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
