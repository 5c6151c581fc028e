"""Chapter Interoperation: the identity that a router of sigma-pol/v2 gives a policy."""

from __future__ import annotations

from typing import Any

from policy_ir.signature import SIGNATURE
from vectors.book import Book
from vectors.examples import ABORT, CUSTOM, HOUSE, NEXT, ONE_OF_EACH


def books() -> list[Book]:
    return [strings(), numbers(), equations()]


# fmt: off
PREFIX = "sigma-pol/v2:"


def strings() -> Book:
    book = Book("interop/strings", "identity", "The canonical string of each operation and parameter, its digest and its short fingerprint.")
    every = ["peer/node", "peer/identity", "peer/short"]

    def add(name: str, comment: str, term: Any, string: str | None, rules: list[str], *flags: str, vocabulary: Any = None, **more: Any) -> None:
        book.add(name, comment, input={"term": term} if vocabulary is None else {"vocabulary": vocabulary, "term": term}, rules=[*every, *rules], flags=flags, result=None if string is None else {"string": PREFIX + string}, **more)

    for op, term in {**ONE_OF_EACH, "custom": CUSTOM}.items():
        given = {"vocabulary": HOUSE} if op == "custom" else {}
        if op == "seq":
            term = ["seq", ["inject_seed", "seed"], ["set_param", "top_k", 5]]
        if SIGNATURE[op].feature == "core":
            book.add(op.replace("_", "-"), f"A term of {op} has a canonical string.", input={**given, "term": term}, rules=every, near=["PIR0810"], denies=["peer/core"])
        else:
            book.add(op.replace("_", "-"), f"The peer has no operation {op}.", input={"term": term}, refused=["PIR0810"], rules=["peer/core"])
    book.add("core-each", "Each operation that the peer lacks is named, in source order.", input={"term": ["and", ["known", "price_in"], ["not", ["tag_in", "region", ["eu"]]], ["test", ["lit", 1], "le", 2]]}, refused=["PIR0810"] * 3, rules=["peer/core"])
    book.add("core-dropped", "It is named also where the peer's equations would drop it.", input={"term": ["and", ["bot"], ["known", "price_in"]]}, refused=["PIR0810"], rules=["peer/core"])
    book.add("core-nested", "It is named inside another one, too.", input={"term": ["test", ["gate", ["known", "id"], ["lit", 1]], "le", 2]}, refused=["PIR0810", "PIR0810"], rules=["peer/core"])
    book.add("not-admitted", "A term that is not admitted has no identity.", input={"term": ["is", "nope"]}, refused=["PIR0401"], denies=every)
    add("quote", "A quote is escaped.", ["has_cap", 'a"b'], '(has_cap "a\\"b")', ["peer/text"])
    add("backslash", "A backslash is escaped.", ["has_cap", "a\\b"], '(has_cap "a\\\\b")', ["peer/text"])
    add("line-feed", "A line feed, a return and a tab are escaped.", ["has_cap", "a\nb\rc\td"], '(has_cap "a\\nb\\rc\\td")', ["peer/text"])
    add("control", "Other control characters stand as they are.", ["has_cap", "\0\x01\b\f\x1f\x7f"], '(has_cap "\0\x01\b\f\x1f\x7f")', ["peer/text"])
    add("slash", "A slash is not escaped.", ["has_cap", "a/b"], '(has_cap "a/b")', ["peer/text"])
    add("separators", "U+2028 and U+2029 stand as they are.", ["has_cap", "\u2028\u2029"], '(has_cap "\u2028\u2029")', ["peer/text"], "Unicode")
    add("unicode", "Characters outside ASCII stand as they are, and count by their UTF-8.", ["has_cap", "é模😀"], '(has_cap "é模😀")', ["peer/text"], "Unicode")
    add("decomposed", "Nothing is normalised.", ["has_cap", "e\u0301"], '(has_cap "e\u0301")', ["peer/text"], "Unicode", "Normalisation")
    add("empty", "The empty text is two quotes.", ["has_cap", ""], '(has_cap "")', ["peer/text"], "Empty")
    add("text-like-boolean", "The text true is a text.", ["set_param", "user", "true"], '(set_param "user" "true")', ["peer/text"], "HostName", vocabulary=HOUSE, denies=["peer/boolean"])
    add("boolean", "A boolean is a word.", ["set_param", "logprobs", True], '(set_param "logprobs" true)', ["peer/boolean"], vocabulary=HOUSE, denies=["peer/text"])
    add("boolean-false", "So is the other.", ["set_param", "logprobs", False], '(set_param "logprobs" false)', ["peer/boolean"], vocabulary=HOUSE, denies=["peer/integer"])
    add("list", "A list has its entries without spaces.", ["always", {"action": "retry_same", "backoff_ms": [1, 2.5]}], '(always {"action":"retry_same","backoff_ms":[1,2.5]})', ["peer/list", "peer/record"])
    add("list-empty", "An empty list is two brackets.", ["filter_text", []], "(filter_text [])", ["peer/list"], "Empty", denies=["peer/empty-record"])
    add("record-empty", "An empty record is two brackets, too.", ["filter_text", ["RedactPII", {}]], '(filter_text ["RedactPII",[]])', ["peer/empty-record"], "Empty", denies=["peer/record"])
    add("record-two-empty", "Several of them are several.", ["filter_text", [{}, {}]], "(filter_text [[],[]])", ["peer/empty-record"])
    add("record-order", "The keys of a record come by their bytes, not by their lengths.", ["always", {"action": "abort", "b": 1, "aa": 2, "Z": 3}], '(always {"Z":3,"aa":2,"action":"abort","b":1})', ["peer/record"], "LengthFirst")
    add("record-utf-16", "They come by UTF-8, where U+FF5E is before U+10000.", ["always", {"action": "abort", "\U00010000": 1, "\uff5e": 2}], '(always {"action":"abort","\uff5e":2,"\U00010000":1})', ["peer/record"], "Utf16Order", "Unicode")
    add("record-integers", "Keys that look like integers come as texts.", ["always", {"action": "abort", "10": 1, "9": 2, "1": 3}], '(always {"1":3,"10":1,"9":2,"action":"abort"})', ["peer/record"], "HostName")
    add("record-host-names", "Keys that objects have are keys.", ["always", {"action": "abort", "__proto__": 1, "constructor": 2}], '(always {"__proto__":1,"action":"abort","constructor":2})', ["peer/record"], "HostName")
    add("record-key-escape", "A key is escaped like a text.", ["always", {"action": "abort", 'a"\n': 1}], '(always {"a\\"\\n":1,"action":"abort"})', ["peer/record", "peer/text"])
    add("chain-spelling", "The keys of a chain are kept as they are written.", ["chain", [{"provider_id": "a", "model": "m"}, {"model_family": "n", "provider": "b"}]], '(chain [{"model":"m","provider_id":"a"},{"model_family":"n","provider":"b"}])', ["peer/record", "peer/equations"], denies=["chain/keys"])
    add("chain-twice", "Entries that stand twice are kept.", ["chain", [{"provider": "a", "model": "m"}] * 2], '(chain [{"model":"m","provider":"a"},{"model":"m","provider":"a"}])', ["peer/list", "peer/equations"], denies=["chain/dedupe"])
    add("long", "A string of thousands of bytes has its digests, too.", ["or", *[["provider_eq", "é" * 128] for _ in range(30)]], None, ["peer/short"], "Unicode")
    return book


