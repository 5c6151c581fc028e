"""Decisions: who may be tried, in which order, and why nobody else.

A decision is a pure function of a policy, a snapshot, request facts and a seed; its record and the fingerprint of that
are the same wherever it is computed. Specification: chapter "Decisions".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs

from policy_ir.admission import Admitted
from policy_ir.canonical import fingerprint
from policy_ir.facts import Facts, checked, read_seed
from policy_ir.failover import Next, Route, next_of
from policy_ir.floor import Effective, effective
from policy_ir.semantics import machine
from policy_ir.semantics.configuration import CutBy, Draft
from policy_ir.semantics.draws import MODULUS
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.machine import Observer
from policy_ir.semantics.numbers import score_json
from policy_ir.semantics.work import WORK_LIMIT, check_work
from policy_ir.snapshot import Candidate, Snapshot
from policy_ir.terms import Policy, Recipe

if TYPE_CHECKING:
    from policy_ir.vocabulary import Vocabulary

__all__ = ["Attempt", "Custom", "Decision", "Directives", "Entry", "Filter", "decide"]


@attrs.frozen(slots=True)
class Entry:
    """A candidate that may be tried: its number in the snapshot, its id and its score (NaN where undefined)."""

    index: int
    id: str
    score: float


@attrs.frozen(slots=True)
class Filter:
    """A recipe for the host, with the seed of its random steps, `seed mod (2^31 - 1)`; None without a seed."""

    recipe: Recipe
    seed: int | None


@attrs.frozen(slots=True)
class Custom:
    """A transform of the host's own, with the version that the vocabulary declares."""

    symbol: str
    version: str


@attrs.frozen(slots=True)
class Directives:
    """What the host has to do to the message itself. A host that cannot must not send the request."""

    filter_text: Filter | None = None
    filter_image: Filter | None = None
    customs: tuple[Custom, ...] = ()


NO_DIRECTIVES: Final = Directives()
"""What most transforms leave to do."""


@attrs.frozen(slots=True)
class Attempt:
    """What to send to position `index` of the order: the candidate, the request for it, the directives."""

    index: int
    candidate: Candidate
    request: dict[str, Any]
    directives: Directives


