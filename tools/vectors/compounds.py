"""Vectors of `meets_req` and of the predicates made of others: which part decides, and whose reason stands."""

from __future__ import annotations

from itertools import product

from vectors.book import Book
from vectors.world import WORLD, Json, candidate, row

# fmt: off


def books() -> list[Book]:
    """The books of this module."""
    return [_meets_req(), _and(), _or(), _not()]


def _ask(book: Book, name: str, comment: str, term: Json, reasons: list[str | None], **rest: Json) -> None:
    """One predicate over candidates, with the reasons that are due."""
    candidates = rest.pop("candidates", list(WORLD))
    given = {key: rest.pop(key) for key in ("vocabulary", "facts") if key in rest}
    flags = [*rest.pop("flags", []), *(["Single"] if len(candidates) == 1 else [])]
    book.add(name, comment, input={**given, "term": term, "candidates": candidates}, result={"reasons": reasons},
             flags=flags, **rest)


# --- meets_req --------------------------------------------------------------------------------------------------

MEETS = ["meets_req"]


def _meets_req() -> Book:
    book = Book("semantics/meets-req", kind="predicate",
                about="The predicate `meets_req`: one rule for each check, in the order of the checks.")

    def ask(name: str, comment: str, facts: Json, reasons: list[str | None], **rest: Json) -> None:
        _ask(book, name, comment, MEETS, reasons, facts=facts, **rest)

    missing = ["MissingObservation"]
    ask("nothing", "A request without requirements is met by every candidate.", {}, [None] * 6)
    ask("need", "A need is met by the capability that the vocabulary maps it to.", {"needs": ["tools"]},
        [None, None, *["missing_capability:tools"] * 4])
    ask("needs-in-order", "Of several needs the first by bytes that is not met is the reason, however they were given.",
        {"needs": ["vision", "tools", "json_mode"]},
        [*["missing_capability:json_mode"] * 5, "missing_capability:tools"])
    ask("needs-twice", "A need that is given twice is one need.", {"needs": ["vision", "tools", "vision"]},
        [None, "missing_capability:vision", *["missing_capability:tools"] * 4])
    ask("need-is-no-field", "A need asks for the capability, and the reason names the need.", {"needs": ["json_mode"]},
        [*["missing_capability:json_mode"] * 5, None])
    ask("need-known-missing", "A capability that is known to be missing does not meet a need.", {"needs": ["tools"]},
        ["missing_capability:tools"], candidates=row("supports_tools", [False]))
    video = {"vocabulary": 1, "name": "v", "needs": {"film": "house_style", "__proto__": "x"}}
    ask("need-of-own-vocabulary", "A vocabulary of one's own maps a need to any capability.", {"needs": ["film"]},
        ["missing_capability:film", None, *["missing_capability:film"] * 4], vocabulary=video,
        candidates=[{key: value for key, value in entry.items() if key != "fields"} for entry in WORLD])
    ask("need-of-host-name", "A need may have a name that a host language gives a meaning.", {"needs": ["__proto__"]},
        ["missing_capability:__proto__", None], vocabulary=video,
        candidates=[candidate("a"), candidate("b", capabilities=["x"])], flags=["HostName"])
    ask("context", "A context of at least as much as is needed is enough.", {"min_context": 64000},
        [None, None, None, "min_context", "min_context", None])
    ask("context-missing", "A missing context is 0 and less than what is needed.", {"min_context": 1},
        ["min_context", None, "min_context"], candidates=row("context", [None, 1, 0]), flags=missing)
    ask("context-zero", "A context of 0 is needed and everybody has it.", {"min_context": 0}, [None, None],
        candidates=row("context", [None, 0]), flags=missing)
    ask("context-fraction", "An amount of context may have a fraction.", {"min_context": 99.5}, ["min_context", None],
        candidates=row("context", [99, 100]))
    ask("family", "A request may need a family.", {"model_family": "large"},
        ["model_family", "model_family", None, "model_family", "model_family", None])
    ask("tier", "A request may need a tier, and a higher one is not that tier.", {"tier": "marketplace"},
        ["tier", None, "tier", "tier", "tier", "tier"])
    ask("tier-fallback", "A candidate without a tier is of the tier fallback, an undeclared tier is not.",
        {"tier": "fallback"}, ["tier", "tier", "tier", "tier", None, "tier"])
    ask("standard", "The privacy level standard asks for nothing.", {"privacy": "standard"}, [None] * 6)
    ask("no-log", "Either no log or a trusted environment is enough for the level no_log.", {"privacy": "no_log"},
        [None, None, *["no_log"] * 4], flags=missing)
    ask("tee", "For the level tee_required a promise of no log is not enough.", {"privacy": "tee_required"},
        ["tee_required", None, *["tee_required"] * 4], flags=missing)
    privacy = [candidate(f"{log}{tee}", no_log=log == "y", has_tee=tee == "y") for log, tee in product("yn", "yn")]
    ask("no-log-all-pairs", "The level no_log over all observations of both fields.", {"privacy": "no_log"},
        [None, None, None, "no_log"], candidates=privacy)
    ask("tee-all-pairs", "The level tee_required over all observations of both fields.", {"privacy": "tee_required"},
        [None, "tee_required", None, "tee_required"], candidates=privacy)
    ask("speed", "An observed speed of at least as much as is needed is enough.", {"min_tok_s": 20.5},
        [None, "min_tok_s", "min_tok_s", None, "min_tok_s", "min_tok_s"], flags=missing)
    ask("speed-zero", "Where a speed of 0 is needed one must have been observed.", {"min_tok_s": 0},
        [None, None, "min_tok_s", None, "min_tok_s", "min_tok_s"], flags=missing)
    ask("privacy-null", "A privacy level of null asks for nothing.", {"privacy": None, "min_context": None}, [None] * 6)
    ask("scope-is-no-requirement", "The scope of the request is no requirement.", {"scope": "nobody"}, [None] * 6)
    everything = {"needs": ["tools"], "min_context": 10, "model_family": "f", "tier": "partner",
                  "privacy": "tee_required", "min_tok_s": 5}
    full = {"capabilities": ["supports_tools"], "family": "f", "tier": "partner", "context": 10, "has_tee": True,
            "tok_s": 5}
    holes = ["", "capabilities", "context", "family", "tier", "has_tee", "tok_s"]
    reasons = [None, "missing_capability:tools", "min_context", "model_family", "tier", "tee_required", "min_tok_s"]
    ask("one-hole-each", "Of six checks exactly one fails for each candidate but the first.", everything, reasons,
        candidates=[candidate(f"no-{hole}", **{key: value for key, value in full.items() if key != hole}) for hole in holes],
        flags=missing)
    for place, reason in enumerate(reasons[1:], start=1):
        left = [key for at, key in enumerate(holes[1:], start=1) if at < place]
        assert reason is not None
        ask(f"first-of-the-rest-{place}", f"The check for {reason.partition(':')[0]} comes before those after it.",
            everything, [reason], candidates=[candidate("x", **{key: full[key] for key in left})], flags=missing)
    book.add("under-not", "Under a negation the candidates are those that do not meet the request.",
             input={"term": ["not", MEETS], "candidates": list(WORLD), "facts": {"needs": ["tools"]}},
             result={"reasons": ["not", "not", None, None, None, None]})
    return book


