"""Chapter Admission: names, request parameters, counts, actions, policies, and the floor."""

from __future__ import annotations

from typing import Any

from vectors.book import Book
from vectors.examples import ABORT, CUSTOM, HOUSE, NEXT, ONE_OF_EACH, SORTS


def books() -> list[Book]:
    return [operations(), names(), params(), numbers(), policies(), floors(), floor_findings(), floor_decisions()]


# fmt: off
M = 2**53 - 1


def words(text: str) -> str:
    return text.replace("_", "-")


def operations() -> Book:
    from policy_ir.signature import SIGNATURE

    book = Book("admission/operations", "admission", "Each operation admitted under the vocabulary standard, with its sort.")
    for op, term in ONE_OF_EACH.items():
        book.add(words(op), f"The operation {op} is admitted and is {SORTS[SIGNATURE[op].sort]}.", input={"term": term}, result={"sort": SIGNATURE[op].sort}, rules=["admit/term", "admit/sort", "admit/parameter"])
    book.add("custom", "The operation custom is admitted where the vocabulary declares its symbol.", input={"vocabulary": HOUSE, "term": CUSTOM}, result={"sort": "Xform"}, rules=["admit/custom"], near=["PIR0408"])
    return book


def names() -> Book:
    book = Book("admission/names", "admission", "Names of fields, tiers, filter steps and customs: declared, not declared, of another sort.")

    def ok(name: str, comment: str, term: Any, rules: list[str], near: list[str], vocabulary: Any = None, **more: Any) -> None:
        book.add(name, comment, input={**({} if vocabulary is None else {"vocabulary": vocabulary}), "term": term}, rules=rules, near=near, **more)

    def no(name: str, comment: str, term: Any, denies: list[str], codes: Any, vocabulary: Any = None, **more: Any) -> None:
        book.add(name, comment, input={**({} if vocabulary is None else {"vocabulary": vocabulary}), "term": term}, denies=denies, refused=codes, **more)

    fields = {"is": "no_log", "cmp": "context", "tag_in": "license", "known": "id", "field": "bucket"}
    for op, field in fields.items():
        def of(name: str, op: str = op) -> list[Any]:
            return {"cmp": ["cmp", name, "le", 1], "tag_in": ["tag_in", name, ["x"]]}.get(op, [op, name])
        ok(f"field-{words(op)}", f"The operation {op} may name the declared field {field}.", of(field), ["admit/field"], ["PIR0401"])
        for name, what in [("no_such_field", "that nobody declared"), ("", "of no characters"), ("__proto__", "that objects have"), ("toString", "that objects have as a method"), ("No_Log", "that differs by case")]:
            if op in ("is", "field") or name == "no_such_field":
                no(f"undeclared-{words(op)}-{words(name.lower()).strip('-') or 'empty'}", f"The operation {op} may not name a field {what}.", of(name), ["admit/field"], ["PIR0401"], flags=["HostName"] if name in ("__proto__", "toString") else [])
    no("undeclared-normalised", "A name that only normalisation would make a declared one is not declared.", ["is", "no_lo\u0261"], ["admit/field"], ["PIR0401"], flags=["Unicode"])
    sorts = {"bool": "has_tee", "num": "price_in", "tag": "region", "tags": "labels"}
    due = {"is": ({"bool"}, "admit/bool-field"), "cmp": ({"num"}, "admit/num-field"), "field": ({"num"}, "admit/num-field"), "tag_in": ({"tag", "tags"}, "admit/tag-field")}
    for op, (good, rule) in due.items():
        for sort, field in sorts.items():
            term = {"cmp": ["cmp", field, "le", 1], "tag_in": ["tag_in", field, ["x"]]}.get(op, [op, field])
            if sort in good:
                ok(f"sort-{words(op)}-{sort}", f"The operation {op} takes a field of the sort {sort}.", term, [rule], ["PIR0402"])
            else:
                no(f"sort-{words(op)}-{sort}", f"The operation {op} takes no field of the sort {sort}.", term, [rule], ["PIR0402"])
    for field, what in [("price_in", "num"), ("no_log", "bool"), ("region", "tag"), ("labels", "tags"), ("call_cost", "derived num"), ("latency_ms", "num of the state"), ("budget_left", "num of the request")]:
        ok(f"known-{words(field)}", f"The operation known takes a field of every sort and source, {field} for instance, a {what}.", ["known", field], ["admit/field"], ["PIR0401", "PIR0402"])
    ok("derived-field", "A derived field is a number like any other.", ["cmp", "call_cost", "le", 1], ["admit/num-field"], ["PIR0402"])
    no("core-has-less", "A field of standard is not declared by core.", ["is", "deprecated"], ["admit/field"], ["PIR0401"], "core")
    ok("core-field", "A field of core is declared by core.", ["is", "has_tee"], ["admit/field"], ["PIR0401"], "core")
    ok("house-field", "A field of the host's own is declared by the host's vocabulary.", ["and", ["is", "off"], ["tag_in", "zone", ["a"]], ["cmp", "quota", "gt", 0]], ["admit/field"], ["PIR0401"], HOUSE)
    for op in ("tier_eq", "min_tier"):
        for tier in ("fallback", "marketplace", "partner"):
            ok(f"{words(op)}-{tier}", f"The operation {op} may name the declared tier {tier}.", [op, tier], ["admit/tier"], ["PIR0403"])
        for tier in ("gold", "", "Partner"):
            no(f"{words(op)}-{tier.lower() or 'empty'}{'-capital' if tier == 'Partner' else ''}-undeclared", f"The operation {op} may not name the undeclared tier {tier!r}.", [op, tier], ["admit/tier"], ["PIR0403"])
    ok("tier-of-host", "A tier of the host's own is declared by the host's vocabulary.", ["min_tier", "own"], ["admit/tier"], ["PIR0403"], HOUSE)
    no("tier-host-name", "A tier is not declared because objects have a member of its name.", ["tier_eq", "constructor"], ["admit/tier"], ["PIR0403"], flags=["HostName"])
    for op in ("filter_text", "filter_image"):
        ok(f"{words(op)}-empty", f"An empty recipe of {op} names nothing.", [op, []], ["admit/recipe"], ["PIR0407"], flags=["Empty"])
        ok(f"{words(op)}-empty-record", f"An empty record in a recipe of {op} names nothing.", [op, [{}]], ["admit/recipe"], ["PIR0407"], flags=["Empty"])
        no(f"{words(op)}-undeclared", f"Every step of a recipe of {op} must be declared.", [op, ["RedactPII", "Frobnicate"]], ["admit/recipe"], ["PIR0407"])
        no(f"{words(op)}-undeclared-key", f"A key of a record in a recipe of {op} names a step, too.", [op, [{"RedactPII": 1, "strengths": 2}]], ["admit/recipe"], ["PIR0407"])
    ok("recipe-key", "A declared step may be a key of a record.", ["filter_text", [{"TruncateText": 300, "RedactURLs": 1}]], ["admit/recipe"], ["PIR0407"])
    no("recipe-twice", "A step that is named twice is reported twice.", ["filter_text", ["x", "RedactPII", "x"]], ["admit/recipe"], ["PIR0407", "PIR0407"])
    no("recipe-host-name", "A step is not declared because objects have a member of its name.", ["filter_text", ["toString", {"__proto__": 1}]], ["admit/recipe"], ["PIR0407", "PIR0407"], flags=["HostName"])
    no("recipe-of-core", "The vocabulary core declares no steps.", ["filter_text", ["RedactPII"]], ["admit/recipe"], ["PIR0407"], "core")
    ok("recipe-of-host", "A step of the host's own stands beside those of standard.", ["filter_text", ["MaskNames", "RedactPII"]], ["admit/recipe"], ["PIR0407"], HOUSE)
    no("custom", "The vocabulary standard declares no customs.", CUSTOM, ["admit/custom"], ["PIR0408"])
    no("custom-version", "The version of a custom is not its symbol.", ["custom", "3"], ["admit/custom"], ["PIR0408"], HOUSE)
    for op, term in [("family_eq", ["family_eq", ""]), ("provider_eq", ["provider_eq", "no such provider"]), ("served_by_eq", ["served_by_eq", "__proto__"]), ("has_cap", ["has_cap", "no_such_capability"]),
                     ("tag_in", ["tag_in", "region", ["", "mars"]]), ("chain", ["chain", [{"provider": "", "model": "é"}]]), ("override", ["override", ["always", ABORT], "no such reason", ABORT])]:
        ok(f"open-{words(op)}", f"The names of {op} are open.", term, ["admit/parameter"], ["PIR0401"])
    no("dropped-by-equation", "What an equation would drop must be admissible too.", ["and", ["bot"], ["is", "no_such_field"]], ["admit/field"], ["PIR0401"])
    no("dropped-by-when", "So must what stands behind a predicate that never accepts.", ["when", ["bot"], ["set_param", "no_such_param", 1]], ["admit/param"], ["PIR0404"])
    return book


