"""Chapter Flows, the wire form: what is a flow, its bounds at their edges, and the findings of several faults."""

from __future__ import annotations

from typing import Any

from vectors.book import Book
from vectors.flow_world import ABORT, CHAIN, ONE, OPEN, around, bare, flow, llm, written

# fmt: off


def books() -> list[Book]:
    return [forms(), sorts(), values(), names(), bounds(), findings()]


def forms() -> Book:
    book = Book("flows/wire", "flow-syntax", "Flows in the wire form: which texts are flows, and what stays as it is written.")

    def keep(name: str, comment: str, given: Any, rules: Any = (), *, denies: Any = (), near: Any = (), flags: Any = (), result: Any = None, text: Any = None, features: Any = ()) -> None:
        book.add(name, comment, input={"text": text or written(given)}, rules=rules, denies=denies, near=near, flags=flags, features=features, result={"flow": result or given})

    keep("one-call", "The smallest flow has one call.", ONE, ["flow-print/record"], denies=["flow-sort/flow", "flow-sort/kind", "flow-sort/arity"], near=["PIR1001", "PIR1002", "PIR1003"])
    keep("chain", "A call may read another.", CHAIN)
    keep("everything", "A call may have every key.", flow(draft=llm("ask", system="s", template="$1", on_error="input")), denies=["flow-sort/key", "flow-sort/required-key", "flow-sort/on-error", "flow-sort/value"], near=["PIR1004", "PIR1005", "PIR1006", "PIR1007"])
    keep("fail", "An error that fails the flow is the default, and is not written.", flow(draft=llm("ask", on_error="fail")), ["flow-print/record"], denies=["flow-sort/on-error"], near=["PIR1007"], result=ONE)
    keep("system-absent-is-empty", "An empty system prompt is written.", ONE, ["flow-print/record"], text=written(ONE) + " ")
    keep("keys-in-another-order", "Keys of a node come out in the order of the table.", flow(draft=["llm", {"on_error": "input", "template": "t", "inputs": ["ask"], "policy": OPEN, "system": ""}]), ["flow-print/record"], result=flow(draft=llm("ask", template="t", on_error="input")))
    keep("nodes-in-any-order", "Nodes stay in the order in which they are written.", bare(out=["output", "b"], b=llm("a"), a=llm("ask"), ask=["input"]), ["flow-print/record"])
    keep("template-empty", "An empty template is a template.", flow(draft=llm("ask", template="")), ["flow-print/record"], flags=["Empty"])
    keep("texts", "Texts are kept as they are.", flow(draft=llm("ask", system="é\n\t\"\\ 模\u0000", template="😀 $1 $$ $x e\u0301\r\n")), flags=["Unicode", "Normalisation"])
    keep("escaped", "A kind and a key may be written with escapes.", ONE, text=written(ONE).replace('"llm"', '"l\\u006cm"').replace('"inputs"', '"\\u0069nputs"').replace('"flow"', '"\\u0066low"'))
    keep("policy-as-written", "A policy stays as it is written, and is not brought to its normal form.", flow(draft=llm("ask", policy=["policy", ["and", ["top"], ["top"]], ["zero"], ["argmax"], ["seq", ["id"]], ABORT])), denies=["flow-normal/policy"])
    keep("unknown-names", "What a graph is, reading does not look at.", bare(a=llm("b"), b=llm("a", "a"), out=["output", "nobody"]), near=["PIR1020", "PIR1022", "PIR1024", "PIR1025"], denies=["flow-admit/reference", "flow-admit/acyclic", "flow-admit/one-input", "flow-admit/inputs-once"])
    keep("no-inputs", "A call without inputs is well formed.", bare(a=llm()), near=["PIR1020", "PIR1026"], flags=["Empty"])
    keep("no-nodes", "A flow without nodes is well formed.", bare(), denies=["flow-sort/flow"], near=["PIR1001", "PIR1020", "PIR1021"], flags=["Empty"])
    keep("template-out-of-range", "References of a template are for admission to look at.", flow(draft=llm("ask", template="$2 $0")), denies=["flow-admit/template"], near=["PIR1028"])
    keep("negative-zero", "A zero in a policy has no sign.", flow(draft=llm("ask", policy=["policy", ["top"], ["lit", 0], ["argmax"], ["id"], ABORT])), text=written(flow(draft=llm("ask", policy=["policy", ["top"], ["lit", "@"], ["argmax"], ["id"], ABORT]))).replace('"@"', "-0"), flags=["Minus0"])
    book.add("auto", "A text that begins with a bracket is in the wire form.", input={"text": "\n " + written(ONE), "syntax": "auto"}, result={"flow": ONE})
    book.add("bytes", "A source may come as bytes.", input={"bytes": written(CHAIN).encode().hex()}, result={"flow": CHAIN}, denies=["flow-bound/nesting"])
    book.add("bytes-not-utf-8", "Bytes of a flow are UTF-8 as well.", input={"bytes": written(ONE).encode().hex() + "ff"}, refused="PIR0002", rules=["source/utf-8"])
    book.add("mark", "A byte-order mark is refused before a flow, too.", input={"text": "\ufeff" + written(ONE)}, refused="PIR0003", rules=["source/mark"])
    book.add("empty", "An empty text is no flow.", input={"text": " \n"}, refused="PIR0005", rules=["source/empty"], flags=["Empty"])
    book.add("comma", "The rules of JSON hold.", input={"text": written(ONE)[:-1] + ",]"}, refused="PIR0106", rules=["json/trailing-comma"])
    book.add("key-twice", "A node cannot have the name of another.", input={"text": '["flow",{"a":["input"],"a":["input"]}]'}, refused="PIR0114", rules=["json/key"])
    book.add("null", "There is no null in a flow.", input={"text": written(flow(draft=llm("ask", template=None)))}, refused="PIR0115", rules=["json/null"])
    book.add("behind", "There is nothing behind a flow.", input={"text": written(ONE) + "[]"}, refused="PIR0107", rules=["json/one-value"])
    book.add("surrogate", "A lone surrogate is no character of a prompt.", input={"text": written(flow(draft=llm("ask", system="@"))).replace("@", "\\ud800")}, refused="PIR0113", rules=["json/surrogate"])
    return book


