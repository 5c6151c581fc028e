"""Chapter Lints: what is known, intervals, directions, presence, and each warning with its near misses."""

from __future__ import annotations

from typing import Any

from vectors.book import Book


def books() -> list[Book]:
    return [ranking(), intervals(), predicates(), catalogue(), strings()]


# fmt: off
TEE = ["is", "has_tee"]
PRICE = ["field", "price_in"]
NEGATIVE = ["neg", PRICE]
CHEAP = ["neg", ["normalize", PRICE]]
ABORT = ["always", {"action": "abort"}]
HOUSE: dict[str, Any] = {
    "vocabulary": 1, "name": "house", "extends": "standard",
    "fields": {"zone": {"sort": "tag", "source": "state"}, "tier": {"sort": "tag", "source": "catalogue"}, "fee": {"sort": "num", "default": 0, "source": "catalogue", "unit": "USD"}, "margin": {"sort": "num", "default": -5, "minimum": 0, "maximum": 2, "source": "catalogue"}},
    "params": {"user": {"sort": "string"}}, "customs": {"e\u0301": "1"}, "recipes": ["e\u0301"],
}


def policy(filter: Any = None, rank: Any = None, select: Any = None, mutate: Any = None) -> Any:
    return ["policy", filter or ["top"], rank or CHEAP, select or ["argmax"], mutate or ["id"], ABORT]


def listed(*fields: dict[str, Any], **keys: Any) -> list[dict[str, Any]]:
    return [{"id": f"m{at}", "provider": "p", "family": "f", "fields": given, **keys} for at, given in enumerate(fields)]


