"""Vectors of the atoms: every one accepted and refused, every relation against every class of value."""

from __future__ import annotations

from vectors.book import Book
from vectors.world import IDS, MIX, WORLD, Json, candidate, mixed, named, row

# fmt: off

RELATIONS = ("lt", "le", "eq", "ne", "ge", "gt")


def books() -> list[Book]:
    """The books of this module."""
    return [_constants(), _flags(), _comparisons(), _tiers(), _names(), _tags(), _known(), _tests()]


def _ask(book: Book, name: str, comment: str, term: Json, reasons: list[str | None], **rest: Json) -> None:
    """One predicate at the candidates of the world, or at others, with the reasons that are due."""
    candidates = rest.pop("candidates", list(WORLD))
    given = {key: rest.pop(key) for key in ("vocabulary", "facts") if key in rest}
    entry = {**given, "term": term, "candidates": candidates}
    book.add(name, comment, input=entry, result={"reasons": reasons}, **rest)


def _constants() -> Book:
    book = Book("semantics/constants", kind="predicate", about="The predicates `top`, `bot` and `scope_matches`.")
    _ask(book, "top", "The predicate top accepts every candidate.", ["top"], [None] * 6)
    _ask(book, "bot", "The predicate bot refuses every candidate with its own name.", ["bot"], ["bot"] * 6)
    _ask(book, "top-of-none", "Over no candidates there are no reasons.", ["top"], [], candidates=[], flags=["Empty"])
    _ask(book, "bot-of-none", "Over no candidates nothing is refused.", ["bot"], [], candidates=[], flags=["Empty"])
    scope = ["scope_matches"]
    _ask(book, "scope-absent", "A request without a scope may use what has no scope only.", scope,
         [None, None, None, "scope", None, None])
    _ask(book, "scope-own", "The scope of the request opens the candidates of that scope, and those without one.",
         scope, [None] * 6, facts={"scope": "team-1"})
    _ask(book, "scope-other", "Another scope opens nothing.", scope, [None, None, None, "scope", None, None],
         facts={"scope": "team-2"})
    _ask(book, "scope-prefix", "Scopes are equal or not, and a longer one does not hold a shorter one.", scope,
         ["scope", None], candidates=[candidate("x", scope="team"), candidate("y")], facts={"scope": "team-1"})
    _ask(book, "scope-case", "Scopes differ by case.", scope, ["scope"], candidates=[candidate("x", scope="Team")],
         facts={"scope": "team"})
    _ask(book, "scope-normalisation", "Scopes are compared by code points and never normalised.", scope,
         ["scope", None], candidates=[candidate("x", scope="caf\u00e9"), candidate("y", scope="cafe\u0301")],
         facts={"scope": "cafe\u0301"}, flags=["Unicode", "Normalisation"])
    _ask(book, "scope-null", "A scope of null in the facts is no scope.", scope, ["scope", None],
         candidates=[candidate("x", scope="null"), candidate("y")], facts={"scope": None})
    return book


def _flags() -> Book:
    book = Book("semantics/is", kind="predicate", about="The predicate `is`, at boolean fields of every source.")
    missing = ["MissingObservation"]
    _ask(book, "catalogue", "A boolean of the catalogue is asked for, and false by default.", ["is", "no_log"],
         [None, *["is:no_log"] * 5], flags=missing)
    _ask(book, "state", "A boolean of the state is asked for.", ["is", "disabled"],
         ["is:disabled"] * 3 + [None] + ["is:disabled"] * 2, flags=missing)
    _ask(book, "false-and-missing", "An observed false and a missing boolean are refused alike.", ["is", "open_weights"],
         ["is:open_weights", "is:open_weights", None], candidates=row("open_weights", [False, None, True]),
         flags=missing)
    _ask(book, "default-true", "A boolean whose default is true is accepted where it is missing.", ["is", "up"],
         [None, "is:up", None], candidates=row("up", [None, False, True]), flags=missing,
         vocabulary={"vocabulary": 1, "name": "v",
                     "fields": {"up": {"sort": "bool", "default": True, "source": "state"}}})
    _ask(book, "capability", "A field that shows a capability is true where the candidate lists it.",
         ["is", "supports_tools"], [None, None, *["is:supports_tools"] * 4], flags=missing)
    _ask(book, "capability-known-missing", "A capability may be known to be missing, and is refused then, too.",
         ["is", "supports_tools"], ["is:supports_tools"], candidates=row("supports_tools", [False]), flags=["Single"])
    request = {"vocabulary": 1, "name": "v",
               "fields": {"vip": {"sort": "bool", "default": False, "source": "request"}}}
    pair = row("price_in", [1, 2])
    _ask(book, "request-true", "A boolean of the request is the same for all candidates.", ["is", "vip"], [None, None],
         candidates=pair, vocabulary=request, facts={"fields": {"vip": True}})
    _ask(book, "request-absent", "A boolean that the facts do not have is its default.", ["is", "vip"],
         ["is:vip", "is:vip"], candidates=pair, vocabulary=request, flags=missing)
    return book


