"""Request facts derived from an OpenAI-style chat completions body, in integer arithmetic.

The language never sees a body; this is the specified way from one to facts. Nothing is fetched or decoded: images,
audio and files are counted, not opened. Specification: chapter "Facts", section "From a chat body".
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Final

import attrs

from policy_ir.diagnostics import Diagnostic, Refused, codes, one_of, quoted
from policy_ir.facts import Facts, facts_under, read_facts, read_given, unknown_need
from policy_ir.field_values import MOST_SEED, binary64
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.syntax.places import step

if TYPE_CHECKING:
    from policy_ir.vocabulary.declarations import FieldValue, Vocabulary

BYTES_PER_TOKEN: Final = 3
TOKENS_PER_MESSAGE: Final = 8
TOKENS_PER_IMAGE: Final = 1024
DEFAULT_COMPLETION: Final = 1024

MOST_BYTES: Final = 2**26
"""Bytes of text and tool JSON that are counted before the body is refused."""
MOST_VALUES: Final = 2**18
"""Values (messages, parts, entries of tool JSON) that are visited before the body is refused."""
MOST_DEPTH: Final = 64
"""How deep tool JSON may nest, its own root counted as 1."""

NUMBER_BYTES: Final = 8
"""What any number counts in tool JSON, so that no two languages have to print numbers alike."""

_PARTS: Final[Mapping[str, str | None]] = {
    "text": None,
    "refusal": None,
    "image_url": "vision",
    "input_audio": "audio",
    "file": "file",
}
"""The kinds of content parts, and the need that each brings; the first two hold their text under their own name."""

_TOOL_ROLES: Final = ("tool", "function")

_FORMATS: Final[Mapping[str, str | None]] = {
    "text": None,
    "json_object": "json_mode",
    "json_schema": "structured_outputs",
}


def facts_of_chat(body: object, vocabulary: Vocabulary, *, base: Mapping[str, object] | None = None) -> Facts:
    """The facts of a decoded chat completions body.

    `base` holds facts that the host states itself, as a facts file does: its needs are added to the derived ones, its
    request fields replace derived ones, its `min_context` can only raise the derived one, the rest is taken as given.
    Raises `Refused` with every diagnostic: `PIR0720` and `PIR0113` for the body, `PIR0712` where the vocabulary cannot
    answer what the body needs, those of `read_facts` for the base and, with pointers into it, for the record that is
    made.
    """
    stated = {} if base is None else read_given(base, vocabulary)
    count = _Count(vocabulary)
    count.body(body)
    if count.found:
        raise Refused(count.found)
    given = stated.get("fields", {})
    amounts = {"prompt_tokens": float(count.prompt_tokens), "completion_tokens": float(count.completion)}
    fields: dict[str, FieldValue] = dict(given)
    sound = True
    for name, estimate in amounts.items():
        declared = vocabulary.fields.get(name)
        if declared is None or (declared.sort, declared.source) != ("num", "request"):
            continue
        if name in given:
            amounts[name] = given[name]
        else:
            fields[name] = estimate
            sound = sound and declared.admits(estimate)
    context = amounts["prompt_tokens"] + amounts["completion_tokens"]
    least = stated.get("min_context")
    made = stated | {
        "needs": (*stated.get("needs", ()), *count.needs),
        "min_context": context if least is None else max(context, least),
        "fields": dict(sorted(fields.items())),
    }
    if sound and 0.0 <= context < inf:
        return facts_under(vocabulary, made)
    # An estimate may be outside the range of its field, and a sum of stated amounts negative or too great.
    return read_facts(Facts(**made).to_json(), vocabulary)


class _Stop(Exception):
    """Nothing further is looked at: the body is larger than the bounds, or enough is wrong with it."""


@attrs.define
class _Count:
    """One pass over a body: what it needs, what it weighs, what is wrong with it."""

    vocabulary: Vocabulary
    needs: set[str] = attrs.field(factory=set)
    found: list[Diagnostic] = attrs.field(factory=list)
    completion: int = DEFAULT_COMPLETION
    limited: bool = False
    bytes: int = 0
    values: int = 0
    messages: int = 0
    images: int = 0

    @property
    def prompt_tokens(self) -> int:
        """Rule `chat/prompt-tokens`."""
        text = -(-self.bytes // BYTES_PER_TOKEN)
        return text + TOKENS_PER_MESSAGE * self.messages + TOKENS_PER_IMAGE * self.images

    def body(self, body: object) -> None:
        """Reads a whole body, in the order it is written in."""
        if not isinstance(body, Mapping):
            self.wrong(body, "", "an object")
            return
        try:
            for key, value in body.items():
                match key:
                    case "messages":
                        self.all_messages(value)
                    case "tools" | "functions":
                        self.tools(value, f"/{key}")
                    case "response_format":
                        self.response_format(value)
                    case "max_completion_tokens" | "max_tokens":
                        self.completion_limit(value, key)
            if "messages" not in body:
                self.wrong(None, "/messages", "a list of messages")
        except _Stop:
            return

    def all_messages(self, value: object) -> None:
        """The conversation."""
        if not isinstance(value, list | tuple):
            self.wrong(value, "/messages", "a list of messages")
            return
        for index, message in enumerate(value):
            if not self.plain(message):
                self.message(message, f"/messages/{index}")

    def plain(self, message: object) -> bool:
        """Counts a message that is nothing but a short text in ASCII, as `message` would; False for any other."""
        if not isinstance(message, dict):
            return False
        text = message.get("content")
        if not isinstance(text, str) or not text.isascii() or message.get("role") in _TOOL_ROLES:
            return False
        if message.get("tool_calls") is not None or message.get("function_call") is not None:
            return False
        if self.values == MOST_VALUES or self.bytes + len(text) > MOST_BYTES:
            return False
        self.values += 1
        self.messages += 1
        self.bytes += len(text)
        return True

    def response_format(self, value: object) -> None:
        """Rules `chat/json-mode` and `chat/structured-outputs`."""
        match value:
            case None:
                pass
            case Mapping():
                kind = value.get("type")
                if not isinstance(kind, str) or kind not in _FORMATS:
                    self.wrong(kind, "/response_format/type", "`text`, `json_object` or `json_schema`")
                elif (need := _FORMATS[kind]) is not None:
                    self.need(need, "/response_format")
            case _:
                self.wrong(value, "/response_format", "an object")

    def completion_limit(self, value: object, key: str) -> None:
        """Rule `chat/completion-tokens`: the newer key wins."""
        if value is None:
            return
        number = binary64(value)
        if number is None or not number.is_integer() or not 0 <= number <= MOST_SEED:
            self.wrong(value, f"/{key}", "an integer of 0 or more")
        elif key == "max_completion_tokens" or not self.limited:
            self.limited = key == "max_completion_tokens"
            self.completion = int(number)

    def tools(self, value: object, at: str) -> None:
        """Rule `chat/tools`, for the tools that the body offers."""
        match value:
            case None:
                pass
            case list() | tuple():
                if value:
                    self.need("tools", at)
                    self.json(value, at)
            case _:
                self.wrong(value, at, "a list of tools")

    def message(self, message: object, at: str) -> None:
        """One message: its content, and the tool calls that it carries."""
        self.visit(at)
        if not isinstance(message, Mapping):
            self.wrong(message, at, "a message object")
            return
        self.messages += 1
        if message.get("role") in _TOOL_ROLES:
            self.need("tools", f"{at}/role")
        for key, kind in (("tool_calls", list | tuple), ("function_call", Mapping)):
            value = message.get(key)
            if value is not None and not isinstance(value, kind):
                self.wrong(value, f"{at}/{key}", "a list of calls" if key == "tool_calls" else "a call")
            elif value:
                self.need("tools", f"{at}/{key}")
                self.json(value, f"{at}/{key}")
        match message.get("content"):
            case None:
                pass
            case str() as text:
                self.text(text, f"{at}/content")
            case list() | tuple() as parts:
                for index, part in enumerate(parts):
                    self.part(part, f"{at}/content/{index}")
            case other:
                self.wrong(other, f"{at}/content", "a string, a list of content parts, or null")

    def part(self, part: object, at: str) -> None:
        """One content part: text is counted, everything else is a need."""
        self.visit(at)
        if not isinstance(part, Mapping):
            self.wrong(part, at, "a content part")
            return
        kind = part.get("type")
        if not isinstance(kind, str) or kind not in _PARTS:
            self.wrong(kind, f"{at}/type", one_of(_PARTS))
            return
        need = _PARTS[kind]
        content = part.get(kind)
        if need is not None:
            self.need(need, at)
            self.images += kind == "image_url"
        elif isinstance(content, str):
            self.text(content, f"{at}/{kind}")
        else:
            self.wrong(content, f"{at}/{kind}", "a string")

    def json(self, value: object, at: str) -> None:
        """Rule `chat/json-bytes`: the length of a JSON value in a form that is the same everywhere."""
        pending: list[tuple[object, str, int]] = [(value, at, 1)]
        while pending:
            entry, here, depth = pending.pop()
            self.visit(here)
            if depth > MOST_DEPTH:
                self.wrong(entry, here, f"tool JSON of at most {MOST_DEPTH} levels")
                continue
            match entry:
                case None | True:
                    self.add(4, here)
                case False:
                    self.add(5, here)
                case int() | float():
                    self.add(NUMBER_BYTES, here)
                case str():
                    self.add(2, here)
                    self.text(entry, here)
                case list() | tuple():
                    self.add(2 + max(0, len(entry) - 1), here)
                    pending += [(inner, step(here, i), depth + 1) for i, inner in enumerate(entry)][::-1]
                case Mapping():
                    self.add(2 + max(0, len(entry) - 1) + 3 * len(entry), here)
                    inside = []
                    for key, inner in entry.items():
                        if isinstance(key, str):
                            self.text(key, here)
                            inside.append((inner, step(here, key), depth + 1))
                        else:
                            self.wrong(key, here, "an object whose keys are strings")
                    pending += inside[::-1]
                case _:
                    self.wrong(entry, here, "a JSON value")

    def text(self, text: str, at: str) -> None:
        """Adds the UTF-8 bytes of a text."""
        if self.bytes + len(text) <= MOST_BYTES:  # as many bytes as characters at least
            try:
                self.add(len(text.encode("utf-8")), at)
            except UnicodeEncodeError:
                message = f"a lone surrogate in {quoted(text)}"
                self.report(Diagnostic(code=codes.LONE_SURROGATE, message=message, pointer=at, expected="Unicode text"))
        else:
            self.add(len(text), at)

    def add(self, size: int, at: str) -> None:
        """Adds counted bytes."""
        self.bytes += size
        if self.bytes > MOST_BYTES:
            self.too_much(f"the body has more than {MOST_BYTES} bytes of text and tool JSON", at)

    def visit(self, at: str) -> None:
        """Counts a value."""
        self.values += 1
        if self.values > MOST_VALUES:
            self.too_much(f"the body has more than {MOST_VALUES} values", at)

    def need(self, name: str, at: str) -> None:
        """Notes a need; one that no capability answers is refused at the first place that brings it."""
        if name not in self.needs and name not in self.vocabulary.needs:
            self.report(unknown_need(name, at, self.vocabulary))
        self.needs.add(name)

    def wrong(self, value: object, at: str, expected: str) -> None:
        """Notes a value that cannot stand where it does."""
        self.report(
            Diagnostic(
                code=codes.CHAT_FORMAT,
                message=f"{quoted(value)} where {expected} is due",
                pointer=at,
                found=quoted(value),
                expected=expected,
            )
        )

    def too_much(self, message: str, at: str) -> None:
        """Refuses a body that is too large, and ends the reading of it."""
        self.report(Diagnostic(code=codes.CHAT_FORMAT, message=message, pointer=at))
        raise _Stop

    def report(self, found: Diagnostic) -> None:
        """Notes a finding; after the hundredth nothing further is looked at."""
        self.found.append(found)
        if len(self.found) == DIAGNOSTICS:
            raise _Stop
