"""What is wrong with a folder of vectors, whatever an implementation says about them.

Needs `jsonschema`, which the package itself does without. Specification: chapter "Conformance", section "Vectors".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import Any, Final

from policy_ir.conformance.decoded import flow_policies, operations
from policy_ir.conformance.rules import spec_rules
from policy_ir.conformance.strict_json import read_strictly
from policy_ir.conformance.subject import FEATURES, KINDS
from policy_ir.diagnostics import CODES
from policy_ir.signature import SIGNATURE
from policy_ir.syntax.places import step

__all__ = ["FLAGS", "features_of", "findings", "is_sentence", "validator"]

FLAGS: Final = (
    *("Minus0", "HalfSubnormal", "SingleSubnormal", "DoubleSubnormal", "Shortest", "IntegerEdge", "Overflow"),
    *("Underflow", "Rounding", "Infinite", "Undefined", "MissingObservation", "TieBreak", "Stable", "Utf16Order"),
    *("Unicode", "Normalisation", "LengthFirst", "HostName", "Edge", "PastEdge", "Empty", "Single", "AllEqual"),
    *("AllMissing", "Seeded", "SeveralFindings"),
)
"""What can be special about a vector, in the order of the specification."""

KIND_FEATURES: Final[Mapping[str, str]] = {
    "identity": "peer",
    "lint": "lints",
    "print": "printing",
    "import": "imports",
    "compare": "imports",
    "flow-lint": "lints",
    "flow-print": "printing",
}
"""The kinds that need a feature whatever they are asked about."""

FLOW_KINDS: Final = (*(kind for kind in KINDS if kind.startswith("flow-")), "assembly", "schedule")
"""The kinds that need the feature `flows`."""

TERMS: Final = ("term", "policy", "floor")
"""The members of inputs and results that are terms, or hold some."""


def findings(root: Path) -> list[str]:
    """Everything that is wrong with the vectors in a folder that has `vectors/` and `schema/`, a line each.

    Raises ModuleNotFoundError without `jsonschema`.
    """
    check = validator(root / "schema", "vectors")
    folder = root / "vectors"
    ids: dict[str, str] = {}
    files = [(path, path.relative_to(folder).as_posix()) for path in sorted(folder.rglob("*")) if not path.is_dir()]
    return [wrong for path, name in files for wrong in _of_file(path, name, check, ids)]


def _of_file(path: Path, name: str, check: Any, ids: dict[str, str]) -> Iterator[str]:
    """What is wrong with one file. `ids` are those of the files before it, with their names; its own are added."""
    if path.suffix != ".json":
        yield f"{name}: it is no JSON file"
        return
    try:
        file = read_strictly(path.read_bytes().decode("utf-8"))
    except (ValueError, RecursionError) as wrong:
        yield f"{name}: {wrong}"
        return
    ill = [f"{name}: {_where(error)}: {error.message[:200]}" for error in check.iter_errors(file)]
    if ill:
        yield from ill
        return
    asked: dict[str, str] = {}
    for vector in file["vectors"]:
        id, question = vector["id"], json.dumps(vector["input"])
        wrongs = list(_of_vector(vector, file["kind"], name.removesuffix(".json")))
        if id in ids:
            wrongs.append(f"the id is that of another vector in {ids[id]}")
        if question in asked:
            wrongs.append(f"the same is asked by {asked[question]}")
        ids[id], asked[question] = name, id
        yield from (f"{id}: {wrong}" for wrong in wrongs)


def _of_vector(vector: Mapping[str, Any], kind: str, path: str) -> Iterator[str]:
    """What is wrong with one vector that fits the schema."""
    if vector["id"].rpartition("/")[0] != path:
        yield f"the id is not in {path}"
    yield from (
        f"there is no rule {rule}" for rule in (*vector["rules"], *vector["denies"]) if rule not in spec_rules()
    )
    yield from (f"it names and denies {rule}" for rule in vector["rules"] if rule in vector["denies"])
    given = [found["code"] for found in vector["expect"].get("refused", ())]
    yield from (f"there is no code {code}" for code in (*vector["near"], *given) if code not in CODES)
    yield from (f"it comes near to {code}, and gives it" for code in vector["near"] if code in given)
    needed = features_of(kind, vector["input"], vector["expect"])
    yield from (f"it needs the feature {name}" for name in needed if name not in vector["features"])
    result = vector["expect"].get("result", {})
    several = max(len(given), *(len(result[name]) for name in ("warnings", "skipped") if name in result), 0)
    if len(given) > 1 and "SeveralFindings" not in vector["flags"]:
        yield f"it has {len(given)} findings, and no flag SeveralFindings"
    if several < 2 and "SeveralFindings" in vector["flags"]:
        yield f"it has {several} findings, and the flag SeveralFindings"
    if not is_sentence(vector["comment"]):
        yield "the comment is not one sentence"
    yield from _beyond(vector, "")


def features_of(kind: str, input: Mapping[str, Any], expect: Mapping[str, Any]) -> list[str]:
    """The features that a vector needs for certain: by its kind, its syntax, and the operations in its terms."""
    needed = {KIND_FEATURES[kind]} if kind in KIND_FEATURES else set()
    if kind in ("vocabulary", "snapshot") and "text" in input:
        needed.add("files")
    if kind in ("syntax", "flow-syntax") and input.get("syntax") == "authoring":
        needed.add("authoring")
    if kind in FLOW_KINDS:
        needed.add("flows")
    result = expect.get("result", {})
    parts = [given.get(name) for given in (input, result) for name in TERMS]
    parts += [policy for given in (input, result) for policy in flow_policies(given.get("flow"))]
    needed |= {SIGNATURE[op].feature for part in parts for op in operations(part)}
    return [name for name in FEATURES if name in needed]


def is_sentence(text: str) -> bool:
    """Whether a text is one sentence: it begins as one, ends with a full stop, and has no other end of one inside."""
    starts = not text[:1].islower()
    return starts and text.endswith(".") and not text.endswith("..") and not re.search(r"[.!?]\s+[A-Z]", text)


def _beyond(value: Any, pointer: str) -> Iterator[str]:
    """What a message could not carry: lone surrogates, and numbers beyond binary64."""
    match value:
        case str():
            if re.search("[\ud800-\udfff]", value):
                yield f"a lone surrogate at {pointer or 'the root'}"
        case float() if not isfinite(value):
            yield f"a number beyond binary64 at {pointer}"
        case dict():
            for key, entry in value.items():
                yield from _beyond(key, pointer)
                yield from _beyond(entry, step(pointer, key))
        case list():
            for at, entry in enumerate(value):
                yield from _beyond(entry, step(pointer, at))


def _where(error: Any) -> str:
    pointer = ""
    for place in error.absolute_path:
        pointer = step(pointer, place)
    return pointer or "the file"


def validator(schemas: Path, name: str) -> Any:
    """The `jsonschema` validator of one of the schemas in a folder, which may refer to the others.

    Raises ModuleNotFoundError without `jsonschema`.
    """
    jsonschema, referencing = import_module("jsonschema"), import_module("referencing")
    contents = {path.name: json.loads(path.read_text("utf-8")) for path in sorted(schemas.glob("*.schema.json"))}
    resources = [(name, referencing.Resource.from_contents(content)) for name, content in contents.items()]
    registry = referencing.Registry().with_resources(resources)
    return jsonschema.Draft202012Validator(contents[f"{name}.schema.json"], registry=registry)
