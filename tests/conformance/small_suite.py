"""A suite of a few vectors in a folder, and subjects that answer it: with the reference, but for what they are told."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

from policy_ir.conformance.subject import answer

PRICES = [
    {"id": "a/plum", "provider": "a", "family": "plum", "fields": {"price_in": 1}},
    {"id": "b/fig", "provider": "b", "family": "fig"},
]
VECTORS: list[tuple[str, str, dict[str, Any]]] = [
    ("semantics/cmp/cheap", "predicate", {"term": ["cmp", "price_in", "le", 2], "candidates": PRICES}),
    ("semantics/neg/prices", "score", {"term": ["neg", ["field", "price_in"]], "candidates": PRICES}),
    ("semantics/known/price", "predicate", {"term": ["known", "price_in"], "candidates": PRICES}),
    ("syntax/json/null", "syntax", {"text": '["top", null]'}),
    ("syntax/sorts/unknown", "syntax", {"value": ["tpo"]}),
]
ABOUT: dict[str, dict[str, Any]] = {
    "semantics/cmp/cheap": {"rules": ["cmp/accept", "cmp/reject"], "flags": ["MissingObservation"]},
    "semantics/neg/prices": {"rules": ["field/score", "neg/score"], "flags": ["Infinite", "MissingObservation"]},
    "semantics/known/price": {"rules": ["known/accept", "known/reject"], "features": ["known"]},
    "syntax/json/null": {"rules": ["json/null"]},
    "syntax/sorts/unknown": {"rules": ["sort/operation"]},
}

_SUBJECT = """
import json, os, sys
from policy_ir.conformance.subject import answer
wrong = {wrong!r}
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "hello":
        reply = {hello!r}
    elif message["id"] in wrong:
        reply = wrong[message["id"]]
        if reply is None:
            print("Segmentation fault, or so", file=sys.stderr, flush=True)
            os._exit(7)
        reply = {{"id": message["id"], **reply}}
    else:
        reply = {{"id": message["id"], **answer(message["kind"], message["input"])}}
    print(json.dumps(reply), flush=True)
"""


def vector(id: str, kind: str, input: dict[str, Any], **about: Any) -> dict[str, Any]:
    """A vector as a file has it, with what the reference answers as the expectation."""
    reply = answer(kind, input)
    if "refused" in reply:
        reply = {"refused": [{"code": one["code"], "pointer": one["pointer"]} for one in reply["refused"]]}
    lists: dict[str, Any] = {"rules": [], "denies": [], "near": [], "features": [], "flags": []}
    return {"id": id, "comment": f"The vector {id}.", **lists, **about, "input": input, "expect": reply}


def write_suite(folder: Path, vectors: list[tuple[str, str, dict[str, Any]]] | None = None,
                about: dict[str, dict[str, Any]] | None = None) -> Path:  # fmt: skip
    """The vectors as a suite, a file for each."""
    for id, kind, input in VECTORS if vectors is None else vectors:
        path = folder / "vectors" / f"{id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        made = vector(id, kind, input, **(ABOUT if about is None else about).get(id, {}))
        path.write_text(json.dumps({"about": "Small.", "kind": kind, "vectors": [made]}), "utf-8")
    return folder


def subject(folder: Path, name: str = "fine", wrong: dict[str, Any] | None = None, **hello: Any) -> list[str]:
    """The command of a subject that answers some ids with another reply, and crashes where that is None."""
    said = {"type": "hello", "implementation": name, "version": "1.0", **hello}
    path = folder / f"{name}.py"
    path.write_text(_SUBJECT.format(wrong=wrong or {}, hello=said), "utf-8")
    return [sys.executable, str(path)]


def named(name: str, command: list[str]) -> tuple[str, str]:
    """The option that names a subject."""
    return "--subject", f"{name}={shlex.join(command)}"
