"""Chapter Authoring syntax, reading: tokens, forms, clauses, and the bounds of texts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from vectors.book import Book
from vectors.examples import CUSTOM, ONE_OF_EACH

CHAPTER = Path(__file__).resolve().parents[2] / "docs" / "spec" / "authoring.md"


def books() -> list[Book]:
    return [tokens(), forms(), functions(), policies(), bounds()]


# fmt: off
class Reader:
    """Adds vectors of the kind `syntax` in the authoring syntax."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def read(self, name: str, comment: str, text: Any, term: Any = None, rules: Any = (), *, denies: Any = (), near: Any = (), flags: Any = (), **input: Any) -> None:
        self.book.add(name, comment, input={"syntax": "authoring", "text": text, **input}, rules=rules, denies=denies, near=near, flags=flags, result=None if term is None else {"term": term})

    def refused(self, name: str, comment: str, text: Any, code: str, rules: Any = (), *, denies: Any = (), flags: Any = (), **input: Any) -> None:
        self.book.add(name, comment, input={"syntax": "authoring", "text": text, **input}, refused=code, rules=rules, denies=denies, flags=flags)


A, B, C = ["is", "a"], ["is", "b"], ["is", "c"]


def tokens() -> Book:
    book = Book("authoring/tokens", "syntax", "Tokens of the authoring syntax: white space, comments, words, strings, quoted names, numbers, marks.")
    reader = Reader(book)
    read, refused = reader.read, reader.refused
    read("space", "White space of the four kinds may stand between any two tokens.", "\r\n\tfilter  a\nand\rb \t", ["and", A, B], ["authoring/space"])
    read("no-space", "Where tokens end by themselves no white space is needed.", 'filter(a)and(b)or c<5', ["or", ["and", A, B], ["cmp", "c", "lt", 5]], ["authoring/space", "authoring/mark"])
    refused("space-no-break", "A no-break space starts no token.", "filter\u00a0a", "PIR0101", denies=["authoring/space"], flags=["Unicode"])
    refused("space-form-feed", "Nor does a form feed.", "filter\fa", "PIR0101", denies=["authoring/space"])
    refused("space-between-marks", "White space divides a mark into two.", "filter a < = 5", "PIR0119", denies=["authoring/mark"])
    read("comment-hash", "A hash starts a comment.", "# x\nfilter a # and b\n", A, ["authoring/comment"], near=["PIR0116"])
    read("comment-slashes", "Two slashes start a comment.", "// x\nfilter a // and b", A, ["authoring/comment"], near=["PIR0116"])
    read("comment-ends", "A comment ends at a carriage return.", "filter # x\ra # y\r\nand b", ["and", A, B], ["authoring/comment"])
    read("comment-in-string", "A mark of a comment in a string is a character.", 'filter has_cap("# // x")', ["has_cap", "# // x"], ["authoring/string"], denies=["authoring/comment"])
    read("comment-everywhere", "A comment may stand between any two tokens.", "filter # 1\n has_cap # 2\n ( # 3\n \"x\" # 4\n , # 5\n ) # 6", ["has_cap", "x"], ["authoring/comment"])
    read("comment-unseparated", "No white space is needed around it.", "filter a#x\nand//y\nb", ["and", A, B], ["authoring/comment"])
    refused("comment-only", "A text of comments holds no token.", "# filter a\n// x", "PIR0005", denies=["authoring/comment"])
    refused("comment-block", "There are no comments between marks.", "filter a /* x */", "PIR0101", denies=["authoring/comment"])
    refused("blank", "A text of white space holds no token.", " \n", "PIR0005")
    refused("mark-byte-order", "A byte-order mark is refused.", "\ufefffilter a", "PIR0003")
    for name, word in [("letters", "abc"), ("capitals", "ABC"), ("underscore", "_"), ("underscores", "__proto__"), ("digits", "x1_2"), ("host", "constructor"), ("operation", "argmax"), ("relation", "le"), ("clause-capital", "Filter"), ("plural", "filters"), ("operation-with-arguments", "gate"), ("verb", "abort"), ("sort", "id")]:
        read(f"word-{name}", f"The word {word} is a name.", f"filter {word}", ["is", word], ["authoring/word", "authoring/name"], near=["PIR0127"], denies=["authoring/reserved", "authoring/quoting"], flags=["HostName"] if word in ("__proto__", "constructor") else [])
    for name, word in [("digit", "1x"), ("letter", "é"), ("dot", "a.b")]:
        refused(f"no-word-{name}", f"What is written {word} is no word.", f"filter {word}", {"digit": "PIR0109", "letter": "PIR0101", "dot": "PIR0101"}[name], denies=["authoring/word"])
    reserved = ["policy", "filter", "rank", "select", "mutate", "fallback", "on", "and", "or", "not", "in", "true", "false", "provider", "family", "served_by", "tier", "top", "bot", "meets_req", "scope_matches", "zero"]
    for word in reserved:
        read(f"reserved-{word.replace('_', '-')}-quoted", f"The reserved word {word} is a name in backticks.", f"filter `{word}`", ["is", word], ["authoring/quoting", "authoring/quoted", "authoring/reserved"], near=["PIR0127"], denies=["authoring/name"])
    for word in ("policy", "in", "on", "filter"):
        refused(f"reserved-{word}", f"The reserved word {word} is no name.", f"filter known({word})", "PIR0127", ["authoring/reserved"], denies=["authoring/name", "authoring/quoting"])
    for name, literal, value, comment in [("space", "a b", "a b", "A space may stand in a quoted name"), ("hyphen", "bench-x", "bench-x", "So may a hyphen"), ("empty", "", "", "A quoted name may be empty"), ("quote", 'a"b', 'a"b', "A double quote may stand in it"), ("backtick", "a\\`b", "a`b", "A backtick in it is escaped"), ("unicode", "é😀", "é😀", "Characters outside ASCII may stand in it"), ("number", "5", "5", "A number in backticks is a name"),
                                          ("escape", "\\u0061\\n", "a\n", "Escapes are undone in it"), ("pair", "\\ud83d\\ude00", "😀", "A surrogate pair is one character in it"), ("hash", "#//", "#//", "A comment does not start in it")]:
        read(f"quoted-{name}", f"{comment}.", f"filter `{literal}`", ["is", value], ["authoring/quoted"], near=["PIR0108"], flags=["Unicode"] if value > "\x7f" else [])
    for name, literal, value, comment in [("empty", "", "", "The empty string is a string"), ("escapes", '\\"\\`\\\\\\/\\b\\f\\n\\r\\t', '"`\\/\b\f\n\r\t', "The short escapes stand for their characters"), ("unicode-escape", "\\u00e9\\u00E9", "éé", "Four hexadecimal digits may be capitals"), ("pair", "\\ud83d\\ude00", "😀", "An escaped surrogate pair is one character"), ("backtick", "`", "`", "A backtick needs no escape"), ("single-quote", "'", "'", "Nor does a single quote"),
                                          ("delete", "\x7f", "\x7f", "U+007F stands as it is"), ("separator", "\u2028", "\u2028", "U+2028 stands as it is"), ("nul", "\\u0000", "\0", "A NUL may be escaped"), ("decomposed", "e\u0301", "e\u0301", "Nothing is normalised"), ("word", "and", "and", "A reserved word in a string is a string")]:
        read(f"string-{name}", f"{comment}.", f'filter has_cap("{literal}")', ["has_cap", value], ["authoring/string"], near=["PIR0108", "PIR0113"], flags=["Unicode"] if value > "\x7f" else [])
    for name, text, code, comment in [("tab", 'has_cap("a\tb")', "PIR0108", "A tab must not stand in a string"), ("line", 'has_cap("a\nb")', "PIR0108", "A line must not end in a string"), ("open", 'has_cap("a)', "PIR0108", "A string has an end"), ("open-quoted", "`a", "PIR0108", "A quoted name has an end"), ("escape-x", 'has_cap("\\x41")', "PIR0108", "There is no escape of x"), ("escape-zero", 'has_cap("\\0")', "PIR0108", "There is no escape of 0"), ("escape-short", 'has_cap("\\u00e")', "PIR0108", "An escape has four digits"),
                                      ("single", "has_cap('a')", "PIR0117", "A string in single quotes is refused"), ("surrogate", 'has_cap("\\ud800")', "PIR0113", "A surrogate alone is refused"), ("surrogate-reversed", 'has_cap("\\ude00\\ud83d")', "PIR0113", "A pair the wrong way round is two surrogates"), ("surrogate-quoted", "`\\udc00`", "PIR0113", "It is refused in a quoted name, too")]:
        refused(f"bad-string-{name}", f"{comment}.", f"filter {text}", code, denies=["authoring/quoted" if "quoted" in name else "authoring/string"])
    for name, literal, value in [("integer", "25", 25), ("zero", "0", 0), ("minus", "-5", -5), ("minus-zero", "-0", 0), ("fraction", "0.5", 0.5), ("grouped", "32_000", 32000), ("grouped-oddly", "1_2_3", 123), ("grouped-fraction", "0.000_001", 1e-6), ("grouped-both", "1_000.5_5", 1000.55), ("exponent", "1e3", 1000), ("exponent-capital", "1E+3", 1000), ("exponent-minus", "25e-1", 2.5), ("exponent-zeros", "1e003", 1000),
                                 ("tie", "9007199254740993", 9007199254740992), ("least", "5e-324", 5e-324), ("greatest", "1.7976931348623157e308", 1.7976931348623157e308), ("zero-exponent", "0e999", 0), ("tenth", "0.1", 0.1), ("long", "0.1000000000000000055511151231257827021181583404541015625", 0.1)]:
        read(f"number-{name}", f"The number {literal} is read.", f"rank lit({literal})", ["lit", value], ["authoring/number"], near=["PIR0109", "PIR0110", "PIR0111"], flags=["Minus0"] if name == "minus-zero" else ["IntegerEdge"] if name == "tie" else ["DoubleSubnormal"] if name == "least" else [])
    for name, literal in [("leading-zero", "01"), ("point-at-end", "1."), ("point-at-start", ".5"), ("group-at-end", "1_"), ("group-twice", "1__0"), ("group-after-zero", "0_1"), ("group-after-point", "1._5"), ("group-before-point", "1_.5"), ("group-in-exponent", "1e1_0"), ("exponent-alone", "1e"), ("letter-behind", "5a"), ("point-behind", "1.5.2"), ("hexadecimal", "0x10"), ("suffix", "5n")]:
        refused(f"bad-number-{name}", f"What is written {literal} is no number.", f"rank lit({literal})", "PIR0109", denies=["authoring/number"])
    refused("number-overflow", "A number that overflows is refused.", "rank lit(1e309)", "PIR0110", denies=["authoring/number"], flags=["Overflow"])
    refused("number-underflow", "A number that underflows is refused.", "rank lit(1e-400)", "PIR0111", denies=["authoring/number"], flags=["Underflow"])
    for word in ("NaN", "Infinity", "inf"):
        refused(f"number-{word.lower()}", f"The word {word} is no number.", f"filter x >= {word}", "PIR0112", denies=["authoring/number"])
    read("field-nan", "The word NaN is a name where one is due.", "rank NaN", ["field", "NaN"], ["authoring/name"], near=["PIR0112"], flags=["HostName"])
    read("longest-mark", "A mark is as long as possible.", "filter a<=5 and b<5 and c==5", ["and", ["cmp", "a", "le", 5], ["cmp", "b", "lt", 5], ["cmp", "c", "eq", 5]], ["authoring/mark"])
    for name, text, comment in [("question", "a ? b", "A question mark"), ("backslash", "\\", "A backslash"), ("dollar", "$a", "A dollar"), ("at", "@a", "An at sign"), ("dot", "a . b", "A dot")]:
        refused(f"no-mark-{name}", f"{comment} starts no token.", f"filter {text}", "PIR0101", denies=["authoring/mark"])
    return book


