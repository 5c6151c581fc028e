"""Chapter Normal form: every equation, applied and nearly, the order of children, and how equations meet."""

from __future__ import annotations

from typing import Any

from vectors.book import Book
from vectors.examples import ABORT, HOUSE, NEXT


def books() -> list[Book]:
    return [siblings(), single_equations(), parameters(), plans(), order(), meetings()]


# fmt: off
A, B, C = ["is", "no_log"], ["is", "has_tee"], ["meets_req"]
S, T = ["field", "price_in"], ["lit", 1]
X, Y = ["drop_param", "seed"], ["inject_seed", "seed"]


def adder(book: Book) -> Any:
    def add(name: str, comment: str, term: Any, becomes: Any = None, *, denies: Any = (), flags: Any = (), uses: str = "", vocabulary: Any = None) -> None:
        """`becomes` is the normal form, the term itself without it; `uses` an equation that must have been used."""
        given = {"term": term} if vocabulary is None else {"vocabulary": vocabulary, "term": term}
        book.add(name, comment, input=given, result={"term": term if becomes is None else becomes}, denies=denies, flags=flags, rules=[uses] if uses else [])
    return add


def siblings() -> Book:
    book = Book("normal-form/siblings", "normal-form", "The equations of and, or, add and seq: each applied, and each at a term that it leaves alone.")
    add = adder(book)
    for op, unit, absorber, p, q, r in [("and", ["top"], ["bot"], C, B, A), ("or", ["bot"], ["top"], C, B, A), ("add", ["zero"], None, T, ["field", "tok_s"], S), ("seq", ["id"], None, X, Y, ["jitter", "temperature", 1])]:
        # in order: p and q stand in the order of their encodings
        p, q, r = (C, A, B) if op in ("and", "or") else (p, q, r)
        add(f"{op}-normal", f"An {op} of two children in order is in normal form.", [op, p, q], denies=[f"{op}/flatten", f"{op}/unit", f"{op}/single", *([f"{op}/sort"] if op != "seq" else []), *([f"{op}/absorb", f"{op}/dedupe"] if absorber else [])])
        add(f"{op}-flatten", f"An {op} in an {op} loses its brackets.", [op, p, [op, q, r]], [op, p, *( [q, r] if op == "seq" else sorted_pair(q, r))], uses=f"{op}/flatten")
        add(f"{op}-flatten-several", f"All {op} children of an {op} are flattened.", [op, [op, p, p], [op, q, q]] if op in ("add", "seq") else [op, [op, p, q], [op, q, p]], [op, p, p, q, q] if op in ("add", "seq") else [op, p, q], uses=f"{op}/flatten")
        add(f"{op}-flatten-deep", f"An {op} in an {op} in an {op} is flattened, too.", [op, p, [op, q, [op, r, p]]], [op, p, q, r] if absorber else [op, p, q, r, p] if op == "seq" else [op, p, p, q, r], uses=f"{op}/flatten")
        add(f"{op}-unit", f"The unit of {op} goes, wherever it stands.", [op, unit, p, unit, q, unit], [op, p, q], uses=f"{op}/unit")
        add(f"{op}-units", f"An {op} of units is the unit.", [op, unit, unit], unit, uses=f"{op}/unit")
        add(f"{op}-unit-alone", f"An {op} of one unit is the unit.", [op, unit], unit, uses=f"{op}/unit")
        add(f"{op}-single", f"An {op} of one child is the child.", [op, p], p, uses=f"{op}/single")
        add(f"{op}-single-after-unit", f"An {op} of which one child is left is the child.", [op, unit, q], q, uses=f"{op}/single")
        if absorber:
            add(f"{op}-absorb", f"The absorber of {op} is all that is left.", [op, p, absorber, q], absorber, uses=f"{op}/absorb")
            add(f"{op}-absorb-deep", f"An {op} that becomes its absorber absorbs the {op} around it.", [op, p, [op, q, [op, absorber]]], absorber, uses=f"{op}/absorb")
            add(f"{op}-absorb-and-unit", f"Of unit and absorber the absorber stays in {op}.", [op, unit, absorber], absorber, uses=f"{op}/absorb")
            add(f"{op}-dedupe", f"Of equal children of {op} one stays.", [op, p, q, p, q], [op, p, q], uses=f"{op}/dedupe")
            add(f"{op}-dedupe-to-single", f"An {op} of copies is the child.", [op, p, p], p, uses=f"{op}/dedupe")
            add(f"{op}-dedupe-after-normal", f"Children of {op} that become equal are copies.", [op, p, ["not", ["not", p]]], p, uses=f"{op}/dedupe")
            other = "or" if op == "and" else "and"
            add(f"{op}-no-distribution", f"An {other} in an {op} stays, and nothing is distributed or absorbed by a law of lattices.", [op, p, [other, p, q]], denies=[f"{op}/flatten", f"{op}/absorb", f"{op}/dedupe", f"{op}/single"])
            add(f"{op}-no-complement", f"A predicate and its negation stay side by side in {op}.", [op, p, ["not", p]], [op, *sorted_pair(p, ["not", p])], denies=[f"{op}/absorb", f"{op}/dedupe"])
        else:
            add(f"{op}-copies", f"Equal children of {op} stay.", [op, p, p], denies=[f"{op}/flatten", f"{op}/unit", f"{op}/single"])
        if op != "seq":
            add(f"{op}-sort", f"Children of {op} that are out of order are put in order.", [op, q, p], [op, p, q], uses=f"{op}/sort")
    add("seq-order", "The order of transforms is kept.", ["seq", Y, X], denies=["seq/flatten", "seq/unit", "seq/single"])
    add("add-lit-zero", "A literal 0 is no zero, for no equation calculates.", ["add", ["lit", 0], S], denies=["add/unit", "add/single"])
    add("add-constants", "Constants are not added up.", ["add", ["lit", 1], ["lit", 2]], denies=["add/single", "add/sort"])
    add("seq-id-inside-when", "An id under a condition is the business of when.", ["seq", X, ["when", A, ["id"]]], X)
    add("and-in-or-unit", "The unit of and is the absorber of or.", ["or", A, ["and", ["top"]]], ["top"], uses="or/absorb")
    return book


