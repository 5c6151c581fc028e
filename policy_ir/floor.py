"""The host's floor: what every caller's policy is held to, and what runs after it.

A floor is a predicate that every filter is conjoined with, and optionally a transform that runs after the caller's. A
caller can narrow the floor, never widen it. Caller and floor are bounded separately, and a decision names both
fingerprints: what was sent, and what ran. Specification: chapter "Admission", section "Floor".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, cast

import attrs

from policy_ir.admission import Admitted, Identified, not_a_policy
from policy_ir.admission.rules import unruly
from policy_ir.admission.shape import misshapen, of_another_sort
from policy_ir.diagnostics import Diagnostic, Refused, codes, did_you_mean, quoted
from policy_ir.signature import located, size_of, sort_of
from policy_ir.syntax.document import Document
from policy_ir.syntax.places import step
from policy_ir.terms import And, Policy, Pred, Seq, Term, Xform
from policy_ir.vocabulary import Vocabulary

SOURCE: Final = "floor"
"""The source of the origins of a floor's nodes."""

MAX_NODES: Final = 4094
"""The most nodes of a floor, filter and transform together: 8192 less a caller's 4096, an `and` and a `seq`."""

_SLOTS: Final = {"filter": "Pred", "mutate": "Xform"}


@attrs.frozen(eq=False)
class Floor:
    """A floor. `vocabulary` is the one that admits it, None while nobody has asked.

    The nodes' origins have the source `floor` and the pointer in the floor's JSON, `/filter/...` and `/mutate/...`, or
    in the predicate where the floor is that alone. `document` is the text it came from, where there is one.
    """

    filter: Pred
    mutate: Xform | None = None
    document: Document | None = None
    vocabulary: Vocabulary | None = None


