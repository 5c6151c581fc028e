"""Chapter Flows, the authoring syntax: statements, settings, blocks, shared policies, refusals, and printing."""

from __future__ import annotations

from typing import Any

from vectors.book import Book
from vectors.flow_world import ABORT, CHAIN, DIAMOND, FAST, ONE, OPEN, bare, flow, llm, written

# fmt: off


def books() -> list[Book]:
    return [forms(), blocks(), shared(), refused(), blocks_refused(), bounds(), printing_wire(), printing(), printing_texts(), printing_policies(), printing_comments()]


_EMPTY: list[Any] = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "next_candidate"}]]
"""What `policy { }` is."""
P = "policy { filter family == \"fast\" }"


def _reader(book: Book) -> Any:
    def read(name: str, comment: str, text: Any, given: Any = None, rules: Any = (), **rest: Any) -> None:
        book.add(name, comment, input={"syntax": "authoring", "text": text}, rules=rules, **({"result": {"flow": given}} if given is not None else {}), **rest)
    return read


def forms() -> Book:
    book = Book("flows/authoring", "flow-syntax", "The authoring syntax of flows: statements, settings, and what is left out.")
    read = _reader(book)
    one = "flow {\n  input ask\n  llm draft(ask) { policy { } }\n  output out(draft)\n}\n"
    bare_one = flow(draft=llm("ask", policy=_EMPTY))
    read("one-call", "The smallest flow.", one, bare_one, ["flow-authoring/input", "flow-authoring/llm", "flow-authoring/output", "flow-authoring/system"], near=["PIR1006", "PIR1040"])
    read("one-line", "A flow may stand on one line.", "flow{input ask llm draft(ask){policy{}}output out(draft)}", bare_one, ["flow-authoring/input"])
    read("semicolons", "A semicolon may end a statement or a setting.", 'flow { input ask; llm draft(ask) { policy { }; system "s"; on_error fail; }; output out(draft); }', flow(draft=llm("ask", system="s", policy=_EMPTY)), ["flow-authoring/llm"])
    read("everything", "A call with every setting.", 'flow { input ask llm draft(ask) { policy { } system "s" template "$1" on_error input } output out(draft) }', flow(draft=llm("ask", system="s", template="$1", on_error="input", policy=_EMPTY)), ["flow-authoring/llm"], denies=["flow-authoring/system"])
    read("settings-in-any-order", "Settings stand in any order.", 'flow { input ask llm draft(ask) { on_error input template "$1" system "s" policy { } } output out(draft) }', flow(draft=llm("ask", system="s", template="$1", on_error="input", policy=_EMPTY)), ["flow-authoring/llm"], near=["PIR1043"])
    read("on-error-fail", "An on_error of fail is that of a node without one.", "flow { input ask llm draft(ask) { policy { } on_error fail } output out(draft) }", bare_one, near=["PIR1007"])
    read("order", "Statements stand in any order, which is that of the nodes.", "flow { output out(b) llm b(a) { policy { } } llm a(ask) { policy { } } input ask }", bare(out=["output", "b"], b=llm("a", policy=_EMPTY), a=llm("ask", policy=_EMPTY), ask=["input"]), ["flow-authoring/order"])
    read("several-inputs", "A call reads several in order.", "flow { input ask llm a(ask) { policy { } } llm b(a, ask) { policy { } } output out(b) }", flow(a=llm("ask", policy=_EMPTY), b=llm("a", "ask", policy=_EMPTY)), ["flow-authoring/llm"], near=["PIR0105"])
    read("comma-at-the-end", "A comma may stand before the closing parenthesis.", "flow { input ask llm a(ask,) { policy { } } output out(a) }", flow(a=llm("ask", policy=_EMPTY)), near=["PIR0102"])
    read("no-inputs", "A call may read nobody; admission has its say about that.", "flow { llm a() { policy { } } }", bare(a=llm(policy=_EMPTY)), flags=["Empty"])
    read("nothing", "A flow may have no statement.", "flow { }", bare(), flags=["Empty"])
    read("comments", "Comments stand wherever white space may.", "# before\nflow { # here\n  // and here\n  input ask # there\n llm draft(ask # in\n ) { # of\n policy { # a\n } # b\n }\n output out(draft) # c\n} # behind\n", bare_one, denies=["flow-authoring/block"])
    read("line-ends", "Line ends may have a carriage return.", one.replace("\n", "\r\n"), bare_one)
    read("words-are-names", "No word is reserved that was not.", "flow { input input llm llm(input) { policy { } } llm flow(llm) { policy { } } llm system(flow) { policy { } } llm template(system) { policy { } } llm on_error(template) { policy { } } output output(on_error) }", bare(input=["input"], llm=llm("input", policy=_EMPTY), flow=llm("llm", policy=_EMPTY), system=llm("flow", policy=_EMPTY), template=llm("system", policy=_EMPTY), on_error=llm("template", policy=_EMPTY), output=["output", "on_error"]), near=["PIR0127", "PIR1040"])
    read("quoted-names", "A name may stand in backticks, and one that is reserved must.", "flow { input `ask` llm `policy`(`ask`) { policy { } } output `in`(`policy`) }", bare(ask=["input"], policy=llm("ask", policy=_EMPTY), **{"in": ["output", "policy"]}), near=["PIR0127", "PIR1008"])
    read("clauses", "A policy has the clauses that a policy has.", "flow { input ask llm a(ask) { policy { filter family == \"fast\" rank neg(normalize(price_out)) select argmax fallback abort } } output out(a) }", flow(a=llm("ask", policy=FAST)), ["flow-authoring/llm"])
    read("clause-words", "A clause ends where the next setting begins.", "flow { input ask llm a(ask) { policy { filter family == \"fast\"; } system \"x\" } output out(a) }", flow(a=llm("ask", system="x", policy=_with(["family_eq", "fast"]))))
    read("empty-system", "An empty system prompt is none.", 'flow { input ask llm draft(ask) { policy { } system "" } output out(draft) }', bare_one, ["flow-authoring/system"])
    read("empty-template", "An empty template is one.", 'flow { input ask llm draft(ask) { policy { } template "" } output out(draft) }', flow(draft=llm("ask", template="", policy=_EMPTY)), flags=["Empty"])
    read("escapes", "Escapes of a text are those of a string.", 'flow { input ask llm draft(ask) { policy { } system "a\\n\\t\\"\\\\\\u00e9\\ud83d\\ude00/\\/" } output out(draft) }', flow(draft=llm("ask", system='a\n\t"\\é😀//', policy=_EMPTY)), flags=["Unicode"])
    read("not-a-graph", "What a graph is, reading does not look at.", "flow { llm a(b) { policy { } } llm b(a, a, c) { policy { } template \"$9\" } output x(nobody) output y(x) }", None, near=["PIR1020", "PIR1021", "PIR1022", "PIR1024", "PIR1025", "PIR1028"])
    book.add("auto", "A text that does not begin with a bracket is in the authoring syntax.", input={"syntax": "auto", "text": "\n" + one}, result={"flow": bare_one})
    book.add("bytes", "It may come as bytes.", input={"syntax": "authoring", "bytes": one.encode().hex()}, result={"flow": bare_one})
    return book


