"""What a caller sends to the chat endpoint: the body that goes on to a provider, and what is said about its routing.

`policy_ir`, `flow_ir` and `policy_options` are taken out of the body, and everything else goes on as it came.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import attrs

from policy_ir.chat import MOST_VALUES
from policy_ir.diagnostics import Diagnostic, Refused, codes, did_you_mean, one_of, quoted
from policy_ir.field_values import binary64
from policy_ir.syntax.places import step

__all__ = ["FLOW", "FLOW_INLINE", "INLINE", "POLICY", "ChatRequest", "Options", "read_chat", "read_json"]

SESSION_BYTES: Final = 256
"""The most bytes of the name of a session."""

INLINE: Final = "policy:*"
"""The model that stands for the term in the body."""

POLICY: Final = "policy:"
"""What the name of a policy stands behind, where a model is due."""

FLOW_INLINE: Final = "flow:*"
"""The model that stands for the flow in the body."""

FLOW: Final = "flow:"
"""What the name of a flow stands behind, where a model is due."""

MODEL: Final = "`policy:NAME`, `flow:NAME`, `policy:*` or `flow:*` with a term in the body, or the id of a candidate"
"""What a model can be, in words."""

MOST_DEPTH: Final = 256
"""The most brackets around a part of a body."""

TOO_DEEP: Final = "brackets are nested too deep"

_LONGEST_MS: Final = 86_400_000.0


@attrs.frozen(slots=True, kw_only=True)
class Options:
    """What a caller says of one call beside its body.

    `seed` as the language has it. `requirements` are facts that the caller states, unread. `session` names what several
    calls have in common. `budget` is what the session may spend, `flow_budget` what one flow may, in USD. `deadline_ms`
    and `first_token_ms` are times from the arrival of the call, in milliseconds; they can only shorten those of the
    configuration. `dry_run` asks for the decision alone.
    """

    seed: object = None
    requirements: Mapping[str, object] = attrs.field(factory=dict)
    session: str | None = None
    budget: float | None = None
    flow_budget: float | None = None
    deadline_ms: float | None = None
    first_token_ms: float | None = None
    dry_run: bool = False


@attrs.frozen(slots=True, kw_only=True)
class ChatRequest:
    """A chat call as it was read. `body` is what a provider gets, but for its model; `term` is the policy or the flow
    that came with it, in decoded JSON, None without one."""

    body: dict[str, Any]
    model: str
    term: object
    options: Options
    stream: bool

    @property
    def is_flow(self) -> bool:
        """Whether it asks for a flow."""
        return self.model.startswith(FLOW)


_NO_OPTIONS: Final = Options()


def read_chat(data: bytes) -> ChatRequest:
    """The call in the bytes of a body. Raises `Refused`: `PIR0923`, `PIR0114` (not JSON), `PIR0920` to `PIR0922`."""
    value = read_json(data)
    if not isinstance(value, dict):
        raise Refused.because(
            codes.BODY_NOT_JSON, f"the body is {quoted(value)}", pointer="", found=quoted(value), expected="an object"
        )
    found: list[Diagnostic] = []
    policy, flow = value.pop("policy_ir", None), value.pop("flow_ir", None)
    given = value.pop("policy_options", None)
    options = _NO_OPTIONS if given is None else _options(given, found)
    model = value.get("model")
    if not isinstance(model, str):
        found.append(
            Diagnostic(
                code=codes.UNKNOWN_MODEL,
                message="the body names no model" if model is None else f"{quoted(model)} where a model is due",
                pointer="/model",
                found=quoted(model),
                expected=MODEL,
            )
        )
    elif (model == INLINE) != (policy is not None):
        found.append(_one_of_both(model, _IN_BODY[0], present=policy is not None))
    elif (model == FLOW_INLINE) != (flow is not None):
        found.append(_one_of_both(model, _IN_BODY[1], present=flow is not None))
    elif options.flow_budget is not None and not model.startswith(FLOW):
        found.append(
            Diagnostic(
                code=codes.OPTION_SHAPE,
                message="a budget of a flow, and the call is none",
                pointer="/policy_options/flow_budget",
                found=quoted(options.flow_budget),
                expected=f"a model that begins with {quoted(FLOW)}",
                help="`budget` is what a session may spend",
            )
        )
    stream = value.get("stream")
    if stream is not None and not isinstance(stream, bool):
        found.append(_wrong(stream, "/stream", "`true` or `false`"))
    if stream is True and options.dry_run:
        found.append(
            Diagnostic(
                code=codes.OPTION_SHAPE,
                message="a decision alone is no stream",
                pointer="/policy_options/dry_run",
                found=quoted(True),
                expected="`false`, or a call that asks for no stream",
            )
        )
    if found:
        raise Refused(found)
    term = policy if flow is None else flow
    return ChatRequest(body=value, model=model, term=term, options=options, stream=stream is True)  # type: ignore[arg-type]


_IN_BODY: Final = (("policy", "policy_ir", INLINE), ("flow", "flow_ir", FLOW_INLINE))
"""What can come in a body: what it is, its key, and the model that stands for it."""


def _one_of_both(model: str, of: tuple[str, str, str], *, present: bool) -> Diagnostic:
    """The finding about a term without the model that stands for it, or the other way round."""
    kind, key, stands = of
    if not present:
        return Diagnostic(
            code=codes.TERM_AND_MODEL,
            message=f"the model is {quoted(stands)}, and the body has no {kind}",
            pointer=f"/{key}",
            expected=f"a {kind} in the wire syntax",
            help=f"send the term under `{key}`, or name a {kind} of the configuration",
        )
    return Diagnostic(
        code=codes.TERM_AND_MODEL,
        message=f"the body has a {kind}, and the model is {quoted(model)}",
        pointer="/model",
        found=quoted(model),
        expected=quoted(stands),
        help=f"set the model to {quoted(stands)}, or leave `{key}` out",
    )


# --- JSON ------------------------------------------------------------------------------------------------------


class _Twice(Exception):
    """A key that occurs twice in one object."""


class _NoNumber(ValueError):
    """What stands where a number is due, and is none."""


def _no_constant(name: str) -> NoReturn:
    raise _NoNumber(f"`{name}` is no number of JSON")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        raise _Twice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return made


def _too_deep(value: Any) -> bool:
    """Whether a value has more than `MOST_DEPTH` brackets around some part of it."""
    level = [value]
    for _ in range(MOST_DEPTH):
        parts = (part.values() if type(part) is dict else part for part in level)
        level = [one for part in parts for one in part if type(one) is dict or type(one) is list]
        if not level:
            return False
    return True


_OWN: Final = frozenset({"policy_ir", "flow_ir", "policy_options"})
"""The keys of a body that are about its routing."""

_DECODE: Final = json.JSONDecoder(parse_constant=_no_constant).decode
_DECODE_ONCE: Final = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_each_once).decode


def read_json(data: bytes) -> Any:
    """The value of a body. A body that holds a term may say nothing twice.

    Raises `Refused`: `PIR0923`, `PIR0114`, and, before any of it is read, `PIR0924` for more than `MOST_VALUES`.
    """
    if _too_many(data):
        raise Refused.because(
            codes.BODY_TOO_LARGE,
            f"the body has more than {MOST_VALUES} values",
            pointer="",
            expected=f"at most {MOST_VALUES} values",
        )
    try:
        text = data.decode("utf-8")
        once = b'"policy_' in data or b'"flow_ir"' in data or text.lstrip(" \t\r\n").startswith("[")  # a term by itself
        value = (_DECODE_ONCE if once else _DECODE)(text)
        if not once and isinstance(value, dict) and not _OWN.isdisjoint(value):  # a key that was written with escapes
            value = _DECODE_ONCE(text)
        # How deep Python itself goes depends on where it is; what was read here has to be written elsewhere.
        if data.count(b"[") + data.count(b"{") <= MOST_DEPTH or not isinstance(value, dict) or not _too_deep(value):
            return value
        said = TOO_DEEP
    except _Twice as twice:
        key = str(twice)
        raise Refused.because(
            codes.DUPLICATE_KEY, f"the key {quoted(key)} occurs twice in one object", found=quoted(key)
        ) from None
    except UnicodeDecodeError as wrong:
        said = f"byte {wrong.start} is not UTF-8"
    except RecursionError:
        said = TOO_DEEP
    except json.JSONDecodeError as wrong:
        said = f"{wrong.msg[:1].lower()}{wrong.msg[1:]} at line {wrong.lineno}, column {wrong.colno}"
    except _NoNumber as wrong:
        said = str(wrong)
    except ValueError:  # of what Python reads from a text that is JSON
        said = "a number has too many digits"
    raise Refused.because(codes.BODY_NOT_JSON, f"the body is not JSON: {said}", pointer="", expected="JSON in UTF-8")


_TEXT: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""A string of JSON, or what is left of one at the end of the data: it is found in one pass, whatever it holds."""


