"""The catalogue in the package: real models, in the format, with enough of them to decide over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from policy_ir.catalogs import read_catalog, shipped_catalog, shipped_snapshot
from policy_ir.catalogs.shipped import NAME, shipped_text
from policy_ir.snapshot import Snapshot
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
SCHEMA = json.loads(resources.files("policy_ir").joinpath("data", "schemas", "catalog.schema.json").read_text("utf-8"))


def test_it_fits_the_format_and_its_schema() -> None:
    jsonschema.validate(json.loads(shipped_text()), SCHEMA)
    read = read_catalog(shipped_text(), NAME)
    assert read == shipped_catalog()
    assert Snapshot.take(read, STANDARD).fingerprint == shipped_snapshot().fingerprint


def test_it_says_its_day_and_its_sources() -> None:
    catalog = shipped_catalog()
    assert catalog.date == "2026-11-01"
    assert "LiteLLM" in catalog.sources[0]
    assert "Aider" in catalog.sources[1]


def test_it_has_hundreds_of_models_in_order_of_their_ids() -> None:
    ids = shipped_snapshot().ids
    assert len(ids) > 500
    assert list(ids) == sorted(ids)


@pytest.mark.parametrize(("provider", "least"), [("openai", 40), ("anthropic", 15), ("gemini", 15)])
def test_it_has_the_models_of_the_three_large_laboratories(provider: str, least: int) -> None:
    # shipped/rows
    assert sum(candidate.provider == provider for candidate in shipped_catalog().listed) >= least


@pytest.mark.parametrize(
    "family", ["llama", "qwen", "deepseek", "mistral", "gemma", "gpt-oss", "glm", "kimi", "minimax"]
)
def test_open_weights_are_on_three_hosts_at_least(family: str) -> None:
    hosts = {
        candidate.provider
        for candidate in shipped_catalog().listed
        if candidate.tier == "marketplace" and candidate.family.startswith(family)
    }
    assert len(hosts) >= 3


def test_a_family_is_spelt_alike_across_hosts() -> None:
    # shipped/family
    providers: dict[str, set[str]] = {}
    for candidate in shipped_catalog().listed:
        providers.setdefault(candidate.family, set()).add(candidate.provider)
    assert {"ovhcloud", "scaleway", "nebius", "deepinfra"} <= providers["llama-3.3-70b-instruct"]
    assert len(providers["gpt-oss-120b"]) >= 8
    assert {"fireworks_ai", "zai", "novita"} <= providers["glm-4.6"]


def test_every_candidate_has_a_tier_and_no_scope() -> None:
    # shipped/tier
    assert {candidate.tier for candidate in shipped_catalog().listed} == {"partner", "marketplace"}
    assert {candidate.scope for candidate in shipped_catalog().listed} == {None}


def test_an_id_starts_with_its_provider() -> None:
    # shipped/id
    for candidate in shipped_catalog().listed:
        assert candidate.id.startswith(candidate.provider + "/")


def test_some_candidates_are_in_the_european_union_and_their_keys_say_so() -> None:
    european = [candidate for candidate in shipped_catalog().listed if candidate.fields.get("region") == "eu"]
    assert len(european) > 40
    assert {candidate.provider for candidate in european} == {"azure", "bedrock_converse"}


def test_coding_scores_are_those_of_the_leaderboard() -> None:
    # shipped/coding
    scores = {candidate.id: candidate.fields.get("bench_coding") for candidate in shipped_catalog().listed}
    assert scores["openai/gpt-5"] == 0.88
    assert scores["azure/eu/gpt-5-2025-08-07"] == 0.88
    assert scores["gemini/gemini-2.5-pro"] == 0.831
    assert scores["groq/gpt-oss-120b"] == 0.418
    assert scores["openai/gpt-4o-2024-11-20"] == 0.182
    assert scores["anthropic/claude-opus-5"] is None
    assert not any(score for name, score in scores.items() if name.startswith("deepseek/"))
    assert sum(score is not None for score in scores.values()) > 50


def test_no_candidate_claims_what_no_source_states() -> None:
    for candidate in shipped_catalog().listed:
        assert not {"has_tee", "no_log", "open_weights", "license", "tok_s", "latency_ms"} & candidate.fields.keys()


def test_no_dated_twin_of_an_undated_candidate_is_listed() -> None:
    # shipped/twins
    ids = set(shipped_snapshot().ids)
    assert "openai/gpt-4.1" in ids
    assert "openai/gpt-4.1-2025-04-14" not in ids
    assert "openai/gpt-4o-2024-11-20" in ids  # it scores otherwise than the undated one


def test_it_is_loaded_once() -> None:
    assert shipped_catalog() is shipped_catalog()
    assert shipped_snapshot() is shipped_snapshot()


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_another_process_with_another_hash_seed_has_the_same_fingerprint(seed: str) -> None:
    code = "from policy_ir.catalogs import shipped_snapshot; print(shipped_snapshot().fingerprint)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": "C"},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == shipped_snapshot().fingerprint
