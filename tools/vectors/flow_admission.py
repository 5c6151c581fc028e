"""Chapter Flows, admission, floors, lints, normal form and encoding of flows."""

from __future__ import annotations

from typing import Any

from policy_ir.canonical import canonical_bytes
from vectors.book import Book
from vectors.flow_world import ABORT, CHAIN, DIAMOND, FAST, FUSE, ONE, OPEN, bare, flow, llm

# fmt: off
STATEMENTS = ["flow-admit/reference", "flow-admit/output-unread", "flow-admit/inputs-once", "flow-admit/template", "flow-admit/answer", "flow-admit/one-input", "flow-admit/one-output", "flow-admit/acyclic", "flow-admit/reached", "flow-admit/used"]
CODES = [f"PIR10{number}" for number in range(20, 30)]


def books() -> list[Book]:
    return [accepted(), refused(), graphs(), templates(), floors(), lints(), encoding(), decoding(), refused_bytes()]


def accepted() -> Book:
    book = Book("flows/admission", "flow-admission", "Flows that are admitted: their last node, and the fingerprints of their policies.")

    def yes(name: str, comment: str, given: Any, last: str, rules: Any = (), **rest: Any) -> None:
        book.add(name, comment, input={"flow": given}, rules=rules, result={"last": last}, **rest)

    yes("one-call", "The smallest flow has one call, which is the last.", ONE, "draft", STATEMENTS, near=CODES)
    yes("chain", "The last call is the one that the output has.", CHAIN, "verify", ["flow-admit/used", "flow-admit/reached"])
    yes("diamond", "Two calls may read the same.", DIAMOND, "join", ["flow-admit/acyclic", "flow-admit/inputs-once"], near=["PIR1024", "PIR1025"])
    yes("fan", "Three calls may be read by one.", FUSE, "join")
    yes("skip", "A call may read the input beside what comes of it.", flow(draft=llm("ask"), verify=llm("ask", "draft")), "verify", ["flow-admit/acyclic"], near=["PIR1025"])
    yes("any-order", "Nodes may be written in any order.", bare(out=["output", "b"], b=llm("a"), a=llm("ask"), ask=["input"]), "b", ["flow-admit/reference"], near=["PIR1022"])
    yes("both-ways-on", "A value may be read on two ways of different lengths.", flow(a=llm("ask"), b=llm("a"), c=llm("a", "b", "ask")), "c", ["flow-admit/acyclic"])
    yes("names", "Names of an input and of an output are free.", bare(flow=["input"], policy=llm("flow"), llm=["output", "policy"]), "policy")
    yes("host-names", "So are names that the implementation's language gives a meaning.", bare(constructor=["input"], __proto__=llm("constructor"), toString=["output", "__proto__"]), "__proto__", flags=["HostName"])
    yes("equal-policies", "Equal policies have one fingerprint.", flow(a=llm("ask", policy=FAST), b=llm("ask", policy=FAST), c=llm("a", "b")), "c", ["flow-admit/policy"])
    yes("normal-forms", "Fingerprints are those of normal forms.", flow(a=llm("ask", policy=["policy", ["and", ["top"], ["top"]], ["add", ["zero"]], ["argmax"], ["seq", ["id"]], ABORT]), b=llm("a")), "b", ["flow-admit/policy"])
    wide = {f"n{at:02}": llm("ask") for at in range(32)}
    yes("widest", "32 inputs are read by one call.", flow(**wide, join=llm(*wide)), "join", ["flow-bound/inputs"], near=["PIR1011"], flags=["Edge"])
    long = {f"n{at:03}": llm(f"n{at - 1:03}" if at else "ask") for at in range(254)}
    yes("longest", "A chain may have 254 calls.", flow(**long), "n253", ["flow-bound/nodes"], near=["PIR1010"], flags=["Edge"])
    book.add("core", "A flow may be admitted under the vocabulary core.", input={"vocabulary": "core", "flow": ONE}, result={"last": "draft"}, rules=["flow-admit/policy"])
    book.add("own-vocabulary", "It may be admitted under a vocabulary of one's own.", input={"vocabulary": {"vocabulary": 1, "name": "v", "fields": {"speed": {"sort": "num", "source": "state", "default": 0}}}, "flow": flow(a=llm("ask", policy=["policy", ["top"], ["field", "speed"], ["argmax"], ["id"], ABORT]))}, result={"last": "a"}, rules=["flow-admit/policy"])
    return book


