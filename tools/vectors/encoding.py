"""Chapter Encoding: bytes of values, terms and records, fingerprints, and what a reader of bytes refuses."""

from __future__ import annotations

from math import nextafter
from typing import Any

from vectors.book import Book
from vectors.examples import ABORT, CUSTOM, HOUSE, NEXT, ONE_OF_EACH


def books() -> list[Book]:
    return [numbers(), values(), terms()]


# fmt: off
def numbers() -> Book:
    book = Book("encoding/numbers", "encoding", "Numbers: each width of integers, and half, single and double precision with their subnormals.")

    def add(name: str, comment: str, number: float, tail: str, rules: list[str], *flags: str, denies: tuple[str, ...] = ()) -> None:
        """`tail` is the encoding of the number, the end of the record's bytes."""
        book.add(name, comment, input={"tag": "x", "value": number}, rules=rules, flags=flags, denies=denies, result={"bytes": "826178" + tail})

    for number, tail in [(0, "00"), (1, "01"), (10, "0a"), (23, "17"), (24, "1818"), (25, "1819"), (100, "1864"), (255, "18ff"), (256, "190100"), (1000, "1903e8"), (65535, "19ffff"), (65536, "1a00010000"), (4294967295, "1affffffff"),
                         (4294967296, "1b0000000100000000"), (9007199254740990, "1b001ffffffffffffe"), (9007199254740991, "1b001fffffffffffff")]:
        add(f"integer-{number}", f"The integer {number} has the shortest head that holds it.", number, tail, ["encode/integer", "encode/head", "value/number"], *(["IntegerEdge"] if number > 2**50 else ["Edge"] if number in (23, 24, 255, 256, 65535, 65536) else []))
    for number, tail in [(-1, "20"), (-10, "29"), (-24, "37"), (-25, "3818"), (-256, "38ff"), (-257, "390100"), (-65536, "39ffff"), (-65537, "3a00010000"), (-4294967296, "3affffffff"), (-4294967297, "3b0000000100000000"), (-9007199254740991, "3b001ffffffffffffe")]:
        add(f"integer-minus-{-number}", f"The integer {number} is major type 1 with the argument {-1 - number}.", number, tail, ["encode/integer", "encode/head"], *(["IntegerEdge"] if number < -(2**50) else []))
    add("minus-zero", "Negative zero is encoded as 0.", -0.0, "00", ["encode/zero"], "Minus0", denies=("encode/float",))
    add("integral-float", "25.0 is the integer 25.", 25.0, "1819", ["encode/integer"], denies=("encode/float",))
    add("integral-exponent", "A million is an integer however it is written.", 1e6, "1a000f4240", ["encode/integer"], denies=("encode/float",))
    for name, number, tail, width, flags in [
        ("2-53", 9007199254740992, "fa5a000000", "single", ["IntegerEdge", "PastEdge"]), ("minus-2-53", -9007199254740992, "fada000000", "single", ["IntegerEdge", "PastEdge"]), ("2-53-plus-2", 9007199254740994, "fb4340000000000001", "double", ["IntegerEdge"]),
        ("2-63", 2**63, "fa5f000000", "single", ["IntegerEdge"]), ("2-64", 2**64, "fa5f800000", "single", ["IntegerEdge"]), ("power-22", 1e22, "fb4480f0cf064dd592", "double", ["Shortest"]), ("power-23", 1e23, "fb44b52d02c7e14af6", "double", ["Shortest"]), ("power-100", 1e100, "fb54b249ad2594c37d", "double", ["Shortest"]),
    ]:
        add(f"integral-{name}", f"An integral number beyond 2^53 - 1 is a float, here of {width} precision.", number, tail, ["encode/float"], *flags, denies=("encode/integer",))
    for name, number, tail, what, flags in [
        ("half", 0.5, "f93800", "0.5 is a half", []), ("minus-half", -0.5, "f9b800", "-0.5 is a half", []), ("one-and-a-half", 1.5, "f93e00", "1.5 is a half", []), ("quarter", 0.25, "f93400", "0.25 is a half", []),
        ("half-smallest-step", 1.0009765625, "f93c01", "1 + 2^-10 is a half, the one after 1", []), ("half-one-bit-more", 1.00048828125, "fa3f801000", "1 + 2^-11 has a bit too many for a half", []),
        ("half-greatest-fraction", 1023.5, "f963ff", "1023.5 is the greatest half with a fraction", ["Edge"]), ("past-half-fraction", 1024.5, "fa44801000", "1024.5 has a bit too many for a half", ["PastEdge"]),
        ("half-overflow", 65504.5, "fa477fe080", "65504.5 is beyond the greatest half", ["PastEdge"]), ("half-least-normal", 6.103515625e-05, "f90400", "2^-14 is the least normal half", ["Edge"]),
        ("half-greatest-subnormal", 6.097555160522461e-05, "f903ff", "The half below 2^-14 is subnormal", ["HalfSubnormal", "Edge"]), ("half-subnormal", 3.516674041748047e-05, "f9024e", "A subnormal half is used", ["HalfSubnormal"]),
        ("half-least", 5.960464477539063e-08, "f90001", "2^-24 is the least half", ["HalfSubnormal", "Edge"]), ("half-least-negative", -5.960464477539063e-08, "f98001", "-2^-24 is a half, too", ["HalfSubnormal", "Edge"]),
        ("half-subnormal-odd", 1.7881393432617188e-07, "f90003", "3 times 2^-24 is a subnormal half", ["HalfSubnormal"]), ("half-subnormal-between", 8.940696716308594e-08, "fa33c00000", "1.5 times 2^-24 lies between two halves", ["HalfSubnormal"]),
        ("below-half", 2.9802322387695312e-08, "fa33000000", "2^-25 is below every half", ["PastEdge"]), ("half-subnormal-long", 6.1005353927612305e-05, "fa387fe000", "Between the two greatest subnormal halves lies a single", ["HalfSubnormal"]),
        ("single", 0.10000000149011612, "fa3dcccccd", "The single nearest to 0.1 is a single", ["Shortest"]), ("single-smallest-step", 1.0000001192092896, "fa3f800001", "1 + 2^-23 is a single", []), ("single-one-bit-more", 1.0000000596046448, "fb3ff0000010000000", "1 + 2^-24 has a bit too many for a single", []),
        ("single-greatest", 3.4028234663852886e38, "fa7f7fffff", "The greatest single is integral, and beyond the integers", ["Edge"]), ("single-overflow", 3.4028235677973366e38, "fb47effffff0000000", "Half way past the greatest single is a double", ["PastEdge", "Overflow"]),
        ("single-2-128", 2.0**128, "fb47f0000000000000", "2^128 is beyond the greatest single", ["PastEdge", "Overflow"]), ("single-least-normal", 1.1754943508222875e-38, "fa00800000", "2^-126 is the least normal single", ["Edge"]),
        ("single-greatest-subnormal", 1.1754942106924411e-38, "fa007fffff", "The single below 2^-126 is subnormal", ["SingleSubnormal", "Edge"]), ("single-least", 1.401298464324817e-45, "fa00000001", "2^-149 is the least single", ["SingleSubnormal", "Edge"]),
        ("single-subnormal-odd", 4.203895392974451e-45, "fa00000003", "3 times 2^-149 is a subnormal single", ["SingleSubnormal"]), ("below-single", 7.006492321624085e-46, "fb3690000000000000", "2^-150 is below every single", ["PastEdge"]),
        ("single-subnormal-between", 2.1019476964872256e-45, "fb36a8000000000000", "1.5 times 2^-149 lies between two singles", ["SingleSubnormal"]),
        ("tenth", 0.1, "fb3fb999999999999a", "0.1 is a double", ["Shortest"]), ("sum-of-tenths", 0.1 + 0.2, "fb3fd3333333333334", "The sum of 0.1 and 0.2 is a double of its own", ["Shortest", "Rounding"]), ("three-tenths", 0.3, "fb3fd3333333333333", "0.3 is the double before it", ["Shortest"]),
        ("third", 1 / 3, "fb3fd5555555555555", "A third is a double", []), ("after-one", nextafter(1, 2), "fb3ff0000000000001", "The double after 1 is no integer", ["Rounding"]), ("before-one", nextafter(1, 0), "fb3fefffffffffffff", "The double before 1 is no integer", ["Rounding"]),
        ("before-2-52", 4503599627370495.5, "fb432fffffffffffff", "The greatest double with a fraction is no integer", ["Edge"]), ("least-normal", 2.2250738585072014e-308, "fb0010000000000000", "2^-1022 is the least normal double", ["Edge", "DoubleSubnormal"]),
        ("greatest-subnormal", 2.225073858507201e-308, "fb000fffffffffffff", "The double below it is subnormal", ["DoubleSubnormal", "Edge"]), ("least", 5e-324, "fb0000000000000001", "5e-324 is the least double", ["DoubleSubnormal", "Edge"]),
        ("minus-least", -5e-324, "fb8000000000000001", "-5e-324 is a double and not 0", ["DoubleSubnormal", "Edge"]), ("greatest", 1.7976931348623157e308, "fb7fefffffffffffff", "The greatest double is a double", ["Edge"]), ("pi", 3.141592653589793, "fb400921fb54442d18", "A double of all its digits is a double", []),
    ]:
        add(name, f"{what}.", number, tail, ["encode/float"], *flags, denies=("encode/integer", "encode/zero"))
    return book


