"""The rules of admission, the floor and the lints have one spelling: in the specification and in the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def stated(*chapters: str) -> set[str]:
    texts = (ROOT.joinpath("docs", "spec", f"{chapter}.md").read_text("utf-8") for chapter in chapters)
    return {rule for text in texts for rule in re.findall(r"^\| `([a-z-]+/[a-z-]+)` \|", text, re.MULTILINE)}


def named(*sources: str) -> set[str]:
    texts = (path.read_text("utf-8") for source in sources for path in ROOT.joinpath("policy_ir").glob(source))
    return {rule for text in texts for rule in re.findall(r"`([a-z-]+/[a-z-]+)`", text)}


@pytest.mark.parametrize(
    ("family", "sources"),
    [
        ("admit", ("admission/*.py",)),
        ("floor", ("floor.py",)),
        ("lint", ("lints/*.py",)),
        ("interval", ("intervals.py", "lints/*.py")),
        ("direction", ("lints/*.py",)),
        ("present", ("lints/*.py",)),
        ("known", ("lints/*.py",)),
    ],
)
def test_the_code_names_the_rules_of_the_specification(family: str, sources: tuple[str, ...]) -> None:
    rules = {rule for rule in stated("admission", "lints") if rule.startswith(f"{family}/")}
    assert rules
    assert {rule for rule in named(*sources) if rule.startswith(f"{family}/")} == rules
