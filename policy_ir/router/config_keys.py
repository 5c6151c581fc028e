"""The keys of a router's configuration: what each holds, its default, and what it is for.

The reader knows no other keys, and the reference page is made from these tables.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import attrs

from policy_ir.diagnostics import Code, codes, one_of
from policy_ir.router.config import DEFAULT_HOST, DEFAULT_PORT, Breaker, Limits
from policy_ir.router.config_kinds import KINDS
from policy_ir.semantics.work import WORK_LIMIT

__all__ = ["SECTIONS", "Option", "Section", "Unfit"]


class Unfit(Exception):
    """A value that a key cannot hold: the code of the finding."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


@attrs.frozen(slots=True)
class Type:
    """What a key holds, in words, and what makes the value of it that is used. `check` raises `Unfit`.

    `names` are the values that there are, where they are so few.
    """

    words: str
    check: Callable[[Any], Any]
    names: tuple[str, ...] = ()


@attrs.frozen(slots=True)
class Option:
    """A key. `default` is what holds without it, as the file would have it or in words."""

    type: Type
    about: str
    default: str = ""
    required: bool = False


@attrs.frozen(slots=True)
class Section:
    """A table of the file. `header` is how it is begun, empty for what stands before all tables."""

    header: str
    about: str
    options: Mapping[str, Option]


# --- what keys hold -------------------------------------------------------------------------------------------


def _of(kind: type, words: str) -> Type:
    def check(value: Any) -> Any:
        if not isinstance(value, kind):
            raise Unfit(codes.CONFIG_TYPE)
        return value

    return Type(words, check)


