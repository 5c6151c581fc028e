"""Request facts: what a call requires, and what the host says about it."""

from __future__ import annotations

import json
from importlib import resources
from math import inf, nan
from typing import Any

import attrs
import cbor2
import jsonschema
import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.canonical import canonical_bytes, fingerprint
from policy_ir.diagnostics import Refused
from policy_ir.facts import Facts, checked, facts_bytes, read_facts, read_seed
from policy_ir.vocabulary import extend, vocabulary

CORE = vocabulary("core")
STANDARD = vocabulary("standard")
HOUSE = extend(
    STANDARD,
    {
        "vocabulary": 1,
        "name": "house",
        "fields": {
            "tenant": {"sort": "tag", "source": "request", "about": ""},
            "groups": {"sort": "tags", "source": "request", "about": ""},
            "urgent": {"sort": "bool", "default": False, "source": "request", "about": ""},
        },
    },
    "house.json",
)
SCHEMA = json.loads(resources.files("policy_ir").joinpath("data", "schemas", "facts.schema.json").read_text("utf-8"))

EVERYTHING = {
    "needs": ["vision", "tools", "vision"],
    "min_context": 16000,
    "model_family": "gpt-5.2",
    "tier": "partner",
    "privacy": "no_log",
    "min_tok_s": 12.5,
    "scope": "team-a",
    "fields": {"bucket": 0.25, "tenant": "acme", "groups": ["b", "a", "b"], "urgent": True},
}


def refusal(value: object, under: Any = STANDARD) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refused:
        read_facts(value, under)
    return [(found.code.code, found.pointer) for found in refused.value.diagnostics]


def test_facts_are_read_into_one_form() -> None:
    # facts/need, facts/amount, facts/field, facts/name
    facts = read_facts(EVERYTHING, HOUSE)
    assert facts == Facts(
        needs=("tools", "vision"),
        min_context=16000.0,
        model_family="gpt-5.2",
        tier="partner",
        privacy="no_log",
        min_tok_s=12.5,
        scope="team-a",
        fields={"bucket": 0.25, "tenant": "acme", "groups": ("a", "b"), "urgent": True},
    )


def test_no_facts_require_nothing() -> None:
    assert read_facts({}, CORE) == Facts()
    assert Facts().privacy == "standard"
    assert Facts().needs == ()


def test_null_is_absence() -> None:
    # facts/null
    nothing = dict.fromkeys(EVERYTHING)
    assert read_facts(nothing, STANDARD) == Facts()
    assert read_facts({"fields": {"bucket": None}}, STANDARD) == Facts()


@pytest.mark.parametrize("value", [None, [], "tools", 3, True])
def test_facts_are_an_object(value: object) -> None:
    # facts/object
    assert refusal(value) == [("PIR0710", "")]


@pytest.mark.parametrize(
    ("value", "code", "pointer"),
    [
        ({"need": []}, "PIR0711", "/need"),  # facts/unknown
        ({7: 1}, "PIR0711", "/7"),
        ({"needs": "tools"}, "PIR0714", "/needs"),
        ({"needs": [1]}, "PIR0714", "/needs/0"),
        ({"needs": ["tools", "telepathy"]}, "PIR0712", "/needs/1"),
        ({"min_context": "16k"}, "PIR0714", "/min_context"),
        ({"min_context": True}, "PIR0714", "/min_context"),
        ({"min_context": inf}, "PIR0714", "/min_context"),
        ({"min_context": nan}, "PIR0714", "/min_context"),
        ({"min_context": 10**400}, "PIR0714", "/min_context"),
        ({"min_context": -1}, "PIR0716", "/min_context"),
        ({"min_tok_s": -0.5}, "PIR0716", "/min_tok_s"),
        ({"model_family": 5}, "PIR0714", "/model_family"),
        ({"model_family": ""}, "PIR0714", "/model_family"),
        ({"scope": "é" * 129}, "PIR0714", "/scope"),
        ({"scope": "\ud800"}, "PIR0714", "/scope"),
        ({"tier": 1}, "PIR0714", "/tier"),
        ({"tier": "gold"}, "PIR0403", "/tier"),  # facts/tier
        ({"privacy": "high"}, "PIR0713", "/privacy"),  # facts/privacy
        ({"privacy": ["standard"]}, "PIR0713", "/privacy"),
        ({"fields": []}, "PIR0714", "/fields"),
        ({"fields": {"price_in": 1}}, "PIR0715", "/fields/price_in"),
        ({"fields": {"call_cost": 1}}, "PIR0715", "/fields/call_cost"),
        ({"fields": {"a/b": 1}}, "PIR0715", "/fields/a~1b"),
        ({"fields": {4: 1}}, "PIR0715", "/fields/4"),
        ({"fields": {"bucket": "0.5"}}, "PIR0714", "/fields/bucket"),  # facts/value
        ({"fields": {"bucket": 17}}, "PIR0716", "/fields/bucket"),
    ],
)
def test_a_fact_that_does_not_fit_is_refused_where_it_stands(value: object, code: str, pointer: str) -> None:
    assert refusal(value) == [(code, pointer)]