def sorted_pair(p: Any, q: Any) -> list[Any]:
    """Two terms in the order of their encodings."""
    from policy_ir.equations import Encodings
    from policy_ir.syntax.loader import load

    return sorted([p, q], key=lambda term: Encodings()(load(term)))


def single_equations() -> Book:
    book = Book("normal-form/equations", "normal-form", "The equations of one operation: each applied, and near misses that it leaves alone.")
    add = adder(book)
    add("not-not", "Two negations cancel.", ["not", ["not", A]], A, uses="not/involution")
    add("not-three", "Of three negations one is left.", ["not", ["not", ["not", A]]], ["not", A], uses="not/involution")
    add("not-four", "Of four negations none is left.", ["not", ["not", ["not", ["not", A]]]], A, uses="not/involution")
    add("not-top", "The negation of top is bot.", ["not", ["top"]], ["bot"], uses="not/top")
    add("not-bot", "The negation of bot is top.", ["not", ["bot"]], ["top"], uses="not/bot")
    add("not-not-top", "Two negations of top are top, whichever equation is used.", ["not", ["not", ["top"]]], ["top"])
    add("not-normal", "A negation of something else stays.", ["not", A], denies=["not/involution", "not/top", "not/bot"])
    add("not-de-morgan", "A negation is not pushed into and.", ["not", ["and", C, A]], denies=["not/involution"])
    add("not-cmp", "A negated comparison stays, for it accepts what is undefined.", ["not", ["cmp", "price_in", "le", 5]], denies=["not/involution", "not/top"])
    add("not-becomes", "A negation of what becomes top is bot.", ["not", ["or", ["top"], A]], ["bot"], uses="not/top")
    add("scale-one", "A factor of 1 goes.", ["scale", 1, S], S, uses="scale/one")
    add("scale-one-float", "A factor of 1.0 is a factor of 1.", ["scale", 1.0, S], S, uses="scale/one")
    add("scale-zero-factor", "A factor of 0 leaves zero.", ["scale", 0, S], ["zero"], uses="scale/zero-factor")
    add("scale-minus-zero", "A factor of -0 is a factor of 0.", ["scale", -0.0, S], ["zero"], uses="scale/zero-factor", flags=["Minus0"])
    add("scale-zero", "A multiple of zero is zero.", ["scale", 2, ["zero"]], ["zero"], uses="scale/zero")
    add("scale-one-zero", "A multiple by 1 of zero is zero, whichever equation is used.", ["scale", 1, ["zero"]], ["zero"])
    add("scale-zero-zero", "A multiple by 0 of zero is zero, whichever equation is used.", ["scale", 0, ["zero"]], ["zero"])
    add("scale-normal", "A factor that is neither stays.", ["scale", 2, S], denies=["scale/one", "scale/zero-factor", "scale/zero"])
    add("scale-near-one", "The number next to 1 is not 1.", ["scale", 1.0000000000000002, S], denies=["scale/one"], flags=["Rounding"])
    add("scale-below-one", "Nor is the number below it.", ["scale", 0.9999999999999999, S], denies=["scale/one"], flags=["Rounding"])
    add("scale-minus-one", "A factor of -1 stays.", ["scale", -1, S], denies=["scale/one"])
    add("scale-near-zero", "The least number is not 0.", ["scale", 5e-324, S], denies=["scale/zero-factor"], flags=["DoubleSubnormal"])
    add("scale-scale", "Factors are not multiplied.", ["scale", 2, ["scale", 0.5, S]], denies=["scale/one"])
    add("scale-lit-zero", "A multiple of a literal 0 stays.", ["scale", 2, ["lit", 0]], denies=["scale/zero"])
    add("scale-infinite", "A factor of 0 leaves zero even where the score may be infinite.", ["scale", 0, ["field", "latency_ms"]], ["zero"], uses="scale/zero-factor", flags=["Infinite"])
    add("gate-top", "A gate that is always open is what it holds.", ["gate", ["top"], S], S, uses="gate/top")
    add("gate-bot", "A gate that is never open is zero.", ["gate", ["bot"], S], ["zero"], uses="gate/bot")
    add("gate-zero", "A gate of zero is zero.", ["gate", A, ["zero"]], ["zero"], uses="gate/zero")
    add("gate-top-zero", "A gate of top and zero is zero, whichever equation is used.", ["gate", ["top"], ["zero"]], ["zero"])
    add("gate-bot-zero", "A gate of bot and zero is zero, whichever equation is used.", ["gate", ["bot"], ["zero"]], ["zero"])
    add("gate-normal", "A gate that asks something stays.", ["gate", A, S], denies=["gate/top", "gate/bot", "gate/zero"])
    add("gate-gate", "A gate in a gate stays.", ["gate", A, ["gate", A, S]], denies=["gate/top"])
    add("gate-becomes", "A gate whose predicate becomes top is open.", ["gate", ["and", ["top"], ["not", ["bot"]]], S], S, uses="gate/top")
    add("normalize-normalize", "A normalize in a normalize is one.", ["normalize", ["normalize", S]], ["normalize", S], uses="normalize/idempotent")
    add("normalize-three", "Three of them are one, too.", ["normalize", ["normalize", ["normalize", S]]], ["normalize", S], uses="normalize/idempotent")
    add("normalize-zero", "A normalize of zero is zero.", ["normalize", ["zero"]], ["zero"], uses="normalize/zero")
    add("normalize-normal", "A normalize of something else stays.", ["normalize", S], denies=["normalize/idempotent", "normalize/zero"])
    add("normalize-lit", "A normalize of a constant stays.", ["normalize", ["lit", 0]], denies=["normalize/zero"])
    add("normalize-neg", "A neg between two normalize keeps both.", ["normalize", ["neg", ["normalize", S]]], denies=["normalize/idempotent"])
    add("neg-neg", "Two neg do not cancel, for 1 - (1 - s) rounds.", ["neg", ["neg", S]], flags=["Rounding"])
    add("neg-zero", "A neg of zero is 1 for each and stays.", ["neg", ["zero"]])
    add("clamp-clamp", "A clamp in a clamp stays.", ["clamp", 0, 1, ["clamp", 0, 1, S]])
    add("clamp-zero", "A clamp of zero stays.", ["clamp", 1, 2, ["zero"]])
    add("lit-minus-zero", "A literal -0 is a literal 0.", ["lit", -0.0], ["lit", 0], flags=["Minus0"])
    add("test-constant", "A test of constants stays.", ["test", ["lit", 1], "le", 2])
    add("test-inside", "What a test holds is brought to its normal form.", ["test", ["add", ["zero"], ["scale", 1, S]], "le", 2], ["test", S, "le", 2])
    add("prefer-top", "A preference for everybody goes.", ["prefer", ["top"], ["argmax"]], ["argmax"], uses="prefer/top")
    add("prefer-bot", "A preference for nobody goes.", ["prefer", ["bot"], ["argmax"]], ["argmax"], uses="prefer/bot")
    add("prefer-normal", "A preference that asks something stays.", ["prefer", A, ["argmax"]], denies=["prefer/top", "prefer/bot"])
    add("prefer-prefer", "A preference for the same in itself stays.", ["prefer", A, ["prefer", A, ["argmax"]]], denies=["prefer/top"])
    add("top-k-top-k", "Two counts stay two.", ["top_k", 2, ["top_k", 3, ["argmax"]]])
    add("rank-by-zero", "A ranking by zero stays, for it changes the scores.", ["rank_by", ["zero"], ["argmax"]])
    add("when-top", "A transform that always runs is that transform.", ["when", ["top"], X], X, uses="when/top")
    add("when-bot", "A transform that never runs is id.", ["when", ["bot"], X], ["id"], uses="when/bot")
    add("when-id", "A condition on id is id.", ["when", A, ["id"]], ["id"], uses="when/id")
    add("when-top-id", "A condition that always holds on id is id, whichever equation is used.", ["when", ["top"], ["id"]], ["id"])
    add("when-bot-id", "So is one that never holds.", ["when", ["bot"], ["id"]], ["id"])
    add("when-normal", "A condition that asks something stays.", ["when", A, X], denies=["when/top", "when/bot", "when/id"])
    add("when-when", "A condition in a condition stays.", ["when", A, ["when", B, X]], denies=["when/top"])
    add("when-becomes-id", "A sequence that becomes id takes its condition along.", ["when", A, ["seq", ["id"], ["when", ["bot"], X]]], ["id"], uses="when/id")
    add("set-set", "A parameter that is set twice is set twice.", ["seq", ["set_param", "seed", 1], ["set_param", "seed", 2]], denies=["seq/single"])
    add("filter-empty", "An empty recipe stays.", ["filter_text", []], flags=["Empty"])
    add("recipe-order", "The order of steps is kept, copies too.", ["filter_text", ["RedactURLs", "RedactPII", "RedactURLs"]])
    return book


