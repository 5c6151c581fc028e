"""Where the fuzzers start: a small term of each kind in each form, and the words of the language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokens import bytes_of

from policy_ir.canonical import term_bytes
from policy_ir.normal_form import normal_form
from policy_ir.signature import SIGNATURE
from policy_ir.syntax.authoring import print_authoring
from policy_ir.syntax.loader import load
from policy_ir.syntax.wire import print_wire
from policy_ir.terms import Term

PRESETS = Path(__file__).parents[1] / "policy_ir" / "data" / "presets"

_SAMPLES: dict[str, list[Any]] = {
    "Pred": [["top"], ["is", "disabled"]],
    "Scorer": [["zero"], ["normalize", ["field", "price_out"]]],
    "Selector": [["argmax"], ["sample", 0.5]],
    "Xform": [["id"], ["set_param", "temperature", 0.25]],
    "FailPlan": [
        ["always", {"action": "abort"}],
        ["always", {"action": "retry_same", "attempts": 2, "backoff_ms": [1, 2]}],
    ],
    "Num": [1, -0.1],
    "Count": [3],
    "Rel": ["le", "ne"],
    "NumField": ["context"],
    "BoolField": ["disabled"],
    "TagField": ["region"],
    "Field": ["price_in"],
    "Tier": ["partner"],
    "Name": ["x y", 'q"é'],
    "Names": [["eu", "us"]],
    "ParamName": ["temperature"],
    "Scalar": [1, "a", True],
    "Sym": ["stamp"],
    "Reason": ["timeout", "unknown"],
    "Recipe": [[], ["Trim", {"max": 70000}]],
    "Chain": [[], [{"provider": "a", "model": "b"}, {"provider_id": "a", "model_family": "c"}]],
    "Action": [{"action": "next_candidate"}, {"action": "abort", "open_breaker_ms": 5, "x": 0.5}],
}


def terms() -> list[Term]:
    """Terms that between them have every operation and every kind of parameter."""
    found = []
    for row in SIGNATURE.values():
        for choice in range(2):
            arguments = [_SAMPLES[argument.sort][choice % len(_SAMPLES[argument.sort])] for argument in row.arguments]
            found.append(load([row.op, *arguments * (2 if row.variadic else 1)]))
    return found


def plant(folder: Path, target: str) -> None:
    """Write the seeds of a target into its corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds: list[bytes] = []
    for term in terms():
        match target:
            case "wire":
                seeds.append(print_wire(term).encode())
            case "authoring":
                seeds.append(print_authoring(term).encode())
            case "tokens":
                seeds.append(bytes_of(print_authoring(term)))
            case "decoder":
                seeds.append(term_bytes(normal_form(term)))
    if target == "authoring":
        seeds += [path.read_bytes() for path in sorted(PRESETS.glob("*.policy"))]
    if target == "tokens":
        seeds += [bytes_of(path.read_text("utf-8")) for path in sorted(PRESETS.glob("*.policy"))]
    for number, seed in enumerate(seeds):
        folder.joinpath(f"seed-{number:03}").write_bytes(seed)


def words(path: Path, target: str) -> None:
    """Write the dictionary of a target, in libFuzzer's format."""
    known = [*SIGNATURE, "action", "attempts", "backoff_ms", "then_action", "provider", "model", "region", "price_out"]
    if target == "wire":
        known = [f'"{word}"' for word in known] + [
            "true",
            "null",
            "NaN",
            "1e308",
            "-0.0",
            r"\ud800",
            "[[",
            "]]",
            "{",
            "}",
        ]
    if target == "authoring":
        known += [
            "policy",
            "filter",
            "rank",
            "select",
            "mutate",
            "fallback",
            "on",
            "and",
            "or",
            "not",
            "in",
            ">=",
            "!=",
        ]
    if target == "decoder":
        known = [bytes([0x60 + len(word)]).decode("latin-1") + word for word in known if len(word) < 24]
        known += ["\x82\x6bpolicy-ir/1", "\xfb", "\xf9", "\x1b", "\x9f", "\xff"]
    escaped = [
        "".join(ch if 32 <= ord(ch) < 127 and ch not in '"\\' else f"\\x{ord(ch):02x}" for ch in word) for word in known
    ]
    path.write_text("".join(f'"{word}"\n' for word in escaped), "ascii")