def test_request_fields_of_every_sort_are_checked() -> None:
    wrong = {"fields": {"tenant": 1, "groups": ["a", ""], "urgent": "yes"}}
    assert refusal(wrong, HOUSE) == [
        ("PIR0714", "/fields/tenant"),
        ("PIR0714", "/fields/groups/1"),
        ("PIR0714", "/fields/urgent"),
    ]


def test_a_vocabulary_without_request_fields_takes_none() -> None:
    assert refusal({"fields": {"bucket": 0.5}}, CORE) == [("PIR0715", "/fields/bucket")]


def test_a_need_of_another_vocabulary_is_refused() -> None:
    assert refusal({"needs": ["audio"]}, CORE) == [("PIR0712", "/needs/0")]


@pytest.mark.parametrize(
    ("value", "help_"),
    [
        ({"min_contxt": 1}, "did you mean `min_context`?"),
        ({"zzzz": 1}, "request fields go under `fields`"),
        ({"needs": ["tool"]}, "did you mean `tools`?"),
        ({"needs": ["zzzz"]}, "declare it under `needs` in a vocabulary file"),
        ({"tier": "partners"}, "did you mean `partner`?"),
        ({"tier": "zzzz"}, None),
        ({"privacy": "nolog"}, "did you mean `no_log`?"),
        ({"privacy": 1}, None),
        ({"fields": {"budget": 1}}, "did you mean `budget_left`?"),
        ({"fields": {"zzzz": 1}}, None),
    ],
)
def test_a_finding_says_what_was_meant(value: object, help_: str | None) -> None:
    with pytest.raises(Refused) as refused:
        read_facts(value, STANDARD)
    assert refused.value.diagnostics[0].help == help_


def test_all_findings_come_at_once_in_the_order_of_the_object() -> None:
    wrong = {"privacy": "x", "needs": ["y", 1], "min_context": -1, "other": 2}
    assert [code for code, _ in refusal(wrong)] == ["PIR0713", "PIR0712", "PIR0714", "PIR0716", "PIR0711"]


def test_hostile_facts_give_a_hundred_findings() -> None:
    assert len(refusal({"needs": [1] * 1000})) == 100
    assert len(refusal({"fields": {str(i): 1 for i in range(1000)}})) == 100
    assert len(refusal({str(i): 1 for i in range(1000)})) == 100


# --- the record and its fingerprint ----------------------------------------------------------------------------


def test_the_fingerprint_is_that_of_the_record() -> None:
    # facts/record, facts/fingerprint: stated a second time, by hand
    facts = read_facts(EVERYTHING, HOUSE)
    record = {
        "needs": ["tools", "vision"],
        "privacy": "no_log",
        "min_context": 16000,
        "model_family": "gpt-5.2",
        "tier": "partner",
        "min_tok_s": 12.5,
        "scope": "team-a",
        "fields": [["bucket", 0.25], ["groups", ["a", "b"]], ["tenant", "acme"], ["urgent", True]],
    }
    assert facts.record() == record
    data = cbor2.dumps(["facts/1", record], canonical=True)
    assert facts.fingerprint == "blake3:" + blake3(data).hexdigest()


def test_absent_facts_take_no_part_in_the_record() -> None:
    assert Facts().record() == {"needs": [], "privacy": "standard", "fields": []}


def test_how_facts_are_written_does_not_matter() -> None:
    other = {key: EVERYTHING[key] for key in reversed(EVERYTHING)} | {"needs": ("tools", "vision"), "min_context": 16e3}
    assert read_facts(other, HOUSE).fingerprint == read_facts(EVERYTHING, HOUSE).fingerprint


def test_facts_made_by_the_host_are_the_facts_it_would_write() -> None:
    assert Facts(needs=["b", "a", "b"]).needs == ("a", "b")


def test_the_fields_of_facts_cannot_be_written_to() -> None:
    fields: Any = Facts(fields={"bucket": 0.5}).fields
    with pytest.raises(TypeError):
        fields["bucket"] = 1.0


