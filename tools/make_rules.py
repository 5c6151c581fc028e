"""Write the ids of the specification's rules and equations where the package finds them: `make_rules.py [--check]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from docs_rules import chapters

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "policy_ir" / "conformance" / "rules.json"


def made() -> str:
    """The text of the file: chapters by name, each with its ids in order, each once."""
    listed = {name.removesuffix(".md"): list(dict.fromkeys(ids)) for name, ids in chapters(ROOT / "docs/spec").items()}
    return json.dumps({name: ids for name, ids in listed.items() if ids}, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print("usage: make_rules.py [--check]", file=sys.stderr)
        return 2
    text = made()
    if not arguments:
        TARGET.write_text(text, "utf-8")
    elif TARGET.read_text("utf-8") != text:
        print(f"{TARGET.relative_to(ROOT)} is not what docs/spec gives; run tools/make_rules.py", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
