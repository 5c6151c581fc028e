"""Vectors that mutation testing of readers and printers asked for: what is told apart by what stands around it."""

from __future__ import annotations

import json
from typing import Any

from vectors.book import Book


def books() -> list[Book]:
    return [
        slips_of_operands(),
        slips_of_marks(),
        slips_of_tokens(),
        comments(),
        wire_printing(),
        slips_of_json(),
        values(),
        sources(),
    ]


# fmt: off
class Slips:
    """Adds vectors of the kind `syntax` in the authoring syntax, refused or, to tell them from those, accepted."""

    def __init__(self, path: str, about: str) -> None:
        self.book = Book(path, "syntax", about)

    def refused(self, name: str, comment: str, text: str, code: str, *denies: str, **more: Any) -> None:
        self.book.add(name, comment, input={"syntax": "authoring", "text": text}, refused=code, denies=[f"authoring/{rule}" for rule in denies], **more)

    def read(self, name: str, comment: str, text: str, term: Any, *rules: str, **more: Any) -> None:
        self.book.add(name, comment, input={"syntax": "authoring", "text": text}, result={"term": term}, rules=[f"authoring/{rule}" for rule in rules], **more)


def slips_of_operands() -> Book:
    slips = Slips("authoring/slips-of-operands", "What stands where a term or a parameter is due, and is another thing.")
    refused, read = slips.refused, slips.read
    refused("unknown-scorer", "An unknown function where a scorer is due is an unknown operation.", "rank foo(a)", "PIR0202", "function")
    refused("unknown-argument", "So it is where an argument is a scorer.", "rank neg(foo(a))", "PIR0202", "argument-term")
    refused("call-of-name", "A function is no name of a field.", "filter known(foo(1))", "PIR0205", "argument-field")
    refused("call-of-tier", "Nor is it a tier.", "filter tier == foo(1)", "PIR0205", "tier")
    refused("call-of-reason", "Nor a reason.", "fallback abort on foo(1): abort", "PIR0205", "override")
    refused("factor-in-predicate", "A number with a factor's mark behind it is the beginning of a scorer.", "filter 2 * a", "PIR0203", "scale")
    refused("sum-in-predicate", "So it is with the mark of a sum.", "filter 2 + a", "PIR0203", "add")
    refused("signed-number", "A number has no plus before it.", "rank +5", "PIR0109", "number")
    refused("sign-of-name", "A plus before a name has no operand.", "rank + a", "PIR0102", "add")
    refused("selector-for-action", "The word of a selector is no verb.", "fallback abort on x: argmax", "PIR0207", "override")
    refused("plan-for-action", "Nor is the function form of a plan.", "fallback abort on x: always(abort)", "PIR0207", "override")
    refused("false-for-scorer", "A boolean is no scorer.", "rank false", "PIR0201", "lit")
    refused("then-unknown", "What is to be done then is one of five verbs.", "fallback abort(then_action: stop)", "PIR0207", "settings")
    refused("attempts-word", "Where a number is due a word is no verb.", "fallback abort(attempts: stop)", "PIR0205", "settings")
    refused("scalar-not-a-number", "A scalar is a finite number.", 'mutate set_param("a", NaN)', "PIR0112", "argument-scalar")
    refused("setting-not-a-number", "So is a setting.", "fallback abort(attempts: nan)", "PIR0112", "settings")
    refused("or-in-rank", "An `or` behind a scorer makes a predicate where none is due.", "rank a or b", "PIR0203", "or")
    refused("in-in-rank", "So does `in`.", 'rank a in {"x"}', "PIR0203", "tag-in")
    refused("not-in-in-rank", "So does `not in`.", 'rank a not in {"x"}', "PIR0203", "tag-not-in")
    refused("factor-of-predicate", "A factor's mark behind a predicate makes a scorer where none is due.", "filter (a) * 2", "PIR0203", "scale")
    refused("factor-of-comparison", "So it does behind a comparison.", "filter a < 5 * b", "PIR0203", "cmp", "scale")
    read("tier-in-backticks", "The least tier may be a quoted name.", "filter tier >= `a`", ["min_tier", "a"], "min-tier", "quoted")
    return slips.book


