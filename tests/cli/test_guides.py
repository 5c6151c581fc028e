"""The guide says what the commands do: its examples run, and print what it shows."""

from __future__ import annotations

from pathlib import Path

import docs_cli
import guides
import pytest
import readme

from policy_ir.cli.app import VERBS
from policy_ir.presets import presets


@pytest.mark.parametrize("path", guides.GUIDES, ids=lambda path: path.name)
def test_running_the_examples_again_changes_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    assert readme.up_to_date(text) == text


def test_the_reference_has_a_section_for_every_verb() -> None:
    text = docs_cli.reference()
    for verb in VERBS:
        assert f"## {verb} {{#{verb}}}" in text
    assert "### catalog import {#catalog-import}" in text
    assert "### conformance run {#conformance-run}" in text
    assert "..." not in text.partition("**Commands**")[2].partition("## ")[0]


def test_the_page_of_the_presets_has_all_of_their_text() -> None:
    text = docs_cli.presets()
    for preset in presets():
        assert preset.text in text
        assert preset.facts_text in text
