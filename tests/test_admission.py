"""What a vocabulary and the ranges of the language admit, and every reason why not."""

from __future__ import annotations

from typing import Any

import pytest

from policy_ir.admission import Admitted, admit, admit_policy, check
from policy_ir.diagnostics import Refused
from policy_ir.syntax.document import Document, Span
from policy_ir.syntax.loader import load
from policy_ir.terms import And, Is, Top
from policy_ir.vocabulary import extend, vocabulary

CORE = vocabulary("core")
STANDARD = vocabulary("standard")
HOUSE = extend(
    STANDARD,
    {
        "vocabulary": 1,
        "name": "house",
        "params": {
            "user": {"sort": "string"},
            "logprobs": {"sort": "boolean"},
            "bias": {"sort": "number"},
            "floor": {"sort": "number", "minimum": 1},
            "ceiling": {"sort": "number", "maximum": 1},
            "ticket": {"sort": "number", "minimum": 0},
        },
        "customs": {"add_footer": "1"},
    },
    "house",
)
ALWAYS = ["always", {"action": "abort"}]
POLICY = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ALWAYS]


def found(value: object, under: Any = STANDARD) -> list[tuple[str, str | None]]:
    return [(diagnostic.code.code, diagnostic.pointer) for diagnostic in check(load(value), under)]


def only(value: object, under: Any = STANDARD) -> str:
    (diagnostic,) = check(load(value), under)
    return f"{diagnostic.message}; expected {diagnostic.expected}; {diagnostic.help}"


# --- fields ---------------------------------------------------------------------------------------------------

ADMITTED_FIELDS = [
    ["is", "has_tee"],
    ["cmp", "price_in", "le", 5],
    ["cmp", "call_cost", "le", 5],
    ["cmp", "prompt_tokens", "ge", 0],
    ["field", "context"],
    ["tag_in", "region", ["eu"]],
    ["tag_in", "labels", ["canary"]],
    ["known", "price_in"],
    ["known", "has_tee"],
    ["known", "region"],
    ["known", "labels"],
]


@pytest.mark.parametrize("value", ADMITTED_FIELDS)
def test_a_declared_field_of_the_right_sort_is_admitted(value: object) -> None:
    assert found(value) == []


@pytest.mark.parametrize(
    "value",
    [["is", "x"], ["cmp", "x", "le", 5], ["field", "x"], ["tag_in", "x", ["a"]], ["known", "x"]],
)
def test_an_undeclared_field_is_refused(value: object) -> None:
    assert found(value) == [("PIR0401", "/1")]


@pytest.mark.parametrize(
    "value",
    [
        ["is", "price_in"],
        ["is", "region"],
        ["cmp", "has_tee", "le", 5],
        ["field", "labels"],
        ["tag_in", "price_in", ["a"]],
        ["tag_in", "has_tee", ["a"]],
    ],
)
def test_a_field_of_another_sort_is_refused(value: object) -> None:
    assert found(value) == [("PIR0402", "/1")]


def test_a_field_of_standard_is_undeclared_under_core() -> None:
    assert found(["cmp", "bench_coding", "ge", 0.5], CORE) == [("PIR0401", "/1")]
    assert found(["cmp", "bench_coding", "ge", 0.5], STANDARD) == []


def test_a_misspelt_field_gets_a_did_you_mean_of_the_right_sort() -> None:
    assert only(["cmp", "price_inn", "le", 5]) == (
        "the vocabulary `standard` declares no field `price_inn`; expected None; did you mean `price_in`?"
    )
    assert only(["is", "has_te"]).endswith("did you mean `has_tee`?")
    assert only(["is", "price_inn"]).endswith("declare it in a vocabulary file")


def test_a_field_of_another_sort_comes_with_the_operation_that_wants_it() -> None:
    assert only(["is", "price_in"]) == (
        "`price_in` is a numeric field; expected a boolean field; compare it with `cmp`, or score it with `field`"
    )
    assert only(["cmp", "has_tee", "eq", 1]).endswith("ask for it with `is`")
    assert only(["is", "region"]).endswith("ask for it with `tag_in`")


# --- tiers, filter steps, customs -----------------------------------------------------------------------------


def test_tiers_are_those_of_the_vocabulary() -> None:
    assert found(["or", ["tier_eq", "partner"], ["min_tier", "fallback"]]) == []
    assert found(["or", ["tier_eq", "Partner"], ["min_tier", "gold"]]) == [("PIR0403", "/1/1"), ("PIR0403", "/2/1")]
    assert only(["tier_eq", "partners"]).endswith("did you mean `partner`?")
    assert only(["tier_eq", "gold"]).endswith("the tiers are `fallback` < `marketplace` < `partner`")