def slips_of_marks() -> Book:
    slips = Slips("authoring/slips-of-marks", "Commas, semicolons, colons and operators that are missing, too many, or of another place.")
    refused, read = slips.refused, slips.read
    read("chain-empty", "A chain of nothing has no entry that a colon could miss.", "select chain()", ["chain", []], "chain", flags=["Empty"])
    refused("chain-semicolon", "A semicolon behind a provider stands where a colon is due.", 'select chain("a"; "b")', "PIR0102", "chain")
    refused("chain-no-colon", "A model behind a provider misses its colon.", 'select chain("a" "b")', "PIR0105", "chain")
    refused("argument-complete", "Behind the last argument two scorers miss an operator.", "rank gate(a, b c)", "PIR0129", "add")
    refused("argument-predicate", "Two predicates miss an operator where a comma ends the argument.", "rank gate(a b, c)", "PIR0129", "and")
    refused("argument-more", "Where another argument could follow a comma is missing.", "rank add(a b)", "PIR0105", "add")
    refused("steps", "Two transforms in a policy miss a semicolon.", "policy { mutate id id }", "PIR0105", "seq")
    refused("not-without-in", "Behind a name `not` begins a second predicate where no `in` follows.", "filter a not == 5", "PIR0129", "not")
    refused("not-capital", "A capital letter makes another word of `not`.", "filter Not a", "PIR0119", "not")
    refused("semicolon-action", "A second action behind a semicolon cannot stand there.", "fallback abort; abort", "PIR0102", "always")
    refused("semicolon-argument", "A semicolon stands where arguments are divided.", "mutate when(a; id)", "PIR0128", "when")
    refused("comma-selector", "A second selector behind a comma cannot stand there.", "select argmax, argmax", "PIR0102", "select")
    refused("comma-clauses", "Nor can a comma before another clause, if no operand is before it.", "policy { select argmax, fallback abort }", "PIR0102", "select", "fallback")
    return slips.book


def slips_of_tokens() -> Book:
    slips = Slips("authoring/slips-of-tokens", "Characters that start no token, and what comes first where the text ends too early as well.")
    refused = slips.refused
    refused("curly-quotes", "Curly quotes are no quotes.", "filter has_cap(“x”)", "PIR0101", "string", flags=["Unicode"])
    refused("hyphen-behind-word", "A hyphen with nothing behind it is a subtraction.", "rank a-", "PIR0120", "word")
    refused("hyphen-alone", "So it is where a text begins with it.", "-", "PIR0120", "word")
    refused("equals-alone", "An operator of another language may be the first of a text.", "= a", "PIR0119", "mark")
    refused("string-before-end", "A string in single quotes comes before the bracket that is not closed.", "filter has_cap('x' and", "PIR0117", "string")
    refused("number-before-end", "What is no number comes before the operand that the end misses.", "filter 01 and", "PIR0109", "number")
    refused("escape-before-end", "So does an escape that there is not.", 'filter "a\\x" and', "PIR0108", "string")
    refused("curly-before-end", "So do curly quotes.", "filter “a” and", "PIR0101", "string", flags=["Unicode"])
    refused("assignment-and-not", "Two operators of other languages in a row are told as what they are.", "filter a =! b", "PIR0119", "mark")
    refused("not-behind-closer", "A bracket that closes nothing comes before negations that are too deep.", "filter a) " + "not " * 64 + "a", "PIR0104", "nesting")
    return slips.book


