"""Vectors of steps, draws and findings that no other vector shows: what is left to tell a small change by."""

from __future__ import annotations

from typing import Any

from policy_ir.cbor import encode
from vectors.book import Book
from vectors.decoding import term as of_term
from vectors.derivations import shown
from vectors.request_facts import OWN, due
from vectors.vocabulary import house, num
from vectors.world import Json, candidate

# fmt: off

MAX = 1.7976931348623157e308


def books() -> list[Book]:
    """The books of this module."""
    return [steps_of_checks(), steps_of_changes(), demand(), small_weights(), many_findings(), declared_twice(),
            chat_bytes(), chat_findings(), floors_in_both_parts(), nested_maps(),
            updates_of_many(), decoding_of_names()]


def steps_of_checks() -> Book:
    book = Book("semantics/steps-of-checks", "step", "The rule of each atom that no other derivation shows, and the reason that it gives.")
    cases: list[tuple[str, Json, str, str | None, dict[str, Any], dict[str, Any]]] = [
        ("scope-reject", ["scope_matches"], "scope_matches/reject", "scope", {"scope": "team"}, {}),
        ("tier-accept", ["tier_eq", "partner"], "tier_eq/accept", None, {"tier": "partner"}, {}),
        ("min-tier-reject", ["min_tier", "partner"], "min_tier/reject", "min_tier", {"tier": "marketplace"}, {}),
        ("served-by-reject", ["served_by_eq", "q"], "served_by_eq/reject", "served_by", {"served_by": "r"}, {}),
        ("has-cap-accept", ["has_cap", "supports_tools"], "has_cap/accept", None, {"capabilities": ["supports_tools"]}, {}),
        ("tag-in-accept", ["tag_in", "region", ["eu"]], "tag_in/accept", None, {"region": "eu"}, {}),
        ("known-reject", ["known", "region"], "known/reject", "known:region", {}, {}),
        ("need", ["meets_req"], "meets_req/missing_capability", "missing_capability:tools", {}, {"needs": ["tools"]}),
        ("family", ["meets_req"], "meets_req/model_family", "model_family", {}, {"model_family": "other"}),
        ("tier", ["meets_req"], "meets_req/tier", "tier", {}, {"tier": "partner"}),
        ("tee", ["meets_req"], "meets_req/tee_required", "tee_required", {}, {"privacy": "tee_required"}),
        ("no-log", ["meets_req"], "meets_req/no_log", "no_log", {}, {"privacy": "no_log"}),
        ("speed", ["meets_req"], "meets_req/min_tok_s", "min_tok_s", {"tok_s": 4}, {"min_tok_s": 5}),
    ]
    for name, term, rule, reason, has, facts in cases:
        book.add(
            name, f"A derivation of `{term[0]}` in one step by the rule `{rule}`.",
            input={"term": term, "candidates": [candidate("a", **has)], "facts": facts},
            result={"steps": shown([f"{rule} a"]), "charge": 1, "value": {"reasons": [reason]}},
        )
    book.add(
        "request-tags-missing", "Tags of the request that nobody stated are none of those that are asked for.",
        input={"vocabulary": OWN, "term": ["tag_in", "s", ["x"]], "candidates": [candidate("a")]},
        result={"steps": shown(["tag_in/reject a"]), "charge": 1, "value": {"reasons": ["tag:s"]}},
        flags=["MissingObservation"],
    )
    book.add(
        "undeclared-tier", "A tier that nobody declared is below the lowest one that is.",
        input={"term": ["min_tier", "fallback"], "candidates": [candidate("a", tier="gold")]},
        result={"steps": shown(["min_tier/reject a"]), "charge": 1, "value": {"reasons": ["min_tier"]}},
        rules=["tier/undeclared"],
    )
    return book


