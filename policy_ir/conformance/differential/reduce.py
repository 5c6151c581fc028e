"""Making an input smaller for as long as something about it stays true.

The reducer knows JSON only: it replaces a list by one of its lists (a term by a subterm), leaves out entries and
members, and shortens texts and numbers. No randomness and no clock: the same input is reduced the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

Path = tuple[str | int, ...]


def reduced(value: Any, first: Callable[[Sequence[Any]], Any | None], *, batch: int = 64, tries: int = 6000) -> Any:
    """A JSON value that no single change makes smaller.

    `first` is given values, smallest first, and returns the first of them that still holds, None if none does. About
    `tries` values are asked about at most, `batch` at a time.
    """
    while True:
        smaller = _smaller(value)
        while some := list(islice(smaller, batch)):
            tries -= len(some)
            found = first(some)
            if found is not None:
                value = found
                break
            if tries <= 0:
                return value
        else:
            return value
        if tries <= 0:
            return value


def _smaller(value: Any) -> Iterator[Any]:
    """Values one change away from this one, those that leave out most first."""
    for path in sorted(_places(value), key=len):
        for other in _parts(_at(value, path)):
            yield _with(value, path, other)


def _places(value: Any) -> Iterator[Path]:
    pending: list[tuple[Path, Any]] = [((), value)]
    while pending:
        path, part = pending.pop()
        yield path
        if isinstance(part, dict):
            pending.extend(((*path, key), entry) for key, entry in part.items())
        elif isinstance(part, list):
            pending.extend(((*path, index), entry) for index, entry in enumerate(part))


def _parts(part: Any) -> Iterator[Any]:
    match part:
        case list():
            yield from (entry for entry in part if isinstance(entry, list))
            if len(part) > 2:
                yield part[: len(part) // 2]
                yield part[len(part) // 2 :]
            yield from (part[:index] + part[index + 1 :] for index in range(len(part)))
        case dict():
            yield from ({name: entry for name, entry in part.items() if name != key} for key in part)
        case str() if part:
            yield part[: len(part) // 2]
            if len(part) > 1:
                yield part[len(part) // 2 :]
                yield part[1:]
                yield part[:-1]
        case bool() | None:
            return
        case float() if part.is_integer() and abs(part) < 2**53:
            yield int(part)
        case int() | float() if part not in (0, 1):
            yield 0
            yield 1


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _with(value: Any, path: Path, part: Any) -> Any:
    if not path:
        return part
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], part)
    return copy