def params() -> Book:
    book = Book("admission/params", "admission", "Request parameters: sorts, ranges, choices.")

    def add(name: str, comment: str, term: Any, rule: str, code: str, refused: bool, *, house: bool = False, **more: Any) -> None:
        input = {**({"vocabulary": HOUSE} if house else {}), "term": term}
        if refused:
            book.add(name, comment, input=input, denies=[rule], refused=[code], **more)
        else:
            book.add(name, comment, input=input, rules=[rule], near=[code], **more)

    for op, rest in [("set_param", [1]), ("inject_seed", []), ("drop_param", []), ("clamp_param", [0, 1]), ("jitter", [0.5])]:
        good = "seed" if op == "inject_seed" else "temperature"
        add(words(op), f"The operation {op} may name a declared parameter.", [op, good, *rest], "admit/param", "PIR0404", False)
        for bad in ("api_key", "", "constructor", "temperature "):
            add(f"{words(op)}-undeclared-{words(bad.strip()) or 'empty'}", f"The operation {op} may not name the undeclared parameter {bad!r}, and nothing else is said of it.", [op, bad, *rest], "admit/param", "PIR0404", True,
                flags=["HostName"] if bad == "constructor" else [])
    values: dict[str, Any] = {"integral number": 5, "fraction": 0.5, "string": "high", "boolean": True}
    takes = {"temperature": {"fraction"}, "max_tokens": {"integral number"}, "reasoning_effort": {"string"}, "logprobs": {"boolean"}, "free": {"integral number", "fraction"}, "user": {"string"}}
    for param, good in takes.items():
        for what, value in values.items():
            if param == "temperature" and what == "integral number":
                value = 2
            fits = what in good or (param == "temperature" and what == "integral number")
            add(f"set-{words(param)}-{words(what).replace(' ', '-')}", f"The parameter {param} is {'set to' if fits else 'not set to'} a value that is a {what}.", ["set_param", param, value], "admit/set-param", "PIR0405", not fits, house=True)
    add("set-integral-float", "A number with a fraction of 0 is integral.", ["set_param", "max_tokens", 5.0], "admit/set-param", "PIR0405", False)
    add("set-one-for-true", "The number 1 is no boolean.", ["set_param", "logprobs", 1], "admit/set-param", "PIR0405", True, house=True, flags=["HostName"])
    add("set-text-number", "A number in a string is no number.", ["set_param", "temperature", "0.5"], "admit/set-param", "PIR0405", True)
    add("sort-before-range", "Of the rules for one value the first is reported, so a fraction beyond a range is of the wrong sort.", ["set_param", "max_tokens", 0.5], "admit/set-param", "PIR0405", True)
    for param, least, most, step in [("temperature", 0, 2, 1e-9), ("max_tokens", 1, 2147483647, 1), ("seed", 0, M, 1), ("top_p", 0, 1, 1e-9), ("frequency_penalty", -2, 2, 1e-9), ("presence_penalty", -2, 2, 1e-9), ("timeout_ms", 1, 3600000, 1), ("first_token_timeout_ms", 1, 3600000, 1), ("top_k", 0, 2147483647, 1)]:
        flags = ["IntegerEdge"] if param == "seed" else []
        add(f"range-{words(param)}-least", f"The least value of {param} is allowed.", ["set_param", param, least], "admit/set-range", "PIR0406", False, flags=["Edge", *flags])
        add(f"range-{words(param)}-below", f"Below the least value of {param} nothing is.", ["set_param", param, least - step], "admit/set-range", "PIR0406", True, flags=["PastEdge", *flags])
        add(f"range-{words(param)}-most", f"The greatest value of {param} is allowed.", ["set_param", param, most], "admit/set-range", "PIR0406", False, flags=["Edge", *flags])
        add(f"range-{words(param)}-above", f"Above the greatest value of {param} nothing is.", ["set_param", param, most + step], "admit/set-range", "PIR0406", True, flags=["PastEdge", *flags])
    for effort in ("none", "minimal", "low", "medium", "high", "xhigh"):
        add(f"choice-{effort}", f"The reasoning effort {effort} is a choice.", ["set_param", "reasoning_effort", effort], "admit/set-range", "PIR0406", False)
    for effort in ("maximal", "High", "", "None"):
        add(f"no-choice-{effort.lower() or 'empty'}{'-capital' if effort in ('High', 'None') else ''}", f"The reasoning effort {effort!r} is no choice.", ["set_param", "reasoning_effort", effort], "admit/set-range", "PIR0406", True)
    add("no-choices", "Without choices any string is allowed, the empty one too.", ["set_param", "user", ""], "admit/set-range", "PIR0406", False, house=True, flags=["Empty"])
    add("no-range", "Without a range any number is allowed.", ["set_param", "free", -1e308], "admit/set-range", "PIR0406", False, house=True)
    add("least-only", "A range may have a minimum only.", ["set_param", "least_only", 1e308], "admit/set-range", "PIR0406", False, house=True)
    add("least-only-below", "A minimum alone bounds from below.", ["set_param", "least_only", -1.5000000000000002], "admit/set-range", "PIR0406", True, house=True, flags=["PastEdge"])
    add("most-only", "A range may have a maximum only.", ["set_param", "most_only", -9007199254740991], "admit/set-range", "PIR0406", False, house=True)
    add("most-only-above", "A maximum alone bounds from above.", ["set_param", "most_only", 11], "admit/set-range", "PIR0406", True, house=True, flags=["PastEdge"])
    add("minus-zero", "A negative zero is 0 and in a range that starts there.", ["set_param", "temperature", -0.0], "admit/set-range", "PIR0406", False, flags=["Minus0"])
    for param in ("reasoning_effort", "user", "logprobs"):
        for op, rest in [("inject_seed", []), ("clamp_param", [0, 1]), ("jitter", [0.5])]:
            add(f"{words(op)}-{words(param)}", f"The operation {op} takes no parameter that is no number, so not {param}.", [op, param, *rest], "admit/numeric", "PIR0405", True, house=True)
        add(f"drop-param-{words(param)}", f"The operation drop_param takes a parameter of every sort, {param} too.", ["drop_param", param], "admit/param", "PIR0404", False, house=True)
    for op, rest in [("inject_seed", []), ("clamp_param", [0, 1]), ("jitter", [0.5])]:
        add(f"{words(op)}-free", f"The operation {op} takes a number without a range.", [op, "free", *rest], "admit/numeric", "PIR0405", False, house=True)
    add("inject-span", "A seed may be injected where the range is exactly 0 to 2^53 - 1.", ["inject_seed", "span"], "admit/inject-seed", "PIR0406", False, house=True, flags=["Edge", "IntegerEdge"])
    add("inject-short-span", "A seed may not be injected where the greatest one is beyond the range.", ["inject_seed", "short_span"], "admit/inject-seed", "PIR0406", True, house=True, flags=["PastEdge", "IntegerEdge"])
    add("inject-late-span", "A seed may not be injected where 0 is beyond the range.", ["inject_seed", "late_span"], "admit/inject-seed", "PIR0406", True, house=True, flags=["PastEdge"])
    add("inject-temperature", "A seed may not be injected into a temperature.", ["inject_seed", "temperature"], "admit/inject-seed", "PIR0406", True)
    add("inject-least-only", "A range without a maximum holds every seed above its minimum.", ["inject_seed", "least_only"], "admit/inject-seed", "PIR0406", False, house=True)
    add("clamp-integral", "An integer is clamped to integral bounds.", ["clamp_param", "max_tokens", 1, 5.0], "admit/clamp-param", "PIR0405", False)
    add("clamp-fraction-low", "An integer has no lower bound with a fraction.", ["clamp_param", "max_tokens", 1.5, 10], "admit/clamp-param", "PIR0405", True)
    add("clamp-fraction-high", "An integer has no upper bound with a fraction.", ["clamp_param", "max_tokens", 1, 10.5], "admit/clamp-param", "PIR0405", True)
    book.add("clamp-fraction-both", "Both bounds are reported.", input={"term": ["clamp_param", "max_tokens", 1.5, 10.5]}, denies=["admit/clamp-param"], refused=["PIR0405", "PIR0405"])
    add("clamp-range", "The bounds of a clamp may be those of the range.", ["clamp_param", "temperature", 0, 2], "admit/clamp-range", "PIR0406", False, flags=["Edge"])
    add("clamp-below", "The lower bound of a clamp is in the range.", ["clamp_param", "temperature", -0.5, 1], "admit/clamp-range", "PIR0406", True)
    add("clamp-above", "The upper bound of a clamp is in the range.", ["clamp_param", "temperature", 0, 2.0000000000000004], "admit/clamp-range", "PIR0406", True, flags=["PastEdge"])
    book.add("clamp-both-beyond", "Both bounds beyond the range are reported.", input={"term": ["clamp_param", "temperature", -1, 3]}, denies=["admit/clamp-range"], refused=["PIR0406", "PIR0406"])
    book.add("clamp-sort-and-range", "The two bounds may be wrong for two reasons.", input={"term": ["clamp_param", "max_tokens", 0.5, 2147483648]}, denies=["admit/clamp-param", "admit/clamp-range"], refused=["PIR0405", "PIR0406"])
    add("clamp-inverted", "Bounds the wrong way round are admitted.", ["clamp_param", "temperature", 1, 0], "admit/clamp-range", "PIR0406", False)
    add("jitter-number", "A number is jittered.", ["jitter", "temperature", 0.1], "admit/jitter", "PIR0405", False)
    add("jitter-integer", "An integer is not jittered, since a jitter makes fractions.", ["jitter", "seed", 1], "admit/jitter", "PIR0405", True)
    for amount, ok in [(2, True), (-2, True), (2.0000000000000004, False), (-2.5, False), (0, True)]:
        add(f"jitter-{'minus-' if amount < 0 else ''}{str(abs(amount)).replace('.', '-')}", f"A temperature from 0 to 2 {'may' if ok else 'may not'} be jittered by {amount}.", ["jitter", "temperature", amount], "admit/jitter-range", "PIR0406", not ok, flags=["Edge"] if abs(amount) == 2 else ["PastEdge"] if not ok else [])
    add("jitter-half-range", "Where a range has one end only, a jitter is not bounded.", ["jitter", "least_only", 1e308], "admit/jitter-range", "PIR0406", False, house=True)
    add("jitter-penalty", "The range of a penalty is 4 wide.", ["jitter", "presence_penalty", -4], "admit/jitter-range", "PIR0406", False, flags=["Edge"])
    return book


