"""Chapter Syntax: bounds at their edge and one past it, which findings there are and in which order, and printing."""

from __future__ import annotations

import json
from typing import Any

from vectors.book import Book
from vectors.examples import ABORT


def books() -> list[Book]:
    return [bounds(), findings(), printing()]


# fmt: off
def bounds() -> Book:
    book = Book("syntax/bounds", "syntax", "Bounds of terms at their edge and one past it.")

    def edge(name: str, comment: str, text: Any, rule: str, code: str, *flags: str) -> None:
        book.add(name, comment, input={"text": text}, rules=[rule], near=[code], flags=["Edge", *flags])

    def past(name: str, comment: str, text: Any, rule: str, code: str, *flags: str) -> None:
        book.add(name, comment, input={"text": text}, denies=[rule], refused=[code], flags=["PastEdge", *flags])

    depth = ("bound/depth", "PIR0301")
    for name, before, inside, after in [("not", '["not",', '["top"]', "]"), ("neg", '["neg",', '["zero"]', "]"),
                                        ("first-argument", '["override",', '["always",{"action":"abort"}]', ',"x",{"action":"abort"}]'),
                                        ("last-argument", '["top_k",1,', '["argmax"]', "]")]:
        edge(f"depth-{name}", f"Depth 64 is allowed along {name.replace('-', ' ')}.", [[before, 63], inside, [after, 63]], *depth)
        past(f"depth-{name}-past", f"Depth 65 is not, along {name.replace('-', ' ')}.", [[before, 64], inside, [after, 64]], *depth)
    book.add("depth-of-a-policy", "The slots of a policy have depth 2, so a filter may be 63 deep.",
             input={"text": ['["policy",', ['["not",', 62], '["top"]', ["]", 62], ',["zero"],["argmax"],["id"],["always",{"action":"abort"}]]']}, rules=["bound/depth"], near=["PIR0301"], flags=["Edge"])
    book.add("depth-of-a-policy-past", "In a policy a filter that is 64 deep is too deep.",
             input={"text": ['["policy",', ['["not",', 63], '["top"]', ["]", 63], ',["zero"],["argmax"],["id"],["always",{"action":"abort"}]]']}, denies=["bound/depth"], refused=["PIR0301"], flags=["PastEdge"])
    book.add("depth-parameters", "Lists and records of parameters have no depth.", input={"text": [['["when",["top"],', 63], '["filter_text",["a",{"b":1}]]', ["]", 63]]}, rules=["bound/depth"], near=["PIR0301"], flags=["Edge"])
    book.add("depth-unknown-operation", "Depth counts below an unknown operation, too.", input={"text": ['["nto",', ['["not",', 64], '["top"]', ["]", 65]]}, denies=["bound/depth"], refused="PIR0202", rules=["sort/operation"])
    nodes = ("bound/nodes", "PIR0302")
    edge("nodes", "4096 nodes are allowed.", ['["and"', [',["top"]', 4095], "]"], *nodes)
    past("nodes-past", "4097 nodes are too many, and the last of them is named.", ['["and"', [',["top"]', 4096], "]"], *nodes)
    edge("nodes-spread", "Nodes are counted wherever they stand.", ['["or",["and"', [',["top"]', 2047], '],["and"', [',["bot"]', 2046], "]]"], *nodes)
    past("nodes-spread-past", "Nodes are counted in the order of the term, so the one after the last is deep inside.", ['["or",["and"', [',["top"]', 2047], '],["and"', [',["bot"]', 2047], "]]"], *nodes)
    book.add("nodes-many", "A text of 30000 nodes has one finding, at the first node too many.", input={"text": ['["and"', [',["top"]', 29126], "]"]}, denies=["bound/nodes"], refused=["PIR0302"])
    string = ("bound/string", "PIR0303")
    for width, char, what in [(1, "x", "one byte"), (2, "é", "two bytes"), (3, "模", "three bytes"), (4, "😀", "four bytes")]:
        count = 256 // width
        flags = ["Unicode"] if width > 1 else []
        fill = "x" * (256 - count * width)
        edge(f"string-{width}-bytes", f"256 bytes of characters of {what} are a string.", ['["has_cap","', [char, count], fill, '"]'], *string, *flags)
        past(f"string-{width}-bytes-past", f"257 bytes of characters of {what} are too many.", ['["has_cap","', [char, count], fill, 'x"]'], *string, *flags)
    edge("string-escaped", "What counts is the string and not how it is escaped.", ['["has_cap","', ["\\u0061", 256], '"]'], *string)
    past("string-escaped-past", "Escapes of few characters may be many bytes.", ['["has_cap","', ["\\ud83d\\ude00", 65], '"]'], *string, "Unicode")
    for name, before, after in [("name-in-list", '["tag_in","region",["eu","', '"]]'), ("scalar", '["set_param","user","', '"]'), ("recipe-step", '["filter_text",["', '"]]'),
                                ("setting-key", '["filter_text",[{"', '":1}]]'), ("chain-value", '["chain",[{"model":"m","provider":"', '"}]]'),
                                ("further-key", '["always",{"action":"abort","', '":1}]'), ("reason", '["override",["always",{"action":"abort"}],"', '",{"action":"abort"}]')]:
        edge(f"string-{name}", f"256 bytes are allowed for a {name.replace('-', ' ')}.", [before, ["k", 256], after], *string)
        past(f"string-{name}-past", f"257 bytes are too many for a {name.replace('-', ' ')}.", [before, ["k", 257], after], *string)
    book.add("string-operation", "An operation that is too long is unknown and nothing else.", input={"text": ['["', ["x", 300], '"]']}, refused=["PIR0202"], rules=["sort/operation"], denies=["bound/string"])
    book.add("string-relation", "A relation that is too long is unknown and nothing else.", input={"text": ['["cmp","price_in","', ["x", 300], '",1]']}, refused=["PIR0206"], rules=["sort/relation"], denies=["bound/string"])
    book.add("string-verb", "A verb that is too long is unknown and nothing else.", input={"text": ['["always",{"action":"', ["x", 300], '"}]']}, refused=["PIR0207"], rules=["sort/action"], denies=["bound/string"])
    entries = ("bound/entries", "PIR0304")
    keys = [f'"k{at}":1' for at in range(65)]
    for name, before, after, items, fixed in [
        ("names", '["tag_in","region",[', "]]", ['"eu"'] * 65, 0), ("recipe", '["filter_text",[', "]]", ['"RedactPII"'] * 65, 0),
        ("settings", '["filter_text",[{', "}]]", keys, 0), ("chain", '["chain",[', "]]", ['{"provider":"a","model":"m"}'] * 65, 0),
        ("action", '["always",{"action":"abort",', "}]", keys, 1), ("backoffs", '["always",{"action":"abort","backoff_ms":[', "]}]", ["1"] * 65, 0),
    ]:
        edge(f"entries-{name}", f"64 entries are allowed in a parameter: {name}.", before + ",".join(items[: 64 - fixed]) + after, *entries)
        past(f"entries-{name}-past", f"65 entries are too many in a parameter: {name}.", before + ",".join(items[: 65 - fixed]) + after, *entries)
    book.add("entries-and-what-is-in-them", "In a list of too many entries nothing else is looked at.", input={"text": ['["tag_in","region",["eu"', [",1", 64], "]]"]}, denies=["bound/entries"], rules=["finding/consequence"], refused=["PIR0304"])
    book.add("entries-of-a-chain-entry", "A record of 65 keys as an entry of a chain is too large, and its keys are not looked at.", input={"text": ['["chain",[{"provider":"a",', ",".join(keys[:64]), "}]]"]}, denies=["bound/entries"],
             rules=["finding/consequence"], refused=["PIR0304"], flags=["PastEdge"])
    return book


