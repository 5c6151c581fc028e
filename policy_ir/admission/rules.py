"""What a vocabulary, and the ranges of the language, have to say about each operation.

The tree is well shaped here: every subterm is of its sort and every parameter has its shape. `unruly_node` is the whole
language in one place. Specification: chapter "Admission", section "Rules"; rule ids stand beside the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias, assert_never, cast

from policy_ir.admission.parameters import clamp_param, declared, declared_param, inject_seed, jitter, set_param
from policy_ir.diagnostics import Code, Diagnostic, codes, quoted
from policy_ir.signature import SIGNATURE, arguments_of
from policy_ir.syntax.places import step
from policy_ir.terms import (
    Action,
    Add,
    Always,
    And,
    AnyTerm,
    Argmax,
    Bot,
    ChainSelector,
    Clamp,
    ClampParam,
    Cmp,
    Custom,
    DropParam,
    FamilyEq,
    FieldScore,
    FilterImage,
    FilterText,
    Gate,
    HasCap,
    Id,
    InjectSeed,
    Is,
    Jitter,
    Known,
    Lit,
    MeetsReq,
    MinTier,
    Neg,
    Normalize,
    Not,
    Or,
    Ordered,
    Override,
    Policy,
    Prefer,
    ProviderEq,
    RankBy,
    Recipe,
    RecipeRecord,
    Sample,
    Scale,
    ScopeMatches,
    Seq,
    ServedByEq,
    SetParam,
    TagIn,
    Term,
    Test,
    TierEq,
    Top,
    TopK,
    When,
    Zero,
)
from policy_ir.vocabulary import SORT_NAMES, Vocabulary

Found: TypeAlias = Iterator[Diagnostic]

MAX_ATTEMPTS: Final = 10
MAX_BACKOFF_MS: Final = 60_000
MAX_BACKOFFS: Final = 16
MAX_BREAKER_MS: Final = 3_600_000


def unruly(term: Term, vocabulary: Vocabulary) -> list[Diagnostic]:
    """Everything in a well-shaped term that the vocabulary or a range of the language refuses, in source order."""
    found: list[Diagnostic] = []
    waiting: list[tuple[Term | Action, str, bool]] = [(term, "", False)]
    while waiting:
        node, pointer, pointwise = waiting.pop()
        if isinstance(node, Action):
            found += unruly_action(node, pointer)
            continue
        found += unruly_node(node, pointer, pointwise, vocabulary)
        inside = pointwise or any(argument.subsort is not None for argument in SIGNATURE[node.op].arguments)
        parts = enumerate(arguments_of(node), 1)
        waiting += [(part, step(pointer, at), inside) for at, part in parts if isinstance(part, Term | Action)][::-1]
    return found


def unruly_node(term: Term, at: str, pointwise: bool, vocabulary: Vocabulary) -> Found:
    """The rules for one node; `pointwise` says whether a pointwise scorer encloses it."""
    node = cast(AnyTerm, term)
    match node:
        case Is():
            yield from _field(node.field, ("bool",), step(at, 1), vocabulary)
        case Cmp() | FieldScore():
            yield from _field(node.field, ("num",), step(at, 1), vocabulary)
        case TagIn():
            yield from _field(node.field, ("tag", "tags"), step(at, 1), vocabulary)
        case Known():
            yield from _field(node.field, tuple(SORT_NAMES), step(at, 1), vocabulary)
        case TierEq() | MinTier():
            yield from _tier(node.tier, step(at, 1), vocabulary)
        case Normalize():
            if pointwise:
                yield _not_pointwise(at)
        case TopK():
            yield from _count(node.k, step(at, 1))
        case SetParam():
            yield from set_param(node, at, vocabulary)
        case InjectSeed():
            yield from inject_seed(node, at, vocabulary)
        case DropParam():
            yield from declared_param(node.param, step(at, 1), vocabulary)
        case ClampParam():
            yield from clamp_param(node, at, vocabulary)
        case Jitter():
            yield from jitter(node, at, vocabulary)
        case FilterText() | FilterImage():
            yield from _recipe(node.recipe, step(at, 1), vocabulary)
        case Custom():
            yield from _custom(node.symbol, step(at, 1), vocabulary)
        case Top() | Bot() | And() | Or() | Not() | MeetsReq() | ScopeMatches() | Test():
            pass
        case FamilyEq() | ProviderEq() | ServedByEq() | HasCap():
            pass  # open namespaces
        case Zero() | Lit() | Add() | Scale() | Neg() | Clamp() | Gate():
            pass
        case Argmax() | Ordered() | Sample() | ChainSelector() | Prefer() | RankBy():
            pass
        case Id() | Seq() | When() | Policy():
            pass
        case Always() | Override():
            pass  # their actions are visited as parts
        case _:
            assert_never(node)


# --- names that the vocabulary declares -----------------------------------------------------------------------


def _field(name: str, sorts: tuple[str, ...], at: str, vocabulary: Vocabulary) -> Found:
    """`admit/field`; `admit/bool-field`, `admit/num-field` and `admit/tag-field`."""
    field = vocabulary.fields.get(name)
    if field is None:
        yield from declared(name, vocabulary.fields_of(sorts), codes.UNDECLARED_FIELD, "field", at, vocabulary)
    elif field.sort not in sorts:
        yield Diagnostic(
            code=codes.FIELD_SORT,
            message=f"{quoted(name)} is {SORT_NAMES[field.sort]}",
            pointer=at,
            found=SORT_NAMES[field.sort],
            expected=SORT_NAMES[sorts[0]],
            help=_FIELD_HELP[field.sort],
        )


_FIELD_HELP: Final = {
    "num": "compare it with `cmp`, or score it with `field`",
    "bool": "ask for it with `is`",
    "tag": "ask for it with `tag_in`",
    "tags": "ask for it with `tag_in`",
}


def _tier(name: str, at: str, vocabulary: Vocabulary) -> Found:
    """`admit/tier`."""
    tiers = vocabulary.tiers
    if name not in tiers:
        order = "the tiers are " + " < ".join(map(quoted, tiers))
        yield from declared(name, tiers, codes.UNKNOWN_TIER, "tier", at, vocabulary, order)


def _custom(symbol: str, at: str, vocabulary: Vocabulary) -> Found:
    """`admit/custom`."""
    return declared(symbol, vocabulary.customs, codes.UNDECLARED_CUSTOM, "custom transform", at, vocabulary)


def _recipe(recipe: Recipe, at: str, vocabulary: Vocabulary) -> Found:
    """`admit/recipe`: a filter step that nobody carries out would fail open."""
    for index, entry in enumerate(recipe):
        place = step(at, index)
        if isinstance(entry, RecipeRecord):
            steps = [(name, step(place, name)) for name, _ in entry.entries]
        else:
            steps = [(entry, place)]
        for name, where in steps:
            code = codes.UNDECLARED_RECIPE_STEP
            yield from declared(name, vocabulary.recipes, code, "filter step", where, vocabulary)


# --- ranges of the language -----------------------------------------------------------------------------------


def _not_pointwise(at: str) -> Diagnostic:
    """`admit/pointwise`."""
    return Diagnostic(
        code=codes.NOT_POINTWISE,
        message="`normalize` inside a `test`",
        pointer=at,
        found="`normalize`",
        expected="a scorer without `normalize`",
        help="a filter judges each candidate by itself: compare the value itself, or rank by the normalized one",
    )


def _count(number: float, at: str) -> Found:
    """`admit/count`."""
    if not (number.is_integer() and number >= 1):
        yield Diagnostic(
            code=codes.BAD_COUNT,
            message=f"{quoted(number)} is not a count",
            pointer=at,
            found=quoted(number),
            expected="an integral number of 1 or more",
        )


def unruly_action(action: Action, at: str) -> Found:
    """`admit/attempts`, `admit/backoff`, `admit/backoffs`, `admit/then-action`, `admit/breaker`."""
    if action.attempts is not None and not (action.attempts.is_integer() and 0 <= action.attempts <= MAX_ATTEMPTS):
        place, expected = step(at, "attempts"), f"an integral number from 0 to {MAX_ATTEMPTS}"
        yield _outside(codes.ATTEMPTS_RANGE, "attempts", action.attempts, place, expected)
    place = step(at, "backoff_ms")
    if isinstance(action.backoff_ms, tuple):
        backoffs = [(backoff, step(place, index)) for index, backoff in enumerate(action.backoff_ms)]
    else:
        backoffs = [] if action.backoff_ms is None else [(action.backoff_ms, place)]
    if len(backoffs) > MAX_BACKOFFS:
        yield Diagnostic(
            code=codes.TOO_MANY_BACKOFFS,
            message=f"{len(backoffs)} backoffs",
            pointer=place,
            found=str(len(backoffs)),
            expected=f"at most {MAX_BACKOFFS}",
            help="the last backoff is repeated",
        )
    for backoff, where in backoffs:
        yield from _milliseconds(codes.BACKOFF_RANGE, "backoff_ms", backoff, where, MAX_BACKOFF_MS)
    if action.then_action == "retry_same":
        yield Diagnostic(
            code=codes.THEN_RETRY,
            message="`retry_same` cannot follow a retry",
            pointer=step(at, "then_action"),
            found="`retry_same`",
            expected="any other action",
            help="raise `attempts` instead",
        )
    place = step(at, "open_breaker_ms")
    yield from _milliseconds(codes.BREAKER_RANGE, "open_breaker_ms", action.open_breaker_ms, place, MAX_BREAKER_MS)


def _milliseconds(code: Code, key: str, number: float | None, at: str, most: int) -> Found:
    if number is not None and not 0 <= number <= most:
        yield _outside(code, key, number, at, f"milliseconds from 0 to {most}")


def _outside(code: Code, key: str, number: float, at: str, expected: str) -> Diagnostic:
    shown = quoted(number)
    return Diagnostic(code=code, message=f"{quoted(key)} is {shown}", pointer=at, found=shown, expected=expected)
