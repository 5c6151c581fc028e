"""Makes the conformance vectors: `conformance/vectors/` from the books in `tools/vectors/`.

What comes out is what the reference gives, checked against what the authors expected. Running it again changes
nothing. Usage: make_vectors.py [--check] [PATH-PREFIX...]; `--check` writes nothing and ends with 3 where something
would change.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import vectors
from vectors.book import AuthorError, Book

ROOT = Path(__file__).resolve().parent.parent / "conformance" / "vectors"


def books(prefixes: Sequence[str] = ()) -> Iterator[Book]:
    """The books whose path begins with one of the prefixes, all without any, by path."""
    found: dict[str, Book] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(vectors.__path__)):
        make = getattr(importlib.import_module(f"vectors.{module}"), "books", None)
        for book in make() if make is not None else ():
            if book.path in found:
                raise AuthorError(f"two books for {book.path}")
            found[book.path] = book
    return (found[path] for path in sorted(found) if not prefixes or path.startswith(tuple(prefixes)))


def main(arguments: Sequence[str]) -> int:
    check = "--check" in arguments
    prefixes = [argument for argument in arguments if argument != "--check"]
    changed, written, wrong, total = 0, set(), 0, 0
    for book in books(prefixes):
        path = ROOT / f"{book.path}.json"
        written.add(path)
        try:
            text = book.page()
        except AuthorError as error:
            print(error, file=sys.stderr)
            wrong += 1
            continue
        total += len(book)
        if path.exists() and path.read_text("utf-8") == text:
            continue
        changed += 1
        print(f"{book.path}: {len(book)} vectors")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    stale = [] if prefixes else sorted(path for path in ROOT.rglob("*.json") if path not in written)
    for path in stale:
        changed += 1
        print(f"{path.relative_to(ROOT)}: no book makes this file")
        if not check:
            path.unlink()
    print(f"{total} vectors, {changed} files changed", file=sys.stderr)
    return 1 if wrong else 3 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