def findings() -> Book:
    book = Book("syntax/findings", "syntax", "Which findings there are where several things are wrong, and in which order.")

    def found(name: str, comment: str, value: Any, codes: list[str], *rules: str, denies: tuple[str, ...] = ()) -> None:
        book.add(name, comment, input={"text": value if isinstance(value, str) else json.dumps(value)}, refused=codes[0] if codes[0] < "PIR0130" else codes, rules=rules, denies=denies)

    found("stage-json-before-terms", "While the JSON is wrong nothing is said about sorts.", '["not", ["zero"], null]', ["PIR0115"], "finding/stage", "diagnostic/stages", "json/null", denies=("sort/sort",))
    found("stage-source-before-json", "While the source is wrong nothing is said about the JSON.", '\ufeff["not", 01]', ["PIR0003"], "finding/stage", "diagnostic/stages", "source/mark", denies=("json/number",))
    found("stage-terms-and-bounds", "Sorts and bounds are one stage.", ["and", ["zero"], ["has_cap", "x" * 257]], ["PIR0203", "PIR0303"], "finding/order", "diagnostic/all", denies=("finding/stage", "diagnostic/stages"))
    found("all", "Every finding is reported, in the order of the text.", ["and", ["is", 1], ["nto"], "top", ["cmp", "price_in", "<", "1"]], ["PIR0205", "PIR0202", "PIR0201", "PIR0206", "PIR0205"],
          "finding/order", "diagnostic/all", "diagnostic/order", "diagnostic/refusal")
    found("one", "Where one thing is wrong, one thing is reported.", ["and", ["top"], ["is", 1]], ["PIR0205"], "finding/place", denies=("finding/order", "finding/together", "diagnostic/all", "diagnostic/order"))
    found("order-deep", "A finding deep inside an earlier argument comes before one at the next argument.", ["and", ["not", ["not", ["is", 1]]], 5], ["PIR0205", "PIR0201"], "finding/order")
    found("order-node-before-part", "What is wrong with a node comes before what is wrong inside it.", ["not", ["neg", ["field", 1]]], ["PIR0203", "PIR0205"], "finding/order")
    found("order-tenth-argument", "The order is that of the text, and not that of pointers as texts.", ["and", ["top"], 2, *[["top"]] * 7, ["top"], 11], ["PIR0201", "PIR0201"], "finding/order")
    found("order-record-members", "Findings in a record come in the order in which its members are written.", '["always", {"zeta": "x", "alpha": "y", "action": "abort"}]', ["PIR0205", "PIR0205"], "finding/order")
    found("place-required-key", "A missing key is noticed at the closing brace, after what is wrong in the record.", ["always", {"house": True}], ["PIR0205", "PIR0209"], "finding/place", "finding/order")
    found("place-chain-entry", "Of a chain entry, too.", ["chain", [{"region": "eu", "provider": "a"}]], ["PIR0208", "PIR0209"], "finding/place")
    found("place-unclosed", "An unclosed bracket is noticed at the end of the text, after what else is wrong.", '["not", [+1]', ["PIR0109"], "finding/order", denies=("json/unclosed", "finding/place"))
    found("place-one-value", "A second value takes precedence over what is wrong with it.", '["top"] +1', ["PIR0107"], "finding/place", denies=("json/number",))
    found("place-trailing-comma", "A trailing comma is noticed at the comma, before a comment behind it.", '["not", ["top"], // why\n]', ["PIR0106"], "finding/place", denies=("json/comment",))
    found("together-token-first", "What is wrong with a token comes before what is wrong with its standing there.", '["not" \'top\']', ["PIR0117"], "finding/together", denies=("json/separator",))
    found("together-null-last", "A null comes after what is wrong with its standing there.", '["not" null]', ["PIR0105"], "finding/together", denies=("json/null",))
    found("together-sort-before-arity", "The sort of a term comes before the number of its arguments.", ["not", ["neg"]], ["PIR0203", "PIR0204"], "finding/together")
    found("together-key-before-value", "A key comes before its value.", ["filter_text", [{"x" * 257: True}]], ["PIR0303", "PIR0205"], "finding/together")
    found("together-long-key-unknown", "A key that is too long and unknown is too long first.", ["chain", [{"x" * 257: "a", "provider": "a", "model": "b"}]], ["PIR0303", "PIR0208"], "finding/together")
    deep: Any = ["zero"]
    for _ in range(64):
        deep = ["not", deep]
    found("together-depth-before-sort", "The depth of a node comes before its sort, and below it nothing is looked at.", deep, ["PIR0301"], "finding/together", "finding/consequence")
    deep = ["and", ["top"], *[["not", ["top"]]] * 2047, ["zero"]]
    found("together-nodes-before-sort", "The number of nodes comes before the sort of the node after the last.", deep, ["PIR0302"], "finding/together", "finding/consequence")
    found("consequence-unknown-operation", "Of an unknown operation, arguments that are no terms are not looked at.", ["nto", "top", 3, {}, ["x"], []], ["PIR0202"], "finding/consequence", "diagnostic/consequence")
    found("consequence-unknown-operation-terms", "Those that are terms of the signature are looked at, without a sort that is due.", ["nto", ["is", 1], ["zero"]], ["PIR0202", "PIR0205"], denies=("finding/consequence", "diagnostic/consequence"))
    found("consequence-arity", "After a wrong number of arguments, parameters are not looked at.", ["cmp", "price_in", 25], ["PIR0204"], "finding/consequence")
    found("consequence-arity-terms", "Terms are, without a sort that is due.", ["gate", ["is", 1], ["zero"], ["argmax", 1]], ["PIR0204", "PIR0205", "PIR0204"], denies=("finding/consequence",))
    found("consequence-no-term", "In a list that is no term, terms are looked at, at its head too.", [["is", 1], ["bot", 2], 3], ["PIR0201", "PIR0205", "PIR0204"], denies=("finding/consequence",))
    found("consequence-sort", "After a wrong sort, arguments are looked at as those of the operation that stands there.", ["not", ["gate", ["zero"], ["top"]]], ["PIR0203", "PIR0203", "PIR0203"], denies=("finding/consequence",))
    found("pointer-escapes", "In a pointer a tilde is ~0 and a slash is ~1.", ["filter_text", [{"a/b~c": True, "~1": True}]], ["PIR0205", "PIR0205"], "finding/place")
    found("pointer-empty-key", "In a pointer the empty key is nothing after the slash.", ["filter_text", [{"": True}]], ["PIR0205"], "finding/place")
    found("pointer-unicode", "In a pointer a key stands as it is.", ["filter_text", [{"é😀": True}]], ["PIR0205"], "finding/place")
    found("pointer-host-name", "A key that objects have is pointed at like any other.", ["always", {"action": "abort", "__proto__": "x"}], ["PIR0205"], "finding/place")
    for name, value, codes in [
        ("policy-slots", ["policy", ["zero"], ["top"], ["id"], ["argmax"], ["top"]], ["PIR0203"] * 5),
        ("policy-four", ["policy", ["top"], ["zero"], ["argmax"], ["id"]], ["PIR0204"]),
        ("action-everything", ["always", {"action": "quit", "attempts": "1", "then_action": "quit", "backoff_ms": ["x", 1, "y"], "open_breaker_ms": [], "house": "z"}], ["PIR0207", "PIR0205", "PIR0207", "PIR0205", "PIR0205", "PIR0205", "PIR0205"]),
        ("test-everything", ["test", ["top"], "lte", "1"], ["PIR0203", "PIR0206", "PIR0205"]),
        ("chain-everything", ["chain", ["x", {}, {"provider": 1, "model": 2}, {"model": "m"}]], ["PIR0205", "PIR0209", "PIR0209", "PIR0205", "PIR0205", "PIR0209"]),
    ]:
        found(f"several-{name}", f"Several findings in one node: {name.replace('-', ' ')}.", value, codes, "diagnostic/all", "finding/order")
    return book


