"""Chapter Syntax, up to JSON: sources, tokens, numbers and strings of the wire syntax."""

from __future__ import annotations

from vectors.book import Book

# fmt: off
TOP = '["top"]'


def books() -> list[Book]:
    return [sources(), tokens(), numbers(), strings()]


def sources() -> Book:
    book = Book("syntax/source", "syntax", "Source texts: size, UTF-8, byte-order mark, emptiness, and which syntax.")

    def text(name: str, comment: str, given: object, **more: object) -> None:
        book.add(name, comment, input={"text": given, **more.pop("with_", {})}, **more)  # type: ignore[arg-type,dict-item]

    def data(name: str, comment: str, given: object, **more: object) -> None:
        book.add(name, comment, input={"bytes": given}, **more)  # type: ignore[arg-type]

    text("largest", "262144 bytes are a source, white space included.", [TOP, [" ", 262137]], near=["PIR0004"],
         denies=["source/size"], flags=["Edge"])
    text("too-large", "One byte more than 262144 is refused, even if it is white space.", [TOP, [" ", 262138]],
         refused="PIR0004", rules=["source/size"], flags=["PastEdge"])
    text("size-in-bytes", "The size is that of the UTF-8, so 131073 characters of two bytes are too many.",
         ['["has_cap", "', ["é", 131073], '"]'], refused="PIR0004", rules=["source/size"], flags=["Unicode"])
    data("too-large-and-not-utf-8", "The size is looked at before the encoding.", [["ff", 262145]], refused="PIR0004",
         rules=["source/size"], denies=["source/utf-8"], flags=["PastEdge"])
    data("bytes", "A source may come as bytes.", TOP.encode().hex(), near=["PIR0002"], denies=["source/utf-8"])
    for name, what, where in [
        ("lone-continuation", "A continuation byte alone", "80"),
        ("truncated-sequence", "A sequence of two bytes without its second", "c3"),
        ("overlong-slash", "An overlong form of two bytes", "c0af"),
        ("overlong-three", "An overlong form of three bytes", "e08080"),
        ("overlong-four", "An overlong form of four bytes", "f0808080"),
        ("surrogate", "A surrogate in the form of three bytes", "eda080"),
        ("surrogate-pair", "A surrogate pair of twice three bytes, as CESU-8 has it,", "eda0bdedb880"),
        ("beyond-unicode", "A code point beyond U+10FFFF", "f4908080"),
        ("byte-fe", "The byte FE", "fe"),
        ("five-bytes", "A sequence of five bytes", "f888808080"),
    ]:
        data(f"utf-8-{name}", f"{what} is no UTF-8.", b'["has_cap", "'.hex() + where + b'"]'.hex(),
             refused="PIR0002", rules=["source/utf-8"])
    data("utf-8-cut-off", "A sequence that the source ends in is no UTF-8.", b'["has_cap", "'.hex() + "f09f98",
         refused="PIR0002", rules=["source/utf-8"])
    data("utf-8-last-code-point", "U+10FFFF is a code point like any other.",
         '["has_cap", "\U0010ffff"]'.encode().hex(), near=["PIR0002"], denies=["source/utf-8"], flags=["Unicode", "Edge"])
    data("utf-8-noncharacter", "Noncharacters such as U+FFFE are code points like any others.",
         '["has_cap", "\ufffe"]'.encode().hex(), near=["PIR0002", "PIR0003"], denies=["source/utf-8"], flags=["Unicode"])
    data("mark", "A byte-order mark is refused.", "efbbbf" + TOP.encode().hex(), refused="PIR0003", rules=["source/mark"])
    text("mark-as-character", "U+FEFF at the start of a text is a byte-order mark as well.", "\ufeff" + TOP,
         refused="PIR0003", rules=["source/mark"])
    text("mark-alone", "A byte-order mark before nothing is refused for the mark, which is looked at first.", "\ufeff",
         refused="PIR0003", rules=["source/mark"], denies=["source/empty"])
    data("mark-and-not-utf-8", "A mark before bytes that are no UTF-8 is not what is reported.", "efbbbfff",
         refused="PIR0002", rules=["source/utf-8"], denies=["source/mark"])
    data("mark-utf-16", "The mark of UTF-16 is no UTF-8.", "fffe5b00", refused="PIR0002", rules=["source/utf-8"],
         denies=["source/mark"])
    text("mark-inside", "U+FEFF in a string is a character like any other.", '["has_cap", "\ufeff"]', near=["PIR0003"],
         denies=["source/mark"], flags=["Unicode"])
    text("mark-after-space", "U+FEFF after a space is no byte-order mark, and starts no token.", " \ufeff[]",
         refused="PIR0101", rules=["json/character"], denies=["source/mark"])
    text("empty", "A text of nothing is refused.", "", refused="PIR0005", rules=["source/empty"], flags=["Empty"])
    data("empty-bytes", "A source of no bytes is refused.", "", refused="PIR0005", rules=["source/empty"], flags=["Empty"])
    text("blank", "A text of white space is refused.", " \t\r\n\n ", refused="PIR0005", rules=["source/empty"])
    text("blank-no-break", "A no-break space is no white space of JSON.", "\u00a0", refused="PIR0101",
         rules=["json/character"], denies=["source/empty"], flags=["Unicode"])
    text("blank-form-feed", "A form feed is no white space of JSON.", "\f", refused="PIR0101", rules=["json/character"],
         denies=["source/empty"])
    text("white-space", "White space of the four kinds may stand between any two tokens.",
         '\r\n[\t"not" ,\n\n[ "top"\r]\t]\n', near=["PIR0005"], denies=["source/empty"])
    text("auto-wire", "A text that starts with a bracket is in the wire syntax.", ' \n["top"]',
         with_={"syntax": "auto"})
    text("auto-wire-record", "A text that starts with a brace is in the wire syntax, and no term.", '{"filter": 1}',
         with_={"syntax": "auto"}, refused="PIR0201", rules=["sort/term"])
    text("auto-wire-string", "A text that starts with a double quote is in the wire syntax, and no term.", '"top"',
         with_={"syntax": "auto"}, refused="PIR0201", rules=["sort/term"])
    text("auto-authoring", "A text that starts with anything else is in the authoring syntax.", "\tfilter top",
         with_={"syntax": "auto"})
    text("auto-comment", "A text that starts with a comment is in the authoring syntax.", "# [\nfilter top",
         with_={"syntax": "auto"})
    text("auto-empty", "A text of nothing is refused whatever the syntax.", "", with_={"syntax": "auto"},
         refused="PIR0005", rules=["source/empty"])
    text("wire-is-due", "Where the wire syntax is due, a text in the authoring syntax is no JSON.", "filter top",
         refused="PIR0101", rules=["json/character"])
    text("wire-number", "A number starts a text of the authoring syntax, but where the wire syntax is due it is no term.",
         "1.5", refused="PIR0201", rules=["sort/term"])
    return book