def steps_of_changes() -> Book:
    book = Book("semantics/steps-of-changes", "step", "The rule of each transform that no other derivation shows.")
    own = house(params={"x": {"sort": "number"}}, customs={"footer": "3"})

    def change(name: str, term: Json, rule: str, request: Json, due: Json, seed: Json = None, **rest: Json) -> None:
        given = {} if seed is None else {"seed": seed}
        value = {"request": due, "directives": {"customs": rest.pop("customs", [])}}
        result = {"steps": shown([f"{rule} a"]), "charge": 1, "value": value}
        book.add(name, f"A derivation of `{term[0]}` in one step by the rule `{rule}`.",
                 input={"vocabulary": own, "term": term, "candidates": [candidate("a")], "request": request, **given},
                 result=result, **rest)

    change("inject-seed", ["inject_seed", "seed"], "inject_seed/set", {}, {"seed": 7}, 7, flags=["Seeded", "Empty"])
    change("drop", ["drop_param", "x"], "drop_param/drop", {"x": None, "y": 1}, {"y": 1})
    change("custom", ["custom", "footer"], "custom/attach", {}, {}, customs=[["footer", "3"]], flags=["Empty"])
    change("jitter-set", ["jitter", "x", 0], "jitter/set", {"x": "1"}, {"x": 0}, 7, flags=["Seeded"])
    change("jitter-shift", ["jitter", "x", 0], "jitter/shift", {"x": 0.5}, {"x": 0.5}, 7, flags=["Seeded"])
    for seed in (1, 2):
        book.add(f"jitter-great-{seed}", "The greatest number is shifted by a great amount, and stays where that overflows.",
                 input={"vocabulary": own, "term": ["jitter", "x", MAX], "candidates": [candidate("a")],
                        "request": {"x": MAX if seed == 1 else -MAX}, "seed": 4}, flags=["Seeded", "Overflow"])
    return book


def demand() -> Book:
    book = Book("semantics/steps-under-cuts", "step", "What a draw is charged under several cuts.")
    people = [candidate(name) for name in "abcd"]
    for name, term, charge, comment in (
        # 4 and 4 * 2 for sorting, 4 for each rank that counts, and 4 for each cut.
        ("outer-less", ["top_k", 1, ["top_k", 3, ["sample", 1]]], 12 + 4 + 8, "The outer cut counts where it is less."),
        ("inner-less", ["top_k", 3, ["top_k", 2, ["sample", 1]]], 12 + 8 + 8, "The inner cut counts where it is less."),
        ("three", ["top_k", 3, ["top_k", 1, ["top_k", 2, ["sample", 1]]]], 12 + 4 + 12, "The least of three cuts counts."),
    ):
        cuts = ["select/top_k"] * (str(term).count("top_k"))
        book.add(name, comment, input={"term": term, "candidates": people}, flags=["AllEqual"],
                 result={"steps": shown(["select/sample", *cuts]), "charge": charge}, rules=["select/sample"])
    return book


def small_weights() -> Book:
    book = Book("semantics/small-weights", "order", "Draws whose last weights are subnormal, or 0.")
    people = [candidate(f"c{place}") for place in range(470)]
    for seed in SMALL_SEEDS:
        book.add(f"fifths-{seed}", "Weights fall to a fifth each, so that those of the last candidates underflow.",
                 input={"term": ["sample", 0.25], "candidates": people, "seed": seed},
                 flags=["Seeded", "DoubleSubnormal", "Underflow", "AllEqual"])
    return book


SMALL_SEEDS: tuple[int, ...] = (5,)


def many_findings() -> Book:
    book = Book("facts/hundred", "facts", "Facts in which more is wrong than is reported.")
    hundred = range(100)
    book.add("facts", "At most 100 unknown facts are reported.", input={"facts": {f"x{at}": 1 for at in range(101)}},
             refused=[f"PIR0711 /x{at}" for at in hundred], denies=["facts/unknown"])
    book.add("needs", "At most 100 unknown needs are reported.", input={"facts": {"needs": [f"x{at}" for at in range(101)]}},
             refused=[f"PIR0712 /needs/{at}" for at in hundred])
    book.add("fields", "At most 100 unknown fields are reported.",
             input={"facts": {"fields": {f"x{at}": 1 for at in range(101)}}}, refused=[f"PIR0715 /fields/x{at}" for at in hundred])
    book.add("tags", "At most 100 tags that are none are reported.",
             input={"vocabulary": OWN, "facts": {"fields": {"s": ["", *range(100)]}}},
             refused=["PIR0714 /fields/s/0", *(f"PIR0714 /fields/s/{at}" for at in range(1, 100))])
    book.add("two-tags", "Of two empty tags both are reported.", input={"vocabulary": OWN, "facts": {"fields": {"s": ["", "x", ""]}}},
             refused=["PIR0714 /fields/s/0", "PIR0714 /fields/s/2"], flags=["Empty"])
    return book


