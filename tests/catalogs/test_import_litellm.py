"""LiteLLM's price file becomes candidates, and everything left out is reported."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from policy_ir.catalogs import Imported, litellm
from policy_ir.diagnostics import Refused
from policy_ir.snapshot import Candidate, Snapshot
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")


def imported(rows: dict[str, Any]) -> Imported:
    return litellm.read(json.dumps(rows), STANDARD)


def only(key: str, provider: str = "p", **row: Any) -> Candidate:
    result = imported({key: {"litellm_provider": provider, "mode": "chat", **row}})
    (candidate,) = result.candidates
    return candidate


def reports(**row: Any) -> list[tuple[str | None, str]]:
    result = imported({"m": {"litellm_provider": "p", "mode": "chat", **row}})
    assert len(result.candidates) == 1
    return [(found.pointer, found.message) for found in result.skipped]


def test_a_row_with_everything_is_read_whole() -> None:
    # litellm/id, litellm/provider
    pear = only(
        "orchard/pear-2-2026-03-01",
        "orchard",
        input_cost_per_token=1.5e-07,
        output_cost_per_token=6e-07,
        cache_read_input_token_cost=7.5e-08,
        max_input_tokens=272000,
        max_output_tokens=128000,
        supports_function_calling=True,
        supports_parallel_function_calling=True,
        supports_response_schema=True,
        supports_reasoning=True,
        supports_prompt_caching=True,
        supports_vision=True,
        supports_pdf_input=True,
        supports_audio_input=False,
        supports_video_input=False,
        supports_audio_output=False,
        supports_web_search=True,
        supports_computer_use=False,
        deprecation_date="2027-01-01",
    )
    assert pear == Candidate(
        id="orchard/pear-2-2026-03-01",
        provider="orchard",
        family="pear-2",
        served_model="pear-2-2026-03-01",
        capabilities=["supports_file", "supports_json_mode", "supports_parallel_tools", "supports_prompt_cache",
                      "supports_reasoning", "supports_structured_outputs", "supports_tools", "supports_vision",
                      "supports_web_search"],
        fields={
            "price_in": 0.15, "price_out": 0.6, "price_cache_read": 0.075, "context": 272000.0, "max_output": 128000.0,
            "deprecated": True, "supports_audio": False, "supports_video": False, "supports_audio_output": False,
        },
    )  # fmt: skip


def test_what_a_row_does_not_say_is_missing() -> None:
    bare = only("m")
    assert (bare.family, bare.served_model, bare.tier, bare.scope) == ("m", "m", None, None)
    assert bare.fields == {}
    assert bare.capabilities == ()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"litellm_provider": "p", "mode": "embedding"}, "its mode is `embedding`"),
        ({"litellm_provider": "p"}, "it has no mode"),
        ({"litellm_provider": "p", "mode": None}, "it has no mode"),
        ({"mode": "chat"}, "it has no provider"),
        ("free", "it is not an object"),
        ({"litellm_provider": "", "mode": "chat"}, "its provider is empty"),
    ],
)
def test_a_row_that_is_no_chat_model_is_reported_with_the_reason(row: object, reason: str) -> None:
    # litellm/rows
    result = imported({"good": {"litellm_provider": "p", "mode": "responses"}, "a/b": row})
    assert [found.id for found in result.candidates] == ["good"]
    assert [(found.code.code, found.pointer, found.message) for found in result.rows_skipped] == [
        ("PIR0608", "/a~1b", f"`a/b` was not imported: {reason}")
    ]


def test_the_row_that_describes_the_format_is_no_model() -> None:
    result = imported({"sample_spec": {"litellm_provider": "p", "mode": "chat"}})
    assert [found.message for found in result.skipped] == ["`sample_spec` was not imported: it describes the format"]


def test_names_that_no_policy_could_name_are_reported() -> None:
    result = imported(
        {"": {"litellm_provider": "p", "mode": "chat"}, "x" * 257: {"litellm_provider": "p", "mode": "chat"}}
    )
    assert result.candidates == ()
    assert [found.message.split(": ")[1] for found in result.skipped] == ["its id is empty", "its id has 257 bytes"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"input_cost_per_token": -1e-06}, "`-1e-06` was not imported: it is not a price of 0 or more"),
        ({"input_cost_per_token": "1e-6 USD"}, "`1e-6 USD` was not imported: it is not a price of 0 or more"),
        ({"input_cost_per_token": [1]}, "`[…]` was not imported: it is not a price of 0 or more"),
        ({"input_cost_per_token": 1e306}, "`1e+306` was not imported: it is not a price of 0 or more"),
        ({"max_input_tokens": 0}, "`0` was not imported: it is no number of tokens, 1 or more"),
        ({"max_output_tokens": 1.5}, "`1.5` was not imported: it is no number of tokens, 1 or more"),
        ({"max_output_tokens": "8k"}, "`8k` was not imported: it is no number of tokens, 1 or more"),
        ({"supports_vision": "yes"}, "`yes` was not imported: it is not a boolean"),
        ({"supported_modalities": "text"}, "`text` was not imported: it is not a list of modalities"),
        ({"supported_regions": ["global", "us-south1"]},
         "`global, us-south1` was not imported: it is not one region"),
        ({"supported_regions": "eu"}, "`eu` was not imported: it is not one region"),
        ({"rpm": 5}, "`rpm` of 1 row was not imported: nothing of the vocabulary corresponds to it"),
    ],
)  # fmt: skip
def test_a_value_that_is_not_imported_is_reported(row: dict[str, Any], message: str) -> None:
    # import/limit, import/flag
    ((pointer, found),) = reports(**row)
    assert (pointer, found) == (f"/m/{next(iter(row))}", message)


def test_a_region_that_is_no_name_is_reported() -> None:
    ((pointer, message),) = reports(supported_regions=[""])
    assert pointer == "/m/supported_regions"
    assert message == "`` was not imported: `region` takes a text of 1 to 256 UTF-8 bytes"


def test_null_says_nothing() -> None:
    assert reports(input_cost_per_token=None, max_input_tokens=None, supports_vision=None, deprecation_date=None,
                   supported_regions=None, supported_modalities=None) == []  # fmt: skip


def test_a_list_of_modalities_says_which_there_are_and_a_flag_says_more() -> None:
    # litellm/modalities
    candidate = only(
        "m", supports_vision=False, supports_audio_output=True, supported_modalities=["text", "image", "audio"],
        supported_output_modalities=["text"],
    )  # fmt: skip
    assert candidate.capabilities == ("supports_audio", "supports_audio_output")
    assert candidate.fields == {"supports_vision": False, "supports_video": False, "supports_image_output": False}


@pytest.mark.parametrize(
    ("provider", "key", "served", "region", "family"),
    [
        # litellm/model, litellm/region
        ("openai", "gpt-5-2025-08-07", "gpt-5-2025-08-07", None, "gpt-5"),
        ("groq", "groq/openai/gpt-oss-120b", "openai/gpt-oss-120b", None, "gpt-oss-120b"),
        ("groq", "groq/", "groq/", None, "groq/"),
        ("deepinfra", "deepinfra/meta-llama/Llama-3.3-70B", "meta-llama/Llama-3.3-70B", None, "llama-3.3-70b"),
        ("vertex_ai-anthropic", "vertex_ai/claude-opus-5@default", "claude-opus-5@default", None, "claude-opus-5"),
        ("vertex_ai-qwen_models", "vertex_ai/qwen/qwen3-maas", "qwen/qwen3-maas", None, "qwen3"),  # litellm/vertex
        ("vertex_ai-anthropic", "vertex_ai/claude-3-opus@20240229", "claude-3-opus@20240229", None, "claude-3-opus"),
        ("azure", "azure/eu/gpt-5.1", "gpt-5.1", "eu", "gpt-5.1"),
        ("azure", "azure/global-standard/gpt-4o", "gpt-4o", "global", "gpt-4o"),
        ("azure", "azure/gpt-4o", "gpt-4o", None, "gpt-4o"),
        ("azure", "azure/moon/gpt-4o", "moon/gpt-4o", None, "gpt-4o"),
        ("fireworks_ai", "fireworks_ai/accounts/fireworks/models/glm-5p2", "accounts/fireworks/models/glm-5p2", None,
         "glm-5.2"),  # litellm/fireworks
        # litellm/bedrock
        ("bedrock_converse", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
         "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "eu", "claude-sonnet-4-5"),
        ("bedrock_converse", "us-gov.anthropic.claude-opus-5", "us-gov.anthropic.claude-opus-5", "us-gov",
         "claude-opus-5"),
        ("bedrock_converse", "anthropic.claude-opus-4-6-v1", "anthropic.claude-opus-4-6-v1", None, "claude-opus-4-6"),
        ("bedrock", "bedrock/eu-west-1/deepseek.v3.2", "deepseek.v3.2", "eu-west-1", "deepseek-v3.2"),
        ("bedrock", "bedrock/us-gov-west-1/openai.gpt-oss-20b-1:0", "openai.gpt-oss-20b-1:0", "us-gov-west-1",
         "gpt-oss-20b"),
        ("bedrock", "anthropic.claude-v2:1", "anthropic.claude-v2:1", None, "claude-v2:1"),
        ("bedrock", "bedrock/us-west-2/6-month-commitment/anthropic.claude-v1", "anthropic.claude-v1", "us-west-2",
         "claude-v1"),
        ("bedrock", "mistral.mistral-7b-instruct-v0:2", "mistral.mistral-7b-instruct-v0:2", None,
         "mistral-7b-instruct-v0:2"),
        ("bedrock", "bedrock/", "bedrock/", None, "bedrock/"),
    ],
)  # fmt: skip
def test_a_key_says_the_model_the_region_and_the_family(
    provider: str, key: str, served: str, region: str | None, family: str
) -> None:
    candidate = only(key, provider)
    assert candidate.id == key
    assert (candidate.served_model, candidate.fields.get("region"), candidate.family) == (served, region, family)


def test_one_supported_region_is_the_region_where_the_key_states_none() -> None:
    assert only("m", supported_regions=["us-central1"]).fields["region"] == "us-central1"
    assert only("azure/eu/m", "azure", supported_regions=["us-central1"]).fields["region"] == "eu"


@pytest.mark.parametrize("text", ["[]", "{}", '{"gpt": {"price": 1}}', "3"])
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        litellm.read(text, STANDARD)
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0607"]


def test_a_text_that_is_no_json_is_refused_with_its_place() -> None:
    with pytest.raises(Refused) as refused:
        litellm.read('{"a": {"litellm_provider": "p"}, "a": 1,}', STANDARD, name="prices.json")
    assert [(found.code.code, found.source) for found in refused.value.diagnostics] == [
        ("PIR0114", "prices.json"),
        ("PIR0106", "prices.json"),
    ]


# --- the real file, where it is at hand ------------------------------------------------------------------------

DATA = Path(os.environ.get("POLICY_IR_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
REAL = DATA / "litellm-model-prices-2026-11.json"


@pytest.mark.skipif(not REAL.exists(), reason=f"the price file is not at {REAL}; POLICY_IR_DATA names its folder")
def test_every_row_of_the_real_file_is_a_candidate_or_reported() -> None:
    text = REAL.read_text("utf-8")
    result = litellm.read(text, STANDARD)
    rows = json.loads(text)
    assert len(rows) == 4552 + 1
    assert len(result.candidates) == 3468
    assert len(result.rows_skipped) == 4552 + 1 - 3468
    reasons = Counter(found.message.split(": ", 1)[1] for found in result.rows_skipped)
    assert reasons["it describes the format"] == 1
    assert reasons["it has no mode"] == 11
    assert reasons["its mode is `embedding`"] == 153
    snapshot = Snapshot.take(result.catalog, STANDARD)
    assert snapshot.size == 3468
    unpriced = sum(
        "input_cost_per_token" not in row and row.get("mode") in ("chat", "responses") for row in rows.values()
    )
    assert snapshot.size - sum(snapshot.column("price_in").present) == unpriced
