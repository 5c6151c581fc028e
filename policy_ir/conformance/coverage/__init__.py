"""Which rules, equations, codes and operations the vectors show, both ways. Specification: chapter "Conformance".

Everything in the chapters is *passed* by a vector and *denied* by one. What no vector can show, because no message can
carry it, is listed with the reason in the suite's `exempt.json`; the list holds nothing that is covered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from policy_ir.conformance.coverage.witness import Witness, witness
from policy_ir.conformance.rules import spec_rules
from policy_ir.conformance.suite import Suite, Vector
from policy_ir.diagnostics.codes import LANGUAGE_CODES
from policy_ir.signature import SIGNATURE

__all__ = ["Coverage", "Exemption", "Subject", "measure", "read_exemptions", "witness"]

What: TypeAlias = Literal["rule", "code", "operation"]
Side: TypeAlias = Literal["passed", "denied"]
SIDES: tuple[Side, Side] = ("passed", "denied")


@attrs.frozen
class Exemption:
    """What no vector can show, on one side or, where `side` is None, on both; `why` is a sentence."""

    id: str
    why: str
    side: Side | None = None

    def covers(self, side: Side) -> bool:
        """Whether it speaks of this side."""
        return self.side in (None, side)


@attrs.frozen
class Subject:
    """One rule, equation, code or operation, with the ids of the vectors that pass and deny it.

    `chapter` is the stem of the chapter's file: `diagnostics` for codes, `syntax` for operations.
    """

    id: str
    what: What
    chapter: str
    passed: tuple[str, ...]
    denied: tuple[str, ...]
    exemption: Exemption | None = None

    def vectors(self, side: Side) -> tuple[str, ...]:
        """The vectors of a side."""
        return self.passed if side == "passed" else self.denied

    @property
    def missing(self) -> tuple[Side, ...]:
        """The sides that no vector shows and no exemption covers."""
        return tuple(side for side in SIDES if not self.vectors(side) and not self._exempt(side))

    @property
    def needless(self) -> tuple[Side, ...]:
        """The sides that are exempt and covered."""
        return tuple(side for side in SIDES if self.vectors(side) and self._exempt(side))

    def _exempt(self, side: Side) -> bool:
        return self.exemption is not None and self.exemption.covers(side)


@attrs.frozen
class Coverage:
    """The coverage of a suite. `untrue` pairs a vector with a claim of its author that the reference contradicts.

    `unknown` are exemptions for what there is not.
    """

    subjects: tuple[Subject, ...]
    untrue: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]

    @property
    def missing(self) -> tuple[Subject, ...]:
        """What is not covered."""
        return tuple(one for one in self.subjects if one.missing)

    @property
    def needless(self) -> tuple[Subject, ...]:
        """What is exempt and covered."""
        return tuple(one for one in self.subjects if one.needless)

    @property
    def holds(self) -> bool:
        """Whether everything is covered or exempt, nothing both, and no claim is untrue."""
        return not (self.missing or self.needless or self.untrue or self.unknown)


def measure(suite: Suite, exemptions: Iterable[Exemption] | None = None,
            on_vector: Callable[[Vector], None] | None = None) -> Coverage:  # fmt: skip
    """The coverage of a suite. `exemptions` are those of its `exempt.json` where none are given.

    `on_vector` is called with each vector when it has been measured.
    """
    exempt = {one.id: one for one in (read_exemptions(suite.root) if exemptions is None else exemptions)}
    shown: dict[str, Witness] = {}
    for vector in suite.vectors:
        shown[vector.id] = witness(vector)
        if on_vector is not None:
            on_vector(vector)
    passed: dict[What, Mapping[str, tuple[str, ...]]] = {
        "rule": _index(shown, lambda one: one.used),
        "code": _index(shown, lambda one: one.near),
        "operation": _index(shown, lambda one: one.ran),
    }
    denied: dict[What, Mapping[str, tuple[str, ...]]] = {
        "rule": _index(shown, lambda one: one.avoided),
        "code": _index(shown, lambda one: one.given),
        "operation": _index(shown, lambda one: one.refused),
    }
    listed: list[tuple[str, What, str]] = [(id, "rule", rule.chapter) for id, rule in spec_rules().items()]
    listed += [(code, "code", "diagnostics") for code in LANGUAGE_CODES]
    listed += [(op, "operation", "syntax") for op in SIGNATURE]
    subjects = tuple(
        Subject(id, what, chapter, passed[what].get(id, ()), denied[what].get(id, ()), exempt.get(id))
        for id, what, chapter in listed
    )
    known = {id for id, _, _ in listed}
    return Coverage(
        subjects=subjects,
        untrue=tuple((id, said) for id, one in shown.items() for said in one.untrue),
        unknown=tuple(id for id in exempt if id not in known),
    )


def _index(shown: Mapping[str, Witness], of: Callable[[Witness], frozenset[str]]) -> Mapping[str, tuple[str, ...]]:
    """The ids of the vectors that show each name."""
    found: dict[str, list[str]] = {}
    for id, one in shown.items():
        for name in of(one):
            found.setdefault(name, []).append(id)
    return {name: tuple(ids) for name, ids in found.items()}


def read_exemptions(root: Path) -> tuple[Exemption, ...]:
    """The list of `exempt.json` in the folder of a suite; none where there is no such file.

    Raises ValueError for a list of another shape, and for an id that it has twice.
    """
    path = root / "exempt.json"
    if not path.exists():
        return ()
    try:
        found = tuple(Exemption(**entry) for entry in json.loads(path.read_text("utf-8"))["exempt"])
    except (KeyError, TypeError):
        raise ValueError("it is no object with a list `exempt` of exemptions") from None
    if len({one.id for one in found}) < len(found):
        raise ValueError("an id occurs twice")
    return found