def refused() -> Book:
    book = Book("flows/admission-refused", "flow-admission", "What admission refuses at the nodes of a flow, and in which order.")

    def no(name: str, comment: str, given: Any, denied: Any, *found: str, **rest: Any) -> None:
        book.add(name, comment, input={"flow": given}, denies=[denied] if isinstance(denied, str) else denied, refused=list(found), **rest)

    no("policy", "A policy is admitted as any is.", flow(a=llm("ask", policy=["policy", ["cmp", "prise", "le", 1], ["zero"], ["argmax"], ["id"], ABORT])), "flow-admit/policy", "PIR0401 /1/a/1/policy/1/1")
    no("policy-twice", "What is wrong in two policies is found in both.", flow(a=llm("ask", policy=["policy", ["is", "x"], ["field", "y"], ["argmax"], ["id"], ABORT]), b=llm("a", policy=["policy", ["is", "z"], ["zero"], ["argmax"], ["id"], ABORT])), "flow-admit/policy", "PIR0401 /1/a/1/policy/1/1", "PIR0401 /1/a/1/policy/2/1", "PIR0401 /1/b/1/policy/1/1")
    no("policy-equal", "Equal policies that are refused are refused at each node.", flow(a=llm("ask", policy=["policy", ["is", "x"], ["zero"], ["argmax"], ["id"], ABORT]), b=llm("a", policy=["policy", ["is", "x"], ["zero"], ["argmax"], ["id"], ABORT])), "flow-admit/policy", "PIR0401 /1/a/1/policy/1/1", "PIR0401 /1/b/1/policy/1/1")
    no("input-unknown", "An input is a node of the flow.", flow(a=llm("ask", "asks")), "flow-admit/reference", "PIR1022 /1/a/1/inputs/1")
    no("input-unknown-case", "Names are compared as they are written.", flow(a=llm("Ask")), "flow-admit/reference", "PIR1022 /1/a/1/inputs/0")
    no("input-unknown-twice", "Each unknown input is found.", flow(a=llm("x", "ask", "y")), "flow-admit/reference", "PIR1022 /1/a/1/inputs/0", "PIR1022 /1/a/1/inputs/2")
    no("input-unknown-empty", "The empty string is no node.", flow(a=llm("ask", "")), "flow-admit/reference", "PIR1022 /1/a/1/inputs/1", flags=["Empty"])
    no("input-unknown-host-name", "What the implementation's language has is no node.", flow(a=llm("ask", "toString", "__proto__")), "flow-admit/reference", "PIR1022 /1/a/1/inputs/1", "PIR1022 /1/a/1/inputs/2", flags=["HostName"])
    no("output-unknown", "The argument of the output is a node of the flow.", bare(ask=["input"], a=llm("ask"), out=["output", "b"]), "flow-admit/reference", "PIR1022 /1/out/1")
    no("output-read", "Nobody reads the output.", flow(b=llm("ask", "out"), a=llm("ask", "b")), "flow-admit/output-unread", "PIR1023 /1/b/1/inputs/1", "PIR1025 /1/b")
    no("output-of-output", "Not even the output does.", bare(ask=["input"], a=llm("ask"), out=["output", "out"]), ["flow-admit/answer"], "PIR1029 /1/out/1", "PIR1025 /1/out")
    no("input-twice", "A node has an input once.", flow(a=llm("ask", "ask")), "flow-admit/inputs-once", "PIR1024 /1/a/1/inputs/1")
    no("input-three-times", "Each further one is found.", flow(a=llm("ask", "ask", "ask")), "flow-admit/inputs-once", "PIR1024 /1/a/1/inputs/1", "PIR1024 /1/a/1/inputs/2")
    no("input-unknown-and-twice", "An input that is unknown and there twice is found for both reasons.", flow(a=llm("ask", "x", "x")), ["flow-admit/reference", "flow-admit/inputs-once"], "PIR1022 /1/a/1/inputs/1", "PIR1022 /1/a/1/inputs/2", "PIR1024 /1/a/1/inputs/2")
    no("answer-input", "The output is not the input.", bare(ask=["input"], a=llm("ask"), out=["output", "ask"]), "flow-admit/answer", "PIR1029 /1/out/1")
    no("answer-input-alone", "A flow without a call has no answer.", bare(ask=["input"], out=["output", "ask"]), "flow-admit/answer", "PIR1029 /1/out/1")
    no("no-input", "A flow has an input.", bare(a=llm(), out=["output", "a"]), "flow-admit/one-input", "PIR1020 /1")
    no("two-inputs", "A flow has one input, and the second is too many.", bare(ask=["input"], a=llm("ask", "more"), more=["input"], out=["output", "a"]), "flow-admit/one-input", "PIR1020 /1/more")
    no("three-inputs", "Every further input is found.", bare(x=["input"], ask=["input"], a=llm("ask", "more", "x"), more=["input"], out=["output", "a"]), "flow-admit/one-input", "PIR1020 /1/ask", "PIR1020 /1/more")
    no("no-output", "A flow has an output.", bare(ask=["input"], a=llm("ask")), "flow-admit/one-output", "PIR1021 /1")
    no("two-outputs", "A flow has one output.", bare(ask=["input"], a=llm("ask"), out=["output", "a"], also=["output", "a"]), "flow-admit/one-output", "PIR1021 /1/also")
    no("no-nodes", "A flow without nodes has neither.", bare(), ["flow-admit/one-input", "flow-admit/one-output"], "PIR1020 /1", "PIR1021 /1", flags=["Empty"])
    no("order", "Findings come by the nodes, at each by the table, and then of the whole.",
       bare(b=llm("ask", "ask", "no", policy=["policy", ["is", "x"], ["zero"], ["argmax"], ["id"], ABORT], template="$4"), out=["output", "ask"], ask=["input"], again=["input"], more=["output", "nobody"]),
       ["flow-admit/policy", "flow-admit/reference", "flow-admit/inputs-once", "flow-admit/template", "flow-admit/answer", "flow-admit/one-input", "flow-admit/one-output"],
       "PIR0401 /1/b/1/policy/1/1", "PIR1022 /1/b/1/inputs/2", "PIR1024 /1/b/1/inputs/1", "PIR1028 /1/b/1/template", "PIR1029 /1/out/1", "PIR1022 /1/more/1", "PIR1020 /1/again", "PIR1021 /1/more", near=["PIR1026", "PIR1027"])
    no("reading-first", "What is no flow is not admitted.", bare(a=["tool"], out=["output", "x"]), [], "PIR1002 /1/a/0", near=["PIR1022", "PIR1020"])
    no("vocabulary", "A policy of another vocabulary is refused under this one.", flow(a=llm("ask", policy=["policy", ["top"], ["field", "speed"], ["argmax"], ["id"], ABORT])), "flow-admit/policy", "PIR0401 /1/a/1/policy/2/1")
    book.add("vocabulary-first", "A vocabulary that is wrong is found before the flow.", input={"vocabulary": {"vocabulary": 1}, "flow": 5}, refused="PIR0701", near=["PIR1001"])
    return book