# --- connectives ------------------------------------------------------------------------------------------------

SIMPLE: dict[str, tuple[Json, str | None]] = {
    "t": (["provider_eq", "p"], None),
    "f": (["provider_eq", "q"], "provider_id"),
    "g": (["is", "disabled"], "is:disabled"),
    "u": (["test", ["field", "call_cost"], "le", 0], "test"),
}
"""Predicates by letter, with what they say of the candidate `LONE`."""

LONE = candidate("a", disabled=False)
ORDERED = "gtfu"
"""The letters in the order of a normal form: shorter lists first, then shorter heads, then the order of letters."""


def _lone(book: Book, name: str, comment: str, term: Json, reason: str | None, **rest: Json) -> None:
    """One predicate at the candidate `LONE`."""
    _ask(book, name, comment, term, [reason], candidates=[LONE], **rest)


def _first(letters: str, accepting: bool) -> str | None:
    """The first letter, in the order of a normal form, that accepts or does not."""
    for letter in sorted(set(letters), key=ORDERED.index):
        if (SIMPLE[letter][1] is None) == accepting:
            return letter
    return None


def _and() -> Book:
    book = Book("semantics/and", kind="predicate",
                about="The predicate `and`: from left to right in the order of the normal form, up to a refusal.")
    for letters in ("tf", "ft", "fg", "gf", "tt", "tu", "uf", "gfu", "tfg", "ttf", "fug", "tgu"):
        parts = [SIMPLE[letter][0] for letter in letters]
        decides = _first(letters, accepting=False)
        reason = None if decides is None else SIMPLE[decides][1]
        _lone(book, f"parts-{letters}", "The reason is that of the first part of the normal form which refuses.",
              ["and", *parts], reason, flags=["Undefined"] if "u" in letters else [])
    _lone(book, "shorter-operation-first", "The part with the shorter name comes first, whatever the author wrote.",
          ["and", ["provider_eq", "q"], ["family_eq", "q"]], "model_family")
    _ask(book, "shorter-list-first", "The part with fewer arguments comes first, whatever its name.",
         ["and", ["cmp", "credits", "gt", 0], ["scope_matches"], ["has_cap", "x"]], ["scope"],
         candidates=[candidate("a", scope="s")], flags=["MissingObservation", "LengthFirst"])
    _lone(book, "by-argument", "Of equal operations the shorter argument comes first.",
          ["and", ["has_cap", "aaa"], ["has_cap", "zz"]], "missing_capability:zz", flags=["LengthFirst"])
    _lone(book, "by-letters", "Of equal lengths the order of bytes decides.",
          ["and", ["has_cap", "z"], ["has_cap", "a"]], "missing_capability:a")
    _lone(book, "by-code-points",
          "Names are ordered by UTF-8 bytes, in which the fullwidth tilde comes before an emoji.",
          ["and", ["has_cap", "\U0001f600"], ["has_cap", "\uff5e!"]], "missing_capability:\uff5e!",
          flags=["Unicode", "Utf16Order"])
    _lone(book, "by-number", "Integers are ordered by their encodings, so that 24 comes after 23 and before -1.",
          ["and", ["cmp", "credits", "eq", -1], ["cmp", "credits", "eq", 24], ["cmp", "credits", "lt", 0]],
          "cmp:credits:eq", flags=["MissingObservation"])
    _lone(book, "nested", "A nested conjunction is part of the outer one.",
          ["and", ["and", ["has_cap", "b"], ["is", "disabled"]], ["has_cap", "a"]], "is:disabled")
    _lone(book, "with-top", "The predicate top vanishes from a conjunction.", ["and", ["top"], ["has_cap", "a"]],
          "missing_capability:a")
    _lone(book, "with-bot", "The predicate bot is all that is left of a conjunction.",
          ["and", ["has_cap", "a"], ["bot"]], "bot")
    _lone(book, "of-all-top", "A conjunction of nothing but top accepts.", ["and", ["top"], ["top"]], None)
    _ask(book, "world", "Each candidate has the reason of the part that refuses it first.",
         ["and", ["cmp", "price_in", "le", 1], ["not", ["is", "disabled"]], ["meets_req"], ["scope_matches"]],
         [None, None, "cmp:price_in:le", "scope", None, None], flags=["MissingObservation", "Infinite"])
    _lone(book, "or-inside", "A disjunction that refuses has a reason of its own.",
          ["and", ["or", ["has_cap", "a"], ["has_cap", "b"]]], "or")
    return book


