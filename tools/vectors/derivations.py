"""Vectors of whole derivations: the steps of small terms of every sort, in order, with their charges."""

from __future__ import annotations

from collections.abc import Sequence

from vectors.book import Book
from vectors.world import WORLD, Json, candidate

# fmt: off

NEXT = ["always", {"action": "next_candidate"}]


def books() -> list[Book]:
    """The books of this module."""
    return [_predicates(), _scorers(), _selectors(), _transforms(), _failures(), _policies()]


def shown(steps: Sequence[Json]) -> list[dict[str, Json]]:
    """Steps from texts: `rule` about nobody, `rule a` about the candidate `a`."""
    pairs = [one.partition(" ")[::2] for one in steps]
    return [{"rule": rule, "candidate": about or None} for rule, about in pairs]


def _predicates() -> Book:
    book = Book("semantics/steps-of-predicates", kind="step", about="Derivations of predicates at one candidate.")

    def derive(name: str, comment: str, term: Json, steps: str, reason: str | None, one: Json = None, **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("facts",) if key in rest}
        rules = [(rule if rule.startswith("@") else f"{rule} a").lstrip("@") for rule in steps.split()]
        charge = rest.pop("charge", len(rules))
        book.add(name, comment, input={**given, "term": term, "candidates": [one or candidate("a")]},
                 result={"steps": shown(rules), "charge": charge, "value": {"reasons": [reason]}}, **rest)

    for name, term, rule, reason in (
        ("top", ["top"], "top/accept", None), ("bot", ["bot"], "bot/reject", "bot"),
        ("is", ["is", "disabled"], "is/reject", "is:disabled"),
        ("cmp", ["cmp", "context", "le", 0], "cmp/accept", None), ("tier-eq", ["tier_eq", "partner"], "tier_eq/reject", "tier"),
        ("min-tier", ["min_tier", "fallback"], "min_tier/accept", None),
        ("family", ["family_eq", "m"], "family_eq/accept", None),
        ("provider", ["provider_eq", "q"], "provider_eq/reject", "provider_id"),
        ("served-by", ["served_by_eq", "p"], "served_by_eq/accept", None),
        ("has-cap", ["has_cap", "x"], "has_cap/reject", "missing_capability:x"),
        ("tag-in", ["tag_in", "region", ["eu"]], "tag_in/reject", "tag:region"),
        ("known", ["known", "id"], "known/accept", None), ("scope", ["scope_matches"], "scope_matches/accept", None),
        ("meets-req", ["meets_req"], "meets_req/accept", None),
    ):
        derive(name, f"The atom `{term[0]}` is one step.", term, rule, reason)
    derive("meets-req-context", "The predicate meets_req is one step, by the rule of the check that fails.", ["meets_req"],
           "meets_req/min_context", "min_context", facts={"min_context": 1, "tier": "partner"})
    t, f, g = ["provider_eq", "p"], ["provider_eq", "q"], ["family_eq", "q"]
    derive("and", "A conjunction goes on after each part that accepts.", ["and", t, ["family_eq", "m"], ["known", "id"]],
           "known/accept and/next family_eq/accept and/next provider_eq/accept and/accept", None)
    derive("and-stops", "A conjunction stops at the first part that refuses.", ["and", f, g, ["scope_matches"]],
           "scope_matches/accept and/next family_eq/reject and/reject", "model_family")
    derive("or", "A disjunction goes on after each part that refuses.", ["or", f, g],
           "family_eq/reject or/next provider_eq/reject or/reject", "or")
    derive("or-stops", "A disjunction stops at the first part that accepts.", ["or", t, g, ["is", "disabled"]],
           "is/reject or/next family_eq/reject or/next provider_eq/accept or/accept", None)
    derive("not", "A negation is one step after its part.", ["not", f], "provider_eq/reject not/accept", None)
    derive("not-of-and", "A negation of a conjunction waits for the whole of it.", ["not", ["and", t, f]],
           "provider_eq/accept and/next provider_eq/reject and/reject not/accept", None)
    derive("nested", "Parts of parts are taken from the inside out.", ["or", ["and", f, t], ["not", t]],
           "provider_eq/accept not/reject or/next provider_eq/accept and/next provider_eq/reject and/reject or/reject", "or")
    derive("test", "A test evaluates its scorer over the one candidate.", ["test", ["field", "context"], "ge", 1],
           "@field/score test/reject", "test")
    derive("test-of-sum", "A sum in a test takes a step for each part.",
           ["test", ["add", ["field", "context"], ["lit", 1], ["scale", 2, ["neg", ["zero"]]]], "eq", 3],
           "@lit/score @add/next @field/score @add/next @zero/score @neg/score @scale/score @add/score test/accept", None)
    derive("test-of-gate", "A gate in a test asks its predicate about the candidate.",
           ["test", ["gate", ["and", t, f], ["clamp", 0, 1, ["lit", 7]]], "eq", 0],
           "@lit/score @clamp/score provider_eq/accept and/next provider_eq/reject and/reject gate/shut @gate/score "
           "test/accept", None)
    return book


