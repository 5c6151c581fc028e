"""OpenRouter's model list becomes candidates, and everything left out is reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policy_ir.catalogs import Imported, openrouter
from policy_ir.diagnostics import Refused
from policy_ir.snapshot import Candidate, Snapshot
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
TEXT = (Path(__file__).parent / "fixtures" / "openrouter.json").read_text("utf-8")


@pytest.fixture(scope="module")
def imported() -> Imported:
    return openrouter.read(TEXT, STANDARD)


def test_a_model_with_everything_is_read_whole(imported: Imported) -> None:
    # openrouter/id, openrouter/lists
    (pear,) = [found for found in imported.candidates if found.id == "openrouter/orchard/pear-2"]
    assert pear == Candidate(
        id="openrouter/orchard/pear-2",
        provider="openrouter",
        family="pear-2",
        served_model="orchard/pear-2",
        capabilities=["supports_file", "supports_json_mode", "supports_reasoning", "supports_seed",
                      "supports_structured_outputs", "supports_tools", "supports_vision"],
        fields={
            "price_in": 0.15, "price_out": 0.6, "price_cache_read": 0.075, "context": 400000.0, "max_output": 128000.0,
            "supports_audio": False, "supports_video": False, "supports_parallel_tools": False,
            "supports_logprobs": False, "supports_image_output": False, "supports_audio_output": False,
        },
    )  # fmt: skip


def test_the_free_variant_is_of_the_same_family(imported: Imported) -> None:
    # openrouter/family, import/deprecated
    (free,) = [found for found in imported.candidates if found.served_model == "orchard/pear-2:free"]
    assert (free.family, free.fields["price_in"], free.fields["deprecated"]) == ("pear-2", 0.0, True)
    assert "max_output" not in free.fields


def test_a_price_that_depends_on_the_call_is_missing_and_reported(imported: Imported) -> None:
    # openrouter/variable
    (auto,) = [found for found in imported.candidates if found.served_model == "openrouter/auto"]
    assert not {"price_in", "price_out"} & auto.fields.keys()
    assert set(auto.capabilities) == {"supports_audio", "supports_video", "supports_image_output"}
    at = [found.pointer for found in imported.values_ignored if "depends on the call" in found.message]
    assert at == ["/data/2/pricing/prompt", "/data/2/pricing/completion"]


def test_every_row_is_a_candidate_or_reported_with_the_reason(imported: Imported) -> None:
    # openrouter/rows, import/row, import/twice
    assert [(found.pointer, found.message) for found in imported.rows_skipped] == [
        ("/data/3", "`brush/canvas-1` was not imported: it gives no text"),
        ("/data/5", "`row 5` was not imported: it has no id"),
        ("/data/6", "`row 6` was not imported: it is not an object"),
        ("/data/7", "`openrouter/orchard/pear-2` was not imported: an earlier row has the same id"),
        ("/data/8", "`openrouter/` was not imported: its family is empty"),
    ]
    assert len(imported.candidates) + len(imported.rows_skipped) == len(json.loads(TEXT)["data"])


def test_every_value_that_is_left_out_is_reported(imported: Imported) -> None:
    # import/value, import/column
    odd = [found.pointer for found in imported.values_ignored if (found.pointer or "").startswith("/data/4")]
    assert odd == [
        "/data/4/architecture",
        "/data/4/pricing/prompt",
        "/data/4/pricing/completion",
        "/data/4/context_length",
        "/data/4/top_provider",
        "/data/4/supported_parameters",
    ]
    columns = [
        found.message for found in imported.values_ignored if " rows" in found.message or " row " in found.message
    ]
    assert "`pricing.image` of 1 row was not imported: nothing of the vocabulary corresponds to it" in columns


def test_what_remains_of_an_odd_row_is_imported(imported: Imported) -> None:
    (odd,) = [found for found in imported.candidates if found.served_model == "odd/quince"]
    assert dict(odd.fields) == {"price_cache_read": 0.02}
    assert odd.capabilities == ()


def test_the_candidates_are_in_order_of_their_ids_and_make_a_snapshot(imported: Imported) -> None:
    # import/order
    ids = [found.id for found in imported.candidates]
    assert ids == sorted(ids)
    assert Snapshot.take(imported.catalog, STANDARD).ids == tuple(ids)


@pytest.mark.parametrize("text", ["[]", "{}", '{"data": {}}', "null"])
def test_another_file_is_refused(text: str) -> None:
    # import/format
    with pytest.raises(Refused) as refused:
        openrouter.read(text, STANDARD)
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0607"]


def test_an_id_that_starts_with_a_colon_is_its_own_family() -> None:
    (only,) = openrouter.read('{"data": [{"id": ":odd"}]}', STANDARD).candidates
    assert only.family == ":odd"
