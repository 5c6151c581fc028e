"""The parts that inputs are made of, and the pieces of results.

Each reader takes a whole input and reads one member of it. What is wrong with a part by the rules of its chapter raises
`Refused`; what is no such part at all raises `NotARequest`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import inf, nan
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from policy_ir.diagnostics import Diagnostic
from policy_ir.field_values import MOST_SEED, binary64
from policy_ir.semantics.numbers import score_json
from policy_ir.terms import Term

if TYPE_CHECKING:
    from policy_ir.admission import Admitted
    from policy_ir.catalogs import CatalogFile
    from policy_ir.facts import Facts
    from policy_ir.snapshot import Snapshot
    from policy_ir.vocabulary import Vocabulary

T = TypeVar("T")
Input = Mapping[str, Any]

_SPECIAL: Final = {"inf": inf, "-inf": -inf, "undefined": nan, "-0": -0.0}


class NotARequest(ValueError):
    """The message is no request of the protocol: the fault of who sent it, and nothing that a chapter refuses."""


# --- members -------------------------------------------------------------------------------------------------


def member(input: Input, name: str, type_: type[T]) -> T:
    """The member of a name, of one type of decoded JSON. Raises `NotARequest`."""
    if name not in input:
        raise NotARequest(f"the member {name!r} is missing")
    value = input[name]
    if not isinstance(value, type_):
        raise NotARequest(f"the member {name!r} is of another type")
    return value


def optional(input: Input, name: str, type_: type[T]) -> T | None:
    """As `member`, and None where there is none."""
    return None if input.get(name) is None else member(input, name, type_)


def given(input: Input, name: str) -> Any:
    """The member of a name, whatever it is. Raises `NotARequest` where there is none."""
    return member(input, name, object)


def count(input: Input, name: str) -> int:
    """The member of a name, an integer from 0 to 2^53 - 1."""
    number = binary64(given(input, name))
    if number is None or not number.is_integer() or not 0 <= number <= MOST_SEED:
        raise NotARequest(f"the member {name!r} is no integer of 0 or more")
    return int(number)


def one_of(input: Input, name: str, choices: tuple[str, ...]) -> str:
    """The member of a name, one of some texts; the first where there is none."""
    value = input.get(name, choices[0])
    if value not in choices:
        raise NotARequest(f"the member {name!r} is none of {', '.join(choices)}")
    return str(value)


def data_of(input: Input, name: str) -> bytes:
    """The member of a name, bytes in hexadecimal."""
    try:
        return bytes.fromhex(member(input, name, str))
    except ValueError as wrong:
        raise NotARequest(f"the member {name!r} is no hexadecimal: {wrong}") from None


# --- parts ---------------------------------------------------------------------------------------------------


def vocabulary_of(input: Input, default: str = "standard") -> Vocabulary:
    """The vocabulary: a shipped one by name, or the one that a file's decoded JSON declares."""
    from policy_ir.vocabulary import SHIPPED, declared_vocabulary, vocabulary

    given = input.get("vocabulary", default)
    if not isinstance(given, str):
        return declared_vocabulary(given, "vocabulary")
    if given not in SHIPPED:  # a path is none of ours to open
        raise NotARequest("the member 'vocabulary' is a text that names no shipped vocabulary")
    return vocabulary(given)


def admitted(input: Input, vocabulary: Vocabulary, *, name: str = "term", sort: str | None = None) -> Admitted:
    """A term of a sort that is due, or of any, admitted under the vocabulary."""
    from policy_ir.admission import admit
    from policy_ir.syntax.loader import load

    return admit(load(given(input, name), sort=sort), vocabulary)


def admitted_policy(input: Input, vocabulary: Vocabulary, *, name: str) -> Admitted:
    """A policy, admitted under the vocabulary."""
    from policy_ir.admission import admit_policy
    from policy_ir.syntax.loader import load

    return admit_policy(load(given(input, name)), vocabulary)


def catalogue(input: Input, vocabulary: Vocabulary, name: str = "candidates") -> CatalogFile:
    """A list of candidates as the catalogue file that holds them: findings point to `/candidates/3/id`."""
    from policy_ir.catalogs.file import VERSION, catalog_of

    file = {"catalog": VERSION, "vocabulary": vocabulary.name, "candidates": given(input, name)}
    return catalog_of(file, name, vocabulary)


def snapshot_of(input: Input, vocabulary: Vocabulary) -> Snapshot:
    """The snapshot of the candidates."""
    from policy_ir.snapshot import Snapshot

    return Snapshot.take(catalogue(input, vocabulary), vocabulary)


def facts_of(input: Input, vocabulary: Vocabulary) -> Facts:
    """The facts that are stated, and those of the chat body where there is one."""
    from policy_ir.chat import facts_of_chat
    from policy_ir.facts import read_facts

    stated = input.get("facts", {})
    read = read_facts(stated, vocabulary)
    if "body" in input:
        return facts_of_chat(input["body"], vocabulary, base=stated)
    if "text" in input:
        return facts_of_chat(_decoded(member(input, "text", str)), vocabulary, base=stated)
    return read


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NotARequest("the text of the body is no JSON, or nested deeper than 500 levels") from None


def seed_of(input: Input) -> int | None:
    """The seed, None where there is none."""
    from policy_ir.facts import read_seed

    return read_seed(input.get("seed"))


def score_of(value: object) -> float:
    """A score as messages spell it. Raises `NotARequest`."""
    if isinstance(value, str) and value in _SPECIAL:
        return _SPECIAL[value]
    if binary64(value) is None:
        raise NotARequest("a score is a number or one of the texts for special scores")
    return float(cast(float, value))  # a negative zero stays one


# --- results -------------------------------------------------------------------------------------------------


def finding(diagnostic: Diagnostic) -> dict[str, Any]:
    """A finding as a reply holds it."""
    return {"code": diagnostic.code.code, "pointer": diagnostic.pointer, "message": diagnostic.message}


def place(found: Diagnostic) -> dict[str, Any]:
    """A finding in a result: what is compared of it."""
    return {"code": found.code.code, "pointer": found.pointer}


def spelled(value: Any) -> Any:
    """A plain value as JSON holds it: integral numbers without a fraction, special scores as texts, tuples as lists."""
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            return score_json(float(value))
        case Mapping():
            return {key: spelled(entry) for key, entry in value.items()}
        case _:
            return [spelled(entry) for entry in value]


def wire(term: Term) -> list[Any]:
    """A term in the wire syntax, decoded."""
    from policy_ir.syntax.print_wire import to_wire

    return to_wire(term)