def numbers() -> Book:
    book = Book("admission/numbers", "admission", "Counts, pointwise scorers, and the numbers and verbs of actions.")

    def both(name: str, comment: str, term: Any, rule: str, code: str, ok: bool, *flags: str) -> None:
        if ok:
            book.add(name, comment, input={"term": term}, rules=[rule], near=[code], flags=flags)
        else:
            book.add(name, comment, input={"term": term}, denies=[rule], refused=[code], flags=flags)

    for name, count, ok, flags in [("one", 1, True, ["Edge"]), ("zero", 0, False, ["PastEdge"]), ("minus-one", -1, False, []), ("fraction", 1.5, False, []), ("below-one", 0.9999999999999999, False, ["PastEdge"]), ("minus-zero", -0.0, False, ["Minus0"]), ("integral-float", 3.0, True, []),
                                   ("huge", 1e300, True, []), ("least", 5e-324, False, ["DoubleSubnormal"])]:
        both(f"count-{name}", f"A count of {count} is {'admitted' if ok else 'refused'}.", ["top_k", count, ["argmax"]], "admit/count", "PIR0212", ok, *flags)
    for name, term, ok in [
        ("field", ["field", "price_in"], True), ("gate", ["gate", ["is", "no_log"], ["neg", ["lit", 1]]], True), ("normalize", ["normalize", ["field", "price_in"]], False),
        ("deep", ["add", ["lit", 1], ["neg", ["clamp", 0, 1, ["normalize", ["field", "price_in"]]]]], False), ("of-zero", ["normalize", ["zero"]], False), ("unreachable", ["gate", ["bot"], ["normalize", ["lit", 1]]], False),
    ]:
        both(f"pointwise-{name}", f"A test {'takes' if ok else 'does not take'} a scorer such as this: {name.replace('-', ' ')}.", ["test", term, "le", 1], "admit/pointwise", "PIR0211", ok)
    book.add("pointwise-each", "Each normalize below a test is reported, one inside another too.", input={"term": ["test", ["add", ["normalize", ["normalize", ["lit", 1]]], ["normalize", ["zero"]]], "le", 1]}, denies=["admit/pointwise"], refused=["PIR0211"] * 3)
    book.add("pointwise-nested-test", "A normalize below a test inside a gate inside a test is reported once.", input={"term": ["test", ["gate", ["test", ["normalize", ["zero"]], "le", 1], ["lit", 1]], "le", 1]}, denies=["admit/pointwise"], refused=["PIR0211"])
    both("pointwise-outside", "A normalize beside a test is admitted.", ["gate", ["test", ["lit", 1], "le", 1], ["normalize", ["lit", 1]]], "admit/pointwise", "PIR0211", True)
    for key, rule, code, cases in [
        ("attempts", "admit/attempts", "PIR0305", [(0, True), (10, True), (11, False), (-1, False), (1.5, False), (10.0, True), (-0.0, True), (9.999999999999998, False)]),
        ("backoff_ms", "admit/backoff", "PIR0306", [(0, True), (60000, True), (60000.00000000001, False), (-1, False), (0.5, True), (-5e-324, False)]),
        ("open_breaker_ms", "admit/breaker", "PIR0308", [(0, True), (3600000, True), (3600001, False), (-0.5, False), (0.5, True)]),
    ]:
        for at, (number, ok) in enumerate(cases):
            both(f"{words(key)}-{at}", f"The number {number} is {'admitted' if ok else 'refused'} as {key}.", ["always", {"action": "retry_same", key: number}], rule, code, ok, *(["Edge"] if ok else ["PastEdge"]))
    both("backoffs-16", "16 backoffs are admitted.", ["always", {"action": "retry_same", "backoff_ms": [1] * 16}], "admit/backoffs", "PIR0307", True, "Edge")
    both("backoffs-17", "17 backoffs are too many.", ["always", {"action": "retry_same", "backoff_ms": [1] * 17}], "admit/backoffs", "PIR0307", False, "PastEdge")
    both("backoffs-none", "A list of no backoffs is admitted.", ["always", {"action": "retry_same", "backoff_ms": []}], "admit/backoffs", "PIR0307", True, "Empty")
    book.add("backoffs-each", "Each backoff beyond the bound is reported.", input={"term": ["always", {"action": "retry_same", "backoff_ms": [1, 60001, 2, -1]}]}, denies=["admit/backoff"], refused=["PIR0306", "PIR0306"])
    book.add("backoffs-17-and-beyond", "Too many backoffs are reported before those that are beyond the bound.", input={"term": ["always", {"action": "retry_same", "backoff_ms": [*[1] * 16, 60001]}]}, denies=["admit/backoffs", "admit/backoff"], refused=["PIR0307", "PIR0306"])
    for verb, ok in [("retry_same", False), ("next_candidate", True), ("next_provider_same_model", True), ("disable_provider", True), ("abort", True)]:
        both(f"then-{words(verb)}", f"The verb {verb} is {'admitted' if ok else 'refused'} as what to do then.", ["always", {"action": "retry_same", "then_action": verb}], "admit/then-action", "PIR0409", ok)
    for verb in ("abort", "next_candidate"):
        both(f"then-retry-after-{words(verb)}", f"To retry then is refused after {verb}, too.", ["override", ["always", NEXT], "x", {"action": verb, "then_action": "retry_same"}], "admit/then-action", "PIR0409", False)
    for at, number in enumerate([0, -1e308, 5e-324, 0.5]):
        both(f"further-{at}", f"A further key maps to any number, such as {number}.", ["always", {"action": "abort", "house": number}], "admit/parameter", "PIR0305", True)
    book.add("several-numbers", "Findings in one action come in the order of its keys.", input={"term": ["always", {"action": "retry_same", "attempts": 11, "backoff_ms": 60001, "then_action": "retry_same", "open_breaker_ms": -1}]},
             denies=["admit/attempts", "admit/backoff", "admit/then-action", "admit/breaker"], rules=["diagnostic/all"], refused=["PIR0305", "PIR0306", "PIR0409", "PIR0308"])
    return book