def declared_twice() -> Book:
    book = Book("vocabulary/several", "vocabulary", "Vocabulary files in which several things are wrong, and great numbers in them.")

    def no(name: str, comment: str, data: Any, refused: list[str], rule: str, *flags: str) -> None:
        book.add(name, comment, input={"vocabulary": data}, refused=refused, denies=[rule], flags=flags)

    no("names", "After a name that is none the next ones are looked at.",
       house(fields={"": num(), "price_in": num(), "x" * 257: num()}),
       ["PIR0701 /fields/", "PIR0703 /fields/price_in", f"PIR0701 /fields/{'x' * 257}"], "vocabulary/text", "Empty")
    great = 10**400
    no("great-default", "A default beyond binary64 is not finite.", house(fields={"x": num(default=great)}),
       ["PIR0701 /fields/x/default"], "vocabulary/number", "Overflow")
    no("great-negative-default", "Nor is one below it.", house(fields={"x": num(default=-great)}),
       ["PIR0701 /fields/x/default"], "vocabulary/number", "Overflow")
    no("great-bounds", "A bound beyond binary64 is not finite.", house(params={"x": {"sort": "number", "minimum": -great, "maximum": great}}),
       ["PIR0701 /params/x/minimum", "PIR0701 /params/x/maximum"], "vocabulary/number", "Overflow")
    for name, about in (("number", 5), ("list", ["x"]), ("long", "x" * 257)):
        no(f"param-about-{name}", "A description of a parameter is a text of at most 256 bytes.",
           house(params={"x": {"sort": "string", "about": about}}), ["PIR0701 /params/x/about"],
           "vocabulary/text" if name == "long" else "vocabulary/shape", *(["PastEdge"] if name == "long" else []))
    book.add("param-about", "A description of a parameter may be empty.", near=["PIR0701"], flags=["Empty"], rules=["vocabulary/text"],
             input={"vocabulary": house(params={"x": {"sort": "string", "about": ""}})})
    return book


def chat_bytes() -> Book:
    book = Book("facts/chat-tool-values", "facts", "Tool JSON whose last byte makes the next token.")
    for name, tools, size in (
        ("true", [True], 6), ("null", [None], 6), ("false", [[False]], 9), ("after-object", [{"a": None}, "xxx"], 18),
        ("after-objects", [{"a": {"b": None}, "c": None}, {}, "xxx"], 36), ("after-list", [[None], "x"], 12),
    ):
        tokens = -(-size // 3)
        book.add(name, f"The tools have {size} JSON bytes: {tokens} tokens.", input={"body": {"messages": [], "tools": tools}},
                 rules=["chat/tool-bytes"],
                 result=due(needs=["tools"], fields=[["completion_tokens", 1024], ["prompt_tokens", tokens]], min_context=tokens + 1024))
    return book


def chat_findings() -> Book:
    book = Book("facts/chat-tool-findings", "facts", "Tool JSON in which several things are wrong.")
    deep: Json = [1, {"a": 2, "b": 3}, 4]
    for _ in range(62):
        deep = [deep]
    at = "/tools" + "/0" * 62
    book.add("deep", "After a value that is too deep the next ones are looked at, in the order of the body.",
             input={"body": {"messages": [], "tools": [deep]}}, refused=[f"PIR0720 {at}/0/{place}" for place in (0, 1, 2)],
             denies=["chat/json-depth"], flags=["PastEdge"])
    deep = [{"b": 2, "a": 3}, {"c": 4}]
    for _ in range(61):
        deep = [deep]
    at = "/tools" + "/0" * 61
    book.add("deep-objects", "Values of objects that are too deep are found in the order of the body.",
             input={"body": {"messages": [], "tools": [deep]}},
             refused=[f"PIR0720 {at}/0/0/b", f"PIR0720 {at}/0/0/a", f"PIR0720 {at}/0/1/c"],
             denies=["chat/json-depth"], flags=["PastEdge"])
    text = ('{"messages":[1,{"content":"\\ud83d"},{"content":[{"type":"text","text":"\\ud83d"}]}],'
            '"tools":[{"b":"\\ud83d","\\ud83e":1,"a":["x","\\ud83d"]}]}')
    book.add("surrogates", "Lone surrogates are found where they stand, keys before values.", input={"text": text},
             refused=["PIR0720 /messages/0", "PIR0113 /messages/1/content", "PIR0113 /messages/2/content/0/text",
                      "PIR0113 /tools/0", "PIR0113 /tools/0/b", "PIR0113 /tools/0/a/1"], denies=["chat/surrogate"], flags=["Unicode"])
    for name, numbers, at in (("message", 2**18 - 1, "/messages/0"), ("part", 2**18 - 2, "/messages/0/content/0")):
        book.add(f"values-before-a-{name}", f"The first value past the bound is a {name}.",
                 input={"text": ['{"tools":[', ["0,", numbers - 1], '0],"messages":[{"content":[{"type":"file"}]}]}']},
                 refused=[f"PIR0720 {at}"], denies=["chat/most-values"], flags=["PastEdge"])
    return book


def floors_in_both_parts() -> Book:
    book = Book("decisions/floor-parts", "floor", "Floors in whose parts several things are wrong.")
    policy = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]

    def no(name: str, comment: str, floor: Json, refused: list[str]) -> None:
        book.add(name, comment, input={"floor": floor, "policy": policy}, refused=refused)

    no("sorts", "Each part of a floor has its own sort.", {"filter": ["id"], "mutate": ["top"]}, ["PIR0203 /filter", "PIR0203 /mutate"])
    no("names", "Names in both parts are looked at.", {"filter": ["and", ["top"], ["is", "nope"]], "mutate": ["drop_param", "nope"]},
       ["PIR0401 /filter/2/1", "PIR0404 /mutate/1"])
    return book


