"""Parameters: what each stands for in a tree, and its canonical bytes, at one look.

The tables are dicts from what JSON says. Who looks into one has made sure that it is a `str`, or an `int` or `float`,
and no subclass: to a dict, `True` is 1, and a string of a subclass is that string. Tables of an open namespace compute
what they lack, and forget everything when they are full. Specification: chapters "Syntax", "Admission" and "Encoding".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from struct import Struct
from typing import Any, Final

import attrs

from policy_ir.admission.rules import unruly_action
from policy_ir.cbor import ARRAY, MAP, NEGATIVE, SAFE, TEXT, UNSIGNED, encode, head
from policy_ir.evaluator.loading.doubt import Doubtful
from policy_ir.syntax.bounds import ENTRIES, STRING_BYTES
from policy_ir.syntax.loader import READERS
from policy_ir.terms import RELATIONS, VERBS, Action, Boolean, Number, Text
from policy_ir.values import Part, part_value
from policy_ir.vocabulary import SORT_NAMES, Vocabulary

MOST: Final = 4096
"""The entries of a table that computes what it lacks."""

_pack: Final = Struct(">d").pack


class Names(dict[str, bytes]):
    """The bytes of strings within the bound."""

    __slots__ = ()

    def __missing__(self, name: str) -> bytes:
        text = name.encode()
        if len(text) > STRING_BYTES:
            raise Doubtful
        if len(self) >= MOST:
            self.clear()
        data = self[name] = head(TEXT, len(text)) + text
        return data


class Numbers(dict[float, tuple[float, bytes]]):
    """Finite numbers as binary64, -0 as 0, and their bytes."""

    __slots__ = ()

    def __missing__(self, given: float) -> tuple[float, bytes]:
        number = float(given) + 0.0
        if number.is_integer():
            data = _integral_bytes(number)
        elif isfinite(number):
            double = _pack(number)
            # A shorter float has no more than 23 bits after the point; here are some among the last 24 of 52.
            data = b"\xfb" + double if double[5:] != b"\0\0\0" else encode(number)
        else:
            raise Doubtful
        if len(self) >= MOST:
            self.clear()
        found = self[given] = number, data
        return found


def _integral_bytes(number: float) -> bytes:
    if abs(number) > SAFE:
        return encode(number)
    integer = int(number)
    return head(UNSIGNED, integer) if integer >= 0 else head(NEGATIVE, -1 - integer)


class Counts(Numbers):
    """Integral numbers from 1 up."""

    __slots__ = ()

    def __missing__(self, given: float) -> tuple[float, bytes]:
        number, data = NUMBERS[given]
        if not (number.is_integer() and number >= 1):
            raise Doubtful
        if len(self) >= MOST:
            self.clear()
        found = self[given] = number, data
        return found


NAMES: Final = Names()
NUMBERS: Final = Numbers()
COUNTS: Final = Counts()


def _texts(texts: tuple[str, ...]) -> dict[str, bytes]:
    return {text: encode(text) for text in texts}


def tables_of(vocabulary: Vocabulary) -> Mapping[str, Mapping[str, bytes]]:
    """The tables of strings by the name of their parameter sort: the bytes of those that are right.

    What can be right of `ParamName` and `Sym` takes more than the name; `unruly_node` is asked about them.
    """

    def fields(*sorts: str) -> dict[str, bytes]:
        return _texts(vocabulary.fields_of(sorts))

    return {
        "Rel": _texts(RELATIONS),
        "NumField": fields("num"),
        "BoolField": fields("bool"),
        "TagField": fields("tag", "tags"),
        "Field": fields(*SORT_NAMES),
        "Tier": _texts(vocabulary.tiers),
        **dict.fromkeys(("Name", "Reason", "ParamName", "Sym"), NAMES),
    }


# --- what is no string and no number ----------------------------------------------------------------------------


def _names(given: Any) -> tuple[tuple[str, ...], bytes]:
    if type(given) is not list or not 0 < len(given) <= ENTRIES:
        raise Doubtful
    data = [head(ARRAY, len(given))]
    for name in given:
        if type(name) is not str:
            raise Doubtful
        data.append(NAMES[name])
    return tuple(given), b"".join(data)


def _scalar(given: Any) -> tuple[Number | Text | Boolean, bytes]:
    kind = type(given)
    if kind is bool:
        return Boolean(given), encode(given)
    if kind is str:
        return Text(given), NAMES[given]
    number, data = _number(given)
    return Number(number), data


def _number(given: Any) -> tuple[float, bytes]:
    if type(given) is not float and type(given) is not int:
        raise Doubtful
    return NUMBERS[given]


def _verb(given: Any) -> tuple[Any, bytes]:
    if type(given) is not str:
        raise Doubtful
    return given, _VERBS[given]


def _backoff(given: Any) -> tuple[float | tuple[float, ...], bytes]:
    if type(given) is not list:
        return _number(given)
    if len(given) > ENTRIES:
        raise Doubtful
    pairs = [_number(pause) for pause in given]
    return tuple([pause for pause, _ in pairs]), head(ARRAY, len(pairs)) + b"".join([data for _, data in pairs])


_VERBS: Final = _texts(VERBS)
_BARE: Final = {verb: (Action(verb), encode({"action": verb})) for verb in VERBS}
_NEW: Final = object.__new__
_ACTION_SLOTS: Final = [(field.name, getattr(Action, field.name).__set__) for field in attrs.fields(Action)]
_OF_ACTION: Final[Mapping[str, Callable[[Any], tuple[Any, bytes]]]] = {
    "action": _verb,
    "attempts": _number,
    "backoff_ms": _backoff,
    "then_action": _verb,
    "open_breaker_ms": _number,
}


def _action(given: Any) -> tuple[Action, bytes]:
    if type(given) is not dict:
        raise Doubtful
    entries: dict[str, Any] = {}
    pieces: list[bytes] = []
    for key, entry in given.items():
        read = _OF_ACTION.get(key) if type(key) is str else None
        if read is None:  # a further key, which hardly anybody has
            return _ruly(_by_the_definition("Action")(given))
        entries[key], data = read(entry)
        pieces.append(NAMES[key] + data)
    verb = entries["action"]
    if len(entries) == 1:
        return _BARE[verb]
    entries["extra"] = ()
    pieces.sort()  # by their keys, as no key is the start of another one's bytes
    action = _NEW(Action)
    for name, set_slot in _ACTION_SLOTS:
        set_slot(action, entries.get(name))
    return _ruly((action, head(MAP, len(pieces)) + b"".join(pieces)))


def _ruly(found: tuple[Action, bytes]) -> tuple[Action, bytes]:
    if any(unruly_action(found[0], "")):
        raise Doubtful
    return found


def _by_the_definition(sort: str) -> Callable[[Any], tuple[Any, bytes]]:
    read = READERS[sort]

    def found(given: Any) -> tuple[Any, bytes]:
        parameter = read(given)
        return parameter, encode(part_value(parameter))

    return found


FUNCTIONS: Final[Mapping[str, Callable[[Any], tuple[Any, bytes]]]] = {
    "Names": _names,
    "Scalar": _scalar,
    "Action": _action,
    "Recipe": _by_the_definition("Recipe"),
    "Chain": _by_the_definition("Chain"),
}
"""What reads a parameter that is no string and no number, by its sort. They look at types themselves."""


def parameter_bytes(parameter: Part) -> bytes:
    """The bytes of a parameter of a tree."""
    if isinstance(parameter, str):
        return NAMES[parameter]
    return NUMBERS[parameter][1] if isinstance(parameter, float) else encode(part_value(parameter))
