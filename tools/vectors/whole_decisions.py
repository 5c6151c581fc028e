"""Vectors of whole decisions: small ones that show one thing each, and the presets over models as they are sold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from policy_ir.presets import PRESETS, preset
from policy_ir.syntax import parse
from policy_ir.syntax.print_wire import to_wire
from vectors.book import Book
from vectors.chat_bodies import said
from vectors.world import MIX, WORLD, Json, candidate, mixed

# fmt: off

NEXT = ["always", {"action": "next_candidate"}]
ON = ["not", ["is", "disabled"]]


def books() -> list[Book]:
    """The books of this module."""
    return [_decisions(), _floors(), _inputs(), _refused(), _presets()]


def policy(filter: Json = ("top",), rank: Json = ("zero",), select: Json = ("argmax",), mutate: Json = ("id",),
           plan: Json = NEXT) -> list[Json]:
    """A policy, of these parts and else of the plainest ones."""
    return ["policy", list(filter), list(rank), list(select), list(mutate), plan]


def outcome(ordered: Sequence[Json] = (), rejected: Sequence[Json] = (), cut: Sequence[Json] = (),
            **rest: Json) -> dict[str, Json]:
    """The members of a decision, from pairs."""
    return {
        "ordered": [{"id": one, "score": score} for one, score in ordered],
        "rejected": [{"id": one, "reason": reason} for one, reason in rejected],
        "cut": [{"id": one, "by": by} for one, by in cut],
        **rest,
    }


def _decisions() -> Book:
    book = Book("decisions/decisions", kind="policy", about="Decisions, each of which shows one thing.")
    missing = ["MissingObservation"]

    def decide(name: str, comment: str, term: Json, people: Json, due: Json, **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("vocabulary", "facts", "seed") if key in rest}
        book.add(name, comment, input={**given, "policy": term, "candidates": people}, result=due, **rest)

    trio = [candidate("a", credits=1), candidate("b", credits=3), candidate("c", credits=2)]
    credits = ["field", "credits"]
    decide("nobody", "A decision about nobody has a record, without candidates.", policy(), [], outcome(seed=None),
           flags=["Empty"])
    decide("one", "A decision about one candidate.", policy(rank=credits), trio[:1], outcome([("a", 1)]), flags=["Single"])
    decide("best-first", "The greatest score comes first.", policy(rank=credits), trio,
           outcome([("b", 3), ("c", 2), ("a", 1)]))
    decide("nobody-survives", "Where nobody survives everybody has a reason, in the order of the catalogue.",
           policy(["is", "disabled"], credits), trio[::-1],
           outcome(rejected=[("c", "is:disabled"), ("b", "is:disabled"), ("a", "is:disabled")]), flags=missing)
    decide("everybody-cut", "An empty chain cuts everybody, in the order of the catalogue.",
           policy(rank=credits, select=["chain", []]), trio,
           outcome(cut=[("a", "chain"), ("b", "chain"), ("c", "chain")]))
    decide("all-three-lists", "Each candidate is ordered, rejected or cut.",
           policy(["cmp", "credits", "gt", 1], credits, ["top_k", 1, ["argmax"]]), trio,
           outcome([("b", 3)], [("a", "cmp:credits:gt")], [("c", "top_k")]))
    decide("cuts-in-catalogue-order", "Cuts come in the order of the catalogue, whoever made them and when.",
           policy(rank=credits, select=["top_k", 1, ["chain", [{"provider": "p", "model": "x"}]]]),
           [candidate("a"), candidate("b", family="x"), candidate("c"), candidate("d", family="x")],
           outcome([("b", -1)], cut=[("a", "chain"), ("c", "chain"), ("d", "top_k")]), flags=missing)
    both = ["and", ["has_cap", "supports_tools"], ON, ["meets_req"]]
    decide("first-conjunct", "The reason is that of the first conjunct of the normal form, not of the one written first.",
           policy(both), [candidate("a", disabled=True)], outcome(rejected=[("a", "not")]), flags=["Single"])
    decide("first-of-atoms", "Of atoms the one whose encoding comes first decides, whatever the author wrote first.",
           policy(["and", ["cmp", "price_in", "le", 1], ["known", "price_in"], ["meets_req"]]), [candidate("a")],
           outcome(rejected=[("a", "known:price_in")]), facts={"needs": []}, flags=["Single", *missing])
    decide("requirement-first", "What the request requires is the shortest conjunct, and so the first reason.",
           policy(both), [candidate("a", disabled=True), candidate("b")],
           outcome(rejected=[("a", "min_context"), ("b", "min_context")]), facts={"min_context": 1}, flags=missing)
    decide("population-is-survivors", "A normalize sees the survivors of the filter only.",
           policy(ON, ["normalize", credits]), [*trio, candidate("d", credits=100, disabled=True)],
           outcome([("b", 1), ("c", 0.5), ("a", 0)], [("d", "not")]), flags=missing)
    decide("special-scores", "Infinite and undefined scores stand in the record by their names.", policy(rank=MIX),
           mixed(["undefined", "-inf", 4, "inf"]),
           outcome([("d", "inf"), ("c", 4), ("b", "-inf"), ("a", "undefined")]), flags=[*missing, "Infinite", "Undefined"])
    decide("minus-zero-score", "A score of -0 stands in the record as 0.", policy(rank=["scale", -1, credits]),
           [candidate("a", credits=0)], outcome([("a", 0)]), flags=["Minus0", "Single"])
    decide("fractions", "A score that is no integer is recorded to the last bit.",
           policy(rank=["add", ["lit", 0.1], ["lit", 0.2]]), [candidate("a")], outcome([("a", 0.30000000000000004)]),
           flags=["Rounding", "Single"])
    decide("great-score", "An integral score beyond 2^53 is a number.", policy(rank=["lit", 1e300]), [candidate("a")],
           outcome([("a", 1e300)]), flags=["Single"])
    decide("chain-scores", "A chain records positions as scores.",
           policy(rank=credits, select=["chain", [{"provider": "q", "model": "m"}, {"provider": "p", "model": "m"}]]), trio,
           outcome([("a", -2), ("b", -2), ("c", -2)]), flags=["TieBreak", "Stable"])
    decide("ties", "Ties follow the catalogue, through filter and rank.", policy(ON),
           [candidate(name, disabled=name == "m") for name in "zmak"], outcome([("z", 0), ("a", 0), ("k", 0)],
                                                                               [("m", "not")]),
           flags=[*missing, "AllEqual", "TieBreak", "Stable"])
    seeded = policy(rank=credits, select=["sample", 1])
    for seed in (0, 1, 2**53 - 1):
        decide(f"seed-{seed}", f"The seed {seed} decides the draw, and stands in the record.", seeded, trio,
               {"seed": seed, "rejected": [], "cut": []}, seed=seed,
               flags=["Seeded", *(["Edge", "IntegerEdge"] if seed else [])] if seed != 1 else ["Seeded"])
    decide("no-seed", "Without a seed the draw is that of 0, and the record has none.", seeded, trio,
           {"seed": None, "rejected": [], "cut": []}, flags=["Seeded"])
    decide("unused-seed", "A seed stands in the record also where nothing is drawn.", policy(rank=credits), trio,
           outcome([("b", 3), ("c", 2), ("a", 1)], seed=5), seed=5.0)
    decide("id-unicode", "Ids are recorded as they are.", policy(), [candidate("e\u0301"), candidate("\U0001f600")],
           outcome([("e\u0301", 0), ("\U0001f600", 0)]), flags=["Unicode", "Normalisation", "AllEqual", "TieBreak"])
    decide("host-names", "A candidate may have an id that a host language gives a meaning.",
           policy(["family_eq", "x"]), [candidate("__proto__", family="x"), candidate("constructor")],
           outcome([("__proto__", 0)], [("constructor", "model_family")]), flags=["HostName"])
    decide("normal-form", "A policy and another spelling of it decide alike, under one fingerprint.",
           ["policy", ["and", ["top"], ["and", ["not", ["not", ["provider_eq", "p"]]]]], ["add", ["zero"], credits],
            ["prefer", ["top"], ["argmax"]], ["seq", ["id"], ["id"]], NEXT], trio,
           outcome([("b", 3), ("c", 2), ("a", 1)]))
    decide("normal-form-plain", "The plain spelling of a policy that was written with much ado.",
           policy(["provider_eq", "p"], credits), trio, outcome([("b", 3), ("c", 2), ("a", 1)]))
    decide("facts-do-not-matter", "Facts that the policy does not ask about change nothing but fingerprints.",
           policy(rank=credits), trio, outcome([("b", 3), ("c", 2), ("a", 1)]), facts={"needs": ["tools"], "scope": "s"})
    decide("world", "Six candidates with holes under a usual policy.",
           policy(["and", ["meets_req"], ["scope_matches"], ON, ["known", "price_out"]],
                  ["neg", ["normalize", ["field", "price_out"]]], ["prefer", ["not", ["is", "breaker_open"]], ["argmax"]]),
           list(WORLD), outcome([("e/small", 1), ("b/fast", 0.5), ("a/fast", 0), ("a/large", 0)],
                                [("c/large", "known:price_out"), ("d/fast", "scope")]),
           flags=[*missing, "TieBreak"])
    decide("world-with-facts", "The same policy for a request that requires something.",
           policy(["and", ["meets_req"], ["scope_matches"], ON], ["neg", ["field", "call_cost"]],
                  ["top_k", 2, ["argmax"]]), list(WORLD),
           outcome([("b/fast", 1 - 0.0015), ("a/fast", 1 - 0.003)],
                   [("c/large", "missing_capability:tools"), ("d/fast", "missing_capability:tools"),
                    ("e/small", "missing_capability:tools"), ("a/large", "missing_capability:tools")]),
           facts={"needs": ["tools"], "fields": {"prompt_tokens": 1000, "completion_tokens": 500}}, flags=["Rounding"])
    decide("unpriced-last", "A missing price puts a candidate last, and does not refuse it.",
           policy(rank=["neg", ["field", "price_in"]]), list(WORLD),
           outcome([("e/small", 1), ("b/fast", 0.5), ("a/fast", 0), ("a/large", 0), ("d/fast", -1), ("c/large", "-inf")]),
           flags=[*missing, "Infinite", "TieBreak"])
    decide("rank-by-cost", "A second order within the best three.",
           policy(rank=["field", "context"], select=["rank_by", ["neg", ["field", "price_in"]], ["top_k", 3, ["argmax"]]]),
           list(WORLD), outcome([("a/fast", 0), ("a/large", 0), ("c/large", "-inf")], cut=[
               ("b/fast", "top_k"), ("d/fast", "top_k"), ("e/small", "top_k")]),
           flags=[*missing, "Infinite", "TieBreak"])
    own = {"vocabulary": 1, "name": "house", "extends": "standard", "tiers": ["fallback", "gold", "marketplace", "partner"]}
    decide("own-vocabulary", "Under a vocabulary that declares it a tier has a rank.", policy(["min_tier", "gold"]),
           list(WORLD), outcome([(one["id"], 0) for one in WORLD if one["id"] != "e/small"], [("e/small", "min_tier")]),
           vocabulary=own, flags=["AllEqual", "TieBreak"])
    decide("core", "A decision under the core vocabulary.", policy(["cmp", "price_in", "le", 1]),
           [candidate("a", price_in=1), candidate("b")], outcome([("a", 0)], [("b", "cmp:price_in:le")]),
           vocabulary="core", flags=[*missing, "Infinite"])
    return book


def _floors() -> Book:
    book = Book("decisions/floors", kind="policy", about="Decisions under a floor: whose reason stands, and which policy it was.")
    people = [candidate("a", no_log=True), candidate("b", price_in=1), candidate("c", no_log=True, price_in=5)]
    cheap = ["cmp", "price_in", "le", 3]

    def decide(name: str, comment: str, term: Json, floor: Json, due: Json, **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("facts",) if key in rest}
        flags = ["MissingObservation", *rest.pop("flags", [])]
        book.add(name, comment, input={**given, "policy": term, "floor": floor, "candidates": people}, result=due,
                 flags=flags, **rest)

    held = {"filter": ["is", "no_log"]}
    decide("reasons", "Conjuncts of the floor and of the caller stand in one order, and the first one says why.",
           policy(cheap), held, outcome(rejected=[("a", "cmp:price_in:le"), ("b", "is:no_log"), ("c", "cmp:price_in:le")]))
    decide("top", "A floor of top changes nothing, and both fingerprints are one.", policy(cheap), {"filter": ["top"]},
           outcome([("b", 0)], [("a", "cmp:price_in:le"), ("c", "cmp:price_in:le")]))
    decide("bot", "A floor of bot lets nobody through.", policy(cheap), {"filter": ["bot"]},
           outcome(rejected=[("a", "bot"), ("b", "bot"), ("c", "bot")]))
    decide("same-as-caller", "What both ask is asked once.", policy(["is", "no_log"]), held,
           outcome([("a", 0), ("c", 0)], [("b", "is:no_log")]), flags=["TieBreak", "AllEqual"])
    decide("caller-cannot-widen", "A caller that asks for either cannot widen the floor.",
           policy(["or", ["is", "no_log"], ["top"]]), held, outcome([("a", 0), ("c", 0)], [("b", "is:no_log")]),
           flags=["TieBreak", "AllEqual"])
    decide("caller-bot", "A caller may refuse everybody.", policy(["bot"]), held,
           outcome(rejected=[("a", "bot"), ("b", "bot"), ("c", "bot")]))
    decide("transform", "A transform of the floor is part of the effective policy.", policy(["is", "no_log"]),
           {"filter": ["top"], "mutate": ["clamp_param", "max_tokens", 1, 100]},
           outcome([("a", 0), ("c", 0)], [("b", "is:no_log")]), flags=["TieBreak", "AllEqual"])
    decide("predicate-alone", "A floor may be a predicate alone.", policy(), ["is", "no_log"],
           outcome([("a", 0), ("c", 0)], [("b", "is:no_log")]), flags=["TieBreak", "AllEqual"])
    decide("conjunctions", "A floor of several conjuncts joins those of the caller.",
           policy(["and", cheap, ["meets_req"]]), {"filter": ["and", ["is", "no_log"], ["scope_matches"], ["meets_req"]]},
           outcome(rejected=[("a", "min_context"), ("b", "min_context"), ("c", "min_context")]), facts={"min_context": 9})
    return book


def _inputs() -> Book:
    book = Book("decisions/bodies", kind="policy", about="Decisions whose facts come from a chat body.")
    fits = ["and", ["meets_req"], ["test", ["field", "call_cost"], "le", 0.01]]
    people = [candidate("a", context=2000, price_in=1, price_out=1, capabilities=["supports_vision"]),
              candidate("b", context=100000, price_in=1, price_out=20),
              candidate("c", context=100000, price_in=1, price_out=2, capabilities=["supports_vision", "supports_tools"])]

    def decide(name: str, comment: str, body: Json, due: Json, stated: Json = None, **rest: Json) -> None:
        given = {} if stated is None else {"facts": stated}
        book.add(name, comment, input={"policy": policy(fits, ["neg", ["field", "call_cost"]]), "candidates": people,
                                       **given, "body": body}, result=due, **rest)

    hi = said("hi")
    decide("short", "A short message fits into every context.", {**hi, "max_tokens": 100},
           outcome([("a", 1 - 109e-6), ("c", 1 - 209e-6), ("b", 1 - 2009e-6)]), flags=["Rounding"])
    decide("long-answer", "The default of 1024 tokens of completion costs too much of one.", hi,
           outcome([("a", 1 - 1033e-6), ("c", 1 - 2057e-6)], [("b", "test")]), flags=["Rounding"])
    decide("image", "An image needs vision and room.", said([{"type": "image_url"}]),
           outcome([("c", 1 - (1032 + 2 * 1024) / 1e6)], [("a", "min_context"), ("b", "missing_capability:vision")]),
           flags=["Rounding", "Single"][:1])
    decide("stated-need", "A need that the host states comes to those of the body.", hi,
           outcome([("c", 1 - 2057e-6)], [("a", "missing_capability:tools"), ("b", "missing_capability:tools")]),
           {"needs": ["tools"]}, flags=["Rounding"])
    decide("stated-tokens", "Tokens that the host states take the place of those that were counted.", hi,
           outcome([("c", 1 - (3000 + 2048) / 1e6)], [("a", "min_context"), ("b", "test")]),
           {"fields": {"prompt_tokens": 3000}}, flags=["Rounding"])
    book.add("refused", "A body that is none gives no decision.", refused=["PIR0720 /messages"], denies=["chat/shape"],
             input={"policy": policy(), "candidates": people[:1], "body": {}})
    return book


def _refused() -> Book:
    book = Book("decisions/refused", kind="policy", about="Inputs that give no decision, and which part says so first.")
    one = [candidate("a")]
    bad: dict[str, tuple[str, Any, str]] = {
        "policy": ("policy", policy(["is", "nope"]), "PIR0401 /1/1"), "floor": ("floor", {"filter": ["zero"]}, "PIR0203 /filter"),
        "candidates": ("candidates", [{"id": "a", "provider": "p"}], "PIR0606 /candidates/0"),
        "facts": ("facts", {"seed": 1}, "PIR0711 /seed"), "body": ("body", [], "PIR0720 "),
        "seed": ("seed", 0.5, "PIR0730 "),
    }
    names = list(bad)
    for place, name in enumerate(names):
        key, value, code = bad[name]
        book.add(f"{name}-alone", f"Only the part `{name}` is wrong.", refused=[code],
                 input={"policy": policy(), "candidates": one, key: value})
        if place + 1 < len(names):
            later = {bad[other][0]: bad[other][1] for other in names[place:]}
            book.add(f"{name}-first", f"The part `{name}` and all that come after it are wrong, and it alone is reported.",
                     refused=[code], input={"policy": policy(), "candidates": one, **later})
    book.add("no-policy", "A term that is no policy decides nothing.", refused=["PIR0213 "], denies=["admit/policy"],
             input={"policy": ["top"], "candidates": one})
    for name, seed in (("text", "1"), ("true", True), ("negative", -1), ("past-edge", 2**53), ("list", [])):
        book.add(f"seed-{name}", f"The value {seed!r} is no seed of a decision.", refused=["PIR0730 "],
                 denies=["seed/range"], input={"policy": policy(), "candidates": one, "seed": seed},
                 flags=["PastEdge", "IntegerEdge"] if name == "past-edge" else [])
    return book


CAN = "supports_"
TOOLS, VISION, FORM, THINK, CACHE, SEED = (CAN + name for name in (
    "tools", "vision", "structured_outputs", "reasoning", "prompt_cache", "seed"))
MODE = CAN + "json_mode"
MODELS: tuple[dict[str, Json], ...] = (
    candidate("openai/gpt-5.4-mini", provider="openai", family="gpt-5.4-mini", tier="partner",
              capabilities=[TOOLS, VISION, FORM, MODE, THINK, CACHE, SEED], context=272000, price_in=0.75, price_out=4.5,
              price_cache_read=0.075),
    candidate("anthropic/claude-haiku-4-5", provider="anthropic", family="claude-haiku-4-5", tier="partner",
              capabilities=[TOOLS, VISION, FORM, MODE, THINK, CACHE], context=200000, price_in=1, price_out=5,
              price_cache_read=0.1, latency_ms=450),
    candidate("gemini/gemini-2.5-flash", provider="gemini", family="gemini-2.5-flash", tier="partner",
              capabilities=[TOOLS, VISION, FORM, MODE, THINK, CACHE], context=1048576, price_in=0.3, price_out=2.5,
              price_cache_read=0.03, bench_coding=0.551, latency_ms=380),
    candidate("azure/eu/gpt-5", provider="azure", family="gpt-5", tier="partner", capabilities=[TOOLS, FORM, THINK],
              context=272000, price_in=1.375, price_out=11, bench_coding=0.88, region="eu"),
    candidate("bedrock/eu.deepseek.v3.2", provider="bedrock_converse", family="deepseek-v3.2", tier="partner",
              capabilities=[TOOLS, FORM, MODE, THINK], context=163840, price_in=0.74, price_out=2.22, region="eu",
              bench_coding=0.742),
    candidate("deepinfra/gpt-oss-120b", provider="deepinfra", family="gpt-oss-120b", tier="marketplace",
              capabilities=[TOOLS, MODE], context=131072, price_in=0.037, price_out=0.17, bench_coding=0.418),
    candidate("cerebras/gpt-oss-120b", provider="cerebras", family="gpt-oss-120b", tier="marketplace",
              capabilities=[TOOLS, FORM, MODE, THINK], context=131072, price_in=0.35, price_out=0.75, bench_coding=0.418,
              tok_s=2400, latency_ms=200, breaker_open=True),
    candidate("openai/gpt-4-turbo", provider="openai", family="gpt-4-turbo", tier="partner", capabilities=[TOOLS, VISION],
              context=128000, price_in=10, price_out=30, deprecated=True),
    candidate("local/qwen", provider="local", family="qwen3-coder", scope="lab", capabilities=[TOOLS, MODE],
              context=262144, tok_s=35.5),
)
"""Models about as they are sold, with what their providers do not say left out, and some state."""


def _presets() -> Book:
    book = Book("decisions/presets", kind="policy", about="The presets of the package over nine models about as they are sold.")
    for name in PRESETS:
        shown = preset(name)
        document = parse(shown.text)
        assert document.term is not None
        term = to_wire(document.term)
        flags = ["MissingObservation", "Infinite"]
        book.add(name, f"The preset `{name}` with its own request.", flags=flags, input={
            "policy": term, "candidates": list(MODELS), "facts": dict(shown.facts), "seed": 7})
        book.add(f"{name}-without-facts", f"The preset `{name}` for a request that says nothing.", flags=flags,
                 input={"policy": term, "candidates": list(MODELS)})
        book.add(f"{name}-body", f"The preset `{name}` for a chat body.", flags=flags, input={
            "policy": term, "candidates": list(MODELS)[::-1], "body": {
                "messages": [{"role": "system", "content": "s" * 300}, {"role": "user", "content": "u" * 90}],
                "max_tokens": 200}})
        book.add(f"{name}-floor", f"The preset `{name}` under a floor that asks for known prices.", flags=flags, input={
            "policy": term, "candidates": list(MODELS)[:6], "facts": dict(shown.facts), "floor": {
                "filter": ["and", ["known", "price_in"], ["not", ["provider_eq", "anthropic"]]],
                "mutate": ["clamp_param", "max_tokens", 1, 4096]}})
    return book