def test_open_names_need_no_declaration() -> None:
    for op in ("family_eq", "provider_eq", "served_by_eq", "has_cap"):
        assert found([op, "anything at all"]) == []
    assert found(["chain", [{"provider": "nobody", "model": "nothing"}]]) == []


def test_every_filter_step_is_declared() -> None:
    recipe = ["RedactPII", {"TruncateText": 100, "RedactPI": 1}, "Nope"]
    assert found(["filter_text", recipe]) == [("PIR0407", "/1/1/RedactPI"), ("PIR0407", "/1/2")]
    assert found(["filter_image", ["BlurFaces", {}]]) == []
    assert found(["filter_image", []]) == []
    assert found(["filter_text", ["RedactPII"]], CORE) == [("PIR0407", "/1/0")]
    assert only(["filter_text", ["RedactPI"]]).endswith("did you mean `RedactPII`?")


def test_every_custom_is_declared() -> None:
    assert found(["custom", "add_footer"], HOUSE) == []
    assert found(["custom", "add_footer"], STANDARD) == [("PIR0408", "/1")]
    assert only(["custom", "add_foter"], HOUSE).endswith("did you mean `add_footer`?")


# --- request parameters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [["set_param", "x", 1], ["inject_seed", "x"], ["drop_param", "x"], ["clamp_param", "x", 0, 1], ["jitter", "x", 1]],
)
def test_an_undeclared_request_parameter_is_refused(value: object) -> None:
    assert found(value) == [("PIR0404", "/1")]


@pytest.mark.parametrize("name", ["model", "n", "stream", "tools", "base_url", "auth_env", "service_tier"])
def test_no_policy_can_choose_the_model_or_redirect_the_call(name: str) -> None:
    assert found(["set_param", name, "x"], HOUSE) == [("PIR0404", "/1")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 0), ("temperature", 2), ("temperature", 0.7), ("max_tokens", 1), ("seed", 2**53 - 1),
        ("presence_penalty", -2), ("reasoning_effort", "high"), ("user", ""), ("user", "from_ctx"),
        ("logprobs", True), ("bias", -1e300),
    ],
)  # fmt: skip
def test_a_value_in_the_parameter_s_range_is_admitted(name: str, value: object) -> None:
    assert found(["set_param", name, value], HOUSE) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", "0.7"), ("temperature", True), ("max_tokens", 1.5), ("max_tokens", "from_ctx"), ("user", 5),
        ("logprobs", 1), ("logprobs", "true"), ("reasoning_effort", 3), ("user", False),
    ],
)  # fmt: skip
def test_a_value_of_another_sort_than_the_parameter_s_is_refused(name: str, value: object) -> None:
    assert found(["set_param", name, value], HOUSE) == [("PIR0405", "/2")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1), ("temperature", 2.1), ("max_tokens", 0), ("seed", -1), ("seed", 2**53),
        ("frequency_penalty", 3), ("reasoning_effort", "maximal"), ("floor", 0), ("ceiling", 2),
    ],
)  # fmt: skip
def test_a_value_outside_the_parameter_s_range_is_refused(name: str, value: object) -> None:
    assert found(["set_param", name, value], HOUSE) == [("PIR0406", "/2")]


def test_messages_state_the_range() -> None:
    assert "expected a number from `0` to `2`" in only(["set_param", "temperature", 3])
    assert "expected a number of `1` or more" in only(["set_param", "floor", 0], HOUSE)
    assert "expected a number of `1` or less" in only(["set_param", "ceiling", 2], HOUSE)
    assert only(["set_param", "reasoning_effort", "hihg"]).endswith("did you mean `high`?")
    assert only(["set_param", "reasoning_effort", "qqq"]).endswith("None")


def test_a_clamp_holds_a_numeric_parameter_between_values_it_may_have() -> None:
    assert found(["clamp_param", "temperature", 0, 1]) == []
    assert found(["clamp_param", "bias", -1e300, 1e300], HOUSE) == []
    assert found(["clamp_param", "temperature", -1, 3]) == [("PIR0406", "/2"), ("PIR0406", "/3")]
    assert found(["clamp_param", "max_tokens", 0.5, 10]) == [("PIR0405", "/2")]
    assert found(["clamp_param", "reasoning_effort", 0, 1]) == [("PIR0405", "/1")]
    assert found(["clamp_param", "logprobs", 0, 1], HOUSE) == [("PIR0405", "/1")]