def printing() -> Book:
    book = Book("syntax/printing", "print", "How a term is written in the wire syntax, byte for byte.")

    def printed(name: str, comment: str, term: Any, rule: str, *flags: str, text: str | None = None, denies: tuple[str, ...] = ()) -> None:
        book.add(name, comment, input={"text": term if isinstance(term, str) else json.dumps(term, ensure_ascii=False), "to": "wire"}, rules=[rule], denies=denies, flags=flags,
                 result=None if text is None else {"text": text + "\n"})

    for name, number, text, flags in [
        ("zero", "0", "0", ()), ("minus-zero", "-0.0", "0", ("Minus0",)), ("integer", "25.0", "25", ()), ("negative", "-25", "-25", ()), ("greatest-integer", "9007199254740991", "9007199254740991", ("IntegerEdge",)),
        ("past-greatest-integer", "9007199254740992", "9007199254740992.0", ("IntegerEdge",)), ("past-least-integer", "-9007199254740992", "-9007199254740992.0", ("IntegerEdge",)),
        ("last-without-exponent", "9999999999999998", "9999999999999998.0", ()), ("first-with-exponent", "1e16", "1e+16", ()), ("many-digits", "12345678901234567890", "1.2345678901234567e+19", ("Shortest",)),
        ("last-small-without-exponent", "0.0001", "0.0001", ()), ("first-small-with-exponent", "0.00001", "1e-05", ()), ("below-edge", "0.000099999", "9.9999e-05", ()), ("two-digit-exponent", "1e-7", "1e-07", ()),
        ("three-digit-exponent", "1e100", "1e+100", ()), ("tenth", "0.1", "0.1", ("Shortest",)), ("sum", "0.30000000000000004", "0.30000000000000004", ("Shortest",)), ("power-23", "1e23", "1e+23", ("Shortest",)),
        ("least", "5e-324", "5e-324", ("DoubleSubnormal", "Shortest")), ("greatest", "1.7976931348623157e308", "1.7976931348623157e+308", ("Edge",)), ("half", "2.50", "2.5", ()), ("small-integer-power", "1e15", "1000000000000000", ()),
    ]:
        printed(f"number-{name}", f"The number {number} is written as {text}.", f'["lit", {number}]', "print/number", *flags, text=f'["lit", {text}]')
    for name, literal, text, what in [
        ("quote", '\\"', '\\"', "A quote is escaped"), ("backslash", "\\\\", "\\\\", "A backslash is escaped"), ("slash", "\\/", "/", "A slash is not escaped"), ("short", "\\b\\f\\n\\r\\t", "\\b\\f\\n\\r\\t", "The short escapes are used"),
        ("control", "\\u0000\\u001f", "\\u0000\\u001f", "Other control characters have four digits"), ("delete", "\x7f\x80\x9f", "\\u007f\\u0080\\u009f", "U+007F to U+009F are escaped"),
        ("no-break-space", "\u00a0", "\u00a0", "A no-break space stands as it is"), ("soft-hyphen", "\u00ad", "\\u00ad", "A soft hyphen is escaped"), ("bidi", "\u202e\u2066", "\\u202e\\u2066", "What turns the direction of text is escaped"),
        ("zero-width", "\u200b\u2060\ufeff", "\\u200b\\u2060\\ufeff", "What is invisible is escaped"), ("separators", "\u2028\u2029", "\\u2028\\u2029", "Line separators are escaped"), ("tag", "\U000e0041", "\\udb40\\udc41", "A tag character is escaped as a pair"),
        ("letters", "é模😀", "é模😀", "Letters and pictures stand as they are"), ("combining", "e\u0301", "e\u0301", "Combining marks stand as they are"), ("unescaped", "\\u0061\\u00e9", "aé", "What needs no escape loses it"),
        ("next-to-invisible", "\u2010\u2027\u202f\u2070\ufff8", "\u2010\u2027\u202f\u2070\ufff8", "Neighbours of the escaped ranges stand as they are"), ("annotation", "\ufff9\ufffb", "\\ufff9\\ufffb", "Annotation marks are escaped"),
    ]:
        printed(f"string-{name}", f"{what} in a string.", f'["has_cap", "{literal}"]', "print/string", "Unicode", text=f'["has_cap", "{text}"]')
    printed("record-action", "The keys of an action come in their order, then the others by code points.", '["always", {"b": 1, "open_breaker_ms": 2, "a": 3, "B": 4, "attempts": 1, "action": "abort"}]',
            "print/record", text='["always", {"action": "abort", "attempts": 1, "open_breaker_ms": 2, "B": 4, "a": 3, "b": 1}]')
    printed("record-action-all", "All keys of an action come in the order of the table.", '["always", {"open_breaker_ms": 2, "then_action": "abort", "backoff_ms": 5, "attempts": 1, "action": "abort"}]',
            "print/record")
    printed("record-chain", "The keys of a chain entry come in their order.", '["chain", [{"model_family": "a", "model": "b", "provider_id": "c", "provider": "d"}]]', "print/record",
            text='["chain", [{"provider": "d", "provider_id": "c", "model": "b", "model_family": "a"}]]')
    printed("record-settings", "The keys of settings come by code points, and not by UTF-16.", '["filter_text", [{"\U00010000": 1, "\uff5e": 2, "b": 3, "aa": 4, "10": 5, "9": 6}]]', "print/record", "Utf16Order", "Unicode", "HostName",
            text='["filter_text", [{"10": 5, "9": 6, "aa": 4, "b": 3, "\uff5e": 2, "\U00010000": 1}]]')
    printed("line-short", "What fits stands on one line, whatever lines its author used.", '["and",\n ["top"],\n ["bot"]\n]', "print/line", text='["and", ["top"], ["bot"]]')
    printed("line-unbreakable", "What has nothing to break stands on one line, however long.", ["has_cap", "x" * 150], "print/break", text='["has_cap", "' + "x" * 150 + '"]')
    printed("line-edge", "A node that ends in column 99 stands on one line.", ["not", ["has_cap", "x" * 75]], "print/line", "Edge", denies=("print/break",))
    printed("line-past-edge", "A node that would end in column 100 is broken, though no mark follows it.", ["not", ["has_cap", "x" * 76]], "print/break", "PastEdge", denies=("print/line",))
    printed("line-with-mark", "The comma after a node may stand in column 100.", ["and", ["not", ["has_cap", "x" * 73]], ["top"]], "print/line", "Edge")
    printed("line-with-mark-past", "A node whose comma would stand in column 101 is broken.", ["and", ["not", ["has_cap", "x" * 74]], ["top"]], "print/break", "PastEdge")
    printed("line-last", "The last node of a list has the width of the others, though no comma follows it.", ["and", ["top"], ["not", ["has_cap", "x" * 74]]], "print/break", "PastEdge")
    printed("line-code-points", "Columns are counted in code points.", ["not", ["has_cap", "😀" * 64]], "print/line", "Unicode")
    printed("break-arguments", "Parameters before the first subterm stay on the first line.", ["clamp", 0, 1.5, ["add", *[["field", f"a_rather_long_name_of_a_field_{at}"] for at in range(4)]]], "print/break")
    printed("break-list", "A list that does not fit has each entry on a line.", ["tag_in", "region", [f"a_rather_long_name_of_a_region_{at}" for at in range(4)]], "print/break")
    printed("break-record", "A record that does not fit has each member on a line.", ["always", {"action": "retry_same", "backoff_ms": [100, 200], **{f"a_rather_long_further_key_{at}": at for at in range(3)}}], "print/break")
    printed("break-empty", "Empty lists and records are never broken.", ["seq", ["filter_text", ["a_rather_long_name_of_a_filter_step_that_fills_the_line_all_by_itself_nearly", {}]], ["filter_image", []]], "print/break")
    printed("break-chain", "Entries of a chain are kept whole where they fit.", ["chain", [{"provider": "a provider of some name", "model": f"a model of some name {at}"} for at in range(3)]], "print/break")
    printed("break-policy", "A policy is broken from the outside in.", ["policy", ["and", ["meets_req"], ["cmp", "price_out", "le", 25], ["tag_in", "region", ["eu", "us"]]], ["zero"], ["argmax"], ["id"],
                                                                            ["override", ["always", ABORT], "timeout", {"action": "retry_same", "attempts": 2, "backoff_ms": [250, 500, 1000]}]], "print/break")
    printed("from-authoring", "A text in the authoring syntax is written in the wire syntax.", "filter provider in {\"a\", \"b\"} and not disabled", "print/line")
    book.add("refused", "A text that is refused is not printed.", input={"text": '["not", ["zero"]]', "to": "wire"}, refused=["PIR0203"], denies=["print/line", "print/number", "print/string", "print/record"])
    return book
