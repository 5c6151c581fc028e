"""How a term is written: from the typed tree to shapes, which say where brackets, operators and lines stand.

A shape keeps the parts of a term that can have a line of their own as items, each with the pointers of what it
shows; `comments` hangs comments on them, `printing` lays them out. Specification: chapter "Authoring syntax", section
"Translation".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

import attrs

from policy_ir.signature import SIGNATURE, Argument, arguments_of
from policy_ir.syntax.authoring.elaboration import CLAUSES
from policy_ir.syntax.authoring.tree import RELATIONS, RESERVED
from policy_ir.syntax.document import Comment
from policy_ir.syntax.places import step
from policy_ir.syntax.print_wire import ESCAPED, escape, print_string
from policy_ir.terms import (
    Action,
    Add,
    Always,
    And,
    Boolean,
    ChainEntry,
    ChainSelector,
    Cmp,
    FamilyEq,
    FieldScore,
    FilterImage,
    FilterText,
    Is,
    Lit,
    MinTier,
    Not,
    Number,
    Or,
    Override,
    Policy,
    Pred,
    ProviderEq,
    RecipeRecord,
    Scale,
    Seq,
    ServedByEq,
    TagIn,
    Term,
    Test,
    Text,
    TierEq,
)  # fmt: skip

# --- shapes --------------------------------------------------------------------------------------------------


@attrs.define(slots=True, eq=False)
class Item:
    """A part that can have a line of its own, with what it shows and the comments that stand with it."""

    shape: Shape
    pointers: tuple[str, ...]
    before: list[Comment] = attrs.field(factory=list)
    behind: Comment | None = None
    blank: bool = False


@attrs.define(slots=True, eq=False)
class Wrapped:
    """A shape with text before and after it on the same lines: `not s`, `0.5 * s`, `(s)`, `key: s`, `s >= 3`."""

    opening: str
    inner: Shape
    closing: str = ""


@attrs.define(slots=True, eq=False)
class Listing:
    """Items that something holds: `style` says what.

    `call`: brackets, commas between the items. `infix`: an operator before each but the first. `steps`: a semicolon
    after each but the last. `plan`: a line each. `policy`: a clause on each line, in braces, and `flow` likewise a
    statement, `node` a setting. `file`: the whole file. `pointer` is that of what the listing shows; `after` are
    comments after the last item.
    """

    style: str
    items: list[Item]
    pointer: str
    opening: str = ""
    closing: str = ""
    after: list[Comment] = attrs.field(factory=list)

    @property
    def open(self) -> bool:
        """Whether it has no brackets of its own, so that what stands at its ends stands at those of its item."""
        return self.style in ("infix", "steps", "plan")


@attrs.frozen(slots=True, eq=False)
class Block:
    """A text of several lines as it is written, between quotes on lines of their own."""

    lines: tuple[str, ...]


Shape: TypeAlias = str | Wrapped | Listing | Block

BRACED = ("policy", "flow", "node")
"""The styles with a line for each item, in braces."""

# --- words ---------------------------------------------------------------------------------------------------

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPED_NAME = re.compile(ESCAPED.pattern.replace('"', "`"))
"""What must be escaped in a name in backticks."""
_MARKS = dict(zip(RELATIONS.values(), ("<", "<=", "==", "!=", ">=", ">"), strict=True))
_EQUALITIES = {ProviderEq: "provider", FamilyEq: "family", ServedByEq: "served_by", TierEq: "tier"}


def _escape(found: re.Match[str]) -> str:
    return "\\`" if found[0] == "`" else escape(found)


def name(text: str) -> str:
    """A name, in backticks where it is reserved or not a word."""
    if _BARE.fullmatch(text) and text not in RESERVED:
        return text
    return f"`{_ESCAPED_NAME.sub(_escape, text)}`"


def number(value: float) -> str:
    """The shortest decimal that reads back, the digits before the point in groups of three where they are five."""
    text = repr(value)
    if "e" in text:
        digits, _, exponent = text.partition("e")
        return f"{digits}e{int(exponent)}"
    whole, _, fraction = text.partition(".")
    if len(whole.lstrip("-")) > 4:
        whole = f"{int(whole):_}"
    return whole if fraction == "0" else f"{whole}.{fraction}"


def _scalar(value: Number | Text | Boolean) -> str:
    if isinstance(value, Boolean):
        return "true" if value.value else "false"
    return number(value.value) if isinstance(value, Number) else print_string(value.value)


_WORDS: dict[str, Any] = {"Num": number, "Count": number, "Scalar": _scalar, "Rel": str,
                          "Name": print_string, "ParamName": print_string, "Sym": print_string}  # fmt: skip
"""How a parameter is written that is one word, by its sort; all others are names."""


# --- terms ---------------------------------------------------------------------------------------------------


def file(term: Term) -> Listing:
    """A whole file with a term: a policy, or the clause of another sort."""
    if isinstance(term, Policy):
        shape: Shape = policy(term, "", "policy {")
    else:
        sorts = [argument.sort for argument in SIGNATURE["policy"].arguments]
        shape = Wrapped(CLAUSES[sorts.index(SIGNATURE[term.op].sort)] + " ", _shape(term, ""))
    return Listing("file", [Item(shape, ("",))], "")


def policy(term: Policy, at: str, opening: str) -> Listing:
    """A policy in its braces, which stands at a pointer."""
    width = max(map(len, CLAUSES)) + 1
    clauses = [
        Item(Wrapped(clause.ljust(width), _shape(slot, f"{at}/{place}")), (f"{at}/{place}",))
        for place, (clause, slot) in enumerate(zip(CLAUSES, arguments_of(term), strict=True), 1)
    ]
    return Listing("policy", clauses, at, opening, "}")


def _call(op: str, items: list[Item], pointer: str) -> Shape:
    return Listing("call", items, pointer, f"{op}(", ")")


def _shape(term: Term, at: str) -> Shape:
    """A node without parentheses around it."""
    match term:
        case And(preds) if len(preds) > 1:
            return _infix("and", preds, at)
        case Or(preds) if len(preds) > 1 and not _one_of(term):
            return _infix("or", preds, at)
        case Add(scorers) if len(scorers) > 1:
            return _infix("+", scorers, at)
        case Seq(xforms) if len(xforms) > 1:
            return Listing("steps", _operands(xforms, at), at)
        case Is(field) | FieldScore(field):
            return name(field)
        case Cmp(field, rel, bound):
            return f"{name(field)} {_MARKS[rel]} {number(bound)}"
        case Lit(value):
            return number(value)
        case Scale(factor, scorer):
            return Wrapped(f"{number(factor)} * ", _operand(scorer, f"{at}/2"))
        case MinTier(tier):
            return f"tier >= {name(tier)}"
        case ProviderEq() | FamilyEq() | ServedByEq() | TierEq() | Or() | TagIn() if _condition(term):
            return _membership(term, at, "==", "in")
        case Not(pred) if _condition(pred):
            return _membership(pred, f"{at}/1", "!=", "not in")
        case Not(pred):
            return Wrapped("not ", _operand(pred, f"{at}/1"))
        case Test(scorer, rel, bound):
            compared = Wrapped("", _shape(scorer, f"{at}/1"), f" {_MARKS[rel]} {number(bound)}")
            return _call("test", [Item(compared, (f"{at}/1", f"{at}/2", f"{at}/3"))], at)
        case ChainSelector(chain):
            entries = enumerate(chain)
            return _call("chain", [Item(_entry(entry, f"{at}/1/{i}"), (f"{at}/1/{i}",)) for i, entry in entries], at)
        case FilterText(recipe) | FilterImage(recipe):
            steps = enumerate(recipe)
            return _call(term.op, [Item(_step(each, f"{at}/1/{i}"), (f"{at}/1/{i}",)) for i, each in steps], at)
        case Always(action):
            return _action(action, f"{at}/1")
        case Override():
            return _plan(term, at)
        case _:
            return _function(term, at)


def _function(term: Term, at: str) -> Shape:
    """The function form, arguments in wire order; without arguments the bare word."""
    row = SIGNATURE[term.op]
    rows: Iterable[Argument] = row.arguments * len(arguments_of(term)) if row.variadic else row.arguments
    items = []
    for i, (argument, value) in enumerate(zip(rows, arguments_of(term), strict=True), 1):
        where = f"{at}/{i}"
        written = _argument(value, where) if argument.is_term else _WORDS.get(argument.sort, name)(value)
        items.append(Item(written, (where,)))
    return _call(term.op, items, at) if items else term.op


def _argument(term: Term, at: str) -> Shape:
    """A node as an argument: a sequence of transforms is in parentheses, nothing else is."""
    shape = _shape(term, at)
    return Wrapped("(", shape, ")") if isinstance(term, Seq) and isinstance(shape, Listing) and shape.open else shape


def _operand(term: Term, at: str) -> Shape:
    """A node as an operand: in parentheses where it is written with an operator between its parts."""
    shape = _shape(term, at)
    return Wrapped("(", shape, ")") if isinstance(shape, Listing) and shape.open else shape


def _infix(mark: str, terms: Iterable[Term], at: str) -> Listing:
    return Listing("infix", _operands(terms, at), at, opening=mark)


def _operands(terms: Iterable[Term], at: str) -> list[Item]:
    return [Item(_operand(term, f"{at}/{i}"), (f"{at}/{i}",)) for i, term in enumerate(terms, 1)]


def _one_of(term: Pred) -> bool:
    """Whether an `or` asks for one of several values of one attribute."""
    if not isinstance(term, Or):
        return False
    kinds = set(map(type, term.preds))
    return len(kinds) == 1 and not kinds.isdisjoint(_EQUALITIES)


def _condition(term: Pred) -> bool:
    """Whether a predicate has a form with `==` or `in`, and so one with `!=` or `not in`."""
    return type(term) in _EQUALITIES or isinstance(term, TagIn) or _one_of(term)


def _membership(term: Pred, at: str, equal: str, within: str) -> Shape:
    match term:
        case TagIn(field, values):
            words, subject = [print_string(value) for value in values], name(field)
            pointers = [f"{at}/2/{i}" for i in range(len(values))]
        case Or(preds):
            words, subject = [_value(pred) for pred in preds], _EQUALITIES[type(preds[0])]
            pointers = [f"{at}/{i}" for i in range(1, len(preds) + 1)]
        case _:
            return f"{_EQUALITIES[type(term)]} {equal} {_value(term)}"
    items = [Item(word, (pointer,)) for word, pointer in zip(words, pointers, strict=True)]
    return Listing("call", items, at, f"{subject} {within} {{", "}")


def _value(term: Pred) -> str:
    (value,) = arguments_of(term)
    return name(value) if isinstance(term, TierEq) else print_string(value)


# --- records -------------------------------------------------------------------------------------------------


def _record(entries: Iterable[tuple[str, Shape]], at: str, opening: str = "{", closing: str = "}") -> Listing:
    items = [Item(Wrapped(f"{name(key)}: ", value), (step(at, key),)) for key, value in entries]
    return Listing("call", items, at, opening, closing)


def _entry(entry: ChainEntry, at: str) -> Shape:
    given = [(key, value) for key, value in attrs.asdict(entry).items() if value is not None]
    if [key for key, _ in given] == ["provider", "model"]:
        return ": ".join(print_string(value) for _, value in given)
    items = [Item(f"{key}: {print_string(value)}", (step(at, key),)) for key, value in given]
    return Listing("call", items, at, "{", "}")


def _step(each: str | RecipeRecord, at: str) -> Shape:
    if isinstance(each, str):
        return print_string(each)
    return _record([(key, number(value)) for key, value in each.entries], at)


def _action(action: Action, at: str) -> Shape:
    settings: list[tuple[str, Shape]] = []
    for key in ("attempts", "backoff_ms", "then_action", "open_breaker_ms"):
        match getattr(action, key):
            case None:
                pass
            case str(verb):
                settings.append((key, verb))
            case tuple(values):
                where = f"{at}/{key}"
                items = [Item(number(value), (f"{where}/{i}",)) for i, value in enumerate(values)]
                settings.append((key, Listing("call", items, where, "[", "]")))
            case value:
                settings.append((key, number(value)))
    settings += [(key, number(value)) for key, value in action.extra]
    return _record(settings, at, f"{action.action}(", ")") if settings else action.action


def _plan(plan: Override, at: str) -> Listing:
    """A failure plan: what it does for every reason, then a line for each override, the outermost last."""
    lines: list[tuple[str, Action, str]] = []
    inner: Term = plan
    where = at
    while isinstance(inner, Override):
        lines.append((name(inner.reason), inner.action, where))
        inner, where = inner.plan, f"{where}/1"
    width = max(len(reason) for reason, _, _ in lines)
    items = [Item(_shape(inner, where), (where,))]
    for reason, action, pointer in reversed(lines):
        label = f"on {reason}: " + " " * (width - len(reason) if width <= 32 else 0)
        items.append(Item(Wrapped(label, _action(action, f"{pointer}/3")), (f"{pointer}/2", f"{pointer}/3")))
    return Listing("plan", items, at)
