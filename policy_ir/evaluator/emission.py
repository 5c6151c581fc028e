"""Terms as Python expressions, in two dialects: at one candidate, and over the rows of an array.

An expression uses variables that `policy_ir.evaluator.writing` makes before it:

    s3  the state field number 3         k3  whether it was observed        r0  a number of the request
    n0  a number of the policy           c0  a constant part of the term, computed once for a catalogue (o0 at one)
    p0  a settled part of the rank, computed once for the bounds of its leaves
    x0  a `normalize` around something that is not constant

At one candidate `i`, those of candidates are indexed. Policies of one structure share one text, whatever their numbers
are. A term that takes more than that is `Unwritable`: it is evaluated over arrays, node by node.

No expression takes care of the sign of a zero: no score but a zero depends on it, and every order holds 0 and -0 equal.
What is read of a decision comes from the vector path, which does take care.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, assert_never, cast

import attrs

from policy_ir.evaluator.program import Program
from policy_ir.evaluator.sources import sources
from policy_ir.terms import (
    Add,
    And,
    AnyScorer,
    Clamp,
    Cmp,
    FieldScore,
    Gate,
    Is,
    Known,
    Lit,
    Neg,
    Normalize,
    Not,
    Or,
    Pred,
    Relation,
    Scale,
    Scorer,
    Term,
    Test,
    Zero,
)
from policy_ir.vocabulary import FORMULAS

__all__ = ["Dialect", "Names", "Unwritable"]

RELATIONS = {"lt": "<", "le": "<=", "eq": "==", "ge": ">=", "gt": ">"}


class Unwritable(Exception):
    """A term that the written code does not cover; the vector path does."""


@attrs.define(eq=False)
class Names:
    """The variables that the code of one policy uses, and what they stand for."""

    program: Program
    state: Mapping[str, int]
    """The place of each state field."""
    read: set[int] = attrs.field(factory=set)
    observed: set[int] = attrs.field(factory=set)
    requests: dict[str, str] = attrs.field(factory=dict)
    numbers: list[float] = attrs.field(factory=list)
    constants: list[Term] = attrs.field(factory=list)
    settled: list[Scorer] = attrs.field(factory=list)
    moving: list[tuple[Normalize, str]] = attrs.field(factory=list)
    """Each `normalize` whose scores are known at the call only, inner ones first, with what it normalizes."""

    def number(self, value: float) -> str:
        """The variable of a number. Equal numbers are not merged: 0 and -0 are equal."""
        self.numbers.append(value)
        return f"n{len(self.numbers) - 1}"

    def request(self, field: str) -> str:
        """The variable of a request field."""
        return self.requests.setdefault(field, f"r{len(self.requests)}")

    def constant(self, term: Term) -> int:
        """The place of a constant term."""
        return _place(self.constants, term)

    def part(self, scorer: Scorer) -> str:
        """The variable of a settled scorer."""
        return f"p{_place(self.settled, scorer)}"

    def normalized(self, node: Normalize, inner: str) -> str:
        """The variable of a `normalize` whose scores are known at the call only; `inner` is what it normalizes."""
        self.moving.append((node, inner))
        return f"x{len(self.moving) - 1}"


def _place(terms: list[Any], term: Term) -> int:
    """The place of a node in a list, by identity; it is added where it is new."""
    for at, known in enumerate(terms):
        if known is term:
            return at
    terms.append(term)
    return len(terms) - 1


@attrs.frozen(eq=False)
class Dialect:
    """How terms are written: `one` is about the candidate `i`, `rows` about all rows at once."""

    names: Names
    kind: Literal["one", "rows"]

    @property
    def _at(self) -> str:
        return "[i]" if self.kind == "one" else ""

    def _constant(self, term: Term) -> str:
        place = self.names.constant(term)
        return f"o{place}[i]" if self.kind == "one" else f"c{place}"

    def pred(self, pred: Pred) -> str:
        """A predicate as an expression of truth values."""
        one = self.kind == "one"
        match pred:
            case _ if self.names.program.is_constant(pred):
                return self._constant(pred)
            case And(preds):
                return "(" + (" and " if one else " & ").join(map(self.pred, preds)) + ")"
            case Or(preds):
                return "(" + (" or " if one else " | ").join(map(self.pred, preds)) + ")"
            case Not(inner):
                return ("(not " if one else "(~") + self.pred(inner) + ")"
            case Is(field) if field in self.names.state:
                return self._state(field)
            case Known(field) if field in self.names.state:
                place = self.names.state[field]
                self.names.observed.add(place)
                return f"k{place}{self._at}"
            case Cmp(field, rel, bound):
                return self._relation(FieldScore(field), rel, bound)
            case Test(scorer, rel, bound):
                return self._relation(scorer, rel, bound)
            case _:
                # What a request requires, among what moves; tags of the state.
                raise Unwritable

    def both(self, mask: str, preds: Iterable[Pred]) -> str:
        """A mask of rows, and all of some predicates. `a > b` is `a and not b`, in one operation."""
        for pred in preds:
            mask = f"({mask} > {self.pred(pred.pred)})" if isinstance(pred, Not) else f"({mask} & {self.pred(pred)})"
        return mask

    def _relation(self, scorer: Scorer, rel: Relation, bound: float) -> str:
        value, other = self.score(scorer), self.names.number(bound)
        if rel == "ne":
            # Undefined satisfies no relation.
            either = " or " if self.kind == "one" else " | "
            holds = f"(({value} < {other}){either}({value} > {other}))"
        else:
            holds = f"({value} {RELATIONS[rel]} {other})"
        # `~True` is -2, so what is the same for all rows becomes a truth value of NumPy's.
        everywhere = self.kind == "rows" and sources(scorer, self.names.program.vocabulary) <= {"request"}
        return f"bool_{holds}" if everywhere else holds

    def _state(self, field: str) -> str:
        place = self.names.state[field]
        self.names.read.add(place)
        return f"s{place}{self._at}"

    def _field(self, field: str) -> str:
        declared = self.names.program.vocabulary.fields[field]
        if declared.source == "derived":
            assert field == "call_cost"
            tokens_in, price_in, tokens_out, price_out = (self.score(FieldScore(part)) for part in FORMULAS[field])
            return f"(({tokens_in} * {price_in} + {tokens_out} * {price_out}) / 1e6)"
        return self.names.request(field) if declared.source == "request" else self._state(field)

    def score(self, scorer: Scorer) -> str:
        """A scorer as an expression of numbers."""
        program = self.names.program
        term = cast(AnyScorer, scorer)
        match term:
            case Zero():
                return "0.0"
            case Lit(value):
                return self.names.number(value)
            case _ if program.is_constant(term):
                return self._constant(term)
            case _ if self.kind == "rows" and program.is_settled(term):
                return self.names.part(term)
            case FieldScore(field):
                return self._field(field)
            case Add(scorers):
                return self._sum(scorers)
            case Scale(factor, inner):
                return f"({self.names.number(factor)} * {self.score(inner)})"
            case Neg(inner):
                return f"(1.0 - {self.score(inner)})"
            case Clamp(lo, hi, inner):
                return f"clamped({self.score(inner)}, {self.names.number(lo)}, {self.names.number(hi)})"
            case Gate(pred, inner) if self.kind == "one":
                return f"({self.score(inner)} if {self.pred(pred)} else 0.0)"
            case Gate(pred, inner):
                return f"gated({self.pred(pred)}, {self.score(inner)})"
            case Normalize(inner) if self.kind == "rows":
                return self.names.normalized(term, self.score(inner))
            case Normalize():
                raise Unwritable
            case _:
                assert_never(term)

    def _sum(self, scorers: tuple[Scorer, ...]) -> str:
        """Summands from left to right, starting from 0; those settled in front are one part, so added in this order."""
        settled = 0
        if self.kind == "rows":
            while self.names.program.is_settled(scorers[settled]):
                settled += 1
        front = self.names.part(Add(scorers[:settled])) if settled else "0.0"
        return "(" + " + ".join([front, *map(self.score, scorers[settled:])]) + ")"