def policies() -> Book:
    book = Book("admission/policies", "admission", "Where a policy is due; stages; several findings in source order.")
    for sort, op in [("Pred", "and"), ("Scorer", "lit"), ("Selector", "argmax"), ("Xform", "id"), ("FailPlan", "always")]:
        book.add(f"due-{sort.lower()}", f"Where a policy is due, {SORTS[sort]} is refused.", input={"term": ONE_OF_EACH[op], "as": "policy"}, denies=["admit/policy"], refused=["PIR0213"])
    book.add("due-policy", "Where a policy is due, a policy is admitted.", input={"term": ONE_OF_EACH["policy"], "as": "policy"}, result={"sort": "Policy"}, rules=["admit/policy"], near=["PIR0213"])
    book.add("due-and-names", "What is wrong with the names of a term that is no policy is reported, too.", input={"term": ["is", "no_such_field"], "as": "policy"}, denies=["admit/policy", "admit/field"], rules=["diagnostic/all"], refused=["PIR0213", "PIR0401"])
    book.add("every-slot", "Findings of all slots are reported in source order.", rules=["diagnostic/all", "diagnostic/order"], denies=["admit/field", "admit/num-field", "admit/count", "admit/set-range", "admit/attempts"],
             input={"term": ["policy", ["and", ["is", "nope"], ["cmp", "region", "le", 1]], ["field", "no_log"], ["top_k", 0, ["argmax"]], ["set_param", "temperature", 3], ["always", {"action": "abort", "attempts": 11}]]},
             refused=["PIR0401", "PIR0402", "PIR0402", "PIR0212", "PIR0406", "PIR0305"])
    book.add("source-order", "The tenth argument comes after the second.", rules=["diagnostic/order"], denies=["admit/field"], input={"term": ["and", ["top"], ["is", "a"], *[["top"]] * 8, ["is", "b"]]}, refused=["PIR0401", "PIR0401"])
    book.add("node-before-parts", "A node's own finding comes before those of its subterms, though its number stands before them.", rules=["diagnostic/order"], denies=["admit/count"], input={"term": ["top_k", 0, ["prefer", ["is", "a"], ["sample", 1]]]}, refused=["PIR0212", "PIR0401"])
    book.add("test-parts", "Of a test what is wrong with its scorer comes in source order.", denies=["admit/pointwise", "admit/num-field"], input={"term": ["test", ["normalize", ["field", "no_log"]], "le", 1]}, refused=["PIR0211", "PIR0402"])
    book.add("shape-before-names", "While the shape is wrong nothing is said about names.", rules=["diagnostic/stages"], denies=["admit/sort"], input={"term": ["and", ["is", "nope"], ["zero"]]}, refused=["PIR0203"])
    book.add("no-term", "What is no term is refused as one.", denies=["admit/term"], input={"term": {"op": "top"}}, refused=["PIR0201"])
    book.add("no-operation", "An unknown operation is refused as one.", denies=["admit/term"], input={"term": ["xyzzy"]}, refused=["PIR0202"])
    book.add("no-argument", "A variadic operation without arguments is refused.", denies=["admit/variadic"], input={"term": ["and"]}, refused=["PIR0204"])
    book.add("one-argument", "A variadic operation with one argument is admitted.", rules=["admit/variadic"], input={"term": ["and", ["top"]]}, near=["PIR0204"], flags=["Single"])
    book.add("parameter-shape", "A parameter of another shape is refused before its name is looked at.", denies=["admit/parameter"], input={"term": ["is", 5]}, refused=["PIR0205"])
    book.add("bounds", "A term at the bounds is admitted.", rules=["admit/bounds"], input={"term": ["and", ["tag_in", "region", ["x" * 256] * 64], ["top"]]}, near=["PIR0303", "PIR0304"], flags=["Edge"])
    book.add("beyond-bounds", "A term beyond a bound is refused before its names are looked at.", denies=["admit/bounds"], input={"term": ["tag_in", "nope", ["x" * 257]]}, refused=["PIR0303"], flags=["PastEdge"])
    book.add("vocabulary-first", "Parts of an input are looked at in order, so a vocabulary that is refused hides the term.", rules=["diagnostic/stages"], input={"vocabulary": {"vocabulary": 2, "name": "x"}, "term": ["xyzzy"]}, refused="PIR0701")
    book.add("warnings-refuse-nothing", "What only a lint would say refuses nothing.", denies=["diagnostic/refusal"], input={"term": ["clamp", 1, 0, ["field", "price_in"]]})
    return book


