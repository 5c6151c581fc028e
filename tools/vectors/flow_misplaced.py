"""Chapter Flows, the authoring syntax: what is found where a token cannot stand, one slip per text."""

from __future__ import annotations

from vectors.book import Book

# fmt: off


def books() -> list[Book]:
    return [names(), settings(), unclosed(), blocks(), blocks_in_policies()]


P = "policy { filter top }"
NODE = "flow {{ input ask llm a({1}) {{ {0} }} output out(a) }}"
BLOCK = '"""\n x\n """'


def _refuser(path: str, about: str) -> tuple[Book, dict[str, int]]:
    return Book(path, "flow-syntax", about), {}


def _add(book: Book, counts: dict[str, int], code: str, comment: str, text: str, **rest: object) -> None:
    """A vector that is named by its code and a number."""
    counts[code] = counts.get(code, 0) + 1
    book.add(f"{code.lower()}-{counts[code]}", f"{comment}.", input={"syntax": "authoring", "text": text}, refused=code, **rest)


def _inputs(given: str) -> str:
    return NODE.format(P, given)


def names() -> Book:
    book, counts = _refuser("flows/authoring-names-refused", "What cannot stand where a name is due, or behind one.")
    for code, comment, text in [
        ("PIR1001", "The word that begins a flow is in small letters", "Flow { }"), ("PIR1001", "It does not stand in backticks", "`flow` { }"), ("PIR1001", "A word that is nearly it begins no flow", "flwo { input ask }"),
        ("PIR0104", "A brace that closes nothing opens no flow", "flow } input ask"), ("PIR0104", "Where a name is due a closing parenthesis closes nothing", "flow { input ) }"), ("PIR0104", "Nor does a closing bracket", "flow { input ] }"), ("PIR0102", "The closing brace of the flow ends a statement too early", "flow { input }"),
        ("PIR0102", "A semicolon is no name", "flow { input ; }"), ("PIR0102", "A block is no name", f"flow {{ input {BLOCK} }}"), ("PIR0102", "A mark is no name", "flow { input < }"), ("PIR0102", "A star behind a name is no arithmetic", "flow { llm a*b(ask) { policy { } } }"),
        ("PIR0127", "The word policy is reserved", "flow { input policy }"), ("PIR0102", "It begins a statement where a name stands behind it", "flow { input policy p { } }"), ("PIR0102", "So does the word llm", "flow { input llm a(b) { policy { } } }"), ("PIR0102", "So does the word input", "flow { policy input ask }"), ("PIR1041", "Behind it one of the four words is none of the names that show this", "flow { input input input input }"),
        ("PIR0102", "A word in backticks starts no statement", "flow { `input` ask }"), ("PIR1040", "A reserved word starts none either", "flow { not ask }"), ("PIR0102", "A text starts none", 'flow { "input" ask }'), ("PIR0102", "A semicolon stands behind a statement only", "flow { ; }"), ("PIR0102", "Two of them do not", "flow { input ask; ; }"), ("PIR0102", "A comma starts no statement", "flow { , }"), ("PIR0128", "A comma ends none", "flow { input ask, llm a(ask) { policy { } } }"), ("PIR0128", "Not even the last", "flow { input ask, }"),
        ("PIR0205", "A number is none of the inputs", _inputs("5")), ("PIR0205", "A block is none", _inputs(BLOCK)), ("PIR0205", "Nor is what stands in brackets", _inputs("[ask]")), ("PIR0205", "Nor is a mark", _inputs("ask, <")), ("PIR0205", "Nor is what stands in parentheses", _inputs("(ask)")), ("PIR0205", "The input of an output is no number", "flow { output out(5) }"), ("PIR0205", "It is no block", f"flow {{ output out({BLOCK}) }}"),
        ("PIR0126", "Double quotes are found where a name is due", _inputs('ask, "b"')), ("PIR0127", "So are reserved words", _inputs("ask, in")), ("PIR0102", "Behind an input a text is no name that lacks a comma", _inputs('ask "b"')), ("PIR0102", "Nor is a reserved word", _inputs("ask in")), ("PIR0102", "Nor is a number", _inputs("ask 5")), ("PIR0102", "Nor is a block", _inputs(f"ask {BLOCK}")), ("PIR0105", "A name is, in backticks, too", _inputs("ask `b`")), ("PIR0128", "Inputs have commas between them", _inputs("ask; b")), ("PIR0128", "A semicolon does not stand behind the last", _inputs("ask;")), ("PIR0102", "A comma alone separates nothing", _inputs(",")), ("PIR0102", "Behind the last input stands one comma", _inputs("ask,,")), ("PIR0104", "The parenthesis of inputs is closed once", _inputs("ask)")), ("PIR0104", "A bracket does not close it", _inputs("ask]")), ("PIR0103", "Nor does a brace", "flow { llm a(ask } }"),
        ("PIR0102", "An output has one input", "flow { output out(a, b) }"), ("PIR0102", "No comma is missing behind it", "flow { output out(a b) }"), ("PIR0102", "No comma stands behind it", "flow { output out(a,) }"), ("PIR0102", "No semicolon does", "flow { output out(a;) }"), ("PIR0102", "No reserved word does", "flow { output out(a in) }"), ("PIR0102", "An output without an input lacks one", "flow { output out() }"), ("PIR0104", "A bracket does not close its parenthesis", "flow { output out(a] }"),
    ]:
        _add(book, counts, code, comment, text)
    return book