VALUES = [-1, 0, 1, 2.5, None]
BOUNDS = [-1, 0, 1, 2.5, 0.1]


def _holds(a: float, rel: str, b: float) -> bool:
    return {"lt": a < b, "le": a <= b, "eq": a == b, "ne": a != b, "ge": a >= b, "gt": a > b}[rel]


def _comparisons() -> Book:
    book = Book("semantics/cmp", kind="predicate",
                about="The predicate `cmp`: every relation against numbers, defaults and infinite defaults.")
    for rel in RELATIONS:
        for bound in (0, 1):
            shown = [0 if value is None else value for value in VALUES]
            reasons = [None if _holds(value, rel, bound) else f"cmp:credits:{rel}" for value in shown]
            _ask(book, f"{rel}-{bound}", f"Numbers and the default 0 against `{rel} {bound}`.",
                 ["cmp", "credits", rel, bound], reasons, candidates=row("credits", VALUES),
                 flags=["MissingObservation"])
        for field, infinity in (("latency_ms", float("inf")), ("down", float("-inf"))):
            vocabulary = {"vocabulary": 1, "name": "v", "fields": {
                "down": {"sort": "num", "source": "state", "default": "-inf"}}}
            reason = None if _holds(infinity, rel, 1e308) else f"cmp:{field}:{rel}"
            number = None if _holds(5.0, rel, 1e308) else f"cmp:{field}:{rel}"
            word = "positive" if infinity > 0 else "negative"
            _ask(book, f"{rel}-{word}-infinity", f"A missing number with a {word}ly infinite default against `{rel}`.",
                 ["cmp", field, rel, 1e308], [number, reason], candidates=row(field, [5, None]),
                 vocabulary=vocabulary, flags=["MissingObservation", "Infinite"])
        undefined = [f"cmp:call_cost:{rel}"]
        _ask(book, f"{rel}-undefined", f"An undefined number is not in the relation `{rel}` to anything.",
             ["cmp", "call_cost", rel, 0], undefined, candidates=[candidate("a")],
             flags=["Undefined", "MissingObservation", "Single"])
        zero = None if _holds(0.0, rel, 0.0) else f"cmp:credits:{rel}"
        _ask(book, f"{rel}-minus-zero", f"A negative zero is zero for `{rel}`, as an observation and as a bound.",
             ["cmp", "credits", rel, -0.0], [zero, zero], candidates=row("credits", [-0.0, 0]), flags=["Minus0"])
    near = [0.1, 0.30000000000000004, 0.3, 5e-324]
    _ask(book, "rounding", "The sum of 0.1 and 0.2 is greater than 0.3.", ["cmp", "credits", "gt", 0.3],
         ["cmp:credits:gt", None, "cmp:credits:gt", "cmp:credits:gt"], candidates=row("credits", near),
         flags=["Rounding"])
    _ask(book, "subnormal", "The least subnormal number is greater than 0.", ["cmp", "credits", "gt", 0], [None],
         candidates=row("credits", [5e-324]), flags=["DoubleSubnormal", "Single"])
    _ask(book, "integer-rounded", "An integer beyond 2^53 is the binary64 nearest to it.",
         ["cmp", "credits", "eq", 9007199254740992], [None, "cmp:credits:eq"],
         candidates=row("credits", [9007199254740993, 9007199254740994]), flags=["IntegerEdge", "Rounding"])
    _ask(book, "greatest", "The greatest number is less than an infinite default.",
         ["cmp", "latency_ms", "gt", 1.7976931348623157e308], ["cmp:latency_ms:gt", None],
         candidates=row("latency_ms", [1.7976931348623157e308, None]), flags=["Infinite", "MissingObservation"])
    _ask(book, "default-outside-range", "A default may lie outside the range of its field.",
         ["cmp", "load", "eq", -1], [None, "cmp:load:eq"], candidates=row("load", [None, 0.5]),
         vocabulary={"vocabulary": 1, "name": "v", "fields": {
             "load": {"sort": "num", "source": "state", "default": -1, "minimum": 0, "maximum": 1}}},
         flags=["MissingObservation"])
    _ask(book, "world-price", "A missing price is infinite, and no bound admits it.", ["cmp", "price_in", "le", 1e300],
         [None, None, "cmp:price_in:le", None, None, None], flags=["MissingObservation", "Infinite"])
    _ask(book, "world-price-above", "A missing price is above every bound.", ["cmp", "price_in", "gt", 1],
         ["cmp:price_in:gt", "cmp:price_in:gt", None, None, "cmp:price_in:gt", "cmp:price_in:gt"],
         flags=["MissingObservation", "Infinite"])
    _ask(book, "request", "A number of the request is the same for all candidates.", ["cmp", "bucket", "lt", 0.1],
         [None] * 6, facts={"fields": {"bucket": 0.05}})
    _ask(book, "request-default", "A number that the facts do not have is its default.",
         ["cmp", "budget_left", "ge", 1e9], [None] * 6, flags=["MissingObservation", "Infinite"])
    cost = ["cmp", "call_cost", "le", 0.003]
    tokens = {"fields": {"prompt_tokens": 1000, "completion_tokens": 500}}
    _ask(book, "derived", "The cost of a call is computed from the request and the candidate's prices.", cost,
         [None, None, "cmp:call_cost:le", "cmp:call_cost:le", None, None], facts=tokens,
         flags=["MissingObservation", "Infinite"])
    _ask(book, "derived-of-no-tokens", "A call of no tokens to an unpriced candidate costs an undefined amount.", cost,
         [None, None, "cmp:call_cost:le", None, None, None], flags=["MissingObservation", "Undefined"])
    return book