def values() -> Book:
    book = Book("encoding/values", "encoding", "Texts, booleans, lists, maps and their heads; records with tags; scores.")

    def add(name: str, comment: str, value: Any, tail: str | None, rules: list[str], *flags: str, **more: Any) -> None:
        book.add(name, comment, input={"tag": "x", "value": value}, rules=rules, flags=flags, result=None if tail is None else {"bytes": "826178" + tail}, **more)

    add("true", "True is one byte.", True, "f5", ["encode/boolean"], denies=["encode/integer"])
    add("false", "False is one byte.", False, "f4", ["encode/boolean"], denies=["encode/zero"])
    for length, head in [(0, "60"), (1, "61"), (23, "77"), (24, "7818"), (25, "7819"), (255, "78ff"), (256, "790100"), (257, "790101"), (65535, "79ffff"), (65536, "7a00010000")]:
        if length < 300:
            add(f"text-{length}", f"A text of {length} bytes has the shortest head.", "x" * length, head + "78" * length, ["encode/text", "encode/head"], *(["Edge"] if length in (23, 24, 255, 256) else ["Empty"] if not length else []))
    for name, text, what in [("two-bytes", "é", "A letter of two bytes counts as two"), ("three-bytes", "模", "A letter of three bytes counts as three"), ("four-bytes", "😀", "A character beyond U+FFFF counts as four"), ("decomposed", "e\u0301", "A letter with a combining accent is not composed"),
                             ("nul", "\0", "A NUL is a character"), ("mark", "\ufeff", "U+FEFF is a character"), ("noncharacter", "\uffff", "A noncharacter is a character"), ("23-bytes", "é" * 11 + "x", "What counts for the head are bytes, here 23"), ("24-bytes", "é" * 12, "Twelve letters of two bytes are 24"),
                             ("astral-64", "😀" * 64, "64 characters beyond U+FFFF are 256 bytes"), ("controls", "\x00\x1f\x7f\x80", "Control characters stand as they are")]:
        add(f"text-{name}", f"{what}.", text, None, ["encode/text"], "Unicode", *(["Normalisation"] if name == "decomposed" else []))
    for name, text in [("number", "1"), ("null", "null"), ("infinite", "infinity"), ("undefined-word", "Undefined")]:
        add(f"text-like-{name}", f"The text {text} is a text.", text, None, ["encode/text"], "HostName", denies=["encode/score"])
    for length, head in [(0, "80"), (1, "81"), (23, "97"), (24, "9818"), (255, "98ff"), (256, "990100")]:
        add(f"list-{length}", f"A list of {length} entries has the shortest head.", [1] * length, head + "01" * length, ["encode/list", "encode/head"], *(["Empty"] if not length else ["Edge"] if length > 1 else []))
    add("list-order", "The order of a list is kept.", [2, 1, "b", "a"], "84020161626161", ["encode/list"], denies=["encode/map"])
    for length, head in [(0, "a0"), (1, "a1"), (23, "b7"), (24, "b818"), (64, "b840"), (256, "b90100")]:
        add(f"map-{length}", f"A map of {length} entries has the shortest head.", {f"{at:03}": 1 for at in range(length)}, head + "".join(f"63{f'{at:03}'.encode().hex()}01" for at in range(length)), ["encode/map", "encode/head"], *(["Empty"] if not length else ["Edge"] if length in (23, 24, 64) else []))
    for name, keys, comment, flags in [
        ("shorter-first", ["aa", "b"], "A key of fewer bytes comes first, even where its first letter is greater", ["LengthFirst"]), ("letters", ["b", "a"], "Of keys of one length the letters count", []), ("capitals", ["a", "B"], "Capitals come before small letters", []),
        ("bytes-not-characters", ["é", "zz", "z"], "A key of one character in two bytes stands among those of two", ["LengthFirst", "Unicode"]), ("utf-8", ["\U00010000", "\uff5ea"], "Keys are compared by UTF-8, where U+FF5E comes before U+10000", ["Utf16Order", "Unicode"]),
        ("integers", ["10", "9", "1"], "Keys that look like integers are texts, and come in the order of texts", ["HostName", "LengthFirst"]), ("integers-and-words", ["a", "2", "b", "1"], "They come before words because of their bytes only", ["HostName"]), ("host-names", ["toString", "__proto__", "constructor", "a"], "Names that objects have are keys", ["HostName", "LengthFirst"]),
        ("normalisation", ["\u00e9", "e\u0301"], "Keys that only normalisation would make equal are two", ["Normalisation", "Unicode"]), ("empty", ["a", ""], "The empty key comes first", ["Empty"]), ("23-24", ["a" * 24, "b" * 23], "A key of 23 bytes comes before one of 24", ["LengthFirst", "Edge"]),
        ("255-256", ["a" * 256, "b" * 255], "A key of 255 bytes comes before one of 256", ["LengthFirst", "Edge"]), ("nul", ["a\0", "a", "ab"], "A NUL ends no key", []), ("many", ["model", "provider", "z", "action", "attempts"], "Keys are sorted, not kept as written", ["LengthFirst"]),
    ]:
        add(f"keys-{name}", f"{comment}.", {key: at for at, key in enumerate(keys)}, None, ["encode/map"], *flags)
    add("keys-inner", "Maps inside maps are sorted, too.", {"b": {"bb": 1, "c": [{"y": 1, "x": 2}]}, "a": 1}, None, ["encode/map"])
    add("nested", "Lists and maps may hold each other.", [[[]], {"a": [{}]}, True, "", -1], None, ["encode/list", "encode/map"])
    for tag in ("policy-ir/1", "vocabulary/1", "column/1", "snapshot-catalogue/1", "snapshot-state/1", "snapshot/1", "facts/1", "decision/1"):
        book.add(f"tag-{tag.replace('/', '-')}", f"A record of the kind {tag} begins with that tag.", input={"tag": tag, "value": {}}, rules=["record/other", "record/fingerprint", *([tag] if tag in ("policy-ir/1", "vocabulary/1", "facts/1", "decision/1") else [])])
    return book


