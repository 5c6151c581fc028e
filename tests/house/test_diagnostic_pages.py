"""Every diagnostic code has one cause, a page, an example that raises it, and a place that raises it."""

from __future__ import annotations

import ast
import re

import pytest
from page_examples import example, raised_by
from repository import PACKAGE

from policy_ir.diagnostics import CODES, Code, codes, page

HEADINGS = ["## Example", "## What to do"]


@pytest.mark.parametrize("code", CODES.values(), ids=str)
def test_a_code_has_a_page_with_its_title(code: Code) -> None:
    text = page(code)
    assert text.partition("\n")[0] == f"# {code}: {code.title}"
    assert re.findall(r"^## .*$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE) == HEADINGS


def test_there_is_no_page_without_a_code() -> None:
    pages = {path.stem for path in PACKAGE.joinpath("diagnostics", "pages").iterdir()}
    assert pages == set(CODES)


@pytest.mark.parametrize("code", CODES.values(), ids=str)
def test_the_example_of_a_code_raises_that_code_and_no_other(code: Code) -> None:
    kind, text = example(code)
    if kind == "console":
        pytest.skip("no input alone can show it: the page tells how it comes about")
    assert raised_by(kind, text, code) == {code.code}


def test_few_codes_have_an_example_that_cannot_run() -> None:
    told = sorted(code.code for code in CODES.values() if example(code)[0] == "console")
    assert len(told) <= 14, told


def test_codes_are_unique_and_in_order_within_the_registry() -> None:
    declared = [value.code for value in vars(codes).values() if isinstance(value, Code)]
    assert declared == sorted(set(declared))


def test_every_code_is_raised_somewhere() -> None:
    constants = {name: value.code for name, value in vars(codes).items() if isinstance(value, Code)}
    used: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name == "codes.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute | ast.Name):
                used.add(node.attr if isinstance(node, ast.Attribute) else node.id)
    assert sorted(code for name, code in constants.items() if name not in used) == []


def test_a_title_reads_as_a_message_does() -> None:
    for code in CODES.values():
        assert not code.title.endswith(".")
        assert code.title[0] == "`" or not code.title[0].isupper() or code.title.startswith(("JSON", "CBOR", "Unicode"))