def sorts() -> Book:
    book = Book("flows/wire-refused", "flow-syntax", "What is no flow in the wire form, one fault at a time.")

    def no(name: str, comment: str, given: Any, rule: str, finding: str, **rest: Any) -> None:
        book.add(name, comment, input={"text": written(given)}, rules=[rule], refused=[finding], **rest)

    not_flow = ("flow-sort/flow", "PIR1001 ")
    for name, comment, given in [
        ("term", "A policy is no flow.", OPEN), ("record", "A record of nodes alone is no flow.", ONE[1]), ("number", "A number is no flow.", 5), ("string", "A string is no flow.", "flow"), ("boolean", "A boolean is no flow.", True), ("empty-list", "An empty list is no flow.", []),
        ("head", "The head is the word flow, in small letters.", ["Flow", ONE[1]]), ("head-number", "The head is a string.", [1, ONE[1]]), ("alone", "The word flow alone is no flow.", ["flow"]), ("nodes-list", "Nodes are a record.", ["flow", [["input"]]]), ("nodes-string", "Nodes are no string.", ["flow", "ask"]), ("nodes-number", "Nodes are no number.", ["flow", 0]), ("third", "A flow has one argument.", [*ONE, {}]), ("tag", "The tag of the record of bytes is no word of the wire form.", ["flow-ir/1", ONE]),
    ]:
        no(f"flow-{name}", comment, given, *not_flow)
    for name, comment, given in [("number", "A node is a list.", 5), ("record", "A record is no node.", {"kind": "input"}), ("string", "A string is no node.", "input"), ("boolean", "A boolean is no node.", False), ("empty", "An empty list is no node.", []), ("head-number", "The head of a node is a string.", [5, "x"]), ("head-list", "The head of a node is no list.", [["input"]])]:
        no(f"kind-{name}", comment, bare(a=given), "flow-sort/kind", "PIR1002 /1/a")
    for name, comment, given in [("unknown", "There is no such kind of nodes.", ["tool"]), ("capital", "Kinds are in small letters.", ["Input"]), ("near", "A kind that is nearly one is none.", ["lm", {}]), ("empty-string", "The empty string is no kind.", [""]), ("policy", "A policy is no node.", OPEN), ("arguments", "What stands behind an unknown kind is not looked at.", ["tool", {"policy": ["x"]}, 5]), ("proto", "What the implementation's language has is no kind.", ["__proto__"])]:
        no(f"kind-{name}", comment, bare(a=given), "flow-sort/kind", "PIR1002 /1/a/0", flags=["HostName"] if name == "proto" else [])
    for name, comment, given in [("input", "An input has no argument.", ["input", "x"]), ("input-record", "An input has no record either.", ["input", {}]), ("llm", "A call has a record.", ["llm"]), ("llm-two", "A call has one record.", ["llm", {}, {}]), ("output", "An output has a name.", ["output"]), ("output-two", "An output has one name.", ["output", "a", "b"])]:
        no(f"arity-{name}", comment, bare(a=given), "flow-sort/arity", "PIR1003 /1/a")
    for name, comment, given, pointer in [
        ("record-list", "The argument of a call is a record.", ["llm", []], "/1/a/1"), ("record-string", "It is no string.", ["llm", "s"], "/1/a/1"), ("output-list", "The argument of an output is a string.", ["output", ["b"]], "/1/a/1"), ("output-number", "It is no number.", ["output", 1], "/1/a/1"),
        ("system-number", "A system prompt is a string.", llm("b", system=5), "/1/a/1/system"), ("system-list", "It is no list.", llm("b", system=["x"]), "/1/a/1/system"), ("inputs-string", "The inputs are a list.", ["llm", {"system": "", "policy": OPEN, "inputs": "b"}], "/1/a/1/inputs"), ("inputs-record", "They are no record.", ["llm", {"system": "", "policy": OPEN, "inputs": {"b": "c"}}], "/1/a/1/inputs"),
        ("input-number", "An input is a string.", ["llm", {"system": "", "policy": OPEN, "inputs": ["b", 1]}], "/1/a/1/inputs/1"), ("input-list", "It is no list.", ["llm", {"system": "", "policy": OPEN, "inputs": [["b"]]}], "/1/a/1/inputs/0"), ("template-number", "A template is a string.", llm("b", template=1), "/1/a/1/template"), ("template-boolean", "It is no boolean.", llm("b", template=False), "/1/a/1/template"), ("on-error-boolean", "What is to be done on an error is a string.", llm("b", on_error=True), "/1/a/1/on_error"),
    ]:
        no(f"value-{name}", comment, bare(a=given), "flow-sort/value", f"PIR1004 {pointer}")
    for name, comment, key in [("unknown", "A call has no such key.", "model"), ("capital", "Keys are in small letters.", "System"), ("near", "A key that is nearly one is none.", "sytem"), ("input", "The inputs are several.", "input"), ("hyphen", "Words in a key have an underscore between them.", "on-error"), ("empty", "The empty string is no key.", ""), ("proto", "What the implementation's language has is no key.", "__proto__")]:
        no(f"key-{name}", comment, bare(a=llm("b", **{key: "x"})), "flow-sort/key", f"PIR1005 /1/a/1/{key}", flags=["HostName"] if name == "proto" else [])
    for key in ("system", "policy", "inputs"):
        record = {name: value for name, value in llm("b")[1].items() if name != key}
        no(f"required-{key}", f"A call has the key {key}.", bare(a=["llm", record]), "flow-sort/required-key", "PIR1006 /1/a/1")
    for name, comment, word in [("word", "A call cannot be told to retry.", "retry"), ("capital", "The words are in small letters.", "Fail"), ("empty", "The empty string is none of the words.", ""), ("kind", "The words are fail and input, and none of the other kinds.", "output")]:
        no(f"on-error-{name}", comment, bare(a=llm("b", on_error=word)), "flow-sort/on-error", "PIR1007 /1/a/1/on_error")
    for name, comment, policy, code, pointer in [
        ("predicate", "A predicate is no policy.", ["top"], "PIR0203", ""), ("number", "A number is no policy.", 5, "PIR0201", ""), ("flow", "A flow is no policy.", ONE, "PIR0202", "/0"), ("name", "A name is no policy in the wire form.", "cheap", "PIR0201", ""), ("arity", "A policy has five slots.", ["policy", ["top"]], "PIR0204", ""), ("inside", "What is wrong in a policy has the pointer of the flow.", ["policy", ["topp"], ["zero"], ["argmax"], ["id"], ABORT], "PIR0202", "/1/0"),
        ("record", "A record in a policy is looked at, too.", ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {}]], "PIR0209", "/5/1"),
    ]:
        book.add(f"policy-{name}", comment, input={"text": written(bare(a=llm("b", policy=policy)))}, refused=[f"{code} /1/a/1/policy{pointer}"])
    return book


