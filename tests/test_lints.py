"""Lints: each warns of one thing, where it is, and of nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from policy_ir import terms as t
from policy_ir.admission import admit
from policy_ir.diagnostics import Severity
from policy_ir.lints import lint
from policy_ir.lints.filtering import present_where_accepted
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.syntax import parse
from policy_ir.syntax.loader import load
from policy_ir.vocabulary import extend, vocabulary

STANDARD = vocabulary("standard")
HOUSE = extend(
    STANDARD,
    {
        "vocabulary": 1,
        "name": "house",
        "fields": {
            "zone": {"sort": "tag", "source": "state"},
            "tier": {"sort": "tag", "source": "catalogue"},
            "fee": {"sort": "num", "default": 0, "source": "catalogue", "unit": "USD"},
        },
    },
    "house",
)
PRICE = ["field", "price_in"]
CHEAP = ["neg", ["normalize", PRICE]]


def found(value: object, snapshot: Snapshot | None = None, under: Any = HOUSE) -> list[tuple[str, str | None]]:
    diagnostics = lint(admit(load(value), under), snapshot)
    assert all(diagnostic.severity is Severity.WARNING for diagnostic in diagnostics)
    return [(diagnostic.code.code, diagnostic.pointer) for diagnostic in diagnostics]


def only(value: object, snapshot: Snapshot | None = None) -> str:
    (diagnostic,) = lint(admit(load(value), HOUSE), snapshot)
    return diagnostic.message


def policy(
    filter: object = ("top",), rank: object = CHEAP, select: object = ("argmax",), mutate: object = ("id",)
) -> Any:
    return ["policy", filter, rank, select, mutate, ["always", {"action": "abort"}]]


def catalogue(*fields: dict[str, object], **keys: Any) -> Snapshot:
    listed = [Candidate(id=f"m{at}", provider="p", family="f", fields=given, **keys) for at, given in enumerate(fields)]
    return Snapshot.take(CandidateList(tuple(listed)), HOUSE)


# --- gates -----------------------------------------------------------------------------------------------------

TEE = ["is", "has_tee"]
NEGATIVE = ["neg", PRICE]


def test_a_gate_over_negative_scores_promotes_what_it_refuses() -> None:
    assert found(["gate", TEE, NEGATIVE]) == [("PIR0501", "")]
    assert found(["gate", TEE, ["field", "credits"]]) == [("PIR0501", "")]
    assert found(["add", ["zero"], ["scale", 0.5, ["gate", TEE, NEGATIVE]]]) == [("PIR0501", "/2/2")]


def test_a_gate_over_scores_of_0_or_more_does_not() -> None:
    assert found(["gate", TEE, CHEAP]) == []
    assert found(["gate", TEE, PRICE]) == []
    assert found(["gate", TEE, ["clamp", 0, 1, NEGATIVE]]) == []


def test_where_less_is_better_a_gate_over_positive_scores_promotes_what_it_refuses() -> None:
    assert found(["neg", ["gate", TEE, ["normalize", PRICE]]]) == [("PIR0501", "/1")]
    assert found(["scale", -1, ["gate", TEE, PRICE]]) == [("PIR0501", "/2")]
    assert found(["clamp", 1, 0, ["gate", TEE, PRICE]]) == [("PIR0504", ""), ("PIR0501", "/3")]
    assert found(["neg", ["gate", TEE, ["scale", -1, PRICE]]]) == []
    assert found(["neg", ["neg", ["gate", TEE, PRICE]]]) == []
    assert found(["scale", -1, ["neg", ["normalize", ["gate", TEE, PRICE]]]]) == []


def test_a_gate_over_a_constant_is_a_bonus_or_a_penalty_and_says_so() -> None:
    assert found(["gate", TEE, ["lit", -1]]) == []
    assert found(["neg", ["gate", ["is", "deprecated"], ["lit", 0.5]]]) == []


def test_a_gate_that_refuses_nobody_or_everybody_promotes_nobody() -> None:
    assert found(["gate", ["top"], NEGATIVE]) == []
    assert found(["gate", ["cmp", "price_in", "ge", 0], NEGATIVE]) == []
    assert found(["gate", ["bot"], NEGATIVE]) == []


def test_a_gate_in_a_gate_is_looked_at_too() -> None:
    assert found(["gate", TEE, ["gate", ["is", "no_log"], NEGATIVE]]) == [("PIR0501", ""), ("PIR0501", "/2")]


def test_a_gate_under_a_test_ranks_nobody() -> None:
    assert found(["test", ["gate", TEE, NEGATIVE], "le", 1]) == []
    assert found(["gate", ["test", ["gate", TEE, NEGATIVE], "le", 1], PRICE]) == []


def test_every_scorer_that_ranks_is_looked_at() -> None:
    gate = ["gate", TEE, NEGATIVE]
    assert found(policy(rank=gate)) == [("PIR0501", "/2")]
    assert found(policy(select=["top_k", 3, ["rank_by", gate, ["argmax"]]])) == [("PIR0501", "/3/2/1")]


def test_a_catalogue_can_show_that_scores_are_not_negative() -> None:
    gate = ["gate", TEE, ["neg", PRICE]]
    mixed = [{"has_tee": True}, {"has_tee": False}]
    assert found(gate, catalogue({"price_in": 0.5, **mixed[0]}, {"price_in": 0.1, **mixed[1]})) == []
    assert found(gate, catalogue({"price_in": 1.5, **mixed[0]}, {"price_in": 0.1, **mixed[1]})) == [("PIR0501", "")]
    assert found(gate, catalogue({"price_in": 1.5}, {"price_in": 0.1})) == []
    assert found(["gate", ["is", "disabled"], ["neg", PRICE]], catalogue({"price_in": 1.5, "disabled": True})) == []


def test_scores_that_can_only_be_undefined_promote_nobody() -> None:
    always = ["add", ["neg", PRICE], ["field", "price_out"]]
    unpriced = [("PIR0507", "/2/1/1"), ("PIR0507", "/2/2")]
    assert found(["gate", ["is", "disabled"], always], catalogue({})) == unpriced
    assert found(["scale", -1, always], catalogue({})) == unpriced


def test_messages_of_gates_say_how_far_it_goes() -> None:
    assert only(["gate", TEE, ["clamp", -3, 0, NEGATIVE]]) == (
        "the `gate` gives 0 to what it refuses, and less to what it accepts, down to `-3`"
    )
    assert only(["gate", TEE, ["field", "credits"]]).endswith("and less to what it accepts")
    assert only(["neg", ["gate", TEE, ["normalize", PRICE]]]).endswith(
        "and more to what it accepts, up to `1`, where less ranks higher"
    )


# --- scales ----------------------------------------------------------------------------------------------------


def test_a_negative_factor_over_scores_that_may_be_negative_is_warned_of() -> None:
    assert found(["scale", -1, NEGATIVE]) == [("PIR0502", "")]
    assert found(["scale", -0.5, ["field", "credits"]]) == [("PIR0502", "")]
    assert found(policy(rank=["add", CHEAP, ["scale", -1, ["lit", -1]], ["scale", -2, NEGATIVE]])) == [
        ("PIR0502", "/2/3")
    ]
    assert "`-0.5`" in only(["scale", -0.5, ["clamp", -2, 5, NEGATIVE]])
    assert "down to `-2`" in only(["scale", -0.5, ["clamp", -2, 5, NEGATIVE]])


def test_less_is_better_is_a_negative_factor_over_scores_of_0_or_more() -> None:
    assert found(["scale", -1, PRICE]) == []
    assert found(["scale", -1, CHEAP]) == []


def test_a_positive_factor_keeps_the_order() -> None:
    assert found(["scale", 3, NEGATIVE]) == []
    assert found(["scale", 0, NEGATIVE]) == []
    assert found(["scale", 0, ["gate", TEE, NEGATIVE]]) == []


def test_two_reversals_are_none() -> None:
    assert found(["neg", ["scale", -1, NEGATIVE]]) == []


# --- not(tag_in) -----------------------------------------------------------------------------------------------

US = ["tag_in", "region", ["us"]]
KNOWN = ["known", "region"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["not", US], [("PIR0503", "")]),
        (["and", ["top"], ["not", US]], [("PIR0503", "/2")]),
        (["and", KNOWN, ["not", US]], []),
        (["and", ["not", US], KNOWN], []),
        (["and", ["and", KNOWN], ["not", US]], []),
        (["and", KNOWN, ["or", ["top"], ["not", US]]], []),
        (["and", ["or", KNOWN, ["top"]], ["not", US]], [("PIR0503", "/2")]),
        (["and", ["or", KNOWN, ["tag_in", "region", ["eu"]]], ["not", US]], []),
        (["or", KNOWN, ["not", US]], [("PIR0503", "/2")]),
        (["and", ["known", "license"], ["not", US]], [("PIR0503", "/2")]),
        (["and", ["tag_in", "region", ["us", "eu"]], ["not", US]], []),
        (["not", ["or", ["not", KNOWN], US]], []),
        (["not", ["or", ["is", "disabled"], US]], [("PIR0503", "")]),
        (["not", ["and", KNOWN, US]], [("PIR0503", "")]),
        (["and", ["not", ["and", ["not", KNOWN], ["not", KNOWN]]], ["not", US]], []),
        (["not", ["not", US]], []),
        (["not", ["not", ["not", US]]], [("PIR0503", "/1/1")]),
        (["not", ["tag_in", "id", ["a"]]], []),
        (["not", ["tag_in", "served_model", ["a"]]], []),
        (["not", ["tag_in", "tier", ["a"]]], [("PIR0503", "")]),
        (["not", ["tag_in", "labels", ["a"]]], [("PIR0503", "")]),
    ],
)
def test_a_refused_tag_wants_a_known_tag(value: object, expected: list[tuple[str, str]]) -> None:
    assert found(value) == expected


def test_the_filter_answers_for_what_comes_after_it() -> None:
    later = {"rank": ["gate", ["not", US], CHEAP], "select": ["prefer", ["not", US], ["argmax"]]}
    mutate = ["when", ["not", US], ["id"]]
    assert found(policy(KNOWN, **later, mutate=mutate)) == []
    assert found(policy(["top"], **later, mutate=mutate)) == [
        ("PIR0503", "/2/1"),
        ("PIR0503", "/3/1"),
        ("PIR0503", "/4/1"),
    ]
    assert found(policy(["and", KNOWN, ["test", ["gate", ["not", US], PRICE], "le", 1]])) == [("PIR0503", "/1/2/1/1")]


def test_a_catalogue_in_which_all_have_the_tag_needs_no_known() -> None:
    assert found(["not", US], catalogue({"region": "eu"}, {"region": "us"})) == []
    assert found(["not", US], catalogue({"region": "eu"}, {})) == [("PIR0503", "")]
    assert found(["not", ["tag_in", "zone", ["us"]]], catalogue({"zone": "eu"})) == [("PIR0503", "")]


def test_where_a_derived_field_is_known_its_inputs_are() -> None:
    assert present_where_accepted(t.Known("call_cost")) >= {"call_cost", "price_in", "price_out"}
    assert present_where_accepted(t.Known("call_cost"), accepted=False) == frozenset()
    assert present_where_accepted(t.TagIn("region", ("a",)), accepted=False) == frozenset()


# --- clamps ----------------------------------------------------------------------------------------------------


def test_a_clamp_with_its_bounds_the_wrong_way_round_is_warned_of_anywhere() -> None:
    assert found(["clamp", 1, 0, PRICE]) == [("PIR0504", "")]
    assert found(["clamp", 0, 1, PRICE]) == []
    assert found(["clamp", 1, 1, PRICE]) == []
    assert found(["test", ["clamp", 1, 0, PRICE], "le", 1]) == [("PIR0504", "/1")]
    assert found(["seq", ["clamp_param", "temperature", 1, 0], ["clamp_param", "temperature", 0, 1]]) == [
        ("PIR0504", "/1")
    ]
    assert only(["clamp", 1, 0, PRICE]) == "`clamp` from `1` down to `0`"


# --- filters that accept nothing ---------------------------------------------------------------------------------


def test_a_filter_that_no_candidate_of_the_catalogue_can_pass_is_warned_of() -> None:
    dear = catalogue({"price_in": 10, "context": 1}, {"price_in": 20, "context": 1})
    assert found(["cmp", "price_in", "le", 5], dear) == [("PIR0505", "")]
    assert found(policy(["cmp", "price_in", "le", 5]), dear) == [("PIR0505", "/1")]
    assert found(["cmp", "price_in", "le", 15], dear) == []
    assert found(["cmp", "price_in", "le", 5]) == []


def test_the_conjunct_that_refuses_everybody_is_named() -> None:
    dear = catalogue({"price_in": 10, "context": 1}, {"price_in": 20, "context": 1})
    value = ["and", ["is", "disabled"], ["and", ["cmp", "price_in", "le", 5], ["has_cap", "x"]]]
    assert found(value, dear) == [("PIR0505", "/2/1")]
    assert only(value, dear) == (
        "`cmp` accepts none of the 2 candidates of this catalogue, whatever their state and the request"
    )


def test_conjuncts_that_refuse_everybody_together_are_reported_as_a_whole() -> None:
    mixed = catalogue({"price_in": 10, "has_tee": True}, {"price_in": 1, "has_tee": False})
    value = ["and", ["cmp", "price_in", "le", 5], TEE]
    assert found(value, mixed) == [("PIR0505", "")]
    assert only(value, mixed).startswith("taken together, this accepts none of the 2 candidates")
    assert found(policy(value), mixed) == [("PIR0505", "/1")]


def test_what_the_state_or_the_request_may_change_is_not_held_against_a_filter() -> None:
    one = catalogue({"price_in": 10, "context": 1, "disabled": True, "tok_s": 1})
    for value in (
        ["not", ["is", "disabled"]],
        ["cmp", "tok_s", "ge", 50],
        ["meets_req"],
        ["cmp", "budget_left", "le", 0],
    ):
        assert found(value, one) == []
    assert "accepts none of this catalogue" in only(["is", "no_log"], one)


def test_an_empty_catalogue_says_nothing_about_a_filter() -> None:
    assert found(["bot"], catalogue()) == []


def test_only_filters_are_asked_whom_they_accept() -> None:
    nobody = ["cmp", "context", "lt", 0]
    one = catalogue({"price_in": 1, "context": 1})
    assert found(["prefer", nobody, ["argmax"]], one) == []
    assert found(["when", nobody, ["id"]], one) == []


# --- candidates without context or price -------------------------------------------------------------------------


def test_candidates_without_the_context_that_a_policy_looks_at_are_counted() -> None:
    some = catalogue({"context": 8000, "price_in": 1}, {"price_in": 1}, {"price_in": 1})
    assert found(["cmp", "context", "ge", 0], some) == [("PIR0506", "")]
    assert only(["cmp", "context", "ge", 0], some) == "2 of 3 candidates have no `context`: `m1`, `m2`"
    assert found(["meets_req"], some) == [("PIR0506", "")]
    assert found(policy(rank=["field", "context"]), some) == [("PIR0506", "/2")]
    assert found(policy(), some) == []
    assert found(["cmp", "context", "ge", 0]) == []


def test_candidates_without_a_price_that_a_policy_looks_at_are_counted() -> None:
    some = catalogue(*[{"price_in": 1}] * 5, {"price_out": 1}, {"price_in": 1, "price_out": 1})
    assert found(["field", "call_cost"], some) == [("PIR0507", "")]
    assert only(["field", "call_cost"], some) == (
        "6 of 7 candidates have no `price_in` or `price_out`: `m0`, `m1`, `m2` and 3 more"
    )


def test_each_price_is_reported_at_the_first_node_that_looks_at_it() -> None:
    some = catalogue({"price_in": 1}, {})
    value = policy(["cmp", "price_in", "le", 5], select=["rank_by", ["field", "call_cost"], ["argmax"]])
    assert found(value, some) == [("PIR0507", "/1"), ("PIR0507", "/3/1")]
    first, second = (diagnostic.message for diagnostic in lint(admit(load(value), HOUSE), some))
    assert first == "1 of 2 candidates have no `price_in`: `m1`"
    assert second == "2 of 2 candidates have no `price_out`: `m0`, `m1`"


def test_a_policy_that_asks_whether_they_are_known_has_dealt_with_it() -> None:
    some = catalogue({"context": 1, "price_in": 1}, {})
    value = ["and", ["known", "context"], ["known", "price_in"], ["cmp", "context", "ge", 1], ["meets_req"]]
    assert found(policy(value), some) == []
    assert found(policy(["known", "call_cost"], rank=["field", "call_cost"]), catalogue({})) == [("PIR0505", "/1")]


def test_a_catalogue_that_has_them_all_is_not_warned_of() -> None:
    assert found(policy(["cmp", "context", "ge", 1]), catalogue({"context": 1, "price_in": 1})) == []


def test_other_fields_may_be_missing() -> None:
    value = policy(["cmp", "bench_coding", "ge", 0], rank=["add", ["field", "latency_ms"], ["field", "fee"]])
    assert found(value, catalogue({})) == []


def test_transforms_and_failure_plans_choose_nobody() -> None:
    assert found(["when", ["cmp", "context", "ge", 1], ["id"]], catalogue({})) == []
    assert found(["always", {"action": "abort"}], catalogue({})) == []


# --- strings -----------------------------------------------------------------------------------------------------

LOOSE = "cafe\u0301"
TIGHT = "café"


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        (["family_eq", LOOSE], "/1"),
        (["tag_in", "labels", [TIGHT, LOOSE]], "/2/1"),
        (["set_param", "reasoning_effort", "low"], None),
        (["chain", [{"provider": TIGHT, "model": LOOSE}]], "/1/0/model"),
        (["chain", [{"provider_id": LOOSE, "model_family": TIGHT}]], "/1/0/provider_id"),
        (["always", {"action": "abort", LOOSE: 1}], f"/1/{LOOSE}"),
        (["override", ["always", {"action": "abort"}], LOOSE, {"action": "abort"}], "/2"),
        (["family_eq", TIGHT], None),
        (["cmp", "context", "ge", 1], None),
        (["filter_text", ["RedactPII", {"TruncateText": 5}]], None),
    ],
)
def test_a_string_that_is_not_in_normal_form_c_is_warned_of(value: object, pointer: str | None) -> None:
    assert found(value) == ([] if pointer is None else [("PIR0508", pointer)])


def test_declared_names_and_scalars_are_strings_too() -> None:
    house = extend(
        STANDARD,
        {
            "vocabulary": 1,
            "name": "house",
            "params": {"user": {"sort": "string"}},
            "recipes": [LOOSE],
            "customs": {LOOSE: "1"},
        },
        "house",
    )
    assert found(["set_param", "user", LOOSE], under=house) == [("PIR0508", "/2")]
    assert found(["filter_text", [LOOSE, {LOOSE: 1}]], under=house) == [
        ("PIR0508", "/1/0"),
        ("PIR0508", f"/1/1/{LOOSE}"),
    ]
    assert found(["custom", LOOSE], under=house) == [("PIR0508", "/1")]


# --- all together ------------------------------------------------------------------------------------------------


def test_lints_stand_in_source_order() -> None:
    value = policy(
        ["and", ["not", US], ["cmp", "context", "ge", 0], *[["top"]] * 8, ["family_eq", LOOSE]],
        ["add", ["clamp", 1, 0, PRICE], ["gate", TEE, NEGATIVE]],
    )
    some = catalogue({"region": "eu"}, {"has_tee": True, "price_in": 1})
    assert found(value, some) == [
        ("PIR0503", "/1/1"),
        ("PIR0506", "/1/2"),
        ("PIR0505", "/1/11"),
        ("PIR0508", "/1/11/1"),
        ("PIR0504", "/2/1"),
        ("PIR0507", "/2/1/3"),
        ("PIR0501", "/2/2"),
    ]


def test_a_policy_without_anything_odd_has_no_lint() -> None:
    value = policy(
        [
            "and",
            ["meets_req"],
            ["not", ["is", "disabled"]],
            ["cmp", "price_out", "le", 25],
            ["tag_in", "region", ["eu"]],
        ],
        ["add", ["scale", 0.7, CHEAP], ["scale", 0.3, ["normalize", ["field", "context"]]]],
        ["top_k", 3, ["prefer", ["not", ["is", "breaker_open"]], ["argmax"]]],
        ["seq", ["clamp_param", "temperature", 0, 1], ["inject_seed", "seed"]],
    )
    assert found(value) == []
    full = {"price_in": 1, "price_out": 2, "context": 3, "region": "eu"}
    assert found(value, catalogue(full, full)) == []


def test_lints_of_a_document_have_places_in_its_text() -> None:
    document = parse('["not", ["tag_in", "region", ["us"]]]', name="x.json")
    assert document.term is not None
    (diagnostic,) = lint(admit(document.term, HOUSE, document=document))
    assert diagnostic.span is not None
    assert (diagnostic.span.start, diagnostic.source) == (0, "x.json")


def test_lints_do_not_depend_on_the_momentary_state() -> None:
    value = policy(
        ["and", ["not", ["is", "disabled"]], ["cmp", "latency_ms", "le", 100]], ["neg", ["field", "latency_ms"]]
    )
    full = {"price_in": 1, "price_out": 2, "context": 3}
    calm, busy = catalogue(full), catalogue({**full, "disabled": True, "latency_ms": 5000})
    assert found(value, calm) == found(value, busy)