def _or() -> Book:
    book = Book("semantics/or", kind="predicate",
                about="The predicate `or`: from left to right in the order of the normal form, up to an acceptance.")
    for letters in ("tf", "ft", "fg", "gf", "gu", "fut", "gfu", "tu"):
        parts = [SIMPLE[letter][0] for letter in letters]
        reason = None if _first(letters, accepting=True) else "or"
        _lone(book, f"parts-{letters}",
              "One part that accepts is enough, and none leaves the reason of the disjunction.", ["or", *parts], reason,
              flags=["Undefined"] if "u" in letters else [])
    _lone(book, "single", "A disjunction of one part is that part, with its reason.", ["or", ["has_cap", "a"]],
          "missing_capability:a")
    _lone(book, "twice-the-same", "A disjunction of equal parts is that part, with its reason.",
          ["or", ["has_cap", "a"], ["has_cap", "a"]], "missing_capability:a")
    _lone(book, "with-bot", "The predicate bot vanishes from a disjunction, which may leave one part with its reason.",
          ["or", ["bot"], ["has_cap", "a"]], "missing_capability:a")
    _lone(book, "of-all-bot", "A disjunction of nothing but bot refuses as bot does.", ["or", ["bot"], ["bot"]], "bot")
    _lone(book, "with-top", "The predicate top is all that is left of a disjunction.",
          ["or", ["has_cap", "a"], ["top"]], None)
    _lone(book, "and-inside", "A conjunction in a disjunction leaves the reason of the disjunction.",
          ["or", ["and", ["has_cap", "a"], ["has_cap", "b"]], ["is", "disabled"]], "or")
    _ask(book, "world", "Different parts accept different candidates.",
         ["or", ["provider_eq", "c"], ["cmp", "price_in", "eq", 0], ["tag_in", "region", ["us"]]],
         ["or", None, None, "or", None, "or"], flags=["MissingObservation", "Infinite"])
    return book


