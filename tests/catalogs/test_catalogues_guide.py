"""What the guide shows of catalogues runs, top to bottom."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from policy_ir.catalogs import read_catalog

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "guide" / "catalogues.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_python_of_the_guide_runs() -> None:
    names: dict[str, Any] = {}
    pieces = blocks("python")
    assert len(pieces) == 4
    for piece in pieces:
        exec(compile(piece, "catalogues.md", "exec"), names)
    assert read_catalog(names["text"], "text").listed == names["imported"].candidates


def test_the_file_in_the_guide_is_a_catalogue() -> None:
    (text,) = blocks("toml")
    (candidate,) = read_catalog(text, "guide", syntax="toml").listed
    assert candidate.id == "orchard/pear-2"
