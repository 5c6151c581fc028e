"""The evaluator: loads, binds and decides, and keeps what it made, within bounds.

Everything kept is immutable or a function of what it is kept for, so an answer never depends on what was asked before.
The oldest entry of a full cache goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import attrs

from policy_ir.admission import Admitted
from policy_ir.evaluator.bound import Bound
from policy_ir.evaluator.choice import Choice
from policy_ir.evaluator.keeping import put
from policy_ir.evaluator.loading import Loader
from policy_ir.evaluator.program import Program
from policy_ir.facts import Facts, checked, read_seed
from policy_ir.floor import Effective, effective
from policy_ir.semantics.work import WORK_LIMIT, check_work

if TYPE_CHECKING:
    from policy_ir.snapshot import CataloguePart, Snapshot
    from policy_ir.vocabulary import Vocabulary

__all__ = ["Evaluator"]

_Key: TypeAlias = tuple[str, str, str]
"""The fingerprints of an effective policy, of the caller's own, and of the vocabulary."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@attrs.define(eq=False)
class _Cache(Generic[K, V]):
    """At most so many entries; the oldest goes first."""

    most: int
    entries: dict[K, V] = attrs.field(factory=dict)

    def get(self, key: K, make: Callable[[], V]) -> V:
        found = self.entries.get(key)
        if found is None:
            found = make()
            put(self.entries, key, found, self.most)
        return found


class Evaluator:
    """Decides policies over snapshots: the same answers as `policy_ir.decide`, as fast as the machine allows.

        evaluator = Evaluator()
        admitted  = evaluator.load(b'["policy", ...]', vocabulary)
        bound     = evaluator.bind(admitted, snapshot)
        choice    = bound.decide(facts, overlay, seed=7)

    `work_limit` lowers the bound on work of the language. What is kept is bounded by `policies` (loaded from bytes),
    `programs` (policies taken apart), `bindings` (to one catalogue) and `catalogues` (with bindings), each at least 1,
    else ValueError.
    """

    def __init__(
        self,
        *,
        work_limit: int = WORK_LIMIT,
        policies: int = 4096,
        programs: int = 1024,
        bindings: int = 128,
        catalogues: int = 4,
    ) -> None:
        if min(policies, programs, bindings, catalogues) < 1:
            raise ValueError("an evaluator keeps one of everything at least")
        self.work_limit = work_limit
        self._loader = Loader(policies)
        self._programs: _Cache[_Key, Program] = _Cache(programs)
        self._catalogues: _Cache[CataloguePart, _Cache[_Key, Bound]] = _Cache(catalogues)
        self._most_bindings = bindings

    def load(self, source: object, vocabulary: Vocabulary) -> Admitted:
        """The admitted policy of a JSON text in bytes, or of decoded JSON. Raises `Refused` with every finding."""
        return self._loader.load(source, vocabulary)

    def bind(self, policy: Admitted | Effective, snapshot: Snapshot) -> Bound:
        """A policy over the catalogue of a snapshot, whose state is the one that calls without an overlay see.

        Raises `Refused`: `PIR0213` for what is not a policy, `PIR0309` for too much work, before any of it; ValueError
        where policy and snapshot are not of one vocabulary.
        """
        return self._bound(_effective(policy, snapshot), snapshot)

    def decide(
        self, policy: Admitted | Effective, snapshot: Snapshot, facts: Facts | None = None, seed: int | None = None
    ) -> Choice:
        """What `policy_ir.decide` gives for the same arguments, or raises, in the same order."""
        program = _effective(policy, snapshot)
        facts, seed = checked(facts, program.vocabulary), read_seed(seed)
        return self._bound(program, snapshot).decide(facts, None, seed)

    def _bound(self, program: Effective, snapshot: Snapshot) -> Bound:
        """The binding of a policy, kept for its fingerprints and for the catalogue part of the snapshot."""
        check_work(program.normal, snapshot.size, self.work_limit)
        # The caller's own policy is part of the key: two that come to the same under a floor are recorded apart.
        key = program.fingerprint, program.policy_fingerprint, program.vocabulary.fingerprint
        taken = self._programs.get(key, lambda: Program(program))
        bindings = self._catalogues.get(snapshot.catalogue, lambda: _Cache(self._most_bindings))
        return bindings.get(key, lambda: Bound(taken, snapshot)).asked_for(program, snapshot)

    def sizes(self) -> Mapping[str, tuple[int, int]]:
        """How much is kept, and the most that will be, by what it is."""
        bindings = sum(len(found.entries) for found in list(self._catalogues.entries.values()))
        return {
            "policies": self._loader.size,
            "programs": (len(self._programs.entries), self._programs.most),
            "catalogues": (len(self._catalogues.entries), self._catalogues.most),
            "bindings": (bindings, self._most_bindings * self._catalogues.most),
        }


def _effective(policy: Admitted | Effective, snapshot: Snapshot) -> Effective:
    program = policy if isinstance(policy, Effective) else effective(policy)
    if program.vocabulary.fingerprint != snapshot.vocabulary.fingerprint:
        raise ValueError("the policy was admitted under another vocabulary than the snapshot's")
    return program
