"""Subjects that misbehave, each a few lines of Python."""

from __future__ import annotations

import sys
from typing import Any

from policy_ir.conformance.suite import Vector

HEAD = """
import json, os, sys, time
def say(message):
    sys.stdout.write(json.dumps(message) + "\\n")
    sys.stdout.flush()
def fine(id):
    say({"id": id, "result": {"sort": "Pred"}})
def raw(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
HELLO = {"type": "hello", "implementation": "toy"}
"""
LOOP = """
sys.stdin.readline()
say(HELLO)
for line in sys.stdin:
    request = json.loads(line)
    id = request["id"]
    name = id.rpartition("/")[2]
"""


def program(text: str) -> list[str]:
    """The command of a subject that runs a text."""
    return [sys.executable, "-I", "-S", "-c", HEAD + text]


def toy(then: str, *, hello: dict[str, Any] | None = None) -> list[str]:
    """The command of a subject that says hello, and runs `then` for each request.

    It sees the `request`, its `id` and the `name` at the end of that.
    """
    return program(toy_text(then, hello=hello))


def toy_text(then: str, *, hello: dict[str, Any] | None = None) -> str:
    """The text that `toy` runs."""
    said = "" if hello is None else f"HELLO.update({hello!r})\n"
    return said + LOOP + "".join(f"    {line}\n" for line in then.splitlines())


def vector(name: str, **other: Any) -> Vector:
    """A vector that every toy knows the answer to."""
    given: dict[str, Any] = {
        "id": f"toy/{name}",
        "file": "toy.json",
        "kind": "admission",
        "comment": "A vector for toys.",
        "input": {"term": ["top"]},
        "expect": {"result": {"sort": "Pred"}},
    }
    return Vector(**(given | other))


def vectors(count: int) -> list[Vector]:
    """Vectors named 0, 1, 2 and so on."""
    return [vector(str(at)) for at in range(count)]