@attrs.frozen(eq=False, kw_only=True)
class Decision:
    """The decision of a policy over a snapshot; `decide` makes it.

    `policy`, `effective`, `vocabulary`, `snapshot_fingerprint` and `facts` are fingerprints, as the record has them.
    `ordered` are the candidates that may be tried, in order; `rejected` pairs an id with a reason, `cut` an id with
    what cut it (`chain`, `top_k`), both in catalogue order. `program` is the policy that ran, with its floor, and
    `environment` what it ran over.
    """

    program: Effective = attrs.field(repr=False)
    environment: Environment = attrs.field(repr=False)
    ordered: tuple[Entry, ...]
    rejected: tuple[tuple[str, str], ...]
    cut: tuple[tuple[str, CutBy], ...]

    @property
    def term(self) -> Policy:
        """The effective policy in normal form: what ran."""
        return self.program.normal

    @property
    def policy(self) -> str:
        """The fingerprint of the caller's own policy."""
        return self.program.policy_fingerprint

    @property
    def effective(self) -> str:
        """The fingerprint of the effective policy."""
        return self.program.fingerprint

    @property
    def vocabulary(self) -> str:
        """The fingerprint of the vocabulary."""
        return self.environment.vocabulary.fingerprint

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that the decision was made over."""
        return self.environment.snapshot

    @property
    def snapshot_fingerprint(self) -> str:
        """The fingerprint of the snapshot."""
        return self.environment.snapshot.fingerprint

    @property
    def facts(self) -> str:
        """The fingerprint of the request facts."""
        return self.environment.facts.fingerprint

    @property
    def seed(self) -> int | None:
        """The seed, None without one."""
        return self.environment.seed

    def record(self) -> dict[str, Any]:
        """The plain value that the fingerprint is made of. Scores are binary64, infinities and NaN among them."""
        record: dict[str, Any] = {
            "policy": self.policy,
            "effective": self.effective,
            "vocabulary": self.vocabulary,
            "snapshot": self.snapshot_fingerprint,
            "facts": self.facts,
            "ordered": [[entry.id, entry.score] for entry in self.ordered],
            "rejected": [[name, reason] for name, reason in self.rejected],
            "cut": [[name, by] for name, by in self.cut],
        }
        return record if self.seed is None else record | {"seed": self.seed}

    @cached_property
    def fingerprint(self) -> str:
        """`blake3:` and 64 hexadecimal digits, under the tag `decision/1`."""
        return fingerprint("decision/1", self.record(), scores=True)

    def to_json(self) -> dict[str, Any]:
        """The decision as a JSON object. Specification: chapter "Decisions", section "JSON"."""
        return {
            "policy": self.policy,
            "effective": self.effective,
            "vocabulary": self.vocabulary,
            "snapshot": self.snapshot_fingerprint,
            "facts": self.facts,
            "fingerprint": self.fingerprint,
            "seed": self.seed,
            "ordered": [{"id": entry.id, "score": score_json(entry.score)} for entry in self.ordered],
            "rejected": [{"id": name, "reason": reason} for name, reason in self.rejected],
            "cut": [{"id": name, "by": by} for name, by in self.cut],
        }

    def attempt(self, i: int, request: Mapping[str, Any], *, on_step: Observer | None = None) -> Attempt:
        """What to send to position `i` of `ordered`, from 0, for a request as it came in.

        `request` is a decoded JSON object and is not changed; the one returned shares its nested values. Raises
        IndexError for a position outside the order.
        """
        at = self._entry(i).index
        draft = Draft(dict(request))
        machine.transformed(self.term.mutate, at, draft, self.environment, on_step)
        directives = directives_of(draft, self.environment.vocabulary, self.seed)
        return Attempt(i, self.snapshot.candidate(at), draft.request, directives)

    def next(self, i: int, retries: int, reason: str, *, on_step: Observer | None = None) -> Next:
        """What to do when the attempt at position `i`, retried `retries` times already, has failed for `reason`.

        Raises IndexError for a position outside the order, ValueError for a negative number of retries.
        """
        action = machine.action(self.term.fallback, reason, self.environment, on_step)
        return next_of(action, i, retries, self._routes)

    @cached_property
    def _routes(self) -> tuple[Route, ...]:
        snapshot = self.snapshot
        return tuple(Route(snapshot.provider(entry.index), snapshot.family(entry.index)) for entry in self.ordered)

    def _entry(self, i: int) -> Entry:
        if not 0 <= i < len(self.ordered):
            raise IndexError(f"position {i} of an order of {len(self.ordered)}")
        return self.ordered[i]


def directives_of(draft: Draft, vocabulary: Vocabulary, seed: int | None) -> Directives:
    """What a transform has left for the host to do."""
    if draft.filter_text is None and draft.filter_image is None and not draft.customs:
        return NO_DIRECTIVES

    def filter_of(recipe: Recipe | None) -> Filter | None:
        return None if recipe is None else Filter(recipe, None if seed is None else seed % MODULUS)

    customs = tuple(Custom(symbol, vocabulary.customs[symbol]) for symbol in draft.customs)
    return Directives(filter_of(draft.filter_text), filter_of(draft.filter_image), customs)


def decide(
    policy: Admitted | Effective,
    snapshot: Snapshot,
    facts: Facts | None = None,
    seed: int | None = None,
    *,
    work_limit: int = WORK_LIMIT,
    on_step: Observer | None = None,
) -> Decision:
    """The decision of an admitted policy, under its floor if it has one, over a snapshot.

    `facts` are those of a request that requires nothing, where there are none. `work_limit` lowers the bound on work,
    and cannot raise it. `on_step` is called with every step. Raises `Refused`: `PIR0213` (not a policy), `PIR0710`
    to `PIR0716` and `PIR0403` (facts that the vocabulary does not have), `PIR0730` (not a seed), `PIR0309` (too much
    work), each before any step; ValueError where policy and snapshot are not of one vocabulary.
    """
    program = policy if isinstance(policy, Effective) else effective(policy)
    if program.vocabulary.fingerprint != snapshot.vocabulary.fingerprint:
        raise ValueError("the policy was admitted under another vocabulary than the snapshot's")
    environment = Environment(snapshot, checked(facts, program.vocabulary), read_seed(seed))
    check_work(program.normal, snapshot.size, work_limit)
    outcome = machine.outcome(program.normal, environment, on_step)
    ids = snapshot.ids
    return Decision(
        program=program,
        environment=environment,
        ordered=tuple(Entry(i, ids[i], score) for i, score in outcome.ordered),
        rejected=tuple((ids[i], reason) for i, reason in outcome.rejected),
        cut=tuple((ids[i], by) for i, by in outcome.cuts),
    )