def parameters() -> Book:
    book = Book("normal-form/parameters", "normal-form", "Tag lists and chains: order, copies, keys.")
    add = adder(book)

    def tags(name: str, comment: str, given: list[str], becomes: list[str] | None = None, *flags: str) -> None:
        if becomes is None:
            add(name, comment, ["tag_in", "region", given], denies=["tag_in/sort"], flags=flags)
        else:
            add(name, comment, ["tag_in", "region", given], ["tag_in", "region", becomes], uses="tag_in/sort", flags=flags)

    tags("tags-sorted", "Tags in ascending order stay.", ["apac", "eu", "us"])
    tags("tags-unsorted", "Tags out of order are sorted.", ["us", "eu"], ["eu", "us"])
    tags("tags-twice", "A tag that occurs twice stays once.", ["us", "eu", "us"], ["eu", "us"])
    tags("tags-twice-in-order", "A copy beside itself goes, too.", ["eu", "eu"], ["eu"])
    tags("tags-one", "One tag is in order.", ["eu"], None, "Single")
    tags("tags-not-by-length", "Tags are sorted by their bytes, so a longer tag may come before a shorter one, unlike the keys of a record.", ["b", "aaa"], ["aaa", "b"], "LengthFirst")
    tags("tags-prefix", "A tag that begins another comes first.", ["eu-west", "eu"], ["eu", "eu-west"])
    tags("tags-empty", "The empty tag comes first.", ["a", ""], ["", "a"], "Empty")
    tags("tags-capitals", "Capitals come before small letters.", ["eu", "EU"], ["EU", "eu"])
    tags("tags-digits", "Digits are compared as characters.", ["10", "9", "1"], ["1", "10", "9"], "HostName")
    tags("tags-astral", "U+FF5E comes before U+10000 by UTF-8, and after it by UTF-16.", ["\U00010000", "\uff5e"], ["\uff5e", "\U00010000"], "Utf16Order", "Unicode")
    tags("tags-private", "U+E000 comes before U+1F600 by UTF-8, and after it by UTF-16.", ["a\U0001f600", "a\ue000"], ["a\ue000", "a\U0001f600"], "Utf16Order", "Unicode")
    tags("tags-locale", "An accented letter comes after z, whatever the locale.", ["é", "z", "e"], ["e", "z", "é"], "Unicode")
    tags("tags-normalisation", "Tags that only normalisation would make equal both stay.", ["\u00e9", "e\u0301"], ["e\u0301", "\u00e9"], "Normalisation", "Unicode")
    tags("tags-host-names", "Names that objects have are tags like any others.", ["toString", "constructor", "__proto__", "toString"], ["__proto__", "constructor", "toString"], "HostName")
    tags("tags-nul", "A NUL is the least character, and ends no tag.", ["a!", "a\0b", "a"], ["a", "a\0b", "a!"])
    add("names-of-or", "Other names are not gathered.", ["or", ["family_eq", "a"], ["family_eq", "b"]], denies=["or/dedupe", "or/sort"])

    def chain(name: str, comment: str, given: list[Any], becomes: list[Any] | None = None, **more: Any) -> None:
        add(name, comment, ["chain", given], None if becomes is None else ["chain", becomes], **more)

    pair = {"provider": "a", "model": "m"}
    chain("chain-normal", "Different pairs with the usual keys stay, in their order.", [{"provider": "b", "model": "m"}, pair], denies=["chain/keys", "chain/dedupe"])
    chain("chain-empty", "An empty chain stays.", [], denies=["chain/keys", "chain/dedupe"], flags=["Empty"])
    chain("chain-keys", "Records are written with provider and model.", [{"provider_id": "a", "model_family": "m"}], [pair], uses="chain/keys")
    chain("chain-keys-one", "One key in another spelling is enough.", [{"provider": "a", "model_family": "m"}], [pair], uses="chain/keys")
    chain("chain-keys-both", "Where both spellings stand, provider and model win.", [{"provider_id": "x", "provider": "a", "model_family": "y", "model": "m"}], [pair], uses="chain/keys")
    chain("chain-keys-empty-wins", "An empty provider is a provider, and wins.", [{"provider": "", "provider_id": "a", "model": "m"}], [{"provider": "", "model": "m"}], uses="chain/keys", flags=["Empty"])
    chain("chain-dedupe", "Of equal pairs the first stays.", [pair, {"provider": "b", "model": "m"}, pair], [pair, {"provider": "b", "model": "m"}], uses="chain/dedupe")
    chain("chain-dedupe-keys", "Pairs are equal however they are spelt.", [{"provider_id": "a", "model": "m"}, {"provider": "a", "model_family": "m"}], [pair], uses="chain/dedupe")
    chain("chain-half-equal", "Pairs of which one part is equal are different.", [pair, {"provider": "a", "model": "n"}, {"provider": "b", "model": "m"}], denies=["chain/dedupe"])
    chain("chain-crossed", "Provider and model are not one text, so a/bc is not ab/c.", [{"provider": "a", "model": "bc"}, {"provider": "ab", "model": "c"}], denies=["chain/dedupe"])
    chain("chain-separator", "No separator joins provider and model.", [{"provider": "a/b", "model": "c"}, {"provider": "a", "model": "b/c"}, {"provider": "a\0b", "model": "c"}, {"provider": "a", "model": "b\0c"}], denies=["chain/dedupe"])
    chain("chain-64", "64 copies are one.", [pair] * 64, [pair], uses="chain/dedupe", flags=["Edge"])
    return book


