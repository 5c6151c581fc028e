"""Worlds and terms that an evaluation over arrays is tried on: every operation, and numbers at every edge.

The vocabulary has fields of each sort and source, with infinite defaults of both signs. A world is drawn as a size and
a number that its values follow from, so that Hypothesis tries larger ones too and still finds small counterexamples.
"""

from __future__ import annotations

import functools
import random
import struct
import sys
from collections.abc import Iterable
from math import isnan
from typing import Any

import attrs
from hypothesis import strategies as st

from policy_ir.evaluator.columns import columns_of
from policy_ir.evaluator.overlay import Overlay
from policy_ir.evaluator.scene import Scene
from policy_ir.facts import read_facts
from policy_ir.semantics.environment import Environment
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.terms import (
    RELATIONS,
    Action,
    Add,
    Always,
    And,
    Argmax,
    Bot,
    ChainEntry,
    ChainSelector,
    Clamp,
    Cmp,
    FamilyEq,
    FieldScore,
    Gate,
    HasCap,
    Id,
    Is,
    Known,
    Lit,
    MeetsReq,
    MinTier,
    Neg,
    Normalize,
    Not,
    Or,
    Ordered,
    Policy,
    Pred,
    Prefer,
    ProviderEq,
    RankBy,
    Sample,
    Scale,
    ScopeMatches,
    Scorer,
    Selector,
    ServedByEq,
    TagIn,
    Test,
    TierEq,
    Top,
    TopK,
    Zero,
)
from policy_ir.vocabulary import Vocabulary, extend, vocabulary

FIELDS: dict[str, Any] = {
    "quality": {"sort": "num", "default": "-inf", "source": "catalogue"},
    "width": {"sort": "num", "default": 0, "source": "catalogue"},
    "load": {"sort": "num", "default": "inf", "source": "state"},
    "debt": {"sort": "num", "default": "-inf", "source": "state"},
    "budget": {"sort": "num", "default": "inf", "source": "request"},
    "urgency": {"sort": "num", "default": 0, "source": "request"},
    "open": {"sort": "bool", "default": True, "source": "catalogue"},
    "pinned": {"sort": "bool", "default": True, "source": "state"},
    "vip": {"sort": "bool", "default": False, "source": "request"},
    "badges": {"sort": "tags", "source": "catalogue"},
    "zone": {"sort": "tag", "source": "state"},
    "zones": {"sort": "tags", "source": "state"},
    "team": {"sort": "tag", "source": "request"},
    "teams": {"sort": "tags", "source": "request"},
    "provider": {"sort": "tag", "source": "catalogue"},
    "tier": {"sort": "tag", "source": "catalogue"},
    "scope": {"sort": "tag", "source": "catalogue"},
}  # fmt: skip

ARRAYS: Vocabulary = extend(
    vocabulary("standard"),
    {
        "vocabulary": 1,
        "name": "arrays",
        "extends": "standard",
        "fields": FIELDS,
    },
    "arrays",
)

GREATEST = sys.float_info.max
EDGES = (0.0, 1.0, 0.5, -1.0, 2.0, 0.1, 0.3, 16000.0, 1e-300, 5e-324, -5e-324, 1e308, GREATEST, -GREATEST)
LABELS = ("eu", "us", "p", "q", "fallback", "partner", "team-a")
NUMBERS = ("price_in", "context", "quality", "width", "load", "debt", "tok_s", "budget", "urgency", "call_cost")
FLAGS = ("open", "pinned", "vip", "has_tee", "disabled", "supports_tools")
TAGS = ("badges", "zone", "zones", "team", "teams", "provider", "tier", "scope")
CAPABILITIES = ("supports_tools", "supports_vision", "x")


# --- worlds --------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False)
class World:
    """A world in both shapes: as the machine looks at it, and as arrays."""

    environment: Environment
    scene: Scene


def _candidate(at: int, draw: random.Random, filled: float) -> Candidate:
    def maybe(choices: Iterable[Any]) -> Any:
        return draw.choice(tuple(choices)) if draw.random() < filled else None

    few = draw.random() < 0.5
    numbers = {
        name: maybe(number for number in (EDGES[:4] if few else EDGES) if ARRAYS.fields[name].admits(number))
        for name in NUMBERS
        if ARRAYS.fields[name].source in ("catalogue", "state")
    }
    flags = {name: maybe((True, False)) for name in ("open", "pinned", "has_tee", "no_log", "disabled")}
    tags = {"zone": maybe(LABELS), "badges": maybe((LABELS[:2], LABELS[:1], ())), "zones": maybe((LABELS[1:3], ()))}
    return Candidate(
        id=f"m{at}",
        provider=draw.choice("pq"),
        family=draw.choice("fg"),
        served_by=maybe(("p", "peer")),
        tier=maybe((*ARRAYS.tiers, "undeclared")),
        scope=maybe(("team-a", "team-b")),
        capabilities=[name for name in CAPABILITIES if draw.random() < 0.6],
        fields={**numbers, **flags, **tags},
    )


def _facts(draw: random.Random) -> dict[str, Any]:
    given: dict[str, Any] = {
        "needs": draw.sample(("tools", "vision"), draw.randint(0, 2)),
        "min_context": draw.choice(EDGES[:3]),
        "model_family": draw.choice("fg"),
        "tier": draw.choice(ARRAYS.tiers),
        "privacy": draw.choice(("standard", "no_log", "tee_required")),
        "min_tok_s": draw.choice(EDGES[:3]),
        "scope": draw.choice(("team-a", "team-c")),
    }
    fields: dict[str, Any] = {
        "budget": draw.choice(EDGES),
        "urgency": draw.choice(EDGES),
        "prompt_tokens": draw.choice((0.0, 1.0, 1e308)),
        "completion_tokens": draw.choice((0.0, 300.0)),
        "vip": draw.random() < 0.5,
        "team": draw.choice(LABELS),
        "teams": draw.sample(LABELS, 2),
    }
    some = {key: fact for key, fact in given.items() if draw.random() < 0.4}
    return some | {"fields": {name: value for name, value in fields.items() if draw.random() < 0.6}}


