"""Admission: everything about a term that can be refused is refused here, before anything is decided.

An admitted term has a normal form, canonical bytes and a fingerprint, and every admitted policy has a decision over
every snapshot of its vocabulary. Specification: chapter "Admission".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property

import attrs

from policy_ir.admission.rules import unruly
from policy_ir.admission.shape import misshapen, of_another_sort
from policy_ir.diagnostics import Diagnostic, Refused, codes
from policy_ir.signature import sort_of
from policy_ir.syntax.document import Document
from policy_ir.terms import Policy, Term
from policy_ir.vocabulary import Vocabulary

__all__ = ["Admitted", "Identified", "admit", "admit_policy", "check", "not_a_policy"]


class Identified(ABC):
    """What has a normal form, and so canonical bytes and a fingerprint."""

    @property
    @abstractmethod
    def normal(self) -> Term:
        """The normal form: what a decision is defined on. Specification: chapter "Normal form"."""

    @cached_property
    def canonical_bytes(self) -> bytes:
        """The canonical bytes of the normal form. Specification: chapter "Encoding"."""
        from policy_ir.canonical import term_bytes

        return term_bytes(self.normal)

    @cached_property
    def fingerprint(self) -> str:
        """`blake3:` and 64 hexadecimal digits, of the canonical bytes."""
        from policy_ir.canonical import digest

        return digest(self.canonical_bytes)


@attrs.frozen(eq=False, slots=False)
class Admitted(Identified):
    """A term that a vocabulary admits; only admission and the fast load of the evaluator make one.

    `term` is the source tree, as its author wrote it. `document` is the text it came from, where there is one.
    """

    term: Term
    vocabulary: Vocabulary
    document: Document | None = None

    @classmethod
    def identified(
        cls,
        term: Term,
        vocabulary: Vocabulary,
        document: Document | None = None,
        *,
        normal: Term,
        canonical_bytes: bytes,
    ) -> Admitted:
        """An admitted term whose normal form and canonical bytes are known already."""
        admitted = cls(term, vocabulary, document)
        # Where the cached properties keep what they have computed.
        vars(admitted).update(normal=normal, canonical_bytes=canonical_bytes)
        return admitted

    @property
    def sort(self) -> str:
        """The name of the term's sort, `Policy` for a policy."""
        return sort_of(type(self.term))

    @cached_property
    def normal(self) -> Term:
        """The normal form of the term."""
        from policy_ir.normal_form import normal_form

        return normal_form(self.term)


def check(term: Term, vocabulary: Vocabulary) -> list[Diagnostic]:
    """Every reason to refuse a term of any sort under a vocabulary, in source order; empty for one that it admits.

    A tree that is no well-sorted term within the bounds (only trees built from classes can be that) is not asked what
    its names mean. Pointers are those of the term's wire form.
    """
    return misshapen(term) or unruly(term, vocabulary)


def admit(term: Term, vocabulary: Vocabulary, *, document: Document | None = None) -> Admitted:
    """Admit a term of any sort. Raises `Refused` with every diagnostic (`PIR02xx` to `PIR04xx`), in source order.

    `document` is where the term was read from; diagnostics then have places in its text.
    """
    return _admitted(check(term, vocabulary), term, vocabulary, document)


def admit_policy(term: Term, vocabulary: Vocabulary, *, document: Document | None = None) -> Admitted:
    """Admit a policy. As `admit`, and a term of another sort is refused with `PIR0213`."""
    found = misshapen(term)
    if not found:
        found = [] if isinstance(term, Policy) else [not_a_policy(term)]
        found += unruly(term, vocabulary)
    return _admitted(found, term, vocabulary, document)


def _admitted(found: list[Diagnostic], term: Term, vocabulary: Vocabulary, document: Document | None) -> Admitted:
    if found:
        raise Refused(found, document)
    return Admitted(term, vocabulary, document)


def not_a_policy(term: Term) -> Diagnostic:
    """`admit/policy`: the diagnostic of a term of another sort where a policy is due."""
    return of_another_sort(term, "Policy", code=codes.NOT_A_POLICY)
