"""What the parser makes of a text: a tree of nodes named after operations, sugar taken away, arguments in wire order.

The pieces are built inside the LALR parser, from the bottom up and without recursion, and are never changed: the
error recovery goes back to earlier states of the parser and relies on it.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import attrs

from policy_ir.terms import RELATIONS as WORDS_OF_RELATIONS
from policy_ir.terms import VERBS


class Lexeme(NamedTuple):
    """A token: its terminal, its text, its place. `repaired` says that it stands for something reported already."""

    type: str
    text: str
    start: int
    end: int
    repaired: bool = False


@attrs.frozen(slots=True, eq=False)
class Node:
    """A node: an operation and its arguments in wire order. Also lists, records, entries, actions and clauses."""

    op: str
    args: tuple[Piece, ...]
    start: int
    end: int


@attrs.frozen(slots=True, eq=False)
class Items:
    """One or more items as the grammar collects them: the last one, and those before it."""

    last: Piece
    before: Items | None
    start: int
    end: int

    def spread(self) -> list[Piece]:
        """The items in order."""
        items = []
        some: Items | None = self
        while some is not None:
            items.append(some.last)
            some = some.before
        return items[::-1]


Piece: TypeAlias = Lexeme | Node
_Child: TypeAlias = Lexeme | Node | Items

RELATIONS = {"LESS": "lt", "AT_MOST": "le", "EQUAL": "eq", "UNEQUAL": "ne", "AT_LEAST": "ge", "MORE": "gt"}
"""The relation marks, by terminal."""

ATTRIBUTES = ("provider", "family", "served_by", "tier")

_VALUES = frozenset(
    {"NAME", "QUOTED", "STRING", "NUMBER", "TRUE", "FALSE", *RELATIONS}
    | {word.upper() for word in (*WORDS_OF_RELATIONS, *VERBS, *ATTRIBUTES)}
)


class Builder:
    """The parser's callbacks, named after the alternatives of the grammar; `__default__` is for all others."""

    def __default__(self, rule: str, children: list[_Child], meta: object) -> Node:
        """A node with the values, nodes and items among the children as its arguments."""
        args: list[Piece] = []
        for child in children:
            if isinstance(child, Items):
                args.extend(child.spread())
            elif isinstance(child, Node) or child.type in _VALUES:
                args.append(child)
        return Node(str(rule), tuple(args), children[0].start, children[-1].end)

    def start(self, children: list[_Child]) -> _Child:
        """What the file holds."""
        return children[0]

    def group(self, children: list[_Child]) -> Node:
        """What the parentheses hold; its place includes them."""
        return attrs.evolve(_one(children[1]), start=children[0].start, end=children[2].end)

    def mutate(self, children: list[_Child]) -> Node:
        """The clause of transforms, a sequence of two or more as a `seq`."""
        return Node("mutate", (_one(children[1]),), children[0].start, children[-1].end)

    # --- collections --------------------------------------------------------------------------------------------

    def several(self, children: list[_Child]) -> Items:
        """One item more; between two items stands a mark."""
        last = children[-1]
        assert not isinstance(last, Items)
        match children[0]:
            case Items() as before:
                return Items(last, before, before.start, last.end)
            case first if first is last:
                return Items(last, None, last.start, last.end)
            case first:
                return Items(last, Items(first, None, first.start, first.end), first.start, last.end)

    joined = sequence = clauses = several

    def close(self, children: list[_Child]) -> _Child:
        """The closing bracket, after a comma or none."""
        return children[-1]

    brace = bracket = close

    # --- names and sugar ----------------------------------------------------------------------------------------

    def name(self, children: list[Lexeme]) -> Lexeme:
        """A word of the language that is used as a name is a name."""
        word = children[0]
        return word if word.type == "QUOTED" else word._replace(type="NAME")

    def equal(self, children: list[Lexeme]) -> Node:
        """`provider == x` and the like."""
        attribute, _, value = children
        return Node(f"{attribute.text}_eq", (value,), attribute.start, value.end)

    def unequal(self, children: list[Lexeme]) -> Node:
        """`provider != x`: not equal."""
        return _negated(self.equal(children))

    def min_tier(self, children: list[Lexeme]) -> Node:
        """Both `tier >= x` and `min_tier(x)`."""
        value = next(child for child in children[1:] if child.type in ("NAME", "QUOTED", "STRING"))
        return Node("min_tier", (value,), children[0].start, children[-1].end)

    def one_of(self, children: list[_Child]) -> Node:
        """`provider in {x, y}`: equal to one of them."""
        attribute, values = children[0], children[-1]
        assert isinstance(attribute, Lexeme)
        assert isinstance(values, Node)
        op = f"{attribute.text}_eq"
        each = tuple(Node(op, (value,), value.start, value.end) for value in values.args)
        return Node("or", each, attribute.start, values.end)

    def none_of(self, children: list[_Child]) -> Node:
        """`provider not in {x, y}`."""
        return _negated(self.one_of(children))

    def not_tag_in(self, children: list[_Child]) -> Node:
        """`region not in {x, y}`."""
        return _negated(self.__default__("tag_in", children, None))


def _one(child: _Child) -> Node:
    """A sequence of transforms as one: a `seq` of two or more."""
    if isinstance(child, Items):
        steps = child.spread()
        if len(steps) > 1:
            return Node("seq", tuple(steps), child.start, child.end)
        child = steps[0]
    assert isinstance(child, Node)
    return child


def _negated(node: Node) -> Node:
    return Node("not", (node,), node.start, node.end)


RESERVED = frozenset(
    ("policy", "filter", "rank", "select", "mutate", "fallback", "on", "and", "or", "not", "in", "true", "false",
     "top", "bot", "meets_req", "scope_matches", "zero", *ATTRIBUTES)
)  # fmt: skip
"""The words that are names only in backticks: those that the rule `name` of the grammar does not have."""