def values() -> Book:
    book = Book("flows/values", "flow-syntax", "Flows that come as decoded values.")
    book.add("chain", "A decoded value is loaded as a text is read.", input={"value": CHAIN}, result={"flow": CHAIN}, rules=["flow-print/record"])
    book.add("order", "Nodes of a decoded value are looked at in their order.", input={"value": bare(z=5, a=["tool"], m=["input", 1])}, refused=["PIR1002 /1/z", "PIR1002 /1/a/0", "PIR1003 /1/m"], rules=["flow-sort/kind", "flow-sort/arity"])
    book.add("keys-order", "So are the keys of a node.", input={"value": bare(a=["llm", {"template": 1, "system": 2, "x": 3, "inputs": 4, "policy": 5}])}, refused=["PIR1004 /1/a/1/template", "PIR1004 /1/a/1/system", "PIR1005 /1/a/1/x", "PIR1004 /1/a/1/inputs", "PIR0201 /1/a/1/policy"], rules=["flow-sort/value", "flow-sort/key"])
    book.add("null", "A null is of no type that is due.", input={"value": bare(a=llm("b", template=None))}, refused="PIR0115", rules=["flow-sort/value"])
    book.add("null-node", "A null is no node.", input={"value": bare(a=None)}, refused="PIR0115")
    book.add("null-flow", "A null is no flow.", input={"value": None}, refused="PIR0115")
    book.add("all-required", "A record without anything has a finding for each key that is missing.", input={"value": bare(a=["llm", {}])}, refused=["PIR1006 /1/a/1"] * 3, rules=["flow-sort/required-key"], flags=["Empty"])
    book.add("name-and-node", "A finding about a name comes before those about its node.", input={"value": bare(**{"a b": 5})}, refused=["PIR1008 /1/a b", "PIR1002 /1/a b"], rules=["flow-sort/name", "flow-sort/kind"])
    book.add("not-a-flow", "A number is no flow.", input={"value": 5}, refused=["PIR1001 "], rules=["flow-sort/flow"])
    book.add("huge-number", "A number beyond binary64 in a policy is refused by its own rules.", input={"value": bare(a=llm("b", policy=["policy", ["top"], ["lit", 10**309], ["argmax"], ["id"], ABORT]))}, refused="PIR0110")
    return book


