"""Vectors of the work of terms, and of decisions that are refused for it."""

from __future__ import annotations

from vectors.book import Book
from vectors.world import Json, candidate

# fmt: off

NEXT = ["always", {"action": "next_candidate"}]
ARGMAX, ORDERED, SAMPLE = ["argmax"], ["ordered"], ["sample", 1]


def books() -> list[Book]:
    """The books of this module."""
    return [_work(), _limits()]


def _log(n: int) -> int:
    """ceil(log2 n) for n of 1 or more."""
    return (n - 1).bit_length()


def _work() -> Book:
    book = Book("semantics/work", kind="work", about="The work of terms of every sort over so many candidates.")

    def count(name: str, comment: str, term: Json, n: Json, work: int, **rest: Json) -> None:
        book.add(name, comment, input={"term": term, "count": n}, result={"work": work}, **rest)

    # Nodes, selector nodes, and the demand of a sample (None where there is no sample, 0 where there is no cut).
    shapes: list[tuple[str, Json, int, int, float | None]] = [
        ("top", ["top"], 1, 0, None), ("argmax", ARGMAX, 1, 1, None), ("ordered", ORDERED, 1, 1, None),
        ("chain", ["chain", [{"provider": "p", "model": "m"}]], 1, 1, None), ("sample", SAMPLE, 1, 1, 0),
        ("cut-sample", ["top_k", 3, SAMPLE], 2, 2, 3), ("cut-cut-sample", ["top_k", 5, ["top_k", 3, SAMPLE]], 3, 3, 3),
        ("cut-cut-sample-outer", ["top_k", 3, ["top_k", 5, SAMPLE]], 3, 3, 3),
        ("prefer-between", ["top_k", 3, ["prefer", ["is", "disabled"], SAMPLE]], 4, 3, 0),
        ("rank-by-between", ["top_k", 3, ["rank_by", ["lit", 1], SAMPLE]], 4, 3, 0),
        ("cut-inside-prefer", ["prefer", ["is", "disabled"], ["top_k", 3, SAMPLE]], 4, 3, 3),
        ("cut-around-and-inside", ["top_k", 2, ["prefer", ["is", "disabled"], ["top_k", 3, SAMPLE]]], 5, 4, 3),
        ("great-cut", ["top_k", 1e300, SAMPLE], 2, 2, 0),
        ("and", ["and", ["is", "disabled"], ["is", "no_log"], ["meets_req"]], 4, 0, None),
        ("normalized", ["neg", ["normalize", ["field", "price_in"]]], 3, 0, None),
        ("seq", ["seq", ["inject_seed", "seed"], ["when", ["is", "no_log"], ["drop_param", "top_p"]]], 5, 0, None),
        ("override", ["override", NEXT, "timeout", {"action": "abort"}], 2, 0, None),
        ("policy", ["policy", ["meets_req"], ["zero"], SAMPLE, ["id"], NEXT], 6, 1, 0),
        ("policy-cut", ["policy", ["meets_req"], ["zero"], ["top_k", 2, SAMPLE], ["id"], NEXT], 7, 2, 2),
    ]
    for name, term, nodes, selectors, demand in shapes:
        for n in (0, 1, 2, 3, 5, 1024, 1025):
            if n > 3 and selectors == 0 and n != 5:
                continue
            drawn = 0 if demand is None else n * min(demand or n, n)
            work = n * nodes + (selectors * n * _log(n) if n else 0) + drawn
            count(f"{name}-over-{n}", f"The shape `{name}` over {n} candidates.", term, n, int(work),
                  flags=[{0: "Empty", 1: "Single"}[n]] if n < 2 else [])
    count("of-normal-form", "Work is that of the normal form, in which a nested conjunction is one.",
          ["and", ["and", ["is", "disabled"], ["top"]], ["not", ["not", ["is", "no_log"]]]], 10, 30)
    count("of-normal-form-one", "A normal form may be a single node.", ["or", ["top"], ["is", "no_log"]], 10, 10)
    count("parameters-do-not-count", "Parameters are no nodes, however long they are.",
          ["tag_in", "region", [f"r{place}" for place in range(64)]], 7, 7)
    sixteen = ["add", *(["lit", place] for place in range(15))]
    count("bound", "A term of 16 nodes over 2^23 candidates has work of exactly 2^27.", sixteen, 2**23, 2**27,
          flags=["Edge"])
    count("past-bound", "Work beyond the bound of decisions is a number as any other.", sixteen, 2**23 + 1,
          16 * (2**23 + 1), flags=["PastEdge"])
    count("square", "A draw of all is of the square of the population.", SAMPLE, 11585,
          11585 + 11585 * 14 + 11585 * 11585)
    count("million", "Work over a million candidates is an exact integer.", SAMPLE, 1000000,
          1000000 + 1000000 * 20 + 1000000**2)
    count("great", "Work is counted in integers that are exact.", SAMPLE, 94906000, 94906000 * (1 + 27) + 94906000**2)
    book.add("not-admitted", "A term that is not admitted has no work.", refused="PIR0401 /1",
             input={"term": ["is", "nope"], "count": 1})
    return book


