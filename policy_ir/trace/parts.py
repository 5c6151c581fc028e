"""The parts of a decision, stored once each: policy, floor, vocabulary, catalogue and state; and flows.

A part is a JSON text under the fingerprint of what it rebuilds (vocabulary, catalogue, state) or of the text itself
(policy, floor, flow: two spellings of a policy have one fingerprint, and both are kept). What is rebuilt is checked
against every fingerprint that the trace names, so a replay decides over the very same input or not at all.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from policy_ir.canonical import digest
from policy_ir.catalogs.file import candidate_record
from policy_ir.diagnostics import Refused, codes, quoted
from policy_ir.snapshot import Candidate, CandidateList, Snapshot

if TYPE_CHECKING:
    from policy_ir.admission import Admitted
    from policy_ir.facts import Facts
    from policy_ir.floor import Effective, Floor
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.trace.record import Trace
    from policy_ir.vocabulary import Vocabulary

__all__ = [
    "KINDS",
    "Part",
    "Rebuilder",
    "Rebuilt",
    "catalogue_part",
    "floor_part",
    "flow_part",
    "names_of_parts",
    "policy_part",
    "rebuild",
    "state_part",
    "text_of",
    "vocabulary_of",
    "vocabulary_part",
]

KINDS: Final = ("policy", "floor", "vocabulary", "catalogue", "state")
"""The parts of a decision. A flow has one more, of the kind `flow`."""

_OF_TEXT: Final = frozenset(("policy", "floor", "flow"))
"""The kinds whose digest is that of the text."""

_FLOWS: Final = 16
"""Flows that are kept: each may have hundreds of policies."""

MAX_TEXT: Final = 64 * 1024 * 1024
"""The most bytes of a part's text."""

T = TypeVar("T")


@attrs.frozen(slots=True)
class Part:
    """One part as it is stored: its kind, its digest, its text or the zlib stream of that, whichever is smaller."""

    kind: str
    digest: str
    content: bytes

    @classmethod
    def of(cls, kind: str, value: object, digest_: str | None = None) -> Part:
        """The part with this JSON value, under a fingerprint or else under the digest of its text."""
        text = json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
        return cls.packed(kind, digest_ or digest(text), text)

    @classmethod
    def packed(cls, kind: str, digest: str, text: bytes) -> Part:
        """The part with this text."""
        packed = zlib.compress(text, 6)
        return cls(kind, digest, packed if len(packed) < len(text) or text.startswith(b"x") else text)


def text_of(content: bytes) -> bytes:
    """The text of a stored part. Raises ValueError for a broken stream, and for one of more than `MAX_TEXT` bytes."""
    # A zlib stream of ours starts with `x`, a JSON text never does.
    if not content.startswith(b"x"):
        return content
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(content, MAX_TEXT)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not stream.eof or stream.unused_data:
        raise ValueError("the stream is too long, or cut off")
    return text


# --- from what a decision is made over to parts ---------------------------------------------------------------


def policy_part(policy: Admitted) -> Part:
    """A caller's policy as it was sent: the wire form of its source tree, under the digest of that text."""
    from policy_ir.syntax.print_wire import to_wire

    return Part.of("policy", to_wire(policy.term))


def flow_part(flow: AdmittedFlow) -> Part:
    """A caller's flow as it was sent: the wire form of its source tree, under the digest of that text."""
    from policy_ir.flow.wire_printing import to_wire_flow

    return Part.of("flow", to_wire_flow(flow.flow))


def floor_part(floor: Floor) -> Part:
    """A floor as it was stated, under the digest of its text."""
    from policy_ir.syntax.print_wire import to_wire

    value = {"filter": to_wire(floor.filter)}
    return Part.of("floor", value if floor.mutate is None else value | {"mutate": to_wire(floor.mutate)})


def vocabulary_part(vocabulary: Vocabulary) -> Part:
    """A vocabulary in the form of a vocabulary file that extends nothing, under its fingerprint."""
    value = {
        "vocabulary": 1,
        "name": vocabulary.name,
        "fields": {
            name: _with_words(_spelled(field.record()), field.about) for name, field in vocabulary.fields.items()
        },
        "tiers": list(vocabulary.tiers),
        "params": {name: _with_words(param.record(), param.about) for name, param in vocabulary.params.items()},
        "needs": dict(vocabulary.needs),
        "recipes": list(vocabulary.recipes),
        "customs": dict(vocabulary.customs),
    }
    return Part.of("vocabulary", value, vocabulary.fingerprint)