def names() -> Book:
    book = Book("flows/names", "flow-syntax", "What a node can be called.")
    for name, given, comment in [("letter", "a", "One letter is a name."), ("underscore", "_", "An underscore is a name."), ("digits", "a1", "Digits may follow."), ("capitals", "ABC_xyz", "Capitals are letters."), ("longest", "n" * 64, "A name of 64 characters is one."), ("proto", "__proto__", "What the implementation's language has is a name like any other."), ("constructor", "constructor", "So is what its objects inherit."), ("word", "llm", "The word of a kind is a name."), ("flow", "flow", "So is the word flow."), ("reserved", "policy", "In the wire form no word is reserved.")]:
        kept = flow(**{given: llm("ask")})
        book.add(name, comment, input={"text": written(kept)}, result={"flow": kept}, near=["PIR1008"], denies=["flow-sort/name"], flags=["Edge"] if name == "longest" else ["HostName"] if name in ("proto", "constructor") else [])
    for name, given, pointer, comment, flags in [
        ("empty", "", "", "The empty string is no name.", ["Empty"]), ("digit", "1a", "1a", "A name does not begin with a digit.", []), ("hyphen", "a-b", "a-b", "A hyphen is no character of a name.", []), ("space", "a b", "a b", "Nor is a space.", []), ("dot", "a.b", "a.b", "Nor is a dot.", []), ("longer", "n" * 65, "n" * 65, "65 characters are too many.", ["PastEdge"]), ("accent", "é", "é", "Letters are of ASCII.", ["Unicode"]),
        ("wide", "\uff41", "\uff41", "A letter that looks like one of ASCII is none.", ["Unicode", "Normalisation"]), ("digit-elsewhere", "a\u0661", "a\u0661", "Digits are of ASCII, too.", ["Unicode"]), ("line-feed", "a\n", "a\n", "A line feed behind a name is no part of one.", []), ("slash", "a/b", "a~1b", "A pointer escapes a slash.", []), ("tilde", "a~b", "a~0b", "It escapes a tilde.", []), ("escaped-slash", "a~1b", "a~01b", "A name that looks like an escaped one is another.", []), ("index", "0", "0", "A number is no name.", ["HostName"]),
    ]:
        book.add(name if name != "longer" else "longest-past", comment, input={"text": written(bare(**{given: ["input"]}))}, refused=[f"PIR1008 /1/{pointer}"], rules=["flow-sort/name"], flags=flags)
    book.add("of-an-input", "The name in a list of inputs is not looked at as a name.", input={"text": written(flow(draft=llm("a b")))}, near=["PIR1008"], denies=["flow-sort/name"])
    book.add("of-the-output", "Nor is that of an output.", input={"text": written(bare(out=["output", "a b"]))}, near=["PIR1008"], denies=["flow-sort/name"])
    return book