def terms() -> Book:
    book = Book("encoding/terms", "encoding", "Terms: each operation, each sort of parameter, and the normal form that the bytes are of.")
    for op, term in ONE_OF_EACH.items():
        book.add(op.replace("_", "-"), f"The bytes and the fingerprint of a term of {op}.", input={"term": term}, rules=["value/node", "record/term", "record/fingerprint"])
    book.add("custom", "The bytes and the fingerprint of a term of custom.", input={"vocabulary": HOUSE, "term": CUSTOM}, rules=["value/node", "record/term"])
    for name, term, comment, rules in [
        ("numbers", ["clamp", -0.0, 1.5, ["lit", 9007199254740992]], "Numbers of a term are encoded as what they are", ["value/number", "encode/zero", "encode/float"]),
        ("count", ["top_k", 3.0, ["argmax"]], "A count is a number", ["value/number"]), ("scalar-number", ["set_param", "temperature", 0.25], "A numeric scalar is a number", ["value/number"]),
        ("scalar-text", ["set_param", "reasoning_effort", "high"], "A text scalar is a text", ["value/text"]), ("tags", ["tag_in", "labels", ["b", "a", "b"]], "Tags are sorted, and each is once", ["value/list"]),
        ("tags-24", ["tag_in", "labels", [f"t{at:02}" for at in range(24)]], "24 tags need a longer head", ["value/list", "encode/head"]), ("settings", ["filter_text", ["RedactPII", {"TruncateText": 300, "RedactPII": 0.5}]], "Settings are a map in the order of its keys", ["value/settings", "encode/map"]),
        ("settings-empty", ["filter_image", [{}]], "Empty settings are an empty map, and no empty list", ["value/settings"]), ("recipe-empty", ["filter_image", []], "An empty recipe is an empty list", ["value/list"]),
        ("chain-keys", ["chain", [{"model_family": "m", "provider_id": "p"}]], "An entry of a chain is a map of model and provider", ["value/chain-entry"]), ("chain-empty", ["chain", []], "An empty chain is an empty list", ["value/list"]),
        ("action", ["always", ABORT], "An action is a map of the keys that are present", ["value/action"]), ("action-all", ["always", {"open_breaker_ms": 5, "then_action": "abort", "backoff_ms": [1, 0.5], "attempts": 10, "action": "retry_same", "house": -1, "b": 2}], "An action has further keys among the known, all in one order", ["value/action", "encode/map"]),
        ("action-default", ["always", {"action": "retry_same", "attempts": 1}], "A default that is written has an entry", ["value/action"]), ("action-host-names", ["always", {"action": "abort", "__proto__": 1, "constructor": 2, "10": 3, "9": 4}], "Further keys that objects have, and that look like integers, are keys", ["value/action", "encode/map"]),
        ("backoff-number", ["always", {"action": "retry_same", "backoff_ms": 250}], "A backoff that is a number is no list", ["value/number"]), ("relation", ["cmp", "price_in", "ne", 0.1], "A relation is a text", ["value/text"]),
        ("unicode", ["or", ["provider_eq", "é"], ["provider_eq", "e\u0301"], ["provider_eq", "😀"]], "Names are not normalised", ["value/text", "encode/text"]), ("long-name", ["has_cap", "x" * 256], "A name of 256 bytes has a head of three bytes", ["encode/text", "encode/head"]),
        ("nul", ["has_cap", "a\0b"], "A NUL is a character of a name", ["encode/text"]), ("25-children", ["or", *[["provider_eq", f"p{at:02}"] for at in range(25)]], "A node of 26 parts has a head of two bytes", ["value/node", "encode/head"]),
        ("300-children", ["or", *[["provider_eq", f"p{at:03}"] for at in range(300)]], "A node of 301 parts has a head of three bytes", ["value/node", "encode/head"]),
    ]:
        denies = {"backoff-number": ["value/list"], "recipe-empty": ["value/settings"], "chain-empty": ["value/chain-entry"], "settings-empty": ["value/action", "encode/list"]}.get(name, [])
        book.add(f"part-{name}", f"{comment}.", input={"term": term}, rules=[*rules, "record/term"], denies=denies)
    book.add("boolean", "A boolean scalar is a boolean.", input={"vocabulary": HOUSE, "term": ["set_param", "logprobs", True]}, rules=["value/boolean", "encode/boolean"], denies=["value/text", "encode/text"])
    book.add("boolean-false", "A boolean scalar that is false is no 0.", input={"vocabulary": HOUSE, "term": ["set_param", "logprobs", False]}, rules=["value/boolean", "encode/boolean"], denies=["value/number", "encode/zero"])
    book.add("text-true", "The text true is a text.", input={"vocabulary": HOUSE, "term": ["set_param", "user", "true"]}, rules=["value/text"], denies=["value/boolean", "encode/boolean"])
    same = [("unsorted", ["and", ["is", "no_log"], ["meets_req"]]), ("sorted", ["and", ["and", ["meets_req"]], ["is", "no_log"]]), ("nested", ["and", ["and", ["meets_req"], ["top"]], ["not", ["not", ["is", "no_log"]]], ["meets_req"]])]
    for name, term in same:
        book.add(f"same-{name}", "Terms with one normal form have one sequence of bytes and one fingerprint.", input={"term": term}, rules=["record/term", "record/fingerprint"])
    book.add("not-same", "Terms with two normal forms have two fingerprints.", input={"term": ["or", ["is", "no_log"], ["meets_req"]]}, rules=["record/term", "record/fingerprint"])
    book.add("vocabulary-is-no-part", "The vocabulary is no part of a term's bytes.", input={"vocabulary": "core", "term": ["is", "no_log"]}, rules=["record/term"])
    book.add("example", "The policy of the chapter, byte by byte.", rules=["record/term", "record/fingerprint", "value/node"], result={"fingerprint": "blake3:408a44182ae2740dd586a17ce937ee82ed4737366fc21d3e0779410cd18d9e24"},
             input={"term": ["policy", ["and", ["meets_req"], ["not", ["is", "disabled"]], ["has_cap", "supports_tools"], ["cmp", "bench_intelligence", "ge", 0.5]], ["neg", ["normalize", ["field", "price_out"]]], ["argmax"], ["id"], ["always", NEXT]]})
    book.add("large", "A term of more than a chunk of the digest has a fingerprint.", input={"term": ["or", *[["tag_in", "region", [f"a rather long name of a region {at} {inner}" for inner in range(40)]] for at in range(8)]]}, rules=["record/fingerprint"])
    deep: Any = ["is", "no_log"]
    for _ in range(31):
        deep = ["not", ["and", ["meets_req"], deep]]
    book.add("deep", "A deep term is encoded.", input={"term": ["not", deep[1]]}, rules=["value/node"], flags=["Edge"])
    book.add("not-admitted", "A term that is not admitted has no bytes.", input={"term": ["is", "nope"]}, refused=["PIR0401"], denies=["record/term", "record/fingerprint", "value/node"])
    return book
