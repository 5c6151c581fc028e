"""Chapters Calls of a flow and Semantics of flows: what nodes are sent, what they cost, and in which order they run."""

from __future__ import annotations

from typing import Any

from vectors.book import Book
from vectors.flow_world import ABORT, CHAIN, DIAMOND, FAST, FIRST, FUSE, MODELS, ONE, OPEN, bare, flow, llm
from vectors.world import candidate

# fmt: off


def books() -> list[Book]:
    return [assembly(), templates(), messages(), limits(), facts(), seeds(), costs(), schedules(), priorities(), failures(), values()]


ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "first"}, {"role": "assistant", "content": "reply"}, {"role": "user", "content": "last"}]
"""Messages of which the last user message is not the first."""


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def system(text: str) -> dict[str, str]:
    return {"role": "system", "content": text}


class Assembler:
    """Adds vectors of the kind `assembly`."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def __call__(self, name: str, comment: str, rule: str, text: str, inputs: list[Any], *, prompt: str = "", template: str | None = None, rules: Any = (), denies: Any = (), flags: Any = (), near: Any = (), sent: Any = None) -> None:
        given = {"system": prompt, "inputs": inputs, **({} if template is None else {"template": template})}
        due = sent if sent is not None else [user(text)]
        self.book.add(name, comment, input=given, rules=[rule, *rules], denies=denies, flags=flags, near=near,
                      result={"rule": rule, "text": text, "messages": [system(prompt), *due] if prompt else due})


def assembly() -> Book:
    book = Book("flow-calls/assembly", "assembly", "What the input of a call is made of: the caller's messages, one text, sections.")
    add = Assembler(book)
    every, single, sections, prompt = "assemble/messages", "assemble/single", "assemble/sections", "assemble/system"
    add("messages", "A call that reads the input alone gets the caller's messages as they are.", every, "last", [ASK], sent=ASK, rules=["flow-value/input"], denies=[prompt, single])
    add("messages-and-system", "Its own system prompt stands before them, and theirs stays.", every, "last", [ASK], prompt="Draft.", sent=ASK, rules=[prompt])
    add("one-message", "One message is a list of one.", every, "x", [[user("x")]], sent=[user("x")], flags=["Single"])
    add("no-user-message", "Without a user message there is no text.", every, "", [[system("x")]], sent=[system("x")], rules=["flow-value/input"], denies=["flow-value/message"])
    add("single", "A call that reads one other gets its text as a user message.", single, "draft", ["draft"], denies=[every, sections, prompt])
    add("single-and-system", "A system prompt stands before it.", single, "draft", ["draft"], prompt="Correct it.", rules=[prompt])
    add("single-empty", "An empty text makes an empty message.", single, "", [""], flags=["Empty"])
    add("single-spaces", "A text is taken as it is.", single, " \n a\r\n", [" \n a\r\n"])
    add("single-dollar", "A text is no template.", single, "$1 $2", ["$1 $2"], denies=["assemble/template", "template/reference"])
    add("system-of-a-space", "A system prompt of one space is none that is empty.", single, "x", ["x"], prompt=" ", rules=[prompt])
    add("system-dollar", "A system prompt is no template.", single, "x", ["x"], prompt="$1", rules=[prompt], denies=["template/reference"])
    add("system-line-ends", "A system prompt stays as it is.", single, "x", ["x"], prompt=" a\r\n", rules=[prompt])
    add("sections", "Two texts are two sections, with their numbers.", sections, "[input 1]\na\n\n[input 2]\nb", ["a", "b"], denies=[single, every])
    add("sections-of-the-input", "The input is a section by the text of its last user message.", sections, "[input 1]\nlast\n\n[input 2]\nb", [ASK, "b"], rules=["flow-value/input"], denies=[every])
    add("sections-input-last", "Sections come in the order of the inputs.", sections, "[input 1]\nb\n\n[input 2]\nlast", ["b", ASK])
    add("sections-empty", "An empty text has a section, too.", sections, "[input 1]\n\n\n[input 2]\nb", ["", "b"], flags=["Empty"])
    add("sections-with-line-ends", "Line ends of a text stay in its section.", sections, "[input 1]\na\n\n\n\n[input 2]\n\nb", ["a\n\n", "\nb"])
    add("sections-ten", "Sections are numbered in decimals.", sections, "\n\n".join(f"[input {at}]\nx" for at in range(1, 11)), ["x"] * 10)
    add("sections-32", "There may be 32 of them.", sections, "\n\n".join(f"[input {at}]\n{at}" for at in range(1, 33)), [str(at) for at in range(1, 33)], rules=["flow-bound/inputs"], flags=["Edge"])
    add("sections-that-look-so", "A text that looks like a section is none.", sections, "[input 1]\n[input 2]\nx\n\n[input 2]\ny", ["[input 2]\nx", "y"])
    add("sections-and-system", "A system prompt stands before sections as well.", sections, "[input 1]\na\n\n[input 2]\nb", ["a", "b"], prompt="s", rules=[prompt])
    add("unicode", "Characters stay as they are.", sections, "[input 1]\ne\u0301😀\n\n[input 2]\n\u00e9", ["e\u0301😀", "\u00e9"], flags=["Unicode", "Normalisation"])
    return book


def templates() -> Book:
    book = Book("flow-calls/templates", "assembly", "Templates: what stands for an input, and what stands for itself.")
    add = Assembler(book)
    ref, dollar, once, made = "template/reference", "template/dollar", "template/once", "assemble/template"
    add("one", "A reference stands for the text of its input.", made, "Q: x.", ["x"], template="Q: $1.", rules=[ref], denies=["assemble/single"])
    add("of-the-input", "Of the input it is the text of the last user message.", made, "Q: last", [ASK], template="Q: $1", rules=[ref, "flow-value/input"], denies=["assemble/messages"])
    add("two", "References stand in any order.", made, "b a", ["a", "b"], template="$2 $1", rules=[ref], denies=["assemble/sections"])
    add("twice", "A reference may stand twice.", made, "aa", ["a"], template="$1$1", rules=[ref])
    add("none", "A template may have no reference.", made, "fixed", ["a"], template="fixed", denies=[ref, once])
    add("empty", "An empty template makes an empty message.", made, "", ["a"], template="", denies=[ref], flags=["Empty"])
    add("once", "What was put in is not looked at again.", made, "$2 b", ["$2", "b"], template="$1 $2", rules=[once, ref])
    add("once-turned", "Whichever is put in first.", made, "$1 a", ["a", "$1"], template="$2 $1", rules=[once, ref])
    add("once-grown", "Nor does what was put in make a reference with what follows.", made, "$ 1$1", ["$", "$1"], template="$1 1$2", rules=[once, ref])
    add("dollar", "A dollar sign before anything but a digit is itself.", made, "$ $a $. $-1 $", ["x"], template="$ $a $. $-1 $", rules=[dollar], denies=[ref])
    add("dollar-before-reference", "Of two dollar signs the second is that of the reference.", made, "$x", ["x"], template="$$1", rules=[dollar, ref])
    add("dollar-at-the-end", "One at the end is itself.", made, "x$", ["x"], template="$1$", rules=[dollar, ref])
    add("digits", "All digits belong to a reference, so ten is not one and a zero.", made, "j a0", [*"abcdefghij"], template="$10 a0", rules=[ref], denies=[dollar])
    add("digits-end", "A letter ends the digits.", made, "xst x.5", ["x"], template="$1st $1.5", rules=[ref])
    add("digits-of-others", "Digits of other scripts are no digits.", made, "$\u0661 x\u0661", ["x"], template="$\u0661 $1\u0661", rules=[dollar, ref], flags=["Unicode"])
    add("back-references", "What other languages put in for a match has no meaning here.", made, "$& $` \\1 $$", ["$& $` \\1 $$"], template="$1", rules=[once, ref])
    add("line-ends", "Line ends of a template stay.", made, "a\r\nx\n", ["x"], template="a\r\n$1\n", rules=[ref])
    add("and-system", "A system prompt stands before the message.", made, "x", ["x"], template="$1", prompt="s", rules=["assemble/system", ref])
    add("unused", "An input without a reference is dropped.", made, "b", ["a", "b"], template="$2", rules=[ref])
    for name, comment, template, inputs in [("beyond", "A reference is to an input.", "$2", ["x"]), ("zero", "There is no input 0.", "$0", ["x"]), ("leading-zero", "An index has no leading zero.", "$01", ["x"]), ("digits-beyond", "All digits count.", "$10", ["x", "y"])]:
        book.add(f"refused-{name}", comment, input={"system": "", "inputs": inputs, "template": template}, refused=["PIR1028 /template"], denies=["flow-admit/template", made, ref])
    book.add("fitting", "The greatest index may be that of the last input.", input={"system": "", "inputs": ["x", "y"], "template": "$2"}, near=["PIR1028"], rules=["flow-admit/template", made], result={"text": "y"})
    return book


def messages() -> Book:
    book = Book("flow-calls/messages", "assembly", "The text of messages, and messages that are refused.")

    def text(name: str, comment: str, given: list[Any], due: str, rules: Any = ("flow-value/message",), **rest: Any) -> None:
        book.add(name, comment, input={"system": "", "inputs": [given, "b"]}, rules=["flow-value/input", *rules], result={"text": f"[input 1]\n{due}\n\n[input 2]\nb"}, **rest)

    part = lambda text: {"type": "text", "text": text}  # noqa: E731
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    text("content", "The text of a message is its content.", [user("x")], "x")
    text("last-user", "The last user message counts, and not the first.", [user("first"), user("last")], "last")
    text("not-the-last", "Messages of others behind it do not.", [user("asked"), {"role": "assistant", "content": "answered"}], "asked")
    text("tool-behind", "Nor does what a tool has said.", [user("asked"), {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}, {"role": "tool", "tool_call_id": "1", "content": "42"}], "asked")
    text("none", "Without a user message the text is empty.", [system("x"), {"role": "assistant", "content": "y"}], "", rules=(), denies=["flow-value/message"], flags=["Empty"])
    text("developer", "A developer message is no user message.", [user("x"), {"role": "developer", "content": "y"}], "x")
    text("parts", "Texts of parts are joined by line feeds.", [{"role": "user", "content": [part("a"), part("b")]}], "a\nb")
    text("parts-of-others", "Parts of other types are passed over.", [{"role": "user", "content": [part("a"), image, part("b")]}], "a\nb")
    text("image-only", "A message of images has an empty text.", [{"role": "user", "content": [image]}], "", flags=["Empty"])
    text("empty-parts", "An empty part is joined as well.", [{"role": "user", "content": [part(""), part("b")]}], "\nb", flags=["Empty"])
    text("refusal", "A refusal is no text.", [user("x"), {"role": "user", "content": [part("a"), {"type": "refusal", "refusal": "no"}]}], "a")
    text("empty-last", "A last user message that is empty is the last.", [user("x"), user("")], "", flags=["Empty"])
    book.add("kept", "Messages that are passed on stay whole, with all their members.", input={"system": "s", "inputs": [[{"role": "user", "content": [part("a"), image], "name": "n"}]]}, rules=["assemble/messages", "assemble/system"], result={"messages": [system("s"), {"role": "user", "content": [part("a"), image], "name": "n"}], "text": "a"})

    def no(name: str, comment: str, given: Any, *found: str, **rest: Any) -> None:
        book.add(f"refused-{name}", comment, input=given, refused=list(found), **rest)

    no("content", "What is wrong with messages is refused as in a body, where they stand.", {"system": "", "inputs": [[{"role": "user", "content": 5}]]}, "PIR0720 /inputs/0/0/content")
    no("part", "So is what is wrong with a part of one.", {"system": "", "inputs": ["a", [{"role": "user", "content": [{"type": "film"}]}]]}, "PIR0720 /inputs/1/0/content/0/type")
    text("no-role", "A message without a role is no user message.", [user("x"), {"content": "y"}], "x")
    book.add("no-messages", "A list of no messages is one.", input={"system": "", "inputs": [[]]}, rules=["assemble/messages"], result={"messages": [], "text": ""}, flags=["Empty"])
    no("both", "All inputs are looked at.", {"system": "", "inputs": [[5], "a", [{"role": "user", "content": "x"}, 6]]}, "PIR0720 /inputs/0/0", "PIR0720 /inputs/2/1")
    no("system-first", "A system prompt is looked at before the inputs.", {"system": "x" * 32769, "inputs": [[5]], "template": "$2"}, "PIR1012 /system", denies=["flow-bound/text"], flags=["PastEdge"])
    no("inputs-before-template", "Inputs are looked at before the template.", {"system": "", "inputs": [[5]], "template": "$2"}, "PIR0720 /inputs/0/0")
    no("template-too-long", "A template has its bound.", {"system": "", "inputs": ["a"], "template": "x" * 32769}, "PIR1012 /template", denies=["flow-bound/text"], flags=["PastEdge"])
    return book


def limits() -> Book:
    book = Book("flow-calls/limits", "assembly", "The limit of a text, to the byte.")
    bound = 4194304

    def at(name: str, comment: str, inputs: list[Any], template: str | None, past: bool, prompt: str = "", flags: Any = ()) -> None:
        given = {"system": prompt, "inputs": inputs, **({} if template is None else {"template": template})}
        book.add(name, comment, input=given, rules=["assemble/limit"] if past else ["assemble/template"], denies=[] if past else ["assemble/limit"], flags=["PastEdge" if past else "Edge", *flags], result={"rule": "assemble/limit" if past else "assemble/template"})

    def sized(size: int) -> tuple[list[str], str]:
        """A short text and a template that make a text of so many bytes."""
        count = 2048
        return ["x" * 2047], "$1" * count + "y" * (size - count * 2047)

    inputs, template = sized(bound + 1)
    at("template-past", "One byte more than 4194304 is too much.", inputs, template, True)
    at("template-of-wide-characters", "What counts is the UTF-8 of a text.", ["é" * 1024], "$1" * 2048 + "x", True, flags=["Unicode"])
    at("template-much-more", "A short template can ask for much more.", ["x" * 16384], "$1" * 16384, True)
    at("system-does-not-count", "The system prompt is no part of the text.", ["x" * 1024], "$1" * 4096 + "y", True, prompt="s")
    return book


def _calls(book: Book) -> Any:
    def add(name: str, comment: str, given: Any, rules: Any = (), *, body: Any = None, stated: Any = None, candidates: Any = None, **rest: Any) -> None:
        keys = {key: rest.pop(key) for key in ("seed", "floor", "vocabulary") if key in rest}
        book.add(name, comment, input={"flow": given, "candidates": MODELS if candidates is None else candidates, "body": body or {"messages": [user("hello")]}, **({} if stated is None else {"facts": stated}), **keys}, rules=rules, **rest)
    return add


TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]


def facts() -> Book:
    book = Book("flow-calls/facts", "flow-calls", "By which facts each call of a flow is decided: its request, and what is stated.")
    add = _calls(book)
    chat = "flow-facts/chat"
    add("one-call", "The facts of the only call are those of the body.", flow(a=llm("ask", policy=FIRST)), [chat, "flow-request/last"])
    add("body-of-the-last", "Tools of the body are for the last call.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST)), ["flow-request/last", "flow-request/other", chat], body={"messages": [user("hello")], "tools": TOOLS})
    add("body-of-others", "Without them any call may go to anybody.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST)), [chat], denies=["flow-request/last"])
    add("format-of-the-last", "So is the response format.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST)), ["flow-request/last"], body={"messages": [user("hello")], "response_format": {"type": "json_object"}})
    add("limit-of-the-last", "So is the limit of its tokens.", flow(a=llm("ask", policy=FIRST), b=llm("ask", "a", policy=FIRST)), ["flow-request/last", "flow-request/other"], body={"messages": [user("hello")], "max_tokens": 100000})
    image = [{"role": "user", "content": [{"type": "text", "text": "what is it?"}, {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]}]
    add("images-go-along", "Images are in the caller's messages, and go where these go.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST)), ["assemble/messages", chat], body={"messages": image})
    add("images-stay-behind", "In a section there is only text.", flow(a=llm("ask", policy=FIRST), b=llm("ask", "a", policy=FIRST)), ["assemble/sections", chat], body={"messages": image})
    add("system-counts", "A system prompt is a message of the request.", flow(a=llm("ask", policy=FIRST, system="x" * 300)), [chat, "assemble/system"])
    add("transform-does-not-count", "The transform of a policy comes after its facts.", flow(a=llm("ask", policy=["policy", ["meets_req"], ["zero"], ["ordered"], ["set_param", "max_tokens", 100000], ABORT])), [chat], denies=["flow-request/policy"])
    stated = "flow-facts/stated"
    add("privacy-for-all", "Privacy is stated for every call.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST)), [stated], stated={"privacy": "no_log"})
    add("needs-for-the-last", "Needs are stated for the last call.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST)), [stated], stated={"needs": ["vision"]})
    add("context-for-the-last", "So is a context.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST)), [stated], stated={"min_context": 100000})
    add("fields-for-the-last", "So are the amounts of tokens.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST)), [stated], stated={"fields": {"prompt_tokens": 100000, "completion_tokens": 7}})
    add("tier-for-all", "A tier is stated for every call, and so are a family, a scope and a speed.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST)), [stated], stated={"tier": "partner", "model_family": "large", "scope": "team-1", "min_tok_s": 3})
    add("own-field-for-all", "Request fields of one's own are stated for every call.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST)), [stated], stated={"fields": {"urgency": 3, "prompt_tokens": 5}}, vocabulary={"vocabulary": 1, "name": "v", "extends": "standard", "fields": {"urgency": {"sort": "num", "source": "request", "default": 0}}})
    add("nothing-stated", "Where nothing is stated the facts are those of the requests.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=OPEN)), [chat], stated={}, denies=[stated])
    add("refused-body", "A body that is refused is refused.", ONE, body={"messages": "hello"}, refused=["PIR0720 /messages"], denies=[chat])
    add("refused-facts", "So are facts.", ONE, stated={"tier": "gold"}, refused=["PIR0403 /tier"])
    add("refused-seed", "So is a seed.", ONE, seed=-1, refused=["PIR0730 "])
    add("refused-flow-first", "The flow is looked at first.", flow(a=llm("asks")), body=5, refused=["PIR1022 /1/a/1/inputs/0"])
    add("refused-floor-before-candidates", "The floor is looked at before the candidates.", ONE, floor={"filter": ["is", "x"]}, candidates=[5], refused=["PIR0401 /filter/1"])
    return book


def seeds() -> Book:
    book = Book("flow-calls/seeds", "flow-calls", "The seeds of the calls of a flow.")
    add = _calls(book)
    draw = ["policy", ["top"], ["zero"], ["sample", 1], ["id"], ABORT]
    seed = "flow-seed/node"
    add("none", "Without a seed no call has one.", DIAMOND, denies=[seed, "flow-seed/1"])
    add("zero", "The least seed is 0.", DIAMOND, [seed, "flow-seed/1"], seed=0, flags=["Seeded"])
    add("seven", "Calls with one policy draw apart.", flow(a=llm("ask", policy=draw), b=llm("ask", policy=draw), c=llm("ask", policy=draw), join=llm("a", "b", "c", policy=draw)), [seed], seed=7, flags=["Seeded"])
    add("eight", "Another seed draws otherwise.", flow(a=llm("ask", policy=draw), b=llm("ask", policy=draw), c=llm("ask", policy=draw), join=llm("a", "b", "c", policy=draw)), [seed], seed=8, flags=["Seeded"])
    add("name", "A call of another name draws otherwise.", flow(x=llm("ask", policy=draw)), [seed], seed=7, flags=["Seeded"])
    add("name-of-others", "What other calls there are does not matter.", flow(a=llm("ask", policy=draw), z=llm("a", policy=OPEN)), [seed], seed=7, flags=["Seeded"])
    add("fraction", "A seed may be written with a fraction of nothing.", flow(b=llm("ask", policy=draw)), [seed], seed=7.0, flags=["Seeded"])
    add("greatest", "2^53 - 1 is the greatest seed.", flow(a=llm("ask", policy=draw)), [seed], seed=9007199254740991, flags=["Seeded", "Edge", "IntegerEdge"])
    add("greater", "2^53 is none.", flow(a=llm("ask", policy=draw)), seed=9007199254740992, refused=["PIR0730 "], flags=["PastEdge", "IntegerEdge"], near=())
    return book


def costs() -> Book:
    book = Book("flow-calls/cost", "flow-calls", "What the calls of a flow are estimated to cost.")
    add = _calls(book)
    node, total, text, known = "flow-cost/node", "flow-cost/flow", "flow-cost/text", "flow-cost/facts"
    add("one-call", "The estimate is the price of the first candidate for the estimated tokens.", flow(a=llm("ask", policy=FIRST)), [node, total, "flow-cost/calls", known])
    add("chain", "The text of another call has 3072 bytes in an estimate.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST)), [node, total, text, known, "flow-cost/calls"])
    add("text-of-the-input", "A text of the input has its own bytes.", flow(a=llm("ask", policy=FIRST, template="$1 $1")), [known, node], denies=[text], body={"messages": [user("é" * 300)]}, flags=["Unicode"])
    add("sections", "Sections have the bytes of their heads.", flow(a=llm("ask", policy=FIRST), b=llm("ask", "a", policy=FIRST)), [text, known, node])
    add("template-counts", "A template has its own bytes, and those of each reference.", flow(a=llm("ask", policy=FIRST), b=llm("ask", "a", policy=FIRST, template="Q: $1\n\nA: $2 $2")), [text, known, node])
    add("order-of-names", "Sums run in the order of the names, and not of the nodes.", flow(zoo=llm("ask", policy=FIRST), ab=llm("ask", policy=FAST), a=llm("zoo", "ab", policy=FIRST)), [total], flags=["Rounding"], candidates=[candidate("m", family="fast", price_in=0.1, price_out=0.3, context=64000)])
    add("most", "The most is that of the dearest candidate that may be tried.", flow(a=llm("ask", policy=["policy", ["top"], ["neg", ["normalize", ["field", "price_out"]]], ["argmax"], ["id"], ABORT])), [node])
    add("most-of-one", "With one candidate both are the same.", flow(a=llm("ask", policy=["policy", ["provider_eq", "q"], ["zero"], ["argmax"], ["id"], ABORT])), [node], flags=["Single"])
    add("nobody", "Where nobody may be tried there is no estimate, and none of the flow.", flow(a=llm("ask", policy=["policy", ["bot"], ["zero"], ["argmax"], ["id"], ABORT]), b=llm("a", policy=FIRST)), [node, total], flags=["Empty"])
    add("no-candidates", "Nor where there are no candidates.", flow(a=llm("ask", policy=FIRST)), [node, total], candidates=[], flags=["Empty"])
    unpriced = [candidate("free", context=64000), candidate("m", price_in=1, price_out=1, context=64000)]
    add("not-observed", "Where the first candidate has no price there is no estimate, and no most either.", flow(a=llm("ask", policy=FIRST)), [node, total], candidates=unpriced, flags=["MissingObservation"])
    add("not-observed-behind", "Where another has none there is an estimate, and no most.", flow(a=llm("ask", policy=FIRST)), [node, total], candidates=unpriced[::-1], flags=["MissingObservation"])
    add("core", "A vocabulary without a cost of calls gives no estimate.", flow(a=llm("ask")), denies=[node], vocabulary={"vocabulary": 1, "name": "v"}, candidates=[candidate("m")])
    add("too-long", "A call whose text would be too long has no facts.", flow(a=llm("ask", policy=FIRST), b=llm("a", policy=FIRST, template="$1" * 1400)), ["assemble/limit", total], denies=[known])
    add("just-fits", "One whose text just fits has them.", flow(a=llm("ask", policy=OPEN), b=llm("a", policy=OPEN, template="$1" * 1365 + "y" * 1024)), [known, text], denies=["assemble/limit"], flags=["Edge"])
    add("just-does-not", "One byte more, and it has none.", flow(a=llm("ask", policy=OPEN), b=llm("a", policy=OPEN, template="$1" * 1365 + "y" * 1025)), ["assemble/limit"], denies=[known], flags=["PastEdge"])
    add("floor", "Under a floor the estimate is that of what runs.", flow(a=llm("ask", policy=FIRST)), [node], floor={"filter": ["is", "no_log"]})
    add("equal-policies", "Equal policies are decided for each call by itself.", flow(a=llm("ask", policy=FIRST, system="x" * 9000), b=llm("a", policy=FIRST)), [node])
    add("free", "What costs nothing is estimated to cost 0.", flow(a=llm("ask", policy=FIRST)), [node, total], candidates=[candidate("m", price_in=0, price_out=0, context=64000)])
    add("wide-prices", "Sums are those of binary64.", flow(a=llm("ask", policy=OPEN), b=llm("ask", policy=OPEN), c=llm("a", "b", policy=OPEN)), [total], candidates=[candidate("m", price_in=1e300, price_out=1e308, context=64000)], flags=["Overflow"])
    add("refused", "A flow that is refused costs nothing to say.", bare(ask=["input"], out=["output", "ask"]), refused=["PIR1029 /1/out/1"], denies=["flow-cost/calls", total])
    return book


RULES = ["flow/ready", "flow/too-long", "flow/run", "flow/done", "flow/passed", "flow/failed", "flow/returned"]


def _schedule(book: Book) -> Any:
    def add(name: str, comment: str, given: Any, answers: dict[str, Any], *, priority: Any = (), rules: Any = (), denies: Any = (), asked: Any = None, **rest: Any) -> None:
        spelled = {key: {"failed": value[1:]} if value.startswith("!") else {"text": value} for key, value in answers.items()}
        book.add(name, comment, input={"flow": given, "messages": asked or [user("q")], "answers": spelled, "priority": list(priority)}, rules=rules, denies=denies, **rest)
    return add


def _never(*used: str) -> list[str]:
    return [rule for rule in RULES if rule not in used]


DONE = ("flow/ready", "flow/run", "flow/done", "flow/returned")


def schedules() -> Book:
    book = Book("flow-semantics/schedules", "schedule", "Flows that run, step by step.")
    add = _schedule(book)
    add("one-call", "A call is made ready, run and answered, and the flow returns.", ONE, {"draft": "d"}, denies=_never(*DONE), rules=["flow-value/output", "flow-value/llm", "flow-request/last"],
        result={"steps": [["flow/ready", "draft"], ["flow/run", "draft"], ["flow/done", "draft"], ["flow/returned", "out"]], "requests": [["draft", [user("q")]]], "values": [["draft", "d"]], "outcome": {"returned": "d"}})
    add("chain", "A call that reads another waits for it.", CHAIN, {"draft": "d", "verify": "v"}, denies=_never(*DONE), rules=["assemble/single"], result={"requests": [["draft", [user("q")]], ["verify", [user("d")]]], "outcome": {"returned": "v"}})
    add("diamond", "Calls that read the same are run in the order of their names.", DIAMOND, {"a": "A", "b": "B", "join": "J"}, rules=["schedule/names", "assemble/sections"], denies=["schedule/priority"],
        result={"requests": [["a", [user("q")]], ["b", [user("q")]], ["join", [user("[input 1]\nA\n\n[input 2]\nB")]]], "outcome": {"returned": "J"}})
    add("swapped", "Sections come in the order of the inputs, and not of the names.", flow(a=llm("ask"), b=llm("ask"), join=llm("b", "a")), {"a": "A", "b": "B", "join": "J"}, rules=["assemble/sections"])
    add("messages", "A call that reads the input alone gets the caller's messages.", flow(a=llm("ask", system="Mine."), b=llm("ask", "a", system="Yours.")), {"a": "A", "b": "B"}, asked=ASK, rules=["assemble/messages", "assemble/system", "assemble/sections", "flow-value/input"],
        result={"requests": [["a", [system("Mine."), *ASK]], ["b", [system("Yours."), user("[input 1]\nlast\n\n[input 2]\nA")]]], "outcome": {"returned": "B"}})
    add("template", "A template is filled in when its inputs are there.", flow(a=llm("ask"), b=llm("ask", "a", template="$2 to $1")), {"a": "$1", "b": "B"}, rules=["assemble/template", "template/once", "template/reference"], result={"requests": [["a", [user("q")]], ["b", [user("$1 to q")]]]})
    add("empty-answer", "An empty answer is a text.", CHAIN, {"draft": "", "verify": ""}, flags=["Empty"], rules=["flow-value/llm"], denies=["flow/failed"], result={"values": [["draft", ""], ["verify", ""]], "outcome": {"returned": ""}})
    add("answer-of-nobody", "Answers of names that are no nodes are ignored.", ONE, {"draft": "d", "nobody": "n", "ask": "x", "out": "y"}, rules=["flow-value/output"], result={"outcome": {"returned": "d"}})
    add("host-names", "Answers go by names that the implementation's language may have its own ideas about.", bare(constructor=["input"], toString=llm("constructor"), __proto__=llm("toString"), out=["output", "__proto__"]), {"toString": "t", "__proto__": "p"}, flags=["HostName"], result={"outcome": {"returned": "p"}})
    add("names-in-order", "Capitals come before the underscore, and that before small letters; a shorter name before a longer one.", flow(aa=llm("ask"), a=llm("ask"), _=llm("ask"), B=llm("ask"), join=llm("aa", "a", "_", "B")), {}, rules=["schedule/names", "schedule/script"], denies=["flow/done", "flow/returned"])
    add("longer-names", "Numbers in names are no numbers.", flow(n10=llm("ask"), n9=llm("ask"), n1=llm("ask"), join=llm("n1", "n9", "n10")), {"n1": "1", "n9": "9", "n10": "10", "join": "j"}, rules=["schedule/names"], flags=["LengthFirst"])
    deep = {f"n{at:02}": llm("ask" if at == 0 else f"n{at - 1:02}") for at in range(40)}
    add("long-chain", "A chain of forty calls takes 121 steps.", flow(**deep), {f"n{at:02}": str(at) for at in range(40)}, denies=_never(*DONE))
    return book


def priorities() -> Book:
    book = Book("flow-semantics/priorities", "schedule", "One flow in several orders, with one outcome.")
    add = _schedule(book)
    answers = {"a": "A", "b": "B", "c": "C", "join": "J"}
    order = ["schedule/priority", "schedule/outcome"]
    due = {"values": [["a", "A"], ["b", "B"], ["c", "C"], ["join", "J"]], "outcome": {"returned": "J"}}
    for name, comment, priority in [
        ("names", "Without a priority names decide.", []), ("turned", "A priority turns them round.", ["c", "b", "a"]), ("one", "One name goes before all others.", ["b"]), ("last-first", "A node that waits has no step, whatever its priority.", ["join", "out", "c"]), ("whole", "With all names the order is that of the list.", ["b", "a", "c", "join", "out"]),
        ("nobody", "Names that are no nodes are ignored.", ["nobody", "c", "zzz"]), ("twice", "A name counts where it stands first.", ["c", "b", "c"]), ("input", "The input has no step.", ["ask", "b"]),
    ]:
        add(name, comment, FUSE, answers, priority=priority, rules=order if priority else ["schedule/names", "schedule/outcome"], denies=[] if priority else ["schedule/priority"], result=due)
    wide = flow(a=llm("ask"), b=llm("a"), c=llm("ask"), d=llm("c"), join=llm("b", "d"))
    replies = {"a": "A", "b": "B", "c": "C", "d": "D", "join": "J"}
    for name, comment, priority in [("depth-first", "One way of two is gone to its end before the other.", ["a", "b"]), ("other-way", "Or the other before it.", ["d", "c"]), ("between", "A step of one way may come between those of the other.", ["a", "c", "b", "d"])]:
        add(name, comment, wide, replies, priority=priority, rules=order, result={"outcome": {"returned": "J"}})
    broken = {"a": "!timeout", "b": "B", "c": "!rate_limited"}
    for name, comment, priority in [("failed", "Failures are the same in every order as well.", []), ("failed-turned", "And they are named in the order of the names.", ["c", "b", "a"])]:
        add(name, comment, FUSE, broken, priority=priority, rules=["schedule/outcome"], denies=["flow/returned"], result={"outcome": {"failed": [["a", "timeout"], ["c", "rate_limited"]]}, "values": [["b", "B"]]})
    return book


def failures() -> Book:
    book = Book("flow-semantics/failures", "schedule", "Calls that fail, and calls that pass their input on.")
    add = _schedule(book)
    add("failed", "A call that fails fails the flow.", ONE, {"draft": "!timeout"}, denies=_never("flow/ready", "flow/run", "flow/failed"), result={"steps": [["flow/ready", "draft"], ["flow/run", "draft"], ["flow/failed", "draft"]], "values": [], "outcome": {"failed": [["draft", "timeout"]]}})
    add("failed-first", "What reads a failed call is not run.", CHAIN, {"draft": "!server_error", "verify": "v"}, denies=["flow/done", "flow/returned"], rules=["flow-request/other"], result={"requests": [["draft", [user("q")]]], "values": [], "outcome": {"failed": [["draft", "server_error"]]}})
    add("failed-last", "The last call may fail after all others.", CHAIN, {"draft": "d", "verify": "!timeout"}, denies=["flow/returned"], result={"values": [["draft", "d"]], "outcome": {"failed": [["verify", "timeout"]]}})
    add("others-go-on", "Others that do not depend on it go on to their end.", flow(a=llm("ask"), b=llm("ask"), c=llm("b"), join=llm("a", "c")), {"a": "!timeout", "b": "B", "c": "C", "join": "J"}, denies=["flow/returned"], result={"values": [["b", "B"], ["c", "C"]], "outcome": {"failed": [["a", "timeout"]]}})
    add("two", "Two that fail are both named, in the order of their names.", DIAMOND, {"b": "!x", "a": "!y", "join": "J"}, denies=["flow/done"], result={"outcome": {"failed": [["a", "y"], ["b", "x"]]}})
    add("no-answer", "A call that a script has no answer for fails.", CHAIN, {"draft": "d"}, rules=["schedule/script"], result={"outcome": {"failed": [["verify", "unknown"]]}})
    add("answered", "One that has an answer does not.", CHAIN, {"verify": "v", "draft": "e"}, denies=["schedule/script", "flow/failed"])
    add("any-reason", "A reason is any name.", ONE, {"draft": "!é 😀"}, flags=["Unicode"], result={"outcome": {"failed": [["draft", "é 😀"]]}})
    add("empty-reason", "It may be empty.", ONE, {"draft": "!"}, flags=["Empty"], result={"outcome": {"failed": [["draft", ""]]}})
    passing = flow(a=llm("ask", on_error="input"), b=llm("a"))
    add("passed", "A call with on_error input passes its assembled input on.", passing, {"a": "!timeout", "b": "B"}, denies=["flow/failed", "flow/too-long"], rules=["flow-value/passed"], result={"values": [["a", "q"], ["b", "B"]], "requests": [["a", [user("q")]], ["b", [user("q")]]], "outcome": {"returned": "B"}})
    add("not-passed", "One that is answered has nothing to pass on.", passing, {"a": "A", "b": "B"}, denies=["flow/passed", "flow-value/passed"], result={"values": [["a", "A"], ["b", "B"]]})
    add("passed-without-answer", "One that a script has no answer for passes on as well.", passing, {"b": "B"}, rules=["schedule/script", "flow-value/passed"], result={"values": [["a", "q"], ["b", "B"]], "outcome": {"returned": "B"}})
    add("passed-template", "What is passed on is the filled template, without the system prompt.", flow(a=llm("ask", on_error="input", system="s", template="Q: $1"), b=llm("a")), {"a": "!x", "b": "B"}, rules=["flow-value/passed", "assemble/system"], result={"values": [["a", "Q: q"], ["b", "B"]]})
    add("passed-sections", "Of several inputs it is their sections.", flow(a=llm("ask"), b=llm("ask", "a", on_error="input")), {"a": "A", "b": "!x"}, rules=["flow-value/passed", "flow-value/output"], result={"outcome": {"returned": "[input 1]\nq\n\n[input 2]\nA"}})
    add("passed-messages", "Of the caller's messages it is the text of the last user message.", flow(a=llm("ask", on_error="input"), b=llm("a")), {"a": "!x", "b": "B"}, asked=ASK, rules=["flow-value/passed", "assemble/messages"], result={"values": [["a", "last"], ["b", "B"]]})
    add("passed-last", "The last call may pass on, too, and that is the answer.", flow(a=llm("ask", on_error="input")), {"a": "!x"}, rules=["flow-value/passed", "flow-value/output"], denies=["flow/done"], result={"outcome": {"returned": "q"}})
    add("fail-written", "An on_error of fail is none.", flow(a=llm("ask", on_error="fail")), {"a": "!x"}, denies=["flow/passed"], result={"outcome": {"failed": [["a", "x"]]}})
    grow = flow(a=llm("ask"), b=llm("a", template="$1" * 4096), c=llm("b"))
    long = {"a": "x" * 1025, "b": "B", "c": "C"}
    add("too-long", "A call whose text would be too long fails before it is run.", grow, long, denies=["flow/passed", "flow/failed", "flow/returned"], rules=["assemble/limit"], result={"outcome": {"failed": [["b", "context_overflow"]]}, "requests": [["a", [user("q")]]]})
    add("too-long-whatever", "It fails whatever its on_error.", flow(a=llm("ask"), b=llm("a", template="$1" * 4096, on_error="input"), c=llm("b")), long, denies=["flow/passed", "flow-value/passed"], rules=["assemble/limit"], result={"outcome": {"failed": [["b", "context_overflow"]]}})
    add("too-long-at-once", "Where every call is too long, none is ever ready.", flow(a=llm("ask", template="$1" * 4096)), {}, asked=[user("x" * 1025)], denies=_never("flow/too-long"), rules=["assemble/limit"], result={"requests": [], "values": [], "steps": [["flow/too-long", "a"]], "outcome": {"failed": [["a", "context_overflow"]]}})
    add("too-long-beside", "Others go on beside it.", flow(a=llm("ask"), b=llm("a", template="$1" * 4096), c=llm("a"), join=llm("b", "c")), {**long, "join": "J"}, denies=["flow/returned"], result={"outcome": {"failed": [["b", "context_overflow"]]}})
    return book


def values() -> Book:
    book = Book("flow-semantics/refused", "schedule", "What is refused before a flow runs.")
    add = _schedule(book)
    add("flow", "A flow that is refused does not run.", flow(a=llm("a")), {}, refused=["PIR1025 /1/a"], denies=["flow-admit/acyclic", "flow-value/input", "flow-value/output", "flow-value/llm"])
    add("messages", "Messages that are refused are not run with.", ONE, {"draft": "d"}, asked=[{"role": "user", "content": 5}], refused=["PIR0720 /messages/0/content"], denies=["flow-value/message", "flow-request/other", "schedule/outcome", "schedule/names"])
    add("flow-first", "The flow is looked at first.", flow(a=llm("b")), {}, asked=[5], refused=["PIR1022 /1/a/1/inputs/0"])
    book.add("messages-of-another-type", "Messages are a list.", input={"flow": ONE, "messages": "hello", "answers": {}, "priority": []}, refused=["PIR0720 /messages"])
    return book