def _number(low: float, high: float, words: str, *, whole: bool) -> Type:
    """Numbers within bounds, which `words` has places for; whole ones are ints, others floats."""

    def check(value: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise Unfit(codes.CONFIG_TYPE)
        if not low <= value <= high or not math.isfinite(value):
            raise Unfit(codes.CONFIG_RANGE)
        return int(value) if whole else float(value)

    return Type(words.format(f"{low:.12g}", f"{high:.12g}"), check)


def _one_of(names: Collection[str]) -> Type:
    def check(value: Any) -> Any:
        if not isinstance(value, str):
            raise Unfit(codes.CONFIG_TYPE)
        if value not in names:
            raise Unfit(codes.CONFIG_RANGE)
        return value

    return Type(one_of(names), check, tuple(names))


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise Unfit(codes.CONFIG_TYPE)
    return tuple(value)


def _line(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit(codes.CONFIG_TYPE)
    if not value or not value.isprintable() or len(value) > MAX_LINE:
        raise Unfit(codes.CONFIG_RANGE)
    return value


MAX_LINE: Final = 4096
"""Most characters of a text that is no policy."""

TEXT: Final = Type("a text of one line", _line)
FILE: Final = Type("the name of a file", _line)
SOURCE: Final = _of(str, "a text")
VARIABLE: Final = Option(TEXT, "the environment variable that holds it", required=True)
FLAG: Final = _of(bool, "`true` or `false`")
TABLE: Final = _of(dict, "a table")
NAMES: Final = Type("a list of names", _names)
DAY_MS: Final = 86_400_000
MILLISECONDS: Final = _number(1, DAY_MS, "a time of {} to {} ms", whole=False)


def _bytes(low: int, high: int) -> Type:
    return _number(low, high, "a size of {} to {} bytes", whole=True)


def _count(low: int, high: int) -> Type:
    return _number(low, high, "a whole number from {} to {}", whole=True)


# --- the tables -----------------------------------------------------------------------------------------------

_LIMITS, _BREAKER = Limits(), Breaker()


def _own(of: object, name: str, type: Type, about: str) -> dict[str, Option]:
    """An option whose default is that of the value it becomes part of."""
    return {name: Option(type, about, f"`{getattr(of, name):.12g}`")}


_TIMES: Final = {
    "connect_ms": "until a connection to the provider stands",
    "first_token_ms": "until the first token of a stream, or the whole of an answer that is no stream",
    "idle_ms": "between two pieces of a stream",
    "total_ms": "for the whole call, all attempts and waits included",
}

TOP: Final = {
    "host": Option(TEXT, "the address to listen on; without `keys` a loopback one", f'`"{DEFAULT_HOST}"`'),
    "port": Option(_count(0, 65535), "the port to listen on; 0 takes any that is free", f"`{DEFAULT_PORT}`"),
    "vocabulary": Option(TEXT, "a shipped vocabulary, or the file of one", '`"standard"`'),
    "catalogue": Option(FILE, "the candidates", "the shipped catalogue"),
    "floor": Option(FILE, "what every policy is held to"),
    "floor_text": Option(SOURCE, "the same, written here"),
    "providers": Option(TABLE, "where calls go, by name", required=True),
    "policies": Option(TABLE, "the policies that callers ask for by name"),
    "flows": Option(TABLE, "the flows that callers ask for by name"),
    "keys": Option(TABLE, "who may call, by name", "nobody is asked for a key"),
    "limits": Option(TABLE, "what bounds every call"),
    "breaker": Option(TABLE, "when a candidate is left alone"),
    "traces": Option(TABLE, "where traces are kept"),
    "telemetry": Option(TABLE, "where spans are sent"),
}
PROVIDER: Final = {
    "kind": Option(_one_of(KINDS), "what the endpoint is, and so the defaults of the next three", '`"compatible"`'),
    "url": Option(TEXT, "the base of its address, without `/chat/completions`", "that of its kind"),
    "key_env": Option(TEXT, "the environment variable that holds its key", "that of its kind, or no key"),
    "capabilities": Option(NAMES, "what the endpoint honours of its candidates", "those of its kind, or all"),
    "serves": Option(NAMES, "the candidates that are called here, by `served_by` or by id", "the name of the provider"),
    "models": Option(TABLE, "the name to send for a candidate, by its id or its `served_model`"),
    "headers": Option(TABLE, "further headers: a text, or `{ env = \"VARIABLE\" }` for a secret"),
    "timeouts": Option(TABLE, "times of its own"),
    "stream_usage": Option(FLAG, "ask for the tokens of every stream, whatever the caller asked for", "`false`"),
}  # fmt: skip
TIMEOUTS: Final = {name: Option(MILLISECONDS, about, f"`limits.{name}`") for name, about in _TIMES.items()}
POLICY: Final = {
    "file": Option(FILE, "the file of the policy, in either syntax"),
    "policy": Option(SOURCE, "the policy itself, in either syntax"),
    "preset": Option(TEXT, "the name of a preset of the package"),
    "about": Option(TEXT, "what it is for, for people", "what the preset says"),
}
FLOW: Final = {
    "file": Option(FILE, "the file of the flow, in either syntax"),
    "flow": Option(SOURCE, "the flow itself, in either syntax"),
    "preset": Option(TEXT, "the name of a flow of the package"),
    "about": Option(TEXT, "what it is for, for people", "what the preset says"),
}
KEY: Final = {
    "digest": Option(TEXT, "`blake3:` and 64 hexadecimal digits, as `policy-ir key new` prints it", required=True),
    "floor": Option(FILE, "what this key's calls are held to, beside the floor of all"),
    "floor_text": Option(SOURCE, "the same, written here"),
    "rate": Option(
        _number(1, 1e6, "a rate of {} to {} calls a minute", whole=False), "most calls a minute", "any number"
    ),
    "burst": Option(_count(1, 1_000_000), "most calls at once, after a pause", "those of ten seconds"),
    "admin": Option(FLAG, "whether it sees the traces of all keys", "`false`"),
    "policies": Option(NAMES, "the named policies that it may use, and flows as `flow:NAME`", "all"),
    "inline": Option(FLAG, "whether it may send policies and flows of its own, and choose a candidate", "`true`"),
}
LIMITS: Final = {
    **_own(_LIMITS, "body_bytes", _bytes(1024, 2**30), "of a request"),
    **_own(_LIMITS, "answer_bytes", _bytes(1024, 2**32), "of a provider's answer"),
    **_own(_LIMITS, "line_bytes", _bytes(1024, 2**28), "of one line of a provider's stream"),
    **{name: _own(_LIMITS, name, MILLISECONDS, about)[name] for name, about in _TIMES.items()},
    **_own(_LIMITS, "header_ms", MILLISECONDS, "for the headers of a request to arrive"),
    **_own(_LIMITS, "body_ms", MILLISECONDS, "for the body of a request to arrive"),
    **_own(_LIMITS, "attempts", _count(1, 100), "most attempts of one call, or node of a flow, at all candidates"),
    **_own(_LIMITS, "concurrent", _count(1, 100_000), "calls at once; one more is turned away with 503"),
    **_own(_LIMITS, "flow_nodes", _count(1, 256), "nodes of one flow that are called at once"),
    **_own(_LIMITS, "work", _count(1, WORK_LIMIT), "most work of a decision"),
}
BREAKER: Final = {
    **_own(_BREAKER, "failures", _count(1, 1_000_000), "failures in a row that open the breaker of a candidate"),
    **_own(_BREAKER, "open_ms", MILLISECONDS, "for how long it is open; then one call tries"),
    **_own(_BREAKER, "disable_ms", MILLISECONDS, "for how long a provider is left alone that has refused its key"),
}
TRACES: Final = {
    "url": Option(TEXT, "a path, `sqlite:///PATH` or `postgresql://HOST/DATABASE`", "the default store"),
    "url_env": Option(TEXT, "the environment variable that holds the URL, where it has a password"),
    "prompts": Option(FLAG, "whether prompts and answers are kept", "`false`"),
    "keep_days": Option(_number(0.01, 36_500, "a time of {} to {} days", whole=False), "for how long", "for ever"),
}
TELEMETRY: Final = {
    "otlp": Option(TEXT, "the URL of a collector that takes OTLP over HTTP", "no spans are sent"),
}

SECTIONS: Final = (
    Section("", "Before all tables", TOP),
    Section("[providers.NAME]", "One for each endpoint that is called.", PROVIDER),
    Section("[providers.NAME.timeouts]", "How long one attempt at this provider may take.", TIMEOUTS),
    Section("[policies.NAME]", "One for each policy that has a name; exactly one of the first three keys.", POLICY),
    Section("[flows.NAME]", "One for each flow that has a name; exactly one of the first three keys.", FLOW),
    Section("[keys.NAME]", "One for each bearer key.", KEY),
    Section("[limits]", "What bounds every call, before any work is done for it.", LIMITS),
    Section("[breaker]", "When candidates are left alone for a while.", BREAKER),
    Section("[traces]", "Where traces are kept, and what of a call.", TRACES),
    Section("[telemetry]", "Where spans go, with the extra `policy-ir[otel]`.", TELEMETRY),
)
"""The tables in the order of the reference page."""