def settings() -> Book:
    book, counts = _refuser("flows/authoring-settings-refused", "What cannot stand where the value of a setting is due, or behind it.")
    for code, comment, given in [
        ("PIR0205", "A mark is no text", "system <"), ("PIR0205", "What stands in parentheses is none", 'system ("a")'), ("PIR0205", "What stands in braces is none", "template { }"), ("PIR0104", "A parenthesis that closes nothing is found as one", "system )"), ("PIR0104", "So is a bracket", "template ]"), ("PIR0102", "At the closing brace a text is missing", "system"), ("PIR0102", "At a semicolon it is, too", "system ;"), ("PIR0102", "At a comma it is, too", "system ,"),
        ("PIR0125", "A reserved word is a text without its quotes", "system not"), ("PIR0125", "The word of a setting is one as well", 'system template "t"'), ("PIR0125", "So is that of a statement", "system output o(a)"), ("PIR0101", "Of what starts no token nothing else is said", "system é"), ("PIR0101", "Nor of what stands behind it", "system é and more"), ("PIR0102", "A colon stands behind no word of a setting", 'system: "a"'), ("PIR0102", "Two texts are one too many", 'system "a" "b"'),
        ("PIR0126", "The words behind on_error have no double quotes", 'on_error "fail"'), ("PIR1007", "They have no backticks", "on_error `fail`"), ("PIR1007", "A reserved word is none of them", "on_error not"), ("PIR1007", "Nor is that of a setting", 'on_error system "x"'), ("PIR0205", "Nor is a number", "on_error 5"), ("PIR0205", "Nor is a block", f"on_error {BLOCK}"), ("PIR0205", "Nor is what stands in parentheses", "on_error (fail)"), ("PIR0205", "Nor is a mark", "on_error <"), ("PIR0104", "A bracket that closes nothing is found as one", "on_error ]"), ("PIR0102", "At a semicolon the word is missing", "on_error ;"),
        ("PIR0128", "A comma ends no setting", 'system "a", template "b"'), ("PIR0128", "Not even the last", "on_error fail,"), ("PIR0102", "A comma begins none", ", , system"), ("PIR0102", "Nor does a word in backticks", '`system` "x"'), ("PIR0102", "Nor does a text", '"system" "x"'), ("PIR0102", "Nor does a block", BLOCK), ("PIR1040", "A reserved word starts none", "in"), ("PIR0103", "The word input ends the node", "input b"), ("PIR0103", "The word llm does", "llm"), ("PIR0103", "The word output does", "output: x"), ("PIR1040", "The word flow does not", "flow { }"),
    ]:
        _add(book, counts, code, comment, NODE.format(f"{P}; {given}" if given[0] == "," else f"{P} {given}", "ask"))
    for code, comment, given in [("PIR0102", "A number is no policy", "policy 5"), ("PIR0102", "A block is none", f"policy {BLOCK}"), ("PIR0126", "A policy that is named has no double quotes", 'policy "p"'), ("PIR0127", "A reserved word names none", "policy filter top"), ("PIR0127", "The word of the next setting is reserved", "policy\n policy { }"), ("PIR0104", "A parenthesis that closes nothing is found as one", "policy )"), ("PIR0102", "At the closing brace a policy is missing", "policy"), ("PIR0102", "A colon stands behind no word of a setting", "policy: { }")]:
        _add(book, counts, code, comment, NODE.format(given, "ask"))
    return book