def _not() -> Book:
    book = Book("semantics/not", kind="predicate", about="The predicate `not`, which has one reason of its own.")
    _lone(book, "accepts", "A negation refuses what its part accepts.", ["not", ["provider_eq", "p"]], "not")
    _lone(book, "refuses", "A negation accepts what its part refuses.", ["not", ["provider_eq", "q"]], None)
    _lone(book, "twice", "Two negations are none, and the inner reason stands.", ["not", ["not", ["provider_eq", "q"]]],
          "provider_id")
    _lone(book, "three-times", "Three negations are one.", ["not", ["not", ["not", ["provider_eq", "p"]]]], "not")
    _lone(book, "top", "The negation of top is bot, with the reason of bot.", ["not", ["top"]], "bot")
    _lone(book, "bot", "The negation of bot is top.", ["not", ["bot"]], None)
    _lone(book, "of-and", "The negation of a conjunction does not say which part accepted.",
          ["not", ["and", ["provider_eq", "p"], ["family_eq", "m"]]], "not")
    _lone(book, "of-or", "The negation of a disjunction refuses as soon as one part accepts.",
          ["not", ["or", ["provider_eq", "q"], ["family_eq", "m"]]], "not")
    _ask(book, "missing-number", "A missing price is not known to be low, and the negation of a low price accepts it.",
         ["not", ["cmp", "price_in", "le", 1]], ["not", "not", None, None, "not", "not"],
         flags=["MissingObservation", "Infinite"])
    _ask(book, "relation-is-no-negation", "For an undefined number neither a relation nor its opposite holds.",
         ["or", ["cmp", "call_cost", "le", 1], ["cmp", "call_cost", "gt", 1]], ["or"], candidates=[candidate("a")],
         flags=["Undefined", "MissingObservation"])
    return book
