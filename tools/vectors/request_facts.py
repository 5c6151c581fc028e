"""Vectors of request facts: the record, its fingerprint, and what is no fact."""

from __future__ import annotations

from typing import Any

from policy_ir.canonical import fingerprint
from vectors.book import Book
from vectors.world import Json

# fmt: off

EMPTY: dict[str, Any] = {"needs": [], "privacy": "standard", "fields": []}
"""The record of facts that say nothing."""

OWN = {"vocabulary": 1, "name": "v", "needs": {"film": "supports_film", "\U0001f600": "smile", "\uff5e": "wave"},
       "tiers": ["fallback", "marketplace", "gold", "partner"], "fields": {
    "n": {"sort": "num", "source": "request", "default": 0},
    "r": {"sort": "num", "source": "request", "default": 9, "minimum": -1, "maximum": 1},
    "b": {"sort": "bool", "source": "request", "default": True},
    "t": {"sort": "tag", "source": "request"}, "s": {"sort": "tags", "source": "request"}}}
"""A vocabulary with a request field of each sort."""


def books() -> list[Book]:
    """The books of this module."""
    return [_record(), _fields(), _refused()]


def due(**members: Json) -> dict[str, Json]:
    """The result of facts with these members of the record besides `EMPTY`: the record and its fingerprint."""
    record = {**EMPTY, **members}
    return {"facts": record, "fingerprint": fingerprint("facts/1", _numbers(record))}


def _numbers(value: Json) -> Json:
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            return float(value)
        case list():
            return [_numbers(entry) for entry in value]
        case _:
            return {key: _numbers(entry) for key, entry in value.items()}


def _record() -> Book:
    book = Book("facts/record", kind="facts", about="The record of facts and its fingerprint.")

    def keep(name: str, comment: str, facts: Json, record: Json, rules: list[str], **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("vocabulary",) if key in rest}
        book.add(name, comment, input={**given, "facts": facts}, result=due(**record), rules=rules, **rest)

    book.add("absent", "Facts that are not given say nothing.", input={}, result=due(),
             rules=["facts/object", "facts/record", "facts/fingerprint"], near=["PIR0710"], flags=["Empty"])
    keep("empty", "An empty object of facts says nothing.", {}, {}, ["facts/object", "facts/record"], flags=["Empty"])
    everything = {"needs": ["vision", "tools"], "min_context": 1000, "model_family": "f", "tier": "partner",
                  "privacy": "no_log", "min_tok_s": 5.5, "scope": "s", "fields": {"prompt_tokens": 10, "bucket": 0.5}}
    record = {**everything, "needs": ["tools", "vision"], "fields": [["bucket", 0.5], ["prompt_tokens", 10]]}
    keep("everything", "Facts of every kind.", everything, record, ["facts/record", "facts/fingerprint", "facts/unknown"],
         near=["PIR0711"])
    keep("other-order", "Facts that are written in another order have the same fingerprint.",
         {**dict(reversed(list(everything.items()))), "fields": {"bucket": 0.5, "prompt_tokens": 10.0}, "needs": [
             "tools", "vision"]}, record, ["facts/record", "facts/fingerprint"])
    keep("nulls", "A key whose value is null is absent.", dict.fromkeys(everything), {}, ["facts/null"])
    keep("null-entry", "A field whose value is null is absent.", {"fields": {"bucket": None}}, {}, ["facts/null"])
    keep("no-needs", "An empty list of needs is nothing needed.", {"needs": [], "fields": {}}, {}, ["facts/need"],
         flags=["Empty"])
    keep("needs-sorted", "Needs are a set, sorted.", {"needs": ["vision", "audio", "tools", "audio"]},
         {"needs": ["audio", "tools", "vision"]}, ["facts/need"], near=["PIR0712"])
    keep("needs-by-bytes", "Needs are sorted by UTF-8 bytes, not by UTF-16 code units.",
         {"needs": ["\U0001f600", "\uff5e", "film"]}, {"needs": ["film", "\uff5e", "\U0001f600"]}, ["facts/need"],
         vocabulary=OWN, flags=["Utf16Order", "Unicode"])
    keep("need-of-core", "The core vocabulary has needs, too.", {"needs": ["seed"]}, {"needs": ["seed"]},
         ["facts/need"], vocabulary="core")
    for level in ("standard", "no_log", "tee_required"):
        keep(f"privacy-{level.replace('_', '-')}", f"The privacy level `{level}`.", {"privacy": level},
             {"privacy": level}, ["facts/privacy"], near=["PIR0713"])
    for tier in ("fallback", "partner"):
        keep(f"tier-{tier}", f"The tier `{tier}` is declared.", {"tier": tier}, {"tier": tier}, ["facts/tier"],
             near=["PIR0403"])
    keep("tier-of-own", "A tier of one's own vocabulary.", {"tier": "gold"}, {"tier": "gold"}, ["facts/tier"],
         vocabulary=OWN)
    keep("names-at-the-edge", "A name has 256 bytes at most.", {"model_family": "f" * 256, "scope": "\u00e9" * 128},
         {"model_family": "f" * 256, "scope": "\u00e9" * 128}, ["facts/name"], near=["PIR0714"], flags=["Edge", "Unicode"])
    keep("name-normalisation", "A name is not normalised.", {"scope": "e\u0301"}, {"scope": "e\u0301"}, ["facts/name"],
         flags=["Normalisation", "Unicode"])
    for name, value, kept, flags in (
        ("zero", 0, 0, ["Edge"]), ("minus-zero", -0.0, 0, ["Minus0"]), ("fraction", 0.5, 0.5, []),
        ("integral", 100.0, 100, []), ("great", 1.7976931348623157e308, 1.7976931348623157e308, ["Edge"]),
        ("beyond-integers", 9007199254740993, 9007199254740992, ["IntegerEdge", "Rounding"]),
        ("subnormal", 5e-324, 5e-324, ["DoubleSubnormal"]),
    ):
        keep(f"amount-{name}", f"The amount {value!r}, as the nearest binary64.", {"min_context": value},
             {"min_context": kept}, ["facts/amount"], near=["PIR0714", "PIR0716"], flags=flags)
        keep(f"speed-{name}", f"The speed {value!r}, as the nearest binary64.", {"min_tok_s": value},
             {"min_tok_s": kept}, ["facts/amount"], flags=flags)
    return book