def _too_many(data: bytes) -> bool:
    """Whether a body has more than `MOST_VALUES` values, keys among them.

    A long text is read in a moment. As many bytes of lists take a hundred times as long, in which nothing else runs,
    whichever thread reads them.
    """
    if len(data) <= MOST_VALUES or _count(data) <= MOST_VALUES:  # with what stands in texts
        return False
    total = end = 0
    for text in _TEXT.finditer(data):
        total += max(1, _count(data[end : text.start()]))
        end = text.end()
        if total > MOST_VALUES:
            return True
    return total + _count(data[end:]) > MOST_VALUES


def _count(data: bytes) -> int:
    return data.count(b",") + data.count(b"[") + data.count(b"{")


# --- policy_options --------------------------------------------------------------------------------------------


def _options(value: object, found: list[Diagnostic]) -> Options:
    if not isinstance(value, Mapping):
        found.append(_wrong(value, "/policy_options", "an object"))
        return _NO_OPTIONS
    given: dict[str, Any] = {}
    for key, entry in value.items():
        at = step("/policy_options", key)
        reader = _OPTIONS.get(key)
        if reader is None:
            found.append(_unknown_option(key, at))
        elif entry is not None:
            given[key] = reader(entry, at, found)
    return Options(**given)


def _unknown_option(key: str, at: str) -> Diagnostic:
    return Diagnostic(
        code=codes.OPTION_SHAPE,
        message=f"unknown option {quoted(key)}",
        pointer=at,
        found=quoted(key),
        expected=one_of(_OPTIONS),
        help=did_you_mean(key, _OPTIONS),
    )