def plans() -> Book:
    book = Book("normal-form/plans", "normal-form", "Nests of overrides: order by reason, the outermost for a reason, and those equal to the base.")
    add = adder(book)
    base: Any = ["always", ABORT]

    def nest(*pairs: tuple[str, Any], under: Any = base) -> Any:
        plan = under
        for reason, action in pairs:
            plan = ["override", plan, reason, action]
        return plan

    retry = {"action": "retry_same"}
    rule = "failplan/collapse"
    add("normal", "One override that differs from its base stays.", nest(("timeout", NEXT)), denies=[rule])
    add("in-order", "Overrides in ascending order from the innermost stay.", nest(("a", NEXT), ("b", retry), ("c", NEXT)), denies=[rule])
    add("no-override", "A plan without overrides stays.", base)
    add("sort", "Overrides out of order are put in order, the smallest reason innermost.", nest(("b", NEXT), ("a", retry)), nest(("a", retry), ("b", NEXT)), uses=rule)
    add("outermost", "Of two overrides for one reason the outermost counts.", nest(("a", NEXT), ("a", retry)), nest(("a", retry)), uses=rule)
    add("outermost-apart", "They need not stand side by side.", nest(("a", NEXT), ("b", NEXT), ("a", retry)), nest(("a", retry), ("b", NEXT)), uses=rule)
    add("equal-to-base", "An override with the action of the base goes.", nest(("a", ABORT)), base, uses=rule)
    add("equal-to-base-outside", "An override that restores the action of the base takes the inner one along.", nest(("a", NEXT), ("a", ABORT)), base, uses=rule)
    add("equal-to-base-inside", "An inner override with the action of the base is hidden by the outer one.", nest(("a", ABORT), ("a", NEXT)), nest(("a", NEXT)), uses=rule)
    add("nothing-left", "If nothing is left, the base is.", nest(("b", ABORT), ("a", NEXT), ("a", ABORT)), base, uses=rule)
    add("unknown", "An override for unknown is one as any other, and not the base.", nest(("unknown", NEXT), ("zebra", NEXT)), denies=[rule])
    add("unknown-sort", "It is sorted by its letters, too.", nest(("unknown", NEXT), ("timeout", retry)), nest(("timeout", retry), ("unknown", NEXT)), uses=rule)
    add("equal-keys-order", "Actions whose keys are written in another order are equal.", ["override", ["always", {"action": "retry_same", "attempts": 2, "z": 1, "aa": 2}], "a", {"aa": 2, "z": 1, "attempts": 2, "action": "retry_same"}], ["always", {"action": "retry_same", "attempts": 2, "z": 1, "aa": 2}], uses=rule)
    add("equal-numbers", "Numbers that are written otherwise are equal.", ["override", ["always", {"action": "retry_same", "attempts": 2}], "a", {"action": "retry_same", "attempts": 2.0}], ["always", {"action": "retry_same", "attempts": 2}], uses=rule)
    add("default-is-not-equal", "A default that is written out makes another action.", ["override", ["always", retry], "a", {"action": "retry_same", "attempts": 1}], denies=[rule])
    add("backoff-list", "A backoff and a list of that backoff are two actions.", ["override", ["always", {"action": "retry_same", "backoff_ms": 5}], "a", {"action": "retry_same", "backoff_ms": [5]}], denies=[rule])
    add("further-key", "A further key makes another action.", nest(("a", {"action": "abort", "house": 0})), denies=[rule])
    add("minus-zero", "A further key of -0 is one of 0.", ["override", ["always", {"action": "abort", "house": 0}], "a", {"action": "abort", "house": -0.0}], ["always", {"action": "abort", "house": 0}], uses=rule, flags=["Minus0"])
    add("not-by-length", "Reasons are sorted by their bytes, not their lengths.", nest(("b", NEXT), ("aaa", NEXT)), nest(("aaa", NEXT), ("b", NEXT)), uses=rule, flags=["LengthFirst"])
    add("utf-16", "Reasons are sorted by UTF-8, not UTF-16.", nest(("\U00010000", NEXT), ("\uff5e", NEXT)), nest(("\uff5e", NEXT), ("\U00010000", NEXT)), uses=rule, flags=["Utf16Order", "Unicode"])
    add("digits", "Reasons of digits are sorted as characters, too.", nest(("503", NEXT), ("429", retry), ("5", NEXT)), nest(("429", retry), ("5", NEXT), ("503", NEXT)), uses=rule, flags=["HostName"])
    add("host-names", "Reasons may be names that objects have.", nest(("toString", NEXT), ("__proto__", NEXT), ("constructor", retry)), nest(("__proto__", NEXT), ("constructor", retry), ("toString", NEXT)), uses=rule, flags=["HostName"])
    add("normalisation", "Reasons that only normalisation would make equal are two.", nest(("\u00e9", NEXT), ("e\u0301", NEXT)), nest(("e\u0301", NEXT), ("\u00e9", NEXT)), uses=rule, flags=["Normalisation", "Unicode"])
    add("empty-reason", "The empty reason is the smallest.", nest(("a", NEXT), ("", retry)), nest(("", retry), ("a", NEXT)), uses=rule, flags=["Empty"])
    add("63-overrides", "A nest of 63 overrides in descending order is turned round.", nest(*[(f"r{at:02}", NEXT) for at in range(62, -1, -1)]), nest(*[(f"r{at:02}", NEXT) for at in range(63)]), uses=rule, flags=["Edge"])
    add("63-copies", "A nest of 63 overrides for one reason is one.", nest(*[("r", {"action": "abort", "house": at}) for at in range(63)]), nest(("r", {"action": "abort", "house": 62})), uses=rule, flags=["Edge"])
    add("in-policy", "The plan of a policy is collapsed.", ["policy", ["top"], ["zero"], ["argmax"], ["id"], nest(("b", NEXT), ("a", ABORT))], ["policy", ["top"], ["zero"], ["argmax"], ["id"], nest(("b", NEXT))], uses=rule)
    return book