def test_a_clamp_the_wrong_way_round_is_admitted_as_it_is_by_the_peer() -> None:
    assert found(["clamp_param", "temperature", 1, 0]) == []


def test_a_seed_goes_only_where_every_seed_fits() -> None:
    assert found(["inject_seed", "seed"]) == []
    assert found(["inject_seed", "ticket"], HOUSE) == []
    assert found(["inject_seed", "bias"], HOUSE) == []
    assert found(["inject_seed", "floor"], HOUSE) == [("PIR0406", "/1")]
    assert found(["inject_seed", "top_k"]) == [("PIR0406", "/1")]
    assert found(["inject_seed", "temperature"]) == [("PIR0406", "/1")]
    assert found(["inject_seed", "reasoning_effort"]) == [("PIR0405", "/1")]


def test_jitter_needs_fractions_and_room() -> None:
    assert found(["jitter", "temperature", 0.1]) == []
    assert found(["jitter", "temperature", -2]) == []
    assert found(["jitter", "temperature", 2.1]) == [("PIR0406", "/2")]
    assert found(["jitter", "temperature", -2.1]) == [("PIR0406", "/2")]
    for unbounded in ("bias", "floor", "ceiling"):
        assert found(["jitter", unbounded, 1e300], HOUSE) == []
    assert found(["jitter", "max_tokens", 5]) == [("PIR0405", "/1")]
    assert found(["jitter", "user", 5], HOUSE) == [("PIR0405", "/1")]


def test_any_declared_parameter_can_be_dropped() -> None:
    assert found(["drop_param", "reasoning_effort"]) == []
    assert found(["drop_param", "logprobs"], HOUSE) == []


# --- pointwise scorers and counts ------------------------------------------------------------------------------


def test_a_pointwise_scorer_holds_no_normalize_at_any_depth() -> None:
    assert found(["test", ["field", "call_cost"], "le", 1]) == []
    assert found(["test", ["normalize", ["field", "call_cost"]], "le", 1]) == [("PIR0211", "/1")]
    assert found(["not", ["test", ["add", ["zero"], ["neg", ["normalize", ["zero"]]]], "le", 1]]) == [
        ("PIR0211", "/1/1/2/1")
    ]
    inner = ["test", ["normalize", ["zero"]], "le", 1]
    assert found(["test", ["gate", inner, ["zero"]], "le", 1]) == [("PIR0211", "/1/1/1")]


def test_normalize_may_stand_where_the_population_is_known() -> None:
    assert found(["gate", ["top"], ["normalize", ["zero"]]]) == []
    assert found(["rank_by", ["normalize", ["zero"]], ["argmax"]]) == []
    gated = ["gate", ["test", ["zero"], "le", 1], ["normalize", ["zero"]]]
    assert found(gated) == []


@pytest.mark.parametrize("count", [1, 1.0, 3, 1e300])
def test_a_count_is_an_integral_number_of_1_or_more(count: float) -> None:
    assert found(["top_k", count, ["argmax"]]) == []


@pytest.mark.parametrize("count", [0, -1, 1.5, 0.5, 1e-300])
def test_any_other_number_is_no_count(count: float) -> None:
    assert found(["top_k", count, ["argmax"]]) == [("PIR0212", "/1")]


# --- actions ---------------------------------------------------------------------------------------------------


def always(**entries: object) -> list[object]:
    return ["always", {"action": "retry_same", **entries}]


def test_an_action_within_its_ranges_is_admitted() -> None:
    assert found(always(attempts=0, backoff_ms=0, then_action="abort", open_breaker_ms=0)) == []
    assert found(always(attempts=10, backoff_ms=60000, open_breaker_ms=3_600_000, anything=-1e300)) == []
    assert found(always(backoff_ms=[0.5] * 16)) == []


@pytest.mark.parametrize("attempts", [-1, 11, 1.5])
def test_attempts_are_integers_from_0_to_10(attempts: float) -> None:
    assert found(always(attempts=attempts)) == [("PIR0305", "/1/attempts")]


@pytest.mark.parametrize("backoff", [-1, 60000.5])
def test_backoffs_are_from_0_to_60000(backoff: float) -> None:
    assert found(always(backoff_ms=backoff)) == [("PIR0306", "/1/backoff_ms")]
    assert found(always(backoff_ms=[0, backoff, 0, backoff])) == [
        ("PIR0306", "/1/backoff_ms/1"),
        ("PIR0306", "/1/backoff_ms/3"),
    ]


