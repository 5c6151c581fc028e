"""Runs the examples of the guide and writes what they print back into it, as `readme.py` does for the README.

python tools/guides.py            rewrites the pages
python tools/guides.py --check    ends with 3 if that would change anything
"""

from __future__ import annotations

import sys
from pathlib import Path

import readme

GUIDES = sorted(Path(__file__).parents[1].joinpath("docs", "guide").glob("*.md"))


def main() -> int:
    stale = False
    for path in GUIDES:
        old = path.read_text("utf-8")
        new = readme.up_to_date(old)
        stale = stale or new != old
        if new != old and "--check" not in sys.argv[1:]:
            path.write_text(new, "utf-8")
    return 3 if stale and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