def _fields() -> Book:
    book = Book("facts/fields", kind="facts", about="Values of request fields.")

    def keep(name: str, comment: str, fields: Json, pairs: Json, rule: str = "facts/value", **rest: Json) -> None:
        book.add(name, comment, input={"vocabulary": OWN, "facts": {"fields": fields}}, result=due(fields=pairs),
                 rules=[rule, *rest.pop("rules", [])], **rest)

    def refuse(name: str, comment: str, field: str, value: Json, code: str, rule: str = "facts/value", **rest: Json) -> None:
        at, _, inner = field.partition("/")
        pointer = f"/fields/{at}" + (f"/{inner}" if inner else "")
        book.add(name, comment, input={"vocabulary": OWN, "facts": {"fields": {at: value}}},
                 refused=[f"{code} {pointer}"], denies=[rule], **rest)

    keep("number", "A number of the request.", {"n": 5}, [["n", 5]], near=["PIR0714", "PIR0715"], rules=["facts/field"])
    keep("minus-zero", "A negative zero is 0.", {"n": -0.0}, [["n", 0]], flags=["Minus0"])
    keep("range", "The ends of a range are in it.", {"r": -1}, [["r", -1]], near=["PIR0716"], flags=["Edge"])
    keep("range-maximum", "The greatest number of a range is in it.", {"r": 1}, [["r", 1]], near=["PIR0716"],
         flags=["Edge"])
    keep("boolean", "A boolean of the request.", {"b": False}, [["b", False]])
    keep("tag", "A tag of the request.", {"t": "x"}, [["t", "x"]])
    keep("set", "A set of the request is sorted.", {"s": ["b", "a", "b"]}, [["s", ["a", "b"]]])
    keep("empty-set", "An empty set is a value.", {"s": []}, [["s", []]], flags=["Empty"])
    keep("sorted", "Fields are sorted by name.", {"t": "x", "n": 1, "b": True}, [["b", True], ["n", 1], ["t", "x"]],
         "facts/record")
    refuse("below", "A number below the range is refused.", "r", -1.5, "PIR0716", flags=["PastEdge"])
    refuse("above", "A number above the range is refused.", "r", 1.0000000000000002, "PIR0716", flags=["PastEdge"])
    refuse("number-as-text", "A text is no number of the request.", "n", "5", "PIR0714")
    refuse("infinity", "An infinity is no value.", "n", "inf", "PIR0714")
    refuse("too-great", "An integer beyond binary64 is no value.", "n", 10**400, "PIR0714", flags=["Overflow"])
    refuse("boolean-as-number", "A number is no boolean of the request.", "b", 1, "PIR0714")
    refuse("number-as-boolean", "A boolean is no number of the request.", "n", False, "PIR0714")
    refuse("tag-as-number", "A number is no tag of the request.", "t", 1, "PIR0714")
    refuse("tag-empty", "An empty text is no tag of the request.", "t", "", "PIR0714")
    refuse("tag-long", "A tag of 257 bytes is none.", "t", "t" * 257, "PIR0714", flags=["PastEdge"])
    refuse("set-as-text", "A text is no set of the request.", "s", "a", "PIR0714")
    refuse("set-entry", "A number is no tag of a set of the request.", "s/1", ["a", 1], "PIR0714")
    refuse("set-empty-entry", "An empty text is no tag of a set of the request.", "s/0", [""], "PIR0714")
    refuse("undeclared", "A field that nobody declared is no field of the request.", "x", 1, "PIR0715", "facts/field")
    refuse("undeclared-null", "A field that nobody declared is refused whatever its value.", "x", None, "PIR0715",
           "facts/field")
    refuse("catalogue-field", "A field of the catalogue is none of the request.", "price_in", 1, "PIR0715", "facts/field")
    refuse("state-field", "A field of the state is none of the request.", "latency_ms", 1, "PIR0715", "facts/field")
    book.add("derived-field", "A field that a formula derives is none of the request.",
             input={"facts": {"fields": {"call_cost": 1}}}, refused=["PIR0715 /fields/call_cost"], denies=["facts/field"])
    book.add("core-has-none", "The core vocabulary has no fields of the request.",
             input={"vocabulary": "core", "facts": {"fields": {"prompt_tokens": 1}}},
             refused=["PIR0715 /fields/prompt_tokens"], denies=["facts/field"])
    book.add("several", "Each field that is wrong is reported, in the order of the object.", denies=["facts/value"],
             input={"vocabulary": OWN, "facts": {"fields": {"t": 1, "x": 1, "r": 5, "b": 0}}},
             refused=["PIR0714 /fields/t", "PIR0715 /fields/x", "PIR0716 /fields/r", "PIR0714 /fields/b"])
    return book