def _spelled(field: dict[str, Any]) -> dict[str, Any]:
    """A declaration with its default as a file has it: infinities are words there."""
    default = field.get("default")
    infinite = isinstance(default, float) and default in (float("inf"), float("-inf"))
    return field | {"default": str(default)} if infinite else field


def _with_words(record: dict[str, Any], about: str) -> dict[str, Any]:
    return record | {"about": about} if about else record


def catalogue_part(snapshot: Snapshot) -> Part:
    """The candidates of a snapshot in order, without their state, under the fingerprint of the catalogue."""
    state = frozenset(snapshot.state_fields)
    records = []
    for i in range(snapshot.size):
        record = candidate_record(snapshot.candidate(i))
        fields: Any = record["fields"]
        records.append(record | {"fields": {name: fields[name] for name in fields if name not in state}})
    return Part.of("catalogue", records, snapshot.catalogue_fingerprint)


def state_part(snapshot: Snapshot) -> Part:
    """The observations of a snapshot's state, by field: the numbers of the candidates that have one, and what they
    show. Under the fingerprint of the state.
    """
    value = {}
    for name in snapshot.state_fields:
        column = snapshot.column(name)
        if column.observed:
            observed = [(i, seen) for i, seen in enumerate(column.observations()) if seen is not None]
            value[name] = [[i for i, _ in observed], [_plain(seen) for _, seen in observed]]
    return Part.of("state", value, snapshot.state_fingerprint)


def _plain(value: object) -> object:
    """A value as briefly as JSON can have it."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


# --- and back -------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False)
class Rebuilt:
    """The input of a trace's decision: `policy_ir.decide(rebuilt.policy, rebuilt.snapshot, rebuilt.facts, seed)`."""

    policy: Effective
    snapshot: Snapshot
    facts: Facts
    seed: int | None


def names_of_parts(trace: Trace) -> list[tuple[str, str]]:
    """Kind and digest of every part that a trace and its nodes name, each once."""
    named: dict[tuple[str, str], None] = {}
    for one in (trace, *trace.nodes):
        digests = (one.policy_part, one.floor, one.vocabulary, one.catalogue, one.state, one.flow_part)
        named |= {(kind, name): None for kind, name in zip((*KINDS, "flow"), digests, strict=True) if name is not None}
    return list(named)


def vocabulary_of(trace: Trace) -> str | None:
    """The fingerprint of the vocabulary of a trace: that of all its nodes if it is of a flow."""
    return next((one.vocabulary for one in (trace, *trace.nodes) if one.vocabulary is not None), None)


def rebuild(parts: Callable[[str, str], bytes | None], trace: Trace) -> Rebuilt:
    """What a trace's decision was made over; `parts` gives the stored content of a part by kind and digest, or None.

    Raises `Refused` (`PIR0931`) where a part is missing or damaged, or is not what the trace names. For many traces, a
    `Rebuilder` does not rebuild again what they share.
    """
    return Rebuilder(parts).rebuild(trace)