def order() -> Book:
    book = Book("normal-form/order", "normal-form", "The order of children: the bytes of their encodings, in which lengths come before letters.")
    add = adder(book)

    def pair(name: str, comment: str, first: Any, second: Any, *flags: str, op: str = "or") -> None:
        """`first` comes first; it is written second."""
        add(name, comment, [op, second, first], [op, first, second], uses=f"{op}/sort", flags=flags)
        add(f"{name}-kept", f"Written in order, they stay: {comment[0].lower()}{comment[1:]}", [op, first, second], denies=[f"{op}/sort"], flags=flags)

    pair("shorter-list", "A shorter list comes before a longer one, whatever its operation.", ["scope_matches"], ["is", "has_tee"], "LengthFirst")
    pair("shorter-operation", "A shorter operation comes before a longer one, whatever its letters.", ["is", "no_log"], ["known", "id"], "LengthFirst")
    pair("letters-of-operation", "Of operations of one length the letters count.", ["cmp", "tok_s", "le", 1], ["cmp", "credits", "le", 1], "LengthFirst")
    pair("shorter-name", "A shorter name comes before a longer one, whatever its letters.", ["provider_eq", "z"], ["provider_eq", "aa"], "LengthFirst")
    pair("letters-of-name", "Of names of one length the letters count.", ["provider_eq", "ab"], ["provider_eq", "ba"])
    pair("bytes-not-characters", "Lengths are bytes, so two letters come before one of three bytes.", ["provider_eq", "zz"], ["provider_eq", "模"], "LengthFirst", "Unicode")
    pair("utf-8", "Letters are compared by UTF-8, where U+10000 comes after U+FF5E.", ["provider_eq", "\uff5ea"], ["provider_eq", "\U00010000"], "Utf16Order", "Unicode")
    pair("length-23-24", "A text of 23 bytes comes before one of 24, whose head is longer.", ["provider_eq", "z" * 23], ["provider_eq", "a" * 24], "LengthFirst")
    pair("length-255-256", "A text of 255 bytes comes before one of 256.", ["provider_eq", "z" * 255], ["provider_eq", "a" * 256], "LengthFirst", "Edge")
    pair("empty-name", "The empty name comes first.", ["provider_eq", ""], ["provider_eq", "a"], "Empty")
    pair("positive-before-negative", "An integer that is not negative comes before a negative one.", ["lit", 5], ["lit", -1], op="add")
    pair("negative-by-magnitude", "Negative integers come by their magnitude.", ["lit", -1], ["lit", -2], op="add")
    pair("small-integers", "Integers below 24 come before greater ones.", ["lit", 23], ["lit", 24], op="add")
    pair("integers-by-width", "Integers come in the order of their heads.", ["lit", 255], ["lit", 256], op="add")
    pair("integer-before-fraction", "Every integer comes before every fraction.", ["lit", 1000], ["lit", 0.5], op="add")
    pair("large-integer-after-fraction", "An integer beyond 2^53 - 1 is encoded as a float, and single precision comes after half.", ["lit", 0.5], ["lit", 9007199254740992], "IntegerEdge", op="add")
    pair("half-before-double", "Half precision comes before double, whatever the number.", ["lit", 1.5], ["lit", 0.1], "Shortest", op="add")
    pair("single-before-double", "Single precision comes before double.", ["lit", 65504.5], ["lit", 0.1], "Shortest", op="add")
    pair("float-bits", "Of one precision the bits count, so a negative number comes after a positive one.", ["lit", 2.5], ["lit", -0.5], op="add")
    pair("numbers-in-cmp", "A number counts where it stands.", ["cmp", "price_in", "le", 5], ["cmp", "price_in", "le", 25])
    pair("relation-before-number", "An earlier argument counts before a later one.", ["cmp", "price_in", "ge", 25], ["cmp", "price_in", "le", 5])
    pair("subterm-list", "A subterm is a list, and a list comes after a text.", ["tag_in", "region", ["z"]], ["tag_in", "license", ["aa"]], "LengthFirst")
    pair("list-lengths", "A list of fewer entries comes first.", ["tag_in", "region", ["zz"]], ["tag_in", "region", ["a", "b"]], "LengthFirst")
    pair("subterms", "Subterms are compared as they are encoded.", ["not", ["scope_matches"]], ["not", ["is", "no_log"]], "LengthFirst")
    add("many", "Many children are sorted at once.", ["or", *[["provider_eq", name] for name in ("ccc", "bb", "a", "dddd", "c", "aa", "b")]], ["or", *[["provider_eq", name] for name in ("a", "b", "c", "aa", "bb", "ccc", "dddd")]], uses="or/sort", flags=["LengthFirst"])
    add("inside-out", "Children are compared in their own normal forms.", ["or", ["not", ["and", ["is", "has_tee"], ["meets_req"]]], ["not", ["and", ["is", "no_log"], ["scope_matches"]]], ["not", ["not", ["is", "no_log"]]]],
        ["or", ["is", "no_log"], ["not", ["and", ["meets_req"], ["is", "has_tee"]]], ["not", ["and", ["scope_matches"], ["is", "no_log"]]]], uses="or/sort")
    add("after-collapse", "Sorting comes after what makes children shorter.", ["add", ["scale", 2, ["field", "tok_s"]], ["gate", ["top"], ["field", "price_in"]]], ["add", ["field", "price_in"], ["scale", 2, ["field", "tok_s"]]], uses="add/sort")
    return book