def _with(predicate: Any) -> list[Any]:
    return [_EMPTY[0], predicate, *_EMPTY[2:]]


def _text(given: str, word: str = "system") -> str:
    """A flow whose call has a text."""
    return f"flow {{\n  input ask\n  llm a(ask) {{\n    policy {{ }}\n    {word} {given}\n  }}\n  output out(a)\n}}\n"


def blocks() -> Book:
    book = Book("flows/blocks", "flow-syntax", "Blocks: what their text is.")
    rule = ["flow-authoring/block"]

    def read(name: str, comment: str, block: str, due: str, **rest: Any) -> None:
        book.add(name, comment, input={"syntax": "authoring", "text": _text(block)}, rules=rule, result={"flow": flow(a=llm("ask", system=due, policy=_EMPTY))}, **{"near": ["PIR0108", "PIR1046"], **rest})

    q = '"""'
    read("one-line", "A block of one line has no line end.", f"{q}\n      a\n      {q}", "a")
    read("two-lines", "Lines are joined by one line feed.", f"{q}\n      a\n      b\n      {q}", "a\nb")
    read("indented", "What a line is deeper than the closing quotes is part of it.", f"{q}\n      a\n        b\n       c\n      {q}", "a\n  b\n c")
    read("no-indentation", "Closing quotes at the beginning of a line take nothing away.", f"{q}\n a\nb\n{q}", " a\nb")
    read("tabs", "An indentation may be of tabs, or of both.", f"{q}\n\t  a\n\t  \tb\n\t  {q}", "a\n\tb")
    read("empty-line", "A line of nothing is one.", f"{q}\n      a\n\n      b\n      {q}", "a\n\nb")
    read("blank-line", "Of a line of spaces and tabs nothing is kept.", f"{q}\n      a\n   \t   \t  \n      b\n      {q}", "a\n\nb")
    read("blank-lines-at-the-ends", "Empty lines at the beginning and at the end are lines.", f"{q}\n\n      a\n\n      {q}", "\na\n")
    read("nothing", "A block without lines is empty.", f"{q}\n      {q}", "", flags=["Empty"])
    read("one-empty-line", "A block of one empty line is empty as well.", f"{q}\n\n      {q}", "", flags=["Empty"])
    read("two-empty-lines", "Two empty lines are one line feed.", f"{q}\n\n\n      {q}", "\n")
    read("trailing-spaces", "Spaces at the end of a line are kept.", f"{q}\n      a  \n      b\t\n      {q}", "a  \nb\t")
    read("behind-the-quotes", "Spaces and tabs behind the opening quotes are nothing.", f"{q} \t\n      a\n      {q}", "a")
    read("carriage-returns", "A carriage return before a line feed is part of the line end.", f"{q}\r\n      a\r\n\r\n      b\r\n      {q}", "a\n\nb")
    read("mixed-line-ends", "Line ends of both kinds may stand in one block.", f"{q}\n      a\r\n      b\n      {q}", "a\nb")
    read("escapes", "Escapes are undone after the indentation is taken away.", f"{q}\n      \\u0020a\\n      b\\t\n      \\\\ \\\" \\u00e9\n      {q}", " a\n      b\t\n\\ \" é")
    read("escaped-line-feed", "An escaped line feed makes no line that is indented.", f"{q}\n      a\\nb\n      {q}", "a\nb")
    read("quotes", "One or two quotes are themselves.", f"{q}\n      a \"b\" \"\" c\n      {q}", 'a "b" "" c')
    read("three-quotes", "Three are written with an escape.", f"{q}\n      a \\{q} b\n      {q}", 'a """ b')
    read("quote-at-a-line-end", "A quote may end a line.", f"{q}\n      \"a\"\n      {q}", '"a"')
    read("hash", "What looks like a comment is text.", f"{q}\n      # a\n      // b\n      {q}", "# a\n// b")
    read("braces", "So do brackets and words.", f"{q}\n      }} ) ] llm policy $1\n      {q}", "} ) ] llm policy $1")
    read("unicode", "Characters are kept as they are, and no space of others is an indentation.", f"{q}\n      e\u0301 \u00a0\u2003\n      \u2028😀\n      {q}", "e\u0301 \u00a0\u2003\n\u2028😀", flags=["Unicode", "Normalisation"])
    read("lone-escaped-return", "A carriage return may be escaped.", f"{q}\n      a\\r\n      {q}", "a\r")
    book.add("template", "A template may be a block.", input={"syntax": "authoring", "text": _text(f"{q}\n      Q: $1\n      {q}", "template")}, rules=rule, result={"flow": flow(a=llm("ask", template="Q: $1", policy=_EMPTY))})
    book.add("next-to-it", "Behind its closing quotes anything may stand.", input={"syntax": "authoring", "text": _text(f"{q}\n      a\n      {q} on_error input # x")}, rules=rule, result={"flow": flow(a=llm("ask", system="a", on_error="input", policy=_EMPTY))})
    book.add("string", "A string on one line is no block.", input={"syntax": "authoring", "text": _text('"a"')}, denies=rule, near=["PIR0108"])
    book.add("empty-string", "Nor are two quotes.", input={"syntax": "authoring", "text": _text('""')}, denies=rule, flags=["Empty"])
    return book