def _tiers() -> Book:
    book = Book("semantics/tiers", kind="predicate", about="The predicates `tier_eq` and `min_tier`.")
    tiers = [None, "fallback", "marketplace", "partner", "gold", "Partner"]
    candidates = [candidate(name, **({} if tier is None else {"tier": tier})) for name, tier in named(tiers)]
    ranks = [0, 0, 1, 2, -1, -1]
    for rank, tier in enumerate(("fallback", "marketplace", "partner")):
        equal = [None if own == rank else "tier" for own in ranks]
        least = [None if own >= rank else "min_tier" for own in ranks]
        _ask(book, f"tier-eq-{tier}", f"Candidates of every tier, none and undeclared ones asked for `{tier}`.",
             ["tier_eq", tier], equal, candidates=candidates)
        _ask(book, f"min-tier-{tier}", f"Candidates of every tier, none and undeclared ones asked for `{tier}` at least.",
             ["min_tier", tier], least, candidates=candidates)
    order = {"vocabulary": 1, "name": "v", "tiers": ["own", "fallback", "gold", "marketplace", "partner"]}
    _ask(book, "own-order", "The rank of a tier is its place in the order of the vocabulary, and not in the alphabet.",
         ["min_tier", "gold"], ["min_tier", "min_tier", None, None, None, "min_tier"], candidates=candidates,
         vocabulary=order)
    _ask(book, "below-fallback", "A tier may be declared below the tier of candidates without one.",
         ["min_tier", "own"], [None, None, None, None, None, "min_tier"], candidates=candidates, vocabulary=order)
    _ask(book, "absent-is-fallback", "A candidate without a tier is of the tier fallback.", ["tier_eq", "fallback"],
         [None], candidates=[candidate("x")], flags=["Single"])
    _ask(book, "negated", "An undeclared tier equals none, so that it is accepted where a tier is refused.",
         ["not", ["tier_eq", "partner"]], [None, None, None, "not", None, None], candidates=candidates)
    book.add("tier-eq-undeclared", "A tier that the vocabulary does not declare cannot be asked for.",
             input={"term": ["tier_eq", "gold"], "candidates": candidates}, refused="PIR0403 /1")
    book.add("min-tier-undeclared", "A tier that the vocabulary does not declare is no least tier.",
             input={"term": ["min_tier", "gold"], "candidates": candidates}, refused="PIR0403 /1")
    return book


