"""Wrong input on purpose: values that are no well-sorted terms, and values and texts with anything wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from policy_ir.signature import SIGNATURE, Argument
from policy_ir.testing.pools import numbers, texts
from policy_ir.testing.term_strategies import parameters, terms
from policy_ir.values import part_value, value_of

Path = tuple[Any, ...]
"""A place inside a JSON value: the indexes and keys on the way to it."""


@st.composite
def wire_values(
    draw: st.DrawFn, sort: str | None = None, *, admitted: bool = True, max_depth: int = 4, max_nodes: int = 16
) -> list[Any]:
    """Well-sorted terms as decoded JSON values; integral numbers are spelled as integers or as floats."""
    value = value_of(draw(terms(sort, admitted=admitted, max_depth=max_depth, max_nodes=max_nodes)))
    spelled: list[Any] = integral(value) if draw(st.booleans()) else value
    return spelled


def integral(value: Any) -> Any:
    """The JSON value with its integral numbers up to 2^53 as integers."""
    match value:
        case bool() | str():
            return value
        case float():
            return int(value) if value.is_integer() and abs(value) <= 2**53 else value
        case list():
            return [integral(entry) for entry in value]
        case _:
            return {key: integral(entry) for key, entry in value.items()}


# --- ill-sorted terms ----------------------------------------------------------------------------------------


def _nodes(value: list[Any], path: Path = ()) -> Iterator[tuple[Path, list[Any], Argument | None]]:
    """The nodes of a well-sorted value with their places, and the argument that each stands for."""

    def walk(
        value: list[Any], path: Path, argument: Argument | None
    ) -> Iterator[tuple[Path, list[Any], Argument | None]]:
        yield path, value, argument
        row = SIGNATURE[value[0]]
        for place, part in enumerate(value[1:], start=1):
            inner = row.arguments[0 if row.variadic else place - 1]
            if inner.is_term:
                yield from walk(part, (*path, place), inner)

    yield from walk(value, path, None)


def replaced(value: Any, path: Path, part: Any) -> Any:
    """A copy of a JSON value with another part at a place."""
    if not path:
        return part
    key, *rest = path
    if isinstance(value, dict):
        return {name: replaced(entry, tuple(rest), part) if name == key else entry for name, entry in value.items()}
    return [replaced(entry, tuple(rest), part) if place == key else entry for place, entry in enumerate(value)]


_NO_TERM: tuple[Any, ...] = (None, True, 1.5, "top", [], {}, [[]], [1.0], ["no_such_op"], ["And", ["top"]], [None])
"""Values that no term of any sort is."""

_ILL_PARAMETERS: dict[str, tuple[Any, ...]] = {
    "Num": (None, True, "1", [1.0], {}),
    "Count": (None, False, "1", [1.0], {}),
    "Rel": (None, True, 1.0, "lte", "", [], {}),
    "Names": (None, True, "eu", 1.0, [], [1.0], [None], {"eu": 1.0}),
    "Scalar": (None, [], {}, [1.0]),
    "Recipe": (None, True, "step", 1.0, {}, {"step": 1.0}, [1.0], [None], [["step"]], [{"step": "1"}],
               [{"step": None}]),
    "Chain": (None, True, "a", {}, [1.0], ["a"], [{}], [{"provider": "a"}], [{"model": "b"}],
              [{"provider": 1, "model": "b"}], [{"provider": "a", "model": "b", "extra": "c"}]),
    "Action": (None, True, "abort", [], {}, {"action": "explode"}, {"action": None}, {"attempts": 1.0},
               {"action": "abort", "attempts": "1"}, {"action": "abort", "backoff_ms": ["1"]},
               {"action": "abort", "backoff_ms": [True]}, {"action": "abort", "then_action": "later"},
               {"action": "abort", "open_breaker_ms": None},
               {"action": "abort", "house": "x"}),
}  # fmt: skip
_ILL_NAMES: tuple[Any, ...] = (None, True, 1.0, [], ["eu"], {})
"""Values of no name sort: whatever is no string."""


def ill_parameters(sort: str) -> tuple[Any, ...]:
    """JSON values that are no parameter of a sort, wrong each in another way."""
    return _ILL_PARAMETERS.get(sort, _ILL_NAMES)


@st.composite
def _ill_nodes(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """A node with an ill parameter, and the sort of the node: all sorts of parameters are as likely."""
    sorts = {argument.sort for row in SIGNATURE.values() for argument in row.arguments if not argument.is_term}
    sort = draw(st.sampled_from(sorted(sorts)))
    taking = [(row, at) for row in SIGNATURE.values() for at, inner in enumerate(row.arguments) if inner.sort == sort]
    row, at = draw(st.sampled_from(taking))
    node: list[Any] = [row.op]
    for place, argument in enumerate(row.arguments):
        if place == at:
            node.append(draw(st.sampled_from(ill_parameters(sort))))
        elif argument.is_term:
            node.append(draw(wire_values(argument.sort, max_depth=2, max_nodes=4)))
        else:
            node.append(part_value(draw(parameters(argument.sort))))
    return row.sort, node


@st.composite
def ill_sorted_values(draw: st.DrawFn, sort: str | None = None) -> Any:
    """JSON values that are no well-sorted term of any sort: a well-sorted one of a sort, broken at one place."""
    value: list[Any] = draw(wire_values(sort, max_nodes=10))
    places = list(_nodes(value))
    if draw(st.booleans()):
        sort, ill = draw(_ill_nodes())
        fitting = [path for path, node, _ in places if SIGNATURE[node[0]].sort == sort]
        return replaced(value, draw(st.sampled_from(fitting)), ill) if fitting else ill
    path, node, argument = draw(st.sampled_from(places))
    breaks = ["no term", "unknown operation", "one more", *(["one less"] if len(node) > 1 else [])]
    match draw(st.sampled_from([*breaks, *(["other sort"] if argument is not None else [])])):
        case "no term":
            part: Any = draw(st.sampled_from(_NO_TERM))
        case "unknown operation":
            part = [draw(texts().filter(lambda op: op not in SIGNATURE)), *node[1:]]
        case "one more":
            part = [*node, draw(st.sampled_from((None, 1.0, "x", [], {})))]
        case "one less":
            part = node[:1] if SIGNATURE[node[0]].variadic else node[:-1]
        case _:
            assert argument is not None
            other = draw(st.sampled_from(sorted({row.sort for row in SIGNATURE.values()} - {argument.sort})))
            part = draw(wire_values(other, max_depth=2, max_nodes=6))
    return replaced(value, path, part)


# --- anything may be wrong -----------------------------------------------------------------------------------


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield from _places(entry, (*path, key))


class _Foreign:
    """Nothing that JSON has."""


_JUNK: tuple[Any, ...] = (
    None, True, False, 0, -0.0, 1, 1.5, 2**53 + 1, 10**400, float("inf"), float("-inf"), float("nan"), "",
    "and", "\ud800", "x" * 257, [], {}, (), ("top",), ["top"], ["zero"], [[]], {"action": "abort"}, {1: 2},
    {"provider": "a"}, b"top", {1, 2}, complex(1, 2), [None], ["top", None], _Foreign(), ["x"] * 65,
    {f"k{i}": 1.0 for i in range(65)},
)  # fmt: skip


@st.composite
def mangled_values(
    draw: st.DrawFn,
    sort: str | None = None,
    *,
    json_only: bool = False,
    values: st.SearchStrategy[Any] | None = None,
) -> Any:
    """Values with one to three parts replaced by junk or by each other, dropped or doubled; some are still terms.

    `json_only` leaves out what JSON text cannot say (bytes, sets, keys that are no strings, NaN, lone surrogates).
    `values` gives the values to start from; well-sorted terms if None.
    """
    value: Any = draw(wire_values(sort, admitted=False, max_nodes=10) if values is None else values)
    junk = [part for part in _JUNK if not json_only or _is_json(part)]
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(value))
        path = draw(st.sampled_from(places))
        match draw(st.sampled_from(["junk", "swap", "drop", "double", "number", "text"])):
            case "junk":
                part = draw(st.sampled_from(junk))
            case "swap":
                part = _at(value, draw(st.sampled_from(places)))
            case "number":
                part = draw(numbers())
            case "text":
                part = draw(texts())
            case "drop" if isinstance(held := _at(value, path), list) and held:
                gone = draw(st.integers(0, len(held) - 1))
                part = held[:gone] + held[gone + 1 :]
            case "double" if isinstance(held := _at(value, path), list):
                part = held + held
            case _:
                part = [_at(value, path)]
        value = replaced(value, path, part)
    return value


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _is_json(part: Any) -> bool:
    try:
        json.dumps(part, allow_nan=False).encode("ascii")
    except (TypeError, ValueError):
        return False
    return not isinstance(part, tuple) and part != {1: 2} and part != "\ud800" and part != 10**400


_FRAGMENTS = ("[", "]", "{", "}", ",", ":", '"', "\\", "null", "NaN", "1e999", "-", "0", "//", "/*", "#", "'",
              "\ufeff", "\\u", "\\ud800", "\x00", "\n", "and", "true", "1e-999", "(", ")")  # fmt: skip


@st.composite
def mangled_text(draw: st.DrawFn, texts_of_terms: st.SearchStrategy[str] | None = None) -> str:
    """Texts with a few characters deleted, doubled, moved or put in; some are still terms.

    `texts_of_terms` gives the texts to start from; JSON of well-sorted terms if None.
    """
    text = draw(wire_values(max_nodes=8).map(json.dumps) if texts_of_terms is None else texts_of_terms)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 4)))
        cut = text[start:end]
        put = draw(st.sampled_from(["", cut + cut, cut[::-1], *_FRAGMENTS]) | st.text(max_size=3))
        text = text[:start] + put + text[end:]
    return text