def shared() -> Book:
    book = Book("flows/shared-policies", "flow-syntax", "Policies that are written once and used at several nodes.")
    read = _reader(book)
    rule = ["flow-authoring/policy"]
    fast = _with(["family_eq", "fast"])
    read("two-uses", "A policy that is used twice stands at both nodes.", f"flow {{ policy quick {P[7:]} input ask llm a(ask) {{ policy quick }} llm b(a) {{ policy quick }} output out(b) }}", flow(a=llm("ask", policy=fast), b=llm("a", policy=fast)), rule, near=["PIR1042", "PIR1044"])
    read("used-before", "It may be declared behind its uses.", f"flow {{ input ask llm a(ask) {{ policy quick }} output out(a) policy quick {P[7:]} }}", flow(a=llm("ask", policy=fast)), rule, near=["PIR1042"])
    read("two-policies", "Each has its own name.", f"flow {{ policy x {P[7:]} policy y {{ }} input ask llm a(ask) {{ policy y }} llm b(a) {{ policy x }} output out(b) }}", flow(a=llm("ask", policy=_EMPTY), b=llm("a", policy=fast)), rule, near=["PIR1041"])
    read("own-beside", "A node may have a policy of its own beside others that share one.", f"flow {{ policy x {P[7:]} input ask llm a(ask) {{ policy x }} llm b(a) {{ policy {{ }} }} output out(b) }}", flow(a=llm("ask", policy=fast), b=llm("a", policy=_EMPTY)), denies=[])
    read("names-apart", "A policy may have the name of a node.", f"flow {{ policy a {P[7:]} input ask llm a(ask) {{ policy a }} output out(a) }}", flow(a=llm("ask", policy=fast)), rule, near=["PIR1041"])
    read("unused", "A policy that nobody uses is read, and left out.", f"flow {{ policy x {P[7:]} input ask llm a(ask) {{ policy {{ }} }} output out(a) }}", flow(a=llm("ask", policy=_EMPTY)), denies=rule)
    read("reserved-in-backticks", "A name that is reserved stands in backticks.", f"flow {{ policy `in` {P[7:]} input ask llm a(ask) {{ policy `in` }} output out(a) }}", flow(a=llm("ask", policy=fast)), rule, near=["PIR0127"])
    read("refused-in-unused", "A policy that nobody uses is looked at as any.", "flow { policy x { filter top_k(1) } input ask llm a(ask) { policy { } } output out(a) }", refused="PIR0203")
    read("refused-in-used", "What is wrong in a policy that several use is found.", "flow { policy x { rank top } input ask llm a(ask) { policy x } llm b(a) { policy x } output out(b) }", refused="PIR0203")
    return book