def numbers() -> Book:
    book = Book("interop/numbers", "identity", "Numbers as the peer writes them: integers to 2^53, 17 digits beyond.")

    def add(name: str, comment: str, number: float, string: str, rule: str, *flags: str, denies: tuple[str, ...] = ()) -> None:
        book.add(name, comment, input={"term": ["lit", number]}, rules=[rule], result={"string": f"{PREFIX}(lit {string})"}, flags=flags, denies=denies)

    for name, number, string, flags in [
        ("zero", 0, "0", ()), ("minus-zero", -0.0, "0", ("Minus0",)), ("one", 1, "1", ()), ("minus-one", -1, "-1", ()), ("float", 5.0, "5", ()), ("million", 1e6, "1000000", ()), ("10-15", 1e15, "1000000000000000", ()),
        ("greatest-exact", 9007199254740991, "9007199254740991", ("IntegerEdge",)), ("2-53", 9007199254740992, "9007199254740992", ("IntegerEdge", "Edge")), ("minus-2-53", -9007199254740992, "-9007199254740992", ("IntegerEdge", "Edge")),
    ]:
        add(f"integer-{name}", f"The integral number {number} is its digits.", number, string, "peer/integer", *flags, denies=("peer/number",))
    for name, number, flags in [
        ("past-2-53", 9007199254740994, ("IntegerEdge", "PastEdge")), ("minus-past-2-53", -9007199254740994, ("IntegerEdge", "PastEdge")), ("10-16", 1e16, ()), ("below-10-17", 99999999999999984.0, ()), ("10-17", 1e17, ()), ("10-18", 1e18, ()), ("2-64", 2.0**64, ()), ("10-22", 1e22, ("Shortest",)), ("10-23", 1e23, ("Shortest",)), ("10-100", 1e100, ()), ("greatest", 1.7976931348623157e308, ("Edge",)),
        ("tenth", 0.1, ("Shortest",)), ("fifth", 0.2, ("Shortest",)), ("sum", 0.1 + 0.2, ("Shortest",)), ("half", 0.5, ()), ("quarter", 0.25, ()), ("two-and-a-half", 2.5, ()), ("minus-half", -0.5, ()), ("third", 1 / 3, ()), ("two-thirds", 2 / 3, ("Rounding",)), ("pi", 3.141592653589793, ()),
        ("10-minus-3", 1e-3, ()), ("10-minus-4", 1e-4, ()), ("10-minus-5", 1e-5, ()), ("below-10-minus-4", 0.00009999, ()), ("10-minus-7", 1e-7, ("Shortest",)), ("10-minus-10", 1e-10, ()), ("10-minus-99", 1e-99, ()), ("10-minus-100", 1e-100, ()), ("least-normal", 2.2250738585072014e-308, ("DoubleSubnormal",)), ("subnormal", 2.225073858507201e-308, ("DoubleSubnormal",)), ("least", 5e-324, ("DoubleSubnormal",)),
        ("nine-and-nines", 9.999999999999998, ("Rounding",)), ("rounds-up", 0.99999999999999989, ("Rounding",)), ("1-5e-5", 1.5e-5, ()), ("large-fraction", 4503599627370495.5, ("Edge",)), ("1234-5", 1234.5, ()), ("power-of-two", 2.0**-30, ()), ("tie", 0.5 + 2.0**-53, ("Rounding",)), ("carry", 9.999999999999998e22, ("Rounding",)),
    ]:
        add(f"number-{name}", f"The number {number!r} has 17 digits without zeros at the end.", number, f"{number:.17g}", "peer/number", *flags, denies=("peer/integer",))
    return book