class Writer:
    """Adds vectors of the kind `lint`; `warns` is a list of (code, pointer)."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def __call__(self, name: str, comment: str, term: Any, warns: list[tuple[str, str]], rules: Any = (), *, denies: Any = (), near: Any = (), candidates: Any = None, house: bool = False, flags: Any = ()) -> None:
        given = {**({"vocabulary": HOUSE} if house else {}), "term": term, **({} if candidates is None else {"candidates": candidates})}
        self.book.add(name, comment, input=given, rules=rules, denies=denies, near=[] if warns and not near else near, flags=[*flags, *(["SeveralFindings"] if len(warns) > 1 else [])],
                      result={"warnings": [{"code": code, "pointer": pointer} for code, pointer in warns]})


def ranking() -> Book:
    book = Book("lints/ranking", "lint", "Gates that promote what they refuse, negative factors, inverted clamps, and directions.")
    add = Writer(book)
    g, s, c = "PIR0501", "PIR0502", "PIR0504"
    rising = ["lint/gate", "direction/root"]
    add("gate-negative", "A gate over scores that may be negative promotes what it refuses.", ["gate", TEE, NEGATIVE], [(g, "")], [*rising, "interval/neg"])
    add("gate-field", "A field without a range may be negative.", ["gate", TEE, ["field", "credits"]], [(g, "")], [*rising, "interval/field", "known/declared"])
    add("gate-positive", "A gate over scores of 0 or more promotes nobody.", ["gate", TEE, PRICE], [], denies=["lint/gate"], near=[g])
    add("gate-normalized", "A normalized score is 0 to 1, so a gate over it promotes nobody.", ["gate", TEE, CHEAP], [], ["interval/normalize"], denies=["lint/gate"], near=[g])
    add("gate-clamped", "A clamp to 0 or more makes a score 0 or more.", ["gate", TEE, ["clamp", 0, 1, NEGATIVE]], [], ["interval/clamp"], denies=["lint/gate"], near=[g])
    add("gate-deep", "A gate in a sum and a multiple is looked at.", ["add", ["zero"], ["scale", 0.5, ["gate", TEE, NEGATIVE]]], [(g, "/2/2")], ["lint/gate", "direction/keep"])
    add("gate-falling", "Where less is better, a gate over positive scores promotes what it refuses.", ["neg", ["gate", TEE, ["normalize", PRICE]]], [(g, "/1")], ["lint/gate", "direction/turn"], denies=["direction/keep"])
    add("gate-falling-scale", "A negative factor turns the direction, too.", ["scale", -1, ["gate", TEE, PRICE]], [(g, "/2")], ["lint/gate", "direction/turn"])
    add("gate-falling-clamp", "So does a clamp with its bounds the wrong way round.", ["clamp", 1, 0, ["gate", TEE, PRICE]], [(c, ""), (g, "/3")], ["lint/gate", "lint/clamp", "direction/turn"])
    add("gate-falling-negative", "Where less is better, a gate over scores of 0 or less promotes nobody.", ["neg", ["gate", TEE, ["scale", -1, PRICE]]], [], ["direction/turn"], denies=["lint/gate"], near=[g])
    add("gate-turned-twice", "Two turns are none.", ["neg", ["neg", ["gate", TEE, PRICE]]], [], ["direction/turn"], denies=["lint/gate"], near=[g])
    add("gate-turned-through-normalize", "A normalize keeps the direction.", ["scale", -1, ["neg", ["normalize", ["gate", TEE, PRICE]]]], [], ["direction/keep", "direction/turn"], denies=["lint/gate"], near=[g])
    add("gate-equal-clamp", "A clamp of equal bounds keeps the direction.", ["clamp", 1, 1, ["gate", TEE, NEGATIVE]], [(g, "/3")], ["lint/gate", "direction/keep"], denies=["lint/clamp"])
    add("gate-scale-zero", "Under a factor of 0 nothing ranks.", ["scale", 0, ["gate", TEE, NEGATIVE]], [], ["direction/none"], denies=["lint/gate", "direction/keep"], near=[g])
    add("gate-constant", "A gate over a constant is a penalty of that amount, and says so.", ["gate", TEE, ["lit", -1]], [], ["interval/constant"], denies=["lint/gate"], near=[g])
    add("gate-constant-falling", "It is a bonus where less is better.", ["neg", ["gate", ["is", "deprecated"], ["lit", 0.5]]], [], ["interval/constant"], denies=["lint/gate"], near=[g])
    add("gate-open", "A gate that refuses nobody promotes nobody.", ["gate", ["top"], NEGATIVE], [], denies=["lint/gate", "interval/gate"], near=[g])
    add("gate-open-by-range", "A comparison that the range of a field makes certain refuses nobody.", ["gate", ["cmp", "price_in", "ge", 0], NEGATIVE], [], ["known/declared"], denies=["lint/gate"], near=[g])
    add("gate-shut", "A gate that refuses everybody promotes nobody.", ["gate", ["bot"], NEGATIVE], [], denies=["lint/gate"], near=[g])
    add("gate-in-gate", "A gate in a gate is looked at, too.", ["gate", TEE, ["gate", ["is", "no_log"], NEGATIVE]], [(g, ""), (g, "/2")], ["lint/gate", "interval/gate", "direction/keep"])
    add("gate-in-test", "The scorer of a test ranks nobody.", ["test", ["gate", TEE, NEGATIVE], "le", 1], [], ["direction/none"], denies=["lint/gate", "direction/root"], near=[g])
    add("gate-in-test-in-gate", "It ranks nobody in the predicate of a gate either.", ["gate", ["test", ["gate", TEE, NEGATIVE], "le", 1], PRICE], [], ["direction/none"], denies=["lint/gate"], near=[g])
    add("gate-of-policy", "The rank of a policy ranks.", policy(rank=["gate", TEE, NEGATIVE]), [(g, "/2")], rising)
    add("gate-of-rank-by", "The scorer of a rank_by ranks.", policy(select=["top_k", 3, ["rank_by", ["gate", TEE, NEGATIVE], ["argmax"]]]), [(g, "/3/2/1")], rising)
    add("gate-undefined", "Undefined alone is no reason.", ["gate", ["is", "disabled"], ["scale", 2, ["add", ["scale", 0, ["lit", 1]], ["lit", 1]]]], [], denies=["lint/gate"], near=[g])
    add("scale-negative", "A negative factor over scores that may be negative is warned of.", ["scale", -1, NEGATIVE], [(s, "")], ["lint/scale", "direction/root"])
    add("scale-field", "A field without a range may be negative, for a factor too.", ["scale", -0.5, ["field", "credits"]], [(s, "")], ["lint/scale"])
    add("scale-positive", "Less is better: a negative factor over scores of 0 or more.", ["scale", -1, PRICE], [], denies=["lint/scale"], near=[s])
    add("scale-normalized", "A negative factor over a normalized score is fine.", ["scale", -1, ["normalize", NEGATIVE]], [], ["interval/normalize"], denies=["lint/scale"], near=[s])
    add("scale-factor-positive", "A positive factor keeps the order.", ["scale", 3, NEGATIVE], [], denies=["lint/scale", "direction/turn"], near=[s])
    add("scale-factor-zero", "A factor of 0 leaves no order.", ["scale", 0, NEGATIVE], [], ["interval/constant"], denies=["lint/scale"], near=[s])
    add("scale-constant", "A negative factor of a constant is a number.", ["add", CHEAP, ["scale", -1, ["lit", -1]]], [], ["interval/constant"], denies=["lint/scale"], near=[s])
    add("scale-falling", "At a falling place a negative factor is no surprise.", ["neg", ["scale", -1, NEGATIVE]], [], ["direction/turn"], denies=["lint/scale"], near=[s])
    add("scale-in-sum", "It is warned of in a sum.", policy(rank=["add", CHEAP, ["scale", -2, NEGATIVE]]), [(s, "/2/2")], ["lint/scale", "direction/keep"])
    add("scale-and-gate", "Two findings in one term come in its order.", ["add", ["scale", -1, NEGATIVE], ["gate", TEE, NEGATIVE]], [(s, "/1"), (g, "/2")], ["lint/scale", "lint/gate"])
    add("clamp", "A clamp with its bounds the wrong way round is warned of.", ["clamp", 1, 0, PRICE], [(c, "")], ["lint/clamp"])
    add("clamp-fine", "A clamp with its bounds the right way round is not.", ["clamp", 0, 1, PRICE], [], denies=["lint/clamp"], near=[c])
    add("clamp-equal", "A clamp of equal bounds is not.", ["clamp", 1, 1, PRICE], [], denies=["lint/clamp"], near=[c])
    add("clamp-test", "It is warned of where nothing ranks.", ["test", ["clamp", 1, 0, PRICE], "le", 1], [(c, "/1")], ["lint/clamp"])
    add("clamp-param", "A clamp of a parameter is looked at, too.", ["seq", ["clamp_param", "temperature", 1, 0], ["clamp_param", "temperature", 0, 1]], [(c, "/1")], ["lint/clamp"])
    add("clamp-zero-scale", "It is warned of under a factor of 0 as well.", ["scale", 0, ["clamp", 1, 0, PRICE]], [(c, "/2")], ["lint/clamp", "direction/none"])
    return book


def intervals() -> Book:
    book = Book("lints/intervals", "lint", "Which scores are possible: shown by whether a gate over them may promote, and by what a filter may accept.")
    add = Writer(book)

    def gate(name: str, comment: str, scorer: Any, may_be_negative: bool, rules: list[str], denies: Any = (), candidates: Any = None, house: bool = False) -> None:
        """A gate whose predicate is about the state, over the scorer."""
        add(name, comment, ["gate", ["is", "disabled"], scorer], [("PIR0501", "")] if may_be_negative else [], rules, denies=["lint/gate", *denies] if not may_be_negative else denies, near=[] if may_be_negative else ["PIR0501"], candidates=candidates, house=house)

    gate("add", "A sum may be negative if a summand may.", ["add", PRICE, ["lit", -1]], True, ["interval/add"])
    gate("add-positive", "A sum of what is 0 or more is 0 or more.", ["add", PRICE, ["lit", 0]], False, ["interval/add"])
    gate("add-balanced", "A sum may be lifted above 0.", ["add", ["clamp", -1, 1, ["field", "credits"]], ["lit", 1]], False, ["interval/add"])
    gate("add-not-balanced", "Just below that, it is not.", ["add", ["clamp", -1, 1, ["field", "credits"]], ["lit", 0.9999999999999999]], True, ["interval/add"])
    gate("add-rounding", "Sums run in the order in which they are written, and round each time, so 1e16 swallows 1.", ["add", ["lit", 1e16], ["clamp", -1, 0, ["field", "credits"]], ["lit", -1e16]], False, ["interval/add"])
    gate("add-other-order", "In another order nothing is swallowed.", ["add", ["lit", 1e16], ["lit", -1e16], ["clamp", -1, 0, ["field", "credits"]]], True, ["interval/add"])
    gate("scale", "A negative factor makes what is 0 or more 0 or less.", ["scale", -2, ["field", "success_rate"]], True, ["interval/scale"])
    gate("scale-positive", "A positive factor keeps what is 0 or more.", ["scale", 2, ["field", "success_rate"]], False, ["interval/scale"])
    gate("scale-infinite", "A factor of an infinity is that infinity.", ["scale", 2, ["field", "latency_ms"]], False, ["interval/scale", "known/declared"])
    gate("neg-of-ratio", "1 less a share is a share.", ["neg", ["field", "success_rate"]], False, ["interval/neg"])
    gate("neg-of-price", "1 less a price may be negative.", ["neg", PRICE], True, ["interval/neg"], candidates=None)
    gate("normalize", "A normalized score is 0 or more, whatever is normalized.", ["normalize", ["scale", 5, ["field", "credits"]]], False, ["interval/normalize"])
    gate("normalize-constant", "A normalized constant is 0 and constant.", ["neg", ["add", ["lit", 5], ["normalize", ["lit", 3]]]], False, ["interval/normalize", "interval/constant"])
    gate("clamp", "A clamp may be negative if its lower bound is.", ["clamp", -1, 1, PRICE], False, ["interval/clamp"])
    gate("clamp-negative", "And if what is clamped may be.", ["clamp", -1, 1, ["field", "credits"]], True, ["interval/clamp"])
    gate("gate", "A gate over a negative constant may give it or 0.", ["gate", ["is", "breaker_open"], ["lit", -1]], True, ["interval/gate"])
    gate("gate-open", "A gate that is always open gives the constant.", ["gate", ["top"], ["lit", -1]], False, ["interval/gate", "interval/constant"])
    gate("constant-factor-zero", "A factor of 0 gives 0.", ["add", ["lit", -1], ["scale", 0, ["field", "credits"]]], False, ["interval/constant"])
    gate("field-range", "A field with a range shows that range, and its default.", ["field", "margin"], True, ["interval/field", "known/declared"], house=True)
    gate("field-catalogue", "With a catalogue it shows what is there, and its default where nothing is.", ["field", "margin"], False, ["known/catalogue"], ["known/declared"], candidates=listed({"margin": 1}, {"margin": 2}), house=True)
    gate("field-catalogue-missing", "So a default counts if a candidate has no value.", ["field", "margin"], True, ["known/catalogue"], candidates=listed({"margin": 1}, {}), house=True)
    gate("field-state", "What a catalogue says of the state is not taken for known.", ["field", "credits"], True, ["known/open"], ["known/catalogue"], candidates=listed({"credits": 5}))
    gate("field-request", "What the request says is not known.", ["neg", ["field", "budget_left"]], True, ["known/open"])
    gate("derived", "A derived field shows what its formula gives.", ["neg", ["field", "call_cost"]], True, ["known/derived"])
    gate("derived-positive", "A cost is 0 or more, as prices and tokens are.", ["field", "call_cost"], False, ["known/derived", "interval/scale", "interval/add"])
    prices = listed({"price_in": 0.5, "price_out": 1, "context": 1}, {"price_in": 0.1, "price_out": 1, "context": 1})
    add("catalogue-positive", "With a catalogue of small prices, 1 less a price is positive.", ["gate", ["is", "disabled"], NEGATIVE], [], ["known/catalogue", "interval/neg"], denies=["lint/gate"], near=["PIR0501"], candidates=prices)
    add("catalogue-negative", "One price above 1 is enough.", ["gate", ["is", "disabled"], NEGATIVE], [("PIR0501", "")], ["known/catalogue", "interval/neg"], candidates=[*prices, *[{**listed({"price_in": 1.5})[0], "id": "n"}]])
    add("catalogue-decides-gate", "A catalogue in which everybody has a boolean decides the predicate.", ["gate", TEE, NEGATIVE], [], ["known/catalogue"], denies=["lint/gate"], near=["PIR0501"], candidates=listed({"price_in": 5, "has_tee": True}, {"price_in": 5, "has_tee": True}))
    add("undefined-only", "Scores that can only be undefined promote nobody.", ["gate", ["is", "disabled"], ["add", ["neg", PRICE], ["field", "price_out"]]], [("PIR0507", "/2/1/1"), ("PIR0507", "/2/2")], ["interval/add", "lint/no-price"], denies=["lint/gate"], near=["PIR0501"], candidates=listed({}))
    add("undefined-scale", "They are no reason against a negative factor.", ["scale", -1, ["add", ["neg", PRICE], ["field", "price_out"]]], [("PIR0507", "/2/1/1"), ("PIR0507", "/2/2")], ["interval/scale"], denies=["lint/scale"], near=["PIR0502"], candidates=listed({}))
    return book


def predicates() -> Book:
    book = Book("lints/predicates", "lint", "Tags that are refused where none may be there, and filters that accept nothing.")
    add = Writer(book)
    us, known, n = ["tag_in", "region", ["us"]], ["known", "region"], "PIR0503"
    rule, near = ["lint/not-tag-in"], [n]
    for name, term, pointer, comment, rules in [
        ("plain", ["not", us], "", "A candidate without a region passes a filter that refuses some regions", []), ("in-and", ["and", ["top"], ["not", us]], "/2", "So it does in a conjunction that asks nothing else about it", []), ("known-of-another", ["and", ["known", "license"], ["not", us]], "/2", "That another tag is known says nothing", ["present/known"]),
        ("or-known", ["or", known, ["not", us]], "/2", "An alternative that asks whether it is known does not help", ["present/any"]), ("known-or-top", ["and", ["or", known, ["top"]], ["not", us]], "/2", "What is present by one alternative of two is not present", ["present/any"]), ("not-or", ["not", ["or", ["is", "disabled"], us]], "", "Under a negated disjunction each part refuses", ["present/all"]),
        ("not-and", ["not", ["and", known, us]], "", "A negated conjunction may accept by the other part", ["present/any"]), ("three", ["not", ["not", ["not", us]]], "/1/1", "The innermost of three negations is named", ["present/not"]), ("labels", ["not", ["tag_in", "labels", ["a"]]], "", "A set of tags may be empty", []), ("state", ["not", ["tag_in", "license", ["a"]]], "", "A licence may be unknown", []),
    ]:
        add(f"not-{name}", f"{comment}.", term, [(n, pointer)], [*rule, *rules])
    for name, term, comment, rules in [
        ("positive", us, "A filter that asks for a region is fine", []), ("known", ["and", known, ["not", us]], "Asking whether it is known is enough", ["present/known", "present/all"]), ("known-after", ["and", ["not", us], known], "The order does not matter", ["present/known", "present/all"]), ("known-nested", ["and", ["and", known], ["not", us]], "Nor does the depth", ["present/all"]),
        ("known-outside", ["and", known, ["or", ["top"], ["not", us]]], "An enclosing conjunction counts", ["present/all"]), ("known-or-tag", ["and", ["or", known, ["tag_in", "region", ["eu"]]], ["not", us]], "What is present by each alternative is present", ["present/any", "present/tag-in"]), ("tag", ["and", ["tag_in", "region", ["us", "eu"]], ["not", us]], "A tag that is asked for is present", ["present/tag-in"]),
        ("not-or-not-known", ["not", ["or", ["not", known], us]], "A negated disjunction refuses by all its parts", ["present/not", "present/all"]), ("not-and-not-known", ["and", ["not", ["and", ["not", known], ["not", known]]], ["not", us]], "A negated conjunction has what each of its parts has", ["present/not", "present/any"]), ("double", ["not", ["not", us]], "Two negations are none", []),
        ("id", ["not", ["tag_in", "id", ["a"]]], "Every candidate has an id", []), ("served-model", ["not", ["tag_in", "served_model", ["a"]]], "Every candidate has a served model", []),
    ]:
        add(f"fine-{name}", f"{comment}.", term, [], rules, denies=[*rule, *(["present/tag-in", "present/known"] if name in ("double", "id") else [])], near=near)
    add("host-tier", "A candidate may have no tier, as a tag of the host.", ["not", ["tag_in", "tier", ["a"]]], [(n, "")], rule, house=True)
    later = {"rank": ["gate", ["not", us], CHEAP], "select": ["prefer", ["not", us], ["argmax"]], "mutate": ["when", ["not", us], ["id"]]}
    add("policy-filter", "The filter of a policy answers for what comes after it.", policy(known, **later), [], ["present/known"], denies=rule, near=near)
    add("policy-no-filter", "Without it, every place is warned of.", policy(["top"], **later), [(n, "/2/1"), (n, "/3/1"), (n, "/4/1")], rule, denies=["present/known", "present/all", "present/any", "present/not"])
    add("policy-filter-inside", "Inside the filter it answers for nothing by itself.", policy(["and", known, ["test", ["gate", ["not", us], PRICE], "le", 1]]), [(n, "/1/2/1/1")], rule)
    add("catalogue-all", "In a catalogue in which all have the tag none is missing.", ["not", us], [], ["known/catalogue"], denies=[*rule, "known/open"], near=near, candidates=listed({"region": "eu"}, {"region": "ap"}))
    add("catalogue-one-without", "One candidate without it is enough.", ["not", us], [(n, "")], [*rule, "known/catalogue"], candidates=listed({"region": "eu"}, {}))
    add("catalogue-state", "A tag of the state may be gone at the next call.", ["not", ["tag_in", "zone", ["us"]]], [(n, "")], [*rule, "known/open"], candidates=listed({"zone": "eu"}), house=True)
    e, erule = "PIR0505", ["lint/accepts-nothing"]
    dear = listed({"price_in": 10, "context": 1}, {"price_in": 20, "context": 1})
    add("nothing", "A filter that no candidate of the catalogue can pass is warned of.", ["cmp", "price_in", "le", 5], [(e, "")], [*erule, "known/catalogue"], candidates=dear)
    add("nothing-of-policy", "The filter of a policy is named.", policy(["cmp", "price_in", "le", 5]), [(e, "/1")], erule, candidates=[{**one, "fields": {**one["fields"], "price_out": 1}} for one in dear])
    add("something", "A filter that one candidate may pass is fine.", ["cmp", "price_in", "le", 15], [], denies=erule, near=[e], candidates=dear)
    add("nothing-without-catalogue", "Without a catalogue nothing is said.", ["cmp", "price_in", "le", 5], [], denies=[*erule, "known/catalogue"], near=[e])
    add("nothing-empty-catalogue", "An empty catalogue says nothing.", ["bot"], [], denies=erule, near=[e], candidates=[], flags=["Empty"])
    add("nothing-conjunct", "The first conjunct that accepts none is named, inside a conjunction directly in the first.", ["and", ["is", "disabled"], ["and", ["cmp", "price_in", "le", 5], ["has_cap", "x"]]], [(e, "/2/1")], erule, candidates=dear)
    mixed = listed({"price_in": 10, "has_tee": True}, {"price_in": 1, "has_tee": False})
    add("nothing-together", "Conjuncts that accept none together are named as a whole.", ["and", ["cmp", "price_in", "le", 5], TEE], [(e, "")], erule, candidates=mixed)
    add("state-may-change", "What the state may change is not held against a filter.", ["and", ["not", ["is", "disabled"]], ["cmp", "tok_s", "ge", 50]], [], ["known/open"], denies=erule, near=[e], candidates=listed({"disabled": True, "tok_s": 1}))
    add("request-may-change", "Nor is what the request may.", ["cmp", "budget_left", "le", 0], [], ["known/open"], denies=erule, near=[e], candidates=listed({}))
    add("prefer-nobody", "Only filters and predicates alone are asked whom they accept.", ["prefer", ["cmp", "context", "lt", 0], ["argmax"]], [], denies=erule, near=[e], candidates=dear)
    for name, pred, keys, accepts in [("family", ["family_eq", "g"], {}, False), ("family-there", ["family_eq", "f"], {}, True), ("provider", ["provider_eq", "q"], {}, False), ("served-by", ["served_by_eq", "p"], {}, True), ("cap", ["has_cap", "x"], {"capabilities": ["x"]}, True), ("no-cap", ["has_cap", "y"], {"capabilities": ["x"]}, False), ("tier", ["tier_eq", "partner"], {}, False), ("tier-there", ["tier_eq", "partner"], {"tier": "partner"}, True),
                                      ("min-tier", ["min_tier", "marketplace"], {}, False), ("scope", ["scope_matches"], {}, True), ("not-scope", ["not", ["scope_matches"]], {}, False), ("not-scope-there", ["not", ["scope_matches"]], {"scope": "team"}, True), ("or-none", ["or", ["bot"], ["family_eq", "g"]], {}, False), ("not-not", ["not", ["family_eq", "f"]], {}, False), ("known-missing", ["known", "price_in"], {}, False)]:
        add(f"truth-{name}", f"By the catalogue this may {'accept' if accepts else 'accept nobody'}: {name.replace('-', ' ')}.", pred, [] if accepts else [(e, "")], erule if not accepts else ["known/catalogue"], denies=erule if accepts else [], near=[e] if accepts else [], candidates=listed({}, **keys))
    return book


def catalogue() -> Book:
    book = Book("lints/catalogue", "lint", "Candidates without context or price, where a term looks at these.")
    add = Writer(book)
    c, p = "PIR0506", "PIR0507"
    some = listed({"context": 8000, "price_in": 1}, {"price_in": 1}, {"price_in": 1})
    add("context", "Candidates without a context are counted where a term looks at it.", ["cmp", "context", "ge", 0], [(c, "")], ["lint/no-context"], candidates=some)
    add("context-meets-req", "The operation meets_req looks at the context.", ["meets_req"], [(c, "")], ["lint/no-context"], candidates=some)
    add("context-rank", "So does a rank.", policy(rank=["field", "context"]), [(c, "/2")], ["lint/no-context"], candidates=some)
    add("context-first", "The first node that looks is named.", policy(["meets_req"], rank=["field", "context"]), [(c, "/1")], ["lint/no-context"], candidates=some)
    add("context-not-looked-at", "A term that does not look at it is not warned of.", ["cmp", "price_in", "ge", 0], [], denies=["lint/no-context"], near=[c], candidates=some)
    add("context-known", "A filter that asks whether it is known has dealt with it.", policy(["and", ["known", "context"], ["cmp", "context", "ge", 1], ["meets_req"]], rank=["field", "context"]), [], ["present/known"], denies=["lint/no-context"], near=[c], candidates=some)
    add("context-complete", "Where all have it, nothing is said.", ["cmp", "context", "ge", 0], [], denies=["lint/no-context"], near=[c], candidates=listed({"context": 1}))
    add("context-transform", "A transform chooses nobody.", ["when", ["cmp", "context", "ge", 1], ["id"]], [], denies=["lint/no-context"], near=[c], candidates=listed({}))
    add("context-selector", "A selector looks.", ["prefer", ["cmp", "context", "ge", 1], ["argmax"]], [(c, "/1")], ["lint/no-context"], candidates=listed({}))
    add("price", "Candidates without a price are counted where a term looks at it.", ["field", "price_in"], [(p, "")], ["lint/no-price"], candidates=listed({"price_in": 1}, {}))
    add("price-derived", "A derived field looks at what its formula reads.", ["field", "call_cost"], [(p, "")], ["lint/no-price", "known/derived"], candidates=listed({"price_in": 1}, {"price_out": 1}, {"price_in": 1, "price_out": 1}))
    add("price-each", "Each price is reported at the first node that looks at it.", policy(["cmp", "price_in", "le", 5], rank=["lit", 1], select=["rank_by", ["field", "call_cost"], ["argmax"]]), [(p, "/1"), (p, "/3/1")], ["lint/no-price"], candidates=listed({"price_in": 1}, {}))
    add("price-once", "A node that looks at nothing new is not named.", policy(["cmp", "price_in", "le", 5], rank=["field", "price_in"]), [(p, "/1")], ["lint/no-price"], candidates=listed({"price_in": 1}, {}))
    add("price-known", "A filter that asks whether the cost is known has dealt with its prices.", policy(["and", ["known", "call_cost"], ["or", ["cmp", "call_cost", "le", 1], ["top"]]], rank=["field", "call_cost"]), [], ["present/known"], denies=["lint/no-price"], near=[p], candidates=listed({"price_in": 1, "price_out": 1}, {}))
    add("price-complete", "Where all have it, nothing is said about a price.", ["field", "price_in"], [], denies=["lint/no-price", "known/derived"], near=[p], candidates=listed({"price_in": 1}))
    add("price-unit", "A field of the catalogue in another unit is no price.", ["field", "fee"], [], denies=["lint/no-price"], near=[p], candidates=listed({}), house=True)
    add("other-missing", "Other fields may be missing.", policy(["cmp", "bench_coding", "ge", 0], rank=["field", "latency_ms"]), [], denies=["lint/no-price", "lint/no-context"], near=[c, p], candidates=listed({}))
    add("no-catalogue", "Without a catalogue nothing is missing.", ["add", ["field", "price_in"], ["field", "context"]], [], denies=["lint/no-price", "lint/no-context"], near=[c, p])
    add("failure-plan", "A failure plan chooses nobody.", ABORT, [], denies=["lint/no-price", "lint/no-context"], near=[c, p], candidates=listed({}))
    add("everything", "Warnings come in the order of the term.", policy(["and", ["not", ["tag_in", "region", ["us"]]], ["cmp", "context", "ge", 0], *[["top"]] * 8, ["family_eq", "e\u0301"]], ["add", ["clamp", 1, 0, PRICE], ["gate", TEE, NEGATIVE]]),
        [("PIR0503", "/1/1"), ("PIR0506", "/1/2"), ("PIR0505", "/1/11"), ("PIR0508", "/1/11/1"), ("PIR0504", "/2/1"), ("PIR0507", "/2/1/3"), ("PIR0501", "/2/2")], ["diagnostic/order"], candidates=listed({"region": "eu"}, {"has_tee": True, "price_in": 1}))
    add("nothing-odd", "A policy without anything odd has no warning.", policy(["and", ["meets_req"], ["not", ["is", "disabled"]], ["cmp", "price_out", "le", 25], ["tag_in", "region", ["eu"]]], ["add", ["scale", 0.7, CHEAP], ["scale", 0.3, ["normalize", ["field", "context"]]]], ["top_k", 3, ["prefer", ["not", ["is", "breaker_open"]], ["argmax"]]],
        ["seq", ["clamp_param", "temperature", 0, 1], ["inject_seed", "seed"]]), [], denies=["lint/gate", "lint/scale", "lint/not-tag-in", "lint/clamp", "lint/accepts-nothing", "lint/no-context", "lint/no-price", "lint/nfc"], near=["PIR0501", "PIR0502", "PIR0503", "PIR0504", "PIR0505", "PIR0506", "PIR0507", "PIR0508"],
        candidates=listed({"price_in": 1, "price_out": 2, "context": 3, "region": "eu"}))
    book.add("not-admitted", "A term that is not admitted has no lints.", input={"term": ["clamp", 1, 0, ["field", "nope"]]}, refused=["PIR0401"], denies=["lint/clamp"])
    book.add("not-admitted-scorer", "Nor is anything known of the scores of one.", input={"term": ["add", ["lit", 1], ["scale", 0, ["gate", TEE, ["clamp", 1, 0, ["neg", ["normalize", ["field", "nope"]]]]]]]}, refused=["PIR0401"],
             denies=["interval/constant", "interval/field", "interval/add", "interval/scale", "interval/neg", "interval/normalize", "interval/clamp", "direction/none"])
    return book


def strings() -> Book:
    book = Book("lints/strings", "lint", "Strings that are not in normal form C.")
    add = Writer(book)
    loose, x = "e\u0301", "PIR0508"
    for name, term, pointer, house in [
        ("family", ["family_eq", loose], "/1", False), ("provider", ["provider_eq", loose], "/1", False), ("served-by", ["served_by_eq", loose], "/1", False), ("cap", ["has_cap", loose], "/1", False), ("tag", ["tag_in", "region", ["eu", loose]], "/2/1", False), ("chain", ["chain", [{"provider": "a", "model": loose}]], "/1/0/model", False),
        ("reason", ["override", ABORT, loose, {"action": "abort"}], "/2", False), ("further-key", ["always", {"action": "abort", loose: 1}], f"/1/{loose}", False), ("scalar", ["set_param", "user", loose], "/2", True), ("step", ["filter_text", [loose]], "/1/0", True), ("setting", ["filter_text", [{loose: 1}]], f"/1/0/{loose}", True), ("custom", ["custom", loose], "/1", True),
    ]:
        add(name, f"A decomposed letter is warned of: {name.replace('-', ' ')}.", term, [(x, pointer)], ["lint/nfc"], house=house, flags=["Normalisation", "Unicode"])
    for name, text, comment in [("composed", "\u00e9", "A composed letter is in normal form C"), ("ascii", "e", "A letter of ASCII is"), ("empty", "", "The empty string is, too"), ("compatibility", "\ufb01", "A ligature is, for C knows no compatibility"), ("mark-alone", "\u0301", "A mark alone is in normal form"), ("astral", "😀", "A picture is in normal form"), ("hangul", "\uac00", "A syllable of Hangul is")]:
        add(f"fine-{name}", f"{comment}.", ["has_cap", text], [], denies=["lint/nfc"], near=[x], flags=["Normalisation", "Unicode"] if text and text != "e" else ["Empty"] if not text else [])
    for name, text, comment in [("angstrom", "\u212b", "The sign of the unit angstrom is another letter in normal form C"), ("hangul-parts", "\u1100\u1161", "Parts of a syllable of Hangul are composed"), ("marks-out-of-order", "a\u0323\u0302".replace("\u0323\u0302", "\u0302\u0323"), "Marks out of order are put in order"), ("greek-question", "\u037e", "The Greek question mark is a semicolon")]:
        add(f"not-{name}", f"{comment}.", ["has_cap", text], [(x, "/1")], ["lint/nfc"], flags=["Normalisation", "Unicode"])
    add("two", "Each string is warned of.", ["tag_in", "region", [loose, "a", loose + "x"]], [(x, "/2/0"), (x, "/2/2")], ["lint/nfc"], flags=["Normalisation", "Unicode"])
    return book
