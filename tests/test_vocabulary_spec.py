"""The specification's tables of the shipped vocabularies say what the data files say."""

from __future__ import annotations

import re
from math import inf
from pathlib import Path

from policy_ir.vocabulary import FieldDeclaration, ParamDeclaration, vocabulary
from policy_ir.vocabulary.forbidden import ENDINGS, NAMES, PARTS, WORDS

TEXT = Path(__file__).resolve().parents[1].joinpath("docs", "spec", "vocabulary.md").read_text("utf-8")
CORE, STANDARD = vocabulary("core"), vocabulary("standard")


def rows(columns: int, within: str = TEXT) -> dict[str, list[str]]:
    """The table rows with a name in backticks and so many cells, by that name."""
    cells = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in within.splitlines() if line.startswith("|")
    )
    return {row[0].strip("`"): row[1:] for row in cells if row[0].startswith("`") and len(row) == columns}


def shown(number: float | bool | None) -> str:
    if number is None or isinstance(number, bool):
        return "" if number is None else str(number).lower()
    return "inf" if number == inf else f"{number:.0f}"


def shown_range(declared: FieldDeclaration | ParamDeclaration) -> str:
    if declared.minimum is None:
        return ""
    low = shown(declared.minimum)
    return f"{low} or more" if declared.maximum is None else f"{low} to {shown(declared.maximum)}"


def test_the_tables_of_fields_are_those_of_the_data() -> None:
    expected = {
        name: [field.sort, shown(field.default), field.unit or "", shown_range(field), field.source, field.about]
        for name, field in STANDARD.fields.items()
    }
    assert rows(7) == expected
    before_standard = TEXT.partition("## Standard")[0]
    assert rows(7, before_standard).keys() == CORE.fields.keys()


def test_the_table_of_request_parameters_is_that_of_the_data() -> None:
    core = TEXT.partition("## Core")[2].partition("## Standard")[0]
    expected = {}
    for name, param in STANDARD.params.items():
        choices = ", ".join(f"`{choice}`" for choice in param.choices or ())
        expected[name] = [param.sort, choices or shown_range(param), param.about]
    assert rows(4, core) == expected


def test_the_table_of_needs_is_that_of_the_data() -> None:
    standard = TEXT.partition("## Standard")[2].partition("## Fingerprint")[0]
    expected = {
        need: [f"`{capability}`", "`core`" if need in CORE.needs else "`standard`"]
        for need, capability in STANDARD.needs.items()
    }
    assert rows(3, standard) == expected
    (steps,) = re.findall(r"Its filter steps are (.*?)\. The needs", standard, re.DOTALL)
    assert re.findall(r"`(\w+)`", steps) == list(STANDARD.recipes)


def test_the_fingerprints_are_those_of_the_data() -> None:
    stated = rows(2)
    assert stated["core"] == [f"`{CORE.fingerprint}`"]
    assert stated["standard"] == [f"`{STANDARD.fingerprint}`"]


def test_the_forbidden_names_are_those_of_the_code() -> None:
    stated = rows(2, TEXT.partition("## Forbidden parameters")[2])
    for rule, names in {"name": NAMES, "part": PARTS, "ending": ENDINGS, "word": WORDS}.items():
        assert re.findall(r"`(\w+)`", stated[f"forbidden/{rule}"][0]) == sorted(names)


def test_the_example_of_a_vocabulary_file_is_one() -> None:
    from policy_ir.vocabulary import read_vocabulary

    (example,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    made = read_vocabulary(example, "house.json")
    assert made.fields["off"].default is False
    assert made.tiers[-1] == "own"