def nested_maps() -> Book:
    book = Book("encoding/nested-maps", "encoding", "Values of many levels of maps.")
    for levels in (64, 100):
        value: Json = 1
        for _ in range(levels):
            value = {"k": value}
        book.add(f"levels-{levels}", f"A value of {levels} levels of maps is encoded.", input={"tag": "x/1", "value": value},
                 rules=["encode/map"])
    return book


def updates_of_many() -> Book:
    book = Book("catalogue/several-updates", "snapshot", "Updates of the state in which several things are wrong.")

    def no(name: str, comment: str, state: Json, refused: list[str]) -> None:
        book.add(name, comment, input={"candidates": [candidate("a")], "state": state}, refused=refused, denies=["snapshot/update"])

    no("candidates", "After an unknown candidate the next ones are looked at.", {"x": {"credits": 1}, "y": {}, "a": {"context": 1}},
       ["PIR0614 /x", "PIR0614 /y", "PIR0613 /a/context"])
    no("values", "After a wrong value the next ones are looked at.", {"a": {"credits": "1", "latency_ms": -1, "disabled": 1}},
       ["PIR0605 /a/credits", "PIR0616 /a/latency_ms", "PIR0605 /a/disabled"])
    no("fields", "After a field that is no state the next ones are looked at.", {"a": {"context": 1, "nope": 2, "credits": "1"}},
       ["PIR0613 /a/context", "PIR0613 /a/nope", "PIR0605 /a/credits"])
    no("hundred-candidates", "At most 100 unknown candidates are reported.", {f"x{at}": {} for at in range(101)},
       [f"PIR0614 /x{at}" for at in range(100)])
    return book


def decoding_of_names() -> Book:
    book = Book("encoding/decoding-of-parts", "decoding", "Long keys of maps, and parts of terms that are not in normal form.")
    for size in (23, 24, 255, 256):
        record = ["x/1", {"a": 1, "k" * size: 2}]
        book.add(f"key-{size}", f"A key of {size} bytes is read in its shortest form.", near=["PIR0802"], result={"value": record},
                 input={"bytes": encode(record).hex(), "as": "record"}, denies=["decode/canonical"])
    key = ("k" * 23).encode().hex()
    book.add("key-longer", "A key of 23 bytes whose head is longer than it has to be is refused.",
             input={"bytes": "8263782f31a17817" + key + "01", "as": "record"}, refused="PIR0802", denies=["decode/canonical"])
    turned = ["and", ["is", "has_tee"], ["is", "no_log"]]
    for name, value in (("not", ["not", turned]), ("policy", ["policy", turned, ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]),
                        ("two-deep", ["prefer", ["not", turned], ["argmax"]])):
        book.add(f"normal-{name}", "A part that is not in normal form is found, however deep it is.", input={"bytes": of_term(value)},
                 refused=["PIR0806 /1/1" if name == "two-deep" else "PIR0806 /1"], denies=["decode/normal"])
    return book