ONE_OF = "flow {{ input ask llm a(ask) {{ policy {{ }} {0} }} output out(a) }}"
REFUSED: dict[str, list[tuple[str, str]]] = {
    "PIR0101": [("flow { input ask ? }", "A question mark starts no token"), ("flow { input é }", "A name is of ASCII")],
    "PIR0102": [("flow input ask", "The word flow is followed by a brace"), ("flow { input }", "The word input is followed by a name"), ("flow { llm a { policy { } } }", "A call has parentheses"), ("flow { llm a() policy { } }", "Its settings stand in braces"), ("flow { output out }", "An output has parentheses"), ("flow { output out() }", "It has a name in them"), ("flow { llm a(,b) { policy { } } }", "Before a comma stands a name"), ("flow { llm a(b,,c) { policy { } } }", "Between two commas stands a name"), ("flow { llm (a) { policy { } } }", "A call has a name"), ("flow { policy { } }", "A policy that is declared has a name"), ("flow { policy x }", "It has its clauses"), (ONE_OF.format("system"), "The word system is followed by a text"), (ONE_OF.format("on_error"), "The word on_error is followed by another"), ("flow { 5 }", "A number starts no statement"), ("flow { input 5 }", "A number is no name")],
    "PIR0103": [("flow {", "A brace is closed"), ("flow { input ask", "So is one with statements in it"), ("flow { llm a(ask) { policy { filter (x } } }", "One in a policy is closed, too")],
    "PIR0104": [("flow { llm a(ask) { policy { filter a ) } } }", "A parenthesis closes one"), ("flow { llm a(ask) { policy { filter a ] } } }", "A bracket closes nothing")],
    "PIR0105": [("flow { llm a(b c) { policy { } } }", "A comma stands between inputs")],
    "PIR0107": [("flow { } x", "A word behind a flow is too much"), ("flow { } flow { }", "So is another flow"), ("flow { } }", "So is a brace")],
    "PIR0108": [(_text('"a'), "A string has an end"), (_text('"a\nb"'), "A string has no line end in it"), (_text('"\\q"'), "There is no such escape")],
    "PIR0125": [(ONE_OF.format("system brief"), "A text has quotes"), (ONE_OF.format("template `x`"), "Backticks are for names")],
    "PIR0126": [('flow { input "ask" }', "The name of a node has no double quotes"), ('flow { llm a("ask") { policy { } } }', "Nor has that of an input"), ('flow { output out("a") }', "Nor has that of an answer")],
    "PIR0127": [("flow { input in }", "The word in is reserved"), ("flow { llm a(not) { policy { } } }", "It is so in a list of inputs")],
    "PIR0205": [(ONE_OF.format("system 5"), "A text is no number")],
    "PIR1006": [("flow { input ask llm a(ask) { } output out(a) }", "A call has a policy"), ('flow { input ask llm a(ask) { system "x" } output out(a) }', "One with a prompt has one, too")],
    "PIR1007": [(ONE_OF.format("on_error retry"), "A call cannot be told to retry"), (ONE_OF.format("on_error Fail"), "The words are in small letters"), (ONE_OF.format("on_error output"), "The words are fail and input")],
    "PIR1008": [("flow { input `a b` }", "A name in backticks is one of a node"), ("flow { input `1a` }", "It does not begin with a digit"), ("flow { input `é` }", "It is of ASCII"), (f"flow {{ input {'n' * 65} }}", "65 characters are too many")],
    "PIR1040": [("flow { inputs ask }", "A word that is nearly one starts no statement"), ("flow { Input ask }", "Words are in small letters"), ("flow { filter top }", "A clause is no statement"), ("flow { system \"x\" }", "A setting is no statement"), (ONE_OF.format("temperature"), "There is no such setting"), (ONE_OF.format("sytem \"x\""), "A word that is nearly one starts no setting"), (ONE_OF.format("filter top"), "A clause stands in a policy")],
    "PIR1041": [("flow { input ask input ask }", "Two nodes have two names"), ("flow { input a llm a(a) { policy { } } }", "So do nodes of different kinds"), ("flow { policy x { } policy x { } }", "Two policies have two names"), ("flow { input `a` input a }", "In backticks a name is the same")],
    "PIR1042": [("flow { input ask llm a(ask) { policy fast } output out(a) }", "A policy that is used is declared"), ("flow { policy Fast { } input ask llm a(ask) { policy fast } output out(a) }", "Names are compared as they are written"), ("flow { input fast llm a(fast) { policy fast } output out(a) }", "A node is no policy")],
    "PIR1043": [(ONE_OF.format("policy { }"), "A call has one policy"), (ONE_OF.format('system "a" system "a"'), "It has one system prompt"), (ONE_OF.format('template "a" on_error fail template "b"'), "It has one template"), (ONE_OF.format("on_error fail on_error fail"), "It has one on_error")],
}