def world(size: int, number: int, seed: int | None = None) -> World:
    """The world of a size that follows from a number."""
    draw = random.Random(number)
    filled = draw.choice((0.2, 0.7, 1.0))
    snapshot = Snapshot.take(CandidateList(_candidate(at, draw, filled) for at in range(size)), ARRAYS)
    facts = read_facts(_facts(draw), ARRAYS)
    return World(Environment(snapshot, facts, seed), Scene(columns_of(snapshot), Overlay.of(snapshot), facts))


def worlds(least: int = 0, most: int = 60) -> st.SearchStrategy[World]:
    """Worlds, with and without a seed."""
    sizes = st.integers(least, 6) | st.integers(least, most)
    return st.builds(world, sizes, st.integers(0, 2**32), st.none() | st.integers(0, 2**53 - 1))


# --- terms ---------------------------------------------------------------------------------------------------


def numbers() -> st.SearchStrategy[float]:
    """Finite numbers, mostly at an edge."""
    return st.sampled_from(EDGES) | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)


@functools.cache
def _atoms() -> st.SearchStrategy[Pred]:
    labels = st.sampled_from(LABELS)
    return st.one_of(
        st.builds(Cmp, st.sampled_from(NUMBERS), st.sampled_from(RELATIONS), st.sampled_from(EDGES)),
        st.builds(Is, st.sampled_from(FLAGS)),
        st.builds(TagIn, st.sampled_from(TAGS), st.lists(labels, min_size=1, max_size=3).map(tuple)),
        st.builds(Known, st.sampled_from(tuple(ARRAYS.fields) + NUMBERS + FLAGS + TAGS)),
        st.sampled_from([Top(), Bot(), MeetsReq(), ScopeMatches(), FamilyEq("f"), ServedByEq("peer"), HasCap("x")]),
        st.builds(TierEq, st.sampled_from(ARRAYS.tiers)) | st.builds(MinTier, st.sampled_from(ARRAYS.tiers)),
        st.builds(ProviderEq, labels),
    )


@functools.cache
def preds(depth: int = 3) -> st.SearchStrategy[Pred]:
    """Predicates, nested as far as this."""
    if not depth:
        return _atoms()
    inner = preds(depth - 1)
    several = st.lists(inner, min_size=1, max_size=4).map(tuple)
    return st.one_of(
        _atoms(),
        st.builds(And, several),
        st.builds(Or, several),
        st.builds(Not, inner),
        st.builds(Test, scorers(depth - 1, pointwise=True), st.sampled_from(RELATIONS), st.sampled_from(EDGES)),
    )


@functools.cache
def scorers(depth: int = 4, *, pointwise: bool = False) -> st.SearchStrategy[Scorer]:
    """Scorers, nested as far as this; `pointwise` leaves out `normalize`."""
    leaves = st.one_of(
        st.builds(FieldScore, st.sampled_from(NUMBERS)), st.builds(Lit, numbers()), st.just(Zero())
    )  # fmt: skip
    if not depth:
        return leaves
    inner = scorers(depth - 1, pointwise=pointwise)
    made = [
        leaves,
        st.builds(Add, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Scale, numbers(), inner),
        st.builds(Neg, inner),
        st.builds(Clamp, numbers(), numbers(), inner),
        st.builds(Gate, preds(min(depth - 1, 1)), inner),
    ]
    return st.one_of(made) if pointwise else st.one_of(*made, st.builds(Normalize, inner), st.builds(Normalize, inner))


@functools.cache
def selectors(depth: int = 3) -> st.SearchStrategy[Selector]:
    """Selectors, nested as far as this."""
    pairs = st.sampled_from([ChainEntry(provider=p, model=f) for p in "pqz" for f in "fg"])
    leaves = st.one_of(
        st.sampled_from([Argmax(), Ordered()]),
        st.builds(Sample, st.sampled_from((0.0, -1.0, 0.3, 1.0, 50.0, GREATEST)) | numbers()),
        st.builds(ChainSelector, st.lists(pairs, max_size=4).map(tuple)),
    )
    if not depth:
        return leaves
    inner = selectors(depth - 1)
    counts = st.sampled_from((1.0, 2.0, 3.0, 10.0, 1e300))
    return st.one_of(
        leaves, st.builds(TopK, counts, inner), st.builds(Prefer, preds(1), inner), st.builds(RankBy, scorers(2), inner)
    )


def policies() -> st.SearchStrategy[Policy]:
    """Policies; what they do to a request and after a failure takes no part."""
    rest = st.just(Id()), st.just(Always(Action("next_candidate")))
    # A filter that refuses nearly everybody would leave nothing to rank.
    filters = st.one_of(st.just(Top()), _atoms(), preds(), st.builds(Not, preds(1)))
    return st.builds(Policy, filters, scorers(), selectors(), *rest)


# --- comparing -----------------------------------------------------------------------------------------------


def bits(scores: Iterable[float]) -> list[bytes]:
    """Scores by their bits; all that are undefined are the same."""
    return [b"undefined" if isnan(score) else struct.pack("<d", score) for score in scores]
