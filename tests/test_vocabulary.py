"""What a vocabulary declares, and what its fingerprint says."""

from __future__ import annotations

import json
from importlib import resources
from math import inf
from typing import Any

import jsonschema
import pytest

from policy_ir.vocabulary import CANDIDATE_KEYS, FORMULAS, FieldDeclaration, extend, vocabulary

CORE = vocabulary("core")
STANDARD = vocabulary("standard")


def house(**entries: Any) -> dict[str, Any]:
    return {"vocabulary": 1, "name": "house", **entries}


def test_core_has_the_numeric_fields_and_defaults_of_the_peer() -> None:
    numbers = {name: CORE.fields[name].default for name in CORE.fields_of(["num"])}
    assert numbers == {
        "price_in": inf,
        "price_out": inf,
        "latency_ms": inf,
        "tok_s": 0.0,
        "credits": 0.0,
        "context": 0.0,
        "success_rate": 1.0,
    }


def test_core_has_the_boolean_fields_of_the_peer_all_false() -> None:
    flags = {name: CORE.fields[name].default for name in CORE.fields_of(["bool"])}
    assert flags == {"has_tee": False, "no_log": False, "breaker_open": False, "disabled": False}


def test_core_has_no_tags_no_filter_steps_and_no_customs() -> None:
    assert CORE.fields_of(["tag", "tags"]) == ()
    assert CORE.recipes == ()
    assert dict(CORE.customs) == {}


def test_core_maps_the_four_needs_of_the_peer() -> None:
    assert dict(CORE.needs) == {
        "tools": "supports_tools",
        "vision": "supports_vision",
        "json_mode": "supports_json_mode",
        "seed": "supports_seed",
    }


def test_core_has_the_ten_request_parameters() -> None:
    assert set(CORE.params) == {
        "temperature", "top_p", "top_k", "max_tokens", "seed", "presence_penalty", "frequency_penalty",
        "reasoning_effort", "timeout_ms", "first_token_timeout_ms",
    }  # fmt: skip
    assert CORE.params["seed"].maximum == 2.0**53 - 1
    assert CORE.params["reasoning_effort"].choices == ("high", "low", "medium", "minimal", "none", "xhigh")


def test_standard_holds_core_unchanged() -> None:
    assert {name: STANDARD.fields[name] for name in CORE.fields} == dict(CORE.fields)
    assert STANDARD.params == CORE.params
    assert STANDARD.tiers == CORE.tiers == ("fallback", "marketplace", "partner")


def test_standard_answers_the_needs_of_a_chat_request() -> None:
    added = STANDARD.needs.keys() - CORE.needs.keys()
    assert added == {"audio", "file", "structured_outputs", "reasoning", "parallel_tools", "logprobs"}


def test_every_capability_that_answers_a_need_is_a_boolean_field_of_standard_too() -> None:
    for capability in STANDARD.needs.values():
        field = STANDARD.fields[capability]
        assert (field.sort, field.source, field.default) == ("bool", "catalogue", False)


def test_standard_has_region_id_and_served_model_as_tags() -> None:
    assert {"region", "id", "served_model"} <= set(STANDARD.fields_of(["tag"]))
    assert STANDARD.fields["region"].default is None


def test_benchmarks_are_rates_with_default_0() -> None:
    benchmarks = [field for name, field in STANDARD.fields.items() if name.startswith("bench_")]
    assert {"bench_intelligence", "bench_coding", "bench_math"} <= {field.name for field in benchmarks}
    assert all(
        (field.default, field.minimum, field.maximum, field.unit) == (0.0, 0.0, 1.0, "ratio") for field in benchmarks
    )


def test_the_request_supplies_tokens_bucket_and_budget() -> None:
    supplied = {name: field.default for name, field in STANDARD.fields.items() if field.source == "request"}
    assert supplied == {"prompt_tokens": 0.0, "completion_tokens": 0.0, "bucket": 0.0, "budget_left": inf}


def test_the_derived_fields_are_those_with_a_formula_over_declared_numbers() -> None:
    derived = {name for name, field in STANDARD.fields.items() if field.source == "derived"}
    assert derived == set(FORMULAS) == {"call_cost"}
    assert set(FORMULAS["call_cost"]) <= set(STANDARD.fields_of(["num"]))
    assert STANDARD.fields["call_cost"].default is None


@pytest.mark.parametrize("shipped", [CORE, STANDARD], ids=["core", "standard"])
def test_every_shipped_declaration_says_what_it_is_in_one_line(shipped: Any) -> None:
    for declaration in [*shipped.fields.values(), *shipped.params.values()]:
        assert declaration.about
        assert "\n" not in declaration.about
        assert not declaration.about.endswith(".")
    assert all(shipped.fields[name].unit for name in shipped.fields_of(["num"]))


def test_fields_are_listed_in_code_point_order() -> None:
    assert list(STANDARD.fields) == sorted(STANDARD.fields)
    assert STANDARD.fields_of(["tag", "tags"]) == ("id", "labels", "license", "region", "served_model")


def test_a_candidate_without_a_tier_ranks_as_fallback_and_an_undeclared_tier_below_all() -> None:
    assert [CORE.tier_rank(tier) for tier in ("elsewhere", None, "fallback", "marketplace", "partner")] == [
        -1, 0, 0, 1, 2,
    ]  # fmt: skip