def graphs() -> Book:
    book = Book("flows/graphs", "flow-admission", "Cycles, nodes that nothing reaches, and nodes that lead nowhere.")

    def no(name: str, comment: str, given: Any, denied: str, *found: str, **rest: Any) -> None:
        book.add(name, comment, input={"flow": given}, denies=[denied], refused=list(found), **rest)

    def ring(count: int, **into: Any) -> dict[str, Any]:
        return {f"n{at:03}": llm(f"n{(at - 1) % count:03}", *([into["first"]] if at == 0 and "first" in into else [])) for at in range(count)}

    no("cycle-one", "A node that reads itself is a cycle.", flow(a=llm("ask", "a")), "flow-admit/acyclic", "PIR1025 /1/a")
    no("cycle-two", "Two nodes that read one another are a cycle, which is found once.", flow(b=llm("ask", "a"), a=llm("b")), "flow-admit/acyclic", "PIR1025 /1/b")
    no("cycle-three", "A cycle is found at the node that is written first.", flow(z=llm("y"), y=llm("ask", "x"), x=llm("z")), "flow-admit/acyclic", "PIR1025 /1/z")
    no("cycle-long", "A cycle may be as long as a flow.", flow(**ring(253, first="ask"), last=llm("n252")), "flow-admit/acyclic", "PIR1025 /1/n000", flags=["Edge"])
    no("cycles-two", "Two cycles are two findings.", flow(a=llm("ask", "b"), b=llm("a"), c=llm("b", "d"), d=llm("c")), "flow-admit/acyclic", "PIR1025 /1/a", "PIR1025 /1/c")
    no("cycles-crossing", "Two cycles through one node are one set of nodes.", flow(a=llm("ask", "b", "c"), b=llm("a"), c=llm("a")), "flow-admit/acyclic", "PIR1025 /1/a")
    no("cycles-touching-later", "Which node of the set is written first is what counts.", flow(c=llm("a"), a=llm("ask", "b", "c"), b=llm("a"), e=llm("b")), "flow-admit/acyclic", "PIR1025 /1/c")
    no("cycles-interleaved", "Findings come in the order of the nodes.", flow(d=llm("c"), b=llm("a"), a=llm("ask", "b"), c=llm("b", "d")), "flow-admit/acyclic", "PIR1025 /1/d", "PIR1025 /1/b")
    no("cycle-apart", "A cycle that nothing reaches is a cycle and nothing else.", flow(x=llm("y"), y=llm("x"), a=llm("ask")), "flow-admit/acyclic", "PIR1025 /1/x", near=["PIR1026", "PIR1027"])
    no("cycle-two-inputs-of-one", "Behind a cycle a node is no part of it.", flow(a=llm("ask", "a"), b=llm("a")), "flow-admit/acyclic", "PIR1025 /1/a")
    no("not-reached", "A node without inputs does not depend on the input.", flow(a=llm("ask"), b=llm(), c=llm("a", "b")), "flow-admit/reached", "PIR1026 /1/b")
    no("not-reached-chain", "Nor does one that reads only such nodes.", flow(a=llm("ask"), b=llm(), c=llm("b"), d=llm("a", "c")), "flow-admit/reached", "PIR1026 /1/b", "PIR1026 /1/c")
    no("not-reached-all", "Nor does the output, where nothing else does.", bare(ask=["input"], a=llm(), out=["output", "a"]), "flow-admit/reached", "PIR1026 /1/a", "PIR1026 /1/out", "PIR1027 /1/ask")
    no("not-used", "A node that nobody reads is of no use.", flow(b=llm("ask"), a=llm("ask")), "flow-admit/used", "PIR1027 /1/b")
    no("not-used-chain", "Nor is what only such nodes read.", flow(b=llm("ask"), c=llm("b"), a=llm("ask")), "flow-admit/used", "PIR1027 /1/b", "PIR1027 /1/c")
    no("not-used-in-order", "Findings of one rule come in the order of the nodes.", flow(z=llm("ask"), b=llm(), y=llm("ask", "b"), a=llm("ask")), "flow-admit/used", "PIR1026 /1/b", "PIR1027 /1/z", "PIR1027 /1/b", "PIR1027 /1/y")
    book.add("dead-ends-behind-unknown", "With a reference that is unknown, nobody says what is reached.", input={"flow": flow(b=llm("x"), a=llm("ask"))}, denies=["flow-admit/reference"], rules=[], refused=["PIR1022 /1/b/1/inputs/0"], near=["PIR1026", "PIR1027"])
    book.add("dead-ends-behind-twice", "Nor with an input that is there twice.", input={"flow": flow(b=llm("ask", "ask"), a=llm("ask"))}, refused=["PIR1024 /1/b/1/inputs/1"], denies=["flow-admit/inputs-once"], near=["PIR1027"])
    book.add("dead-ends-beside-policy", "A policy that is refused does not keep from it.", input={"flow": flow(b=llm("ask", policy=["policy", ["is", "x"], ["zero"], ["argmax"], ["id"], ABORT]), a=llm("ask"))}, denies=["flow-admit/policy", "flow-admit/used"], refused=["PIR0401 /1/b/1/policy/1/1", "PIR1027 /1/b"])
    book.add("dead-ends-beside-template", "Nor does a template.", input={"flow": flow(b=llm("ask", template="$2"), a=llm("ask"))}, denies=["flow-admit/template", "flow-admit/used"], refused=["PIR1028 /1/b/1/template", "PIR1027 /1/b"])
    book.add("cycle-beside-two-inputs", "Cycles are looked for whatever else is wrong.", input={"flow": bare(ask=["input"], also=["input"], a=llm("ask", "a", "also", "x"), out=["output", "a"])}, denies=["flow-admit/acyclic", "flow-admit/one-input", "flow-admit/reference"], refused=["PIR1022 /1/a/1/inputs/3", "PIR1020 /1/also", "PIR1025 /1/a"])
    return book