def refused() -> Book:
    book = Book("flows/authoring-refused", "flow-syntax", "One slip per text in the authoring syntax of flows, with its code.")
    codes = {"PIR1006": "flow-sort/required-key", "PIR1007": "flow-sort/on-error", "PIR1008": "flow-sort/name"}
    for code, texts in REFUSED.items():
        for at, (text, comment) in enumerate(texts, 1):
            book.add(f"{code.lower()}-{at}", f"{comment}.", input={"syntax": "authoring", "text": text}, refused=code, rules=[codes[code]] if code in codes else [])
    read = _reader(book)
    for name, comment, text, rule in [("no-input-name", "What follows the word input is a name.", "flow { input { } }", "flow-authoring/input"), ("no-list-of-inputs", "What follows the name of a call is a list.", "flow { llm a { policy { } } input ask }", "flow-authoring/llm"), ("no-answer", "What follows the name of an output is in parentheses.", "flow { output out a }", "flow-authoring/output"), ("same-name-in-order", "Statements in any order have names of their own.", "flow { output a(b) input a }", "flow-authoring/order"), ("undeclared", "A policy that is used has a declaration.", "flow { input ask llm a(ask) { policy x } output out(a) policy y { } }", "flow-authoring/policy")]:
        read(name, comment, text, denies=[rule], refused={"same-name-in-order": "PIR1041", "undeclared": "PIR1042"}.get(name, "PIR0102"))
    read("term", "A policy is no flow.", "policy { filter top }", refused="PIR1001", rules=["flow-sort/flow"])
    return book


def blocks_refused() -> Book:
    book = Book("flows/blocks-refused", "flow-syntax", "Texts that are no blocks.")
    q = '"""'
    rule = "flow-authoring/block"
    for name, comment, block, code in [
        ("no-end", "A block has an end.", f"{q}\n      a\n", "PIR0108"), ("behind-opening", "Behind the opening quotes nothing stands on their line.", f"{q} a\n      b\n      {q}", "PIR0108"), ("on-one-line", "A block is on several lines.", f"{q}a{q}", "PIR0108"), ("before-closing", "Before the closing quotes nothing stands on their line.", f"{q}\n      a{q}", "PIR0108"), ("comment-behind-opening", "Not even a comment stands there.", f"{q} # x\n      a\n      {q}", "PIR0108"),
        ("escape", "There is no such escape.", f"{q}\n      \\q\n      {q}", "PIR0108"), ("control", "A control character other than a tab does not stand there.", f"{q}\n      a\x01\n      {q}", "PIR0108"), ("lone-return", "Nor does a carriage return without a line feed.", f"{q}\n      a\rb\n      {q}", "PIR0108"), ("surrogate", "A lone surrogate is no character.", f"{q}\n      \\ud800\n      {q}", "PIR0113"),
        ("shallow", "A line begins with the spaces before the closing quotes.", f"{q}\n    a\n      {q}", "PIR1046"), ("shallow-later", "That holds for every line.", f"{q}\n      a\n     b\n      {q}", "PIR1046"), ("tab-for-spaces", "A tab is no number of spaces.", f"{q}\n\ta\n        {q}", "PIR1046"), ("spaces-for-a-tab", "Nor are spaces a tab.", f"{q}\n        a\n\t{q}", "PIR1046"), ("wide-space", "Another space is none.", f"{q}\n\u3000\u3000\u3000a\n      {q}", "PIR1046"),
    ]:
        book.add(name, comment, input={"syntax": "authoring", "text": _text(block)}, denies=[rule], refused=code, flags=["Unicode"] if name == "wide-space" else [])
    return book


def bounds() -> Book:
    book = Book("flows/authoring-bounds", "flow-syntax", "Bounds of flows in the authoring syntax.")

    def edge(name: str, comment: str, text: Any, rule: str, code: str, **rest: Any) -> None:
        book.add(name, comment, input={"syntax": "authoring", "text": text}, rules=[rule], near=[code], flags=["Edge"], **rest)

    def past(name: str, comment: str, text: Any, rule: str, code: str) -> None:
        book.add(name, comment, input={"syntax": "authoring", "text": text}, denies=[rule], refused=code, flags=["PastEdge"])

    inputs = lambda count: " ".join(f"input n{at}" for at in range(count))  # noqa: E731
    edge("nodes", "256 statements of nodes are allowed, and a policy is none.", f"flow {{ policy x {{ }} {inputs(256)} }}", "flow-bound/nodes", "PIR1010")
    past("nodes-past", "257 are too many.", f"flow {{ {inputs(257)} }}", "flow-bound/nodes", "PIR1010")
    names = lambda count: ", ".join(f"i{at}" for at in range(count))  # noqa: E731
    edge("inputs", "A call may have 32 inputs.", f"flow {{ llm a({names(32)}) {{ policy {{ }} }} }}", "flow-bound/inputs", "PIR1011")
    past("inputs-past", "33 are too many.", f"flow {{ llm a({names(33)}) {{ policy {{ }} }} }}", "flow-bound/inputs", "PIR1011")
    past("system-past", "A text of more than 32768 bytes is too long.", ["flow { llm a() { policy { } system \"", ["x", 32769], "\" } }"], "flow-bound/text", "PIR1012")
    past("block-past", "So is a block of as many.", ["flow { llm a() { policy { } system \"\"\"\n", ["x", 32769], "\n\"\"\" } }"], "flow-bound/text", "PIR1012")
    past("block-of-lines-past", "Line feeds between lines count.", ["flow { llm a() { policy { } template \"\"\"\n", ["x\n", 16384], "xx\n\"\"\" } }"], "flow-bound/text", "PIR1012")
    edge("name", "A name of 64 characters is one.", f"flow {{ input {'n' * 64} }}", "flow-bound/source", "PIR1008")
    past("source-past", "A source has the bound of a flow.", ["flow { }", [" ", 1048569]], "flow-bound/source", "PIR0004")
    edge("source", "1048576 bytes are a source.", ["flow { }", [" ", 1048568]], "flow-bound/source", "PIR0004")
    many = ["flow { policy p { filter top", [" and top", 4085], " } ", "".join(f"llm n{at}() {{ policy p }} " for at in range(17)), "}"]
    past("policies-past", "A policy counts at each node that uses it.", many, "flow-bound/policies", "PIR1014")
    uses = "".join(f"llm n{at}() {{ policy p }} " for at in range(64))
    shared = lambda fill, rest="": ["flow { policy p {", *fill, "} ", uses, rest, "}"]  # noqa: E731
    sharing = "flow-bound/sharing"
    edge("sharing", "The characters of a policy count from brace to brace, with both, at each node that uses it.", shared([[" ", 65534]]), sharing, "PIR1014")
    past("sharing-past", "One character more is too many.", shared([[" ", 65535]]), sharing, "PIR1014")
    edge("sharing-unicode", "Characters are code points.", shared(["#", ["😀", 65532], "\n"]), sharing, "PIR1014")
    past("sharing-own-past", "A policy of a node's own counts as well.", shared([[" ", 65534]], "llm own() { policy {} } "), sharing, "PIR1014")
    edge("sharing-unused", "One that nobody uses counts nothing.", shared([[" ", 65534]], "policy unused { } "), sharing, "PIR1014")
    book.add("sharing-with-a-finding", "It is not looked at where a text has another finding.", input={"syntax": "authoring", "text": shared([[" ", 65535]], "llm own() { } ")}, refused="PIR1006")
    return book