def tokens() -> Book:
    book = Book("syntax/json", "syntax", "JSON: tokens, brackets, separators, keys, and what JSON of the language lacks.")

    def refused(name: str, comment: str, text: object, code: str, rule: str, **more: object) -> None:
        book.add(name, comment, input={"text": text}, refused=code, rules=[rule], **more)  # type: ignore[arg-type]

    def read(name: str, comment: str, text: object, code: str, rule: str, **more: object) -> None:
        book.add(name, comment, input={"text": text}, near=[code], denies=[rule], **more)  # type: ignore[arg-type]

    character = ("PIR0101", "json/character")
    for name, what, text in [
        ("bare-word", "An unquoted operation", "[top]"),
        ("capital-true", "The word True", '["set_param", "stream", True]'),
        ("undefined", "The word undefined", '["set_param", "seed", undefined]'),
        ("bare-key", "A key without quotes", '["always", {action: "abort"}]'),
        ("semicolon", "A semicolon", '["and"; ["top"]]'),
        ("equals", "An equals sign for a colon", '["always", {"action" = "abort"}]'),
        ("curly-quotes", "A string in typographic quotes", "[“top”]"),
        ("backtick", "A name in backticks", "[`top`]"),
        ("backslash", "A backslash outside a string", '["top"\\]'),
        ("control", "A control character between tokens", '["top"\x01]'),
        ("nul", "A NUL between tokens", '["top"\x00]'),
        ("vertical-tab", "A vertical tab", '["top"\v]'),
        ("line-separator", "U+2028 between tokens", '["top"\u2028]'),
        ("no-break-space", "A no-break space between tokens", '["not",\u00a0["top"]]'),
        ("slash", "A slash alone", '["top"/]'),
        ("parenthesis", "A round bracket", '("top")'),
    ]:
        refused(f"character-{name}", f"{what} starts no token of JSON.", text, *character)
    read("character-in-string", "What starts no token may stand in a string.", '["has_cap", "; = ` \\\\ “ /"]', *character,
         flags=["Unicode"])
    token = ("PIR0102", "json/token")
    for name, what, text in [
        ("two-commas", "A second comma", '["and",, ["top"]]'),
        ("leading-comma", "A comma after an opening bracket", '[, "top"]'),
        ("comma-alone", "A comma alone", ","),
        ("colon-alone", "A colon alone", ":"),
        ("colon-in-list", "A colon in a list", '["has_cap": "x"]'),
        ("two-colons", "A second colon in a member", '["always", {"action": "abort": 1}]'),
        ("no-value", "A closing brace where a value is due", '["always", {"action": }]'),
        ("number-key", "A number as a key", '["always", {1: 2}]'),
        ("list-key", "A list as a key", '["always", {["a"]: 2}]'),
        ("boolean-key", "A boolean as a key", '["always", {true: 2}]'),
        ("comma-for-value", "A comma where a value is due", '["always", {"action":, "attempts": 1}]'),
    ]:
        refused(f"token-{name}", f"{what} cannot stand there.", text, *token)
    read("token-empty-list", "A closing bracket may follow an opening one.", '["chain", []]', *token)
    unclosed = ("PIR0103", "json/unclosed")
    refused("unclosed-list", "A list that the text ends in is not closed.", '["not", ["top"]', *unclosed)
    refused("unclosed-all", "A bracket alone is not closed.", "[", *unclosed)
    refused("unclosed-record", "A record that the text ends in is not closed.", '["always", {"action": "abort"', *unclosed)
    refused("unclosed-inner", "A brace is not closed where the bracket around it is.", '["always", {"action": "abort"]',
            *unclosed)
    read("closed", "Brackets of both kinds are closed in the reverse order.", '["filter_text", [{"a": 1}, {}]]', *unclosed)
    closer = ("PIR0104", "json/closer")
    refused("closer-alone", "A closing bracket alone closes nothing.", "]", *closer)
    refused("closer-brace", "A brace closes no bracket.", '["top"}', *closer)
    refused("closer-extra", "A closing bracket too many closes nothing, which is said rather than that it is text after the"
            " value.", '["top"]]', *closer)
    read("closer-matched", "A bracket in a string closes nothing and opens nothing.", '["has_cap", "]]}{["]', *closer)
    separator = ("PIR0105", "json/separator")
    refused("separator-comma", "A comma is missing.", '["not" ["top"]]', *separator)
    refused("separator-colon", "A colon is missing.", '["always", {"action" "abort"}]', *separator)
    refused("separator-members", "A comma is missing between members.", '["always", {"action": "abort" "attempts": 1}]',
            *separator)
    read("separator-no-space", "Between tokens no white space is needed.",
         '["always",{"action":"abort","attempts":1}]', *separator)
    trailing = ("PIR0106", "json/trailing-comma")
    refused("trailing-comma-list", "A comma before a closing bracket is refused.", '["not", ["top"],]', *trailing)
    refused("trailing-comma-record", "A comma before a closing brace is refused.", '["always", {"action": "abort",}]',
            *trailing)
    refused("trailing-comma-space", "White space after the comma makes no difference.", '["not", ["top"], \n ]', *trailing)
    read("comma-between", "A comma between entries is due.", '["and", ["top"], ["bot"]]', *trailing)
    after = ("PIR0107", "json/one-value")
    refused("after-term", "A second term after the first is refused.", '["top"] ["bot"]', *after)
    refused("after-word", "A word after the term is text after the value, whatever else is wrong with it.", '["top"] top',
            *after)
    refused("after-number", "A malformed number after the term is text after the value.", '["top"] 01', *after)
    refused("after-comma", "A comma after the term is text after the value.", '["top"],', *after)
    refused("after-null", "A null after the term is text after the value.", '["top"] null', *after)
    read("after-white-space", "White space after the term is fine.", '["top"] \t\r\n', *after)
    key = ("PIR0114", "json/key")
    refused("key-twice", "A key that its record has already is refused, even with the same value.",
            '["always", {"action": "abort", "action": "abort"}]', *key)
    refused("key-escaped", "Keys are compared as strings, so an escape hides no copy.",
            '["always", {"action": "abort", "\\u0061ction": "abort"}]', *key)
    refused("key-third", "Copies need not stand side by side.", '["filter_text", [{"a": 1, "b": 2, "a": 3}]]', *key)
    refused("key-empty-twice", "The empty key may stand once.", '["filter_text", [{"": 1, "": 2}]]', *key)
    read("key-case", "Keys that differ by case are different.", '["filter_text", [{"a": 1, "A": 2}]]', *key)
    read("key-normalisation", "Keys that only Unicode normalisation would make equal are different.",
         '["filter_text", [{"\u00e9": 1, "e\u0301": 2}]]', *key, flags=["Normalisation", "Unicode"])
    read("key-other-record", "A key may stand in each of two records.", '["filter_text", [{"a": 1}, {"a": 1}]]', *key)
    read("key-proto", "A key that means something to the implementation's language is a key like any other.",
         '["filter_text", [{"__proto__": 1, "constructor": 2, "toString": 3}]]', *key, flags=["HostName"])
    refused("key-proto-twice", "A key that means something to the implementation's language may stand once, too.",
            '["filter_text", [{"__proto__": 1, "__proto__": 2}]]', *key, flags=["HostName"])
    null = ("PIR0115", "json/null")
    refused("null-term", "A null is no term.", "null", *null)
    refused("null-subterm", "A null is refused where a subterm is due.", '["not", null]', *null)
    refused("null-parameter", "A null is refused where a parameter is due.", '["set_param", "seed", null]', *null)
    refused("null-optional", "A null is refused even as the value of an optional key.",
            '["always", {"action": "abort", "attempts": null}]', *null)
    read("null-string", "The text null is a string like any other.", '["has_cap", "null"]', *null, flags=["HostName"])
    comment = ("PIR0116", "json/comment")
    refused("comment-slashes", "A comment of two slashes is refused.", '["top"] // everything', *comment)
    refused("comment-hash", "A comment of a hash is refused.", '# everything\n["top"]', *comment)
    refused("comment-block", "A comment between marks is refused.", '["not", /* nothing */ ["top"]]', *comment)
    refused("comment-open", "A comment without an end is refused as a comment.", '["top"] /* everything', *comment)
    read("comment-string", "Marks of comments in a string are characters.", '["has_cap", "// # /* */"]', *comment)
    single = ("PIR0117", "json/single-quotes")
    refused("single-quotes", "A string in single quotes is refused.", "['top']", *single)
    refused("single-quotes-parameter", "A parameter in single quotes is refused.", "[\"has_cap\", 'x']", *single)
    read("single-quotes-inside", "Single quotes in a string are characters.", '["has_cap", "it\'s"]', *single)
    nesting = ("PIR0310", "json/nesting")
    refused("nesting-past", "The 67th open bracket is refused.", [["[", 67]], *nesting, flags=["PastEdge"])
    refused("nesting-mixed", "Brackets and braces count together.", [['[{"a":', 33], "[["], *nesting)
    refused("nesting-many", "A hundred thousand open brackets are refused like 67.", [["[", 100000]], *nesting)
    read("nesting-deepest-term", "66 brackets are enough for a node at depth 64, a list in it, and a record in that.",
         [['["when",["top"],', 63], '["filter_text",[{}]]', ["]", 63]], *nesting, flags=["Edge"])
    book.add("nesting-at-edge", "66 open brackets are read, and what they hold is then no term.",
             input={"text": [["[", 66], ["]", 66]]}, refused="PIR0201", rules=["sort/term"], denies=["json/nesting"],
             flags=["Edge"])
    read("nesting-closed", "Brackets that are closed again do not count.",
         ['["and"', [',["not",["top"]]', 100], "]"], *nesting)
    return book


