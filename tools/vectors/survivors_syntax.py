"""Vectors that mutation testing of the readers asked for: slips that are told apart by what stands around them."""

from __future__ import annotations

from typing import Any

from vectors.book import Book


def books() -> list[Book]:
    return [slips_of_operands(), slips_of_marks(), slips_of_tokens()]


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
    refused("hyphen-in-word", "A hyphen between letters makes what is no word.", "filter a-b", "PIR0101", "word")
    refused("hyphen-behind-word", "A hyphen with nothing behind it is a subtraction.", "rank a-", "PIR0120", "word")
    refused("hyphen-alone", "So it is where a text begins with it.", "-", "PIR0120", "word")
    refused("equals-alone", "An operator of another language may be the first of a text.", "= a", "PIR0119", "mark")
    refused("string-before-end", "A string in single quotes comes before the bracket that is not closed.", "filter has_cap('x' and", "PIR0117", "string")
    refused("number-before-end", "What is no number comes before the operand that the end misses.", "filter 01 and", "PIR0109", "number")
    return slips.book
