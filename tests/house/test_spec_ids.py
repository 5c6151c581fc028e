"""One spelling of every rule: in the specification, in the code, in the tests."""

from __future__ import annotations

from collections import Counter

from docs_rules import chapters, outside_fences, rule_ids, with_anchors
from repository import SPEC

from policy_ir.normal_form import EQUATIONS
from policy_ir.semantics.rules import RULES

CHAPTERS = chapters(SPEC)


def test_every_rule_has_one_chapter() -> None:
    times = Counter(rule for rules in CHAPTERS.values() for rule in set(rules))
    assert {rule: count for rule, count in times.items() if count > 1} == {}


def test_the_small_step_rules_are_those_of_the_chapter_semantics() -> None:
    assert sorted(set(CHAPTERS["semantics.md"])) == sorted(RULES)


def test_the_equations_are_those_of_the_chapter_normal_form() -> None:
    assert sorted(CHAPTERS["normal-form.md"]) == sorted(equation.id for equation in EQUATIONS)


def test_the_chapters_have_rules() -> None:
    assert sum(len(rules) for rules in CHAPTERS.values()) > 150


def test_an_id_is_the_first_cell_of_a_row_outside_code() -> None:
    text = "| `a/b` | x |\n\n```\n| `c/d` | x |\n```\n\n| x | `e/f` |\n| `g` | x |\nsee `h/i`\n"
    assert rule_ids(text) == ["a/b"]
    assert "".join(piece for piece, _ in outside_fences(text)) == text
    assert with_anchors(text).count('id="a/b"') == 1
    assert with_anchors(text + text).count('id="a/b"') == 1
