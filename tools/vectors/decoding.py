"""Chapter Encoding, reading: canonical bytes that are accepted, and every way of not being canonical."""

from __future__ import annotations

from typing import Any

from policy_ir.cbor import encode
from vectors.book import Book
from vectors.examples import CUSTOM, ONE_OF_EACH


def books() -> list[Book]:
    return [accepted(), refused_bytes(), refused_terms(), records()]


# fmt: off
HEAD = "826b706f6c6963792d69722f31"
"""A list of two, and the tag of terms."""


def hexed(value: Any) -> str:
    return encode(value).hex()


def text(value: str) -> str:
    return hexed(value)


def term(value: Any) -> str:
    """The bytes of a record that holds a value where the term is due."""
    return HEAD + hexed(value)


def lit(number: str) -> str:
    """The bytes of a literal whose number is given as bytes."""
    return HEAD + "82636c6974" + number


def accepted() -> Book:
    from policy_ir.normal_form import normal_form
    from policy_ir.syntax.loader import load
    from policy_ir.values import value_of

    book = Book("encoding/decoding", "decoding", "Canonical bytes that are read, at every operation, number and head.")
    for op, written in {**ONE_OF_EACH, "custom": CUSTOM}.items():
        book.add(op.replace("_", "-"), f"The canonical bytes of a term of {op} are read.", input={"bytes": term(value_of(normal_form(load(written))))}, denies=["decode/term", "decode/normal", "decode/tag", "decode/trailing"], near=["PIR0202", "PIR0804", "PIR0805", "PIR0806"])
    numbers: list[tuple[str, str, float]] = [
        ("0", "00", 0), ("23", "17", 23), ("24", "1818", 24), ("255", "18ff", 255), ("256", "190100", 256), ("65536", "1a00010000", 65536), ("4294967296", "1b0000000100000000", 2**32), ("greatest", "1b001fffffffffffff", 2**53 - 1),
        ("minus-1", "20", -1), ("minus-25", "3818", -25), ("least", "3b001ffffffffffffe", 1 - 2**53), ("half", "f93c01", 1.0009765625), ("half-least", "f90001", 2**-24), ("half-greatest-subnormal", "f903ff", 1023 * 2**-24), ("half-minus", "f9c100", -2.5),
        ("single", "fa477fe080", 65504.5), ("single-least", "fa00000001", 2**-149), ("single-2-53", "fa5a000000", 2**53), ("single-greatest", "fa7f7fffff", 3.4028234663852886e38), ("double", "fb3fb999999999999a", 0.1), ("double-least", "fb0000000000000001", 5e-324),
        ("double-greatest", "fb7fefffffffffffff", 1.7976931348623157e308), ("double-greatest-subnormal", "fb000fffffffffffff", 2.225073858507201e-308),
    ]
    for name, data, number in numbers:
        book.add(f"number-{name}", f"A number in its shortest form is read: {data}.", input={"bytes": lit(data)}, result={"term": ["lit", number]}, near=["PIR0802", "PIR0803"], denies=["decode/canonical", "decode/forbidden"],
                 flags=["IntegerEdge"] if name in ("greatest", "least", "single-2-53") else ["HalfSubnormal"] if name.startswith("half-least") else [])
    for name, value, what in [("empty-text", ["has_cap", ""], "An empty text"), ("256-bytes", ["has_cap", "é" * 128], "A text of 256 bytes"), ("decomposed", ["has_cap", "e\u0301"], "A text that is not composed"), ("nul", ["has_cap", "\0"], "A NUL"), ("astral", ["has_cap", "😀"], "A character beyond U+FFFF"),
                              ("empty-record", ["filter_text", [{}]], "An empty map"), ("record", ["filter_text", [{"b": 1, "aa": 2}]], "A map whose keys are in order"), ("host-names", ["always", {"action": "abort", "__proto__": 1, "toString": 2, "9": 3, "10": 4}], "A map with keys that objects have"),
                              ("undeclared", ["is", "no such field"], "A name that no vocabulary declares")]:
        book.add(f"text-{name}", f"{what} is read.", input={"bytes": term(value)}, result={"term": value}, near=["PIR0801", "PIR0802"], denies=["decode/malformed", "decode/canonical"], flags=["HostName"] if name == "host-names" else [])
    deep: Any = ["zero"]
    for _ in range(63):
        deep = ["neg", deep]
    book.add("depth-64", "A term of depth 64 is read.", input={"bytes": term(deep)}, near=["PIR0301", "PIR0310"], denies=["decode/nesting"], flags=["Edge"])
    deepest: Any = ["filter_text", [{"a": 1}]]
    for _ in range(63):
        deepest = ["when", ["meets_req"], deepest]
    book.add("nesting-67", "67 levels of lists and maps are enough for every term.", input={"bytes": term(deepest)}, near=["PIR0310"], denies=["decode/nesting"], flags=["Edge"])
    book.add("effective-depth-66", "An effective term may be 66 deep.", input={"bytes": term(["neg", ["neg", deep]]), "as": "effective"}, near=["PIR0301", "PIR0310"], denies=["decode/nesting"], flags=["Edge"])
    book.add("effective-nesting-69", "69 levels are enough for every effective term.", input={"bytes": term(["when", ["meets_req"], ["when", ["meets_req"], deepest]]), "as": "effective"}, near=["PIR0310"], denies=["decode/nesting"], flags=["Edge"])
    book.add("effective-small", "A small term is read as an effective one, too.", input={"bytes": term(["meets_req"]), "as": "effective"}, near=["PIR0805"], denies=["decode/tag"])
    book.add("nodes-4096", "A term of 4096 nodes is read.", input={"bytes": [HEAD, "991000", text("seq"), ["82" + text("inject_seed") + text("seed"), 4095]]}, near=["PIR0302"], denies=["decode/term"], flags=["Edge"])
    book.add("effective-nodes-8192", "An effective term of 8192 nodes is read.", input={"bytes": [HEAD, "992000", text("seq"), ["82" + text("custom") + text("a"), 8191]], "as": "effective"}, near=["PIR0302"], denies=["decode/term"], flags=["Edge"])
    return book


