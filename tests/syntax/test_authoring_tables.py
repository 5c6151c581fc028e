"""The parser's tables are kept where a folder is named, and made afresh wherever they cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_ir.syntax.authoring.grammar import grammar

MAKE = grammar.__wrapped__


def test_tables_are_kept_in_the_folder_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"
    monkeypatch.setenv("POLICY_IR_CACHE", str(folder))
    made = MAKE()
    (kept,) = folder.iterdir()
    before = kept.read_bytes()
    read = MAKE()
    assert kept.read_bytes() == before
    assert (read.token, read.words) == (made.token, made.words)


def test_tables_are_made_where_the_folder_cannot_be_had(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    monkeypatch.setenv("POLICY_IR_CACHE", str(file))
    assert MAKE().words == grammar().words
    assert file.read_text() == "in the way"


def test_tables_that_are_no_tables_are_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POLICY_IR_CACHE", str(tmp_path))
    MAKE()
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"no tables")
    assert MAKE().words == grammar().words
    assert kept.read_bytes() != b"no tables"
