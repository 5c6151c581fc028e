"""What admission says of the sound parts of an input that holds no well-sorted term.

A misspelt operation does not hide a misspelt field elsewhere: the largest well-sorted parts are admitted by
themselves, so that one reading reports both. Specification: chapter "Admission".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from policy_ir.admission import check
from policy_ir.diagnostics import Refused
from policy_ir.signature import SIGNATURE
from policy_ir.syntax.json_reader import read_json
from policy_ir.syntax.loader import Unloadable, build
from policy_ir.terms import Term
from policy_ir.vocabulary import Vocabulary


def refused_with_parts(refused: Refused, vocabulary: Vocabulary) -> Refused:
    """The refusal of a wire text as no term, with what the vocabulary has to say of its well-sorted parts.

    The refusal itself where its text is no JSON, or there is none.
    """
    document = refused.document
    if document is None or document.syntax != "wire":
        return refused
    try:
        value = read_json(document.text, document.name).value
    except Refused:
        return refused
    found = [
        attrs.evolve(diagnostic, pointer=f"{pointer}{diagnostic.pointer}")
        for pointer, term in sound_parts(value)
        for diagnostic in check(term, vocabulary)
    ]
    return Refused([*refused.diagnostics, *found], document) if found else refused


def sound_parts(value: object) -> Iterator[tuple[str, Term]]:
    """The largest parts of a decoded JSON value that are well-sorted terms, with their JSON Pointers, in order."""
    waiting = [("", value)]
    while waiting:
        pointer, part = waiting.pop()
        try:
            yield pointer, build(part, None, "policy")
        except Unloadable:
            if isinstance(part, list) and part:
                waiting.extend((f"{pointer}/{place}", part[place]) for place in reversed(_places_of_terms(part)))


def _places_of_terms(part: list[Any]) -> list[int]:
    """Where the subterms of a refused term are due; anywhere, if its operation is unknown."""
    row = SIGNATURE.get(part[0]) if isinstance(part[0], str) else None
    places = list(range(1, len(part)))
    if row is None or row.variadic:
        return places
    return [place for place, argument in zip(places, row.arguments, strict=False) if argument.is_term]