def _names() -> Book:
    book = Book("semantics/names", kind="predicate",
                about="The predicates `family_eq`, `provider_eq`, `served_by_eq` and `has_cap`, over open names.")

    def among(reason: str, *accepted: str) -> list[str | None]:
        return [None if name in accepted else reason for name in IDS]

    _ask(book, "family", "The family of a candidate is asked for.", ["family_eq", "fast"],
         among("model_family", "a/fast", "b/fast", "d/fast"))
    _ask(book, "family-none", "A family that no candidate has is no error.", ["family_eq", "nobody"],
         ["model_family"] * 6)
    _ask(book, "family-from-served-model", "Without a family the served model is the family.", ["family_eq", "m-1"],
         [None], candidates=[{"id": "x", "provider": "p", "served_model": "m-1"}], flags=["Single"])
    _ask(book, "family-not-served-model", "With a family the served model is not asked.", ["family_eq", "m-1"],
         ["model_family"], candidates=[candidate("x", served_model="m-1")], flags=["Single"])
    _ask(book, "family-case", "Names differ by case.", ["family_eq", "Fast"], ["model_family"] * 6)
    _ask(book, "provider", "The provider of a candidate is asked for.", ["provider_eq", "a"],
         among("provider_id", "a/fast", "a/large"))
    _ask(book, "provider-not-route", "The route that serves a call is not the provider.", ["provider_eq", "peer-1"],
         ["provider_id"] * 6)
    _ask(book, "served-by", "The route of a candidate is asked for.", ["served_by_eq", "peer-1"],
         among("served_by", "b/fast"))
    _ask(book, "served-by-provider", "Without a route the provider serves the call itself.", ["served_by_eq", "a"],
         among("served_by", "a/fast", "a/large"))
    _ask(book, "served-by-not-provider", "With a route the provider is not asked.", ["served_by_eq", "b"],
         ["served_by"] * 6)
    _ask(book, "capability", "A capability is asked for by its name.", ["has_cap", "supports_tools"],
         among("missing_capability:supports_tools", "a/fast", "b/fast"))
    _ask(book, "capability-undeclared", "Capabilities need no field of their name.", ["has_cap", "house_style"],
         among("missing_capability:house_style", "b/fast"))
    _ask(book, "capability-known-missing", "A capability that is known to be missing is missing.",
         ["has_cap", "supports_tools"], ["missing_capability:supports_tools"],
         candidates=row("supports_tools", [False]), flags=["Single"])
    _ask(book, "normalisation", "Names that Unicode normalisation would join are two.", ["provider_eq", "\u00e9"],
         [None, "provider_id"], candidates=[candidate("x", provider="\u00e9"), candidate("y", provider="e\u0301")],
         flags=["Unicode", "Normalisation"])
    for word in ("__proto__", "constructor", "toString"):
        plain = word.strip("_").lower()
        _ask(book, f"host-name-{plain}", f"The name {word} is a name as any other.", ["has_cap", word],
             [f"missing_capability:{word}", None], candidates=[candidate("x"), candidate("y", capabilities=[word])],
             flags=["HostName"])
    _ask(book, "name-at-limit", "A name of 256 bytes is asked for and found.", ["provider_eq", "n" * 256], [None],
         candidates=[candidate("x", provider="n" * 256)], flags=["Edge", "Single"])
    return book


