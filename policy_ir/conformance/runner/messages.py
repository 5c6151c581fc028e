"""The messages of the protocol: written for the subject, read from it and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from policy_ir import __version__
from policy_ir.canonical import TERM_TAG
from policy_ir.conformance.compare import LEVELS, Level
from policy_ir.conformance.strict_json import GivenTwice, NoNumber, read_strictly
from policy_ir.conformance.suite import Vector
from policy_ir.diagnostics import quoted

LANGUAGE: Final = TERM_TAG  # the version of the language is what canonical bytes start with
ANSWERS: Final = ("result", "refused", "skipped", "error")
"""The members of a reply, of which it has exactly one."""


class Malformed(ValueError):
    """A line is not the message that is due; the text says why."""


@attrs.frozen
class Hello:
    """What a subject says of itself. `features` and `kinds` are None where it has, and answers, all.

    `said` is the message as it came.
    """

    said: Mapping[str, Any]
    features: frozenset[str] | None
    kinds: frozenset[str] | None
    findings: Level

    def lacks(self, vector: Vector) -> str | None:
        """Why the subject is not asked about a vector; None if it is."""
        if self.kinds is not None and vector.kind not in self.kinds:
            return f"the subject does not answer the kind {vector.kind}"
        missing = [] if self.features is None else [name for name in vector.features if name not in self.features]
        return f"the subject has no feature {', '.join(missing)}" if missing else None


def hello_line() -> bytes:
    """The hello of the runner."""
    return _line({"type": "hello", "protocol": 1, "runner": f"policy-ir {__version__}"})


def request(vector: Vector) -> dict[str, Any]:
    """The request for a vector."""
    return {"type": "request", "id": vector.id, "kind": vector.kind, "input": vector.request()}


def request_line(vector: Vector) -> bytes:
    """The request for a vector as a line."""
    return _line(request(vector))


def _line(message: Mapping[str, Any]) -> bytes:
    """A message as a line. It is ASCII, so that no reader of lines sees an end of line inside it."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def read_hello(line: bytes) -> Hello:
    """The hello of a subject. Raises `Malformed`."""
    said = _object(line)
    if said.get("type") != "hello":
        raise Malformed(f"the first line is no hello: {_shown(line)}")
    if not isinstance(said.get("implementation"), str):
        raise Malformed("the hello has no text `implementation`")
    if not isinstance(said.get("version", ""), str):
        raise Malformed("the `version` of the hello is no text")
    language = _texts(said, "language")
    if language is not None and LANGUAGE not in language:
        raise Malformed(f"the subject does not implement {LANGUAGE}")
    findings = said.get("findings", "first")
    if findings not in LEVELS:
        raise Malformed(f"the `findings` of the hello are none of {', '.join(LEVELS)}")
    return Hello(said, _texts(said, "features"), _texts(said, "kinds"), cast(Level, findings))


def _texts(said: Mapping[str, Any], name: str) -> frozenset[str] | None:
    listed = said.get(name)
    if name not in said:
        return None
    if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
        raise Malformed(f"the `{name}` of the hello are no list of texts")
    return frozenset(listed)


def read_reply(line: bytes, id: str) -> dict[str, Any]:
    """The reply to the request with an id: an object with one of the four members. Raises `Malformed`."""
    reply = _object(line)
    if "id" not in reply:
        raise Malformed(f"a line without an `id`: {_shown(line)}")
    if reply["id"] != id:
        raise Malformed(f"a reply with the id {quoted(reply['id'])}")
    given = [name for name in ANSWERS if name in reply]
    if len(given) != 1:
        if not given:
            raise Malformed(f"a reply without `result`, `refused`, `skipped` or `error`: {_shown(line)}")
        raise Malformed(f"a reply with {' and '.join(map(quoted, given))}")
    value = reply[given[0]]
    match given[0]:
        case "result" if not isinstance(value, dict):
            raise Malformed(f"a `result` that is no object: {_shown(line)}")
        case "refused" if not isinstance(value, list) or not value or not all(map(_is_finding, value)):
            raise Malformed(f"a `refused` that is no list of findings: {_shown(line)}")
        case "skipped" | "error" if not isinstance(value, str):
            raise Malformed(f"`{given[0]}` with something else than a text: {_shown(line)}")
        case _:
            return {given[0]: value}


def _is_finding(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("code"), str):
        return False
    return isinstance(value.get("pointer"), str | None)


def _object(line: bytes) -> dict[str, Any]:
    try:
        message = read_strictly(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise Malformed(f"a line that is not UTF-8: {_shown(line)}") from None
    except RecursionError:
        raise Malformed(f"a line that is nested too deep to be read: {_shown(line)}") from None
    except GivenTwice as wrong:
        raise Malformed(f"a line with the member {quoted(wrong.member)} twice") from None
    except ValueError as wrong:
        raise Malformed(f"a line that is no JSON{_why(wrong, line)}: {_shown(line)}") from None
    if not isinstance(message, dict):
        raise Malformed(f"a line that is no JSON object: {_shown(line)}")
    return message


def _why(wrong: ValueError, line: bytes) -> str:
    """What is wrong with a line, where its beginning may not show it."""
    if isinstance(wrong, NoNumber):
        return f" ({wrong.name} is no number of it)"
    if not isinstance(wrong, json.JSONDecodeError):
        return " (a number has too many digits)"
    return f" (from character {wrong.pos + 1:,} on)" if wrong.pos and line.strip() else ""


def _shown(line: bytes) -> str:
    return quoted(line[:400].decode("utf-8", "replace").strip())
