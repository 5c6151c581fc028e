"""The README says what the program does: its examples run, and print what it shows."""

from __future__ import annotations

import re

import readme
from repository import ROOT

TEXT = (ROOT / "README.md").read_text("utf-8")


def test_running_the_examples_again_changes_nothing() -> None:
    assert readme.up_to_date(TEXT) == TEXT


def test_every_example_is_run() -> None:
    blocks = TEXT.count("```") // 2
    assert len(readme.BLOCK.findall(TEXT)) == blocks - 1, "one block may stand by itself: the two commands that set up"


def test_exactly_two_commands_set_everything_up() -> None:
    section = TEXT.split("## Two commands")[1].split("## ")[0]
    assert re.findall(r"^\$ (.*?) +#", section, re.MULTILINE) == ["make demo", "make test"]


def test_every_verb_is_named() -> None:
    from policy_ir.cli.app import VERBS

    assert [verb for verb in VERBS if not re.search(rf"\b{verb}\b", TEXT)] == []


def test_every_file_it_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", TEXT)
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []
