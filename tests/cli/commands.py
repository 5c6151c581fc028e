"""Running commands in this process: as the entry point does, with streams of bytes underneath."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import attrs
import pytest

from policy_ir.cli import run


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@attrs.frozen
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str
    raw: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def diagnostics(self) -> list[Any]:
        found: list[Any] = json.loads(self.err)["diagnostics"]
        return found


def command(
    *arguments: object,
    given: bytes | str = b"",
    columns: int | None = 100,
    terminal: bool = False,
    environment: dict[str, str] | None = None,
) -> Ended:
    """Run `policy-ir` with these arguments and this standard input."""
    data = given.encode() if isinstance(given, str) else given
    out, err = io.BytesIO(), io.BytesIO()
    made = Terminal if terminal else io.TextIOWrapper
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_COLOR", "TERM", "COLUMNS", "POLICY_IR_TRACEBACK", "FORCE_COLOR"):
            patch.delenv(name, raising=False)
        if columns is not None:
            patch.setenv("COLUMNS", str(columns))
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        stdout, stderr = made(out, encoding="utf-8"), made(err, encoding="utf-8")
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        patch.setattr(sys, "stdout", stdout)
        patch.setattr(sys, "stderr", stderr)
        code = run([str(argument) for argument in arguments])
        stdout.flush()
        stderr.flush()
    raw = out.getvalue()
    return Ended(code, raw.decode("utf-8", "replace"), err.getvalue().decode("utf-8"), raw)


def fine(*arguments: object, **options: Any) -> Ended:
    """A command that ends with 0 and says nothing on standard error."""
    ended = command(*arguments, **options)
    assert (ended.code, ended.err) == (0, ""), ended.err
    return ended


POLICY = """\
# Cheap, with tools.
policy {
  filter   meets_req and not disabled and supports_tools
           and price_out <= 5
  rank     0.7 * neg(normalize(price_out)) + 0.3 * normalize(context)
  select   top_k(3, prefer(not breaker_open, argmax))
  mutate   clamp_param("temperature", 0, 1)
  fallback next_candidate
}
"""
WIRE = '["and", ["meets_req"], ["is", "has_tee"], ["cmp", "price_in", "le", 5]]\n'
CATALOG: dict[str, Any] = {
    "catalog": 1,
    "vocabulary": "standard",
    "candidates": [
        {"id": "a/plum", "provider": "a", "family": "plum", "capabilities": ["supports_tools"],
         "fields": {"price_in": 1.75, "price_out": 4, "context": 200000}},
        {"id": "b/pear", "provider": "b", "family": "pear", "tier": "partner", "capabilities": ["supports_tools"],
         "fields": {"price_in": 0.5, "price_out": 2, "context": 100000}},
        {"id": "b/fig", "provider": "b", "family": "fig", "fields": {"price_in": 0, "price_out": 0, "context": 8000}},
        {"id": "c/quince", "provider": "c", "family": "quince", "capabilities": ["supports_tools"],
         "fields": {"price_in": 2, "price_out": 30, "context": 400000}},
        {"id": "c/medlar", "provider": "c", "family": "medlar", "capabilities": ["supports_tools"]},
    ],
}  # fmt: skip
