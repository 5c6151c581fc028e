"""The fast loader: from decoded JSON values to the typed tree, without a grammar and without diagnostics on the way.

It accepts exactly the values whose texts `grammar/wire.lark` accepts, and builds the same tree. What it refuses is
looked at again by `policy_ir.syntax.diagnose`, which knows what to say. Specification: chapter "Syntax".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from math import isfinite
from typing import Any, TypeAlias

from policy_ir.diagnostics import InternalError, Refused
from policy_ir.signature import SIGNATURE, TERM_SORTS, Operation
from policy_ir.syntax.bounds import DEPTH, EFFECTIVE_DEPTH, EFFECTIVE_NODES, ENTRIES, NODES, STRING_BYTES
from policy_ir.terms import (
    CHAIN_KEYS,
    RELATIONS,
    VERBS,
    Action,
    Boolean,
    ChainEntry,
    Number,
    Origin,
    RecipeRecord,
    Term,
    Text,
)


class Unloadable(Exception):
    """The value is no well-sorted term within the bounds."""


def load(value: object, *, sort: str | None = None, source: str = "policy", effective: bool = False) -> Term:
    """The term that a decoded JSON value is: lists or tuples, dicts, str, bool, int and float, and their subclasses.

    `sort` is the name of a term sort, None for any; nodes get origins in `source`. A term's strings and numbers are
    str and float whatever the value had. `effective` allows the depth and nodes of a term with a floor around it.
    Values that contain themselves are refused like others that are too deep.
    Raises Refused with every finding (PIR0110, PIR0112, PIR0113, PIR0115, PIR02xx, PIR03xx); KeyError for a sort that
    is none.
    """
    try:
        return build(value, sort, source, effective)
    except Unloadable:
        from policy_ir.syntax.diagnose import diagnose

        findings = diagnose(value, sort, source, effective=effective)
        if not findings:
            raise InternalError("the loader refuses a value that has nothing wrong with it") from None
        raise Refused(findings) from None


def build(value: object, sort: str | None, source: str, effective: bool = False) -> Term:
    """What `load` does, but raises Unloadable and does not say why."""
    return _Loading(source, effective).node(value, _BY_SORT[sort], "", 1)


def build_counted(value: object, sort: str, source: str) -> tuple[Term, int]:
    """What `build` does, and the number of nodes."""
    loading = _Loading(source, False)
    return loading.node(value, _BY_SORT[sort], "", 1), loading.nodes


class _Loading:
    """One load: where the nodes come from, and how many there are."""

    __slots__ = ("depth", "most", "nodes", "source")

    def __init__(self, source: str, effective: bool) -> None:
        self.source = source
        self.depth = EFFECTIVE_DEPTH if effective else DEPTH
        self.most = EFFECTIVE_NODES if effective else NODES
        self.nodes = 0

    def node(self, value: Any, rows: _Rows, pointer: str, depth: int) -> Term:
        if not isinstance(value, (list, tuple)) or not value or depth > self.depth:
            raise Unloadable
        head = value[0]
        row = rows.get(head) if isinstance(head, str) else None
        self.nodes += 1
        if row is None or self.nodes > self.most:
            raise Unloadable
        cls, readers, children = row
        if children is not None:
            if len(value) < 2:
                raise Unloadable
            terms = tuple(
                [
                    self.node(child, children, f"{pointer}/{at}", depth + 1)
                    for at, child in enumerate(islice(value, 1, None), 1)
                ]
            )
            return cls(terms, origin=Origin(self.source, pointer))
        if len(value) != len(readers) + 1:
            raise Unloadable
        arguments: list[Any] = []
        for at, reader in enumerate(readers, 1):
            if type(reader) is dict:
                arguments.append(self.node(value[at], reader, f"{pointer}/{at}", depth + 1))
            else:
                arguments.append(reader(value[at]))
        return cls(*arguments, origin=Origin(self.source, pointer))


# --- parameters ----------------------------------------------------------------------------------------------


def _number(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            raise Unloadable from None
        if isfinite(number):
            return number
    raise Unloadable


def _string(value: object) -> str:
    if isinstance(value, str) and len(value) <= STRING_BYTES:
        text = str.__str__(value)
        if text.isascii():
            return text
        try:
            if len(text.encode()) <= STRING_BYTES:
                return text
        except UnicodeEncodeError:  # a lone surrogate
            pass
    raise Unloadable


def _one_of(words: tuple[str, ...]) -> Callable[[object], str]:
    known = {word: word for word in words}

    def read(value: object) -> str:
        word = known.get(value) if isinstance(value, str) else None
        if word is None:
            raise Unloadable
        return word

    return read


_relation = _one_of(RELATIONS)
_verb = _one_of(VERBS)


def _entries(value: object, least: int) -> list[Any] | tuple[Any, ...]:
    if isinstance(value, (list, tuple)) and least <= len(value) <= ENTRIES:
        return value
    raise Unloadable


def _record(value: object) -> dict[Any, Any]:
    if isinstance(value, dict) and len(value) <= ENTRIES:
        return value
    raise Unloadable


def _names(value: object) -> tuple[str, ...]:
    return tuple([_string(name) for name in _entries(value, 1)])


def _scalar(value: object) -> Number | Text | Boolean:
    if isinstance(value, bool):
        return Boolean(value)
    if isinstance(value, str):
        return Text(_string(value))
    return Number(_number(value))


def _backoff(value: object) -> float | tuple[float, ...]:
    if isinstance(value, (list, tuple)):
        return tuple([_number(pause) for pause in _entries(value, 0)])
    return _number(value)


def _numbers_by_name(record: dict[Any, Any]) -> tuple[tuple[str, float], ...]:
    return tuple([(_string(key), _number(value)) for key, value in record.items()])


_ACTION: Mapping[str, Callable[[Any], Any]] = {
    "action": _verb,
    "attempts": _number,
    "backoff_ms": _backoff,
    "then_action": _verb,
    "open_breaker_ms": _number,
}


def _action(value: object) -> Action:
    known: dict[str, Any] = {}
    further: list[tuple[str, float]] = []
    for key, entry in _record(value).items():
        name = _string(key)
        reader = _ACTION.get(name)
        if reader is None:
            further.append((name, _number(entry)))
        else:
            known[name] = reader(entry)
    if "action" not in known:
        raise Unloadable
    return Action(**known, extra=tuple(further))


def _recipe(value: object) -> tuple[str | RecipeRecord, ...]:
    return tuple(
        [
            _string(step) if isinstance(step, str) else RecipeRecord(_numbers_by_name(_record(step)))
            for step in _entries(value, 0)
        ]
    )


_PROVIDER, _MODEL = map(frozenset, CHAIN_KEYS)


def _chain_entry(value: object) -> ChainEntry:
    record = {_string(key): _string(entry) for key, entry in _record(value).items()}
    keys = record.keys()
    if keys <= _PROVIDER | _MODEL and not keys.isdisjoint(_PROVIDER) and not keys.isdisjoint(_MODEL):
        return ChainEntry(**record)
    raise Unloadable


def _chain(value: object) -> tuple[ChainEntry, ...]:
    return tuple([_chain_entry(entry) for entry in _entries(value, 0)])


READERS: Mapping[str, Callable[[Any], Any]] = {
    "Num": _number, "Count": _number, "Rel": _relation, "Names": _names, "Scalar": _scalar, "Recipe": _recipe,
    "Chain": _chain, "Action": _action, "NumField": _string, "BoolField": _string, "TagField": _string,
    "Field": _string, "Tier": _string, "Name": _string, "ParamName": _string, "Sym": _string, "Reason": _string,
}  # fmt: skip
"""What reads a parameter, by the name of its sort. Raises Unloadable."""

# --- operations ----------------------------------------------------------------------------------------------

_Rows: TypeAlias = "dict[str, tuple[Callable[..., Term], tuple[Any, ...], _Rows | None]]"
"""What an operation's name means where one sort is due: its class; readers of its arguments, each the rows of a sort
or a function of a parameter; or, for a variadic operation, the rows of its children."""

_BY_SORT: dict[str | None, _Rows] = {sort: {} for sort in (None, *TERM_SORTS)}


def _prepare(row: Operation) -> None:
    children = _BY_SORT[row.arguments[0].sort] if row.variadic else None
    readers = tuple(
        _BY_SORT[argument.sort] if argument.is_term else READERS[argument.sort] for argument in row.arguments
    )
    _BY_SORT[row.sort][row.op] = _BY_SORT[None][row.op] = row.cls, readers, children


for _row in SIGNATURE.values():
    _prepare(_row)
