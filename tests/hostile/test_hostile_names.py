"""Names that steer a terminal or turn the direction of writing, wherever a command may come to show them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policy_ir.catalogs import read_catalog
from policy_ir.cli import run
from policy_ir.diagnostics import Diagnostic, codes, legible, render_human, to_json
from policy_ir.report.markup import escape
from policy_ir.syntax.toml_reader import KEY_PARTS, read_toml

NAME = "a\x1b[31m\x9b\u202eb\nc\x00\x7f"
POLICY = "policy { filter price_in <= 5 or has_cap(NAME) rank price_in }".replace("NAME", json.dumps(NAME))
CANDIDATE = {"id": NAME, "provider": NAME, "family": NAME, "tier": NAME, "capabilities": [NAME]}
OTHER = {"id": f"{NAME}2", "provider": NAME, "family": NAME, "fields": {"price_in": 9, "region": NAME}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    catalogue = {"catalog": 1, "vocabulary": "standard", "candidates": [CANDIDATE, OTHER]}
    tmp_path.joinpath("odd.json").write_text(json.dumps(catalogue), "utf-8")
    tmp_path.joinpath("odd.policy").write_text(POLICY, "utf-8")
    tmp_path.joinpath("odd\x1b[31m\n.policy").write_text("filter top", "utf-8")
    rows = {NAME: {"litellm_provider": NAME, "mode": NAME}, "b": {"litellm_provider": "b", "mode": "chat", NAME: 1}}
    tmp_path.joinpath("prices.json").write_text(json.dumps(rows), "utf-8")
    return tmp_path


@pytest.mark.parametrize("more", [[], ["--format", "json"]], ids=["human", "json"])
@pytest.mark.parametrize(
    "command",
    [
        ["decide", "odd.policy", "--catalog", "odd.json"],
        ["explain", "odd.policy", "--catalog", "odd.json", "--all"],
        ["explain", "odd.policy", "--catalog", "odd.json", "--candidate", NAME],
        ["explain", "odd.policy", "--catalog", "odd.json", "--candidate", f"{NAME}2"],
        ["explain", "odd.policy", "--catalog", "odd.json", "--html", "-"],
        ["step", "odd.policy", "--catalog", "odd.json"],
        ["catalog", "show", "--catalog", "odd.json"],
        ["catalog", "show", "--catalog", "odd.json", NAME],
        ["catalog", "diff", "shipped", "odd.json"],
        ["catalog", "diff", "odd.json", "shipped"],
        ["catalog", "import", "prices.json"],
        ["catalog", "import", "prices.json", "--all"],
        ["validate", "odd.policy", "--catalog", "odd.json"],
        ["validate", "odd\x1b[31m\n.policy"],
        ["hash", "odd\x1b[31m\n.policy", "odd.policy"],
        ["hash", "odd.policy", "--as", "sigma-pol/v2"],
        ["fmt", "--check", "odd\x1b[31m\n.policy"],
        ["normalize", "odd.policy"],
    ],
    ids=lambda command: legible(" ".join(command)),
)
@pytest.mark.usefixtures("folder")
def test_no_name_reaches_the_terminal_as_it_is(
    command: list[str], more: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    if "--html" in command and more:
        pytest.skip("a page has one format")
    assert run([*command, *more]) in (0, 3)
    shown = "".join(capfd.readouterr())
    assert [line for line in shown.split("\n") if not line.isprintable()] == []


def test_text_in_a_page_keeps_its_lines() -> None:
    assert escape("<a\x1b>\n\u202eb") == "&lt;a\\x1b&gt;\n\\u202eb"


@pytest.mark.parametrize("part", ["a", '"a.\\"b"', "'a.b'"])
@pytest.mark.parametrize("form", ["{key} = 1", "[{key}]", "[[{key}]]", "x = {{ {key} = 1 }}"])
def test_a_dotted_key_has_so_many_parts_and_no_more(form: str, part: str) -> None:
    read_toml(form.format(key=" . ".join([part] * KEY_PARTS)), "odd.toml", codes.CATALOG_FORMAT)
    with pytest.raises(Exception, match="PIR0310"):
        read_toml(form.format(key=" . ".join([part] * (KEY_PARTS + 1))), "odd.toml", codes.CATALOG_FORMAT)


@pytest.mark.parametrize("form", ['"{text}"', "'{text}'", '"""\n\\"{text}"""', "'''\n{text}'''", "1 # {text}"])
def test_dots_in_texts_and_comments_are_no_key(form: str) -> None:
    text = form.format(text=".".join(["a"] * 1000))
    assert read_toml(f"x = {text}", "odd.toml", codes.CATALOG_FORMAT)


def test_a_key_of_half_a_million_parts_is_refused_at_once() -> None:
    with pytest.raises(Exception, match="PIR0310"):
        read_catalog("a" + ".a" * 500_000 + " = 1", "odd.toml", syntax="toml")


def test_a_pointer_of_any_length_is_shown_in_a_line() -> None:
    found = Diagnostic(code=codes.CATALOG_FORMAT, message="unknown key", pointer=f"/{'k' * 100_000}/end", source="a")
    assert len(render_human([found])) < 1000
    assert "…" in render_human([found])
    assert "/end" in render_human([found])
    assert to_json(found)["pointer"] == found.pointer