def test_at_most_16_backoffs() -> None:
    assert found(always(backoff_ms=[0] * 17)) == [("PIR0307", "/1/backoff_ms")]


@pytest.mark.parametrize("time", [-1, 3_600_001])
def test_a_breaker_opens_for_an_hour_at_most(time: float) -> None:
    assert found(always(open_breaker_ms=time)) == [("PIR0308", "/1/open_breaker_ms")]


def test_a_retry_cannot_follow_a_retry() -> None:
    assert found(always(then_action="retry_same")) == [("PIR0409", "/1/then_action")]


# --- all of them, in order -------------------------------------------------------------------------------------


def test_every_diagnostic_is_reported_in_source_order() -> None:
    value = [
        "policy",
        ["and", ["is", "x"], ["cmp", "has_tee", "le", 1], ["test", ["normalize", ["field", "y"]], "le", 1]],
        ["gate", ["tier_eq", "z"], ["field", "w"]],
        ["top_k", 0, ["prefer", ["is", "v"], ["argmax"]]],
        ["seq", ["set_param", "temperature", 9], ["when", ["is", "u"], ["custom", "t"]]],
        ["override", always(attempts=99), "timeout", {"action": "abort", "then_action": "retry_same"}],
    ]
    assert found(value) == [
        ("PIR0401", "/1/1/1"),
        ("PIR0402", "/1/2/1"),
        ("PIR0211", "/1/3/1"),
        ("PIR0401", "/1/3/1/1/1"),
        ("PIR0403", "/2/1/1"),
        ("PIR0401", "/2/2/1"),
        ("PIR0212", "/3/1"),
        ("PIR0401", "/3/2/1/1"),
        ("PIR0406", "/4/1/2"),
        ("PIR0401", "/4/2/1/1"),
        ("PIR0408", "/4/2/2/1"),
        ("PIR0305", "/5/1/1/attempts"),
        ("PIR0409", "/5/3/then_action"),
    ]


def test_an_admitted_term_keeps_its_source_tree_its_vocabulary_and_its_document() -> None:
    term = load(["and", ["top"], ["top"]])
    document = Document(name="x", term=term)
    admitted = admit(term, CORE, document=document)
    assert isinstance(admitted, Admitted)
    assert admitted.term is term
    assert admitted.vocabulary is CORE
    assert admitted.document is document
    assert admitted.sort == "Pred"
    assert admit(term, CORE).document is None


def test_a_refused_term_raises_every_diagnostic_with_its_place_in_the_document() -> None:
    document = Document(name="x.json", text='["is", "x"]', spans={"": Span(0, 11), "/1": Span(7, 10)})
    with pytest.raises(Refused) as refused:
        admit(load(["is", "x"]), CORE, document=document)
    (diagnostic,) = refused.value.diagnostics
    assert (diagnostic.span, diagnostic.source) == (Span(7, 10), "x.json")


def test_a_policy_is_admitted_where_a_policy_is_due() -> None:
    assert admit_policy(load(POLICY), CORE).sort == "Policy"


def test_a_term_of_another_sort_is_refused_where_a_policy_is_due() -> None:
    for value, message in ((["top"], "`top` is a predicate"), (ALWAYS, "`always` is a failure plan")):
        with pytest.raises(Refused, match="PIR0213") as refused:
            admit_policy(load(value), CORE)
        assert refused.value.diagnostics[0].message.startswith(message)


def test_what_else_is_wrong_is_reported_with_it() -> None:
    with pytest.raises(Refused) as refused:
        admit_policy(And((Is("x"), Top())), CORE)
    assert [diagnostic.code.code for diagnostic in refused.value.diagnostics] == ["PIR0213", "PIR0401"]


def test_a_policy_that_the_vocabulary_refuses_is_refused() -> None:
    with pytest.raises(Refused, match="PIR0401"):
        admit_policy(load([*POLICY[:1], ["is", "x"], *POLICY[2:]]), CORE)


def test_an_admitted_term_has_a_normal_form_canonical_bytes_and_a_fingerprint() -> None:
    admitted = admit(load(["and", ["top"], ["is", "has_tee"], ["is", "has_tee"]]), CORE)
    assert admitted.normal == load(["is", "has_tee"])
    assert admitted.canonical_bytes == admit(load(["is", "has_tee"]), CORE).canonical_bytes
    assert admitted.fingerprint == admit(load(["is", "has_tee"]), STANDARD).fingerprint
    assert admitted.fingerprint.startswith("blake3:")