def templates() -> Book:
    book = Book("flows/templates", "flow-admission", "References of templates: which are to an input.")
    for name, comment, template, inputs in [
        ("one", "A template may refer to the only input.", "$1", 1), ("all", "It may refer to all of them.", "$1 $2 $3", 3), ("none", "It may refer to none.", "nothing", 1), ("often", "It may refer to one as often as it likes.", "$1$1$1", 1), ("swapped", "It may refer to them in any order.", "$2 $1", 2), ("dollars", "Dollar signs before others than digits are themselves.", "$ $$ $x $-1 $", 1),
        ("double", "The second of two dollar signs is the reference.", "$$1", 1), ("braces", "There is no reference in braces.", "${9}", 1), ("last-of-32", "32 is the greatest index there is.", "$32 $10 $9", 32), ("wide-digits", "Digits are of ASCII.", "$\u0661 $\uff19", 1), ("letter-behind", "A letter ends the digits.", "$1st", 1), ("point-behind", "So does a point.", "$1.5", 1),
    ]:
        calls = {f"n{at}": llm("ask") for at in range(inputs - 1)}
        book.add(name, comment, input={"flow": flow(**calls, join=llm("ask", *calls, template=template))}, result={"last": "join"}, rules=["flow-admit/template"], near=["PIR1028"], flags=["Unicode"] if name == "wide-digits" else ["Edge"] if name == "last-of-32" else [])
    for name, comment, template, inputs in [
        ("beyond", "An index is that of an input.", "$2", 1), ("zero", "There is no input 0.", "$0", 1), ("leading-zero", "An index has no leading zero.", "$01", 1), ("double-zero", "Two zeros are none either.", "$00", 1), ("digits", "All digits behind a dollar sign belong to it.", "$12", 2), ("beyond-several", "Several wrong references are found once.", "$3 $4 $0", 2), ("beyond-bound", "33 is beyond what can be.", "$33", 32), ("huge", "An index may be written with more digits than a number has.", "$" + "9" * 400, 1),
        ("right-and-wrong", "One right reference does not help.", "$1 $3", 2), ("double-dollar", "A second dollar sign does not escape.", "$$2", 1), ("wraps", "2^64 + 1 is not 1.", "$18446744073709551617", 1),
    ]:
        calls = {f"n{at}": llm("ask") for at in range(inputs - 1)}
        book.add(f"refused-{name}", comment, input={"flow": flow(**calls, join=llm("ask", *calls, template=template))}, denies=["flow-admit/template"], refused=["PIR1028 /1/join/1/template"])
    return book