# --- printing -------------------------------------------------------------------------------------------------


def _printer(book: Book, to: str) -> Any:
    def put(name: str, comment: str, text: Any, due: str | None = None, rules: Any = (), **rest: Any) -> None:
        book.add(name, comment, input={"text": text, "to": to}, rules=rules, **({} if due is None else {"result": {"text": due}}), **rest)
    return put


def printing_wire() -> Book:
    book = Book("flows/printing-wire", "flow-print", "Flows printed in the wire form.")
    put = _printer(book, "wire")
    put("empty", "A flow without nodes.", '[ "flow" , { } ]', None, ["flow-print/record"], flags=["Empty"])
    put("one-call", "The smallest flow.", written(ONE), None, ["flow-print/record"])
    put("everything", "A call with every key.", written(flow(draft=["llm", {"on_error": "input", "template": "$1", "inputs": ["ask"], "policy": FAST, "system": "Be brief."}])), None, ["flow-print/record"])
    put("fail", "An on_error of fail is not written.", written(flow(draft=llm("ask", on_error="fail"))), None, ["flow-print/record"])
    put("many-inputs", "A long list of inputs is broken.", written(flow(**{f"some_node_{at}": llm("ask") for at in range(12)}, join=llm(*(f"some_node_{at}" for at in range(12))))), None, ["flow-print/record"])
    put("escapes", "Texts are escaped as strings are.", written(flow(draft=llm("ask", system='a\n\t"\\é😀\u007f'))), None, ["flow-print/record"], flags=["Unicode"])
    put("from-authoring", "A flow in the authoring syntax has neither names of policies nor comments in the wire form.", "flow { policy x { } input ask # c\n llm a(ask) { policy x } llm b(a) { policy x } output out(b) }", None, ["flow-print/record"], denies=["flow-print/comment"])
    put("refused", "A text that is refused is not printed.", written(bare(a=["tool"])), refused=["PIR1002 /1/a/0"], denies=["flow-print/record"])
    return book


