"""What a simulated model answers: a function of the request, the model and the sandbox's seed alone.

An answer says that it is simulated, which model it is of, and what it was asked. Tool calls and structured answers are
made from the JSON Schemas that the request brings.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

import attrs

from policy_ir.candidate import Candidate
from policy_ir.router.sandbox_faults import draws
from policy_ir.router.sandbox_problems import BadRequest, Dialect
from policy_ir.router.sandbox_schema import UnusableSchema, value_of

CREATED: Final = 1_767_225_600
"""When every answer says that it was made: the first of January 2026. A clock would make two equal calls differ."""

ECHOED: Final = 160
"""How many characters of a question an answer repeats."""

MOST_CHOICES: Final = 8

_PIECE: Final = re.compile(r"\s*\w{1,8}|\s*[^\w\s]{1,3}|\s+")
_ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
_TOKENS_PER_MESSAGE: Final = 4
_TOKENS_PER_IMAGE: Final = 765
_BYTES_PER_TOKEN: Final = 4

_REMARKS: Final = (
    "Nothing here was thought: the words are made from your request and a seed.",
    "A real model would now say something useful.",
    "Ask again with the same words, and the answer is the same.",
    "No key was needed and no token was paid for.",
    "The prices and speeds in the catalogue are invented, and so is this sentence.",
    "Ask the sandbox for a fault, and see what your policy does about it.",
    "The trace of this call says which candidates were refused, and why.",
    "Another policy would perhaps have chosen another model.",
)


@attrs.frozen(kw_only=True)
class Model:
    """What the answers of a simulated candidate depend on. `first_token_ms` and `tok_s` are its pace."""

    candidate: str
    provider: str
    name: str
    dialect: Dialect
    context: int
    max_output: int
    capabilities: frozenset[str]
    first_token_ms: float
    tok_s: float

    @classmethod
    def of(cls, candidate: Candidate, dialect: Dialect) -> Model:
        """The model behind a candidate of the sandbox's catalogue."""

        def number(name: str, default: float) -> float:
            value = candidate.fields.get(name)
            return default if isinstance(value, bool) or not isinstance(value, int | float) else float(value)

        return cls(
            candidate=candidate.id,
            provider=candidate.provider,
            name=candidate.served_model,
            dialect=dialect,
            context=int(number("context", 128_000)),
            max_output=int(number("max_output", 16_000)),
            capabilities=frozenset(candidate.capabilities),
            first_token_ms=number("latency_ms", 300.0),
            tok_s=number("tok_s", 100.0),
        )


@attrs.frozen(kw_only=True)
class Choice:
    """One choice of an answer, in the pieces that a stream sends. With a `tool`, they are its arguments, JSON."""

    pieces: tuple[str, ...]
    finish: str
    tool: str | None = None
    call_id: str = ""


@attrs.frozen(kw_only=True)
class Chunk:
    """One event of a stream: its JSON value, and whether it carries content or a finish reason."""

    value: dict[str, Any]
    content: bool = False
    finish: bool = False


@attrs.frozen(kw_only=True)
class Answer:
    """What a model answers to a request, in full or as a stream."""

    id: str
    model: str
    choices: tuple[Choice, ...]
    prompt_tokens: int
    logprobs: bool = False

    @property
    def completion_tokens(self) -> int:
        """The pieces of all choices."""
        return sum(len(choice.pieces) for choice in self.choices)

    def usage(self) -> dict[str, Any]:
        """The token counts, as an answer states them."""
        prompt, completion = self.prompt_tokens, self.completion_tokens
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}

    def head(self, kind: str) -> dict[str, Any]:
        """The members that every object of the answer begins with."""
        return {
            "id": self.id,
            "object": kind,
            "created": CREATED,
            "model": self.model,
            "system_fingerprint": f"fp_{self.model}",
        }

    def completion(self) -> dict[str, Any]:
        """The answer in full."""
        choices = [self._full(index, choice) for index, choice in enumerate(self.choices)]
        return {**self.head("chat.completion"), "choices": choices, "usage": self.usage()}

    def chunks(self) -> Iterator[Chunk]:
        """The answer as a stream: roles, pieces of the choices by turns, finish reasons. Token counts are not in it."""
        for index, choice in enumerate(self.choices):
            yield Chunk(value=self._event(index, _opening(choice)))
        for round_ in zip_longest(*(choice.pieces for choice in self.choices)):
            for index, piece in enumerate(round_):
                if piece is not None:
                    delta = _delta(self.choices[index], piece)
                    yield Chunk(value=self._event(index, delta, pieces=(piece,)), content=True)
        for index, choice in enumerate(self.choices):
            yield Chunk(value=self._event(index, {}, choice.finish), finish=True)

    def _full(self, index: int, choice: Choice) -> dict[str, Any]:
        text = "".join(choice.pieces)
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
        if choice.tool is not None:
            called = {"name": choice.tool, "arguments": text}
            call = {"id": choice.call_id, "type": "function", "function": called}
            message |= {"content": None, "tool_calls": [call]}
        logprobs = self._logprobs(() if choice.tool else choice.pieces)
        return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": choice.finish}

    def _event(
        self, index: int, delta: dict[str, Any], finish: str | None = None, pieces: Sequence[str] = ()
    ) -> dict[str, Any]:
        logprobs = self._logprobs(pieces) if "content" in delta else None
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        return {**self.head("chat.completion.chunk"), "choices": [choice]}

    def _logprobs(self, pieces: Sequence[str]) -> dict[str, Any] | None:
        if not self.logprobs or not pieces:
            return None
        # The pieces are certain; what else might have stood there was never computed.
        tokens = [
            {"token": piece, "logprob": 0.0, "bytes": list(piece.encode("utf-8", "surrogatepass")), "top_logprobs": []}
            for piece in pieces
        ]
        return {"content": tokens, "refusal": None}