def floors() -> Book:
    book = Book("flows/floors", "flow-admission", "Flows under a floor: every policy is held to it.")
    tee = ["is", "has_tee"]
    book.add("filter", "Every policy of the flow is conjoined with the filter of the floor.", input={"flow": flow(a=llm("ask", policy=FAST), b=llm("a")), "floor": {"filter": tee}}, rules=["flow-admit/floor"], result={"last": "b"})
    book.add("predicate", "A floor may be a predicate alone.", input={"flow": flow(a=llm("ask", policy=FAST), b=llm("a")), "floor": tee}, rules=["flow-admit/floor"])
    book.add("mutate", "Its transform comes after each policy's own.", input={"flow": CHAIN, "floor": {"filter": ["top"], "mutate": ["set_param", "max_tokens", 100]}}, rules=["flow-admit/floor"])
    book.add("none", "Without a floor policies are as they are.", input={"flow": flow(a=llm("ask", policy=FAST), b=llm("a"))}, denies=["flow-admit/floor"])
    book.add("open", "A floor that refuses nobody changes nothing that is fingerprinted.", input={"flow": flow(a=llm("ask", policy=FAST)), "floor": {"filter": ["top"]}}, rules=["flow-admit/floor"])
    book.add("refused", "A floor is looked at after the flow.", input={"flow": ONE, "floor": {"filter": ["is", "x"]}}, refused=["PIR0401 /filter/1"])
    book.add("refused-after-flow", "What is wrong with the flow is found first.", input={"flow": flow(a=llm("asks")), "floor": {"filter": ["is", "x"]}}, refused=["PIR1022 /1/a/1/inputs/0"], near=["PIR0401"])
    return book