def _scorers() -> Book:
    book = Book("semantics/steps-of-scorers", kind="step", about="Derivations of scorers over a population.")
    three = [candidate("a", credits=1), candidate("b", credits=2, disabled=True), candidate("c", credits=4)]

    def derive(name: str, comment: str, term: Json, steps: str, charge: int, scores: Json, people: Json = three, **rest: Json) -> None:
        rules = [one.replace(":", " ") for one in steps.split()]
        book.add(name, comment, input={"term": term, "candidates": people},
                 result={"steps": shown(rules), "charge": charge, "value": {"scores": scores}}, **rest)

    derive("zero", "The scorer zero is one step over the population.", ["zero"], "zero/score", 3, [0, 0, 0])
    derive("lit-of-nobody", "A step over nobody is charged 1.", ["lit", 2], "lit/score", 1, [], [], flags=["Empty"])
    derive("add", "A sum takes one step more for each part.", ["add", ["field", "credits"], ["lit", 1]],
           "lit/score add/next field/score add/score", 12, [2, 3, 5])
    derive("scale-neg-clamp", "Each operation is one step over the population.",
           ["clamp", 0, 3, ["scale", 2, ["neg", ["field", "credits"]]]],
           "field/score neg/score scale/score clamp/score", 12, [0, 0, 0])
    for rule, people, scores in (
        ("degenerate", [candidate("a"), candidate("b")], [0, 0]),
        ("scale", three, [0, 1 / 3, 1]),
        ("halve", [candidate("a", credits=-1.7e308), candidate("b", credits=1.7e308)], [0, 1]),
    ):
        derive(f"normalize-{rule}", f"A normalize is one step by the rule `{rule}`.", ["normalize", ["field", "credits"]],
               f"field/score normalize/{rule}", 2 * len(people), scores, people)
    derive("normalize-single", "A normalize is one step by the rule `single`.", ["normalize", ["field", "latency_ms"]],
           "field/score normalize/single", 4, [0, 1], [candidate("a", latency_ms=5), candidate("b")],
           flags=["Infinite", "MissingObservation"])
    derive("normalize-infinite", "A normalize is one step by the rule `infinite`.",
           ["normalize", ["add", ["field", "latency_ms"], ["scale", -1, ["field", "price_in"]]]],
           "field/score add/next field/score scale/score add/score normalize/infinite", 12, [0, 1],
           [candidate("a", latency_ms=5), candidate("b", price_in=0)], flags=["Infinite", "MissingObservation"])
    derive("normalize-of-nobody", "A normalize of nobody is degenerate.", ["normalize", ["field", "credits"]],
           "field/score normalize/degenerate", 2, [], [], flags=["Empty"])
    derive("gate", "A gate evaluates the scorer first, and then asks about each candidate.",
           ["gate", ["not", ["is", "disabled"]], ["field", "credits"]],
           "field/score is/reject:a not/accept:a gate/open:a is/accept:b not/reject:b gate/shut:b is/reject:c not/accept:c "
           "gate/open:c gate/score", 15, [1, 0, 4])
    derive("gate-of-nobody", "A gate over nobody asks about nobody.", ["gate", ["is", "disabled"], ["lit", 1]],
           "lit/score gate/score", 2, [], [], flags=["Empty"])
    derive("gates", "A gate in a sum, and one in a gate.",
           ["add", ["gate", ["is", "disabled"], ["gate", ["known", "id"], ["lit", 1]]], ["lit", 2]],
           "lit/score add/next lit/score known/accept:a gate/open:a gate/score is/reject:a gate/shut:a gate/score add/score",
           10, [2], [candidate("a")], flags=["Single"])
    return book


