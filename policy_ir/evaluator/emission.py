"""Terms as Python expressions of variables, which `policy_ir.evaluator.writing` makes before them.

What a variable stands for is in its number; a dialect says how each kind is written:

    constants    parts of the term that depend on the catalogue only, computed once for a catalogue
    state        the values of a state field, `known` whether they were observed
    parts        parts of the rank that the bounds of its leaves settle
    `n0`         a number of the policy, `u0` the same as an array; policies of one structure share one text
    `r0`         a number of the request
    `x0`         a `normalize` around something that moves
    `y0`         a leaf at its bounds

A term that takes more than that is `Unwritable`: it is evaluated over arrays, node by node.

No expression takes care of the sign of a zero: no score but a zero depends on it, and every order holds 0 and -0 equal.
What is read of a decision comes from the vector path, which does take care.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, assert_never, cast

import attrs

from policy_ir.evaluator.program import Program
from policy_ir.evaluator.sources import uniform
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

OPERANDS = 256
"""How many operands one expression joins: Python's compiler goes one call deeper for each."""

RELATIONS = {"lt": "<", "le": "<=", "eq": "==", "ge": ">=", "gt": ">"}


class Unwritable(Exception):
    """A term that the written code does not cover; the vector path does."""


def _few(operands: list[str]) -> list[str]:
    """The operands of one expression, if Python can be asked to compile so many."""
    if len(operands) > OPERANDS:
        raise Unwritable
    return operands


@attrs.define(eq=False)
class Names:
    """What the variables of one policy stand for, whatever dialects they are written in."""

    program: Program
    state: Mapping[str, int]
    """The place of each state field."""
    requests: dict[str, str] = attrs.field(factory=dict)
    numbers: list[float] = attrs.field(factory=list)
    constants: list[Pred | Scorer] = attrs.field(factory=list)
    parts: list[Scorer] = attrs.field(factory=list)

    def number(self, value: float) -> str:
        """The variable of a number. Equal numbers are not merged: 0 and -0 are equal."""
        self.numbers.append(value)
        return f"n{len(self.numbers) - 1}"

    def constant(self, term: Pred | Scorer) -> int:
        """The place of a constant."""
        return _place(self.constants, term)

    def request(self, field: str) -> str:
        """The variable of a request field."""
        return self.requests.setdefault(field, f"r{len(self.requests)}")


def _place(terms: list[Any], term: Term) -> int:
    """The place of a term in a list; it is added where it is new."""
    if term not in terms:
        terms.append(term)
    return terms.index(term)