def _limits() -> Book:
    book = Book("decisions/work-limit", kind="policy", about="Decisions at the limit of a host for their work, and past it.")
    three = [candidate(name) for name in "abc"]

    def policy(select: Json, filter: Json = ("meets_req",)) -> Json:
        return ["policy", list(filter), ["zero"], select, ["id"], NEXT]

    # Six nodes over three candidates, and 3 * ceil(log2 3) for each selector.
    for name, term, work in (
        ("argmax", policy(ARGMAX), 18 + 6), ("sample", policy(SAMPLE), 18 + 6 + 9),
        ("cut-sample", policy(["top_k", 2, SAMPLE]), 21 + 12 + 6),
        ("prefer", policy(["prefer", ["is", "disabled"], ORDERED]), 24 + 12),
    ):
        flags = ["Seeded"] if "sample" in name else []
        tie = ["AllEqual", "TieBreak"]
        book.add(f"{name}-at-limit", f"Work of {work} under a limit of as much.", near=["PIR0309"],
                 input={"policy": term, "candidates": three, "work_limit": work}, flags=["Edge", *tie, *flags])
        book.add(f"{name}-past-limit", f"Work of {work} under a limit of one less.", refused=["PIR0309 "],
                 input={"policy": term, "candidates": three, "work_limit": work - 1}, flags=["PastEdge", *tie, *flags])
    book.add("normal-form-counts", "Work is that of the normal form, so that a nested top costs nothing.",
             input={"policy": policy(ARGMAX, ["and", ["top"], ["and", ["meets_req"], ["top"]]]), "candidates": three,
                    "work_limit": 24}, near=["PIR0309"], flags=["AllEqual", "TieBreak"])
    book.add("floor-counts", "Work is that of the effective policy, with its floor.", refused=["PIR0309 "],
             input={"policy": policy(ARGMAX), "floor": {"filter": ["scope_matches"]}, "candidates": three,
                    "work_limit": 24}, flags=["PastEdge"])
    book.add("floor-at-limit", "A floor adds an atom and a conjunction.", near=["PIR0309"],
             input={"policy": policy(ARGMAX), "floor": {"filter": ["scope_matches"]}, "candidates": three,
                    "work_limit": 30}, flags=["Edge", "AllEqual", "TieBreak"])
    book.add("rejected-count", "Candidates that the filter would refuse count as well.", refused=["PIR0309 "],
             input={"policy": policy(ARGMAX, ["bot"]), "candidates": three, "work_limit": 23})
    book.add("nobody", "A decision about nobody is no work.", input={"policy": policy(ARGMAX), "candidates": [],
             "work_limit": 0}, near=["PIR0309"], flags=["Empty", "Edge"])
    book.add("limit-zero", "A limit of 0 refuses a decision about one candidate.", refused=["PIR0309 "],
             input={"policy": policy(ARGMAX), "candidates": three[:1], "work_limit": 0}, flags=["Single"])
    book.add("limit-above-bound", "A limit above the bound of the language changes nothing here.", near=["PIR0309"],
             input={"policy": policy(ARGMAX), "candidates": three, "work_limit": 2**40}, flags=["AllEqual", "TieBreak"])
    book.add("after-the-seed", "A seed that is none is found before any work is counted.", refused=["PIR0730 "],
             input={"policy": policy(ARGMAX), "candidates": three, "work_limit": 0, "seed": -1}, denies=["seed/range"])
    return book