def unclosed() -> Book:
    book, counts = _refuser("flows/authoring-unclosed", "Policies and lists of names whose brackets are not closed, where a statement or a setting shows it.")
    head = "flow {\n  input ask\n"
    node = "  llm a(ask) {\n    policy {\n      filter top\n"
    for comment, text in [
        ("A prompt on a line of its own ends the policy", f'{head}{node}    system "x"\n  }}\n  output out(a)\n}}\n'), ("So does a template in a block", f"{head}{node}    template {BLOCK}\n  }}\n  output out(a)\n}}\n"), ("So does the word on_error with a name", f"{head}{node}    on_error input\n  }}\n  output out(a)\n}}\n"), ("So does a call", f"{head}{node}  llm b(a) {{\n    policy {{ }}\n  }}\n  output out(b)\n}}\n"), ("So does an output", f"{head}{node}  output out(a)\n}}\n"), ("So does an input", f"flow {{\n{node}  input ask\n}}\n"), ("So does a policy with a name", f"{head}  policy p {{\n    filter top\n  policy r {{ }}\n  llm a(ask) {{ policy r }}\n}}\n"),
        ("Brackets that are open in the policy are closed with it", f'{head}{node[:-4]}(top and (a\n    system "x"\n  }}\n}}\n'), ("Behind its brace the same holds on one line", 'flow { llm a(ask) { policy { system "x" } } }'), ("It holds behind a semicolon", "flow { policy p { filter top; input ask }"), ("It holds behind a closing brace", 'flow { llm a(ask) { policy { filter provider in {"x"} system "y" } }'),
        ("Of an operand that is missing there nothing is said", f'{head}{node[:-4]}top and\n    system "x"\n  }}\n}}\n'), ("Nor is it where the text ends", "flow { llm a(ask) { policy { filter"),
        ("A call on a line of its own ends a list of inputs", "flow {\n  llm a(ask\n  llm b(ask) { policy { } }\n}\n"), ("A brace ends one", "flow { llm a(ask { policy { } } }"), ("A brace ends the one name of an output", "flow { output out(a { }"), ("A setting on a line of its own ends a list of inputs", "flow {\n  llm a(ask\n    policy { }\n}\n"),
    ]:
        _add(book, counts, "PIR0103", comment, text)
    for code, comment, text in [("PIR0129", "Within a line nothing but a bracket or a semicolon before it shows a setting", 'flow { llm a(ask) { policy { filter top\n and a system "x" } } }'), ("PIR0105", "Within a line no statement is shown in a list of names", "flow { llm a(ask llm b(ask) { policy { } } }"), ("PIR0129", "A word of a setting without its value shows none", "flow { llm a(ask) { policy { filter a\n system } } }")]:
        _add(book, counts, code, comment, text)
    book.add("words-are-fields", "Fields may have the names of statements and settings.", input={"syntax": "authoring", "text": "flow { input ask llm a(ask) { policy { filter\n system and\n input or\n on_error rank\n output } } output out(a) }"})
    return book


def _system(lines: str) -> str:
    return f"flow {{\n  input ask\n  llm a(ask) {{\n    policy {{ }}\n    system {lines}\n  }}\n  output out(a)\n}}\n"


