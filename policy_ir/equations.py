"""The named equations of the language, each a local rewrite at the root of a term.

Most come with the laws of an operation; the others are stated one by one. No equation calculates: `lit(0)` is no
`zero`. A node that an equation makes has the origin of the node that it replaces; what it keeps, keeps its origin, and
of equal siblings the first stays. Specification: chapter "Normal form", section "Equations".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

import attrs

from policy_ir import cbor
from policy_ir.signature import SIGNATURE, Operation, arguments_of, build, subterms_of
from policy_ir.terms import (
    Always,
    Bot,
    ChainEntry,
    ChainSelector,
    Gate,
    Id,
    Normalize,
    Not,
    Override,
    Prefer,
    Scale,
    TagIn,
    Term,
    Top,
    When,
    Zero,
)
from policy_ir.values import Part, part_value

Encoding: TypeAlias = Callable[[Term], bytes]
"""The bytes of a node, which siblings are sorted and compared by: its canonical bytes, unless another language's."""

Rewrite: TypeAlias = Callable[[Term, Encoding], Term | None]


@attrs.frozen(slots=True, eq=False)
class Equation:
    """A named equation, read from left to right as a rewrite at the root of a term.

    `op` is the operation of every redex. A `maximal` equation looks at a whole nest of its operation, and applies at
    the outermost node of the nest only.
    """

    id: str
    summary: str
    op: str
    rewrite: Rewrite = attrs.field(repr=False)
    maximal: bool = False

    def apply(self, term: Term, encoding: Encoding | None = None) -> Term | None:
        """The contractum of a term, None where it is no redex. The term is taken to be the root."""
        if term.op != self.op:
            return None
        return self.rewrite(term, Encodings() if encoding is None else encoding)


class Encodings:
    """The encoding of nodes, each computed once: the canonical bytes of the node alone, without the leading tag.

    `known` has what is computed or told already: by identity, because equality and hashes walk the tree; with the part
    itself, so that its id stays its own.
    """

    def __init__(self) -> None:
        self.known: dict[int, tuple[Part, bytes]] = {}

    def __call__(self, term: Term) -> bytes:
        """The encoding of a node."""
        known = self.known.get(id(term))
        if known is None:
            parts = [self(part) if isinstance(part, Term) else self.parameter(part) for part in arguments_of(term)]
            data = cbor.head(cbor.ARRAY, 1 + len(parts)) + cbor.encode(term.op) + b"".join(parts)
            known = self.known[id(term)] = (term, data)
        return known[1]

    def parameter(self, part: Part) -> bytes:
        """The encoding of an argument that is no node."""
        return cbor.encode(part_value(part))


# --- equations that the laws of an operation bring ------------------------------------------------------------


def equations_of(row: Operation) -> Iterator[Equation]:
    """The equations that the laws of an operation bring; none without laws."""
    laws, op = row.laws, row.op
    if laws is None:
        return

    def over(term: Term, children: Sequence[Term]) -> Term:
        return build(row.cls, children, term.origin)

    def flatten(term: Term, _: Encoding) -> Term | None:
        children = subterms_of(term)
        if all(child.op != op for child in children):
            return None
        return over(
            term, [inner for child in children for inner in (subterms_of(child) if child.op == op else (child,))]
        )

    yield Equation(f"{op}/flatten", f"{op}(…, {op}(x…), …) = {op}(…, x…, …)", op, flatten)

    if laws.absorber is not None:

        def absorb(term: Term, _: Encoding) -> Term | None:
            return next((child for child in subterms_of(term) if child.op == laws.absorber), None)

        yield Equation(f"{op}/absorb", f"{op}(…, {laws.absorber}, …) = {laws.absorber}", op, absorb)

    if laws.unit is not None:
        unit = SIGNATURE[laws.unit].cls

        def drop_units(term: Term, _: Encoding) -> Term | None:
            children = subterms_of(term)
            left = [child for child in children if child.op != laws.unit]
            if len(left) == len(children):
                return None
            return over(term, left) if left else build(unit, (), term.origin)

        yield Equation(
            f"{op}/unit", f"{op}(x…, {laws.unit}, y…) = {op}(x…, y…); {op}({laws.unit}…) = {laws.unit}", op, drop_units
        )

    def single(term: Term, _: Encoding) -> Term | None:
        children = subterms_of(term)
        return children[0] if len(children) == 1 else None

    yield Equation(f"{op}/single", f"{op}(x) = x", op, single)

    if laws.idempotent:

        def dedupe(term: Term, encoding: Encoding) -> Term | None:
            children = subterms_of(term)
            first: dict[bytes, Term] = {}
            for child in children:
                first.setdefault(encoding(child), child)
            left = list(first.values())
            return over(term, left) if len(left) < len(children) else None

        yield Equation(f"{op}/dedupe", f"{op}(…, x, …, x, …) = {op}(…, x, …, …)", op, dedupe)

    if laws.commutative:

        def sort(term: Term, encoding: Encoding) -> Term | None:
            children = subterms_of(term)
            keys = [encoding(child) for child in children]
            return None if keys == sorted(keys) else over(term, sorted(children, key=encoding))

        yield Equation(f"{op}/sort", f"{op}(x…) = {op}(x… by their canonical bytes)", op, sort)


