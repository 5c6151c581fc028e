"""Vectors of candidates, of the values of their fields, and of snapshots and their fingerprints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policy_ir.canonical import fingerprint
from vectors.book import Book
from vectors.world import WORLD, Json, candidate

# fmt: off


def books() -> list[Book]:
    """The books of this module."""
    return [_candidates(), _own_keys(), _capabilities(), _values(), _snapshots(), _updates()]


def digests(size: int, keys: Mapping[str, Sequence[Json]], catalogue: Mapping[str, tuple[str, Sequence[Json]]],
            state: Mapping[str, tuple[str, Sequence[Json]]]) -> dict[str, str]:
    """The three fingerprints of a snapshot from its columns, put together as the chapter says it; None is no observation."""

    def columns(parts: Mapping[str, tuple[str, Sequence[Json]]]) -> list[Any]:
        made = []
        for name, (sort, seen) in sorted(parts.items()):
            values = [one for one in seen if one is not None]
            if values:
                column = [name, sort, [one is not None for one in seen], values]
                made.append([name, fingerprint("column/1", column)])
        return made

    own = {name: ("tags" if name == "capabilities" else "tag", seen) for name, seen in keys.items()}
    first = fingerprint("snapshot-catalogue/1", [size, columns(own), columns(catalogue)])
    second = fingerprint("snapshot-state/1", [size, columns(state)])
    return {"fingerprint": fingerprint("snapshot/1", [first, second]), "catalogue": first, "state": second}


BARE = {"id": ["a"], "provider": ["p"], "family": ["m"], "served_model": ["m"], "served_by": ["p"], "tier": [None],
        "scope": [None], "capabilities": [[]]}
"""The columns of the keys of one candidate that says as little as it can."""


def bare(keys: Json = None, catalogue: Json = None, state: Json = None) -> dict[str, str]:
    """The fingerprints of a snapshot of one candidate under `core`, with these columns besides `BARE`."""
    return digests(1, {**BARE, **(keys or {})}, catalogue or {}, state or {})


def _take(book: Book, name: str, comment: str, candidates: Json, due: Json = None, **rest: Json) -> None:
    given = {key: rest.pop(key) for key in ("vocabulary", "state") if key in rest}
    book.add(name, comment, input={**given, "candidates": candidates}, result=due, **rest)


def _candidates() -> Book:
    book = Book("catalogue/candidates", kind="snapshot", about="The keys of a candidate, and which candidates are none.")

    def core(name: str, comment: str, one: Json, keys: Json, rules: list[str], **rest: Json) -> None:
        _take(book, name, comment, [one], bare(keys), vocabulary="core", rules=rules, **rest)

    def refuse(name: str, comment: str, candidates: Json, refused: Json, denies: list[str], **rest: Json) -> None:
        _take(book, name, comment, candidates, refused=refused, denies=denies, **rest)

    plain = {"id": "a", "provider": "p", "family": "m"}
    core("family-alone", "With a family alone the served model is the family.", plain, {},
         ["candidate/model", "candidate/served-by", "candidate/tier", "candidate/scope", "candidate/capabilities"],
         near=["PIR0606"])
    _take(book, "served-model-only", "With a served model alone the family is the served model.",
          [{"id": "b", "provider": "p", "served_model": "m"}], bare({"id": ["b"]}), vocabulary="core",
          rules=["candidate/model"], near=["PIR0606"])
    core("both-models", "A family and a served model stand beside each other.", {**plain, "served_model": "m-1"},
         {"served_model": ["m-1"]}, ["snapshot/column"], denies=["candidate/model"])
    core("served-by", "A route of its own is no provider.", {**plain, "served_by": "r"}, {"served_by": ["r"]},
         ["snapshot/column"], denies=["candidate/served-by"])
    core("tier", "A tier that is stated is observed.", {**plain, "tier": "partner"}, {"tier": ["partner"]},
         ["snapshot/column"], denies=["candidate/tier"])
    core("tier-fallback", "A tier of fallback that is stated is another catalogue than one without a tier.",
         {**plain, "tier": "fallback"}, {"tier": ["fallback"]}, ["snapshot/column"])
    core("tier-undeclared", "A tier that nobody declared is allowed, and kept.", {**plain, "tier": "gold"},
         {"tier": ["gold"]}, ["candidate/tier"], near=["PIR0403"])
    core("scope", "A scope that is stated is kept.", {**plain, "scope": "team"}, {"scope": ["team"]},
         ["snapshot/column"], denies=["candidate/scope"])
    core("capabilities", "Capabilities are kept as a set.", {**plain, "capabilities": ["b", "a", "b"]},
         {"capabilities": [["a", "b"]]}, ["candidate/capabilities"])
    core("capabilities-empty", "An empty list of capabilities is the same as none.", {**plain, "capabilities": []}, {},
         ["candidate/capabilities"], flags=["Empty"])
    core("capabilities-by-bytes", "Capabilities are sorted by UTF-8 bytes, not by UTF-16 code units.",
         {**plain, "capabilities": ["\U0001f600", "\uff5e", "z", "Z"]},
         {"capabilities": [["Z", "z", "\uff5e", "\U0001f600"]]}, ["candidate/capabilities"],
         flags=["Utf16Order", "Unicode"])
    core("normalisation", "Names are kept as they are, and never normalised.",
         {**plain, "capabilities": ["e\u0301", "\u00e9"]}, {"capabilities": [["e\u0301", "\u00e9"]]},
         ["candidate/capabilities"], flags=["Normalisation", "Unicode"])
    core("names-at-the-edge", "A name has 256 bytes at most.", {**plain, "tier": "t" * 256, "scope": "\u20ac" * 85 + "s"},
         {"tier": ["t" * 256], "scope": ["\u20ac" * 85 + "s"]}, ["candidate/name"], near=["PIR0615"],
         flags=["Edge", "Unicode"])
    core("nulls", "A key whose value is null is absent.",
         {**plain, "tier": None, "scope": None, "served_by": None, "capabilities": None, "fields": None}, {},
         ["catalogue/null"])
    core("own-keys-of-the-host", "Keys of the host's own are not looked at.",
         {**plain, "x-note": {"any": [1, None]}, "x-": 1, "$schema": 5}, {}, ["catalogue/shape"], near=["PIR0601"])
    core("host-names", "Names that a host language gives a meaning are names.",
         {**plain, "capabilities": ["__proto__", "constructor"]}, {"capabilities": [["__proto__", "constructor"]]},
         ["candidate/capabilities"], flags=["HostName"])
    refuse("neither-model", "A candidate with neither a family nor a served model is refused.",
           [{"id": "a", "provider": "p"}], ["PIR0606 /candidates/0"], ["candidate/model"])
    refuse("null-model", "A family of null is no family.", [{"id": "a", "provider": "p", "family": None}],
           ["PIR0606 /candidates/0"], ["candidate/model", "catalogue/required"])
    refuse("no-id", "A candidate without an id is refused.", [{"provider": "p", "family": "m"}],
           ["PIR0606 /candidates/0"], ["catalogue/required"])
    refuse("no-provider", "A candidate without a provider is refused.", [{"id": "a", "family": "m"}],
           ["PIR0606 /candidates/0"], ["catalogue/required"])
    refuse("nothing", "Each key that is missing is reported.", [{}], ["PIR0606 /candidates/0"] * 3,
           ["catalogue/required"], flags=["Empty"])
    refuse("twice", "Two candidates have no id in common.", [plain, {"id": "b", "provider": "p", "family": "m"}, plain],
           ["PIR0603 /candidates/2/id"], ["candidate/id"])
    refuse("three-times", "Each repetition of an id is reported.", [plain, plain, plain],
           ["PIR0603 /candidates/1/id", "PIR0603 /candidates/2/id"], ["candidate/id"])
    _take(book, "ids-normalised", "Ids that normalisation would make equal are two.",
          [candidate("\u00e9"), candidate("e\u0301")], rules=["candidate/id"], near=["PIR0603"],
          flags=["Normalisation", "Unicode"])
    _take(book, "ids-by-case", "Ids that differ by case are two.", [candidate("A"), candidate("a")],
          rules=["candidate/id"], near=["PIR0603"])
    for key in ("id", "provider", "family", "served_model", "served_by", "tier", "scope"):
        word = key.replace("_", "-")
        refuse(f"empty-{word}", f"The key `{key}` is no empty text.", [{**plain, key: ""}],
               [f"PIR0615 /candidates/0/{key}"], ["candidate/name"])
        refuse(f"long-{word}", f"The key `{key}` has no text of 257 bytes.", [{**plain, key: "n" * 257}],
               [f"PIR0615 /candidates/0/{key}"], ["candidate/name"], flags=["PastEdge"])
        refuse(f"number-{word}", f"The key `{key}` is no number.", [{**plain, key: 5}],
               f"PIR0601 /candidates/0/{key}", ["catalogue/shape"])
    refuse("long-by-bytes", "The length of a name is that of its UTF-8.", [{**plain, "scope": "\u20ac" * 86}],
           ["PIR0615 /candidates/0/scope"], ["candidate/name"], flags=["PastEdge", "Unicode"])
    refuse("served-model-alone-long", "A name that stands in for another is reported once.",
           [{"id": "a", "provider": "p", "served_model": ""}], ["PIR0615 /candidates/0/served_model"], ["candidate/name"])
    refuse("empty-capability", "A capability is no empty text.", [{**plain, "capabilities": ["a", ""]}],
           ["PIR0615 /candidates/0/capabilities/1"], ["candidate/name"])
    refuse("long-capability", "A capability has 256 bytes at most.", [{**plain, "capabilities": ["c" * 257]}],
           ["PIR0615 /candidates/0/capabilities/0"], ["candidate/name"], flags=["PastEdge"])
    refuse("number-as-capability", "A capability is a text.", [{**plain, "capabilities": ["a", 1]}],
           ["PIR0601 /candidates/0/capabilities/1"], ["catalogue/shape", "candidate/capabilities"])
    refuse("capabilities-as-text", "Capabilities are a list.", [{**plain, "capabilities": "a"}],
           ["PIR0601 /candidates/0/capabilities"], ["catalogue/shape"])
    refuse("unknown-key", "A key that a candidate does not have is refused.", [{**plain, "price_in": 1}],
           ["PIR0601 /candidates/0/price_in"], ["catalogue/shape"])
    refuse("unknown-key-null", "A key that a candidate does not have is refused whatever its value.",
           [{**plain, "color": None}], ["PIR0601 /candidates/0/color"], ["catalogue/shape"])
    refuse("fields-as-list", "Fields are an object.", [{**plain, "fields": []}], ["PIR0601 /candidates/0/fields"],
           ["catalogue/shape"])
    refuse("no-object", "A candidate is an object.", [plain, "b"], ["PIR0601 /candidates/1"], ["catalogue/shape"])
    refuse("null-candidate", "A candidate is not null.", [None], ["PIR0601 /candidates/0"], ["catalogue/shape"])
    refuse("no-list", "Candidates are a list.", {"a": plain}, ["PIR0601 /candidates"], ["catalogue/shape"])
    refuse("pointer-escapes", "A pointer escapes a tilde and a slash.", [{**plain, "a/b~c": 1}],
           ["PIR0601 /candidates/0/a~1b~0c"], ["catalogue/shape"], rules=["catalogue/pointer"])
    refuse("several", "Findings come in the order of the candidates.",
           [{**plain, "fields": {"nope": 1}}, {**plain, "id": "b", "fields": {"price_in": "x"}}],
           ["PIR0604 /candidates/0/fields/nope", "PIR0605 /candidates/1/fields/price_in"],
           ["candidate/undeclared", "snapshot/catalogue"], rules=["snapshot/refusal"])
    refuse("hundred", "At most 100 findings are reported.", [candidate("a", nope=1, **{f"n{n}": 1 for n in range(150)})],
           [f"PIR0604 /candidates/0/fields/{name}" for name in ("nope", *(f"n{n}" for n in range(99)))],
           ["snapshot/fingerprint"], rules=["snapshot/refusal"])
    return book


def _own_keys() -> Book:
    book = Book("catalogue/own-keys", kind="snapshot", about="Fields that show a key of the candidate.")
    declared = {"vocabulary": 1, "name": "v", "fields": {
        name: {"sort": "tag", "source": "catalogue"} for name in ("tier", "served_by", "provider")}}
    _take(book, "shown", "A field named like a key shows that key, in a column of its own.", [candidate("a")],
          bare({}, {"provider": ("tag", ["p"]), "served_by": ("tag", ["p"]), "tier": ("tag", [None])}),
          vocabulary=declared, rules=["candidate/own-key", "snapshot/column"])
    _take(book, "shown-tier", "The field of a key that is there is observed.", [candidate("a", tier="gold")],
          bare({"tier": ["gold"]}, {"provider": ("tag", ["p"]), "served_by": ("tag", ["p"]), "tier": ("tag", ["gold"])}),
          vocabulary=declared, rules=["candidate/own-key"], near=["PIR0612"])
    _take(book, "standard", "Under the standard vocabulary id and served model are fields too.", [candidate("a")],
          digests(1, BARE, {"id": ("tag", ["a"]), "served_model": ("tag", ["m"])}, {}), rules=["candidate/own-key"])
    for field in ("id", "served_model"):
        _take(book, f"given-{field.replace('_', '-')}", f"The key `{field}` is not given as a field.",
              [{**candidate("a"), "fields": {field: "a"}}], refused=[f"PIR0612 /candidates/0/fields/{field}"],
              denies=["candidate/own-key"])
    _take(book, "given-undeclared", "A key for which no field is declared is an undeclared field.",
          [{**candidate("a"), "fields": {"tier": "partner"}}], refused=["PIR0604 /candidates/0/fields/tier"],
          denies=["candidate/undeclared"], near=["PIR0612"])
    return book


def _capabilities() -> Book:
    book = Book("catalogue/capabilities", kind="snapshot", about="Fields that show a capability of the candidate.")
    own = {"vocabulary": 1, "name": "v", "fields": {
        "supports_x": {"sort": "bool", "default": False, "source": "catalogue"},
        "supports_y": {"sort": "bool", "default": False, "source": "state"}}}

    def take(name: str, comment: str, capabilities: list[str], fields: Json, shown: Json, **rest: Json) -> None:
        one = {**candidate("a"), "capabilities": capabilities, "fields": fields}
        due = None if shown is None else bare({"capabilities": [sorted(capabilities)]},
                                              {"supports_x": ("bool", [shown])} if shown != "none" else {},
                                              rest.pop("state", None))
        _take(book, name, comment, [one], due, vocabulary=own, **rest)

    take("listed", "A field shows a capability that is listed.", ["supports_x"], {}, True, rules=["candidate/capability"])
    take("listed-and-true", "A field that says what is listed says nothing new.", ["supports_x"], {"supports_x": True},
         True, rules=["candidate/capability"], near=["PIR0617"])
    take("absent", "A field of a capability that is not listed is missing.", [], {}, "none",
         denies=["candidate/capability"], rules=["candidate/missing"])
    take("known-missing", "A capability may be known to be missing.", [], {"supports_x": False}, False,
         rules=["candidate/capability"], near=["PIR0617"])
    take("null", "A field of null says nothing, and the capability is shown.", ["supports_x"], {"supports_x": None},
         True, rules=["candidate/capability", "catalogue/null"])
    take("state-field", "A field of the state shows no capability, whatever its name.", ["supports_y"],
         {"supports_y": False}, "none", state={"supports_y": ("bool", [False])}, denies=["candidate/capability"],
         near=["PIR0617"])
    take("contradiction", "A capability that is listed is not missing.", ["supports_x"], {"supports_x": False}, None,
         refused=["PIR0617 /candidates/0/fields/supports_x"], denies=["candidate/capability"])
    take("contradiction-unlisted", "A capability that is not listed is not there.", [], {"supports_x": True}, None,
         refused=["PIR0617 /candidates/0/fields/supports_x"], denies=["candidate/capability"])
    take("no-boolean", "A number is no capability.", ["supports_x"], {"supports_x": 1}, None,
         refused=["PIR0605 /candidates/0/fields/supports_x"], denies=["value/bool"])
    return book


MINIMUM = {"vocabulary": 1, "name": "v", "fields": {
    "n": {"sort": "num", "source": "catalogue", "default": "inf"},
    "r": {"sort": "num", "source": "catalogue", "default": 5, "minimum": -1, "maximum": 2},
    "b": {"sort": "bool", "source": "catalogue", "default": True},
    "t": {"sort": "tag", "source": "catalogue"}, "s": {"sort": "tags", "source": "catalogue"},
    "q": {"sort": "num", "source": "request", "default": 0}}}


def _values() -> Book:
    book = Book("catalogue/values", kind="snapshot", about="The values of fields, by their sorts.")

    def keep(name: str, comment: str, field: str, value: Json, kept: Json, rule: str, **rest: Json) -> None:
        sort = MINIMUM["fields"][field]["sort"]
        _take(book, name, comment, [{**candidate("a"), "fields": {field: value}}], bare({}, {field: (sort, [kept])}),
              vocabulary=MINIMUM, rules=[rule], **rest)

    def refuse(name: str, comment: str, field: str, value: Json, refused: str, rule: str, **rest: Json) -> None:
        at, _, inner = field.partition("/")
        pointer = f"/candidates/0/fields/{at}" + (f"/{inner}" if inner else "")
        _take(book, name, comment, [{**candidate("a"), "fields": {at: value}}], vocabulary=MINIMUM,
              refused=[f"{refused} {pointer}"], denies=[rule], **rest)

    num, edge = "value/num", ["PIR0616"]
    keep("integer", "An integer is a number.", "n", 5, 5.0, num, near=["PIR0605"])
    keep("integral", "A number of 5.0 is the number 5.", "n", 5.0, 5.0, num)
    keep("fraction", "A fraction is the nearest binary64.", "n", 0.1, 0.1, num, flags=["Shortest"])
    keep("minus-zero", "A negative zero is kept as 0.", "n", -0.0, 0.0, num, flags=["Minus0"])
    keep("great", "The greatest binary64 is finite.", "n", 1.7976931348623157e308, 1.7976931348623157e308, num,
         flags=["Edge"])
    keep("beyond-integers", "An integer beyond 2^53 is the nearest binary64.", "n", 9007199254740993, 9007199254740992.0,
         num, flags=["IntegerEdge", "Rounding"])
    keep("subnormal", "The least subnormal number is no 0.", "n", 5e-324, 5e-324, num, flags=["DoubleSubnormal"])
    keep("at-minimum", "The minimum is in the range.", "r", -1, -1.0, num, near=edge, flags=["Edge"])
    keep("at-maximum", "The maximum is in the range.", "r", 2.0, 2.0, num, near=edge, flags=["Edge"])
    refuse("below-minimum", "A number just below the minimum is refused.", "r", -1.0000000000000002, "PIR0616", num,
           flags=["PastEdge"])
    refuse("above-maximum", "A number just above the maximum is refused.", "r", 2.0000000000000004, "PIR0616", num,
           flags=["PastEdge"])
    refuse("default-is-no-observation", "A default outside the range is no observation inside it.", "r", 5, "PIR0616", num)
    refuse("too-great", "An integer beyond binary64 is not finite.", "n", 10**400, "PIR0605", num, flags=["Overflow"])
    refuse("infinity-as-text", "An infinity is a default and never an observation.", "n", "inf", "PIR0605", num)
    refuse("number-as-text", "A text that reads as a number is none.", "n", "5", "PIR0605", num)
    refuse("number-as-boolean", "A boolean is no number.", "n", True, "PIR0605", num)
    refuse("number-as-list", "A list is no number.", "n", [5], "PIR0605", num)
    refuse("number-as-object", "An object is no number.", "n", {}, "PIR0605", num, flags=["Empty"])
    keep("true", "The value true is a boolean.", "b", True, True, "value/bool", near=["PIR0605"])
    keep("false", "The value false is an observation, also where the default is true.", "b", False, False, "value/bool")
    for name, value in (("zero", 0), ("one", 1), ("text", "true"), ("list", [])):
        refuse(f"boolean-as-{name}", f"The value {value!r} is no boolean.", "b", value, "PIR0605", "value/bool")
    keep("tag", "A text is a tag.", "t", "eu", "eu", "value/tag", near=["PIR0605"])
    keep("tag-at-the-edge", "A tag has 256 bytes at most.", "t", "\u00e9" * 128, "\u00e9" * 128, "value/tag",
         near=["PIR0615"], flags=["Edge", "Unicode"])
    keep("tag-with-controls", "A tag may hold any characters.", "t", "a\u0000\n\u2028\U0010ffff", "a\u0000\n\u2028\U0010ffff",
         "value/tag", flags=["Unicode"])
    refuse("tag-empty", "A tag is no empty text.", "t", "", "PIR0615", "value/tag")
    refuse("tag-long", "A tag of 257 bytes is refused.", "t", "\u00e9" * 128 + "x", "PIR0615", "value/tag",
           flags=["PastEdge", "Unicode"])
    refuse("tag-number", "A number is no tag.", "t", 5, "PIR0605", "value/tag")
    refuse("tag-list", "A list is no tag.", "t", ["eu"], "PIR0605", "value/tag")
    keep("tags", "Tags are kept as a set, sorted.", "s", ["b", "a", "b"], ["a", "b"], "value/tags")
    keep("tags-empty", "The empty set is an observation.", "s", [], [], "value/tags", flags=["Empty"])
    keep("tags-by-bytes", "Tags are sorted by UTF-8 bytes, not by UTF-16 code units and not by length.", "s",
         ["\U0001f600", "\uff5e", "zz", "a", "aa"], ["a", "aa", "zz", "\uff5e", "\U0001f600"], "value/tags",
         flags=["Utf16Order", "Unicode", "LengthFirst"])
    keep("tags-many", "A set may have more than 64 tags.", "s", [f"t{n}" for n in range(70)],
         sorted(f"t{n}" for n in range(70)), "value/tags")
    refuse("tags-text", "A text is no set of tags.", "s", "eu", "PIR0605", "value/tags")
    refuse("tags-number-in", "A number is no tag of a set.", "s/1", ["eu", 5], "PIR0605", "value/tags")
    refuse("tags-null-in", "A null is no tag of a set.", "s/0", [None], "PIR0605", "value/tags")
    refuse("tags-empty-in", "An empty text is no tag of a set.", "s/2", ["eu", "us", ""], "PIR0615", "value/tags")
    refuse("tags-long-in", "A text of 257 bytes is no tag of a set.", "s/0", ["t" * 257], "PIR0615", "value/tags",
           flags=["PastEdge"])
    refuse("undeclared", "A field that the vocabulary does not declare is refused.", "x", 1, "PIR0604",
           "candidate/undeclared")
    refuse("undeclared-host-name", "A name that every object of a host language has is declared by nobody.", "toString", 1,
           "PIR0604", "candidate/undeclared", flags=["HostName"])
    refuse("request-field", "A field of the request is not given by a catalogue.", "q", 1, "PIR0610", "candidate/source")
    _take(book, "derived-field", "A field that a formula derives is not given by a catalogue.",
          [candidate("a", call_cost=1)], refused=["PIR0610 /candidates/0/fields/call_cost"], denies=["candidate/source"])
    _take(book, "missing", "A field of null is missing.",
          [{**candidate("a"), "fields": {"n": None}}], bare(), vocabulary=MINIMUM,
          rules=["candidate/missing", "catalogue/null"], flags=["MissingObservation"])
    for name, field in (("own-key", "id"), ("derived", "call_cost"), ("request", "bucket"), ("undeclared", "nope")):
        _take(book, f"null-{name}", f"A field of null says nothing, here `{field}`, whatever its name.",
              [{**candidate("a"), "fields": {field: None}}],
              digests(1, BARE, {"id": ("tag", ["a"]), "served_model": ("tag", ["m"])}, {}),
              rules=["catalogue/null", "candidate/missing"], near=["PIR0604", "PIR0610", "PIR0612"])
    _take(book, "sources", "Fields of the catalogue and of the state may be given.",
          [candidate("a", price_in=1, latency_ms=2)],
          bare({}, {"price_in": ("num", [1.0])}, {"latency_ms": ("num", [2.0])}), vocabulary="core",
          rules=["candidate/source", "candidate/undeclared", "candidate/missing"], near=["PIR0604", "PIR0610"])
    _take(book, "all-sorts-wrong", "Each value that is wrong is reported, in the order in which they are given.",
          [{**candidate("a"), "fields": {"s": 1, "n": "x", "b": 0, "t": [], "q": 0, "r": 9, "z": 1}}], vocabulary=MINIMUM,
          refused=[f"PIR0{code} /candidates/0/fields/{field}" for code, field in (
              (605, "s"), (605, "n"), (605, "b"), (605, "t"), (610, "q"), (616, "r"), (604, "z"))],
          denies=["snapshot/refusal"])
    return book


def _snapshots() -> Book:
    book = Book("catalogue/snapshots", kind="snapshot", about="The fingerprint of a snapshot, by its columns.")
    whole = ["snapshot/column", "snapshot/catalogue", "snapshot/state", "snapshot/fingerprint"]
    _take(book, "nobody", "A catalogue of nobody has a snapshot, without columns.", [], digests(0, {}, {}, {}),
          rules=whole, flags=["Empty"])
    pair = [candidate("a", price_in=1, latency_ms=5), candidate("b", price_out=0, tier="partner")]
    keys = {"id": ["a", "b"], "provider": ["p", "p"], "family": ["m", "m"], "served_model": ["m", "m"],
            "served_by": ["p", "p"], "tier": [None, "partner"], "scope": [None, None], "capabilities": [[], []]}
    priced = {"price_in": ("num", [1.0, None]), "price_out": ("num", [None, 0.0])}
    due = digests(2, keys, priced, {"latency_ms": ("num", [5.0, None])})
    _take(book, "pair", "Columns name who has an observation, and then the observations.", pair, due, vocabulary="core",
          rules=[*whole, "snapshot/order"], flags=["MissingObservation"])
    turned = digests(2, {name: list(reversed(seen)) for name, seen in keys.items()},
                     {name: (sort, list(reversed(seen))) for name, (sort, seen) in priced.items()},
                     {"latency_ms": ("num", [None, 5.0])})
    _take(book, "turned", "The order of the candidates is part of the snapshot.", pair[::-1], turned, vocabulary="core",
          rules=["snapshot/order"], flags=["MissingObservation"])
    _take(book, "order-of-members", "The order in which a candidate is written is no part of the snapshot.",
          [{"fields": {"latency_ms": 5, "price_in": 1.0}, "family": "m", "provider": "p", "id": "a"}, pair[1]], due,
          vocabulary="core", rules=["snapshot/column"], denies=["snapshot/order"])
    _take(book, "default-is-observed", "An observation that equals the default is still an observation.",
          [candidate("a", success_rate=1, context=0)],
          bare({}, {"context": ("num", [0.0])}, {"success_rate": ("num", [1.0])}), vocabulary="core",
          rules=["snapshot/column"], denies=["candidate/missing"])
    _take(book, "another-vocabulary", "Declaring a field that no candidate has an observation for changes no snapshot.",
          [candidate("a", success_rate=1)], bare({}, {}, {"success_rate": ("num", [1.0])}),
          vocabulary={"vocabulary": 1, "name": "v", "fields": {"extra": {"sort": "tags", "source": "catalogue"}}},
          rules=["snapshot/catalogue"])
    _take(book, "all-sorts", "Columns of every sort.", [
        {**candidate("a"), "fields": {"n": 1.5, "b": True, "t": "x", "s": ["q", "p"]}}], bare({}, {
            "n": ("num", [1.5]), "b": ("bool", [True]), "t": ("tag", ["x"]), "s": ("tags", [["p", "q"]])}),
        vocabulary=MINIMUM, rules=["snapshot/column"])
    names = ["zz", "a", "\uff5e", "\U0001f600", "aa"]
    many = {"vocabulary": 1, "name": "v",
            "fields": {name: {"sort": "num", "default": 0, "source": "state"} for name in names}}
    _take(book, "columns-by-bytes", "Columns are sorted by the UTF-8 bytes of their names.",
          [{**candidate("a"), "fields": dict.fromkeys(names, 2)}],
          bare({}, {}, {name: ("num", [2.0]) for name in names}), vocabulary=many, rules=["snapshot/state"],
          flags=["Utf16Order", "Unicode", "LengthFirst"])
    twelve = [candidate(f"c{n}", price_in=n) for n in range(30)]
    ids = [f"c{n}" for n in range(30)]
    _take(book, "thirty", "Thirty candidates, for which the heads of lists are longer.", twelve, digests(
        30, {**{key: [one[0]] * 30 for key, one in BARE.items()}, "id": ids},
        {"price_in": ("num", [float(n) for n in range(30)])}, {}), vocabulary="core", rules=["snapshot/column"])
    _take(book, "world", "Six candidates with holes, under the standard vocabulary.", list(WORLD), rules=whole,
          denies=["snapshot/refusal"], flags=["MissingObservation"])
    _take(book, "same-as-turned-sets", "Sets that were given in another order make the same snapshot.",
          [{**entry, "capabilities": entry.get("capabilities", [])[::-1]} for entry in WORLD], rules=whole,
          flags=["MissingObservation"])
    return book


def _updates() -> Book:
    book = Book("catalogue/updates", kind="snapshot", about="New state, and the snapshot that it gives.")
    pair = [candidate("a", latency_ms=5, price_in=1), candidate("b")]
    keys = {"id": ["a", "b"], "provider": ["p", "p"], "family": ["m", "m"], "served_model": ["m", "m"],
            "served_by": ["p", "p"], "tier": [None, None], "scope": [None, None], "capabilities": [[], []]}
    priced = {"price_in": ("num", [1.0, None])}

    def update(name: str, comment: str, state: Json, seen: Json, **rest: Json) -> None:
        _take(book, name, comment, pair, digests(2, keys, priced, seen), vocabulary="core", state=state,
              rules=["snapshot/update"], **rest)

    def refuse(name: str, comment: str, state: Json, refused: Json, **rest: Json) -> None:
        _take(book, name, comment, pair, state=state, refused=refused, rules=["snapshot/update-refusal"], denies=["snapshot/update"], **rest)

    first = {"latency_ms": ("num", [5.0, None])}
    update("nothing", "No new state leaves the snapshot as it is.", {}, first, flags=["Empty"])
    update("nothing-of-one", "No new state of one candidate leaves it as it is.", {"b": {}}, first, flags=["Empty"])
    update("replaced", "An observation is replaced.", {"a": {"latency_ms": 7}}, {"latency_ms": ("num", [7.0, None])})
    update("added", "An observation is added where there was none.", {"b": {"latency_ms": 7}},
           {"latency_ms": ("num", [5.0, 7.0])})
    update("removed", "Null takes an observation away, and with the last one the column.", {"a": {"latency_ms": None}},
           {"latency_ms": ("num", [None, None])}, flags=["MissingObservation"], denies=["snapshot/column"])
    update("null-of-nothing", "Null where nothing was observed changes nothing.", {"b": {"latency_ms": None}}, first)
    update("another-column", "A column that is not named stays.", {"b": {"disabled": True, "credits": -0.0}},
           {**first, "disabled": ("bool", [None, True]), "credits": ("num", [None, 0.0])}, flags=["Minus0"],
           denies=["snapshot/update-refusal"])
    update("both", "Several candidates and fields at once.", {"b": {"tok_s": 3, "latency_ms": 1}, "a": {"tok_s": 4}},
           {"latency_ms": ("num", [5.0, 1.0]), "tok_s": ("num", [4.0, 3.0])}, near=["PIR0613", "PIR0614"])
    update("default", "New state that equals the default is an observation.", {"b": {"success_rate": 1}},
           {**first, "success_rate": ("num", [None, 1.0])})
    refuse("catalogue-field", "A field of the catalogue is no state.", {"a": {"price_in": 1}}, ["PIR0613 /a/price_in"])
    refuse("request-field", "A field of the request is no state.", {"a": {"bucket": 0}}, ["PIR0613 /a/bucket"])
    refuse("derived-field", "A field that a formula derives is no state.", {"a": {"call_cost": 0}},
           ["PIR0613 /a/call_cost"])
    refuse("undeclared", "A field that nobody declared is no state.", {"a": {"nope": 0}}, ["PIR0613 /a/nope"])
    refuse("undeclared-null", "A field that is no state is refused, whatever its value.", {"a": {"nope": None}},
           ["PIR0613 /a/nope"])
    refuse("unknown-id", "An id that no candidate has is refused.", {"c": {"latency_ms": 1}}, ["PIR0614 /c"])
    refuse("unknown-id-escaped", "The pointer of an unknown id is escaped.", {"c/d~": {}}, ["PIR0614 /c~1d~0"])
    refuse("wrong-sort", "Values are read as those of a catalogue.", {"a": {"latency_ms": "5"}},
           ["PIR0605 /a/latency_ms"])
    refuse("out-of-range", "A value outside the range of its field is refused.", {"b": {"success_rate": 1.5}},
           ["PIR0616 /b/success_rate"])
    refuse("several", "All findings are reported, in the order of the update.",
           {"b": {"success_rate": -1, "disabled": 0}, "x": {"nope": 1}, "a": {"context": 1}},
           ["PIR0616 /b/success_rate", "PIR0605 /b/disabled", "PIR0614 /x", "PIR0613 /a/context"])
    _take(book, "refused-catalogue", "Where the catalogue is refused the update is not looked at.", [pair[0], pair[0]],
          state={"x": {}}, refused=["PIR0603 /candidates/1/id"], rules=["snapshot/refusal"],
          denies=["snapshot/state", "snapshot/update"])
    refuse("host-name", "A name that every object of a host language has is the id of nobody.",
           {"constructor": {"latency_ms": 1}}, ["PIR0614 /constructor"], flags=["HostName"])
    return book