def numbers() -> Book:
    book = Book("syntax/numbers", "syntax", "Numbers of the wire syntax: how they are written, and the binary64 they are.")

    def read(name: str, comment: str, literal: str, number: float | int | None = None, *flags: str, near: str = "",
             denies: str = "") -> None:
        book.add(name, comment, input={"text": f'["lit", {literal}]'}, flags=flags, near=[near] if near else [],
                 denies=[denies] if denies else [],
                 result=None if number is None else {"term": ["lit", number]})

    def refused(name: str, comment: str, literal: str, code: str, rule: str, *flags: str) -> None:
        book.add(name, comment, input={"text": f'["lit", {literal}]'}, refused=code, rules=[rule], flags=flags)

    form = ("PIR0109", "json/number")
    for name, what, literal in [
        ("leading-zero", "A leading zero", "01"),
        ("leading-zeros", "Two zeros", "00"),
        ("negative-leading-zero", "A leading zero after a minus", "-01"),
        ("plus", "A plus sign", "+1"),
        ("no-digits-after-point", "A point without digits after it", "1."),
        ("no-digits-before-point", "A point without digits before it", ".5"),
        ("point-and-exponent", "A point directly before an exponent", "1.e5"),
        ("exponent-without-digits", "An exponent without digits", "1e"),
        ("exponent-sign-alone", "An exponent of a sign alone", "1e+"),
        ("minus-alone", "A minus alone", "-"),
        ("two-minuses", "Two minuses", "--1"),
        ("hexadecimal", "A hexadecimal number", "0x10"),
        ("underscore", "A digit separator", "1_000"),
        ("two-points", "A second point", "1.2.3"),
        ("letter-behind", "A letter directly after a number", "1a"),
        ("fraction-exponent", "An exponent with a fraction", "1e1.5"),
        ("bigint", "The suffix of a big integer", "1n"),
    ]:
        refused(f"form-{name}", f"{what} is not how JSON writes numbers.", literal, *form)
    for name, what, literal, number in [
        ("integer", "An integer", "25", 25), ("zero", "Zero", "0", 0), ("fraction", "A fraction", "0.5", 0.5),
        ("capital-exponent", "A capital E", "1E2", 100), ("exponent-plus", "A plus in the exponent", "1e+2", 100),
        ("exponent-zeros", "Leading zeros in the exponent", "1e002", 100),
        ("negative-exponent", "A negative exponent", "25e-1", 2.5), ("trailing-zeros", "Zeros at the end", "2.500", 2.5),
        ("zero-exponent", "A zero with an exponent", "0e5", 0), ("zero-fraction", "A zero with a fraction", "0.000", 0),
    ]:
        read(f"form-{name}", f"{what} is a number of JSON.", literal, number, near="PIR0109", denies="json/number")
    read("minus-zero", "There is one zero, so a negative zero is 0.", "-0", 0, "Minus0")
    read("minus-zero-fraction", "A negative zero with a fraction is 0.", "-0.0", 0, "Minus0")
    read("minus-zero-exponent", "A negative zero with an exponent is 0.", "-0e-5", 0, "Minus0")
    read("same-as-integer", "A fraction of 0 makes no other number, so 25.0 is 25.", "25.0", 25)
    read("exact-integer-edge", "2^53 - 1 is read exactly.", "9007199254740991", 9007199254740991, "IntegerEdge", "Edge")
    read("integer-tie-even", "2^53 + 1 lies between two numbers, and goes to the even one below.", "9007199254740993",
         9007199254740992, "IntegerEdge", "Rounding")
    read("integer-tie-up", "2^53 + 3 lies between two numbers, and goes to the even one above.", "9007199254740995",
         9007199254740996, "IntegerEdge", "Rounding")
    read("integer-above-tie", "A fraction above the tie decides, however far behind the point it stands.",
         "9007199254740993.0000000000000000000000000000000000001", 9007199254740994, "IntegerEdge", "Rounding")
    read("integer-below-tie", "A fraction below the tie decides likewise.",
         "9007199254740994.9999999999999999999999999999999999999", 9007199254740994, "IntegerEdge", "Rounding")
    read("negative-integer-tie", "Ties of negative numbers go to the even one as well.", "-9007199254740993",
         -9007199254740992, "IntegerEdge", "Rounding")
    read("beyond-64-bits", "An integer of more than 64 bits is rounded like any number.", "18446744073709551617",
         18446744073709552000, "Rounding")
    read("below-overflow-half-way", "One less than half way to the next power of two is the largest number.",
         str(2**1024 - 2**970 - 1), 1.7976931348623157e308, "Edge", "Rounding", near="PIR0110", denies="json/overflow")
    read("long-integer", "An integer of 300 digits is rounded like any number.", "1" * 300, float("1" * 300), "Rounding")
    read("long-decimal", "A decimal of 400 digits is rounded once, at the end.", "0." + "1" * 400, float("0." + "1" * 20),
         "Rounding")
    read("long-one", "1 followed by 60 zeros behind the point is 1.", "1." + "0" * 60, 1)
    read("one-just-above-tie", "1 + 2^-53 is a tie that goes to 1, and a digit more makes it the next number.",
         "1.00000000000000011102230246251565404236316680908203125001", 1.0000000000000002, "Rounding")
    read("one-at-tie", "1 + 2^-53 itself goes to the even neighbour, 1.",
         "1.00000000000000011102230246251565404236316680908203125", 1, "Rounding")
    read("one-just-below-tie", "A little less than 1 + 2^-53 is 1.",
         "1.00000000000000011102230246251565404236316680908203124999", 1, "Rounding")
    read("one-odd-tie", "1 + 3 * 2^-53 is a tie that goes up to the even neighbour.",
         "1.00000000000000033306690738754696212708950042724609375", 1.0000000000000004, "Rounding")
    read("sum-of-tenths", "The sum of 0.1 and 0.2 has a decimal of its own, and is not 0.3.", "0.30000000000000004",
         0.30000000000000004, "Shortest")
    read("three-tenths", "0.3 is the number nearest to it.", "0.3", 0.3, "Shortest")
    read("many-digits-of-tenth", "The full decimal of the number nearest to 0.1 is that number.",
         "0.1000000000000000055511151231257827021181583404541015625", 0.1, "Shortest")
    read("power-23", "1e23 is below a tie, and its shortest form is not what its neighbour's is.", "1e23", 1e23,
         "Shortest", "Rounding")
    read("power-23-neighbour", "9.999999999999999e22 is the same number as 1e23.", "9.999999999999999e22", 1e23, "Shortest")
    read("power-22", "1e22 is the last power of ten that is exact.", "1e22", 1e22, "Shortest")
    read("largest", "The largest number is read.", "1.7976931348623157e308", 1.7976931348623157e308, "Edge",
         near="PIR0110", denies="json/overflow")
    read("largest-rounded", "Below half way to the next power of two a literal is rounded to the largest number.",
         "1.797693134862315807e308", 1.7976931348623157e308, "Edge", "Rounding", near="PIR0110", denies="json/overflow")
    overflow = ("PIR0110", "json/overflow")
    refused("overflow-half-way", "At half way to the next power of two a literal overflows.",
            str(2**1024 - 2**970), *overflow, "Overflow", "PastEdge")
    refused("overflow", "1e309 overflows.", "1e309", *overflow, "Overflow")
    refused("overflow-negative", "-1e309 overflows.", "-1e309", *overflow, "Overflow")
    refused("overflow-huge-exponent", "An exponent of 20 digits overflows.", "1e99999999999999999999", *overflow, "Overflow")
    refused("overflow-digits", "An integer of 400 digits overflows.", "9" * 400, *overflow, "Overflow")
    read("overflow-balanced", "Digits and exponent may balance, so 400 zeros behind the point and e400 are a number.",
         "0." + "0" * 400 + "1e401", 1, near="PIR0110", denies="json/overflow")
    underflow = ("PIR0111", "json/underflow")
    refused("underflow", "1e-400 is not 0, and its nearest number is.", "1e-400", *underflow, "Underflow")
    refused("underflow-negative", "-1e-400 underflows.", "-1e-400", *underflow, "Underflow")
    refused("underflow-below-half", "Just below half the least number a literal underflows.", "2.4703282292062327e-324",
            *underflow, "Underflow", "PastEdge", "DoubleSubnormal")
    refused("underflow-half", "Half the least number exactly is a tie that goes to 0.",
            "2.4703282292062327208299845824e-324", *underflow, "Underflow", "PastEdge", "DoubleSubnormal")
    refused("underflow-digits", "A decimal of 400 zeros underflows.", "0." + "0" * 400 + "1", *underflow, "Underflow")
    refused("underflow-huge-exponent", "An exponent of minus 20 digits underflows.", "1e-99999999999999999999", *underflow,
            "Underflow")
    read("underflow-above-half", "Just above half the least number a literal is that number.", "2.4703282292062328e-324",
         5e-324, "Edge", "DoubleSubnormal", near="PIR0111", denies="json/underflow")
    read("least", "The least number is read.", "5e-324", 5e-324, "Edge", "DoubleSubnormal", near="PIR0111",
         denies="json/underflow")
    read("least-full", "The least number is 4.940656458412465e-324 as well.", "4.940656458412465e-324", 5e-324,
         "DoubleSubnormal", near="PIR0111", denies="json/underflow")
    read("zero-small-exponent", "0e-400 is zero and no underflow.", "0e-400", 0, near="PIR0111", denies="json/underflow")
    read("zero-large-exponent", "0e400 is zero and no overflow.", "0e400", 0, near="PIR0110", denies="json/overflow")
    read("least-normal", "2.2250738585072014e-308 is the least normal number.", "2.2250738585072014e-308",
         2.2250738585072014e-308, "DoubleSubnormal")
    read("greatest-subnormal", "2.2250738585072011e-308 is half way below the least normal number, and a reader that loops"
         " on it is wrong.", "2.2250738585072011e-308", 2.225073858507201e-308, "DoubleSubnormal", "Rounding")
    read("greatest-subnormal-tie", "2.2250738585072012e-308 rounds up to the least normal number.",
         "2.2250738585072012e-308", 2.2250738585072014e-308, "DoubleSubnormal", "Rounding")
    finite = ("PIR0112", "json/not-finite")
    for literal in ("NaN", "nan", "Infinity", "-Infinity", "+Infinity", "inf", "-inf", "INF"):
        name = literal.lower().replace("-", "minus-").replace("+", "plus-")
        refused(f"not-finite-{name}{'-capital' if literal in ('NaN', 'INF') else ''}",
                f"The word {literal} is no number.", literal, *finite)
    book.add("not-finite-string", "The text Infinity is a string like any other.", input={"text": '["has_cap", "Infinity"]'},
             near=["PIR0112"], denies=["json/not-finite"], flags=["HostName"])
    return book


