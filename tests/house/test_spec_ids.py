"""One spelling of every rule: in the specification, in the code, in the tests."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from docs_rules import chapters, outside_fences, rule_ids, with_anchors
from repository import PACKAGE, ROOT, SPEC

from policy_ir.normal_form import EQUATIONS
from policy_ir.semantics.rules import RULES

CHAPTERS = chapters(SPEC)


def code() -> str:
    """All text of the package and of the tests, but for the table below."""
    files = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.lark"), *(ROOT / "tests").rglob("*.py")]
    return "\n".join(path.read_text("utf-8") for path in files if path != Path(__file__))


def test_every_rule_has_one_place_in_the_specification() -> None:
    times = Counter(rule for rules in CHAPTERS.values() for rule in rules)
    assert {rule: count for rule, count in times.items() if count > 1} == {}


def test_the_small_step_rules_are_those_of_the_chapter_semantics() -> None:
    stated = [rule for rule in CHAPTERS["semantics.md"] if rule in RULES or rule.split("/")[0] not in ("work", "score")]
    assert sorted(stated) == sorted(RULES)


def test_the_equations_are_those_of_the_chapter_normal_form() -> None:
    assert sorted(CHAPTERS["normal-form.md"]) == sorted(equation.id for equation in EQUATIONS)


@pytest.mark.parametrize("chapter", sorted(CHAPTERS))
def test_the_code_or_a_test_names_every_rule_of_a_chapter(chapter: str) -> None:
    text = code()
    assert [rule for rule in CHAPTERS[chapter] if rule not in text] == []


def test_the_chapters_have_rules() -> None:
    assert sum(len(rules) for rules in CHAPTERS.values()) > 150


def test_an_id_is_the_first_cell_of_a_row_outside_code() -> None:
    text = "| `a/b` | x |\n\n```\n| `c/d` | x |\n```\n\n| x | `e/f` |\n| `g` | x |\nsee `h/i`\n"
    assert rule_ids(text) == ["a/b"]
    assert "".join(piece for piece, _ in outside_fences(text)) == text
    assert with_anchors(text).count('id="a/b"') == 1