def _selectors() -> Book:
    book = Book("semantics/steps-of-selectors", kind="step", about="Derivations of selectors, and what they are charged.")
    four = [candidate(name, disabled=name == "b") for name in "abcd"]

    def derive(name: str, comment: str, term: Json, steps: str, charge: int, people: Json = four, **rest: Json) -> None:
        rules = [one.replace(":", " ") for one in steps.split()]
        given = {"scores": [1, 4, 2, 3][: len(people)]} if len(people) <= 4 else {}
        given |= {key: rest.pop(key) for key in ("seed",) if key in rest}
        result = {"steps": shown(rules), "charge": charge, **rest.pop("due", {})}
        book.add(name, comment, input={**given, "term": term, "candidates": people}, result=result, **rest)

    many = [candidate(f"c{place}") for place in range(9)]
    # ceil(log2 4) is 2, ceil(log2 9) is 4, ceil(log2 1) and ceil(log2 0) are 0.
    derive("argmax", "An argmax of four is charged 4 and 4 times 2.", ["argmax"], "select/argmax", 12)
    derive("argmax-of-nine", "An argmax of nine is charged 9 and 9 times 4.", ["argmax"], "select/argmax", 45, many)
    derive("argmax-of-one", "An argmax of one is charged 1.", ["argmax"], "select/argmax", 1, four[:1], flags=["Single"])
    derive("argmax-of-two", "An argmax of two is charged 2 and 2.", ["argmax"], "select/argmax", 4, four[:2])
    derive("argmax-of-nobody", "An argmax of nobody is charged 1.", ["argmax"], "select/argmax", 1, [], flags=["Empty"])
    derive("ordered", "The order of the catalogue is charged 4.", ["ordered"], "select/ordered", 4)
    derive("chain", "A chain is charged as an argmax.", ["chain", [{"provider": "p", "model": "m"}]], "select/chain", 12)
    derive("chain-empty", "A chain is charged by the population, and not by who is left.", ["chain", []],
           "select/chain", 12)
    derive("sample", "A draw of all is charged as an argmax, and 4 times 4.", ["sample", 1], "select/sample", 28,
           flags=["Seeded"])
    derive("sample-under-a-cut", "A draw of two is charged 4 times 2, and the cut 4.", ["top_k", 2, ["sample", 1]],
           "select/sample select/top_k", 24, flags=["Seeded"])
    derive("sample-under-two-cuts", "A draw is charged by the least demand.", ["top_k", 3, ["top_k", 1, ["sample", 1]]],
           "select/sample select/top_k select/top_k", 24, flags=["Seeded"])
    derive("sample-under-a-great-cut", "A draw is charged by the population where the demand is greater.",
           ["top_k", 9, ["sample", 1]], "select/sample select/top_k", 32, flags=["Seeded", "PastEdge"])
    derive("sample-of-nobody", "A draw of nobody is charged 1.", ["sample", 1], "select/sample", 1, [],
           flags=["Empty", "Seeded"])
    derive("top-k", "A cut is charged by the population.", ["top_k", 1, ["argmax"]], "select/argmax select/top_k", 16)
    derive("top-k-after-cut", "A cut is charged by the population, and not by the ranking before it.",
           ["top_k", 1, ["chain", []]], "select/chain select/top_k", 16)
    derive("prefer", "A preference asks about each candidate in the order before, and is charged by it.",
           ["prefer", ["is", "disabled"], ["argmax"]],
           "select/argmax is/accept:b prefer/match:b is/reject:d prefer/other:d is/reject:c prefer/other:c is/reject:a "
           "prefer/other:a select/prefer", 24,
           due={"value": {"ordered": [["b", 4], ["d", 3], ["c", 2], ["a", 1]], "cut": []}})
    derive("prefer-after-cut", "A preference asks about nobody who was cut, and is charged by who is left.",
           ["prefer", ["is", "disabled"], ["top_k", 1, ["argmax"]]],
           "select/argmax select/top_k is/accept:b prefer/match:b select/prefer", 19)
    derive("prefer-after-empty-chain", "A preference among nobody is charged 1.",
           ["prefer", ["is", "disabled"], ["chain", []]], "select/chain select/prefer", 13)
    derive("rank-by", "The order is made first, then scored, then sorted.", ["rank_by", ["neg", ["lit", 2]], ["ordered"]],
           "select/ordered lit/score neg/score select/rank_by", 24)
    derive("rank-by-after-cut", "A new order is charged by who is left.", ["rank_by", ["lit", 2], ["top_k", 2, ["argmax"]]],
           "select/argmax select/top_k lit/score select/rank_by", 22)
    derive("rank-by-gate", "A gate in a new score asks in the order before.",
           ["rank_by", ["gate", ["is", "disabled"], ["lit", 2]], ["top_k", 2, ["argmax"]]],
           "select/argmax select/top_k lit/score is/accept:b gate/open:b is/reject:d gate/shut:d gate/score "
           "select/rank_by", 28)
    derive("rank-by-of-nobody", "A new order of nobody is charged 1 for each step.",
           ["rank_by", ["lit", 2], ["chain", []]], "select/chain lit/score select/rank_by", 14)
    return book