POLICY = ["policy", ["and", ["is", "no_log"], ["cmp", "price_out", "le", 25]], ["neg", ["field", "price_out"]], ["argmax"], ["inject_seed", "seed"], ["always", NEXT]]


def floors() -> Book:
    book = Book("admission/floor", "floor", "A policy under a floor: what runs, and both fingerprints.")

    def add(name: str, comment: str, floor: Any, policy: Any = POLICY, **more: Any) -> None:
        book.add(name, comment, input={"floor": floor, "policy": policy}, **more)

    every = ["floor/filter", "floor/rest", "floor/identity"]
    add("predicate", "A floor may be a predicate alone.", ["meets_req"], rules=[*every, "floor/pointer"], denies=["floor/mutate", "floor/none"], near=["PIR0740"])
    add("filter", "A floor is an object with a filter.", {"filter": ["meets_req"]}, rules=every, denies=["floor/mutate"], near=["PIR0740"])
    add("mutate", "The floor's transform runs last.", {"filter": ["meets_req"], "mutate": ["clamp_param", "max_tokens", 1, 4096]}, rules=[*every, "floor/mutate"])
    add("null-mutate", "A null is the same as an absent key.", {"filter": ["meets_req"], "mutate": None}, rules=every, denies=["floor/mutate"], near=["PIR0740", "PIR0115"])
    add("top", "A floor that accepts everything leaves the policy what it is.", {"filter": ["top"]}, rules=[*every, "floor/origin"])
    add("bot", "A floor that accepts nothing leaves the filter nothing.", ["bot"], rules=every)
    add("same", "What the caller asks too is asked once.", ["is", "no_log"], rules=[*every, "floor/origin"])
    add("conjunction", "The conjuncts of floor and caller stand together in order.", ["and", ["meets_req"], ["cmp", "price_out", "le", 5]], rules=every)
    add("disjunction", "A disjunction of the caller stays one.", ["is", "no_log"], ["policy", ["or", ["is", "has_tee"], ["is", "no_log"]], *POLICY[2:]], rules=every)
    add("caller-top", "Under a caller that accepts everything the floor is the filter.", ["is", "no_log"], ["policy", ["top"], *POLICY[2:]], rules=every)
    add("id-mutate", "A transform of the floor that does nothing leaves the caller's.", {"filter": ["top"], "mutate": ["id"]}, rules=[*every, "floor/mutate"])
    add("caller-id", "Under a caller without a transform the floor's is the transform.", {"filter": ["top"], "mutate": ["drop_param", "seed"]}, ["policy", *POLICY[1:4], ["id"], POLICY[5]], rules=[*every, "floor/mutate"])
    add("seq-mutate", "Sequences of both become one sequence, the caller's first.", {"filter": ["top"], "mutate": ["seq", ["drop_param", "top_k"], ["clamp_param", "max_tokens", 1, 5]]}, ["policy", *POLICY[1:4], ["seq", ["id"], ["drop_param", "seed"]], POLICY[5]], rules=[*every, "floor/mutate"])
    add("same-mutate", "A transform that both have runs twice.", {"filter": ["top"], "mutate": ["inject_seed", "seed"]}, rules=[*every, "floor/mutate"])
    add("policy-not-normal", "The fingerprint of the policy is that of its normal form, floor or not.", ["meets_req"], ["policy", ["and", ["top"], ["not", ["not", ["is", "no_log"]]]], ["add", ["zero"]], *POLICY[3:]], rules=every)
    add("nodes", "A floor may have 4094 nodes.", {"filter": ["or", *[["top"]] * 4093]}, rules=["floor/nodes"], near=["PIR0741"], flags=["Edge"])
    add("nodes-both", "Predicate and transform are counted together.", {"filter": ["or", *[["top"]] * 4092], "mutate": ["id"]}, rules=["floor/nodes"], near=["PIR0741"], flags=["Edge"])
    deep: Any = ["is", "has_tee"]
    for _ in range(31):
        deep = ["not", ["and", deep, ["is", "no_log"]]]
    add("effective-depth", "A caller and a floor near the greatest depth make an effective policy that is deeper than a term.", {"filter": ["or", deep, ["meets_req"]]}, ["policy", ["or", deep[1][1], ["is", "disabled"]], *POLICY[2:]], rules=every)
    house = {"policy": ["policy", ["is", "off"], *POLICY[2:]]}
    book.add("house", "A floor is admitted under the vocabulary of the policy.", input={"vocabulary": HOUSE, "floor": ["not", ["is", "off"]], **house}, rules=["floor/admission", *every])
    return book