# --- equations of single operations ---------------------------------------------------------------------------

_SINGLE: list[Equation] = []


def _equation(id: str, summary: str, *, op: str | None = None, maximal: bool = False) -> Callable[[Rewrite], Rewrite]:
    """Name a rewrite; its redexes have the operation that its id starts with, or `op`."""

    def add(rewrite: Rewrite) -> Rewrite:
        _SINGLE.append(Equation(id, summary, op or id.partition("/")[0], rewrite, maximal))
        return rewrite

    return add


@_equation("not/involution", "not(not(p)) = p")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Not(Not(pred)):
            return pred
    return None


@_equation("not/top", "not(top) = bot")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Not(Top()):
            return Bot(origin=term.origin)
    return None


@_equation("not/bot", "not(bot) = top")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Not(Bot()):
            return Top(origin=term.origin)
    return None


@_equation("scale/one", "scale(1, s) = s")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Scale(1.0, scorer):
            return scorer
    return None


@_equation("scale/zero-factor", "scale(0, s) = zero")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Scale(0.0, _):
            return Zero(origin=term.origin)
    return None


@_equation("scale/zero", "scale(a, zero) = zero")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Scale(_, Zero() as zero):
            return zero
    return None


@_equation("gate/top", "gate(top, s) = s")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Gate(Top(), scorer):
            return scorer
    return None


@_equation("gate/bot", "gate(bot, s) = zero")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Gate(Bot(), _):
            return Zero(origin=term.origin)
    return None


@_equation("gate/zero", "gate(p, zero) = zero")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Gate(_, Zero() as zero):
            return zero
    return None


@_equation("normalize/idempotent", "normalize(normalize(s)) = normalize(s)")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Normalize(Normalize() as inner):
            return inner
    return None


@_equation("normalize/zero", "normalize(zero) = zero")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Normalize(Zero() as zero):
            return zero
    return None


@_equation("prefer/top", "prefer(top, o) = o")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Prefer(Top(), selector):
            return selector
    return None


@_equation("prefer/bot", "prefer(bot, o) = o")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case Prefer(Bot(), selector):
            return selector
    return None


@_equation("when/top", "when(top, x) = x")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case When(Top(), xform):
            return xform
    return None


@_equation("when/bot", "when(bot, x) = id")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case When(Bot(), _):
            return Id(origin=term.origin)
    return None


@_equation("when/id", "when(p, id) = id")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case When(_, Id() as id):
            return id
    return None


@_equation("tag_in/sort", "tag_in(f, V) = tag_in(f, V by code points, each once)")
def _(term: Term, _: Encoding) -> Term | None:
    match term:
        case TagIn(field, values) if values != (ordered := tuple(sorted(set(values)))):
            return TagIn(field, ordered, origin=term.origin)
    return None


@_equation("chain/keys", "chain(…, r, …) = chain(…, {provider, model} of r, …)")
def _(term: Term, _: Encoding) -> Term | None:
    assert isinstance(term, ChainSelector)
    spelled = tuple(ChainEntry(provider=entry.pair[0], model=entry.pair[1]) for entry in term.chain)
    return ChainSelector(spelled, origin=term.origin) if spelled != term.chain else None


@_equation("chain/dedupe", "chain(…, r, …, r′, …) = chain(…, r, …, …) where r and r′ are one pair")
def _(term: Term, _: Encoding) -> Term | None:
    assert isinstance(term, ChainSelector)
    first: dict[tuple[str | None, str | None], ChainEntry] = {}
    for entry in term.chain:
        first.setdefault(entry.pair, entry)
    left = tuple(first.values())
    return ChainSelector(left, origin=term.origin) if len(left) < len(term.chain) else None


@_equation(
    "failplan/collapse",
    "a maximal nest of overrides = its outermost override per reason, without those whose action is the base's, "
    "by reason, smallest innermost",
    op="override",
    maximal=True,
)
def _(term: Term, _: Encoding) -> Term | None:
    nest: list[Override] = []
    base = term
    while isinstance(base, Override):
        nest.insert(0, base)
        base = base.plan
    outermost = {override.reason: override for override in nest}
    left = [outermost[reason] for reason in sorted(outermost) if Always(outermost[reason].action) != base]
    if [override.reason for override in left] == [override.reason for override in nest]:
        return None
    plan = base
    for override in left:
        plan = build(Override, (plan, override.reason, override.action), override.origin)
    return plan


EQUATIONS: Final[tuple[Equation, ...]] = (
    *(equation for row in SIGNATURE.values() for equation in equations_of(row)),
    *_SINGLE,
)
"""The equations of the language, in the order of the specification."""