def _transforms() -> Book:
    book = Book("semantics/steps-of-transforms", kind="step", about="Derivations of transforms.")

    def derive(name: str, comment: str, term: Json, request: Json, steps: str, due: Json, **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("seed",) if key in rest}
        rules = [f"{rule} a" for rule in steps.split()]
        directives = {"customs": [], **rest.pop("directives", {})}
        book.add(name, comment, input={**given, "term": term, "candidates": [candidate("a")], "request": request},
                 result={"steps": shown(rules), "charge": len(rules), "value": {"request": due, "directives": directives}},
                 **rest)

    hot = ["set_param", "temperature", 2]
    derive("id", "The transform id is one step.", ["id"], {}, "id/done", {}, flags=["Empty"])
    derive("seq", "A sequence takes a step after each part.", ["seq", hot, ["clamp_param", "temperature", 0, 1], [
        "drop_param", "top_p"]], {}, "set_param/set seq/next clamp_param/high seq/next drop_param/absent seq/done",
        {"temperature": 1}, flags=["Empty"])
    derive("when-take", "A transform whose predicate accepts is evaluated after it.", ["when", ["provider_eq", "p"], hot],
           {}, "provider_eq/accept when/take set_param/set", {"temperature": 2}, flags=["Empty"])
    derive("when-skip", "A transform whose predicate refuses is not evaluated.",
           ["when", ["and", ["provider_eq", "p"], ["is", "disabled"]], hot], {}, "is/reject and/reject when/skip", {},
           flags=["Empty"])
    derive("when-take-seq", "A sequence under a predicate.",
           ["seq", ["when", ["provider_eq", "p"], ["seq", hot, ["inject_seed", "seed"]]], ["jitter", "top_p", 0.1]], {},
           "provider_eq/accept when/take set_param/set seq/next inject_seed/unseeded seq/done seq/next jitter/unseeded "
           "seq/done", {"temperature": 2}, flags=["Empty"])
    derive("filters", "Recipes are held in steps.", ["seq", ["filter_text", []], ["filter_image", []]], {},
           "filter_text/hold seq/next filter_image/hold seq/done", {}, flags=["Empty", "Seeded"], seed=9,
           directives={"filter_text": {"recipe": [], "seed": 9}, "filter_image": {"recipe": [], "seed": 9}})
    derive("clamps", "A clamp is one step by one of four rules.",
           ["seq", *(["clamp_param", name, 0.5, 1] for name in (
               "frequency_penalty", "presence_penalty", "temperature", "top_p"))],
           {"frequency_penalty": 0, "presence_penalty": 2, "temperature": 1, "top_p": "1"},
           "clamp_param/low seq/next clamp_param/high seq/next clamp_param/keep seq/next clamp_param/skip seq/done",
           {"frequency_penalty": 0.5, "presence_penalty": 1, "temperature": 1, "top_p": "1"})
    return book