def printing() -> Book:
    book = Book("flows/printing", "flow-print", "Flows printed in the authoring syntax: statements and settings.")
    put = _printer(book, "authoring")
    statement, setting, empty = "flow-print/statement", "flow-print/setting", "flow-print/empty-line"
    put("empty", "A flow without statements.", "flow{}", None, [statement], flags=["Empty"])
    put("one-call", "From the wire form there is an empty line between every two statements.", written(ONE), None, [statement, setting, empty])
    put("chain", "Calls have their inputs on their line.", written(CHAIN), None, [statement])
    put("diamond", "Several inputs have a comma and a space between them.", written(DIAMOND), None, [statement])
    put("everything", "Words of settings are padded to the longest of those that are followed by no brace.", written(flow(draft=llm("ask", system="s", template="$1", on_error="input"))), None, [setting])
    put("own-policy-is-not-padded", "A policy with a brace counts for no padding.", "flow { input ask llm a(ask) { system \"s\" policy { } } output out(a) }", None, [setting])
    put("named-policy-is-padded", "A policy with a name does.", "flow { policy p { } input ask llm a(ask) { system \"s\" on_error input policy p } output out(a) }", None, [setting, "flow-print/policy"])
    put("order-of-settings", "Settings come in one order.", "flow { input ask llm a(ask) { on_error input template \"t\" system \"s\" policy { } } output out(a) }", None, [setting])
    put("nothing-to-say", "An empty prompt and an on_error of fail are not written.", "flow { input ask llm a(ask) { system \"\" on_error fail policy { } } output out(a) }", None, [setting])
    put("empty-template", "An empty template is.", "flow { input ask llm a(ask) { template \"\" policy { } } output out(a) }", None, [setting], flags=["Empty"])
    put("no-empty-lines", "From the authoring syntax there is one where the author left one.", "flow { input ask\nllm a(ask) { policy { } }\noutput out(a) }", None, [statement], denies=[empty])
    put("empty-lines", "Several empty lines become one.", "flow {\n\n\n  input ask\n\n\n\n  llm a(ask) { policy { } }\n  output out(a)\n\n}", None, [empty])
    put("empty-lines-between-settings", "Empty lines between settings go.", "flow {\n  input ask\n  llm a(ask) {\n    policy { }\n\n    system \"s\"\n\n  }\n  output out(a)\n}\n", None, [setting])
    put("reserved-names", "Names that are reserved stand in backticks.", written(bare(policy=["input"], **{"in": llm("policy"), "not": ["output", "in"]})), None, [statement])
    put("word-names", "Words of statements are names like others.", written(bare(input=["input"], llm=llm("input"), output=["output", "llm"])), None, [statement])
    put("many-inputs", "A call and its names stand on one line, however many.", written(flow(**{f"some_node_{at}": llm("ask") for at in range(12)}, join=llm(*(f"some_node_{at}" for at in range(12))))), None, [statement])
    put("no-inputs", "A call without inputs has its parentheses.", written(bare(a=llm())), None, [statement])
    put("one-line", "A flow on one line gets a line for each statement.", "flow { input ask; llm a(ask) { policy { }; }; output out(a); }", None, [statement], denies=[empty])
    put("refused", "A text that is refused is not printed.", "flow { inputs ask }", refused="PIR1040", denies=[statement, setting])
    return book


def printing_texts() -> Book:
    book = Book("flows/printing-texts", "flow-print", "Texts printed in the authoring syntax, as strings and as blocks.")
    put = _printer(book, "authoring")
    rule = "flow-print/text"
    for name, comment, text, flags in [
        ("string", "A text without a line feed is a string.", "Be brief.", []), ("string-escapes", "It is escaped as a string.", 'a"b\\c\td\r\u0001\u007f', []), ("string-long", "It is one however long.", "word " * 40, []), ("two-lines", "A text with a line feed is a block.", "a\nb", []), ("line-feed-at-the-end", "A line feed at the end makes an empty line.", "a\n", []), ("line-feed-at-the-beginning", "So does one at the beginning.", "\na", []), ("line-feed-alone", "A line feed alone is two empty lines.", "\n", []),
        ("empty-line", "An empty line has no spaces.", "a\n\nb", []), ("indented", "Spaces at the beginning of a line with more stay.", "a\n  b\n\tc", []), ("trailing-space", "A space at the end of a line is written with an escape.", "a \nb", []), ("trailing-spaces", "Of several the last is.", "a   \nb", []), ("trailing-tab", "A tab at the end of one is, too.", "a\t\nb", []), ("blank-line", "A line of one space is one of an escape.", "a\n \nb", []), ("blank-lines", "A line of several spaces begins and ends with escapes.", "a\n   \nb", []), ("blank-tabs", "So does one of tabs.", "a\n\t\t\nb", []), ("space-at-the-end", "A space at the end of the text counts as one at the end of a line.", "a\nb ", []),
        ("tab-inside", "Tabs within a line stand as they are.", "a\tb\nc", []), ("quotes", "One quote and two stand as they are.", 'a "b" ""\nc', []), ("three-quotes", "Of three in a row the first has an escape.", 'a """ b\nc', []), ("four-quotes", "Of four the first two have.", 'a """" b\nc', []), ("six-quotes", "Of six the first four have.", 'a """""" b\nc', []), ("quote-at-the-end", "A quote at the end of the text has an escape.", 'a\n"b"', []), ("quote-at-a-line-end", "One at the end of another line has none.", '"a"\nb', []), ("two-quotes-at-the-end", "Of two at the end the last has.", 'a\nb""', []), ("three-quotes-at-the-end", "Of three at the end the first and the last have.", 'a\nb"""', []),
        ("backslash", "A backslash is escaped in a block, too.", "a\\n\nb", []), ("carriage-return", "So is a carriage return.", "a\r\nb", []), ("control", "So are other control characters.", "a\u0000\u001f\nb", []), ("unicode", "Characters that can be seen stand as they are.", "é😀e\u0301\n\u00a0\u2028x", ["Unicode", "Normalisation"]), ("dollar", "References stand as they are.", "Q: $1\n\nA: $2", []), ("hash", "What looks like a comment stands as it is.", "# a\n// b", []),
    ]:
        put(name, comment, written(flow(a=llm("ask", system=text))), None, [rule], flags=flags)
    put("template", "A template is laid out as a system prompt is.", written(flow(a=llm("ask", template="Q: $1\nA:", system="x\ny"))), None, [rule, "flow-print/setting"])
    put("block-of-one-line", "A block of one line becomes a string.", _text('"""\n      a\n      """'), None, [rule], denies=["flow-authoring/block"])
    put("string-with-line-feed", "A string with a line feed becomes a block.", _text('"a\\nb"'), None, [rule])
    put("refused", "A text that is no block is not printed.", _text('"""\n  a\n      """'), refused="PIR1046", denies=[rule])
    return book


