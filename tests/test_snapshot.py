"""A snapshot is a catalogue at one moment: in columns, immutable, with a fingerprint for every part."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator
from math import inf
from typing import Any

import cbor2
import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.canonical import fingerprint
from policy_ir.column import Sharing
from policy_ir.diagnostics import InternalError, Refused
from policy_ir.snapshot import Candidate, CandidateList, Column, Observation, Snapshot
from policy_ir.vocabulary import Vocabulary, extend, vocabulary

CORE = vocabulary("core")
STANDARD = vocabulary("standard")
HOUSE = extend(
    STANDARD,
    {
        "vocabulary": 1,
        "name": "house",
        "fields": {
            "off": {"sort": "bool", "default": False, "source": "state", "about": "switched off by hand"},
            "zone": {"sort": "tag", "source": "state", "about": "where it answers from today"},
            "pools": {"sort": "tags", "source": "state", "about": "pools that it is in today"},
        },
    },
    "house.json",
)

GPT = Candidate(
    id="openai/gpt-5.2",
    provider="openai",
    family="gpt-5.2",
    tier="partner",
    capabilities=["supports_vision", "supports_tools", "supports_tools"],
    fields={"price_in": 1.75, "price_out": 14, "context": 272000, "region": "us", "labels": ["canary", "a", "a"]},
)
BARE = Candidate(id="x/bare", provider="x", served_model="bare-1", scope="team-a")


def take(*candidates: Candidate, under: Vocabulary = STANDARD) -> Snapshot:
    return Snapshot.take(CandidateList(candidates), under)


def refusal(*candidates: Candidate, under: Vocabulary = STANDARD) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refused:
        take(*candidates, under=under)
    return [(found.code.code, found.pointer) for found in refused.value.diagnostics]


def candidate(**fields: Any) -> Candidate:
    return Candidate(id="c", provider="p", family="f", fields=fields)


# --- what a snapshot shows -------------------------------------------------------------------------------------


def test_a_candidate_shows_what_it_has_and_the_default_of_what_it_lacks() -> None:
    # candidate/missing
    snapshot = take(GPT, BARE)
    assert snapshot.observe(0, "price_in") == Observation(1.75, known=True)
    assert snapshot.observe(1, "price_in") == Observation(inf, known=False)
    assert snapshot.observe(1, "context") == Observation(0.0, known=False)
    assert snapshot.observe(1, "has_tee") == Observation(False, known=False)
    assert snapshot.observe(0, "region") == Observation("us", known=True)
    assert snapshot.observe(1, "region") == Observation(None, known=False)
    assert snapshot.observe(0, "labels") == Observation(("a", "canary"), known=True)
    assert snapshot.observe(1, "labels") == Observation((), known=False)


def test_an_observation_that_equals_the_default_is_known() -> None:
    snapshot = take(candidate(has_tee=False, context=0, labels=[]))
    assert snapshot.observe(0, "has_tee") == Observation(False, known=True)
    assert snapshot.observe(0, "context") == Observation(0.0, known=True)
    assert snapshot.observe(0, "labels") == Observation((), known=True)


def test_a_boolean_is_a_boolean_and_a_number_a_binary64() -> None:
    snapshot = take(candidate(has_tee=True, context=8192))
    assert snapshot.observe(0, "has_tee").value is True
    assert isinstance(snapshot.observe(0, "context").value, float)


def test_minus_zero_is_zero() -> None:
    # value/num
    value = take(candidate(price_in=-0.0)).observe(0, "price_in").value
    assert struct.pack(">d", value) == bytes(8)


def test_a_candidate_shows_its_keys() -> None:
    snapshot = take(GPT, BARE)
    assert snapshot.ids == ("openai/gpt-5.2", "x/bare")
    assert snapshot.size == 2
    assert [snapshot.provider(i) for i in (0, 1)] == ["openai", "x"]
    assert [snapshot.family(i) for i in (0, 1)] == ["gpt-5.2", "bare-1"]
    assert [snapshot.served_model(i) for i in (0, 1)] == ["gpt-5.2", "bare-1"]
    assert [snapshot.served_by(i) for i in (0, 1)] == ["openai", "x"]
    assert [snapshot.tier(i) for i in (0, 1)] == ["partner", "fallback"]
    assert [snapshot.scope(i) for i in (0, 1)] == [None, "team-a"]
    assert snapshot.capabilities(0) == ("supports_tools", "supports_vision")
    assert [snapshot.has_capability(i, "supports_tools") for i in (0, 1)] == [True, False]


def test_a_field_named_like_a_key_shows_the_key() -> None:
    # candidate/own-key
    named = extend(
        STANDARD,
        {"vocabulary": 1, "name": "n", "fields": {"tier": {"sort": "tag", "source": "catalogue", "about": ""}}},
        "n.json",
    )
    snapshot = take(GPT, BARE, under=named)
    assert snapshot.observe(1, "id") == Observation("x/bare", known=True)
    assert snapshot.observe(1, "served_model") == Observation("bare-1", known=True)
    assert [snapshot.observe(i, "tier") for i in (0, 1)] == [Observation("partner", True), Observation(None, False)]


def test_a_supports_field_shows_the_capability_of_its_name() -> None:
    # candidate/capability
    snapshot = take(GPT, Candidate(id="d", provider="p", family="f", fields={"supports_tools": False}), BARE)
    assert [snapshot.observe(i, "supports_tools") for i in range(3)] == [
        Observation(True, known=True),
        Observation(False, known=True),
        Observation(False, known=False),
    ]


def test_a_capability_that_is_no_field_is_only_a_capability() -> None:
    snapshot = take(Candidate(id="c", provider="p", family="f", capabilities=["supports_tools", "dances"]), under=CORE)
    assert snapshot.capabilities(0) == ("dances", "supports_tools")
    assert "supports_tools" not in snapshot.fields


def test_the_columns_are_the_catalogue_and_state_fields_only() -> None:
    fields = take(GPT).fields
    assert set(fields) == {name for name, row in STANDARD.fields.items() if row.source in ("catalogue", "state")}
    assert "call_cost" not in fields
    assert "prompt_tokens" not in fields


def test_a_column_has_a_value_for_every_candidate() -> None:
    column = take(GPT, BARE).column("price_in")
    assert list(column.values) == [1.75, inf]
    assert list(column.present) == [1, 0]
    assert list(take(GPT, BARE).column("supports_tools").values) == [1, 0]


def test_asking_for_a_column_that_no_snapshot_has_is_a_bug_of_the_caller() -> None:
    with pytest.raises(InternalError, match="call_cost"):
        take(GPT).observe(0, "call_cost")


def test_a_column_of_numbers_cannot_be_written_to() -> None:
    values: Any = take(GPT).column("price_in").values
    with pytest.raises(TypeError):
        values[0] = 0.0


def test_a_candidate_comes_out_as_it_went_in() -> None:
    snapshot = take(GPT, BARE, candidate(supports_tools=False, price_in=0.1))
    assert snapshot.candidate(0) == Candidate(
        id="openai/gpt-5.2",
        provider="openai",
        family="gpt-5.2",
        tier="partner",
        capabilities=("supports_tools", "supports_vision"),
        fields={"price_in": 1.75, "price_out": 14.0, "context": 272000.0, "region": "us", "labels": ("a", "canary")},
    )
    again = take(*(snapshot.candidate(i) for i in range(snapshot.size)))
    assert again.fingerprint == snapshot.fingerprint


def test_an_empty_catalogue_has_a_snapshot() -> None:
    snapshot = take()
    assert snapshot.size == 0
    assert snapshot.fingerprint.startswith("blake3:")
    assert repr(snapshot) == f"Snapshot(0 candidates, {snapshot.fingerprint})"


# --- what is refused -------------------------------------------------------------------------------------------


def test_two_candidates_with_one_id_are_refused() -> None:
    # candidate/id
    assert refusal(GPT, BARE, GPT) == [("PIR0603", "/candidates/2/id")]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"price_inn": 1}, "PIR0604"),  # candidate/undeclared
        ({"call_cost": 1}, "PIR0610"),  # candidate/source
        ({"prompt_tokens": 1}, "PIR0610"),
        ({"served_model": "f"}, "PIR0612"),
        ({"supports_tools": True}, "PIR0617"),
        ({"price_in": "1"}, "PIR0605"),
        ({"price_in": True}, "PIR0605"),
        ({"price_in": inf}, "PIR0605"),
        ({"price_in": float("nan")}, "PIR0605"),
        ({"price_in": 10**400}, "PIR0605"),
        ({"price_in": -0.01}, "PIR0616"),
        ({"success_rate": 1.01}, "PIR0616"),
        ({"has_tee": 1}, "PIR0605"),  # value/bool
        ({"region": ["us"]}, "PIR0605"),  # value/tag
        ({"region": ""}, "PIR0615"),
        ({"region": "é" * 129}, "PIR0615"),
        ({"region": "\ud800"}, "PIR0615"),
        ({"labels": "canary"}, "PIR0605"),  # value/tags
        ({"labels": ["a", 1]}, "PIR0605"),
        ({"labels": ["a", ""]}, "PIR0615"),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_refused_where_it_stands(fields: dict[str, Any], code: str) -> None:
    ((found, pointer),) = refusal(GPT, candidate(**fields))
    name = next(iter(fields))
    assert found == code
    assert pointer is not None
    assert pointer.startswith(f"/candidates/1/fields/{name}")


def test_a_range_reads_as_people_say_it() -> None:
    bounded = extend(
        CORE,
        {"vocabulary": 1, "name": "b", "fields": {
            "debt": {"sort": "num", "default": 0, "source": "state", "maximum": 0, "about": ""}}},
        "b.json",
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        take(candidate(price_in=-1, success_rate=2, debt=1), under=bounded)
    assert [found.expected for found in refused.value.diagnostics] == [
        "a number of `0` or more",
        "a number from `0` to `1`",
        "a number of `0` or less",
    ]


def test_a_tag_of_256_bytes_is_taken() -> None:
    assert take(candidate(region="é" * 128)).observe(0, "region").known


def test_a_capability_that_a_field_denies_is_refused() -> None:
    both = Candidate(
        id="c", provider="p", family="f", capabilities=["supports_tools"], fields={"supports_tools": False}
    )
    assert refusal(both) == [("PIR0617", "/candidates/0/fields/supports_tools")]


def test_a_field_may_repeat_what_the_capabilities_say() -> None:
    both = Candidate(id="c", provider="p", family="f", capabilities=["supports_tools"], fields={"supports_tools": True})
    assert take(both).fingerprint == take(attrs_without_fields(both)).fingerprint


def attrs_without_fields(given: Candidate) -> Candidate:
    return Candidate(id=given.id, provider=given.provider, family=given.family, capabilities=given.capabilities)


def test_names_that_are_no_names_are_refused_and_defaults_not_a_second_time() -> None:
    # candidate/name
    bad = Candidate(id="", provider="", family="x" * 257, tier="", scope="\udc00", capabilities=["", "ok"])
    assert refusal(bad) == [
        ("PIR0615", "/candidates/0/id"),
        ("PIR0615", "/candidates/0/provider"),
        ("PIR0615", "/candidates/0/family"),
        ("PIR0615", "/candidates/0/tier"),
        ("PIR0615", "/candidates/0/scope"),
        ("PIR0615", "/candidates/0/capabilities"),
    ]


def test_a_served_model_of_its_own_is_checked_too() -> None:
    bad = Candidate(id="c", provider="p", family="f", served_model="", served_by="")
    assert refusal(bad) == [("PIR0615", "/candidates/0/served_model"), ("PIR0615", "/candidates/0/served_by")]


def test_a_candidate_that_names_no_model_cannot_be_made() -> None:
    # candidate/model
    with pytest.raises(Refused) as refused:
        Candidate(id="c", provider="p")
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0606"]


def test_a_tier_that_nobody_declared_is_kept() -> None:
    # candidate/tier
    assert take(Candidate(id="c", provider="p", family="f", tier="gold")).tier(0) == "gold"


def test_everything_wrong_is_reported_at_once_up_to_a_hundred_findings() -> None:
    # snapshot/refusal
    many = [candidate_number(i) for i in range(300)]
    assert refusal(*many) == [("PIR0605", f"/candidates/{i}/fields/price_in") for i in range(100)]
    one = candidate(**{f"nothing{i}": 1 for i in range(300)})
    assert len(refusal(one)) == 100
    assert len(refusal(candidate(labels=[1] * 300))) == 100


def candidate_number(i: int) -> Candidate:
    return Candidate(id=f"c{i}", provider="p", family="f", fields={"price_in": "free"})


@pytest.mark.parametrize(
    ("fields", "help_"),
    [
        ({"price_ni": 1}, "did you mean `price_in`?"),
        ({"zzzz": 1}, "declare it in a vocabulary that extends this one"),
        ({"price_in": "1"}, "leave the field out where nothing is known"),
        ({"has_tee": "yes"}, None),
    ],
)
def test_a_finding_says_what_to_do(fields: dict[str, Any], help_: str | None) -> None:
    with pytest.raises(Refused) as refused:
        take(candidate(**fields))
    assert refused.value.diagnostics[0].help == help_


# --- the fingerprint -------------------------------------------------------------------------------------------


def digest(tag: str, value: Any) -> str:
    return "blake3:" + blake3(cbor2.dumps([tag, value], canonical=True)).hexdigest()


def test_the_fingerprint_is_made_of_the_digests_of_the_columns() -> None:
    # snapshot/column, snapshot/catalogue, snapshot/state, snapshot/fingerprint: stated a second time, by hand
    first = Candidate(id="a", provider="p", family="f", fields={"price_in": 0.5, "latency_ms": 40})
    second = Candidate(id="b", provider="p", family="g", capabilities=["z", "y"], scope="s", fields={"price_in": 3.25})
    snapshot = take(first, second, under=CORE)
    both = [True, True]
    keys = {
        "capabilities": ["tags", both, [[], ["y", "z"]]],
        "family": ["tag", both, ["f", "g"]],
        "id": ["tag", both, ["a", "b"]],
        "provider": ["tag", both, ["p", "p"]],
        "scope": ["tag", [False, True], ["s"]],
        "served_by": ["tag", both, ["p", "p"]],
        "served_model": ["tag", both, ["f", "g"]],
    }
    columns = [[name, digest("column/1", [name, *rest])] for name, rest in keys.items()]
    prices = digest("column/1", ["price_in", "num", both, [0.5, 3.25]])
    latency = digest("column/1", ["latency_ms", "num", [True, False], [40]])
    catalogue = digest("snapshot-catalogue/1", [2, columns, [["price_in", prices]]])
    state = digest("snapshot-state/1", [2, [["latency_ms", latency]]])
    assert snapshot.column("price_in").fingerprint == prices
    assert snapshot.catalogue_fingerprint == catalogue
    assert snapshot.state_fingerprint == state
    assert snapshot.fingerprint == digest("snapshot/1", [catalogue, state])


def test_the_order_of_the_candidates_is_part_of_the_snapshot() -> None:
    # snapshot/order
    assert take(GPT, BARE).fingerprint != take(BARE, GPT).fingerprint


def test_an_observation_of_the_default_is_not_no_observation() -> None:
    assert take(candidate(success_rate=1)).fingerprint != take(candidate()).fingerprint


def test_declaring_a_field_that_nobody_has_changes_no_snapshot() -> None:
    assert take(GPT, BARE).fingerprint == take(GPT, BARE, under=HOUSE).fingerprint


def test_how_a_candidate_was_written_does_not_matter() -> None:
    other = Candidate(
        fields={"labels": {"canary", "a"}, "region": "us", "context": 272000.0, "price_out": 14.0, "price_in": 1.75,
                "bench_coding": None},
        capabilities={"supports_tools", "supports_vision"}, tier="partner", served_by="openai", served_model="gpt-5.2",
        family="gpt-5.2", provider="openai", id="openai/gpt-5.2",
    )  # fmt: skip
    assert take(GPT).fingerprint == take(other).fingerprint


class Lazy:
    """Another catalogue class: yields its candidates one by one."""

    def candidates(self, vocabulary: Vocabulary) -> Iterator[Candidate]:
        assert vocabulary is STANDARD
        yield GPT
        yield BARE


def test_where_the_candidates_come_from_does_not_matter() -> None:
    assert Snapshot.take(Lazy(), STANDARD).fingerprint == take(GPT, BARE).fingerprint


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "price_in": st.floats(0, 1e6),
    "has_tee": st.booleans(),
    "region": st.sampled_from(["eu", "us"]),
    "labels": st.lists(st.sampled_from(["a", "b"]), max_size=2),
    "latency_ms": st.floats(0, 1e4),
}
ROWS = st.lists(st.fixed_dictionaries({}, optional=VALUES), max_size=3)


def rows(given_rows: Iterable[dict[str, Any]]) -> list[Candidate]:
    return [Candidate(id=f"c{i}", provider="p", family="f", fields=row) for i, row in enumerate(given_rows)]


def canonical(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(sorted(set(value))) if isinstance(value, list) else value for key, value in row.items()}


@given(ROWS, ROWS)
def test_two_snapshots_have_one_fingerprint_where_they_show_the_same_and_only_there(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    same = [canonical(row) for row in one] == [canonical(row) for row in other]
    assert (take(*rows(one)).fingerprint == take(*rows(other)).fingerprint) == same


EVERY_SORT: dict[str, st.SearchStrategy[Any]] = {
    "num": st.sampled_from([0.0, 1.0, -7.0, 0.5, 0.1, 2.0**53, 1e300, 65504.5]),
    "bool": st.booleans(),
    "tag": st.sampled_from(["a", "b", "é" * 100]),
    "tags": st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(lambda tags: tuple(sorted(set(tags)))),
}


@given(st.sampled_from(sorted(EVERY_SORT)).flatmap(
    lambda sort: st.tuples(st.just(sort), st.lists(st.none() | EVERY_SORT[sort], max_size=30))
))  # fmt: skip
def test_the_digest_of_a_column_is_that_of_its_record(drawn: tuple[str, list[Any]]) -> None:
    # snapshot/column: against the encoder of any value
    sort, observed = drawn
    column = Column.of("x", sort, observed, {"num": inf, "bool": False}.get(sort))
    there = [list(value) if isinstance(value, tuple) else value for value in observed if value is not None]
    record = ["x", sort, [value is not None for value in observed], there]
    assert column.fingerprint == fingerprint("column/1", record)
    assert column.observations() == observed
    assert column.observed == (there != [])


# --- what is kept ----------------------------------------------------------------------------------------------


def said(text: str) -> str:
    """The same text as another object, as a second row of a file has it."""
    return "".join(list(text))


def test_equal_texts_sets_and_columns_are_kept_once() -> None:
    def row(name: str) -> Candidate:
        tools = [said("supports_tools"), said("supports_vision")]
        return Candidate(id=name, provider=said("openai"), family=said("gpt"), capabilities=tools,
                         fields={"region": said("eu")})  # fmt: skip

    snapshot = take(row("a"), row("b"))
    assert snapshot.provider(0) is snapshot.provider(1)
    assert snapshot.capabilities(0) is snapshot.capabilities(1)
    assert snapshot.capabilities(0)[0] is snapshot.capabilities(1)[0]
    assert snapshot.observe(0, "region").value is snapshot.observe(1, "region").value
    assert snapshot.column("price_in").values is snapshot.column("price_out").values
    assert snapshot.column("supports_tools").values is snapshot.column("supports_vision").values
    assert snapshot.column("has_tee").present is snapshot.column("price_in").present


def test_zeros_of_two_signs_are_not_kept_as_one() -> None:
    sharing = Sharing()
    zero = Column.of("x", "num", [None], 0.0, sharing)
    minus = Column.of("y", "num", [None], -0.0, sharing)
    assert [struct.pack(">d", column.values[0]).hex()[0] for column in (zero, minus)] == ["0", "8"]


def test_an_empty_column_of_numbers_is_none_of_flags() -> None:
    snapshot = take()
    assert isinstance(snapshot.column("has_tee").values, bytes)
    assert isinstance(snapshot.column("price_in").values, memoryview)


# --- state -----------------------------------------------------------------------------------------------------


def test_new_state_changes_what_it_names_and_nothing_else() -> None:
    # snapshot/update
    before = take(GPT, BARE, under=HOUSE)
    after = before.with_state({"x/bare": {"latency_ms": 120, "off": True, "pools": ["b", "a"]}, "openai/gpt-5.2": {}})
    assert after.observe(1, "latency_ms") == Observation(120.0, known=True)
    assert after.observe(1, "off") == Observation(True, known=True)
    assert after.observe(1, "pools") == Observation(("a", "b"), known=True)
    assert after.observe(0, "latency_ms") == Observation(inf, known=False)
    assert before.observe(1, "latency_ms") == Observation(inf, known=False)
    assert after.ids == before.ids


def test_new_state_shares_the_columns_it_does_not_name() -> None:
    before = take(GPT, BARE)
    after = before.with_state({"x/bare": {"latency_ms": 120}})
    changed = {name for name in before.fields if after.fields[name] is not before.fields[name]}
    assert changed == {"latency_ms"}
    assert after.catalogue is before.catalogue
    assert after.catalogue_fingerprint == before.catalogue_fingerprint
    assert after.state_fingerprint != before.state_fingerprint


def test_the_state_fields_are_those_of_the_vocabulary_in_its_order() -> None:
    snapshot = take(GPT, under=HOUSE)
    state = [name for name, declared in HOUSE.fields.items() if declared.source == "state"]
    assert list(snapshot.state_fields) == state
    assert set(snapshot.catalogue.fields) == set(snapshot.fields) - set(state)


def test_what_is_derived_from_a_state_does_not_follow_to_the_next() -> None:
    before = take(GPT, BARE)
    before.derived["sum"] = before.catalogue.derived["sum"] = 7
    after = before.with_state({"x/bare": {"latency_ms": 120}})
    assert after.derived == {}
    assert after.catalogue.derived == {"sum": 7}


def test_state_can_be_taken_back() -> None:
    before = take(GPT, BARE)
    after = before.with_state({"x/bare": {"latency_ms": 120}}).with_state({"x/bare": {"latency_ms": None}})
    assert after.fingerprint == before.fingerprint


def test_two_updates_of_one_field_are_both_made() -> None:
    after = take(GPT, BARE).with_state({"x/bare": {"tok_s": 5}, "openai/gpt-5.2": {"tok_s": 7}})
    assert list(after.column("tok_s").values) == [7.0, 5.0]


@pytest.mark.parametrize(
    ("updates", "code", "pointer"),
    [
        ({"x/bare": {"price_in": 1}}, "PIR0613", "/x~1bare/price_in"),
        ({"x/bare": {"nothing": 1}}, "PIR0613", "/x~1bare/nothing"),
        ({"x/bear": {"latency_ms": 1}}, "PIR0614", "/x~1bear"),
        ({"": {"latency_ms": 1}}, "PIR0614", "/"),
        ({"x/bare": {"latency_ms": "fast"}}, "PIR0605", "/x~1bare/latency_ms"),
        ({"x/bare": {"latency_ms": -1}}, "PIR0616", "/x~1bare/latency_ms"),
        ({"x/bare": {"zone": ""}}, "PIR0615", "/x~1bare/zone"),
    ],
)
def test_new_state_that_does_not_fit_is_refused(updates: dict[str, dict[str, Any]], code: str, pointer: str) -> None:
    # snapshot/update-refusal
    snapshot = take(GPT, BARE, under=HOUSE)
    with pytest.raises(Refused) as refused:
        snapshot.with_state(updates)
    assert [(found.code.code, found.pointer) for found in refused.value.diagnostics] == [(code, pointer)]


def test_a_misspelt_id_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(Refused) as refused:
        take(GPT).with_state({"openai/gpt5.2": {"latency_ms": 1}})
    assert refused.value.diagnostics[0].help == "did you mean `openai/gpt-5.2`?"


def test_new_state_for_many_unknown_candidates_gives_a_hundred_findings() -> None:
    with pytest.raises(Refused) as refused:
        take(GPT).with_state({str(i): {} for i in range(500)})
    assert len(refused.value.diagnostics) == 100


def test_a_column_keeps_no_link_to_the_list_it_was_made_of() -> None:
    observed: list[Any] = [1.0, None]
    column = Column.of("price_in", "num", observed, inf)
    observed[0] = 2.0
    assert [column.observe(i) for i in (0, 1)] == [Observation(1.0, True), Observation(inf, False)]


def test_an_iterator_of_candidates_is_read_once() -> None:
    listed = CandidateList(itertools.chain([GPT], [BARE]))
    assert Snapshot.take(listed, STANDARD).fingerprint == Snapshot.take(listed, STANDARD).fingerprint