def test_a_number_is_admitted_when_it_is_finite_and_in_the_field_s_range() -> None:
    price, rate, credit = (CORE.fields[name] for name in ("price_in", "success_rate", "credits"))
    assert [price.admits(number) for number in (-1.0, 0.0, 1e300, inf, float("nan"))] == [
        False, True, True, False, False,
    ]  # fmt: skip
    assert [rate.admits(number) for number in (0.0, 1.0, 1.01)] == [True, True, False]
    assert credit.admits(-5.0)


def test_a_number_is_in_a_parameter_s_range_with_both_ends_included() -> None:
    temperature = CORE.params["temperature"]
    assert [temperature.in_range(number) for number in (-0.1, 0.0, 2.0, 2.1)] == [False, True, True, False]
    unbounded = extend(CORE, house(params={"top_a": {"sort": "number"}}), "house").params["top_a"]
    assert unbounded.in_range(-1e300)
    assert unbounded.in_range(1e300)


def test_a_vocabulary_cannot_be_changed() -> None:
    fields: Any = CORE.fields
    with pytest.raises(TypeError):
        fields["extra"] = CORE.fields["context"]


# --- fingerprint ---------------------------------------------------------------------------------------------


def test_core_and_standard_have_different_fingerprints() -> None:
    assert CORE.fingerprint.startswith("blake3:")
    assert CORE.fingerprint != STANDARD.fingerprint


def test_the_fingerprint_says_what_is_declared_and_not_what_it_is_called() -> None:
    declared = {"off": {"sort": "bool", "default": False, "source": "state", "about": "by hand"}}
    reworded = {"off": {"about": "switched off", "source": "state", "sort": "bool", "default": False, "unit": None}}
    one = extend(STANDARD, house(fields=declared), "one")
    other = extend(STANDARD, {"vocabulary": 1, "name": "other", "about": "words", "fields": reworded}, "other")
    assert one.name != other.name
    assert one.fingerprint == other.fingerprint


def test_an_empty_extension_has_the_fingerprint_of_what_it_extends() -> None:
    assert extend(STANDARD, house(), "house").fingerprint == STANDARD.fingerprint


CHANGES: list[dict[str, Any]] = [
    {"fields": {"x": {"sort": "num", "default": 0, "source": "state"}}},
    {"fields": {"x": {"sort": "num", "default": 1, "source": "state"}}},
    {"fields": {"x": {"sort": "num", "default": "inf", "source": "state"}}},
    {"fields": {"x": {"sort": "num", "default": 0, "source": "catalogue"}}},
    {"fields": {"x": {"sort": "num", "default": 0, "source": "state", "unit": "ms"}}},
    {"fields": {"x": {"sort": "num", "default": 0, "source": "state", "minimum": 0}}},
    {"fields": {"x": {"sort": "num", "default": 0, "source": "state", "maximum": 0}}},
    {"fields": {"x": {"sort": "bool", "default": False, "source": "state"}}},
    {"fields": {"x": {"sort": "tag", "source": "state"}}},
    {"fields": {"x": {"sort": "tags", "source": "state"}}},
    {"tiers": ["fallback", "marketplace", "partner", "own"]},
    {"tiers": ["fallback", "own", "marketplace", "partner"]},
    {"params": {"x": {"sort": "number"}}},
    {"params": {"x": {"sort": "integer"}}},
    {"params": {"x": {"sort": "number", "minimum": 0}}},
    {"params": {"x": {"sort": "string", "choices": ["a"]}}},
    {"needs": {"x": "y"}},
    {"needs": {"x": "z"}},
    {"recipes": ["x"]},
    {"customs": {"x": "1"}},
    {"customs": {"x": "2"}},
]


def test_every_part_of_a_declaration_enters_the_fingerprint() -> None:
    fingerprints = {extend(STANDARD, house(**change), "house").fingerprint for change in CHANGES}
    assert len(fingerprints | {STANDARD.fingerprint}) == len(CHANGES) + 1


def test_the_order_of_declarations_does_not_enter_the_fingerprint() -> None:
    fields = {name: {"sort": "bool", "default": False, "source": "state"} for name in ("a", "b")}
    backwards = dict(reversed(fields.items()))
    one = extend(CORE, house(fields=fields, recipes=["s", "t"]), "one")
    other = extend(CORE, house(fields=backwards, recipes=["t", "s"]), "other")
    assert one.fingerprint == other.fingerprint


# --- the JSON Schema of vocabulary files ----------------------------------------------------------------------

SCHEMA = json.loads(
    resources.files("policy_ir").joinpath("data", "schemas", "vocabulary.schema.json").read_text("utf-8")
)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_candidate_keys_are_the_identities_of_a_candidate() -> None:
    assert CANDIDATE_KEYS == ("id", "provider", "family", "served_model", "served_by", "tier", "scope")
    mirror = extend(CORE, house(fields={"tier": {"sort": "tag", "source": "catalogue"}}), "house").fields["tier"]
    assert mirror == FieldDeclaration("tier", "tag", None, None, "catalogue")