def printing_policies() -> Book:
    book = Book("flows/printing-policies", "flow-print", "Policies printed in the authoring syntax: which have names, and where they stand.")
    put = _printer(book, "authoring")
    rule = "flow-print/policy"
    put("all-clauses", "All five clauses are printed.", written(flow(a=llm("ask", policy=FAST))), None, [rule])
    put("equal", "Policies that are equal and stand at two nodes are named and declared first.", written(flow(a=llm("ask", policy=FAST), b=llm("a", policy=FAST))), None, [rule, "flow-print/empty-line"])
    put("different", "Policies that stand at one node each are not.", written(flow(a=llm("ask", policy=FAST), b=llm("a", policy=OPEN))), None, denies=[rule])
    put("two-pairs", "Names come in the order of the nodes.", written(flow(a=llm("ask", policy=OPEN), b=llm("a", policy=FAST), c=llm("b", policy=FAST), d=llm("c", policy=OPEN), e=llm("d"))), None, [rule])
    put("equal-normal-forms", "Policies that are equal in their normal forms only are not equal.", written(flow(a=llm("ask", policy=FAST), b=llm("a", policy=["policy", ["and", ["family_eq", "fast"]], *FAST[2:]]))), None, denies=[rule])
    put("own-names", "Names of the author stay, where they were declared.", "flow { input ask policy quick { filter family == \"fast\" } llm a(ask) { policy quick } llm b(a) { policy { filter family == \"fast\" } } output out(b) }", None, [rule])
    put("own-name-once", "A policy with a name keeps it at one node, too.", "flow { policy quick { } input ask llm a(ask) { policy quick } output out(a) }", None, [rule])
    put("unused-name", "One that nobody uses is printed as well.", "flow { policy quick { } input ask llm a(ask) { policy { } } output out(a) }", None, [rule], near=["PIR1044"])
    put("equal-without-names", "Equal policies that an author has written twice stay twice.", "flow { input ask llm a(ask) { policy { } } llm b(a) { policy { } } output out(b) }", None, denies=[rule])
    put("name-of-a-node", "A name that is given may be that of a node.", written(bare(ask=["input"], p1=llm("ask"), p2=llm("p1"), out=["output", "p2"])), None, [rule])
    wide = ["policy", ["and", *(["family_eq", f"a-family-with-a-long-name-{at}"] for at in range(4))], ["add", ["scale", 2, ["neg", ["normalize", ["field", "price_out"]]]], ["normalize", ["field", "bench_coding"]]], ["top_k", 3, ["argmax"]], ["seq", ["set_param", "max_tokens", 200], ["clamp_param", "temperature", 0, 1]], ["override", ABORT, "timeout", {"action": "retry_same", "attempts": 2}]]
    put("wide", "A policy is laid out as in a file, moved to its depth.", written(flow(a=llm("ask", policy=wide))), None, [rule])
    put("wide-named", "So is one with a name.", written(flow(a=llm("ask", policy=wide), b=llm("a", policy=wide))), None, [rule])
    return book


def printing_comments() -> Book:
    book = Book("flows/printing-comments", "flow-print", "Comments of flows, which stay with what they are about.")
    put = _printer(book, "authoring")
    rule = "flow-print/comment"
    body = "llm a(ask) { policy { } } output out(a)"
    for name, comment, text in [
        ("before-the-flow", "Comments before a flow stay before it.", f"# one\n# two\nflow {{ input ask {body} }}"), ("behind-the-flow", "Comments behind it stay behind it.", f"flow {{ input ask {body} }}\n# end"), ("before-a-statement", "A comment on a line of its own belongs to the statement below it.", f"flow {{\n  # asked\n  input ask\n  {body}\n}}"), ("behind-a-statement", "One on the line of a statement stays on it.", f"flow {{\n  input ask # asked\n  {body}\n}}"), ("at-the-end", "One before the closing brace stays there.", f"flow {{\n  input ask\n  {body}\n  # last\n}}"),
        ("before-a-setting", "A comment belongs to the setting below it, and goes with it.", "flow {\n  input ask\n  llm a(ask) {\n    # the prompt\n    system \"s\"\n    # the policy\n    policy { }\n  }\n  output out(a)\n}"), ("behind-a-setting", "One on the line of a setting stays on it.", "flow {\n  input ask\n  llm a(ask) {\n    system \"s\" # short\n    policy { } # any\n  }\n  output out(a)\n}"), ("in-a-policy", "Comments in a policy stay with its clauses.", "flow {\n  policy p {\n    # who\n    filter top # all\n  }\n  input ask\n  llm a(ask) { policy p }\n  output out(a)\n}"),
        ("slashes", "Comments of two slashes stay.", f"flow {{\n  // asked\n  input ask\n  {body}\n}}"), ("empty-line-between", "An empty line between a comment and a statement stays.", f"flow {{\n  # about all\n\n  # asked\n  input ask\n  {body}\n}}"),
    ]:
        put(name, comment, text, None, [rule])
    put("none", "Without comments there are none.", f"flow {{ input ask {body} }}", None, denies=[rule])
    return book
