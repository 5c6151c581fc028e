"""Vectors of facts that are derived from chat bodies."""

from __future__ import annotations

from vectors.book import Book
from vectors.request_facts import OWN, due
from vectors.world import Json

# fmt: off

USER = {"role": "user", "content": ""}


def books() -> list[Book]:
    """The books of this module."""
    return [_needs(), _amounts(), _json_bytes(), _stated(), _refused(), _limits()]


def facts(prompt: int, completion: Json = 1024, *, needs: Json = (), **rest: Json) -> dict[str, Json]:
    """The result for a body of these amounts under the standard vocabulary."""
    fields = [["completion_tokens", completion], ["prompt_tokens", prompt]]
    return due(**{"needs": list(needs), "fields": fields, "min_context": prompt + completion, **rest})


def said(*contents: Json) -> dict[str, Json]:
    """A body with a message of a user for each content."""
    return {"messages": [{"role": "user", "content": content} for content in contents]}


def _needs() -> Book:
    book = Book("facts/chat-needs", kind="facts", about="What in a chat body is a need.")

    def need(name: str, comment: str, body: Json, needs: list[str], prompt: int, rule: str, **rest: Json) -> None:
        used = {"rules": [rule]} if needs else {"denies": [rule]}
        book.add(name, comment, input={"body": body}, result=facts(prompt, needs=needs),
                 **{**used, **rest})  # type: ignore[arg-type]

    one = [{"role": "user", "content": "hi!"}]
    tool = [{"type": "function"}]  # [{"type":"function"}] has 21 JSON bytes
    need("none", "A plain message needs nothing.", {"messages": one}, [], 9, "chat/tools")
    for key in ("tools", "functions"):
        need(key, f"A list of `{key}` needs tools.", {"messages": one, key: tool}, ["tools"], 16, "chat/tools")
        need(f"{key}-empty", f"An empty list of `{key}` needs nothing.", {"messages": one, key: []}, [], 9, "chat/tools",
             flags=["Empty"])
        need(f"{key}-null", f"A null for `{key}` is as nothing.", {"messages": one, key: None}, [], 9, "chat/tools")
    need("tool-calls", "A message that calls tools needs tools.",
         {"messages": [{"role": "assistant", "content": None, "tool_calls": tool}]}, ["tools"], 15, "chat/tools")
    need("tool-calls-empty", "A message with an empty list of calls needs nothing.",
         {"messages": [{"role": "assistant", "tool_calls": []}]}, [], 8, "chat/tools", flags=["Empty"])
    need("function-call", "A message that calls a function needs tools.",
         {"messages": [{"role": "assistant", "function_call": {"name": "f"}}]}, ["tools"], 12, "chat/tools")
    need("function-call-empty", "A message with an empty call needs nothing.",
         {"messages": [{"role": "assistant", "function_call": {}}]}, [], 8, "chat/tools", flags=["Empty"])
    for role in ("tool", "function"):
        need(f"role-{role}", f"A message of the role `{role}` needs tools.",
             {"messages": [{"role": role, "content": "42"}]}, ["tools"], 9, "chat/tools")
    for role in ("Tool", "system", 5, None, ["tool"]):
        word = str(role).strip("[]'").lower() + ("-capital" if role == "Tool" else "-list" if isinstance(role, list) else "")
        need(f"role-other-{word}", f"A message of the role {role!r} needs nothing.",
             {"messages": [{"role": role, "content": "42"}]}, [], 9, "chat/tools")
    need("tool-choice", "A choice among tools is no tool.", {"messages": one, "tool_choice": "auto"}, [], 9, "chat/tools")
    for kind, name, rule, tokens in (("image_url", "vision", "chat/vision", 1032), ("input_audio", "audio", "chat/audio", 8),
                                     ("file", "file", "chat/file", 8)):
        word = kind.replace("_", "-")
        need(word, f"A content part of the type `{kind}` needs {name}.", said([{"type": kind}]), [name], tokens, rule)
        need(f"{word}-in-text", f"The word {kind} in a text needs nothing.", said([{"type": "text", "text": kind}]), [],
             8 + -(-len(kind) // 3), rule)
    need("image-elsewhere", "An image outside of the content needs nothing.",
         {"messages": [{"role": "user", "content": "", "image_url": "x"}], "image_url": "y"}, [], 8, "chat/vision")
    for kind, needs, rule in (("json_object", ["json_mode"], "chat/json-mode"), ("text", [], "chat/json-mode"),
                              ("json_schema", ["structured_outputs"], "chat/structured-outputs")):
        need(f"format-{kind.replace('_', '-')}", f"A response format of the type `{kind}`.",
             {"messages": one, "response_format": {"type": kind, "json_schema": {"schema": {}}}}, needs, 9, rule)
    need("format-null", "A response format of null is none.", {"messages": one, "response_format": None}, [], 9,
         "chat/structured-outputs")
    need("parameters", "Parameters are no needs.", {"messages": one, "seed": 1, "reasoning_effort": "high",
                                                    "logprobs": True, "parallel_tool_calls": True, "stream": True}, [], 9,
         "chat/tools")
    need("all", "Needs come once, and sorted.", {
        "response_format": {"type": "json_schema"}, "tools": tool,
        "messages": [{"role": "tool", "content": [{"type": "image_url"}, {"type": "file"}, {"type": "input_audio"},
                                                  {"type": "image_url"}]}]},
        ["audio", "file", "structured_outputs", "tools", "vision"], 2063, "chat/prompt-tokens")
    for kind, word in (("input_audio", "audio"), ("file", "file")):
        book.add(f"unmapped-{word}", f"The core vocabulary maps {word} to nothing.", refused=["PIR0712 /messages/0/content/1"],
                 input={"vocabulary": "core", "body": said([{"type": "text", "text": ""}, {"type": kind}, {"type": kind}])},
                 denies=["chat/unmapped"])
    book.add("unmapped-structured", "The core vocabulary maps structured outputs to nothing.", denies=["chat/unmapped"],
             input={"vocabulary": "core", "body": {"messages": one, "response_format": {"type": "json_schema"}}},
             refused=["PIR0712 /response_format"])
    book.add("mapped", "The core vocabulary maps tools, and has no fields for amounts.", rules=["chat/unmapped"],
             input={"vocabulary": "core", "body": {"messages": one, "tools": tool}}, near=["PIR0712"],
             denies=["chat/fields"], result=due(needs=["tools"], min_context=16 + 1024))
    return book


def _amounts() -> Book:
    book = Book("facts/chat-amounts", kind="facts", about="Amounts that are counted in a chat body.")

    def count(name: str, comment: str, body: Json, prompt: int, rule: str, completion: Json = 1024, **rest: Json) -> None:
        book.add(name, comment, input={"body": body}, result=facts(prompt, completion, needs=rest.pop("needs", ())),
                 rules=[rule, *rest.pop("rules", [])], **rest)

    count("no-messages", "A body without messages has a prompt of none.", {"messages": []}, 0, "chat/prompt-tokens",
          rules=["chat/min-context", "chat/fields", "chat/shape"], near=["PIR0720"], flags=["Empty"])
    for size in range(8):
        count(f"text-{size}", f"A text of {size} bytes, three to a token and rounded up.", said("x" * size),
              8 + -(-size // 3), "chat/text-bytes")
    count("messages-together", "Bytes are added over all messages before they are divided.", said("x", "x", "x"), 25,
          "chat/prompt-tokens")
    count("utf-8", "Bytes are those of UTF-8.", said("\u00e9\u20ac\U0001f600"), 8 + 3, "chat/text-bytes",
          flags=["Unicode"])
    count("controls", "A character counts as it is, and not as JSON escapes it.", said('"\n\u0000\\"'), 8 + 2,
          "chat/text-bytes", flags=["Unicode"])
    count("parts", "Texts of parts are added.",
          said([{"type": "text", "text": "four"}, {"type": "refusal", "refusal": "no"}]), 8 + 2, "chat/text-bytes")
    count("refusal-of-text", "A part counts what is under its own type.",
          said([{"type": "text", "text": "abc", "refusal": "not counted"}]), 8 + 1, "chat/text-bytes")
    count("other-keys", "Other keys of a message are not counted.",
          {"messages": [{"role": "user", "name": "somebody", "refusal": "long words", "content": "abc"}]}, 9,
          "chat/text-bytes", denies=["chat/tool-bytes"])
    count("no-content", "A message without content is a message.", {"messages": [{}]}, 8, "chat/prompt-tokens")
    count("null-content", "Content of null is none.", said(None), 8, "chat/text-bytes")
    count("no-parts", "Content of no parts is none.", said([]), 8, "chat/text-bytes", flags=["Empty"])
    count("images", "Each image counts, and what it is does not.",
          said([{"type": "image_url", "image_url": {"url": "x" * 99, "detail": "low"}}, {"type": "image_url"}], [
              {"type": "image_url"}]), 16 + 3 * 1024, "chat/prompt-tokens", needs=["vision"])
    count("audio-and-files", "Audio and files add nothing.",
          said([{"type": "input_audio", "input_audio": {"data": "x" * 99}}, {"type": "file", "file": {"id": "f"}}]), 8,
          "chat/prompt-tokens", needs=["audio", "file"], denies=["chat/text-bytes"])
    count("schema", "A schema of the response adds nothing.",
          {**said("abc"), "response_format": {"type": "json_schema", "json_schema": {"x": "y" * 99}}}, 9,
          "chat/tool-bytes", needs=["structured_outputs"])
    count("text-and-tools", "Bytes of text and of tools are added before they are divided.",
          {**said("x"), "tools": [1]}, 8 + 4, "chat/tool-bytes", needs=["tools"])
    count("all-tool-json", "Tool JSON of all four places is added.",
          {"tools": [1], "functions": [True], "messages": [{"tool_calls": ["a"], "function_call": {"k": None}}]},
          8 + -(-(10 + 6 + 5 + 10) // 3), "chat/tool-bytes", needs=["tools"])
    for name, extra, completion in (
        ("max-tokens", {"max_tokens": 5}, 5), ("newer-key", {"max_completion_tokens": 7}, 7),
        ("newer-key-wins", {"max_tokens": 5, "max_completion_tokens": 7}, 7),
        ("newer-key-wins-first", {"max_completion_tokens": 7, "max_tokens": 5}, 7),
        ("newer-key-null", {"max_completion_tokens": None, "max_tokens": 5}, 5),
        ("newer-key-zero", {"max_completion_tokens": 0, "max_tokens": 5}, 0), ("zero", {"max_tokens": 0}, 0),
        ("integral", {"max_tokens": 5.0}, 5), ("exponent", {"max_tokens": 1e3}, 1000),
        ("minus-zero", {"max_tokens": -0.0}, 0), ("edge", {"max_tokens": 9007199254740991}, 9007199254740991),
        ("null", {"max_tokens": None}, 1024),
    ):
        flags = {"edge": ["Edge", "IntegerEdge", "Rounding"], "minus-zero": ["Minus0"]}.get(name, [])
        count(f"completion-{name}", f"The limit of the completion under {extra}.".replace("'", "`").replace("{}", "no key"),
              {"messages": [], **extra}, 0, "chat/completion-tokens", completion, near=["PIR0720"], flags=flags,
              rules=["chat/limit"] if extra else [])
    count("rounded-sum", "The sum of both amounts is a binary64.", {"messages": [{}], "max_tokens": 9007199254740990}, 8,
          "chat/min-context", 9007199254740990, flags=["IntegerEdge", "Rounding"])
    count("duplicates-of-order", "The order of the keys of a body does not change an amount.",
          {"max_tokens": 3, "tools": [1], "messages": [{"content": "x"}]}, 12, "chat/prompt-tokens", 3, needs=["tools"])
    book.add("fields-of-another-sort", "Amounts are given only to fields that are numbers of the request.",
             input={"vocabulary": {"vocabulary": 1, "name": "v", "fields": {
                 "prompt_tokens": {"sort": "tag", "source": "request"},
                 "completion_tokens": {"sort": "num", "source": "state", "default": 0}}}, "body": said("abc")},
             result=due(min_context=9 + 1024), denies=["chat/fields"])
    book.add("one-field", "One of the two fields may be declared.",
             input={"vocabulary": {"vocabulary": 1, "name": "v", "fields": {
                 "prompt_tokens": {"sort": "num", "source": "request", "default": 0}}}, "body": said("abc")},
             result=due(min_context=9 + 1024, fields=[["prompt_tokens", 9]]), rules=["chat/fields"])
    narrow = {"vocabulary": 1, "name": "v", "fields": {
        name: {"sort": "num", "source": "request", "default": 0, "maximum": 100}
        for name in ("prompt_tokens", "completion_tokens")}}
    book.add("outside-range", "A derived amount outside the range of its field is refused.", denies=["chat/fields"],
             input={"vocabulary": narrow, "body": said("abc")}, refused=["PIR0716 /fields/completion_tokens"])
    book.add("both-outside-range", "Derived amounts outside their ranges are reported by name.", denies=["chat/fields"],
             input={"vocabulary": narrow, "body": said("x" * 600)},
             refused=["PIR0716 /fields/completion_tokens", "PIR0716 /fields/prompt_tokens"])
    return book


def _json_bytes() -> Book:
    book = Book("facts/chat-json-bytes", kind="facts", about="JSON bytes of tools, each as a list of one value.")
    kinds = {"l": "literal", "n": "number", "s": "string", "a": "list", "o": "object"}
    cases: list[tuple[str, Json, int, str]] = [
        ("null", None, 4, "l"), ("true", True, 4, "l"), ("false", False, 5, "l"), ("zero", 0, 8, "n"),
        ("long-number", 123456789012345, 8, "n"), ("fraction", 1.5, 8, "n"), ("exponent", 1e-300, 8, "n"),
        ("big-number", 10**30, 8, "n"), ("minus-zero", -0.0, 8, "n"), ("empty-string", "", 2, "s"),
        ("string", "abc", 5, "s"), ("string-utf-8", "\u20ac", 5, "s"), ("string-astral", "\U0001f600", 6, "s"),
        ("string-escapes", '"\\\n\u0001/', 7, "s"), ("empty-list", [], 2, "a"), ("list", [1], 10, "a"),
        ("list-of-three", [1, True, ""], 2 + 2 + 8 + 4 + 2, "a"), ("lists", [[], [[]]], 2 + 1 + 2 + 4, "a"),
        ("empty-object", {}, 2, "o"), ("object", {"a": 1.50}, 2 + 3 + 1 + 8, "o"),
        ("object-of-two", {"a": None, "bc": []}, 2 + 1 + (3 + 1 + 4) + (3 + 2 + 2), "o"),
        ("key-utf-8", {"\u00e9": ""}, 2 + 3 + 2 + 2, "o"), ("empty-key", {"": 0}, 2 + 3 + 8, "o"),
        ("key-host-name", {"__proto__": {"constructor": 1}}, 2 + 3 + 9 + (2 + 3 + 11 + 8), "o"),
        ("key-that-is-a-number", {"10": 1, "9": 2}, 2 + 1 + (3 + 2 + 8) + (3 + 1 + 8), "o"),
        ("mixed", {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "n": [1, 2]}}},
         2 + 1 + (3 + 4 + 10) + (3 + 8 + (2 + 1 + (3 + 4 + 3) + (3 + 10 + (2 + 1 + (3 + 4 + 8) + (3 + 1 + 19))))), "o"),
    ]
    for name, value, size, kind in cases:
        # A text of as many bytes more as make the sum just over a multiple of three, so that each byte shows.
        total = 2 + size
        text = "x" * ((1 - total) % 3)
        prompt = 8 + -(-(total + len(text)) // 3)
        flags = {"minus-zero": ["Minus0"], "key-host-name": ["HostName"]}.get(name, [])
        flags += ["Unicode"] if any(ord(char) > 126 for char in str(value)) else []
        flags += ["Empty"] if name.startswith("empty-") and "key" not in name and "string" not in name else []
        book.add(name, f"The value has {size} JSON bytes.", input={"body": {**said(text), "tools": [value]}},
                 result=facts(prompt, needs=["tools"]), rules=[f"chat/json-bytes/{kinds[kind]}", "chat/tool-bytes"],
                 denies=[f"chat/json-bytes/{other}" for other in kinds.values() if other not in ("list", kinds[kind])]
                 if kind in "lns" else [], flags=flags)
    book.add("example", "The example of the chapter, with 16 JSON bytes.",
             input={"body": {"messages": [], "tools": [{"a": 1.50}]}}, result=facts(6, needs=["tools"]),
             rules=["chat/json-bytes/list", "chat/json-bytes/object", "chat/json-bytes/number"])
    book.add("function-call", "A call is an object, and not in a list.", denies=["chat/json-bytes/list"],
             input={"body": {"messages": [{"function_call": {"a": "b"}}]}}, result=facts(8 + 3, needs=["tools"]),
             rules=["chat/json-bytes/object"])
    return book


def _stated() -> Book:
    book = Book("facts/chat-stated", kind="facts", about="Facts that the host states beside a chat body.")

    def state(name: str, comment: str, stated: Json, record: Json, rules: list[str], **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("vocabulary",) if key in rest}
        body = rest.pop("body", {**said("abc"), "tools": [1]})  # 8 + ceil(13 / 3) = 13 tokens
        pairs = {"completion_tokens": 1024, "prompt_tokens": 13, **record.pop("fields", {})}
        made = due(**{"needs": ["tools"], "min_context": 1037, **record, "fields": [list(pair) for pair in sorted(
            pairs.items())]})
        book.add(name, comment, input={**given, "facts": stated, "body": body}, result=made, rules=rules, **rest)

    state("nothing", "A host that states nothing gets what is derived.", {}, {}, ["chat/stated-rest"], flags=["Empty"])
    state("needs", "The needs are those of both.", {"needs": ["vision", "audio"]},
          {"needs": ["audio", "tools", "vision"]}, ["chat/stated-needs"])
    state("same-need", "A need of both is one.", {"needs": ["tools"]}, {}, ["chat/stated-needs"])
    state("prompt", "A stated prompt replaces the derived one, and the context is the new sum.",
          {"fields": {"prompt_tokens": 5}}, {"fields": {"prompt_tokens": 5}, "min_context": 1029}, ["chat/stated-fields"])
    state("both-amounts", "Both amounts may be stated.", {"fields": {"prompt_tokens": 5.5, "completion_tokens": 0}},
          {"fields": {"prompt_tokens": 5.5, "completion_tokens": 0}, "min_context": 5.5}, ["chat/stated-fields"],
          denies=["chat/prompt-tokens", "chat/completion-tokens"])
    state("stated-null", "A stated amount of null replaces nothing.", {"fields": {"prompt_tokens": None}}, {},
          ["facts/null"], denies=["chat/stated-fields"])
    state("other-field", "A stated field that is no amount is added.", {"fields": {"bucket": 0.5}},
          {"fields": {"bucket": 0.5}}, ["chat/stated-fields"])
    state("more-context", "A host can ask for more room.", {"min_context": 5000}, {"min_context": 5000},
          ["chat/stated-context"])
    state("less-context", "A host cannot ask for less room than the call takes.", {"min_context": 5}, {},
          ["chat/stated-context"])
    state("equal-context", "A host may ask for as much as the call takes.", {"min_context": 1037}, {},
          ["chat/stated-context"])
    state("context-and-prompt", "The stated context is compared with the sum of the amounts that hold.",
          {"min_context": 1030, "fields": {"prompt_tokens": 5}}, {"fields": {"prompt_tokens": 5}, "min_context": 1030},
          ["chat/stated-context", "chat/stated-fields"])
    state("rest", "Every other stated fact is taken as it is.",
          {"privacy": "no_log", "tier": "partner", "scope": "s", "model_family": "f", "min_tok_s": 3},
          {"privacy": "no_log", "tier": "partner", "scope": "s", "model_family": "f", "min_tok_s": 3},
          ["chat/stated-rest"])
    book.add("field-not-declared", "Without a field for it the amount is the derived one.",
             input={"vocabulary": OWN, "facts": {"fields": {"n": 1}}, "body": said("abc")},
             result=due(fields=[["n", 1]], min_context=1033), rules=["chat/stated-fields"], denies=["chat/fields"])
    body = said("abc")
    for name, stated, refused, rule in (
        ("refused-needs", {"needs": ["nope"]}, ["PIR0712 /needs/0"], "chat/stated-needs"),
        ("refused-field", {"fields": {"prompt_tokens": -1}}, ["PIR0716 /fields/prompt_tokens"], "chat/stated-fields"),
        ("refused-context", {"min_context": "5"}, ["PIR0714 /min_context"], "chat/stated-context"),
        ("refused-rest", {"privacy": "secret"}, ["PIR0713 /privacy"], "chat/stated-rest"),
    ):
        book.add(name, "Stated facts that are wrong are refused before the body is read.", refused=refused, denies=[rule],
                 input={"facts": stated, "body": 5 if name == "refused-rest" else body})
    book.add("overflow", "Stated amounts whose sum overflows are refused.", denies=["chat/min-context"],
             input={"facts": {"fields": {"prompt_tokens": 1.7e308, "completion_tokens": 1.7e308}}, "body": body},
             refused=["PIR0714 /min_context"], flags=["Overflow"])
    negative = {"vocabulary": 1, "name": "v", "fields": {
        "prompt_tokens": {"sort": "num", "source": "request", "default": 0}}}
    book.add("negative-sum", "Stated amounts whose sum is below 0 are refused.", denies=["chat/min-context"],
             input={"vocabulary": negative, "facts": {"fields": {"prompt_tokens": -2000}}, "body": body},
             refused=["PIR0716 /min_context"])
    return book


def _refused() -> Book:
    book = Book("facts/chat-refused", kind="facts", about="Bodies that are refused, and where.")

    def refuse(name: str, comment: str, body: Json, pointers: Json, rule: str = "chat/shape", **rest: Json) -> None:
        found = [one if one.startswith("PIR") else f"PIR0720 {one}" for one in pointers]
        book.add(name, comment, input={"body": body}, refused=found, denies=[rule], **rest)

    for name, value in (("list", []), ("text", "hi"), ("number", 1), ("boolean", True), ("null", None)):
        refuse(f"body-{name}", f"A body is an object, and not {value!r}.", value, [""])
        if value is not None and name != "list":
            refuse(f"messages-{name}", f"Messages are a list, and not {value!r}.", {"messages": value}, ["/messages"])
        if value is not None:
            refuse(f"message-{name}", f"A message is an object, and not {value!r}.", {"messages": [{}, value]},
                   ["/messages/1"])
            refuse(f"part-{name}", f"A content part is an object, and not {value!r}.",
                   said([{"type": "text", "text": ""}, value]), ["/messages/0/content/1"])
        if name in ("number", "boolean"):
            refuse(f"content-{name}", f"Content is no {name}.", said("x", value), ["/messages/1/content"])
            for kind in ("text", "refusal"):
                refuse(f"{kind}-{name}", f"A part of the type `{kind}` has no {name}.", said([{"type": kind, kind: value}]),
                       [f"/messages/0/content/0/{kind}"])
    refuse("no-messages", "A body has messages.", {}, ["/messages"], flags=["Empty"])
    refuse("null-messages", "Messages of null are none.", {"messages": None}, ["/messages"])
    refuse("null-message", "A message is not null.", {"messages": [None]}, ["/messages/0"])
    refuse("null-part", "A part is not null.", said([None]), ["/messages/0/content/0"])
    refuse("content-object", "Content is no object.", said({"type": "text", "text": "x"}), ["/messages/0/content"])
    refuse("no-text", "A part of the type text has a text.", said([{"type": "text"}]), ["/messages/0/content/0/text"])
    refuse("null-text", "A text of null is none.", said([{"type": "text", "text": None}]), ["/messages/0/content/0/text"])
    refuse("no-refusal", "A part of the type refusal has a refusal.", said([{"type": "refusal", "text": "x"}]),
           ["/messages/0/content/0/refusal"])
    for key in ("tools", "functions"):
        for name, value in (("object", {}), ("text", "f"), ("boolean", False)):
            refuse(f"{key}-{name}", f"The key `{key}` has a list, and not {value!r}.", {"messages": [], key: value},
                   [f"/{key}"])
    refuse("tool-calls-object", "Calls of tools are a list.", {"messages": [{"tool_calls": {}}]},
           ["/messages/0/tool_calls"])
    refuse("tool-calls-text", "Calls of tools are no text.", {"messages": [{"tool_calls": ""}]},
           ["/messages/0/tool_calls"])
    refuse("function-call-list", "A call of a function is an object.", {"messages": [{"function_call": []}]},
           ["/messages/0/function_call"])
    refuse("function-call-text", "A call of a function is no text.", {"messages": [{"function_call": "auto"}]},
           ["/messages/0/function_call"])
    refuse("format-text", "A response format is an object.", {"messages": [], "response_format": "json"},
           ["/response_format"])
    refuse("format-list", "A response format is no list.", {"messages": [], "response_format": []}, ["/response_format"])
    for name, kind in (("absent", None), ("other", "xml"), ("case", "JSON_object"), ("number", 1), ("host-name", "toString")):
        form = {} if kind is None else {"type": kind}
        refuse(f"format-type-{name}", f"A response format is not of the type {kind!r}.",
               {"messages": [], "response_format": form}, ["/response_format/type"], "chat/format-type",
               flags=["HostName"] if name == "host-name" else [])
        part = {} if kind is None else {"type": kind}
        refuse(f"part-type-{name}", f"A content part is not of the type {kind!r}.", said([part]),
               ["/messages/0/content/0/type"], "chat/part-type", flags=["HostName"] if name == "host-name" else [])
    book.add("part-types", "Content parts of all types that there are.", rules=["chat/part-type"], near=["PIR0720"],
             input={"body": said([{"type": "text", "text": ""}, {"type": "refusal", "refusal": ""}, {"type": "image_url"},
                                  {"type": "input_audio"}, {"type": "file"}])},
             result=facts(1032, needs=["audio", "file", "vision"]))
    book.add("format-types", "A response format of a type that there is.", rules=["chat/format-type"], near=["PIR0720"],
             input={"body": {"messages": [], "response_format": {"type": "text"}}}, result=facts(0))
    for name, value in (("negative", -1), ("fraction", 0.5), ("text", "5"), ("boolean", True), ("past-edge", 2**53),
                        ("great", 1e300), ("list", [5]), ("least-negative", -5e-324)):
        for key in ("max_tokens", "max_completion_tokens"):
            refuse(f"{key.replace('_', '-')}-{name}", f"The limit `{key}` is not {value!r}.", {"messages": [], key: value},
                   [f"/{key}"], "chat/limit", flags=["PastEdge", "IntegerEdge"] if name == "past-edge" else [])
    refuse("losing-limit", "A limit that does not count is looked at, too.",
           {"messages": [], "max_completion_tokens": 1, "max_tokens": -1}, ["/max_tokens"], "chat/limit")
    refuse("in-order", "Findings come in the order of the body, absent messages last.",
           {"tools": 1, "max_tokens": -1, "response_format": 1, "functions": 2}, [
               "/tools", "/max_tokens", "/response_format", "/functions", "/messages"])
    refuse("in-a-message", "In a message the role comes first, then calls of tools and of functions, then content.",
           {"messages": [{"content": 1, "function_call": 2, "tool_calls": 3, "role": "x"}]},
           ["/messages/0/tool_calls", "/messages/0/function_call", "/messages/0/content"])
    book.add("needs-among-shapes", "A need that is not mapped stands among the other findings.",
             input={"vocabulary": "core", "body": {"messages": [{"content": [{"type": "file"}, 5, {"type": "file"}]}],
                                                   "response_format": {"type": "json_schema"}, "tools": "x"}},
             refused=["PIR0712 /messages/0/content/0", "PIR0720 /messages/0/content/1", "PIR0712 /response_format",
                      "PIR0720 /tools"], denies=["chat/unmapped"])
    refuse("hundred", "At most 100 findings are reported.", {"messages": [1] * 120},
           [f"/messages/{place}" for place in range(100)])
    return book


def _deep(levels: int) -> Json:
    value: Json = 1
    for _ in range(levels - 1):
        value = [value]
    return value


def _limits() -> Book:
    book = Book("facts/chat-limits", kind="facts", about="Bounds of chat bodies, at their edge and one past it.")

    def keep(name: str, comment: str, body: Json, prompt: int, rule: str, **rest: Json) -> None:
        book.add(name, comment, input={"body": body}, result=facts(prompt, needs=["tools"]), rules=[rule],
                 near=["PIR0720"], flags=["Edge"], **rest)

    def refuse(name: str, comment: str, body: Json, pointer: str, rule: str) -> None:
        book.add(name, comment, input={"body": body}, refused=[f"PIR0720 {pointer}"], denies=[rule], flags=["PastEdge"])

    # 63 lists of two bytes around a number of eight: the innermost value is at level 64.
    keep("depth-edge", "Tool JSON of 64 levels is counted.", {"messages": [], "tools": _deep(64)}, -(-(63 * 2 + 8) // 3),
         "chat/json-depth")
    refuse("depth-past-edge", "Tool JSON of 65 levels is refused, at the value that is too deep.",
           {"messages": [], "tools": _deep(65)}, "/tools" + "/0" * 64, "chat/json-depth")
    keep("depth-of-call-edge", "A call of 64 levels is counted, its own level being 1.",
         {"messages": [{"function_call": {"k": _deep(63)}}]}, 8 + -(-(6 + 62 * 2 + 8) // 3), "chat/json-depth")
    refuse("depth-of-call-past-edge", "A call of 65 levels is refused.", {"messages": [{"function_call": {"k": _deep(64)}}]},
           "/messages/0/function_call/k" + "/0" * 63, "chat/json-depth")
    refuse("depth-of-calls-past-edge", "Calls of 65 levels are refused.", {"messages": [{"tool_calls": _deep(65)}]},
           "/messages/0/tool_calls" + "/0" * 64, "chat/json-depth")
    # A list of so many numbers has as many values and one: itself.
    most = 2**18 - 1
    room = [["0,", most - 1], "0]}"]
    book.add("values-edge", "Tool JSON of 262144 values is counted.", rules=["chat/most-values"], near=["PIR0720"],
             input={"text": ['{"messages":[],"tools":[', *room]}, flags=["Edge"],
             result=facts(-(-(2 + most - 1 + 8 * most) // 3), needs=["tools"]))
    book.add("values-past-edge", "The value after the last ends the reading, whatever follows it.",
             input={"text": ['{"messages":[{}],"tools":[', *room[:1], '0],"max_tokens":-1}']}, flags=["PastEdge"],
             refused=[f"PIR0720 /tools/{most - 1}"], denies=["chat/most-values"])
    parts = [["null,", 2**18 - 2], 'null]}],"tools":5}']
    book.add("null-values-past-edge", "Findings before the one that ends the reading are reported.",
             input={"text": ['{"functions":5,"messages":[{"tool_calls":[', *parts]}, flags=["PastEdge"],
             refused=["PIR0720 /functions", f"PIR0720 /messages/0/tool_calls/{2**18 - 2}"], denies=["chat/most-values"])
    book.add("bytes", "Texts and tool JSON are counted together against their bound.", rules=["chat/most-bytes"],
             input={"text": ['{"messages":[{"content":"', ["x", 1000000], '"},{"content":"', ["\u20ac", 1000], '"}]}']},
             result=facts(16 + -(-1003000 // 3)), near=["PIR0720"], flags=["Unicode"])
    for name, text, pointer in (
        ("high", '{"messages":[{"content":"a\\ud83d"}]}', "/messages/0/content"),
        ("low", '{"messages":[{"content":[{"type":"text","text":"\\ude00"}]}]}', "/messages/0/content/0/text"),
        ("turned", '{"messages":[{},{"content":"\\ude00\\ud83d"}]}', "/messages/1/content"),
        ("in-tools", '{"messages":[],"tools":["a",{"k":"\\ud83d-"}]}', "/tools/1/k"),
        ("in-key", '{"messages":[],"tools":["a",{"\\ud83d":1}]}', "/tools/1"),
    ):
        book.add(f"surrogate-{name}", "A lone surrogate in a text that is counted is refused.", input={"text": text},
                 refused=[f"PIR0113 {pointer}"], denies=["chat/surrogate"], flags=["Unicode"])
    book.add("surrogate-pair", "An escaped pair of surrogates is one character of four bytes.",
             input={"text": '{"messages":[{"content":"\\ud83d\\ude00"}]}'}, result=facts(8 + 2), near=["PIR0113"],
             rules=["chat/surrogate", "chat/text-bytes"], flags=["Unicode"])
    book.add("surrogate-elsewhere", "A lone surrogate in a text that is not counted is not looked at.",
             input={"text": '{"messages":[{"name":"\\ud83d"}],"user":"\\ude00"}'}, result=facts(8), near=["PIR0113"],
             rules=["chat/surrogate"], flags=["Unicode"])
    book.add("depth-of-the-rest", "What is not counted may be as deep as it likes.", rules=["chat/json-depth"],
             input={"body": {"messages": [], "metadata": _deep(80)}}, result=facts(0), near=["PIR0720"])
    return book