def _many(count: int) -> Any:
    """The text of a flow of so many nodes: inputs in excess, which reading takes."""
    return ['["flow",{', ",".join(f'"n{at}":["input"]' for at in range(count)), "}]"]


def bounds() -> Book:
    book = Book("flows/bounds", "flow-syntax", "Bounds of flows at their edges and one past them.")

    def edge(name: str, comment: str, text: Any, rule: str, code: str, *flags: str, **rest: Any) -> None:
        book.add(name, comment, input={"text": text}, rules=[rule], near=[code], flags=["Edge", *flags], **rest)

    def past(name: str, comment: str, text: Any, rule: str, finding: Any, *flags: str, **rest: Any) -> None:
        book.add(name, comment, input={"text": text}, denies=[rule], refused=[finding] if isinstance(finding, str) else finding, flags=["PastEdge", *flags], **rest)

    def within(name: str, comment: str, text: list[Any], rule: str, code: str, *flags: str) -> None:
        """At the edge, in a flow that another node spoils, so that its long texts need not stand in a result as well."""
        spoilt = [*text[:-1], text[-1][:-2] + ',"z":["tool"]}]']
        book.add(name, comment, input={"text": spoilt}, rules=[rule], near=[code], flags=["Edge", *flags], refused=["PIR1002 /1/z/0"])

    source = ("flow-bound/source", "PIR0004")
    text = written(ONE)
    edge("source", "1048576 bytes are a source.", [text, [" ", 1048576 - len(text)]], *source)
    past("source-past", "One byte more is refused, even if it is white space.", [text, [" ", 1048577 - len(text)]], *source)
    edge("source-larger-than-a-term", "A flow may be larger than a term may be.", [text, [" ", 262145]], *source)
    past("source-of-wide-characters", "The size is that of the UTF-8.", [text, ["é", 524289]], *source, "Unicode")
    nesting = ("flow-bound/nesting", "PIR0310")
    opening, closing = around(flow(draft=["llm", {"policy": "@"}]))
    opening, closing = opening[:-1], closing[1:]
    book.add("nesting", "70 open brackets are read, whatever stands in them.", input={"text": [opening, ["[", 66], ["]", 66], closing]}, refused="PIR0201", rules=["flow-bound/nesting"], near=["PIR0310"], flags=["Edge"])
    past("nesting-past", "With 71 open brackets reading stops.", [opening, ["[", 67], ["]", 67], closing], *nesting)
    slots = ',["zero"],["argmax"],["id"],["always",{"action":"abort"}]]'
    deep = written(flow(draft=["llm", {"system": "", "policy": "@", "inputs": ["ask"]}]))
    before, after = deep.split('"@"')
    book.add("policy-depth", "The depth of a policy counts from its own root.", input={"text": [before, '["policy",', ['["not",', 62], '["top"]', ["]", 62], slots, after]}, rules=["flow-bound/nesting", "bound/depth"], near=["PIR0301", "PIR0310"], flags=["Edge"])
    book.add("policy-depth-past", "One more is too deep for a policy.", input={"text": [before, '["policy",', ['["not",', 63], '["top"]', ["]", 63], slots, after]}, denies=["bound/depth"], refused="PIR0301", flags=["PastEdge"])
    nodes = ("flow-bound/nodes", "PIR1010")
    edge("nodes", "256 nodes are allowed.", _many(256), *nodes)
    edge("nodes-below", "255 are as well.", _many(255), *nodes)
    past("nodes-past", "257 nodes are too many.", _many(257), "flow-bound/nodes", "PIR1010 /1")
    book.add("nodes-past-and-nothing-else", "Of a flow with too many nodes nothing else is looked at.", input={"text": ['["flow",{"a b":5,', ",".join(f'"n{at}":["tool"]' for at in range(256)), "}]"]}, denies=["flow-bound/nodes"], refused=["PIR1010 /1"], flags=["PastEdge"], near=["PIR1002", "PIR1008"])
    inputs = ("flow-bound/inputs", "PIR1011")
    for count in (31, 32):
        edge(f"inputs-{count}", f"A call may have {count} inputs.", written(flow(draft=llm(*(f"i{at}" for at in range(count))))), *inputs)
    past("inputs-33", "33 inputs are too many.", written(flow(draft=llm(*(f"i{at}" for at in range(33))))), "flow-bound/inputs", "PIR1011 /1/draft/1/inputs")
    book.add("inputs-past-and-none-of-them", "Of too many inputs none is looked at.", input={"text": written(flow(draft=["llm", {"system": "", "policy": OPEN, "inputs": [5] * 33}]))}, denies=["flow-bound/inputs"], refused=["PIR1011 /1/draft/1/inputs"], near=["PIR1004"], flags=["PastEdge"])
    for key in ("system", "template"):
        before, after = around(flow(draft=llm("ask", **{key: "@"})))
        (edge if key == "system" else within)(f"{key}", f"32768 bytes are a {key}.", [before, ["x", 32768], after], "flow-bound/text", "PIR1012")
        past(f"{key}-past", f"One more is too much for a {key}.", [before, ["x", 32769], after], "flow-bound/text", f"PIR1012 /1/draft/1/{key}")
        within(f"{key}-wide", f"What counts of a {key} is its UTF-8.", [before, ["模", 10922], "é", after], "flow-bound/text", "PIR1012", "Unicode")
        past(f"{key}-wide-past", f"One byte too many of a {key} may be a part of a character.", [before, ["模", 10923], after], "flow-bound/text", f"PIR1012 /1/draft/1/{key}", "Unicode")
    before, after = around(flow(draft=llm("ask", system="@")))
    within("system-escaped", "How a text is escaped does not count.", [before, ["\\u0061", 32768], after], "flow-bound/text", "PIR1012")
    within("system-and-template", "The two of a node have a bound each.", _both(32768), "flow-bound/text", "PIR1012")
    policies = ("flow-bound/policies", "PIR1014")
    within("policies", "65536 nodes of policies are allowed in one flow.", _policies(16), *policies)
    past("policies-past", "More are too many, at the policy with which they are.", _policies(16, "more"), "flow-bound/policies", "PIR1014 /1/more/1/policy")
    book.add("policies-past-and-nothing-after", "Behind that policy nothing is looked at.", input={"text": [*_policies(16, "more")[:-1], ',"later":["tool"]}]']}, denies=["flow-bound/policies"], refused=["PIR1014 /1/more/1/policy"], near=["PIR1002"], flags=["PastEdge"])
    book.add("policies-refused", "A policy of more nodes than a policy may have is refused as such, and counts as far as it was looked at.", input={"text": _policies(1, nodes=4097)}, refused="PIR0302", denies=["bound/nodes"], flags=["PastEdge"])
    return book