@attrs.define(eq=False)
class Dialect:
    """One way to write terms. `constant`, `state`, `known` and `part` are formats of a variable's number.

    `rows` says whether a variable is an array of rows, else it is about one candidate. Which numbers have been used is
    noted, and in `moving` what each `normalize` around something that moves is around, inner ones first.
    """

    names: Names
    rows: bool
    constant: str
    state: str
    known: str = ""
    part: str = ""
    leaves: bool = False
    """Whether the leaves have variables of their own; else they belong to settled parts."""
    constants: set[int] = attrs.field(factory=set, init=False)
    states: set[int] = attrs.field(factory=set, init=False)
    observed: set[int] = attrs.field(factory=set, init=False)
    parts: set[int] = attrs.field(factory=set, init=False)
    moving: list[str] = attrs.field(factory=list, init=False)

    def take(self, write: Callable[..., None]) -> None:
        """Write the variables of those that `at` has the numbers of, from those of all."""
        write(*(f"{self.constant.format(place)} = c{place}.take(at)" for place in sorted(self.constants)))
        write(*(f"{self.state.format(place)} = s{place}.take(at)" for place in sorted(self.states)))
        write(*(f"{self.known.format(place)} = k{place}.take(at)" for place in sorted(self.observed)))

    # --- predicates ------------------------------------------------------------------------------------------

    def pred(self, pred: Pred) -> str:
        """A predicate as an expression of truth values."""
        match pred:
            case _ if self.names.program.is_constant(pred):
                return self._constant(pred)
            case And(preds):
                return "(" + (" & " if self.rows else " and ").join(_few([*map(self.pred, preds)])) + ")"
            case Or(preds):
                return "(" + (" | " if self.rows else " or ").join(_few([*map(self.pred, preds)])) + ")"
            case Not(inner):
                return ("(~" if self.rows else "(not ") + self.pred(inner) + ")"
            case Is(field) if field in self.names.state:
                return self._state(field)
            case Known(field) if field in self.names.state:
                self.observed.add(self.names.state[field])
                return self.known.format(self.names.state[field])
            case Cmp(field, rel, bound):
                return self._relation(FieldScore(field), rel, bound)
            case Test(scorer, rel, bound):
                return self._relation(scorer, rel, bound)
            case _:
                # What a request requires, beside what moves; tags of the state.
                raise Unwritable

    def both(self, mask: str, preds: Sequence[Pred]) -> str:
        """A mask of rows, and all of some predicates. `a > b` is `a and not b`, in one operation."""
        holds = [self.pred(pred) for pred in preds if not isinstance(pred, Not)]
        fails = [self.pred(pred.pred) for pred in preds if isinstance(pred, Not)]
        if holds:
            mask = f"({' & '.join(_few([mask, *holds]))})"
        return f"({mask} > ({' | '.join(_few(fails))}))" if fails else mask

    def _is_everywhere(self, term: Pred | Scorer) -> bool:
        """Whether a term has one value for all candidates."""
        return uniform(term, self.names.program.vocabulary)

    def _relation(self, scorer: Scorer, rel: Relation, bound: float) -> str:
        # What a predicate asks of a candidate depends on no bounds: nothing of it is a settled part.
        part, self.part = self.part, ""
        value, other = self.score(scorer), self._operand(bound)
        self.part = part
        if rel == "ne":
            # Undefined satisfies no relation. The value is written once: repeated, it would double at each depth.
            either = "|" if self.rows else "or"
            holds = f"(((it := {value}) < {other}) {either} (it > {other}))"
        else:
            holds = f"({value} {RELATIONS[rel]} {other})"
        # `~True` is -2, so what is the same for all rows becomes a truth value of NumPy's.
        return f"bool_{holds}" if self.rows and self._is_everywhere(scorer) else holds

    # --- scorers ---------------------------------------------------------------------------------------------

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
            case _ if self.part and program.is_settled(term):
                return self._part(term)
            case FieldScore(field):
                return self._field(field)
            case Add(scorers):
                return self._sum(scorers)
            case Scale(factor, inner):
                return f"({self._operand(factor)} * {self.score(inner)})"
            case Neg(inner):
                return f"({'one' if self.rows else '1.0'} - {self.score(inner)})"
            case Clamp(lo, hi, inner):
                return f"clamped({self.score(inner)}, {self.names.number(lo)}, {self.names.number(hi)})"
            case Gate(pred, inner) if self.rows:
                return f"gated({self.pred(pred)}, {self.score(inner)})"
            case Gate(pred, inner):
                return f"({self.score(inner)} if {self.pred(pred)} else 0.0)"
            case Normalize() if self.leaves:
                return f"y{next(at for at, leaf in enumerate(program.leaves) if leaf is term)}"
            case Normalize(inner) if self.part and not self._is_everywhere(inner):
                self.moving.append(self.score(inner))
                return f"x{len(self.moving) - 1}"
            case Normalize():
                raise Unwritable
            case _:
                assert_never(term)

    def _sum(self, scorers: tuple[Scorer, ...]) -> str:
        """Summands from left to right; those in front that are settled are one part, which adds them in this order."""
        settled = 0
        while self.part and self.names.program.is_settled(scorers[settled]):
            settled += 1
        front = [self._part(Add(scorers[:settled]) if settled > 1 else scorers[0])] if settled else []
        return "(" + " + ".join(_few([*front, *map(self.score, scorers[settled:])])) + ")"

    def _operand(self, value: float) -> str:
        """A number beside an array: NumPy takes an array of no dimensions as it is, and has to make one of a number."""
        number = self.names.number(value)
        return f"u{number[1:]}" if self.rows else number

    # --- variables -------------------------------------------------------------------------------------------

    def _constant(self, term: Pred | Scorer) -> str:
        place = self.names.constant(term)
        self.constants.add(place)
        return self.constant.format(place)

    def _part(self, scorer: Scorer) -> str:
        place = _place(self.names.parts, scorer)
        self.parts.add(place)
        return self.part.format(place)

    def _state(self, field: str) -> str:
        place = self.names.state[field]
        self.states.add(place)
        return self.state.format(place)

    def _field(self, field: str) -> str:
        declared = self.names.program.vocabulary.fields[field]
        if declared.source == "derived":
            assert field == "call_cost"
            tokens_in, price_in, tokens_out, price_out = (self.score(FieldScore(part)) for part in FORMULAS[field])
            return f"(({tokens_in} * {price_in} + {tokens_out} * {price_out}) / 1e6)"
        return self.names.request(field) if declared.source == "request" else self._state(field)
