"""The examples of pages about the router: configurations, and bodies of calls."""

from __future__ import annotations

import tempfile
from pathlib import Path

from policy_ir.diagnostics import Code, Diagnostic, codes
from policy_ir.router.body import read_chat
from policy_ir.router.config import Config, load_config
from policy_ir.router.world import World

ENVIRONMENT = {"OPENAI_API_KEY": "sk-example", "ANTHROPIC_API_KEY": "sk-ant-example"}
HOUSE = """{"catalog": 1, "vocabulary": "standard", "candidates": [
  {"id": "openai/plum", "provider": "openai", "family": "plum"},
  {"id": "azure/plum", "provider": "openai", "served_by": "azure", "family": "plum"}
]}
"""
SERVING = f"""
[providers.openai]
kind = "openai"

[policies.support]
preset = "support"

[keys.app]
digest = "blake3:{"0" * 64}"
inline = false

[keys.trusted]
digest = "blake3:{"1" * 64}"
"""


def run_router_example(kind: str, text: str, code: Code) -> list[Diagnostic]:
    """What an example is read with; raises `Refused` for what it is refused with."""
    if kind == "config":
        return list(configured(text).warnings)
    config = configured(SERVING)
    key = config.keys["app" if code is codes.POLICY_NOT_ALLOWED else "trusted"]
    World(config, clock=lambda: 0.0).plan(read_chat(text.encode()), key)
    return []


def configured(text: str) -> Config:
    """The configuration in a file with this text, beside the files that the examples name."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "house.json").write_text(HOUSE, "utf-8")
        path = Path(folder, "router.toml")
        path.write_text(text, "utf-8")
        return load_config(path, ENVIRONMENT)
