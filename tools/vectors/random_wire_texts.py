"""Chapter Syntax: wire texts and decoded values that two implementations once read differently, found by random texts."""

from __future__ import annotations

from vectors.book import Book


def books() -> list[Book]:
    return [met_by_chance()]


# fmt: off
def met_by_chance() -> Book:
    book = Book("syntax/met-by-chance", "syntax", "Wire texts and values in which two rules meet, and how far numbers, words and strings reach.")

    def refused(name: str, comment: str, text: str, code: str, rule: str, denies: str, *flags: str) -> None:
        book.add(name, comment, input={"text": text}, refused=code, rules=[rule], denies=[denies], flags=flags)

    refused("number-before-letter", "A letter beyond ASCII ends a number, and starts no token.", "[2938é]", "PIR0101", "json/character", "json/number", "Unicode")
    refused("number-before-digit", "So does a digit beyond ASCII.", "[12²]", "PIR0101", "json/character", "json/number", "Unicode")
    refused("number-before-late-letter", "So does a letter that came to Unicode late: no table is asked.", "[0\U00031df5]", "PIR0101", "json/character", "json/number", "Unicode")
    refused("odd-number-before-letter", "A number that is malformed already stays one before such a letter.", "[01é]", "PIR0109", "json/number", "json/character", "Unicode")
    refused("whole-number-before-letter", "After the whole value such a letter is more than the one value.", "0é", "PIR0107", "json/one-value", "json/character", "Unicode")
    refused("true-before-letter", "A letter beyond ASCII ends a word, so `true` is a value and the letter behind it starts no token.", '["set_param", "a", trueé]', "PIR0101", "json/character", "json/separator", "Unicode")
    refused("null-before-letter", "Directly before such a letter `null` is `null`.", '["lit", nullé]', "PIR0115", "json/null", "json/character", "Unicode")
    refused("nan-before-letter", "Directly before such a letter `nan` is `nan`.", '["lit", nané]', "PIR0112", "json/not-finite", "json/character", "Unicode")
    refused("nan-after-letter", "What begins with such a letter starts no token, whatever word follows.", '["lit", énan]', "PIR0101", "json/character", "json/not-finite", "Unicode")
    refused("dotless-infinity", "A dotless i is no i in any case.", '["lit", +ınf]', "PIR0109", "json/number", "json/not-finite", "Unicode")
    refused("nan-and-point", "A word does not reach over a point.", "NaN.0", "PIR0112", "json/not-finite", "json/character")
    refused("nan-and-hyphen", "A word does not reach over a hyphen.", '["lit", nan-1]', "PIR0112", "json/not-finite", "json/character")
    refused("null-and-point", "Nor does `null`, which counts before what is wrong behind it.", '["lit", null.]', "PIR0115", "json/null", "json/character")
    refused("nan-and-underscore", "A word reaches over an underscore.", '["lit", nan_]', "PIR0101", "json/character", "json/not-finite")
    refused("signed-infinity-and-point", "What begins with a sign reaches over points, so this is another thing than an infinity.", '["lit", +inf.0]', "PIR0109", "json/number", "json/not-finite")
    refused("two-signs", "Two signs before it make no infinity.", '["lit", --inf]', "PIR0109", "json/number", "json/not-finite")
    refused("comma-and-colon", "A comma is one too many only if it stands before the bracket; here a colon stands between.", '["chain", :]', "PIR0102", "json/token", "json/trailing-comma")
    refused("colon-before-closer", "A colon for a comma that nothing follows is one finding, and none is about a comma elsewhere.", '["and", ["top":], ["top"]]', "PIR0102", "json/token", "json/trailing-comma")
    refused("comma-and-character", "A character that starts no token between the comma and the bracket is what is wrong.", '["top", ;]', "PIR0101", "json/character", "json/trailing-comma")
    refused("comma-and-comments", "Comments between the comma and the bracket leave it one too many, and it comes first.", '["top", /* a */ // b\n]', "PIR0106", "json/trailing-comma", "json/comment")
    refused("string-after-value", "After the value a string without an end is more than the one value.", '["top"]"]', "PIR0107", "json/one-value", "json/string")
    refused("string-after-number", "After a number as well.", '0"+ze', "PIR0107", "json/one-value", "json/string")
    refused("escape-after-value", "So is a string with an escape that JSON does not have.", r'["top"] "\q"', "PIR0107", "json/one-value", "json/string")
    refused("quote-after-value", "So is what begins in single quotes.", "[\"top\"]'", "PIR0107", "json/one-value", "json/single-quotes")
    refused("overflow-after-value", "So is a number that overflows.", '["top"] 1e309', "PIR0107", "json/one-value", "json/overflow")
    refused("closer-and-string-after-value", "After the value a closing bracket is a closing bracket, whatever comes behind it.", '["top"]]"', "PIR0104", "json/closer", "json/one-value")
    refused("comment-and-string-after-value", "After the value a comment is a comment, whatever comes behind it.", '["top"] // a\n"', "PIR0116", "json/comment", "json/one-value")
    refused("escape-without-comma", "What is wrong in a string comes before the comma that is missing before it.", '["tag_in", "region""\\u0:e9"]', "PIR0108", "json/string", "json/separator")
    refused("surrogate-without-colon", "So it is where a colon is missing.", r'["always", {"action" "\ud800"}]', "PIR0113", "json/surrogate", "json/separator")
    refused("number-without-comma", "What is wrong with a number comes before the comma that is missing before it.", '["lit" 01]', "PIR0109", "json/number", "json/separator")
    refused("escaped-line-end", "A backslash does not carry a string over the end of its line, and that it has no end comes before what is in it.", '["has_cap", "\\ud800\\\n"]', "PIR0108", "json/string", "json/surrogate")
    refused("surrogate-before-line-end", "A string has no end where its line ends before it, whatever stands in it.", '["has_cap", "\\ud800\n"]', "PIR0108", "json/string", "json/surrogate")

    def value(name: str, comment: str, given: object, first: str, *then: str, rules: list[str], denies: str) -> None:
        book.add(name, comment, input={"value": given}, refused=[first, *then], rules=rules, denies=[denies], flags=["PastEdge"])

    long = "k" * 257
    value("null-after-long-key", "In a decoded record null is found before a key that is too long, wherever they stand.", ["always", {"action": "abort", long: 1, "attempts": None}],
          "PIR0115 /1/attempts", f"PIR0303 /1/{long}", rules=["json/null", "bound/string"], denies="sort/parameter")
    value("null-of-long-key", "So it is where the null is the value of that key.", ["always", {"action": "abort", long: None}], "PIR0115", f"PIR0303 /1/{long}", rules=["json/null", "bound/string"], denies="sort/parameter")
    value("null-after-long-provider", "So it is in an entry of a chain.", ["chain", [{long: "a", "provider": "p", "model": None}]], "PIR0115 /1/0/model", f"PIR0303 /1/0/{long}", f"PIR0208 /1/0/{long}",
          rules=["json/null", "bound/string", "sort/key"], denies="sort/required-key")

    def data(name: str, comment: str, given: str, code: str, rule: str, denies: str) -> None:
        book.add(name, comment, input={"bytes": given}, refused=code, rules=[rule], denies=[denies])

    data("little-endian", "ASCII in UTF-16 is well-formed UTF-8, with a NUL after each character.", '["top"]'.encode("utf-16-le").hex(), "PIR0101", "json/character", "source/utf-8")
    data("big-endian", "The other order has a NUL before each.", '["top"]'.encode("utf-16-be").hex(), "PIR0101", "json/character", "source/utf-8")
    data("nul-after-closer", "A NUL does not make a text one in another encoding.", "7d003100", "PIR0104", "json/closer", "source/utf-8")
    data("latin-in-little-endian", "A letter beyond ASCII in UTF-16 is no UTF-8.", '["é"]'.encode("utf-16-le").hex(), "PIR0002", "source/utf-8", "json/character")
    return book