def comments() -> Book:
    book = Book("authoring/comments-inside", "print", "Comments inside forms that hold others: where each of them goes.")

    def add(name: str, comment: str, text: str, *rules: str, term: Any = None) -> None:
        book.add(name, comment, input={"to": "authoring", "text": text if term is None else json.dumps(term)}, rules=[f"authoring/{rule}" for rule in rules])

    own, behind, breaks = "comment-own", "comment-behind", "comment-breaks"
    add("record-in-sequence", "A comment in a record of a recipe stays behind its entry, in a sequence in an argument.", 'mutate when(a, (filter_text("a", {b: 1, # x\nc: 2}); id))', behind, breaks)
    add("attribute", "A comment before the mark of an attribute goes before the operand that it is in.", 'filter provider\n# x\n!= "a" and b', own)
    add("test-in-operand", "A comment in the scorer of a test breaks the test and what is around it.", "select prefer(a or test(b\n# x\n+ c >= 2), prefer # y\n# z\n(test(a + b >= 2) # w\n, argmax))", own, behind, breaks)
    add("entry", "A comment in an entry of a chain stays behind the key's value.", 'select chain({provider: "c", # x\nmodel_family: "d"}, "a": "b")', behind, breaks)
    add("pause", "A comment in a list of pauses stays behind its pause.", "fallback retry_same(backoff_ms: [100, # x\n200])", behind, breaks)
    add("last-operand", "A comment behind the last operand goes behind the whole, where the parentheses go.", "filter (a and b # x\n)", behind, "format-parentheses")
    add("capital", "A space stands before a capital letter.", "filter a #X", "comment-mark")
    add("negated-membership", "A comment among values stays there under two negations.", 'rank gate(not provider not in {"a"\n# x\n, "b"}, c)', own, breaks)
    add("before-policy", "An empty line between a comment and the policy stays; there is none before a comment in an operand.", "# x\n\npolicy { filter a\n# y\nand b }", own, "blank-lines")
    add("between-clauses", "Of two comments between clauses the empty line stands where it stood, and none at the end.", "policy {\n# x\n\nfilter a # y\n# z\n\nrank b\n\n}\n", own, behind, "blank-lines")
    add("reason", "A comment behind a reason goes before its line, and the others are aligned without the long one.", "fallback abort on averyveryverylongreasonthatislongerthan32\n\n# x\n: retry_same\n(attempts: 2) on y: abort", own)
    add("factor", "A comment in a factor's parentheses stays in them.", "rank 2 * (a # x\n+ b) + c", behind, breaks)
    add("base", "A comment among the settings of the base of a plan breaks these.", "fallback retry_same(attempts: 2, # x\nthen_action: abort) on y: abort", behind, breaks)
    add("line", "So does one among the settings of a line.", "fallback abort\non x: retry_same(attempts: 2, # x\nthen_action: abort)\non y: abort", behind, breaks)
    add("scalar", "A comment before a scalar stands behind the parameter before it.", 'mutate set_param("a", # y\n"b")', behind, breaks)
    add("least-tier", "A comment before the name of a least tier goes before the operand that it is in.", "filter (a and tier >=\n# x\nown) and b", own)
    add("parentheses-open", "A comment behind a parenthesis around a name goes to the operand, whose parentheses go.", "filter a and ( # x\nb) and d", behind, "format-parentheses")
    add("parentheses-close", "So does one on a line before the closing parenthesis.", "filter a and (b\n# x\n) and d", own, "format-parentheses")
    add("record-alone", "A comment in a record of a recipe stays behind its entry.", 'mutate filter_text("a", {b: 1, # x\nc: 2})', behind, breaks)
    add("tags", "A comment among tags stays behind its tag.", 'filter region in {"a", # x\n"b"}', behind, breaks)
    rows: list[tuple[str, str, Any]] = [
        ("boolean", "The boolean false is written as it is.", ["set_param", "a", False]),
        ("test-of-100", "A test of 100 columns stands on one line.", ["test", ["add", ["field", "a" * 45], ["field", "b" * 38]], "ge", 3]),
        ("test-of-107", "A test of 107 columns is broken, though its scorer alone is not too long.", ["test", ["add", ["field", "a" * 45], ["field", "b" * 45]], "ge", 3]),
        ("gate", "Brackets that fit stand on one line, whatever is in them.", ["gate", ["has_cap", "a" * 45], ["field", "b" * 30]]),
    ]
    for name, comment, term in rows:
        add(name, comment, "", "format-forms", term=term)
    return book


def wire_printing() -> Book:
    book = Book("syntax/printing-of-values", "print", "Booleans in the wire syntax, and lines of it that end at the bound or one column before.")
    rows: list[tuple[str, str, Any, tuple[str, ...]]] = [
        ("true", "The boolean true is written as it is.", ["set_param", "a", True], ()),
        ("false", "The boolean false is written as it is.", ["set_param", "a", False], ()),
        ("record-key", "A key takes room on the line of its value.", ["filter_text", [{"y" * 89: 1}]], ("PastEdge",)),
        ("record-key-less", "With one column less the line is not too long.", ["filter_text", [{"y" * 88: 1}]], ("Edge",)),
        ("pauses", "Pauses behind a key that do not fit are broken.", ["always", {"action": "abort", "backoff_ms": [123456789] * 8 + [100000]}], ()),
    ]
    for name, comment, term, flags in rows:
        book.add(name, comment, input={"to": "wire", "text": json.dumps(term)}, rules=["print/line"] if name not in ("true", "false") else [], flags=flags)
    return book


def slips_of_json() -> Book:
    book = Book("syntax/slips-of-json", "syntax", "Texts with two slips, of which the first decides, and slips beside each other.")
    for name, text, code, rule, comment in [
        ("comma-for-value", '{"a",}', "PIR0102", "json/token", "A comma behind a key stands where a colon is due, before the comma that is too many"),
        ("comma-only", "[,]", "PIR0102", "json/token", "A comma in an empty list stands where a value is due"),
        ("twice-and-open", '{"a": 1, "a": 2', "PIR0114", "json/key", "A key that is there already comes before the bracket that is not closed"),
        ("inner-open", '["is", {"a": 1]]', "PIR0103", "json/unclosed", "A closer of the list leaves the record in it open"),
        ("separator-and-open", '["is" "a"', "PIR0105", "json/separator", "A missing comma comes before the bracket that is not closed"),
        ("overflow-and-open", '["lit", 1e999', "PIR0110", "json/overflow", "A number that overflows comes before the bracket that is not closed"),
        ("underflow-and-separator", '["lit", 1e-999 2]', "PIR0111", "json/underflow", "A number that underflows comes before the comma that is missing behind it"),
        ("escape-in-keys", '{"\\x": 1, "\\x": 2}', "PIR0108", "json/string", "Keys with an escape that there is not are no keys that occur twice"),
        ("quotes-behind", "[\"top\"] 'x'", "PIR0107", "json/one-value", "A string in single quotes behind the value is text behind it"),
        ("character-behind", '["top"] %', "PIR0107", "json/one-value", "A character that starts no token is, too"),
    ]:
        book.add(name, f"{comment}.", input={"text": text}, refused=code, denies=[rule])
    return book


