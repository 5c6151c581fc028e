"""The parts of a configuration: foci, values, evaluation contexts, and the moves between configurations.

The chapters (`predicates`, `scorers`, `selectors`, `policies`, `transforms`, `plans`) say which move comes next;
`machine` makes it. Contexts are immutable. Those that evaluate a predicate at one candidate after the other share a
list that only grows, of which each sees the part before its own position, so that a step copies nothing. Specification:
chapter "Semantics", section "Configurations".
"""

from __future__ import annotations

from typing import Any, Literal, NoReturn, TypeAlias

import attrs

from policy_ir.diagnostics import InternalError
from policy_ir.semantics.rules import Rule
from policy_ir.semantics.scores import Scored, Vector
from policy_ir.terms import (
    Action,
    Add,
    And,
    Clamp,
    Gate,
    Neg,
    Normalize,
    Not,
    Or,
    Policy,
    Prefer,
    RankBy,
    Recipe,
    Scale,
    Seq,
    Term,
    Test,
    TopK,
    When,
)

# --- values --------------------------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class Accept:
    """A predicate accepts the candidate."""


@attrs.frozen(slots=True)
class Reject:
    """A predicate refuses the candidate, for a reason."""

    reason: str


@attrs.frozen(slots=True)
class Ranking:
    """An order of candidates with their scores, and the candidates cut so far, in no order."""

    entries: tuple[Scored, ...]
    cuts: tuple[tuple[int, CutBy], ...] = ()


@attrs.frozen(slots=True)
class Done:
    """A transform has been carried out."""


@attrs.frozen(slots=True)
class Outcome:
    """What a policy comes to: the order, the rejected with their reasons and the cuts, both in catalogue order."""

    ordered: tuple[Scored, ...]
    rejected: tuple[tuple[int, str], ...]
    cuts: tuple[tuple[int, CutBy], ...]


CutBy: TypeAlias = Literal["chain", "top_k"]
Verdict: TypeAlias = Accept | Reject
Value: TypeAlias = Accept | Reject | Vector | Ranking | Done | Action | Outcome

ACCEPT = Accept()
DONE = Done()


def verdict_of(value: Value) -> Verdict:
    """The value of a predicate; anything else is a stuck configuration (`InternalError`)."""
    return value if isinstance(value, Accept | Reject) else stuck(value)


def vector_of(value: Value) -> Vector:
    """The value of a scorer; anything else is a stuck configuration (`InternalError`)."""
    return value if isinstance(value, tuple) else stuck(value)


def ranking_of(value: Value) -> Ranking:
    """The value of a selector; anything else is a stuck configuration (`InternalError`)."""
    return value if isinstance(value, Ranking) else stuck(value)


def action_of(value: Value) -> Action:
    """The value of a failure plan; anything else is a stuck configuration (`InternalError`)."""
    return value if isinstance(value, Action) else stuck(value)


def outcome_of(value: Value) -> Outcome:
    """The value of a policy; anything else is a stuck configuration (`InternalError`)."""
    return value if isinstance(value, Outcome) else stuck(value)


def stuck(what: object) -> NoReturn:
    """Raises `InternalError`: no rule applies, and none that was reached from an admitted term should be missing."""
    raise InternalError(f"the machine is stuck: no rule for {type(what).__name__}")


# --- foci ----------------------------------------------------------------------------------------------------

Population: TypeAlias = tuple[int, ...]


@attrs.frozen(slots=True)
class Contest:
    """The focus of a selector: a population in catalogue order, its scores, and how many ranks are asked for."""

    members: Population
    scores: Vector
    demand: int | None = None


@attrs.define(slots=True)
class Draft:
    """The outgoing request while a transform works on it, and the directives so far. Changed in place."""

    request: dict[str, Any]
    filter_text: Recipe | None = None
    filter_image: Recipe | None = None
    customs: list[str] = attrs.field(factory=list)


@attrs.frozen(slots=True)
class Call:
    """The focus of a transform: the candidate that the request goes to, and the draft."""

    candidate: int
    draft: Draft


@attrs.frozen(slots=True)
class Failure:
    """The focus of a failure plan: the reason."""

    reason: str


@attrs.frozen(slots=True)
class Everybody:
    """The focus of a policy: the whole snapshot."""


Focus: TypeAlias = int | Population | Contest | Call | Failure | Everybody

# --- evaluation contexts -------------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class PredFrame:
    """A predicate whose part number `at` is in the hole; the parts before it are gone."""

    node: And | Or | Not | Test
    i: int
    at: int = 0


@attrs.frozen(slots=True)
class ScorerFrame:
    """A scorer whose part number `at` is in the hole; `total` is the sum of the summands before it."""

    node: Add | Scale | Neg | Normalize | Clamp | Gate
    members: Population
    at: int = 0
    total: Vector | None = None


@attrs.frozen(slots=True)
class GateFrame:
    """A gate before the vector of its scorer: its predicate has a verdict on the first `at` members."""

    node: Gate
    members: Population
    vector: Vector
    at: int = 0
    verdicts: list[Verdict] = attrs.field(factory=list)


@attrs.frozen(slots=True)
class SelectorFrame:
    """A selector whose inner selector is in the hole."""

    node: TopK | Prefer | RankBy
    contest: Contest


@attrs.frozen(slots=True)
class PreferFrame:
    """A `prefer` with its inner order: its predicate has a verdict on the first `at` candidates of it."""

    node: Prefer
    ranking: Ranking
    at: int = 0
    verdicts: list[Verdict] = attrs.field(factory=list)


@attrs.frozen(slots=True)
class RankByFrame:
    """A `rank_by` with its inner order, whose scorer is in the hole."""

    node: RankBy
    ranking: Ranking


@attrs.frozen(slots=True)
class XformFrame:
    """A transform whose part number `at` is in the hole."""

    node: Seq | When
    call: Call
    at: int = 0


@attrs.frozen(slots=True)
class PolicyFrame:
    """A policy: the first `at` of `total` candidates are decided, then comes the rank, then the selector."""

    node: Policy
    total: int
    at: int = 0
    survivors: list[int] = attrs.field(factory=list)
    rejected: list[tuple[int, str]] = attrs.field(factory=list)
    scores: Vector | None = None


Frame: TypeAlias = (
    PredFrame | ScorerFrame | GateFrame | SelectorFrame | PreferFrame | RankByFrame | XformFrame | PolicyFrame
)

# --- moves ---------------------------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class Finish:
    """The redex becomes a value."""

    rule: Rule
    value: Value


@attrs.frozen(slots=True)
class Go:
    """The redex becomes the operation of `frame` with one part fewer; without a rule, the hole only moves inwards."""

    frame: Frame
    rule: Rule | None = None


@attrs.frozen(slots=True)
class Become:
    """The redex becomes one of its subterms, under the same focus."""

    rule: Rule
    term: Term
    focus: Focus


Move: TypeAlias = Finish | Go | Become
Hole: TypeAlias = tuple[Term, Focus]
"""What an evaluation context evaluates next."""