def forms() -> Book:
    book = Book("authoring/forms", "syntax", "Forms and the terms they stand for: the table of the chapter, operators and their binding.")
    read = Reader(book).read
    rows = re.findall(r"^\| `(authoring/[a-z-]+)` \| ``?((?:(?!`` \|).)+?)``? \| `(\[.*\])` \|$", CHAPTER.read_text("utf-8"), re.MULTILINE)
    for rule, text, wire in rows:
        others = {"authoring/one-of": "authoring/one-of-one", "authoring/one-of-one": "authoring/one-of", "authoring/and": "authoring/nested", "authoring/or": "authoring/and", "authoring/tag-in": "authoring/tag-not-in", "authoring/tag-not-in": "authoring/tag-in", "authoring/equal": "authoring/unequal", "authoring/unequal": "authoring/equal", "authoring/nested": "authoring/single", "authoring/lit": "authoring/scale", "authoring/field": "authoring/lit",
                  "authoring/is": "authoring/cmp", "authoring/cmp": "authoring/is", "authoring/tier": "authoring/min-tier", "authoring/min-tier": "authoring/tier", "authoring/scale": "authoring/add", "authoring/add": "authoring/field", "authoring/none-of": "authoring/not", "authoring/not": "authoring/none-of", "authoring/seq": "authoring/when", "authoring/when": "authoring/seq", "authoring/always": "authoring/override", "authoring/override": "authoring/always",
                  "authoring/test": "authoring/function", "authoring/function": "authoring/test", "authoring/single": "authoring/or", "authoring/quoted-field": "authoring/is", "authoring/chain": "authoring/recipe", "authoring/recipe": "authoring/chain"}
        read(f"table-{rule.split('/')[1]}", f"The form of {rule.split('/')[1].replace('-', ' ')} is read as in the table.", text.strip(), json.loads(wire), [rule], denies=[others[rule]] if rule in others else [])
    for name, text, term, comment in [
        ("or-of-and", "a and b or c and d", ["or", ["and", A, B], ["and", C, ["is", "d"]]], "The operator and binds closer than or"), ("not-binds", "not a and b", ["and", ["not", A], B], "The operator not binds closer than and"), ("not-parentheses", "not (a and b)", ["not", ["and", A, B]], "In parentheses a conjunction is one"), ("not-cmp", "not a >= 5", ["not", ["cmp", "a", "ge", 5]], "The operator not takes the whole comparison"),
        ("not-not-parentheses", "not (not a)", ["not", ["not", A]], "Parentheses around one condition mean nothing"), ("parentheses", "((a))", A, "So do several"), ("or-three", "a or b or c", ["or", A, B, C], "Several alternatives are one or"), ("or-nested-left", "(a or b) or c", ["or", ["or", A, B], C], "In parentheses they are two"), ("or-nested-right", "a or (b or c)", ["or", A, ["or", B, C]], "On the right as well"),
        ("and-single-parentheses", "(a) and b", ["and", A, B], "Parentheses around an operand mean nothing"), ("top", "top and bot", ["and", ["top"], ["bot"]], "The words top and bot are conditions"), ("scope", "scope_matches", ["scope_matches"], "So is scope_matches"), ("relations", "a < 1 and a <= 1 and a == 1 and a != 1 and a >= 1 and a > 1", ["and", *[["cmp", "a", r, 1] for r in ("lt", "le", "eq", "ne", "ge", "gt")]], "There are six relations"),
        ("negative", "a >= -1", ["cmp", "a", "ge", -1], "A minus is part of its number"), ("negative-unseparated", "a>=-1", ["cmp", "a", "ge", -1], "So it is without a space"), ("tier-unequal", "tier != partner", ["not", ["tier_eq", "partner"]], "A tier may be unequal"), ("tier-string", 'tier >= "my tier"', ["min_tier", "my tier"], "A tier may be a string"), ("tier-quoted", "tier == `my tier`", ["tier_eq", "my tier"], "A tier may be a quoted name"),
        ("tier-in", 'tier in {own, "x y"}', ["or", ["tier_eq", "own"], ["tier_eq", "x y"]], "Several tiers are alternatives"), ("tier-not-in", "tier not in {own}", ["not", ["or", ["tier_eq", "own"]]], "So are they under not"), ("tier-reserved", "tier == `top`", ["tier_eq", "top"], "A tier with a reserved name is quoted"), ("served-by", 'served_by != "x"', ["not", ["served_by_eq", "x"]], "The attribute served_by may be unequal"), ("family-in", 'family in {"a", "b",}', ["or", ["family_eq", "a"], ["family_eq", "b"]], "A comma may stand before the closing brace"),
        ("tag-quoted", '`my region` in {"eu"}', ["tag_in", "my region", ["eu"]], "A field of tags may be a quoted name"), ("tag-not", 'not region in {"eu"}', ["not", ["tag_in", "region", ["eu"]]], "The operator not may stand before the field"), ("tag-twice", 'region in {"eu", "eu"}', ["tag_in", "region", ["eu", "eu"]], "A tag may stand twice"), ("attribute-quoted", '`provider` in {"eu"}', ["tag_in", "provider", ["eu"]], "An attribute's word in backticks is a field"),
        ("test-relation", "test(a + 1 > 2)", ["test", ["add", ["field", "a"], ["lit", 1]], "gt", 2], "A test compares any scorer"), ("test-wire-order", "test(a, gt, 2)", ["test", ["field", "a"], "gt", 2], "A test has a function form"), ("name-like-function", "neg and known", ["and", ["is", "neg"], ["is", "known"]], "An operation's word without a parenthesis is a name"), ("name-like-argmax", "argmax >= 1", ["cmp", "argmax", "ge", 1], "So is the word of a selector"),
    ]:
        read(f"pred-{name}", f"{comment}.", f"filter {text}", term, ["authoring/and" if term[0] == "and" else "authoring/function" if "function form" in comment else "authoring/name"])
    for name, text, term, comment in [
        ("sum", "a + b + 1", ["add", ["field", "a"], ["field", "b"], ["lit", 1]], "Several summands are one sum"), ("nested", "a + (b + c)", ["add", ["field", "a"], ["add", ["field", "b"], ["field", "c"]]], "In parentheses a sum is a summand"), ("product-in-sum", "2 * a + 3 * b", ["add", ["scale", 2, ["field", "a"]], ["scale", 3, ["field", "b"]]], "A product binds closer than a sum"), ("product-of-sum", "2 * (a + b)", ["scale", 2, ["add", ["field", "a"], ["field", "b"]]], "In parentheses a sum is a factor"),
        ("factors", "2 * 3 * a", ["scale", 2, ["scale", 3, ["field", "a"]]], "Factors nest to the right"), ("negative-factor", "-1 * a", ["scale", -1, ["field", "a"]], "A factor may be negative"), ("factor-of-literal", "2 * 3", ["scale", 2, ["lit", 3]], "A factor of a number is a scale of a literal"), ("zero-word", "zero + 0", ["add", ["zero"], ["lit", 0]], "The word zero is no number"), ("plus-negative", "a + -1", ["add", ["field", "a"], ["lit", -1]], "A negative number may be added"),
        ("parentheses", "(a)", ["field", "a"], "Parentheses around a score mean nothing"), ("add-of-one", "add(a)", ["add", ["field", "a"]], "A sum of one is written as a function"), ("function-and-operator", "0.5 * neg(normalize(a)) + clamp(0, 1, b)", ["add", ["scale", 0.5, ["neg", ["normalize", ["field", "a"]]]], ["clamp", 0, 1, ["field", "b"]]], "Functions and operators may be mixed"), ("word-like-selector", "ordered", ["field", "ordered"], "The word of a selector is a field where a scorer is due"),
        ("quoted-number", "`5`", ["field", "5"], "A number in backticks is a field"),
    ]:
        read(f"rank-{name}", f"{comment}.", f"rank {text}", term, ["authoring/add" if term[0] == "add" else "authoring/scale" if term[0] == "scale" else "authoring/field"])
    for name, clause, term, comment in [
        ("argmax", "select argmax", ["argmax"], "A selector without arguments is its word"), ("parentheses", "select ((ordered))", ["ordered"], "Parentheses around a selector mean nothing"), ("trailing-comma", "select top_k(3, argmax,)", ["top_k", 3, ["argmax"]], "A comma may stand before a closing parenthesis"), ("chain-empty", "select chain()", ["chain", []], "A chain may be empty"), ("chain-record", 'select chain({provider: "a", model_family: "b",},)', ["chain", [{"provider": "a", "model_family": "b"}]], "Records may have one more comma"),
        ("prefer", 'select prefer(a and b or not c, argmax)', ["prefer", ["or", ["and", A, B], ["not", C]], ["argmax"]], "A predicate as an argument needs no parentheses"), ("rank-by", "select rank_by(a + b, argmax)", ["rank_by", ["add", ["field", "a"], ["field", "b"]], ["argmax"]], "Nor does a scorer"),
        ("seq-three", "mutate id; id; id", ["seq", ["id"], ["id"], ["id"]], "Several transforms are one sequence"), ("seq-nested", "mutate (id; id); id", ["seq", ["seq", ["id"], ["id"]], ["id"]], "In parentheses a sequence is a step"), ("seq-one", "mutate seq(id)", ["seq", ["id"]], "A sequence of one is written as a function"), ("seq-function", "mutate seq(id, (id; id))", ["seq", ["id"], ["seq", ["id"], ["id"]]], "In a function a sequence is in parentheses"), ("semicolon-at-end", "mutate id;", ["id"], "A semicolon at the end of a clause is its end"),
        ("when", "mutate when(a, set_param(\"x\", true))", ["when", A, ["set_param", "x", True]], "A condition has a predicate and a transform"), ("recipe-empty", "mutate filter_text()", ["filter_text", []], "A recipe may be empty"), ("recipe-record-empty", "mutate filter_image({})", ["filter_image", [{}]], "So may a record in it"), ("recipe-names", 'mutate filter_text({`a b`: 1, c: -2.5,}, "d")', ["filter_text", [{"a b": 1, "c": -2.5}, "d"]], "The keys of a record are names"),
        ("always", "fallback always(abort)", ["always", {"action": "abort"}], "A plan may be written as a function"), ("override-function", "fallback override(abort, timeout, next_candidate)", ["override", ["always", {"action": "abort"}], "timeout", {"action": "next_candidate"}], "So may an override"), ("action-empty-settings", "fallback abort()", ["always", {"action": "abort"}], "An action may have no settings in its parentheses"), ("plan-parentheses", "fallback (abort on a: abort) on b: abort", ["override", ["override", ["always", {"action": "abort"}], "a", {"action": "abort"}], "b", {"action": "abort"}], "Parentheses around a plan mean nothing"),
        ("reason-string", 'fallback abort on "a b": abort', ["override", ["always", {"action": "abort"}], "a b", {"action": "abort"}], "A reason may be a string"), ("reason-quoted", "fallback abort on `on`: abort", ["override", ["always", {"action": "abort"}], "on", {"action": "abort"}], "A reason with a reserved name is quoted"), ("settings", "fallback retry_same(attempts: 2, backoff_ms: 5, open_breaker_ms: 7, house: 1, `a b`: 2,)", ["always", {"action": "retry_same", "attempts": 2, "backoff_ms": 5, "open_breaker_ms": 7, "house": 1, "a b": 2}], "Settings are names with values"),
        ("backoffs-empty", "fallback abort(backoff_ms: [])", ["always", {"action": "abort", "backoff_ms": []}], "A list of backoffs may be empty"), ("backoffs-comma", "fallback abort(backoff_ms: [1, 2,])", ["always", {"action": "abort", "backoff_ms": [1, 2]}], "A comma may stand before the closing bracket"), ("verbs", "fallback next_provider_same_model on a: disable_provider on b: retry_same(then_action: next_candidate)", None, "There are five verbs"), ("same-reason-twice", "fallback abort on a: abort on a: next_candidate", ["override", ["override", ["always", {"action": "abort"}], "a", {"action": "abort"}], "a", {"action": "next_candidate"}], "One reason may stand twice, and the last line is outermost"),
    ]:
        rule = {"select": "authoring/argument-chain" if "chain" in text else "authoring/argument-term", "mutate": "authoring/seq", "fallback": "authoring/settings" if "(" in clause else "authoring/override"}[clause.split()[0]]
        read(f"{clause.split()[0]}-{name}", f"{comment}.", clause, term, [rule], denies=[] if rule != "authoring/settings" else ["authoring/keys"])
    return book