def lints() -> Book:
    book = Book("flows/lints", "flow-lint", "Warnings about admitted flows.")

    def warn(name: str, comment: str, given: Any, *found: tuple[str, str], rules: Any = (), denies: Any = (), near: Any = (), candidates: Any = None, flags: Any = ()) -> None:
        book.add(name, comment, input={"flow": given, **({} if candidates is None else {"candidates": candidates})}, rules=rules, denies=denies, near=near, flags=[*flags, *(["SeveralFindings"] if len(found) > 1 else [])], result={"warnings": [{"code": code, "pointer": pointer} for code, pointer in found]})

    gate = ["policy", ["top"], ["gate", ["is", "has_tee"], ["neg", ["field", "price_in"]]], ["argmax"], ["id"], ABORT]
    unused = "flow-lint/unused-input"
    warn("nothing", "A flow that is fine has no warnings.", CHAIN, denies=[unused, "flow-lint/policy"], near=["PIR1045", "PIR0501"])
    warn("policy", "Warnings about a policy point into the flow.", flow(a=llm("ask", policy=gate)), ("PIR0501", "/1/a/1/policy/2"), rules=["flow-lint/policy"])
    warn("policy-twice", "Equal policies are warned of at each node.", flow(a=llm("ask", policy=gate), b=llm("a", policy=gate)), ("PIR0501", "/1/a/1/policy/2"), ("PIR0501", "/1/b/1/policy/2"), rules=["flow-lint/policy"])
    warn("unused", "An input that a template does not refer to is warned of.", flow(a=llm("ask"), b=llm("ask", "a", template="$2")), ("PIR1045", "/1/b/1/inputs/0"), rules=[unused])
    warn("unused-all", "A template without references drops all.", flow(a=llm("ask"), b=llm("ask", "a", template="x $ $a")), ("PIR1045", "/1/b/1/inputs/0"), ("PIR1045", "/1/b/1/inputs/1"), rules=[unused])
    warn("unused-empty", "So does an empty template.", flow(a=llm("ask", template="")), ("PIR1045", "/1/a/1/inputs/0"), rules=[unused], flags=["Empty"])
    warn("used", "One reference to each input is enough.", flow(a=llm("ask"), b=llm("ask", "a", template="$2$1")), denies=[unused], near=["PIR1045"])
    warn("no-template", "Without a template all inputs are used.", DIAMOND, denies=[unused], near=["PIR1045"])
    warn("ten", "A reference to the tenth input is none to the first.", flow(**{f"n{at}": llm("ask") for at in range(9)}, join=llm("ask", *(f"n{at}" for at in range(9)), template="$10$2$3$4$5$6$7$8$9")), ("PIR1045", "/1/join/1/inputs/0"), rules=[unused])
    warn("both", "At a node its policy comes first.", flow(a=llm("ask"), b=llm("ask", "a", policy=gate, template="$2")), ("PIR0501", "/1/b/1/policy/2"), ("PIR1045", "/1/b/1/inputs/0"), rules=[unused, "flow-lint/policy"])
    warn("order", "Warnings come in the order of the nodes.", bare(out=["output", "b"], b=llm("a", "ask", template="$1"), a=llm("ask", policy=gate), ask=["input"]), ("PIR1045", "/1/b/1/inputs/1"), ("PIR0501", "/1/a/1/policy/2"), rules=[unused, "flow-lint/policy"])
    missing = ["policy", ["cmp", "price_in", "le", 1], ["zero"], ["argmax"], ["id"], ABORT]
    bare_models = [{"id": "m", "provider": "p", "family": "f"}]
    warn("snapshot", "With candidates a policy is looked at beside them.", flow(a=llm("ask", policy=missing)), ("PIR0505", "/1/a/1/policy/1"), ("PIR0507", "/1/a/1/policy/1"), candidates=bare_models, rules=["flow-lint/policy"])
    warn("no-snapshot", "Without candidates it is not.", flow(a=llm("ask", policy=missing)), denies=["flow-lint/policy"])
    book.add("refused", "A flow that is refused has no warnings.", input={"flow": flow(a=llm("ask", template="$2"))}, refused=["PIR1028 /1/a/1/template"], near=["PIR1045"])
    return book


