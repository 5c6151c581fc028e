"""The protocol, from the side of the subject: one JSON object per line. Specification: chapter "Conformance"."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from policy_ir import __version__
from policy_ir.canonical import TERM_TAG
from policy_ir.conformance.subject.answering import FEATURES, KINDS, answer
from policy_ir.conformance.subject.parts import NotARequest


def hello(*, evaluator: bool = False) -> dict[str, Any]:
    """What this implementation says of itself."""
    return {
        "type": "hello",
        "implementation": "policy-ir (Python, evaluator)" if evaluator else "policy-ir (Python)",
        "version": __version__,
        "language": [TERM_TAG],
        "features": list(FEATURES),
        "kinds": list(KINDS),
        "findings": "all",
    }


def serve(stdin: BinaryIO, stdout: BinaryIO, *, evaluator: bool = False) -> None:
    """Answers every line of `stdin` on `stdout`, until it ends. What is no request is answered with an `error`.

    With `evaluator` decisions are the evaluator's, not the machine's.
    """
    for line in stdin:
        stdout.write(json.dumps(_reply(line, evaluator), allow_nan=False).encode("ascii") + b"\n")
        stdout.flush()


def _reply(line: bytes, evaluator: bool) -> dict[str, Any]:
    message: Any = None
    try:
        message = json.loads(line)
        if not isinstance(message, dict):
            raise NotARequest("a message is an object")
        if message.get("type") == "hello":
            return hello(evaluator=evaluator)
        kind, input = message.get("kind"), message.get("input")
        if not isinstance(kind, str) or not isinstance(input, dict):
            raise NotARequest("a request has a 'kind', a text, and an 'input', an object")
        reply = answer(kind, input, evaluator=evaluator)
        json.dumps(reply, allow_nan=False)
    except Exception as wrong:  # whatever it is, the runner is to hear of it and to go on
        reply = {"error": f"{type(wrong).__name__}: {wrong}"}
    return {"id": message.get("id") if isinstance(message, dict) else None, **reply}