def functions() -> Book:
    book = Book("authoring/functions", "syntax", "The function form of each operation, with each sort of argument.")
    reader = Reader(book)
    read, refused = reader.read, reader.refused
    texts = {
        "and": ("filter", "and(meets_req, no_log)"), "or": ("filter", "or(meets_req, no_log)"), "not": ("filter", "not disabled"), "is": ("filter", "is(has_tee)"), "cmp": ("filter", "cmp(price_in, le, 25)"), "tier_eq": ("filter", "tier_eq(partner)"), "min_tier": ("filter", 'min_tier("marketplace")'), "family_eq": ("filter", 'family_eq("gpt-5.2")'), "provider_eq": ("filter", 'provider_eq("openai")'), "served_by_eq": ("filter", 'served_by_eq("azure")'),
        "has_cap": ("filter", 'has_cap("supports_tools")'), "tag_in": ("filter", 'tag_in(region, {"eu", "us"})'), "test": ("filter", "test(call_cost, lt, 0.01)"), "known": ("filter", "known(price_in)"), "lit": ("rank", "lit(0.5)"), "field": ("rank", "field(tok_s)"), "add": ("rank", "add(lit(1), tok_s)"), "scale": ("rank", "scale(0.5, tok_s)"), "neg": ("rank", "neg(tok_s)"), "normalize": ("rank", "normalize(tok_s)"), "clamp": ("rank", "clamp(0, 1, tok_s)"), "gate": ("rank", "gate(has_tee, tok_s)"),
        "sample": ("select", "sample(0.5)"), "chain": ("select", 'chain("openai": "gpt-5.2")'), "top_k": ("select", "top_k(3, argmax)"), "prefer": ("select", "prefer(has_tee, argmax)"), "rank_by": ("select", "rank_by(tok_s, argmax)"), "seq": ("mutate", 'seq(inject_seed("seed"), drop_param("top_k"))'), "set_param": ("mutate", 'set_param("temperature", 0.5)'), "inject_seed": ("mutate", 'inject_seed("seed")'), "drop_param": ("mutate", 'drop_param("temperature")'), "clamp_param": ("mutate", 'clamp_param("max_tokens", 1, 4096)'),
        "jitter": ("mutate", 'jitter("temperature", 0.1)'), "filter_text": ("mutate", 'filter_text("RedactPII", {TruncateText: 300})'), "filter_image": ("mutate", 'filter_image("BlurFaces")'), "custom": ("mutate", 'custom("add_footer")'), "when": ("mutate", 'when(has_tee, inject_seed("seed"))'), "always": ("fallback", "always(retry_same(attempts: 2, backoff_ms: [250, 500]))"), "override": ("fallback", "override(next_candidate, timeout, abort)"),
    }
    sorts = {"and": "argument-variadic", "or": "argument-variadic", "add": "argument-variadic", "seq": "argument-variadic", "is": "argument-field", "cmp": "argument-relation", "tier_eq": "argument-tier", "min_tier": "argument-tier", "override": "argument-tier", "family_eq": "argument-value", "has_cap": "argument-value", "custom": "argument-value", "inject_seed": "argument-value", "tag_in": "argument-names", "set_param": "argument-scalar", "always": "argument-action", "filter_text": "argument-recipe", "filter_image": "argument-recipe",
             "chain": "argument-chain", "lit": "argument-number", "sample": "argument-number", "neg": "argument-term", "when": "argument-term", "known": "argument-field", "field": "argument-field", "test": "argument-relation"}
    for op, term in {**ONE_OF_EACH, "custom": CUSTOM}.items():
        if op in texts:
            clause, text = texts[op]
            rule = f"authoring/{sorts[op]}" if op in sorts else "authoring/function"
            read(op.replace("_", "-"), f"The operation {op} has a function form." if op != "not" else "The operation not is an operator.", f"{clause} {text}", term, [rule, "authoring/function"], near=["PIR0202", "PIR0204"])
        elif op != "policy":
            clause = {"id": "mutate", "argmax": "select", "ordered": "select", "zero": "rank"}.get(op, "filter")
            read(op.replace("_", "-"), f"The operation {op} is its word alone.", f"{clause} {op}", term, ["authoring/function"], near=["PIR0204"])
            refused(f"{op.replace('_', '-')}-parentheses", f"The operation {op} takes no parentheses.", f"{clause} {op}()", "PIR0204", denies=["authoring/function"])
    for name, text, code, comment, rule in [
        ("term-number", "rank neg(\"5\")", "PIR0126", "A string is no scorer", "argument-term"), ("variadic-none", "filter and()", "PIR0204", "A variadic operation has an argument", "argument-variadic"), ("number-word", "select sample(x)", "PIR0205", "A number is no word", "argument-number"), ("number-string", 'select top_k("3", argmax)', "PIR0205", "A number is no string", "argument-number"), ("relation-word", "filter cmp(a, gte, 5)", "PIR0206", "A relation is one of six words", "argument-relation"), ("relation-sign", "filter cmp(a, >=, 5)", "PIR0206", "A relation is no sign in a function form", "argument-relation"),
        ("field-string", 'filter known("a")', "PIR0126", "A field is no string", "argument-field"), ("field-number", "filter known(5)", "PIR0205", "A field is no number", "argument-field"), ("tier-number", "filter min_tier(5)", "PIR0205", "A tier is no number", "argument-tier"), ("value-word", "filter has_cap(x)", "PIR0125", "A value is in double quotes", "argument-value"), ("value-number", "filter provider_eq(5)", "PIR0205", "A value is no number", "argument-value"), ("param-word", "mutate inject_seed(seed)", "PIR0125", "A parameter is in double quotes", "argument-value"),
        ("names-empty", "filter tag_in(a, {})", "PIR0210", "A list of names is not empty", "argument-names"), ("names-word", "filter a in {eu}", "PIR0125", "A tag is in double quotes", "argument-names"), ("scalar-word", 'mutate set_param("a", b)', "PIR0125", "A scalar is no bare word", "argument-scalar"), ("scalar-list", 'mutate set_param("a", [1])', "PIR0205", "A scalar is no list", "argument-scalar"), ("action-word", "fallback always(retry)", "PIR0207", "An action is one of five verbs", "argument-action"), ("recipe-word", "mutate filter_text(RedactPII)", "PIR0125", "A step is in double quotes", "argument-recipe"),
        ("recipe-string", 'mutate filter_text({a: "1"})', "PIR0205", "A setting is a number", "argument-recipe"), ("chain-word", 'select chain("a": b)', "PIR0125", "A model is in double quotes", "argument-chain"), ("chain-key", 'select chain({provider: "a", model: "b", region: "eu"})', "PIR0208", "An entry has no other keys", "argument-chain"), ("chain-missing", 'select chain({provider: "a"})', "PIR0209", "An entry has a model", "argument-chain"), ("chain-twice", 'select chain({model: "a", provider: "a", model: "b"})', "PIR0114", "A key stands once in an entry", "keys"),
        ("setting-twice", "fallback abort(a: 1, a: 2)", "PIR0114", "A key stands once among settings", "keys"), ("setting-action", "fallback abort(action: abort)", "PIR0114", "The key action is the verb", "keys"), ("setting-string", 'fallback abort(a: "1")', "PIR0205", "A further key maps to a number", "settings"), ("setting-list", "fallback abort(attempts: [1])", "PIR0205", "Attempts are no list", "settings"), ("setting-verb", "fallback abort(attempts: abort)", "PIR0205", "Attempts are no verb", "settings"), ("setting-then", "fallback abort(then_action: 1)", "PIR0205", "What to do then is no number", "settings"),
        ("recipe-twice", "mutate filter_text({a: 1, a: 2})", "PIR0114", "A key stands once in a record of a recipe", "keys"), ("unknown", "filter frobnicate(a)", "PIR0202", "An unknown function is an unknown operation", "function"), ("missing-comma", "select top_k(3 argmax)", "PIR0105", "A comma stands between arguments", "function"), ("too-few", "select top_k(3)", "PIR0204", "An argument is missing", "function"), ("too-many", "rank neg(a, b)", "PIR0204", "An argument is too many", "function"), ("sort", "rank neg(top)", "PIR0203", "A predicate is no scorer", "argument-term"),
    ]:
        refused(f"no-{name}", f"{comment}.", text, code, denies=[f"authoring/{rule}"])
    read("keys-different", "Keys that differ by case are different.", "fallback abort(a: 1, A: 2)", ["always", {"action": "abort", "a": 1, "A": 2}], ["authoring/keys"], near=["PIR0114"])
    read("keys-of-chain", "The key provider is bare, though it is a reserved word.", 'select chain({provider: "a", model: "b"})', ["chain", [{"provider": "a", "model": "b"}]], ["authoring/keys", "authoring/argument-chain"], near=["PIR0127"])
    return book


