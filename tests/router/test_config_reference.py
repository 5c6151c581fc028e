"""The reference page of the configuration, and the example in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import docs_router

from policy_ir.router.config import load_config
from policy_ir.router.config_keys import SECTIONS

PAGE = docs_router.EXAMPLE.parents[1] / "reference" / "router-configuration.md"
ENVIRONMENT = {"OPENAI_API_KEY": "a", "ANTHROPIC_API_KEY_TEAM": "b", "GEMINI_API_KEY": "c", "HOUSE_GATEWAY_KEY": "d"}


def test_the_page_lists_exactly_the_keys_that_the_reader_knows() -> None:
    made = docs_router.configuration()
    assert "<!-- made: router-configuration -->" in PAGE.read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", made, re.MULTILINE)
    assert listed == [name for section in SECTIONS for name in section.options]


def test_every_row_of_the_page_says_what_the_key_holds_and_what_is_without_it() -> None:
    for row in re.findall(r"^\| `.*$", docs_router.configuration(), re.MULTILINE):
        assert [cell.strip() for cell in row.strip("|").split("|")].count("") == 0
        assert len(row.strip("|").split("|")) == 4


def test_the_example_is_sound_and_nothing_in_it_is_idle() -> None:
    config = load_config(docs_router.EXAMPLE, ENVIRONMENT)
    assert config.warnings == ()
    assert list(config.policies) == ["support", "cheap"]
    assert list(config.flows) == ["checked"]
    assert config.keys["app"].policies == {"support", "cheap", "flow:checked"}
    assert all(any(config.endpoint_of(one) is endpoint for one in config.catalogue.listed)
               for endpoint in config.providers.values())  # fmt: skip
    assert config.traces.url is not None
    assert Path(config.traces.url).is_absolute()


def test_the_example_has_something_of_every_table() -> None:
    content = tomllib.loads(docs_router.EXAMPLE.read_text("utf-8"))
    tables = {section.header.strip("[]").partition(".")[0] for section in SECTIONS} - {""}
    assert tables <= content.keys()
