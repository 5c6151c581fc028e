"""Chapter Syntax, well-sorted terms: operations, sorts, arities and parameters, decoded values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy_ir.signature import SIGNATURE
from vectors.book import Book
from vectors.examples import ABORT, CUSTOM, ONE_OF_EACH, SORTS


def books() -> list[Book]:
    return [operations(), sorts(), parameters(), records(), values()]


# fmt: off
ALL = {**ONE_OF_EACH, "custom": CUSTOM}
A_TERM = {"Pred": ["top"], "Scorer": ["zero"], "Selector": ["argmax"], "Xform": ["id"], "FailPlan": ["always", ABORT],
          "Policy": ALL["policy"]}


def words(op: str) -> str:
    return op.replace("_", "-")


def operations() -> Book:
    book = Book("syntax/operations", "syntax", "Each operation once as it is written, with an argument too few and one too many.")
    for op, row in SIGNATURE.items():
        term, sort = ALL[op], row.sort
        book.add(f"{words(op)}-read", f"The operation {op} makes {SORTS[sort]}.", input={"value": term, "sort": sort},
                 result={"term": term}, near=["PIR0202", "PIR0203", "PIR0204"], denies=["sort/operation", "sort/sort", "sort/arity"])
        if row.variadic:
            few, many = [op], None
        else:
            few, many = term[:-1], [*term, term[-1] if len(term) > 1 else ["top"]]
        if len(term) > 1:
            book.add(f"{words(op)}-too-few", f"The operation {op} takes {'one or more arguments' if row.variadic else f'{len(term) - 1} arguments'}, and one is missing.",
                     input={"value": few}, refused=["PIR0204"], rules=["sort/arity"])
        if many is not None:
            book.add(f"{words(op)}-too-many", f"The operation {op} takes no argument more than its {len(term) - 1}.",
                     input={"value": many}, refused="PIR0204", rules=["sort/arity"])
    for op in ("and", "or", "add", "seq"):
        child = {"and": ["bot"], "or": ["bot"], "add": ["zero"], "seq": ["id"]}[op]
        book.add(f"{op}-of-one", f"One argument is enough for {op}, and it is kept as it is written.", input={"value": [op, child]},
                 result={"term": [op, child]}, near=["PIR0204"], denies=["sort/arity"], flags=["Single"])
    for name, head, what in [
        ("misspelt", "adn", "A misspelt operation"), ("capitals", "AND", "An operation in capitals"), ("space", "top ", "An operation with a space behind it"),
        ("empty", "", "The empty string"), ("sigma", "all", "A word of another language"), ("proto", "__proto__", "A name that objects have"),
        ("constructor", "constructor", "A name that objects have"), ("to-string", "toString", "A method of objects"),
        ("has-own", "hasOwnProperty", "A method of objects"), ("sort-name", "Pred", "The name of a sort"), ("verb", "abort", "A verb"),
        ("normalised", "te\u0301st", "A word with an accent"),
    ]:
        book.add(f"unknown-{name}", f"{what} as the head of a term is no operation of the signature: {head!r}.", input={"value": [head]},
                 refused=["PIR0202"], rules=["sort/operation"], flags=["HostName"] if name in ("proto", "constructor", "to-string", "has-own") else [])
    book.add("unknown-below", "An unknown operation is named where it stands.", input={"value": ["and", ["top"], ["not", ["nto", ["top"]]]]},
             refused=["PIR0202"], rules=["sort/operation"])
    for name, value, what in [
        ("string", "top", "A string"), ("number", 1, "A number"), ("boolean", True, "A boolean"), ("record", {"op": "top"}, "A record"),
        ("empty-record", {}, "An empty record"), ("empty-list", [], "An empty list"), ("list-of-list", [["top"]], "A list with a term at its head"),
        ("number-head", [1, ["top"]], "A list with a number at its head"), ("record-head", [{}], "A list with a record at its head"),
        ("boolean-head", [False], "A list with a boolean at its head"),
    ]:
        book.add(f"no-term-{name}", f"{what} is no term.", input={"value": value}, refused="PIR0201", rules=["sort/term"])
        if name not in ("list-of-list",):
            book.add(f"no-subterm-{name}", f"{what} is no predicate either, where one is due.", input={"value": ["not", value]}, refused="PIR0201", rules=["sort/term"])
    book.add("operation-name-as-name", "An operation's name is a keyword at the head of a term only.", input={"value": ["provider_eq", "and"]},
             near=["PIR0201", "PIR0202"], denies=["sort/term", "sort/operation"])
    book.add("relation-name-as-name", "A relation is a name elsewhere.", input={"value": ["cmp", "le", "le", 1]}, near=["PIR0206"], denies=["sort/relation"])
    return book


def sorts() -> Book:
    book = Book("syntax/sorts", "syntax", "A term of another sort than is due, at every argument that takes a term, and at the root.")
    for op, row in SIGNATURE.items():
        for at, argument in enumerate(row.arguments, 1):
            if not argument.is_term:
                continue
            others = [sort for sort in A_TERM if sort != argument.sort]
            for turn in sorted({len(op) % 5, (len(op) + 1 + at % 2) % 5}):
                sort, term = others[turn], A_TERM[others[turn]]
                value = [*ALL[op][:at], term, *ALL[op][at + 1 :]]
                book.add(f"{words(op)}-{at}-{sort.lower()}", f"The argument {at} of {op} is {SORTS[argument.sort]}, and {SORTS[sort]} is refused.",
                         input={"value": value}, refused=["PIR0203"], rules=["sort/sort"])
    for due in SORTS:
        for sort, term in A_TERM.items():
            if sort == due or len(sort + due) % 3:
                continue
            book.add(f"due-{due.lower()}-{sort.lower()}", f"Where {SORTS[due]} is due, {SORTS[sort]} as the whole term is refused.",
                     input={"value": term, "sort": due}, refused=["PIR0203"], rules=["sort/sort"])
    book.add("any", "Where no sort is due, a failure plan is a term like any other.", input={"value": ["always", ABORT]}, near=["PIR0203"], denies=["sort/sort"])
    book.add("pointwise-normalize", "Reading takes any scorer for a pointwise one.", input={"value": ["test", ["normalize", ["zero"]], "le", 1]},
             near=["PIR0203", "PIR0211"], denies=["sort/sort"])
    return book


# --- parameters -----------------------------------------------------------------------------------------------

JSON: list[tuple[str, str, Any]] = [
    ("number", "a number", 1.5), ("string", "a string", "x"), ("true", "a boolean", True), ("false", "a boolean", False),
    ("list", "a list of a string", ["x"]), ("numbers", "a list of a number", [1]), ("empty-list", "an empty list", []),
    ("record", "a record", {"x": 1}), ("empty-record", "an empty record", {}), ("term", "a term", ["top"]),
]
TAKEN = {
    "Num": {"number"}, "Count": {"number"}, "Rel": set(), "NumField": {"string"}, "BoolField": {"string"}, "TagField": {"string"}, "Field": {"string"},
    "Tier": {"string"}, "ParamName": {"string"}, "Sym": {"string"}, "Name": {"string"}, "Reason": {"string"}, "Names": {"list", "term"},
    "Scalar": {"number", "string", "true", "false"}, "Recipe": {"list", "empty-list", "term"}, "Chain": {"empty-list"}, "Action": set(),
}
CODES = {("Rel", "string"): "PIR0206", ("Names", "empty-list"): "PIR0210", ("Action", "record"): "PIR0209", ("Action", "empty-record"): "PIR0209"}
RULES = {"PIR0205": "sort/parameter", "PIR0206": "sort/relation", "PIR0209": "sort/required-key", "PIR0210": "sort/empty-list"}


def places() -> Iterator[tuple[str, str, int]]:
    """For each parameter sort one operation that takes it, with the place."""
    seen = set()
    for op, row in SIGNATURE.items():
        for at, argument in enumerate(row.arguments, 1):
            if not argument.is_term and argument.sort not in seen:
                seen.add(argument.sort)
                yield argument.sort, op, at


def parameters() -> Book:
    book = Book("syntax/parameters", "syntax", "Each sort of parameter with a value of each JSON type, and what strings and lists may be.")
    for sort, op, at in places():
        for name, what, value in JSON:
            term = [*ALL[op][:at], value, *ALL[op][at + 1 :]]
            code = CODES.get((sort, name), "PIR0205")
            if name in TAKEN[sort]:
                book.add(f"{sort.lower()}-{name}", f"A parameter of the sort {sort} may be {what}.", input={"value": term}, near=["PIR0205"], denies=["sort/parameter"], result={"term": term})
            else:
                book.add(f"{sort.lower()}-{name}", f"A parameter of the sort {sort} is never {what}.", input={"value": term}, refused=code, rules=[RULES[code]])
    for relation in ("lt", "le", "eq", "ne", "ge", "gt"):
        for op, term in (("cmp", ["cmp", "price_in", relation, 1]), ("test", ["test", ["lit", 1], relation, 1])):
            book.add(f"relation-{relation}-{op}", f"The relation {relation} is one of the six, in {op} as well.", input={"value": term}, near=["PIR0206"], denies=["sort/relation"])
    for name, relation in [("sign", "<="), ("capitals", "LE"), ("other", "lte"), ("empty", ""), ("proto", "__proto__"), ("space", "le ")]:
        book.add(f"relation-{name}", f"A relation is no other string than the six, so not {relation!r}.", input={"value": ["cmp", "price_in", relation, 1]}, refused=["PIR0206"],
                 rules=["sort/relation"], flags=["HostName"] if name == "proto" else [])
    for op, term in (("is", ["is", ""]), ("tier", ["tier_eq", ""]), ("name", ["has_cap", ""]), ("names", ["tag_in", "", [""]]), ("param", ["inject_seed", ""]), ("reason", ["override", ["always", ABORT], "", ABORT])):
        book.add(f"empty-string-{op}", f"Reading takes the empty string for a string, as a parameter of {term[0]} too.", input={"value": term}, near=["PIR0205"], denies=["sort/parameter"], flags=["Empty"])
    for name, names in [("twice", ["eu", "eu"]), ("unsorted", ["us", "eu"]), ("one", ["eu"])]:
        book.add(f"names-{name}", f"A list of names is kept as it is written: {', '.join(names)}.", input={"value": ["tag_in", "region", names]}, result={"term": ["tag_in", "region", names]},
                 near=["PIR0210"], denies=["sort/empty-list"])
    for name, entry in [("number", 1), ("boolean", True), ("list", ["us"]), ("record", {})]:
        book.add(f"names-entry-{name}", f"An entry of a list of names is a string, and no {name}.", input={"value": ["tag_in", "region", ["eu", entry]]}, refused=["PIR0205"], rules=["sort/parameter"])
    for name, entry in [("number", 1), ("boolean", False), ("list", [])]:
        book.add(f"recipe-entry-{name}", f"An entry of a recipe is a string or a record, and no {name}.", input={"value": ["filter_text", ["RedactPII", entry]]}, refused=["PIR0205"], rules=["sort/parameter"])
    for name, setting in [("string", "1"), ("boolean", True), ("list", [1]), ("record", {})]:
        book.add(f"recipe-setting-{name}", f"A setting of a recipe is a number, and no {name}.", input={"value": ["filter_text", ["RedactPII", {"a": 1, "b": setting}]]}, refused=["PIR0205"],
                 rules=["sort/parameter"])
    for name, field in [("proto", "__proto__"), ("constructor", "constructor"), ("none", "None"), ("nil", "nil"), ("integer", "1")]:
        book.add(f"host-name-{name}", f"The name {field} is a name like any other.", input={"value": ["and", ["is", field], ["provider_eq", field], ["tag_in", field, [field]]]}, flags=["HostName"],
                 near=["PIR0205"], denies=["sort/parameter"])
    book.add("boolean-is-no-number", "A boolean is no number, though some languages let it be 1.", input={"value": ["clamp", False, True, ["zero"]]}, refused=["PIR0205", "PIR0205"], rules=["sort/parameter"], flags=["HostName"])
    book.add("scalar-true-seed", "True is a boolean and not the number 1.", input={"value": ["set_param", "seed", True]}, result={"term": ["set_param", "seed", True]}, near=["PIR0205"],
             denies=["sort/parameter"], flags=["HostName"])
    book.add("scalar-one", "The number 1 is no boolean.", input={"value": ["set_param", "seed", 1]}, result={"term": ["set_param", "seed", 1]}, near=["PIR0205"], denies=["sort/parameter"], flags=["HostName"])
    book.add("scalar-text-one", "The string 1 is no number.", input={"value": ["set_param", "seed", "1"]}, result={"term": ["set_param", "seed", "1"]}, near=["PIR0205"], denies=["sort/parameter"], flags=["HostName"])
    book.add("count-fraction", "Reading takes any number for a count, and leaves the rest to admission.", input={"value": ["top_k", -1.5, ["argmax"]]}, near=["PIR0205", "PIR0212"], denies=["sort/parameter"])
    return book


def records() -> Book:
    book = Book("syntax/records", "syntax", "Entries of chains, and actions: their keys and values.")

    def action(name: str, comment: str, record: Any, **more: Any) -> None:
        book.add(f"action-{name}", comment, input={"value": ["always", record]}, **more)

    for verb in ("retry_same", "next_candidate", "next_provider_same_model", "disable_provider", "abort"):
        action(words(verb), f"The verb {verb} is an action by itself.", {"action": verb}, near=["PIR0207", "PIR0209"], denies=["sort/action", "sort/required-key"])
        action(f"then-{words(verb)}", f"The verb {verb} is read as what to do then.", {"action": "retry_same", "then_action": verb}, near=["PIR0207", "PIR0409"], denies=["sort/action"])
    for name, verb in [("unknown", "retry"), ("capitals", "ABORT"), ("empty", ""), ("proto", "__proto__"), ("to-string", "toString")]:
        flags = ["HostName"] if name in ("proto", "to-string") else []
        action(f"verb-{name}", f"The string {verb!r} is no action.", {"action": verb}, refused=["PIR0207"], rules=["sort/action"], flags=flags)
        action(f"then-verb-{name}", f"The string {verb!r} is nothing to do then.", {"action": "abort", "then_action": verb}, refused=["PIR0207"], rules=["sort/action"], flags=flags)
    for key, good, bad in [("attempts", 2, "2"), ("backoff_ms", 100, "100"), ("open_breaker_ms", 5, [5]), ("then_action", "abort", 1), ("action", "abort", ["abort"]), ("house", 1, "x")]:
        record = {"action": "abort", key: good}
        if key != "action":
            action(f"{words(key)}-read", f"The key {key} may stand in an action.", record, near=["PIR0205"], denies=["sort/parameter"])
        action(f"{words(key)}-type", f"The value of {key} is of one JSON type only.", {**record, key: bad}, refused=["PIR0205"], rules=["sort/parameter"])
        action(f"{words(key)}-boolean", f"The value of {key} is no boolean.", {**record, key: True}, refused=["PIR0205"], rules=["sort/parameter"])
        if key != "action":
            action(f"{words(key)}-without-action", f"The key {key} makes no action without the key action.", {key: good}, refused=["PIR0209"], rules=["sort/required-key"])
    action("backoffs", "Backoffs may be a list.", {"action": "retry_same", "backoff_ms": [100, 200.5]}, near=["PIR0205"], denies=["sort/parameter"])
    action("backoffs-empty", "A list of backoffs may be empty.", {"action": "retry_same", "backoff_ms": []}, near=["PIR0205", "PIR0210"], denies=["sort/empty-list"], flags=["Empty"])
    action("backoffs-entry", "An entry of a list of backoffs is a number.", {"action": "retry_same", "backoff_ms": [1, "2"]}, refused=["PIR0205"], rules=["sort/parameter"])
    action("backoffs-nested", "A list of backoffs holds no lists.", {"action": "retry_same", "backoff_ms": [[1]]}, refused=["PIR0205"], rules=["sort/parameter"])
    action("further-list", "A further key maps to a number, and to no list of them.", {"action": "abort", "house": [1]}, refused=["PIR0205"], rules=["sort/parameter"])
    action("further-capital", "A key that differs from a known one by case is a further key.", {"action": "abort", "Attempts": 99}, near=["PIR0205"], denies=["sort/parameter"])
    action("further-host-names", "Further keys may be names that objects have.", {"action": "abort", "__proto__": 1, "constructor": 2, "hasOwnProperty": 3}, near=["PIR0205", "PIR0208"], denies=["sort/key"],
           flags=["HostName"])
    action("further-integers", "Further keys may look like integers.", {"action": "abort", "10": 1, "9": 2, "1": 3}, near=["PIR0208"], denies=["sort/key"], flags=["HostName"])
    action("further-empty", "A further key may be the empty string.", {"action": "abort", "": 1}, near=["PIR0208"], denies=["sort/key"], flags=["Empty"])
    action("to-string-is-no-action", "A record has no action because every object has a method of some name.", {"toString": 1}, refused=["PIR0209"], rules=["sort/required-key"], flags=["HostName"])
    book.add("override-action", "The action of an override is one as well.", input={"value": ["override", ["always", ABORT], "timeout", {"attempts": 1}]}, refused=["PIR0209"], rules=["sort/required-key"])
    book.add("override-reason", "The reason of an override is a string.", input={"value": ["override", ["always", ABORT], 5, ABORT]}, refused=["PIR0205"], rules=["sort/parameter"])

    def chain(name: str, comment: str, entry: Any, **more: Any) -> None:
        book.add(f"chain-{name}", comment, input={"value": ["chain", [entry]]}, **more)

    both = {"near": ["PIR0209"], "denies": ["sort/required-key"]}
    chain("usual", "An entry has a provider and a model.", {"provider": "a", "model": "m"}, **both)
    chain("ids", "An entry may use the other keys.", {"provider_id": "a", "model_family": "m"}, **both)
    chain("mixed", "An entry may mix the keys.", {"provider_id": "a", "model": "m"}, **both)
    chain("all-four", "An entry may have all four keys, which are kept.", {"provider": "a", "provider_id": "b", "model": "m", "model_family": "n"}, **both,
          result={"term": ["chain", [{"provider": "a", "provider_id": "b", "model": "m", "model_family": "n"}]]})
    chain("empty-strings", "The values of an entry may be empty.", {"provider": "", "model": ""}, **both, flags=["Empty"])
    chain("without-model", "An entry without a model is refused.", {"provider": "a"}, refused=["PIR0209"], rules=["sort/required-key"])
    chain("two-providers", "Two providers are no model.", {"provider": "a", "provider_id": "b"}, refused=["PIR0209"], rules=["sort/required-key"])
    chain("without-provider", "An entry without a provider is refused.", {"model_family": "m"}, refused=["PIR0209"], rules=["sort/required-key"])
    chain("empty", "An empty entry lacks both.", {}, refused=["PIR0209", "PIR0209"], rules=["sort/required-key"], flags=["Empty"])
    for key in ("region", "Provider", "__proto__", "constructor", "id", ""):
        chain(f"key-{words(key.lower()).strip('-') or 'empty'}", f"An entry has no key {key!r}.", {"provider": "a", "model": "m", key: "x"}, refused=["PIR0208"], rules=["sort/key"], flags=["HostName"] if key in ("__proto__", "constructor") else [])
    for name, value in [("number", 1), ("boolean", True), ("list", ["a"]), ("record", {})]:
        chain(f"value-{name}", f"The value of a key of an entry is a string, and no {name}.", {"provider": value, "model": "m"}, refused=["PIR0205"], rules=["sort/parameter"])
        chain(f"entry-{name}", f"An entry is a record with the keys it must have, so no such {name}.", value, refused="PIR0209" if name == "record" else "PIR0205",
              rules=["sort/required-key" if name == "record" else "sort/parameter"]) if name != "record" else None
    chain("unknown-key-of-any-type", "The value of an unknown key is not looked at.", {"provider": "a", "model": "m", "weight": 1}, refused=["PIR0208"], rules=["sort/key"])
    book.add("chain-second-entry", "A finding in the second entry points there.", input={"value": ["chain", [{"provider": "a", "model": "m"}, {"provider": "a", "modle": "m"}]]},
             refused="PIR0208", rules=["sort/key", "sort/required-key"])
    return book


def values() -> Book:
    book = Book("syntax/values", "syntax", "Decoded values: numbers of every form, strings, and what JSON has and a term has not.")

    def read(name: str, comment: str, number: float, becomes: float, *flags: str) -> None:
        book.add(name, comment, input={"value": ["lit", number]}, result={"term": ["lit", becomes]}, flags=flags)

    read("integral", "An integral number is the same, with a fraction of 0 or without.", 25.0, 25)
    read("minus-zero", "A negative zero is 0.", -0.0, 0, "Minus0")
    read("greatest-integer", "2^53 - 1 is itself.", 2**53 - 1, 2**53 - 1, "IntegerEdge")
    read("rounded-integer", "2^53 + 1 is the nearest binary64, 2^53.", 2**53 + 1, 2**53, "IntegerEdge", "Rounding")
    read("least", "The least subnormal number is a number.", 5e-324, 5e-324, "DoubleSubnormal")
    read("greatest", "The greatest number is a number.", 1.7976931348623157e308, 1.7976931348623157e308, "Edge")
    read("power-of-ten", "1e22 is a number, whose decimal is not written out.", 1e22, 1e22, "Shortest")
    for name, value, comment in [
        ("root", None, "A null is refused as a whole term"), ("subterm", ["not", None], "A null is refused for a subterm"),
        ("parameter", ["is", None], "A null is refused for a parameter"), ("entry", ["tag_in", "region", ["eu", None]], "A null is refused for an entry of a list"),
        ("setting", ["filter_text", [{"a": None}]], "A null is refused for a setting"), ("optional", ["always", {"action": "abort", "attempts": None}], "A null is no absent key"),
        ("argument-too-many", ["top", None], "An argument too many that is null is refused for their number"),
    ]:
        code, rule = ("PIR0204", "sort/arity") if name == "argument-too-many" else ("PIR0115", "json/null")
        book.add(f"null-{name}", f"{comment}.", input={"value": value}, refused=code, rules=[rule])
    book.add("null-head", "A null at the head of a list makes the list no term.", input={"value": [None]}, refused=["PIR0201"], rules=["sort/term"])
    return book
