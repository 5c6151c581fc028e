"""Implementations that are wrong on purpose are caught, each by vectors that name what is wrong."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import broken_table
import pytest
from broken import Flaw, broken
from broken.flaws import FLAWS

from policy_ir.conformance.compare import difference
from policy_ir.conformance.rules import spec_rules
from policy_ir.conformance.runner import run
from policy_ir.conformance.subject import answer
from policy_ir.conformance.suite import Vector, load_suite

SUITE = load_suite()
DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "reference" / "broken.md"
SPEC = DOCS / "spec"


@pytest.mark.parametrize("flaw", FLAWS.values(), ids=list(FLAWS))
def test_each_mistake_fails_a_vector_that_names_it(flaw: Flaw) -> None:
    assert broken_table.failing(flaw, broken_table.telling(flaw, SUITE.vectors))


def test_the_reference_is_whole_again_afterwards() -> None:
    vector = SUITE.get("encoding/numbers/minus-zero")
    with broken(FLAWS["minus-zero-kept"]):
        assert difference(vector.expect, answer(vector.kind, vector.request()), "all") is not None
    assert difference(vector.expect, answer(vector.kind, vector.request()), "all") is None


def test_every_chapter_that_vectors_ask_about_has_a_mistake() -> None:
    known = spec_rules()
    asked = {known[name].chapter for vector in SUITE.vectors for name in vector.rules if name in known}
    titles = {path.stem: path.read_text("utf-8").partition("\n")[0].removeprefix("# ") for path in SPEC.glob("*.md")}
    named = {flaw.chapter for flaw in FLAWS.values()}
    assert {chapter for chapter in asked if titles[chapter] not in named} <= {"diagnostics"}


@pytest.mark.parametrize("name", ["no-halves", "eleven-attempts"])
def test_the_runner_catches_a_mistake_as_well(name: str) -> None:
    command = [sys.executable, str(Path(__file__).parent / "broken"), name]
    some = [vector for vector in SUITE.vectors if vector.kind in ("encoding", "admission")]
    failed = [outcome.vector for outcome in run(some, command).outcomes if outcome.status == "fail"]
    assert failed == broken_table.failing(FLAWS[name], some)
    assert failed


def test_the_page_lists_every_mistake_with_a_vector_that_it_fails() -> None:
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \|.*\| `([a-z0-9/-]+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE))
    assert list(rows) == list(FLAWS)
    for name, example in rows.items():
        vector: Vector = SUITE.get(example)
        with broken(FLAWS[name]):
            assert broken_table.fails(vector), name
