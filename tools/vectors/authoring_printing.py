"""Chapter Authoring syntax, formatting: words, forms, layout, comments and empty lines."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

from vectors.book import Book
from vectors.examples import ABORT, CUSTOM, NEXT, ONE_OF_EACH


def books() -> list[Book]:
    return [words(), layout(), comments()]


# fmt: off
def adder(book: Book) -> Any:
    def add(name: str, comment: str, source: Any, text: str | None, rules: list[str], *flags: str, denies: tuple[str, ...] = ()) -> None:
        """`source` is a term, or a text; `text` is what comes out, without the last line feed."""
        given = source if isinstance(source, str) else json.dumps(source, ensure_ascii=False)
        book.add(name, comment, input={"to": "authoring", "text": given}, rules=rules, flags=flags, denies=denies, result=None if text is None else {"text": text + "\n"})
    return add


def words() -> Book:
    book = Book("authoring/printing", "print", "Words of the formatter: the form of each operation, parentheses, numbers, strings, records.")
    add = adder(book)
    for op, term in {**ONE_OF_EACH, "custom": CUSTOM}.items():
        add(op.replace("_", "-"), f"A term of {op} is written in the form that fits.", term, None, ["authoring/format-forms"])
    forms = ["authoring/format-forms"]
    a, b, c = ["is", "a"], ["is", "b"], ["is", "c"]
    for name, term, text, comment in [
        ("one-of", ["or", ["provider_eq", "a"], ["provider_eq", "b"]], 'filter provider in {"a", "b"}', "Alternatives of one attribute are written with in"), ("one-of-one", ["or", ["family_eq", "a"]], 'filter family in {"a"}', "So is one of them"), ("one-of-two-attributes", ["or", ["provider_eq", "a"], ["family_eq", "b"]], 'filter provider == "a" or family == "b"', "Alternatives of two attributes are not"),
        ("one-of-tiers", ["or", ["tier_eq", "own"], ["tier_eq", "b-c"]], "filter tier in {own, `b-c`}", "Tiers are names"), ("unequal", ["not", ["served_by_eq", "a"]], 'filter served_by != "a"', "A negated attribute is unequal"), ("none-of", ["not", ["or", ["tier_eq", "a"]]], "filter tier not in {a}", "Negated alternatives are written with not in"), ("not-tag", ["not", ["tag_in", "region", ["eu"]]], 'filter region not in {"eu"}', "So are negated tags"),
        ("not-not-equal", ["not", ["not", ["provider_eq", "a"]]], 'filter not provider != "a"', "Of two negations the inner one is in the form"), ("not-min-tier", ["not", ["min_tier", "a"]], "filter not tier >= a", "A negated minimum has no form of its own"), ("and-one", ["and", a], "filter and(a)", "A conjunction of one is a function"), ("or-one", ["or", a], "filter or(a)", "So is a disjunction of one"), ("add-one", ["add", ["field", "a"]], "rank add(a)", "So is a sum of one"), ("seq-one", ["seq", ["id"]], "mutate seq(id)", "So is a sequence of one"),
        ("and-two-nested", ["and", ["and", a, b], c], "filter (a and b) and c", "A conjunction in a conjunction is in parentheses"), ("chain-ids", ["chain", [{"provider": "c", "model_family": "d"}]], 'select chain({provider: "c", model_family: "d"})', "An entry with other keys is a record"), ("chain-three-keys", ["chain", [{"provider": "c", "model": "d", "model_family": "e"}]], 'select chain({provider: "c", model: "d", model_family: "e"})', "So is one with more keys"),
        ("always", ["always", ABORT], "fallback abort", "A plan without overrides is its action"), ("override-quoted", ["override", ["always", ABORT], "on", NEXT], "fallback abort\n         on `on`: next_candidate", "A reason that is reserved is in backticks"), ("field-reserved", ["is", "tier"], "filter `tier`", "So is a field"), ("field-host", ["is", "__proto__"], "filter __proto__", "A name that objects have is a word"), ("field-empty", ["is", ""], "filter ``", "The empty name is in backticks"), ("field-digit", ["is", "1x"], "filter `1x`", "So is one that begins with a digit"),
        ("field-unicode", ["is", "é"], "filter `é`", "So is one that is no ASCII"), ("test-sum", ["test", ["add", ["field", "a"], ["lit", 1]], "ge", 2], "filter test(a + 1 >= 2)", "A test is written with its relation"), ("rank-word", ["field", "argmax"], "rank argmax", "The word of a selector is a field"), ("scalar", ["seq", ["set_param", "a", True], ["set_param", "a", "x"], ["set_param", "a", 1.5]], 'mutate set_param("a", true); set_param("a", "x"); set_param("a", 1.5)', "A scalar is written as what it is"),
    ]:
        add(f"form-{name}", f"{comment}.", term, text, forms)
    parens = ["authoring/format-parentheses"]
    for name, text, expected, comment in [
        ("none", "filter ((a)) and not (d)", "filter a and not d", "Parentheses around a condition go"), ("or-in-and", "filter a and (b or c)", "filter a and (b or c)", "A disjunction in a conjunction is in parentheses"), ("and-in-or", "filter a and b or c", "filter (a and b) or c", "So is a conjunction in a disjunction, though it binds closer"), ("not", "filter not (a or b)", "filter not (a or b)", "So is an operator under not"), ("not-in", 'filter not (provider in {"a"} or b)', 'filter not (provider in {"a"} or b)', "What is written with in is none"),
        ("sum-in-sum", "rank a + (b + c)", "rank a + (b + c)", "A sum in a sum is in parentheses"), ("sum-in-product", "rank 2 * (a + b)", "rank 2 * (a + b)", "So is a sum with a factor"), ("product-in-product", "rank 2 * (3 * a)", "rank 2 * 3 * a", "A product with a factor is not"), ("product-in-sum", "rank (2 * a) + b", "rank 2 * a + b", "Nor is a product in a sum"), ("argument", "rank gate((a and b), (c + d))", "rank gate(a and b, c + d)", "An argument is not"), ("argument-seq", "mutate when(a, (id; id))", "mutate when(a, (id; id))", "But for a sequence"), ("seq-in-seq", "mutate (id; id); id", "mutate (id; id); id", "A sequence in a sequence is in parentheses"),
        ("seq-in-function", "mutate seq((id; id))", "mutate seq((id; id))", "So is one in a function form"), ("test", "filter test((a + b) >= 3)", "filter test(a + b >= 3)", "The scorer of a test is not"), ("plan", "fallback (abort on a: abort) on b: abort", "fallback abort\n         on a: abort\n         on b: abort", "A plan never is"), ("selector", "select (argmax)", "select argmax", "Nor is a selector"),
    ]:
        add(f"parentheses-{name}", f"{comment}.", text, expected, parens)
    for name, number, text, flags in [("four", "1234", "1234", ()), ("five", "12345", "12_345", ()), ("million", "1e6", "1_000_000", ()), ("negative", "-123456.5", "-123_456.5", ()), ("fraction", "0.123456", "0.123456", ()), ("minus-zero", "-0.0", "0", ("Minus0",)), ("2-53", "9007199254740992", "9_007_199_254_740_992", ("IntegerEdge",)), ("below-10-16", "9999999999999998", "9_999_999_999_999_998", ("Edge",)), ("10-16", "1e16", "1e16", ("Edge",)), ("10-22", "1e22", "1e22", ("Shortest",)), ("10-4", "0.0001", "0.0001", ("Edge",)),
                                      ("below-10-4", "0.00009", "9e-5", ("PastEdge",)), ("small", "2.5e-7", "2.5e-7", ()), ("large", "1.5e300", "1.5e300", ()), ("least", "5e-324", "5e-324", ("DoubleSubnormal",)), ("greatest", "1.7976931348623157e308", "1.7976931348623157e308", ("Edge",)), ("tenth", "0.1", "0.1", ("Shortest",)), ("sum", "0.30000000000000004", "0.30000000000000004", ("Shortest",)), ("large-fraction", "12345.678", "12_345.678", ())]:
        add(f"number-{name}", f"The number {number} is written as {text}.", f'["lit", {number}]', f"rank {text}", ["authoring/format-number"], *flags)
    for name, value, text, comment in [
        ("plain", "a b", '"a b"', "Characters stand as they are"), ("short", '"\\\b\f\n\r\t', '"\\"\\\\\\b\\f\\n\\r\\t"', "The short escapes are used"), ("slash", "/`'", "\"/`'\"", "A slash, a backtick and a single quote are not escaped"), ("control", "\0\x1f", '"\\u0000\\u001f"', "Other control characters have four digits"), ("delete", "\x7f\x9f", '"\\u007f\\u009f"', "U+007F to U+009F are escaped"), ("bidi", "\u061c\u202e\u2066", '"\\u061c\\u202e\\u2066"', "What turns the direction of text is escaped"),
        ("invisible", "\u200b\u200f\u2028\u2060\ufeff", '"\\u200b\\u200f\\u2028\\u2060\\ufeff"', "What is invisible is escaped"), ("visible", "é模😀\u00a0\u2010", '"é模😀\u00a0\u2010"', "What is not on the list is not"), ("tag-characters", "\u00ad\U000e0041", '"\\u00ad\\udb40\\udc41"', "A soft hyphen and a tag character are escaped, the latter as a surrogate pair"), ("decomposed", "e\u0301", '"e\u0301"', "Nothing is normalised"),
    ]:
        add(f"string-{name}", f"{comment}.", ["has_cap", value], f"filter has_cap({text})", ["authoring/format-string"], *(["Unicode"] if value > "\x7f" else []))
    add("string-name", "In a quoted name a backtick is escaped, and a double quote is not.", ["is", 'a`b"\n'], 'filter `a\\`b"\\n`', ["authoring/format-string"])
    add("record-action", "Settings with a meaning come first, then the others by code point.", '["always", {"b": 1, "open_breaker_ms": 2, "then_action": "abort", "B": 4, "backoff_ms": [5], "attempts": 1, "action": "abort"}]', "fallback abort(attempts: 1, backoff_ms: [5], then_action: abort, open_breaker_ms: 2, B: 4, b: 1)", ["authoring/format-record"])
    add("record-settings", "Settings of a step come by code point, and not by UTF-16.", ["filter_text", [{"\U00010000": 1, "\uff5e": 2, "b": 3, "aa": 4}]], "mutate filter_text({aa: 4, b: 3, `\uff5e`: 2, `\U00010000`: 1})", ["authoring/format-record"], "Utf16Order", "Unicode")
    add("record-further", "A further key that is no word is in backticks.", ["always", {"action": "abort", "a b": 1, "on": 2}], "fallback abort(`a b`: 1, `on`: 2)", ["authoring/format-record"])
    book.add("refused", "A text that is refused is not formatted.", input={"to": "authoring", "text": "filter a b"}, refused="PIR0129", denies=["authoring/format-forms", "authoring/format-parentheses", "authoring/format-number", "authoring/format-string", "authoring/format-record", "authoring/comment-own", "authoring/comment-behind", "authoring/comment-breaks", "authoring/comment-mark", "authoring/blank-lines"])
    return book


def layout() -> Book:
    book = Book("authoring/layout", "print", "Layout of the formatter: what stands on one line, and how it is broken.")
    add = adder(book)
    forms = ["authoring/format-forms"]
    long = [f"a_rather_long_name_of_a_field_{at}" for at in range(5)]
    add("policy", "A policy has a line for each clause, all five of them.", "policy{filter a and(b or c)rank 2*neg(a+b)}", "policy {\n  filter   a and (b or c)\n  rank     2 * neg(a + b)\n  select   argmax\n  mutate   id\n  fallback next_candidate\n}", forms)
    add("and", "Operands that do not fit have a line each, under the first.", ["and", *[["is", name] for name in long]], "filter " + "\n       and ".join(long), forms)
    add("and-in-policy", "In a policy they stand under the first, behind the clause's word.", ["policy", ["and", *[["is", name] for name in long]], ["zero"], ["argmax"], ["id"], ["always", ABORT]], None, forms)
    add("or-in-and", "What is broken inside an operand is indented by the operator before it.", ["and", ["is", "a"], ["or", *[["is", name] for name in long]]], None, forms)
    add("not", "Behind not the lines are aligned, too.", ["not", ["and", *[["is", name] for name in long]]], None, forms)
    add("factor", "So they are behind a factor.", ["scale", 0.25, ["add", *[["field", name] for name in long]]], None, forms)
    add("call", "Arguments that do not fit have a line each, with a comma after each.", ["gate", ["and", *[["is", name] for name in long]], ["field", "tok_s"]], None, forms)
    add("call-outer", "Groups are broken from the outside in.", ["neg", ["normalize", ["add", *[["field", name] for name in long]]]], None, forms)
    add("values", "Values that do not fit have a line each.", ["tag_in", "region", long], None, forms)
    add("steps", "Steps that do not fit have a line each, and a semicolon at its end.", ["seq", *[["drop_param", name] for name in long]], None, forms)
    add("steps-in-when", "Steps in parentheses stand under the first.", ["when", ["is", "a"], ["seq", *[["drop_param", name] for name in long]]], None, forms)
    add("plan", "A plan has a line for each override, the actions under each other.", ["override", ["override", ["always", ABORT], "a", NEXT], "bbb", ABORT], "fallback abort\n         on a:   next_candidate\n         on bbb: abort", forms)
    add("plan-32", "A reason of 32 characters is aligned with.", ["override", ["override", ["always", ABORT], "a", NEXT], "r" * 32, ABORT], "fallback abort\n         on a:" + " " * 32 + "next_candidate\n         on " + "r" * 32 + ": abort", forms, "Edge")
    add("plan-33", "A reason of 33 characters is not.", ["override", ["override", ["always", ABORT], "a", NEXT], "r" * 33, ABORT], "fallback abort\n         on a: next_candidate\n         on " + "r" * 33 + ": abort", forms, "PastEdge")
    add("plan-settings", "Settings that do not fit have a line each, two columns deeper than the line.", ["override", ["always", ABORT], "timeout", {"action": "retry_same", "attempts": 2, "backoff_ms": [100, 200, 300], **dict.fromkeys(long[:2], 1)}], None, forms)
    add("record", "A record that does not fit has a line for each entry.", ["filter_text", ["RedactPII", dict.fromkeys(long[:4], 1)]], None, forms)
    add("chain", "So has a chain.", ["chain", [{"provider": name, "model": "m"} for name in long[:4]]], None, forms)
    add("empty", "Empty brackets are not broken.", ["seq", ["filter_text", []], ["filter_image", [{}]]], "mutate filter_text(); filter_image({})", forms, "Empty")
    for name, width in (("edge", 100), ("past-edge", 101)):
        text = "filter a and " + "b" * (width - 13)
        add(f"width-{name}", f"A line that would have {width} columns is {'kept' if width == 100 else 'broken'}.", text, text if width == 100 else "filter a\n       and " + "b" * (width - 13), forms, "Edge" if width == 100 else "PastEdge")
    add("width-follows", "What follows a group up to the next line end counts.", "rank neg(" + "a" * 88 + ") + b", None, forms)
    add("width-code-points", "Columns are code points.", "filter a and has_cap(\"" + "😀" * 64 + "\")", None, forms, "Unicode")
    add("unbreakable", "What has nothing to break stands on one line, however long.", "filter " + "a" * 150, "filter " + "a" * 150, forms)
    add("again", "What is formatted stays as it is.", "policy {\n  filter   a\n           # why\n           and b\n  rank     zero\n  select   argmax\n  mutate   id\n  fallback next_candidate\n}\n", "policy {\n  filter   a\n           # why\n           and b\n  rank     zero\n  select   argmax\n  mutate   id\n  fallback next_candidate\n}", ["authoring/comment-own"])
    return book


def comments() -> Book:
    book = Book("authoring/comments", "print", "Where comments and empty lines go.")
    base = adder(book)

    def add(name: str, comment: str, text: str, expected: str, *rules: str) -> None:
        base(name, comment, dedent(text).strip("\n") if "\n" in text else text, dedent(expected).strip("\n"), [f"authoring/{rule}" for rule in rules])

    add("own-before", "A comment on its own line stays before what follows.", "filter a\n# of b\nand b", "filter a\n       # of b\n       and b", "comment-own", "comment-breaks")
    add("own-file", "A comment before the text stays there.", "# of the file\nfilter a", "# of the file\nfilter a", "comment-own")
    add("own-end", "A comment after the text stays there.", "filter a\n# the end", "filter a\n# the end", "comment-own")
    add("own-brackets", "A comment at the end of brackets stays inside them.", 'filter provider in {"a", "b"\n# more\n}', 'filter provider in {\n  "a",\n  "b",\n  # more\n}', "comment-own", "comment-breaks")
    add("own-policy", "A comment at the end of a policy stays inside it.", "policy {\n filter a\n # the rest is default\n}\n# the end", "policy {\n  filter   a\n  rank     zero\n  select   argmax\n  mutate   id\n  fallback next_candidate\n  # the rest is default\n}\n# the end", "comment-own")
    add("behind", "A comment behind something stays behind it, after two spaces.", "filter a # first\nand b # second", "filter a  # first\n       and b  # second", "comment-behind", "comment-breaks")
    add("behind-comma", "It stands after the comma.", "select top_k(3, # three\nargmax) # of them", "select top_k(\n  3,  # three\n  argmax,\n)  # of them", "comment-behind", "comment-breaks")
    add("behind-semicolon", "It stands after the semicolon.", "mutate id; # one\nid; # two", "mutate id;  # one\n       id  # two", "comment-behind")
    add("behind-width", "It does not count for the width.", f"filter a and b # {'x' * 120}", f"filter a and b  # {'x' * 120}", "comment-behind")
    add("behind-on", "It stands behind the line of a plan.", "fallback abort # base\non a: abort # a", "fallback abort  # base\n         on a: abort  # a", "comment-behind")
    add("brackets-only", "Brackets with nothing but a comment keep it.", "select chain( # none\n)", "select chain(\n  # none\n)", "comment-own", "comment-breaks")
    add("small", "A comment inside something small goes to what holds it.", "filter a # x\n >= 3 and b", "filter a >= 3  # x\n       and b", "comment-behind")
    add("clauses", "Clauses take their comments along when they are put in order.", "policy {\n # about the rank\n rank a # fast\n # about the filter\n filter b # small\n}", "policy {\n  # about the filter\n  filter   b  # small\n  # about the rank\n  rank     a  # fast\n  select   argmax\n  mutate   id\n  fallback next_candidate\n}", "comment-own", "comment-behind")
    add("blank-between-clauses", "One empty line stays between clauses.", "policy {\n filter a\n\n\n rank b\n}", "policy {\n  filter   a\n\n  rank     b\n  select   argmax\n  mutate   id\n  fallback next_candidate\n}", "blank-lines")
    add("blank-between-comments", "One stays between comments around them.", "# one\n\n\n# two\n\nfilter a\n\n# three", "# one\n\n# two\n\nfilter a\n\n# three", "blank-lines")
    add("blank-elsewhere", "None stays anywhere else.", "\n\npolicy {\n\n filter a\n\n and b\n}\n\n", "policy {\n  filter   a and b\n  rank     zero\n  select   argmax\n  mutate   id\n  fallback next_candidate\n}", "blank-lines")
    for name, written, kept, what in [("letter", "#x", "# x", "a letter"), ("spaces", "#  x", "#  x", "two spaces"), ("mark", "#!x", "#!x", "a mark"), ("slashes", "//x", "# x", "two slashes"), ("three-slashes", "///x", "#/x", "three slashes"), ("empty", "#", "#", "nothing"), ("blank", "# \t", "#", "white space"), ("line", "#-----", "#-----", "a line"), ("quote", '#"x"', '# "x"', "a quote"), ("unicode", "#é", "# é", "a letter outside ASCII"), ("digit", "//5", "# 5", "a digit"), ("hashes", "##", "##", "a second hash")]:
        add(f"mark-{name}", f"Comments are written with a hash, here one of {what}.", f"{written}\nfilter a", f"{kept}\nfilter a", "comment-mark")
    add("line-ends", "Line ends of every kind are read, and line feeds written.", "# a\r\nfilter b # c\r# d\r\n", "# a\nfilter b  # c\n# d", "comment-own", "comment-behind")
    book.add("to-wire", "The wire syntax has no comments.", input={"to": "wire", "text": "# a\nfilter b # c"}, result={"text": '["is", "b"]\n'}, denies=["authoring/comment-own", "authoring/comment-behind"])
    return book
