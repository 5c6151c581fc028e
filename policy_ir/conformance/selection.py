"""Which vectors are meant: by id, kind, rule, feature and flag, each a name or a pattern with `*`, `?` and `[...]`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Final

import attrs

from policy_ir.conformance.suite import Vector

WILD: Final = frozenset("*?[")
"""A name with one of these is a pattern."""


def chapter(vector: Vector) -> str:
    """The chapter of a vector: the first part of its id."""
    return vector.id.partition("/")[0]


def given_codes(vector: Vector) -> tuple[str, ...]:
    """The codes that a vector expects, each once, in order: those of a refusal, or of the warnings in a result."""
    result = vector.expect.get("result", {})
    found = [*vector.expect.get("refused", ()), *result.get("warnings", ())]
    found += result.get("skipped", ()) if vector.kind == "import" else ()
    return tuple(dict.fromkeys(finding["code"] for finding in found))


NAMES: Final[Mapping[str, Callable[[Vector], Iterable[str]]]] = MappingProxyType(
    {
        "id": lambda vector: (vector.id,),
        "chapter": lambda vector: (chapter(vector),),
        "kind": lambda vector: (vector.kind,),
        "rule": lambda vector: dict.fromkeys(
            (*vector.rules, *vector.denies, *vector.near, *given_codes(vector))
        ),
        "feature": lambda vector: vector.features or ("core",),
        "flag": lambda vector: vector.flags,
    }
)  # fmt: skip
"""What vectors are picked or counted by, with the names that a vector has. Its rules are all that it names, codes among
them."""


@attrs.frozen
class Selection:
    """Vectors that have, of each of these that is not empty, one of the names or patterns."""

    id: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    feature: tuple[str, ...] = ()
    flag: tuple[str, ...] = ()

    def of(self, vectors: Iterable[Vector]) -> tuple[Vector, ...]:
        """Those of the vectors that are meant, in their order."""
        wanted = [(NAMES[what], patterns) for what, patterns in attrs.asdict(self).items() if patterns]
        return tuple(
            vector
            for vector in vectors
            if all(any(matches(name, one) for name in names(vector) for one in patterns) for names, patterns in wanted)
        )

    def idle(self, vectors: Iterable[Vector]) -> tuple[str, str] | None:
        """The first name or pattern that no vector has, with what it was given for; None where each has one."""
        vectors = tuple(vectors)
        for what, patterns in attrs.asdict(self).items():
            for pattern in patterns:
                if not any(matches(name, pattern) for vector in vectors for name in NAMES[what](vector)):
                    return what, pattern
        return None


def matches(name: str, pattern: str) -> bool:
    """Whether a name is, or has the form of, a pattern. An id also matches the folder or file that it is in."""
    if WILD & set(pattern):
        return fnmatchcase(name, pattern)
    return name == pattern or name.startswith(pattern.rstrip("/") + "/")


def names(vectors: Iterable[Vector], what: str) -> tuple[str, ...]:
    """All names of one sort that the vectors have, in code point order."""
    return tuple(sorted({name for vector in vectors for name in NAMES[what](vector)}))