def encoding() -> Book:
    book = Book("flows/encoding", "flow-encoding", "Canonical bytes of flows, and what tells two flows apart.")

    def same(names: list[str], comment: str, flows: list[Any], rules: Any, **rest: Any) -> None:
        for name, given in zip(names, flows, strict=True):
            book.add(name, comment, input={"flow": given}, rules=rules, **rest)

    book.add("one-call", "The bytes of the smallest flow.", input={"flow": ONE}, rules=["flow-record/flow", "flow-record/policy", "flow-record/fingerprint", "flow-ir/1"], result={"bytes": canonical_bytes("flow-ir/1", ONE).hex()})
    book.add("chain", "A chain of two calls.", input={"flow": CHAIN}, rules=["flow-record/flow"], result={"bytes": canonical_bytes("flow-ir/1", CHAIN).hex()})
    same(["order-of-nodes", "order-of-nodes-turned"], "In which order nodes are written does not matter.", [bare(ask=["input"], b=llm("ask"), out=["output", "b"]), bare(out=["output", "b"], b=llm("ask"), ask=["input"])], ["flow-record/flow"])
    same(["names", "other-names"], "Names are part of what a flow is.", [flow(a=llm("ask"), b=llm("a")), flow(a=llm("ask"), c=llm("a"))], ["flow-record/flow"])
    twins = {"a": llm("ask"), "b": llm("ask")}
    same(["twins", "twins-turned"], "Twins cannot be told apart but by their names, so these are two flows.",
         [bare(ask=["input"], **twins, c=llm("a", system="c"), d=llm("b", system="d"), join=llm("c", "d"), out=["output", "join"]), bare(ask=["input"], **twins, c=llm("b", system="c"), d=llm("a", system="d"), join=llm("c", "d"), out=["output", "join"])], ["flow-record/flow", "flow-record/fingerprint"])
    same(["inputs", "inputs-turned"], "The order of inputs matters.", [flow(a=llm("ask"), b=llm("ask", "a")), flow(a=llm("ask"), b=llm("a", "ask"))], ["flow-record/flow"])
    book.add("fail", "An error that fails the flow is not written in the bytes.", input={"flow": flow(a=llm("ask", on_error="fail"))}, rules=["flow-normal/on-error"], result={"bytes": canonical_bytes("flow-ir/1", flow(a=llm("ask"))).hex()})
    book.add("pass-on", "One that passes its input on is.", input={"flow": flow(a=llm("ask", on_error="input"))}, denies=["flow-normal/on-error"], result={"bytes": canonical_bytes("flow-ir/1", flow(a=llm("ask", on_error="input"))).hex()})
    loose = ["policy", ["and", ["top"], ["family_eq", "fast"]], ["add", ["neg", ["normalize", ["field", "price_out"]]]], ["argmax"], ["seq", ["id"]], ABORT]
    book.add("normal-form", "A policy is encoded in its normal form.", input={"flow": flow(a=llm("ask", policy=loose))}, rules=["flow-normal/policy", "flow-record/policy"], result={"bytes": canonical_bytes("flow-ir/1", flow(a=llm("ask", policy=FAST))).hex()})
    book.add("normal-already", "A policy in normal form is encoded as it is.", input={"flow": flow(b=llm("ask", policy=FAST))}, denies=["flow-normal/policy"], rules=["flow-record/policy"])
    book.add("lengths", "Keys of the records come with the shorter first.", input={"flow": bare(longer_name=["input"], ab=llm("longer_name", template="$1", on_error="input", system="s"), b=["output", "ab"])}, rules=["flow-record/flow", "encode/map"], flags=["LengthFirst"])
    same(["system", "system-other"], "A system prompt is part of a flow, down to its last space.", [flow(a=llm("ask", system="s")), flow(a=llm("ask", system="s "))], ["flow-record/flow"])
    same(["template-empty", "template-none"], "An empty template is another than none.", [flow(a=llm("ask", system="e", template="")), flow(a=llm("ask", system="e"))], ["flow-record/flow"], flags=["Empty"])
    same(["composed", "decomposed"], "Texts are not normalised.", [flow(a=llm("ask", system="\u00e9")), flow(a=llm("ask", system="e\u0301"))], ["flow-record/flow"], flags=["Unicode", "Normalisation"])
    same(["return", "no-return"], "Nor are line ends.", [flow(a=llm("ask", system="a\r\nb")), flow(a=llm("ask", system="a\nb"))], ["flow-record/flow"])
    book.add("long-text", "A text of more than 255 bytes has a longer head.", input={"flow": flow(a=llm("ask", system="x" * 256))}, rules=["flow-record/flow"])
    many = {f"n{at:02}": llm("ask") for at in range(24)}
    book.add("many-nodes", "A record of more than 23 nodes has a longer head.", input={"flow": flow(**many, join=llm(*many))}, rules=["flow-record/flow"])
    book.add("refused", "A flow that is refused has no bytes.", input={"flow": flow(a=llm("asks"))}, refused=["PIR1022 /1/a/1/inputs/0"], denies=["flow-record/flow", "flow-record/fingerprint", "flow-record/policy"])
    return book


def _bytes(value: Any, tag: str = "flow-ir/1") -> str:
    return canonical_bytes(tag, value).hex()


