"""Vectors that mutation testing asked for: each tells a small change of the reference from the reference."""

from __future__ import annotations

from vectors.book import Book
from vectors.decoding import lit, term
from vectors.world import candidate


def books() -> list[Book]:
    return [cuts(), negative_floats()]


def cuts() -> Book:
    book = Book("decisions/cuts", kind="policy", about="Candidates that several selectors cut, in catalogue order.")
    plan = ["always", {"action": "next_candidate"}]
    chain = ["chain", [{"provider": "p", "model": "x"}, {"provider": "p", "model": "y"}]]
    candidates = [candidate("a", family="y"), candidate("b", family="x"), candidate("c", family="z")]
    book.add(
        "later-selector-earlier-candidate",
        "A `top_k` cuts a candidate that stands before the one that its `chain` has cut.",
        input={
            "policy": ["policy", ["top"], ["zero"], ["top_k", 1, chain], ["id"], plan],
            "candidates": candidates,
        },
        rules=["decision/done"],
    )
    inner = ["top_k", 1, ["top_k", 2, ["rank_by", ["field", "credits"], ["ordered"]]]]
    book.add(
        "inner-and-outer",
        "Of two nested `top_k` the outer one cuts a candidate that stands before what the inner one cuts.",
        input={
            "policy": ["policy", ["top"], ["zero"], inner, ["id"], plan],
            "candidates": [candidate("a", credits=2), candidate("b", credits=3), candidate("c", credits=1)],
        },
        rules=["decision/done"],
    )
    return book


def negative_floats() -> Book:
    about = "Negative integral numbers that are written as floats, and booleans that are read."
    book = Book("encoding/negative-floats", "decoding", about)
    for name, data, what in [
        ("half", "f9bc00", "-1 as a half"),
        ("half-24", "f9ce00", "-24 as a half"),
        ("half-25", "f9ce40", "-25 as a half"),
        ("single", "fabf800000", "-1 as a single"),
        ("double", "fbbff0000000000000", "-1 as a double"),
        ("double-least", "fbc33fffffffffffff", "The least integer as a double"),
    ]:
        book.add(
            name,
            f"{what} is refused: it has a shorter form.",
            input={"bytes": lit(data)},
            refused="PIR0802",
            rules=["encode/integer"],
            denies=["decode/canonical"],
            flags=["IntegerEdge"] if name == "double-least" else [],
        )
    for value in (False, True):
        written = ["set_param", "stream", value]
        book.add(
            f"boolean-{str(value).lower()}",
            f"The boolean {str(value).lower()} is read.",
            input={"bytes": term(written)},
            result={"term": written},
            rules=["encode/boolean"],
            near=["PIR0803"],
        )
    return book
