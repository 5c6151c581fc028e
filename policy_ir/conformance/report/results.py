"""Runs side by side: what the reports tell, counted once. Specification: chapter "Conformance"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import attrs

from policy_ir.conformance.rules import spec_rules
from policy_ir.conformance.runner import STATUSES, Outcome, Run
from policy_ir.conformance.selection import chapter, given_codes
from policy_ir.conformance.suite import Vector
from policy_ir.diagnostics.codes import LANGUAGE_CODES

FAILING: Final = frozenset({"fail", "unexpected-pass"})
"""What makes a run fail."""
NOTEWORTHY: Final = FAILING | {"known"}
"""What a report shows one by one."""


@attrs.frozen(eq=False)
class Judged:
    """One implementation and its run. `name` is unique among those of a report."""

    name: str
    run: Run

    @cached_property
    def by_id(self) -> Mapping[str, Outcome]:
        """The outcomes by the id of their vector."""
        return {outcome.vector.id: outcome for outcome in self.run.outcomes}

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many vectors came to each status, zeros included."""
        return _by_status(self.run.outcomes)

    @property
    def failing(self) -> int:
        """How many vectors make the run fail."""
        return sum(self.counts[status] for status in FAILING)

    @property
    def title(self) -> str:
        """The implementation with its version, as it says itself."""
        said = str(self.run.hello.get("implementation") or self.name)
        version = self.run.hello.get("version")
        return f"{said} {version}" if version else said

    @property
    def skipped(self) -> list[tuple[str, int]]:
        """The reasons why vectors were skipped, with how many, most first."""
        why = Counter(outcome.message for outcome in self.run.outcomes if outcome.status == "skip")
        return sorted(why.items(), key=lambda pair: (-pair[1], pair[0]))


def _by_status(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many outcomes there are of each status, zeros included."""
    found = Counter(outcome.status for outcome in outcomes)
    return {status: found[status] for status in STATUSES}


@attrs.frozen
class Row:
    """One rule, equation or code with the ids of its vectors: those that follow by it, and those that deny it.

    A code is followed by where it is come near to, and denied where it is given; it alone has a `title`.
    """

    id: str
    chapter: str
    title: str
    vectors: tuple[str, ...]
    denied: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """The vectors of both sides, each once."""
        return tuple(dict.fromkeys((*self.vectors, *self.denied)))


@attrs.frozen(eq=False)
class Results:
    """Runs of the same vectors, side by side."""

    subjects: tuple[Judged, ...]

    @cached_property
    def vectors(self) -> tuple[Vector, ...]:
        """The vectors that were asked, by id."""
        found = {outcome.vector.id: outcome.vector for one in self.subjects for outcome in one.run.outcomes}
        return tuple(found[id] for id in sorted(found))

    @property
    def passed(self) -> bool:
        """Whether every run passed."""
        return all(one.run.passed for one in self.subjects)

    @cached_property
    def chapters(self) -> Mapping[str, tuple[Vector, ...]]:
        """The vectors by the chapter that they are of, the first part of their id."""
        found: dict[str, list[Vector]] = {}
        for vector in self.vectors:
            found.setdefault(chapter(vector), []).append(vector)
        return {name: tuple(vectors) for name, vectors in found.items()}

    @cached_property
    def noteworthy(self) -> tuple[Vector, ...]:
        """The vectors at which some subject failed, known failures included."""
        return tuple(
            vector for vector in self.vectors if any(self.status(one, vector.id) in NOTEWORTHY for one in self.subjects)
        )

    def status(self, subject: Judged, id: str) -> str | None:
        """What became of a vector, None where the subject was not asked."""
        outcome = subject.by_id.get(id)
        return None if outcome is None else outcome.status

    def rows(self) -> list[Row]:
        """Every rule, equation and code, with the vectors of these runs that name it."""
        follows: dict[str, list[str]] = {}
        denies: dict[str, list[str]] = {}
        for vector in self.vectors:
            given = given_codes(vector)
            for name in (*vector.rules, *vector.near):
                follows.setdefault(name, []).append(vector.id)
            for name in (*vector.denies, *given):
                denies.setdefault(name, []).append(vector.id)

        def row(id: str, chapter: str, title: str) -> Row:
            return Row(id, chapter, title, tuple(follows.get(id, ())), tuple(denies.get(id, ())))

        return [
            *(row(id, rule.chapter, "") for id, rule in spec_rules().items()),
            *(row(code, "diagnostics", known.title) for code, known in LANGUAGE_CODES.items()),
        ]

    def tally(self, subject: Judged, ids: Sequence[str]) -> dict[str, int]:
        """What became of these vectors with a subject."""
        return _by_status(subject.by_id[id] for id in ids if id in subject.by_id)
