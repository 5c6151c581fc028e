"""The reference with one mutant in it, as a subject of the runner: `python -m mutation.subject KEY`."""

from __future__ import annotations

import sys

from mutation.places import BUILD, read_lines
from mutation.swap import replace_on_import


def main(key: str) -> None:
    kept = BUILD / "mutants" / f"{key.partition(':')[0]}.jsonl"
    replace_on_import(next(mutant for mutant in read_lines(kept) if mutant.get("key") == key))
    from policy_ir.conformance.subject import serve

    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1])