def _tags() -> Book:
    book = Book("semantics/tag-in", kind="predicate", about="The predicate `tag_in`, at tags and at sets of tags.")
    _ask(book, "tag", "A tag is among the names, or is not, or is missing.", ["tag_in", "region", ["eu"]],
         [None, "tag:region", "tag:region", "tag:region", "tag:region", None], flags=["MissingObservation"])
    _ask(book, "several", "One of several names is enough.", ["tag_in", "region", ["us", "eu"]],
         [None, None, "tag:region", "tag:region", "tag:region", None], flags=["MissingObservation"])
    sets = row("labels", [["x", "y"], ["y"], [], None, ["z", "a"]])
    _ask(book, "set-any", "Of a set any member is enough.", ["tag_in", "labels", ["x", "z"]],
         [None, "tag:labels", "tag:labels", "tag:labels", None], candidates=sets, flags=["MissingObservation"])
    _ask(book, "set-all", "All members of a set may be among the names.", ["tag_in", "labels", ["x", "y"]],
         [None, None, "tag:labels", "tag:labels", "tag:labels"], candidates=sets, flags=["MissingObservation"])
    _ask(book, "not-missing", "A missing tag is in no list, so that the negation accepts it.",
         ["not", ["tag_in", "region", ["eu"]]], ["not", None, None, None, None, "not"], flags=["MissingObservation"])
    _ask(book, "own-key-provider", "A key of the candidate is a tag where a field of its name is declared.",
         ["tag_in", "id", ["c/large", "e/small"]], ["tag:id", "tag:id", None, "tag:id", None, "tag:id"])
    _ask(book, "own-key-served-model", "The served model is a tag, and the family where it is absent.",
         ["tag_in", "served_model", ["fast", "m-1"]], [None, None],
         candidates=[candidate("x", family="fast"), candidate("y", served_model="m-1")])
    keys = {"vocabulary": 1, "name": "v", "fields": {
        "tier": {"sort": "tag", "source": "catalogue"}, "scope": {"sort": "tag", "source": "catalogue"}}}
    _ask(book, "own-key-tier", "The tag of a candidate without a tier is missing, although its tier is fallback.",
         ["tag_in", "tier", ["fallback"]], ["tag:tier", None],
         candidates=[candidate("x"), candidate("y", tier="fallback")], vocabulary=keys, flags=["MissingObservation"])
    _ask(book, "own-key-tier-undeclared", "The tag of a tier that nobody declared is that text.",
         ["tag_in", "tier", ["gold"]], [None], candidates=[candidate("x", tier="gold")], vocabulary=keys,
         flags=["Single"])
    _ask(book, "own-key-scope", "The scope is a tag where a field of that name is declared.",
         ["tag_in", "scope", ["s"]], ["tag:scope", None], candidates=[candidate("x"), candidate("y", scope="s")],
         vocabulary=keys, flags=["MissingObservation"])
    asked = {"vocabulary": 1, "name": "v", "fields": {
        "plan": {"sort": "tag", "source": "request"}, "groups": {"sort": "tags", "source": "request"}}}
    one = [candidate("x")]
    _ask(book, "request-tag", "A tag of the request is asked for.", ["tag_in", "plan", ["pro"]], [None],
         candidates=one, vocabulary=asked, facts={"fields": {"plan": "pro"}}, flags=["Single"])
    _ask(book, "request-tag-absent", "A tag that the facts do not have is in no list.", ["tag_in", "plan", ["pro"]],
         ["tag:plan"], candidates=one, vocabulary=asked, flags=["MissingObservation", "Single"])
    _ask(book, "request-set", "A set of the request is asked for.", ["tag_in", "groups", ["b"]], [None],
         candidates=one, vocabulary=asked, facts={"fields": {"groups": ["a", "b"]}}, flags=["Single"])
    _ask(book, "request-set-absent", "A set that the facts do not have is empty.", ["tag_in", "groups", ["b"]],
         ["tag:groups"], candidates=one, vocabulary=asked, flags=["MissingObservation", "Single"])
    _ask(book, "part-of-text", "A tag is not searched for the text of a name.", ["tag_in", "region", ["e", "u", "eu-1"]],
         ["tag:region"], candidates=row("region", ["eu"]), flags=["Single"])
    _ask(book, "astral", "Tags outside the basic plane are found whatever the order of code units.",
         ["tag_in", "region", ["\U0001f600", "\uff5e"]], [None, None, "tag:region"],
         candidates=row("region", ["\uff5e", "\U0001f600", "other"]),
         flags=["Unicode", "Utf16Order"])
    return book


def _known() -> Book:
    book = Book("semantics/known", kind="predicate", about="The predicate `known`, at fields of every sort and source.")
    flags = ["MissingObservation"]
    for sort, field, value in (("number", "price_in", 0), ("boolean", "no_log", False), ("tag", "region", "eu"),
                               ("set", "labels", []), ("state", "success_rate", 1)):
        _ask(book, sort, f"An observation is known, also where it is the default of its {sort}.", ["known", field],
             [None, f"known:{field}"], candidates=row(field, [value, None]), flags=flags)
    _ask(book, "capability", "A capability is known where it is listed, and where it is said to be missing.",
         ["known", "supports_tools"], [None, None, "known:supports_tools"],
         candidates=[candidate("a", capabilities=["supports_tools"]), candidate("b", supports_tools=False),
                     candidate("c")], flags=flags)
    _ask(book, "own-key", "The keys that every candidate has are known.", ["known", "id"], [None] * 6)
    keys = {"vocabulary": 1, "name": "v", "fields": {
        "tier": {"sort": "tag", "source": "catalogue"}, "served_by": {"sort": "tag", "source": "catalogue"}}}
    pair = [candidate("a"), candidate("b", tier="gold", served_by="r")]
    _ask(book, "own-key-absent", "A tier that is absent is not known.", ["known", "tier"], ["known:tier", None],
         candidates=pair, vocabulary=keys, flags=flags)
    _ask(book, "own-key-default", "A route that defaults to the provider is known.", ["known", "served_by"],
         [None, None], candidates=pair, vocabulary=keys)
    _ask(book, "request", "A request field is known where the facts have it.", ["known", "budget_left"], [None] * 6,
         facts={"fields": {"budget_left": 1}})
    _ask(book, "request-null", "A request field whose value is null is not known.", ["known", "budget_left"],
         ["known:budget_left"] * 6, facts={"fields": {"budget_left": None}}, flags=flags)
    priced = [candidate("a", price_in=1, price_out=1), candidate("b", price_in=1), candidate("c", price_out=1)]
    both = {"fields": {"prompt_tokens": 1, "completion_tokens": 1}}
    _ask(book, "derived", "A derived number is known where all that it is made of is.", ["known", "call_cost"],
         [None, "known:call_cost", "known:call_cost"], candidates=priced, facts=both, flags=flags)
    _ask(book, "derived-without-tokens", "Of four known parts three do not make a derived number known.",
         ["known", "call_cost"], ["known:call_cost"] * 3, candidates=priced,
         facts={"fields": {"prompt_tokens": 1}}, flags=flags)
    _ask(book, "derived-of-no-facts", "Defaults of the request do not make a derived number known.",
         ["known", "call_cost"], ["known:call_cost"] * 3, candidates=priced, flags=flags)
    return book


