"""What the equations make of a node whose parts are in normal form already, with its bytes.

Most nodes are left as they are. Siblings of a variadic operation are looked at here, all laws of the operation at
once; every other equation is asked itself, as `equations` has it. Specification: chapter "Normal form".
"""

from __future__ import annotations

from collections.abc import Callable
from operator import is_not, itemgetter
from typing import Any, Final, TypeAlias

from policy_ir.cbor import ARRAY, encode, head
from policy_ir.equations import EQUATIONS, Encodings, Rewrite
from policy_ir.evaluator.loading.parameters import parameter_bytes
from policy_ir.signature import SIGNATURE, Operation, build
from policy_ir.terms import Action, Term
from policy_ir.values import Part

Parts: TypeAlias = tuple[Term, ...]
Keys: TypeAlias = tuple[bytes, ...]
"""The bytes of parts, by which they are compared and sorted."""

Siblings: TypeAlias = "Callable[[Term, Parts, Parts, Keys, Known], tuple[Term, bytes]]"
"""A variadic node, its subterms, their normal forms, the bytes of these, and what is known: the node's normal form and
the bytes of that."""


class Known(Encodings):
    """The encodings that a load knows. What readers told is not computed again.

    `siblings` has the encodings of a variadic node's subterms by the identity of the node, which is kept with them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.siblings: dict[int, tuple[Term, Keys]] = {}

    def parameter(self, part: Part) -> bytes:
        """The encoding of an argument that is no node."""
        if isinstance(part, Action) and (known := self.known.get(id(part))) is not None:
            return known[1]
        return parameter_bytes(part)


# --- variadic operations -----------------------------------------------------------------------------------------


def siblings_of(row: Operation) -> Siblings:
    """What the laws of a variadic operation make of its nodes."""
    laws, cls, name = row.laws, row.cls, row.arguments[0].name
    assert laws is not None
    unit = None if laws.unit is None else SIGNATURE[laws.unit].cls
    absorber = None if laws.absorber is None else SIGNATURE[laws.absorber].cls
    odd = {cls, unit, absorber}
    idempotent, commutative = laws.idempotent, laws.commutative
    assert commutative or not idempotent  # equal siblings are found by sorting
    starts = [start_of(row, size) for size in range(64)]
    make: Any = object.__new__
    set_origin, set_parts = setters_of(row)

    def spread(parts: Parts, keys: Keys, known: Known) -> tuple[Parts, Keys]:
        """The parts without nests and units; of those with an absorber, the first one alone."""
        pairs: list[tuple[Term, bytes]] = []
        for part, key in zip(parts, keys, strict=True):
            if type(part) is cls:
                pairs += zip(getattr(part, name), known.siblings[id(part)][1], strict=True)
            elif type(part) is absorber:
                return (part,), (key,)
            elif type(part) is not unit:
                pairs.append((part, key))
        return tuple([part for part, _ in pairs]), tuple([key for _, key in pairs])

    def rewrite(node: Term, source: Parts, parts: Parts, keys: Keys, known: Known) -> tuple[Term, bytes]:
        if not odd.isdisjoint(map(type, parts)):
            parts, keys = spread(parts, keys, known)
            if not parts:  # there were units only
                assert unit is not None
                return build(unit, (), node.origin), start_of(SIGNATURE[unit.op])
        if idempotent:
            first = dict(zip(reversed(keys), reversed(parts), strict=True))
            ordered = tuple(sorted(first))
            if ordered != keys:
                parts, keys = tuple([first[key] for key in ordered]), ordered
        elif commutative:
            ordered = tuple(sorted(keys))
            if ordered != keys:
                pairs = sorted(zip(keys, parts, strict=True), key=itemgetter(0))
                parts, keys = tuple([part for _, part in pairs]), ordered
        size = len(parts)
        if size == 1:
            return parts[0], keys[0]
        normal = node
        if size != len(source) or any(map(is_not, parts, source)):
            normal = make(cls)
            set_origin(normal, node.origin)
            set_parts(normal, parts)
        known.siblings[id(normal)] = normal, keys
        return normal, b"".join((starts[size] if size < 64 else start_of(row, size), *keys))

    return rewrite


def start_of(row: Operation, size: int | None = None) -> bytes:
    """What the bytes of an operation's nodes start with; of a variadic one with `size` subterms."""
    return head(ARRAY, 1 + (len(row.arguments) if size is None else size)) + encode(row.op)


def setters_of(row: Operation) -> list[Callable[[Term, Any], None]]:
    """What sets the origin of a fresh node of an operation, and then what sets its arguments, in order.

    The descriptors of the slots: a frozen class guards its attributes, not them.
    """
    return [getattr(row.cls, name).__set__ for name in ("origin", *(argument.name for argument in row.arguments))]


# --- other operations --------------------------------------------------------------------------------------------


def _rewrites(*, maximal: bool) -> dict[str, tuple[Rewrite, ...]]:
    fitting = [one for one in EQUATIONS if not SIGNATURE[one.op].variadic and one.maximal is maximal]
    return {one.op: tuple([other.rewrite for other in fitting if other.op == one.op]) for one in fitting}


LOCAL: Final = _rewrites(maximal=False)
"""The equations of operations that are not variadic, by operation."""

MAXIMAL: Final = _rewrites(maximal=True)
"""The equations that apply at the outermost node of a nest of their operation only, by operation."""


def settled(
    node: Term, data: bytes, rewrites: dict[str, tuple[Rewrite, ...]], encodings: Encodings
) -> tuple[Term, bytes]:
    """The normal form of a node over normal parts by these equations, and its bytes."""
    again = True
    while again:
        again = False
        for rewrite in rewrites.get(node.op, ()):
            contractum = rewrite(node, encodings)
            if contractum is not None:
                node, data, again = contractum, encodings(contractum), True
                break
    return node, data