def blocks() -> Book:
    book, counts = _refuser("flows/blocks-misplaced", "Blocks with a slip, and what is found first of several.")
    q = '"""'
    for code, comment, lines in [
        ("PIR0108", "An escape before a shallow line is found first", f"{q}\n  \\q\n x\n  {q}"), ("PIR1046", "Behind one it is found later", f"{q}\n x\n  \\q\n  {q}"), ("PIR0108", "A control character has its own place", f"{q}\n  a\x01\n x\n  {q}"), ("PIR1046", "In a shallow line it comes behind the line", f"{q}\n x\x01\n  {q}"), ("PIR1046", "Half a surrogate pair is not looked for where something else is wrong", f"{q}\n  \\ud800\n x\n  {q}"), ("PIR0108", "An escape that there is not is such a thing", f"{q}\n  \\ud800 \\q\n  {q}"), ("PIR0108", "It is one in a string as well", '"\\ud800 \\q"'),
        ("PIR0108", "Six quotes on a line are no block", f"{q}{q}"), ("PIR0108", "With a space between them they are none either", f"{q} {q}"), ("PIR0108", "A carriage return alone is no line end", f"{q}\r  a\r  {q}"), ("PIR0108", "Two before a line feed are one too many", f"{q}\n  a\r\r\n  {q}"), ("PIR0108", "A space that is neither space nor tab is something behind the opening quotes", f"{q}\u00a0\n  a\n  {q}"), ("PIR0108", "An escape is something before the closing quotes", f"{q}\n  a\n  \\u0020{q}"), ("PIR0108", "What stands behind an escaped quote closes nothing", f"{q}\n  a\n  \\{q}\n"), ("PIR1046", "An escaped space is no indentation", f"{q}\n\\u0020 a\n  {q}"), ("PIR1046", "An escaped tab is none", f"{q}\n\\ta\n\t{q}"), ("PIR1046", "A line of another space is no empty one", f"{q}\n\u00a0\n  {q}"), ("PIR0102", "A second block is one too many", f"{q}\n  a\n  {q} {q}\n  b\n  {q}"),
    ]:
        _add(book, counts, code, comment, _system(lines))
    _add(book, counts, "PIR1040", "A block that is wrong at its end does not hide what stands before it", _system(f"x\n    sytem {q}\n    a {q}").replace("system x", "sytem x"))
    return book


def blocks_in_policies() -> Book:
    book, counts = _refuser("flows/blocks-in-policies", "Blocks within policies, where they stand for no parameter.")
    for code, comment, clause in [
        ("PIR0205", "A block is no name of a provider", "filter provider == {}"), ("PIR0205", "Nor is it in braces", 'filter provider in {{"a", {}}}'), ("PIR0205", "It is no text of a function form", "filter family_eq({})"), ("PIR0205", "It is no name of a field", "filter is({})"), ("PIR0205", "It is no number", "filter cmp(x, ge, {})"), ("PIR0205", "It is no tier", "filter tier == {}"), ("PIR0205", "It is no count", "select top_k({}, argmax)"), ("PIR0205", "It is no factor", "rank scale({}, a)"), ("PIR0205", "It is no part of a chain", 'select chain("a": {})'), ("PIR0205", "It is no value of a parameter of calls", 'mutate set_param("a", {})'), ("PIR0205", "It is no prefix", "mutate inject_seed({})"), ("PIR0205", "It is no reason", "fallback abort on {}: abort"), ("PIR0205", "It is no value of a setting", "fallback retry_same(attempts: {})"),
        ("PIR0121", "No field is compared with it", "filter price_out <= {}"), ("PIR0121", "No cost is compared with it", "filter test(call_cost <= {})"), ("PIR0102", "It is no predicate", "filter {}"), ("PIR0102", "It stands behind none", "filter top {}"), ("PIR0102", "It is no scorer", "rank {}"), ("PIR0102", "It is no factor before a star", "rank {} * a"), ("PIR0102", "It is no selector", "select {}"), ("PIR0102", "It is no transform", "mutate {}"), ("PIR0102", "It is no failure plan", "fallback {}"), ("PIR0102", "It is no clause", "{}"), ("PIR0102", "It is no key", "select chain({{{}: \"a\"}})"), ("PIR0102", "It is no operand", "filter not {}"),
    ]:
        _add(book, counts, code, comment, NODE.format(f"policy {{ {clause.format(BLOCK)} }}", "ask"))
    _add(book, counts, "PIR1046", "Of one that is wrong itself nothing else is said", NODE.format('policy { filter family_eq("""\n x\n  """) }', "ask"))
    return book
