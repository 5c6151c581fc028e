"""The tool that makes the shipped catalogue: making it again changes nothing."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import make_catalog
import pytest

from policy_ir.catalogs import catalog_json, shipped_catalog
from policy_ir.catalogs.shipped import shipped_text
from policy_ir.snapshot import Candidate

DATA = Path(os.environ.get("POLICY_IR_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
AT_HAND = pytest.mark.skipif(
    not (DATA / make_catalog.PRICES).exists(),
    reason=f"{make_catalog.PRICES} is not in {DATA}; POLICY_IR_DATA names its folder",
)


@AT_HAND
def test_making_the_shipped_catalogue_again_changes_nothing() -> None:
    text, by_provider, scored = make_catalog.make(DATA)
    assert text == shipped_text()
    assert by_provider.total() == len(shipped_catalog().listed)
    assert scored == sum("bench_coding" in candidate.fields for candidate in shipped_catalog().listed)


def test_the_shipped_file_is_as_the_tool_writes() -> None:
    catalog = shipped_catalog()
    again = catalog_json(
        catalog.listed, catalog.vocabulary_name, about=catalog.about, date=catalog.date, sources=catalog.sources
    )
    assert again == shipped_text()


def entry(model: str, rate: str) -> str:
    return f"- dirname: x\n  model: {model}\n  pass_rate_1: 1.0\n  pass_rate_2: {rate}\n"


def test_the_best_run_of_a_model_counts() -> None:
    scores = make_catalog.scores(
        entry("gpt-5 (low)", "81.3") + entry("gpt-5 (high)", "88.0") + entry("gpt-4.1", "52.4")
    )
    assert scores["gpt-5"] == 0.88
    assert scores["gpt-5-2025-08-07"] == 0.88
    assert scores["gpt-4.1"] == 0.524


def test_an_entry_that_is_not_carried_gives_no_score() -> None:
    assert make_catalog.scores(entry("Quasar Alpha", "54.7")) == {}


@pytest.mark.parametrize("text", [entry("a model that nobody decided about", "1.0"), "- dirname: x\n  model: o3\n"])
def test_an_entry_that_nobody_decided_about_stops_the_tool(text: str) -> None:
    with pytest.raises(SystemExit):
        make_catalog.scores(text)


def test_no_entry_is_both_carried_and_not() -> None:
    assert not make_catalog.SAME_MODEL.keys() & make_catalog.NOT_CARRIED.keys()


def test_a_provider_has_one_tier() -> None:
    assert not set(make_catalog.PARTNERS) & set(make_catalog.HOSTS)


def candidate(provider: str = "openai", model: str = "gpt-9", **fields: Any) -> Candidate:
    return Candidate(id=model, provider=provider, family=model, served_model=model, fields=fields)


@pytest.mark.parametrize(
    ("made", "row", "expected"),
    [
        (candidate(), {}, True),
        (candidate(), {"deprecation_date": "2026-10-31"}, False),
        (candidate(), {"deprecation_date": "2026-11-01"}, True),
        (candidate(price_in=0.0, price_out=0.0), {}, False),
        (candidate(price_in=0.0, price_out=1.0), {}, True),
        (candidate(model="ft:gpt-9"), {}, False),
        (candidate(provider="nobody"), {}, False),
        (candidate(provider="azure"), {}, False),
        (candidate(provider="azure", region="eu"), {}, True),
        (candidate(provider="groq", model="llama-9", price_in=1, price_out=1, context=1), {}, False),
        (
            candidate(provider="groq", model="llama-9", price_in=1, price_out=1, context=1, supports_tools=False),
            {},
            True,
        ),
        (candidate(provider="groq", model="yi-9", price_in=1, price_out=1, context=1, supports_tools=False), {}, False),
        (candidate(provider="groq", model="llama-9", price_in=1, context=1, supports_tools=False), {}, False),
    ],
)
def test_which_rows_are_wanted(made: Candidate, row: dict[str, Any], expected: bool) -> None:
    assert make_catalog.wanted(made, row) == expected


def test_checking_writes_nothing_and_says_whether_the_file_would_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    output = tmp_path / "catalogs" / "made.json"
    monkeypatch.setattr(make_catalog, "OUTPUT", output)
    monkeypatch.setattr(make_catalog, "make", lambda data: (f"made of {data}", Counter(openai=1), 0))
    monkeypatch.setattr("sys.argv", ["make_catalog.py", "there"])
    assert make_catalog.main() == 0
    assert output.read_text("utf-8") == "made of there"
    monkeypatch.setattr("sys.argv", ["make_catalog.py", "there", "--check"])
    assert make_catalog.main() == 0
    output.write_text("{}", "utf-8")
    assert make_catalog.main() == 1
    assert output.read_text("utf-8") == "{}"