def decoding() -> Book:
    book = Book("flows/decoding", "flow-decoding", "Flows from their canonical bytes.")

    def read(name: str, comment: str, given: Any, rules: Any = ("flow-record/flow",), result: Any = None, **rest: Any) -> None:
        book.add(name, comment, input={"bytes": _bytes(given)}, rules=rules, result={"flow": result or given}, **rest)

    read("one-call", "The smallest flow.", ONE, near=["PIR0805", "PIR0806"])
    read("everything", "A call with every key.", flow(a=llm("ask", system="s", template="t$1", on_error="input", policy=FAST)), ["flow-record/flow", "flow-print/record", "flow-record/policy"])
    read("not-admitted", "What a graph is, reading bytes does not look at.", bare(a=llm("nobody", "nobody", template="$9")), near=["PIR1022", "PIR1024", "PIR1028", "PIR1020"], denies=["flow-admit/reference"])
    read("unknown-field", "Nor are the names in a policy.", flow(a=llm("ask", policy=["policy", ["is", "speedy"], ["zero"], ["argmax"], ["id"], ABORT])), near=["PIR0401"], denies=["flow-admit/policy"])
    read("no-nodes", "A flow without nodes has bytes as well.", bare(), flags=["Empty"])
    book.add("text-at-the-bound", "A text of 32768 bytes may stand in a flow.", input={"bytes": _long(1)}, near=["PIR1012"], rules=["flow-bound/text"], flags=["Edge"])
    book.add("texts-at-the-bound", "All texts of a flow together may have 1048576 bytes, of which no source could hold as many.", input={"bytes": _long(32, policy=["policy", ["and", ["top"]], ["zero"], ["argmax"], ["id"], ABORT])}, refused=["PIR0806 /1/n00/1/policy/1"], near=["PIR1013"], rules=["flow-bound/texts"], flags=["Edge"])
    return book


def refused_bytes() -> Book:
    book = Book("flows/refused-bytes", "flow-decoding", "Bytes that are no canonical bytes of a flow.")

    def no(name: str, comment: str, data: Any, found: str, **rest: Any) -> None:
        book.add(name, comment, input={"bytes": data}, refused=[found] if " " in found else found, **rest)

    good = _bytes(ONE)
    no("empty", "No bytes are no record.", "", "PIR0801", flags=["Empty"])
    no("cut", "Bytes that end too early.", good[:-2], "PIR0801")
    no("trailing", "Bytes behind the record.", good + "00", "PIR0804")
    no("term", "The bytes of a policy are none of a flow.", _bytes(OPEN, "policy-ir/1"), "PIR0805", denies=["flow-record/flow"])
    no("tag", "The tag says which version it is.", _bytes(ONE, "flow-ir/2"), "PIR0805", denies=["flow-record/flow", "flow-ir/1"])
    no("no-flow", "What follows the tag is a flow.", _bytes(ONE[1]), "PIR1001 ", denies=["flow-record/flow"])
    no("policy-inside", "A policy behind the tag is none.", _bytes(OPEN), "PIR1001 ")
    no("kind", "The rules of the wire form hold.", _bytes(bare(a=["tool"])), "PIR1002 /1/a/0", rules=["flow-sort/kind"])
    no("key", "Keys that a node does not have are refused.", _bytes(flow(a=llm("ask", note="x"))), "PIR1005 /1/a/1/note", rules=["flow-sort/key"])
    no("name", "So are names that no node can have.", _bytes(bare(**{"a b": ["input"]})), "PIR1008 /1/a b", rules=["flow-sort/name"])
    no("policy-not-normal", "A policy that is not in normal form.", _bytes(flow(a=llm("ask", policy=["policy", ["and", ["top"]], ["zero"], ["argmax"], ["id"], ABORT]))), "PIR0806", rules=["flow-normal/policy"])
    no("fail-written", "An error that fails the flow is not written.", _bytes(flow(a=llm("ask", on_error="fail"))), "PIR0806 /1/a/1/on_error", rules=["flow-normal/on-error"])
    no("null", "There is no null in a flow.", _bytes(ONE).replace("8165696e707574", "81f6", 1), "PIR0803")
    no("text-past", "The bound of a text holds in bytes, too.", _long(1, 32769), "PIR1012 /1/n00/1/system", denies=["flow-bound/text"], flags=["PastEdge"])
    no("texts-past", "The bound of all texts is found at the text with which it is exceeded.", _long(33, last=1), "PIR1013 /1/n32/1/system", denies=["flow-bound/texts"], flags=["PastEdge"])
    return book


def _long(count: int, size: int = 32768, last: int | None = None, policy: Any = None) -> list[Any]:
    """The bytes of a flow of so many calls, each with a system prompt of so many bytes; the last may have its own."""
    sizes = [size] * count if last is None else [*[size] * (count - 1), last]
    pieces = _bytes(bare(**{f"n{at:02}": llm(system="@", policy=policy) for at in range(count)})).split("6140")
    parts: list[Any] = [pieces[0]]
    for length, piece in zip(sizes, pieces[1:], strict=True):
        parts += ["79" + length.to_bytes(2, "big").hex() if length > 255 else f"{0x60 + length:02x}", ["78", length], piece]
    return parts