def meetings() -> Book:
    book = Book("normal-form/meetings", "normal-form", "Terms at which many equations meet, and terms at the bounds.")
    add = adder(book)
    deep: Any = A
    for _ in range(63):
        deep = ["and", deep]
    add("singles-64-deep", "64 levels of single conjunctions are their child.", deep, A, uses="and/single", flags=["Edge"])
    deep = A
    for _ in range(63):
        deep = ["not", deep]
    add("negations-64-deep", "63 negations are one.", deep, ["not", A], uses="not/involution", flags=["Edge"])
    deep = B
    for _ in range(31):
        deep = ["not", ["and", A, deep]]
    add("nothing-to-do-deep", "A deep term that alternates has no redex but the order of its children.", deep, deep)
    add("wide", "4095 copies are one.", ["and", *[C] * 4095], C, uses="and/dedupe", flags=["Edge"])
    add("wide-distinct", "300 names are sorted.", ["or", *[["provider_eq", f"p{at * 7 % 300:03}"] for at in range(300)]], ["or", *[["provider_eq", f"p{at:03}"] for at in range(300)]], uses="or/sort")
    add("spec-and", "A conjunction is flattened, freed of its unit, of a double negation and of a copy, and sorted.", ["and", ["meets_req"], ["and", ["is", "no_log"], ["top"]], ["not", ["not", ["is", "has_tee"]]], ["meets_req"]], ["and", ["meets_req"], ["is", "no_log"], ["is", "has_tee"]])
    add("flatten-after-single", "A conjunction appears under another once a disjunction of one is gone.", ["and", C, ["or", ["and", A, B]]], ["and", C, A, B], uses="and/flatten")
    add("flatten-after-involution", "So it does once two negations are gone.", ["and", C, ["not", ["not", ["and", A, B]]]], ["and", C, A, B], uses="and/flatten")
    add("absorb-after-not", "A negation that becomes bot absorbs.", ["and", A, ["not", ["or", ["top"], B]]], ["bot"], uses="and/absorb")
    add("unit-after-when", "A sequence loses what has become id.", ["seq", X, ["when", ["not", ["top"]], Y], ["seq", ["id"]]], X)
    add("add-after-scale", "A sum loses what has become zero.", ["add", S, ["scale", 0, T], ["gate", ["bot"], T], ["normalize", ["normalize", ["zero"]]]], S)
    add("add-all-zero", "A sum of which nothing is left is zero.", ["add", ["scale", 0, S], ["normalize", ["zero"]]], ["zero"], uses="add/unit")
    add("dedupe-after-sort-inside", "Children that differ by the order of theirs are copies.", ["and", ["or", A, C], ["or", C, A]], ["or", C, A], uses="and/dedupe")
    add("dedupe-tags", "Children that differ by the order of tags are copies.", ["or", ["tag_in", "region", ["us", "eu"]], ["tag_in", "region", ["eu", "us"]]], ["tag_in", "region", ["eu", "us"]], uses="or/dedupe")
    add("dedupe-after-flatten", "Copies that flattening brings together go.", ["or", A, ["or", B, A]], ["or", *sorted_pair(A, B)], uses="or/dedupe")
    add("gate-prefer-when", "The slots of a policy are brought to their normal forms one by one.",
        ["policy", ["and", ["top"], A], ["add", ["gate", ["top"], S]], ["prefer", ["or", ["top"], A], ["top_k", 1, ["prefer", ["bot"], ["argmax"]]]], ["seq", ["seq", ["id"], X]], ["override", ["always", ABORT], "x", ABORT]],
        ["policy", A, S, ["top_k", 1, ["argmax"]], X, ["always", ABORT]])
    add("policy-normal", "A policy in normal form stays.", ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", NEXT]])
    add("rank-by-inside", "The scorer in a selector is brought to its normal form, too.", ["rank_by", ["add", S, ["zero"]], ["prefer", ["not", ["not", A]], ["ordered"]]], ["rank_by", S, ["prefer", A, ["ordered"]]])
    add("sort-after-everything", "Sums are sorted by the normal forms of their summands.", ["add", ["normalize", ["normalize", S]], ["scale", 1, ["field", "tok_s"]], ["neg", ["add", T]], ["lit", 2]], ["add", ["lit", 2], ["neg", T], ["field", "tok_s"], ["normalize", S]])
    add("custom", "A custom transform is a transform.", ["seq", ["id"], ["custom", "add_footer"], ["custom", "add_footer"]], ["seq", ["custom", "add_footer"], ["custom", "add_footer"]], vocabulary=HOUSE)
    book.add("not-admitted", "A term that is not admitted has no normal form, even if that would be.", input={"term": ["or", ["top"], ["is", "nope"]]}, refused=["PIR0401"], denies=["or/absorb"])
    return book
