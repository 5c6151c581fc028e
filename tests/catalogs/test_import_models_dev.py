"""models.dev's list becomes candidates, and everything left out is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_ir.catalogs import Imported, models_dev
from policy_ir.diagnostics import Refused
from policy_ir.snapshot import Candidate, Snapshot
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
TEXT = (Path(__file__).parent / "fixtures" / "models-dev.json").read_text("utf-8")


@pytest.fixture(scope="module")
def imported() -> Imported:
    return models_dev.read(TEXT, STANDARD)


def test_a_model_with_everything_is_read_whole(imported: Imported) -> None:
    # models-dev/id, models-dev/family, import/json-mode
    (pear,) = [found for found in imported.candidates if found.id == "orchard/pear-2-2026-03-01"]
    assert pear == Candidate(
        id="orchard/pear-2-2026-03-01",
        provider="orchard",
        family="pear-2",
        served_model="pear-2-2026-03-01",
        capabilities=["supports_file", "supports_json_mode", "supports_reasoning", "supports_structured_outputs",
                      "supports_tools", "supports_vision"],
        fields={
            "price_in": 0.15, "price_out": 0.6, "price_cache_read": 0.075, "context": 400000.0, "max_output": 128000.0,
            "open_weights": True, "supports_audio": False, "supports_video": False, "supports_image_output": False,
            "supports_audio_output": False,
        },
    )  # fmt: skip


def test_what_the_list_does_not_say_is_missing(imported: Imported) -> None:
    (old,) = [found for found in imported.candidates if found.id == "orchard/pear-1"]
    assert not {"price_in", "price_out", "max_output"} & old.fields.keys()
    assert old.fields["deprecated"] is True
    assert old.fields["open_weights"] is False
    assert old.fields["supports_tools"] is False
    assert old.capabilities == ("supports_audio_output",)


def test_every_model_is_a_candidate_or_reported_with_the_reason(imported: Imported) -> None:
    # models-dev/rows
    assert [found.id for found in imported.candidates] == [
        "orchard/odd",
        "orchard/pear-1",
        "orchard/pear-2-2026-03-01",
    ]
    assert [(found.pointer, found.message) for found in imported.rows_skipped] == [
        ("/orchard/models/canvas-1", "`orchard/canvas-1` was not imported: it gives no text"),
        ("/orchard/models/broken", "`orchard/broken` was not imported: it is not an object"),
        ("/empty", "`empty` was not imported: it has no models"),
        ("/none", "`none` was not imported: it has no models"),
    ]


def test_every_value_that_is_left_out_is_reported(imported: Imported) -> None:
    odd = "/orchard/models/odd"
    single = [found.pointer for found in imported.values_ignored if (found.pointer or "").startswith(odd)]
    assert single == [f"{odd}/modalities/input", f"{odd}/cost", f"{odd}/limit/context", f"{odd}/tool_call"]
    columns = {found.message.split(" ")[0] for found in imported.values_ignored}
    assert {"`cost.reasoning`", "`limit.input`", "`attachment`", "`knowledge`", "`temperature`"} <= columns
    assert not {"`name`", "`family`", "`id`"} & columns


def test_the_candidates_make_a_snapshot(imported: Imported) -> None:
    assert Snapshot.take(imported.catalog, STANDARD).size == 3


def test_under_core_what_core_does_not_declare_is_reported_once() -> None:
    under_core = models_dev.read(TEXT, vocabulary("core"))
    messages = [found.message for found in under_core.values_ignored]
    said = "of 2 rows was not imported: the vocabulary `core` does not declare"
    assert {f"`limit.output` {said} `max_output`", f"`open_weights` {said} `open_weights`"} <= set(messages)
    assert Snapshot.take(under_core.catalog, vocabulary("core")).size == 3


@pytest.mark.parametrize("text", ["[]", "{}", '{"orchard": {"id": "orchard"}}', "7"])
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        models_dev.read(text, STANDARD)
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0607"]