def policies() -> Book:
    book = Book("authoring/policies", "syntax", "Files: one clause, or a policy with its clauses and their defaults.")
    reader = Reader(book)
    read, refused = reader.read, reader.refused
    every = ["authoring/filter", "authoring/rank", "authoring/select", "authoring/mutate", "authoring/fallback"]
    default = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "next_candidate"}]]
    read("empty", "A policy without clauses is all defaults.", "policy { }", default, every, flags=["Empty"])
    read("all", "Clauses in the order of the table.", "policy { filter a rank b select ordered mutate id fallback abort }", ["policy", A, ["field", "b"], ["ordered"], ["id"], ["always", {"action": "abort"}]], every, near=["PIR0118"])
    read("reversed", "Clauses stand in any order.", "policy { fallback abort mutate id select ordered rank b filter a }", ["policy", A, ["field", "b"], ["ordered"], ["id"], ["always", {"action": "abort"}]], every, near=["PIR0118"])
    for clause, text, at, term in [("filter", "a", 1, A), ("rank", "a", 2, ["field", "a"]), ("select", "ordered", 3, ["ordered"]), ("mutate", 'drop_param("x")', 4, ["drop_param", "x"]), ("fallback", "abort", 5, ["always", {"action": "abort"}])]:
        read(f"{clause}-alone", f"One clause is the term of that clause: {clause}.", f"{clause} {text}", term, [f"authoring/{clause}"], near=["PIR0124"], denies=[rule for rule in every if rule != f"authoring/{clause}"])
        read(f"{clause}-in-policy", f"In a policy the others have their defaults: {clause}.", f"policy {{ {clause} {text} }}", [*default[:at], term, *default[at + 1 :]], every)
        refused(f"{clause}-twice", f"A clause stands once: {clause}.", f"policy {{ {clause} {text} {clause} {text} }}", "PIR0118", denies=[f"authoring/{clause}"])
    read("semicolons", "A semicolon may end a clause.", "policy { filter a; rank b; mutate id; id; select argmax; fallback abort; }", ["policy", A, ["field", "b"], ["argmax"], ["seq", ["id"], ["id"]], ["always", {"action": "abort"}]], ["authoring/mutate"], near=["PIR0128"])
    read("mutate-before-clause", "A clause ends where the next begins.", "policy { mutate id; id filter a }", ["policy", A, *default[2:4], ["seq", ["id"], ["id"]], default[5]], ["authoring/mutate"], near=["PIR0128"])
    read("one-line", "Nothing depends on lines.", "policy{filter a and b rank 2*c}", ["policy", ["and", A, B], ["scale", 2, ["field", "c"]], *default[3:]], every)
    read("due", "Where a policy is due, a policy is read.", "policy { filter a }", None, near=["PIR0203"], sort="Policy")
    refused("not-due", "Where a predicate is due, a policy is refused.", "policy { filter a }", "PIR0203", sort="Pred")
    refused("clause-not-due", "Where a policy is due, a clause is refused.", "filter a", "PIR0203", sort="Policy")
    example = CHAPTER.read_text("utf-8").partition("```policy\n")[2].partition("```")[0]
    read("example", "The example of the chapter is read.", example, None, every)
    return book