def _opening(choice: Choice) -> dict[str, Any]:
    if choice.tool is None:
        return {"role": "assistant", "content": "", "refusal": None}
    function = {"name": choice.tool, "arguments": ""}
    call = {"index": 0, "id": choice.call_id, "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _delta(choice: Choice, piece: str) -> dict[str, Any]:
    if choice.tool is None:
        return {"content": piece}
    return {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def answer(model: Model, body: Mapping[str, Any], seed: int) -> Answer:
    """The answer of a model to a decoded body. Raises `BadRequest` where the provider would refuse it."""
    messages = _messages(body)
    _refuse_parameters(model, body)
    asked = json.dumps(body.get("messages"), sort_keys=True)
    words = (model.candidate, asked, json.dumps(body.get("seed")))
    limit = _limit(model, body)
    prompt = _prompt_tokens(body, messages)
    if prompt + (limit or 0) > model.context:
        raise BadRequest("context_overflow", f"{prompt + (limit or 0)} tokens > {model.context} maximum", "messages")
    choices = tuple(
        _choice(model, body, messages, limit or model.max_output, draws(seed, *words, str(index)))
        for index in range(_count(body, "n", 1, 1, MOST_CHOICES) or 1)
    )
    return Answer(
        id=f"chatcmpl-simulated-{int(draws(seed, *words).random() * 2**48):012x}",
        model=model.name,
        choices=choices,
        prompt_tokens=prompt,
        logprobs=body.get("logprobs") is True and "supports_logprobs" in model.capabilities,
    )


def _choice(
    model: Model, body: Mapping[str, Any], messages: Sequence[Mapping[str, Any]], limit: int, draw: random.Random
) -> Choice:
    call_id = f"call_simulated{int(draw.random() * 2**32):08x}"
    tool = _tool_to_call(body, messages)
    text = _text(model, messages, draw)
    if tool is not None:
        arguments = _made(tool.get("parameters", {"type": "object"}), draw, text)
        return _cut(json.dumps(arguments, ensure_ascii=False), limit, "tool_calls", tool=tool["name"], call_id=call_id)
    return _cut(_stopped(_formatted(model, body, text, messages, draw), body.get("stop")), limit, "stop")


def _cut(text: str, limit: int, finish: str, **call: str) -> Choice:
    """A choice of at most `limit` pieces."""
    pieces = pieces_of(text)
    return Choice(pieces=pieces[:limit], finish=finish if len(pieces) <= limit else "length", **call)


def pieces_of(text: str) -> tuple[str, ...]:
    """The pieces that a text is sent in, each of which counts as a token; together they are the text."""
    return tuple(_PIECE.findall(text))


# --- the words ------------------------------------------------------------------------------------------------


def _text(model: Model, messages: Sequence[Mapping[str, Any]], draw: random.Random) -> str:
    last = messages[-1]
    if last.get("role") in ("tool", "function"):
        said = f"The tool answered: {_shortened(_content(last))}"
    else:
        questions = [_content(message) for message in messages if message.get("role") == "user"]
        said = f"You asked: {_shortened(questions[-1])}" if questions else "You asked nothing."
    first = int(draw.random() * len(_REMARKS))
    remarks = [_REMARKS[(first + place) % len(_REMARKS)] for place in range(1 + int(draw.random() * 3))]
    return " ".join(
        [f"I am {model.name}, a simulated model at the simulated provider {model.provider}.", said, *remarks]
    )


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text if len(text) <= ECHOED else text[: ECHOED - 1] + '…'}”"


def _content(message: Mapping[str, Any]) -> str:
    """The text of a message."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = [part for part in content or () if isinstance(part, Mapping)]
    return " ".join(str(part["text"]) for part in parts if isinstance(part.get("text"), str))


def _formatted(
    model: Model, body: Mapping[str, Any], text: str, messages: Sequence[Mapping[str, Any]], draw: random.Random
) -> str:
    """The text, or JSON where the request asks for it and the model can; a model that cannot ignores the wish."""
    wish = body.get("response_format") or {}
    kind = wish.get("type")
    if kind == "json_schema" and "supports_structured_outputs" in model.capabilities:
        named = wish.get("json_schema")
        if not isinstance(named, Mapping) or not isinstance(named.get("schema"), Mapping):
            raise BadRequest("bad_request", "`response_format.json_schema.schema` is missing.", "response_format")
        return json.dumps(_made(named["schema"], draw, text), ensure_ascii=False)
    if kind == "json_object" and "supports_json_mode" in model.capabilities:
        return json.dumps({"answer": text, "model": model.name, "simulated": True}, ensure_ascii=False)
    return text


def _stopped(text: str, stop: object) -> str:
    """The text up to the first of the stop sequences."""
    stops = [stop] if isinstance(stop, str) else stop if isinstance(stop, list) else []
    ends = [text.find(one) for one in stops if isinstance(one, str) and one and one in text]
    return text[: min(ends)] if ends else text


def _made(schema: object, draw: random.Random, text: str) -> Any:
    try:
        return value_of(schema, draw, text=text)
    except UnusableSchema as error:
        raise BadRequest("bad_request", f"Invalid schema: {error}.") from error


# --- the request ----------------------------------------------------------------------------------------------


def _messages(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequest("bad_request", "`messages` must be a list of one message or more.", "messages")
    for index, message in enumerate(messages):
        if not isinstance(message, Mapping) or message.get("role") not in _ROLES:
            raise BadRequest(
                "bad_request", f"`messages[{index}].role` must be one of {', '.join(_ROLES)}.", f"messages[{index}]"
            )
        if not isinstance(message.get("content"), str | list | None):
            raise BadRequest("bad_request", f"`messages[{index}].content` is no text.", f"messages[{index}]")
    return messages


def _refuse_parameters(model: Model, body: Mapping[str, Any]) -> None:
    """What real providers refuse: what the model cannot do, and what is of another type."""
    if body.get("tools") and "supports_tools" not in model.capabilities:
        raise BadRequest("unsupported", "'tools' is not supported with this model.", "tools")
    if "supports_reasoning" in model.capabilities and body.get("temperature") not in (None, 1):
        raise BadRequest("unsupported", "'temperature' is not supported with this model.", "temperature")
    if "supports_vision" not in model.capabilities and any(_images(message) for message in body["messages"]):
        raise BadRequest("unsupported", "images are not supported with this model.", "messages")
    if not isinstance(body.get("stream", False), bool | None):
        raise BadRequest("bad_request", "`stream` must be true or false.", "stream")
    if not isinstance(body.get("tools"), list | None):
        raise BadRequest("bad_request", "`tools` must be a list.", "tools")
    if not isinstance(body.get("response_format"), Mapping | None):
        raise BadRequest("bad_request", "`response_format` must be an object.", "response_format")
    temperature = body.get("temperature")
    if temperature is not None and (not isinstance(temperature, int | float) or not 0 <= temperature <= 2):
        raise BadRequest("bad_request", "`temperature` must be a number from 0 to 2.", "temperature")


def _limit(model: Model, body: Mapping[str, Any]) -> int | None:
    """The most tokens of output that the request allows; None where it does not say."""
    for name in ("max_completion_tokens", "max_tokens"):
        if body.get(name) is not None:
            return _count(body, name, None, 1, model.max_output)
    return None


def _count(body: Mapping[str, Any], name: str, default: int | None, least: int, most: int) -> int | None:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadRequest("bad_request", f"`{name}` must be an integer from {least} to {most}.", name)
    return value


def _tool_to_call(body: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The function that is called: the one that is asked for, else the first, and none once a tool has answered."""
    tools = body.get("tools") or []
    wish = body.get("tool_choice", "auto")
    if wish == "none" or (messages[-1].get("role") == "tool" and wish != "required"):
        return None
    functions: list[Mapping[str, Any]] = []
    for index, tool in enumerate(tools):
        function = tool.get("function") if isinstance(tool, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            raise BadRequest("bad_request", f"`tools[{index}].function.name` is missing.", f"tools[{index}]")
        functions.append(function)
    if not isinstance(wish, Mapping):
        return functions[0] if functions else None
    asked = wish.get("function")
    named = asked.get("name") if isinstance(asked, Mapping) else None
    for function in functions:
        if function["name"] == named:
            return function
    raise BadRequest("bad_request", "`tool_choice` names no tool of the request.", "tool_choice")


def _images(message: Mapping[str, Any]) -> int:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return sum(isinstance(part, Mapping) and part.get("type") == "image_url" for part in parts)


def _prompt_tokens(body: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> int:
    """The tokens of the prompt as this provider counts them; a router's estimate is another one."""
    text = sum(len(_content(message).encode("utf-8", "surrogatepass")) for message in messages)
    tools = len(json.dumps(body["tools"])) if body.get("tools") else 0
    images = sum(map(_images, messages))
    return -(-(text + tools) // _BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE * len(messages) + _TOKENS_PER_IMAGE * images