@attrs.define(eq=False)
class Rebuilder:
    """Rebuilds traces from parts, and keeps the last `most` of each kind, fewer flows: one object for one fingerprint.

    Every method raises `Refused` (`PIR0931`) where a part is missing or damaged; and, unless `checked` is false, where
    sound parts do not make the policy and the snapshot that the trace names.
    """

    parts: Callable[[str, str], bytes | None]
    most: int = 64
    checked: bool = True
    _kept: dict[str, dict[Hashable, Any]] = attrs.field(factory=dict, init=False)

    def rebuild(self, trace: Trace) -> Rebuilt:
        """What a trace's decision was made over."""
        vocabulary = self.vocabulary(trace)
        snapshot = self.snapshot(trace, vocabulary)
        policy = self.policy(trace, vocabulary)
        return Rebuilt(policy, snapshot, self.facts(trace, vocabulary), trace.seed)

    def vocabulary(self, trace: Trace) -> Vocabulary:
        """The vocabulary of a trace."""
        from policy_ir.vocabulary.reading import EMPTY, extend

        name = _named(trace, "vocabulary", vocabulary_of(trace))

        def make() -> Vocabulary:
            made = extend(EMPTY, self._value("vocabulary", name), "vocabulary", shipped=True)
            return _checked("vocabulary", name, made.fingerprint, made)

        return self._once("vocabulary", name, make)

    def facts(self, trace: Trace, vocabulary: Vocabulary) -> Facts:
        """The request facts of a trace."""
        from policy_ir.facts import read_facts

        with _refusing("the facts"):
            return read_facts({} if trace.facts is None else trace.facts, vocabulary)

    def snapshot(self, trace: Trace, vocabulary: Vocabulary) -> Snapshot:
        """The snapshot of a trace: its catalogue with its state."""
        catalogue = _named(trace, "catalogue", trace.catalogue)
        state = _named(trace, "state", trace.state)

        def bare() -> Snapshot:
            listed = [Candidate(**record) for record in self._value("catalogue", catalogue)]
            made = Snapshot.take(CandidateList(listed), vocabulary)
            return _checked("catalogue", catalogue, made.catalogue_fingerprint, made)

        def whole() -> Snapshot:
            without = self._once("catalogue", (catalogue, vocabulary), bare)
            made = without.with_state(_updates(without.ids, self._value("state", state)))
            return _checked("state", state, made.state_fingerprint, made)

        made = self._once("state", (state, catalogue, vocabulary), whole)
        return self._named("snapshot", trace.snapshot, made.fingerprint, made)

    def policy(self, trace: Trace, vocabulary: Vocabulary) -> Effective:
        """The policy of a trace under its floor."""
        from policy_ir.evaluator.loading import load_policy
        from policy_ir.floor import effective, floor_of_value

        sent, held = _named(trace, "policy", trace.policy_part), trace.floor

        def policy() -> Admitted:
            return load_policy(self._value("policy", sent), vocabulary)

        def floor() -> Floor | None:
            return None if held is None else floor_of_value(self._value("floor", held), vocabulary)

        def whole() -> Effective:
            made = self._once("policy", (sent, vocabulary), policy)
            return effective(made, self._once("floor", (held, vocabulary), floor))

        made = self._once("effective policy", (sent, held, vocabulary), whole)
        self._named("policy", trace.policy, made.policy_fingerprint, made)
        return self._named("effective policy", trace.effective, made.fingerprint, made)

    def flow(self, trace: Trace) -> AdmittedFlow:
        """The flow of a trace, as it was sent."""
        from policy_ir.flow.loaded import load_admitted_flow

        sent, vocabulary = _named(trace, "flow", trace.flow_part), self.vocabulary(trace)

        def make() -> AdmittedFlow:
            return load_admitted_flow(self._value("flow", sent), vocabulary)

        made = self._once("flow", (sent, vocabulary), make, most=_FLOWS)
        return self._named("flow", trace.flow, made.fingerprint, made)

    def _named(self, what: str, expected: str | None, found: str, made: T) -> T:
        return _checked(what, expected, found, made) if self.checked else made

    def _value(self, kind: str, name: str) -> Any:
        """The JSON value of a part, whose text is checked where the name is the digest of that."""
        content = self.parts(kind, name)
        if content is None:
            raise _unusable(f"the {kind} {quoted(name)} is missing")
        text = text_of(content)
        if kind in _OF_TEXT:
            _checked(kind, name, digest(text), None)
        return json.loads(text)

    def _once(self, kind: str, key: Hashable, make: Callable[[], T], most: int | None = None) -> T:
        """What was made for a key before, or is made now; the oldest goes first where there is too much."""
        kept = self._kept.setdefault(kind, {})
        if key in kept:
            found: T = kept[key]
            return found
        with _refusing(f"the {kind}"):
            made = make()
        if len(kept) >= (self.most if most is None else min(most, self.most)):
            del kept[next(iter(kept))]
        kept[key] = made
        return made


def _updates(ids: Sequence[str], columns: Mapping[str, tuple[list[int], list[object]]]) -> dict[str, dict[str, object]]:
    """The observations of a state part by candidate."""
    updates: dict[str, dict[str, object]] = {}
    for field, (places, values) in columns.items():
        for place, value in zip(places, values, strict=True):
            updates.setdefault(ids[place], {})[field] = value
    return updates


def _named(trace: Trace, kind: str, name: str | None) -> str:
    if name is None:
        raise _unusable(f"the trace names no {kind}", f"the call ended with the outcome `{trace.outcome}`")
    return name


def _checked(kind: str, expected: str | None, found: str, made: T) -> T:
    """What was made, if its fingerprint is the one that is named."""
    if found != expected:
        raise _unusable(f"the {kind} is another one than the trace names", found=found, expected=expected)
    return made


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Turns whatever a damaged text leads to into a refusal."""
    try:
        yield
    except Refused as refused:
        if any(found.code is codes.TRACE_PART for found in refused.diagnostics):
            raise
        raise _unusable(f"{what} cannot be read: {refused}") from None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise _unusable(f"{what} cannot be read: {type(error).__name__}") from None


def _unusable(message: str, help: str | None = None, **fields: Any) -> Refused:
    return Refused.because(codes.TRACE_PART, message, help=help, **fields)
