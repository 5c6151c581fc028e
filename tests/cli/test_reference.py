"""fields, schema, help, catalog and demo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import CATALOG, command, fine
from jsonschema import Draft202012Validator

from policy_ir.cli.app import VERBS
from policy_ir.diagnostics import CODES, page
from policy_ir.presets import PRESETS
from policy_ir.vocabulary import vocabulary

pytestmark = pytest.mark.usefixtures("folder")


# --- fields --------------------------------------------------------------------------------------------------


def test_fields_shows_everything_a_policy_can_name() -> None:
    out = fine("fields").out
    standard = vocabulary("standard")
    for name in (*standard.fields, *standard.params, *standard.needs, *standard.tiers, *standard.recipes):
        assert name in out
    assert standard.fingerprint in out


def test_fields_can_be_narrowed_by_words_sort_and_source() -> None:
    names = [field["name"] for field in fine("fields", "price", "--format", "json").json["fields"]]
    assert names == ["call_cost", "price_cache_read", "price_in", "price_out"]
    state = fine("fields", "--source", "state", "--sort", "bool", "--format", "json").json["fields"]
    assert [field["name"] for field in state] == ["breaker_open", "disabled"]
    assert "price_in" in fine("fields", "million", "input", "tokens").out
    ended = command("fields", "no such thing")
    assert ended.code == 2
    assert "policy-ir fields" in ended.err


def test_fields_as_json_is_the_whole_vocabulary() -> None:
    shown = fine("fields", "--vocabulary", "core", "--format", "json").json
    assert shown["vocabulary"] == "core"
    assert shown["fingerprint"] == vocabulary("core").fingerprint
    price = next(field for field in shown["fields"] if field["name"] == "price_in")
    assert (price["unit"], price["default"], price["source"]) == ("USD/Mtok", "inf", "catalogue")
    assert shown["needs"]["tools"] == "supports_tools"
    assert "temperature" in [param["name"] for param in shown["params"]]
    assert shown["tiers"] == ["fallback", "marketplace", "partner"]


# --- schema --------------------------------------------------------------------------------------------------


def test_schema_prints_the_schema_of_a_sort() -> None:
    pred = Draft202012Validator(fine("schema", "--sort", "Pred").json)
    assert pred.is_valid(["is", "anything"])
    assert not pred.is_valid(["zero"])
    named = Draft202012Validator(fine("schema", "--sort", "Pred", "--vocabulary", "standard").json)
    assert named.is_valid(["is", "disabled"])
    assert not named.is_valid(["is", "anything"])
    policy = Draft202012Validator(fine("schema").json)
    assert policy.is_valid(json.loads(fine("fmt", "--to", "wire", "small.policy").out))


def test_schema_for_generation_has_alternatives_and_no_conditions() -> None:
    shown = fine("schema", "--for", "generation", "--sort", "FailPlan").out
    assert '"anyOf"' in shown
    assert '"if"' not in shown


def test_an_unknown_sort_is_wrong_usage() -> None:
    assert "did you mean `Pred`?" in command("schema", "--sort", "pred").err
    ended = command("schema", "--sort", "zzz")
    assert ended.code == 2
    assert "there are Policy, Pred," in ended.err


# --- help ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", ["PIR0203", "pir0203", "0203", "203"])
def test_help_prints_the_page_of_a_code(topic: str) -> None:
    assert fine("help", topic).out == page(CODES["PIR0203"])


def test_help_of_a_code_as_json() -> None:
    shown = fine("help", "PIR0503", "--format", "json").json
    assert (shown["code"], shown["severity"]) == ("PIR0503", "warning")
    assert shown["page"] == page(CODES["PIR0503"])
    assert len(fine("help", "--format", "json").json) == len(CODES)


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_is_its_own_help(verb: str) -> None:
    out = fine("help", verb).out
    if verb == "catalog":
        assert fine("help", "catalog", "show").out == fine("catalog", "show", "--help").out
    assert out == fine(verb, "--help").out
    assert f"policy-ir {verb}" in out


def test_help_alone_lists_verbs_and_codes() -> None:
    out = fine("help").out
    for name in (*VERBS, *CODES):
        assert name in out
    assert "..." not in out.partition("Diagnostic codes")[0].partition("Commands:")[2]


def test_help_of_nothing_known_suggests() -> None:
    ended = command("help", "PIR0230")
    assert (ended.code, ended.out) == (2, "")
    assert "did you mean `PIR" in ended.err
    assert "did you mean `decide`?" in command("help", "decid").err
    assert "did you mean `PIR0203`?" in command("help", "PIR0203", "more").err
    assert "lists them" in command("help", "???").err


# --- catalog -------------------------------------------------------------------------------------------------

PRICES = {
    "orchard/pear": {"litellm_provider": "orchard", "mode": "chat", "input_cost_per_token": 1.75e-06},
    "orchard/embed": {"litellm_provider": "orchard", "mode": "embedding"},
    "orchard/embed-2": {"litellm_provider": "orchard", "mode": "embedding"},
}


def test_a_price_list_becomes_a_catalogue_and_what_is_left_out_is_reported(folder: Path) -> None:
    folder.joinpath("prices.json").write_text(json.dumps(PRICES), "utf-8")
    ended = command("catalog", "import", "prices.json", "-o", "mine.json")
    assert (ended.code, ended.out) == (0, "")
    assert "1 candidate imported" in ended.err
    assert "2 rows not imported" in ended.err
    assert "2  its mode is `embedding`, such as /orchard~1embed" in ended.err
    shown = fine("catalog", "show", "--catalog", "mine.json", "--format", "json").json
    assert [one["fields"] for one in shown["candidates"]] == [{"price_in": 1.75}]


def test_every_row_that_is_not_imported_can_be_seen(folder: Path) -> None:
    folder.joinpath("prices.json").write_text(json.dumps(PRICES), "utf-8")
    every = command("catalog", "import", "--all", "prices.json").err
    assert "`orchard/embed` was not imported" in every
    assert "`orchard/embed-2` was not imported" in every
    ended = command("catalog", "import", "--from", "litellm", "--format", "json", "-", given=json.dumps(PRICES))
    assert [found["code"] for found in ended.diagnostics] == ["PIR0608", "PIR0608"]
    assert json.loads(ended.out)["catalog"] == 1


def test_what_is_no_price_list_is_refused() -> None:
    ended = command("catalog", "import", "--format", "json", "pred.json")
    assert (ended.code, ended.out) == (1, "")
    assert [found["code"] for found in ended.diagnostics] == ["PIR0607"]
    assert command("catalog", "import", "missing.json").code == 1


def test_a_catalogue_is_listed() -> None:
    out = fine("catalog", "show", "--catalog", "catalog.json").out
    assert "1.75 / 4" in out
    assert "200,000" in out
    assert "free" in out
    assert "price not known" in out
    assert "5 candidates: b 2, c 2, a 1" in out
    assert "590 candidates" in fine("catalog", "show").out


def test_a_catalogue_can_be_narrowed_to_a_provider_or_single_candidates() -> None:
    shown = fine("catalog", "show", "--catalog", "catalog.json", "--provider", "c", "--format", "json").json
    assert [one["id"] for one in shown["candidates"]] == ["c/quince", "c/medlar"]
    out = fine("catalog", "show", "b/pear", "--catalog", "catalog.json").out
    assert "USD 0.5 per Mtok" in out
    assert "supports_tools" in out
    assert "partner" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["b/peer"], "did you mean `b/pear`?"),
        (["zzz"], "the catalogue has no candidate `zzz`"),
        (["--provider", "zzz"], "there are a, b, c"),
    ],
)
def test_what_the_catalogue_does_not_have_is_wrong_usage(arguments: list[str], said: str) -> None:
    ended = command("catalog", "show", "--catalog", "catalog.json", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_two_catalogues_are_compared(folder: Path) -> None:
    changed = json.loads(json.dumps(CATALOG))
    changed["candidates"][0]["fields"]["price_out"] = 3.5
    changed["candidates"][1]["tier"] = "marketplace"
    del changed["candidates"][4]
    changed["candidates"].append({"id": "d/date", "provider": "d", "family": "date"})
    folder.joinpath("new.json").write_text(json.dumps(changed), "utf-8")
    out = fine("catalog", "diff", "catalog.json", "new.json").out
    assert out == (
        "- c/medlar\n+ d/date\n~ a/plum\n    price_out: USD 4 per Mtok -> USD 3.5 per Mtok\n"
        "~ b/pear\n    tier: partner -> marketplace\n"
    )
    shown = fine("catalog", "diff", "catalog.json", "new.json", "--format", "json").json
    assert shown["added"] == ["d/date"]
    assert {"id": "a/plum", "what": "fields/price_out", "old": 4, "new": 3.5} in shown["changed"]
    assert command("catalog", "diff", "--check", "catalog.json", "new.json").code == 3
    assert fine("catalog", "diff", "--check", "catalog.json", "catalog.json").out == "no difference\n"


def test_another_order_is_a_difference(folder: Path) -> None:
    turned = {**CATALOG, "candidates": CATALOG["candidates"][::-1]}
    folder.joinpath("turned.json").write_text(json.dumps(turned), "utf-8")
    assert "another order" in fine("catalog", "diff", "catalog.json", "turned.json").out


def test_the_shipped_catalogue_can_be_compared_by_name() -> None:
    assert fine("catalog", "diff", "shipped", "shipped").out == "no difference\n"


# --- demo ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [100, 60])
def test_the_demo_decides_the_six_presets_within_the_width(columns: int) -> None:
    out = fine("demo", columns=columns).out
    for name in PRESETS:
        assert f"\n{name}  " in out
    assert out.count("winner") == out.count("runner-up") == 6
    assert out.count("refused") == 6
    assert out.count("USD") >= 12
    assert max(map(len, out.splitlines())) <= columns
    assert out.count("blake3:") == 20
    assert ("…" in out) == (columns == 60)


def test_the_demo_as_json_agrees_with_decide(folder: Path) -> None:
    shown = fine("demo", "--format", "json").json
    assert fine("demo", "--write", "made").out.count("\n") == 22
    for one in shown["presets"]:
        name = one["preset"]
        decided = fine(
            "decide", f"made/{name}.policy", "--facts", f"@made/{name}.facts.json", "--seed", shown["seed"],
            "--format", "json",
        ).json  # fmt: skip
        assert one["fingerprints"]["decision"] == decided["fingerprint"]
        assert one["winner"]["id"] == decided["ordered"][0]["id"]
        assert one["runner_up"]["id"] == decided["ordered"][1]["id"]
        assert sum(one["rejected"].values()) == len(decided["rejected"])


def test_the_demo_overwrites_nothing(folder: Path) -> None:
    assert command("demo", "--write", "made").code == 0
    ended = command("demo", "--write", "made")
    assert ended.code == 2
    assert "is there already" in ended.err
    assert command("demo", "--write", "pred.json").code == 2