def equations() -> Book:
    book = Book("interop/equations", "identity", "The peer's normal form: which equations it has, and the order of its siblings.")
    a, b, c = ["is", "no_log"], ["is", "has_tee"], ["meets_req"]

    def add(name: str, comment: str, term: Any, string: str, *flags: str, denies: tuple[str, ...] = (), rules: tuple[str, ...] = ("peer/equations",)) -> None:
        book.add(name, comment, input={"term": term}, rules=rules, result={"string": PREFIX + string}, flags=flags, denies=denies)

    add("siblings", "Siblings come in the order of their strings, where cmp is before is before meets_req.", ["and", c, b, ["cmp", "price_in", "le", 5]], '(and (cmp "price_in" "le" 5) (is "has_tee") (meets_req))', "LengthFirst", rules=("peer/siblings", "peer/equations"))
    add("siblings-numbers", "Numbers are sorted as their digits.", ["add", ["lit", 9], ["lit", 10], ["lit", -1]], "(add (lit -1) (lit 10) (lit 9))", rules=("peer/siblings",))
    add("siblings-utf-16", "Strings are sorted by UTF-8, where U+FF5E is before U+10000.", ["or", ["provider_eq", "\U00010000"], ["provider_eq", "\uff5e"]], '(or (provider_eq "\uff5e") (provider_eq "\U00010000"))', "Utf16Order", "Unicode", rules=("peer/siblings",))
    add("siblings-prefix", "A quote ends a text before a letter goes on.", ["or", ["provider_eq", "ab"], ["provider_eq", "a"], ["provider_eq", "a!"]], '(or (provider_eq "a!") (provider_eq "a") (provider_eq "ab"))', rules=("peer/siblings",))
    add("siblings-escape", "Strings are sorted after they are escaped.", ["or", ["provider_eq", "a\n"], ["provider_eq", "a]"], ["provider_eq", "aZ"]], '(or (provider_eq "aZ") (provider_eq "a\\n") (provider_eq "a]"))', rules=("peer/siblings", "peer/text"))
    add("copies", "Equal siblings stay.", ["and", c, a, c], '(and (is "no_log") (meets_req) (meets_req))', denies=("and/dedupe",))
    add("copies-or", "Equal siblings of or stay as well, once the unit is gone.", ["or", c, ["bot"], c], "(or (meets_req) (meets_req))", denies=("or/dedupe",))
    add("flatten", "A conjunction in a conjunction loses its brackets.", ["and", ["and", b, a], c], '(and (is "has_tee") (is "no_log") (meets_req))')
    add("absorb", "An absorber absorbs.", ["or", a, ["and", ["top"]]], "(top)")
    add("unit", "A unit goes, and a single child stands alone.", ["and", ["top"], a], '(is "no_log")')
    add("add", "A sum loses its units and is sorted.", ["add", ["field", "tok_s"], ["zero"], ["add", ["field", "price_in"]]], '(add (field "price_in") (field "tok_s"))')
    add("seq", "A sequence is flattened, loses its units, and is not sorted.", ["seq", ["set_param", "seed", 1], ["seq", ["id"], ["inject_seed", "seed"]]], '(seq (set_param "seed" 1) (inject_seed "seed"))')
    add("seq-empty", "A sequence of units is id.", ["seq", ["id"], ["id"]], "(id)")
    add("not", "Two negations cancel.", ["not", ["not", a]], '(is "no_log")')
    add("not-top", "A negation of top is bot.", ["not", ["top"]], "(bot)")
    add("scale", "A factor of 1 goes.", ["scale", 1, ["field", "tok_s"]], '(field "tok_s")')
    add("scale-zero", "A factor of 0 leaves zero.", ["scale", -0.0, ["field", "tok_s"]], "(zero)", "Minus0")
    add("scale-of-zero", "A multiple of zero is zero.", ["scale", 2, ["zero"]], "(zero)")
    add("gate", "A gate that is never open is zero.", ["gate", ["not", ["top"]], ["field", "tok_s"]], "(zero)")
    add("gate-open", "A gate that is always open is what it holds.", ["gate", ["top"], ["field", "tok_s"]], '(field "tok_s")')
    add("normalize", "A normalize in a normalize is one.", ["normalize", ["normalize", ["field", "tok_s"]]], '(normalize (field "tok_s"))')
    add("normalize-zero", "A normalize of zero stays.", ["normalize", ["zero"]], "(normalize (zero))", denies=("normalize/zero",))
    add("prefer-top", "A preference for everybody stays.", ["prefer", ["top"], ["argmax"]], "(prefer (top) (argmax))", denies=("prefer/top",))
    add("prefer-bot", "A preference for nobody stays.", ["prefer", ["bot"], ["argmax"]], "(prefer (bot) (argmax))", denies=("prefer/bot",))
    add("when-top", "A condition that always holds stays.", ["when", ["not", ["bot"]], ["seq", ["id"]]], "(when (top) (id))", denies=("when/top",))
    add("when-bot", "A condition that never holds stays.", ["when", ["bot"], ["inject_seed", "seed"]], '(when (bot) (inject_seed "seed"))', denies=("when/bot",))
    add("when-id", "A condition on id stays.", ["when", a, ["id"]], '(when (is "no_log") (id))', denies=("when/id",))
    add("collapse", "A nest of overrides is collapsed.", ["override", ["override", ["always", ABORT], "b", NEXT], "a", ABORT], '(override (always {"action":"abort"}) "b" {"action":"next_candidate"})')
    add("collapse-sort", "Its reasons come in the order of their bytes.", ["override", ["override", ["always", ABORT], "b", NEXT], "aaa", NEXT], '(override (override (always {"action":"abort"}) "aaa" {"action":"next_candidate"}) "b" {"action":"next_candidate"})', "LengthFirst")
    add("peer-order-is-not-ours", "The order of the peer's siblings is not that of our normal form.", ["or", ["provider_eq", "z"], ["provider_eq", "aa"], ["scope_matches"]], '(or (provider_eq "aa") (provider_eq "z") (scope_matches))', "LengthFirst", rules=("peer/siblings",), denies=("or/sort",))
    add("sorted-after-rewriting", "Siblings are sorted by the strings of their own normal forms.", ["or", ["not", ["not", ["meets_req"]]], ["is", "no_log"]], '(or (is "no_log") (meets_req))', rules=("peer/siblings", "peer/equations"))
    book.add("policy", "A whole policy has its identity.", input={"term": ["policy", ["and", ["meets_req"], ["not", ["is", "disabled"]]], ["add", ["scale", 0.7, ["neg", ["normalize", ["field", "price_out"]]]], ["scale", 0.3, ["normalize", ["field", "context"]]]], ["top_k", 3, ["argmax"]], ["id"], ["override", ["always", NEXT], "auth_error", {"action": "disable_provider"}]]},
             rules=["peer/node", "peer/identity", "peer/short", "peer/number"])
    book.add("refused-siblings", "What the peer lacks is refused, whatever its equations and orders would make of it.", input={"term": ["or", ["top"], ["tag_in", "region", ["eu"]]]}, refused=["PIR0810"], rules=["peer/core"], denies=["peer/equations", "peer/siblings", "peer/list"])
    return book