def test_facts_as_json_read_back_to_equal_facts_and_fit_the_schema() -> None:
    facts = read_facts(EVERYTHING, HOUSE)
    shown = json.loads(json.dumps(facts.to_json()))
    assert shown["min_context"] == 16000
    assert isinstance(shown["min_context"], int)
    assert read_facts(shown, HOUSE) == facts
    jsonschema.validate(shown, SCHEMA)


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "needs": st.lists(st.sampled_from(sorted(STANDARD.needs)), max_size=4),
        "min_context": st.integers(0, 2**53),
        "model_family": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
        "tier": st.sampled_from(STANDARD.tiers),
        "privacy": st.sampled_from(["standard", "no_log", "tee_required"]),
        "min_tok_s": st.floats(0, 1e9),
        "scope": st.none() | st.just("team"),
        "fields": st.fixed_dictionaries({}, optional={"bucket": st.floats(0, 1), "prompt_tokens": st.integers(0, 9)}),
    },
)


@given(FACTS)
def test_every_record_of_facts_fits_the_schema_and_reads_back(value: dict[str, Any]) -> None:
    jsonschema.validate(value, SCHEMA)
    facts = read_facts(value, STANDARD)
    assert read_facts(facts.to_json(), STANDARD) == facts
    assert read_facts(facts.to_json(), STANDARD).fingerprint == facts.fingerprint


@given(FACTS)
def test_the_bytes_that_are_put_together_are_those_of_the_record(value: dict[str, Any]) -> None:
    more = {"tenant": "é" * 30, "groups": ["b", "a"], "urgent": False, "bucket": 0.1}
    for given_fields in (value.get("fields"), more, {"groups": [], "urgent": True}):
        facts = read_facts(value | {"fields": given_fields}, HOUSE)
        assert facts_bytes(facts) == canonical_bytes("facts/1", facts.record())
        assert facts.fingerprint == attrs.evolve(facts).fingerprint == fingerprint("facts/1", facts.record())


def test_facts_that_nobody_has_checked_have_the_fingerprint_of_their_record_or_none() -> None:
    loose: Any = Facts(min_context=5, fields={"bucket": True})  # an integer, and a value of another sort
    assert loose.fingerprint == fingerprint("facts/1", loose.record())
    assert loose.fingerprint is loose.fingerprint  # kept
    private: Any = ["no_log"]
    unfit = Facts(privacy=private)
    assert unfit.fingerprint == fingerprint("facts/1", unfit.record())
    with pytest.raises(ValueError, match="infinities and undefined are scores"):
        _ = Facts(min_context=inf).fingerprint


# --- the seed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "seed"), [(None, None), (0, 0), (7, 7), (5.0, 5), (-0.0, 0), (2**53 - 1, 2**53 - 1)])
def test_a_seed_is_an_integer_however_it_is_written(value: object, seed: int | None) -> None:
    # seed/range
    read = read_seed(value)
    assert read == seed
    assert read is None or type(read) is int


@pytest.mark.parametrize("value", [-1, 2**53, 2**53 + 1, 10**400, 0.5, inf, nan, True, "7", [7], {}])
def test_anything_else_is_no_seed(value: object) -> None:
    with pytest.raises(Refused) as refused:
        read_seed(value)
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0730"]


# --- facts that need no second reading -------------------------------------------------------------------------


def test_facts_that_were_read_under_a_vocabulary_are_taken_as_they_are() -> None:
    facts = read_facts(EVERYTHING, HOUSE)
    assert facts.checked_under is HOUSE
    assert checked(facts, HOUSE) is facts


def test_facts_that_a_host_made_are_read() -> None:
    made = Facts(privacy="no_log", fields={"bucket": 0.5})
    assert made.checked_under is None
    assert checked(made, STANDARD) == made
    assert checked(made, STANDARD).checked_under is STANDARD
    with pytest.raises(Refused, match="is not a privacy level"):
        checked(Facts(privacy="no_logs"), STANDARD)


def test_facts_that_a_host_changed_are_read() -> None:
    changed = attrs.evolve(read_facts({}, STANDARD), privacy="no_logs")
    assert changed.checked_under is None
    with pytest.raises(Refused, match="is not a privacy level"):
        checked(changed, STANDARD)


def test_facts_that_were_read_under_another_vocabulary_are_read_again() -> None:
    facts = read_facts({"fields": {"tenant": "acme"}}, HOUSE)
    with pytest.raises(Refused, match="is not a request field"):
        checked(facts, STANDARD)


def test_no_facts_are_those_of_a_request_that_requires_nothing() -> None:
    assert checked(None, STANDARD) == Facts()


def test_which_vocabulary_facts_were_read_under_is_no_part_of_them() -> None:
    assert read_facts({}, STANDARD) == read_facts({}, HOUSE) == Facts()
    assert repr(read_facts({}, STANDARD)) == repr(Facts())
