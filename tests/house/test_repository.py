"""What the repository may say, and what it must."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from repository import PACKAGE, ROOT, texts

# Written in pieces, so that this file does not name them either.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("debian", "org"),
        ("crates", "io"),
        ("proxy", "golang"),
    )
]
MACHINE_PATHS = re.compile(r"(?<![\w.~<-])/(?:" + "|".join(("work", "root", "home", "Users", "opt")) + r")/[\w.-]+")


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_a_package_registry(host: str) -> None:
    assert [str(path) for path, text in texts().items() if host in text] == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = {str(path): MACHINE_PATHS.findall(text) for path, text in texts().items()}
    assert {path: paths for path, paths in found.items() if paths} == {}


def test_every_text_ends_with_one_newline_and_no_line_ends_with_a_blank() -> None:
    kinds = (".py", ".md", ".toml", ".lark", ".policy", ".yml")
    ours = {str(path): text for path, text in texts().items() if path.suffix in kinds and text}
    untidy = [path for path, text in ours.items() if not text.endswith("\n") or text.endswith("\n\n")]
    untidy += [path for path, text in ours.items() if re.search(r"[ \t]$", text, re.MULTILINE)]
    assert untidy == []


def test_no_module_of_the_package_is_over_800_lines() -> None:
    sizes = {path.relative_to(ROOT): len(path.read_text("utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert {str(path): size for path, size in sizes.items() if size > 800} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    nothing = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
    assert [str(path) for path in PACKAGE.rglob("*.py") if path.stem in nothing] == []


def test_the_notice_says_where_the_shipped_data_comes_from() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    for source in ("LiteLLM", "Aider"):
        assert source in notice


def test_the_licence_is_the_apache_licence() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text


def test_the_top_level_grammar_folder_is_the_one_that_ships() -> None:
    assert (ROOT / "grammar").resolve() == (PACKAGE / "grammar").resolve()
    assert {path.name for path in Path(ROOT / "grammar").glob("*.lark")} >= {"wire.lark", "authoring.lark"}
