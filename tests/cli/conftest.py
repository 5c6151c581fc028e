"""A folder with one file of each kind, as the current directory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import CATALOG, POLICY, WIRE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {
        "small.policy": POLICY,
        "pred.json": WIRE,
        "catalog.json": json.dumps(CATALOG),
        "floor.json": '["cmp", "price_in", "lt", 1]\n',
        "facts.json": '{"needs": ["tools"], "min_context": 50000, "fields": {"prompt_tokens": 1000}}\n',
        "chat.json": json.dumps({"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 100}),
        "wrong.policy": "filter price_ou <= 5 and tier >= gold\n",
    }
    for name, text in files.items():
        tmp_path.joinpath(name).write_text(text, "utf-8")
    return tmp_path