@attrs.frozen(eq=False, slots=False)
class Effective(Identified):
    """What runs: a caller's policy under a host's floor. Its bytes and fingerprint are its own (`floor/identity`)."""

    policy: Admitted
    floor: Floor | None

    @cached_property
    def normal(self) -> Policy:
        """The normal form of the policy under the floor; without a floor, of the policy (`floor/none`)."""
        if self.floor is None:
            return cast(Policy, self.policy.normal)
        from policy_ir.normal_form import normal_form

        # Rewriting goes from the leaves up, so the policy's own parts come out as they do without a floor.
        made = under(cast(Policy, self.policy.term), self.floor, cast(Policy, self.policy.normal))
        filter_, mutate = normal_form(made.filter), normal_form(made.mutate)
        return cast(Policy, attrs.evolve(cast(Any, made), filter=filter_, mutate=mutate))

    @cached_property
    def canonical_bytes(self) -> bytes:
        """The canonical bytes of the normal form; without a floor, the policy's own."""
        return self.policy.canonical_bytes if self.floor is None else super().canonical_bytes

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint of what runs; without a floor, the policy's own."""
        return self.policy.fingerprint if self.floor is None else super().fingerprint

    @property
    def policy_fingerprint(self) -> str:
        """The fingerprint of what the caller sent."""
        return self.policy.fingerprint

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary that admits policy and floor."""
        return self.policy.vocabulary

    @property
    def documents(self) -> Mapping[str, Document]:
        """The texts that the origins of nodes point into, by the source of the origin, as far as there are any."""
        floor = None if self.floor is None else self.floor.document
        given = {"policy": self.policy.document, SOURCE: floor}
        return MappingProxyType({source: document for source, document in given.items() if document is not None})


def effective(policy: Admitted, floor: Floor | None = None) -> Effective:
    """A caller's policy under a floor.

    Raises `Refused`: `PIR0213` for a term of another sort than a policy, and everything that keeps the floor from
    being admitted under the policy's vocabulary, if nobody has admitted it yet.
    """
    if policy.sort != "Policy":
        raise Refused([not_a_policy(policy.term)], policy.document)
    if floor is not None and floor.vocabulary is not policy.vocabulary:
        floor = admit_floor(floor, policy.vocabulary)
    return Effective(policy, floor)


def under(policy: Policy, floor: Floor, parts: Policy | None = None) -> Policy:
    """The effective policy before it is brought to its normal form.

    `floor/filter`, `floor/mutate` and `floor/rest`; the floor comes first, so that `floor/origin` holds. `parts` is
    the policy's normal form where what goes under the floor is to be in normal form already.
    """
    parts = policy if parts is None else parts
    mutate = parts.mutate
    if floor.mutate is not None:
        mutate = Seq((parts.mutate, floor.mutate), origin=policy.mutate.origin)
    filter_ = And((floor.filter, parts.filter), origin=policy.filter.origin)
    return Policy(filter_, parts.rank, parts.select, mutate, parts.fallback, origin=policy.origin)


# --- admission ------------------------------------------------------------------------------------------------


def floor_of(term: Term | tuple[Pred, Xform | None], vocabulary: Vocabulary) -> Floor:
    """The floor that a predicate makes, or a predicate and a transform, admitted. Raises `Refused`."""
    if isinstance(term, tuple):
        filter_, mutate = term
        given: dict[str, Term] = {"/filter": filter_} | ({} if mutate is None else {"/mutate": mutate})
    else:
        given = {"": term}
    return admit_floor(_floor(given, None), vocabulary)


def admit_floor(floor: Floor, vocabulary: Vocabulary) -> Floor:
    """The floor, admitted under a vocabulary (`floor/admission`, `floor/nodes`).

    Raises `Refused` with every diagnostic, located in the floor's text.
    """
    found: list[Diagnostic] = []
    name = SOURCE if floor.document is None else floor.document.name
    terms = [term for term in (floor.filter, floor.mutate) if term is not None]
    for term in terms:
        found += _placed(unruly(term, vocabulary), "" if term.origin is None else term.origin.pointer, name)
    nodes = sum(map(size_of, terms))
    if nodes > MAX_NODES:
        found.append(
            Diagnostic(
                code=codes.FLOOR_TOO_LARGE,
                message=f"the floor has {nodes} nodes",
                pointer="",
                source=name,
                found=str(nodes),
                expected=f"at most {MAX_NODES}, filter and transform together",
            )
        )
    if found:
        raise Refused(found, floor.document)
    return attrs.evolve(floor, vocabulary=vocabulary)


def _placed(found: list[Diagnostic], prefix: str, name: str) -> list[Diagnostic]:
    """Diagnostics of a part of the floor, with pointers into the whole (`floor/pointer`)."""
    return [attrs.evolve(diagnostic, pointer=prefix + (diagnostic.pointer or ""), source=name) for diagnostic in found]


# --- reading --------------------------------------------------------------------------------------------------


def load_floor(path: str | os.PathLike[str], vocabulary: Vocabulary | None = None) -> Floor:
    """The floor in a file, or on standard input for `-`; see `read_floor`. Raises `Refused`."""
    from policy_ir.syntax.source import read_text

    name, text = read_text(path)
    return read_floor(text, vocabulary, name=name)


def read_floor(source: object, vocabulary: Vocabulary | None = None, *, name: str = SOURCE) -> Floor:
    """The floor that a text, a decoded JSON value, a document or a predicate states; admitted if there is a vocabulary.

    A text or value is an object with the keys `filter`, a predicate, and optionally `mutate`, a transform, both in the
    wire syntax; or a predicate alone. A text may also be the `filter` clause of the authoring syntax. `name` names the
    input in diagnostics. Raises `Refused` with every diagnostic: `PIR0740` for another shape, `PIR0741` for one that is
    too large, and those of parsing and admission.
    """
    document: Document | None = None
    if isinstance(source, str):
        document, source = _read_text(source, name)
    try:
        floor = _read(source, document, name)
    except Refused as refused:
        raise Refused(refused.diagnostics, document) from None
    return floor if vocabulary is None else admit_floor(floor, vocabulary)


def floor_of_value(value: object, vocabulary: Vocabulary, *, name: str = SOURCE) -> Floor:
    """The floor in the decoded JSON of a floor file, admitted. Raises `Refused` as `read_floor` does."""
    return admit_floor(_read(value, None, name), vocabulary)


def _read_text(text: str, name: str) -> tuple[Document, object]:
    """A text as a document, and the value or document that the floor is read from."""
    if text.lstrip()[:1] == "{":
        from policy_ir.syntax.json_reader import read_json

        read = read_json(text, name, null=True)
        return read.document, read.value
    from policy_ir.syntax import parse

    document = parse(text, name=name, sort="Pred", source=SOURCE)
    return document, document


def _read(source: object, document: Document | None, name: str) -> Floor:
    if isinstance(source, Document):
        return _floor({"": source.term}, source, source.name)
    if isinstance(source, Term):
        return _floor({"": source}, document, name)
    from policy_ir.syntax.loader import load

    if isinstance(source, list | tuple):
        return _floor({"": load(source, sort="Pred", source=SOURCE)}, document, name)
    if not isinstance(source, dict):
        raise Refused.because(
            codes.BAD_FLOOR,
            f"{quoted(source)} where a floor is due",
            pointer="",
            source=name,
            found=quoted(source),
            expected="a predicate, or an object with `filter` and perhaps `mutate`",
        )
    found: list[Diagnostic] = []
    terms: dict[str, Term] = {}
    for key, value in source.items():
        sort = _SLOTS.get(key)
        if sort is None:
            found.append(_unknown_key(key, name))
        elif value is not None:
            try:
                terms[step("", key)] = load(value, sort=sort, source=SOURCE)
            except Refused as refused:
                found += _placed(list(refused.diagnostics), step("", key), name)
    if source.get("filter") is None:
        found.append(
            Diagnostic(
                code=codes.BAD_FLOOR,
                message="the floor has no `filter`",
                pointer="",
                source=name,
                expected='the key `filter` with a predicate, `["top"]` to accept everything',
            )
        )
    if found:
        raise Refused(found)
    return _floor(terms, document, name)


def _unknown_key(key: object, name: str) -> Diagnostic:
    return Diagnostic(
        code=codes.BAD_FLOOR,
        message=f"a floor has no {quoted(key)}",
        pointer=step("", key) if isinstance(key, str) else "",
        source=name,
        found=quoted(key),
        expected="`filter` or `mutate`",
        help=did_you_mean(key, _SLOTS),
    )


def _floor(terms: Mapping[str, Any], document: Document | None, name: str = SOURCE) -> Floor:
    """The floor of terms by their place; trees that were built from classes are checked for their shape."""
    found: list[Diagnostic] = []
    for prefix, term in terms.items():
        due = _SLOTS[_slot(prefix)]
        wrong = misshapen(term)
        if not wrong and sort_of(type(term)) != due:
            wrong = [of_another_sort(term, due)]
        found += _placed(wrong, prefix, name)
    if found:
        raise Refused(found, document)
    slots: dict[str, Any] = {_slot(prefix): located(term, SOURCE, prefix) for prefix, term in terms.items()}
    return Floor(slots["filter"], slots.get("mutate"), document)


def _slot(prefix: str) -> str:
    return prefix[1:] or "filter"