def _tests() -> Book:
    book = Book("semantics/test", kind="predicate", about="The predicate `test`, over the population of one candidate.")
    scores = [0, 1, "inf", "-inf", "undefined"]
    for rel in RELATIONS:
        for bound in (0, 1):
            values = [0.0, 1.0, float("inf"), float("-inf"), None]
            reasons = [None if value is not None and _holds(value, rel, bound) else "test" for value in values]
            _ask(book, f"{rel}-{bound}", f"Scores of every class against `{rel} {bound}`.", ["test", MIX, rel, bound],
                 reasons, candidates=mixed(scores), flags=["Infinite", "Undefined", "MissingObservation"])
    _ask(book, "negated-undefined", "An undefined score is in no relation, so that each negation accepts it.",
         ["and", *(["not", ["test", MIX, rel, 0]] for rel in RELATIONS)], [None], candidates=mixed(["undefined"]),
         flags=["Undefined", "MissingObservation", "Single"])
    _ask(book, "sum", "A sum is rounded before it is compared.",
         ["test", ["add", ["lit", 0.1], ["lit", 0.2]], "eq", 0.3], ["test"], candidates=[candidate("a")],
         flags=["Rounding", "Single"])
    _ask(book, "gate-inside", "A gate inside a test looks at the candidate that is asked about.",
         ["test", ["gate", ["provider_eq", "a"], ["lit", 1]], "eq", 1],
         [None, "test", "test", "test", "test", None])
    _ask(book, "clamp-inside", "A clamp inside a test bounds an infinite default.",
         ["test", ["clamp", 0, 1000, ["field", "latency_ms"]], "le", 500],
         [None, "test", "test", "test", None, None], flags=["MissingObservation", "Infinite"])
    _ask(book, "test-inside-gate", "A test may stand in the gate of a test.",
         ["test", ["gate", ["test", ["field", "price_in"], "le", 1], ["field", "tok_s"]], "gt", 0],
         [None, "test", "test", "test", "test", "test"], flags=["MissingObservation", "Infinite"])
    _ask(book, "budget", "The cost of a call is compared with what is left of the budget.",
         ["test", ["add", ["field", "call_cost"], ["scale", -1, ["field", "budget_left"]]], "le", 0],
         [None, None, "test", "test", None, None],
         facts={"fields": {"prompt_tokens": 1000000, "completion_tokens": 0, "budget_left": 1}},
         flags=["MissingObservation", "Infinite", "Undefined"])
    _ask(book, "budget-unknown", "An infinite cost less an infinite budget is undefined and accepted by nothing.",
         ["test", ["add", ["field", "call_cost"], ["scale", -1, ["field", "budget_left"]]], "le", 0],
         [None, None, "test", None, None, None],
         facts={"fields": {"prompt_tokens": 1000000}}, flags=["MissingObservation", "Infinite", "Undefined"])
    book.add("normalize-inside", "A test takes no normalize, since it has one candidate only.",
             input={"term": ["test", ["normalize", ["field", "price_in"]], "le", 1], "candidates": []},
             refused="PIR0211 /1", denies=["admit/pointwise"], flags=["Empty"])
    return book