def _wrong(value: object, at: str, expected: str) -> Diagnostic:
    return Diagnostic(
        code=codes.OPTION_SHAPE,
        message=f"{quoted(value)} where {expected} is due",
        pointer=at,
        found=quoted(value),
        expected=expected,
    )


def _as_it_is(value: object, at: str, found: list[Diagnostic]) -> object:
    return value


def _record(value: object, at: str, found: list[Diagnostic]) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    found.append(_wrong(value, at, "an object of facts"))
    return {}


def _session(value: object, at: str, found: list[Diagnostic]) -> str | None:
    if isinstance(value, str) and value and value.isprintable() and len(value.encode("utf-8")) <= SESSION_BYTES:
        return value
    found.append(_wrong(value, at, f"a name of 1 to {SESSION_BYTES} bytes that can be printed"))
    return None


def _usd(value: object, at: str, found: list[Diagnostic]) -> float | None:
    number = binary64(value)
    if number is not None and number >= 0:
        return number
    found.append(_wrong(value, at, "an amount in USD, 0 or more"))
    return None


def _milliseconds(value: object, at: str, found: list[Diagnostic]) -> float | None:
    number = binary64(value)
    if number is not None and 1 <= number <= _LONGEST_MS:
        return number
    found.append(_wrong(value, at, f"milliseconds from 1 to {_LONGEST_MS:.0f}"))
    return None


def _flag(value: object, at: str, found: list[Diagnostic]) -> bool:
    if isinstance(value, bool):
        return value
    found.append(_wrong(value, at, "`true` or `false`"))
    return False


_OPTIONS: Final = {
    "seed": _as_it_is,
    "requirements": _record,
    "session": _session,
    "budget": _usd,
    "flow_budget": _usd,
    "deadline_ms": _milliseconds,
    "first_token_ms": _milliseconds,
    "dry_run": _flag,
}