def _both(count: int) -> list[Any]:
    before, rest = around(flow(draft=llm("ask", system="@", template="%")))
    between, after = rest.split("%")
    return [before, ["x", count], between, ["y", count], after]


def _policies(count: int, last: str = "", nodes: int = 4096) -> list[Any]:
    """The text of a flow with so many policies of so many nodes, and one small policy more where it has a name."""
    parts: list[Any] = ['["flow",{']
    for at in range(count):
        comma = "," if at else ""
        parts += [f'{comma}"n{at}":["llm",{{"system":"","inputs":[],"policy":["policy",["and"', [',["top"]', nodes - 6], '],["zero"],["argmax"],["id"],["always",{"action":"abort"}]]}]']
    more = f',"{last}":["llm",{{"system":"","inputs":[],"policy":{written(OPEN)}}}]' if last else ""
    return [*parts, more, "}]"]


def findings() -> Book:
    book = Book("flows/findings", "flow-syntax", "Which findings there are of several faults in one text, and in which order.")

    def several(name: str, comment: str, text: str, *found: str, **rest: Any) -> None:
        book.add(name, comment, input={"text": text}, refused=list(found), **rest)

    several("in-order", "Findings come by their places, whatever their stage in the table.", written(bare(a=["llm", {"system": 1, "policy": ["top"], "inputs": [2, "b", 3], "x": 1, "on_error": "no"}], b=["tool"])),
            "PIR1004 /1/a/1/system", "PIR0203 /1/a/1/policy", "PIR1004 /1/a/1/inputs/0", "PIR1004 /1/a/1/inputs/2", "PIR1005 /1/a/1/x", "PIR1007 /1/a/1/on_error", "PIR1002 /1/b/0", rules=["flow-sort/value", "flow-sort/key", "flow-sort/on-error", "flow-sort/kind"])
    several("required-last", "What is missing is found at the closing brace.", written(bare(a=["llm", {"template": 5}])), "PIR1004 /1/a/1/template", "PIR1006 /1/a/1", "PIR1006 /1/a/1", "PIR1006 /1/a/1", rules=["flow-sort/required-key"])
    several("name-first", "One about a name comes before those about its node.", written(bare(**{"a b": ["output"]})), "PIR1008 /1/a b", "PIR1003 /1/a b", rules=["flow-sort/name", "flow-sort/arity"])
    several("two-policies", "Each policy is looked at.", written(bare(a=llm(policy=["tp"]), b=llm(policy=["top"]))), "PIR0202 /1/a/1/policy/0", "PIR0203 /1/b/1/policy")
    several("stops-at-json", "A fault of JSON is found alone.", written(bare(a=["tool"])) + ",", "PIR0107", rules=["json/one-value"], near=["PIR1002"])
    several("kind-stops", "Behind a kind that is unknown nothing is looked at.", written(bare(a=["tool", ["x", 5]], b=5)), "PIR1002 /1/a/0", "PIR1002 /1/b", rules=["flow-sort/kind"])
    several("arity-stops", "Nothing is looked at in a node of another number of arguments.", written(bare(a=["llm", {"x": 1}, 2])), "PIR1003 /1/a", rules=["flow-sort/arity"], near=["PIR1005"])
    return book
