"""Scores, part by part: what each summand of the rank term adds for each candidate, and from which observations.

Specification: chapter "Decisions", section "Explanations".
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, cast

import attrs

from policy_ir.decision import Entry
from policy_ir.evidence import Observed, fields_of, observed, origin_json, plain
from policy_ir.semantics import machine
from policy_ir.semantics.configuration import Finish, Population
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.machine import Step
from policy_ir.semantics.notation import show_term
from policy_ir.semantics.scores import Vector
from policy_ir.signature import subterms_of
from policy_ir.terms import Add, Origin, Scale, Scorer

LABEL_DEPTH = 5
"""How many levels of a scorer its label shows."""


@attrs.frozen(slots=True)
class Part:
    """A scorer's value for one candidate, and those of its parts.

    `value` is what it adds to the sum it stands in: for `scale(a, s)` that is `weight` (a) times `base` (the value of
    s); for any other scorer `weight` is 1 and `base` the value. `observed` are the fields that it reads.
    """

    node: Scorer
    origin: Origin | None
    weight: float
    base: float
    value: float
    observed: tuple[Observed, ...]
    parts: tuple[Part, ...]

    @property
    def label(self) -> str:
        """The scorer as compact text, without its weight."""
        return show_term(self.node.scorer if isinstance(self.node, Scale) else self.node, LABEL_DEPTH)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, without the parts of the part."""
        return {
            "op": self.node.op,
            "label": self.label,
            "origin": origin_json(self.origin),
            "weight": plain(self.weight),
            "base": plain(self.base),
            "value": plain(self.value),
            "observed": [seen.to_json() for seen in self.observed],
        }


ScoredBy: TypeAlias = Literal["rank", "rank_by", "chain"]


@attrs.frozen(slots=True)
class Score:
    """The score of a candidate of the order, and what it is made of.

    `by` says where it comes from: the rank term, the scorer of a `rank_by`, or the position in a `chain`, which has no
    parts. `parts` are the summands of an outermost `add`, else the whole term; added from left to right, starting from
    0, their values give the score.
    """

    entry: Entry
    by: ScoredBy
    parts: tuple[Part, ...]

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "id": self.entry.id,
            "score": plain(self.entry.score),
            "by": self.by,
            "parts": [part.to_json() for part in self.parts],
        }


@attrs.frozen(eq=False)
class Scoring:
    """A scorer over a population, with the vector of every scorer in it."""

    scorer: Scorer
    members: Population
    environment: Environment
    vectors: dict[int, Vector]
    """By the identity of the node."""
    places: dict[int, int]
    """The place of each member in the vectors."""

    @classmethod
    def of(cls, scorer: Scorer, members: Population, environment: Environment) -> Scoring:
        """One run of the machine, watched."""
        vectors: dict[int, Vector] = {}

        def watch(step: Step) -> None:
            # Scorers under a `test` are about one candidate: they are evidence, not parts of the score.
            if step.candidate is None and isinstance(step.node, Scorer) and isinstance(step.move, Finish):
                vectors[id(step.node)] = cast(Vector, step.move.value)

        machine.scores(scorer, members, environment, watch)
        return cls(scorer, members, environment, vectors, {i: at for at, i in enumerate(members)})

    @property
    def vector(self) -> Vector:
        """The scores of the members."""
        return self.vectors[id(self.scorer)]

    def score(self, i: int) -> float:
        """The score of a member."""
        return self.vector[self.places[i]]

    def parts(self, i: int) -> tuple[Part, ...]:
        """The summands of an outermost `add` for a member, else the whole scorer."""
        whole = self._part(self.scorer, i, self.places[i], None)
        return whole.parts if isinstance(self.scorer, Add) else (whole,)

    def _part(self, node: Scorer, i: int, at: int, around: Origin | None) -> Part:
        origin = node.origin or around
        inner = tuple(part for part in subterms_of(node) if isinstance(part, Scorer))
        value = self.vectors[id(node)][at]
        return Part(
            node=node,
            origin=origin,
            weight=node.factor if isinstance(node, Scale) else 1.0,
            base=self.vectors[id(node.scorer)][at] if isinstance(node, Scale) else value,
            value=value,
            observed=tuple(observed(self.environment, i, field) for field in fields_of(node)),
            parts=tuple(self._part(part, i, at, origin) for part in inner),
        )
