"""What the equations make of a node whose parts are in normal form already, with its bytes.

Most nodes are left as they are. Siblings of a variadic operation are looked at here, all laws of the operation at
once; every other equation is asked itself, as `equations` has it. Specification: chapter "Normal form".
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter, itemgetter
from typing import Any, Final, TypeAlias

from policy_ir.cbor import ARRAY, encode, head
from policy_ir.equations import EQUATIONS, Encodings, Rewrite
from policy_ir.evaluator.loading.parameters import parameter_bytes
from policy_ir.signature import SIGNATURE, Operation, build
from policy_ir.terms import Action, Term
from policy_ir.values import Part

Siblings: TypeAlias = "Callable[[Term, list[Term], list[bytes], bool, Known], tuple[Term, bytes]]"
"""A variadic node, the normal forms of its subterms, their bytes, whether one of them is another node than in the
source, and what is known of encodings: the node's normal form and the bytes of that."""


class Known(Encodings):
    """The encodings that a load knows. What readers told is not computed again.

    `siblings` has the encodings of a variadic node's subterms by the identity of the node, which is kept with them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.siblings: dict[int, tuple[Term, list[bytes]]] = {}

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
    starts = [start_of(row, size) for size in range(64)]
    parts_of, make, set_origin, set_parts = attrgetter(name), object.__new__, *setters_of(row)

    def rewrite(node: Term, parts: list[Term], keys: list[bytes], changed: bool, known: Known) -> tuple[Term, bytes]:
        if not odd.isdisjoint(map(type, parts)):
            whole, wholes, parts, keys, changed = parts, keys, [], [], True
            for part, key in zip(whole, wholes, strict=True):
                if type(part) is cls:
                    parts += parts_of(part)
                    keys += known.siblings[id(part)][1]
                elif type(part) is absorber:
                    return part, key
                elif type(part) is not unit:
                    parts.append(part)
                    keys.append(key)
            if not parts:  # there were units only
                assert unit is not None
                return build(unit, (), node.origin), start_of(SIGNATURE[unit.op])
        if commutative:
            ordered = sorted(set(keys)) if idempotent else sorted(keys)
            if ordered != keys:
                parts, keys, changed = _in_order(parts, keys, ordered), ordered, True
        size = len(parts)
        if size == 1:
            return parts[0], keys[0]
        normal = node
        if changed:
            normal = make(cls)
            set_origin(normal, node.origin)
            set_parts(normal, tuple(parts))
        known.siblings[id(normal)] = normal, keys
        return normal, b"".join((starts[size] if size < 64 else start_of(row, size), *keys))

    return rewrite


def _in_order(parts: list[Term], keys: list[bytes], ordered: list[bytes]) -> list[Term]:
    """The parts in the order of their keys; of equal parts the first come first, and are left over if all fit."""
    if len(set(keys)) == len(ordered):
        first = dict(zip(reversed(keys), reversed(parts), strict=True))
        return [first[key] for key in ordered]
    return [part for _, part in sorted(zip(keys, parts, strict=True), key=itemgetter(0))]


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