def _refused() -> Book:
    book = Book("facts/refused", kind="facts", about="What is no record of facts.")

    def refuse(name: str, comment: str, facts: Json, refused: Json, denies: str, **rest: Json) -> None:
        book.add(name, comment, input={"facts": facts}, refused=refused, denies=[denies], **rest)

    for name, value in (("list", []), ("text", "needs"), ("number", 1), ("null", None), ("boolean", False)):
        refuse(f"no-object-{name}", f"Facts are an object, and not {value!r}.", value, ["PIR0710 "], "facts/object")
    refuse("unknown", "A key that facts do not have is refused.", {"prompt_tokens": 1}, ["PIR0711 /prompt_tokens"],
           "facts/unknown")
    refuse("unknown-null", "A key that facts do not have is refused whatever its value.", {"seed": None},
           ["PIR0711 /seed"], "facts/null")
    refuse("unknown-case", "Keys of facts differ by case.", {"Needs": []}, ["PIR0711 /Needs"], "facts/unknown")
    refuse("unknown-host-name", "A name that every object of a host language has is no key of facts.",
           {"constructor": 1}, ["PIR0711 /constructor"], "facts/unknown", flags=["HostName"])
    refuse("unknown-escaped", "The pointer of a key is escaped.", {"a/b~": 1}, ["PIR0711 /a~1b~0"], "facts/unknown")
    refuse("unknown-own", "Facts have no keys of the host's own.", {"x-note": 1}, ["PIR0711 /x-note"], "facts/unknown")
    refuse("need", "A need that the vocabulary does not have is refused.", {"needs": ["tools", "telepathy"]},
           ["PIR0712 /needs/1"], "facts/need")
    refuse("need-capability", "A capability is no need.", {"needs": ["supports_tools"]}, ["PIR0712 /needs/0"],
           "facts/need")
    refuse("need-empty", "An empty text is no need.", {"needs": [""]}, ["PIR0712 /needs/0"], "facts/need")
    refuse("need-host-name", "A name that every object of a host language has is no need.", {"needs": ["toString"]},
           ["PIR0712 /needs/0"], "facts/need", flags=["HostName"])
    refuse("need-number", "A number is no need.", {"needs": [1]}, ["PIR0714 /needs/0"], "facts/need")
    refuse("need-null", "A null is no need.", {"needs": [None]}, ["PIR0714 /needs/0"], "facts/need")
    refuse("needs-text", "Needs are a list.", {"needs": "tools"}, ["PIR0714 /needs"], "facts/need")
    refuse("needs-object", "An object is no list of needs.", {"needs": {"tools": True}}, ["PIR0714 /needs"], "facts/need")
    refuse("tier", "A tier that the vocabulary does not declare is refused.", {"tier": "gold"}, ["PIR0403 /tier"],
           "facts/tier")
    refuse("tier-empty", "An empty text is no tier.", {"tier": ""}, ["PIR0403 /tier"], "facts/tier")
    refuse("tier-number", "A number is no tier.", {"tier": 1}, ["PIR0714 /tier"], "facts/tier")
    refuse("privacy", "A privacy level that there is not is refused.", {"privacy": "none"}, ["PIR0713 /privacy"],
           "facts/privacy")
    refuse("privacy-case", "Privacy levels differ by case.", {"privacy": "No_Log"}, ["PIR0713 /privacy"],
           "facts/privacy")
    refuse("privacy-boolean", "A boolean is no privacy level.", {"privacy": True}, ["PIR0713 /privacy"],
           "facts/privacy")
    for key in ("model_family", "scope"):
        word = key.replace("_", "-")
        refuse(f"{word}-empty", f"The key `{key}` is no empty text.", {key: ""}, [f"PIR0714 /{key}"], "facts/name")
        refuse(f"{word}-long", f"The key `{key}` has no text of 257 bytes.", {key: "\u00e9" * 128 + "x"},
               [f"PIR0714 /{key}"], "facts/name", flags=["PastEdge", "Unicode"])
        refuse(f"{word}-number", f"The key `{key}` is no number.", {key: 1}, [f"PIR0714 /{key}"], "facts/name")
    for key in ("min_context", "min_tok_s"):
        word = key.replace("_", "-")
        refuse(f"{word}-negative", f"The amount `{key}` is not negative.", {key: -1}, [f"PIR0716 /{key}"], "facts/amount")
        refuse(f"{word}-just-negative", f"The amount `{key}` is not the least negative number.", {key: -5e-324},
               [f"PIR0716 /{key}"], "facts/amount", flags=["PastEdge", "DoubleSubnormal"])
        refuse(f"{word}-text", f"The amount `{key}` is no text.", {key: "1000"}, [f"PIR0714 /{key}"], "facts/amount")
        refuse(f"{word}-boolean", f"The amount `{key}` is no boolean.", {key: True}, [f"PIR0714 /{key}"], "facts/amount")
        refuse(f"{word}-too-great", f"The amount `{key}` is finite.", {key: 10**400}, [f"PIR0714 /{key}"],
               "facts/amount", flags=["Overflow"])
    refuse("fields-list", "Fields of the request are an object.", {"fields": []}, ["PIR0714 /fields"], "facts/field",
           flags=["Empty"])
    refuse("several", "All findings are reported, in the order of the object.",
           {"tier": "gold", "x": 1, "needs": ["nope", 1], "privacy": "p", "scope": "", "min_context": -1,
            "fields": {"price_in": 1}},
           ["PIR0403 /tier", "PIR0711 /x", "PIR0712 /needs/0", "PIR0714 /needs/1", "PIR0713 /privacy", "PIR0714 /scope",
            "PIR0716 /min_context", "PIR0715 /fields/price_in"], "facts/record")
    refuse("no-fingerprint", "What is refused has no record and no fingerprint.", {"scope": "s", "tier": "none"},
           ["PIR0403 /tier"], "facts/fingerprint")
    return book