def values() -> Book:
    book = Book("syntax/values-with-slips", "syntax", "Decoded values: which findings come with others, where they point, and at which bound they end.")
    deep: Any = ["top"]
    for _ in range(62):
        deep = ["not", deep]
    add = book.add
    add("too-deep-once", "Of several nodes too deep the first is told, and the others after it are looked at where they are not.", input={"value": ["and", ["not", deep], ["not", ["not", deep]], ["foo"], deep]}, refused="PIR0301", denies=["bound/depth"], flags=["PastEdge"])
    add("names-several", "Entries of another kind are told one by one.", input={"value": ["tag_in", "a", [5, True, "x", {}]]}, refused=["PIR0205 /2/0", "PIR0205 /2/1", "PIR0205 /2/3"], denies=["sort/parameter"])
    add("null-among-names", "A null among entries is told among those of another kind, in their order.", input={"value": ["tag_in", "a", [5, None, "x"]]}, refused=["PIR0205 /2/0", "PIR0115 /2/1"], denies=["json/null"])
    add("null-beside", "A null in one argument and another kind of value in the other are told in their order.", input={"value": ["set_param", 5, None]}, refused=["PIR0205 /1", "PIR0115 /2"], denies=["json/null"])
    add("argument-number", "A number is no term, and its node is one.", input={"value": ["and", 5]}, refused=["PIR0201 /1"], denies=["sort/term"])
    add("unknown-with-terms", "Below an unknown operation only what is certainly a term is looked at: a list with a known operation at its head.", input={"value": ["foo", ["bot", 2], ["baz"]]}, refused=["PIR0202 /0", "PIR0204 /1"], denies=["sort/operation"])
    add("record-of-64", "A record of 64 unknown keys still lacks a provider and a model.", input={"text": json.dumps(["chain", [{f"k{at}": 1 for at in range(64)}]])}, refused="PIR0208", near=["PIR0304"], denies=["sort/key"], flags=["Edge"])
    add("names-of-64", "64 names are not too many where something else is wrong.", input={"value": ["tag_in", 5, ["x"] * 64]}, refused=["PIR0205 /1"], near=["PIR0304"], denies=["sort/parameter"], flags=["Edge"])
    add("action-of-64", "An action of 64 further keys still lacks its verb.", input={"value": ["always", {f"k{at}": 1 for at in range(64)}]}, refused="PIR0209", near=["PIR0304"], denies=["sort/required-key"], flags=["Edge"])
    add("due-of-text", "A text whose term is of another sort than is due is refused at the whole.", input={"text": '["top"]', "sort": "Scorer"}, refused=["PIR0203"], denies=["sort/sort"])
    return book


def sources() -> Book:
    book = Book("syntax/source-edges", "syntax", "Bytes and texts at their beginning and end.")
    book.add("nul-in-string", "A NUL among the bytes of a string is a character that must not stand there.", input={"bytes": "5b2261002200225d"}, refused="PIR0108", denies=["json/string"])
    book.add("nul-first", "A NUL at the beginning starts no token.", input={"bytes": "005b5b00"}, refused="PIR0101", denies=["json/character"])
    book.add("bytes-at-bound", "A source of 262144 bytes is read.", input={"bytes": [b'["top"'.hex(), ["20", 262137], "5d"]}, result={"term": ["top"]}, rules=["source/size"], near=["PIR0004"], flags=["Edge"])
    book.add("auto-letter", "Only a bracket, a brace or a quote begins the wire syntax, white space before it left out.", input={"text": 'X["top"]', "syntax": "auto"}, refused="PIR0123")
    for name, digits, comment in [("first-above", "e000", "The first character above the surrogates is no surrogate"), ("first-below", "d7ff", "Nor is the last below them")]:
        book.add(f"surrogates-{name}", f"{comment}.", input={"syntax": "authoring", "text": f'filter has_cap("\\u{digits}")'}, result={"term": ["has_cap", chr(int(digits, 16))]}, rules=["authoring/string"], near=["PIR0113"], flags=["Unicode"])
    book.add("surrogates-last", "The last surrogate is one.", input={"syntax": "authoring", "text": 'filter has_cap("\\udfff")'}, refused="PIR0113", denies=["authoring/string"])
    return book