def floor_findings() -> Book:
    book = Book("admission/floor-refused", "floor", "Floors, and policies under them, that are refused.")

    def add(name: str, comment: str, floor: Any, codes: Any, denies: list[str], policy: Any = POLICY, **more: Any) -> None:
        book.add(name, comment, input={"floor": floor, "policy": policy}, refused=codes, denies=denies, **more)

    for name, floor, comment in [
        ("empty", {}, "A floor without a filter is refused"), ("mutate-only", {"mutate": ["id"]}, "A floor of a transform alone is refused"), ("null-filter", {"filter": None}, "A filter that is null is absent"),
        ("unknown-key", {"filter": ["top"], "rank": ["zero"]}, "A floor has no rank"), ("number", 5, "A number is no floor"), ("text", "meets_req", "A text is no floor"), ("boolean", True, "A boolean is no floor"),
        ("about", {"filter": ["top"], "about": "x"}, "A floor has no description"),
    ]:
        add(name, f"{comment}.", floor, "PIR0740", ["floor/pointer"])
    add("unknown-and-empty", "What is wrong with a key comes before what is missing.", {"filtr": ["top"]}, ["PIR0740", "PIR0740"], ["floor/pointer"])
    add("scorer", "A predicate alone is no scorer.", ["zero"], ["PIR0203"], ["floor/admission"])
    add("filter-scorer", "A filter is no scorer, and the finding points into the floor.", {"filter": ["not", ["zero"]]}, ["PIR0203"], ["floor/admission"], rules=["floor/pointer"])
    add("mutate-predicate", "A transform is no predicate.", {"filter": ["top"], "mutate": ["top"]}, ["PIR0203"], ["floor/admission"], rules=["floor/pointer"])
    add("names", "The names of a floor are looked at like those of a policy.", {"filter": ["is", "nope"], "mutate": ["set_param", "temperature", 3]}, ["PIR0401", "PIR0406"], ["floor/admission"], rules=["floor/pointer", "diagnostic/all"])
    add("predicate-names", "Pointers into a predicate alone are those of the predicate.", ["and", ["top"], ["is", "nope"]], ["PIR0401"], ["floor/admission"], rules=["floor/pointer"])
    add("shape-before-names", "While the shape of a floor is wrong nothing is said about its names.", {"filter": ["is", "nope"], "mutate": ["top"]}, ["PIR0203"], ["floor/admission"], rules=["diagnostic/stages"])
    add("nodes-past", "A floor of 4095 nodes is too large.", {"filter": ["or", *[["top"]] * 4094]}, ["PIR0741"], ["floor/nodes"], flags=["PastEdge"])
    add("nodes-both-past", "Predicate and transform together are too large.", {"filter": ["or", *[["top"]] * 4092], "mutate": ["seq", ["id"]]}, ["PIR0741"], ["floor/nodes"], flags=["PastEdge"])
    add("bounds-of-a-term", "Each part of a floor is within the bounds of a term.", {"filter": ["has_cap", "x" * 257]}, ["PIR0303"], ["floor/admission"], flags=["PastEdge"])
    add("null-inside", "A null inside a predicate is refused.", {"filter": ["not", None]}, "PIR0115", ["floor/admission"])
    add("floor-before-policy", "The floor is looked at before the policy.", {"filter": ["is", "nope"]}, ["PIR0401"], ["floor/admission"], ["zero"], rules=["diagnostic/stages"])
    add("policy-due", "Under a floor stands a policy.", {"filter": ["top"]}, "PIR0213", ["admit/policy"], ["top"])
    add("policy-names", "The names of the policy are looked at after those of the floor.", {"filter": ["top"]}, ["PIR0401"], ["admit/field"], ["policy", ["is", "nope"], *POLICY[2:]])
    return book


