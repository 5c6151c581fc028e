"""Clauses, observations and changes in words: what a predicate asks, what it saw, what would have to change.

Names that authors write stand in `backticks`, values have their units.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isnan
from typing import TYPE_CHECKING, assert_never

from policy_ir.report import wording

if TYPE_CHECKING:
    from policy_ir.evidence import Asks, Evidence
    from policy_ir.explanation import Change, Remedy
    from policy_ir.vocabulary import FieldValue, Vocabulary

_COMPARED = {"<": "less than", "<=": "at most", ">=": "at least", ">": "more than"}


class Words:
    """The words of one vocabulary. `subjects` says how the subject of a `test` was written, by its notation."""

    def __init__(self, vocabulary: Vocabulary, subjects: dict[str, str] | None = None) -> None:
        self.vocabulary = vocabulary
        self.subjects = subjects or {}

    def asked(self, evidence: Evidence) -> str:
        """What keeps a candidate: `price_out` must be at most USD 25 per Mtok. Compound predicates join their atoms."""
        if evidence.parts:
            one = _same_subject([part for part in evidence.parts if not part.helps], any=not evidence.every_part)
            if one is not None:
                return self.demanded(*one)
            inner = [self.asked(part) for part in evidence.parts if not part.helps]
            return (", and " if evidence.every_part else ", or ").join(dict.fromkeys(inner))
        clause = evidence.clause
        if clause is None:
            return "nothing is accepted here"
        return self.demanded(clause.subject, clause.asks, clause.bound)

    def demanded(self, subject: str, asks: Asks, bound: FieldValue | None) -> str:
        """A clause as a sentence."""
        if asks == "has":
            return f"the capability {self._name(bound)} is required"
        if asks == "lacks":
            return f"the capability {self._name(bound)} is excluded"
        return f"{self._name(subject)} must {self._must(subject, asks, bound)}"

    def _must(self, subject: str, asks: Asks, bound: FieldValue | None) -> str:
        match asks:
            case "<" | "<=" | ">=" | ">":
                return f"be {_COMPARED[asks]} {self._value(subject, bound)}"
            case "=" | "in":
                return f"be {self._value(subject, bound)}"
            case "!=" | "not in":
                return f"not be {self._value(subject, bound)}"
            case "known":
                return "be known"
            case "unknown":
                return "not be known"
            case "has":
                return f"have {self._value(subject, bound)}"
            case "lacks":
                return f"not have {self._value(subject, bound)}"
            case _:
                assert_never(asks)

    def seen(self, evidence: Evidence) -> str:
        """What was observed at the first atom that speaks against the candidate."""
        atom = next((part for part in evidence.atoms() if not part.helps), evidence)
        clause = atom.clause
        if clause is None:
            return "refused whatever it shows"
        if clause.asks == "has":
            return f"no capability {self._name(clause.bound)}"
        seen = atom.observed[0]
        name = self._name(seen.name)
        if seen.value is None or (isinstance(seen.value, float) and isnan(seen.value)):
            return f"{name} is {wording.UNKNOWN if seen.value is None else wording.UNDEFINED}"
        if not seen.known:
            return f"{name} is not known, and taken as {self._value(seen.name, seen.value)}"
        return f"{name} is {self._value(seen.name, seen.value)}"

    def needed(self, remedies: Iterable[Remedy]) -> list[str]:
        """Everything that a refused candidate needs, each with its alternatives, in order and each once."""
        found: list[str] = []
        for remedy in remedies:
            if remedy.parts and remedy.mode == "all":
                found += self.needed(remedy.parts)
            else:
                found.append(self._alternatives(remedy))
        return list(dict.fromkeys(found))

    def _alternatives(self, remedy: Remedy) -> str:
        """What would do for one refusing predicate; alternatives are joined by `or`."""
        if remedy.parts:
            one = _same_subject([part.evidence for part in remedy.parts], any=remedy.mode == "any")
            if one is not None:
                others = [change for change in remedy.parts[0].changes if change.where != "candidate"]
                return ", or ".join([f"{self._name(one[0])} to {self._must(*one)}", *self._merged(others)])
            inner = [self._alternatives(part) for part in remedy.parts]
            return (" together with " if remedy.mode == "all" else ", or ").join(dict.fromkeys(inner))
        if not remedy.changes:
            return "another term"
        return ", or ".join(self._merged(remedy.changes))

    def _merged(self, changes: Iterable[Change]) -> list[str]:
        return list(dict.fromkeys(self.changed(change) for change in changes))

    def changed(self, change: Change) -> str:
        """One change that would do, to follow `needs`."""
        subject, asks, bound = change.subject, change.asks, change.bound
        name = self._name(subject)
        if change.where in ("policy", "floor"):
            return self._bound(change)
        if change.where == "request":
            if asks == "lacks" and subject == "needs":
                return f"a request that does not need {self._name(bound)}"
            return f"a request whose {name} is {self._phrase(subject, asks, bound)}"
        if asks in ("has", "lacks"):
            return f"{'the' if asks == 'has' else 'no'} capability {self._name(bound)}"
        must = self._must(subject, asks, bound)
        return f"{name} not to {must[4:]}" if must.startswith("not ") else f"{name} to {must}"

    def _bound(self, change: Change) -> str:
        where = "the policy" if change.where == "policy" else "the floor"
        value = self._value(change.subject, change.bound)
        match change.asks:
            case "has" | "=" | "in":
                return f"{value} allowed by {where}"
            case "lacks" | "!=" | "not in":
                return f"{value} no longer excluded by {where}"
            case _:
                return f"a bound of {self._phrase(change.subject, change.asks, change.bound)} in {where}"

    def _phrase(self, subject: str, asks: Asks, bound: FieldValue | None) -> str:
        if asks in _COMPARED:
            return f"{_COMPARED[asks]} {self._value(subject, bound)}"
        return f"{'not ' if asks in ('!=', 'not in') else ''}{self._value(subject, bound)}"

    def _name(self, name: FieldValue | None) -> str:
        text = self.subjects.get(name, name) if isinstance(name, str) else str(name)
        return f"`{text}`"

    def _value(self, subject: str, value: FieldValue | None) -> str:
        """A value of a subject: numbers with the unit of its field, names in backticks."""
        match value:
            case None:
                return "none"
            case bool():
                return "true" if value else "false"
            case float():
                return wording.amount(value, self.unit(subject))
            case str():
                return f"`{value}`"
            case _:
                return " or ".join(f"`{entry}`" for entry in value) or "none"

    def unit(self, subject: str) -> str | None:
        """The unit of a field, or of the fact that is compared with one."""
        name = {"min_context": "context", "min_tok_s": "tok_s"}.get(subject, subject)
        declared = self.vocabulary.fields.get(name)
        return None if declared is None else declared.unit


def _same_subject(parts: Sequence[Evidence], *, any: bool) -> tuple[str, Asks, FieldValue | None] | None:
    """Alternatives that each ask a name to equal something, as one clause that lists what it may equal."""
    clauses = [part.clause for part in parts]
    bounds: list[str] = []
    for clause in clauses:
        if not any or clause is None or clause.asks != "=" or not isinstance(clause.bound, str):
            return None
        bounds.append(clause.bound)
    subjects = {clause.subject for clause in clauses if clause is not None}
    return (subjects.pop(), "in", tuple(bounds)) if len(subjects) == 1 and len(bounds) > 1 else None