def bounds() -> Book:
    book = Book("authoring/bounds", "syntax", "Bounds of texts in the authoring syntax: size, brackets, depth, nodes, strings, entries.")
    reader = Reader(book)
    read, refused = reader.read, reader.refused
    read("size", "A text may have 262144 bytes.", ["filter a #", ["x", 262134]], A, near=["PIR0004"], flags=["Edge"])
    refused("size-past", "A text of one byte more is refused.", ["filter a #", ["x", 262135]], "PIR0004", flags=["PastEdge"])
    read("brackets", "128 brackets may be open.", ["filter ", ["(", 128], "a", [")", 128]], A, ["authoring/nesting"], near=["PIR0310"], flags=["Edge"])
    refused("brackets-past", "The 129th open bracket is refused.", ["filter ", ["(", 129], "a", [")", 129]], "PIR0310", denies=["authoring/nesting"], flags=["PastEdge"])
    read("brackets-closed", "Brackets that are closed again do not count.", ["filter a", [" and (b)", 200]], None, ["authoring/nesting"], near=["PIR0310"])
    refused("brackets-many", "A hundred thousand open brackets are refused like 129.", ["filter ", ["(", 100000]], "PIR0310", denies=["authoring/nesting"])
    read("not", "63 negations may stand in a row.", ["filter ", ["not ", 63], "a"], None, near=["PIR0301"], flags=["Edge"])
    refused("not-past", "64 negations are too deep.", ["filter ", ["not ", 64], "a"], "PIR0301", flags=["PastEdge"])
    refused("not-many", "60000 negations are refused for their depth.", ["filter ", ["not ", 60000], "a"], "PIR0301")
    read("factors", "63 factors may stand in a row.", ["rank ", ["2*", 63], "a"], None, near=["PIR0301"], flags=["Edge"])
    refused("factors-past", "64 factors are too deep.", ["rank ", ["2*", 64], "a"], "PIR0301", flags=["PastEdge"])
    refused("factors-many", "100000 factors are refused for their depth.", ["rank ", ["2*", 100000], "a"], "PIR0301")
    read("on", "63 lines of a plan may follow each other.", ["fallback abort", [" on x: abort", 63]], None, near=["PIR0301"], flags=["Edge"])
    refused("on-past", "64 lines of a plan are too deep.", ["fallback abort", [" on x: abort", 64]], "PIR0301", flags=["PastEdge"])
    refused("policy-depth-past", "In a policy 63 negations are too deep.", ["policy { filter ", ["not ", 63], "a }"], "PIR0301", flags=["PastEdge"])
    read("nodes", "4096 nodes are read.", ["filter a", [" and a", 4094]], None, near=["PIR0302"], flags=["Edge"])
    refused("nodes-past", "4097 nodes are too many.", ["filter a", [" and a", 4095]], "PIR0302", flags=["PastEdge"])
    read("values", "The values of an attribute are nodes, so 4095 are read.", ['filter provider in {"a"', [',"a"', 4094], "}"], None, near=["PIR0302", "PIR0304"], flags=["Edge"])
    refused("values-past", "4096 values of an attribute are too many nodes.", ['filter provider in {"a"', [',"a"', 4095], "}"], "PIR0302", flags=["PastEdge"])
    for name, before, after in [("string", 'filter has_cap("', '")'), ("word", "filter ", ""), ("quoted", "filter `", "`"), ("tier", "filter tier == ", ""), ("key", "fallback abort(", ": 1)")]:
        read(f"{name}-256", f"256 bytes are allowed for a {name}.", [before, ["k", 256], after], None, near=["PIR0303"], flags=["Edge"])
        refused(f"{name}-257", f"257 bytes are too many for a {name}.", [before, ["k", 257], after], "PIR0303", flags=["PastEdge"])
    read("string-escaped", "What counts is the string and not how it is escaped.", ['filter has_cap("', ["\\u0061", 256], '")'], None, near=["PIR0303"], flags=["Edge"])
    refused("string-bytes", "What counts are bytes.", ['filter has_cap("', ["é", 129], '")'], "PIR0303", flags=["PastEdge", "Unicode"])
    for name, before, first, more, after, fixed in [("tags", "filter a in {", '"x"', ',"x"', "}", 0), ("chain", "select chain(", '"x":"y"', ',"x":"y"', ")", 0), ("recipe", "mutate filter_text(", '"x"', ',"x"', ")", 0), ("backoffs", "fallback abort(backoff_ms: [", "1", ",1", "])", 0)]:
        read(f"{name}-64", f"64 entries are allowed: {name}.", [before, first, [more, 63 - fixed], after], None, near=["PIR0304"], flags=["Edge"])
        refused(f"{name}-65", f"65 entries are too many: {name}.", [before, first, [more, 64 - fixed], after], "PIR0304", flags=["PastEdge"])
    for name, before, after, count in [("settings", "mutate filter_text({", "})", 64), ("action", "fallback abort(", ")", 63)]:
        read(f"{name}-64", f"64 entries are allowed in a record: {name}.", before + ",".join(f"k{at}:1" for at in range(count)) + after, None, near=["PIR0304"], flags=["Edge"])
        refused(f"{name}-65", f"65 entries are too many in a record: {name}.", before + ",".join(f"k{at}:1" for at in range(count + 1)) + after, "PIR0304", flags=["PastEdge"])
    return book
