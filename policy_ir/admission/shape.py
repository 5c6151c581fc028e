"""The shape of trees that were built from classes: what a parser has checked already for all others.

A frozen class accepts any value in any slot. Before admission asks what a name means it asks here whether the tree is
a well-sorted term within the syntactic bounds: every subterm of the sort that its place takes, every parameter of its
sort, depth, nodes, strings and entries. Specification: chapter "Admission", section "Shape".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from policy_ir.diagnostics import Code, Diagnostic, codes, did_you_mean, one_of, quoted
from policy_ir.signature import SIGNATURE, TERM_SORTS, Argument, arguments_of, describe_sort, sort_of
from policy_ir.syntax.bounds import DEPTH, ENTRIES, NODES, STRING_BYTES, string_fits
from policy_ir.syntax.places import step
from policy_ir.terms import ACTION_KEYS, RELATIONS, VERBS, Action, Boolean, ChainEntry, Number, RecipeRecord, Term, Text

Found: TypeAlias = Iterator[Diagnostic]


def misshapen(term: object) -> list[Diagnostic]:
    """Everything that keeps a tree from being a well-sorted term within the bounds (`admit/bounds`), in source order.

    Reads at most 4096 nodes and no node deeper than 64, without recursion.
    """
    found: list[Diagnostic] = []
    nodes = 0
    too_deep = False
    # What is still to be checked, the next one last: a value, the argument that it stands for, its place, its depth.
    waiting: list[tuple[Any, Argument | None, str, int]] = [(term, None, "", 1)]
    while waiting:
        value, argument, pointer, depth = waiting.pop()
        if argument is not None and not argument.is_term:
            found += PARAMETERS[argument.sort](value, pointer, argument.expected)
            continue
        wrong = _not_a_term(value, argument, pointer)
        if wrong is not None:
            found.append(wrong)
            continue
        nodes += 1
        if nodes > NODES:
            message = f"the term has more than {NODES} nodes"
            found.append(_wrong(codes.TOO_MANY_NODES, message, pointer, f"at most {NODES}"))
            break
        if depth > DEPTH:
            if not too_deep:
                found.append(_wrong(codes.TOO_DEEP, f"the term is deeper than {DEPTH}", pointer, f"at most {DEPTH}"))
            too_deep = True
            continue
        row = SIGNATURE[value.op]
        if row.variadic:
            children = getattr(value, row.arguments[0].name)
            if not isinstance(children, tuple):
                found.append(_ill(children, pointer, "a tuple of subterms", code=codes.NOT_A_TERM))
                continue
            if not children:
                message = f"{quoted(row.op)} has no subterm"  # `admit/variadic`
                found.append(_wrong(codes.WRONG_ARITY, message, pointer, "one subterm or more", "none"))
                continue
            arguments = (row.arguments[0],) * len(children)
        else:
            arguments = row.arguments
        parts = zip(arguments_of(value), arguments, range(1, len(arguments) + 1), strict=True)
        waiting += [(part, wanted, step(pointer, at), depth + 1) for part, wanted, at in parts][::-1]
    return found


def _not_a_term(value: object, argument: Argument | None, pointer: str) -> Diagnostic | None:
    """`admit/term` and `admit/sort`: what is wrong with a value where a term is due, by its class alone."""
    expected = "a term" if argument is None else describe_sort(argument.sort)
    row = SIGNATURE.get(getattr(value, "op", "")) if isinstance(value, Term) else None
    if row is None or type(value) is not row.cls:
        return _ill(value, pointer, expected, code=codes.NOT_A_TERM)
    if argument is None or isinstance(value, TERM_SORTS[argument.sort]):
        return None
    return of_another_sort(value, argument.sort, pointer)


def of_another_sort(term: Term, due: str, pointer: str = "", *, code: Code = codes.WRONG_SORT) -> Diagnostic:
    """The diagnostic of a term of one sort where another is due."""
    found, expected = describe_sort(sort_of(type(term))), describe_sort(due)
    return _wrong(code, f"{quoted(term.op)} is {found}, where {expected} is due", pointer, expected, found)


def _ill(value: object, pointer: str, expected: str, *, code: Code = codes.WRONG_PARAMETER) -> Diagnostic:
    return _wrong(code, f"{quoted(value)} where {expected} is due", pointer, expected, quoted(value))


def _wrong(code: Code, message: str, pointer: str, expected: str, found: str | None = None) -> Diagnostic:
    return Diagnostic(code=code, message=message, pointer=pointer, found=found, expected=expected)


# --- `admit/parameter`: one checker per sort -------------------------------------------------------------------------


def _number(value: Any, pointer: str, expected: str) -> Found:
    # A node makes a binary64 of every number it is given, and leaves what is none.
    if not isinstance(value, float):
        yield _ill(value, pointer, expected)
    elif not isfinite(value):
        shown = quoted(value)
        yield _wrong(codes.NOT_A_NUMBER, f"{shown} is not a number of the language", pointer, expected, shown)


def _finite(value: Any, pointer: str) -> Found:
    return _number(value, pointer, "a finite number")


def _string(value: Any, pointer: str, expected: str) -> Found:
    if not isinstance(value, str):
        yield _ill(value, pointer, expected)
    elif any("\ud800" <= character <= "\udfff" for character in value):
        shown = quoted(value)
        yield _wrong(codes.LONE_SURROGATE, f"{shown} holds a lone surrogate", pointer, "Unicode text", shown)
    elif not string_fits(value):
        message = f"the string {quoted(value)} has {len(value.encode())} bytes"
        yield _wrong(codes.STRING_TOO_LONG, message, pointer, f"at most {STRING_BYTES} bytes of UTF-8")


def _one_of(value: Any, pointer: str, expected: str, known: tuple[str, ...], code: Code) -> Found:
    if not isinstance(value, str):
        yield _ill(value, pointer, expected)
    elif value not in known:
        yield Diagnostic(
            code=code,
            message=f"unknown name {quoted(value)}",
            pointer=pointer,
            found=quoted(value),
            expected=expected,
            help=did_you_mean(value, known),
        )


def _relation(value: Any, pointer: str, expected: str) -> Found:
    return _one_of(value, pointer, expected, RELATIONS, codes.UNKNOWN_RELATION)


def _verb(value: Any, pointer: str) -> Found:
    return _one_of(value, pointer, one_of(VERBS), VERBS, codes.UNKNOWN_VERB)


def _scalar(value: Any, pointer: str, expected: str) -> Found:
    match value:
        case Number():
            yield from _number(value.value, pointer, expected)
        case Text():
            yield from _string(value.value, pointer, expected)
        case Boolean() if isinstance(value.value, bool):
            pass
        case _:
            yield _ill(value, pointer, expected)


def _list(value: Any, pointer: str, expected: str, entry: Callable[[Any, str], Found], *, empty: bool = True) -> Found:
    """A list, and its entries where nothing is wrong with the list itself."""
    if not isinstance(value, tuple):
        yield _ill(value, pointer, expected)
    elif not value and not empty:
        yield _wrong(codes.EMPTY_LIST, "an empty list", pointer, expected, "no entry")
    elif len(value) > ENTRIES:
        yield from _entries(len(value), pointer)
    else:
        for index, part in enumerate(value):
            yield from entry(part, step(pointer, index))


def _entries(count: int, pointer: str) -> Found:
    if count > ENTRIES:
        yield _wrong(codes.TOO_MANY_ENTRIES, f"{count} entries", pointer, f"at most {ENTRIES}")


def _names(value: Any, pointer: str, expected: str) -> Found:
    return _list(value, pointer, expected, _name, empty=False)


def _name(value: Any, pointer: str) -> Found:
    return _string(value, pointer, "a name")


def _numbers(entries: tuple[tuple[Any, float], ...], taken: Mapping[str, object], pointer: str) -> Found:
    """The entries of a record from strings to numbers; `taken` has the keys that the record uses already."""
    seen = set(taken)
    for key, number in entries:
        wrong = list(_string(key, pointer, "a key that is a string"))
        yield from wrong
        if wrong:
            continue
        at = step(pointer, key)
        if key in seen:
            yield _wrong(codes.DUPLICATE_KEY, f"the key {quoted(key)} occurs twice", at, "each key once", quoted(key))
        seen.add(key)
        yield from _finite(number, at)


def _recipe(value: Any, pointer: str, expected: str) -> Found:
    return _list(value, pointer, expected, _recipe_step)


def _recipe_step(value: Any, pointer: str) -> Found:
    if isinstance(value, RecipeRecord):
        yield from _entries(len(value.entries), pointer)
        yield from _numbers(value.entries, {}, pointer)
    else:
        yield from _string(value, pointer, "the name of a filter step, or a record of them")


def _chain(value: Any, pointer: str, expected: str) -> Found:
    return _list(value, pointer, expected, _chain_entry)


def _chain_entry(value: Any, pointer: str) -> Found:
    if not isinstance(value, ChainEntry):
        yield _ill(value, pointer, "a provider and model record")
        return
    for key, name in attrs.asdict(value, recurse=False).items():
        if name is not None:
            yield from _name(name, step(pointer, key))
    for key, part in zip(("provider", "model"), value.pair, strict=True):
        if part is None:
            due = f"the key {quoted(key)}"
            yield _wrong(codes.MISSING_KEY, f"the record lacks {due}", pointer, due)


def _action(value: Any, pointer: str, expected: str) -> Found:
    if not isinstance(value, Action):
        yield _ill(value, pointer, expected)
        return
    entries = ((key, getattr(value, key)) for key in ACTION_KEYS)
    given = {key: entry for key, entry in entries if entry is not None}
    yield from _entries(len(given) + len(value.extra), pointer)
    for key, entry in {"action": value.action, **given}.items():
        at = step(pointer, key)
        if key in ("action", "then_action"):
            yield from _verb(entry, at)
        elif isinstance(entry, tuple):
            yield from _list(entry, at, "a list of backoffs", _finite)
        else:
            yield from _finite(entry, at)
    yield from _numbers(value.extra, given, pointer)


PARAMETERS: Final[Mapping[str, Callable[[Any, str, str], Found]]] = MappingProxyType(
    {
        "Num": _number,
        "Count": _number,
        "Rel": _relation,
        "Scalar": _scalar,
        "Names": _names,
        "Recipe": _recipe,
        "Chain": _chain,
        "Action": _action,
        **dict.fromkeys(
            ("NumField", "BoolField", "TagField", "Field", "Tier", "Name", "ParamName", "Sym", "Reason"), _string
        ),
    }
)
"""What checks the shape of a parameter, by the name of its sort."""