def strings() -> Book:
    book = Book("syntax/strings", "syntax", "Strings of the wire syntax: characters, escapes, surrogates.")

    def read(name: str, comment: str, literal: str, value: str, *flags: str, near: str = "PIR0108",
             denies: str = "json/string") -> None:
        book.add(name, comment, input={"text": f'["has_cap", "{literal}"]'}, result={"term": ["has_cap", value]},
                 flags=flags, near=[near], denies=[denies])

    def refused(name: str, comment: str, literal: str, code: str = "PIR0108", rule: str = "json/string",
                *flags: str) -> None:
        book.add(name, comment, input={"text": f'["has_cap", "{literal}"]'}, refused=code, rules=[rule], flags=flags)

    read("empty", "The empty string is a string.", "", "", "Empty")
    for name, escape, value in [
        ("quote", '\\"', '"'), ("backslash", "\\\\", "\\"), ("slash", "\\/", "/"), ("backspace", "\\b", "\b"),
        ("form-feed", "\\f", "\f"), ("line-feed", "\\n", "\n"), ("return", "\\r", "\r"), ("tab", "\\t", "\t"),
        ("nul", "\\u0000", "\0"), ("unicode", "\\u00e9", "é"), ("capital-digits", "\\u00E9x", "éx"),
        ("delete", "\\u007f", "\x7f"), ("noncharacter", "\\uffff", "\uffff"),
    ]:
        read(f"escape-{name}", f"The escape of {name.replace('-', ' ')} stands for one character.", escape, value, *["Unicode"] * (value > "\x7f"))
    read("escaped-letter", "A letter may be escaped.", "\\u0061", "a")
    read("nul-inside", "A NUL does not end a string.", "a\\u0000b", "a\0b")
    read("delete-raw", "U+007F may stand in a string as it is.", "a\x7fb", "a\x7fb")
    read("line-separators", "U+2028 and U+2029 may stand in a string as they are.", "a\u2028b\u2029c", "a\u2028b\u2029c",
         "Unicode")
    read("astral-raw", "A character beyond U+FFFF may stand in a string as it is.", "😀", "😀", "Unicode")
    read("astral-escaped", "An escaped surrogate pair is one code point.", "\\ud83d\\ude00", "😀", "Unicode",
         near="PIR0113", denies="json/surrogate")
    read("astral-capital", "The digits of an escaped pair may be capitals.", "\\uD83D\\uDE01", "😁", "Unicode",
         near="PIR0113", denies="json/surrogate")
    read("astral-first", "The first code point beyond U+FFFF is a pair.", "\\ud800\\udc00", "\U00010000", "Unicode", "Edge",
         near="PIR0113", denies="json/surrogate")
    read("astral-last", "The last code point is a pair.", "\\udbff\\udfff", "\U0010ffff", "Unicode", "Edge",
         near="PIR0113", denies="json/surrogate")
    read("before-surrogates", "U+D7FF and U+E000 are next to the surrogates and none.", "\\ud7ff\\ue000", "\ud7ff\ue000",
         "Unicode", "Edge", near="PIR0113", denies="json/surrogate")
    read("not-normalised", "A string is not normalised.", "e\u0301", "e\u0301", "Unicode", "Normalisation")
    read("escaped-backslash-u", "An escaped backslash before u is a backslash and a letter.", "\\\\ud800", "\\ud800",
         near="PIR0113", denies="json/surrogate")
    for name, what, literal in [
        ("line-feed", "A line feed", "a\nb"), ("return", "A carriage return", "a\rb"), ("tab", "A tab", "a\tb"),
        ("nul", "A NUL", "a\0b"), ("unit-separator", "U+001F", "a\x1fb"),
    ]:
        refused(f"raw-{name}", f"{what} must not stand in a string as it is.", literal)
    for name, what, literal in [
        ("x", "x", "\\x41"), ("v", "v", "\\v"), ("zero", "0", "\\0"), ("quote", "a single quote", "\\'"),
        ("u-braces", "u with braces", "\\u{e9}"), ("u-short", "u with three digits", "\\u00e"),
        ("u-letter", "u with a digit that is none", "\\u00eg"), ("capital-u", "U", "\\U0001f600"),
        ("line-feed", "a line feed", "\\\n"), ("u-sign", "u with a sign", "\\u+0e9"), ("u-space", "u with a space", "\\u 0e9"),
    ]:
        refused(f"no-escape-{name}", f"JSON has no escape of {what}.", literal)
    book.add("open", "A string without an end is refused.", input={"text": '["has_cap", "x]'}, refused="PIR0108",
             rules=["json/string"])
    book.add("open-escaped", "A backslash before the closing quote takes the end away.",
             input={"text": '["has_cap", "x\\"]'}, refused="PIR0108", rules=["json/string"])
    book.add("open-backslash", "A backslash at the end of the text escapes nothing.", input={"text": '["has_cap", "\\'},
             refused="PIR0108", rules=["json/string"])
    surrogate = ("PIR0113", "json/surrogate")
    refused("surrogate-high", "A high surrogate alone is refused.", "\\ud800", *surrogate)
    refused("surrogate-low", "A low surrogate alone is refused.", "\\udfff", *surrogate)
    refused("surrogate-reversed", "A low surrogate before a high one makes no pair.", "\\ude00\\ud83d", *surrogate)
    refused("surrogate-two-high", "Two high surrogates make no pair.", "\\ud83d\\ud83d\\ude00", *surrogate)
    refused("surrogate-letter-between", "A letter between two surrogates makes them lone.", "\\ud83dx\\ude00", *surrogate)
    refused("surrogate-at-end", "A high surrogate at the end of a string has no second half.", "x\\udbff", *surrogate)
    book.add("surrogate-in-key", "A lone surrogate is refused in a key, too.",
             input={"text": '["filter_text", [{"\\ud800": 1}]]'}, refused="PIR0113", rules=["json/surrogate"])
    book.add("surrogate-in-operation", "A lone surrogate is refused at the head of a term, too.",
             input={"text": '["\\udc00"]'}, refused="PIR0113", rules=["json/surrogate"])
    book.add("operation-escaped", "An operation is a string's value, however that is escaped.",
             input={"text": '["\\u006eot", ["t\\u006fp"]]'}, result={"term": ["not", ["top"]]})
    book.add("relation-escaped", "An escaped relation is that relation.", input={"text": '["cmp", "price_in", "\\u006c\\u0065", 1]'},
             result={"term": ["cmp", "price_in", "le", 1]})
    book.add("key-escaped", "An escaped letter in a key changes no key.", input={"text": '["always", {"\\u0061ction": "\\u0061bort"}]'},
             result={"term": ["always", {"action": "abort"}]})
    book.add("host-names", "Names that mean something to the implementation's language are strings like any others.",
             input={"text": '["tag_in", "__proto__", ["constructor", "toString", "hasOwnProperty", "None", "nil", "NULL"]]'},
             flags=["HostName"])
    return book
