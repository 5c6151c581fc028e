"""The fingerprint of a choice, from bytes that are put together and mostly kept.

The record of a decision names four things that change seldom or cost nothing, and lists every candidate of the
snapshot. Those lists are a function of the state and of what the policy looks at in a request, which many calls have
in common: they are kept with the state, and go with it. `Decision.fingerprint` says what the digest is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import numpy as np

from policy_ir.canonical import digest
from policy_ir.cbor import ARRAY, MAP, encode_number, encode_text, head
from policy_ir.evaluator.keeping import put
from policy_ir.evaluator.vector_outcome import listed
from policy_ir.signature import subterms_of
from policy_ir.terms import And, MeetsReq, Policy, Sample, ScopeMatches, Term
from policy_ir.vocabulary import FORMULAS

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from policy_ir.evaluator.bound import Bound
    from policy_ir.evaluator.choice import Choice
    from policy_ir.evaluator.columns import Columns
    from policy_ir.evaluator.reading import Reading
    from policy_ir.facts import Facts
    from policy_ir.vocabulary import Vocabulary

__all__ = ["Lists", "Recorder", "encode_scores"]

LISTS: Final = 256
"""How many lists are kept with a state, of all policies together."""

ENTRIES: Final = 2**17
"""How many entries the lists that are kept with a state have in all, unless four lists have more."""


class Lists(NamedTuple):
    """The lists of a record as bytes, and how many are in each."""

    cut: bytes
    ordered_and_rejected: bytes
    counts: tuple[int, int, int]
    """How many may be tried, were rejected, were cut."""


class Recorder:
    """The records of a binding's choices."""

    def __init__(self, bound: Bound) -> None:
        effective, vocabulary = bound.effective, bound.columns.vocabulary
        self._mark = object()  # stands for this one in what is kept with states, which keeps no policy alive so
        self._columns = bound.columns
        self._filter = bound.vector.filter
        self._looks = _Looks(effective.normal, vocabulary)
        self._policy = b"\x66policy" + encode_text(effective.policy_fingerprint)
        self._last = b"\x69effective" + encode_text(effective.fingerprint)
        self._last += b"\x6avocabulary" + encode_text(vocabulary.fingerprint)

    def fingerprint(self, choice: Choice) -> str:
        """What `Decision.fingerprint` is."""
        lists, seed = choice.lists, choice.seed
        return digest(
            b"".join(
                (
                    _UNSEEDED if seed is None else _SEEDED,
                    b"\x63cut",
                    lists.cut,
                    b"" if seed is None else b"\x64seed" + encode_number(float(seed)),
                    b"\x65facts",
                    encode_text(choice.facts.fingerprint),
                    self._policy,
                    lists.ordered_and_rejected,
                    b"\x68snapshot",
                    encode_text(choice.overlay.snapshot.fingerprint),
                    self._last,
                )
            )
        )

    def lists(self, choice: Choice) -> Lists:
        """The lists of a choice's record."""
        derived = choice.overlay.snapshot.derived
        kept: dict[Hashable, Lists] | None = derived.get(Recorder)
        if kept is None:
            kept = derived[Recorder] = {}
        key = self._mark, self._seen(choice.facts), choice.seed if self._looks.draws else None
        found = kept.get(key)
        if found is None:
            found = _lists(choice.reading, self._columns)
            put(kept, key, found, max(4, min(LISTS, ENTRIES // max(self._columns.size, 1))))
        return found

    def _seen(self, facts: Facts) -> Hashable:
        """What the policy sees of a request; requests of which it sees the same come to the same."""
        looks = self._looks
        block = facts.requirement if looks.closely else (self._filter.key(facts, self._columns), facts.min_tok_s)
        return (block, *map(facts.fields.get, looks.fields)) if looks.fields else block


_UNSEEDED, _SEEDED = (head(ARRAY, 2) + encode_text("decision/1") + head(MAP, keys) for keys in (8, 9))
"""What the bytes of a record start with."""


class _Looks:
    """What a policy looks at in a request to decide: `draws` says whether in the seed."""

    def __init__(self, policy: Policy, vocabulary: Vocabulary) -> None:
        self._policy = policy
        self._vocabulary = vocabulary
        self.draws = any(isinstance(node, Sample) for node in _nodes(policy.select))
        self.fields = tuple(sorted({field for node in self._deciding for field in self._requested(node)}))

    @cached_property
    def _deciding(self) -> list[Term]:
        policy = self._policy
        return [node for part in (policy.filter, policy.rank, policy.select) for node in _nodes(part)]

    @cached_property
    def closely(self) -> bool:
        """Whether the requirement block is looked at elsewhere than in conjuncts of the filter, which see its shape."""
        conjuncts = self._policy.filter.preds if isinstance(self._policy.filter, And) else (self._policy.filter,)
        seen = [node for node in self._deciding if isinstance(node, MeetsReq | ScopeMatches)]
        return len(seen) > sum(isinstance(conjunct, MeetsReq | ScopeMatches) for conjunct in conjuncts)

    def _requested(self, node: Any) -> Iterator[str]:
        """The request fields that a node reads."""
        field, declared = getattr(node, "field", None), self._vocabulary.fields
        if field is None:
            return
        for read in FORMULAS[field] if declared[field].source == "derived" else (field,):
            if declared[read].source == "request":
                yield read


def _nodes(term: Term) -> Iterator[Term]:
    waiting = [term]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(subterms_of(node))


# --- the lists -------------------------------------------------------------------------------------------------


def _lists(reading: Reading, columns: Columns) -> Lists:
    order, scores, cuts = reading.ranking
    codes = reading.codes
    refused = codes.nonzero()[0]
    reasons = np.array([b"", *map(encode_text, reading.shape.reasons)], dtype=object)
    cut = listed(cuts)
    starts = columns.id_bytes
    return Lists(
        _pairs(starts.take([i for i, _ in cut]).tolist() if cut else [], [encode_text(by) for _, by in cut]),
        b"\x67ordered"
        + _pairs(starts.take(order).tolist(), encode_scores(scores))
        + b"\x68rejected"
        + _pairs(starts.take(refused).tolist(), reasons.take(codes.take(refused)).tolist()),
        (order.size, refused.size, len(cut)),
    )


def _pairs(starts: Sequence[bytes], ends: Sequence[bytes]) -> bytes:
    """The bytes of a list of pairs: `starts` has the heads of the pairs and their first entries."""
    items: list[bytes] = [b""] * (2 * len(starts))
    items[::2], items[1::2] = starts, ends
    return head(ARRAY, len(starts)) + b"".join(items)


def encode_scores(scores: NDArray[np.float64]) -> list[bytes]:
    """The bytes of each score, any of which may be infinite or undefined, and none -0."""
    with np.errstate(all="ignore"):
        short = scores.astype(np.float32) == scores
    short |= scores == np.rint(scores)
    short |= np.isnan(scores)
    wide = np.empty((scores.size, 9), dtype=np.uint8)
    wide[:, 0] = _DOUBLE
    wide[:, 1:] = scores.astype(">f8").view(np.uint8).reshape(-1, 8)
    items = cast("list[bytes]", wide.view("V9").ravel().tolist())
    at = short.nonzero()[0].tolist()
    if at:
        values = scores.take(at).tolist()
        known = {value: encode_number(value) for value in set(values)}
        for place, value in zip(at, values, strict=True):
            items[place] = known[value]
    return items


_DOUBLE: Final = 0xFB
"""The initial byte of a number that is neither an integer nor exact in fewer than 64 bits."""
