"""What may be observed: of any candidate that a vocabulary allows, of any in a catalogue, of one in a catalogue.

The catalogue is known (`known/catalogue`). The state of a candidate and the facts of a request never are, even where a
snapshot holds them: they change from call to call, and a lint must not (`known/open`). Specification: chapter "Lints",
section "What is known".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never, cast

import attrs

from policy_ir.intervals import EITHER, NOTHING, Interval, Truth, hull, point, truth
from policy_ir.terms import FamilyEq, HasCap, MinTier, ProviderEq, ServedByEq, TierEq
from policy_ir.vocabulary import Vocabulary

if TYPE_CHECKING:
    from policy_ir.snapshot import Snapshot

MOST: Final = 1.7976931348623157e308
"""The greatest finite binary64."""

Identity: TypeAlias = TierEq | MinTier | FamilyEq | ProviderEq | ServedByEq | HasCap


def declared_numbers(field: str, vocabulary: Vocabulary) -> Interval:
    """What a vocabulary allows a numeric field to be: its range, and its default (`known/declared`)."""
    declared = vocabulary.fields[field]
    low = -MOST if declared.minimum is None else declared.minimum
    high = MOST if declared.maximum is None else declared.maximum
    default = NOTHING if declared.default is None else point(float(declared.default))
    return hull([Interval(low, high), default])


@attrs.frozen(eq=False)
class OneCandidate:
    """One candidate of a snapshot, in any state, for any request."""

    snapshot: Snapshot
    index: int

    def number(self, field: str) -> Interval:
        """The observation of a catalogue field; what the vocabulary allows of any other."""
        if self._is_catalogue(field):
            return point(cast(float, self.snapshot.observe(self.index, field).value))
        return declared_numbers(field, self.snapshot.vocabulary)

    def flag(self, field: str) -> Truth:
        """The observation of a catalogue field."""
        if self._is_catalogue(field):
            return truth(self.snapshot.observe(self.index, field).value is True)
        return EITHER

    def tag_in(self, field: str, values: tuple[str, ...]) -> Truth:
        """Whether the tag of the catalogue is one of these."""
        if not self._is_catalogue(field):
            return EITHER
        tag = self.snapshot.observe(self.index, field).value
        tags = tag if isinstance(tag, tuple) else (tag,)
        return truth(any(one in values for one in tags))

    def known(self, field: str) -> Truth:
        """Whether the catalogue has an observation."""
        return truth(self.snapshot.observe(self.index, field).known) if self._is_catalogue(field) else EITHER

    def identity(self, atom: Identity) -> Truth:
        """Exact: a candidate's keys are the catalogue's."""
        snapshot, i = self.snapshot, self.index
        rank = snapshot.vocabulary.tier_rank
        match atom:
            case TierEq(tier):
                return truth(snapshot.tier(i) == tier)
            case MinTier(tier):
                return truth(rank(snapshot.tier(i)) >= rank(tier))
            case FamilyEq(family):
                return truth(snapshot.family(i) == family)
            case ProviderEq(provider):
                return truth(snapshot.provider(i) == provider)
            case ServedByEq(route):
                return truth(snapshot.served_by(i) == route)
            case HasCap(capability):
                return truth(snapshot.has_capability(i, capability))
            case _:
                assert_never(atom)

    def scoped(self) -> Truth:
        """Whether the catalogue gives it a scope."""
        return truth(self.snapshot.scope(self.index) is not None)

    def _is_catalogue(self, field: str) -> bool:
        return self.snapshot.vocabulary.fields[field].source == "catalogue"


@attrs.frozen(eq=False)
class AnyCandidate:
    """Any candidate of a snapshot; without one, any that the vocabulary allows."""

    vocabulary: Vocabulary
    snapshot: Snapshot | None = None

    def number(self, field: str) -> Interval:
        """All observations of a catalogue field; what the vocabulary allows of any other."""
        if self.snapshot is None:
            return declared_numbers(field, self.vocabulary)
        return hull(one.number(field) for one in self._each(self.snapshot))

    def flag(self, field: str) -> Truth:
        """All observations of a catalogue field."""
        return self._any(lambda one: one.flag(field))

    def tag_in(self, field: str, values: tuple[str, ...]) -> Truth:
        """Whether any tag of the catalogue is one of these, and whether any is not."""
        return self._any(lambda one: one.tag_in(field, values))

    def known(self, field: str) -> Truth:
        """Whether the catalogue has an observation of any candidate, and whether it lacks one of any."""
        return self._any(lambda one: one.known(field))

    def identity(self, atom: Identity) -> Truth:
        """What the keys of all candidates say."""
        return self._any(lambda one: one.identity(atom))

    def scoped(self) -> Truth:
        """Whether any candidate has a scope, and whether any has none."""
        return self._any(lambda one: one.scoped())

    def _any(self, ask: Callable[[OneCandidate], Truth]) -> Truth:
        if self.snapshot is None:
            return EITHER
        answers = [ask(one) for one in self._each(self.snapshot)]
        return Truth(any(answer.yes for answer in answers), any(answer.no for answer in answers))

    @staticmethod
    def _each(snapshot: Snapshot) -> list[OneCandidate]:
        return [OneCandidate(snapshot, i) for i in range(snapshot.size)]