CANDIDATES: list[dict[str, Any]] = [
    {"id": "a", "provider": "p", "family": "f", "fields": {"price_out": 10, "no_log": True}},
    {"id": "b", "provider": "p", "family": "g", "fields": {"price_out": 40, "no_log": True}},
    {"id": "c", "provider": "q", "family": "f", "fields": {"price_out": 5}},
]


def floor_decisions() -> Book:
    book = Book("admission/floor-decisions", "policy", "Decisions with a floor and without: what was sent, what ran, and who refused.")
    given = {"policy": POLICY, "candidates": CANDIDATES}
    book.add("none", "Without a floor what runs is the policy, and both fingerprints are the same.", input=given, rules=["floor/none", "floor/identity"], denies=["floor/filter", "floor/origin"])
    book.add("floor", "What a floor refuses is refused, and the rest is the caller's.", input={**given, "floor": {"filter": ["cmp", "price_out", "le", 5]}}, rules=["floor/filter", "floor/rest", "floor/identity"], denies=["floor/none"])
    book.add("origin", "Where floor and caller ask the same, the floor answers for it.", input={**given, "floor": {"filter": ["is", "no_log"]}}, rules=["floor/origin", "floor/filter"], denies=["floor/none"])
    book.add("refused", "A decision under a floor that is refused is refused.", input={**given, "floor": {"filter": ["zero"]}}, refused=["PIR0203"], denies=["floor/admission", "floor/rest", "floor/identity", "floor/mutate"])
    return book