def _failures() -> Book:
    book = Book("semantics/steps-of-failure-plans", kind="step", about="Derivations of failure plans, about no candidate.")
    abort = {"action": "abort"}
    plan = ["override", ["override", NEXT, "b", abort], "c", {"action": "disable_provider"}]
    for reason, steps, action in (
        ("c", ["override/answer"], {"action": "disable_provider"}),
        ("b", ["override/pass", "override/answer"], abort),
        ("a", ["override/pass", "override/pass", "always/answer"], {"action": "next_candidate"}),
    ):
        book.add(f"reason-{reason}", f"A plan of two overrides asked about `{reason}`.",
                 input={"term": plan, "reason": reason},
                 result={"steps": shown(steps), "charge": len(steps), "value": {"action": action}})
    book.add("turned", "Overrides are asked from the greatest reason, however they were nested.",
             input={"term": ["override", ["override", NEXT, "c", abort], "b", abort], "reason": "b"},
             result={"steps": shown(["override/pass", "override/answer"]), "charge": 2, "value": {"action": abort}})
    return book


def _policies() -> Book:
    book = Book("semantics/steps-of-policies", kind="step", about="Derivations of whole decisions.")

    def derive(name: str, comment: str, term: Json, people: Json, steps: str, charge: int, **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("facts", "floor", "seed") if key in rest}
        rules = [one.replace(":", " ") for one in steps.split()]
        book.add(name, comment, input={**given, "term": term, "candidates": people},
                 result={"steps": shown(rules), "charge": charge}, **rest)

    def policy(filter: Json, rank: Json = ("zero",), select: Json = ("argmax",)) -> list[Json]:
        return ["policy", filter, list(rank), list(select), ["id"], NEXT]

    pair = [candidate("a", disabled=True), candidate("b", credits=1), candidate("c", credits=2)]
    on = ["not", ["is", "disabled"]]
    derive("filter-rank-select", "Each candidate is filtered, the survivors are scored, and then ordered.",
           policy(on, ["field", "credits"]), pair,
           "is/accept:a not/reject:a filter/drop:a is/reject:b not/accept:b filter/keep:b is/reject:c not/accept:c "
           "filter/keep:c field/score select/argmax decision/done", 16)
    derive("nobody", "Over an empty snapshot a decision is one step.", policy(on), [], "decision/empty", 1, flags=["Empty"])
    derive("nobody-survives", "Where nobody survives neither rank nor selector is evaluated.", policy(["is", "disabled"]),
           pair[1:], "is/reject:b filter/drop:b is/reject:c filter/drop:c decision/empty", 5)
    derive("one", "A decision about one candidate.", policy(["top"]), pair[:1],
           "top/accept:a filter/keep:a zero/score select/argmax decision/done", 5, flags=["Single"])
    derive("everybody-is-cut", "Where everybody is cut the decision is done as any other.",
           policy(["top"], select=["chain", []]), pair[:2],
           "top/accept:a filter/keep:a top/accept:b filter/keep:b zero/score select/chain decision/done", 11)
    derive("transform-takes-no-part", "Transform and failure plan take no part in a decision.",
           ["policy", ["bot"], ["zero"], ["ordered"], ["seq", ["set_param", "temperature", 0], ["drop_param", "top_p"]],
            NEXT], pair[:1], "bot/reject:a filter/drop:a decision/empty", 3, flags=["Single"])
    derive("floor", "The floor is a conjunct of the filter.", policy(["provider_eq", "q"]), pair[1:2],
           "is/reject:b not/accept:b and/next:b provider_eq/reject:b and/reject:b filter/drop:b decision/empty", 7,
           floor={"filter": on}, flags=["Single"])
    book.add("world", "A realistic decision over six candidates with holes.", flags=["MissingObservation", "Infinite"],
             input={"term": policy(["and", ["meets_req"], on, ["cmp", "price_out", "le", 10]],
                                   ["add", ["scale", 0.7, ["neg", ["normalize", ["field", "price_out"]]]],
                                    ["scale", 0.3, ["neg", ["normalize", ["field", "latency_ms"]]]]],
                                   ["top_k", 2, ["prefer", ["not", ["is", "breaker_open"]], ["argmax"]]]),
                    "candidates": list(WORLD), "facts": {"min_context": 4096}})
    return book
