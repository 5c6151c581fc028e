"""Normal form: rewriting with the named equations until none applies.

The equations are confluent and terminate, so any order of rewriting ends at the same term; `normal_form` rewrites from
the leaves up. Specification: chapter "Normal form".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import attrs

from policy_ir.equations import EQUATIONS, Encoding, Encodings, Equation
from policy_ir.signature import arguments_of, build
from policy_ir.terms import Term

__all__ = ["EQUATIONS", "Encodings", "Equation", "Redex", "Rewriting", "is_normal", "normal_form", "redexes"]


@attrs.frozen(slots=True)
class Redex:
    """A place where an equation applies: the JSON Pointer of the node, the equation, and what the node becomes."""

    pointer: str
    equation: Equation
    contractum: Term


class Rewriting:
    """Rewriting with some equations, under an encoding that siblings are sorted and compared by."""

    def __init__(self, equations: Iterable[Equation], encoding: Callable[[], Encoding]) -> None:
        self._encoding = encoding
        self._by_op: dict[str, list[Equation]] = {}
        for equation in equations:
            self._by_op.setdefault(equation.op, []).append(equation)

    def normal_form(self, term: Term) -> Term:
        """The term that no equation changes any more."""
        return self._normal(term, None, self._encoding())

    def redexes(self, term: Term) -> Iterator[Redex]:
        """Every place where an equation applies, outermost first and from left to right."""
        return self._redexes(term, None, "", self._encoding())

    def _equations(self, op: str, above: str | None) -> Iterator[Equation]:
        return (equation for equation in self._by_op.get(op, ()) if not (equation.maximal and above == op))

    def _normal(self, term: Term, above: str | None, encoding: Encoding) -> Term:
        """The normal form of a direct argument of the operation `above`."""
        arguments = arguments_of(term)
        normal = [self._normal(part, term.op, encoding) if isinstance(part, Term) else part for part in arguments]
        if any(now is not then for now, then in zip(normal, arguments, strict=True)):
            term = build(type(term), normal, term.origin)
        # Whatever an equation makes is a subterm, or one operation over subterms: below its root it is normal already.
        while (contractum := self._first(term, above, encoding)) is not None:
            term = contractum
        return term

    def _first(self, term: Term, above: str | None, encoding: Encoding) -> Term | None:
        for equation in self._equations(term.op, above):
            contractum = equation.rewrite(term, encoding)
            if contractum is not None:
                return contractum
        return None

    def _redexes(self, term: Term, above: str | None, pointer: str, encoding: Encoding) -> Iterator[Redex]:
        for equation in self._equations(term.op, above):
            contractum = equation.rewrite(term, encoding)
            if contractum is not None:
                yield Redex(pointer, equation, contractum)
        for place, part in enumerate(arguments_of(term), start=1):
            if isinstance(part, Term):
                yield from self._redexes(part, term.op, f"{pointer}/{place}", encoding)


_REWRITING = Rewriting(EQUATIONS, Encodings)


def normal_form(term: Term) -> Term:
    """The normal form of a term of any sort: of an admitted one, or of a policy with a floor around it.

    A term that is in normal form already is returned itself, as are its parts that are. Recurses to the depth of the
    term.
    """
    return _REWRITING.normal_form(term)


def redexes(term: Term) -> Iterator[Redex]:
    """Every place of a term where an equation applies, outermost first and from left to right."""
    return _REWRITING.redexes(term)


def is_normal(term: Term) -> bool:
    """Whether no equation applies anywhere in a term."""
    return next(redexes(term), None) is None