def refused_bytes() -> Book:
    book = Book("encoding/refused-bytes", "decoding", "Bytes that are not canonical CBOR, refused for the first rule that is broken as they are read.")

    def no(name: str, comment: str, data: Any, code: str, rule: str, *flags: str) -> None:
        book.add(name, comment, input={"bytes": data}, refused=[code], rules=[rule], flags=flags)

    bad = ("PIR0801", "decode/malformed")
    top = HEAD + "8163746f70"
    no("nothing", "No bytes are no item.", "", *bad, "Empty")
    for at in range(1, len(top) // 2):
        if at in (1, 2, 5, 12, 13, 14, 15):
            no(f"cut-{at}", f"The first {at} bytes of a term are no term.", top[: 2 * at], *bad)
    no("text-too-short", "A text of three bytes that has two is refused.", HEAD + "8163746f", *bad)
    no("list-too-long", "A list that claims one entry more than follow is refused.", HEAD + "82636e6f74", *bad)
    for name, data in [("list-8-bytes", "9bffffffffffffffff"), ("list-4-bytes", "9affffffff"), ("map-8-bytes", "bbffffffffffffffff"), ("text-8-bytes", "7bffffffffffffffff"), ("text-4-bytes", "7affffffff"), ("list-2-63", "9b7fffffffffffffff"), ("map-2-62", "bb4000000000000000"), ("list-65536", "9a00010000")]:
        no(f"claimed-{name}", f"A length of more than there are bytes is refused before anything is made: {data}.", HEAD + data, *bad)
    no("claimed-map-entries", "A map of two needs four items, and has bytes for three.", HEAD + "82" + text("filter_text") + "81a2616101", *bad)
    for info in (28, 29, 30):
        for major in range(8):
            if info == 28 or major in (0, 7):
                no(f"reserved-{major}-{info}", f"The additional information {info} is reserved, here for major type {major}.", lit(f"{major << 5 | info:02x}"), *bad)
    for major in (0, 1, 6):
        no(f"indefinite-{major}", f"Major type {major} has no indefinite length.", lit(f"{major << 5 | 31:02x}"), *bad)
    no("break", "A break alone is no item.", lit("ff"), *bad)
    no("break-in-list", "A break in a list of definite length is no item.", HEAD + "82636e6f74ff", *bad)
    for name, data in [("continuation", "6180"), ("overlong", "62c0af"), ("overlong-3", "63e08080"), ("surrogate", "63eda080"), ("pair", "66eda0bdedb880"), ("beyond", "64f4908080"), ("cut", "61c3"), ("cut-four", "63f09f98"), ("ff", "61ff")]:
        no(f"utf-8-{name}", f"A text that is no UTF-8 is refused: {data}.", HEAD + "82" + text("has_cap") + data, *bad)
    no("utf-8-in-key", "A key that is no UTF-8 is refused.", HEAD + "82" + text("filter_text") + "81a161ff01", *bad)
    for width, data in [("1", "18"), ("2", "1900"), ("4", "1a000000"), ("8", "1b00000000000000"), ("half", "f93c"), ("single", "fa3f8000"), ("double", "fb3ff00000000000")]:
        no(f"head-cut-{width}", f"A head that the bytes end in is refused: {data}.", lit(data), *bad)
    form = ("PIR0802", "decode/canonical")
    for name, data, what in [
        ("integer-1", "1817", "23 in two bytes"), ("integer-0", "1800", "0 in two bytes"), ("integer-2", "1900ff", "255 in three bytes"), ("integer-4", "1a0000ffff", "65535 in five bytes"), ("integer-8", "1b00000000ffffffff", "2^32 - 1 in nine bytes"), ("negative-1", "3817", "-24 in two bytes"),
        ("negative-8", "3b0000000000000000", "-1 in nine bytes"), ("half-integral", "f93c00", "1 as a half"), ("half-zero", "f90000", "0 as a half"), ("half-minus-zero", "f98000", "-0 as a half"), ("single-minus-zero", "fa80000000", "-0 as a single"), ("double-minus-zero", "fb8000000000000000", "-0 as a double"),
        ("half-greatest", "f97bff", "65504 as a half"), ("single-integral", "fa4b7fffff", "An integer as a single"), ("single-half", "fa3f000000", "0.5 as a single"), ("double-half", "fb3fe0000000000000", "0.5 as a double"), ("double-single", "fb40effc1010000000".replace("1010000000", "1000000000"), "65504.5 as a double"),
        ("double-integral", "fb433fffffffffffff", "2^53 - 1 as a double"), ("double-2-53", "fb4340000000000000", "2^53 as a double"), ("single-subnormal-half", "fa33800000", "2^-24, a half, as a single"), ("double-subnormal-single", "fb36a0000000000000", "2^-149, a single, as a double"), ("single-half-subnormal", "fa387fc000", "A subnormal half as a single"),
    ]:
        no(f"form-{name}", f"{what} is not the form that the number has.", lit(data), *form, *(["Minus0"] if "minus-zero" in name else []))
    for name, data, what in [
        ("list-1", HEAD + "980163746f70".replace("9801", "9801"), "A list"), ("list-2", HEAD + "99000163746f70", "A list"), ("list-8", HEAD + "9b000000000000000163746f70", "A list"), ("outer-list", "9802" + top[2:], "The outermost list"), ("text-1", HEAD + "817803746f70", "A text"),
        ("text-4", HEAD + "817a00000003746f70", "A text"), ("tag-text", "82780b" + top[4:], "The text of the tag"), ("map-1", HEAD + "82" + text("filter_text") + "81b800", "A map"), ("key-1", HEAD + "82" + text("filter_text") + "81a178016101", "A key"),
    ]:
        book.add(f"head-{name}", f"{what} has a shorter head than this.", input={"bytes": data}, refused=["PIR0802"], rules=["decode/canonical"], denies=["encode/head"])
    no("indefinite-list", "A list of indefinite length is refused.", HEAD + "9f63746f70ff", *form)
    no("indefinite-outer", "The outermost list of indefinite length is refused.", "9f" + top[2:] + "ff", *form)
    no("indefinite-map", "A map of indefinite length is refused.", HEAD + "82" + text("filter_text") + "81bfff", *form)
    no("indefinite-text", "A text of indefinite length is refused.", HEAD + "817f63746f70ff", *form)
    settings = HEAD + "82" + text("filter_text") + "81"
    for name, data, what in [("letters", "a2616201616101", "The key a after b"), ("length", "a262616101616201", "A longer key before a shorter one"), ("twice", "a2616101616102", "A key that stands twice"), ("twice-apart", "a3616101616202616103", "A key that stands again after another"), ("utf-16", "a264f0908080016461efbd9e01".replace("6461efbd9e", "64efbd9e61"), "U+10000 before U+FF5E"),
                             ("twice-empty", "a260016002", "The empty key twice")]:
        no(f"keys-{name}", f"{what} is out of order.", settings + data, *form, *(["Utf16Order", "Unicode"] if name == "utf-16" else ["LengthFirst"] if name == "length" else []))
    no("keys-of-action", "The keys of an action are in the order of their bytes, not that of the printer.", HEAD + "82" + text("always") + "a3" + text("action") + text("abort") + text("attempts") + "01" + text("house") + "01", *form, "LengthFirst")
    forbidden = ("PIR0803", "decode/forbidden")
    for name, data, what in [
        ("bytes-empty", "40", "An empty byte string"), ("bytes", "43746f70", "A byte string"), ("bytes-indefinite", "5fff", "A byte string of indefinite length"), ("null", "f6", "A null"), ("undefined", "f7", "An undefined of CBOR"), ("simple-0", "e0", "The simple value 0"), ("simple-19", "f3", "The simple value 19"), ("simple-32", "f820", "The simple value 32"), ("simple-255", "f8ff", "The simple value 255"),
        ("tag-0", "c000", "A tag"), ("tag-bignum", "c249010000000000000000", "A big integer"), ("tag-self", "d9d9f700", "The tag that marks CBOR"), ("integer-2-53", "1b0020000000000000", "The integer 2^53"), ("integer-greatest", "1bffffffffffffffff", "The greatest integer of CBOR"), ("negative-2-53", "3b001fffffffffffff", "The integer -2^53"), ("negative-least", "3bffffffffffffffff", "The least integer of CBOR"),
        ("half-nan-payload", "f97e01", "A half that is no number, with a payload,"), ("half-nan-negative", "f9fe00", "A negative half that is no number"), ("half-nan-signalling", "f97d00", "A signalling half"), ("single-nan", "fa7fc00000", "A single that is no number"), ("double-nan", "fb7ff8000000000000", "A double that is no number"),
        ("single-infinity", "fa7f800000", "An infinity as a single"), ("double-infinity", "fbfff0000000000000", "A negative infinity as a double"), ("simple-cut", "f8", "A simple value, even one that the bytes end in,"), ("simple-long-true", "f815", "The simple value 21 in two bytes"), ("bytes-cut", "58", "A byte string, even one whose head is cut,"), ("tag-cut", "d9", "A tag, even one whose head is cut,"),
        ("infinity", "f97c00", "An infinity"), ("minus-infinity", "f9fc00", "A negative infinity"), ("score-undefined", "f97e00", "An undefined score"),
    ]:
        no(f"forbidden-{name}", f"{what} is nothing that a term has.", lit(data), *forbidden, *(["IntegerEdge"] if "2-53" in name else []))
    no("forbidden-outer-tag", "A tag before the outermost list is refused.", "d9d9f7" + top, *forbidden)
    for name, data, what in [("integer", "a10101", "An integer"), ("bytes", "a1416101", "A byte string"), ("boolean", "a1f501", "A boolean"), ("list", "a18001", "A list"), ("map", "a1a001", "A map"), ("float", "a1f9380001", "A float")]:
        no(f"forbidden-key-{name}", f"{what} is no key.", settings + data, *forbidden)
    after = ("PIR0804", "decode/trailing")
    no("trailing-zero", "A byte after the item is refused.", top + "00", *after)
    no("trailing-term", "A second term after the first is refused.", top + top, *after)
    no("trailing-break", "A break after the item is refused as a byte too many.", top + "ff", *after)
    no("trailing-newline", "A line feed after the item is refused.", top + "0a", *after)
    no("trailing-small", "A byte after an item that is no record is refused for the byte.", "0000", *after)
    deep = ("PIR0310", "decode/nesting")
    no("nesting-68", "68 levels are deeper than any term.", [["81", 68], "80"], *deep, "PastEdge")
    no("nesting-68-exactly", "The 68th list is refused, whatever it holds.", [["81", 67], "80"], *deep, "PastEdge")
    no("nesting-many", "A hundred thousand levels are refused like 68.", [["81", 100000], "80"], *deep)
    no("nesting-maps", "Maps count like lists.", [["a16161", 68], "01"], *deep)
    book.add("nesting-effective-70", "70 levels are deeper than any effective term.", input={"bytes": [["81", 69], "80"], "as": "effective"}, refused=["PIR0310"], rules=["decode/nesting"], flags=["PastEdge"])
    book.add("nesting-effective-69", "69 levels are read as an effective term, and this is none.", input={"bytes": [["81", 68], "80"], "as": "effective"}, refused=["PIR0805"], rules=["decode/tag"], denies=["decode/nesting"], flags=["Edge"])
    no("nesting-67", "67 levels are read, and this is no term.", [["81", 66], "80"], "PIR0805", "decode/tag", "Edge")
    for name, data, comment, code, rule in [
        ("claim-of-map", settings + "a26162f6", "A map of two entries claims four items, which comes before what is in it", "PIR0801", "decode/malformed"), ("claim-before-nesting", "81" * 68, "What a list claims comes before how deep it is", "PIR0801", "decode/malformed"), ("indefinite-key", settings + "a19fff01", "An indefinite length comes before being no text as a key", "PIR0802", "decode/canonical"),
        ("head-before-claim", HEAD + "99000580", "A longer head comes before what it claims, of a list too", "PIR0802", "decode/canonical"), ("integer-form", lit("1b0000000000000001"), "An integer in nine bytes that needs one has a longer head", "PIR0802", "decode/canonical"), ("utf-8-before-order", settings + "a261620161ff01", "A key that is no UTF-8 is out of no order", "PIR0801", "decode/malformed"),
        ("form-before-malformed", lit("1817") + "ff", "A form that is not the shortest comes before what follows it", "PIR0802", "decode/canonical"), ("forbidden-before-form", HEAD + "83f61817", "A null comes before a longer head after it", "PIR0803", "decode/forbidden"),
        ("malformed-before-tag", "8161ff", "What is wrong with the bytes comes before what is wrong with the tag", "PIR0801", "decode/malformed"), ("trailing-before-tag", "8163746f7000", "A byte too many comes before what is wrong with the tag", "PIR0804", "decode/trailing"), ("trailing-before-normal", HEAD + "82636e6f748163746f7000", "It comes before what is not normal", "PIR0804", "decode/trailing"),
        ("head-before-content", HEAD + "7803ff", "A longer head comes before what it claims", "PIR0802", "decode/canonical"), ("key-before-value", settings + "a26162f6616101", "A null that is the value of the first key comes before the second key", "PIR0803", "decode/forbidden"), ("key-order-before-value", settings + "a26162016161f6", "A key out of order comes before its value", "PIR0802", "decode/canonical"),
    ]:
        no(f"first-{name}", f"{comment}.", data, code, rule)
    return book


def refused_terms() -> Book:
    book = Book("encoding/refused-terms", "decoding", "Canonical CBOR that is no canonical term: another tag, no well-sorted term, beyond a bound, not in normal form.")

    def no(name: str, comment: str, data: Any, codes: Any, rule: str, *flags: str, **more: Any) -> None:
        book.add(name, comment, input={"bytes": data, **more}, refused=codes, rules=[rule], flags=flags)

    tag = (["PIR0805"], "decode/tag")
    for name, value, what in [
        ("bare-term", ["top"], "A term without its tag"), ("other-version", ["policy-ir/2", ["top"]], "The tag of another version"), ("other-kind", ["vocabulary/1", ["top"]], "The tag of another kind of record"), ("prefix", ["policy-ir/", ["top"]], "A tag that is too short"), ("capitals", ["Policy-ir/1", ["top"]], "A tag in capitals"),
        ("one", ["policy-ir/1"], "A tag alone"), ("three", ["policy-ir/1", ["top"], ["top"]], "A tag with two terms"), ("empty", [], "An empty list"), ("map", {"policy-ir/1": ["top"]}, "A map with the tag as a key"), ("text", "policy-ir/1", "A text"), ("number", 1, "A number"), ("boolean", True, "A boolean"),
        ("tag-number", [1, ["top"]], "A number for the tag"), ("tag-list", [["policy-ir/1"], ["top"]], "A list for the tag"), ("swapped", [["top"], "policy-ir/1"], "A tag that stands last"), ("sigma", ["sigma-pol/v2", ["top"]], "The tag of another language"),
    ]:
        no(f"tag-{name}", f"{what} makes no record of a term.", hexed(value), *tag)
    for kind in ("policy-ir/1", "facts/1", "decision/1", "vocabulary/1"):
        at_stake = [kind] if kind != "policy-ir/1" else ["policy-ir/1", "record/other"]
        book.add(f"tag-kind-{kind.replace('/', '-')}", f"A record of the kind {kind} is none of a term, or holds no more than one." if kind == "policy-ir/1" else f"A record of the kind {kind} is none of a term.", input={"bytes": hexed([kind, {}, 1][: 3 if kind == "policy-ir/1" else 2])}, refused=["PIR0805"], rules=["decode/tag"], denies=at_stake)
    for name, value, codes, what in [
        ("number", 1, ["PIR0201"], "A number"), ("text", "top", ["PIR0201"], "A text"), ("map", {}, ["PIR0201"], "A map"), ("empty", [], ["PIR0201"], "An empty list"), ("operation", ["zop"], ["PIR0202"], "An unknown operation"), ("sort", ["not", ["zero"]], ["PIR0203"], "A scorer where a predicate is due"), ("arity", ["not"], ["PIR0204"], "An operation without its argument"),
        ("no-argument", ["and"], ["PIR0204"], "A conjunction of nothing"), ("parameter", ["is", 1], ["PIR0205"], "A number for a name"), ("boolean-number", ["lit", True], ["PIR0205"], "A boolean for a number"), ("relation", ["cmp", "a", "<", 1], ["PIR0206"], "An unknown relation"), ("verb", ["always", {"action": "quit"}], ["PIR0207"], "An unknown action"),
        ("key", ["chain", [{"model": "m", "region": "eu", "provider": "p"}]], ["PIR0208"], "A key that entries do not have"), ("required", ["always", {}], ["PIR0209"], "An action without its verb"), ("empty-list", ["tag_in", "a", []], ["PIR0210"], "An empty list of tags"), ("string", ["is", "x" * 257], ["PIR0303"], "A text that is too long"),
        ("entries", ["tag_in", "a", [f"{at:02}" for at in range(65)]], ["PIR0304"], "A list that is too long"), ("several", ["and", ["is", 1], ["zero"]], ["PIR0205", "PIR0203"], "A term with two findings"), ("sort-before-normal", ["not", ["not", ["zero"]]], ["PIR0203"], "A term that is neither well sorted nor normal"),
    ]:
        no(f"term-{name}", f"{what} is refused with the code of the chapter Syntax.", term(value), codes, "decode/term")
    deep: Any = ["zero"]
    for _ in range(64):
        deep = ["neg", deep]
    no("depth-65", "A term of depth 65 is refused.", term(deep), ["PIR0301"], "decode/term", "PastEdge")
    no("effective-depth-67", "An effective term of depth 67 is refused.", term(["neg", ["neg", deep]]), ["PIR0301"], "decode/term", "PastEdge", **{"as": "effective"})
    no("nodes-4097", "A term of 4097 nodes is refused.", [HEAD, "991001", text("seq"), ["82" + text("inject_seed") + text("seed"), 4096]], ["PIR0302"], "decode/term", "PastEdge")
    no("effective-nodes-8193", "An effective term of 8193 nodes is refused.", [HEAD, "992001", text("seq"), ["82" + text("custom") + text("a"), 8192]], ["PIR0302"], "decode/term", "PastEdge", **{"as": "effective"})
    for name, value, what in [
        ("not-top", ["not", ["top"]], "not(top) is bot"), ("single", ["and", ["top"]], "A conjunction of one is its child"), ("sort", ["and", ["is", "no_log"], ["meets_req"]], "Children are in order"), ("dedupe", ["or", ["meets_req"], ["meets_req"]], "Copies go"), ("flatten", ["seq", ["inject_seed", "a"], ["seq", ["inject_seed", "a"], ["inject_seed", "a"]]], "Sequences are flat"),
        ("scale", ["scale", 1, ["lit", 2]], "A factor of 1 goes"), ("tags", ["tag_in", "region", ["us", "eu"]], "Tags are in order"), ("tags-twice", ["tag_in", "region", ["eu", "eu"]], "Tags stand once"), ("chain-keys", ["chain", [{"model": "m", "provider_id": "p"}]], "Entries are written with provider and model"), ("chain-twice", ["chain", [{"model": "m", "provider": "p"}] * 2], "Pairs stand once"),
        ("collapse", ["override", ["always", {"action": "abort"}], "a", {"action": "abort"}], "An override like the base goes"), ("reasons", ["override", ["override", ["always", {"action": "abort"}], "b", {"action": "next_candidate"}], "a", {"action": "next_candidate"}], "Reasons are in order"), ("prefer", ["prefer", ["top"], ["argmax"]], "A preference for everybody goes"),
        ("inside", ["top_k", 2, ["prefer", ["not", ["not", ["meets_req"]]], ["argmax"]]], "A redex may be deep inside"), ("normalize", ["normalize", ["zero"]], "A normalize of zero is zero"), ("gate", ["gate", ["bot"], ["lit", 1]], "A gate that is never open is zero"), ("when", ["when", ["meets_req"], ["id"]], "A condition on id is id"), ("unit", ["add", ["zero"], ["lit", 1], ["lit", 2]], "Units go"),
    ]:
        no(f"normal-{name}", f"Bytes of a term that is not in normal form are refused: {what}.", term(value), "PIR0806", "decode/normal")
    no("effective-normal", "An effective term is in normal form, too.", term(["not", ["bot"]]), "PIR0806", "decode/normal", **{"as": "effective"})
    return book


def records() -> Book:
    book = Book("encoding/records", "decoding", "Records that are stored beside terms: scores, 128 levels, any tag.")

    def read(name: str, comment: str, data: Any, value: Any = None, *flags: str, near: tuple[str, ...] = ("PIR0803",)) -> None:
        book.add(name, comment, input={"bytes": data, "as": "record"}, flags=flags, near=near, denies=["decode/forbidden"], rules=["encode/score"] if flags else [], result=None if value is None else {"value": value})

    def no(name: str, comment: str, data: Any, code: str, rule: str, *flags: str) -> None:
        book.add(name, comment, input={"bytes": data, "as": "record"}, refused=[code], rules=[rule], flags=flags)

    read("infinity", "An infinity is read.", "826178f97c00", ["x", "inf"], "Infinite")
    read("minus-infinity", "A negative infinity is read.", "826178f9fc00", ["x", "-inf"], "Infinite")
    read("undefined", "An undefined score is read.", "826178f97e00", ["x", "undefined"], "Undefined")
    read("decision", "A record of another kind is read.", hexed(["decision/1", {"a": [1, 0.5, True, "b"], "bb": {}}]))
    book.add("term", "A term is a record as well, and need not be in normal form.", input={"bytes": term(["not", ["top"]]), "as": "record"}, denies=["decode/normal", "decode/tag"], near=["PIR0806"])
    book.add("no-term", "What is no term is a record still.", input={"bytes": term(["zop"]), "as": "record"}, denies=["decode/term"], near=["PIR0202"])
    book.add("nesting-128", "128 levels are read.", input={"bytes": ["82617881", ["81", 125], "80"], "as": "record"}, denies=["decode/nesting"], near=["PIR0310"], flags=["Edge"])
    no("nesting-129", "129 levels are refused.", ["82617881", ["81", 126], "80"], "PIR0310", "decode/nesting", "PastEdge")
    for name, data, what in [("single-infinity", "fa7f800000", "An infinity as a single"), ("double-infinity", "fb7ff0000000000000", "An infinity as a double"), ("payload", "f97e01", "An undefined score with a payload"), ("negative-nan", "f9fe00", "A negative undefined score"), ("single-nan", "fa7fc00000", "An undefined score as a single"), ("double-nan", "fb7ff8000000000000", "An undefined score as a double"),
                             ("minus-zero", "f98000", "A negative zero")]:
        no(f"form-{name}", f"{what} is not the form that it has.", "826178" + data, "PIR0802", "decode/canonical")
    no("trailing", "A byte after a record is refused.", "82617800" + "00", "PIR0804", "decode/trailing")
    no("null", "A null is refused in a record, too.", "826178f6", "PIR0803", "decode/forbidden")
    no("integer-2-53", "An integer beyond 2^53 - 1 is refused in a record, too.", "8261781b0020000000000000", "PIR0803", "decode/forbidden", "IntegerEdge")
    no("malformed", "A record that ends early is refused.", "826178", "PIR0801", "decode/malformed")
    return book
